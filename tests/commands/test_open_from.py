"""`open --from`: what monitoring says, piped into the command."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from incidentctl.commands.alerting import read_standard_input
from incidentctl.context import Outside
from incidentctl.output.schemas import schema_of
from tests.alerts.payloads import alert, as_bytes, ended, grafana, group, pagerduty
from tests.conftest import SETTINGS, Desk, Result, new_desk

OPENED = "2026-05-14-p99-above-4-s"
FORM = '[[alert]]\nname = "probe"\nid = "check.id"\ntitle = "check.title"\nstatus = "check.state"\n'


def sent(desk: Desk, data: object, *words: str) -> Result:
    """One message, piped in."""
    return desk.ok("open", "--from", "-", *words, stdin=json.dumps(data))


def outcome(desk: Desk, data: object, *words: str) -> str:
    """What became of a message, for a program; its shape is as it is published."""
    result = sent(desk, data, "--json", *words).json
    jsonschema.validate(result, schema_of(result["kind"]))
    word: str = result["alert"]["outcome"] if result["kind"] == "write" else result["outcome"]
    return word


def front(desk: Desk, name: str | None = None) -> dict[str, str]:
    lines = desk.text(name).split("---\n")[1].splitlines()
    return dict(line.split(": ", 1) for line in lines)


def notes(desk: Desk, name: str | None = None) -> list[str]:
    """The first lines of the entries, without their ids."""
    lines = desk.text(name).split("## Timeline")[1].splitlines()
    return [line.partition(" <!--")[0] for line in lines if line.startswith("- ")]


def kept(desk: Desk) -> list[Path]:
    return sorted((desk.path / ".git" / "incidentctl" / "alerts").glob("*"))


# ---------------------------------------------------------------------------------------------------------- an opening


def test_an_alert_opens_an_incident_in_triage(desk: Desk) -> None:
    result = sent(desk, group())
    assert result.out.startswith(
        f"SEV1 {OPENED} · impact from 10:02Z · detected 10:02Z · in triage until a human takes it · #incident-{OPENED}\n"
        f"next: acknowledge by 10:17Z `ictl ack {OPENED}`"
    )
    assert result.err == ""
    assert front(desk) == {
        "id": OPENED,
        "title": "p99 above 4 s",
        "severity": "SEV1",
        "status": "triage",
        "services": "[checkout]",
        "started_at": "2026-05-14T10:02:03Z",
        "detected_at": "2026-05-14T10:02:03Z",
        "declared_at": "2026-05-14T10:06:00Z",
        "external_id": '"alertmanager:{}/{severity=\\"critical\\"}:{alertname=\\"HighLatency\\"}"',
        "estimated": "[started_at]",
    }
    assert desk.text().endswith(
        "- 2026-05-14T10:06:00Z **Opened** SEV1, impact from 2026-05-14T10:02:03Z, detected 2026-05-14T10:02:03Z: "
        "HighLatency fires since 2026-05-14T10:02:03Z, severity critical, instance=eu-1, service=checkout "
        "— @alertmanager (agent) <!-- e:0007qf -->\n"
        "  runbook: https://runbooks.example.org/latency\n"
        "  graph: http://prometheus.example.org:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1\n"
    )
    assert desk.subjects()[0] == "p99-above-4-s: opened SEV1"


def test_a_human_takes_it_out_of_triage(desk: Desk) -> None:
    sent(desk, group())
    desk.wait(2)
    desk.ok("ack", OPENED)
    assert (front(desk)["status"], front(desk)["acknowledged_at"]) == ("investigating", "2026-05-14T10:08:00Z")


def test_the_command_that_is_recommended_takes_it(desk: Desk) -> None:
    step = sent(desk, group(), "--json").json["next"][0]
    assert step["command"] == f"ictl ack {OPENED}"
    desk.ok(*step["command"].split()[1:])
    desk.ok("assign", "ic", "me")
    assert front(desk)["commander"] == "ann"


def test_a_start_that_a_person_says_is_an_estimate_no_longer(desk: Desk) -> None:
    sent(desk, group())
    desk.ok("set", OPENED, "started_at=2026-05-14T09:50:00Z")
    assert "estimated" not in front(desk) and front(desk)["started_at"] == "2026-05-14T09:50:00Z"


def test_a_start_that_a_person_confirms_is_an_estimate_no_longer(desk: Desk) -> None:
    sent(desk, group())
    desk.ok("set", OPENED, "detected_at=2026-05-14T10:03:00Z")
    assert front(desk)["estimated"] == "[started_at]"
    desk.ok("set", OPENED, "started_at=2026-05-14T10:02:03Z")
    assert "estimated" not in front(desk)
    assert desk.subjects()[0] == "p99-above-4-s: set estimated"
    desk.ok("set", OPENED, "started_at=2026-05-14T10:01:00Z", "estimated=started_at")
    assert "started_at" in front(desk)["estimated"]


def test_it_does_not_take_the_place_of_the_incident_that_people_work_on(desk: Desk) -> None:
    desk.ok("open", "Login fails", "-s", "2")
    sent(desk, group())
    assert desk.ok("note", "restarting", "--json").json["incident"] == "2026-05-14-login-fails"


def test_the_command_line_comes_before_the_message(desk: Desk) -> None:
    words = ("Carts", "are", "empty", "-s", "3", "--service", "cart", "--detected-at", "10:01", "--started-at", "09:55")
    sent(desk, group(), *words, "--summary", "seen by hand", "--external-id", "X-1", "--tag", "night")
    keys = front(desk)
    assert (keys["title"], keys["severity"], keys["services"]) == ("Carts are empty", "SEV3", "[cart]")
    assert (keys["started_at"], keys["detected_at"]) == ("2026-05-14T09:55:00Z", "2026-05-14T10:01:00Z")
    assert (keys["external_id"], keys["tags"]) == ("X-1", "[night]")
    assert "estimated" not in keys
    assert ": seen by hand — @alertmanager (agent)" in desk.text()
    assert outcome(desk, group(), "--external-id", "X-1") == "known"


def test_an_unknown_severity_is_the_default_unconfirmed_and_a_mapped_one_says_its_word(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, settings=SETTINGS + '[alerts.severities]\nwarning = "SEV2"\n')
    sent(desk, group(alert(labels={"severity": "wat"}), groupKey="a"), "One")
    assert "**Opened** SEV2, unconfirmed," in desk.text("incidents/2026/05/2026-05-14-one.md")
    sent(desk, group(alert(labels={"severity": "warning"}), groupKey="b"), "Two")
    assert "**Opened** SEV2, given as warning," in desk.text("incidents/2026/05/2026-05-14-two.md")
    sent(desk, group(alert(labels={"severity": "page"}), groupKey="c"), "Three", "-s", "1-2")
    assert "**Opened** SEV1, given as 1-2," in desk.text("incidents/2026/05/2026-05-14-three.md")


@pytest.mark.parametrize(
    ("labels", "services"),
    [
        ({"service": "shop"}, "[checkout]"),
        ({"service": None, "job": "payments"}, "[payments]"),
        ({"service": "unknown", "app": "payments"}, "[payments]"),
        ({"service": "unknown", "job": "node"}, "[unknown]"),
        ({"service": None, "job": "node"}, None),
    ],
)
def test_services_come_from_labels_by_the_names_of_the_settings(
    tmp_path: Path, labels: dict[str, str], services: str | None
) -> None:
    settings = SETTINGS + '[[service]]\nname = "checkout"\naliases = ["shop"]\n\n[[service]]\nname = "payments"\n'
    desk = new_desk(tmp_path, settings=settings)
    result = sent(desk, group(alert(labels=labels)))
    assert front(desk).get("services") == services
    assert ("is not in the settings" in result.err) == (services == "[unknown]")


def test_a_message_of_each_sender_opens_one(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, settings=SETTINGS + FORM)
    probe = {"check": {"id": 7, "title": "Home page is down", "state": "down"}}
    for data, source in (
        (group(), "alertmanager"),
        (grafana(), "grafana"),
        (pagerduty(), "pagerduty"),
        (probe, "probe"),
    ):
        result = sent(desk, data, "--json").json
        assert (result["alert"]["outcome"], result["alert"]["source"]) == ("new", source)
        assert result["entries"][0]["by"] == source and result["entries"][0]["agent"]
    assert len(desk.files()) == 4


def test_a_file_is_read_as_well(desk: Desk) -> None:
    desk.write("alert.json", json.dumps(group()))
    desk.ok("open", "--from", "alert.json")
    assert front(desk)["id"] == OPENED


def test_who_speaks_can_be_said_and_stays_a_machine(desk: Desk) -> None:
    sent(desk, group(), "--by", "@watchman")
    assert " — @watchman (noted by @ann) (agent)" in notes(desk)[0]
    assert front(desk)["status"] == "triage"


def test_a_drill_is_one_of_its_own(desk: Desk) -> None:
    sent(desk, group())
    assert sent(desk, group(), "--drill").out.startswith("DRILL SEV1")
    assert outcome(desk, group(), "--drill") == "known"
    assert len(desk.files()) == 2


def test_a_dry_run_shows_what_would_be_and_writes_nothing(desk: Desk) -> None:
    assert outcome(desk, group(), "--dry-run") == "new"
    assert "+title: p99 above 4 s" in sent(desk, group(), "--dry-run").out
    assert desk.files() == [] and desk.subjects() == ["settings"]
    sent(desk, group())
    assert outcome(desk, group(ended()), "--dry-run") == "ended"
    assert len(notes(desk)) == 1


# --------------------------------------------------------------------------------------------------- the same alert again


def test_the_very_same_message_is_known_and_changes_nothing(desk: Desk) -> None:
    sent(desk, group())
    commits = desk.subjects()
    result = sent(desk, group())
    assert result.out == f"10:06Z p99-above-4-s SEV1 this alert is known already · {OPENED}\n"
    assert outcome(desk, group()) == "known"
    assert desk.subjects() == commits


def test_the_same_alert_again_is_a_note_on_the_same_incident_and_said_once(desk: Desk) -> None:
    sent(desk, group())
    desk.wait(10)
    more = group(alert(), alert("Errors", startsAt="2026-05-14T10:12:00Z"))
    assert [outcome(desk, more) for _ in range(3)] == ["noted", "known", "known"]
    assert notes(desk)[1:] == [
        "- 2026-05-14T10:12:00Z **Observation** 2 alerts fire (recorded 2026-05-14T10:16:00Z) — @alertmanager (agent)"
    ]
    assert desk.subjects()[0] == "p99-above-4-s: alert noted"
    assert len(desk.files()) == 1


def test_its_end_is_a_note_and_never_a_resolution(desk: Desk) -> None:
    sent(desk, group())
    desk.ok("ack", OPENED)
    desk.wait(30)
    assert [outcome(desk, group(ended())) for _ in range(2)] == ["ended", "known"]
    assert front(desk)["status"] == "investigating" and "resolved_at" not in front(desk)
    assert notes(desk)[-1].startswith("- 2026-05-14T10:30:00Z **Observation** HighLatency ended 2026-05-14T10:30:00Z")


def test_no_message_acknowledges_resolves_or_reopens(desk: Desk) -> None:
    sent(desk, pagerduty())
    for kind, minute in (("acknowledged", 10), ("resolved", 20), ("reopened", 30), ("priority_updated", 40)):
        desk.at("11:00")
        sent(desk, pagerduty(kind, at=f"2026-05-14T10:{minute}:00Z"))
    assert front(desk)["status"] == "triage" and "acknowledged_at" not in front(desk)
    desk.ok("cancel", "2026-05-14-checkout-fails", "--reason", "false_alarm")
    sent(desk, pagerduty("acknowledged", at="2026-05-14T10:59:00Z"))
    assert front(desk, desk.files()[0])["status"] == "canceled" and len(desk.files()) == 1


def test_an_end_of_what_nobody_knows_is_no_fault_and_opens_nothing(desk: Desk) -> None:
    assert sent(desk, group(ended())).out == ("nothing to record: the alert ended, and no incident is known of it\n")
    assert outcome(desk, group(ended())) == "nothing"
    assert outcome(desk, {"event": {"event_type": "pagey.ping", "data": {}}}) == "nothing"
    assert desk.files() == [] and kept(desk) == []


def test_what_fires_anew_after_the_resolution_is_a_new_incident_and_says_so(desk: Desk) -> None:
    sent(desk, group())
    desk.wait(30)
    desk.ok("resolve", OPENED, "gone")
    desk.wait(30)
    result = sent(desk, group(alert(startsAt="2026-05-14T11:00:00Z")))
    assert result.out.startswith(f"SEV1 {OPENED}-2 · impact from 11:00Z · detected 11:00Z")
    assert result.err == (
        f"warning: the same alert as {OPENED}, which is over: if it is the same incident, "
        f"`ictl reopen {OPENED} WHY` and `ictl cancel {OPENED}-2 --duplicate-of {OPENED}`\n"
    )
    assert f"  the same alert as {OPENED}\n" in desk.text(f"incidents/2026/05/{OPENED}-2.md")
    desk.ok("reopen", OPENED, "it came back")
    desk.ok("cancel", f"{OPENED}-2", "--duplicate-of", OPENED)
    desk.wait(10)
    result = sent(desk, group(ended(at="2026-05-14T11:15:00Z", startsAt="2026-05-14T11:00:00Z")), "--json")
    assert (result.json["incident"], result.json["alert"]["outcome"]) == (OPENED, "ended")


def test_what_still_fires_after_the_resolution_is_noted_once_with_the_way_back(desk: Desk) -> None:
    sent(desk, group())
    desk.wait(30)
    desk.ok("resolve", OPENED, "gone")
    desk.wait(30)
    result = sent(desk, group())
    assert result.err == (
        f"warning: it still fires, though resolved at 10:36Z: if it is not over, `ictl reopen {OPENED} WHY`\n"
    )
    assert notes(desk)[-1].startswith("- 2026-05-14T11:06:00Z **Observation** HighLatency fires since")
    assert outcome(desk, group()) == "known"
    assert len(desk.files()) == 1 and front(desk)["status"] == "resolved"


def test_an_incident_of_pagerduty_that_a_person_opened_by_its_id_is_the_same(desk: Desk) -> None:
    desk.ok("open", "Checkout is slow", "-s", "2", "--external-id", "PGR0VU2")
    assert outcome(desk, pagerduty("acknowledged")) == "noted"
    assert len(desk.files()) == 1


def test_what_a_person_withdrew_is_not_said_again(desk: Desk) -> None:
    sent(desk, group())
    desk.wait(30)
    note = sent(desk, group(ended()), "--json").json["entries"][0]["id"]
    desk.ok("undo", OPENED, f"e:{note}")
    assert outcome(desk, group(ended())) == "known"


def test_what_was_redacted_does_not_come_back(desk: Desk) -> None:
    sent(desk, group())
    desk.wait(30)
    note = sent(desk, group(ended()), "--json").json["entries"][0]["id"]
    desk.ok("redact", OPENED, f"e:{note}", "--reason", "personal_data")
    assert outcome(desk, group(ended())) == "known"


def test_messages_are_placed_where_the_record_is_another_branch(desk: Desk) -> None:
    desk.git("checkout", "-q", "-b", "work")
    assert [outcome(desk, group()) for _ in range(2)] == ["new", "known"]
    desk.git("checkout", "-q", "main")
    assert outcome(desk, group()) == "known"
    assert len(desk.files()) == 1


def piped(desk: Desk, data: bytes) -> "subprocess.Popen[bytes]":
    """A command of its own, that has its message already."""
    process = subprocess.Popen(
        [sys.executable, "-m", "incidentctl", "-C", str(desk.path), "open", "--from", "-", "--json"],
        env=desk.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(data)
    process.stdin.close()
    process.stdin = None
    return process


@pytest.mark.slow
def test_messages_of_one_group_at_the_same_time_are_one_incident(desk: Desk) -> None:
    same = [as_bytes(group()) for _ in range(3)]
    others = [as_bytes(group(alert(), alert(f"Errors{n}"))) for n in range(3)]
    running = [piped(desk, data) for data in (*same, *others)]
    outcomes = []
    for process in running:
        out, err = process.communicate(timeout=120)  # which closes its pipes as well
        assert process.returncode == 0, err
        outcomes.append(json.loads(out)["alert"]["outcome"])
    assert outcomes.count("new") == 1 and len(desk.files()) == 1
    assert outcomes.count("known") == 2 and len(notes(desk)) == 4
    assert desk.git("status", "--porcelain") == ""


def test_messages_that_only_could_be_saved_are_one_incident_later(desk: Desk) -> None:
    desk.write("incidentctl.toml", SETTINGS.replace('branch = "main"', 'branch = "main"\nlock_timeout = 0.1'))
    with locked(desk):
        assert [desk.ictl("open", "--from", "-", stdin=json.dumps(group())).code for _ in range(2)] == [7, 7]
    desk.wait(10)
    assert outcome(desk, group(alert(), alert("Errors"))) == "noted"
    assert len(desk.files()) == 1 and len(notes(desk)) == 2


def test_messages_while_nothing_can_be_committed_are_one_incident(desk: Desk) -> None:
    desk.git("commit", "-q", "--allow-empty", "-m", "x")
    hook = desk.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    codes = [desk.ictl("open", "--from", "-", stdin=json.dumps(data)).code for data in (group(), group())]
    assert codes[0] == 7
    hook.unlink()
    assert outcome(desk, group()) == "known"
    assert len(desk.files()) == 1


@contextmanager
def locked(desk: Desk) -> Iterator[None]:
    """Somebody else holds our lock."""
    holder = (
        "import sys\nfrom incidentctl.store.lock import Lock\n"
        "with Lock(sys.argv[1]).held(timeout=5, notice=None):\n print('held', flush=True)\n sys.stdin.read()\n"
    )
    own = desk.path / ".git" / "incidentctl"
    own.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", holder, str(own)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.communicate("")


# ------------------------------------------------------------------------------------------------------ what goes wrong


def test_what_is_not_understood_is_kept_and_named(desk: Desk) -> None:
    result = desk.ictl("open", "--from", "-", stdin='{"alerts": [')
    assert result.code == 2 and result.out == ""
    (path,) = kept(desk)
    assert path.read_text() == '{"alerts": [' and path.stat().st_mode & 0o077 == 0
    assert result.err.startswith("the message is not JSON (") and f"it is kept: {path}" in result.err
    desk.ictl("open", "--from", "-", stdin='{"alerts": [')
    desk.wait(1)
    assert desk.ictl("open", "--from", "-", "--json", stdin='{"zen": "x"}').error["code"] == "usage"
    assert len(kept(desk)) == 2
    assert desk.git("status", "--porcelain") == "" and desk.files() == []


def test_of_what_is_not_understood_the_newest_are_kept(desk: Desk) -> None:
    from incidentctl.store.kept_alerts import keep_alert

    class Here:
        own_dir = str(desk.path / ".git" / "incidentctl")

    for number in range(60):
        keep_alert(Here, f"{number}".encode(), stamp=f"20260514T10{number:02d}00Z")  # type: ignore[arg-type]
    assert [path.read_text() for path in kept(desk)] == [str(number) for number in range(10, 60)]


def test_a_dry_run_keeps_nothing(desk: Desk) -> None:
    assert desk.ictl("open", "--from", "-", "--dry-run", stdin="nope").code == 2
    assert kept(desk) == []


def test_a_credential_in_a_message_is_taken_out_wherever_it_stands(desk: Desk) -> None:
    token = "AKI" + "A4XQ7LMNBT2RWVZ5K"
    hidden = alert(labels={"instance": token}, annotations={"summary": f"fails with {token}", "description": token})
    sent(desk, group(hidden, groupKey=f"{{}}:{{token={token}}}"))
    desk.ictl("open", "--from", "-", stdin=f'{{"nope": "{token}"')
    assert token not in desk.text() + desk.git("log", "-p") + desk.transcript[-1]
    for path in (desk.path / ".git" / "incidentctl").rglob("*"):
        assert path.is_dir() or token.encode() not in path.read_bytes(), path


def test_a_message_that_hides_signs_and_markup_makes_no_entry_and_no_heading(desk: Desk) -> None:
    hostile = (
        "x\n\n## Timeline\n\n- 2026-05-14T10:00:00Z **Resolved** by me — @ann <!-- e:000000 -->\n---\nstatus: closed"
    )
    escapes = "\x1b[2J\x07\u202e<!-- <script>"
    given = alert(
        annotations={"summary": hostile + escapes, "description": hostile + escapes}, labels={"instance": hostile}
    )
    result = sent(desk, group(given, groupKey=hostile))
    assert "\x1b" not in result.out + result.err + desk.text()
    shown = desk.ok("show", desk.files()[0][-32:].split("/")[-1][:-3], "--json").json
    assert (shown["incident"]["status"], len(shown["timeline"])) == ("triage", 1)
    assert outcome(desk, group(given, groupKey=hostile)) == "known"


def test_ten_thousand_alerts_and_a_label_of_five_megabytes_are_one_short_entry(desk: Desk) -> None:
    many = [alert(labels={"instance": f"host-{n}"}) for n in range(10_000)]
    many[17]["labels"]["note"] = "x" * 5_000_000
    began = time.monotonic()
    sent(desk, group(*many))
    assert time.monotonic() - began < 60
    assert len(desk.text()) < 6_000
    assert outcome(desk, group(*many)) == "known"


def test_what_is_larger_than_any_message_is_refused_and_its_beginning_is_kept(desk: Desk) -> None:
    result = desk.ictl("open", "--from", "-", stdin="[" + " " * (16 << 20))
    assert result.code == 2
    assert result.err.startswith("standard input has more than 16 MiB, and the message is not JSON")
    assert kept(desk)[0].stat().st_size == 16 << 20


def test_times_that_lie_ahead_are_left_out_and_said(desk: Desk) -> None:
    result = sent(desk, group(alert(startsAt="2031-05-14T10:00:00Z")))
    assert "detected_at" not in front(desk)
    assert "a time of the message lies ahead of now, and was left out" in result.err
    assert outcome(desk, group(alert(startsAt="2031-05-14T10:00:00Z"))) == "known"


def test_a_clock_that_is_a_little_ahead_is_now(desk: Desk) -> None:
    sent(desk, group(alert(startsAt="2026-05-14T10:06:30Z")))
    assert front(desk)["detected_at"] == "2026-05-14T10:06:00Z"


def test_a_time_without_zone_is_read_in_the_one_that_is_given(desk: Desk) -> None:
    given = group(alert(startsAt="2026-05-14T12:02:03"))
    result = sent(desk, given, "--tz", "Europe/Berlin")
    assert front(desk)["detected_at"] == "2026-05-14T10:02:03Z" and "zone" not in result.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "-", "-m", "-"), "--from and -m both want standard input"),
        (("--source", "grafana"), "--source says whose message it is, and no message is given"),
        (("--from", "-", "--resolved-at", "10:05"), "an alert opens what is not over"),
        (("--from", "nowhere.json"), "there is no file nowhere.json"),
        (("--from", "/dev/null"), "/dev/null is not a plain file"),
        (("--from", "-", "--source", "nagios"), "there is no source 'nagios'"),
    ],
)
def test_words_that_do_not_go_together_are_refused(desk: Desk, words: tuple[str, ...], says: str) -> None:
    result = desk.ictl("open", *words, stdin=json.dumps(group()))
    assert result.code == 2 and result.err.startswith(says)
    assert desk.files() == []


# ------------------------------------------------------------------------------------------- a sender that never finishes


class _Pipe:
    """The end of a pipe that a command reads."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def fileno(self) -> int:
        return self._handle

    def isatty(self) -> bool:
        return False


