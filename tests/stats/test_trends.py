"""How a duration develops over rolling four quarters."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.stats.period import read_period
from incidentctl.stats.trends import MOST_QUARTERS, trend
from tests.stats.cases import asking, utc

NOW = utc("2026-05-14 10:06")


def points(values, now=NOW, period=None, fiscal_year_start=1, zone="UTC", until=None):
    found = read_period(now=now, zone=zone, period=period, until=until, fiscal_year_start=fiscal_year_start)
    question = asking(period=found, fiscal_year_start=fiscal_year_start)
    return [
        (point.quarter, point.n, point.median)
        for point in trend([(utc(at), seconds) for at, seconds in values], question, now=now)
    ]


ONE_A_QUARTER = [
    ("2025-02-01", 100.0),
    ("2025-05-01", 200.0),
    ("2025-08-01", 300.0),
    ("2025-11-01", 400.0),
    ("2026-02-01", 500.0),
    ("2026-05-01", 600.0),
]


def test_each_point_is_over_the_four_quarters_that_end_with_its_quarter():
    assert points(ONE_A_QUARTER) == [
        ("2025-Q1", 1, 100),
        ("2025-Q2", 2, 150),
        ("2025-Q3", 3, 200),
        ("2025-Q4", 4, 250),
        ("2026-Q1", 4, 350),
        ("2026-Q2", 4, 450),
    ]


def test_the_quarters_are_those_of_the_period_and_reach_back_before_it():
    assert points(ONE_A_QUARTER, period="2026") == [("2026-Q1", 4, 350), ("2026-Q2", 4, 450)]


def test_what_is_after_the_period_is_in_no_point():
    assert points(ONE_A_QUARTER, period="2025-Q2") == [("2025-Q2", 2, 150)]
    assert points(ONE_A_QUARTER, until="2025-04-30")[-1] == ("2025-Q2", 1, 100)


def test_a_quarter_in_which_nothing_happened_has_a_point_of_what_was_before():
    assert points([("2025-08-01", 300.0)]) == [
        ("2025-Q3", 1, 300),
        ("2025-Q4", 1, 300),
        ("2026-Q1", 1, 300),
        ("2026-Q2", 1, 300),
    ]


def test_a_year_without_any_has_no_median_and_not_zero():
    assert points([("2024-08-01", 300.0)])[-1] == ("2026-Q2", 0, None)


def test_fiscal_quarters_say_so():
    assert [point[0] for point in points(ONE_A_QUARTER[-2:], fiscal_year_start=2)] == ["FY2027-Q1", "FY2027-Q2"]


def test_quarters_begin_in_the_zone_of_the_report():
    at_the_turn = [("2026-03-31 22:30", 100.0)]

    assert points(at_the_turn, zone="Europe/Berlin") == [("2026-Q2", 1, 100)]
    assert points(at_the_turn)[0] == ("2026-Q1", 1, 100)


def test_nothing_makes_no_trend():
    assert points([]) == []


def test_what_is_dated_ahead_makes_no_trend():
    assert points([("2062-05-14", 100.0)]) == []


def test_a_wrong_year_makes_no_calendar_of_centuries():
    found = points([("0026-05-14", 100.0), *ONE_A_QUARTER])

    assert len(found) == MOST_QUARTERS
    assert found[-1] == ("2026-Q2", 4, 450)


@given(
    st.lists(
        st.tuples(st.datetimes(datetime(2020, 1, 1), datetime(2026, 5, 14)), st.integers(1, 10**6)),
        min_size=1,
        max_size=40,
    )
)
def test_the_last_point_holds_all_of_the_last_four_quarters(values):
    dated = [(at.replace(tzinfo=UTC), float(seconds)) for at, seconds in values]

    last = trend(dated, asking(), now=NOW)[-1]

    assert last.quarter == "2026-Q2"
    assert last.n == sum(utc("2025-07-01") <= at <= NOW + timedelta(seconds=1) for at, _ in dated)
