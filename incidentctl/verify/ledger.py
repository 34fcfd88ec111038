"""Compares versions of files commit by commit, and keeps what was changed after the fact. Commits are taken parents first.

A change is declared where the record itself says it, as an entry that others read (`Set`, `Withdrawn`, `Redacted`, one by hand
or by a merge), or where the commit's message names what it changed and the files bear that out. All else is undeclared, until
somebody makes it as it had been.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.document.action_items import ActionItem
from incidentctl.document.entry_changes import changed_entries, same_entry
from incidentctl.document.entry_lines import render_entry
from incidentctl.document.merge import parted_from
from incidentctl.incident.entries import Entry, KeySet, Opened, Update, Withdrawn
from incidentctl.verify.changes import Change, Claims, Kind, Made, Verdict
from incidentctl.verify.facts import Facts, Family

Part = Entry | ActionItem
_MACHINE: Final = "incidentctl"
_REDACTED: Final = "redacted"


class FileChange(Struct, frozen=True):
    """What a commit made of a file: its facts in each parent, and in the commit; `None` where there is no such file."""

    family: Family
    name: str
    path: str
    before: tuple[Facts | None, ...]
    after: Facts | None


class _Past(Struct, frozen=True):
    """A change that was kept: what it made of what, and its place in the list."""

    before: object
    after: object
    index: int


class _Parts(Protocol):
    """What a file is made of, as far as it is looked at: entries, or action items."""

    mark: str

    def of(self, facts: Facts) -> Mapping[str, Part]: ...

    def changed(self, before: Facts, after: Facts) -> Iterator[tuple[str, Part, Part | None]]: ...

    def same(self, one: object, other: object) -> bool: ...

    def kind(self, before: Part, after: Part | None) -> Kind: ...

    def is_declared(self, id_: str, kind: Kind, name: str, claims: Claims) -> bool: ...

    def words(self, part: Part | None, kind: Kind) -> str | None: ...


class Ledger:
    """The changes of one branch. `take` its commits in order, parents before children."""

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._past: dict[tuple[Family, str], dict[str, list[_Past]]] = {}
        self._gone: set[str] = set()
        self._told: dict[tuple[str, str], int] = {}
        self._hidden: set[tuple[str, str]] = set()

    def changes(self) -> list[Change]:
        """What was found so far, in the order of the commits. What was redacted since is not told."""
        found = [
            replace(change, was=None, now=None)
            if (change.incident, change.what) in self._hidden and change.kind is not Kind.REDACTED
            else change
            for change in self._changes
        ]
        for incident, what in self._hidden:
            index = self._told.get((incident, what))
            if index is not None:
                change = found[index]
                is_set = change.kind is Kind.SET  # its two values stay in the record
                found[index] = replace(change, reason=None, now=change.now if is_set else None)
        return found

    def add(self, change: Change) -> None:
        """Keeps a change that was found elsewhere."""
        self._changes.append(change)

    def take(self, made: Made, claims: Claims, files: Sequence[FileChange]) -> None:
        """Looks at one commit: at every file that differs from what at least one of its parents has."""
        rest = list(files)
        for stays, index, come in _parted(files):
            before = stays.before[index]
            rest.remove(come)
            rest[rest.index(stays)] = replace(
                stays, before=tuple(None if each is before else each for each in stays.before)
            )
            self._move(made, claims, replace(stays, before=(before,), after=None), come)
        for left, come in _moved(rest):
            rest.remove(left)
            rest.remove(come)
            self._move(made, claims, left, come)
        for file in rest:
            if file.after is None:
                self._removed_file(made, claims, file)
            elif all(facts is None for facts in file.before):
                self._new_file(made, claims, file)
            else:
                self._compare(made, claims, file, file.after)

    # ---------------------------------------------------------------------------------------------------------- files

    def _move(self, made: Made, claims: Claims, left: FileChange, come: FileChange) -> None:
        """A file that has another path in this commit. Its name is the incident's id: another name is another id."""
        if left.name == come.name:
            change = Change(Verdict.DECLARED, Kind.FILE_MOVED, come.name, come.path, was=left.path, now=come.path)
        elif _is_parted(left.name, come.name, come.after):
            change = Change(Verdict.DECLARED, Kind.PARTED, come.name, come.path, was=left.name, now=come.name)
        else:
            change = Change(
                Verdict.UNDECLARED, Kind.INCIDENT_ID_CHANGED, come.name, come.path, "id", left.name, come.name
            )
        self._gone.add(left.path)
        self._keep(change, made, "", left.name, come.name)
        assert come.after is not None
        file = FileChange(come.family, come.name, come.path, left.before, come.after)
        self._compare(made, claims, file, come.after, is_renamed=left.name != come.name)

    def _removed_file(self, made: Made, claims: Claims, file: FileChange) -> None:
        if not all(file.before) and file.path in self._gone:
            return  # one side had taken it away before
        self._gone.add(file.path)
        before = next(facts for facts in file.before if facts is not None)
        change = Change(Verdict.UNDECLARED, Kind.FILE_DELETED, file.name, file.path, was=file.path)
        self._keep(change, made, "", before, None, family=file.family)

    def _new_file(self, made: Made, claims: Claims, file: FileChange) -> None:
        assert file.after is not None
        before = self._file_put_back(made, file, file.after)
        if before is not None:
            again = FileChange(file.family, file.name, file.path, (before,), file.after)
            self._compare(made, claims, again, file.after)
            return
        pasts = [past for past in self._pasts(file, "") if past.after is None]
        if pasts:
            change = Change(Verdict.UNDECLARED, Kind.ID_REUSED, file.name, file.path, was=file.name, now=file.name)
            self._keep(change, made, "", pasts[-1].before, file.after, family=file.family)
        self._tell_additions(made, claims, file, file.after, set())

    def _file_put_back(self, made: Made, file: FileChange, after: Facts) -> Facts | None:
        """What the file had been before it was deleted, or taken for another incident, where that is there again."""
        for past in self._pasts(file, ""):
            before = past.before
            is_open = self._changes[past.index].verdict is Verdict.UNDECLARED
            if is_open and isinstance(before, Facts) and self._goes_on(file, before, after):
                self._gone.discard(file.path)
                # What was done since then was done to something else.
                for pasts in self._past[file.family, file.name].values():
                    self._settle(pasts, [each for each in pasts if each.index >= past.index], made)
                return before
        return None

    def _goes_on(self, file: FileChange, before: Facts, after: Facts) -> bool:
        """Whether a file is still about the incident that it was about. A post-mortem always is, by its name."""
        if (
            file.family is Family.POSTMORTEM
            or before is after
            or not before.entries
            or _is_same_incident(before, after)
        ):
            return True
        # Entries that had been taken away before are there again.
        pasts = ((entry, self._pasts(file, f"e:{id_}")) for id_, entry in after.entries.items())
        return any(_ENTRIES.same(past.before, entry) for entry, each in pasts for past in each)

    # ----------------------------------------------------------------------------------------------- inside of a file

    def _compare(self, made: Made, claims: Claims, file: FileChange, after: Facts, *, is_renamed: bool = False) -> None:
        befores = [facts for facts in file.before if facts is not None]
        pasts = self._pasts(file, "")
        if len(befores) == 1 and pasts and pasts[-1].after is not None:  # another incident had taken its place
            befores = [self._file_put_back(made, file, after) or befores[0]]
        if not is_renamed:
            self._compare_id(made, file, befores, after)
        parts: _Parts = _ENTRIES if file.family is Family.INCIDENT else _ITEMS
        successors = self._compare_parts(made, claims, file, befores, after, parts)
        self._compare_repeated(made, file, befores, after)
        known = {id_ for facts in befores for id_ in parts.of(facts)} | successors
        self._take_back(made, file, befores, after, parts)
        self._tell_additions(made, claims, file, after, known)

    def _compare_id(self, made: Made, file: FileChange, befores: Sequence[Facts], after: Facts) -> None:
        was = next((facts.id for facts in befores if facts.id is not None), None)
        if was is None or after.id is None or any(facts.id in (None, after.id) for facts in befores):
            return
        if not self._put_back(file, "id", after.id, made, _equal):
            change = Change(
                Verdict.UNDECLARED, Kind.INCIDENT_ID_CHANGED, file.name, file.path, "id", was=was, now=after.id
            )
            self._keep(change, made, "id", was, after.id, family=file.family)

    def _compare_parts(
        self, made: Made, claims: Claims, file: FileChange, befores: Sequence[Facts], after: Facts, parts: "_Parts"
    ) -> set[str]:
        """Judges what is otherwise than in a parent. Gives the ids of entries that stand in the place of others."""
        changed = [{id_: (was, now) for id_, was, now in parts.changed(facts, after)} for facts in befores]
        successors: set[str] = set()
        for id_ in dict.fromkeys(id_ for changes in changed for id_ in changes):
            holders = [index for index, facts in enumerate(befores) if id_ in parts.of(facts)]
            mine = [changed[index][id_] for index in holders if id_ in changed[index]]
            was, now = mine[0]
            if now is not None:
                successors.add(now.id)
            others = [facts for index, facts in enumerate(befores) if index not in holders]
            is_own = len(mine) == len(holders) and (
                not others or (now is not None and not any(now.id in parts.of(facts) for facts in others))
            )
            if is_own:
                self._judge(made, claims, file, parts, id_, was, now)
            elif now is None:
                # Some parent has it, another never had it or took it away.
                pasts = self._pasts(file, parts.mark + id_)
                if not any(past.after is None or _id_of(past.after) != id_ for past in pasts):
                    self._judge(made, claims, file, parts, id_, was, None)
            else:
                self._took_a_side(made, file, parts, id_, [before for before, _ in mine], now)
        return successors

    def _judge(
        self, made: Made, claims: Claims, file: FileChange, parts: "_Parts", id_: str, was: Part, now: Part | None
    ) -> None:
        what = parts.mark + id_
        if now is not None and self._put_back(file, what, now, made, parts.same):
            return
        kind = parts.kind(was, now)
        is_declared = parts.is_declared(id_, kind, file.name, claims)
        if isinstance(now, Entry) and now.redacted is not None:
            self._hidden.add((file.name, what))
        change = Change(
            Verdict.DECLARED if is_declared else Verdict.UNDECLARED,
            kind,
            file.name,
            file.path,
            what,
            was=None if kind is Kind.REDACTED else parts.words(was, kind),
            now=parts.words(now, kind),
            by_command=is_declared and kind is not Kind.REDACTED,
        )
        self._keep(change, made, what, was, now, family=file.family)

    def _took_a_side(
        self, made: Made, file: FileChange, parts: "_Parts", id_: str, left_out: Sequence[Part], now: Part
    ) -> None:
        """A merge kept one side's form. Where the other's had come after it, the merge undid a change."""
        what = parts.mark + id_
        for dropped in left_out:
            pasts = self._pasts(file, what)
            since = next((index for index, past in enumerate(pasts) if parts.same(past.before, now)), len(pasts))
            came = [past.after for past in pasts[since:]]
            if not any(parts.same(each, dropped) for each in came) or any(parts.same(each, now) for each in came):
                continue
            if not self._put_back(file, what, now, made, parts.same):
                kind = parts.kind(dropped, now)
                words = parts.words(dropped, kind), parts.words(now, kind)
                change = Change(Verdict.UNDECLARED, kind, file.name, file.path, what, *words)
                self._keep(change, made, what, dropped, now, family=file.family)

    def _compare_repeated(self, made: Made, file: FileChange, befores: Sequence[Facts], after: Facts) -> None:
        for id_ in sorted(after.repeated):
            if not any(id_ in facts.repeated for facts in befores):
                words = _line_of(after.entries[id_])
                change = Change(Verdict.UNDECLARED, Kind.ID_REUSED, file.name, file.path, f"e:{id_}", words)
                self._keep(change, made, f"twice {id_}", "once", "twice", family=file.family)
        for id_ in sorted(frozenset().union(*(facts.repeated for facts in befores)) - after.repeated):
            self._put_back(file, f"twice {id_}", "once", made, _equal)

    def _take_back(self, made: Made, file: FileChange, befores: Sequence[Facts], after: Facts, parts: "_Parts") -> None:
        """What had been taken away and is there again."""
        for what in list(self._past.get((file.family, file.name), ())):
            id_ = what.removeprefix(parts.mark)
            now = parts.of(after).get(id_) if what.startswith(parts.mark) else None
            if now is None or all(id_ in parts.of(facts) for facts in befores):
                continue
            pasts = self._pasts(file, what)
            if not pasts or pasts[-1].after is not None or self._put_back(file, what, now, made, parts.same):
                continue
            if (
                isinstance(now, Entry)
                and isinstance(pasts[-1].before, Entry)
                and not any(id_ in parts.of(facts) for facts in befores)
            ):
                words = _line_of(pasts[-1].before), _line_of(now)
                change = Change(Verdict.UNDECLARED, Kind.ID_REUSED, file.name, file.path, what, *words)
                self._keep(change, made, what, pasts[-1].before, now, family=file.family)

    def _tell_additions(self, made: Made, claims: Claims, file: FileChange, after: Facts, known: Set[str]) -> None:
        """New entries are no change after the fact; those that say one are told, once each."""
        new = [entry for id_, entry in after.entries.items() if id_ not in known]
        by_command = bool(claims.events) and {entry.id for entry in new} == claims.events
        for entry in new:
            kind = _declaring(entry)
            if kind is not None and (file.name, f"e:{entry.id}") not in self._told:
                self._told[file.name, f"e:{entry.id}"] = len(self._changes)
                was, now = (
                    (entry.what.old, entry.what.new) if isinstance(entry.what, KeySet) else (None, _line_of(entry))
                )
                what = entry.what.key if isinstance(entry.what, KeySet) else f"e:{_subject(entry)}"
                self._changes.append(
                    Change(
                        Verdict.DECLARED,
                        kind,
                        file.name,
                        file.path,
                        what,
                        was,
                        now,
                        reason=(entry.text or None) if kind in (Kind.SET, Kind.WITHDRAWN) else None,
                        made=made,
                        by_command=by_command,
                    )
                )

    # ----------------------------------------------------------------------------------------------------- bookkeeping

    def _pasts(self, file: FileChange, what: str) -> list[_Past]:
        return self._past.get((file.family, file.name), {}).get(what, [])

    def _keep(
        self, change: Change, made: Made, what: str, before: object, after: object, *, family: Family | None = None
    ) -> None:
        if family is not None:
            mine = self._past.setdefault((family, change.incident), {})
            pasts = mine.setdefault(what, [])
            pasts.append(_Past(before, after, len(self._changes)))
            if _id_of(after):  # a typed line that was changed goes on under another id
                mine.setdefault(f"{what[:2]}{_id_of(after)}", pasts)
        self._changes.append(replace(change, made=made))

    def _put_back(self, file: FileChange, what: str, now: object, made: Made, same: "_Same") -> bool:
        """Whether this makes it as it had been before an undeclared change: then that one, and those since, are settled."""
        pasts = self._pasts(file, what)
        for start, past in enumerate(pasts):
            if self._changes[past.index].verdict is Verdict.UNDECLARED and same(past.before, now):
                self._settle(pasts, pasts[start:], made)
                return True
        return False

    def _settle(self, pasts: list[_Past], settled: Sequence[_Past], made: Made) -> None:
        for each in settled:
            pasts.remove(each)
            change = self._changes[each.index]
            if change.verdict is Verdict.UNDECLARED:
                self._changes[each.index] = replace(change, verdict=Verdict.DECLARED, put_back=made.commit)


