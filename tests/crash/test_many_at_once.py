"""Many at once in one clone, as processes of the real program: each word once, each in a commit of its own, and nobody sees an error."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.crash.yard import OURS, RECORD, Yard, new_yard

PEOPLE = int(os.environ.get("INCIDENTCTL_PEOPLE", "8"))
NOTES = int(os.environ.get("INCIDENTCTL_NOTES", "5"))
"""`make crash` lets sixteen people say twenty-five words each."""


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return new_yard(tmp_path / "yard")


def speak(yard: Yard, person: int) -> list[str]:
    """One person's notes, one after the other; what was wrong with them."""
    wrong = []
    for number in range(NOTES):
        done = subprocess.run(
            [sys.executable, "-m", "incidentctl", "note", f"p{person}n{number}x"],
            cwd=yard.path,
            env=yard.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        said = [line for line in done.stderr.splitlines() if not line.startswith("waiting for another incidentctl")]
        if done.returncode != 0 or said:
            wrong.append(f"{done.returncode}: {done.stderr}")
    return wrong


def demand_each_once(yard: Yard, begin: str) -> None:
    text = yard.record()[RECORD]
    for person in range(PEOPLE):
        for number in range(NOTES):
            assert text.count(f" p{person}n{number}x ") == 1
    commits = yard.git("log", "--format=%H", "--grep", "^checkout-latency: noted$", f"{begin}..main").split()
    assert len(commits) == PEOPLE * NOTES
    yard.check_order()


@pytest.mark.slow
def test_each_word_of_many_people_is_there_once(yard: Yard) -> None:
    begin, before = yard.git("rev-parse", "HEAD").strip(), yard.foreign()
    with ThreadPoolExecutor(PEOPLE) as people:
        wrong = [line for lines in people.map(lambda person: speak(yard, person), range(PEOPLE)) for line in lines]
    assert wrong == []
    demand_each_once(yard, begin)
    assert len(yard.git("rev-list", f"{begin}..main").split()) == PEOPLE * NOTES
    assert yard.foreign() == before


@pytest.mark.slow
def test_also_while_somebody_commits_with_git(yard: Yard) -> None:
    begin = yard.git("rev-parse", "HEAD").strip()
    made = 0
    with ThreadPoolExecutor(PEOPLE) as people:
        speeches = [people.submit(speak, yard, person) for person in range(PEOPLE)]
        while not all(each.done() for each in speeches):
            (yard.path / "lib/a.txt").write_text(f"{made}\n")
            made += yard.git("commit", "--quiet", "-m", f"user {made}", "--", "lib/a.txt", ok=False) == ""
            time.sleep(0.05)
    assert [line for each in speeches for line in each.result()] == []
    demand_each_once(yard, begin)
    for commit in yard.git("log", "--format=%H", "--grep", "^user ", "main").split():
        assert yard.git("show", "--format=", "--name-only", commit, "--", *OURS) == ""
    assert made > 0
