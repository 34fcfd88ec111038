"""The format `github`: workflow commands that GitHub reads as they are meant, ten of a kind and no more."""

import re

import pytest

from incidentctl.lint.diagnostic import Result, Severity, Unreadable
from incidentctl.lint.formats.github import render_github
from tests.lint.formats.results import CLEAN, HOSTILE, MANY, OF_EACH, PLAIN, RESULTS, found

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def commands(result: Result) -> list[tuple[str, dict[str, str], str]]:
    """What the runner makes of the lines: kind, properties and message, with its escapes undone."""
    read = []
    for line in render_github(result, PLAIN).split("\n"):
        match = COMMAND.fullmatch(line)
        if match:
            fields = (part.split("=", 1) for part in match[2].split(","))
            read.append((match[1], {key: unescaped(value) for key, value in fields}, unescaped(match[3])))
        else:
            assert not line.lstrip().startswith("::")
            assert "##[" not in line
    return read


def unescaped(text: str) -> str:
    for escaped, plain in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(escaped, plain)
    return text


def many(**numbers: int) -> Result:
    """So many findings of each severity."""
    return Result(
        tuple(
            found(severity=Severity(severity), line=index + 1)
            for severity, number in numbers.items()
            for index in range(number)
        ),
        files=1,
    )


def test_a_finding_is_a_command_with_its_place_title_and_message() -> None:
    kind, fields, message = commands(OF_EACH)[0]
    assert kind == "error"
    assert fields == {
        "file": "postmortems/2026/05/2026-05-14-checkout-latency.md",
        "line": "12",
        "endLine": "12",
        "col": "3",
        "endColumn": "9",
        "title": "TML003 not-chronological",
    }
    assert message == "10:02Z comes before 10:30Z, the entry above it"


def test_columns_are_left_out_over_several_lines_for_github_takes_them_within_one() -> None:
    fields = commands(OF_EACH)[-1][1]
    assert (fields["line"], fields["endLine"]) == ("40", "42")
    assert "col" not in fields


def test_errors_come_first() -> None:
    assert [kind for kind, _, _ in commands(OF_EACH)] == ["error", "error", "warning", "notice"]


@pytest.mark.parametrize(
    ("numbers", "shown", "more"),
    [
        ({"error": 10, "warning": 10, "info": 10}, (10, 10, 10), None),
        ({"error": 11}, (10, 0, 1), 1),
        ({"error": 3, "warning": 40, "info": 2}, (3, 10, 3), 30),
        ({"info": 11}, (0, 0, 10), 2),
        ({"error": 11, "info": 30}, (10, 0, 10), 22),
    ],
)
def test_there_are_ten_of_a_kind_at_most_and_one_line_says_how_many_more(
    numbers: dict[str, int], shown: tuple[int, int, int], more: int | None
) -> None:
    read = commands(many(**numbers))
    kinds = [kind for kind, _, _ in read]
    assert (kinds.count("error"), kinds.count("warning"), kinds.count("notice")) == shown
    said = [message for _, fields, message in read if "file" not in fields]
    assert len(said) == (more is not None)
    assert more is None or said[0].startswith(f"and {more} more, ")


def test_ten_thousand_findings_keep_to_the_limits() -> None:
    kinds = [kind for kind, _, _ in commands(MANY)]
    assert [kinds.count(kind) for kind in ("error", "warning", "notice")] == [10, 10, 10]


def test_a_file_that_could_not_be_read_is_an_error_and_counts_among_the_ten() -> None:
    unreadable = tuple(Unreadable(f"{number}.md", "no permission") for number in range(4))
    read = commands(Result(many(error=9).diagnostics, files=1, unreadable=unreadable))
    assert [kind for kind, _, _ in read] == ["error"] * 10 + ["notice"]
    assert read[0][2] == "no permission"
    assert read[-1][2].startswith("and 3 more")


def test_no_document_and_no_path_gives_a_command_of_its_own() -> None:
    read = commands(HOSTILE)
    assert len(read) == 2
    assert read[0][1]["file"].startswith("postmortems/::warning file=a,b::\n`x`")
    assert "::error file=x,line=1::gone%0A\r\n::set-output" in read[0][2]


@pytest.mark.parametrize("name", RESULTS)
def test_each_line_is_a_command_or_harmless(name: str) -> None:
    commands(RESULTS[name])


def test_nothing_found_is_no_command() -> None:
    assert commands(CLEAN) == []
    assert render_github(CLEAN, PLAIN) == "No findings in 2 documents."
