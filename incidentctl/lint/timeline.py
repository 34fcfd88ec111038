"""The timeline of a document in whichever of its five shapes: bullets, bold times, a table, one heading a time, bare lines."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from incidentctl.document.section_names import Role
from incidentctl.lint.blocks import Block, BlockKind, Piece, Row, without_check_box
from incidentctl.lint.written_times import Clock, WrittenTime, find_day, read_bare_day, read_time, stated_zone

if TYPE_CHECKING:
    from incidentctl.lint.page import Page, Section


class Shape(StrEnum):
    """How a timeline is written."""

    BULLETS = "bullets"
    TABLE = "table"
    HEADINGS = "headings"
    BOLD = "bold times"
    LINES = "lines"


class TimelineEntry(Struct, frozen=True):
    """One entry: `piece` is the line with its time, `text` what it says behind it; `end` is the line behind its last one.

    `time` is `None` for an item without one. `day` is the day on which it happened as far as the document says;
    `is_day_written` whether it stands at this entry or comes from above. `moment` is in UTC where the zone is
    known, written or stated for all; else it has no zone.

    Where the clock goes back by hours and no day is written, the next day is assumed: `is_rollover` is true there, and
    `is_day_assumed` from there on until a day is written. `group` counts the headings that part the timeline and are no
    entries themselves, `run` the lists and tables within it.
    """

    piece: Piece
    end: int
    text: str
    time: WrittenTime | None
    day: date | None = None
    is_day_written: bool = False
    moment: datetime | None = None
    depth: int = 1
    shape: Shape = Shape.BULLETS
    group: int = 0
    run: int = 0
    is_day_assumed: bool = False
    is_rollover: bool = False

    @property
    def line(self) -> int:
        """Its line, from 0."""
        return self.piece.line

    @property
    def has_clock(self) -> bool:
        """Whether a time of day is written."""
        return self.time is not None and self.time.clock is not None

    @property
    def place(self) -> tuple[int, int]:
        """Where its time stands in its piece: all of the piece where it has none."""
        if self.time is None or self.time.end > len(self.piece.text):
            return 0, len(self.piece.text)
        return self.time.start, self.time.end


class Fault(StrEnum):
    """What is wrong with the order of entries."""

    GOES_BACK = "goes back"
    NEWEST_FIRST = "newest first"
    NO_DAY = "no day"
    OUTLIER = "outlier"


class Disorder(Struct, frozen=True):
    """A place where the order of the entries is wrong: by index, the entry that stands wrong and the one that shows it.

    For an outlier `day` is the one that is likely meant.
    """

    fault: Fault
    entry: int
    other: int
    day: date | None = None


class Timeline(Struct, frozen=True, dict=True):
    """The entries in the order of the document. `zone` is the one that is stated for all, with its offset where known."""

    section: "Section | None"
    shape: Shape
    entries: tuple[TimelineEntry, ...]
    zone: str | None = None
    offset: timedelta | None = None

    @cached_property
    def timed(self) -> tuple[TimelineEntry, ...]:
        """Those with a time of day."""
        return tuple(entry for entry in self.entries if entry.has_clock)

    @cached_property
    def moments(self) -> tuple[datetime, ...]:
        """The times that are known, in the order of the document, without a zone where any of them has none."""
        found = [entry.moment for entry in self.entries if entry.moment is not None]
        return as_comparable(found)

    @cached_property
    def disorder(self) -> tuple[Disorder, ...]:
        """Where the order is wrong, in the order of the document."""
        return tuple(sorted(_disorder(self.entries), key=lambda each: each.entry))

    @cached_property
    def doubtful(self) -> frozenset[int]:
        """The indexes of entries whose time or day cannot be trusted: rules that compare times leave them out."""
        wrong = {each.entry for each in self.disorder} | {
            each.other for each in self.disorder if each.fault is Fault.GOES_BACK
        }
        assumed = {index for index, entry in enumerate(self.entries) if entry.is_day_assumed}
        return frozenset(wrong | assumed)


def as_comparable(moments: Sequence[datetime]) -> tuple[datetime, ...]:
    """Times that can be compared: with their zones where all have one, else as clocks read them."""
    if all(moment.tzinfo is not None for moment in moments):
        return tuple(moments)
    return tuple(moment.replace(tzinfo=None) for moment in moments)


def read_timeline(page: "Page") -> Timeline | None:
    """Reads the timeline of a page; `None` where it has no section for one and no run of times elsewhere."""
    sections = page.by_role.get(Role.TIMELINE, ())
    best: Timeline | None = None
    for section in sections:
        found = _read_section(page, section)
        if best is None or len(found.timed) > len(best.timed):
            best = found
    if best is not None:
        return best
    return _read_elsewhere(page)


def _read_section(page: "Page", section: "Section") -> Timeline:
    found, shape = _entries(page, section)
    return _timeline_of(page, section, found, shape)


def _zone_for(page: "Page", section: "Section | None") -> tuple[str, timedelta | None, int] | None:
    """The zone stated in the timeline's section, in its heading or before the first section."""
    if section is not None:
        found = stated_zone(section.heading.text) or _zone_in_parenthesis(section.heading.text)
        if found:
            return found
        blocks = page.blocks[section.blocks.start : section.blocks.stop]
        for block in blocks[:8]:
            if block.kind is BlockKind.PARAGRAPH:
                found = stated_zone(block.text)
            elif block.kind is BlockKind.TABLE and block.rows:
                found = _zone_of_column(block)
            if found:
                return found
    for block in page.prose(page.lead):
        if block.kind is BlockKind.PARAGRAPH:
            found = stated_zone(block.text)
            if found:
                return found
    return None


