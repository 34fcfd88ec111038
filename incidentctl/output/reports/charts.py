"""The charts of the report: what is drawn, and where. Colours are names that the page's style gives: light and dark are one drawing.

Each chart comes in two widths, and the style of the page shows the one that fits. What is told apart by colour is told apart by shape,
height or lightness as well. How much is drawn is bounded, and a chart says so where it leaves something out.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import MAXYEAR, UTC, date, datetime, tzinfo
from math import copysign, log, log1p
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from incidentctl.incident.times import to_local
from incidentctl.incident.words import clean_line
from incidentctl.output.listing import cut
from incidentctl.output.reports.drawing import Mark, Marks, Spec, draw
from incidentctl.output.reports.sentences import duration_words
from incidentctl.stats.report import (
    DurationFigure,
    DurationState,
    IncidentRow,
    ItemOutcome,
    JudgedItem,
    Report,
    TrendPoint,
)

if TYPE_CHECKING:
    from markupsafe import Markup

MOST_DOTS: Final = 1000
MOST_STRIPS: Final = 60
MOST_MONTHS: Final = 48
"""How much is drawn: beyond it a chart is no longer read, and the file grows."""

LEVELS: Final = 5
"""Severities that have a colour and a shape of their own; those after them share the last."""
_SHAPES: Final = ["diamond", "circle", "triangle-up", "square", "cross"]
_COLOURS: Final = [f"var(--s{level})" for level in range(LEVELS)]

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 604800
_LADDER: Final = (
    1, 10, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR,
    _DAY, 2 * _DAY, 4 * _DAY, _WEEK, 2 * _WEEK, 4 * _WEEK, 12 * _WEEK, 26 * _WEEK, 52 * _WEEK, 520 * _WEEK, 5200 * _WEEK,
)  # fmt: skip
"""Seconds at which an axis of durations has its lines."""

AGES: Final = (
    (14, "under 2 weeks"), (30, "2 to 4 weeks"), (91, "1 to 3 months"), (182, "3 to 6 months"), (365, "6 to 12 months"),
    (None, "over a year"),
)  # fmt: skip
"""The classes of age of an action item, each with the days at which it ends."""


Place = Callable[[IncidentRow], str]
"""Where the exact times of an incident stand in the page, as `#incident-…`; empty where they do not."""


class Chart(Struct, frozen=True):
    """A chart in the widths that it is drawn in, and what it leaves out, in a sentence."""

    wide: "Markup"
    narrow: "Markup"
    note: str = ""


class Size(NamedTuple):
    """How wide a drawing is, in points of the page."""

    width: int
    css: str

    @property
    def is_wide(self) -> bool:
        """Whether it is the one for a screen or a sheet of paper, not for a telephone."""
        return self.css == "wide"


WIDE: Final = Size(920, "wide")
NARROW: Final = Size(344, "narrow")


def severities_of(report: Report) -> tuple[str, ...]:
    """The severities of the report, the most severe first: those of its scale, and then any other."""
    known = dict.fromkeys(report.counts.by_severity)
    return tuple(known | dict.fromkeys(sorted({row.severity for row in report.rows} - known.keys())))


def short_duration(seconds: float) -> str:
    """A step of an axis: `15m`, `4h`, `2d`, `4w`."""
    for unit, name in ((_WEEK, "w"), (_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds // unit:g}{name}"
    return f"{seconds:g}s"


def _steps(least: float, most: float, at_most: int) -> list[int]:
    """The lines of an axis from the step below the least to the step above the most, thinned out to a number that can be read."""
    low = max((at for at, step in enumerate(_LADDER) if step <= least), default=0)
    high = min((at for at, step in enumerate(_LADDER) if step >= most), default=len(_LADDER) - 1)
    steps = list(_LADDER[low : max(high, low + 1) + 1])
    every = -(-len(steps) // at_most)
    return steps if every == 1 else sorted({steps[0], steps[-1], *steps[::every]})


def _labels(labels: Mapping[int, str]) -> str:
    """An expression that gives a value of an axis its label. Our own words alone."""
    return f"{json.dumps({str(key): text for key, text in labels.items()})}['' + round(datum.value)]"


def _ranked(field: str, looks: list[str]) -> Spec:
    """A field of whole numbers from 0, each with its colour or shape."""
    return {
        "field": field,
        "type": "ordinal",
        "scale": {"domain": list(range(len(looks))), "range": looks},
        "legend": None,
    }


def _in_both(make: "Callable[[Size], Markup]", note: str = "") -> Chart:
    return Chart(make(WIDE), make(NARROW), note)


# ------------------------------------------------------------------------------------------------------- over time


def _wall(at: datetime, zone: tzinfo | None) -> int:
    """Milliseconds of what a clock in that zone shows, as if it were UTC: so the axis is in the zone of the report."""
    return round(to_local(at, zone).replace(tzinfo=UTC).timestamp() * 1000)


def _day(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def month_name(month: str) -> str:
    """`May 2026` for `2026-05`."""
    year, _, number = month.partition("-")
    return f"{_MONTHS[int(number) - 1]} {year}"


def _end_of(point: TrendPoint, zone: tzinfo | None) -> int | None:
    """Where a point stands on the axis of time: at the end of its quarters. None where that is not known."""
    if point.until is not None:
        return _wall(point.until, zone)
    quarter = re.fullmatch(r"(\d{4})-Q([1-4])", point.quarter)
    if quarter is None:
        return None
    year, number = int(quarter[1]), int(quarter[2])
    return _day(date(year + (number == 4), number % 4 * 3 + 1, 1)) if year < MAXYEAR else None


def _time_steps(low: int, high: int, at_most: int) -> dict[int, str]:
    """The first days of months, thinned out to quarters and years, with their labels, between two moments in milliseconds."""
    first = datetime.fromtimestamp(low / 1000, UTC)
    last = datetime.fromtimestamp(high / 1000, UTC)
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month
    every = next(
        step for step in (1, 3, 6, 12, 24, 60, 120, 240, 1200, 6000, 120000) if (end - begin) / step <= at_most
    )
    months = range(begin - begin % every + every, end, every)
    return {
        _day(date(month // 12, month % 12 + 1, 1)): f"{month // 12}"
        if every >= 12
        else f"{_MONTHS[month % 12]} {month // 12}"
        for month in months
    }


def time_to_mitigate(report: Report, place: Place, zone: tzinfo | None) -> Chart | None:
    """MTTM over time: a dot an incident, where it was declared, and the median over rolling four quarters with its interval.

    None where no incident has the duration. The axis of durations is logarithmic: they are skewed.
    """
    levels = severities_of(report)
    dots = [(row, row.durations["mttm"]) for row in report.rows if row.durations.get("mttm", 0) > 0 and _declared(row)]
    left_out = len(dots) - MOST_DOTS
    dots = dots[-MOST_DOTS:]
    if not dots:
        return None
    first = _wall(_declared(dots[0][0]) or report.now, zone)
    known = [
        (end, point)
        for end, point in ((_end_of(point, zone), point) for point in report.trends.get("mttm", ()))
        if end is not None and point.median and point.median > 0 and end > first - 366 * _DAY * 1000
    ]
    ends = [seconds for _, seconds in dots] + [point.median or 1 for _, point in known]
    ends += [max(each, 1) for _, point in known for each in point.ci95 or ()]
    at = [_wall(_declared(row) or report.now, zone) for row, _ in dots] + [end for end, _ in known]
    margin = max((max(at) - min(at)) // 50, _DAY * 1000)
    # The ends of the calendar, for a record with a wrong year.
    low, high = max(min(at) - margin, _day(date(2, 1, 1))), min(max(at) + margin, _day(date(MAXYEAR, 1, 1)))

    is_crowded = len(dots) > 200

    def make(size: Size) -> "Markup":
        steps = _steps(min(ends), max(ends), 9)
        times = _time_steps(low, high, 10 if size.is_wide else 4)
        marks = Marks()
        x: Spec = {
            "field": "x",
            "type": "temporal",
            "scale": {"type": "utc", "domain": [low, high]},
            "axis": {
                "values": list(times),
                "labelExpr": _labels(times),
                "grid": False,
                "tickSize": 5,
                "labelFlush": True,
            },
        }
        y: Spec = {
            "field": "y",
            "type": "quantitative",
            "scale": {"type": "log", "domain": [steps[0], steps[-1]]},
            "axis": {"values": steps, "labelExpr": _labels({s: short_duration(s) for s in steps}), "domain": False},
        }
        median = [
            {"x": end, "y": point.median, "low": max(point.ci95[0], steps[0]) if point.ci95 else None,
             "high": point.ci95[1] if point.ci95 else None,
             "name": marks.name(Mark("median", title=f"{point.quarter}: median {duration_words(point.median or 0)} of {point.n}"))}
            for end, point in known
        ]  # fmt: skip
        sure = [each for each in median if each["low"] is not None]
        of_median: list[Spec] = [
            {
                "data": {"values": median},
                "mark": {"type": "line", "color": "var(--page)", "strokeWidth": 5, "opacity": 0.8},
                "encoding": {"y": y},
            },
            {
                "data": {"values": median},
                "mark": {"type": "line", "color": "var(--accent)", "strokeWidth": 2},
                "encoding": {"y": y},
            },
            {
                "data": {"values": median},
                "mark": {
                    "type": "point",
                    "shape": "square",
                    "filled": True,
                    "color": "var(--accent)",
                    "size": 42,
                    "opacity": 1,
                },
                "encoding": {"y": y, "description": {"field": "name"}},
            },
        ]
        of_interval: list[Spec] = [
            {
                "data": {"values": sure},
                "mark": {"type": "area", "color": "var(--band)", "opacity": 1},
                "encoding": {"y2": {"field": "high"}, "y": y | {"field": "low"}},
            },
            {
                "data": {"values": sure},
                "mark": {"type": "rule", "color": "var(--accent)", "strokeWidth": 1, "opacity": 0.55},
                "encoding": {"y2": {"field": "high"}, "y": y | {"field": "low"}},
            },
        ]
        of_incidents: list[Spec] = [
            {
                "data": {
                    "values": [
                        {"x": _wall(_declared(row) or report.now, zone), "y": seconds, "s": _level(row.severity, levels),
                         "name": marks.name(_dot(row, seconds, place))}
                        for row, seconds in dots
                    ]
                },
                "mark": {
                    "type": "point", "filled": True, "size": (96 if size.is_wide else 64) / (3 if is_crowded else 1),
                    "opacity": 0.7 if is_crowded else 1, "stroke": "var(--card)", "strokeWidth": 0.5 if is_crowded else 1,
                },
                "encoding": {
                    "y": y,
                    "fill": _ranked("s", _COLOURS),
                    "shape": _ranked("s", _SHAPES),
                    "description": {"field": "name"},
                },
            },
        ]  # fmt: skip
        spec: Spec = {
            "width": size.width,
            "height": 300 if size.is_wide else 260,
            "autosize": {"type": "fit", "contains": "padding"},
            "padding": 2,
            "encoding": {"x": x},
            # In a crowd the line is what is looked for, else the incidents are.
            "layer": of_interval + (of_incidents + of_median if is_crowded else of_median + of_incidents),
        }
        return draw(
            spec, marks, css=size.css,
            label=f"MTTM of {len(dots)} incidents over time, a mark each, and its median over rolling four quarters. "
            "The numbers are in the tables of this page.",
        )  # fmt: skip

    return _in_both(
        make, f"The latest {MOST_DOTS:,} of {MOST_DOTS + left_out:,} incidents are drawn." if left_out > 0 else ""
    )


def _declared(row: IncidentRow) -> datetime | None:
    return row.declared_at or row.detected_at


def _level(severity: str, levels: Sequence[str]) -> int:
    return min(levels.index(severity), LEVELS - 1)


def _dot(row: IncidentRow, seconds: float, place: Place) -> Mark:
    title = f"{row.severity} {clean_line(row.title)}: mitigated in {duration_words(seconds)}"
    return Mark("dot", title=title, href=place(row))


# ---------------------------------------------------------------------------------------------------- incidents a month


def incidents_a_month(report: Report) -> Chart | None:
    """Incidents a month by severity, the most severe at the foot, where they can be compared. None where there is no month."""
    levels = severities_of(report)
    months = report.counts.months
    if not months or not report.counts.total:
        return None
    shown = months[-MOST_MONTHS:]

    def make(size: Size) -> "Markup":
        of = shown if size.is_wide else shown[-15:]
        names = _month_labels([month.month for month in of], 12 if size.is_wide else 5)
        rows = [
            {"m": at, "n": count, "s": _level(severity, levels)}
            for at, month in enumerate(of)
            for severity, count in month.by_severity.items()
            if count and severity in levels
        ]
        most = max(month.total for month in of)
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if most / s <= 6)
        width = size.width
        spec: Spec = {
            "width": width,
            "height": 200 if size.is_wide else 180,
            "autosize": {"type": "fit", "contains": "padding"},
            "padding": 2,
            "encoding": {
                "x": {
                    "field": "m",
                    "type": "ordinal",
                    "scale": {"domain": list(range(len(of))), "paddingInner": 0.35, "paddingOuter": 0.3},
                    "axis": {
                        "labelAngle": 0, "values": list(names),
                        "labelExpr": _labels(names), "labelOverlap": False,
                    },
                }
            },
            "layer": [
                {
                    "data": {"values": rows},
                    "mark": {"type": "bar", "stroke": "var(--card)", "strokeWidth": 1.5, "width": {"band": _bar(len(of), width)}},
                    "encoding": {
                        "y": {
                            "field": "n", "type": "quantitative", "stack": "zero",
                            "scale": {"domain": [0, max(most, 1) * 1.12], "nice": False},
                            "axis": {"values": list(range(0, most + 1, step)), "domain": False},
                        },
                        "order": {"field": "s", "type": "quantitative"},
                        "fill": _ranked("s", _COLOURS),
                    },
                },
                {
                    "data": {"values": [{"m": at, "n": month.total} for at, month in enumerate(of) if month.total]},
                    "mark": {"type": "text", "dy": -8, "fontSize": 12, "color": "var(--soft)"},
                    "encoding": {"y": {"field": "n", "type": "quantitative"}, "text": {"field": "n", "type": "quantitative"}},
                },
            ],
        }  # fmt: skip
        if not size.is_wide or len(of) > 24:
            spec["layer"] = spec["layer"][:1]  # type: ignore[index]
        return draw(
            spec, Marks(), css=size.css, label="Incidents a month by severity. The numbers are in the table below it."
        )

    return _in_both(
        make, f"The latest {len(shown)} of {len(months)} months are drawn." if len(shown) < len(months) else ""
    )


def _month_labels(months: Sequence[str], at_most: int) -> dict[int, str]:
    """The months that are named on an axis, by their number; the year stands with the first of them and with each January."""
    since = [int(month[:4]) * 12 + int(month[5:7]) - 1 for month in months]
    for every in (1, 2, 3, 4, 6, 12, 24, 60, 120):
        chosen = [at for at, month in enumerate(since) if month % every == 0]
        if len(chosen) <= at_most:
            break
    has_year = {chosen[0]} if chosen else set()
    has_year |= {at for at in chosen if since[at] % 12 == 0 or len(chosen) <= 4}
    return {at: month_name(months[at]) if at in has_year else month_name(months[at])[:3] for at in chosen}


def _bar(months: int, width: int) -> float:
    """The share of its place that a bar fills: few months make no walls."""
    return min(1.0, 64 * months / (width * 0.65))


# ------------------------------------------------------------------------------------------------------ the phases


_LINEAR_UNTIL: Final = 10 * _MINUTE
"""Where an axis of phases that is not linear begins to shrink its steps."""


class _Phases(NamedTuple):
    """An incident in seconds from its detection, or from its declaration where no detection is known."""

    row: IncidentRow
    origin: datetime
    started: float | None
    declared: float | None
    acknowledged: float | None
    mitigated: float | None
    resolved: float | None
    ongoing: float | None

    @property
    def ends(self) -> list[float]:
        return [each for each in self[2:] if isinstance(each, int | float)]


def _phases(row: IncidentRow, now: datetime) -> _Phases | None:
    origin = row.detected_at or row.declared_at
    if origin is None:
        return None

    def since(at: datetime | None) -> float | None:
        return None if at is None else (at - origin).total_seconds()

    started, acknowledged, mitigated, resolved = (
        since(each) for each in (row.started_at, row.acknowledged_at, row.mitigated_at, row.resolved_at)
    )
    is_over = row.resolved_at is not None or row.status in ("resolved", "closed", "canceled")
    return _Phases(
        row=row,
        origin=origin,
        # What ends before it begins is no phase: it is told in the table, and not drawn.
        started=started if started is not None and started <= 0 else None,
        declared=since(row.declared_at),
        acknowledged=acknowledged if acknowledged is not None and acknowledged >= 0 else None,
        mitigated=mitigated if mitigated is not None and mitigated >= 0 else None,
        resolved=resolved if resolved is not None and resolved >= (mitigated or 0) and resolved >= 0 else None,
        ongoing=None if is_over else max(since(now) or 0, 0),
    )


def worthiest(report: Report, at_most: int) -> tuple[IncidentRow, ...]:
    """The incidents in the order of declaration: all; where they are too many, the severe ones, and then the latest."""
    if len(report.rows) <= at_most:
        return report.rows
    severe = set(report.severe_ids)
    by_worth = sorted(range(len(report.rows)), key=lambda at: (report.rows[at].id not in severe, -at))
    return tuple(report.rows[at] for at in sorted(by_worth[:at_most]))


def phases(report: Report, place: Place) -> Chart | None:
    """The phases of each incident on one axis, from its detection on. None where there is none.

    The axis is linear; where the longest incident would press the others together, its steps grow.
    """
    found = [each for each in (_phases(row, report.now) for row in worthiest(report, MOST_STRIPS)) if each is not None]
    if not found:
        return None
    # What goes on is drawn to the end of the axis at most: one that was forgotten would press all others together.
    over = [end for each in found if each.ongoing is None for end in each.ends]
    most = max(over, default=0) * 1.1 or max(max(each.ends, default=0) for each in found) or _MINUTE
    least = min(min(each.ends, default=0) for each in found)
    found = [each if each.ongoing is None else each._replace(ongoing=min(each.ongoing, most)) for each in found]
    reaches = sorted(max(each.ends, default=0) for each in found)
    is_linear = most <= 8 * max(reaches[len(reaches) // 2], _MINUTE)

    def make(size: Size) -> "Markup":
        return _draw_phases(found, place, size, least, most, is_linear)

    rest = len(report.rows) - len(found)
    note = "" if is_linear else "The steps of the axis grow: hours take less room than minutes do."
    if rest:
        note = f"{len(found):,} of {len(report.rows):,} incidents are drawn: severe ones first, then the latest. {note}".strip()
    return _in_both(make, note)


def _draw_phases(
    found: Sequence[_Phases], place: Place, size: Size, least: float, most: float, is_linear: bool
) -> "Markup":
    height, left, right = (30, 330, size.width - 66) if size.is_wide else (46, 6, size.width - 8)
    top = 24
    marks = Marks()
    steps = _phase_steps(least, most, is_linear, right - left, 64 if size.is_wide else 46)
    low, high = min(least * 1.04, -most / 400), most * 1.02
    scale: Spec = {"domain": [low, high], "range": [left, right], "nice": False, "zero": False}
    if not is_linear:
        scale |= {"type": "symlog", "constant": _LINEAR_UNTIL}
    bars: list[Spec] = []
    rules: list[Spec] = []
    ticks: list[Spec] = []
    points: list[Spec] = []
    rows: list[Spec] = []
    names: list[Spec] = []
    ends: list[Spec] = []
    for at, each in enumerate(reversed(found)):
        row = each.row
        y = top + at * height + (height // 2 if size.is_wide else 32)
        rows.append({"y": top + at * height, "y2": top + (at + 1) * height, "name": marks.name(_strip(each, place))})
        names.append(
            {
                "y": y if size.is_wide else y - 17,
                "name": marks.name(
                    Mark("label", strong=row.severity, text=cut(clean_line(row.title), 40 if size.is_wide else 29))
                ),
            }
        )
        if each.started is not None:
            rules.append({"x": each.started, "x2": 0, "y": y})
            ticks.append({"x": each.started, "y": y - 5, "y2": y + 5, "c": "var(--soft)"})
        top_of_work = (
            each.mitigated
            if each.mitigated is not None
            else each.resolved
            if each.resolved is not None
            else each.ongoing
        )
        waited = min(each.acknowledged, top_of_work) if each.acknowledged is not None and top_of_work is not None else 0
        if top_of_work is not None:
            bars.append({"x": 0, "x2": waited, "y": y - 6, "y2": y + 6, "c": "var(--wait)"})
            bars.append({"x": waited, "x2": top_of_work, "y": y - 6, "y2": y + 6, "c": "var(--work)"})
        last = each.resolved if each.resolved is not None else each.ongoing
        if each.mitigated is not None and last is not None:
            bars.append({"x": each.mitigated, "x2": last, "y": y - 2.5, "y2": y + 2.5, "c": "var(--fix)"})
        if each.declared is not None and each.declared >= 0:
            ticks.append({"x": each.declared, "y": y - 10, "y2": y + 6, "c": "var(--ink)"})
        if each.mitigated is not None:
            points.append({"x": each.mitigated, "y": y, "s": 0})
        if each.resolved is not None:
            ticks.append({"x": each.resolved, "y": y - 5, "y2": y + 5, "c": "var(--soft)"})
        if each.ongoing is not None:
            points.append({"x": each.ongoing, "y": y, "s": 1})
        seconds = row.durations.get("mttm")
        state = row.states.get("mttm", DurationState.NOT_APPLICABLE)
        told = (
            "open"
            if state is DurationState.PENDING
            else "n/a"
            if state is DurationState.NOT_APPLICABLE
            else state.value
        )
        if seconds is not None:
            told = duration_words(seconds)
        ends.append({"y": y if size.is_wide else y - 17, "name": marks.name(Mark("end", text=told))})
    total = top + height * len(found) + 2

    def pixel(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "scale": None, "axis": None}

    x: Spec = {"field": "x", "type": "quantitative", "scale": scale, "axis": None}
    axis: list[Spec] = [
        {
            "x": step,
            "t": ("\u2212" if step < 0 else "") + duration_words(abs(step))
            if step
            else "detected"
            if size.is_wide
            else "0",
        }
        for step in steps
    ]
    spec: Spec = {
        "width": size.width,
        "height": total,
        "padding": {"left": 0, "right": 0, "top": 2, "bottom": 0},
        "autosize": {"type": "none"},
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "rect", "color": "var(--clear)"},
                "encoding": {"x": {"value": 0}, "x2": {"value": size.width}, "y": pixel("y"), "y2": {"field": "y2"},
                             "description": {"field": "name"}},
            },
            {
                "data": {"values": axis},
                "mark": {"type": "text", "baseline": "middle", "color": "var(--soft)"},
                "encoding": {"x": x, "y": {"value": 8}, "text": {"field": "t"}},
            },
            {
                "data": {"values": axis},
                "mark": {"type": "rule", "strokeWidth": 1},
                "encoding": {"x": x, "y": {"value": top - 6}, "y2": {"value": total},
                             "stroke": {"condition": {"test": "datum.x === 0", "value": "var(--rule-strong)"}, "value": "var(--rule)"}},
            },
            {
                "data": {"values": rules},
                "mark": {"type": "rule", "color": "var(--soft)", "strokeWidth": 2, "strokeDash": [2, 3]},
                "encoding": {"x": x, "x2": {"field": "x2"}, "y": pixel("y")},
            },
            {
                "data": {"values": bars},
                "mark": {"type": "rect"},
                "encoding": {"x": x, "x2": {"field": "x2"}, "y": pixel("y"), "y2": {"field": "y2"}, "fill": _as_given("c")},
            },
            {
                "data": {"values": ticks},
                "mark": {"type": "rule", "strokeWidth": 1.5},
                "encoding": {"x": x, "y": pixel("y"), "y2": {"field": "y2"}, "stroke": _as_given("c")},
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": 62, "stroke": "var(--card)", "strokeWidth": 1.2},
                "encoding": {
                    "x": x, "y": pixel("y"),
                    "shape": _ranked("s", ["circle", "triangle-right"]),
                    "fill": _ranked("s", ["var(--done)", "var(--done)"]),
                },
            },
            {
                "data": {"values": names},
                "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": 13},
                "encoding": {"x": {"value": 2}, "y": pixel("y"), "text": {"field": "name"}},
            },
            {
                "data": {"values": ends},
                "mark": {"type": "text", "align": "right", "baseline": "middle", "fontSize": 13},
                "encoding": {"x": {"value": size.width - 2}, "y": pixel("y"), "text": {"field": "name"}},
            },
        ],
    }  # fmt: skip
    return draw(
        spec, marks, css=size.css,
        label=f"The phases of {len(found)} incidents, the latest first, from detection on. The exact times are in the table below.",
    )  # fmt: skip


def _as_given(field: str) -> Spec:
    return {"field": field, "type": "nominal", "scale": None, "legend": None}


def _phase_steps(least: float, most: float, is_linear: bool, width: int, room: int) -> list[int]:
    """Where the axis has its lines: from the detection outwards, as many as have `room` points for their labels."""

    def place(seconds: float) -> float:
        return seconds if is_linear else copysign(log1p(abs(seconds) / _LINEAR_UNTIL), seconds)

    scale = width / ((place(most) - place(least)) or 1)
    steps = [0]
    if is_linear:
        step = next((step for step in _LADDER if step * scale >= room), _LADDER[-1])
        steps = [*range(-(int(-least) // step) * step, int(most) + 1, step)]
    else:
        for step in _LADDER:
            if step <= most and (place(step) - place(steps[-1])) * scale >= room:
                steps.append(step)
        for step in _LADDER:
            if -step >= least and (place(steps[0]) - place(-step)) * scale >= room:
                steps.insert(0, -step)
    return steps


def _strip(each: _Phases, place: Place) -> Mark:
    said = [
        f"{word} {duration_words(seconds)} {'before' if word == 'started' else 'after'} detection"
        for word, seconds in (
            ("started", None if each.started is None else -each.started),
            ("acknowledged", each.acknowledged),
            ("mitigated", each.mitigated),
            ("resolved", each.resolved),
        )
        if seconds is not None
    ]
    title = f"{each.row.severity} {clean_line(each.row.title)}: {', '.join(said) or 'no time is known after detection'}"
    return Mark("strip", title=title, href=place(each.row))


# ---------------------------------------------------------------------------------------------------- action items


_OPEN: Final = (ItemOutcome.OVERDUE, ItemOutcome.UNDATED, ItemOutcome.NOT_YET_DUE)


def age_of(judged: JudgedItem, report: Report, zone: tzinfo | None) -> int | None:
    """Days from the incident of an open action item to the report; None for one that is not open, or of an incident without a date."""
    if not judged.item.is_open:
        return None
    try:
        began = date.fromisoformat(judged.item.incident[:10])
    except ValueError:
        return None
    return max((to_local(report.now, zone).date() - began).days, 0)


def items_by_age(report: Report, zone: tzinfo | None) -> Chart | None:
    """Open action items by the time since their incident, by what they count as. None where none is open."""
    tally: dict[tuple[int, int], int] = {}
    for judged in report.action_items.items:
        days = age_of(judged, report, zone)
        if days is None or judged.outcome not in _OPEN:
            continue
        place = next(at for at, (end, _) in enumerate(AGES) if end is None or days < end)
        key = (place, _OPEN.index(judged.outcome))
        tally[key] = tally.get(key, 0) + 1
    if not tally:
        return None

    def make(size: Size) -> "Markup":
        names = {at: name for at, (_, name) in enumerate(AGES)}
        most = max(sum(n for (at, _), n in tally.items() if at == place) for place in names)
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if most / s <= 8)
        spec: Spec = {
            "width": 560 if size.is_wide else size.width,
            "height": 190,
            "autosize": {"type": "fit", "contains": "padding"},
            "padding": 2,
            "data": {"values": [{"age": at, "o": outcome, "n": n} for (at, outcome), n in sorted(tally.items())]},
            "mark": {"type": "bar", "stroke": "var(--card)", "strokeWidth": 1.5},
            "encoding": {
                "y": {
                    "field": "age", "type": "ordinal", "scale": {"domain": list(names), "paddingInner": 0.4},
                    "axis": {"labelExpr": _labels(names), "domain": False, "labelLimit": 200},
                },
                "x": {
                    "field": "n", "type": "quantitative", "stack": "zero", "scale": {"domain": [0, max(most, 4)], "nice": False},
                    "axis": {"values": list(range(0, max(most, 4) + 1, step)), "domain": False},
                },
                "order": {"field": "o", "type": "quantitative"},
                "fill": _ranked("o", ["var(--s0)", "var(--undated)", "var(--wait)"]),
            },
        }  # fmt: skip
        return draw(spec, Marks(), css=size.css, label="Open action items by the time since their incident.")

    return _in_both(make)


# ------------------------------------------------------------------------------------------------------- the values


class Spread(NamedTuple):
    """The ends of the axis that the values of all durations are drawn on, in seconds."""

    low: int
    high: int


def spread_of(figures: Sequence[DurationFigure]) -> Spread | None:
    """One axis for all the durations, so that they can be compared. None where there is no value."""
    values = [max(value.seconds, 10) for figure in figures for value in figure.values]
    if not values:
        return None
    steps = _steps(min(values), max(values), 99)
    return Spread(steps[0], steps[-1])


def values_of(figure: DurationFigure, spread: Spread, width: int) -> "Markup":
    """The values of a duration as strokes on an axis, with the median and its interval. Equal ones are drawn once, and darker."""
    reach = log(spread.high / spread.low)
    tally: dict[int, int] = {}
    for value in figure.values:
        place = round(width * log(min(max(value.seconds, spread.low), spread.high) / spread.low) / reach)
        tally[place] = tally.get(place, 0) + 1
    most = max(tally.values(), default=1)
    least = 0.4 if most <= 3 else 0.06
    at_most = 4 if width < 300 else 8
    steps = _steps(spread.low, spread.high, at_most)
    x: Spec = {
        "field": "x", "type": "quantitative",
        "scale": {"type": "log", "domain": [spread.low, spread.high], "nice": False},
        "axis": {
            "values": steps, "labelExpr": _labels({s: short_duration(s) for s in steps}), "grid": False, "tickSize": 4, "labelFlush": True,
            "labelFontSize": 11, "labelPadding": 3,
        },
    }  # fmt: skip
    layers: list[Spec] = []
    if figure.ci95 is not None:
        layers.append(
            {
                "data": {"values": [{"x": max(figure.ci95[0], spread.low), "x2": max(figure.ci95[1], spread.low)}]},
                "mark": {"type": "rect", "color": "var(--band)"},
                "encoding": {"x": x, "x2": {"field": "x2"}, "y": {"value": 0}, "y2": {"value": 30}},
            }
        )
    layers.append(
        {
            "data": {
                "values": [
                    {"x": spread.low * (spread.high / spread.low) ** (place / width), "o": least + (1 - least) * n / most}
                    for place, n in sorted(tally.items())
                ]
            },
            "mark": {"type": "rule", "strokeWidth": 1.6, "color": "var(--ink)"},
            "encoding": {
                "x": x, "y": {"value": 9}, "y2": {"value": 23},
                "opacity": {"field": "o", "type": "quantitative", "scale": None, "legend": None},
            },
        }
    )  # fmt: skip
    if figure.median is not None:
        layers.append(
            {
                "data": {"values": [{"x": max(figure.median, spread.low)}]},
                "mark": {"type": "rule", "strokeWidth": 3, "color": "var(--accent)"},
                "encoding": {"x": x, "y": {"value": 0}, "y2": {"value": 30}},
            }
        )
    spec: Spec = {
        "width": width, "height": 52, "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 2, "right": 2, "top": 1, "bottom": 1}, "layer": layers,
    }  # fmt: skip
    return draw(spec, Marks(), css="values", label=f"The {figure.n} values of {figure.title}, with their median.")
