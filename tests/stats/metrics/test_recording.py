"""How long after the fact things were recorded, and what has to be known of the data."""

from datetime import timedelta

from msgspec.structs import replace

from incidentctl.stats.case import (
    BatchCommit,
    Deleted,
    Doubt,
    Evidence,
    Fact,
    Origin,
    RecordedFrom,
    Source,
    Transition,
    UnreadableFile,
)
from incidentctl.stats.metrics.recording import data_quality, recording_lag
from incidentctl.stats.report import Lag, Period
from tests.stats.cases import EVERYTHING, asking, case, utc

AT = utc("2026-05-14 10:00")
NOW = utc("2026-07-15 12:00")
JUNE = Period(utc("2026-06-01"), utc("2026-07-01"), "2026-06", "UTC")


def transition(minutes: float | None = 0, kind: str = "mitigated", **changes) -> Transition:
    """Something that was recorded so many minutes after it happened; `None` where nothing tells when."""
    recorded_at = None if minutes is None else AT + timedelta(minutes=minutes)
    made = Transition(kind, AT, Source(), recorded_at=recorded_at, recorded_from=RecordedFrom.COMMIT)
    return replace(made, **changes)


def lag(*transitions, question=EVERYTHING, **changes):
    return recording_lag([case(transitions=transitions, **changes)], question)


class TestLag:
    def test_it_is_the_median_over_all_entries_that_change_what_is_believed(self):
        assert lag(transition(1), transition(3), transition(20), transition(500, is_state=False)) == Lag(3, 180, None)

    def test_p90_comes_from_ten_on(self):
        assert lag(*(transition(minute) for minute in range(9))).p90 is None
        assert lag(*(transition(minute) for minute in range(11))).p90 == 540

    def test_of_nothing_there_is_no_lag(self):
        assert lag() == Lag(0, None, None)

    def test_what_was_recorded_ahead_of_time_has_no_lag_below_zero(self):
        assert lag(transition(-5)).median == 0

    def test_what_was_withdrawn_counts_for_nothing(self):
        assert lag(transition(5, counts=False)).n == 0

    def test_what_is_not_sound_is_left_out_by_its_reason(self):
        found = lag(
            transition(2),
            transition(900, doubt=Doubt.BATCH),
            transition(900, doubt=Doubt.BATCH),
            transition(900, doubt=Doubt.SQUASHED),
            transition(900, doubt=Doubt.SKEWED),
            transition(900, doubt=Doubt.IMPORTED),
            transition(0, source=Source(Origin.HISTORY)),
            transition(None),
        )

        assert (found.n, found.median) == (1, 120)
        assert found.left_out == {
            "batch": 2,
            "from_history": 1,
            "imported": 1,
            "skewed": 1,
            "squashed": 1,
            "unknown": 1,
        }

    def test_all_of_an_imported_incident_is_left_out(self):
        assert lag(transition(900), transition(2), is_imported=True) == Lag(0, None, None, {"imported": 2})

    def test_only_incidents_that_count_in_the_period(self):
        assert lag(transition(5), question=asking(period=JUNE)).n == 0
        assert lag(transition(5), is_drill=True).n == 0
        assert lag(transition(5), is_drill=True, question=asking(include_drills=True)).n == 1


class TestDataQuality:
    def quality(self, *cases, question=EVERYTHING, **evidence):
        return data_quality(Evidence(cases, **evidence), question, now=NOW)

    def test_what_is_said_of_the_history_is_said_of_all_of_it(self):
        batch = BatchCommit("b" * 40, AT, 120)
        found = self.quality(
            question=asking(period=JUNE),
            tip="a" * 40,
            walked=30,
            commits=20,
            deleted=(Deleted("2026-05-01-x", "c" * 40),),
            unreadable=(UnreadableFile("incidents/x.md", 3, "broken"),),
            batches=(batch,),
            squashed=2,
            skewed=1,
            uncommitted=("incidents/y.md",),
            unpublished=("2026-05-02-z",),
        )

        assert (found.tip, found.walked, found.commits, found.squashed, found.skewed) == ("a" * 40, 30, 20, 2, 1)
        assert found.batches == (batch,)
        assert [len(each) for each in (found.deleted, found.unreadable, found.uncommitted, found.unpublished)] == [
            1
        ] * 4

    def test_detection_is_assumed_where_a_person_opened_it_and_nothing_else_is_recorded(self):
        silent = case("a", times={"detected_at": None})
        assumed = Fact(AT, Source(Origin.ASSUMED))
        found = self.quality(
            silent,
            replace(silent, id="2026-05-14-b", times={**silent.times, "detected_at": assumed}),
            case("c", times={"detected_at": None}, opened_by_agent=True),
            case("d", times={"detected_at": None}, contradictions=("detected_at",)),
            case("e"),
        )

        assert found.assumed_detection == 2

    def test_estimates_imports_and_contradictions_are_of_the_incidents_that_count(self):
        estimated = case("a")
        estimated = replace(estimated, times={**estimated.times, "started_at": Fact(AT, Source(), is_estimated=True)})
        found = self.quality(
            estimated,
            case("b", is_imported=True, contradictions=("mitigated_at", "resolved_at")),
            case("c", is_imported=True, is_drill=True, contradictions=("resolved_at",)),
        )

        assert (found.estimated, found.imported) == (1, 1)
        assert found.contradictions == ("2026-05-14-b: mitigated_at", "2026-05-14-b: resolved_at")

    def test_transitions_that_only_history_tells_are_counted(self):
        by_hand = transition(source=Source(Origin.HISTORY))

        assert self.quality(case(transitions=(by_hand, by_hand, transition()))).from_history == 2
