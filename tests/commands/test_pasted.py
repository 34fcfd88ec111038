"""Lines that were copied from a chat or typed as a list: what is understood of them."""

from datetime import UTC, datetime
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest

from incidentctl.commands.pasted import PastedLines, read_lines
from incidentctl.errors import UsageError
from incidentctl.incident.times import format_instant

NOW = datetime(2026, 5, 14, 12, 30, tzinfo=UTC)
PEOPLE = {"ann": "ann", "ann example": "ann", "bob": "bob", "bob builder": "bob"}


def read(text: str, *, now: datetime = NOW, zone: str = "UTC") -> PastedLines:
    return read_lines(
        dedent(text),
        now=now,
        zone=ZoneInfo(zone),
        person_of=lambda word: PEOPLE.get(word.removeprefix("@").casefold()),
        is_service=lambda word: word == "checkout",
    )


def told(text: str, *, now: datetime = NOW, zone: str = "UTC") -> list[str]:
    """The entries, as short as can be."""
    return [
        f"{format_instant(entry.at)} {f'@{entry.author} ' if entry.author else ''}{entry.text}"
        for entry in read(text, now=now, zone=zone).entries
    ]


def clocks(text: str, *, now: datetime = NOW, zone: str = "UTC") -> list[str]:
    return [line[:16].replace("T", " ") for line in told(text, now=now, zone=zone)]


def test_a_time_an_author_and_a_text() -> None:
    lines = """\
        10:12 @bob pool exhausted on db-3
        10:20:30 @ann: payments fail as well
        10:48 failed over
    """
    assert told(lines) == [
        "2026-05-14T10:12:00Z @bob pool exhausted on db-3",
        "2026-05-14T10:20:30Z @ann payments fail as well",
        "2026-05-14T10:48:00Z failed over",
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[10:48] ann: failed over", "2026-05-14T10:48:00Z @ann failed over"),
        ("[10:48] Carol: failed over", "2026-05-14T10:48:00Z @carol failed over"),
        ("[10:48] Ann Example: failed over", "2026-05-14T10:48:00Z @ann failed over"),
        ("10:48 <bob> failed over", "2026-05-14T10:48:00Z @bob failed over"),
        ("[10:48:07] <@bob> failed over", "2026-05-14T10:48:07Z @bob failed over"),
        ("10:48 - Bob Builder: failed over", "2026-05-14T10:48:00Z @bob failed over"),
        ("14/05/2026, 10:48 - Bob Builder: failed over", "2026-05-14T10:48:00Z @bob failed over"),
        ("[14.05.26, 10:48:12] Dan: failed over", "2026-05-14T10:48:12Z @dan failed over"),
        ("10:48:33 From Ann Example to Everyone: failed over", "2026-05-14T10:48:33Z @ann failed over"),
        ("10:48 PM failed over", "2026-05-13T22:48:00Z failed over"),
        ("10:48am failed over", "2026-05-14T10:48:00Z failed over"),
        ("14:05 am wondering", "2026-05-13T14:05:00Z am wondering"),
        ("- 10:48 failed over", "2026-05-14T10:48:00Z failed over"),
        ("* **10:48** failed over", "2026-05-14T10:48:00Z failed over"),
        ("- **10:48:** failed over", "2026-05-14T10:48:00Z failed over"),
        ("1. 10:48 – failed over", "2026-05-14T10:48:00Z failed over"),
        ("| 10:48 | @bob | failed over |", "2026-05-14T10:48:00Z @bob failed over"),
        ("10:48Z failed over", "2026-05-14T10:48:00Z failed over"),
        ("10:48 UTC: failed over", "2026-05-14T10:48:00Z failed over"),
        ("(10:48) failed over", "2026-05-14T10:48:00Z failed over"),
        ("2026-05-14T10:48:00Z failed over", "2026-05-14T10:48:00Z failed over"),
        ("2026-05-14T12:48:00+02:00 failed over", "2026-05-14T10:48:00Z failed over"),
        ("2026-05-14 10:48:01,337 failed over", "2026-05-14T10:48:01Z failed over"),
        ("2026-05-14 12:48 +0200 failed over", "2026-05-14T10:48:00Z failed over"),
        ("10:48-10:52 failed over", "2026-05-14T10:48:00Z failed over (until 10:52)"),
        ("10:48 – 11:00 UTC failed over", "2026-05-14T10:48:00Z failed over (until 11:00)"),
        ("May 14 10:48 failed over", "2026-05-14T10:48:00Z failed over"),
        ("yesterday 22:48 failed over", "2026-05-13T22:48:00Z failed over"),
    ],
)
def test_a_line_in_the_shapes_that_people_use(line: str, expected: str) -> None:
    assert told(line) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "10:48 Mitigated: failed over",
        "10:48 error: timeout",
        "[10:48] Update: failed over",
        "[10:48] checkout: p99 above 4 s",
        "10:48 Payments: fail as well",
        "10:48 https://grafana.example.org/d/1",
        "10:48 10 pods restarted",
        "10:48 BUT not in us-east-1",
        "10:48 +1200 users",
    ],
)
def test_a_word_before_a_colon_is_not_always_a_name(line: str) -> None:
    (entry,) = read(line).entries
    assert entry.author is None
    assert entry.text == line.partition("10:48")[2].removeprefix("]").strip()


