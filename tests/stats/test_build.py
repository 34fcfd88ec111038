"""All figures put together: what is in a report, in which order, and that it is the same each time."""

from collections import Counter
from datetime import timedelta
from random import Random

from msgspec.structs import replace

from incidentctl.incident.entries import CancelReason, Status
from incidentctl.incident.policy import DEFAULT_SCALE, Scale
from incidentctl.stats.build import build_report
from incidentctl.stats.case import Evidence, Fact, Origin, PostmortemFacts, Source
from incidentctl.stats.period import previous_period, read_period
from incidentctl.stats.question import GroupBy, Occurrence, Window
from incidentctl.stats.report import DurationState
from tests.stats.cases import asking, case, utc

NOW = utc("2026-06-01 12:00")


def report(cases, scale=DEFAULT_SCALE, **changes):
    return build_report(Evidence(tuple(cases)), asking(**changes), now=NOW, scale=scale)


def period(word):
    return read_period(now=NOW, zone="UTC", period=word)


def row(incident, **changes):
    (found,) = report([incident], **changes).rows
    return found


def many(count, seed=1):
    """Incidents of three years, with every gap that there can be."""
    random = Random(seed)
    for number in range(count):
        at = utc("2023-06-01") + timedelta(seconds=random.randrange(3 * 365 * 86400))
        length = random.lognormvariate(3.5, 1)
        yield case(
            f"number-{number}",
            f"{at:%Y-%m-%d %H:%M:%S}",
            severity=f"SEV{random.randrange(1, 5)}",
            services=(f"service-{random.randrange(8)}",),
            times={
                "started_at": at - timedelta(minutes=9) if random.random() < 0.7 else None,
                "detected_at": at - timedelta(minutes=2) if random.random() < 0.8 else None,
                **({"mitigated_at": None} if random.random() < 0.1 else {}),
            },
            minutes={"mitigated_at": int(length) + 1, "resolved_at": int(length * 2) + 2},
        )


class TestOrder:
    def test_the_rows_are_all_that_count_in_the_order_of_their_declaration(self):
        cases = [
            case("late", "2026-05-20 10:00"),
            case("early", "2026-05-02 10:00", severity="SEV3"),
            case("false", "2026-05-03 10:00", status=Status.CANCELED, cancel_reason=CancelReason.FALSE_ALARM),
            case("drill", "2026-05-04 10:00", is_drill=True),
        ]

        assert [each.id for each in report(cases).rows] == ["2026-05-02-early", "2026-05-20-late"]

    def test_the_severe_ones_are_those_for_which_the_scale_demands_a_postmortem(self):
        cases = [case(f"sev{number}", severity=f"SEV{number}") for number in range(1, 5)]
        strict = Scale(tuple(level._replace(postmortem=level.name == "SEV3") for level in DEFAULT_SCALE))

        assert report(cases).severe_ids == ("2026-05-14-sev1", "2026-05-14-sev2")
        assert report(cases, strict).severe_ids == ("2026-05-14-sev3",)

    def test_time_to_mitigate_leads(self):
        names = ["mttm", "mttd", "mtta", "mttr", "user_impact"]

        assert [figure.name for figure in report([case()]).durations] == names
        assert list(report([case()]).trends) == names


class TestEligible:
    def test_each_incident_that_counts_is_a_value_or_excluded_in_each_duration(self):
        found = report(many(60), measured_only=True)

        for figure in found.durations:
            assert figure.eligible == len(found.rows) == found.counts.total == 60
            assert figure.n == len(figure.values)
            assert Counter([each.id for each in (*figure.values, *figure.excluded)]) == Counter(
                each.id for each in found.rows
            )

    def test_the_rows_say_the_same_as_the_figures(self):
        found = report(many(60))

        for figure in found.durations:
            assert {value.id: value.seconds for value in figure.values} == {
                each.id: each.durations[figure.name] for each in found.rows if figure.name in each.durations
            }
            assert {each.id: each.state for each in figure.excluded} == {
                each.id: each.states[figure.name]
                for each in found.rows
                if each.states[figure.name] is not DurationState.RECORDED
            }

    def test_the_quarters_of_a_year_add_up_to_it(self):
        cases = list(many(80))
        quarters = [report(cases, period=period(f"2025-Q{number}")) for number in range(1, 5)]

        assert sum(each.durations[0].n for each in quarters) == report(cases, period=period("2025")).durations[0].n > 0


