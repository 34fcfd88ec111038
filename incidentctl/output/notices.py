"""A notice as text for people and as JSON for programs. Only what its audience may see is in either; nothing here is sent."""

import re
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from incidentctl.incident.entries import Canceled, Milestone, Opened, Reached, SeverityChange, Update
from incidentctl.incident.model import channel_of
from incidentctl.incident.notices import Audience, Event, Notice
from incidentctl.incident.public import PublicIncident, PublicUpdate
from incidentctl.incident.times import describe_instant, format_instant
from incidentctl.incident.words import show_safely
from incidentctl.output.answers import entry_as_data, marked, moment, since_detection, state_as_data, update_fields
from incidentctl.output.statuspage.wording import STATES

_GAP: Final = "\u200b"
"""Seen by nobody. Behind the sign that begins a mention or a link it makes words of it."""
_MENTION: Final = re.compile(r"@(?=[^\s\u200b])")
_TAG: Final = re.compile(r"<(?=[!@#&/:?a-zA-Z])")
_LINK: Final = re.compile(r"\](?=[(\[:])|!(?=\[)")

_LATE: Final = timedelta(minutes=5)
_FOR_MANAGEMENT: Final = ("Status", "Impact", "Next Update", "IC")


def defused(text: str) -> str:
    """Text of a record for a chat, where it mentions nobody, makes no link or picture, and is no tag, whatever the chat reads.

    `@everyone` and `[words](https://…)` are cut by a sign without width; `<!channel>` and `<b>` begin with `‹` instead.
    """
    text = _MENTION.sub(f"@{_GAP}", show_safely(text))
    return _LINK.sub(lambda match: f"{match[0]}{_GAP}", _TAG.sub("‹", text))


def notice_as_text(
    notice: Notice, audience: Audience, *, zone: tzinfo | None, now: datetime, prefix: str = "incident-"
) -> tuple[str, str]:
    """The headline, on one line, and the text below it; neither is defused yet.

    What is told late says of when it is; of a drill each line says so.
    """
    head, text = _head_and_text(notice, audience, zone=zone, now=now, prefix=prefix)
    return marked(notice.incident, head), marked(notice.incident, text)


def _head_and_text(
    notice: Notice, audience: Audience, *, zone: tzinfo | None, now: datetime, prefix: str
) -> tuple[str, str]:
    incident, what = notice.incident, notice.entry.what
    if audience is Audience.PUBLIC:
        public, update = _said_in_public(notice)
        return f"{public.title}: {STATES[update.state]}{_as_of(notice, now)}", update.words or ""
    head = f"{incident.state.severity or 'no severity'} {incident.title}{_as_of(notice, now)}"
    if isinstance(what, Update):
        fields = update_fields(what, zone=zone, now=now)
        shown = _FOR_MANAGEMENT if audience is Audience.MANAGEMENT else [name for name, _ in fields]
        return head, "\n".join(f"{name}: {value}" for name, value in fields if name in shown)
    lines = [_event_line(notice)]
    if services := incident.listed("services"):
        lines.append(f"Services: {', '.join(services)}")
    if incident.state.commander:
        lines.append(f"IC: @{incident.state.commander}")
    if audience is Audience.INTERNAL:
        if isinstance(what, Opened) and incident.state.detected_at:
            lines.append(f"Detected: {describe_instant(incident.state.detected_at, zone, now=now)}")
        lines.append(f"Channel: {channel_of(incident, prefix)}")
    return head, "\n".join(lines)


def _as_of(notice: Notice, now: datetime) -> str:
    """When it was so, for what comes so late that a newer word may have come before it."""
    return f" (as of {moment(notice.entry.at, now)})" if now - notice.entry.written_at > _LATE else ""


def _event_line(notice: Notice) -> str:
    state, entry = notice.incident.state, notice.entry
    text = f": {entry.text}" if entry.text else ""
    match entry.what:
        case Opened(unconfirmed=unconfirmed):
            return f"Opened as {entry.what.severity}{' (unconfirmed)' if unconfirmed else ''}{text}"
        case SeverityChange(before, after):
            return f"Severity {before} → {after}{text}"
        case Reached(Milestone.MITIGATED):
            return f"Mitigated{since_detection(state, state.mitigated_at)}{text}"
        case Reached(Milestone.RESOLVED):
            return f"Resolved{since_detection(state, state.resolved_at)}{text}"
        case Reached(milestone):
            return f"{milestone.value.capitalize()}{text}"
        case Canceled(reason):
            return f"Canceled: {reason.value.replace('_', ' ')}{text}"
    return entry.text


def _said_in_public(notice: Notice) -> tuple[PublicIncident, PublicUpdate]:
    assert notice.public is not None
    assert notice.public_update is not None
    return notice.public, notice.public_update


def notice_as_data(
    notice: Notice, audience: Audience, *, key: str, prefix: str, event: Event | None = None
) -> dict[str, Any]:
    """A notice for a program. `key` is the same for the same entry and target: a second one of that key is a repetition.

    For the public all of it is what the status page would say: id and title are those of the page, never those of the record.
    """
    incident, entry = notice.incident, notice.entry
    data: dict[str, Any] = {
        "schema_version": 1,
        "kind": "notice",
        "key": key,
        "event": event or notice.events[0],
        "events": list(notice.events),
        "audience": audience.value,
        "drill": incident.is_drill,
        "at": format_instant(entry.at),
    }
    if audience is Audience.PUBLIC:
        public, said = _said_in_public(notice)
        return data | {
            "id": public.id,
            "title": public.title,
            "services": [service.name for service in public.services],
            "status": said.state.value,
            "text": said.words,
        }
    shown = entry_as_data(entry)
    state = state_as_data(incident.state)
    data["incident"] = {
        "id": incident.id,
        "title": incident.title,
        "services": list(incident.listed("services")),
        "channel": channel_of(incident, prefix),
        **state,
    }
    update = shown["details"] if isinstance(entry.what, Update) else None
    if update is not None:
        update = {"ic": update.pop("commander"), **update}
        if audience is Audience.MANAGEMENT:
            update = {name: value for name, value in update.items() if name not in ("theory", "actions")}
    data["update"] = update
    if audience is Audience.INTERNAL:
        data["entry"] = {**shown, "details": {} if update is not None else shown["details"]}
    return data | {"text": entry.text}


def trial_as_text(target: str) -> tuple[str, str]:
    """The headline and text of a message that only tries a target."""
    return "Test of incidentctl", f"This is a test of the target {target}. Nothing has happened."


def trial_as_data(target: str, audience: Audience, *, key: str, at: datetime) -> dict[str, Any]:
    """The same for a program."""
    return {
        "schema_version": 1,
        "kind": "notice",
        "key": key,
        "event": "test",
        "events": ["test"],
        "audience": audience.value,
        "drill": False,
        "at": format_instant(at),
        "text": trial_as_text(target)[1],
    }
