"""What the fuzzers share: a target, how its input is read, and the promises that several targets hold."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from incidentctl.document.parse import Document

T = TypeVar("T")

BETWEEN = b"\x1e"
"""Stands between the parts of an input: what is chosen, words, documents. It is in no text that people write."""

INCIDENT = "2026-05-14-checkout-latency"


class Target(NamedTuple):
    """What is fuzzed: `run` takes any bytes, and raises where a promise is broken.

    `seeds` are inputs that reach far, from which others are made; `words` are those of its format. `longest` bounds the
    input, in bytes. `grows` where the time is to be linear in the length of the last part.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    words: Sequence[str]
    longest: int = 4_000
    grows: bool = True


def text_of(data: bytes) -> str:
    """A file's bytes as the store reads them: any bytes are a text."""
    return data.decode("utf-8", "surrogateescape")


def parts_of(data: bytes, count: int) -> list[bytes]:
    """The parts of an input, the last one with all that is left; those that are missing are empty."""
    parts = data.split(BETWEEN, count - 1)
    return parts + [b""] * (count - len(parts))


def joined(*parts: str | bytes) -> bytes:
    """The inverse, for seeds."""
    return BETWEEN.join(part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part for part in parts)


class Choices:
    """Bytes as a row of choices. Where they end, each further choice is the first one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, below: int) -> int:
        """A number from 0 on."""
        byte = self._data[self._at] if self._at < len(self._data) else 0
        self._at += 1
        return byte % below

    def of(self, given: Sequence[T]) -> T:
        """One of them; they must not be empty."""
        return given[self.number(len(given))]

    def shuffled(self, given: Sequence[T]) -> list[T]:
        """All of them in some order."""
        rest = list(given)
        return [rest.pop(self.number(len(rest))) for _ in given]


# --------------------------------------------------------------------------------------------------------- promises


def assert_one_piece_was_put_in(before: str, after: str) -> None:
    """Every byte of `before` is in `after`, in order, with one piece more."""
    added = len(after) - len(before)
    same = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    assert added >= 0 and after[same + added :] == before[same:], "more than one piece was changed"


def assert_lines_are_kept(before: str, after: str, *, but: range = range(0)) -> None:
    """Each line of `before`, except those `but` names by index, is a line of `after`, in order and with its own end."""
    *whole, last = before.split("\n")
    lines = iter(after.split("\n"))
    for number, line in enumerate(whole):
        assert number in but or line in lines, f"line {number + 1} was lost: {line!r}"
    assert len(whole) in but or any(line.rstrip("\r") == last.rstrip("\r") for line in lines), (
        f"the last line was lost: {last!r}"
    )


def assert_places_are_sound(document: Document) -> None:
    """Whatever has a place has one within the text, and entries and sections do not overlap."""
    size = len(document.text)
    at = 0
    for placed in document.placed:
        assert at <= placed.start < placed.end <= size, "an entry's place"
        at = placed.end
    at = 0
    for section in document.sections:
        assert at <= section.start <= section.body <= section.end <= size, "a section's place"
        at = section.end
    lines = document.text.count("\n") + 1
    assert all(1 <= fault.line <= lines and fault.column >= 1 for fault in document.faults), "a fault's place"
    if document.front is not None:
        assert 0 <= document.front.start <= document.front.end <= size, "the place of the front matter"
        for place in document.front.places.values():
            assert place.start < place.key_end <= place.value_start <= place.value_end <= document.front.end, (
                "a key's place"
            )
