"""The measure of growth: it tells a quadratic function from a linear one."""

from functools import lru_cache

import pytest

from tests.growth import assert_grows_linearly


def linear(numbers: range) -> int:
    return sum(number * number for number in numbers)


def quadratic(numbers: range) -> int:
    return sum(sum(numbers) for _ in numbers)


def test_a_linear_function_passes() -> None:
    assert_grows_linearly(range, linear, 30_000)


@pytest.mark.parametrize("times", [4, 6])
def test_a_quadratic_function_fails_and_both_times_are_told(times: int) -> None:
    with pytest.raises(
        AssertionError, match=rf"^\d\.\d+ s for a size of 1000, and \d\.\d+ s for {times} times as much$"
    ):
        assert_grows_linearly(range, quadratic, 1_000, times=times)


def test_a_cache_of_results_does_not_hide_a_quadratic_function() -> None:
    with pytest.raises(AssertionError):
        assert_grows_linearly(range, lru_cache(quadratic), 1_000, times=4)


def test_a_quadratic_part_beside_a_linear_one_fails() -> None:
    def both(numbers: range) -> None:
        quadratic(numbers)
        linear(range(40 * len(numbers)))

    with pytest.raises(AssertionError):
        assert_grows_linearly(range, both, 600)


def test_what_is_made_is_not_measured() -> None:
    def make(size: int) -> range:
        quadratic(range(size))
        return range(size)

    assert_grows_linearly(make, len, 500)
