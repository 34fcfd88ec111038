"""`stats export`: the record as tables, for a program or a spreadsheet, and for `import` elsewhere."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from incidentctl.commands.documents import documents_of, names_of
from incidentctl.commands.options import takes
from incidentctl.commands.selection import Selecting, say_unreadable
from incidentctl.context import Workspace
from incidentctl.document.action_item_edits import read_items
from incidentctl.document.postmortem import read_postmortem
from incidentctl.errors import ExitCode, IncidentctlError, UsageError
from incidentctl.output.exchange import row_as_line, rows_as_csv
from incidentctl.stats.exchange import ActionItemRow, AnyRow, IncidentRow, Table, TransitionRow
from incidentctl.stats.export import action_item_row, incident_row, transition_rows
from incidentctl.store.archive import keep_document
from incidentctl.store.postmortems import PostmortemFile
from incidentctl.store.reading import Row, Unreadable

EXAMPLES = """
ictl stats export --format jsonl -o incidents.jsonl
ictl stats export --format csv -o tables --since 2024-01-01
ictl stats export --format csv --rows action_items
"""


class ExportFormat(StrEnum):
    """What is written."""

    JSONL = "jsonl"
    CSV = "csv"


class Rows(StrEnum):
    """Which table goes to standard output."""

    INCIDENTS = "incidents"
    TRANSITIONS = "transitions"
    ACTION_ITEMS = "action_items"


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
        Rows | None,
        typer.Option(
            "--rows",
            metavar="TABLE",
            help="Only these: `incidents`, `transitions` or `action_items`. One of them for CSV on standard output.",
            case_sensitive=False,
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
    with options.workspace() as workspace:
        known, unreadable = workspace.reader.rows()
        unreadable = list(unreadable)
        found = options.of(workspace, known)
        exported = list(_exported(workspace, reversed_by_day(found), unreadable))
        if form is ExportFormat.JSONL:
            _write_lines(workspace, exported, rows, place)
        else:
            _write_csv(workspace, exported, rows, place)
        if say_unreadable(workspace, unreadable):
            raise typer.Exit(int(ExitCode.FOUND))


def reversed_by_day(rows: list[Row]) -> list[Row]:
    """The oldest first, as things happened."""
    return rows[::-1]


def _exported(workspace: Workspace, rows: list[Row], unreadable: list[Unreadable]) -> Iterator[_Exported]:
    files, broken = documents_of(workspace).all()
    unreadable += broken
    documents = {file.incident: file for file in files}
    for row in rows:
        try:
            incident = workspace.reader.read(row.id).incident
        except IncidentctlError as error:
            unreadable.append(Unreadable(row.path, 1, error.message))
            continue
        file = documents.get(row.id)
        postmortem = read_postmortem(file.text, incident=row.id) if file is not None else None
        items = tuple(_items(workspace, file)) if file is not None else ()
        yield _Exported(incident_row(incident, postmortem), tuple(transition_rows(incident)), items)


def _items(workspace: Workspace, file: PostmortemFile) -> Iterator[ActionItemRow]:
    for placed in read_items(file.text, file.incident, names_of(workspace)):
        if placed.is_task and not placed.item.is_blank:
            yield action_item_row(file.incident, placed.item)


def _of_table(exported: list[_Exported], table: Table) -> list[AnyRow]:
    if table is Table.INCIDENT:
        return [each.incident for each in exported]
    if table is Table.TRANSITION:
        return [row for each in exported for row in each.transitions]
    return [row for each in exported for row in each.items]


def _tables(rows: Rows | None) -> list[Table]:
    return [table for table in Table if rows is None or table.plural == rows.value]


def _write_lines(workspace: Workspace, exported: list[_Exported], rows: Rows | None, place: str | None) -> None:
    lines = (row_as_line(row) for table in _tables(rows) for row in _of_table(exported, table))
    if place is None:
        for line in lines:
            workspace.outside.say(line)
        return
    keep_document(str(_whole(workspace, place)), "".join(f"{line}\n" for line in lines).encode())
    workspace.outside.talk(f"{place}: {_counts(exported, rows)}")


def _write_csv(workspace: Workspace, exported: list[_Exported], rows: Rows | None, place: str | None) -> None:
    for table in _tables(rows):
        text = rows_as_csv(table, _of_table(exported, table))
        if place is None:
            workspace.outside.say(text.removesuffix("\n"))
            continue
        keep_document(str(_whole(workspace, place) / f"{table.plural}.csv"), text.encode("utf-8", "surrogateescape"))
    if place is not None:
        workspace.outside.talk(f"{place}: {_counts(exported, rows)}")


def _whole(workspace: Workspace, place: str) -> Path:
    return Path(workspace.outside.cwd, Path(place).expanduser())


def _counts(exported: list[_Exported], rows: Rows | None) -> str:
    told = []
    for table in _tables(rows):
        number = len(_of_table(exported, table))
        word = table.value.replace("_", " ")
        told.append(f"{number} {word}{'' if number == 1 else 's'}")
    return ", ".join(told)
