"""How time grows with the input. Says nothing about how long something may take, which is another number on each machine."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TRIES = 8
_UNMEASURED = 0.05  # seconds: below this, what else a machine does counts for more than what is measured


def assert_grows_linearly(make: Callable[[int], T], run: Callable[[T], object], size: int, *, times: int = 8) -> None:
    """So many times the input takes about so many times as long: a quadratic `run` would take their square.

    Time is that of the processor, of `run` alone. Take a size for which that is a few milliseconds: what takes less than
    50 for the large input passes. Each input is a little larger than the one before, so that no cache of results answers:
    let `make` give another input for each size.
    """
    small = large = float("inf")
    for attempt in range(TRIES):  # a busy machine is slow for a moment, a quadratic function always
        for at in (size + 2 * attempt, size + 2 * attempt + 1):  # the first one may load or compile something
            small = min(small, _seconds(run, make(at)))
        large = min(large, _seconds(run, make(times * (size + attempt))))
        if large < max(_UNMEASURED, 3 * times * small):
            return
    raise AssertionError(f"{small:.4f} s for a size of {size}, and {large:.4f} s for {times} times as much")


def _seconds(run: Callable[[T], object], given: T) -> float:
    gc.disable()  # the time of the collector depends on all that is alive, so on the tests before
    try:
        start = time.process_time()
        run(given)
        return time.process_time() - start
    finally:
        gc.enable()
