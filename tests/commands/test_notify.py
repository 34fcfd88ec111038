"""`notify`, and the notices that follow a write: who is told, once, after the record has it."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest

from tests.conftest import Desk
from tests.loopback import Loopback, closed_port, raw_server

ID = "2026-05-14-checkout-latency"
HOSTILE_CHATS = (
    "@everyone @here @all @channel",
    "<!channel> <!here|here> <@123456789> <@&42> <#99> <:x:1>",
    "[your bank](https://evil.example) ![x](https://evil.example/i.png)",
    "[a][b]\n\n[b]: https://evil.example",
    "<https://evil.example|your bank> <b>bold</b> <at>Ann</at>",
    "\x1b]52;c;aGk=\x07 \u202etxt.exe",
    "@\u200beveryone a@everyone \uff20everyone",
)
SECRET = "s3cr3t-t0k3n-of-the-ch4t"


@pytest.fixture
def ops() -> Iterator[Loopback]:
    server = Loopback()
    yield server
    server.close()


@pytest.fixture
def board() -> Iterator[Loopback]:
    server = Loopback()
    yield server
    server.close()


def targets(desk: Desk, toml: str) -> None:
    """Puts targets into the repository's settings."""
    desk.write("incidentctl.toml", f'[store]\nbranch = "main"\n\n{toml}')
    desk.git("commit", "--quiet", "-am", "targets")


