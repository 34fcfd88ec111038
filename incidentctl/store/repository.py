"""Finds the repository of incidents and says what state it is in. Never makes or changes anything, except `init_repository`."""

import os
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Final, Literal, Self

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.errors import RepositoryError
from incidentctl.store.files import OutsideError, SaveError, TooLargeError, read_file, save_error
from incidentctl.store.git import Answer, Git, GitError, expand_home, reason
from incidentctl.store.objects import Objects, Tip

SETTINGS_FILE: Final = "incidentctl.toml"
INCIDENTS_FOLDER: Final = "incidents"
POSTMORTEM_BRANCHES: Final = "postmortem/"
"""What the names of the branches begin with on which post-mortems are written: never the record's own."""
MERGE_DRIVER: Final = "merge.incidentctl.driver"
"""git's setting with the command that merges the files which `.gitattributes` gives to it."""
_USUAL_BRANCHES: Final = ("main", "master", "incidents")
_SETTINGS_CAP: Final = 1 << 20
_SHOULD_BE: Final = "incidentctl init ~/incidents"

# Gives `[store] branch` of a settings text, None where it is not set. Must not raise: a broken text is somebody else's to report.
BranchSetting = Callable[[str], str | None]


class FoundBy(Enum):
    """Which of the places where a repository is looked for had it."""

    OPTION = "-C"
    VARIABLE = "$INCIDENTCTL_REPO"
    ENCLOSING = "the folder"
    USER_SETTING = "your settings"


class OperationKind(Enum):
    """What git may be in the middle of; the value is the word for it."""

    REBASE = "rebase"
    AM = "am"
    MERGE = "merge"
    CHERRY_PICK = "cherry-pick"
    REVERT = "revert"
    BISECT = "bisect"


class Operation(Struct, frozen=True):
    """Something that git was asked to do and has not finished. `branches`: those that it will move; `place`: the work tree."""

    kind: OperationKind
    branches: tuple[str, ...]
    place: str

    @property
    def sentence(self) -> str:
        """What is so."""
        article = "an" if self.kind.value[0] in "aeiou" else "a"
        return f"{article} {self.kind.value} is in progress"

    @property
    def hint(self) -> str:
        """How to end it."""
        verb = self.kind.value
        if self.kind is OperationKind.BISECT:
            return "end it with `git bisect reset`"
        return f"finish it with `git {verb} --continue` or drop it with `git {verb} --abort`"