def _zone_in_parenthesis(words: str) -> tuple[str, timedelta | None, int] | None:
    match = _PARENTHESIS.search(words)
    return stated_zone(f"time {match[1]}") if match else None


_PARENTHESIS: Final = re.compile(r"[(\[]([^()\[\]]{2,40})[)\]]")


def _zone_of_column(block: Block) -> tuple[str, timedelta | None, int] | None:
    for cell in block.rows[0].cells:
        words = cell.text.strip("*_ ")
        found = (
            stated_zone(words)
            or _zone_in_parenthesis(words)
            or (stated_zone(f"time {words}") if len(words) < 8 else None)
        )
        if found:
            return found
    return None


def _entries(page: "Page", section: "Section") -> tuple[list["_Found"], Shape]:
    """All entries of a section, in order, and the shape that most of them have."""
    found: list[_Found] = []
    heading_blocks = {
        child.heading.block: child for child in page.sections[section.index + 1 :] if child.start < section.end
    }
    blocks = page.blocks
    # Where a timeline of several incidents has sections of its own for causes and times, only those for times count.
    has_inner = any(child.role is Role.TIMELINE for child in heading_blocks.values())
    is_counted = not has_inner
    group = run = 0
    for index in section.blocks:
        block = blocks[index]
        if block.is_quoted:
            continue
        child = heading_blocks.get(index)
        more: list[_Found] = []
        if child is not None:
            run += 1
            if child.role is not None:
                is_counted = child.role is Role.TIMELINE or (not has_inner and child.role in _TELLING)
                group += 1
            elif not has_inner or read_time(child.heading.piece.text) is not None:
                is_counted = not has_inner
                more = list(_of_heading(page, child))
                group += not any(each.time is not None for each in more)
        elif not is_counted:
            continue
        elif block.kind is BlockKind.TABLE:
            run += 1
            more = list(_of_table(block))
        elif block.kind is BlockKind.PARAGRAPH:
            run += block.item is None
            more = list(_of_paragraph(page, index, block))
            is_within_heading = bool(found) and found[-1].shape is Shape.HEADINGS and _has_clock(found[-1])
            group += block.item is None and not more and not is_within_heading and _is_label(block)
        for each in more:
            each.group, each.run = group, run
        found.extend(more)
    return _with_shape(found)