class TestRows:
    def test_an_assumed_detection_is_no_time_of_the_row_but_a_mark(self):
        found = row(case(times={"detected_at": None}))

        assert found.detected_at is None
        assert found.marks == ("assumed",)
        assert found.durations["mttm"] == 30 * 60

    def test_the_marks_say_what_has_to_be_known(self):
        by_hand = Fact(utc("2026-05-14 10:30"), Source(origin=Origin.HISTORY))
        estimated = Fact(utc("2026-05-14 09:30"), Source(), is_estimated=True)
        marked = case(is_imported=True, is_drill=True, contradictions=("closed_at",), reopened=(by_hand,))
        marked = replace(marked, times={**marked.times, "started_at": estimated, "mitigated_at": by_hand})

        assert row(marked, include_drills=True).marks == (
            "estimated",
            "from history",
            "contradictory",
            "reopened",
            "imported",
            "drill",
        )

    def test_an_ordinary_one_has_none(self):
        assert row(case()).marks == ()

    def test_the_times_are_those_of_the_occurrence_that_counts(self):
        reopened = case(
            reopened=(Fact(utc("2026-05-14 13:00"), Source()),),
            minutes={"mitigated_at": 200, "resolved_at": 240},
            first_times={"mitigated_at": "2026-05-14 10:30"},
        )

        assert row(reopened).mitigated_at == utc("2026-05-14 13:20")
        assert row(reopened, occurrence=Occurrence.FIRST).mitigated_at == utc("2026-05-14 10:30")
        assert row(reopened, occurrence=Occurrence.FIRST).resolved_at is None

    def test_a_postmortem_was_published(self):
        published = Fact(utc("2026-05-20 10:00"), Source())

        assert (
            row(case(postmortem=PostmortemFacts("p.md", published=published))).postmortem_published_at == published.at
        )


class TestComparison:
    def test_without_an_earlier_period_nothing_is_compared(self):
        found = report(many(40))

        assert found.compared_with is None
        assert all(figure.comparison is None for figure in found.durations)

    def test_each_duration_is_compared_with_that_of_the_earlier_period(self):
        cases = list(many(80))
        this = period("2025")
        before = previous_period(this, now=NOW)

        found = report(cases, period=this, compared_with=before)

        assert found.compared_with == before
        for figure, earlier in zip(found.durations, report(cases, period=before).durations, strict=True):
            assert figure.comparison is not None
            assert figure.comparison.n_before == earlier.n
            assert figure.comparison.median_before == earlier.median


class TestGroups:
    def test_groups_may_add_up_to_more_and_the_total_does_not(self):
        cases = [case("both", services=("checkout", "payments")), case("one", services=("checkout",))]

        found = report(cases, group_by=GroupBy.SERVICE)

        assert [(group.name, group.incidents) for group in found.groups] == [("checkout", 2), ("payments", 1)]
        assert found.counts.total == 2
        assert found.group_by == "service"
        assert [group.durations[0].n for group in found.groups] == [2, 1]

    def test_groups_are_of_the_period(self):
        cases = [case("old", "2025-05-14 10:00", services=("search",)), case(services=("checkout",))]

        found = report(cases, group_by=GroupBy.SERVICE, period=period("2026"))

        assert [group.name for group in found.groups] == ["checkout"]


class TestWords:
    def test_what_was_left_out_on_purpose_is_said(self):
        found = report(
            [],
            severities=("SEV1",),
            services=("checkout", "payments"),
            teams=("shop",),
            tags=("db",),
            measured_only=True,
            include_drills=True,
            window=Window.RESOLVED,
        )

        assert found.filters == (
            "severity SEV1",
            "service checkout",
            "service payments",
            "team shop",
            "tag db",
            "measured only",
            "with drills",
        )
        assert (found.severity_at, found.occurrence, found.window) == ("peak", "last", "resolved")


class TestNothing:
    def test_without_incidents_there_are_no_figures_and_no_zeros(self):
        found = report([])

        assert found.rows == () and found.severe_ids == () and found.groups == ()
        assert [figure.median for figure in found.durations] == [None] * 5
        assert set(found.trends.values()) == {()}
        assert found.action_items.rate is None

    def test_a_period_without_incidents(self):
        found = report([case()], period=period("2020"), compared_with=period("2019"), group_by=GroupBy.SEVERITY)

        assert [figure.n for figure in found.durations] == [0] * 5
        assert [group.incidents for group in found.groups] == [0, 0, 0, 0]

    def test_all_open(self):
        still_open = case(status=Status.INVESTIGATING, times={"mitigated_at": None, "resolved_at": None})

        found = report([still_open])

        assert found.durations[0].median is None
        assert found.durations[0].excluded[0].state is DurationState.PENDING


class TestSame:
    def test_the_order_in_which_the_incidents_are_known_does_not_matter(self):
        cases = list(many(50))
        shuffled = Random(2).sample(cases, len(cases))
        asked = {"compared_with": period("2024"), "period": period("2025"), "group_by": GroupBy.SERVICE}

        assert report(shuffled, **asked) == report(cases, **asked)
