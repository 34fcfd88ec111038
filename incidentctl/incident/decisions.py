"""What becomes of a request: which entries are written, or why not. Never reads a file and never asks the time.

While an incident is active nothing that a responder says is refused but what has no meaning: doubtful words are
recorded, with a warning. Refusals are for what is over, and for words that have a verb of their own.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from incidentctl.errors import RefusedError, UsageError
from incidentctl.incident.entries import (
    COMMANDER,
    COMMS_LEAD,
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
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    Withdrawn,
)
from incidentctl.incident.ids import entry_id
from incidentctl.incident.lifecycle import State, effective, feeds, fold, withdrawn_ids
from incidentctl.incident.model import PLAIN_KEYS, Incident, Value
from incidentctl.incident.policy import Scale
from incidentctl.incident.requests import Happened, Redaction, Request, Verb
from incidentctl.incident.times import clock, format_instant

_RECORDED_AFTER: Final = timedelta(minutes=1)

ROLE_WORDS: Final = {
    "ic": COMMANDER,
    "commander": COMMANDER,
    "incident_commander": COMMANDER,
    "tl": TECH_LEAD,
    "tech_lead": TECH_LEAD,
    "technical_lead": TECH_LEAD,
    "comms": COMMS_LEAD,
    "comms_lead": COMMS_LEAD,
    "communications_lead": COMMS_LEAD,
}
CLOCKS: Final = ("status_page", "management", "bridge")
"""The duties of the process; a team may have clocks of its own."""

ROLE_TITLES: Final = {COMMANDER: "commander", TECH_LEAD: "tech lead", COMMS_LEAD: "comms lead"}

VERB_OF_KEY: Final = {
    "status": "ictl update --status, mitigate, resolve, close, cancel or reopen",
    "severity": "ictl severity SEV",
    "commander": "ictl assign ic PERSON",
    "tech_lead": "ictl assign tl PERSON",
    "comms_lead": "ictl assign comms PERSON",
    "cancel_reason": "ictl cancel --reason REASON",
}


class Rules(Struct, frozen=True):
    """What the settings say that decisions depend on. Empty sets of people or services: everyone and everything is known."""

    scale: Scale
    people: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    extra_roles: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    clocks: frozenset[str] = frozenset()


class Decision(Struct, frozen=True):
    """What to write. Nothing at all where `unchanged` says why: what was asked is so already."""

    event: str
    entries: tuple[Entry, ...] = ()
    keys: dict[str, Value] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    unchanged: str | None = None
    redactions: tuple[Redaction, ...] = ()


def decide(incident: Incident, request: Request, rules: Rules) -> Decision:
    """What a request does to an incident as it is. Raises `RefusedError` or `UsageError` with the way out."""
    decision = _DECIDERS[request.verb](incident, request, rules)
    if decision.unchanged is not None:
        return _already(incident, request, decision)
    return _with_effect_checked(incident, decision)


# --------------------------------------------------------------------------------------------------- times and ids


def _written(incident: Incident, request: Request, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries with time, author and id: one without a stated time is never earlier than the last state it saw."""
    known = list(incident.entries)
    result: list[Entry] = []
    for number, entry in enumerate(entries):
        at = _time_of(entry, request, known)
        recorded_at = request.now if abs(request.now - at) > _RECORDED_AFTER else None
        chance = request.chance + number * 0x9E37  # a different one for each, the same at each try
        placed = replace(
            entry,
            at=at,
            author=entry.author or request.author.handle,
            noted_by=_noted_by(entry, request),
            agent=request.author.agent,
            recorded_at=recorded_at,
            id=entry_id(at, known, chance),
        )
        known.append(placed)
        result.append(placed)
    return tuple(result)


def _noted_by(entry: Entry, request: Request) -> str | None:
    """Who typed it where that is somebody else: pasted lines say whose words they are."""
    me = request.author.noted_by or request.author.handle
    return request.author.noted_by if entry.author is None else me if me != entry.author else None