def own(desk: Desk, toml: str) -> Path:
    """Puts something into the user's own settings."""
    path = Path(desk.environ["XDG_CONFIG_HOME"], "incidentctl", "config.toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(toml)
    return path


def outbox(desk: Desk) -> list[Path]:
    return sorted((desk.path / ".git/incidentctl/outbox").glob("*.json"))


@pytest.fixture
def told(desk: Desk, ops: Loopback, board: Loopback) -> Desk:
    """A desk with two targets that are told of each update, and an incident."""
    targets(desk, '[[notify]]\nname = "ops"\n\n[[notify]]\nname = "board"\naudience = "management"\n')
    desk.environ["INCIDENTCTL_NOTIFY_OPS"] = ops.url(path=f"/{SECRET}")
    desk.environ["INCIDENTCTL_NOTIFY_BOARD"] = board.url()
    desk.ok("open", "Checkout latency", "-s", "1", "--service", "checkout")
    return desk


# ------------------------------------------------------------------------------------------------------------- an update


def test_the_update_reaches_two_targets_once_each_though_one_refused_at_first(
    told: Desk, ops: Loopback, board: Loopback
) -> None:
    commits: list[str] = []
    ops.before = board.before = lambda: commits.append(told.git("log", "-1", "--format=%s"))
    board.statuses = [503, 200]
    result = told.ok("update", "failing over", "--impact", "12 % fail", "--status", "identified")
    assert "told: ops\n" in result.err
    assert "not told yet: board: it answers 503" in result.err
    assert len(commits) == 2
    assert all("update" in subject for subject in commits), "the record was committed before either was told"
    assert told.ok("notify", "--retry").out == "told: board\n"
    assert told.ok("notify", "--retry").out == "nothing waits\n"
    assert (
        told.ok("notify").out
        == "ops was told before; `--again` tells it again\nboard was told before; `--again` tells it again\n"
    )
    (first,) = ops.taken
    refused, taken = board.taken
    assert refused.json["key"] == taken.json["key"] == taken.headers["Idempotency-Key"]
    assert first.json["key"] != taken.json["key"]
    assert first.json["update"] == {
        "status": "identified",
        "impact": "12 % fail",
        "theory": None,
        "actions": "failing over",
        "next_at": "2026-05-14T10:36:00Z",
        "ic": None,
        "public": None,
    }


def test_the_answer_comes_before_anybody_is_told(told: Desk, ops: Loopback) -> None:
    result = told.ok("update", "failing over")
    assert "SEV1 update" in result.out
    assert "told" not in result.out


def test_a_program_is_told_what_became_of_it(told: Desk, board: Loopback) -> None:
    board.statuses = [404]
    data = told.ok("update", "failing over", "--json").json
    assert [(each["target"], each["outcome"]) for each in data["notified"]] == [("ops", "sent"), ("board", "waiting")]
    schema = json.loads(told.ok("schema", "write").out)
    jsonschema.validate(data, schema)


def test_a_note_tells_nobody_and_loads_nothing(told: Desk, ops: Loopback) -> None:
    assert "notified" not in told.ok("note", "pool exhausted", "--json").json
    assert not ops.taken


def test_management_reads_what_it_needs_and_no_more(told: Desk, board: Loopback) -> None:
    told.ok("update", "failing over", "--impact", "12 % fail", "--theory", "the 09:45 push")
    (taken,) = board.taken
    assert "failing over" not in taken.body.decode()
    assert "09:45" not in taken.body.decode()
    assert taken.json["update"]["impact"] == "12 % fail"


def test_the_public_is_told_what_was_marked_public_and_nothing_else(desk: Desk, ops: Loopback) -> None:
    targets(desk, '[[notify]]\nname = "ops"\naudience = "public"\nevents = ["opened", "updated", "mitigated"]\n')
    desk.environ["INCIDENTCTL_NOTIFY_OPS"] = ops.url()
    desk.ok("open", "Leaky title", "-s", "1", "--service", "leakyservice", "--summary", "leaky summary")
    desk.ok("update", "leaky actions", "--impact", "leaky impact", "--theory", "leaky theory")
    assert not ops.taken
    desk.ok("update", "--public", "We are on it.")
    desk.ok("mitigate", "leaky words")
    (taken,) = ops.taken
    assert "leaky" not in taken.body.decode().lower()
    assert (taken.json["text"], taken.json["status"], taken.json["title"]) == (
        "We are on it.",
        "investigating",
        "Service incident",
    )


def test_targets_are_told_of_their_events_severities_and_services(desk: Desk, ops: Loopback, board: Loopback) -> None:
    targets(
        desk,
        '[[notify]]\nname = "ops"\nservices = ["checkout"]\nseverities = ["p1"]\n'
        'events = ["opened", "severity_changed", "mitigated", "resolved", "reopened", "canceled"]\n',
    )
    desk.environ["INCIDENTCTL_NOTIFY_OPS"] = ops.url()
    desk.ok("open", "Checkout latency", "-s", "2", "--service", "checkout")
    desk.ok("open", "Login fails", "-s", "1", "--service", "login")
    assert not ops.taken
    for words in (
        ("severity", ID, "1"),
        ("update", ID, "x"),
        ("mitigate", ID),
        ("resolve", ID),
        ("reopen", ID, "again"),
    ):
        desk.wait(5)
        desk.ok(*words)
    desk.ok("cancel", ID, "--reason", "false-alarm")
    events = [taken.json["event"] for taken in ops.taken]
    assert events == ["severity_changed", "mitigated", "resolved", "reopened", "canceled"]


def test_an_update_that_says_mitigated_is_told_once_as_both(desk: Desk, ops: Loopback) -> None:
    targets(desk, '[[notify]]\nname = "ops"\nevents = ["updated", "mitigated"]\n')
    desk.environ["INCIDENTCTL_NOTIFY_OPS"] = ops.url()
    desk.ok("open", "Checkout latency", "-s", "1")
    desk.wait(5)
    desk.ok("update", "failed over", "--status", "mitigated")
    (taken,) = ops.taken
    assert taken.json["events"] == ["updated", "mitigated"]


def test_a_finished_incident_that_is_recorded_afterwards_is_told_to_nobody(desk: Desk, ops: Loopback) -> None:
    targets(desk, '[[notify]]\nname = "ops"\nevents = ["opened", "resolved"]\n')
    desk.environ["INCIDENTCTL_NOTIFY_OPS"] = ops.url()
    desk.ok("open", "Search slow", "-s", "3", "--at", "09:00", "--mitigated-at", "09:30", "--resolved-at", "09:40")
    assert not ops.taken


def test_a_dry_run_tells_nobody(told: Desk, ops: Loopback) -> None:
    told.ok("update", "failing over", "--dry-run")
    assert not ops.taken
    assert not outbox(told)


# ---------------------------------------------------------------------------------------------------------------- drills


def test_of_an_exercise_only_those_are_told_who_say_so(desk: Desk, ops: Loopback, board: Loopback) -> None:
    targets(desk, '[[notify]]\nname = "ops"\n\n[[notify]]\nname = "board"\ndrills = true\n')
    desk.environ["INCIDENTCTL_NOTIFY_OPS"] = ops.url()
    desk.environ["INCIDENTCTL_NOTIFY_BOARD"] = board.url("mmost", f"/{'a' * 24}")
    desk.ok("open", "Failover exercise", "-s", "1", "--drill")
    assert "DRILL told: board\n" in desk.ok("update", "failing over").err
    assert not ops.taken
    (taken,) = board.taken
    assert taken.json["text"].startswith("DRILL SEV1 Failover exercise")
    result = desk.ictl("notify", "--to", "ops")
    assert result.out == "DRILL ops is not told: an exercise\n"


# --------------------------------------------------------------------------------------------------------------- failure


def test_a_target_that_cannot_be_reached_costs_no_word_and_is_told_later(told: Desk, ops: Loopback) -> None:
    address, told.environ["INCIDENTCTL_NOTIFY_OPS"] = (
        told.environ["INCIDENTCTL_NOTIFY_OPS"],
        f"json://127.0.0.1:{closed_port()}/{SECRET}",
    )
    result = told.ok("update", "failing over")
    assert "not told yet: ops: it cannot be reached" in result.err
    assert "told: board" in result.err
    told.environ["INCIDENTCTL_NOTIFY_OPS"] = address
    assert told.ok("notify", "--retry").out == "told: ops\n"
    assert len(ops.taken) == 1


def test_what_waits_is_sent_by_sync(told: Desk, ops: Loopback, tmp_path: Path) -> None:
    told.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    told.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    told.git("push", "--quiet", "-u", "origin", "main")
    ops.statuses = [500, 200]
    told.ok("update", "failing over")
    assert "told: ops" in told.ok("sync").err
    assert "told" not in told.ok("sync").err
    assert len(ops.taken) == 2


def test_a_target_that_asks_for_time_is_given_it(told: Desk, ops: Loopback) -> None:
    ops.statuses, ops.headers = [429, 200], {"Retry-After": "600"}
    assert "from 10:16Z on" in told.ok("update", "failing over").err
    assert told.ictl("notify", "--retry").code == 1
    assert len(ops.taken) == 1, "it is not asked before its time"
    told.wait(10)
    assert told.ok("notify", "--retry").out == "told: ops\n"


def test_what_waited_comes_in_order_and_says_of_when_it_is(told: Desk, ops: Loopback, board: Loopback) -> None:
    told.environ["INCIDENTCTL_NOTIFY_OPS"] = ops.url("mmost", f"/{'a' * 24}")
    ops.statuses = [500, 500, 500, 200]
    for number in range(3):
        told.ok("update", f"step {number}")
        told.wait(10)
    ops.delay = 0.1
    assert told.ok("notify", "--retry").out == "told: ops (3)\n"
    texts = [taken.json["text"] for taken in ops.taken[3:]]
    for number, (text, clock) in enumerate(zip(texts, ("10:06Z", "10:16Z", "10:26Z"), strict=True)):
        assert f"step {number}" in text
        assert text.startswith(f"SEV1 Checkout latency (as of {clock})")
    assert "as of" not in ops.taken[0].json["text"]


def test_a_target_that_still_refuses_is_asked_once_and_the_rest_waits(told: Desk, ops: Loopback) -> None:
    ops.statuses = [500]
    for number in range(3):
        told.ok("update", f"step {number}")
        told.wait(1)
    result = told.ictl("notify", "--retry")
    assert len(ops.taken) == 4
    assert result.out.startswith("not told yet: ops (2 more after it): it answers 500; ")
    assert len(result.out.splitlines()) == 1
    ops.statuses = [200]
    assert told.ok("notify", "--retry").out == "told: ops (3)\n"


@pytest.mark.slow
def test_a_target_that_says_nothing_is_not_told_twice(told: Desk, ops: Loopback) -> None:
    ops.delay = 8.0
    result = told.ok("update", "failing over")
    assert "not known whether ops was told: no answer" in result.err
    ops.delay = 0.0
    assert told.ok("notify", "--retry").out == "nothing waits\n"
    assert len(ops.taken) == 1
    again = told.ok("notify", "--to", "ops", "--again")
    assert again.out == "told: ops\n"
    assert ops.taken[1].json["key"] != ops.taken[0].json["key"], "or the target would leave it out as a repetition"


def test_a_command_that_died_while_it_told_somebody_is_not_repeated(told: Desk, ops: Loopback) -> None:
    ops.statuses = [500, 200]
    told.ok("update", "failing over")
    (waiting,) = [path for path in outbox(told) if json.loads(path.read_text())["fate"] == "waiting"]
    waiting.write_text(waiting.read_text().replace('"waiting"', '"sending"'))
    result = told.ictl("notify", "--retry")
    assert "not known whether ops was told: the command that was about to tell it ended" in result.out
    assert told.ok("notify", "--retry").out == "nothing waits\n"
    assert len(ops.taken) == 1


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"incident": 1}', b"\xff\x00", b"9" * 5000, b"[" * 50000])
def test_a_note_that_cannot_be_read_counts_as_sent(told: Desk, ops: Loopback, damage: bytes) -> None:
    told.ok("update", "failing over")
    for path in outbox(told):
        path.write_bytes(damage)
    told.ictl("notify")
    told.ictl("notify", "--retry")
    assert len(ops.taken) == 1