def _with_shape(found: list["_Found"]) -> tuple[list["_Found"], Shape]:
    counts: dict[Shape, int] = {}
    for each in found:
        if each.time is not None and each.time.clock is not None:
            counts[each.shape] = counts.get(each.shape, 0) + 1
    shape = max(counts, key=lambda each: (counts[each], -list(Shape).index(each))) if counts else Shape.BULLETS
    return _of_shape(found, shape), shape


class _Found(Struct):
    """A line that can be an entry, before it is known which shape the timeline has."""

    shape: Shape
    piece: Piece
    end: int
    text: str
    time: WrittenTime | None
    depth: int = 1
    group: int = 0
    run: int = 0


def _of_shape(found: list[_Found], shape: Shape) -> list[_Found]:
    """What counts of all that was found: entries with a time, days on lines of their own, and the items that lack a time.

    Where times stand in headings, the items below them are what these entries say.
    """
    kept: list[_Found] = []
    outermost = min((each.depth for each in found if each.shape in _ITEMS and _has_clock(each)), default=1)
    for each in found:
        is_day_only = each.time is not None and each.time.clock is None and not each.time.impossible
        if is_day_only and each.depth == 1 and not each.text.strip(_NO_WORDS):
            kept.append(each)
        elif shape is Shape.HEADINGS:
            if each.shape is Shape.HEADINGS and each.time is not None:
                kept.append(each)
        elif each.shape is Shape.HEADINGS:
            if each.time is not None:
                kept.append(each)
        elif each.shape in _ITEMS:
            if each.time is not None or (shape in _ITEMS and each.depth <= outermost):
                kept.append(each)
        elif each.time is not None or each.shape is Shape.TABLE:
            kept.append(each)
    return kept


_BETWEEN: Final = " ]*_:-–—|)`"
_ITEMS: Final = (Shape.BULLETS, Shape.BOLD)


def _has_clock(found: _Found) -> bool:
    return found.time is not None and found.time.clock is not None


def _of_heading(page: "Page", section: "Section") -> Iterator[_Found]:
    piece = section.heading.piece
    time = read_time(piece.text)
    text = piece.text[time.end :] if time else piece.text
    if time is None:
        time = find_day(piece.text)
        if time is not None and (time.impossible or time.is_day_ambiguous):
            time = None
        elif time is not None:
            text = ""  # it names the day of what stands below it
    elif not text.strip(_NO_WORDS):
        first = next((block for block in page.prose(section.own_blocks) if block.pieces), None)
        if time.clock is not None and first is not None:
            text = first.text
    yield _Found(Shape.HEADINGS, piece, section.own_end, text, time)


def _of_paragraph(page: "Page", index: int, block: Block) -> Iterator[_Found]:
    if block.item is not None:
        item = page.structure.items[block.item]
        is_first = block.start == item.start and (index == 0 or page.blocks[index - 1].item != block.item)
        if not is_first:
            return
        piece, _ = without_check_box(block.pieces[0])
        time = read_time(piece.text)
        is_bold = piece.text.startswith(("**", "__"))
        text = "\n".join([piece.text[time.end :] if time else piece.text, *(each.text for each in block.pieces[1:])])
        yield _Found(Shape.BOLD if is_bold else Shape.BULLETS, piece, item.end, text, time, item.depth)
        return
    is_begun = False
    for number, piece in enumerate(block.pieces):
        time = read_time(piece.text)
        if time is None or (number and time.clock is None) or not _begins_line(piece.text, time):
            continue
        is_begun = True
        is_bold = piece.text.startswith(("**", "__"))
        yield _Found(Shape.BOLD if is_bold else Shape.LINES, piece, block.end, piece.text[time.end :], time)
    if _is_label(block) and not is_begun:
        day = find_day(block.pieces[0].text)
        if day is not None and not day.impossible and not day.is_day_ambiguous:
            yield _Found(Shape.LINES, block.pieces[0], block.end, "", day)


