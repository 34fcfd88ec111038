"""Lines `[DATE] HH:MM [@who] text`, also as copied from a chat, to entries. Pure: text in, entries out, and what was understood.

Shapes that are understood, in any mixture: `10:48 @ann text`, `[10:48] ann: text`, `10:48 <ann> text`, a list or a
table of such lines; a name and a time above the text, as Slack, Teams and Discord copy them; dates in the lines or
above them.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo

from msgspec import Struct

from incidentctl.errors import UsageError
from incidentctl.incident.entries import Entry, Note
from incidentctl.incident.times import describe_instant, to_local
from incidentctl.incident.typed_times import read_typed_time
from incidentctl.incident.words import clean_text, handle_of

PersonOf = Callable[[str], str | None]
"""The handle of somebody the settings know by that handle or name."""

_BULLET = r"\s*(?:[-*+•]\s+|\d+\.\s+)?"
_DATE = (
    r"(?P<date>\d{4}[-/]\d\d?[-/]\d\d?|\d\d?\.\d\d?\.\d{2,4}|\d\d?/\d\d?/\d{2,4}"
    r"|(?:(?:Mon|Tues?|Wed|Thu|Thurs|Fri|Sat|Sun)[a-z]*,?\s+)?(?:"
    r"\d\d?\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?(?:,?\s+\d{4})?"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+\d\d?(?:st|nd|rd|th)?(?:,?\s+\d{4})?)"
    r"|(?i:today|yesterday))"
)
_BETWEEN = r"(?:T|,?\s+at\s+|,?\s+)"
_CLOCK = r"(?P<clock>\d{1,2}:\d\d(?::\d\d)?)(?:[.,]\d+)?(?:\s?(?P<half>[AaPp]\.?[Mm]\.?)(?![A-Za-z]))?"
_ZONE = r"(?P<zone>\s?(?:Z|UTC|GMT|[A-Z]{2,4}T)(?![A-Za-z])|\s?[+-]\d\d:?\d\d(?!\d))?"
_UNTIL = r"(?:\s?[-–—]\s?(?P<until>\d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?)(?:\s?(?:Z|UTC))?(?![\d:]))?"
_TIME = rf"(?:{_DATE}{_BETWEEN})?{_CLOCK}{_ZONE}{_UNTIL}"
_LINE = re.compile(rf"{_BULLET}\**(?P<bracket>[\[(])?{_TIME}[\])]?:?\**[ \t]*(?P<dash>[-–—|:]+\s+)?(?P<rest>.*)$")
_NAME = r"@?\w[\w.+'’-]*(?: \w[\w.+'’-]*){0,3}"
_WHO_FIRST = re.compile(rf"\s*(?P<who>{_NAME}),?\s+(?:[—–-]\s+)?[\[(]?{_TIME}[\])]?:?\s*$")
_WHO_ONLY = re.compile(rf"\s*{_NAME}\s*$")
_DAY = re.compile(rf"[#*=\s—–-]*{_DATE}\s*:?[#*=\s—–-]*$")
_AT = re.compile(r"<@?[+~&%]?(?P<irc>\w[\w.+-]*)>\s+(?=\S)|(?P<at>@\w(?:[\w.+-]*\w)?)[:,]?\s+(?=\S)")
_COLON = re.compile(rf"(?P<who>{_NAME}):\s+(?=\S)")
_CAPITALS = re.compile(r"[A-Z\u00c0-\u00de][\w.'’-]*(?: [A-Z\u00c0-\u00de][\w.'’-]*){1,3}")
_TABLE_RULE = re.compile(r"[|\s:-]+$")

_NO_NAMES = frozenset(
    "note update impact status action actions decision theory cause root alert alarm error warn warning info debug fatal"
    " critical fix todo next started detected declared acknowledged mitigated resolved closed opened reopened summary"
    " timeline question answer edit edited ps fyi http https metric metrics log logs result observation investigation"
    " severity ic tl comms incident start end rollback deploy deployment monitoring".split()
)
"""Words that stand before a colon and are nobody's name."""

_RUNS_BACK = timedelta(hours=1)
"""By how much a clock runs back before it is a new day: people do not keep their lists in order to the minute."""


class PastedLines(Struct, frozen=True):
    """The entries, oldest first, a line for each to show what was understood, and the lines that belong to no time."""

    entries: tuple[Entry, ...]
    shown: tuple[str, ...]
    left_out: tuple[str, ...]


class _Line(Struct):
    number: int
    day: date | None
    clock: str
    who: str | None
    words: list[str]


