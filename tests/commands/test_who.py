"""Who says it: the identity of git, `--by`, `INCIDENTCTL_AS`, and machines."""

from pathlib import Path

import pytest

from tests.conftest import SETTINGS, Desk, new_desk

PEOPLE = (
    '[people]\n"Ann.Example@example.org" = "ann"\n"bob@example.org" = "bob"\n'
    '"bot@example.org" = { handle = "deploybot", agent = true }\n'
)


@pytest.fixture
def team(tmp_path: Path) -> Desk:
    """A repository that lists its people."""
    return new_desk(tmp_path, settings=SETTINGS + PEOPLE)


def identity(desk: Desk, mail: str) -> None:
    (desk.path.parent / "home" / "gitconfig").write_text(f"[user]\nname = Somebody\nemail = {mail}\n")


def author(desk: Desk) -> str:
    """The right side of the last entry."""
    last = [line for line in desk.text().splitlines() if line.startswith("- ")][-1]
    return last.rpartition(" — ")[2].partition(" <!--")[0]


@pytest.mark.parametrize(
    ("mail", "handle"),
    [
        ("ann.example@EXAMPLE.org", "@ann"),
        ("carol@example.org", "@carol"),
        ("carol.smith+ops@example.org", "@carol.smith+ops"),
    ],
)
def test_the_mail_gives_the_handle(team: Desk, mail: str, handle: str) -> None:
    identity(team, mail)
    team.ok("open", "Checkout latency", "-s", "2")
    assert author(team) == handle


def test_one_types_for_another(team: Desk) -> None:
    identity(team, "ann.example@example.org")
    team.ok("open", "Checkout latency", "-s", "2")
    team.ok("note", "--by", "@Bob", "restarted")
    assert author(team) == "@bob (noted by @ann)"
    team.ok("note", "--by", "carol", "restarted")
    assert author(team) == "@carol (noted by @ann)"
    for me in ("@ann", "me"):
        team.ok("note", "--by", me, "mine")
        assert author(team) == "@ann"
    team.environ["INCIDENTCTL_AS"] = "@bob"
    team.ok("note", "restarted")
    assert author(team) == "@bob (noted by @ann)"
    team.ok("note", "--by", "@carol", "said on the phone")
    assert author(team) == "@carol (noted by @bob)"
    data = team.ok("show", "--json").json["timeline"][-1]
    assert (data["by"], data["noted_by"], data["agent"]) == ("carol", "bob", False)


@pytest.mark.parametrize(("words", "environment"), [(("--by", "two words"), ""), (("--by", ""), ""), ((), "!!")])
def test_what_is_no_handle_is_refused(team: Desk, words: tuple[str, ...], environment: str) -> None:
    team.ok("open", "Checkout latency", "-s", "2")
    if environment:
        team.environ["INCIDENTCTL_AS"] = environment
    result = team.ictl("note", "x", *words)
    assert result.code == 2
    assert "is no handle" in result.err


def test_a_machine_opens_in_triage_until_a_human_takes_it(team: Desk) -> None:
    team.environ["INCIDENTCTL_AS"] = "@watchdog (agent)"
    result = team.ok("open", "Disk fills up", "-s", "2")
    assert "· in triage until a human takes it ·" in result.out
    assert result.out.splitlines()[1].startswith("next: acknowledge by 10:36Z `ictl ack`")
    assert author(team) == "@watchdog (agent)"
    assert "acknowledged_at" not in team.text()
    result = team.ok("ack", "-i", "disk")
    assert result.err == "warning: recorded; a machine's word is not an acknowledgement\n"
    team.ok("assign", "ic", "@bob", "-i", "disk")
    team.ok("update", "cleaning", "-i", "disk")
    assert "status: triage" in team.text()
    assert "acknowledged_at" not in team.text()
    del team.environ["INCIDENTCTL_AS"]
    team.ok("ack", "-i", "disk")
    assert "status: investigating" in team.text()
    assert "acknowledged_at: 2026-05-14T10:06:00Z" in team.text()


def test_a_machine_of_the_settings_is_one_by_its_identity_and_by_name(team: Desk) -> None:
    identity(team, "bot@example.org")
    team.ok("open", "Disk fills up", "-s", "2")
    assert author(team) == "@deploybot (agent)"
    identity(team, "ann.example@example.org")
    team.ok("note", "-i", "disk", "--by", "deploybot", "rolled back")
    assert author(team) == "@deploybot (noted by @ann) (agent)"


def test_what_a_machine_types_for_a_person_is_no_acknowledgement(team: Desk) -> None:
    team.environ["INCIDENTCTL_AS"] = "@watchdog (agent)"
    team.ok("open", "Disk fills up", "-s", "2")
    team.ok("ack", "-i", "disk", "--by", "@ann")
    assert author(team) == "@ann (noted by @watchdog) (agent)"
    assert "status: triage" in team.text()
    assert "acknowledged_at" not in team.text()


@pytest.mark.parametrize("person", ["me", "@watchdog", "@deploybot"])
def test_a_machine_is_never_a_commander(team: Desk, person: str) -> None:
    team.environ["INCIDENTCTL_AS"] = "@watchdog (agent)"
    team.ok("open", "Disk fills up", "-s", "2")
    result = team.ictl("assign", "-i", "disk", "ic", person)
    assert result.code == 2
    assert result.err.endswith("is a machine, and never a commander: name a person: ictl assign ic @PERSON\n")
    team.ok("assign", "-i", "disk", "tl", person)


def test_people_are_found_in_any_case_and_unknown_ones_are_a_warning(team: Desk) -> None:
    team.ok("open", "Checkout latency", "-s", "2")
    assert team.ok("assign", "ic", "@BOB").err == ""
    assert "commander: bob" in team.text()
    assert "(did you mean @bob?)" in team.ok("assign", "tl", "@bobb").err


def test_without_an_identity_the_words_are_saved(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    (desk.path.parent / "home" / "gitconfig").write_text("[user]\nuseConfigOnly = true\n")
    result = desk.ictl("note", "pool exhausted")
    assert result.code == 7
    assert "do not repeat the command: the next one that writes commits this" in result.err
    assert "pool exhausted" in desk.ok("show").out
