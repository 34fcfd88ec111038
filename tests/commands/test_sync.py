"""Sharing between clones, through the command line and real repositories: what arrives, what stays, and what is said."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.clones import FILE, INCIDENT, SLUG, Team, new_team, run
from tests.conftest import Desk


@pytest.fixture(scope="session")
def first_team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """The one that the others are copies of."""
    return new_team(tmp_path_factory.mktemp("team"))


@pytest.fixture
def team(tmp_path: Path, first_team: Team) -> Team:
    shutil.copytree(first_team.remote, tmp_path / "shared.git")
    return Team(tmp_path, tmp_path / "shared.git", first_team.environ)


@pytest.fixture(scope="session")
def first_pair(tmp_path_factory: pytest.TempPathFactory, first_team: Team) -> Team:
    """Two responders at the same incident: the ones that the others are copies of."""
    folder = tmp_path_factory.mktemp("pair")
    shutil.copytree(first_team.remote, folder / "shared.git")
    team = Team(folder, folder / "shared.git", first_team.environ)
    ann, bob = team.clone("ann"), team.clone("bob")
    ann.ok("open", "Checkout latency", "-s", "2")
    bob.ok("sync")
    bob.ok("use", INCIDENT)
    return team


@pytest.fixture
def pair(team: Team, first_pair: Team) -> tuple[Desk, Desk]:
    """Two responders at the same incident."""
    shutil.rmtree(team.remote)
    shutil.copytree(first_pair.remote, team.remote)
    return team.copy(first_pair, "ann"), team.copy(first_pair, "bob")


# ------------------------------------------------------------------------------------------------------- after each write


def test_a_write_is_shared_and_says_so(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    assert ann.ok("note", "pool exhausted").out.splitlines()[-1].endswith("noted · shared")
    assert "pool exhausted" in team.show()
    assert bob.ok("note", "restarted", "--json").json["shared"] is True
    assert "pool exhausted" in bob.text()
    assert "restarted" in team.show()


def test_without_a_remote_nothing_is_said_of_sharing(desk: Desk) -> None:
    result = desk.ok("open", "Checkout latency", "-s", "2")
    assert "shared" not in result.out + result.err
    data = desk.ok("note", "x", "--json").json
    assert (data["shared"], data["sharing"]) == (None, None)


def test_without_an_upstream_and_with_sharing_off_nothing_is_pushed(team: Team) -> None:
    ann = team.clone("ann")
    ann.git("config", "--unset", "branch.main.merge")
    assert "shared" not in ann.ok("open", "Checkout latency", "-s", "2").out
    ann.git("config", "branch.main.merge", "refs/heads/main")
    ann.write("../home-ann/config/incidentctl/config.toml", "[sync]\nauto = false\n")
    assert "shared" not in ann.ok("note", "x").out
    assert team.subjects() == ["settings"]
    assert ann.ok("sync").out == "shared 2 commits with origin/main\n"
    assert len(team.subjects()) == 3


def test_offline_is_said_with_what_waits_and_the_next_write_takes_it_along(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, _ = pair
    team.remote.rename(team.folder / "gone")
    result = ann.ok("update", "failing over")
    assert result.out.splitlines()[-1].endswith("not shared: offline (1 waiting)")
    assert ann.ok("note", "still").out.endswith("not shared: offline (2 waiting)\n")
    (team.folder / "gone").rename(team.remote)
    assert ann.ok("mitigate", "failed over").out.splitlines()[-1].endswith("· shared (3)")
    assert "failing over" in team.show()


def test_sync_offline_is_exit_code_4_and_says_what_waits(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, _ = pair
    team.remote.rename(team.folder / "gone")
    ann.ok("note", "x")
    result = ann.ictl("sync")
    assert (result.code, result.out) == (4, "not shared with origin/main · 1 commit waiting\n")
    assert "origin cannot be reached" in result.err
    assert ann.ictl("sync", "--json").json["failed"]["reason"] == "offline"


@contextmanager
def silent_server() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_remote_that_hangs_costs_two_seconds_once_and_leaves_nothing_running(
    team: Team, pair: tuple[Desk, Desk]
) -> None:
    ann, _ = pair
    with silent_server() as port:
        ann.git("remote", "set-url", "origin", f"http://127.0.0.1:{port}/x.git")
        start = time.monotonic()
        assert ann.ok("note", "x").out.endswith("not shared: offline (1 waiting)\n")
        assert 1.5 < time.monotonic() - start < 4.5
        start = time.monotonic()
        assert ann.ok("note", "y").out.endswith("not shared: offline (2 waiting)\n")
        assert time.monotonic() - start < 1.5
        assert gone(str(port))


def gone(word: str) -> bool:
    """Whether no such process runs. One that was ended takes a moment to be gone."""
    until = time.monotonic() + 3
    while running(word) and time.monotonic() < until:
        time.sleep(0.02)
    return not running(word)


def running(word: str) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if word in words and place.name != str(os.getpid()):
            found.append(words)
    return found


def test_an_ssh_that_hangs_is_ended_with_all_that_it_started(
    team: Team, pair: tuple[Desk, Desk], tmp_path: Path
) -> None:
    ann, _ = pair
    ssh = tmp_path / "ssh-that-hangs"
    ssh.write_text("#!/bin/sh\nsleep 97 & sleep 98\n")
    ssh.chmod(0o755)
    ann.environ["GIT_SSH_COMMAND"] = str(ssh)
    ann.git("remote", "set-url", "origin", "git@example.org:x.git")
    ann.write("../home-ann/config/incidentctl/config.toml", "[sync]\ntimeout = 1\n")
    result = ann.ictl("sync")
    assert result.code == 4 and "did not answer in time" in result.err
    assert gone("sleep 97") and gone("sleep 98")


class Locked(BaseHTTPRequestHandler):
    """A server that wants a password."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.end_headers()

    def log_request(self, *args: object) -> None:
        """Says nothing."""