class Repository(Struct, frozen=True):
    """A repository and its state at one moment; `refreshed` looks again."""

    found_by: FoundBy
    place: str
    """Where to send somebody: the top of the work tree, or the git directory of a bare repository."""
    work_tree: str | None
    """The work tree that has the record's branch checked out; else the one in which we were called; None when bare."""
    git_dir: str
    """The git directory of that work tree."""
    common_dir: str
    object_format: Literal["sha1", "sha256"]
    head_branch: str | None
    """The branch checked out there, None when none is (detached)."""
    branch: str
    """The record's branch."""
    tip_ref: str | None
    """Where the record's last commit is: the branch, or the remote's while there is no local one; None when nothing is committed yet."""
    elsewhere: bool
    """The branch is checked out in another linked work tree, and `work_tree` is that one."""
    operation: Operation | None
    """What git is in the middle of in `work_tree`."""
    blocking: Operation | None
    """What git is in the middle of, anywhere in this clone, and that would trip over a new commit on the record's branch."""
    git: Git
    objects: Objects
    _facts: "_Facts"

    @property
    def own_dir(self) -> str:
        """Our folder in the git directory, shared by all work trees of the clone; made by the first who writes there."""
        return os.path.join(self.common_dir, "incidentctl")

    @property
    def objects_folder(self) -> str:
        """Where git keeps the objects of this clone."""
        return os.path.join(self.common_dir, "objects")

    @property
    def checked_out(self) -> bool:
        """Whether files are read and written in `work_tree`; otherwise the branch's tip is all there is."""
        return self.work_tree is not None and self.head_branch == self.branch

    @property
    def bare(self) -> bool:
        """Whether there is no work tree at all."""
        return self.work_tree is None

    @property
    def unborn(self) -> bool:
        """Whether the record's branch has no commit yet, here or at the remote."""
        return self.tip_ref is None

    @property
    def shallow(self) -> bool:
        """Whether history was cut off when this was cloned."""
        return os.path.exists(os.path.join(self.common_dir, "shallow"))

    @property
    def promisor(self) -> str | None:
        """The remote at which a partial clone has left files of old commits; None in a whole one."""
        config = self.git.config
        for name in config.names():
            if name.startswith("remote.") and name.endswith(".promisor") and config.flag(name):
                return name.removeprefix("remote.").removesuffix(".promisor")
        return config.text("extensions.partialclone")

    @property
    def has_remote(self) -> bool:
        """Whether there is anything to share with. Asked after each write: it starts nothing, since a write has read git's settings."""
        return any(name.startswith("remote.") and name.endswith(".url") for name in self.git.config.names())

    @property
    def ref(self) -> str:
        """The full name of the record's branch."""
        return f"refs/heads/{self.branch}"

    def tip(self) -> Tip:
        """The branch as it is now."""
        return Tip(_commit_at(self.objects, self.common_dir, self.branch)[1], self.objects)

    def on_branch(self, branch: str) -> Self:
        """The same repository as it is now, with another branch in the place of the record's: for files that are not the record."""
        return replace(self, branch=branch).refreshed()

    @property
    def called_in(self) -> str | None:
        """The work tree in which we were called, whatever is checked out there; None where there is none."""
        return self._facts.work_tree

    @property
    def head_here(self) -> str | None:
        """The branch checked out where we were called, None when none is (detached). Looked up afresh."""
        return _branch_in_head(self._facts.git_dir, self._facts)

    @property
    def operation_here(self) -> Operation | None:
        """What git is in the middle of where we were called."""
        return operation_in(self._facts.git_dir, self._facts.place)

    @property
    def git_here(self) -> Git:
        """git in the work tree in which we were called."""
        return _git_for(self._facts, self._facts.work_tree, self._facts.git_dir)

    @property
    def branch_outlives_a_switch(self) -> bool:
        """Whether the record's branch is found from any other branch as well, though no setting names it."""
        return self.branch in _USUAL_BRANCHES or _remote_default(self._facts) is not None

    @property
    def merges_by_meaning(self) -> bool:
        """Whether git in this clone knows how the record is merged: `store/merge_driver.py` tells it."""
        return self.git.config.text(MERGE_DRIVER) is not None

    def path(self, path: str) -> str:
        """Where a file of the repository is in the work tree."""
        if self.work_tree is None:
            raise RuntimeError("a bare repository has no files")
        return os.path.join(self.work_tree, path)

    def refreshed(self) -> Self:
        """The same repository as it is now: after waiting for the lock another branch may be checked out, or a rebase begun."""
        state = _state(self._facts, self.branch, self.objects)
        if state.git_dir == self.git_dir:
            state = replace(state, git=self.git)
        return replace(
            self,
            work_tree=state.work_tree,
            git_dir=state.git_dir,
            head_branch=state.head_branch,
            tip_ref=state.tip_ref,
            elsewhere=state.elsewhere,
            operation=state.operation,
            blocking=state.blocking,
            git=state.git,
        )

    def close(self) -> None:
        """Ends the git that answers questions."""
        self.objects.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()


