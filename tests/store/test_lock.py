"""One at a time, in the order of arrival, and never stale."""

import os
import signal
import subprocess
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from incidentctl.errors import LockTimeoutError
from incidentctl.store.lock import Lock

HOLDER = """
import sys, time
from incidentctl.store.lock import Lock
with Lock(sys.argv[1]).held():
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""
QUEUER = """
import sys, time
from incidentctl.store.lock import Lock
print("ready", flush=True); sys.stdin.readline()
lock = Lock(sys.argv[1])
for number in range(int(sys.argv[2])):
    start = time.monotonic()
    with lock.held(timeout=30):
        waited = time.monotonic() - start
        with open(sys.argv[3], "a") as log: log.write(f"{sys.argv[4]} in\\n")
        time.sleep(0.002)
        with open(sys.argv[3], "a") as log: log.write(f"{sys.argv[4]} out\\n")
    print(waited, flush=True)
"""


def hold(python, folder: Path, seconds: float) -> "subprocess.Popen[str]":
    holder: subprocess.Popen[str] = python(HOLDER, str(folder), str(seconds))
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    return holder


def test_the_folder_is_made_and_the_lock_is_free_again_afterwards(tmp_path):
    lock = Lock(str(tmp_path / "a" / "incidentctl"))
    for _ in range(2):
        with lock.held():
            assert lock.is_held
        assert not lock.is_held


def test_it_is_waited_for_and_the_notice_comes_once_and_names_the_process(tmp_path, python):
    holder = hold(python, tmp_path, 0.6)
    said: list[str] = []
    start = time.monotonic()
    with Lock(str(tmp_path)).held(notice=said.append, notice_after=0.2, timeout=10):
        assert 0.3 < time.monotonic() - start < 5
    holder.communicate()
    assert said == [f"waiting for another incidentctl (pid {holder.pid}) to finish"]


def test_no_notice_for_a_short_wait(tmp_path, python):
    holder = hold(python, tmp_path, 0.2)
    said: list[str] = []
    with Lock(str(tmp_path)).held(notice=said.append, notice_after=5):
        pass
    holder.communicate()
    assert said == []


@pytest.mark.parametrize("where", ["main thread", "other thread", "somebody else has the alarm"])
def test_the_wait_ends_and_says_who_held_it(tmp_path, python, where):
    holder = hold(python, tmp_path, 30)
    said: list[str] = []
    caught: list[BaseException] = []

    def wait() -> None:
        try:
            Lock(str(tmp_path)).acquire(timeout=0.4, notice=said.append, notice_after=0.1)
        except LockTimeoutError as error:
            caught.append(error)

    previous = signal.getsignal(signal.SIGALRM)
    if where == "somebody else has the alarm":
        signal.signal(signal.SIGALRM, lambda number, frame: None)
    start = time.monotonic()
    if where == "other thread":
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    else:
        wait()
    signal.signal(signal.SIGALRM, previous)
    assert 0.3 < time.monotonic() - start < 3
    holder.kill()
    holder.communicate()
    assert len(said) == 1
    assert f"(pid {holder.pid})" in str(caught[0]) and "0.4 s" in str(caught[0])
    with Lock(str(tmp_path)).held(timeout=5):
        pass


def test_no_time_at_all_takes_it_only_when_it_is_free(tmp_path, python):
    with Lock(str(tmp_path)).held(timeout=0):
        pass
    holder = hold(python, tmp_path, 30)
    with pytest.raises(LockTimeoutError):
        Lock(str(tmp_path)).acquire(timeout=0)
    holder.kill()
    holder.communicate()


def test_a_killed_holder_leaves_nothing_and_a_stopped_one_holds(tmp_path, python):
    holder = hold(python, tmp_path, 30)
    holder.send_signal(signal.SIGSTOP)
    with pytest.raises(LockTimeoutError):
        Lock(str(tmp_path)).acquire(timeout=0.1)
    holder.kill()
    holder.communicate()
    with Lock(str(tmp_path)).held(timeout=5):
        pass


def test_a_child_does_not_inherit_it(tmp_path):
    lock = Lock(str(tmp_path))
    lock.acquire()
    child = subprocess.Popen(["sleep", "30"])
    lock.release()
    with Lock(str(tmp_path)).held(timeout=0):
        pass
    child.kill()
    child.wait()


def test_a_folder_that_one_may_only_read_will_do_once_the_files_are_there(tmp_path):
    Lock(str(tmp_path)).acquire()
    for name in ("lock", "lock.next"):
        (tmp_path / name).chmod(0o444)
    with Lock(str(tmp_path)).held(timeout=0) if os.geteuid() != 0 else Lock(str(tmp_path / "x")).held():
        pass


def test_sixteen_in_a_queue_are_served_in_turn_and_never_two_at_once(tmp_path, python):
    log, turns, count = tmp_path / "log", 12, 16
    queue = [python(QUEUER, str(tmp_path / "own"), str(turns), str(log), f"p{number}") for number in range(count)]
    for each in queue:
        assert each.stdout.readline() == "ready\n"
    for each in queue:
        each.stdin.write("\n")
        each.stdin.flush()
    waits = [[float(line) for line in each.communicate()[0].split()] for each in queue]
    lines = log.read_text().split("\n")[:-1]
    assert len(lines) == 2 * count * turns
    for entry, leave in zip(lines[::2], lines[1::2], strict=True):
        assert entry.split() == [leave.split()[0], "in"] and leave.endswith(" out")
    # Nobody is passed over for long: between two turns of one, no other has more than a few.
    order = [line.split()[0] for line in lines[::2]]
    worst = 0
    for name in set(order):
        mine = [place for place, each in enumerate(order) if each == name]
        for first, second in pairwise(mine):
            between = order[first + 1 : second]
            worst = max([worst, *(between.count(other) for other in set(between))])
    assert worst <= 8, worst
    assert max(max(each) for each in waits) < 10
