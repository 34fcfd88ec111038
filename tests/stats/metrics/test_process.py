"""How the incidents were run: what is kept, what is missed, and what cannot be said yet."""

from datetime import date, timedelta
from typing import Any

from msgspec.structs import replace

from incidentctl.incident.entries import Status
from incidentctl.incident.policy import DEFAULT_SCALE
from incidentctl.stats.case import Cadence, Fact, Origin, PostmortemFacts, Source, Transition
from incidentctl.stats.metrics.process import process_figure
from incidentctl.stats.report import Share
from tests.stats.cases import EVERYTHING, asking, case, utc

NOW = utc("2026-07-15 12:00")
DECLARED = utc("2026-05-14 10:00")


def after(minutes: float) -> Fact:
    return Fact(DECLARED + timedelta(minutes=minutes), Source())


def figure(*cases, question=EVERYTHING, now=NOW):
    return process_figure(cases, question, now=now, scale=DEFAULT_SCALE)


def at_minute(minutes: float):
    """Looked at so many minutes after the declaration."""
    return {"now": DECLARED + timedelta(minutes=minutes)}


def changed(minutes: float, severity: str, **changes) -> Transition:
    return Transition("severity", after(minutes).at, Source(), severity, **changes)


NOT_OVER: dict[str, Any] = {"mitigated_at": None, "resolved_at": None}
RUNNING: dict[str, Any] = {"status": Status.INVESTIGATING, "times": NOT_OVER}


def test_nothing_is_no_number():
    empty = figure()

    assert (empty.to_commander, empty.to_commander_n, empty.without_commander) == (None, 0, ())
    assert (empty.longest_silence, empty.longest_silence_id, empty.to_status_page, empty.postmortem_days) == (None,) * 4
    shares = (empty.intervals, empty.status_page, empty.response, empty.postmortem)
    assert [each.share for each in shares] == [None] * 4


class TestCommander:
    def test_it_is_the_median_from_the_declaration_over_all_that_had_one(self):
        found = figure(case("a", commander=after(2)), case("b", commander=after(8)), case("c", commander=after(5)))

        assert (found.to_commander, found.to_commander_n) == (300, 3)

    def test_one_who_was_there_before_is_there_at_once(self):
        assert figure(case(commander=after(-5))).to_commander == 0

    def test_those_without_one_are_named_where_the_scale_asks_for_one(self):
        cases = [case(name.lower(), severity=name) for name in ("SEV1", "SEV2", "SEV3", "SEV4")]

        assert figure(*cases).without_commander == ("2026-05-14-sev2", "2026-05-14-sev1")

    def test_what_waits_for_a_human_is_not_named(self):
        assert figure(case(severity="SEV1", status=Status.TRIAGE)).without_commander == ()


class TestUpdates:
    def test_they_are_added_up_and_the_longest_silence_is_told_with_its_incident(self):
        found = figure(
            case("a", cadence=Cadence(updates=5, unchanged=1, intervals=6, kept=6, longest_silence=1800)),
            case("b", cadence=Cadence(updates=2, unchanged=2, intervals=3, kept=1, longest_silence=9000)),
            case("c", cadence=Cadence()),
        )

        assert (found.updates, found.unchanged_updates) == (7, 3)
        assert found.intervals == Share(7, 9, ("2026-05-14-b",))
        assert (found.longest_silence, found.longest_silence_id) == (9000, "2026-05-14-b")


class TestStatusPage:
    def test_within_the_time_of_the_severity_is_kept_to_the_second(self):
        late = Fact(after(15).at + timedelta(seconds=1), Source())
        found = figure(case("a", severity="SEV1", status_page=after(15)), case("b", severity="SEV1", status_page=late))

        assert found.status_page == Share(1, 2, ("2026-05-14-b",))
        assert found.to_status_page == 900.5

    def test_a_severity_without_such_a_time_is_not_asked(self):
        found = figure(case(severity="SEV2", status_page=after(90)))

        assert (found.status_page.n, found.to_status_page) == (0, None)

    def test_none_at_all_is_a_miss(self):
        assert figure(case(severity="SEV1")).status_page == Share(0, 1, ("2026-05-14-checkout",))

    def test_none_yet_is_no_miss_while_there_is_time(self):
        running = case(severity="SEV1", **RUNNING)

        assert figure(running, **at_minute(15)).status_page.n == 0
        assert figure(running, **at_minute(15.1)).status_page.n == 1

    def test_done_before_it_is_due_counts_at_once(self):
        assert figure(case(severity="SEV1", status_page=after(5), **RUNNING), **at_minute(6)).status_page == Share(1, 1)

    def test_what_was_over_before_it_was_due_needed_none(self):
        assert figure(case(severity="SEV1", minutes={"resolved_at": 15})).status_page.n == 0
        reopened = case(severity="SEV1", reopened=(after(20),), first_times={"resolved_at": after(10).at})
        assert figure(reopened).status_page.n == 0

    def test_a_severity_that_was_raised_asks_from_then_on(self):
        raised: dict[str, Any] = {
            "severity_declared": "SEV2",
            "severity_peak": "SEV1",
            "severity_final": "SEV1",
            "transitions": (changed(40, "SEV1"),),
        }

        assert figure(case(status_page=after(55), **raised)).status_page == Share(1, 1)
        assert figure(case(status_page=after(56), **raised)).status_page.kept == 0
        assert figure(case(status_page=after(56), **raised)).to_status_page == 960

    def test_a_severity_that_was_lowered_in_time_asks_no_longer(self):
        lowered = case(severity="SEV1", transitions=(changed(10, "SEV2"),))

        assert figure(lowered).status_page.n == 0
        assert figure(case(severity="SEV1", transitions=(changed(20, "SEV2"),))).status_page.n == 1

    def test_a_change_that_was_withdrawn_changes_nothing(self):
        assert figure(case(severity="SEV1", transitions=(changed(10, "SEV2", counts=False),))).status_page.n == 1

    def test_a_drill_has_no_public_page(self):
        assert figure(case(severity="SEV1", is_drill=True), question=asking(include_drills=True)).status_page.n == 0


