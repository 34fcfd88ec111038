"""Keeps what somebody typed until it is committed: one small file a command. Never deletes an item that it cannot read.

The command that wrote an item holds a kernel lock on its file as long as it lives. An item whose lock can be had is an orphan, whatever
became of its command, and whoever has the lock then may take it in.
"""

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

from incidentctl.store.files import SaveError, make_private_folder, save_error, sync_folder

_ENDING = ".json"
_HALF = ".new"
_BROKEN = ".broken"
_LARGEST = 64 << 20
"""Bytes of an item: twice the largest file that an editor can hand over, with its escapes."""


class SpoolItem:
    """One command's words. Whoever holds the object holds the kernel lock, until `remove` or `release`."""

    __slots__ = ("_handle", "item", "path")

    def __init__(self, path: str, item: dict[str, Any], handle: int) -> None:
        self.path = path
        self.item = item
        self._handle = handle

    @property
    def name(self) -> str:
        """Sorts by the time of writing."""
        return os.path.basename(self.path)

    def replace(self, item: dict[str, Any]) -> None:
        """Puts other words in the place of these, whole; SaveError leaves the old ones."""
        handle = _write(self.path, item)
        os.close(self._handle)
        self._handle, self.item = handle, item

    def remove(self) -> None:
        """The words are committed."""
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise save_error(error, self.path) from None
        finally:
            self.release()

    def release(self) -> None:
        """Leaves the words here; the next command takes them in."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class Spool:
    """The words of all commands in a clone; when the git directory cannot be written, in the user's own state folder."""

    __slots__ = ("folders",)

    def __init__(self, own_dir: str, environ: Mapping[str, str]) -> None:
        state = environ.get("XDG_STATE_HOME") or os.path.join(
            environ.get("HOME") or os.path.expanduser("~"), ".local", "state"
        )
        self.folders = (
            os.path.join(own_dir, "spool"),
            os.path.join(state, "incidentctl", "spool", _short_name(own_dir)),
        )

    def put(self, item: dict[str, Any]) -> SpoolItem:
        """Writes the words down, flushed to the disk, before anything is waited for. SaveError when no place takes them."""
        # Only orders the items of one machine; no time on the record comes from here.
        now = time.time_ns()  # noqa: TID251
        name = f"{now:020d}-{os.getpid()}-{os.urandom(4).hex()}{_ENDING}"
        first: SaveError | None = None
        for folder in self.folders:
            path = os.path.join(folder, name)
            try:
                make_private_folder(folder)
                return SpoolItem(path, item, _write(path, item))
            except SaveError as error:
                first = first or error
        assert first is not None
        raise first

    def orphans(self) -> Iterator[SpoolItem]:
        """The words of commands that are gone, the oldest first. Each is ours once it is given; the caller ends with `remove` or `release`.

        What cannot be read is renamed to `*.broken` and counted in `broken`.
        """
        for folder, name in self._names():
            found = self._take(folder, name)
            if found is not None:
                yield found

    def pending(self, *, live: bool = False) -> list[dict[str, Any]]:
        """What orphans hold, the oldest first, for readers: changes nothing and keeps nothing locked. `live`: also the words of commands
        that still run."""
        items: list[dict[str, Any]] = []
        for folder, name in self._names():
            if not name.endswith(_ENDING):
                continue
            try:
                handle = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:
                continue
            try:
                if live or _lock(handle, shared=True):
                    item = _parse(_read(handle))
                    if item is not None:
                        items.append(item)
            except OSError:
                continue
            finally:
                os.close(handle)
        return items

    def broken(self) -> list[str]:
        """Items that were set aside because nobody could read them; a person has to look."""
        return [
            os.path.join(folder, name) for folder in self.folders for name in _listing(folder) if name.endswith(_BROKEN)
        ]

    def _names(self) -> list[tuple[str, str]]:
        found = [
            (folder, name)
            for folder in self.folders
            for name in _listing(folder)
            if name.endswith((_ENDING, _ENDING + _HALF))
        ]
        return sorted(found, key=lambda pair: pair[1])

    def _take(self, folder: str, name: str) -> SpoolItem | None:
        path = os.path.join(folder, name)
        try:
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        keep = False
        try:
            # The second look: its command may have replaced or removed it between our opening and our locking.
            if not _lock(handle) or not _same(handle, path):
                return None
            item = _parse(_read(handle))
            if name.endswith(_HALF):
                whole = path.removesuffix(_HALF)
                if item is None or os.path.exists(whole):
                    # Killed before its command had said that it was saved, or while it replaced what still stands.
                    os.unlink(path)
                    return None
                os.rename(path, whole)
                path = whole
            else:
                # A replacement that its command did not live to finish; these words still stand.
                _unlink_quietly(path + _HALF)
            if item is None:
                os.rename(path, path.removesuffix(_ENDING) + _BROKEN)
                return None
            keep = True
            return SpoolItem(path, item, handle)
        except OSError:
            # A folder that became read-only: what is in it stays and can still be read.
            return None
        finally:
            if not keep:
                os.close(handle)


def _short_name(own_dir: str) -> str:
    import hashlib

    return hashlib.sha256(os.fsencode(own_dir)).hexdigest()[:16]


def _listing(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _write(path: str, item: dict[str, Any]) -> int:
    """Writes an item in its place; the handle that is returned holds its lock, which it has from before it gets its name."""
    half = path + _HALF
    handle = -1
    try:
        data = json.dumps(item, ensure_ascii=True, separators=(",", ":")).encode()
        handle = os.open(half, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        _lock(handle)
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
        os.rename(half, path)
        sync_folder(os.path.dirname(path))
    except OSError as error:
        if handle >= 0:
            os.close(handle)
            _unlink_quietly(half)
        raise save_error(error, path) from None
    return handle


def _unlink_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def _lock(handle: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _same(handle: int, path: str) -> bool:
    try:
        there = os.stat(path)
    except OSError:
        return False
    here = os.fstat(handle)
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)


def _read(handle: int) -> bytes:
    """All of an item; nothing of what is too large to be one. A pipe in its place is an OSError."""
    size = os.fstat(handle).st_size
    return os.pread(handle, size, 0) if size <= _LARGEST else b""


def _parse(data: bytes) -> dict[str, Any] | None:
    try:
        item = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return item if isinstance(item, dict) else None
