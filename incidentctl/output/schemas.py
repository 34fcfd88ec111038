"""What `--json` prints, as JSON Schemas for those who read it. Loaded only by `schema`, the reference and the tests.

A field may be added to any of these; none is removed or changes its meaning while `schema_version` is 1.
"""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from incidentctl.config.schema import settings_json_schema
from incidentctl.incident.clocks import ClockState
from incidentctl.incident.entries import FOLDED_KEYS, TIME_KEYS, CancelReason, RedactReason, Status
from incidentctl.incident.model import LIST_KEYS, PLAIN_KEYS
from incidentctl.incident.notices import Audience, Event
from incidentctl.output.exchange_models import row_schema
from incidentctl.output.notifications import Told
from incidentctl.stats.exchange import Table
from incidentctl.verify.changes import Kind, Verdict

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TIME_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"


_KEY_WORDS = {
    "id": "The day of its declaration and a few words; the name of its file. Never changed.",
    "title": "What is wrong.",
    "public_title": "The same for the public.",
    "services": "What is affected.",
    "regions": "Where.",
    "affected_users": "How many users.",
    "error_budget": "How much of it was used up.",
    "revenue_impact": "What it cost.",
    "tags": "Words to find it by.",
    "team": "Whose it is.",
    "bridge": "The call to join.",
    "status_page": "Its place on the public status page.",
    "ticket": "Its ticket.",
    "channel": "Its channel; derived from the id where it is not set.",
    "drill": "Whether it is an exercise.",
    "external_id": "Its id in another system.",
    "source": "What declared it, if not a person.",
    "estimated": "The keys whose time is an estimate.",
    "repeat_of": "The incident of which it is a repetition.",
    "severity": "A name of the scale.",
    "status": "How far it has come.",
    "commander": "Who coordinates: a handle, without its `@`.",
    "tech_lead": "Who leads the investigation: a handle, without its `@`.",
    "comms_lead": "Who tells others: a handle, without its `@`.",
    "started_at": "When users were first hurt.",
    "detected_at": "When the alert fired, or the first report came.",
    "declared_at": "When it was opened.",
    "acknowledged_at": "When a human took it.",
    "mitigated_at": "When users were well again.",
    "resolved_at": "When the fault was mended.",
    "closed_at": "When all that was to be learned was written down.",
    "cancel_reason": "Why it was no incident.",
    "duplicate_of": "The incident that it was really.",
}
"""What each key of an incident says."""


class Origin(StrEnum):
    """Whose hand an entry is from."""

    COMMAND = "command"
    BY_HAND = "by_hand"
    TYPED = "typed"


class EntryKind(StrEnum):
    """The kinds of entries of a timeline."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    COMMANDER = "commander"
    TECH_LEAD = "tech_lead"
    COMMS_LEAD = "comms_lead"
    ROLE = "role"
    SEVERITY = "severity"
    STATUS = "status"
    UPDATE = "update"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELED = "canceled"
    SET = "set"
    NOTE = "note"
    INVESTIGATION = "investigation"
    ACTION = "action"
    DECISION = "decision"
    OBSERVATION = "observation"
    DONE = "done"
    WITHDRAWN = "withdrawn"


def _instant(description: str) -> Any:
    return Field(pattern=_TIME_PATTERN, description=f"{description} RFC 3339, UTC, in seconds.")


class _Open(BaseModel):
    """Fields that a reader does not know are to be left alone."""

    model_config = ConfigDict(extra="allow", use_enum_values=True)


class Entry(_Open):
    """One entry of a timeline."""

    id: str = Field(pattern=r"^[0-9a-z]{6}$", description="Its id, as `undo` takes it.")
    at: str = _instant("When it happened.")
    recorded_at: str | None = Field(
        pattern=_TIME_PATTERN, description="When it was written, where that differs by more than a minute."
    )
    by: str | None = Field(description="Whose words they are: a handle without `@`.")
    noted_by: str | None = Field(description="Who typed it for them.")
    agent: bool = Field(description="Whether a machine or a program said it.")
    kind: EntryKind = Field(description="What it is.")
    text: str = Field(description="Its words; several lines are possible.")
    origin: Origin = Field(
        description="`command`; `by_hand` for a key changed in an editor; `typed` for a line typed in one."
    )
    commit: str | None = Field(description="The commit of the change by hand.")
    withdrawn: bool = Field(description="Whether it counts no longer.")
    redacted: RedactReason | None = Field(description="Why its text was taken out.")
    details: dict[str, Any] = Field(description="What its kind says besides the text, such as `after` of a severity.")


class Step(_Open):
    """What comes next, or is still missing."""

    what: str = Field(description="A word for programs, such as `commander` or `update`.")
    by: str | None = Field(description="Until when: an instant, or a day.")
    command: str | None = Field(description="The command that does it.")


class Unreadable(_Open):
    """A file that could not be read."""

    path: str = Field(description="The file, from the top of the repository.")
    line: int = Field(description="The line, from 1.")
    reason: str = Field(description="Why.")


class Fault(_Open):
    """Something wrong with a file that was read all the same."""

    line: int = Field(description="The line, from 1.")
    column: int = Field(description="The column, from 1.")
    code: str = Field(description="What is wrong, for programs.")
    message: str = Field(description="What is wrong, for people.")


def _folded_fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key in FOLDED_KEYS:
        words = _KEY_WORDS[key]
        if key in TIME_KEYS:
            fields[key] = (str | None, Field(pattern=_TIME_PATTERN, description=f"{words} RFC 3339, UTC, in seconds."))
        elif key == "status":
            fields[key] = (Status | None, Field(description=words))
        elif key == "cancel_reason":
            fields[key] = (CancelReason | None, Field(description=words))
        else:
            fields[key] = (str | None, Field(description=words))
    return fields


State: type[_Open] = create_model(
    "State",
    __base__=_Open,
    __doc__="What the entries say together.",
    **_folded_fields(),
    roles=(dict[str, str], Field(description="Roles of a team's own, each with who has it.")),
)
_KEYS: dict[str, Any] = {
    "id": (str, Field(description="Its id, which never changes.")),
    "title": (str, Field(description="What is wrong.")),
    **_folded_fields(),
    "services": (list[str], Field(description="What is affected.")),
    "tags": (list[str], Field(description="Its tags.")),
    "drill": (bool, Field(description="Whether it is an exercise.")),
    "path": (str, Field(description="Its file, from the top of the repository.")),
}
IncidentKeys: type[_Open] = create_model(
    "IncidentKeys",
    __base__=_Open,
    __doc__="The keys of one incident: the plain ones as they stand, the folded ones as they are believed.",
    **_KEYS,
    channel=(str, Field(description="Its channel.")),
    roles=(dict[str, str], Field(description="Roles of a team's own.")),
)
ListedIncident: type[_Open] = create_model(
    "ListedIncident",
    __base__=_Open,
    __doc__="One incident of a list.",
    **_KEYS,
    team=(str | None, Field(description="Whose it is.")),
    external_id=(str | None, Field(description="Its id in another system.")),
)


class _Result(_Open):
    schema_version: Literal[1] = Field(description="1; a field may be added, none is changed.")


class Reach(_Open):
    """How far a write got."""

    commits: int = Field(description="The record's commits that this sharing handed over, earlier ones among them.")
    waiting: int = Field(description="The record's commits that others do not have yet.")
    reason: str | None = Field(description="Why they wait, in a few words; null where time was short.")


class Copy(_Open):
    """Where words that were redacted still stand."""

    path: str = Field(description="The file, from the top of the repository.")
    line: int = Field(description="Its line, from 1.")
    what: str | None = Field(description="The entry, as `e:002b7x`, or the key; null where it is neither.")
    branch: str | None = Field(description="The branch, where the file is not checked out.")


class NoticeDelivery(_Open):
    """What became of one entry for one target."""

    target: str = Field(description="The target's name.")
    incident: str | None = Field(description="The incident; null for a test.")
    entry: str | None = Field(description="The entry; null for a test.")
    outcome: Told = Field(
        description="`waiting` is tried again, `unknown` may have arrived and is not; `no_address` is for others to send."
    )
    why: str | None = Field(description="Why it was not sent.")
    not_before: str | None = Field(pattern=_TIME_PATTERN, description="When the target may be asked again.")


class AlertOutcome(StrEnum):
    """What became of a message of monitoring."""

    NEW = "new"
    NOTED = "noted"
    ENDED = "ended"
    KNOWN = "known"


class AlertHappened(StrEnum):
    """What a message is about."""

    FIRES = "fires"
    ENDS = "ends"
    SAYS = "says"


class AlertTaken(_Open):
    """The message of `open --from`, and what became of it."""

    outcome: AlertOutcome = Field(
        description="`new`: it opened the incident; `noted`, `ended`: it is a note there; `known`: it says nothing new."
    )
    source: str = Field(description="Who sent it.")
    external_id: str = Field(description="What the alert is known by.")
    happened: AlertHappened = Field(description="What it says: that something fires, that all ended, or another word.")
    count: int = Field(description="How many alerts it holds.")


class HandoffState(_Open):
    """What the one who takes a role over has to know; null for what nobody has said yet."""

    role: str = Field(description="The role: `commander`, `tech_lead`, `comms_lead`, or one of a team's own.")
    from_: str | None = Field(alias="from", description="Who had it.")
    to: str | None = Field(description="Who has it now.")
    status: str | None = Field(description="The status.")
    severity: str | None = Field(description="The severity.")
    impact: str | None = Field(description="Who is affected and how.")
    theory: str | None = Field(description="What is thought to happen.")
    actions: str | None = Field(description="What is being done.")
    next_update: str | None = _instant("When the next update was promised.")
    roles: dict[str, str | None] = Field(description="Each role with its holder from now on.")
    due: list[Step] = Field(description="What is due next.")
    missing: list[str] = Field(description="What the record does not know yet.")
    last: list[Entry] = Field(description="The last entries, the newest last.")


class WriteResult(_Result):
    """What every command that writes to an incident prints."""

    kind: Literal["write"] = Field(description="Which result it is.")
    incident: str = Field(description="The incident's id.")
    drill: bool = Field(description="Whether it is an exercise.")
    entry: Entry | None = Field(
        description="The last entry that was written, or redacted; none for plain keys, or when nothing changed."
    )
    entries: list[Entry] = Field(description="All entries that the command wrote.")
    state: State = Field(description="The state after it.")  # type: ignore[valid-type]
    path: str = Field(description="The file, from the top of the repository.")
    commit: str | None = Field(description="The commit that holds it.")
    committed: bool = Field(description="False with exit code 7: saved, and committed by the next command.")
    unchanged: str | None = Field(description="Why there was nothing to write.")
    shared: bool | None = Field(description="Whether others have it; null where nothing is shared.")
    sharing: Reach | None = Field(None, description="How far it got; null where nothing is shared.")
    warnings: list[str] = Field(description="What is doubtful.")
    next: list[Step] = Field(description="What comes next, or is missing.")
    handoff: HandoffState | None = Field(None, description="With `assign --handoff`: what the next one has to know.")
    copies: list[Copy] | None = Field(None, description="With `redact`: where the same words still stand.")
    notified: list[NoticeDelivery] | None = Field(
        None, description="Who was told of it, where `[[notify]]` names somebody."
    )
    alert: AlertTaken | None = Field(None, description="With `open --from`: the message.")


class AlertResult(_Result):
    """What `open --from` prints for a message that asks for nothing, such as a sender's test. Else it prints a `write`."""

    kind: Literal["alert"] = Field(description="Which result it is.")
    outcome: Literal["nothing"] = Field(description="Nothing was to be recorded, and nothing is wrong.")
    source: str = Field(description="Who sent it.")
    reason: str = Field(description="Why.")


