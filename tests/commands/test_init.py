"""`init`: a repository of incidents, new or an existing one as it is; what is missing is made and committed once."""

import os
import tomllib
from pathlib import Path

import pytest
import yaml

from incidentctl.commands.starting_files import push_trigger, with_attributes, with_repository
from tests.conftest import Desk, scrubbed_environ


@pytest.fixture
def newcomer(tmp_path: Path) -> Desk:
    """Somebody with git, and nothing of ours."""
    return Desk(tmp_path, scrubbed_environ(tmp_path / "home"))


def test_a_new_folder_becomes_a_repository_of_its_own_with_one_commit(newcomer: Desk) -> None:
    newcomer.ok("init", "ops/incidents")
    place = newcomer.path / "ops/incidents"
    assert newcomer.git("log", "--format=%s", cwd=place).splitlines() == ["incidentctl: init"]
    assert sorted(newcomer.git("ls-files", cwd=place).split()) == [".gitattributes", "incidentctl.toml"]
    assert newcomer.git("status", "--porcelain", cwd=place) == ""
    assert 'branch = "main"' in (place / "incidentctl.toml").read_text()
    assert (place / ".gitattributes").read_text() == (
        "incidents/** merge=incidentctl\npostmortems/** merge=incidentctl\n"
    )


def test_the_first_repository_is_found_from_any_folder_and_the_second_only_when_asked(newcomer: Desk) -> None:
    newcomer.ok("init", "first")
    newcomer.ok("init", "second")
    newcomer.ok("open", "Checkout latency", "-s", "2")
    assert list((newcomer.path / "first").glob("incidents/*/*/*.md"))
    newcomer.ok("init", "second", "--default")
    newcomer.ok("open", "Login down", "-s", "2")
    assert list((newcomer.path / "second").glob("incidents/*/*/*.md"))


def test_again_makes_no_commit(newcomer: Desk) -> None:
    newcomer.ok("init", "r")
    head = newcomer.git("rev-parse", "HEAD", cwd=newcomer.path / "r")
    assert "nothing to do" in newcomer.ok("init", "r").out
    assert newcomer.git("rev-parse", "HEAD", cwd=newcomer.path / "r") == head


def test_without_a_path_it_is_the_folder_one_stands_in(newcomer: Desk) -> None:
    place = newcomer.path / "here"
    place.mkdir()
    newcomer.ok("init", cwd=place)
    assert (place / ".git").is_dir()


def test_an_existing_repository_is_taken_as_it_is_and_foreign_work_stays(newcomer: Desk) -> None:
    place = newcomer.path / "product"
    place.mkdir()
    newcomer.git("init", "-q", cwd=place)
    (place / ".gitattributes").write_text("*.png binary")
    (place / "a.txt").write_text("one\n")
    newcomer.git("add", ".", cwd=place)
    newcomer.git("commit", "-qm", "theirs", cwd=place)
    (place / "a.txt").write_text("two\n")
    newcomer.git("add", "a.txt", cwd=place)
    (place / "a.txt").write_text("three\n")
    (place / ".gitattributes").write_text("*.png binary\n*.jpg binary\n")
    staged = newcomer.git("diff", "--cached", "--", "a.txt", cwd=place)
    newcomer.ok("init", "product")
    assert newcomer.git("show", "--format=", "--name-only", "HEAD", cwd=place).split() == [
        ".gitattributes",
        "incidentctl.toml",
    ]
    assert newcomer.git("diff", "--cached", "--", "a.txt", cwd=place) == staged
    assert (place / "a.txt").read_text() == "three\n"
    assert "jpg" not in newcomer.git("show", "HEAD:.gitattributes", cwd=place), (
        "a line that waits is not ours to commit"
    )
    assert "jpg" in (place / ".gitattributes").read_text()


def test_a_folder_of_a_product_keeps_the_record_there_and_ci_leaves_it_out(newcomer: Desk) -> None:
    place = newcomer.path / "product"
    (place / ".github/workflows").mkdir(parents=True)
    newcomer.git("init", "-q", cwd=place)
    (place / ".github/workflows/deploy.yml").write_text("on:\n  push:\n    branches: [main]\njobs: {}\n")
    (place / ".github/workflows/odd.yml").write_text("on: [push, pull_request]\njobs: {}\n")
    newcomer.git("add", ".", cwd=place)
    newcomer.git("commit", "-qm", "theirs", cwd=place)
    result = newcomer.ok("init", "--folder", "ops", cwd=place)
    assert "paths-ignore: ['ops/**']" in (place / ".github/workflows/deploy.yml").read_text()
    assert "odd.yml runs on every push, also of the record: add `paths-ignore: ['ops/**']` under its" in result.err
    assert "deploy.yml ran on every push: it leaves ops/ out now; look at the change" in result.err
    newcomer.ok("open", "Checkout latency", "-s", "2", cwd=place)
    assert list(place.glob("ops/incidents/2026/05/*.md"))
    assert newcomer.git("status", "--porcelain", cwd=place) == ""


