"""Documents found in folders, indexes and changes, and put back whole."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidentctl.errors import UsageError
from incidentctl.store.archive import (
    MAX_DOCUMENT,
    ArchiveFile,
    Failed,
    changed_documents,
    common_folder,
    find_documents,
    git_folder,
    histories,
    is_below,
    is_document,
    is_shallow,
    keep_document,
    keep_file,
    nearest_above,
    read_document,
    read_text,
    staged_documents,
    work_tree_around,
)
from incidentctl.store.files import ChangedError


@pytest.fixture
def archive(tmp_path):
    """Three documents in two folders, and what lies beside them."""
    for name in ("a.md", "2026/b.MARKDOWN", "2026/deep/c.md", "notes.txt", ".git/d.md", "node_modules/e.md"):
        file = tmp_path / "archive" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# words\n", encoding="utf-8")
    return tmp_path / "archive"


def names(found) -> list[str]:
    return [file.path for file in found[0]]


@pytest.mark.parametrize(
    ("name", "expected"), [("a.md", True), ("A.MD", True), ("a.mkd", True), ("md", False), ("a.md.bak", False)]
)
def test_a_document_is_told_by_its_name(name, expected):
    assert is_document(name) is expected


def test_a_folder_holds_all_documents_below_it_but_those_of_tools(archive):
    assert names(find_documents(["."], str(archive))) == ["2026/b.MARKDOWN", "2026/deep/c.md", "a.md"]
    assert names(find_documents(["archive"], str(archive.parent)))[0] == "archive/2026/b.MARKDOWN"
    assert names(find_documents([str(archive / "2026")], "/"))[0] == f"{archive}/2026/b.MARKDOWN"


def test_paths_above_us_are_shown_as_an_editor_finds_them(archive):
    assert names(find_documents([".."], str(archive / "2026"))) == ["../a.md", "b.MARKDOWN", "deep/c.md"]


def test_each_file_is_listed_once_however_often_it_is_named(archive):
    found = find_documents([".", "a.md", "./a.md", "2026", "**/*.md"], str(archive))
    assert names(found) == ["2026/b.MARKDOWN", "2026/deep/c.md", "a.md"]


def test_only_a_file_that_is_named_itself_is_named(archive):
    (file,) = find_documents(["notes.txt"], str(archive))[0]
    assert file.is_named
    assert not any(file.is_named for file in find_documents([".", "*.md"], str(archive))[0])


def test_a_name_that_looks_like_a_pattern_is_a_file_where_there_is_one(archive):
    (archive / "a[1].md").write_text("x", encoding="utf-8")
    assert names(find_documents(["a[1].md"], str(archive))) == ["a[1].md"]
    assert names(find_documents(["20*/**/*.md"], str(archive))) == ["2026/deep/c.md"]


@pytest.mark.parametrize("path", ["gone", "gone/*.md", "*.txt"])
def test_a_path_that_names_nothing_is_refused(archive, path):
    with pytest.raises(UsageError, match="nothing matches" if "*" in path else "there is no"):
        find_documents([path], str(archive))


def test_links_to_folders_are_not_entered_and_links_to_files_are_read_unless_both_are_there(archive, tmp_path):
    (tmp_path / "beside.md").write_text("x", encoding="utf-8")
    (archive / "loop").symlink_to(".")
    (archive / "z.md").symlink_to("a.md")
    (archive / "y.md").symlink_to(tmp_path / "beside.md")
    (archive / "x.md").symlink_to("x.md")
    found = find_documents(["."], str(archive))
    assert names(found) == ["2026/b.MARKDOWN", "2026/deep/c.md", "a.md", "x.md", "y.md"]
    assert isinstance(read_document(found[0][3]), Failed)


def test_what_is_no_plain_file_or_too_large_is_named_with_the_reason(archive):
    os.mkfifo(archive / "pipe.md")
    with (archive / "large.md").open("wb") as stream:
        stream.truncate(MAX_DOCUMENT + 1)
    for name, reason in (("pipe.md", "no plain file"), ("large.md", "more than"), ("2026", "no plain file")):
        found = read_document(ArchiveFile(name, str(archive / name)))
        assert isinstance(found, Failed)
        assert reason in found.reason
    assert read_text(str(archive / "gone")) is None
    assert read_text(str(archive / "a.md"), cap=3) is None
    assert read_text(str(archive / "a.md")) == "# words\n"


def test_what_is_below_a_path_is_told_without_looking_at_files():
    assert is_below("/a/b/c.md", ["b"], "/a")
    assert is_below("/a/b/c.md", ["/"], "/x")
    assert is_below("/a/b.md", ["b.md"], "/a")
    assert not is_below("/a/bc/d.md", ["b"], "/a")


def test_the_common_folder_is_one_that_there_is(archive):
    assert common_folder([], str(archive)) == str(archive)
    assert common_folder([str(archive / "a.md"), str(archive / "2026/deep")], "/") == str(archive)
    assert common_folder([str(archive / "2026/*/x/*.md")], "/") == str(archive / "2026")
    assert common_folder([str(archive / "not/yet/there.md")], "/") == str(archive)


def test_the_nearest_settings_above_are_found(archive):
    (archive / "incidentctl.toml").touch()
    assert nearest_above(str(archive / "2026/deep"), "incidentctl.toml") == str(archive)
    assert nearest_above(str(archive / "2026/deep"), "no-such-name.toml") is None


# -------------------------------------------------------------------------------------------------------------- git


def test_what_is_staged_is_read_from_the_index(desk):
    desk.write("a.md", "one")
    desk.write("ä b.md", "two")
    desk.write("c.txt", "three")
    (desk.path / "link.md").symlink_to("a.md")
    desk.git("add", "-A")
    desk.write("a.md", "later")
    found = staged_documents(str(desk.path), str(desk.path), desk.environ)
    assert {file.path: file.data for file in found} == {"a.md": b"one", "ä b.md": b"two"}
    desk.git("commit", "-qm", "all")
    desk.git("mv", "a.md", "d.md")
    desk.git("rm", "-q", "ä b.md")
    below = desk.path / "below"
    below.mkdir()
    found = staged_documents(str(desk.path), str(below), desk.environ)
    assert {file.path: file.data for file in found} == {"../d.md": b"one"}


def test_the_index_of_a_hook_counts_only_in_its_own_repository(desk, tmp_path):
    desk.write("a.md", "one")
    desk.git("add", "-A")
    other = tmp_path / "other"
    desk.git("init", "-q", str(other))
    hook = {**desk.environ, "GIT_INDEX_FILE": str(other / ".git/index")}
    assert [file.path for file in staged_documents(str(desk.path), str(desk.path), hook)] == ["a.md"]


def test_what_changed_is_what_differs_from_where_the_branches_part(desk):
    for name in ("a.md", "b.md", "c.txt"):
        desk.write(name, name)
    desk.git("add", "-A")
    desk.git("commit", "-qm", "one")
    desk.git("switch", "-qc", "topic")
    desk.write("b.md", "changed")
    desk.git("commit", "-qam", "two")
    desk.write("new.md", "new")
    desk.write("ignored.md", "x")
    desk.write(".gitignore", "ignored.md\n")
    desk.git("switch", "-q", "main")
    desk.write("a.md", "main goes on")
    desk.git("commit", "-qm", "three", "--", "a.md")
    desk.git("switch", "-q", "topic")
    top = str(desk.path)
    assert [file.path for file in changed_documents(top, top, "main", desk.environ)] == ["b.md", "new.md"]
    (desk.path / "b.md").unlink()
    assert [file.path for file in changed_documents(top, top, "main", desk.environ)] == ["new.md"]


@pytest.mark.parametrize("ref", ["gone", "--all", "main..topic", ""])
def test_a_ref_that_is_none_is_refused(desk, ref):
    with pytest.raises(UsageError):
        changed_documents(str(desk.path), str(desk.path), ref, desk.environ)


def test_branches_without_a_common_ancestor_are_said_to_have_none(desk):
    desk.git("switch", "-q", "--orphan", "other")
    desk.git("commit", "-q", "--allow-empty", "-m", "begin")
    with pytest.raises(UsageError, match="no common ancestor"):
        changed_documents(str(desk.path), str(desk.path), "main", desk.environ)


def test_the_versions_of_many_documents_are_read_in_one_walk(desk):
    desk.environ["GIT_AUTHOR_DATE"] = "2026-05-01T10:00:00Z"
    odd = 'ä "b" [c].md'
    for text in ("one", "two"):
        desk.write("a.md", text)
        desk.write(odd, f"{text} as well")
        desk.git("add", "-A")
        desk.git("commit", "-qm", text)
    many = [f"postmortems/2026/05/2026-05-14-a-name-as-long-as-they-often-are-{n}.md" for n in range(40_000)]
    found = histories(str(desk.path), ["a.md", odd, *many], desk.environ)
    moment = datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert found["a.md"].versions == ((moment, b"one"), (moment, b"two"))
    assert [data for _, data in found[odd].versions] == [b"one as well", b"two as well"]
    assert len(found) == 2


def test_before_the_first_commit_there_is_no_history(desk, tmp_path):
    fresh = tmp_path / "fresh"
    desk.git("init", "-q", str(fresh))
    assert histories(str(fresh), ["a.md"], desk.environ) == {}
    assert not is_shallow(str(fresh), desk.environ)
    assert work_tree_around(str(fresh), desk.environ) == str(fresh)
    assert git_folder(str(fresh), desk.environ) == str(fresh / ".git")
    assert work_tree_around(str(tmp_path), desk.environ) is None


# ----------------------------------------------------------------------------------------------------------- writing


def test_a_document_is_replaced_whole_and_keeps_its_permissions(tmp_path):
    file = tmp_path / "a.md"
    file.write_text("one", encoding="utf-8")
    file.chmod(0o640)
    keep_document(str(file), b"two", expects=b"one")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"two", 0o640)
    assert [each.name for each in tmp_path.iterdir()] == ["a.md"]


def test_what_somebody_saved_meanwhile_is_never_overwritten(tmp_path):
    file = tmp_path / "a.md"
    file.write_text("theirs", encoding="utf-8")
    with pytest.raises(ChangedError, match="changed meanwhile"):
        keep_document(str(file), b"ours", expects=b"what we read")
    file.unlink()
    with pytest.raises(ChangedError):
        keep_document(str(file), b"ours", expects=b"what we read")
    assert list(tmp_path.iterdir()) == []


def test_a_link_leads_to_the_file_that_is_written(tmp_path):
    (tmp_path / "real.md").write_text("one", encoding="utf-8")
    (tmp_path / "link.md").symlink_to("real.md")
    keep_document(str(tmp_path / "link.md"), b"two", expects=b"one")
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "real.md").read_bytes() == b"two"


def test_folders_on_the_way_are_made_and_a_folder_is_no_file(tmp_path):
    keep_document(str(tmp_path / "new/deep/a.md"), b"one")
    assert (tmp_path / "new/deep/a.md").read_bytes() == b"one"
    with pytest.raises(UsageError, match="is a folder"):
        keep_document(str(tmp_path / "new"), b"one")


def test_a_device_stays_one(tmp_path):
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    keep_document(str(link), b"one")
    assert Path(os.devnull).is_char_device()


def test_what_can_be_made_again_is_kept_where_that_is_possible_and_else_not(tmp_path):
    keep_file(str(tmp_path / "cache/lint"), b"one")
    assert (tmp_path / "cache/lint").read_bytes() == b"one"
    (tmp_path / "file").touch()
    keep_file(str(tmp_path / "file/lint"), b"one")
    assert (tmp_path / "file").read_bytes() == b""
