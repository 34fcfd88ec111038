"""The format `table`: a report for a terminal, as wide as it is, readable without colour and, where need be, without Unicode."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from incidentctl.incident.words import show_safely
from incidentctl.output import listing
from incidentctl.output.reports import sentences
from incidentctl.output.reports.sentences import duration_words
from incidentctl.output.reports.strips import ASCII, UNICODE, Glyphs, Scale, axis, dots
from incidentctl.stats.report import MISLEADING, DurationFigure, Group, IncidentRow, Report

PIPED_WIDTH: Final = 100
"""Columns where no terminal says how many there are."""

_NARROWEST: Final = 80
_WIDEST: Final = 140
_WITH_ENDS: Final = 96
_SHORTEST_ID: Final = 24
_LONGEST_ID: Final = 44
_LONGEST_STRIP: Final = 80
_SHORTEST_STRIP: Final = 16
_IN_ASCII: Final = str.maketrans(
    {"→": "->", "·": "-", "–": "-", "—": "-", "…": "~", "↓": "down:", "↑": "up:", "•": "o", "━": "=", "─": "-"}
)


def report_as_table(report: Report, *, width: int = PIPED_WIDTH, ascii_only: bool = False) -> str:
    """The whole report as text, with a newline at its end. Lines have at most `width` columns, but for a word that is longer.

    Below 80 columns it stays as it is at 80; above 140 it grows no more. `ascii_only`: for a terminal that shows nothing else.
    """
    page = _Page(report, max(min(width, _WIDEST), _NARROWEST), ascii_only)
    lines: list[str] = []
    for title, body in page.sections():
        part = [line.rstrip() for line in body]
        if part:
            lines += ([""] if lines else []) + ([page.plain(title.upper())] if title else []) + part
    return "\n".join(lines) + "\n"


class _Page(Struct, frozen=True):
    report: Report
    width: int
    ascii_only: bool

    def sections(self) -> Iterator[tuple[str, Iterable[str]]]:
        report = self.report
        yield "", self.head()
        yield f"{sentences.severe_names(report)} incidents behind the numbers", self.severe()
        yield "Durations", self.durations()
        yield "Left out of the durations", self.bullets(sentences.left_out_lines(report, self.shown))
        yield "Median over rolling four quarters", self.trends()
        yield "Incidents a month", self.months()
        yield f"By {report.group_by}", self.groups()
        yield "Action items", self.items()
        yield "Repeat incidents", self.repeats()
        yield "How the process was kept", self.process()
        yield "Impact", self.impact()
        yield "Quality of the data", self.bullets(sentences.quality_lines(report, self.shown))
        yield "How it was counted", self.bullets(sentences.method_lines(report, self.shown))
        yield "How these numbers mislead", self.bullets(MISLEADING)

    # ------------------------------------------------------------------------------------------------- the sections

    def head(self) -> Iterator[str]:
        report = self.report
        compared = (
            f", compared with {sentences.short_title(report.compared_with)}" if report.compared_with is not None else ""
        )
        yield from self.text(f"Incident report: {sentences.short_title(report.period)}{compared}", indent=0)
        if report.period.since is not None or report.period.until is not None:
            yield from self.text(sentences.period_words(report.period), indent=0)
        yield from self.text(sentences.headline(report, self.shown), indent=0)
        for line in sentences.filter_lines(report, self.shown):
            yield from self.text(line, indent=0)

    def severe(self) -> Iterator[str]:
        every = sentences.severe_rows(self.report)
        if not every:
            yield from self.text("None in this period.")
            return
        rows = every[-sentences.MOST_ROWS :]
        metrics = {figure.name: sentences.column_name(figure) for figure in self.report.durations}
        head = ["", "incident", *metrics.values(), "", ""]
        table = [head, *(self.incident(row, metrics) for row in rows)]
        others = (max(listing.width_of(row[column]) for row in table) for column in range(len(head) - 1) if column != 1)
        space = self.width - 2 - sum(size + 2 for size in others)
        for line in table:
            line[1] = listing.cut(line[1], min(max(space, _SHORTEST_ID), _LONGEST_ID))
        yield from self.table(table, right=range(2, 2 + len(metrics)))
        legend = sentences.row_legend(rows)
        yield from self.text(f"{'; '.join(legend)}.") if legend else ()
        if len(rows) < len(every):
            yield from self.text(sentences.more_rows(len(rows), len(every)))

    def incident(self, row: IncidentRow, metrics: Iterable[str]) -> list[str]:
        name = self.shown(sentences.name_of(row))
        marks = " ".join(sentences.mark_letter(mark) for mark in row.marks)
        cells = [sentences.cell_words(row, metric) for metric in metrics]
        return [self.shown(row.severity), name, *cells, marks, self.shown(row.title)]

    def durations(self) -> Iterator[str]:
        figures = self.report.durations
        if not any(figure.eligible for figure in figures):
            names = ", ".join(map(sentences.short_name, figures))
            yield from self.text(f"{names}: n/a, since there is no incident to measure.")
            return
        ends = ["", *(f"{figure.start} → {figure.end}" for figure in figures)]
        head = ["", "n", "median", "95 % interval", "p90", "mean"]
        rows = [head, *(self.figure(figure) for figure in figures)]
        is_wide = self.width >= _WITH_ENDS
        if is_wide:
            rows = [[row[0], end, *row[1:]] for row, end in zip(rows, ends, strict=True)]
        lines = list(self.table([[*row, ""] for row in rows], right=range(1 + is_wide, 6 + is_wide)))
        yield lines[0]
        for line, figure in zip(lines[1:], figures, strict=True):
            yield from [""] if figure is not figures[0] else []
            yield line
            if not is_wide:
                yield from self.text(f"{figure.start} → {figure.end}", indent=4)
            yield from self.strip(figure)
            for words in sentences.figure_lines(figure, self.report.compared_with):
                yield from self.text(words, indent=4, further=6)
        if any(figure.n > 1 for figure in figures):
            yield ""
            signs = self.glyphs
            yield from self.text(
                f"{signs.dot} one incident, a digit that many at one place; {signs.interval * 3} interval, M median, P p90; "
                "logarithmic, from the shortest to the longest."
            )

    def figure(self, figure: DurationFigure) -> list[str]:
        return [
            sentences.short_name(figure),
            sentences.n_words(figure),
            duration_words(figure.median),
            sentences.interval_cell(figure),
            duration_words(figure.p90),
            duration_words(figure.mean),
        ]

    def strip(self, figure: DurationFigure) -> Iterator[str]:
        """Two lines: the values as dots, and below them the scale with its ends in words."""
        values = [each.seconds for each in figure.values]
        if len(values) < 2 or min(values) == max(values):
            return
        low, high = duration_words(min(values)), duration_words(max(values))
        space = self.width - 4 - 7 - 4 - len(high)
        scale = Scale(min(values), max(values), min(space, _LONGEST_STRIP))
        signs = self.glyphs
        yield f"{'':4}{'':7}  {dots(values, scale, signs)}"
        drawn = axis(scale, signs, interval=figure.ci95, median=figure.median, p90=figure.p90)
        yield f"{'':4}{low:>7} {signs.left}{drawn}{signs.right} {high}"

    def trends(self) -> Iterator[str]:
        found = sentences.trend_lines(self.report)
        if not found:
            return
        head = sentences.trend_head(self.report)
        rows = [["until", *head, ""], *([each.quarter, *each.cells, ""] for each in found)]
        lines = [line.rstrip() for line in self.table(rows, right=range(1, 1 + len(head)))]
        used = max(map(listing.width_of, lines))
        points = [each.leading for each in found]
        ends = [each for point in points for each in (point.median, *(point.ci95 or ())) if each is not None]
        space = min(self.width - used - 4, _LONGEST_STRIP // 2)
        yield lines[0]
        for line, point in zip(lines[1:], points, strict=True):
            drawn = ""
            if space >= _SHORTEST_STRIP and point.median is not None and min(ends) < max(ends):
                scale = Scale(min(ends), max(ends), space)
                drawn = axis(scale, self.glyphs, interval=point.ci95, median=point.median, p90=None)
                drawn = f"{'':{used - listing.width_of(line)}}  {self.glyphs.left}{drawn}{self.glyphs.right}"
            yield f"{line}{drawn}"
        yield from self.text("Medians over four quarters, with the number of recorded durations.")

    def months(self) -> Iterator[str]:
        counts = self.report.counts
        severe = sentences.severe_list(self.report)
        months = counts.months[-sentences.MOST_MONTHS :]
        if months and counts.total:
            names = list(counts.by_severity)
            both = "+".join(severe) if len(severe) < 3 else "severe"
            head = ["", *map(self.shown, names), *([both] if len(severe) > 1 else []), "all", ""]
            rows = [head]
            for each in months:
                in_both = sum(each.by_severity.get(name, 0) for name in severe)
                cells = [f"{each.by_severity.get(name, 0):,}" for name in names]
                cells += [f"{in_both:,}"] if len(severe) > 1 else []
                rows.append([each.month, *cells, f"{each.total:,}", self.glyphs.bar * min(in_both, 40)])
            cells = [f"{counts.by_severity.get(name, 0):,}" for name in names]
            cells += [f"{counts.severe:,}"] if len(severe) > 1 else []
            title = "all of it" if len(months) < len(counts.months) else "in all"
            rows.append([title, *cells, f"{counts.total:,}", ""])
            yield from self.table(rows, right=range(1, len(head) - 1))
            if len(months) < len(counts.months):
                yield from self.text(f"The latest {len(months):,} of {len(counts.months):,} months.")
        else:
            yield from self.text(sentences.no_months(self.report))
        for words in (sentences.counts_before(self.report), *sentences.beside_words(counts, self.shown)):
            if words:
                yield from self.text(words)

    def groups(self) -> Iterator[str]:
        report = self.report
        if not report.group_by:
            return
        if not report.groups:
            yield from self.text("There is no incident to part.")
            return
        metrics = list(map(sentences.column_name, report.durations))
        rows = [["", "n", *metrics]]
        rows += [self.group(each) for each in report.groups[: sentences.MOST_ROWS]]
        lines = list(self.table([[*row, ""] for row in rows], right=range(1, 2 + len(metrics))))
        if max(map(listing.width_of, lines)) > self.width - 2:  # a name on a line of its own, then
            lines = list(self.table([["  ", *row[1:], ""] for row in rows], right=range(1, 2 + len(metrics))))
            lines = [
                part for row, line in zip(rows, lines, strict=True) for part in (f"  {row[0]}", line) if part.strip()
            ]
        yield from lines
        if len(report.groups) > sentences.MOST_ROWS:
            yield from self.text(f"The first {sentences.MOST_ROWS} of {len(report.groups):,}.")
        yield from self.text(sentences.group_legend(report))

    def group(self, group: Group) -> list[str]:
        cells = [f"{duration_words(each.median)} ({each.n:,})" if each.n else "n/a" for each in group.durations]
        return [listing.cut(self.shown(group.name) or "none", 24), f"{group.incidents:,}", *cells]

    def items(self) -> Iterator[str]:
        yield from self.text(sentences.item_rate_words(self.report))
        rest = sentences.item_rest_words(self.report)
        if rest:
            yield from self.text(rest)
        missed = sentences.missed_items(self.report)
        for each in missed[: sentences.MOST_ITEMS]:
            words = f"{sentences.outcome_words(each.outcome)}: {self.shown(each.item.text)}"
            yield from self.text(words, indent=4, further=6)
            yield from self.text(f"{self.shown(each.item.incident)}: {self.shown(each.why)}", indent=6, further=8)
        if len(missed) > sentences.MOST_ITEMS:
            yield from self.text(f"and {len(missed) - sentences.MOST_ITEMS:,} more: ictl action list --all", indent=4)

    def repeats(self) -> Iterator[str]:
        found = self.report.repeats
        yield from self.text(sentences.repeat_words(self.report))
        for each in found.repeats[: sentences.MOST_ITEMS]:
            yield from self.text(sentences.one_repeat(each, self.shown), indent=4, further=6)
            for item in each.left_undone:
                yield from self.text(f"left undone: {sentences.undone_words(item, self.shown)}", indent=6, further=8)
        for line in sentences.suggestion_lines(found, self.shown):
            yield from self.text(line, indent=4, further=6)

    def process(self) -> Iterator[str]:
        if not self.report.counts.total:
            yield from self.text("n/a: there is no incident.")
            return
        lines = list(sentences.process_lines(self.report, self.shown))
        size = max(len(each.what) for each in lines)
        value = max(listing.width_of(each.value) for each in lines)
        for each in lines:
            start = f"{each.what:<{size}}  {each.value:>{value}}"
            yield from self.text(f"{start}  {each.beside}", further=size + value + 6)

    def impact(self) -> Iterator[str]:
        yield from self.table(
            [[each.name, each.total, each.known] for each in sentences.impact_lines(self.report, self.shown)],
            right=(1,),
        )

    # ------------------------------------------------------------------------------------------------ lines of text

    @property
    def glyphs(self) -> Glyphs:
        return ASCII if self.ascii_only else UNICODE

    def shown(self, words: str) -> str:
        """Words from the record on one line, harmless to a terminal, and such that it can show them."""
        safe = show_safely(" ".join(words.split()))
        return safe.encode("ascii", "replace").decode("ascii") if self.ascii_only else safe

    def plain(self, words: str) -> str:
        return words.translate(_IN_ASCII) if self.ascii_only else words

    def text(self, words: str, *, indent: int = 2, further: int | None = None) -> Iterator[str]:
        """A sentence, broken where the page ends."""
        if words:
            yield from listing.wrapped(
                f"{'':{indent}}{self.plain(words)}", self.width, indent if further is None else further
            )

    def bullets(self, sentences_: Iterable[str]) -> Iterator[str]:
        for words in sentences_:
            yield from self.text(f"- {words}", further=4)

    def table(self, rows: Sequence[Sequence[str]], *, right: Iterable[int] = ()) -> Iterator[str]:
        """Columns, those in `right` with their ends below each other. The last one is cut where the page ends."""
        cells = [[self.plain(cell) for cell in row] for row in rows]
        for column in right:
            size = max((listing.width_of(row[column]) for row in cells), default=0)
            for row in cells:
                row[column] = " " * (size - listing.width_of(row[column])) + row[column]
        # A last column that is empty is none to be cut or left out: the others are figures, and stay whole.
        width = self.width - 2 if any(row[-1] for row in cells) else None
        for line in listing.table(cells, width=width):
            yield f"  {self.plain(line)}"
