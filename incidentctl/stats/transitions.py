"""From a file of the record and its history to a Case: what happened to an incident, when it was recorded, and the way to each fact.

The timeline is the record. Where a person changed a key in an editor the commit stands in, marked as from history: a change that is still
there as the next write would take it in, and a status that was passed through on the way to one that was taken in.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.document.believe import believe
from incidentctl.document.entry_changes import changed_entries, entries_by_id
from incidentctl.document.hand_edits import PastVersion, TakenOver, differing_keys, take_over
from incidentctl.document.parse import Document, parse_document
from incidentctl.incident.cadence import ended_intervals
from incidentctl.incident.calendar import Calendar
from incidentctl.incident.clocks import ClockPolicy, is_public_word, postmortem_due_on, response_asked
from incidentctl.incident.entries import (
    COMMANDER,
    TIME_KEYS,
    Canceled,
    Done,
    Entry,
    KeySet,
    Milestone,
    Opened,
    Reached,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    Withdrawn,
)
from incidentctl.incident.lifecycle import State, effective, feeds, fold
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import Scale
from incidentctl.incident.times import instant_of_seconds, parse_instant
from incidentctl.stats.case import (
    Cadence,
    Case,
    Doubt,
    Fact,
    Origin,
    PostmortemFacts,
    RecordedFrom,
    Source,
    Transition,
)
from incidentctl.stats.likeness import terms_of
from incidentctl.stats.revision import FileHistory, Revision, lineage

_MACHINE = "incidentctl"
_EVENT = re.compile(r"^Incident-Event: (.+) e:([0-9a-z]{6})\s*$", re.MULTILINE)
_NO_SEVERITY = "none"
_SHORT = 12


class Rules(Struct, frozen=True):
    """What the reading of a case depends on besides the files. `zone` is that in which a commit falls on a day."""

    scale: Scale
    calendar: Calendar
    zone: tzinfo
    handle_of: Callable[[str, str], str]


def case_of(file: FileHistory, document: Document, rules: Rules, *, postmortem: PostmortemFacts | None = None) -> Case:
    """What is known of an incident. `document` is the file's text, read; it has to be one without a `fault_of` it."""
    return _Reading(file, document, rules).case(postmortem)


def fault_of(document: Document) -> tuple[int, str] | None:
    """The line and the reason why a file says nothing that can be trusted; `None` where it can be read."""
    if not document.is_readable:
        fault = document.faults[0]
        return fault.line, fault.message
    for fault in document.faults:
        if fault.code in ("conflict-markers", "not-utf-8", "not-text"):
            return fault.line, fault.message
    return None


def claimed_entries(message: str) -> tuple[str, ...]:
    """The ids of the entries that a commit says it recorded, wherever in its message: a squashed merge keeps them in its middle."""
    found = dict.fromkeys(id_ for kind, id_ in _EVENT.findall(message) if kind != "redacted")
    return tuple(found)


def moment_of(revision: Revision) -> datetime:
    """The author's date of a commit."""
    return instant_of_seconds(revision.at)


class _Introduced(Struct, frozen=True):
    """The commit that brought an entry; `is_claimed`: it says so itself. `was_written`: with its id, as commands write it."""

    revision: Revision
    is_claimed: bool
    was_written: bool = False


