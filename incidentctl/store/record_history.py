"""Which commit made what of each file of the record: the whole history by file, kept in a cache and carried on from there. Judges nothing.

The cache is safe to delete, and never gives another answer: what it holds is of one tip, and is used for those alone that come from it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import DecodeError, Raw, Struct, ValidationError, msgpack

from incidentctl import __version__
from incidentctl.errors import IncidentctlError, RepositoryError
from incidentctl.stats.revision import Revision
from incidentctl.store.files import SaveError, read_private, sealed, unsealed, write_private
from incidentctl.store.git import Git
from incidentctl.store.repository import Repository
from incidentctl.store.walk import NO_GRAFTS, Commit, FileVersion, Walk, git_as_made

BATCH = 5
"""A commit that changes that many incidents at once says nothing of when each was recorded."""
_SKEW = 60
_MAX_CACHE = 1 << 30
_VERSION = f"{__version__}/1"
_NAME = "history.msgpack"


class Batch(Struct, frozen=True, array_like=True, gc=False):
    """A commit that changes many incidents."""

    commit: str
    at: int
    incidents: int


class _Kept(Struct, array_like=True):
    version: str
    tip: str
    folders: tuple[str, ...]
    walked: int
    commits: int
    skewed: tuple[str, ...]
    batches: tuple[Batch, ...]
    files: dict[str, Raw]


class RecordHistory(Struct, frozen=True):
    """The history of a tip. `walked` commits were read, `commits` of them changed a file of the record; `skewed` are of these.

    `raw` gives the revisions of a file as bytes: the same bytes for the same revisions, however they were found.
    """

    tip: str
    walked: int
    commits: int
    skewed: tuple[str, ...]
    batches: tuple[Batch, ...]
    _files: Mapping[str, Raw]

    @property
    def paths(self) -> Iterable[str]:
        """Every file that there ever was."""
        return self._files.keys()

    def raw(self, path: str) -> bytes:
        """What stands for the revisions of a file; empty for one that never was."""
        return bytes(self._files.get(path, b""))

    def revisions(self, path: str) -> tuple[Revision, ...]:
        """The commits that changed the file themselves, by (author date, id)."""
        found = self._files.get(path)
        return () if found is None else msgpack.decode(found, type=tuple[Revision, ...])


def read_history(
    repository: Repository,
    tip: str,
    folders: Sequence[str],
    *,
    incident_of: Callable[[str], str | None],
    entries_of: Callable[[str], tuple[str, ...]],
    use_cache: bool = True,
) -> RecordHistory:
    """The history of a commit of the record's branch, for the files below some folders.

    `incident_of` names the incident that a path is the file of; `entries_of` reads the ids of entries out of a commit's message. Where
    `tip` is older than what is kept, that is cut off there; where it is newer, only what is new is read. Raises `GitError`.
    """
    kept = _load(repository, folders) if use_cache else None
    git = repository.git
    if kept is not None and kept.tip == tip:
        return _as_history(kept)
    if kept is not None and _is_ancestor(git, tip, kept.tip):
        return _cut(git, kept, tip)
    since = kept if kept is not None and _is_ancestor(git, kept.tip, tip) else None
    fresh = _Reading(since, folders, incident_of, entries_of).read(repository, tip)
    if use_cache:
        _save(repository, fresh)
    return _as_history(fresh)


class _Reading:
    """One walk, from the beginning or from what is kept."""

    def __init__(
        self,
        since: _Kept | None,
        folders: Sequence[str],
        incident_of: Callable[[str], str | None],
        entries_of: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._since = since
        self._folders = tuple(folders)
        self._incident_of = incident_of
        self._entries_of = entries_of
        self._walked = since.walked if since is not None else 0
        self._commits = since.commits if since is not None else 0
        self._skewed = [*since.skewed] if since is not None else []
        self._batches = [*since.batches] if since is not None else []
        self._found: dict[str, list[Revision]] = {}

    def read(self, repository: Repository, tip: str) -> _Kept:
        since = self._since.tip if self._since is not None else None
        with Walk(repository, tip, self._folders, since=since) as walk:
            for step in walk.commits():
                self._walked += 1
                own = [version for version in step.files if version.is_own and version.path.endswith(".md")]
                if own:
                    self._take(step.commit, own, step.parents_at)
        files = dict(self._since.files) if self._since is not None else {}
        for path, revisions in self._found.items():
            known = files.get(path)
            before = msgpack.decode(known, type=tuple[Revision, ...]) if known is not None else ()
            files[path] = Raw(msgpack.encode(sorted((*before, *revisions), key=_order)))
        return _Kept(
            _VERSION,
            tip,
            self._folders,
            self._walked,
            self._commits,
            tuple(sorted(self._skewed)),
            tuple(sorted(self._batches, key=lambda batch: (batch.at, batch.commit))),
            files,
        )

    def _take(self, commit: Commit, own: Sequence[FileVersion], parents_at: int) -> None:
        self._commits += 1
        is_skewed = commit.committer_at < parents_at - _SKEW or commit.author_at > commit.committer_at + _SKEW
        incidents = len({self._incident_of(version.path) for version in own} - {None}) if len(own) >= BATCH else 0
        is_batch = incidents >= BATCH
        if is_skewed:
            self._skewed.append(commit.oid)
        if is_batch:
            self._batches.append(Batch(commit.oid, commit.author_at, incidents))
        entries = self._entries_of(commit.message) if "Incident-Event" in commit.message else ()
        for version in own:
            revision = Revision(
                commit.oid,
                commit.author_name,
                commit.author_mail,
                commit.author_at,
                version.blob,
                version.before,
                entries,
                is_batch,
                is_skewed,
            )
            self._found.setdefault(version.path, []).append(revision)


def _order(revision: Revision) -> tuple[int, str]:
    return revision.at, revision.commit


def _cut(git: Git, kept: _Kept, tip: str) -> RecordHistory:
    """What was kept, as it was at an earlier commit."""
    listing = git.ask("rev-list", tip, "--").decode("ascii").split()
    there = frozenset(listing)
    files: dict[str, Raw] = {}
    commits: set[str] = set()
    for path, raw in kept.files.items():
        whole = msgpack.decode(raw, type=tuple[Revision, ...])
        mine = tuple(revision for revision in whole if revision.commit in there)
        commits.update(revision.commit for revision in mine)
        if len(mine) == len(whole):
            files[path] = raw
        elif mine:
            files[path] = Raw(msgpack.encode(mine))
    return RecordHistory(
        tip=tip,
        walked=len(there),
        commits=len(commits),
        skewed=tuple(each for each in kept.skewed if each in there),
        batches=tuple(each for each in kept.batches if each.commit in there),
        _files=files,
    )


def _as_history(kept: _Kept) -> RecordHistory:
    return RecordHistory(kept.tip, kept.walked, kept.commits, kept.skewed, kept.batches, kept.files)


def _is_ancestor(git: Git, older: str, newer: str) -> bool:
    return git_as_made(git).run("merge-base", "--is-ancestor", older, newer, env=NO_GRAFTS).code == 0


# --------------------------------------------------------------------------------------------------------------- cache


def _place(repository: Repository, name: str) -> str:
    return os.path.join(repository.own_dir, "cache", name)


def _load(repository: Repository, folders: Sequence[str]) -> _Kept | None:
    data = unsealed(read_private(_place(repository, _NAME), cap=_MAX_CACHE))
    if data is None:
        return None
    try:
        kept = msgpack.decode(data, type=_Kept)
    except (DecodeError, ValidationError):
        return None
    return kept if (kept.version, kept.folders) == (_VERSION, tuple(folders)) else None


def _save(repository: Repository, kept: _Kept) -> None:
    save_kept(repository, _NAME, msgpack.encode(kept))


def load_kept(repository: Repository, name: str) -> bytes | None:
    """The bytes that were kept under a name; `None` where there are none, or not those that were kept."""
    return unsealed(read_private(_place(repository, name), cap=_MAX_CACHE))


def save_kept(repository: Repository, name: str, data: bytes) -> None:
    """Keeps bytes under a name. A cache that cannot be written is only slow."""
    try:
        write_private(_place(repository, name), sealed(data), durable=False)
    except (OSError, SaveError, IncidentctlError):
        return


# ---------------------------------------------------------------------------------------------------------- moments


def commit_at(repository: Repository, words: str) -> str | None:
    """The commit that some words name, whole; `None` where they name none."""
    answer = repository.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{words}^{{commit}}")
    return answer.text if answer.code == 0 and answer.text else None


def commit_before(repository: Repository, tip: str, at: int) -> str | None:
    """The last commit of the branch itself, not of what was merged into it, that was committed by a moment, in seconds since 1970.

    Where all of history was rewritten after that moment, the dates of its authors tell: a rebase leaves them as they were.
    """
    authored: str | None = None
    for commit, authored_at, committed_at in _first_parents(repository, tip):
        if committed_at <= at:
            return commit
        if authored is None and authored_at <= at:
            authored = commit
    return authored


def comes_from(repository: Repository, commit: str, older: str) -> bool:
    """Whether a commit comes from an older one, and is not that itself."""
    return commit != older and _is_ancestor(repository.git, older, commit)


def committed_at(repository: Repository, commit: str) -> int:
    """When a commit was committed, in seconds since 1970."""
    for _, _, at in _first_parents(repository, commit):
        return at
    raise RepositoryError(f"the repository has no commit {commit}", hint="look with `git fsck`, or fetch again")


def _first_parents(repository: Repository, tip: str) -> Iterator[tuple[str, int, int]]:
    """Each commit, the newest first, with its author's and its committer's date."""
    arguments = ("rev-list", "--first-parent", "--format=%H %at %ct", tip, "--")
    process = git_as_made(repository.git).start(*arguments, pipe_in=False, env=NO_GRAFTS)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            oid, *dates = line.decode("ascii", "replace").split()
            if oid != "commit" and len(dates) == 2 and all(date.lstrip("-").isdecimal() for date in dates):
                yield oid, int(dates[0]), int(dates[1])
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.terminate()
        process.wait()
