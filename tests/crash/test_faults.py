"""The page of faults names a test for each, and there is one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/faults.md"
HEAD = ["what fails", "what you see", "where your words are", "what to do", "test"]

ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| ---")
]


def test_each_table_has_the_same_columns() -> None:
    assert len(ROWS) > 30
    assert all(len(row) == len(HEAD) and all(row) for row in ROWS), [row for row in ROWS if len(row) != len(HEAD)]


@pytest.mark.parametrize("row", [row for row in ROWS if row[0].strip("| ") != HEAD[0]], ids=lambda row: row[0])
def test_each_fault_has_its_test(row: list[str]) -> None:
    named = re.fullmatch(r"`(tests/\S+\.py)::(test_\w+)`", row[-1].rstrip("| "))
    assert named is not None, row[-1]
    path, name = named.groups()
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), row[-1]


def test_no_test_stands_for_two_faults() -> None:
    named = [row[-1] for row in ROWS if row[0].strip("| ") != HEAD[0]]
    assert sorted(set(named)) == sorted(named)
