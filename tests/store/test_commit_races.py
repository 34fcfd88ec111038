"""Many at once, and killed at any moment: every word that was said to be saved is there, and the next command works."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from incidentctl.store.commit import Change, FileChange, commit_files
from tests.processes import session_of
from tests.store.conftest import OURS, adding

WRITER = """
import os, sys
from pathlib import Path
from tests.store.conftest import Place
place = Place(Path(sys.argv[1]), dict(os.environ))
for number in range(int(sys.argv[3])):
    result = place.note(f"{sys.argv[2]}-{number}", **eval(sys.argv[4]))
    place.opened[-1].close(); place.opened.clear()
    if result.refused: print("refused", result.refused.reason, flush=True)
    elif result.notes: print("note", *result.notes, flush=True)
    print("saved", f"{sys.argv[2]}-{number}", result.commit, flush=True)
"""


@pytest.mark.slow
def test_sixteen_at_once_are_sixteen_times_their_notes(place, python):
    before = place.head()
    writers = [python(WRITER, str(place.path), f"w{number}", "5", "{}") for number in range(16)]
    said = [writer.communicate() for writer in writers]
    assert all(writer.returncode == 0 and not err for writer, (_, err) in zip(writers, said, strict=True)), said
    wanted = {f"w{number}-{each}" for number in range(16) for each in range(5)}
    assert set(place.read().split()) == {"first"} | wanted
    assert place.git("show", f"HEAD:{OURS}") == place.read().rstrip()
    assert len(place.git("rev-list", f"{before}..HEAD").split()) == 80
    assert not [line for out, _ in said for line in out.splitlines() if not line.startswith("saved")]
    assert place.git("status", "--porcelain") == ""
    place.check()


@pytest.mark.slow
def test_somebody_else_commits_with_git_all_the_while(place, python):
    """Both go on: git never meets a lock of ours for more than a moment, and our commits never hold its files."""
    writers = [python(WRITER, str(place.path), f"w{number}", "8", "{}") for number in range(2)]
    made, deadline = 0, time.monotonic() + 30
    while any(writer.poll() is None for writer in writers) and time.monotonic() < deadline:
        place.write("app.py", f"{made}\n")
        done = subprocess.run(
            ["git", "commit", "--quiet", "-m", "foreign", "--", "app.py"],
            cwd=place.path,
            env=place.environ,
            capture_output=True,
        )
        made += done.returncode == 0
    said = [writer.communicate() for writer in writers]
    assert all(writer.returncode == 0 for writer in writers), said
    assert not [line for out, _ in said for line in out.splitlines() if line.startswith("refused")], said
    assert made > 0
    assert len(place.git("show", f"HEAD:{OURS}").split()) == 17
    for commit in place.git("rev-list", "HEAD~1", "--not", place.git("rev-list", "--max-parents=0", "HEAD")).split():
        assert len(place.git("show", "--format=", "--name-only", commit).split()) == 1
    place.note("last")
    assert place.git("status", "--porcelain", "--", OURS) == ""
    place.check()


def test_a_tip_that_moved_is_taken_up_and_the_change_made_anew(place):
    calls: list[str] = []

    def build(tip):
        calls.append(tip.commit)
        if len(calls) == 1:
            place.commit("app.py", "in between\n")
        return adding(repository, OURS, "second")(tip)

    repository = place.open()
    result = commit_files(repository, build)
    assert result.commit == place.head() and len(calls) == 2
    assert place.git("log", "--format=%s", "-2") == "checkout-latency: second\nin between".replace(
        "in between", "by hand"
    )
    assert place.git("status", "--porcelain") == ""
    place.check()


def test_notes_are_those_of_the_attempt_that_counted(place):
    place.hook("pre-commit", "exit 0")
    place.write("app.py", "foreign\n")
    calls: list[object] = []

    def build(tip):
        calls.append(tip)
        if len(calls) < 3:
            place.commit("README.md", f"{len(calls)}\n")
        return adding(repository, OURS, "second")(tip)

    repository = place.open()
    result = commit_files(repository, build)
    assert result.commit == place.head() and len(calls) == 3
    assert result.notes == ("committed without hooks: other files are staged or changed",)


def test_a_file_that_was_saved_meanwhile_is_read_again(place):
    calls: list[object] = []

    def build(tip):
        change = adding(repository, OURS, "second")(tip)
        calls.append(tip)
        if len(calls) == 1:
            place.write(OURS, "first\nsaved by an editor\n")
        return change

    repository = place.open()
    assert commit_files(repository, build).commit == place.head()
    assert len(calls) == 2 and place.read() == "first\nsaved by an editor\nsecond\n"


def test_what_an_editor_saves_while_git_reads_is_not_in_our_commit(place):
    """A clean filter on the one file stands for the editor that saves the other, between our writing and git's reading."""
    place.commit(".gitattributes", f"{OURS} filter=editor\n")
    place.git(
        "config", "filter.editor.clean", "sh -c 'cat; grep -q words incidents/z.md && echo edit >>incidents/z.md'"
    )
    change = Change({OURS: FileChange(b"first\nsecond\n"), "incidents/z.md": FileChange(b"words\n")}, "s\n")
    result = commit_files(place.open(), lambda tip: change)
    assert place.git("show", "HEAD:incidents/z.md") == "words" and result.commit == place.head()
    assert place.read("incidents/z.md").startswith("words\nedit\n")
    assert "incidents/z.md" in place.git("status", "--porcelain")
    place.check()


# ------------------------------------------------------------------------------------------------------------------ killed


