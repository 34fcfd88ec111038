"""`--json`: every result and every error for a program; and the exit codes."""

import json
from pathlib import Path

import pytest

from incidentctl.cli import run
from incidentctl.context import Outside
from tests.conftest import Desk

ID = "2026-05-14-checkout-latency"

WRITES = (
    ("open", "Login fails", "-s", "1"),
    ("ack", ID),
    ("note", ID, "pool exhausted"),
    ("note", ID, "--done", "status_page"),
    ("update", ID, "failing over"),
    ("severity", ID, "1"),
    ("assign", ID, "ic", "me"),
    ("mitigate", ID),
    ("resolve", ID),
    ("reopen", ID, "again"),
    ("set", ID, "started_at=10:00"),
    ("undo", ID),
    ("cancel", ID, "--reason", "false-alarm"),
)


def test_every_write_has_the_same_shape(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    keys = {"schema_version", "kind", "incident", "entry", "state", "commit", "committed", "shared", "warnings", "next"}
    for words in WRITES:
        result = desk.ok(*words, "--json")
        data = result.json
        assert keys <= set(data), words
        assert (data["schema_version"], data["kind"]) == (1, "write")
        assert data["incident"] == (ID if words[0] != "open" else "2026-05-14-login-fails")
        assert data["committed"] is (data["commit"] is not None)
        assert set(data["state"]) >= {"status", "severity", "commander", "resolved_at"}
        if data["commit"]:
            assert desk.git("rev-parse", "HEAD").strip() == data["commit"]
            assert data["entry"]["id"] in desk.git("log", "-1", "--format=%B")
        for step in data["next"]:
            assert set(step) == {"what", "by", "command"}
        assert result.err == ""


def test_what_is_so_already_says_why_nothing_was_committed(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    data = desk.ok("severity", "2", "--json").json
    assert (data["committed"], data["commit"], data["entry"]) == (False, None, None)
    assert data["unchanged"] == "severity is SEV2 already"


def test_warnings_are_in_the_result(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    result = desk.ok("set", "teem=x", "--json")
    assert result.json["warnings"] == ["'teem' is none of our keys (did you mean team?); set as a key of your own"]


@pytest.mark.parametrize("form", [("--json",), ("--format", "json"), ("--format=JSON",)])
def test_errors_are_json_on_standard_error(desk: Desk, form: tuple[str, ...]) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    result = desk.ictl("severity", "9", *form)
    assert (result.code, result.out) == (2, "")
    error = json.loads(result.err)
    assert error == {
        "schema_version": 1,
        "kind": "error",
        "code": "usage",
        "message": "'9' is not on the scale SEV1, SEV2, SEV3, SEV4",
        "hint": "write one of them, or, in doubt, a range of two",
        "candidates": ["SEV1", "SEV2", "SEV3", "SEV4"],
    }


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (("nte", "--json"), 2, "usage"),
        (("note", "--json", "--bogus"), 2, "usage"),
        (("list", "--json", "extra"), 2, "usage"),
        (("show", "--json", "nothing"), 3, "no_such_incident"),
        (("severity", "--json", "3"), 2, "refused"),
        (("-C", "/nowhere", "list", "--json"), 4, "repository"),
    ],
)
def test_each_kind_of_error_has_its_code(desk: Desk, words: tuple[str, ...], exit_code: int, code: str) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    result = desk.ictl(*words)
    assert result.code == exit_code
    assert json.loads(result.err)["code"] == code


def test_words_of_a_text_are_not_taken_for_options(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    assert desk.ok("note", "--", "--json").out.endswith(" noted\n")
    assert desk.ictl("severity", "-i", "nothing", "--", "3", "--json").err.startswith("there is no incident")


def test_nothing_in_json_moves_a_cursor(desk: Desk) -> None:
    desk.ok("open", "Red \x1b[31m \u202e title", "-s", "2")
    out = desk.ok("show", "--json").out
    assert "\x1b" not in out
    assert "\u202e" not in out


# ------------------------------------------------------------------------------------------------------- exit codes


def test_0_done_1_unreadable_2_usage_3_no_such_4_no_repository(desk: Desk, tmp_path: Path) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    assert desk.ictl("list").code == 0
    desk.write("incidents/2026/05/2026-05-14-broken.md", "---\n[\n---\n")
    assert desk.ictl("list").code == 1
    assert desk.ictl("note").code == 2
    assert desk.ictl("note", "x", "-i", "nothing").code == 3
    result = desk.ictl("note", "x", cwd=tmp_path)
    assert result.code == 4
    assert "init" in result.err


def test_6_the_lock_was_not_free_and_there_was_nothing_to_save(desk: Desk) -> None:
    # A folder in the place of each spool: no word can be kept, so only the commit could save it.
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write("incidentctl.toml", '[store]\nbranch = "main"\nlock_timeout = 0.2\n')
    own = desk.path / ".git" / "incidentctl"
    (own / "spool").rmdir()
    (own / "spool").write_text("in the way")
    desk.environ["XDG_STATE_HOME"] = str(own / "spool")
    with hold_lock(desk):
        result = desk.ictl("note", "pool exhausted")
    assert result.code == 6
    assert result.err.count("\n") == 1


def test_7_saved_and_not_committed(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write("incidentctl.toml", '[store]\nbranch = "main"\nlock_timeout = 0.2\n')
    with hold_lock(desk):
        result = desk.ictl("note", "pool exhausted")
        data = desk.ictl("note", "second", "--json")
    assert result.code == 7
    assert result.out == "10:06Z checkout-latency SEV2 noted · saved, not committed\n"
    assert result.err.startswith("saved in the spool, not committed: ")
    assert result.err.endswith("do not repeat the command: the next one that writes commits this\n")
    assert data.code == 7
    assert (data.json["committed"], data.json["commit"]) == (False, None)
    assert data.error["code"] == "saved"
    result = desk.ok("note", "third")
    assert "also committed: 2 saved before\n" in result.err
    assert desk.text().count(" — @ann") == 4


def hold_lock(desk: Desk):
    """The lock of the clone, held by somebody else."""
    from incidentctl.store.lock import Lock

    return Lock(str(desk.path / ".git" / "incidentctl")).held(timeout=1, notice=None)


def outside_with(desk: Desk, **streams: object) -> Outside:
    import io

    given = {"stdin": io.StringIO(), "stdout": io.StringIO(), "stderr": io.StringIO()} | streams
    return Outside(environ=desk.environ, cwd=str(desk.path), program="ictl", now=lambda: desk.now, **given)  # type: ignore[arg-type]


def test_70_is_our_bug_and_keeps_its_traceback(desk: Desk) -> None:
    import io

    class Broken(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            raise RuntimeError("boom")

    desk.ok("open", "Checkout latency", "-s", "2")
    outside = outside_with(desk, stdin=Broken())
    assert run(["note", "-m", "-"], outside) == 70
    said = outside.stderr.getvalue()  # type: ignore[attr-defined]
    assert "Traceback" in said
    assert said.endswith(
        "incidentctl has a fault here; what you typed is above in your shell. Please report these lines.\n"
    )


def test_130_is_an_interruption(desk: Desk) -> None:
    import io

    class Interrupted(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            raise KeyboardInterrupt

    desk.ok("open", "Checkout latency", "-s", "2")
    outside = outside_with(desk, stdin=Interrupted())
    assert run(["note", "-m", "-"], outside) == 130
    assert outside.stderr.getvalue() == "interrupted\n"  # type: ignore[attr-defined]


def test_a_result_that_cannot_be_printed_is_said_and_what_was_recorded_stays(desk: Desk) -> None:
    import io

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    outside = outside_with(desk, stdout=Full())
    assert run(["open", "Checkout latency", "-s", "2"], outside) == 2
    assert outside.stderr.getvalue() == (  # type: ignore[attr-defined]
        "the result could not be printed (No space left on device); what was recorded stays recorded\n"
    )
    assert len(desk.files()) == 1
