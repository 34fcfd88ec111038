"""The durations that are measured, in the order in which they are printed. A new one is a module in `metrics/` and a line here."""

from incidentctl.errors import UsageError
from incidentctl.incident.times import quoted
from incidentctl.stats.durations import DurationMetric
from incidentctl.stats.metrics import (
    time_to_acknowledge,
    time_to_detect,
    time_to_mitigate,
    time_to_resolve,
    user_impact,
)

_MODULES = (time_to_mitigate, time_to_detect, time_to_acknowledge, time_to_resolve, user_impact)

DURATIONS: tuple[DurationMetric, ...] = tuple(module.METRIC for module in _MODULES)


def find_duration(word: str) -> DurationMetric:
    """The duration of that name, as `mttm` or `user-impact`, in any case; a UsageError names those that there are."""
    wanted = word.strip().casefold().replace("-", "_").replace(" ", "_")
    for metric in DURATIONS:
        if metric.name == wanted:
            return metric
    names = [metric.name for metric in DURATIONS]
    raise UsageError(f"there is no duration {quoted(word)}", hint=f"there are {', '.join(names)}", candidates=names)


def definition_of(metric: DurationMetric) -> str:
    """What it measures and why, in the words of the documentation: paragraphs of plain text."""
    module = next(each for each in _MODULES if each.METRIC is metric)
    return (module.__doc__ or "").strip()
