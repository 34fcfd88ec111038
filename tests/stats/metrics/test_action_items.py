"""Action item completion: each clause of the definition, in days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.incident.entries import CancelReason, Status
from incidentctl.incident.policy import DEFAULT_SCALE
from incidentctl.stats.case import ItemHistory, PostmortemFacts, Source
from incidentctl.stats.metrics.action_items import judge_item, judge_items
from incidentctl.stats.report import ItemOutcome, Period
from tests.stats.cases import EVERYTHING, asking, case, utc

TODAY = date(2026, 7, 15)
NOW = utc("2026-07-15 12:00")
DUE = date(2026, 6, 10)
JUNE = Period(utc("2026-06-01"), utc("2026-07-01"), "2026-06", "UTC")


def item(name="a", due: date | None = DUE, *, incident="2026-05-14-checkout", **changes) -> ItemHistory:
    binding = changes.pop("binding_due", due)
    return ItemHistory(
        incident, f"a:{name}", "Alert on pool saturation", Source(), due=due, binding_due=binding, **changes
    )


def with_items(*items: ItemHistory, **changes):
    return case(postmortem=PostmortemFacts("postmortems/x.md", items=items), **changes)


def judge(*items: ItemHistory, question=EVERYTHING, now=NOW, **changes):
    return judge_items([with_items(*items, **changes)], question, now=now, scale=DEFAULT_SCALE)


def outcome(**changes) -> ItemOutcome:
    return judge_item(item(**changes), TODAY).outcome


class TestOutcome:
    def test_done_on_its_due_date_is_in_time(self):
        assert outcome(done_on=DUE) is ItemOutcome.IN_TIME

    def test_done_a_day_later_is_late(self):
        assert outcome(done_on=DUE + timedelta(days=1)) is ItemOutcome.LATE

    def test_open_past_its_due_date_is_overdue(self):
        assert outcome(due=TODAY - timedelta(days=1)) is ItemOutcome.OVERDUE

    def test_what_is_due_today_can_still_be_done_in_time(self):
        assert outcome(due=TODAY) is ItemOutcome.NOT_YET_DUE

    def test_a_later_move_of_the_due_date_does_not_help(self):
        moved = item(due=date(2026, 9, 1), binding_due=DUE, done_on=date(2026, 7, 1))

        assert judge_item(moved, TODAY).outcome is ItemOutcome.LATE
        assert (
            judge_item(moved, TODAY).why
            == "done 2026-07-01, due 2026-06-10, 21 days late; the date was moved to 2026-09-01 later"
        )

    def test_an_earlier_move_does_not_hurt(self):
        assert outcome(due=date(2026, 5, 20), binding_due=DUE, done_on=DUE) is ItemOutcome.IN_TIME

    def test_a_due_date_that_was_taken_out_still_binds(self):
        gone = judge_item(item(due=None, binding_due=DUE), TODAY)

        assert gone.outcome is ItemOutcome.OVERDUE
        assert gone.why == "open, due 2026-06-10, 35 days ago; the date was taken out later"

    def test_dropped_before_publication_is_out_of_the_rate(self):
        assert outcome(dropped_on=date(2026, 5, 20), was_dropped_before=True) is ItemOutcome.DROPPED_BEFORE
        assert outcome(due=None, dropped_on=date(2026, 5, 20), was_dropped_before=True) is ItemOutcome.DROPPED_BEFORE

    def test_dropped_after_publication_is_a_miss(self):
        assert outcome(dropped_on=date(2026, 5, 30)) is ItemOutcome.DROPPED_AFTER

    def test_what_is_dropped_before_it_is_due_can_be_done_in_time_no_longer(self):
        assert outcome(due=date(2026, 12, 1), dropped_on=date(2026, 7, 1)) is ItemOutcome.DROPPED_AFTER

    def test_undated_is_undated_whether_done_open_or_dropped(self):
        assert outcome(due=None) is ItemOutcome.UNDATED
        assert outcome(due=None, done_on=DUE) is ItemOutcome.UNDATED
        assert outcome(due=None, dropped_on=DUE) is ItemOutcome.UNDATED

    def test_a_date_that_came_after_publication_dates_nothing(self):
        late = judge_item(item(due=DUE, binding_due=None), TODAY)

        assert late.outcome is ItemOutcome.UNDATED
        assert late.why == "no due date when it was published; 2026-06-10 was set later"

    def test_a_box_that_was_ticked_to_strike_the_item_off_was_not_done(self):
        assert outcome(done_on=date(2026, 6, 1), dropped_on=date(2026, 6, 1)) is ItemOutcome.DROPPED_AFTER

    @pytest.mark.parametrize("deleted_on", [date(2026, 6, 1), date(2026, 6, 30)])
    def test_a_done_item_whose_line_was_deleted_was_done(self, deleted_on):
        gone = {"dropped_on": deleted_on, "is_deleted": True}

        assert outcome(done_on=date(2026, 6, 1), **gone) is ItemOutcome.IN_TIME

    def test_an_open_item_whose_line_was_deleted_was_dropped(self):
        gone = judge_item(item(dropped_on=date(2026, 6, 1), is_deleted=True), TODAY)

        assert gone.outcome is ItemOutcome.DROPPED_AFTER
        assert gone.why == "its line was deleted 2026-06-01, after the post-mortem was published; due 2026-06-10"

    def test_what_was_dropped_and_done_later_was_done(self):
        assert outcome(dropped_on=date(2026, 5, 30), done_on=DUE) is ItemOutcome.IN_TIME

    def test_a_completion_that_lies_ahead_is_none_yet(self):
        assert outcome(done_on=TODAY + timedelta(days=2)) is ItemOutcome.OVERDUE
        assert outcome(due=TODAY + timedelta(days=1), done_on=TODAY + timedelta(days=1)) is ItemOutcome.IN_TIME

    def test_the_last_day_of_the_calendar_is_a_day(self):
        assert judge_item(item(due=date.max), date.max).outcome is ItemOutcome.NOT_YET_DUE

    def test_one_day_is_said_as_one(self):
        assert judge_item(item(done_on=date(2026, 6, 11)), TODAY).why == "done 2026-06-11, due 2026-06-10, 1 day late"


class TestRate:
    def test_it_is_in_time_over_all_that_were_due(self):
        figure = judge(
            item("1", done_on=DUE),
            item("2", done_on=DUE),
            item("3", done_on=TODAY),
            item("4"),
            item("5", dropped_on=DUE),
            item("6", dropped_on=DUE, was_dropped_before=True),
            item("7", due=date(2026, 12, 1)),
            item("8", due=None),
        )

        assert figure.rate == 2 / 5
        assert (figure.in_time, figure.due, figure.late, figure.overdue, figure.dropped_after) == (2, 5, 1, 1, 1)
        assert (figure.dropped_before, figure.not_yet_due, figure.undated) == (1, 1, 1)

    def test_where_nothing_was_due_there_is_no_rate(self):
        assert judge().rate is None
        assert judge(item(due=None)).rate is None
        assert judge(item(due=date(2026, 12, 1))).rate is None

    def test_where_all_was_missed_it_is_zero(self):
        assert judge(item()).rate == 0

    def test_moved_items_are_counted(self):
        assert judge(item("1", due=date(2026, 9, 1), binding_due=DUE), item("2")).moved == 1

    def test_items_come_by_their_due_date_undated_ones_last(self):
        figure = judge(item("3", due=None), item("2"), item("1", due=date(2026, 6, 1)))

        assert [each.item.id for each in figure.items] == ["a:1", "a:2", "a:3"]


class TestPeriod:
    def test_an_item_belongs_where_its_due_date_lies_whenever_the_incident_was(self):
        long_ago = {"declared": "2025-01-14 10:00", "question": asking(period=JUNE)}

        assert judge(item("1", due=date(2026, 5, 31)), **long_ago).due == 0
        assert judge(item("1", due=date(2026, 6, 1)), item("2", due=date(2026, 6, 30)), **long_ago).due == 2
        assert judge(item("1", due=date(2026, 7, 1)), **long_ago).due == 0

    def test_the_binding_date_decides_not_the_one_it_was_moved_to(self):
        assert judge(item(due=date(2026, 9, 1), binding_due=DUE), question=asking(period=JUNE)).overdue == 1

    def test_an_undated_item_goes_with_its_incident(self):
        question = asking(period=JUNE)

        assert judge(item(due=None), declared="2026-06-14 10:00", question=question).undated == 1
        assert judge(item(due=None), declared="2026-05-14 10:00", question=question).undated == 0

    def test_an_item_that_is_not_yet_due_is_listed_with_its_incident_too(self):
        ahead = item(due=date(2026, 12, 1))

        assert judge(ahead, declared="2026-06-14 10:00", question=asking(period=JUNE)).not_yet_due == 1
        assert judge(ahead, declared="2026-05-14 10:00", question=asking(period=JUNE)).not_yet_due == 0

    def test_days_are_days_of_the_reports_zone(self):
        zone = "Europe/Berlin"
        june = Period(utc("2026-05-31 22:00"), utc("2026-06-30 22:00"), "2026-06", zone)
        last, first = item("1", due=date(2026, 6, 30)), item("2", due=date(2026, 6, 1))

        assert judge(last, first, question=asking(period=june)).due == 2
        # 22:30 in UTC is the day after in Berlin: what was due on the 14th is overdue.
        late = {"now": utc("2026-07-14 22:30")}
        everything = Period(None, None, "", zone)
        assert judge(item(due=date(2026, 7, 14)), **late).not_yet_due == 1
        assert judge(item(due=date(2026, 7, 14)), question=asking(period=everything), **late).overdue == 1

    @given(st.dates(date(2026, 5, 1), date(2026, 7, 14)), st.integers(0, 100_000))
    def test_of_two_periods_that_meet_an_item_is_in_just_one(self, due, second):
        border = utc("2026-06-01") + timedelta(seconds=second * 30)
        before, after = Period(None, border, "", "UTC"), Period(border, None, "", "UTC")

        assert (
            judge(item(due=due), question=asking(period=before)).due
            + judge(item(due=due), question=asking(period=after)).due
            == 1
        )

    def test_the_rate_of_the_period_before_stands_beside_it(self):
        may = Period(utc("2026-05-01"), utc("2026-06-01"), "2026-05", "UTC")
        items = (
            item("1", done_on=DUE),
            item("2", due=date(2026, 5, 20)),
            item("3", due=date(2026, 5, 20), done_on=date(2026, 5, 1)),
        )
        figure = judge(*items, question=asking(period=JUNE, compared_with=may))

        assert (figure.rate, figure.rate_before) == (1, 0.5)
        assert judge(*items).rate_before is None


class TestIncidents:
    def test_what_a_cancelled_incident_promises_is_promised(self):
        assert judge(item(), status=Status.CANCELED, cancel_reason=CancelReason.FALSE_ALARM).overdue == 1

    def test_a_duplicate_leaves_its_items_to_the_surviving_incident(self):
        assert judge(item(), status=Status.CANCELED, duplicate_of="2026-05-14-other").items == ()

    def test_the_items_of_a_drill_count_where_drills_do(self):
        assert judge(item(), is_drill=True).items == ()
        assert judge(item(), is_drill=True, question=asking(include_drills=True)).overdue == 1

    def test_filters_hold_for_items(self):
        assert judge(item(), services=("search",), question=asking(services=("checkout",))).items == ()

    def test_an_incident_without_a_postmortem_has_none(self):
        assert judge_items([case()], EVERYTHING, now=NOW, scale=DEFAULT_SCALE).items == ()


@given(
    st.builds(
        replace,
        st.just(item()),
        due=st.none() | st.dates(date(2026, 7, 1), date(2026, 8, 1)),
        binding_due=st.none() | st.dates(date(2026, 7, 1), date(2026, 8, 1)),
        done_on=st.none() | st.dates(date(2026, 7, 1), date(2026, 8, 1)),
        dropped_on=st.none() | st.dates(date(2026, 7, 1), date(2026, 8, 1)),
        is_deleted=st.booleans(),
        was_dropped_before=st.booleans(),
    )
)
def test_moving_the_due_date_later_never_changes_the_rate(any_item):
    moved = replace(any_item, due=date(2027, 1, 1))

    assert judge_item(moved, TODAY).outcome is judge_item(any_item, TODAY).outcome
