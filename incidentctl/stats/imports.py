"""From the rows of an import to what is written: entries, keys, a post-mortem. Makes up no time; what does not fit is said. Pure.

The same rows give the same bytes, ids included: an import that was cut off can be repeated, and two clones that import the same file
make the same incidents.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.document.action_items import ActionItem, Link, read_action_items, read_date, render_item
from incidentctl.document.entry_lines import parse_entry, render_entry
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import parse_document
from incidentctl.document.postmortem_imported import ImportedPostmortem, render_imported_postmortem
from incidentctl.document.render import render_document
from incidentctl.incident.entries import (
    COMMANDER,
    COMMS_LEAD,
    FOLDED_KEYS,
    FOLDED_ROLES,
    TECH_LEAD,
    TIME_KEYS,
    Canceled,
    CancelReason,
    Done,
    Entry,
    KeySet,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RedactReason,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    What,
    Withdrawn,
)
from incidentctl.incident.ids import ENTRY_ID, counted, derived_id, incident_id, is_incident_id, slug_of
from incidentctl.incident.lifecycle import State, fold
from incidentctl.incident.model import PLAIN_KEYS, Incident, Value
from incidentctl.incident.secrets import without_masks
from incidentctl.incident.times import format_instant, quoted
from incidentctl.incident.words import handle_of
from incidentctl.stats.exchange import ActionItemRow, AnyRow, IncidentRow, ItemState, TransitionRow

IMPORTER: Final = "import"
"""Who writes the entries that an import makes of a row: a machine, which acknowledges nothing."""

_PICTURES: Final = re.compile("[\u2400-\u2426\ufffd]")
_MILESTONES: Final = (
    (Milestone.MITIGATED, Status.MITIGATED),
    (Milestone.RESOLVED, Status.RESOLVED),
    (Milestone.CLOSED, Status.CLOSED),
)
_IN_ORDER: Final = ("started_at", "detected_at", "mitigated_at", "resolved_at")


class Place(Struct, frozen=True):
    """Where a row stands: the file, and its line, from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Problem(Struct, frozen=True):
    """What is wrong with a row, or doubtful; `column` is empty where it is about all of it."""

    place: Place
    column: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, (f"{self.place}:", self.column, self.message)))


class Placed(Struct, frozen=True):
    """A row and where it stands."""

    place: Place
    row: AnyRow


class Given(Struct, frozen=True):
    """One incident of an import with all of its rows."""

    place: Place
    row: IncidentRow
    transitions: tuple[tuple[Place, TransitionRow], ...] = ()
    items: tuple[tuple[Place, ActionItemRow], ...] = ()

    @property
    def key(self) -> str:
        """What tells it from others, in any clone: what its ids are derived from."""
        row = self.row
        return row.external_id or row.id or f"{format_instant(row.declared_at)} {row.title}"

    @property
    def wanted_id(self) -> str:
        """The id that it has where nobody has it yet: its own, else one of day and title, as `open` makes it."""
        row = self.row
        if row.id is not None and is_incident_id(row.id):
            return row.id
        return incident_id(row.declared_at.date(), slug_of(_PICTURES.sub(" ", without_masks(row.title))))


class Taking(Struct, frozen=True):
    """What an import has to know of the repository. `person` gives the handle of a name or mail address; `named` the id of an incident
    by its id or external id, here or in the import."""

    source: str
    default_severity: str
    person: Callable[[str], str | None]
    named: Callable[[str], str | None]


class Made(Struct, frozen=True):
    """One incident as it is written. `postmortem` is the text of its document, `None` where it has none."""

    id: str
    external_id: str | None
    text: str
    postmortem: str | None
    items: int
    warnings: tuple[Problem, ...]


