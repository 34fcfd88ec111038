"""Dots on a scale: each incident is there, in its place, and the scale is as wide as it is given."""

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.output.reports.strips import ASCII, UNICODE, Scale, axis, dots

SECONDS = st.floats(0, 10**7)
WIDTHS = st.integers(20, 120)


@given(st.lists(SECONDS, min_size=1, max_size=9), WIDTHS)
def test_each_value_is_a_dot_or_one_of_a_number(values: list[float], width: int) -> None:
    drawn = dots(values, Scale(min(values), max(values), width), UNICODE)
    assert len(drawn) <= width
    assert sum(1 if sign == "•" else int(sign) for sign in drawn if sign != " ") == len(values)


def test_ten_at_one_place_are_a_plus() -> None:
    assert dots([60.0] * 10 + [600.0], Scale(60, 600, 20), ASCII) == "+" + " " * 18 + "o"


@given(SECONDS, SECONDS, SECONDS, SECONDS, WIDTHS)
def test_what_takes_longer_stands_further_right(low: float, high: float, one: float, other: float, width: int) -> None:
    scale = Scale(min(low, high), max(low, high), width)
    shorter, longer = sorted((one, other))
    assert 0 <= scale.column(shorter) <= scale.column(longer) < width


@given(st.lists(SECONDS, min_size=4, max_size=4), WIDTHS)
def test_the_scale_has_its_width_its_interval_and_its_letters(values: list[float], width: int) -> None:
    low, start, end, high = sorted(values)
    scale = Scale(low, high, width)
    drawn = axis(scale, ASCII, interval=(start, end), median=(start + end) / 2, p90=high)
    assert len(drawn) == width
    assert drawn.count("M") == 1
    assert set(drawn) <= set("-=MP")
    assert "=" not in drawn[: scale.column(start)] + drawn[scale.column(end) + 1 :]
