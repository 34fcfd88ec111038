"""write, fsync, rename and the rest fail in turn: nothing that was acknowledged is lost, and what was not is said in one sentence."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash import shim
from tests.crash.yard import Loss, Yard, new_yard

needs_shim = pytest.mark.skipif(shim.library() is None, reason=shim.MISSING)
STEP = int(os.environ.get("INCIDENTCTL_FAULTS_STEP", "3"))
"""Every how many-th change fails; `make crash` takes each of them."""


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return new_yard(tmp_path / "yard")


def demand_all_is_well(yard: Yard, before: tuple[str, str, str], what: str) -> None:
    """The next command works, takes in what waits, and leaves everything in order."""
    try:
        follows = yard.order("note")
        done = yard.run(follows)
        assert done.code == 0, done
        yard.check_words()
        yard.check_order()
        assert yard.foreign() == before
    except (Loss, AssertionError) as error:
        raise Loss(f"{what}: {error}") from None


@needs_shim
@pytest.mark.slow
@pytest.mark.parametrize("verb", ["note", "open"])
@pytest.mark.parametrize(
    ("kinds", "error", "lasts"),
    [
        ("write mkdir", errno.ENOSPC, False),
        ("write mkdir open", errno.ENOSPC, True),
        ("fsync", errno.EIO, False),
        ("rename link", errno.EIO, False),
        ("open", errno.EACCES, False),
        ("link", errno.EPERM, True),
        ("unlink", errno.EIO, False),
    ],
)
def test_each_change_fails_in_turn(yard: Yard, verb: str, kinds: str, error: int, lasts: bool) -> None:
    faults = shim.Faults(yard.path, yard.path.parent / "changes")
    before = yard.foreign()
    words = tuple(kinds.split())
    yard.run(yard.order(verb), environ=faults.environ(kinds=words))
    count, outcomes = faults.count, set()
    for at in {*range(1, count + 1, STEP), count}:
        order = yard.order(verb)
        done = yard.run(order, environ=faults.environ(at=at, do=str(error), kinds=words, lasts=lasts))
        what = f"{kinds} number {at} of {count} failed with {errno.errorcode[error]}: {done}"
        outcomes.add(done.code)
        assert done.code in (0, 4, 7), what
        assert done.code == 0 or done.err.strip(), what
        assert done.code in (0, 7) or done.out == "", what
        demand_all_is_well(yard, before, what)
    assert 0 in outcomes or lasts


@needs_shim
def test_a_disk_that_is_full_for_everybody_refuses_in_one_sentence(yard: Yard) -> None:
    before = yard.foreign()
    faults = shim.Faults(yard.path.parent, yard.path.parent.parent / "changes")
    environ = faults.environ(at=1, do=str(errno.ENOSPC), kinds=("write", "mkdir", "open"), lasts=True)
    done = yard.run(yard.order("note"), environ=environ)
    assert done.code == 4 and done.out == ""
    assert "the disk is full" in done.err and "free some space" in done.err
    demand_all_is_well(yard, before, "full")


@needs_shim
def test_a_git_directory_that_takes_nothing_sends_the_words_to_the_state_folder(yard: Yard) -> None:
    before = yard.foreign()
    faults = shim.Faults(yard.path / ".git", yard.path.parent / "changes")
    done = yard.run(yard.order("note"), environ=faults.environ(at=1, do=str(errno.EROFS), lasts=True))
    assert done.code == 7 and "the file system is read-only" in done.err, done
    assert list(Path(yard.environ["XDG_STATE_HOME"]).rglob("*.json")), "where the words are"
    demand_all_is_well(yard, before, "read-only")
    assert not list(Path(yard.environ["XDG_STATE_HOME"]).rglob("*.json"))


@needs_shim
def test_objects_that_cannot_be_written_leave_the_words_in_the_file(yard: Yard) -> None:
    before = yard.foreign()
    faults = shim.Faults(yard.path / ".git/objects", yard.path.parent / "changes")
    done = yard.run(yard.order("note"), environ=faults.environ(at=1, do=str(errno.EACCES), lasts=True))
    assert done.code == 7 and "saved in the file, not committed" in done.err, done
    assert "w0001x" in (yard.path / "incidents/2026/05/2026-05-14-checkout-latency.md").read_text()
    demand_all_is_well(yard, before, "objects")


@needs_shim
@pytest.mark.slow
def test_a_tree_that_git_could_not_write_is_never_committed(yard: Yard) -> None:
    """`git mktree` names a tree as if it had written it."""
    before = yard.foreign()
    faults = shim.Faults(yard.path / ".git/objects", yard.path.parent / "changes")
    yard.run(yard.order("note"), environ=faults.environ(kinds=("open",), who="git"))
    codes = []
    for at in range(1, faults.count + 1):
        done = yard.run(
            yard.order("note"),
            environ=faults.environ(at=at, do=str(errno.ENOSPC), kinds=("open",), who="git", lasts=True),
        )
        codes.append(done.code)
        yard.check_words() if done.code == 0 else None
        demand_all_is_well(yard, before, f"object {at}: {done}")
    assert 7 in codes
    assert {*codes} <= {0, 7}  # one that is not reached any more harms nobody


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv[:2] = ["incidentctl"]
from incidentctl.__main__ import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 1, 40, 200, 400, 600, 1000, 2000, 4000])
def test_writes_that_stop_in_the_middle(yard: Yard, size: int) -> None:
    before = yard.foreign()
    order = yard.order("note")
    process = subprocess.Popen(
        [sys.executable, "-c", LIMITED, str(size), *order.words],
        cwd=yard.path,
        env=yard.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    done = yard.ended(order, process)
    assert done.code in (0, 4, 7), done
    assert done.code == 0 or done.err.strip(), done
    demand_all_is_well(yard, before, f"no file longer than {size}: {done}")


# --------------------------------------------------------------------------------------------------- places that are missing


def test_without_a_home_folder_a_word_is_saved_and_committed(yard: Yard) -> None:
    before = yard.foreign()
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        yard.environ.pop(name)
    assert yard.run(yard.order("note")).code == 0
    yard.environ["HOME"] = str(yard.path.parent / "home")
    demand_all_is_well(yard, before, "no home")


def test_a_state_folder_that_cannot_be_made_is_no_hindrance(yard: Yard) -> None:
    before = yard.foreign()
    (yard.path.parent / "file").write_text("")
    yard.environ["XDG_STATE_HOME"] = str(yard.path.parent / "file" / "state")
    assert yard.run(yard.order("note")).code == 0
    demand_all_is_well(yard, before, "no state folder")


def test_where_git_is_missing_that_is_said(yard: Yard) -> None:
    empty = yard.path.parent / "empty"
    empty.mkdir()
    done = yard.run(yard.order("note"), environ={"PATH": str(empty)})
    assert done.code == 4 and done.out == ""
    assert (
        done.err == "git is not installed, or not on the PATH: install git 2.30 or newer; it is what keeps the record\n"
    )


WITHOUT_RIGHTS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""Root may write anywhere; this root may not."""


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root needs setpriv to be refused")
@pytest.mark.parametrize("locked", [".git/objects", ".git", "incidents/2026/05", ".git/refs/heads"])
def test_a_folder_without_permission(yard: Yard, locked: str) -> None:
    before = yard.foreign()
    folder = yard.path / locked
    folders = [folder, *(each for each in folder.rglob("*") if each.is_dir())]
    for each in folders:
        each.chmod(0o555)
    order = yard.order("note")
    process = subprocess.Popen(
        [*(WITHOUT_RIGHTS if os.geteuid() == 0 else ()), sys.executable, "-m", "incidentctl", *order.words],
        cwd=yard.path,
        env=yard.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    done = yard.ended(order, process)
    for each in folders:
        each.chmod(0o755)
    assert done.code == 7, done
    assert "ermission" in done.err and "do not repeat the command" in done.err, done
    demand_all_is_well(yard, before, str(done))
