"""The format `csv`: any reader gets the same rows, and no spreadsheet runs one of them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.output.reports.csv import COLUMNS, defused, report_as_csv
from incidentctl.stats.report import MISLEADING
from tests.output.reports.sample_reports import ALL, quarter


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report_as_csv(ALL[name]()), newline="")))


@pytest.mark.parametrize("name", ALL)
def test_every_row_has_the_columns_of_the_head_and_ends_as_rfc_4180_says(name: str) -> None:
    text = report_as_csv(ALL[name]())
    assert text.endswith("\r\n")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert text.count("\n") == text.count("\r\n") == len(rows)


def test_it_begins_with_the_severe_incidents_and_ends_with_how_it_misleads() -> None:
    rows = _rows("quarter")
    assert (rows[0]["section"], rows[0]["name"]) == ("severe_incident", "2026-04-02-card-payments-fail")
    assert [row["note"] for row in rows[-len(MISLEADING) :]] == list(MISLEADING)


def test_a_figure_is_a_row() -> None:
    found = {
        (row["name"], row["figure"]): row for row in _rows("quarter") if row["section"] == "metric" and not row["group"]
    }
    assert (found["mttm", "median"]["value"], found["mttm", "median"]["unit"]) == ("3480", "seconds")
    assert (found["mttm", "n"]["value"], found["mttm", "eligible"]["value"]) == ("12", "15")
    assert (found["mttm", "from"]["value"], found["mttm", "to"]["value"]) == ("detected_at", "mitigated_at")


def test_what_is_not_known_is_empty_and_never_0() -> None:
    found = {(row["section"], row["name"], row["figure"]): row["value"] for row in _rows("nothing")}
    for figure in ("median", "p90", "mean", "ci95_low", "ci95_high"):
        assert found["metric", "mttm", figure] == ""
    assert found["action_items", "", "rate"] == ""
    assert found["repeats", "", "number"] == ""
    assert found["metric", "mttm", "n"] == "0"


def test_no_cell_is_a_formula() -> None:
    for row in csv.reader(io.StringIO(report_as_csv(quarter()), newline="")):
        for cell in row:
            is_number = cell.removeprefix("-").replace(".", "", 1).isdecimal()
            assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1", "－1"])
def test_what_a_spreadsheet_would_run_becomes_text(text: str) -> None:
    assert defused(text).startswith("'")


@given(st.text())
def test_a_defused_text_never_begins_a_formula(text: str) -> None:
    assert not defused(text).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
