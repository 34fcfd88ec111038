"""`stats export`: the record as tables, for a program or a spreadsheet, and for `import` elsewhere."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from incidentctl.commands.documents import names_of
from incidentctl.commands.measuring import measure
from incidentctl.commands.options import takes
from incidentctl.commands.selection import Selecting, say_unreadable
from incidentctl.context import Workspace
from incidentctl.document.action_item_edits import read_items
from incidentctl.document.postmortem import read_postmortem
from incidentctl.document.section_names import OwnNames
from incidentctl.errors import ExitCode, UsageError
from incidentctl.incident.times import quoted
from incidentctl.incident.words import whole_signs
from incidentctl.output.exchange import row_as_line, rows_as_csv
from incidentctl.stats.case import Case, PostmortemFacts
from incidentctl.stats.exchange import ActionItemRow, AnyRow, IncidentRow, Table, TransitionRow
from incidentctl.stats.export import action_item_row, deleted_item_row, incident_row, transition_rows, with_history
from incidentctl.store.archive import keep_document
from incidentctl.store.reading import as_text

EXAMPLES = """
ictl stats export --format jsonl -o incidents.jsonl
ictl stats export --format csv -o tables --since 2024-01-01
ictl stats export --format csv --rows action_items
"""


class ExportFormat(StrEnum):
    """What is written."""

    JSONL = "jsonl"
    CSV = "csv"


class _Exported(Struct, frozen=True):
    """One incident as rows."""

    incident: IncidentRow
    transitions: tuple[TransitionRow, ...]
    items: tuple[ActionItemRow, ...]


@takes(Selecting, without=("output", "json", "limit"))
def command(
    form: Annotated[
        ExportFormat,
        typer.Option("--format", "-f", metavar="FORMAT", help="`jsonl` or `csv`.", case_sensitive=False),
    ] = ExportFormat.JSONL,
    rows: Annotated[
        str | None,
        typer.Option(
            "--rows",
            metavar="TABLE",
            help="Only these: `incidents`, `transitions` or `action_items`. One of them for CSV on standard output.",
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="PATH", help="Write it there: a file for `jsonl`, a folder for `csv`."),
    ] = None,
    *,
    options: Selecting,
) -> None:
    """Write the record as tables: a row an incident, a transition of one, an action item.

    Times are RFC 3339 in UTC; what is not known is null, or empty. `import` takes all of it back. In CSV, what a spreadsheet would take
    for a formula has an apostrophe before it, which `import` takes off again.
    """
    if form is ExportFormat.CSV and place is None and rows is None:
        raise UsageError(
            "CSV is three tables", hint="write them into a folder with -o DIR, or choose one: --rows incidents"
        )
    tables = _tables(rows)
    with options.workspace() as workspace:
        known, unreadable = workspace.reader.rows()
        evidence = measure(workspace).evidence
        cases = {case.id: case for case in evidence.cases}
        found = [row for row in options.of(workspace, known)[::-1] if row.id in cases]
        exported = [_exported(workspace, row.id, cases[row.id]) for row in found]
        for path in evidence.uncommitted:
            workspace.outside.talk(f"warning: {path} was changed and is not committed: its history is not told")
        if form is ExportFormat.JSONL:
            _write_lines(workspace, exported, tables, place)
        else:
            _write_csv(workspace, exported, tables, place)
        if say_unreadable(workspace, unreadable):
            raise typer.Exit(int(ExitCode.FOUND))


def _exported(workspace: Workspace, incident: str, case: Case) -> _Exported:
    """One incident as rows. Of its post-mortem the one on the record's branch is told, as in the figures."""
    believed = with_history(workspace.reader.read(incident).incident, case)
    facts = case.postmortem
    data = workspace.reader.read_bytes(facts.path) if facts is not None else None
    transitions = tuple(transition_rows(believed))
    if facts is None or data is None:
        return _Exported(incident_row(believed), transitions, ())
    text = as_text(data)
    published_at = facts.published.at if facts.published else None
    row = incident_row(believed, read_postmortem(text, incident=incident), published_at=published_at)
    return _Exported(row, transitions, tuple(_items(incident, text, facts, names_of(workspace))))


def _items(incident: str, text: str, facts: PostmortemFacts, names: OwnNames) -> Iterator[ActionItemRow]:
    """The action items of a document, and those that were deleted from it after it was published."""
    histories = {history.id: history for history in facts.items}
    for placed in read_items(text, incident, names):
        if placed.is_task and not placed.item.is_blank:
            yield action_item_row(incident, placed.item, histories.get(placed.item.id))
    for history in facts.items:
        if history.is_deleted:
            yield deleted_item_row(incident, history)


def _of_table(exported: list[_Exported], table: Table) -> list[AnyRow]:
    if table is Table.INCIDENT:
        return [each.incident for each in exported]
    if table is Table.TRANSITION:
        return [row for each in exported for row in each.transitions]
    return [row for each in exported for row in each.items]


def _tables(rows: str | None) -> list[Table]:
    """The tables that are meant: all of them, or the one that was named, in any case and with `-` or `_`."""
    if rows is None:
        return list(Table)
    wanted = rows.strip().lower().replace("-", "_")
    found = [table for table in Table if wanted in (table.plural, table.value)]
    if not found:
        names = [table.plural for table in Table]
        raise UsageError(f"there is no table {quoted(rows)}", hint=f"it is one of {', '.join(names)}", candidates=names)
    return found


def _write_lines(workspace: Workspace, exported: list[_Exported], tables: Sequence[Table], place: str | None) -> None:
    lines = (row_as_line(row) for table in tables for row in _of_table(exported, table))
    if place is None:
        for line in lines:
            workspace.outside.say(line)
        return
    keep_document(str(_whole(workspace, place)), "".join(f"{line}\n" for line in lines).encode())
    workspace.outside.talk(f"{place}: {_counts(exported, tables)}")


def _write_csv(workspace: Workspace, exported: list[_Exported], tables: Sequence[Table], place: str | None) -> None:
    for table in tables:
        text = rows_as_csv(table, _of_table(exported, table))
        if place is None:
            workspace.outside.say(text.removesuffix("\n"))
            continue
        keep_document(str(_whole(workspace, place) / f"{table.plural}.csv"), whole_signs(text).encode())
    if place is not None:
        workspace.outside.talk(f"{place}: {_counts(exported, tables)}")


def _whole(workspace: Workspace, place: str) -> Path:
    return Path(workspace.outside.cwd, Path(place).expanduser())


def _counts(exported: list[_Exported], tables: Sequence[Table]) -> str:
    told = []
    for table in tables:
        number = len(_of_table(exported, table))
        word = table.value.replace("_", " ")
        told.append(f"{number} {word}{'' if number == 1 else 's'}")
    return ", ".join(told)
