"""`init --ci` and `init --pre-commit`: files that run the linter, written once, beside whatever stands there already."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from incidentctl.commands.ci_files import github_workflow, gitlab_job, is_same, with_hook, with_include
from tests.acceptance.workflow_steps import ROOT, Done, load, run_step, stand_in, step_named, steps_of, with_path
from tests.conftest import Desk
from tests.lint.documents import COMPLETE, PATH

WORKFLOW = ".github/workflows/incidentctl.yml"
JOB = ".gitlab/incidentctl.yml"
BIN = Path(sys.executable).parent


def check(path: Path, schema: str, *options: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *options, str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


# -------------------------------------------------------------------------------------------------------- the command


def test_each_is_written_and_committed_with_the_rest_of_init(desk: Desk) -> None:
    result = desk.ok("init", "--ci", "github", "--pre-commit")
    assert set(desk.touched()) == {".gitattributes", WORKFLOW, ".pre-commit-config.yaml"}
    assert desk.subjects()[0] == "incidentctl: init"
    assert "the hook runs in each clone where `pre-commit install` was run" in result.out
    assert result.err == ""
    desk.ok("init", "--ci", "gitlab")
    assert set(desk.touched()) == {JOB, ".gitlab-ci.yml"}
    assert desk.git("status", "--porcelain") == ""


def test_again_there_is_nothing_to_do(desk: Desk) -> None:
    for words in (("--ci", "github", "--pre-commit"), ("--ci", "GitLab")):
        desk.ok("init", *words)
        head = desk.git("rev-parse", "HEAD")
        again = desk.ok("init", *words)
        assert "nothing to do" in again.out
        assert again.err == ""
        assert desk.git("rev-parse", "HEAD") == head


def test_an_unknown_forge_is_refused(desk: Desk) -> None:
    result = desk.ictl("init", "--ci", "bitbucket")
    assert result.code == 2
    assert "bitbucket" in result.err


def test_a_file_that_says_something_else_is_left_and_that_is_said(desk: Desk) -> None:
    for name in (WORKFLOW, JOB):
        desk.write(name, "name: mine\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "mine")
    github = desk.ok("init", "--ci", "github")
    gitlab = desk.ok("init", "--ci", "gitlab")
    for result, name in ((github, WORKFLOW), (gitlab, JOB)):
        assert f"{name} is there and says something else, so it was left as it is" in result.err
        assert desk.text(name) == "name: mine\n"


def test_a_file_of_another_version_of_ours_counts_as_there(desk: Desk) -> None:
    desk.ok("init", "--ci", "github")
    older = re.sub(r"incidentctl==[\w.]+", "incidentctl==0.0.1", desk.text(WORKFLOW)).replace("\n", "\r\n")
    desk.write(WORKFLOW, older)
    desk.git("commit", "-qam", "older")
    assert "nothing to do" in desk.ok("init", "--ci", "github").out


def test_what_could_not_be_committed_is_committed_by_the_next_init(desk: Desk) -> None:
    hook = desk.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert desk.ictl("init", "--ci", "gitlab", "--pre-commit").code == 7
    hook.unlink()
    desk.ok("init", "--ci", "gitlab", "--pre-commit")
    assert desk.git("status", "--porcelain") == ""


def test_a_dry_run_shows_them_and_writes_none(desk: Desk) -> None:
    out = desk.ok("init", "--ci", "github", "--pre-commit", "--dry-run").out
    assert f"+++ b/{WORKFLOW}" in out
    assert "+  - repo: local" in out
    assert not (desk.path / WORKFLOW).exists()
    fresh = desk.ok("init", str(desk.path.parent / "new"), "--ci", "gitlab", "--dry-run").out
    assert f"+++ b/{JOB}" in fresh


def test_json_names_the_files(desk: Desk) -> None:
    data = desk.ok("init", "--ci", "github", "--json").json
    assert WORKFLOW in data["files"]
    assert data["committed"] is True


def test_in_a_folder_of_a_product_they_look_at_that_folder_alone(desk: Desk) -> None:
    place = desk.path.parent / "product"
    place.mkdir()
    desk.git("init", "-q", cwd=place)
    desk.ok("init", "--folder", "ops", "--ci", "github", "--pre-commit", cwd=place)
    paths = load(place / WORKFLOW)["on"]["pull_request"]["paths"]
    assert paths == ["ops/incidents/**", "ops/postmortems/**", "incidentctl.toml"]
    assert load(place / ".pre-commit-config.yaml")["repos"][0]["hooks"][0]["files"] == "^ops/postmortems/"
    desk.ok("init", "--ci", "gitlab", cwd=place)
    assert desk.ok("init", "--ci", "gitlab", cwd=place).err == "", "our own pipeline runs for no push"


# -------------------------------------------------------------------------------------------- beside what is there already

HOOKS = """\
# our hooks
default_stages: [pre-commit]
repos:
  - repo: https://example.org/hooks
    rev: v1
    hooks:
      - id: tidy
        entry: |
          # not a comment of ours
          tidy