def find_repository(
    *,
    explicit: str | None,
    environ: Mapping[str, str],
    cwd: str,
    user_repository: str | None,
    branch_setting: BranchSetting | None = None,
) -> Repository:
    """The repository by `-C` (`explicit`), `$INCIDENTCTL_REPO`, the folder that we are in, or the user's own setting, in this order.

    The folder that we are in counts only when its repository has `incidentctl.toml` or `incidents/`, in the work tree or on the record's
    branch; for the others it is an error when they have not. RepositoryError with the `init` line when there is none.
    """
    setting = branch_setting or _no_setting
    named = (
        (explicit, FoundBy.OPTION),
        (environ.get("INCIDENTCTL_REPO") or None, FoundBy.VARIABLE),
    )
    for place, found_by in named:
        if place is not None:
            return _named(os.path.join(cwd, expand_home(place, environ)), found_by, environ, setting)
    here = _enclosing(cwd, environ, setting)
    if here is not None:
        return here
    if user_repository:
        return _named(os.path.join(cwd, expand_home(user_repository, environ)), FoundBy.USER_SETTING, environ, setting)
    raise RepositoryError(
        "no repository of incidents here, and none in your settings", hint=f"`{_SHOULD_BE}` makes one"
    )


def init_repository(
    path: str, *, environ: Mapping[str, str], branch_setting: BranchSetting | None = None
) -> Repository:
    """The repository at `path` for `init`: the one that is there, as it is, or a new one.

    A folder that is new or empty gets a repository of its own, also inside another one; any other folder belongs to the repository around
    it. Nothing is committed. SaveError where the folder cannot be made.
    """
    path = os.path.abspath(path)
    try:
        os.makedirs(path, exist_ok=True)
    except FileExistsError:
        raise RepositoryError(f"{path} is a file", hint="name a folder") from None
    except OSError as error:
        raise save_error(error, path) from None
    there = repository_at(path, environ=environ, branch_setting=branch_setting)
    if there is not None:
        return there
    git = Git(path, environ=environ)
    chosen = git.run("config", "--get", "init.defaultBranch").text
    arguments = ["init", "--quiet"] if chosen else ["-c", "init.defaultBranch=main", "init", "--quiet"]
    answer = git.run(*arguments)
    if answer.code != 0:
        if (
            b"Permission denied" in answer.err
            or b"Read-only file system" in answer.err
            or b"No space left" in answer.err
        ):
            raise SaveError(f"cannot make a repository in {path}: {reason(answer.err)}")
        raise GitError(arguments, answer)
    facts = _facts_at(path, environ)
    assert facts is not None
    return _open(facts, FoundBy.OPTION, branch_setting or _no_setting)


def repository_at(
    path: str, *, environ: Mapping[str, str], branch_setting: BranchSetting | None = None
) -> Repository | None:
    """The repository that `init_repository` would take as it is; None where it would make one. Makes nothing itself."""
    try:
        empty = not os.listdir(path)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise RepositoryError(f"{path} is a file", hint="name a folder") from None
    except OSError as error:
        raise save_error(error, path) from None
    facts = None if empty else _facts_at(path, environ)
    return _open(facts, FoundBy.OPTION, branch_setting or _no_setting) if facts is not None else None


def read_settings_text(repository: Repository) -> tuple[str | None, str]:
    """The text of `incidentctl.toml` and where it is, for messages; None when there is none.

    The work tree's when the record's branch is checked out; otherwise the one on the branch. The other of the two where the first has none.
    """
    on_branch = f"{SETTINGS_FILE} on {repository.branch}"

    def from_work_tree() -> str | None:
        return (
            _text(read_file(repository.work_tree, SETTINGS_FILE, cap=_SETTINGS_CAP))
            if repository.work_tree is not None
            else None
        )

    def from_branch() -> str | None:
        return _text(repository.tip().read(SETTINGS_FILE, cap=_SETTINGS_CAP))

    if repository.checked_out:
        text = from_work_tree()
        if text is not None:
            return text, SETTINGS_FILE
        text = from_branch()
        return text, on_branch if text is not None else SETTINGS_FILE
    text = from_branch()
    if text is not None:
        return text, on_branch
    return from_work_tree(), SETTINGS_FILE


def read_settings_beside(repository: Repository) -> str | None:
    """The text of the settings in the work tree in which we were called, where another branch than the record's is checked out.

    What documents are held against is what stands beside them, in the same change. None where there is nothing beside the
    settings of the record.
    """
    here = repository.called_in
    if here is None or (repository.checked_out and here == repository.work_tree):
        return None
    return _text(read_file(here, SETTINGS_FILE, cap=_SETTINGS_CAP))