class Unfit(Exception):  # it is no fault of the program's: it carries what is wrong with the rows
    """Rows of which nothing can be made."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


# --------------------------------------------------------------------------------------------------------- rows together


def gather(placed: Iterable[Placed], torn: Collection[str] = ()) -> tuple[list[Given], list[Problem]]:
    """The rows by incident, in the order of the file; those that belong to none, or say an id twice, as problems.

    `torn` are ids of incidents of which a row could not be read: they are left out whole.
    """
    problems: list[Problem] = []
    incidents: dict[str, Given] = {}
    names: dict[str, str] = {}
    left: set[str] = set()
    transitions: dict[str, list[tuple[Place, TransitionRow]]] = {}
    items: dict[str, list[tuple[Place, ActionItemRow]]] = {}
    rest: list[Placed] = []
    for each in placed:
        if not isinstance(each.row, IncidentRow):
            rest.append(each)
            continue
        given = Given(each.place, each.row)
        if each.row.id in torn or each.row.external_id in torn:
            message = "one of its transitions or action items cannot be read, so all of it is left out"
            problems.append(Problem(each.place, "", message))
            left |= {name for name in (each.row.id, each.row.external_id) if name is not None}
            continue
        if given.key in incidents:
            column = "external_id" if each.row.external_id else "id" if each.row.id else "title"
            problems.append(
                Problem(each.place, column, f"{quoted(given.key)} is in {incidents[given.key].place} already")
            )
            continue
        incidents[given.key] = given
        for name in (each.row.id, each.row.external_id):
            if name is not None:
                names.setdefault(name, given.key)
    for each in rest:
        row = each.row
        assert not isinstance(row, IncidentRow)
        key = names.get(row.incident)
        if key is None and row.incident in left:
            continue
        if key is None:
            message = f"{quoted(row.incident)} is none of the incidents of this import"
            problems.append(Problem(each.place, "incident", message, "import it together with their rows"))
        elif isinstance(row, TransitionRow):
            transitions.setdefault(key, []).append((each.place, row))
        else:
            items.setdefault(key, []).append((each.place, row))
    return [
        replace(given, transitions=tuple(transitions.get(key, ())), items=tuple(items.get(key, ())))
        for key, given in incidents.items()
    ], problems


# --------------------------------------------------------------------------------------------------------- one incident


def make_incident(given: Given, incident: str, taking: Taking) -> Made:
    """An incident as its file, and its post-mortem's. Raises `Unfit` with what is wrong with which row."""
    return _Making(given, incident, taking).made()


