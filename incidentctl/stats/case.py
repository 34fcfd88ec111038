"""What is known of one incident when its history was read: its times, its transitions, its action items, each with where it comes from.

Made by `transitions.py` and `item_histories.py` from versions of files, read by the metrics. Knows no clock: a case says what is
recorded, not what is late. All of it can be kept in a cache and read back.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct, field

from incidentctl.incident.entries import CancelReason, Status


class Origin(StrEnum):
    """Where a fact comes from: an entry or a key of the record, a change by hand that only history tells, or an assumption of ours."""

    RECORD = "record"
    HISTORY = "history"
    ASSUMED = "assumed"


class Source(Struct, frozen=True, array_like=True, gc=False):
    """The way to a fact. `line` counts from 1 in the file as it is at the tip, 0 where it stands in no line of it.

    `commit` is the one that brought the fact, whole; empty where it is not known. `entry` is the id of the entry, or of
    the action item; `author` the handle of who says it.
    """

    origin: Origin = Origin.RECORD
    path: str = ""
    line: int = 0
    commit: str = ""
    entry: str = ""
    author: str = ""


class Fact(Struct, frozen=True, array_like=True):
    """A moment of an incident, and the way to it. `is_estimated`: people say so in the key `estimated`."""

    at: datetime
    source: Source
    is_estimated: bool = False


class Doubt(StrEnum):
    """Why the moment at which something was recorded is not sound: it is printed, and no figure rests on it."""

    IMPORTED = "imported"
    """The file says that it was imported (`source`)."""
    BATCH = "batch"
    """Its commit touches many incidents: an import, a mass move, a squash of much."""
    SQUASHED = "squashed"
    """The entry was written by a command, and its commit does not say so: commits were squashed or rewritten."""
    SKEWED = "skewed"
    """Its commit is dated before a commit that it comes from: a clock was wrong."""


class RecordedFrom(StrEnum):
    """What tells when something was recorded, in the order in which it is asked."""

    MARK = "mark"
    """`(recorded TIME)` in the file."""
    TRAILER = "trailer"
    """The commit that brought it says `Incident-Event:` for it: it was written as it happened."""
    COMMIT = "commit"
    """The author date of the commit that brought it."""


class Transition(Struct, frozen=True, array_like=True):
    """Something that happened to an incident, and when that was recorded.

    `kind` is that of the entry, as `Entry.kind`; `value` is what it says in a word: a severity, a status, a person, a key and its value.
    Times of whole seconds, in UTC. `counts` is False for what was withdrawn. Where `doubt` is set, `recorded_at` is not sound.
    """

    kind: str
    at: datetime
    source: Source
    value: str = ""
    recorded_at: datetime | None = None
    recorded_from: RecordedFrom | None = None
    doubt: Doubt | None = None
    counts: bool = True
    by_agent: bool = False
    is_state: bool = True

    @property
    def lag(self) -> float | None:
        """Seconds from the moment itself to its being recorded, where that is sound; never below 0."""
        if self.recorded_at is None or self.doubt is not None:
            return None
        return max((self.recorded_at - self.at).total_seconds(), 0.0)


class Cadence(Struct, frozen=True, array_like=True, gc=False):
    """How the updates of an incident came while they were due. Durations in seconds.

    `intervals` are the times between two updates that have ended, `kept` those among them that ended in time. `longest_silence` is the
    longest of them, `None` where no update was ever due. `unchanged` are updates that said nothing new.
    """

    updates: int = 0
    unchanged: int = 0
    intervals: int = 0
    kept: int = 0
    longest_silence: float | None = None


class DueMove(Struct, frozen=True, array_like=True):
    """A due date that was changed; `None` where there is none."""

    before: date | None
    after: date | None
    source: Source


class ItemHistory(Struct, frozen=True, array_like=True):
    """An action item and what became of it.

    `binding_due` is its due date as it was when the post-mortem was first published, else when the item came, where that was later; as it
    is now where nothing is published yet. `done_on` is what the item says, else the day of the commit in which its box was ticked, and
    `done` tells which; `None` while it is open. `dropped_on` likewise; an item whose lines were deleted counts as dropped on that day, and
    `is_deleted`. `was_dropped_before`: before the post-mortem was published.
    """

    incident: str
    id: str
    text: str
    source: Source
    owners: tuple[str, ...] = ()
    type: str | None = None
    link: str | None = None
    due: date | None = None
    binding_due: date | None = None
    moves: tuple[DueMove, ...] = ()
    done_on: date | None = None
    done: Source | None = None
    dropped_on: date | None = None
    dropped: Source | None = None
    drop_reason: str = ""
    is_deleted: bool = False
    was_dropped_before: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_on is None and self.dropped_on is None


class PostmortemFacts(Struct, frozen=True, array_like=True):
    """The post-mortem of an incident, as it is on the record's branch. `status` is `draft`, `in_review`, `final` or `None`.

    `published` is what the key `published_at` says, else the author date of the commit in which the status was final first, while
    it is final.
    """

    path: str
    status: str | None = None
    published: Fact | None = None
    root_cause: str | None = None
    items: tuple[ItemHistory, ...] = ()


class Case(Struct, frozen=True, array_like=True):
    """One incident, as the metrics read it.

    `times` has those of the keys `started_at` … `closed_at` that are known, as the last episode gives them; `first_times` as the first
    one gave them, up to the first reopening, and nothing where there was none. `contradictions` names the keys whose value in the front
    matter and in the timeline were both changed and do not agree: nothing is known of them. `severity_peak` is the most severe that it
    ever had. `opened_by_agent`: no human declared it. `terms` are the words that tell it from others, for the search for similar ones.
    `repository` is empty but where several are read.
    """

    id: str
    path: str
    title: str
    status: Status
    severity_declared: str
    severity_peak: str
    severity_final: str
    repository: str = ""
    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    team: str | None = None
    is_drill: bool = False
    opened_by_agent: bool = False
    is_imported: bool = False
    external_id: str | None = None
    cancel_reason: CancelReason | None = None
    duplicate_of: str | None = None
    repeat_of: str | None = None
    affected_users: str | None = None
    error_budget: str | None = None
    revenue_impact: str | None = None
    times: Mapping[str, Fact] = field(default_factory=dict)
    first_times: Mapping[str, Fact] = field(default_factory=dict)
    reopened: tuple[Fact, ...] = ()
    contradictions: tuple[str, ...] = ()
    transitions: tuple[Transition, ...] = ()
    cadence: Cadence = Cadence()
    commander: Fact | None = None
    status_page: Fact | None = None
    response_due_at: datetime | None = None
    postmortem_due_on: date | None = None
    postmortem: PostmortemFacts | None = None
    terms: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The id without its date."""
        return self.id[11:] or self.id

    @property
    def declared_at(self) -> datetime | None:
        """When it was opened."""
        fact = self.times.get("declared_at")
        return fact.at if fact is not None else None


