"""What the page of the report needs besides the sentences that every format shares: places to jump to, and how much of a list is shown."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from incidentctl.errors import UsageError
from incidentctl.incident.times import format_instant, resolve_zone, to_local
from incidentctl.output.reports import charts, sentences
from incidentctl.stats.case import ItemHistory
from incidentctl.stats.report import (
    MISLEADING,
    DurationFigure,
    DurationState,
    IncidentRow,
    ItemOutcome,
    JudgedItem,
    MonthCount,
    Report,
)

if TYPE_CHECKING:
    from markupsafe import Markup

NOT_KNOWN: Final = "n/a"
MOST_TIMES: Final = 1000
"""Rows of the table of times. Beyond it a page is no longer read; the formats for programs have all of them."""
SEVERE_AT_ONCE: Final = 40
"""Severe incidents that are shown without being asked for."""
MOST_ITEMS: Final = 200

_PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]+")
_MONTHS: Final = "January February March April May June July August September October November December".split()


def duration(seconds: float | None) -> str:
    """As in every format, but in one piece: no line is broken in it."""
    return sentences.duration_words(seconds).replace(" ", "\u00a0")


def shown(text: str) -> str:
    """Words from the record, inside a sentence: as they are. The page makes all that it shows harmless, sentences as well."""
    return text


class Instant(NamedTuple):
    """A moment: its day and what a clock of the report's zone shows, and the whole of it for machines."""

    day: str
    clock: str
    exact: str


class Ageing(Struct, frozen=True):
    """An open action item with the days since its incident."""

    judged: JudgedItem
    days: int | None


class Legend(NamedTuple):
    """A severity and the number of its colour and shape."""

    name: str
    level: int


