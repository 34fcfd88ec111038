"""Says what our git child is about to do to a branch, so that a lock that it leaves when it is killed can be proved to be ours.

Never removes a lock on suspicion.
"""

import json
import os
import re
import time
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from incidentctl.store.files import read_private, write_private

_NAME = "journal"
# git makes its locks within moments of being told to. Kernel time stamps are some milliseconds coarse.
_WINDOW_NS = 5_000_000_000
_GRAIN_NS = 20_000_000
# A git that lives holds a lock for milliseconds, longer only where a hook of its own is slow.
STABLE_S: Final = 2.0
"""So long, in seconds, a lock has to stand as it is before it is taken for one that nobody works with."""
_CHILD_S = 5.0
_MOST: Final = 1 << 16
"""Bytes of a journal: one is a few hundred."""
_OID: Final = re.compile("[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Intent(Struct, frozen=True):
    """A branch that git is told to move from `old` to `new`: by which process, and which locks, none of them there before, it will take.

    A switch of branches has no `new`; it writes the index into its lock, and takes up to `window_ns` for all of it.
    """

    ref: str
    old: str
    new: str
    child: int
    born: str
    locks: tuple[str, ...]
    window_ns: int = _WINDOW_NS


def begin(own_dir: str, *, ref: str, old: str, new: str, child: int, locks: tuple[str, ...]) -> None:
    """Written when the child runs and before it is told what to do."""
    absent = tuple(path for path in locks if not os.path.lexists(path))
    _write(own_dir, Intent(ref, old, new, child, _born(child), absent))


def begin_switch(own_dir: str, *, ref: str, locks: tuple[str, ...], timeout: float) -> Intent:
    """Written before a child is started that switches to `ref` within `timeout` seconds; `switches` says afterwards which one it is."""
    absent = tuple(path for path in locks if not os.path.lexists(path))
    intent = Intent(ref, "", "", os.getpid(), _born(os.getpid()), absent, int(timeout * 1e9) + _WINDOW_NS)
    _write(own_dir, intent)
    return intent


def switches(own_dir: str, intent: Intent, child: int) -> None:
    """The child of `begin_switch` runs."""
    _write(own_dir, replace(intent, child=child, born=_born(child)))


def _write(own_dir: str, intent: Intent) -> None:
    write_private(os.path.join(own_dir, _NAME), json.dumps(asdict(intent)).encode(), durable=False)


def end(own_dir: str) -> None:
    """The child ended by itself: what it locked it has unlocked."""
    try:
        os.unlink(os.path.join(own_dir, _NAME))
    except OSError:
        pass


def recover(own_dir: str) -> tuple[str, ...]:
    """Removes the locks that a dead child of ours left, and gives their paths. Waits a moment for a child that still runs.

    To be called with our lock held. Proof is the id of our commit in the lock; or, for a lock that git leaves empty, all of this: it was
    not there before, it was made in the moments after, the child is dead, and nothing has changed since.
    """
    path = os.path.join(own_dir, _NAME)
    try:
        written_ns = os.lstat(path).st_mtime_ns
    except OSError:
        return ()
    intent = _intent(read_private(path, cap=_MOST) or b"")
    if intent is None:
        end(own_dir)
        return ()
    if not _gone(intent):
        return ()
    seen = {lock: look for lock in intent.locks if _is_git_lock(lock, own_dir) and (look := _look(lock))}
    proved = {lock for lock, look in seen.items() if intent.new and look[0].strip() == intent.new.encode()}
    likely = {lock for lock, look in seen.items() if lock not in proved and _may_be_ours(look, intent, written_ns)}
    if likely:
        time.sleep(STABLE_S)
    still = {lock for lock in likely if _look(lock) == seen[lock]}
    removed = [lock for lock in intent.locks if lock in proved | still and _remove(lock)]
    end(own_dir)
    return tuple(removed)


def _intent(data: bytes) -> Intent | None:
    """What was written down; None for anything that we would not have written."""
    try:
        found = msgspec.convert(json.loads(data), Intent)
    except (ValueError, RecursionError):
        return None
    return found if found.child > 1 and (not found.new or _OID.fullmatch(found.new)) else None


def _is_git_lock(lock: str, own_dir: str) -> bool:
    """Whether a path is one of a lock in the git directory: whatever a journal says, nothing else is ever removed."""
    inside = os.path.relpath(os.path.realpath(lock), os.path.realpath(os.path.dirname(own_dir)))
    return lock.endswith(".lock") and not inside.startswith(os.pardir)


def _gone(intent: Intent) -> bool:
    until = time.monotonic() + _CHILD_S
    while _alive(intent):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def _alive(intent: Intent) -> bool:
    try:
        os.kill(intent.child, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    # The number may be somebody else's by now; and a child that nobody has buried yet does nothing any more.
    born = _born(intent.child)
    return not born or not intent.born or (born == intent.born)


def _born(pid: int) -> str:
    """When a process began, in the kernel's count; empty for one that has ended, or where the system does not say."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return ""
    return "" if len(fields) < 20 else ("ended" if fields[0] in (b"Z", b"X") else fields[19].decode())


def _may_be_ours(look: tuple[bytes, int, int], intent: Intent, written_ns: int) -> bool:
    content, _, mtime_ns = look
    # A move leaves its locks empty until it writes the new id; a switch writes the index.
    return (not content or not intent.new) and written_ns - _GRAIN_NS <= mtime_ns <= written_ns + intent.window_ns


def _look(lock: str) -> tuple[bytes, int, int] | None:
    try:
        with open(lock, "rb") as file:
            facts = os.fstat(file.fileno())
            return file.read(200), facts.st_ino, facts.st_mtime_ns
    except OSError:
        return None


def _remove(lock: str) -> bool:
    try:
        os.unlink(lock)
    except OSError:
        return False
    return True
