"""A line of a document with the place of a finding under it. Takes as long for a line of five million characters as for one of fifty."""

import unicodedata

from msgspec import Struct

from incidentctl.incident.words import show_safely
from incidentctl.lint.diagnostic import Span

_TAB = 4
_MOST_PER_CELL = 4  # marks above and below letters take no cell: without a bound a line of them would have no end
_NO_CELL = frozenset({"Mn", "Me", "Cf"})
_WIDE = frozenset({"W", "F"})
_CUT = "…"


class Excerpt(Struct, frozen=True):
    """A piece of a line as a terminal shows it, and as many carets below it as the place is wide."""

    line: str
    underline: str


def excerpt(text: str, span: Span, width: int) -> Excerpt:
    """The piece of a line around a span, in at most `width` cells and two marks where the line was cut."""
    length = len(text)
    while length and text[length - 1] in "\r\n":
        length -= 1
    start = min(span.column - 1, length)
    end = length if span.end_line > span.line else min(max(span.end_column - 1, start), length)
    most = width * _MOST_PER_CELL
    before = show_safely(text[max(0, start - most) : start])
    after = show_safely(text[start : min(length, start + most)])
    ahead = _fitting(after, width * 2 // 3)
    back = _fitting(before[::-1], width - _cells(after[:ahead]))
    ahead = _fitting(after, width - _cells(before[len(before) - back :]))
    before, after = before[len(before) - back :], after[:ahead]
    head = _CUT if start > back else ""
    tail = _CUT if start + ahead < length else ""
    marked = max(1, _cells(after[: end - start]))
    line = f"{head}{before}{after}{tail}".replace("\t", " " * _TAB)
    return Excerpt(line, " " * (len(head) + _cells(before)) + "^" * marked)


def _fitting(text: str, cells: int) -> int:
    """How many characters fit into so many cells."""
    used = 0
    for index, character in enumerate(text):
        used += _cell(character)
        if used > cells:
            return index
    return len(text)


def _cells(text: str) -> int:
    return len(text) + (_TAB - 1) * text.count("\t") if text.isascii() else sum(map(_cell, text))


def _cell(character: str) -> int:
    """How many places a terminal gives to a character."""
    if character.isascii():
        return _TAB if character == "\t" else 1
    if unicodedata.category(character) in _NO_CELL:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