class IncidentResult(_Result):
    """What `show` and `timeline` print."""

    kind: Literal["incident"] = Field(description="Which result it is.")
    incident: IncidentKeys = Field(description="The keys.")  # type: ignore[valid-type]
    timeline: list[Entry] = Field(description="All entries, in order of time.")
    faults: list[Fault] = Field(description="What is wrong with the file.")
    waiting: int = Field(description="Commands whose words are saved and not committed yet.")


class IncidentsResult(_Result):
    """What `list` prints, newest first."""

    kind: Literal["incidents"] = Field(description="Which result it is.")
    incidents: list[ListedIncident] = Field(description="The incidents.")  # type: ignore[valid-type]
    unreadable: list[Unreadable] = Field(description="Files that could not be read; exit code 1 where there are any.")


class ClockOfIncident(_Open):
    """Something that is due in time, as it stands now."""

    name: str = Field(
        description="`response`, `update`, `status_page`, `management`, `commander`, `bridge`, `postmortem`, `action_item`, or your own."
    )
    words: str = Field(description="What is due, in words.")
    incident: str = Field(description="The incident's id.")
    severity: str | None = Field(description="The severity that asks for it.")
    drill: bool = Field(description="Whether the incident is an exercise.")
    state: ClockState = Field(
        description="`running` or `overdue` while somebody has to do it; `met` or `met_late`; "
        "`missed` or `not_asked` where it was over before."
    )
    began_at: str = _instant("When it began.")
    due_at: str = _instant("When it is due; the last second of the day, where it is due on a day.")
    due_on: str | None = Field(description="The day, where it is due on a day.")
    met_at: str | None = Field(pattern=_TIME_PATTERN, description="When it was done. RFC 3339, UTC, in seconds.")
    left: int | None = Field(
        description="The seconds that are left, below zero where it is overdue; null where it runs no longer."
    )
    late_at_once: bool = Field(description="Whether it was overdue when the incident was recorded.")
    command: str | None = Field(description="What stops it.")


class UpdatesKept(_Open):
    """The updates of an incident that goes on."""

    count: int = Field(description="How many there were.")
    intervals: int = Field(description="The times between them that have ended.")
    late: int = Field(description="Those that were longer than the severity allows.")


OpenIncidentKeys: type[_Open] = create_model(
    "OpenIncidentKeys",
    __base__=_Open,
    __doc__="An incident that goes on.",
    **{key: value for key, value in _KEYS.items() if key != "path"},
    team=(str | None, Field(description="Whose it is.")),
    roles=(dict[str, str], Field(description="Roles of a team's own.")),
    unconfirmed=(bool, Field(description="Whether the severity waits to be confirmed.")),
    lasts=(int | None, Field(description="Seconds since its detection, else its declaration.")),
    updates=(UpdatesKept, Field(description="How the updates were kept.")),
    waiting=(int, Field(description="Commands whose words are saved and not committed yet.")),
    clocks=(
        list[ClockOfIncident],
        Field(description="Its clocks, those that run before the others, the most pressing first."),
    ),
)


class StatusResult(_Result):
    """What `status` prints, the gravest incident first."""

    kind: Literal["status"] = Field(description="Which result it is.")
    at: str = _instant("The time at which it is so.")
    as_of: str | None = Field(description="Where the others could not be asked: since when not, and why.")
    incidents: list[OpenIncidentKeys] = Field(description="What is open; tickets last.")  # type: ignore[valid-type]
    after: list[ClockOfIncident] = Field(description="The clocks that run on though their incident is over.")
    action_items_overdue: int = Field(description="How many action items are overdue.")
    unreadable: list[Unreadable] = Field(description="Files that could not be read; exit code 1 where there are any.")


class DueResult(_Result):
    """What `due` prints; exit code 1 where there is anything."""

    kind: Literal["due"] = Field(description="Which result it is.")
    at: str = _instant("The time at which it is so.")
    as_of: str | None = Field(description="Where the others could not be asked: since when not, and why.")
    within: int | None = Field(description="The seconds of `--within`.")
    clocks: list[ClockOfIncident] = Field(description="What is due, the most pressing first.")
    unreadable: list[Unreadable] = Field(description="Files that could not be read.")


class Match(_Open):
    """An entry that holds a word."""

    id: str = Field(description="The entry's id.")
    at: str = _instant("When it happened.")
    line: str = Field(description="The line that holds it.")


