"""What `watch` shows: it fits the screen, says what matters most in large digits, and stands in black and white."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.clocks import ClockPolicy, clocks_of
from incidentctl.incident.entries import Entry, Milestone, Note, Opened, Reached, RoleChange, What
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.output.listing import Told, width_of
from incidentctl.output.overview import OpenIncident, Overview
from incidentctl.output.wall import Line, Style, View, countdown, ran_out, wall
from tests.strategies import START, texts

POLICY = ClockPolicy()


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def on(minute: float, what: What, text: str = "", number: int = 0) -> Entry:
    return Entry(at(minute), what, text, author="ann", id=f"{int(minute):04d}{number:02d}")


def opened(slug: str, title: str, *entries: Entry, now: float = 10) -> OpenIncident:
    incident = Incident(f"2026-05-14-{slug}", title, entries, fold(entries))
    return OpenIncident(incident, tuple(clocks_of(incident, POLICY, at(now))))


def checkout(*more: Entry, now: float = 10) -> OpenIncident:
    first = (on(0, Opened("SEV1")), on(0, RoleChange("commander", "ann"), number=1))
    return opened("checkout-latency", "Checkout latency", *first, *more, now=now)


def login(now: float = 10) -> OpenIncident:
    return opened("login-fails", "Login fails", on(2, Opened("SEV2")), now=now)


def view(*shown: OpenIncident, now: float = 10, **more: object) -> View:
    overview = Overview(shown, as_of=more.pop("as_of", None))  # type: ignore[arg-type]
    return View(overview, Told(at(now), None), "incidents", grave=frozenset({"SEV1"}), **more)  # type: ignore[arg-type]


def plain(lines: list[Line]) -> list[str]:
    return ["".join(part.text for part in line).rstrip() for line in lines]


def styles_of(lines: list[Line], words: str) -> set[Style]:
    return {part.style for line in lines for part in line if words in part.text}


def test_it_shows_the_gravest_large_and_the_others_in_a_line() -> None:
    lines = plain(wall(view(checkout(), login()), width=80, height=24))
    assert len(lines) == 24
    assert lines[0].startswith(" incidents · 2 open") and lines[0].endswith("10:10:00Z")
    assert lines[1].startswith(" SEV1  Checkout latency") and lines[1].endswith("INVESTIGATING")
    assert "commander @ann" in lines[2]
    assert [line[-6:] for line in lines[4:7]] == ["GEMENT", "10:15Z", "nt WHO"]
    assert any(
        line.startswith(" SEV2  Login fails · investigating") and line.endswith("update in 52 min") for line in lines
    )
    assert lines[-1] == " q quit · ↑ ↓ another · r look now · m bell off"


def test_the_chosen_one_is_shown_large_instead() -> None:
    lines = plain(wall(view(checkout(), login(), chosen="2026-05-14-login-fails"), width=80, height=24))
    assert lines[1].startswith(" SEV2  Login fails")
    assert any(line.startswith(" SEV1  Checkout latency · investigating") for line in lines)


def test_where_there_is_room_more_than_one_is_shown_large() -> None:
    lines = plain(wall(view(checkout(), login()), width=160, height=45))
    assert lines[1].startswith(" SEV1  Checkout latency") and lines[1].endswith("INVESTIGATING")
    assert sum(line.startswith(" SEV2  Login fails") and line.endswith("INVESTIGATING") for line in lines) == 1


def test_the_last_entries_are_below_with_the_latest_last_and_new_ones_stand_out() -> None:
    notes = [on(number, Note(), f"note {number}") for number in range(1, 9)]
    each = checkout(*notes)
    came = {(each.incident.id, entry.id): at(-500) for entry in each.incident.entries}
    came[each.incident.id, notes[-1].id] = at(9.5)
    lines = wall(view(each, came=came), width=80, height=24)
    told = [line for line in plain(lines) if "Z  note " in line]
    assert told[-1] == " 10:08Z  note 8  @ann"
    assert told == sorted(told)
    assert styles_of(lines, "note 8") == {Style.BOLD}
    assert styles_of(lines, "note 7") == {Style.PLAIN}


def test_what_has_run_out_stands_out_by_a_mark_as_well_as_by_style() -> None:
    lines = wall(view(checkout(now=31), now=31), width=80, height=24)
    assert "3 overdue" in plain(lines)[0] or "4 overdue" in plain(lines)[0]
    overdue = [line for line in lines if any("overdue" in part.text and part.style is Style.ALERT for part in line)]
    assert all("!" in "".join(part.text for part in line) for line in overdue[1:])
    assert len(overdue) >= 3


def test_one_that_will_run_out_soon_is_a_warning() -> None:
    assert Style.WARN in styles_of(wall(view(checkout(now=12), now=12), width=80, height=24), " status page")


def test_nothing_open_is_said() -> None:
    assert "  nothing is open" in plain(wall(view(), width=80, height=24))


def test_what_went_wrong_and_how_old_it_is_stand_at_the_foot() -> None:
    lines = wall(view(checkout(), as_of="as of 10:02Z, offline"), width=120, height=24)
    assert plain(lines)[-1].endswith("as of 10:02Z, offline")
    lines = wall(view(checkout(), notice="the file cannot be read " * 9), width=80, height=24)
    assert plain(lines)[-1].startswith(" the file cannot be read")


@pytest.mark.parametrize(
    ("minute", "shown"),
    [(0, "15:00"), (14.5, "00:30"), (15.5, "+00:30"), (100, "+1h25"), (-2000, "1d 09h"), (60 * 49, "+2d 00h")],
)
def test_the_countdown(minute: float, shown: str) -> None:
    each = opened("x", "X", on(0, Opened("SEV1")), now=minute)
    clock = next(clock for clock in each.clocks if clock.name == "status_page")
    assert countdown(clock, at(minute)) == shown


def test_a_clock_rings_once_and_again_when_it_is_another_one() -> None:
    early, late = Overview((checkout(now=14),)), Overview((checkout(now=16),))
    assert {name for _, name, _ in ran_out(late) - ran_out(early)} == {"status_page", "management", "bridge"}
    assert ran_out(late) - ran_out(late) == frozenset()


def test_words_of_the_record_move_no_cursor() -> None:
    each = opened("x", "a\x1b[2J\u202e\ntitle\x07", on(0, Opened("SEV1"), "\x1b]0;x\x07"), now=5)
    text = "\n".join(plain(wall(view(each), width=80, height=24)))
    assert not {"\x1b", "\u202e", "\x07"} & set(text)


@given(st.lists(texts, max_size=4), st.integers(1, 170), st.integers(1, 50), st.integers(0, 5000))
def test_it_always_fits(words: list[str], width: int, height: int, now: int) -> None:
    shown = [
        opened(f"x{number}", word, on(0, Opened("SEV1"), word), on(1, Note(), word), now=now)
        for number, word in enumerate(words)
    ]
    lines = wall(view(*shown, now=now), width=width, height=height)
    assert len(lines) <= height
    assert all(sum(width_of(part.text) for part in line) <= width for line in lines)


def test_a_milestone_is_told_in_capitals() -> None:
    each = checkout(on(5, Reached(Milestone.MITIGATED), "failed over"))
    assert any("MITIGATED failed over" in line for line in plain(wall(view(each), width=80, height=24)))
