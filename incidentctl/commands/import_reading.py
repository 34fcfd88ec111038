"""From the bytes of a file to the rows of an import: encoding, shape, columns, and each value by its column. Nothing here is written."""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from pydantic import ValidationError

from incidentctl.errors import UsageError
from incidentctl.incident.entries import CancelReason, Status
from incidentctl.incident.times import parse_instant, quoted
from incidentctl.incident.words import clean_line
from incidentctl.output.exchange_models import row_model
from incidentctl.stats.cells import CellError, Understanding, armed
from incidentctl.stats.exchange import COLUMNS, ROW_TYPES, SCHEMA_VERSION, Holds, IncidentRow, Table
from incidentctl.stats.imports import Place, Placed, Problem

LARGEST: Final = 128 << 20
"""Bytes of one file that are read: three years of a large team's incidents are a tenth of it."""
MOST_ROWS: Final = 300_000
MOST_PROBLEMS: Final = 500
"""So many are kept; of the others only their number."""
_LONGEST_CELL: Final = 200_000
_DELIMITERS: Final = (",", ";", "\t", "|")
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class How(Struct, frozen=True):
    """How files are read: our columns by theirs, encoding and delimiter where they were given, and what their words mean."""

    understanding: Understanding
    columns: Mapping[str, str] = {}
    """From the settings: they hold for another tool's file alone."""
    mapped: Mapping[str, str] = {}
    """From the command line: they hold for any."""
    encoding: str | None = None
    delimiter: str | None = None


