"""`init --status-page`: what publishes the status page on the forge that there is, beside whatever stands there already."""

import subprocess
from pathlib import Path

import pytest
import yaml

from incidentctl.commands.ci_files import Ci, forges_of_page, github_page, gitlab_page
from tests.acceptance.workflow_steps import Done, load, run_step, step_named, with_path
from tests.commands.test_init_ci import BIN, JOB, check
from tests.commands.test_init_ci import WORKFLOW as LINT_WORKFLOW
from tests.commands.test_statuspage import FILES, an_incident, files
from tests.conftest import Desk

WORKFLOW = ".github/workflows/incidentctl-status-page.yml"
PAGE_JOB = ".gitlab/incidentctl-status-page.yml"


@pytest.mark.parametrize(
    ("remotes", "forges"),
    [
        (["git@github.com:example/incidents.git"], [Ci.GITHUB]),
        (["https://github.example.org/x/y"], [Ci.GITHUB]),
        (["ssh://git@gitlab.example.org:2222/x/y.git"], [Ci.GITLAB]),
        (["https://user@gitlab.com/x/github.git"], [Ci.GITLAB]),
        (["https://github:word@gitlab.com/x"], [Ci.GITLAB]),
        (["git@github.com:x/y", "git@gitlab.com:x/y"], [Ci.GITHUB, Ci.GITLAB]),
        (["/srv/gitlab/incidents.git", "../github.com/x"], [Ci.GITHUB, Ci.GITLAB]),
        ([], [Ci.GITHUB, Ci.GITLAB]),
    ],
)
def test_the_forge_is_that_of_the_remote_or_both_where_it_is_not_known(remotes: list[str], forges: list[Ci]) -> None:
    assert [*forges_of_page(None, remotes, has_pipeline=False)] == forges
    assert forges_of_page(Ci.GITLAB, remotes, has_pipeline=False) == (Ci.GITLAB,)


def test_a_pipeline_of_gitlab_says_where_we_are() -> None:
    assert forges_of_page(None, [], has_pipeline=True) == (Ci.GITLAB,)


def test_on_github_the_workflow_is_written_and_committed(desk: Desk) -> None:
    desk.git("remote", "add", "origin", "git@github.com:example/incidents.git")
    result = desk.ok("init", "--status-page")
    assert set(desk.touched()) == {".gitattributes", WORKFLOW}
    assert 'once, on GitHub: Settings → Pages → Source: "GitHub Actions"' in result.out
    head = desk.git("rev-parse", "HEAD")
    again = desk.ok("init", "--status-page")
    assert "nothing to do" in again.out
    assert again.err == ""
    assert desk.git("rev-parse", "HEAD") == head


def test_on_gitlab_the_job_is_written_and_included_beside_that_of_the_linter(desk: Desk) -> None:
    desk.ok("init", "--ci", "gitlab", "--status-page")
    assert set(desk.touched()) == {".gitattributes", JOB, PAGE_JOB, ".gitlab-ci.yml"}
    assert load(desk.path / ".gitlab-ci.yml") == {"include": [{"local": JOB}, {"local": PAGE_JOB}]}
    assert "nothing to do" in desk.ok("init", "--ci", "gitlab", "--status-page").out


def test_it_is_added_to_a_pipeline_that_has_ours_already(desk: Desk) -> None:
    desk.ok("init", "--ci", "gitlab")
    desk.ok("init", "--status-page")
    assert set(desk.touched()) == {PAGE_JOB, ".gitlab-ci.yml"}
    assert load(desk.path / ".gitlab-ci.yml") == {"include": [{"local": JOB}, {"local": PAGE_JOB}]}


