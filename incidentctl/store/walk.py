"""Walks the whole history once: every version of every file of the record, oldest first, with who committed it and when. Writes nothing.

One `git rev-list` and one `git diff-tree --stdin` beside it, and one `git cat-file --batch` for the contents that are asked for. What a
`git replace` or a graft of this clone would show in the place of a commit or a file does not count: what was committed does.
"""

import os
from collections.abc import Iterator, Sequence
from hashlib import sha1, sha256
from subprocess import Popen
from typing import Final, Self

from msgspec import Struct

from incidentctl.errors import RepositoryError
from incidentctl.store.files import check_path
from incidentctl.store.git import Answer, Git, GitError
from incidentctl.store.repository import Repository

# What is handed to diff-tree before its answers are read has to fit into a pipe, the smallest of which hold 16 KiB.
_PAIRS_AT_ONCE: Final = 96
_CHUNK: Final = 1 << 16
_LAYOUT: Final = "%x00".join(("%H", "%T", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B", ""))
NO_GRAFTS: Final = {"GIT_GRAFT_FILE": os.devnull}
"""For the environment of a git that asks which commits come from which."""
_FIELDS: Final = _LAYOUT.count("%x00")


class Commit(Struct, frozen=True):
    """A commit as it was made. Dates are in seconds since 1970, as the clocks of their makers said; the mailmap does not apply."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author_name: str
    author_mail: str
    author_at: int
    committer_name: str
    committer_mail: str
    committer_at: int
    message: str


class FileVersion(Struct, frozen=True):
    """What one commit made of a file. `blob` is what it holds there, `None` where the commit has no such file.

    `before` are the blobs that the parents have, in their order; none for a commit without parents. A link is no file: its target
    is no blob of ours, and stands as an empty text.
    """

    commit: Commit
    path: str
    blob: str | None
    before: tuple[str | None, ...]

    @property
    def is_own(self) -> bool:
        """Whether the commit itself changed the file: it differs from what every parent has. Else a merge took a side."""
        return all(blob != self.blob for blob in self.before)


class WalkedCommit(Struct, frozen=True):
    """A commit, and each file below the folders that differs from what at least one of its parents has.

    `parents_at` is the latest committer date among its parents, in seconds since 1970; 0 without parents.
    """

    commit: Commit
    files: tuple[FileVersion, ...]
    parents_at: int = 0


def git_as_made(git: Git) -> Git:
    """A git that reads commits as they were made, whatever this clone puts in their place. Each call is handed `NO_GRAFTS` as well."""
    return Git(
        git.cwd,
        environ=git.environment(writes=False),
        prefix=(*git.prefix, "--no-replace-objects", "-c", "advice.graftFileDeprecated=false"),
    )


class Walk:
    """The history of a tip, for files below some folders. Parents come before their children, whatever the dates say.

    With `since`, a commit, only what that one does not come from, and is not itself.
    """

    def __init__(self, repository: Repository, tip: str, folders: Sequence[str], *, since: str | None = None) -> None:
        for folder in folders:
            check_path(folder)
        self._git = git_as_made(repository.git)
        self._tip = tip
        self._since = since
        self._paths = tuple(f":(top,literal){folder}" for folder in folders)
        hashed = sha256 if repository.object_format == "sha256" else sha1
        self._no_tree = hashed(b"tree 0\0", usedforsecurity=False).hexdigest()
        self._no_file = hashed(b"blob 0\0", usedforsecurity=False).hexdigest()
        self._contents = _Contents(self._git)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the git that reads contents."""
        self._contents.close()

    def read(self, blob: str, *, cap: int) -> bytes | None:
        """The bytes of a file's version, `None` where they are more than `cap`. Raises `RepositoryError` for one that is gone."""
        for _, data in self.read_all((blob,), cap=cap):
            return data
        raise AssertionError("an answer for each question")

    def read_all(self, blobs: Sequence[str], *, cap: int) -> Iterator[tuple[str, bytes | None]]:
        """The same for many, each with its name, in their order. Asking for a hundred at once takes a tenth of the time."""
        for start in range(0, len(blobs), _PAIRS_AT_ONCE):
            wanted = blobs[start : start + _PAIRS_AT_ONCE]
            found = self._contents.of([blob for blob in wanted if blob != self._no_file], cap)
            for blob in wanted:
                yield blob, b"" if blob == self._no_file else next(found)

    def commits(self) -> Iterator[WalkedCommit]:
        """Every commit that the tip can reach, one by one. Raises `GitError` where git cannot read one."""
        trees: dict[str, tuple[str, int]] = {}
        differences = _Differences(self._git, self._paths)
        try:
            waiting: list[Commit] = []
            pairs = 0
            for commit in self._all_commits():
                trees[commit.oid] = commit.tree, commit.committer_at
                waiting.append(commit)
                pairs += max(len(commit.parents), 1)
                if pairs >= _PAIRS_AT_ONCE:
                    yield from self._compared(waiting, trees, differences)
                    waiting, pairs = [], 0
            yield from self._compared(waiting, trees, differences)
        finally:
            differences.close()

    def _all_commits(self) -> Iterator[Commit]:
        # rev-list, not log: it does not know log.showSignature, log.mailmap and their like.
        since = () if self._since is None else (f"^{self._since}",)
        yield from self._listed("--topo-order", "--reverse", self._tip, *since)

    def _listed(self, *words: str) -> Iterator[Commit]:
        arguments = ("rev-list", "--encoding=UTF-8", f"--format={_LAYOUT}", *words, "--")
        process = self._git.start(*arguments, pipe_in=False, env=NO_GRAFTS)
        assert process.stdout is not None
        try:
            for fields in _records(process):
                yield _commit(fields)
            if process.wait() != 0:
                answer = self._git.run(*arguments)
                raise GitError(arguments, answer if answer.code else Answer(1, b"", b"fatal: git ended unexpectedly"))
        finally:
            _end(process)

    def _compared(
        self, commits: Sequence[Commit], trees: dict[str, tuple[str, int]], differences: "_Differences"
    ) -> Iterator[WalkedCommit]:
        # One by one: to subtract `trees.keys()` goes through all that was walked, for each batch anew.
        unknown = {parent for commit in commits for parent in commit.parents if parent not in trees}
        if unknown:  # those at which a walk since another one begins
            for parent in self._listed("--no-walk=unsorted", *sorted(unknown)):
                trees[parent.oid] = parent.tree, parent.committer_at
        pairs = [
            (self._no_tree if parent is None else trees[parent][0], commit.tree)
            for commit in commits
            for parent in commit.parents or (None,)
        ]
        found = differences.of(list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1])))
        for commit in commits:
            befores = [self._no_tree if parent is None else trees[parent][0] for parent in commit.parents or (None,)]
            changes = [found.get((before, commit.tree), {}) for before in befores]
            paths = dict.fromkeys(path for change in changes for path in change)
            files = tuple(self._version(commit, path, changes) for path in paths)
            yield WalkedCommit(commit, files, max((trees[parent][1] for parent in commit.parents), default=0))

    def _version(self, commit: Commit, path: str, changes: Sequence["_Changes"]) -> FileVersion:
        after = next(change[path][1] for change in changes if path in change)
        before = tuple(self._blob(change[path][0] if path in change else after) for change in changes)
        return FileVersion(commit, path, self._blob(after), before if commit.parents else ())

    def _blob(self, entry: "_Entry") -> str | None:
        mode, oid = entry
        if mode == "000000":
            return None
        return oid if mode.startswith("100") else self._no_file


