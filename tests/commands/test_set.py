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


# --------------------------------------------------------------------------------------------------------- repetitions


EARLIER = "2026-05-13-checkout-slow"


@pytest.fixture
def again(desk: Desk) -> Desk:
    """Checkout is slow as it was yesterday."""
    desk.ok("open", "Checkout slow", "-s", "2", "--at", "yesterday 10:00", "--resolved-at", "yesterday 11:00")
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.at("10:20")
    return desk


def test_an_incident_is_said_to_repeat_an_earlier_one(again: Desk) -> None:
    result = again.ok("set", f"repeat_of={EARLIER}")
    assert (result.out, result.err) == (f"10:20Z checkout-latency SEV2 set repeat_of {EARLIER}\n", "")
    assert again.ok("show", "--json").json["incident"]["repeat_of"] == EARLIER
    assert again.ok("set", "repeat-of=none").out == "10:20Z checkout-latency SEV2 set repeat_of none\n"
    assert "repeat_of" not in again.text(f"incidents/2026/05/{ID}.md")


def test_parts_of_an_id_name_the_earlier_one(again: Desk) -> None:
    assert again.ok("set", "repeat_of=checkout-slow").out.endswith(f"set repeat_of {EARLIER}\n")
    assert again.ictl("set", "repeat_of=checkout").code == 3
    assert again.ictl("set", "repeat_of=elsewhere").code == 3


def test_no_incident_repeats_itself(again: Desk) -> None:
    result = again.ictl("set", f"repeat_of={ID}")
    assert (result.code, result.out) == (2, "")
    assert "no repeat of itself" in result.err


def test_an_unknown_incident_is_recorded_with_a_warning_while_people_are_at_work_and_refused_later(again: Desk) -> None:
    unknown = "2025-12-01-login-down"
    result = again.ok("set", f"repeat_of={unknown}")
    assert result.err == f"warning: there is no incident {unknown}; recorded as typed\n"
    assert again.ok("show", "--json").json["incident"]["repeat_of"] == unknown
    again.ok("resolve", "done")
    assert again.ictl("set", ID, "repeat_of=2025-12-02-login-down").code == 3


def test_the_earlier_one_is_not_the_one_that_repeats(again: Desk) -> None:
    result = again.ok("set", EARLIER, f"repeat_of={ID}")
    assert "was declared later" in result.err


# --------------------------------------------------------------------------------------------------------- root causes


@pytest.fixture
def written(again: Desk) -> Desk:
    """Both have a post-mortem."""
    again.ok("resolve", "done")
    for name in (EARLIER, ID):
        again.ok("postmortem", "new", name, "--here")
    return again


def causes(desk: Desk) -> list[str]:
    return [desk.ok("postmortem", "show", name, "--json").json["root_cause"] for name in (EARLIER, ID)]


def test_a_root_cause_is_set_in_the_postmortem_alone(written: Desk) -> None:
    result = written.ok("set", ID, "root_cause=Pool size")
    assert (result.out, result.err) == ("post-mortem of checkout-latency root cause pool-size\n", "")
    assert causes(written) == [None, "pool-size"]
    assert written.touched() == [f"postmortems/2026/05/{ID}.md"]
    assert written.subjects()[0] == "checkout-latency: root cause pool-size"
    assert written.ok("set", ID, "root-cause=pool-size").out.endswith("root cause is pool-size already\n")
    assert written.ok("set", ID, "root_cause=none", "--json").json["root_cause"] is None


def test_a_root_cause_in_use_is_written_as_it_is_there(written: Desk) -> None:
    path = f"postmortems/2026/05/{EARLIER}.md"
    written.write(path, written.text(path).replace("root_cause:", 'root_cause: "Pool_Size"'))
    assert written.ok("set", ID, "root_cause=pool size").out.endswith("root cause Pool_Size\n")
    assert causes(written) == ["Pool_Size", "Pool_Size"]
    result = written.ok("set", ID, "root_cause=pool-sizes")
    assert result.err == "warning: root cause 'pool-sizes' is new; 'Pool_Size' is in use: is it the same?\n"


def test_a_root_cause_is_set_alone_and_whole(written: Desk) -> None:
    for words in (["root_cause=a", "team=shop"], ["root_cause+=a"], ["root_cause=a", "-m", "why"]):
        assert written.ictl("set", ID, *words).code == 2, words


def test_without_a_postmortem_the_way_to_one_is_told(again: Desk) -> None:
    result = again.ictl("set", "root_cause=pool-size")
    assert result.code == 3
    assert f"ictl postmortem new {ID}" in result.err


def test_a_dry_run_shows_the_root_cause_and_writes_nothing(written: Desk) -> None:
    before = written.subjects()
    assert "+root_cause: pool-size" in written.ok("set", ID, "root_cause=pool-size", "--dry-run").out
    assert written.subjects() == before
