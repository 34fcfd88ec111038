"""The words for a period to its two moments, the one before it, and the months and quarters in it. Reads no clock: now is handed in.

A fiscal year begins with the first day of the month that the setting names, and has the number of the calendar year in which it ends:
where it begins in July, FY2026 runs from July 2025 to June 2026. Titles say the days.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from msgspec import Struct

from incidentctl.errors import UsageError
from incidentctl.incident.times import (
    first_moment,
    parse_duration,
    quoted,
    resolve_zone,
    to_local,
)
from incidentctl.incident.typed_times import read_typed_time
from incidentctl.stats.report import Period

_ONE_DAY: Final = timedelta(days=1)
_WAYS: Final = "write 2026-Q2, 2026-05, 2026, last-quarter, this-month or last-year, or give --since and --until"
_MONTH: Final = r"([0-9]{4})-([0-9]{1,2})"
_QUARTER: Final = r"(?:FY ?)?([0-9]{4})[- ]?Q([0-9]+)"
_YEAR: Final = r"(?:FY ?)?([0-9]{4})"
_NAMED: Final = r"(this|last|current|previous)[-_ ](week|month|quarter|year)"


class Span(Struct, frozen=True):
    """A month or a quarter: its name, and its moments as those of a Period."""

    name: str
    since: datetime
    until: datetime


def read_period(
    *,
    now: datetime,
    zone: str,
    since: str | None = None,
    until: str | None = None,
    last: str | None = None,
    period: str | None = None,
    fiscal_year_start: int = 1,
) -> Period:
    """What `--since`, `--until`, `--last` and `--period` mean together; all of history where none is given.

    Days begin in `zone`, a name as `resolve_zone` takes it; empty is the machine's. The day, month or moment of `until` is included when it
    is a day or a month. `last` counts back from now, to the second, and ends with now. With another `fiscal_year_start` than 1 a quarter
    and a year are fiscal ones. A UsageError says in a sentence what cannot be read, and what to write.
    """
    if not 1 <= fiscal_year_start <= 12:
        raise UsageError(
            f"a fiscal year cannot start with month {fiscal_year_start}",
            hint="write a month from 1 to 12, as 4 for April",
        )
    given = [
        option
        for option, word in (("--period", period), ("--last", last), ("--since", since), ("--until", until))
        if word is not None
    ]
    if (period is not None or last is not None) and len(given) > 1:
        raise UsageError(
            f"{' and '.join(given)} are different ways to name one period", hint=f"leave out {' or '.join(given[1:])}"
        )
    where = resolve_zone(zone or None)
    now = now.astimezone(UTC).replace(microsecond=0)
    if period is not None:
        return _named(period, now, zone, fiscal_year_start)
    if last is not None:
        return _last(last, now, zone)
    start = None if since is None else read_typed_time(since, now=now, zone=where, kind="since").at
    end = None if until is None else read_typed_time(until, now=now, zone=where, kind="until").at
    if start is not None and end is not None and start >= end:
        raise UsageError(
            f"the period ends before it begins: --since {quoted(since or '')} --until {quoted(until or '')}",
            hint="exchange the two",
        )
    return Period(start, end, _title(start, end, where), zone)


def previous_period(period: Period, *, now: datetime, fiscal_year_start: int = 1) -> Period:
    """The period directly before one, as long as it is: the month before a month, the quarter before a quarter, else as many days.

    One that is still running, as this month, is compared with the whole one before. Raises a UsageError for all of history.
    """
    if period.since is None:
        raise UsageError(
            f"{period.title} has nothing before it to compare with", hint="name a period, as --period last-quarter"
        )
    where = zone_of(period)
    until = period.until if period.until is not None else now.astimezone(UTC).replace(microsecond=0)
    first, after = _day_that_begins(period.since, where), _day_that_begins(until, where)
    try:
        if first is not None and after is not None and first < after:
            months = (after.year - first.year) * 12 + after.month - first.month
            if first.day == 1 and after.day == 1:
                return _of_months(_plus_months(first, -months), months, period.zone, fiscal_year_start)
            return _of_days(first - (after - first), first, period.zone)
        since = period.since - max(until - period.since, timedelta(seconds=1))
    except (OverflowError, ValueError):
        raise UsageError(
            f"there is no calendar for as long a time before {period.title}", hint="name a shorter period"
        ) from None
    return Period(since, period.since, _title(since, period.since, where), period.zone)


def zone_of(period: Period) -> tzinfo | None:
    """The zone in which its days begin; `None` is the machine's own."""
    return resolve_zone(period.zone or None)


