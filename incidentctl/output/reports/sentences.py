"""What a report says in words, the same in every format for people: durations, comparisons, exclusions, counts, the quality of the data.

Words from the record go through the `Shown` of a format, which makes them harmless in it; the rest of a sentence is ours.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from incidentctl.errors import UsageError
from incidentctl.incident.times import MONTHS, resolve_zone, to_local
from incidentctl.stats.case import ItemHistory
from incidentctl.stats.report import (
    Counts,
    DurationFigure,
    DurationState,
    Excluded,
    IncidentRow,
    ItemOutcome,
    JudgedItem,
    Period,
    Repeat,
    RepeatFigure,
    Report,
    Share,
    TrendPoint,
)

Shown = Callable[[str], str]
"""Makes words from the record harmless in a format."""

METHOD = (
    "Median, p90 and mean are of the recorded durations; quantiles by linear interpolation between order statistics."
)
INTERVAL = "The interval is the 95 % bootstrap of the median, computed without drawing lots, from 9 incidents on; p90 from 10 on."
REPEAT_TARGET = "The target is none."

ENOUGH = 9
MOST_ROWS = 100
"""Incidents that a format for people shows at most; programs get all of them."""
MOST_MONTHS = 24
MOST_QUARTERS = 12
MOST_ITEMS = 20
_MOST_IDS = 30
_STATES = {
    DurationState.PENDING: "pending",
    DurationState.NOT_APPLICABLE: "not applicable",
    DurationState.INVALID: "invalid",
    DurationState.SUSPECT: "suspect",
}
_MARKS = {
    "assumed": ("a", "assumed detection"),
    "estimated": ("e", "estimated time"),
    "from history": ("h", "from history"),
    "reopened": ("r", "reopened"),
    "imported": ("i", "imported"),
    "drill": ("d", "drill"),
}


# ------------------------------------------------------------------------------------------------------- small words


def duration_words(seconds: float | None) -> str:
    """`48s`, `4m 20s`, `46m`, `2h 8m`, `3d 4h`: rounded to what is shown; `n/a` for what is not known."""
    if seconds is None:
        return "n/a"
    if seconds < 0:
        return f"-{duration_words(-seconds)}"
    whole = int(seconds + 0.5)
    if whole < 600:
        return _two(whole // 60, "m", whole % 60, "s")
    minutes = (whole + 30) // 60
    if minutes < 1440:
        return _two(minutes // 60, "h", minutes % 60, "m")
    hours = (whole + 1800) // 3600
    return _two(hours // 24, "d", hours % 24, "h")


def _two(large: int, unit: str, small: int, below: str) -> str:
    parts = [f"{number}{word}" for number, word in ((large, unit), (small, below)) if number]
    return " ".join(parts) or f"0{below}"


def interval_words(interval: tuple[float, float] | None) -> str:
    """`42m to 1h 20m`; `n/a` where there is none."""
    return "n/a" if interval is None else f"{duration_words(interval[0])} to {duration_words(interval[1])}"


def percent(share: float | None) -> str:
    """`84 %`, `n/a` where there is nothing to share. Only all is 100 %, and only nothing 0 %."""
    if share is None:
        return "n/a"
    whole = int(share * 100 + 0.5)
    if 0 < share < 1:
        whole = min(max(whole, 1), 99)
    return f"{whole} %"


def number_words(number: float) -> str:
    """`184,300`, `12,450.5`."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}".rstrip("0").rstrip(".")