def read_lines(
    text: str,
    *,
    now: datetime,
    zone: tzinfo | None,
    person_of: PersonOf = lambda word: None,
    is_service: Callable[[str], bool] = lambda word: False,
) -> PastedLines:
    """Reads pasted lines. A date holds for the lines below it; without one, a clock that runs back is a new day.

    A line without a time belongs to the one above it. Raises `UsageError`, with the line, for a time that cannot be.
    """
    reader = _Reader(now, zone, person_of, is_service)
    reader.read(clean_text(text.removeprefix("\ufeff")))
    entries: list[Entry] = []
    for line, at in zip(reader.lines, reader.times(), strict=True):
        words = clean_text("\n".join(line.words))
        if words:
            entries.append(Entry(at=at, what=Note(), text=words, author=line.who))
    entries.sort(key=lambda entry: entry.at)
    shown = tuple(_shown(entry, now, zone) for entry in entries)
    return PastedLines(tuple(entries), shown, tuple(reader.left_out))


def _shown(entry: Entry, now: datetime, zone: tzinfo | None) -> str:
    first, *further = entry.text.split("\n")
    who = f"@{entry.author}: " if entry.author else ""
    more = f" (+{len(further)} line{'s' if len(further) > 1 else ''})" if further else ""
    return f"  {describe_instant(entry.at, zone, now=now)}  {who}{first}{more}"


