"""Rows of an export: what is written can be read again, and one table says what a row may hold."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.config.keys import IMPORT_COLUMNS, IMPORT_STATUSES
from incidentctl.document.entry_lines import parse_entry, render_entry
from incidentctl.document.parse import parse_document
from incidentctl.incident.entries import CancelReason, Entry, Status
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.output.exchange import row_as_line, rows_as_csv
from incidentctl.output.exchange_models import row_model
from incidentctl.output.schemas import EntryKind
from incidentctl.stats.cells import CellError, Understanding, armed, cell_of, defused, read_moment, read_value
from incidentctl.stats.exchange import COLUMNS, KINDS, ROW_TYPES, AnyRow, Column, Holds, IncidentRow, Table
from incidentctl.stats.export import transition_rows
from incidentctl.stats.imports import Given, Made, Place, Taking, Unfit, make_incident
from tests.strategies import entries

AT = datetime(2025, 5, 14, 10, 0, tzinfo=UTC)
PLACE = Place("x.csv", 2)
TAKING = Taking("pager", "SEV2", lambda word: word, lambda word: word)
BERLIN = Understanding(zone=ZoneInfo("Europe/Berlin"), has_zone=True)


def row(**values: object) -> IncidentRow:
    return IncidentRow(**{"title": "Checkout latency", "declared_at": AT, **values})  # type: ignore[arg-type]


def made(incident: IncidentRow, **rows: object) -> Made:
    return make_incident(Given(PLACE, incident, **rows), "2025-05-14-checkout-latency", TAKING)  # type: ignore[arg-type]


def keys_of(text: str) -> Mapping[str, object]:
    front = parse_document(text, incident="2025-05-14-checkout-latency").front
    assert front is not None
    return front.values


def warned(incident: IncidentRow) -> list[str]:
    return [str(each) for each in made(incident).warnings]


# ------------------------------------------------------------------------------------------------------- one table


@pytest.mark.parametrize("table", Table)
def test_the_columns_are_the_fields_of_their_row(table: Table) -> None:
    assert sorted(column.name for column in COLUMNS[table]) == sorted(ROW_TYPES[table].__struct_fields__)
    assert all(column.doc.endswith(".") for column in COLUMNS[table])


def test_the_settings_name_the_columns_of_an_incident_and_what_a_status_can_mean() -> None:
    assert sorted(IMPORT_COLUMNS) == sorted(column.name for column in COLUMNS[Table.INCIDENT])
    assert {*IMPORT_STATUSES} == {*Status, *CancelReason}


def test_a_transition_has_the_kinds_of_entries() -> None:
    assert set(KINDS) == {kind.value for kind in EntryKind}


# ------------------------------------------------------------------------------------------------------- there and back


@given(st.text(st.sampled_from("'=+-@\t\r a"), max_size=6))
def test_a_cell_that_looks_like_a_formula_is_told_as_text_and_read_as_it_was(text: str) -> None:
    cell = defused(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert armed(cell) == text


LISTS = st.lists(st.text(st.sampled_from("ab;,[]\"' x-="), min_size=1, max_size=5), max_size=4)


@given(LISTS)
def test_a_list_in_a_cell_is_read_as_it_was(words: list[str]) -> None:
    items = tuple(dict.fromkeys(stripped for word in words if (stripped := " ".join(word.split()))))
    column = Column("services", Holds.LIST, "")
    assert read_value(column, armed(cell_of(items)), Understanding()) == items


@given(st.lists(entries(), min_size=1, max_size=6))
def test_entries_become_rows_and_the_rows_the_same_entries(drawn: list[Entry]) -> None:
    known = {}
    for entry in drawn:
        read = parse_entry(render_entry(replace(entry, by_hand=None)))
        if read is not None and read.entry.id and read.unread_kind is None:
            known[read.entry.id] = read.entry
    incident = Incident("2026-05-14-x", "X", tuple(known.values()), fold(known.values()))
    rows = transition_rows(incident)
    for told in (lines_read(rows), cells_read(Table.TRANSITION, rows)):
        assert told == rows
    if not rows:
        return
    given_rows = Given(PLACE, row(), tuple((PLACE, each) for each in rows))
    text = make_incident(given_rows, "2026-05-14-x", TAKING).text
    back = {entry.id: entry for entry in parse_document(text, incident="2026-05-14-x").entries}
    assert {id_: back[id_] for id_ in known} == known


def lines_read(rows: Sequence[AnyRow]) -> list[AnyRow]:
    """Rows as lines of JSON, and read again."""
    read: list[AnyRow] = []
    for each in rows:
        data = json.loads(row_as_line(each))
        table = Table(data.pop("type"))
        del data["schema_version"]
        read.append(ROW_TYPES[table](**vars(row_model(table).model_validate(data, context=ANY_SCALE))))
    return read


def cells_read(table: Table, rows: Sequence[AnyRow]) -> list[AnyRow]:
    """Rows as CSV, and read again."""
    told = csv.DictReader(io.StringIO(rows_as_csv(table, rows), newline=""), strict=True)
    model = row_model(table)
    cells = ({name: armed(cell) for name, cell in each.items()} for each in told)
    return [ROW_TYPES[table](**vars(model.model_validate(each, context=ANY_SCALE))) for each in cells]


class _AnyScale:
    """A scale that has every name, as that of the repository that the rows come from."""

    names = ("SEV1",)

    def find(self, word: str) -> object:
        return type("Level", (), {"name": word})


ANY_SCALE = Understanding(scale=_AnyScale())  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("text", "how", "said"),
    [
        ("2025-05-14 12:05", Understanding(), "has no time zone"),
        ("2025-10-26 02:30", BERLIN, "ambiguous"),
        ("2025-03-30 02:30", BERLIN, "does not exist"),
        ("14/05/2025 12:05", Understanding(), "is no time"),
        ("2025-05-14", Understanding(), "is a day without a time"),
        ("=NOW()", Understanding(), "is a formula"),
        ("2025-02-30T10:00:00Z", Understanding(), "is no time"),
        ("14.05.2025", replace(BERLIN, date_format="%d/%m/%Y"), "not of the form"),
    ],
)
def test_a_time_that_could_be_two_or_none_is_refused_with_the_way_out(text: str, how: Understanding, said: str) -> None:
    with pytest.raises(CellError) as raised:
        read_moment(text, how)
    assert said in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize(
    ("text", "how", "at"),
    [
        ("2025-05-14T12:05:00+02:00", Understanding(), "10:05"),
        ("2025-05-14 12:05", BERLIN, "10:05"),
        ("14/05/2025 12:05", replace(BERLIN, date_format="%d/%m/%Y %H:%M"), "10:05"),
        ("14/05/2025 12:05 +0100", replace(BERLIN, date_format="%d/%m/%Y %H:%M %z"), "11:05"),
        ("2025-05-14T10:05:00Z", replace(BERLIN, date_format="%d/%m/%Y %H:%M"), "10:05"),
    ],
)
def test_a_time_is_read_in_the_zone_that_was_given(text: str, how: Understanding, at: str) -> None:
    assert f"{read_moment(text, how):%Y-%m-%d %H:%M}" == f"2025-05-14 {at}"


def test_a_time_ahead_of_now_is_refused_and_the_next_update_is_not() -> None:
    how = Understanding(now=AT)
    with pytest.raises(CellError, match="is not past"):
        read_value(Column("declared_at", Holds.TIME, ""), "2025-06-14T10:00:00Z", how)
    assert read_value(Column("next_at", Holds.TIME, ""), "2025-06-14T10:00:00Z", how)


# ------------------------------------------------------------------------------------------------------- what is made


def test_what_a_row_does_not_say_is_not_made_up() -> None:
    keys = keys_of(made(row(severity="SEV1", status="resolved", resolved_at=AT.replace(hour=12))).text)
    assert keys["severity"] == "SEV1"
    assert keys["status"] == "resolved"
    assert keys["resolved_at"] == "2025-05-14T12:00:00Z"
    assert keys["source"] == "pager"
    assert not {"detected_at", "started_at", "acknowledged_at", "mitigated_at", "closed_at", "commander"} & set(keys)


def test_that_it_is_over_without_a_time_is_said_without_a_time() -> None:
    keys = keys_of(made(row(severity="SEV1", status="closed")).text)
    assert keys["status"] == "closed"
    assert "closed_at" not in keys
    assert "resolved_at" not in keys


def test_a_person_who_opens_has_acknowledged_and_nobody_else_is_said_to_have() -> None:
    assert keys_of(made(row(opened_by="ann")).text)["acknowledged_at"] == "2025-05-14T10:00:00Z"
    assert "acknowledged_at" not in keys_of(made(row(opened_by="bot", opened_by_agent=True)).text)
    later = AT.replace(minute=20)
    for opened_by in ("ann", None):
        keys = keys_of(made(row(opened_by=opened_by, acknowledged_at=later)).text)
        assert keys["acknowledged_at"] == "2025-05-14T10:20:00Z"


def test_who_coordinated_is_kept_and_that_the_time_is_not_known() -> None:
    keys = keys_of(made(row(commander="ann")).text)
    assert keys["commander"] == "ann"
    assert keys["estimated"] == ("commander",)


def test_an_incident_without_an_end_counts_as_open_and_that_is_said() -> None:
    assert keys_of(made(row(severity="SEV3")).text)["status"] == "investigating"
    assert any("counts as open" in line for line in warned(row(severity="SEV3")))


def test_an_end_before_its_start_is_taken_as_it_is_and_said() -> None:
    wrong = row(status="resolved", detected_at=AT, resolved_at=AT.replace(hour=9))
    assert keys_of(made(wrong).text)["resolved_at"] == "2025-05-14T09:00:00Z"
    assert warned(wrong)[0].startswith("x.csv:2: resolved_at is before detected_at")


def test_a_cancelled_one_is_cancelled_and_names_the_survivor() -> None:
    keys = keys_of(made(row(status="canceled", duplicate_of="2025-05-13-a")).text)
    assert (keys["status"], keys["cancel_reason"], keys["duplicate_of"]) == ("canceled", "duplicate", "2025-05-13-a")


def test_the_same_rows_give_the_same_bytes() -> None:
    incident = row(severity="SEV1", commander="ann", resolved_at=AT.replace(hour=12))
    assert made(incident).text == made(incident).text


def test_a_severity_that_changed_is_declared_as_it_was_and_ends_as_it_is() -> None:
    keys = keys_of(made(row(severity="SEV1", severity_declared="SEV3")).text)
    assert keys["severity"] == "SEV1"


def test_a_key_that_has_a_column_of_its_own_is_not_set_beside_it() -> None:
    with pytest.raises(Unfit) as raised:
        made(row(other_keys={"status": "closed"}))
    assert "column of its own" in raised.value.problems[0].message


@given(
    st.sampled_from(("title", "summary", "commander", "opened_by", "root_cause", "postmortem_url")),
    st.text(max_size=40),
)
def test_hostile_words_in_a_row_become_words_or_are_refused(name: str, text: str) -> None:
    from incidentctl.incident.words import clean_line, handle_of

    words = clean_line(text)
    taking = replace(TAKING, person=handle_of)
    if not words:
        return
    try:
        result = make_incident(Given(PLACE, row(**{name: words})), "2025-05-14-x", taking)
    except Unfit as unfit:
        assert unfit.problems[0].place == PLACE
        return
    document = parse_document(result.text, incident="2025-05-14-x")
    assert not document.faults
    assert {key: document.value(key) for key in ("severity", "status")} == {
        "severity": "SEV2",
        "status": "investigating",
    }
