"""Which incident commands mean in this clone when none is named: one line in the git directory, never in the record."""

import os

from incidentctl.store.files import SaveError, write_private
from incidentctl.store.repository import Repository


def _path(repository: Repository) -> str:
    return os.path.join(repository.own_dir, "current")


def read_current(repository: Repository) -> str:
    """What was kept, or nothing. Whether there is such an incident is not known here."""
    try:
        with open(_path(repository), encoding="utf-8") as file:
            return file.read(200).strip()
    except (OSError, UnicodeDecodeError):
        return ""


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
