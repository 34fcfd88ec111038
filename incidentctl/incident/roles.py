"""What the process says of the roles as they are: said once, when it comes about, with the way out. Never refuses, never asks the time.

Whether something is said depends on two states of the record alone, before and after a write: so one clone says it, that of the write
which brought it about, and whoever gets the record afterwards has both sides of it already.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec.structs import replace

from incidentctl.incident.entries import COMMANDER, Done, Entry, Note, NoteKind, Opened, RoleChange, Status
from incidentctl.incident.lifecycle import State, effective, fold
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import CommanderRule, Scale
from incidentctl.incident.times import clock

HINT: Final = "hint: "
"""What a remark begins with that asks for less than a warning."""


_DEBUGGING: Final = (Note(NoteKind.INVESTIGATION), Note(NoteKind.ACTION))


class Strain(StrEnum):
    """What keeps somebody from coordinating."""

    ALONE = "alone"
    NO_COMMANDER = "no_commander"
    COMMANDER_WISHED = "commander_wished"
    BOTH_ROLES = "both_roles"
    COMMANDER_DEBUGS = "commander_debugs"


class RoleWarning(NamedTuple):
    """One thing to say: a word for programs, words for people, and the command that is the way out, if one is."""

    strain: Strain
    words: str
    command: str | None = None


class _Company(NamedTuple):
    """The people who have said something or hold a role, and since when there is more than one."""

    people: frozenset[str]
    since: datetime | None


def role_warnings(
    before: Incident, after: Incident, scale: Scale, *, agents: frozenset[str] = frozenset()
) -> list[RoleWarning]:
    """What a write brought about: what strains the roles after it and did not before. `agents` are machines: never responders.

    The declaration by itself is none: its answer has the next steps. While a responder is alone nothing is said but, where the
    severity demands a commander, that a second is to be paged and that nobody coordinates.
    """
    strains = _strains(after, scale, agents)
    if not strains:
        return []
    known = _strains(before, scale, agents)
    if Strain.NO_COMMANDER in known:
        known |= {Strain.COMMANDER_WISHED}
    news = strains - known
    if not news:
        return []
    return list(_said(after, news, _company(after, agents).people))


def before_writing(incident: Incident, entries: Iterable[Entry]) -> tuple[Incident, Incident]:
    """An incident without these entries, and with them, both by the entries alone: what a write has changed."""
    ids = {entry.id for entry in entries}
    rest = tuple(entry for entry in incident.entries if entry.id not in ids)
    return replace(incident, entries=rest, state=fold(rest)), replace(incident, state=fold(incident.entries))


def may_change_roles(incident: Incident, entries: Sequence[Entry], scale: Scale) -> bool:
    """Whether these entries of an incident can bring anything about: the look that each note can afford.

    One more plain word of somebody who is at work on it already cannot.
    """
    state = incident.state
    if _rule(state, scale) is CommanderRule.NONE or state.status is None or not state.status.is_active:
        return False
    if any(not isinstance(entry.what, Note | Done) for entry in entries):
        return True
    if any(entry.what in _DEBUGGING and entry.author == state.commander for entry in entries):
        return True
    new = {entry.id for entry in entries}
    wanted = {entry.author for entry in entries if not entry.agent}
    for entry in incident.entries:
        if not wanted:
            return False
        if not (entry.agent or isinstance(entry.what, Opened) or entry.id in new):
            wanted.discard(entry.author)
    return bool(wanted)


# ------------------------------------------------------------------------------------------------------ what is the case


def _strains(incident: Incident, scale: Scale, agents: frozenset[str]) -> frozenset[Strain]:
    state = incident.state
    rule = _rule(state, scale)
    if rule is CommanderRule.NONE or state.status is None or not state.status.is_active:
        return frozenset()
    if all(entry.agent or isinstance(entry.what, Opened) for entry in incident.entries):
        return frozenset()
    company = _company(incident, agents)
    found: set[Strain] = set()
    is_alone = company.since is None
    if state.commander is None:
        if rule is CommanderRule.REQUIRED:
            found.add(Strain.NO_COMMANDER)
        elif not is_alone:
            found.add(Strain.COMMANDER_WISHED)
    if is_alone:
        is_urgent = rule is CommanderRule.REQUIRED and state.status is not Status.MITIGATED
        return frozenset({*found, Strain.ALONE} if is_urgent else found)
    if state.commander is not None and state.commander == state.tech_lead:
        found.add(Strain.BOTH_ROLES)
    if _commander_debugs(incident, company):
        found.add(Strain.COMMANDER_DEBUGS)
    return frozenset(found)


def _rule(state: State, scale: Scale) -> CommanderRule:
    severity = scale.find(state.severity or "")
    return CommanderRule.NONE if severity is None else severity.commander


def _company(incident: Incident, agents: frozenset[str]) -> _Company:
    people: set[str] = set()
    since: datetime | None = None
    for entry in effective(incident.entries):
        named = {entry.author} if entry.author and not entry.agent else set()
        if isinstance(entry.what, RoleChange) and entry.what.holder:
            named.add(entry.what.holder)
        people |= named - agents - {"redacted"}
        if since is None and len(people) > 1:
            since = entry.at
    return _Company(frozenset(people), since)


def _commander_debugs(incident: Incident, company: _Company) -> bool:
    """Whether the commander has recorded debugging of their own in this term, while somebody else was there to do it."""
    commander, since = incident.state.commander, company.since
    if commander is None or since is None:
        return False
    begun = max(since, incident.state.role_since.get(COMMANDER, since))
    return any(
        entry.what in _DEBUGGING and entry.author == commander and entry.at >= begun
        for entry in effective(incident.entries)
        if not (entry.agent or entry.noted_by)
    )


# --------------------------------------------------------------------------------------------------------- what is said


def _said(incident: Incident, news: frozenset[Strain], people: frozenset[str]) -> Iterable[RoleWarning]:
    """In words that are about the work: what nobody is free to do, never what somebody did wrong."""
    state = incident.state
    if Strain.NO_COMMANDER in news:
        words = f"nobody coordinates this {state.severity}{_since(state)}"
        yield RoleWarning(Strain.NO_COMMANDER, words, "ictl assign ic me")
    if Strain.ALONE in news:
        words = f"one responder on a {state.severity}: page a second, so that one can coordinate while the other debugs"
        yield RoleWarning(Strain.ALONE, words)
    if Strain.COMMANDER_WISHED in news:
        words = f"{HINT}more than one is at work on this {state.severity}, and nobody coordinates{_since(state)}"
        yield RoleWarning(Strain.COMMANDER_WISHED, words, "ictl assign ic me")
    other = _the_other(people - {state.commander})
    if Strain.BOTH_ROLES in news:
        words = "commander and tech lead are one person, so nobody is free to coordinate: hand one over"
        yield RoleWarning(Strain.BOTH_ROLES, words, f"ictl assign tl @{other} --handoff")
    if Strain.COMMANDER_DEBUGS in news:
        words = "who coordinates debugs as well, so nobody is free to coordinate: hand one over"
        free = _the_other(people - {state.commander, state.tech_lead})
        yield RoleWarning(Strain.COMMANDER_DEBUGS, words, f"ictl assign ic @{free} --handoff")


def _since(state: State) -> str:
    """From when on, where somebody did before."""
    since = state.role_since.get(COMMANDER)
    return f" since {clock(since)}" if since is not None else " yet"


def _the_other(others: frozenset[str | None]) -> str:
    """The one person who can take over, where there is no other."""
    return next((each for each in others if each), "PERSON") if len(others) == 1 else "PERSON"
