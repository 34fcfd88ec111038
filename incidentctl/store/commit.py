"""Commits files of ours and nothing else: in the work tree and the index where the record's branch is checked out, on its tip elsewhere.

Never touches what the user has staged or changed, never commits it along, and never raises for a state that a repository can be in: what
cannot be committed comes back as a `Refusal`, with what to do.
"""

import os
import shlex
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from types import FrameType
from typing import Final, Literal

from msgspec import Struct, field

from incidentctl.errors import IncidentctlError
from incidentctl.store import hooks, index, journal
from incidentctl.store.files import (
    ANY,
    ChangedError,
    Expects,
    OutsideError,
    SaveError,
    Stamp,
    check_path,
    read_file,
    read_stamped,
    remove_file,
    stamp_of,
    write_file,
    write_private,
)
from incidentctl.store.git import Answer, GitError, printable, reason, tail
from incidentctl.store.index import IndexCopy, IndexGuard, Installed, null_oid, pause, scratch_folder
from incidentctl.store.objects import FILE_MODE, LINK_MODE, Tip, TreeEntry, write_blobs, write_tree
from incidentctl.store.repository import Operation, Repository

HookPolicy = Literal["auto", "always", "never"]

NEXT: Final = "the next incidentctl command commits this"
_ATTEMPTS: Final = 20
# Somebody who commits every few milliseconds is always quicker than we are; from here on we take turns.
_FAIR_ATTEMPTS: Final = 3
_LOCK_PATIENCE_S: Final = 2.0
_SIGN_TIMEOUT_S: Final = 90.0
_REF_TIMEOUT_S: Final = 30.0
_ALWAYS_TIMEOUT_S: Final = 600.0
# git's own measure for `gc --auto`: 6700 loose objects, guessed from one of the 256 folders that they are in.
_LOOSE_IN_ONE_FOLDER: Final = 27


class FileChange(Struct, frozen=True):
    """What becomes of one file: its content in the commit, None to remove it, and in the work tree where that differs.

    `expects` is the stamp of the file that the change was made from (None: there was no file).
    """

    committed: bytes | None
    work_tree: bytes | None | Expects = ANY
    expects: Stamp | None | Expects = ANY

    @property
    def on_disk(self) -> bytes | None:
        """The content for the work tree."""
        return self.committed if isinstance(self.work_tree, Expects) else self.work_tree


class Change(Struct, frozen=True):
    """One commit to make: files by their path in the repository, and the message, subject first.

    `says_only`: a commit that changes no file; its message is what it is for.
    """

    files: Mapping[str, FileChange]
    message: str
    says_only: bool = False


class RefusalKind(Enum):
    """Why a commit was not made."""

    OPERATION = "operation"
    IDENTITY = "identity"
    HOOK = "hook"
    SIGNATURE = "signature"
    LOCKED = "locked"
    SAVE = "save"
    MOVED = "moved"
    IN_THE_WAY = "in_the_way"
    GIT = "git"


class Refusal(Struct, frozen=True):
    """Why there is no commit, and the way out. `in_work_tree`: the new text is in the file; otherwise only the caller has it."""

    kind: RefusalKind
    reason: str
    hint: str | None
    in_work_tree: bool


class CommitResult(Struct, frozen=True):
    """What came of it: a commit; or none, because there was nothing to commit, or because it was refused.

    `tip` is the branch's last commit as far as known, `files` the contents as committed, which a hook may have changed.
    """

    commit: str | None
    tip: str | None
    files: Mapping[str, bytes | None] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    refused: Refusal | None = None


Restage = Callable[[str, TreeEntry], TreeEntry | None]


class Arrival(Struct, frozen=True):
    """A commit that is there already and becomes the branch's last, with what that does to the work tree.

    `files` are documents by their path, with what the commit has there in `entries`; `others` is the tree of the branch's last commit with
    all other changes in it, None where there are none. `restage` gives what becomes of a document's staged version, None if that clashes.
    """

    commit: str
    message: str
    files: Mapping[str, FileChange]
    entries: Mapping[str, TreeEntry | None]
    others: str | None
    restage: Restage


Build = Callable[[Tip], Change | None]
Arrive = Callable[[Tip], Arrival | None]
Keeps = Callable[[Mapping[str, bytes | None]], bool]


def commit_files(
    repository: Repository,
    build: Build,
    *,
    hooks: HookPolicy = "auto",
    hook_timeout: float = 2.0,
    keeps: Keeps | None = None,
    author: Mapping[str, str] | None = None,
) -> CommitResult:
    """Makes one commit of what `build` gives, on the tip that it is given. The caller holds the lock.

    `build` is called again when somebody else commits or saves meanwhile; None from it, or what is there already, makes no commit. What it
    raises is raised. `hooks`: `auto` runs them, for `hook_timeout` seconds in all, when nothing foreign is staged or changed; `always` and
    `never` as they say. `keeps` is asked with the contents that a hook left in our files, whether the words are still in them. `author` are
    `GIT_AUTHOR_*` and `GIT_COMMITTER_*`, for a commit in another's name.
    """
    return _Attempt(repository, build, hooks, hook_timeout, keeps, dict(author or {})).run()


