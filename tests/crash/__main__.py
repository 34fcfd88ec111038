"""`make crash`: kills commands at random moments, some hundred times. `make crash ARGS="--kills 2000 --seed 7"` says how many and which."""

import argparse
import os
import sys
import time

from tests.crash import shim
from tests.crash.kills import Tally, kill_many
from tests.crash.yard import Loss


def main() -> int:
    """Exit code 0 where nothing was lost, 1 with the seed and the place where something was."""
    words = argparse.ArgumentParser(prog="make crash", description=__doc__)
    words.add_argument("--kills", type=int, default=500, help="how many (500)")
    words.add_argument("--seed", type=int, default=int(time.time()), help="which moments; else others each time")
    words.add_argument(
        "--jobs", type=int, default=2 * (os.cpu_count() or 1), help="how many repositories at the same time"
    )
    asked = words.parse_args()
    print(f"{asked.kills} kills, seed {asked.seed}, {asked.jobs} repositories at a time", flush=True)
    if shim.library() is None:
        print(f"without kills in the middle of a change: that {shim.MISSING}", flush=True)
    began, total = time.monotonic(), Tally()
    try:
        for tally in kill_many(asked.kills, seed=asked.seed, jobs=asked.jobs):
            total.add(tally)
            print(f"{total.killed} killed in {time.monotonic() - began:.0f} s", flush=True)
    except Loss as loss:
        print(f"LOST, with --seed {asked.seed}: {loss}", file=sys.stderr)
        return 1
    finally:
        shim.leave()
    print(f"{total.killed} killed ({total.acknowledged} of them after their answer), {total.lived} had ended before")
    for name, count in sorted(total.by.items(), key=lambda pair: -pair[1]):
        print(f"  {count:5}  {name}")
    print(f"nothing lost, nothing repaired by hand, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
