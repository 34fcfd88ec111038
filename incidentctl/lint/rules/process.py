"""Rules for how an incident was run: its roles, its updates, its review. Counts what the record says, and never names a person."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from incidentctl.document.believe import believe
from incidentctl.incident.cadence import missed_updates
from incidentctl.incident.calendar import Calendar
from incidentctl.incident.clocks import STATUS_PAGE, asked, is_public_word, severities_of, standing_rule
from incidentctl.incident.entries import (
    COMMANDER,
    TECH_LEAD,
    Entry,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RoleChange,
    SeverityChange,
    Status,
    Update,
)
from incidentctl.incident.lifecycle import effective, named_status
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import CommanderRule
from incidentctl.incident.times import describe_duration
from incidentctl.incident.words import handle_of
from incidentctl.lint.diagnostic import Finding, Severity, Span
from incidentctl.lint.header import Field
from incidentctl.lint.rule import Applies, rule

if TYPE_CHECKING:
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page

_GRACE: Final = timedelta(minutes=5)
_MOST: Final = 100
"""As many silences of one incident are told."""


@lru_cache(maxsize=4)
def _incident(page: "Page") -> Incident | None:
    """What is believed of an incident file; `None` where it was no incident at all."""
    incident = believe(page.document, page.value("id") or "")
    return None if incident.state.status is Status.CANCELED else incident


def _place(page: "Page", entry: Entry | None) -> Span:
    """The first line of an entry, less its mark and its id; the severity of the front matter where there is none."""
    placed = next((each for each in page.document.placed if entry is not None and each.entry.id == entry.id), None)
    if placed is not None:
        end = page.text.find("\n", placed.start, placed.end)
        line = page.text[placed.start : placed.end if end < 0 else end].rstrip("\r")
        mark = line.rfind(" <!-- ")
        return page.span(placed.start + 2, placed.start + (mark if mark > 2 else len(line)))
    return page.span_of_key("severity") if page.front and "severity" in page.front.places else page.span_of_line(0)


def _humans(entries: list[Entry]) -> set[str]:
    """Everybody who took part: who wrote, and who had a role."""
    found = {entry.author for entry in entries if entry.author and not entry.agent}
    found |= {entry.noted_by for entry in entries if entry.noted_by}
    return found | {entry.what.holder for entry in entries if isinstance(entry.what, RoleChange) and entry.what.holder}


def _opened(entries: list[Entry]) -> Entry | None:
    return next((entry for entry in entries if isinstance(entry.what, Opened)), None)


@rule("PRC001", "no-commander", Severity.WARNING, applies=Applies.INCIDENT, preview=True)
def no_commander(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A grave incident had no incident commander.

    Why
    ---
    Somebody who does not debug sees the whole, decides, and speaks for the others. Without that person two people mend the same
    thing and nobody tells the users.

    Bad
    ---
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: resolved
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T10:14:00Z
        resolved_at: 2026-05-14T10:18:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV1: no payment goes through — @ann
        - 2026-05-14T10:07:00Z **Done** status_page: https://status.example.org/2 — @ann
        - 2026-05-14T10:14:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T10:18:00Z **Resolved** cause removed — @bob

    Good
    ----
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: resolved
        commander: ann
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T10:14:00Z
        resolved_at: 2026-05-14T10:18:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV1: no payment goes through — @ann
        - 2026-05-14T10:06:00Z **Commander** @ann — @ann
        - 2026-05-14T10:07:00Z **Done** status_page: https://status.example.org/2 — @ann
        - 2026-05-14T10:14:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T10:18:00Z **Resolved** cause removed — @bob

    Source
    ------
    PagerDuty's incident-response guide; Google SRE workbook, chapter 9.

    Notes
    -----
    By the scale of the settings: SEV1 from its declaration, SEV2 where more than one person took part. Canceled
    incidents and those in triage are left out.
    """
    incident = _incident(page)
    if incident is None or incident.state.status is Status.TRIAGE:
        return
    entries = effective(incident.entries)
    held = any(
        isinstance(each.what, RoleChange) and each.what.role == COMMANDER and each.what.holder for each in entries
    )
    if held or incident.state.commander or page.value("commander"):
        return
    levels = [facts.scale.find(name) for name in _severities(incident, entries)]
    rules = {level.commander: level.name for level in reversed(levels) if level is not None}
    name = rules.get(CommanderRule.REQUIRED)
    if name is None and len(_humans(entries)) > 1:
        name = rules.get(CommanderRule.HINT)
    if name is not None:
        message = f"nobody was incident commander of this {name}: record who coordinated with `ictl assign ic @handle`"
        yield Finding(_place(page, _opened(entries)), message, key="commander")


