"""Two versions of an incident or a post-mortem, and the one they come from, to one text that loses nothing. Pure: texts in, text out.

Works on the text alone, without a model that could drop what it does not know. Keys, entries and action items are taken out of
the three texts and merged by what they are; what is left is merged by lines; then they are put back. Where any of this is in
doubt, the whole is merged by lines, with git's conflicts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.document.action_item_edits import items_of
from incidentctl.document.edit import EditError, refold, same_value
from incidentctl.document.entry_lines import render_entry
from incidentctl.document.merge_keys import Head, MergedHead, merge_heads, read_head
from incidentctl.document.parse import Document, Section, parse_document
from incidentctl.document.section_names import OwnNames
from incidentctl.incident.entries import Entry, Opened
from incidentctl.incident.ids import SLUG_LENGTH, derived_id
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.policy import DEFAULT_SCALE, Scale
from incidentctl.incident.settling import settle, settled_words

MergeLines = Callable[[str, str, str], tuple[str, bool]]
"""git's merge of lines: (ours, base, theirs) to the merged text, and whether nothing clashed.

Where something does, the lines of both stand between `<<<<<<< ours`, `=======` and `>>>>>>> theirs`.
"""

# Stands for what was taken out of a text, on a line of its own. A text that holds it already is merged by lines.
_MARK: Final = "\x1e"
_FRONT: Final = f"{_MARK}front"
_TIMELINE: Final = f"{_MARK}timeline"
_EMPTY_TIMELINE: Final = f"{_MARK}empty"
_MARKS: Final = {_FRONT: f"{_FRONT}\n", _TIMELINE: _TIMELINE, _EMPTY_TIMELINE: f"{_TIMELINE}\n"}
_TOKEN: Final = re.compile(f"{_MARK}a:([0-9a-z]{{6}})\\*?")
_OPENS, _DIVIDES, _CLOSES = "<<<<<<< ours", "=======", ">>>>>>> theirs"


class Conflict(Struct, frozen=True):
    """What both sides changed and nobody can settle but a person. `what` names it, as `title`, `e:004mz1` or `lines 20-31`.

    A side that removed it has `None`.
    """

    what: str
    ours: str | None
    theirs: str | None


class Merged(Struct, frozen=True):
    """What came of a merge. The text of a merge with conflicts has markers around each of them, and nowhere else.

    `discarded` says, a line each, what a rule left out: for the message of the merge's commit.
    """

    text: str
    conflicts: tuple[Conflict, ...] = ()
    discarded: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing for a person to settle."""
        return not self.conflicts


def merge_versions(
    base: str | None,
    ours: str,
    theirs: str,
    *,
    incident: str,
    is_record: bool,
    merge_lines: MergeLines,
    scale: Scale = DEFAULT_SCALE,
    names: OwnNames = None,
) -> Merged:
    """Merges two versions of one file against their base, `None` where they have none.

    The same in either order, and the same again. On any doubt it is git's own merge, with its conflicts; so it is for two incidents
    of one name, which are not made one. `incident` is the id in the file's name; `is_record` says that it is the incident's own
    file, and not its post-mortem. `scale` tells which of two severities is the more severe, `names` are a team's own names of
    sections.
    """
    if ours == theirs or theirs == base:
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    if base is None and is_record and not is_same_incident(ours, theirs, incident=incident):
        text, is_clean = merge_lines(ours, "", theirs)
        return Merged(text, () if is_clean else tuple(_conflicts_in(text)))
    flipped = theirs < ours  # from here on the order of the sides is that of their texts, so it cannot matter
    first, second = (theirs, ours) if flipped else (ours, theirs)
    merge = _Merge(incident, is_record, scale, names, merge_lines, flipped)
    line_end = _merged_line_end(base, first, second)
    old = base
    if line_end is not None:
        # Where one side changed nothing but the ends of all lines, its words are still the same.
        old = None if base is None else base.replace("\r\n", "\n")
        first, second = first.replace("\r\n", "\n"), second.replace("\r\n", "\n")
    try:
        return _with_line_end(merge.by_meaning(old, first, second), line_end)
    except (_DoubtError, EditError):
        text, is_clean = merge_lines(ours, base or "", theirs)
        return Merged(text, () if is_clean else tuple(_conflicts_in(text)))


