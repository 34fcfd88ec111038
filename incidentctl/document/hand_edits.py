"""What people changed in an editor, taken over into the record: which keys of the front matter say more than the entries. Pure.

The rule, by key, against the base (the last committed version whose folded keys equalled its fold; with none, an empty
one): only the key changed, and it becomes an entry `(by hand, COMMIT)`; only entries changed, and the key is
recomputed; both, and they disagree, and nothing is guessed.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.document.edit import same_value
from incidentctl.document.entry_lines import parse_entry, render_entry
from incidentctl.document.parse import Document
from incidentctl.incident.entries import (
    FOLDED_KEYS,
    FOLDED_ROLES,
    TIME_KEYS,
    Canceled,
    CancelReason,
    Entry,
    KeySet,
    Milestone,
    Reached,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    What,
)
from incidentctl.incident.ids import derived_id
from incidentctl.incident.lifecycle import State, feeds, fold
from incidentctl.incident.model import Value
from incidentctl.incident.times import format_instant, parse_instant
from incidentctl.incident.words import handle_of

UNCOMMITTED = "uncommitted"
_SEVERITY: Final = re.compile(r"[\w.+?!/-]+")


class PastVersion(Struct, frozen=True):
    """A committed version of a file: its commit (short), who wrote it (a handle) and when, and what it said."""

    commit: str
    author: str
    at: datetime
    document: Document


class TakenOver(Struct, frozen=True):
    """What follows from hand edits: entries to add, keys to leave as they stand, and what clashes, in words."""

    entries: tuple[Entry, ...] = ()
    hold: frozenset[str] = frozenset()
    clashes: tuple[str, ...] = ()


def differing_keys(document: Document) -> tuple[str, ...]:
    """The folded keys whose value in the front matter is not what the entries say."""
    if not document.is_readable:
        return ()
    folded = fold(document.entries).as_keys()
    return tuple(key for key in FOLDED_KEYS if not same_value(key, document.value(key), folded[key]))


def take_over(
    document: Document, history: Iterable[PastVersion], *, incident: str, by: str, now: datetime
) -> TakenOver:
    """What people changed by hand since the base. `history` is read newest first, and only as far as it is needed.

    `by` and `now` stand for a change that is not committed yet.
    """
    differing = differing_keys(document)
    if not differing:
        return TakenOver()
    since, base = _since_base(history)
    folded = fold(document.entries).as_keys()
    base_folded = fold(base.entries).as_keys() if base else dict.fromkeys(FOLDED_KEYS)
    hold: set[str] = set()
    clashes: list[str] = []
    changed: list[str] = []
    for key in differing:
        stands = document.value(key)
        key_changed = not same_value(key, stands, base_folded[key])
        entries_changed = base is not None and folded[key] != base_folded[key]
        if not key_changed:
            continue
        if entries_changed:
            hold.add(key)
            clashes.append(
                f"{key} says {_shown(stands)} and the timeline {folded[key] or 'nothing'}: "
                f"both were changed by hand; make the two agree in an editor"
            )
        else:
            changed.append(key)
    entries, refused = _absorb(document, changed, since, incident=incident, by=by, now=now)
    return TakenOver(tuple(entries), frozenset(hold | refused.keys()), (*clashes, *refused.values()))


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else "nothing" if value is None else "what is no single word"


def _since_base(history: Iterable[PastVersion]) -> tuple[list[PastVersion], Document | None]:
    """The versions since the base, newest first, and the base."""
    since: list[PastVersion] = []
    for version in history:
        if version.document.is_readable and version.document.placed and not differing_keys(version.document):
            return since, version.document
        since.append(version)
    return since, None


def _absorb(
    document: Document, keys: list[str], since: list[PastVersion], *, incident: str, by: str, now: datetime
) -> tuple[list[Entry], dict[str, str]]:
    """The entries that say what the changed keys say, in the order of the keys: what one of them settles needs no other."""
    entries = list(document.entries)
    added: list[Entry] = []
    refused: dict[str, str] = {}
    for key in sorted(keys, key=_absorbing_order):
        stands = document.value(key)
        state = fold(entries)
        if same_value(key, stands, state.as_keys()[key]):
            continue
        whats = _whats(key, stands, state, document)
        commit, author, at = _origin(key, stands, since, by=by, now=now)
        at = at.astimezone(UTC).replace(microsecond=0)
        found: list[Entry] = []
        for number, what in enumerate(whats):
            seed = (incident, commit, key, str(number)) + ((format_instant(now),) if commit == UNCOMMITTED else ())
            entry = Entry(at=at, what=what, author=handle_of(author), by_hand=commit, id=derived_id(*seed))
            placed = _not_before(entry, key, [*entries, *found])
            if placed is not None:
                found.append(placed)
        if found and len(found) == len(whats) and all(_reads_back(entry) for entry in found):
            entries += found
            added += found
        elif stands is not None:
            refused[key] = f"{key} says {_shown(stands)}, which cannot be taken over: change it in an editor"
    return added, refused


def _reads_back(entry: Entry) -> bool:
    read = parse_entry(render_entry(entry))
    return read is not None and read.entry == entry


def _absorbing_order(key: str) -> int:
    """The status first: times that it brings about need no entry of their own; its reason is part of it."""
    return 0 if key == "status" else 1 + FOLDED_KEYS.index(key)


def _origin(key: str, stands: Value, since: list[PastVersion], *, by: str, now: datetime) -> tuple[str, str, datetime]:
    """The commit that brought the value of a key, its author and date; `uncommitted`, and us now, without one."""
    found = (UNCOMMITTED, by, now)
    for version in since:
        if not version.document.is_readable or version.document.value(key) != stands:
            break
        found = (version.commit, version.author, version.at)
    return found


def _not_before(entry: Entry, key: str, entries: list[Entry]) -> Entry | None:
    """The entry at a time at which it counts: never before the last one of its key. `None` after the end of time."""
    feeding = [each.order for each in entries if feeds(key, each)]
    if not feeding or entry.order > max(feeding):
        return entry
    at, last_id = max(feeding)
    try:
        at = max(entry.at, at if entry.id > last_id else at + timedelta(seconds=1))
    except OverflowError:
        return None
    return replace(entry, at=at, recorded_at=entry.at if at - entry.at > timedelta(minutes=1) else None)


def _whats(key: str, stands: Value, state: State, document: Document) -> list[What]:
    word = stands.strip() if isinstance(stands, str) else ""
    is_removed = word.lower() in ("", "none")
    if stands is not None and not isinstance(stands, str):
        return []
    if key == "status":
        return list(_status_whats(word, state, document))
    if key == "severity":
        return [SeverityChange(state.severity or "none", word)] if _SEVERITY.fullmatch(word) else []
    if key in FOLDED_ROLES:
        holder = None if is_removed else handle_of(word)
        return [RoleChange(key, holder)] if holder or is_removed else []
    if key == "cancel_reason":
        reason = _cancel_reason(word)
        return [Canceled(reason, state.duplicate_of)] if reason and state.status is Status.CANCELED else []
    old = state.as_keys()[key]
    if is_removed:
        return [KeySet(key, old, None)]
    if key in TIME_KEYS:
        at = parse_instant(word)
        return [KeySet(key, old, format_instant(at))] if at else []
    return [KeySet(key, old, word)]


def _cancel_reason(word: str) -> CancelReason | None:
    try:
        return CancelReason(word.lower().replace("-", "_"))
    except ValueError:
        return None


def _status_whats(word: str, state: State, document: Document) -> Iterator[What]:
    word = word.lower().replace("-", "_")
    word = "canceled" if word == "cancelled" else word
    if word not in tuple(Status):
        return
    status = Status(word)
    if state.status is not None and status.rank < state.status.rank:
        if status is Status.TRIAGE:
            return
        yield Reached(Milestone.REOPENED)
        if status is Status.INVESTIGATING:
            return
    if status in (Status.MITIGATED, Status.RESOLVED, Status.CLOSED):
        yield Reached(Milestone(status.value))
    elif status is Status.CANCELED:
        words = {key: document.value(key) for key in ("cancel_reason", "duplicate_of")}
        given = {key: value.strip() for key, value in words.items() if isinstance(value, str)}
        duplicate_of = given.get("duplicate_of") or None
        reason = _cancel_reason(given.get("cancel_reason", "")) or (CancelReason.DUPLICATE if duplicate_of else None)
        yield Canceled(reason, duplicate_of) if reason else StatusChange(status)
    else:
        yield StatusChange(status)
