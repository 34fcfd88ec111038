"""From incidents and post-mortems to the rows of an export. Leaves nothing out that an import could write again; asks no clock."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec.structs import replace

from incidentctl.document.action_items import ActionItem
from incidentctl.document.postmortem import Postmortem
from incidentctl.incident.entries import (
    FOLDED_KEYS,
    Canceled,
    CancelReason,
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
    What,
    Withdrawn,
)
from incidentctl.incident.lifecycle import effective, fold, withdrawn_ids
from incidentctl.incident.model import PLAIN_KEYS, Incident, Value
from incidentctl.incident.times import parse_instant
from incidentctl.stats.case import Case, ItemHistory, Origin
from incidentctl.stats.exchange import ActionItemRow, IncidentRow, ItemState, TransitionRow


def with_history(incident: Incident, case: Case) -> Incident:
    """The incident with the statuses that it passed through by hand: history alone tells of them."""
    known = {entry.id for entry in incident.entries}
    passed = [
        Entry(each.at, what, author=each.source.author or None, id=each.source.entry, by_hand=each.source.commit[:7])
        for each in case.transitions
        if each.source.origin is Origin.HISTORY
        and each.source.entry not in known
        and (what := _passed(each.kind, each.value)) is not None
    ]
    if not passed:
        return incident
    entries = (*incident.entries, *passed)
    state = fold(entries)
    return replace(incident, entries=entries, state=replace(state, status=state.status or incident.state.status))


def _passed(kind: str, value: str) -> What | None:
    if kind in tuple(Milestone):
        return Reached(Milestone(kind))
    if kind == "status" and value in tuple(Status):
        return StatusChange(Status(value))
    reason, _, duplicate_of = value.partition(" of ")
    if kind == "canceled" and reason in tuple(CancelReason):
        return Canceled(CancelReason(reason), duplicate_of or None)
    return None


def incident_row(
    incident: Incident, postmortem: Postmortem | None = None, *, published_at: datetime | None = None
) -> IncidentRow:
    """The row of an incident, as it is believed. `published_at` is what history says of the post-mortem, where its own key is empty."""
    state = incident.state
    counting = effective(incident.entries)
    opening = next((entry for entry in counting if isinstance(entry.what, Opened)), None)
    declared = opening.what.severity if opening is not None and isinstance(opening.what, Opened) else None
    return IncidentRow(
        id=incident.id,
        external_id=incident.word("external_id"),
        title=incident.title,
        public_title=incident.word("public_title"),
        severity=state.severity,
        severity_declared=declared if declared != state.severity else None,
        status=state.status.value if state.status else None,
        declared_at=state.declared_at or _first_moment(incident),
        started_at=state.started_at,
        detected_at=state.detected_at,
        acknowledged_at=state.acknowledged_at,
        mitigated_at=state.mitigated_at,
        resolved_at=state.resolved_at,
        postmortem_published_at=_published(postmortem) or published_at,
        closed_at=state.closed_at,
        opened_by=opening.author if opening else None,
        opened_by_agent=True if opening is not None and opening.agent else None,
        commander=state.commander,
        tech_lead=state.tech_lead,
        comms_lead=state.comms_lead,
        services=incident.listed("services"),
        regions=incident.listed("regions"),
        tags=incident.listed("tags"),
        team=incident.word("team"),
        drill=True if incident.is_drill else None,
        cancel_reason=state.cancel_reason.value if state.cancel_reason else None,
        duplicate_of=state.duplicate_of,
        repeat_of=incident.word("repeat_of"),
        root_cause=postmortem.root_cause if postmortem else None,
        postmortem_status=_status(postmortem),
        postmortem_authors=postmortem.authors if postmortem else (),
        affected_users=incident.word("affected_users"),
        error_budget=incident.word("error_budget"),
        revenue_impact=incident.word("revenue_impact"),
        bridge=incident.word("bridge"),
        status_page=incident.word("status_page"),
        ticket=incident.word("ticket"),
        channel=incident.word("channel"),
        summary=(opening.text or None) if opening else None,
        source=incident.word("source"),
        estimated=incident.listed("estimated"),
        other_keys=_other_keys(incident.keys),
    )


def _first_moment(incident: Incident) -> datetime:
    """A record without a declaration was begun when its first entry was written, else on the day of its name."""
    if incident.entries:
        return min(entry.at for entry in incident.entries)
    named = parse_instant(f"{incident.id[:10]}T00:00:00Z")
    assert named is not None
    return named


def _published(postmortem: Postmortem | None) -> datetime | None:
    return parse_instant(postmortem.published_at) if postmortem and postmortem.published_at else None


def _status(postmortem: Postmortem | None) -> str | None:
    if postmortem is None:
        return None
    return postmortem.status.value if postmortem.status else "draft"


def _other_keys(keys: Mapping[str, Value]) -> dict[str, str | tuple[str, ...]]:
    """What people have added: words and lists of words. A table of their own has no row, and is not told."""
    found: dict[str, str | tuple[str, ...]] = {}
    for key, value in keys.items():
        if key in PLAIN_KEYS or key in FOLDED_KEYS or key == "id":
            continue
        if isinstance(value, str):
            found[key] = value
        elif isinstance(value, tuple):
            words = tuple(each for each in value if isinstance(each, str))
            if len(words) == len(value):
                found[key] = words
    return found


def transition_rows(incident: Incident) -> list[TransitionRow]:
    """A row for each entry of the timeline, in order. Those that were withdrawn are there as well."""
    ordered = sorted(incident.entries, key=lambda entry: entry.order)
    gone = withdrawn_ids(ordered)
    return [_transition_row(incident.id, entry, is_withdrawn=entry.id in gone) for entry in ordered]


def _transition_row(incident: str, entry: Entry, *, is_withdrawn: bool) -> TransitionRow:
    values: dict[str, object] = {}
    match entry.what:
        case Opened(severity, given_as, unconfirmed, started_at, detected_at):
            values = {
                "severity": severity,
                "given_as": given_as,
                "unconfirmed": unconfirmed or None,
                "started_at": started_at,
                "detected_at": detected_at,
            }
        case RoleChange(role, holder):
            values = {"role": role, "person": holder}
        case SeverityChange(before, after):
            values = {"severity_before": before, "severity": after}
        case StatusChange(status):
            values = {"status": status.value}
        case Update(status, impact, theory, actions, next_at, commander, public):
            values = {
                "status": status.value,
                "impact": impact,
                "theory": theory,
                "actions": actions,
                "next_at": next_at,
                "commander": commander,
                "public": public,
            }
        case Canceled(reason, duplicate_of):
            values = {"cancel_reason": reason.value, "duplicate_of": duplicate_of}
        case KeySet(key, old, new):
            values = {"key": key, "old": old, "new": new}
        case Done(clock):
            values = {"clock": clock}
        case Withdrawn(target):
            values = {"withdraws": target}
        case _:
            pass
    return TransitionRow(
        incident=incident,
        at=entry.at,
        kind=entry.kind,
        id=entry.id,
        recorded_at=entry.recorded_at,
        by=entry.author,
        noted_by=entry.noted_by,
        agent=entry.agent or None,
        withdrawn=is_withdrawn or None,
        by_hand=entry.by_hand,
        redacted=entry.redacted.value if entry.redacted else None,
        text=entry.text or None,
        **values,  # type: ignore[arg-type]  # the names are fields, and a test goes through all kinds
    )


def action_item_row(incident: str, item: ActionItem, history: ItemHistory | None = None) -> ActionItemRow:
    """The row of an action item. `history` adds what only earlier versions tell: the binding day, its moves, the day of a tick."""
    state = ItemState.DROPPED if item.is_dropped else ItemState.DONE if item.is_done else ItemState.OPEN
    done_on, dropped_on = item.done_on, item.dropped_on
    moves: tuple[str, ...] = ()
    binding = item.due_on
    if history is not None:
        done_on = done_on or (history.done_on if state is ItemState.DONE else None)
        dropped_on = dropped_on or (history.dropped_on if state is ItemState.DROPPED else None)
        moves = _moves(history)
        binding = history.binding_due
    return ActionItemRow(
        incident=incident,
        text=item.text,
        id=item.id,
        state=state.value,
        owners=item.owners,
        due=item.due,
        binding_due=binding,
        due_moves=moves,
        action_type=item.type,
        link=(item.link.url or item.link.text) if item.link else None,
        link_text=item.link.text if item.link and item.link.url else None,
        done_on=done_on,
        done_evidence=_behind(item.done, item.done_on, item.evidence),
        dropped_on=dropped_on,
        drop_reason=_behind(item.dropped, item.dropped_on, item.reason),
    )


def deleted_item_row(incident: str, history: ItemHistory) -> ActionItemRow:
    """The row of an action item whose lines are gone: done, or dropped at the latest on the day on which they went."""
    is_done = history.done_on is not None
    return ActionItemRow(
        incident=incident,
        text=history.text,
        id=history.id,
        state=(ItemState.DONE if is_done else ItemState.DROPPED).value,
        owners=history.owners,
        due=history.due.isoformat() if history.due else None,
        binding_due=history.binding_due,
        due_moves=_moves(history),
        action_type=history.type,
        link=history.link,
        done_on=history.done_on,
        dropped_on=history.dropped_on,
        drop_reason=None if is_done else history.drop_reason or "deleted",
    )


def _moves(history: ItemHistory) -> tuple[str, ...]:
    return tuple(f"{_day(move.before)} > {_day(move.after)}" for move in history.moves)


def _behind(said: str | None, on: date | None, behind: str) -> str | None:
    """What a field says beside its day; all of it where it has none."""
    return (behind if on is not None else said) or None


def _day(day: date | None) -> str:
    return day.isoformat() if day else "none"
