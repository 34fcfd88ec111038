"""Which remote a branch is shared with, where its pages are, and a push that fails."""

from pathlib import Path

import pytest

from incidentctl.errors import RepositoryError
from incidentctl.store.remotes import Remote, push_branch, remote_of
from tests.store.conftest import Place


@pytest.mark.parametrize(
    ("url", "host", "project"),
    [
        ("git@github.com:acme/incidents.git", "github.com", "acme/incidents"),
        ("https://token@GitHub.example.org/acme/incidents.git", "github.example.org", "acme/incidents"),
        ("ssh://git@gitlab.example.org:2222/acme/ops/incidents.git", "gitlab.example.org", "acme/ops/incidents"),
        ("/srv/git/incidents.git", "", ""),
        ("https://[broken", "", ""),
    ],
)
def test_host_and_project_are_read_from_an_address(place: Place, url: str, host: str, project: str) -> None:
    place.git("remote", "add", "origin", url)
    assert remote_of(place.open(), "main") == Remote("origin", host, project)


def test_a_branch_is_shared_with_its_own_remote_before_that_of_the_record(place: Place) -> None:
    assert remote_of(place.open(), "topic") is None
    place.git("remote", "add", "backup", "/b")
    found = remote_of(place.open(), "topic")
    assert found is not None and found.name == "backup"
    for name in ("origin", "upstream"):
        place.git("remote", "add", name, f"/{name}")
    for key, remote in (
        ("branch.main.remote", "upstream"),
        ("branch.topic.remote", "backup"),
        ("remote.pushDefault", "upstream"),
        ("branch.topic.pushRemote", "origin"),
    ):
        place.git("config", key, remote)
        found = remote_of(place.open(branch="main"), "topic")
        assert found is not None and found.name == remote


def test_pages_are_known_of_the_hosts_that_are_known() -> None:
    path = "postmortems/2026/05/a b.md"
    github = Remote("origin", "github.com", "acme/incidents")
    assert github.page_of("main", path) == "https://github.com/acme/incidents/blob/main/postmortems/2026/05/a%20b.md"
    gitlab = Remote("origin", "gitlab.example.org", "acme/x")
    assert gitlab.page_of("main", "a.md") == "https://gitlab.example.org/acme/x/-/blob/main/a.md"
    assert Remote("origin", "git.example.org", "acme/x").page_of("main", path) is None
    assert Remote("origin").page_of("main", path) is None


def test_a_push_makes_the_branch_of_the_remote_its_upstream(place: Place, tmp_path: Path) -> None:
    place.git("init", "--quiet", "--bare", str(tmp_path / "r.git"))
    place.git("remote", "add", "origin", str(tmp_path / "r.git"))
    assert push_branch(place.open(), "origin", "main", timeout=30) is None
    assert place.git("rev-parse", "--abbrev-ref", "main@{upstream}") == "origin/main"
    assert place.git("--git-dir", str(tmp_path / "r.git"), "rev-parse", "main") == place.head()


def test_a_push_that_is_rejected_or_takes_too_long_says_why(place: Place, tmp_path: Path) -> None:
    place.git("init", "--quiet", "--bare", str(tmp_path / "r.git"))
    place.git("remote", "add", "origin", str(tmp_path / "r.git"))
    place.git("push", "--quiet", "origin", "main")
    place.git("commit", "--quiet", "--amend", "-m", "another")
    assert "non-fast-forward" in (push_branch(place.open(), "origin", "main", timeout=30) or "")
    place.hook("pre-push", "sleep 20")
    assert "git took longer than 0.5 s" in (push_branch(place.open(), "origin", "main", timeout=0.5) or "")
    place.hook("pre-push", "echo no pushes on Fridays >&2; exit 1")
    assert push_branch(place.open(), "origin", "main", timeout=30)


def test_no_password_of_an_address_is_in_what_is_said(place: Place) -> None:
    place.git("remote", "add", "origin", "http://ann:s3cret@127.0.0.1:9/x.git")
    said = push_branch(place.open(), "origin", "main", timeout=30)
    assert said is not None and "s3cret" not in said


def test_a_push_to_an_address_that_would_run_a_program_is_refused(place: Place) -> None:
    place.git("remote", "add", "origin", "ext::sh -c touch% ran")
    place.git("config", "protocol.ext.allow", "always")
    with pytest.raises(RepositoryError, match="would make git run a program"):
        push_branch(place.open(), "origin", "main", timeout=5)