def _time_of(entry: Entry, request: Request, known: list[Entry]) -> datetime:
    if entry.at != request.now or _has_its_own_time(entry, request):
        return entry.at
    if request.at is not None:
        return request.at
    if not entry.is_state:
        return request.now
    return max([request.now, *(each.at for each in known if each.is_state)])


def _has_its_own_time(entry: Entry, request: Request) -> bool:
    """`--at` of an opening says when it was declared; the milestones that come with it have options of their own."""
    return request.verb is Verb.OPEN and isinstance(entry.what, Reached)


def _recorded(
    incident: Incident, request: Request, event: str, *entries: Entry, warnings: Iterable[str] = ()
) -> Decision:
    return Decision(event, _written(incident, request, entries), warnings=tuple(warnings))


def _proposed(request: Request) -> Entry:
    return request.entries[0]


# --------------------------------------------------------------------------------------------------------- outcomes


def _already(incident: Incident, request: Request, decision: Decision) -> Decision:
    """What is so already makes no commit; a text with it becomes a note, another time is a matter for `set`."""
    texts = [entry for entry in request.entries if entry.text]
    is_no_word_of_its_own = request.verb is Verb.SEVERITY and "reason" not in request.given
    if not texts or is_no_word_of_its_own or "lines" in request.given or request.alert is not None:
        return decision
    notes = [Entry(at=request.now, what=Note(), text=entry.text) for entry in texts]
    return Decision(
        "noted",
        _written(incident, request, notes),
        warnings=(f"{decision.unchanged}: your words were kept as a note",),
    )


def _with_effect_checked(incident: Incident, decision: Decision) -> Decision:
    """Says of each entry that cannot count what stands instead: it is recorded all the same."""
    after = fold((*incident.entries, *decision.entries))
    warnings = [warning for entry in decision.entries for warning in _without_effect(entry, after)]
    return replace(decision, warnings=(*decision.warnings, *dict.fromkeys(warnings)))


def _without_effect(entry: Entry, after: State) -> Iterable[str]:
    match entry.what:
        case SeverityChange(_, severity) if after.severity != severity and after.severity_since:
            yield f"recorded; severity stays {after.severity} since {clock(after.severity_since)}"
        case RoleChange(role, holder):
            stands = getattr(after, role) if role in ROLE_TITLES else after.extra_roles.get(role)
            if stands != holder:
                since = after.role_since.get(role)
                who = f"@{stands}" if stands else "none"
                yield f"recorded; {ROLE_TITLES.get(role, role)} stays {who}" + (
                    f" since {clock(since)}" if since else ""
                )
        case Reached(Milestone.REOPENED) if after.reopened_at != entry.at:
            yield "recorded; it had been reopened later, so nothing changes"
        case Reached(Milestone.REOPENED) if after.status and after.status.rank >= Status.MITIGATED.rank:
            yield f"recorded; it was {after.status.value} after that, and stays so"
        case Reached(Milestone.MITIGATED | Milestone.RESOLVED | Milestone.CLOSED as milestone):
            yield from _milestone_without_effect(entry, milestone, after)
        case Update(status) | StatusChange(status):
            if after.status and status.rank < after.status.rank:
                yield f"recorded; status stays {after.status.value}: only `ictl reopen` leads back"
        case _:
            pass


def _milestone_without_effect(entry: Entry, milestone: Milestone, after: State) -> Iterable[str]:
    at: datetime | None = getattr(after, f"{milestone.value}_at")
    if at is None or after.status is None or after.status.rank < Status(milestone.value).rank:
        yield f"recorded; it is {after.status.value if after.status else 'as it was'} since it was reopened later"
    elif at < entry.at:
        yield f"recorded; {milestone.value}_at stays {format_instant(at)}: `ictl set {milestone.value}_at=TIME` changes it"


def _disorder(state: State) -> list[tuple[str, str]]:
    """What no incident can be, an end before its beginning: what is so, and what mends it."""
    known = [(key, getattr(state, key)) for key in ("started_at", "detected_at", "mitigated_at", "resolved_at")]
    times: list[tuple[str, datetime]] = [(key, at) for key, at in known if at is not None]
    return [
        (
            f"{later} {format_instant(after)} is before {earlier} {format_instant(before)}",
            f"`ictl set {later}=TIME` or `ictl set {earlier}=TIME`",
        )
        for (earlier, before), (later, after) in pairwise(times)
        if after < before
    ]


