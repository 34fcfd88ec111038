"""What is due next, and what is still missing: computed from the incident and the policy alone. Never asks the time."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from incidentctl.incident.calendar import Calendar
from incidentctl.incident.entries import COMMANDER, Done, Status, Update
from incidentctl.incident.lifecycle import effective
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import CommanderRule, Scale, Severity


class NextStep(NamedTuple):
    """One thing to do: a word for programs, words for people, the command that does it, and until when."""

    what: str
    words: str
    command: str | None = None
    by: datetime | None = None
    by_day: date | None = None


def next_steps(incident: Incident, scale: Scale, *, bridge_url: str | None) -> list[NextStep]:
    """What an active incident asks for now, the most pressing first. Drills ask for the same as the real thing."""
    state = incident.state
    severity = scale.find(state.severity or "")
    if severity is None or state.status is None or state.status.is_over:
        return []
    return list(_steps(incident, severity, bridge_url))


def _steps(incident: Incident, severity: Severity, bridge_url: str | None) -> Iterator[NextStep]:
    state = incident.state
    done = {entry.what.clock for entry in effective(incident.entries) if isinstance(entry.what, Done)}
    # The public words of an earlier episode stand; its clocks do not run on.
    updates = [entry.what for entry in effective(incident.entries) if isinstance(entry.what, Update)]
    running_since = state.reopened_at or state.declared_at
    running = [
        entry.what
        for entry in effective(incident.entries)
        if isinstance(entry.what, Update) and (state.reopened_at is None or entry.at >= state.reopened_at)
    ]
    if state.status is Status.TRIAGE:
        yield NextStep("acknowledge", "acknowledge", "ictl ack")
    if state.unconfirmed:
        yield NextStep("severity", f"confirm {severity.name} or change it", "ictl severity SEV")
    if severity.commander is not CommanderRule.NONE and state.commander is None:
        yield NextStep(COMMANDER, "commander", "ictl assign ic me")
    if severity.ticket:
        if not incident.word("ticket"):
            yield NextStep("ticket", "ticket", "ictl set ticket=URL")
        return
    if severity.status_page and state.declared_at and "status_page" not in done and not any(u.public for u in updates):
        yield NextStep("status_page", "status page", by=state.declared_at + severity.status_page)
    if severity.update_every and running_since and state.status is not Status.RESOLVED:
        due = running[-1].next_at if running else running_since + severity.update_every
        if due is not None:
            yield NextStep("update", "update", by=due)
    if severity.bridge and "bridge" not in done:
        url = incident.word("bridge") or bridge_url
        yield NextStep("bridge", f"bridge {url}") if url else NextStep("bridge", "bridge", "ictl set bridge=URL")


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
        day = calendar.add_business_days(state.resolved_at, severity.postmortem_within or 5)
        steps.append(NextStep("postmortem", "post-mortem", "ictl postmortem new", by_day=day))
    return steps
