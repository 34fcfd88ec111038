"""Import files: whatever stands in one becomes incidents that read back, or is named with its place, or refused with the way out."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from incidentctl.commands.import_reading import How, read_sheet
from incidentctl.document.action_item_edits import read_items
from incidentctl.document.believe import believe
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import parse_document
from incidentctl.document.postmortem import faults_of, read_postmortem
from incidentctl.document.render import render_document
from incidentctl.errors import UsageError
from incidentctl.incident.words import handle_of
from incidentctl.output.exchange import row_as_line, rows_as_csv
from incidentctl.stats.cells import Understanding
from incidentctl.stats.exchange import AnyRow, IncidentRow, Table
from incidentctl.stats.export import incident_row, transition_rows
from incidentctl.stats.imports import Given, Placed, Problem, Taking, Unfit, gather, make_incident
from tests.fuzz.seeds import ENTRIES
from tests.fuzz.target import INCIDENT, Choices, Target, joined, parts_of

_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_HOW = How(Understanding(now=_NOW))
_HOWS = (
    _HOW,
    How(Understanding(zone=ZoneInfo("Europe/Berlin"), has_zone=True, now=_NOW)),
    How(
        Understanding(
            zone=UTC, has_zone=True, date_format="%d/%m/%Y", severities={"Blocker": "SEV1"}, statuses={"Done": "closed"}
        ),
        columns={"title": "Name", "declared_at": "Created"},
    ),
    replace(_HOW, encoding="cp1252", delimiter=";"),
)
_TAKING = Taking("pager", "SEV2", handle_of, lambda word: INCIDENT if word == "known" else None)


def importing(data: bytes) -> None:
    """Any bytes as a file."""
    chosen, raw = parts_of(data, 2)
    try:
        sheet = read_sheet([("x.csv", raw)], Choices(chosen).of(_HOWS))
    except UsageError as refused:
        assert refused.message and refused.hint and "\n" not in refused.message
        return
    given, problems = gather(sheet.rows)
    _assert_placed([*sheet.problems, *problems], raw)
    for each in given:
        _take(each)


def _assert_placed(problems: list[Problem], raw: bytes) -> None:
    for problem in problems:
        assert problem.place.line >= 1
        assert problem.message and "\n" not in str(problem)


def _take(given: Given) -> None:
    """One incident: its file says what its entries say, and exported it is the same again."""
    name = given.wanted_id
    try:
        made = make_incident(given, name, _TAKING)
    except Unfit as unfit:
        assert unfit.problems
        return
    document = parse_document(made.text, incident=name)
    assert not document.faults and not differing_keys(document)
    if made.postmortem is not None:
        postmortem = read_postmortem(made.postmortem, incident=name)
        assert not faults_of(postmortem.document)
        assert len(read_items(made.postmortem, name)) == len(given.items)
    incident = believe(document, name)
    rows: list[AnyRow] = [incident_row(incident), *transition_rows(incident)]
    text = "".join(f"{row_as_line(row)}\n" for row in rows)
    tables = [
        (Table.INCIDENT, rows_as_csv(Table.INCIDENT, rows[:1])),
        (Table.TRANSITION, rows_as_csv(Table.TRANSITION, rows[1:])),
    ]
    for files in ([("x.jsonl", text.encode())], [(f"{table}.csv", told.encode()) for table, told in tables]):
        _assert_same(read_sheet(files, How(Understanding())).rows, name, made.text)


def _assert_same(rows: list[Placed], name: str, text: str) -> None:
    (again,), problems = gather(rows)
    assert not problems
    assert isinstance(again.row, IncidentRow)
    assert make_incident(again, name, replace(_TAKING, named=lambda word: word)).text == text


def _seeds() -> list[bytes]:
    incident = believe(
        parse_document(render_document(INCIDENT, {"title": "X", "services": ("a", "b")}, ENTRIES)), INCIDENT
    )
    rows: list[AnyRow] = [incident_row(incident), *transition_rows(incident)]
    items = "incident,text,owners,due,done_on,dropped_on,link\n1,Add a canary,'@bob,2026-05-20,2026-05-19,,#4\n"
    plain = "external_id,title,declared_at,severity,status,commander\n1,Checkout slow,2025-05-14T10:00:00Z,SEV1,closed,ann\n"
    return [
        joined(b"", "".join(f"{row_as_line(row)}\n" for row in rows)),
        joined(b"", rows_as_csv(Table.INCIDENT, rows[:1])),
        joined(b"", rows_as_csv(Table.TRANSITION, rows[1:])),
        joined(b"", plain),
        joined(b"\x01", plain.replace("T10:00:00Z", " 10:00")),
        joined(b"\x02", 'Name,Created,Severity\n"Login; down",14/05/2025,Blocker\n'),
        joined(b"\x03", "title;declared_at\nX;2025-05-14T10:00:00Z\n"),
        joined(b"", items),
        joined(b"", plain.encode("utf-16")),
    ]


_WORDS = (
    *(
        "title",
        "declared_at",
        "external_id",
        "severity",
        "status",
        "resolved_at",
        "incident",
        "at",
        "kind",
        "text",
        "estimated",
    ),
    *(
        "2025-05-14T10:00:00Z",
        "2025-10-26 02:30",
        "14/05/2025",
        "SEV1",
        "closed",
        "canceled",
        "duplicate",
        "known",
        "Done",
    ),
    *(
        '"',
        '""',
        ",",
        ";",
        "\t",
        "\r\n",
        "'=",
        "=",
        "[",
        "]",
        "{",
        "}",
        "\0",
        "\ufeff",
        "\\u0000",
        "null",
        "true",
        "1e400",
    ),
    *(
        '{"type": "incident", ',
        '"schema_version": 1, ',
        '"other_keys": {"a": ["b"]}, ',
        "opened",
        "withdrawn",
        "update",
        "set",
    ),
)

TARGETS = (Target("importing", importing, _seeds, _WORDS, longest=8_000, grows=False),)
