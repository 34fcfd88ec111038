"""Which incidents a list is about: the options that `list` and `search` share."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer

from incidentctl.commands.options import Reading
from incidentctl.context import Workspace
from incidentctl.errors import UsageError
from incidentctl.incident.entries import Status
from incidentctl.incident.times import format_instant
from incidentctl.store.reading import Row, Unreadable


@dataclass(frozen=True, slots=True)
class Selecting(Reading):
    """The options that choose among incidents."""

    open: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False
    severity: Annotated[
        list[str] | None, typer.Option("--severity", "-s", metavar="SEV", help="Of this severity; may be repeated.")
    ] = None
    service: Annotated[
        list[str] | None, typer.Option("--service", metavar="NAME", help="That affect this service; may be repeated.")
    ] = None
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="With this tag.")] = None
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM", help="Of this team.")] = None
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="Declared from then on.")] = None
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Declared until then, that day included.")
    ] = None
    limit: Annotated[int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="The newest N.")] = None

    def of(self, workspace: Workspace, rows: Iterable[Row]) -> list[Row]:
        """The rows that are meant, newest first."""
        names = [_severity(workspace, word) for word in self.severity or ()]
        since = format_instant(workspace.typed_time(self.since, kind="past")) if self.since else ""
        until = format_instant(workspace.typed_time(self.until, kind="until")) if self.until else "~"
        services = {_service(workspace, word) for word in self.service or ()}
        found = [
            row
            for row in rows
            if (not self.open or is_open(row))
            and (not names or row.keys.get("severity") in names)
            and (not services or services & set(row.services))
            and (not self.tag or set(self.tag) & set(row.tags))
            and (not self.team or row.team == self.team)
            and since <= (row.keys.get("declared_at") or f"{row.id[:10]}T00:00:00Z") < until
        ]
        found.sort(key=lambda row: (row.keys.get("declared_at") or row.id, row.id), reverse=True)
        return found[: self.limit]


def is_open(row: Row) -> bool:
    """Whether an incident is not over."""
    status = row.keys.get("status")
    return status not in tuple(Status) or not Status(status).is_over


def _severity(workspace: Workspace, word: str) -> str:
    severity = workspace.settings.scale.find(word)
    if severity is None:
        names = workspace.settings.scale.names
        raise UsageError(f"{word!r} is not on the scale {', '.join(names)}", hint="write one of them", candidates=names)
    return severity.name


def _service(workspace: Workspace, word: str) -> str:
    service = workspace.settings.service(word)
    return service.name if service else word


def say_unreadable(workspace: Workspace, unreadable: Iterable[Unreadable]) -> int:
    """Names each file that cannot be read, beside the good ones, and says how many there are."""
    files = tuple(unreadable)
    for each in files:
        workspace.outside.talk(f"{each.path}:{each.line}: not read: {each.reason}")
    return len(files)


def unreadable_as_data(unreadable: Iterable[Unreadable]) -> list[dict[str, object]]:
    """The same for a program."""
    return [{"path": each.path, "line": each.line, "reason": each.reason} for each in unreadable]
