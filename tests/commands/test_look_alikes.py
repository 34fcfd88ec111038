"""After a declaration at a terminal: the earlier incident that it looks like, from what the cache holds, or no word at all."""

import re

import pytest

from tests.conftest import Desk

EARLIER = "2026-05-13-checkout-latency-after-the-push"
LINE = f"looks like {EARLIER} (shared: latency, checkout): `ictl set repeat_of={EARLIER}`\n"
AGAIN = ("open", "Latency in the checkout", "-s", "2", "--service", "checkout")


@pytest.fixture
def record(desk: Desk) -> Desk:
    """A few incidents that are over, and a list of them that was looked at."""
    over = ("-s", "2", "--at", "yesterday 10:00", "--resolved-at", "yesterday 11:00", "--service")
    desk.ok("open", "Checkout latency after the push", *over, "checkout")
    desk.ok("open", "Login down", *over, "identity")
    desk.ok("open", "Search returns nothing", *over, "search")
    desk.ok("list")
    return desk


def test_at_a_terminal_the_earlier_one_is_told_with_the_line_to_type(record: Desk) -> None:
    result = record.ok(*AGAIN, typed="")
    assert result.err == LINE
    assert "looks like" not in result.out
    typed = re.search(r"`ictl (.*)`", result.err)
    assert typed is not None
    record.ok(*typed[1].split())
    assert record.ok("show", "--json").json["incident"]["repeat_of"] == EARLIER


@pytest.mark.parametrize("more", [["--drill"], ["--dry-run"], ["--json"]])
def test_drills_trials_and_programs_are_told_nothing(record: Desk, more: list[str]) -> None:
    assert "looks like" not in record.ok(*AGAIN, *more, typed="").err


def test_without_a_terminal_nothing_is_told(record: Desk) -> None:
    assert record.ok(*AGAIN).err == ""


def test_one_that_is_over_already_is_named_in_the_line(record: Desk) -> None:
    result = record.ok(*AGAIN, "--resolved-at", "10:06", typed="")
    assert f"`ictl set 2026-05-14-latency-in-the-checkout repeat_of={EARLIER}`" in result.err


def test_where_commands_mean_another_one_it_is_named_in_the_line(record: Desk) -> None:
    record.environ["INCIDENTCTL_INCIDENT"] = EARLIER
    assert "`ictl set 2026-05-14-latency-in-the-checkout repeat_of=" in record.ok(*AGAIN, typed="").err


def test_where_nothing_is_alike_nothing_is_told(record: Desk) -> None:
    assert record.ok("open", "Login of the printer", "-s", "2", "--service", "office", typed="").err == ""


@pytest.mark.parametrize("words", [["cancel", EARLIER, "--reason", "false_alarm"], ["set", EARLIER, "drill=true"]])
def test_what_was_none_is_not_told(record: Desk, words: list[str]) -> None:
    record.ok(*words)
    record.ok("list")
    assert record.ok(*AGAIN, typed="").err == ""


def test_what_is_gone_since_is_not_told(record: Desk) -> None:
    record.git("rm", "--quiet", f"incidents/2026/05/{EARLIER}.md")
    record.git("commit", "--quiet", "-m", "gone")
    assert record.ok(*AGAIN, typed="").err == ""


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"null"])
def test_without_a_sound_cache_nothing_is_told_and_nothing_goes_wrong(record: Desk, damage: bytes) -> None:
    cache = record.path / ".git" / "incidentctl" / "cache" / "incidents.json"
    cache.write_bytes(damage)
    assert record.ok(*AGAIN, typed="").err == ""
    cache.unlink()
    assert record.ok("open", "Checkout latency", "-s", "2", "--service", "checkout", typed="").err == ""
