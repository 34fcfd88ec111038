"""Repeats: the same cause as an earlier incident, by key or by word, and what was left undone."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.entries import CancelReason, Status
from incidentctl.incident.policy import DEFAULT_SCALE
from incidentctl.stats.case import ItemHistory, PostmortemFacts, Source
from incidentctl.stats.metrics.repeats import MOST_SUGGESTED_FOR, cause_of, find_repeats
from incidentctl.stats.report import Period
from tests.stats.cases import EVERYTHING, asking, case, utc

NOW = utc("2026-07-15 12:00")
ALIKE: dict[str, Any] = {"services": ("checkout",), "terms": ("pool", "exhausted", "database", "timeout")}
JUNE = Period(utc("2026-06-01"), utc("2026-07-01"), "2026-06", "UTC")


def caused(slug, declared, cause=None, *, items=(), **changes):
    return case(slug, declared, postmortem=PostmortemFacts("p.md", root_cause=cause, items=tuple(items)), **changes)


def ended(name: str, *, done_on: date | None = None, dropped_on: date | None = None) -> ItemHistory:
    return ItemHistory("2026-05-01-a", name, name, Source(), done_on=done_on, dropped_on=dropped_on)


def find(*cases, question=EVERYTHING):
    return find_repeats(cases, question, now=NOW, scale=DEFAULT_SCALE)


def pairs(figure):
    return [(each.id[11:], each.earlier[11:]) for each in figure.repeats]


class TestTheSameCause:
    def test_the_same_key_is_a_repeat_of_the_last_one_before(self):
        figure = find(
            caused("one", "2026-05-01 10:00", "db-pool"),
            caused("two", "2026-05-11 10:00", "db-pool"),
            caused("three", "2026-05-21 10:00", "db-pool"),
            caused("other", "2026-05-22 10:00", "dns"),
            case("none", "2026-05-23 10:00"),
        )

        assert pairs(figure) == [("two", "one"), ("three", "two")]
        assert (figure.with_cause, figure.without_cause) == (4, 1)
        assert {each.cause for each in figure.repeats} == {"db-pool"}

    def test_case_and_spaces_make_no_difference(self):
        assert pairs(find(caused("a", "2026-05-01", " DB-Pool "), caused("b", "2026-05-02", "db-pool"))) == [("b", "a")]

    @pytest.mark.parametrize("word", ["unknown", "TBD", " ? ", "n/a", "none", "", "  "])
    def test_a_word_for_not_known_is_no_cause(self, word):
        figure = find(caused("a", "2026-05-01", word), caused("b", "2026-05-02", word))

        assert (figure.repeats, figure.with_cause, figure.without_cause) == ((), 0, 2)

    def test_the_earlier_one_may_lie_before_the_period(self):
        cases = caused("a", "2025-05-01", "dns"), caused("b", "2026-06-02", "dns")

        figure = find(*cases, question=asking(period=JUNE))
        assert pairs(figure) == [("b", "a")]
        assert (figure.with_cause, figure.without_cause) == (1, 0)

    def test_the_earlier_one_may_lie_outside_the_filters(self):
        cases = caused("a", "2026-05-01", "dns", services=("web",)), caused("b", "2026-05-02", "dns", services=("db",))

        assert pairs(find(*cases, question=asking(services=("db",)))) == [("b", "a")]
        assert pairs(find(*cases, question=asking(services=("web",)))) == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": Status.CANCELED, "cancel_reason": CancelReason.FALSE_ALARM},
            {"status": Status.CANCELED, "cancel_reason": CancelReason.DUPLICATE, "duplicate_of": "2026-05-01-x"},
            {"is_drill": True},
        ],
        ids=["cancelled", "duplicate", "drill"],
    )
    def test_what_counts_in_no_figure_is_neither_of_the_two(self, changes):
        assert find(caused("a", "2026-05-01", "dns", **changes), caused("b", "2026-05-02", "dns")).repeats == ()
        assert find(caused("a", "2026-05-01", "dns"), caused("b", "2026-05-02", "dns", **changes)).repeats == ()

    def test_of_two_of_one_second_just_one_is_the_repeat(self):
        assert pairs(find(caused("b", "2026-05-01", "dns"), caused("a", "2026-05-01", "dns"))) == [("b", "a")]

    def test_no_incident_makes_an_empty_figure(self):
        figure = find()

        assert (figure.repeats, figure.with_cause, figure.without_cause, figure.suggestions) == ((), 0, 0, ())


class TestByWord:
    def test_a_named_incident_needs_no_key(self):
        figure = find(case("a", "2026-05-01"), case("b", "2026-05-02", repeat_of="2026-05-01-a"))

        assert pairs(figure) == [("b", "a")]
        assert figure.repeats[0].cause == ""
        assert (figure.with_cause, figure.without_cause) == (1, 1)

    def test_a_named_incident_goes_before_the_key(self):
        figure = find(
            caused("a", "2026-05-01", "dns"),
            caused("b", "2026-05-02", "dns"),
            caused("c", "2026-05-03", "dns", repeat_of="2026-05-01-a"),
        )

        assert pairs(figure) == [("b", "a"), ("c", "a")]
        assert figure.repeats[1].cause == "dns"

    @pytest.mark.parametrize(
        "word", ["2026-05-01-checkout-latency", "2026-05-01", "checkout", "#incident-2026-05-01-checkout-latency"]
    )
    def test_a_part_that_fits_one_incident_before_is_enough(self, word):
        cases = (
            case("checkout-latency", "2026-05-01"),
            case("other", "2026-05-02", repeat_of=word),
            case("checkout-again", "2026-05-03"),
        )

        assert pairs(find(*cases)) == [("other", "checkout-latency")]

    def test_a_beginning_goes_before_any_other_part(self):
        cases = (
            case("2026-05-01", "2026-04-01"),
            case("a", "2026-05-01"),
            case("b", "2026-05-02", repeat_of="2026-05-01"),
        )

        assert pairs(find(*cases)) == [("b", "a")]

    def test_a_part_that_fits_several_names_none(self):
        cases = (
            case("checkout-a", "2026-05-01"),
            case("checkout-b", "2026-05-02"),
            case("c", "2026-05-03", repeat_of="checkout"),
        )
        figure = find(*cases)

        assert figure.repeats == ()
        assert figure.unresolved == {
            "2026-05-03-c": "repeat_of names 'checkout', which fits 2 incidents before this one"
        }

    @pytest.mark.parametrize(
        ("word", "why"),
        [
            ("2020-01-01-gone", "repeat_of names '2020-01-01-gone', and there is no such incident before this one"),
            ("2026-05-02-b", "repeat_of names the incident itself"),
            ("2026-05-03-c", "repeat_of names 2026-05-03-c, which was declared later"),
        ],
    )
    def test_what_it_cannot_name_is_told_and_the_key_decides(self, word, why):
        figure = find(
            caused("a", "2026-05-01", "dns"), caused("b", "2026-05-02", "dns", repeat_of=word), case("c", "2026-05-03")
        )

        assert figure.unresolved == {"2026-05-02-b": why}
        assert pairs(figure) == [("b", "a")]

    def test_of_a_circle_only_the_later_one_holds(self):
        figure = find(
            case("a", "2026-05-01", repeat_of="2026-05-02-b"),
            case("b", "2026-05-02", repeat_of="2026-05-01-a"),
        )

        assert pairs(figure) == [("b", "a")]
        assert figure.unresolved == {"2026-05-01-a": "repeat_of names 2026-05-02-b, which was declared later"}

    def test_a_named_duplicate_stands_for_the_surviving_incident(self):
        gone = {"status": Status.CANCELED, "cancel_reason": CancelReason.DUPLICATE}
        cases = (
            case("real", "2026-05-01"),
            case("twin", "2026-05-02", duplicate_of="2026-05-01-real", **gone),
            case("again", "2026-05-03", repeat_of="2026-05-02-twin"),
        )

        assert pairs(find(*cases)) == [("again", "real")]

    def test_duplicates_of_each_other_are_no_endless_way(self):
        gone = {"status": Status.CANCELED, "cancel_reason": CancelReason.DUPLICATE}
        cases = (
            case("x", "2026-05-01", duplicate_of="2026-05-02-y", **gone),
            case("y", "2026-05-02", duplicate_of="2026-05-01-x", **gone),
            case("again", "2026-05-03", repeat_of="2026-05-01-x"),
        )

        assert len(find(*cases).repeats) == 1

    def test_the_same_repository_goes_before_another(self):
        cases = (
            case("a", "2026-05-01", repository="one"),
            case("a", "2026-05-01", repository="two"),
            case("b", "2026-05-02", repository="two", repeat_of="2026-05-01-a"),
            case("c", "2026-05-03", repository="three", repeat_of="2026-05-01-a"),
        )
        figure = find(*cases)

        assert pairs(figure) == [("b", "a")]
        assert "fits 2 incidents" in figure.unresolved["2026-05-03-c"]

    @given(st.lists(st.tuples(st.integers(0, 6), st.text("ab-2026?", max_size=4) | st.none()), max_size=6))
    def test_whatever_it_holds_an_earlier_one_is_earlier(self, told):
        cases = [
            caused(f"{'ab'[place % 2]}{place}", f"2026-05-0{day + 1}", word, repeat_of=word)
            for place, (day, word) in enumerate(told)
        ]
        figure = find(*cases)

        assert all((each.earlier[:10], each.earlier) < (each.id[:10], each.id) for each in figure.repeats)
        assert figure.with_cause + figure.without_cause == len(cases)
        assert len(figure.repeats) <= figure.with_cause


class TestLeftUndone:
    def test_what_was_still_open_when_it_came_again_is_listed(self):
        day = date(2026, 6, 2)
        before = day - timedelta(days=1)
        items = [
            ended("open"),
            ended("done before", done_on=before),
            ended("done after", done_on=day + timedelta(days=1)),
            ended("done that day", done_on=day),
            ended("dropped before", dropped_on=before),
            ended("dropped after", dropped_on=day + timedelta(days=9)),
        ]
        figure = find(caused("a", "2026-05-01", "dns", items=items), caused("b", "2026-06-02 10:00", "dns"))

        assert [each.id for each in figure.repeats[0].left_undone] == [
            "open",
            "done after",
            "done that day",
            "dropped after",
        ]

    def test_the_day_is_one_of_the_reports_zone(self):
        items = [ended("a", done_on=date(2026, 6, 2))]
        cases = caused("a", "2026-05-01", "dns", items=items), caused("b", "2026-06-02 22:30", "dns")
        in_berlin = asking(period=Period(None, None, "", "Europe/Berlin"))

        assert len(find(*cases).repeats[0].left_undone) == 1
        assert len(find(*cases, question=in_berlin).repeats[0].left_undone) == 0

    def test_an_earlier_incident_without_a_postmortem_left_nothing_that_is_known(self):
        assert (
            find(case("a", "2026-05-01"), case("b", "2026-05-02", repeat_of="2026-05-01-a")).repeats[0].left_undone
            == ()
        )


class TestSuggested:
    def test_what_looks_alike_is_suggested_and_never_counted(self):
        figure = find(case("a", "2026-05-01", **ALIKE), case("b", "2026-05-02", **ALIKE))

        assert [(each.id, each.earlier) for each in figure.suggestions] == [("2026-05-02-b", "2026-05-01-a")]
        assert (figure.repeats, figure.with_cause) == ((), 0)

    def test_where_a_repeat_is_confirmed_nothing_is_suggested(self):
        cases = (
            case("c", "2026-04-01", **ALIKE),
            caused("a", "2026-05-01", "dns", **ALIKE),
            caused("b", "2026-06-02", "dns", **ALIKE),
        )

        assert find(*cases, question=asking(period=JUNE)).suggestions == ()

    def test_only_for_incidents_of_the_period(self):
        cases = case("a", "2026-05-01", **ALIKE), case("b", "2026-05-02", **ALIKE)

        assert find(*cases, question=asking(period=JUNE)).suggestions == ()


def test_a_cause_is_compared_without_case_and_spaces():
    assert cause_of(caused("a", "2026-05-01", "  Config   Push ")) == "config push"
    assert cause_of(case()) == ""


def test_similar_ones_are_looked_for_for_the_latest_incidents_of_the_period():
    cases = [case(f"n{place:02}", f"2026-05-{place // 24 + 1:02} {place % 24:02}:00", **ALIKE) for place in range(60)]
    suggested = {each.id for each in find(*cases).suggestions}

    assert len(suggested) == MOST_SUGGESTED_FOR
    assert cases[9].id not in suggested and cases[10].id in suggested
