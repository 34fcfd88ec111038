"""After a declaration: an earlier incident that looks like it, for people at a terminal. A hint, in a moment or not at all."""

from typing import Final

from incidentctl.context import Workspace
from incidentctl.incident.entries import Status
from incidentctl.incident.model import Incident
from incidentctl.stats.likeness import Profile, find_by_lines, profile_of, terms_of
from incidentctl.store.reading import Remembered, remembered

_CANCELED: Final = Status.CANCELED.value
_MOST_READ: Final = 8_000_000
"""Bytes of the cache: that of some 15,000 incidents. A larger one is not read, since nobody is to wait."""


def look_alike(workspace: Workspace, incident: Incident) -> str | None:
    """The line that names the earlier incident, and what to type if it is the same again; `None` where nothing is alike enough.

    Only what the cache holds is looked at, however old that is: no file is read for it.
    """
    last = f"{incident.id[:10]}~"  # behind all ids of its day
    rows = [
        row
        for row in remembered(workspace.repository, cap=_MOST_READ)
        if row.id < last
        and row.id != incident.id
        and not row.drill
        and row.keys.status != _CANCELED
        and row.keys.duplicate_of is None
    ]
    lines = [" ".join((row.title, *row.services, *row.tags)).lower() for row in rows]
    own = _profile(incident.id, incident.title, incident.listed("services"), incident.listed("tags"))
    for found in find_by_lines(own, lines, lambda number: _profile_of(rows[number])):
        if workspace.reader.exists(found.id):
            status = incident.state.status
            is_meant = not (status and status.is_over) and not workspace.outside.environ.get("INCIDENTCTL_INCIDENT")
            name = "" if is_meant else f"{incident.id} "
            shared = ", ".join(found.shared)
            return f"looks like {found.id} (shared: {shared}): `ictl set {name}repeat_of={found.id}`"
    return None


def _profile_of(row: Remembered) -> Profile:
    return _profile(row.id, row.title, row.services, row.tags)


def _profile(name: str, title: str, services: tuple[str, ...], tags: tuple[str, ...]) -> Profile:
    return profile_of(name, terms=terms_of((title, *tags)), services=services)
