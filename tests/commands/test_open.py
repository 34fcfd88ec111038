"""`open`: the declaration, from one word to a finished incident in one command."""

from pathlib import Path

import pytest

from tests.conftest import SETTINGS, Desk, new_desk

TEAM = SETTINGS + (
    '[[services]]\nname = "checkout"\naliases = ["shop"]\n\n[[services]]\nname = "payments"\n\n'
    '[people]\n"ann@example.org" = "ann"\n"bob@example.org" = "bob"\n'
    '"bot@example.org" = { handle = "deploybot", agent = true }\n'
)


@pytest.fixture
def team(tmp_path: Path) -> Desk:
    """A repository whose settings list services and people."""
    return new_desk(tmp_path, settings=TEAM)


def front(desk: Desk) -> dict[str, str]:
    """The front matter, as text."""
    lines = desk.text().split("---\n")[1].splitlines()
    return dict(line.split(": ", 1) for line in lines)


def timeline(desk: Desk) -> list[str]:
    """The entries, without their ids."""
    lines = desk.text().split("## Timeline")[1].splitlines()
    return [line.partition(" <!--")[0] for line in lines if line.startswith("- ")]


def test_an_opening_needs_a_title_alone(desk: Desk) -> None:
    result = desk.ok("open", "Checkout", "latency")
    assert front(desk) == {
        "id": "2026-05-14-checkout-latency",
        "title": "Checkout latency",
        "severity": "SEV2",
        "status": "investigating",
        "declared_at": "2026-05-14T10:06:00Z",
        "acknowledged_at": "2026-05-14T10:06:00Z",
    }
    assert timeline(desk) == ["- 2026-05-14T10:06:00Z **Opened** SEV2, unconfirmed — @ann"]
    assert result.out == (
        "SEV2 2026-05-14-checkout-latency · #incident-2026-05-14-checkout-latency\n"
        "next: confirm SEV2 or change it `ictl severity SEV` · commander `ictl assign ic me` · update by 11:06Z\n"
    )


def test_declare_is_the_same(desk: Desk) -> None:
    desk.ok("declare", "Checkout latency", "-s", "1")
    assert front(desk)["severity"] == "SEV1"


@pytest.mark.parametrize(
    ("given", "severity", "said"),
    [
        ("1", "SEV1", "SEV1"),
        ("sev1", "SEV1", "SEV1"),
        ("SEV-3", "SEV3", "SEV3"),
        ("critical", "SEV1", "SEV1"),
        ("p2", "SEV2", "SEV2"),
        ("1-2", "SEV1", "SEV1, given as 1-2"),
        ("3-2", "SEV2", "SEV2, given as 3-2"),
        ("sev2?", "SEV2", "SEV2, given as sev2?"),
    ],
)
def test_an_uncertain_severity_is_taken_up(desk: Desk, given: str, severity: str, said: str) -> None:
    desk.ok("open", "Checkout latency", "-s", given)
    assert front(desk)["severity"] == severity
    assert timeline(desk) == [f"- 2026-05-14T10:06:00Z **Opened** {said} — @ann"]


def test_a_severity_that_is_not_on_the_scale_is_refused(desk: Desk) -> None:
    result = desk.ictl("open", "Checkout latency", "-s", "9")
    assert result.code == 2
    assert "'9' is not on the scale SEV1, SEV2, SEV3, SEV4" in result.err
    assert desk.files() == []


def test_the_severity_is_asked_for_on_a_terminal(desk: Desk) -> None:
    result = desk.ok("open", "Checkout latency", typed="1-2\n")
    assert "severity (SEV1, SEV2, SEV3, SEV4; in doubt as 1-2; empty: SEV2, unconfirmed): " in result.err
    assert timeline(desk) == ["- 2026-05-14T10:06:00Z **Opened** SEV1, given as 1-2 — @ann"]


def test_the_severity_is_asked_for_again_where_the_answer_is_none(desk: Desk) -> None:
    result = desk.ok("open", "Checkout latency", typed="9\nhigh\n3\n")
    assert result.err.count("is not on the scale") == 2
    assert front(desk)["severity"] == "SEV3"