def _severities(incident: Incident, entries: list[Entry]) -> list[str]:
    """All levels that were believed, the last one at the end."""
    found = [entry.what.severity for entry in entries if isinstance(entry.what, Opened)]
    found += [entry.what.after for entry in entries if isinstance(entry.what, SeverityChange)]
    return [*found, *([incident.state.severity] if incident.state.severity else [])]


@rule("PRC002", "commander-is-technical-lead", Severity.WARNING, applies=Applies.INCIDENT, preview=True)
def commander_is_technical_lead(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """One person was commander and technical lead at the same time, while others were there.

    Why
    ---
    Who leads the search for the fault cannot watch the clock, the users and the other responders as well.

    Bad
    ---
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV2
        status: resolved
        commander: ann
        tech_lead: ann
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T10:44:00Z
        resolved_at: 2026-05-14T10:50:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV2: no payment goes through — @ann
        - 2026-05-14T10:06:00Z **Commander** @ann — @ann
        - 2026-05-14T10:08:00Z **Tech lead** @ann — @ann
        - 2026-05-14T10:44:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T10:50:00Z **Resolved** cause removed — @bob

    Good
    ----
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV2
        status: resolved
        commander: ann
        tech_lead: bob
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T10:44:00Z
        resolved_at: 2026-05-14T10:50:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV2: no payment goes through — @ann
        - 2026-05-14T10:06:00Z **Commander** @ann — @ann
        - 2026-05-14T10:08:00Z **Tech lead** @bob — @ann
        - 2026-05-14T10:44:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T10:50:00Z **Resolved** cause removed — @bob

    Source
    ------
    PagerDuty's incident-response guide: the commander does not act as resolver.

    Notes
    -----
    Where one person alone took part there was nobody to hand over to. Five minutes of both, as while handing over, are
    no finding.
    """
    incident = _incident(page)
    if incident is None:
        return
    entries = effective(incident.entries)
    if len(_humans(entries)) < 2:
        return
    for entry, length in _both_roles(entries, _end(incident, facts)):
        said = f"for {describe_duration(length)}" if length is not None else "from here on"
        message = f"commander and technical lead were one person {said}: hand one of the two over with `ictl assign`"
        yield Finding(_place(page, entry), message)


def _end(incident: Incident, facts: "Facts") -> datetime | None:
    """When it was over, else now, else unknown."""
    return incident.state.resolved_at or facts.now


def _both_roles(entries: list[Entry], until: datetime | None) -> Iterator[tuple[Entry, timedelta | None]]:
    """The entries by which one person came to hold both roles, and for how long; not those of a few minutes."""
    holders: dict[str, str | None] = {COMMANDER: None, TECH_LEAD: None}
    since: Entry | None = None
    for entry in entries:
        what = entry.what
        if isinstance(what, RoleChange) and what.role in holders:
            holders[what.role] = what.holder
        status = named_status(entry)
        is_over = status is not None and status.is_over
        is_both = holders[COMMANDER] is not None and holders[COMMANDER] == holders[TECH_LEAD] and not is_over
        if is_both and since is None and isinstance(what, RoleChange):
            since = entry
        elif not is_both and since is not None:
            if entry.at - since.at > _GRACE:
                yield since, entry.at - since.at
            since = None
    if since is not None and (until is None or until - since.at > _GRACE):
        yield since, None if until is None else until - since.at


@rule("PRC003", "commander-debugs", Severity.INFO, applies=Applies.INCIDENT, preview=True)
def commander_debugs(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The commander recorded debugging work of their own, while others were there.

    Why
    ---
    The commander keeps the overview. It is lost with the first stack trace, and nobody notices that updates stop.

    Bad
    ---
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV2
        status: resolved
        commander: ann
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T10:44:00Z
        resolved_at: 2026-05-14T10:50:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV2: no payment goes through — @ann
        - 2026-05-14T10:06:00Z **Commander** @ann — @ann
        - 2026-05-14T10:20:00Z **Investigation** read the heap dump of db-3 — @ann
        - 2026-05-14T10:44:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T10:50:00Z **Resolved** cause removed — @bob

    Good
    ----
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV2
        status: resolved
        commander: ann
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T10:44:00Z
        resolved_at: 2026-05-14T10:50:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV2: no payment goes through — @ann
        - 2026-05-14T10:06:00Z **Commander** @ann — @ann
        - 2026-05-14T10:20:00Z **Investigation** read the heap dump of db-3 — @bob
        - 2026-05-14T10:44:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T10:50:00Z **Resolved** cause removed — @bob

    Source
    ------
    PagerDuty's incident-response guide; Google SRE workbook, chapter 9: the commander holds all roles not delegated.

    Notes
    -----
    Only the number of such entries is said, never a name; one person alone, and what was noted for somebody else, is left
    out.
    """
    incident = _incident(page)
    if incident is None:
        return
    entries = effective(incident.entries)
    if len(_humans(entries)) < 2:
        return
    commander: str | None = None
    found: list[Entry] = []
    for entry in entries:
        what = entry.what
        if isinstance(what, RoleChange) and what.role == COMMANDER:
            commander = what.holder
        is_work = isinstance(what, Note) and what.kind in (NoteKind.INVESTIGATION, NoteKind.ACTION)
        if is_work and commander is not None and entry.author == commander and not (entry.agent or entry.noted_by):
            found.append(entry)
    if found:
        count = "one entry" if len(found) == 1 else f"{len(found)} entries"
        message = f"{count} of investigation or action by who was commander then: hand the work, or the role, to somebody else"
        yield Finding(_place(page, found[0]), message, key="debugs")


@rule("PRC004", "no-reviewer", Severity.WARNING, preview=True)
def no_reviewer(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The document is final, and nobody but its authors has reviewed it.

    Why
    ---
    An unreviewed post-mortem might as well never have existed: what its authors take for granted is what others need to
    read.

    Bad
    ---
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [ann]
        published_at: 2026-05-20T09:00:00Z
        ---

    Good
    ----
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        published_at: 2026-05-20T09:00:00Z
        ---

    Source
    ------
    Google SRE book, chapter 15: no post-mortem left unreviewed.

    Notes
    -----
    Only where the document itself says that it is final.
    """
    status = page.value("status")
    if status is None or status.strip().lower() != "final":
        return
    reviewers = _people(page, Field.REVIEWER)
    if reviewers - _people(page, Field.AUTHOR):
        return
    says = "and only its authors have reviewed it" if reviewers else "and no reviewer is named"
    message = f"the document is final {says}: have somebody else read it, and add them to `reviewers`"
    span = page.span_of_key("reviewers" if page.front and "reviewers" in page.front.places else "status")
    yield Finding(span, message, key="reviewer")


def _people(page: "Page", field: Field) -> set[str]:
    """The people of a field, in any spelling of a handle."""
    words = [name for value in page.header.all(field) for name in value.raw.replace(";", ",").split(",")]
    plain = [word.strip().strip("[]\"'").strip() for word in words]
    return {(handle_of(word) or word.removeprefix("@")).lower() for word in plain if word}


@rule("PRC005", "late-status-page", Severity.WARNING, applies=Applies.INCIDENT, preview=True)
def late_status_page(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The public status page came later than the severity allows, or never.

    Why
    ---
    Users who find nothing on the status page write to support, try again, and add to the load. A sentence that says it is known
    is enough.

    Bad
    ---
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: resolved
        commander: ann
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T10:28:00Z
        resolved_at: 2026-05-14T10:34:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV1: no payment goes through — @ann
        - 2026-05-14T10:06:00Z **Commander** @ann — @ann
        - 2026-05-14T10:26:00Z **Done** status_page: https://status.example.org/2 — @ann
        - 2026-05-14T10:28:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T10:34:00Z **Resolved** cause removed — @bob

    Good
    ----
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: resolved
        commander: ann
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T10:28:00Z
        resolved_at: 2026-05-14T10:34:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV1: no payment goes through — @ann
        - 2026-05-14T10:06:00Z **Commander** @ann — @ann
        - 2026-05-14T10:16:00Z **Done** status_page: https://status.example.org/2 — @ann
        - 2026-05-14T10:28:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T10:34:00Z **Resolved** cause removed — @bob

    Source
    ------
    The process that incidentctl serves: within 15 minutes of a SEV1's declaration.

    Notes
    -----
    From the declaration, or from when the severity was raised. An update with a `Public:` text counts. Drills have no
    public page, and what was over or lowered before it was due needs none.
    """
    incident = _incident(page)
    if incident is None or incident.is_drill:
        return
    entries = effective(incident.entries)
    due = _status_page_due(entries, facts)
    if due is None:
        return
    began, due_at, name, allowed = due
    done = next((entry for entry in entries if is_public_word(entry)), None)
    if done is None:
        over = incident.state.resolved_at or facts.now
        if over is None or over <= due_at:
            return
        message = f"nothing says that the status page was brought up to date: a {name} asks for it within {describe_duration(allowed)}"
        yield Finding(
            _place(page, began), f"{message}; record it with `ictl note --done status_page LINK`", key="status page"
        )
    elif done.at > due_at:
        took = describe_duration(done.at - began.at)
        message = f"the status page came {took} after this was a {name}, which asks for it within {describe_duration(allowed)}"
        yield Finding(_place(page, done), f"{message}: say in the post-mortem what held it up")


def _status_page_due(entries: list[Entry], facts: "Facts") -> tuple[Entry, datetime, str, timedelta] | None:
    """The entry from which on a status page was asked for, when it was due, and by which level."""
    over_at = next(
        (entry.at for entry in entries if (status := named_status(entry)) is not None and status.is_over), None
    )
    found = asked(
        severities_of(entries),
        lambda name: standing_rule(STATUS_PAGE, facts.scale.find(name)),
        Calendar(),
        over_at=over_at,
    )
    if found is None or (over_at is not None and over_at <= found.due_at):
        return None
    began = next(
        entry for entry in entries if entry.at == found.began_at and isinstance(entry.what, Opened | SeverityChange)
    )
    assert isinstance(found.rule.within, timedelta)
    return began, found.due_at, found.rule.severities[0], found.rule.within


@rule("PRC006", "cadence-missed", Severity.INFO, applies=Applies.INCIDENT, preview=True)
def cadence_missed(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An update came later than it was promised, or than the severity asks for.

    Why
    ---
    Silence makes people ask, and who answers them does not work on the incident. `Nothing new, the next update comes at 11:30`
    is an update.

    Bad
    ---
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: resolved
        commander: ann
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T11:20:00Z
        resolved_at: 2026-05-14T11:25:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV1: no payment goes through — @ann
        - 2026-05-14T10:06:00Z **Commander** @ann — @ann
        - 2026-05-14T10:12:00Z **Done** status_page: https://status.example.org/2 — @ann
        - 2026-05-14T11:20:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T11:25:00Z **Resolved** cause removed — @bob

    Good
    ----
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: resolved
        commander: ann
        declared_at: 2026-05-14T10:05:00Z
        mitigated_at: 2026-05-14T10:29:00Z
        resolved_at: 2026-05-14T10:34:00Z
        ---

        # Checkout latency

        ## Timeline

        - 2026-05-14T10:05:00Z **Opened** SEV1: no payment goes through — @ann
        - 2026-05-14T10:06:00Z **Commander** @ann — @ann
        - 2026-05-14T10:12:00Z **Done** status_page: https://status.example.org/2 — @ann
        - 2026-05-14T10:29:00Z **Mitigated** pool restored — @bob
        - 2026-05-14T10:34:00Z **Resolved** cause removed — @bob

    Source
    ------
    PagerDuty's incident-response guide: updates at a fixed rhythm, also without news.

    Notes
    -----
    Five minutes more are no finding. Of an incident that is still going on only the updates that came are measured where
    the day is not known.
    """
    incident = _incident(page)
    if incident is None:
        return
    entries = effective(incident.entries)
    if not entries:
        return
    until = _end(incident, facts) or entries[-1].at
    starts = [entry for entry in entries if _starts_clock(entry)]
    for interval in missed_updates(entries, facts.scale, until=until, grace=_GRACE)[:_MOST]:
        at = bisect_right(starts, interval.began_at, key=lambda entry: entry.at)
        silence, late = describe_duration(interval.silence), describe_duration(interval.late_by)
        came = (
            f"the next update came after {silence}, {late} late"
            if interval.is_update
            else f"no update came in {silence}"
        )
        message = f"{came}: a {interval.severity} asks for one, also where there is nothing new"
        yield Finding(_place(page, starts[at - 1] if at else None), message)


def _starts_clock(entry: Entry) -> bool:
    what = entry.what
    return isinstance(what, Opened | Update | SeverityChange) or what == Reached(Milestone.REOPENED)


RULES: Final = (
    no_commander,
    commander_is_technical_lead,
    commander_debugs,
    no_reviewer,
    late_status_page,
    cadence_missed,
)