# the end
exclude: ^vendor/
"""


def test_our_hook_becomes_the_last_of_those_that_are_there(desk: Desk) -> None:
    desk.write(".pre-commit-config.yaml", HOOKS)
    desk.git("add", ".")
    desk.git("commit", "-qm", "hooks")
    desk.ok("init", "--pre-commit")
    diff = desk.git("show", "--format=", "HEAD", "--", ".pre-commit-config.yaml")
    assert not [line for line in diff.splitlines() if line.startswith("-") and not line.startswith("---")]
    data = load(desk.path / ".pre-commit-config.yaml")
    assert [each["repo"] for each in data["repos"]] == ["https://example.org/hooks", "local"]
    assert data["exclude"] == "^vendor/"


@pytest.mark.parametrize(
    "text",
    [
        "repos:\n- repo: a\n  rev: b\n  hooks: [{id: c}]\n",
        "repos:\n- repo: a\n  rev: b\n  hooks:\n  - id: c\n\nci:\n  skip: [c]\n",
        "---\nrepos:   # all of them\n    - repo: a\n      rev: b\n      hooks:\n        - id: c",
        "repos:\r\n  - repo: a\r\n    rev: b\r\n    hooks:\r\n      - id: c\r\n",
        "'repos':\n  - repo: a\n    rev: b\n    hooks:\n      - id: c\n    # about c\n  # about nothing\n",
        HOOKS,
        "",
        "# nothing yet\n",
    ],
)
def test_a_plain_list_of_hooks_keeps_all_that_it_says(text: str) -> None:
    changed = with_hook(text, "")
    assert changed is not None
    before = yaml.load(text, Loader=yaml.BaseLoader) or {}
    after = yaml.load(changed, Loader=yaml.BaseLoader)
    assert after["repos"][-1]["hooks"][0]["id"] == "incidentctl-lint"
    assert {**after, "repos": after["repos"][:-1]} == {"repos": [], **before}
    assert with_hook(changed, "") == changed, "again changes nothing"
    assert ("\r\n" in text) == ("\r\n" in changed)


@pytest.mark.parametrize(
    "text",
    [
        "repos: []\n",
        "repos: [{repo: a, rev: b, hooks: []}]\n",
        "{repos: []}\n",
        "ci: {}\n",
        "repos:\n  - repo: a\n---\nrepos:\n  - repo: b\n",
        "repos:\n  - repo: a\nrepos:\n  - repo: b\n",
        "repos:\n\t- repo: a\n",
        "repos: &all\n  - repo: a\n",
    ],
)
def test_what_is_not_plain_is_left_and_the_lines_are_named(desk: Desk, text: str) -> None:
    assert with_hook(text, "") is None
    desk.write(".pre-commit-config.yaml", text)
    desk.git("add", ".")
    desk.git("commit", "-qm", "hooks")
    result = desk.ok("init", "--pre-commit")
    assert "cannot be changed surely, so it was left as it is: add\n- repo: local\n" in result.err
    assert desk.text(".pre-commit-config.yaml") == text


def test_changes_that_are_not_committed_are_not_ours_to_commit(desk: Desk) -> None:
    desk.write(".pre-commit-config.yaml", HOOKS)
    result = desk.ok("init", "--pre-commit")
    assert "has changes that are not committed, so it was left as it is" in result.err
    assert desk.text(".pre-commit-config.yaml") == HOOKS
    assert ".pre-commit-config.yaml" not in desk.git("ls-files")


@pytest.mark.parametrize(
    "text",
    [
        "build:linux:\n  script: [make]\n",
        "stages: [build, test]\n\nbuild:\n  script: [make]\n",
        "stages:\n  - build\n  - test\nbuild:\n  script: [make]",
        "include:\n  - local: other.yml\n\nbuild:\n  script: [make]\n",
        "# nothing\n",
        "",
    ],
)
def test_a_pipeline_includes_our_job_and_keeps_all_that_it_says(text: str) -> None:
    changed = with_include(text)
    assert changed is not None
    before = yaml.load(text, Loader=yaml.BaseLoader) or {}
    after = yaml.load(changed, Loader=yaml.BaseLoader)
    assert after["include"][-1] == {"local": JOB}
    assert after["include"][:-1] == before.pop("include", [])
    del after["include"]
    assert after == before
    assert with_include(changed) == changed


@pytest.mark.parametrize(
    "text",
    [
        "stages: [build, deploy]\nbuild:\n  script: [make]\n",
        "stages:\n  - build\n  - e2e-test\n",
        "include: other.yml\n",
        "include:\n  local: other.yml\n",
        "spec: {}\n---\nbuild: {}\n",
    ],
)
def test_a_pipeline_without_our_stage_or_with_another_form_is_left(desk: Desk, text: str) -> None:
    assert with_include(text) is None
    desk.write(".gitlab-ci.yml", text)
    desk.git("add", ".")
    desk.git("commit", "-qm", "pipeline")
    result = desk.ok("init", "--ci", "gitlab")
    assert f"add\ninclude:\n  - local: {JOB}\nand give the job in {JOB} one of your stages" in result.err
    assert desk.text(".gitlab-ci.yml") == text


# ------------------------------------------------------------------------------------------------------ the files themselves


@pytest.mark.parametrize("folder", ["", "ops", "o p's [x]/#1: &a"])
def test_each_file_fits_its_schema_for_any_folder(folder: str, tmp_path: Path) -> None:
    (tmp_path / "workflow.yml").write_text(github_workflow(folder))
    (tmp_path / "job.yml").write_text(gitlab_job(folder))
    check(tmp_path / "workflow.yml", "vendor.github-workflows")
    check(tmp_path / "job.yml", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    hooks = yaml.load(with_hook("", folder) or "", Loader=yaml.BaseLoader)
    pattern = hooks["repos"][0]["hooks"][0]["files"]
    prefix = f"{folder}/" if folder else ""
    assert re.search(pattern, f"{prefix}postmortems/2026/05/a.md")
    assert not re.search(pattern, f"{prefix}incidents/2026/05/a.md")


def test_the_examples_are_what_init_writes() -> None:
    folder = ROOT / "examples/ci"
    assert is_same((folder / "github.yml").read_text(), github_workflow(""))
    assert is_same((folder / "gitlab.yml").read_text(), gitlab_job(""))
    assert is_same((folder / "pre-commit-config.yaml").read_text(), with_hook("", "") or "")


def test_the_workflow_asks_for_no_more_than_it_needs() -> None:
    data = yaml.load(github_workflow(""), Loader=yaml.BaseLoader)
    assert data["permissions"] == {"contents": "read"}
    assert data["jobs"]["lint"]["permissions"] == {"contents": "read", "pull-requests": "write"}
    checkout = steps_of(data)[0]["with"]
    assert checkout == {"fetch-depth": "0", "persist-credentials": "false"}
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in steps_of(data) if "uses" in step)
    assert "pull_request_target" not in github_workflow("")


def test_shellcheck_has_nothing_to_say(tmp_path: Path) -> None:
    for index, step in enumerate(steps_of(yaml.load(github_workflow(""), Loader=yaml.BaseLoader))):
        if "run" in step:
            assert "${{" not in step["run"]
            script = tmp_path / f"{index}.sh"
            script.write_text(step["run"])
            done = subprocess.run(
                [BIN / "shellcheck", "--shell=bash", script], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout


# ------------------------------------------------------------------------------------------------ the workflow's own steps


def run(desk: Desk, name: str, known: dict[str, str]) -> Done:
    """A step of the workflow as the runner runs it."""
    temp = desk.path.parent / "runner"
    data: Any = yaml.load(github_workflow(""), Loader=yaml.BaseLoader)
    environ = with_path(desk.environ, desk.path.parent / "stand-ins", BIN) | {"GITHUB_REPOSITORY": "example/incidents"}
    known = {"runner.temp": str(temp), **known}
    return run_step(step_named(data, name), known=known, cwd=desk.path, environ=environ, temp=temp)


def comment(desk: Desk, *, standing: str, report: str | None) -> list[str]:
    """What the step that comments asks of `gh`; a stand-in for it knows of the comments that stand there."""
    asked = desk.path.parent / "asked"
    answer = f'case "$*" in *--jq*) printf "%s" "{standing}" ;; *) printf "%s\\n" "$*" >> "{asked}" ;; esac\n'
    stand_in(desk.path.parent / "stand-ins", "gh", answer)
    if report is not None:
        (desk.path.parent / "runner").mkdir(exist_ok=True)
        (desk.path.parent / "runner/incidentctl.md").write_text(report)
    done = run(
        desk,
        "Comment on the pull request",
        {"github.token": "a token", "github.event.pull_request.number": "7"},
    )
    assert done.code == 0, done.log
    return asked.read_text().splitlines() if asked.exists() else []


def test_the_first_findings_make_a_comment(desk: Desk) -> None:
    (asked,) = comment(desk, standing="", report="<!-- incidentctl-lint -->\n- [ ] line 1: x\n")
    body = f"body=@{desk.path.parent}/runner/incidentctl.md"
    assert asked == f"api --silent --method POST repos/example/incidents/issues/7/comments -F {body}"


def test_a_comment_that_stands_there_is_written_anew_also_when_all_is_mended(desk: Desk) -> None:
    (asked,) = comment(desk, standing="42\n43\n", report="<!-- incidentctl-lint -->\ncomplete\n")
    assert asked.startswith("api --silent --method PATCH repos/example/incidents/issues/comments/42 -F body=@")


def test_nothing_to_say_makes_no_comment(desk: Desk) -> None:
    assert comment(desk, standing="", report="<!-- incidentctl-lint -->\ncomplete\n") == []
    (desk.path.parent / "runner/incidentctl.md").unlink()
    assert comment(desk, standing="42", report=None) == []


def test_the_comment_is_made_for_pull_requests_of_the_same_repository_alone() -> None:
    data = yaml.load(github_workflow(""), Loader=yaml.BaseLoader)
    assert "head.repo.full_name == github.repository" in step_named(data, "Comment on the pull request")["if"]


def merged(desk: Desk, text: str) -> None:
    """A pull request that changes a post-mortem, as it is checked out: merged into its base."""
    desk.git("switch", "-qc", "topic")
    desk.write(PATH, text)
    desk.git("add", ".")
    desk.git("commit", "-qm", "post-mortem")
    desk.git("switch", "-q", "--detach", "main")
    desk.git("merge", "-q", "--no-ff", "-m", "merge", "topic")


def lint(desk: Desk, draft: str = "false") -> Done:
    return run(desk, "Lint what the pull request changes", {"github.event.pull_request.draft": draft})


def test_the_workflow_lints_what_the_pull_request_changes_and_nothing_else(desk: Desk) -> None:
    desk.write("postmortems/2026/01/2026-01-02-old.md", "# Old\n\nNothing in it.\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "old")
    merged(desk, COMPLETE.replace("## Root Cause", "## Why it happened to be so"))
    done = lint(desk)
    assert done.code == 1, done.log
    errors = [line for line in done.log.splitlines() if line.startswith("::error")]
    assert errors
    assert all(f"file={PATH}," in line for line in errors)
    assert "- [ ] line " in done.summary
    assert (desk.path.parent / "runner/incidentctl.sarif").exists()


def test_the_workflow_passes_where_nothing_of_the_record_changed(desk: Desk) -> None:
    desk.git("switch", "-qc", "topic")
    desk.write("README.md", "ours\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "readme")
    desk.git("switch", "-q", "--detach", "main")
    desk.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    assert lint(desk).code == 0


def test_the_job_of_gitlab_lints_and_leaves_both_reports(desk: Desk) -> None:
    merged(desk, COMPLETE.replace("## Root Cause", "## Why it happened to be so"))
    _, script = yaml.load(gitlab_job(""), Loader=yaml.BaseLoader)["incidentctl-lint"]["script"]
    environ = with_path(desk.environ, BIN) | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "HEAD^1", "GITLAB_CI": "true"}
    done = subprocess.run(
        ["sh", "-ec", script], cwd=desk.path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "STR001" in done.stdout
    assert "missing-section" in desk.text("gl-code-quality-report.json")
    assert "<testsuites" in desk.text("incidentctl-junit.xml")
