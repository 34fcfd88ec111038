"""One incident's durations: which two moments are the ends, what state a duration is in, and why in a sentence. And many as a figure.

Nothing is guessed: what is not known is left out and says why. The one assumption, that an incident which a person opened was detected
when it was declared, is marked on each value that rests on it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.incident.entries import Status
from incidentctl.incident.times import format_instant
from incidentctl.stats import sample
from incidentctl.stats.case import Case, Fact, Origin
from incidentctl.stats.question import Occurrence, Question
from incidentctl.stats.report import DurationFigure, DurationState, Excluded, Value

# What lies further ahead of the report's moment than two clocks differ has not happened.
_TOLERANCE: Final = timedelta(minutes=2)

# The status that an incident has at least, once that moment has come.
_MILESTONES: Final = {"mitigated_at": Status.MITIGATED, "resolved_at": Status.RESOLVED}

_WORDS: Final = {
    "started_at": "the impact began",
    "detected_at": "it was detected",
    "declared_at": "it was declared",
    "acknowledged_at": "it was acknowledged",
    "mitigated_at": "it was mitigated",
    "resolved_at": "it was resolved",
}


class DurationMetric(Struct, frozen=True):
    """A duration that is measured: its name in formats and options, its title, and the keys of its two ends.

    `takes_assumed`: where no detection is known, the declaration stands in for it. `zero_is_suspect`: both ends in the same second are
    more likely one time typed twice than the truth.
    """

    name: str
    title: str
    start: str
    end: str
    takes_assumed: bool = False
    zero_is_suspect: bool = True


class Reading(Struct, frozen=True):
    """What one incident says of one duration. `seconds` only where it is recorded, `reason` a sentence where it is not.

    `start` and `end` are the ends as far as they are known, with the way to each; an assumed detection has the origin `assumed`.
    """

    state: DurationState
    start: Fact | None = None
    end: Fact | None = None
    seconds: float | None = None
    reason: str = ""

    @property
    def is_assumed(self) -> bool:
        """Whether an end of it is an assumed detection."""
        return _is_assumed(self.start) or _is_assumed(self.end)

    @property
    def is_estimated(self) -> bool:
        """Whether people say of one of its ends that it is an estimate."""
        return any(end is not None and end.is_estimated for end in (self.start, self.end))


def read_duration(metric: DurationMetric, case: Case, question: Question, *, now: datetime) -> Reading:
    """The state of one duration of one incident, whether it counts or not. `now` tells what cannot have happened yet."""
    start, end = (end_of(case, key, question) for key in (metric.start, metric.end))
    state, reason = _judged(metric, case, question, start, end, now)
    if state is not DurationState.RECORDED or start is None or end is None:
        return Reading(state, start, end, reason=reason)
    return Reading(state, start, end, (end.at - start.at).total_seconds())


def end_of(case: Case, key: str, question: Question) -> Fact | None:
    """The moment that a question means by a key, `None` where it is not known.

    A mitigation and a resolution are those of the last episode, or of the first where the question asks for it. A detection that nobody
    wrote down is the declaration, if a person declared: it was the first report.
    """
    if key in case.contradictions and not _is_first_episode(case, key, question):
        return None
    if _is_first_episode(case, key, question):
        return case.first_times.get(key)
    fact = case.times.get(key)
    if fact is None and key == "detected_at" and not case.opened_by_agent:
        declared = case.times.get("declared_at")
        if declared is not None:
            return replace(declared, source=replace(declared.source, origin=Origin.ASSUMED))
    return fact


def _judged(
    metric: DurationMetric, case: Case, question: Question, start: Fact | None, end: Fact | None, now: datetime
) -> tuple[DurationState, str]:
    for key in (metric.start, metric.end):
        if key in case.contradictions and not _is_first_episode(case, key, question):
            return DurationState.SUSPECT, f"its front matter and its timeline do not agree on {key}"
    assumed = start if _is_assumed(start) else end if _is_assumed(end) else None
    if assumed is not None and not metric.takes_assumed:
        return (
            DurationState.NOT_APPLICABLE,
            f"no detection is recorded: it counts as detected when it was declared, {told(assumed.at)}",
        )
    if assumed is not None and question.measured_only:
        return (
            DurationState.NOT_APPLICABLE,
            f"its detection is assumed, from the declaration at {told(assumed.at)}, and only measured ones are asked for",
        )
    if end is None:
        return _without_end(metric, case, question)
    if start is None:
        return DurationState.NOT_APPLICABLE, f"when {_WORDS[metric.start]} is not recorded ({metric.start})"
    return _between(metric, case, question, start, end, now)


def _without_end(metric: DurationMetric, case: Case, question: Question) -> tuple[DurationState, str]:
    if metric.end == "detected_at":
        return DurationState.NOT_APPLICABLE, "when it was detected is not recorded (detected_at)"
    happened = _WORDS[metric.end].removeprefix("it was ")
    if _is_first_episode(case, metric.end, question):
        return (
            DurationState.NOT_APPLICABLE,
            f"it was not {happened} before it was reopened, {told(case.reopened[0].at)}",
        )
    if "status" in case.contradictions:
        return DurationState.SUSPECT, "its front matter and its timeline do not agree on its status"
    reopened = f" since it was reopened, {told(case.reopened[-1].at)}" if case.reopened else ""
    milestone = _MILESTONES.get(metric.end, Status.RESOLVED)
    if case.status.rank < milestone.rank:
        return DurationState.PENDING, f"it is not {happened} yet{reopened}: its status is {case.status.value}"
    if case.status is _MILESTONES.get(metric.end):
        return DurationState.NOT_APPLICABLE, f"it is {happened}, but when is not recorded ({metric.end})"
    over = _over(case)
    if metric.end == "acknowledged_at":
        return DurationState.NOT_APPLICABLE, f"it was {over}, and nobody had acknowledged it"
    noun = {"mitigated_at": "a mitigation", "resolved_at": "a resolution"}[metric.end]
    return DurationState.NOT_APPLICABLE, f"it was {over}, without {noun}{reopened}"


def _over(case: Case) -> str:
    for key, word in (("resolved_at", "resolved"), ("closed_at", "closed")):
        fact = case.times.get(key)
        if fact is not None:
            return f"{word} {told(fact.at)}"
    return case.status.value


def _between(
    metric: DurationMetric, case: Case, question: Question, start: Fact, end: Fact, now: datetime
) -> tuple[DurationState, str]:
    if start.at < end.at <= now + _TOLERANCE and not (
        metric.end in _MILESTONES and case.status.rank < _MILESTONES[metric.end].rank
    ):
        return DurationState.RECORDED, ""
    ends = f"{_WORDS[metric.end]} {told(end.at)}"
    if end.at < start.at:
        if _is_assumed(start):
            # Declared after it was over is legal, so nothing is wrong with the record: the declaration was not the detection.
            return (
                DurationState.NOT_APPLICABLE,
                f"no detection is recorded, and {ends}, before it was declared, {told(start.at)}",
            )
        return DurationState.INVALID, f"{ends}, before {_WORDS[metric.start]}, {told(start.at)}"
    if end.at > now + _TOLERANCE:
        return DurationState.SUSPECT, f"{ends}, which is still to come: this report is of {told(now)}"
    milestone = _MILESTONES.get(metric.end)
    is_short_of_it = milestone is not None and case.status.rank < milestone.rank and "status" not in case.contradictions
    if is_short_of_it and not _is_first_episode(case, metric.end, question):
        return DurationState.SUSPECT, f"{metric.end} is {told(end.at)}, but its status is {case.status.value}"
    if end.at == start.at and metric.zero_is_suspect:
        return DurationState.SUSPECT, f"{_WORDS[metric.start]} and {ends.removeprefix('it was ')} in the same second"
    return DurationState.RECORDED, ""


def told(at: datetime) -> str:
    """A moment inside a sentence: `2026-05-14 10:48Z`, with seconds where there are any."""
    text = format_instant(at).replace("T", " ")
    return f"{text[:16]}Z" if text.endswith(":00Z") else text


def _is_assumed(fact: Fact | None) -> bool:
    return fact is not None and fact.source.origin is Origin.ASSUMED


def _is_first_episode(case: Case, key: str, question: Question) -> bool:
    return question.occurrence is Occurrence.FIRST and bool(case.reopened) and key in _MILESTONES


# Many incidents.


def as_entry(case: Case, reading: Reading) -> Value | Excluded:
    """A reading as it stands in a figure."""
    if reading.seconds is None:
        return Excluded(case.id, reading.state, reading.reason)
    return Value(case.id, reading.seconds, reading.is_assumed, reading.is_estimated)


def summarise(metric: DurationMetric, entries: Sequence[Value | Excluded]) -> DurationFigure:
    """The figure of one duration over the incidents that count, in their order: each of them is a value, or excluded with its reason."""
    values = tuple(entry for entry in entries if isinstance(entry, Value))
    seconds = [value.seconds for value in values]
    return DurationFigure(
        name=metric.name,
        title=metric.title,
        start=metric.start,
        end=metric.end,
        n=len(values),
        eligible=len(entries),
        assumed=sum(value.is_assumed for value in values),
        estimated=sum(value.is_estimated for value in values),
        median=sample.median(seconds),
        p90=sample.p90(seconds),
        mean=sample.mean(seconds),
        ci95=sample.median_interval(seconds),
        values=values,
        excluded=tuple(entry for entry in entries if isinstance(entry, Excluded)),
    )