class Sheet(Struct):
    """What was read of the files: the good rows, what is wrong with the others, and the columns that were not read."""

    rows: list[Placed]
    problems: list[Problem]
    more_problems: int = 0
    unread: list[str] = []
    torn: set[str] = set()
    """What the bad transitions and action items call their incidents: one that lacks some of them would tell another story."""

    def blame(self, problem: Problem) -> None:
        """Keeps a problem, or counts it where there are many already."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)
        else:
            self.more_problems += 1


def read_sheet(files: Iterable[tuple[str, bytes]], how: How) -> Sheet:
    """The rows of all files. Raises `UsageError` where a file cannot be read as a table at all."""
    sheet = Sheet([], [])
    for name, data in files:
        _read_file(name, data, how, sheet)
    return sheet


def _read_file(name: str, data: bytes, how: How, sheet: Sheet) -> None:
    if not data.strip():
        raise UsageError(f"{name} is empty", hint="give a file with a header and rows, or with a JSON object a line")
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise UsageError(f"{name} is a spreadsheet's own file", hint="save the table as CSV, in UTF-8")
    text = decoded(name, data, how.encoding)
    beginning = text[:1000].lstrip()
    if beginning.startswith("["):
        raise UsageError(f"{name} is a JSON list", hint="one object a line is meant, as `jq -c '.[]'` makes of it")
    if beginning.startswith("{"):
        _read_lines(name, text, how, sheet)
    else:
        _read_csv(name, text, how, sheet)


# ------------------------------------------------------------------------------------------------------------ encoding


def decoded(name: str, data: bytes, encoding: str | None) -> str:
    """The text: as its first bytes say, else as it was said, else UTF-8. Raises `UsageError` where that does not fit."""
    mark = next((codec for sign, codec in _MARKS if data.startswith(sign)), None)
    codec = mark or encoding or "utf-8"
    if mark is None and encoding is None and data[:400].count(0) > len(data[:400]) // 4:
        little = data[1:2] == b"\0"
        raise UsageError(
            f"{name} looks like UTF-16, and does not say so at its beginning",
            hint=f"say it: --encoding utf-16-{'le' if little else 'be'}",
        )
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        sign = f"byte 0x{data[error.start]:02X}" if error.start < len(data) else "its end"
        hint = (
            "say how it is encoded, as --encoding cp1252 for Excel in Western Europe, or save it in UTF-8"
            if encoding is None and mark is None
            else "another encoding is meant, or the file was cut off"
        )
        raise UsageError(f"{name}:{line}: {sign} is not {codec.upper().removesuffix('-SIG')}", hint=hint) from None
    except LookupError:
        raise UsageError(f"there is no encoding {quoted(codec)}", hint="as utf-8, utf-16, latin-1 or cp1252") from None


# ---------------------------------------------------------------------------------------------------------- JSON lines


def _read_lines(name: str, text: str, how: How, sheet: Sheet) -> None:
    for number, line in enumerate(io.StringIO(text), 1):
        if not line.strip():
            continue
        place = Place(name, number)
        _bound(sheet, place)
        try:
            data = json.loads(line)
        except ValueError:
            is_last = not line.endswith("\n")
            said = "is cut off, or no JSON" if is_last else "is no JSON"
            sheet.blame(Problem(place, "", said, "each line is one JSON object"))
            continue
        except RecursionError:
            sheet.blame(Problem(place, "", "is nested too deeply"))
            continue
        if not isinstance(data, dict):
            sheet.blame(Problem(place, "", "is no JSON object"))
            continue
        version, kind = data.pop("schema_version", SCHEMA_VERSION), data.pop("type", None)
        if version != SCHEMA_VERSION:
            said = f"is {quoted(str(version))}; this incidentctl reads {SCHEMA_VERSION}"
            sheet.blame(Problem(place, "schema_version", said, "update incidentctl"))
        elif kind not in tuple(Table):
            said = f"is {quoted(str(kind))}, not one of {', '.join(Table)}"
            sheet.blame(Problem(place, "type", said))
        else:
            _read_row(Table(kind), data, place, how, sheet)


def _bound(sheet: Sheet, place: Place) -> None:
    if len(sheet.rows) + len(sheet.problems) + sheet.more_problems >= MOST_ROWS:
        raise UsageError(
            f"{place}: there are more than {MOST_ROWS} rows", hint="import it in parts, such as a year each"
        )


# ----------------------------------------------------------------------------------------------------------------- CSV


def _read_csv(name: str, text: str, how: How, sheet: Sheet) -> None:
    delimiter = how.delimiter or _delimiter(text)
    csv.field_size_limit(_LONGEST_CELL)
    rows = _csv_rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), name)
    header: list[str] | None = None
    table, width = Table.INCIDENT, 0
    places: dict[str, int] = {}
    for place, cells, fault in rows:
        if fault is not None:
            if header is None:
                raise UsageError(f"{place}: the header cannot be read: {fault}", hint="a quote is missing, perhaps")
            sheet.blame(Problem(place, "", fault, "a quote is missing, perhaps, or the row was cut off"))
            return
        if header is None:
            header = [clean_line(cell) for cell in cells]
            table, places = _columns(name, header, how, sheet)
            width = len(header)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        _bound(sheet, place)
        if len(cells) != width:
            said = f"has {_counted(len(cells))}, and the header has {width}"
            sheet.blame(Problem(place, "", said, "it was cut off, perhaps, or a quote is missing"))
            continue
        _read_row(table, {column: armed(cells[at]) for column, at in places.items()}, place, how, sheet)


def _counted(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"


def _csv_rows(reader: Any, name: str) -> Iterator[tuple[Place, list[str], str | None]]:
    """Each row with the line on which it begins; the last one with what is wrong, where the table cannot be read on."""
    line = 1
    while True:
        place = Place(name, line)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, [], str(error)
            return
        line = reader.line_num + 1
        if cells or line == 2:
            yield place, cells, None


def _delimiter(text: str) -> str:
    """What stands most often between the words of the first line."""
    first = text[:20_000].lstrip("\r\n").partition("\n")[0]
    bare = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=lambda each: (bare.count(each), -_DELIMITERS.index(each)))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def _columns(name: str, header: list[str], how: How, sheet: Sheet) -> tuple[Table, dict[str, int]]:
    """What the table is about, and which of its columns is which of ours."""
    found = [_plain(each) for each in header]
    table = _table_of(found)
    ours = {column.name for column in COLUMNS[table]}
    is_own = all(each in ours for each in header)
    mapped = {**({} if is_own or table is not Table.INCIDENT else how.columns), **how.mapped}
    places: dict[str, int] = {}
    for column in COLUMNS[table]:
        wanted = mapped.get(column.name)
        if wanted is not None:
            places[column.name] = _place_of(name, wanted, header)
        elif column.name in found and (is_own or found.count(column.name) == 1):
            places[column.name] = found.index(column.name)
    missing = [column.name for column in COLUMNS[table] if column.required and column.name not in places]
    if missing:
        raise UsageError(
            f"{name} has no column for {' and '.join(missing)}; it has {_listed(header)}",
            hint=f"say which it is: --map {missing[0]}=COLUMN, or [import.columns] in the settings",
        )
    sheet.unread += [each for at, each in enumerate(header) if each and at not in places.values()]
    return table, places


def _table_of(found: Sequence[str]) -> Table:
    """Transitions and action items name their incident; all else is a table of incidents."""
    for table in (Table.TRANSITION, Table.ACTION_ITEM):
        if all(column.name in found for column in COLUMNS[table] if column.required):
            return table
    return Table.INCIDENT


def _place_of(name: str, wanted: str, header: list[str]) -> int:
    for same in (lambda each: each == wanted, lambda each: _plain(each) == _plain(wanted)):
        places = [at for at, each in enumerate(header) if same(each)]
        if len(places) == 1:
            return places[0]
        if places:
            raise UsageError(f"{name} has {len(places)} columns {quoted(wanted)}", hint="give each a name of its own")
    from difflib import get_close_matches

    close = get_close_matches(wanted, header, n=1)
    meant = f"did you mean {quoted(close[0])}?" if close else f"it has {_listed(header)}"
    raise UsageError(f"{name} has no column {quoted(wanted)}", hint=meant)


def _listed(header: list[str]) -> str:
    shown = [quoted(each) for each in header[:12]]
    return ", ".join(shown) + (f" and {len(header) - 12} more" if len(header) > 12 else "")


# ----------------------------------------------------------------------------------------------------------------- rows


def _read_row(table: Table, data: Mapping[str, object], place: Place, how: How, sheet: Sheet) -> None:
    given = {name: value for name, value in data.items() if value not in (None, "")}
    try:
        model = row_model(table).model_validate(given, context=how.understanding)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            sheet.blame(_problem(place, each))
        if table is not Table.INCIDENT and isinstance(of := data.get("incident"), str):
            sheet.torn.add(clean_line(of))
        return
    row = ROW_TYPES[table](**model.__dict__)
    if isinstance(row, IncidentRow) and row.status in tuple(CancelReason):  # the word of a tool that has no reasons
        row = replace(row, status=Status.CANCELED.value, cancel_reason=row.cancel_reason or row.status)
    if isinstance(row, IncidentRow) and how.understanding.knows_days_only:
        days = [
            column.name
            for column in COLUMNS[table]
            if column.holds is Holds.TIME and isinstance(said := data.get(column.name), str) and _is_a_day(said)
        ]
        row = replace(row, estimated=tuple(dict.fromkeys((*row.estimated, *days))))
    sheet.rows.append(Placed(place, row))


def _is_a_day(said: str) -> bool:
    return bool(said.strip()) and parse_instant(said.strip()) is None


def _problem(place: Place, error: Any) -> Problem:
    """What pydantic says of a value, as our reader of it has said it."""
    column = clean_line(str(error["loc"][0])) if error["loc"] else ""
    wrong = error.get("ctx", {}).get("error")
    if isinstance(wrong, CellError):
        return Problem(place, column, wrong.message, wrong.hint)
    if error["type"] == "extra_forbidden":
        return Problem(
            place, quoted(column), "is no column of ours", "`ictl schema` has the columns of each kind of row"
        )
    return Problem(place, column, str(error["msg"]))