class FoundIncident(_Open):
    """An incident that holds all words."""

    id: str = Field(description="Its id.")
    title: str = Field(description="What is wrong.")
    severity: str | None = Field(description="Its severity.")
    path: str = Field(description="Its file.")
    matches: list[Match] = Field(description="The entries that hold a word.")


class SearchResult(_Result):
    """What `search` prints, newest first."""

    kind: Literal["search"] = Field(description="Which result it is.")
    incidents: list[FoundIncident] = Field(description="The incidents.")
    unreadable: list[Unreadable] = Field(description="Files that could not be read.")


class CurrentResult(_Result):
    """What `use` prints."""

    kind: Literal["current"] = Field(description="Which result it is.")
    incident: str | None = Field(description="The incident that commands mean when none is named.")


class InitResult(_Result):
    """What `init` prints."""

    kind: Literal["init"] = Field(description="Which result it is.")
    repository: str = Field(description="Where it is.")
    branch: str | None = Field(
        description="The branch of the record; null in a dry run that would make the repository."
    )
    commit: str | None = Field(description="The commit, where something was missing.")
    committed: bool = Field(
        description="False where nothing was missing, and with exit code 7: written, not committed."
    )
    files: list[str] = Field(description="The files that were written.")
    default: bool = Field(description="Whether it is the one that is found from any folder.")
    warnings: list[str] = Field(description="What to look at.")


class CheckStatus(StrEnum):
    """How a check of `doctor` ended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    FIXED = "fixed"
    SKIPPED = "skipped"


class DoctorCheck(_Open):
    """One line of what `doctor` found."""

    name: str = Field(description="The check; one that found several things has several lines.")
    group: str = Field(description="What it is about, in words.")
    status: CheckStatus = Field(description="`problem` is to be mended, `warning` to be known.")
    message: str = Field(description="What is so.")
    hint: str | None = Field(description="What mends it.")


class DoctorResult(_Result):
    """What `doctor` prints; exit code 1 where a check says `problem`."""

    kind: Literal["doctor"] = Field(description="Which result it is.")
    repository: str | None = Field(description="The repository that was looked at, where one was found.")
    checks: list[DoctorCheck] = Field(description="Every check, in the order of the reference.")
    summary: dict[str, int] = Field(description="How many checks ended in each way, by the worst of their lines.")


class LintEdit(_Open):
    """One replacement in the text of a file."""

    start: int = Field(ge=0, description="The first character that goes, from 0.")
    end: int = Field(ge=0, description="The first one that stays.")
    text: str = Field(description="What comes in their place.")


class LintFix(_Open):
    """How a finding is mended."""

    says: str = Field(description="What it does.")
    is_safe: bool = Field(description="Whether `--fix` does it; the others are done with `--unsafe-fixes` too.")
    edits: list[LintEdit] = Field(description="The replacements.")


class LintSeverity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class LintFinding(_Open):
    """Something that a rule found."""

    path: str = Field(description="The document, as it was named or found.")
    line: int = Field(ge=1, description="The line where it begins, from 1.")
    column: int = Field(ge=1, description="The character in that line, from 1.")
    end_line: int = Field(ge=1, description="The line where it ends.")
    end_column: int = Field(ge=1, description="The character behind its last one.")
    code: str = Field(description="The rule, as `STR001`.")
    name: str = Field(description="The rule's name, which says the fault.")
    severity: LintSeverity = Field(description="How much it weighs here.")
    message: str = Field(description="What is wrong, and what to do.")
    fix: LintFix | None = Field(description="How it is mended, where a program can.")


class LintSkipped(_Open):
    """What was not checked."""

    path: str | None = Field(description="The file; null for the whole run.")
    codes: list[str] = Field(description="The rules; none for all.")
    reason: str = Field(description="Why.")


class LintUnreadable(_Open):
    """A file that could not be read."""

    path: str = Field(description="The file.")
    reason: str = Field(description="Why.")


class LintSummary(_Open):
    """What the run did."""

    files: int = Field(ge=0, description="How many documents were linted.")
    findings: int = Field(ge=0, description="How many findings there are.")
    error: int = Field(ge=0, description="How many of them are errors.")
    warning: int = Field(ge=0, description="How many are warnings.")
    info: int = Field(ge=0, description="How many are infos.")
    fixable: int = Field(ge=0, description="How many `--fix` mends.")
    fail_level: LintSeverity = Field(description="From which severity on a finding fails the run.")
    fails: bool = Field(description="Whether the run failed: exit code 1.")
    baselined: int = Field(ge=0, description="How many more are in the baseline.")
    suppressed: int = Field(ge=0, description="How many more are suppressed in the documents.")
    stale_baseline: list[str] = Field(description="Entries of the baseline that nothing fits any more.")
    skipped: list[LintSkipped] = Field(description="What was not checked.")
    unreadable: list[LintUnreadable] = Field(description="Files that could not be read.")


class LintResult(_Result):
    """What `lint` prints."""

    kind: Literal["lint"] = Field(description="Which result it is.")
    findings: list[LintFinding] = Field(description="The findings, by path and place.")
    summary: LintSummary = Field(description="Counts, and what was set aside or not looked at.")


class LintCount(_Open):
    """How often a rule found something, at one severity."""

    code: str = Field(description="The rule, as `STR001`.")
    name: str = Field(description="The rule's name.")
    severity: LintSeverity = Field(description="How much these findings weigh.")
    count: int = Field(ge=1, description="How many there are.")
    fixable: int = Field(ge=0, description="How many of them `--fix` mends.")


class LintTotal(_Open):
    """All rules together."""

    files: int = Field(ge=0, description="How many documents were linted.")
    findings: int = Field(ge=0, description="How many findings there are.")
    fixable: int = Field(ge=0, description="How many `--fix` mends.")


class LintStatisticsResult(_Result):
    """What `lint --statistics` prints."""

    kind: Literal["lint_statistics"] = Field(description="Which result it is.")
    rules: list[LintCount] = Field(description="The rules that found something, the most frequent first.")
    summary: LintTotal = Field(description="The counts of all rules together.")


class ActionState(StrEnum):
    """What became of an action item."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class ActionLink(_Open):
    """Where an action item is tracked."""

    text: str = Field(description="Its words, such as `#412`.")
    url: str = Field(description="Its address; empty where only a number is written.")


class Action(_Open):
    """One action item of a post-mortem."""

    id: str = Field(pattern=r"^a:[0-9a-z]{6}$", description="Its id, as `action done` takes it.")
    incident: str = Field(description="The incident whose post-mortem it stands in.")
    text: str = Field(description="What is to be done.")
    state: ActionState = Field(description="What became of it.")
    overdue: bool = Field(description="Whether it is open and its day is over.")
    owners: list[str] = Field(description="Who does it: handles without `@`, or names.")
    due: str | None = Field(description="Until when, as it is written.")
    due_on: str | None = Field(description="The same as a day, where it is one.")
    type: str | None = Field(description="What it is for: prevent, detect, mitigate, process.")
    link: ActionLink | None = Field(description="Where it is tracked.")
    done_on: str | None = Field(description="The day on which it was done, where it says so.")
    evidence: str | None = Field(description="What shows that it is done, such as a commit.")
    dropped_on: str | None = Field(description="The day on which it was dropped.")
    reason: str | None = Field(description="Why it was dropped.")
    path: str = Field(description="The document, from the top of the repository.")
    line: int = Field(ge=1, description="Its line there, from 1.")
    branch: str | None = Field(description="The branch that the document is on, where that is not checked out.")


class ActionItemsResult(_Result):
    """What `action list` prints, by the day on which they are due."""

    kind: Literal["action_items"] = Field(description="Which result it is.")
    items: list[Action] = Field(description="The action items.")
    unreadable: list[Unreadable] = Field(
        description="Documents that could not be read; exit code 1 where there are any."
    )


