"""Gathers what is open and what is due, for `status`, `due` and `watch`. Only what is open, or has a clock that runs on, is read whole."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from msgspec import field
from msgspec.structs import replace

from incidentctl.commands.documents import documents_of, names_of
from incidentctl.commands.naming import counts_as_active, current_incident, is_meant_without_a_name
from incidentctl.commands.options import Reading
from incidentctl.commands.selection import Services, Severities, Team, service_name, severity_name, severity_names
from incidentctl.commands.writing import with_name
from incidentctl.context import Workspace
from incidentctl.incident.cadence import ended_intervals
from incidentctl.incident.clocks import (
    ACTION_ITEM,
    POSTMORTEM,
    Clock,
    ClockPolicy,
    ClockState,
    DoneBy,
    PostmortemState,
    clocks_of,
    due_after,
    due_at_end_of,
    judge,
    standing_rule,
)
from incidentctl.incident.entries import TIME_KEYS, Status, Update
from incidentctl.incident.lifecycle import State, effective
from incidentctl.incident.model import Incident
from incidentctl.incident.times import parse_instant
from incidentctl.output.overview import OpenIncident, Overview
from incidentctl.store.postmortem_index import PostmortemRow, postmortem_rows
from incidentctl.store.reading import Row, Unreadable

_OVER = frozenset(status.value for status in Status if status.is_over)
_NEWS = timedelta(days=30)
"""A clock of a team's own that ran out longer ago, on an incident that is over, is none that anybody still waits for."""


class Choosing(Reading, frozen=True):
    """The options that choose among what is open or due."""

    severity: Severities = None
    service: Services = None
    team: Team = None

    def chosen(self, workspace: Workspace, rows: Iterable[Row]) -> list[Row]:
        """The incidents that are meant."""
        names = {name for word in self.severity or () for name in severity_names(workspace, word)}
        services = {service_name(workspace, word) for word in self.service or ()}
        return [
            row
            for row in rows
            if (not names or severity_name(workspace, row) in names)
            and (not services or services & {service_name(workspace, name) for name in row.services})
            and (not self.team or row.team == self.team)
        ]


class Gathered(Overview, frozen=True):
    """An overview, with what could not be read, and who is answerable for a clock of what is over: authors and owners."""

    unreadable: tuple[Unreadable, ...] = ()
    answerable: dict[Clock, frozenset[str]] = field(default_factory=dict)


def gather(workspace: Workspace, options: Choosing, *, as_of: str | None = None) -> Gathered:
    """Everything that is open or still due, as it stands now."""
    policy, now = workspace.settings.clock_policy, workspace.now
    rows, unreadable = workspace.reader.rows()
    chosen = options.chosen(workspace, rows)
    documents, broken = postmortem_rows(workspace.repository, documents_of(workspace), names_of(workspace))
    by_incident = {row.incident: row for row in documents}
    meant = _meant(workspace, [row for row in rows if not _is_over(row)])
    found = [_open(workspace, row, policy, is_meant=row.id == meant) for row in chosen if not _is_over(row)]
    live = [each for each in found if not _is_ticket(each.incident, policy)]
    live.sort(key=lambda each: _pressing(each, policy, now))
    tickets = [each for each in found if _is_ticket(each.incident, policy)]
    answerable: dict[Clock, frozenset[str]] = {}
    after: list[Clock] = []
    for row in chosen:
        if _is_over(row):
            document = by_incident.get(row.id)
            for clock in _after(workspace, row, document, policy):
                after.append(clock)
                people = document.authors if document is not None and clock.name == POSTMORTEM else ()
                answerable[clock] = _people(people or (row.keys.get("commander") or "",))
    ids = {row.id: row for row in chosen}
    items: list[Clock] = []
    for document in documents:
        row_of = ids.get(document.incident)
        if row_of is None and (options.severity or options.service or options.team):
            continue
        for clock, owners in _items(document, row_of, policy, now):
            items.append(clock)
            answerable[clock] = _people(owners)
    for each in live:
        for clock in each.clocks:
            answerable[clock] = _people((each.incident.state.commander or "",))
    return Gathered(
        open=tuple(live),
        tickets=tuple(tickets),
        after=tuple(sorted(after, key=lambda clock: clock.order)),
        items=tuple(sorted(items, key=lambda clock: clock.order)),
        as_of=as_of,
        unreadable=(*unreadable, *broken),
        answerable=answerable,
    )


def _is_over(row: Row) -> bool:
    return row.keys.get("status") in _OVER  # asked of each incident that there ever was


def _people(handles: Iterable[str]) -> frozenset[str]:
    return frozenset(handle.removeprefix("@").casefold() for handle in handles if handle)


def _is_ticket(incident: Incident, policy: ClockPolicy) -> bool:
    level = policy.scale.find(incident.state.severity or "")
    return level is not None and level.ticket


def _pressing(each: OpenIncident, policy: ClockPolicy, now: datetime) -> tuple[int, bool, datetime, str]:
    """The gravest first; of one severity the one whose clock runs out first."""
    rank = policy.scale.rank(each.incident.state.severity or "")
    first = each.running[0].due_at if each.running else now
    return rank, not each.running, first, each.incident.id