class _Same(Protocol):
    def __call__(self, one: object, other: object, /) -> bool: ...


def _id_of(part: object) -> str:
    return part.id if isinstance(part, Entry | ActionItem) else ""


def _equal(one: object, other: object) -> bool:
    return one == other


def _moved(files: Sequence[FileChange]) -> Iterator[tuple[FileChange, FileChange]]:
    """The files of a commit that went from one path to another: of one name, or of one incident."""
    left = [file for file in files if file.after is None and file.before and all(file.before)]
    come = [file for file in files if file.after is not None and not any(file.before)]
    for one in left if come else ():
        for other in come:
            if one.family is other.family and (one.name == other.name or _goes_on_as(one, other)):
                come.remove(other)
                yield one, other
                break


def _parted(files: Sequence[FileChange]) -> list[tuple[FileChange, int, FileChange]]:
    """Where a merge met two incidents of one name, and gave one of them another: the file, which parent's went, and where it is."""
    found: list[tuple[FileChange, int, FileChange]] = []
    come = [file for file in files if file.after is not None and not any(file.before)]
    for new in come:
        for stays in files:
            if stays.family is new.family and stays.after is not None and _is_parted(stays.name, new.name, new.after):
                mine = [index for index, before in enumerate(stays.before) if before and _is_one(stays, before, new)]
                if mine and not any(each is stays for each, _, _ in found):
                    found.append((stays, mine[0], new))
                    break
    return found


