"""The block structure of documents that use no more of Markdown than most do; for any other it gives up, and the library reads it.

Reading with the library takes longer than all rules together. What is read here is what the library would have read: a
property holds the two together.
"""

import re
from typing import Final

from incidentctl.lint.blocks import Block, BlockKind, ListItem, Piece, Structure

_UNUSUAL: Final = re.compile("[\r\0\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
"""What one takes for the end of a line and another does not."""
_DEFINITION: Final = re.compile(r"\[[^\]]*\]:")
_RULE: Final = re.compile(r"([-*_])(?: *\1){2,} *$")
_HEADING: Final = re.compile(r"(#{1,6})[ \t]+(\S.*)$")
_MARKER: Final = re.compile(r"([-*+]|\d{1,9}[.)])( +)(?=\S)")
_BARE_MARKER: Final = re.compile(r"(?:[-*+]|\d{1,9}[.)])\s*$")
_FENCE: Final = re.compile(r"(`{3,}|~{3,})([^`]*)$")
_STARTS: Final = frozenset("#`~<*+-_|=:>[\t0123456789")
_MARKERS: Final = frozenset("-*+0123456789")
_DEEPEST: Final = 8


class _GivesUp(Exception):
    """Something stands there that only the library reads."""


class _Open:
    """A list item that is still open: the column at which its content begins, and its place among the items."""

    __slots__ = ("column", "index")

    def __init__(self, column: int, index: int) -> None:
        self.column = column
        self.index = index


def read_plainly(lines: list[str]) -> Structure | None:
    """The blocks and items of a document; `None` where it has anything that is not read here."""
    if (lines and lines[-1].isspace()) or _UNUSUAL.search("\n".join(lines)):
        return None
    try:
        return _Reading(lines).read()
    except _GivesUp:
        return None


class _Reading:
    """One pass over the lines, with the items and the paragraph that are open."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.blocks: list[Block] = []
        self.items: list[tuple[int, int, int | None, bool]] = []  # start, depth, parent, is ordered
        self.ends: list[int] = []
        self.open: list[_Open] = []
        self.pieces: list[Piece] = []  # of the paragraph that is open

    def read(self) -> Structure:
        """The whole document, or `_GivesUp`."""
        lines = self.lines
        number, total = 0, len(lines) - (bool(lines) and not lines[-1])  # behind the last line's end is no line
        while number < total:
            line = lines[number]
            bare = line.strip()
            if not bare:
                if line.strip(" "):
                    raise _GivesUp
                self._end_paragraph(number)
                number += 1
                continue
            column = len(line) - len(line.lstrip(" "))
            depth = 0
            for item in self.open:
                if column < item.column:
                    break
                depth += 1
            number = self._line(number, line, column, depth)
        self._end_paragraph(total)
        self._close(0, total)
        items = tuple(
            ListItem(index, start, self.ends[index], depth, parent, is_ordered)
            for index, (start, depth, parent, is_ordered) in enumerate(self.items)
        )
        return Structure(tuple(self.blocks), items)

    def _line(self, number: int, line: str, column: int, depth: int) -> int:
        """Reads a line that is not blank; gives the number of the next one to read."""
        base = self.open[depth - 1].column if depth else 0
        first = line[column]
        is_text = first not in _STARTS
        if first == "\t":
            raise _GivesUp  # columns that depend on tab stops
        if self.pieces and (is_text or column - base > 3):
            if not is_text and column - base > 3 and depth < len(self.open):
                raise _GivesUp
            self.pieces.append(Piece(number, column, line[column:].rstrip()))
            return number + 1
        if column - base > 3:
            raise _GivesUp  # indented code
        if is_text:
            self._close(depth, number)
            self.pieces.append(Piece(number, column, line[column:].rstrip()))
            return number + 1
        return self._special(number, line, column, depth)

    def _special(self, number: int, line: str, column: int, depth: int) -> int:
        """A line that begins with a sign that may mean something."""
        rest = line[column:].rstrip()
        first = rest[0]
        marker = _MARKER.match(rest) if first in _MARKERS else None
        if marker is not None and not (rest[2:3] in ("-", "*") and _RULE.match(rest)):
            return self._begin_item(number, line, column, depth, marker)
        if first == "[":
            if not self.pieces and _DEFINITION.match(rest):
                raise _GivesUp
            return self._text(number, rest, column, depth)
        if first in "-=:|" and not rest.strip("-=:| \t"):
            raise _GivesUp  # the line below a heading, or that of a table
        if first == "#":
            heading = _HEADING.match(rest)
            if heading is None or rest.endswith("#"):
                raise _GivesUp
            self._end_paragraph(number)
            self._close(depth, number)
            words = heading[2]
            piece = Piece(number, column + heading.start(2), words)
            self._add(Block(BlockKind.HEADING, number, number + 1, len(heading[1]), self._item, pieces=(piece,)))
            return number + 1
        if first in "`~":
            return self._fence(number, rest, column, depth)
        if first == "<":
            if not rest.startswith("<!--") or "-->" not in rest[4:] or self.pieces:
                raise _GivesUp
            self._close(depth, number)
            self._add(Block(BlockKind.HTML, number, number + 1, item=self._item))
            return number + 1
        if first in "-*_" and _RULE.match(rest):
            if self.pieces or depth or first == "-":
                raise _GivesUp
            self._close(depth, number)
            self._add(Block(BlockKind.RULE, number, number + 1, item=self._item))
            return number + 1
        if first in "|=>" or _BARE_MARKER.match(rest):
            raise _GivesUp
        return self._text(number, rest, column, depth)

    def _text(self, number: int, rest: str, column: int, depth: int) -> int:
        """A line of a paragraph."""
        if not self.pieces:
            self._close(depth, number)
        self.pieces.append(Piece(number, column, rest))
        return number + 1

    def _begin_item(self, number: int, line: str, column: int, depth: int, marker: re.Match[str]) -> int:
        is_ordered = marker[1][0].isdigit()
        if len(marker[2]) > 4:
            raise _GivesUp  # code in an item
        if self.pieces and is_ordered and int(marker[1][:-1]) != 1 and depth == len(self.open):
            raise _GivesUp  # a number that stands in a sentence
        if self.pieces and is_ordered and depth < len(self.open) and not self.items[self.open[depth].index][3]:
            raise _GivesUp
        self._end_paragraph(number)
        self._close(depth, number)
        if depth >= _DEEPEST:
            raise _GivesUp
        parent = self.open[-1].index if self.open else None
        content = column + marker.end()
        index = len(self.items)
        self.items.append((number, depth + 1, parent, is_ordered))
        self.ends.append(0)
        self.open.append(_Open(content, index))
        rest = line[content:].rstrip()
        if rest[0] in _STARTS and (
            rest[0] in "#`~<|=>"
            or (rest[0] == "[" and _DEFINITION.match(rest))
            or not rest.strip("-=:| ")
            or _RULE.match(rest)
            or _MARKER.match(rest)
            or _BARE_MARKER.match(rest)
        ):
            raise _GivesUp  # a block of another kind in an item's first line
        self.pieces.append(Piece(number, content, rest))
        return number + 1

    def _fence(self, number: int, rest: str, column: int, depth: int) -> int:
        opening = _FENCE.match(rest)
        if opening is None:
            if rest[:3] in ("```", "~~~"):
                raise _GivesUp
            return self._text(number, rest, column, depth)
        if "`" in opening[2] or (opening[1][0] == "~" and "~" in opening[2]):
            raise _GivesUp
        base = self.open[depth - 1].column if depth else 0
        self._end_paragraph(number)
        self._close(depth, number)
        mark, size = opening[1][0], len(opening[1])
        for end in range(number + 1, len(self.lines)):
            line = self.lines[end]
            words = line.strip()
            if words and len(line) - len(line.lstrip(" ")) < base:
                break
            if words[:1] == mark and len(words) >= size and not words.strip(mark):
                if len(line) - len(line.lstrip(" ")) - base > 3:
                    continue
                self._add(Block(BlockKind.CODE, number, end + 1, item=self._item, is_fenced=True))
                return end + 1
        raise _GivesUp  # it has no end, or its item ends before it

    @property
    def _item(self) -> int | None:
        return self.open[-1].index if self.open else None

    def _add(self, block: Block) -> None:
        self.blocks.append(block)

    def _end_paragraph(self, number: int) -> None:
        if self.pieces:
            start = self.pieces[0].line
            self._add(Block(BlockKind.PARAGRAPH, start, number, item=self._item, pieces=tuple(self.pieces)))
            self.pieces = []

    def _close(self, depth: int, number: int) -> None:
        """Ends the items below a depth before a line that is not theirs."""
        while len(self.open) > depth:
            self.ends[self.open.pop().index] = number
