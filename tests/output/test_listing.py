"""How wide things are: tables and lines that fit a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from incidentctl.output.listing import cut, table, width_of, wrapped


@pytest.mark.parametrize(
    "text", ["plain", "Zoë · — →", "決済が失敗する", "Ошибка", "e\u0301", "가나다", "ｆｕｌｌ", "🔥 on fire"]
)
def test_a_text_is_as_wide_as_a_terminal_shows_it(text: str) -> None:
    assert width_of(text) == cell_len(text)


def test_a_cut_text_fits_and_says_that_it_was_cut() -> None:
    assert cut("short", 10) == "short"
    assert cut("checkout latency", 10) == "checkout…"
    assert width_of(cut("決済が失敗する", 6)) <= 6


@given(st.text(max_size=200), st.integers(40, 120), st.integers(0, 10))
def test_wrapping_loses_no_word(text: str, width: int, indent: int) -> None:
    line = " ".join(text.split())
    lines = wrapped(line, width, indent)
    assert " ".join(" ".join(lines).split()) == line
    assert all(width_of(each) <= width or " " not in each.strip() for each in lines)


def test_without_a_width_nothing_is_cut_or_wrapped() -> None:
    assert wrapped("word " * 50, None) == ["word " * 50]
    assert table([("a", "b" * 200)], width=None) == [f"a  {'b' * 200}"]


def test_a_table_leaves_out_what_is_empty_and_what_does_not_fit() -> None:
    rows = [("SEV1", "", "46 min", "2026-05-14-checkout-latency", "Checkout latency")]
    assert table(rows, width=80) == ["SEV1  46 min  2026-05-14-checkout-latency  Checkout latency"]
    assert table(rows, width=55) == ["SEV1  46 min  2026-05-14-checkout-latency  Checkout la…"]
    assert table(rows, width=50) == ["SEV1  46 min  2026-05-14-checkout-latency"]
    assert table(rows, width=38, dispensable=(2,)) == ["SEV1  2026-05-14-checkout-latency"]
    assert table(rows, width=26, dispensable=(2,)) == ["SEV1  2026-05-14-checkout…"]
    assert table([], width=80) == []