def _order_warnings(incident: Incident, entries: Iterable[Entry]) -> list[str]:
    """What gets out of order by these entries; what was so before is no news."""
    known = _disorder(incident.state)
    after = _disorder(fold((*incident.entries, *entries)))
    return [f"{fault}: correct it with {mend}" for fault, mend in after if (fault, mend) not in known]


def _refuse_over(incident: Incident, *statuses: Status) -> None:
    status = incident.state.status
    if status in statuses:
        raise RefusedError(
            f"{incident.slug} is {status.value}",
            hint=f"reopen it first: ictl reopen {incident.id} WHY",
        )


# ------------------------------------------------------------------------------------------------------- the verbs


def _open(incident: Incident, request: Request, rules: Rules) -> Decision:
    opening = request.entries[0]
    warnings = [*_unknown_services(request.keys, rules)]
    asked: list[Entry] = []
    for entry in request.entries:
        if isinstance(entry.what, RoleChange):
            if _is_machine_in_command(entry.what, request, rules):
                warnings.append(
                    f"@{entry.what.holder} is a machine, and never a commander: opened without one; `ictl assign ic @PERSON`"
                )
                continue
            warnings += _unknown_person(entry.what, rules)
        asked.append(entry)
    entries = _written(incident, request, asked)
    state = fold(entries)
    for fault, _ in _disorder(state):
        raise UsageError(fault, hint="nothing was written: correct the times and say it again")
    if request.at is None and state.resolved_at and request.now - state.resolved_at > _RECORDED_AFTER:
        warnings.append("declared now, after it was resolved: with --at TIME it is declared when it was")
    if request.alert is not None and request.alert.before is not None:
        before = request.alert.before
        warnings.append(
            f"the same alert as {before}, which is over: if it is the same incident, "
            f"`ictl reopen {before} WHY` and `ictl cancel {incident.id} --duplicate-of {before}`"
        )
    assert isinstance(opening.what, Opened)
    return Decision(
        f"opened {opening.what.severity}",
        entries,
        keys=dict(request.keys),
        warnings=tuple(warnings),
    )


def _unknown_services(keys: Mapping[str, Value], rules: Rules) -> list[str]:
    services = keys.get("services")
    if not rules.services or not isinstance(services, tuple):
        return []
    return [
        f"service {service!r} is not in the settings{_did_you_mean(service, rules.services)}; recorded as it is"
        for service in services
        if isinstance(service, str) and service not in rules.services
    ]


def _unknown_person(change: RoleChange, rules: Rules) -> list[str]:
    if change.holder is None or not rules.people or change.holder in rules.people:
        return []
    meant = _did_you_mean(change.holder, rules.people, "@")
    return [f"@{change.holder} is not in [people]{meant}; recorded as typed"]


def _is_machine_in_command(change: RoleChange, request: Request, rules: Rules) -> bool:
    is_machine = change.holder in rules.agents or (request.author.agent and change.holder == request.author.handle)
    return change.role == COMMANDER and is_machine


def _did_you_mean(word: str, known: Iterable[str], prefix: str = "") -> str:
    from difflib import get_close_matches  # only for a word that is wrong

    close = get_close_matches(word, sorted(known), n=1)
    return f" (did you mean {prefix}{close[0]}?)" if close else ""


def _ack(incident: Incident, request: Request, rules: Rules) -> Decision:
    _refuse_over(incident, Status.CLOSED, Status.CANCELED)
    at = incident.state.acknowledged_at
    if at is not None and incident.state.status is not Status.TRIAGE:
        _refuse_other_time(request, "acknowledged_at", at)
        taken = (entry for entry in effective(incident.entries) if entry.at == at and feeds("acknowledged_at", entry))
        who = next((entry.author for entry in taken if entry.author), None)
        return Decision("acknowledged", unchanged=f"acknowledged already, {clock(at)}" + (f" by @{who}" if who else ""))
    warnings = ["recorded; a machine's word is not an acknowledgement"] if request.author.agent else []
    return _recorded(incident, request, "acknowledged", _proposed(request), warnings=warnings)


