"""`severity`: up is immediate, down leaves its reason."""

import pytest

from tests.conftest import Desk


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 that is under way."""
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.at("10:20")
    return desk


def last_entry(desk: Desk) -> str:
    """The newest entry, without its id."""
    return [line for line in desk.text().splitlines() if line.startswith("- ")][-1].partition(" <!--")[0]


def test_a_change_up_is_immediate_and_says_what_it_asks_for(room: Desk) -> None:
    result = room.ok("severity", "1")
    assert last_entry(room) == "- 2026-05-14T10:20:00Z **Severity** SEV2 → SEV1 — @ann"
    assert result.out.splitlines()[0] == "10:20Z checkout-latency SEV1 severity SEV2 → SEV1"
    assert "bridge https://meet.example.org/sev1" in result.out


def test_a_change_down_needs_a_reason(room: Desk) -> None:
    result = room.ictl("severity", "3")
    assert result.code == 2
    assert result.err == (
        "SEV2 → SEV3 is a change down, and leaves its reason on the record: say why: ictl severity SEV3 WHY\n"
    )
    room.ok("severity", "3", "a", "workaround", "exists")
    assert last_entry(room) == "- 2026-05-14T10:20:00Z **Severity** SEV2 → SEV3: a workaround exists — @ann"


def test_a_range_is_its_more_severe_end_and_no_reason_by_itself(room: Desk) -> None:
    room.ok("severity", "1-2", "payments", "too")
    assert last_entry(room).endswith("**Severity** SEV2 → SEV1: given as 1-2; payments too — @ann")
    assert room.ictl("severity", "2-3").code == 2
    room.ok("severity", "2-3", "-m", "only a few")
    assert last_entry(room).endswith("**Severity** SEV1 → SEV2: given as 2-3; only a few — @ann")


def test_what_is_so_already_makes_no_commit(room: Desk) -> None:
    before = room.subjects()
    assert room.ok("severity", "2").out == "10:20Z checkout-latency SEV2 severity is SEV2 already\n"
    assert room.ok("severity", "2-3").out == "10:20Z checkout-latency SEV2 severity is SEV2 already\n"
    assert room.subjects() == before
    room.ok("severity", "2", "still", "the", "same")
    assert last_entry(room) == "- 2026-05-14T10:20:00Z still the same — @ann"


def test_the_default_is_confirmed_by_naming_it(desk: Desk) -> None:
    desk.ok("open", "Checkout latency")
    assert "confirm SEV2" in desk.ok("show").out
    result = desk.ok("severity", "2")
    assert result.out.splitlines()[0] == "10:06Z checkout-latency SEV2 severity SEV2 confirmed"
    assert "confirm SEV2" not in desk.ok("show").out


def test_a_back_dated_change_that_cannot_count_is_recorded_and_says_what_stands(room: Desk) -> None:
    room.at("10:30")
    room.ok("severity", "3", "a workaround exists")
    room.at("10:40")
    result = room.ok("severity", "1", "--at", "10:25", "payments failed")
    assert result.err == "warning: recorded; severity stays SEV3 since 10:30Z\n"
    assert "severity: SEV3" in room.text()
    assert "- 2026-05-14T10:25:00Z **Severity** SEV2 → SEV1: payments failed (recorded" in room.text()
    assert room.ok("severity", "1", "--at", "10:25", "again", "--json").json["warnings"] == [
        "recorded; severity stays SEV3 since 10:30Z"
    ]


@pytest.mark.parametrize(("words", "code"), [((), 2), (("9",), 2), (("payments", "fail"), 2)])
def test_what_is_no_severity_is_refused(room: Desk, words: tuple[str, ...], code: int) -> None:
    assert room.ictl("severity", *words).code == code


def test_it_can_be_put_right_when_the_incident_is_over_and_not_when_it_was_none(room: Desk) -> None:
    room.ok("resolve", "fixed")
    room.ok("severity", "1", "-i", "checkout", "in hindsight")
    room.ok("cancel", "--reason", "false_alarm", "-i", "checkout")
    assert room.ictl("severity", "2", "-i", "checkout", "no").code == 2


def test_escalate_names_our_word(room: Desk) -> None:
    assert room.ictl("escalate", "1").err == "there is no command 'escalate' here: it is `ictl severity SEV`\n"