@pytest.mark.parametrize("kind", ["pipe", "link", "folder", "no folder"])
def test_what_stands_in_the_place_of_our_notes_is_not_waited_for_and_nobody_is_told_twice(
    told: Desk, ops: Loopback, kind: str
) -> None:
    told.ok("update", "failing over")
    for path in outbox(told):
        path.unlink()
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "link":
            path.symlink_to("/etc/passwd")
        elif kind == "folder":
            path.mkdir()
    if kind == "no folder":
        (told.path / ".git/incidentctl/outbox").rmdir()
        (told.path / ".git/incidentctl/outbox").write_text("")
    for words in (
        ("notify",),
        ("notify", "--retry"),
        ("notify", "--list"),
        ("notify", "--again"),
        ("notify", "--json"),
    ):
        assert "Traceback" not in told.ictl(*words).err
    assert len(ops.taken) == 1
    result = told.ok("update", "and again")
    assert len(ops.taken) == (1 if kind == "no folder" else 2)
    assert ("not told: ops: cannot write" in result.err) is (kind == "no folder")


def test_two_commands_do_not_tell_the_same_at_once(told: Desk, ops: Loopback) -> None:
    ops.statuses = [500, 200]
    told.ok("update", "failing over")
    (waiting,) = [path for path in outbox(told) if json.loads(path.read_text())["fate"] == "waiting"]
    with waiting.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "another command is about to tell it" in told.ictl("notify", "--retry").out
    assert len(ops.taken) == 1
    assert told.ok("notify", "--retry").out == "told: ops\n"


