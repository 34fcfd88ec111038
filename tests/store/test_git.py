"""git is run the same way whatever is around it."""

import os
import time

import pytest

from incidentctl.errors import RepositoryError
from incidentctl.store.git import Config, Git, GitError, printable, reason, tail


def test_variables_that_point_elsewhere_are_taken_out_and_those_with_settings_stay(place, environ):
    surroundings = {
        **environ,
        "GIT_DIR": "/nowhere",
        "GIT_INDEX_FILE": "/nowhere",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "From the container",
        "LC_ALL": "de_DE.UTF-8",
    }
    git = Git(str(place.path), environ=surroundings)
    assert git.run("rev-parse", "--git-dir").text == ".git"
    assert git.ask("config", "user.name") == b"From the container\n"
    listed = git.run("rev-parse", "--local-env-vars").text.split()
    kept = set(git.environment()) & set(listed)
    assert kept <= {"GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"}


def test_a_failure_is_one_sentence_in_gits_words(place, environ):
    git = Git(str(place.path), environ=environ)
    with pytest.raises(GitError, match=r"git cat-file failed: Not a valid object name nonsense") as raised:
        git.ask("-c", "core.pager=x", "cat-file", "-p", "nonsense")
    assert issubclass(GitError, RepositoryError) and raised.value.answer.code == 128


def test_git_that_takes_too_long_is_ended(place, environ):
    git = Git(str(place.path), environ=environ)
    start = time.monotonic()
    answer = git.run("-c", "alias.slow=!sleep 30", "slow", timeout=0.3)
    assert answer.code != 0
    assert time.monotonic() - start < 5
    assert reason(answer.err) == "git took longer than 0.3 s"


def test_reading_takes_no_locks(place, environ):
    git = Git(str(place.path), environ=environ)
    before = (place.path / ".git/index").stat()
    os.utime(place.path / "app.py")
    assert git.ask("status", "--porcelain") == b""
    assert (place.path / ".git/index").stat() == before or (place.path / ".git/index").stat().st_ino == before.st_ino


def test_what_programs_print_does_not_steer_the_terminal():
    assert printable(b"a\x1b[31mb\x07\r\nc\x7f\xff\td\xe2\x80\xae") == "a[31mb\nc\ufffd\td"
    assert tail(b"1\n\n2\n3\n", lines=2) == "2\n3"
    assert tail(b"x" * 1000, width=10) == "x" * 10
    assert reason(b"hint: x\nerror: first\nfatal: second\n") == "second"
    assert (
        reason(b"error: first\nmore\n") == "first" and reason(b"just words\n\n") == "just words" and reason(b"") == ""
    )


def test_settings_as_git_lists_them():
    config = Config(b"user.name=A=B\ncommit.gpgsign\ncore.x=off\ncore.y=0\ncore.z=1\nuser.name=C\nGIT_EDITOR=vi\n")
    assert config.text("user.name") == "C" and config.text("none") is None
    assert [config.flag(name) for name in ("commit.gpgsign", "core.x", "core.y", "core.z", "none")] == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_objects_are_flushed_unless_the_user_decided(place, environ):
    git = Git(str(place.path), environ={**environ, "GIT_TRACE2_EVENT": str(place.path.parent / "trace")})
    git.ask("hash-object", "-w", "--stdin", stdin=b"x", writes=True)
    assert "core.fsync=committed,reference" in (place.path.parent / "trace").read_text()
    (place.path.parent / "trace").unlink()
    place.git("config", "core.fsync", "none")
    git = Git(str(place.path), environ={**environ, "GIT_TRACE2_EVENT": str(place.path.parent / "trace")})
    git.ask("hash-object", "-w", "--stdin", stdin=b"y", writes=True)
    assert "core.fsync=committed" not in (place.path.parent / "trace").read_text()
