"""`update`: the structured update, in the template's form."""

import pytest

from tests.conftest import Desk

FIRST = ("update", "failing over", "--status", "identified", "--impact", "12 % of checkouts", "--theory", "pool")


@pytest.fixture
def room(desk: Desk) -> Desk:
    """An incident that is under way."""
    desk.ok("open", "Checkout latency", "-s", "1")
    desk.at("10:30")
    return desk


def fields(desk: Desk) -> list[str]:
    """The last update of the record, with its fields."""
    entry = desk.text().rpartition("**Update** ")[2]
    lines = entry.splitlines()
    return [lines[0].partition(" —")[0], *(line.strip() for line in lines[1:] if line.startswith("  - "))]


def test_an_update_is_recorded_and_printed_in_the_templates_order(room: Desk) -> None:
    room.ok("assign", "ic", "me")
    result = room.ok(*FIRST)
    assert fields(room) == [
        "Identified",
        "- Impact: 12 % of checkouts",
        "- Current Theory: pool",
        "- Actions in Progress: failing over",
        "- Next Update: 2026-05-14T11:00:00Z",
        "- IC: @ann",
    ]
    assert result.out == (
        "SEV1 Checkout latency\n"
        "Status: Identified\n"
        "Impact: 12 % of checkouts\n"
        "Current Theory: pool\n"
        "Actions in Progress: failing over\n"
        "Next Update: 11:00Z\n"
        "IC: @ann\n"
        "\n"
        "10:30Z checkout-latency SEV1 update · next by 11:00Z\n"
    )


def test_what_nobody_has_said_yet_is_said_to_be_unknown(room: Desk) -> None:
    out = room.ok("update", "looking").out
    assert "Impact: not known yet\nCurrent Theory: none yet\n" in out
    assert "IC: nobody yet\n" in out
    assert fields(room) == ["Investigating", "- Actions in Progress: looking", "- Next Update: 2026-05-14T11:00:00Z"]


def test_what_is_not_given_carries_over(room: Desk) -> None:
    room.ok(*FIRST)
    room.at("10:50")
    room.ok("update", "--theory", "config push")
    assert fields(room) == [
        "Identified",
        "- Impact: 12 % of checkouts",
        "- Current Theory: config push",
        "- Actions in Progress: failing over",
        "- Next Update: 2026-05-14T11:20:00Z",
    ]


def test_a_public_text_does_not_carry_over(room: Desk) -> None:
    room.ok("update", "failing over", "--public", "Some checkouts fail")
    assert fields(room)[-1] == "- Public: Some checkouts fail"
    room.ok("update", "done")
    assert not any("Public" in line for line in fields(room))


def test_no_change_repeats_the_last_update_with_a_new_time(room: Desk) -> None:
    room.ok(*FIRST)
    room.at("10:50")
    room.ok("update", "--no-change", "--next", "15m")
    assert fields(room) == [
        "Identified",
        "- Impact: 12 % of checkouts",
        "- Current Theory: pool",
        "- Actions in Progress: failing over",
        "- Next Update: 2026-05-14T11:05:00Z",
    ]
    result = room.ictl("update", "--no-change", "new words")
    assert result.code == 2
    assert result.err == "--no-change says that nothing is new: leave it out, or leave the rest out\n"


def test_the_next_update_is_told_in_both_readings_where_it_was_typed(room: Desk) -> None:
    room.zone = "Europe/Berlin"
    assert room.ok("update", "x", "--next", "12:45").out.endswith("update · next by 12:45 CEST = 10:45Z\n")
    assert room.ok("update", "x", "--next", "20m").out.endswith("update · next by 12:50 CEST = 10:50Z\n")
    assert "Next Update: 12:50 CEST = 10:50Z\n" in room.ok("update", "x", "--next", "20m").out
    assert room.ictl("update", "x", "--next", "-5m").code == 2
    assert room.ok("update", "x", "--next", "09:00").out.endswith("next by 15 May 09:00 CEST = 07:00Z\n")


def test_the_time_of_the_next_update_follows_the_severity(room: Desk) -> None:
    assert room.ok("update", "x").out.endswith("next by 11:00Z\n")
    room.ok("severity", "2", "only half")
    assert room.ok("update", "x").out.endswith("next by 11:30Z\n")
    room.ok("severity", "3", "only one")
    assert room.ok("update", "x").out.endswith("SEV3 update\n")


@pytest.mark.parametrize("word", ["identified", "Identified", "IDENTIFIED"])
def test_a_status_is_taken_in_any_case(room: Desk, word: str) -> None:
    room.ok("update", "x", "--status", word)
    assert "status: identified" in room.text()