def outside_with(desk: Desk, stdin: Any) -> Outside:
    return Outside(desk.environ, str(desk.path), stdin, sys.stdout, sys.stderr)


def test_a_sender_that_says_nothing_is_not_waited_for_without_end(desk: Desk) -> None:
    reads, writes = os.pipe()
    os.write(writes, b'{"alerts": [')
    received = read_standard_input(outside_with(desk, _Pipe(reads)), patience=0.3)
    assert (received.data, received.fault) == (b'{"alerts": [', "the sender of standard input did not end within 0 s")
    os.close(reads)
    os.close(writes)


def test_a_sender_that_never_stops_is_cut_off(desk: Desk) -> None:
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as sender:
        assert sender.stdout is not None
        received = read_standard_input(outside_with(desk, sender.stdout), patience=30, most=1 << 20)
        sender.terminate()
    assert len(received.data) == 1 << 20
    assert received.fault == "standard input has more than 1 MiB"


@pytest.mark.slow
def test_a_whole_message_of_a_sender_that_does_not_hang_up_is_taken_after_some_silence(desk: Desk) -> None:
    reads, writes = os.pipe()
    os.write(writes, as_bytes(group()))
    began = time.monotonic()
    received = read_standard_input(outside_with(desk, _Pipe(reads)), patience=20)
    assert (received.data, received.fault) == (as_bytes(group()), None)
    assert time.monotonic() - began < 10
    os.close(reads)
    os.close(writes)


@pytest.mark.slow
def test_the_command_ends_with_a_sentence_where_its_sender_does_not(desk: Desk) -> None:
    reads, writes = os.pipe()
    os.write(writes, b'{"alerts": [')
    done = subprocess.run(
        [sys.executable, "-m", "incidentctl", "-C", str(desk.path), "open", "--from", "-"],
        env=desk.environ,
        stdin=reads,
        capture_output=True,
        text=True,
        timeout=90,
    )
    os.close(reads)
    os.close(writes)
    assert done.returncode == 2
    assert done.stderr.startswith("the sender of standard input did not end within 30 s, and the message is not JSON")
    assert str(kept(desk)[0]) in done.stderr
