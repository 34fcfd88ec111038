"""`assign`: who has which role, and what the process says of two at once."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import SETTINGS, Desk, new_desk


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 that is under way."""
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.at("10:20")
    return desk


def last_entry(desk: Desk) -> str:
    """The newest entry, without its id."""
    return [line for line in desk.text().splitlines() if line.startswith("- ")][-1].partition(" <!--")[0]


@pytest.mark.parametrize(
    ("role", "name", "key"),
    [
        ("ic", "Commander", "commander"),
        ("commander", "Commander", "commander"),
        ("TL", "Tech lead", "tech_lead"),
        ("tech-lead", "Tech lead", "tech_lead"),
        ("comms", "Comms lead", "comms_lead"),
        ("communications_lead", "Comms lead", "comms_lead"),
    ],
)
def test_a_role_by_its_short_or_long_name(room: Desk, role: str, name: str, key: str) -> None:
    room.ok("assign", role, "@bob", "back", "from", "lunch")
    assert last_entry(room) == f"- 2026-05-14T10:20:00Z **{name}** @bob: back from lunch — @ann"
    assert f"{key}: bob" in room.text()


def test_me_a_name_without_its_sign_the_other_way_round_and_nobody(room: Desk) -> None:
    room.ok("assign", "ic", "me")
    assert "commander: ann" in room.text()
    room.ok("assign", "@carol", "ic")
    assert "commander: carol" in room.text()
    room.ok("assign", "bob", "ic")
    assert "commander: bob" in room.text()
    result = room.ok("assign", "ic", "none")
    assert result.out == "10:20Z checkout-latency SEV2 no commander\n"
    assert "commander:" not in room.text()


def test_what_is_so_already_makes_no_commit_and_keeps_the_words(room: Desk) -> None:
    room.ok("assign", "ic", "me")
    before = room.subjects()
    assert room.ok("assign", "ic", "me").out == "10:20Z checkout-latency SEV2 commander is @ann already\n"
    assert room.ok("assign", "tl", "none").out == "10:20Z checkout-latency SEV2 there is no tech lead\n"
    assert room.subjects() == before
    result = room.ok("assign", "ic", "me", "until", "six")
    assert result.out == "10:20Z checkout-latency SEV2 noted\n"
    assert result.err == "warning: commander is @ann already: your words were kept as a note\n"


def test_a_hand_over_is_one_command_and_tells_the_next_one_what_to_know(room: Desk) -> None:
    room.ok("assign", "ic", "me")
    room.ok("note", "--kind", "decision", "we fail over, and look for the cause later")
    room.ok("update", "failing over", "--impact", "12 % of checkouts")
    room.at("10:40")
    result = room.ok("assign", "ic", "@bob", "--handoff", "end", "of", "shift")
    assert result.out == (
        "SEV2 Checkout latency: commander @bob\n"
        "2026-05-14-checkout-latency · #incident-2026-05-14-checkout-latency\n"
        "Status: Investigating, SEV2\n"
        "Impact: 12 % of checkouts\n"
        "Current Theory: none yet\n"
        "Actions in Progress: failing over\n"
        "Next Update: 11:20Z\n"
        "Roles: IC @bob (until now @ann), TL nobody, comms nobody\n"
        "Due: update by 11:20Z\n"
        "Missing: started_at, detected_at, services, theory\n"
        "Last entries:\n"
        "  10:06Z @ann opened\n"
        "  10:20Z @ann commander @ann\n"
        "  10:20Z @ann decision: we fail over, and look for the cause la…\n"
        "  10:20Z @ann update investigating\n"
        "\n"
        "10:40Z checkout-latency SEV2 commander @bob, handed over by @ann\n"
        "next: update by 11:20Z\n"
    )
    recorded = room.text().partition("- 2026-05-14T10:40:00Z ")[2].splitlines()
    assert recorded[0].partition(" <!--")[0] == "**Commander** @bob: handed over by @ann: end of shift — @ann"
    assert recorded[1:5] == [
        "  - Status: Investigating, SEV2",
        "  - Impact: 12 % of checkouts",
        "  - Current Theory: none yet",
        "  - Actions in Progress: failing over",
    ]
    assert recorded[-1].startswith("    - 10:20Z @ann update investigating")
    assert room.subjects()[0] == "checkout-latency: commander @bob, handed over by @ann"
    assert "handoff" not in room.ok("assign", "ic", "@carol").out
    assert room.ictl("handoff", "ic", "@bob").err == (
        "there is no command 'handoff' here: it is `ictl assign ROLE PERSON --handoff`\n"
    )


