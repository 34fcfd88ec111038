"""Where an alert belongs on the record, and whether it says anything new there. Never reads a file, never asks the time.

An alert that fires again while its incident lasts is a note there. What fires anew after its incident was over is a new incident:
nobody looks into a file that is over, and a new outage must be measured from its own beginning. What still fires, though
somebody has said that it is over, is a note that says how to reopen.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.incident.entries import Canceled, Entry, Note, NoteKind, Opened, Status
from incidentctl.incident.lifecycle import effective
from incidentctl.incident.model import Incident
from incidentctl.incident.requests import AlertWord, Happened
from incidentctl.incident.times import clock, format_instant

_MOST_HOPS = 5


class Placement(Struct, frozen=True):
    """Where a message belongs. `incident` None: to none yet; it opens one if `opens`, else there is nothing to say it of."""

    incident: Incident | None = None
    opens: bool = False
    before: Incident | None = None
    is_over: bool = False


def place_alert(alert: AlertWord, known: Sequence[Incident], read: Callable[[str], Incident | None]) -> Placement:
    """The incident that an alert belongs to. `known` have its external id, `read` gives another one by its full id.

    One that is not over comes first, then what it was a duplicate of, then the newest. What began to fire after that one was over
    opens a new incident.
    """
    if not known:
        return Placement(opens=alert.happened is Happened.FIRES)
    newest = sorted(known, key=_declared, reverse=True)
    for incident in newest:
        stands = _what_it_was_really(incident, read)
        if not _is_over(stands):
            return Placement(stands)
    last = _what_it_was_really(newest[0], read)
    if alert.happened is Happened.FIRES:
        over_at = over_since(last)
        if not alert.firing_since or over_at is None or any(at > over_at for at in alert.firing_since):
            return Placement(opens=True, before=last)
    return Placement(last, is_over=True)


def _declared(incident: Incident) -> tuple[bool, str, str]:
    at = incident.state.declared_at
    return at is not None, format_instant(at) if at else "", incident.id


def _is_over(incident: Incident) -> bool:
    return incident.state.status is not None and incident.state.status.is_over


def _what_it_was_really(incident: Incident, read: Callable[[str], Incident | None]) -> Incident:
    """The incident that a duplicate was really, as far as there is one."""
    for _ in range(_MOST_HOPS):
        if incident.state.status is not Status.CANCELED or incident.state.duplicate_of is None:
            break
        real = read(incident.state.duplicate_of)
        if real is None:
            break
        incident = real
    return incident


def over_since(incident: Incident) -> datetime | None:
    """Since when it is over, as far as its entries say."""
    state = incident.state
    if state.status is Status.CANCELED:
        return max((each.at for each in effective(incident.entries) if isinstance(each.what, Canceled)), default=None)
    return state.resolved_at or state.closed_at


def is_known(alert: AlertWord, text: str, incident: Incident) -> bool:
    """Whether the timeline has these words already: the same message again, or one that says nothing else.

    `text` is what would be written of it. What was withdrawn was said as well; what was redacted is known by its time.
    """
    return any(_says_the_same(entry, alert, text) for entry in incident.entries)


def _says_the_same(entry: Entry, alert: AlertWord, text: str) -> bool:
    if isinstance(entry.what, Opened):
        if entry.redacted:
            return entry.what.detected_at is not None and entry.what.detected_at in alert.firing_since[:1]
        return f"\n{text}\n" in f"\n{entry.text}\n"
    if not entry.agent or not isinstance(entry.what, Note):
        return False
    # What is more than the message is of the moment at which it was written, and so is what says no time.
    is_its_moment = text != alert.text or alert.at is None or entry.at == alert.at
    if entry.redacted:
        return alert.at is not None and entry.at == alert.at
    return is_its_moment and entry.text == text


def note_of(alert: AlertWord, placement: Placement, now: datetime) -> Entry:
    """The message as a note, at the moment of what it says; without one, of now."""
    at, text = alert.at or now, alert.text
    if placement.is_over and placement.incident is not None and alert.happened is Happened.FIRES:
        at, text = now, f"{text}\n{still_fires(placement.incident)}"
    return Entry(at=at, what=Note(NoteKind.OBSERVATION), text=text)


def still_fires(incident: Incident) -> str:
    """What is said of an alert that goes on after its incident was over."""
    at = over_since(incident)
    status = incident.state.status.value if incident.state.status else "over"
    return f"it still fires, though {status}{f' at {clock(at)}' if at else ''}: if it is not over, `ictl reopen {incident.id} WHY`"


def opening_of(alert: AlertWord, placement: Placement, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries of the opening that this message makes: for what fires again, from when it did so."""
    before = placement.before
    if before is None:
        return tuple(entries)
    over_at = over_since(before)
    since = next((at for at in alert.firing_since if over_at is None or at > over_at), None)
    return tuple(_opened_again(entry, alert, since, before) for entry in entries)


def _opened_again(entry: Entry, alert: AlertWord, since: datetime | None, before: Incident) -> Entry:
    what = entry.what
    if not isinstance(what, Opened):
        return entry
    if since is not None:
        first = alert.firing_since[0]
        what = replace(
            what,
            detected_at=since if what.detected_at == first else what.detected_at,
            started_at=since if what.started_at == first else what.started_at,
        )
    said = f"the same alert as {before.id}"
    return replace(entry, what=what, text=f"{entry.text}\n{said}" if entry.text else said)
