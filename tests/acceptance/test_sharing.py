"""Six responders at one incident, each in a clone with work of their own, through one shared repository."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.clones import FILE, INCIDENT, Team, new_team
from tests.conftest import Desk

NAMES = ("ann", "bob", "cleo", "dan", "eve", "finn")
NOTES = 20
PROJECT = Path(__file__).parents[2]

# One process a responder; its commands are whole ones, on a clock that stands still.
WORK = """
import sys
from pathlib import Path
from tests.acceptance.test_sharing import work
from tests.conftest import Desk
import json
work(Desk(Path(sys.argv[1]), json.loads(sys.argv[2]), chances=int(sys.argv[3])), int(sys.argv[3]))
"""


def work(desk: Desk, seed: int) -> None:
    """Twenty notes, with changes of severity, of roles, an end and a new beginning among them."""
    name = desk.path.name
    for number in range(NOTES):
        desk.wait(0.25)
        desk.ok("note", INCIDENT, f"{name} says {number}")
        if number % 7 == seed % 7:
            desk.ok("severity", "-i", INCIDENT, str(1 + (number + seed) % 3), "-m", f"as {name} sees it")
        if number == 5:
            desk.ok("assign", "-i", INCIDENT, ("ic", "tl", "comms")[seed % 3], "me")
        if number == 12 and seed % 2:
            desk.ictl("resolve", INCIDENT, f"{name} mended it")


def dirty(desk: Desk) -> None:
    """Work that has nothing to do with the incident: staged, unstaged, and not known to git."""
    desk.write("app.py", "one\nchanged\nthree\n")
    desk.write("staged.txt", "staged\n")
    desk.git("add", "staged.txt")
    desk.write("app.py", f"one\nchanged again by {desk.path.name}\nthree\n")
    desk.write("untracked/notes.txt", "mine\n")


def foreign(desk: Desk) -> tuple[str, ...]:
    return (desk.git("diff"), desk.git("diff", "--cached"), desk.git("status", "--porcelain", "-uall"))


@pytest.mark.slow
@pytest.mark.parametrize("is_protected", [False, True], ids=["open", "protected"])
def test_six_clones_end_with_the_same_record_and_their_own_work(tmp_path: Path, is_protected: bool) -> None:
    team = new_team(tmp_path)
    if is_protected:
        team.protect_main()
    desks = [team.clone(name) for name in NAMES]
    desks[0].ok("open", "Checkout latency", "-s", "2")
    for desk in desks[1:]:
        desk.ok("sync")
    for desk in desks:
        dirty(desk)
    before = [foreign(desk) for desk in desks]
    with ThreadPoolExecutor(len(desks)) as pool:
        list(pool.map(lambda pair: _works(team, pair[1], pair[0]), enumerate(desks)))
    for _ in range(2):
        for desk in desks:
            desk.ok("sync")
    branch = f"incident/{INCIDENT}" if is_protected else "main"
    record = team.show(branch=branch)
    for name in NAMES:
        for number in range(NOTES):
            assert record.count(f"{name} says {number} ") == 1
    for desk, was in zip(desks, before, strict=True):
        assert desk.text(FILE) == record
        assert foreign(desk) == was
        assert desk.ok("sync").out == "in step with origin/main\n" + ("".join(_requests(desk)) if is_protected else "")
        assert desk.git("fsck", "--strict", "--no-dangling") == ""
        assert not (desk.path / ".git" / "index.lock").exists()
    assert team.git("ls-tree", "--name-only", branch).split() == ["app.py", "incidentctl.toml", "incidents"]
    if is_protected:
        assert team.subjects() == ["settings"]


def _requests(desk: Desk) -> list[str]:
    return desk.ok("sync").out.splitlines(keepends=True)[1:]


def _works(team: Team, desk: Desk, number: int) -> None:
    import json

    done = subprocess.run(
        [sys.executable, "-c", WORK, str(desk.path), json.dumps(desk.environ), str(100_003 * (number + 1))],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
