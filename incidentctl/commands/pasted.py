"""Lines `[DATE] HH:MM [@who] text`, also as copied from a chat, to entries. Pure: text in, entries out, and what was understood.

Shapes that are understood: `10:48 @ann text`, `[10:48] ann: text`, `10:48 <ann> text`, a list, a table or headings of
such lines; a name and a time above the text, as Slack, Teams and Discord copy them; days in the lines or above them;
what the text says of its zone. What a time cannot say stays in the words: `(ca.)`, `(until 11:45Z)`.
"""

import re
import textwrap
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice
from typing import Final, NamedTuple

from msgspec import Struct

from incidentctl.commands.pasted_line import (
    ALL_TIMES,
    FURNITURE,
    PLACES,
    TABLE_HEAD,
    Stamp,
    Style,
    fixed_zone,
    iso_day,
    may_be_a_heading,
    read_day_line,
    read_header,
    read_stamp,
    table_row,
)
from incidentctl.document.escaping import closes_fence, opened_fence
from incidentctl.errors import UsageError
from incidentctl.incident.entries import Entry, Note
from incidentctl.incident.times import clock, describe_instant, first_moment, format_instant, resolve_zone, to_local
from incidentctl.incident.typed_times import TOLERANCE, TimeKind, read_typed_time
from incidentctl.incident.words import clean_text, handle_of

PersonOf = Callable[[str], str | None]
"""The handle of somebody the settings know by that handle or name."""

_OUT_OF_ORDER: Final = timedelta(hours=1)
"""By how much a clock may run back within a day: people do not keep their lists in order to the minute."""
_OVER_NIGHT: Final = timedelta(hours=6)
"""From where on a clock that runs back is a new day. What lies between the two is asked, not guessed."""
_ONE_DAY: Final = timedelta(days=1)
_AGAIN: Final = "correct that line and paste again; nothing was written"

_AT: Final = re.compile(
    r"(?:\*\*)?(?:<@?[+~&%]?(?P<irc>\w[\w.+-]*)>|(?P<at>@\w(?:[\w.+-]*\w)?))(?:\*\*)?[:,]?\s+(?=\S)"
    r"|From\s+(?P<zoom>@?\w[\w.+'’-]*(?: \w[\w.+'’-]*){0,3}?)(?:\s+[Tt]o\s+[^:]+)?\s*:\s*"
)
_AND: Final = re.compile(r"(?:and|or|&|\+)\s|@")
_COLON: Final = re.compile(r"(?P<who>@?\w[\w.+'’-]*(?: \w[\w.+'’-]*){0,3}):\s+(?=\S)")
_CAPITALS: Final = re.compile(r"[A-Z\u00c0-\u00de][\w.'’-]*(?: [A-Z\u00c0-\u00de][\w.'’-]*){1,3}")
_GOES_ON_BELOW: Final = re.compile(r"\s*(?![-*+•]\s|\d{1,3}[.)]\s|[>|#~]|```|!\[|<[a-z])\S")
_WHO_ONLY: Final = re.compile(r"\s*@?\w[\w.+'’-]*(?: \w[\w.+'’-]*){0,3}\s*$")
_NO_NAMES: Final = frozenset(
    "note update impact status action actions decision theory cause root alert alarm error warn warning info debug fatal"
    " critical fix todo next started detected declared acknowledged mitigated resolved closed opened reopened summary"
    " timeline question answer edit edited ps fyi http https metric metrics log logs result observation investigation"
    " severity ic tl comms incident start end rollback deploy deployment monitoring today yesterday at on since until"
    " from by before after around about next to for discovery".split()
)
"""Words that stand before a colon and are nobody's name."""


class PastedLines(Struct, frozen=True):
    """The entries, oldest first, a line for each to show what was understood, and the lines that belong to no time."""

    entries: tuple[Entry, ...]
    shown: tuple[str, ...]
    left_out: tuple[str, ...]