class View:
    """The report in the words of the page. Each answer is a text that can stand as it is, a chart, or what is looped over."""

    misleading = MISLEADING
    not_known = NOT_KNOWN

    def __init__(self, report: Report) -> None:
        self.report = report
        try:
            self.zone: tzinfo | None = resolve_zone(report.period.zone or None)
            self.zone_name = sentences.zone_words(report.period.zone)
        except UsageError:  # a zone that only another machine knows: rather UTC, and said so
            self.zone, self.zone_name = UTC, "UTC"

    # ------------------------------------------------------------------------------------------------------- times

    def exactly(self, at: datetime | None) -> Instant | None:
        """To the second."""
        if at is None:
            return None
        local = to_local(at, self.zone)
        return Instant(local.date().isoformat(), local.strftime("%H:%M:%S"), format_instant(at))

    def beside(self, at: datetime | None, row: IncidentRow) -> Instant | None:
        """To the second; with its day only where that is not the day of the declaration, which stands beside it."""
        found, declared = self.exactly(at), self.exactly(row.declared_at)
        if found is None or declared is None or found.day != declared.day:
            return found
        return found._replace(day="")

    @cached_property
    def span(self) -> str:
        """The days of the period, and the zone in which they are days."""
        return sentences.period_words(self.report.period)

    @cached_property
    def as_of(self) -> str:
        """The moment at which it was looked at."""
        return sentences.moment_words(self.report.now, self.report.period.zone)

    @cached_property
    def title(self) -> str:
        """`Q2 2026`, `May 2026`, or what the period is called."""
        title = sentences.short_title(self.report.period)
        if re.fullmatch(r"\d{4}-Q[1-4]", title):
            return f"{title[5:]} {title[:4]}"
        if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", title):
            return f"{_MONTHS[int(title[5:]) - 1]} {title[:4]}"
        return title[:1].upper() + title[1:]

    @cached_property
    def compared_with(self) -> str:
        """What the earlier period is called; empty where none was asked for."""
        return sentences.short_title(self.report.compared_with) if self.report.compared_with is not None else ""

    # ------------------------------------------------------------------------------------------------- incidents

    @cached_property
    def severities(self) -> tuple[str, ...]:
        """The most severe first."""
        return charts.severities_of(self.report)

    def level(self, severity: str) -> int:
        """The number of a severity's colour and shape."""
        last = charts.LEVELS - 1
        return min(self.severities.index(severity), last) if severity in self.severities else last

    @cached_property
    def legend(self) -> tuple[Legend, ...]:
        """The severities that there are, with their colours."""
        used = {row.severity for row in self.report.rows}
        return tuple(Legend(name, self.level(name)) for name in self.severities if name in used)

    @cached_property
    def severe(self) -> tuple[IncidentRow, ...]:
        """The rows of the severe incidents, the latest first."""
        return tuple(reversed(sentences.severe_rows(self.report)))

    @cached_property
    def severe_names(self) -> str:
        """`SEV1 and SEV2`."""
        return sentences.severe_names(self.report)

    @cached_property
    def severe_at_once(self) -> tuple[IncidentRow, ...]:
        """Those that are shown without being asked for."""
        return self.severe[:SEVERE_AT_ONCE]

    @cached_property
    def severe_on_demand(self) -> tuple[IncidentRow, ...]:
        """The earlier ones, to be unfolded."""
        return self.severe[SEVERE_AT_ONCE:MOST_TIMES]

    @cached_property
    def timed(self) -> tuple[IncidentRow, ...]:
        """The rows of the table of times, the latest first: all, or where they are many, the severe ones and then the latest."""
        return tuple(reversed(charts.worthiest(self.report, MOST_TIMES)))

    @cached_property
    def _place_by_row(self) -> Mapping[int, str]:
        """The place of each row of the table of times; an id that two repositories have has two."""
        places: dict[int, str] = {}
        taken: set[str] = set()
        for row in self.timed:
            place = wanted = "incident-" + (_PLAIN.sub("-", row.id).strip("-") or "0")
            count = 1
            while place in taken:
                count += 1
                place = f"{wanted}-{count}"
            taken.add(place)
            places[id(row)] = place
        return places

    def place(self, row: IncidentRow) -> str:
        """The name of the row's place in the page; that of the table where it has none."""
        return self._place_by_row.get(id(row), "times")

    def _leads_to(self, row: IncidentRow) -> str:
        place = self._place_by_row.get(id(row))
        return f"#{place}" if place is not None else ""

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Where an incident's times stand in the page, as `#incident-…`, by its id."""
        return {row.id: f"#{self._place_by_row[id(row)]}" for row in self.timed}

    def href(self, incident: str) -> str:
        """The place of an incident's times; empty where the page does not have them."""
        return self.places.get(incident, "")

    def state(self, row: IncidentRow, metric: str) -> str:
        """What is said where a duration is not known."""
        state = row.states.get(metric, DurationState.NOT_APPLICABLE)
        return NOT_KNOWN if state is DurationState.NOT_APPLICABLE else sentences.state_words(state)

    @cached_property
    def has_repositories(self) -> bool:
        """Whether several repositories are told apart."""
        return len(self.report.repositories) > 1

    # --------------------------------------------------------------------------------------------------- figures

    @cached_property
    def lead(self) -> DurationFigure | None:
        """MTTM, which leads."""
        return next((figure for figure in self.report.durations if figure.name == "mttm"), None)

    @cached_property
    def others(self) -> tuple[DurationFigure, ...]:
        """The other durations."""
        return tuple(figure for figure in self.report.durations if figure.name != "mttm")

    @cached_property
    def spread(self) -> "charts.Spread | None":
        """The one axis on which the values of all durations are drawn."""
        return charts.spread_of(self.report.durations)

    def values_chart(self, figure: DurationFigure, width: int) -> "Markup | None":
        """The values of a duration on that axis."""
        return charts.values_of(figure, self.spread, width) if self.spread and figure.values else None

    def values(self, figure: DurationFigure) -> tuple[str, ...]:
        """All values, the shortest first, where they are so few that they say more than their median; else nothing."""
        if not sentences.shows_values(figure):
            return ()
        return tuple(value.replace(" ", "\u00a0") for value in sentences.values_words(figure).split(", "))

    def remarks(self, figure: DurationFigure) -> tuple[str, ...]:
        """What a figure rests on, and what it leaves out."""
        return tuple(filter(None, (sentences.rests_on(figure), sentences.left_out_words(figure))))

    def compared(self, figure: DurationFigure) -> str:
        """The sentence about an earlier period, which claims a change only where it can be told from chance."""
        return sentences.comparison_words(figure, self.report.compared_with)

    def is_changed(self, figure: DurationFigure) -> bool:
        """Whether it can."""
        return figure.comparison is not None and figure.comparison.is_distinguishable

    @cached_property
    def trend_lines(self) -> Sequence[sentences.TrendLine]:
        """The medians over rolling four quarters, the latest first."""
        return tuple(reversed(sentences.trend_lines(self.report)))

    @cached_property
    def months(self) -> tuple[MonthCount, ...]:
        """The months of the table, the latest first."""
        return tuple(reversed(self.report.counts.months))

    # ---------------------------------------------------------------------------------------------------- charts

    @cached_property
    def trend(self) -> "charts.Chart | None":
        """MTTM over time."""
        return charts.time_to_mitigate(self.report, self._leads_to, self.zone)

    @cached_property
    def monthly(self) -> "charts.Chart | None":
        """Incidents a month."""
        return charts.incidents_a_month(self.report)

    @cached_property
    def phases(self) -> "charts.Chart | None":
        """The phases of each incident."""
        return charts.phases(self.report, self._leads_to)

    @cached_property
    def ages(self) -> "charts.Chart | None":
        """Open action items by age."""
        return charts.items_by_age(self.report, self.zone)

    # ---------------------------------------------------------------------------------------------- action items

    @cached_property
    def outcomes(self) -> tuple[tuple[str, int, str], ...]:
        """The parts of what was due: word, number, and the name of its colour. Those without items are left out."""
        figure = self.report.action_items
        parts = (
            (ItemOutcome.IN_TIME, figure.in_time, "in-time"),
            (ItemOutcome.LATE, figure.late, "late"),
            (ItemOutcome.OVERDUE, figure.overdue, "overdue"),
            (ItemOutcome.DROPPED_AFTER, figure.dropped_after, "dropped"),
        )
        return tuple((sentences.outcome_words(outcome), number, css) for outcome, number, css in parts if number)

    @cached_property
    def ageing(self) -> tuple[Ageing, ...]:
        """Open items: overdue ones first, then those without a date, the oldest first."""
        order = {ItemOutcome.OVERDUE: 0, ItemOutcome.UNDATED: 1}
        found = (Ageing(each, charts.age_of(each, self.report, self.zone)) for each in self.report.action_items.items)
        return tuple(
            sorted(
                (each for each in found if each.judged.item.is_open),
                key=lambda each: (order.get(each.judged.outcome, 2), -(each.days or 0), each.judged.item.id),
            )
        )

    @cached_property
    def missed(self) -> tuple[JudgedItem, ...]:
        """Items that are over and count against the rate."""
        over = (ItemOutcome.LATE, ItemOutcome.DROPPED_AFTER)
        return tuple(each for each in self.report.action_items.items if each.outcome in over)

    # --------------------------------------------------------------------------------------------- shared sentences
    # The page asks for none of them by itself: so their arguments are checked with all others.

    interval = sentences.INTERVAL

    @cached_property
    def filters(self) -> Sequence[str]:
        """What was left out on purpose."""
        return sentences.filter_lines(self.report, shown)

    @cached_property
    def headline(self) -> str:
        """How many incidents there were."""
        return sentences.headline(self.report, shown)

    @cached_property
    def no_incidents(self) -> str:
        """That there was none."""
        return sentences.no_incidents(self.report)

    @cached_property
    def severe_or(self) -> str:
        """`SEV1 or SEV2`."""
        return sentences.severe_names(self.report, "or")

    def more_rows(self, listed: int, every: int) -> str:
        """That a table has not all."""
        return sentences.more_rows(listed, every)

    @cached_property
    def counts_before(self) -> str:
        """The counts of the earlier period."""
        return sentences.counts_before(self.report)

    @cached_property
    def beside_counts(self) -> Sequence[str]:
        """What stands beside the counts."""
        return sentences.beside_words(self.report.counts, shown)

    @cached_property
    def group_legend(self) -> str:
        """What stands in the table of groups."""
        return sentences.group_legend(self.report)

    @cached_property
    def trend_head(self) -> Sequence[str]:
        """The titles above the medians."""
        return sentences.trend_head(self.report)

    @cached_property
    def item_rate(self) -> str:
        """How many action items were done in time."""
        return sentences.item_rate_words(self.report)

    @cached_property
    def item_rest(self) -> str:
        """Those that are not in the rate."""
        return sentences.item_rest_words(self.report)

    def outcome(self, outcome: ItemOutcome) -> str:
        """What an action item counts as."""
        return sentences.outcome_words(outcome)

    @cached_property
    def repeats(self) -> str:
        """How many incidents came again."""
        return sentences.repeat_words(self.report)

    @cached_property
    def suggestions(self) -> Sequence[str]:
        """Perhaps they did."""
        return sentences.suggestion_lines(self.report.repeats, shown)

    def undone(self, item: ItemHistory) -> str:
        """An action item that was open when its incident came again."""
        return sentences.undone_words(item, shown)

    @cached_property
    def process(self) -> Sequence[sentences.ProcessLine]:
        """How the process was kept."""
        return tuple(sentences.process_lines(self.report, shown))

    @cached_property
    def impact(self) -> Sequence[sentences.ImpactLine]:
        """What the incidents cost."""
        return sentences.impact_lines(self.report, shown)

    @cached_property
    def left_out(self) -> Sequence[sentences.LeftOut]:
        """Excluded incidents by the reason."""
        return sentences.left_out(self.report)

    def state_words(self, state: DurationState) -> str:
        """A state in words."""
        return sentences.state_words(state)

    @cached_property
    def quality(self) -> Sequence[str]:
        """What has to be known of the data."""
        return sentences.quality_lines(self.report, shown)

    @cached_property
    def method(self) -> Sequence[str]:
        """How the figures were made."""
        return sentences.method_lines(self.report, shown)
