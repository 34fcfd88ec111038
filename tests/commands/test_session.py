"""The session that the product promises, from `open` to `resolve`, to the letter."""

from incidentctl.document.edit import same_value
from incidentctl.document.parse import parse_document
from incidentctl.incident.lifecycle import fold
from tests.conftest import Desk

EXPECTED = """\
$ ictl open Checkout latency -s 1-2 --service checkout --detected-at -4m
SEV1 2026-05-14-checkout-latency · detected 12:02 CEST = 10:02Z · #incident-2026-05-14-checkout-latency
next: commander `ictl assign ic me` · status page by 10:21Z · update by 10:36Z · bridge https://meet.example.org/sev1
$ ictl note pool exhausted on db-3
10:12Z checkout-latency SEV1 noted
$ ictl update failing over to db-4 --status identified --impact 12 % of checkouts fail --copy
10:30Z checkout-latency SEV1 update, copied for the channel · next by 11:00Z
$ ictl mitigate failed over to db-4
10:48Z checkout-latency SEV1 mitigated, 46 min after detection
$ ictl resolve pool size fixed
12:10Z checkout-latency SEV1 resolved, 2h 8m after detection
missing: started_at `ictl set started_at=TIME` · post-mortem by 21 May `ictl postmortem new`
"""


def test_the_session_prints_what_the_product_promises(desk: Desk) -> None:
    desk.zone = "Europe/Berlin"
    desk.ok("open", "Checkout latency", "-s", "1-2", "--service", "checkout", "--detected-at", "-4m")
    desk.at("10:12")
    desk.ok("note", "pool exhausted on db-3")
    desk.at("10:30")
    update = (
        "update",
        "failing over to db-4",
        "--status",
        "identified",
        "--impact",
        "12 % of checkouts fail",
        "--copy",
    )
    desk.ok(*update, typed="")
    desk.at("10:48")
    desk.ok("mitigate", "failed over to db-4")
    desk.at("12:10")
    desk.ok("resolve", "pool size fixed")
    assert "".join(desk.transcript) == EXPECTED


def test_each_command_makes_one_commit_of_just_the_one_file(desk: Desk) -> None:
    commands = (
        ("open", "Checkout latency", "-s", "2"),
        ("note", "pool exhausted"),
        ("assign", "ic", "me"),
        ("severity", "1", "payments fail as well"),
        ("update", "failing over"),
        ("mitigate", "failed over"),
        ("resolve", "fixed"),
        ("set", "started_at=-20m"),
    )
    for count, words in enumerate(commands, 2):
        desk.wait(3)
        desk.ok(*words)
        assert len(desk.subjects()) == count
        assert desk.touched() == desk.files()
        assert len(desk.files()) == 1
        assert desk.git("status", "--porcelain") == ""
        assert_front_matter_equals_the_fold(desk.text())
    assert desk.git("fsck", "--strict") == ""


def assert_front_matter_equals_the_fold(text: str) -> None:
    document = parse_document(text)
    assert document.faults == ()
    for key, folded in fold(document.entries).as_keys().items():
        assert same_value(key, document.value(key), folded), key


def test_the_commit_names_the_incident_and_its_entries(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    message = desk.git("log", "-1", "--format=%B").strip().splitlines()
    assert message[0] == "checkout-latency: opened SEV2"
    assert message[2] == "Incident: 2026-05-14-checkout-latency"
    assert message[3].startswith("Incident-Event: opened e:00")
