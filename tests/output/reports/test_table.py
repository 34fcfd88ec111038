"""The format `table`: what a director reads in a terminal. Fits its width, needs no colour, and says nothing that it does not know."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.output.listing import width_of
from incidentctl.output.reports.table import report_as_table
from incidentctl.stats.report import MISLEADING
from tests.output.reports.golden_files import assert_golden
from tests.output.reports.sample_reports import (
    ALL,
    QUARTER,
    clear_change,
    few,
    never_any,
    nothing,
    one_open,
    quarter,
    report,
)


def _words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [80, 120])
def test_a_rich_quarter_looks_as_it_was_looked_at(width: int) -> None:
    assert_golden(f"quarter-{width}.txt", report_as_table(quarter(), width=width))


@pytest.mark.parametrize("name", [name for name in ALL if name != "quarter"])
def test_the_other_reports_do_too(name: str) -> None:
    assert_golden(f"{name.replace('_', '-')}-100.txt", report_as_table(ALL[name]()))


def test_a_terminal_without_unicode_gets_ascii_alone() -> None:
    text = report_as_table(quarter(), width=80, ascii_only=True)
    assert text.isascii()
    assert_golden("quarter-ascii.txt", text)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    for line in report_as_table(ALL[name](), width=width).splitlines():
        is_one_word = len(line.split()) <= 2
        assert width_of(line) <= width or is_one_word, line


@pytest.mark.parametrize("name", ALL)
def test_it_begins_with_the_severe_incidents_and_ends_with_how_it_misleads(name: str) -> None:
    text = report_as_table(ALL[name]())
    headings = [line for line in text.splitlines() if line and line == line.upper() and line[0].isalpha()]
    assert headings[0] == "SEV1 AND SEV2 INCIDENTS BEHIND THE NUMBERS"
    assert headings[1] == "DURATIONS"
    assert headings[-1] == "HOW THESE NUMBERS MISLEAD"
    assert _words(text).endswith(_words(MISLEADING[-1]))


def test_each_duration_has_its_ends_by_name_mttm_first() -> None:
    for width in (80, 120):
        text = report_as_table(quarter(), width=width)
        durations = text[text.index("\nDURATIONS") : text.index("\nLEFT OUT")]
        found = re.findall(r"^  (MTT[MDAR]|User impact) ", durations, re.MULTILINE)
        assert found == ["MTTM", "MTTD", "MTTA", "MTTR", "User impact"]
        for ends in ("detected_at → mitigated_at", "started_at → detected_at", "detected_at → resolved_at"):
            assert ends in durations


def test_below_nine_the_values_stand_there_and_no_interval() -> None:
    text = _words(report_as_table(few()))
    assert "Values: 31m, 46m, 46m, 55m, 1h 12m, 1h 28m, 2h 20m." in text
    assert "MTTM detected_at → mitigated_at 7 of 7 55m n < 9 n/a 1h 8m" in text
    assert "━" not in text.replace("━━━ interval", "")


def test_nothing_is_n_a_and_not_0() -> None:
    text = _words(report_as_table(one_open()))
    assert "MTTM detected_at → mitigated_at 0 of 1 n/a n/a n/a n/a" in text
    assert "Response in time n/a 0 of 0" in text


def test_a_period_without_incidents_says_so_in_a_sentence() -> None:
    assert "No incident was declared in this period: its durations are n/a, not 0." in report_as_table(nothing())
    assert "There is no incident: nothing can be said, and nothing is 0." in report_as_table(never_any())


def test_no_improvement_is_claimed_where_chance_would_do() -> None:
    text = _words(report_as_table(quarter()))
    assert "not distinguishable (12 against 9 incidents); a change of 45m or more could have been shown." in text
    assert "not distinguishable (11 against 7 incidents); with fewer than 9 on either side" in text
    assert "improved" not in text
    assert "↓" not in text
    assert "↑" not in text


def test_a_change_that_can_be_told_from_none_is_told_with_its_interval() -> None:
    text = _words(report_as_table(clear_change()))
    assert "↓ improved by 1h 4m (12 against 11 incidents); 95 % interval of the difference -1h 22m to -40m." in text
    assert "↑ worse by 1h 29m" in text


def test_the_quantile_method_is_said() -> None:
    assert "linear interpolation between order statistics" in _words(report_as_table(quarter()))


def test_what_is_left_out_is_there_with_its_reason() -> None:
    text = _words(report_as_table(quarter()))
    assert (
        "MTTM: 1 invalid, mitigated_at is before detected_at: 2026-06-03-clock-of-the-host-was-wrong-and-so-was-all-that-it-said"
        in text
    )
    assert "MTTR: 2 pending, still on its way to resolved_at: 2026-06-26-mails-late, 2026-06-30-certificates" in text
    assert "2 of the 12 rest on an assumed detection, 2 on an estimated time." in text


def test_repeats_are_never_a_bare_number() -> None:
    text = _words(report_as_table(quarter()))
    assert "2 repeats among 5 with a recorded cause; 10 have none" in text
    assert "left undone: Pool size from the load" in text


def test_hostile_words_stay_words() -> None:
    for width in (80, 120):
        text = report_as_table(quarter(), width=width)
        assert "\x1b" not in text
        assert "\x07" not in text
        assert "\u202e" not in text
    assert "[db] [bold red]pool" in report_as_table(quarter(), width=120)


@given(st.text(max_size=80))
def test_any_title_stays_on_its_line(title: str) -> None:
    plain = report([QUARTER[0]])
    changed = replace(plain, rows=(replace(plain.rows[0], title=title),))
    text = report_as_table(changed, width=140)
    assert len(text.split("\n")) == len(report_as_table(plain, width=140).split("\n"))


def test_a_severity_that_nobody_knows_is_only_words_as_well() -> None:
    hostile = "SEV\x1b[31m9\n| <b>"
    found = report([replace(QUARTER[2], severity=hostile)])
    found = replace(found, counts=replace(found.counts, by_severity={hostile: 1}))
    text = report_as_table(found)
    assert "\x1b" not in text
    assert "1 incident, a SEV␛[31m9 | <b>." in text