@pytest.mark.parametrize("folder", ["../out", "/etc", "a//b", ".git", ""])
def test_a_folder_outside_of_the_repository_is_refused(newcomer: Desk, folder: str) -> None:
    result = newcomer.ictl("init", "r", "--folder", folder)
    assert result.code == 2
    assert "not a folder inside the repository" in result.err


def test_another_folder_than_the_settings_say_is_refused(newcomer: Desk) -> None:
    newcomer.ok("init", "r", "--folder", "ops")
    assert newcomer.ictl("init", "r", "--folder", "other").code == 2


def product(desk: Desk, files: dict[str, str] | None = None) -> Path:
    """A repository of somebody else's, with its files committed."""
    place = desk.path / "product"
    for name, text in {"src/app.py": "pass\n", **(files or {})}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(text.encode())
    desk.git("init", "-q", cwd=place)
    desk.git("add", ".", cwd=place)
    desk.git("commit", "-qm", "theirs", cwd=place)
    return place


# ------------------------------------------------------------------------------------------- the state of a repository


def test_without_an_identity_the_files_are_written_and_the_next_init_commits_them(newcomer: Desk) -> None:
    config = Path(newcomer.environ["GIT_CONFIG_GLOBAL"])
    known = config.read_text()
    config.write_text("[user]\n\tuseConfigOnly = true\n[init]\n\tdefaultBranch = main\n")
    result = newcomer.ictl("init", "r")
    assert result.code == 7
    assert "written, not committed: git does not know who you are: tell it: `git config" in result.err
    assert result.err.endswith("; then `ictl init` again commits it\n")
    as_json = newcomer.ictl("init", "r", "--json")
    assert (as_json.code, as_json.json["committed"], as_json.error["code"]) == (7, False, "saved")
    config.write_text(known)
    newcomer.ok("init", "r")
    assert newcomer.git("log", "--format=%s", cwd=newcomer.path / "r").split("\n")[0] == "incidentctl: init"


def test_a_hook_that_refuses_leaves_the_files_for_the_next_init(newcomer: Desk) -> None:
    place = product(newcomer)
    hook = place / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho house rules >&2\nexit 1\n")
    hook.chmod(0o755)
    result = newcomer.ictl("init", cwd=place)
    assert result.code == 7
    assert "house rules" in result.err
    assert "next incidentctl command" not in result.err, "that holds for words, not for these files"
    hook.unlink()
    newcomer.ok("init", cwd=place)
    assert newcomer.git("status", "--porcelain", cwd=place) == ""


def test_in_the_middle_of_a_rebase_nothing_is_made_and_it_is_said(newcomer: Desk) -> None:
    place = product(newcomer)
    newcomer.git("switch", "-qc", "other", cwd=place)
    (place / "src/app.py").write_text("one\n")
    newcomer.git("commit", "-qam", "one", cwd=place)
    newcomer.git("switch", "-q", "main", cwd=place)
    (place / "src/app.py").write_text("two\n")
    newcomer.git("commit", "-qam", "two", cwd=place)
    newcomer.git("rebase", "other", ok=False, cwd=place)
    result = newcomer.ictl("init", cwd=place)
    assert (result.code, result.out) == (4, "")
    assert result.err == (
        "nothing was made: a rebase is in progress: "
        "finish it with `git rebase --continue` or drop it with `git rebase --abort`\n"
    )
    assert not (place / "incidentctl.toml").exists()
    assert newcomer.ictl("list", cwd=newcomer.path).code == 4, "it has not become the default"


def test_without_a_branch_it_makes_none_of_its_own(newcomer: Desk) -> None:
    place = product(newcomer)
    newcomer.git("branch", "-m", "trunk", cwd=place)
    newcomer.git("switch", "-q", "--detach", cwd=place)
    for more in ((), ("--dry-run",)):
        result = newcomer.ictl("init", *more, cwd=place)
        assert result.code == 4
        assert "no branch is checked out" in result.err
    assert newcomer.git("for-each-ref", "--format=%(refname)", cwd=place) == "refs/heads/trunk\n"


