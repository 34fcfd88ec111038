"""Shares work out to all cores: processes that are made of this one, each with a part of the work. Knows nothing of the work itself."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

Done = TypeVar("Done")


def available_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether processes can be made of this one: not where threads run, nor where the system cannot."""
    from threading import active_count

    return active_count() == 1 and hasattr(os, "fork")


@contextmanager
def without_collection() -> Iterator[None]:
    """Many values that live on and no circles: looking for garbage only takes time, and makes children copy what they share."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def in_shares(
    work: Callable[[range], Done],
    count: int,
    processes: int,
    *,
    pack: Callable[[Done], bytes],
    unpack: Callable[[bytes], Done | None],
) -> list[tuple[range, Done]]:
    """Does `work` on the places from 0 to `count`, in shares, one in each process and the first in this one.

    What a child that failed did not hand over is done here, so that its error is raised here too.
    """
    shares = [range(first, count, processes) for first in range(min(processes, count))]
    children: list[tuple[int, int]] = []
    with without_collection():
        try:
            children = [_begin(work, pack, share) for share in shares[1:]]
            found = [(share, work(share)) for share in shares[:1]]
            for share, (_, pipe) in zip(shares[1:], children, strict=True):
                with open(pipe, "rb", closefd=False) as stream:  # a pipe has no path
                    packed = stream.read()
                done = unpack(packed) if packed else None
                found.append((share, work(share) if done is None else done))
        finally:
            for child, pipe in children:
                os.close(pipe)
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)  # it has nothing more to say
                os.waitpid(child, 0)
    return found


def _begin(work: Callable[[range], Done], pack: Callable[[Done], bytes], share: range) -> tuple[int, int]:
    """Begins a child that does a share and hands it over through a pipe; gives its number and the pipe's end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        packed = pack(work(share))
        with open(writing, "wb") as stream:  # noqa: PTH123  # a pipe has no path
            stream.write(packed)
    finally:
        os._exit(0)
