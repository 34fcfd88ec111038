"""How lists and single incidents look in a terminal. Value to text; readable without colour, and as wide as it is given."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from incidentctl.incident.entries import (
    FOLDED_ROLES,
    TIME_KEYS,
    Canceled,
    Done,
    Entry,
    KeySet,
    Note,
    Opened,
    Reached,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    Withdrawn,
)
from incidentctl.incident.model import DRILL, PLAIN_KEYS, Incident, channel_of
from incidentctl.incident.times import clock, describe_duration, describe_instant, parse_instant, to_local

_LEAST_TITLE = 12
"""Columns that are worth a title."""

_ROLE_TITLES = {"commander": "Commander", "tech_lead": "Tech lead", "comms_lead": "Comms lead"}


def width_of(text: str) -> int:
    """How many columns a terminal gives a text: wide characters take two, marks on others none.

    rich knows the same and more, and takes 30 ms to say it: each answer in a terminal asks here.
    """
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        2 if east_asian_width(each) in "WF" else 0 if category(each) in ("Mn", "Me", "Cf") else 1 for each in text
    )


def cut(text: str, width: int) -> str:
    """A text in at most `width` columns; what is left out is shown as an ellipsis."""
    if width_of(text) <= width:
        return text
    while text and width_of(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def table(rows: Sequence[Sequence[str]], *, width: int | None, dispensable: Sequence[int] = ()) -> list[str]:
    """Columns, each as wide as it needs, without those that are empty. Without a width nothing is cut.

    Else the last column is cut where the terminal ends, and left out where it would say too little; if that does not
    do, the dispensable ones go, in their order, and at last the column before the last one is cut.
    """
    if not rows:
        return []
    widths = [max(width_of(row[column]) for row in rows) for column in range(len(rows[0]))]
    shown = [column for column in range(len(widths) - 1) if widths[column]]
    left: int | None = None
    if width is not None:
        for column in (*dispensable, None):
            left = width - sum(widths[each] + 2 for each in shown)
            if left < -2 and column in shown:
                shown.remove(column)
        if left is not None and left < -2:
            widths[shown[-1]] = max(widths[shown[-1]] + left + 2, _LEAST_TITLE)
    lines: list[str] = []
    for row in rows:
        cells = [_padded(cut(row[column], widths[column]), widths[column]) for column in shown]
        if left is None or left >= min(_LEAST_TITLE, widths[-1]):
            cells.append(row[-1] if left is None else cut(row[-1], left))
        lines.append("  ".join(cells).rstrip())
    return lines


def wrapped(line: str, width: int | None, indent: int = 0) -> list[str]:
    """A line in at most `width` columns, broken at spaces, further lines indented. A longer word stays whole."""
    if width is None or width_of(line) <= width or width < indent + 20:
        return [line]
    start = len(line) - len(line.lstrip(" "))
    words = line[start:].split(" ")
    lines = [line[:start] + words[0]]
    for word in words[1:]:
        if width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(" " * indent + word)
    return lines


def duration_words(keys: dict[str, str | None], now: datetime, *, running: str = "") -> str:
    """How long it took, or takes already: from detection, else from the declaration, to its end. `running` marks the latter."""
    start = _first(keys, "detected_at", "declared_at")
    if start is None:
        return ""
    end = _first(keys, "resolved_at", "closed_at")
    if end is None:
        return describe_duration(now - start) + running if _is_open(keys) and now > start else ""
    return describe_duration(end - start) if end >= start else ""


def _first(keys: dict[str, str | None], *names: str) -> datetime | None:
    for name in names:
        value = keys.get(name)
        at = parse_instant(value) if value else None
        if at is not None:
            return at
    return None


def _is_open(keys: dict[str, str | None]) -> bool:
    status = keys.get("status")
    return status in tuple(Status) and not Status(status).is_over


# ------------------------------------------------------------------------------------------------------ one incident


def incident_as_lines(
    incident: Incident, *, zone: tzinfo | None, now: datetime, prefix: str, waiting: int, width: int | None = None
) -> list[str]:
    """One incident: what it is, what is known of it, and its times in both readings."""
    state = incident.state
    drill = DRILL if incident.is_drill else ""
    given = " (unconfirmed)" if state.unconfirmed else ""
    lines = [
        f"{drill}{state.severity or 'no severity'}{given} {incident.title}",
        *wrapped(f"{incident.id} · {channel_of(incident, prefix)}", width),
        "",
    ]
    facts: list[tuple[str, str]] = [("status", _status_words(incident))]
    facts += [(_ROLE_TITLES[role].lower(), f"@{holder}") for role in FOLDED_ROLES if (holder := getattr(state, role))]
    facts += [(role, f"@{holder}") for role, holder in state.extra_roles.items()]
    facts += [
        (key.removesuffix("_at"), describe_instant(at, zone, now=now))
        for key in TIME_KEYS
        if (at := getattr(state, key))
    ]
    duration = duration_words(state.as_keys(), now, running=" so far")
    facts += [("duration", duration)] if duration else []
    known = [key for key in PLAIN_KEYS if key in incident.keys and key not in ("title", "drill", "channel")]
    others = [key for key in incident.keys if key not in PLAIN_KEYS]
    facts += [(key, words) for key in (*known, *others) if (words := _value_words(incident.keys[key]))]
    if waiting:
        them = "it" if waiting == 1 else "them"
        facts.append(("not committed", f"{waiting} saved, the next command that writes commits {them}"))
    size = max(width_of(name) for name, _ in facts)
    for name, words in facts:
        lines += wrapped(f"{_padded(name, size)}  {words}", width, size + 2)
    return lines


def _status_words(incident: Incident) -> str:
    state = incident.state
    words = state.status.value if state.status else "unknown"
    if state.cancel_reason:
        words += f", {state.cancel_reason.value}" + (f" of {state.duplicate_of}" if state.duplicate_of else "")
    return words


def _value_words(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return ", ".join(_value_words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_value_words(item)}" for key, item in value.items())
    return ""


# ------------------------------------------------------------------------------------------------------- the timeline


class Told(NamedTuple):
    """How times and lines are told: now, the zone, whether the timeline is told in it and not in UTC, and the columns there are."""

    now: datetime
    zone: tzinfo | None
    is_local: bool = False
    width: int | None = None

    def day(self, at: datetime) -> str:
        """The day that stands above the entries, with the name of a zone that is not UTC."""
        if not self.is_local:
            return f"{at:%Y-%m-%d}"
        local = to_local(at, self.zone)
        return f"{local:%Y-%m-%d} {local.tzname()}"

    def clock(self, at: datetime, *, beside: datetime | None = None) -> str:
        """The clock time; with its date where it is not that of what it stands beside."""
        local = to_local(at, self.zone) if self.is_local else at
        told = f"{local:%H:%M}" if self.is_local else clock(at)
        same_day = beside is None or self.day(at) == self.day(beside)
        return told if same_day else f"{local:%Y-%m-%d} {told}"


def timeline_as_lines(
    entries: Iterable[Entry], *, withdrawn: frozenset[str], reading: Told, with_ids: bool
) -> list[str]:
    """The entries in order, a heading a day, further lines below the words that they belong to."""
    lines: list[str] = []
    day = ""
    for entry in sorted(entries, key=lambda each: each.order):
        if reading.day(entry.at) != day:
            day = reading.day(entry.at)
            lines += ([""] if lines else []) + [day]
        lines += _entry_lines(entry, is_withdrawn=entry.id in withdrawn, reading=reading, with_ids=with_ids)
    return lines


def _entry_lines(entry: Entry, *, is_withdrawn: bool, reading: Told, with_ids: bool) -> list[str]:
    head, further = entry_words(entry, reading)
    marks = [f"@{entry.author}" if entry.author else "", f"noted by @{entry.noted_by}" if entry.noted_by else ""]
    marks += ["agent" if entry.agent else "", "by hand" if entry.by_hand or entry.typed else ""]
    marks += [f"recorded {reading.clock(entry.recorded_at, beside=entry.at)}" if entry.recorded_at else ""]
    marks += ["withdrawn" if is_withdrawn else ""]
    tail = ", ".join(mark for mark in marks if mark)
    prefix = f"e:{entry.id}  " if with_ids else ""
    start = f"{prefix}{reading.clock(entry.at)}  "
    lines = wrapped(f"{start}{head}" + (f"  ({tail})" if tail else ""), reading.width, len(start))
    for line in further:
        lines += wrapped(f"{'':{len(start)}}{line}".rstrip(), reading.width, len(start) + 2)
    return lines


def entry_words(entry: Entry, reading: Told) -> tuple[str, list[str]]:
    """What an entry says: its first line, and the further ones."""
    text = "redacted" if entry.redacted else entry.text
    first, *rest = text.split("\n")
    kind = _kind_words(entry, reading)
    if isinstance(entry.what, Update):
        return kind, [*_update_lines(entry.what, reading), *([first, *rest] if text else [])]
    separator = " " if isinstance(entry.what, Reached) else ": "
    return kind + (separator if kind and first else "") + first, rest


def _kind_words(entry: Entry, reading: Told) -> str:
    match entry.what:
        case Opened(severity, given_as, unconfirmed, started_at, detected_at):
            parts = [f"OPENED {severity}"]
            parts += [f"given as {given_as}"] if given_as else []
            parts += ["unconfirmed"] if unconfirmed else []
            parts += [f"impact from {reading.clock(started_at, beside=entry.at)}"] if started_at else []
            parts += [f"detected {reading.clock(detected_at, beside=entry.at)}"] if detected_at else []
            return ", ".join(parts)
        case Reached(milestone):
            return milestone.value.upper()
        case RoleChange(role, holder):
            return f"{_ROLE_TITLES.get(role, role).upper()} {f'@{holder}' if holder else 'none'}"
        case SeverityChange(before, after):
            return f"SEVERITY {before} → {after}"
        case StatusChange(status):
            return f"STATUS {status.value}"
        case Update(status):
            return f"UPDATE {status.value.capitalize()}"
        case Canceled(reason, duplicate_of):
            return f"CANCELED {reason.value}" + (f" of {duplicate_of}" if duplicate_of else "")
        case KeySet(key, old, new):
            return f"SET {key} {old or 'none'} → {new or 'none'}"
        case Note(kind):
            return kind.value.capitalize() if kind else ""
        case Done(name):
            return f"DONE {name}"
        case Withdrawn(target):
            return f"WITHDRAWN e:{target}"


def _update_lines(update: Update, reading: Told) -> list[str]:
    fields = (
        ("Impact", update.impact),
        ("Current Theory", update.theory),
        ("Actions in Progress", update.actions),
        ("Next Update", describe_instant(update.next_at, reading.zone, now=reading.now) if update.next_at else None),
        ("IC", f"@{update.commander}" if update.commander else None),
        ("Public", update.public),
    )
    return [line for name, value in fields if value for line in f"{name}: {value}".split("\n")]
