"""PagerDuty: an event of its v3 webhook, or an incident as its REST API gives it.

What people did there is told without their names: who acknowledged is PagerDuty's to know.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from incidentctl.alerts.message import (
    LONGEST_TITLE,
    AlertMessage,
    Nothing,
    NotUnderstood,
    Read,
    Times,
    key_of,
    line_in,
    lines_in,
    link_in,
    list_in,
    mapping_in,
    moments_of,
    text_in,
)
from incidentctl.alerts.source import Hints, Source
from incidentctl.incident.requests import Happened

_NAME: Final = "pagerduty"
_OPEN: Final = ("triggered", "acknowledged")
_SAID: Final = {
    "incident.triggered": "triggered",
    "incident.acknowledged": "acknowledged",
    "incident.unacknowledged": "no longer acknowledged",
    "incident.escalated": "escalated",
    "incident.delegated": "handed to another escalation policy",
    "incident.reassigned": "reassigned",
    "incident.reopened": "reopened",
    "incident.resolved": "resolved",
    "incident.priority_updated": "given another priority",
    "incident.responder.added": "asked for another responder",
    "incident.responder.replied": "answered by a responder",
    "incident.annotated": "noted",
    "incident.status_update_published": "told to its subscribers",
}
_WORDS: Final = {"low": "pagerduty-low", "high": "pagerduty-high"}
"""Its urgencies say whether somebody is woken up; they are told apart from the words of a scale."""


def _knows(data: object) -> bool:
    if not isinstance(data, dict):
        return False
    event = mapping_in(data.get("event"))
    if "event_type" in event and "data" in event:
        return True
    return any(_is_incident(each) for each in (data, data.get("incident"), *list_in(data.get("incidents"))[:1]))


def _is_incident(value: object) -> bool:
    given = mapping_in(value)
    return (
        given.get("type") in ("incident", "incident_reference")
        and "id" in given
        and ("status" in given or "incident_number" in given)
    )


def _read(data: Mapping[str, object], hints: Hints) -> Read:
    event = mapping_in(data.get("event"))
    if "event_type" in event:
        return _read_event(event, hints)
    several = [each for each in list_in(data.get("incidents")) if isinstance(each, dict)]
    if len(several) > 1:
        return NotUnderstood(
            f"the answer holds {len(several):,} incidents of PagerDuty, and a message is about one",
            "give them one by one: jq -c '.incidents[]' FILE | while read -r each; do printf '%s' \"$each\" | ictl open --from -; done",
        )
    given = several[0] if several else mapping_in(data.get("incident")) or data
    times = Times(hints.zone)
    status = line_in(given.get("status")).lower()
    changed_at = times.read(given.get("last_status_change_at"), "last_status_change_at")
    created_at = times.read(given.get("created_at"), "created_at")
    at = created_at if status == "triggered" else changed_at or created_at
    return _message(given, status or "triggered", (), at, created_at, times)


def _read_event(event: Mapping[str, object], hints: Hints) -> Read:
    times = Times(hints.zone)
    kind = line_in(event.get("event_type"))
    data = mapping_in(event.get("data"))
    if not kind.startswith("incident."):
        return Nothing(_NAME, f"{kind or 'an event without a type'} is about no incident")
    at = times.read(event.get("occurred_at"), "occurred_at")
    said = _SAID.get(kind, kind.removeprefix("incident.").replace("_", " ").replace(".", " "))
    if text_in(data.get("type")) != "incident" and "incident" in data:
        about = mapping_in(data.get("incident"))
        words = [*lines_in(data.get("content")), *lines_in(data.get("message"))]
        return _message(about, said, words, at, None, times, only_says=True)
    created_at = times.read(data.get("created_at"), "created_at")
    since = at if kind == "incident.reopened" else created_at or at
    return _message(data, said, (), at, since, times)


def _message(
    given: Mapping[str, object],
    said: str,
    words: Sequence[str],
    at: datetime | None,
    since: datetime | None,
    times: Times,
    *,
    only_says: bool = False,
) -> Read:
    name = line_in(given.get("id"))
    if not name:
        return NotUnderstood(
            "the message of PagerDuty names no incident", "send it as it came, with the incident's `id`"
        )
    status = line_in(given.get("status")).lower()
    happened = Happened.SAYS
    if not only_says:
        happened = Happened.ENDS if status == "resolved" else Happened.FIRES if status in _OPEN else Happened.SAYS
    service = line_in(mapping_in(given.get("service")).get("summary"))
    priority = line_in(
        mapping_in(given.get("priority")).get("summary") or mapping_in(given.get("priority")).get("name")
    )
    urgency = line_in(given.get("urgency")).lower()
    title = line_in(given.get("title"), LONGEST_TITLE) or line_in(given.get("summary"), LONGEST_TITLE)
    fires = happened is Happened.FIRES
    return AlertMessage(
        source=_NAME,
        keys=tuple(dict.fromkeys((key_of(_NAME, name), key_of(name)))),
        happened=happened,
        title=title or f"PagerDuty incident {name}",
        text="\n".join(_text(given, said, words, service, priority, urgency)),
        at=at,
        firing_since=moments_of([since]) if fires else (),
        severities=(tuple(each for each in (priority, _WORDS.get(urgency, urgency)) if each),) if fires else (),
        services=(("service", service),) if service else (),
        doubts=tuple(times.doubts),
    )


def _text(
    given: Mapping[str, object],
    said: str,
    words: Sequence[str],
    service: str,
    priority: str,
    urgency: str,
) -> list[str]:
    grave = [f"priority {priority}"] if priority else []
    grave += [f"urgency {urgency}"] if urgency else []
    head = f"{said} in PagerDuty{''.join(f', {each}' for each in grave)}"
    lines = [head, *words]
    if service:
        lines.append(f"service: {service}")
    link = link_in(given.get("html_url"))
    return [*lines, f"incident: {link}"] if link else lines


SOURCE = Source(_NAME, _knows, _read)
