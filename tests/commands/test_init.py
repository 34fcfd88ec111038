"""`init`: a repository of incidents, new or an existing one as it is; what is missing is made and committed once."""

import json
from pathlib import Path

import pytest

from incidentctl.commands.starting_files import runs_on_push, with_attributes, with_paths_ignored, with_repository
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
    assert "odd.yml runs on every push: add" in result.err
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


def test_without_an_identity_the_files_are_written_and_the_next_init_commits_them(newcomer: Desk) -> None:
    config = Path(newcomer.environ["GIT_CONFIG_GLOBAL"])
    known = config.read_text()
    config.write_text("[user]\n\tuseConfigOnly = true\n[init]\n\tdefaultBranch = main\n")
    result = newcomer.ictl("init", "r")
    assert result.code == 7
    assert "git config" in result.err
    config.write_text(known)
    newcomer.ok("init", "r")
    assert newcomer.git("log", "--format=%s", cwd=newcomer.path / "r").split("\n")[0] == "incidentctl: init"


def test_a_dry_run_makes_nothing(newcomer: Desk) -> None:
    newcomer.ok("init", "r", "--dry-run")
    assert not (newcomer.path / "r").exists()
    (newcomer.path / "e").mkdir()
    newcomer.git("init", "-q", cwd=newcomer.path / "e")
    assert "incidentctl.toml" in newcomer.ok("init", "--dry-run", cwd=newcomer.path / "e").out
    assert not (newcomer.path / "e/incidentctl.toml").exists()


def test_json_says_what_was_made(newcomer: Desk) -> None:
    result = newcomer.ok("init", "r", "--json").json
    assert (result["kind"], result["branch"], result["default"]) == ("init", "main", True)
    assert json.dumps(result["files"]) == '[".gitattributes", "incidentctl.toml"]'


def test_a_users_own_settings_keep_every_other_byte() -> None:
    text = '# mine\n[time]\nzone = "Europe/Berlin" # here\n'
    assert with_repository(text, "/a b") == '# mine\nrepository = "/a b"\n[time]\nzone = "Europe/Berlin" # here\n'
    assert with_repository('repository = "/x" \n[time]\n', "/y") == 'repository = "/y"\n[time]\n'
    assert with_repository("", "/y") == 'repository = "/y"\n'


def test_lines_of_attributes_are_added_once() -> None:
    text = with_attributes("*.png binary\r\n", ("incidents",))
    assert text == "*.png binary\r\nincidents/** merge=incidentctl\r\n"
    assert with_attributes(text, ("incidents",)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on: push\njobs: {}\n", "on:\n  push:\n    paths-ignore: ['ops/**']\njobs: {}\n"),
        ("on: [push]\n", "on:\n  push:\n    paths-ignore: ['ops/**']\n"),
        ("on:\n  push:\n", "on:\n  push:\n    paths-ignore: ['ops/**']\n"),
        (
            "on:\n    pull_request:\n    push:\n        branches: [main]\n",
            "on:\n    pull_request:\n    push:\n        paths-ignore: ['ops/**']\n        branches: [main]\n",
        ),
        ("on: [push, pull_request]\n", None),
        ("on:\n  - push\n", None),
    ],
)
def test_workflows_are_edited_only_where_they_are_written_plainly(text: str, expected: str | None) -> None:
    assert runs_on_push(text)
    assert with_paths_ignored(text, "ops") == expected


@pytest.mark.parametrize("text", ["on: pull_request\n", "on:\n  push:\n    paths: [src/**]\n", "on:\n  schedule: []\n"])
def test_workflows_that_choose_for_themselves_are_left_alone(text: str) -> None:
    assert not runs_on_push(text)
