"""Checks of the clone: which repository it is, what git is in the middle of, locks, its file system, and our own folder in it."""

import errno
import fcntl
import os
import shlex
from collections.abc import Iterator

from incidentctl.errors import LockTimeoutError, RepositoryError
from incidentctl.store.commit import recover
from incidentctl.store.files import read_private, unsealed
from incidentctl.store.git import reason
from incidentctl.store.health.check import (
    Check,
    Finding,
    Findings,
    Group,
    age,
    count,
    mended,
    not_asked,
    to_know,
    to_mend,
    well,
)
from incidentctl.store.health.patient import Patient
from incidentctl.store.lock import Lock
from incidentctl.store.reading import incidents_folder
from incidentctl.store.repository import FoundBy, OperationKind, Repository, operation_in

MANY_LOOSE_OBJECTS = 6700
"""git's own measure for `git gc --auto`."""
_MOST_LOOKED_AT = 50_000
_MOST_CACHED = 256 << 20
_AT_WORK_S = 5.0
"""A lock that is younger may be that of a git at work."""
_LOCK_PATIENCE_S = 2.0
_LOCKS = ("index.lock", "HEAD.lock")
_SHARED_LOCKS = ("packed-refs.lock", "config.lock", "shallow.lock", os.path.join("reftable", "tables.list.lock"))


def repository(patient: Patient) -> Findings:
    """Which repository commands use here, and why that one."""
    if not patient.found:
        error = patient.missing
        yield to_mend(error.message, error.hint) if error else to_mend("no repository was found")
        return
    found = patient.repository
    kind = ", without a work tree" if found.bare else ""
    yield well(f"{found.place}{kind}, found by {_FOUND_BY[found.found_by]}")


_FOUND_BY = {
    FoundBy.OPTION: "-C",
    FoundBy.VARIABLE: "$INCIDENTCTL_REPO",
    FoundBy.ENCLOSING: "the folder that you are in",
    FoundBy.USER_SETTING: "your settings",
}


def branch(patient: Patient) -> Findings:
    """The branch that holds the record is there, and commits can be made on it."""
    found = patient.repository
    name, ref = found.branch, found.tip_ref
    damage = _damage_of(found)
    if damage is not None:
        yield to_mend(
            f"the last commit on {name} {damage}: nothing can be read or recorded",
            f"`git fsck` says what is lost; `git fetch` brings back what others have, `git reflog {shlex.quote(name)}` what was before",
        )
        return
    if ref is None:
        others = _branches_with_incidents(found, incidents_folder(patient.settings))
        if others and patient.settings.store.branch == name:
            yield to_mend(
                f"the settings say that the record is on {name}, which is no branch here or at a remote",
                f"correct `branch` under [store] in incidentctl.toml: {' or '.join(others)} has incidents",
            )
        else:
            yield to_know(
                f"nothing is committed on {name} yet", f"`incidentctl init {shlex.quote(found.place)}` prepares it"
            )
        return
    if ref != found.ref:
        remote = ref.removeprefix("refs/remotes/")
        if found.checked_out:
            yield to_mend(f"{name} has no commit here, but {remote} has", f"`git merge {shlex.quote(remote)}`")
        else:
            yield well(f"the record is on {remote}; the first write makes {name} here")
        return
    yield well(f"the record is on {name}, {_where_checked_out(found)}")


def _damage_of(found: Repository) -> str | None:
    """What is wrong with the commit that the branch names; None where there is no branch either."""
    listing = found.git.run("for-each-ref", "--format=%(refname) %(objectname)", "--", found.ref)
    oid = next((line.split(" ")[1] for line in listing.text.splitlines() if line.startswith(f"{found.ref} ")), None)
    if oid is None:
        return None
    try:
        commit, tree = found.objects.commit_of(oid), found.objects.tree(f"{oid}^{{tree}}")
    except RepositoryError as error:
        return f"cannot be read ({error.message})"
    return "is not there, or is damaged" if commit is None or tree is None else None