class _Reader:
    """One reading of a paste, line by line."""

    def __init__(
        self, now: datetime, zone: tzinfo | None, person_of: PersonOf, is_service: Callable[[str], bool]
    ) -> None:
        self.now = now
        self.zone = zone
        self.person_of = person_of
        self.is_service = is_service
        self.lines: list[_Line] = []
        self.left_out: list[str] = []

    # ------------------------------------------------------------------------------------------------- lines to words

    def read(self, text: str) -> None:
        """Takes the lines apart. In a block of code nothing is a time."""
        rows = [(number, _row(raw)) for number, raw in enumerate(text.split("\n"), 1)]
        names_above = _names_above_times([raw for _, raw in rows])
        day: date | None = None
        in_code = False
        for index, (number, raw) in enumerate(rows):
            if raw.lstrip().startswith("```"):
                in_code = not in_code
            following = next((each for _, each in rows[index + 1 :] if each.strip()), "")
            if in_code or raw.lstrip().startswith("```"):
                self._add_words(number, raw)
            elif match := _DAY.match(raw):
                day = self._day(match["date"], number)
            elif match := self._chat_header(raw):
                day = self._day(match["date"], number) if match["date"] else day
                self._begin(number, day, match, self._person(match["who"]), "")
            elif match := _LINE.match(raw):
                day = self._day(match["date"], number) if match["date"] else day
                self._timed(number, day, match, following, names_above.get(index))
            elif index + 1 in names_above and names_above[index + 1] == raw.strip():
                continue  # a name: it was taken with the time below it
            elif not _TABLE_RULE.fullmatch(raw):
                self._add_words(number, raw)

    def _chat_header(self, raw: str) -> re.Match[str] | None:
        match = _WHO_FIRST.match(raw)
        if match is None or match["who"].split()[0].lower() in ("today", "yesterday", "at", "on", "since", "until"):
            return None
        return match

    def _timed(
        self, number: int, day: date | None, match: re.Match[str], following: str, name_above: str | None
    ) -> None:
        rest = match["rest"]
        who: str | None = None
        if not rest:
            # A time alone is the next message of the same person, in a chat that does not repeat the name.
            who = self._person(name_above) if name_above else self.lines[-1].who if self.lines else None
        elif speaker := _AT.match(rest):
            who, rest = self._person(speaker["irc"] or speaker["at"]), rest[speaker.end() :]
        elif speaker := _COLON.match(rest):
            if self._is_name(speaker["who"], is_chat=bool(match["bracket"] or match["dash"])):
                who, rest = self._person(speaker["who"]), rest[speaker.end() :]
        elif match["bracket"] and self._is_header(rest, following):
            who, rest = self._person(rest), ""
        self._begin(number, day, match, who, rest)

    def _is_header(self, rest: str, following: str) -> bool:
        """Whether what stands behind a time in brackets is who says what follows: `[10:12 AM] Ann Example`."""
        if not following.strip() or _LINE.match(following) or self._chat_header(following):
            return False
        return self.person_of(rest) is not None or _CAPITALS.fullmatch(rest.strip()) is not None

    def _is_name(self, words: str, *, is_chat: bool) -> bool:
        if self.person_of(words) is not None:
            return True
        if self.is_service(words) or any(word.lower() in _NO_NAMES for word in words.split()):
            return False
        if " " in words:
            return is_chat and _CAPITALS.fullmatch(words) is not None
        return is_chat or words == words.lower()

    def _person(self, words: str) -> str | None:
        """The handle of the settings, else one made of the words."""
        known = self.person_of(words)
        if known is not None:
            return known
        return handle_of(words) if words.startswith("@") else handle_of(".".join(words.lower().replace("’", "'").split()))

    def _begin(self, number: int, day: date | None, match: re.Match[str], who: str | None, rest: str) -> None:
        if match["until"]:
            rest = f"{rest} (until {match['until']})".strip()
        half = f" {match['half']}" if match["half"] and not _is_late(match) else ""
        zone = (match["zone"] or "").strip()
        zone = {"UTC": "Z", "GMT": "Z"}.get(zone, zone)
        if match["half"] and not half:
            rest = f"{match['half']} {rest}"
        self.lines.append(_Line(number, day, f"{match['clock']}{half}{zone}", who, [rest] if rest else []))

    def _add_words(self, number: int, raw: str) -> None:
        if self.lines:
            self.lines[-1].words.append(raw.strip())
        elif raw.strip():
            self.left_out.append(f"  line {number}, above the first time, is left out: {raw.strip()}")

    # -------------------------------------------------------------------------------------------------- words to times

    def _day(self, words: str, number: int) -> date:
        """The day of a date as people write it. One with two readings is refused."""
        text = re.sub(r"^[A-Z][a-z]+day,?\s+|^(?:Mon|Tues?|Wed|Thu|Thurs|Fri|Sat|Sun),?\s+", "", " ".join(words.split()))
        dotted = re.fullmatch(r"(\d+)[./](\d+)[./](\d+)", text)
        if dotted:
            first, second, third = (int(part) for part in dotted.groups())
            if len(dotted[1]) == 4:
                text = f"{first:04d}-{second:02d}-{third:02d}"
            else:
                year = third + 2000 if third < 100 else third
                if "/" in text and first <= 12 and second <= 12 and first != second:
                    raise UsageError(
                        f"line {number}: {words} may be two days",
                        hint=f"write {year}-{first:02d}-{second:02d} or {year}-{second:02d}-{first:02d}; nothing was written",
                    )
                month, day = (first, second) if "/" in text and second > 12 else (second, first)
                text = f"{year:04d}-{month:02d}-{day:02d}"
        at = self._read(text, number, is_day=True)
        return to_local(at, self.zone).date()

    def _read(self, words: str, number: int, *, is_day: bool = False) -> datetime:
        try:
            return read_typed_time(words, now=self.now, zone=self.zone, kind="since" if is_day else "past").at
        except UsageError as error:
            raise UsageError(
                f"line {number}: {error.message}",
                hint="correct that line and paste again; nothing was written",
                candidates=error.candidates,
            ) from None

    def _moment(self, line: _Line, day: date | None) -> datetime:
        return self._read(f"{day.isoformat()} {line.clock}" if day else line.clock, line.number)

    def times(self) -> list[datetime]:
        """The moment of each line. Those below a date count on from it, those above all dates, or without any, back from the end."""
        first = next((index for index, line in enumerate(self.lines) if line.day is not None), len(self.lines))
        dated = self._forward(self.lines[first:])
        later = dated[0] if dated else None
        before: list[datetime] = []
        for line in reversed(self.lines[:first]):
            at = self._moment(line, None)
            while later is not None and at - later > _RUNS_BACK:
                at -= timedelta(days=1)
            before.append(at)
            later = at
        return [*reversed(before), *dated]

    def _forward(self, lines: list[_Line]) -> list[datetime]:
        """On from the first date: within the lines of one date, a clock that runs back has passed midnight."""
        times: list[datetime] = []
        written = day = None
        for line in lines:
            assert line.day is not None
            if day is None or line.day != written:
                written = day = line.day
                times.append(self._moment(line, day))
                continue
            at = self._moment(line, day)
            if times[-1] - at > _RUNS_BACK:
                day += timedelta(days=1)
                at = self._moment(line, day)
            times.append(at)
        return times


def _is_late(match: re.Match[str]) -> bool:
    """Whether `am` behind a clock such as 14:05 is a word and not the half of a day."""
    return match["half"] == "am" and int(match["clock"].partition(":")[0]) > 12


def _row(raw: str) -> str:
    """A line of a table as a line of words."""
    if not raw.lstrip().startswith("|"):
        return raw
    return " ".join(cell.strip() for cell in raw.strip().strip("|").split("|") if cell.strip())


def _names_above_times(rows: list[str]) -> dict[int, str]:
    """The names that stand alone in the line above a time alone, by the time's line: where all times in the paste are like that."""
    found: dict[int, str] = {}
    for index, raw in enumerate(rows):
        match = _LINE.match(raw)
        if match is None:
            continue
        above = rows[index - 1] if index else ""
        if match["rest"] or not _WHO_ONLY.match(above) or _LINE.match(above) or _DAY.match(above):
            return {}
        found[index] = above.strip()
    return found
