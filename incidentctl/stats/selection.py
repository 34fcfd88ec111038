"""Which incidents a question means: those of the period that its filters let through, and which of them count.

Cancelled incidents and duplicates never count, drills only where they are asked for. No figure chooses its incidents in another way.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from incidentctl.incident.entries import CancelReason, Status
from incidentctl.stats.case import Case
from incidentctl.stats.question import Question, SeverityAt, Window
from incidentctl.stats.report import Period

_EARLIEST = datetime.min.replace(tzinfo=UTC)


class InOrder(tuple[Case, ...]):
    """Cases in the order of their declaration: many figures choose from the same, and sorting takes longer than choosing."""

    __slots__ = ()


def in_order(cases: Iterable[Case]) -> InOrder:
    """The cases, sorted once for all."""
    return cases if isinstance(cases, InOrder) else InOrder(sorted(cases, key=declaration_order))


def counting(cases: Iterable[Case], question: Question, period: Period | None = None) -> list[Case]:
    """The incidents of the period that count, in the order of their declaration. `period` None is that of the question."""
    return [case for case in asked(cases, question, period) if counts(case, question)]


def asked(cases: Iterable[Case], question: Question, period: Period | None = None) -> list[Case]:
    """The same with cancelled ones, duplicates and drills among them: what counts apart is chosen from here."""
    within = question.period if period is None else period
    found = (
        cases
        if _is_always(within, question.window)
        else [case for case in cases if belongs(case, within, question.window)]
    )
    if question.severities or question.services or question.teams or question.tags:
        found = filter(_Filter(question), found)
    return list(found) if isinstance(cases, InOrder) else sorted(found, key=declaration_order)


def counts(case: Case, question: Question) -> bool:
    """Whether it is in the figures: no duplicate, not cancelled, and a drill only where drills are asked for."""
    is_out = case.duplicate_of is not None or case.cancel_reason is not None or case.status is Status.CANCELED
    return not is_out and (question.include_drills or not case.is_drill)


def is_duplicate(case: Case) -> bool:
    """Whether another incident stands for it."""
    return case.duplicate_of is not None or case.cancel_reason is CancelReason.DUPLICATE


def is_cancelled(case: Case) -> bool:
    """Whether it was none: a false alarm, or not an incident. A duplicate is not counted here, but by itself."""
    return (case.status is Status.CANCELED or case.cancel_reason is not None) and not is_duplicate(case)


def belongs(case: Case, period: Period, window: Window) -> bool:
    """Whether it is one of the period: declared in it or, by the other window, resolved in it.

    The first moment belongs to a period, the last one to the next. What is not resolved belongs to no period of the second kind, and what
    was declared nobody knows when to all of history alone.
    """
    if _is_always(period, window):
        return True
    at = moment_of(case, window)
    if at is None:
        return False
    return (period.since is None or at >= period.since) and (period.until is None or at < period.until)


def _is_always(period: Period, window: Window) -> bool:
    return period.since is None and period.until is None and window is Window.DECLARED


def moment_of(case: Case, window: Window) -> datetime | None:
    """The moment that makes it one of a period. Its declaration, where no time of it is known, is the day that its id begins with."""
    if window is Window.RESOLVED:
        resolved = case.times.get("resolved_at")
        return resolved.at if resolved is not None else None
    return case.declared_at or _day_of_id(case.id)


def declaration_order(case: Case) -> tuple[datetime, str, str]:
    """What sorts incidents by their declaration; those of one second by their ids."""
    declared = case.times.get("declared_at")
    at = declared.at if declared is not None else _day_of_id(case.id) or _EARLIEST
    return at, case.id, case.repository


def severity_of(case: Case, question: Question) -> str:
    """The severity that it is counted under: its most severe one, unless the question asks for another."""
    match question.severity_at:
        case SeverityAt.DECLARED:
            return case.severity_declared
        case SeverityAt.FINAL:
            return case.severity_final
        case _:
            return case.severity_peak


def _day_of_id(incident_id: str) -> datetime | None:
    # Where several repositories are read, an id that two of them have begins with the name of one.
    try:
        return datetime.fromisoformat(incident_id.rpartition("/")[2][:10]).replace(tzinfo=UTC)
    except ValueError:
        return None


class _Filter:
    """The filters of a question: an incident passes with one of each that is given, in any case."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._severities = _folded(question.severities)
        self._services = _folded(question.services)
        self._teams = _folded(question.teams)
        self._tags = _folded(question.tags)

    def __call__(self, case: Case) -> bool:
        return (
            (not self._severities or severity_of(case, self._question).casefold() in self._severities)
            and (not self._services or not self._services.isdisjoint(_folded(case.services)))
            and (not self._teams or (case.team or "").casefold() in self._teams)
            and (not self._tags or not self._tags.isdisjoint(_folded(case.tags)))
        )


def _folded(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)
