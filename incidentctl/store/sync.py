"""Shares the record with a remote: fetches, merges in memory, pushes, and only then moves the branch. Never forces a push.

What is pushed is either the branch itself, where it holds nothing but the record, or the record's own commits carried over to the remote's
tip one by one, where other work is among them. The branch then gets both, by a merge that stays here. A remote that refuses the branch by
a rule is given a branch for each incident, `incident/ID`, which all clones share until it is brought home.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from msgspec import Struct

from incidentctl.config.settings import Settings
from incidentctl.errors import ConflictError, IncidentctlError, LockTimeoutError, RepositoryError
from incidentctl.store.commit import Arrival, CommitResult, FileChange, move_branch
from incidentctl.store.current import read_current, write_current
from incidentctl.store.drafts import draft_path, forget_draft
from incidentctl.store.files import make_private_folder, read_stamped, save_error, write_private
from incidentctl.store.index import pause
from incidentctl.store.lock import Lock
from incidentctl.store.merge_commits import (
    INIT_SUBJECT,
    Clash,
    CommitMerger,
    Late,
    LocalCommit,
    Outcome,
    UnrelatedError,
    copy_commit,
    local_commits,
    make_commit,
)
from incidentctl.store.network import Failed, Trouble, fetch, push
from incidentctl.store.objects import Tip, TreeEntry, write_blobs, write_tree
from incidentctl.store.reading import MAX_SIZE, as_bytes, as_text
from incidentctl.store.remotes import check_remote, is_url
from incidentctl.store.repository import Repository
from incidentctl.store.sharing_memory import SharingMemory, note_parted

INCIDENT_BRANCHES: Final = "incident/"
"""What the names of the branches begin with on which clones share an incident where the record's own branch is protected."""
_SHARED_AS: Final = "Incident-Shared: "
_ROUNDS: Final = 30
_FILTERING: Final = ("filter", "eol", "working-tree-encoding", "ident")


class Route(Struct, frozen=True):
    """Where the record is shared: a remote, and the name of the branch there. `is_upstream`: git knows it as the branch's own."""

    remote: str
    branch: str
    is_upstream: bool

    @property
    def name(self) -> str:
        """As git writes it: `origin/main`."""
        return f"{self.remote}/{self.branch}"

    def tracking(self, branch: str) -> str:
        """Where this clone keeps the remote's branch."""
        return f"refs/remotes/{self.remote}/{branch}"


class Unpublished(Struct, frozen=True):
    """A commit that stays here, since it touches other files than the record's."""

    commit: str
    subject: str


class Shared(Struct, frozen=True):
    """What came of sharing.

    `pushed` counts the record's commits that others now have, `waiting` those that they have not. `received` says that something came in.
    `failed` is what kept the rest here. `behind` is what kept the branch here from getting what came in: a sentence and a way out.
    `pushed_to` are the branches of the remote that took something, `branches` those of incidents that have to be brought home,
    `unpublished` is what never leaves this clone by sharing.
    """

    route: Route
    pushed: int = 0
    waiting: int = 0
    received: bool = False
    is_reached: bool = True
    failed: Failed | None = None
    behind: IncidentctlError | None = None
    pushed_to: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    unpublished: tuple[Unpublished, ...] = ()
    parted: tuple[tuple[str, str], ...] = ()
    discarded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_shared(self) -> bool:
        """Whether others have all that is recorded here."""
        return self.waiting == 0 and self.failed is None


def route_of(repository: Repository) -> Route | None:
    """With which remote's branch the record is shared: the branch's upstream, else the same name at `origin`, else at the only remote."""
    config = repository.git.config
    names = [name[len("remote.") : -len(".url")] for name in config.names() if is_url(name)]
    upstream, merges = (config.text(f"branch.{repository.branch}.{key}") for key in ("remote", "merge"))
    if upstream in names:
        branch = (merges or "").removeprefix("refs/heads/") or repository.branch
        return Route(str(upstream), branch, merges is not None)
    name = "origin" if "origin" in names else names[0] if len(names) == 1 else None
    return None if name is None else Route(name, repository.branch, False)


def shares_by_itself(repository: Repository, settings: Settings) -> bool:
    """Whether commands share what they write: as set, else where the branch has an upstream."""
    route = route_of(repository)
    return route is not None and (route.is_upstream if settings.sync.auto is None else settings.sync.auto)


class _Target(Struct):
    """A branch of the remote, what it holds as far as known, and what we would push to it."""

    branch: str
    tip: str | None
    commit: str | None = None
    count: int = 0


class _Rewritten(RepositoryError):
    code = "rewritten"


