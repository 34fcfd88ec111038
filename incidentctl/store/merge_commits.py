"""Merges commits and carries single ones over, from their trees alone: no work tree, no index and no branch is touched.

Incidents and post-mortems are merged by meaning. Of any other path one side's change is taken; where both changed it, nothing is
guessed and the path is named.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Final

from msgspec import Struct

from incidentctl.config.settings import Settings
from incidentctl.document.edit import EditError, set_key
from incidentctl.document.merge import Merged, is_same_incident, merge_versions, parted_id
from incidentctl.document.parse import parse_document
from incidentctl.document.section_names import own_names
from incidentctl.errors import RepositoryError
from incidentctl.incident.ids import is_incident_id
from incidentctl.store.files import TooLargeError
from incidentctl.store.git import GitError
from incidentctl.store.merge_text import merge_three
from incidentctl.store.objects import LINK_MODE, GitObject, TreeEntry, write_blobs, write_tree
from incidentctl.store.reading import (
    MAX_SIZE,
    as_bytes,
    as_text,
    incident_path,
    incidents_folder,
    postmortem_path,
    postmortems_folder,
)
from incidentctl.store.repository import SETTINGS_FILE, Repository
from incidentctl.store.sharing_memory import SharingMemory

INIT_SUBJECT: Final = "incidentctl: init"
_SUBMODULE: Final = "160000"
_DEEPEST: Final = 20

Changes = Mapping[str, TreeEntry | None]


class PathKind(Enum):
    """What a path is to us."""

    INCIDENT = "incident"
    POSTMORTEM = "postmortem"
    BESIDE = "beside"
    """In one of our folders, and no document of ours: a picture of a graph."""
    SETTINGS = "settings"
    FOREIGN = "foreign"


class Paths:
    """Tells what a path is, by the settings of a repository."""

    __slots__ = ("_incidents", "_postmortems", "_settings")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._incidents = f"{incidents_folder(settings)}/"
        self._postmortems = f"{postmortems_folder(settings)}/"

    def kind(self, path: str) -> PathKind:
        """What it is."""
        if path.startswith((self._incidents, self._postmortems)):
            if not path.endswith(".md"):
                return PathKind.BESIDE
            return PathKind.INCIDENT if path.startswith(self._incidents) else PathKind.POSTMORTEM
        return PathKind.SETTINGS if path == SETTINGS_FILE else PathKind.FOREIGN

    def is_ours(self, path: str) -> bool:
        """Whether sharing publishes it."""
        return self.kind(path) is not PathKind.FOREIGN

    def is_document(self, path: str) -> bool:
        """Whether it is merged by meaning."""
        return self.kind(path) in (PathKind.INCIDENT, PathKind.POSTMORTEM)

    def incident(self, path: str) -> str | None:
        """The id of the incident that a document is about; None where its name is no id."""
        stem = path.rpartition("/")[2].removesuffix(".md")
        return stem if self.is_document(path) and is_incident_id(stem) else None

    def is_record(self, path: str) -> bool:
        """Whether it is an incident's own file."""
        return self.kind(path) is PathKind.INCIDENT

    def renamed(self, path: str, new: str) -> str:
        """Where a document is under another id."""
        is_incident = self.is_record(path)
        return (incident_path if is_incident else postmortem_path)(self._settings, new)


class Clash(Struct, frozen=True):
    """What two versions of a file say differently, and a person has to settle. `what` as in `document.merge.Conflict`.

    `ours` and `theirs` are None where a side has removed it. `text` is the merge with markers, `theirs_blob` the other's version.
    """

    path: str
    what: str
    ours: str | None
    theirs: str | None
    text: str
    theirs_blob: str


