"""`note`: one word, or a whole chat."""

from pathlib import Path

import pytest

from tests.conftest import SETTINGS, Desk, new_desk


@pytest.fixture
def room(desk: Desk) -> Desk:
    """An incident that is under way."""
    desk.ok("open", "Checkout latency", "-s", "3")
    desk.wait(6)
    return desk


def last_entry(desk: Desk) -> str:
    """The newest entry, without its id."""
    lines = [line for line in desk.text().splitlines() if line.startswith("- ")]
    return lines[-1].partition(" <!--")[0]


def test_a_note_needs_no_quotes(room: Desk) -> None:
    result = room.ok("note", "pool", "exhausted", "on", "db-3")
    assert result.out == "10:12Z checkout-latency SEV3 noted\n"
    assert last_entry(room) == "- 2026-05-14T10:12:00Z pool exhausted on db-3 — @ann"
    assert room.subjects()[0] == "checkout-latency: noted"


def test_a_text_comes_from_m_or_from_standard_input(room: Desk) -> None:
    room.ok("note", "-m", "pool exhausted")
    assert last_entry(room) == "- 2026-05-14T10:12:00Z pool exhausted — @ann"
    room.ok("note", "-m", "-", stdin="two\nlines\n")
    assert "two — @ann" in room.text()
    assert "\n  lines\n" in room.text()


def test_a_text_in_both_places_is_refused(room: Desk) -> None:
    result = room.ictl("note", "words", "-m", "more")
    assert result.code == 2
    assert result.err == "the text was given twice, in words and with -m: keep one of the two\n"


@pytest.mark.parametrize("words", [(), ("-m", ""), ("-m", "-"), ("  ",)])
def test_a_note_without_a_text_is_refused_where_nobody_can_be_asked(room: Desk, words: tuple[str, ...]) -> None:
    result = room.ictl("note", *words)
    assert result.code == 2
    assert result.err.startswith("the text is missing: type it behind the command")


def test_a_text_is_asked_for_on_a_terminal(room: Desk) -> None:
    result = room.ok("note", typed="pool exhausted\n")
    assert result.err == "note: "
    assert last_entry(room) == "- 2026-05-14T10:12:00Z pool exhausted — @ann"


def test_an_empty_answer_opens_the_editor(room: Desk) -> None:
    room.editor('printf "written in\\nan editor\\n" > "$1"')
    room.ok("note", typed="\n")
    assert "written in — @ann" in room.text()
    assert "\n  an editor\n" in room.text()
    room.environ["GIT_EDITOR"] = "true"
    assert room.ictl("note", typed="\n").code == 2


@pytest.mark.parametrize("kind", ["investigation", "Action", "DECISION", "observation"])
def test_a_kind_is_taken_in_any_case(room: Desk, kind: str) -> None:
    result = room.ok("note", "--kind", kind, "roll back")
    assert last_entry(room) == f"- 2026-05-14T10:12:00Z **{kind.capitalize()}** roll back — @ann"
    assert result.out == f"10:12Z checkout-latency SEV3 {kind.lower()} noted\n"


def test_an_unknown_kind_is_refused_with_the_kinds_that_there_are(room: Desk) -> None:
    result = room.ictl("note", "--kind", "idea", "roll back")
    assert result.code == 2
    assert "'idea' is not one of 'investigation', 'action', 'decision', 'observation'" in result.err


def test_a_duty_is_done_with_or_without_words(room: Desk) -> None:
    result = room.ok("note", "--done", "Status-Page")
    assert last_entry(room) == "- 2026-05-14T10:12:00Z **Done** status_page — @ann"
    assert result.out == "10:12Z checkout-latency SEV3 status page done\n"
    room.ok("note", "--done", "legal", "told", "at", "10:10")
    assert "**Done** legal: told at 10:10 — @ann" in room.text()


def test_a_duty_that_is_nearly_one_of_ours_is_recorded_with_a_warning(room: Desk) -> None:
    result = room.ok("note", "--done", "status")
    assert result.err == "" or "did you mean" in result.err
    assert "warning: 'statuspage' is none of our clocks (did you mean status_page?); recorded as typed\n" in (
        room.ok("note", "--done", "statuspage").err
    )


@pytest.mark.parametrize("words", [("--done", "!"), ("--done", ""), ("--done", "bridge", "--kind", "action")])
def test_what_is_no_duty_is_refused(room: Desk, words: tuple[str, ...]) -> None:
    assert room.ictl("note", *words).code == 2


def test_a_duty_that_is_done_is_not_asked_for_again(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "1")
    assert "status page by" in desk.ok("show").out
    desk.ok("note", "--done", "status_page")
    desk.ok("note", "--done", "bridge")
    assert "status page by" not in desk.ok("show").out
    assert "bridge https" not in desk.ok("show").out