class Sharing:
    """Exchanges the record of one repository with a remote. `now` is the time of the command, `notice` is told what one waits for."""

    def __init__(
        self,
        repository: Repository,
        settings: Settings,
        route: Route,
        *,
        now: datetime,
        notice: Callable[[str], None],
    ) -> None:
        self._repository = repository
        self._settings = settings
        self._route = route
        self._now = now
        self._notice = notice
        self._memory = SharingMemory(repository)
        self._merger = CommitMerger(repository, settings, self._memory)
        self._paths = self._merger.paths
        self._until = 0.0
        self._is_preview = self._is_landing = False
        self._homes: dict[tuple[str, str], bool] = {}
        self._is_reached = False
        self._parted: dict[str, str] = {}
        self._discarded: list[str] = []
        self._notes: list[str] = []
        self._pushed_to: list[str] = []
        self._copies: list[str] = []

    # -------------------------------------------------------------------------------------------------------- the ways in

    def share(self, *, timeout: float) -> Shared:
        """All of it: fetches, merges, pushes, and brings the branch here in line. Raises `IncidentctlError` where nothing was changed.

        What the remote did not do in `timeout` seconds, or refused, is in the result.
        """
        self._begin(timeout)
        check_remote(self._repository, self._route.remote)
        self._demand_no_operation()
        with self._alone() as is_alone:
            if not is_alone:
                raise LockTimeoutError(
                    f"another incidentctl has been sharing for {timeout:g} s", hint="look at it; then try again"
                )
            self._memory.protect(self._route.branch, False)
            failed = self._fetch()
            if failed is not None:
                return self._not_reached(failed)
            return self._exchange()

    def share_after_write(self, *, timeout: float) -> Shared | None:
        """The same after a write: pushes at once, and fetches only where others were faster. None: another command is still at it."""
        self._begin(timeout)
        with self._alone() as is_alone:
            if not is_alone:
                return None
            if self._is_with_others(self._tip()):
                # Whoever was at it took our commit along.
                return Shared(self._route, waiting=0)
            if self._known(self._route.branch) is None:
                failed = self._fetch()
                if failed is not None:
                    return self._not_reached(failed)
            return self._exchange()

    def bring_in(self, *, timeout: float) -> Shared | None:
        """Only what others have, before something is read or declared. None where another command is at it."""
        self._begin(timeout)
        with self._alone() as is_alone:
            if not is_alone:
                return None
            failed = self._fetch()
            if failed is not None:
                return self._not_reached(failed)
            return self._exchange(pushes=False)

    def waiting(self) -> int:
        """How many of the record's commits others do not have, as far as known."""
        return len(self._waiting_commits())

    def preview(self, *, timeout: float) -> Shared:
        """What `share` would do: it fetches, and changes nothing else."""
        self._begin(timeout)
        self._is_preview = True
        check_remote(self._repository, self._route.remote)
        with self._alone():
            failed = self._fetch()
            if failed is not None:
                return self._not_reached(failed)
            self._demand_same_history()
            tip = self._tip()
            if tip is not None:
                for target in self._targets(tip):
                    self._prepare(target, tip)
            comes = any(tip is None or not self._merger.is_ancestor(each, tip) for each in self._remote_tips())
            return self._shared(0, received=comes)

    # ------------------------------------------------------------------------------------------------------- one exchange

    def _exchange(self, *, pushes: bool = True) -> Shared:
        pushed = 0
        failed: Failed | None = None
        before = self._tip()
        for attempt in range(_ROUNDS):
            self._demand_same_history()
            tip = self._tip()
            if tip is None or not pushes:
                break
            failed, count = self._push_all(tip)
            pushed += count
            if failed is None or failed.trouble is not Trouble.RACED or self._left() <= 0:
                break
            # Others were faster: take in what they have, after a moment that differs from theirs.
            pause(0.0, min(0.05 * (attempt + 1), 1.0, max(0.0, self._left())))
            again = self._fetch()
            if again is not None:
                failed = again
                break
        behind = self._land()
        if self._is_reached:
            self._memory.reached(self._now)
        if behind is None:
            for path in self._memory.clashing_paths():
                self._forget_clash(path)
            tip = self._known(self._route.branch)
            if tip is not None:
                self._memory.know(self._route.branch, tip)
        self._memory.save()
        return self._shared(pushed, received=self._tip() != before, failed=failed, behind=behind)

    def _push_all(self, tip: str) -> tuple[Failed | None, int]:
        """Pushes to each branch what belongs there; a branch that a rule protects gives way to those of the incidents."""
        pushed = 0
        self._copies.clear()
        waiting = list(self._targets(tip))
        while waiting:
            target = waiting.pop(0)
            self._prepare(target, tip)
            if target.commit is None or target.commit == target.tip:
                continue
            hooks = self._settings.commit.hooks.value != "never"
            if self._left() <= 0:
                return Failed(Trouble.HUNG, "there was not enough time"), pushed
            failed = push(
                self._repository,
                self._route.remote,
                target.commit,
                f"refs/heads/{target.branch}",
                timeout=self._left(),
                hooks=hooks,
            )
            if failed is None:
                self._is_reached = True
                self._pushed(target)
                pushed += target.count
            elif failed.trouble is Trouble.RULE and target.branch == self._route.branch:
                self._memory.protect(target.branch, True)
                self._notes.append(f"{self._route.name} takes no push ({failed.said})")
                waiting = list(self._targets(tip))
                if not waiting:
                    return failed, pushed
            else:
                if failed.trouble is Trouble.HUNG:
                    self._memory.hung(self._now)
                return failed, pushed
        if self._copies and all(self._has_a_way(each) for each in self._local(tip) if self._is_publishable(each)):
            standing = [copy for each in self._memory.covered().values() if self._are_there(each) for copy in each]
            self._memory.cover(tip, {*standing, *self._copies})
        return None, pushed

    def _pushed(self, target: _Target) -> None:
        """Notes what the remote has now; the branch's upstream is set where none was."""
        assert target.commit is not None
        if target.branch not in self._pushed_to:
            self._pushed_to.append(target.branch)
        self._repository.git.run("update-ref", self._route.tracking(target.branch), target.commit, writes=True)
        if target.branch == self._route.branch:
            self._set_upstream()

    def _set_upstream(self) -> None:
        config = self._repository.git.config
        if config.text(f"branch.{self._repository.branch}.remote") is None:
            section = f"branch.{self._repository.branch}"
            self._repository.git.run("config", f"{section}.remote", self._route.remote, writes=True)
            self._repository.git.run("config", f"{section}.merge", f"refs/heads/{self._route.branch}", writes=True)

    # -------------------------------------------------------------------------------------------------- what goes where

    def _targets(self, tip: str) -> Iterator[_Target]:
        """The branches to which something could go: the record's own, unless a rule protects it, and those of incidents."""
        live = self._live_branches()
        if not self._memory.is_protected(self._route.branch):
            yield _Target(self._route.branch, self._known(self._route.branch))
            for branch in live:
                yield _Target(branch, self._known(branch))
            return
        named = {
            INCIDENT_BRANCHES + name
            for commit in self._waiting_commits(tip)
            for path in commit.paths
            if (name := self._paths.incident(path)) is not None
        }
        for branch in sorted({*live, *named}):
            yield _Target(branch, self._known(branch))

    def _belongs(self, path: str, branch: str) -> bool:
        """Whether a path of ours goes to that branch of the remote."""
        if not self._paths.is_ours(path):
            return False
        name = self._paths.incident(path)
        own = INCIDENT_BRANCHES + (name or "")
        if branch != self._route.branch:
            return branch == own
        return not self._memory.is_protected(branch) and (name is None or own not in self._live_branches())

    def _prepare(self, target: _Target, tip: str) -> None:
        """Finds the commit to push: ours as it stands, or merged with theirs, or its record carried over to theirs."""
        start = target.tip or (self._known(self._route.branch) if target.branch != self._route.branch else None)
        if target.tip is not None and self._merger.is_ancestor(tip, target.tip):
            return
        known = [each for each in (start, self._known(self._route.branch)) if each is not None]
        commits = local_commits(self._repository, self._merger, tip, known)
        own = [each for each in self._uncovered(commits) if self._is_publishable(each) and self._part(each, target)]
        if not own:
            return
        target.count = sum(not each.is_merge for each in own)
        if start is None:
            self._demand_first_push(commits)
            target.commit = tip
            return
        if all(self._is_publishable(each) and self._goes_whole(each, target) for each in commits):
            target.commit = self._merged(tip, start, target.branch)
            if target.commit != tip and not self._merger.changed(start, target.commit):
                # The others have it all, in commits of their own, as after a request that was squashed.
                self._copies.append(start)
                target.commit = None
            return
        target.commit = self._carried(own, start, target, tip)
        self._copies.append(target.commit)
        if target.commit == start:
            target.commit = None

    def _is_publishable(self, commit: LocalCommit) -> bool:
        """Whether it touches nothing but the record; what `init` made is part of it."""
        if commit.subject == INIT_SUBJECT and not commit.is_merge:
            return True
        return all(self._paths.is_ours(path) for path in commit.paths)

    def _part(self, commit: LocalCommit, target: _Target) -> list[str]:
        is_init = commit.subject == INIT_SUBJECT and target.branch == self._route.branch
        return [path for path in commit.paths if is_init or self._belongs(path, target.branch)]

    def _goes_whole(self, commit: LocalCommit, target: _Target) -> bool:
        return len(self._part(commit, target)) == len(commit.paths)

    def _uncovered(self, commits: Sequence[LocalCommit]) -> list[LocalCommit]:
        """Without those of which copies were published: a merge of ours names the last of them, and so does our memory."""
        above = {commit.oid: commit.parents for commit in commits}
        waiting = [commit for commit, copies in self._memory.covered().items() if self._are_there(copies)]
        for commit in commits:
            for line in commit.trailers:
                last, *copies = line.removeprefix(_SHARED_AS).split() if line.startswith(_SHARED_AS) else [""]
                waiting += [last] if copies and self._are_there(copies) else []
        covered: set[str] = set()
        while waiting:
            oid = waiting.pop()
            if oid in above and oid not in covered:
                covered.add(oid)
                waiting.extend(above[oid])
        return [commit for commit in commits if commit.oid not in covered]

    def _are_there(self, copies: Iterable[str]) -> bool:
        """Whether branches of the remote still have all of these, as far as known."""
        tips = self._all_tips()
        return all(any(self._merger.is_ancestor(copy, each) for each in tips) for copy in copies)

    def _merged(self, tip: str, theirs: str, branch: str) -> str:
        """Ours and theirs in one commit; ours alone where it holds theirs."""
        if self._merger.is_ancestor(theirs, tip):
            return tip
        if self._merger.is_ancestor(tip, theirs):
            return theirs
        outcome = self._clean(self._merge(tip, theirs))
        message = _merge_message(f"Merge {branch} of {self._route.remote}", outcome.discarded, outcome.parted)
        return make_commit(self._repository, outcome.tree, (tip, theirs), message)

    def _carried(self, commits: Sequence[LocalCommit], start: str, target: _Target, tip: str) -> str:
        """The record's own commits one by one on the remote's. A file that clashes on the way is carried as it is in the end."""
        base = next(iter(self._merger.bases(tip, start)), None)
        late = Late(frozenset(self._merger.settled_by_hand()), tip, base)
        while True:
            onto, clashing = self._carried_over(commits, start, target, late)
            if not clashing:
                return onto
            late = Late(late.paths | clashing, tip, base)

    def _carried_over(
        self, commits: Sequence[LocalCommit], onto: str, target: _Target, late: Late
    ) -> tuple[str, frozenset[str]]:
        """The last copy; or the files that clash and may not do so in the end."""
        moved: dict[str, str] = {}
        for commit in commits:
            outcome = self._merger.carry(commit.oid, onto, self._part(commit, target), moved, late)
            clashing = frozenset(each.path for each in outcome.clashes) - late.paths
            if clashing:
                return onto, clashing
            if self._clean(outcome).changes:
                onto = copy_commit(self._repository, self._merger, commit.oid, outcome.tree, onto)
        return onto, frozenset()

    def _merge(self, ours: str, theirs: str) -> Outcome:
        try:
            return self._merger.merge(ours, theirs)
        except UnrelatedError:
            shallow = self._repository.shallow
            raise UnrelatedError(
                f"{self._repository.branch} and {self._route.name} have no commit in common"
                + (", as far as this shallow clone goes" if shallow else ""),
                hint=f"get the whole history: `git fetch --unshallow {self._route.remote}`"
                if shallow
                else f"if they are to become one: `git merge --allow-unrelated-histories {self._route.name}`; else clone anew, "
                "and take your files over",
            ) from None

    def _clean(self, outcome: Outcome) -> Outcome:
        """The outcome, if a person need not settle anything. Raises `ConflictError` with both values, and keeps a draft with both."""
        prefix = "" if self._is_landing else "nothing was shared: "
        if outcome.foreign:
            raise ConflictError(
                f"{prefix}both sides changed {', '.join(outcome.foreign[:5])}, which is no record",
                hint=f"merge it yourself: `git merge {self._route.name}`; then `ictl sync`",
            )
        if outcome.clashes:
            if not self._is_preview:
                self._remember(outcome.clashes)
            raise conflict_of(outcome.clashes, self._merger, prefix)
        self._parted |= dict(outcome.parted)
        self._discarded += [line for line in outcome.discarded if line not in self._discarded]
        return outcome

    def _remember(self, clashes: Sequence[Clash]) -> None:
        """Keeps what clashed, and both versions as a draft that the editor opens; a draft of the user's own is left alone."""
        for clash in clashes:
            keys = {each.what: each.theirs for each in clashes if each.path == clash.path}
            before = self._memory.clash(clash.path)
            draft, base = (draft_path(self._repository, name) for name in self._drafts(clash.path))
            standing = self._standing(clash.path)
            is_free = not os.path.exists(draft) or (before is not None and before.get("drafted") is True)
            if is_free and standing is not None:
                write_private(draft, as_bytes(clash.text))
                write_private(base, standing)
            self._memory.note_clash(clash.path, clash.theirs_blob, keys, is_drafted=is_free and standing is not None)
        self._memory.save()

    def _drafts(self, path: str) -> tuple[str, str]:
        """What the draft of a document and the text that it began from are called."""
        name = self._paths.incident(path) or path.rpartition("/")[2].removesuffix(".md")
        name = name if self._paths.is_record(path) else f"{name}.postmortem"
        return f"{name}.md", f"{name}.base"

    def _standing(self, path: str) -> bytes | None:
        repository = self._repository
        if repository.checked_out and repository.work_tree is not None:
            found = read_stamped(repository.work_tree, path, cap=MAX_SIZE)
            if found is not None:
                return found[0]
        return repository.tip().read(path, cap=MAX_SIZE)

    def _forget_clash(self, path: str) -> None:
        clash = self._memory.clash(path)
        self._memory.forget_clash(path)
        if clash is not None and clash.get("drafted") is True and clash.get("settled") != "all":
            for draft in self._drafts(path):
                forget_draft(self._repository, draft)

    # ----------------------------------------------------------------------------------------------------------- landing

    def _land(self) -> IncidentctlError | None:
        """Brings the branch here, and its work tree, up to what the remote has. What keeps it is given, not raised."""
        if all(self._is_with_us(each) for each in self._remote_tips()):
            return None
        self._is_landing = True
        try:
            timeout = max(0.5, min(self._left(), self._settings.store.lock_timeout))
            with Lock(self._repository.own_dir).held(timeout=timeout, notice=self._notice):
                self._repository = self._repository.refreshed()
                result = move_branch(self._repository, self._arrival)
                return self._landed(result)
        except IncidentctlError as error:
            return error
        finally:
            self._is_landing = False

    def _landed(self, result: CommitResult) -> IncidentctlError | None:
        self._notes += result.notes
        if result.refused is not None:
            return RepositoryError(result.refused.reason, hint=result.refused.hint)
        for old, new in self._parted.items():
            note_parted(self._repository, old, new, self._now)
            name, _, kept = read_current(self._repository).partition(" ")
            if name == old:
                write_current(self._repository, f"{new} {kept}".rstrip())
        if self._repository.git.config.text(f"branch.{self._repository.branch}.remote") is None:
            self._set_upstream()
        return None

    def _arrival(self, tip: Tip) -> Arrival | None:
        """Where the branch goes from its last commit, with all that the remote has."""
        commit = self._with_theirs(tip.commit)
        if commit is None or commit == tip.commit:
            return None
        changes = self._merger.changed(tip.commit, commit)
        ours = {path: entry for path, entry in changes.items() if self._paths.is_document(path) and _is_file(entry)}
        others = {path: entry for path, entry in changes.items() if path not in ours}
        tree = None
        if others and self._repository.checked_out:
            folder = self._repository.objects_folder
            tree = write_tree(self._repository.git, self._repository.objects, tip.commit, others, folder=folder)
        files: dict[str, FileChange] = {}
        if self._repository.checked_out:
            files = self._files(tip, ours)
        subject = f"share {self._repository.branch} with {self._route.name}"

        def restage(path: str, staged: TreeEntry) -> TreeEntry | None:
            return self._restaged(tip, path, staged, ours[path])

        return Arrival(commit, subject, files, ours, tree, restage)

    def _with_theirs(self, tip: str | None) -> str | None:
        """Our last commit with all that the remote has: theirs where ours is in it, else a merge that stays here for now."""
        was = tip
        for theirs in self._remote_tips():
            if tip is None or self._merger.is_ancestor(tip, theirs):
                tip = theirs
            elif not self._merger.is_ancestor(theirs, tip):
                outcome = self._clean(self._merge(tip, theirs))
                message = f"Merge {self._route.remote} into {self._repository.branch}"
                # All that was here is with the others, in copies: from now on only what comes after is to be shared.
                covers = [f"{_SHARED_AS}{each}" for each in self._covered_in(was, theirs)]
                message = _merge_message(message, outcome.discarded, outcome.parted, covers)
                tip = make_commit(self._repository, outcome.tree, (tip, theirs), message)
        return tip

    def _covered_in(self, tip: str | None, theirs: str) -> list[str]:
        """The last commit here of which the others have copies, and those: it has to be known when our memory is lost, too."""
        is_in = self._merger.is_ancestor
        covered = {} if tip is None else self._memory.covered()
        found = [(each, copies) for each, copies in covered.items() if tip is not None and is_in(each, tip)]
        return [" ".join((each, *copies)) for each, copies in found[-1:] if not is_in(each, theirs)]

    def _files(self, tip: Tip, ours: Mapping[str, TreeEntry | None]) -> dict[str, FileChange]:
        """What becomes of our documents in the work tree: what the user has changed in them and not committed stays."""
        wanted = {path: entry for path, entry in ours.items() if entry is not None}
        before = {path: entry for path in ours if (entry := tip.entry(path)) is not None}
        new, old = self._as_on_disk(wanted), self._as_on_disk(before)
        files: dict[str, FileChange] = {}
        assert self._repository.work_tree is not None
        for path in ours:
            found = read_stamped(self._repository.work_tree, path, cap=MAX_SIZE)
            there, stamp = found if found is not None else (None, None)
            target = new.get(path)
            # One that was removed here and not committed comes back, since others have written to it.
            on_disk = target
            if there is not None and there not in (old.get(path), target):
                on_disk = self._with_uncommitted(path, old.get(path), there, target)
            files[path] = FileChange(committed=target, work_tree=on_disk, expects=stamp)
        return files

    def _with_uncommitted(self, path: str, old: bytes | None, there: bytes, target: bytes | None) -> bytes:
        if target is None:
            return there
        base = as_text(old) if old is not None else None
        merged = self._merger.merge_texts(path, base, as_text(there), as_text(target))
        if not merged.is_clean:
            clashes = [Clash(path, each.what, each.ours, each.theirs, "", "") for each in merged.conflicts]
            raise ConflictError(
                f"{path} is changed here and not committed, and the others changed the same: {_both_values(clashes)}",
                hint="put it back, or commit it with your next write; then `ictl sync`",
            )
        return as_bytes(merged.text)

    def _restaged(self, tip: Tip, path: str, staged: TreeEntry, new: TreeEntry | None) -> TreeEntry | None:
        """What the user has staged of a document, with what came in."""
        if new is None:
            return staged
        old = tip.entry(path)
        texts = [self._blob(old) if old is not None else None, self._blob(staged), self._blob(new)]
        if texts[1] is None or texts[2] is None:
            return None
        merged = self._merger.merge_texts(path, texts[0], texts[1], texts[2])
        if not merged.is_clean:
            return None
        return TreeEntry(staged.mode, write_blobs(self._repository.git, [as_bytes(merged.text)])[0])

    def _blob(self, entry: TreeEntry) -> str | None:
        found = self._repository.objects.get(entry.oid, cap=MAX_SIZE)
        return as_text(found.data) if found is not None and found.kind == "blob" else None

    def _as_on_disk(self, entries: Mapping[str, TreeEntry]) -> dict[str, bytes]:
        """What git would put into the work tree, with the filters for each path."""
        git, contents = self._repository.git, dict[str, bytes]()
        filtered = self._filtered(entries)
        for path, entry in entries.items():
            if path in filtered:
                contents[path] = git.ask("cat-file", "--filters", f"--path={path}", entry.oid)
            else:
                found = self._repository.objects.get(entry.oid, cap=MAX_SIZE, path=path)
                contents[path] = found.data if found is not None else b""
        return contents

    def _filtered(self, paths: Iterable[str]) -> frozenset[str]:
        """The paths that git may write otherwise than it stores them."""
        git = self._repository.git
        names = list(paths)
        if git.config.text("core.autocrlf") == "true" or git.config.text("core.eol") == "crlf":
            return frozenset(names)
        data = b"".join(os.fsencode(name) + b"\0" for name in names)
        words = git.ask("check-attr", "-z", "--stdin", *_FILTERING, stdin=data).split(b"\0")
        said = zip(words[::3], words[1::3], words[2::3], strict=False)
        plain = (b"unspecified", b"unset", b"lf")
        return frozenset(os.fsdecode(path) for path, _, value in said if value not in plain)

    # ------------------------------------------------------------------------------------------------------ what is known

    def _fetch(self) -> Failed | None:
        """Brings the remote's branch and those of incidents here. A branch that the remote has not yet is no failure."""
        route = self._route
        branches = f"+refs/heads/{INCIDENT_BRANCHES}*:{route.tracking(INCIDENT_BRANCHES)}*"
        main = f"+refs/heads/{route.branch}:{route.tracking(route.branch)}"
        if self._memory.known_tip(route.branch) is None:
            before = self._known(route.branch)
            if before is not None:
                self._memory.know(route.branch, before)
                self._memory.save()
        failed = fetch(self._repository, route.remote, [main, branches], timeout=self._left(), prune=True)
        for _ in range(5):
            if failed is None or failed.trouble is not Trouble.RACED or self._left() <= 0:
                break
            pause(0.01, 0.1)  # somebody else fetches into the same places
            failed = fetch(self._repository, route.remote, [main, branches], timeout=self._left(), prune=True)
        if failed is not None and failed.trouble is Trouble.MISSING:
            failed = fetch(self._repository, route.remote, [branches], timeout=self._left(), prune=True)
            if failed is None:
                self._repository.git.run("update-ref", "-d", route.tracking(route.branch), writes=True)
        if failed is not None and failed.trouble is Trouble.HUNG:
            self._memory.hung(self._now)
            self._memory.save()
        self._is_reached = self._is_reached or failed is None
        return failed

    def _known(self, branch: str) -> str | None:
        return self._repository.objects.commit_of(self._route.tracking(branch))

    def _live_branches(self) -> tuple[str, ...]:
        """The remote's branches of incidents that are not brought home yet."""
        return tuple(name for name in self._incident_branches() if not self._is_home(name))

    def _incident_branches(self) -> tuple[str, ...]:
        pattern = self._route.tracking(INCIDENT_BRANCHES)
        common = self._repository.common_dir
        is_in_files = not os.path.isdir(os.path.join(common, "reftable"))
        folder = os.path.join(common, *pattern.rstrip("/").split("/"))
        if is_in_files and not os.path.isdir(folder) and not _mentions(os.path.join(common, "packed-refs"), pattern):
            return ()  # most people have none, and pay no process for it
        out = self._repository.git.ask("for-each-ref", "--format=%(refname)", pattern)
        prefix = self._route.tracking("")
        return tuple(line.removeprefix(prefix) for line in os.fsdecode(out).splitlines())

    def _is_home(self, branch: str) -> bool:
        """Whether a branch of an incident has been merged into the record's branch there, in whatever way."""
        home, tip = self._known(self._route.branch), self._known(branch)
        if home is None or tip is None:
            return tip is None
        if (home, tip) not in self._homes:
            self._homes[home, tip] = self._merger.is_ancestor(tip, home) or self._is_said_in(home, tip)
        return self._homes[home, tip]

    def _is_said_in(self, home: str, tip: str) -> bool:
        """A request that was squashed: the words are there, the commits are not."""
        try:
            outcome = CommitMerger(self._repository, self._settings).merge(home, tip)
        except UnrelatedError:
            return False
        return outcome.is_clean and not outcome.changes

    def _remote_tips(self) -> list[str]:
        names = (self._route.branch, *self._live_branches())
        return [tip for name in names if (tip := self._known(name)) is not None]

    def _all_tips(self) -> list[str]:
        """Those of branches that are brought home as well: what they hold is with the others."""
        found = {self._known(branch): None for branch in (self._route.branch, *self._incident_branches())}
        return [tip for tip in found if tip is not None]

    def _tip(self) -> str | None:
        return self._repository.objects.commit_of(self._repository.ref)

    def _is_with_us(self, commit: str) -> bool:
        tip = self._tip()
        return tip is not None and self._merger.is_ancestor(commit, tip)

    def _is_with_others(self, tip: str | None) -> bool:
        return tip is None or (bool(self._remote_tips()) and not self._waiting_commits(tip))

    def _not_there(self, tip: str | None = None) -> list[LocalCommit]:
        """Our commits that no branch of the remote has, as far as known."""
        tip = tip or self._tip()
        return [] if tip is None else local_commits(self._repository, self._merger, tip, self._all_tips())

    def _local(self, tip: str | None = None) -> list[LocalCommit]:
        """Those of which no copy is there either."""
        return self._uncovered(self._not_there(tip))

    def _waiting_commits(self, tip: str | None = None) -> list[LocalCommit]:
        """The record's commits that no branch of the remote has, as far as known, also not as copies; without those that never go there."""
        return [each for each in self._local(tip) if each.paths and not each.is_merge and self._has_a_way(each)]

    def _has_a_way(self, commit: LocalCommit) -> bool:
        """Whether sharing publishes a commit; what is about no incident cannot go around a protected branch."""
        if not self._is_publishable(commit):
            return False
        is_protected = self._memory.is_protected(self._route.branch)
        return not is_protected or any(self._paths.incident(path) for path in commit.paths)

    # ----------------------------------------------------------------------------------------------------------- refusals

    def _demand_no_operation(self) -> None:
        operation = self._repository.refreshed().blocking
        if operation is not None:
            raise RepositoryError(operation.sentence, hint=f"{operation.hint}; then `ictl sync`")

    def _demand_same_history(self) -> None:
        """The remote may have taken back what we know of it, as after an erasure: then nothing of ours goes there unseen."""
        known, now, tip = self._memory.known_tip(self._route.branch), self._known(self._route.branch), self._tip()
        if known is not None and now is None and tip is not None and self._merger.is_ancestor(known, tip):
            raise _Rewritten(
                f"{self._route.remote} has no branch {self._route.branch} any more; nothing was shared",
                hint=f"if it is to be there again: `git push {self._route.remote} {self._repository.branch}`",
            )
        if known is None or now is None or tip is None or self._merger.is_ancestor(known, now):
            return
        if not self._merger.is_ancestor(known, tip):
            return  # taken over here already
        branch, name = self._repository.branch, self._route.name
        waits = local_commits(self._repository, self._merger, tip, (known, now))
        way = f"git rebase --onto {name} {known[:12]} {branch}" if waits else f"git reset --keep {name}"
        if not self._repository.checked_out:
            way = way if waits else f"git branch -f {branch} {name}"
        raise _Rewritten(
            f"the history of {name} was rewritten, perhaps to erase something; nothing was shared",
            hint=f"look with `git log {branch}..{name}`, then take it over with `{way}`",
        )

    def _demand_first_push(self, commits: Sequence[LocalCommit]) -> None:
        foreign = [each for each in commits if not self._is_publishable(each)]
        if foreign:
            raise RepositoryError(
                f"{self._route.remote} has no branch {self._route.branch} yet, and the one here holds more than the record: "
                f"{foreign[-1].oid[:12]} {foreign[-1].subject}",
                hint=f"publish it once as it is: `git push -u {self._route.remote} {self._repository.branch}`",
            )

    # -------------------------------------------------------------------------------------------------------------- small

    def _begin(self, timeout: float) -> None:
        self._until = time.monotonic() + timeout

    def _left(self) -> float:
        return self._until - time.monotonic()

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """One command shares at a time; the others write meanwhile. False where it is not our turn in time."""
        folder = self._repository.own_dir
        make_private_folder(folder)
        path = os.path.join(folder, "sharing.lock")
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            raise save_error(error, path) from None
        try:
            is_alone = self._take(handle)
            # What another one remembered while we waited counts.
            self._memory = SharingMemory(self._repository)
            self._merger = CommitMerger(self._repository, self._settings, self._memory)
            yield is_alone
        finally:
            os.close(handle)

    def _take(self, handle: int) -> bool:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if self._left() <= 0:
                    return False
                pause(0.005, 0.03)
            except OSError:
                return True  # a file system without locks: git still moves each branch by one at a time

    def _not_reached(self, failed: Failed) -> Shared:
        return self._shared(0, failed=failed)

    def _shared(
        self,
        pushed: int,
        *,
        received: bool = False,
        failed: Failed | None = None,
        behind: IncidentctlError | None = None,
    ) -> Shared:
        unpublished = [
            each for each in self._not_there() if each.paths and not each.is_merge and not self._has_a_way(each)
        ]
        return Shared(
            route=self._route,
            pushed=pushed,
            waiting=len(self._waiting_commits()),
            received=received,
            is_reached=self._is_reached,
            failed=failed,
            behind=behind,
            pushed_to=tuple(self._pushed_to),
            branches=self._live_branches(),
            unpublished=tuple(Unpublished(each.oid, each.subject) for each in unpublished),
            parted=tuple(self._parted.items()),
            discarded=tuple(self._discarded),
            notes=tuple(dict.fromkeys(self._notes)),
        )


