"""One incident's durations: each row of the definition is a test, named by its sentence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.incident.entries import CancelReason, Status
from incidentctl.stats.case import Fact, Origin, Source
from incidentctl.stats.catalogue import DURATIONS, definition_of, find_duration
from incidentctl.stats.durations import as_entry, ends_of, read_case, read_duration, summarise, told
from incidentctl.stats.question import Occurrence, Window
from incidentctl.stats.report import DurationState, Excluded, Value
from incidentctl.stats.selection import counting
from tests.stats.cases import EVERYTHING, asking, case, utc

NOW = utc("2026-06-01 12:00")
FIRST = asking(occurrence=Occurrence.FIRST)
MEASURED = asking(measured_only=True)
RECORDED, PENDING = DurationState.RECORDED, DurationState.PENDING
NOT_APPLICABLE, INVALID, SUSPECT = DurationState.NOT_APPLICABLE, DurationState.INVALID, DurationState.SUSPECT

TYPICAL = {
    "started_at": -15,
    "detected_at": -4,
    "acknowledged_at": 1,
    "mitigated_at": 42,
    "resolved_at": 124,
}


def typical(**changes):
    """Declared at 10:00: impact from 9:45, detected at 9:56, acknowledged at 10:01, mitigated at 10:42, resolved at 12:04."""
    return case(minutes=TYPICAL | changes.pop("minutes", {}), **changes)


def reopened(**changes):
    """Mitigated at 10:30 and resolved at 11:00, reopened at 13:00, mitigated again at 13:20 and resolved at 14:00."""
    given = {"first_times": {"mitigated_at": "2026-05-14 10:30", "resolved_at": "2026-05-14 11:00"}, "minutes": {}}
    minutes = {"detected_at": 0, "mitigated_at": 200, "resolved_at": 240}
    changes.setdefault("reopened", (Fact(utc("2026-05-14 13:00"), Source()),))
    return case(**(given | changes | {"minutes": minutes | changes.get("minutes", {})}))


def read(name, incident, question=EVERYTHING, now=NOW):
    return read_duration(find_duration(name), incident, question, now=now)


def state(name, incident, question=EVERYTHING):
    return read(name, incident, question).state


def minutes(name, incident, question=EVERYTHING):
    seconds = read(name, incident, question).seconds
    return None if seconds is None else seconds / 60


def why(name, incident, question=EVERYTHING):
    return read(name, incident, question).reason


class TestEnds:
    @pytest.mark.parametrize(
        ("name", "start", "end", "expected"),
        [
            ("mttd", "started_at", "detected_at", 11),
            ("mtta", "detected_at", "acknowledged_at", 5),
            ("mttm", "detected_at", "mitigated_at", 46),
            ("mttr", "detected_at", "resolved_at", 128),
            ("user_impact", "started_at", "mitigated_at", 57),
        ],
    )
    def test_each_duration_has_the_two_ends_of_its_definition(self, name, start, end, expected):
        metric = find_duration(name)

        assert (metric.start, metric.end) == (start, end)
        assert minutes(name, typical()) == expected

    def test_time_to_mitigate_leads(self):
        assert [metric.name for metric in DURATIONS] == ["mttm", "mttd", "mtta", "mttr", "user_impact"]

    def test_a_reading_has_the_way_to_both_ends(self):
        reading = read("mttm", typical())

        assert reading.start is not None and reading.end is not None
        assert (reading.start.at, reading.end.at) == (utc("2026-05-14 09:56"), utc("2026-05-14 10:42"))


class TestAssumedDetection:
    """Opened by a person without a detection: the opening is the first report."""

    undetected = typical(times={"detected_at": None})

    def test_mttm_and_mttr_are_recorded_and_say_that_they_rest_on_it(self):
        for name, expected in (("mttm", 42), ("mttr", 124)):
            reading = read(name, self.undetected)

            assert reading.state is RECORDED
            assert reading.seconds == expected * 60
            assert reading.is_assumed
            assert reading.start is not None and reading.start.source.origin is Origin.ASSUMED

    def test_the_figures_count_it(self):
        reading = read_case(DURATIONS, self.undetected, EVERYTHING, now=NOW)

        assert reading.is_assumed
        assert [isinstance(said, Value) and said.is_assumed for said in reading.said] == [
            True,
            False,
            False,
            True,
            False,
        ]

    def test_mttd_and_mtta_are_not_applicable(self):
        for name in ("mttd", "mtta"):
            assert state(name, self.undetected) is NOT_APPLICABLE
            assert why(name, self.undetected) == (
                "no detection is recorded: it counts as detected when it was declared, 2026-05-14 10:00Z"
            )

    def test_user_impact_does_not_rest_on_it(self):
        assert minutes("user_impact", self.undetected) == 57
        assert minutes("user_impact", self.undetected, MEASURED) == 57
        assert not read("user_impact", self.undetected).is_assumed

    def test_measured_only_leaves_it_out_and_says_why(self):
        for name in ("mttm", "mttr"):
            assert state(name, self.undetected, MEASURED) is NOT_APPLICABLE
            assert why(name, self.undetected, MEASURED) == (
                "its detection is assumed, from the declaration at 2026-05-14 10:00Z, and only measured ones are asked for"
            )

    def test_measured_only_keeps_what_was_measured(self):
        assert minutes("mttm", typical(), MEASURED) == 46

    def test_a_machine_that_opened_it_gives_no_first_report(self):
        by_machine = typical(times={"detected_at": None}, opened_by_agent=True)

        assert state("mttm", by_machine) is NOT_APPLICABLE
        assert why("mttm", by_machine) == "when it was detected is not recorded (detected_at)"

    def test_declared_after_it_was_mitigated_is_legal_and_no_detection(self):
        afterwards = typical(times={"detected_at": None}, minutes={"mitigated_at": -5})

        assert state("mttm", afterwards) is NOT_APPLICABLE
        assert why("mttm", afterwards) == (
            "no detection is recorded, and it was mitigated 2026-05-14 09:55Z, before it was declared, 2026-05-14 10:00Z"
        )

    def test_a_time_that_only_the_front_matter_contradicts_is_not_assumed(self):
        clash = typical(times={"detected_at": None}, contradictions=("detected_at",))

        assert state("mttm", clash) is SUSPECT
        assert "detected_at" not in ends_of(clash, EVERYTHING)


class TestRecorded:
    def test_declared_after_mitigated_runs_from_detection(self):
        afterwards = case(minutes={"detected_at": -60, "mitigated_at": -20, "resolved_at": -10})

        assert minutes("mttm", afterwards) == 40
        assert minutes("mttr", afterwards) == 50

    def test_an_open_incident_has_the_durations_whose_ends_have_come(self):
        mitigated = typical(status=Status.MITIGATED, times={"resolved_at": None})

        assert minutes("mttm", mitigated) == 46
        assert minutes("mttd", mitigated) == 11
        assert state("mttr", mitigated) is PENDING

    def test_an_estimated_end_marks_the_value(self):
        estimated = Fact(utc("2026-05-14 09:45"), Source(), is_estimated=True)
        marked = replace(typical(), times={**typical().times, "started_at": estimated})

        assert read("user_impact", marked).is_estimated
        assert read("mttd", marked).is_estimated
        assert not read("mttm", marked).is_estimated


class TestPending:
    def test_still_open_is_left_out_of_the_durations_that_it_has_not_come_to(self):
        still_open = typical(status=Status.IDENTIFIED, times={"mitigated_at": None, "resolved_at": None})

        for name, reason in (
            ("mttm", "it is not mitigated yet: its status is identified"),
            ("user_impact", "it is not mitigated yet: its status is identified"),
            ("mttr", "it is not resolved yet: its status is identified"),
        ):
            assert state(name, still_open) is PENDING
            assert why(name, still_open) == reason

    def test_without_its_beginning_a_duration_is_not_on_its_way(self):
        still_open = case(status=Status.INVESTIGATING, times={"mitigated_at": None, "resolved_at": None})

        assert state("user_impact", still_open) is NOT_APPLICABLE
        assert why("user_impact", still_open) == "when the impact began is not recorded (started_at)"

    def test_nobody_has_acknowledged_it_yet(self):
        in_triage = typical(
            status=Status.TRIAGE,
            opened_by_agent=True,
            times={"acknowledged_at": None, "mitigated_at": None, "resolved_at": None},
        )

        assert state("mtta", in_triage) is PENDING
        assert why("mtta", in_triage) == "it is not acknowledged yet: its status is triage"

    def test_reopened_and_not_mitigated_again(self):
        again = reopened(status=Status.INVESTIGATING, times={"mitigated_at": None, "resolved_at": None})

        assert state("mttm", again) is PENDING
        assert why("mttm", again) == (
            "it is not mitigated yet since it was reopened, 2026-05-14 13:00Z: its status is investigating"
        )


class TestNotApplicable:
    def test_resolved_without_a_mitigation(self):
        skipped = typical(times={"mitigated_at": None})

        for name in ("mttm", "user_impact"):
            assert state(name, skipped) is NOT_APPLICABLE
            assert why(name, skipped) == "it was resolved 2026-05-14 12:04Z, without a mitigation"
        assert minutes("mttr", skipped) == 128

    def test_closed_without_a_resolution(self):
        skipped = typical(status=Status.CLOSED, times={"resolved_at": None, "closed_at": "2026-05-20 10:00"})

        assert state("mttr", skipped) is NOT_APPLICABLE
        assert why("mttr", skipped) == "it was closed 2026-05-20 10:00Z, without a resolution"

    def test_an_end_was_never_known(self):
        assert state("mttd", typical(times={"started_at": None})) is NOT_APPLICABLE
        assert why("mttd", typical(times={"started_at": None})) == "when the impact began is not recorded (started_at)"
        assert why("user_impact", typical(times={"started_at": None})) == (
            "when the impact began is not recorded (started_at)"
        )

    def test_the_start_of_the_impact_is_never_filled_in(self):
        assert "started_at" not in ends_of(case(), EVERYTHING)

    def test_it_is_mitigated_but_nobody_knows_when(self):
        undated = typical(status=Status.MITIGATED, times={"mitigated_at": None, "resolved_at": None})

        assert state("mttm", undated) is NOT_APPLICABLE
        assert why("mttm", undated) == "it is mitigated, but when is not recorded (mitigated_at)"

    def test_no_acknowledgement_is_never_replaced_by_the_resolution(self):
        unacknowledged = typical(opened_by_agent=True, times={"acknowledged_at": None})

        assert state("mtta", unacknowledged) is NOT_APPLICABLE
        assert why("mtta", unacknowledged) == "it was resolved 2026-05-14 12:04Z, and nobody had acknowledged it"


class TestInvalid:
    @pytest.mark.parametrize(
        ("name", "key", "at", "reason"),
        [
            (
                "mttm",
                "mitigated_at",
                -10,
                "it was mitigated 2026-05-14 09:50Z, before it was detected, 2026-05-14 09:56Z",
            ),
            (
                "mttr",
                "resolved_at",
                -10,
                "it was resolved 2026-05-14 09:50Z, before it was detected, 2026-05-14 09:56Z",
            ),
            ("mttd", "started_at", 0, "it was detected 2026-05-14 09:56Z, before the impact began, 2026-05-14 10:00Z"),
            (
                "mtta",
                "acknowledged_at",
                -5,
                "it was acknowledged 2026-05-14 09:55Z, before it was detected, 2026-05-14 09:56Z",
            ),
            (
                "user_impact",
                "mitigated_at",
                -20,
                "it was mitigated 2026-05-14 09:40Z, before the impact began, 2026-05-14 09:45Z",
            ),
        ],
    )
    def test_an_end_before_the_beginning(self, name, key, at, reason):
        backwards = typical(minutes={key: at})

        assert state(name, backwards) is INVALID
        assert why(name, backwards) == reason

    def test_by_one_second(self):
        backwards = typical(times={"mitigated_at": "2026-05-14 09:55:59"})

        assert (
            why("mttm", backwards) == "it was mitigated 2026-05-14 09:55:59Z, before it was detected, 2026-05-14 09:56Z"
        )


class TestSuspect:
    @pytest.mark.parametrize(("name", "key"), [("mttm", "mitigated_at"), ("mttr", "resolved_at")])
    def test_mttm_and_mttr_of_zero_length(self, name, key):
        at_once = typical(minutes={key: -4})

        assert state(name, at_once) is SUSPECT
        assert why(name, at_once).startswith("it was detected and ")
        assert why(name, at_once).endswith("2026-05-14 09:56Z in the same second")

    def test_user_impact_of_zero_length(self):
        assert state("user_impact", typical(minutes={"started_at": 42})) is SUSPECT

    def test_one_second_is_a_duration(self):
        assert read("mttm", typical(times={"mitigated_at": "2026-05-14 09:56:01"})).seconds == 1

    def test_an_acknowledgement_within_the_same_second_is_honest(self):
        assert minutes("mtta", case()) == 0
        assert state("mtta", case()) is RECORDED

    def test_detected_in_the_second_in_which_it_started_is_honest(self):
        assert minutes("mttd", typical(minutes={"started_at": -4})) == 0

    def test_an_end_of_which_the_front_matter_and_the_timeline_disagree(self):
        clash = typical(times={"mitigated_at": None}, contradictions=("mitigated_at",))

        assert state("mttm", clash) is SUSPECT
        assert why("mttm", clash) == "its front matter and its timeline do not agree on mitigated_at"
        assert state("user_impact", clash) is SUSPECT
        assert minutes("mttr", clash) == 128

    def test_a_status_of_which_they_disagree_leaves_a_missing_end_open(self):
        clash = typical(status=Status.INVESTIGATING, times={"resolved_at": None}, contradictions=("status",))

        assert state("mttr", clash) is SUSPECT
        assert why("mttr", clash) == "its front matter and its timeline do not agree on its status"
        assert minutes("mttm", clash) == 46

    def test_an_end_that_the_status_has_not_come_to(self):
        unmitigated = typical(status=Status.IDENTIFIED, times={"resolved_at": None})

        assert state("mttm", unmitigated) is SUSPECT
        assert why("mttm", unmitigated) == "mitigated_at is 2026-05-14 10:42Z, but its status is identified"

    def test_an_end_that_is_still_to_come(self):
        reading = read("mttr", typical(), now=utc("2026-05-14 11:00"))

        assert reading.state is SUSPECT
        assert reading.reason == (
            "it was resolved 2026-05-14 12:04Z, which is still to come: this report is of 2026-05-14 11:00Z"
        )

    def test_two_clocks_may_differ_by_two_minutes(self):
        assert read("mttr", typical(), now=utc("2026-05-14 12:02")).state is RECORDED


class TestReopened:
    def test_the_first_mitigation_and_resolution_of_the_last_episode_count(self):
        assert minutes("mttm", reopened()) == 200
        assert minutes("mttr", reopened()) == 240

    def test_occurrence_first_is_the_other_reading(self):
        assert minutes("mttm", reopened(), FIRST) == 30
        assert minutes("mttr", reopened(), FIRST) == 60

    def test_without_a_mitigation_in_the_last_episode_it_has_no_mttm(self):
        unmitigated = reopened(times={"mitigated_at": None})

        assert state("mttm", unmitigated) is NOT_APPLICABLE
        assert why("mttm", unmitigated) == (
            "it was resolved 2026-05-14 14:00Z, without a mitigation since it was reopened, 2026-05-14 13:00Z"
        )
        assert minutes("mttm", unmitigated, FIRST) == 30

    def test_the_first_reading_does_not_wait_for_the_last_episode(self):
        again = reopened(status=Status.INVESTIGATING, times={"mitigated_at": None, "resolved_at": None})

        assert minutes("mttr", again, FIRST) == 60

    def test_without_a_mitigation_in_the_first_episode_the_last_does_not_stand_in(self):
        unmitigated = reopened(first_times={"resolved_at": "2026-05-14 11:00"})

        assert state("mttm", unmitigated, FIRST) is NOT_APPLICABLE
        assert why("mttm", unmitigated, FIRST) == "it was not mitigated before it was reopened, 2026-05-14 13:00Z"

    def test_a_contradiction_in_the_last_episode_does_not_touch_the_first(self):
        clash = reopened(times={"mitigated_at": None}, contradictions=("mitigated_at",))

        assert state("mttm", clash) is SUSPECT
        assert minutes("mttm", clash, FIRST) == 30

    def test_the_first_reading_of_what_was_never_reopened_is_the_only_one(self):
        assert minutes("mttm", typical(), FIRST) == 46


class TestNotEvenEligible:
    def test_cancelled_ones_duplicates_and_drills_are_not_even_excluded(self):
        cases = [
            typical(),
            typical(id="2026-05-14-false", status=Status.CANCELED, cancel_reason=CancelReason.FALSE_ALARM),
            typical(id="2026-05-14-twin", status=Status.CANCELED, cancel_reason=CancelReason.DUPLICATE),
            typical(id="2026-05-14-drill", is_drill=True),
        ]

        assert figure("mttm", cases).eligible == 1

    def test_with_drills_a_drill_is(self):
        assert (
            figure("mttm", [typical(), typical(id="2026-05-14-x", is_drill=True)], asking(include_drills=True)).n == 2
        )


def figure(name, cases, question=EVERYTHING):
    metric = find_duration(name)
    counted = counting(cases, question)
    return summarise(metric, [as_entry(each, read_duration(metric, each, question, now=NOW)) for each in counted])


class TestFigure:
    def test_of_nothing_there_is_no_figure_and_not_zero(self):
        nothing = figure("mttm", [])

        assert (nothing.n, nothing.eligible) == (0, 0)
        assert (nothing.median, nothing.p90, nothing.mean, nothing.ci95) == (None, None, None, None)

    def test_all_left_out_is_none_of_some(self):
        left_out = figure("mttm", [typical(times={"mitigated_at": None})])

        assert (left_out.n, left_out.eligible, left_out.median) == (0, 1, None)
        assert left_out.excluded == (
            Excluded("2026-05-14-checkout", NOT_APPLICABLE, "it was resolved 2026-05-14 12:04Z, without a mitigation"),
        )

    def test_it_names_its_ends_and_counts_what_is_assumed_and_estimated(self):
        cases = [typical(), typical(id="2026-05-14-b", times={"detected_at": None})]

        found = figure("mttm", cases)

        assert (found.start, found.end) == ("detected_at", "mitigated_at")
        assert (found.n, found.eligible, found.assumed, found.estimated) == (2, 2, 1, 0)
        assert found.values == (Value("2026-05-14-b", 42 * 60, True), Value("2026-05-14-checkout", 46 * 60))
        assert (found.median, found.mean) == (44 * 60, 44 * 60)

    @pytest.mark.parametrize(("n", "has_interval", "has_p90"), [(8, False, False), (9, True, False), (10, True, True)])
    def test_below_nine_no_interval_and_below_ten_no_p90(self, n, has_interval, has_p90):
        found = figure("mttm", [typical(id=f"2026-05-14-{number}") for number in range(n)])

        assert (found.ci95 is not None, found.p90 is not None) == (has_interval, has_p90)


offsets = st.none() | st.integers(-3, 3)


class TestAnyIncident:
    @given(
        st.fixed_dictionaries(dict.fromkeys(("started_at", *TYPICAL), offsets)),
        st.sampled_from([each for each in Status if each is not Status.CANCELED]),
        st.booleans(),
        st.booleans(),
        st.sets(st.sampled_from([*TYPICAL, "status", "declared_at"])),
        st.sampled_from([EVERYTHING, FIRST, MEASURED, asking(window=Window.RESOLVED)]),
    )
    def test_every_duration_has_a_state_and_what_is_left_out_says_why(
        self, times, status, by_agent, is_reopened, contradictions, question
    ):
        declared = utc("2026-05-14 10:00")
        incident = case(
            times={
                key: None if offset is None or key in contradictions else declared + timedelta(minutes=offset)
                for key, offset in times.items()
            },
            status=status,
            opened_by_agent=by_agent,
            contradictions=tuple(sorted(contradictions)),
            reopened=(Fact(declared, Source()),) if is_reopened else (),
        )

        said = read_case(DURATIONS, incident, question, now=NOW).said
        for metric, entry in zip(DURATIONS, said, strict=True):
            reading = read_duration(metric, incident, question, now=NOW)
            assert entry == as_entry(incident, reading)
            assert (reading.seconds is not None) == (reading.state is RECORDED)
            assert (reading.reason == "") == (reading.state is RECORDED)
            assert reading.seconds is None or reading.seconds >= 0
            assert reading.state is not PENDING or not status.is_over
            if reading.state is RECORDED:
                assert not {metric.start, metric.end} & contradictions or is_reopened


class TestWords:
    def test_a_moment_is_told_to_the_minute_unless_it_has_seconds(self):
        assert told(utc("2026-05-14 10:48")) == "2026-05-14 10:48Z"
        assert told(utc("2026-05-14 10:48:05")) == "2026-05-14 10:48:05Z"


class TestDefinitions:
    def test_each_says_its_ends(self):
        for metric in DURATIONS:
            definition = definition_of(metric)

            assert f"`{metric.start}` to `{metric.end}`" in definition