def _where_checked_out(found: Repository) -> str:
    if found.checked_out:
        return f"checked out in {found.work_tree}" if found.elsewhere else "checked out"
    if found.bare:
        return "not checked out: commands write on its tip"
    here = found.head_branch or "no branch (HEAD is detached)"
    return f"not checked out: commands write on its tip, and the work tree is on {here}"


def _branches_with_incidents(found: Repository, folder: str) -> list[str]:
    names = found.git.run("for-each-ref", "--format=%(refname:short)", "--count=20", "refs/heads").text.split()
    return [name for name in names if found.objects.tree(f"refs/heads/{name}:{folder}") is not None]


def operation(patient: Patient) -> Findings:
    """A merge or rebase that is not finished keeps words from being committed."""
    found = patient.repository
    blocking = found.blocking
    for place, git_dir in patient.git_dirs:
        under_way = operation_in(git_dir, place)
        if under_way is None:
            continue
        kind = f"{'an' if under_way.kind.value[0] in 'aeiou' else 'a'} {under_way.kind.value}"
        where = under_way.hint.replace("`git ", f"`git -C {shlex.quote(place)} ")
        if blocking is not None and blocking.place == place:
            yield to_mend(f"{kind} is in progress in {place}: words are saved, and not committed", where)
        elif under_way.kind is not OperationKind.BISECT:
            yield to_know(f"{kind} is in progress in {place}; it keeps no command from committing", where)


def depth(patient: Patient) -> Findings:
    """Metrics need the whole history, and hand edits look into it."""
    found = patient.repository
    config = found.git.config
    if found.shallow:
        yield to_know(
            "the clone is shallow: what needs history is refused, or not checked",
            "`git fetch --unshallow`; in CI, `fetch-depth: 0`",
        )
    for key in config.names():
        if key.startswith("remote.") and key.endswith(".partialclonefilter"):
            remote = key.removeprefix("remote.").removesuffix(".partialclonefilter")
            yield to_know(
                "the clone is partial: old files are fetched when they are read, so it does not work offline",
                f"`git config --unset {shlex.quote(key)}`, then `git fetch --refetch {shlex.quote(remote)}`",
            )


def own_lock(patient: Patient) -> Findings:
    """One incidentctl at a time writes in a clone."""
    path = os.path.join(patient.repository.own_dir, "lock")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        facts, pid = os.fstat(handle), os.pread(handle, 20, 0).decode("ascii", "replace")
        yield _held_by(pid if pid.isdigit() else "", patient.now.timestamp() - facts.st_mtime)
    except OSError:
        return  # a file system without locks, which another check says
    finally:
        os.close(handle)


def _held_by(pid: str, seconds: float) -> Finding:
    """Who has our lock. A process that is stopped holds it until somebody wakes it."""
    who = f"process {pid}" if pid else "another process"
    if _is_stopped(pid):
        return to_mend(f"{who} holds our lock for {age(seconds)} and is stopped", f"`fg` in its shell, or `kill {pid}`")
    if seconds < _AT_WORK_S:
        return well(f"{who} is writing just now")
    return to_know(f"{who} holds our lock for {age(seconds)}: others wait for it", f"`ps -fp {pid}`" if pid else None)