class TestResponse:
    DUE = DECLARED + timedelta(minutes=30)

    def test_acknowledged_within_the_time_is_kept(self):
        found = figure(
            case("a", response_due_at=self.DUE, minutes={"acknowledged_at": 30}),
            case("b", response_due_at=self.DUE, minutes={"acknowledged_at": 31}),
        )

        assert found.response == Share(1, 2, ("2026-05-14-b",))

    def test_without_a_response_time_there_is_nothing_to_keep(self):
        assert figure(case()).response.n == 0

    def test_never_acknowledged_is_a_miss_once_the_time_is_over(self):
        running = case(response_due_at=self.DUE, status=Status.TRIAGE, times=NOT_OVER | {"acknowledged_at": None})

        assert figure(running, **at_minute(30)).response.n == 0
        assert figure(running, **at_minute(31)).response == Share(0, 1, (running.id,))

    def test_what_was_over_before_it_had_to_be_acknowledged_is_in_no_share(self):
        assert (
            figure(case(response_due_at=self.DUE, times={"acknowledged_at": None, "resolved_at": self.DUE})).response.n
            == 0
        )
        assert figure(case(response_due_at=self.DUE, times={"acknowledged_at": None})).response.n == 1

    def test_where_no_detection_is_recorded_there_is_nothing_to_measure(self):
        opened = case(response_due_at=self.DUE, times={"detected_at": None})
        assumed = replace(opened, times={**opened.times, "detected_at": Fact(DECLARED, Source(origin=Origin.ASSUMED))})

        assert figure(opened, assumed).response.n == 0
        assert figure(replace(opened, opened_by_agent=True)).response.n == 0

    def test_that_an_import_does_not_say_who_took_it_is_no_miss(self):
        assert figure(case(response_due_at=self.DUE, is_imported=True, times={"acknowledged_at": None})).response.n == 0

    def test_what_contradicts_itself_is_not_known(self):
        unclear = case(response_due_at=self.DUE, contradictions=("acknowledged_at",), times={"acknowledged_at": None})

        assert figure(unclear).response.n == 0


class TestPostmortem:
    DUE = date(2026, 5, 21)

    def published(self, at: str | None, **changes):
        fact = None if at is None else Fact(utc(at), Source())
        return case(postmortem_due_on=self.DUE, postmortem=PostmortemFacts("p.md", published=fact), **changes)

    def test_published_on_the_due_day_is_in_time(self):
        assert figure(self.published("2026-05-21 23:59")).postmortem == Share(1, 1)

    def test_published_a_day_later_is_a_miss_and_is_not_missing(self):
        found = figure(self.published("2026-05-22 00:00"))

        assert found.postmortem == Share(0, 1, ("2026-05-14-checkout",))
        assert found.postmortem_missing == ()

    def test_the_overdue_ones_that_are_missing_are_named(self):
        found = figure(self.published(None), case("none", postmortem_due_on=self.DUE))

        assert found.postmortem == Share(0, 2, ("2026-05-14-none", "2026-05-14-checkout"))
        assert found.postmortem_missing == found.postmortem.missed

    def test_one_that_is_not_due_yet_is_in_no_share(self):
        assert figure(self.published(None), now=utc("2026-05-21 23:00")).postmortem.n == 0
        assert figure(self.published("2026-05-20 10:00"), now=utc("2026-05-21 23:00")).postmortem == Share(1, 1)

    def test_days_run_from_the_resolution_to_the_publication(self):
        found = figure(self.published("2026-05-17 23:00"), case("none"))

        assert (found.postmortem_days, found.postmortem_n) == (3.5, 1)

    def test_what_was_published_before_the_last_resolution_has_no_days(self):
        assert figure(self.published("2026-05-14 10:30")).postmortem_days is None

    def test_a_level_that_needs_none_is_not_asked(self):
        assert figure(case(severity="SEV3")).postmortem.n == 0

    def test_a_drill_needs_none(self):
        assert figure(self.published(None, is_drill=True), question=asking(include_drills=True)).postmortem.n == 0
