"""Which incidents a question means, and which of them count."""

from incidentctl.incident.entries import CancelReason, Status
from incidentctl.stats.question import SeverityAt, Window
from incidentctl.stats.report import Period
from incidentctl.stats.selection import asked, belongs, counting, is_cancelled, is_duplicate, severity_of
from tests.stats.cases import EVERYTHING, asking, case, utc

MAY = Period(utc("2026-05-01"), utc("2026-06-01"), "2026-05", "UTC")


def ids(cases):
    return [each.slug for each in cases]


class TestPeriod:
    def test_an_incident_belongs_to_the_period_in_which_it_was_declared(self):
        over_the_end = case(declared="2026-05-31 23:30", minutes={"resolved_at": 60})

        assert belongs(over_the_end, MAY, Window.DECLARED)

    def test_with_the_other_window_it_belongs_to_the_period_in_which_it_was_resolved(self):
        over_the_end = case(declared="2026-05-31 23:30", minutes={"resolved_at": 60})
        over_the_start = case(declared="2026-04-30 23:30", minutes={"resolved_at": 60})

        assert not belongs(over_the_end, MAY, Window.RESOLVED)
        assert belongs(over_the_start, MAY, Window.RESOLVED)

    def test_what_is_not_resolved_was_resolved_in_no_period(self):
        still_open = case(status=Status.INVESTIGATING, times={"resolved_at": None})

        assert not belongs(still_open, MAY, Window.RESOLVED)
        assert not belongs(still_open, EVERYTHING.period, Window.RESOLVED)

    def test_the_first_moment_belongs_to_the_period_and_the_last_to_the_next(self):
        assert belongs(case(declared="2026-05-01 00:00"), MAY, Window.DECLARED)
        assert not belongs(case(declared="2026-06-01 00:00"), MAY, Window.DECLARED)

    def test_without_a_period_all_of_history_is_meant(self):
        assert belongs(case(declared="2019-01-01 00:00"), EVERYTHING.period, Window.DECLARED)

    def test_where_no_declaration_is_known_the_day_of_the_id_stands_in(self):
        assert belongs(case(times={"declared_at": None}), MAY, Window.DECLARED)

    def test_also_of_an_id_with_the_name_of_its_repository(self):
        assert belongs(case(id="shop/2026-05-14-checkout", times={"declared_at": None}), MAY, Window.DECLARED)

    def test_without_any_day_it_is_part_of_all_of_history_alone(self):
        undated = case(id="undated", times={"declared_at": None})

        assert belongs(undated, EVERYTHING.period, Window.DECLARED)
        assert not belongs(undated, MAY, Window.DECLARED)

    def test_another_period_than_that_of_the_question_can_be_asked_for(self):
        assert ids(counting([case(), case("old", "2025-05-14 10:00")], EVERYTHING, MAY)) == ["checkout"]


class TestCounting:
    def test_incidents_come_in_the_order_of_their_declaration(self):
        cases = [case("c", "2026-05-14 10:00"), case("b", "2026-05-14 10:00"), case("a", "2026-05-13 10:00")]

        assert ids(counting(cases, EVERYTHING)) == ["a", "b", "c"]

    def test_a_cancelled_one_is_out(self):
        cancelled = case(status=Status.CANCELED, cancel_reason=CancelReason.FALSE_ALARM)

        assert counting([cancelled], EVERYTHING) == []
        assert asked([cancelled], EVERYTHING) == [cancelled]
        assert is_cancelled(cancelled) and not is_duplicate(cancelled)

    def test_a_duplicate_is_out_and_counts_as_a_duplicate_not_as_cancelled(self):
        duplicate = case(
            status=Status.CANCELED, cancel_reason=CancelReason.DUPLICATE, duplicate_of="2026-05-14-payments"
        )

        assert counting([duplicate], EVERYTHING) == []
        assert is_duplicate(duplicate) and not is_cancelled(duplicate)

    def test_one_that_was_cancelled_by_hand_without_a_reason_is_out(self):
        cancelled = case(status=Status.CANCELED)

        assert counting([cancelled], EVERYTHING) == []
        assert is_cancelled(cancelled)

    def test_one_that_names_the_survivor_is_a_duplicate_also_where_nobody_cancelled_it(self):
        duplicate = case(duplicate_of="2026-05-14-payments")

        assert counting([duplicate], EVERYTHING) == []
        assert is_duplicate(duplicate) and not is_cancelled(duplicate)

    def test_a_drill_is_out_unless_drills_are_asked_for(self):
        drill = case(is_drill=True)

        assert counting([drill], EVERYTHING) == []
        assert counting([drill], asking(include_drills=True)) == [drill]


class TestFilters:
    def test_an_incident_passes_with_one_of_each_that_is_given(self):
        both = case("both", services=("checkout", "payments"), team="shop", tags=("db",))
        other = case("other", services=("search",), team="shop")

        assert ids(counting([both, other], asking(services=("Payments", "mail")))) == ["both"]
        assert ids(counting([both, other], asking(teams=("shop",)))) == ["both", "other"]
        assert ids(counting([both, other], asking(teams=("shop",), tags=("db",)))) == ["both"]
        assert ids(counting([both, other], asking(teams=("mail",)))) == []

    def test_a_severity_is_that_at_its_peak_unless_another_is_asked_for(self):
        changed = case(severity_declared="SEV3", severity_peak="SEV1", severity_final="SEV2")

        assert severity_of(changed, EVERYTHING) == "SEV1"
        assert severity_of(changed, asking(severity_at=SeverityAt.DECLARED)) == "SEV3"
        assert severity_of(changed, asking(severity_at=SeverityAt.FINAL)) == "SEV2"
        assert counting([changed], asking(severities=("sev1",))) == [changed]
        assert counting([changed], asking(severities=("sev1",), severity_at=SeverityAt.FINAL)) == []
