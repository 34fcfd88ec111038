"""The first text of a post-mortem, from what is believed of its incident. States facts and asks; judges nothing and blames nobody.

What people wrote during the incident is laid out as words: no note can become a heading, a comment or a task of the document.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from incidentctl.document.escaping import escape_line
from incidentctl.document.postmortem import duration_words, front_matter, header_line
from incidentctl.document.render import render_heading
from incidentctl.document.section_names import STANDARD
from incidentctl.incident.cadence import update_intervals
from incidentctl.incident.calendar import Calendar
from incidentctl.incident.entries import (
    COMMANDER,
    HANDOFF_BEGINS,
    Canceled,
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
from incidentctl.incident.lifecycle import effective, named_status
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import CommanderRule, ResponseHours, Scale, Severity
from incidentctl.incident.times import clock, describe_duration, format_instant
from incidentctl.incident.words import clean_line

NOT_RESOLVED: Final = "TBD, not resolved yet"
"""What the header says of a duration that has no end yet; lint asks for it to be replaced."""

_LONGEST: Final = 600
_GRACE: Final = timedelta(minutes=5)
_ROLES: Final = {COMMANDER: "Commander", "tech_lead": "Tech lead", "comms_lead": "Comms lead"}
_DUTIES: Final = {
    "status_page": "The status page is up to date",
    "management": "Management is told",
    "bridge": "The bridge is open",
}
_PROMPTS: Final = {
    "Summary": "Two or three sentences for somebody who was not there: what happened, who was hurt and how much, and what ended it.",
    "Timeline": "From detection to resolution. Add what the record does not know, such as the change that began it, in UTC; link"
    " graphs, logs and changes. What is to be judged belongs below, not here.",
    "Root Cause": "The technical explanation: what in the system made this possible? Name the mechanism, not the trigger alone, and"
    " never a person. Put a short key for it under `root_cause` at the top, the same as in earlier incidents of this cause.",
    "Contributing Factors": "One line for each: what let the root cause have this impact? Missing monitoring, no circuit breaker,"
    " too little testing, an unclear runbook, a default that surprises.",
    "What Went Well": "What helped: how fast it was seen, the coordination, a mitigation that worked, a tool that was there. The lines"
    " above are facts from the record: keep those that belong here, move or delete the others.",
    "What Went Poorly": "What made it longer or harder: late detection, confusing communication, a missing runbook. Ask why the system"
    " allowed it. The lines above are facts from the record: keep those that belong here, move or delete the others.",
    "Action Items": "Specific, with one owner and a date each; at least one that prevents it. The type is prevent, detect, mitigate or"
    " process. A command writes the line, or you do:",
}
_NO_FACTS: Final = " The lines above are facts from the record: keep those that belong here, move or delete the others."
_ITEM: Final = (
    '    ictl action add "Add a canary stage" --owner @bob --due 2026-06-01 --type prevent',
    "    - [ ] Add a canary stage — owner: @bob — due: 2026-06-01 — type: prevent",
)
_UNKNOWN: Final = {
    "affected_users": "Affected users: how many, and who? `None` and `unknown, because …` are answers.",
    "error_budget": "Error budget: how much of it was used?",
    "revenue_impact": "Revenue: what did it cost? `None` and `unknown, because …` are answers.",
}
_IMPACT_WORDS: Final = {
    "affected_users": "Affected users",
    "error_budget": "Error budget",
    "revenue_impact": "Revenue",
}


class _Row(NamedTuple):
    """One line of the timeline."""

    at: datetime
    order: str
    text: str
    reached: Status | None = None


def draft_postmortem(
    incident: Incident,
    scale: Scale,
    *,
    calendar: Calendar,
    author: str,
    now: datetime,
    everything: bool = False,
) -> str:
    """The text of a draft. With `everything` its timeline has every note, not only the entries that matter most.

    What was withdrawn or redacted is never in it.
    """
    record = _Record(incident, scale, calendar, now)
    facts = list(_facts(record))
    bodies = {
        "Impact": list(_impact(record)),
        "Timeline": _timeline(record, everything=everything),
        "What Went Well": [f"- {fact.words}" for fact in facts if fact.is_good],
        "What Went Poorly": [f"- {fact.words}" for fact in facts if not fact.is_good],
    }
    lines = [
        *front_matter(incident.id, authors=[author]),
        "",
        render_heading(clean_line(incident.title) or incident.id),
        "",
        header_line(
            day=_day(record),
            severity=incident.state.severity or "TBD",
            duration=_duration(record),
            authors=[author],
        ),
    ]
    for title in STANDARD.values():
        body = bodies.get(title, [])
        lines += ["", f"## {title}", ""]
        lines += [*body, ""] if body else []
        lines += _comments(record, title, has_facts=bool(body))
    return "\n".join(lines) + "\n"


class _Record(Struct, frozen=True):
    """An incident, with what it is measured by."""

    incident: Incident
    scale: Scale
    calendar: Calendar
    now: datetime

    @property
    def entries(self) -> list[Entry]:
        """Those that count, in order."""
        return effective(self.incident.entries)

    @property
    def until(self) -> datetime:
        """When it ended, or now."""
        return self.incident.state.resolved_at or self.now

    def severities(self) -> list[tuple[datetime, str]]:
        """What was believed from when on."""
        found: list[tuple[datetime, str]] = []
        for entry in self.entries:
            if isinstance(entry.what, Opened):
                found.append((entry.at, entry.what.severity))
            elif isinstance(entry.what, SeverityChange):
                found.append((entry.at, entry.what.after))
        return found

    def severity_at(self, at: datetime) -> Severity | None:
        """What was believed at a moment; before the declaration what was declared."""
        found = self.severities()
        names = [name for since, name in found if since <= at] or [name for _, name in found[:1]]
        return self.scale.find(names[-1]) if names else None

    def worst(self) -> tuple[datetime, str] | None:
        """The most severe that was believed, and from when on."""
        return min(self.severities(), key=lambda each: (self.scale.rank(each[1]), each[0]), default=None)


# --------------------------------------------------------------------------------------------------------- the header


def _day(record: _Record) -> str:
    declared_at = record.incident.state.declared_at
    return f"{declared_at.astimezone(UTC):%Y-%m-%d}" if declared_at else record.incident.id[:10]


def _duration(record: _Record) -> str:
    """Detection to resolution; from the declaration where no detection is known."""
    state = record.incident.state
    start = state.detected_at or state.declared_at
    if state.resolved_at is None or start is None or state.resolved_at < start:
        return NOT_RESOLVED if state.resolved_at is None else "TBD"
    return duration_words(state.resolved_at - start)


# ------------------------------------------------------------------------------------------------------------- impact


def _impact(record: _Record) -> Iterator[str]:
    incident, state = record.incident, record.incident.state
    for key, name in _IMPACT_WORDS.items():
        value = incident.word(key)
        if value:
            yield f"- {name}: {plain(value)}"
    if state.started_at and state.mitigated_at and state.mitigated_at >= state.started_at:
        length = duration_words(state.mitigated_at - state.started_at)
        begun = f"{_minute(state.started_at)}{' (estimated)' if 'started_at' in incident.listed('estimated') else ''}"
        yield f"- Duration of user-facing impact: {length}, from {begun} to {_minute(state.mitigated_at)}"
    services, regions = incident.listed("services"), incident.listed("regions")
    if services:
        yield f"- Affected services: {plain(', '.join(services))}"
    if regions:
        yield f"- Affected regions: {plain(', '.join(regions))}"
    worst = record.worst()
    if worst is not None and worst[1] != state.severity:
        yield f"- At its worst it was a {worst[1]}, from {_minute(worst[0])} on; at the end a {state.severity}"
    said = ""
    for entry in record.entries:
        if isinstance(entry.what, Update) and not entry.redacted and entry.what.impact:
            words = plain(entry.what.impact)
            if words != said:
                yield f"- As of {_minute(entry.at)}: {words}"
            said = words


# ----------------------------------------------------------------------------------------------------------- timeline


def _timeline(record: _Record, *, everything: bool) -> list[str]:
    state = record.incident.state
    rows = [row for entry in record.entries if (row := _row(entry, everything=everything)) is not None]
    if state.resolved_at is not None and not everything:
        rows = [row for row in rows if row.at <= state.resolved_at or row.reached is not None]
    for status, at in ((Status.MITIGATED, state.mitigated_at), (Status.RESOLVED, state.resolved_at)):
        rows = _with_time(rows, status, at, since=state.reopened_at)
    estimated = record.incident.listed("estimated")
    for key, words in (("started_at", "Impact begins"), ("detected_at", "Detected")):
        at = getattr(state, key)
        if at is not None:
            rows.append(_Row(at, "", f"{words} (estimated)" if key in estimated else words))
    return [f"- {format_instant(row.at)} {row.text}" for row in sorted(rows, key=lambda row: (row.at, row.order))]


def _with_time(rows: list[_Row], status: Status, at: datetime | None, *, since: datetime | None) -> list[_Row]:
    """The rows with a milestone where it is believed to have been: a time that was put right moves its row."""
    own = [row for row in rows if row.reached is status and (since is None or row.at >= since)]
    if any(row.at == at for row in own):
        return rows
    words = own[0].text if own else status.value.capitalize()
    kept = [row for row in rows if not own or row is not own[0]]
    return kept if at is None else [*kept, _Row(at, own[0].order if own else "", words, status)]


def _row(entry: Entry, *, everything: bool) -> _Row | None:
    words = _words(entry, everything=everything)
    if words is None:
        return None
    status = named_status(entry)
    reached = status if status in (Status.MITIGATED, Status.RESOLVED) and not isinstance(entry.what, Opened) else None
    return _Row(entry.at, entry.id or "~", words, reached)


def _words(entry: Entry, *, everything: bool) -> str | None:
    """What an entry says in the timeline; `None` for one that has no place there."""
    said_of_it = (
        entry.text.partition("\n")[0] if entry.agent else entry.text
    )  # a machine's further lines are labels and links
    text = "" if entry.redacted else plain(said_of_it)
    match entry.what:
        case Opened(severity):
            return _joined(f"Declared as {severity}", text)
        case Reached(Milestone.CLOSED) | KeySet() | Withdrawn() | Canceled():
            return None
        case Reached(milestone):
            return _joined(milestone.value.capitalize(), text)
        case RoleChange(role, holder):
            name = _ROLES.get(role) or role.replace("_", " ").capitalize()
            own = "" if entry.redacted else plain(entry.text.partition(f"\n{HANDOFF_BEGINS}")[0])
            return _joined(f"{name}: {f'@{holder}' if holder else 'nobody'}", own)
        case SeverityChange(before, after):
            return _joined(f"Severity {before} → {after}", text)
        case StatusChange(status):
            return _joined(f"Status {status.value}", text)
        case Update(status, impact, theory, actions):
            said = [impact, theory and f"Theory: {theory}", actions and f"Actions: {actions}", entry.text]
            parts = [] if entry.redacted else [plain(part) for part in said if part]
            return _joined(f"Update, {status.value}", "; ".join(parts))
        case Done(duty):
            return _joined(_DUTIES.get(duty) or f"Done, {duty.replace('_', ' ')}", text)
        case Note(kind):
            matters = everything or kind in (NoteKind.ACTION, NoteKind.DECISION) or "://" in said_of_it
            if not text or not matters:
                return None
            return f"Decision: {text}" if kind is NoteKind.DECISION else text
        case _:
            raise AssertionError(f"an entry of an unknown kind: {entry.what}")


def _joined(head: str, text: str) -> str:
    return f"{head}: {text}" if text else head


# -------------------------------------------------------------------------------------------- what the clocks say


class _Fact(NamedTuple):
    """A sentence to judge, and under which heading it is offered."""

    is_good: bool
    words: str


def _facts(record: _Record) -> Iterator[_Fact]:
    for measured in (_detection, _acknowledgement, _mitigation, _coordination, _updates, _duties):
        yield from measured(record)


def _detection(record: _Record) -> Iterator[_Fact]:
    state = record.incident.state
    if "started_at" in record.incident.listed("estimated"):
        return  # an alert has put it where it fired itself
    if state.started_at and state.detected_at and state.detected_at >= state.started_at:
        yield _Fact(True, f"Detected {_after(state.detected_at - state.started_at)} after the impact began")


def _acknowledgement(record: _Record) -> Iterator[_Fact]:
    state = record.incident.state
    detected_at, acknowledged_at = state.detected_at, state.acknowledged_at
    if detected_at is None or acknowledged_at is None or acknowledged_at < detected_at:
        return
    words = f"Acknowledged {_after(acknowledged_at - detected_at)} after detection"
    severity = record.severity_at(acknowledged_at)
    if severity is None or severity.response is None:
        yield _Fact(True, words)
        return
    is_business = severity.response_hours is ResponseHours.BUSINESS
    due_at = (
        record.calendar.add_business_time(detected_at, severity.response)
        if is_business
        else detected_at + severity.response
    )
    hours = " of business hours" if is_business else ""
    aim = f"the aim for a {severity.name} is {_after(severity.response)}{hours}"
    yield _Fact(acknowledged_at <= due_at, f"{words}; {aim}")


def _mitigation(record: _Record) -> Iterator[_Fact]:
    state = record.incident.state
    if state.detected_at and state.mitigated_at and state.mitigated_at >= state.detected_at:
        yield _Fact(True, f"Mitigated {_after(state.mitigated_at - state.detected_at)} after detection")


def _coordination(record: _Record) -> Iterator[_Fact]:
    """Who coordinated is nobody's merit or fault: only whether somebody was free to."""
    begun = next((at for at, name in record.severities() if _wants_commander(record.scale.find(name))), None)
    if begun is None:
        return
    free_since: datetime | None = begun
    gaps: list[tuple[datetime, datetime]] = []
    for entry in record.entries:
        if not (isinstance(entry.what, RoleChange) and entry.what.role == COMMANDER):
            continue
        if entry.what.holder is None:
            free_since = max(entry.at, begun)
        elif free_since is not None:
            gaps.append((free_since, max(entry.at, begun)))
            free_since = None
    if free_since is not None:
        gaps.append((free_since, max(record.until, free_since)))
    long = [(start, end) for start, end in gaps if end - start > _GRACE and start < record.until]
    for start, end in long:
        yield _Fact(False, f"Nobody was free to coordinate from {_span(start, min(end, record.until))}")
    if not long:
        yield _Fact(True, "Somebody was free to coordinate throughout")