def _is_one(stays: FileChange, before: Facts, new: FileChange) -> bool:
    assert stays.after is not None and new.after is not None
    return _is_same_incident(before, new.after) and not _is_same_incident(before, stays.after)


def _goes_on_as(left: FileChange, come: FileChange) -> bool:
    before = left.before[0]
    if before is None or come.after is None:
        return False
    if left.family is Family.POSTMORTEM:
        return before.id is not None and before.id == come.after.id
    return _is_same_incident(before, come.after)


def _is_same_incident(before: Facts, after: Facts) -> bool:
    return before.opening is not None and before.opening == after.opening


def _is_parted(before: str, after: str, facts: Facts | None) -> bool:
    """Whether the second id is the one that an incident takes when another one has its name."""
    return facts is not None and facts.opening is not None and parted_from(before, facts.opening) == after


def _declaring(entry: Entry) -> Kind | None:
    """The change that an entry says, if it says one."""
    if entry.author == _MACHINE and entry.agent:
        return Kind.SETTLED
    if entry.by_hand is not None:
        return Kind.KEY_BY_HAND
    if isinstance(entry.what, KeySet):
        return Kind.SET
    return Kind.WITHDRAWN if isinstance(entry.what, Withdrawn) else None


def _subject(entry: Entry) -> str:
    return entry.what.entry if isinstance(entry.what, Withdrawn) else entry.id