def is_same_incident(ours: str, theirs: str, *, incident: str) -> bool:
    """Whether two files of one name, without a common base, are about one incident: their Opened has the same id.

    Where a side has none, its first entry counts. Two files without any entry are the same if they say the same.
    """
    first, second = (_opening(text, incident) for text in (ours, theirs))
    return first is not None and first == second if first or second else ours == theirs


def parted_id(incident: str, text: str) -> str:
    """The id that an incident takes when another one has its name: with `-` and three characters that follow from its Opened's id."""
    return parted_from(incident, _opening(text, incident) or derived_id(incident, text))


def parted_from(incident: str, opening: str) -> str:
    """The same, from the id of its Opened."""
    tail = f"-{derived_id('parted', opening)[-3:]}"
    return incident[: 11 + SLUG_LENGTH - len(tail)].rstrip("-") + tail


def _opening(text: str, incident: str) -> str | None:
    entries = sorted(parse_document(text, incident=incident).entries, key=lambda entry: entry.order)
    opened = next((entry for entry in entries if isinstance(entry.what, Opened)), entries[0] if entries else None)
    return opened.id if opened else None


class _DoubtError(Exception):
    """Never leaves the module: the texts are merged by lines instead."""


class _Piece(Struct, frozen=True):
    """What was taken out of a text: an entry or an action item, as it stands there, without the end of its last line."""

    id: str
    text: str
    behind: str | None = None
    """What stands between it and the next one; None behind the last."""
    entry: Entry | None = None


class _Side(Struct, frozen=True):
    """One of the three texts, taken apart. `rest` is the text with marks in the place of what was taken out."""

    document: Document
    head: Head | None
    entries: Mapping[str, _Piece]
    timeline: str
    items: Mapping[str, _Piece]
    spans: tuple[tuple[int, int, str], ...]

    def rest(self, *, without_front: bool, marks: Callable[[str], str]) -> str:
        """The text with marks; `marks` gives that of an item by its id."""
        text = self.document.text
        pieces: list[str] = []
        at = 0
        for start, end, what in self.spans:
            if what == _FRONT and not without_front:
                continue
            mark = _MARKS.get(what) or marks(what)
            pieces += [text[at:start], mark]
            at = end
        return "".join((*pieces, text[at:]))


class _Union(Struct, frozen=True):
    """Entries or items of both sides as they become, and those that both changed: the first side's stands, both are kept here."""

    pieces: Mapping[str, _Piece]
    clashes: Mapping[str, tuple[str, str]]
    discarded: tuple[str, ...]


