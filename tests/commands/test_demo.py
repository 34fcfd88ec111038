"""`demo`: the real commands tell an incident, and nothing of the user's is touched."""

import shlex
from pathlib import Path

from incidentctl.cli import COMMANDS
from tests.conftest import Desk


def test_the_demo_tells_a_whole_incident_and_leaves_nothing(desk: Desk) -> None:
    before = sorted(Path(desk.environ["HOME"]).rglob("*"))
    out = desk.ok("demo").out
    assert "~/incidents is ready: committed incidentctl.toml, .gitattributes on main" in out
    assert "SEV1 2026-05-14-checkout-latency · detected 10:02Z" in out
    assert "12:10Z checkout-latency SEV1 resolved, 2h 8m after detection" in out
    assert "checkout-latency: opened SEV1" in out
    assert sorted(Path(desk.environ["HOME"]).rglob("*")) == before
    assert desk.subjects() == ["settings"]


def test_it_shows_what_the_commands_print_when_they_are_typed(desk: Desk, tmp_path: Path) -> None:
    told = desk.ok("demo").out
    place = tmp_path / "by-hand"
    desk.ok("init", str(place))
    clocks = iter("10:06 10:07 10:12 10:18 10:19 10:30 10:48 10:56 10:57 12:10 12:16 12:17".split())
    for part in told.split("$ ictl ")[2:]:
        line, _, printed = part.partition("\n")
        desk.at(next(clocks))
        typed = desk.ok(*shlex.split(line), cwd=place).out
        results = [each for each in printed.splitlines() if not each.startswith("warning: ")]
        for expected, shown in zip(typed.splitlines(), results, strict=False):
            assert shown.partition(" e:")[0] == expected.partition(" e:")[0], line


def test_it_fits_two_screens_and_names_commands_that_there_are(desk: Desk) -> None:
    lines = desk.ok("demo").out.splitlines()
    assert len(lines) < 110
    verbs = {line.split()[2] for line in lines if line.startswith("$ ictl ")}
    assert verbs <= {listed.name for listed in COMMANDS}
    assert {"init", "open", "assign", "note", "update", "mitigate", "resolve", "set", "show", "undo"} <= verbs


def test_settings_of_the_user_lead_it_nowhere_else(desk: Desk) -> None:
    names = ("INCIDENTCTL_REPO", "INCIDENTCTL_INCIDENT", "INCIDENTCTL_AS", "GIT_DIR", "TMPDIR")
    values = (str(desk.path), "2026-01-01-other", "@bot (agent)", str(desk.path / ".git"), str(desk.path))
    desk.environ |= dict(zip(names, values, strict=True))
    out = desk.ok("demo").out
    assert "commander @ann" in out
    for name in names:
        del desk.environ[name]
    assert desk.subjects() == ["settings"]
    assert desk.git("status", "--porcelain") == ""


def test_it_can_be_kept(desk: Desk, tmp_path: Path) -> None:
    desk.ok("demo", "--keep", str(tmp_path / "kept"))
    assert "resolved" in desk.ok("-C", str(tmp_path / "kept"), "list").out
    assert desk.git("fsck", "--strict", cwd=tmp_path / "kept") == ""
    assert desk.ok("demo", "--keep", "~/kept").code == 0
    assert Path(desk.environ["HOME"], "kept/.git").is_dir()


def test_it_is_kept_in_no_folder_that_holds_something(desk: Desk) -> None:
    for name in (str(desk.path), str(desk.path / "incidentctl.toml"), ""):
        result = desk.ictl("demo", "--keep", name)
        assert result.code == 2
        assert "is not an empty folder" in result.err


def test_a_step_that_fails_ends_it_and_is_named(desk: Desk) -> None:
    desk.environ["PATH"] = "/nonexistent"
    result = desk.ictl("demo")
    assert result.code == 4
    assert result.err.startswith("the demo ended at `ictl init ~/incidents`:\ngit is not installed")