def operation_in(git_dir: str, place: str) -> Operation | None:
    """What git is in the middle of in the work tree that has this git directory."""
    try:
        names = set(os.listdir(git_dir))
    except OSError:
        return None
    if "rebase-merge" in names:
        folder = os.path.join(git_dir, "rebase-merge")
        moved = (_first_line(os.path.join(folder, "head-name")), *_update_refs(folder))
        return Operation(OperationKind.REBASE, _branches(moved), place)
    if "rebase-apply" in names:
        folder = os.path.join(git_dir, "rebase-apply")
        if os.path.exists(os.path.join(folder, "applying")):
            return Operation(OperationKind.AM, (), place)
        return Operation(OperationKind.REBASE, _branches((_first_line(os.path.join(folder, "head-name")),)), place)
    for name, kind in (
        ("MERGE_HEAD", OperationKind.MERGE),
        ("CHERRY_PICK_HEAD", OperationKind.CHERRY_PICK),
        ("REVERT_HEAD", OperationKind.REVERT),
    ):
        if name in names:
            return Operation(kind, (), place)
    if "sequencer" in names:
        # Between two picks of a series there is no CHERRY_PICK_HEAD.
        todo = _first_line(os.path.join(git_dir, "sequencer", "todo"))
        if todo:
            return Operation(
                OperationKind.REVERT if todo.startswith("revert") else OperationKind.CHERRY_PICK, (), place
            )
    return Operation(OperationKind.BISECT, (), place) if "BISECT_LOG" in names else None


class _Facts(Struct, frozen=True):
    """What git said about a folder."""

    work_tree: str | None
    git_dir: str
    common_dir: str
    object_format: Literal["sha1", "sha256"]
    environ: Mapping[str, str]

    @property
    def place(self) -> str:
        return self.work_tree or self.git_dir


class _State(Struct, frozen=True):
    """What can change while we wait."""

    work_tree: str | None
    git_dir: str
    head_branch: str | None
    tip_ref: str | None
    elsewhere: bool
    operation: Operation | None
    blocking: Operation | None
    git: Git


def _no_setting(text: str) -> str | None:
    return None


def _named(folder: str, found_by: FoundBy, environ: Mapping[str, str], setting: BranchSetting) -> Repository:
    """The repository that somebody named; what is wrong with it is said, never passed over."""
    folder = os.path.normpath(folder)
    source = f" ({found_by.value})"
    if not os.path.isdir(folder):
        missing = "is not a folder" if os.path.exists(folder) else "does not exist"
        raise RepositoryError(
            f"{folder} {missing}{source}",
            hint=f"`incidentctl init {_quoted(folder)}` makes a repository of incidents there",
        )
    facts = _facts_at(folder, environ)
    if facts is None:
        broken = _git_above(folder)
        if broken is not None:
            raise _no_repository(broken)
        raise RepositoryError(
            f"{folder} is not in a git repository{source}",
            hint=f"`incidentctl init {_quoted(folder)}` makes a repository of incidents there",
        )
    repository = _open(facts, found_by, setting)
    if not _has_incidents(repository):
        repository.close()
        raise RepositoryError(
            f"{repository.place} has no incidents: neither {SETTINGS_FILE} nor {INCIDENTS_FOLDER}/{source}",
            hint=f"`incidentctl init {_quoted(repository.place)}` prepares it",
        )
    return repository


def _enclosing(cwd: str, environ: Mapping[str, str], setting: BranchSetting) -> Repository | None:
    try:
        facts = _facts_at(cwd, environ)
        broken = _git_above(cwd) if facts is None else None
        if broken is not None and _marked(broken):
            raise _no_repository(broken)
    except GitError:
        # One that git does not trust, or cannot read: a stop when it is one of incidents, so that a word never lands in another.
        if _marked_above(cwd):
            raise
        return None
    if facts is None:
        return None
    outer = _work_tree_above(facts)
    if outer is not None:
        raise RepositoryError(
            f"{facts.git_dir} is a bare repository inside the one of {outer}: it may have come with a branch",
            hint="its hooks and settings would run programs; if it is yours, name it with `-C`",
        )
    repository = _open(facts, FoundBy.ENCLOSING, setting)
    if _has_incidents(repository):
        return repository
    repository.close()
    return None


