"""What `watch` shows: a screen of styled lines, to be read across a room. Value to text; knows no escape sequence, prints nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple

from msgspec import Struct

from incidentctl.incident.clocks import Clock, ClockState
from incidentctl.incident.entries import Entry
from incidentctl.incident.lifecycle import withdrawn_ids
from incidentctl.incident.model import DRILL
from incidentctl.incident.words import show_safely
from incidentctl.output.listing import Told, cut, entry_words, width_of
from incidentctl.output.overview import (
    OpenIncident,
    Overview,
    clock_words,
    heading,
    people,
    updates_words,
    when_due,
)

SOON = timedelta(minutes=5)
"""From then on a clock that still runs stands out."""
FRESH = timedelta(minutes=1)
"""For so long an entry that came in stands out."""

_LEAST_LARGE = 14
"""Lines that an incident needs to be shown large."""

_GLYPHS = {
    "0": ("█▀▀█", "█  █", "█▄▄█"),
    "1": (" ▄█ ", "  █ ", " ▄█▄"),
    "2": ("▀▀▀█", "█▀▀▀", "█▄▄▄"),
    "3": ("▀▀▀█", " ▀▀█", "▄▄▄█"),
    "4": ("█  █", "▀▀▀█", "   █"),
    "5": ("█▀▀▀", "▀▀▀█", "▄▄▄█"),
    "6": ("█▀▀▀", "█▀▀█", "█▄▄█"),
    "7": ("▀▀▀█", "   █", "   █"),
    "8": ("█▀▀█", "█▀▀█", "█▄▄█"),
    "9": ("█▀▀█", "▀▀▀█", "▄▄▄█"),
    ":": (" ", "▀", "▀"),
    "+": ("    ", " ▄█▄", "  ▀ "),
    "-": ("    ", "▀▀▀▀", "    "),
    "d": ("   █", "█▀▀█", "█▄▄█"),
    "h": ("█   ", "█▀▀█", "█  █"),
    " ": ("  ", "  ", "  "),
}
"""Digits three lines high, for the one clock that matters most."""


class Style(Enum):
    """How a part of a line stands out; each can be told without colour."""

    PLAIN = auto()
    DIM = auto()
    BOLD = auto()
    BAND = auto()
    GRAVE = auto()
    ALERT = auto()
    WARN = auto()


class Part(NamedTuple):
    """Some text in one style."""

    text: str
    style: Style = Style.PLAIN


Line = tuple[Part, ...]


class View(Struct, frozen=True):
    """What there is to show. `came` says when entries that came in while somebody watched were seen first.

    `chosen` is the incident that is shown large, the gravest where it is none that is open; `notice` is what went wrong.
    """

    overview: Overview
    told: Told
    place: str
    chosen: str | None = None
    came: dict[tuple[str, str], datetime] = {}
    grave: frozenset[str] = frozenset()
    notice: str | None = None
    is_muted: bool = False


def ids(overview: Overview) -> list[str]:
    """The incidents that can be shown large, in their order."""
    return [each.incident.id for each in overview.open]


def ran_out(overview: Overview) -> frozenset[tuple[str, str, datetime]]:
    """The clocks that have run out, each by what makes it another one: a bell rings for what is new among them."""
    return frozenset(
        (clock.incident, clock.name, clock.due_at)
        for each in overview.open
        for clock in each.clocks
        if clock.state is ClockState.OVERDUE
    )


def wall(view: View, *, width: int, height: int) -> list[Line]:
    """The screen, line by line: never more lines than its height, never wider than its width."""
    overview = view.overview
    chosen = next((each for each in overview.open if each.incident.id == view.chosen), None)
    chosen = chosen or (overview.open[0] if overview.open else None)
    head = [_header(view, width)]
    foot = [_footer(view, width)]
    room = height - len(head) - len(foot)
    body: list[Line] = []
    if chosen is None:
        body += [(), (Part("  nothing is open", Style.BOLD),)]
    others = [each for each in overview.open if each is not chosen]
    # As many as have room are shown large, the chosen one first; the others have a line each.
    large = [chosen, *others[: max(0, (room - 1) // _LEAST_LARGE - 1)]] if chosen is not None else []
    below = _others(view, [each for each in others if each not in large], width, most=max(1, room // 5))
    for number, each in enumerate(large):
        left = (room - len(below) - len(body)) // (len(large) - number)
        lines = _large(view, each, width, left - (number < len(large) - 1))
        body += [*lines, ()] if number < len(large) - 1 else lines
    body += [()] * (room - len(body) - len(below)) + below
    lines = [_fitted(line, width) for line in (*head, *body[:room])]
    lines += [()] * (height - len(lines) - len(foot))
    return [*lines[: max(0, height - len(foot))], *(_fitted(line, width) for line in foot)][:height]


def _header(view: View, width: int) -> Line:
    overview, told = view.overview, view.told
    parts = [f"{len(overview.open)} open"]
    parts += [f"{overview.overdue} overdue"] if overview.overdue else []
    parts += [f"{len(overview.tickets)} ticket{'s'[: len(overview.tickets) > 1]}"] if overview.tickets else []
    left = f" {view.place} · {' · '.join(parts)}"
    right = f"{told.clock(told.now)[:-1] if not told.is_local else told.clock(told.now)}:{told.now:%S}"
    right += " " if told.is_local else "Z "
    left = cut(left, max(0, width - len(right) - 1))
    gap = max(1, width - width_of(left) - len(right))
    style = Style.ALERT if overview.overdue else Style.BAND
    return (Part(left, style), Part(" " * gap, style), Part(right, style))


def _footer(view: View, width: int) -> Line:
    bell = "m bell on" if view.is_muted else "m bell off"
    keys = " q quit · ↑ ↓ another · r look now · " + bell
    said = view.notice or view.overview.as_of or ""
    if not said:
        return (Part(cut(keys, width), Style.DIM),)
    said = cut(" ".join(said.split()), max(10, width - 2))
    gap = width - width_of(keys) - width_of(said) - 1
    if gap < 2:
        return (Part(f" {said}", Style.WARN),)
    return (Part(keys + " " * gap, Style.DIM), Part(said, Style.WARN), Part(" "))


def _large(view: View, each: OpenIncident, width: int, room: int) -> list[Line]:
    """One incident: a band, who is at work, the clock that matters most in large digits, the others, the last entries."""
    told, incident = view.told, each.incident
    severity = incident.state.severity or ""
    band = Style.GRAVE if severity in view.grave else Style.BAND
    drill = DRILL if incident.is_drill else ""
    title = " ".join(incident.title.split())
    status = incident.state.status.value.upper() if incident.state.status else ""
    right = f"{status} "
    left = cut(f" {drill}{severity}  {title}", max(10, width - len(right) - 2))
    lines: list[Line] = [
        (Part(left + " " * max(1, width - width_of(left) - width_of(right)) + right, band),),
        (Part(f" {heading(each, told).partition(' · ')[2]} · {people(incident)}"),),
    ]
    running = each.running
    if running and room >= 12:
        lines += [(), *_digits(running[0], told, scale=2 if room >= 20 and width >= 100 else 1, width=width), ()]
        rest = running[1:]
    else:
        rest = running
        lines.append(())
    size = max((width_of(clock.words) for clock in rest), default=0)
    lines += [_clock_line(clock, told, size, width) for clock in rest[: max(1, room - len(lines) - 3)]]
    if each.updates:
        lines.append((Part(f"   {updates_words(each)}", Style.DIM),))
    left_over = room - len(lines) - 1
    if left_over >= 2:
        words = f"── {incident.id} "
        lines.append((Part(words + "─" * max(0, width - width_of(words)), Style.DIM),))
        lines += _tail(view, each, width, left_over)
    if incident.is_drill:
        lines = [_marked(line) for line in lines]
    return lines


def _marked(line: Line) -> Line:
    """A line about a drill says so."""
    text = "".join(part.text for part in line)
    return (
        line
        if not text.strip() or text.strip().startswith(DRILL.strip())
        else (Part(f" {DRILL.strip()}", Style.DIM), *line)
    )


def _style_of(clock: Clock, now: datetime) -> Style:
    if clock.state is ClockState.OVERDUE:
        return Style.ALERT
    return Style.WARN if clock.due_at - now <= SOON else Style.PLAIN


def _digits(clock: Clock, told: Told, *, scale: int, width: int) -> list[Line]:
    """How long it still runs, or has run out: minutes and seconds, with what it is beside it. Twice as large with a `scale` of 2."""
    style = _style_of(clock, told.now)
    text = countdown(clock, told.now)
    rows = ["".join(f"{_GLYPHS[each][row]} " for each in text) for row in range(3)]
    overdue = clock.state is ClockState.OVERDUE
    said: tuple[str, ...] = (
        clock.words.upper(),
        f"{'OVERDUE since' if overdue else 'due by'} {when_due(clock, told)}",
        f"{clock.command}" if clock.command else "",
    )
    look = Style.BOLD if style is Style.PLAIN else style
    if scale == 2:
        rows = [half for row in rows for half in _doubled(row)]
        said = ("", *said, "", "")
    room = width - len(rows[0]) - 5
    return [
        (Part(" "), Part(f" {row}", look), Part("  "), Part(words if width_of(words) <= room else "", Style.BOLD))
        for row, words in zip(rows, said, strict=True)
    ]


def _doubled(row: str) -> tuple[str, str]:
    """A row of blocks, twice as wide and as two rows."""
    upper = "".join("██" if each in "█▀" else "  " for each in row)
    lower = "".join("██" if each in "█▄" else "  " for each in row)
    return upper, lower


def countdown(clock: Clock, now: datetime) -> str:
    """`12:07`, `1h 05`, `3d 04h`; with a `+` in front once it has run out."""
    seconds = abs(int((clock.due_at - now).total_seconds()))
    sign = "+" if clock.state is ClockState.OVERDUE else ""
    if seconds < 3600:
        return f"{sign}{seconds // 60:02d}:{seconds % 60:02d}"
    if seconds < 86400:
        return f"{sign}{seconds // 3600}h{seconds % 3600 // 60:02d}"
    return f"{sign}{seconds // 86400}d {seconds % 86400 // 3600:02d}h"


def _clock_line(clock: Clock, told: Told, size: int, width: int) -> Line:
    style = _style_of(clock, told.now)
    mark = "!" if clock.state is ClockState.OVERDUE else " "
    words = f" {mark} {clock.words}{'':{size - width_of(clock.words)}}  {clock_words(clock, told.now):<16} "
    when, command = f" {when_due(clock, told):<6}", f"  {clock.command}" if clock.command else ""
    has_room = width_of(words) + width_of(when) + width_of(command) <= width
    return (Part(words, style), Part(when), Part(command if has_room else "", Style.DIM))


def _tail(view: View, each: OpenIncident, width: int, most: int) -> list[Line]:
    """The last entries, one line each, the latest last."""
    told = view.told
    ordered: Sequence[Entry] = sorted(each.incident.entries, key=lambda entry: entry.order)
    gone = withdrawn_ids(list(ordered))
    shown = [entry for entry in ordered if entry.id not in gone][-most:]
    lines: list[Line] = []
    for entry in shown:
        head, further = entry_words(entry, told)
        words = " · ".join((head, *(line.strip() for line in further if line.strip())))
        author = f"  @{entry.author}" if entry.author else ""
        start = f" {told.clock(entry.at, beside=told.now)}  "
        seen = view.came.get((each.incident.id, entry.id))
        is_fresh = seen is not None and told.now - seen <= FRESH
        room = width - width_of(start) - width_of(author) - 1
        text = Part(cut(" ".join(words.split()), max(8, room)), Style.BOLD if is_fresh else Style.PLAIN)
        lines.append((Part(start, Style.BOLD if is_fresh else Style.DIM), text, Part(author, Style.DIM)))
    return lines


def _others(view: View, others: Sequence[OpenIncident], width: int, *, most: int) -> list[Line]:
    """The other incidents: a line each, with the clock that presses most."""
    if not others and not view.overview.after:
        return []
    lines: list[Line] = [()] if others else []
    told = view.told
    for each in others[:most]:
        first = each.running[0] if each.running else None
        drill = DRILL if each.incident.is_drill else ""
        severity = each.incident.state.severity or "no severity"
        status = each.incident.state.status.value if each.incident.state.status else "unknown"
        title = " ".join(each.incident.title.split())
        clock = f" {first.words} {clock_words(first, told.now)} " if first is not None else ""
        left = cut(f" {drill}{severity}  {title} · {status}", max(10, width - width_of(clock) - 2))
        gap = " " * max(1, width - width_of(left) - width_of(clock) - 1)
        lines.append(
            (Part(left, Style.BOLD), Part(gap), Part(clock, _style_of(first, told.now) if first else Style.PLAIN))
        )
    if len(others) > most:
        lines.append((Part(f" and {len(others) - most} more", Style.DIM),))
    late = sum(clock.state is ClockState.OVERDUE for clock in (*view.overview.after, *view.overview.items))
    if late:
        lines.append((Part(f" {late} overdue of what is over: ictl due", Style.DIM),))
    return lines


def _fitted(line: Line, width: int) -> Line:
    """A line of harmless text that ends where the screen does."""
    parts: list[Part] = []
    left = width
    for part in line:
        text = cut(show_safely(" ".join(part.text.split("\n"))), left) if left > 0 else ""
        if text or not part.text:
            parts.append(Part(text, part.style))
        left -= width_of(text)
    return tuple(parts)