def move_branch(repository: Repository, arrive: Arrive) -> CommitResult:
    """Moves the branch to the commit that `arrive` gives, and the work tree and the index with it where it is checked out.

    The caller holds the lock. Only the paths that differ are touched. What the user has changed in another file, or staged, is never
    overwritten: then nothing is done, and the `Refusal` names it. `arrive` is called again when somebody else commits or saves meanwhile.
    """
    return _Move(repository, arrive).run()


def recover(repository: Repository) -> tuple[str, ...]:
    """Mends what an incidentctl that was killed left in git's way: locks proved to be its own, an index left behind. Gives notes.

    `commit_files` does it first; the caller holds the lock.
    """
    notes = [f"removed {lock}, left by an incidentctl that was killed" for lock in journal.recover(repository.own_dir)]
    return (*notes, *index.recover(repository))


class _Refused(Exception):
    """Ends an attempt for good."""

    def __init__(self, kind: RefusalKind, why: str, hint: str | None = None) -> None:
        super().__init__(why)
        self.kind = kind
        self.why = why
        self.hint = hint


class _Moved(Exception):
    """The branch is not where it was; once more from the start."""


class _FromBuild(Exception):
    """What the caller's own code raised is the caller's."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class _Prepared(Struct):
    """A commit ready to be made: the entries for its tree, the index that will show it, and the message."""

    change: Change
    tip: Tip
    entries: dict[str, TreeEntry | None]
    copy: IndexCopy | None
    message: str
    after: tuple[str, ...] = ()
    until: float | None = None


class _Attempt:
    """One call of commit_files."""

    def __init__(
        self,
        repository: Repository,
        build: Build,
        policy: HookPolicy,
        hook_timeout: float,
        keeps: Keeps | None,
        author: Mapping[str, str],
    ) -> None:
        self._repository = repository
        self._git = repository.git
        self._objects = repository.objects
        self._build = build
        self._policy = policy
        self._hook_timeout = hook_timeout
        self._keeps = keeps
        self._author = author
        self._mended: tuple[str, ...] = ()
        self._notes: list[str] = []
        self._in_work_tree = False
        self._was_killed = False
        self._guard: IndexGuard | None = None
        self._copies: list[IndexCopy] = []

    # ------------------------------------------------------------------------------------------------------ the whole

    def run(self) -> CommitResult:
        try:
            self._mended = recover(self._repository)
            self._check_state()
            for attempt in range(_ATTEMPTS):
                try:
                    if attempt:
                        self._demand_same_place()
                    if attempt >= _FAIR_ATTEMPTS:
                        self._keep_others_out()
                    return self._once()
                except (_Moved, ChangedError):
                    pause(0, 0.01 * (attempt + 1))
                finally:
                    self._discard_copies()
                    self._let_others_in()
            raise _Refused(RefusalKind.MOVED, f"others keep committing to {self._repository.branch}", NEXT)
        except _FromBuild as wrapped:
            raise wrapped.error from None
        except _Refused as refused:
            return self._refusal(refused.kind, refused.why, refused.hint)
        except (SaveError, OutsideError) as error:
            return self._refusal(RefusalKind.SAVE, error.message, error.hint)
        except GitError as error:
            kind, why, hint = _understood(error.answer)
            return self._refusal(kind, why or error.message, hint or error.hint)
        except IncidentctlError as error:
            return self._refusal(RefusalKind.GIT, error.message, error.hint)
        finally:
            index.forget_writing(self._repository)

    def _once(self) -> CommitResult:
        self._notes.clear()
        tip = self._repository.tip()
        try:
            change = self._build(tip)
        except Exception as error:
            raise _FromBuild(error) from None
        if change is not None and change.says_only:
            return self._say(change, tip)
        if change is None or not change.files:
            return self._nothing(tip)
        for path in change.files:
            check_path(path)
        prepared = self._in_files(change, tip) if self._repository.checked_out else self._on_tip(change, tip)
        prepared.entries = {path: entry for path, entry in prepared.entries.items() if tip.entry(path) != entry}
        if not prepared.entries:
            return self._nothing(tip)
        self._run_hooks(prepared)
        if not prepared.entries:
            return self._nothing(tip)
        folder = self._repository.objects_folder
        tree = write_tree(self._git, self._objects, tip.commit, prepared.entries, folder=folder)
        commit = self._commit_tree(tree, tip.commit, prepared.message)
        self._wait_for_ref_locks()
        # A switch of branches changes files and index first and HEAD last.
        self._demand_same_place()
        if not self._repository.checked_out and not self._repository.bare:
            index.note_aside(self._repository, {path: tip.entry(path) for path in prepared.entries})
        with _interrupts_deferred():
            self._install_index(prepared)
            self._move_branch(tip.commit, commit, prepared.message)
        self._let_others_in()
        files: dict[str, bytes | None] = {}
        try:
            self._follow_remote()
            if self._repository.checked_out:
                index.take_back_writing(self._repository, keeps_copy=False)
            else:
                index.bring_up(self._repository.refreshed())
            self._after(prepared)
            files = {path: self._content(entry) for path, entry in prepared.entries.items()}
        except IncidentctlError as error:
            self._notes.append(f"committed, but afterwards: {error.message}")
        return CommitResult(commit, commit, files, self._all_notes())

    def _say(self, change: Change, tip: Tip) -> CommitResult:
        """A commit of the tree that the tip has: nothing in the work tree or the index is touched."""
        tree = self._objects.get(f"{tip.commit}^{{tree}}") if tip.commit is not None else None
        if tree is None:
            return self._nothing(tip)
        message = _message(change)
        commit = self._commit_tree(tree.oid, tip.commit, message)
        self._wait_for_ref_locks()
        with _interrupts_deferred():
            self._move_branch(tip.commit, commit, message)
        return CommitResult(commit, commit, {}, self._all_notes())

    def _keep_others_out(self) -> None:
        if self._repository.checked_out:
            self._guard = IndexGuard(self._repository)
            self._guard.take()

    def _let_others_in(self) -> None:
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.release()

    def _nothing(self, tip: Tip) -> CommitResult:
        return CommitResult(None, tip.commit, {}, self._all_notes())

    def _refusal(self, kind: RefusalKind, why: str, hint: str | None) -> CommitResult:
        refusal = Refusal(kind, why, hint, self._in_work_tree)
        return CommitResult(None, None, {}, self._all_notes(), refusal)

    def _all_notes(self) -> tuple[str, ...]:
        return (*self._mended, *self._notes)

    def _check_state(self) -> None:
        """What the repository is in the middle of, as of now: another branch may have been checked out while we waited."""
        now = self._repository.refreshed()
        if now.blocking is not None:
            raise _Refused(RefusalKind.OPERATION, _in_progress(now.blocking, now), _way_out(now.blocking))
        self._demand_same_place(now)
        self._check_branch_here(now)

    def _check_branch_here(self, now: Repository) -> None:
        if now.checked_out and now.tip_ref is not None and now.tip_ref != now.ref:
            remote = now.tip_ref.removeprefix("refs/remotes/")
            raise _Refused(
                RefusalKind.OPERATION,
                f"{now.branch} has no commit here, but {remote} has",
                f"take it over with `git merge {remote}`",
            )

    def _demand_same_place(self, now: Repository | None = None) -> None:
        """Nobody has switched branches meanwhile; else what we wrote into the files of one branch would end up in another's."""
        known, now = self._repository, now or self._repository.refreshed()
        if (now.checked_out, now.work_tree) != (known.checked_out, known.work_tree):
            if self._in_work_tree:
                # The words are with the caller; the files are another branch's by now.
                index.take_back_writing(self._repository, keeps_copy=False)
                self._in_work_tree = False
            raise _Refused(RefusalKind.MOVED, "another branch was checked out just now", NEXT)

    # ------------------------------------------------------------------------------------------------ files and blobs

    def _on_tip(self, change: Change, tip: Tip) -> _Prepared:
        """The record's branch is not checked out: no file and no index is touched, and no filter applies."""
        entries: dict[str, TreeEntry | None] = {}
        for path, file in change.files.items():
            there = tip.entry(path)
            _check_entry(path, there)
            if file.committed is None:
                entries[path] = None
            elif there is not None and self._content(there) == file.committed:
                entries[path] = there
            else:
                oid = write_blobs(self._git, [file.committed])[0]
                entries[path] = TreeEntry(there.mode if there is not None else FILE_MODE, oid)
        return _Prepared(change, tip, entries, None, _message(change))

    def _in_files(self, change: Change, tip: Tip) -> _Prepared:
        """Writes the files, and lets git read them back into a copy of the index, as `git add` would."""
        for path in change.files:
            _check_entry(path, tip.entry(path))
        index.note_writing(self._repository, {path: file.on_disk for path, file in change.files.items()})
        stamps = {path: self._write(path, file) for path, file in change.files.items()}
        self._in_work_tree = True
        copy: IndexCopy | None = None
        entries: dict[str, TreeEntry | None] = {}
        as_on_disk = [path for path, file in change.files.items() if file.on_disk == file.committed]
        try:
            copy = self._keep(IndexCopy(self._repository))
            copy.add(as_on_disk)
            entries = copy.entries(change.files)
        except GitError:
            # A filter that fails leaves the index usable: contents are stored another way below.
            copy = self._if_usable(copy, change)
        # What somebody saved between our writing and git's reading is theirs, and not for this commit.
        read = [path for path in as_on_disk if entries and stamp_of(self._top, path) == stamps[path]]
        others = {
            path: self._entry(path, file.committed, entries.get(path) or tip.entry(path))
            for path, file in change.files.items()
            if path not in read
        }
        if others and copy is not None:
            try:
                copy.put(others)
            except GitError as error:
                self._notes.append(f"git's index does not show the commit: {reason(error.answer.err)}")
                copy = None
        return _Prepared(change, tip, {**entries, **others}, copy, _message(change))

    def _if_usable(self, copy: IndexCopy | None, change: Change) -> IndexCopy | None:
        """A damaged index is named and left as it is."""
        if copy is None:
            return None
        try:
            copy.entries(change.files)
        except GitError as error:
            why = reason(error.answer.err)
            place = os.path.join(self._repository.git_dir, "index")
            self._notes.append(
                f"git's index is damaged and was left as it is ({why.replace(copy.path, place)}): "
                f"`rm {shlex.quote(place)} && git reset` makes a new one"
            )
            return None
        return copy

    def _write(self, path: str, file: FileChange) -> Stamp | None:
        wanted = file.on_disk
        if wanted is None:
            remove_file(self._top, path, expects=file.expects)
            return None
        there = stamp_of(self._top, path)
        if there is not None and there.size == len(wanted):
            found = read_stamped(self._top, path)
            if found is not None and found[0] == wanted:
                return found[1]
        return write_file(self._top, path, wanted, expects=file.expects, staging=scratch_folder(self._repository))

    def _entry(self, path: str, data: bytes | None, there: TreeEntry | None) -> TreeEntry | None:
        """Stores a content that is not the file's, with the filters for its path; without them where they fail."""
        if data is None:
            return None
        arguments = ("hash-object", "-w", "--stdin")
        answer = self._git.run(*arguments, f"--path={path}", stdin=data, writes=True)
        oid = answer.text if answer.code == 0 else write_blobs(self._git, [data])[0]
        return TreeEntry(there.mode if there is not None else FILE_MODE, oid)

    def _content(self, entry: TreeEntry | None) -> bytes | None:
        found = self._objects.get(entry.oid) if entry is not None else None
        return found.data if found is not None else None

    # -------------------------------------------------------------------------------------------------------- hooks

    def _run_hooks(self, prepared: _Prepared) -> None:
        """Lets the hooks of a commit look at it, and takes over what they staged of our files."""
        found = hooks.present(self._repository) if self._policy != "never" else ()
        if not found:
            return
        if prepared.copy is None:
            why = (
                "the index cannot be used"
                if self._repository.checked_out
                else f"{self._repository.branch} is not checked out"
            )
            self._notes.append(f"committed without hooks: {why}")
            return
        paths = list(prepared.change.files)
        if self._policy == "auto" and prepared.copy.foreign_changes(paths):
            self._notes.append("committed without hooks: other files are staged or changed")
            return
        limit = self._hook_timeout if self._policy == "auto" else _ALWAYS_TIMEOUT_S
        prepared.until = time.monotonic() + limit
        timed_out = ("pre-commit" in found and self._run_pre_commit(prepared)) or self._run_message_hooks(
            prepared, found
        )
        if timed_out:
            self._notes.append(f"committed without hooks: {timed_out} took longer than {limit:g} s")
        elif "post-commit" in found:
            prepared.after = ("post-commit",)

    def _run_pre_commit(self, prepared: _Prepared) -> str | None:
        """The hook's name when it took too long."""
        assert prepared.copy is not None
        before = dict(prepared.entries)
        for again in (True, False):
            look = self._hook_index(prepared)
            seen = look.signature()
            stamps = {path: stamp_of(self._top, path) for path in prepared.change.files}
            run = hooks.run_hook(self._repository, "pre-commit", env={**look.env, **self._author}, until=prepared.until)
            changed = any(stamp_of(self._top, path) != stamp for path, stamp in stamps.items())
            if run.timed_out:
                if changed:
                    self._put_back(prepared, "pre-commit", ended=True)
                prepared.entries = before
                return run.name
            staged = look.entries(prepared.change.files) if look.signature() != seen else None
            if run.ok:
                if staged is not None:
                    self._take_over(prepared, look, staged)
                self._put_back(prepared, "pre-commit")
                return None
            put_back = self._put_back(prepared, "pre-commit")
            if put_back or not changed or not again:
                raise _hook_refusal(run)
            # It mended our file and wants to see it again, as formatters do.
            prepared.copy.add(path for path, file in prepared.change.files.items() if file.on_disk == file.committed)
            entries = prepared.copy.entries(prepared.change.files)
            prepared.entries = {path: entry for path, entry in entries.items() if prepared.tip.entry(path) != entry}
        return None

    def _hook_index(self, prepared: _Prepared) -> IndexCopy:
        """An index that holds the tip and our change, for hooks to look at and to stage in."""
        assert prepared.copy is not None
        look = self._keep(prepared.copy.duplicate(self._repository))
        if self._policy == "always":
            look.reset_to(prepared.tip.commit)
            look.add(path for path, file in prepared.change.files.items() if file.on_disk == file.committed)
            look.put({path: entry for path, entry in prepared.entries.items() if entry != look.entries([path])[path]})
        return look

    def _take_over(self, prepared: _Prepared, look: IndexCopy, staged: Mapping[str, TreeEntry | None]) -> None:
        """A hook staged something: ours goes into the commit if the words are in it, everything else stays out."""
        assert prepared.copy is not None
        ours = {
            path: entry
            for path, entry in staged.items()
            if path in prepared.entries or entry != prepared.tip.entry(path)
        }
        if any(prepared.entries.get(path) != entry for path, entry in ours.items()):
            wanted = {path: entry for path, entry in staged.items() if prepared.change.files[path].on_disk is not None}
            if not self._kept({path: self._content(entry) for path, entry in wanted.items()}):
                self._put_back(prepared, "pre-commit")
                raise _Refused(
                    RefusalKind.HOOK,
                    "the pre-commit hook took the new words out of the file; they were put back",
                    'mend the hook, or set `[commit] hooks = "never"`',
                )
            prepared.entries = {path: entry for path, entry in ours.items() if entry != prepared.tip.entry(path)}
            prepared.copy.add(staged)
            now = prepared.copy.entries(staged)
            prepared.copy.put({path: entry for path, entry in staged.items() if now[path] != entry})
        others = look.changed_against(prepared.tip.commit, apart_from=prepared.change.files)
        if others:
            named = ", ".join(others[:3]) + (" and more" if len(others) > 3 else "")
            self._notes.append(f"the pre-commit hook also staged {named}: not part of this commit")

    def _run_message_hooks(self, prepared: _Prepared, found: tuple[str, ...]) -> str | None:
        assert prepared.copy is not None
        names = [name for name in ("prepare-commit-msg", "commit-msg") if name in found]
        if not names:
            return None
        path = os.path.join(scratch_folder(self._repository), f"{os.getpid()}-COMMIT_EDITMSG")
        write_private(path, prepared.message.encode("utf-8", "surrogateescape"), durable=False)
        try:
            look = self._hook_index(prepared)
            for name in names:
                arguments = (path, "message") if name == "prepare-commit-msg" else (path,)
                env = {**look.env, **self._author}
                run = hooks.run_hook(self._repository, name, *arguments, env=env, until=prepared.until)
                if run.timed_out:
                    return name
                if not run.ok:
                    raise _hook_refusal(run)
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                message = file.read()
        finally:
            os.unlink(path)
        if not message.strip():
            raise _Refused(RefusalKind.HOOK, f"the {names[-1]} hook left no commit message", "mend the hook")
        prepared.message = message
        return None

    def _files_now(self, prepared: _Prepared) -> dict[str, bytes | None]:
        files = prepared.change.files.items()
        return {path: read_file(self._top, path) for path, file in files if file.on_disk is not None}

    def _put_back(self, prepared: _Prepared, name: str, *, ended: bool = False) -> bool:
        """Our text again, and True, where a hook lost the words; or where it was `ended` while it wrote and nobody can tell."""
        if (not ended or self._keeps is not None) and self._kept(self._files_now(prepared)):
            return False
        for path, file in prepared.change.files.items():
            if file.on_disk is not None:
                write_file(self._top, path, file.on_disk, staging=scratch_folder(self._repository))
        self._notes.append(f"the {name} hook had changed the file and lost the new words; they were put back")
        return True

    def _kept(self, files: Mapping[str, bytes | None]) -> bool:
        return self._keeps is None or self._keeps(files)

    # ------------------------------------------------------------------------------------------- commit and branch

    def _commit_tree(self, tree: str, parent: str | None, message: str) -> str:
        signs = self._git.config.flag("commit.gpgsign")
        # commit-tree signs only when told to; in our process group, since the program that asks for a passphrase needs the terminal.
        arguments = [
            "-c",
            "i18n.commitEncoding=UTF-8",
            "commit-tree",
            *(("-S",) if signs else ()),
            *(("-p", parent) if parent is not None else ()),
            tree,
        ]
        text = message.encode("utf-8", "surrogateescape")
        text = text if text.endswith(b"\n") else text + b"\n"
        answer = self._git.run(
            *arguments, stdin=text, env=self._author, writes=True, timeout=_SIGN_TIMEOUT_S if signs else None
        )
        if answer.code == 0:
            return answer.text
        kind, why, hint = _understood(answer)
        if kind is RefusalKind.GIT and signs:
            said = [
                line
                for line in printable(answer.err).splitlines()
                if line.strip() and "failed to write commit" not in line
            ]
            why = f"the signature failed: {tail(chr(10).join(said).encode(), lines=2) or reason(answer.err)}"
            raise _Refused(
                RefusalKind.SIGNATURE, why, "mend it, or turn it off here with `git config commit.gpgsign false`"
            )
        raise _Refused(kind, why or f"git commit-tree failed: {reason(answer.err)}", hint)

    def _wait_for_ref_locks(self) -> None:
        """Before anything is staged: no commit is possible while somebody else has these."""
        until = time.monotonic() + _LOCK_PATIENCE_S
        while held := [path for path in self._ref_locks() if os.path.lexists(path)]:
            if time.monotonic() > until:
                raise _locked(held[0])
            pause(0.005, 0.03)

    def _ref_locks(self) -> tuple[str, ...]:
        repository = self._repository
        locks = [os.path.join(repository.common_dir, "refs", "heads", *repository.branch.split("/")) + ".lock"]
        if repository.checked_out:
            locks.append(os.path.join(repository.git_dir, "HEAD.lock"))
        return tuple(locks)

    def _install_index(self, prepared: _Prepared) -> None:
        """Before the branch moves: an index that is behind its branch would take our commit back with the user's next one."""
        if prepared.copy is None:
            if self._repository.checked_out:
                self._leave_behind(prepared)
            return
        installed = prepared.copy.install(guard=self._guard)
        if installed is Installed.CHANGED:
            raise _Moved
        if installed is Installed.BUSY:
            lock = os.path.join(self._repository.git_dir, "index.lock")
            self._leave_behind(prepared)
            self._notes.append(
                f"git's index does not show the commit yet: {_lock_line(lock)}; the next incidentctl command brings it in line"
            )

    def _leave_behind(self, prepared: _Prepared) -> None:
        try:
            index.leave_behind(self._repository, prepared.entries)
        except (GitError, SaveError):
            # An index that cannot even be read; the note about it has been made.
            self._follow_remote()

    def _move_branch(self, old: str | None, new: str, message: str) -> None:
        """Moves the branch if it still is at `old`, in one transaction of git's."""
        until = time.monotonic() + _LOCK_PATIENCE_S
        while True:
            answer = self._update_ref(old, new, message)
            if answer.code == 0:
                return
            if answer.code < 0 and not (answer.timed_out or self._was_killed):
                # Somebody ended it, or it ran out of memory. Its locks are gone by now; once more.
                self._was_killed = True
                raise _Moved
            said = answer.err
            if b"File exists" in said and b".lock" in said and time.monotonic() < until:
                pause(0.005, 0.05)
                continue
            if b"but expected" in said or b"reference already exists" in said or b"unable to resolve reference" in said:
                raise _Moved
            if b"File exists" in said and b".lock" in said:
                raise _locked(_lock_in(said) or self._ref_locks()[0])
            if b"aborted by hook" in said:
                raise _Refused(
                    RefusalKind.HOOK,
                    f"the reference-transaction hook refused: {tail(said, lines=2)}",
                    "mend what it says",
                )
            kind, why, hint = _understood(answer)
            said_why = reason(said) or f"it was ended by signal {-answer.code}"
            raise _Refused(kind, why or f"git could not move {self._repository.branch}: {said_why}", hint)

    def _update_ref(self, old: str | None, new: str, message: str) -> Answer:
        repository = self._repository
        # A branch that is only the remote's yet begins here, at our commit.
        local = old if old is not None and self._objects.commit_of(repository.ref) is not None else null_oid(repository)
        subject = message.strip().partition("\n")[0]
        without_hooks = ("-c", "core.hooksPath=/dev/null") if self._policy == "never" else ()
        process = self._git.start(
            *without_hooks,
            "update-ref",
            "-m",
            f"incidentctl: {subject}",
            "--stdin",
            "-z",
            pipe_err=True,
            writes=True,
            own_group=True,
        )
        try:
            journal.begin(
                repository.own_dir, ref=repository.ref, old=local, new=new, child=process.pid, locks=self._ref_locks()
            )
        except BaseException:
            process.kill()
            process.communicate()
            raise
        answer = self._git.finish(process, f"update {repository.ref}\0{new}\0{local}\0".encode(), _REF_TIMEOUT_S)
        if answer.code >= 0:
            journal.end(repository.own_dir)
        else:
            journal.recover(repository.own_dir)
        return answer

    def _follow_remote(self) -> None:
        """A branch that was only the remote's until now follows it, as `git switch` would have it: else it is never shared."""
        start, repository = self._repository.tip_ref, self._repository
        if start is not None and start.startswith("refs/remotes/"):
            self._git.run("branch", "--quiet", f"--set-upstream-to={start}", repository.branch, writes=True)
            self._git.forget_config()

    def _after(self, prepared: _Prepared) -> None:
        for name in prepared.after:
            hooks.run_hook(self._repository, name, env=self._author, until=prepared.until)
        self._tidy()

    def _tidy(self) -> None:
        """What `git commit` does after a commit: lets git pack what has piled up, if it thinks so, in the background."""
        folder = os.path.join(self._repository.common_dir, "objects", "17")
        try:
            many = len(os.listdir(folder)) > _LOOSE_IN_ONE_FOLDER
        except OSError:
            return
        if many and self._git.config.text("gc.auto") != "0":
            self._git.run("gc", "--auto", "--quiet")

    # ------------------------------------------------------------------------------------------------------- small

    @property
    def _top(self) -> str:
        assert self._repository.work_tree is not None
        return self._repository.work_tree

    def _keep(self, copy: IndexCopy) -> IndexCopy:
        self._copies.append(copy)
        return copy

    def _discard_copies(self) -> None:
        for copy in self._copies:
            copy.discard()
        self._copies.clear()


