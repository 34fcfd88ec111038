"""Reads commits, trees and blobs through one running `git cat-file`, and writes trees through one `git mktree`. Never follows a link, never
loads what is larger than asked for."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from incidentctl.errors import RepositoryError
from incidentctl.store.files import TooLargeError, check_path, flush_file
from incidentctl.store.git import Answer, Git, GitError, was_swept

TREE_MODE: Final = "40000"
FILE_MODE: Final = "100644"
LINK_MODE: Final = "120000"
_PATIENCE_S: Final = 2.0


class GitObject(Struct, frozen=True):
    """One object as git stores it."""

    oid: str
    kind: str
    data: bytes


class TreeEntry(Struct, frozen=True):
    """A name's mode (octal digits as in a tree, `100644`, `40000`) and what it points to."""

    mode: str
    oid: str


class Objects:
    """One `git cat-file --batch`, started at the first question. Branches are looked up afresh at each one."""

    __slots__ = ("_git", "_process")

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None

    def get(self, name: str, *, cap: int | None = None, path: str | None = None) -> GitObject | None:
        """The object of that name (`OID`, `refs/heads/main`, `OID:PATH`), None when there is none.

        More than `cap` bytes: TooLargeError, which names `path`.
        """
        if not name or "\n" in name or name.startswith("-"):
            return None
        try:
            return self._ask(name, cap, path)
        except (KeyboardInterrupt, MemoryError):
            # Half an answer may be left in the pipe.
            self.close()
            raise

    def _ask(self, name: str, cap: int | None, path: str | None) -> GitObject | None:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
            process.stdin.flush()
            header = process.stdout.readline()
        except OSError:
            header = b""
        words = header.split()
        if not header:
            self._died(name)
        if header.endswith((b" missing\n", b" ambiguous\n")) or len(words) != 3:
            return None
        oid, kind, size = words[0].decode(), words[1].decode(), int(words[2])
        if cap is not None and size > cap:
            left = size + 1
            while left > 0 and (chunk := process.stdout.read(min(left, 1 << 20))):
                left -= len(chunk)
            raise TooLargeError(path or name, size, cap)
        data = process.stdout.read(size + 1)
        if len(data) != size + 1:
            self._died(name)
        return GitObject(oid, kind, data[:-1])

    def commit_of(self, name: str) -> str | None:
        """The id of the commit of that name, None when there is none."""
        found = self.get(name)
        return found.oid if found is not None and found.kind == "commit" else None

    def tree(self, name: str) -> dict[str, TreeEntry] | None:
        """The entries of the tree of that name, None when there is no such tree."""
        found = self.get(name)
        return _parse_tree(found) if found is not None and found.kind == "tree" else None

    def close(self) -> None:
        """Ends the process; the next question starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                pass
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            # It only reads: there is nothing that it could leave half done.
            process.kill()
            process.wait()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch", own_group=True)
        return self._process

    def _died(self, name: str) -> None:
        """cat-file ends at a damaged object; asked once more, it says which."""
        self.close()
        arguments = ("cat-file", "-p", name)
        answer = self._git.run(*arguments)
        if answer.code == 0:
            answer = Answer(1, b"", b"fatal: git cat-file ended unexpectedly")
        raise GitError(arguments, answer)


class Tip(Struct, frozen=True):
    """The last commit of the record's branch, and the files in it; `commit` is None where nothing is committed yet."""

    commit: str | None
    _objects: Objects

    def read(self, path: str, *, cap: int | None = None) -> bytes | None:
        """What the file holds at the tip; None when there is no such file. TooLargeError beyond `cap` bytes."""
        if self.commit is None:
            return None
        check_path(path)
        found = self._objects.get(f"{self.commit}:{path}", cap=cap, path=path)
        return found.data if found is not None and found.kind == "blob" else None

    def has(self, path: str) -> bool:
        """Whether a file or folder of that name is in the commit."""
        return self.entry(path) is not None

    def entry(self, path: str) -> TreeEntry | None:
        """Mode and object of a file or folder, None when it is not there."""
        if self.commit is None:
            return None
        check_path(path)
        folder, _, name = path.rpartition("/")
        tree = self._objects.tree(f"{self.commit}:{folder}" if folder else f"{self.commit}^{{tree}}")
        return tree.get(name) if tree is not None else None