def test_a_remote_that_lets_nobody_in_is_one_clear_sentence_without_a_password(
    team: Team, pair: tuple[Desk, Desk]
) -> None:
    ann, _ = pair
    server = HTTPServer(("127.0.0.1", 0), Locked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ann.git("remote", "set-url", "origin", f"http://ann:s3cret@127.0.0.1:{server.server_port}/x.git")
    try:
        result = ann.ictl("sync")
        assert result.code == 4
        assert "origin does not let you in" in result.err and "s3cret" not in result.err
        assert "git fetch origin" in result.err
        noted = ann.ok("note", "x")
        assert noted.out.endswith("not shared: access denied (1 waiting)\n") and "s3cret" not in noted.err
    finally:
        server.shutdown()
        server.server_close()


# -------------------------------------------------------------------------------------------------------- merging


def test_what_two_wrote_at_once_is_united_and_the_same_everywhere(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    for desk, word in ((ann, "from ann"), (bob, "from bob")):
        desk.write(f"../home-{desk.path.name}/config/incidentctl/config.toml", "[sync]\nauto = false\n")
        desk.ok("note", word)
    ann.ok("severity", "1", "-m", "payments fail")
    bob.ok("severity", "3", "-m", "few users")
    assert ann.ok("sync").out == "shared 2 commits with origin/main\n"
    assert bob.ok("sync").out == "shared 2 commits with origin/main · took in what origin/main had\n"
    assert ann.ok("sync").out == "took in what origin/main had\n"
    assert ann.text() == bob.text() == team.show()
    assert "from ann" in ann.text() and "from bob" in ann.text() and "the more severe stands" in ann.text()
    assert ann.ok("sync").out == bob.ok("sync").out == "in step with origin/main\n"
    assert ann.git("status", "--porcelain") == bob.git("status", "--porcelain") == ""


def test_a_clash_on_a_key_shows_both_values_changes_nothing_and_set_settles_it(
    team: Team, pair: tuple[Desk, Desk]
) -> None:
    ann, bob = pair
    ann.ok("set", "title=Checkout is slow")
    head = bob.git("rev-parse", "HEAD")
    bob.write("../home-bob/config/incidentctl/config.toml", "[sync]\nauto = false\n")
    bob.ok("set", "title=Checkout is down")
    head = bob.git("rev-parse", "HEAD")
    result = bob.ictl("sync")
    assert result.code == 5
    assert "title is 'Checkout is down' here and 'Checkout is slow' there" in result.err
    assert f"`ictl set {INCIDENT} title=VALUE`" in result.err
    assert bob.git("rev-parse", "HEAD") == head and "Checkout is slow" in team.show()
    assert bob.ictl("sync", "--json").error["code"] == "conflict"
    for value in ("Checkout is down", "Checkout is broken"):
        bob.ok("set", INCIDENT, f"title={value}")
    assert bob.ok("sync").code == 0
    assert "title: Checkout is broken" in team.show()
    assert bob.drafts() == []


def test_one_may_insist_on_the_value_that_one_had(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.ok("set", "title=Checkout is slow")
    bob.write("../home-bob/config/incidentctl/config.toml", "[sync]\nauto = false\n")
    bob.ok("set", "title=Checkout is down")
    assert bob.ictl("sync").code == 5
    assert "settled" in bob.ok("set", "title=Checkout is down").err
    bob.ok("sync")
    assert "title: Checkout is down" in team.show()
    ann.ok("sync")
    assert ann.text() == bob.text()


def test_a_clash_in_a_section_is_settled_in_the_editor_that_opens_both(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    for desk, word in ((ann, "here"), (bob, "there")):
        desk.write(f"../home-{desk.path.name}/config/incidentctl/config.toml", "[sync]\nauto = false\n")
        desk.write(FILE, desk.text() + f"\n## Links\n\nsee {word}\n")
        desk.ok("note", f"a link {word}")
    ann.ok("sync")
    result = bob.ictl("sync")
    assert result.code == 5 and f"ictl edit {INCIDENT}" in result.err
    bob.editor("grep -q '<<<<<<< ours' \"$1\" && sed -i '/^<<<<<<<\\|^=======\\|^>>>>>>>/d' \"$1\"")
    bob.ok("edit", INCIDENT)
    bob.ok("sync")
    ann.ok("sync")
    assert "see here" in team.show() and "see there" in team.show()
    assert team.show().count("a link") == 2
    assert ann.text() == bob.text() == team.show()


def test_a_key_that_is_settled_stays_so_while_the_rest_is(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    for desk, word in ((ann, "here"), (bob, "there")):
        desk.write(f"../home-{desk.path.name}/config/incidentctl/config.toml", "[sync]\nauto = false\n")
        desk.write(FILE, desk.text() + f"\n## Links\n\nsee {word}\n")
        desk.ok("set", f"title=Checkout {word}")
    ann.ok("sync")
    assert "title is" in bob.ictl("sync").err
    bob.ok("set", "title=Checkout there")
    for _ in range(2):
        result = bob.ictl("sync")
        assert result.code == 5 and "title is" not in result.err and "ictl edit" in result.err
    bob.editor("sed -i '/^<<<<<<<\\|^=======\\|^>>>>>>>/d' \"$1\"")
    bob.ok("edit", INCIDENT)
    bob.ok("sync")
    assert all(word in team.show() for word in ("see here", "see there", "title: Checkout there"))


def test_a_clash_is_settled_in_the_editor_beside_commits_that_are_not_published(
    team: Team, pair: tuple[Desk, Desk]
) -> None:
    ann, bob = pair
    for desk, word in ((ann, "here"), (bob, "there")):
        desk.write(f"../home-{desk.path.name}/config/incidentctl/config.toml", "[sync]\nauto = false\n")
        desk.write(FILE, desk.text() + f"\n## Links\n\nsee {word}\n")
        desk.ok("note", f"a link {word}")
        desk.ok("note", f"one more {word}")
    ann.ok("sync")
    bob.write("app.py", "work in progress\n")
    bob.git("commit", "--quiet", "-am", "wip")
    assert bob.ictl("sync").code == 5
    bob.editor("sed -i '/^<<<<<<<\\|^=======\\|^>>>>>>>/d' \"$1\"")
    bob.ok("edit", INCIDENT)
    bob.ok("sync")
    ann.ok("sync")
    for word in ("see here", "see there", "a link here", "a link there", "one more here", "one more there"):
        assert team.show().count(word) == 1
    assert ann.text() == bob.text() == team.show() and "wip" not in team.subjects()


def test_an_edit_that_did_not_begin_with_both_settles_nothing(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.ok("note", "from ann")
    ann.ok("set", "title=Checkout is slow")
    bob.write("../home-bob/config/incidentctl/config.toml", "[sync]\nauto = false\n")
    bob.ok("set", "title=Checkout is down")
    assert bob.ictl("sync").code == 5
    for draft in (bob.path / ".git" / "incidentctl" / "drafts").iterdir():
        draft.unlink()
    bob.editor("sed -i 's/is down/is broken/' \"$1\"")
    bob.ok("edit", INCIDENT)
    assert bob.ictl("sync").code == 5
    assert "from ann" in team.show()


def test_a_value_that_went_there_and_back_is_no_clash_beside_commits_that_are_not_published(
    team: Team, pair: tuple[Desk, Desk]
) -> None:
    ann, bob = pair
    bob.write("../home-bob/config/incidentctl/config.toml", "[sync]\nauto = false\n")
    bob.write("app.py", "work in progress\n")
    bob.git("commit", "--quiet", "-am", "wip")
    for title in ("Checkout is down", "Checkout latency"):
        bob.ok("set", f"title={title}")
    bob.ok("note", "from bob")
    ann.ok("set", "title=Checkout is slow")
    bob.ok("sync")
    assert "title: Checkout is slow" in team.show() and "from bob" in team.show() and "wip" not in team.subjects()


def test_a_write_that_cannot_be_merged_is_kept_and_said(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.ok("set", "title=Checkout is slow")
    result = bob.ok("set", "title=Checkout is down")
    assert result.out.endswith("not shared: conflict (1 waiting)\n")
    assert "Checkout is slow" in result.err


def test_two_incidents_under_one_id_part_and_the_old_name_answers_for_a_day(team: Team) -> None:
    ann, bob = team.clone("ann"), team.clone("bob")
    for desk in (ann, bob):
        desk.write(f"../home-{desk.path.name}/config/incidentctl/config.toml", "[sync]\nauto = false\n")
        desk.ok("open", "Checkout latency", "-s", "2", "--summary", desk.path.name)
    ann.ok("sync")
    result = bob.ok("sync")
    parted = next(name for name in bob.files() if name != FILE)
    new = Path(parted).stem
    assert f"ictl cancel {new} --duplicate-of {INCIDENT}" in result.err
    assert f"id: {new}\n" in bob.text(parted) and bob.text(FILE) == ann.text()
    assert new in bob.ok("note", "whose is it").out + bob.ok("use").out
    bob.ok("note", INCIDENT, "to the old name")
    assert "to the old name" in bob.text(parted) and "to the old name" not in bob.text(FILE)
    bob.wait(24 * 60 + 1)
    bob.ok("note", INCIDENT, "a day later")
    assert "a day later" in bob.text(FILE)
    bob.ok("cancel", new, "--duplicate-of", INCIDENT)
    bob.ok("sync")
    ann.ok("sync")
    assert ann.files() == bob.files() and [ann.text(name) for name in ann.files()] == [
        bob.text(name) for name in bob.files()
    ]


# ----------------------------------------------------------------------------------------------------- the user's own work


def test_dirty_work_is_no_obstacle_and_not_touched(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.ok("note", "from ann")
    bob.write("app.py", "changed\n")
    bob.write("staged.txt", "staged\n")
    bob.git("add", "staged.txt")
    bob.write("untracked.txt", "x\n")
    before = (bob.git("diff"), bob.git("diff", "--cached"), bob.git("status", "--porcelain"))
    bob.ok("sync")
    assert "from ann" in bob.text()
    assert (bob.git("diff"), bob.git("diff", "--cached"), bob.git("status", "--porcelain")) == before
    assert bob.ok("note", "from bob").out.endswith("· shared\n")
    assert team.git("ls-tree", "-r", "--name-only", "main").split() == ["app.py", "incidentctl.toml", FILE]


def test_an_uncommitted_edit_of_an_incident_stays_and_is_merged(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    bob.write(FILE, bob.text().replace("title: Checkout latency", "title: By hand"))
    ann.ok("note", "from ann")
    bob.ok("sync")
    assert "title: By hand" in bob.text() and "from ann" in bob.text()
    assert bob.git("diff", "--name-only").split() == [FILE]
    assert "By hand" not in team.show()


def test_a_staged_edit_of_an_incident_stays_staged(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    bob.write(FILE, bob.text().replace("title: Checkout latency", "title: By hand"))
    bob.git("add", FILE)
    ann.ok("note", "from ann")
    bob.ok("sync")
    assert "title: By hand" in bob.git("show", f":{FILE}") and "from ann" in bob.git("show", f":{FILE}")
    assert bob.git("diff", "--cached", "--name-only").split() == [FILE] and bob.git("diff") == ""


def test_an_uncommitted_edit_that_clashes_keeps_the_branch_where_it_is(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    bob.write(FILE, bob.text().replace("title: Checkout latency", "title: By hand"))
    ann.ok("set", "title=Checkout is slow")
    head, text = bob.git("rev-parse", "HEAD"), bob.text()
    result = bob.ictl("sync")
    assert result.code == 5 and "By hand" in result.err and "Checkout is slow" in result.err
    assert (bob.git("rev-parse", "HEAD"), bob.text()) == (head, text)


def test_other_peoples_changes_to_other_files_come_in_but_never_over_work_of_ones_own(
    team: Team, pair: tuple[Desk, Desk]
) -> None:
    ann, bob = pair
    ann.write("app.py", "one\ntwo\nfour\n")
    ann.git("commit", "--quiet", "-am", "app")
    ann.git("push", "--quiet")
    bob.write("app.py", "mine\n")
    result = bob.ok("note", "from bob")
    assert result.out.endswith("· shared\n"), result
    assert "app.py is changed here" in result.err
    assert (bob.path / "app.py").read_text() == "mine\n"
    assert "from bob" in team.show()
    assert bob.ictl("sync").code == 4
    assert bob.ok("note", "again").out.endswith("· shared\n")
    bob.git("stash", "--quiet")
    bob.ok("sync")
    assert (bob.path / "app.py").read_text() == "one\ntwo\nfour\n" and bob.git("status", "--porcelain") == ""
    bob.git("stash", "pop", ok=False)


def test_a_file_that_was_only_touched_is_not_in_the_way(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.write("app.py", "one\ntwo\nfour\n")
    ann.git("commit", "--quiet", "-am", "app")
    ann.git("push", "--quiet")
    os.utime(bob.path / "app.py", (1, 1))
    bob.ok("sync")
    assert (bob.path / "app.py").read_text() == "one\ntwo\nfour\n" and bob.git("status", "--porcelain") == ""


def test_an_untracked_file_in_the_way_is_named_and_left_alone(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.write("new.txt", "theirs\n")
    ann.git("add", "new.txt")
    ann.git("commit", "--quiet", "-m", "new")
    ann.git("push", "--quiet")
    ann.ok("note", "from ann")
    bob.write("new.txt", "mine\n")
    before = (bob.text(), bob.git("status", "--porcelain"))
    result = bob.ictl("sync")
    assert result.code == 4 and "new.txt" in result.err
    assert (bob.path / "new.txt").read_text() == "mine\n"
    assert (bob.text(), bob.git("status", "--porcelain")) == before
    bob.write("new.txt", "theirs\n")
    bob.ok("sync")
    assert bob.git("status", "--porcelain") == "" and "from ann" in bob.text()


def test_commits_of_other_files_are_never_published(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    bob.write("app.py", "work in progress\n")
    bob.git("commit", "--quiet", "-am", "wip")
    bob.now = bob.now.replace(hour=11)
    assert bob.ok("note", "from bob").out.endswith("· shared\n")
    bob.ok("note", "again")
    assert "work in progress" not in team.git("show", "main:app.py")
    assert "wip" not in team.subjects() and "again" in team.show()
    shared = team.git("log", "-1", "--format=%an %ae%n%B", "main")
    assert shared == bob.git("log", "-1", "--no-merges", "--format=%an %ae%n%B")
    result = bob.ok("sync")
    assert "not published, since it touches other files: 1 commit" in result.err and "wip" in result.err
    assert (bob.path / "app.py").read_text() == "work in progress\n"
    subjects = bob.subjects()
    assert subjects.count("wip") == 1 and bob.git("status", "--porcelain") == ""
    ann.ok("note", "from ann")
    bob.ok("sync")
    ann.ok("sync")
    assert ann.text() == bob.text() == team.show()
    assert team.show().count("from bob") == 1
    bob.git("push", "--quiet")
    assert bob.ok("sync").out == "in step with origin/main\n"


def test_a_value_is_not_set_back_by_a_commit_that_was_published_as_a_copy(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    bob.write("app.py", "work in progress\n")
    bob.git("commit", "--quiet", "-am", "wip")
    bob.ok("set", "title=First")
    ann.ok("sync")
    ann.ok("set", "title=Second")
    for word in ("one", "two"):
        bob.ok("note", word)
    assert "title: Second" in team.show() and "title: Second" in bob.text()
    (bob.path / ".git" / "incidentctl" / "sharing.json").unlink()
    assert bob.ok("note", "three").out.endswith("· shared\n")
    assert "title: Second" in team.show()


# ------------------------------------------------------------------------------------------------------------ states


def test_another_branch_may_be_checked_out(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    bob.git("switch", "--quiet", "-c", "topic")
    ann.ok("note", "from ann")
    assert bob.ok("note", "from bob").out.endswith("· shared\n")
    bob.ok("sync")
    assert "from ann" in bob.git("show", f"main:{FILE}")
    assert bob.git("status", "--porcelain") == "" and "from ann" not in bob.text()
    bob.git("checkout", "--quiet", "--detach")
    ann.ok("note", "later")
    bob.ok("sync")
    assert "later" in bob.git("show", f"main:{FILE}")


def test_a_linked_work_tree_that_has_the_branch_is_brought_in_line(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    bob.git("switch", "--quiet", "-c", "topic")
    bob.git("worktree", "add", "--quiet", "../linked", "main")
    ann.ok("note", "from ann")
    bob.ok("sync")
    linked = team.folder / "linked"
    assert "from ann" in (linked / FILE).read_text()
    assert bob.git("status", "--porcelain", cwd=linked) == ""


def test_in_the_middle_of_a_merge_nothing_is_done(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    bob.git("switch", "--quiet", "-c", "topic")
    bob.write("app.py", "topic\n")
    bob.git("commit", "--quiet", "-am", "topic")
    bob.git("switch", "--quiet", "main")
    bob.write("app.py", "main\n")
    bob.git("commit", "--quiet", "-am", "main")
    bob.git("merge", "topic", ok=False)
    ann.ok("note", "from ann")
    head = bob.git("rev-parse", "HEAD")
    result = bob.ictl("sync")
    assert result.code == 4 and "git merge --abort" in result.err
    assert bob.git("rev-parse", "HEAD") == head


def test_the_first_push_makes_the_branch_and_its_upstream(tmp_path: Path, desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    result = desk.ictl("sync")
    assert result.code == 2 and "git remote add origin URL" in result.err
    run(tmp_path, desk.environ, "init", "--quiet", "--bare", "r.git")
    desk.git("remote", "add", "origin", str(tmp_path / "r.git"))
    assert desk.ok("sync").out == "shared 2 commits with origin/main\n"
    assert desk.git("rev-parse", "--abbrev-ref", "main@{upstream}") == "origin/main\n"
    assert desk.ok("note", "x").out.endswith("· shared\n")


def test_a_first_push_of_more_than_the_record_is_the_users(tmp_path: Path, desk: Desk) -> None:
    desk.write("app.py", "x\n")
    desk.git("add", ".")
    desk.git("commit", "--quiet", "-m", "app")
    run(tmp_path, desk.environ, "init", "--quiet", "--bare", "r.git")
    desk.git("remote", "add", "origin", str(tmp_path / "r.git"))
    result = desk.ictl("sync")
    assert result.code == 4 and "`git push -u origin main`" in result.err and "app" in result.err
    desk.git("push", "--quiet", "-u", "origin", "main")
    desk.ok("sync")


def test_a_clone_without_a_commit_gets_what_the_remote_has(team: Team, pair: tuple[Desk, Desk], tmp_path: Path) -> None:
    ann, _ = pair
    empty = Desk(tmp_path / "empty", ann.environ)
    empty.path.mkdir()
    empty.git("init", "--quiet")
    empty.git("remote", "add", "origin", str(team.remote))
    empty.write("incidentctl.toml", ann.text("incidentctl.toml"))
    empty.write("mine.txt", "x\n")
    empty.ok("sync")
    assert empty.text() == ann.text() and (empty.path / "app.py").exists()
    assert empty.git("status", "--porcelain") == "?? mine.txt\n"


def test_unrelated_histories_are_refused(team: Team, desk: Desk) -> None:
    desk.git("remote", "add", "origin", str(team.remote))
    head = desk.git("rev-parse", "HEAD")
    desk.write("incidentctl.toml", desk.text("incidentctl.toml") + "\n# other\n")
    desk.git("commit", "--quiet", "--amend", "-am", "other")
    head = desk.git("rev-parse", "HEAD")
    result = desk.ictl("sync")
    assert result.code == 4 and "no commit in common" in result.err and "--allow-unrelated-histories" in result.err
    assert desk.git("rev-parse", "HEAD") == head and team.subjects() == ["settings"]


def test_a_rewritten_history_is_not_undone(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.ok("note", "a secret")
    bob.ok("sync")
    bob.write("../home-bob/config/incidentctl/config.toml", "[sync]\nauto = false\n")
    bob.ok("set", "team=kept")
    ann.git("reset", "--quiet", "--hard", "HEAD~1")
    ann.git("push", "--quiet", "--force")
    result = bob.ictl("sync")
    assert result.code == 4 and "rewritten" in result.err
    assert bob.ictl("sync").code == 4
    assert "a secret" not in team.show()
    way = result.err[result.err.index("`git rebase") + 1 :].partition("`")[0]
    bob.git(*way.split()[1:])
    bob.ok("sync")
    assert "team: kept" in team.show() and "a secret" not in team.show()


def test_a_rewritten_history_without_words_of_ones_own_is_taken_over(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.ok("note", "a secret")
    bob.ok("sync")
    bob.write("app.py", "dirty\n")
    ann.git("reset", "--quiet", "--hard", "HEAD~1")
    ann.git("push", "--quiet", "--force")
    result = bob.ictl("sync")
    way = result.err[result.err.index("`git reset") + 1 :].partition("`")[0]
    bob.git(*way.split()[1:])
    assert bob.ok("sync").out == "in step with origin/main\n"
    assert (bob.path / "app.py").read_text() == "dirty\n" and "a secret" not in bob.text()


def test_a_branch_that_is_gone_at_the_remote_is_not_made_again_unasked(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, _ = pair
    ann.ok("note", "x")
    team.git("update-ref", "-d", "refs/heads/main")
    result = ann.ictl("sync")
    assert result.code == 4 and "`git push origin main`" in result.err
    assert team.git("for-each-ref") == ""
    ann.git("push", "--quiet", "origin", "main")
    ann.ok("sync")


def test_a_shallow_clone_shares(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, _ = pair
    ann.ok("note", "x")
    url = f"file://{team.remote}"
    shallow = Desk(team.folder / "shallow", ann.environ, chances=50)
    run(team.folder, ann.environ, "clone", "--quiet", "--depth", "1", url, "shallow")
    ann.ok("note", "from ann")
    shallow.ok("note", INCIDENT, "from the shallow one")
    assert "from the shallow one" in team.show() and "from ann" in team.show()


def test_a_bare_clone_and_a_mirror_lose_nothing(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, _ = pair
    for name, option in (("bare.git", "--bare"), ("mirror.git", "--mirror")):
        run(team.folder, ann.environ, "clone", "--quiet", option, str(team.remote), name)
        bare = Desk(team.folder / name, ann.environ, chances=70)
        bare.ok("note", INCIDENT, f"from {name}")
        ann.ok("note", f"beside {name}")
        bare.ok("sync")
        assert f"from {name}" in team.show()
        assert f"from {name}" in bare.git("show", f"main:{FILE}")
        assert f"beside {name}" in bare.git("show", f"main:{FILE}")


def test_sha256_repositories_share(tmp_path: Path) -> None:
    team = new_team(tmp_path, options=("--object-format=sha256",))
    ann, bob = team.clone("ann"), team.clone("bob")
    ann.ok("open", "Checkout latency", "-s", "2")
    bob.ok("sync")
    ann.ok("note", "from ann")
    bob.ok("note", INCIDENT, "from bob")
    ann.ok("sync")
    assert ann.text() == bob.text() and "from bob" in ann.text()


def test_line_ends_of_the_work_tree_are_the_work_trees(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    bob.write(".git/info/attributes", "*.md text eol=crlf\n")
    bob.git("rm", "--quiet", "--cached", "-r", ".")
    bob.git("reset", "--quiet", "--hard")
    ann.ok("note", "from ann")
    bob.ok("sync")
    assert "\r\n" in bob.text() and "from ann" in bob.text()
    assert bob.git("status", "--porcelain") == ""
    bob.ok("note", "from bob")
    assert "\r" not in team.show()


@pytest.mark.parametrize("url", ["ext::sh -c touch% /tmp/x", "fd::3", "--upload-pack=touch"])
def test_an_address_that_runs_a_program_is_not_used(team: Team, pair: tuple[Desk, Desk], url: str) -> None:
    ann, _ = pair
    ann.git("config", "remote.origin.url", url)
    result = ann.ictl("sync")
    assert result.code == 4 and "would make git run a program" in result.err
    assert ann.ok("note", "x").code == 0


def test_the_words_that_wait_are_shared_as_well(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, _ = pair
    ann.write(".git/hooks/reference-transaction", "#!/bin/sh\nexit 1\n").chmod(0o755)
    assert ann.ictl("note", "saved only").code == 7
    (ann.path / ".git/hooks/reference-transaction").unlink()
    ann.ok("sync")
    assert "saved only" in team.show()


def test_a_dry_run_only_looks(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.ok("note", "x")
    bob.write("../home-bob/config/incidentctl/config.toml", "[sync]\nauto = false\n")
    bob.ok("note", "y")
    head = bob.git("rev-parse", "HEAD")
    assert (
        bob.ok("sync", "--dry-run").out
        == "would share 1 commit with origin/main · would take in what origin/main has\n"
    )
    assert bob.git("rev-parse", "HEAD") == head and "y" not in team.subjects()


# -------------------------------------------------------------------------------------------------------- a protected branch


def test_a_protected_branch_is_gone_around_by_a_branch_for_the_incident(team: Team) -> None:
    team.protect_main()
    ann = team.clone("ann")
    opened = ann.ok("open", "Checkout latency", "-s", "2")
    assert "· shared" in opened.out
    branch = f"incident/{INCIDENT}"
    assert team.subjects() == ["settings"] and SLUG in team.subjects(branch)[0]
    bob = team.clone("bob")
    result = bob.ok("sync")
    assert "from ann" not in bob.text() and f"gh pr create --base main --head {branch}" in result.out
    ann.ok("note", "from ann")
    assert bob.ok("note", INCIDENT, "from bob").out.endswith("· shared\n")
    ann.ok("sync")
    assert ann.text() == bob.text() == team.show(branch=branch)
    assert "from ann" in ann.text() and "from bob" in ann.text()
    assert ann.ok("sync", "--json").json["branches"] == [branch]


def test_copies_that_are_gone_with_their_branch_are_shared_again(team: Team) -> None:
    team.protect_main()
    ann = team.clone("ann")
    ann.write("app.py", "work in progress\n")
    ann.git("commit", "--quiet", "-am", "wip")
    ann.ok("open", "Checkout latency", "-s", "2")
    branch = f"incident/{INCIDENT}"
    assert "wip" not in team.subjects(branch)
    assert ann.ok("sync", "--json").json["waiting"] == 0
    team.git("branch", "-D", branch)
    ann.ok("sync")
    assert "Opened" in team.show(branch=branch) and "wip" not in team.subjects(branch)


@pytest.mark.parametrize("way", ["merge", "squash"])
def test_a_branch_that_was_brought_home_is_done_with(team: Team, way: str) -> None:
    team.protect_main()
    ann = team.clone("ann")
    ann.ok("open", "Checkout latency", "-s", "2")
    ann.ok("note", "one")
    branch = f"incident/{INCIDENT}"
    (team.remote / "hooks" / "update").unlink()
    home = team.clone("maintainer")
    home.git("merge", "--quiet", *(("--squash",) if way == "squash" else ("--no-ff",)), f"origin/{branch}")
    if way == "squash":
        home.git("commit", "--quiet", "-m", "squashed")
    home.git("push", "--quiet")
    team.protect_main()
    result = ann.ok("sync", "--json").json
    assert (result["branches"], result["waiting"], result["unpublished"]) == ([], 0, [])
    assert ann.git("status", "--porcelain") == "" and ann.text() == team.show()
    team.git("branch", "-D", branch)
    assert ann.ok("sync", "--json").json["waiting"] == 0
    assert ann.ok("note", "after").out.endswith("· shared\n")
    assert "after" in team.show(branch=branch)


def test_two_incidents_have_a_branch_each_and_keep_apart(team: Team) -> None:
    team.protect_main()
    ann, bob = team.clone("ann"), team.clone("bob")
    ann.ok("open", "Checkout latency", "-s", "2")
    ann.ok("open", "Login fails", "-s", "2")
    ann.ok("note", INCIDENT, "about checkout")
    other = "2026-05-14-login-fails"
    there = team.git("ls-tree", "-r", "--name-only", f"incident/{other}").split()
    assert there == ["app.py", "incidentctl.toml", f"incidents/2026/05/{other}.md"]
    assert "about checkout" in team.show(branch=f"incident/{INCIDENT}")
    bob.ok("sync")
    assert len(bob.files()) == 2
    assert bob.ok("note", other, "from bob").out.endswith("· shared\n")
    ann.ok("sync")
    assert [ann.text(name) for name in ann.files()] == [bob.text(name) for name in bob.files()]


def test_a_remote_that_refuses_everything_is_said(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, _ = pair
    team.hook("pre-receive", 'echo "frozen until Monday" >&2; exit 1')
    result = ann.ok("note", "x")
    assert result.out.endswith("not shared: refused by the remote (1 waiting)\n")
    assert "frozen until Monday" in result.err
    assert ann.ictl("sync").code == 4


# -------------------------------------------------------------------------------------------------- many in one clone


@pytest.mark.slow
def test_sixteen_who_write_at_once_all_succeed_and_all_is_shared_in_the_end(
    team: Team, pair: tuple[Desk, Desk]
) -> None:
    ann, bob = pair
    command = [sys.executable, "-m", "incidentctl", "note", "-i", INCIDENT]
    environ = ann.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    started = [
        subprocess.Popen([*command, f"writer {n}."], cwd=ann.path, env=environ, stdout=subprocess.PIPE, text=True)
        for n in range(16)
    ]
    for n in range(3):
        bob.ok("note", f"meanwhile {n}.")
    ended = [process.communicate(timeout=300)[0] for process in started]
    assert [process.returncode for process in started] == [0] * 16
    assert all("shared" in line for line in ended), ended
    ann.ok("sync")
    for word in (*(f"writer {n}." for n in range(16)), *(f"meanwhile {n}." for n in range(3))):
        assert team.show().count(word) == 1
    assert ann.text() == team.show() and ann.git("status", "--porcelain") == ""
    assert ann.git("fsck", "--strict", "--no-dangling") == ""


def test_a_ctrl_c_while_it_is_shared_leaves_the_word_and_nothing_running(
    team: Team, pair: tuple[Desk, Desk], tmp_path: Path
) -> None:
    ann, _ = pair
    ssh = tmp_path / "ssh-that-hangs"
    ssh.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nsleep 96\n")
    ssh.chmod(0o755)
    ann.git("remote", "set-url", "origin", "git@example.org:x.git")
    environ = ann.environ | {"GIT_SSH_COMMAND": str(ssh), "PYTHONPATH": str(Path(__file__).parents[2])}
    for number, word in ((signal.SIGINT, "interrupted"), (signal.SIGTERM, "")):
        (tmp_path / "begun").unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "incidentctl", "note", "-i", INCIDENT, f"word {int(number)}"],
            cwd=ann.path, env=environ, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)
        process.send_signal(number)
        assert word in process.communicate(timeout=30)[0]
        assert f"word {int(number)}" in ann.git("show", f"HEAD:{FILE}")
        assert gone("sleep 96")


# ------------------------------------------------------------------------------------------------------------- reading


def test_reading_live_looks_first_and_says_how_old_it_is_otherwise(team: Team, pair: tuple[Desk, Desk]) -> None:
    ann, bob = pair
    ann.ok("note", "from ann")
    assert "from ann" in bob.ok("show").out
    ann.ok("open", "Login fails", "-s", "1")
    assert "Login fails" in bob.ok("list", "--open").out
    team.remote.rename(team.folder / "gone")
    assert bob.ok("list", "--open").err == "as of 10:06Z, offline\n"
    assert "offline" not in bob.ok("list").err
    assert "as of 10:06Z, offline" in bob.ok("open", "Another one", "-s", "3").err


def test_an_incident_that_somebody_declared_already_is_seen_by_open(team: Team) -> None:
    ann, bob = team.clone("ann"), team.clone("bob")
    ann.ok("open", "Checkout latency", "-s", "2")
    result = bob.ok("open", "Checkout latency", "-s", "2")
    assert f"there is a {INCIDENT} already" in result.err


@pytest.mark.parametrize("word", ["pull", "push", "fetch", "share"])
def test_other_tools_words_lead_here(desk: Desk, word: str) -> None:
    assert "it is `ictl sync`" in desk.ictl(word).err


def test_the_json_is_as_its_schema_says(team: Team, pair: tuple[Desk, Desk]) -> None:
    import jsonschema

    ann, _ = pair
    schema = json.loads(ann.ok("schema", "sync").out)
    ann.write("app.py", "x\n")
    ann.git("commit", "--quiet", "-am", "wip")
    ann.ok("note", "x")
    data = ann.ok("sync", "--json").json
    jsonschema.validate(data, schema)
    assert data["unpublished"][0]["subject"] == "wip"


def test_a_branch_that_begins_here_at_the_remotes_follows_it(team: Team, pair: tuple[Desk, Desk]) -> None:
    """A clone of a remote whose HEAD names another branch: nothing is checked out, and git has set up no upstream."""
    team.git("symbolic-ref", "HEAD", "refs/heads/elsewhere")
    eve = team.clone("eve")
    assert eve.ok("note", "seen").out.endswith("noted · shared\n")
    assert eve.git("config", "branch.main.merge") == "refs/heads/main\n"
    assert "seen" in team.show()