def _wants_commander(severity: Severity | None) -> bool:
    return severity is not None and severity.commander is not CommanderRule.NONE


def _updates(record: _Record) -> Iterator[_Fact]:
    intervals = update_intervals(record.incident.entries, record.scale, until=record.until)
    late = [each for each in intervals if each.late_by > _GRACE]
    for each in late:
        due = f"An update was due by {_minute(each.due_at)}"
        came_at = _clock(each.ended_at, each.due_at)
        if each.is_update:
            yield _Fact(False, f"{due} and came at {came_at}, {_after(each.late_by)} late")
        else:
            end = "it was resolved at " if each.ended_at == record.incident.state.resolved_at else ""
            yield _Fact(False, f"{due} and none came until {end}{came_at}")
    updates = sum(each.is_update for each in intervals)
    if updates and not late:
        yield _Fact(True, f"{'The update' if updates == 1 else f'All {updates} updates'} came in time")


def _duties(record: _Record) -> Iterator[_Fact]:
    """The status page and management, against what the severity asks for from the moment when it was believed."""
    entries = record.entries
    public = [entry.at for entry in entries if isinstance(entry.what, Update) and entry.what.public]
    for duty, met, missing in (
        (
            "status_page",
            "The status page was up to date",
            "Nothing on the record says that the status page was updated",
        ),
        ("management", "Management was told", "Nothing on the record says that management was told"),
    ):
        limits = [(at, _limit(record.scale.find(name), duty)) for at, name in record.severities()]
        begun_at, limit = next(((at, each) for at, each in limits if each is not None), (record.now, None))
        if limit is None:
            continue
        done = [each.at for each in entries if isinstance(each.what, Done) and each.what.clock == duty]
        done += public if duty == "status_page" else []
        aim = f"the aim is {_after(limit)}"
        if done:
            took = max(timedelta(0), min(done) - begun_at)
            yield _Fact(took <= limit, f"{met} within {_after(took)} of the severity that asks for it; {aim}")
        else:
            yield _Fact(False, f"{missing}; {aim}")