def test_slack_puts_the_name_and_the_time_above_the_text() -> None:
    lines = """\
        Ann Example  10:12 AM
        pool exhausted on db-3
        I look at the config push
        carol  [10:15 AM]
        payments fail as well
        10:16
        and refunds
    """
    assert told(lines) == [
        "2026-05-14T10:12:00Z @ann pool exhausted on db-3\nI look at the config push",
        "2026-05-14T10:15:00Z @carol payments fail as well",
        "2026-05-14T10:16:00Z @carol and refunds",
    ]


def test_slack_may_put_the_name_above_the_time() -> None:
    lines = """\
        Ann Example
          10:12 AM
        pool exhausted
        Thanks

        Carol Smith
          10:15 AM
        payments fail as well
    """
    assert told(lines) == [
        "2026-05-14T10:12:00Z @ann pool exhausted\nThanks",
        "2026-05-14T10:15:00Z @carol.smith payments fail as well",
    ]


def test_teams_puts_the_time_in_brackets_before_the_name() -> None:
    lines = """\
        [10:12 AM] Ann Example
            pool exhausted on db-3
        [10:15 AM] Carol Smith
            payments fail as well
        [10:48] failed over to db-4
        [11:02] looks good
    """
    assert told(lines) == [
        "2026-05-14T10:12:00Z @ann pool exhausted on db-3",
        "2026-05-14T10:15:00Z @carol.smith payments fail as well",
        "2026-05-14T10:48:00Z failed over to db-4",
        "2026-05-14T11:02:00Z looks good",
    ]


def test_discord_says_today_and_yesterday() -> None:
    lines = """\
        ann — Yesterday at 10:12 PM
        pool exhausted
        carol — Today at 9:15 AM
        payments fail as well
    """
    assert told(lines) == [
        "2026-05-13T22:12:00Z @ann pool exhausted",
        "2026-05-14T09:15:00Z @carol payments fail as well",
    ]


@pytest.mark.parametrize(
    "heading",
    ["2026-05-12", "## 2026-05-12", "--- 12 May ---", "Tuesday, May 12th", "12 May 2026:", "**2026-05-12**", "Tuesday"],
)
def test_a_date_above_holds_for_the_lines_below(heading: str) -> None:
    assert clocks(f"{heading}\n10:48 failed over\n11:00 fine") == ["2026-05-12 10:48", "2026-05-12 11:00"]


def test_a_clock_that_runs_back_below_a_date_has_passed_midnight() -> None:
    lines = "2026-05-12\n23:50 alert\n00:10 paged\n00:40 mended\n2026-05-14\n09:00 done"
    assert clocks(lines) == [
        "2026-05-12 23:50",
        "2026-05-13 00:10",
        "2026-05-13 00:40",
        "2026-05-14 09:00",
    ]


