"""Inputs from inputs: how they are changed, made small, and stretched. Nothing here runs a fuzzer."""

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from hypothesis import strategies as st

from tests.fuzz.target import BETWEEN, Target

FOUND = Path(__file__).parent / "found"
"""Inputs that once broke a promise, a folder for each target. The usual tests run them."""


def found_inputs(target: Target) -> dict[str, bytes]:
    """What was found before, by the name of its file."""
    return {path.name: path.read_bytes() for path in sorted((FOUND / target.name).glob("*"))}


# ------------------------------------------------------------------------------------------------------------- change


class Mutator:
    """Changes by lines and words of the format: what a fuzzer that knows only bytes takes long to come upon."""

    def __init__(self, target: Target) -> None:
        self._lines = sorted({line for seed in target.seeds() for line in seed.split(b"\n") if line.strip()})
        self._words = [word.encode("utf-8", "surrogatepass") for word in target.words]

    def change(self, data: bytes, random: Random) -> bytes:
        """The input with one to four changes."""
        for _ in range(random.randint(1, 4)):
            data = self._one(data, random)
        return data

    def _one(self, data: bytes, random: Random) -> bytes:
        kind = random.randrange(8)
        if kind >= 6:
            at = random.randint(0, len(data))
            return data[:at] + random.choice(self._words) + data[at + random.choice((0, 0, 1, 9)) :]
        lines = data.split(b"\n")
        at = random.randrange(len(lines))
        match kind:
            case 0:
                del lines[at : at + random.randint(1, 4)]
            case 1:
                lines[at:at] = lines[at : at + random.randint(1, 4)]
            case 2:
                lines.insert(random.randrange(len(lines)), lines.pop(at))
            case 3:
                lines.insert(at, random.choice(self._lines) if self._lines else b"")
            case 4:
                lines[at] += random.choice(self._words)
            case _:
                lines[at] = random.choice(self._words) + lines[at]
        return b"\n".join(lines)


def mutated(target: Target) -> st.SearchStrategy[bytes]:
    """Seeds of a target with some changes, for hypothesis."""
    mutator = Mutator(target)
    seeds = [*target.seeds(), *found_inputs(target).values()]

    def changed(given: tuple[bytes, int, int]) -> bytes:
        data, seed, times = given
        random = Random(seed)
        for _ in range(times):
            data = mutator.change(data, random)
        return data[: target.longest]

    return st.tuples(st.sampled_from(seeds), st.integers(0, 2**32), st.integers(0, 5)).map(changed)


# -------------------------------------------------------------------------------------------------------------- shrink


def breach(target: Target, data: bytes) -> str | None:
    """What an input breaks: the kind of the exception and where it came from, the same for all inputs that show one fault."""
    try:
        target.run(data)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "/incidentctl/" in frame.filename or "/fuzz/targets/" in frame.filename]
        place = ours[-1] if ours else frames[-1]
        return f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno} {place.name}"
    return None


def smallest(data: bytes, fails: Callable[[bytes], bool], *, tries: int = 3_000) -> bytes:
    """A small input that still fails: without whatever can be left out, first by halves, in the end byte by byte."""
    size = max(len(data) // 2, 1)
    while size and tries > 0:
        at, shrunk = 0, False
        while at < len(data) and tries > 0:
            shorter = data[:at] + data[at + size :]
            tries -= 1
            if fails(shorter):
                data, shrunk = shorter, True
            else:
                at += size
        if not shrunk or size > 1:
            size = size // 2 if size > 1 else 0
    return data


# ------------------------------------------------------------------------------------------------------------- stretch


def stretched(data: bytes, length: int) -> bytes:
    """An input whose last part is repeated until it has exactly that length: another length is another input."""
    *parts, last = data.split(BETWEEN)
    unit = last if last.endswith(b"\n") else last + b"\n"
    return BETWEEN.join((*parts, (unit * (length // len(unit) + 1))[:length]))


def as_c_words(words: Sequence[str]) -> str:
    """Words as a dictionary of libFuzzer: a line each, quoted, bytes that are not plain as `\\xNN`."""
    lines = []
    for word in words:
        quoted = "".join(
            chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\x{byte:02X}"
            for byte in word.encode("utf-8", "surrogatepass")
        )
        lines.append(f'"{quoted}"\n')
    return "".join(lines)
