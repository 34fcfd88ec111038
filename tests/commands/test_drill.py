"""A drill: as in earnest, and no line that is printed of it can be taken for the real thing."""

import base64
import re
from pathlib import Path

import pytest

from tests.conftest import SETTINGS, Desk, Result, new_desk

MARK = "DRILL "
ID = "2026-05-14-failover-exercise"


@pytest.fixture
def drill(desk: Desk) -> Desk:
    """A SEV1 exercise that is under way."""
    desk.ok("open", "Failover exercise", "-s", "1", "--drill")
    desk.at("10:20")
    return desk


def unmarked(result: Result) -> list[str]:
    """The lines, on either stream, that do not say what they are about."""
    lines = [*result.out.splitlines(), *result.err.splitlines()]
    return [line for line in lines if line and not line.startswith(MARK)]


@pytest.mark.slow
def test_each_line_of_each_command_about_a_drill_is_marked(desk: Desk) -> None:
    assert unmarked(desk.ok("open", "Failover exercise", "-s", "1", "--drill", "--detected-at", "-4m")) == []
    desk.at("10:20")
    for words in (
        ("ack",),
        ("note", "pool exhausted\non db-3"),
        ("note", "--kind", "action", "restarted", "--at", "10:15"),
        ("note", "--done", "bridge"),
        ("assign", "tl", "me"),
        ("assign", "ic", "me"),
        ("assign", "ic", "@bob", "--handoff", "end of shift"),
        ("update", "failing over", "--impact", "12 %\nof checkouts", "--theory", "pool"),
        ("update", "failing back", "--copy"),
        ("severity", "2", "only a few"),
        ("severity", "2"),
        ("set", "team=payments", "affected_users=10"),
        ("note", "x", "--dry-run"),
        ("show",),
        ("timeline",),
        ("timeline", "--ids"),
        ("list",),
        ("list", "--open"),
        ("search", "db-3"),
        ("search", "pool"),
        ("use",),
        ("mitigate", "on db-4"),
        ("undo",),
        ("resolve",),
        ("reopen", "again"),
        ("resolve", "done"),
        ("postmortem", "new", "--here"),
        ("postmortem", "show"),
        ("postmortem", "list"),
        ("postmortem", "show", "--text"),
        ("set", "root_cause=pool"),
        ("action", "add", "Rehearse it", "--owner", "me", "--due", "2026-06-01"),
        ("action", "list"),
        ("postmortem", "submit"),
        ("close",),
        ("cancel", "--reason", "not-an-incident"),
        ("show",),
    ):
        names: tuple[str, ...] = (
            () if words[0] in ("list", "search", "action") or words[1:2] == ("list",) else ("-i", ID)
        )
        if words[0] in ("show", "timeline", "use", "postmortem") and names:
            names = () if words == ("use",) else (ID,)
        result = desk.ictl(*words, *names)
        assert result.code in (0, 2), (words, result)
        assert unmarked(result) == [], (words, result.out, result.err)


def test_what_is_refused_of_a_drill_is_marked_as_well(drill: Desk) -> None:
    drill.ok("cancel", "--reason", "not-an-incident")
    result = drill.ictl("mitigate", "-i", ID)
    assert result.code == 2
    assert unmarked(result) == []


def test_a_copied_update_says_on_each_line_that_it_is_a_drill(drill: Desk) -> None:
    result = drill.ok("update", "failing over", "--impact", "12 %\nof checkouts", "--copy", typed="")
    (payload,) = re.findall("\x1b]52;c;([^\x07]+)\x07", result.err)
    copied = base64.b64decode(payload).decode().splitlines()
    assert copied[0] == "DRILL SEV1 Failover exercise"
    assert "DRILL of checkouts" in copied
    assert all(line.startswith(MARK) for line in copied)


def test_each_line_of_a_notice_says_that_it_is_a_drill_and_goes_only_to_who_takes_them(tmp_path: Path) -> None:
    desk = new_desk(
        tmp_path, settings=f'{SETTINGS}[[notify]]\nname = "ops"\n\n[[notify]]\nname = "board"\ndrills = true\n'
    )
    desk.ok("open", "Failover exercise", "-s", "1", "--drill")
    refused = desk.ictl("notify")
    assert refused.code == 2
    assert unmarked(refused) == []
    desk.ictl("update", "failing over", "--impact", "12 %\nof checkouts")
    result = desk.ictl("notify", "--dry-run")
    assert unmarked(result) == []
    assert [line for line in result.out.splitlines() if "to ops" in line] == []
    assert "DRILL   DRILL of checkouts" in result.out.splitlines()


def test_lines_stay_within_the_terminal_with_the_mark(drill: Desk) -> None:
    drill.environ["COLUMNS"] = "60"
    drill.ok("note", "a long sentence " * 12)
    result = drill.ok("show", typed="")
    assert unmarked(result) == []
    assert max(map(len, result.out.splitlines())) <= 60


def test_a_program_is_told_by_a_field_and_gets_pure_json(drill: Desk) -> None:
    assert drill.ok("note", "x", "--json").json["drill"] is True
    assert drill.ok("show", "--json").json["incident"]["drill"] is True
    assert drill.ok("list", "--json").json["incidents"][0]["drill"] is True
    assert drill.ok("open", "Login down", "-s", "2", "--json").json["drill"] is False


def test_the_real_thing_beside_a_drill_is_not_marked(drill: Desk) -> None:
    drill.ok("open", "Login down", "-s", "2")
    assert MARK not in drill.ok("note", "x", "-i", "login").out
    assert MARK not in drill.ok("show", "login").out
    marked = {line.split()[-1]: line.startswith(MARK) for line in drill.ok("list").out.splitlines()}
    assert marked == {"exercise": True, "down": False}


def test_a_choice_among_incidents_tells_drills_apart(drill: Desk) -> None:
    drill.ok("open", "Failover of checkout", "-s", "2")
    drill.ok("use", "--clear")
    result = drill.ictl("note", "x")
    assert result.code == 3
    assert sorted(MARK in line for line in result.err.splitlines() if "2026-05-14-failover" in line) == [False, True]


def test_a_drill_counts_in_no_figure(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, settings=SETTINGS)
    desk.ok("open", "Failover exercise", "-s", "1", "--drill", "--detected-at", "-4m")
    desk.ok("mitigate")
    desk.ok("resolve")
    report = desk.ok("stats", "report", "--json").json
    assert report["metrics"]["mttm"]["n"] == 0
    assert (report["counts"]["total"], report["counts"]["drills"]) == (0, 1)
