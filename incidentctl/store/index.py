"""Brings the user's index in line for our paths alone. Works on a copy; never leaves an `index.lock` that cannot be proved to be ours."""

import json
import os
import stat
import time
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final

from incidentctl.errors import IncidentctlError
from incidentctl.store.files import (
    ChangedError,
    OutsideError,
    SaveError,
    Stamp,
    flush_file,
    make_private_folder,
    read_private,
    read_stamped,
    remove_file,
    save_error,
    write_file,
    write_private,
)
from incidentctl.store.git import Git, GitError
from incidentctl.store.objects import Tip, TreeEntry
from incidentctl.store.repository import Repository

_BEHIND: Final = "index-behind"
_ASIDE: Final = "changed-aside"
_MOST_VERSIONS: Final = 50
_WRITING: Final = "writing"
_LONGEST_NOTES: Final = 16 << 20
_MOST_NAMED: Final = 200

Entries = Mapping[str, TreeEntry | None]


class Installed(Enum):
    """How it went with the copy that should take the index's place."""

    DONE = "done"
    BUSY = "busy"
    CHANGED = "changed"


class IndexGuard:
    """Keeps every other git out of the index, and so from committing, for as long as it is held.

    The lock is a second name of a file of ours, which proves whose it is if we are killed.
    """

    __slots__ = ("_lock", "_mark", "held")

    def __init__(self, repository: Repository) -> None:
        self._lock = os.path.join(repository.git_dir, "index.lock")
        self._mark = os.path.join(scratch_folder(repository), f"{os.getpid()}-{os.urandom(4).hex()}.index")
        self.held = False

    def take(self, *, patience: float = 1.0) -> bool:
        """False when somebody else does not let go of it."""
        try:
            with open(self._mark, "wb"):
                pass
        except OSError as error:
            raise save_error(error, self._mark) from None
        until = time.monotonic() + patience
        while True:
            try:
                os.link(self._mark, self._lock)
            except FileExistsError:
                if time.monotonic() < until:
                    pause(0.001, 0.01)
                    continue
            except OSError:
                pass  # no second names on this file system: without a proof, no lock
            else:
                self.held = True
            return self.held

    def release(self) -> None:
        """Lets the others in again."""
        for path in (self._lock, self._mark) if self.held else (self._mark,):
            try:
                os.unlink(path)
            except OSError:
                pass
        self.held = False


