"""All figures put together: from what is known of the incidents and what is asked, to the report. Nothing else decides what is in it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from incidentctl.incident.policy import Scale
from incidentctl.stats.case import Case, Evidence, Fact, Origin
from incidentctl.stats.catalogue import DURATIONS
from incidentctl.stats.comparison import compare
from incidentctl.stats.durations import CaseReading, read_case, summarise
from incidentctl.stats.grouping import group_cases
from incidentctl.stats.metrics.action_items import judge_items
from incidentctl.stats.metrics.impact import sum_impact
from incidentctl.stats.metrics.incident_counts import count_incidents, severe_names
from incidentctl.stats.metrics.process import process_figure
from incidentctl.stats.metrics.recording import data_quality
from incidentctl.stats.metrics.repeats import find_repeats
from incidentctl.stats.question import Question
from incidentctl.stats.report import (
    DurationFigure,
    DurationState,
    Group,
    IncidentRow,
    Period,
    Report,
    TrendPoint,
    Value,
)
from incidentctl.stats.selection import belongs, counting, in_order, moment_of, severity_of
from incidentctl.stats.trends import trend

_NAMES = tuple(metric.name for metric in DURATIONS)


def build_report(
    evidence: Evidence, question: Question, *, now: datetime, scale: Scale, repositories: tuple[str, ...] = ()
) -> Report:
    """The report of a question. `now` is the moment at which it is looked at: what is open, late or overdue is so then."""
    evidence = replace(evidence, cases=in_order(evidence.cases))
    readings = _Readings(evidence.cases, question, now)
    places = readings.within(question.period)
    within = [readings.of_cases[place] for place in places]
    cases = [read.case for read in within]
    severe = _Severe(scale)
    before = None if question.compared_with is None else readings.within(question.compared_with)
    return Report(
        period=question.period,
        now=now,
        compared_with=question.compared_with,
        severity_at=question.severity_at.value,
        occurrence=question.occurrence.value,
        window=question.window.value,
        filters=_filters(question),
        rows=tuple(_row(read, question) for read in within),
        severe_ids=tuple(case.id for case in cases if severe(severity_of(case, question))),
        durations=readings.figures(places, before),
        trends=readings.trends(),
        counts=count_incidents(evidence.cases, question, now=now, scale=scale),
        action_items=judge_items(evidence.cases, question, now=now, scale=scale),
        repeats=find_repeats(evidence.cases, question, now=now, scale=scale),
        process=process_figure(evidence.cases, question, now=now, scale=scale),
        impact=sum_impact(evidence.cases, question),
        quality=data_quality(evidence, question, now=now),
        group_by="" if question.group_by is None else question.group_by.value,
        groups=tuple(
            Group(name, len(group), readings.figures([places[place] for place in group]))
            for name, group in group_cases(cases, question, scale)
        ),
        repositories=repositories,
    )


class _Readings:
    """Every duration of every incident that counts, of all of history: read once, for the period, the one before, groups and trends."""

    def __init__(self, cases: Iterable[Case], question: Question, now: datetime) -> None:
        self._question = question
        self._now = now
        always = replace(question.period, since=None, until=None)
        counted = counting(cases, question, always)
        self.of_cases = [read_case(DURATIONS, case, question, now=now) for case in counted]
        self._moments = [moment_of(case, question.window) for case in counted]
        self._entries = [[read.said[number] for read in self.of_cases] for number in range(len(DURATIONS))]

    def within(self, period: Period) -> list[int]:
        """The places of those of a period."""
        window = self._question.window
        return [place for place, read in enumerate(self.of_cases) if belongs(read.case, period, window)]

    def figures(self, places: Sequence[int], before: Sequence[int] | None = None) -> tuple[DurationFigure, ...]:
        """Each duration over the incidents at these places, compared with those of an earlier period where they are given."""
        figures = [
            summarise(metric, [entries[place] for place in places])
            for metric, entries in zip(DURATIONS, self._entries, strict=True)
        ]
        if before is not None:
            pairs = zip(figures, self.figures(before), strict=True)
            figures = [replace(figure, comparison=compare(figure, earlier)) for figure, earlier in pairs]
        return tuple(figures)

    def trends(self) -> dict[str, tuple[TrendPoint, ...]]:
        """By the name of the duration."""
        found: dict[str, tuple[TrendPoint, ...]] = {}
        for metric, entries in zip(DURATIONS, self._entries, strict=True):
            values = [
                (at, entry.seconds)
                for at, entry in zip(self._moments, entries, strict=True)
                if at is not None and isinstance(entry, Value)
            ]
            found[metric.name] = trend(values, self._question, now=self._now)
        return found


class _Severe(dict[str, bool]):
    """Whether a severity is one that the report begins with: the scale demands a post-mortem of it. Each name is looked up once."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._names = severe_names(scale)

    def __call__(self, name: str) -> bool:
        return self[name]

    def __missing__(self, name: str) -> bool:
        level = self._scale.find(name)
        self[name] = answer = level is not None and level.name in self._names
        return answer


def _filters(question: Question) -> tuple[str, ...]:
    words = [
        f"{word} {name}"
        for word, names in (
            ("severity", question.severities),
            ("service", question.services),
            ("team", question.teams),
            ("tag", question.tags),
        )
        for name in names
    ]
    if question.measured_only:
        words.append("measured only")
    if question.include_drills:
        words.append("with drills")
    return tuple(words)


def _row(read: CaseReading, question: Question) -> IncidentRow:
    case, ends = read.case, read.ends
    published = case.postmortem.published if case.postmortem is not None else None
    facts = [*ends.values()] if published is None else [*ends.values(), published]
    said = tuple(zip(_NAMES, read.said, strict=True))
    return IncidentRow(
        id=case.id,
        title=case.title,
        severity=severity_of(case, question),
        status=case.status.value,
        path=case.path,
        services=case.services,
        started_at=_at(ends.get("started_at")),
        detected_at=None if read.is_assumed else _at(ends.get("detected_at")),
        declared_at=case.declared_at,
        acknowledged_at=_at(ends.get("acknowledged_at")),
        mitigated_at=_at(ends.get("mitigated_at")),
        resolved_at=_at(ends.get("resolved_at")),
        postmortem_published_at=_at(published),
        closed_at=_at(ends.get("closed_at")),
        durations={name: each.seconds for name, each in said if isinstance(each, Value)},
        states={name: DurationState.RECORDED if isinstance(each, Value) else each.state for name, each in said},
        marks=_marks(case, facts, is_assumed=read.is_assumed),
        repository=case.repository,
    )


def _marks(case: Case, facts: Sequence[Fact], *, is_assumed: bool) -> tuple[str, ...]:
    """What a reader has to know of an incident's times before believing its durations."""
    is_estimated = is_from_history = False
    for fact in facts:
        is_estimated |= fact.is_estimated
        is_from_history |= fact.source.origin is Origin.HISTORY
    for transition in case.transitions:
        is_from_history |= transition.source.origin is Origin.HISTORY
    marks = (
        ("assumed", is_assumed),
        ("estimated", is_estimated),
        ("from history", is_from_history),
        ("contradictory", bool(case.contradictions)),
        ("reopened", bool(case.reopened)),
        ("imported", case.is_imported),
        ("drill", case.is_drill),
    )
    return tuple([mark for mark, holds in marks if holds])


def _at(fact: Fact | None) -> datetime | None:
    return None if fact is None else fact.at
