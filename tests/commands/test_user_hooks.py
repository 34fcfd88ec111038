"""`[hooks]` of the user's own settings: they run after the commit, with JSON, for ten seconds, and nothing of them is left."""

import json
import time
from pathlib import Path

import jsonschema
import pytest

from incidentctl.store.user_hooks import run_user_hook
from tests.commands.test_notify import own
from tests.conftest import Desk
from tests.processes import is_gone

ID = "2026-05-14-checkout-latency"


def hook(desk: Desk, script: str, name: str = "hook") -> Path:
    """A program of the user's own."""
    path = desk.path.parent / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_hook_gets_what_happened_after_the_commit(desk: Desk) -> None:
    out = desk.path.parent / "out"
    path = hook(desk, f"git -C {desk.path} log -1 --format=%H >{out}.commit\ncat >{out}")
    own(desk, f'[hooks]\nopened = ["{path}"]\n')
    commit = desk.ok("open", "Checkout latency", "-s", "1", "--service", "checkout", "--json").json["commit"]
    data = json.loads(out.read_text())
    assert (data["event"], data["incident"]["id"], data["commit"]) == ("opened", ID, commit)
    assert data["incident"]["channel"] == f"#incident-{ID}"
    assert Path(f"{out}.commit").read_text().strip() == commit
    jsonschema.validate(data, json.loads(desk.ok("schema", "notice").out))


def test_each_event_runs_its_own_command(desk: Desk) -> None:
    out = desk.path.parent / "out"
    events = ("opened", "severity_changed", "updated", "mitigated", "resolved", "reopened", "canceled")
    own(desk, "[hooks]\n" + "".join(f'{event} = "echo {event} >>{out}"\n' for event in events))
    desk.ok("open", "Checkout latency", "-s", "2")
    for words in (("severity", "1"), ("update", "x"), ("note", "y"), ("mitigate",), ("resolve",), ("reopen", ID, "z")):
        desk.wait(5)
        desk.ok(*words)
    desk.ok("cancel", ID, "--reason", "false-alarm")
    assert out.read_text().split() == list(events)


def test_no_word_of_the_record_reaches_the_shell(desk: Desk) -> None:
    out = desk.path.parent / "out"
    own(desk, f'[hooks]\nopened = "cat >{out}"\nupdated = ["/bin/cat", "$(touch {out}.1)"]\n')
    evil = f"$(touch {out}.2) `touch {out}.3` ; touch {out}.4 | '\" \n"
    desk.ok("open", evil, "-s", "1", "--slug", "x")
    desk.ok("update", evil)
    assert json.loads(out.read_text())["incident"]["title"].startswith("$(touch")
    assert sorted(desk.path.parent.glob("out.*")) == []


def test_a_hook_that_fails_is_one_line_and_the_write_stands(desk: Desk) -> None:
    own(desk, '[hooks]\nopened = "echo no \\u001b[31mluck >&2; exit 3"\nupdated = ["/nowhere/at/all"]\n')
    result = desk.ok("open", "Checkout latency", "-s", "2")
    assert result.err == "the hook for opened failed: exit code 3: no [31mluck\n"
    result = desk.ok("update", "x")
    assert result.err == "the hook for updated failed: /nowhere/at/all is not there\n"


def test_a_hook_that_takes_too_long_is_ended_with_all_that_it_started(desk: Desk, tmp_path: Path) -> None:
    begun = time.monotonic()
    said = run_user_hook(
        f"sleep 60 & echo $! >{tmp_path}/pid; trap '' TERM; sleep 60",
        b"{}",
        event="opened",
        repository=str(desk.path),
        environ=desk.environ,
        seconds=0.3,
    )
    assert said == "took longer than 0.3 s, and was ended"
    assert time.monotonic() - begun < 4
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_what_a_hook_leaves_in_the_background_is_ended_as_well(desk: Desk, tmp_path: Path) -> None:
    run_user_hook(
        f"sleep 60 & echo $! >{tmp_path}/pid", b"{}", event="opened", repository=str(desk.path), environ=desk.environ
    )
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_a_hook_that_reads_nothing_and_prints_a_lot_is_no_trouble(desk: Desk) -> None:
    own(desk, '[hooks]\nopened = "yes | head -c 3000000; exit 0"\n')
    assert desk.ok("open", "Checkout latency", "-s", "1", "--summary", "x" * 200_000).err == ""


def test_a_hook_inherits_none_of_our_files(desk: Desk) -> None:
    out = desk.path.parent / "out"
    own(desk, f'[hooks]\nopened = "ls -l /proc/self/fd >{out}"\n')
    desk.ok("open", "Checkout latency", "-s", "1")
    assert "incidentctl/" not in out.read_text().replace(str(out), "")


def test_a_hook_may_write_to_the_record_and_starts_no_further_hooks(desk: Desk) -> None:
    import sys

    out = desk.path.parent / "out"
    own(
        desk,
        f'[hooks]\nupdated = "echo once >>{out}; {sys.executable} -m incidentctl update from the hook >>{out}"\n',
    )
    desk.ok("open", "Checkout latency", "-s", "2")
    result = desk.ok("update", "x")
    assert result.err == ""
    assert out.read_text().count("once") == 1
    assert "from the hook" in desk.text()


def test_hooks_run_in_the_home_folder_so_that_no_file_of_a_repository_is_meant(desk: Desk) -> None:
    (desk.path / "page").write_text("#!/bin/sh\ntouch ran\n")
    (desk.path / "page").chmod(0o755)
    own(desk, '[hooks]\nopened = ["./page"]\n')
    assert "failed" in desk.ok("open", "Checkout latency", "-s", "1").err
    assert not (desk.path / "ran").exists()


def test_for_an_exercise_they_run_only_where_that_is_said(desk: Desk) -> None:
    out = desk.path.parent / "out"
    own(desk, f'[hooks]\nopened = "echo x >>{out}"\n')
    desk.ok("open", "Failover exercise", "-s", "1", "--drill")
    assert not out.exists()
    own(desk, f'[hooks]\ndrills = true\nopened = "echo x >>{out}"\n')
    desk.ok("open", "Another exercise", "-s", "1", "--drill")
    assert out.exists()


@pytest.mark.slow
def test_no_hook_runs_for_what_is_not_committed_or_only_tried(desk: Desk) -> None:
    out = desk.path.parent / "out"
    own(desk, f'[hooks]\nopened = "echo x >>{out}"\n')
    desk.ok("open", "Checkout latency", "-s", "1", "--dry-run")
    lock = desk.path / ".git/refs/heads/main.lock"
    lock.touch()
    assert desk.ictl("open", "Checkout latency", "-s", "1").code == 7
    assert not out.exists()