class IndexCopy:
    """A copy of the index, in our own folder, that git changes as if it were the index."""

    __slots__ = ("_env", "_git", "_real", "_seen", "_zero", "path")

    def __init__(self, repository: Repository) -> None:
        folder = scratch_folder(repository)
        self._git = repository.git
        self._zero = null_oid(repository)
        self._real = os.path.join(repository.git_dir, "index")
        self.path = os.path.join(folder, f"{os.getpid()}-{os.urandom(4).hex()}.index")
        self._env = {"GIT_INDEX_FILE": self.path}
        self._seen = self._copy(self._real)

    @property
    def env(self) -> Mapping[str, str]:
        """What makes git use the copy."""
        return self._env

    def add(self, paths: Iterable[str]) -> None:
        """As `git add` (or `git rm`) of these paths, ignored ones too: contents are stored, with the filters that git applies."""
        names = b"".join(os.fsencode(path) + b"\0" for path in paths)
        self._git.ask("update-index", "--add", "--remove", "-z", "--stdin", stdin=names, env=self._env, writes=True)

    def put(self, entries: Entries) -> None:
        """Sets entries to what is stored already; None takes one out."""
        if not entries:
            return
        lines = [
            f"0 {self._zero}\t{path}" if entry is None else f"{entry.mode} {entry.oid}\t{path}"
            for path, entry in entries.items()
        ]
        data = b"".join(os.fsencode(line) + b"\0" for line in lines)
        self._git.ask("update-index", "-z", "--index-info", stdin=data, env=self._env, writes=True)

    def reset_to(self, commit: str | None) -> None:
        """Makes it the index of a commit, and keeps what it knows of files that are as in the commit."""
        self._git.ask("read-tree", *(("--reset", commit) if commit else ("--empty",)), env=self._env, writes=True)

    def entries(self, paths: Iterable[str]) -> dict[str, TreeEntry | None]:
        """What the copy holds for these paths."""
        return _entries(self._git, paths, self._env)

    def changed_against(self, commit: str | None, *, apart_from: Iterable[str]) -> list[str]:
        """Other paths that are staged in the copy."""
        if commit is None:
            out = self._git.ask("ls-files", "-z", env=self._env)
        else:
            out = self._git.ask("diff-index", "--cached", "--name-only", "-z", commit, "--", env=self._env)
        return sorted({os.fsdecode(name) for name in out.split(b"\0") if name} - set(apart_from))

    def foreign_changes(self, paths: Iterable[str]) -> bool:
        """Whether anything but these paths is staged or changed in the work tree; files that git does not know do not count."""
        out = self._git.ask(
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=no",
            "--ignore-submodules=dirty",
            "--no-renames",
            env=self._env,
        )
        ours = set(paths)
        return any(os.fsdecode(line[3:]) not in ours for line in out.split(b"\0") if line)

    def is_as_in_files(self, path: str) -> bool:
        """Whether the file in the work tree is the one that the copy holds."""
        arguments = ("--literal-pathspecs", "diff-files", "--quiet", "--", path)
        # A file whose times alone differ counts as changed until git has looked at it again.
        self._git.run("update-index", "-q", "--refresh", env=self._env, writes=True)
        return self._git.run(*arguments, env=self._env).code == 0

    def signature(self) -> tuple[int, int, int] | None:
        """Changes when the copy does."""
        return _signature(self.path)

    def duplicate(self, repository: Repository) -> "IndexCopy":
        """A second copy, as this one is now."""
        other = IndexCopy.__new__(IndexCopy)
        other._git, other._real, other._zero = self._git, self._real, self._zero
        other.path = os.path.join(scratch_folder(repository), f"{os.getpid()}-{os.urandom(4).hex()}.index")
        other._env = {"GIT_INDEX_FILE": other.path}
        other._copy(self.path)
        other._seen = None
        return other

    def install(self, *, guard: IndexGuard | None = None, patience: float = 1.0) -> Installed:
        """Puts the copy in the place of the index, in one step; waits up to `patience` seconds for whoever has `index.lock`,
        unless we have it ourselves, as `guard`.

        BUSY: somebody has it, nothing was done. CHANGED: the index is not the one that was copied; copy again.
        """
        if not os.path.exists(self.path):
            return Installed.DONE  # no index, and nothing to put into one
        if self._git.flushes:
            # git does not flush its index. But this one is named before the branch moves: emptied by a power cut, it would stop every git.
            flush_file(self.path)
        lock = self._real + ".lock"
        if guard is not None and guard.held:
            return self._install_guarded()
        until = time.monotonic() + patience
        while not self._take(lock):
            if time.monotonic() > until:
                return Installed.BUSY
            pause(0.005, 0.03)
        try:
            if _signature(self._real) != self._seen:
                os.unlink(lock)
                return Installed.CHANGED
            os.rename(lock, self._real)
        except OSError as error:
            # Without the copy, which is gone in a moment, nobody could prove any more that this lock is ours.
            _unlink_quietly(lock)
            raise save_error(error, self._real) from None
        self.discard()
        return Installed.DONE

    def _install_guarded(self) -> Installed:
        if _signature(self._real) != self._seen:
            return Installed.CHANGED
        try:
            os.rename(self.path, self._real)
        except OSError as error:
            raise save_error(error, self._real) from None
        return Installed.DONE

    def discard(self) -> None:
        """Removes the copy."""
        for path in (self.path, self.path + ".lock"):
            try:
                os.unlink(path)
            except OSError:
                pass

    def _take(self, lock: str) -> bool:
        """Takes `index.lock` as a second name of the copy: being the same file, it is proved to be ours whenever we are killed."""
        try:
            os.link(self.path, lock)
        except FileExistsError:
            return False
        except OSError:
            return self._take_without_link(lock)
        return True

    def _take_without_link(self, lock: str) -> bool:
        """For file systems that have no second names."""
        try:
            with open(self.path, "rb") as file:
                data = file.read()
            handle = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        except FileExistsError:
            return False
        except OSError as error:
            raise save_error(error, lock) from None
        try:
            with open(handle, "wb") as file:
                file.write(data)
        except OSError as error:
            os.unlink(lock)
            raise save_error(error, lock) from None
        return True

    def _copy(self, source: str) -> tuple[int, int, int] | None:
        try:
            with open(source, "rb") as old:
                facts = os.fstat(old.fileno())
                handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
                with open(handle, "wb", buffering=0) as new:
                    os.fchmod(handle, stat.S_IMODE(facts.st_mode))
                    while chunk := old.read(1 << 20):
                        new.write(chunk)
                # git looks into files that changed about when the index was written. With a later time it would trust them unseen.
                os.utime(self.path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise save_error(error, self.path) from None
        return facts.st_ino, facts.st_mtime_ns, facts.st_size


def _unlink_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def pause(shortest: float, longest: float) -> None:
    """Sleeps for some time between the two, in seconds, so that two who met do not meet again."""
    time.sleep(shortest + (longest - shortest) * os.urandom(1)[0] / 255)


def scratch_folder(repository: Repository) -> str:
    """Where the half-made things of the command that holds our lock are; whatever a dead one left there is swept by `recover`."""
    folder = os.path.join(repository.own_dir, "tmp")
    make_private_folder(folder)
    return folder


def recover(repository: Repository) -> tuple[str, ...]:
    """Sweeps what a killed command left: an `index.lock` that is a second name of its copy, the copy itself, and entries left behind.

    To be called with our lock held. Gives notes for the user.
    """
    notes: list[str] = []
    folder = os.path.join(repository.own_dir, "tmp")
    try:
        left = os.listdir(folder)
    except OSError:
        left = []
    for name in left:
        path = os.path.join(folder, name)
        if name.endswith(".index"):
            notes += _unlock(repository, path)
        try:
            os.unlink(path)
        except OSError:
            pass
    _sweep_halves(repository.own_dir)
    notes += take_back_writing(repository, keeps_copy=True)
    _catch_up(repository)
    bring_up(repository)
    return tuple(notes)


def _sweep_halves(folder: str) -> None:
    """Removes the half-written files of commands that are gone."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        process = name.rpartition(".")[2]
        if name.startswith(".") and process.isdecimal() and not _lives(int(process)):
            try:
                os.unlink(os.path.join(folder, name))
            except OSError:
                pass


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def leave_behind(repository: Repository, paths: Iterable[str]) -> None:
    """Notes that the index does not show our commit of these paths, and what it holds for them."""
    known = _read_behind(repository)
    now = _entries(repository.git, paths, {})
    known.setdefault(repository.git_dir, {}).update({path: _as_list(entry) for path, entry in now.items()})
    write_private(os.path.join(repository.own_dir, _BEHIND), json.dumps(known).encode(), durable=False)


def note_aside(repository: Repository, entries: Entries) -> None:
    """Notes what the branch held for paths that are about to change on it while it is not checked out.

    git decides what it puts into the work tree some moments before HEAD names the branch. Who switches to it in just these moments gets the
    files as they were, and the next look at them would take our words for struck out by hand.
    """
    known = _read_notes(repository, _ASIDE)
    own = known.setdefault(repository.ref, {})
    for path, entry in entries.items():
        versions = own.setdefault(path, [])
        if _as_list(entry) not in versions:
            own[path] = [*versions, _as_list(entry)][-_MOST_VERSIONS:]
    write_private(os.path.join(repository.own_dir, _ASIDE), json.dumps(known).encode(), durable=False)


def bring_up(repository: Repository) -> None:
    """Brings files and index to the branch's tip where a switch that met our commit has left them as they were before it.

    Only files that nobody has changed since, and only where the branch is checked out; a user's own work is no such file.
    """
    known = _read_notes(repository, _ASIDE)
    noted = known.get(repository.ref, {})
    if not noted or not repository.checked_out:
        return
    copy: IndexCopy | None = None
    try:
        copy = IndexCopy(repository)
        now, tip = copy.entries(noted), repository.tip()
        stale = [
            path for path, versions in noted.items() if now[path] != tip.entry(path) and _as_list(now[path]) in versions
        ]
        for path in stale:
            _bring_up_one(repository, copy, path, tip)
        if stale and copy.install() is not Installed.DONE:
            return
        del known[repository.ref]
        if known:
            write_private(os.path.join(repository.own_dir, _ASIDE), json.dumps(known).encode(), durable=False)
        else:
            os.unlink(os.path.join(repository.own_dir, _ASIDE))
    except (GitError, SaveError, ChangedError, OutsideError, OSError):
        return  # it stays noted
    finally:
        if copy is not None:
            copy.discard()


def _bring_up_one(repository: Repository, copy: IndexCopy, path: str, tip: Tip) -> None:
    assert repository.work_tree is not None
    found = read_stamped(repository.work_tree, path)
    wanted, held = tip.entry(path), copy.entries([path])[path]
    if wanted is None or (held is None and found is not None) or (held is not None and not copy.is_as_in_files(path)):
        return
    data = repository.git.ask("cat-file", "--filters", f"{tip.commit}:{path}")
    stamp = found[1] if found is not None else None
    write_file(repository.work_tree, path, data, expects=stamp, staging=scratch_folder(repository))
    copy.add([path])
    if copy.entries([path])[path] != wanted:
        copy.put({path: wanted})


def note_writing(repository: Repository, files: Mapping[str, bytes | None]) -> None:
    """Notes what is about to be written into the files of the branch: killed while somebody switches, we would leave it in another's."""
    digests = {path: _digest(data) for path, data in files.items() if data is not None}
    note = {"place": repository.work_tree, "branch": repository.branch, "files": digests}
    write_private(os.path.join(repository.own_dir, _WRITING), json.dumps(note).encode(), durable=False)


def forget_writing(repository: Repository) -> None:
    """What was written stands in the files of its own branch."""
    try:
        os.unlink(os.path.join(repository.own_dir, _WRITING))
    except OSError:
        pass


def take_back_writing(repository: Repository, *, keeps_copy: bool) -> list[str]:
    """Takes what we wrote out of the files of a branch that it was not meant for; gives notes. `keeps_copy` where nobody else has it."""
    note = _read_notes(repository, _WRITING)
    place, branch, files = str(note.get("place")), note.get("branch"), note.get("files")
    here = repository.head_here
    notes: list[str] = []
    if not isinstance(files, dict) or place != repository.called_in or here == branch:
        forget_writing(repository)
        return notes
    git = repository.git_here
    for path, digest in files.items():
        try:
            found = read_stamped(place, path)
            if found is None or _digest(found[0]) != digest:
                continue
            if keeps_copy:
                copy = os.path.join(repository.own_dir, "set-aside", f"{digest[:12]}-{os.path.basename(path)}")
                write_private(copy, found[0])
                notes.append(
                    f"{path} was written for {branch} and taken out of the files of {here or 'no branch'}; a copy is in {copy}"
                )
            _put_back(git, place, path, found[1])
        except IncidentctlError:
            continue
    forget_writing(repository)
    return notes


def _put_back(git: Git, place: str, path: str, stamp: Stamp) -> None:
    """The file as the branch that is checked out now has it; as it is staged where that is somebody's own version."""
    ours = git.ask("hash-object", f"--path={path}", "--", path).strip().decode()
    head = git.run("rev-parse", "--verify", "--quiet", f"HEAD:{path}").text
    entry = _entries(git, [path], {})[path]
    if entry is not None and entry.oid not in (ours, head):
        git.ask("--literal-pathspecs", "checkout-index", "--force", "--", path, writes=True)
    elif head:
        git.ask("--literal-pathspecs", "checkout", "--quiet", "HEAD", "--", path, writes=True)
    else:
        git.ask("--literal-pathspecs", "rm", "--quiet", "--cached", "--ignore-unmatch", "--", path, writes=True)
        remove_file(place, path, expects=stamp)


def _digest(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _unlock(repository: Repository, copy: str) -> list[str]:
    try:
        facts = os.lstat(copy)
    except OSError:
        return []
    if facts.st_nlink < 2:
        return []
    for git_dir in _git_dirs(repository):
        lock = os.path.join(git_dir, "index.lock")
        try:
            there = os.lstat(lock)
            if (there.st_dev, there.st_ino) == (facts.st_dev, facts.st_ino):
                os.unlink(lock)
                return [f"removed {lock}, left by an incidentctl that was killed"]
        except OSError:
            continue
    return []


def _catch_up(repository: Repository) -> None:
    """Sets the entries that could not be set, where they still are as they were then."""
    known = _read_behind(repository)
    waiting = known.pop(repository.git_dir, {})
    if not waiting or not repository.checked_out:
        return
    copy: IndexCopy | None = None
    try:
        copy = IndexCopy(repository)
        now, tip = copy.entries(waiting), repository.tip()
        wanted = {path: tip.entry(path) for path, before in waiting.items() if _as_list(now[path]) == before}
        if wanted:
            copy.add(wanted)
            after = copy.entries(wanted)
            copy.put({path: entry for path, entry in wanted.items() if after[path] != entry})
            if copy.install() is not Installed.DONE:
                return
        path = os.path.join(repository.own_dir, _BEHIND)
        if known:
            write_private(path, json.dumps(known).encode(), durable=False)
        else:
            os.unlink(path)
    except (GitError, SaveError, OSError):
        return  # it stays noted; only `git status` looks odd until then
    finally:
        if copy is not None:
            copy.discard()


def _read_behind(repository: Repository) -> dict[str, dict[str, list[str] | None]]:
    return _read_notes(repository, _BEHIND)


def _read_notes(repository: Repository, name: str) -> dict[str, Any]:
    try:
        data = json.loads(read_private(os.path.join(repository.own_dir, name), cap=_LONGEST_NOTES) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _as_list(entry: TreeEntry | None) -> list[str] | None:
    return None if entry is None else [entry.mode, entry.oid]


def _git_dirs(repository: Repository) -> list[str]:
    linked = os.path.join(repository.common_dir, "worktrees")
    try:
        names = os.listdir(linked)
    except OSError:
        names = []
    return [repository.common_dir, *(os.path.join(linked, name) for name in names)]


def null_oid(repository: Repository) -> str:
    """The id that stands for no object."""
    return "0" * (64 if repository.object_format == "sha256" else 40)


def _entries(git: Git, paths: Iterable[str], env: Mapping[str, str]) -> dict[str, TreeEntry | None]:
    """What an index holds for these paths; one in conflict counts as not there."""
    found: dict[str, TreeEntry | None] = dict.fromkeys(paths)
    named = tuple(found) if len(found) <= _MOST_NAMED else ()
    for line in git.ask("--literal-pathspecs", "ls-files", "--stage", "-z", "--", *named, env=env).split(b"\0"):
        facts, tab, name = line.partition(b"\t")
        path = os.fsdecode(name)
        if tab and path in found:
            mode, oid, stage = facts.decode("ascii").split()
            if stage == "0":
                found[path] = TreeEntry(mode, oid)
    return found


def _signature(path: str) -> tuple[int, int, int] | None:
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