def test_without_a_date_the_last_line_is_the_latest_such_moment_and_the_others_come_before_it() -> None:
    assert clocks("23:50 alert\n00:10 paged\n00:40 mended") == [
        "2026-05-13 23:50",
        "2026-05-14 00:10",
        "2026-05-14 00:40",
    ]
    late = datetime(2026, 5, 14, 23, 55, tzinfo=UTC)
    assert clocks("23:50 alert\n00:10 paged\n00:40 mended", now=late) == [
        "2026-05-13 23:50",
        "2026-05-14 00:10",
        "2026-05-14 00:40",
    ]


def test_lines_above_the_first_date_belong_to_the_day_before_it() -> None:
    assert clocks("23:50 alert\n--- 14 May ---\n00:10 paged") == ["2026-05-13 23:50", "2026-05-14 00:10"]


def test_lines_that_are_a_few_minutes_out_of_order_stay_on_their_day() -> None:
    assert clocks("10:48 failed over\n10:45 errors drop\n11:00 fine") == [
        "2026-05-14 10:45",
        "2026-05-14 10:48",
        "2026-05-14 11:00",
    ]
    assert clocks("2026-05-14\n12:10 fine\n10:45 errors drop") == ["2026-05-14 10:45", "2026-05-14 12:10"]


def test_clocks_are_read_in_the_zone() -> None:
    assert clocks("12:48 failed over\n12:50 CEST fine\n10:55Z done", zone="Europe/Berlin") == [
        "2026-05-14 10:48",
        "2026-05-14 10:50",
        "2026-05-14 10:55",
    ]


def test_code_in_a_message_is_no_list_of_times() -> None:
    lines = "10:12 ann: look\n```\n10:11:58 ERROR pool exhausted\n```\n10:15 bob: seen"
    assert told(lines) == [
        "2026-05-14T10:12:00Z @ann look\n```\n10:11:58 ERROR pool exhausted\n```",
        "2026-05-14T10:15:00Z @bob seen",
    ]


def test_words_that_end_in_a_time_are_no_name() -> None:
    assert told("10:12 @ann first\nrestarted the pods at 10:15\n10:20 @bob second") == [
        "2026-05-14T10:12:00Z @ann first\nrestarted the pods at 10:15",
        "2026-05-14T10:20:00Z @bob second",
    ]


def test_what_stands_above_the_first_time_is_named_and_left_out() -> None:
    result = read("Incident room\n\n10:12 @ann first")
    assert [entry.text for entry in result.entries] == ["first"]
    assert result.left_out == ("  line 1, above the first time, is left out: Incident room",)


def test_a_table_is_a_list_of_lines() -> None:
    lines = """\
        | Time (UTC) | Event |
        | --- | --- |
        | 10:12 | pool exhausted |
        | 10:48 | failed over |
    """
    result = read(lines)
    assert [entry.text for entry in result.entries] == ["pool exhausted", "failed over"]
    assert len(result.left_out) == 1


def test_what_was_understood_is_shown_in_both_readings() -> None:
    shown = read("12:48 ann: failed over\nand back\n", zone="Europe/Berlin").shown
    assert shown == ("  12:48 CEST = 10:48Z  @ann: failed over (+1 line)",)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("10:12 first\n22:22 PM second", "line 2: '22:22 PM' is not a time of day"),
        ("10:12 first\n10:72 second", "line 2: '10:72' is not a time of day"),
        ("2026-02-30 10:12 first", "line 1: '2026-02-30' names a day that no calendar has"),
        ("2026-05-15 10:12 first", "line 1: '2026-05-15 10:12' is not past"),
        ("03/04/2026 10:12 first", "line 1: 03/04/2026 may be two days"),
    ],
)
def test_a_time_that_cannot_be_is_named_with_its_line(lines: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(lines)
    assert message in caught.value.message
    assert "nothing was written" in (caught.value.hint or "")


def test_an_hour_that_the_clocks_pass_twice_is_told_with_both_readings() -> None:
    with pytest.raises(UsageError, match=r"line 1: .* is ambiguous") as caught:
        read("2025-10-26 02:30 alert", zone="Europe/Berlin")
    assert caught.value.candidates == ("2025-10-26T00:30Z", "2025-10-26T01:30Z")


def test_a_text_without_any_time_has_no_entries() -> None:
    assert read("hello\nworld").entries == ()
    assert read("").entries == ()