class ActionWriteResult(_Result):
    """What every command prints that writes action items."""

    kind: Literal["action_write"] = Field(description="Which result it is.")
    items: list[Action] = Field(description="The items that were written, as they are now.")
    commit: str | None = Field(
        description="The commit that holds it; the first, where documents are on several branches."
    )
    commits: list[str] = Field(description="All commits.")
    committed: bool = Field(description="False with exit code 7: saved in the file, and not committed.")
    unchanged: str | None = Field(description="Why there was nothing to write.")
    warnings: list[str] = Field(description="What is doubtful.")


class PostmortemStatus(StrEnum):
    """How far a post-mortem has come."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    FINAL = "final"


class ActionCounts(_Open):
    """How many action items a post-mortem has."""

    open: int = Field(ge=0, description="How many are still to be done.")
    done: int = Field(ge=0, description="How many are done.")
    dropped: int = Field(ge=0, description="How many nobody will do.")


class PostmortemRow(_Open):
    """One post-mortem: what its document says of itself, and where it is."""

    incident: str = Field(description="Its incident; the name of its file.")
    title: str = Field(description="Its title.")
    status: PostmortemStatus | str = Field(
        description="`draft`, `in_review` or `final`; a word that is none of these as it stands, `none` where there is none."
    )
    path: str = Field(description="The file, from the top of the repository.")
    branch: str | None = Field(description="The branch on which it was found; null in a work tree without a branch.")
    checked_out: bool = Field(description="Whether it stands in the work tree in which the command was called.")
    authors: list[str] = Field(description="Who wrote it: handles without `@`.")
    reviewers: list[str] = Field(description="Who reviews it: handles without `@`.")
    published_at: str | None = Field(description="When it became final, as the document says.")
    due_on: str | None = Field(
        description="The day by which it is to be published, `YYYY-MM-DD`; null where there is none."
    )
    root_cause: str | None = Field(description="A short key for its cause, the same in each incident of that cause.")
    severity: str | None = Field(description="The severity in its header.")
    duration: str | None = Field(description="The duration in its header, as `2h 8m`.")
    action_items: ActionCounts = Field(description="Its action items, counted.")


class PostmortemResult(_Result, PostmortemRow):
    """What `postmortem new`, `show`, `submit` and `publish` print."""

    kind: Literal["postmortem"] = Field(description="Which result it is.")
    next: list[Step] = Field(
        description="What comes next: `lint`, `submit`, `pull_request`, `publish`, `merge`, `close`."
    )
    text: str | None = Field(None, description="The document itself, where `show --text` asked for it.")
    commit: str | None = Field(None, description="The commit of a write; null where there is none.")
    committed: bool | None = Field(None, description="Whether a write was committed.")
    unchanged: bool | None = Field(None, description="Whether a write had nothing to change.")
    shared: bool | None = Field(None, description="Whether `submit` pushed the branch; null where there is nowhere to.")
    problems: list[str] | None = Field(None, description="What lint calls an error, as `submit` found it.")
    announcement: str | None = Field(None, description="The text of `publish`, to share.")
    warnings: list[str] | None = Field(None, description="What a write had to say beside its result.")
    dry_run: bool | None = Field(None, description="True where nothing was written.")
    diff: list[str] | None = Field(None, description="With `--dry-run`, the lines of the change.")


class PostmortemsResult(_Result):
    """What `postmortem list` prints."""

    kind: Literal["postmortems"] = Field(description="Which result it is.")
    postmortems: list[PostmortemRow] = Field(description="The post-mortems, newest first.")
    unreadable: list[Unreadable] = Field(description="Files that could not be read.")


class ChangeAuthor(_Open):
    """Who made a commit, as git has it."""

    name: str = Field(description="The name.")
    mail: str = Field(description="The mail address.")


class RecordChange(_Open):
    """One change of the record after the fact."""

    verdict: Verdict = Field(
        description="`waiting` is a key changed by hand that the next command that writes takes into the timeline."
    )
    what: Kind = Field(description="What was changed, as a word.")
    incident: str | None = Field(description="The incident; null for what is about the branch itself.")
    path: str | None = Field(description="The file, from the top of the repository.")
    subject: str | None = Field(description="What in it: `e:ID` of an entry, `a:ID` of an action item, or a key.")
    was: str | None = Field(description="What it said; null where it is not to be shown again.")
    now: str | None = Field(description="What it says since then; null where it is gone.")
    reason: str | None = Field(description="Why, where somebody said it.")
    commit: str | None = Field(description="The commit that changed it.")
    author: ChangeAuthor | None = Field(description="Who made that commit.")
    at: str | None = Field(description="The author's date of it, RFC 3339, UTC.")
    committed_at: str | None = Field(description="The committer's date of it, RFC 3339, UTC.")
    by_command: bool = Field(description="Whether the commit's message names just what it did, as our commands' do.")
    put_back: str | None = Field(description="The commit that made it as it had been before.")


class VerifySummary(_Open):
    """How many changes there are, and in what."""

    undeclared: int = Field(ge=0, description="How many changes are undeclared; exit code 1 where there are any.")
    declared: int = Field(ge=0, description="How many are declared, or were put back.")
    waiting: int = Field(ge=0, description="How many are not taken in yet.")
    incidents: int = Field(ge=0, description="How many incidents were looked at.")
    commits: int = Field(ge=0, description="How many commits touch the record.")
    commits_read: int = Field(ge=0, description="How many commits the history has.")


class VerifyResult(_Result):
    """What `verify` prints."""

    kind: Literal["verify"] = Field(description="Which result it is.")
    tip: str | None = Field(description="The last commit of the record's branch.")
    changes: list[RecordChange] = Field(description="The changes, in the order of the commits.")
    summary: VerifySummary = Field(description="Counts, also of what `--undeclared` leaves out.")
    unreadable: list[Unreadable] = Field(description="Files that cannot be read now; exit code 1 where there are any.")


class SyncFailure(_Open):
    """Why a remote did not do what was asked."""

    reason: Literal["offline", "hung", "denied", "raced", "rule", "missing", "other"] = Field(
        description="What kind of trouble it is."
    )
    message: str = Field(description="In the words of git or of the remote.")


class LocalCommit(_Open):
    """A commit that stays in this clone."""

    commit: str = Field(description="Its id.")
    subject: str = Field(description="The first line of its message.")


class PartedIncident(_Open):
    """An incident that took another id, since one of another clone had its name."""

    to: str = Field(description="The id that it has now.")
    from_: str = Field(alias="from", description="The id that it had, and that is the other one's now.")


class SyncResult(_Result):
    """What `sync` prints."""

    kind: Literal["sync"] = Field(description="Which result it is.")
    remote: str = Field(description="The remote's name.")
    branch: str = Field(description="The remote's branch on which the record is shared.")
    reached: bool = Field(description="Whether the remote answered.")
    shared: bool = Field(description="Whether others have all that is recorded here.")
    pushed: int = Field(description="The record's commits that were handed over.")
    received: bool = Field(description="Whether something came in.")
    waiting: int = Field(description="The record's commits that others do not have.")
    failed: SyncFailure | None = Field(description="Why some are not shared.")
    behind: str | None = Field(description="Why the branch here does not have what came in.")
    branches: list[str] = Field(description="The remote's branches of incidents that are to be brought home.")
    requests: list[str] = Field(description="Command lines that open their pull requests.")
    unpublished: list[LocalCommit] = Field(description="Commits that sharing never publishes.")
    parted: list[PartedIncident] = Field(description="Incidents that took another id.")
    discarded: list[str] = Field(description="What a rule of the merge left out.")
    notes: list[str] = Field(description="What is to be known beside it.")
    dry_run: bool = Field(description="True where nothing was handed over or taken in.")


class NotifyTarget(_Open):
    """Who can be told. Of an address only its kind is shown."""

    target: str = Field(description="The name.")
    audience: Audience = Field(description="Who reads it.")
    events: list[Event] = Field(description="Of what it is told.")
    severities: list[str] = Field(description="Only of these severities; empty for all.")
    services: list[str] = Field(description="Only of these services; empty for all.")
    drills: bool = Field(description="Whether it is told of exercises as well.")
    variable: str | None = Field(description="The variable with its address; null where that is elsewhere.")
    scheme: str | None = Field(description="The kind of its address; null where there is none here.")
    missing: str | None = Field(description="What is not right with it.")


class NotifyResult(_Result):
    """What `notify` prints."""

    kind: Literal["notify"] = Field(description="Which result it is.")
    deliveries: list[NoticeDelivery] = Field(description="What became of what was to be sent.")
    targets: list[NotifyTarget] = Field(description="All targets of the settings.")
    waiting: list[NoticeDelivery] = Field(description="What waits to be sent.")


class NoticeIncident(_Open):
    """The incident of a notice."""

    id: str = Field(description="Its id.")
    title: str = Field(description="What is wrong.")
    services: list[str] = Field(description="What is affected.")
    channel: str = Field(description="Its channel.")
    severity: str | None = Field(description="A name of the scale.")
    status: Status | None = Field(description="How far it has come.")


class Notice(_Result):
    """What a webhook gets, and a hook on its input. For the public there is neither `incident` nor `entry` in it."""

    kind: Literal["notice"] = Field(description="Which document it is.")
    key: str = Field(description="The same for the same entry and target: a second one of that key is a repetition.")
    event: str = Field(description="What happened: one of `events`; `test` for a test.")
    events: list[str] = Field(description="All that it is.")
    audience: Audience = Field(description="For whom the words are.")
    drill: bool = Field(description="Whether it is an exercise.")
    at: str = _instant("When it happened.")
    text: str | None = Field(description="The words; for the public those that are public.")
    id: str | None = Field(None, description="For the public: the incident's id on the status page.")
    title: str | None = Field(None, description="For the public: its title there.")
    services: list[str] | None = Field(None, description="For the public: the services that the page names.")
    status: str | None = Field(None, description="For the public: the status, as the page says it.")
    incident: NoticeIncident | None = Field(None, description="The incident, with its folded keys and roles.")
    update: dict[str, Any] | None = Field(
        None, description="The fields of an update: `status`, `impact`, `theory`, `actions`, `next_at`, `ic`."
    )
    entry: Entry | None = Field(None, description="The entry; for the internal audience.")
    path: str | None = Field(None, description="For a hook: the incident's file.")
    commit: str | None = Field(None, description="For a hook: the commit.")


class ErrorResult(_Result):
    """What goes to standard error with `--json`."""

    kind: Literal["error"] = Field(description="Which result it is.")
    code: str = Field(description="What is wrong, for programs.")
    message: str = Field(description="What is so.")
    hint: str | None = Field(description="What to do.")
    candidates: list[str] = Field(description="What was perhaps meant.")


class LintRule(_Open):
    """A rule of the linter, with its page."""

    code: str = Field(description="As `STR001`.")
    name: str = Field(description="The fault, in words with hyphens.")
    family: str = Field(description="As `STR`.")
    severity: Literal["error", "warning", "info", "off"] = Field(description="How grave it is by default.")
    preview: bool = Field(description="Whether it runs only where it or its family is selected.")
    on_by_default: bool = Field(description="Whether it runs where nobody has chosen rules.")
    fix: Literal["none", "safe", "unsafe"] = Field(description="Whether a program can mend what it finds.")
    applies: Literal["postmortem", "incident", "both"] = Field(description="What it reads.")
    asks: list[Literal["today", "record", "history", "files"]] = Field(
        description="What it asks for besides the document."
    )
    summary: str = Field(description="What it finds, on one line.")
    why: str = Field(description="Why that is a fault.")
    bad: str = Field(description="An example, in Markdown.")
    good: str = Field(description="The same, mended.")
    source: str = Field(description="Where it is from.")
    notes: str = Field(description="What it does at its edges; may be empty.")


class RulesResult(_Result):
    """What `rule` prints."""

    kind: Literal["rules"] = Field(description="Which result it is.")
    rules: list[LintRule] = Field(description="Those that were named, or all.")


class ReportPeriod(_Open):
    """The time that a report is about."""

    since: str | None = Field(pattern=_TIME_PATTERN, description="Its first moment; null: the beginning of history.")
    until: str | None = Field(pattern=_TIME_PATTERN, description="The first moment after it; null: no end.")
    title: str = Field(description="As it was asked for, as `2026-Q2`.")
    zone: str = Field(description="The zone in which its days and months begin.")


class DurationStates(StrEnum):
    """What is known of one incident's duration."""

    RECORDED = "recorded"
    PENDING = "pending"
    NOT_APPLICABLE = "not_applicable"
    INVALID = "invalid"
    SUSPECT = "suspect"