@pytest.mark.parametrize("answer", ["\n", ""])
def test_no_answer_leaves_the_default_unconfirmed(desk: Desk, answer: str) -> None:
    desk.ok("open", "Checkout latency", typed=answer)
    assert timeline(desk) == ["- 2026-05-14T10:06:00Z **Opened** SEV2, unconfirmed — @ann"]


def test_title_and_severity_are_asked_for_on_a_terminal(desk: Desk) -> None:
    result = desk.ok("open", typed="Checkout latency\n2\n")
    assert result.err.startswith("what is wrong: severity (")
    assert front(desk)["title"] == "Checkout latency"


def test_without_a_terminal_a_missing_title_is_refused(desk: Desk) -> None:
    result = desk.ictl("open", "-s", "1")
    assert result.code == 2
    assert result.err.startswith("the text is missing: type it behind the command")


def test_nobody_is_asked_before_the_times_are_known_to_be_right(desk: Desk) -> None:
    result = desk.ictl("open", "Checkout latency", "--detected-at", "25:00", typed="1\n")
    assert result.code == 2
    assert "severity (" not in result.err


def test_every_option_ends_where_it_belongs(team: Desk) -> None:
    words = ["open", "Checkout latency", "-s", "2", "--service", "shop", "--service", "payments"]
    words += ["--summary", "p99 above 4 s", "--started-at", "09:51", "--detected-at", "10:02", "--commander", "@bob"]
    words += ["--bridge", "https://meet.example.org/x", "--tag", "deploy,db", "--tag", "db", "--team", "shop"]
    words += ["--external-id", "PD-123", "--slug", "Slow shop"]
    result = team.ok(*words)
    assert result.err == ""
    assert front(team) == {
        "id": "2026-05-14-slow-shop",
        "title": "Checkout latency",
        "severity": "SEV2",
        "status": "investigating",
        "services": "[checkout, payments]",
        "team": "shop",
        "tags": "[deploy, db]",
        "commander": "bob",
        "started_at": "2026-05-14T09:51:00Z",
        "detected_at": "2026-05-14T10:02:00Z",
        "declared_at": "2026-05-14T10:06:00Z",
        "acknowledged_at": "2026-05-14T10:06:00Z",
        "bridge": "https://meet.example.org/x",
        "external_id": "PD-123",
    }
    assert timeline(team) == [
        "- 2026-05-14T10:06:00Z **Opened** SEV2, impact from 2026-05-14T09:51:00Z, detected 2026-05-14T10:02:00Z:"
        " p99 above 4 s — @ann",
        "- 2026-05-14T10:06:00Z **Commander** @bob — @ann",
    ]
    assert "· impact from 09:51Z · detected 10:02Z ·" in result.out


def test_a_finished_incident_is_recorded_in_one_command(desk: Desk) -> None:
    result = desk.ok(
        *("open", "Search slow", "-s", "3", "--at", "yesterday 10:05", "--started-at", "yesterday 10:00"),
        *("--detected-at", "yesterday 10:04", "--mitigated-at", "yesterday 10:40", "--resolved-at", "yesterday 11:30"),
    )
    assert front(desk) == {
        "id": "2026-05-13-search-slow",
        "title": "Search slow",
        "severity": "SEV3",
        "status": "resolved",
        "started_at": "2026-05-13T10:00:00Z",
        "detected_at": "2026-05-13T10:04:00Z",
        "declared_at": "2026-05-13T10:05:00Z",
        "acknowledged_at": "2026-05-13T10:05:00Z",
        "mitigated_at": "2026-05-13T10:40:00Z",
        "resolved_at": "2026-05-13T11:30:00Z",
    }
    assert desk.files() == ["incidents/2026/05/2026-05-13-search-slow.md"]
    assert len(desk.subjects()) == 2
    assert all(line.endswith("(recorded 2026-05-14T10:06:00Z) — @ann") for line in timeline(desk))
    assert "· mitigated 13 May 10:40Z · resolved 13 May 11:30Z ·" in result.out
    assert desk.ok("use").err.startswith("no current incident")