def _work_tree_above(facts: _Facts) -> str | None:
    """The work tree in which a bare repository lies as a folder like any other, so that a commit can bring it along."""
    if facts.work_tree is not None:
        return None
    folder, name = os.path.split(facts.common_dir)
    while name and name != ".git":
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        folder, name = os.path.split(folder)
    return None


def _marked_above(folder: str) -> bool:
    top = _git_above(folder)
    return top is not None and _marked(top)


def _marked(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, SETTINGS_FILE)) or os.path.isdir(os.path.join(folder, INCIDENTS_FOLDER))


def _git_above(folder: str) -> str | None:
    """The nearest folder with a `.git`, whatever git thinks of it."""
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def _no_repository(folder: str) -> RepositoryError:
    return RepositoryError(
        f"{folder} has a .git that git does not take for a repository",
        hint="its HEAD is damaged; or its repository was moved: there, `git worktree repair FOLDER` mends a linked work tree",
    )


def _has_incidents(repository: Repository) -> bool:
    if repository.work_tree is not None and _marked(repository.work_tree):
        return True
    return _commit_has(repository.objects, repository.tip().commit)


def _commit_has(objects: Objects, commit: str | None) -> bool:
    return commit is not None and any(
        objects.get(f"{commit}:{name}") is not None for name in (SETTINGS_FILE, INCIDENTS_FOLDER)
    )


def _facts_at(folder: str, environ: Mapping[str, str]) -> _Facts | None:
    """What git says about a folder, None when it is not in a repository. GitError for one that git refuses to look into."""
    git = Git(folder, environ=environ)
    arguments = (
        "rev-parse",
        "--is-bare-repository",
        "--show-object-format",
        "--absolute-git-dir",
        "--git-common-dir",
        "--show-toplevel",
    )
    answer = git.run(*arguments)
    lines = os.fsdecode(answer.out).splitlines()
    if len(lines) < 4:
        if b"not a git repository" in answer.err or b"not in a git directory" in answer.err:
            return None
        raise GitError(arguments, answer)
    if len(lines) > 5:
        raise RepositoryError(f"the repository's folder has a line break in its name: {folder!r}", hint="rename it")
    git_dir = lines[2]
    common_dir = os.path.normpath(os.path.join(folder, lines[3]))
    top: str | None = lines[4] if len(lines) == 5 and answer.code == 0 else None
    if top is None and lines[0] == "false" and os.path.basename(git_dir) == ".git":
        # Called from inside the git directory.
        top = os.path.dirname(git_dir)
    return _Facts(top, git_dir, common_dir, "sha256" if lines[1] == "sha256" else "sha1", dict(environ))


def _open(facts: _Facts, found_by: FoundBy, setting: BranchSetting) -> Repository:
    objects = Objects(_git_for(facts, facts.work_tree, facts.git_dir))
    try:
        branch = _record_branch(facts, objects, setting)
        state = _state(facts, branch, objects)
    except BaseException:
        objects.close()
        raise
    return Repository(
        found_by=found_by,
        place=facts.place,
        work_tree=state.work_tree,
        git_dir=state.git_dir,
        common_dir=facts.common_dir,
        object_format=facts.object_format,
        head_branch=state.head_branch,
        branch=branch,
        tip_ref=state.tip_ref,
        elsewhere=state.elsewhere,
        operation=state.operation,
        blocking=state.blocking,
        git=state.git,
        objects=objects,
        _facts=facts,
    )


def _git_for(facts: _Facts, work_tree: str | None, git_dir: str) -> Git:
    if work_tree is None:
        return Git(git_dir, environ=facts.environ, prefix=(f"--git-dir={git_dir}",))
    if os.path.exists(os.path.join(work_tree, ".git")):
        return Git(work_tree, environ=facts.environ)
    # core.worktree points here from elsewhere: git would not find its way back.
    return Git(work_tree, environ=facts.environ, prefix=(f"--git-dir={git_dir}", f"--work-tree={work_tree}"))


