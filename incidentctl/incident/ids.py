"""Names that never change: of incidents (from date and title) and of entries (from time and chance). Never looks anything up."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from incidentctl.incident.entries import Entry

_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_CHANCE_CHARACTERS: Final = 4
CHANCE_BITS: Final = 5 * _CHANCE_CHARACTERS
MOST_IN_A_SECOND: Final = 1023
"""The highest count that an id holds."""
SLUG_LENGTH: Final = 59
"""`#incident-YYYY-MM-DD-` and this many characters fit into the 80 that chat systems give a channel's name."""

ENTRY_ID = re.compile(r"[0-9a-hjkmnp-tv-z]{6}")
INCIDENT_ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9]+(?:-[a-z0-9]+)*")


def _base32(value: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        value, digit = divmod(value, 32)
        digits = _CROCKFORD[digit] + digits
    return digits


def entry_id(at: datetime, entries: Iterable[Entry], chance: int) -> str:
    """The id of a new entry: how many of `entries` have the same second, then `chance` (`CHANCE_BITS` bits).

    So (time, id) is the order of writing among the entries of one second. An id that one of them has is not given again: an entry with
    it would be taken for that one, and not written.
    """
    second = at.replace(microsecond=0)
    count = 0
    taken: set[str] = set()
    for entry in entries:
        taken.add(entry.id)
        if entry.at.replace(microsecond=0) == second:
            count = max(count + 1, counted(entry.id) + 1)
    while (name := _with_count(count, chance)) in taken:  # of another second: the same id would be the same entry
        chance += 1
    return name


def _with_count(count: int, chance: int) -> str:
    return _base32(min(count, MOST_IN_A_SECOND), 2) + _base32(chance % 2**CHANCE_BITS, _CHANCE_CHARACTERS)


def counted(entry_id: str) -> int:
    """The number of entries of its second that stood before one, as its id says; 0 where it is no id of ours."""
    if not ENTRY_ID.fullmatch(entry_id):
        return 0
    return _CROCKFORD.index(entry_id[0]) * 32 + _CROCKFORD.index(entry_id[1])


def derived_id(*parts: str, count: int = 0) -> str:
    """An id that every clone derives alike from the same words: `count`, then four characters of a hash of `parts`."""
    from hashlib import sha256  # only lines that were typed by hand need it

    digest = sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
    return _base32(count, 2) + _base32(int.from_bytes(digest[:4], "big") >> 12, _CHANCE_CHARACTERS)


def slug_of(words: str, *, length: int = SLUG_LENGTH) -> str:
    """`words` in lower-case ASCII, other runs as `-`, cut at a word to `length`; nothing left gives `incident`."""
    if not words.isascii():
        from unicodedata import category

        from anyascii import anyascii  # its tables are read only for titles that need them

        # A picture is no word: its name would push the words of the title out of the id.
        words = anyascii("".join(" " if category(each) in ("So", "Sk") else each for each in words))
    slug = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    if len(slug) > length:
        cut = slug[: length + 1].rpartition("-")[0]
        slug = (cut or slug[:length]).strip("-")
    return slug or "incident"


def incident_id(declared_on: date, slug: str, *, is_taken: Iterable[str] = ()) -> str:
    """The id of an incident declared on a day (UTC), told apart from those taken by `-2`, `-3` and so on."""
    taken = set(is_taken)
    plain = f"{declared_on.year:04d}-{declared_on.month:02d}-{declared_on.day:02d}-{slug}"
    candidate, number = plain, 1
    while candidate in taken:
        number += 1
        tail = f"-{number}"
        candidate = plain[: 11 + SLUG_LENGTH - len(tail)].rstrip("-") + tail
    return candidate


def is_incident_id(word: str) -> bool:
    """Whether a word has the form of a full id; it says nothing of whether there is such an incident."""
    return INCIDENT_ID.fullmatch(word) is not None and "01" <= word[5:7] <= "12"
