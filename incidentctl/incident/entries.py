"""The closed set of timeline entries and statuses: the whole vocabulary of a record on one screen. Never parses and never decides."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Status(StrEnum):
    """How far an incident has come, in order: only a Reopened entry leads back."""

    TRIAGE = "triage"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MITIGATING = "mitigating"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELED = "canceled"

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return _STATUS_ORDER.index(self)

    @property
    def is_active(self) -> bool:
        """Whether people are at work on it: investigating to mitigated; `triage` waits for a human."""
        return Status.INVESTIGATING.rank <= self.rank <= Status.MITIGATED.rank

    @property
    def is_over(self) -> bool:
        """Whether only `reopen` can make it active again."""
        return self.rank >= Status.RESOLVED.rank


_STATUS_ORDER: Final = tuple(Status)

UPDATE_STATUSES: Final = (
    Status.INVESTIGATING,
    Status.IDENTIFIED,
    Status.MITIGATING,
    Status.MITIGATED,
    Status.RESOLVED,
)


class NoteKind(StrEnum):
    """What a note is about; a plain note has none."""

    INVESTIGATION = "investigation"
    ACTION = "action"
    DECISION = "decision"
    OBSERVATION = "observation"


class CancelReason(StrEnum):
    """Why an incident was none."""

    FALSE_ALARM = "false_alarm"
    DUPLICATE = "duplicate"
    NOT_AN_INCIDENT = "not_an_incident"


class RedactReason(StrEnum):
    """Why a text was taken out of the record."""

    SECRET = "secret"
    PERSONAL_DATA = "personal_data"


class Milestone(StrEnum):
    """Steps of the lifecycle that carry nothing but a text."""

    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"


class Opened(Struct, frozen=True):
    """The declaration: the severity as it was believed then, and the times that were known."""

    severity: str
    given_as: str | None = None
    unconfirmed: bool = False
    started_at: datetime | None = None
    detected_at: datetime | None = None


class Reached(Struct, frozen=True):
    """A milestone was reached."""

    milestone: Milestone


HANDOFF_BEGINS: Final = "- Status: "
"""The first line of the state that a hand-over records below its words."""


class RoleChange(Struct, frozen=True):
    """Somebody took a role over, or laid it down (`holder` is `None`)."""

    role: str
    holder: str | None


class SeverityChange(Struct, frozen=True):
    """The severity as it is believed from now on; the left side is for readers and does not count."""

    before: str
    after: str


class StatusChange(Struct, frozen=True):
    """A status named without an update."""

    status: Status


class Update(Struct, frozen=True):
    """The structured update, in the template's order; a field that was never given is `None`."""

    status: Status
    impact: str | None = None
    theory: str | None = None
    actions: str | None = None
    next_at: datetime | None = None
    commander: str | None = None
    public: str | None = None


class Canceled(Struct, frozen=True):
    """It was no incident, or another one's."""

    reason: CancelReason
    duplicate_of: str | None = None


class KeySet(Struct, frozen=True):
    """A time, or `duplicate_of`, put right after the fact; `new` is `None` where the value was removed."""

    key: str
    old: str | None
    new: str | None


class Note(Struct, frozen=True):
    """What was seen, tried or decided."""

    kind: NoteKind | None = None


class Done(Struct, frozen=True):
    """A clock's duty was met: the status page, management, the bridge, or one of a team's own."""

    clock: str


class Withdrawn(Struct, frozen=True):
    """An entry counts no longer; it stays where it is."""

    entry: str


What = (
    Opened | Reached | RoleChange | SeverityChange | StatusChange | Update | Canceled | KeySet | Note | Done | Withdrawn
)

COMMANDER: Final = "commander"
TECH_LEAD: Final = "tech_lead"
COMMS_LEAD: Final = "comms_lead"
FOLDED_ROLES: Final = (COMMANDER, TECH_LEAD, COMMS_LEAD)

TIME_KEYS: Final = (
    "started_at",
    "detected_at",
    "declared_at",
    "acknowledged_at",
    "mitigated_at",
    "resolved_at",
    "closed_at",
)
CLEARED_BY_REOPENING: Final = ("mitigated_at", "resolved_at", "closed_at", "cancel_reason", "duplicate_of")
SETTABLE_KEYS: Final = (*TIME_KEYS, "duplicate_of")
FOLDED_KEYS: Final = ("severity", "status", *FOLDED_ROLES, *TIME_KEYS, "cancel_reason", "duplicate_of")
"""The keys of the front matter that sum up the timeline, in the order in which they are written."""


class Entry(Struct, frozen=True):
    """One entry of the timeline. Two entries are in order by (`at`, `id`).

    `at` is when it happened, `recorded_at` when it was written where that differs by more than a minute. `author` and
    `noted_by` are handles without `@`; `by_hand` is the commit (or `uncommitted`) of a change that a person made in an
    editor. `id` is empty only before it is decided, `typed` says that it was derived since the line has none.
    """

    at: datetime
    what: What
    text: str = ""
    author: str | None = None
    id: str = ""
    recorded_at: datetime | None = None
    by_hand: str | None = None
    noted_by: str | None = None
    agent: bool = False
    redacted: RedactReason | None = None
    typed: bool = False

    @property
    def order(self) -> tuple[datetime, str]:
        """What entries are sorted by."""
        return self.at, self.id

    @property
    def written_at(self) -> datetime:
        """When the words were written, as far as the file says."""
        return self.recorded_at or self.at

    @property
    def is_state(self) -> bool:
        """Whether it can change what is believed of the incident (a note or a duty done cannot)."""
        return not isinstance(self.what, Note | Done)

    @property
    def kind(self) -> str:
        """The name of its kind in JSON and in trailers, such as `tech_lead` or `note`."""
        match self.what:
            case Reached(milestone):
                return milestone.value
            case RoleChange(role):
                return role if role in FOLDED_ROLES else "role"
            case Note(kind):
                return kind.value if kind else "note"
            case what:
                return _KINDS[type(what)]


_KINDS: Final[dict[type, str]] = {
    Opened: "opened",
    SeverityChange: "severity",
    StatusChange: "status",
    Update: "update",
    Canceled: "canceled",
    KeySet: "set",
    Done: "done",
    Withdrawn: "withdrawn",
}