def counted(number: int, noun: str) -> str:
    """`1 incident`, `2 incidents`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def name_of(row: IncidentRow) -> str:
    """The id of an incident, with the repository in front where several were read; once, where the id tells it already."""
    is_told = not row.repository or row.id.startswith(f"{row.repository}/")
    return row.id if is_told else f"{row.repository}/{row.id}"


def some(words: Iterable[str], most: int = _MOST_IDS) -> str:
    """The first of many, with how many more there are."""
    every = list(words)
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more:,} more" if more > 0 else "")


def short_name(figure: DurationFigure) -> str:
    """`MTTM`, of `MTTM, time to mitigate`."""
    return figure.title.partition(", ")[0]


def column_name(figure: DurationFigure) -> str:
    """The same, as it stands above a column."""
    name = short_name(figure)
    return "impact" if name == "User impact" else name


def state_words(state: DurationState) -> str:
    """What stands in place of a duration."""
    return _STATES.get(state, state.value.replace("_", " "))


def mark_letter(mark: str) -> str:
    """One letter for a mark, explained by `mark_legend`."""
    return _MARKS[mark][0] if mark in _MARKS else mark


def mark_legend(rows: Iterable[IncidentRow]) -> list[str]:
    """`r reopened`, for the marks that these rows have."""
    used = {mark for row in rows for mark in row.marks}
    return [f"{letter} {words}" for mark, (letter, words) in _MARKS.items() if mark in used]


# --------------------------------------------------------------------------------------------------------- the head


def period_words(period: Period) -> str:
    """`1 Apr to 30 Jun 2026, Europe/Berlin`: the days that are part of it."""
    if period.since is None and period.until is None:
        return f"all of history, {zone_words(period.zone)}"
    first = _day(period.since, period.zone) if period.since is not None else "the beginning"
    last = _day(period.until - timedelta(seconds=1), period.zone) if period.until is not None else "today"
    if first == last:
        return f"{first}, {zone_words(period.zone)}"
    if first[-5:] == last[-5:] and first[-4:].isdecimal():
        first = first[:-5]
    return f"{first} to {last}, {zone_words(period.zone)}"


def zone_words(zone: str) -> str:
    """The name of a zone; the machine's own has none."""
    return zone or "local time"


def short_title(period: Period) -> str:
    """`2026-Q2`: a period's name without its days, where it has one."""
    return period.title.partition(", ")[0]


def _local(at: datetime, zone: str) -> datetime:
    try:
        return to_local(at, resolve_zone(zone or None))
    except UsageError:  # a zone that only another machine knows
        return at.astimezone(UTC)


def _day(at: datetime, zone: str) -> str:
    local = _local(at, zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year:04d}"


def moment_words(at: datetime, zone: str) -> str:
    """`2 Jul 2026 11:30`, in that zone."""
    local = _local(at, zone)
    return f"{_day(at, zone)} {local:%H:%M}"


def severe_list(report: Report) -> list[str]:
    """The severities of the incidents that every format begins with."""
    severe = set(report.severe_ids)
    found = {row.severity for row in report.rows if row.id in severe}
    scale = list(report.counts.by_severity)
    standing = [name for name in ("SEV1", "SEV2") if name in scale or not scale]
    return [name for name in scale if name in found or name in standing] + sorted(found - set(scale)) or standing


def severe_names(report: Report, joined_by: str = "and") -> str:
    """`SEV1 and SEV2`."""
    return f" {joined_by} ".join(severe_list(report)) or "severe"


def severe_rows(report: Report) -> list[IncidentRow]:
    """The rows behind the numbers, in the order of declaration."""
    severe = set(report.severe_ids)
    return [row for row in report.rows if row.id in severe]


def headline(report: Report, shown: Shown) -> str:
    """How many incidents the report is about, and how many of them are not over."""
    counts = report.counts
    if not report.rows and not counts.total:
        return no_incidents(report)
    words = counted(counts.total, "incident")
    if counts.total > 1:
        words += f", {counts.severe:,} of them {severe_names(report, 'or')}"
    elif report.rows:
        words += f", a {shown(report.rows[0].severity)}"
    if counts.open:
        oldest = duration_words(max(each.seconds for each in counts.open))
        many = (
            f"{len(counts.open):,} are still open, the oldest for" if len(counts.open) > 1 else "one is still open, for"
        )
        words += f"; {many} {oldest}"
    return f"{words}."


def no_incidents(report: Report) -> str:
    """That there is nothing to count, and what that means."""
    verb = "resolved" if report.window == "resolved" else "declared"
    if report.period.since is None and report.period.until is None:
        where = "There is no incident" if not report.filters else "No incident fits"
        return f"{where}: nothing can be said, and nothing is 0."
    return f"No incident was {verb} in this period: its durations are n/a, not 0."


def filter_lines(report: Report, shown: Shown) -> list[str]:
    """What was left out on purpose, and where it all comes from, where that is not plain."""
    lines = [f"Asked for: {', '.join(shown(each) for each in report.filters)}."] if report.filters else []
    if report.repositories:
        lines.append(f"Repositories: {', '.join(shown(each) for each in report.repositories)}.")
    return lines


