"""Action item completion rate: items completed on or before their due date ÷ items whose due date lies in the period.

- *The binding due date* is the one that the item had when its post-mortem was first published; for an item that came later, the one it came
  with; while nothing is published, the one it has. A later move is told beside the item and changes nothing.
- *In the rate*: completed in time; completed late; still open after the due date; dropped after the post-mortem was published, which is
  a miss from that day on. An item that is due today can still be done in time. One that was done, and whose line was taken out
  afterwards, was done.
- *Listed apart, in no rate*: open and not yet due; dropped before the post-mortem was published; without a binding due date, done or not
  (`lint` calls that an error).
- *The period*: an item is one of the period in which its binding due date lies, whenever its incident was. An item without one goes with
  its incident. Open items that are not due yet are listed with their due date's period and with their incident's.
- *Days* are days in the report's time zone. A completion that is dated later than tomorrow is none yet.
- *Which incidents*: those that the filters let through. A cancelled incident is in no duration and no count, but what its post-mortem
  promises is promised, so its items count. A duplicate's do not: the surviving incident has the post-mortem. A drill's do only with
  `--include-drills`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.incident.policy import Scale
from incidentctl.incident.times import resolve_zone, to_local
from incidentctl.stats.case import Case, ItemHistory
from incidentctl.stats.question import Question, Window
from incidentctl.stats.report import ActionItemFigure, ItemOutcome, JudgedItem, Period
from incidentctl.stats.selection import asked, belongs, is_duplicate

_IN_THE_RATE = frozenset({ItemOutcome.IN_TIME, ItemOutcome.LATE, ItemOutcome.OVERDUE, ItemOutcome.DROPPED_AFTER})
_ONE_DAY = timedelta(days=1)


def judge_items(cases: Iterable[Case], question: Question, *, now: datetime, scale: Scale) -> ActionItemFigure:
    """The action items of the question's period, the earliest due first, undated ones at the end, and their rate.

    `cases` are all that are known. The rate of the period that is compared with is as it is now as well: what was done late
    since then is still a miss.
    """
    zone = resolve_zone(question.period.zone)
    today = to_local(now, zone).date()
    always = Period(None, None, "", question.period.zone)
    judged = [
        (case, judge_item(item, today))
        for case in asked(cases, replace(question, period=always, window=Window.DECLARED))
        if not is_duplicate(case) and (question.include_drills or not case.is_drill)
        if case.postmortem is not None
        for item in case.postmortem.items
    ]
    items = sorted(_of_period(judged, question.period), key=_order)
    counts = Counter(each.outcome for each in items)
    return ActionItemFigure(
        rate=_rate(items),
        in_time=counts[ItemOutcome.IN_TIME],
        due=sum(counts[outcome] for outcome in _IN_THE_RATE),
        late=counts[ItemOutcome.LATE],
        overdue=counts[ItemOutcome.OVERDUE],
        dropped_after=counts[ItemOutcome.DROPPED_AFTER],
        dropped_before=counts[ItemOutcome.DROPPED_BEFORE],
        not_yet_due=counts[ItemOutcome.NOT_YET_DUE],
        undated=counts[ItemOutcome.UNDATED],
        moved=sum(1 for each in items if was_moved(each.item)),
        items=tuple(items),
        rate_before=None if question.compared_with is None else _rate(_of_period(judged, question.compared_with)),
    )


def was_moved(item: ItemHistory) -> bool:
    """Whether its due date is no longer the binding one."""
    return item.due != item.binding_due


def judge_item(item: ItemHistory, today: date) -> JudgedItem:
    """What an item counts as on a day, and why."""
    due = item.binding_due
    # The day of a commit is that of its author's zone, which may be ahead of ours.
    done_on = item.done_on if item.done_on is not None and item.done_on <= _next(today) else None
    dropped_on = item.dropped_on if item.dropped_on is not None and item.dropped_on <= _next(today) else None
    if done_on is not None and dropped_on is not None:
        if done_on == dropped_on and not item.is_deleted:
            done_on = None  # its box was ticked to strike it off
        else:
            dropped_on = None
    if dropped_on is not None and item.was_dropped_before:
        outcome, why = ItemOutcome.DROPPED_BEFORE, f"{_dropped(item)}, before the post-mortem was published"
    elif due is None:
        outcome, why = ItemOutcome.UNDATED, _undated(item)
    elif dropped_on is not None:
        outcome, why = ItemOutcome.DROPPED_AFTER, f"{_dropped(item)}, after the post-mortem was published; due {due}"
    elif done_on is None and due < today:
        outcome, why = ItemOutcome.OVERDUE, f"open, due {due}, {_days(today - due)} ago"
    elif done_on is None:
        outcome, why = ItemOutcome.NOT_YET_DUE, f"open, due {due}"
    elif done_on > due:
        outcome, why = ItemOutcome.LATE, f"done {done_on}, due {due}, {_days(done_on - due)} late"
    else:
        outcome, why = ItemOutcome.IN_TIME, f"done {done_on}, due {due}"
    if due is not None and was_moved(item):
        why += "; the date was taken out later" if item.due is None else f"; the date was moved to {item.due} later"
    return JudgedItem(item, outcome, why)


def _next(day: date) -> date:
    return day + _ONE_DAY if day < date.max else day


def _dropped(item: ItemHistory) -> str:
    return f"its line was deleted {item.dropped_on}" if item.is_deleted else f"dropped {item.dropped_on}"


def _undated(item: ItemHistory) -> str:
    return "no due date" if item.due is None else f"no due date when it was published; {item.due} was set later"


def _days(length: timedelta) -> str:
    return "1 day" if length.days == 1 else f"{length.days} days"


class _Days(Struct, frozen=True, gc=False):
    """The days of a period: those that begin in it. `until` is no longer part of it."""

    since: date | None
    until: date | None

    def __contains__(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


def _days_of(period: Period, zone: tzinfo | None) -> _Days:
    """A period that begins within a day has that whole day, and one that ends within a day leaves it to the next: none is in both."""
    return _Days(*(None if at is None else to_local(at, zone).date() for at in (period.since, period.until)))


def _of_period(judged: Iterable[tuple[Case, JudgedItem]], period: Period) -> Iterator[JudgedItem]:
    days = _days_of(period, resolve_zone(period.zone))
    for case, each in judged:
        due = each.item.binding_due
        goes_with_incident = due is None or each.outcome is ItemOutcome.NOT_YET_DUE
        if (due is not None and due in days) or (goes_with_incident and belongs(case, period, Window.DECLARED)):
            yield each


def _rate(items: Iterable[JudgedItem]) -> float | None:
    counts = Counter(each.outcome for each in items)
    due = sum(counts[outcome] for outcome in _IN_THE_RATE)
    return counts[ItemOutcome.IN_TIME] / due if due else None


def _order(judged: JudgedItem) -> tuple[date, str, str]:
    return judged.item.binding_due or date.max, judged.item.incident, judged.item.id