class ReportIncident(_Open):
    """An incident behind the numbers."""

    id: str = Field(description="Its id.")
    title: str = Field(description="What was wrong.")
    severity: str = Field(description="Its severity, as `severity_at` says.")
    severe: bool = Field(description="Whether it is one of those that every format begins with.")
    status: str = Field(description="How far it has come.")
    repository: str | None = Field(description="Which repository it is from, where several were read.")
    path: str = Field(description="Its file.")
    services: list[str] = Field(description="What was affected.")
    started_at: str | None = _instant("When users were first hurt.")
    detected_at: str | None = _instant("When the alert fired, or the first report came.")
    declared_at: str | None = _instant("When it was opened.")
    acknowledged_at: str | None = _instant("When a human took it.")
    mitigated_at: str | None = _instant("When users were well again.")
    resolved_at: str | None = _instant("When the fault was mended.")
    postmortem_published_at: str | None = _instant("When its post-mortem was final.")
    closed_at: str | None = _instant("When all that was to be learned was written down.")
    durations: dict[str, float | None] = Field(description="Its durations in seconds, by metric; null: not recorded.")
    states: dict[str, DurationStates] = Field(description="What is known of each.")
    marks: list[str] = Field(
        description="What weakens them: `assumed`, `estimated`, `from history`, `reopened`, `imported`, `drill`."
    )


class MetricValue(_Open):
    """A duration of one incident."""

    id: str = Field(description="The incident.")
    seconds: float = Field(description="How long.")
    assumed: bool = Field(description="Whether it counts from the declaration, since no detection is known.")
    estimated: bool = Field(description="Whether people say that one of its times is an estimate.")


class MetricExclusion(_Open):
    """An incident that a metric leaves out."""

    id: str = Field(description="The incident.")
    state: DurationStates = Field(description="What is known of the duration; never `recorded`.")
    reason: str = Field(description="Why, in words.")


class MetricComparison(_Open):
    """A metric against the period before. Durations in seconds."""

    n_before: int = Field(description="How many durations were recorded then.")
    median_before: float | None = Field(description="Their median.")
    difference: float | None = Field(description="The median now less that of then.")
    ci95: tuple[float, float] | None = Field(description="The 95 % interval of the difference; null below 9 on a side.")
    distinguishable: bool = Field(description="Whether both have 9 or more, and the interval leaves out 0.")
    could_have_shown: float | None = Field(description="The change that these numbers could have told from none.")


class Metric(_Open):
    """One duration over many incidents."""

    title: str = Field(description="As `MTTM`.")
    from_: str = Field(alias="from", description="The time with which it begins.")
    to: str = Field(description="The time with which it ends.")
    unit: Literal["seconds"] = Field(description="Of all durations in it.")
    quantiles: str = Field(description="How median and p90 are computed.")
    n: int = Field(description="How many are recorded: all figures are of these.")
    eligible: int = Field(description="How many incidents of the period count: recorded and excluded.")
    assumed: int = Field(description="How many of the `n` rest on an assumed detection.")
    estimated: int = Field(description="How many of the `n` rest on an estimated time.")
    median: float | None = Field(description="Null where `n` is 0.")
    p90: float | None = Field(description="Null where `n` is below 10.")
    mean: float | None = Field(description="Null where `n` is 0.")
    ci95: tuple[float, float] | None = Field(
        description="The 95 % bootstrap interval of the median, computed exactly; null where `n` is below 9."
    )
    values: list[MetricValue] = Field(description="The recorded ones.")
    excluded: list[MetricExclusion] = Field(description="The others, with the reason.")
    comparison: MetricComparison | None = Field(description="Null where no comparison was asked for.")


