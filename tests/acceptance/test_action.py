"""The GitHub Action: its steps are run as they stand in `action.yml`, by bash and with the real linter."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.workflow_steps import ROOT, Done, load, run_step, stand_in, step_named, steps_of, with_path
from tests.conftest import Desk
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, PATH

ACTION = ROOT / "action.yml"
BIN = Path(sys.executable).parent
INCOMPLETE = COMPLETE.replace("## Root Cause", "## Why it happened to be so")


def action() -> Any:
    return load(ACTION)


def lint(desk: Desk, *, draft: str = "", event: str = "", **inputs: str) -> Done:
    """The step that lints, with inputs over their defaults."""
    data = action()
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    assert set(given) <= set(data["inputs"])
    known = {f"inputs.{name}": given.get(name, said["default"]) for name, said in data["inputs"].items()}
    known["github.event.pull_request.draft"] = draft
    environ = with_path(desk.environ, desk.path.parent / "stand-ins", BIN)
    temp = desk.path.parent / "runner temp"
    return run_step(step_named(data, "Lint"), known=known, cwd=desk.path, environ=environ, temp=temp)


# ---------------------------------------------------------------------------------------------------- the file itself


def test_it_fits_the_schema_of_actions() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", str(ACTION)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_from_outside_is_written_into_a_script() -> None:
    for step in steps_of(action()):
        assert "${{" not in step.get("run", "")


def test_each_output_and_input_is_used_and_described() -> None:
    text = ACTION.read_text()
    data = action()
    for name, said in data["inputs"].items():
        assert f"${{{{ inputs.{name} }}}}" in text
        assert said["description"]
    for name in data["outputs"]:
        assert f"steps.lint.outputs.{name}" in text


def test_other_actions_are_pinned_to_a_major_version() -> None:
    used = [step["uses"] for step in steps_of(action()) if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", each) for each in used)


@pytest.mark.parametrize(
    "step", [step for step in steps_of(load(ACTION)) if "run" in step], ids=lambda step: step["name"]
)
def test_shellcheck_has_nothing_to_say(step: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "step.sh"
    script.write_text(step["run"])
    done = subprocess.run(
        [BIN / "shellcheck", "--shell=bash", str(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


# ------------------------------------------------------------------------------------------------------ what it hands over


def test_inputs_are_words_whatever_is_in_them(desk: Desk) -> None:
    stand_in(desk.path.parent / "stand-ins", "incidentctl", 'for word; do printf "<%s>\\n" "$word"; done\n')
    done = lint(
        desk,
        paths="a b.md\n\n$(touch owned).md\r\n*.md\n--fix",
        args="--select\nSTR,TML",
        changed_since="HEAD^1; touch owned",
        fail_level="warning",
    )
    temp = desk.path.parent / "runner temp"
    assert done.log.splitlines() == [
        "<lint>", "<--format>", "<github>", "<--fail-level>", "<warning>",
        "<--output-file>", f"<sarif={temp}/incidentctl.sarif>",
        "<--output-file>", f"<markdown={temp}/incidentctl.md>",
        "<--output-file>", f"<json={temp}/incidentctl.json>",
        "<--changed-since=HEAD^1; touch owned>", "<--select>", "<STR,TML>",
        "<-->", "<a b.md>", "<$(touch owned).md>", "<*.md>", "<--fix>",
    ]  # fmt: skip
    assert done.code == 0
    assert not list(desk.path.parent.rglob("owned"))


def test_whether_the_pull_request_is_a_draft_is_handed_over_and_nothing_where_there_is_none(desk: Desk) -> None:
    stand_in(desk.path.parent / "stand-ins", "incidentctl", 'printf "%s\\n" "${INCIDENTCTL_PR_DRAFT-unset}"\n')
    assert [lint(desk, draft=draft).log for draft in ("true", "false", "")] == ["true\n", "false\n", "unset\n"]


def test_files_of_reports_are_seen_from_the_top_whatever_folder_is_linted(desk: Desk) -> None:
    (desk.path / "ops").mkdir()
    stand_in(desk.path.parent / "stand-ins", "incidentctl", 'printf "%s\\n" "$PWD" "$@"\n')
    log = lint(desk, working_directory="ops", sarif_file="out.sarif", comment_file="/tmp/c.md").log.splitlines()
    assert log[0] == str(desk.path / "ops")
    assert f"sarif={desk.path}/out.sarif" in log
    assert "markdown=/tmp/c.md" in log


def test_a_run_that_ended_without_reports_keeps_its_code_and_tells_no_file_of_an_earlier_one(desk: Desk) -> None:
    temp = desk.path.parent / "runner temp"
    temp.mkdir()
    (temp / "incidentctl.md").write_text("of yesterday")
    stand_in(desk.path.parent / "stand-ins", "incidentctl", "exit 2\n")
    done = lint(desk)
    assert (done.code, done.outputs, done.summary) == (2, {}, "")


def test_python_is_set_up_only_where_there_is_none_that_is_new_enough(desk: Desk) -> None:
    step = step_named(action(), "Look for Python 3.11 or later")
    temp = desk.path.parent / "temp"
    found = run_step(step, known={}, cwd=desk.path, environ=with_path(desk.environ, BIN), temp=temp)
    assert found.outputs == {"found": "true"}
    stand_in(desk.path.parent / "old", "python3", "exit 1\n")
    old = run_step(step, known={}, cwd=desk.path, environ=with_path(desk.environ, desk.path.parent / "old"), temp=temp)
    assert old.outputs == {"found": "false"}
    assert step_named(action(), "Set up Python")["if"] == "${{ steps.python.outputs.found != 'true' }}"


def test_it_installs_itself_or_the_version_that_is_asked_for(desk: Desk) -> None:
    step = step_named(action(), "Install incidentctl")
    temp = desk.path.parent / "runner temp"
    stand_in(desk.path.parent / "stand-ins", "python3", 'mkdir -p "$3/bin"; cp "$0.pip" "$3/bin/python"\n')
    stand_in(desk.path.parent / "stand-ins", "python3.pip", 'printf "%s\\n" "${@: -1}"\n')
    environ = with_path(desk.environ, desk.path.parent / "stand-ins")
    for version, what in (("", "/actions/incidentctl"), ("0.1.0", "incidentctl==0.1.0")):
        known = {"github.action_path": "/actions/incidentctl", "inputs.version": version}
        done = run_step(step, known=known, cwd=desk.path, environ=environ, temp=temp)
        assert (done.code, done.log) == (0, f"{what}\n")
    assert (temp / "github_path").read_text() == f"{temp}/incidentctl/bin\n"


@pytest.mark.slow
def test_what_it_installs_runs(desk: Desk) -> None:
    """Needs a package index, as CI has one."""
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    temp = desk.path.parent / "runner temp"
    known = {"github.action_path": str(ROOT), "inputs.version": ""}
    environ = with_path(desk.environ, BIN) | pip
    done = run_step(step_named(action(), "Install incidentctl"), known=known, cwd=desk.path, environ=environ, temp=temp)
    if done.code and re.search(
        r"No matching distribution|Failed to establish a new connection|name resolution", done.log
    ):
        pytest.skip("no package index answers")
    assert done.code == 0, done.log
    (folder,) = (temp / "github_path").read_text().splitlines()
    version = subprocess.run([f"{folder}/incidentctl", "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("incidentctl ")


# --------------------------------------------------------------------------------------------------- with the real linter


def test_a_complete_post_mortem_passes_with_a_summary_and_all_reports(desk: Desk) -> None:
    desk.write(PATH, COMPLETE)
    desk.write(INCIDENT_PATH, INCIDENT)
    done = lint(desk, paths="postmortems", args="--select\nSTR,HDR,TML,RCA")
    assert done.code == 0, done.log
    assert done.outputs["findings"] == "0"
    assert "## Post-mortem check: complete" in done.summary
    assert json.loads(Path(done.outputs["sarif-file"]).read_text())["version"] == "2.1.0"
    assert Path(done.outputs["summary-file"]).read_text().startswith("<!-- incidentctl-lint -->\n")


def test_a_missing_section_fails_the_step_with_one_annotation_and_reports_all_the_same(desk: Desk) -> None:
    desk.write(PATH, INCOMPLETE)
    done = lint(desk, paths="postmortems", args="--select\nSTR001")
    assert done.code == 1, done.log
    (line,) = [line for line in done.log.splitlines() if line.startswith("::")]
    assert line.startswith(f"::error file={PATH},line=")
    assert "title=STR001 missing-section::" in line
    assert done.outputs["findings"] == "1"
    assert "- [ ] line " in done.summary
    results = json.loads(Path(done.outputs["sarif-file"]).read_text())["runs"][0]["results"]
    assert [each["ruleId"] for each in results] == ["STR001"]


def test_a_wrong_option_fails_with_its_own_code(desk: Desk) -> None:
    assert lint(desk, fail_level="enormous").code == 2


# ------------------------------------------------------------------------------------------------------------- the docs


def test_the_docs_name_each_input_and_use_none_that_there_is_not() -> None:
    page = (ROOT / "docs/how-to/ci.md").read_text()
    inputs = action()["inputs"]
    assert not [name for name in inputs if f"`{name}`" not in page]
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    steps = yaml.load(block, Loader=yaml.BaseLoader)["steps"]
    assert set(steps[1]["with"]) <= set(inputs)


@pytest.mark.parametrize("page", ["ci.md", "pre-commit.md"])
def test_every_link_of_the_pages_leads_somewhere(page: str) -> None:
    path = ROOT / "docs/how-to" / page
    for target in re.findall(r"\]\(((?!http)[^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target