class _Reading:
    """One file."""

    def __init__(self, file: FileHistory, document: Document, rules: Rules) -> None:
        self._file = file
        self._rules = rules
        self._document = document
        self._documents: dict[str, Document | None] = {file.blob: self._document}
        self._lines = {
            placed.entry.id: file.text.count("\n", 0, placed.start) + 1 for placed in reversed(self._document.placed)
        }
        taken, passed = self._by_hand()
        self._contradictions = tuple(sorted(taken.hold))
        incident = believe(self._document, file.incident, taken)
        if passed:
            entries = (*incident.entries, *passed)
            state = fold(entries)
            incident = replace(
                incident, entries=entries, state=replace(state, status=state.status or Status.INVESTIGATING)
            )
        self._incident: Incident = incident
        self._claimed = self._claims()
        self._searched: dict[str, _Introduced] | None = None
        self._imported = incident.word("source") is not None
        self._estimated = frozenset(incident.listed("estimated"))

    # ---------------------------------------------------------------------------------------------------------- by hand

    def _parsed(self, blob: str) -> Document | None:
        if blob not in self._documents:
            text = self._file.read(blob)
            self._documents[blob] = None if text is None else parse_document(text, incident=self._file.incident)
        return self._documents[blob]

    def _past(self, revision: Revision) -> PastVersion | None:
        document = self._parsed(revision.blob or "")
        if document is None:
            return None
        author = self._rules.handle_of(revision.author_name, revision.author_mail)
        return PastVersion(revision.commit[:_SHORT], author, moment_of(revision), document)

    def _by_hand(self) -> tuple[TakenOver, list[Entry]]:
        """What hand edits at the tip mean, and the statuses that were passed through by hand on the way."""
        differing = differing_keys(self._document)
        by_hand = [entry.by_hand for entry in self._document.entries if entry.by_hand]
        if not differing and not by_hand:
            return TakenOver(), []
        newest_first = [past for revision in lineage(self._file) if (past := self._past(revision)) is not None]
        taken = TakenOver()
        if differing:
            now = newest_first[0].at if newest_first else instant_of_seconds(0)
            taken = take_over(self._document, newest_first, incident=self._file.incident, by="", now=now)
        known = {entry.id for entry in (*self._document.entries, *taken.entries)}
        passed: dict[str, Entry] = {}
        for entry in self._passed_through(newest_first, {*by_hand, *(each.by_hand for each in taken.entries)}):
            if entry.id not in known:
                passed.setdefault(entry.id, entry)
        return taken, list(passed.values())

    def _passed_through(self, newest_first: Sequence[PastVersion], ends: set[str | None]) -> Iterator[Entry]:
        """What each step by hand would have been, on the way to one that was taken in. Only of the status: it has a way."""
        for index, version in enumerate(newest_first):
            if version.commit not in ends or not version.document.is_readable:
                continue
            for place in range(index + 1, len(newest_first)):
                step = newest_first[place]
                if not step.document.is_readable:
                    continue
                if "status" not in differing_keys(step.document):
                    break
                found = take_over(step.document, newest_first[place:], incident=self._file.incident, by="", now=step.at)
                for entry in found.entries:
                    if entry.by_hand == step.commit and isinstance(entry.what, Reached | StatusChange | Canceled):
                        yield entry

    # --------------------------------------------------------------------------------------------------------- recorded

    def _claims(self) -> dict[str, Revision]:
        """By the id of an entry, the first commit that says it recorded it."""
        found: dict[str, Revision] = {}
        for revision in self._file.revisions:
            for entry in revision.entries:
                found.setdefault(entry, revision)
        return found

    def _introduced(self, entry: Entry) -> _Introduced | None:
        claimed = self._claimed.get(entry.id)
        if claimed is not None:
            return _Introduced(claimed, is_claimed=True)
        if self._searched is None:
            self._searched = self._search()
        return self._searched.get(entry.id)

    def _search(self) -> dict[str, _Introduced]:
        """By the id of an entry, the first commit in which it stands and before which it did not: found by reading every version."""
        found: dict[str, _Introduced] = {}
        became: dict[str, str] = {}
        for revision in self._file.revisions:
            document = self._parsed(revision.blob) if revision.blob is not None else None
            if document is None:
                continue
            after = entries_by_id(document.entries)
            befores = [
                entries_by_id(parent.entries)
                for blob in revision.before
                if blob is not None and (parent := self._parsed(blob)) is not None
            ]
            for before in befores:
                for change in changed_entries(before, after):
                    if change.after is not None and change.after.id != change.id:
                        became.setdefault(change.after.id, change.id)
            for id_, entry in after.items():
                if all(id_ not in before for before in befores):
                    found.setdefault(id_, _Introduced(revision, is_claimed=False, was_written=not entry.typed))
        for id_ in tuple(found):
            origin, seen = id_, {id_}
            while origin in became and became[origin] not in seen:
                origin = became[origin]
                seen.add(origin)
            if origin in found:
                found[id_] = found[origin]
        return found

    def _transition(self, entry: Entry, *, counts: bool) -> Transition:
        is_from_history = entry.by_hand is not None
        commit, at, recorded_from, doubt = self._recording(entry)
        return Transition(
            kind=entry.kind,
            at=entry.at,
            source=self._source(entry, commit),
            value=_value_of(entry),
            recorded_at=at,
            recorded_from=recorded_from,
            doubt=Doubt.IMPORTED if self._imported else None if is_from_history else doubt,
            counts=counts,
            by_agent=entry.agent,
            is_state=entry.is_state,
        )

    def _recording(self, entry: Entry) -> tuple[str, datetime | None, RecordedFrom | None, Doubt | None]:
        """The commit, the moment, what tells it, and why that is not sound."""
        if entry.by_hand is not None:
            revision = self._revision(entry.by_hand)
            return entry.by_hand if revision is None else revision.commit, entry.written_at, RecordedFrom.COMMIT, None
        introduced = self._introduced(entry)
        commit = introduced.revision.commit if introduced is not None else ""
        if entry.recorded_at is not None:
            return commit, entry.recorded_at, RecordedFrom.MARK, None
        if introduced is None:
            return "", None, None, None
        if introduced.is_claimed or (entry.agent and entry.author == _MACHINE):
            return commit, entry.at, RecordedFrom.TRAILER, None
        revision, doubt = introduced.revision, None
        if revision.is_batch:
            doubt = Doubt.BATCH
        elif introduced.was_written:
            doubt = Doubt.SQUASHED
        elif revision.is_skewed:
            doubt = Doubt.SKEWED
        return commit, moment_of(revision), RecordedFrom.COMMIT, doubt

    def _revision(self, short: str) -> Revision | None:
        return next((each for each in self._file.revisions if each.commit.startswith(short)), None)

    def _source(self, entry: Entry, commit: str = "") -> Source:
        if not commit:
            commit = self._recording(entry)[0]
        return Source(
            origin=Origin.RECORD if entry.by_hand is None else Origin.HISTORY,
            path=self._file.path,
            line=self._lines.get(entry.id, 0),
            commit=commit,
            entry=entry.id,
            author=entry.author or "",
        )

    # ------------------------------------------------------------------------------------------------------------- case

    def case(self, postmortem: PostmortemFacts | None) -> Case:
        incident, scale = self._incident, self._rules.scale
        counting = effective(incident.entries)
        counted = {id(entry) for entry in counting}
        state = incident.state
        opened = next((entry for entry in counting if isinstance(entry.what, Opened)), None)
        severities = list(_severities(counting, scale)) or [_NO_SEVERITY]
        peak = severities[0]
        for name in severities[1:]:
            peak = scale.more_severe(peak, name)
        reopened = [entry for entry in counting if entry.what == Reached(Milestone.REOPENED)]
        times = self._times(state, counting, reopened[-1] if reopened else None)
        first = self._first_episode(counting, reopened)
        ordered = sorted(incident.entries, key=lambda entry: entry.order)
        transitions = tuple(
            self._transition(entry, counts=id(entry) in counted)
            for entry in ordered
            if entry.is_state or isinstance(entry.what, Done)
        )
        final = scale.find(severities[-1])
        response = response_asked(counting, state, ClockPolicy(scale, self._rules.calendar))
        return Case(
            id=incident.id,
            path=self._file.path,
            title=incident.title,
            status=state.status or Status.INVESTIGATING,
            severity_declared=severities[0],
            severity_peak=peak,
            severity_final=severities[-1],
            services=incident.listed("services"),
            regions=incident.listed("regions"),
            tags=incident.listed("tags"),
            team=incident.word("team"),
            is_drill=incident.is_drill,
            opened_by_agent=opened is not None and opened.agent,
            is_imported=self._imported,
            external_id=incident.word("external_id"),
            cancel_reason=state.cancel_reason,
            duplicate_of=state.duplicate_of,
            repeat_of=incident.word("repeat_of"),
            affected_users=incident.word("affected_users"),
            error_budget=incident.word("error_budget"),
            revenue_impact=incident.word("revenue_impact"),
            times=times,
            first_times=first,
            reopened=tuple(Fact(entry.at, self._source(entry)) for entry in reopened),
            contradictions=self._contradictions,
            transitions=transitions,
            cadence=_cadence(counting, scale),
            commander=self._fact_of(next(filter(_names_commander, counting), None), COMMANDER),
            status_page=self._fact_of(next(filter(is_public_word, counting), None)),
            response_due_at=None if response is None else response.due_at,
            postmortem_due_on=postmortem_due_on(state, final, self._rules.calendar),
            postmortem=postmortem,
            terms=terms_of(self._texts(postmortem)),
        )

    def _texts(self, postmortem: PostmortemFacts | None) -> Iterator[str]:
        """What was said of it, what tells most first."""
        incident = self._incident
        yield incident.title
        yield " ".join((*incident.listed("services"), *incident.listed("tags")))
        if postmortem is not None and postmortem.root_cause:
            yield postmortem.root_cause
        for entry in incident.entries:
            if entry.redacted is None:
                yield entry.text
                if isinstance(entry.what, Update):
                    yield f"{entry.what.theory or ''} {entry.what.impact or ''}"

    def _fact_of(self, entry: Entry | None, key: str = "") -> Fact | None:
        return None if entry is None else Fact(entry.at, self._source(entry), key in self._estimated)

    def _times(self, state: State, counting: list[Entry], last_reopened: Entry | None) -> dict[str, Fact]:
        times: dict[str, Fact] = {}
        for key in TIME_KEYS:
            at = getattr(state, key)
            if at is None:
                continue
            is_of_episode = key in ("mitigated_at", "resolved_at", "closed_at") and last_reopened is not None
            feeding = [
                entry
                for entry in counting
                if feeds(key, entry)
                and (not is_of_episode or last_reopened is None or entry.order >= last_reopened.order)
            ]
            entry = _that_says(key, at, feeding)
            source = self._source(entry) if entry is not None else Source(path=self._file.path)
            times[key] = Fact(at, source, key in self._estimated)
        return times

    def _first_episode(self, counting: list[Entry], reopened: Sequence[Entry]) -> dict[str, Fact]:
        if not reopened:
            return {}
        episode = [entry for entry in counting if entry.order < reopened[0].order]
        # What was set for the times that a reopening does not clear holds for both.
        later = [
            entry
            for entry in counting
            if isinstance(entry.what, KeySet)
            and entry.order >= reopened[0].order
            and entry.what.key in ("started_at", "detected_at", "declared_at", "acknowledged_at")
        ]
        entries = [*episode, *later]
        return self._times(fold(entries), entries, None)


