"""`watch` on real screens: in tmux as people have it, and in a bare terminal for what tmux keeps to itself."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidentctl.commands.watch import as_of_in, next_of
from tests.clones import INCIDENT, new_team
from tests.commands.terminal import ICTL, PATIENCE_S, Terminal, environ_of, ictl
from tests.conftest import Desk, new_desk

TMUX = shutil.which("tmux")
in_tmux = pytest.mark.skipif(TMUX is None, reason="tmux is not installed")


class Tmux:
    """A shell in a terminal of a tmux server of its own. `screen` is what a person sees of it."""

    def __init__(self, folder: Path, desk: Desk, *, width: int = 80, height: int = 24) -> None:
        self._environ = environ_of(desk.environ, TERM="screen-256color", PS1="$ ", ENV="/dev/null")
        self._socket = str(folder / "tmux")
        size = ("-x", str(width), "-y", str(height))
        self.tmux("-f", "/dev/null", "new-session", "-d", *size, "-c", str(desk.path), "sh")

    def tmux(self, *words: str) -> str:
        assert TMUX is not None
        done = subprocess.run(
            [TMUX, "-S", self._socket, *words], env=self._environ, capture_output=True, encoding="utf-8", timeout=30
        )
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def types(self, *keys: str) -> None:
        """Keys by their names; words are typed letter by letter."""
        self.tmux("send-keys", *keys)

    @property
    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def waits_for(self, *words: str, without: str = "\0") -> str:
        """The screen, as soon as all the words are on it."""
        end = time.monotonic() + PATIENCE_S
        while True:
            seen = self.screen
            if all(each in seen for each in words) and without not in seen:
                return seen
            assert time.monotonic() < end, f"no {words} in:\n{seen}"
            time.sleep(0.1)

    @property
    def watcher(self) -> int:
        """The process that fills the screen."""
        shell = int(self.tmux("display-message", "-p", "#{pane_pid}"))
        return int(subprocess.run(["pgrep", "-P", str(shell)], capture_output=True, text=True, check=True).stdout)

    def close(self) -> None:
        self.tmux("kill-server")


def processes_of(place: Path) -> list[str]:
    """What runs in a clone: by the folder that it runs in, or that it names."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            words = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            cwd = str((each / "cwd").readlink())
        except OSError:
            continue
        if "incidentctl" in words and (str(place) in words or cwd.startswith(str(place))):
            found.append(words)
    return found


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    """A shell in a repository with an open incident."""
    desk = new_desk(tmp_path)
    ictl(desk.environ, desk.path, "open", "Checkout latency", "-s", "1", "--commander", "me", "--service", "checkout")
    shell = Tmux(tmp_path, desk)
    yield shell
    shell.close()


def test_without_a_terminal_it_refuses_with_the_way_out(desk: Desk) -> None:
    for typed in (None, ""):
        result = desk.ictl("watch", typed=typed)
        assert (result.code, result.out) == (2, "")
        assert result.err == "watch needs a terminal to fill: `ictl status` prints the same once\n"


def test_the_arrows_go_round() -> None:
    assert next_of([], None, 1) is None
    assert next_of(["a", "b", "c"], None, 1) == "b"
    assert next_of(["a", "b", "c"], "c", 1) == "a"
    assert next_of(["a", "b", "c"], None, -1) == "c"
    assert next_of(["a", "b"], "gone", 1) == "b"


def test_how_old_the_record_is_comes_from_what_the_run_beside_said() -> None:
    assert as_of_in(["warning: x", "as of 10:02Z, offline"]) == "as of 10:02Z, offline"
    assert as_of_in(["warning: x"]) is None


@in_tmux
@pytest.mark.slow
def test_an_entry_from_another_clone_appears_and_nothing_is_left_running(tmp_path: Path) -> None:
    team = new_team(tmp_path)
    ann, bob = team.clone("ann"), team.clone("bob")
    bob.ok("open", "Checkout latency", "-s", "1", "--commander", "me")
    shell = Tmux(tmp_path, ann)
    try:
        shell.types("ictl watch; echo ended with $?", "Enter")
        shell.waits_for("SEV1  Checkout latency", "OPENED SEV1")
        bob.wait(2)
        bob.ok("note", "pool exhausted on db-3")
        shell.waits_for("pool exhausted on db-3  @bob")
        assert "pool exhausted on db-3" in ann.text(f"incidents/2026/05/{INCIDENT}.md")
        shell.types("q")
        shell.waits_for("ended with 0", without="q quit")
        assert processes_of(ann.path) == []
    finally:
        shell.close()


@in_tmux
@pytest.mark.slow
def test_a_remote_that_hangs_holds_nothing_up_and_is_left_when_the_screen_is(tmp_path: Path) -> None:
    team = new_team(tmp_path)
    ann = team.clone("ann")
    ann.ok("open", "Checkout latency", "-s", "1")
    hangs = tmp_path / "hangs"
    hangs.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nexec sleep 97.31\n")
    hangs.chmod(0o755)
    ann.git("config", "core.sshCommand", str(hangs))
    ann.git("remote", "set-url", "origin", "ssh://git.example.org/incidents")
    shell = Tmux(tmp_path, ann)
    try:
        shell.types("ictl watch; echo ended with $?", "Enter")
        shell.waits_for("SEV1  Checkout latency")
        end = time.monotonic() + PATIENCE_S
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        shell.types("q")
        shell.waits_for("ended with 0", without="q quit")
        assert processes_of(ann.path) == []
        assert subprocess.run(["pgrep", "-f", "sleep 97.31"], check=False).returncode == 1
    finally:
        shell.close()