def test_a_pipeline_without_a_stage_for_it_is_left_and_the_lines_are_named(desk: Desk) -> None:
    desk.write(".gitlab-ci.yml", "stages: [build]\nx:\n  script: make\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "ci")
    result = desk.ok("init", "--status-page")
    assert f"add\ninclude:\n  - local: {PAGE_JOB}\nand give the job in {PAGE_JOB} one of your stages" in result.err
    assert desk.text(".gitlab-ci.yml").startswith("stages: [build]\n")


def test_a_workflow_of_ones_own_is_left_and_that_is_said(desk: Desk) -> None:
    desk.write(WORKFLOW, "name: mine\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "mine")
    result = desk.ok("init", "--ci", "github", "--status-page")
    assert f"{WORKFLOW} is there and says something else" in result.err
    assert desk.text(WORKFLOW) == "name: mine\n"
    assert (desk.path / LINT_WORKFLOW).exists()


def test_in_a_folder_of_a_product_it_runs_for_that_folder_and_is_no_ci_of_others(desk: Desk) -> None:
    place = desk.path.parent / "product"
    place.mkdir()
    desk.git("init", "-q", cwd=place)
    desk.ok("init", "--folder", "ops", "--status-page", cwd=place)
    push = load(place / WORKFLOW)["on"]["push"]
    assert push == {"branches": ["main"], "paths": ["ops/incidents/**", "incidentctl.toml"]}
    assert desk.ok("init", "--status-page", cwd=place).err == ""


def test_a_dry_run_shows_them_and_writes_none(desk: Desk) -> None:
    out = desk.ok("init", "--status-page", "--dry-run").out
    assert f"+++ b/{WORKFLOW}" in out
    assert f"+++ b/{PAGE_JOB}" in out
    assert not (desk.path / WORKFLOW).exists()


@pytest.mark.parametrize(("folder", "branch"), [("", "main"), ("ops [1]", "records/it's"), ("docs/x", 'a"b')])
def test_both_keep_the_public_schemas(tmp_path: Path, folder: str, branch: str) -> None:
    workflow, job = tmp_path / "workflow.yml", tmp_path / "job.yml"
    workflow.write_text(github_page(folder, branch))
    job.write_text(gitlab_page(folder, branch))
    check(workflow, "vendor.github-workflows")
    check(job, "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    assert load(workflow)["on"]["push"]["branches"] == [branch]
    rule = load(job)["pages"]["rules"][0]["if"]
    assert rule == "$CI_COMMIT_BRANCH == " + {"main": '"main"'}.get(branch, "$CI_DEFAULT_BRANCH")


def test_only_the_job_that_publishes_may_and_it_runs_nothing_of_ours() -> None:
    data = yaml.load(github_page("", "main"), Loader=yaml.BaseLoader)
    assert data["permissions"] == {"contents": "read"}
    assert "permissions" not in data["jobs"]["build"]
    assert data["jobs"]["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert [[*step] for step in data["jobs"]["publish"]["steps"]] == [["id", "uses"]]


def as_a_runner_has_it(desk: Desk) -> Path:
    """A clone as CI checks it out: of the record's branch, with no branch of its own."""
    place = desk.path.parent / "runner/work"
    desk.git("clone", "-q", str(desk.path), str(place), cwd=desk.path.parent)
    desk.git("checkout", "-q", "--detach", cwd=place)
    desk.git("branch", "-D", "main", cwd=place)
    return place


def built_by_github(desk: Desk, place: Path) -> Done:
    step = step_named(yaml.load(github_page("", "main"), Loader=yaml.BaseLoader), "Build the page")
    temp = desk.path.parent / "runner/temp"
    return run_step(step, known={"runner.temp": str(temp)}, cwd=place, environ=with_path(desk.environ, BIN), temp=temp)


def test_the_workflow_builds_the_page_in_what_ci_checks_out(desk: Desk) -> None:
    an_incident(desk)
    done = built_by_github(desk, as_a_runner_has_it(desk))
    assert done.code == 0, done.log
    page = desk.path.parent / "runner/temp/status-page"
    assert files(page) == FILES
    assert "Some orders fail. We are looking into it." in (page / "index.html").read_text()


def test_a_file_that_cannot_be_read_does_not_keep_the_page_from_being_published(desk: Desk) -> None:
    an_incident(desk)
    desk.write("incidents/2026/05/2026-05-13-broken.md", "---\nid: [\n---\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "broken")
    done = built_by_github(desk, as_a_runner_has_it(desk))
    assert done.code == 0, done.log
    assert "2026-05-13-broken.md" in done.log


def test_a_repository_that_has_no_record_is_no_page(desk: Desk) -> None:
    place = desk.path.parent / "empty"
    place.mkdir()
    assert built_by_github(desk, place).code != 0


def test_the_job_of_gitlab_builds_the_same(desk: Desk) -> None:
    an_incident(desk)
    place = as_a_runner_has_it(desk)
    _, script = yaml.load(gitlab_page("", "main"), Loader=yaml.BaseLoader)["pages"]["script"]
    done = subprocess.run(
        ["sh", "-ec", script], cwd=place, env=with_path(desk.environ, BIN), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert files(place / "public") == FILES
