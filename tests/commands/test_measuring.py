"""What the figures rest on, gathered from real repositories: each kind of history that git can hold, with the cache and without."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from incidentctl.commands.measuring import Measured, measure
from incidentctl.context import Outside, Workspace, open_workspace
from incidentctl.errors import RepositoryError
from incidentctl.incident.entries import Status
from incidentctl.stats.case import Case, Doubt, Evidence, Origin, RecordedFrom
from tests.bench.histories import build_history
from tests.commands.terminal import PROGRAMS
from tests.conftest import Desk, scrubbed_environ
from tests.dated import Dated

ID = "2026-05-14-checkout-latency"
FILE = f"incidents/2026/05/{ID}.md"
POSTMORTEM = f"postmortems/2026/05/{ID}.md"


@pytest.fixture
def desk(tmp_path: Path, first_desk: Desk) -> Dated:
    path = tmp_path / first_desk.path.name
    shutil.copytree(first_desk.path, path)
    return Dated(path, scrubbed_environ(tmp_path / "home"))


@contextmanager
def workspace(desk: Desk) -> Iterator[Workspace]:
    with Path("/dev/null").open("w") as nothing, Path("/dev/null").open() as empty:
        outside = Outside(desk.environ, str(desk.path), empty, nothing, nothing, now=lambda: desk.now)
        with open_workspace(outside) as opened:
            yield opened


def measured(desk: Desk, *, as_of: str | None = None, use_cache: bool = False) -> Measured:
    with workspace(desk) as opened:
        return measure(opened, as_of=as_of, use_cache=use_cache)


def evidence(desk: Desk) -> Evidence:
    """Read without a cache, with an empty one and with a full one: the same each time."""
    cold = measured(desk).evidence
    assert measured(desk, use_cache=True).evidence == cold
    assert measured(desk, use_cache=True).evidence == cold
    return cold


def only(desk: Desk) -> Case:
    (case,) = evidence(desk).cases
    return case


def told(case: Case) -> list[tuple[str, str, Origin]]:
    return [(each.kind, each.at.strftime("%H:%M"), each.source.origin) for each in case.transitions]


# ------------------------------------------------------------------------------------------------------ from the record


def test_each_time_has_its_line_and_its_commit(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2", "--started-at", "-15m", "--detected-at", "-4m")
    opened = desk.git("rev-parse", "HEAD").strip()
    desk.wait(30)
    desk.ok("mitigate", "failed over")
    case = only(desk)
    started, mitigated = case.times["started_at"], case.times["mitigated_at"]
    lines = desk.text(FILE).splitlines()
    assert "**Opened**" in lines[started.source.line - 1] and "**Mitigated**" in lines[mitigated.source.line - 1]
    assert started.source.commit == opened and mitigated.source.commit == desk.git("rev-parse", "HEAD").strip()
    assert (started.at.hour, started.at.minute, mitigated.at.hour, mitigated.at.minute) == (9, 51, 10, 36)
    assert {each.recorded_from for each in case.transitions} == {RecordedFrom.TRAILER}
    assert [each.lag for each in case.transitions] == [0, 0]


def test_what_was_written_later_has_its_lag(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(60)
    desk.ok("mitigate", "failed over", "--at", "-20m")
    transition = only(desk).transitions[-1]
    assert (transition.lag, transition.recorded_from) == (1200, RecordedFrom.MARK)


def test_the_first_episode_and_the_last_are_told_apart(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    for verb in ("mitigate", "resolve", "reopen", "resolve"):
        desk.wait(10)
        desk.ok(verb, "because", "-i", ID)
    case = only(desk)
    assert [fact.at.minute for fact in case.reopened] == [36]
    assert "mitigated_at" not in case.times and case.first_times["mitigated_at"].at.minute == 16
    assert (case.first_times["resolved_at"].at.minute, case.times["resolved_at"].at.minute) == (26, 46)


def test_severities_are_declared_worst_and_last(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "3")
    desk.ok("severity", "1", "all of them")
    desk.ok("severity", "2", "some of them")
    case = only(desk)
    assert (case.severity_declared, case.severity_peak, case.severity_final) == ("SEV3", "SEV1", "SEV2")


# ---------------------------------------------------------------------------------------------------------- by hand


def test_a_status_changed_in_an_editor_is_a_fact_from_history(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(40)
    commit = desk.change(("status: investigating", "status: resolved"))
    desk.wait(60)
    case = only(desk)
    assert case.status is Status.RESOLVED
    fact = case.times["resolved_at"]
    assert fact.at == desk.now - timedelta(minutes=60)
    assert (fact.source.origin, fact.source.commit, fact.source.author) == (Origin.HISTORY, commit, "ann")


def test_it_is_the_same_once_a_command_has_taken_it_in(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(40)
    commit = desk.change(("status: investigating", "status: mitigated"))
    before = only(desk)
    desk.wait(5)
    desk.ok("note", "looks good", "-i", ID)
    after = only(desk)
    assert after.times["mitigated_at"].at == before.times["mitigated_at"].at
    assert after.times["mitigated_at"].source.origin is Origin.HISTORY
    assert after.times["mitigated_at"].source.commit == commit


def test_a_status_passed_through_by_hand_counts_too(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(40)
    desk.change(("status: investigating", "status: mitigated"))
    desk.wait(20)
    desk.change(("status: mitigated", "status: resolved"))
    case = only(desk)
    assert [case.times[key].at.strftime("%H:%M") for key in ("mitigated_at", "resolved_at")] == ["10:46", "11:06"]
    desk.wait(20)
    desk.ok("note", "looks good", "-i", ID)
    case = only(desk)
    assert [case.times[key].at.strftime("%H:%M") for key in ("mitigated_at", "resolved_at")] == ["10:46", "11:06"]


def test_a_change_by_hand_that_was_reverted_is_none(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(40)
    desk.change(("status: investigating", "status: resolved"))
    desk.wait(2)
    desk.git("revert", "--no-edit", "HEAD")
    case = only(desk)
    assert (case.status, told(case)) == (Status.INVESTIGATING, [("opened", "10:06", Origin.RECORD)])
    desk.wait(2)
    desk.ok("resolve", "done")
    assert [kind for kind, _, _ in told(only(desk))] == ["opened", "resolved"]


def test_a_clash_between_key_and_timeline_is_known_of_neither(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2", "--detected-at", "-4m")
    desk.change(
        ("detected_at: 2026-05-14T10:02:00Z", "detected_at: 2026-05-14T10:00:00Z"),
        ("detected 2026-05-14T10:02:00Z", "detected 2026-05-14T10:04:00Z"),
    )
    assert only(desk).contradictions == ("detected_at",)


def test_a_line_typed_by_hand_was_recorded_when_it_was_committed(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(50)
    desk.write(FILE, desk.text(FILE) + "- 2026-05-14T10:26:00Z **Mitigated** failed over — @bob\n")
    commit = desk.commit()
    transition = only(desk).transitions[-1]
    assert (transition.kind, transition.lag, transition.recorded_from) == ("mitigated", 1800, RecordedFrom.COMMIT)
    assert (transition.source.commit, transition.doubt) == (commit, None)


def test_a_typed_line_whose_words_were_changed_keeps_the_day_on_which_it_came(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(50)
    desk.write(FILE, desk.text(FILE) + "- 2026-05-14T10:26:00Z **Mitigated** failed over — @bob\n")
    commit = desk.commit()
    desk.wait(500)
    desk.change(("failed over", "failed over to db-4"))
    assert only(desk).transitions[-1].source.commit == commit


# ------------------------------------------------------------------------------------------------- shapes of history


def test_a_squash_without_trailers_makes_the_recording_unsound(desk: Dated) -> None:
    desk.git("switch", "--quiet", "-c", "side")
    desk.write("incidentctl.toml", desk.text("incidentctl.toml").replace("main", "side"))
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(20)
    desk.ok("mitigate", "failed over")
    desk.wait(2000)
    desk.git("switch", "--quiet", "-f", "main")
    desk.git("merge", "--quiet", "--squash", "side")
    desk.git("commit", "--quiet", "-m", "Checkout latency (#7)")
    found = evidence(desk)
    (case,) = found.cases
    assert [each.doubt for each in case.transitions] == [Doubt.SQUASHED, Doubt.SQUASHED]
    assert [each.lag for each in case.transitions] == [None, None]
    assert case.times["mitigated_at"].at.strftime("%H:%M") == "10:26" and found.squashed == 1


def test_a_squash_that_keeps_the_trailers_in_its_middle_is_sound(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(20)
    desk.ok("mitigate", "failed over")
    messages = desk.git("log", "--reverse", "--format=* %B", "-2")
    desk.wait(2000)
    desk.git("reset", "--quiet", "--soft", "HEAD~2")
    desk.git("commit", "--quiet", "-m", f"Checkout latency (#7)\n\n{messages}\n\nReviewed-by: Bob")
    assert [each.doubt for each in only(desk).transitions] == [None, None]


def test_one_commit_that_touches_many_incidents_is_named(desk: Dated) -> None:
    for number in range(6):
        desk.write(
            f"incidents/2026/05/2026-05-14-no-{number}.md",
            f"---\nid: 2026-05-14-no-{number}\ntitle: No {number}\nseverity: SEV2\nstatus: resolved\n---\n\n"
            f"## Timeline\n\n- 2026-05-14T10:0{number}:00Z **Opened** SEV2 — @ann\n- 2026-05-14T11:00:00Z **Resolved** — @ann\n",
        )
    commit = desk.commit("all of them")
    found = evidence(desk)
    assert [(each.commit, each.incidents) for each in found.batches] == [(commit, 6)]
    assert {each.doubt for case in found.cases for each in case.transitions} == {Doubt.BATCH}


def test_imported_incidents_say_so(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("set", "source=pagerduty", "-i", ID)
    case = only(desk)
    assert case.is_imported and {each.doubt for each in case.transitions} == {Doubt.IMPORTED}


def test_a_file_that_moved_keeps_its_history(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(10)
    desk.change(("status: investigating", "status: mitigated"))
    desk.wait(10)
    desk.git("mv", "incidents", "attic")
    desk.commit("away")
    assert [each.incident for each in evidence(desk).deleted] == [ID]
    desk.git("mv", "attic", "incidents")
    desk.commit("back")
    case = only(desk)
    assert case.times["mitigated_at"].at.strftime("%H:%M") == "10:16"
    assert case.transitions[0].recorded_from is RecordedFrom.TRAILER


def test_a_deleted_incident_is_named_with_the_commit(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.git("rm", "--quiet", FILE)
    commit = desk.commit("gone")
    found = evidence(desk)
    assert found.cases == () and [(each.incident, each.commit) for each in found.deleted] == [(ID, commit)]


def test_a_file_that_could_not_be_read_in_the_middle_of_its_history_is_read_around(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(10)
    desk.change(("severity: SEV2", "severity: [SEV2"))
    desk.wait(10)
    desk.change(("severity: [SEV2", "severity: SEV2"))
    desk.wait(10)
    desk.change(("status: investigating", "status: resolved"))
    case = only(desk)
    assert (case.status, case.times["resolved_at"].at.strftime("%H:%M")) == (Status.RESOLVED, "10:36")


def test_a_file_that_cannot_be_read_now_is_named_and_in_no_figure(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("open", "Login down", "-s", "2")
    desk.change(("severity: SEV2", "severity: [SEV2"), name=FILE)
    found = evidence(desk)
    assert [case.slug for case in found.cases] == ["login-down"]
    assert [each.path for each in found.unreadable] == [FILE] and found.deleted == ()


def test_a_merge_brings_what_both_sides_recorded(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.environ["PATH"] = f"{PROGRAMS}:{desk.environ['PATH']}"
    desk.ok("init")
    desk.git("branch", "other")
    desk.wait(10)
    desk.ok("mitigate", "failed over")
    desk.git("switch", "--quiet", "other")
    desk.wait(10)
    desk.write(FILE, desk.text(FILE) + "- 2026-05-14T10:08:00Z **Severity** SEV2 → SEV1: worse — @bob\n")
    by_hand = desk.commit()
    desk.git("switch", "--quiet", "main")
    desk.wait(10)
    desk.git("merge", "--quiet", "--no-edit", "other")
    case = only(desk)
    kinds = {each.kind: each for each in case.transitions}
    assert case.severity_peak == "SEV1" and kinds["severity"].source.commit == by_hand
    assert kinds["mitigated"].recorded_from is RecordedFrom.TRAILER


def test_a_commit_dated_before_its_parent_is_said(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    before = evidence(desk).skewed  # the settings of the desk are of today
    desk.wait(-300)
    desk.write(FILE, desk.text(FILE) + "- 2026-05-14T10:26:00Z **Mitigated** failed over — @bob\n")
    desk.commit()
    desk.wait(600)
    found = evidence(desk)
    assert found.skewed == before + 1 and found.cases[0].transitions[-1].doubt is Doubt.SKEWED


def test_several_roots_are_one_history(desk: Dated, tmp_path: Path) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.git("checkout", "--quiet", "--orphan", "second")
    desk.git("rm", "-r", "--quiet", "--force", ".")
    desk.write(
        "incidents/2026/05/2026-05-13-login-down.md",
        "---\nid: 2026-05-13-login-down\ntitle: Login down\n---\n\n## Timeline\n\n- 2026-05-13T10:00:00Z **Opened** SEV2 — @ann\n",
    )
    desk.commit("another beginning")
    desk.git("switch", "--quiet", "main")
    desk.git("merge", "--quiet", "--no-edit", "--allow-unrelated-histories", "second")
    assert [case.slug for case in evidence(desk).cases] == ["login-down", "checkout-latency"]


def test_a_shallow_clone_is_refused_with_the_fix(desk: Dated, tmp_path: Path) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "x")
    desk.git("clone", "--quiet", "--depth", "1", f"file://{desk.path}", str(tmp_path / "shallow"))
    shallow = Dated(tmp_path / "shallow", desk.environ, now=desk.now)
    with pytest.raises(RepositoryError) as caught:
        measured(shallow)
    assert "shallow" in caught.value.message and "fetch-depth: 0" in (caught.value.hint or "")


def test_a_partial_clone_fetches_what_it_needs_at_once_and_says_where_it_cannot(desk: Dated, tmp_path: Path) -> None:
    for number in range(2):
        desk.ok("open", f"Number {number}", "-s", "2")
        desk.write(f"postmortems/2026/05/2026-05-14-number-{number}.md", document(CANARY, status="draft"))
        desk.commit()
        desk.write(f"postmortems/2026/05/2026-05-14-number-{number}.md", document(ALERT))
        desk.commit()
    whole = evidence(desk)
    desk.git("config", "uploadpack.allowFilter", "true")
    desk.git("config", "uploadpack.allowAnySHA1InWant", "true")
    for name in ("here", "away"):
        desk.git("clone", "--quiet", "--filter=blob:none", f"file://{desk.path}", str(tmp_path / name))
    here, away = (Dated(tmp_path / name, desk.environ, now=desk.now) for name in ("here", "away"))
    here.environ = {**desk.environ, "GIT_TRACE": str(tmp_path / "trace")}
    assert measured(here).evidence == whole
    assert (tmp_path / "trace").read_text().count("git fetch") == 1
    away.git("config", "remote.origin.url", f"file://{tmp_path}/nowhere")
    with pytest.raises(RepositoryError) as caught:
        measured(away)
    assert "this clone is partial" in caught.value.message and "--refetch" in (caught.value.hint or "")


def test_what_is_not_committed_is_named_and_not_counted(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write(FILE, desk.text(FILE).replace("status: investigating", "status: resolved"))
    found = evidence(desk)
    assert found.cases[0].status is Status.INVESTIGATING and found.uncommitted == (FILE,)


def test_a_repository_without_a_commit_of_the_record_has_nothing(desk: Dated) -> None:
    assert evidence(desk).cases == ()


# -------------------------------------------------------------------------------------------------------- action items


def document(*items: str, status: str = "final", more: str = "") -> str:
    return (
        f"---\nincident: {ID}\nstatus: {status}\nauthors: [ann]\nroot_cause: pool-size\n{more}---\n\n# Checkout latency\n\n"
        "## Action Items\n\n" + "".join(f"{item}\n" for item in items)
    )


CANARY = "- [ ] Add a canary stage — owner: @bob — due: 2026-06-01 — type: prevent <!-- a:7k2ps0 -->"
ALERT = "- [ ] Alert on the pool — owner: @ann — due: 2026-05-21 — type: detect <!-- a:m4d0z1 -->"


@pytest.fixture
def published(desk: Dated) -> Dated:
    desk.ok("open", "Checkout latency", "-s", "2", "--mitigated-at", "now", "--resolved-at", "now")
    desk.write(POSTMORTEM, document(CANARY, ALERT, status="draft"))
    desk.commit("draft")
    desk.wait(60 * 24)
    desk.write(POSTMORTEM, document(CANARY, ALERT))
    desk.commit("final")
    desk.wait(60 * 24)
    return desk


def test_a_post_mortem_without_a_date_was_published_by_the_commit_that_made_it_final(published: Dated) -> None:
    postmortem = only(published).postmortem
    assert postmortem is not None and postmortem.published is not None
    assert postmortem.published.at.date() == date(2026, 5, 15)
    assert postmortem.published.source.origin is Origin.HISTORY and postmortem.root_cause == "pool-size"


def test_a_box_ticked_in_an_editor_is_done_on_the_day_of_its_commit(published: Dated) -> None:
    commit = published.change(("- [ ] Alert", "- [x] Alert"), name=POSTMORTEM)
    published.wait(60 * 48)
    published.write(POSTMORTEM, published.text(POSTMORTEM) + "\nMore words.\n")
    published.commit()
    postmortem = only(published).postmortem
    assert postmortem is not None
    canary, alert = postmortem.items
    assert (canary.is_open, alert.done_on) == (True, date(2026, 5, 16))
    assert alert.done is not None and (alert.done.origin, alert.done.commit) == (Origin.HISTORY, commit)


def test_a_due_date_that_was_moved_later_does_not_bind(published: Dated) -> None:
    commit = published.change(("due: 2026-06-01", "due: 2026-07-01"), name=POSTMORTEM)
    postmortem = only(published).postmortem
    assert postmortem is not None
    canary = postmortem.items[0]
    assert (canary.binding_due, canary.due) == (date(2026, 6, 1), date(2026, 7, 1))
    assert [(move.before, move.after, move.source.commit) for move in canary.moves] == [
        (date(2026, 6, 1), date(2026, 7, 1), commit)
    ]


def test_a_due_date_that_was_moved_in_the_draft_binds_as_it_was_published(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write(POSTMORTEM, document(CANARY, status="draft"))
    desk.commit()
    desk.change(("due: 2026-06-01", "due: 2026-06-15"), name=POSTMORTEM)
    desk.change(("status: draft", "status: final"), name=POSTMORTEM)
    postmortem = only(desk).postmortem
    assert postmortem is not None and postmortem.items[0].binding_due == date(2026, 6, 15)


def test_dropped_before_and_after_publication_and_deleted(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    dropped = "- [x] ~~Second region~~ — owner: @ann — due: 2026-07-01 — dropped: 2026-05-14 too dear <!-- a:0q8fh2 -->"
    desk.write(POSTMORTEM, document(CANARY, ALERT, dropped))
    desk.commit()
    desk.wait(60 * 24)
    desk.change(("- [ ] Alert on the pool", "- [x] ~~Alert on the pool~~"), (CANARY + "\n", ""), name=POSTMORTEM)
    postmortem = only(desk).postmortem
    assert postmortem is not None
    found = {item.id: item for item in postmortem.items}
    assert found["0q8fh2"].was_dropped_before and not found["m4d0z1"].was_dropped_before
    assert found["m4d0z1"].dropped_on == date(2026, 5, 15)
    assert found["7k2ps0"].is_deleted and found["7k2ps0"].dropped_on == date(2026, 5, 15)


def test_an_item_whose_lines_were_deleted_after_it_had_ended_ended_on_its_own_day(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    dropped = "- [x] ~~Second region~~ — owner: @ann — due: 2026-07-01 — dropped: 2026-05-13 too dear <!-- a:0q8fh2 -->"
    desk.write(POSTMORTEM, document(CANARY, ALERT, dropped))
    desk.commit()
    desk.wait(60 * 24)
    ticked = desk.change(("- [ ] Alert on the pool", "- [x] Alert on the pool"), name=POSTMORTEM)
    desk.wait(60 * 24)
    desk.write(POSTMORTEM, document(CANARY))
    desk.commit("only what is open")
    postmortem = only(desk).postmortem
    assert postmortem is not None
    found = {item.id: item for item in postmortem.items}
    assert found["m4d0z1"].is_deleted and found["m4d0z1"].done_on == date(2026, 5, 15)
    assert found["m4d0z1"].done is not None and found["m4d0z1"].done.commit == ticked
    assert found["0q8fh2"].is_deleted and found["0q8fh2"].was_dropped_before
    assert found["0q8fh2"].dropped_on == date(2026, 5, 13)


def test_a_typed_item_whose_words_were_changed_is_still_the_same(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write(POSTMORTEM, document("- [ ] Add a canary stage to the pipeline — owner: @bob — due: 2026-06-01"))
    desk.commit()
    desk.change(
        ("to the pipeline — owner: @bob — due: 2026-06-01", "to the config pipeline — owner: @bob — due: 2026-08-01"),
        name=POSTMORTEM,
    )
    postmortem = only(desk).postmortem
    assert postmortem is not None
    (item,) = postmortem.items
    assert (item.binding_due, item.due) == (date(2026, 6, 1), date(2026, 8, 1))


# --------------------------------------------------------------------------------------------------------------- as of


def test_the_evidence_as_of_a_ref_or_a_time_is_what_it_was_then(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(20)
    desk.git("tag", "then")
    then = evidence(desk)
    at = desk.now
    desk.wait(60)
    desk.ok("mitigate", "failed over")
    desk.ok("open", "Login down", "-s", "2")
    later = evidence(desk)
    for use_cache in (False, True):
        for words in ("then", "2026-05-14 10:30"):
            found = measured(desk, as_of=words, use_cache=use_cache)
            assert found.evidence == then, words
    assert measured(desk, as_of="2026-05-14 10:30").now == at.replace(minute=30)
    assert measured(desk, as_of="then").now == datetime(2026, 5, 14, 10, 6, tzinfo=UTC)
    assert measured(desk, as_of="2026-05-13", use_cache=True).evidence.cases == ()
    assert evidence(desk) == later


# --------------------------------------------------------------------------------------------------------------- cache


def cache_files(desk: Desk) -> list[Path]:
    return sorted((desk.path / ".git" / "incidentctl" / "cache").glob("*.msgpack"))


def test_a_broken_or_unwritable_cache_is_only_slow(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    cold = evidence(desk)
    assert len(cache_files(desk)) == 2
    for place in cache_files(desk):
        whole = place.read_bytes()
        for broken in (b"", whole[: len(whole) // 2], b"x" * 100, whole[:-1] + b"\xff"):
            place.write_bytes(broken)
            assert measured(desk, use_cache=True).evidence == cold
    for place in cache_files(desk):
        place.unlink()
        place.mkdir()
    assert measured(desk, use_cache=True).evidence == cold


def test_a_rewritten_branch_under_a_warm_cache_is_read_anew(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(10)
    desk.ok("mitigate", "failed over")
    evidence(desk)
    desk.git("reset", "--quiet", "--hard", "HEAD~1")
    assert "mitigated_at" not in evidence(desk).cases[0].times
    desk.wait(10)
    desk.ok("resolve", "done")
    assert [each.kind for each in evidence(desk).cases[0].transitions] == ["opened", "resolved"]


def test_other_settings_make_other_cases(desk: Dated) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    before = only(desk)
    desk.write("incidentctl.toml", desk.text("incidentctl.toml") + '\n[severity.SEV2]\nresponse = "5m"\n')
    desk.commit()
    after = only(desk)
    assert before.response_due_at != after.response_due_at


@pytest.mark.slow
def test_carried_on_from_any_commit_the_evidence_is_the_same(desk: Dated) -> None:
    chance = random.Random(4)
    for number in range(12):
        desk.wait(chance.randrange(1, 30))
        branch = f"side-{number}"
        desk.git("switch", "--quiet", "-c", branch)
        if number % 3 == 0:
            desk.git("switch", "--quiet", "main")
            desk.ok("open", f"Number {number}", "-s", str(chance.randrange(1, 4)))
            desk.git("switch", "--quiet", branch)
        for name in chance.sample(desk.files(), min(2, len(desk.files()))):
            at = desk.now.strftime("%Y-%m-%dT%H:%M:%SZ")
            words = chance.choice(("**Mitigated** a", "**Resolved** b", "**Severity** SEV3 → SEV1: c", "seen"))
            desk.write(name, desk.text(name) + f"- {at} {words} — @bob\n")
        if desk.git("status", "--porcelain"):
            desk.commit(f"hand {number}")
        desk.git("switch", "--quiet", "main")
        desk.wait(1)
        if chance.random() < 0.7:
            desk.git("merge", "--quiet", "--no-edit", "--no-ff", "-X", "theirs", branch)
        measured(desk, use_cache=chance.random() < 0.5)
        assert measured(desk, use_cache=True).evidence == measured(desk).evidence, number
    cold = measured(desk).evidence
    for commit in desk.git("rev-list", "main").split():
        shutil.rmtree(desk.path / ".git" / "incidentctl" / "cache", ignore_errors=True)
        desk.git("update-ref", "refs/heads/main", commit)
        measured(desk, use_cache=True)
        desk.git("update-ref", "refs/heads/main", cold.tip or "")
        assert measured(desk, use_cache=True).evidence == cold, commit


def test_after_a_clone_a_gc_and_a_bundle_the_cases_are_the_same(desk: Dated, tmp_path: Path) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.wait(10)
    desk.change(("status: investigating", "status: mitigated"))
    before = evidence(desk)
    desk.git("gc", "--quiet", "--aggressive", "--prune=now")
    assert evidence(desk) == before
    subprocess.run(["git", "clone", "--quiet", str(desk.path), str(tmp_path / "clone")], env=desk.environ, check=True)
    clone = Dated(tmp_path / "clone", desk.environ, now=desk.now)
    assert replace(evidence(clone), uncommitted=()) == before


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a system that can bind a process to cores")
def test_on_all_cores_and_on_one_the_cases_are_the_same(tmp_path: Path) -> None:
    environ = scrubbed_environ(tmp_path / "home")
    build_history(tmp_path / "many", 450, 4500, environ)
    many = Dated(tmp_path / "many", environ, now=datetime(2026, 1, 5, tzinfo=UTC))
    on_all = measured(many).evidence
    cores = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(cores)})
        assert measured(many).evidence == on_all
    finally:
        os.sched_setaffinity(0, cores)
    assert len(on_all.cases) == 450