class Outcome(Struct, frozen=True):
    """What came of a merge. `changes` is what it does to the tree of ours.

    `foreign` are paths outside the record that both sides changed, `discarded` is what a rule left out, `parted` incidents with their
    new ids.
    """

    tree: str
    changes: Mapping[str, TreeEntry | None] = {}
    clashes: tuple[Clash, ...] = ()
    foreign: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()
    parted: tuple[tuple[str, str], ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether the tree is whole."""
        return not (self.clashes or self.foreign)


class UnrelatedError(RepositoryError):
    """Two histories that have no commit in common."""

    code = "unrelated"


class _Notes:
    """What is to be said of one merge, collected on the way."""

    def __init__(self) -> None:
        self.clashes: list[Clash] = []
        self.foreign: list[str] = []
        self.discarded: list[str] = []
        self.parted: dict[str, str] = {}


class Late(Struct, frozen=True):
    """Files that are not carried over commit by commit, but once, as they are in the `last` commit; `base` has what they come from."""

    paths: frozenset[str]
    last: str
    base: str | None


class CommitMerger:
    """Merges in one repository. What `memory` holds as settled by a person is taken as they settled it."""

    def __init__(self, repository: Repository, settings: Settings, memory: SharingMemory | None = None) -> None:
        self._repository = repository
        self._git = repository.git
        self._objects = repository.objects
        self._settings = settings
        self._memory = memory
        self._names = own_names(settings.lint.aliases)
        self.paths = Paths(settings)

    # -------------------------------------------------------------------------------------------------------- the graph

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether a commit is in the history of another, or is that one."""
        return old == new or self._git.run("merge-base", "--is-ancestor", old, new).code == 0

    def bases(self, one: str, another: str) -> list[str]:
        """The best common ancestors of two commits, in git's order."""
        return self._git.run("merge-base", "--all", one, another).text.split()

    # ---------------------------------------------------------------------------------------------------------- merging

    def merge(self, ours: str, theirs: str) -> Outcome:
        """Two commits as one tree. Raises `UnrelatedError`. Of an incident that parts it is ours that moves."""
        base = self._base(ours, theirs, 0)
        if base is None:
            raise UnrelatedError("the two histories have no commit in common")
        mine, others = self._changed(base, ours), self._changed(base, theirs)
        notes = _Notes()
        changes: dict[str, TreeEntry | None] = {}
        for path, (old, new) in others.items():
            if path not in mine:
                changes[path] = new
            elif mine[path][1] != new:
                changes |= self._both_changed(path, old, mine[path][1], new, notes)
        changes |= self._moved_along(notes.parted, ours, theirs, changes)
        return self._outcome(ours, changes, notes)

    def carry(self, commit: str, onto: str, paths: Iterable[str], moved: dict[str, str], late: Late) -> Outcome:
        """The change that a commit made to these paths, on another commit. Its own incidents part; `moved` keeps their new ids."""
        parent = next(iter(self.parents(commit)), None)
        notes = _Notes()
        changes: dict[str, TreeEntry | None] = {}
        for path in paths:
            old = self.entry(parent, path) if parent is not None else None
            new = self.entry(commit, path)
            if path in late.paths:
                if new != self.entry(late.last, path):
                    continue
                old = self.entry(late.base, path)
            name = self.paths.incident(path)
            target = self.paths.renamed(path, moved[name]) if name in moved else path
            if name is not None and name in moved:
                old, new = (self._retitled(each, path, moved[name]) for each in (old, new))
            there = changes.get(target, self.entry(onto, target))
            if there == new:
                continue
            if there == old:
                changes[target] = new
                continue
            changes |= self._both_changed(target, old, new, there, notes, is_carried=True)
        moved |= notes.parted
        return self._outcome(onto, changes, notes)

    def _outcome(self, onto: str, changes: dict[str, TreeEntry | None], notes: _Notes) -> Outcome:
        changes = {path: entry for path, entry in changes.items() if self.entry(onto, path) != entry}
        tree = self._tree_of(onto)
        if changes and not (notes.clashes or notes.foreign):
            tree = write_tree(self._git, self._objects, onto, changes, folder=self._repository.objects_folder)
        return Outcome(
            tree,
            changes,
            tuple(notes.clashes),
            tuple(notes.foreign),
            tuple(notes.discarded),
            tuple(notes.parted.items()),
        )

    def _both_changed(
        self,
        path: str,
        old: TreeEntry | None,
        ours: TreeEntry | None,
        theirs: TreeEntry | None,
        notes: _Notes,
        *,
        is_carried: bool = False,
    ) -> Changes:
        """One path that both changed, each in another way. `is_carried`: the tree that is changed is theirs."""
        standing, coming = (theirs, ours) if is_carried else (ours, theirs)
        if not self.paths.is_document(path):
            notes.foreign.append(path)
            return {}
        if standing is None or coming is None:
            # New words outlive the deletion of their file.
            return {path: standing or coming}
        texts = [self._text(each, path) for each in (old, ours, theirs)]
        if texts[1] is None or texts[2] is None:
            notes.foreign.append(path)
            return {}
        name = self.paths.incident(path) or ""
        is_new = old is None and self.paths.is_record(path) and name
        if is_new and not is_same_incident(texts[1], texts[2], incident=name):
            return self._parted(path, name, texts[1], ours, theirs, notes)
        merged = self._merged(path, texts[0], texts[1], texts[2], theirs.oid if theirs is not None else "")
        notes.discarded += [f"{path}: {line}" for line in merged.discarded]
        if not merged.is_clean:
            notes.clashes += [
                Clash(path, each.what, each.ours, each.theirs, merged.text, theirs.oid if theirs is not None else "")
                for each in merged.conflicts
            ]
            return {}
        mode = coming.mode if old is not None and standing.mode == old.mode else standing.mode
        return {path: TreeEntry(mode, self._stored(merged.text))}

    def merge_texts(self, path: str, base: str | None, ours: str, theirs: str) -> Merged:
        """Three texts of a document by meaning."""
        return merge_versions(
            base,
            ours,
            theirs,
            incident=self.paths.incident(path) or "",
            is_record=self.paths.is_record(path),
            merge_lines=lambda mine, old, others: merge_three(self._repository, mine, old, others),
            scale=self._settings.scale,
            names=self._names,
        )

    def settled_by_hand(self) -> set[str]:
        """The files of which a person has written what they are to be."""
        memory = self._memory
        if memory is None:
            return set()
        return {path for path in memory.clashing_paths() if (memory.clash(path) or {}).get("settled") == "all"}

    def _merged(self, path: str, base: str | None, ours: str, theirs: str, theirs_blob: str) -> Merged:
        """As a person has settled it, where one was asked before."""
        clash = self._memory.clash(path) if self._memory is not None else None
        settled = clash.get("settled") if clash is not None else None
        if clash is not None and settled == "all":
            # They wrote our version with that one before their eyes: it is what ours comes from.
            seen = self._objects.get(str(clash.get("theirs")), cap=MAX_SIZE)
            if seen is not None and seen.kind == "blob":
                return self.merge_texts(path, as_text(seen.data), ours, theirs)
        merged = self.merge_texts(path, base, ours, theirs)
        if clash is None or not isinstance(settled, list) or merged.is_clean:
            return merged
        shown = clash.get("keys") or {}
        keys = [each.what for each in merged.conflicts if each.what in settled and shown.get(each.what) == each.theirs]
        document = parse_document(ours)
        for key in keys:
            try:
                theirs = set_key(parse_document(theirs), key, document.value(key))
            except EditError:
                return merged
        return self.merge_texts(path, base, ours, theirs)

    # ---------------------------------------------------------------------------------------------------------- parting

    def _parted(
        self, path: str, name: str, text: str, ours: TreeEntry | None, theirs: TreeEntry | None, notes: _Notes
    ) -> Changes:
        """Two incidents met under one id: theirs keeps it, ours takes another one."""
        new = parted_id(name, text)
        notes.parted[name] = new
        assert ours is not None
        return {path: theirs, self.paths.renamed(path, new): TreeEntry(ours.mode, self._stored(_with_id(text, new)))}

    def _moved_along(self, parted: Mapping[str, str], ours: str, theirs: str, changes: Changes) -> Changes:
        """The post-mortems of incidents that took another id, and what theirs has under the new id already."""
        moved: dict[str, TreeEntry | None] = {}
        for old, new in parted.items():
            path = postmortem_path(self._settings, old)
            mine, others = self.entry(ours, path), self.entry(theirs, path)
            if mine is not None and mine != others:
                moved[path] = others
                moved[postmortem_path(self._settings, new)] = self._retitled(mine, path, new)
            record = incident_path(self._settings, new)
            there, coming = self.entry(theirs, record), changes.get(record)
            texts = self._text(coming, record), self._text(there, record)
            if there is not None and texts[0] is not None and texts[1] is not None and there != coming:
                merged = self.merge_texts(record, None, texts[0], texts[1])
                moved[record] = TreeEntry(there.mode, self._stored(merged.text)) if merged.is_clean else there
        return moved

    def _retitled(self, entry: TreeEntry | None, path: str, new: str) -> TreeEntry | None:
        text = self._text(entry, path)
        if entry is None or text is None:
            return entry
        key = "id" if self.paths.is_record(path) else "incident"
        return TreeEntry(entry.mode, self._stored(_with_id(text, new, key)))

    # ------------------------------------------------------------------------------------------------- bases and objects

    def _base(self, one: str, another: str, depth: int) -> str | None:
        """The commit that two have in common; of several a merge of them, as git makes one. None: there is none."""
        found = self.bases(one, another)
        if not found:
            return None
        base = found[0]
        for other in found[1:] if depth < _DEEPEST else ():
            base = self._virtual(base, other, depth + 1)
        return base

    def _virtual(self, one: str, another: str, depth: int) -> str:
        below = self._base(one, another, depth)
        mine, others = (self._changed(below, each) for each in (one, another))
        changes: dict[str, TreeEntry | None] = {}
        for path, (old, new) in others.items():
            standing = mine[path][1] if path in mine else None
            if path not in mine:
                changes[path] = new
            elif standing != new and self.paths.is_document(path):
                texts = [self._text(each, path) for each in (old, standing, new)]
                if standing is not None and texts[1] is not None and texts[2] is not None:
                    merged = self.merge_texts(path, texts[0], texts[1], texts[2])
                    changes[path] = TreeEntry(standing.mode, self._stored(merged.text))
                else:
                    changes[path] = standing or new
            elif standing != new:
                changes[path] = old
        folder = self._repository.objects_folder
        tree = write_tree(self._git, self._objects, one, changes, folder=folder)
        # Nobody sees it: it only has to be the same for everybody.
        nobody = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "incidentctl"), ("EMAIL", "incidentctl"), ("DATE", "@0 +0000"))
        }
        arguments = ("commit-tree", "-p", one, "-p", another, tree)
        return self._git.ask(*arguments, stdin=b"common base\n", env=nobody, writes=True).decode().strip()

    def parents(self, commit: str) -> list[str]:
        """The parents of a commit, first first."""
        return [line[7:] for line in self.header(commit) if line.startswith("parent ")]

    def header(self, commit: str) -> list[str]:
        """The lines above a commit's message."""
        return self.commit(commit).data.partition(b"\n\n")[0].decode("utf-8", "surrogateescape").split("\n")

    def message(self, commit: str) -> bytes:
        """A commit's message as it stands."""
        return self.commit(commit).data.partition(b"\n\n")[2]

    def commit(self, commit: str) -> GitObject:
        """A commit's object. Raises where it is not there, as beyond the end of a shallow history."""
        found = self._objects.get(commit)
        if found is None or found.kind != "commit":
            raise RepositoryError(
                f"git does not have the commit {commit[:12]}", hint="look with `git fsck`, or fetch again"
            )
        return found

    def entry(self, commit: str | None, path: str) -> TreeEntry | None:
        """What a commit has at a path."""
        if commit is None:
            return None
        folder, _, name = path.rpartition("/")
        tree = self._objects.tree(f"{commit}:{folder}" if folder else f"{commit}^{{tree}}")
        return tree.get(name) if tree is not None else None

    def _tree_of(self, commit: str) -> str:
        return self.header(commit)[0].removeprefix("tree ")

    def changed(self, old: str | None, new: str) -> dict[str, TreeEntry | None]:
        """The paths in which a commit differs from another, None being an empty one, and what it has there."""
        return {path: entry for path, (_, entry) in self._changed(old, new).items()}

    def _changed(self, old: str | None, new: str) -> dict[str, tuple[TreeEntry | None, TreeEntry | None]]:
        before = old if old is not None else self.empty_tree()
        out = self._git.ask("diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", before, new)
        return {path: (old_entry, entry) for path, old_entry, entry in _raw_changes(out)}

    def empty_tree(self) -> str:
        """The id of the tree without anything in it, which git knows without having it."""
        return self._git.ask("hash-object", "-t", "tree", "--stdin", stdin=b"").decode().strip()

    def _text(self, entry: TreeEntry | None, path: str) -> str | None:
        """A document's text; None where it is no plain file, or one too large to be a document."""
        if entry is None or entry.mode in (LINK_MODE, _SUBMODULE):
            return None
        try:
            found = self._objects.get(entry.oid, cap=MAX_SIZE, path=path)
        except TooLargeError:
            return None
        return as_text(found.data) if found is not None and found.kind == "blob" else None

    def _stored(self, text: str) -> str:
        return write_blobs(self._git, [as_bytes(text)])[0]