def _refuse_other_time(request: Request, key: str, at: datetime) -> None:
    if request.at is not None and request.at != at:
        raise RefusedError(
            f"{key} is {format_instant(at)} already",
            hint=f"correct it with: ictl set {request.incident} {key}={format_instant(request.at)}",
        )


def _note(incident: Incident, request: Request, rules: Rules) -> Decision:
    if request.alert is not None:
        return _note_of_alert(incident, request)
    warnings: list[str] = []
    if "lines" in request.given:
        known = {(entry.at, entry.author, entry.text) for entry in effective(incident.entries)}
        new = [
            entry
            for entry in request.entries
            if (entry.at, entry.author or request.author.handle, entry.text) not in known
        ]
        again = len(request.entries) - len(new)
        if not new:
            return Decision("noted", unchanged="all of these lines are there already")
        warnings += [f"{again} of these lines were there already"] if again else []
        request = replace(request, entries=tuple(new))
    count = len(request.entries)
    first = request.entries[0]
    match first.what:
        case _ if count > 1:
            event = f"{count} lines noted"
        case Done(clock):
            event = f"{clock.replace('_', ' ')} done"
        case Note(NoteKind() as kind):
            event = f"{kind.value} noted"
        case _:
            event = "noted"
    decision = _recorded(incident, request, event, *request.entries)
    return replace(decision, warnings=(*warnings, *_unknown_clock(first, rules)))


def _note_of_alert(incident: Incident, request: Request) -> Decision:
    """A message that says nothing new is not said twice. What goes on after its incident was over is told with the way out."""
    from incidentctl.incident.alerts import is_known, still_fires  # only for what an alert says

    alert = request.alert
    assert alert is not None
    is_over = incident.state.status is not None and incident.state.status.is_over
    warnings = [still_fires(incident)] if is_over and alert.happened is Happened.FIRES else []
    if is_known(alert, _proposed(request).text, incident):
        return Decision("alert noted", unchanged="this alert is known already", warnings=tuple(warnings))
    event = "alert ended" if alert.happened is Happened.ENDS else "alert noted"
    return _recorded(incident, request, event, *request.entries, warnings=warnings)


def _unknown_clock(entry: Entry, rules: Rules) -> list[str]:
    known = (*CLOCKS, *sorted(rules.clocks))
    if not isinstance(entry.what, Done) or entry.what.clock in known:
        return []
    meant = _did_you_mean(entry.what.clock, known)
    return [f"{entry.what.clock!r} is none of our clocks{meant}; recorded as typed"] if meant else []


def _update(incident: Incident, request: Request, rules: Rules) -> Decision:
    _refuse_over(incident, Status.CLOSED, Status.CANCELED)
    asked = _proposed(request).what
    assert isinstance(asked, Update)
    at = request.at or request.now
    severity = rules.scale.find(incident.state.severity or "")
    cadence = severity.update_every if severity else None
    before = last_update(incident)
    carried = before or Update(Status.INVESTIGATING)
    status = asked.status if "status" in request.given else _status_for_update(incident.state.status, request)
    update = Update(
        status=status,
        impact=asked.impact if "impact" in request.given else carried.impact,
        theory=asked.theory if "theory" in request.given else carried.theory,
        actions=asked.actions if "actions" in request.given else carried.actions,
        next_at=asked.next_at if "next" in request.given else (at + cadence if cadence and status.is_active else None),
        commander=incident.state.commander,
        public=asked.public,
    )
    decision = _recorded(incident, request, f"update {status.value}", replace(_proposed(request), what=update))
    return replace(decision, warnings=tuple(_order_warnings(incident, decision.entries)))


def last_update(incident: Incident) -> Update | None:
    """The last update that counts: what the next one carries over."""
    for entry in reversed(effective(incident.entries)):
        if isinstance(entry.what, Update):
            return entry.what
    return None


