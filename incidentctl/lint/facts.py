"""What rules may know besides the document: the day, the scale, people, the incident's record, history. All of it is handed in."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo

from msgspec import Struct, field

from incidentctl.incident.calendar import Calendar
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import DEFAULT_SCALE, Scale


class PostmortemFacts(Struct, frozen=True):
    """What an incident file's rules know of its post-mortem. `status` is as written; the times are UTC."""

    path: str
    status: str | None = None
    published_at: datetime | None = None


class HistoryFacts(Struct, frozen=True):
    """What git's history says of one document. Due dates are by action item id, in the order in which they were committed.

    `changed_at` is the author date of the last commit that changed it.
    """

    due_dates: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    changed_at: datetime | None = None
    first_final_at: datetime | None = None


class Facts(Struct, frozen=True):
    """What is known beside one document. `None` is not known: rules that ask for it are skipped, never passed.

    `incident` is the record that a post-mortem is about, or an incident file's own; `postmortem` is that of an incident
    file, `has_postmortem` whether one was looked for and found. `exists` says whether a relative link of this
    document leads to a file. `incident_ids` are all that the repository holds. `status` is the document's status with
    `[lint] default_status` standing in. `has_settings`: the repository says what its documents are like.
    `unused` are the suppressions, by place and by the number of the word, that nothing needed; known when all else ran.
    """

    now: datetime | None = None
    zone: tzinfo = UTC
    scale: Scale = DEFAULT_SCALE
    calendar: Calendar = Calendar()
    required: tuple[str, ...] | None = None
    people: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    incident: Incident | None = None
    postmortem: PostmortemFacts | None = None
    has_postmortem: bool | None = None
    exists: Callable[[str], bool] | None = None
    incident_ids: frozenset[str] | None = None
    history: HistoryFacts | None = None
    status: str | None = None
    is_pull_request: bool = False
    is_draft_pull_request: bool | None = None
    has_settings: bool = False
    unused: frozenset[tuple[int, int]] | None = None

    @property
    def today(self) -> date | None:
        """The day in the zone of the settings."""
        return self.now.astimezone(self.zone).date() if self.now else None
