"""`status` and `due`: what is open, the clocks that run, and what is overdue."""

import json
from pathlib import Path

import jsonschema
import pytest

from incidentctl.output.schemas import schema_of
from tests.alerts.payloads import group
from tests.conftest import SETTINGS, Desk, new_desk

CHECKOUT = "2026-05-14-checkout-latency"
OWN = '\n[[clock]]\nname = "authority"\nwords = "authority told"\ntag = "personal_data"\nfrom = "detected_at"\nwithin = "72h"\n'


def status(desk: Desk, *words: str) -> dict[str, object]:
    result = desk.ok("status", "--json", *words)
    jsonschema.validate(result.json, schema_of("status"))
    return dict(result.json)


def due(desk: Desk, *words: str, code: int = 1) -> list[tuple[str, str, str, int | None]]:
    """Each clock that is due: its incident's slug, its name, its state and the minutes that are left."""
    result = desk.ictl("due", "--json", *words)
    assert result.code == code, result.out + result.err
    jsonschema.validate(result.json, schema_of("due"))
    return [(each["incident"][11:], each["name"], each["state"], each["left"] // 60) for each in result.json["clocks"]]


def clocks(desk: Desk, incident: str = CHECKOUT) -> dict[str, str]:
    found = next(each for each in status(desk)["incidents"] if each["id"] == incident)  # type: ignore[attr-defined]
    return {each["name"]: each["state"] for each in found["clocks"]}


def test_status_tells_what_is_open_the_gravest_first_with_its_clocks(desk: Desk) -> None:
    desk.ok("open", "Search slow", "-s", "3", "--at", "09:00")
    desk.ok("open", "Login fails", "-s", "2", "--service", "login", "--commander", "bob", "--drill")
    desk.ok("open", "Checkout latency", "-s", "1", "--service", "checkout", "--detected-at", "-4m")
    desk.ok("open", "Typo in the footer", "-s", "4")
    desk.at("10:22")
    assert desk.ok("status").out == (
        "SEV1 2026-05-14-checkout-latency · investigating · 20 min, since 10:02Z\n"
        "  Checkout latency\n"
        "  no commander · checkout\n"
        "  ! commander    overdue 16 min    10:06Z  `ictl assign 2026-05-14-checkout-latency ic me`\n"
        "  ! management   overdue 1 min     10:21Z  `ictl note 2026-05-14-checkout-latency --done management WHO`\n"
        "  ! status page  overdue 1 min     10:21Z  `ictl note 2026-05-14-checkout-latency --done status_page LINK`\n"
        "    update       in 14 min         10:36Z  `ictl update 2026-05-14-checkout-latency`\n"
        "\n"
        "DRILL SEV2 2026-05-14-login-fails · investigating · 16 min, since 10:06Z\n"
        "DRILL   Login fails\n"
        "DRILL   commander @bob · login\n"
        "DRILL     update  in 44 min         11:06Z  `ictl update 2026-05-14-login-fails`\n"
        "\n"
        "SEV3 2026-05-14-search-slow · investigating · 1h 22m, since 09:00Z\n"
        "  Search slow\n"
        "  no commander\n"
        "\n"
        "SEV4 2026-05-14-typo-in-the-footer · investigating · 16 min, since 10:06Z · Typo in the footer\n"
    )


def test_in_80_columns_no_line_is_longer_and_half_a_command_is_none(desk: Desk) -> None:
    desk.environ["COLUMNS"] = "80"
    desk.ok("open", "Login fails", "-s", "2", "--at", "2026-05-13 10:00")
    desk.ok("open", "Checkout latency " * 9, "-s", "1", "--service", "checkout")
    desk.ok("use", "2026-05-13-login-fails")
    desk.at("10:30")
    lines = desk.ictl("status", typed="").out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[:2] == [
        "SEV1 2026-05-14-checkout-latency-checkout-latency-checkout-latency-checkout ·",
        "  investigating · 24 min, since 10:06Z",
    ]
    assert any(line.startswith("  ! status page  overdue 9 min") and "ictl" not in line for line in lines)
    below = desk.ictl("due", typed="").out.splitlines()
    assert "    `ictl note 2026-05-14-" in "\n".join(below) and any(
        line.endswith("--done management WHO`") for line in below
    )


def test_times_are_told_in_a_zone_where_one_is_named(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    assert "in 1h 0m" in desk.ok("status", "--tz", "Europe/Berlin").out
    assert "13:06" in desk.ok("status", "--tz", "Europe/Berlin").out


def test_nothing_open_is_said_and_nothing_due_is_silence(desk: Desk) -> None:
    assert desk.ok("status").out == "nothing is open\n"
    assert status(desk)["incidents"] == []
    result = desk.ok("due")
    assert (result.out, result.err) == ("", "")
    assert desk.ok("due", typed="").err == "nothing is overdue\n"
    assert due(desk, code=0) == []


def test_one_incident_is_meant_without_its_name(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "1")
    assert "`ictl assign ic me`" in desk.ok("status").out


def test_the_filters_choose_incidents(desk: Desk) -> None:
    desk.ok("open", "Login fails", "-s", "2", "--service", "login", "--team", "id", "--commander", "bob")
    desk.ok("open", "Checkout latency", "-s", "1", "--service", "checkout")

    def ids(*words: str) -> list[str]:
        return [each["id"][11:] for each in status(desk, *words)["incidents"]]  # type: ignore[attr-defined]

    assert ids("--severity", "1") == ["checkout-latency"]
    assert ids("--service", "login") == ids("--team", "id") == ["login-fails"]
    assert ids("--severity", "1-2") == ["checkout-latency", "login-fails"]
    desk.at("11:10")
    assert {each[0] for each in due(desk, "--severity", "2")} == {"login-fails"}
    assert {each[0] for each in due(desk, "--owner", "@Bob")} == {"login-fails"}
    assert due(desk, "--owner", "cleo", code=0) == []


def test_due_says_what_is_overdue_and_within_what_will_be(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "1", "--commander", "me")
    assert due(desk, code=0) == []
    assert due(desk, "--within", "15m") == [
        ("checkout-latency", "management", "running", 15),
        ("checkout-latency", "status_page", "running", 15),
    ]
    desk.at("10:22")
    assert due(desk) == [
        ("checkout-latency", "management", "overdue", -1),
        ("checkout-latency", "status_page", "overdue", -1),
    ]
    assert desk.ictl("due").out == (
        "overdue 1 min  SEV1  2026-05-14-checkout-latency  management   10:21Z  `ictl note --done management WHO`\n"
        "overdue 1 min  SEV1  2026-05-14-checkout-latency  status page  10:21Z  `ictl note --done status_page LINK`\n"
    )


def test_each_line_about_a_drill_says_so(desk: Desk) -> None:
    desk.ok("open", "Exercise", "-s", "1", "--drill", "--tag", "x")
    desk.at("11:00")
    assert all(line.startswith("DRILL ") for line in desk.ok("status").out.splitlines())
    assert all(line.startswith("DRILL overdue") for line in desk.ictl("due").out.splitlines())
    assert all(each["drill"] for each in desk.ictl("due", "--json").json["clocks"])


def test_a_length_that_is_none_is_refused(desk: Desk) -> None:
    result = desk.ictl("due", "--within", "soon")
    assert result.code == 2
    assert result.err == "--within is no length of time: 'soon': write it as 10m, 2h or 7d\n"


def test_what_is_over_is_due_until_its_post_mortem_is_published(desk: Desk) -> None:
    over = ("--at", "2026-05-04 10:00", "--resolved-at", "2026-05-04 11:00")
    desk.ok("open", "Login fails", "-s", "2", "--commander", "bob", *over)
    desk.ok("open", "Search slow", "-s", "3", *over)
    desk.ok("open", "Exercise", "-s", "1", "--drill", *over)
    assert [each[:3] for each in due(desk)] == [("login-fails", "postmortem", "overdue")]
    assert (
        "over, and still due:\n  overdue 2d 10h  SEV2  2026-05-04-login-fails  post-mortem  11 May\n"
        in desk.ok("status").out
    )
    assert "`ictl postmortem new 2026-05-04-login-fails`" in desk.ictl("due").out
    assert {each[0] for each in due(desk, "--owner", "bob")} == {"login-fails"}
    text = "---\nincident: 2026-05-04-login-fails\nstatus: {}\n---\n\n# Login fails\n"
    name = "postmortems/2026/05/2026-05-04-login-fails.md"
    desk.write(name, text.format("draft"))
    assert "`ictl postmortem publish 2026-05-04-login-fails`" in desk.ictl("due").out
    desk.write(name, text.format("final"))
    assert due(desk, code=0) == []


def test_action_items_are_due_at_the_end_of_their_day(desk: Desk) -> None:
    desk.write(
        "postmortems/2026/04/2026-04-04-login-fails.md",
        "---\nincident: 2026-04-04-login-fails\nstatus: final\n---\n\n# Login fails\n\n## Action Items\n\n"
        "- [ ] Add a canary — owner: @bob — due: 2026-05-13 <!-- a:7k2ps0 -->\n"
        "- [ ] Add an alert — owner: @ann — due: 2026-05-14 <!-- a:m4d0z1 -->\n"
        "- [x] Done before — owner: @ann — due: 2026-05-01 — done: 2026-05-02 <!-- a:m4d0z2 -->\n",
    )
    assert [each[:3] for each in due(desk)] == [("login-fails", "action_item", "overdue")]
    assert [each[:3] for each in due(desk, "--within", "1d")][1] == ("login-fails", "action_item", "running")
    assert "a:7k2ps0 Add a canary  13 May  `ictl action done a:7k2ps0`" in desk.ictl("due").out
    assert "1 action item is overdue: `ictl due`" in desk.ok("status").out
    assert due(desk, "--owner", "ann", code=0) == []
    assert due(desk, "--severity", "1", code=0) == []


def test_a_team_s_own_clock_runs_on_until_somebody_says_that_it_is_done(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, settings=SETTINGS + OWN)
    desk.ok("open", "Leak", "-s", "3", "--tag", "personal_data", "--detected-at", "-1h")
    assert "authority told by 2026-05-17 09:06Z `ictl note --done authority`" in desk.ok("show").out
    desk.ok("resolve", "closed the bucket")
    desk.wait(71 * 60)
    assert due(desk, code=0) == []
    desk.wait(10)
    assert due(desk) == [("leak", "authority", "overdue", -10)]
    assert desk.ok("note", "2026-05-14-leak", "--done", "authority", "called them").err == ""
    assert due(desk, code=0) == []


def test_a_clock_of_long_ago_on_what_is_over_is_no_news(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, settings=SETTINGS + OWN.replace('tag = "personal_data"\n', ""))
    desk.ok("open", "Old", "-s", "3", "--at", "2026-02-04 10:00", "--resolved-at", "2026-02-04 11:00")
    assert due(desk, code=0) == []
    desk.ok("open", "Recent", "-s", "3", "--at", "2026-05-04 10:00", "--resolved-at", "2026-05-04 11:00")
    assert [each[:2] for each in due(desk)] == [("recent", "authority")]


def test_an_unreadable_file_is_named_and_never_passed_over(desk: Desk) -> None:
    desk.write("incidents/2026/05/2026-05-14-broken.md", "---\nid: [\n---\n")
    for words in (("status",), ("due",)):
        result = desk.ictl(*words)
        assert result.code == 1
        assert "incidents/2026/05/2026-05-14-broken.md:" in result.err
    assert len(json.loads(desk.ictl("status", "--json").out)["unreadable"]) == 1


def test_words_from_the_record_are_only_words(desk: Desk) -> None:
    desk.ok("open", "a [red]title[/red] \x1b[31m\u202e here", "-s", "1")
    for words in (("status",), ("due", "--within", "1h")):
        out = desk.ictl(*words, typed="").out
        assert "\x1b" not in out and "\u202e" not in out
    assert "[red]title[/red]" in desk.ok("status").out


def test_what_was_late_when_it_was_recorded_is_no_news_to_who_records_it(desk: Desk) -> None:
    result = desk.ok("open", "Checkout latency", "-s", "1", "--at", "08:00", "--commander", "me")
    assert "status page now · update now" in result.out
    assert "was due" not in result.err
    assert "was due" not in desk.ok("note", "still at it").err
    assert clocks(desk)["status_page"] == "overdue"


def test_a_clock_that_ran_out_is_told_to_each_person_once(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2", "--commander", "me")
    desk.at("11:10")
    assert desk.ok("note", "pool exhausted").err == "warning: update was due 11:06Z: `ictl update`\n"
    assert desk.ok("note", "restarted").err == ""
    told = desk.ok("note", "looks better", "--by", "bob", "--json").json["warnings"]
    assert told == []  # ann types it, and knows
    desk.environ["INCIDENTCTL_AS"] = "@cleo"
    assert desk.ok("update", "scaling up").err == ""


@pytest.mark.parametrize("by_update", [True, False])
def test_a_sev1_with_one_update_missed_is_told_alike_by_status_due_the_warnings_and_the_figures(
    desk: Desk, by_update: bool
) -> None:
    desk.ok("open", "--from", "-", stdin=json.dumps(group()))
    incident = "2026-05-14-p99-above-4-s"
    assert clocks(desk, incident) == dict.fromkeys(("response", "update", "status_page", "management"), "running") | {
        "bridge": "met",
        "commander": "overdue",
    }
    desk.at("10:12")
    desk.ok("ack", incident)
    desk.ok("assign", "ic", "me")
    assert (clocks(desk, incident)["response"], clocks(desk, incident)["commander"]) == ("met", "met")
    desk.at("10:19")
    desk.ok("note", "--done", "management", "told the director")
    desk.at("10:20")
    assert due(desk, code=0) == []
    if by_update:
        desk.ok("update", "failing over", "--public", "We are looking into failing payments")
    else:
        desk.ok("note", "--done", "status_page", "https://status.example.org/1")
        desk.ok("update", "failing over")
    assert clocks(desk, incident)["status_page"] == "met"
    assert due(desk, "--within", "30m") == [("p99-above-4-s", "update", "running", 30)]
    desk.at("11:02")
    assert due(desk) == [("p99-above-4-s", "update", "overdue", -12)]
    assert "  ! update  overdue 12 min    10:50Z  `ictl update`\n    1 update\n" in desk.ok("status").out
    assert desk.ok("note", "db-4 is up").err == "warning: update was due 10:50Z: `ictl update`\n"
    desk.ok("update", "failed over", "--status", "mitigating")
    assert due(desk, code=0) == []
    found = status(desk)["incidents"][0]  # type: ignore[index]
    assert found["updates"] == {"count": 2, "intervals": 2, "late": 1}
    assert "    2 updates, 1 late\n" in desk.ok("status").out
    process = desk.ok("stats", "report", "--format", "json", "--period", "2026-05").json["process"]
    assert process["updates"] == 2
    assert (process["intervals"]["kept"], process["intervals"]["n"]) == (1, 2)
    assert (process["response"]["kept"], process["response"]["n"]) == (1, 1)
    assert (process["status_page"]["kept"], process["status_page"]["n"]) == (1, 1)