class _Merge:
    """One merge: what holds for all of its parts."""

    def __init__(
        self,
        incident: str,
        is_record: bool,
        scale: Scale,
        names: OwnNames,
        merge_lines: MergeLines,
        flipped: bool,
    ) -> None:
        self._incident = incident
        self._is_record = is_record
        self._scale = scale
        self._names = names
        self._merge_lines = merge_lines
        self._flipped = flipped

    # ------------------------------------------------------------------------------------------------------ the whole

    def by_meaning(self, base: str | None, ours: str, theirs: str) -> Merged:
        old = self._side(base) if base is not None else None
        mine, other = self._side(ours), self._side(theirs)
        head = self._head(old, mine, other)
        region, entries, added = self._timeline(old, mine, other)
        items = self._united(old.items if old else {}, mine.items, other.items, "a:")
        rest, is_clean = self._rest(old, mine, other, items, without_front=head is not None)
        if not region:
            rest = rest.replace(f"{_TIMELINE}\n", "", 1)
        if rest.count(_TIMELINE) != (1 if region else 0) or (head is not None and rest.count(_FRONT) != 1):
            raise _DoubtError
        text = rest.replace(_TIMELINE, region) if region else rest
        if head is not None:
            text = text.replace(f"{_FRONT}\n", head.head.text)
            merged = parse_document(text, incident=self._incident)
            if self._is_record and merged.is_readable:
                text = refold(merged, hold=head.hold)
        self._check(text, head, entries, items, is_clean=is_clean)
        conflicts = [] if is_clean else _conflicts_in(text)
        text, marked = self._marked(text, head, entries, items)
        discarded = (*entries.discarded, *items.discarded, *settled_words(added))
        return Merged(text, (*marked, *conflicts), tuple(discarded))

    def _check(self, text: str, head: MergedHead | None, entries: _Union, items: _Union, *, is_clean: bool) -> None:
        """That the text says what was merged, and nothing else: if not, the rules above do not fit it."""
        document = parse_document(text, incident=self._incident)
        if {entry.id for entry in document.entries} != {*entries.pieces}:
            raise _DoubtError
        if any(piece.text not in text for piece in (*entries.pieces.values(), *items.pieces.values())):
            raise _DoubtError
        if head is not None:
            if document.front is None or not document.front.is_readable:
                raise _DoubtError
            folded = fold(document.entries).as_keys() if self._is_record else {}
            for key, value in folded.items():
                if key not in head.hold and not same_value(key, document.value(key), value):
                    raise _DoubtError
            for key, piece in head.head.keys.items():
                if key not in folded and document.value(key) != piece.value:
                    raise _DoubtError
        standing = {each.item.id for each in items_of(document, self._incident, self._names)}
        if is_clean and not {*items.pieces} <= standing:
            raise _DoubtError

    # ------------------------------------------------------------------------------------------------- taking apart

    def _side(self, text: str) -> _Side:
        document = parse_document(text, incident=self._incident)
        if _MARK in text or any(
            fault.code in ("conflict-markers", "repeated-id", "not-text") for fault in document.faults
        ):
            raise _DoubtError
        spans: list[tuple[int, int, str]] = []
        head = read_head(document)
        if head is not None and document.front is not None:
            spans.append((document.front.start, document.front.end, _FRONT))
        entries = self._entries(document)
        timeline = ""
        if entries:
            start = document.placed[0].start
            end = start + sum(len(piece.text) + len(piece.behind or "") for piece in entries.values())
            timeline = text[start:end]
            spans.append((start, end, _TIMELINE))
        elif document.timeline is not None:
            at = _first_place(document, document.timeline)
            if at is not None:
                spans.append((at, at, _EMPTY_TIMELINE))
        items = {}
        for start, end, item_id in self._item_spans(document):
            if not any(start < other_end and end > other_start for other_start, other_end, _ in spans):
                if item_id in items:
                    raise _DoubtError
                items[item_id] = _Piece(item_id, text[start:end])
                spans.append((start, end, item_id))
        return _Side(document, head, entries, timeline, items, tuple(sorted(spans)))

    def _entries(self, document: Document) -> dict[str, _Piece]:
        """Each entry with all lines down to the next one: what nobody can read belongs to the entry above."""
        text = document.text
        pieces: dict[str, _Piece] = {}
        for index, placed in enumerate(document.placed):
            is_last = index + 1 == len(document.placed)
            next_start = placed.end if is_last else document.placed[index + 1].start
            words = text[placed.start : next_start].rstrip(" \t\r\n")
            end = placed.start + len(words)
            behind = None if is_last else text[end:next_start]
            pieces[placed.entry.id] = _Piece(placed.entry.id, words, behind, placed.entry)
        return pieces

    def _item_spans(self, document: Document) -> Iterator[tuple[int, int, str]]:
        """The action items that are tasks, without those within another one."""
        if self._is_record:
            return
        end = 0
        for placed in sorted(items_of(document, self._incident, self._names), key=lambda each: (each.start, -each.end)):
            if placed.is_task and not placed.item.is_blank and placed.start >= end:
                start = document.text.rfind("\n", 0, placed.start) + 1
                end = placed.end
                yield start, end, placed.item.id

    # ------------------------------------------------------------------------------------------------------ the parts

    def _head(self, old: _Side | None, mine: _Side, other: _Side) -> MergedHead | None:
        """`None` where a front matter cannot be taken apart: then it is merged by lines."""
        if mine.head is None or other.head is None or (old is not None and old.head is None):
            return None
        was = (old.document, old.head) if old is not None and old.head is not None else None
        return merge_heads(was, (mine.document, mine.head), (other.document, other.head), is_record=self._is_record)

    def _timeline(self, old: _Side | None, mine: _Side, other: _Side) -> tuple[str, _Union, list[Entry]]:
        """All entries as one text, the same by their ids, and the entries that had to be added."""
        before = old.entries if old else {}
        timeline = old.timeline if old else None
        for one, another in ((mine, other), (other, mine)):
            # Lines are moved only where both sides changed the timeline.
            if another.timeline in (timeline, one.timeline):
                gone = tuple(f"e:{each} was removed on one side" for each in before if each not in one.entries)
                return one.timeline, _Union(one.entries, {}, gone), []
        union = self._united(before, mine.entries, other.entries, "e:")
        added = []
        if self._is_record:
            sides = [[piece.entry for piece in side.entries.values() if piece.entry] for side in (mine, other)]
            added = settle(sides[0], sides[1], self._scale, base=before)
        newline = mine.document.newline
        pieces = {entry.id: _piece_of(entry, newline) for entry in added} | dict(union.pieces)
        ordered = dict(sorted(pieces.items(), key=lambda item: _order(item[1])))
        last = len(ordered) - 1
        region = "".join(
            piece.text + ((piece.behind or newline) if index < last else "")
            for index, piece in enumerate(ordered.values())
        )
        return region, replace(union, pieces=ordered), added

    def _united(
        self, before: Mapping[str, _Piece], ours: Mapping[str, _Piece], theirs: Mapping[str, _Piece], sign: str
    ) -> _Union:
        """By id against the base."""
        pieces: dict[str, _Piece] = {}
        clashes: dict[str, tuple[str, str]] = {}
        discarded: list[str] = []
        for each in dict.fromkeys((*ours, *theirs)):
            old, mine, other = before.get(each), ours.get(each), theirs.get(each)
            name = f"{sign}{each}"
            if mine is None or other is None:
                stands = mine or other
                assert stands is not None
                if old is not None and stands.text == old.text:
                    discarded.append(f"{name} was removed on one side")
                    continue
                if old is not None:
                    discarded.append(f"{name} was removed on one side and changed on the other: it stays")
                pieces[each] = stands
                continue
            behind = _behind(old, mine, other)
            texts = self._text_of(old, mine, other)
            if texts is None:
                clashes[each] = (mine.text, other.text)
            elif _is_redacted(mine) != _is_redacted(other) and not (old and _is_redacted(old)):
                discarded.append(f"{name}: its text; the redacted form stands")
            chosen = other if texts == other.text else mine
            pieces[each] = replace(chosen, text=texts if texts is not None else mine.text, behind=behind)
        return _Union(pieces, clashes, tuple(discarded))

    def _text_of(self, before: _Piece | None, mine: _Piece, other: _Piece) -> str | None:
        """What becomes of what both have; `None` where both changed it, each in its own way."""
        old, ours, theirs = before.text if before else None, mine.text, other.text
        if ours == theirs:
            return ours
        if _is_redacted(mine) != _is_redacted(other) and not (before and _is_redacted(before)):
            return ours if _is_redacted(mine) else theirs
        if theirs == old:
            return ours
        if ours == old:
            return theirs
        if _is_redacted(mine) and _is_redacted(other):
            return min(ours, theirs)
        if old is None:
            return None
        # Its first line on one side, what stands below it on the other.
        parts = [text.partition("\n") for text in (old, ours, theirs)]
        chosen = []
        for was, one, another in zip(*((part[0], part[1] + part[2]) for part in parts), strict=True):
            if one != another and was not in (one, another):
                return None
            chosen.append(one if another == was else another)
        return "".join(chosen)

    def _rest(
        self, old: _Side | None, mine: _Side, other: _Side, items: _Union, *, without_front: bool
    ) -> tuple[str, bool]:
        """All else, by lines. Action items that both sides put into one place are no conflict."""
        before = old.items if old else {}

        def marks(side: _Side) -> Callable[[str], str]:
            # A mark that differs where the item does: what one side changed and the other removed must not vanish.
            def mark(item_id: str) -> str:
                was = before.get(item_id)
                return f"{_MARK}a:{item_id}" + ("*" if was is not None and was.text != side.items[item_id].text else "")

            return mark

        ours, theirs = (side.rest(without_front=without_front, marks=marks(side)) for side in (mine, other))
        if old is not None:
            was = old.rest(without_front=without_front, marks=lambda item_id: f"{_MARK}a:{item_id}")
        else:
            was = _common_lines(ours, theirs)
        text, is_clean = self._by_lines(ours, was, theirs)
        if not is_clean:
            text = _with_items_united(text)
            is_clean = _OPENS not in text.split("\n")
        return self._with_items(text, mine, other, items), is_clean

    def _by_lines(self, ours: str, base: str, theirs: str) -> tuple[str, bool]:
        if ours == theirs or theirs == base:
            return ours, True
        if ours == base:
            return theirs, True
        text, is_clean = self._merge_lines(ours, base, theirs)
        return self._merge_lines(theirs, base, ours) if self._flipped and not is_clean else (text, is_clean)

    def _with_items(self, text: str, mine: _Side, other: _Side, items: _Union) -> str:
        """The items in the place of their marks: as merged; between the signs of a conflict as each side has them."""
        ours, theirs = (other, mine) if self._flipped else (mine, other)
        lines: list[str] = []
        seen: set[str] = set()
        side: _Side | None = None
        for line in text.split("\n"):
            side = {_OPENS: ours, _DIVIDES: theirs if side else None, _CLOSES: None}.get(line.rstrip("\r"), side)
            item_id = _item_in(line.rstrip("\r"))
            if item_id is None:
                lines.append(line)
                continue
            pieces = side.items if side is not None else items.pieces
            if item_id in pieces and (side is not None or item_id not in seen):
                seen.add(item_id)
                lines.append(pieces[item_id].text + ("\r" if line.endswith("\r") else ""))
        return "\n".join(lines)

    # ----------------------------------------------------------------------------------------------------- conflicts

    def _marked(self, text: str, head: MergedHead | None, entries: _Union, items: _Union) -> tuple[str, list[Conflict]]:
        """The text with each conflict between markers, and the conflicts."""
        document = parse_document(text, incident=self._incident)
        splices: list[tuple[int, int, str, str, str]] = []
        for clash in head.clashes if head is not None else ():
            found = read_head(document)
            if found is None or document.front is None:
                raise _DoubtError
            start = document.front.start + len(found.lead)
            for key, piece in found.keys.items():
                if key == clash.key:
                    splices.append((start, start + len(piece.lines), key, clash.ours, clash.theirs))
                start += len(piece.lines) + len(piece.behind)
        starts = {placed.entry.id: placed.start for placed in document.placed}
        splices += self._clashing(text, entries, "e:", starts)
        splices += self._clashing(text, items, "a:", {each: start for start, _, each in self._item_spans(document)})
        conflicts: list[Conflict] = []
        for start, end, what, ours, theirs in sorted(splices, reverse=True):
            first, second = (theirs, ours) if self._flipped else (ours, theirs)
            block = f"{_OPENS}\n{first}{_DIVIDES}\n{second}{_CLOSES}\n"
            text = text[:start] + block + text[end:]
            conflicts.append(Conflict(what, first.rstrip("\r\n") or None, second.rstrip("\r\n") or None))
        return text, conflicts[::-1]

    def _clashing(
        self, text: str, union: _Union, sign: str, starts: Mapping[str, int]
    ) -> Iterator[tuple[int, int, str, str, str]]:
        for each, (ours, theirs) in union.clashes.items():
            stands = union.pieces[each].text
            start = starts.get(each, -1)
            if start < 0 or not text.startswith(stands, start):
                raise _DoubtError
            end = text.find("\n", start + len(stands))
            yield start, len(text) if end < 0 else end + 1, sign + each, f"{ours}\n", f"{theirs}\n"


