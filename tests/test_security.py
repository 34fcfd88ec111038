"""The page of promises: each names a test that there is."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
ROW = re.compile(r"^\| ([A-Z][0-9]+) \| (.+?) \| `(.+?)` \|$", re.MULTILINE)
PAGE = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
PROMISES = ROW.findall(PAGE)


def names_of_tests(path: Path) -> set[str]:
    """The names of a file's tests, those of a class with it."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return {name for name in names if name.rpartition("::")[2].startswith("test_")}


def test_each_row_of_the_promises_has_a_number_of_its_own_words_and_a_test() -> None:
    begin, end = PAGE.index("## What is promised"), PAGE.index("## What is not promised")
    rows = [line for line in PAGE[begin:end].splitlines() if line.startswith("| ") and "| no. |" not in line]
    rows = [line for line in rows if not line.startswith("| ---")]
    assert len(rows) == len(PROMISES) > 30
    numbers = [number for number, _, _ in PROMISES]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(("number", "test"), [(number, test) for number, _, test in PROMISES])
def test_the_test_of_a_promise_is_there(number: str, test: str) -> None:
    path, _, name = test.partition("::")
    assert (PROJECT / path).is_file()
    assert name in names_of_tests(PROJECT / path)