_Entry = tuple[str, str]
"""Mode and object of a file in a tree; the mode is `000000` where it is not there."""
_Changes = dict[str, tuple[_Entry, _Entry]]
"""By path: what a file was and what it is."""


class _Differences:
    """One `git diff-tree --stdin`, which compares trees as they are handed to it."""

    def __init__(self, git: Git, paths: Sequence[str]) -> None:
        self._arguments = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--", *paths)
        # A line that names no object is given back as it is, and flushed: so the end of an answer is known. Nobody can guess it.
        self._end = f"{os.urandom(12).hex()}-end\n".encode()
        self._process = git.start(*self._arguments, pipe_err=True)

    def of(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], _Changes]:
        """The files in which two trees differ, for each pair of trees."""
        found: dict[tuple[str, str], _Changes] = {}
        for start in range(0, len(pairs), _PAIRS_AT_ONCE):
            self._ask(pairs[start : start + _PAIRS_AT_ONCE], found)
        return found

    def _ask(self, pairs: Sequence[tuple[str, str]], found: dict[tuple[str, str], _Changes]) -> None:
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        data = bytearray()
        try:
            process.stdin.write("".join(f"{old} {new}\n" for old, new in pairs).encode() + self._end)
            process.stdin.flush()
            while not data.endswith(self._end):
                chunk = os.read(process.stdout.fileno(), _CHUNK)
                if not chunk:
                    break
                data += chunk
        except OSError:
            data.clear()
        if not data.endswith(self._end):
            _, err = process.communicate()
            raise GitError(self._arguments, Answer(process.returncode or 1, b"", err or b"fatal: ended unexpectedly"))
        changes: _Changes = {}
        words = bytes(data[: -len(self._end)]).split(b"\0")
        index = 0
        while index < len(words):
            *headers, facts = words[index].split(b"\n")
            for header in headers:
                old, _, new = header.decode("ascii").partition(" ")
                changes = found.setdefault((old, new), {})
            if facts.startswith(b":"):
                old_mode, new_mode, old, new = facts[1:].decode("ascii").split(" ")[:4]
                changes[os.fsdecode(words[index + 1])] = (old_mode, old), (new_mode, new)
                index += 1
            index += 1

    def close(self) -> None:
        if self._process.stdin is not None:
            try:
                self._process.stdin.close()
            except OSError:
                pass
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._process.wait()


