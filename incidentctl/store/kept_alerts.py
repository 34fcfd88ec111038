"""Messages that could not be understood, as they came, in the git directory: so that nothing that monitoring said is lost."""

import os
from hashlib import sha256
from typing import Final

from incidentctl.store.files import SaveError, write_private
from incidentctl.store.repository import Repository

_MOST: Final = 50
"""So many are kept, the newest: a sender that goes wrong must not fill the disk."""


def kept_folder(repository: Repository) -> str:
    """Where they are."""
    return os.path.join(repository.own_dir, "alerts")


def kept_alerts(repository: Repository) -> list[str]:
    """Their names, oldest first."""
    try:
        return sorted(name for name in os.listdir(kept_folder(repository)) if name.endswith(".txt"))
    except OSError:
        return []


def keep_alert(repository: Repository, data: bytes, *, stamp: str) -> str | None:
    """Keeps a message, and says where; the same one is kept once. `None` where the disk does not take it.

    `stamp` begins its name, and orders the files by time.
    """
    folder = kept_folder(repository)
    tail = f"-{sha256(data).hexdigest()[:12]}.txt"
    there = kept_alerts(repository)
    known = next((name for name in there if name.endswith(tail)), None)
    if known is not None:
        return os.path.join(folder, known)
    path = os.path.join(folder, f"{stamp}{tail}")
    try:
        write_private(path, data)
        os.chmod(path, 0o600)
    except (OSError, SaveError):
        return None
    for name in there[: max(0, len(there) + 1 - _MOST)]:
        try:
            os.unlink(os.path.join(folder, name))
        except OSError:
            break
    return path
