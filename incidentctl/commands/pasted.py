"""Lines `[DATE] HH:MM [@who] text`, also as copied from a chat, to entries. Pure: text in, entries out, and what was understood."""

import re
from datetime import date, datetime, timedelta, tzinfo

from msgspec import Struct

from incidentctl.errors import UsageError
from incidentctl.incident.entries import Entry, Note
from incidentctl.incident.times import format_instant
from incidentctl.incident.typed_times import read_typed_time
from incidentctl.incident.words import clean_text, handle_of

_BULLET = r"\s*(?:[-*+•]\s+|\d+\.\s+)?"
_DATE = r"(?P<date>\d{4}-\d\d-\d\d|\d{4}/\d\d/\d\d)"
_ZONE = r"(?P<zone>\s*(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_CLOCK = r"(?P<clock>\d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?)"
_LINE = re.compile(
    rf"{_BULLET}\*{{0,2}}[\[(]?(?:{_DATE}[T,\s]\s*)?{_CLOCK}{_ZONE}[\])]?\*{{0,2}}\s*(?:[-–—:|]\s*)?(?P<rest>.*)$"
)
_WHO_FIRST = re.compile(
    rf"(?P<who>@?[\w][\w.+-]*(?: [\w.+-]+)?)\s+[\[(]?(?:{_DATE}[,\s]\s*)?{_CLOCK}{_ZONE}[\])]?:?\s*$"
)
_DAY = re.compile(rf"[#*\s-]*{_DATE}\s*:?[*\s-]*$")
_WHO = re.compile(r"(?:(@[\w][\w.+-]*)[:,]?|<@?([\w][\w.+-]*)>|([A-Za-z][\w.+-]*):)\s+(?=\S)")


class PastedLines(Struct, frozen=True):
    """The entries, oldest first, and a line for each to show what was understood."""

    entries: tuple[Entry, ...]
    shown: tuple[str, ...]


class _Line(Struct):
    day: date | None
    clock: str
    zone: str
    who: str | None
    words: list[str]


def read_lines(text: str, *, now: datetime, zone: tzinfo | None) -> PastedLines:
    """Reads pasted lines. A date holds for the lines below it; without one, a clock that runs back is a new day.

    A line without a time belongs to the one above it. Raises `UsageError` for a time that cannot be.
    """
    lines = list(_lines(clean_text(text)))
    times = _times(lines, now=now, zone=zone)
    entries: list[Entry] = []
    for line, at in zip(lines, times, strict=True):
        words = clean_text("\n".join(line.words))
        if words:
            entries.append(Entry(at=at, what=Note(), text=words, author=line.who))
    entries.sort(key=lambda entry: entry.at)
    return PastedLines(tuple(entries), tuple(_shown(entry) for entry in entries))


def _shown(entry: Entry) -> str:
    first, *further = entry.text.split("\n")
    who = f"@{entry.author}: " if entry.author else ""
    more = f" (+{len(further)} lines)" if further else ""
    return f"  {format_instant(entry.at)}  {who}{first}{more}"


def _lines(text: str) -> list[_Line]:
    found: list[_Line] = []
    day: date | None = None
    for raw in text.split("\n"):
        heading = _DAY.match(raw)
        if heading:
            day = _date(heading["date"])
            continue
        chat = _WHO_FIRST.match(raw)
        match = chat or _LINE.match(raw)
        if match is None:
            if found and raw.strip():
                found[-1].words.append(raw.strip())
            continue
        if match["date"]:
            day = _date(match["date"])
        rest = "" if chat else match["rest"]
        who = handle_of(chat["who"].replace(" ", ".")) if chat else None
        speaker = _WHO.match(rest) if not chat else None
        if speaker:
            who = handle_of(speaker[1] or speaker[2] or speaker[3])
            rest = rest[speaker.end() :]
        found.append(_Line(day, match["clock"], (match["zone"] or "").strip(), who, [rest] if rest else []))
    return found


def _date(word: str) -> date:
    try:
        return date.fromisoformat(word.replace("/", "-"))
    except ValueError:
        raise UsageError(
            f"there is no day {word}", hint="correct the line and paste again; nothing was written"
        ) from None


def _times(lines: list[_Line], *, now: datetime, zone: tzinfo | None) -> list[datetime]:
    """The moment of each line. Without any date the last line is the latest such moment, and the others come before it."""
    times: list[datetime] = []
    if all(line.day is None for line in lines):
        later: datetime | None = None
        for line in reversed(lines):
            at = _moment(line, None, now=now, zone=zone)
            while later is not None and at > later:
                at -= timedelta(days=1)
            times.append(at)
            later = at
        return times[::-1]
    extra = timedelta(0)
    first = next(line.day for line in lines if line.day is not None)
    previous: tuple[date, datetime] | None = None
    for line in lines:
        day = line.day or first
        if previous is None or previous[0] != day:
            extra = timedelta(0)
        at = _moment(line, day, now=now, zone=zone) + extra
        if previous is not None and previous[0] == day and previous[1] - at > timedelta(hours=12):
            extra += timedelta(days=1)
            at += timedelta(days=1)
        times.append(at)
        previous = (day, at)
    return times


def _moment(line: _Line, day: date | None, *, now: datetime, zone: tzinfo | None) -> datetime:
    tail = {"UTC": "Z", "GMT": "Z"}.get(line.zone, line.zone)
    words = f"{day.isoformat()} {line.clock}{tail}" if day else f"{line.clock}{tail}"
    return read_typed_time(words, now=now, zone=zone).at
