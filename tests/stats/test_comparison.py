"""A duration against that of an earlier period: what is claimed, and what is not."""

from incidentctl.stats.catalogue import find_duration
from incidentctl.stats.comparison import compare
from incidentctl.stats.durations import summarise
from incidentctl.stats.report import Value


def figure(*minutes):
    return summarise(find_duration("mttm"), [Value(str(number), each * 60.0) for number, each in enumerate(minutes)])


FAST = figure(*range(10, 22))
SLOW = figure(*range(50, 62))


def test_two_periods_are_distinguishable_when_the_interval_of_the_difference_excludes_zero():
    found = compare(FAST, SLOW)

    assert found.is_distinguishable
    assert (found.n_before, found.median_before, found.difference) == (12, 55.5 * 60, -40 * 60)
    assert found.ci95 is not None and found.ci95[1] < 0


def test_else_they_are_not_and_it_says_what_size_of_change_they_could_have_shown():
    found = compare(FAST, figure(*range(11, 23)))

    assert not found.is_distinguishable
    assert found.difference == -60
    assert found.ci95 is not None
    assert found.could_have_shown == (found.ci95[1] - found.ci95[0]) / 2


def test_with_less_than_nine_on_either_side_nothing_is_claimed():
    for now, before in ((FAST, figure(*range(50, 58))), (figure(*range(50, 58)), FAST)):
        found = compare(now, before)

        assert not found.is_distinguishable
        assert found.ci95 is None and found.could_have_shown is None
        assert found.difference is not None


def test_against_nothing_there_is_no_difference():
    found = compare(FAST, figure())

    assert (found.n_before, found.median_before, found.difference) == (0, None, None)
    assert compare(figure(), FAST).difference is None


def test_the_same_twice_differs_by_nothing():
    found = compare(FAST, FAST)

    assert found.difference == 0
    assert not found.is_distinguishable