def _is_label(block: Block) -> bool:
    """Whether a paragraph is one bold line: it stands over a part of the timeline."""
    text = block.pieces[0].text if len(block.pieces) == 1 else ""
    return 4 < len(text) < 80 and text[:2] in ("**", "__") and text.rstrip(":")[-2:] == text[:2]


def _begins_line(text: str, time: WrittenTime) -> bool:
    """Whether a time opens an entry: prose as `At 10:48 we saw` or `On May 3rd the team` does not."""
    before = text[: time.start]
    return not any(letter.isalpha() for letter in before) and (
        time.clock is not None
        or (time.has_meridiem and time.impossible is not None)
        or not text[time.end :].strip(" :*_-–—.,")
    )


_NOT_A_TIME_OF_DAY: Final = re.compile(r"\b(?:elapsed|delta|duration|offset|since|relative|took)\b", re.IGNORECASE)


def _day_alone(row: Row, column: int) -> WrittenTime | None:
    """The day of a row that says nothing else, as `| 1/28 | |` above the times of that day."""
    if any(cell.text for at, cell in enumerate(row.cells) if at != column):
        return None
    return read_bare_day(row.cells[column].text)


def _of_table(block: Block) -> Iterator[_Found]:
    """The rows of a table that has a column of times, perhaps beside one of days."""
    if len(block.rows) < 2:
        return
    body = block.rows[1:]
    width = max(len(row.cells) for row in body)
    timed: list[int] = []
    head = block.rows[0].cells
    for column in range(min(width, 4)):
        if column < len(head) and _NOT_A_TIME_OF_DAY.search(head[column].text):
            continue
        times = [
            read_time(row.cells[column].text) or _day_alone(row, column) for row in body if column < len(row.cells)
        ]
        if sum(1 for time in times if time is not None) * 2 > len(body):
            timed.append(column)
    if not timed:
        return
    for row in body:
        cells = [row.cells[column] for column in timed if column < len(row.cells)]
        joined = " ".join(cell.text for cell in cells[:2])
        piece = next((cell for cell in cells if cell.text), row.cells[0] if row.cells else Piece(row.line, 0, ""))
        time = read_time(joined) or read_time(piece.text)
        rest = [cell.text for column, cell in enumerate(row.cells) if column not in timed]
        if not any(cell.text for cell in row.cells):
            continue
        if time is None and timed[0] < len(row.cells):
            time = _day_alone(row, timed[0])
        yield _Found(Shape.TABLE, piece, row.line + 1, " ".join(rest), time)


_ROLLS_OVER: Final = timedelta(hours=6)
_DAY: Final = timedelta(days=1)
_NO_WORDS: Final = " :*_-–—)]"


def _with_days(page: "Page", found: list[_Found], offset: timedelta | None) -> tuple[TimelineEntry, ...]:
    """Gives each entry its day: its own, else that of the line, heading or entry above, else the header's."""
    if offset is None:
        offset = _only_offset(found)
    reader = _Days(page.header.day, offset, min((each.depth for each in found if _has_clock(each)), default=1))
    return tuple(entry for entry in map(reader.read, found) if entry is not None)


