"""How many incidents there were: what counts where, month by month."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.entries import CancelReason, Status
from incidentctl.incident.policy import DEFAULT_SCALE, Scale, Severity
from incidentctl.stats.metrics.incident_counts import count_incidents
from incidentctl.stats.question import SeverityAt, Window
from incidentctl.stats.report import Period
from tests.stats.cases import EVERYTHING, asking, case, facts, utc

NOW = utc("2026-07-15 12:00")
MAY = Period(utc("2026-05-01"), utc("2026-06-01"), "2026-05", "UTC")


def count(*cases, question=EVERYTHING, now=NOW, scale=DEFAULT_SCALE):
    return count_incidents(cases, question, now=now, scale=scale)


def months(counts):
    return {each.month: each.total for each in counts.months}


def period(since=None, until=None, zone="UTC"):
    return asking(period=Period(since and utc(since), until and utc(until), "", zone))


class TestMonths:
    def test_a_month_without_an_incident_is_there(self):
        counts = count(case(declared="2026-03-02 10:00"), case("b", declared="2026-05-02 10:00"))

        assert months(counts) == {"2026-03": 1, "2026-04": 0, "2026-05": 1, "2026-06": 0, "2026-07": 0}

    def test_a_period_has_all_its_months_and_no_other(self):
        counts = count(case(declared="2026-05-02 10:00"), question=period("2026-04-01", "2026-07-01"))

        assert months(counts) == {"2026-04": 0, "2026-05": 1, "2026-06": 0}

    def test_a_period_that_ends_within_a_month_has_that_month(self):
        counts = count(question=period("2026-04-17 08:00", "2026-06-01 00:01"))

        assert list(months(counts)) == ["2026-04", "2026-05", "2026-06"]

    def test_a_month_that_has_not_begun_is_not_there(self):
        assert list(months(count(question=period("2026-06-01", "2026-10-01")))) == ["2026-06", "2026-07"]

    def test_a_period_that_lies_ahead_has_no_month(self):
        assert months(count(question=period("2026-09-01", "2026-10-01"))) == {}

    def test_an_incident_that_is_dated_ahead_has_its_month_all_the_same(self):
        assert months(count(case(declared="2026-08-02 10:00"))) == {"2026-08": 1}

    def test_without_a_period_and_an_incident_there_is_no_month(self):
        assert count().months == ()
        assert count(question=period(until="2026-06-01")).months == ()

    def test_a_month_is_one_of_the_reports_zone(self):
        late = case(declared="2026-05-31 22:30")

        assert months(count(late, question=period("2026-06-01", "2026-07-01", "UTC"))) == {"2026-06": 0}
        question = asking(period=Period(utc("2026-05-31 22:00"), utc("2026-06-30 22:00"), "", "Europe/Berlin"))
        assert months(count(late, question=question)) == {"2026-06": 1}

    def test_the_end_of_a_month_is_found_where_its_midnight_was_skipped(self):
        # On 1 October 2017 the clocks of Asunción went from midnight to one.
        question = asking(period=Period(utc("2017-09-01 04:00"), utc("2017-10-01 04:00"), "", "America/Asuncion"))

        assert list(months(count(question=question))) == ["2017-09"]

    def test_with_the_other_window_it_is_the_month_of_the_resolution(self):
        over_the_end = case(declared="2026-05-31 23:30", minutes={"resolved_at": 60})
        counts = count(over_the_end, question=asking(window=Window.RESOLVED))

        assert months(counts) == {"2026-06": 1, "2026-07": 0}

    @given(st.lists(st.integers(0, 800), max_size=8))
    def test_the_months_add_up_to_the_total(self, days):
        cases = [
            case(f"n{place}", f"{utc('2025-06-30') + timedelta(days=day):%Y-%m-%d %H:%M}")
            for place, day in enumerate(days)
        ]
        counts = count(*cases)

        assert sum(each.total for each in counts.months) == counts.total == len(days)


class TestSeverity:
    def test_it_counts_under_the_most_severe_one_that_it_had(self):
        changed = case(severity_declared="SEV3", severity_peak="SEV1", severity_final="SEV2")

        assert count(changed).by_severity == {"SEV1": 1, "SEV2": 0, "SEV3": 0, "SEV4": 0}
        assert count(changed, question=asking(severity_at=SeverityAt.DECLARED)).by_severity["SEV3"] == 1
        assert count(changed, question=asking(severity_at=SeverityAt.FINAL)).by_severity["SEV2"] == 1

    def test_severe_are_those_for_which_the_scale_demands_a_postmortem(self):
        cases = [case(name.lower(), severity=name) for name in ("SEV1", "SEV2", "SEV3", "SEV4")]
        only_the_first = Scale(
            (Severity("SEV1", postmortem=True), Severity("SEV2"), Severity("SEV3"), Severity("SEV4"))
        )

        assert count(*cases).severe == 2
        assert count(*cases, scale=only_the_first).severe == 1

    def test_a_name_of_an_older_scale_is_counted_under_itself(self):
        counts = count(case(severity="blocker"), case("b", severity="P1"))

        assert counts.by_severity == {"SEV1": 1, "SEV2": 0, "SEV3": 0, "SEV4": 0, "blocker": 1}
        assert counts.severe == 1

    def test_ended_below_the_most_severe_is_downgraded_and_raised_above_the_first_is_upgraded(self):
        counts = count(
            case("up", severity_declared="SEV3", severity_peak="SEV2", severity_final="SEV2"),
            case("down", severity_declared="SEV2", severity_peak="SEV2", severity_final="SEV4"),
            case("both", severity_declared="SEV3", severity_peak="SEV1", severity_final="SEV3"),
            case("same"),
        )

        assert (counts.upgraded, counts.downgraded) == (2, 2)


class TestApart:
    def test_cancelled_ones_and_duplicates_are_out_and_counted_by_their_reason(self):
        counts = count(
            case("counts"),
            case("alarm", status=Status.CANCELED, cancel_reason=CancelReason.FALSE_ALARM),
            case("none", status=Status.CANCELED, cancel_reason=CancelReason.NOT_AN_INCIDENT),
            case("why", status=Status.CANCELED),
            case(
                "twin", status=Status.CANCELED, cancel_reason=CancelReason.DUPLICATE, duplicate_of="2026-05-14-counts"
            ),
            case("set", duplicate_of="2026-05-14-counts"),
        )

        assert counts.total == sum(each.total for each in counts.months) == 1
        assert counts.cancelled == {"false_alarm": 1, "not_an_incident": 1, "unknown": 1}
        assert counts.duplicates == 2

    def test_a_drill_is_counted_apart_and_a_cancelled_drill_is_only_a_drill(self):
        drills = (
            case("drill", is_drill=True),
            case("off", is_drill=True, status=Status.CANCELED, cancel_reason=CancelReason.FALSE_ALARM),
        )

        counts = count(*drills)
        assert (counts.total, counts.drills, counts.cancelled, counts.open) == (0, 2, {}, ())

    def test_with_drills_it_counts_and_is_told_apart_still(self):
        counts = count(case("drill", is_drill=True), case("real"), question=asking(include_drills=True))

        assert (counts.total, counts.drills) == (2, 1)

    def test_those_apart_are_of_the_period_as_well(self):
        gone = {"status": Status.CANCELED, "cancel_reason": CancelReason.FALSE_ALARM}
        cases = case("in", **gone), case("out", declared="2026-04-14 10:00", **gone)

        assert count(*cases, question=asking(period=MAY)).cancelled == {"false_alarm": 1}

    def test_a_cancelled_one_was_never_resolved_and_is_counted_by_its_declaration_in_the_other_window(self):
        gone = case(status=Status.CANCELED, cancel_reason=CancelReason.FALSE_ALARM, times={"resolved_at": None})

        assert count(gone, question=asking(period=MAY, window=Window.RESOLVED)).cancelled == {"false_alarm": 1}


class TestReopened:
    def test_incidents_and_reopenings_are_two_numbers(self):
        at = tuple(facts({"a": "2026-05-15", "b": "2026-05-16"}).values())
        counts = count(case("twice", reopened=at), case("once", reopened=at[:1]), case("never"))

        assert (counts.reopened, counts.reopenings) == (2, 3)


class TestOpen:
    def test_what_is_not_over_is_listed_with_its_age_the_oldest_first(self):
        counts = count(
            case("new", declared="2026-07-15 11:00", status=Status.INVESTIGATING),
            case("old", declared="2026-07-14 12:00", status=Status.MITIGATED, severity="SEV1"),
            case("waits", declared="2026-07-15 11:59", status=Status.TRIAGE),
            case("over"),
            case("closed", status=Status.CLOSED),
        )

        assert [(each.id, each.severity, each.seconds) for each in counts.open] == [
            ("2026-07-14-old", "SEV1", 86400),
            ("2026-07-15-new", "SEV2", 3600),
            ("2026-07-15-waits", "SEV2", 60),
        ]

    def test_it_is_one_of_the_period_in_which_it_was_declared_also_with_the_other_window(self):
        still = case(status=Status.INVESTIGATING, times={"mitigated_at": None, "resolved_at": None})

        assert len(count(still, question=asking(period=MAY, window=Window.RESOLVED)).open) == 1
        assert count(still, question=period("2026-06-01", "2026-07-01")).open == ()

    def test_what_is_declared_ahead_of_now_is_not_older_than_nothing(self):
        assert count(case(declared="2026-07-16 10:00", status=Status.INVESTIGATING)).open[0].seconds == 0


class TestBefore:
    def test_the_period_that_is_compared_with_is_counted_in_the_same_way(self):
        cases = (
            case("now"),
            case("a", declared="2026-04-14 10:00", severity="SEV1"),
            case("b", declared="2026-04-15 10:00", severity="SEV4"),
            case("c", declared="2026-04-16 10:00", is_drill=True),
        )
        april = Period(utc("2026-04-01"), utc("2026-05-01"), "2026-04", "UTC")
        counts = count(*cases, question=asking(period=MAY, compared_with=april))

        assert (counts.total, counts.total_before, counts.severe_before) == (1, 2, 1)

    @pytest.mark.parametrize("cases", [(), (case(),)])
    def test_without_one_there_is_no_number(self, cases):
        counts = count(*cases)

        assert counts.total_before is None and counts.severe_before is None
