"""Whole or not at all, and never outside."""

import os
import stat
import threading
from pathlib import Path

import pytest

from incidentctl.store import files
from incidentctl.store.files import (
    ChangedError,
    OutsideError,
    SaveError,
    TooLargeError,
    read_file,
    read_stamped,
    remove_file,
    write_file,
)


def test_written_is_read_and_folders_are_made(tmp_path):
    data = bytes(range(256)) * 1000
    stamp = write_file(str(tmp_path), "a/b/c.md", data)
    assert read_stamped(str(tmp_path), "a/b/c.md") == (data, stamp)
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["c.md"]
    assert read_file(str(tmp_path), "a/b/other.md") is None and read_file(str(tmp_path), "x/y.md") is None
    assert read_file(str(tmp_path / "gone"), "y.md") is None


def test_a_new_file_has_the_mode_of_any_new_file_and_an_old_one_keeps_its_own(tmp_path):
    (tmp_path / "plain").write_text("")
    write_file(str(tmp_path), "new.md", b"x")
    assert (tmp_path / "new.md").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "new.md").chmod(0o640)
    write_file(str(tmp_path), "new.md", b"y", staging=str(tmp_path))
    assert stat.S_IMODE((tmp_path / "new.md").stat().st_mode) == 0o640


def test_a_reader_sees_the_old_or_the_new_never_half(tmp_path):
    contents = [b"a" * 300_000, b"b" * 300_000]
    write_file(str(tmp_path), "x", contents[0])
    seen, done = set(), threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(read_file(str(tmp_path), "x"))

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(60):
        write_file(str(tmp_path), "x", contents[number % 2])
    done.set()
    reader.join()
    assert seen <= set(contents)


def test_a_file_larger_than_asked_for_is_named_not_loaded(tmp_path):
    with (tmp_path / "big.md").open("wb") as file:
        file.truncate(50 << 20)
    with pytest.raises(TooLargeError, match=r"big.md has 52,428,800 bytes, more than the 1,000") as raised:
        read_file(str(tmp_path), "big.md", cap=1000)
    assert (raised.value.path, raised.value.size, raised.value.cap) == ("big.md", 50 << 20, 1000)


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "..", "a/../../b", "a/./b", "a//b", ".git/config", "a/.GIT/x", "a\0b", "a\nb", "a/"]
)
def test_paths_that_lead_elsewhere(tmp_path, path):
    for act in (read_file, remove_file, lambda root, path: write_file(root, path, b"")):
        with pytest.raises(OutsideError, match="not a path inside the repository"):
            act(str(tmp_path), path)


def test_links_are_never_followed_for_a_file_nor_for_a_folder(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "x").write_text("secret")
    (root / "file").symlink_to(outside / "x")
    (root / "folder").symlink_to(outside)
    (root / "dangling").symlink_to(outside / "new")
    for path in ("file", "folder/x", "dangling"):
        with pytest.raises(OutsideError):
            read_file(str(root), path)
        with pytest.raises(OutsideError):
            write_file(str(root), path, b"mine")
    with pytest.raises(OutsideError):
        write_file(str(root), "folder/deep/er/x", b"mine")
    with pytest.raises(OutsideError):
        remove_file(str(root), "folder/x")
    assert [path.name for path in outside.iterdir()] == ["x"] and (outside / "x").read_text() == "secret"


def test_the_root_itself_may_be_reached_through_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_file(str(tmp_path / "link"), "x", b"1")
    assert (tmp_path / "real" / "x").read_bytes() == b"1"


def test_what_is_no_plain_file_is_named(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for path in ("folder", "pipe"):
        with pytest.raises(OutsideError, match="not a plain file"):
            read_file(str(tmp_path), path)
        with pytest.raises(OutsideError, match="not a plain file"):
            write_file(str(tmp_path), path, b"")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match="a link or a file where a folder should be"):
        write_file(str(tmp_path), "file/x", b"")


def test_a_write_that_expects_another_file_writes_nothing(tmp_path):
    stamp = write_file(str(tmp_path), "x", b"one")
    (tmp_path / "x").write_text("by an editor")
    with pytest.raises(ChangedError):
        write_file(str(tmp_path), "x", b"two", expects=stamp)
    with pytest.raises(ChangedError):
        write_file(str(tmp_path), "x", b"two", expects=None)
    with pytest.raises(ChangedError):
        write_file(str(tmp_path), "new", b"two", expects=stamp)
    with pytest.raises(ChangedError):
        remove_file(str(tmp_path), "x", expects=stamp)
    assert (tmp_path / "x").read_text() == "by an editor"
    found = read_stamped(str(tmp_path), "x")
    assert found is not None
    write_file(str(tmp_path), "x", b"two", expects=found[1])
    write_file(str(tmp_path), "new", b"two", expects=None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "x"]


def test_the_half_written_file_is_staged_elsewhere_and_beside_it_on_another_disk(tmp_path):
    write_file(str(tmp_path), "x", b"one", staging=str(tmp_path))
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system")
    write_file(str(tmp_path), "x", b"two", staging=str(other))
    assert (tmp_path / "x").read_bytes() == b"two"
    assert not list(other.glob(f"{os.getpid()}-*"))


def test_removing_takes_the_empty_folders_along(tmp_path):
    write_file(str(tmp_path), "a/b/c", b"")
    write_file(str(tmp_path), "a/d", b"")
    remove_file(str(tmp_path), "a/b/c")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["d"]
    remove_file(str(tmp_path), "a/b/c")
    remove_file(str(tmp_path), "a/d")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_is_said(tmp_path):
    with pytest.raises(SaveError, match="the name is too long"):
        write_file(str(tmp_path), "x" * 300, b"")


def test_what_the_system_says_is_put_in_words():
    assert files.save_error(OSError(28, ""), "x.md").message == "cannot write x.md: the disk is full"
    assert files.save_error(OSError(30, ""), "x.md").message == "cannot write x.md: the file system is read-only"
    assert "No child" in files.save_error(OSError(10, ""), "x.md").message


def test_a_folder_of_ours_is_shared_where_the_clone_is(tmp_path):
    (tmp_path / "git").mkdir()
    (tmp_path / "git").chmod(0o2775)
    files.make_private_folder(str(tmp_path / "git" / "incidentctl" / "spool"))
    assert stat.S_IMODE((tmp_path / "git/incidentctl/spool").stat().st_mode) == 0o2775
    files.write_private(str(tmp_path / "git/incidentctl/current"), b"x")
    assert (tmp_path / "git/incidentctl/current").read_bytes() == b"x"
    assert [path.name for path in (tmp_path / "git/incidentctl").iterdir()].count("current") == 1
