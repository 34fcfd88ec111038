"""The format `csv`: one figure a row, for a spreadsheet or another program. RFC 4180; what a spreadsheet would run is only text."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from msgspec import Struct

from incidentctl.incident.times import format_instant
from incidentctl.incident.words import show_safely
from incidentctl.stats.report import (
    MISLEADING,
    Comparison,
    Counts,
    DurationFigure,
    IncidentRow,
    Period,
    Report,
    Share,
)

COLUMNS: Final = ("section", "group", "name", "figure", "value", "unit", "note")
"""`section` is the part of the report, `group` the part of the incidents, `name` what the figure is of, `figure` which one it is."""

_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
"""What Excel, LibreOffice and their like take for a formula, also behind white space and in the wide signs of Asian keyboards."""

Number = float | int | None


class Row(Struct, frozen=True):
    """One figure. A value that is not known is empty."""

    section: str
    figure: str
    value: str | float | None
    name: str = ""
    group: str = ""
    unit: str = ""
    note: str = ""

    def cells(self) -> list[str]:
        words = [defused(each) for each in (self.section, self.group, self.name, self.figure)]
        return [*words, _value(self.value), defused(self.unit), defused(self.note)]


def report_as_csv(report: Report) -> str:
    """The report as rows, with a head; the incidents behind the numbers first, how the numbers mislead last. Lines end in CR LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(row.cells() for row in _rows(report))
    return out.getvalue()


def defused(text: str) -> str:
    """Text that no spreadsheet takes for a formula: with an apostrophe in front of what would be one. On one line, harmless to see."""
    if not text or (text.isascii() and text.isprintable() and text[0].isalnum()):
        return text  # nearly all of them: a long record has half a million cells
    safe = show_safely(text).replace("\n", " ")
    return f"'{safe}" if _FORMULA.match(text) or _FORMULA.match(safe) else safe


