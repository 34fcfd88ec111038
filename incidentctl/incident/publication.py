"""From an incident to what the public is told of it: the one function that sees both. Never looks at a title, a text or a severity.

What gets through: the words behind `Public:` of updates that stand, their times, `public_title`, the public names of services, and the
state with the time at which it was reached. Everything else stays behind, since nothing else is ever put into a `PublicIncident`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Final

from incidentctl.incident.entries import Canceled, Entry, Status, Update
from incidentctl.incident.lifecycle import effective, fold
from incidentctl.incident.model import Incident
from incidentctl.incident.public import (
    PublicIncident,
    PublicPage,
    PublicService,
    PublicState,
    PublicUpdate,
    and_list,
    public_id,
)
from incidentctl.incident.words import clean_line, clean_text

MOST_PAST: Final = 100
"""So many past incidents are on a page."""

_STATES: Final = {
    None: PublicState.INVESTIGATING,
    Status.TRIAGE: PublicState.INVESTIGATING,
    Status.INVESTIGATING: PublicState.INVESTIGATING,
    Status.IDENTIFIED: PublicState.IDENTIFIED,
    Status.MITIGATING: PublicState.IDENTIFIED,
    Status.MITIGATED: PublicState.MONITORING,
    Status.RESOLVED: PublicState.RESOLVED,
    Status.CLOSED: PublicState.RESOLVED,
    Status.CANCELED: PublicState.CLOSED,
}
_NO_DRILL: Final = ("", "false", "no", "off", "0", "none", "null", "~")


def has_public_words(incident: Incident) -> bool:
    """Whether anything in it was said for the public, and stands."""
    return any(_public_words(entry) for entry in effective(incident.entries))


def is_for_the_inside(incident: Incident, tags: Iterable[str]) -> bool:
    """Whether it never appears, whatever was said: a drill, or one with one of these tags. What may be a drill counts as one."""
    kept_back = {tag.casefold() for tag in tags}
    drill = incident.keys.get("drill")
    is_drill = bool(drill) if not isinstance(drill, str) else drill.strip().lower() not in _NO_DRILL
    return is_drill or any(tag.strip().casefold() in kept_back for tag in incident.listed("tags"))


def public_incident(
    incident: Incident, *, services: Mapping[str, PublicService], inside_tags: Iterable[str]
) -> PublicIncident | None:
    """What the public is told of it, or None: without any public word it does not exist for them.

    `services` are the public ones by the names that the record may have for them, in lower case; others are not named.
    """
    if is_for_the_inside(incident, inside_tags):
        return None
    counting = effective(incident.entries)
    spoken = [(entry, words) for entry in counting if (words := _public_words(entry))]
    if not spoken:
        return None
    name = _id_of(incident)
    updates = [
        PublicUpdate(public_id(name, entry.id), entry.at, _state_at(counting, entry), words) for entry, words in spoken
    ]
    state, reached_at = _state_now(incident, counting)
    last, began_at = updates[-1], updates[0].at
    if state is not last.state:
        at = max(last.at, reached_at or last.at)
        updates.append(PublicUpdate(public_id(name, state.value, last.id), at, state, None))
    affected = (services.get(each.strip().casefold()) for each in incident.listed("services"))
    named = tuple(dict.fromkeys(each for each in affected if each is not None))
    monitoring_at = incident.state.mitigated_at
    over_at = (reached_at or updates[-1].at) if state.is_over else None
    return PublicIncident(
        id=name,
        title=clean_line(incident.word("public_title") or "") or _neutral_title(named),
        services=named,
        updates=tuple(updates),
        monitoring_at=monitoring_at and max(monitoring_at, began_at),
        resolved_at=over_at and max(over_at, began_at),
    )


def _public_words(entry: Entry) -> str | None:
    if not isinstance(entry.what, Update) or entry.redacted is not None:
        return None
    return clean_text(entry.what.public or "") or None


def _id_of(incident: Incident) -> str:
    """Made of the day of the declaration and the random id of its first entry: neither title nor slug can be tried against it."""
    opened = min(incident.entries, key=lambda entry: (entry.kind != "opened", entry.order))
    return public_id(incident.id[:10], opened.id)


def _state_at(counting: list[Entry], entry: Entry) -> PublicState:
    """The state as it was when the entry had been written: the furthest that was named by then, as inside."""
    return _STATES[fold(each for each in counting if each.order <= entry.order).status]


def _state_now(incident: Incident, counting: list[Entry]) -> tuple[PublicState, datetime | None]:
    """The state as it is, and when it was reached, where the record says."""
    known = incident.state
    state = _STATES[known.status]
    match state:
        case PublicState.MONITORING:
            return state, known.mitigated_at
        case PublicState.RESOLVED:
            return state, known.resolved_at or known.closed_at
        case PublicState.CLOSED:
            return state, max((each.at for each in counting if isinstance(each.what, Canceled)), default=None)
        case _:
            return state, known.reopened_at


def _neutral_title(services: tuple[PublicService, ...]) -> str:
    """What an incident is called that nobody gave a public title."""
    if not services:
        return "Service incident"
    return f"Incident affecting {and_list([service.name for service in services])}"


def public_page(
    incidents: Iterable[PublicIncident],
    *,
    title: str,
    url: str | None,
    subscribe_url: str | None,
    zone: tzinfo | None,
    days: int,
    services: tuple[PublicService, ...],
    now: datetime,
) -> PublicPage:
    """The page of these incidents at a time. The same incidents give the same page all day, unless one grows too old for it."""
    found = sorted(incidents, key=lambda each: (each.began_at, each.id), reverse=True)
    beginning = now - timedelta(days=days)
    past = [each for each in found if each.state.is_over and each.updated_at >= beginning]
    still_open = tuple(each for each in found if not each.state.is_over)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return PublicPage(
        id=public_id("page", url or title),
        title=title,
        url=url,
        subscribe_url=subscribe_url,
        zone=zone,
        days=days,
        services=services,
        open=still_open,
        past=tuple(past[:MOST_PAST]),
        updated_at=max((each.updated_at for each in (*still_open, *past)), default=midnight),
        left_out=len(past[MOST_PAST:]),
    )
