"""Each git of a command fails, ends or hangs in turn: what was acknowledged is on the record with the next command."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.crash.gits import Gits
from tests.crash.test_failing_disk import demand_all_is_well
from tests.crash.yard import Yard, end_all, new_yard


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return new_yard(tmp_path / "yard")


@pytest.mark.slow
@pytest.mark.parametrize("do", ["fail", "end"])
def test_each_git_fails_or_is_killed_in_turn(yard: Yard, do: str) -> None:
    gits, before = Gits(yard), yard.foreign()
    yard.run(yard.order("note"), environ=gits.environ())
    codes, count = [], gits.count
    for at in range(1, count + 1):
        done = yard.run(yard.order("note"), environ=gits.environ(at=at, do=do))
        what = f"git number {at} of {count}: {do}: {done}"
        codes.append(done.code)
        assert done.code in (0, 2, 4, 7), what
        assert done.code in (0, 7) or (done.out == "" and done.err), what
        if done.code == 0:
            yard.check_words()
        demand_all_is_well(yard, before, what)
    assert 7 in codes, codes


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_git_that_hangs_can_be_interrupted_and_nothing_is_lost(yard: Yard) -> None:
    gits, before = Gits(yard), yard.foreign()
    yard.run(yard.order("note"), environ=gits.environ())
    for at in range(1, gits.count + 1):
        order = yard.order("note")
        process = yard.start(order.words, environ=gits.environ(at=at, do="hang"))
        until = time.monotonic() + 20
        while gits.count < at and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        try:
            done = yard.ended(order, process, timeout=45)
        finally:
            end_all(process.pid)
        assert done.code in (130, 0, 7, 4), (at, done)
        demand_all_is_well(yard, before, f"git number {at} hung: {done}")


@pytest.mark.slow
def test_a_folder_of_objects_that_a_gc_clears_away_meanwhile_is_made_again(yard: Yard) -> None:
    """git makes `objects/ab/`, a `git gc` beside it removes the empty folder, and git fails: once more, and it is written."""
    gits = Gits(yard)
    yard.run(yard.order("note"), environ=gits.environ())
    count, writers = gits.count, []
    for at in range(1, count + 1):
        done = yard.run(yard.order("note"), environ=gits.environ(at=at, do="sweep"))
        if gits.swept in ("hash-object", "mktree", "commit-tree"):
            writers.append(gits.swept)
            assert done.code == 0, (at, done)
            yard.check_words()
    assert {*writers} == {"mktree", "commit-tree"}, writers
