"""`lint` at the edges of its conventions: where it looks, what it says when there is nothing, what it never touches."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Desk
from tests.lint.documents import COMPLETE, ID, INCIDENT, INCIDENT_PATH, NOW, PATH

NO_DUE = COMPLETE.replace(" — due: 2026-06-15", "")
NO_IMPACT = re.sub(r"^## Impact\n.*?(?=^## )", "", COMPLETE, flags=re.MULTILINE | re.DOTALL)
DRAFT = COMPLETE.replace("status: final", "status: draft").replace("published_at: 2026-05-20T09:00:00Z\n", "")
PLAIN = NO_IMPACT.replace(f"incident: {ID}\n", "")
LONG = COMPLETE.replace("2h 8m", "3h 8m")


@pytest.fixture
def place(desk):
    """A repository with one incident and its complete post-mortem, all committed."""
    desk.now = NOW
    desk.write(INCIDENT_PATH, INCIDENT)
    file = desk.write(PATH, COMPLETE)
    desk.git("add", "-A")
    desk.git("commit", "-qm", "record")
    return file


@pytest.fixture
def bare_folder(desk, tmp_path):
    """A folder with neither git nor settings, with one document that lacks a section."""
    desk.now = NOW
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "2026-05-14-outage.md").write_text(PLAIN, encoding="utf-8")
    return folder


def findings(result) -> list[tuple[str, str, str]]:
    return [(each["path"], each["code"], each["severity"]) for each in json.loads(result.out)["findings"]]


def codes(result) -> list[str]:
    return [code for _, code, _ in findings(result)]


def settings(desk, text: str) -> None:
    desk.write("incidentctl.toml", '[store]\nbranch = "main"\n' + text)


def run(desk, *words: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """The program as a process of its own."""
    command = [sys.executable, "-m", "incidentctl", "lint", *words]
    environ = {**desk.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        command, cwd=cwd or desk.path, env=environ, input=stdin, capture_output=True, check=False, timeout=60
    )


# ------------------------------------------------------------------------------------------- levels, counts, statuses


def test_a_fail_level_below_what_is_shown_shows_what_fails(desk, place):
    place.write_text(LONG, encoding="utf-8")
    result = desk.ictl("lint", "--level", "error", "--fail-level", "warning", "--json")
    assert (result.code, codes(result)) == (1, ["HDR007"])


@pytest.mark.parametrize("word", ["off", "fatal", ""])
@pytest.mark.parametrize("option", ["--level", "--fail-level"])
def test_a_level_that_is_none_is_refused(desk, place, option, word):
    result = desk.ictl("lint", option, word)
    assert result.code == 2
    assert "error, warning or info" in result.err


def test_statistics_are_for_programs_too_and_fail_as_a_run_does(desk, place):
    place.write_text(NO_IMPACT.replace("2h 8m", "3h 8m"), encoding="utf-8")
    result = desk.ictl("lint", "--statistics", "--json")
    assert result.code == 1
    rows = {each["code"]: (each["count"], each["fixable"]) for each in result.json["rules"]}
    assert rows == {"STR001": (1, 0), "HDR007": (1, 1)}
    assert desk.ictl("lint", "--statistics", "--exit-zero").code == 0


@pytest.mark.parametrize(("status", "severity"), [("draft", "warning"), ("in_review", "error"), ("", "error")])
def test_the_status_says_how_grave_a_missing_section_is(desk, place, status, severity):
    text = NO_IMPACT.replace("published_at: 2026-05-20T09:00:00Z\n", "")
    text = text.replace("status: final\n", f"status: {status}\n" if status else "")
    place.write_text(text, encoding="utf-8")
    result = desk.ictl("lint", "--json", "--select", "STR001")
    assert findings(result) == [(PATH, "STR001", severity)]
    assert result.code == (1 if severity == "error" else 0)


def test_no_status_means_what_the_settings_say(desk, place):
    settings(desk, '[lint]\ndefault_status = "draft"\n')
    place.write_text(NO_IMPACT.replace("status: final\n", ""), encoding="utf-8")
    assert findings(desk.ok("lint", "--json", "--select", "STR001")) == [(PATH, "STR001", "warning")]


def test_a_status_has_settings_of_its_own(desk, place):
    settings(desk, '[lint.status.final]\nignore = ["STR"]\nextend_select = ["no-tracker"]\n')
    place.write_text(NO_IMPACT.replace(" — [#412](https://github.com/example/infra/issues/412)", ""), encoding="utf-8")
    assert codes(desk.ok("lint", "--json")) == ["ACT011"]


@pytest.mark.parametrize(("word", "severity"), [("error", "error"), ("info", "info")])
def test_how_grave_blame_is_can_be_set_at_once(desk, place, word, severity):
    settings(desk, f'[lint]\nblame = "{word}"\n')
    text = COMPLETE.replace("The push lowered it", "The engineer forgot the limit. The push lowered it")
    place.write_text(text, encoding="utf-8")
    result = desk.ictl("lint", "--json", "--level", "info", "--ignore", "RCA")
    assert findings(result) == [(PATH, "BLM002", severity)]
    assert result.code == (1 if word == "error" else 0)


# -------------------------------------------------------------------------------------------- where it looks


def test_without_paths_both_folders_of_the_repository_are_linted_from_any_folder(desk, place):
    place.write_text(NO_IMPACT, encoding="utf-8")
    desk.write(
        INCIDENT_PATH, INCIDENT.replace("detected_at: 2026-05-14T10:02:00Z", "detected_at: 2026-05-32T10:02:00Z")
    )
    below = place.parent
    result = desk.ictl("lint", "--json", cwd=below)
    assert {(path, code) for path, code, _ in findings(result)} >= {
        (place.name, "STR001"),
        (f"../../../{INCIDENT_PATH}", "HDR003"),
    }
    (desk.path / "notes").mkdir()
    elsewhere = desk.ictl("lint", "-C", str(desk.path), "--json", cwd=Path("/"))
    assert {code for _, code, _ in findings(elsewhere)} >= {"STR001", "HDR003"}
    assert codes(desk.ictl("lint", "--json", cwd=desk.path / "notes")) == codes(result)


def test_patterns_and_the_baseline_are_seen_from_the_settings_wherever_it_is_called(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    settings(desk, '[lint]\nbaseline = "known.json"\n')
    desk.ok("lint", "--update-baseline", cwd=place.parent)
    assert desk.ok("lint", "--json", cwd=desk.path / "incidents").json["summary"]["baselined"] == 1
    assert desk.ok("lint", PATH, "--json").json["summary"]["baselined"] == 1
    settings(desk, '[[lint.path]]\npaths = ["postmortems/2026/**"]\nignore = ["ACT003"]\n')
    assert codes(desk.ok("lint", ".", "--json", cwd=place.parent)) == []
    assert codes(desk.ok("lint", str(place), "--json", cwd=Path("/"))) == []


def test_a_folder_without_git_keeps_nothing_beside_the_documents(desk, bare_folder):
    result = desk.ictl("lint", "--json", cwd=bare_folder)
    assert codes(result) == ["STR001"]
    assert desk.ictl("lint", "--json", cwd=bare_folder).out == result.out
    assert [each.name for each in bare_folder.iterdir()] == ["2026-05-14-outage.md"]


def test_a_readme_is_linted_when_it_is_named_and_only_then(desk, bare_folder):
    (bare_folder / "README.md").write_text("# Outages\n\nAll of them.\n", encoding="utf-8")
    assert {path for path, _, _ in findings(desk.ictl("lint", "--json", cwd=bare_folder))} == {"2026-05-14-outage.md"}
    assert "STR001" in codes(desk.ictl("lint", "README.md", "--select", "STR001", "--json", cwd=bare_folder))


def test_a_pattern_names_documents_in_all_folders_below(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    assert codes(desk.ictl("lint", "postmortems/**/*.md", "--json")) == ["ACT003"]
    refused = desk.ictl("lint", "postmortems/**/*.txt")
    assert (refused.code, "nothing matches" in refused.err) == (2, True)


@pytest.mark.parametrize("name", ["gone.md", "no/such/folder", "gone [x].md"])
def test_a_path_that_is_not_there_is_refused(desk, place, name):
    result = desk.ictl("lint", name, "--json")
    assert result.code == 2
    assert name in result.error["message"]


@pytest.mark.parametrize("options", [(), ("--changed-since", "HEAD"), ("--staged",)], ids=" ".join)
def test_that_nothing_was_there_to_lint_is_said_and_is_no_failure(desk, place, options):
    (desk.path / "empty").mkdir()
    result = desk.ok("lint", "empty", *options)
    assert result.out == "No documents were linted.\n"
    assert (
        "no document" in result.err or "no Markdown document in" in result.err or "there is no Markdown" in result.err
    )


def test_what_is_left_out_by_the_settings_is_said(desk, place):
    settings(desk, '[lint]\nexclude = ["**/*.md"]\n')
    assert "include and exclude" in desk.ok("lint").err
    assert desk.ok("lint", PATH).out == "No findings in 1 document.\n"


def test_documents_on_a_branch_that_is_not_checked_out_are_named_and_nothing_else_is_linted(desk, place, tmp_path):
    desk.git("switch", "-q", "--orphan", "code")
    desk.write("notes/2026-05-14-outage.md", NO_IMPACT)
    assert "main, which is not checked out" in desk.ok("lint").err
    bare = tmp_path / "bare.git"
    desk.git("clone", "-q", "--bare", str(desk.path), str(bare))
    result = desk.ok("lint", "-C", str(bare), cwd=desk.path / "notes")
    assert "No documents were linted." in result.out


def test_the_record_is_read_from_its_branch_where_that_is_not_checked_out(desk, place):
    desk.git("switch", "-qc", "topic")
    desk.git("rm", "-rq", "incidents")
    desk.git("commit", "-qm", "no record here")
    place.write_text(COMPLETE.replace("**Severity**: SEV1", "**Severity**: SEV3"), encoding="utf-8")
    result = desk.ictl("lint", "--json", "--select", "TML014,LNK002")
    assert (result.code, codes(result)) == (1, ["TML014"])


def test_incident_files_are_linted(desk, place):
    (desk.path / PATH).unlink()
    text = INCIDENT.replace("commander: ann\n", "").replace("severity: SEV1", "severity: SEV9")
    text = "\n".join(line for line in text.splitlines() if "**Commander**" not in line) + "\n"
    desk.write(INCIDENT_PATH, text)
    assert "HDR005" in codes(desk.ictl("lint", "--json"))
    desk.write(INCIDENT_PATH, INCIDENT.replace("12:10:00Z **Resolved**", "09:10:00Z **Resolved**"))
    assert "TML003" in codes(desk.ictl("lint", "--json"))
    desk.write(INCIDENT_PATH, INCIDENT)
    assert codes(desk.ok("lint", "--json", "--select", "FRS,PRC")) == ["FRS001"]


def test_a_link_beside_the_document_that_it_leads_to_is_not_linted_again(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    (place.parent / "latest.md").symlink_to(place.name)
    assert findings(desk.ictl("lint", "--json")) == [(PATH, "ACT003", "error")]
    named = desk.ictl("lint", str(place.parent / "latest.md"), "--json", "--select", "ACT")
    assert codes(named) == ["ACT003"]


# ------------------------------------------------------------------------------------------------------------- since


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles"])
def test_since_a_day_includes_that_day_in_every_zone(desk, place, zone):
    desk.zone = zone
    assert desk.ok("lint", "--since", "2026-05-14", "--json").json["summary"]["files"] == 2
    assert desk.ok("lint", "--since", "2026-05-15", "--json").json["summary"]["files"] == 0


def test_the_settings_can_leave_older_incidents_alone(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    settings(desk, "[lint]\nsince = 2026-05-15\n")
    result = desk.ok("lint")
    assert "from before 2026-05-15" in result.out
    assert desk.ictl("lint", "--since", "2026-05-14").code == 1


# ------------------------------------------------------------------------------------------ staged, changed since


def test_a_renamed_document_is_linted_under_its_new_name(desk, place):
    desk.git("mv", PATH, PATH.replace("latency", "slow"))
    assert {path for path, _, _ in findings(desk.ictl("lint", "--staged", "--json"))} == {
        PATH.replace("latency", "slow")
    }


def test_a_staged_link_and_a_deleted_document_are_no_documents(desk, place):
    (place.parent / "latest.md").symlink_to(place.name)
    desk.git("add", "-A")
    desk.git("rm", "-q", "--cached", PATH)
    result = desk.ok("lint", "--staged", "--level", "info", "--json")
    assert (result.json["summary"]["files"], codes(result)) == (0, [])


def test_staged_works_before_the_first_commit_and_keeps_to_its_paths(desk, tmp_path):
    fresh = Desk(tmp_path / "fresh", desk.environ, now=NOW)
    fresh.path.mkdir()
    fresh.git("init", "-q")
    for name in ("a", "b"):
        fresh.write(f"{name}/2026-05-14-outage.md", PLAIN)
    fresh.git("add", "-A")
    assert len(findings(fresh.ictl("lint", "--staged", "--json"))) == 2
    result = fresh.ictl("lint", "--staged", "a", "--json")
    assert findings(result) == [("a/2026-05-14-outage.md", "STR001", "error")]


@pytest.mark.parametrize("words", [("-am", "all"), ("-m", "one", PATH)], ids=["commit -a", "commit PATH"])
def test_a_hook_lints_what_this_very_commit_takes_in(desk, place, words):
    place.write_text(NO_IMPACT, encoding="utf-8")
    hook = desk.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nPYTHONPATH='{Path(__file__).parents[2]}' exec '{sys.executable}' -m incidentctl lint --staged -f concise >&2\n"
    )
    hook.chmod(0o755)
    done = subprocess.run(
        ["git", "commit", *words], cwd=desk.path, env=desk.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "STR001" in done.stderr


def test_changed_since_begins_where_the_branches_part_and_sees_what_is_not_added_yet(desk, place):
    desk.git("switch", "-qc", "topic")
    desk.write("postmortems/2026/05/2026-05-15-new.md", NO_IMPACT.replace(ID, "2026-05-15-new"))
    desk.git("switch", "-q", "main")
    place.write_text(NO_DUE, encoding="utf-8")
    desk.git("commit", "-qam", "main goes on")
    desk.git("switch", "-q", "topic")
    result = desk.ictl("lint", "--changed-since", "main", "--json")
    assert {path for path, _, _ in findings(result)} == {"postmortems/2026/05/2026-05-15-new.md"}


def test_changed_since_with_paths_is_what_both_say(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    desk.write("elsewhere/2026-05-15-new.md", NO_IMPACT)
    assert {code for _, code, _ in findings(desk.ictl("lint", "--changed-since", "HEAD", PATH, "--json"))} == {"ACT003"}
    assert codes(desk.ictl("lint", "--changed-since", "HEAD", "post*/**/*.md", "--json")) == ["ACT003"]
    assert codes(desk.ictl("lint", "--changed-since", "HEAD", "--json")) == ["ACT003"]
    assert "STR001" in codes(desk.ictl("lint", "--changed-since", "HEAD", "elsewhere", "--json"))
    assert desk.ictl("lint", "--changed-since", "HEAD", "nowhere").code == 2


def test_a_document_in_conflict_is_one_that_changed(desk, place):
    desk.git("switch", "-qc", "topic")
    place.write_text(COMPLETE.replace("about 4,100", "about 4,200"), encoding="utf-8")
    desk.git("commit", "-qam", "topic")
    desk.git("switch", "-q", "main")
    place.write_text(COMPLETE.replace("about 4,100", "about 4,300"), encoding="utf-8")
    desk.git("commit", "-qam", "main")
    desk.git("-c", "merge.incidentctl.driver=false", "merge", "topic", ok=False)
    assert "<<<<<<<" in place.read_text(encoding="utf-8")
    assert desk.ictl("lint", "--changed-since", "HEAD").code == 1


def test_a_shallow_clone_says_which_rules_did_not_run_and_how_to_have_the_ref(desk, place, tmp_path):
    desk.git("commit", "-q", "--allow-empty", "-m", "more")
    desk.git("clone", "-q", "--depth", "1", f"file://{desk.path}", str(tmp_path / "shallow"))
    shallow = Desk(tmp_path / "shallow", desk.environ, now=NOW)
    result = shallow.ok("lint", "--select", "ACT016,FRS003")
    assert "ACT016: git's history is missing" in result.out
    assert "FRS003: git's history is missing" in result.out
    refused = shallow.ictl("lint", "--changed-since", "HEAD~1")
    assert (refused.code, "fetch-depth: 0" in refused.err) == (2, True)


def test_a_due_date_that_moved_twice_is_seen_in_the_history(desk, place):
    item = "Add a canary stage to the config pipeline — owner: @bob — due: "
    for day in ("2026-06-20", "2026-06-25"):
        place.write_text(COMPLETE.replace(f"{item}2026-06-15", f"{item}{day}"), encoding="utf-8")
        desk.git("commit", "-qam", day)
    assert codes(desk.ok("lint", "--select", "ACT016", "--json")) == ["ACT016"]


@pytest.mark.parametrize(
    "words",
    [
        ("--staged", "--changed-since", "main"),
        ("--fix", "--staged"),
        ("--fix", "-"),
        ("--fix", "--stdin-filename", PATH),
        ("-", PATH),
        ("--output-file", "lint.sarif"),
        ("--output-file", "xml=lint"),
        ("--changed-since", "--all"),
        ("--since", "someday"),
        ("--update-baseline",),
        ("--baseline", "gone.json"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused_also_for_programs(desk, place, words):
    result = desk.ictl("lint", "--json", *words)
    assert result.code == 2
    assert result.out == ""
    assert result.error["kind"] == "error"
    assert desk.git("status", "--porcelain") == ""


def test_a_format_that_does_not_exist_is_refused_with_those_that_do(desk, place):
    result = desk.ictl("lint", "--format", "xml")
    assert result.code == 2
    assert "sarif" in result.err


def test_staged_outside_git_is_refused(desk, bare_folder):
    result = desk.ictl("lint", "--staged", ".", cwd=bare_folder)
    assert (result.code, "not in a git work tree" in result.err) == (2, True)


# ----------------------------------------------------------------------------------------------------- standard input


def test_standard_input_has_the_settings_and_the_incident_of_the_place_where_it_would_stand(desk, place):
    settings(desk, '[[lint.path]]\npaths = ["postmortems/2027/**"]\nignore = ["STR"]\n')
    wrong = NO_IMPACT.replace("**Severity**: SEV1", "**Severity**: SEV3")
    there = desk.ictl("lint", "-", "--stdin-filename", f"postmortems/2027/01/{ID}.md", "--json", stdin=wrong)
    assert "TML014" in codes(there)
    assert "STR001" not in codes(there)
    nameless = desk.ictl("lint", "-", "--json", stdin=wrong)
    assert {path for path, _, _ in findings(nameless)} == {"-"}
    assert "STR001" in codes(nameless)


def test_standard_input_is_read_where_there_is_no_git(desk, bare_folder):
    words = ("lint", "-", "--stdin-filename", "new/2026-05-15-x.md", "--json")
    result = desk.ictl(*words, stdin=PLAIN, cwd=bare_folder)
    assert findings(result) == [("new/2026-05-15-x.md", "STR001", "error")]


# -------------------------------------------------------------------------------------------------------- baselines


def test_equal_findings_are_counted_so_that_one_more_is_new(desk, place):
    place.write_text(COMPLETE.replace("- The status page needed", "- TODO\n- The status page needed"), encoding="utf-8")
    desk.ok("lint", "--baseline", "known.json", "--update-baseline")
    place.write_text(
        COMPLETE.replace("- The status page needed", "- TODO\n- TODO\n- The status page needed"), encoding="utf-8"
    )
    result = desk.ictl("lint", "--baseline", "known.json", "--json")
    assert (result.code, codes(result)) == (1, ["STR003"])


def test_a_run_on_one_document_neither_drops_nor_calls_stale_what_the_baseline_says_of_others(desk, place):
    other = "postmortems/2026/05/2026-05-15-other.md"
    desk.write(other, NO_IMPACT.replace(ID, "2026-05-15-other"))
    place.write_text(NO_DUE, encoding="utf-8")
    desk.ok("lint", "--baseline", "known.json", "--update-baseline")
    before = desk.text("known.json")
    place.write_text(COMPLETE, encoding="utf-8")
    assert "no longer there" not in desk.ok("lint", other, "--baseline", "known.json").out
    assert "no longer there" in desk.ok("lint", "--baseline", "known.json").out
    desk.ok("lint", PATH, "--baseline", "known.json", "--update-baseline")
    assert other in desk.text("known.json")
    assert desk.text("known.json") != before


# ------------------------------------------------------------------------------------------------------------ fixes


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("**Duration**: 3h 8m", "**Duration**: 2h 8m"),
        ("**Severity**: Sev 1", "**Severity**: SEV1"),
        ("### Root Cause", "## Root Cause"),
        ("## Root Cause Analysis", "## Root Cause"),
    ],
    ids=["duration", "severity", "level", "alias"],
)
@pytest.mark.parametrize("shape", ["lf", "crlf", "bom", "no last line end"])
def test_a_safe_fix_changes_its_words_and_no_other_byte(desk, place, wrong, right, shape):
    def shaped(text: str) -> bytes:
        text = {"crlf": text.replace("\n", "\r\n"), "bom": f"\ufeff{text}", "no last line end": text.rstrip("\n")}.get(
            shape, text
        )
        return text.encode()

    assert right in COMPLETE
    place.write_bytes(shaped(COMPLETE.replace(right, wrong)))
    desk.ok("lint", "--fix", "--level", "info")
    assert place.read_bytes() == shaped(COMPLETE)


def test_the_diff_of_fixes_is_one_that_git_applies(desk, place):
    odd = desk.write(
        "postmortems/2026/05/2026-05-15 an odd näme.md", LONG.replace("\n", "\r\n").replace(ID, "2026-05-15-x")
    )
    ends = place.with_name("2026-05-16-y.md")
    texts = {
        place: LONG.replace("evening load", "evening\u2028load\x0cof us"),
        odd: LONG.replace("\n", "\r\n"),
        ends: LONG.rstrip("\n").replace("## Action Items", "### Action Items"),
    }
    for file, text in texts.items():
        file.write_bytes(text.encode())
    shown = desk.ictl("lint", "--fix", "--diff")
    assert shown.code == 1
    assert {file: file.read_bytes().decode() for file in texts} == texts
    (desk.path / "change.patch").write_bytes(shown.out.encode())
    desk.git("apply", "--check", "change.patch")
    desk.git("apply", "change.patch")
    applied = {file: file.read_bytes() for file in texts}
    for file, text in texts.items():
        file.write_bytes(text.encode())
    desk.ictl("lint", "--fix")
    assert {file: file.read_bytes() for file in texts} == applied
    assert all(b"2h 8m" in data for data in applied.values())


def test_a_diff_of_nothing_is_empty_and_succeeds(desk, place):
    result = desk.ok("lint", "--fix", "--diff")
    assert result.out == ""


def test_unsafe_fixes_are_shown_before_they_are_made(desk, place):
    place.write_text(NO_IMPACT, encoding="utf-8")
    assert desk.ictl("lint", "--diff").code == 0
    result = desk.ictl("lint", "--diff", "--unsafe-fixes")
    assert (result.code, "+## Impact" in result.out) == (1, True)
    assert desk.ictl("lint", "--diff", "--unsafe-fixes", "--exit-zero").code == 0
    assert place.read_text(encoding="utf-8") == NO_IMPACT


def test_a_mended_file_keeps_its_permissions_and_a_link_stays_one(desk, place):
    target = desk.path / "elsewhere.md"
    target.write_text(LONG, encoding="utf-8")
    target.chmod(0o640)
    link = place.with_name("2026-05-15-linked.md")
    link.symlink_to(target)
    place.write_text(LONG, encoding="utf-8")
    place.chmod(0o755)
    desk.ictl("lint", "--fix")
    assert place.stat().st_mode & 0o777 == 0o755
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert "2h 8m" in target.read_text(encoding="utf-8")


def test_a_file_that_is_no_utf_8_is_linted_and_not_mended(desk, place):
    data = LONG.replace("eu-west-1 failed", "Köln failed").encode("cp1252", "replace")
    place.write_bytes(data)
    result = desk.ictl("lint", "--fix", "-f", "concise")
    assert "not mended" in result.err
    assert "HDR007" in result.out
    assert place.read_bytes() == data


# ------------------------------------------------------------------------------------------------------------ output


def test_reports_are_written_when_nothing_was_found_too_into_folders_that_are_made(desk, place):
    desk.ok("lint", "--output-file", "json=out/deep/a.json", "--output-file", "junit=out/b.xml")
    assert json.loads(desk.text("out/deep/a.json"))["findings"] == []
    assert desk.text("out/b.xml").startswith("<?xml")


def test_a_report_goes_into_a_device_or_a_pipe_which_stay_what_they_are(desk, place):
    desk.ok("lint", "--output-file", f"json={os.devnull}")
    assert not Path(os.devnull).is_file()
    done = run(desk, "--output-file", "json=/dev/stderr", "-f", "concise")
    assert json.loads(done.stderr)["kind"] == "lint"


def test_a_report_that_cannot_be_written_is_refused(desk, place):
    result = desk.ictl("lint", "--output-file", "json=postmortems")
    assert (result.code, "is a folder" in result.err) == (2, True)


def test_colours_are_for_a_terminal_and_can_be_switched_off(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    assert "\x1b" not in desk.ictl("lint").out
    assert "\x1b[" in desk.ictl("lint", typed="").out
    desk.environ["NO_COLOR"] = "1"
    assert "\x1b" not in desk.ictl("lint", typed="").out


def test_what_a_document_says_never_steers_the_terminal(desk, place):
    place.write_text(NO_DUE.replace("Add a canary stage", "Add \x1b[31ma\x07 [db] stage"), encoding="utf-8")
    out = desk.ictl("lint").out
    assert "\x1b" not in out
    assert "[db]" in out
    assert "\x1b[31m" not in desk.ictl("lint", "--diff", "--unsafe-fixes", typed="").out


# ----------------------------------------------------------------------------------------------- pull requests


def event(desk, draft: object) -> str:
    return str(desk.write("../event.json", json.dumps({"pull_request": {"draft": draft}})))


@pytest.mark.parametrize(
    ("environ", "is_fault"),
    [
        ({}, False),
        ({"GITHUB_EVENT_NAME": "push"}, False),
        ({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": "false"}, True),
        ({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": "true"}, False),
        ({"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_EVENT_PATH": "false"}, True),
        ({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": "/no/such/file"}, False),
        ({"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_TITLE": "Post-mortem"}, True),
        ({"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_TITLE": "Draft: post-mortem"}, False),
        ({"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DRAFT": "true"}, False),
        ({"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DRAFT": "false"}, True),
        ({"INCIDENTCTL_PR_DRAFT": "false"}, True),
        ({"INCIDENTCTL_PR_DRAFT": "true", "CI_MERGE_REQUEST_IID": "7"}, False),
    ],
    ids=str,
)
def test_a_draft_is_a_fault_only_where_the_change_is_up_for_merging(desk, place, environ, is_fault):
    place.write_text(DRAFT, encoding="utf-8")
    told = environ.get("GITHUB_EVENT_PATH")
    if told in ("true", "false"):
        environ = {**environ, "GITHUB_EVENT_PATH": event(desk, told == "true")}
    desk.environ.update(environ)
    result = desk.ictl("lint", "--json", "--select", "STR013")
    assert (result.code, codes(result)) == ((1, ["STR013"]) if is_fault else (0, []))


# ------------------------------------------------------------------------------------------------------------- cache


def test_the_cache_follows_links_records_zones_and_settings(desk, place):
    text = NO_DUE.replace("The runbook", "The [runbook](../../../runbook.md)")
    place.write_text(text.replace("---\nincident", f"---\n# {'a long comment ' * 400}\nincident", 1), encoding="utf-8")

    def same(*words: str):
        words = ("lint", "--json", "--level", "info", "--extend-select", "LNK", *words)
        first = desk.ictl(*words).out
        assert desk.ictl(*words).out == first == desk.ictl(*words, "--no-cache").out
        return first

    answers = [same()]
    assert "LNK001" in answers[0]
    desk.write("runbook.md", "# Here\n")
    answers.append(same())
    (desk.path / "runbook.md").unlink()
    assert same() == answers[0]
    desk.write(INCIDENT_PATH, INCIDENT.replace("resolved_at: 2026-05-14T12:10", "resolved_at: 2026-05-14T13:10"))
    answers.append(same())
    (desk.path / INCIDENT_PATH).unlink()
    answers.append(same())
    desk.write(INCIDENT_PATH, INCIDENT)
    settings(desk, '[lint.severity]\nACT003 = "info"\n')
    answers.append(same())
    answers.append(same("--select", "HDR"))
    assert len(set(answers)) == len(answers)


def test_a_post_mortem_that_vanishes_is_missed_in_the_next_run(desk, place):
    words = ("lint", "--select", "FRS", "--json")
    assert codes(desk.ok(*words)) == []
    place.unlink()
    assert codes(desk.ok(*words)) == ["FRS001"]


def test_a_cache_that_cannot_be_kept_is_done_without(desk, place):
    place.write_text(NO_DUE, encoding="utf-8")
    desk.write(".git/incidentctl", "a file where the folder should be")
    for _ in range(2):
        assert codes(desk.ictl("lint", "--json")) == ["ACT003"]


@pytest.mark.slow
def test_processes_that_share_the_work_say_the_same_with_every_format(desk, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(70):
        text = (NO_DUE, COMPLETE, NO_IMPACT, "\0", "ein Text")[number % 5]
        (folder / f"2026-05-{number % 28 + 1:02}-{number}.md").write_text(text, encoding="utf-8")
    for shape in ("json", "github", "sarif"):
        one = run(desk, str(folder), "--jobs", "1", "--no-cache", "-f", shape, "--level", "info")
        two = run(desk, str(folder), "--jobs", "2", "--no-cache", "-f", shape, "--level", "info")
        assert (one.returncode, one.stdout, one.stderr) == (two.returncode, two.stdout, two.stderr)
