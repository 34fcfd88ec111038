"""The status page for programs: files in the shape that readers of Atlassian Statuspage's `api/v2` know.

Their fields are all there; what we do not know is null, or the word that claims least. How bad an incident is, is not told in public, so
that each counts as the same; a service that is affected counts as partly out, and as degraded while a recovery is watched.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from incidentctl.incident.public import (
    Health,
    PublicIncident,
    PublicPage,
    PublicService,
    PublicState,
    PublicUpdate,
    health_in,
    public_id,
)
from incidentctl.incident.times import format_instant
from incidentctl.incident.words import show_safely
from incidentctl.output.statuspage.wording import WITHOUT_WORDS

MOST_INCIDENTS: Final = 50
"""So many incidents are in `incidents.json`, as theirs has."""

_STATUS: Final = {
    Health.OPERATIONAL: {"indicator": "none", "description": "All Systems Operational"},
    Health.RECOVERING: {"indicator": "minor", "description": "Partially Degraded Service"},
    Health.AFFECTED: {"indicator": "major", "description": "Partial System Outage"},
}
_COMPONENT: Final = {
    Health.OPERATIONAL: "operational",
    Health.RECOVERING: "degraded_performance",
    Health.AFFECTED: "partial_outage",
}
_IMPACT: Final = "major"


def files_for_programs(page: PublicPage) -> dict[str, str]:
    """The files by their names, each whole."""
    return {f"api/v2/{name}": _as_text(page, make(page)) for name, make in _FILES.items()}


def _as_text(page: PublicPage, content: Mapping[str, Any]) -> str:
    data = {"page": _page(page), **content}
    return json.dumps(_harmless(data), ensure_ascii=False, indent=2) + "\n"


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return show_safely(value)
    if isinstance(value, list):
        return [_harmless(each) for each in value]
    return {key: _harmless(each) for key, each in value.items()} if isinstance(value, dict) else value


def _status(page: PublicPage) -> dict[str, Any]:
    return {"status": _STATUS[page.health]}


def _components(page: PublicPage) -> dict[str, Any]:
    """The services, and a component for each group that says which are in it."""
    found: list[dict[str, Any]] = []
    for name, services in page.groups():
        group = _group_id(page, name)
        if group is not None:
            below = [_component(page, each, place, group) for place, each in enumerate(services, 1)]
            health = max((page.health_of(each) for each in services), key=tuple(Health).index)
            found.append(
                _described(
                    page, group, str(name), health, place=len(found) + 1, updated_at=_last_change(page, *services)
                )
                | {"group": True, "components": [each["id"] for each in below]}
            )
            found += below
        else:
            found += [_component(page, each, place, None) for place, each in enumerate(services, 1)]
    return {"components": found}


def _incidents(page: PublicPage) -> dict[str, Any]:
    found = sorted((*page.open, *page.past), key=lambda each: (each.began_at, each.id), reverse=True)
    return {"incidents": [_incident(page, each) for each in found[:MOST_INCIDENTS]]}


def _unresolved(page: PublicPage) -> dict[str, Any]:
    return {"incidents": [_incident(page, each) for each in page.open]}


def _summary(page: PublicPage) -> dict[str, Any]:
    return {**_components(page), **_unresolved(page), "scheduled_maintenances": [], **_status(page)}


_FILES: Final[Mapping[str, Callable[[PublicPage], dict[str, Any]]]] = {
    "summary.json": _summary,
    "status.json": _status,
    "components.json": _components,
    "incidents.json": _incidents,
    "incidents/unresolved.json": _unresolved,
}


def _page(page: PublicPage) -> dict[str, Any]:
    return {
        "id": page.id,
        "name": page.title,
        "url": page.url or "",
        "time_zone": "Etc/UTC",
        "updated_at": _at(page.updated_at),
    }


def _component(page: PublicPage, service: PublicService, place: int, group: str | None) -> dict[str, Any]:
    health, changed_at = page.health_of(service), _last_change(page, service)
    return _described(page, service.id, service.name, health, place=place, updated_at=changed_at) | {"group_id": group}


def _described(
    page: PublicPage, name: str, title: str, health: Health, *, place: int, updated_at: datetime
) -> dict[str, Any]:
    return {
        "id": name,
        "name": title,
        "status": _COMPONENT[health],
        "created_at": _at(updated_at),
        "updated_at": _at(updated_at),
        "position": place,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": page.id,
        "group": False,
        "only_show_if_degraded": False,
    }


def _group_id(page: PublicPage, name: str | None) -> str | None:
    return None if name is None else public_id("group", page.id, name)


def _last_change(page: PublicPage, *services: PublicService) -> datetime:
    """When something was last told of a service; of one that was never named, when anything was."""
    found = (
        incident.updated_at
        for incident in (*page.open, *page.past)
        if any(each in incident.services for each in services)
    )
    return max(found, default=page.updated_at)


def _incident(page: PublicPage, incident: PublicIncident) -> dict[str, Any]:
    components = {each["id"]: each for each in _components(page)["components"]}
    updates = []
    before = Health.OPERATIONAL
    for update in incident.updates:
        updates.append(_update(incident, update, before))
        before = health_in(update.state)
    return {
        "id": incident.id,
        "name": incident.title,
        "status": _state(incident.state),
        "created_at": _at(incident.began_at),
        "updated_at": _at(incident.updated_at),
        "monitoring_at": _at(incident.monitoring_at),
        "resolved_at": _at(incident.resolved_at),
        "impact": _IMPACT,
        "shortlink": page.link(incident) or "",
        "started_at": _at(incident.began_at),
        "page_id": page.id,
        "incident_updates": updates[::-1],
        "components": [components[each.id] for each in incident.services if each.id in components],
    }


def _update(incident: PublicIncident, update: PublicUpdate, before: Health) -> dict[str, Any]:
    at, after = _at(update.at), health_in(update.state)
    affected = [
        {"code": each.id, "name": each.name, "old_status": _COMPONENT[before], "new_status": _COMPONENT[after]}
        for each in incident.services
    ]
    return {
        "id": update.id,
        "status": _state(update.state),
        "body": update.words or WITHOUT_WORDS[update.state],
        "incident_id": incident.id,
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": affected or None,
        "deliver_notifications": False,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _state(state: PublicState) -> str:
    """Theirs has one word for the end."""
    return PublicState.RESOLVED.value if state.is_over else state.value


def _at(at: datetime | None) -> str | None:
    """With thousandths of a second, as theirs: some readers want them."""
    return None if at is None else f"{format_instant(at)[:-1]}.000Z"
