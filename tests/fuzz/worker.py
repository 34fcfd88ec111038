"""One target under atheris, in a process of its own: `python -m tests.fuzz.worker TARGET OUT [libFuzzer's words]`.

What breaks a promise is written to the folder OUT, once for each place that it comes from, and the search goes on. A
hang is for libFuzzer, which ends the process and leaves the input.
"""

import sys
import time
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["incidentctl"]):
    from tests.fuzz.targets import target_of

from tests.fuzz.inputs import Mutator, breach

_MOST = 40


def main() -> None:
    name, out, *words = sys.argv[1:]
    target, folder = target_of(name), Path(out)
    mutator = Mutator(target)
    seen: set[str] = set()
    slowest = 0.0

    def run(data: bytes) -> None:
        nonlocal slowest
        began = time.process_time()
        what = breach(target, data)
        seconds = time.process_time() - began
        if seconds / (len(data) + 200) > slowest and len(data) > 20:
            slowest = seconds / (len(data) + 200)
            (folder / "slowest").write_bytes(data)
        if what is not None and what not in seen and len(seen) < _MOST:
            seen.add(what)
            (folder / f"breach-{len(seen)}").write_bytes(data)

    def change(data: bytes, longest: int, seed: int) -> bytes:
        if seed % 2:
            return bytes(atheris.Mutate(data, longest))
        return mutator.change(bytes(data), Random(seed))[:longest]

    atheris.Setup([sys.argv[0], *words], run, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