def _value(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return defused(value)
    return str(int(value)) if float(value).is_integer() else repr(round(value, 6))


def _at(at: datetime | None) -> str | None:
    return None if at is None else format_instant(at)


def _rows(report: Report) -> Iterator[Row]:
    severe = set(report.severe_ids)
    for row in report.rows:
        if row.id in severe:
            yield from _incident(row, "severe_incident")
    yield from _question(report)
    for figure in report.durations:
        yield from _duration(figure)
    for metric, points in report.trends.items():
        for point in points:
            yield Row("trend", "median", point.median, metric, point.quarter, "seconds")
            yield Row("trend", "n", point.n, metric, point.quarter)
            yield from _interval("trend", point.ci95, metric, point.quarter)
    yield from _counts(report.counts)
    for group in report.groups:
        name = f"{report.group_by}: {group.name}"
        yield Row("count", "total", group.incidents, "incidents", name)
        for figure in group.durations:
            yield from _duration(figure, name)
    yield from _action_items(report)
    yield from _repeats(report)
    yield from _process(report)
    for each in report.impact:
        yield Row("impact", "total", each.total, each.name, unit=each.unit)
        yield Row("impact", "known", each.known, each.name)
        yield Row("impact", "of", each.of, each.name)
        yield from (Row("impact", "unread", incident, each.name) for incident in each.unread)
    for row in report.rows:
        if row.id not in severe:
            yield from _incident(row, "other_incident")
    yield from _quality(report)
    for number, words in enumerate(MISLEADING, start=1):
        yield Row("misleading", str(number), None, note=words)


def _incident(row: IncidentRow, section: str) -> Iterator[Row]:
    name, group = row.id, row.repository
    words = (("title", row.title), ("severity", row.severity), ("status", row.status), ("path", row.path))
    yield from (Row(section, figure, value, name, group) for figure, value in words)
    yield Row(section, "services", " ".join(row.services), name, group)
    times = (
        *(("started_at", row.started_at), ("detected_at", row.detected_at), ("declared_at", row.declared_at)),
        *(("acknowledged_at", row.acknowledged_at), ("mitigated_at", row.mitigated_at)),
        *(("resolved_at", row.resolved_at), ("postmortem_published_at", row.postmortem_published_at)),
        ("closed_at", row.closed_at),
    )
    yield from (Row(section, figure, _at(at), name, group, "time") for figure, at in times)
    for metric, state in row.states.items():
        yield Row(section, metric, row.durations.get(metric), name, group, "seconds", state.value)
    yield from (Row(section, "mark", mark, name, group) for mark in row.marks)


def _question(report: Report) -> Iterator[Row]:
    yield from _period(report.period, "period")
    if report.compared_with is not None:
        yield from _period(report.compared_with, "compared_with")
    yield Row("period", "now", format_instant(report.now), unit="time")
    yield Row("period", "severity_at", report.severity_at)
    yield Row("period", "occurrence", report.occurrence)
    yield Row("period", "window", report.window)
    yield from (Row("period", "filter", words) for words in report.filters)
    yield from (Row("period", "repository", words) for words in report.repositories)


def _period(period: Period, section: str) -> Iterator[Row]:
    yield Row(section, "title", period.title)
    yield Row(section, "since", _at(period.since), unit="time")
    yield Row(section, "until", _at(period.until), unit="time", note="not part of it")
    yield Row(section, "zone", period.zone)


def _interval(section: str, interval: tuple[float, float] | None, name: str, group: str = "") -> Iterator[Row]:
    low, high = interval if interval is not None else (None, None)
    yield Row(section, "ci95_low", low, name, group, "seconds")
    yield Row(section, "ci95_high", high, name, group, "seconds")


def _duration(figure: DurationFigure, group: str = "") -> Iterator[Row]:
    name, section = figure.name, "metric"
    yield Row(section, "from", figure.start, name, group)
    yield Row(section, "to", figure.end, name, group)
    numbers = (
        *(("n", figure.n), ("eligible", figure.eligible), ("assumed", figure.assumed)),
        ("estimated", figure.estimated),
    )
    yield from (Row(section, each, number, name, group) for each, number in numbers)
    how = "linear interpolation between order statistics"
    yield Row(section, "median", figure.median, name, group, "seconds", how)
    yield Row(section, "p90", figure.p90, name, group, "seconds", how)
    yield Row(section, "mean", figure.mean, name, group, "seconds")
    yield from _interval(section, figure.ci95, name, group)
    for value in figure.values:
        marks = [word for word, holds in (("assumed", value.is_assumed), ("estimated", value.is_estimated)) if holds]
        yield Row("value", value.id, value.seconds, name, group, "seconds", " ".join(marks))
    for each in figure.excluded:
        yield Row("excluded", each.id, each.state.value, name, group, note=each.reason)
    if figure.comparison is not None:
        yield from _comparison(figure.comparison, name, group)


def _comparison(compared: Comparison, name: str, group: str) -> Iterator[Row]:
    section = "comparison"
    yield Row(section, "n_before", compared.n_before, name, group)
    yield Row(section, "median_before", compared.median_before, name, group, "seconds")
    yield Row(section, "difference", compared.difference, name, group, "seconds")
    yield from _interval(section, compared.ci95, name, group)
    yield Row(section, "distinguishable", "true" if compared.is_distinguishable else "false", name, group)
    yield Row(section, "could_have_shown", compared.could_have_shown, name, group, "seconds")


def _counts(counts: Counts) -> Iterator[Row]:
    def count(figure: str, number: Number, name: str = "incidents") -> Row:
        return Row("count", figure, number, name)

    yield count("total", counts.total)
    yield count("severe", counts.severe)
    yield from (count(severity, number) for severity, number in counts.by_severity.items())
    for month in counts.months:
        for severity, number in month.by_severity.items():
            yield Row("month", severity, number, "incidents", month.month)
        yield Row("month", "total", month.total, "incidents", month.month)
    for each in counts.open:
        yield Row("open", each.id, each.seconds, "incidents", unit="seconds", note=each.severity)
    numbers = (
        *(("reopened", counts.reopened), ("reopenings", counts.reopenings), ("downgraded", counts.downgraded)),
        *(("upgraded", counts.upgraded), ("duplicates", counts.duplicates), ("drills", counts.drills)),
        *(("severe_before", counts.severe_before), ("total_before", counts.total_before)),
    )
    yield from (count(figure, number) for figure, number in numbers)
    yield from (count(reason, number, "cancelled") for reason, number in counts.cancelled.items())


def _action_items(report: Report) -> Iterator[Row]:
    figure = report.action_items
    numbers: tuple[tuple[str, Number], ...] = (
        *(("rate", figure.rate), ("in_time", figure.in_time), ("due", figure.due), ("late", figure.late)),
        *(("overdue", figure.overdue), ("dropped_after", figure.dropped_after)),
        *(("dropped_before", figure.dropped_before), ("not_yet_due", figure.not_yet_due)),
        *(("undated", figure.undated), ("moved", figure.moved), ("rate_before", figure.rate_before)),
    )
    for name, number in numbers:
        yield Row("action_items", name, number, unit="share" if name.startswith("rate") else "")
    for each in figure.items:
        words = f"{each.item.text} ({each.why})"
        yield Row("action_item", each.item.id, each.outcome.value, each.item.incident, note=words)


def _repeats(report: Report) -> Iterator[Row]:
    found = report.repeats
    known = bool(found.repeats or found.with_cause)
    yield Row("repeats", "number", len(found.repeats) if known else None)
    yield Row("repeats", "with_cause", found.with_cause)
    yield Row("repeats", "without_cause", found.without_cause)
    for each in found.repeats:
        yield Row("repeat", "earlier", each.earlier, each.id, note=each.cause or "repeat_of")
        for item in each.left_undone:
            yield Row("repeat", "left_undone", item.id, each.id, each.earlier, note=item.text)
    yield from (Row("repeat", "unresolved", why, id_) for id_, why in found.unresolved.items())
    for possible in found.suggestions:
        yield Row("possible_repeat", "earlier", possible.earlier, possible.id, note=" ".join(possible.shared))


def _process(report: Report) -> Iterator[Row]:
    process, section = report.process, "process"
    yield Row(section, "median", process.to_commander, "to_commander", unit="seconds")
    yield Row(section, "n", process.to_commander_n, "to_commander")
    yield from (Row(section, "without", each, "to_commander") for each in process.without_commander)
    yield Row(section, "number", process.updates, "updates")
    yield Row(section, "unchanged", process.unchanged_updates, "updates")
    silent = process.longest_silence_id or ""
    yield Row(section, "longest", process.longest_silence, "silence", unit="seconds", note=silent)
    yield Row(section, "median", process.to_status_page, "to_status_page", unit="seconds")
    yield Row(section, "median", process.postmortem_days, "to_postmortem", unit="days")
    yield Row(section, "n", process.postmortem_n, "to_postmortem")
    yield from (Row(section, "missing", each, "to_postmortem") for each in process.postmortem_missing)
    shares = (
        *(("intervals", process.intervals), ("status_page", process.status_page)),
        *(("response", process.response), ("postmortem", process.postmortem)),
    )
    for name, share in shares:
        yield from _share(name, share)


def _share(name: str, share: Share) -> Iterable[Row]:
    yield Row("process", "share", share.share, name, unit="share")
    yield Row("process", "kept", share.kept, name)
    yield Row("process", "n", share.n, name)
    yield from (Row("process", "missed", each, name) for each in share.missed)


def _quality(report: Report) -> Iterator[Row]:
    quality, section = report.quality, "data_quality"
    lag = quality.recording
    yield Row(section, "median", lag.median, "recording_lag", unit="seconds")
    yield Row(section, "p90", lag.p90, "recording_lag", unit="seconds")
    yield Row(section, "n", lag.n, "recording_lag")
    yield from (Row(section, "left_out", number, "recording_lag", note=why) for why, number in lag.left_out.items())
    numbers = (
        *(("commits", quality.commits), ("commits_read", quality.walked), ("from_history", quality.from_history)),
        *(("assumed_detection", quality.assumed_detection), ("estimated", quality.estimated)),
        *(("imported", quality.imported), ("squashed", quality.squashed), ("skewed", quality.skewed)),
    )
    yield Row(section, "tip", quality.tip)
    yield from (Row(section, name, number) for name, number in numbers)
    yield from (Row(section, "unreadable", f"{each.path}:{each.line}", note=each.reason) for each in quality.unreadable)
    yield from (Row(section, "deleted", each.incident, note=each.commit) for each in quality.deleted)
    yield from (Row(section, "batch", each.incidents, note=each.commit) for each in quality.batches)
    yield from (Row(section, "uncommitted", path) for path in quality.uncommitted)
    yield from (Row(section, "unpublished", incident) for incident in quality.unpublished)
    yield from (Row(section, "contradiction", words) for words in quality.contradictions)