class _Contents:
    """One `git cat-file --batch`, started at the first question."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: Popen[bytes] | None = None

    def of(self, blobs: Sequence[str], cap: int) -> Iterator[bytes | None]:
        """The contents of a few blobs, one by one; `None` for one of more than `cap` bytes."""
        if not blobs:
            return
        process = self._process = self._process or self._git.start("cat-file", "--batch")
        assert process.stdin is not None and process.stdout is not None
        unread = len(blobs)
        try:
            process.stdin.write("".join(f"{blob}\n" for blob in blobs).encode("ascii"))
            process.stdin.flush()
            for blob in blobs:
                words = process.stdout.readline().split()
                if len(words) != 3 or words[1] != b"blob":
                    raise RepositoryError(
                        f"the repository has no file {blob}", hint="look with `git fsck`, or fetch again"
                    )
                data = _take(process, int(words[2]) + 1, cap + 1)
                unread -= 1
                yield data if data is None else data[:-1]
        except OSError:
            raise RepositoryError("git cat-file ended unexpectedly", hint="look with `git fsck`") from None
        finally:
            if unread:
                self.close()  # the rest of the answer would be taken for that of the next question

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                try:
                    process.stdin.close()
                except OSError:
                    pass
            _end(process)


def _take(process: "Popen[bytes]", size: int, cap: int) -> bytes | None:
    """So many bytes of what a process prints; passed over, and `None`, where they are more than `cap`."""
    assert process.stdout is not None
    if size <= cap:
        data = process.stdout.read(size)
        if len(data) < size:
            raise RepositoryError("git cat-file ended unexpectedly", hint="look with `git fsck`")
        return data
    while size and (chunk := process.stdout.read(min(size, 1 << 20))):
        size -= len(chunk)
    return None


def _records(process: "Popen[bytes]") -> Iterator[list[str]]:
    """The fields of each commit, as a process prints them, ended by zero bytes. Decoded many at once: that takes half the time."""
    assert process.stdout is not None
    rest = b""
    fields: list[str] = []
    while chunk := process.stdout.read(_CHUNK):
        whole, zero, rest = (rest + chunk).rpartition(b"\0")
        if not zero:
            continue
        fields += whole.decode("utf-8", "replace").split("\0")
        end = len(fields) - len(fields) % _FIELDS
        for start in range(0, end, _FIELDS):
            yield fields[start : start + _FIELDS]
        del fields[:end]


def _commit(fields: Sequence[str]) -> Commit:
    # Before the first field comes a line `commit ID`, and before that the end of the line of the commit before.
    oid = fields[0].rpartition("\n")[2]
    return Commit(
        oid=oid,
        tree=fields[1],
        parents=tuple(fields[2].split()),
        author_name=fields[3],
        author_mail=fields[4],
        author_at=_seconds(fields[5]),
        committer_name=fields[6],
        committer_mail=fields[7],
        committer_at=_seconds(fields[8]),
        message=fields[9],
    )


def _seconds(text: str) -> int:
    return int(text) if text.lstrip("-").isdecimal() and text.isascii() else 0


def _end(process: "Popen[bytes]") -> None:
    if process.stdout is not None:
        process.stdout.close()
    if process.poll() is None:
        process.terminate()
        process.wait()