class _Days:
    """Walks the entries with the day on which they happened."""

    def __init__(self, day: date | None, offset: timedelta | None, outermost: int) -> None:
        self.day = day
        self.offset = offset
        self.outermost = outermost
        self.is_assumed = False
        self.before: tuple[int, Clock, str | None] | None = None

    def read(self, found: _Found) -> TimelineEntry | None:
        """The entry of a line, or `None` where it only names the day of those below it."""
        time = found.time
        is_written = time is not None and self._take_day(time)
        is_rollover = False
        if time is not None and time.clock is None and not found.text.strip(_NO_WORDS) and not time.impossible:
            self.before = None
            return None
        if time is not None and time.clock is not None and found.depth <= self.outermost:
            is_rollover = not is_written and self._roll_over(found, time.clock, time)
            self.before = (found.group, time.clock, time.zone)
        elif is_written and found.shape is not Shape.HEADINGS and time is not None and time.clock is None:
            self.is_assumed = True  # an event of another day, or the first of a new one
        return TimelineEntry(
            found.piece,
            found.end,
            found.text.strip().lstrip(_BETWEEN) or found.text.strip(),
            time,
            self.day,
            is_written,
            None if time is None or time.is_relative else self._moment(time),
            found.depth,
            found.shape,
            found.group,
            found.run,
            self.is_assumed,
            is_rollover,
        )

    def _take_day(self, time: WrittenTime) -> bool:
        """Takes the day that is written at an entry, and says whether there is one."""
        if time.weekday is not None and not time.has_day and self.day is not None:
            self.day += _DAY * ((time.weekday - self.day.weekday()) % 7)
            self.is_assumed = False
            return True
        written = time.date_in(self.day.year if self.day else None) if time.has_day else None
        if written is None:
            return time.weekday is not None
        self.day = _nearest_year(time, self.day, written)
        self.is_assumed = False
        return True

    def _roll_over(self, found: _Found, clock: Clock, time: WrittenTime) -> bool:
        """Whether the clock goes back by hours: midnight has passed, or it is not said which day this is."""
        if self.before is None:
            return False
        group, before, zone = self.before
        if zone != time.zone and None not in (zone, time.zone):
            return False
        if before.seconds - clock.seconds < _ROLLS_OVER.total_seconds():
            return False
        self.is_assumed = True
        if group != found.group:
            return False  # another incident, or another part of this one
        if self.day is not None and self.day < date.max:
            self.day += _DAY
        return True

    def _moment(self, time: WrittenTime) -> datetime | None:
        moment = time.moment(self.day)
        if moment is None or moment.tzinfo is not None or self.offset is None or time.zone is not None:
            return moment
        try:
            return (moment - self.offset).replace(tzinfo=UTC)
        except OverflowError:
            return None


def _disorder(entries: Sequence[TimelineEntry]) -> Iterator[Disorder]:
    """Entries that stand out of order, within each part of the timeline; nested ones are what their entry says."""
    outermost = min((entry.depth for entry in entries if entry.has_clock), default=1)
    track = [index for index, entry in enumerate(entries) if entry.moment is not None and entry.depth <= outermost]
    for before, index in pairwise(track):
        if entries[index].is_rollover:
            yield Disorder(Fault.NO_DAY, index, before)
    outliers: set[int] = set()
    for disorder, run in _outliers(entries, track):
        outliers.update(run)
        yield disorder
    kept = [index for index in track if index not in outliers]
    backward: list[Disorder] = []
    steps = 0
    for at in range(1, len(kept)):
        first, second = kept[at - 1], kept[at]
        if not _may_compare(entries[first], entries[second]):
            continue
        steps += entries[first].moment != entries[second].moment
        if _is_back(entries[first], entries[second]):
            wrong = _misplaced(entries, kept, at)
            backward.append(Disorder(Fault.GOES_BACK, wrong, first if wrong == second else second))
    if len(backward) >= 3 and len(backward) * 10 >= steps * 9:
        yield Disorder(Fault.NEWEST_FIRST, kept[0], kept[-1])
    else:
        yield from backward


def _may_compare(first: TimelineEntry, second: TimelineEntry) -> bool:
    """Whether the order of two entries says anything: across parts of a timeline only with their days written."""
    if first.moment is None or second.moment is None or (first.moment.tzinfo is None) != (second.moment.tzinfo is None):
        return False
    if first.group != second.group and not (first.is_day_written and second.is_day_written):
        return False
    return not (first.is_day_assumed and second.is_day_written)


