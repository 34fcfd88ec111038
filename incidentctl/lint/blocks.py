"""The block structure of a Markdown text, read once by a CommonMark parser: headings, paragraphs, lists, tables, quotes and code.

Inline Markdown is not parsed here: rules that ask for it look at the few lines that concern them.
"""

import re
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


class BlockKind(StrEnum):
    """What a block is. A list item is no block: it holds them."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    CODE = "code"
    HTML = "html"
    TABLE = "table"
    RULE = "rule"


class Piece(Struct, frozen=True):
    """A stretch of text on one line: the line's index from 0, the column from 0, and the text as it stands."""

    line: int
    column: int
    text: str


class ListItem(Struct, frozen=True):
    """An item of a list: its lines, how deep it stands (1 is the outermost), the item that it stands in, and its marker."""

    index: int
    start: int
    end: int
    depth: int
    parent: int | None
    is_ordered: bool


class Row(Struct, frozen=True):
    """A row of a table."""

    line: int
    cells: tuple[Piece, ...]


class Block(Struct, frozen=True):
    """A block: lines from 0, the end is behind the last one. `item` is the index of the innermost list item around it.

    `level` is that of a heading. `pieces` are the lines of a heading or paragraph without the marks of quotes and lists;
    `rows` are those of a table, the head first. `is_fenced` tells fences from indented code.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    item: int | None = None
    is_quoted: bool = False
    is_fenced: bool = False
    pieces: tuple[Piece, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def text(self) -> str:
        """The lines of a heading or paragraph, joined by a newline."""
        return self.pieces[0].text if len(self.pieces) == 1 else "\n".join(piece.text for piece in self.pieces)


class Structure(Struct, frozen=True):
    """All blocks of a text, in order, and its list items."""

    blocks: tuple[Block, ...]
    items: tuple[ListItem, ...]


@cache
def _parser() -> "MarkdownIt":
    import logging

    from markdown_it import MarkdownIt  # 50 ms, for those who lint

    for name, logger in logging.root.manager.loggerDict.items():
        if name.startswith("markdown_it.") and isinstance(logger, logging.Logger):
            # Each rule logs at each line that it is tried, which nobody reads and takes a tenth of the time.
            logger.debug = _say_nothing  # type: ignore[method-assign]
    parser = MarkdownIt("commonmark").enable("table")
    parser.disable(["inline", "text_join", "normalize"])
    return parser


def _say_nothing(*_: object, **__: object) -> None:
    """In the place of a logger's `debug`."""


_CHECK_BOX: Final = re.compile(r"\[[ xX]\](?=\s|$)")


def read_structure(lines: list[str]) -> Structure:
    """Reads lines, as they stand behind the front matter and without their ends, into blocks."""
    # The parser takes a lone carriage return and a zero byte for more than they are in our count of lines.
    text = "\n".join(lines)
    if "\r" in text or "\0" in text:
        text = text.replace("\r", " ").replace("\0", "\N{REPLACEMENT CHARACTER}")
        return _Reader(lines, text.split("\n"), _parser().parse(text)).read()
    return _Reader(lines, lines, _parser().parse(text)).read()