@in_tmux
@pytest.mark.slow
def test_what_changes_in_the_work_tree_appears_and_the_terminal_is_left_as_it_was(
    terminal: Tmux, tmp_path: Path
) -> None:
    terminal.types("stty -g > before; echo first words; ictl watch; echo ended with $?; stty -g > after", "Enter")
    seen = terminal.waits_for("SEV1  Checkout latency", "status page", "in 14 min", without="first words")
    assert len(seen.splitlines()) <= 24
    desk = Desk(tmp_path / "incidents-repo", {})
    environ = {"HOME": str(tmp_path / "home"), "GIT_CONFIG_GLOBAL": str(tmp_path / "home" / "gitconfig")}
    ictl(environ | {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}, desk.path, "note", "restarted the pool")
    terminal.waits_for("restarted the pool")
    terminal.types("q")
    terminal.waits_for("first words", "ended with 0", without="quit")
    end = time.monotonic() + PATIENCE_S
    while not (desk.path / "after").exists() or not (desk.path / "after").read_text():
        assert time.monotonic() < end
    assert (desk.path / "after").read_text() == (desk.path / "before").read_text()


@in_tmux
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_one_that_is_killed_leaves_the_terminal_as_it_was(terminal: Tmux, tmp_path: Path, number: int) -> None:
    terminal.types("echo first words; ictl watch; echo ended with $?; stty -a", "Enter")
    terminal.waits_for("SEV1  Checkout latency", without="first words")
    os.kill(terminal.watcher, number)
    seen = terminal.waits_for("first words", f"ended with {128 + number}", "isig icanon iexten echo", without="q quit")
    assert "first words" in seen
    assert terminal.tmux("display-message", "-p", "#{alternate_on}#{cursor_flag}") == "01\n"


@in_tmux
@pytest.mark.slow
def test_it_fills_the_screen_again_when_that_changes_its_size(terminal: Tmux) -> None:
    terminal.types("ictl watch", "Enter")
    terminal.waits_for("q quit", "SEV1  Checkout latency")
    terminal.tmux("resize-window", "-x", "160", "-y", "45")
    terminal.waits_for("██", "ictl note --done status_page LINK")
    for width, height in ((40, 8), (80, 24)):
        terminal.tmux("resize-window", "-x", str(width), "-y", str(height))
        end = time.monotonic() + PATIENCE_S
        while not {"SEV1", "q quit"} <= {word for word in ("SEV1", "q quit") if word in terminal.screen}:
            assert time.monotonic() < end, terminal.screen
    terminal.types("q")


@in_tmux
@pytest.mark.slow
def test_it_stops_and_goes_on_as_any_program_does(terminal: Tmux) -> None:
    terminal.types("set -m; echo first words; ictl watch", "Enter")
    terminal.waits_for("q quit", without="first words")
    terminal.types("C-z")
    terminal.waits_for("first words", "topped", without="q quit")
    terminal.types("fg", "Enter")
    terminal.waits_for("q quit", without="first words")
    terminal.types("q")
    terminal.waits_for("first words", without="q quit")


@pytest.mark.slow
def test_a_bell_rings_when_a_clock_runs_out_and_not_before(desk: Desk) -> None:
    ictl(desk.environ, desk.path, "open", "Checkout latency", "-s", "1", "--commander", "me", "--at", "-14m52s")
    screen = Terminal([ICTL, "watch"], desk.environ, desk.path)
    screen.waits_for("q quit")
    assert "\x07" not in screen.raw
    screen.waits_for("OVERDUE since")
    assert screen.raw.count("\x07") == 1
    screen.types("q")
    assert screen.ends() == 0


@pytest.mark.slow
def test_without_colour_it_uses_none(desk: Desk) -> None:
    ictl(desk.environ, desk.path, "open", "Checkout latency", "-s", "1", "--at", "-1h")
    for environ, has_colour in ((desk.environ, True), (desk.environ | {"NO_COLOR": "1"}, False)):
        screen = Terminal([ICTL, "watch"], environ, desk.path)
        screen.waits_for("q quit")
        screen.types("q")
        assert screen.ends() == 0
        assert (";41m" in screen.raw) is has_colour
        assert "\x1b[0;1;7m" in screen.raw or has_colour
        assert screen.raw.endswith("\x1b[?1049l")


@pytest.mark.slow
def test_a_record_that_cannot_be_read_for_a_moment_is_said_at_the_foot(desk: Desk) -> None:
    ictl(desk.environ, desk.path, "open", "Checkout latency", "-s", "1")
    screen = Terminal([ICTL, "watch"], desk.environ, desk.path)
    screen.waits_for("q quit")
    (desk.path / ".git").rename(desk.path / "elsewhere")
    screen.waits_for("no repository")
    (desk.path / "elsewhere").rename(desk.path / ".git")
    screen.types("r")
    screen.waits_for("bell off")
    screen.types("q")
    assert screen.ends() == 0