def _is_stopped(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[:1] in ([b"T"], [b"t"])
    except OSError:
        return False


def git_locks(patient: Patient) -> Findings:
    """A git that was killed leaves a lock, and every later commit fails."""
    if patient.fix and (os.path.isdir(patient.repository.own_dir)):
        yield from _recovered(patient)
    for lock in locks_of(patient):
        try:
            seconds = patient.now.timestamp() - os.lstat(lock).st_mtime
        except OSError:
            continue
        remove = f"if no git is running any more: `rm {shlex.quote(lock)}`"
        if abs(seconds) < _AT_WORK_S:  # our clock counts whole seconds: a lock of this moment may be ahead
            yield to_know(f"{lock} is there for {age(seconds)}: a git may be at work", "look again in a moment")
        elif patient.fix:
            yield to_mend(f"{lock} is there for {age(seconds)}, and nothing proves that it is ours", remove)
        else:
            yield to_mend(
                f"{lock} is there for {age(seconds)}",
                f"`incidentctl doctor --fix`, which removes it where a killed incidentctl left it; else, {remove}",
            )


def _recovered(patient: Patient) -> Iterator[Finding]:
    """What a killed incidentctl left, removed by its own proof; no lock of others is touched."""
    behind = os.path.join(patient.repository.own_dir, "index-behind")
    was_behind = os.path.exists(behind)
    try:
        with Lock(patient.repository.own_dir).held(timeout=_LOCK_PATIENCE_S):
            yield from (mended(note) for note in recover(patient.repository.refreshed()))
        if was_behind and not os.path.exists(behind):
            yield mended("git's index shows the last commits of the record again")
    except LockTimeoutError as error:
        yield to_know(f"locks were not mended: {error.message}", error.hint)


def locks_of(patient: Patient) -> list[str]:
    """Every lock of git in the clone that is there: of its work trees, its refs, and what they share."""
    common = patient.repository.common_dir
    found = [os.path.join(git_dir, name) for _, git_dir in patient.git_dirs for name in _LOCKS]
    found += [os.path.join(common, name) for name in _SHARED_LOCKS]
    for folder, _, names in os.walk(os.path.join(common, "refs")):
        found += [os.path.join(folder, name) for name in names if name.endswith(".lock")]
    return sorted(path for path in found if os.path.lexists(path))


def index(patient: Patient) -> Findings:
    """`git status` and the user's next commit go by the index."""
    found = patient.repository
    if found.bare:
        yield not_asked("there is no work tree")
        return
    answer = found.git.run("--literal-pathspecs", "ls-files", "-z", "--", "incidentctl.toml")
    path = os.path.join(found.git_dir, "index")
    if answer.code != 0:
        yield to_mend(
            f"git's index cannot be read ({reason(answer.err)}): records are committed, and your own work is not",
            f"`rm {shlex.quote(path)} && git reset`: files stay as they are, what was staged is to be staged again",
        )
    elif os.path.exists(os.path.join(found.own_dir, "index-behind")):
        yield to_know(
            "git's index does not show a commit of the record yet, since a git was at work: `git status` looks odd",
            "`incidentctl doctor --fix`, or the next command, brings it in line",
        )


def file_system(patient: Patient) -> Findings:
    """Locks keep two commands apart; names that differ only in case must stay two."""
    common = patient.repository.common_dir
    yield from judge_file_system(common, locks=_locks_work(common), folds_case=_folds_case(common))


def judge_file_system(place: str, *, locks: bool, folds_case: bool) -> Findings:
    """Of what it can do."""
    if not locks:
        yield to_mend(
            f"the file system of {place} has no locks: two commands at once may get in each other's way",
            "move the clone to a local disk",
        )
    if folds_case:
        yield well(f"the file system of {place} takes upper and lower case for the same; ids are lower case only")


def _locks_work(folder: str) -> bool:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
    finally:
        os.close(handle)
    return True


def _folds_case(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "hEAD"))


def own_folder(patient: Patient) -> Findings:
    """What is typed is saved there before anything else."""
    found = patient.repository
    for path in (found.own_dir, os.path.join(found.own_dir, "spool"), os.path.join(found.own_dir, "cache")):
        if os.path.lexists(path) and not os.path.isdir(path):
            yield to_mend(
                f"{path} is a file where our folder should be",
                f"look at it, then `mv {shlex.quote(path)} {shlex.quote(path + '.old')}`",
            )
        elif os.path.isdir(path) and not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            yield to_mend(f"{path} is not writable for you", f"`sudo chown -R $(id -un) {shlex.quote(path)}`")
    if not os.path.lexists(found.own_dir) and not os.access(found.common_dir, os.W_OK | os.X_OK):
        yield to_mend(f"{found.common_dir} is not writable for you", "nothing can be recorded until it is")
    objects = os.path.join(found.common_dir, "objects")
    if os.path.isdir(objects) and not os.access(objects, os.W_OK | os.X_OK):
        yield to_mend(f"{objects} is not writable for you", "words are saved, and not committed, until it is")


