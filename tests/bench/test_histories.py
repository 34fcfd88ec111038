"""The long histories that are measured are what our commands make: else the figures say nothing."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidentctl.commands.measuring import measure
from incidentctl.context import Outside, open_workspace
from incidentctl.incident.entries import Status
from incidentctl.stats.case import Evidence, RecordedFrom
from tests.bench.histories import build_history, continue_history, history
from tests.conftest import Desk, scrubbed_environ

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def long_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A hundred incidents in a thousand commits."""
    folder = tmp_path_factory.mktemp("long")
    desk = Desk(folder / "incidents", scrubbed_environ(folder / "home"), now=NOW)
    build_history(desk.path, 100, 1000, desk.environ)
    yield desk


def evidence_of(desk: Desk) -> Evidence:
    with Path("/dev/null").open("w") as nothing, Path("/dev/null").open() as empty:
        outside = Outside(desk.environ, str(desk.path), empty, nothing, nothing, now=lambda: desk.now)
        with open_workspace(outside) as workspace:
            return measure(workspace, use_cache=False).evidence


def test_it_has_as_many_commits_as_asked_for_and_is_clean(long_desk: Desk) -> None:
    assert long_desk.git("rev-list", "--count", "--all") == "1000\n"
    assert long_desk.git("branch", "--all") == "* main\n"
    assert long_desk.git("status", "--porcelain") == ""
    assert len(long_desk.git("rev-list", "--merges", "main").split()) > 5


def test_it_is_the_same_each_time_and_another_one_for_other_numbers() -> None:
    assert b"".join(history(30, 350)) == b"".join(history(30, 350))
    assert b"".join(history(30, 350)) != b"".join(history(30, 351))
    with pytest.raises(ValueError, match="at least"):
        b"".join(history(30, 100))


def test_it_is_read_without_a_fault(long_desk: Desk) -> None:
    evidence = evidence_of(long_desk)
    assert len(evidence.cases) == 100
    assert (evidence.unreadable, evidence.deleted, evidence.batches) == ((), (), ())
    assert (evidence.squashed, evidence.skewed, evidence.uncommitted) == (0, 0, ())
    assert [case.id for case in evidence.cases if case.contradictions] == []
    recorded = {each.recorded_from for case in evidence.cases for each in case.transitions}
    assert recorded == {RecordedFrom.TRAILER}


def test_it_has_what_a_real_one_has(long_desk: Desk) -> None:
    cases = evidence_of(long_desk).cases
    assert {case.status for case in cases} == {Status.RESOLVED, Status.CLOSED, Status.CANCELED}
    assert any(case.reopened for case in cases)
    assert any(case.is_drill for case in cases)
    written = [case.postmortem for case in cases if case.postmortem is not None]
    assert len(written) > 20
    assert all(each.published is not None for each in written)
    items = [item for each in written for item in each.items]
    assert {item.done.origin.value for item in items if item.done is not None} == {"record", "history"}
    assert any(item.is_open for item in items)


def test_nothing_on_the_record_was_changed_after_the_fact_and_no_document_has_an_error(long_desk: Desk) -> None:
    assert long_desk.ok("verify").out.startswith("nothing changed after the fact in 100 incidents")
    assert re.search(r"documents: \d+ warnings\.$", long_desk.ok("lint").out, re.MULTILINE)


def test_it_goes_on_with_new_incidents(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "incidents", scrubbed_environ(tmp_path / "home"), now=NOW)
    build_history(desk.path, 10, 120, desk.environ, checkout=False)
    continue_history(desk.path, 50, desk.environ)
    assert desk.git("rev-list", "--count", "main") == "170\n"
    evidence = evidence_of(desk)
    assert (len(evidence.cases), evidence.skewed) == (15, 0)


def test_beside_other_files_few_commits_touch_the_record(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "product", scrubbed_environ(tmp_path / "home"), now=NOW)
    build_history(desk.path, 10, 1200, desk.environ, beside=9)
    assert desk.git("rev-list", "--count", "main") == "1200\n"
    assert len(desk.git("rev-list", "main", "--", "incidents", "postmortems").split()) < 125
    assert len(evidence_of(desk).cases) == 10
