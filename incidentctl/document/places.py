"""What is found in a front matter, and where it stands: the types that its readers share."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from incidentctl.incident.model import Value

MAX_LENGTH: Final = 100_000


class Fault(Struct, frozen=True):
    """What is wrong, and where: line and column from 1, in the file."""

    line: int
    column: int
    code: str
    message: str


class KeyPlace(Struct, frozen=True):
    """Where a key and its value stand, as offsets into the text.

    `start` is that of the key's line, `key_end` stands behind the colon; `value_end` is behind the last character of
    the value, never behind the end of its line. `is_empty` where no value is written.
    """

    start: int
    key_end: int
    value_start: int
    value_end: int
    is_empty: bool
    indentation: str


class FrontMatter(Struct, frozen=True):
    """The head of a file. `start` and `end` are the offsets of what stands between its two fences.

    It is readable when it is one block of keys; else `values` is empty and `faults` says why.
    """

    start: int
    end: int
    values: Mapping[str, Value] = field(default_factory=dict)
    places: Mapping[str, KeyPlace] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    can_add: bool = True

    @property
    def is_readable(self) -> bool:
        """Whether its keys can be trusted, and so be written."""
        return not self.faults
