"""The rows of an export, which an import takes back: an incident, a transition, an action item. Types alone; reads and writes nothing.

`COLUMNS` is the one table of what a row may hold: the header of a CSV file, the JSON Schema and the check of what comes in are made of
it, and a test holds it to the types.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from incidentctl.incident.entries import CancelReason, NoteKind, RedactReason, Status

SCHEMA_VERSION: Final = 1


class Table(StrEnum):
    """What a row is about: the `type` of a line of JSON."""

    INCIDENT = "incident"
    TRANSITION = "transition"
    ACTION_ITEM = "action_item"

    @property
    def plural(self) -> str:
        """The name of its CSV file, without its ending."""
        return f"{self.value}s"


class Holds(StrEnum):
    """What a column holds, in words that complete "must be"."""

    LINE = "a text on one line"
    TEXT = "a text"
    LIST = "a list of texts"
    TIME = "a time, as 2026-05-14T10:05:40Z"
    DAY = "a day, as 2026-05-14"
    YES_NO = "true or false"
    CHOICE = "one of"
    PERSON = "a person, as ann"
    PEOPLE = "a list of people"
    KEYS = "keys with their values"


class Column(NamedTuple):
    """One column: its name, what it holds, and what that says."""

    name: str
    holds: Holds
    doc: str
    choices: tuple[str, ...] = ()
    required: bool = False


class ItemState(StrEnum):
    """Whether an action item is still to be done."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


KINDS: Final = (
    *("opened", "acknowledged", "commander", "tech_lead", "comms_lead", "role", "severity", "status", "update"),
    *("mitigated", "resolved", "closed", "reopened", "canceled", "set", "note", *NoteKind, "done", "withdrawn"),
)
"""The kinds of transitions: those of the entries of a timeline."""


class IncidentRow(Struct, frozen=True, kw_only=True):
    """One incident. What is not known is `None`, or empty; handles are without their `@`."""

    id: str | None = None
    external_id: str | None = None
    title: str
    public_title: str | None = None
    severity: str | None = None
    severity_declared: str | None = None
    status: str | None = None
    declared_at: datetime
    started_at: datetime | None = None
    detected_at: datetime | None = None
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    postmortem_published_at: datetime | None = None
    closed_at: datetime | None = None
    opened_by: str | None = None
    opened_by_agent: bool | None = None
    commander: str | None = None
    tech_lead: str | None = None
    comms_lead: str | None = None
    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    team: str | None = None
    drill: bool | None = None
    cancel_reason: str | None = None
    duplicate_of: str | None = None
    repeat_of: str | None = None
    root_cause: str | None = None
    postmortem_status: str | None = None
    postmortem_authors: tuple[str, ...] = ()
    postmortem_url: str | None = None
    affected_users: str | None = None
    error_budget: str | None = None
    revenue_impact: str | None = None
    bridge: str | None = None
    status_page: str | None = None
    ticket: str | None = None
    channel: str | None = None
    summary: str | None = None
    source: str | None = None
    estimated: tuple[str, ...] = ()
    other_keys: Mapping[str, str | tuple[str, ...]] = {}


class TransitionRow(Struct, frozen=True, kw_only=True):
    """One entry of a timeline. Which columns say something depends on its `kind`."""

    incident: str
    at: datetime
    kind: str
    id: str | None = None
    recorded_at: datetime | None = None
    by: str | None = None
    noted_by: str | None = None
    agent: bool | None = None
    withdrawn: bool | None = None
    by_hand: str | None = None
    redacted: str | None = None
    severity: str | None = None
    severity_before: str | None = None
    given_as: str | None = None
    unconfirmed: bool | None = None
    started_at: datetime | None = None
    detected_at: datetime | None = None
    role: str | None = None
    person: str | None = None
    status: str | None = None
    impact: str | None = None
    theory: str | None = None
    actions: str | None = None
    next_at: datetime | None = None
    commander: str | None = None
    public: str | None = None
    cancel_reason: str | None = None
    duplicate_of: str | None = None
    key: str | None = None
    old: str | None = None
    new: str | None = None
    clock: str | None = None
    withdraws: str | None = None
    text: str | None = None


