"""`demo`: the real commands tell an incident, and nothing of the user's is touched."""

from pathlib import Path

from tests.conftest import Desk


def test_the_demo_tells_a_whole_incident_and_leaves_nothing(desk: Desk) -> None:
    before = sorted(Path(desk.environ["HOME"]).rglob("*"))
    out = desk.ok("demo").out
    assert "SEV1 2026-05-14-checkout-latency · detected 10:02Z" in out
    assert "12:10Z checkout-latency SEV1 resolved, 2h 8m after detection" in out
    assert "checkout-latency: opened SEV1" in out
    assert sorted(Path(desk.environ["HOME"]).rglob("*")) == before
    assert desk.subjects() == ["settings"]


def test_it_can_be_kept(desk: Desk, tmp_path: Path) -> None:
    desk.ok("demo", "--keep", str(tmp_path / "kept"))
    assert "resolved" in desk.ok("-C", str(tmp_path / "kept"), "list").out
    assert desk.git("fsck", "--strict", cwd=tmp_path / "kept") == ""


def test_it_is_kept_in_no_folder_that_holds_something(desk: Desk) -> None:
    result = desk.ictl("demo", "--keep", str(desk.path))
    assert result.code == 2
    assert "is not empty" in result.err
