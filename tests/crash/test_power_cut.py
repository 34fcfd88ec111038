"""A power cut: what is not flushed to the disk may be gone, and a name may outlive what it names. So the order of flushing is a promise."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from tests.crash import shim
from tests.crash.yard import RECORD, Order, Yard, new_yard

pytestmark = pytest.mark.skipif(shim.library() is None, reason=shim.MISSING)


class Step(Struct, frozen=True):
    """One change on the disk: who made it, of which kind, where, and the new name."""

    program: str
    kind: str
    path: str
    to: str


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return new_yard(tmp_path / "yard")


def steps_of(yard: Yard, *words: str) -> list[Step]:
    """Everything that a command changes in the repository, in order; paths from its top."""
    log = yard.path.parent / "log"
    log.unlink(missing_ok=True)
    faults = shim.Faults(yard.path, yard.path.parent / "changes")
    order = Order(words, lambda files: 1)
    assert yard.run(order, environ=faults.environ(log=log)).code == 0
    top = f"{yard.path}/"
    lines = (line.split(" ") for line in log.read_text().splitlines())
    return [Step(who, kind, path.removeprefix(top), to.removeprefix(top)) for who, kind, path, to in lines]


def put_in_place(steps: list[Step]) -> Iterator[tuple[int, Step]]:
    """The steps by which a file that was written under another name gets its own."""
    for at, step in enumerate(steps):
        if step.kind in ("rename", "link") and not step.to.endswith(".lock"):
            yield at, step


WRITES = [
    ("note", "pool", "exhausted"),
    ("open", "Disk full", "-s", "3"),
    ("update", "failing over", "--next", "30m"),
    ("action", "add", "Watch it", "--owner", "@ann", "--due", "2030-01-01"),
]


@pytest.mark.parametrize("words", WRITES, ids=lambda words: words[0])
def test_each_file_is_flushed_before_anything_rests_on_it(yard: Yard, words: tuple[str, ...]) -> None:
    steps = steps_of(yard, *words)
    unflushed = []
    for at, step in put_in_place(steps):
        if step.to.startswith(".git/incidentctl/") and "spool" not in step.to:
            continue  # notes of ours that may be lost: nothing rests on them
        names = {step.path}
        # A second name: what was flushed under the first one is flushed.
        names |= {each.path for each in steps[:at] if each.kind == "link" and each.to == step.path}
        names |= {each.path for each in steps[:at] if each.kind == "rename" and each.to in names}
        # An object is nothing before the branch names a commit that holds it.
        until = next(place for place, each in enumerate(steps) if each.to == ".git/refs/heads/main")
        names |= {step.to} if "/objects/" in step.to else set()
        before = until if "/objects/" in step.to else at
        if not any(each.kind == "fsync" and each.path in names for each in steps[:before]):
            unflushed.append(step.to)
    assert unflushed == []


def test_the_words_leave_the_spool_last_of_all(yard: Yard) -> None:
    steps = steps_of(yard, "note", "pool", "exhausted")
    kinds = [(each.kind, each.path, each.to) for each in steps]
    saved = next(at for at, each in enumerate(steps) if each.kind == "fsync" and each.path.endswith("/spool"))
    locked = next(at for at, each in enumerate(steps) if each.path.endswith("/lock.next"))
    moved = next(at for at, each in enumerate(steps) if each.to == ".git/refs/heads/main")
    gone = [at for at, each in enumerate(steps) if each.kind == "unlink" and "/spool/" in each.path]
    assert saved < locked, "the words and their name are flushed before anything is waited for"
    assert len(gone) == 1 and gone[0] > moved, kinds
    assert gone[0] == len(steps) - 1, "nothing is left to be done once they are gone"


def test_the_file_and_its_folder_are_flushed_before_the_branch_moves(yard: Yard) -> None:
    steps = steps_of(yard, "note", "pool", "exhausted")
    placed = next(at for at, each in enumerate(steps) if each.to == RECORD)
    flushed = [at for at, each in enumerate(steps) if each.kind == "fsync" and each.path == RECORD.rpartition("/")[0]]
    moved = next(at for at, each in enumerate(steps) if each.to == ".git/refs/heads/main")
    assert any(placed < at < moved for at in flushed)


def test_a_user_who_has_chosen_what_git_flushes_is_obeyed(yard: Yard) -> None:
    yard.git("config", "core.fsync", "none")
    steps = steps_of(yard, "note", "pool", "exhausted")
    assert not [each for each in steps if each.kind == "fsync" and "objects" in each.path]
