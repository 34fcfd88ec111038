"""A report as values: all that any format prints, in the order in which it is printed. Says nothing of how it looks."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from incidentctl.stats.case import BatchCommit, Deleted, ItemHistory, UnreadableFile


class DurationState(StrEnum):
    """What is known of one incident's duration. Only `recorded` ones are aggregated."""

    RECORDED = "recorded"
    PENDING = "pending"
    NOT_APPLICABLE = "not_applicable"
    INVALID = "invalid"
    SUSPECT = "suspect"


class Value(Struct, frozen=True, gc=False):
    """A duration that was recorded, in seconds. `is_assumed`: it begins at the declaration, since no detection is known."""

    id: str
    seconds: float
    is_assumed: bool = False
    is_estimated: bool = False


class Excluded(Struct, frozen=True, gc=False):
    """An incident that a figure leaves out, and why in a sentence."""

    id: str
    state: DurationState
    reason: str


class Comparison(Struct, frozen=True):
    """A figure against that of an earlier period. Durations in seconds; `difference` is now less before, of the medians.

    `ci95` is the seeded bootstrap interval of the difference, `None` below 9 on either side. `is_distinguishable`: both have 9 or more, and
    the interval excludes 0. `could_have_shown` is the change that these numbers could have told from none: half the width of the interval.
    """

    n_before: int
    median_before: float | None
    difference: float | None
    ci95: tuple[float, float] | None
    is_distinguishable: bool
    could_have_shown: float | None = None


class DurationFigure(Struct, frozen=True):
    """One duration over many incidents. Seconds; `None` where `n` does not carry it: `median` and `mean` at 0, `ci95` below 9,
    `p90` below 10.

    `start` and `end` are the names of the two ends. `eligible` are all incidents of the period that count: `n` and those that are excluded.
    `assumed` of the `n` rest on an assumed detection, `estimated` on a time that people marked as an estimate.
    """

    name: str
    title: str
    start: str
    end: str
    n: int
    eligible: int
    assumed: int
    estimated: int
    median: float | None
    p90: float | None
    mean: float | None
    ci95: tuple[float, float] | None
    values: tuple[Value, ...]
    excluded: tuple[Excluded, ...]
    comparison: Comparison | None = None


class TrendPoint(Struct, frozen=True):
    """A duration's median over the four quarters that end with this one. `quarter` as `2026-Q2`.

    `until` is the moment at which they end, not part of them: the end of the quarter, or of the period where that is earlier.
    """

    quarter: str
    n: int
    median: float | None
    ci95: tuple[float, float] | None
    until: datetime | None = None


class IncidentRow(Struct, frozen=True):
    """One incident in the table behind the numbers. Times are `None` where they are not known; `durations` in seconds, by metric,
    recorded ones.

    `marks` are words such as `assumed`, `estimated`, `from history`, `reopened`, `imported`, `drill`.
    """

    id: str
    title: str
    severity: str
    status: str
    path: str
    services: tuple[str, ...]
    started_at: datetime | None
    detected_at: datetime | None
    declared_at: datetime | None
    acknowledged_at: datetime | None
    mitigated_at: datetime | None
    resolved_at: datetime | None
    postmortem_published_at: datetime | None
    closed_at: datetime | None
    durations: Mapping[str, float]
    states: Mapping[str, DurationState]
    marks: tuple[str, ...] = ()
    repository: str = ""


class MonthCount(Struct, frozen=True):
    """Incidents declared in a month, as `2026-05`, by severity; months with none are there."""

    month: str
    by_severity: Mapping[str, int]

    @property
    def total(self) -> int:
        """All severities together."""
        return sum(self.by_severity.values())


class OpenIncident(Struct, frozen=True):
    """An incident that is not over, and for how long it has been open, in seconds."""

    id: str
    severity: str
    seconds: float


class Counts(Struct, frozen=True):
    """How many incidents there were. `severe` are the SEV1 and SEV2 among them: those for which the scale demands a post-mortem.

    `total` leaves out drills, cancelled ones and duplicates, which are counted apart. Where incidents affect several services,
    groups add up to more.
    """

    total: int
    severe: int
    by_severity: Mapping[str, int]
    months: tuple[MonthCount, ...]
    open: tuple[OpenIncident, ...] = ()
    reopened: int = 0
    reopenings: int = 0
    downgraded: int = 0
    upgraded: int = 0
    cancelled: Mapping[str, int] = field(default_factory=dict)
    duplicates: int = 0
    drills: int = 0
    severe_before: int | None = None
    total_before: int | None = None


class ItemOutcome(StrEnum):
    """What an action item counts as, on the day of the report."""

    IN_TIME = "in_time"
    LATE = "late"
    OVERDUE = "overdue"
    DROPPED_AFTER = "dropped_after"
    DROPPED_BEFORE = "dropped_before"
    NOT_YET_DUE = "not_yet_due"
    UNDATED = "undated"


class JudgedItem(Struct, frozen=True):
    """An action item and what it counts as. `why` says it in a sentence."""

    item: ItemHistory
    outcome: ItemOutcome
    why: str


