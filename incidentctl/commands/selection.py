"""Which incidents a list is about: the options that `list` and `search` share."""

from collections.abc import Iterable
from typing import Annotated

import typer

from incidentctl.commands.completion import complete_service, complete_severity
from incidentctl.commands.options import Reading
from incidentctl.context import Workspace
from incidentctl.errors import UsageError
from incidentctl.incident.entries import Status
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.times import format_instant, quoted
from incidentctl.store.reading import Row, Unreadable

Severities = Annotated[
    list[str] | None,
    typer.Option(
        "--severity",
        "-s",
        metavar="SEV",
        help="Of this severity, or a range as `1-2`; may be repeated.",
        autocompletion=complete_severity,
    ),
]
Services = Annotated[
    list[str] | None,
    typer.Option(
        "--service",
        metavar="NAME",
        help="That affect this service; may be repeated.",
        autocompletion=complete_service,
    ),
]
Team = Annotated[str | None, typer.Option("--team", metavar="TEAM", help="Of this team.")]


class Selecting(Reading, frozen=True):
    """The options that choose among incidents."""

    open: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False
    severity: Severities = None
    service: Services = None
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="With this tag.")] = None
    team: Team = None
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="Declared from then on: `2026-05-14`, `30d`, `2026-05`."),
    ] = None
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Declared until then, that day included.")
    ] = None
    limit: Annotated[int | None, typer.Option("--limit", "-n", metavar="N", help="The newest N.")] = None

    def of(self, workspace: Workspace, rows: Iterable[Row]) -> list[Row]:
        """The rows that are meant, newest first."""
        if self.limit is not None and self.limit < 1:
            raise UsageError(f"--limit {self.limit} leaves nothing", hint="write 1 or more")
        names = [name for word in self.severity or () for name in severity_names(workspace, word)]
        since = format_instant(workspace.typed_time(self.since, kind="since")) if self.since is not None else ""
        until = format_instant(workspace.typed_time(self.until, kind="until")) if self.until is not None else "~"
        services = {service_name(workspace, word) for word in self.service or ()}
        found = [
            row
            for row in rows
            if (not self.open or is_open(row))
            and (not names or severity_name(workspace, row) in names)
            and (not services or services & {service_name(workspace, name) for name in row.services})
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


def severity_names(workspace: Workspace, word: str) -> list[str]:
    """One severity, or all of a range such as `1-2`."""
    scale = workspace.settings.scale
    for at, character in enumerate(word):
        first, last = (scale.find(part) for part in (word[:at], word[at + 1 :]))
        if character in "-–/" and first is not None and last is not None:
            ranks = sorted(scale.names.index(each.name) for each in (first, last))
            return list(scale.names[ranks[0] : ranks[1] + 1])
    severity = scale.find(word)
    if severity is None:
        raise UsageError(
            f"{quoted(word)} is not on the scale {', '.join(scale.names)}",
            hint="write one of them, or a range as 1-2",
            candidates=scale.names,
        )
    return [severity.name]


def severity_name(workspace: Workspace, row: Row) -> str | None:
    """The severity of an incident by its name on the scale, where it is on it."""
    severity = workspace.settings.scale.find(row.keys.get("severity") or "")
    return severity.name if severity else row.keys.get("severity")


def service_name(workspace: Workspace, word: str) -> str:
    """A service as it is listed; one that is not, in small letters."""
    service = workspace.settings.service(word)
    return service.name if service else word.casefold()


def say_unreadable(workspace: Workspace, unreadable: Iterable[Unreadable]) -> int:
    """Names each file that cannot be read, beside the good ones, and says how many there are."""
    files = tuple(unreadable)
    for each in files:
        name = each.path.rpartition("/")[2].removesuffix(".md")
        is_text = is_incident_id(name) and "`" not in each.reason and not each.reason.startswith(each.path)
        way_out = f"; to mend it: ictl edit {name}" if is_text and workspace.reader.exists(name) else ""
        workspace.outside.talk(f"{each.path}:{each.line}: not read: {each.reason}{way_out}")
    return len(files)


def unreadable_as_data(unreadable: Iterable[Unreadable]) -> list[dict[str, object]]:
    """The same for a program."""
    return [{"path": each.path, "line": each.line, "reason": each.reason} for each in unreadable]