def _status_for_update(status: Status | None, request: Request) -> Status:
    """What an update says that names no status: a person's leaves triage, a machine's does not."""
    if status is None or status is Status.TRIAGE:
        return Status.TRIAGE if status and request.author.agent else Status.INVESTIGATING
    return Status.RESOLVED if status.is_over else status


def _severity(incident: Incident, request: Request, rules: Rules) -> Decision:
    _refuse_over(incident, Status.CANCELED)
    proposal = _proposed(request)
    assert isinstance(proposal.what, SeverityChange)
    state, after = incident.state, proposal.what.after
    before = _severity_at(incident, request) or state.severity or "none"
    if before == after == state.severity and not state.unconfirmed:
        return Decision("severity", unchanged=f"severity is {after} already")
    is_down = rules.scale.find(before) is not None and rules.scale.more_severe(before, after) == before != after
    if is_down and "reason" not in request.given:
        raise RefusedError(
            f"{before} → {after} is a change down, and leaves its reason on the record",
            hint=f"say why: ictl severity {after} WHY",
        )
    event = f"severity {before} → {after}" if before != after else f"severity {after} confirmed"
    return _recorded(incident, request, event, replace(proposal, what=SeverityChange(before, after)))


def _severity_at(incident: Incident, request: Request) -> str | None:
    """The severity just before the new entry: the left side of a change that is put in afterwards."""
    at = request.at
    if at is None:
        return incident.state.severity
    return fold([entry for entry in incident.entries if entry.at <= at]).severity


def _assign(incident: Incident, request: Request, rules: Rules) -> Decision:
    _refuse_over(incident, Status.CLOSED, Status.CANCELED)
    proposal = _proposed(request)
    assert isinstance(proposal.what, RoleChange)
    role, holder = proposal.what.role, proposal.what.holder
    if _is_machine_in_command(proposal.what, request, rules):
        raise RefusedError(
            f"@{holder} is a machine, and never a commander", hint="name a person: ictl assign ic @PERSON"
        )
    stands = getattr(incident.state, role) if role in ROLE_TITLES else incident.state.extra_roles.get(role)
    title = ROLE_TITLES.get(role, role)
    if stands == holder and request.at is None:
        is_so = f"{title} is @{holder} already" if holder else f"there is no {title}"
        return Decision(title, unchanged=is_so)
    warnings = _unknown_person(proposal.what, rules)
    if role not in ROLE_TITLES and role not in rules.extra_roles:
        known = ("ic", "tl", "comms", *rules.extra_roles)
        warnings.append(
            f"role {role!r} is not in the settings{_did_you_mean(role, known)}; recorded as a role of its own"
        )
    event = f"{title} @{holder}" if holder else f"no {title}"
    if "handoff" in request.given:
        words = f"handed over by @{stands}" if stands and stands != holder else ""
        event += f", {words}" if words else ""
        said, newline, summary = proposal.text.partition("\n")
        first = ": ".join(filter(None, (words, said))) or ("the state as it is" if summary else "")
        proposal = replace(proposal, text=f"{first}{newline}{summary}")
    decision = _recorded(incident, request, event, proposal)
    return replace(decision, warnings=tuple(warnings))


def _reach(milestone: Milestone) -> Callable[[Incident, Request, Rules], Decision]:
    def reach(incident: Incident, request: Request, rules: Rules) -> Decision:
        _refuse_over(incident, Status.CLOSED, Status.CANCELED)
        key = f"{milestone.value}_at"
        at: datetime | None = getattr(incident.state, key)
        if at is not None:
            _refuse_other_time(request, key, at)
            return Decision(milestone.value, unchanged=f"{milestone.value} already, {clock(at)}")
        decision = _recorded(incident, request, milestone.value, _proposed(request))
        return replace(decision, warnings=tuple(_order_warnings(incident, decision.entries)))

    return reach


def _reopen(incident: Incident, request: Request, rules: Rules) -> Decision:
    status = incident.state.status
    if status is None or status.rank < Status.MITIGATED.rank:
        return Decision(
            "reopened", unchanged=f"{incident.slug} is {status.value if status else 'open'}: nothing to reopen"
        )
    return _recorded(incident, request, "reopened", _proposed(request))


