"""Timelines that people wrote down afterwards, pasted with `note --lines`: headings, bullets and tables, with days, zones and code."""

from datetime import UTC, datetime
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.commands.pasted import read_lines
from incidentctl.errors import UsageError
from incidentctl.incident.times import format_instant

NOW = datetime(2026, 5, 14, 12, 30, tzinfo=UTC)


def told(text: str, *, now: datetime = NOW, zone: str = "UTC") -> list[str]:
    """The entries, as short as can be."""
    found = read_lines(dedent(text), now=now, zone=ZoneInfo(zone)).entries
    return [f"{format_instant(each.at)} {f'@{each.author} ' if each.author else ''}{each.text}" for each in found]


def clocks(text: str, *, now: datetime = NOW, zone: str = "UTC") -> list[str]:
    return [line[:16].replace("T", " ") for line in told(text, now=now, zone=zone)]


def refusal(text: str, *, zone: str = "UTC") -> UsageError:
    with pytest.raises(UsageError) as caught:
        told(text, zone=zone)
    assert "nothing was written" in (caught.value.hint or "")
    return caught.value


# ------------------------------------------------------------------------------------------------------------- headings


def test_a_heading_with_a_time_takes_the_text_below_it() -> None:
    lines = """\
        ## Timeline

        ### 2026-05-12 08:14

        The nightly copy fails.

        ### 08:30 - first report

        A customer misses yesterday's orders.
    """
    assert told(lines) == [
        "2026-05-12T08:14:00Z The nightly copy fails.",
        "2026-05-12T08:30:00Z first report\n\nA customer misses yesterday's orders.",
    ]


def test_in_a_timeline_of_headings_a_time_in_a_sentence_begins_no_entry() -> None:
    lines = "### 2026-05-12 08:14\n\nThe copy that was due at\n06:00 had failed.\n- 07:00 it was tried again\n"
    (line,) = told(lines)
    assert line.endswith("The copy that was due at 06:00 had failed.\n- 07:00 it was tried again")


def test_a_sentence_that_was_wrapped_stands_on_the_first_line() -> None:
    lines = (
        "- 08:14 the copy\n  fails, and\n  nobody is told. It\n  is retried\n- 08:20 seen\n\n  - by two\n  - people\n"
    )
    assert told(lines) == [
        "2026-05-14T08:14:00Z the copy fails, and nobody is told. It is retried",
        "2026-05-14T08:20:00Z seen\n\n- by two\n- people",
    ]


def test_a_day_without_a_time_keeps_its_words_and_says_so() -> None:
    lines = "### 2026-05-11\n\nA mail announces the end of the contract.\n\n### 2026-05-12 08:14\n\nThe copy fails.\n"
    assert told(lines, zone="Europe/Berlin") == [
        "2026-05-10T22:00:00Z (no time) A mail announces the end of the contract.",
        "2026-05-12T06:14:00Z The copy fails.",
    ]


def test_what_stands_below_a_day_stands_beside_its_first_time() -> None:
    lines = "### 12 May 2026 - the copy\n\nIt is made each night.\n\n- **08:14 UTC** - the copy fails\n"
    assert told(lines) == [
        "2026-05-12T08:14:00Z (no time) the copy\n\nIt is made each night.",
        "2026-05-12T08:14:00Z the copy fails",
    ]


# ------------------------------------------------------------------------------------------------------ bullets, tables


def test_bold_times_code_and_images() -> None:
    lines = """\
        - **08:14 UTC** - the copy fails

        ![graph](https://img.example.org/1.png)

        - **08:20 UTC: the log** says why

        ~~~
        08:14:07 ERROR no space
            at copy.rs

        - 08:14 not an entry
        ~~~

        - **08:30** seen
    """
    assert told(lines, zone="Europe/Berlin") == [
        "2026-05-14T08:14:00Z the copy fails\n\n![graph](https://img.example.org/1.png)",
        "2026-05-14T08:20:00Z the log says why\n\n~~~\n08:14:07 ERROR no space\n    at copy.rs\n\n- 08:14 not an entry\n~~~",
        "2026-05-14T08:30:00Z seen",
    ]


