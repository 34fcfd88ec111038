"""Times that people type: every form, in every zone that counts, and both readings in the answer."""

import pytest

from tests.conftest import Desk

ID = "2026-05-14-checkout-latency"


@pytest.fixture
def room(desk: Desk) -> Desk:
    """An incident since yesterday noon, at 12:30 in Berlin."""
    desk.zone = "Europe/Berlin"
    desk.ok("open", "Checkout latency", "-s", "3", "--at", "yesterday 12:00")
    desk.at("10:30")
    return desk


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("2026-05-14T10:20:00Z", "2026-05-14T10:20:00Z"),
        ("2026-05-14T12:20:00+02:00", "2026-05-14T10:20:00Z"),
        ("12:20", "2026-05-14T10:20:00Z"),
        ("12:20:30", "2026-05-14T10:20:30Z"),
        ("10:20Z", "2026-05-14T10:20:00Z"),
        ("-10m", "2026-05-14T10:20:00Z"),
        ("10m ago", "2026-05-14T10:20:00Z"),
        ("-1h30m", "2026-05-14T09:00:00Z"),
        ("now", "2026-05-14T10:30:00Z"),
        ("yesterday 18:00", "2026-05-13T16:00:00Z"),
        ("2026-05-14 12:20", "2026-05-14T10:20:00Z"),
        ("14 May 12:20", "2026-05-14T10:20:00Z"),
        ("12:32", "2026-05-14T10:32:00Z"),
        ("12:33", "2026-05-13T10:33:00Z"),
        ("6:20 am", "2026-05-14T04:20:00Z"),
    ],
)
def test_a_time_in_the_forms_that_people_type(room: Desk, typed: str, at: str) -> None:
    data = room.ok("note", "seen", f"--at={typed}", "--json").json
    assert data["entry"]["at"] == at
    assert data["entry"]["recorded_at"] == (None if at[11:16] in ("10:30",) else "2026-05-14T10:30:00Z")


def test_the_answer_prints_both_readings(room: Desk) -> None:
    assert room.ok("note", "x", "--at", "12:20").out == "10:20Z checkout-latency SEV3 noted · at 12:20 CEST = 10:20Z\n"
    assert room.ok("note", "x", "--at", "yesterday 18:00").out == (
        "2026-05-13 16:00Z checkout-latency SEV3 noted · at 13 May 18:00 CEST = 16:00Z\n"
    )
    assert room.ok("note", "x").out == "10:30Z checkout-latency SEV3 noted\n"
    assert room.ok("note", "x", "--at", "10:20", "--tz", "UTC").out == "10:20Z checkout-latency SEV3 noted\n"


def test_recorded_stands_where_the_writing_was_more_than_a_minute_later(room: Desk) -> None:
    room.ok("note", "soon", "--at", "12:29")
    room.ok("note", "late", "--at", "12:28")
    lines = {line.split()[2]: line for line in room.text().splitlines() if " soon " in line or " late " in line}
    assert "(recorded" not in lines["soon"]
    assert "(recorded 2026-05-14T10:30:00Z)" in lines["late"]


def test_the_option_comes_before_the_setting_and_that_before_the_machine(room: Desk) -> None:
    def at(*words: str) -> str:
        return str(room.ok("note", "x", "--at", "09:00", *words, "--json").json["entry"]["at"])

    assert at() == "2026-05-14T07:00:00Z"
    room.write("incidentctl.toml", '[store]\nbranch = "main"\n[time]\nzone = "Asia/Kolkata"\n')
    assert at() == "2026-05-14T03:30:00Z"
    assert at("--tz", "+03:00") == "2026-05-14T06:00:00Z"
    assert at("--tz", "Asia/Tokyo") == "2026-05-14T00:00:00Z"


@pytest.mark.parametrize(
    ("words", "message", "way_out"),
    [
        (("--at", "25:00"), "'25:00' is not a time of day", "write 10:48"),
        (("--at", "10:60"), "'10:60' is not a time of day", "write 10:48"),
        (("--at", "noon"), "'noon' is not a time", "write 10:48"),
        (("--at", ""), "the time is empty", "write 10:48"),
        (("--at", "2026-02-30 10:00"), "names a day that no calendar has: 2026-02-30", "write 10:48"),
        (("--at", "25m"), "is a length of time, not a moment", "write -25m"),
        (("--at", "+25m"), "is not past", "write 10:48"),
        (("--at", "tomorrow 10:00"), "is not past", "write 10:48"),
        (("--at", "1048"), "is not a time", "did you mean 10:48?"),
        (
            ("--at", "2025-10-26 02:30"),
            "is ambiguous in Europe/Berlin",
            "2025-10-26T00:30Z (CEST) or 2025-10-26T01:30Z",
        ),
        (("--at", "2026-03-29 02:30"), "does not exist in Europe/Berlin", "2026-03-29T00:30Z"),
        (("--tz", "Europe/Berln"), "there is no time zone 'Europe/Berln'", "did you mean Europe/Berlin?"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_the_way_out(
    room: Desk, words: tuple[str, ...], message: str, way_out: str
) -> None:
    before = room.subjects()
    result = room.ictl("note", "seen", *words)
    assert result.code == 2
    assert message in result.err
    assert way_out in result.err
    assert room.subjects() == before


def test_a_dangerous_hour_can_be_typed_by_the_name_of_its_time(room: Desk) -> None:
    assert room.ok("note", "x", "--at", "2025-10-26 02:30 CET", "--json").json["entry"]["at"] == "2025-10-26T01:30:00Z"
    error = room.ictl("note", "x", "--at", "2025-10-26 02:30", "--json").error
    assert error["candidates"] == ["2025-10-26T00:30Z", "2025-10-26T01:30Z"]


def test_the_next_update_is_ahead(room: Desk) -> None:
    def next_at(typed: str) -> str:
        return str(room.ok("update", "x", "--next", typed, "--json").json["entry"]["details"]["next_at"])

    assert next_at("30m") == "2026-05-14T11:00:00Z"
    assert next_at("+1h") == "2026-05-14T11:30:00Z"
    assert next_at("13:00") == "2026-05-14T11:00:00Z"
    assert next_at("12:00") == "2026-05-15T10:00:00Z"
    assert "is not ahead" in room.ictl("update", "x", "--next", "2026-05-14T10:00Z").err


def test_until_includes_the_day(desk: Desk) -> None:
    for day in (12, 13, 14):
        desk.ok("open", f"Day {day}", "-s", "3", "--at", f"2026-05-{day} 10:00" if day < 14 else "now")

    def days(*words: str) -> list[str]:
        return [row["id"][8:10] for row in desk.ok("list", "--json", *words).json["incidents"]]

    assert days("--until", "2026-05-13") == ["13", "12"]
    assert days("--since", "2026-05-13") == ["14", "13"]
    assert days("--since", "2026-05-13", "--until", "2026-05-13") == ["13"]
    assert days("--since", "yesterday") == ["14", "13"]
    assert days("--since", "2026-05") == ["14", "13", "12"]
    assert days("--until", "2026-04") == []
    assert days("--since", "26h") == ["14", "13"]
    assert days("--until", "2026-05-13T09:00Z") == ["12"]
    assert desk.ictl("list", "--since", "soon").code == 2


def test_a_state_without_a_time_is_never_before_what_it_saw(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "3")
    desk.ok("severity", "2", "--at", "10:08")
    entry = desk.ok("mitigate", "--json").json["entry"]
    assert entry["at"] == "2026-05-14T10:08:00Z"
