"""Recording lag: from the moment at which something happened to the moment at which it was recorded. And the quality of the data.

- It is taken over all entries of the period's incidents that change what is believed of them: a note is none, nor is what was withdrawn.
- When an entry was recorded is its mark `(recorded TIME)`; else its own time, where the commit that brought it says that it wrote it just
  then; else the author date of that commit.
- Left out, and counted by reason: `imported`; `batch` (its commit touches many incidents); `squashed`; `skewed` (a clock was wrong);
  `from_history` (changed by hand, so that its time is that of the commit); `unknown` (nothing tells when).
- A long lag says that the times of the record were remembered, not noted. p90 from 10 entries on.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from incidentctl.stats.case import Case, Doubt, Evidence, Origin, Transition
from incidentctl.stats.question import Question
from incidentctl.stats.report import DataQuality, Lag
from incidentctl.stats.sample import median, p90
from incidentctl.stats.selection import counting

FROM_HISTORY = "from_history"
UNKNOWN = "unknown"


def recording_lag(cases: Iterable[Case], question: Question) -> Lag:
    """The recording lag of the question's period, `cases` being all that are known. `left_out` has the reasons that there were."""
    return _lag(counting(cases, question))


def data_quality(evidence: Evidence, question: Question, *, now: datetime) -> DataQuality:
    """What has to be known before the figures are believed.

    Lag, transitions that only history tells, assumed detections, estimates, imports and contradictions are of the incidents that count
    in the period; what the history is like, and what could not be read, is of all of it. Assumed and estimated are numbers of incidents.
    """
    counted = counting(evidence.cases, question)
    return DataQuality(
        recording=_lag(counted),
        tip=evidence.tip,
        commits=evidence.commits,
        walked=evidence.walked,
        from_history=sum(
            1 for case in counted for each in case.transitions if each.source.origin is Origin.HISTORY and each.counts
        ),
        assumed_detection=sum(1 for case in counted if is_detection_assumed(case)),
        estimated=sum(1 for case in counted if any(fact.is_estimated for fact in case.times.values())),
        imported=sum(1 for case in counted if case.is_imported),
        unreadable=evidence.unreadable,
        deleted=evidence.deleted,
        batches=evidence.batches,
        squashed=evidence.squashed,
        skewed=evidence.skewed,
        uncommitted=evidence.uncommitted,
        unpublished=evidence.unpublished,
        contradictions=tuple(f"{case.id}: {key}" for case in counted for key in case.contradictions),
    )


def is_detection_assumed(case: Case) -> bool:
    """Whether detection counts as the declaration: a person opened it, and the record has no other first report."""
    detected = case.times.get("detected_at")
    if detected is not None:
        return detected.source.origin is Origin.ASSUMED
    return not case.opened_by_agent and case.declared_at is not None and "detected_at" not in case.contradictions


def _lag(cases: Sequence[Case]) -> Lag:
    lags: list[float] = []
    left_out: Counter[str] = Counter()
    for case in cases:
        for each in case.transitions:
            if each.is_state and each.counts:
                lag = lag_of(case, each)
                if isinstance(lag, str):
                    left_out[lag] += 1
                else:
                    lags.append(lag)
    return Lag(len(lags), median(lags), p90(lags), {why: left_out[why] for why in sorted(left_out)})


def lag_of(case: Case, transition: Transition) -> float | str:
    """Seconds from a moment to its being recorded; the word for why not, where that is not sound."""
    if case.is_imported:
        return Doubt.IMPORTED.value
    if transition.doubt is not None:
        return transition.doubt.value
    if transition.source.origin is Origin.HISTORY:
        return FROM_HISTORY
    lag = transition.lag
    return UNKNOWN if lag is None else lag