def _limit(severity: Severity | None, duty: str) -> timedelta | None:
    limit: timedelta | None = getattr(severity, duty, None)
    return limit


# --------------------------------------------------------------------------------------------------- comments, words


def _comments(record: _Record, title: str, *, has_facts: bool) -> list[str]:
    """What belongs into a section. Nothing of a responder's is in a comment: it could end it."""
    if title == "Impact":
        asked = [words for key, words in _UNKNOWN.items() if not record.incident.word(key)]
        state = record.incident.state
        if state.started_at is None or state.mitigated_at is None:
            asked.append("Duration of user-facing impact: from the first user who was hurt to the last.")
        lines = ["Numbers, and who was hurt. The lines above are from the record: put them right." if has_facts else ""]
        return _comment([line for line in (*lines, *asked) if line] or ["Who was hurt, and how much?"])
    words = _PROMPTS[title]
    if not has_facts:
        words = words.replace(_NO_FACTS, "")
    return _comment([words], _ITEM if title == "Action Items" else ())


def _comment(paragraphs: Sequence[str], examples: Sequence[str] = ()) -> list[str]:
    from textwrap import wrap  # only where a draft is made

    lines = [line for paragraph in paragraphs for line in wrap(paragraph, 112, break_long_words=False)]
    return ["<!--", *lines, *examples, "-->"]


def plain(text: str) -> str:
    """People's words as one line of Markdown that is nothing but words, links and code: cut where it is very long."""
    line = clean_line(text)
    if len(line) > _LONGEST:
        line = line[:_LONGEST].rsplit(" ", 1)[0] + " …"
    if "<!--" in line or "-->" in line:
        return line.replace("\\", "\\\\").replace("`", "\\`").replace("<", "\\<").replace("-->", "--\\>")
    return escape_line(line, no_html=True)


def _minute(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:%Y-%m-%d} {at:%H:%M} UTC"


def _clock(at: datetime, beside: datetime) -> str:
    """A time beside another one: without its date where that is the same."""
    same_day = at.astimezone(UTC).date() == beside.astimezone(UTC).date()
    return clock(at).replace("Z", " UTC") if same_day else _minute(at)


def _span(start: datetime, end: datetime) -> str:
    return f"{_minute(start)} to {_clock(end, start)}, {_after(end - start)}"


def _after(duration: timedelta) -> str:
    return describe_duration(duration).removesuffix(" 0m").removesuffix(" 0h")