def _severities(counting: Iterable[Entry], scale: Scale) -> Iterator[str]:
    """The severities that it had, in order, by their names on the scale."""
    for entry in counting:
        word = (
            entry.what.severity
            if isinstance(entry.what, Opened)
            else entry.what.after
            if isinstance(entry.what, SeverityChange)
            else None
        )
        if word is not None:
            known = scale.find(word)
            yield known.name if known is not None else word


def _that_says(key: str, at: datetime, feeding: Sequence[Entry]) -> Entry | None:
    """The entry that gave a key its value: the last that set it, else the first that brought it about."""
    for entry in reversed(feeding):
        if isinstance(entry.what, KeySet):
            return entry if entry.what.new is not None and parse_instant(entry.what.new) == at else None
    for entry in feeding:
        if isinstance(entry.what, Opened) and key in ("started_at", "detected_at"):
            return entry
        if entry.at == at:
            return entry
    return None


def _names_commander(entry: Entry) -> bool:
    return isinstance(entry.what, RoleChange) and entry.what.role == COMMANDER and entry.what.holder is not None


def _cadence(counting: list[Entry], scale: Scale) -> Cadence:
    updates = [entry.what for entry in counting if isinstance(entry.what, Update)]
    unchanged = sum(_says_nothing_new(before, after) for before, after in pairwise(updates))
    if not counting:
        return Cadence()
    intervals = ended_intervals(counting, scale)
    kept = sum(not each.late_by for each in intervals)
    longest = max((each.silence.total_seconds() for each in intervals), default=None)
    return Cadence(len(updates), unchanged, len(intervals), kept, longest)


def _says_nothing_new(before: Update, after: Update) -> bool:
    return (before.status, before.impact, before.theory, before.actions, before.public) == (
        after.status,
        after.impact,
        after.theory,
        after.actions,
        after.public or before.public,
    )


def _value_of(entry: Entry) -> str:
    match entry.what:
        case Opened(severity):
            return severity
        case SeverityChange(_, after):
            return after
        case RoleChange(role, holder):
            words = f"@{holder}" if holder else "none"
            return words if entry.kind == role else f"{role} {words}"
        case StatusChange(status) | Update(status):
            return status.value
        case Canceled(reason, duplicate_of):
            return reason.value if duplicate_of is None else f"{reason.value} of {duplicate_of}"
        case KeySet(key, _, new):
            return f"{key} {new or 'none'}"
        case Done(clock):
            return clock
        case Withdrawn(target):
            return f"e:{target}"
        case _:
            return ""