class _Move(_Attempt):
    """One call of move_branch."""

    def __init__(self, repository: Repository, arrive: Arrive) -> None:
        super().__init__(repository, lambda tip: None, "never", 0.0, None, {})
        self._arrive = arrive

    def _check_branch_here(self, now: Repository) -> None:
        """A branch that only the remote has yet is what this is for."""

    def _once(self) -> CommitResult:
        self._notes.clear()
        tip = Tip(self._objects.commit_of(self._repository.ref), self._objects)
        try:
            arrival = self._arrive(tip)
        except Exception as error:
            raise _FromBuild(error) from None
        if arrival is None:
            return self._nothing(tip)
        change = Change(arrival.files, arrival.message)
        copy = None
        if self._repository.checked_out:
            self._demand_index()
            copy = self._bring_files(arrival, tip)
        prepared = _Prepared(change, tip, dict(arrival.entries), copy, arrival.message)
        self._wait_for_ref_locks()
        with _interrupts_deferred():
            self._install_index(prepared)
            self._move_branch(tip.commit, arrival.commit, arrival.message)
        return CommitResult(arrival.commit, arrival.commit, {}, self._all_notes())

    def _demand_index(self) -> None:
        """Before a file is touched: an index that stays behind would show the others' changes as taken back."""
        lock = os.path.join(self._repository.git_dir, "index.lock")
        if self._guard is None:
            self._keep_others_out()
        if self._guard is not None and not self._guard.held and os.path.lexists(lock):
            raise _locked(lock)

    def _bring_files(self, arrival: Arrival, tip: Tip) -> IndexCopy:
        """All is looked at before anything is touched."""
        copy = self._keep(IndexCopy(self._repository))
        has_index = copy.signature() is not None
        staged: dict[str, TreeEntry | None] = {}
        for path, entry in copy.entries(arrival.entries).items():
            if entry in (tip.entry(path), arrival.entries[path]) or not has_index:
                continue
            staged[path] = arrival.restage(path, entry) if entry is not None else None
            if staged[path] is None:
                raise _in_the_way([path], "staged")
        if arrival.others is not None:
            self._read_tree(copy, tip.commit, arrival.others, "-n")
        for path, file in arrival.files.items():
            self._write(path, file)
        if arrival.others is not None:
            self._read_tree(copy, tip.commit, arrival.others)
        copy.add(path for path, file in arrival.files.items() if file.on_disk == file.committed and path not in staged)
        wanted = {path: staged.get(path, entry) for path, entry in arrival.entries.items()}
        now = copy.entries(wanted)
        copy.put({path: entry for path, entry in wanted.items() if now[path] != entry})
        return copy

    def _read_tree(self, copy: IndexCopy, old: str | None, new: str, *options: str) -> None:
        """git's own way to switch: it refuses where that would overwrite what the user has changed."""
        empty = self._git.ask("hash-object", "-t", "tree", "--stdin", stdin=b"").decode().strip() if old is None else ""
        arguments = ("read-tree", *options, "-m", "-u", old or empty, new)
        answer = self._git.run(*arguments, env=copy.env, writes=True)
        if answer.code != 0:
            named = [name for line in printable(answer.err).splitlines() if (name := _entry_named(line))]
            # It trusts the times of files, and says changed of what was only touched.
            self._git.run("update-index", "-q", "--refresh", env=copy.env, writes=True)
            self._take_as_they_are(copy, named, new)
            answer = self._git.run(*arguments, env=copy.env, writes=True)
            named = [name for line in printable(answer.err).splitlines() if (name := _entry_named(line))]
        if answer.code != 0:
            raise _in_the_way(named, "changed", reason(answer.err))

    def _take_as_they_are(self, copy: IndexCopy, paths: list[str], tree: str) -> None:
        """Files that hold already what they should: left by one of us who was killed, or made by the user in the same words."""
        same: dict[str, TreeEntry | None] = {}
        for path in paths:
            folder, _, name = path.rpartition("/")
            entry = (self._objects.tree(f"{tree}:{folder}" if folder else tree) or {}).get(name)
            if entry is not None and os.path.isfile(os.path.join(self._top, path)):
                found = self._git.run("hash-object", f"--path={path}", "--", path)
                if found.code == 0 and found.text == entry.oid:
                    same[path] = entry
        copy.put(same)


