"""Business days and hours."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.calendar import Calendar

STANDING = Calendar()
BERLIN = Calendar(zone="Europe/Berlin", holidays=frozenset({date(2026, 12, 25), date(2026, 5, 25)}))

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
CALENDARS = st.builds(
    Calendar,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    opens=st.just(time(9)),
    closes=st.sampled_from([time(0), time(10), time(17, 30)]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "count", "day"),
    [
        (utc(2026, 5, 14, 12, 10), 5, date(2026, 5, 21)),
        (utc(2026, 5, 14, 12, 10), 1, date(2026, 5, 15)),
        (utc(2026, 5, 15, 12, 10), 1, date(2026, 5, 18)),
        (utc(2026, 5, 16, 12, 10), 1, date(2026, 5, 18)),
        (utc(2026, 5, 14, 12, 10), 0, date(2026, 5, 14)),
        (utc(2026, 5, 16, 12, 10), 0, date(2026, 5, 18)),
    ],
)
def test_business_days_are_counted_from_the_day_after(at, count, day):
    assert STANDING.add_business_days(at, count) == day


def test_holidays_do_not_count_and_the_day_is_that_of_the_calendars_zone():
    assert BERLIN.add_business_days(utc(2026, 5, 21, 12, 0), 2) == date(2026, 5, 26)
    # 23:30 UTC on Thursday is Friday in Berlin.
    assert BERLIN.add_business_days(utc(2026, 5, 14, 23, 30), 1) == date(2026, 5, 18)


@pytest.mark.parametrize(
    ("at", "hours", "due"),
    [
        (utc(2026, 5, 14, 10, 0), 4, utc(2026, 5, 14, 14, 0)),
        (utc(2026, 5, 14, 13, 0), 4, utc(2026, 5, 14, 17, 0)),
        (utc(2026, 5, 14, 14, 0), 4, utc(2026, 5, 15, 10, 0)),
        (utc(2026, 5, 15, 16, 0), 4, utc(2026, 5, 18, 12, 0)),
        (utc(2026, 5, 16, 3, 0), 4, utc(2026, 5, 18, 13, 0)),
        (utc(2026, 5, 14, 3, 0), 4, utc(2026, 5, 14, 13, 0)),
        (utc(2026, 5, 14, 20, 0), 4, utc(2026, 5, 15, 13, 0)),
        (utc(2026, 5, 14, 20, 0), 0, utc(2026, 5, 14, 20, 0)),
        (utc(2026, 5, 14, 10, 0), 20, utc(2026, 5, 18, 14, 0)),
    ],
)
def test_business_hours_are_counted_from_nine_to_five_on_weekdays(at, hours, due):
    assert STANDING.add_business_time(at, timedelta(hours=hours)) == due


def test_hours_are_those_of_the_zone_on_both_sides_of_summer_time():
    # Friday 27 March 2026, 15:00 in Berlin (CET); the clocks go forward on Sunday.
    assert BERLIN.add_business_time(utc(2026, 3, 27, 14, 0), timedelta(hours=4)) == utc(2026, 3, 30, 9, 0)


def test_a_day_that_ends_at_midnight_is_open_until_the_next():
    late = Calendar(opens=time(20), closes=time(0))
    assert late.add_business_time(utc(2026, 5, 14, 23, 0), timedelta(hours=2)) == utc(2026, 5, 15, 21, 0)


@given(
    CALENDARS,
    MOMENTS,
    st.timedeltas(timedelta(seconds=1), timedelta(days=5)),
    st.timedeltas(timedelta(seconds=1), timedelta(days=5)),
)
def test_business_time_adds_up_and_ends_in_business_hours(calendar, at, first, second):
    due = calendar.add_business_time(at, first)
    assert due >= at + first
    assert calendar.add_business_time(due, second) == calendar.add_business_time(at, first + second)


@given(CALENDARS, MOMENTS, st.integers(1, 30))
def test_business_days_grow_with_their_count_and_are_business_days(calendar, at, count):
    day = calendar.add_business_days(at, count)
    assert calendar.is_business_day(day)
    assert day > calendar.add_business_days(at, count - 1) or count == 1


def test_the_end_of_the_calendar_is_no_crash():
    end = utc(9999, 12, 31, 23, 30)
    assert BERLIN.add_business_days(end, 5) == date.max
    assert BERLIN.add_business_time(end, timedelta(hours=4)) == utc(9999, 12, 31, 23, 59, 59)
    assert BERLIN.add_business_time(utc(1, 1, 1), timedelta(hours=4)).year == 1


def test_a_calendar_of_holidays_alone_has_no_deadline():
    never = Calendar(days=frozenset())
    assert never.add_business_days(utc(2026, 5, 14), 1) == date.max
    assert never.add_business_time(utc(2026, 5, 14), timedelta(hours=1)) == utc(9999, 12, 31, 23, 59, 59)
