"""The golden repository, exported and imported into an empty one: the same report, but for what cannot travel."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Desk, new_desk
from tests.stats.golden_repository import NOW, SETTINGS, Golden, load

ANSWERS = ("stats", "report", "--json")


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    """The repository that is exported. Nobody writes to it."""
    return load(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def export(golden: Golden, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its exports, as JSON lines and as tables."""
    folder = tmp_path_factory.mktemp("export")
    golden.ictl("ann", "stats", "export", "-o", str(folder / "lines.jsonl"))
    golden.ictl("ann", "stats", "export", "--format", "csv", "-o", str(folder / "tables"))
    return folder


def taken_in(folder: Path, place: Path, *words: str) -> Desk:
    """An empty repository with the same settings, and the import in it."""
    folder.mkdir()
    desk = new_desk(folder, settings=SETTINGS)
    desk.now, desk.zone = NOW, "Europe/Berlin"
    assert "imported 21 incidents, 94 transitions, 18 action items" in desk.ok("import", str(place), *words).out
    return desk


def travelling(report: Any) -> Any:
    """A report without what the page on imports says cannot travel."""
    report.pop("data_quality")
    for row in report["incidents"]:
        row["marks"] = [mark for mark in row["marks"] if mark not in ("imported", "from history")]
    report["action_items"].pop("moved")
    left_undone = [item for repeat in report["repeats"]["repeats"] for item in repeat["left_undone"]]
    for item in (*report["action_items"]["items"], *left_undone):
        for name in ("due", "moves", "line", "deleted", "reason"):
            item.pop(name, None)
    return report


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lines.jsonl", "tables"])
def test_an_import_into_an_empty_repository_gives_the_same_report(
    golden: Golden, export: Path, tmp_path: Path, name: str
) -> None:
    desk = taken_in(tmp_path / "new", export / name)
    theirs = golden.json("ann", "stats", "report")
    ours = desk.ok(*ANSWERS).json
    assert ours["process"] == theirs["process"]
    assert travelling(ours) == travelling(theirs)
