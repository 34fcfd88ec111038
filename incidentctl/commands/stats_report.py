"""`stats report`: the figures of the record, with all that has to be known before one believes them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from incidentctl.commands.options import takes
from incidentctl.commands.questions import Asking
from incidentctl.commands.selection import say_unreadable
from incidentctl.context import Outside
from incidentctl.errors import ExitCode, UsageError
from incidentctl.output.reports.table import PIPED_WIDTH, report_as_table
from incidentctl.stats.build import build_report
from incidentctl.stats.question import GroupBy
from incidentctl.stats.report import Report
from incidentctl.store.archive import keep_document
from incidentctl.store.reading import Unreadable

OUTPUT = "Output"

EXAMPLES = """
ictl stats report --last 90d
ictl stats report --period last-quarter --compare previous --format markdown
ictl stats report --period 2026-Q2 --group-by service --tz Europe/Berlin
ictl stats report --period 2026 --format html -o report.html
ictl stats report --repo ../shop --repo ../platform --json
"""


class ReportFormat(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def complete_report_format(incomplete: str) -> list[str]:
    """The formats."""
    return [each.value for each in ReportFormat if each.startswith(incomplete.lower())]


@takes(Asking, without=("output",))
def command(
    form: Annotated[
        ReportFormat | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="`table` (the default), `markdown`, `json`, `csv` or `html`.",
            case_sensitive=False,
            rich_help_panel=OUTPUT,
            autocompletion=complete_report_format,
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write it into this file, whole or not at all.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    group_by: Annotated[
        GroupBy | None,
        typer.Option(
            "--group-by",
            metavar="WHAT",
            help="Part the incidents by `severity`, `service`, `team`, `tag`, `month` or `quarter`.",
            case_sensitive=False,
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    *,
    options: Asking,
) -> None:
    """Print the figures of the record: how long it took to mitigate, detect, acknowledge and resolve, how many incidents there were,
    what became of action items, what came again, and how the process was kept.

    Each duration names both of its ends, how many incidents it is of, how sure it is, and what it leaves out. What is not known is n/a,
    never 0. Files that cannot be read are named beside the report, with exit code 1.
    """
    if options.json and form not in (None, ReportFormat.JSON):
        raise UsageError(f"--json and --format {form} exclude each other", hint="keep one of them")
    shape = form or (ReportFormat.JSON if options.json else ReportFormat.TABLE)
    with options.record() as record:
        workspace, measured = record.workspace, record.measured
        report = build_report(
            measured.evidence,
            options.question(record, group_by=group_by),
            now=measured.now,
            scale=workspace.settings.scale,
            repositories=record.names,
        )
        outside = options.outside
        text = _as_text(report, shape, outside, is_file=place is not None)
        if place is None:
            outside.hand_over(text)
        else:
            path = Path(outside.cwd, Path(place).expanduser())
            keep_document(str(path), text.encode("utf-8", "replace"))
            outside.talk(f"written: {place}")
        bad = [Unreadable(each.path, each.line, each.reason) for each in measured.evidence.unreadable]
        if say_unreadable(workspace, bad):
            raise typer.Exit(int(ExitCode.FOUND))


def _as_text(report: Report, shape: ReportFormat, outside: Outside, *, is_file: bool) -> str:
    """The report in a format; each is loaded only where it is asked for."""
    match shape:
        case ReportFormat.MARKDOWN:
            from incidentctl.output.reports.markdown import report_as_markdown

            return report_as_markdown(report)
        case ReportFormat.JSON:
            from incidentctl.output.reports.json import report_as_json

            return report_as_json(report)
        case ReportFormat.CSV:
            from incidentctl.output.reports.csv import report_as_csv

            return report_as_csv(report)
        case ReportFormat.HTML:
            from incidentctl.output.reports.html import report_as_html

            return report_as_html(report)
        case ReportFormat.TABLE:
            if is_file or outside.width is None:
                return report_as_table(report, width=PIPED_WIDTH)
            return report_as_table(report, width=outside.width, ascii_only=not _shows_unicode(outside))


def _shows_unicode(outside: Outside) -> bool:
    """What the environment says of the terminal. Where it says nothing at all, the C locale holds, which knows ASCII alone."""
    name = next((word for key in ("LC_ALL", "LC_CTYPE", "LANG") if (word := outside.environ.get(key))), "")
    return "utf" in name.lower()