@pytest.mark.parametrize("role", ["tl", "comms", "scribe"])
def test_every_role_can_be_handed_over_also_one_that_nobody_had(room: Desk, role: str) -> None:
    out = room.ok("assign", role, "@bob", "--handoff").out
    assert "Status: Investigating, SEV2\n" in out
    assert ": the state as it is — @ann" in room.text()
    room.ok("assign", role, "@carol", "--handoff")
    assert ": handed over by @bob — @ann" in room.text()
    shown = room.ok("show").out
    assert "Actions in Progress: none yet" in shown


def test_a_hand_over_to_who_has_it_already_writes_nothing(room: Desk) -> None:
    room.ok("assign", "ic", "@bob")
    before = room.subjects()
    assert room.ok("assign", "ic", "@bob", "--handoff").out == (
        "10:20Z checkout-latency SEV2 commander is @bob already\n"
    )
    assert room.subjects() == before


def test_a_dry_run_shows_the_hand_over_and_writes_nothing(room: Desk) -> None:
    before = room.text()
    out = room.ok("assign", "ic", "@bob", "--handoff", "--dry-run").out
    assert out.startswith("SEV2 Checkout latency: commander @bob\n")
    assert "+  - Status: Investigating, SEV2\n" in out
    assert room.text() == before


def test_a_program_gets_the_hand_over_as_data(room: Desk) -> None:
    room.ok("assign", "ic", "me")
    for extra in (("--dry-run",), ()):
        data = room.ok("assign", "ic", "@bob", "--handoff", "--json", *extra).json
        Draft202012Validator(json.loads(room.ok("schema", "write").out)).validate(data)
        handoff = data["handoff"]
        assert (handoff["role"], handoff["from"], handoff["to"]) == ("commander", "ann", "bob")
        assert handoff["roles"] == {"commander": "bob", "tech_lead": None, "comms_lead": None}
        assert [each["kind"] for each in handoff["last"]] == ["opened", "commander"]
        assert [each["what"] for each in handoff["due"]] == ["update"]


def test_a_hand_over_fits_a_screen_whatever_was_said(room: Desk) -> None:
    room.environ["COLUMNS"] = "80"
    long = "a long story of many words " * 40
    room.ok("assign", "ic", "me")
    room.ok("update", long, "--impact", long, "--theory", f"{long}\n{long}")
    for number in range(20):
        room.ok("note", f"{number} {long}")
    lines = room.ok("assign", "ic", "@bob", "--handoff", typed="").out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_a_hand_over_copies_neither_what_was_redacted_nor_what_was_withdrawn(room: Desk) -> None:
    first = room.ok("note", "the customer is Jane Roe", "--json").json["entry"]["id"]
    room.ok("redact", f"e:{first}", "--reason", "personal_data")
    room.ok("note", "it was the network")
    room.ok("undo")
    out = room.ok("assign", "ic", "@bob", "--handoff").out
    assert "Jane" not in out
    assert "network" not in out
    assert "note: redacted" in out


def test_a_role_of_a_teams_own(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, settings=SETTINGS + '[roles]\nextra = ["scribe"]\n')
    desk.ok("open", "Checkout latency", "-s", "3")
    result = desk.ok("assign", "scribe", "@bob")
    assert result.err == ""
    assert last_entry(desk) == "- 2026-05-14T10:06:00Z **Role** scribe @bob — @ann"
    assert desk.ok("show", "--json").json["incident"]["roles"] == {"scribe": "bob"}
    assert "scribe" in desk.ok("show").out
    result = desk.ok("assign", "scribee", "@bob")
    assert result.err == (
        "warning: role 'scribee' is not in the settings (did you mean scribe?); recorded as a role of its own\n"
    )