class Metrics(_Open):
    """The durations."""

    mttm: Metric = Field(description="Time to mitigate.")
    mttd: Metric = Field(description="Time to detect.")
    mtta: Metric = Field(description="Time to acknowledge.")
    mttr: Metric = Field(description="Time to resolve.")
    user_impact: Metric = Field(description="How long users were without.")


class TrendMedian(_Open):
    """A median over four quarters."""

    quarter: str = Field(description="The last of the four, as `2026-Q2`.")
    n: int = Field(description="How many durations were recorded in them.")
    median: float | None = Field(description="In seconds.")
    ci95: tuple[float, float] | None = Field(description="Its 95 % interval.")


class MonthOfIncidents(_Open):
    """A month, also one without incidents."""

    month: str = Field(pattern=r"^\d{4}-\d\d$", description="As `2026-05`.")
    by_severity: dict[str, int] = Field(description="Incidents by severity.")
    total: int = Field(description="All of them.")


class StillOpen(_Open):
    """An incident that is not over."""

    id: str = Field(description="Its id.")
    severity: str = Field(description="Its severity.")
    seconds: float = Field(description="For how long it has been open.")


class ReportCounts(_Open):
    """Numbers of incidents."""

    total: int = Field(description="Without drills, cancelled ones and duplicates. Each counts once.")
    severe: int = Field(description="SEV1 and SEV2, or what takes their place on a scale of one's own.")
    by_severity: dict[str, int] = Field(description="By severity.")
    months: list[MonthOfIncidents] = Field(description="By the month of declaration, months with none included.")
    open: list[StillOpen] = Field(description="Those that are not over.")
    reopened: int = Field(description="How many were reopened.")
    reopenings: int = Field(description="How often.")
    downgraded: int = Field(description="How many became less severe.")
    upgraded: int = Field(description="How many became more severe.")
    cancelled: dict[str, int] = Field(description="Those that were no incidents, by reason; in no figure.")
    duplicates: int = Field(description="Those that were another one; in no figure.")
    drills: int = Field(description="Exercises; in no figure unless asked for.")
    severe_before: int | None = Field(description="`severe` of the period before, where a comparison was asked for.")
    total_before: int | None = Field(description="`total` of the period before.")


class ItemMove(_Open):
    """A due date that was changed."""

    before: str | None = Field(description="As it was; null: none.")
    after: str | None = Field(description="As it became.")
    commit: str | None = Field(description="The commit that did it.")


class ItemInReport(_Open):
    """An action item and what became of it. Nobody is named."""

    incident: str = Field(description="The incident of its post-mortem.")
    id: str = Field(description="Its id.")
    text: str = Field(description="What is to be done.")
    type: str | None = Field(description="As `prevent`.")
    link: str | None = Field(description="Where it is followed.")
    path: str | None = Field(description="The post-mortem.")
    line: int | None = Field(description="Its line, from 1.")
    due: str | None = Field(description="Its due date now.")
    binding_due: str | None = Field(description="The one that counts: as it was when the post-mortem was published.")
    moves: list[ItemMove] = Field(description="What was changed of it.")
    done_on: str | None = Field(description="When it was done; null: it is not.")
    dropped_on: str | None = Field(description="When it was dropped.")
    drop_reason: str | None = Field(description="Why.")
    deleted: bool = Field(description="Whether its line was deleted, which counts as dropped.")


class ItemInRate(ItemInReport):
    """The same with what it counts as."""

    outcome: Literal["in_time", "late", "overdue", "dropped_after", "dropped_before", "not_yet_due", "undated"] = Field(
        description="What it counts as on the day of the report."
    )
    reason: str = Field(description="Why, in words.")


class ItemRate(_Open):
    """Completed on or before the due date, of those due in the period."""

    rate: float | None = Field(description="`in_time` of `due`, from 0 to 1; null where nothing was due.")
    in_time: int = Field(description="Done on or before their day.")
    due: int = Field(description="In time, late, overdue, and dropped after publication.")
    late: int = Field(description="Done after their day.")
    overdue: int = Field(description="Open, and their day is over.")
    dropped_after: int = Field(description="Dropped after the post-mortem was published: missed.")
    dropped_before: int = Field(description="Dropped before: out of the rate.")
    not_yet_due: int = Field(description="Open, and their day is to come: out of the rate.")
    undated: int = Field(description="Without a day: out of the rate, and a fault.")
    moved: int = Field(description="Those whose day was moved.")
    rate_before: float | None = Field(description="The rate of the period before.")
    items: list[ItemInRate] = Field(description="Each of them.")


class RepeatedIncident(_Open):
    """An incident with the same cause as an earlier one."""

    id: str = Field(description="The incident.")
    earlier: str = Field(description="The earlier one.")
    cause: str | None = Field(description="The `root_cause` of both; null where `repeat_of` says so.")
    left_undone: list[ItemInReport] = Field(description="The earlier one's items that were open when it came again.")


class PossibleRepeat(_Open):
    """A likeness that nobody has confirmed."""

    id: str = Field(description="The incident.")
    earlier: str = Field(description="The earlier one.")
    shared: list[str] = Field(description="What both have.")
    score: float = Field(description="How alike they are, from 0 to 1.")


class UnresolvedRepeat(_Open):
    """An incident whose `repeat_of` leads nowhere."""

    id: str = Field(description="The incident.")
    reason: str = Field(description="Why it is not counted.")


class RepeatsInReport(_Open):
    """Repeat incidents."""

    number: int | None = Field(description="How many; null where no incident has a recorded cause.")
    with_cause: int = Field(description="Incidents with a recorded cause.")
    without_cause: int = Field(description="Incidents without one: whether they are repeats is not known.")
    repeats: list[RepeatedIncident] = Field(description="Each of them.")
    suggestions: list[PossibleRepeat] = Field(description="Possible ones; never counted.")
    unresolved: list[UnresolvedRepeat] = Field(description="Those whose `repeat_of` names no earlier incident.")


class KeptShare(_Open):
    """How often something was kept."""

    kept: int = Field(description="How often it was.")
    n: int = Field(description="Of how many.")
    share: float | None = Field(description="From 0 to 1; null where `n` is 0.")
    missed: list[str] = Field(description="The incidents in which it was not.")


class CommanderTime(_Open):
    """How long until somebody commanded."""

    unit: Literal["seconds"] = Field(description="Of the median.")
    n: int = Field(description="Incidents that had one.")
    median: float | None = Field(description="Null where `n` is 0.")
    without: list[str] = Field(description="Incidents that never had one.")


class Silence(_Open):
    """The longest time without an update while one was due."""

    unit: Literal["seconds"] = Field(description="Of the time.")
    seconds: float | None = Field(description="How long; null where no update was due.")
    id: str | None = Field(description="In which incident.")


class StatusPageTime(_Open):
    """From declaration to the first word on the status page."""

    unit: Literal["seconds"] = Field(description="Of the median.")
    median: float | None = Field(description="Null where there is none.")


class PostmortemTime(_Open):
    """How long until a post-mortem was published."""

    unit: Literal["days"] = Field(description="Of the median.")
    n: int = Field(description="Published ones.")
    median: float | None = Field(description="Null where `n` is 0.")
    missing: list[str] = Field(description="Incidents that owe one.")


class ProcessInReport(_Open):
    """The figures of the process."""

    to_commander: CommanderTime = Field(description="From declaration to the first commander.")
    updates: int = Field(description="All updates.")
    unchanged_updates: int = Field(description="Those that said nothing new.")
    intervals: KeptShare = Field(description="Intervals between updates within the cadence of the severity.")
    longest_silence: Silence = Field(description="The longest time without an update.")
    to_status_page: StatusPageTime = Field(description="From declaration to the status page, where one is due.")
    status_page: KeptShare = Field(description="Status page in time.")
    response: KeptShare = Field(description="Acknowledged within the response time of the severity.")
    to_postmortem: PostmortemTime = Field(description="From resolution to the published post-mortem.")
    postmortem: KeptShare = Field(description="Published in time.")