def cache(patient: Patient) -> Findings:
    """It makes reading quick, and is safe to delete."""
    folder = os.path.join(patient.repository.own_dir, "cache")
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        if unsealed(read_private(path, cap=_MOST_CACHED)) is not None:
            continue
        if patient.fix and os.path.isfile(path):
            os.unlink(path)
            yield mended(f"removed {path}, which could not be read; the next command makes it anew")
        else:
            yield to_know(f"{path} cannot be read: commands are slower", f"`rm -r {shlex.quote(path)}`, which is safe")


def loose_objects(patient: Patient) -> Findings:
    """git packs what has piled up; where that is turned off, each command gets slower. A power cut leaves empty ones."""
    yield from judge_loose_objects(*loose_objects_in(os.path.join(patient.repository.common_dir, "objects")))


def judge_loose_objects(number: int, empty: int) -> Findings:
    """Of how many there are, and how many of them hold nothing."""
    if empty:
        yield to_mend(
            f"{count(empty, 'object is', 'objects are')} empty, as a power cut leaves them: what was in them is lost here",
            "`git fsck` names them; remove those files, then `git fetch` brings back what others have",
        )
    if number > MANY_LOOSE_OBJECTS:
        yield to_know(f"{number:,} objects are not packed: git gets slow", "`git gc`")
    elif not empty:
        yield well(f"{count(number, 'object is', 'objects are')} not packed")


def loose_objects_in(folder: str) -> tuple[int, int]:
    """How many there are, and how many of them hold nothing."""
    number = empty = 0
    for first in range(256):
        try:
            with os.scandir(os.path.join(folder, f"{first:02x}")) as entries:
                for entry in entries:
                    number += 1
                    empty += number < _MOST_LOOKED_AT and entry.stat(follow_symlinks=False).st_size == 0
        except OSError:
            continue
    return number, empty


def alternates(patient: Patient) -> Findings:
    """A clone that borrows its objects from another one breaks when that is gone."""
    objects = os.path.join(patient.repository.common_dir, "objects")
    try:
        with open(os.path.join(objects, "info", "alternates"), "rb") as file:
            lines = [os.fsdecode(line.strip()) for line in file if line.strip() and not line.startswith(b"#")]
    except OSError:
        yield not_asked("the clone has all its objects itself")
        return
    for line in lines:
        place = os.path.normpath(os.path.join(objects, line))
        if os.path.isdir(place):
            yield to_know(
                f"objects are borrowed from {place}", "`git repack -a -d`, then remove .git/objects/info/alternates"
            )
        else:
            yield to_mend(f"objects are borrowed from {place}, which is not there", "put it back, or clone again")


CHECKS = (
    Check(
        "repository", Group.CLONE,
        "A repository of incidents is found: by `-C`, `$INCIDENTCTL_REPO`, the folder that you are in, or your settings.",
        repository,
        needs_repository=False,
    ),
    Check("branch", Group.CLONE, "The branch of the record is there, and its last commit can be read.", branch),
    Check("operation", Group.CLONE, "No merge, rebase or the like is unfinished, in any work tree.", operation),
    Check("depth", Group.CLONE, "The clone is neither shallow nor partial.", depth),
    Check("own-lock", Group.CLONE, "No stopped incidentctl holds our lock.", own_lock),
    Check(
        "git-locks", Group.CLONE, "No git that was killed has left a lock: of the index, HEAD, a branch, or packed refs.",
        git_locks, mends="removes those that a killed incidentctl left, where our journal proves it",
    ),
    Check("index", Group.CLONE, "git's index can be read, and shows the record's commits.", index, mends="brings it in line"),
    Check("file-system", Group.CLONE, "Locks work where the clone is.", file_system),
    Check("own-folder", Group.CLONE, "Our folder in the git directory can be written.", own_folder),
    Check("cache", Group.CLONE, "The cache can be read.", cache, mends="removes what cannot be read"),
    Check("loose-objects", Group.CLONE, "No object is empty, and not more than 6,700 wait to be packed.", loose_objects),
    Check("borrowed-objects", Group.CLONE, "Where objects are borrowed from another clone, that is there.", alternates),
)  # fmt: skip