class _TreeWriter:
    """One `git mktree --batch`."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self.written: list[str] = []

    def write(self, entries: Mapping[str, TreeEntry]) -> str:
        if self._process is None:
            # --missing: entries that we only copy need no check, which would look up every file of a large folder.
            self._process = self._git.start(
                "mktree", "-z", "--missing", "--batch", pipe_err=True, writes=True, own_group=True
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        lines = b"".join(_tree_line(name, entry) for name, entry in entries.items())
        try:
            self._process.stdin.write(lines + b"\0")
            self._process.stdin.flush()
            oid = self._process.stdout.readline().strip().decode()
        except OSError:
            oid = ""
        if not oid:
            self._fail()
        self.written.append(oid)
        return oid

    def close(self) -> bytes:
        """Ends it, and gives what it said beside its answers."""
        process, self._process = self._process, None
        if process is None:
            return b""
        try:
            return process.communicate(timeout=_PATIENCE_S)[1] or b""
        except subprocess.TimeoutExpired:
            # What it has answered is written; whether the rest is, is looked at afterwards.
            process.kill()
            return process.communicate()[1] or b""
        except OSError:
            return b""

    def _fail(self) -> None:
        assert self._process is not None
        process, self._process = self._process, None
        try:
            _, err = process.communicate()
        except OSError:
            err = b""
        raise GitError(("mktree",), Answer(process.returncode, b"", err))


def write_tree(
    git: Git, objects: Objects, commit: str | None, changes: Mapping[str, TreeEntry | None], *, folder: str
) -> str:
    """Writes the tree of `commit` with `changes` (None takes a file out), flushed to the disk, and gives its id.

    Only the folders on the way to the changed files are read and written: the cost does not grow with the rest of the repository. `folder`
    is the one in which git keeps its objects.
    """
    tries = 5
    while True:
        tries -= 1
        try:
            return _write_tree_once(git, objects, commit, changes, folder)
        except GitError as error:
            if not (tries and was_swept(error.answer.err)):
                raise


def _write_tree_once(
    git: Git, objects: Objects, commit: str | None, changes: Mapping[str, TreeEntry | None], folder: str
) -> str:
    writer = _TreeWriter(git)
    said = b""
    try:
        root = _known_tree(objects, f"{commit}^{{tree}}", "the top folder") if commit is not None else None
        oid = _rewrite(objects, writer, root, _by_folder(changes), "")
        oid = oid if oid is not None else writer.write({})
    finally:
        said = writer.close()
    for each in writer.written:
        # mktree reads no settings, `core.fsync` either: a branch would name a commit whose trees a power cut has emptied. And it names a
        # tree that it could not write as if it had.
        place = os.path.join(folder, each[:2], each[2:])
        is_there = flush_file(place) if git.flushes else os.path.exists(place)
        if not is_there and objects.get(each) is None:
            raise GitError(("mktree",), Answer(1, b"", said or b"fatal: unable to write a tree"))
    return oid


def _known_tree(objects: Objects, name: str, folder: str) -> GitObject:
    """A tree that the commit names. One that cannot be read is no empty one: its other files would be gone from our commit."""
    found = objects.get(name)
    if found is None or found.kind != "tree":
        raise RepositoryError(
            f"git cannot read {folder} of the last commit: the repository is damaged, or its objects are at a remote that is out of reach",
            hint="look with `git fsck`, or fetch again",
        )
    return found


def _rewrite(
    objects: Objects,
    writer: _TreeWriter,
    tree: GitObject | None,
    changes: Mapping[tuple[str, ...], TreeEntry | None],
    folder: str,
) -> str | None:
    """The id of the changed tree, None when nothing is left in it."""
    entries = _parse_tree(tree) if tree is not None else {}
    before = dict(entries)
    below: dict[str, dict[tuple[str, ...], TreeEntry | None]] = {}
    for parts, entry in changes.items():
        name = parts[0]
        if len(parts) > 1:
            below.setdefault(name, {})[parts[1:]] = entry
        elif entry is None:
            entries.pop(name, None)
        else:
            if name in entries and entries[name].mode == TREE_MODE:
                raise RepositoryError(
                    f"{folder}{name} is a folder where a file should be", hint="move it away and try again"
                )
            entries[name] = entry
    for name, inner in below.items():
        there = entries.get(name)
        if there is not None and there.mode != TREE_MODE:
            if all(entry is None for entry in inner.values()):
                continue
            raise RepositoryError(
                f"{folder}{name} is a file where a folder should be", hint="move it away and try again"
            )
        child = _known_tree(objects, there.oid, f"{folder}{name}") if there is not None else None
        oid = _rewrite(objects, writer, child, inner, f"{folder}{name}/")
        if oid is None:
            entries.pop(name, None)
        else:
            entries[name] = TreeEntry(TREE_MODE, oid)
    if not entries:
        return None
    return tree.oid if tree is not None and entries == before else writer.write(entries)


def _by_folder(changes: Mapping[str, TreeEntry | None]) -> dict[tuple[str, ...], TreeEntry | None]:
    return {tuple(path.split("/")): entry for path, entry in changes.items()}


def _parse_tree(tree: GitObject) -> dict[str, TreeEntry]:
    entries: dict[str, TreeEntry] = {}
    data, width, at = tree.data, len(tree.oid) // 2, 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        name = data[space + 1 : end].decode("utf-8", "surrogateescape")
        entries[name] = TreeEntry(data[at:space].decode(), data[end + 1 : end + 1 + width].hex())
        at = end + 1 + width
    return entries


def _tree_line(name: str, entry: TreeEntry) -> bytes:
    kind = {TREE_MODE: "tree", "160000": "commit"}.get(entry.mode, "blob")
    return f"{entry.mode} {kind} {entry.oid}\t{name}".encode("utf-8", "surrogateescape") + b"\0"


def write_blobs(git: Git, contents: Iterable[bytes]) -> list[str]:
    """Stores contents byte for byte, without the work tree's filters, and gives their ids."""
    return [git.ask("hash-object", "-w", "--stdin", stdin=data, writes=True).decode().strip() for data in contents]