def read_lines(
    text: str,
    *,
    now: datetime,
    zone: tzinfo | None,
    person_of: PersonOf = lambda word: None,
    is_service: Callable[[str], bool] = lambda word: False,
) -> PastedLines:
    """Reads pasted lines. A day holds for the lines below it; without one, a clock that runs far back is a new day.

    A line without a time belongs to the one above it. Raises `UsageError`, with the line, for a time that cannot be, or
    that can be two.
    """
    paste = _Paste(now.astimezone(UTC), zone, person_of, is_service)
    paste.read(clean_text(text.removeprefix("\ufeff")).split("\n"))
    entries = paste.entries()
    shown = [_shown(entry, now, zone) for entry in entries]
    if paste.said_zone and shown:
        shown.insert(0, f"  times in {paste.said_zone}, as the lines say")
    return PastedLines(tuple(entries), tuple(shown), tuple(paste.left_out))


def _shown(entry: Entry, now: datetime, zone: tzinfo | None) -> str:
    first, *further = entry.text.split("\n")
    who = f"@{entry.author}: " if entry.author else ""
    more = f" (+{len(further)} line{'s' if len(further) > 1 else ''})" if further else ""
    return f"  {describe_instant(entry.at, zone, now=now)}  {who}{first}{more}"


class _Piece(Struct):
    """What stands under one time; without a stamp, words that stand under a day and have no time."""

    number: int
    raw: str
    stamp: Stamp | None
    day_words: str
    words: str
    who: str | None = None
    day: date | None = None
    zone: tzinfo | None = None
    lines: list[str] = []

    @property
    def clock(self) -> str:
        return self.stamp.clock if self.stamp else ""


class _Raw(NamedTuple):
    number: int
    text: str
    in_fence: bool


