"""`stats explain` and `stats diff`: the way to each number, and the commit that moved one."""

import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import Desk, Result, scrubbed_environ
from tests.dated import Dated

ID = "2026-05-14-checkout-latency"
FILE = f"incidents/2026/05/{ID}.md"


@pytest.fixture
def desk(tmp_path: Path, first_desk: Desk) -> Dated:
    """One incident that was mitigated after 46 minutes, and one that is open."""
    path = tmp_path / first_desk.path.name
    shutil.copytree(first_desk.path, path)
    desk = Dated(path, scrubbed_environ(tmp_path / "home"))
    desk.ok("open", "Checkout latency", "-s", "1", "--detected-at", "-4m")
    desk.at("10:48")
    desk.ok("mitigate", "failed over to db-4")
    desk.ok("open", "Login down", "-s", "2")
    return desk


def explained(desk: Dated, *words: str) -> Result:
    """What is printed, after the same for a program was held to its schema."""
    data = desk.ok("stats", "explain", *words, "--json").json
    Draft202012Validator(desk.ok("schema", "stats_explain").json).validate(data)
    return desk.ok("stats", "explain", *words)


def differing(desk: Dated, *words: str) -> str:
    data = desk.ok("stats", "diff", *words, "--json").json
    Draft202012Validator(desk.ok("schema", "stats_diff").json).validate(data)
    return desk.ok("stats", "diff", *words).out


def test_a_number_is_led_back_to_the_line_and_the_commit(desk: Dated) -> None:
    out = explained(desk, "mttm", "checkout").out
    line = 1 + desk.text(FILE).splitlines().index(
        next(line for line in desk.text(FILE).splitlines() if "**Mitigated**" in line)
    )
    commit = desk.git("log", "--format=%H", "-1", "--grep", "mitigated").strip()
    assert "46m = 2760 s" in out
    assert f"2026-05-14 10:48Z  {FILE}:{line}, commit {commit[:12]}" in out
    assert "| - 2026-05-14T10:48:00Z **Mitigated** failed over to db-4\n" in out and "@ann" not in out


def test_without_an_incident_the_median_is_told_with_its_place_and_what_is_left_out(desk: Dated) -> None:
    out = explained(desk, "MTTM").out
    assert "1 recorded of 2 incidents, from detected_at to mitigated_at" in out
    assert "median: 46m: the value at place 1 of 1 in order" in out
    assert "it is not mitigated yet: its status is investigating" in out


def test_what_a_person_changed_in_an_editor_is_led_back_to_the_commit(desk: Dated) -> None:
    desk.wait(12)
    commit = desk.change(("status: mitigated", "status: resolved"), name=FILE)
    assert f"from history: commit {commit[:12]}" in explained(desk, "mttr", "checkout").out


@pytest.mark.parametrize("metric", ["incidents", "action_items", "repeats", "process", "recording_lag", "user-impact"])
def test_every_figure_can_be_explained(desk: Dated, metric: str) -> None:
    assert explained(desk, metric).out.strip()
    assert explained(desk, metric, "checkout").out.strip()


def test_an_incident_that_is_not_counted_says_why(desk: Dated) -> None:
    desk.ok("cancel", "--reason", "false_alarm", "-i", "login")
    assert "it was canceled (false_alarm)" in explained(desk, "mttm", "login").out
    assert "it is not in the period" in explained(desk, "mttm", "checkout", "--period", "2025").out


def test_an_unknown_figure_or_incident_is_answered_with_those_that_there_are(desk: Dated) -> None:
    unknown = desk.ictl("stats", "explain", "mttn")
    assert unknown.code == 2 and "did you mean mtt" in unknown.err
    assert desk.ictl("stats", "explain", "mttm", "nothing").code == 3
    several = desk.ictl("stats", "explain", "mttm", "o")
    assert several.code == 3 and ID in several.err


# ---------------------------------------------------------------------------------------------------------- difference


def test_the_commit_that_moved_a_number_is_named(desk: Dated) -> None:
    desk.git("tag", "before")
    desk.wait(30)
    desk.ok("note", "nothing to do with it", "-i", "checkout")
    desk.ok("set", "mitigated_at=2026-05-14T10:38:00Z", "-i", "checkout")
    commit = desk.git("rev-parse", "HEAD").strip()
    desk.ok("note", "nor has this", "-i", "checkout")
    out = differing(desk, "before", "HEAD")
    assert "median 46m (n 1) → 36m (n 1)" in out
    assert f"    {ID}: 46m → 36m (-10m)\n        by commit {commit[:12]}\n" in out
    backwards = differing(desk, "HEAD", "before")
    assert f"    {ID}: 36m → 46m (+10m)\n        by commit {commit[:12]}\n" in backwards


def test_a_change_by_hand_is_named_as_well(desk: Dated) -> None:
    desk.git("tag", "before")
    desk.wait(30)
    commit = desk.change(("T10:48:00Z **Mitigated**", "T10:50:00Z **Mitigated**"), name=FILE)
    assert f"by commit {commit[:12]}" in differing(desk, "before", "HEAD")


def test_incidents_that_came_and_what_time_alone_did_are_told(desk: Dated) -> None:
    desk.wait(600)
    desk.ok("open", "Search slow", "-s", "3")
    out = differing(desk, "2026-05-14 12:00", "now")
    assert "1 incident more: 2026-05-14-search-slow" in out
    assert "MTTM, time to mitigate: median 46m (n 1) → 46m (n 1)" in out


def test_two_periods_are_two_questions_and_a_difference_is_claimed_only_where_there_is_one(desk: Dated) -> None:
    out = differing(desk, "2026-04", "2026-05")
    assert "not distinguishable (1 against 0 incidents)" in out
    mixed = desk.ictl("stats", "diff", "2026-04", "HEAD")
    assert mixed.code == 2 and "is a period" in mixed.err


def test_a_moment_before_the_record_has_nothing(desk: Dated) -> None:
    assert "median n/a (n 0) → 46m (n 1)" in differing(desk, "2020-01-01", "now")


def test_neither_a_ref_nor_a_moment_is_said_with_the_way_out(desk: Dated) -> None:
    for words in ("nothing-such", "--upload-pack=x", "-x"):
        result = desk.ictl("stats", "diff", "--", words, "HEAD")
        assert result.code == 2 and "neither a commit nor a time" in result.err, words
