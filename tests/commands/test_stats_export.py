"""`stats export`: the record as tables, and back."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import SETTINGS, Desk, new_desk


@pytest.fixture
def story(desk: Desk) -> Desk:
    """Two incidents with most of what an incident can have."""
    desk.ok(
        "open", "Checkout latency", "-s", "1-2", "--service", "checkout, pay", "--detected-at", "-4m", "--tag", "a;b"
    )
    desk.wait(2)
    desk.ok("assign", "ic", "me")
    desk.ok("assign", "scribe", "@bob")
    desk.ok("note", "=cmd|' /C calc'!A0, \"quoted\"\nsecond line")
    desk.ok("severity", "3", "smaller")
    desk.ok(
        "update", "failing over", "--status", "identified", "--impact", "-12 %", "--theory", "+pool", "--next", "30m"
    )
    desk.ok("note", "wrong")
    desk.ok("undo")
    desk.wait(5)
    desk.ok("mitigate", "failed over")
    desk.ok("resolve", "done")
    desk.ok("reopen", "again")
    desk.wait(5)
    desk.ok("mitigate")
    desk.ok("resolve")
    desk.ok("set", "mitigated_at=-1m")
    desk.ok("set", "own_key=x")
    desk.ok("postmortem", "new", "--here")
    desk.ok(
        "action", "add", "Add a canary", "--owner", "@bob", "--due", "+14d", "--link", "https://github.com/o/r/issues/4"
    )
    desk.ok("action", "add", "Alert", "--owner", "@ann", "--due", "+7d", "--type", "detect")
    one, two = (each["id"] for each in desk.ok("action", "list", "--all", "--json").json["items"])
    desk.ok("action", "done", one)
    desk.ok("action", "drop", two, "--reason", "covered by #430")
    desk.wait(60)
    desk.ok("open", "False one", "-s", "2")
    desk.ok("cancel", "--reason", "false_alarm", "nope")
    return desk


def lines(desk: Desk, *words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in desk.ok("stats", "export", *words).out.splitlines()]


def test_each_line_is_an_object_of_its_schema(story: Desk) -> None:
    rows = lines(story)
    assert {row["type"] for row in rows} == {"incident", "transition", "action_item"}
    for row in rows:
        Draft202012Validator(story.ok("schema", f"{row['type']}_row").json).validate(row)
    first = next(row for row in rows if row["type"] == "incident")
    assert (first["id"], first["services"]) == ("2026-05-14-checkout-latency", ["checkout", "pay"])
    assert (first["severity"], first["severity_declared"]) == ("SEV3", "SEV1")
    assert first["other_keys"] == {"own_key": "x"}


def test_filters_are_those_of_list(story: Desk) -> None:
    assert {row.get("incident", row.get("id")) for row in lines(story, "--severity", "2")} == {"2026-05-14-false-one"}
    assert lines(story, "--since", "2027-01-01") == []
    assert {row["type"] for row in lines(story, "--rows", "action-items")} == {"action_item"}


def test_csv_is_three_tables_and_no_cell_is_a_formula(story: Desk, tmp_path: Path) -> None:
    assert "CSV is three tables" in story.ictl("stats", "export", "--format", "csv").err
    result = story.ok("stats", "export", "--format", "csv", "-o", str(tmp_path / "tables"))
    assert "2 incidents" in result.err
    assert sorted(each.name for each in (tmp_path / "tables").iterdir()) == [
        "action_items.csv",
        "incidents.csv",
        "transitions.csv",
    ]
    for path in (tmp_path / "tables").iterdir():
        cells = [cell for row in csv.reader(io.StringIO(path.read_text(), newline="")) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    told = story.ok("stats", "export", "--format", "csv", "--rows", "transitions").out
    assert told == (tmp_path / "tables" / "transitions.csv").read_text()
    texts = [row["text"] for row in csv.DictReader(io.StringIO(told, newline=""))]
    assert "'=cmd|' /C calc'!A0, \"quoted\"\nsecond line" in texts


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_is_imported_as_it_was(story: Desk, tmp_path: Path, form: str) -> None:
    place = str(tmp_path / "export")
    story.ok("stats", "export", "--format", form, "-o", place)
    (tmp_path / "new").mkdir()
    other = new_desk(tmp_path / "new", settings=SETTINGS)
    other.now = story.now
    other.ok("import", place)
    assert other.files() == story.files()
    for name in story.files():
        assert other.text(name).replace("source: export\n", "") == story.text(name)
    assert [row | ({"source": None} if "source" in row else {}) for row in lines(other)] == lines(story)
    assert other.ok("import", place).out == "already there: 2\n"
    before = story.git("rev-parse", "HEAD")
    assert story.ok("import", place).out == "already there: 2\n"
    assert story.git("rev-parse", "HEAD") == before


def test_nothing_is_told_of_an_empty_record(desk: Desk) -> None:
    assert desk.ok("stats", "export").out == ""
    assert desk.ok("stats", "export", "--format", "csv", "--rows", "incidents").out.startswith("id,external_id,title")


def test_a_status_that_somebody_passed_through_by_hand_is_told(desk: Desk) -> None:
    desk.ok("open", "By hand", "-s", "2")
    name = desk.files()[0]
    for status, hour in (("mitigated", 11), ("resolved", 12)):
        text = desk.text(name)
        before = next(line for line in text.splitlines() if line.startswith("status:"))
        desk.write(name, text.replace(before, f"status: {status}"))
        desk.environ["GIT_AUTHOR_DATE"] = desk.environ["GIT_COMMITTER_DATE"] = f"2026-05-14T{hour}:00:00Z"
        desk.git("commit", "--quiet", "-am", status)
    kinds = [row["kind"] for row in lines(desk, "--rows", "transitions")]
    assert kinds == ["opened", "mitigated", "resolved"]


def test_a_shallow_clone_is_refused_with_the_fix(story: Desk, tmp_path: Path) -> None:
    story.git("clone", "--quiet", "--depth", "1", f"file://{story.path}", str(tmp_path / "shallow"))
    result = Desk(tmp_path / "shallow", story.environ).ictl("stats", "export")
    assert result.code == 4
    assert "fetch" in result.err


def test_bytes_that_are_no_text_in_an_action_item_do_not_stop_an_export(story: Desk, tmp_path: Path) -> None:
    (path,) = story.path.glob("postmortems/**/*.md")
    path.write_bytes(path.read_bytes().replace(b"Alert", b"Al\xffert"))
    story.git("commit", "--quiet", "-am", "odd")
    story.ok("stats", "export", "--format", "csv", "-o", str(tmp_path / "tables"))
    story.ok("stats", "export", "-o", str(tmp_path / "lines.jsonl"))
    assert "Al\ufffdert" in (tmp_path / "tables" / "action_items.csv").read_text()
    for place in ("tables", "lines.jsonl"):
        assert story.ok("import", str(tmp_path / place)).out == "already there: 2\n"


def test_a_file_that_cannot_be_read_is_named_beside_the_others(story: Desk) -> None:
    desk = story
    path = desk.path / desk.files()[0]
    path.write_bytes(path.read_bytes() + b"\xff")
    desk.git("commit", "--quiet", "-am", "odd")
    result = desk.ictl("stats", "export")
    assert result.code == 1
    assert "not read: the file is not UTF-8 here" in result.err
    assert "2026-05-14-false-one" in result.out