def test_it_is_given_up_after_a_day_and_said_once(told: Desk, ops: Loopback) -> None:
    ops.statuses = [500]
    told.ok("update", "failing over")
    told.wait(24 * 60)
    result = told.ictl("notify", "--retry")
    assert (result.code, "given up" in result.out) == (1, True)
    assert told.ok("notify", "--retry").out == "nothing waits\n"


def test_it_is_given_up_after_twenty_tries(told: Desk, ops: Loopback) -> None:
    ops.statuses = [500]
    told.ok("update", "failing over")
    for _ in range(18):
        assert "given up" not in told.ictl("notify", "--retry").out
    assert "given up" in told.ictl("notify", "--retry").out
    assert len(ops.taken) == 20


@pytest.mark.slow
def test_words_that_are_saved_and_not_committed_are_told_when_they_are(told: Desk, ops: Loopback) -> None:
    lock = told.path / ".git/refs/heads/main.lock"
    lock.touch()
    result = told.ictl("update", "failing over")
    assert result.code == 7
    assert not ops.taken
    lock.unlink()
    told.ok("note", "now it is committed")
    assert not ops.taken
    assert told.ok("notify", "--retry").out == "told: ops, board\n"
    assert ops.taken[0].json["update"]["actions"] == "failing over"


def test_words_that_were_redacted_or_withdrawn_meanwhile_are_not_sent(told: Desk, ops: Loopback) -> None:
    ops.statuses = [500, 200]
    entry = told.ok("update", "the password is hunter2", "--json").json["entry"]["id"]
    told.ok("redact", ID, f"e:{entry}", "--reason", "secret")
    result = told.ictl("notify", "--retry")
    assert "not told: ops: its words were redacted" in result.out
    ops.statuses = [500, 200]
    told.ok("update", "failing over")
    told.ok("undo")
    assert "not told: ops: it was withdrawn" in told.ictl("notify", "--retry").out
    assert told.ok("notify", "--retry").out == "nothing waits\n"
    assert len(ops.taken) == 2