def test_a_finished_incident_that_is_declared_only_now_says_how_to_declare_it_then(desk: Desk) -> None:
    result = desk.ok("open", "Search slow", "-s", "3", "--resolved-at", "yesterday 11:30")
    assert "warning: declared now, after it was resolved: with --at TIME it is declared when it was\n" in result.err


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (("--started-at", "10:00", "--resolved-at", "09:00"), "resolved_at 2026-05-14T09:00:00Z is before started_at"),
        (("--started-at", "10:00", "--detected-at", "09:00"), "detected_at 2026-05-14T09:00:00Z is before started_at"),
        (("--mitigated-at", "10:00", "--resolved-at", "09:00"), "resolved_at 2026-05-14T09:00:00Z is before mitigated"),
        (("--detected-at", "10:00", "--mitigated-at", "09:00"), "mitigated_at 2026-05-14T09:00:00Z is before detected"),
    ],
)
def test_an_end_before_its_beginning_is_refused(desk: Desk, times: tuple[str, ...], message: str) -> None:
    result = desk.ictl("open", "Search slow", "-s", "3", *times)
    assert result.code == 2
    assert result.err.startswith(message)
    assert "nothing was written" in result.err
    assert desk.files() == []


def test_an_unknown_service_is_recorded_with_a_warning(team: Desk) -> None:
    result = team.ok("open", "Checkout latency", "-s", "2", "--service", "chekout")
    assert result.err == (
        "warning: service 'chekout' is not in the settings (did you mean checkout?); recorded as it is\n"
    )
    assert front(team)["services"] == "[chekout]"


def test_an_unknown_person_is_recorded_with_a_warning(team: Desk) -> None:
    result = team.ok("open", "Checkout latency", "-s", "2", "--commander", "@bobb")
    assert result.err == "warning: @bobb is not in [people] (did you mean @bob?); recorded as typed\n"
    assert front(team)["commander"] == "bobb"


def test_a_machine_is_never_the_commander_and_the_opening_is_not_lost(team: Desk) -> None:
    result = team.ok("open", "Checkout latency", "-s", "2", "--commander", "@DeployBot")
    assert result.err.startswith("warning: @deploybot is a machine, and never a commander: opened without one")
    assert "commander" not in front(team)


def test_what_is_no_handle_is_no_commander(desk: Desk) -> None:
    result = desk.ictl("open", "Checkout latency", "-s", "2", "--commander", "bob the builder")
    assert result.code == 2
    assert result.err == "'bob the builder' is no person: write a handle as @ann, or `me`\n"


def test_the_same_title_twice_gives_a_second_id_and_says_how_to_join_them(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    result = desk.ok("open", "Checkout latency", "-s", "2")
    assert result.out.startswith("SEV2 2026-05-14-checkout-latency-2 · #incident-2026-05-14-checkout-latency-2\n")
    assert result.err == (
        "there is a 2026-05-14-checkout-latency already: if it is the same one, "
        "ictl cancel 2026-05-14-checkout-latency-2 --duplicate-of 2026-05-14-checkout-latency\n"
    )
    desk.ok("open", "Checkout latency", "-s", "2")
    assert [Path(name).stem[11:] for name in desk.files()] == [
        "checkout-latency-2",
        "checkout-latency-3",
        "checkout-latency",
    ]


def test_a_drill_is_marked_on_every_line(desk: Desk) -> None:
    assert desk.ok("open", "Failover exercise", "-s", "2", "--drill").out.startswith("DRILL SEV2 ")
    assert front(desk)["drill"].strip('"') == "true"
    for words in (
        ("note", "x"),
        ("ack",),
        ("update", "x"),
        ("severity", "1"),
        ("assign", "ic", "me"),
        ("mitigate",),
        ("list",),
        ("show",),
        ("search", "failover"),
        ("resolve",),
        ("reopen",),
        ("undo",),
        ("set", "team=x"),
        ("cancel", "--reason", "not-an-incident"),
    ):
        first = desk.ok(*words, *(("-i", "failover") if words[0] not in ("list", "search", "show") else ())).out
        assert first.startswith("DRILL "), words
        assert all(line.startswith("DRILL ") for line in first.splitlines() if "failover-exercise SEV" in line), words


def test_a_ticket_has_no_clocks(desk: Desk) -> None:
    result = desk.ok("open", "Logo is blurred", "-s", "4")
    assert result.out.splitlines()[1] == "next: ticket `ictl set ticket=URL`"


def test_i_makes_no_sense_for_an_opening(desk: Desk) -> None:
    assert desk.ictl("open", "Checkout latency", "-i", "x").code == 2
