"""What is made of facts that a test cannot make on its machine: versions, room, clocks, file systems."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidentctl import __version__
from incidentctl.store.health.check import Status, age, count, listed
from incidentctl.store.health.clone import judge_file_system, judge_loose_objects, loose_objects_in
from incidentctl.store.health.documents import head_of
from incidentctl.store.health.machine import TYPER, judge_git, judge_on_path, judge_python, judge_room, judge_zone
from incidentctl.store.health.records import judge_commit_time, judge_entries, judge_order

NOW = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("git version 2.30.0", Status.OK),
        ("git version 2.39.5 (Apple Git-154)", Status.OK),
        ("git version 2.47.1.windows.2", Status.OK),
        ("git version 3.0.0", Status.OK),
        ("git version 2.29.3", Status.PROBLEM),
        ("git version 1.8.3.1", Status.PROBLEM),
        ("", Status.WARNING),
    ],
)
def test_git_must_be_new_enough(said: str, status: Status) -> None:
    assert judge_git(said).status is status


@pytest.mark.parametrize(
    ("python", "typer", "status"),
    [
        ((3, 11, 0), "0.28.0", Status.OK),
        ((3, 14, 2), "0.20.0", Status.OK),
        ((3, 11, 0), "", Status.OK),
        ((3, 10, 9), "0.28.0", Status.PROBLEM),
        ((3, 11, 0), "0.29.0", Status.WARNING),
        ((3, 11, 0), "0.12.3", Status.WARNING),
        ((3, 11, 0), "1.0", Status.WARNING),
    ],
)
def test_python_and_typer_must_fit(python: tuple[int, int, int], typer: str, status: Status) -> None:
    assert judge_python(python, typer).status is status


def test_the_versions_of_typer_are_those_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    (first, last) = (".".join(map(str, version)) for version in TYPER)
    assert f"typer>={first},<{last}" in project["project"]["dependencies"]


def test_the_program_on_the_path_must_be_this_one() -> None:
    assert judge_on_path("/bin/x", f"incidentctl {__version__}").status is Status.OK
    assert judge_on_path("/bin/x", "incidentctl 99.1").message.startswith("/bin/x is version 99.1")
    assert judge_on_path("/bin/x", "Traceback").message.startswith("/bin/x does not run")


def test_a_full_disk_is_to_mend() -> None:
    assert judge_room("/", 100 * 1024 * 1024, None).status is Status.OK
    assert judge_room("/", 100 * 1024 * 1024 - 1, None).status is Status.PROBLEM
    assert judge_room("/", 10**12, 999).message == "the disk of / takes only 999 more files"
    assert judge_room("/", 10**12, 10**6).status is Status.OK


@pytest.mark.parametrize(
    ("setting", "variable", "status"),
    [
        (None, None, Status.OK),
        (None, "", Status.OK),
        (None, "UTC", Status.OK),
        (None, "CET-1CEST,M3.5.0,M10.5.0/3", Status.OK),
        (None, "<+03>-3", Status.OK),
        (None, ":/etc/localtime", Status.OK),
        (None, "Europe/Berlin", Status.OK),
        (None, "Europe/Atlantis", Status.PROBLEM),
        ("Europe/Berlin", "Europe/Atlantis", Status.OK),
    ],
)
def test_a_zone_must_be_one(setting: str | None, variable: str | None, status: Status) -> None:
    assert judge_zone(setting, variable).status is status


def test_a_file_system_without_locks_is_to_mend_and_one_that_folds_case_is_not() -> None:
    assert [each.status for each in judge_file_system("/x", locks=False, folds_case=False)] == [Status.PROBLEM]
    assert [each.status for each in judge_file_system("/x", locks=True, folds_case=True)] == [Status.OK]
    assert list(judge_file_system("/x", locks=True, folds_case=False)) == []


def test_loose_objects_are_counted_and_those_that_are_empty(tmp_path: Path) -> None:
    for name in ("17/aa", "17/bb", "ff/cc", "info/packs", "pack/x.pack"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("" if name == "ff/cc" else "x")
    assert loose_objects_in(str(tmp_path)) == (3, 1)
    assert loose_objects_in(str(tmp_path / "nowhere")) == (0, 0)


def test_thousands_of_loose_objects_are_to_know_and_an_empty_one_is_to_mend() -> None:
    assert [each.status for each in judge_loose_objects(6700, 0)] == [Status.OK]
    assert [(each.status, each.hint) for each in judge_loose_objects(6701, 0)] == [(Status.WARNING, "`git gc`")]
    assert [each.status for each in judge_loose_objects(1, 1)] == [Status.PROBLEM]


def test_a_commit_may_be_two_minutes_ahead_and_no_more() -> None:
    assert judge_commit_time("main", NOW + timedelta(seconds=120), NOW) == []
    assert judge_commit_time("main", NOW + timedelta(seconds=121), NOW)[0].status is Status.PROBLEM


def test_a_commit_before_its_parent_by_more_than_two_minutes_is_to_know() -> None:
    assert judge_order("main", [["b", "1000"], ["a", "1120"]]) == []
    assert judge_order("main", []) == []
    found = judge_order("main", [["c", "5000"], ["b", "1000"], ["a", "1121"]])
    assert [each.status for each in found] == [Status.WARNING]
    assert found[0].message.startswith("commit b on main is dated 2 min before its parent")


def test_entries_from_the_future_are_said_in_one_line() -> None:
    last = [("a", NOW), ("b", NOW + timedelta(hours=1)), ("c", NOW + timedelta(hours=2))]
    assert judge_entries(last[:1], NOW) == []
    found = judge_entries(last, NOW)
    assert [each.message for each in found] == [
        "c has an entry at 2026-05-14T12:00:00Z, 2h 0m from now; the same for 1 other"
    ]


def test_the_head_of_a_file_is_read_whatever_it_holds() -> None:
    assert head_of("") == head_of("no front matter\n")
    assert head_of("---\ntitle: x\nid: 2026-05-14-x\n---\n").line == 3
    assert head_of("\ufeff---\r\nincident: '2026-05-14-x'\r\n---\r\n").incident == "2026-05-14-x"
    assert head_of("---\na: 1\n---\n\n\udcff\n").fault == "the file is not UTF-8 here"


def test_words_for_numbers() -> None:
    assert (count(1, "file"), count(1200, "file")) == ("1 file", "1,200 files")
    assert listed("abcde") == "a, b, c and 2 more"
    assert (age(7300), age(-5)) == ("2h 1m", "0 s")
