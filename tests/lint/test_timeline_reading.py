"""A timeline is read in whichever of its shapes it is written, with the day, the zone and the place of each entry."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.lint.page import Page
from incidentctl.lint.timeline import Fault, Shape

HEAD = "# Search is slow\n\n**Date**: 2026-05-14\n\n## Timeline\n\n"


def timeline(body: str, head: str = HEAD) -> Any:
    found = Page("2026-05-14-search.md", head + body).timeline
    assert found is not None
    return found


def of_page(text: str) -> Any:
    return Page("a.md", text).timeline


def moments(body: str, head: str = HEAD) -> list[str]:
    return [f"{moment:%d %H:%M}" for moment in timeline(body, head).moments]


SHAPES = {
    Shape.BULLETS: "- 10:02 alert fires\n- 10:48 failed over\n",
    Shape.BOLD: "- **10:02** alert fires\n- **10:48** failed over\n",
    Shape.TABLE: "| Time | What |\n| --- | --- |\n| 10:02 | alert fires |\n| 10:48 | failed over |\n",
    Shape.HEADINGS: "### 10:02\n\nalert fires\n\n### 10:48\n\nfailed over\n",
    Shape.LINES: "10:02 alert fires\n\n10:48 failed over\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_of_the_five_shapes_is_read(shape):
    found = timeline(SHAPES[shape])
    assert found.shape is shape
    assert [(entry.time.text, entry.text.strip()) for entry in found.timed] == [
        ("10:02", "alert fires"),
        ("10:48", "failed over"),
    ]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_the_place_of_each_time_is_exact(shape, newline):
    page: Any = Page("a.md", (HEAD + SHAPES[shape]).replace("\n", newline))
    for entry in page.timeline.timed:
        start, end = entry.place
        column = entry.piece.column
        assert page.lines[entry.line][column + start : column + end] == entry.time.text
        offset = page.offset(entry.line, column + start)
        assert page.text[offset : offset + end - start] == entry.time.text


@pytest.mark.parametrize(
    "body",
    [
        "1. 10:02 alert\n2. 10:48 over\n",
        "* 10:02: alert\n* 10:48: over\n",
        "- [x] 10:02 alert\n- [ ] 10:48 over\n",
        "- `10:02` alert\n- `10:48` over\n",
        "- [10:02](https://example.org/a) alert\n- [10:48](https://example.org/b) over\n",
        "- 🔴 10:02 alert\n- :white_check_mark: 10:48 over\n",
        "[10:02] alert\n\n[10:48] over\n",
        "10:02 alert\n10:48 over\n",
        "**10:02** - alert\n\n**10:48** - over\n",
        "10:02 | alert\n10:48 | over\n",
        "- 10:02-10:05 alert\n- 10:48–11:00 over\n",
        "- ~10:02 alert\n- around 10:48 over\n",
        "- 10:02 AM alert\n- 10:48 am over\n",
        "- 10.02 am alert\n- 10.48 am over\n",
    ],
)
def test_forms_of_entries(body):
    assert moments(body) == ["14 10:02", "14 10:48"]


@pytest.mark.parametrize(
    "body",
    [
        "### 2026-05-14\n\n- 23:50 alert\n\n### 2026-05-15\n\n- 00:10 over\n",
        "### Thursday, May 14\n\n- 23:50 alert\n\n### Friday, May 15\n\n- 00:10 over\n",
        "**May 14**\n\n- 23:50 alert\n\n**May 15**\n\n- 00:10 over\n",
        "**Day 1 (2026-05-14)**\n\n- 23:50 alert\n\n**Day 2 (2026-05-15)**\n\n- 00:10 over\n",
        "### Day 1: May 14\n\n- 23:50 alert\n\n### Day 2: May 15\n\n- 00:10 over\n",
        "- 2026-05-14\n  - 23:50 alert\n- 2026-05-15\n  - 00:10 over\n",
        "| Date | Time | What |\n| - | - | - |\n| 2026-05-14 | 23:50 | alert |\n| 2026-05-15 | 00:10 | over |\n",
        "| Time | What |\n| - | - |\n| 5/14 | |\n| 23:50 | alert |\n| 5/15 | |\n| 00:10 | over |\n",
        "| Date | Time | What |\n| - | - | - |\n| 14.05.2026 | 23:50 | alert |\n| 15.05.2026 | 00:10 | over |\n",
        "- 2026-05-14 23:50 alert\n- 2026-05-15 00:10 over\n",
        "- 14/05 23:50 alert\n- 15/05 00:10 over\n",
        "- Thu 23:50 alert\n- Fri 00:10 over\n",
        "- 23:50 on May 14 alert\n- 00:10 on May 15 over\n",
        "- 2026年5月14日 23:50 alert\n- 2026年5月15日 00:10 over\n",
    ],
)
def test_the_day_comes_from_the_entry_or_from_above_it(body):
    found = timeline(body)
    assert [f"{entry.day:%m-%d}" for entry in found.timed] == ["05-14", "05-15"]
    assert not any(entry.is_day_assumed for entry in found.timed)
    assert found.disorder == ()


def test_where_the_clock_goes_back_by_hours_the_next_day_is_assumed_and_marked():
    found = timeline("- 23:50 alert\n- 00:10 looked\n- 01:00 over\n")
    assert [(f"{entry.day:%d}", entry.is_day_assumed, entry.is_rollover) for entry in found.timed] == [
        ("14", False, False),
        ("15", True, True),
        ("15", True, False),
    ]
    assert [each.fault for each in found.disorder] == [Fault.NO_DAY]


def test_a_day_without_a_year_is_the_one_nearest_to_the_day_before_it():
    head = "# Search is slow\n\n**Date**: 2025-12-31\n\n## Timeline\n\n"
    found = timeline("- Dec 31 23:50 alert\n- Jan 1 00:10 over\n", head)
    assert [entry.day.isoformat() for entry in found.timed] == ["2025-12-31", "2026-01-01"]


@pytest.mark.parametrize(
    ("body", "zone"),
    [
        ("All times are UTC.\n\n- 10:02 alert\n", "UTC"),
        ("All times in US/Pacific.\n\n- 10:02 alert\n", "US/Pacific"),
        ("_All times in CEST_\n\n- 12:02 alert\n", "CEST"),
        ("| Time (CEST) | What |\n| - | - |\n| 12:02 | alert |\n", "CEST"),
    ],
)
def test_a_zone_that_is_stated_for_all_times_counts_for_each(body, zone):
    found = timeline(body)
    assert found.zone == zone
    if "/" not in zone:
        assert found.timed[0].moment == datetime(2026, 5, 14, 10, 2, tzinfo=UTC)


def test_a_column_of_elapsed_time_is_no_column_of_times():
    body = "| Elapsed | Time (UTC) | What |\n| - | - | - |\n| 0:00 | 10:02 | alert |\n| 0:46 | 10:48 | over |\n"
    assert moments(body) == ["14 10:02", "14 10:48"]


def test_a_column_with_the_name_of_a_zone_is_in_that_zone():
    found = timeline("| CEST | What |\n| - | - |\n| 12:02 | alert |\n")
    assert found.timed[0].moment == datetime(2026, 5, 14, 10, 2, tzinfo=UTC)


def test_the_day_after_an_event_of_another_day_is_assumed():
    found = timeline("- May 3: the change is merged\n- 10:02 alert\n")
    assert found.timed[0].is_day_assumed


def test_a_zone_in_the_heading_counts_for_each():
    found = timeline("- 12:02 alert\n", HEAD.replace("## Timeline", "## Timeline (CEST)"))
    assert found.timed[0].moment == datetime(2026, 5, 14, 10, 2, tzinfo=UTC)


def test_a_zone_at_one_entry_is_meant_for_those_without():
    found = timeline("- 12:02 CEST alert\n- 12:48 over\n")
    assert [moment.tzinfo for moment in found.moments] == [UTC, UTC]


def test_without_a_zone_times_are_as_the_clock_reads_them():
    assert [moment.tzinfo for moment in timeline("- 10:02 alert\n- 10:48 over\n").moments] == [None, None]


def test_items_below_an_entry_are_what_it_says():
    found = timeline("- 10:02 alert\n  - the graph is red\n  - 10:20 still red\n- 10:10 looked\n")
    assert [entry.depth for entry in found.entries] == [1, 2, 1]
    assert found.disorder == ()


def test_an_item_without_a_time_among_others_is_kept_without_one():
    found = timeline("- 10:02 alert\n- looked\n- 10:48 over\n")
    assert [entry.time is None for entry in found.entries] == [False, True, False]


@pytest.mark.parametrize(
    "body",
    [
        "### Incident A\n\n- 10:00 alert\n- 18:00 over\n\n### Incident B\n\n- 09:00 alert\n- 09:30 over\n",
        "### Detection\n\n- 10:00 alert\n- 11:00 looked\n\n### Mitigation\n\n- 10:30 over\n",
        "**Day 1**\n\n- 22:00 alert\n\n**Day 2**\n\n- 01:00 looked\n- 02:00 over\n",
        "### Oct 21\n\n#### A\n\n- 21:45 alert\n\n### Oct 24\n\n- 18:00 alert\n- 19:00 over\n",
    ],
)
def test_parts_under_headings_of_their_own_are_not_held_against_each_other(body):
    found = timeline(body)
    assert len(found.timed) >= 3
    assert found.disorder == ()


def test_a_section_for_causes_within_the_timeline_holds_no_entries():
    found = timeline("- 10:02 alert\n- 10:48 over\n\n### Root cause\n\n- 09:00 is when the batch runs\n")
    assert len(found.entries) == 2


def test_of_several_timelines_the_longest_is_read():
    page: Any = Page(
        "a.md", "# T\n\n## A\n\n### Timeline\n\n- 10:00 a\n\n## B\n\n### Timeline\n\n- 11:00 a\n- 11:05 b\n"
    )
    assert len(page.timeline.timed) == 2


def test_headings_that_are_times_are_a_timeline_without_a_section_for_one():
    page: Any = Page("a.md", "# T\n\n## 10:00 UTC\n\nalert\n\n## 10:10 UTC\n\nlooked\n\n## 10:30 UTC\n\nover\n")
    assert page.timeline.shape is Shape.HEADINGS
    assert page.timeline.section is None


def test_three_items_with_clocks_in_a_section_that_tells_are_a_timeline_too():
    body = "## What happened\n\nThis is how it went:\n\n- 10:00 alert\n- 10:10 looked\n- 10:30 over\n"
    assert len(of_page(f"# T\n\n{body}").timed) == 3


@pytest.mark.parametrize(
    "body",
    [
        "## What happened\n\nAt 10:00 the alert fired, at 10:10 we looked.\n",
        "## Impact\n\n- 10:00 to 10:10: 5 %\n- 10:10 to 10:20: 8 %\n- 10:20 to 10:30: 2 %\n",
        "## What happened\n\n- 10:00 alert\n- 10:10 looked\n",
    ],
)
def test_times_in_prose_and_elsewhere_are_no_timeline(body):
    assert Page("a.md", f"# T\n\n{body}").timeline is None


def test_quoted_lines_and_code_are_no_entries():
    found = timeline("- 10:02 alert\n\n> - 09:00 quoted\n\n```\n08:00 in code\n```\n\n- 10:48 over\n")
    assert len(found.entries) == 2


@pytest.mark.parametrize(
    ("body", "fault", "line"),
    [
        ("- 10:00 a\n- 10:10 b\n- 10:05 c\n- 10:20 d\n", Fault.GOES_BACK, 8),
        ("- 10:00 a\n- 12:10 b\n- 10:05 c\n- 10:20 d\n", Fault.GOES_BACK, 7),
        ("- 12:00 a\n- 11:00 b\n- 10:30 c\n- 10:20 d\n", Fault.NEWEST_FIRST, 6),
        ("- 2026-05-14 10:00 a\n- 2026-06-14 10:05 b\n- 2026-05-14 10:10 c\n", Fault.OUTLIER, 7),
        ("- 2026-05-14 10:00 a\n- 2026-05-14 10:05 b\n- 2025-05-14 10:10 c\n", Fault.OUTLIER, 8),
        ("- 2025-05-14 10:00 a\n- 2026-05-14 10:05 b\n- 2026-05-14 10:10 c\n", Fault.OUTLIER, 6),
    ],
)
def test_disorder_names_the_entry_that_stands_wrong(body, fault, line):
    found = timeline(body)
    (disorder,) = found.disorder
    assert disorder.fault is fault
    assert found.entries[disorder.entry].line == line


@pytest.mark.parametrize(
    "body",
    [
        "- 10:00 a\n- 10:00 b\n- 10:01 c\n",
        "- 10:00-11:00 a\n- 10:30 b\n",
        "- ~10:10 a\n- 10:00 b\n- 10:20 c\n",
        "- 10:00 PST a\n- 10:30 PDT b\n",
        "- 2026-05-13 22:00 a\n- 2026-05-14 01:00 b\n",
        "- 2026-01-31 10:00 a\n- 2026-05-14 10:00 b\n- 2026-05-14 10:05 c\n",
    ],
)
def test_what_is_in_order_is_in_order(body):
    assert timeline(body).disorder == ()


LINE = st.sampled_from(
    [
        "- 10:00 a",
        "- 09:00 b",
        "  - 10:05 c",
        "### 11:00",
        "### 2026-05-14",
        "**May 3**",
        "text",
        "",
        "| 10:00 | x |",
        "- d",
        "- Fri 9am",
    ]
)


@given(st.lists(LINE, max_size=30))
def test_any_mixture_of_shapes_is_read_without_an_error(lines):
    page: Any = Page("a.md", HEAD + "\n".join(lines))
    for entry in page.timeline.entries:
        assert page.lines[entry.line][entry.piece.column :].startswith(entry.piece.text)
    indexes = range(len(page.timeline.entries))
    assert all(each.entry in indexes and each.other in indexes for each in page.timeline.disorder)