def method_lines(report: Report, shown: Shown) -> list[str]:
    """How the figures were made, and how the edges were read."""
    at = {"peak": "the most severe that it ever had", "declared": "as declared", "final": "the last that it had"}
    severity = at.get(report.severity_at, shown(report.severity_at))
    lines = [
        METHOD,
        INTERVAL,
        f"An incident belongs to the period in which it was {shown(report.window)}; its severity is {severity}.",
    ]
    if any("reopened" in row.marks for row in report.rows):
        which = "first" if report.occurrence == "first" else "last"
        lines.append(f"A reopened incident is one: the mitigation and resolution of its {which} episode count.")
    if report.compared_with is not None:
        lines.append(
            "Two periods are distinguishable where both have 9 incidents or more and the 95 % interval of the difference of "
            "their medians leaves out 0."
        )
    lines.append(
        f"Seen from {moment_words(report.now, report.period.zone)}; times in {shown(zone_words(report.period.zone))}."
    )
    return lines


# --------------------------------------------------------------------------------------------------------- durations


def n_words(figure: DurationFigure) -> str:
    """`12 of 15`: recorded of eligible."""
    return f"{figure.n:,} of {figure.eligible:,}"


def interval_cell(figure: DurationFigure) -> str:
    """The interval of the median, or why there is none."""
    if figure.ci95 is None:
        return f"n < {ENOUGH}" if figure.n else "n/a"
    return interval_words(figure.ci95)


def cell_words(row: IncidentRow, metric: str) -> str:
    """A duration of an incident, or the state in place of it."""
    if metric in row.durations:
        return duration_words(row.durations[metric])
    state = row.states.get(metric, DurationState.NOT_APPLICABLE)
    return "–" if state is DurationState.NOT_APPLICABLE else state_words(state)


def row_legend(rows: Iterable[IncidentRow]) -> list[str]:
    """What the letters and the dash beside these rows mean."""
    every = list(rows)
    legend = mark_legend(every)
    if any(state is DurationState.NOT_APPLICABLE for row in every for state in row.states.values()):
        legend.append("– skipped or not known")
    return legend


def more_rows(shown: int, every: int) -> str:
    """That a table shows the latest alone."""
    return f"The latest {shown:,} of {every:,}; all of them with `--format csv` or `json`, fewer with `--period`."


def figure_lines(figure: DurationFigure, before: Period | None) -> Iterator[str]:
    """What stands below a figure: its values where they are few, what it rests on and leaves out, the comparison."""
    if shows_values(figure):
        yield f"Values: {values_words(figure)}."
    weak = " ".join(filter(None, (rests_on(figure), left_out_words(figure))))
    yield from filter(None, (weak, comparison_words(figure, before)))


def rests_on(figure: DurationFigure) -> str:
    """What is weaker than recorded in a figure, or nothing."""
    parts = []
    if figure.assumed:
        rest = "rests" if figure.assumed == 1 else "rest"
        parts.append(f"{figure.assumed:,} of the {figure.n:,} {rest} on an assumed detection")
    if figure.estimated:
        of = "" if parts else f" of the {figure.n:,} {'rests' if figure.estimated == 1 else 'rest'}"
        parts.append(f"{figure.estimated:,}{of} on an estimated time")
    return f"{', '.join(parts)}." if parts else ""


def values_words(figure: DurationFigure) -> str:
    """The values themselves, the shortest first; a `~` where a time is an estimate."""
    ordered = sorted(figure.values, key=lambda each: (each.seconds, each.id))
    return ", ".join(f"{'~' if each.is_estimated else ''}{duration_words(each.seconds)}" for each in ordered)


def shows_values(figure: DurationFigure) -> bool:
    """Whether there are too few for more than the values themselves."""
    return 0 < figure.n < ENOUGH


