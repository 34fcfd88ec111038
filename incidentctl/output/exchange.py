"""The rows of an export as lines of JSON and as CSV. Value to text; nothing here prints."""

import csv
import io
from collections.abc import Iterable

from incidentctl.output.json_text import as_line
from incidentctl.stats.cells import cell_of, json_value
from incidentctl.stats.exchange import COLUMNS, ROW_TYPES, SCHEMA_VERSION, AnyRow, Table

TABLE_OF = {row_type: table for table, row_type in ROW_TYPES.items()}


def row_as_line(row: AnyRow) -> str:
    """A row as one line of JSON. Each column is there, `null` where it is not known; of a transition those that its kind has."""
    table = TABLE_OF[type(row)]
    data: dict[str, object] = {"type": table.value, "schema_version": SCHEMA_VERSION}
    values = {column.name: json_value(getattr(row, column.name)) for column in COLUMNS[table]}
    if table is Table.TRANSITION:
        values = {name: value for name, value in values.items() if value is not None}
    data |= values
    return as_line(data)


def rows_as_csv(table: Table, rows: Iterable[AnyRow]) -> str:
    """The rows of one table as CSV, its header first. What a spreadsheet would take for a formula has an apostrophe before it."""
    names = [column.name for column in COLUMNS[table]]
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([cell_of(getattr(row, name)) for name in names] for row in rows)
    return told.getvalue()
