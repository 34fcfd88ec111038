"""What is open and what is due, as lines for people and as data for programs. Value to text; nothing here prints."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from incidentctl.incident.clocks import Clock, ClockState
from incidentctl.incident.model import DRILL, Incident
from incidentctl.incident.times import MONTHS, describe_duration, format_instant
from incidentctl.output.answers import state_as_data
from incidentctl.output.listing import Told, cut, table, width_of, wrapped

_MOST_AFTER = 5
"""As many clocks of what is over are told; the others are counted."""


class OpenIncident(Struct, frozen=True):
    """An incident that goes on, with its clocks, the most pressing first. `late` of the `intervals` between updates were too long."""

    incident: Incident
    clocks: tuple[Clock, ...]
    updates: int = 0
    intervals: int = 0
    late: int = 0
    waiting: int = 0

    @property
    def running(self) -> tuple[Clock, ...]:
        """The clocks that somebody has to stop."""
        return tuple(clock for clock in self.clocks if clock.state.runs)


class Overview(Struct, frozen=True):
    """All that goes on. `after` are the clocks that run on when it is over, `items` the action items that are open and due on a day.

    `as_of` is said where others could not be asked.
    """

    open: tuple[OpenIncident, ...]
    tickets: tuple[OpenIncident, ...] = ()
    after: tuple[Clock, ...] = ()
    items: tuple[Clock, ...] = ()
    as_of: str | None = None

    @property
    def overdue(self) -> int:
        """How many clocks of what is open have run out."""
        return sum(clock.state is ClockState.OVERDUE for each in self.open for clock in each.clocks)


# ------------------------------------------------------------------------------------------------------------- in words


def clock_words(clock: Clock, now: datetime) -> str:
    """`overdue 12 min`, `in 3 min`, `due now`."""
    if clock.state is ClockState.OVERDUE:
        return f"overdue {describe_duration(now - clock.due_at)}" if now > clock.due_at else "due now"
    return f"in {describe_duration(clock.due_at - now)}"


def when_due(clock: Clock, told: Told) -> str:
    """The time on the clock, or the day."""
    if clock.due_on is not None:
        year = f" {clock.due_on.year}" if clock.due_on.year != told.now.year else ""
        return f"{clock.due_on.day} {MONTHS[clock.due_on.month - 1]}{year}"
    return told.clock(clock.due_at, beside=told.now)


def heading(open_incident: OpenIncident, told: Told) -> str:
    """What it is, how far it has come and for how long it has gone on."""
    incident = open_incident.incident
    state = incident.state
    since = state.detected_at or state.declared_at
    length = f" · {describe_duration(told.now - since)}" if since is not None and told.now > since else ""
    began = f", since {told.clock(since, beside=told.now)}" if since is not None else ""
    unconfirmed = " (unconfirmed)" if state.unconfirmed else ""
    drill = DRILL if incident.is_drill else ""
    status = state.status.value if state.status else "unknown"
    return f"{drill}{state.severity or 'no severity'}{unconfirmed} {incident.id} · {status}{length}{began}"


def people(incident: Incident) -> str:
    """Who has which role, and what is affected."""
    state = incident.state
    parts = [f"commander @{state.commander}" if state.commander else "no commander"]
    parts += [f"tech lead @{state.tech_lead}"] if state.tech_lead else []
    parts += [f"comms @{state.comms_lead}"] if state.comms_lead else []
    parts += [f"{role} @{holder}" for role, holder in state.extra_roles.items()]
    services = ", ".join(incident.listed("services"))
    return " · ".join((*parts, *((services,) if services else ())))


def updates_words(open_incident: OpenIncident) -> str:
    """How many updates there were, and how well they kept their times."""
    count = open_incident.updates
    words = "no update yet" if not count else "1 update" if count == 1 else f"{count} updates"
    return f"{words}, {open_incident.late} late" if open_incident.late else words


def status_as_lines(overview: Overview, told: Told) -> list[str]:
    """Everything that is open, the gravest first, with the clocks that run."""
    lines: list[str] = []
    for each in overview.open:
        lines += ([""] if lines else []) + _open_lines(each, told)
    if overview.tickets:
        lines += [""] if lines else []
        lines += [_in(f"{heading(each, told)} · {_title(each.incident)}", told.width) for each in overview.tickets]
    after = _after_lines(overview, told)
    if after:
        lines += ([""] if lines else []) + after
    return lines


def _open_lines(each: OpenIncident, told: Told) -> list[str]:
    incident = each.incident
    lines = [*wrapped(heading(each, told), told.width, 2), f"  {_title(incident)}", f"  {people(incident)}"]
    size = max((width_of(clock.words) for clock in each.running), default=0)
    for clock in each.running:
        mark = "!" if clock.state is ClockState.OVERDUE else " "
        words = f"{clock.words}{'':{size - width_of(clock.words)}}"
        line = f"  {mark} {words}  {clock_words(clock, told.now):<16}  {when_due(clock, told):<6}"
        command = f"  `{clock.command}`" if clock.command else ""
        # Half a command is none: where there is no room, `due` has it.
        has_room = told.width is None or width_of(line) + width_of(command) <= told.width
        lines.append(f"{line}{command}" if has_room else line.rstrip())
    if each.updates or each.late:
        lines.append(f"    {updates_words(each)}")
    if each.waiting:
        lines.append(f"    {each.waiting} saved, not committed yet")
    if incident.is_drill:
        lines = [line if line.startswith(DRILL) else f"{DRILL}{line}" for line in lines]
    return [_in(line, told.width) for line in lines]


def _after_lines(overview: Overview, told: Told) -> list[str]:
    lines: list[str] = []
    if overview.after:
        lines.append("over, and still due:")
        rows = [each[:-1] for each in due_rows(overview.after[:_MOST_AFTER], told)]
        lines += [f"  {line}" for line in table(rows, width=None if told.width is None else told.width - 2)]
        left = len(overview.after) - _MOST_AFTER
        lines += [f"  and {left} more: `ictl due --within 7d`"] if left > 0 else []
    late = sum(clock.state is ClockState.OVERDUE for clock in overview.items)
    if late:
        lines.append(f"{'1 action item is' if late == 1 else f'{late} action items are'} overdue: `ictl due`")
    return lines


def _title(incident: Incident) -> str:
    return " ".join(incident.title.split())


def _in(line: str, width: int | None) -> str:
    return line if width is None else cut(line, width)


def due_rows(clocks: Sequence[Clock], told: Told) -> list[tuple[str, ...]]:
    """A row a clock: how it stands, the severity, the incident, what is due, when, and what stops it."""
    return [
        (
            f"{DRILL if clock.is_drill else ''}{clock_words(clock, told.now)}",
            clock.severity or "",
            clock.incident,
            " ".join(clock.words.split()),
            when_due(clock, told),
            f"`{clock.command}`" if clock.command else "",
        )
        for clock in clocks
    ]


def due_as_lines(clocks: Sequence[Clock], told: Told) -> list[str]:
    """What is due, the most pressing first: a line each where there is room, else what stops it below."""
    lines = table([(*each[:-1], "") for each in due_rows(clocks, told)], width=None)
    shown: list[str] = []
    for line, clock in zip(lines, clocks, strict=True):
        command = f"`{clock.command}`" if clock.command else ""
        if told.width is None or width_of(line) + 2 + width_of(command) <= told.width:
            shown.append(f"{line}  {command}".rstrip())
        else:
            shown += [cut(line, told.width), f"    {command}"]
    return shown


# -------------------------------------------------------------------------------------------------------- for programs


def clock_as_data(clock: Clock, now: datetime) -> dict[str, Any]:
    """One clock for a program; `left` in seconds, below zero where it has run out."""
    return {
        "name": clock.name,
        "words": clock.words,
        "incident": clock.incident,
        "severity": clock.severity,
        "drill": clock.is_drill,
        "state": clock.state.value,
        "began_at": format_instant(clock.began_at),
        "due_at": format_instant(clock.due_at),
        "due_on": clock.due_on.isoformat() if clock.due_on else None,
        "met_at": format_instant(clock.met_at) if clock.met_at else None,
        "left": int((clock.due_at - now).total_seconds()) if clock.state.runs else None,
        "late_at_once": clock.was_late_at_once,
        "command": clock.command,
    }


def open_as_data(each: OpenIncident, now: datetime) -> dict[str, Any]:
    """One incident that goes on, for a program."""
    incident = each.incident
    state = incident.state
    since = state.detected_at or state.declared_at
    return {
        "id": incident.id,
        "title": incident.title,
        "drill": incident.is_drill,
        "services": list(incident.listed("services")),
        "tags": list(incident.listed("tags")),
        "team": incident.word("team"),
        **state_as_data(state),
        "unconfirmed": state.unconfirmed,
        "lasts": max(0, int((now - since).total_seconds())) if since is not None else None,
        "updates": {"count": each.updates, "intervals": each.intervals, "late": each.late},
        "waiting": each.waiting,
        "clocks": [clock_as_data(clock, now) for clock in each.clocks],
    }


def overview_as_data(overview: Overview, now: datetime) -> dict[str, Any]:
    """All that `status` says, for a program."""
    return {
        "schema_version": 1,
        "kind": "status",
        "at": format_instant(now),
        "as_of": overview.as_of,
        "incidents": [open_as_data(each, now) for each in (*overview.open, *overview.tickets)],
        "after": [clock_as_data(clock, now) for clock in overview.after],
        "action_items_overdue": sum(clock.state is ClockState.OVERDUE for clock in overview.items),
    }