def comparison_words(figure: DurationFigure, before: Period | None) -> str:
    """A figure against the period before. No arrow and no "improved" unless the two can be told apart; nothing where none was asked."""
    compared = figure.comparison
    if compared is None or before is None:
        return ""
    then = f"Against {short_title(before)} (median {duration_words(compared.median_before)}):"
    against = f"({figure.n:,} against {counted(compared.n_before, 'incident')})"
    if compared.is_distinguishable and compared.difference is not None:
        word = "↓ improved by" if compared.difference < 0 else "↑ worse by"
        words = f"{then} {word} {duration_words(abs(compared.difference))} {against}"
        if compared.ci95 is not None:
            words += f"; 95 % interval of the difference {interval_words(compared.ci95)}"
        return f"{words}."
    words = f"{then} not distinguishable {against}"
    if compared.could_have_shown is not None:
        return f"{words}; a change of {duration_words(compared.could_have_shown)} or more could have been shown."
    few = min(figure.n, compared.n_before) < ENOUGH
    return f"{words}; with fewer than {ENOUGH} on either side no change can be shown." if few else f"{words}."


def left_out_words(figure: DurationFigure) -> str:
    """How many incidents a figure leaves out, by state; or nothing."""
    numbers = {state: sum(each.state is state for each in figure.excluded) for state in DurationState}
    told = [f"{number:,} {state_words(state)}" for state, number in numbers.items() if number]
    return f"{len(figure.excluded):,} left out: {', '.join(told)}." if told else ""


class LeftOut(Struct, frozen=True):
    """Incidents that durations leave out for one reason: the durations' titles, the state, the reason, the ids."""

    titles: tuple[str, ...]
    state: DurationState
    reason: str
    ids: tuple[str, ...]


def left_out(report: Report) -> list[LeftOut]:
    """All that is left out of a duration, with its reason; durations that leave out the same for the same reason stand together."""
    found: dict[tuple[DurationState, str, tuple[str, ...]], list[str]] = {}
    for figure in report.durations:
        alike: dict[tuple[DurationState, str], list[Excluded]] = {}
        for each in figure.excluded:
            alike.setdefault((each.state, each.reason.partition(": ")[0]), []).append(each)
        for (state, reason), members in alike.items():
            whole = {each.reason for each in members}
            words = whole.pop() if len(whole) == 1 else reason  # what differs from one to the next is left to `explain`
            found.setdefault((state, words, tuple(each.id for each in members)), []).append(short_name(figure))
    order = (DurationState.INVALID, DurationState.SUSPECT, DurationState.PENDING, DurationState.NOT_APPLICABLE)
    groups = [LeftOut(tuple(titles), state, reason, ids) for (state, reason, ids), titles in found.items()]
    return sorted(groups, key=lambda each: order.index(each.state) if each.state in order else len(order))


def left_out_lines(report: Report, shown: Shown) -> list[str]:
    """The same in sentences."""
    groups = left_out(report)
    lines = [
        f"{', '.join(each.titles)}: {len(each.ids):,} {state_words(each.state)}, {shown(each.reason)}: "
        f"{some(map(shown, each.ids))}"
        for each in groups[:MOST_ROWS]
    ]
    more = len(groups) - MOST_ROWS
    return lines + ([f"and {more:,} more reasons; all of them with `--format csv` or `json`"] if more > 0 else [])


# ------------------------------------------------------------------------------------------------------------ trends


class TrendLine(Struct, frozen=True):
    """The medians over the four quarters that end with one, in words, and those of the leading metric as they are."""

    quarter: str
    cells: tuple[str, ...]
    leading: TrendPoint


def trend_lines(report: Report) -> list[TrendLine]:
    """One line a quarter, the latest last: the leading metric with its interval, then the others. Empty where nothing was recorded."""
    names = [figure.name for figure in report.durations if report.trends.get(figure.name)]
    if not names or not any(point.n for points in report.trends.values() for point in points):
        return []
    by_quarter = {name: {point.quarter: point for point in report.trends[name]} for name in names}
    lines = []
    for leading in report.trends[names[0]][-MOST_QUARTERS:]:
        others = (by_quarter[name].get(leading.quarter) for name in names[1:])
        cells = (_trend_cell(leading), interval_words(leading.ci95), *map(_trend_cell, others))
        lines.append(TrendLine(leading.quarter, cells, leading))
    return lines


def trend_head(report: Report) -> list[str]:
    """The titles above the cells."""
    titles = [column_name(figure) for figure in report.durations if report.trends.get(figure.name)]
    return [*titles[:1], "95 % interval", *titles[1:]]


