"""The fold: any set of entries, in whatever order they arrived, gives one valid state. Never refuses and never asks the time."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from msgspec import Struct, field

from incidentctl.incident.entries import (
    CLEARED_BY_REOPENING,
    FOLDED_KEYS,
    FOLDED_ROLES,
    TIME_KEYS,
    Canceled,
    CancelReason,
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
from incidentctl.incident.times import format_instant, parse_instant


class State(Struct, frozen=True):
    """What the entries say together: the folded keys, and what only programs ask for.

    `status` and `severity` are `None` only where no entry names one: a file that was typed by hand, or an empty one.
    `extra_roles` are the roles of a team's own, `severity_since` and `reopened_at` the times of the entries that count.
    """

    status: Status | None = None
    severity: str | None = None
    commander: str | None = None
    tech_lead: str | None = None
    comms_lead: str | None = None
    started_at: datetime | None = None
    detected_at: datetime | None = None
    declared_at: datetime | None = None
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    cancel_reason: CancelReason | None = None
    duplicate_of: str | None = None
    severity_since: datetime | None = None
    reopened_at: datetime | None = None
    unconfirmed: bool = False
    extra_roles: Mapping[str, str] = field(default_factory=dict)
    role_since: Mapping[str, datetime] = field(default_factory=dict)

    def as_keys(self) -> dict[str, str | None]:
        """The folded keys as the front matter writes them, in its order."""
        return {key: _as_text(getattr(self, key)) for key in FOLDED_KEYS}


def _as_text(value: datetime | str | None) -> str | None:
    return format_instant(value) if isinstance(value, datetime) else value and str(value)


def effective(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that count, in order: without those withdrawn. A withdrawal can itself be withdrawn, by a later one."""
    ordered = _in_order(entries)
    withdrawn = withdrawn_ids(ordered)
    if not withdrawn:
        return ordered
    return [entry for entry in ordered if entry.id not in withdrawn or isinstance(entry.what, Opened)]


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By (time, id). Two that claim the same are two sides of a conflict: their words decide, so that any order gives one state."""
    ordered = sorted(entries, key=lambda entry: entry.order)
    if any(first.order == second.order for first, second in pairwise(ordered)):
        ordered.sort(key=lambda entry: (entry.order, repr(entry)))
    return ordered


def withdrawn_ids(ordered: list[Entry]) -> frozenset[str]:
    """The ids that withdrawals take out, evaluated from the last entry backwards. `Opened` cannot be withdrawn."""
    if not any(isinstance(entry.what, Withdrawn) for entry in ordered):
        return frozenset()
    by_id = {entry.id: entry for entry in ordered}
    gone: set[str] = set()
    for entry in reversed(ordered):
        if not isinstance(entry.what, Withdrawn) or entry.id in gone:
            continue
        target = by_id.get(entry.what.entry)
        if target is None or isinstance(target.what, Opened):
            continue
        if isinstance(target.what, Withdrawn) and target.order >= entry.order:
            continue
        gone.add(target.id)
    return frozenset(gone)


def fold(entries: Iterable[Entry]) -> State:
    """The state that a set of entries gives. The order in which they are handed in does not matter."""
    counting = effective(entries)
    episode = _last_episode(counting)
    opened = next((entry for entry in counting if isinstance(entry.what, Opened)), None)
    values: dict[str, object] = {}
    _fold_opening(opened, values)
    _fold_severity_and_roles(counting, values)
    acknowledged = next((entry for entry in counting if _acknowledges(entry)), None)
    values["acknowledged_at"] = acknowledged and acknowledged.at
    _fold_episode(episode, values)
    _fold_corrections(counting, episode, values)
    return State(**values)  # type: ignore[arg-type]  # the keys are the fields, and a test holds them together


def _last_episode(counting: list[Entry]) -> list[Entry]:
    for index in range(len(counting) - 1, -1, -1):
        if counting[index].what == Reached(Milestone.REOPENED):
            return counting[index:]
    return counting


def _fold_opening(opened: Entry | None, values: dict[str, object]) -> None:
    if opened is not None and isinstance(opened.what, Opened):
        values["declared_at"] = opened.at
        values["started_at"] = opened.what.started_at
        values["detected_at"] = opened.what.detected_at


def _fold_severity_and_roles(counting: list[Entry], values: dict[str, object]) -> None:
    extra_roles: dict[str, str] = {}
    role_since: dict[str, datetime] = {}
    for entry in counting:
        match entry.what:
            case Opened(severity, _, unconfirmed):
                values |= {"severity": severity, "severity_since": entry.at, "unconfirmed": unconfirmed}
            case SeverityChange(_, severity):
                values |= {"severity": severity, "severity_since": entry.at, "unconfirmed": False}
            case RoleChange(role, holder):
                role_since[role] = entry.at
                if role in FOLDED_ROLES:
                    values[role] = holder
                elif holder is None:
                    extra_roles.pop(role, None)
                else:
                    extra_roles[role] = holder
            case _:
                pass
    values |= {"extra_roles": extra_roles, "role_since": role_since}


def _acknowledges(entry: Entry) -> bool:
    if entry.agent:
        return False
    return isinstance(entry.what, Opened | RoleChange | Update) or entry.what == Reached(Milestone.ACKNOWLEDGED)


def named_status(entry: Entry) -> Status | None:
    """The status that one entry names by itself, or `None`."""
    match entry.what:
        case Opened():
            return Status.TRIAGE if entry.agent else Status.INVESTIGATING
        case Reached(Milestone.REOPENED):
            return Status.INVESTIGATING
        case Reached(Milestone.ACKNOWLEDGED) | RoleChange():
            return None if entry.agent else Status.INVESTIGATING
        case Reached(milestone):
            return Status(milestone.value)
        case Update(status):
            return status if entry.agent else max(status, Status.INVESTIGATING, key=lambda each: each.rank)
        case StatusChange(status):
            return status
        case Canceled():
            return Status.CANCELED
        case _:
            return None


def _fold_episode(episode: list[Entry], values: dict[str, object]) -> None:
    reached: dict[Status, datetime] = {}
    for entry in episode:
        status = named_status(entry)
        if status is not None:
            reached.setdefault(status, entry.at)
        if isinstance(entry.what, Canceled):
            values["cancel_reason"] = entry.what.reason
            values["duplicate_of"] = entry.what.duplicate_of
    if reached:
        values["status"] = max(reached, key=lambda status: status.rank)
    for status in (Status.MITIGATED, Status.RESOLVED, Status.CLOSED):
        values[f"{status.value}_at"] = reached.get(status)
    if episode and episode[0].what == Reached(Milestone.REOPENED):
        values["reopened_at"] = episode[0].at


def _fold_corrections(counting: list[Entry], episode: list[Entry], values: dict[str, object]) -> None:
    for entries, applies in (
        (counting, _stays_over_reopening),
        (episode, _is_cleared_by_reopening),
    ):
        for entry in entries:
            if isinstance(entry.what, KeySet) and applies(entry.what.key):
                values[entry.what.key] = _corrected(entry.what)


def _stays_over_reopening(key: str) -> bool:
    return key in TIME_KEYS and key not in CLEARED_BY_REOPENING


def _is_cleared_by_reopening(key: str) -> bool:
    return key in CLEARED_BY_REOPENING


def _corrected(change: KeySet) -> datetime | str | None:
    if change.new is None or change.key not in TIME_KEYS:
        return change.new
    return parse_instant(change.new)


def feeds(key: str, entry: Entry) -> bool:
    """Whether an entry can be what gave a folded key its value: what `(by hand, …)` entries must not come before."""
    what = entry.what
    if isinstance(what, KeySet):
        return what.key == key
    if what == Reached(Milestone.REOPENED):
        return key == "status" or key in CLEARED_BY_REOPENING
    if key == "severity":
        return isinstance(what, Opened | SeverityChange)
    if key in FOLDED_ROLES:
        return isinstance(what, RoleChange) and what.role == key
    if key in ("started_at", "detected_at", "declared_at"):
        return isinstance(what, Opened)
    if key == "acknowledged_at":
        return _acknowledges(entry)
    if key in ("cancel_reason", "duplicate_of"):
        return isinstance(what, Canceled)
    status = named_status(entry)
    return status is not None and (key == "status" or f"{status.value}_at" == key)
