"""Times as people write them in prose and timelines: dates, clocks and zones, also wrong ones. Never raises, never guesses a zone."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
            "sep sept september", "oct october", "nov november", "dec december",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip

_OFFSETS: Final = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "BST": 1, "MSK": 3,
    "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CST": -6, "CDT": -5, "EST": -5, "EDT": -4, "AKST": -9, "AKDT": -8,
    "HST": -10, "JST": 9, "KST": 9, "SGT": 8, "HKT": 8, "AEST": 10, "AEDT": 11, "AWST": 8, "NZST": 12, "NZDT": 13,
    "SAST": 2, "BRT": -3, "ART": -3, "IDT": 3, "IST": None, "PT": None, "ET": None, "CT": None, "MT": None,
}  # fmt: skip
"""Hours from UTC. `None` where the name alone does not say: PT is PST or PDT."""

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY: Final = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?\s+(?:the\s+)?)"
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE: Final = rf"""
    (?P<y1>\d{{4}})(?P<s1>[-/.])(?P<m1>\d{{1,2}})(?P=s1)(?P<d1>\d{{1,2}})(?!\d)
  | (?P<a2>\d{{1,2}})(?P<s2>[/.-])(?P<b2>\d{{1,2}})(?P=s2)(?P<y2>\d{{4}}|\d{{2}})(?!\d|:\d)
  | (?P<m3>{_MONTH})\b\.?\s{{0,3}}(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:\d)(?:,?\s{{1,3}}(?P<y3>(?:19|20)\d{{2}})(?!\d|:\d))?
  | (?P<d4>\d{{1,2}})(?:st|nd|rd|th|\.)?\s{{1,3}}(?:of\s)?(?P<m4>{_MONTH})\b\.?,?(?:\s{{1,3}}(?P<y4>(?:19|20)\d{{2}})(?!\d|:\d))?
  | (?P<y7>\d{{4}})年\s?(?P<m7>\d{{1,2}})月\s?(?P<d7>\d{{1,2}})日
  | (?P<m5>\d{{2}})-(?P<d5>\d{{2}})(?=[ T]\d{{1,2}}:\d{{2}})
  | (?P<a6>\d{{1,2}})(?P<s6>[/.])(?P<b6>\d{{1,2}})\.?(?=,?[ ]{{1,2}}(?:at[ ])?\d{{1,2}}:\d{{2}})
"""
_CLOCK: Final = r"""
    (?P<h>\d{1,2})(?P<colon>[:h])(?P<mi>\d{2})(?!\d)(?::(?P<s>\d{2})(?!\d)(?:[.,]\d{1,9})?)?(?:\s{0,2}(?P<ap>[ap]\.?m\b\.?))?
  | (?P<h2>\d{1,2})\s?(?P<ap2>[ap]\.?m\b\.?)
  | (?P<h3>[0-2]\d)(?P<mi3>[0-5]\d)(?=\s?(?:UTC|GMT|Z|hrs?|hours)\b)
  | (?P<h4>\d{1,2})\.(?P<mi4>[0-5]\d)(?=\s?(?:Uhr|UTC|GMT|[A-Z]{1,4}S?T|[ap]\.?m)\b)(?:\s?(?P<ap4>[ap]\.?m\b\.?))?
"""
_ZONE_NAMES: Final = "|".join(sorted(_OFFSETS, key=len, reverse=True))
_ZONE: Final = rf"""
    \s{{0,2}}[(\[]?(?:(?P<zone>{_ZONE_NAMES})(?![A-Za-z])(?:\s?(?P<sign>[+-])(?P<zh>\d{{1,2}})(?::?(?P<zm>\d{{2}}))?(?!\d|:))?
  | (?P<iso>[+-]\d{{2}}:?\d{{2}})(?!\d))[)\]]?
  | \s{{0,2}}[(\[]?(?P<named>(?:Pacific|Eastern|Central|Mountain)(?:\s(?:Standard|Daylight))?(?:\sTime)?|(?:local|server)\stime)[)\]]?