class _Paste:
    """One reading of one paste: first the lines, then what they take from each other, then the times."""

    def __init__(
        self, now: datetime, zone: tzinfo | None, person_of: PersonOf, is_service: Callable[[str], bool]
    ) -> None:
        self.now = now
        self.zone = zone
        self.person_of = person_of
        self.is_service = is_service
        self.pieces: list[_Piece] = []
        self.left_out: list[str] = []
        self.zones: list[tuple[int, tzinfo]] = []
        self.said_zone = ""

    def entries(self) -> list[Entry]:
        """The entries, in order; those of one moment in the order of the text."""
        found: list[Entry] = []
        for piece, at in zip(self.pieces, self._times(), strict=True):
            text = self._text(piece, at)
            if text:
                found.append(Entry(at=at, what=Note(), text=text, author=piece.who))
            else:
                self.left_out.append(f"  line {piece.number} has no words and is left out: {piece.raw.strip()}")
        return sorted(found, key=lambda entry: entry.at)

    # ------------------------------------------------------------------------------------------------- lines to pieces

    def read(self, lines: list[str]) -> None:
        """Takes the lines apart. In a block of code nothing is a time."""
        raws = list(_with_fences(lines))
        stamps = {raw.number: stamp for raw in raws if not raw.in_fence and (stamp := self._stamp(raw.text))}
        names = _names_above(raws, stamps)
        style = next((stamp.style for stamp in stamps.values()), Style.PLAIN)
        margin = _margin(raws, stamps)
        day = ""  # of a line above, until a time comes
        for index, raw in enumerate(raws):
            stamp = stamps.get(raw.number)
            if stamp is not None and _begins_entry(stamp, raw, style, margin):
                who, words = self._speaker(stamp, names.get(raw.number), raws, index + 1)
                self.pieces.append(_Piece(raw.number, raw.text, stamp, stamp.day or day, words, who, lines=[]))
                day = ""
            elif raw.number + 1 in names:
                continue  # a name: it is taken with the time below it
            elif not raw.in_fence and (told := self._told_zone(raw)) is not None:
                day = told or day
            elif not raw.in_fence and (heading := read_day_line(raw.text)) is not None:
                day, rest = heading
                if rest:
                    self.pieces.append(_Piece(raw.number, raw.text, None, day, rest, lines=[]))
            else:
                self._further(raw, day)
        self._find_days()
        self._find_zones()

    def _stamp(self, line: str) -> Stamp | None:
        stamp = read_stamp(line)
        if stamp is not None:
            return stamp
        header = read_header(line)
        if header is None or self.is_service(header.who):
            return None
        words = header.who.split()
        is_name = self.person_of(header.who) or len(words) == 1 or _CAPITALS.fullmatch(header.who)
        return header if is_name and not any(word.lower() in _NO_NAMES for word in words) else None

    def _further(self, raw: _Raw, day: str) -> None:
        """A line without a time: it belongs to what is above it, or opens what stands under a day and has no time."""
        is_furniture = not raw.in_fence and FURNITURE.match(raw.text) is not None
        above = self.pieces[-1] if self.pieces else None
        if above is not None and not (day and (above.stamp or above.day_words != day)):
            if not is_furniture:
                above.lines.append(raw.text)
        elif raw.text.strip() and not is_furniture:
            if day:
                self.pieces.append(_Piece(raw.number, raw.text, None, day, "", lines=[raw.text]))
            else:
                words = table_row(raw.text).strip()
                self.left_out.append(f"  line {raw.number}, above the first time, is left out: {words}")

    # ------------------------------------------------------------------------------------------------------- the people

    def _speaker(self, stamp: Stamp, name_above: str | None, raws: list[_Raw], below: int) -> tuple[str | None, str]:
        """Whose words they are, and the words; `below` is the index of the line below."""
        words = stamp.words
        name = stamp.who or name_above
        if name:
            who = self._person(name)
            return who, words if who else name
        if not words:
            # A time alone is the next message of the same person, in a chat that does not repeat the name.
            return self.pieces[-1].who if self.pieces and stamp.style is Style.PLAIN else None, words
        at = _AT.match(words)
        if at and not (at["at"] and _AND.match(words, at.end())):
            return self._person(at["irc"] or at["at"] or at["zoom"]), words[at.end() :]
        colon = _COLON.match(words)
        if colon and self._is_name(colon["who"], stamp):
            return self._person(colon["who"]), words[colon.end() :]
        if stamp.in_brackets:
            following = (raws[index].text for index in range(below, len(raws)))
            if self._is_header(words, next((line for line in following if line.strip()), "")):
                return self._person(words), ""
        return None, words

    def _is_header(self, words: str, following: str) -> bool:
        """Whether what stands behind a time in brackets is who says what follows: `[10:12 AM] Ann Example`."""
        if not following or self._stamp(following) is not None:
            return False
        return self.person_of(words) is not None or _CAPITALS.fullmatch(words.strip()) is not None

    def _is_name(self, words: str, stamp: Stamp) -> bool:
        """Whether what stands before a colon is somebody. In a written timeline only those are whom the settings know."""
        if self.person_of(words) is not None:
            return True
        if self.is_service(words) or any(word.lower() in _NO_NAMES for word in words.split()):
            return False
        if stamp.looks_like_chat:
            return " " not in words or _CAPITALS.fullmatch(words) is not None
        return stamp.style is Style.PLAIN and " " not in words and words == words.lower()

    def _person(self, words: str) -> str | None:
        """The handle of the settings, else one made of the words."""
        known = self.person_of(words)
        if known is not None or words.startswith("@"):
            return known or handle_of(words)
        return handle_of(".".join(re.sub("['’]", "", words.lower()).split()))

    # ------------------------------------------------------------------------------------ what lines take from each other

    def _told_zone(self, raw: _Raw) -> str | None:
        """What `All times in CET, on May 14` and the head of a table say of the lines: the zone is kept, the day is given."""
        match = ALL_TIMES.match(raw.text) if may_be_a_heading(raw.text) else None
        head = TABLE_HEAD.match(raw.text) if match is None else None
        words = ((match or head or {"zone": ""})["zone"] or "").strip(" ()[]*_")
        zone = self._zone_of(words, raw.number) if words else None
        if zone is None:
            return None
        self.zones.append((raw.number, zone))
        self.said_zone = words + ")" * (words.count("(") - words.count(")"))
        if match is None:
            return None  # the head of a table is still named among what is left out
        return match["day"] or ""

    def _zone_of(self, words: str, number: int) -> tzinfo | None:
        """The zone that words name, or `None` where they name none."""
        offset = re.search(r"(?:(?:UTC|GMT)\s?|(?<![\w-]))([+-]\d{1,2}(?::?\d\d)?)(?!\d)", words)
        if offset:
            return fixed_zone(offset[1])
        if re.search(r"\b(?:UTC|GMT|Zulu)\b", words):
            return UTC
        place = re.search(r"\b[A-Z]\w+/[A-Z][\w/+-]+", words)
        if place:
            try:
                return resolve_zone(place[0])
            except UsageError as error:
                raise UsageError(f"line {number}: {error.message}", hint=f"{error.hint} {_AGAIN}") from None
        name = next((name for name in PLACES if re.search(rf"\b{name}\b", words)), None)
        if name is None:
            return None
        used = {to_local(datetime(self.now.year, month, 1, tzinfo=UTC), self.zone).tzname() for month in (1, 7)}
        if name in used:
            # What stands above a whole timeline means the place: few people write CEST there when summer comes.
            return self.zone or self.now.astimezone().tzinfo
        raise UsageError(
            f"line {number} says that times are in {name}, which is not the zone in use",
            hint=f"name the place, as --tz {PLACES[name]}, and paste again; nothing was written",
        )

    def _find_days(self) -> None:
        """The days. One without a year is near the one above it that has one, else near the first one below."""
        near: date | None = None
        for index, piece in enumerate(self.pieces):
            if not piece.day_words:
                continue
            if near is None and not _has_year(piece.day_words):
                below = next((each for each in self.pieces[index:] if _has_year(each.day_words)), None)
                near = self._day(below.day_words, below.number, None) if below else None
            piece.day = self._day(piece.day_words, piece.number, near)
            near = piece.day if near is not None or _has_year(piece.day_words) else None

    def _day(self, written: str, number: int, near: date | None) -> date:
        words = iso_day(written)
        if words is None:
            raise UsageError(
                f"line {number}: {written} may be two days, or has no year",
                hint="write it as 2026-05-14 and paste again; nothing was written",
            )
        if near is None or _has_year(words) or not re.search(r"\d", words):
            return to_local(self._read(words, number, words, "since"), self.zone).date()
        days = [self._maybe_day(f"{words.rstrip('.')} {near.year + shift}") for shift in (0, -1, 1)]
        known = [day for day in days if day is not None]
        if not known:
            return to_local(self._read(words, number, words, "since"), self.zone).date()
        return min(known, key=lambda day: abs(day - near))

    def _maybe_day(self, words: str) -> date | None:
        try:
            return to_local(read_typed_time(words, now=self.now, zone=self.zone, kind="since").at, self.zone).date()
        except UsageError:
            return None

    def _find_zones(self) -> None:
        """The zones of lines without one: what the text says for all, else that of the line above, where the first line has one."""
        zone: tzinfo | None = None
        takes_over = bool(self.pieces and self.pieces[0].stamp and self.pieces[0].stamp.has_zone)
        ahead = deque(self.zones)
        told = self.zones[0][1] if self.zones else None
        for piece in self.pieces:
            stamp = piece.stamp
            while ahead and ahead[0][0] < piece.number:
                told = ahead.popleft()[1]
            if stamp is not None and stamp.has_zone:
                piece.zone = zone = stamp.zone or told
            elif told is not None or takes_over:
                piece.zone = told or zone

    # -------------------------------------------------------------------------------------------------- pieces to times

    def _times(self) -> list[datetime]:
        """The moment of each piece. Those below a day count on from it, those above all days, or without any, back from the end."""
        timed = [piece for piece in self.pieces if piece.stamp]
        first = next((index for index, piece in enumerate(timed) if piece.day is not None), len(timed) - 1)
        times: dict[int, datetime] = {}
        for before, piece in zip([None, *timed[first:]], timed[first:], strict=False):
            if piece.day is not None:
                times[piece.number] = self._moment(piece, piece.day)
            elif before is None:
                times[piece.number] = self._read(self._clock(piece), piece.number, piece.clock, "past", piece.zone)
            else:
                times[piece.number] = self._after(piece, before, times[before.number])
        for index in range(first - 1, -1, -1):
            times[timed[index].number] = self._before(timed[index], timed[index + 1], times[timed[index + 1].number])
        for piece in timed:
            if times[piece.number] > self.now + TOLERANCE:
                day = to_local(times[piece.number], piece.zone or self.zone).date().isoformat()
                self._read(f"{day} {self._clock(piece)}", piece.number, f"{day} {piece.clock}", "past", piece.zone)
        return [times.get(piece.number) or self._beside(index, times) for index, piece in enumerate(self.pieces)]

    def _beside(self, index: int, times: dict[int, datetime]) -> datetime:
        """Where words without a time stand: beside the next line of their day, else at its beginning."""
        piece = self.pieces[index]
        assert piece.day is not None
        following = next((each for each in islice(self.pieces, index + 1, None) if each.stamp), None)
        if following is not None:
            at = times[following.number]
            if to_local(at, following.zone or self.zone).date() == piece.day:
                return at
        return first_moment(piece.day, piece.zone or self.zone)

    def _after(self, piece: _Piece, before: _Piece, at: datetime) -> datetime:
        """The moment of a line below another one: on the same day, or, where the clock runs far back, on the next."""
        day = to_local(at, piece.zone or self.zone).date()
        same = self._moment(piece, day)
        back = at - same
        is_chat = _keeps_order(piece)
        if back <= timedelta(0):
            is_late = not is_chat and -back > _ONE_DAY - _OUT_OF_ORDER
            return self._moment(piece, day - _ONE_DAY) if is_late else same
        if back <= _OUT_OF_ORDER and not is_chat:
            return same
        following = self._moment(piece, day + _ONE_DAY)
        if following > self.now + TOLERANCE:
            return same
        if back < _OVER_NIGHT and not is_chat:
            raise self._undecided(before, piece)
        return following

    def _before(self, piece: _Piece, later: _Piece, at: datetime) -> datetime:
        """The moment of a line above another one: on the same day, or, where its clock is far ahead, on the day before."""
        day = to_local(at, piece.zone or self.zone).date()
        same = self._moment(piece, day)
        ahead = same - at
        is_chat = _keeps_order(piece)
        if ahead <= timedelta(0) or (ahead <= _OUT_OF_ORDER and not is_chat and same <= self.now + TOLERANCE):
            return same
        if ahead < _OVER_NIGHT and not is_chat and same <= self.now + TOLERANCE:
            raise self._undecided(piece, later)
        return self._moment(piece, day - _ONE_DAY)

    def _undecided(self, first: _Piece, second: _Piece) -> UsageError:
        return UsageError(
            f"line {second.number}: {second.clock} stands below {first.clock}: it may be the same day or the next",
            hint=f"write the day in front, as 2026-05-14 {second.clock}, and paste again; nothing was written",
        )

    def _moment(self, piece: _Piece, day: date, clock_words: str = "") -> datetime:
        written = f"{piece.stamp.day} {piece.clock}" if piece.stamp and piece.stamp.day else piece.clock
        words = f"{day.isoformat()} {self._clock(piece, clock_words)}"
        return self._read(words, piece.number, written, "since", piece.zone)

    def _clock(self, piece: _Piece, words: str = "") -> str:
        name = piece.stamp.zone_name if piece.stamp else ""
        return f"{words or piece.clock} {name}".rstrip()

    def _read(self, words: str, number: int, written: str, kind: TimeKind, zone: tzinfo | None = None) -> datetime:
        try:
            return read_typed_time(words, now=self.now, zone=zone or self.zone, kind=kind).at
        except UsageError as error:
            message = error.message.replace(f"'{words}'", f"'{written}'")
            name = words.rpartition(" ")[2]
            hint = f"name the place, as --tz {PLACES[name]}, or {_AGAIN}" if name in PLACES else _AGAIN
            raise UsageError(f"line {number}: {message}", hint=hint, candidates=error.candidates) from None

    # -------------------------------------------------------------------------------------------------- pieces to words

    def _text(self, piece: _Piece, at: datetime) -> str:
        """The text of an entry; what its time cannot say stands at the end of the first line."""
        lines = piece.lines
        if piece.stamp and piece.stamp.style in (Style.HEADER, Style.BARE_HEADER):
            quoted = [line for line in lines if line.strip()]
            if quoted and all(line.lstrip().startswith(">") for line in quoted):
                lines = [re.sub(r"^\s*>\s?", "", line) for line in lines]  # the whole chat was quoted
        further = textwrap.dedent("\n".join(lines)).rstrip()
        text = clean_text(f"{piece.words}\n{further}" if piece.words else further)
        if not text:
            return ""
        if opened_fence(text.partition("\n")[0]):
            text = f"…\n{text}"
        if piece.stamp is None:
            return f"(no time) {text}"
        if piece.stamp.style in (Style.HEADING, Style.ITEM):
            text = _unwrapped(text)
        said = ["ca."] if piece.stamp.is_about else []
        said += [f"until {self._end(piece, at)}"] if piece.stamp.end else []
        first, newline, rest = text.partition("\n")
        return f"{first} ({', '.join(said)}){newline}{rest}" if said else text

    def _end(self, piece: _Piece, at: datetime) -> str:
        """When it ended, on the clock of the record, where that is not the clock that was written."""
        assert piece.stamp is not None
        end_words = piece.stamp.end
        day = to_local(at, piece.zone or self.zone).date()
        end = self._moment(piece, day, end_words)
        if end < at:
            end = self._moment(piece, day + _ONE_DAY, end_words)
        if end.date() != at.date():
            return format_instant(end)
        return end_words if clock(end) == f"{end_words}Z" else clock(end)


