"""All figures put together: from what is known of the incidents and what is asked, to the report. Nothing else decides what is in it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from incidentctl.incident.policy import Scale
from incidentctl.stats.case import Case, Evidence, Fact, Origin
from incidentctl.stats.catalogue import DURATIONS
from incidentctl.stats.comparison import compare
from incidentctl.stats.durations import DurationMetric, Reading, as_entry, end_of, read_duration, summarise
from incidentctl.stats.grouping import group_cases
from incidentctl.stats.metrics.action_items import judge_items
from incidentctl.stats.metrics.incident_counts import count_incidents, severe_names
from incidentctl.stats.question import Question
from incidentctl.stats.report import (
    DataQuality,
    DurationFigure,
    Excluded,
    Group,
    IncidentRow,
    Lag,
    Period,
    ProcessFigure,
    RepeatFigure,
    Report,
    Share,
    TrendPoint,
    Value,
)
from incidentctl.stats.selection import belongs, counting, moment_of, severity_of
from incidentctl.stats.trends import trend


def build_report(
    evidence: Evidence, question: Question, *, now: datetime, scale: Scale, repositories: tuple[str, ...] = ()
) -> Report:
    """The report of a question. `now` is the moment at which it is looked at: what is open, late or overdue is so then."""
    readings = _Readings(evidence.cases, question, now)
    places = readings.within(question.period)
    cases = [readings.cases[place] for place in places]
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
        rows=tuple(_row(readings, place) for place in places),
        severe_ids=tuple(case.id for case in cases if severe(severity_of(case, question))),
        durations=tuple(readings.compared(metric, places, before) for metric in DURATIONS),
        trends={metric.name: readings.trend(metric) for metric in DURATIONS},
        counts=count_incidents(evidence.cases, question, now=now, scale=scale),
        action_items=judge_items(evidence.cases, question, now=now, scale=scale),
        repeats=RepeatFigure((), 0, 0),
        process=ProcessFigure(
            None, 0, (), 0, 0, Share(0, 0), None, None, None, Share(0, 0), Share(0, 0), None, 0, Share(0, 0)
        ),
        impact=(),
        quality=DataQuality(
            Lag(0, None, None), evidence.tip, evidence.commits, evidence.walked, 0, 0, 0, 0, evidence.unreadable
        ),
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
        self.question = question
        self._now = now
        always = replace(question.period, since=None, until=None)
        self.cases = counting(cases, question, always)
        self.readings: dict[str, list[Reading]] = {
            metric.name: [read_duration(metric, case, question, now=now) for case in self.cases] for metric in DURATIONS
        }
        self._entries: dict[str, list[Value | Excluded]] = {
            name: [as_entry(case, reading) for case, reading in zip(self.cases, readings, strict=True)]
            for name, readings in self.readings.items()
        }

    def within(self, period: Period) -> list[int]:
        """The places of those of a period."""
        window = self.question.window
        return [place for place, case in enumerate(self.cases) if belongs(case, period, window)]

    def figure(self, metric: DurationMetric, places: Sequence[int]) -> DurationFigure:
        entries = self._entries[metric.name]
        return summarise(metric, [entries[place] for place in places])

    def figures(self, places: Sequence[int]) -> tuple[DurationFigure, ...]:
        return tuple(self.figure(metric, places) for metric in DURATIONS)

    def compared(self, metric: DurationMetric, places: Sequence[int], before: Sequence[int] | None) -> DurationFigure:
        figure = self.figure(metric, places)
        return figure if before is None else replace(figure, comparison=compare(figure, self.figure(metric, before)))

    def trend(self, metric: DurationMetric) -> tuple[TrendPoint, ...]:
        values = [
            (at, reading.seconds)
            for case, reading in zip(self.cases, self.readings[metric.name], strict=True)
            if reading.seconds is not None and (at := moment_of(case, self.question.window)) is not None
        ]
        return trend(values, self.question, now=self._now)


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


def _row(readings: _Readings, place: int) -> IncidentRow:
    case, question = readings.cases[place], readings.question
    read = {metric.name: readings.readings[metric.name][place] for metric in DURATIONS}
    detected = end_of(case, "detected_at", question)
    is_assumed = detected is not None and detected.source.origin is Origin.ASSUMED
    published = case.postmortem.published if case.postmortem is not None else None
    ends = {
        key: end_of(case, key, question) for key in ("started_at", "acknowledged_at", "mitigated_at", "resolved_at")
    }
    used = [*ends.values(), detected, case.times.get("declared_at"), case.times.get("closed_at"), published]
    return IncidentRow(
        id=case.id,
        title=case.title,
        severity=severity_of(case, question),
        status=case.status.value,
        path=case.path,
        services=case.services,
        started_at=_at(ends["started_at"]),
        detected_at=None if is_assumed else _at(detected),
        declared_at=case.declared_at,
        acknowledged_at=_at(ends["acknowledged_at"]),
        mitigated_at=_at(ends["mitigated_at"]),
        resolved_at=_at(ends["resolved_at"]),
        postmortem_published_at=_at(published),
        closed_at=_at(case.times.get("closed_at")),
        durations={name: reading.seconds for name, reading in read.items() if reading.seconds is not None},
        states={name: reading.state for name, reading in read.items()},
        marks=tuple(_marks(case, [fact for fact in used if fact is not None], is_assumed=is_assumed)),
        repository=case.repository,
    )


def _marks(case: Case, facts: Sequence[Fact], *, is_assumed: bool) -> Iterable[str]:
    """What a reader has to know of an incident's times before believing its durations."""
    if is_assumed:
        yield "assumed"
    if any(fact.is_estimated for fact in facts):
        yield "estimated"
    if any(fact.source.origin is Origin.HISTORY for fact in facts) or any(
        each.source.origin is Origin.HISTORY for each in case.transitions
    ):
        yield "from history"
    if case.contradictions:
        yield "contradictory"
    if case.reopened:
        yield "reopened"
    if case.is_imported:
        yield "imported"
    if case.is_drill:
        yield "drill"


def _at(fact: Fact | None) -> datetime | None:
    return None if fact is None else fact.at