def test_a_log_that_is_indented_as_code_is_no_list_of_times() -> None:
    lines = "10:12 the log says\n\n    10:11:58 ERROR pool\n    10:11:59 ERROR pool\n\n10:20 seen"
    assert clocks(lines) == ["2026-05-14 10:12", "2026-05-14 10:20"]


def test_a_fence_that_never_ends_hides_nothing() -> None:
    assert clocks("10:12 look\n```\n10:20 seen\n10:30 mended") == [
        "2026-05-14 10:12",
        "2026-05-14 10:20",
        "2026-05-14 10:30",
    ]


def test_code_alone_gets_a_line_above_it() -> None:
    assert told("### 10:12\n\n```\nERROR\n```\n") == ["2026-05-14T10:12:00Z …\n```\nERROR\n```"]


def test_a_table_with_days_and_halves_of_a_day() -> None:
    lines = """\
        | Time (UTC) | Event |
        |------------|-------|
        | May 11, 10:18 AM | a customer writes, "a \\| b" is refused |
        | May 12, 5:33 PM | a first correction |
        | 9:04 PM | it is taken back |
    """
    assert told(lines, zone="America/New_York") == [
        '2026-05-11T10:18:00Z a customer writes, "a | b" is refused',
        "2026-05-12T17:33:00Z a first correction",
        "2026-05-12T21:04:00Z it is taken back",
    ]


# ------------------------------------------------------------------------------------------- what a time does not say


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("### ca. 10:12\n\nslow", "2026-05-14T08:12:00Z slow (ca.)"),
        ("### 2026-05-14 ca. 10:12\n\nslow", "2026-05-14T08:12:00Z slow (ca.)"),
        ("~10:12 slow", "2026-05-14T08:12:00Z slow (ca.)"),
        ("- around 10:12: slow", "2026-05-14T08:12:00Z slow (ca.)"),
        ("10:12-10:30 slow", "2026-05-14T08:12:00Z slow (until 08:30Z)"),
        ("10:12 - 10:30: slow", "2026-05-14T08:12:00Z slow (until 08:30Z)"),
        ("10:12 to 10:30 slow", "2026-05-14T08:12:00Z slow (until 08:30Z)"),
        ("~10:12-10:30 slow\nvery", "2026-05-14T08:12:00Z slow (ca., until 08:30Z)\nvery"),
        ("2026-05-12 23:50-00:20 slow", "2026-05-12T21:50:00Z slow (until 22:20Z)"),
        ("2026-05-12 23:50-03:20 slow", "2026-05-12T21:50:00Z slow (until 2026-05-13T01:20:00Z)"),
        ("10:12 - 09:30 was the last copy", "2026-05-14T08:12:00Z 09:30 was the last copy"),
        ("2026-05-14T10:12-04:00 slow", None),
        ("2026-05-13T10:12-04:00 slow", "2026-05-13T14:12:00Z slow"),
    ],
)
def test_about_and_until_stay_in_the_words(line: str, expected: str | None) -> None:
    if expected is None:
        assert "ahead of now" in refusal(line, zone="Europe/Berlin").message
    else:
        assert told(line, zone="Europe/Berlin") == [expected]


# ----------------------------------------------------------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("day", "date"),
    [
        ("### Sep 27 2025 13:06", "2025-09-27 13:06"),
        ("### 27. September 2025, 13:06", "2025-09-27 13:06"),
        ("### Sat, 27 Sep 2025 13:06", "2025-09-27 13:06"),
        ("### September 27th, 2025 at 1:06 pm", "2025-09-27 13:06"),
        ("### 27.09.2025 13:06", "2025-09-27 13:06"),
        ("- **13:06 UTC (Sep 27)** -", "2025-09-27 13:06"),
        ("- 13:06 on 27 Sep:", "2025-09-27 13:06"),
        ("[2025-09-27 13:06]", "2025-09-27 13:06"),
        ("2025/9/27, 13:06:", "2025-09-27 13:06"),
    ],
)
def test_days_as_people_write_them(day: str, date: str) -> None:
    assert clocks(f"{day} slow") == [date]