def _unwrapped(text: str) -> str:
    """The first sentence on the first line, where it was wrapped: an author behind half of it would be hard to read."""
    first, *rest = text.split("\n")
    while rest and first[-1:] not in ".!?:" and _GOES_ON_BELOW.match(rest[0]):
        first += f" {rest.pop(0).strip()}"
    return "\n".join((first, *rest))


def _with_fences(lines: list[str]) -> Iterator[_Raw]:
    """The lines, numbered, and whether each is code. A fence that never ends is none."""
    hopeless: dict[str, int] = {}  # by mark, the shortest fence for which no end is left
    end = -1
    for index, line in enumerate(lines):
        fence = opened_fence(line.lstrip("> \t")) if index > end else ""
        if fence and len(fence) < hopeless.get(fence[0], len(fence) + 1):
            closing = (at for at in range(index + 1, len(lines)) if closes_fence(lines[at].lstrip("> "), fence))
            end = next(closing, -1)
            if end < 0:
                hopeless[fence[0]] = len(fence)
        yield _Raw(index + 1, line, index <= end)


def _names_above(raws: list[_Raw], stamps: dict[int, Stamp]) -> dict[int, str]:
    """The names that stand alone above a time alone, by the time's line: where all times in the paste are like that."""
    found: dict[int, str] = {}
    for number, stamp in stamps.items():
        above = raws[number - 2].text if number > 1 else ""
        is_name = _WHO_ONLY.match(above) and number - 1 not in stamps and read_day_line(above) is None
        if stamp.style is not Style.PLAIN or stamp.words or not is_name:
            return {}
        found[number] = above.strip()
    return found


def _margin(raws: list[_Raw], stamps: dict[int, Stamp]) -> int:
    """How far the lines with a time are indented. The first line may have lost its indentation when it was copied."""
    return min((_indent(raw.text) for raw in raws[1:] if raw.number in stamps), default=0)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _begins_entry(stamp: Stamp, raw: _Raw, style: Style, margin: int) -> bool:
    """Whether a time at the beginning of a line begins an entry: below headings, and in a log, it is part of the words."""
    if style in (Style.HEADING, Style.TABLE):
        return stamp.style is style
    if stamp.style is Style.BARE_HEADER:
        return style in (Style.HEADER, Style.BARE_HEADER)
    return stamp.style is not Style.PLAIN or _indent(raw.text) < margin + 4


def _keeps_order(piece: _Piece) -> bool:
    """Whether a program kept the lines in order. People who write afterwards do so roughly."""
    return piece.stamp is not None and piece.stamp.style in (Style.HEADER, Style.BARE_HEADER)


def _has_year(words: str) -> bool:
    return re.search(r"\d{4}|\d[./-]\d+[./-]\d", words) is not None