def _trend_cell(point: TrendPoint | None) -> str:
    return "n/a" if point is None or not point.n else f"{duration_words(point.median)} ({point.n:,})"


# ------------------------------------------------------------------------------------------------------------ counts


def counts_before(report: Report) -> str:
    """The counts of the period before, or nothing. Never a judgement: counts that small vary by themselves."""
    counts, before = report.counts, report.compared_with
    if before is None or counts.severe_before is None:
        return ""
    total = "" if counts.total_before is None else f", {counts.total_before:,} in all"
    return f"{short_title(before)}: {counts.severe_before:,} {severe_names(report, 'or')}{total}."


def beside_words(counts: Counts, shown: Shown) -> list[str]:
    """What stands beside the counts: open, reopened, changed in severity, and what was left out of them."""
    lines = []
    if counts.open:
        ordered = sorted(counts.open, key=lambda each: -each.seconds)
        told = (f"{shown(each.id)} ({shown(each.severity)}, for {duration_words(each.seconds)})" for each in ordered)
        lines.append(f"Still open: {some(told, 8)}.")
    parts = []
    if counts.reopened:
        parts.append(f"{counts.reopened:,} reopened ({_times(counts.reopenings)})")
    parts += [f"{counts.downgraded:,} downgraded"] if counts.downgraded else []
    parts += [f"{counts.upgraded:,} upgraded"] if counts.upgraded else []
    if parts:
        lines.append(f"Among them: {', '.join(parts)}.")
    out = []
    cancelled = sum(counts.cancelled.values())
    if cancelled:
        reasons = ", ".join(f"{number:,} {shown(name.replace('_', ' '))}" for name, number in counts.cancelled.items())
        out.append(f"{cancelled:,} cancelled ({reasons})")
    out += [counted(counts.duplicates, "duplicate")] if counts.duplicates else []
    out += [counted(counts.drills, "drill")] if counts.drills else []
    if out:
        lines.append(f"Counted apart, and in no figure: {', '.join(out)}.")
    return lines


def _times(number: int) -> str:
    return "once" if number == 1 else "twice" if number == 2 else f"{number:,} times"


def no_months(report: Report) -> str:
    """That no month has an incident."""
    months = report.counts.months
    if not months:
        return "No month with an incident."
    span = months[0].month if len(months) == 1 else f"{months[0].month} to {months[-1].month}"
    return f"None in {span}."


def group_legend(report: Report) -> str:
    """What stands in the table of groups."""
    words = "Medians, with the number of recorded durations."
    if report.group_by in ("service", "tag"):
        words += f" An incident is in each of its groups; there are {report.counts.total:,}, each counted once."
    return words


# ------------------------------------------------------------------------------------------------------ action items

_OUTCOMES = {
    ItemOutcome.IN_TIME: "in time",
    ItemOutcome.LATE: "late",
    ItemOutcome.OVERDUE: "overdue",
    ItemOutcome.DROPPED_AFTER: "dropped after publication",
    ItemOutcome.DROPPED_BEFORE: "dropped before publication",
    ItemOutcome.NOT_YET_DUE: "not yet due",
    ItemOutcome.UNDATED: "undated",
}


def outcome_words(outcome: ItemOutcome) -> str:
    """What an item counts as."""
    return _OUTCOMES[outcome]


def item_rate_words(report: Report) -> str:
    """The rate with what it is made of."""
    items = report.action_items
    if items.rate is None:
        words = "n/a: no action item was due in this period"
    else:
        words = f"{percent(items.rate)}: {items.in_time:,} of {items.due:,} due in this period were done in time"
        missed = ((items.late, "late"), (items.overdue, "overdue"), (items.dropped_after, "dropped after publication"))
        told = [f"{number:,} {word}" for number, word in missed if number]
        words += f"; {', '.join(told)}" if told else ""
    if report.compared_with is not None and items.rate_before is not None:
        words += f"; {short_title(report.compared_with)}: {percent(items.rate_before)}"
    return f"{words}. The target is above 80 %."


def item_rest_words(report: Report) -> str:
    """What is not in the rate, and what was moved; or nothing."""
    items = report.action_items
    rest = (
        (items.not_yet_due, "not yet due"),
        (items.undated, "undated"),
        (items.dropped_before, "dropped before publication"),
    )
    told = [f"{number:,} {word}" for number, word in rest if number]
    words = f"Not in the rate: {', '.join(told)}." if told else ""
    if items.moved:
        moved = "its due date" if items.moved == 1 else "their due dates"
        words += f" {items.moved:,} had {moved} moved; the date at publication counts."
    return words.strip()