def _first_place(document: Document, timeline: Section) -> int | None:
    """Where the first entry of an empty timeline would stand: below its heading and one empty line."""
    text, at = document.text, timeline.body
    if not text[:at].endswith("\n"):
        return None
    end = text.find("\n", at, timeline.end)
    return end + 1 if end >= 0 and not text[at:end].strip() else at


def _order(piece: _Piece) -> tuple[object, str]:
    assert piece.entry is not None
    return piece.entry.order


def _piece_of(entry: Entry, newline: str) -> _Piece:
    return _Piece(entry.id, newline.join(render_entry(entry)), None, entry)


def _is_redacted(piece: _Piece) -> bool:
    return piece.entry is not None and piece.entry.redacted is not None


def _behind(old: _Piece | None, mine: _Piece, other: _Piece) -> str | None:
    """What stands between an entry and the next: as the side has it that changed it."""
    if mine.behind is None or other.behind is None:
        return other.behind if mine.behind is None else mine.behind
    return other.behind if old is not None and mine.behind == old.behind else mine.behind


def _common_lines(ours: str, theirs: str) -> str:
    """The lines that two texts share, in order: what stands for a base where there is none."""
    first, second = (text.splitlines(keepends=True) for text in (ours, theirs))
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return "".join(line for at, _, size in matcher.get_matching_blocks() for line in first[at : at + size])