def test_with_another_branch_checked_out_the_record_begins_on_the_remotes_default(newcomer: Desk) -> None:
    product(newcomer, {".github/workflows/deploy.yml": "on: push\njobs: {}\n"})
    newcomer.git("clone", "-q", "product", "clone")
    place = newcomer.path / "clone"
    newcomer.git("switch", "-qc", "topic", cwd=place)
    result = newcomer.ok("init", "--folder", "ops", cwd=place)
    assert "committed on main; the work tree is on topic and was not touched" in result.err
    assert newcomer.git("status", "--porcelain", cwd=place) == ""
    changed = newcomer.git("show", "--format=", "--name-only", "main", cwd=place).split()
    assert changed == [".gitattributes", ".github/workflows/deploy.yml", "incidentctl.toml"]
    assert "nothing to do" in newcomer.ok("init", cwd=place).out


def test_a_bare_repository_takes_it_on_its_branch(newcomer: Desk) -> None:
    newcomer.git("init", "-q", "--bare", "r.git")
    newcomer.ok("init", "r.git")
    made = newcomer.git("ls-tree", "--name-only", "main", cwd=newcomer.path / "r.git").split()
    assert made == [".gitattributes", "incidentctl.toml"]


def test_the_name_of_the_first_branch_is_the_one_that_git_is_set_to(newcomer: Desk) -> None:
    newcomer.git("config", "--global", "init.defaultBranch", "trunk")
    newcomer.ok("init", "r")
    assert 'branch = "trunk"' in (newcomer.path / "r/incidentctl.toml").read_text()
    assert newcomer.git("branch", "--show-current", cwd=newcomer.path / "r") == "trunk\n"


def test_an_empty_folder_inside_a_repository_gets_its_own(newcomer: Desk) -> None:
    place = product(newcomer)
    (place / "incidents-of-ours").mkdir()
    newcomer.ok("init", "incidents-of-ours", cwd=place)
    assert (place / "incidents-of-ours/.git").is_dir()
    assert newcomer.git("log", "--format=%s", cwd=place) == "theirs\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_repository_that_cannot_be_written_is_named(newcomer: Desk) -> None:
    place = product(newcomer)
    (place / ".git").chmod(0o555)
    try:
        result = newcomer.ictl("init", cwd=place)
    finally:
        (place / ".git").chmod(0o755)
    assert result.code == 4
    assert "no permission" in result.err


def test_an_empty_path_is_refused_and_path_begins_where_c_leads(newcomer: Desk) -> None:
    assert newcomer.ictl("init", "").code == 2
    assert not (newcomer.path / ".git").exists()
    (newcomer.path / "a").mkdir()
    newcomer.ok("-C", "a", "init", "r")
    assert (newcomer.path / "a/r/.git").is_dir()
    newcomer.ok("init", "~/incidents")
    assert Path(newcomer.environ["HOME"], "incidents/.git").is_dir()


def test_it_says_how_it_is_found(newcomer: Desk) -> None:
    first = newcomer.ok("init", "~/first").out
    assert first.startswith("~/first is ready: committed incidentctl.toml, .gitattributes on main\n")
    assert "found from any folder from now on: it is the `repository` in ~/config/incidentctl/config.toml\n" in first
    assert "found from any folder\n" in newcomer.ok("init", "~/first").out
    second = newcomer.ok("init", "~/second").out
    assert "found from inside, or with -C; from elsewhere" in second
    assert "until `ictl init ~/second --default`" in second


def test_settings_of_the_user_that_cannot_be_edited_are_left_and_named(newcomer: Desk) -> None:
    path = Path(newcomer.environ["XDG_CONFIG_HOME"], "incidentctl/config.toml")
    path.parent.mkdir(parents=True)
    path.write_text("repository = \n")
    result = newcomer.ok("init", "r")
    assert f"add `repository` to {path} by hand" in result.err
    assert path.read_text() == "repository = \n"


