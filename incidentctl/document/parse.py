"""A file's text to a Document: what it says, maybe wrong, and where each thing stands. Never raises."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import Struct

from incidentctl.document.entry_lines import EntryText, begins_entry, identify, naive_time, parse_entry
from incidentctl.document.escaping import closes_fence, ends_comment, opened_fence, unescape_line
from incidentctl.document.front_matter import read_front_matter
from incidentctl.document.places import Fault, FrontMatter
from incidentctl.incident.entries import Entry
from incidentctl.incident.model import Value

_UNDERLINE: Final = re.compile(r"(={3,}|-{3,})[ \t]*$")  # one or two below a line are an item still to be written
_NO_PARAGRAPH: Final = re.compile(r"[ \t#>|<`~]|[-*+](?:[ \t]|$)|[0-9]{1,9}[.)](?:[ \t]|$)")
_CONFLICT: Final = re.compile(r"(?:<<<<<<<|>>>>>>>|\|\|\|\|\|\|\|)(?: |\r?$)")


class PlacedEntry(Struct, frozen=True):
    """An entry and the offsets of its lines; `end` stands behind the last line that says something."""

    entry: Entry
    start: int
    end: int


class Section(Struct, frozen=True):
    """A `## ` section: offsets of its heading's line, of what follows the heading, and of its end."""

    title: str
    start: int
    body: int
    end: int


