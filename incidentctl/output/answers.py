"""The line that each write answers with, and what comes next. Value to text; nothing here prints."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Any

from incidentctl.incident.entries import Entry, KeySet, Note, Status, Update
from incidentctl.incident.lifecycle import State
from incidentctl.incident.model import DRILL, Incident, channel_of
from incidentctl.incident.next_steps import NextStep
from incidentctl.incident.times import MONTHS, clock, describe_duration, describe_instant, format_instant


def moment(at: datetime, now: datetime) -> str:
    """A time in an answer: the clock, with its date where that is not today's."""
    return clock(at) if at.date() == now.date() else f"{at:%Y-%m-%d} {clock(at)}"


def opened_line(
    incident: Incident, *, zone: tzinfo | None, now: datetime, prefix: str, tells_declaration: bool = False
) -> str:
    """What `open` answers: severity, id, the times that were given in both readings, and the channel."""
    state = incident.state
    parts = [f"{_drill(incident)}{state.severity} {incident.id}"]
    times = (
        ("impact from", state.started_at),
        ("detected", state.detected_at),
        ("declared", state.declared_at if tells_declaration else None),
        ("mitigated", state.mitigated_at),
        ("resolved", state.resolved_at),
    )
    parts += [f"{name} {describe_instant(at, zone, now=now)}" for name, at in times if at]
    if state.status is Status.TRIAGE:
        parts.append("in triage until a human takes it")
    parts.append(channel_of(incident, prefix))
    return " · ".join(parts)


def answer_line(incident: Incident, at: datetime, what: str, *, now: datetime, more: Iterable[str] = ()) -> str:
    """What every other write answers: time, name, severity, what happened."""
    severity = incident.state.severity or "no severity"
    head = f"{_drill(incident)}{moment(at, now)} {incident.slug} {severity} {what}"
    return " · ".join((head, *more))


def _drill(incident: Incident) -> str:
    return DRILL if incident.is_drill else ""


def since_detection(state: State, at: datetime | None) -> str:
    """How long after detection something was reached, in words; after the declaration where no detection is known."""
    if at is None:
        return ""
    start, name = (state.detected_at, "detection") if state.detected_at else (state.declared_at, "declaration")
    return f", {describe_duration(at - start)} after {name}" if start and at > start else ""


def steps_line(head: str, steps: Sequence[NextStep], *, now: datetime) -> str:
    """`next: commander ... · status page by ...`."""
    return f"{head}: " + " · ".join(_step(step, now) for step in steps)


def _step(step: NextStep, now: datetime) -> str:
    by = f" by {step.by_day.day} {MONTHS[step.by_day.month - 1]}" if step.by_day else ""
    by += f" {step.by_day.year}" if step.by_day and step.by_day.year != now.year else ""
    if step.is_late_at_once:
        by = " now"
    elif step.by is not None:
        by = f" {'by' if step.by >= now else 'was due'} {moment(step.by, now)}"
    command = f" `{step.command}`" if step.command else ""
    return f"{step.words}{by}{command}"


def update_fields(update: Update, *, zone: tzinfo | None, now: datetime) -> tuple[tuple[str, str], ...]:
    """The six fields of the template, in its order. What nobody has said yet is said to be unknown."""
    next_at = describe_instant(update.next_at, zone, now=now) if update.next_at else "none is due"
    return (
        ("Status", update.status.value.capitalize()),
        ("Impact", update.impact or "not known yet"),
        ("Current Theory", update.theory or "none yet"),
        ("Actions in Progress", update.actions or "none yet"),
        ("Next Update", next_at),
        ("IC", f"@{update.commander}" if update.commander else "nobody yet"),
    )


def update_as_text(incident: Incident, update: Update, *, zone: tzinfo | None, now: datetime) -> str:
    """A finished update in the template's form, to paste into a channel."""
    head = f"{incident.state.severity} {incident.title}"
    fields = (f"{name}: {value}" for name, value in update_fields(update, zone=zone, now=now))
    return marked(incident, "\n".join((head, *fields)))


def marked(incident: Incident, text: str) -> str:
    """A text that goes elsewhere: of a drill each line says so, since a part of it may be all that somebody sees."""
    if not incident.is_drill:
        return text
    return "\n".join(f"{DRILL}{line}" if line else line for line in text.split("\n"))


# ----------------------------------------------------------------------------------------------------------- as JSON


def entry_as_data(entry: Entry, *, withdrawn: bool = False) -> dict[str, Any]:
    """One entry for a program. `origin` says whose hand it is: a command's, an editor's, or a machine's."""
    data: dict[str, Any] = {
        "id": entry.id,
        "at": format_instant(entry.at),
        "recorded_at": format_instant(entry.recorded_at) if entry.recorded_at else None,
        "by": entry.author,
        "noted_by": entry.noted_by,
        "agent": entry.agent,
        "kind": entry.kind,
        "text": entry.text,
        "origin": "by_hand" if entry.by_hand else "typed" if entry.typed else "command",
        "commit": entry.by_hand if entry.by_hand != "uncommitted" else None,
        "withdrawn": withdrawn,
        "redacted": entry.redacted.value if entry.redacted else None,
        "details": {},
    }
    if not isinstance(entry.what, Note):
        data["details"] = {name: _plain(getattr(entry.what, name)) for name in entry.what.__struct_fields__}
    if isinstance(entry.what, KeySet):
        data["details"] = {"key": entry.what.key, "old": entry.what.old, "new": entry.what.new}
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    return value if value is None or isinstance(value, bool) else str(value)


def state_as_data(state: State) -> dict[str, Any]:
    """The folded keys for a program, with the roles of a team's own."""
    return {**state.as_keys(), "roles": dict(state.extra_roles)}


def steps_as_data(steps: Iterable[NextStep]) -> list[dict[str, Any]]:
    """What comes next for a program."""
    return [
        {
            "what": step.what,
            "by": format_instant(step.by) if step.by else step.by_day.isoformat() if step.by_day else None,
            "command": step.command,
        }
        for step in steps
    ]


def incident_as_data(incident: Incident, *, path: str, prefix: str) -> dict[str, Any]:
    """The keys of one incident for a program: the plain ones as they stand, the folded ones as they are believed."""
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in incident.keys.items()}
    return {
        "id": incident.id,
        **plain,
        "title": incident.title,
        "services": list(incident.listed("services")),
        "tags": list(incident.listed("tags")),
        "drill": incident.is_drill,
        "channel": channel_of(incident, prefix),
        **state_as_data(incident.state),
        "path": path,
    }