def _entry_named(line: str) -> str | None:
    """The path in one of git's sentences about a file that it would overwrite."""
    for before, behind in (("Entry '", "' "), ("working tree file '", "' "), ("untracked files in '", "' ")):
        _, found, rest = line.partition(before)
        if found and behind in rest + " ":
            return rest.rpartition("'")[0] or None
    return None


def _in_the_way(paths: list[str], how: str, said: str = "") -> _Refused:
    if not paths:
        return _Refused(RefusalKind.IN_THE_WAY, f"git would not bring the work tree in line: {said}", None)
    named = ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
    return _Refused(
        RefusalKind.IN_THE_WAY,
        f"{named} {'is' if len(paths) == 1 else 'are'} {how} here, and differently in what came from the others",
        "commit it, put it back or `git stash` it",
    )


def _message(change: Change) -> str:
    """git takes no NUL in a message, and no program takes one in an argument."""
    return change.message.replace("\0", "")


def _check_entry(path: str, there: TreeEntry | None) -> None:
    if there is not None and there.mode == LINK_MODE:
        raise OutsideError(f"{path} is a symbolic link", hint="put a file in its place and commit that")


def _in_progress(operation: Operation, repository: Repository) -> str:
    where = f" in {operation.place}" if operation.place != repository.place else ""
    return f"{operation.sentence}{where}"