class ActionItemFigure(Struct, frozen=True):
    """Completed on or before the due date ÷ due in the period. `rate` is `None` where nothing was due.

    `due` are those in the denominator: in time, late, overdue, dropped after publication.
    """

    rate: float | None
    in_time: int
    due: int
    late: int
    overdue: int
    dropped_after: int
    dropped_before: int
    not_yet_due: int
    undated: int
    moved: int
    items: tuple[JudgedItem, ...]
    rate_before: float | None = None


class Repeat(Struct, frozen=True):
    """An incident with the same cause as an earlier one. `cause` is the key that both have, empty where `repeat_of` says so.

    `left_undone` are the earlier incident's action items that were open when it came again.
    """

    id: str
    earlier: str
    cause: str
    left_undone: tuple[ItemHistory, ...] = ()


class Suggestion(Struct, frozen=True):
    """A possible repeat that nobody has confirmed: never counted. `shared` are the terms that both have."""

    id: str
    earlier: str
    shared: tuple[str, ...]
    score: float


class RepeatFigure(Struct, frozen=True):
    """`repeats` among `with_cause` incidents with a recorded cause; `without_cause` have none.

    `unresolved` says, by the id of an incident, why its `repeat_of` names no earlier one.
    """

    repeats: tuple[Repeat, ...]
    with_cause: int
    without_cause: int
    suggestions: tuple[Suggestion, ...] = ()
    unresolved: Mapping[str, str] = field(default_factory=dict)


class Share(Struct, frozen=True):
    """`kept` of `n`; the share is `None` where `n` is 0. `missed` are the ids, the latest first."""

    kept: int
    n: int
    missed: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        """From 0 to 1."""
        return self.kept / self.n if self.n else None


class ProcessFigure(Struct, frozen=True):
    """How the process was kept. Medians in seconds, days where the name says so; `None` where there is nothing."""

    to_commander: float | None
    to_commander_n: int
    without_commander: tuple[str, ...]
    updates: int
    unchanged_updates: int
    intervals: Share
    longest_silence: float | None
    longest_silence_id: str | None
    to_status_page: float | None
    status_page: Share
    response: Share
    postmortem_days: float | None
    postmortem_n: int
    postmortem: Share
    postmortem_missing: tuple[str, ...] = ()


class Lag(Struct, frozen=True):
    """From a moment to its being recorded, in seconds, over all state entries whose recording is sound. `left_out` counts the
    others by reason."""

    n: int
    median: float | None
    p90: float | None
    left_out: Mapping[str, int] = field(default_factory=dict)


class DataQuality(Struct, frozen=True):
    """What has to be known of the data before the figures are believed."""

    recording: Lag
    tip: str | None
    commits: int
    walked: int
    from_history: int
    """Transitions that only history tells."""
    assumed_detection: int
    estimated: int
    imported: int
    unreadable: tuple[UnreadableFile, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    batches: tuple[BatchCommit, ...] = ()
    squashed: int = 0
    skewed: int = 0
    uncommitted: tuple[str, ...] = ()
    unpublished: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()


class ImpactSum(Struct, frozen=True):
    """An impact fact summed over the incidents that say it as a number. `unit` is what stands beside the numbers, where it is one.

    `unread` are the ids of incidents that say it in other words. There is no total of percentages, nor of several units.
    """

    name: str
    total: float | None
    known: int
    of: int
    unit: str = ""
    unread: tuple[str, ...] = ()


class Group(Struct, frozen=True):
    """The figures of a part of the incidents. One that affects several services is in each of their groups."""

    name: str
    incidents: int
    durations: tuple[DurationFigure, ...]


class Period(Struct, frozen=True):
    """The time that a report is about. `since` is part of it, `until` is not; `None`: all of history on that side. `zone` is a name."""

    since: datetime | None
    until: datetime | None
    title: str
    zone: str


class Report(Struct, frozen=True):
    """All that is printed. `now` is the moment at which it is looked at: what is open, late or overdue is so then."""

    period: Period
    now: datetime
    compared_with: Period | None
    severity_at: str
    occurrence: str
    window: str
    filters: tuple[str, ...]
    """What was left out on purpose, in words: `service checkout`, `measured only`, `with drills`."""
    rows: tuple[IncidentRow, ...]
    """All incidents of the period, in the order of declaration; every format begins with those in `severe_ids`."""
    severe_ids: tuple[str, ...]
    durations: tuple[DurationFigure, ...]
    """MTTM first, then MTTD, MTTA, MTTR, user impact."""
    trends: Mapping[str, tuple[TrendPoint, ...]]
    counts: Counts
    action_items: ActionItemFigure
    repeats: RepeatFigure
    process: ProcessFigure
    impact: tuple[ImpactSum, ...]
    quality: DataQuality
    group_by: str = ""
    groups: tuple[Group, ...] = ()
    repositories: tuple[str, ...] = ()


MISLEADING: tuple[str, ...] = (
    "Few incidents: below 9 the values themselves say more than their median, and a month against a month says nothing.",
    "Durations are skewed: a few long ones move the mean, so the median comes first, and p90 says how bad it gets.",
    "A fall in all severities may be a fall in reporting: ask whether people still open incidents when in doubt.",
    "These are figures of the record, not of people: none of them says anything about a person.",
)
"""How such numbers mislead; every format ends with them."""