def test_a_day_without_a_year_is_near_one_that_has_one() -> None:
    lines = "### 2018-12-31 23:10\n\na\n\n### 1. January, 11:00\n\nb\n\n### Dec 30, 9am\n\nc\n"
    assert clocks(lines) == ["2018-12-30 09:00", "2018-12-31 23:10", "2019-01-01 11:00"]
    assert clocks("- 31 Dec 23:10 a\n- 2019-01-01 08:00 b") == ["2018-12-31 23:10", "2019-01-01 08:00"]


def test_a_night_between_two_times_is_a_new_day() -> None:
    assert clocks("### 2026-05-11 18:45\n\na\n\n### 07:01\n\nb\n") == ["2026-05-11 18:45", "2026-05-12 07:01"]


def test_a_clock_that_runs_back_by_some_hours_is_asked_for() -> None:
    error = refusal("2026-05-11\n12:30 a\n09:10 b")
    assert error.message == "line 3: 09:10 stands below 12:30: it may be the same day or the next"
    assert error.hint == "write the day in front, as 2026-05-14 09:10, and paste again; nothing was written"
    assert "line 2: 09:10 stands below 12:20" in refusal("12:20 a\n09:10 b").message


def test_where_only_one_day_is_past_nothing_is_asked() -> None:
    assert clocks("12:40 a\n09:10 b") == ["2026-05-13 12:40", "2026-05-14 09:10"]
    assert clocks("2026-05-14\n12:20 a\n09:10 b") == ["2026-05-14 09:10", "2026-05-14 12:20"]


def test_a_line_written_late_stays_on_its_day_at_midnight_too() -> None:
    assert clocks("2026-05-11\n23:50 a\n00:05 b\n23:58 c\n00:20 d") == [
        "2026-05-11 23:50",
        "2026-05-11 23:58",
        "2026-05-12 00:05",
        "2026-05-12 00:20",
    ]


@pytest.mark.parametrize("day", ["12-05", "03/04/2026", "03-20"])
def test_numbers_that_may_be_two_days_are_refused(day: str) -> None:
    assert refusal(f"- [{day} 16:21] slow").message.startswith(f"line 1: {day} may be two days")


# ---------------------------------------------------------------------------------------------------------------- zones


@pytest.mark.parametrize(
    ("words", "clock"),
    [
        ("All times in UTC", "10:12"),
        ("All times are in UTC.", "10:12"),
        ("**All times in UTC+2 (Zurich time)**", "08:12"),
        ("All times in GMT+2", "08:12"),
        ("Times are in America/New_York", "14:12"),
        ("All times are local (Europe/Berlin)", "08:12"),
        ("All times in CET", "08:12"),
    ],
)
def test_what_the_text_says_of_its_zone_holds_for_its_lines(words: str, clock: str) -> None:
    lines = f"{words}\n\n### 2026-05-12 10:12\n\nslow\n"
    assert clocks(lines, zone="Europe/Berlin") == [f"2026-05-12 {clock}"]
    shown = read_lines(lines, now=NOW, zone=ZoneInfo("Europe/Berlin")).shown
    assert shown[0].startswith("  times in ")
    assert shown[0].endswith(", as the lines say")


def test_a_day_may_stand_beside_the_zone() -> None:
    assert clocks("All times in UTC, on February 5th 2026\n\n* [08:47] a\n* [09:02] b") == [
        "2026-02-05 08:47",
        "2026-02-05 09:02",
    ]


def test_a_short_name_of_another_zone_is_never_guessed() -> None:
    error = refusal("All times in PST\n\n- 10:12 slow", zone="Europe/Berlin")
    assert error.message == "line 1 says that times are in PST, which is not the zone in use"
    assert error.hint == "name the place, as --tz America/Los_Angeles, and paste again; nothing was written"
    line = refusal("- 2026-05-12 10:12 PST slow", zone="Europe/Berlin")
    assert line.message.startswith("line 1: '2026-05-12 10:12' says PST, but Europe/Berlin has CEST")
    assert "--tz America/Los_Angeles" in (line.hint or "")


