"""Killed at any moment: the next command finds a usable repository and every acknowledged word. `make crash` does it at length."""

import os
import time
from pathlib import Path

import pytest

from tests.crash import shim
from tests.crash.gits import Gits
from tests.crash.kills import kill_many
from tests.crash.yard import Yard, new_yard

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return new_yard(tmp_path / "yard")


@pytest.mark.slow
def test_some_dozens_of_kills_lose_nothing() -> None:
    seed = int(os.environ.get("INCIDENTCTL_KILLS_SEED", str(int(time.time()))))
    killed = sum(tally.killed for tally in kill_many(24, seed=seed, jobs=2))
    assert killed >= 24


@pytest.mark.slow
@pytest.mark.parametrize("do", ["before", "both", "after"])
def test_killed_at_each_git_of_a_note(yard: Yard, do: str) -> None:
    gits, before = Gits(yard), yard.foreign()
    yard.run(yard.order("note"), environ=gits.environ())
    for at in range(1, gits.count + 1):
        yard.run(yard.order("note"), environ=gits.environ(at=at, do=do))
        assert yard.run(yard.order("note")).code == 0
        yard.check_words()
        yard.check_order()
        assert yard.foreign() == before


@pytest.mark.slow
@pytest.mark.skipif(shim.library() is None, reason=shim.MISSING)
@pytest.mark.parametrize("kind", ["rename", "link", "unlink"])
def test_killed_before_each_change_of_a_name(yard: Yard, kind: str) -> None:
    faults, before = shim.Faults(yard.path, yard.path.parent / "changes"), yard.foreign()
    yard.run(yard.order("note"), environ=faults.environ(kinds=(kind,)))
    for at in range(1, faults.count + 1):
        done = yard.run(yard.order("note"), environ=faults.environ(at=at, do="both", kinds=(kind,)))
        assert yard.run(yard.order("note")).code == 0, done
        yard.check_words()
        yard.check_order()
        assert yard.foreign() == before


@pytest.mark.slow
@pytest.mark.skipif(shim.library() is None, reason=shim.MISSING)
def test_a_post_mortem_that_was_begun_by_a_killed_command_is_begun_by_the_next(yard: Yard) -> None:
    """On a branch of its own: the switch, the file and the commit are three steps, and any of them may be the last."""
    faults, incident, number = shim.Faults(yard.path, yard.path.parent / "changes"), "", 0
    while True:
        number += 1
        opened = yard.order("open")
        assert yard.run(opened).code == 0
        incident = next(name for name in yard.record() if opened.words[1].split()[1] in name).rpartition("/")[2][:-3]
        words = ("postmortem", "new", incident)
        environ = faults.environ(at=number * 9, do="both")
        killed = yard.run(type(opened)(words, lambda files: 1, once=True), environ=environ)
        yard.said.pop()
        again = yard.run(type(opened)(words, lambda files: 1))
        yard.said.pop()
        assert again.code == 0 or "already" in again.err, (number, killed, again)
        document = f"postmortems/{incident[:4]}/{incident[5:7]}/{incident}.md"
        yard.git("checkout", "--quiet", f"postmortem/{incident}")
        assert (yard.path / document).exists()
        yard.git("add", document)  # a file that was begun and not committed is the user's to commit, as with any editor
        yard.git("commit", "--quiet", "--allow-empty", "-m", "mine", "--", document)
        yard.git("checkout", "--quiet", "main")
        if killed.code == 0:
            break
    assert yard.run(yard.order("note")).code == 0
    yard.check_order()
    assert number > 3
