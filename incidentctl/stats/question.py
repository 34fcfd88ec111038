"""What a report is asked: the period, which incidents, and how their edges are read. `period.py` reads the words for a period."""

from enum import StrEnum

from msgspec import Struct

from incidentctl.stats.report import Period


class SeverityAt(StrEnum):
    """Which severity an incident is grouped by, where it changed."""

    PEAK = "peak"
    DECLARED = "declared"
    FINAL = "final"


class Occurrence(StrEnum):
    """Which mitigation and resolution of a reopened incident count."""

    LAST = "last"
    FIRST = "first"


class Window(StrEnum):
    """What makes an incident one of a period: when it was declared, or when it was resolved."""

    DECLARED = "declared"
    RESOLVED = "resolved"


class GroupBy(StrEnum):
    """How the incidents are parted."""

    SEVERITY = "severity"
    SERVICE = "service"
    TEAM = "team"
    TAG = "tag"
    MONTH = "month"
    QUARTER = "quarter"


class Question(Struct, frozen=True):
    """All that changes the figures, besides the evidence and the moment at which it is looked at.

    `services`, `teams`, `tags` and `severities`: only incidents with one of each that is given. `fiscal_year_start` is a month, from 1.
    """

    period: Period
    compared_with: Period | None = None
    severity_at: SeverityAt = SeverityAt.PEAK
    occurrence: Occurrence = Occurrence.LAST
    window: Window = Window.DECLARED
    measured_only: bool = False
    include_drills: bool = False
    severities: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    group_by: GroupBy | None = None
    fiscal_year_start: int = 1
