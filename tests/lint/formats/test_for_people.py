"""The formats that people read in a terminal: `full`, `concise` and the statistics."""

import re

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.lint.diagnostic import Fix, Result, Span, Unreadable
from incidentctl.lint.formats.concise import render_concise
from incidentctl.lint.formats.excerpt import excerpt
from incidentctl.lint.formats.full import render_full
from incidentctl.lint.formats.presentation import Presentation
from incidentctl.lint.formats.statistics import render_statistics
from tests.growth import assert_grows_linearly
from tests.lint.formats.results import CLEAN, MANY, NOTHING, OF_EACH, PLAIN, found


def test_full_shows_the_line_the_place_the_reason_and_the_fix_then_what_was_not_looked_at() -> None:
    assert render_full(OF_EACH, PLAIN) == (
        "postmortems/2026/05/2026-05-14-checkout-latency.md:6:16: warning HDR007 duration-mismatch\n"
        "  `2h` is not what the times say: 2h 19m from started to resolved\n"
        "  |\n"
        "6 | **Duration**:  2h\n"
        "  |                ^^\n"
        "  = `--fix`: write `2h 19m`\n"
        "\n"
        "postmortems/2026/05/2026-05-14-checkout-latency.md:12:3: error TML003 not-chronological\n"
        "  10:02Z comes before 10:30Z, the entry above it\n"
        "   |\n"
        "12 | - 10:02Z the pool is exhausted\n"
        "   |   ^^^^^^\n"
        "   = why: A step back is a typing error, or an entry in the wrong place.\n"
        "\n"
        "postmortems/2026/06/2026-06-02-login-down.md:1:1: error STR001 missing-section\n"
        "  the section `Impact` is missing\n"
        "  |\n"
        "1 | # Login is down\n"
        "  | ^^^^^^^^^^^^^\n"
        "  = `--fix --unsafe-fixes`: add the section\n"
        "\n"
        "postmortems/2026/06/2026-06-02-login-down.md:40:3: info ACT008 vague-verb\n"
        "  `improve` cannot be done or not done: what will be there that is not there now?\n"
        "   |\n"
        "40 | - Improve the dashboards of the login service,\n"
        "   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "\n"
        "Found 4 findings in 2 of 3 documents: 2 errors, 1 warning, 1 info.\n"
        "1 can be mended with `--fix`.\n"
        "Not counted: 4 in the baseline, 1 suppressed.\n"
        "1 finding of the baseline no longer there; `--update-baseline` takes out:\n"
        "  postmortems/old.md STR001 Impact\n"
        "Not checked: README.md: it is no post-mortem\n"
        "Not checked: ACT016, TML014 in 2 files: the clone is shallow: fetch all of it (`fetch-depth: 0`)\n"
        "What a rule asks for and why: `incidentctl rule HDR007`."
    )


def test_the_reason_of_a_rule_is_told_with_its_first_finding_only() -> None:
    text = render_full(Result((found(), found(line=13)), files=1), PLAIN)
    assert text.count("= why: A step back") == 1


def test_concise_is_one_line_for_each_finding_whatever_is_in_it() -> None:
    result = Result((found(message="one\ntwo\r\n\tthree", path="a\nb.md"),), files=1)
    first, *rest = render_concise(result, PLAIN).split("\n")
    assert first == "a␊b.md:12:3: error TML003 not-chronological: one␊two␍␊ three"
    assert rest == ["Found 1 finding in 1 of 1 document: 1 error."]


def test_nothing_found_is_one_line() -> None:
    for render in (render_full, render_concise, render_statistics):
        assert render(CLEAN, PLAIN) == "No findings in 2 documents."
        assert render(NOTHING, PLAIN) == "No documents were linted."


def test_a_file_that_could_not_be_read_is_named_with_its_reason() -> None:
    result = Result((), files=0, unreadable=(Unreadable("a.md", "no permission"),))
    assert render_full(result, PLAIN) == (
        "a.md: error could not be read\n  no permission\n\nNo documents were linted.\n1 file could not be read."
    )
    assert render_concise(result, PLAIN).startswith("a.md:1:1: error could not be read: no permission\n")


