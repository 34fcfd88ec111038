"""The lock around read, change and commit: one incidentctl at a time in a clone, in the order of arrival. Never stale: the kernel drops it
with the process."""

import errno
import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from incidentctl.errors import LockTimeoutError
from incidentctl.store.files import make_private_folder, save_error

Notice = Callable[[str], None]


class _Alarm(Exception):
    """The time set for a wait is over."""


class Lock:
    """Two files, `lock` and `lock.next`: who holds `lock.next` is the next one. So nobody who comes later overtakes who waits at the head,
    and who has just let go queues up again behind everybody."""

    __slots__ = ("_folder", "_room")

    def __init__(self, own_dir: str) -> None:
        self._folder = own_dir
        self._room: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this process holds it."""
        return self._room is not None

    def acquire(self, *, timeout: float = 60.0, notice: Notice | None = None, notice_after: float = 2.0) -> None:
        """Waits for the lock; after `notice_after` seconds `notice` gets one line to print, after `timeout` LockTimeoutError.

        SaveError when the folder cannot be written. Seconds throughout.
        """
        if self._room is not None:
            raise RuntimeError("the lock is held already")
        make_private_folder(self._folder)
        start = time.monotonic()
        waiting = _Waiting(start + notice_after, start + timeout, lambda: notice and notice(self._waiting_line()))
        room = door = -1
        try:
            door = self._open("lock.next")
            room = self._open("lock")
            if not (_wait(door, waiting) and _wait(room, waiting)):
                raise LockTimeoutError(
                    f"another incidentctl{self._holder()} has not finished within {timeout:g} s",
                    hint="look at it; if it is stopped (Ctrl-Z), `fg` or `kill` it; then try again",
                )
        except BaseException:
            for handle in (room, door):
                if handle >= 0:
                    os.close(handle)
            raise
        os.close(door)
        self._room = room
        self._sign(room)

    def release(self) -> None:
        """Lets the next one in."""
        room, self._room = self._room, None
        if room is not None:
            os.close(room)

    @contextmanager
    def held(self, *, timeout: float = 60.0, notice: Notice | None = None, notice_after: float = 2.0) -> Iterator[None]:
        """Holds the lock for a `with` block."""
        self.acquire(timeout=timeout, notice=notice, notice_after=notice_after)
        try:
            yield
        finally:
            self.release()

    def _open(self, name: str) -> int:
        path = os.path.join(self._folder, name)
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                try:
                    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
                except OSError:
                    pass
            raise save_error(error, path) from None

    def _sign(self, room: int) -> None:
        """Leaves our process id for those who wait; only for their message, never a proof of anything."""
        try:
            os.ftruncate(room, 0)
            os.pwrite(room, str(os.getpid()).encode(), 0)
        except OSError:
            pass

    def _holder(self) -> str:
        try:
            with open(os.path.join(self._folder, "lock"), "rb") as file:
                pid = file.read(20).decode("ascii", "replace")
        except OSError:
            return ""
        return f" (pid {pid})" if pid.isdigit() else ""

    def _waiting_line(self) -> str:
        return f"waiting for another incidentctl{self._holder()} to finish"


class _Waiting:
    """Until when to wait, and what to say on the way."""

    __slots__ = ("_say", "notice_at", "until")

    def __init__(self, notice_at: float, until: float, say: Callable[[], object]) -> None:
        self.notice_at = notice_at
        self.until = until
        self._say: Callable[[], object] | None = say

    def next_stop(self) -> float:
        return min(self.notice_at, self.until) if self._say is not None else self.until

    def stop(self) -> bool:
        """Says what is due; False when the time is over."""
        now = time.monotonic()
        if self._say is not None and now >= self.notice_at:
            say, self._say = self._say, None
            say()
        return now < self.until


def _wait(handle: int, waiting: _Waiting) -> bool:
    """Takes one of the two files; False when the time is over."""
    if _try(handle):
        return True
    # The kernel queues and wakes us; that needs the alarm, which only the main thread may have. A thread asks again and again.
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGALRM) not in (
        signal.SIG_DFL,
        signal.SIG_IGN,
    ):
        return _poll(handle, waiting)
    armed = False

    def ring(number: int, frame: FrameType | None) -> None:
        if armed:
            raise _Alarm

    previous = signal.signal(signal.SIGALRM, ring)
    try:
        while True:
            left = waiting.next_stop() - time.monotonic()
            try:
                if left > 0:
                    armed = True
                    signal.setitimer(signal.ITIMER_REAL, left)
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    armed = False
                    return True
            except _Alarm:
                # If it rang after the lock was ours, the next call says so at once.
                armed = False
            if not waiting.stop():
                return _try(handle)
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _poll(handle: int, waiting: _Waiting) -> bool:
    pause = 0.002
    while not _try(handle):
        if time.monotonic() >= waiting.next_stop() and not waiting.stop():
            return _try(handle)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    return True


def _try(handle: int) -> bool:
    """Also True for a lock that is ours already: flock counts by open file, not by calls."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        # A file system without locks: a word must not wait for one. git still moves the branch by one at a time.
        if error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
    return True