def _is_back(first: TimelineEntry, second: TimelineEntry) -> bool:
    """Whether the second entry is earlier; times that are only about right may be out of order by an hour."""
    if first.moment is None or second.moment is None or first.time is None or second.time is None:
        return False
    if not second.moment < first.moment:
        return False
    if first.time.is_vague or second.time.is_vague:
        return first.moment - second.moment > timedelta(hours=1)
    if first.time.zone != second.time.zone and None not in (first.time.zone, second.time.zone):
        # Two zones in one timeline: where the clocks alone are in order, it is the zones that are wrong.
        one, two = first.time.moment(first.day), second.time.moment(second.day)
        if one is not None and two is not None and first.time.clock is not None and second.time.clock is not None:
            return (second.day, second.time.clock.seconds) < (first.day, first.time.clock.seconds)
    return True


def _misplaced(entries: Sequence[TimelineEntry], kept: list[int], at: int) -> int:
    """Which of two entries in the wrong order stands wrong: the first where all is well without it, else the second."""
    first, second = kept[at - 1], kept[at]

    def in_order(*indexes: int) -> bool:
        return not any(
            _may_compare(entries[one], entries[two]) and _is_back(entries[one], entries[two])
            for one, two in pairwise(indexes)
        )

    before = kept[max(at - 2, 0) : at - 1]
    after = kept[at + 1 : at + 2]
    if in_order(*before, second, *after) and not in_order(*before, first, *after):
        return first
    return second


def _outliers(entries: Sequence[TimelineEntry], track: list[int]) -> Iterator[tuple[Disorder, list[int]]]:
    """Entries, or some in a row under one day, whose day is a slip of the pen: what stands around them is in order without them."""
    runs: list[list[int]] = []
    for index in track:
        entry = entries[index]
        first = entries[runs[-1][0]] if runs else None
        if first is not None and first.group == entry.group and (not entry.is_day_written or entry.day == first.day):
            runs[-1].append(index)
        else:
            runs.append([index])
    reported: set[int] = set()
    inner, edges = range(1, len(runs) - 1), (0, len(runs) - 1)
    for at in (*inner, *edges) if len(runs) > 1 else ():
        run = runs[at]
        before, after = _beside(entries, runs, at, -1), _beside(entries, runs, at, 1)
        if before is None and after is None:
            continue
        if before is None or after is None:
            # At either end only the number of entries tells which side is wrong.
            beside = at + 1 if before is None else at - 1
            if beside in reported or len(run) > len(runs[beside]):
                continue
        meant = _meant_day(entries, run, before, after)
        other = before if before is not None else after
        if meant is not None and other is not None:
            reported.add(at)
            yield Disorder(Fault.OUTLIER, run[0], other, meant), run


def _beside(entries: Sequence[TimelineEntry], runs: list[list[int]], at: int, step: int) -> int | None:
    """The entry before or behind a run, in the same part of the timeline."""
    if not 0 <= at + step < len(runs):
        return None
    index = runs[at + step][-1 if step < 0 else 0]
    return index if entries[index].group == entries[runs[at][0]].group else None


def _meant_day(entries: Sequence[TimelineEntry], run: list[int], before: int | None, after: int | None) -> date | None:
    """The day that was meant, where the one that is written is that one with its year, month or day mistaken."""
    first, last = entries[run[0]], entries[run[-1]]
    if not first.is_day_written or first.day is None or (first.time is not None and first.time.is_day_ambiguous):
        return None
    previous = entries[before] if before is not None else None
    following = entries[after] if after is not None else None
    near = [each for each in (previous, following) if each is not None and each.day is not None]
    days = {each.day for each in near if each.day is not None}
    if first.day in days or not days:
        return None
    if previous is not None and following is not None:
        is_framed = not _later(previous, following)
        is_inside = not _later(previous, first) and not _later(last, following)
        if not is_framed or is_inside:
            return None
    for day in sorted(days):
        for meant in (day, *_neighbours(day)):
            kind = _slip(first.day, meant)
            if kind is None or (kind != "year" and (previous is None or following is None)):
                continue
            if _would_fit(first, last, meant, previous, following):
                return meant
    return None