def test_a_dry_run_makes_nothing_not_even_a_repository(newcomer: Desk) -> None:
    assert "would make the repository" in newcomer.ok("init", "r", "--dry-run").out
    assert not (newcomer.path / "r").exists()
    (newcomer.path / "empty").mkdir()
    newcomer.ok("init", "empty", "--dry-run")
    assert list((newcomer.path / "empty").iterdir()) == []
    place = product(newcomer, {".gitattributes": "*.png binary\n"})
    shown = newcomer.ok("init", "--dry-run", cwd=place).out
    assert "--- a/.gitattributes\n+++ b/.gitattributes\n" in shown
    assert "+incidents/** merge=incidentctl\n" in shown
    assert newcomer.git("status", "--porcelain", cwd=place) == ""
    data = newcomer.ok("init", "--dry-run", "--json", cwd=place).json
    assert (data["kind"], data["dry_run"], data["commit"]) == ("init", True, None)
    assert data["files"] == [".gitattributes", "incidentctl.toml"]
    newcomer.ok("init", cwd=place)
    assert "nothing would change" in newcomer.ok("init", "--dry-run", cwd=place).out


def test_json_says_what_was_made(newcomer: Desk) -> None:
    result = newcomer.ok("init", "r", "--json").json
    assert (result["kind"], result["branch"], result["default"]) == ("init", "main", True)
    assert result["files"] == [".gitattributes", "incidentctl.toml"]
    again = newcomer.ok("init", "r", "--json")
    assert (again.json["commit"], again.json["committed"], again.json["files"], again.err) == (None, False, [], "")


# ------------------------------------------------------------------------------------------------------ files as text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 'repository = "/a b"\n'),
        ("# mine", '# mine\nrepository = "/a b"\n'),
        ('# mine\n[time]\nzone = "UTC" # here\n', '# mine\nrepository = "/a b"\n[time]\nzone = "UTC" # here\n'),
        ('repository = "/x"  # old\n[time]\n', 'repository = "/a b"  # old\n[time]\n'),
        ("'repository' = '/x'\r\n", "'repository' = \"/a b\"\r\n"),
        ("\ufeff[time]\r\n", '\ufeffrepository = "/a b"\r\n[time]\r\n'),
        ("x = [\n[1],\n[2]]\n[time]\n", 'repository = "/a b"\nx = [\n[1],\n[2]]\n[time]\n'),
        ("[notify]\nrepository = 1\n", 'repository = "/a b"\n[notify]\nrepository = 1\n'),
    ],
)
def test_a_users_own_settings_keep_every_other_byte(text: str, expected: str) -> None:
    assert with_repository(text, "/a b") == expected
    assert tomllib.loads(expected.removeprefix("\ufeff"))["repository"] == "/a b"


@pytest.mark.parametrize("text", ["repository =\n", "[time\n", "repository = 3\n", 'repository = """\n/x"""\n'])
def test_settings_that_are_not_plain_are_not_edited(text: str) -> None:
    assert with_repository(text, "/a b") is None


def test_odd_paths_are_written_so_that_they_are_read_as_themselves() -> None:
    for path in ('/a"b', "/a\\b", "/ä/日本", "/'"):
        text = with_repository("", path)
        assert text is not None
        assert tomllib.loads(text)["repository"] == path
    assert with_repository("", "/a\x7fb") is None, "the settings take no control characters"


def test_lines_of_attributes_are_added_once() -> None:
    text = with_attributes("*.png binary\r\n", ("incidents",))
    assert text == "*.png binary\r\nincidents/** merge=incidentctl\r\n"
    assert with_attributes(text, ("incidents",)) == text


def test_of_two_lines_of_attributes_the_last_holds() -> None:
    text = with_attributes("incidents/** text eol=lf\n", ("incidents",))
    assert text == "incidents/** text eol=lf\nincidents/** merge=incidentctl\n"
    again = with_attributes(text + "incidents/** merge=union\n", ("incidents",))
    assert again.endswith("merge=union\nincidents/** merge=incidentctl\n")


@pytest.mark.parametrize("folder", ["ops", "my ops", "o[p]s", "#ops", '"ops"', "ops*", "a/b"])
def test_git_reads_the_attributes_of_a_folder_of_any_name(newcomer: Desk, folder: str) -> None:
    newcomer.ok("init", "r", "--folder", folder)
    asked = newcomer.git("check-attr", "merge", f"{folder}/incidents/2026/05/x.md", cwd=newcomer.path / "r")
    assert asked.endswith("merge: incidentctl\n")
    assert "nothing to do" in newcomer.ok("init", "r").out