class ActionItemRow(Struct, frozen=True, kw_only=True):
    """One action item of a post-mortem."""

    incident: str
    text: str
    id: str | None = None
    state: str | None = None
    owners: tuple[str, ...] = ()
    due: str | None = None
    binding_due: date | None = None
    due_moves: tuple[str, ...] = ()
    action_type: str | None = None
    link: str | None = None
    link_text: str | None = None
    done_on: date | None = None
    done_evidence: str | None = None
    dropped_on: date | None = None
    drop_reason: str | None = None


AnyRow = IncidentRow | TransitionRow | ActionItemRow
ROW_TYPES: Final[Mapping[Table, type[IncidentRow] | type[TransitionRow] | type[ActionItemRow]]] = {
    Table.INCIDENT: IncidentRow,
    Table.TRANSITION: TransitionRow,
    Table.ACTION_ITEM: ActionItemRow,
}

_LINE, _TEXT, _LIST, _TIME, _DAY = Holds.LINE, Holds.TEXT, Holds.LIST, Holds.TIME, Holds.DAY
_YES_NO, _CHOICE, _PERSON, _PEOPLE, _KEYS = Holds.YES_NO, Holds.CHOICE, Holds.PERSON, Holds.PEOPLE, Holds.KEYS

COLUMNS: Final[Mapping[Table, tuple[Column, ...]]] = {
    Table.INCIDENT: (
        Column(
            "id", _LINE, "Its name: the day of its declaration and a few words. Made from the title where it is empty."
        ),
        Column("external_id", _LINE, "Its id in another system: by it an import knows what it has taken in before."),
        Column("title", _LINE, "What was wrong.", required=True),
        Column("public_title", _LINE, "The same for the public."),
        Column("severity", _LINE, "A name of the scale, or an alias."),
        Column("severity_declared", _LINE, "The one that it was opened with, where that was another."),
        Column("status", _CHOICE, "How far it came.", tuple(Status)),
        Column("declared_at", _TIME, "When it was opened.", required=True),
        Column("started_at", _TIME, "When users were first hurt."),
        Column("detected_at", _TIME, "When the alert fired, or the first report came."),
        Column("acknowledged_at", _TIME, "When a human took it."),
        Column("mitigated_at", _TIME, "When users were well again."),
        Column("resolved_at", _TIME, "When the fault was mended."),
        Column("postmortem_published_at", _TIME, "When its post-mortem was published."),
        Column("closed_at", _TIME, "When all that was to be learned was written down."),
        Column(
            "opened_by",
            _PERSON,
            "Who opened it. A person who opens an incident has acknowledged it; where this is empty, nobody is said to have.",
        ),
        Column("opened_by_agent", _YES_NO, "Whether that is a machine, or a program."),
        Column("commander", _PERSON, "Who coordinated."),
        Column("tech_lead", _PERSON, "Who led the investigation."),
        Column("comms_lead", _PERSON, "Who told others."),
        Column("services", _LIST, "What was affected."),
        Column("regions", _LIST, "Where."),
        Column("tags", _LIST, "Words to find it by."),
        Column("team", _LINE, "Whose it is."),
        Column("drill", _YES_NO, "Whether it was an exercise."),
        Column("cancel_reason", _CHOICE, "Why it was no incident.", tuple(CancelReason)),
        Column("duplicate_of", _LINE, "The incident that it really was: its id, or its id in the other system."),
        Column("repeat_of", _LINE, "The incident of which it is a repetition, in the same way."),
        Column("root_cause", _LINE, "A short key for its cause: incidents with the same one are repeats."),
        Column("postmortem_status", _CHOICE, "How far its post-mortem came.", ("draft", "in_review", "final")),
        Column("postmortem_authors", _PEOPLE, "Who wrote the post-mortem."),
        Column("postmortem_url", _LINE, "Where the document itself is, if it stays elsewhere."),
        Column("affected_users", _LINE, "How many users."),
        Column("error_budget", _LINE, "How much of it was used up."),
        Column("revenue_impact", _LINE, "What it cost."),
        Column("bridge", _LINE, "The call."),
        Column("status_page", _LINE, "Its place on the public status page."),
        Column("ticket", _LINE, "Its ticket."),
        Column("channel", _LINE, "Its channel."),
        Column("summary", _TEXT, "What was seen when it was opened."),
        Column("source", _LINE, "Where it comes from, if not from this record."),
        Column("estimated", _LIST, "The columns whose time is an estimate."),
        Column("other_keys", _KEYS, "Keys of your own, from the head of its file."),
    ),
    Table.TRANSITION: (
        Column("incident", _LINE, "The incident's id, or its id in the other system.", required=True),
        Column("at", _TIME, "When it happened.", required=True),
        Column("kind", _CHOICE, "What happened.", KINDS, required=True),
        Column("id", _LINE, "The entry's id."),
        Column("recorded_at", _TIME, "When it was written down, where that was more than a minute later."),
        Column("by", _PERSON, "Who says it."),
        Column("noted_by", _PERSON, "Who typed it for them."),
        Column("agent", _YES_NO, "Whether that is a machine, or a program."),
        Column(
            "withdrawn", _YES_NO, "Whether it was withdrawn later. Told; an import reads the `withdrawn` row itself."
        ),
        Column("by_hand", _LINE, "The commit of a change that was made in an editor. Told; it does not travel."),
        Column("redacted", _CHOICE, "Why its words were taken out.", tuple(RedactReason)),
        Column("severity", _LINE, "`opened`, `severity`: the one that holds from then on."),
        Column("severity_before", _LINE, "`severity`: the one before."),
        Column("given_as", _LINE, "`opened`: the words that it was given in, where they said less."),
        Column("unconfirmed", _YES_NO, "`opened`: nobody has chosen the severity."),
        Column("started_at", _TIME, "`opened`: when users were first hurt."),
        Column("detected_at", _TIME, "`opened`: when the alert fired, or the first report came."),
        Column("role", _LINE, "`commander`, `tech_lead`, `comms_lead`, `role`: which role."),
        Column("person", _PERSON, "The same: who took it; empty where it was laid down."),
        Column("status", _CHOICE, "`status`, `update`: how far it has come.", tuple(Status)),
        Column("impact", _TEXT, "`update`: who is affected and how."),
        Column("theory", _TEXT, "`update`: what is thought to be happening."),
        Column("actions", _TEXT, "`update`: what is being done."),
        Column("next_at", _TIME, "`update`: when the next one comes."),
        Column("commander", _PERSON, "`update`: who coordinates."),
        Column("public", _TEXT, "`update`: the words for the public."),
        Column("cancel_reason", _CHOICE, "`canceled`: why it was no incident.", tuple(CancelReason)),
        Column("duplicate_of", _LINE, "`canceled`: the incident that it really was."),
        Column("key", _LINE, "`set`: which key was put right."),
        Column("old", _LINE, "`set`: what it said."),
        Column("new", _LINE, "`set`: what it says from then on; empty where it was removed."),
        Column("clock", _LINE, "`done`: whose duty was met, as `status_page`."),
        Column("withdraws", _LINE, "`withdrawn`: the id of the entry that counts no longer."),
        Column("text", _TEXT, "The words."),
    ),
    Table.ACTION_ITEM: (
        Column("incident", _LINE, "The incident's id, or its id in the other system.", required=True),
        Column("text", _TEXT, "What is to be done.", required=True),
        Column("id", _LINE, "The item's id."),
        Column("state", _CHOICE, "Whether it is still to be done.", tuple(ItemState)),
        Column("owners", _LIST, "Who does it."),
        Column("due", _LINE, "Until when, as it stands there now."),
        Column("binding_due", _DAY, "Until when as it was promised when the post-mortem was published."),
        Column(
            "due_moves",
            _LIST,
            "Each move of that day, as `2026-06-01 > 2026-07-01`. Told; an import keeps the binding day.",
        ),
        Column("action_type", _LINE, "What it is for: prevent, detect, mitigate or process."),
        Column("link", _LINE, "The issue that tracks it."),
        Column("link_text", _LINE, "The words of that link."),
        Column("done_on", _DAY, "When it was done."),
        Column("done_evidence", _LINE, "What shows that."),
        Column("dropped_on", _DAY, "When it was given up."),
        Column("drop_reason", _LINE, "Why."),
    ),
}
