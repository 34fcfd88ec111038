"""Which incident commands mean in this clone when none is named: one line in the git directory, never in the record."""

import os
from typing import Final

from incidentctl.incident.ids import is_incident_id
from incidentctl.store.files import SaveError, read_private, write_private
from incidentctl.store.repository import Repository

KEPT: Final = " kept"
"""Behind an id: it was chosen as it is, and stays when it is over."""
_MOST: Final = 200
"""Bytes of the file: an id and an end of line are fewer."""


def _path(repository: Repository) -> str:
    return os.path.join(repository.own_dir, "current")


def read_current(repository: Repository) -> str:
    """What was kept, or nothing. Whether there is such an incident is not known here."""
    kept = (read_private(_path(repository), cap=_MOST) or b"").decode("utf-8", "replace").strip()
    return kept if is_incident_id(kept.removesuffix(KEPT)) else ""


def write_current(repository: Repository, incident: str) -> bool:
    """Keeps it, and says whether that was possible."""
    try:
        write_private(_path(repository), f"{incident}\n".encode())
    except (OSError, SaveError):
        return False
    return True


def forget_current(repository: Repository) -> None:
    """Forgets it; that nothing was kept is no fault."""
    try:
        os.remove(_path(repository))
    except OSError:
        return