PLAIN = [
    ("on: push\njobs: {}\n", "on:\n  push:\n    paths-ignore: ['ops/**']\njobs: {}\n"),
    ("on: [push] # all\n", "on:\n  push:\n    paths-ignore: ['ops/**']\n"),
    ("on: [push]\r\njobs: {}\r\n", "on:\r\n  push:\r\n    paths-ignore: ['ops/**']\r\njobs: {}\r\n"),
    ("'on':\n  push:\n", "'on':\n  push:\n    paths-ignore: ['ops/**']\n"),
    ("on:\n  push:", "on:\n  push:\n    paths-ignore: ['ops/**']\n"),
    (
        "name: x\non: # when\n    pull_request:\n        paths: [a]\n    push: # here\n        branches: [main]\njobs:\n",
        "name: x\non: # when\n    pull_request:\n        paths: [a]\n    push: # here\n"
        "        paths-ignore: ['ops/**']\n        branches: [main]\njobs:\n",
    ),
    (
        "on:\n  push:\n\n    # only here\n    branches:\n    - main\n  schedule: []\njobs:\n  a:\n    paths: x\n",
        "on:\n  push:\n    paths-ignore: ['ops/**']\n\n    # only here\n    branches:\n    - main\n  schedule: []\n"
        "jobs:\n  a:\n    paths: x\n",
    ),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN)
def test_workflows_that_are_written_plainly_leave_the_folder_out(text: str, expected: str) -> None:
    trigger = push_trigger(text, "ops")
    assert trigger is not None
    assert trigger.ignoring == expected
    before, after = (yaml.load(each, Loader=yaml.BaseLoader) for each in (text, expected))
    assert after["on"]["push"].pop("paths-ignore") == ["ops/**"]
    known = before["on"] if isinstance(before["on"], dict) else {"push": ""}
    assert {**after["on"], "push": after["on"]["push"] or ""} == known
    assert {**after, "on": 0} == {**before, "on": 0}
    assert push_trigger(expected, "ops") is None, "once is enough"


@pytest.mark.parametrize(
    "text",
    [
        "on: [push, pull_request]\n",
        "on: [\n  push,\n  pull_request,\n]\n",
        "on: {push: {branches: [main]}}\n",
        "on:\n  - push\n",
        "on:\n- pull_request\n- push\njobs: {}\n",
        "on:\n  push: {branches: [main]}\n",
        "on:\n  push: &push\n    branches: [main]\n",
        "on:\n  push:\n    paths-ignore: [docs/**]\n",
        "on:\n  push:\n    <<: *shared\n",
    ],
)
def test_workflows_that_are_not_are_named_and_left_as_they_are(text: str) -> None:
    trigger = push_trigger(text, "ops")
    assert trigger is not None
    assert trigger.ignoring is None
    assert "'ops/**'" in trigger.to_add


@pytest.mark.parametrize(
    "text",
    [
        "on: pull_request\n",
        "on:\n  schedule: []\njobs:\n  push:\n    steps: []\n",
        "on:\n  push:\n    paths: [src/**]\n",
        "on:\n  push:\n    tags: ['v*']\n",
        "on:\n  push:\n    paths-ignore: ['ops/**', docs/**]\n",
        "on:\n  workflow_dispatch:\n    inputs:\n      push:\n        type: boolean\n",
        "jobs: {}\n",
        "",
    ],
)
def test_workflows_that_the_record_does_not_start_are_left_alone(text: str) -> None:
    assert push_trigger(text, "ops") is None


def test_a_workflow_with_a_change_of_somebody_elses_is_named_and_not_touched(newcomer: Desk) -> None:
    place = product(newcomer, {".github/workflows/deploy.yml": "on: push\n"})
    (place / ".github/workflows/deploy.yml").write_text("on: push\njobs: {}\n")
    result = newcomer.ok("init", "--folder", "ops", cwd=place)
    assert "deploy.yml runs on every push, also of the record" in result.err
    assert (place / ".github/workflows/deploy.yml").read_text() == "on: push\njobs: {}\n"


def test_gitlab_is_named_with_the_lines_to_add(newcomer: Desk) -> None:
    place = product(newcomer, {".gitlab-ci.yml": "deploy:\n  script: x\n"})
    result = newcomer.ok("init", "--folder", "ops", cwd=place)
    assert ".gitlab-ci.yml runs on every push" in result.err
    assert "  workflow:\n    rules:\n      - changes: ['*', 'src/**/*']\n" in result.err
    assert (place / ".gitlab-ci.yml").read_text() == "deploy:\n  script: x\n"
