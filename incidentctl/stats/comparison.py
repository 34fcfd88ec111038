"""A duration against the same one of an earlier period: what changed, and whether that is more than chance. Claims no more than it can."""

from incidentctl.stats import sample
from incidentctl.stats.report import Comparison, DurationFigure


def compare(now: DurationFigure, before: DurationFigure) -> Comparison:
    """Two periods are distinguishable when both have 9 incidents or more and the interval of the difference of their medians excludes 0."""
    interval = sample.difference_interval(_seconds(now), _seconds(before))
    has_both = now.median is not None and before.median is not None
    return Comparison(
        n_before=before.n,
        median_before=before.median,
        difference=(now.median or 0.0) - (before.median or 0.0) if has_both else None,
        ci95=interval,
        is_distinguishable=interval is not None and not interval[0] <= 0 <= interval[1],
        could_have_shown=None if interval is None else (interval[1] - interval[0]) / 2,
    )


def _seconds(figure: DurationFigure) -> list[float]:
    return [value.seconds for value in figure.values]
