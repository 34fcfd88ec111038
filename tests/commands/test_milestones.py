"""`ack`, `mitigate`, `resolve`, `reopen`, `cancel`, `close`: the steps of the lifecycle."""

import pytest

from tests.conftest import Desk

ID = "2026-05-14-checkout-latency"


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 that is under way."""
    desk.ok("open", "Checkout latency", "-s", "2", "--detected-at", "-4m")
    desk.at("10:48")
    return desk


def entries(desk: Desk) -> list[str]:
    """The entries, without their ids."""
    return [line.partition(" <!--")[0] for line in desk.text().splitlines() if line.startswith("- ")]


def test_each_milestone_says_how_long_after_detection_it_was(room: Desk) -> None:
    assert (
        room.ok("mitigate", "failed", "over").out == "10:48Z checkout-latency SEV2 mitigated, 46 min after detection\n"
    )
    assert entries(room)[-1] == "- 2026-05-14T10:48:00Z **Mitigated** failed over — @ann"
    room.at("12:10")
    assert room.ok("resolve").out.splitlines()[0] == "12:10Z checkout-latency SEV2 resolved, 2h 8m after detection"


def test_without_a_detection_it_is_told_from_the_declaration(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.at("10:48")
    assert desk.ok("mitigate").out == "10:48Z checkout-latency SEV2 mitigated, 42 min after declaration\n"


def test_a_resolved_incident_says_what_is_missing(room: Desk) -> None:
    result = room.ok("resolve", "fixed")
    assert result.out.splitlines()[1] == (
        "missing: started_at `ictl set started_at=TIME` · mitigated_at `ictl set mitigated_at=TIME`"
        " · post-mortem by 21 May `ictl postmortem new`"
    )


@pytest.mark.parametrize("verb", ["ack", "mitigate", "resolve"])
def test_doing_what_is_done_makes_no_commit_keeps_the_words_and_refuses_another_time(room: Desk, verb: str) -> None:
    done = {"ack": "acknowledged", "mitigate": "mitigated", "resolve": "resolved"}[verb]
    at = "10:06Z" if verb == "ack" else "10:48Z"
    room.ok(verb)
    before = room.subjects()
    again = room.ok(verb, ID).out.splitlines()[0]
    assert again.startswith(f"10:48Z checkout-latency SEV2 {done} already, {at}")
    assert room.subjects() == before
    result = room.ok(verb, ID, "more", "words")
    assert result.out == "10:48Z checkout-latency SEV2 noted\n"
    assert result.err.startswith(f"warning: {done} already, {at}")
    assert entries(room)[-1] == "- 2026-05-14T10:48:00Z more words — @ann"
    before = room.subjects()
    result = room.ictl(verb, ID, "--at", "10:30")
    assert result.code == 2
    assert f"correct it with: ictl set {ID} {done}_at=2026-05-14T10:30:00Z" in result.err
    assert room.subjects() == before


def test_an_acknowledgement_says_who_had_it(room: Desk) -> None:
    assert room.ok("ack").out == "10:48Z checkout-latency SEV2 acknowledged already, 10:06Z by @ann\n"


def test_a_milestone_of_earlier_is_told_in_both_readings(room: Desk) -> None:
    room.zone = "Europe/Berlin"
    result = room.ok("mitigate", "--at", "12:30", "failed over")
    assert result.out == ("10:30Z checkout-latency SEV2 mitigated, 28 min after detection · at 12:30 CEST = 10:30Z\n")
    assert entries(room)[-1].endswith("**Mitigated** failed over (recorded 2026-05-14T10:48:00Z) — @ann")


def test_a_milestone_before_its_beginning_is_recorded_with_a_warning_said_once(room: Desk) -> None:
    room.ok("set", "started_at=10:00")
    result = room.ok("mitigate", "--at", "09:30")
    assert result.err.startswith(
        "warning: mitigated_at 2026-05-14T09:30:00Z is before detected_at 2026-05-14T10:02:00Z"
    )
    assert "ictl set mitigated_at=TIME" in result.err
    assert room.ok("update", "watching").err == ""
    assert "mitigated_at: 2026-05-14T09:30:00Z" in room.text()


def test_reopening_leads_back_from_what_is_over_and_becomes_the_current_one(room: Desk) -> None:
    room.ok("mitigate")
    room.ok("resolve")
    room.at("11:00")
    result = room.ok("reopen", "errors", "are", "back")
    assert result.out.splitlines()[0] == "11:00Z checkout-latency SEV2 reopened"
    assert entries(room)[-1] == "- 2026-05-14T11:00:00Z **Reopened** errors are back — @ann"
    text = room.text()
    assert "status: investigating" in text
    assert "resolved_at" not in text
    assert "mitigated_at" not in text
    assert room.ok("use").out == f"{ID}\n"
    room.ok("mitigate", "again")
    assert "mitigated_at: 2026-05-14T11:00:00Z" in room.text()


def test_reopening_is_legal_after_a_cancellation_and_a_mitigation(room: Desk) -> None:
    room.ok("cancel", "--reason", "false_alarm")
    room.ok("reopen", "it was one")
    assert "cancel_reason" not in room.text()
    room.ok("mitigate")
    room.ok("reopen", "not yet")
    assert "status: investigating" in room.text()


def test_reopening_what_is_open_makes_no_commit(room: Desk) -> None:
    before = room.subjects()
    result = room.ok("reopen")
    assert result.out == "10:48Z checkout-latency SEV2 checkout-latency is investigating: nothing to reopen\n"
    assert room.subjects() == before
    assert room.ok("reopen", "still", "there").out.endswith("noted\n")


def test_a_reopening_before_the_end_cannot_count(room: Desk) -> None:
    room.ok("resolve")
    room.at("11:00")
    result = room.ok("reopen", "errors", "--at", "10:30")
    assert result.err == "warning: recorded; it was resolved after that, and stays so\n"
    assert "status: resolved" in room.text()


def test_reopening_asks_why_on_a_terminal(room: Desk) -> None:
    room.ok("resolve")
    assert room.ok("reopen", typed="errors are back\n").err == "why: "


@pytest.mark.parametrize(
    ("words", "recorded"),
    [
        (("--reason", "false_alarm"), "false_alarm"),
        (("--reason", "False-Alarm", "the", "probe"), "false_alarm: the probe"),
        (("--reason", "not-an-incident"), "not_an_incident"),
        (("--duplicate-of", "login"), "duplicate of 2026-05-14-login-fails"),
        (("--reason", "duplicate", "--duplicate-of", "login"), "duplicate of 2026-05-14-login-fails"),
    ],
)
def test_a_cancellation_says_why(room: Desk, words: tuple[str, ...], recorded: str) -> None:
    room.ok("open", "Login fails", "-s", "2")
    room.ok("cancel", "-i", "checkout", *words)
    text = room.text(room.files()[0])
    assert f"**Canceled** {recorded} — @ann" in text
    assert "status: canceled" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "the reason is missing"),
        (("--reason", "boring"), "'boring' is no reason to cancel"),
        (("--reason", "duplicate"), "a duplicate of what"),
        (("--reason", "false_alarm", "--duplicate-of", "login"), "contradict each other"),
        (("--duplicate-of", "checkout"), "cannot be a duplicate of itself"),
        (("--duplicate-of", "nothing"), "there is no incident 'nothing'"),
    ],
)
def test_a_cancellation_that_makes_no_sense_is_refused(room: Desk, words: tuple[str, ...], message: str) -> None:
    room.ok("open", "Login fails", "-s", "2")
    before = room.subjects()
    result = room.ictl("cancel", "-i", "checkout", *words)
    assert result.code == (3 if "no incident" in message else 2)
    assert message in result.err
    assert room.subjects() == before


def test_the_reason_to_cancel_is_asked_for_on_a_terminal(room: Desk) -> None:
    result = room.ok("cancel", typed="false alarm\n")
    assert result.err == "reason (false_alarm, duplicate, not_an_incident): "
    assert "cancel_reason: false_alarm" in room.text()


def test_canceling_again_makes_no_commit(room: Desk) -> None:
    room.ok("cancel", "--reason", "false_alarm")
    before = room.subjects()
    room.ok("cancel", ID, "--reason", "false_alarm")
    assert room.subjects() == before


@pytest.mark.parametrize("verb", ["ack", "mitigate", "resolve", "update", "assign"])
def test_what_was_canceled_is_reopened_first(room: Desk, verb: str) -> None:
    room.ok("cancel", "--reason", "false_alarm")
    words = ("ic", "me") if verb == "assign" else ("words",)
    result = room.ictl(verb, ID, *words)
    assert result.code == 2
    assert result.err == f"checkout-latency is canceled: reopen it first: ictl reopen {ID} WHY\n"


# ----------------------------------------------------------------------------------------------------------- closing


def postmortem(desk: Desk, status: str) -> None:
    desk.write(f"postmortems/2026/05/{ID}.md", f"---\nincident: {ID}\nstatus: {status}\n---\n")


def test_closing_demands_a_resolved_incident(room: Desk) -> None:
    result = room.ictl("close")
    assert result.code == 2
    assert result.err == (
        f"checkout-latency is investigating, and only a resolved incident is closed: first: ictl resolve {ID}\n"
    )


def test_closing_demands_a_final_post_mortem_where_the_policy_does(room: Desk) -> None:
    room.ok("resolve", "fixed")
    result = room.ictl("close")
    assert result.code == 2
    assert result.err.startswith("a SEV2 is closed when its post-mortem is final, and its post-mortem is missing: ")
    assert f"postmortems/2026/05/{ID}.md" in result.err
    postmortem(room, "draft")
    assert "and its post-mortem is draft" in room.ictl("close").err
    postmortem(room, "final")
    assert room.ok("close").out.splitlines()[0] == "10:48Z checkout-latency SEV2 closed"
    assert "status: closed" in room.text()
    assert room.ok("close", ID).out.splitlines()[0] == "10:48Z checkout-latency SEV2 closed already, 10:48Z"


def test_closing_demands_none_of_a_minor_incident_of_a_drill_or_where_the_policy_does_not(desk: Desk) -> None:
    desk.ok("open", "Export fails", "-s", "3")
    desk.ok("resolve")
    desk.ok("close", "-i", "export")
    desk.ok("open", "Exercise", "-s", "1", "--drill")
    desk.ok("resolve")
    desk.ok("close", "-i", "exercise")
    settings = (desk.path / "incidentctl.toml").read_text()
    desk.write("incidentctl.toml", settings + "\n[policy]\nclose_requires_postmortem = false\n")
    desk.ok("open", "Checkout latency", "-s", "1")
    desk.ok("resolve")
    desk.ok("close", "-i", "checkout")