def test_what_waits_holds_neither_words_nor_addresses(told: Desk, ops: Loopback) -> None:
    ops.statuses = [500]
    told.ok("update", "failing over", "--impact", "12 % fail")
    text = "".join(path.read_text() for path in outbox(told))
    for words in ("failing", "12 %", SECRET, "127.0.0.1", "json://", "latency SEV"):
        assert words not in text
    assert {path.stat().st_mode & 0o077 for path in outbox(told)} == {0}


@pytest.mark.slow
def test_no_answer_shows_an_address(told: Desk, ops: Loopback, board: Loopback) -> None:
    ops.body = f"your token {SECRET} is wrong \x1b]52;c;aGk=\x07".encode()
    for status in (200, 302, 401, 429, 500):
        ops.statuses = [status]
        for words in (
            ("update", "x"),
            ("notify", "--again"),
            ("notify", "--retry"),
            ("notify", "--test", "ops"),
            ("notify", "--list"),
        ):
            for more in ((), ("--json",)):
                result = told.ictl(*words, *more)
                assert SECRET not in result.out + result.err
                assert str(ops.port) not in result.out + result.err
                assert "\x1b" not in result.out + result.err


# ------------------------------------------------------------------------------------------------------- where a target is


def test_without_an_address_it_is_said_and_nothing_waits(told: Desk) -> None:
    del told.environ["INCIDENTCTL_NOTIFY_OPS"]
    result = told.ok("update", "failing over")
    assert "not told: ops: no address here" in result.err
    listed = told.ok("notify", "--list").out
    assert "ops · internal · updated · INCIDENTCTL_NOTIFY_OPS is not set" in listed
    assert told.ok("notify", "--retry").out == "nothing waits\n"


def test_a_users_own_table_says_where_a_target_is_and_comes_first(told: Desk, ops: Loopback, board: Loopback) -> None:
    del told.environ["INCIDENTCTL_NOTIFY_OPS"]
    own(
        told,
        f'[[notify]]\nname = "ops"\nurl = "{ops.url()}"\naudience = "management"\n\n[[notify]]\nname = "mine"\nurl = "{board.url()}"\n',
    )
    result = told.ok("update", "failing over")
    assert "told: ops, board, mine" in result.err
    assert ops.taken[0].json["audience"] == "management"
    assert len(board.taken) == 2


def test_a_repository_names_neither_an_address_nor_another_variable(desk: Desk, ops: Loopback) -> None:
    desk.environ |= {"AWS_SECRET_ACCESS_KEY": ops.url(path=f"/{SECRET}"), "INCIDENTCTL_REPO": str(desk.path)}
    for number, line in enumerate(
        (
            f'url = "{ops.url()}"',
            'url_env = "AWS_SECRET_ACCESS_KEY"',
            'url_env = "INCIDENTCTL_REPO"',
            'url_env = "INCIDENTCTL_NOTIFY_"',
            'url_env = "INCIDENTCTL_NOTIFY_${AWS_SECRET_ACCESS_KEY}"',
            "keyring = true",
        )
    ):
        targets(desk, f'[[notify]]\nname = "ops"\nevents = ["opened"]\n{line}\n')
        result = desk.ok("open", f"Checkout {number}", "-s", "1")
        assert "incidentctl.toml:7:" in result.err, line
        assert SECRET not in result.err
    assert not ops.taken


def test_no_hook_of_a_repository_runs(desk: Desk) -> None:
    targets(desk, f'[hooks]\nopened = "touch {desk.path}/ran"\n')
    result = desk.ok("open", "Checkout latency", "-s", "1")
    assert "[hooks] belongs in your own settings" in result.err
    assert not (desk.path / "ran").exists()