def missed_items(report: Report) -> list[JudgedItem]:
    """Those that count against the rate, and those that have no date: what somebody has to look at."""
    wanted = (ItemOutcome.OVERDUE, ItemOutcome.LATE, ItemOutcome.DROPPED_AFTER, ItemOutcome.UNDATED)
    found = [each for each in report.action_items.items if each.outcome in wanted]
    return sorted(found, key=lambda each: (wanted.index(each.outcome), each.item.incident, each.item.id))


# ----------------------------------------------------------------------------------------------------------- repeats


def repeat_words(report: Report) -> str:
    """`2 repeats among 5 with a recorded cause; 7 have none`; never a bare 0."""
    repeats = report.repeats
    number, known, unknown = len(repeats.repeats), repeats.with_cause, repeats.without_cause
    if not known and not number:
        return f"n/a: {_none_has(unknown)} a recorded cause."
    have = "has" if unknown == 1 else "have"
    return (
        f"{counted(number, 'repeat')} among {known:,} with a recorded cause; {unknown:,} {have} none. {REPEAT_TARGET}"
    )


def _none_has(number: int) -> str:
    if not number:
        return "there is no incident with"
    return "the only incident has not" if number == 1 else f"none of the {number:,} incidents has"


def one_repeat(repeat: Repeat, shown: Shown) -> str:
    """Which incident came again, and how that is known."""
    how = f"same cause: {shown(repeat.cause)}" if repeat.cause else "its repeat_of says so"
    return f"{shown(repeat.id)} repeats {shown(repeat.earlier)} ({how})"


def suggestion_lines(repeats: RepeatFigure, shown: Shown) -> list[str]:
    """Possible repeats, which nobody has confirmed."""
    return [
        f"perhaps, and not counted: {shown(each.id)} is like {shown(each.earlier)}: {some(map(shown, each.shared), 8)}"
        for each in repeats.suggestions[:MOST_ITEMS]
    ] + [f"not counted: {shown(id_)}: {shown(why)}" for id_, why in repeats.unresolved.items()]


def undone_words(item: ItemHistory, shown: Shown) -> str:
    """An action item that was still open when it came again."""
    due = item.binding_due or item.due
    return f"{shown(item.text)} ({f'due {due.isoformat()}' if due is not None else 'undated'})"


# ----------------------------------------------------------------------------------------------------------- process


class ProcessLine(Struct, frozen=True):
    """One figure of how the process was kept: what, its value, and what belongs to it."""

    what: str
    value: str
    beside: str


def process_lines(report: Report, shown: Shown) -> Iterator[ProcessLine]:
    """How the process was kept, in the order of an incident."""
    process = report.process
    yield ProcessLine("Response in time", *_share_words(process.response, shown))
    without = len(process.without_commander)
    missing = f"; {without:,} never had one: {some(map(shown, process.without_commander), 5)}" if without else ""
    n = f"{counted(process.to_commander_n, 'incident')}{missing}"
    yield ProcessLine("Declaration to commander, median", duration_words(process.to_commander), n)
    yield ProcessLine("Status page in time", *_share_words(process.status_page, shown))
    yield ProcessLine("Declaration to status page, median", duration_words(process.to_status_page), "where one is due")
    yield ProcessLine("Updates in their cadence", *_share_words(process.intervals, shown, "intervals"))
    silent = process.longest_silence_id
    yield ProcessLine(
        "Longest silence", duration_words(process.longest_silence), f"in {shown(silent)}" if silent is not None else ""
    )
    unchanged = f"{process.unchanged_updates:,} of them said nothing new" if process.unchanged_updates else ""
    yield ProcessLine("Updates", f"{process.updates:,}", unchanged)
    yield ProcessLine("Post-mortem in time", *_share_words(process.postmortem, shown))
    days = "n/a" if process.postmortem_days is None else f"{process.postmortem_days:.1f} days"
    unpublished = process.postmortem_missing
    late = f"; {len(unpublished):,} still owed: {some(map(shown, unpublished), 5)}" if unpublished else ""
    yield ProcessLine(
        "Resolution to post-mortem, median", days, f"{counted(process.postmortem_n, 'post-mortem')}{late}"
    )


