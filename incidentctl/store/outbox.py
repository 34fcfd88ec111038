"""What a clone remembers of notices: which entry was sent to which target, and what waits. No words of the record and no address in it.

A notice is claimed before it is sent and noted afterwards. A claim whose command died says that it may have been sent: it is
not sent again.
"""

import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from incidentctl.store.files import SaveError, make_private_folder, save_error
from incidentctl.store.repository import Repository

MOST_TRIES: Final = 20
TRIES_FOR: Final = timedelta(days=1)
_KEPT_FOR: Final = timedelta(days=90)
_LARGEST: Final = 1 << 16
_ENDING: Final = ".json"


class Fate(StrEnum):
    """What became of a notice for one target."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    """It was handed over and nothing came back, or the command died: it may have arrived."""
    GIVEN_UP = "given_up"


class Remembered(Struct, frozen=True):
    """One entry for one target. `why` is what the last try said, in our own words; `not_before` what the target asked for."""

    incident: str
    entry: str
    target: str
    since: datetime
    fate: Fate = Fate.WAITING
    tries: int = 0
    not_before: datetime | None = None
    why: str = ""

    @property
    def key(self) -> str:
        """The same for the same entry and target, in every clone."""
        return key_of(self.incident, self.entry, self.target)

    def is_exhausted(self, now: datetime) -> bool:
        """Whether it has been tried for long enough."""
        return self.tries >= MOST_TRIES or now - self.since >= TRIES_FOR


def key_of(incident: str, entry: str, target: str) -> str:
    """The name of one entry for one target: nothing can be read from it."""
    return hashlib.sha256(f"{incident}\0{entry}\0{target}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


class Claim:
    """One notice, held by this process alone until `release`: what is known of it, and the place to note what becomes of it."""

    __slots__ = ("_handle", "known")

    def __init__(self, handle: int, known: Remembered | None) -> None:
        self._handle = handle
        self.known = known

    def note(self, remembered: Remembered) -> None:
        """Writes it down, flushed to the disk. A write that is cut short reads as one that may have been sent."""
        data = json.dumps(_as_data(remembered)).encode()
        try:
            os.ftruncate(self._handle, 0)
            view, at = memoryview(data), 0
            while at < len(data):
                at += os.pwrite(self._handle, view[at:], at)
            os.fsync(self._handle)
        except OSError as error:
            raise save_error(error, "the list of what was sent") from None
        self.known = remembered

    def release(self) -> None:
        """Others may have it now."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class Outbox:
    """All notices of a clone."""

    def __init__(self, repository: Repository) -> None:
        self._folder = os.path.join(repository.own_dir, "outbox")

    def claim(self, key: str) -> Claim | None:
        """The notice of that key, new or known; None where another command has it in hand. Raises `SaveError`."""
        make_private_folder(self._folder)
        path = os.path.join(self._folder, key + _ENDING)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise save_error(error, path) from None
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise SaveError(f"{path} is no plain file", hint="move it away and try again")
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                return None
            data = os.pread(handle, _LARGEST, 0)
        except OSError as error:
            os.close(handle)
            raise save_error(error, path) from None
        except SaveError:
            os.close(handle)
            raise
        return Claim(handle, _parsed(data) if data else None)

    def waiting(self) -> list[Remembered]:
        """What waits to be sent, or was being sent when its command died; oldest first. Changes nothing."""
        found = [each for each in self._all() if each.fate in (Fate.WAITING, Fate.SENDING)]
        return sorted(found, key=lambda each: (each.since, each.key))

    def is_empty(self) -> bool:
        """Whether there was never anything to send here."""
        return not os.path.isdir(self._folder)

    def forget_old(self, now: datetime) -> None:
        """Removes what nobody will ask for any more."""
        for name, each in self._named():
            if each.fate not in (Fate.WAITING, Fate.SENDING) and now - each.since > _KEPT_FOR:
                try:
                    os.unlink(os.path.join(self._folder, name))
                except OSError:
                    continue

    def _all(self) -> Iterator[Remembered]:
        for _, each in self._named():
            yield each

    def _named(self) -> Iterator[tuple[str, Remembered]]:
        try:
            names = sorted(os.listdir(self._folder))
        except OSError:
            return
        for name in names:
            if not name.endswith(_ENDING):
                continue
            try:
                handle = os.open(
                    os.path.join(self._folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                )
            except OSError:
                continue
            try:
                data = os.pread(handle, _LARGEST, 0) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
            except OSError:
                data = b""
            finally:
                os.close(handle)
            known = _parsed(data)
            # What is damaged, or lies under a name that is not its own, is nobody's to send.
            if known is not None and known.key + _ENDING == name:
                yield name, known


_NOBODYS: Final = Remembered("", "", "", datetime.fromtimestamp(0, UTC), fate=Fate.UNKNOWN)


def _as_data(remembered: Remembered) -> dict[str, Any]:
    return {
        "incident": remembered.incident,
        "entry": remembered.entry,
        "target": remembered.target,
        "since": remembered.since.isoformat(),
        "fate": remembered.fate.value,
        "tries": remembered.tries,
        "not_before": remembered.not_before and remembered.not_before.isoformat(),
        "why": remembered.why,
    }


def _parsed(data: bytes) -> Remembered | None:
    """What is written there. What cannot be read may have been sent: better not twice."""
    if not data:
        return None
    try:
        raw = json.loads(data)
        texts = [raw[name] for name in ("incident", "entry", "target", "why")]
        if not all(isinstance(each, str) for each in texts):
            return _NOBODYS
        later = datetime.fromisoformat(raw["not_before"]) if raw["not_before"] else None
        since = datetime.fromisoformat(raw["since"])
        if since.tzinfo is None or (later is not None and later.tzinfo is None):
            return _NOBODYS
        incident, entry, target, why = texts
        return Remembered(incident, entry, target, since, Fate(raw["fate"]), int(raw["tries"]), later, why)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return _NOBODYS
