"""What others are told of: which events the entries of a write are, and which target is meant. Decides, and sends nothing."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from incidentctl.incident.entries import Canceled, Entry, Milestone, Opened, Reached, SeverityChange, Status, Update
from incidentctl.incident.lifecycle import named_status
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import Scale
from incidentctl.incident.public import PublicIncident, PublicUpdate, public_id


class Event(StrEnum):
    """What can be told; a name of the settings each."""

    OPENED = "opened"
    SEVERITY_CHANGED = "severity_changed"
    UPDATED = "updated"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CANCELED = "canceled"


class Audience(StrEnum):
    """Who reads it: the words that go out depend on it."""

    INTERNAL = "internal"
    MANAGEMENT = "management"
    PUBLIC = "public"


_REACHED: Final = {
    Milestone.MITIGATED: Event.MITIGATED,
    Milestone.RESOLVED: Event.RESOLVED,
    Milestone.REOPENED: Event.REOPENED,
}


class Notice(Struct, frozen=True):
    """One thing to be told: the incident as it is, the entry that says it, and the events that it is."""

    incident: Incident
    entry: Entry
    events: tuple[Event, ...]
    public: PublicIncident | None = None
    """What the public knows of the incident, where it knows anything."""

    @property
    def public_update(self) -> PublicUpdate | None:
        """What this entry says for the public, as the status page has it; None for an incident or an entry that is not for it."""
        if self.public is None:
            return None
        wanted = public_id(self.public.id, self.entry.id)
        return next((update for update in self.public.updates if update.id == wanted and update.words), None)


class Target(Struct, frozen=True):
    """Who is told of what; empty sets of severities and services mean all."""

    name: str
    events: frozenset[Event] = frozenset({Event.UPDATED})
    audience: Audience = Audience.INTERNAL
    severities: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    drills: bool = False


def events_of(incident: Incident, entry: Entry) -> tuple[Event, ...]:
    """What an entry is for others; nothing for most. An update that is the first to say mitigated or resolved is both."""
    match entry.what:
        case Opened():
            return (Event.OPENED,)
        case SeverityChange(before, after) if before != after:
            return (Event.SEVERITY_CHANGED,)
        case Canceled():
            return (Event.CANCELED,)
        case Reached(milestone) if milestone in _REACHED:
            return (_REACHED[milestone],)
        case Update():
            status, state = named_status(entry), incident.state
            if status is Status.MITIGATED and state.mitigated_at == entry.at:
                return (Event.UPDATED, Event.MITIGATED)
            if status is Status.RESOLVED and state.resolved_at == entry.at:
                return (Event.UPDATED, Event.RESOLVED)
            return (Event.UPDATED,)
    return ()


def notice_of(incident: Incident, entries: Iterable[Entry]) -> Notice | None:
    """What one write has to tell: one notice at most, however many entries it wrote.

    An incident that was already over when it was opened is told to nobody: it is history.
    """
    found = [(entry, events) for entry in entries if entry.redacted is None and (events := events_of(incident, entry))]
    if not found:
        return None
    events = tuple(dict.fromkeys(event for _, each in found for event in each))
    if Event.OPENED in events:
        if incident.state.status is not None and incident.state.status.is_over:
            return None
        return Notice(incident, next(entry for entry, each in found if Event.OPENED in each), events)
    return Notice(incident, found[-1][0], events)


def why_not(target: Target, notice: Notice, scale: Scale) -> str | None:
    """Why a target is not told, in words; `None` where it is."""
    incident = notice.incident
    if incident.is_drill and not target.drills:
        return "an exercise"
    if not target.events & set(notice.events):
        return f"not told of {' and '.join(notice.events)}"
    if target.audience is Audience.PUBLIC and notice.public_update is None:
        return "nothing in it is public"
    severity = scale.find(incident.state.severity or "")
    if target.severities and (severity is None or severity not in [scale.find(word) for word in target.severities]):
        return f"not told of {incident.state.severity or 'an unknown severity'}"
    wanted = {word.casefold() for word in target.services}
    if wanted and not wanted & {service.casefold() for service in incident.listed("services")}:
        return "not told of its services"
    return None