def _share_words(share: Share, shown: Shown, noun: str = "") -> tuple[str, str]:
    missed = f"; not: {some(map(shown, share.missed), 5)}" if share.missed else ""
    return percent(share.share), f"{share.kept:,} of {share.n:,}{f' {noun}' if noun else ''}{missed}"


# ------------------------------------------------------------------------------------------------------------ impact


class ImpactLine(Struct, frozen=True):
    """One impact fact, summed: its name, the sum, and for how many incidents it is known."""

    name: str
    total: str
    known: str


def impact_lines(report: Report, shown: Shown) -> list[ImpactLine]:
    """What the incidents say that they cost. Empty where none says anything."""
    if not any(each.known for each in report.impact):
        return []
    return [
        ImpactLine(
            each.name.replace("_", " ").capitalize(),
            "n/a" if each.total is None else f"{number_words(each.total)} {shown(each.unit)}".strip(),
            f"known for {each.known:,} of {each.of:,}"
            + (f"; not a number in {some(map(shown, each.unread), 5)}" if each.unread else ""),
        )
        for each in report.impact
    ]


# ----------------------------------------------------------------------------------------------- quality of the data


def quality_lines(report: Report, shown: Shown) -> list[str]:
    """What has to be known of the data before the figures are believed, the gravest first."""
    quality = report.quality
    lines = [
        f"Not read, and in no figure: {shown(each.path)}:{each.line}: {shown(each.reason)}"
        for each in quality.unreadable
    ]
    lines += [f"Contradicts itself, and is not known: {shown(each)}" for each in quality.contradictions]
    lines += [f"Changed and not committed, so not counted: {shown(each)}" for each in quality.uncommitted]
    lines += [f"Deleted in {each.commit[:12]}, and in no figure: {shown(each.incident)}" for each in quality.deleted]
    lines += _marked(report)
    recording = quality.recording
    if recording.n:
        lines.append(
            f"Recorded {duration_words(recording.median)} after the moment (median; p90 "
            f"{duration_words(recording.p90)}; {counted(recording.n, 'entry').replace('entrys', 'entries')})."
        )
    else:
        lines.append("How long after the moment things were recorded: n/a.")
    if recording.left_out:
        left_out = ", ".join(
            f"{number:,} {shown(word.replace('_', ' '))}" for word, number in recording.left_out.items()
        )
        lines.append(f"Left out of that, since when they were recorded is not sound: {left_out}.")
    if quality.unpublished:
        lines.append(
            "Post-mortem on a branch of its own, so that its action items are not counted: "
            f"{some(map(shown, quality.unpublished), 8)}."
        )
    lines += [
        f"Commit {each.commit[:12]} touches {each.incidents:,} incidents at once: an import, a move or a squash."
        for each in quality.batches
    ]
    if quality.squashed:
        lines.append(
            f"{counted(quality.squashed, 'commit')} with entries of others: history was squashed or rewritten."
        )
    if quality.skewed:
        lines.append(f"{counted(quality.skewed, 'commit')} dated before one that it comes from: a clock was wrong.")
    lines.append(_came_from(report))
    return lines


def _marked(report: Report) -> Sequence[str]:
    quality = report.quality
    parts = []
    if quality.assumed_detection:
        parts.append(f"{counted(quality.assumed_detection, 'detection')} assumed from the declaration")
    if quality.estimated:
        parts.append(f"{counted(quality.estimated, 'incident')} with an estimated time")
    if quality.from_history:
        parts.append(f"{counted(quality.from_history, 'transition')} from history alone")
    if quality.imported:
        parts.append(f"{counted(quality.imported, 'incident')} imported")
    return [f"{', '.join(parts)}."] if parts else []


def _came_from(report: Report) -> str:
    quality = report.quality
    if quality.tip is None:
        return "There is no commit to read yet."
    return f"From {counted(quality.commits, 'commit')} of the record at {shown_commit(quality.tip)}, {quality.walked:,} in all."


def shown_commit(commit: str) -> str:
    """A commit's name, as short as people write it."""
    return commit[:12]
