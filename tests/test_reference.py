"""The reference is made by the program, and current."""

import shutil
import subprocess
import sys
from pathlib import Path

from incidentctl.lint.catalogue import RULES

MEASURED = {"blame-quality.md", "lint-quality.md"}
"""Pages of measurements, which have a check of their own."""

WRITTEN = {"faults.md", "metrics.md"}
"""Pages written by hand; `tests/crash/test_faults.py` holds this one to the tests that it names."""

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs/reference"


def build(*words: str, root: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "COLUMNS": "33", "LANG": "C"}
    return subprocess.run(
        [sys.executable, str(root / "docs/build_reference.py"), *words],
        cwd=root,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_reference_is_current() -> None:
    done = build("--check")
    assert done.returncode == 0, done.stderr


def test_each_page_that_is_out_of_date_is_named_and_made_again(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "docs/reference/json.md").unlink()
    (tmp_path / "docs/reference/commands.md").write_text("old\n")
    done = build("--check", root=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "docs/reference/commands.md is out of date: make docs",
        "docs/reference/json.md is out of date: make docs",
    ]
    assert build(root=tmp_path).returncode == 0
    assert build("--check", root=tmp_path).returncode == 0


def test_no_page_is_left_that_the_program_does_not_make() -> None:
    made = {"commands.md", "settings.md", "exit-codes.md", "json.md", "document-format.md", "doctor.md"}
    assert {path.name for path in REFERENCE.iterdir() if path.is_file()} == {
        *made,
        *MEASURED,
        *WRITTEN,
        "document-format.in.md",
    }
    rules = {path.name for path in (REFERENCE / "rules").iterdir()}
    assert {rule.code for rule in RULES} | {"README"} == {name.removesuffix(".md") for name in rules}
    for name in (*made, *(f"rules/{rule}" for rule in rules)):
        assert "Made by `make docs`" in (REFERENCE / name).read_text(encoding="utf-8").partition("\n## ")[0]
    for name in made:
        assert "{{" not in (REFERENCE / name).read_text(encoding="utf-8")