def _cancel(incident: Incident, request: Request, rules: Rules) -> Decision:
    proposal = _proposed(request)
    assert isinstance(proposal.what, Canceled)
    state = incident.state
    if proposal.what.duplicate_of == incident.id:
        raise UsageError(f"{incident.slug} cannot be a duplicate of itself", hint="name the incident that goes on")
    is_same = (state.cancel_reason, state.duplicate_of) == (proposal.what.reason, proposal.what.duplicate_of)
    if state.status is Status.CANCELED and is_same:
        return Decision("canceled", unchanged=f"canceled already, as {proposal.what.reason.value}")
    event = f"canceled as {proposal.what.reason.value}"
    if proposal.what.reason is CancelReason.DUPLICATE and proposal.what.duplicate_of:
        event += f" of {proposal.what.duplicate_of}"
    return _recorded(incident, request, event, proposal)


def _close(incident: Incident, request: Request, rules: Rules) -> Decision:
    status = incident.state.status
    if status is Status.CLOSED and incident.state.closed_at:
        _refuse_other_time(request, "closed_at", incident.state.closed_at)
        return Decision("closed", unchanged=f"closed already, {clock(incident.state.closed_at)}")
    if status is not Status.RESOLVED:
        word = status.value if status else "open"
        hint = "a canceled incident is done" if status is Status.CANCELED else f"first: ictl resolve {incident.id}"
        raise RefusedError(f"{incident.slug} is {word}, and only a resolved incident is closed", hint=hint)
    return _recorded(incident, request, "closed", _proposed(request))


def _set(incident: Incident, request: Request, rules: Rules) -> Decision:
    """Times and `duplicate_of` become entries; plain keys go to the front matter alone."""
    entries: list[Entry] = []
    names: list[str] = []
    current = incident.state.as_keys()
    for proposal in request.entries:
        assert isinstance(proposal.what, KeySet)
        key, new = proposal.what.key, proposal.what.new
        if current[key] != new:
            entries.append(replace(proposal, what=KeySet(key, current[key], new)))
            names.append(key)
    keys = {key: value for key, value in request.keys.items() if (incident.keys.get(key) or None) != (value or None)}
    names += keys
    keys |= _no_longer_estimated(incident, request)
    if not names and not keys:
        asked = [*(each.what.key for each in request.entries if isinstance(each.what, KeySet)), *request.keys]
        return Decision("set", unchanged=f"{', '.join(asked)} is so already")
    written = _written(incident, request, entries)
    warnings = [*_unknown_services(keys, rules), *_order_warnings(incident, written)]
    warnings += [
        f"{key!r} is none of our keys{_did_you_mean(key, (*PLAIN_KEYS, *TIME_KEYS))}; set as a key of your own"
        for key in keys
        if key not in PLAIN_KEYS and _did_you_mean(key, (*PLAIN_KEYS, *TIME_KEYS))
    ]
    return Decision(f"set {', '.join(names or keys)}", written, keys=keys, warnings=tuple(warnings))


def _no_longer_estimated(incident: Incident, request: Request) -> dict[str, Value]:
    """A time that a person puts right, or says again, is an estimate no longer, unless the same command says so."""
    estimated = incident.listed("estimated")
    said = {each.what.key for each in request.entries if isinstance(each.what, KeySet)}
    if request.author.agent or "estimated" in request.keys or not said & {*estimated}:
        return {}
    return {"estimated": tuple(each for each in estimated if each not in said) or None}


def _undo(incident: Incident, request: Request, rules: Rules) -> Decision:
    target = _entry_to_undo(incident, request)
    if isinstance(target.what, Opened):
        raise RefusedError(
            "the opening cannot be withdrawn", hint=f"cancel the incident: ictl cancel {incident.id} --reason REASON"
        )
    proposal = Entry(at=request.now, what=Withdrawn(target.id), text=request.entries[0].text if request.entries else "")
    by_id = {entry.id: entry for entry in incident.entries}
    named, verbs = target, ["withdrew", "restored"]
    while isinstance(named.what, Withdrawn) and named.what.entry in by_id and named.what.entry != named.id:
        named = by_id.pop(named.what.entry)
        verbs.reverse()
    verb = verbs[0]
    decision = _recorded(incident, request, f"{verb} {in_short(named)}", proposal)
    if decision.entries[0].order < target.order and isinstance(target.what, Withdrawn):
        raise RefusedError(f"e:{target.id} lies ahead of now", hint="wait until then, or correct the file in an editor")
    return decision


