"""The times that people type, as `10:48`, `-25m` or `yesterday 18:00`, to instants. Never guesses between two moments."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal, NamedTuple

from incidentctl.errors import UsageError
from incidentctl.incident import times

TimeKind = Literal["past", "next", "since", "until"]

# Two machines seldom agree to the second, and people round up: what is ahead by no more than this has happened.
TOLERANCE = timedelta(minutes=2)
_END = datetime.max.replace(microsecond=0, tzinfo=UTC)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

# Strings, and compiled at their first use: 6 ms that the commands without a typed time need not pay.
_CLOCK = (
    r"(?:(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?: ?(?P<half>[AaPp]\.?[Mm]\.?))?"
    r"|(?P<hour_only>[0-9]{1,2}) ?(?P<half_only>[AaPp]\.?[Mm]\.?))"
    r"(?: ?(?P<zone>[Zz]|[-+][0-9]{2}(?::?[0-9]{2})?|[Uu][Tt][Cc]|[Gg][Mm][Tt]|[A-Z]{2,5}))?"
)
_DAY_THEN_CLOCK = r"(?:(?P<day>.+?)(?:(?<=[0-9])[Tt]|,? (?:at )?))?" + _CLOCK
_CLOCK_THEN_DAY = _CLOCK + r",? (?:on )?(?P<day>.+)"
_ISO_DAY = r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
_ISO_MONTH = r"([0-9]{4})-([0-9]{1,2})"
_YEAR = r"(?:,? (?P<year>[0-9]{4}))?"
_DAY_MONTH = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\.? (?P<month>[a-z]{3,9})\.?" + _YEAR
_MONTH_DAY = r"(?P<month>[a-z]{3,9})\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?" + _YEAR
_RELATIVE = r"(?i:(?P<sign>[-+]|in )? ?(?P<length>[0-9].*?)(?P<ago> ago)?)"
_CLOCK_WITHOUT_COLON = r"([0-9]{1,2})[.h]?([0-9]{2})"

_WAYS = {
    "past": "write 10:48, -25m, 'yesterday 18:00' or 2026-05-14T10:48Z",
    "next": "write 30m, 11:00, 'tomorrow 09:00' or 2026-05-14T11:00Z",
    "since": "write 2026-05-14, yesterday, 30d or 2026-05-14T10:48Z",
    "until": "write 2026-05-14, yesterday, 30d or 2026-05-14T10:48Z",
}


class TypedTime(NamedTuple):
    """A moment that a person typed, and the short name of the zone in which it was read: `CEST`, `UTC`, `UTC+02:00`."""

    at: datetime
    zone_name: str


def read_typed_time(text: str, *, now: datetime, zone: tzinfo | None, kind: TimeKind = "past") -> TypedTime:
    """A moment as people type it; a UsageError says in one sentence what is wrong, and what to type instead.

    Understood: RFC 3339, `10:48`, `10:48:30`, `10:48Z`, `10:48 pm`, `yesterday 18:00`, `mon 18:00`, `14 May 10:48`,
    `2026-05-14 10:48`, `-25m`, `25m ago`, `now`. What names no zone itself is read in `zone`; `CEST` and `CET` tell
    the two readings of an hour apart.

    - `past`: what has happened. A clock time alone is the latest such moment not more than two minutes ahead; what is
      further ahead is refused.
    - `next`: what is to come. A clock time alone is the earliest such moment ahead; `30m` and `+30m` count from now.
    - `since` and `until`: the ends of a range. A day alone is its first moment, for `until` the first moment after it,
      so that the day is included. `2026-05` is the month; `30d` is 30 days ago.

    An hour that the clocks pass twice, or skip, is refused with both readings, unless only one of them can be meant.
    """
    words = " ".join(text.replace("\N{MINUS SIGN}", "-").split())
    reading = _Reading(text, words, now.astimezone(UTC).replace(microsecond=0), zone, kind)
    if not words:
        raise UsageError("the time is empty", hint=_WAYS[kind])
    if len(words) > 80:
        raise reading.refusal("is too long for a time")
    return reading.result()


class _Days(NamedTuple):
    """The days that words can mean, the latest first; `fixed` where they leave no choice."""

    days: tuple[date, ...]
    fixed: bool


class _Reading:
    """One reading of one typed time: the words, and against what they are read."""

    def __init__(self, text: str, words: str, now: datetime, zone: tzinfo | None, kind: TimeKind) -> None:
        self.text = text
        self.words = words
        self.now = now
        self.zone = zone
        self.kind = kind
        self.today = times.to_local(now, zone).date()
        self.latest = now + min(TOLERANCE, _END - now)

    def result(self) -> TypedTime:
        at, zone = self._moment()
        told = times.describe_instant(at, zone, now=self.now)
        if self.kind == "past" and at > self.latest:
            raise self.refusal(f"is not past: {told} is {times.describe_duration(at - self.now)} ahead of now")
        if self.kind == "next" and at <= self.now:
            raise self.refusal(f"is not ahead: {told} is {times.describe_duration(self.now - at)} behind now")
        return TypedTime(at, times.to_local(at, zone).tzname() or "UTC")

    def refusal(self, what: str, hint: str | None = None) -> UsageError:
        return UsageError(f"{times.quoted(self.text)} {what}", hint=hint or _WAYS[self.kind])

    def _moment(self) -> tuple[datetime, tzinfo | None]:
        if self.words.lower() == "now":
            return self.now, self.zone
        instant = times.parse_instant(self.words)
        if instant is not None:
            return instant, self._own_zone(re.fullmatch(times.INSTANT, self.words))
        relative = self._relative()
        if relative is not None:
            return relative, self.zone
        if self.kind in ("since", "until"):
            bound = self._bound()
            if bound is not None:
                return bound, self.zone
        for grammar in (_DAY_THEN_CLOCK, _CLOCK_THEN_DAY):
            match = re.fullmatch(grammar, self.words)
            days = self._days(match["day"]) if match else None
            if match and days:
                return self._at_clock(match, days)
        raise self._unread()

    def _own_zone(self, match: re.Match[str] | None) -> tzinfo:
        offset = times.parse_offset(match["zone"]) if match else None
        return timezone(offset) if offset else UTC

    def _relative(self) -> datetime | None:
        match = re.fullmatch(_RELATIVE, self.words)
        length = times.parse_duration(match["length"]) if match else None
        if match is None or length is None or (match["sign"] and match["ago"]):
            return None
        back = match["sign"] == "-" or match["ago"] is not None
        if not match["sign"] and not match["ago"]:
            if self.kind == "past":
                meant = f"write -{match['length']} for {times.describe_duration(length)} ago"
                raise self.refusal("is a length of time, not a moment", meant)
            back = self.kind != "next"
        try:
            return self.now - length if back else self.now + length
        except OverflowError:
            raise self._out_of_range() from None

    def _bound(self) -> datetime | None:
        """A day or a month alone, as the end of a range."""
        month = re.fullmatch(_ISO_MONTH, self.words)
        if month:
            first = self._date(int(month[1]), int(month[2]), 1)
            following = (first.replace(day=28) + timedelta(days=4)).replace(day=1) if first.year < 9999 else None
        else:
            days = self._days(self.words)
            if days is None:
                return None
            first = next((day for day in days.days if days.fixed or day <= self.today), days.days[-1])
            following = first + timedelta(days=1) if first < date.max else None
        if self.kind == "since":
            return times.first_moment(first, self.zone)
        if following is None:
            return _END
        return times.first_moment(following, self.zone)

    # Days.

    def _days(self, words: str | None) -> _Days | None:
        """The days that these words can mean, near today when there are none; None when they name no day."""
        if words is None:
            return _Days(self._around(2, -3), fixed=False)
        words = words.lower()
        iso = re.fullmatch(_ISO_DAY, words)
        if iso:
            return _Days((self._date(int(iso[1]), int(iso[2]), int(iso[3])),), fixed=True)
        shift = {"today": 0, "yesterday": -1, "tomorrow": 1}.get(words)
        if shift is not None:
            days = self._around(shift, shift)
            if not days:
                raise self._out_of_range()
            return _Days(days, fixed=True)
        weekday = words.removeprefix("next " if self.kind == "next" else "last ")
        for number, name in enumerate(_WEEKDAYS):
            if len(weekday) >= 3 and name.startswith(weekday):
                return _Days(tuple(day for day in self._around(9, -9) if day.weekday() == number), fixed=False)
        named = re.fullmatch(_DAY_MONTH, words) or re.fullmatch(_MONTH_DAY, words)
        return self._named_day(int(named["day"]), named["month"], named["year"]) if named else None

    def _around(self, latest: int, earliest: int) -> tuple[date, ...]:
        today = self.today.toordinal()
        ordinals = range(min(today + latest, date.max.toordinal()), max(today + earliest, 1) - 1, -1)
        return tuple(date.fromordinal(ordinal) for ordinal in ordinals)

    def _named_day(self, day: int, month_word: str, year: str | None) -> _Days | None:
        month = next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(month_word)), None)
        if month is None:
            return None
        if year:
            return _Days((self._date(int(year), month, day),), fixed=True)
        found: list[date] = []
        for candidate in range(self.today.year + 8, self.today.year - 9, -1):  # two 29 Februaries can be 8 years apart
            try:
                found.append(date(candidate, month, day))
            except ValueError:
                continue
        if not found:
            raise self.refusal(f"names a day that no calendar has: {day} {times.MONTHS[month - 1]}")
        return _Days(tuple(found), fixed=False)

    def _date(self, year: int, month: int, day: int) -> date:
        try:
            return date(year, month, day)
        except ValueError:
            raise self.refusal(f"names a day that no calendar has: {year:04d}-{month:02d}-{day:02d}") from None

    # Clocks.

    def _at_clock(self, match: re.Match[str], days: _Days) -> tuple[datetime, tzinfo | None]:
        clock = self._clock(match)
        zone, abbreviation = self._clock_zone(match["zone"])
        if days.fixed:
            wall = datetime.combine(days.days[0], clock)
            moments = self._moments(wall, zone, abbreviation)
            if not moments:
                raise self._missing(wall, zone, abbreviation)
            # Where none is possible the first is told in the refusal.
            possible = moments if self.kind in ("since", "until") else [at for at in moments if self._can_be(at)]
            return self._only(wall, zone, possible or moments[:1]), zone
        for day in reversed(days.days) if self.kind == "next" else days.days:
            wall = datetime.combine(day, clock)
            moments = self._moments(wall, zone, abbreviation)
            if not moments and not abbreviation and self._was_skipped(wall, zone):
                raise self._missing(wall, zone, None)
            possible = [at for at in moments if self._can_be(at)]
            if possible:
                return self._only(wall, zone, possible), zone
        if not abbreviation:
            raise self._out_of_range()
        nearest = min(days.days, key=lambda day: abs(day - self.today))
        raise self._missing(datetime.combine(nearest, clock), zone, abbreviation)

    def _clock(self, match: re.Match[str]) -> time:
        hour = int(match["hour"] or match["hour_only"])
        minute, second = int(match["minute"] or 0), int(match["second"] or 0)
        half = (match["half"] or match["half_only"] or "").replace(".", "").lower()
        if minute > 59 or second > 59:
            raise self.refusal("is not a time of day: minutes and seconds run from 00 to 59")
        if hour > 23:
            midnight = ", and midnight is 00:00 of the day after" if hour == 24 else ""
            raise self.refusal(f"is not a time of day: hours run from 00 to 23{midnight}")
        if not half:
            return time(hour, minute, second)
        if hour > 12:
            meant = f"{hour:02d}:{minute:02d}" + (f" or {hour - 12}:{minute:02d} pm" if half == "pm" else "")
            raise self.refusal(f"is not a time of day: with {half} the hours run from 1 to 12", f"write {meant}")
        if hour == 0:
            raise self.refusal(
                f"is not a time of day: with {half} the hours run from 1 to 12", f"write 00:{minute:02d}"
            )
        return time(hour % 12 + (12 if half == "pm" else 0), minute, second)

    def _clock_zone(self, word: str | None) -> tuple[tzinfo | None, str | None]:
        """The zone of a clock time, and the abbreviation, one of that zone's own, that narrows its readings."""
        if word is None:
            return self.zone, None
        if word.upper() in ("Z", "UTC", "GMT"):
            return UTC, None
        if word[0] not in "+-":
            return self.zone, word
        offset = times.parse_offset(word)
        if offset is None:
            raise self.refusal(f"has an impossible offset: {word}; they run from -23:59 to +23:59")
        return timezone(offset), None

    def _moments(self, wall: datetime, zone: tzinfo | None, abbreviation: str | None) -> list[datetime]:
        """When a clock in that zone shows `wall`: once; twice where clocks went back; never where they went forward."""
        found: list[datetime] = []
        for at in self._both_readings(wall, zone):
            local = times.to_local(at, zone)
            if local.replace(tzinfo=None, fold=0) == wall and abbreviation in (None, local.tzname()):
                found.append(at)
        return found

    def _both_readings(self, wall: datetime, zone: tzinfo | None) -> list[datetime]:
        found = {times.wall_to_utc(wall.replace(fold=fold), zone) for fold in (0, 1)}
        if None in found:
            raise self._out_of_range()
        return sorted(at for at in found if at is not None)

    def _can_be(self, at: datetime) -> bool:
        return at > self.now if self.kind == "next" else at <= self.latest

    def _was_skipped(self, wall: datetime, zone: tzinfo | None) -> bool:
        """Whether a wall clock that was never shown would have been the one meant."""
        if self.kind == "next":
            return wall > times.to_local(self.now, zone).replace(tzinfo=None)
        return wall <= times.to_local(self.latest, zone).replace(tzinfo=None)

    def _only(self, wall: datetime, zone: tzinfo | None, moments: list[datetime]) -> datetime:
        if len(moments) > 1:
            told = [f"{_written(at)} ({times.to_local(at, zone).tzname()})" for at in moments]
            raise UsageError(
                f"{_told(wall)} is ambiguous in {_zone_label(zone)}, where the clocks went back: {' or '.join(told)}",
                hint="type one of these",
                candidates=[_written(at) for at in moments],
            )
        return moments[0]

    # Refusals.

    def _out_of_range(self) -> UsageError:
        return self.refusal("leaves the years 1 to 9999")

    def _missing(self, wall: datetime, zone: tzinfo | None, abbreviation: str | None) -> UsageError:
        readings = [(at, times.to_local(at, zone)) for at in self._both_readings(wall, zone)]
        if abbreviation:
            says = " or ".join(dict.fromkeys(str(local.tzname()) for _, local in readings))
            return self.refusal(
                f"says {abbreviation}, but {_zone_label(zone)} has {says} on {_told_day(wall)}",
                f"write an offset, as {wall:%H:%M}+02:00, or UTC, as {wall:%H:%M}Z",
            )
        told = [f"{_written(at)} ({local:%H:%M} {local.tzname()})" for at, local in readings]
        return UsageError(
            f"{_told(wall)} does not exist in {_zone_label(zone)}, where the clocks went forward: {' or '.join(told)}",
            hint="type one of these",
            candidates=[_written(at) for at, _ in readings],
        )

    def _unread(self) -> UsageError:
        joined = re.fullmatch(_CLOCK_WITHOUT_COLON, self.words)
        if joined and int(joined[1]) < 24 and int(joined[2]) < 60:
            return self.refusal("is not a time", f"did you mean {int(joined[1]):02d}:{joined[2]}?")
        if self.words.isascii() and self.words.isdecimal():
            length = f"{self.words}m" if self.kind == "next" else f"-{self.words}m"
            return self.refusal("has no unit", f"write {length} for minutes")
        if self._days(self.words) is not None:
            return self.refusal("is a day without a time", f"write '{self.words} 10:48'")
        return self.refusal("is not a time")


def _written(at: datetime) -> str:
    text = times.format_instant(at)
    return text if at.second else text.removesuffix(":00Z") + "Z"


def _told(wall: datetime) -> str:
    seconds = f":{wall.second:02d}" if wall.second else ""
    return f"{wall.hour:02d}:{wall.minute:02d}{seconds} on {_told_day(wall)}"


def _told_day(wall: datetime) -> str:
    return f"{wall.day} {times.MONTHS[wall.month - 1]} {wall.year:04d}"


def _zone_label(zone: tzinfo | None) -> str:
    return "this machine's zone" if zone is None else str(zone)
