"""When updates were due, by the severity as it was at the time, and which did not come."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.cadence import missed_updates, update_intervals
from incidentctl.incident.entries import (
    Entry,
    Milestone,
    Opened,
    Reached,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    What,
    Withdrawn,
)
from incidentctl.incident.policy import DEFAULT_SCALE
from tests.strategies import START, near_instants
from tests.strategies import entries as any_entries


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def on(minute: int, what: What) -> Entry:
    return Entry(at(minute), what, author="ann", id=f"{minute:02d}0000"[-6:])


def update(minute: int, *, next_in: int | None = None, status: Status = Status.INVESTIGATING) -> Entry:
    return on(minute, Update(status, next_at=None if next_in is None else at(minute + next_in)))


def intervals(*entries: Entry, until: int = 300) -> list[tuple[int, int, int, str]]:
    """Began, due, ended, in minutes, and the severity that asked."""
    return [
        (minutes(each.began_at), minutes(each.due_at), minutes(each.ended_at), each.severity)
        for each in update_intervals(entries, DEFAULT_SCALE, until=at(until))
    ]


def missed(*entries: Entry, until: int = 300) -> list[tuple[int, int]]:
    """When it was due, and when it came."""
    return [
        (minutes(each.due_at), minutes(each.ended_at))
        for each in missed_updates(entries, DEFAULT_SCALE, until=at(until))
    ]


def minutes(moment: datetime) -> int:
    return (moment - START) // timedelta(minutes=1)


OPENED = on(0, Opened("SEV1"))


def test_the_first_update_is_due_one_cadence_after_the_declaration() -> None:
    assert intervals(OPENED, update(20), on(40, Reached(Milestone.RESOLVED))) == [
        (0, 30, 20, "SEV1"),
        (20, 50, 40, "SEV1"),
    ]


def test_an_update_is_due_when_the_one_before_promised_it() -> None:
    assert intervals(OPENED, update(20, next_in=90), update(100), until=110) == [
        (0, 30, 20, "SEV1"),
        (20, 110, 100, "SEV1"),
        (100, 130, 110, "SEV1"),
    ]


def test_an_update_that_came_late_or_never_is_missed_and_a_few_minutes_are_not() -> None:
    assert missed(OPENED, update(34), update(70), on(130, Reached(Milestone.RESOLVED))) == [(64, 70), (100, 130)]


def test_a_severity_that_asks_for_none_has_no_intervals() -> None:
    assert intervals(on(0, Opened("SEV3")), update(20)) == []
    assert intervals(on(0, Opened("no such severity"))) == []


def test_a_raised_severity_brings_the_next_update_forward_and_never_puts_it_off() -> None:
    lower = on(0, Opened("SEV2"))
    assert intervals(lower, on(10, SeverityChange("SEV2", "SEV1")), until=100) == [(0, 40, 100, "SEV1")]
    assert intervals(lower, on(50, SeverityChange("SEV2", "SEV1")), until=100) == [(0, 60, 100, "SEV2")]
    assert intervals(on(0, Opened("SEV3")), on(10, SeverityChange("SEV3", "SEV1")), until=100) == [(0, 40, 100, "SEV1")]


def test_a_lowered_severity_gives_more_time_or_asks_for_none_any_more() -> None:
    assert intervals(OPENED, on(10, SeverityChange("SEV1", "SEV2")), until=70) == [(0, 60, 70, "SEV2")]
    assert intervals(OPENED, on(10, SeverityChange("SEV1", "SEV3")), until=70) == []


def test_what_was_overdue_when_the_severity_was_lowered_stays_missed() -> None:
    assert missed(OPENED, on(45, SeverityChange("SEV1", "SEV3")), until=100) == [(30, 45)]
    assert intervals(OPENED, on(45, SeverityChange("SEV1", "SEV2")), until=80) == [
        (0, 30, 45, "SEV1"),
        (45, 105, 80, "SEV2"),
    ]


def test_nothing_is_due_between_the_resolution_and_a_reopening() -> None:
    found = intervals(OPENED, on(10, Reached(Milestone.RESOLVED)), on(200, Reached(Milestone.REOPENED)), until=240)
    assert found == [(0, 30, 10, "SEV1"), (200, 230, 240, "SEV1")]


def test_a_status_or_an_update_that_names_the_resolution_ends_the_clock_too() -> None:
    assert missed(OPENED, update(20, status=Status.RESOLVED)) == []
    assert missed(OPENED, on(20, StatusChange(Status.RESOLVED))) == []


def test_after_a_mitigation_updates_are_still_due() -> None:
    assert missed(OPENED, update(20, status=Status.MITIGATED), on(90, Reached(Milestone.RESOLVED))) == [(50, 90)]


def test_a_withdrawn_update_does_not_count() -> None:
    given_update = update(20)
    assert intervals(OPENED, given_update, on(25, Withdrawn(given_update.id)), until=50) == [(0, 30, 50, "SEV1")]


@given(st.lists(any_entries(near_instants), max_size=12))
def test_intervals_of_any_entries_are_in_order_and_end_after_they_begin(entries: list[Entry]) -> None:
    found = update_intervals(entries, DEFAULT_SCALE, until=max((each.at for each in entries), default=START))
    assert all(each.began_at <= each.ended_at for each in found)
    assert all(first.ended_at <= second.began_at for first, second in pairwise(found))
    assert all(each.late_by >= timedelta(0) for each in found)


def test_the_cadence_alone_asks_where_promises_do_not_count() -> None:
    entries = (
        on(0, Opened("SEV1")),
        update(20, next_in=90),
        update(70, next_in=5),
        on(90, Reached(Milestone.RESOLVED)),
    )
    found = update_intervals(entries, DEFAULT_SCALE, until=at(300), by_promise=False)
    assert [(minutes(each.due_at), minutes(each.ended_at)) for each in found] == [(30, 20), (50, 70), (100, 90)]


def test_an_interval_in_which_the_severity_was_raised_is_measured_from_the_raise() -> None:
    entries = (on(0, Opened("SEV2")), on(20, SeverityChange("SEV2", "SEV1")), update(45))
    found = update_intervals(entries, DEFAULT_SCALE, until=at(45), by_promise=False)
    assert [(minutes(each.due_at), minutes(each.ended_at)) for each in found[:1]] == [(50, 45)]