def test_the_lines_below_one_with_a_zone_have_the_same() -> None:
    lines = "- **10:12 UTC** a\n- **10:20** b\n- **10:25 UTC** c"
    assert clocks(lines, zone="Europe/Berlin") == ["2026-05-14 10:12", "2026-05-14 10:20", "2026-05-14 10:25"]


def test_both_hours_of_the_night_in_which_summer_time_ends() -> None:
    lines = "### 2025-10-26 01:05\n\na\n\n### 02:40 CEST\n\nb\n\n### 02:10 CET\n\nc\n\n### 03:25\n\nd\n"
    assert clocks(lines, zone="Europe/Berlin") == [
        "2025-10-25 23:05",
        "2025-10-26 00:40",
        "2025-10-26 01:10",
        "2025-10-26 02:25",
    ]
    assert "is ambiguous in Europe/Berlin" in refusal(lines.replace(" CEST", ""), zone="Europe/Berlin").message


# --------------------------------------------------------------------------------------------------------------- people


def test_a_sentence_about_two_people_keeps_both() -> None:
    assert told("10:12 @ann and @bob restart the pods\n10:20 @ann restarts the last one") == [
        "2026-05-14T10:12:00Z @ann and @bob restart the pods",
        "2026-05-14T10:20:00Z @ann restarts the last one",
    ]


def test_a_word_before_a_colon_is_nobody_in_a_written_timeline() -> None:
    lines = "- **10:12 UTC** - Discovery: the pool is empty\n- 10:20 db-3: restarted\n* [10:30] Replica: promoted"
    assert told(lines) == [
        "2026-05-14T10:12:00Z Discovery: the pool is empty",
        "2026-05-14T10:20:00Z db-3: restarted",
        "2026-05-14T10:30:00Z Replica: promoted",
    ]


def test_a_chat_that_was_quoted() -> None:
    lines = ">ann [1:26 PM]\n>it is slow\n>    ```\n>    state: waiting\n>    ```\n>\n>Bob Builder [1:50 PM]\n>seen\n"
    assert told(lines) == [
        "2026-05-13T13:26:00Z @ann it is slow\n   ```\n   state: waiting\n   ```",
        "2026-05-13T13:50:00Z @bob.builder seen",
    ]


# ------------------------------------------------------------------------------------------------------------- whatever

WORDS = """
10:12 23:59 00:01 2026-05-12 May Monday @ann ann: <bob> UTC CET PST +02:00 -04:00 -10:20 ca. ~ ### - * ** [ ] ( ) ``` ~~~ > |
pm a.m. text … : to until on 31.12.2025 2/3/2026 _ Time |---|---|
"""
PIECES = st.sampled_from(
    [*WORDS.split(), "\n", "\n\n", "    ", " - ", "12 May", "All times in UTC", "| Time (UTC) | Event |"]
)


@given(st.lists(PIECES, max_size=40).map(" ".join) | st.lists(PIECES, max_size=40).map("".join))
def test_whatever_is_pasted_is_understood_or_refused_with_its_line(text: str) -> None:
    try:
        read = read_lines(text, now=NOW, zone=ZoneInfo("Europe/Berlin"))
    except UsageError as error:
        assert error.message.startswith("line ")
        return
    assert list(read.entries) == sorted(read.entries, key=lambda entry: entry.at)
    assert all(entry.text and entry.at.tzinfo is UTC for entry in read.entries)
    assert not read.entries or len(read.entries) <= len(read.shown) <= len(read.entries) + 1


def test_what_is_not_taken_in_is_named() -> None:
    lines = "All times in UTC unless a line says otherwise\n10:12 slow\n10:15\n10:20 @ann seen"
    read = read_lines(lines, now=NOW, zone=ZoneInfo("UTC"))
    assert [entry.text for entry in read.entries] == ["slow", "seen"]
    assert read.left_out == (
        "  line 1, above the first time, is left out: All times in UTC unless a line says otherwise",
        "  line 3 has no words and is left out: 10:15",
    )