def test_an_address_in_a_users_settings_that_is_none_is_never_repeated(desk: Desk) -> None:
    own(desk, f'[[notify]]\nname = "ops"\nurl = "{SECRET}"\n')
    result = desk.ok("open", "Checkout latency", "-s", "1")
    assert "must be an address with its scheme" in result.err
    assert SECRET not in result.err


def test_without_the_library_one_sentence_says_what_to_install(told: Desk) -> None:
    told.environ["INCIDENTCTL_NOTIFY_OPS"] = "slack://T/B/x"
    script = "import sys; sys.modules['apprise'] = None; from incidentctl.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "notify", "--test", "ops"],
        cwd=told.path,
        env=told.environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert (
        "this kind of target needs apprise, which is not installed; pipx install 'incidentctl[notify]'" in done.stdout
    )
    assert "Traceback" not in done.stderr


# ------------------------------------------------------------------------------------------------------------ the command


def test_the_last_update_goes_to_who_was_not_told_yet(told: Desk, ops: Loopback) -> None:
    address = told.environ.pop("INCIDENTCTL_NOTIFY_OPS")
    told.ok("update", "failing over")
    told.environ["INCIDENTCTL_NOTIFY_OPS"] = address
    assert told.ok("notify").out == "told: ops\nboard was told before; `--again` tells it again\n"
    assert told.ok("notify", ID, "--to", "ops", "--again").out == "told: ops\n"
    assert len(ops.taken) == 2


def test_without_an_update_there_is_nothing_to_tell(told: Desk) -> None:
    result = told.ictl("notify")
    assert (result.code, "has no update yet" in result.err) == (2, True)


def test_a_test_tries_a_target_whatever_it_is_told_of(told: Desk, ops: Loopback) -> None:
    assert told.ok("notify", "--test", "ops").out == "told: ops\n"
    assert ops.taken[0].json["event"] == "test"
    ops.statuses = [403]
    result = told.ictl("notify", "--test", "ops")
    assert (result.code, result.out) == (1, "not told: ops: it answers 403\n")
    assert told.ictl("notify", "--test", "opps").code == 2
    assert not outbox(told)


def test_a_dry_run_shows_what_would_be_sent(told: Desk, ops: Loopback, board: Loopback) -> None:
    told.environ["INCIDENTCTL_NOTIFY_BOARD"] = board.url("mmost", f"/{'a' * 24}")
    for variable in ("OPS", "BOARD"):
        told.environ[f"INCIDENTCTL_NOTIFY_{variable}_"] = told.environ.pop(f"INCIDENTCTL_NOTIFY_{variable}")
    told.ok("update", "failing over", "--impact", "12 % fail")
    result = told.ok("notify", "--dry-run")
    assert "to ops:\n  SEV1 Checkout latency\n  Status: Investigating\n  Impact: 12 % fail\n" in result.out
    assert "Actions in Progress: failing over" in result.out
    assert f"would tell board of {ID} e:" in result.out
    assert not ops.taken


def test_words_that_do_not_go_together_are_refused(told: Desk) -> None:
    for words in (("--retry", "--list"), ("--retry", "--again"), ("--test", "ops", ID)):
        assert told.ictl("notify", *words).code == 2


def test_who_has_no_targets_is_told_where_they_stand(desk: Desk) -> None:
    result = desk.ictl("notify")
    assert (result.code, "[[notify]]" in result.err) == (2, True)


def test_json_of_notify_fits_its_schema(told: Desk, ops: Loopback) -> None:
    ops.statuses, ops.headers = [429, 200], {"Retry-After": "60"}
    told.ok("update", "failing over")
    notify = json.loads(told.ok("schema", "notify").out)
    notice = json.loads(told.ok("schema", "notice").out)
    for words in ((), ("--again",), ("--retry",), ("--list",), ("--dry-run",), ("--test", "ops")):
        data = json.loads(told.ictl("notify", *words, "--json").out)
        jsonschema.validate(data, notify)
        assert data["kind"] == "notify"
    for taken in ops.taken:
        jsonschema.validate(taken.json, notice)


