"""What a handful of durations says: median, p90, mean, and how far the median can be trusted. The same values give the same figures.

**Quantiles** interpolate linearly between order statistics: the p-quantile of n values in order lies at place `(n - 1) * p`, from 0.

**The interval of the median** is the 95 % percentile interval of the bootstrap: what the median would be, if these incidents had come
again and again by lot, some twice, some not at all. Its distribution is computed, not drawn, but for what is as likely as one in a hundred
thousand: the m-th of n values drawn by lot is the value at place `ceil(n * U)`, where U is the m-th of n uniform numbers in order, and so
beta-distributed; where n is even the two in the middle are taken together. It is what resampling comes to with ever more replicates.

**The interval of the difference** of two medians is drawn from both distributions, 10,000 times, by a generator with a fixed seed.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from math import exp, fsum, lgamma, log, sqrt
from random import Random
from typing import Final

Interval = tuple[float, float]

LEAST_FOR_INTERVAL: Final = 9
"""Of 7 values a nominal 95 % covers 86 %."""
LEAST_FOR_P90: Final = 10
REPLICATES: Final = 10_000
SEED: Final = 1

_LOW, _HIGH = 0.025, 0.975
# Of the possible medians those are left out that are further from the middle than this many standard deviations: seven in a million.
_REACH = 4.5
_NEGLIGIBLE = 3e-7
# And pairs that are further apart than this: less than one in a thousand million, whatever their number.
_SPREAD = 40
# Gauss and Legendre's three points and weights, for an interval from 0 to 1: exact for polynomials of degree 5.
_POINTS = ((0.5 - sqrt(0.15), 5 / 18), (0.5, 8 / 18), (0.5 + sqrt(0.15), 5 / 18))


def median(values: Sequence[float]) -> float | None:
    """`None` of nothing."""
    return quantile(values, 0.5)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which this share of them lies, by linear interpolation between order statistics; `None` of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def p90(values: Sequence[float]) -> float | None:
    """How bad it gets in one of ten; `None` below 10 values, where it would be hardly more than the largest."""
    return quantile(values, 0.9) if len(values) >= LEAST_FOR_P90 else None


def mean(values: Sequence[float]) -> float | None:
    """`None` of nothing."""
    return fsum(values) / len(values) if values else None


def median_interval(values: Sequence[float]) -> Interval | None:
    """The 95 % bootstrap interval of the median; `None` below 9 values."""
    if len(values) < LEAST_FOR_INTERVAL:
        return None
    medians, cumulative = median_distribution(values)
    return _at(medians, cumulative, _LOW), _at(medians, cumulative, _HIGH)


def difference_interval(now: Sequence[float], before: Sequence[float]) -> Interval | None:
    """The 95 % bootstrap interval of `median(now) - median(before)`; `None` with less than 9 values on either side."""
    if min(len(now), len(before)) < LEAST_FOR_INTERVAL:
        return None
    random = Random(SEED).random
    later = median_distribution(now)
    earlier = median_distribution(before)
    drawn = sorted(_at(*later, random()) - _at(*earlier, random()) for _ in range(REPLICATES))
    return drawn[int(REPLICATES * _LOW)], drawn[int(REPLICATES * _HIGH) - 1]


def median_distribution(values: Sequence[float]) -> tuple[list[float], list[float]]:
    """The medians that resampling can give, in order, and the probability that it gives that one or a smaller one."""
    ordered = sorted(values)
    if len(ordered) % 2:
        first, weights = _middle(len(ordered))
        return ordered[first : first + len(weights)], list(accumulate(weights))
    pairs = sorted([((ordered[low] + ordered[high]) / 2, weight) for low, high, weight in _middle_pairs(len(ordered))])
    return [middle for middle, _ in pairs], list(accumulate(weight for _, weight in pairs))


def _at(medians: list[float], cumulative: list[float], share: float) -> float:
    place = bisect_left(cumulative, share * cumulative[-1])
    return medians[min(place, len(medians) - 1)]


# By n alone: trends and groups ask for the same again and again.


@lru_cache(maxsize=512)
def _middle(n: int) -> tuple[int, tuple[float, ...]]:
    """The probability of each place, from 0, to be the median of an odd number of places drawn by lot: the first place, and theirs."""
    middle = n // 2 + 1
    first, after = _reach(n)
    return first, tuple(_share(n, middle, place) for place in range(first, after))


@lru_cache(maxsize=512)
def _middle_pairs(n: int) -> tuple[tuple[int, int, float], ...]:
    """The same for the two in the middle of an even number: both places, and their probability.

    That the lower one is at place i and the upper one at j > i: half of the lots fell on places up to i, not all of them below it, and
    half on places from j on, not all of them above it. What is left of the probability of i is that both are there.
    """
    half = n // 2
    first, after = _reach(n)
    places = range(first, min(after + _SPREAD, n))
    # The two factors of a probability grow and shrink as e to the power of the place: taken out of each, no float runs over.
    choices = (lgamma(n + 1) - 2 * lgamma(half + 1)) / 2
    rise = [
        _power(half, at + 1, n, choices, half - at) - _power(half, at, n, choices, half - at)
        for at in range(first, after)
    ]
    beyond = [_power(half, n - at - 1, n, choices, at - half) for at in places]
    fall = [_power(half, n - at, n, choices, at - half) - rest for at, rest in zip(places, beyond, strict=True)]
    negligible = _NEGLIGIBLE / sqrt(n)  # there are as many more pairs as they are less likely
    decay = [exp(-distance) for distance in range(_SPREAD)]
    found: list[tuple[int, int, float]] = []
    for low in range(first, after):
        up_to_here = rise[low - first]
        found.append((low, low, max(_share(n, half, low) - up_to_here * beyond[low - first], 0.0)))
        for high in range(low + 1, min(low + _SPREAD, n)):
            weight = up_to_here * fall[high - first] * decay[high - low]
            if weight < negligible:
                break
            found.append((low, high, weight))
    return tuple(found)


def _power(half: int, count: int, n: int, choices: float, tilt: int) -> float:
    return exp(half * log(count / n) + choices + tilt) if count else 0.0


def _reach(n: int) -> tuple[int, int]:
    reach = int(_REACH * sqrt(n) / 2) + 2
    return max(n // 2 - reach, 0), min(n // 2 + reach + 1, n)


def _share(n: int, rank: int, place: int) -> float:
    """The probability that the value of this rank, of n uniform numbers between 0 and 1, lies in the n-th part at `place`."""
    constant = lgamma(n + 1) - lgamma(rank) - lgamma(n - rank + 1) - log(n)
    total = 0.0
    for point, weight in _POINTS:
        at = (place + point) / n
        total += weight * exp(constant + (rank - 1) * log(at) + (n - rank) * log(1 - at))
    return total
