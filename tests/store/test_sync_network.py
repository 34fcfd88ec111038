"""What git and remotes say is understood, and nothing that an address says runs a program."""

import pytest

from incidentctl.errors import RepositoryError
from incidentctl.store.network import Trouble, fetch, push, understood
from incidentctl.store.remotes import check_remote
from tests.store.conftest import Place


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("fatal: Authentication failed for 'https://example.org/x.git/'", Trouble.DENIED),
        ("fatal: could not read Username for 'https://example.org': terminal prompts disabled", Trouble.DENIED),
        (
            "git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            Trouble.DENIED,
        ),
        ("Host key verification failed.\nfatal: Could not read from remote repository.", Trouble.DENIED),
        ("fatal: unable to access 'https://example.org/': The requested URL returned error: 403", Trouble.DENIED),
        ("remote: Repository not found.\nfatal: repository 'https://example.org/' not found", Trouble.DENIED),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", Trouble.OFFLINE),
        ("ssh: connect to host x port 22: Connection refused\nfatal: Could not read from remote repository.", Trouble.OFFLINE),
        ("fatal: '/srv/x.git' does not appear to be a git repository", Trouble.OFFLINE),
        ("fatal: couldn't find remote ref refs/heads/main", Trouble.MISSING),
        ("error: cannot lock ref 'refs/remotes/origin/main'", Trouble.RACED),
        ("fatal: something new", Trouble.OTHER),
    ],
)  # fmt: skip
def test_what_git_says_is_understood(said: str, trouble: Trouble) -> None:
    failed = understood(said.encode(), timed_out=False, code=128)
    assert failed.trouble is trouble and failed.said


def test_no_password_and_no_escape_sequence_is_passed_on() -> None:
    failed = understood(b"fatal: unable to access 'https://ann:s3cret@x/': \x1b[31mno\n", timed_out=False, code=128)
    assert "s3cret" not in failed.said and "\x1b" not in failed.said


@pytest.mark.parametrize("url", ["ext::sh -c true", "EXT::x", "fd::7", "-oProxyCommand=x"])
def test_an_address_that_runs_a_program_is_refused(place: Place, url: str) -> None:
    place.git("config", "remote.origin.url", url)
    with pytest.raises(RepositoryError, match="would make git run a program"):
        check_remote(place.open(), "origin")


def test_an_address_that_leads_to_such_a_one_runs_nothing(place: Place) -> None:
    place.git("config", "remote.origin.url", "far:x")
    place.git("config", f"url.ext::touch {place.path}/ran #.insteadOf", "far:")
    place.git("config", "protocol.ext.allow", "always")
    failed = fetch(place.open(), "origin", ["+refs/heads/*:refs/remotes/origin/*"], timeout=10)
    assert failed is not None and not (place.path / "ran").exists()


def test_a_remote_whose_name_is_an_option_is_refused(place: Place) -> None:
    with pytest.raises(RepositoryError):
        check_remote(place.open(), "--upload-pack=x")


def test_a_push_is_never_forced_and_takes_no_tags_along(place: Place) -> None:
    place.git("init", "--quiet", "--bare", "../r.git")
    place.git("remote", "add", "origin", "../r.git")
    place.git("config", "push.followTags", "true")
    place.git("tag", "-a", "-m", "x", "v1")
    head = place.head()
    assert push(place.open(), "origin", head, "refs/heads/main", timeout=20) is None
    place.git("commit", "--quiet", "--amend", "-m", "another")
    failed = push(place.open(), "origin", place.head(), "refs/heads/main", timeout=20)
    assert failed is not None and failed.trouble is Trouble.RACED
    assert place.git("ls-remote", "--heads", "--tags", "origin").split() == [head, "refs/heads/main"]


def test_a_rule_of_the_remote_is_told_from_a_race(place: Place) -> None:
    place.git("init", "--quiet", "--bare", "../r.git")
    place.git("remote", "add", "origin", "../r.git")
    hook = place.path.parent / "r.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nprintf 'not \\033[31mhere\\n' >&2; exit 1\n")
    hook.chmod(0o755)
    failed = push(place.open(), "origin", place.head(), "refs/heads/main", timeout=20)
    assert failed is not None and failed.trouble is Trouble.RULE
    assert "pre-receive hook declined" in failed.said and "not" in failed.said and "\x1b" not in failed.said


def test_a_git_that_had_to_be_made_to_end_leaves_no_lock_and_those_of_others_stay(place: Place) -> None:
    """A lock on what we know of the remote would keep every later exchange from it."""
    place.git("init", "--quiet", "--bare", "../r.git")
    place.git("remote", "add", "origin", "../r.git")
    folder = place.path / ".git" / "refs" / "remotes" / "origin"
    folder.mkdir(parents=True)
    (folder / "theirs.lock").touch()
    place.hook("pre-push", f"touch '{folder}/main.lock'; sleep 20")
    failed = push(place.open(), "origin", place.head(), "refs/heads/main", timeout=1)
    assert failed is not None and failed.trouble is Trouble.HUNG
    assert [path.name for path in folder.iterdir()] == ["theirs.lock"]
