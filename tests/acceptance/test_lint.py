"""A complete post-mortem passes; what is taken from it is named, and nothing else, at its line and in every format."""

import json
import re

import pytest

from tests.lint.documents import COMPLETE, ID, INCIDENT, INCIDENT_PATH, NOW, PATH

SECTIONS = re.findall(r"^## (.*)$", COMPLETE, re.MULTILINE)
FORMATS = ("full", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")


@pytest.fixture
def place(desk):
    """A repository with one incident and its complete post-mortem."""
    desk.now = NOW
    for path, text in ((INCIDENT_PATH, INCIDENT), (PATH, COMPLETE)):
        file = desk.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    desk.git("add", "-A")
    desk.git("commit", "-qm", "record")
    return desk.path / PATH


def without_section(text: str, name: str) -> str:
    return re.sub(rf"^## {re.escape(name)}\n.*?(?=^## |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


BREAKS = {
    **{f"no {name}": (without_section(COMPLETE, name), "STR001", None) for name in SECTIONS},
    "no owner": (
        COMPLETE.replace(" — owner: @ann — due: 2026-06-01", " — due: 2026-06-01"),
        "ACT002",
        "Alert when fewer",
    ),
    "no due date": (COMPLETE.replace(" — due: 2026-06-15", ""), "ACT003", "Add a canary"),
    "no timeline entries": (
        re.sub(r"(## Timeline\n\n).*?(?=\n## )", r"\1It is in the chat.\n", COMPLETE, flags=re.DOTALL),
        "TML001",
        "## Timeline",
    ),
    "a time that goes back": (
        COMPLETE.replace("2026-05-14 10:48 The", "2026-05-14 10:08 The"),
        "TML003",
        "10:08 The service",
    ),
    "no severity": (COMPLETE.replace(" | **Severity**: SEV1", ""), "HDR001", None),
    "no author": (COMPLETE.replace(" | **Author**: @ann", "").replace("authors: [ann]\n", ""), "HDR001", None),
    "no duration": (COMPLETE.replace(" | **Duration**: 2h 8m", ""), "HDR001", None),
    "no date": (COMPLETE.replace("**Date**: 2026-05-14 | ", ""), "HDR001", None),
    "a wrong duration": (COMPLETE.replace("2h 8m", "3h 8m"), "HDR007", "3h 8m"),
    "a placeholder": (
        COMPLETE.replace("- The status page needed a second", "- TODO\n- The status page needed a second"),
        "STR003",
        "TODO",
    ),
}


def test_a_complete_post_mortem_passes_with_nothing_to_say(desk, place):
    result = desk.ictl("lint", "--level", "info", "--json")
    assert (result.code, result.json["findings"]) == (0, [])
    assert result.json["summary"]["files"] == 2


@pytest.mark.parametrize("name", BREAKS)
def test_one_fault_is_one_finding_at_its_line(desk, place, name):
    text, code, words = BREAKS[name]
    place.write_text(text, encoding="utf-8")
    result = desk.ictl("lint", "--json")
    found = result.json["findings"]
    assert [each["code"] for each in found] == [code], found
    if words is not None:
        assert found[0]["line"] == line_of(text, words)
    assert result.code == (1 if found[0]["severity"] == "error" else 0)


@pytest.mark.parametrize("name", BREAKS)
@pytest.mark.parametrize("shape", FORMATS)
def test_every_format_names_it(desk, place, name, shape):
    text, code, _ = BREAKS[name]
    place.write_text(text, encoding="utf-8")
    out = desk.ictl("lint", "--format", shape).out
    assert f"{ID}.md" in out
    assert code in out


def test_the_json_is_what_the_schema_says(desk, place):
    from jsonschema import Draft202012Validator

    place.write_text(BREAKS["no Impact"][0], encoding="utf-8")
    schema = json.loads(desk.ok("schema", "lint").out)
    Draft202012Validator(schema).validate(desk.ictl("lint", "--json").json)


def test_without_repository_settings_or_git_a_folder_is_linted(desk, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "2026-05-14-outage.md").write_text(without_section(COMPLETE, "Impact"), encoding="utf-8")
    result = desk.ictl("lint", str(folder), "--format", "concise", cwd=folder)
    assert result.code == 1
    assert "STR001" in result.out
    assert not (folder / ".git").exists()
    assert sorted(each.name for each in folder.iterdir()) == ["2026-05-14-outage.md"]