def _way_out(operation: Operation) -> str:
    return f"{operation.hint}; {NEXT}"


def _hook_refusal(run: hooks.HookRun) -> _Refused:
    said = f": {run.said}" if run.said else ""
    return _Refused(
        RefusalKind.HOOK,
        f"the {run.name} hook refused{said}",
        f'mend what it says, or set `[commit] hooks = "never"`; {NEXT}',
    )


def _locked(lock: str) -> _Refused:
    return _Refused(
        RefusalKind.LOCKED,
        _lock_line(lock),
        f"if no git is running any more, remove it with `rm {lock}`; {NEXT}",
    )


def _lock_line(lock: str) -> str:
    """Names a lock that is not ours, and how old it is."""
    try:
        made_at = os.stat(lock).st_mtime
    except OSError:
        return f"{lock} was held by another git"
    age = max(0, round(time.time() - made_at))  # noqa: TID251
    old = f"{age} s" if age < 120 else f"{age // 60} min" if age < 7200 else f"{age // 3600} h"
    return f"another git holds {lock}, for {old}"


def _lock_in(err: bytes) -> str | None:
    """The lock that git's message names."""
    for line in printable(err).splitlines():
        _, quote, rest = line.partition("Unable to create '")
        if quote:
            return rest.partition("'")[0]
    return None


