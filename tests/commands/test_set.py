"""`set`: a time or a key put right after the fact."""

from pathlib import Path

import pytest

from tests.conftest import SETTINGS, Desk, new_desk

ID = "2026-05-14-checkout-latency"


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 that is under way."""
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.at("10:20")
    return desk


def last_entry(desk: Desk) -> str:
    """The newest entry, without its id."""
    return [line for line in desk.text().splitlines() if line.startswith("- ")][-1].partition(" <!--")[0]


def test_a_time_becomes_an_entry_and_is_told_in_both_readings(room: Desk) -> None:
    room.zone = "Europe/Berlin"
    result = room.ok("set", "started_at=11:51", "-m", "the graph says so")
    assert result.out == "10:20Z checkout-latency SEV2 set started_at 11:51 CEST = 09:51Z\n"
    assert last_entry(room) == (
        "- 2026-05-14T10:20:00Z **Set** started_at none → 2026-05-14T09:51:00Z: the graph says so — @ann"
    )
    assert "started_at: 2026-05-14T09:51:00Z" in room.text()
    room.ok("set", "started-at=-30m")
    assert "**Set** started_at 2026-05-14T09:51:00Z → 2026-05-14T09:50:00Z" in room.text()


def test_none_removes_a_time(room: Desk) -> None:
    room.ok("set", "detected_at=10:00")
    result = room.ok("set", "detected_at=none")
    assert result.out == "10:20Z checkout-latency SEV2 set detected_at none\n"
    assert "detected_at:" not in room.text().split("---")[1]


def test_several_at_once_are_one_commit(room: Desk) -> None:
    before = len(room.subjects())
    room.ok("set", "started_at=09:51", "detected_at=10:02", "affected_users=1200", "regions=eu-west-1,us-east-1")
    assert len(room.subjects()) == before + 1
    assert room.subjects()[0] == "checkout-latency: set started_at, detected_at, affected_users, regions"
    data = room.ok("show", "--json").json["incident"]
    assert data["affected_users"] == "1200"
    assert data["regions"] == ["eu-west-1", "us-east-1"]


def test_a_plain_key_is_no_entry(room: Desk) -> None:
    before = room.text().count("\n- ")
    result = room.ok("set", "team=shop")
    assert result.out == "10:20Z checkout-latency SEV2 set team shop\n"
    assert room.text().count("\n- ") == before
    assert result.err == ""
    assert room.ok("set", "team=none").out.endswith("set team none\n")
    assert "team:" not in room.text()


def test_a_value_needs_no_quotes(room: Desk) -> None:
    room.ok("set", "title=Checkout", "fails", "in", "eu", "team=shop")
    data = room.ok("show", "--json").json["incident"]
    assert data["title"] == "Checkout fails in eu"
    assert data["id"] == ID
    assert data["team"] == "shop"
    room.ok("set", "bridge=https://meet.example.org/x?a=b&c=d")
    assert room.ok("show", "--json").json["incident"]["bridge"] == "https://meet.example.org/x?a=b&c=d"


def test_lists_grow_and_shrink(room: Desk) -> None:
    def services() -> list[str]:
        return list(room.ok("show", "--json").json["incident"]["services"])

    room.ok("set", "services+=checkout")
    room.ok("set", "services+=payments,checkout", "services+=login")
    assert services() == ["checkout", "payments", "login"]
    room.ok("set", "services-=payments")
    assert services() == ["checkout", "login"]
    room.ok("set", "services=search")
    assert services() == ["search"]
    room.ok("set", "services-=search")
    assert services() == []
    assert "services:" not in room.text()


@pytest.mark.parametrize("pair", ["team+=x", "started_at+=10:00", "title-=x", "ticket+=1"])
def test_what_is_no_list_does_not_grow(room: Desk, pair: str) -> None:
    result = room.ictl("set", pair)
    assert result.code == 2
    assert "is no list: set it whole: ictl set" in result.err


def test_what_is_so_already_makes_no_commit(room: Desk) -> None:
    room.ok("set", "started_at=09:51", "team=shop")
    before = room.subjects()
    assert room.ok("set", "started_at=09:51", "team=shop").out.endswith("started_at, team is so already\n")
    assert room.subjects() == before


@pytest.mark.parametrize(
    ("key", "verb"),
    [
        ("status", "ictl update --status, mitigate, resolve, close, cancel or reopen"),
        ("severity", "ictl severity SEV"),
        ("commander", "ictl assign ic PERSON"),
        ("Tech-Lead", "ictl assign tl PERSON"),
        ("comms_lead", "ictl assign comms PERSON"),
        ("cancel_reason", "ictl cancel --reason REASON"),
    ],
)
def test_what_has_a_verb_of_its_own_names_the_verb(room: Desk, key: str, verb: str) -> None:
    result = room.ictl("set", f"{key}=x")
    assert result.code == 2
    assert result.err.endswith(f" is not set by hand: it has a verb of its own: {verb}\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "nothing to set: as in: ictl set started_at=09:51"),
        (("started_at",), "'started_at' is not KEY=VALUE"),
        (("1x=2",), "'1x=2' is not KEY=VALUE"),
        (("id=x",), "an incident's id never changes"),
        (("title=",), "a title cannot be empty"),
        (("started_at=",), "the time is empty"),
        (("started_at=25:00",), "'25:00' is not a time of day"),
        (("started_at=+2h",), "is not past"),
        (("team=x", "-m", "why"), "a reason stands beside a time alone"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    room: Desk, words: tuple[str, ...], message: str
) -> None:
    before = room.text()
    result = room.ictl("set", *words)
    assert result.code == 2
    assert message in result.err
    assert room.text() == before


def test_a_key_of_ones_own_is_set_as_typed_and_one_that_is_nearly_ours_is_a_warning(room: Desk) -> None:
    assert room.ok("set", "jira=OPS-1", "Vendor=ACME").err == ""
    assert "jira: OPS-1" in room.text()
    assert "Vendor: ACME" in room.text()
    result = room.ok("set", "affected_user=3")
    assert result.err == (
        "warning: 'affected_user' is none of our keys (did you mean affected_users?); set as a key of your own\n"
    )
    room.ok("set", "jira=none")
    assert "jira" not in room.text()


def test_an_end_before_its_beginning_is_recorded_with_a_warning(room: Desk) -> None:
    room.ok("resolve")
    room.ok("set", "started_at=10:10")
    result = room.ok("set", "resolved_at=10:05")
    assert result.err.startswith("warning: resolved_at 2026-05-14T10:05:00Z is before started_at 2026-05-14T10:10:00Z")
    assert room.ok("set", "team=shop").err == ""


def test_a_duplicate_is_named_by_a_part_of_its_id(room: Desk) -> None:
    room.ok("open", "Login fails", "-s", "2")
    room.ok("cancel", ID, "--reason", "false_alarm")
    room.ok("set", ID, "duplicate_of=login")
    assert "duplicate_of: 2026-05-14-login-fails" in room.text(room.files()[0])
    assert room.ictl("set", ID, "duplicate_of=nothing").code == 3


def test_services_are_written_as_the_settings_know_them(tmp_path: Path) -> None:
    services = '[[services]]\nname = "checkout"\naliases = ["shop"]\n'
    desk = new_desk(tmp_path, settings=SETTINGS + services)
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("set", "services+=SHOP")
    assert "services: [checkout]" in desk.text()
    assert "(did you mean checkout?)" in desk.ok("set", "services+=chekout").err


def test_a_time_that_is_declared_wrong_is_put_right(room: Desk) -> None:
    room.ok("set", "declared_at=10:00", "acknowledged_at=10:03")
    data = room.ok("show", "--json").json["incident"]
    assert (data["declared_at"], data["acknowledged_at"]) == ("2026-05-14T10:00:00Z", "2026-05-14T10:03:00Z")
    assert data["id"] == ID