def _record_branch(facts: _Facts, objects: Objects, setting: BranchSetting) -> str:
    """The branch that the settings name; else the remote's default branch; else the first that has incidents; else the one checked out."""
    if facts.work_tree is not None:
        try:
            text = _text(read_file(facts.work_tree, SETTINGS_FILE, cap=_SETTINGS_CAP))
        except (OutsideError, SaveError, TooLargeError):
            text = None
        chosen = setting(text) if text is not None else None
        if chosen is not None:
            return _checked_branch(chosen, SETTINGS_FILE)
    head, remote_default = _branch_in_head(facts.git_dir, facts), _remote_default(facts)
    if head is not None and head.startswith(POSTMORTEM_BRANCHES):
        head = None
    candidates = [name for name in (remote_default, head, *_USUAL_BRANCHES) if name is not None]
    for name in dict.fromkeys(candidates):
        commit = _commit_at(objects, facts.common_dir, name)[1]
        if not _commit_has(objects, commit):
            continue
        try:
            found = objects.get(f"{commit}:{SETTINGS_FILE}", cap=_SETTINGS_CAP)
        except TooLargeError:
            found = None
        chosen = setting(_text(found.data) or "") if found is not None and found.kind == "blob" else None
        if chosen is not None:
            return _checked_branch(chosen, f"{SETTINGS_FILE} on {name}")
        return remote_default or name
    return remote_default or head or "main"


def _checked_branch(name: str, where: str) -> str:
    """git's rules for the name of a branch, so that a settings file can never make it an option or a path."""
    bad = (
        not name
        or name.startswith(("-", "/", "refs/"))
        or name == "HEAD"
        or name.endswith(("/", "."))
        or any(part.startswith(".") or part.endswith(".lock") or not part for part in name.split("/"))
        or ".." in name
        or "@{" in name
        or name == "@"
        or any(c in " ~^:?*[\\\x7f" or ord(c) < 32 for c in name)
    )
    if bad:
        raise RepositoryError(
            f"{where}: [store] branch: {name!r} is not the name of a branch", hint="write a name such as `main`"
        )
    return name


def _state(facts: _Facts, branch: str, objects: Objects) -> _State:
    work_tree, git_dir = facts.work_tree, facts.git_dir
    head_branch = _branch_in_head(git_dir, facts)
    places = list(_work_trees(facts))
    elsewhere = False
    if not (work_tree is not None and head_branch == branch):
        for other_tree, other_dir in places:
            if other_dir != git_dir and os.path.isdir(other_tree) and _branch_in_head(other_dir, facts) == branch:
                work_tree, git_dir, head_branch, elsewhere = other_tree, other_dir, branch, True
                break
    operation = operation_in(git_dir, work_tree or git_dir)
    blocking = None
    checked_out = work_tree is not None and head_branch == branch
    if (
        operation is not None
        and operation.kind is not OperationKind.BISECT
        and (checked_out or branch in operation.branches)
    ):
        blocking = operation
    for other_tree, other_dir in places:
        if blocking is None and other_dir != git_dir:
            other = operation_in(other_dir, other_tree)
            if other is not None and branch in other.branches:
                blocking = other
    return _State(
        work_tree=work_tree,
        git_dir=git_dir,
        head_branch=head_branch,
        tip_ref=_commit_at(objects, facts.common_dir, branch)[0],
        elsewhere=elsewhere,
        operation=operation,
        blocking=blocking,
        git=_git_for(facts, work_tree, git_dir),
    )