def _meant(workspace: Workspace, rows: Iterable[Row]) -> str | None:
    """The incident of those that go on that commands mean which name none; asked once, since each answer may look through all."""
    active = [row.id for row in rows if counts_as_active(workspace, row)]
    named = workspace.outside.environ.get("INCIDENTCTL_INCIDENT") or current_incident(workspace)
    asked = named or (active[0] if len(active) == 1 else None)
    return asked if asked and is_meant_without_a_name(workspace, asked) else None


def _open(workspace: Workspace, row: Row, policy: ClockPolicy, *, is_meant: bool) -> OpenIncident:
    found = workspace.reader.read(row.id)
    incident = found.incident
    clocks = clocks_of(incident, policy, workspace.now)
    if not is_meant:
        clocks = [clock._replace(command=with_name(clock.command, incident.id)) for clock in clocks]
    intervals = ended_intervals(incident.entries, policy.scale)
    return OpenIncident(
        incident,
        tuple(clocks),
        updates=sum(isinstance(entry.what, Update) for entry in effective(incident.entries)),
        intervals=len(intervals),
        late=sum(bool(each.late_by) for each in intervals),
        waiting=found.waiting,
    )


def _after(workspace: Workspace, row: Row, document: PostmortemRow | None, policy: ClockPolicy) -> Iterator[Clock]:
    """The clocks that run on when it is over: the post-mortem, and duties of a team's own."""
    status = row.keys.get("status")
    if status == Status.CANCELED.value or (status == Status.CLOSED.value and not policy.own):
        return
    if document is not None and document.is_final and not policy.own:
        return
    light, now = _without_entries(row), workspace.now
    level = policy.scale.find(row.keys.get("severity") or "")
    state = _postmortem_state(document)
    asks = standing_rule(POSTMORTEM, level) is not None and status == Status.RESOLVED.value
    is_of_interest = _own_runs_on(light, policy, now)
    if not is_of_interest and (not asks or state.is_final or row.drill):
        return
    incident = workspace.reader.read(row.id).incident if is_of_interest else light
    for clock in clocks_of(incident, policy, now, postmortem=state):
        if clock.state.runs and (clock.name == POSTMORTEM or clock.due_at >= now - _NEWS):
            yield clock._replace(command=with_name(clock.command, row.id))


def _postmortem_state(document: PostmortemRow | None) -> PostmortemState:
    if document is None:
        return PostmortemState()
    published_at = parse_instant(document.published_at) if document.published_at else None
    return PostmortemState(is_begun=True, is_final=document.is_final, published_at=published_at)


def _own_runs_on(light: Incident, policy: ClockPolicy, now: datetime) -> bool:
    """Whether one of the team's own clocks could still run, or have run out of late: then it is worth reading the file."""
    level = policy.scale.find(light.state.severity or "")
    if level is not None and level.ticket:
        return False
    tags = {tag.casefold() for tag in light.listed("tags")}
    for rule in policy.own:
        if rule.done_by not in (DoneBy.NOTE, DoneBy.POSTMORTEM) or (
            rule.tags and not tags & {tag.casefold() for tag in rule.tags}
        ):
            continue
        since: datetime | None = getattr(light.state, rule.since) or light.state.declared_at
        last = max((at for at in (since, light.state.resolved_at) if at is not None), default=None)
        found = due_after(last, rule, policy.calendar) if last is not None else None
        if found is not None and found.due_at >= now - _NEWS:
            return True
    return False


def _without_entries(row: Row) -> Incident:
    """What the list knows of an incident: enough for what is counted from its end."""
    status = row.keys.get("status")
    times = {key: parse_instant(value) for key in TIME_KEYS if (value := row.keys.get(key))}
    state = replace(
        State(),
        status=Status(status) if status in tuple(Status) else None,
        severity=row.keys.get("severity"),
        commander=row.keys.get("commander"),
        **times,
    )
    return Incident(row.id, row.title, (), state, {"tags": row.tags, "drill": "true" if row.drill else None})


def _items(
    document: PostmortemRow, row: Row | None, policy: ClockPolicy, now: datetime
) -> Iterator[tuple[Clock, tuple[str, ...]]]:
    """Its open action items, as clocks that run until the end of their day."""
    for item in document.items:
        due_on = date.fromisoformat(item.due_on)
        due_at = due_at_end_of(due_on, policy.calendar)
        if due_at is None:
            continue
        yield (
            Clock(
                name=ACTION_ITEM,
                words=f"a:{item.id} {item.text}",
                incident=document.incident,
                began_at=due_at,
                due_at=due_at,
                state=judge(None, due_at, None, now),
                severity=row.keys.get("severity") if row is not None else None,
                due_on=due_on,
                command=f"ictl action done a:{item.id}",
            ),
            item.owners,
        )


def due_now(gathered: Gathered, now: datetime, within: timedelta | None) -> list[Clock]:
    """What is overdue, or will be within that time, the most pressing first: what goes on before what is over."""
    live = [clock for each in gathered.open for clock in each.running]
    until = now if within is None else now + within

    def due(clocks: Iterable[Clock]) -> list[Clock]:
        found = [
            clock
            for clock in clocks
            if clock.state is ClockState.OVERDUE
            or (within is not None and clock.state is ClockState.RUNNING and clock.due_at <= until)
        ]
        return sorted(found, key=lambda clock: (clock.order, clock.incident))

    return [*due(live), *due(gathered.after), *due(gathered.items)]
