"""What is due next, and what is still missing: computed from the incident, its clocks and the policy. Never asks the time."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from incidentctl.incident.calendar import Calendar
from incidentctl.incident.clocks import (
    BRIDGE,
    MANAGEMENT,
    POSTMORTEM,
    RESPONSE,
    STANDING,
    STATUS_PAGE,
    UPDATE,
    Clock,
    ClockPolicy,
    ClockState,
    clocks_of,
    postmortem_due_on,
    running,
)
from incidentctl.incident.entries import COMMANDER, Done, Status
from incidentctl.incident.lifecycle import effective
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import CommanderRule, Scale, Severity


class NextStep(NamedTuple):
    """One thing to do: a word for programs, words for people, the command that does it, and until when.

    `is_late_at_once`: that was past when the incident was recorded, which is no news to anybody.
    """

    what: str
    words: str
    command: str | None = None
    by: datetime | None = None
    by_day: date | None = None
    is_late_at_once: bool = False


def next_steps(incident: Incident, policy: ClockPolicy, now: datetime) -> list[NextStep]:
    """What an active incident asks for now, the most pressing first. Drills ask for the same as the real thing."""
    state = incident.state
    severity = policy.scale.find(state.severity or "")
    if severity is None or state.status is None or state.status.is_over:
        return []
    return list(_steps(incident, severity, policy, now))


def overdue_clocks(incident: Incident, policy: ClockPolicy, now: datetime) -> list[Clock]:
    """The clocks of an active incident that ran out while it was on the record.

    A missing commander is said elsewhere; that there is no bridge those who are on it know best.
    """
    if incident.state.status is None or incident.state.status.is_over:
        return []
    return [
        clock
        for clock in clocks_of(incident, policy, now)
        if clock.state is ClockState.OVERDUE and clock.name not in (COMMANDER, BRIDGE) and not clock.was_late_at_once
    ]


def _steps(incident: Incident, severity: Severity, policy: ClockPolicy, now: datetime) -> Iterator[NextStep]:
    state = incident.state
    clocks = {clock.name: clock for clock in running(clocks_of(incident, policy, now))}
    if state.status is Status.TRIAGE:
        response = clocks.get(RESPONSE)
        yield NextStep("acknowledge", "acknowledge", "ictl ack", by=None if response is None else response.due_at)
    if state.unconfirmed:
        yield NextStep("severity", f"confirm {severity.name} or change it", "ictl severity SEV")
    if severity.commander is not CommanderRule.NONE and state.commander is None:
        yield NextStep(COMMANDER, "commander", "ictl assign ic me")
    if severity.ticket:
        if not incident.word("ticket"):
            yield NextStep("ticket", "ticket", "ictl set ticket=URL")
        return
    for name in (STATUS_PAGE, UPDATE):
        if name in clocks:
            yield _step_of(clocks[name])._replace(command=None)
    if MANAGEMENT in clocks and clocks[MANAGEMENT].state is ClockState.OVERDUE:
        yield _step_of(clocks[MANAGEMENT])
    if severity.bridge and not any(entry.what == Done(BRIDGE) for entry in effective(incident.entries)):
        url = incident.word("bridge") or policy.bridge_url
        yield NextStep(BRIDGE, f"bridge {url}") if url else NextStep(BRIDGE, "bridge", "ictl set bridge=URL")
    for clock in clocks.values():
        if clock.name not in STANDING:
            yield _step_of(clock)


def _step_of(clock: Clock) -> NextStep:
    by_day = clock.due_on
    return NextStep(
        clock.name,
        clock.words,
        clock.command,
        by=clock.due_at if by_day is None else None,
        by_day=by_day,
        is_late_at_once=clock.was_late_at_once,
    )


def missing_steps(incident: Incident, scale: Scale, calendar: Calendar) -> list[NextStep]:
    """What the record of a resolved incident still lacks, for the metrics and for those who learn from it."""
    state = incident.state
    if state.status not in (Status.RESOLVED, Status.CLOSED):
        return []
    severity = scale.find(state.severity or "")
    steps = [
        NextStep(key, key, f"ictl set {key}=TIME")
        for key in ("started_at", "detected_at", "mitigated_at")
        if getattr(state, key) is None
    ]
    if state.unconfirmed and severity is not None:
        steps.append(NextStep("severity", f"confirm {severity.name} or change it", "ictl severity SEV"))
    if severity is not None and severity.postmortem and not incident.is_drill and state.resolved_at:
        day = postmortem_due_on(state, severity, calendar)
        steps.append(NextStep(POSTMORTEM, "post-mortem", "ictl postmortem new", by_day=day))
    return steps
