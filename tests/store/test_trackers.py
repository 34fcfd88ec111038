"""What commits and trackers say is done. The programs are stand-ins that answer as the real ones do; no network is used."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from incidentctl.errors import UsageError
from incidentctl.store.repository import Repository
from incidentctl.store.trackers import (
    Closing,
    Tracked,
    TrackerAnswers,
    TrackerState,
    ask_trackers,
    closings_here,
    closings_in,
)
from tests.store.conftest import Place

ISSUE = "https://github.com/example/ops/issues/412"
GITLAB_ISSUE = "https://gitlab.com/group/sub/ops/-/issues/7"


@pytest.fixture
def repository(place: Place) -> Iterator[Repository]:
    """The repository of a place with a commit."""
    place.git("commit", "--allow-empty", "-qm", "first")
    yield place.open(branch="main")


def commit(place: Place, message: str, day: str = "2026-05-19") -> str:
    place.git("commit", "--allow-empty", "-qm", message, env={"GIT_AUTHOR_DATE": f"{day}T12:00:00+02:00"})
    return place.git("rev-parse", "HEAD")


class TestCommits:
    def test_trailers_are_read_with_the_day_of_the_author(self, place: Place, repository: Repository) -> None:
        first = commit(place, "Canary\n\nWords\n\nCloses-Action: a:7k2ps\n", "2026-05-19")
        second = commit(place, "Two\n\ncloses-action: 0q8fh2, a:m4d0z1\nSigned-off-by: Ann <a@b>\n", "2026-05-20")
        commit(place, "Closes-Action: a:zzzzzz\n\nin the subject is no trailer")
        assert closings_here(place.open(branch="main")) == [
            Closing("7k2ps", first, first[:7], date(2026, 5, 19)),
            Closing("0q8fh2", second, second[:7], date(2026, 5, 20)),
            Closing("m4d0z1", second, second[:7], date(2026, 5, 20)),
        ]

    def test_only_what_is_reached_counts_here_and_on_the_record(self, place: Place, repository: Repository) -> None:
        on_record = commit(place, "a\n\nCloses-Action: a:aaaa\n")
        place.git("switch", "-qc", "other")
        here = commit(place, "b\n\nCloses-Action: a:bbbb\n")
        place.git("switch", "-qc", "elsewhere", "main")
        commit(place, "c\n\nCloses-Action: a:cccc\n")
        place.git("switch", "-q", "other")
        assert [each.commit for each in closings_here(place.open(branch="main"))] == [on_record, here]

    def test_the_users_own_settings_of_the_log_change_nothing(self, place: Place, repository: Repository) -> None:
        commit(place, "a\n\nCloses-Action: a:aaaa\n")
        place.git("config", "log.showSignature", "true")
        place.git("config", "core.abbrev", "40")
        place.git("config", "trailer.separators", "=:")
        assert [each.action for each in closings_here(place.open(branch="main"))] == ["aaaa"]

    def test_another_repository_is_named_with_its_commit(self, place: Place, tmp_path: Path) -> None:
        other = Place(tmp_path / "check out", place.environ)
        other.path.mkdir()
        other.git("init", "-q")
        sha = commit(other, "a\n\nCloses-Action: a:7k2ps0\n")
        (closing,) = closings_in(str(other.path), environ=place.environ)
        assert (closing.action, closing.evidence) == ("7k2ps0", f"check-out@{sha[:7]}")

    def test_a_repository_without_commits_closes_nothing(self, place: Place, tmp_path: Path) -> None:
        other = Place(tmp_path / "empty", place.environ)
        other.path.mkdir()
        other.git("init", "-q")
        assert closings_in(str(other.path), environ=place.environ) == []

    def test_what_is_no_repository_is_said(self, place: Place, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no folder"):
            closings_in(str(tmp_path / "nothing"), environ=place.environ)
        with pytest.raises(UsageError, match="no repository"):
            closings_in(str(tmp_path), environ=place.environ)


def stand_in(place: Place, name: str, script: str) -> Path:
    """A program of that name on the PATH, which notes how it was called."""
    folder = place.path.parent / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / name
    calls = folder / f"{name}.calls"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{calls}"\n{script}\n')
    program.chmod(0o755)
    if str(folder) not in place.environ["PATH"]:
        place.environ["PATH"] = f"{folder}:{place.environ['PATH']}"
    return calls


def answering(data: Mapping[str, object]) -> str:
    return f"cat <<'END'\n{json.dumps(data)}\nEND"


def ask(place: Place, *urls: str, **limits: float) -> TrackerAnswers:
    repository = place.open(branch="main")
    return ask_trackers(urls, git=repository.git, environ=place.environ, **limits)


class TestTrackers:
    def test_a_closed_issue_is_done_on_its_day(self, place: Place, repository: Repository) -> None:
        answer = {"closedAt": "2026-05-19T08:30:00Z", "state": "CLOSED", "stateReason": "COMPLETED"}
        calls = stand_in(place, "gh", answering(answer))
        assert ask(place, ISSUE, ISSUE).states == {ISSUE: Tracked(TrackerState.DONE, date(2026, 5, 19))}
        assert calls.read_text() == f"issue view {ISSUE} --json state,stateReason,closedAt\n"

    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            ({"closedAt": None, "state": "OPEN", "stateReason": ""}, TrackerState.OPEN),
            ({"closedAt": None, "state": "OPEN", "stateReason": "REOPENED"}, TrackerState.OPEN),
            (
                {"closedAt": "2026-05-19T08:30:00Z", "state": "CLOSED", "stateReason": "NOT_PLANNED"},
                TrackerState.NOT_PLANNED,
            ),
            (
                {"closedAt": "2026-05-19T08:30:00Z", "state": "CLOSED", "stateReason": "DUPLICATE"},
                TrackerState.NOT_PLANNED,
            ),
        ],
    )
    def test_an_issue_that_is_open_or_not_planned_is_not_done(
        self, place: Place, repository: Repository, answer: dict[str, object], state: TrackerState
    ) -> None:
        stand_in(place, "gh", answering(answer))
        assert ask(place, ISSUE).states[ISSUE].state is state

    def test_a_pull_request_is_done_when_it_is_merged(self, place: Place, repository: Repository) -> None:
        merged, closed = "https://github.com/a/b/pull/1", "https://github.com/a/b/pull/2"
        yes = {"closedAt": "2026-05-19T08:30:00Z", "mergedAt": "2026-05-19T08:30:00Z", "state": "MERGED"}
        no = {"closedAt": "2026-05-19T08:30:00Z", "mergedAt": None, "state": "CLOSED"}
        calls = stand_in(place, "gh", f'case "$3" in */1) {answering(yes)}\n;; *) {answering(no)}\n;; esac')
        states = ask(place, merged, closed).states
        assert states == {
            merged: Tracked(TrackerState.DONE, date(2026, 5, 19)),
            closed: Tracked(TrackerState.NOT_PLANNED, date(2026, 5, 19)),
        }
        assert calls.read_text().startswith(f"pr view {merged} --json state,mergedAt,closedAt\n")

    def test_gitlab_is_asked_by_its_own_program(self, place: Place, repository: Repository) -> None:
        change = "https://gitlab.example.org/group/ops/-/merge_requests/8"
        issue = {"id": 1, "iid": 7, "state": "closed", "closed_at": "2026-05-19T08:30:00.000+02:00"}
        merged = {"id": 2, "iid": 8, "state": "merged", "merged_at": "2026-05-20T08:30:00.000Z", "closed_at": None}
        place.git("remote", "add", "origin", "git@gitlab.example.org:group/records.git")
        calls = stand_in(place, "glab", f'case "$1" in mr) {answering(merged)}\n;; *) {answering(issue)}\n;; esac')
        assert ask(place, GITLAB_ISSUE, change).states == {
            GITLAB_ISSUE: Tracked(TrackerState.DONE, date(2026, 5, 19)),
            change: Tracked(TrackerState.DONE, date(2026, 5, 20)),
        }
        assert calls.read_text().splitlines() == [
            "issue view 7 --repo https://gitlab.com/group/sub/ops --output json",
            "mr view 8 --repo https://gitlab.example.org/group/ops --output json",
        ]

    @pytest.mark.parametrize(
        "url",
        [
            "http://github.com/a/b/issues/1",
            "https://evil.example.org/a/b/issues/1",
            "https://github.com.evil.example.org/a/b/issues/1",
            "https://user@github.com/a/b/issues/1",
            "https://github.com:8443/a/b/issues/1",
            "https://github.com/a/b/issues/1;rm -rf x",
            "https://github.com/a/b/issues/--web",
            "--web",
            "https://[github.com/a/b/issues/1",
            "https://notgitlab.example.org/a/b/-/issues/1",
            "https://gitlab.evil.example.org/a/b/-/issues/1",
            "#412",
        ],
    )
    def test_no_other_link_is_handed_to_a_program(self, place: Place, repository: Repository, url: str) -> None:
        calls = [stand_in(place, name, answering({"state": "closed"})) for name in ("gh", "glab")]
        assert ask(place, url) == TrackerAnswers({})
        assert not any(each.exists() for each in calls)

    def test_a_token_in_what_a_program_says_is_masked(self, place: Place, repository: Repository) -> None:
        token = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
        stand_in(place, "gh", f"echo 'bad credentials: {token}' >&2; exit 1")
        (problem,) = ask(place, ISSUE).problems
        assert "bad credentials" in problem
        assert token not in problem

    def test_a_host_of_ones_own_is_asked_where_it_is_set(self, place: Place, repository: Repository) -> None:
        url = "https://git.example.org/a/b/issues/1"
        stand_in(place, "gh", answering({"state": "CLOSED", "closedAt": "2026-05-19T08:30:00Z", "stateReason": None}))
        place.environ["GH_HOST"] = "git.example.org"
        assert ask(place, url).states[url].state is TrackerState.DONE

    def test_without_the_programs_nothing_is_asked_and_nothing_said(self, place: Place, repository: Repository) -> None:
        environ = {**place.environ, "PATH": str(place.path)}
        assert ask_trackers([ISSUE, GITLAB_ISSUE], git=repository.git, environ=environ) == TrackerAnswers({})

    def test_a_failure_is_said_once_for_all_links(self, place: Place, repository: Repository) -> None:
        stand_in(place, "gh", 'echo "To get started with GitHub CLI, please run:  gh auth login" >&2; exit 4')
        answers = ask(place, ISSUE, f"{ISSUE}1", f"{ISSUE}2")
        assert answers.states == {}
        (problem,) = answers.problems
        assert "gh auth login" in problem

    @pytest.mark.parametrize("out", ["", "not json", "[]", '{"state": 1}', '{"state": "odd"}', "[" * 100_000])
    def test_an_answer_that_is_none_is_a_problem(self, place: Place, repository: Repository, out: str) -> None:
        file = place.path / "out"
        file.write_text(out)
        stand_in(place, "gh", f'cat "{file}"')
        answers = ask(place, ISSUE)
        assert answers.states == {}
        assert len(answers.problems) == 1

    def test_a_program_that_hangs_is_ended(self, place: Place, repository: Repository) -> None:
        stand_in(place, "gh", "sleep 60")
        (problem,) = ask(place, ISSUE, one_call=0.3).problems
        assert "no answer within 0.3 s" in problem

    def test_what_a_program_prints_never_steers_the_terminal(self, place: Place, repository: Repository) -> None:
        stand_in(place, "gh", "printf '\\033[31mred\\033[0m\\n' >&2; exit 1")
        (problem,) = ask(place, ISSUE).problems
        assert "\033" not in problem
