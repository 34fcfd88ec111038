"""Gathers what the figures rest on: every incident of the record with its history, from a cache where that holds it."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b

from msgspec import DecodeError, Struct, ValidationError, msgpack
from msgspec.structs import replace

from incidentctl import __version__
from incidentctl.commands.documents import names_of
from incidentctl.commands.shares import available_cores, can_fork, in_shares, without_collection
from incidentctl.context import Workspace
from incidentctl.document.parse import parse_document
from incidentctl.errors import IncidentctlError, RepositoryError, UsageError
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.times import instant_of_seconds, quoted, resolve_zone
from incidentctl.stats.case import BatchCommit, Case, Deleted, Doubt, Evidence, UnreadableFile
from incidentctl.stats.item_histories import postmortem_of
from incidentctl.stats.revision import FileHistory, Revision
from incidentctl.stats.transitions import Rules, case_of, claimed_entries, fault_of
from incidentctl.store.history import TipEntry, list_at
from incidentctl.store.network import fetch_objects
from incidentctl.store.objects import LINK_MODE
from incidentctl.store.reading import MAX_SIZE, as_text, incidents_folder, postmortems_folder
from incidentctl.store.record_history import (
    RecordHistory,
    commit_at,
    commit_before,
    committed_at,
    load_kept,
    read_history,
    save_kept,
)
from incidentctl.store.repository import POSTMORTEM_BRANCHES, Repository
from incidentctl.store.walk import Walk

_CASES = "cases.msgpack"
_CASES_VERSION = f"{__version__}/2"
_AT_ONCE = 256
_PARALLEL_FROM = 400
"""Incidents: below that another process takes longer to hand over than to read."""


class _KeptCases(Struct, array_like=True):
    """What was made of each incident, by a digest of all that it was made of; and what else there is to say as of `tip`."""

    version: str
    rules: str
    tip: str
    about: Evidence
    cases: dict[str, tuple[str, Case]]


class _Share(Struct, array_like=True):
    """What one process has read."""

    cases: list[Case]
    unreadable: list[UnreadableFile]


class Measured(Struct, frozen=True):
    """The evidence of one repository, and the moment up to which it is known. `as_of` is a commit where one was asked for."""

    evidence: Evidence
    now: datetime
    as_of: str | None = None


def measure(workspace: Workspace, *, as_of: str | None = None, use_cache: bool = True) -> Measured:
    """Reads the record's branch with all of its history. With `as_of`, a ref or a time, as it was then.

    Only what is committed counts. Raises `RepositoryError` in a shallow clone, `UsageError` where `as_of` is neither.
    """
    repository = workspace.repository
    demand_whole_history(repository)
    tip = repository.tip().commit
    now = workspace.now
    commit = None
    if as_of is not None:
        commit, now = _moment(workspace, tip, as_of)
    if commit is None and as_of is None:
        commit = tip
    if commit is None:
        return Measured(Evidence(()), now, None)
    evidence = _Gathering(workspace, commit, use_cache=use_cache).run()
    if as_of is None:
        evidence = replace(evidence, uncommitted=_uncommitted(workspace))
    return Measured(evidence, now, commit if as_of is not None else None)


def measure_several(
    opened: Iterable[tuple[str, Workspace]], *, as_of: str | None = None, use_cache: bool = True
) -> Measured:
    """The evidence of several repositories in one, each with a name. An id that two of them have is told with the name in front."""
    found = [(name, measure(workspace, as_of=as_of, use_cache=use_cache)) for name, workspace in opened]
    seen: dict[str, int] = {}
    for _, measured in found:
        for case in measured.evidence.cases:
            seen[case.id] = seen.get(case.id, 0) + 1
    parts = [
        _named(name, measured.evidence, {id_ for id_, count in seen.items() if count > 1}) for name, measured in found
    ]
    whole = Evidence(
        cases=tuple(
            sorted((case for part in parts for case in part.cases), key=lambda case: (case.id, case.repository))
        ),
        walked=sum(part.walked for part in parts),
        commits=sum(part.commits for part in parts),
        deleted=tuple(each for part in parts for each in part.deleted),
        unreadable=tuple(each for part in parts for each in part.unreadable),
        batches=tuple(each for part in parts for each in part.batches),
        squashed=sum(part.squashed for part in parts),
        skewed=sum(part.skewed for part in parts),
        uncommitted=tuple(each for part in parts for each in part.uncommitted),
        unpublished=tuple(each for part in parts for each in part.unpublished),
    )
    return Measured(whole, max(measured.now for _, measured in found), None)


def _named(name: str, evidence: Evidence, twice: set[str]) -> Evidence:
    """The evidence of one repository among several. Its paths, and the ids that another one has too, begin with its name."""

    def id_of(id_: str) -> str:
        return f"{name}/{id_}" if id_ in twice else id_

    return replace(
        evidence,
        cases=tuple(
            replace(
                case,
                id=id_of(case.id),
                path=f"{name}/{case.path}",
                repository=name,
                duplicate_of=case.duplicate_of and id_of(case.duplicate_of),
                repeat_of=case.repeat_of and id_of(case.repeat_of),
            )
            for case in evidence.cases
        ),
        deleted=tuple(replace(each, incident=id_of(each.incident)) for each in evidence.deleted),
        unreadable=tuple(replace(each, path=f"{name}/{each.path}") for each in evidence.unreadable),
        uncommitted=tuple(f"{name}/{each}" for each in evidence.uncommitted),
        unpublished=tuple(id_of(each) for each in evidence.unpublished),
    )


def demand_whole_history(repository: Repository) -> None:
    """A shallow clone would answer plausibly and wrongly."""
    if repository.shallow:
        raise RepositoryError(
            "this clone is shallow: what happened before its first commit cannot be seen, and the figures would be wrong",
            hint="fetch the rest with `git fetch --unshallow`; in CI set `fetch-depth: 0`",
        )


def _moment(workspace: Workspace, tip: str | None, words: str) -> tuple[str | None, datetime]:
    """The commit that `--as-of` means, and the moment then: a time, else a ref."""
    repository = workspace.repository
    try:
        at: datetime | None = workspace.typed_time(words, kind="until")
    except IncidentctlError:
        at = None
    named = None if at is not None else commit_at(repository, words)
    if named is not None:
        return named, instant_of_seconds(committed_at(repository, named))
    if at is None:
        raise UsageError(
            f"--as-of {quoted(words)} is neither a commit nor a time", hint="write a ref, or a date as 2026-05-14"
        )
    now = min(at, workspace.now)
    return (commit_before(repository, tip, int(at.timestamp())) if tip is not None else None), now


def _uncommitted(workspace: Workspace) -> tuple[str, ...]:
    """The files of the record that were changed and not committed, and what waits to be committed."""
    repository, settings = workspace.repository, workspace.settings
    waiting = {plan.incident for plan in workspace.reader.waiting()}
    found = {f"{incident} (saved, not committed)" for incident in waiting}
    if repository.checked_out:
        folders = [incidents_folder(settings), postmortems_folder(settings)]
        paths = [f":(top,literal){folder}" for folder in folders]
        words = ("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", *paths)
        lines = repository.git.run(*words).out.split(b"\0")
        found |= {os.fsdecode(line[3:]) for line in lines if line[3:].endswith(b".md")}
    return tuple(sorted(found))


def steps_between(
    workspace: Workspace, incident: str, before: str | None, after: str
) -> Iterator[tuple[str, Case | None]]:
    """What an incident was after each commit that changed its files, from one commit to a later one; the oldest first.

    `None` where it cannot be read, or is not there.
    """
    gathering = _Gathering(workspace, after, use_cache=True)
    yield from gathering.steps(incident, before)


class _Gathering:
    """One reading of the record as of a commit."""

    def __init__(self, workspace: Workspace, tip: str, *, use_cache: bool) -> None:
        settings = workspace.settings
        self._workspace = workspace
        self._repository = workspace.repository
        self._tip = tip
        self._use_cache = use_cache
        self._incidents = f"{incidents_folder(settings)}/"
        self._postmortems = f"{postmortems_folder(settings)}/"
        self._names = names_of(workspace)
        self._here: set[str] | None = None
        self._zone = zone_of(workspace)
        self._rules = Rules(
            scale=settings.scale,
            calendar=settings.calendar,
            zone=resolve_zone(self._zone) or UTC,
            handle_of=lambda name, mail: settings.person_of_mail(mail).handle,
        )

    @cached_property
    def _history(self) -> RecordHistory:
        return read_history(
            self._repository,
            self._tip,
            (self._incidents.rstrip("/"), self._postmortems.rstrip("/")),
            incident_of=self._incident_of,
            entries_of=claimed_entries,
            use_cache=self._use_cache,
        )

    @cached_property
    def _paths(self) -> dict[tuple[str, str], list[str]]:
        """By folder and name of the incident, each path that a file of it ever had."""
        paths: dict[tuple[str, str], list[str]] = {}
        for path in sorted(self._history.paths):
            name = _name_of(path)
            if name is not None:
                folder = self._incidents if path.startswith(self._incidents) else self._postmortems
                paths.setdefault((folder, name), []).append(path)
        return paths

    def _incident_of(self, path: str) -> str | None:
        return _name_of(path) if path.startswith(self._incidents) else None

    def run(self) -> Evidence:
        kept = self._load() if self._use_cache else None
        if kept is not None and kept.tip == self._tip:
            evidence = replace(kept.about, cases=tuple(case for _, case in kept.cases.values()))
        else:
            evidence = self._gather(kept.cases if kept is not None else {})
        return replace(evidence, unpublished=self._unpublished())

    def _gather(self, kept: Mapping[str, tuple[str, Case]]) -> Evidence:
        """The evidence as of the tip; cases that were made of the very same are taken over."""
        unreadable: list[UnreadableFile] = []
        files = dict(self._files_of(self._incidents, unreadable))
        postmortems = dict(self._files_of(self._postmortems, []))
        digests = {name: self._digest(files[name], postmortems.get(name)) for name in files}
        cases = {name: kept[name][1] for name, digest in digests.items() if name in kept and kept[name][0] == digest}
        for found in self._read_all([name for name in files if name not in cases], files, postmortems):
            cases.update((case.id, case) for case in found.cases)
            unreadable += found.unreadable
        gone = {name for folder, name in self._paths if folder == self._incidents} - files.keys()
        gone -= {_name_of(each.path) for each in unreadable}
        about = Evidence(
            cases=(),
            tip=self._tip,
            walked=self._history.walked,
            commits=self._history.commits,
            deleted=tuple(self._deleted(name) for name in sorted(gone)),
            unreadable=tuple(sorted(unreadable, key=lambda each: each.path)),
            batches=tuple(
                BatchCommit(each.commit, instant_of_seconds(each.at), each.incidents) for each in self._history.batches
            ),
            squashed=len(
                {
                    transition.source.commit
                    for case in cases.values()
                    for transition in case.transitions
                    if transition.doubt is Doubt.SQUASHED
                }
            ),
            skewed=len(self._history.skewed),
        )
        in_order = {name: (digests[name], cases[name]) for name in sorted(cases)}
        if self._use_cache:
            self._save(about, in_order)
        return replace(about, cases=tuple(case for _, case in in_order.values()))

    # ------------------------------------------------------------------------------------------------------------ files

    def _files_of(self, folder: str, unreadable: list[UnreadableFile]) -> Iterator[tuple[str, TipEntry]]:
        """The files at the tip by the name of their incident."""
        for entry in list_at(self._repository, self._tip, folder.rstrip("/")):
            if not entry.path.endswith(".md"):
                continue
            name = _name_of(entry.path)
            if name is None:
                unreadable.append(UnreadableFile(entry.path, 1, "its name is no incident's: YYYY-MM-DD-words.md"))
            elif entry.path != f"{folder}{name[:4]}/{name[5:7]}/{name}.md":
                place = f"{folder}{name[:4]}/{name[5:7]}/{name}.md"
                unreadable.append(
                    UnreadableFile(entry.path, 1, f"its folder is not that of its date: move it to {place}")
                )
            elif entry.mode == LINK_MODE:
                unreadable.append(UnreadableFile(entry.path, 1, "it is a symbolic link"))
            else:
                yield name, entry

    def _read_all(
        self, wanted: Sequence[str], files: Mapping[str, TipEntry], postmortems: Mapping[str, TipEntry]
    ) -> list["_Share"]:
        """The cases of incidents, on all cores where there are many."""

        def read_share(share: range) -> _Share:
            done = _Share([], [])
            names = [wanted[place] for place in share]
            with Walk(self._repository, self._tip, ()) as walk:
                for start in range(0, len(names), _AT_ONCE):
                    part = names[start : start + _AT_ONCE]
                    done.cases.extend(self._read(walk, part, files, postmortems, done.unreadable))
            return done

        is_many = len(wanted) >= _PARALLEL_FROM and can_fork() and self._repository.promisor is None
        processes = available_cores() if is_many else 1
        shares = in_shares(read_share, len(wanted), processes, pack=msgpack.encode, unpack=_unpacked)
        return [done for _, done in shares]

    def _read(
        self,
        walk: Walk,
        names: Sequence[str],
        files: Mapping[str, TipEntry],
        postmortems: Mapping[str, TipEntry],
        unreadable: list[UnreadableFile],
    ) -> Iterator[Case]:
        """The cases of some incidents. What nearly all of them need is read at once, the rest when it is asked for."""
        with_document = [name for name in names if name in postmortems]
        revisions = {name: self._revisions(self._postmortems, name) for name in with_document}
        wanted = dict.fromkeys(files[name].oid for name in names)
        wanted |= dict.fromkeys(postmortems[name].oid for name in with_document)
        wanted |= dict.fromkeys(
            revision.blob for mine in revisions.values() for revision in mine if revision.blob is not None
        )
        self._bring([*wanted])
        texts = {blob: None if data is None else as_text(data) for blob, data in walk.read_all([*wanted], cap=MAX_SIZE)}

        def read(blob: str) -> str | None:
            if blob not in texts:
                data = walk.read(blob, cap=MAX_SIZE)
                texts[blob] = None if data is None else as_text(data)
            return texts[blob]

        for name in names:
            entry = files[name]
            text = texts[entry.oid]
            if text is None:
                unreadable.append(UnreadableFile(entry.path, 1, f"it has more than {MAX_SIZE:,} bytes"))
                continue
            read_now = parse_document(text, incident=name)
            fault = fault_of(read_now)
            if fault is not None:
                unreadable.append(UnreadableFile(entry.path, *fault))
                continue
            postmortem = None
            if name in revisions:
                document = postmortems[name]
                said = texts[document.oid]
                if said is not None:
                    file = FileHistory(name, document.path, said, document.oid, revisions[name], read)
                    postmortem = postmortem_of(file, self._rules, self._names)
            file = FileHistory(name, entry.path, text, entry.oid, self._revisions(self._incidents, name), read)
            yield case_of(file, read_now, self._rules, postmortem=postmortem)

    def _bring(self, blobs: Sequence[str]) -> None:
        """In a partial clone, fetches what is not here, all at once: git alone would fetch one by one."""
        remote = self._repository.promisor
        if remote is None:
            return
        if self._here is None:
            listing = self._repository.git.ask("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
            self._here = {*listing.decode("ascii").split()}
        missing = [blob for blob in blobs if blob not in self._here]
        if not missing:
            return
        timeout = self._workspace.settings.sync.timeout
        failed = fetch_objects(self._repository, remote, missing, timeout=timeout)
        if failed is not None:
            raise RepositoryError(
                f"this clone is partial, and {len(missing)} files of old commits are still at {remote}: {failed.said}",
                hint=f"fetch them when it can be reached: `git fetch --refetch --no-filter {remote}`",
            )
        self._here.update(missing)

    def _revisions(self, folder: str, name: str) -> tuple[Revision, ...]:
        """The commits that changed a file, under each path that it ever had."""
        paths = self._paths.get((folder, name), [])
        if len(paths) == 1:
            return self._history.revisions(paths[0])
        found = [revision for path in paths for revision in self._history.revisions(path)]
        return tuple(sorted(found, key=lambda revision: (revision.at, revision.commit)))

    def _deleted(self, name: str) -> Deleted:
        removals = [each for each in self._revisions(self._incidents, name) if each.blob is None]
        return Deleted(name, removals[-1].commit if removals else "")

    def _unpublished(self) -> tuple[str, ...]:
        """Incidents whose post-mortem is on a branch of its own, and not in the record."""
        patterns = (f"refs/heads/{POSTMORTEM_BRANCHES}*", f"refs/remotes/*/{POSTMORTEM_BRANCHES}*")
        answer = self._repository.git.run("for-each-ref", "--format=%(refname)", *patterns)
        names = {os.fsdecode(line).partition(POSTMORTEM_BRANCHES)[2] for line in answer.out.splitlines()}
        ids = sorted(name for name in names if is_incident_id(name))
        return tuple(name for name in ids if not self._is_there(name))

    def _is_there(self, name: str) -> bool:
        """Whether the record has the post-mortem of an incident."""
        path = f"{self._postmortems}{name[:4]}/{name[5:7]}/{name}.md"
        return self._repository.objects.get(f"{self._tip}:{path}", cap=MAX_SIZE, path=path) is not None

    # ------------------------------------------------------------------------------------------------------------ steps

    def steps(self, incident: str, before: str | None) -> Iterator[tuple[str, Case | None]]:
        """See `steps_between`."""
        families = {folder: self._revisions(folder, incident) for folder in (self._incidents, self._postmortems)}
        paths = [path for folder in families for path in self._paths.get((folder, incident), ())]
        if not paths:
            return
        since = () if before is None else (f"^{before}",)
        listing = self._repository.git.ask(
            "rev-list",
            "--topo-order",
            "--reverse",
            self._tip,
            *since,
            "--",
            *(f":(top,literal){path}" for path in paths),
        )
        commits = listing.decode("ascii").split()
        later = {*commits}
        with Walk(self._repository, self._tip, ()) as walk:
            for commit in commits:
                later.discard(commit)
                mine = {
                    folder: tuple(revision for revision in revisions if revision.commit not in later)
                    for folder, revisions in families.items()
                }
                yield commit, self._case_at(walk, commit, incident, mine)

    def _case_at(
        self, walk: Walk, commit: str, incident: str, revisions: Mapping[str, tuple[Revision, ...]]
    ) -> Case | None:
        def read(blob: str) -> str | None:
            data = walk.read(blob, cap=MAX_SIZE)
            return None if data is None else as_text(data)

        found: list[FileHistory | None] = []
        for folder in (self._incidents, self._postmortems):
            path = f"{folder}{incident[:4]}/{incident[5:7]}/{incident}.md"
            entry = self._repository.objects.get(f"{commit}:{path}", cap=MAX_SIZE, path=path)
            is_file = entry is not None and entry.kind == "blob"
            text = as_text(entry.data) if entry is not None and is_file else None
            found.append(
                FileHistory(incident, path, text, entry.oid, revisions[folder], read)
                if entry is not None and text is not None
                else None
            )
        file, document = found
        if file is None:
            return None
        parsed = parse_document(file.text, incident=incident)
        if fault_of(parsed) is not None:
            return None
        postmortem = postmortem_of(document, self._rules, self._names) if document is not None else None
        return case_of(file, parsed, self._rules, postmortem=postmortem)

    # ------------------------------------------------------------------------------------------------------------ cache

    @property
    def _rules_digest(self) -> str:
        settings = self._workspace.settings
        parts = (settings.scale.severities, settings.calendar, self._zone, settings.people, self._names)
        return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _digest(self, file: TipEntry, document: TipEntry | None) -> str:
        """What a case was made of: the file, the document, and all that was ever committed to them."""
        name = _name_of(file.path) or ""
        digest = blake2b(file.oid.encode(), digest_size=16)
        digest.update(document.oid.encode() if document is not None else b"-")
        for folder in (self._incidents, self._postmortems):
            for path in self._paths.get((folder, name), ()):
                digest.update(self._history.raw(path))
        return digest.hexdigest()

    def _load(self) -> _KeptCases | None:
        data = load_kept(self._repository, _CASES)
        if data is None:
            return None
        try:
            with without_collection():
                kept = msgpack.decode(data, type=_KeptCases)
        except (DecodeError, ValidationError):
            return None
        return kept if (kept.version, kept.rules) == (_CASES_VERSION, self._rules_digest) else None

    def _save(self, about: Evidence, cases: dict[str, tuple[str, Case]]) -> None:
        kept = _KeptCases(_CASES_VERSION, self._rules_digest, self._tip, about, cases)
        save_kept(self._repository, _CASES, msgpack.encode(kept))


def zone_of(workspace: Workspace) -> str:
    """The zone in which days and months are counted: `--tz` or the settings', else UTC. Never the machine's: figures travel."""
    return workspace.settings.zone or "UTC"


def _unpacked(packed: bytes) -> "_Share | None":
    """What a child handed over; nothing where it died on the way."""
    try:
        return msgpack.decode(packed, type=_Share)
    except (DecodeError, ValidationError):
        return None


def _name_of(path: str) -> str | None:
    name = path.rpartition("/")[2].removesuffix(".md")
    return name if path.endswith(".md") and is_incident_id(name) else None
