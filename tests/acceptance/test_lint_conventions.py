"""The linter's conventions through the command line: choice, severities, statuses, suppressions, baseline, staging, fixes, cache."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, NOW, PATH

NO_IMPACT = COMPLETE.replace("## Impact", "## Notes on money")
NO_DUE = COMPLETE.replace(" — due: 2026-06-15", "")
VAGUE = COMPLETE.replace("Add a canary stage to the config pipeline", "Improve the config pipeline")
LEVEL_INFO = ("--level", "info")


@pytest.fixture
def place(desk):
    """A repository with one incident and its complete post-mortem, all committed."""
    desk.now = NOW
    desk.write(INCIDENT_PATH, INCIDENT)
    file = desk.write(PATH, COMPLETE)
    desk.git("add", "-A")
    desk.git("commit", "-qm", "record")
    return file


def codes(result) -> list[str]:
    return [each["code"] for each in json.loads(result.out)["findings"]]


def settings(desk, text: str) -> None:
    file = desk.path / "incidentctl.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--select", "ACT003"], ["ACT003"]),
        (["--select", "no-due-date,STR"], ["ACT003"]),
        (["--select", "ACT"], ["ACT003"]),
        (["--ignore", "ACT003"], []),
        (["--ignore", "no-due-date"], []),
        (["--select", "STR", "--select", "HDR"], []),
        (["--extend-select", "ACT011"], ["ACT003"]),
    ],
    ids=" ".join,
)
def test_rules_are_chosen_by_code_name_and_family(desk, place, words, expected):
    place.write_text(NO_DUE, encoding="utf-8")
    assert codes(desk.ictl("lint", "--json", *words)) == expected


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
def test_a_rule_that_does_not_exist_is_refused_with_the_one_that_was_meant(desk, place, option):
    result = desk.ictl("lint", option, "no-due-dat")
    assert result.code == 2
    assert "no-due-date" in result.err


def test_what_fails_and_what_is_shown_are_two_things(desk, place):
    place.write_text(VAGUE, encoding="utf-8")
    assert desk.ictl("lint").code == 0
    assert desk.ictl("lint", "--fail-level", "warning").code == 1
    assert desk.ictl("lint", "--fail-level", "warning", "--exit-zero").code == 0
    assert codes(desk.ictl("lint", "--level", "error", "--json")) == []
    assert "ACT008" in desk.ok("lint", "--statistics").out


def test_errors_of_what_is_not_written_yet_are_warnings_in_a_draft(desk, place):
    place.write_text(NO_DUE.replace("status: final", "status: draft"), encoding="utf-8")
    result = desk.ictl("lint", "--json")
    assert [(each["code"], each["severity"]) for each in result.json["findings"] if each["code"] == "ACT003"] == [
        ("ACT003", "warning")
    ]


def test_a_contradiction_is_an_error_in_a_draft_too(desk, place):
    text = COMPLETE.replace("status: final", "status: draft").replace("2026-05-14 10:48 The", "2026-05-14 10:08 The")
    place.write_text(text, encoding="utf-8")
    assert desk.ictl("lint").code == 1


@pytest.mark.parametrize(("told", "code"), [("false", 1), ("true", 0)])
def test_a_draft_is_not_merged_by_a_pull_request_that_is_none(desk, place, told, code):
    place.write_text(
        COMPLETE.replace("status: final", "status: draft").replace("published_at: 2026-05-20T09:00:00Z\n", ""),
        encoding="utf-8",
    )
    desk.environ["INCIDENTCTL_PR_DRAFT"] = told
    result = desk.ictl("lint", "--json")
    assert result.code == code
    assert ("STR013" in codes(result)) is (code == 1)


def test_settings_change_severities_by_rule_status_and_path(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    settings(desk, '[lint.severity]\nno-due-date = "warning"\n')
    assert desk.ictl("lint").code == 0
    settings(desk, '[[lint.path]]\npaths = ["postmortems/**"]\nignore = ["ALL"]\n')
    assert codes(desk.ictl("lint", "--json")) == []


def test_a_wrong_word_in_the_settings_is_a_warning_with_its_place(desk, place):
    settings(desk, '[lint]\nignore = ["no-due-dat"]\n')
    result = desk.ok("lint")
    assert "no-due-date" in result.err
    assert "incidentctl.toml:" in result.err


def test_a_rule_of_ones_own_is_run_and_named(desk, place):
    settings(
        desk,
        '[[lint.custom]]\ncode = "X001"\npattern = \'(?i)evening\'\nmessage = "{match} is no time"\nseverity = "error"\n',
    )
    result = desk.ictl("lint", "--json")
    assert result.code == 1
    assert {(each["code"], each["message"]) for each in result.json["findings"]} == {("X001", "'evening' is no time")}


def test_a_suppressed_finding_is_counted(desk, place):
    text = NO_DUE.replace(
        "- [ ] Add a canary", "<!-- incidentctl: ignore ACT003 -- waits for the vendor -->\n- [ ] Add a canary"
    )
    place.write_text(text, encoding="utf-8")
    result = desk.ok("lint", "--json")
    assert (codes(result), result.json["summary"]["suppressed"]) == ([], 1)


def test_a_baseline_covers_what_was_there_wherever_it_moves_and_nothing_new(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    desk.ok("lint", "--baseline", "known.json", "--update-baseline")
    assert desk.ok("lint", "--baseline", "known.json", "--json").json["summary"]["baselined"] == 1
    place.write_text(NO_DUE.replace("# Checkout latency\n", "# Checkout latency\n\n\n\n"), encoding="utf-8")
    assert desk.ictl("lint", "--baseline", "known.json").code == 0
    place.write_text(NO_DUE.replace(" — due: 2026-06-01", ""), encoding="utf-8")
    result = desk.ictl("lint", "--baseline", "known.json", "--json")
    assert (result.code, codes(result)) == (1, ["ACT003"])
    place.write_text(COMPLETE, encoding="utf-8")
    assert "ACT003" in desk.ok("lint", "--baseline", "known.json").out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no baseline"),
        ('{"schema_version": 99, "kind": "lint_baseline", "findings": {}}', "later version"),
        ("<<<<<<< a\n", "conflict"),
    ],
    ids=["broken", "from the future", "in conflict"],
)
def test_a_baseline_that_cannot_be_read_is_refused_with_the_way_out(desk, place, text, words):
    desk.write("known.json", text)
    result = desk.ictl("lint", "--baseline", "known.json")
    assert result.code == 2
    assert words in result.err
    assert "--update-baseline" in result.err or "update" in result.err


def test_what_is_staged_is_linted_as_it_is_staged(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    desk.git("add", "-A")
    place.write_text(COMPLETE, encoding="utf-8")
    assert codes(desk.ictl("lint", "--staged", "--json")) == ["ACT003"]
    assert codes(desk.ictl("lint", "--json")) == []
    desk.git("reset", "-q")
    assert desk.ictl("lint", "--staged").code == 0


def test_only_what_differs_from_a_branch_is_linted(desk, place):
    desk.write("postmortems/2026/04/2026-04-01-old.md", NO_DUE.replace("2026-05-14-checkout-latency", "2026-04-01-old"))
    desk.git("add", "-A")
    desk.git("commit", "-qm", "old")
    desk.git("switch", "-qc", "topic")
    place.write_text(NO_DUE, encoding="utf-8")
    result = desk.ictl("lint", "--changed-since", "main", "--json")
    assert {each["path"] for each in result.json["findings"]} == {PATH}
    assert desk.ictl("lint", "--changed-since", "nowhere").code == 2


def test_older_incidents_are_left_alone(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    assert desk.ictl("lint", "--since", "2026-05-15").code == 0
    assert desk.ictl("lint", "--since", "2026-05-14").code == 1


def test_standard_input_is_linted_where_it_would_stand(desk, place):
    result = desk.ictl("lint", "-", "--stdin-filename", PATH, "--json", stdin=NO_DUE)
    assert [(each["path"], each["code"]) for each in result.json["findings"]] == [(PATH, "ACT003")]


def test_safe_fixes_are_made_and_every_other_byte_stays(desk, place):
    text = COMPLETE.replace("**Duration**: 2h 8m", "**Duration**: 3h 8m").replace("\n", "\r\n")
    place.write_bytes(text.encode())
    shown = desk.ictl("lint", "--fix", "--diff")
    assert shown.code == 1
    assert "+**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m" in shown.out
    assert place.read_bytes() == text.encode()
    assert desk.ictl("lint", "--fix").code == 0
    assert place.read_bytes() == COMPLETE.replace("\n", "\r\n").encode()


def test_the_skeleton_of_a_missing_section_is_asked_for(desk, place):
    import re

    text = re.sub(r"## Impact\n.*?(?=## Timeline)", "", COMPLETE, flags=re.DOTALL)
    place.write_text(text, encoding="utf-8")
    desk.ictl("lint", "--fix")
    assert "## Impact" not in place.read_text(encoding="utf-8")
    desk.ictl("lint", "--fix", "--unsafe-fixes")
    mended = place.read_text(encoding="utf-8")
    assert mended.index("## Summary") < mended.index("## Impact") < mended.index("## Timeline")


def test_several_reports_are_written_in_one_run_also_when_it_fails(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    assert desk.ictl("lint", "--output-file", "sarif=a.sarif", "--output-file", "markdown=b.md").code == 1
    assert json.loads((desk.path / "a.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert "due date" in (desk.path / "b.md").read_text(encoding="utf-8")


def test_the_cache_never_changes_the_answer(desk, place):
    def answer(*words):
        return desk.ictl("lint", "--json", *LEVEL_INFO, *words).out

    place.write_text(NO_DUE, encoding="utf-8")
    first = answer()
    assert answer() == first == answer("--no-cache")
    place.write_text(VAGUE, encoding="utf-8")
    assert answer() == answer("--no-cache") != first
    file = desk.path / INCIDENT_PATH
    file.write_text(
        INCIDENT.replace("severity: SEV1", "severity: SEV2").replace("**Opened** SEV1", "**Opened** SEV2"),
        encoding="utf-8",
    )
    assert answer() == answer("--no-cache")
    settings(desk, '[lint]\nignore = ["ACT"]\n')
    assert answer() == answer("--no-cache")
    (cache,) = (desk.path / ".git/incidentctl/cache").glob("lint*")
    cache.write_bytes(b"\xc1 broken")
    assert answer() == answer("--no-cache")


def test_several_processes_give_the_same_bytes_as_one(desk, tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(60):
        text = (NO_DUE, COMPLETE, VAGUE)[number % 3]
        (folder / f"2026-05-{number % 28 + 1:02}-outage-{number}.md").write_text(text, encoding="utf-8")

    def run(jobs: str) -> bytes:
        words = [sys.executable, "-m", "incidentctl", "lint", str(folder), "--jobs", jobs, "--json", "--no-cache"]
        done = subprocess.run(
            words, env={**desk.environ, "PYTHONPATH": str(Path.cwd())}, capture_output=True, check=False
        )
        assert done.returncode == 1, done.stderr
        return done.stdout

    assert run("1") == run("2")


def test_adopting_an_archive_takes_today_as_given_and_reports_what_comes(desk, tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(5):
        (folder / f"2026-03-{number + 1:02}-relay.md").write_text(
            f"# Relay {number} down, 2026-03-0{number + 1}\n\n## What happened\n\nThe relay was down for an hour.\n\n"
            "## Timeline\n\nAll times are UTC.\n\n- 10:00 The alert fires.\n- 11:00 It is fixed.\n\n"
            f"## Follow-ups\n\n- Add a second relay in zone {number}\n{'TODO' if number == 2 else ''}\n",
            encoding="utf-8",
        )
    assert desk.ictl("lint", str(folder)).code == 1
    desk.ok("lint", str(folder), "--adopt")
    assert desk.ictl("lint", str(folder)).code == 0
    file = folder / "2026-03-04-relay.md"
    file.write_text(file.read_text(encoding="utf-8").replace("- 11:00 It", "- 09:00 It"), encoding="utf-8")
    result = desk.ictl("lint", str(folder), "--json")
    assert (result.code, codes(result)) == (1, ["TML003"])
    again = desk.ictl("lint", str(folder), "--adopt")
    assert again.code == 2
    assert "[lint]" in again.err


def test_an_error_is_json_for_a_program_whichever_way_it_asks(desk, place):
    for words in (["--json"], ["--format", "json"], ["-f", "json"]):
        result = desk.ictl("lint", "--select", "NOPE99", *words)
        assert (result.code, result.error["code"]) == (2, "usage")
