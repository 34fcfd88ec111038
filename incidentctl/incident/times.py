"""Instants, durations and zones: text to value and back. Reads no clock; what people type is in `typed_times.py`.

All instants are aware and UTC, in whole seconds. A zone is a `tzinfo`, or None for the machine's own.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from incidentctl.errors import UsageError

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST_DURATION = timedelta(days=36525)

# What a conversion raises at the ends of the calendar; which of them depends on the platform.
OUT_OF_RANGE = (OverflowError, ValueError, OSError)

# Patterns are strings here: compiled on import they cost every command 2 ms, and most commands use none of them.
INSTANT = (
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[Tt ]"
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?: ?(?P<zone>[Zz]|UTC|[-+][0-9]{2}(?::?[0-9]{2})?))?"
)
_OFFSET = r"([-+])([0-9]{2})(?::?([0-9]{2}))?"
_DURATION_PART = r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*([A-Za-z]+)(?:\s*,\s*|\s+and\s+|\s*)(?=[0-9]|$)"
_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
    **dict.fromkeys(("w", "week", "weeks"), 604800),
}


# Instants, as they stand in files.


def instant_of_seconds(seconds: int) -> datetime:
    """The instant so many seconds after the beginning of 1970; that beginning for what is no time of the calendar.

    The clocks of those who commit say anything.
    """
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except OUT_OF_RANGE:
        return datetime.fromtimestamp(0, UTC)


def format_instant(at: datetime) -> str:
    """`2026-05-14T10:05:40Z`; fractions of a second are dropped."""
    at = at.astimezone(UTC)
    return f"{at.year:04d}-{at.month:02d}-{at.day:02d}T{at.hour:02d}:{at.minute:02d}:{at.second:02d}Z"


def parse_instant(text: str) -> datetime | None:
    """RFC 3339, and what people type in files: an offset, no seconds, a space for the `T`. Fractions are dropped.

    None without a zone (see `is_naive_instant`), for what no clock shows, and for what leaves the years 1 to 9999.
    """
    # The form that we write ourselves goes to the parser in C: a quarter of the time, with 200,000 entries to read.
    if len(text) == 20 and (text[4], text[7], text[10], text[13], text[16], text[19]) == ("-", "-", "T", ":", ":", "Z"):
        try:
            return datetime.fromisoformat(text) if text[11:13] != "24" else None
        except ValueError:
            return None
    match = re.fullmatch(INSTANT, text)
    return None if match is None or match["zone"] is None else _instant(match)


def is_naive_instant(text: str) -> bool:
    """Whether this would be an instant, if only it had a zone."""
    match = re.fullmatch(INSTANT, text)
    return match is not None and match["zone"] is None and _instant(match) is not None


def _instant(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        at = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
        if zone and zone[0] in "+-":
            offset = parse_offset(zone)
            return None if offset is None else at - offset
    except (ValueError, OverflowError):
        return None
    return at


def parse_offset(text: str) -> timedelta | None:
    """`+02:00`, `-0330`, `+02`; None for what is not an offset from UTC."""
    match = re.fullmatch(_OFFSET, text)
    if match is None or int(match[2]) > 23 or int(match[3] or 0) > 59:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return -offset if match[1] == "-" else offset


# Durations.


def parse_duration(text: str) -> timedelta | None:
    """`15m`, `1h30m`, `1h 5m`, `90s`, `2d`, `1.5h`, `25 min`: weeks to seconds, the larger unit first, whole seconds.

    None for anything else: no unit, a unit twice, more than a hundred years.
    """
    text = text.strip()
    if not text or len(text) > 100:
        return None
    total = 0.0
    smallest = 0
    position = 0
    while position < len(text):
        part = re.match(_DURATION_PART, text[position:])
        unit = _SECONDS.get(part[2].lower()) if part else None
        if part is None or unit is None or (smallest and unit >= smallest):
            return None
        total += float(part[1]) * unit
        smallest = unit
        position += part.end()
    if text[-1] == "," or total > LONGEST_DURATION.total_seconds():
        return None
    return timedelta(seconds=round(total))


def describe_duration(duration: timedelta) -> str:
    """`45 s`, `46 min`, `2h 8m`, `3d 4h`: two units at most, the rest cut off. Below zero with a minus sign."""
    if duration < timedelta(0):
        return "-" + describe_duration(-duration)
    seconds = duration // timedelta(seconds=1)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86400:
        return f"{seconds // 3600}h {seconds % 3600 // 60}m"
    return f"{seconds // 86400}d {seconds % 86400 // 3600}h"


# Zones, and how an instant is told.


def resolve_zone(name: str | None) -> tzinfo | None:
    """The zone of that name: `Europe/Berlin`, `UTC`, `+02:00`. None, the machine's own, for None.

    A UsageError for an unknown one, with those that were meant, perhaps.
    """
    if name is None:
        return None
    if name.upper() in ("UTC", "Z"):
        return UTC
    offset = parse_offset(name.removeprefix("UTC"))
    if offset is not None:
        return timezone(offset)
    import zoneinfo  # 4 ms, for those who name a zone

    try:
        return zoneinfo.ZoneInfo(name)
    except (*OUT_OF_RANGE, KeyError):  # ValueError: a path; OSError: a folder of the zone database
        meant = _similar_zones(name, zoneinfo.available_timezones())
    if meant:
        hint = f"did you mean {' or '.join(meant)}?"
    else:
        hint = "a zone is a place, as Europe/Berlin or America/New_York, or UTC, or an offset, as +02:00"
    raise UsageError(f"there is no time zone {quoted(name)}", hint=hint, candidates=meant)


def _similar_zones(name: str, known: set[str]) -> list[str]:
    import difflib

    by_word: dict[str, str] = {}
    for zone in sorted(known, reverse=True):
        by_word[zone.rpartition("/")[2].casefold()] = zone
    for zone in known:
        by_word[zone.casefold()] = zone
    word = name.strip().replace(" ", "_").casefold()
    close = [word] if word in by_word else difflib.get_close_matches(word, by_word, 3, 0.85)
    return list(dict.fromkeys(by_word[each] for each in close))


def clock(at: datetime) -> str:
    """`10:12Z`"""
    at = at.astimezone(UTC)
    return f"{at.hour:02d}:{at.minute:02d}Z"


def describe_instant(at: datetime, zone: tzinfo | None, *, now: datetime) -> str:
    """Both readings to the minute, `12:02 CEST = 10:02Z`; one, where that zone's clock shows UTC.

    The day is told where it is not today in that zone, the year where it is another. Each reading can be typed again.
    """
    local = to_local(at, zone)
    utc = at.astimezone(UTC)
    today = to_local(now, zone).date()
    day = "" if local.date() == today else _day(local, today)
    if not local.utcoffset():
        return f"{day}{clock(local)}"
    utc_day = "" if utc.date() == local.date() else _day(utc, today)
    return f"{day}{local.hour:02d}:{local.minute:02d} {local.tzname()} = {utc_day}{clock(utc)}"


def _day(at: datetime, today: date) -> str:
    year = "" if at.year == today.year else f" {at.year:04d}"
    return f"{at.day} {MONTHS[at.month - 1]}{year} "


def to_local(at: datetime, zone: tzinfo | None) -> datetime:
    """The same moment on that zone's clock; in UTC where that clock would leave the years 1 to 9999."""
    try:
        return at.astimezone(zone)
    except OUT_OF_RANGE:
        return at.astimezone(UTC)


def first_moment(day: date, zone: tzinfo | None) -> datetime:
    """When that day began in that zone: at midnight, or, where midnight was skipped, when the clocks went forward.

    At the ends of the calendar, midnight in UTC.
    """
    return wall_to_utc(datetime.combine(day, time()), zone) or datetime.combine(day, time(), UTC)


def wall_to_utc(wall: datetime, zone: tzinfo | None) -> datetime | None:
    """The moment at which a clock in that zone shows `wall` (naive; its `fold` chooses where there are two).

    A moment that was skipped is read with the offset before it (fold 0) or after it. None beyond the years 1 to 9999.
    """
    try:
        return (wall if zone is None else wall.replace(tzinfo=zone)).astimezone(UTC)
    except OUT_OF_RANGE:
        return None


def quoted(text: str) -> str:
    """Someone's words inside a message: cut to a line's length, and harmless to a terminal."""
    return repr(text if len(text) <= 60 else text[:59] + "…")
