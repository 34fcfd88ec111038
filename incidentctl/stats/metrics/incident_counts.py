"""Incidents: how many there were, by the month of their declaration and by severity.

- A month is one of the report's time zone. It runs from the beginning of the period, or the first incident where the period has none,
  to its end, or now; months without an incident are there, with 0. Months that have not begun are not there. With `--window resolved` an
  incident is counted in the month in which it was resolved, so that the months add up to the total there as well.
- *Severe* are the severities for which the scale demands a post-mortem: SEV1 and SEV2, unless the settings say otherwise. An incident
  counts under its most severe one, with `--severity-at declared` or `final` under another.
- Counted apart, and in no month: cancelled incidents by their reason, duplicates, and drills. A drill that was cancelled is only a drill.
  With `--include-drills` drills count like any other incident, and are still told apart.
- *Upgraded*: the most severe it ever was is above what it was declared as. *Downgraded*: it ended below the most severe. One that was taken
  up and down again is both.
- *Reopened* counts incidents, *reopenings* each time.
- *Open* is what is neither resolved, closed nor cancelled, with its age since the declaration, the oldest first. It was resolved in no
  period, so it is one of the period in which it was declared, also with `--window resolved`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import cache

from msgspec.structs import replace

from incidentctl.incident.policy import Scale
from incidentctl.incident.times import resolve_zone, to_local
from incidentctl.stats.case import Case
from incidentctl.stats.question import Question, Window
from incidentctl.stats.report import Counts, MonthCount, OpenIncident, Period
from incidentctl.stats.selection import (
    asked,
    counting,
    counts,
    is_cancelled,
    is_duplicate,
    moment_of,
    severity_of,
)

UNKNOWN_REASON = "unknown"
"""What a cancelled incident is counted under whose record does not say why."""


def count_incidents(cases: Iterable[Case], question: Question, *, now: datetime, scale: Scale) -> Counts:
    """The incidents of the question's period, `cases` being all that are known. The module says what counts where."""
    cases = tuple(cases)
    declared = asked(cases, replace(question, window=Window.DECLARED))
    by_declaration = [case for case in declared if counts(case, question)]
    counted = by_declaration if question.window is Window.DECLARED else counting(cases, question)
    by_severity = _by_severity((severity_of(case, question) for case in counted), scale)
    severe = severe_names(scale)
    rank = cache(scale.rank)  # a name that is on no scale is slow to look for
    before = None if question.compared_with is None else counting(cases, question, question.compared_with)
    apart = [case for case in declared if question.include_drills or not case.is_drill]
    return Counts(
        total=len(counted),
        severe=sum(by_severity.get(name, 0) for name in severe),
        by_severity=by_severity,
        months=_months(counted, question, now, scale),
        open=_open(by_declaration, question, now),
        reopened=sum(1 for case in counted if case.reopened),
        reopenings=sum(len(case.reopened) for case in counted),
        downgraded=sum(1 for case in counted if rank(case.severity_final) > rank(case.severity_peak)),
        upgraded=sum(1 for case in counted if rank(case.severity_peak) < rank(case.severity_declared)),
        cancelled=_sorted(Counter(_reason(case) for case in apart if is_cancelled(case))),
        duplicates=sum(1 for case in apart if is_duplicate(case)),
        drills=sum(1 for case in declared if case.is_drill),
        severe_before=None
        if before is None
        else sum(1 for case in before if _on_scale(severity_of(case, question), scale) in severe),
        total_before=None if before is None else len(before),
    )


def severe_names(scale: Scale) -> frozenset[str]:
    """The severities that the report is about: those for which the scale demands a post-mortem."""
    return frozenset(level.name for level in scale if level.postmortem)


def _on_scale(name: str, scale: Scale) -> str:
    """The name of the level, where a record has it under another word; what is on no scale stays as it is."""
    level = scale.find(name)
    return name if level is None else level.name


def _by_severity(names: Iterable[str], scale: Scale) -> dict[str, int]:
    """All levels of the scale, the most severe first, then names that are not on it."""
    found = Counter(names)
    counted = dict.fromkeys(scale.names, 0)
    for name in sorted(found):
        known = _on_scale(name, scale)
        counted[known] = counted.get(known, 0) + found[name]
    return counted


def _reason(case: Case) -> str:
    return UNKNOWN_REASON if case.cancel_reason is None else case.cancel_reason.value


def _sorted(found: Counter[str]) -> dict[str, int]:
    return {name: found[name] for name in sorted(found)}


def _open(counted: Sequence[Case], question: Question, now: datetime) -> tuple[OpenIncident, ...]:
    still = [case for case in counted if not case.status.is_over]
    return tuple(OpenIncident(case.id, severity_of(case, question), _age(case, now)) for case in still)


def _age(case: Case, now: datetime) -> float:
    since = moment_of(case, Window.DECLARED)
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)


def _months(counted: Sequence[Case], question: Question, now: datetime, scale: Scale) -> tuple[MonthCount, ...]:
    """From the first to the last month of the period; none where there is neither a beginning nor an incident."""
    zone = resolve_zone(question.period.zone)
    found: dict[int, list[str]] = {}
    for case in counted:
        at = moment_of(case, question.window)
        if at is not None:
            found.setdefault(_month(at, zone), []).append(severity_of(case, question))
    first, last = _ends(question.period, zone, now)
    begin = min([*found, *(() if first is None else (first,))], default=None)
    if begin is None:
        return ()
    end = max([*found, last])  # an incident that is dated ahead has its month as well: the months add up to the total
    return tuple(
        MonthCount(f"{month // 12:04d}-{month % 12 + 1:02d}", _by_severity(found.get(month, ()), scale))
        for month in range(begin, end + 1)
    )


def _month(at: datetime, zone: tzinfo | None) -> int:
    """The months since the year 0, on a clock in that zone."""
    local = to_local(at, zone)
    return local.year * 12 + local.month - 1


def _ends(period: Period, zone: tzinfo | None, now: datetime) -> tuple[int | None, int]:
    """The first and the last month: the end of a period is no longer part of it, and what lies ahead of now is no month yet."""
    first = None if period.since is None else _month(period.since, zone)
    last = _month(now, zone)
    if period.until is not None and period.until <= now:
        last = _month(period.until - timedelta(seconds=1), zone)
    return first, last
