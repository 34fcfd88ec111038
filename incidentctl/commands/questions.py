"""What the figures are asked: the options that the commands of `stats` share, and the question that they make."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from incidentctl.commands.completion import complete_service, complete_severity
from incidentctl.commands.measuring import Measured, measure, measure_several, zone_of
from incidentctl.commands.options import Reading
from incidentctl.commands.selection import severity_names
from incidentctl.commands.shares import without_collection
from incidentctl.context import Workspace, open_workspace
from incidentctl.stats.period import previous_period, read_period
from incidentctl.stats.question import GroupBy, Occurrence, Question, SeverityAt, Window
from incidentctl.stats.report import Period

PERIOD, WHICH_ONES, EDGES, SOURCE = "Period", "Incidents", "Edges", "Source"


class Asking(Reading, frozen=True):
    """The options that make a question."""

    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            metavar="PERIOD",
            help="`2026-Q2`, `2026-05`, `2026`, `last-quarter`, `this-month`; without any, all of history.",
            rich_help_panel=PERIOD,
        ),
    ] = None
    last: Annotated[
        str | None,
        typer.Option("--last", metavar="LENGTH", help="The time up to now: `90d`, `4w`.", rich_help_panel=PERIOD),
    ] = None
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="From then on: `2026-05-14`, `30d`.", rich_help_panel=PERIOD),
    ] = None
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help="Until then, that day included.", rich_help_panel=PERIOD),
    ] = None
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare",
            metavar="PERIOD",
            help="Compare with another period; `previous` is the one before, as long as this one.",
            rich_help_panel=PERIOD,
        ),
    ] = None
    window: Annotated[
        Window,
        typer.Option(
            "--window",
            metavar="WINDOW",
            help="An incident belongs to the period in which it was `declared`, or `resolved`.",
            case_sensitive=False,
            rich_help_panel=PERIOD,
        ),
    ] = Window.DECLARED
    severity: Annotated[
        list[str] | None,
        typer.Option(
            "--severity",
            "-s",
            metavar="SEV",
            help="Of this severity, or a range as `1-2`; may be repeated.",
            rich_help_panel=WHICH_ONES,
            autocompletion=complete_severity,
        ),
    ] = None
    service: Annotated[
        list[str] | None,
        typer.Option(
            "--service",
            metavar="NAME",
            help="That affect this service; may be repeated.",
            rich_help_panel=WHICH_ONES,
            autocompletion=complete_service,
        ),
    ] = None
    team: Annotated[
        list[str] | None,
        typer.Option("--team", metavar="TEAM", help="Of this team; may be repeated.", rich_help_panel=WHICH_ONES),
    ] = None
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="With this tag; may be repeated.", rich_help_panel=WHICH_ONES),
    ] = None
    drills: Annotated[bool, typer.Option("--include-drills", help="Drills as well.", rich_help_panel=WHICH_ONES)] = (
        False
    )
    severity_at: Annotated[
        SeverityAt,
        typer.Option(
            "--severity-at",
            metavar="WHEN",
            help="The severity at its `peak`, as `declared`, or the `final` one.",
            case_sensitive=False,
            rich_help_panel=EDGES,
        ),
    ] = SeverityAt.PEAK
    occurrence: Annotated[
        Occurrence,
        typer.Option(
            "--occurrence",
            metavar="WHICH",
            help="Of a reopened incident, the mitigation and resolution of its `last` episode, or its `first`.",
            case_sensitive=False,
            rich_help_panel=EDGES,
        ),
    ] = Occurrence.LAST
    measured_only: Annotated[
        bool,
        typer.Option(
            "--measured-only",
            help="Leave out durations that rest on an assumed detection.",
            rich_help_panel=EDGES,
        ),
    ] = False
    repo: Annotated[
        list[str] | None,
        typer.Option(
            "--repo",
            metavar="PATH",
            help="Read this repository of incidents; several are read as one.",
            rich_help_panel=SOURCE,
        ),
    ] = None
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="REF|DATE",
            help="The figures as they were known then.",
            rich_help_panel=SOURCE,
        ),
    ] = None
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither read nor write the cache.", rich_help_panel=SOURCE)
    ] = False

    @contextmanager
    def record(self) -> Iterator["Record"]:
        """What is recorded, in one repository or in several, for as long as the command runs."""
        places = list(dict.fromkeys(self.repo or ()))
        with ExitStack() as opened:
            opened.enter_context(without_collection())
            if len(places) < 2:
                directory = self._place(places[0]) if places else self.repository
                workspace = opened.enter_context(open_workspace(self.outside, directory, zone=self.tz))
                self.before(workspace)
                yield Record(workspace, measure(workspace, as_of=self.as_of, use_cache=not self.no_cache))
                return
            workspaces = [
                opened.enter_context(open_workspace(self.outside, self._place(place), zone=self.tz)) for place in places
            ]
            names = _names(places)
            measured = measure_several(
                zip(names, workspaces, strict=True), as_of=self.as_of, use_cache=not self.no_cache
            )
            yield Record(workspaces[0], measured, tuple(names))

    def _place(self, place: str) -> str:
        return str(Path(self.outside.cwd, Path(place).expanduser()))

    def question(self, record: "Record", *, group_by: GroupBy | None = None) -> Question:
        """The question that the options make, seen from the moment up to which the record is known."""
        workspace, now = record.workspace, record.measured.now
        asked = self.asked_period(workspace, now)
        return Question(
            period=asked,
            compared_with=None if self.compare is None else self._compared(workspace, asked, now, self.compare),
            severity_at=self.severity_at,
            occurrence=self.occurrence,
            window=self.window,
            measured_only=self.measured_only,
            include_drills=self.drills,
            severities=tuple(name for word in self.severity or () for name in severity_names(workspace, word)),
            services=tuple(_service_name(workspace, word) for word in self.service or ()),
            teams=tuple(self.team or ()),
            tags=tuple(self.tag or ()),
            group_by=group_by,
            fiscal_year_start=workspace.settings.report.fiscal_year_start,
        )

    def asked_period(self, workspace: Workspace, now: datetime) -> Period:
        """The period that the options name."""
        return read_period(
            now=now,
            zone=self.zone_name(workspace),
            since=self.since,
            until=self.until,
            last=self.last,
            period=self.period,
            fiscal_year_start=workspace.settings.report.fiscal_year_start,
        )

    def _compared(self, workspace: Workspace, asked: Period, now: datetime, word: str) -> Period:
        start = workspace.settings.report.fiscal_year_start
        if word.strip().lower() in ("previous", "before", "last"):
            return previous_period(asked, now=now, fiscal_year_start=start)
        return read_period(now=now, zone=self.zone_name(workspace), period=word, fiscal_year_start=start)

    def zone_name(self, workspace: Workspace) -> str:
        """The zone in which days and months are counted."""
        return self.tz or zone_of(workspace)


class Record(Struct, frozen=True):
    """What is recorded. The settings are those of `workspace`, the first one where several were read; `names` are theirs then."""

    workspace: Workspace
    measured: Measured
    names: tuple[str, ...] = ()


def _service_name(workspace: Workspace, word: str) -> str:
    service = workspace.settings.service(word)
    return service.name if service is not None else word


def _names(places: list[str]) -> list[str]:
    """A name for each place: its last folder, with as many of those above it as tell it from the others."""
    parts = [Path(place).expanduser().absolute().parts for place in places]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(each[-depth:]).lstrip("/") for each in parts]
        if len(set(names)) == len(names):
            return names
    return places
