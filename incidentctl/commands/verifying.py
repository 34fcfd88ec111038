"""Gathers what `verify` judges: the whole history of the record, its known tip, its signatures."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.commands.documents import names_of
from incidentctl.context import Workspace
from incidentctl.document.hand_edits import PastVersion
from incidentctl.document.parse import parse_document
from incidentctl.errors import RepositoryError
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.secrets import mask_secrets
from incidentctl.incident.times import instant_of_seconds
from incidentctl.store.history import list_tip
from incidentctl.store.known_tips import Ancestry, Rewritten, remember_tip, rewritten
from incidentctl.store.objects import LINK_MODE
from incidentctl.store.reading import MAX_SIZE, Unreadable, as_text, incidents_folder, postmortems_folder
from incidentctl.store.repository import SETTINGS_FILE, Repository
from incidentctl.store.signatures import Signature, signatures_of
from incidentctl.store.walk import Commit, FileVersion, Walk, WalkedCommit
from incidentctl.verify.changes import Change, Kind, Made, Rewrite, Verdict, read_claims
from incidentctl.verify.facts import UNREADABLE, Facts, Family, facts_of
from incidentctl.verify.ledger import FileChange, Ledger
from incidentctl.verify.waiting import waiting_changes

_MOST_FACTS = 2048
"""Versions whose facts are kept at hand: those that are compared next are nearly always among the last."""


_FILES_AT_ONCE = 256
_COMMITS_AT_ONCE = 1024


class Verified(Struct, frozen=True):
    """What came of it. `incidents` are the names of all that history knows, `commits` those that touch the record."""

    changes: tuple[Change, ...]
    unreadable: tuple[Unreadable, ...]
    incidents: frozenset[str]
    commits: int
    walked: int
    tip: str | None


def verify_history(workspace: Workspace) -> Verified:
    """Reads all of history and says what was changed in it. Raises `RepositoryError` in a shallow clone.

    The tip is remembered, unless history was rewritten under the one that was known before.
    """
    repository = workspace.repository
    demand_whole_history(repository)
    tip = repository.tip().commit
    if tip is None:
        return Verified((), (), frozenset(), 0, 0, None)
    with _Gathering(workspace, tip) as gathering:
        verified = gathering.run()
    if all(change.verdict is not Verdict.UNDECLARED for change in verified.changes if _is_rewriting(change)):
        remember_tip(repository)
    return verified


def demand_whole_history(repository: Repository) -> None:
    """A shallow clone would answer plausibly and wrongly."""
    if repository.shallow:
        raise RepositoryError(
            "this clone is shallow: what was changed before its first commit cannot be seen",
            hint="fetch the rest with `git fetch --unshallow`; in CI set `fetch-depth: 0`",
        )


def _is_rewriting(change: Change) -> bool:
    return change.kind is Kind.HISTORY_REWRITTEN


class _Gathering:
    """One walk through the history."""

    def __init__(self, workspace: Workspace, tip: str) -> None:
        settings = workspace.settings
        self._workspace = workspace
        self._repository = workspace.repository
        self._tip = tip
        self._names = names_of(workspace)
        self._folders = {
            Family.INCIDENT: f"{incidents_folder(settings)}/",
            Family.POSTMORTEM: f"{postmortems_folder(settings)}/",
        }
        paths = [*(folder.rstrip("/") for folder in self._folders.values()), SETTINGS_FILE]
        self._walk = Walk(self._repository, tip, paths)
        self._ledger = Ledger()
        self._facts: OrderedDict[tuple[str, str], Facts] = OrderedDict()
        self._stands_for: dict[tuple[str, str], Facts] = {}
        self._since: dict[str, list[tuple[Made, str]]] = {}
        self._incidents: set[str] = set()
        self._commits = 0
        self._under_policy: set[str] = set()
        self._to_be_signed: list[tuple[Made, tuple[str, ...]]] = []
        self._rewrites: list[tuple[Made, Rewrite]] = []

    def __enter__(self) -> "_Gathering":
        return self

    def __exit__(self, *args: object) -> None:
        self._walk.close()

    def run(self) -> Verified:
        walked = 0
        for steps in _batches(self._walk.commits()):
            self._read_ahead(steps)
            for step in steps:
                walked += 1
                self._take(step)
        unreadable = list(self._at_the_tip())
        self._look_at_signatures()
        about_branch = list(self._look_at_the_known_tip())
        changes = (*about_branch, *self._ledger.changes())
        return Verified(
            changes=tuple(map(_masked, changes)),
            unreadable=tuple(unreadable),
            incidents=frozenset(self._incidents),
            commits=self._commits,
            walked=walked,
            tip=self._tip,
        )

    # ------------------------------------------------------------------------------------------------ commit by commit

    def _take(self, step: WalkedCommit) -> None:
        commit = step.commit
        made, claims = made_by(commit), read_claims(commit.message)
        self._rewrites += [(made, rewrite) for rewrite in claims.rewrites]
        files = [each for version in step.files if (each := self._file_change(version)) is not None]
        if files:
            self._commits += 1
            self._incidents.update(file.name for file in files)
            self._ledger.take(made, claims, files)
        for version in step.files:
            self._keep_hand_edits(made, version)
        self._look_at_policy(step, made, [file.name for file in files])

    def _family_of(self, path: str) -> tuple[Family, str] | None:
        """What a path is the file of, and its name; `None` for what is no file of ours."""
        name = path.rpartition("/")[2]
        if name.endswith(".md") and is_incident_id(name[:-3]):
            for family, folder in self._folders.items():
                if path.startswith(folder):
                    return family, name[:-3]
        return None

    def _file_change(self, version: FileVersion) -> FileChange | None:
        found = self._family_of(version.path)
        if found is None:
            return None
        family, name = found
        blobs = version.before or (None,)
        before = tuple(None if blob is None else self._facts_of(version.path, blob, family, name) for blob in blobs)
        after = None if version.blob is None else self._facts_of(version.path, version.blob, family, name)
        if after is UNREADABLE:
            # Its changes are seen in the next version that can be read.
            after = next((facts for facts in before if facts is not None), UNREADABLE)
            self._stands_for[version.path, version.blob or ""] = after
        return FileChange(family, name, version.path, before, after)

    def _read_ahead(self, steps: Sequence[WalkedCommit]) -> None:
        """Reads together what the next commits will ask for one by one: git answers many questions as fast as one."""
        wanted: dict[str, tuple[str, Family, str]] = {}
        for step in steps:
            for version in step.files:
                found = self._family_of(version.path)
                if found is not None and version.blob is not None and (version.path, version.blob) not in self._facts:
                    wanted[version.blob] = version.path, *found
        for blob, data in self._walk.read_all(list(wanted), cap=MAX_SIZE):
            path, family, name = wanted[blob]
            self._keep_facts(path, blob, data, family, name)

    def _keep_facts(self, path: str, blob: str, data: bytes | None, family: Family, name: str) -> Facts:
        facts = UNREADABLE if data is None else facts_of(as_text(data), family, name, self._names)
        self._facts[path, blob] = facts
        if len(self._facts) > _MOST_FACTS:
            self._facts.popitem(last=False)
        return facts

    def _facts_of(self, path: str, blob: str, family: Family, name: str) -> Facts:
        key = path, blob
        if key in self._stands_for:
            return self._stands_for[key]
        known = self._facts.get(key)
        if known is not None:
            self._facts.move_to_end(key)
            return known
        return self._keep_facts(path, blob, self._walk.read(blob, cap=MAX_SIZE), family, name)

    def _keep_hand_edits(self, made: Made, version: FileVersion) -> None:
        """The versions of a file since the last one whose keys said no more than its entries; that one first."""
        found = self._family_of(version.path)
        if found is None or found[0] is not Family.INCIDENT:
            return
        if version.blob is None:
            self._since.pop(version.path, None)
            return
        facts = self._facts_of(version.path, version.blob, *found)
        if facts.entries and not facts.differing:
            self._since[version.path] = [(made, version.blob)]
        elif version.path in self._since:
            self._since[version.path].append((made, version.blob))

    # ---------------------------------------------------------------------------------------------------- at the tip

    def _at_the_tip(self) -> Iterator[Unreadable]:
        """What the files hold now: those that cannot be read, and keys that wait to be taken in."""
        for family, folder in self._folders.items():
            for entry in list_tip(self._repository, folder.rstrip("/")):
                found = self._family_of(entry.path)
                if found is None:
                    continue
                if entry.mode == LINK_MODE:
                    yield Unreadable(entry.path, 1, "it is a symbolic link")
                    continue
                unreadable = self._fault_of(entry.path, entry.oid, found)
                if unreadable is not None:
                    yield unreadable
                elif family is Family.INCIDENT:
                    self._look_at_keys(entry.path, found[1])

    def _fault_of(self, path: str, blob: str, found: tuple[Family, str]) -> Unreadable | None:
        if (path, blob) not in self._stands_for and self._facts_of(path, blob, *found) is not UNREADABLE:
            return None
        data = self._walk.read(blob, cap=MAX_SIZE)
        if data is None:
            return Unreadable(path, 1, f"it has more than the {MAX_SIZE:,} bytes that are read")
        fault = next(iter(parse_document(as_text(data), incident=found[1]).faults), None)
        return Unreadable(path, fault.line if fault else 1, fault.message if fault else "it cannot be read")

    def _look_at_keys(self, path: str, name: str) -> None:
        since = self._since.get(path, ())
        if len(since) < 2:
            return
        history = [(made, self._past_version(made, blob, name)) for made, blob in reversed(since)]
        for change in waiting_changes(history, incident=name, path=path, now=self._workspace.now):
            self._ledger.add(change)

    def _past_version(self, made: Made, blob: str, name: str) -> PastVersion:
        text = as_text(self._walk.read(blob, cap=MAX_SIZE) or b"")
        handle = self._workspace.settings.person_of_mail(made.mail).handle
        return PastVersion(made.commit[:12], handle, made.at, parse_document(text, incident=name))

    # ------------------------------------------------------------------------------------------- signatures and the tip

    def _look_at_policy(self, step: WalkedCommit, made: Made, names: Sequence[str]) -> None:
        """Whether the commit has to be signed: where one that it comes from set the policy, and it changes the record itself."""
        if not self._workspace.settings.policy.signed_commits:
            return
        is_under = any(parent in self._under_policy for parent in step.commit.parents)
        own = [version for version in step.files if version.is_own]
        if is_under and any(self._family_of(version.path) or version.path == SETTINGS_FILE for version in own):
            self._to_be_signed.append((made, tuple(dict.fromkeys(names))))
        if is_under or any(version.path == SETTINGS_FILE and self._wants_signatures(version) for version in step.files):
            self._under_policy.add(step.commit.oid)

    def _wants_signatures(self, version: FileVersion) -> bool:
        data = self._walk.read(version.blob, cap=MAX_SIZE) if version.blob is not None else None
        if not data or b"signed_commits" not in data:
            return False
        from incidentctl.config.parse import parse_settings

        settings, _ = parse_settings(data.decode("utf-8-sig", "replace"), file_name=SETTINGS_FILE, kind="repository")
        return settings.policy.signed_commits

    def _look_at_signatures(self) -> None:
        said = signatures_of(self._repository, [made.commit for made, _ in self._to_be_signed])
        for made, names in self._to_be_signed:
            signature = said.get(made.commit, Signature.NONE)
            if signature is not Signature.GOOD:
                incident = names[0] if len(names) == 1 else ""
                self._ledger.add(
                    Change(Verdict.UNDECLARED, Kind.NOT_SIGNED, incident, reason=signature.value, made=made)
                )

    def _look_at_the_known_tip(self) -> Iterator[Change]:
        ancestry = Ancestry(self._repository)
        found = rewritten(self._repository)
        is_covered = False
        for made, rewrite in self._rewrites:
            is_covered |= found is not None and _covers(ancestry, made, rewrite, found)
            yield Change(
                Verdict.DECLARED,
                Kind.HISTORY_REWRITTEN,
                was=rewrite.old,
                now=rewrite.new,
                reason=rewrite.reason,
                made=made,
            )
        if found is not None and not is_covered:
            where = found.where.removeprefix("refs/heads/").removeprefix("refs/remotes/")
            yield Change(Verdict.UNDECLARED, Kind.HISTORY_REWRITTEN, what=where, was=found.known, now=found.tip)


def _batches(steps: Iterable[WalkedCommit]) -> Iterator[list[WalkedCommit]]:
    """Commits in groups of a few files, so that what is kept of them stays small."""
    waiting: list[WalkedCommit] = []
    files = 0
    for step in steps:
        waiting.append(step)
        files += len(step.files)
        if files >= _FILES_AT_ONCE or len(waiting) >= _COMMITS_AT_ONCE:
            yield waiting
            waiting, files = [], 0
    yield waiting


def _covers(ancestry: Ancestry, made: Made, rewrite: Rewrite, found: Rewritten) -> bool:
    """Whether a declared rewriting is what took the known tip away: it is declared later than that tip, and began no earlier.

    A clone that never had the tip before the rewriting cannot ask that; it takes the declaration's word, which is shown.
    """
    if rewrite.old == found.known:
        return True
    if not ancestry.has(found.known) or ancestry.contains(found.known, made.commit):
        return False
    return not ancestry.has(rewrite.old) or ancestry.contains(rewrite.old, found.known)


def made_by(commit: Commit) -> Made:
    """Who made a commit and when."""
    return Made(
        commit.oid,
        commit.author_name,
        commit.author_mail,
        instant_of_seconds(commit.author_at),
        instant_of_seconds(commit.committer_at),
    )


def _masked(change: Change) -> Change:
    """What was in the record once may hold a secret that was taken out since: it is not shown again."""
    if change.kind is Kind.HISTORY_REWRITTEN:
        return change
    was, now, why = (words and mask_secrets(words) for words in (change.was, change.now, change.reason))
    return replace(change, was=was, now=now, reason=why)
