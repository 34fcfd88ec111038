"""What the one who takes a role over has to know, on one screen: the state as the record has it. Never asks the time."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from incidentctl.incident.decisions import in_short, last_update
from incidentctl.incident.entries import (
    COMMANDER,
    COMMS_LEAD,
    FOLDED_ROLES,
    HANDOFF_BEGINS,
    TECH_LEAD,
    Entry,
    Status,
    Update,
)
from incidentctl.incident.lifecycle import effective
from incidentctl.incident.model import Incident
from incidentctl.incident.next_steps import NextStep
from incidentctl.incident.times import clock

_MOST_WORDS: Final = 120
"""Characters of one field: what is longer stands in the last update, whole."""
_LAST_ENTRIES: Final = 5
_MOST_STEPS: Final = 6
_SHORT: Final = {COMMANDER: "IC", TECH_LEAD: "TL", COMMS_LEAD: "comms"}


class Handoff(Struct, frozen=True):
    """The state of an incident for the next holder of a role. What nobody has said yet is `None`.

    `roles` are those of the process, held or not, and a team's own that are held, as they are from now on; `due` is what the clocks
    ask for, `missing` the names of what the record lacks, `last` the last entries, the newest last.
    """

    role: str
    giver: str | None
    taker: str | None
    status: Status | None
    severity: str | None
    impact: str | None
    theory: str | None
    actions: str | None
    next_at: datetime | None
    roles: Mapping[str, str | None]
    due: tuple[NextStep, ...]
    missing: tuple[str, ...]
    last: tuple[Entry, ...]
    detected_at: datetime | None = None
    started_at: datetime | None = None


def handoff_of(incident: Incident, role: str, taker: str | None, *, due: Iterable[NextStep]) -> Handoff:
    """What there is to say before `taker` has the role. `due` are the next steps of the incident as they are now."""
    state = incident.state
    told = last_update(incident) or Update(Status.INVESTIGATING)
    holders = {each: getattr(state, each) for each in FOLDED_ROLES} | dict(state.extra_roles)
    giver = holders.get(role)
    names = ("started_at", "detected_at")
    missing = [name for name in names if getattr(state, name) is None]
    missing += ["services"] if not incident.listed("services") else []
    missing += [name for name, said in (("impact", told.impact), ("theory", told.theory)) if not said]
    return Handoff(
        role=role,
        giver=giver,
        taker=taker,
        status=state.status,
        severity=state.severity,
        impact=told.impact,
        theory=told.theory,
        actions=told.actions,
        next_at=told.next_at,
        roles=holders | {role: taker},
        due=tuple(each for each in due if each.what != role),
        missing=tuple(missing),
        last=tuple(effective(incident.entries)[-_LAST_ENTRIES:]),
        detected_at=state.detected_at,
        started_at=state.started_at,
    )


def handoff_lines(handoff: Handoff, *, now: datetime) -> list[str]:
    """The summary as it is recorded and printed: a list in Markdown, times in UTC, each field on one line, at most a screen."""
    times = (("impact from", handoff.started_at), ("detected", handoff.detected_at))
    status = handoff.status.value.capitalize() if handoff.status else "not known"
    facts = [status, handoff.severity or "no severity", *(f"{word} {_moment(at, now)}" for word, at in times if at)]
    fields = [
        ("Impact", _short(handoff.impact) or "not known yet"),
        ("Current Theory", _short(handoff.theory) or "none yet"),
        ("Actions in Progress", _short(handoff.actions) or "none yet"),
        ("Next Update", _moment(handoff.next_at, now) if handoff.next_at else "none is promised"),
        ("Roles", ", ".join(_role(handoff, role) for role in handoff.roles)),
        ("Due", "; ".join(_step(step, now) for step in handoff.due[:_MOST_STEPS]) or "nothing"),
        ("Missing", ", ".join(handoff.missing) or "nothing"),
    ]
    lines = [f"- {name}: {value}" for name, value in fields]
    return [
        f"{HANDOFF_BEGINS}{', '.join(facts)}",
        *lines,
        "- Last entries:",
        *(f"  - {_entry(each, now)}" for each in handoff.last),
    ]


def _moment(at: datetime, now: datetime) -> str:
    return clock(at) if at.date() == now.date() else f"{at:%Y-%m-%d} {clock(at)}"


def _short(text: str | None) -> str:
    """On one line, and cut where it is long. Credentials that were typed by hand into the record are not copied."""
    from incidentctl.incident.secrets import take_out_secrets  # only where somebody hands over

    words = " ".join(take_out_secrets(text or "")[0].split())
    return words if len(words) <= _MOST_WORDS else f"{words[: _MOST_WORDS - 1].rstrip()}…"


def _role(handoff: Handoff, role: str) -> str:
    holder = handoff.roles[role]
    words = f"{_SHORT.get(role, role)} {f'@{holder}' if holder else 'nobody'}"
    is_new = role == handoff.role and handoff.giver is not None and handoff.giver != handoff.taker
    return f"{words} (until now @{handoff.giver})" if is_new else words


def _step(step: NextStep, now: datetime) -> str:
    if step.by is not None:
        return f"{step.words} {'by' if step.by >= now else 'was due'} {_moment(step.by, now)}"
    return f"{step.words} by {step.by_day}" if step.by_day else step.words


def _entry(entry: Entry, now: datetime) -> str:
    who = f" @{entry.author}" if entry.author else ""
    words = f"{entry.kind}: redacted" if entry.redacted else in_short(entry)
    if isinstance(entry.what, Update):
        words = f"update {entry.what.status.value}"
    return f"{_moment(entry.at, now)}{who} {words}"
