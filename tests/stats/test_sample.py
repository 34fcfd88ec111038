"""What a handful of durations says, and that the interval is what resampling comes to."""

from collections import Counter
from itertools import product
from random import Random
from statistics import median as plain_median
from statistics import quantiles as plain_quantiles
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.stats import sample

SKEWED = [60, 120, 300, 420, 600, 660, 900, 1500, 2700, 3600, 7200, 9000, 36000, 86400]

durations = st.lists(st.integers(0, 10**6), min_size=1, max_size=60)


def interval_of(values):
    interval = sample.median_interval(values)
    assert interval is not None
    return interval


def difference_of(now, before):
    interval = sample.difference_interval(now, before)
    assert interval is not None
    return interval


def resampled_medians(values, replicates, seed=7):
    random = Random(seed)
    return sorted(plain_median(random.choices(values, k=len(values))) for _ in range(replicates))


class TestQuantiles:
    def test_the_median_of_an_odd_number_is_the_one_in_the_middle(self):
        assert sample.median([30, 10, 20]) == 20

    def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle(self):
        assert sample.median([40, 10, 30, 20]) == 25

    def test_quantiles_interpolate_linearly_between_order_statistics(self):
        values = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]

        assert sample.p90(values) == pytest.approx(91)
        assert sample.quantile(values, 0.25) == pytest.approx(32.5)

    @given(st.lists(st.integers(0, 10**6), min_size=2, max_size=60))
    def test_they_are_the_inclusive_quantiles_of_the_standard_library(self, values):
        deciles = plain_quantiles(values, n=10, method="inclusive")

        assert sample.quantile(values, 0.9) == pytest.approx(deciles[8])
        assert sample.median(values) == pytest.approx(deciles[4])

    def test_p90_is_there_from_ten_on(self):
        assert sample.p90([1] * 9) is None
        assert sample.p90([1] * 10) == 1

    def test_nothing_has_no_median_and_no_mean(self):
        assert sample.median([]) is None
        assert sample.mean([]) is None
        assert sample.p90([]) is None
        assert sample.median_interval([]) is None

    def test_the_mean_is_the_sum_over_the_number(self):
        assert sample.mean([1, 2, 6]) == 3


class TestInterval:
    def test_below_nine_there_is_none(self):
        assert sample.median_interval(SKEWED[:8]) is None
        assert sample.median_interval(SKEWED[:9]) is not None

    @pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
    def test_the_distribution_is_that_of_all_resamples_counted_one_by_one(self, n):
        values = [1, 5, 7, 20, 21, 90][:n]
        counted = Counter(plain_median(resample) for resample in product(values, repeat=n))

        medians, cumulative = sample.median_distribution(values)

        for value in counted:
            expected = sum(times for each, times in counted.items() if each <= value) / n**n
            got = max(share for each, share in zip(medians, cumulative, strict=True) if each <= value)
            assert got == pytest.approx(expected, abs=1e-9)

    @pytest.mark.parametrize("n", [9, 10, 13, 14, 41, 100])
    def test_it_agrees_with_naive_resampling(self, n):
        random = Random(3)
        values = [round(random.lognormvariate(8, 1)) for _ in range(n)]
        replicates = resampled_medians(values, 4000)

        low, high = interval_of(values)

        # Four standard deviations of a share of 4,000 draws: 2.5 % give or take one.
        assert replicates[60] <= low <= replicates[140]
        assert replicates[-141] <= high <= replicates[-61]

    @pytest.mark.parametrize("n", [9, 10, 99, 100, 2001, 2002, 100_000])
    def test_nothing_of_the_probability_is_lost(self, n):
        _, cumulative = sample.median_distribution(list(range(n)))

        assert cumulative[-1] == pytest.approx(1, abs=1e-5)

    def test_of_nine_values_it_runs_from_the_second_or_third_to_the_seventh_or_eighth(self):
        low, high = interval_of([1, 2, 3, 4, 5, 6, 7, 8, 9])

        assert low in (2, 3) and high in (7, 8)

    @given(durations)
    def test_it_holds_the_median_and_lies_within_the_values(self, values):
        interval = sample.median_interval(values)

        if interval is not None:
            assert min(values) <= interval[0] <= plain_median(values) <= interval[1] <= max(values)

    @given(st.permutations(SKEWED))
    def test_the_order_of_the_values_does_not_matter(self, values):
        assert sample.median_interval(values) == sample.median_interval(SKEWED)

    def test_ten_thousand_values_take_no_time_worth_naming(self):
        random = Random(5)
        values = [random.lognormvariate(8, 1) for _ in range(10_000)]

        began = perf_counter()
        interval = interval_of(values)

        assert perf_counter() - began < 0.5
        assert interval[1] - interval[0] < 0.1 * plain_median(values)


class TestDifference:
    def test_with_less_than_nine_on_either_side_there_is_none(self):
        assert sample.difference_interval(SKEWED, SKEWED[:8]) is None
        assert sample.difference_interval(SKEWED[:8], SKEWED) is None

    def test_the_same_values_twice_differ_by_nothing(self):
        low, high = difference_of(SKEWED, SKEWED)

        assert low < 0 < high

    def test_what_lies_apart_is_told_apart(self):
        low, high = difference_of([600 + each for each in range(12)], [6000 + each for each in range(12)])

        assert low < high < 0

    def test_it_agrees_with_naive_resampling(self):
        now, before = SKEWED, [each * 2 for each in SKEWED[:11]]
        random = Random(11)
        naive = sorted(
            plain_median(random.choices(now, k=len(now))) - plain_median(random.choices(before, k=len(before)))
            for _ in range(4000)
        )

        low, high = difference_of(now, before)

        assert naive[50] <= low <= naive[150]
        assert naive[-151] <= high <= naive[-51]

    def test_again_it_is_the_same(self):
        assert sample.difference_interval(SKEWED, SKEWED[:10]) == sample.difference_interval(SKEWED, SKEWED[:10])
