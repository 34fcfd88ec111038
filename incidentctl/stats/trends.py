"""How a duration develops: its median over four quarters, once for each quarter. A month against a month says nothing."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from incidentctl.stats import sample
from incidentctl.stats.period import quarters_between, rolling_year, zone_of
from incidentctl.stats.question import Question
from incidentctl.stats.report import TrendPoint

MOST_QUARTERS: Final = 40
"""Ten years: what lies further back, or has a wrong year, makes no trend."""
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC, microsecond=0)


def trend(values: Sequence[tuple[datetime, float]], question: Question, *, now: datetime) -> tuple[TrendPoint, ...]:
    """A point for each quarter of the period, up to now, each over the four quarters that end with it.

    `values` are a duration's, in seconds, of all that counts, also before the period, with the moment that makes it one of a period. The
    first quarter is that of the first of them, where the period begins before it or has no beginning. In the first year the quarters
    before it are empty; what is after the end of the period is in no point.
    """
    ordered = sorted(values)
    period = question.period
    end = min(period.until or _LAST_MOMENT, now + min(timedelta(seconds=1), _LAST_MOMENT - now))
    if not ordered or ordered[0][0] >= end:
        return ()
    begin = ordered[0][0] if period.since is None else max(period.since, ordered[0][0])
    zone = zone_of(period)
    # A year or two more than the quarters that are kept: no calendar of centuries is made for a wrong year.
    begin = max(begin, end - min(timedelta(days=93 * MOST_QUARTERS), end - begin))
    quarters = quarters_between(begin, end, zone, question.fiscal_year_start)[-MOST_QUARTERS:]
    moments = [at for at, _ in ordered]
    points: list[TrendPoint] = []
    for quarter in quarters:
        year = rolling_year(quarter, zone)
        until = min(year.until, end)
        first, after = bisect_left(moments, year.since), bisect_left(moments, until)
        seconds = sorted([value for _, value in ordered[first:after]])
        point = TrendPoint(quarter.name, len(seconds), sample.median(seconds), sample.median_interval(seconds), until)
        points.append(point)
    return tuple(points)
