"""The way to each number: which incidents it is made of, what each of them says, and where that stands. Pure.

An explanation is a list of steps, from the definition to the figure; each step names the moments or the facts that it takes, with
the line of the record or the commit that each came from.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from incidentctl.errors import UsageError
from incidentctl.incident.policy import Scale
from incidentctl.incident.times import quoted
from incidentctl.stats.case import Case, Fact, Source
from incidentctl.stats.catalogue import DURATIONS, definition_of
from incidentctl.stats.durations import DurationMetric, as_entry, read_duration, summarise
from incidentctl.stats.metrics import action_items, incident_counts, process, recording, repeats
from incidentctl.stats.question import Question
from incidentctl.stats.report import DurationFigure, DurationState
from incidentctl.stats.selection import asked, counting, counts, is_cancelled, is_duplicate, severity_of


class End(Struct, frozen=True):
    """One end of a duration, or another fact: its name, its moment where that is known, and the way to it."""

    name: str
    fact: Fact | None


class ExplainedIncident(Struct, frozen=True):
    """What one incident gives to a figure. `value` in seconds for durations; `verdict` in a word; `reason` in a sentence, if any.

    `ends` are the facts that it rests on; `sources` other places where it can be read.
    """

    id: str
    title: str
    severity: str
    verdict: str
    value: float | None = None
    reason: str = ""
    ends: tuple[End, ...] = ()
    sources: tuple[tuple[str, Source], ...] = ()


class Explanation(Struct, frozen=True):
    """The way to one figure. `figure` where it is a duration; `result` is the figure in words, `None` where it is not known."""

    metric: str
    title: str
    definition: str
    result: str | None
    incidents: tuple[ExplainedIncident, ...]
    figure: DurationFigure | None = None


OTHERS = ("incidents", "action_items", "repeats", "process", "recording_lag")
"""The figures besides the durations that can be explained."""

_ALIASES = {
    "time_to_mitigate": "mttm",
    "time_to_detect": "mttd",
    "time_to_acknowledge": "mtta",
    "time_to_resolve": "mttr",
    "impact": "user_impact",
    "count": "incidents",
    "counts": "incidents",
    "incident_count": "incidents",
    "completion": "action_items",
    "completion_rate": "action_items",
    "actions": "action_items",
    "repeat": "repeats",
    "lag": "recording_lag",
    "recording": "recording_lag",
}


def metric_names() -> tuple[str, ...]:
    """All that can be explained, in the order of a report."""
    return (*(metric.name for metric in DURATIONS), *OTHERS)


def find_metric(word: str) -> str:
    """The name of the figure that a word means; a UsageError names those that there are."""
    wanted = word.strip().casefold().replace("-", "_").replace(" ", "_")
    wanted = _ALIASES.get(wanted, wanted)
    if wanted in metric_names():
        return wanted
    from difflib import get_close_matches

    close = get_close_matches(wanted, [*metric_names(), *_ALIASES], n=1)
    hint = f"did you mean {_ALIASES.get(close[0], close[0])}? " if close else ""
    raise UsageError(
        f"there is no figure {quoted(word)}",
        hint=f"{hint}There are {', '.join(metric_names())}",
        candidates=metric_names(),
    )


def explain(
    name: str,
    cases: Sequence[Case],
    question: Question,
    *,
    now: datetime,
    scale: Scale,
    incident: str | None = None,
) -> Explanation:
    """The way to a figure, or to what one incident gives to it. Raises `UsageError` for an incident that the question leaves out."""
    metric = next((each for each in DURATIONS if each.name == name), None)
    if metric is not None:
        return _explain_duration(metric, cases, question, now, incident)
    found = _EXPLAINED[name](cases, question, now, scale)
    if incident is None:
        return found
    return Explanation(
        found.metric,
        found.title,
        found.definition,
        found.result,
        tuple(each for each in found.incidents if each.id == incident) or (_not_in_it(cases, question, incident),),
    )


def _explain_duration(
    metric: DurationMetric, cases: Sequence[Case], question: Question, now: datetime, incident: str | None
) -> Explanation:
    counted = counting(cases, question)
    readings = [(case, read_duration(metric, case, question, now=now)) for case in counted]
    figure = summarise(metric, [as_entry(case, reading) for case, reading in readings])
    explained = [
        ExplainedIncident(
            id=case.id,
            title=case.title,
            severity=severity_of(case, question),
            verdict="assumed" if reading.is_assumed and reading.seconds is not None else reading.state.value,
            value=reading.seconds,
            reason=reading.reason,
            ends=(End(metric.start, reading.start), End(metric.end, reading.end)),
        )
        for case, reading in readings
        if incident is None or case.id == incident
    ]
    if incident is not None and not explained:
        explained = [_not_in_it(cases, question, incident)]
    explained.sort(key=lambda each: (each.value is None, each.value or 0.0))
    return Explanation(
        metric.name, metric.title, definition_of(metric), None, tuple(explained), figure if incident is None else None
    )


def _not_in_it(cases: Iterable[Case], question: Question, incident: str) -> ExplainedIncident:
    """Why an incident gives nothing to a figure."""
    case = next((each for each in cases if each.id == incident), None)
    if case is None:
        raise UsageError(
            f"{incident} is in no figure",
            hint="its file cannot be read, or was not there then: `ictl stats report` names those",
        )
    if counts(case, question):
        is_asked = any(each.id == incident for each in asked(cases, question))
        outside = f"it is not in the period ({question.period.title}), or a filter leaves it out"
        reason = "nothing in it counts here" if is_asked else outside
    elif is_duplicate(case):
        reason = f"it is a duplicate{f' of {case.duplicate_of}' if case.duplicate_of else ''}: the other one is counted"
    elif is_cancelled(case):
        reason = f"it was canceled{f' ({case.cancel_reason.value})' if case.cancel_reason else ''}"
    else:
        reason = "it is a drill: see --include-drills"
    return ExplainedIncident(case.id, case.title, severity_of(case, question), "not counted", reason=reason)


def _text_of(module: object) -> str:
    return (module.__doc__ or "").strip()


def _explain_incidents(cases: Sequence[Case], question: Question, now: datetime, scale: Scale) -> Explanation:
    counted = counting(cases, question)
    figure = incident_counts.count_incidents(cases, question, now=now, scale=scale)
    rows = [
        ExplainedIncident(
            case.id,
            case.title,
            severity_of(case, question),
            "counted",
            ends=(End("declared_at", case.times.get("declared_at")),),
            sources=tuple(
                (f"severity {each.value}", each.source)
                for each in case.transitions
                if each.counts and each.kind in ("opened", "severity")
            ),
        )
        for case in counted
    ]
    rows += [_not_in_it(cases, question, case.id) for case in asked(cases, question) if not counts(case, question)]
    by_severity = ", ".join(f"{name} {count}" for name, count in figure.by_severity.items())
    result = f"{figure.total} incidents" + (f" ({by_severity})" if by_severity else "")
    return Explanation("incidents", "Incidents", _text_of(incident_counts), result, tuple(rows))


def _explain_items(cases: Sequence[Case], question: Question, now: datetime, scale: Scale) -> Explanation:
    figure = action_items.judge_items(cases, question, now=now, scale=scale)
    by_id = {case.id: case for case in cases}
    rows = []
    for judged in figure.items:
        item = judged.item
        case = by_id.get(item.incident)
        sources = [("item", item.source)]
        sources += [(f"due {move.before or 'none'} → {move.after or 'none'}", move.source) for move in item.moves]
        sources += [("done", item.done)] if item.done is not None else []
        sources += [("dropped", item.dropped)] if item.dropped is not None else []
        rows.append(
            ExplainedIncident(
                item.incident,
                item.text,
                severity_of(case, question) if case is not None else "",
                judged.outcome.value,
                reason=judged.why,
                sources=tuple(sources),
            )
        )
    result = (
        None if figure.rate is None else f"{figure.in_time} in time of {figure.due} due = {figure.rate * 100:.0f} %"
    )
    return Explanation("action_items", "Action item completion rate", _text_of(action_items), result, tuple(rows))


def _explain_repeats(cases: Sequence[Case], question: Question, now: datetime, scale: Scale) -> Explanation:
    figure = repeats.find_repeats(cases, question, now=now, scale=scale)
    by_id = {case.id: case for case in cases}
    rows = [
        ExplainedIncident(
            each.id,
            by_id[each.id].title if each.id in by_id else "",
            severity_of(by_id[each.id], question) if each.id in by_id else "",
            "repeat",
            reason=f"of {each.earlier}: {f'root cause {each.cause}' if each.cause else 'said by repeat_of'}",
            ends=(End("declared_at", by_id[each.id].times.get("declared_at") if each.id in by_id else None),),
            sources=tuple((f"left undone then: {item.text}", item.source) for item in each.left_undone),
        )
        for each in figure.repeats
    ]
    result = f"{len(figure.repeats)} repeats among {figure.with_cause} with a recorded cause; {figure.without_cause} have none"
    return Explanation("repeats", "Repeat incidents", _text_of(repeats), result, tuple(rows))


def _explain_process(cases: Sequence[Case], question: Question, now: datetime, scale: Scale) -> Explanation:
    rows = []
    for case in counting(cases, question):
        due = f"response due {case.response_due_at:%Y-%m-%d %H:%MZ}" if case.response_due_at is not None else ""
        cadence = case.cadence
        words = [
            due,
            f"post-mortem due {case.postmortem_due_on}" if case.postmortem_due_on is not None else "",
            f"{cadence.updates} updates, {cadence.unchanged} of them unchanged",
            f"{cadence.kept} of {cadence.intervals} intervals kept" if cadence.intervals else "",
        ]
        published = case.postmortem.published if case.postmortem is not None else None
        rows.append(
            ExplainedIncident(
                case.id,
                case.title,
                severity_of(case, question),
                "counted",
                reason="; ".join(word for word in words if word),
                ends=(
                    End("declared_at", case.times.get("declared_at")),
                    End("first commander", case.commander),
                    End("acknowledged_at", case.times.get("acknowledged_at")),
                    End("first public word", case.status_page),
                    End("postmortem_published_at", published),
                ),
            )
        )
    return Explanation("process", "How the process was kept", _text_of(process), None, tuple(rows))


def _explain_recording(cases: Sequence[Case], question: Question, now: datetime, scale: Scale) -> Explanation:
    figure = recording.recording_lag(cases, question)
    rows = []
    for case in counting(cases, question):
        for each in case.transitions:
            if not (each.counts and each.is_state):
                continue
            lag = recording.lag_of(case, each)
            rows.append(
                ExplainedIncident(
                    case.id,
                    f"{each.kind} {each.value}".strip(),
                    severity_of(case, question),
                    lag if isinstance(lag, str) else DurationState.RECORDED.value,
                    None if isinstance(lag, str) else lag,
                    ends=(End("at", Fact(each.at, each.source)),)
                    + ((End("recorded", Fact(each.recorded_at, each.source)),) if each.recorded_at is not None else ()),
                )
            )
    result = None if figure.median is None else f"median {figure.median:g} s of {figure.n}"
    return Explanation("recording_lag", "Recording lag", _text_of(recording), result, tuple(rows))


_EXPLAINED = {
    "incidents": _explain_incidents,
    "action_items": _explain_items,
    "repeats": _explain_repeats,
    "process": _explain_process,
    "recording_lag": _explain_recording,
}
