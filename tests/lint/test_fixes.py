"""Fixes are made whole or not at all, none across another, and every other character stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.lint.diagnostic import Diagnostic, Edit, Fix, Severity, Span
from incidentctl.lint.fixes import apply_fixes
from tests.growth import assert_grows_linearly

TEXT = "The quick brown fox jumps over the lazy dog"


def diagnostic(*edits: tuple[int, int, str], is_safe: bool = True) -> Diagnostic:
    fix = Fix("mend it", tuple(Edit(*edit) for edit in edits), is_safe)
    return Diagnostic("a.md", Span(1, 1, 1, 1), "TST001", "test", Severity.ERROR, "wrong", fix, "", "x")


def unfixable() -> Diagnostic:
    return Diagnostic("a.md", Span(1, 1, 1, 1), "TST001", "test", Severity.ERROR, "wrong", None, "", "x")


def test_each_fix_changes_its_own_words():
    found = [diagnostic((4, 9, "slow")), unfixable(), diagnostic((0, 3, "A"), (31, 34, "a"))]
    assert apply_fixes(TEXT, found) == ("A slow brown fox jumps over a lazy dog", 2)


def test_the_order_of_the_findings_does_not_matter_where_they_are_apart():
    found = [diagnostic((35, 39, "calm")), diagnostic((4, 9, "slow"))]
    assert apply_fixes(TEXT, found) == apply_fixes(TEXT, found[::-1])


def test_a_fix_that_somebody_has_to_look_at_is_made_only_where_that_is_asked_for():
    found = [diagnostic((4, 9, "slow"), is_safe=False)]
    assert apply_fixes(TEXT, found) == (TEXT, 0)
    assert apply_fixes(TEXT, found, unsafe=True)[1] == 1


@pytest.mark.parametrize(
    "second",
    [(4, 9, "b"), (5, 6, "b"), (0, 5, "b"), (8, 12, "b"), (0, 43, "b"), (4, 4, "b"), (9, 9, "b"), (6, 6, "b")],
    ids=str,
)
def test_of_two_fixes_that_meet_the_first_one_is_made(second):
    assert apply_fixes(TEXT, [diagnostic((4, 9, "a")), diagnostic(second)]) == (
        "The a brown fox jumps over the lazy dog",
        1,
    )


def test_a_fix_of_several_edits_is_made_whole_or_not_at_all():
    found = [diagnostic((4, 9, "slow")), diagnostic((0, 3, "A"), (6, 7, "x"))]
    assert apply_fixes(TEXT, found) == ("The slow brown fox jumps over the lazy dog", 1)


def test_edits_beside_each_other_are_apart():
    assert apply_fixes("abcd", [diagnostic((0, 2, "x")), diagnostic((2, 4, "y"))]) == ("xy", 2)


@pytest.mark.parametrize(
    "edits", [((-1, 3, ""),), ((0, 99, ""),), ((5, 2, ""),), ((0, 5, ""), (3, 8, "")), ()], ids=str
)
def test_a_fix_that_does_not_fit_the_text_is_none(edits):
    assert apply_fixes(TEXT, [diagnostic(*edits)]) == (TEXT, 0)


def test_many_fixes_are_made_in_time_that_grows_as_their_number_does():
    def run(found):
        count = len(found)
        assert apply_fixes("word \n" * count, found) == ("mended \n" * count, count)

    assert_grows_linearly(lambda size: [diagnostic((at * 6, at * 6 + 4, "mended")) for at in range(size)], run, 2_000)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.text("XY", max_size=2)), max_size=8))
def test_the_fixes_that_are_made_are_apart_and_what_is_between_them_stays(edits):
    text = "abcdefghijkl"
    taken: list[tuple[int, int, str]] = []
    for start, end, new in edits:
        fits = start <= end and not any(
            (start < other_end and other < end) or start == other or end == other_end for other, other_end, _ in taken
        )
        if fits:
            taken.append((start, end, new))
    expected = text
    for start, end, new in sorted(taken, reverse=True):
        expected = expected[:start] + new + expected[end:]
    assert apply_fixes(text, [diagnostic(edit) for edit in edits]) == (expected, len(taken))
