"""The format `markdown`: a report for a wiki or a pull request, in tables as GitHub and GitLab draw them. Words of others stay words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from incidentctl.document.inert_markdown import inert_text
from incidentctl.incident.words import show_safely
from incidentctl.output.reports import sentences
from incidentctl.output.reports.sentences import duration_words
from incidentctl.stats.report import MISLEADING, DurationFigure, IncidentRow, Report

_STARTS_A_BLOCK: Final = re.compile(r"(?:[#+=-]|[0-9]+[.)])")
_LONGEST_TITLE: Final = 80


def report_as_markdown(report: Report) -> str:
    """The whole report, with a newline at its end. Nothing in it links, mentions or runs, whatever the record says."""
    lines = [f"# Incident report: {shown(sentences.short_title(report.period))}", ""]
    for title, body in _Page(report).sections():
        part = list(body)
        if part:
            lines += ([f"## {title}", ""] if title else []) + [*part, ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def shown(words: str) -> str:
    """Words from the record, as text on one line."""
    line = inert_text(show_safely(" ".join(words.split())))
    return f"\\{line}" if _STARTS_A_BLOCK.match(line) and not line[0].isdigit() else line


def _cut(words: str) -> str:
    one_line = " ".join(words.split())
    return one_line if len(one_line) <= _LONGEST_TITLE else one_line[: _LONGEST_TITLE - 1].rstrip() + "…"


class _Page(Struct, frozen=True):
    report: Report

    def sections(self) -> Iterator[tuple[str, Iterable[str]]]:
        report = self.report
        yield "", self.head()
        yield f"{' and '.join(map(shown, sentences.severe_list(report)))} incidents behind the numbers", self.severe()
        yield "Durations", self.durations()
        yield "Left out of the durations", bullets(sentences.left_out_lines(report, shown))
        yield "Median over rolling four quarters", self.trends()
        yield "Incidents a month", self.months()
        yield f"By {report.group_by}", self.groups()
        yield "Action items", self.items()
        yield "Repeat incidents", self.repeats()
        yield "How the process was kept", self.process()
        yield "Impact", self.impact()
        yield "Quality of the data", bullets(sentences.quality_lines(report, shown))
        yield "How it was counted", bullets(sentences.method_lines(report, shown))
        yield "How these numbers mislead", bullets(MISLEADING)

    def head(self) -> Iterator[str]:
        report = self.report
        parts = [sentences.period_words(report.period)]
        parts += (
            [f"compared with {shown(sentences.short_title(report.compared_with))}"]
            if report.compared_with is not None
            else []
        )
        yield f"{', '.join(parts)}. {sentences.headline(report, shown)}"
        for line in sentences.filter_lines(report, shown):
            yield from ("", line)

    def severe(self) -> Iterator[str]:
        every = sentences.severe_rows(self.report)
        if not every:
            yield "None in this period."
            return
        rows = every[-sentences.MOST_ROWS :]
        metrics = {figure.name: sentences.column_name(figure) for figure in self.report.durations}
        yield from table(
            ["Severity", "Incident", *metrics.values(), "Marks"],
            [self.incident(row, metrics) for row in rows],
            right=range(2, 2 + len(metrics)),
        )
        legend = sentences.row_legend(rows)
        if legend:
            yield from ("", f"{'; '.join(legend)}.")
        if len(rows) < len(every):
            yield from ("", sentences.more_rows(len(rows), len(every)))

    def incident(self, row: IncidentRow, metrics: Iterable[str]) -> list[str]:
        name = sentences.name_of(row)
        title = f"{shown(name)}<br>{shown(_cut(row.title))}"
        cells = [sentences.cell_words(row, metric) for metric in metrics]
        return [shown(row.severity), title, *cells, " ".join(sentences.mark_letter(mark) for mark in row.marks)]

    def durations(self) -> Iterator[str]:
        figures = self.report.durations
        if not any(figure.eligible for figure in figures):
            names = ", ".join(map(sentences.short_name, figures))
            yield f"{names}: n/a, since there is no incident to measure."
            return
        yield from table(
            ["", "From → to", "n", "Median", "95 % interval", "p90", "Mean"],
            [self.figure(figure) for figure in figures],
            right=range(2, 7),
        )
        notes = [
            f"{sentences.short_name(figure)}: {' '.join(lines)}"
            for figure in figures
            if (lines := list(sentences.figure_lines(figure, self.report.compared_with)))
        ]
        if notes:
            yield ""
            yield from bullets(notes)

    def figure(self, figure: DurationFigure) -> list[str]:
        return [
            f"**{figure.title}**" if figure is self.report.durations[0] else figure.title,
            f"`{figure.start}` → `{figure.end}`",
            sentences.n_words(figure),
            duration_words(figure.median),
            sentences.interval_cell(figure).replace("<", "\\<"),
            duration_words(figure.p90),
            duration_words(figure.mean),
        ]

    def trends(self) -> Iterator[str]:
        rows = [[each.quarter, *each.cells] for each in sentences.trend_lines(self.report)]
        if rows:
            head = ["Until", *sentences.trend_head(self.report)]
            yield from table(head, rows, right=range(1, len(head)))
            yield from ("", "Medians over four quarters, with the number of recorded durations.")

    def months(self) -> Iterator[str]:
        counts = self.report.counts
        severe = sentences.severe_list(self.report)
        months = counts.months[-sentences.MOST_MONTHS :]
        if months and counts.total:
            names = list(counts.by_severity)
            both = [" + ".join(map(shown, severe))] if len(severe) > 1 else []
            rows = [
                [
                    each.month,
                    *(f"{each.by_severity.get(name, 0):,}" for name in names),
                    *(f"{sum(each.by_severity.get(name, 0) for name in severe):,}" for _ in both),
                    f"{each.total:,}",
                ]
                for each in months
            ]
            total = [f"{counts.by_severity.get(name, 0):,}" for name in names] + [f"{counts.severe:,}" for _ in both]
            rows.append(["In all", *total, f"{counts.total:,}"])
            head = ["Month", *map(shown, names), *both, "All"]
            yield from table(head, rows, right=range(1, len(head)))
            if len(months) < len(counts.months):
                yield from ("", f"The latest {len(months):,} of {len(counts.months):,} months.")
        else:
            yield sentences.no_months(self.report)
        before = sentences.counts_before(self.report)
        beside = [*([before] if before else []), *sentences.beside_words(counts, shown)]
        if beside:
            yield ""
            yield from bullets(beside)

    def groups(self) -> Iterator[str]:
        report = self.report
        if not report.group_by:
            return
        if not report.groups:
            yield "There is no incident to part."
            return
        rows = [
            [
                shown(group.name) or "none",
                f"{group.incidents:,}",
                *(f"{duration_words(each.median)} ({each.n:,})" if each.n else "n/a" for each in group.durations),
            ]
            for group in report.groups[: sentences.MOST_ROWS]
        ]
        head = [report.group_by.capitalize(), "n", *map(sentences.column_name, report.durations)]
        yield from table(head, rows, right=range(1, len(head)))
        if len(report.groups) > sentences.MOST_ROWS:
            yield from ("", f"The first {sentences.MOST_ROWS} of {len(report.groups):,}.")
        yield from ("", sentences.group_legend(report))

    def items(self) -> Iterator[str]:
        yield sentences.item_rate_words(self.report)
        rest = sentences.item_rest_words(self.report)
        if rest:
            yield from ("", rest)
        missed = sentences.missed_items(self.report)
        if missed:
            yield ""
            rows = [
                [
                    sentences.outcome_words(each.outcome),
                    shown(each.item.text),
                    shown(each.item.incident),
                    shown(each.why),
                ]
                for each in missed[: sentences.MOST_ITEMS]
            ]
            yield from table(["", "Action item", "Incident", ""], rows)
        if len(missed) > sentences.MOST_ITEMS:
            yield from ("", f"And {len(missed) - sentences.MOST_ITEMS:,} more: `ictl action list --all`.")

    def repeats(self) -> Iterator[str]:
        found = self.report.repeats
        yield sentences.repeat_words(self.report)
        told = []
        for each in found.repeats[: sentences.MOST_ITEMS]:
            told.append(f"- {sentences.one_repeat(each, shown)}")
            told += [f"  - left undone: {sentences.undone_words(item, shown)}" for item in each.left_undone]
        told += [f"- {line}" for line in sentences.suggestion_lines(found, shown)]
        if told:
            yield from ("", *told)

    def process(self) -> Iterator[str]:
        if not self.report.counts.total:
            yield "n/a: there is no incident."
            return
        rows = [[each.what, each.value, each.beside] for each in sentences.process_lines(self.report, shown)]
        yield from table(["", "", ""], rows, right=(1,))

    def impact(self) -> Iterator[str]:
        rows = [[each.name, each.total, each.known] for each in sentences.impact_lines(self.report, shown)]
        if rows:
            yield from table(["", "Sum", ""], rows, right=(1,))


def bullets(lines: Iterable[str]) -> Iterator[str]:
    """A list."""
    yield from (f"- {line}" for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> Iterator[str]:
    """A table; the columns in `right` with their ends below each other."""
    to_the_right = set(right)
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---:' if column in to_the_right else '---' for column in range(len(head)))} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)
