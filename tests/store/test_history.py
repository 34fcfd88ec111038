"""What is committed, read back without the user's log settings."""

import os

import pytest

from incidentctl.errors import RepositoryError
from incidentctl.store.files import OutsideError, TooLargeError
from incidentctl.store.history import (
    Identity,
    editor,
    identity,
    list_tip,
    list_work_tree,
    read_blob,
    read_tip,
    run_editor,
    versions,
)
from tests.store.conftest import OURS


def test_a_file_at_the_tip_not_in_the_work_tree(place):
    repository = place.open()
    place.write(OURS, "changed\n")
    assert read_tip(repository, OURS) == b"first\n"
    place.commit(OURS, "second\n")
    assert read_tip(repository, OURS) == b"second\n", "a running cat-file sees the branch move"
    assert read_tip(repository, "incidents/none.md") is None and read_tip(repository, "incidents") is None
    entry = repository.tip().entry(OURS)
    assert entry is not None and read_blob(repository, entry.oid) == b"second\n"
    with pytest.raises(OutsideError):
        read_tip(repository, "../x")
    with pytest.raises(RepositoryError, match="has no file"):
        read_blob(repository, "0" * 40)


def test_a_large_blob_is_named_and_the_next_question_is_answered(place):
    place.commit(OURS, "x" * 3_000_000)
    repository = place.open()
    with pytest.raises(TooLargeError, match=OURS):
        read_tip(repository, OURS, cap=1000)
    assert read_tip(repository, "app.py") is not None


def test_listing_the_tip(place):
    place.write('incidents/2026/06/ä "b".md', "x")
    (place.path / "incidents/2026/06/link.md").symlink_to("x")
    place.git("add", "--all")
    place.git("commit", "--quiet", "-m", "more")
    repository = place.open()
    listed = list_tip(repository, "incidents")
    assert [(entry.path, entry.is_link) for entry in listed] == [
        (OURS, False),
        ("incidents/2026/06/link.md", True),
        ('incidents/2026/06/ä "b".md', False),
    ]
    assert [entry.path for entry in list_tip(repository, "incidents/2026/05")] == [OURS]
    assert list_tip(repository, "nothing") == [] and [entry.path for entry in list_tip(repository, "app.py")] == [
        "app.py"
    ]


def test_listing_where_nothing_is_committed_or_checked_out(empty, place):
    assert list_tip(empty.open(), "incidents") == [] and list_work_tree(empty.open(), "incidents") == []
    assert list(versions(empty.open(), OURS)) == []
    place.git("config", "core.bare", "true")
    assert list_work_tree(place.open(cwd=place.path / ".git"), "incidents") == []


def test_listing_the_work_tree(place, tmp_path):
    place.write("incidents/2026/06/b.md", "xyz")
    place.write("incidents/.hidden/c.md", "")
    (place.path / "incidents/link.md").symlink_to("/etc/passwd")
    (place.path / "incidents/folder").symlink_to(tmp_path)
    os.mkfifo(place.path / "incidents/pipe")
    listed = list_work_tree(place.open(), "incidents")
    assert [(entry.path, entry.is_link) for entry in listed] == [
        (OURS, False),
        ("incidents/2026/06/b.md", False),
        ("incidents/folder", True),
        ("incidents/link.md", True),
        ("incidents/pipe", False),
    ]
    assert [entry.path for entry in listed if entry.is_way] == ["incidents/folder"]
    facts = (place.path / "incidents/2026/06/b.md").stat()
    assert (listed[1].stamp.size, listed[1].stamp.mtime_ns, listed[1].stamp.inode) == (
        3,
        facts.st_mtime_ns,
        facts.st_ino,
    )
    (place.path / "elsewhere").symlink_to(tmp_path)
    for folder in ("elsewhere", "elsewhere/below"):
        assert [(entry.path, entry.is_way) for entry in list_work_tree(place.open(), folder)] == [("elsewhere", True)]


def test_versions_newest_first_one_by_one(place):
    place.commit(OURS, "second\n", "two")
    place.commit("app.py", "x\n")
    place.git(
        "-c",
        "user.name=Bob <x> é",
        "-c",
        "user.email=bob@example.org",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "empty",
    )
    place.write(OURS, "third\n")
    place.git(
        "commit",
        "--quiet",
        "-m",
        "three",
        "--",
        OURS,
        env={"GIT_AUTHOR_NAME": "Bob é", "GIT_AUTHOR_DATE": "1700000000 +0200"},
    )
    for name, value in (
        ("log.showSignature", "true"),
        ("log.follow", "true"),
        ("format.pretty", "oneline"),
        ("log.date", "iso"),
    ):
        place.git("config", name, value)
    found = list(versions(place.open(), OURS))
    assert [version.read() for version in found] == [b"third\n", b"second\n", b"first\n"]
    assert (found[0].author_name, found[0].author_mail, found[0].author_at) == ("Bob é", "ann@example.org", 1700000000)
    assert found[0].commit == place.head()
    one = versions(place.open(), OURS)
    assert next(one).read() == b"third\n"


def test_versions_of_a_file_that_was_removed_or_has_an_odd_name(place):
    odd = "incidents/:(glob)*?[x].md"
    place.write(odd, "1\n")
    place.git("--literal-pathspecs", "add", "--", odd)
    place.git("commit", "--quiet", "-m", "odd")
    place.git("--literal-pathspecs", "rm", "--quiet", "--", odd)
    place.git("commit", "--quiet", "-m", "gone")
    assert [version.read() for version in versions(place.open(), odd)] == [b"", b"1\n"]


def test_versions_are_the_record_branchs(place):
    place.git("checkout", "--quiet", "-b", "feature")
    place.commit(OURS, "on the feature\n")
    assert [version.read() for version in versions(place.open(branch="main"), OURS)] == [b"first\n"]


def test_who_writes(place, environ):
    assert identity(place.open()) == Identity("Ann", "ann@example.org")
    environ.update(GIT_AUTHOR_NAME="Bob", GIT_AUTHOR_EMAIL="bob@example.org")
    assert identity(place.open()) == Identity("Bob", "bob@example.org")
    place.git("config", "author.name", "Cid")
    del environ["GIT_AUTHOR_NAME"]
    assert identity(place.open()) == Identity("Cid", "bob@example.org")


def test_who_writes_is_unknown_where_git_would_not_commit(place, environ):
    (place.path.parent / "home/gitconfig").write_text("[user]\n\tname = Ann\n\tuseConfigOnly = true\n")
    assert identity(place.open()) is None
    environ["EMAIL"] = "ann@example.org"
    place.git("config", "user.useConfigOnly", "false")
    assert identity(place.open()) == Identity("Ann", "ann@example.org")


def test_the_editor_is_gits(place, environ):
    environ["GIT_EDITOR"] = "sh -c 'echo edited by $0 >>\"$1\"' me"
    repository = place.open()
    assert editor(repository) == environ["GIT_EDITOR"]
    assert run_editor(repository, str(place.path / OURS)) == 0
    assert place.read() == "first\nedited by me\n"
    environ["GIT_EDITOR"] = "false"
    assert run_editor(place.open(), str(place.path / OURS)) == 1


def test_without_an_editor(place, environ):
    del environ["GIT_EDITOR"]
    environ["TERM"] = "dumb"
    repository = place.open()
    if editor(repository) is not None:
        pytest.skip("git has an editor even on a dumb terminal here")
    with pytest.raises(RepositoryError, match="no editor"):
        run_editor(repository, "x")
