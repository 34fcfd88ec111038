"""A commit, or a switch of branches, of somebody else's in the very moment of ours: the words are on the record, and once."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Desk


def commit_in_between(desk: Desk) -> None:
    """A hook that stands for a colleague: it commits once, when our words are in the file and our commit is not made yet."""
    hook = desk.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\ntest -e .git/once && exit 0\ntouch .git/once\nunset GIT_INDEX_FILE\n"
        "git commit --quiet --no-verify --allow-empty -m 'a colleague'\n"
    )
    hook.chmod(0o755)


def was_in_between(desk: Desk) -> bool:
    return "a colleague" in desk.subjects() and desk.git("status", "--porcelain") == ""


def test_a_note_is_written_once(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    commit_in_between(desk)
    desk.ok("note", "pool exhausted")
    assert was_in_between(desk) and desk.text().count("pool exhausted") == 1
    assert desk.subjects()[:2] == ["checkout-latency: noted", "a colleague"]


def test_an_incident_is_opened_once(desk: Desk) -> None:
    commit_in_between(desk)
    desk.ok("open", "Checkout latency", "-s", "2")
    assert was_in_between(desk) and desk.files() == ["incidents/2026/05/2026-05-14-checkout-latency.md"]


def test_a_change_of_severity_stays_one(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    commit_in_between(desk)
    desk.ok("severity", "1", "payments fail")
    assert was_in_between(desk) and desk.text().count("payments fail") == 1
    assert "SEV2 → SEV1: payments fail" in desk.text()


def test_a_key_that_is_set_is_committed(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    commit_in_between(desk)
    desk.ok("set", "ticket=OPS-1")
    assert was_in_between(desk) and "ticket: OPS-1" in desk.git("show", "HEAD:" + desk.files()[0])


def test_a_text_from_the_editor_is_committed(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.editor('printf "\\n## More\\n\\nby hand\\n" >>"$1"')
    commit_in_between(desk)
    desk.ok("edit")
    assert was_in_between(desk) and desk.git("show", "HEAD:" + desk.files()[0]).count("by hand") == 1


def test_an_entry_that_a_colleague_took_along_is_not_written_again(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    commit_in_between(desk)
    hook = desk.path / ".git" / "hooks" / "pre-commit"
    hook.write_text(hook.read_text().replace("--allow-empty", "--all"))
    desk.ok("note", "pool exhausted")
    assert was_in_between(desk) and desk.text().count("pool exhausted") == 1
    assert desk.subjects()[0] == "a colleague"


def test_an_edit_between_two_tries_stays_and_the_words_are_said_once(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    commit_in_between(desk)
    hook = desk.path / ".git" / "hooks" / "pre-commit"
    hook.write_text(hook.read_text() + f"printf '\\n## More\\n' >>{desk.files()[0]}\n")
    desk.ok("note", "pool exhausted")
    assert "a colleague" in desk.subjects()
    assert desk.text().count("pool exhausted") == 1 and "## More" in desk.text()
    assert desk.git("show", "HEAD:" + desk.files()[0]).count("pool exhausted") == 1


def test_an_action_item_is_written_once(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("postmortem", "new", "--here")
    commit_in_between(desk)
    desk.ok("action", "add", "Watch the pool", "--owner", "@ann", "--due", "2026-06-01")
    assert was_in_between(desk)
    text = desk.git("show", "HEAD:" + next(each for each in desk.touched()))
    assert text.count("Watch the pool") == 1


# ----------------------------------------------------------------------------------------------------------------- switches


def switch_in_between(desk: Desk, hook: str, branch: str, more: str = "") -> None:
    """A hook that stands for a colleague who switches branches while our commit is under way."""
    file = desk.path / ".git" / "hooks" / hook
    file.parent.mkdir(exist_ok=True)
    when = '"$1" = prepared' if hook == "reference-transaction" else "1"
    file.write_text(
        f"#!/bin/sh\ntest {when} || exit 0\ntest -e .git/once && exit 0\ntouch .git/once\nunset GIT_INDEX_FILE\n"
        f"git checkout --quiet {branch}\n{more}\n"
    )
    file.chmod(0o755)


def test_a_switch_to_the_branch_in_the_moment_of_our_commit_takes_nothing_back(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.git("checkout", "--quiet", "-b", "other")
    switch_in_between(desk, "reference-transaction", "main")
    desk.ok("note", "pool exhausted")
    assert desk.git("branch", "--show-current") == "main\n" and desk.git("status", "--porcelain") == ""
    desk.ok("note", "failing over")
    assert "pool exhausted" in desk.text() and "failing over" in desk.text()


def test_a_new_incident_is_there_after_such_a_switch(desk: Desk) -> None:
    desk.git("checkout", "--quiet", "-b", "other")
    switch_in_between(desk, "reference-transaction", "main")
    desk.ok("open", "Checkout latency", "-s", "2")
    assert desk.git("status", "--porcelain") == "" and len(desk.files()) == 1


def test_a_file_that_was_changed_after_such_a_switch_is_left_alone(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.git("checkout", "--quiet", "-b", "other")
    switch_in_between(desk, "reference-transaction", "main", f"echo mine >>{desk.files()[0]}")
    desk.ok("note", "pool exhausted")
    assert desk.text().endswith("mine\n")


def test_a_switch_away_leaves_nothing_of_ours_in_the_files_of_the_other_branch(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.git("branch", "other")
    switch_in_between(desk, "pre-commit", "other")
    desk.ok("note", "pool exhausted")
    assert desk.git("branch", "--show-current") == "other\n" and desk.git("status", "--porcelain") == ""
    desk.git("checkout", "--quiet", "main")
    assert desk.text().count("pool exhausted") == 1


def test_a_switch_away_leaves_no_new_file_in_the_other_branch(desk: Desk) -> None:
    desk.git("branch", "other")
    switch_in_between(desk, "pre-commit", "other")
    desk.ok("open", "Checkout latency", "-s", "2")
    assert desk.git("status", "--porcelain") == "" and desk.files() == []
    desk.git("checkout", "--quiet", "main")
    assert len(desk.files()) == 1


def test_what_a_killed_command_left_in_the_files_of_another_branch_is_taken_out(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.git("branch", "other")
    switch_in_between(desk, "pre-commit", "other", "kill -9 $(ps -o ppid= -p $PPID) $PPID")
    words = [sys.executable, "-m", "incidentctl", "note", "pool exhausted"]
    environ = {**desk.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    killed = subprocess.run(words, cwd=desk.path, env=environ, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert "pool exhausted" in desk.text() and desk.git("branch", "--show-current") == "other\n"
    desk.ok("note", "failing over")
    assert desk.git("status", "--porcelain") == ""
    desk.git("checkout", "--quiet", "main")
    assert desk.text().count("pool exhausted") == 1 and desk.text().count("failing over") == 1


def test_a_switch_that_failed_at_its_last_step_strikes_nothing_out(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.git("branch", "other")
    desk.ok("note", "pool exhausted")
    lock = desk.path / ".git/HEAD.lock"
    lock.write_text("")  # git has put the files of the other branch in place by the time it finds this
    desk.git("checkout", "--quiet", "other", ok=False)
    lock.unlink()
    assert "pool exhausted" not in desk.text() and desk.git("branch", "--show-current") == "main\n"
    result = desk.ok("note", "failing over")
    assert "they stay" in result.err
    assert desk.text().count("pool exhausted") == 1 and desk.text().count("failing over") == 1
    assert desk.git("status", "--porcelain") == ""


def test_an_entry_that_was_struck_out_by_hand_stays_so(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "pool exhausted")
    desk.ok("note", "by mistake")
    kept = [line for line in desk.text().splitlines() if "pool exhausted" not in line]
    desk.write(desk.files()[0], "\n".join(kept) + "\n")
    desk.ok("note", "failing over")
    assert "pool exhausted" not in desk.text() and "by mistake" in desk.text()


@pytest.mark.parametrize("verb", ["note", "open"])
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_switch_between_the_index_and_the_branch_carries_nothing_of_ours_along(
    desk: Desk, verb: str, is_killed: bool
) -> None:
    """Where both branches have the same file, git takes what is staged along."""
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.git("branch", "other")
    git = shutil.which("git", path=desk.environ["PATH"])
    script = desk.path.parent / "bin" / "git"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *update-ref*) test -e .git/once || {{ touch .git/once; {git} checkout --quiet other; '
        f'{"kill -9 $PPID; exit" if is_killed else ":"}; }} ;; esac\nexec {git} "$@"\n'
    )
    script.chmod(0o755)
    words = {"note": ["note", "pool exhausted"], "open": ["open", "pool exhausted", "-s", "3"]}[verb]
    environ = {**desk.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": f"{script.parent}:/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-m", "incidentctl", *words], cwd=desk.path, env=environ, capture_output=True, check=False
    )
    assert done.returncode == (-signal.SIGKILL if is_killed else 0), done
    desk.ok("note", "-i", "checkout", "failing over")
    assert desk.git("branch", "--show-current") == "other\n" and desk.git("status", "--porcelain") == ""
    desk.git("checkout", "--quiet", "main")
    assert len(desk.files()) == (1 if verb == "note" else 2)
    assert sum(desk.text(name).count("pool exhausted") for name in desk.files()) == (1 if verb == "note" else 2)
