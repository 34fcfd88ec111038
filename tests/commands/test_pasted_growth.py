"""Pasted lines of any length: the time that they take grows as they do."""

import pytest

from incidentctl.commands.pasted_line import ALL_TIMES, may_be_a_heading, read_day_line, read_header, read_stamp
from tests.conftest import Desk
from tests.growth import assert_grows_linearly

PIECES = (
    " ",
    "\t",
    "> ",
    "- ",
    "* ",
    "# ",
    "*",
    "_ ",
    "=",
    "— ",
    "1. ",
    "Today ",
    "all times ",
    "in UTC ",
    "12:00 ",
    "(",
)


@pytest.mark.parametrize("end", ["x", "!", "Today", "14 May 2026", "all times UTC x"])
@pytest.mark.parametrize("piece", PIECES)
def test_a_pasted_line_is_read_in_linear_time(piece: str, end: str) -> None:
    def run(line: str) -> None:
        for read in (read_day_line, read_header, read_stamp):
            read(line)
        if may_be_a_heading(line):
            ALL_TIMES.match(line)

    assert_grows_linearly(lambda size: piece * size + end, run, 1_500)
    assert_grows_linearly(lambda size: end + piece * size + end, run, 1_500)


@pytest.mark.parametrize("line", [" " * 50_000 + "x", "Today" + " " * 50_000 + "x!", "- " * 50_000])
def test_a_paste_of_enormous_lines_is_answered(desk: Desk, line: str) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    assert desk.ictl("note", "--lines", "-", stdin=f"{line}\n10:06 @ann took it\n{line}\n").code in (0, 2)
