"""Impact facts: what people wrote is read where it is plainly one number, and added where it can be."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.stats.metrics.impact import read_amount, sum_impact
from incidentctl.stats.report import ImpactSum, Period
from tests.stats.cases import EVERYTHING, asking, case, utc


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("12000", "12000", ""),
        ("0", "0", ""),
        ("12,000", "12000", ""),
        ("12 000", "12000", ""),
        ("12\u202f000", "12000", ""),
        ("12'000", "12000", ""),
        ("12’000", "12000", ""),
        ("12_000", "12000", ""),
        ("1,234,567", "1234567", ""),
        ("1.234.567", "1234567", ""),
        ("1,234,567.50", "1234567.5", ""),
        ("1.234.567,50", "1234567.5", ""),
        ("1.234,5", "1234.5", ""),
        ("99.5", "99.5", ""),
        ("4,5", "4.5", ""),
        ("0.125", "0.125", ""),
        ("0,125", "0.125", ""),
        ("1234.567", "1234.567", ""),
        ("~3 400", "3400", ""),
        ("≈ 3400", "3400", ""),
        ("about 3400", "3400", ""),
        ("approx. 3400", "3400", ""),
        ("ca. 3400 users", "3400", "users"),
        ("c 3", None, ""),
        ("4.5k", "4500", ""),
        ("2.3K", "2300", ""),
        ("4.5k users", "4500", "users"),
        ("3 thousand", "3000", ""),
        ("1.2M", "1200000", ""),
        ("1.2 million users", "1200000", "users"),
        ("3 Mio.", "3000000", ""),
        ("1bn", "1000000000", ""),
        ("12 %", "12", "%"),
        ("40%", "40", "%"),
        ("40 percent", "40", "%"),
        ("40 % of checkouts in Europe", "40", "%"),
        ("€ 4,500", "4500", "EUR"),
        ("€4.5k", "4500", "EUR"),
        ("~€4,500", "4500", "EUR"),
        ("4500 €", "4500", "EUR"),
        ("4500 eur", "4500", "EUR"),
        ("EUR 4,500.00", "4500", "EUR"),
        ("4500 euros", "4500", "EUR"),
        ("$500", "500", "$"),
        ("US$ 500", "500", "USD"),
        ("500 USD", "500", "USD"),
        ("£2M", "2000000", "GBP"),
        ("€ 500 EUR", "500", "EUR"),
        ("25 min", "25", "min"),
        ("25 Minutes", "25", "min"),
        ("12 km", "12", "km"),
        ("12,000 users.", "12000", "users"),
        ("3400 Kunden", "3400", "kunden"),
        ("3400 пользователей", "3400", "пользователей"),
    ],
)
def test_what_is_plainly_one_number_is_read(text, number, unit):
    found = read_amount(text)

    assert (found and (found.number, found.unit)) == (number and (Decimal(number), unit))


@pytest.mark.parametrize(
    "text",
    [
        "4.500",
        "12.345 users",
        "3-4k",
        "100–200",
        "12 of 50",
        "12/50",
        "2h 8m",
        "12m",
        "1.2m users",
        "> 100",
        "<100",
        "up to 100",
        "at least 100",
        "100+",
        "100?",
        "100 or more",
        "100 max",
        "500 per",
        "€ 500 per hour",
        "€500/h",
        "$ 500 users",
        "-500",
        "top 500",
        "n/a",
        "none",
        "many",
        "all users",
        "",
        " ",
        "1,23,4",
        "12,34,567",
        "1,234.567.8",
        "12__000",
        "1e6",
        "0x10",
        "１２０００",
        "١٢٠",
        "=1+1",
        "NaN",
        "inf",
        "12000 users in all of Europe",
        "1" * 61,
        "1 " * 10_000,
    ],
)
def test_what_is_not_is_not_guessed(text):
    assert read_amount(text) is None


@given(st.text("0123456789., '’_~€$%kKMm-usEUR", max_size=20))
def test_any_text_is_read_or_not_and_never_fails(text):
    found = read_amount(text)

    assert found is None or found.number >= 0


@given(st.integers(0, 10**15))
def test_a_number_is_read_as_it_is_printed(number):
    for text in (f"{number}", f"{number:,}", f"{number:_}", f"{number:,}".replace(",", " "), f"~ {number:,} users"):
        found = read_amount(text)
        assert found is not None and found.number == number


def users(*texts):
    return sum_impact([case(f"n{place}", affected_users=text) for place, text in enumerate(texts)], EVERYTHING)[0]


class TestSum:
    def test_it_is_over_those_that_say_a_number_and_says_how_many_they_are(self):
        assert users("12,000", None, "~3 400 users", "many", " ") == ImpactSum(
            "affected_users", 15400, 2, 5, "", ("2026-05-14-n3",)
        )

    def test_where_nobody_says_one_there_is_no_sum(self):
        assert users(None, "many") == ImpactSum("affected_users", None, 0, 2, "", ("2026-05-14-n1",))
        assert users() == ImpactSum("affected_users", None, 0, 0)

    def test_zero_is_a_number(self):
        assert users("0").total == 0

    def test_percentages_are_not_added(self):
        assert users("12 %", "40 %") == ImpactSum("affected_users", None, 2, 2, "%")

    def test_different_units_are_not_added(self):
        assert users("12 %", "400") == ImpactSum("affected_users", None, 2, 2)
        assert users("12 users", "400 shops") == ImpactSum("affected_users", None, 2, 2)

    def test_one_and_many_are_one_unit(self):
        assert users("1 customer", "20 customers") == ImpactSum("affected_users", 21, 2, 2, "customers")

    def test_money_without_a_currency_is_not_added_to_money_with_one(self):
        cases = [
            case("a", revenue_impact="€ 4,500"),
            case("b", revenue_impact="4.5k EUR"),
            case("c", revenue_impact="10"),
        ]

        assert sum_impact(cases[:2], EVERYTHING)[2] == ImpactSum("revenue_impact", 9000, 2, 2, "EUR")
        assert sum_impact(cases, EVERYTHING)[2] == ImpactSum("revenue_impact", None, 3, 3)

    def test_decimals_add_up_to_what_a_person_gets(self):
        cases = [case(f"n{place}", error_budget="0.1 h") for place in range(3)]

        assert sum_impact(cases, EVERYTHING)[1] == ImpactSum("error_budget", 0.3, 3, 3, "h")

    def test_only_incidents_that_count_in_the_period(self):
        june = Period(utc("2026-06-01"), utc("2026-07-01"), "2026-06", "UTC")

        assert sum_impact([case(affected_users="12")], asking(period=june))[0] == ImpactSum(
            "affected_users", None, 0, 0
        )
        assert sum_impact([case(affected_users="12", is_drill=True)], EVERYTHING)[0].of == 0