class _Making:
    """One incident on its way from rows to texts."""

    def __init__(self, given: Given, incident: str, taking: Taking) -> None:
        self.given = given
        self.row = given.row
        self.incident = incident
        self.taking = taking
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.estimated: list[str] = list(given.row.estimated)
        self._counts: dict[datetime, int] = {}
        self._ids: set[str] = set()
        self._item_ids: set[str] = set()

    def made(self) -> Made:
        entries = self._transitions() if self.given.transitions else self._entries()
        keys = self._keys()
        items = [item for place, row in self.given.items if (item := self._item(place, row)) is not None]
        if self.problems:
            raise Unfit(self.problems)
        state = fold(entries)
        self._compare(state)
        text = render_document(self.incident, keys, tuple(entries))
        document = parse_document(text, incident=self.incident)
        if document.faults or differing_keys(document) or len(document.entries) != len(entries):
            fault = f": {document.faults[0].message}" if document.faults else ""
            raise Unfit([Problem(self.given.place, "", f"cannot be written so that it reads back{fault}")])
        postmortem = self._postmortem(Incident(self.incident, self.row.title, tuple(entries), state, keys), items)
        return Made(
            self.incident,
            self.row.external_id,
            text,
            postmortem,
            len(items),
            tuple(self.warnings),
        )

    def _fault(self, place: Place, column: str, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(place, column, message, hint))

    def _warn(self, column: str, message: str) -> None:
        self.warnings.append(Problem(self.given.place, column, message))

    # ------------------------------------------------------------------------------------------------------- entries

    def _identified(self, entry: Entry, given_id: str | None = None) -> Entry:
        """The entry with its own id, else one that is derived from what the incident is called and its place among the entries."""
        count = self._counts.get(entry.at, 0)
        if given_id is not None and ENTRY_ID.fullmatch(given_id) and given_id not in self._ids:
            name = given_id
        else:
            number = len(self._ids)
            name = derived_id(self.given.key, str(number), count=min(count, 1023))
            while name in self._ids:
                number += 1
                name = derived_id(self.given.key, str(number), count=min(count, 1023))
        self._counts[entry.at] = max(count, counted(name)) + 1
        self._ids.add(name)
        return replace(entry, id=name)

    def _person(self, word: str | None, place: Place, column: str) -> str | None:
        if word is None:
            return None
        handle = self.taking.person(word)
        if handle is None:
            self._fault(place, column, f"is no person: {quoted(word)}", "write a handle, as ann, or a mail address")
        return handle

    def _opening(self) -> Entry:
        """The declaration, as the row of the incident has it: a machine's word, where the row names nobody."""
        row, place = self.row, self.given.place
        opener = self._person(row.opened_by, place, "opened_by")
        severity = row.severity_declared or row.severity or self.taking.default_severity
        opened = Opened(severity, None, row.severity is None, row.started_at, row.detected_at)
        by_machine = opener is None or row.opened_by_agent is True
        entry = Entry(row.declared_at, opened, row.summary or "", author=opener or IMPORTER, agent=by_machine)
        return self._identified(entry)

    def _entries(self) -> list[Entry]:
        """The entries that the row of an incident gives by itself. They are a machine's, but for the opening, where it names a person."""
        row, place = self.row, self.given.place
        opening = self._opening()
        found = [opening]
        assert isinstance(opening.what, Opened)
        severity = opening.what.severity

        def add(at: datetime, what: What, text: str = "", *, by: str | None = IMPORTER, machine: bool = True) -> None:
            found.append(self._identified(Entry(at, what, text, author=by, agent=machine)))

        if opening.agent and row.acknowledged_at is not None:
            add(row.acknowledged_at, Reached(Milestone.ACKNOWLEDGED), by=None, machine=False)
        for role in (COMMANDER, TECH_LEAD, COMMS_LEAD):
            holder = self._person(getattr(row, role), place, role)
            if holder is not None:
                add(row.declared_at, RoleChange(role, holder))
                self.estimated.append(role)
        last = max(at for at in (getattr(row, key) for key in TIME_KEYS) if at is not None)
        if row.severity is not None and row.severity != severity:
            add(last, SeverityChange(severity, row.severity))
        for milestone, status in _MILESTONES:
            at = getattr(row, f"{status.value}_at")
            if at is not None:
                add(at, Reached(milestone))
        self._reach_status(found, last, add)
        for key in TIME_KEYS:
            said, derived = getattr(row, key), getattr(fold(found), key)
            if said is not None and said != derived:
                add(last, KeySet(key, format_instant(derived) if derived else None, format_instant(said)))
        return [entry for entry in found if self._reads_back(entry, place)]

    def _reach_status(self, found: list[Entry], last: datetime, add: Callable[..., None]) -> None:
        """What the status says beyond the times: that it was over, at a time that nobody knows, is said just so."""
        row = self.row
        said = Status(row.status) if row.status else None
        if said is Status.CANCELED or (said is None and (row.cancel_reason or row.duplicate_of)):
            duplicate = self._other(row.duplicate_of, "duplicate_of")
            reason = row.cancel_reason or ("duplicate" if row.duplicate_of else "not_an_incident")
            add(last, Canceled(CancelReason(reason), duplicate))
            return
        reached = fold(found).status
        if said is None:
            said = Status.INVESTIGATING
            if reached is None or reached.rank < Status.MITIGATED.rank:
                self._warn("status", "is empty, and there is no resolved_at: it counts as open")
        if reached is not None and said.rank < reached.rank:
            if row.status is not None:
                self._warn("status", f"is {said.value}, and its times say {reached.value}: the times stand")
            return
        milestone = next((milestone for milestone, status in _MILESTONES if status is said), None)
        if reached is said:
            return
        if milestone is None:
            add(last, StatusChange(said))
            return
        key = f"{said.value}_at"
        add(last, Reached(milestone))
        add(last, KeySet(key, format_instant(last), None), "the time is not known")

    def _other(self, word: str | None, column: str) -> str | None:
        """The id of another incident that a row names; one that nobody knows is left out, and that is said."""
        if word is None:
            return None
        found = self.taking.named(word)
        if found is None and is_incident_id(word):
            return word
        if found is None:
            self._warn(column, f"names {quoted(word)}, which is no incident here or in this import: left out")
        return found

    def _transitions(self) -> list[Entry]:
        found: list[Entry] = []
        rows = self.given.transitions
        if not any(row.kind == "opened" for _, row in rows):
            found.append(self._opening())
        for place, row in rows:
            what = self._what(place, row)
            if what is None:
                continue
            by = self._person(row.by, place, "by")
            entry = Entry(
                row.at,
                what,
                "" if row.redacted else row.text or "",
                author=by,
                recorded_at=row.recorded_at,
                noted_by=self._person(row.noted_by, place, "noted_by") if by else None,
                agent=bool(row.agent) and by is not None,
                redacted=RedactReason(row.redacted) if row.redacted else None,
            )
            entry = self._identified(entry, row.id)
            if self._reads_back(entry, place):
                found.append(entry)
        return found

    def _reads_back(self, entry: Entry, place: Place) -> bool:
        read = parse_entry(render_entry(entry))
        if read is not None and read.entry == entry and read.unread_kind is None:
            return True
        self._fault(place, "", f"cannot be written as an entry of the kind {entry.kind}: its words have another form")
        return False

    def _what(self, place: Place, row: TransitionRow) -> What | None:
        """What a row says happened, by its kind; a column that the kind needs and that is empty is a problem."""

        def need(column: str) -> str:
            value = getattr(row, column)
            if value is None:
                self._fault(place, column, f"is empty, and a row of the kind {row.kind} needs it")
            return value or ""

        before = len(self.problems)
        what = self._what_of(place, row, need)
        return what if len(self.problems) == before else None

    def _what_of(self, place: Place, row: TransitionRow, need: Callable[[str], str]) -> What | None:
        match row.kind:
            case "opened":
                severity = row.severity or need("severity")
                return Opened(severity, row.given_as, bool(row.unconfirmed), row.started_at, row.detected_at)
            case "acknowledged" | "mitigated" | "resolved" | "closed" | "reopened":
                return Reached(Milestone(row.kind))
            case "commander" | "tech_lead" | "comms_lead":
                return RoleChange(row.kind, self._person(row.person, place, "person"))
            case "role":
                return RoleChange(need("role"), self._person(row.person, place, "person"))
            case "severity":
                severity = need("severity")
                return SeverityChange(row.severity_before or severity, severity)
            case "status":
                return StatusChange(Status(status)) if (status := need("status")) else None
            case "update":
                commander = self._person(row.commander, place, "commander")
                status = need("status")
                if not status:
                    return None
                return Update(Status(status), row.impact, row.theory, row.actions, row.next_at, commander, row.public)
            case "canceled":
                reason = need("cancel_reason")
                return Canceled(CancelReason(reason), self._other(row.duplicate_of, "duplicate_of")) if reason else None
            case "set":
                return KeySet(need("key"), row.old, row.new)
            case "done":
                return Done(need("clock"))
            case "withdrawn":
                return Withdrawn(need("withdraws").removeprefix("e:"))
            case kind:
                return Note(NoteKind(kind) if kind in tuple(NoteKind) else None)

    # --------------------------------------------------------------------------------------------------------- keys

    def _keys(self) -> dict[str, Value]:
        row = self.row
        keys: dict[str, Value] = {"title": row.title}
        for key in PLAIN_KEYS:
            if key in ("title", "estimated", "repeat_of", "drill", "source"):
                continue
            keys[key] = getattr(row, key)
        keys["drill"] = "true" if row.drill else None
        keys["source"] = row.source or self.taking.source
        keys["estimated"] = tuple(dict.fromkeys(self.estimated))
        keys["repeat_of"] = self._other(row.repeat_of, "repeat_of")
        for key, value in row.other_keys.items():
            if key in FOLDED_KEYS or key in PLAIN_KEYS or key == "id":
                self._fault(self.given.place, "other_keys", f"has {key}, which has a column of its own")
            else:
                keys[key] = value
        return {key: value for key, value in keys.items() if value not in (None, (), "")}

    def _compare(self, state: State) -> None:
        """What is doubtful in the incident as it came out: times out of order, and a row that its transitions do not bear out."""
        times = [(key, at) for key in _IN_ORDER if (at := getattr(state, key)) is not None]
        for (earlier, before), (later, after) in pairwise(times):
            if after < before:
                self._warn(
                    later, f"is before {earlier}: taken as it is, and in no figure until one of them is put right"
                )
        if not self.given.transitions:
            return
        folded = state.as_keys()
        for key in ("severity", "status", *FOLDED_ROLES, *TIME_KEYS):
            said = getattr(self.row, key)
            said = format_instant(said) if isinstance(said, datetime) else said
            if said is not None and said != folded[key] and handle_of(str(said)) != folded[key]:
                self._warn(key, f"is {said}, and its transitions give {folded[key] or 'none'}: they stand")

    # --------------------------------------------------------------------------------------------------- post-mortem

    def _postmortem(self, incident: Incident, items: list[ActionItem]) -> str | None:
        row, place = self.row, self.given.place
        facts = (row.root_cause, row.postmortem_status, row.postmortem_published_at, row.postmortem_url)
        if not any(facts) and not row.postmortem_authors and not items:
            return None
        authors = [self._person(each, place, "postmortem_authors") for each in row.postmortem_authors]
        if self.problems:
            raise Unfit(self.problems)
        said = ImportedPostmortem(
            status=row.postmortem_status or ("final" if row.postmortem_published_at else "draft"),
            authors=tuple(each for each in authors if each),
            published_at=row.postmortem_published_at,
            root_cause=row.root_cause,
            url=row.postmortem_url,
            items=items,
        )
        return render_imported_postmortem(incident, said, source=row.source or self.taking.source)

    def _item(self, place: Place, row: ActionItemRow) -> ActionItem | None:
        """An action item. The day that binds is the one that is written: a later one would make the rate better than it was."""
        state = row.state or ("done" if row.done_on else "dropped" if row.dropped_on else "open")
        is_open = state == ItemState.OPEN
        words = row.text
        due = row.binding_due.isoformat() if row.binding_due else row.due
        if row.due is not None and row.binding_due == read_date(row.due):
            due = row.due
        link = None
        if row.link:
            link = Link(row.link_text or "", row.link) if "://" in row.link else Link(row.link)
        done = _said(row.done_on, row.done_evidence) if state == ItemState.DONE else None
        dropped = _said(row.dropped_on, row.drop_reason) if state == ItemState.DROPPED else None
        item = ActionItem(
            text=words,
            ticked=not is_open,
            struck=state == ItemState.DROPPED,
            owners=row.owners,
            due=due,
            type=row.action_type,
            link=link,
            done=done,
            dropped=dropped,
            id=self._item_id(row),
        )
        lines = "\n".join(render_item(item))
        read = [each.item for each in read_action_items(lines + "\n", 0, len(lines) + 1, incident=self.incident)]
        if len(read) != 1 or _facts(read[0]) != _facts(item):
            self._fault(place, "", "cannot be written as an action item: its words have another form")
            return None
        return item

    def _item_id(self, row: ActionItemRow) -> str:
        taken = self._item_ids
        if row.id is not None and ENTRY_ID.fullmatch(row.id.removeprefix("a:")) and row.id not in taken:
            name = row.id.removeprefix("a:")
        else:
            number = len(taken)
            name = derived_id(self.given.key, row.text, str(number), count=1 + number % 1023)
        taken.add(name)
        return name


def _said(day: object, words: str | None) -> str | None:
    return " ".join(str(each) for each in (day, words) if each) or None


def _facts(item: ActionItem) -> tuple[object, ...]:
    return (item.id, item.text, item.is_open, item.is_dropped, item.due_on, item.done_on, item.dropped_on, item.owners)


# ------------------------------------------------------------------------------------------------------- what is there


def differences(row: IncidentRow, keys: Mapping[str, str | None], title: str) -> Iterator[tuple[str, str, str]]:
    """Where a row says something else than the incident that is there: the column, what is here, what the row says.

    `keys` are the folded ones, as they are written.
    """
    here = {**keys, "title": title}
    for key in ("title", "severity", "status", *TIME_KEYS):
        said = getattr(row, key)
        said = format_instant(said) if isinstance(said, datetime) else said
        if said is not None and said != here.get(key):
            yield key, here.get(key) or "none", str(said)
