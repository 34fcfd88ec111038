"""Process: how the incidents of the period were run. Words and numbers are about incidents, never about a person.

- *To the first commander*: from the declaration to the first one, the median over all that had one; one that was there before counts as
  at once. Without one: incidents of the severities whose scale asks for a commander, those that still wait for a human left out.
- *Updates*: all of them, and apart those that changed nothing.
- *Intervals* between updates are kept where they ended in time by the severity at that time: a raise brings the next update forward, and
  what an update promised changes nothing. The longest silence is the longest of all intervals.
- *Status page*: within the time of the severity, from the declaration, or from when the severity was raised to one that asks for it.
  What was over, or lowered again, before that time needed none, nor does a drill.
- *Response*: acknowledged within the time of the severity that it had until then, from the detection. Where the record has no
  detection there is nothing to measure, as for MTTA. Never acknowledged, and open beyond that time, is a miss, but not for an
  imported incident, of which that is not known.
- *Post-mortem*: days from the resolution to its publication, the median over all that are published; one that was published before the last
  resolution is left out. In time is published on or before the due day, which is a day of the team's calendar; the overdue ones
  that are still missing are named. A drill needs none.
- An incident whose deadline still lies ahead is in no share yet, unless it was met already. A share of nothing is `n/a`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from enum import Enum, auto
from functools import cache

from incidentctl.incident.calendar import Calendar
from incidentctl.incident.clocks import STATUS_PAGE, Asked, ClockState, asked, judge, standing_rule
from incidentctl.incident.entries import Status
from incidentctl.incident.policy import CommanderRule, Scale, Severity
from incidentctl.incident.times import resolve_zone, to_local
from incidentctl.stats.case import Case, Origin
from incidentctl.stats.question import Question
from incidentctl.stats.report import ProcessFigure, Share
from incidentctl.stats.sample import median
from incidentctl.stats.selection import counting, severity_of

_DAY_SECONDS = 86400
_AT_ALL_HOURS = Calendar()
"""The status page knows no hours of business."""
_Find = Callable[[str], Severity | None]


class Kept(Enum):
    """What is known of a deadline."""

    YES = auto()
    NO = auto()
    AHEAD = auto()
    NOT_ASKED = auto()


_KEPT = {
    ClockState.MET: Kept.YES,
    ClockState.MET_LATE: Kept.NO,
    ClockState.OVERDUE: Kept.NO,
    ClockState.MISSED: Kept.NO,
    ClockState.RUNNING: Kept.AHEAD,
    ClockState.NOT_ASKED: Kept.NOT_ASKED,
}


def process_figure(cases: Iterable[Case], question: Question, *, now: datetime, scale: Scale) -> ProcessFigure:
    """How the incidents of the question's period were run, `cases` being all that are known."""
    counted = counting(cases, question)
    zone = resolve_zone(question.period.zone)
    find = cache(scale.find)  # a name that is on no scale is slow to look for
    to_commander = [seconds for case in counted if (seconds := _to_commander(case)) is not None]
    pages = [(case, page) for case in counted if (page := _page_asked(case, find)) is not None]
    to_page = [
        _at_least_zero(case.status_page.at - page.began_at) for case, page in pages if case.status_page is not None
    ]
    to_postmortem = [days for case in counted if (days := _to_postmortem(case)) is not None]
    postmortems = [(case, _postmortem_kept(case, now, zone)) for case in counted]
    cadences = [(case.cadence, case.id) for case in counted]
    silences = [(cadence.longest_silence, id_) for cadence, id_ in cadences if cadence.longest_silence is not None]
    longest = max(silences, key=lambda each: each[0], default=(None, None))
    return ProcessFigure(
        to_commander=median(to_commander),
        to_commander_n=len(to_commander),
        without_commander=tuple(case.id for case in reversed(counted) if _lacks_commander(case, question, find)),
        updates=sum(cadence.updates for cadence, _ in cadences),
        unchanged_updates=sum(cadence.unchanged for cadence, _ in cadences),
        intervals=Share(
            kept=sum(cadence.kept for cadence, _ in cadences),
            n=sum(cadence.intervals for cadence, _ in cadences),
            missed=tuple(id_ for cadence, id_ in reversed(cadences) if cadence.kept < cadence.intervals),
        ),
        longest_silence=longest[0],
        longest_silence_id=longest[1],
        to_status_page=median(to_page),
        status_page=_share([(case, _page_kept(case, page.due_at, now)) for case, page in pages]),
        response=_share([(case, _response_kept(case, now)) for case in counted]),
        postmortem_days=median(to_postmortem),
        postmortem_n=len(to_postmortem),
        postmortem=_share(postmortems),
        postmortem_missing=tuple(
            case.id for case, kept in reversed(postmortems) if kept is Kept.NO and _published_at(case) is None
        ),
    )