def quarters_between(
    since: datetime, until: datetime, zone: tzinfo | None, fiscal_year_start: int = 1
) -> tuple[Span, ...]:
    """Each quarter likewise."""
    return tuple(_spans(since, until, zone, 3, fiscal_year_start))


def month_name(day: date) -> str:
    """The month of a day: `2026-05`."""
    return f"{day.year:04d}-{day.month:02d}"


def quarter_name(day: date, fiscal_year_start: int = 1) -> str:
    """The quarter of a day: `2026-Q2`, or `FY2026-Q2` where the year begins with another month than January."""
    return _quarter(day, fiscal_year_start)


def rolling_year(quarter: Span, zone: tzinfo | None) -> Span:
    """The four quarters that end with this one, by its name."""
    first = to_local(quarter.since, zone).date()
    try:
        return Span(quarter.name, first_moment(_plus_months(first, -9), zone), quarter.until)
    except ValueError:
        return quarter


def _named(word: str, now: datetime, zone: str, fiscal_year_start: int) -> Period:
    words = " ".join(word.split())
    try:
        found = _months_of(words, to_local(now, resolve_zone(zone or None)).date(), fiscal_year_start)
        if isinstance(found, date):
            return _of_days(found, found + timedelta(days=7), zone)
        if found is not None:
            return _of_months(*found, zone, fiscal_year_start)
    except (ValueError, OverflowError):
        raise UsageError(f"{quoted(word)} is no period of any calendar", hint=_WAYS) from None
    if parse_duration(words) is not None:
        raise UsageError(f"{quoted(word)} is a length of time, not a period", hint=f"write --last {words}")
    raise UsageError(f"{quoted(word)} is not a period", hint=_WAYS)


def _months_of(words: str, today: date, fiscal_year_start: int) -> tuple[date, int] | date | None:
    """The first day and the number of months; the first day alone for a week; `None` for what is neither."""
    month = re.fullmatch(_MONTH, words)
    if month:
        return date(int(month[1]), int(month[2]), 1), 1
    quarter = re.fullmatch(_QUARTER, words, re.IGNORECASE)
    if quarter:
        if int(quarter[2]) not in range(1, 5):
            raise ValueError("a year has four quarters")
        return _plus_months(_first_of_year(int(quarter[1]), fiscal_year_start), 3 * (int(quarter[2]) - 1)), 3
    year = re.fullmatch(_YEAR, words, re.IGNORECASE)
    if year:
        return _first_of_year(int(year[1]), fiscal_year_start), 12
    named = re.fullmatch(_NAMED, words, re.IGNORECASE)
    if named is None:
        return None
    back = 1 if named[1].lower() in ("last", "previous") else 0
    if named[2].lower() == "week":
        return today - timedelta(days=today.weekday() + 7 * back)
    length = {"month": 1, "quarter": 3, "year": 12}[named[2].lower()]
    return _plus_months(_first_of(today, length, fiscal_year_start), -length * back), length


