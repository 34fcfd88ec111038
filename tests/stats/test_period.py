"""The words for a period, the one before it, and the months and quarters in it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.errors import UsageError
from incidentctl.stats.period import (
    previous_period,
    quarter_name,
    quarters_between,
    read_period,
    rolling_year,
)
from incidentctl.stats.report import Period
from tests.stats.cases import utc

NOW = datetime(2026, 5, 14, 10, 6, 30, tzinfo=UTC)  # a Thursday


def read(now=NOW, zone="UTC", **words):
    return read_period(now=now, zone=zone, **words)


def refusal(**words):
    with pytest.raises(UsageError) as caught:
        read(**words)
    assert caught.value.hint
    return caught.value


def bounds(period):
    return period.since, period.until


class TestWords:
    def test_none_is_all_of_history(self):
        assert read() == Period(None, None, "all history", "UTC")

    @pytest.mark.parametrize(
        ("word", "since", "until", "title"),
        [
            ("2026-Q2", "2026-04-01", "2026-07-01", "2026-Q2, 2026-04-01 to 2026-06-30"),
            ("2026q4", "2026-10-01", "2027-01-01", "2026-Q4, 2026-10-01 to 2026-12-31"),
            ("2026-05", "2026-05-01", "2026-06-01", "2026-05, 2026-05-01 to 2026-05-31"),
            ("2026-12", "2026-12-01", "2027-01-01", "2026-12, 2026-12-01 to 2026-12-31"),
            ("2026", "2026-01-01", "2027-01-01", "2026, 2026-01-01 to 2026-12-31"),
            ("last-quarter", "2026-01-01", "2026-04-01", "2026-Q1, 2026-01-01 to 2026-03-31"),
            ("this-quarter", "2026-04-01", "2026-07-01", "2026-Q2, 2026-04-01 to 2026-06-30"),
            ("last-month", "2026-04-01", "2026-05-01", "2026-04, 2026-04-01 to 2026-04-30"),
            ("This Month", "2026-05-01", "2026-06-01", "2026-05, 2026-05-01 to 2026-05-31"),
            ("last_year", "2025-01-01", "2026-01-01", "2025, 2025-01-01 to 2025-12-31"),
            ("this-year", "2026-01-01", "2027-01-01", "2026, 2026-01-01 to 2026-12-31"),
            ("this-week", "2026-05-11", "2026-05-18", "2026-05-11 to 2026-05-17"),
            ("last-week", "2026-05-04", "2026-05-11", "2026-05-04 to 2026-05-10"),
        ],
    )
    def test_a_month_a_quarter_and_a_year_have_names(self, word, since, until, title):
        assert read(period=word) == Period(utc(since), utc(until), title, "UTC")

    def test_the_day_of_until_is_included(self):
        assert read(since="2026-05-01", until="2026-05-31") == Period(
            utc("2026-05-01"), utc("2026-06-01"), "2026-05-01 to 2026-05-31", "UTC"
        )
        assert read(until="2026-05-31").title == "until 2026-05-31"
        assert read(since="2026-05-01").title == "since 2026-05-01"
        assert read(since="2026-05-13", until="2026-05-13").title == "2026-05-13"

    def test_the_ends_can_be_moments(self):
        period = read(since="2026-05-13T10:00Z", until="2026-05-14")

        assert bounds(period) == (utc("2026-05-13 10:00"), utc("2026-05-15"))
        assert period.title == "2026-05-13 10:00 to 2026-05-14"

    def test_the_last_ninety_days_end_with_this_second(self):
        period = read(last="90d")

        assert bounds(period) == (utc("2026-02-13 10:06:30"), utc("2026-05-14 10:06:31"))
        assert period.title == "the last 90d"

    def test_days_begin_in_the_zone_of_the_report(self):
        assert bounds(read(period="2026-05", zone="Europe/Berlin")) == (
            utc("2026-04-30 22:00"),
            utc("2026-05-31 22:00"),
        )
        assert bounds(read(period="2026-03", zone="Europe/Berlin")) == (
            utc("2026-02-28 23:00"),
            utc("2026-03-31 22:00"),
        )

    def test_this_month_is_that_of_the_zone(self):
        at_the_turn = utc("2026-05-31 23:00")

        assert read(now=at_the_turn, period="this-month").title.startswith("2026-05")
        assert read(now=at_the_turn, period="this-month", zone="Europe/Berlin").title.startswith("2026-06")


class TestFiscalYear:
    @pytest.mark.parametrize(
        ("word", "since", "until", "title"),
        [
            ("2026-Q1", "2025-07-01", "2025-10-01", "FY2026-Q1, 2025-07-01 to 2025-09-30"),
            ("FY2026-Q4", "2026-04-01", "2026-07-01", "FY2026-Q4, 2026-04-01 to 2026-06-30"),
            ("fy2026", "2025-07-01", "2026-07-01", "FY2026, 2025-07-01 to 2026-06-30"),
            ("this-quarter", "2026-04-01", "2026-07-01", "FY2026-Q4, 2026-04-01 to 2026-06-30"),
            ("last-year", "2024-07-01", "2025-07-01", "FY2025, 2024-07-01 to 2025-06-30"),
            ("2026-05", "2026-05-01", "2026-06-01", "2026-05, 2026-05-01 to 2026-05-31"),
        ],
    )
    def test_it_has_the_number_of_the_year_in_which_it_ends_and_its_title_says_the_days(
        self, word, since, until, title
    ):
        assert read(period=word, fiscal_year_start=7) == Period(utc(since), utc(until), title, "UTC")

    def test_quarters_need_not_begin_where_those_of_the_calendar_do(self):
        period = read(period="this-quarter", fiscal_year_start=2)

        assert period.title == "FY2027-Q2, 2026-05-01 to 2026-07-31"
        assert quarter_name(NOW.date(), 2) == "FY2027-Q2"

    def test_a_month_that_no_year_has_is_refused(self):
        assert "month 13" in refusal(fiscal_year_start=13).message


class TestRefused:
    @pytest.mark.parametrize(
        "word", ["", "2026-Q5", "2026-Q0", "2026-13", "2026-00", "0000", "q2", "soon", "last-decade"]
    )
    def test_a_period_that_is_none(self, word):
        assert repr(word) in refusal(period=word).message

    def test_a_length_for_a_period_names_the_option(self):
        assert refusal(period="90d").hint == "write --last 90d"

    @pytest.mark.parametrize("word", ["", "90", "0d", "ninety days", "2026-05"])
    def test_a_length_that_is_none(self, word):
        assert repr(word) in refusal(last=word).message

    def test_a_year_that_the_calendar_does_not_reach(self):
        assert refusal(period="9999").message
        assert refusal(last="36525d", now=utc("0090-01-01")).message

    def test_two_ways_at_once(self):
        error = refusal(period="2026-Q2", since="2026-05-01")

        assert error.message == "--period and --since are different ways to name one period"
        assert error.hint == "leave out --since"

    def test_an_end_before_the_beginning(self):
        assert "ends before it begins" in refusal(since="2026-05-02", until="2026-05-01").message

    def test_a_time_that_cannot_be_read(self):
        assert refusal(since="some day").message

    def test_a_zone_that_there_is_not(self):
        assert "no time zone" in refusal(period="2026-05", zone="Mars/Olympus").message


class TestPrevious:
    @pytest.mark.parametrize(
        ("words", "since", "until", "title"),
        [
            ({"period": "2026-Q2"}, "2026-01-01", "2026-04-01", "2026-Q1, 2026-01-01 to 2026-03-31"),
            ({"period": "2026-03"}, "2026-02-01", "2026-03-01", "2026-02, 2026-02-01 to 2026-02-28"),
            ({"period": "2026"}, "2025-01-01", "2026-01-01", "2025, 2025-01-01 to 2025-12-31"),
            ({"period": "this-week"}, "2026-05-04", "2026-05-11", "2026-05-04 to 2026-05-10"),
            ({"since": "2026-05-11", "until": "2026-05-12"}, "2026-05-09", "2026-05-11", "2026-05-09 to 2026-05-10"),
            ({"since": "2026-01-01", "until": "2026-02-28"}, "2025-11-01", "2026-01-01", "2025-11-01 to 2025-12-31"),
            (
                {"last": "1d"},
                "2026-05-12 10:06:29",
                "2026-05-13 10:06:30",
                "2026-05-12 10:06 to 2026-05-13 10:06",
            ),
        ],
    )
    def test_it_is_as_long_and_directly_before(self, words, since, until, title):
        assert previous_period(read(**words), now=NOW) == Period(utc(since), utc(until), title, "UTC")

    def test_before_a_fiscal_quarter_comes_a_fiscal_quarter(self):
        period = read(period="2026-Q1", fiscal_year_start=7)

        before = previous_period(period, now=NOW, fiscal_year_start=7)

        assert before.title == "FY2025-Q4, 2025-04-01 to 2025-06-30"

    def test_where_the_clocks_change_a_week_before_is_a_week_of_days(self):
        week = read(since="2026-03-30", until="2026-04-05", zone="Europe/Berlin")

        before = previous_period(week, now=NOW)

        assert bounds(before) == (utc("2026-03-22 23:00"), utc("2026-03-29 22:00"))

    def test_without_an_end_it_runs_until_now(self):
        period = read(since="2026-05-14T10:00Z")

        assert bounds(previous_period(period, now=NOW)) == (utc("2026-05-14 09:53:30"), utc("2026-05-14 10:00"))

    def test_all_of_history_has_nothing_before_it(self):
        with pytest.raises(UsageError) as caught:
            previous_period(read(), now=NOW)
        assert caught.value.message == "all history has nothing before it to compare with"

    @given(
        st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)),
        st.integers(1, 12),
        st.sampled_from(["week", "month", "quarter", "year"]),
    )
    def test_the_last_is_the_one_before_this_and_they_meet(self, at, fiscal_year_start, length):
        now = at.replace(microsecond=0, tzinfo=UTC)
        zone = "America/New_York"
        this, last = (
            read(now=now, zone=zone, period=f"{which}-{length}", fiscal_year_start=fiscal_year_start)
            for which in ("this", "last")
        )

        assert previous_period(this, now=now, fiscal_year_start=fiscal_year_start) == last
        assert last.until == this.since
        assert this.since is not None and this.until is not None and this.since <= now < this.until


class TestParts:
    def test_quarters_are_those_of_the_zone(self):
        quarters = quarters_between(utc("2025-12-31 23:00"), utc("2026-02-01"), ZoneInfo("Europe/Berlin"))

        assert [quarter.name for quarter in quarters] == ["2026-Q1"]

    def test_each_quarter_of_which_a_moment_lies_between(self):
        quarters = quarters_between(utc("2025-11-05"), utc("2026-05-14"), UTC)

        assert [quarter.name for quarter in quarters] == ["2025-Q4", "2026-Q1", "2026-Q2"]

    def test_fiscal_quarters_say_so(self):
        quarters = quarters_between(utc("2026-03-05"), utc("2026-05-14"), UTC, 4)

        assert [quarter.name for quarter in quarters] == ["FY2026-Q4", "FY2027-Q1"]

    def test_four_quarters_end_with_the_quarter(self):
        quarter = quarters_between(utc("2026-05-05"), utc("2026-05-14"), UTC)[0]

        year = rolling_year(quarter, UTC)

        assert (year.name, year.since, year.until) == ("2026-Q2", utc("2025-07-01"), utc("2026-07-01"))

    def test_nothing_lies_between_a_moment_and_itself(self):
        assert quarters_between(utc("2026-05-14"), utc("2026-05-14"), UTC) == ()

    def test_at_the_end_of_the_calendar_they_end(self):
        assert [each.name for each in quarters_between(utc("9999-08-05"), utc("9999-12-31"), UTC)] == ["9999-Q3"]