class ImpactFact(_Open):
    """An impact fact, summed."""

    name: str = Field(description="The key, as `affected_users`.")
    total: float | None = Field(description="The sum; null where no incident says a number.")
    unit: str = Field(description="What stands beside the numbers, where it is the same in all; else empty.")
    known: int = Field(description="Incidents that say a number.")
    of: int = Field(description="All incidents.")
    unread: list[str] = Field(description="Incidents that say it, and not as a number.")


class GroupOfIncidents(_Open):
    """A part of the incidents. One that affects several services is in each of their groups."""

    name: str = Field(description="As the service is called, or the month.")
    incidents: int = Field(description="How many are in it.")
    metrics: Metrics = Field(description="Their durations.")


class RecordingLag(_Open):
    """How late things were recorded."""

    unit: Literal["seconds"] = Field(description="Of the figures.")
    n: int = Field(description="Entries whose recording is sound.")
    median: float | None = Field(description="Null where `n` is 0.")
    p90: float | None = Field(description="Null where `n` does not carry it.")
    left_out: dict[str, int] = Field(description="Entries whose recording is not sound, by reason.")


class DeletedIncident(_Open):
    """An incident whose file was deleted."""

    id: str = Field(description="Its id.")
    commit: str = Field(description="The commit that did it.")


class LargeCommit(_Open):
    """A commit that touches many incidents at once."""

    commit: str = Field(description="The commit.")
    at: str = _instant("Its date.")
    incidents: int = Field(description="How many.")


class DataQualityInReport(_Open):
    """What has to be known of the data before the figures are believed."""

    tip: str | None = Field(description="The commit that was read.")
    commits: int = Field(description="Commits that touch the record.")
    commits_read: int = Field(description="All commits that the tip comes from.")
    recording_lag: RecordingLag = Field(description="From a moment to its being recorded.")
    from_history: int = Field(description="Transitions that only history tells.")
    assumed_detection: int = Field(description="Incidents whose detection counts from the declaration.")
    estimated: int = Field(description="Incidents with an estimated time.")
    imported: int = Field(description="Incidents that were imported.")
    unreadable: list[Unreadable] = Field(description="Files that could not be read; in no figure.")
    deleted: list[DeletedIncident] = Field(description="Incidents whose file was deleted; in no figure.")
    batches: list[LargeCommit] = Field(description="Commits that touch many incidents at once.")
    squashed: int = Field(description="Entries whose commits were squashed or rewritten.")
    skewed: int = Field(description="Commits dated before one that they come from.")
    uncommitted: list[str] = Field(description="Files of the record that are changed and not committed; not counted.")
    unpublished: list[str] = Field(
        description="Incidents whose post-mortem is on a branch of its own; items not counted."
    )
    contradictions: list[str] = Field(description="What two places say differently, so that nothing is known of it.")


class StatsReportResult(_Result):
    """What `stats report` prints."""

    kind: Literal["stats_report"] = Field(description="Which result it is.")
    period: ReportPeriod = Field(description="What it is about.")
    compared_with: ReportPeriod | None = Field(description="What it is compared with.")
    now: str = _instant("The moment from which it is seen: what is open or overdue is so then.")
    severity_at: Literal["peak", "declared", "final"] = Field(description="Which severity of an incident counts.")
    occurrence: Literal["last", "first"] = Field(description="Which mitigation and resolution of a reopened one count.")
    window: Literal["declared", "resolved"] = Field(description="What makes an incident one of the period.")
    filters: list[str] = Field(description="What was left out on purpose, in words.")
    repositories: list[str] = Field(description="Which repositories were read, where there are several.")
    severe: list[str] = Field(description="The incidents that every format begins with: SEV1 and SEV2.")
    incidents: list[ReportIncident] = Field(description="All incidents of the period, in the order of declaration.")
    metrics: Metrics = Field(description="The durations, MTTM first.")
    trends: dict[str, list[TrendMedian]] = Field(description="Medians over rolling four quarters, by metric.")
    counts: ReportCounts = Field(description="How many incidents there were.")
    action_items: ItemRate = Field(description="How many action items were completed in time.")
    repeats: RepeatsInReport = Field(description="Incidents with the same cause as an earlier one.")
    process: ProcessInReport = Field(description="How the process was kept.")
    impact: list[ImpactFact] = Field(description="Impact facts, summed.")
    group_by: str | None = Field(description="How the incidents were parted.")
    groups: list[GroupOfIncidents] = Field(description="The parts.")
    data_quality: DataQualityInReport = Field(description="What has to be known before the figures are believed.")
    unreadable: list[Unreadable] = Field(description="Files that could not be read; exit code 1 where there are any.")
    misleading: list[str] = Field(description="How such numbers mislead.")


class FactSource(_Open):
    """Where a fact stands."""

    origin: Literal["record", "history", "assumed"] = Field(
        description="The record; a change by hand that only history tells; or an assumption."
    )
    path: str | None = Field(description="The file.")
    line: int | None = Field(description="Its line there, from 1; null where it stands in none.")
    commit: str | None = Field(description="The commit that brought it.")
    entry: str | None = Field(description="The id of the entry, or of the action item.")


class SourcedMoment(_Open):
    """A moment and the way to it."""

    at: str = _instant("The moment.")
    estimated: bool = Field(description="Whether people say that it is an estimate.")
    source: FactSource = Field(description="Where it stands.")


class ExplainedEnd(_Open):
    """A moment that a figure takes."""

    name: str = Field(description="As `mitigated_at`.")
    fact: SourcedMoment | None = Field(description="Null where it is not known.")


class OtherSource(_Open):
    """Another place that a figure takes something from."""

    what: str = Field(description="What stands there.")
    source: FactSource = Field(description="Where.")


class ExplainedPart(_Open):
    """What one incident, item or entry gives to a figure."""

    id: str = Field(description="The incident.")
    title: str = Field(description="What it is about.")
    severity: str | None = Field(description="The severity that it is counted under.")
    verdict: str = Field(description="What it counts as.")
    seconds: float | None = Field(description="Its duration.")
    reason: str | None = Field(description="Why, in words.")
    ends: list[ExplainedEnd] = Field(description="The moments that it rests on.")
    sources: list[OtherSource] = Field(description="What else it rests on.")


class FigureInShort(_Open):
    """A duration over many incidents, without them."""

    from_: str = Field(alias="from", description="The time with which it begins.")
    to: str = Field(description="The time with which it ends.")
    unit: Literal["seconds"] = Field(description="Of all durations in it.")
    n: int = Field(description="How many are recorded.")
    eligible: int = Field(description="How many incidents of the period count.")
    assumed: int = Field(description="How many of the `n` rest on an assumed detection.")
    median: float | None = Field(description="Null where `n` is 0.")
    p90: float | None = Field(description="Null where `n` is below 10.")
    mean: float | None = Field(description="Null where `n` is 0.")
    ci95: tuple[float, float] | None = Field(description="Of the median; null where `n` is below 9.")


class StatsExplainResult(_Result):
    """What `stats explain` prints."""

    kind: Literal["stats_explain"] = Field(description="Which result it is.")
    metric: str = Field(description="The figure.")
    title: str = Field(description="Its name for people.")
    definition: str = Field(description="What it is.")
    result: str | None = Field(description="The figure in words, where it is none of a duration.")
    figure: FigureInShort | None = Field(description="The figure of a duration; null where one incident was asked for.")
    incidents: list[ExplainedPart] = Field(description="What it is made of.")


class DurationOnOneSide(_Open):
    """What an incident says of a duration."""

    seconds: float | None = Field(description="Null where it is not recorded.")
    state: DurationStates = Field(description="What is known of it.")
    reason: str | None = Field(description="Why it is left out.")


class MovedIncident(_Open):
    """An incident that says something else of a duration."""

    id: str = Field(description="Its id.")
    before: DurationOnOneSide | None = Field(description="Null where it did not count.")
    after: DurationOnOneSide | None = Field(description="Null where it does not count.")
    change: float | None = Field(description="Seconds more, where both are recorded.")
    commits: list[str] = Field(description="The commits that did it, oldest first; none: time has passed.")


