"""Values as dots on a scale, in one or two lines of plain text. The scale is logarithmic: durations are skewed."""

import math
from collections.abc import Sequence

from msgspec import Struct


class Glyphs(Struct, frozen=True):
    """The signs of a strip; each takes one column."""

    dot: str = "•"
    line: str = "─"
    interval: str = "━"
    left: str = "├"
    right: str = "┤"
    bar: str = "■"


UNICODE = Glyphs()
ASCII = Glyphs("o", "-", "=", "|", "|", "#")
MEDIAN, P90 = "M", "P"
"""The marks of these on the scale; letters, so that they read in any terminal."""


class Scale(Struct, frozen=True):
    """Seconds to columns. From `low` to `high`, both shown; `width` columns."""

    low: float
    high: float
    width: int

    def column(self, seconds: float) -> int:
        """The column of a value, from 0; what lies outside is at the end."""
        whole = _log(self.high) - _log(self.low)
        if whole <= 0 or self.width < 2:
            return 0
        share = (_log(seconds) - _log(self.low)) / whole
        return round(min(max(share, 0.0), 1.0) * (self.width - 1))


def _log(seconds: float) -> float:
    # A minute more, so that seconds are no distance and 0 has a place.
    return math.log(max(seconds, 0.0) + 60)


def dots(values: Sequence[float], scale: Scale, glyphs: Glyphs) -> str:
    """A dot for each value; where several fall into one column, their number, `+` from ten on."""
    counts: dict[int, int] = {}
    for value in values:
        column = scale.column(value)
        counts[column] = counts.get(column, 0) + 1
    signs = (
        " " if number == 0 else glyphs.dot if number == 1 else str(number) if number < 10 else "+"
        for number in (counts.get(column, 0) for column in range(scale.width))
    )
    return "".join(signs).rstrip()


def axis(
    scale: Scale, glyphs: Glyphs, *, interval: tuple[float, float] | None, median: float | None, p90: float | None
) -> str:
    """The scale itself, with the interval drawn thick and the median and p90 as letters."""
    signs = [glyphs.line] * scale.width
    if interval is not None:
        for column in range(scale.column(interval[0]), scale.column(interval[1]) + 1):
            signs[column] = glyphs.interval
    if p90 is not None:
        signs[scale.column(p90)] = P90
    if median is not None:
        signs[scale.column(median)] = MEDIAN
    return "".join(signs)