"""
_FLAGS: Final = re.VERBOSE | re.IGNORECASE | re.ASCII
_DATE_PATTERN: Final = re.compile(rf"{_WEEKDAY}?(?:{_DATE})", _FLAGS)
_CLOCK_PATTERN: Final = re.compile(_CLOCK, _FLAGS)
_WEEKDAY_PATTERN: Final = re.compile(rf"{_WEEKDAY}(?=\d{{1,2}}[:h\sap])", _FLAGS)
_ZONE_PATTERN: Final = re.compile(_ZONE, re.VERBOSE | re.ASCII)
_BETWEEN: Final = re.compile(
    r"(?:T(?=\d)|\s{0,3}(?:,|at|@|-|–|—|\||around|about|ca\.?|~|≈)?\s{0,3}(?:~|≈)?)", re.IGNORECASE
)
_ABOUT: Final = re.compile(r"around|about|ca\b|~|≈", re.IGNORECASE)
_BEFORE: Final = re.compile(
    r"[\s*_`\[(~≈>|\u00b7\u2022\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]{0,12}(?::[a-z0-9_+-]{2,30}:\s{0,3})?(?:(?:(?P<vague>ca\.?|c\.|circa|about|around|approx(?:imately|\.)?|roughly|nearly|almost)|at|by|from|between"
    r"|on|since|before|after|until|time|day\s\d{1,2})[:,]?\s{1,3})?(?:the\s)?[*_`\[(~≈]{0,4}",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(r"\s{0,2}(?:-|–|—|to|until|till|and|→|->)\s{0,2}[~≈]?", re.IGNORECASE)
_THEN_DAY: Final = re.compile(r"[*_`]{0,4}\s{0,2}(?:,|on\s|on\sthe\s)?\s{0,2}(?:\((?=[^()]{3,24}\))|(?<=\s))[*_]{0,2}")
_RELATIVE: Final = re.compile(
    r"\+(?P<plus>\d{1,3}\s?(?:d(?:ays?)?|h(?:(?:ou)?rs?)?|m(?:in(?:utes?)?s?)?|s(?:ec(?:onds?)?s?)?)\b|\d{1,2}:\d{2}\b)|T0(?!\w|[:.]\d)|T\s?(?P<sign>[+-])\s?(?:(?P<bare>\d{1,3})(?!\w|[:.]\d)|(?:(?P<d>\d{1,3})\s?d(?:ays?)?\b)?\s?(?:(?P<h>\d{1,3})\s?h(?:(?:ou)?rs?)?)?\s?(?:(?P<m>\d{1,4})\s?m(?:in(?:utes?)?s?)?)?(?:\s?(?P<clock>\d{1,2}:\d{2}))?)",
    re.IGNORECASE,
)
_BARE_DAY: Final = re.compile(r"\s*\d{1,2}[/.]\d{1,2}\s*", re.ASCII)
_ANY_DATE: Final = re.compile(rf"(?<![\w/.-])(?:{_DATE})(?![\w/-])", _FLAGS)


class Clock(Struct, frozen=True):
    """A time of day as written; hour 24 stands for the midnight after."""

    hour: int
    minute: int
    second: int = 0

    @property
    def seconds(self) -> int:
        """From midnight."""
        return self.hour * 3600 + self.minute * 60 + self.second


class WrittenTime(Struct, frozen=True):
    """A time in a text, from offset `start` to `end`. What is not written is `None`.

    `offset` is known where `zone` says it. `impossible` says why there is no such time; what is impossible of day and
    clock is then `None`. `until` is the end of a range; `weekday` (Monday is 0) stands where no date does.
    """

    start: int
    end: int
    text: str
    year: int | None = None
    month: int | None = None
    day: int | None = None
    clock: Clock | None = None
    zone: str | None = None
    offset: timedelta | None = None
    until: Clock | None = None
    until_date: date | None = None
    weekday: int | None = None
    is_vague: bool = False
    has_meridiem: bool = False
    is_day_ambiguous: bool = False
    is_relative: bool = False
    impossible: str | None = None

    @property
    def has_day(self) -> bool:
        """Whether a day is written, with a year or without."""
        return self.month is not None

    def date_in(self, year: int | None) -> date | None:
        """The day; `year` stands in where none is written."""
        year = self.year or year
        if self.month is None or self.day is None or year is None:
            return None
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None

    @property
    def full_date(self) -> date | None:
        """The day, where its year is written."""
        return self.date_in(None)

    def moment(self, day: "date | None" = None) -> datetime | None:
        """Day and clock as a time: in UTC where the zone is known, else without a zone. `day` stands in for one not written."""
        day = self.date_in(day.year if day else None) or day
        if day is None or self.clock is None or self.impossible:
            return None
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # the zone follows where it is known
        try:
            local = midnight + timedelta(seconds=self.clock.seconds)
            if self.offset is None:
                return local
            return local.replace(tzinfo=timezone(self.offset)).astimezone(UTC)
        except OverflowError:
            return None


def read_time(text: str, at: int = 0) -> WrittenTime | None:
    """The time with which a text begins at an offset, behind marks of emphasis and words as `around`; `None` where there is none.

    A number alone is no time: `4 pods` has none, `10:48`, `4pm` and `2026-05-14` are times.
    """
    before = _BEFORE.match(text, at)
    start = before.end() if before else at
    is_vague = bool(before and (before["vague"] or "~" in before[0] or "≈" in before[0]))
    found = _read_at(text, start, is_vague=is_vague)
    if found is None and start != at:
        found = _read_at(text, at, is_vague=False)
    return found


def read_bare_day(text: str) -> WrittenTime | None:
    """A text that is nothing but a day without a year, as `1/28`: elsewhere that may be a fraction."""
    if _BARE_DAY.fullmatch(text) is None:
        return None
    time = read_time(f"{text.strip()} 00:00")
    return None if time is None or time.impossible else replace(time, end=len(text), text=text, clock=None)


def _read_at(text: str, start: int, *, is_vague: bool) -> WrittenTime | None:
    relative = _RELATIVE.match(text, start) if text[start : start + 1] in ("T", "t", "+") else None
    if relative and (
        relative["sign"] is None or any(relative[name] for name in ("plus", "bare", "d", "h", "m", "clock"))
    ):
        return WrittenTime(start, relative.end(), relative[0], is_relative=True)
    day = _DATE_PATTERN.match(text, start)
    weekday = None if day else _WEEKDAY_PATTERN.match(text, start)
    end = start
    clock_at = weekday.end() if weekday else start
    if day:
        end = day.end()
        between = _BETWEEN.match(text, end)
        clock_at = between.end() if between else end
        is_vague = is_vague or (between is not None and _ABOUT.search(between[0]) is not None)
    clock = _CLOCK_PATTERN.match(text, clock_at)
    if clock and day and _is_no_clock_after_day(text, day, clock):
        clock = None
    if clock is None and day is None:
        return None
    if clock:
        end = clock.end()
    # A day behind the clock: `16:30 on 2018-02-22`, `15:04, Feb 8`.
    zone = _ZONE_PATTERN.match(text, end) if clock else None
    if clock and zone and zone["iso"] and not _is_offset(zone["iso"], clock, has_day=day is not None):
        zone = None
    if zone:
        end = zone.end()
    if clock and day is None:
        later = _THEN_DAY.match(text, end)
        behind = _DATE_PATTERN.match(text, later.end()) if later else None
        if behind and not _CLOCK_PATTERN.match(text, behind.start()):
            day, end = behind, behind.end()
    until = until_date = None
    if clock:
        end, until, until_date, zone = _read_range(text, end, zone)
    if text[end - 1 : end] in (")", "]") and text[end - 1] not in _closed_within(text[start:end]):
        end -= 1
    written = _written(text, start, end, day, clock, zone, until, until_date, is_vague=is_vague)
    if weekday and not written.has_day:
        return replace(written, weekday=_WEEKDAYS.index(weekday[0][:3].lower()))
    return written


def _closed_within(words: str) -> str:
    """The closing brackets whose opening ones stand in these words."""
    return ")" * ("(" in words) + "]" * ("[" in words)


def _is_offset(words: str, clock: re.Match[str], *, has_day: bool) -> bool:
    """Whether signs behind a clock are its offset: `10:00-10:30` and `15:45-16:10` are from one time to another."""
    digits = words[1:].replace(":", "")
    hour, minute = int(digits[:2]), digits[2:]
    if hour > 14 or minute not in ("00", "15", "30", "45"):
        return False
    if words[0] == "+":
        return True
    # No zone is so far west, nor has a fraction of an hour but for two small ones.
    return (
        has_day
        and hour <= 12
        and (hour < 9 or clock["s"] is not None or int(clock["h"] or 0) >= hour)
        and (minute == "00" or (hour, minute) in ((2, "30"), (3, "30"), (9, "30")))
    )


def _is_no_clock_after_day(text: str, day: re.Match[str], clock: re.Match[str]) -> bool:
    """`May 3 - 5 pm` is none of ours; a clock needs a space or a sign between."""
    return clock.start() == day.end() and text[clock.start() - 1 : clock.start()].isdigit()


def _read_range(
    text: str, end: int, zone: re.Match[str] | None
) -> tuple[int, Clock | None, date | None, re.Match[str] | None]:
    link = _RANGE.match(text, end)
    if link is None:
        return end, None, None, zone
    day = _DATE_PATTERN.match(text, link.end())
    at = link.end()
    if day:
        between = _BETWEEN.match(text, day.end())
        at = between.end() if between else day.end()
    clock = _CLOCK_PATTERN.match(text, at)
    if clock is None:
        return end, None, None, zone
    read, _ = _clock_of(clock)
    if read is None:
        return end, None, None, zone
    behind = _ZONE_PATTERN.match(text, clock.end())
    written = _written(text, link.end(), clock.end(), day, clock, None, None, None, is_vague=False)
    return (behind or clock).end(), read, written.full_date, zone or behind


def _written(
    text: str,
    start: int,
    end: int,
    day: re.Match[str] | None,
    clock: re.Match[str] | None,
    zone: re.Match[str] | None,
    until: Clock | None,
    until_date: date | None,
    *,
    is_vague: bool,
) -> WrittenTime:
    year = month = number = None
    is_ambiguous = False
    wrong_day = wrong_clock = None
    if day:
        year, month, number, is_ambiguous = _day_of(day)
        wrong_day = _impossible_day(year, month, number, day[0].strip())
    read = None
    if clock:
        read, wrong_clock = _clock_of(clock)
    impossible = wrong_day or wrong_clock
    name, offset = _zone_of(zone)
    return WrittenTime(
        start,
        end,
        text[start:end].strip(),
        year=year,
        month=None if wrong_day else month,
        day=None if wrong_day else number,
        clock=read,
        zone=name,
        offset=offset,
        until=until,
        until_date=until_date,
        is_vague=is_vague,
        has_meridiem=bool(clock and (clock["ap"] or clock["ap2"] or clock["ap4"])),
        is_day_ambiguous=is_ambiguous,
        impossible=impossible,
    )


def _day_of(match: re.Match[str]) -> tuple[int | None, int, int, bool]:
    """Year, month, day, and whether day and month could be the other way round."""
    if match["y1"]:
        return int(match["y1"]), int(match["m1"]), int(match["d1"]), False
    if match["a2"]:
        first, second = int(match["a2"]), int(match["b2"])
        year = int(match["y2"])
        year += 2000 if year < 100 else 0
        if first > 12 or match["s2"] == ".":
            return year, second, first, False
        if second > 12:
            return year, first, second, False
        return year, second, first, first != second
    if match["y7"]:
        return int(match["y7"]), int(match["m7"]), int(match["d7"]), False
    if match["a6"]:
        first, second = int(match["a6"]), int(match["b6"])
        if second > 12 and first <= 12:
            return None, first, second, False
        return None, second, first, match["s6"] == "/" and first != second and first <= 12
    if match["m5"]:
        return None, int(match["m5"]), int(match["d5"]), False
    if match["m3"]:
        return int(match["y3"]) if match["y3"] else None, _MONTHS[match["m3"].lower()], int(match["d3"]), False
    return int(match["y4"]) if match["y4"] else None, _MONTHS[match["m4"].lower()], int(match["d4"]), False


def _impossible_day(year: int | None, month: int, day: int, words: str) -> str | None:
    try:
        date(year or 2024, month, day)
    except ValueError:
        return f"there is no day {words}"
    return None


def _clock_of(match: re.Match[str]) -> tuple[Clock | None, str | None]:
    hour = int(match["h"] or match["h2"] or match["h3"] or match["h4"])
    minute = int(match["mi"] or match["mi3"] or match["mi4"] or 0)
    second = int(match["s"] or 0)
    half = (match["ap"] or match["ap2"] or match["ap4"] or "").lower().replace(".", "")
    words = match[0].strip()
    if minute > 59 or second > 60:
        return None, f"{words} is no time of day: an hour has 60 minutes"
    if half and not 1 <= hour <= 12:
        is_midnight = hour == 0 and half == "am"
        return (
            (Clock(0, minute, second), None)
            if is_midnight
            else (None, f"{words} mixes the 24-hour clock with AM and PM")
        )
    if hour > 24 or (hour == 24 and (minute or second)):
        return None, f"{words} is no time of day: a day has 24 hours"
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return Clock(hour, minute, min(second, 59)), None


def _zone_of(match: re.Match[str] | None) -> tuple[str | None, timedelta | None]:
    if match is None:
        return None, None
    if match["iso"]:
        return match["iso"], _offset(match["iso"][0], match["iso"][1:3], match["iso"][-2:])
    if match["named"]:
        return match["named"], None
    name = match["zone"]
    hours = _OFFSETS[name]
    if match["sign"] and name in ("UTC", "GMT"):
        return match[0].strip(" ()[]"), _offset(match["sign"], match["zh"], match["zm"] or "0")
    return name, None if hours is None else timedelta(hours=hours)


def _offset(sign: str, hours: str, minutes: str) -> timedelta | None:
    size = timedelta(hours=int(hours), minutes=int(minutes))
    if size >= timedelta(hours=24):
        return None
    return -size if sign == "-" else size


_STATED: Final = re.compile(
    rf"\b(?:times?|timestamps?|timezone|time\szone|clocks?)\b[^.\n]{{0,60}}?\b(?P<zone>{_ZONE_NAMES}|(?:Pacific|Eastern|Central|Mountain)(?:\s(?:Standard|Daylight))?\sTime|[A-Z]{{2,6}}/(?:Pacific|Eastern|Central|Mountain)"
    rf"|(?:Europe|America|Asia|Australia|Africa|Pacific|Atlantic)/[A-Z]\w+)(?![A-Za-z])(?P<plus>\s?[+-]\d{{1,2}}(?::?\d{{2}})?)?",
    re.ASCII,
)
_STATED_ANY_CASE: Final = re.compile(
    _STATED.pattern.replace(
        r"\b(?:times?|",
        r"\b(?:[Tt]imes?|[Aa]ll\stimes|T(?:imestamps?|ime[-\s]?[Zz]ones?)|TZ|time-zone|Clocks?|TIMES?|TIMEZONE|",
    ),
    re.ASCII,
)


def stated_zone(text: str) -> tuple[str, timedelta | None, int] | None:
    """The zone that a text declares for all its times, as in `All times in PST`: its name, its offset where known, and where it stands."""
    match = _STATED_ANY_CASE.search(text)
    if match is None:
        return None
    name = match["zone"]
    hours = _OFFSETS.get(name)
    if match["plus"] and name in ("UTC", "GMT"):
        plus = match["plus"].strip()
        digits = plus[1:].replace(":", "")
        return name + plus, _offset(plus[0], digits[:2], digits[2:] or "0"), match.start("zone")
    return name, None if hours is None else timedelta(hours=hours), match.start("zone")


def find_day(text: str) -> WrittenTime | None:
    """The first day in a text, with its year or without."""
    match = _ANY_DATE.search(text)
    if match is None:
        return None
    return _written(text, match.start(), match.end(), match, None, None, None, None, is_vague=False)


def find_dates(text: str) -> Iterator[WrittenTime]:
    """All days in a text that are written with their year."""
    for match in _ANY_DATE.finditer(text):
        year, month, day, is_ambiguous = _day_of(match)
        impossible = _impossible_day(year, month, day, match[0])
        if year is not None:
            yield WrittenTime(
                match.start(),
                match.end(),
                match[0],
                year=year,
                month=month,
                day=day,
                is_day_ambiguous=is_ambiguous,
                impossible=impossible,
            )