def _with_items_united(text: str) -> str:
    """Without the conflicts that are nothing but action items side by side."""
    lines: list[str] = []
    waiting: list[str] | None = None
    for line in text.split("\n"):
        if waiting is None and line == _OPENS:
            waiting = [line]
        elif waiting is not None:
            waiting.append(line)
            if line == _CLOSES:
                lines += _united_hunk(waiting)
                waiting = None
        else:
            lines.append(line)
    return "\n".join(lines + (waiting or []))


def _united_hunk(hunk: list[str]) -> list[str]:
    inside = hunk[1:-1]
    if inside.count(_DIVIDES) != 1 or any(line and line != _DIVIDES and not _TOKEN.fullmatch(line) for line in inside):
        return hunk
    at = inside.index(_DIVIDES)
    first, second = sorted((inside[:at], inside[at + 1 :]))
    standing = {_item_in(line) for line in first}
    return [*first, *(line for line in second if line and _item_in(line) not in standing)]


def _item_in(line: str) -> str | None:
    match = _TOKEN.fullmatch(line)
    return match[1] if match else None


def _conflicts_in(text: str) -> list[Conflict]:
    """The conflicts of a merge by lines."""
    found: list[Conflict] = []
    start = 0
    ours: list[str] = []
    theirs: list[str] = []
    side: list[str] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("<<<<<<< "):
            start, ours, theirs = number, [], []
            side = ours
        elif line.rstrip("\r") == _DIVIDES and side is ours:
            side = theirs
        elif line.startswith(">>>>>>> ") and side is not None:
            found.append(Conflict(f"lines {start}-{number}", "\n".join(ours) or None, "\n".join(theirs) or None))
            side = None
        elif side is not None:
            side.append(line)
    return found


def _line_end(text: str | None) -> str | None:
    """How all lines of a text end; `None` where they differ, and where there is no text."""
    if text is None:
        return None
    ends = text.count("\r\n")
    if ends and ends == text.count("\n") == text.count("\r"):
        return "\r\n"
    return None if "\r" in text else "\n"


def _merged_line_end(base: str | None, ours: str, theirs: str) -> str | None:
    """How lines end in the merged text; `None` where it is not for the merge to say."""
    first, second, old = _line_end(ours), _line_end(theirs), _line_end(base)
    if first is None or second is None or (base is not None and old is None):
        return None
    return second if first == old else first


def _with_line_end(merged: Merged, line_end: str | None) -> Merged:
    return replace(merged, text=merged.text.replace("\n", "\r\n")) if line_end == "\r\n" else merged