def _line_of(entry: Entry) -> str:
    """An entry as it stands, without its dash and its id."""
    return "\n".join(render_entry(replace(entry, id=""))).removeprefix("- ")


class _EntryParts:
    """The entries of an incident."""

    mark = "e:"

    def of(self, facts: Facts) -> Mapping[str, Part]:
        return facts.entries

    def changed(self, before: Facts, after: Facts) -> Iterator[tuple[str, Part, Part | None]]:
        for change in changed_entries(before.entries, after.entries):
            yield change.id, change.before, change.after

    def same(self, one: object, other: object) -> bool:
        return isinstance(one, Entry) and isinstance(other, Entry) and one.id == other.id and same_entry(one, other)

    def kind(self, before: Part, after: Part | None) -> Kind:
        assert isinstance(before, Entry)
        if not isinstance(after, Entry):
            return Kind.ENTRY_REMOVED
        if _is_redaction(before, after):
            return Kind.REDACTED
        if before.at != after.at:
            return Kind.DECLARATION_MOVED if isinstance(before.what, Opened) else Kind.TIME_MOVED
        return Kind.ENTRY_EDITED

    def is_declared(self, id_: str, kind: Kind, name: str, claims: Claims) -> bool:
        return kind is Kind.REDACTED or (id_ in claims.edited and name in claims.incidents)

    def words(self, part: Part | None, kind: Kind) -> str | None:
        return _line_of(part) if isinstance(part, Entry) else None