class _Reader:
    """Walks the tokens of the parser once."""

    def __init__(self, lines: list[str], parsed: list[str], tokens: "list[Token]") -> None:
        self.lines = lines
        self.parsed = parsed  # as the parser saw them: as long as the lines
        self.tokens = tokens
        self.blocks: list[Block] = []
        self.items: list[ListItem] = []
        self.open_items: list[int] = []
        self.quotes = 0
        self.lists: list[bool] = []

    def read(self) -> Structure:
        """The blocks and items."""
        tokens = self.tokens
        index = 0
        while index < len(tokens):
            token = tokens[index]
            kind = token.type
            if kind == "paragraph_open":
                self._add(BlockKind.PARAGRAPH, token, tokens[index + 1].content)
                index += 2  # its inline, and its end
            elif kind == "list_item_open":
                self._open_item(token)
            elif kind == "list_item_close":
                self.open_items.pop()
            elif kind in ("bullet_list_open", "ordered_list_open"):
                self.lists.append(kind == "ordered_list_open")
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self.lists.pop()
            elif kind == "heading_open":
                self._add(BlockKind.HEADING, token, tokens[index + 1].content, level=int(token.tag[1:]))
                index += 2
            elif kind == "blockquote_open":
                self.quotes += 1
            elif kind == "blockquote_close":
                self.quotes -= 1
            elif kind == "fence":
                self._add(BlockKind.CODE, token, is_fenced=True)
            elif kind == "code_block":
                self._add(BlockKind.CODE, token)
            elif kind == "html_block":
                self._add(BlockKind.HTML, token)
            elif kind == "hr":
                self._add(BlockKind.RULE, token)
            elif kind == "table_open":
                index = self._add_table(index)
            index += 1
        return Structure(tuple(self.blocks), tuple(self.items))

    def _open_item(self, token: "Token") -> None:
        start, end = token.map or [0, 0]
        parent = self.open_items[-1] if self.open_items else None
        item = ListItem(len(self.items), start, end, len(self.open_items) + 1, parent, self.lists[-1])
        self.items.append(item)
        self.open_items.append(item.index)

    def _add(
        self, kind: BlockKind, token: "Token", content: str | None = None, *, level: int = 0, is_fenced: bool = False
    ) -> None:
        start, end = token.map or [0, 0]
        pieces = () if content is None else self._pieces(start, end, content)
        item = self.open_items[-1] if self.open_items else None
        block = Block(kind, start, end, level, item, self.quotes > 0, is_fenced, pieces)
        self.blocks.append(block)

    def _pieces(self, start: int, end: int, content: str) -> tuple[Piece, ...]:
        """Where each line of an inline's content stands in the file."""
        pieces: list[Piece] = []
        end = min(end, len(self.lines))
        for number, words in enumerate(content.split("\n"), start):
            if number >= end:
                break
            line = self.parsed[number]
            bare = words.strip()
            # Nothing but white space and a heading's closing signs stands behind the words on their line.
            column = line.rfind(bare)
            if column < 0:
                column = len(line) - len(line.lstrip())
                bare = line[column:].rstrip()
            pieces.append(Piece(number, column, self.lines[number][column : column + len(bare)]))
        return tuple(pieces)

    def _add_table(self, index: int) -> int:
        """Reads the rows of a table; gives the index of its last token."""
        tokens = self.tokens
        table = tokens[index]
        rows: list[Row] = []
        cells: list[Piece] = []
        line = at = 0
        while tokens[index].type != "table_close":
            token = tokens[index]
            if token.type == "tr_open":
                line, at, cells = (token.map or [0, 0])[0], 0, []
            elif token.type == "inline":
                text = self.parsed[line] if line < len(self.lines) else ""
                words = token.content.strip()
                if "|" in words:
                    words = words.replace("|", "\\|")  # the parser has taken the backslash away
                found = text.find(words, at) if words else text.find("|", at)
                column = max(found, at)
                cells.append(Piece(line, column, self.lines[line][column : column + len(words)]))
                at = column + len(words)
                at = text.find("|", at) + 1 or at
            elif token.type == "tr_close":
                rows.append(Row(line, tuple(cells)))
            index += 1
        start, end = table.map or [0, 0]
        item = self.open_items[-1] if self.open_items else None
        self.blocks.append(Block(BlockKind.TABLE, start, end, item=item, is_quoted=self.quotes > 0, rows=tuple(rows)))
        return index


def without_check_box(piece: Piece) -> tuple[Piece, bool | None]:
    """The first line of an item without its check box, and whether that was ticked; `None` where there is none."""
    match = _CHECK_BOX.match(piece.text)
    if match is None:
        return piece, None
    rest = piece.text[match.end() :]
    bare = rest.lstrip()
    return Piece(piece.line, piece.column + match.end() + len(rest) - len(bare), bare), piece.text[1] in "xX"