def test_colour_goes_round_words_and_changes_none() -> None:
    coloured = render_full(OF_EACH, Presentation(colour=True, rules=PLAIN.rules))
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_full(OF_EACH, PLAIN)


def test_a_fix_that_is_not_safe_names_the_option_for_it() -> None:
    result = Result((found(fix=Fix("add it", (), is_safe=False)),), files=1)
    assert "= `--fix --unsafe-fixes`: add it" in render_full(result, PLAIN)


def test_statistics_count_by_rule_and_severity_the_most_frequent_first() -> None:
    lines = render_statistics(OF_EACH, PLAIN).split("\n")
    assert lines[:4] == [
        "1  info     ACT008   vague-verb",
        "1  warning  HDR007 * duration-mismatch",
        "1  error    STR001   missing-section",
        "1  error    TML003   not-chronological",
    ]
    numbers = [int(line.split()[0].replace(",", "")) for line in render_statistics(MANY, PLAIN).split("\n")[:15]]
    assert numbers == sorted(numbers, reverse=True)
    assert sum(numbers) == 10_000


# ------------------------------------------------------------------------------------------------- the excerpt


def place(line: str, start: int, end: int, width: int = 60) -> tuple[str, str]:
    piece = excerpt(line, Span(1, start + 1, 1, end + 1), width)
    return piece.line, piece.underline


def test_tabs_and_wide_characters_stand_above_their_mark() -> None:
    assert place("\ta\tbad", 3, 6) == ("    a    bad", "         ^^^")
    assert place("障害 bad", 3, 6) == ("障害 bad", "     ^^^")
    assert place("障害 bad", 0, 2) == ("障害 bad", "^^^^")
    assert place("e\u0301e\u0301 bad", 5, 8) == ("e\u0301e\u0301 bad", "   ^^^")


def test_a_long_line_is_cut_around_the_place() -> None:
    line, mark = place("x" * 500 + "bad" + "y" * 500, 500, 503, width=40)
    assert line.startswith("…x")
    assert line.endswith("y…")
    assert len(line) <= 42
    assert line[mark.index("^") : len(mark)] == "bad"


def test_a_long_line_is_cut_on_one_side_where_the_place_is_at_an_end() -> None:
    line, mark = place("bad" + "y" * 500, 0, 3, width=40)
    assert (line[:3], line[-1], mark) == ("bad", "…", "^^^")
    line, mark = place("x" * 500 + "bad\r\n", 500, 503, width=40)
    assert (line[0], line[-4:], line[mark.index("^") :]) == ("…", "xbad", "bad")


def test_a_place_without_width_or_behind_the_end_gets_one_mark() -> None:
    assert place("", 0, 0) == ("", "^")
    assert place("ab\n", 7, 9) == ("ab", "  ^")


def test_the_length_of_a_line_adds_nothing_to_the_time_of_each_finding_on_it() -> None:
    def on_one_line(findings: int) -> Result:
        length = 9_000 * findings
        line = "x" * length + "\n"
        columns = range(1, length, 9_000)
        return Result(
            tuple(found(line_text=line, column=at, end_column=length, fingerprint="x") for at in columns), files=1
        )

    assert_grows_linearly(on_one_line, lambda result: render_full(result, PLAIN), 150)
    assert max(map(len, render_full(on_one_line(600), PLAIN).split("\n"))) < 130


def test_a_line_of_marks_that_take_no_place_has_an_end() -> None:
    line, _ = place("a" + "\u0301" * 100_000, 0, 1)
    assert len(line) < 500


@given(st.text(), st.integers(0, 60), st.integers(0, 60), st.integers(40, 90))
def test_any_line_gives_one_harmless_line_and_a_mark_that_fits(text: str, start: int, long: int, width: int) -> None:
    line = text.replace("\n", "").replace("\r", "")
    shown, mark = place(line, start, start + long, width)
    assert "\n" not in shown + mark
    assert "\x1b" not in shown
    assert set(mark) <= set(" ^")
    assert mark.endswith("^")
    assert len(mark) <= width + 4