class ComparisonOfPeriods(_Open):
    """Two periods against each other."""

    difference: float | None = Field(description="The median of the second less that of the first, in seconds.")
    ci95: tuple[float, float] | None = Field(description="The 95 % interval of the difference.")
    distinguishable: bool = Field(description="Whether both have 9 or more, and the interval leaves out 0.")
    could_have_shown: float | None = Field(description="The change that these numbers could have told from none.")


class MovedMetric(_Open):
    """A duration on both sides."""

    before: FigureInShort = Field(description="Of A.")
    after: FigureInShort = Field(description="Of B.")
    comparison: ComparisonOfPeriods | None = Field(description="Null unless A and B are periods.")
    moved: list[MovedIncident] = Field(description="What moved most comes first.")


class MovedItem(_Open):
    """An action item that counts as something else."""

    incident: str = Field(description="Whose it is.")
    id: str = Field(description="Its id.")
    text: str = Field(description="What is to be done.")
    before: str | None = Field(description="What it counted as; null where it was not there.")
    after: str | None = Field(description="What it counts as.")


class MovedItems(_Open):
    """The completion rate on both sides."""

    before: float | None = Field(description="Of A, from 0 to 1.")
    after: float | None = Field(description="Of B.")
    moved: list[MovedItem] = Field(description="The items that make the difference.")


class StatsDiffResult(_Result):
    """What `stats diff` prints."""

    kind: Literal["stats_diff"] = Field(description="Which result it is.")
    before: str = Field(description="A.")
    after: str = Field(description="B.")
    between_periods: bool = Field(description="Whether A and B are periods, and not moments of the record.")
    metrics: dict[str, MovedMetric] = Field(description="By name, MTTM first.")
    appeared: list[str] = Field(description="Incidents that count in B alone.")
    gone: list[str] = Field(description="Incidents that count in A alone.")
    action_items: MovedItems = Field(description="The completion rate.")


class ImportedIncident(_Open):
    """An incident that an import made, or would make."""

    id: str = Field(description="Its id here.")
    path: str = Field(description="Its file, from the top of the repository.")
    title: str = Field(description="What was wrong.")
    severity: str | None = Field(description="A name of the scale.")
    status: Status | None = Field(description="How far it came.")
    external_id: str | None = Field(description="Its id in the other system.")
    postmortem: str | None = Field(description="The file of its post-mortem, where the import has one.")
    transitions: int = Field(description="How many entries its timeline has.")
    action_items: int = Field(description="How many action items its post-mortem has.")


class ImportDifference(_Open):
    """Where a row says something else than the incident that is there already; what is here stands."""

    place: str = Field(description="The file and the line of the row.")
    id: str = Field(description="The incident's id here.")
    column: str = Field(description="What differs.")
    here: str = Field(description="What it is here.")
    said: str = Field(description="What the row says.")


class ImportProblem(_Open):
    """What is wrong with a row, or doubtful."""

    file: str = Field(description="The file.")
    line: int = Field(description="The line on which the row begins, from 1.")
    column: str | None = Field(description="Our column; null where it is about the whole row.")
    message: str = Field(description="What is so.")
    hint: str | None = Field(description="The way out.")


class ImportResult(_Result):
    """What `import` prints."""

    kind: Literal["import"] = Field(description="Which result it is.")
    source: str = Field(description="What the incidents name as their source.")
    incidents: list[ImportedIncident] = Field(description="Those that were made; with `dry_run`, that would be.")
    already: list[str] = Field(description="The ids of those that were there already; they are left as they are.")
    differences: list[ImportDifference] = Field(description="Where a row says something else than one of these.")
    left_out: list[ImportProblem] = Field(description="What is wrong with the rows that were left out.")
    left_out_more: int = Field(description="How many such problems are not listed.")
    doubts: list[ImportProblem] = Field(description="What was taken as it is, and is doubtful.")
    unread_columns: list[str] = Field(description="Columns of the file that are none of ours.")
    commit: str | None = Field(description="The commit that was made.")
    committed: bool = Field(description="Whether one was.")
    warnings: list[str] = Field(description="What else is to be known.")
    dry_run: bool = Field(default=False, description="Nothing was written.")


class StatusPageResult(_Result):
    """What `statuspage build` prints. Ids of incidents are those of the page, but for the two lists of what is not on it."""

    kind: Literal["status_page"] = Field(description="Which result it is.")
    folder: str = Field(description="Where the files are.")
    written: list[str] = Field(description="The files that were written.")
    unchanged: list[str] = Field(description="The files that were as they should be.")
    updated_at: str = _instant("When the last thing was told that the page tells; midnight where it tells nothing.")
    health: Literal["operational", "recovering", "affected"] = Field(description="How things are by the page.")
    open: list[str] = Field(description="The open incidents on the page, by the ids that the public knows.")
    past: list[str] = Field(description="Those on the page that are over.")
    without_public_words: list[str] = Field(description="Open incidents that the public is not told of, by our ids.")
    kept_back: list[str] = Field(
        description="Incidents with public words that are drills or have a private tag, by our ids."
    )
    unreadable: list[Unreadable] = Field(description="Files that could not be read; exit code 1 where there are any.")


RESULTS: dict[str, type[_Result]] = {
    "write": WriteResult,
    "alert": AlertResult,
    "incident": IncidentResult,
    "incidents": IncidentsResult,
    "status": StatusResult,
    "due": DueResult,
    "search": SearchResult,
    "current": CurrentResult,
    "init": InitResult,
    "doctor": DoctorResult,
    "lint": LintResult,
    "rules": RulesResult,
    "lint_statistics": LintStatisticsResult,
    "action_items": ActionItemsResult,
    "action_write": ActionWriteResult,
    "postmortem": PostmortemResult,
    "postmortems": PostmortemsResult,
    "verify": VerifyResult,
    "sync": SyncResult,
    "notify": NotifyResult,
    "notice": Notice,
    "stats_report": StatsReportResult,
    "stats_explain": StatsExplainResult,
    "stats_diff": StatsDiffResult,
    "import": ImportResult,
    "status_page": StatusPageResult,
    "error": ErrorResult,
}


_ROWS = {f"{table.value}_row": table for table in Table}
"""The lines of `stats export`, which `import` takes back."""


def _front_matter_schema() -> dict[str, Any]:
    """The head of an incident file, as YAML with every scalar read as a string, or as YAML reads it."""
    text = {"type": ["string", "number", "boolean", "null"]}
    words = {"type": ["array", "string", "null"], "items": text}
    time = {"type": ["string", "null"], "description": "RFC 3339 with a zone, as `2026-05-14T10:05:40Z`."}
    properties: dict[str, Any] = {"id": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d-[a-z0-9-]+$"}}
    properties |= {key: words if key in LIST_KEYS else text for key in PLAIN_KEYS}
    properties |= {key: time if key in TIME_KEYS else text for key in FOLDED_KEYS}
    properties["status"] = {"enum": [status.value for status in Status]}
    properties["cancel_reason"] = {"enum": [*(reason.value for reason in CancelReason), None]}
    for key, part in properties.items():
        told = (_KEY_WORDS[key], part.get("description"))
        properties[key] = {**part, "description": " ".join(each for each in told if each)}
    return {
        "$schema": _DRAFT,
        "title": "The front matter of an incident file",
        "description": "The keys at the head of an incident file, as YAML reads them. Any other key is allowed.",
        "type": "object",
        "properties": properties,
        "required": ["id", "title", "severity", "status", "declared_at"],
        "additionalProperties": True,
    }


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind. `KeyError` for a kind that there is none of."""
    if kind == "front_matter":
        return _front_matter_schema()
    if kind == "settings":
        return settings_json_schema()
    if kind in _ROWS:
        return row_schema(_ROWS[kind])
    return {"$schema": _DRAFT, **RESULTS[kind].model_json_schema(mode="serialization")}


KINDS = (*RESULTS, "front_matter", "settings", *_ROWS)
"""All kinds, results first."""
