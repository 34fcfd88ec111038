"""The real program in a real terminal, and where there is none: prompts, the editor, keys, pipes."""

import subprocess
from pathlib import Path

import pytest

from incidentctl.store.lock import Lock
from tests.commands.terminal import ICTL, Terminal, environ_of, ictl
from tests.conftest import Desk


def test_an_incident_is_opened_by_answers_alone(desk: Desk) -> None:
    terminal = Terminal([ICTL, "open"], desk.environ, desk.path)
    terminal.waits_for("what is wrong: ")
    terminal.types("Checkout latency\n")
    terminal.waits_for("severity (SEV1, SEV2, SEV3, SEV4; in doubt as 1-2; empty: SEV2, unconfirmed): ")
    terminal.types("1-2\n")
    assert terminal.ends() == 0
    assert "-checkout-latency · #incident-" in terminal.seen
    assert "\x1b" not in terminal.raw
    assert "given as 1-2" in desk.text()


def test_an_empty_answer_opens_the_editor_of_git_in_the_terminal(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    editor = desk.path.parent / "editor"
    editor.write_text('#!/bin/sh\ntest -t 0 && test -t 1 && read -p "say: " words && echo "$words" > "$1"\n')
    editor.chmod(0o755)
    desk.git("config", "core.editor", str(editor))
    terminal = Terminal([ICTL, "note", "-i", "checkout"], desk.environ, desk.path)
    terminal.waits_for("note: ")
    terminal.types("\n")
    terminal.waits_for("say: ")
    terminal.types("written in an editor\n")
    assert terminal.ends() == 0
    assert "written in an editor" in desk.text()


def test_one_of_several_is_chosen_by_its_number(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("open", "Login fails", "-s", "2")
    desk.ok("use", "--clear")
    terminal = Terminal([ICTL, "note", "seen"], desk.environ, desk.path)
    terminal.waits_for("which one? [1-2] ")
    terminal.types("1\n")
    assert terminal.ends() == 0
    assert "login-fails SEV2 noted" in terminal.seen


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_ctrl_c_and_ctrl_d_at_a_question_are_an_interruption_and_write_nothing(desk: Desk, key: str) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    before = desk.subjects()
    terminal = Terminal([ICTL, "note", "-i", "checkout"], desk.environ, desk.path)
    terminal.waits_for("note: ")
    terminal.types(key)
    assert terminal.ends() == 130
    assert "interrupted" in terminal.seen
    assert "Traceback" not in terminal.seen
    assert desk.subjects() == before


def test_ctrl_c_while_the_lock_is_waited_for_keeps_the_words(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    with Lock(str(desk.path / ".git" / "incidentctl")).held(timeout=1, notice=None):
        terminal = Terminal([ICTL, "note", "-i", "checkout", "a word in need"], desk.environ, desk.path)
        terminal.waits_for("waiting for another incidentctl")
        terminal.types("\x03")
        assert terminal.ends() == 130
    assert "your words are kept: what is not committed yet the next command that writes commits" in terminal.seen
    assert "Traceback" not in terminal.seen
    desk.ok("note", "another")
    assert "a word in need" in desk.text()


def test_a_list_fits_the_terminal(desk: Desk) -> None:
    desk.ok("open", "Checkout latency in eu-west-1 since the config push of this morning", "-s", "2")
    terminal = Terminal([ICTL, "list"], desk.environ, desk.path)
    assert terminal.ends() == 0
    assert max(len(line) for line in terminal.seen.splitlines()) <= 80


def test_without_a_terminal_there_is_no_question_no_colour_and_no_pager(desk: Desk) -> None:
    desk.git("config", "core.pager", "false")
    desk.git("config", "color.ui", "always")
    opened = ictl(desk.environ, desk.path, "open", "Checkout latency", FORCE_COLOR="1", PAGER="false")
    assert (opened.returncode, opened.stderr) == (0, "")
    for words in (("list",), ("show",), ("timeline",), ("--help",), ("note", "--help"), ("note", "x", "--dry-run")):
        result = ictl(desk.environ, desk.path, *words, FORCE_COLOR="1", PAGER="false", CLICOLOR_FORCE="1")
        assert result.returncode == 0, words
        assert "\x1b" not in result.stdout + result.stderr


def test_a_reader_that_goes_away_is_no_error(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "-m", "-", stdin="line\n" * 30_000)
    for words in ("list", "show", "timeline", "list --json", "show --json"):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {ICTL} {words} | head -c 1"],
            cwd=desk.path,
            env=environ_of(desk.environ),
            capture_output=True,
            timeout=60,
        )
        assert done.stderr == b"", words
        assert done.returncode == 0, words


@pytest.mark.parametrize("closing", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_costs_no_word(desk: Desk, closing: str) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    done = subprocess.run(
        ["bash", "-c", f"{ICTL} note -i checkout a word in need {closing}"],
        cwd=desk.path,
        env=environ_of(desk.environ),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "a word in need" in desk.text()
    assert desk.git("log", "-1", "--format=%s") == "checkout-latency: noted\n"


def test_a_full_disk_behind_the_output_is_said(desk: Desk) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    done = subprocess.run(
        ["bash", "-c", f"{ICTL} open Checkout latency -s 2 > /dev/full"],
        cwd=desk.path,
        env=environ_of(desk.environ),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert (
        done.stderr == "the result could not be printed (No space left on device); what was recorded stays recorded\n"
    )
    assert len(desk.files()) == 1


def test_words_that_are_not_utf_8_are_kept_as_well_as_can_be(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    done = subprocess.run(
        [ICTL, "note", "-i", "checkout", b"caf\xe9 \xff"],
        cwd=desk.path,
        env=environ_of(desk.environ, LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "caf" in desk.text()


def test_the_repository_is_named_before_or_behind_the_command(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    home = desk.path.parent
    for words in (("-C", str(desk.path), "list"), ("list", "-C", str(desk.path)), ("-C", "incidents-repo", "list")):
        assert "checkout-latency" in ictl(desk.environ, home, *words).stdout
    missing = ictl(desk.environ, home, "list", "-C", "nowhere")
    assert missing.returncode == 4
    assert missing.stderr.count("\n") == 1
    assert "init" in missing.stderr
    assert ictl(desk.environ, home, "list").returncode == 4
    assert "checkout" in ictl(desk.environ, home, "list", INCIDENTCTL_REPO=str(desk.path)).stdout


def test_an_answer_in_a_terminal_imports_nothing_slow(desk: Desk) -> None:
    """Words beyond ASCII have to be measured there, and rich is not what measures them."""
    words = [ICTL, "open", "Оплата не проходит · 決済", "-s", "1", "--detected-at", "-4m"]
    terminal = Terminal(words, desk.environ | {"PYTHONPROFILEIMPORTTIME": "1"}, desk.path)
    assert terminal.ends() == 0
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in terminal.seen.splitlines()}
    assert "incidentctl" in imported
    assert imported & {"pydantic", "rich", "git", "frontmatter"} == set()
