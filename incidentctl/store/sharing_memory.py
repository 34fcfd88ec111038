"""What a clone remembers of sharing, in one small file of ours: never of the record, safe to lose."""

import json
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from incidentctl.store.files import SaveError, read_private, write_private
from incidentctl.store.repository import Repository

_NAME: Final = "sharing.json"
_NAMES: Final = "parted.json"
_MOST_COVERED: Final = 5
_MOST: Final = 1 << 20
_ANSWERS_FOR: Final = timedelta(days=1)


class SharingMemory:
    """The remote's tips as last seen, what it refuses, when it was last reached, and the clashes that a person was shown."""

    def __init__(self, repository: Repository) -> None:
        self._path = os.path.join(repository.own_dir, _NAME)
        self._data = _load(self._path)

    def known_tip(self, branch: str) -> str | None:
        """The commit at which the remote's branch was when we last exchanged with it."""
        return _word(self._part("known").get(branch))

    def is_protected(self, branch: str) -> bool:
        """Whether the remote refused this branch to us by a rule."""
        return self._part("protected").get(branch) is True

    def covered(self) -> dict[str, tuple[str, ...]]:
        """Commits of whose record the others have copies, each with the last of the copies; the newest one last."""
        found = self._part("covered").items()
        return {commit: tuple(map(str, copies)) for commit, copies in found if isinstance(copies, list)}

    def cover(self, commit: str, copies: Iterable[str]) -> None:
        """All of the record in that history is with the others, as long as the copies are."""
        standing = {name: [*each] for name, each in self.covered().items() if name != commit}
        newest = [*standing.items(), (commit, sorted(copies))][-_MOST_COVERED:]
        self._data["covered"] = dict(newest)

    def clash(self, path: str) -> dict[str, Any] | None:
        """What clashed in a file: `theirs` (the blob), `keys` (theirs), `drafted`, and what a person `settled`."""
        found = self._part("clashes").get(path)
        return found if isinstance(found, dict) else None

    def last_contact(self) -> tuple[datetime | None, datetime | None]:
        """When the remote was last reached, and when it last did not answer in time."""
        contact = self._part("contact")
        return _time(contact.get("reached")), _time(contact.get("hung"))

    def reached(self, now: datetime) -> None:
        """It answered."""
        self._part("contact").update(reached=now.isoformat(), hung=None)

    def hung(self, now: datetime) -> None:
        """It let us wait."""
        self._part("contact").update(hung=now.isoformat())

    def know(self, branch: str, commit: str) -> None:
        """The remote's branch is there now, and we have what is in it."""
        self._part("known")[branch] = commit

    def protect(self, branch: str, is_protected: bool) -> None:
        """A rule of the remote's refuses the branch, or does no longer."""
        if is_protected:
            self._part("protected")[branch] = True
        else:
            self._part("protected").pop(branch, None)

    def note_clash(self, path: str, theirs: str, keys: dict[str, str | None], *, is_drafted: bool) -> None:
        """A person was shown this clash; `is_drafted` where both versions wait for them in the editor.

        Keys that were settled stay so. A whole text that was settled, and clashes again, has to be settled again.
        """
        before = self.clash(path) or {}
        settled = before.get("settled")
        settled = settled if isinstance(settled, list) else []
        # What is settled clashes no more, and is not among what clashes now.
        shown = before.get("keys")
        standing = {key: value for key, value in shown.items() if key in settled} if isinstance(shown, dict) else {}
        clash = {"theirs": theirs, "keys": standing | keys, "settled": settled, "drafted": is_drafted}
        self._part("clashes")[path] = clash

    def settle(self, path: str, keys: tuple[str, ...] | None) -> bool:
        """A person has settled these keys of a file, or with None all of it, in the editor. False: nothing had clashed there."""
        clash = self.clash(path)
        if clash is None:
            return False
        standing = clash.get("settled")
        if keys is not None and standing != "all":
            clash["settled"] = sorted({*(standing if isinstance(standing, list) else ()), *keys})
        elif clash.get("drafted") is True:
            clash["settled"] = "all"
        self.save()
        return True

    def forget_clash(self, path: str) -> None:
        """It is no clash any more."""
        self._part("clashes").pop(path, None)

    def clashing_paths(self) -> list[str]:
        """The files in which something clashed."""
        return sorted(self._part("clashes"))

    def save(self) -> None:
        """Keeps it. That it cannot be kept is no reason to fail."""
        try:
            write_private(self._path, json.dumps(self._data).encode(), durable=False)
        except SaveError:
            return

    def _part(self, name: str) -> dict[str, Any]:
        part = self._data.setdefault(name, {})
        if not isinstance(part, dict):
            part = self._data[name] = {}
        return part


def note_parted(repository: Repository, old: str, new: str, now: datetime) -> None:
    """From now on, for a day, the old name means the new one in this clone."""
    path = os.path.join(repository.own_dir, _NAMES)
    data = _load(path)
    data[old] = {"is": new, "until": (now + _ANSWERS_FOR).isoformat()}
    try:
        write_private(path, json.dumps(data).encode())
    except SaveError:
        return


def parted_name(repository: Repository, old: str, now: datetime) -> str | None:
    """The name that an incident of this clone has since another one came under its old name; None after a day."""
    found = _load(os.path.join(repository.own_dir, _NAMES)).get(old)
    if not isinstance(found, dict):
        return None
    until = _time(found.get("until"))
    return _word(found.get("is")) if until is not None and now <= until else None


def _load(path: str) -> dict[str, Any]:
    try:
        data = json.loads(read_private(path, cap=_MOST) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