def _is_redaction(before: Entry, after: Entry) -> bool:
    """Whether the words alone were taken out, and openly: kind, times, right side and id stay; the author may have become `@redacted`."""
    if after.redacted is None or type(before.what) is not type(after.what):
        return False
    if isinstance(before.what, Update) and isinstance(after.what, Update):
        if before.what.status is not after.what.status:
            return False
    elif before.what != after.what:
        return False
    people = (before.author, before.noted_by), (after.author, after.noted_by)
    stands = (before.at, before.id, before.recorded_at, before.by_hand, before.agent)
    return stands == (after.at, after.id, after.recorded_at, after.by_hand, after.agent) and all(
        was == now or now in (_REDACTED, None) for was, now in zip(*people, strict=True)
    )


class _ItemParts:
    """The action items of a post-mortem, as far as they are promised: once it is published."""

    mark = "a:"

    def of(self, facts: Facts) -> Mapping[str, Part]:
        return facts.items

    def changed(self, before: Facts, after: Facts) -> Iterator[tuple[str, Part, Part | None]]:
        if not before.published or before.items == after.items:
            return
        # The id of a typed item follows from its words: one whose words were changed has another.
        come = [after.items[id_] for id_ in after.items if id_ not in before.items and id_ in after.typed_items]
        for id_, item in before.items.items():
            now = after.items.get(id_)
            if now is None and id_ in before.typed_items and come:
                now = come.pop(0)
            if now is None or (item.due and not self.same(item, now)):
                yield id_, item, now

    def same(self, one: object, other: object) -> bool:
        if not isinstance(one, ActionItem) or not isinstance(other, ActionItem):
            return False
        return one.due == other.due or (one.due_on is not None and one.due_on == other.due_on)

    def kind(self, before: Part, after: Part | None) -> Kind:
        return Kind.ACTION_REMOVED if after is None else Kind.ACTION_DUE_MOVED

    def is_declared(self, id_: str, kind: Kind, name: str, claims: Claims) -> bool:
        claimed = claims.edited | claims.actions if kind is Kind.ACTION_DUE_MOVED else claims.edited
        return id_ in claimed and name in claims.incidents

    def words(self, part: Part | None, kind: Kind) -> str | None:
        if not isinstance(part, ActionItem):
            return None
        return (part.due or "none") if kind is Kind.ACTION_DUE_MOVED else part.text


_ENTRIES: Final = _EntryParts()
_ITEMS: Final = _ItemParts()