def _at_least_zero(length: timedelta) -> float:
    return max(length.total_seconds(), 0.0)


def _share(judged: Sequence[tuple[Case, Kept]]) -> Share:
    """What is decided of it; the latest first."""
    missed = tuple(case.id for case, kept in reversed(judged) if kept is Kept.NO)
    kept = sum(1 for _, each in judged if each is Kept.YES)
    return Share(kept=kept, n=kept + len(missed), missed=missed)


def _at(case: Case, key: str) -> datetime | None:
    fact = case.times.get(key)
    return None if fact is None else fact.at


def _judge(done_at: datetime | None, due_at: datetime, over_at: datetime | None, now: datetime) -> Kept:
    """What the clock of a live incident would have shown."""
    return _KEPT[judge(done_at, due_at, over_at, now)]


# The commander.


def _to_commander(case: Case) -> float | None:
    if case.commander is None or case.commander.is_estimated or case.declared_at is None:
        return None
    return _at_least_zero(case.commander.at - case.declared_at)


def _lacks_commander(case: Case, question: Question, find: _Find) -> bool:
    level = find(severity_of(case, question))
    asks = level is not None and level.commander is not CommanderRule.NONE
    return asks and case.commander is None and case.status is not Status.TRIAGE


# The status page.


def _page_asked(case: Case, find: _Find) -> Asked | None:
    """From when on a status page was asked for, and when it was due; `None` where none was, or no longer when it was due."""
    if case.declared_at is None or case.is_drill:
        return None
    over_at = _first_over(case)
    changes = [(each.at, each.value) for each in case.transitions if each.kind == "severity" and each.counts]
    severities = ((case.declared_at, case.severity_declared), *sorted(changes))
    found = asked(severities, lambda name: standing_rule(STATUS_PAGE, find(name)), _AT_ALL_HOURS, over_at=over_at)
    return None if found is None or (over_at is not None and over_at <= found.due_at) else found


def _first_over(case: Case) -> datetime | None:
    """When it was over first: what was asked for in a later episode is another matter."""
    times = case.first_times if case.reopened else case.times
    over = [fact.at for key in ("resolved_at", "closed_at") if (fact := times.get(key)) is not None]
    return min(over, default=None)


def _page_kept(case: Case, due_at: datetime, now: datetime) -> Kept:
    return _judge(None if case.status_page is None else case.status_page.at, due_at, None, now)


# The response.


def _response_kept(case: Case, now: datetime) -> Kept:
    detected = case.times.get("detected_at")
    is_measured = detected is not None and detected.source.origin is not Origin.ASSUMED
    if case.response_due_at is None or not is_measured or "acknowledged_at" in case.contradictions:
        return Kept.NOT_ASKED
    acknowledged_at = _at(case, "acknowledged_at")
    if acknowledged_at is None and case.is_imported:
        return Kept.NOT_ASKED
    return _judge(acknowledged_at, case.response_due_at, _first_over(case), now)


# The post-mortem.


def _published_at(case: Case) -> datetime | None:
    fact = case.postmortem.published if case.postmortem is not None else None
    return None if fact is None else fact.at


def _to_postmortem(case: Case) -> float | None:
    published_at, resolved_at = _published_at(case), _at(case, "resolved_at")
    if published_at is None or resolved_at is None or published_at < resolved_at:
        return None
    return (published_at - resolved_at).total_seconds() / _DAY_SECONDS


def _postmortem_kept(case: Case, now: datetime, zone: tzinfo | None) -> Kept:
    due_on = case.postmortem_due_on
    if due_on is None or case.is_drill:
        return Kept.NOT_ASKED
    published_at = _published_at(case)
    if published_at is not None:
        return Kept.YES if to_local(published_at, zone).date() <= due_on else Kept.NO
    return Kept.NO if to_local(now, zone).date() > due_on else Kept.AHEAD