def test_text_that_begins_with_a_dash_goes_behind_two_dashes(room: Desk) -> None:
    result = room.ictl("note", "-5", "apples")
    assert result.code == 2
    assert result.err == (
        "no such option: -5: text that begins with a dash goes behind `--`, as in: ictl note -- TEXT; see ictl note --help\n"
    )
    room.ok("note", "--", "-5", "apples")
    assert last_entry(room) == "- 2026-05-14T10:12:00Z -5 apples — @ann"


def test_a_note_is_taken_when_the_incident_is_over(room: Desk) -> None:
    room.ok("resolve", "fixed")
    room.ok("note", "-i", "checkout", "the vendor confirms")
    assert "status: resolved" in room.text()


# ------------------------------------------------------------------------------------------------------- many lines


CHAT = """\
[10:07 AM] Bob Builder
pool exhausted on db-3
[10:09 AM] Ann Example
    I look at the config push
[10:11 AM] Carol Smith
payments fail as well
"""


def test_a_pasted_chat_becomes_entries_in_one_commit_and_shows_what_it_understood(tmp_path: Path) -> None:
    people = '[people]\n"ann@example.org" = { handle = "ann", name = "Ann Example" }\n'
    people += '"bob@example.org" = { handle = "bob", name = "Bob Builder" }\n'
    desk = new_desk(tmp_path, settings=SETTINGS + people)
    desk.zone = "Europe/Berlin"
    desk.ok("open", "Checkout latency", "-s", "3", "--tz", "UTC")
    desk.wait(10)
    before = len(desk.subjects())
    result = desk.ok("note", "--lines", "-", "--tz", "UTC", stdin=CHAT)
    assert len(desk.subjects()) == before + 1
    assert desk.subjects()[0] == "checkout-latency: 3 lines noted"
    assert result.err == (
        "  10:07Z  @bob: pool exhausted on db-3\n"
        "  10:09Z  @ann: I look at the config push\n"
        "  10:11Z  @carol.smith: payments fail as well\n"
    )
    assert result.out == "10:11Z checkout-latency SEV3 3 lines noted\n"
    entries = [line.partition(" <!--")[0] for line in desk.text().splitlines() if line.startswith("- ")][1:]
    recorded = "(recorded 2026-05-14T10:16:00Z)"
    assert entries == [
        f"- 2026-05-14T10:07:00Z pool exhausted on db-3 {recorded} — @bob (noted by @ann)",
        f"- 2026-05-14T10:09:00Z I look at the config push {recorded} — @ann",
        f"- 2026-05-14T10:11:00Z payments fail as well {recorded} — @carol.smith (noted by @ann)",
    ]
    again = desk.ok("note", "--lines", "-", "--tz", "UTC", stdin=CHAT)
    assert again.out == "10:16Z checkout-latency SEV3 all of these lines are there already\n"
    more = desk.ok("note", "--lines", "-", "--tz", "UTC", stdin=CHAT + "[10:15] all quiet\n")
    assert "warning: 3 of these lines were there already\n" in more.err
    assert desk.text().count("pool exhausted") == 1


def test_lines_come_from_a_file_as_well(room: Desk) -> None:
    room.write("chat.txt", "10:10 @bob restarted the pods\n")
    room.ok("note", "--lines", "chat.txt")
    assert "restarted the pods (recorded 2026-05-14T10:12:00Z) — @bob (noted by @ann)" in room.text()
    assert room.git("status", "--porcelain") == "?? chat.txt\n"
    result = room.ictl("note", "--lines", "nothing.txt")
    assert result.code == 2
    assert result.err == "there is no file nothing.txt: name one, or `-` for standard input\n"


@pytest.mark.parametrize(
    ("words", "stdin", "message"),
    [
        (("--lines", "-"), "no time here\n", "no line begins with a time"),
        (("--lines", "-"), "", "no line begins with a time"),
        (("--lines", "-", "more"), "10:10 x\n", "--lines takes its text from the lines alone"),
        (("--lines", "-", "--at", "10:10"), "10:10 x\n", "--lines takes its times from the lines"),
        (("--lines", "-"), "10:10 x\n25:10 y\n", "line 2: '25:10' is not a time of day"),
    ],
)
def test_lines_that_cannot_be_taken_in_write_nothing(
    room: Desk, words: tuple[str, ...], stdin: str, message: str
) -> None:
    before = room.subjects()
    result = room.ictl("note", *words, stdin=stdin)
    assert result.code == 2
    assert message in result.err
    assert room.subjects() == before


def test_lines_with_by_are_that_persons_where_they_name_nobody(room: Desk) -> None:
    room.ok("note", "--lines", "-", "--by", "@bob", stdin="10:10 first\n10:11 @carol second\n10:11 @ann third\n")
    text = room.text()
    assert "first (recorded 2026-05-14T10:12:00Z) — @bob (noted by @ann)" in text
    assert "second — @carol (noted by @ann)" in text
    assert "third — @ann <" in text


def test_a_word_whose_chance_came_up_before_is_recorded_all_the_same(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(5)
    desk.chances = 0
    desk.ok("note", "pool exhausted")
    assert "pool exhausted" in desk.text()
