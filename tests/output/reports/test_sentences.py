"""The small words of a report: durations, shares, numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.times import parse_duration
from incidentctl.output.reports.sentences import duration_words, number_words, percent


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "n/a"),
        (0, "0s"),
        (48, "48s"),
        (59.6, "1m"),
        (260, "4m 20s"),
        (599.7, "10m"),
        (46 * 60, "46m"),
        (46 * 60 + 30, "47m"),
        (3599, "1h"),
        (2 * 3600 + 8 * 60, "2h 8m"),
        (86399, "1d"),
        (3 * 86400 + 4 * 3600, "3d 4h"),
        (400 * 86400, "400d"),
        (-2400, "-40m"),
    ],
)
def test_a_duration_reads_as_people_say_it(seconds: float | None, words: str) -> None:
    assert duration_words(seconds) == words


@given(st.integers(0, 10**8))
def test_a_duration_in_words_is_the_duration_rounded(seconds: int) -> None:
    told = parse_duration(duration_words(seconds))
    assert told is not None
    off = abs(told.total_seconds() - seconds)
    assert off <= (0 if seconds < 600 else 30 if seconds < 86_370 else 1800)


@pytest.mark.parametrize(
    ("share", "words"), [(None, "n/a"), (0, "0 %"), (0.001, "1 %"), (2 / 3, "67 %"), (0.999, "99 %"), (1, "100 %")]
)
def test_only_all_is_all_and_only_nothing_is_nothing(share: float | None, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(("number", "words"), [(184300, "184,300"), (12450.5, "12,450.5"), (0, "0"), (0.25, "0.25")])
def test_numbers_have_their_thousands(number: float, words: str) -> None:
    assert number_words(number) == words