class Document(Struct, frozen=True):
    """What a file says. `entries` stand in the order of the file; `newline` is how its lines end."""

    text: str
    newline: str
    front: FrontMatter | None
    title: str | None
    sections: tuple[Section, ...]
    timeline: Section | None
    placed: tuple[PlacedEntry, ...]
    faults: tuple[Fault, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries, in the order of the file."""
        return tuple(placed.entry for placed in self.placed)

    @property
    def is_readable(self) -> bool:
        """Whether its keys can be trusted."""
        return self.front is not None and self.front.is_readable

    def value(self, key: str) -> Value:
        """A key of the front matter, or `None`."""
        return self.front.values.get(key) if self.front else None


class _Line(NamedTuple):
    number: int
    start: int
    text: str
    is_prose: bool


def parse_document(text: str, *, incident: str = "") -> Document:
    """Reads a text. `incident` is its id where that is known from its path: ids of typed lines are derived from it.

    Faults are collected, never raised: the good part of a broken file is still read.
    """
    front = read_front_matter(text)
    faults = list(front.faults) if front else [Fault(1, 1, "no-front-matter", "the file has no front matter")]
    body = _end_of_front_matter(text, front)
    if "\0" in text:
        faults.append(Fault(text.count("\n", 0, text.index("\0")) + 1, 1, "not-text", "the file holds a zero byte"))
    bad_byte = _first_surrogate(text)
    if bad_byte is not None:
        line = text.count("\n", 0, bad_byte) + 1
        faults.append(Fault(line, 1, "not-utf-8", "the file is not UTF-8 here"))
    lines = _lines(text, body, faults)
    title, sections = _read_sections(lines, text)
    timelines = [section for section in sections if section.title.lower().rstrip(":") == "timeline"]
    for section in timelines[1:]:
        number = lines[_index_at(lines, section.start)].number
        faults.append(Fault(number, 1, "second-timeline", "a second `## Timeline`: its entries are not read"))
    timeline = timelines[0] if timelines else None
    _find_strays(lines, timeline, faults)
    identity = incident or _word(front.values.get("id") if front else None)
    conflict = first_conflict_marker(text)
    placed = _read_timeline(lines, timeline, identity, faults, has_conflict=conflict is not None) if timeline else ()
    if conflict is not None:
        # Named first where it is why the front matter cannot be read.
        breaks_front = front is not None and not front.is_readable and conflict.line <= text.count("\n", 0, body)
        faults.insert(0 if breaks_front else len(faults), conflict)
    newline = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    return Document(text, newline, front, title, tuple(sections), timeline, placed, tuple(faults))


def _word(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _first_surrogate(text: str) -> int | None:
    if text.isascii():
        return None
    match = re.search("[\ud800-\udfff]", text)
    return match.start() if match else None


def _end_of_front_matter(text: str, front: FrontMatter | None) -> int:
    if front is None:
        return 1 if text.startswith("\ufeff") else 0
    if front.faults and front.faults[0].code == "front-matter-open":
        return front.start
    end = text.find("\n", front.end)
    return len(text) if end < 0 else end + 1


def _lines(text: str, start: int, faults: list[Fault]) -> list[_Line]:
    """The lines behind the front matter; those in a fence or a comment at column 0 are no prose."""
    raw = text[start:].split("\n")
    if not raw[-1]:
        raw.pop()
    first = text.count("\n", 0, start) + 1
    has_blocks = "```" in text or "~~~" in text or "\n<!--" in text or text.startswith("<!--", start)
    blocks = _lines_in_blocks(raw, first, faults) if has_blocks else frozenset()
    lines: list[_Line] = []
    for index, line in enumerate(raw):
        lines.append(_Line(first + index, start, line.rstrip("\r"), index not in blocks))
        start += len(line) + 1
    return lines


def _lines_in_blocks(raw: list[str], first: int, faults: list[Fault]) -> frozenset[int]:
    """The indexes of lines in fences and comments. One that never ends is none: it would swallow what is written later."""
    longest = {mark: _longest_closing_from(raw, mark) for mark in "`~"}
    last_comment_end = next((index for index in range(len(raw) - 1, -1, -1) if ends_comment(raw[index])), -1)
    inside: set[int] = set()
    index = 0
    while index < len(raw):
        line = raw[index].rstrip("\r")
        fence = opened_fence(line) if _is_at_margin(line) else ""
        end = index
        if fence and longest[fence[0]][index + 1] >= len(fence):
            end = next(
                at for at in range(index + 1, len(raw)) if _is_at_margin(raw[at]) and closes_fence(raw[at], fence)
            )
            inside.update(range(index, end + 1))
        elif line.startswith("<!--") and "-->" in line:
            inside.add(index)
        elif line.startswith("<!--") and last_comment_end > index:
            end = next(at for at in range(index + 1, len(raw)) if ends_comment(raw[at]))
            inside.update(range(index, end + 1))
        elif fence:
            message = "this code block has no end, so the lines below it are read as if it were none"
            faults.append(Fault(first + index, 1, "unclosed-fence", message))
        elif line.startswith("<!--"):
            message = "this comment has no end, so the lines below it are read as if it were none"
            faults.append(Fault(first + index, 1, "unclosed-comment", message))
        index = end + 1
    return frozenset(inside)


def _is_at_margin(line: str) -> bool:
    """Whether a fence on this line is none of an entry's: further lines are indented by two."""
    return line[:1] in ("`", "~") or line[:2] in (" `", " ~")


def _longest_closing_from(raw: list[str], mark: str) -> list[int]:
    """For each line, how long the longest fence of this mark is that a line from here on could close."""
    longest = [0] * (len(raw) + 1)
    for index in range(len(raw) - 1, -1, -1):
        word = raw[index].strip()
        length = len(word) if word[:1] == mark and not word.strip(mark) and _is_at_margin(raw[index]) else 0
        longest[index] = max(length, longest[index + 1])
    return longest


def _index_at(lines: list[_Line], start: int) -> int:
    return bisect_left(lines, start, key=lambda line: line.start)


def _read_sections(lines: list[_Line], text: str) -> tuple[str | None, list[Section]]:
    title: str | None = None
    found = list(_headings(lines, text))
    sections: list[Section] = []
    for index, (level, words, start, body) in enumerate(found):
        end = found[index + 1][2] if index + 1 < len(found) else len(text)
        if level > 1:
            sections.append(Section(words, start, body, end))
        elif title is None:
            title = words
    return title, sections


def _headings(lines: list[_Line], text: str) -> Iterator[tuple[int, str, int, int]]:
    """Level, words, and where they and what follows begin, of the headings of the first two levels."""
    has_conflict = "<<<<<<<" in text
    for index, line in enumerate(lines):
        mark = line.text[:1]
        if mark not in ("#", "=", "-") or not line.is_prose:
            continue
        body = lines[index + 1].start if index + 1 < len(lines) else len(text)
        if mark == "#":
            words = line.text.lstrip("#")
            level = len(line.text) - len(words)
            if level <= 2 and words[:1] in ("", " ", "\t"):
                yield level, unescape_line(_without_closing(words.strip(" \t"))), line.start, body
        elif _UNDERLINE.match(line.text) and not (has_conflict and line.text == "======="):
            above = lines[index - 1] if index else None
            is_paragraph = above is not None and above.is_prose and not _NO_PARAGRAPH.match(above.text)
            if above and is_paragraph and above.text and (index < 2 or not lines[index - 2].text.strip()):
                yield 1 if mark == "=" else 2, unescape_line(above.text.strip(" \t")), above.start, body


def _without_closing(words: str) -> str:
    """`## Words ##` without the signs at its end."""
    bare = words.rstrip("#")
    return bare.rstrip(" \t") if bare[-1:] in ("", " ", "\t") else words


def _find_strays(lines: list[_Line], timeline: Section | None, faults: list[Fault]) -> None:
    """Entries of ours that a heading has cut off from the timeline."""
    for line in lines:
        is_outside = timeline is None or not timeline.body <= line.start < timeline.end
        if line.is_prose and is_outside and line.text.endswith("-->") and begins_entry(line.text):
            message = "this entry does not stand under `## Timeline`, so it is not read"
            faults.append(Fault(line.number, 1, "stray-entry", message))


def _read_timeline(
    lines: list[_Line], timeline: Section, incident: str, faults: list[Fault], *, has_conflict: bool
) -> tuple[PlacedEntry, ...]:
    texts: list[EntryText] = []
    spans: list[tuple[int, int]] = []
    numbers: list[int] = []
    within = lines[_index_at(lines, timeline.body) : _index_at(lines, timeline.end)]
    for group in _entry_groups(within, faults):
        text = parse_entry([line.text for line in group if not (has_conflict and _is_marker(line.text))])
        if text is None:
            faults.append(Fault(group[0].number, 3, "impossible-time", "this entry's time does not exist"))
            continue
        last = next(line for line in reversed(group) if line.text.strip(" \t"))
        if text.unread_kind:
            message = f"this begins as **{text.unread_kind}** and has not the form of one, so it is read as a note"
            faults.append(Fault(group[0].number, 3, "unread-kind", message))
        texts.append(text)
        spans.append((group[0].start, last.start + len(last.text)))
        numbers.append(group[0].number)
    entries = identify(texts, incident)
    seen: set[str] = set()
    for entry, number in zip(entries, numbers, strict=True):
        if entry.id in seen:
            faults.append(Fault(number, 1, "repeated-id", f"two entries have the id e:{entry.id}"))
        seen.add(entry.id)
    return tuple(PlacedEntry(entry, start, end) for entry, (start, end) in zip(entries, spans, strict=True))


def _is_marker(line: str) -> bool:
    """Whether a line is a merge's own. It stands with the entry above it, so that none is put in between, and is no word of it."""
    return line == "=======" or _CONFLICT.match(line) is not None


def _entry_groups(lines: list[_Line], faults: list[Fault]) -> Iterator[list[_Line]]:
    group: list[_Line] = []
    for line in lines:
        is_item = line.is_prose and line.text[:1] in ("-", "*", "+")
        if is_item and begins_entry(line.text):
            if group:
                yield group
            group = [line]
            continue
        naive = naive_time(line.text) if is_item else None
        if naive is not None:
            message = (
                f"the time {naive} has no date or no zone, so this line is no entry: write it as 2026-05-14T10:48:00Z"
            )
            faults.append(Fault(line.number, 3, "naive-time", message))
        if group:
            group.append(line)
    if group:
        yield group


def first_conflict_marker(text: str) -> Fault | None:
    """Where git's merge has left its two sides, `None` where it has not."""
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return None
    for number, line in enumerate(text.split("\n"), 1):
        if _CONFLICT.match(line):
            message = "the file holds conflict markers of a merge: choose between the two sides and remove the markers"
            return Fault(number, 1, "conflict-markers", message)
    return None