_NO_IDENTITY: Final = (
    b"tell me who you are",
    b"empty ident name",
    b"no email was given",
    b"no name was given",
    b"unable to auto-detect email address",
    b"auto-detection is disabled",
    b"name consists only of disallowed characters",
)
_NO_SIGNATURE: Final = (
    b"failed to sign the data",
    b"gpg failed",
    b"user.signingkey",
    b"signing key",
    b"gpg.ssh",
    b"signing failed",
)
_NO_ROOM: Final = (
    b"No space left on device",
    b"Read-only file system",
    b"Permission denied",
    b"Operation not permitted",
    b"Disk quota exceeded",
    b"insufficient permission for adding an object",
    b"File too large",
    b"unable to write",
    b"couldn't write",
    b"could not write",
    b"write error",
)


def _understood(answer: Answer) -> tuple[RefusalKind, str, str | None]:
    """What a git that failed means in the words of somebody who has to mend it; an empty sentence where we do not know better."""
    err = answer.err
    if any(words in err for words in _NO_IDENTITY):
        return (
            RefusalKind.IDENTITY,
            "git does not know who you are",
            'tell it: `git config --global user.name "Your Name"` and `git config --global user.email you@example.com`',
        )
    if any(words in err for words in _NO_SIGNATURE):
        return RefusalKind.GIT, "", None
    if any(words in err for words in _NO_ROOM):
        # The line that names the cause; what git says after it is only what came of it.
        cause = next((line for line in err.splitlines() if any(words in line for words in _NO_ROOM)), err)
        return (
            RefusalKind.SAVE,
            f"git could not write: {reason(cause)}",
            "make room, or make the repository writable for you",
        )
    return RefusalKind.GIT, "", None


@contextmanager
def _interrupts_deferred() -> Iterator[None]:
    """A Ctrl-C in the few milliseconds between index and branch takes effect after them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        caught.append(number)

    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    previous = {number: handler for number, handler in previous.items() if handler not in (None, signal.SIG_IGN)}
    for number in previous:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        for late in caught:
            signal.raise_signal(late)
