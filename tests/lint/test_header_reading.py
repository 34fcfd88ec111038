"""Where a document says its date, severity, duration, author and times, and what its words are as values."""

from datetime import date, timedelta

import pytest

from incidentctl.lint.header import Field, Source, read_length
from incidentctl.lint.page import Page


def header(head: str, *, title: str = "# The relay", path: str = "pm/relay.md", front: str = ""):
    return Page(path, f"{front}{title}\n\n{head}\n\n## Impact\n\nNone.\n").header


def said(head: str, field: Field, **place) -> list[str]:
    return [value.raw for value in header(head, **place).all(field)]


@pytest.mark.parametrize(
    "head",
    [
        "**Date**: 2026-05-14",
        "**Date:** 2026-05-14",
        "__Date__: 2026-05-14",
        "Date: 2026-05-14",
        "- Date: 2026-05-14",
        "* **Date**: 2026-05-14",
        "- [x] Date: 2026-05-14",
        "**Incident date:** 2026-05-14",
        "Date of incident: 2026-05-14",
        "**Date**: `2026-05-14`",
        "**Date**: **2026-05-14**",
        "**Owner**: Ann | **Date**: 2026-05-14 | **Severity**: SEV1",
        "| Date | 2026-05-14 |\n| --- | --- |\n| Owner | Ann |",
        "| Field | Value |\n| --- | --- |\n| **Date** | 2026-05-14 |",
        "| Date | Owner | Severity |\n| --- | --- | --- |\n| 2026-05-14 | Ann | SEV1 |",
    ],
)
def test_a_label_is_read_in_any_form(head):
    assert said(head, Field.DATE) == ["2026-05-14"]


def test_the_standard_line_is_known_by_three_of_its_fields():
    line = "**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann"
    assert header(line).is_standard_line
    assert header(line.replace(" | **Author**: @ann", "")).is_standard_line
    assert not header(line.replace(" | ", "\n")).is_standard_line


def test_each_value_knows_its_place():
    (value,) = header("**Date**: 2026-05-14 | **Severity**: SEV1").all(Field.SEVERITY)
    assert (value.span.line, value.span.column, value.span.end_column) == (3, 38, 42)
    assert (value.line, value.label, value.source) == (2, "Severity", Source.LABEL)


def test_labels_in_a_section_for_details_are_read_and_those_in_other_sections_are_not():
    page = Page("pm/relay.md", "# The relay\n\n## Details\n\n- Severity: SEV2\n\n## Impact\n\n- Duration: 57m\n")
    assert [value.raw for value in page.header.all(Field.SEVERITY)] == ["SEV2"]
    assert page.header.all(Field.DURATION) == ()


@pytest.mark.parametrize(
    "head",
    [
        "The date: see below, and",
        "See https://example.org/date:1",
        "Note: **Date** is unknown",
        "**Date**:",
        "We were slow: it took hours",
    ],
)
def test_prose_with_a_colon_is_no_label(head):
    assert said(head, Field.DATE) == []


def test_front_matter_comes_first_then_labels_then_title_then_file_name():
    found = header(
        "**Date**: 2026-05-13",
        title="# 2026-05-12, relay",
        path="pm/2026-05-11-relay.md",
        front="---\nincident_date: 2026-05-14\n---\n",
    ).all(Field.DATE)
    assert [(value.source, value.raw) for value in found] == [
        (Source.FRONT_MATTER, "2026-05-14"),
        (Source.LABEL, "2026-05-13"),
        (Source.TITLE, "2026-05-12"),
        (Source.FILE_NAME, "2026-05-11"),
    ]


def test_lists_of_the_front_matter_are_read():
    found = header("x", front="---\nauthors: [ann, bob]\nStart-Time: 2026-05-14T09:51:00Z\n---\n")
    assert [value.raw for value in found.all(Field.AUTHOR)] == ["ann, bob"]
    assert [value.label for value in found.all(Field.STARTED)] == ["Start-Time"]


def test_a_teams_own_labels_are_read():
    page = Page("pm/relay.md", "# The relay\n\nGravity: SEV2\n\n## Impact\n", labels={"gravity": "severity"})
    assert [value.raw for value in page.header.all(Field.SEVERITY)] == ["SEV2"]


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("# 2026-05-14, relay", date(2026, 5, 14)),
        ("# Relay, May 14th, 2026", date(2026, 5, 14)),
        ("# Relay - 14/05/2026", date(2026, 5, 14)),
        ("# Upgrade to 1.18.20", None),
        ("# Upgrade from 4.13.19 to 4.14.2", None),
        ("# The relay of May", None),
    ],
)
def test_the_title_says_a_day_and_a_version_is_none(title, day):
    assert header("x", title=title).day == day


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("2h 8m", 128),
        ("2h08", 128),
        ("2 hours 8 minutes", 128),
        ("2 hrs, 8 mins", 128),
        ("1 hour and 48 minutes", 108),
        ("~90 min", 90),
        ("about 2 hours", 120),
        ("1:48", 108),
        ("1:48 hours", 108),
        ("1.5h", 90),
        ("1,5 h", 90),
        ("3 days", 4320),
        ("1d 2h", 1560),
        ("90s", 1.5),
        ("57 minutes (users)", 57),
        ("**45m**", 45),
    ],
)
def test_lengths_of_time_are_read_as_people_write_them(words, minutes):
    assert read_length(words) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "words", ["", "TBD", "long", "45", "2-3 hours", "a while", "since 10:48", "5 months", "half an hour"]
)
def test_other_words_are_no_length(words):
    assert read_length(words) is None


def test_carriage_returns_and_tabs_are_no_part_of_a_value():
    page = Page(
        "pm/relay.md", "\ufeff# The relay\r\n\r\n**Date**:\t2026-05-14 \r\n**Severity**: SEV1\r\n\r\n## Impact\r\n"
    )
    assert [value.raw for value in page.header.values] == ["2026-05-14", "SEV1"]
    value = page.header.all(Field.DATE)[0]
    assert page.lines[value.line][value.span.column - 1 : value.span.end_column - 1] == "2026-05-14"


def test_authors_who_are_written_as_tables_are_read_by_their_names():
    front = "---\nauthor:\n  - name: Ann\n    link: https://example.org/ann\n  - name: Bo\n---\n"
    assert said("", Field.AUTHOR, front=front) == ["Ann, Bo"]