class BatchCommit(Struct, frozen=True):
    """A commit that touches many incidents at once."""

    commit: str
    at: datetime
    incidents: int


class Deleted(Struct, frozen=True):
    """An incident whose file was deleted, with the commit that did it. It is in no figure."""

    incident: str
    commit: str


class UnreadableFile(Struct, frozen=True):
    """A file at the tip that could not be read, and why. It is in no figure."""

    path: str
    line: int
    reason: str


class Evidence(Struct, frozen=True):
    """All that the figures rest on: the cases, and what has to be said of the history that they come from.

    `tip` is the commit that was read, `walked` the commits that it comes from, `commits` those among them that touch the record.
    `skewed` are commits dated more than a minute before one that they come from. `uncommitted` are files of the record that were changed
    and not committed: what they say is not counted.
    """

    cases: tuple[Case, ...]
    tip: str | None = None
    walked: int = 0
    commits: int = 0
    deleted: tuple[Deleted, ...] = ()
    unreadable: tuple[UnreadableFile, ...] = ()
    batches: tuple[BatchCommit, ...] = ()
    squashed: int = 0
    skewed: int = 0
    uncommitted: tuple[str, ...] = ()
    unpublished: tuple[str, ...] = ()
    """Incidents whose post-mortem is on a branch of its own, not in the record yet: its action items are not counted."""