@pytest.mark.parametrize("words", [(), ("ic",), ("ic", "two words"), ("!!", "@bob"), ("ic", "-")])
def test_what_is_no_role_or_no_person_is_refused(room: Desk, words: tuple[str, ...]) -> None:
    result = room.ictl("assign", *words)
    assert result.code == 2
    assert result.err.count("\n") == 1


def test_a_back_dated_role_that_cannot_count_says_what_stands(room: Desk) -> None:
    room.ok("assign", "ic", "@bob")
    room.at("10:40")
    result = room.ok("assign", "ic", "@carol", "--at", "10:10")
    assert result.err == "warning: recorded; commander stays @bob since 10:20Z\n"
    assert "commander: bob" in room.text()


# ------------------------------------------------------------------------------------------------ two roles at once


def test_commander_and_tech_lead_at_once_is_a_warning_with_the_way_out(room: Desk) -> None:
    room.ok("assign", "ic", "me")
    room.ok("note", "--by", "@bob", "I look at the database")
    result = room.ok("assign", "tl", "me")
    assert result.err == (
        "warning: commander and tech lead are one person, so nobody is free to coordinate: hand one over, "
        "`ictl assign tl @bob --handoff`\n"
    )
    assert room.ok("note", "x").err == ""
    assert room.ok("assign", "tl", "@bob").err == ""


def test_a_commander_who_debugs_is_a_warning_with_the_way_out_said_once(room: Desk) -> None:
    room.ok("assign", "ic", "me")
    room.ok("note", "--by", "@bob", "I look at the database")
    assert room.ok("note", "asked the vendor").err == ""
    result = room.ok("note", "--kind", "investigation", "I read the logs", "--json")
    assert result.err == ""
    assert result.json["warnings"] == [
        "who coordinates debugs as well, so nobody is free to coordinate: hand one over, `ictl assign ic @bob --handoff`"
    ]
    assert room.ok("note", "--kind", "action", "restarted").err == ""
    assert room.ok("note", "--kind", "action", "restarted", "--by", "@bob").err == ""


def test_nothing_is_said_while_a_responder_is_alone_but_to_page_a_second_for_a_sev1(room: Desk) -> None:
    room.ok("assign", "ic", "me")
    assert room.ok("assign", "tl", "me").err == ""
    assert room.ok("note", "--kind", "action", "restarted").err == ""
    assert room.ok("severity", "1").err == (
        "warning: one responder on a SEV1: page a second, so that one can coordinate while the other debugs\n"
    )
    assert room.ok("note", "--kind", "action", "restarted").err == ""


def test_a_missing_commander_is_said_once_and_named_with_the_incident_where_another_one_is_meant(desk: Desk) -> None:
    assert desk.ok("open", "Login down", "-s", "1").err == ""
    desk.ok("open", "Checkout latency", "-s", "2")
    result = desk.ok("note", "-i", "login", "x")
    assert result.err == (
        "warning: nobody coordinates this SEV1 yet, `ictl assign 2026-05-14-login-down ic me`\n"
        "warning: one responder on a SEV1: page a second, so that one can coordinate while the other debugs\n"
    )
    assert desk.ok("note", "-i", "login", "y").err == ""
    assert desk.ok("note", "x").err == ""
    assert desk.ok("note", "x", "--by", "@bob").err == (
        "hint: more than one is at work on this SEV2, and nobody coordinates yet, `ictl assign ic me`\n"
    )


def test_what_waits_in_the_editor_or_is_redacted_brings_nothing_about(room: Desk) -> None:
    room.ok("assign", "ic", "me")
    room.ok("note", "--by", "@bob", "I look")
    entry = room.ok("note", "--kind", "action", "restarted", "--json").json["entry"]["id"]
    assert "nobody is free" not in room.ok("redact", f"e:{entry}", "--reason", "secret").err


def test_a_minor_incident_is_normal_work_for_one(desk: Desk) -> None:
    desk.ok("open", "Export fails", "-s", "3")
    desk.ok("note", "--by", "@bob", "seen")
    desk.ok("assign", "ic", "me")
    assert desk.ok("assign", "tl", "me").err == ""
