"""One incident's durations: which two moments are the ends, what state a duration is in, and why in a sentence. And many as a figure.

Nothing is guessed: what is not known is left out and says why. The one assumption, that an incident which a person opened was detected
when it was declared, is marked on each value that rests on it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.incident.entries import Status
from incidentctl.incident.times import format_instant
from incidentctl.stats import sample
from incidentctl.stats.case import Case, Fact, Origin
from incidentctl.stats.question import Occurrence, Question
from incidentctl.stats.report import DurationFigure, DurationState, Excluded, Value

_LAST_MOMENT: Final = datetime.max.replace(tzinfo=UTC)
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


class Reading(Struct, frozen=True, gc=False):
    """What one incident says of one duration. `seconds` only where it is recorded, `reason` a sentence where it is not.

    `start` and `end` are the ends as far as they are known, with the way to each. `is_assumed`: one of them is an assumed detection, whose
    source has the origin `assumed`; `is_estimated`: people say of one of them that it is an estimate.
    """

    state: DurationState
    start: Fact | None = None
    end: Fact | None = None
    seconds: float | None = None
    reason: str = ""
    is_assumed: bool = False
    is_estimated: bool = False


class CaseReading(Struct, frozen=True, gc=False):
    """What one incident says of several durations, in their order, as it stands in the figures; and the ends that it was read from."""

    case: Case
    ends: Mapping[str, Fact]
    said: tuple[Value | Excluded, ...]

    @property
    def is_assumed(self) -> bool:
        """Whether its detection is assumed."""
        return _is_assumed(self.ends.get("detected_at"))


def read_duration(metric: DurationMetric, case: Case, question: Question, *, now: datetime) -> Reading:
    """The state of one duration of one incident, whether it counts or not. `now` tells what cannot have happened yet."""
    return _Reader(case, question, now).read(metric)


def read_case(metrics: Sequence[DurationMetric], case: Case, question: Question, *, now: datetime) -> CaseReading:
    """The same for several durations of one incident."""
    reader = _Reader(case, question, now)
    return CaseReading(case, reader.ends, tuple([reader.say(metric) for metric in metrics]))


def ends_of(case: Case, question: Question) -> Mapping[str, Fact]:
    """The moments that a question means, by their keys; those that are not known are not in it.

    A mitigation and a resolution are those of the last episode, or of the first where the question asks for it. A detection that nobody
    wrote down is the declaration, if a person declared: it was the first report.
    """
    is_first = _is_first_episode(case, question)
    if "detected_at" in case.times and not is_first and not case.contradictions:
        return case.times
    ends = dict(case.times)
    if is_first:
        for key in _MILESTONES:
            ends.pop(key, None)
            if key in case.first_times:
                ends[key] = case.first_times[key]
    for key in _contradictory(case, question):
        ends.pop(key, None)
    declared = ends.get("declared_at")
    is_unknown = "detected_at" not in ends and "detected_at" not in case.contradictions
    if is_unknown and declared is not None and not case.opened_by_agent:
        source = replace(declared.source, origin=Origin.ASSUMED)
        ends["detected_at"] = Fact(declared.at, source, declared.is_estimated)
    return ends


def _contradictory(case: Case, question: Question) -> Sequence[str]:
    """The keys of which nothing is known. A contradiction is about the last episode, and does not touch the end of the first."""
    if not case.contradictions or not _is_first_episode(case, question):
        return case.contradictions
    return [key for key in case.contradictions if key not in _MILESTONES]


_Judged = tuple[DurationState, str]


class _Reader:
    """One incident, whose durations are read: its ends, and what is asked of them."""

    def __init__(self, case: Case, question: Question, now: datetime) -> None:
        self.case = case
        self.ends = ends_of(case, question)
        self._question = question
        self._now = now
        self._latest = now + min(_TOLERANCE, _LAST_MOMENT - now)
        detected = self.ends.get("detected_at")
        self._assumed = detected if _is_assumed(detected) else None
        self._is_first_episode = _is_first_episode(case, question)
        self._status_is_known = "status" not in case.contradictions or self._is_first_episode
        # Whether two ends in their order are all that has to be asked for.
        self._is_plain = (
            self._assumed is None and not case.contradictions and case.status in (Status.RESOLVED, Status.CLOSED)
        )

    def say(self, metric: DurationMetric) -> Value | Excluded:
        """What `read` says, as it stands in a figure. Nearly all are plain, and a report of ten thousand incidents has fifty thousand."""
        start, end = self.ends.get(metric.start), self.ends.get(metric.end)
        if self._is_plain and start is not None and end is not None and start.at < end.at <= self._latest:
            seconds = (end.at - start.at).total_seconds()
            return Value(self.case.id, seconds, is_estimated=start.is_estimated or end.is_estimated)
        return as_entry(self.case, self.read(metric))

    def read(self, metric: DurationMetric) -> Reading:
        start, end = self.ends.get(metric.start), self.ends.get(metric.end)
        assumed = self._assumed if self._assumed is not None and "detected_at" in (metric.start, metric.end) else None
        state, reason = self._judged(metric, start, end, assumed)
        is_estimated = (start is not None and start.is_estimated) or (end is not None and end.is_estimated)
        seconds = None
        if state is DurationState.RECORDED and start is not None and end is not None:
            seconds = (end.at - start.at).total_seconds()
        return Reading(state, start, end, seconds, reason, assumed is not None, is_estimated)

    def _judged(self, metric: DurationMetric, start: Fact | None, end: Fact | None, assumed: Fact | None) -> _Judged:
        if self.case.contradictions:
            for key in (metric.start, metric.end):
                if key in _contradictory(self.case, self._question):
                    return DurationState.SUSPECT, f"its front matter and its timeline do not agree on {key}"
        if assumed is not None and not metric.takes_assumed:
            return (
                DurationState.NOT_APPLICABLE,
                f"no detection is recorded: it counts as detected when it was declared, {told(assumed.at)}",
            )
        if assumed is not None and self._question.measured_only:
            return (
                DurationState.NOT_APPLICABLE,
                f"its detection is assumed, from the declaration at {told(assumed.at)}, and only measured ones are asked for",
            )
        if start is None:
            # Also while it is open: no later step brings it.
            return DurationState.NOT_APPLICABLE, f"when {_WORDS[metric.start]} is not recorded ({metric.start})"
        if end is None:
            return self._without_end(metric)
        return self._between(metric, start, end)

    def _without_end(self, metric: DurationMetric) -> _Judged:
        case = self.case
        if metric.end == "detected_at":
            return DurationState.NOT_APPLICABLE, "when it was detected is not recorded (detected_at)"
        happened = _WORDS[metric.end].removeprefix("it was ")
        if self._is_first_episode and metric.end in _MILESTONES:
            before = f"before it was reopened, {told(case.reopened[0].at)}"
            return DurationState.NOT_APPLICABLE, f"it was not {happened} {before}"
        if not self._status_is_known:
            return DurationState.SUSPECT, "its front matter and its timeline do not agree on its status"
        reopened = f" since it was reopened, {told(case.reopened[-1].at)}" if case.reopened else ""
        milestone = _MILESTONES.get(metric.end, Status.RESOLVED)
        if case.status.rank < milestone.rank:
            return DurationState.PENDING, f"it is not {happened} yet{reopened}: its status is {case.status.value}"
        if case.status is _MILESTONES.get(metric.end):
            return DurationState.NOT_APPLICABLE, f"it is {happened}, but when is not recorded ({metric.end})"
        if metric.end == "acknowledged_at":
            return DurationState.NOT_APPLICABLE, f"it was {self._over()}, and nobody had acknowledged it"
        noun = {"mitigated_at": "a mitigation", "resolved_at": "a resolution"}[metric.end]
        return DurationState.NOT_APPLICABLE, f"it was {self._over()}, without {noun}{reopened}"

    def _over(self) -> str:
        for key, word in (("resolved_at", "resolved"), ("closed_at", "closed")):
            fact = self.ends.get(key)
            if fact is not None:
                return f"{word} {told(fact.at)}"
        return self.case.status.value

    def _between(self, metric: DurationMetric, start: Fact, end: Fact) -> _Judged:
        is_short = not self._is_plain and self._is_short_of(metric.end)
        if start.at < end.at <= self._latest and not is_short:
            return DurationState.RECORDED, ""
        ends = f"{_WORDS[metric.end]} {told(end.at)}"
        if end.at < start.at:
            if start is self._assumed:
                # Declared after it was over is legal, so nothing is wrong with the record: the declaration was not the detection.
                return (
                    DurationState.NOT_APPLICABLE,
                    f"no detection is recorded, and {ends}, before it was declared, {told(start.at)}",
                )
            return DurationState.INVALID, f"{ends}, before {_WORDS[metric.start]}, {told(start.at)}"
        if end.at > self._latest:
            return DurationState.SUSPECT, f"{ends}, which is still to come: this report is of {told(self._now)}"
        if is_short:
            return DurationState.SUSPECT, f"{metric.end} is {told(end.at)}, but its status is {self.case.status.value}"
        if end.at == start.at and metric.zero_is_suspect:
            return (
                DurationState.SUSPECT,
                f"{_WORDS[metric.start]} and {ends.removeprefix('it was ')} in the same second",
            )
        return DurationState.RECORDED, ""

    def _is_short_of(self, key: str) -> bool:
        """Whether the timeline says that it is not that far, whatever the key says."""
        milestone = _MILESTONES.get(key)
        if milestone is None or self._is_first_episode or not self._status_is_known:
            return False
        return self.case.status.rank < milestone.rank


def told(at: datetime) -> str:
    """A moment inside a sentence: `2026-05-14 10:48Z`, with seconds where there are any."""
    text = format_instant(at).replace("T", " ")
    return f"{text[:16]}Z" if text.endswith(":00Z") else text


def _is_assumed(fact: Fact | None) -> bool:
    return fact is not None and fact.source.origin is Origin.ASSUMED


def _is_first_episode(case: Case, question: Question) -> bool:
    return question.occurrence is Occurrence.FIRST and bool(case.reopened)


# Many incidents.


def as_entry(case: Case, reading: Reading) -> Value | Excluded:
    """A reading as it stands in a figure."""
    if reading.seconds is None:
        return Excluded(case.id, reading.state, reading.reason)
    return Value(case.id, reading.seconds, reading.is_assumed, reading.is_estimated)


def summarise(metric: DurationMetric, entries: Sequence[Value | Excluded]) -> DurationFigure:
    """The figure of one duration over the incidents that count, in their order: each of them is a value, or excluded with its reason."""
    values = tuple(entry for entry in entries if isinstance(entry, Value))
    seconds = sorted([value.seconds for value in values])
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