def in_short(entry: Entry) -> str:
    """An entry in a few words, as a commit's subject has it."""
    match entry.what:
        case SeverityChange(before, after):
            words = f"severity {before} → {after}"
        case RoleChange(role, holder):
            words = f"{ROLE_TITLES.get(role, role)} {f'@{holder}' if holder else 'none'}"
        case KeySet(key):
            words = f"set {key}"
        case Done(clock):
            words = f"{clock.replace('_', ' ')} done"
        case _:
            words = entry.kind
    from incidentctl.incident.secrets import (
        take_out_secrets,
    )  # what was typed by hand must not get into a commit's message

    first = take_out_secrets(entry.text)[0].split("\n")[0]
    return f"{words}: {first[:39]}…" if len(first) > 40 else f"{words}: {first}" if first else words


def _redact(incident: Incident, request: Request, rules: Rules) -> Decision:
    redaction = request.redaction
    assert redaction is not None
    entry = _entry_named(incident, redaction.entry)
    redaction = replace(redaction, entry=entry.id)
    names = {entry.author, entry.noted_by} - {None, "redacted"}
    if entry.redacted is redaction.reason and not (redaction.hides_author and names):
        return Decision("redacted", unchanged=f"e:{entry.id} is redacted already")
    return Decision(f"redacted {entry.kind} e:{entry.id}", redactions=(redaction,))


def _entry_named(incident: Incident, word: str) -> Entry:
    wanted = word.removeprefix("e:").lower()
    found = next((entry for entry in incident.entries if entry.id == wanted), None)
    if found is None:
        raise UsageError(
            f"{incident.slug} has no entry e:{wanted}", hint=f"see the ids: ictl timeline {incident.id} --ids"
        )
    return found


def _entry_to_undo(incident: Incident, request: Request) -> Entry:
    gone = withdrawn_ids(sorted(incident.entries, key=lambda entry: entry.order))
    if request.target:
        found = _entry_named(incident, request.target)
        wanted = found.id
        if wanted in gone:
            by = next(
                (each.id for each in incident.entries if each.what == Withdrawn(wanted) and each.id not in gone), ""
            )
            raise RefusedError(
                f"e:{wanted} is withdrawn already", hint=f"to restore it, withdraw the withdrawal: ictl undo e:{by}"
            )
        return found
    me = request.author.handle
    mine = [
        entry
        for entry in incident.entries
        if me in (entry.author, entry.noted_by) and entry.id not in gone and not isinstance(entry.what, Withdrawn)
    ]
    if not mine:
        raise RefusedError(f"@{me} has no entry in {incident.slug} to withdraw", hint="name one: ictl undo e:ID")
    # The opening was written first, also where what followed in the same minute says an earlier time.
    return max(mine, key=lambda entry: (not isinstance(entry.what, Opened), entry.written_at, entry.id))


def _edit(incident: Incident, request: Request, rules: Rules) -> Decision:
    return Decision("edited")


_DECIDERS: Final[dict[Verb, Callable[[Incident, Request, Rules], Decision]]] = {
    Verb.OPEN: _open,
    Verb.ACK: _ack,
    Verb.NOTE: _note,
    Verb.UPDATE: _update,
    Verb.SEVERITY: _severity,
    Verb.ASSIGN: _assign,
    Verb.MITIGATE: _reach(Milestone.MITIGATED),
    Verb.RESOLVE: _reach(Milestone.RESOLVED),
    Verb.REOPEN: _reopen,
    Verb.CANCEL: _cancel,
    Verb.CLOSE: _close,
    Verb.SET: _set,
    Verb.UNDO: _undo,
    Verb.EDIT: _edit,
    Verb.REDACT: _redact,
}