def _with_id(text: str, new: str, key: str = "id") -> str:
    """The text under another id; as it stands where its front matter cannot be written."""
    document = parse_document(text)
    if document.value(key) is None:
        return text
    try:
        return set_key(document, key, new)
    except EditError:
        return text


def _raw_changes(out: bytes) -> Iterator[tuple[str, TreeEntry | None, TreeEntry | None]]:
    """What `diff-tree -z` prints: path, old and new entry."""
    parts = iter(out.split(b"\0"))
    for facts in parts:
        if not facts.startswith(b":"):
            continue
        old_mode, mode, old_oid, oid, _ = facts[1:].decode("ascii").split()
        yield os.fsdecode(next(parts)), _entry(old_mode, old_oid), _entry(mode, oid)


def _entry(mode: str, oid: str) -> TreeEntry | None:
    return None if mode == "000000" else TreeEntry(mode, oid)


class LocalCommit(Struct, frozen=True):
    """A commit that a remote does not have: what it touches, a merge only what differs from all of its parents."""

    oid: str
    parents: tuple[str, ...]
    paths: tuple[str, ...]
    subject: str
    trailers: tuple[str, ...]

    @property
    def is_merge(self) -> bool:
        """Whether it has several parents."""
        return len(self.parents) > 1


def local_commits(repository: Repository, merger: CommitMerger, tip: str, without: Iterable[str]) -> list[LocalCommit]:
    """The commits of a history that others do not have, parents first."""
    excluded = [f"^{commit}" for commit in without]
    listing = repository.git.ask("rev-list", "--topo-order", "--reverse", "--parents", tip, *excluded, "--")
    lines = [line.split() for line in listing.decode().splitlines()]
    if not lines:
        return []
    out = repository.git.ask(
        "diff-tree", "--stdin", "-r", "-c", "-z", "--root", "--name-only", "--no-renames",
        stdin="".join(f"{line[0]}\n" for line in lines).encode(),
    )  # fmt: skip
    touched: dict[str, list[str]] = {line[0]: [] for line in lines}
    paths: list[str] = []
    for part in out.split(b"\0"):
        name = os.fsdecode(part)
        if name in touched:
            paths = touched[name]
        elif name:
            paths.append(name)
    found = []
    for oid, *parents in lines:
        subject, *rest = as_text(merger.message(oid)).splitlines() or [""]
        trailers = tuple(line for line in rest if ": " in line)
        found.append(LocalCommit(oid, tuple(parents), tuple(touched[oid]), subject, trailers))
    return found