KILLED = """
import os, signal, sys
from pathlib import Path
from incidentctl.store import index
from tests.store.conftest import Place
place = Place(Path(sys.argv[1]), dict(os.environ))
class Deadly:
    def __getattr__(self, name):
        if name == sys.argv[2]:
            return lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL)
        return getattr(os, name)
index.os = Deadly()
place.note("second")
"""


@pytest.mark.parametrize("call", ["link", "rename"])
def test_killed_before_and_after_the_index_lock_is_taken(place, python, call):
    place.write("app.py", "staged\n")
    place.git("add", "app.py")
    before, tip = place.foreign(), place.head()
    process = python(KILLED, str(place.path), call)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert (place.path / ".git/index.lock").exists() is (call == "rename")
    assert place.head() == tip and place.read() == "first\nsecond\n"
    result = place.note("second")
    assert result.commit == place.head()
    if call == "rename":
        assert result.notes == (f"removed {place.path}/.git/index.lock, left by an incidentctl that was killed",)
    assert place.foreign() == before
    place.check()


def test_killed_after_the_index_is_in_place(place, python):
    code = KILLED.replace(
        "index.os = Deadly()", "IndexCopy = index.IndexCopy; IndexCopy.discard = lambda self: os.kill(os.getpid(), 9)"
    )
    process = python(code, str(place.path), "-")
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (place.path / ".git/index.lock").exists()
    assert place.git("status", "--porcelain") == f"M  {OURS}", "staged, not lost, and nothing is locked"
    assert place.note("second").commit == place.head()
    place.check()


def kill_hook(whom: str) -> str:
    """A hook that kills the git that holds the locks, and the command that started it, as a machine does that runs out of memory."""
    command = "kill -9 $(ps -o ppid= -p $PPID) $PPID" if whom == "both" else "kill -9 $PPID"
    return f'test "$1" = prepared || exit 0\n{command}\nsleep 0.2'


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc and ps")
def test_git_killed_with_its_locks_and_we_go_on(place):
    place.hook("reference-transaction", f"test -e ../once && exit 0; touch ../once\n{kill_hook('git')}")
    result = place.note("second")
    assert result.commit == place.head() and result.refused is None
    place.check()


def test_git_killed_again_and_again_is_said(place):
    place.hook("reference-transaction", kill_hook("git"))
    before = place.head()
    result = place.note("second")
    assert result.refused is not None and "signal 9" in result.refused.reason and result.refused.in_work_tree
    assert place.head() == before
    place.check()


def test_git_and_we_killed_with_the_locks_and_the_next_command_goes_on(place, python):
    place.hook("reference-transaction", kill_hook("both"))
    process = python(WRITER, str(place.path), "w", "1", "{}")
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    locks = [place.path / ".git" / name for name in ("refs/heads/main.lock", "HEAD.lock")]
    assert all(lock.exists() for lock in locks), "as git leaves them"
    (place.path / ".git/hooks/reference-transaction").unlink()
    result = place.note("w-0")
    assert result.commit == place.head()
    assert len([note for note in result.notes if "left by an incidentctl that was killed" in note]) == 2
    place.check()


def test_after_our_death_a_lock_of_somebody_else_is_still_his(place, python):
    place.hook("reference-transaction", kill_hook("both"))
    python(WRITER, str(place.path), "w", "1", "{}").communicate()
    (place.path / ".git/hooks/reference-transaction").unlink()
    for name, content in (("refs/heads/main.lock", "1" * 40 + "\n"), ("HEAD.lock", "")):
        lock = place.path / ".git" / name
        lock.unlink()
        lock.write_text(content)
        os.utime(lock, (time.time() + 60, time.time() + 60))
    result = place.note("w-0")
    assert result.refused is not None and result.refused.kind.value == "locked"
    assert (place.path / ".git/HEAD.lock").exists() and (place.path / ".git/refs/heads/main.lock").exists()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("whom", ["us", "us and git"])
@pytest.mark.slow
def test_killed_at_random_moments(place, python, whom):
    rounds = int(os.environ.get("INCIDENTCTL_KILLS", "8"))
    place.write("app.py", "staged\n")
    place.git("add", "app.py")
    before = place.foreign()
    chance = random.Random(5)
    acknowledged: list[str] = []
    for number in range(rounds):
        writer = python(WRITER, str(place.path), f"k{number}", "50", "{}", start_new_session=True)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(chance.uniform(0, 0.06))
        victims = [writer.pid] if whom == "us" else [*session_of(writer.pid), writer.pid]
        for victim in victims:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
        out, _ = writer.communicate()
        words = [line.split() for line in (first + out).splitlines() if line.startswith("saved")]
        acknowledged += [line[1] for line in words if len(line) == 3 and line[2] != "None"]
    result = place.note("last")
    assert result.commit == place.head(), result
    lines = place.git("show", f"HEAD:{OURS}").split()
    assert set(acknowledged) <= set(lines) and len(lines) == len(set(lines))
    assert place.git("show", f"HEAD:{OURS}") == place.read().rstrip()
    assert place.foreign() == before
    place.check()


def test_a_ctrl_c_in_the_last_step_takes_effect_after_it(place, python):
    place.hook("reference-transaction", 'test "$1" = prepared && sleep 0.5; exit 0')
    writer = python(WRITER, str(place.path), "w", "1", "{}", start_new_session=True)
    until = time.monotonic() + 10
    while not (place.path / ".git/incidentctl/journal").exists() and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(0.05)
    os.killpg(writer.pid, signal.SIGINT)
    out, err = writer.communicate()
    assert "KeyboardInterrupt" in err and "saved" not in out
    assert place.git("show", f"HEAD:{OURS}") == "first\nw-0"
    assert place.git("status", "--porcelain") == ""
    place.check()