@pytest.mark.parametrize("text", HOSTILE_CHATS)
def test_hostile_words_reach_a_chat_as_words(desk: Desk, ops: Loopback, text: str) -> None:
    targets(desk, '[[notify]]\nname = "ops"\nevents = ["opened", "updated"]\n')
    desk.environ["INCIDENTCTL_NOTIFY_OPS"] = ops.url("mmost", f"/{'a' * 24}")
    desk.ok("open", text, "-s", "1", "--slug", "x", "--summary", text)
    desk.ok("update", text, "--impact", text)
    for taken in ops.taken:
        words = taken.json["text"]
        for harm in (
            "@everyone",
            "@here",
            "@all",
            "@channel",
            "<!",
            "<@",
            "<#",
            "<http",
            "<b",
            "<at",
            "](",
            "![",
            "]:",
            "\x1b",
            "\u202e",
        ):
            assert harm not in words, harm


def test_nothing_is_left_running(told: Desk, ops: Loopback) -> None:
    ops.delay = 0.1
    told.ok("update", "failing over")
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


# ---------------------------------------------------------------------------------------------------------- real processes


def begun(desk: Desk, *words: str) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "incidentctl", *words]
    return subprocess.Popen(
        command, cwd=desk.path, env=desk.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_command_that_is_ended_while_it_tells_somebody_has_recorded_it_and_told_nobody_twice(
    told: Desk, ops: Loopback, number: signal.Signals
) -> None:
    ops.delay = 4.0
    process = begun(told, "update", "failing over")
    until(lambda: ops.taken)
    process.send_signal(number)
    process.communicate(timeout=20)
    ops.delay = 0.0
    assert "failing over" in told.git("show", f"HEAD:incidents/2026/05/{ID}.md")
    told.ictl("notify", "--retry")
    told.ictl("notify")
    assert len(ops.taken) == 1
    assert told.ok("notify", "--to", "ops", "--again").out == "told: ops\n"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["json", "mmost"])
def test_a_target_that_never_ends_keeps_no_process_waiting(told: Desk, scheme: str) -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        while True:
            connection.sendall(b"H")
            time.sleep(0.05)

    with raw_server(drip) as port:
        told.environ["INCIDENTCTL_NOTIFY_OPS"] = f"{scheme}://127.0.0.1:{port}/{'a' * 24}"
        start = time.monotonic()
        process = begun(told, "update", "failing over")
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - start < 12
    assert process.returncode == 0, err
    assert "SEV1 update" in out
    assert "told: board" in err
    assert "not known whether ops was told" in err
    assert "Traceback" not in err


def test_an_address_in_the_keyring_is_used(told: Desk, ops: Loopback, tmp_path: Path) -> None:
    del told.environ["INCIDENTCTL_NOTIFY_OPS"]
    own(told, '[[notify]]\nname = "ops"\nkeyring = true\n')
    assert "the keyring needs pipx install 'incidentctl[keyring]'" in told.ok("notify", "--list").out
    (tmp_path / "keyring.py").write_text(
        f"def get_password(service, user):\n    return {{('incidentctl', 'ops'): '{ops.url()}'}}.get((service, user))\n"
    )
    told.environ["PYTHONPATH"] = str(tmp_path)
    process = begun(told, "notify", "--test", "ops")
    assert process.communicate(timeout=20)[0] == "told: ops\n"
    assert len(ops.taken) == 1


def test_who_reads_no_answer_has_told_the_others_all_the_same(told: Desk, ops: Loopback) -> None:
    with begun(told, "update", "failing over") as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(timeout=20)
    assert len(ops.taken) == 1


@pytest.mark.slow
def test_many_commands_that_retry_at_once_tell_each_target_once(told: Desk, ops: Loopback, board: Loopback) -> None:
    ops.statuses, board.statuses = [500, 200], [500, 200]
    told.ok("update", "failing over")
    ops.delay = board.delay = 0.5
    processes = [begun(told, "notify", "--retry") for _ in range(6)]
    said = "".join(process.communicate(timeout=60)[0] for process in processes)
    assert (len(ops.taken), len(board.taken)) == (2, 2)
    assert said.count("told: ops") == 1