def _work_trees(facts: _Facts) -> Iterator[tuple[str, str]]:
    """Every work tree of the clone with its git directory, ours first. Read from files: most people pay no process for it."""
    yield from [(facts.work_tree, facts.git_dir)] if facts.work_tree is not None else []
    folder = os.path.join(facts.common_dir, "worktrees")
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    if facts.git_dir != facts.common_dir:
        main = _main_work_tree(facts)
        if main is not None:
            yield main, facts.common_dir
    for name in names:
        git_dir = os.path.join(folder, name)
        pointer = _first_line(os.path.join(git_dir, "gitdir"))
        if pointer and git_dir != facts.git_dir:
            yield os.path.dirname(os.path.normpath(os.path.join(git_dir, pointer))), git_dir


def _main_work_tree(facts: _Facts) -> str | None:
    config = Git(facts.common_dir, environ=facts.environ, prefix=(f"--git-dir={facts.common_dir}",)).config
    if config.flag("core.bare"):
        return None
    elsewhere = config.text("core.worktree")
    if elsewhere is not None:
        return os.path.normpath(os.path.join(facts.common_dir, elsewhere))
    return os.path.dirname(facts.common_dir)


def _branch_in_head(git_dir: str, facts: _Facts) -> str | None:
    """The branch that HEAD names, also one without a commit."""
    line = _first_line(os.path.join(git_dir, "HEAD")) or ""
    if line == "ref: refs/heads/.invalid":
        # Branches are not kept in files here (reftable): only git knows.
        answer = Git(git_dir, environ=facts.environ, prefix=(f"--git-dir={git_dir}",)).run(
            "symbolic-ref", "--quiet", "HEAD"
        )
        line = f"ref: {answer.text}"
    return (
        line.removeprefix("ref:").strip().removeprefix("refs/heads/") if line.startswith("ref: refs/heads/") else None
    )


def _remote_default(facts: _Facts) -> str | None:
    """The branch that the remote calls its default, as the clone noted it: `origin`'s, or that of the only other remote that says."""
    remotes = os.path.join(facts.common_dir, "refs", "remotes")
    if os.path.isdir(os.path.join(facts.common_dir, "reftable")):
        git = Git(facts.common_dir, environ=facts.environ, prefix=(f"--git-dir={facts.common_dir}",))
        answer: Answer = git.run("symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
        return answer.text.removeprefix("refs/remotes/origin/") or None
    try:
        names = sorted(os.listdir(remotes), key=lambda name: (name != "origin", name))
    except OSError:
        return None
    known = [(name, _first_line(os.path.join(remotes, name, "HEAD"))) for name in names]
    said = [
        (name, line.removeprefix("ref: ")) for name, line in known if line and line.startswith("ref: refs/remotes/")
    ]
    if not said or (said[0][0] != "origin" and len(said) > 1):
        return None
    remote, target = said[0]
    return target.removeprefix(f"refs/remotes/{remote}/")


def _commit_at(objects: Objects, common_dir: str, branch: str) -> tuple[str | None, str | None]:
    """The ref that has the branch, and its commit: the local branch, else the remote's of the same name."""
    commit = objects.commit_of(f"refs/heads/{branch}")
    if commit is not None:
        return f"refs/heads/{branch}", commit
    try:
        remotes = sorted(
            os.listdir(os.path.join(common_dir, "refs", "remotes")), key=lambda name: (name != "origin", name)
        )
    except OSError:
        remotes = []
    for remote in dict.fromkeys(("origin", *remotes)):
        commit = objects.commit_of(f"refs/remotes/{remote}/{branch}")
        if commit is not None:
            return f"refs/remotes/{remote}/{branch}", commit
    return None, None


def _update_refs(folder: str) -> tuple[str, ...]:
    """The branches that `git rebase --update-refs` will move at its end."""
    try:
        with open(os.path.join(folder, "update-refs"), encoding="utf-8", errors="surrogateescape") as file:
            return tuple(line.strip() for line in file if line.startswith("refs/"))
    except OSError:
        return ()


def _branches(refs: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(ref.removeprefix("refs/heads/") for ref in refs if ref is not None and ref.startswith("refs/heads/"))


def _first_line(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return os.fsdecode(file.readline(4096)).strip()
    except OSError:
        return None


def _text(data: bytes | None) -> str | None:
    return data.decode("utf-8-sig", "replace") if data is not None else None


def _quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)