def conflict_of(clashes: Sequence[Clash], merger: CommitMerger, prefix: str = "") -> ConflictError:
    """The error that shows both values of all that clashes, with the way out."""
    first = clashes[0]
    name = merger.paths.incident(first.path) or first.path
    plain = all(each.what.replace("_", "").isalnum() and not each.what.startswith("e:") for each in clashes)
    way = f"`ictl set {name} {first.what}=VALUE`" if plain else f"`ictl edit {name}`, which opens both"
    if not merger.paths.is_record(first.path):
        way = f"`ictl postmortem edit {name}`"
    return ConflictError(
        f"{prefix}{_both_values(clashes)}",
        hint=f"choose with {way}, then `ictl sync`",
        candidates=[f"{each.path}: {each.what}" for each in clashes],
    )


def _both_values(clashes: Sequence[Clash]) -> str:
    """What each side says."""
    parts = [
        f"{each.what} is {_value(each.ours, each.what)} here and {_value(each.theirs, each.what)} there"
        for each in clashes[:5]
    ]
    more = f", and {len(clashes) - 5} more" if len(clashes) > 5 else ""
    return f"{clashes[0].path}: " + "; ".join(parts) + more


def _value(text: str | None, what: str) -> str:
    """One side's value on one line, a key's without the key."""
    if text is None:
        return "removed"
    line = " ".join(text.removeprefix(f"{what}:").split())
    return repr(line if len(line) <= 120 else line[:119] + "…")


def _merge_message(
    subject: str, discarded: Sequence[str], parted: Sequence[tuple[str, str]], trailers: Sequence[str] = ()
) -> str:
    lines = [subject, ""]
    if discarded:
        lines += ["Left out by a rule:", *(f"- {' '.join(line.split())}" for line in discarded), ""]
    if parted:
        lines += ["Two incidents had one name:", *(f"- {old} is {new} from now on" for old, new in parted), ""]
    return "\n".join([*lines, *trailers]).rstrip() + "\n"


def _is_file(entry: TreeEntry | None) -> bool:
    return entry is None or entry.mode in ("100644", "100755")


def _mentions(path: str, words: str) -> bool:
    try:
        with open(path, "rb") as file:
            return words.encode() in file.read()
    except OSError:
        return False