def _neighbours(day: date) -> Iterator[date]:
    if day > date.min:
        yield day - _DAY
    if day < date.max:
        yield day + _DAY


def _slip(written: date, meant: date) -> str | None:
    """Which part of a date is another one, where it is only one."""
    differing = [part for part in ("year", "month", "day") if getattr(written, part) != getattr(meant, part)]
    if len(differing) != 1:
        return None
    return differing[0]


def _later(first: TimelineEntry, second: TimelineEntry) -> bool:
    one, two = as_comparable([each for each in (first.moment, second.moment) if each is not None])
    return one > two


def _would_fit(
    first: TimelineEntry,
    last: TimelineEntry,
    day: date,
    previous: TimelineEntry | None,
    following: TimelineEntry | None,
) -> bool:
    if first.day is None or first.moment is None or last.moment is None:
        return False
    shift = day - first.day
    try:
        start, end = first.moment + shift, last.moment + shift
    except OverflowError:
        return False
    if previous is not None and previous.moment is not None:
        one, two = as_comparable([previous.moment, start])
        if one > two:
            return False
    if following is not None and following.moment is not None:
        one, two = as_comparable([end, following.moment])
        if one > two:
            return False
    return True


def _only_offset(found: list[_Found]) -> timedelta | None:
    """The offset that some entries name where no other is named: it is meant for the rest too."""
    offsets = {each.time.offset for each in found if each.time is not None and each.time.zone is not None}
    return offsets.pop() if len(offsets) == 1 else None


def _nearest_year(time: WrittenTime, day: date | None, written: date) -> date:
    """A day without a year is the one nearest to the day before it: an incident may run over New Year."""
    if time.year is not None or day is None:
        return written
    around = [time.date_in(year) for year in (day.year - 1, day.year, day.year + 1)]
    return min((each for each in around if each is not None), key=lambda each: abs(each - day))


_TELLING: Final = (None, Role.SUMMARY, Role.RESPONSE, Role.DETECTION, Role.RESOLUTION, Role.DETAILS)


def _read_elsewhere(page: "Page") -> Timeline | None:
    """A timeline without a section of its own: at least three headings that are times, or three entries of one list or table."""
    timed = [section for section in page.sections if _is_timed(section.heading.piece.text)]
    if len(timed) >= 3:
        found = [each for section in timed for each in _of_heading(page, section)]
        return _timeline_of(page, None, found, Shape.HEADINGS)
    for blocks in _telling_blocks(page):
        found = [each for each in _in_one_run(page, blocks) if each.depth == 1]
        if found:
            kept, shape = _with_shape(found)
            return _timeline_of(page, None, kept, shape)
    return None


def _telling_blocks(page: "Page") -> Iterator[range]:
    """Where events may be told: before the first section, and in sections that are for nothing else."""
    yield page.lead
    for section in page.sections:
        if section.role in _TELLING:
            yield section.own_blocks


def _in_one_run(page: "Page", blocks: range) -> list[_Found]:
    """The first list, table or paragraph among blocks of which at least three lines, and most, begin with a clock."""
    runs: list[list[_Found]] = [[]]
    for index in blocks:
        block = page.blocks[index]
        if block.is_quoted:
            continue
        if block.item is None:
            runs.append([])
        if block.kind is BlockKind.TABLE:
            runs[-1].extend(_of_table(block))
        elif block.kind is BlockKind.PARAGRAPH:
            runs[-1].extend(_of_paragraph(page, index, block))
    for run in runs:
        clocks = sum(1 for each in run if _has_clock(each))
        if clocks >= 3 and clocks * 2 > len(run):
            return run
    return []


def _timeline_of(page: "Page", section: "Section | None", found: list[_Found], shape: Shape) -> Timeline:
    zone = _zone_for(page, section)
    offset = zone[1] if zone else None
    return Timeline(section, shape, _with_days(page, found, offset), zone[0] if zone else None, offset)


def _is_timed(words: str) -> bool:
    time = read_time(words)
    return time is not None and time.clock is not None