def _last(word: str, now: datetime, zone: str) -> Period:
    length = parse_duration(word.strip().removeprefix("-"))
    if length is None or length <= timedelta(0):
        raise UsageError(f"{quoted(word)} is not a length of time", hint="write 90d, 4w or 36h, as in --last 90d")
    try:
        since = now - length
    except OverflowError:
        raise UsageError(f"{quoted(word)} is longer than the calendar", hint="write --last 365d") from None
    # The moment of the report is part of it: what was declared this second belongs to the last 90 days.
    return Period(
        since, now + timedelta(seconds=1), f"the last {' '.join(word.strip().removeprefix('-').split())}", zone
    )


def _of_months(first: date, months: int, zone: str, fiscal_year_start: int) -> Period:
    where = resolve_zone(zone or None)
    after = _plus_months(first, months)
    since, until = first_moment(first, where), first_moment(after, where)
    name = _name(first, months, fiscal_year_start)
    days = _title(since, until, where)
    return Period(since, until, f"{name}, {days}" if name else days, zone)


def _of_days(first: date, after: date, zone: str) -> Period:
    where = resolve_zone(zone or None)
    since, until = first_moment(first, where), first_moment(after, where)
    return Period(since, until, _title(since, until, where), zone)


def _name(first: date, months: int, fiscal_year_start: int) -> str | None:
    """What this many months from a first day are called; `None` where they are no month, quarter or year."""
    if months not in (1, 3, 12) or _first_of(first, months, fiscal_year_start) != first:
        return None
    if months == 1:
        return month_name(first)
    return _quarter(first, fiscal_year_start) if months == 3 else _year(first, fiscal_year_start)


def _quarter(day: date, fiscal_year_start: int) -> str:
    return f"{_year(day, fiscal_year_start)}-Q{(day.month - fiscal_year_start) % 12 // 3 + 1}"


def _year(day: date, fiscal_year_start: int) -> str:
    if fiscal_year_start == 1:
        return f"{day.year:04d}"
    return f"FY{day.year + (day.month >= fiscal_year_start):04d}"


def _title(since: datetime | None, until: datetime | None, zone: tzinfo | None) -> str:
    """The first and the last day; moments where it does not begin and end with a day."""
    if since is None and until is None:
        return "all history"
    begins = "" if since is None else _told(since, zone, _day_that_begins(since, zone))
    following = None if until is None else _day_that_begins(until, zone)
    last = following - _ONE_DAY if following is not None and following > date.min else None
    ends = "" if until is None else _told(until, zone, last)
    if not ends:
        return f"since {begins}"
    if not begins:
        return f"until {ends}"
    return begins if begins == ends else f"{begins} to {ends}"


def _told(at: datetime, zone: tzinfo | None, day: date | None) -> str:
    if day is not None:
        return day.isoformat()
    local = to_local(at, zone)
    return f"{local.date().isoformat()} {local.hour:02d}:{local.minute:02d}"


def _day_that_begins(at: datetime, zone: tzinfo | None) -> date | None:
    """The day whose first moment that is."""
    day = to_local(at, zone).date()
    return day if first_moment(day, zone) == at else None


def _spans(
    since: datetime, until: datetime, zone: tzinfo | None, months: int, fiscal_year_start: int
) -> Iterator[Span]:
    if since >= until:
        return
    first = _first_of(to_local(since, zone).date(), months, fiscal_year_start)
    while True:
        begins = first_moment(first, zone)
        if begins >= until:
            return
        try:
            after = _plus_months(first, months)
        except ValueError:
            return
        yield Span(_name(first, months, fiscal_year_start) or "", begins, first_moment(after, zone))
        first = after


def _first_of(day: date, months: int, fiscal_year_start: int) -> date:
    """The first day of the month, quarter or year of a day."""
    return _plus_months(day.replace(day=1), -((day.month - fiscal_year_start) % months))


def _first_of_year(year: int, fiscal_year_start: int) -> date:
    return date(year if fiscal_year_start == 1 else year - 1, fiscal_year_start, 1)


def _plus_months(first: date, months: int) -> date:
    """ValueError where it leaves the calendar."""
    total = first.year * 12 + first.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)
