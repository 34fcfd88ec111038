"""A document as the rules see it: its lines, sections, header, timeline and action items, each with its place. Never raises."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from enum import Enum
from functools import cached_property
from typing import Final

from msgspec import Struct

from incidentctl.document.action_items import PlacedItem, identify_items, read_action_items
from incidentctl.document.front_matter import read_front_matter
from incidentctl.document.parse import Document, parse_document
from incidentctl.document.places import FrontMatter
from incidentctl.document.section_names import STANDARD, Role, is_whole_name, plain_heading, role_of
from incidentctl.lint.blocks import Block, BlockKind, Piece, Structure, read_structure
from incidentctl.lint.diagnostic import Span
from incidentctl.lint.header import Header, read_header
from incidentctl.lint.plain_blocks import read_plainly
from incidentctl.lint.suppressions import Suppression, read_suppressions
from incidentctl.lint.timeline import Timeline, read_timeline

_TEMPLATE_HOLE: Final = re.compile(r"\{\{.{0,80}?\}\}")
_LABEL_HEADING: Final = re.compile(
    r"(?:\*\*|__)([^*_]{2,60})(?:\*\*|__):?$|(?:\*\*|__)([^*_]{2,60}):(?:\*\*|__)$|([A-Z][\w' -]{2,40}):$"
)


_FIRST_KEY: Final = re.compile(
    r"(?:[ \t]*(?:#[^\n]*)?\r?\n){0,50}(?:<{7} |[ \t]{0,20}[\"'{]?[ \t]{0,20}[A-Za-z_][\w .-]{0,60}[\"']?[ \t]{0,20}:(?:\s|$))"
)
_TOPIC_BREAK: Final = re.compile(r"(?:[ \t]*\r?\n){1,9}#{1,6}[ \t]\S")
_RAW_KEY: Final = re.compile(r"^([A-Za-z_][\w-]{0,60})[ \t]{0,20}:(?:\s|$)", re.MULTILINE)
_INCIDENT_KEYS: Final = frozenset(("id", "title", "severity", "status", "declared_at"))
_OWN_ID: Final = re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9-]+", re.ASCII)
_OPENED: Final = "Z **Opened** "


class PageKind(Enum):
    """What a file is."""

    POSTMORTEM = "post-mortem"
    INCIDENT = "incident"
    OTHER = "something else"


class Heading(Struct, frozen=True):
    """A heading. `text` is what a reader sees, `piece` where its words stand; `block` is its place among the blocks.

    `level` 7 is a pseudo heading: a bold line or label that stands where a heading should.
    """

    level: int
    text: str
    piece: Piece
    start: int
    end: int
    block: int
    role: Role | None
    is_alias: bool

    @property
    def is_pseudo(self) -> bool:
        """Whether it only looks like one."""
        return self.level > 6


class Section(Struct, frozen=True):
    """A heading and what follows it, until the next one of its level or a higher one.

    Lines are indexes from 0; `blocks` are indexes into those of the page, without the heading's own; `own_end` and
    `own_blocks` end before the first heading below it. `index` is its place among all sections of the page.
    """

    index: int
    heading: Heading
    role: Role | None
    end: int
    own_end: int
    blocks: range
    own_blocks: range
    parent: int | None

    @property
    def level(self) -> int:
        """That of its heading."""
        return self.heading.level

    @property
    def start(self) -> int:
        """The line of its heading."""
        return self.heading.start


class Page:
    """One document. All that takes time to read is read once, when a rule first asks for it."""

    def __init__(
        self,
        path: str,
        text: str,
        *,
        aliases: Mapping[str, Role] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.text = text
        self.aliases = aliases
        self.labels = labels

    # ---------------------------------------------------------------------------------------------- lines, places

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; a byte order mark is none of the first one's."""
        lines = self.text.removeprefix("\ufeff").split("\n")
        if "\r" in self.text:
            lines = [line.removesuffix("\r") for line in lines]
        if lines and not lines[-1]:
            lines.pop()
        return lines

    @cached_property
    def starts(self) -> list[int]:
        """The offset in the text at which each line begins."""
        starts = [1 if self.text.startswith("\ufeff") else 0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    @property
    def newline(self) -> str:
        """How its lines end."""
        return "\r\n" if "\r\n" in self.text[: self.text.find("\n") + 1] else "\n"

    def offset(self, line: int, column: int = 0) -> int:
        """The offset of a place; line and column from 0. The line behind the last one is the end of the text."""
        return self.starts[line] + column if line < len(self.starts) else len(self.text)

    def span(self, start: int, end: int | None = None) -> Span:
        """The span between two offsets."""
        line, column = self._place(start)
        end_line, end_column = self._place(start if end is None else end)
        return Span(line + 1, column + 1, end_line + 1, end_column + 1)

    def _place(self, offset: int) -> tuple[int, int]:
        offset = min(max(offset, 0), len(self.text))
        line = max(bisect_right(self.starts, offset) - 1, 0)
        return line, max(offset - self.starts[line], 0)

    def span_of(self, piece: Piece, start: int = 0, end: int | None = None) -> Span:
        """The span of a piece of a line, or of a part of it by offsets within its text."""
        first = piece.column + start + 1
        last = piece.column + (len(piece.text) if end is None else end) + 1
        return Span(piece.line + 1, first, piece.line + 1, last)

    def span_of_line(self, line: int) -> Span:
        """The span of a line's words; line from 0."""
        text = self.lines[line] if line < len(self.lines) else ""
        start = len(text) - len(text.lstrip())
        return Span(line + 1, start + 1, line + 1, max(len(text.rstrip()), start) + 1)

    # ------------------------------------------------------------------------------------------------ front matter

    @cached_property
    def front(self) -> FrontMatter | None:
        """The front matter, or `None`. A line `---` above prose is a break between topics and opens none."""
        front = read_front_matter(self.text)
        if front is None or (front.faults and _TOPIC_BREAK.match(self.text, front.start)):
            return None
        if front.values or self._begins_with_key(front):
            return front
        return None if front.faults else front

    def _begins_with_key(self, front: FrontMatter) -> bool:
        """Whether a key stands in the first line of a front matter, or what a failed merge left there."""
        return _FIRST_KEY.match(self.text, front.start) is not None

    def _raw_keys(self) -> frozenset[str]:
        """The keys at the margin of a front matter that cannot be read."""
        front = self.front
        if front is None or not front.faults:
            return frozenset()
        end = front.end if front.end > front.start else min(front.start + 2_000, len(self.text))
        return frozenset(_RAW_KEY.findall(self.text[front.start : end]))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of the front matter, also of a broken one: they say what the file is meant to be."""
        return frozenset(self.front.values) | self._raw_keys() if self.front else frozenset()

    @cached_property
    def first_body_line(self) -> int:
        """The line behind the front matter, from 0."""
        front = self.front
        if front is None or (front.faults and front.faults[0].code == "front-matter-open"):
            return 0
        return self.text.count("\n", 0, front.end) + 1

    def value(self, key: str) -> str | None:
        """A key of the front matter that holds one word or line; `None` where it is missing, empty or a list."""
        value = self.front.values.get(key) if self.front else None
        return value if isinstance(value, str) and value.strip() else None

    def values(self, key: str) -> tuple[str, ...]:
        """A key of the front matter that holds one or several."""
        value = self.front.values.get(key) if self.front else None
        if isinstance(value, str):
            return (value,) if value.strip() else ()
        if isinstance(value, tuple | list):
            return tuple(each for each in value if isinstance(each, str))
        return ()

    def span_of_key(self, key: str) -> Span:
        """Where the value of a key stands; the key itself where it has none, the first line where it is not there."""
        place = self.front.places.get(key) if self.front else None
        if place is None:
            return self.span_of_line(0)
        if place.is_empty:
            return self.span(place.start + len(place.indentation), place.key_end)
        return self.span(place.value_start, place.value_end)

    @cached_property
    def kind(self) -> PageKind:
        """Whether it is an incident file, a post-mortem, or something else, as an index."""
        if "incident" not in self.keys and self._is_incident_file:
            return PageKind.INCIDENT
        return PageKind.POSTMORTEM if self.looks_like_postmortem else PageKind.OTHER

    @property
    def _is_incident_file(self) -> bool:
        """An id, severity and status alone may be some other template's: an id of ours or the time of declaration tells."""
        own = self.keys & _INCIDENT_KEYS
        if len(own) < 2 or not own & {"id", "declared_at"}:
            return False
        if "declared_at" in own or _OPENED in self.text:
            return True
        identity = self.value("id")
        return identity is None or _OWN_ID.fullmatch(identity) is not None

    @cached_property
    def document(self) -> Document:
        """The file as the record's own parser reads it: for incident files."""
        return parse_document(self.text)

    # --------------------------------------------------------------------------------------------------- structure

    @cached_property
    def structure(self) -> Structure:
        """Its blocks. Line numbers are those of the file."""
        first = self.first_body_line
        lines = [""] * first + self.lines[first:] if first else self.lines
        return read_plainly(lines) or read_structure(lines)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Its blocks, in order."""
        return self.structure.blocks

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """Its headings that stand in no quote and no list, and the bold lines that name a section."""
        found: list[Heading] = []
        for index, block in enumerate(self.blocks):
            if block.kind is BlockKind.HEADING and not block.is_quoted and block.item is None:
                piece = block.pieces[0] if block.pieces else Piece(block.start, 0, "")
                words = plain_heading(block.text)
                role, is_alias = role_of(block.text, self.aliases) if piece.text else (None, False)
                found.append(Heading(block.level, words, piece, block.start, block.end, index, role, is_alias))
            elif block.kind is BlockKind.PARAGRAPH and len(block.pieces) == 1 and not block.is_quoted:
                pseudo = self._pseudo_heading(block, index)
                if pseudo:
                    found.append(pseudo)
        return tuple(found)

    def _pseudo_heading(self, block: Block, index: int) -> Heading | None:
        piece = block.pieces[0]
        if block.item is not None or piece.text[-1:] not in ("*", "_", ":") or len(piece.text) > 70:
            return None
        match = _LABEL_HEADING.match(piece.text)
        if match is None:
            return None
        words = match[1] or match[2] or match[3]
        role, is_alias = role_of(words, self.aliases)
        if role is None or role not in STANDARD or (match[3] and is_alias and not is_whole_name(words)):
            return None  # a label is a name and nothing else: `We saw the impact:` begins a list
        return Heading(7, plain_heading(words).rstrip(":"), piece, block.start, block.end, index, role, is_alias)

    @cached_property
    def title_heading(self) -> Heading | None:
        """The heading that is the document's title: the first one, where it names no section and its level is the highest."""
        real = [heading for heading in self.headings if not heading.is_pseudo]
        if not real:
            return None
        first = real[0]
        is_highest = all(each.level > first.level for each in real[1:])
        if first.role in STANDARD and (first.level > 1 or not is_highest or is_whole_name(first.text)):
            return None
        return first if first.level == 1 or is_highest else None

    @property
    def title(self) -> str | None:
        """Its title: that of the front matter, else the heading's."""
        return self.value("title") or (self.title_heading.text if self.title_heading else None)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """All sections but the title's, in order, those below others too."""
        title = self.title_heading
        headings = [heading for heading in self.headings if heading is not title]
        total = len(self.lines)
        ends: list[int] = [0] * len(headings)
        parents: list[int | None] = [None] * len(headings)
        open_sections: list[int] = []
        for index, heading in enumerate(headings):
            while open_sections and headings[open_sections[-1]].level >= heading.level:
                ends[open_sections.pop()] = index
            # A pseudo heading has no level of its own: one that names a section ends the one before it.
            parents[index] = open_sections[-1] if open_sections else None
            open_sections.append(index)
        for index in open_sections:
            ends[index] = len(headings)
        sections: list[Section] = []
        for index, heading in enumerate(headings):
            until = headings[ends[index]] if ends[index] < len(headings) else None
            own = headings[index + 1] if index + 1 < len(headings) else None
            sections.append(
                Section(
                    index,
                    heading,
                    heading.role,
                    until.start if until else total,
                    own.start if own else total,
                    range(heading.block + 1, until.block if until else len(self.blocks)),
                    range(heading.block + 1, own.block if own else len(self.blocks)),
                    parents[index],
                )
            )
        return tuple(sections)

    @cached_property
    def by_role(self) -> Mapping[Role, tuple[Section, ...]]:
        """The sections of each role. One that stands inside another of the same role is a part of it and not listed."""
        found: dict[Role, list[Section]] = {}
        for section in self.sections:
            role = section.role
            if role is None or self._is_inside(section, role):
                continue
            found.setdefault(role, []).append(section)
        return {role: tuple(sections) for role, sections in found.items()}

    def _is_inside(self, section: Section, role: Role) -> bool:
        parent = section.parent
        while parent is not None:
            if self.sections[parent].role is role:
                return True
            parent = self.sections[parent].parent
        return False

    def section(self, role: Role) -> Section | None:
        """The first section of a role."""
        found = self.by_role.get(role)
        return found[0] if found else None

    def section_at(self, line: int) -> Section | None:
        """The innermost section around a line (from 0); `None` before the first one."""
        at = bisect_right(self._section_starts, line) - 1
        return self.sections[at] if at >= 0 else None

    def role_at(self, line: int) -> Role | None:
        """The role of the innermost section with one around a line (from 0); `SUMMARY` for what stands before the first section."""
        sections = self.sections
        at = bisect_right(self._section_starts, line) - 1
        if at < 0:
            return Role.SUMMARY
        section: Section | None = sections[at]
        while section is not None:
            if section.role is not None:
                return section.role
            section = sections[section.parent] if section.parent is not None else None
        return None

    @cached_property
    def _section_starts(self) -> list[int]:
        return [section.start for section in self.sections]

    @cached_property
    def lead(self) -> range:
        """The blocks between the title and the first section."""
        title = self.title_heading
        first = title.block + 1 if title else 0
        return range(first, self.sections[0].heading.block if self.sections else len(self.blocks))

    def prose(self, blocks: range) -> list[Block]:
        """Of some blocks those that say something: no comments, rules, and no headings."""
        return [
            block
            for block in self.blocks[blocks.start : blocks.stop]
            if block.kind in (BlockKind.PARAGRAPH, BlockKind.CODE, BlockKind.TABLE)
            or (block.kind is BlockKind.HTML and not self.is_comment(block))
        ]

    def is_comment(self, block: Block) -> bool:
        """Whether an HTML block is nothing but a comment, or holds no words at all."""
        if block.kind is not BlockKind.HTML:
            return False
        return not _COMMENT.sub("", "\n".join(self.lines[block.start : block.end])).strip()

    @cached_property
    def is_standard(self) -> bool:
        """Whether it is written to the standard template: by its front matter, its header or its sections."""
        if "incident" in self.keys and "status" in self.keys:
            return True
        own = sum(
            1
            for section in self.sections
            if section.role in STANDARD and not section.heading.is_alias and section.level == 2
        )
        return own >= 6 or (own >= 3 and self.header.is_standard_line)

    @cached_property
    def looks_like_postmortem(self) -> bool:
        """Whether it can be a post-mortem: not an index, a template or a guide."""
        from incidentctl.lint.kinds import looks_like_postmortem  # reads this page

        return looks_like_postmortem(self)

    # ------------------------------------------------------------------------------------------- what sections say

    @cached_property
    def header(self) -> Header:
        """Date, severity, duration, author and times, wherever the document says them."""
        return read_header(self)

    @cached_property
    def timeline(self) -> Timeline | None:
        """The timeline, in whichever of the five shapes."""
        return read_timeline(self)

    @cached_property
    def suppressions(self) -> tuple[Suppression, ...]:
        """The comments that suppress findings."""
        return read_suppressions(self)

    @cached_property
    def action_items(self) -> tuple[PlacedItem, ...]:
        """The action items of all sections for them, in order; each knows its place by line and column from 1.

        Lists that stand among them for another purpose, as what went wrong, are none.
        """
        incident = self.value("incident") or ""
        found: list[PlacedItem] = []
        for section in self.by_role.get(Role.ACTION_ITEMS, ()):
            start, line = self.offset(section.heading.end), section.heading.end + 1
            found.extend(read_action_items(self.text, start, self.offset(section.end), line=line, incident=incident))
        if len(self.by_role.get(Role.ACTION_ITEMS, ())) > 1:
            found = list(identify_items(found, incident))
        found = [placed for placed in found if self.role_at(placed.place.line - 1) not in _NOT_FOR_ITEMS]
        return tuple(found if self.is_standard else _without_explanations(self.text, found))


def _without_explanations(text: str, items: list[PlacedItem]) -> list[PlacedItem]:
    """The items without bullets that spell out a numbered one above them, which ends with a colon."""
    kept: list[PlacedItem] = []
    is_spelling_out = False
    for placed in items:
        if text[placed.start : placed.end].lstrip()[:1].isdigit():
            is_spelling_out = placed.item.text.rstrip("*_ ").endswith(":")
        elif is_spelling_out and not placed.is_task and not placed.is_table_row:
            continue
        kept.append(placed)
    return kept


_NOT_FOR_ITEMS: Final = (Role.WENT_WELL, Role.WENT_POORLY, Role.LESSONS, Role.LUCK, Role.TIMELINE, Role.IMPACT)
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