@pytest.mark.parametrize(
    ("word", "hint"),
    [("identifed", "did you mean identified?"), ("closed", "it is one of investigating"), ("triage", "it is one of")],
)
def test_what_is_no_status_of_an_update_is_refused(room: Desk, word: str, hint: str) -> None:
    result = room.ictl("update", "x", "--status", word)
    assert result.code == 2
    assert hint in result.err


def test_after_a_mitigation_its_status_is_mitigated(room: Desk) -> None:
    room.ok(*FIRST)
    room.ok("mitigate", "failed over")
    room.ok("update", "watching")
    assert fields(room)[0] == "Mitigated"


def test_an_update_that_names_mitigated_or_resolved_counts_as_that(room: Desk) -> None:
    room.ok("update", "--status", "mitigated")
    assert "mitigated_at: 2026-05-14T10:30:00Z" in room.text()
    room.at("11:00")
    room.ok("update", "--status", "resolved", "all done")
    assert "resolved_at: 2026-05-14T11:00:00Z" in room.text()
    assert "status: resolved" in room.text()


def test_a_status_that_leads_back_is_recorded_and_does_not_count(room: Desk) -> None:
    room.ok("mitigate", "failed over")
    result = room.ok("update", "--status", "identified", "again")
    assert result.err == "warning: recorded; status stays mitigated: only `ictl reopen` leads back\n"
    assert "status: mitigated" in room.text()


def test_an_update_by_a_person_acknowledges(desk: Desk) -> None:
    desk.environ["INCIDENTCTL_AS"] = "@bot (agent)"
    desk.ok("open", "Disk fills up", "-s", "2")
    desk.ok("update", "cleaning up", "-i", "disk")
    assert "status: triage" in desk.text()
    del desk.environ["INCIDENTCTL_AS"]
    desk.ok("update", "cleaning up", "-i", "disk")
    assert "status: investigating" in desk.text()
    assert "acknowledged_at: 2026-05-14T10:06:00Z" in desk.text()


def test_copy_hands_the_update_to_the_terminal_and_does_not_print_it_twice(room: Desk) -> None:
    from base64 import b64decode

    result = room.ok("update", "failing over", "--copy", typed="")
    payload = result.err.partition("\x1b]52;c;")[2].partition("\x07")[0]
    assert b64decode(payload).decode().startswith("SEV1 Checkout latency\nStatus: Investigating\n")
    assert result.out == "10:30Z checkout-latency SEV1 update, copied for the channel · next by 11:00Z\n"


def test_without_a_terminal_copy_prints_the_update_and_says_so(room: Desk) -> None:
    room.ok("note", "on it")
    result = room.ok("update", "failing over", "--copy")
    assert result.err.startswith("there is no terminal to copy with: here is the update\n")
    assert result.out.startswith("SEV1 Checkout latency\nStatus: Investigating\n")
    assert "copied" not in result.out


def test_an_update_without_anything_is_asked_for_or_refused(room: Desk) -> None:
    assert room.ictl("update").code == 2
    room.ok("note", "on it")
    result = room.ok("update", typed="failing over\n")
    assert result.err.startswith("actions in progress: ")


def test_an_update_of_what_is_over_is_refused_with_the_way_out(room: Desk) -> None:
    room.ok("cancel", "--reason", "false_alarm")
    result = room.ictl("update", "x", "-i", "checkout")
    assert result.code == 2
    assert result.err == (
        "checkout-latency is canceled: reopen it first: ictl reopen 2026-05-14-checkout-latency WHY\n"
    )


def test_an_update_on_what_is_resolved_has_no_next_one(room: Desk) -> None:
    room.ok("resolve", "fixed")
    assert room.ok("update", "-i", "checkout", "the report follows").out.endswith("SEV1 update\n")
    assert fields(room)[0] == "Resolved"


def test_lines_of_a_field_stay_lines(room: Desk) -> None:
    room.ok("update", "-m", "first\n- Impact: fake\nthird", "--impact", "a\nb")
    out = room.ok("show").out
    assert "Actions in Progress: first\n" in out
    assert fields(room).count("- Impact: a") == 1
    room.ok("update", "--no-change")
    assert "impact" not in room.ok("show", "--json").json["incident"]
    details = room.ok("show", "--json").json["timeline"][-1]["details"]
    assert details["impact"] == "a\nb"
    assert details["actions"] == "first\n- Impact: fake\nthird"


def test_the_next_one_is_counted_from_the_time_of_an_update_that_is_put_in_afterwards(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "1", "--at", "2025-10-03T16:00Z")
    desk.ok("update", "failing over", "--at", "2025-10-03T16:30Z", "--next", "30m")
    assert "  - Next Update: 2025-10-03T17:00:00Z" in desk.text()
    desk.ok("update", "--no-change", "--at", "2025-10-03T16:40Z", "--next", "17:15")
    assert "  - Next Update: 2025-10-03T17:15:00Z" in desk.text()