def make_commit(repository: Repository, tree: str, parents: Iterable[str], message: str) -> str:
    """A commit of ours, signed where git is told to sign."""
    return _commit_tree(repository, tree, parents, message.encode("utf-8", "surrogateescape"), {}, "UTF-8")


def copy_commit(repository: Repository, merger: CommitMerger, commit: str, tree: str, parent: str) -> str:
    """The same commit with another tree on another parent: who, when and what was said stay."""
    env: dict[str, str] = {}
    encoding = "UTF-8"
    for line in merger.header(commit):
        field, _, words = line.partition(" ")
        if field in ("author", "committer"):
            who, _, when = words.rpartition("> ")
            name, _, mail = who.partition(" <") if " <" in who else ("", "", who.lstrip("<"))
            env |= {f"GIT_{field.upper()}_NAME": name or "unknown", f"GIT_{field.upper()}_EMAIL": mail}
            env[f"GIT_{field.upper()}_DATE"] = f"@{when}" if when else "@0 +0000"
        elif field == "encoding":
            encoding = words
    return _commit_tree(repository, tree, [parent], merger.message(commit), env, encoding)


def _commit_tree(
    repository: Repository, tree: str, parents: Iterable[str], message: bytes, env: Mapping[str, str], encoding: str
) -> str:
    signs = repository.git.config.flag("commit.gpgsign")
    above = [word for parent in parents for word in ("-p", parent)]
    arguments = ["-c", f"i18n.commitEncoding={encoding}", "commit-tree", *(("-S",) if signs else ()), *above, tree]
    answer = repository.git.run(*arguments, stdin=message, env=env, writes=True, timeout=90.0 if signs else None)
    if answer.code != 0:
        raise GitError(["commit-tree"], answer)
    return answer.text
