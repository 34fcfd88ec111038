"""How lists and single incidents look in a terminal. Value to text; readable without colour, and as wide as it is given."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

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
from incidentctl.incident.model import PLAIN_KEYS, Incident, channel_of
from incidentctl.incident.times import clock, describe_duration, describe_instant, parse_instant

_ROLE_TITLES = {"commander": "Commander", "tech_lead": "Tech lead", "comms_lead": "Comms lead"}


def width_of(text: str) -> int:
    """How many columns a terminal gives a text: wide characters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # its tables are read only for text that needs them

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """A text in at most `width` columns; what is left out is shown as an ellipsis."""
    if width_of(text) <= width:
        return text
    while text and width_of(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def table(rows: Sequence[Sequence[str]], *, width: int | None) -> list[str]:
    """Columns, each as wide as it needs; the last one is cut where the terminal ends. Without a width nothing is cut."""
    if not rows:
        return []
    widths = [max(width_of(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines: list[str] = []
    for row in rows:
        head = "  ".join(_padded(cell, size) for cell, size in zip(row[:-1], widths, strict=False))
        last = row[-1]
        if width is not None:
            last = cut(last, max(10, width - width_of(head) - 2))
        lines.append(f"{head}  {last}".rstrip())
    return lines


def duration_words(keys: dict[str, str | None], now: datetime) -> str:
    """How long it took, or takes already: from detection, else from the declaration, to its end."""
    start = _first(keys, "detected_at", "declared_at")
    if start is None:
        return ""
    end = _first(keys, "resolved_at", "closed_at")
    if end is None:
        return f"{describe_duration(now - start)} so far" if _is_open(keys) and now > start else ""
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
    incident: Incident, *, zone: tzinfo | None, now: datetime, prefix: str, waiting: int
) -> list[str]:
    """One incident: what it is, what is known of it, and its times in both readings."""
    state = incident.state
    drill = "DRILL " if incident.is_drill else ""
    given = " (unconfirmed)" if state.unconfirmed else ""
    lines = [
        f"{drill}{state.severity or 'no severity'}{given} {incident.title}",
        f"{incident.id} · {channel_of(incident, prefix)}",
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
    duration = duration_words(state.as_keys(), now)
    facts += [("duration", duration)] if duration else []
    known = [key for key in PLAIN_KEYS if key in incident.keys and key not in ("title", "drill", "channel")]
    others = [key for key in incident.keys if key not in PLAIN_KEYS]
    facts += [(key, words) for key in (*known, *others) if (words := _value_words(incident.keys[key]))]
    if waiting:
        facts.append(("not committed", f"{waiting} saved, the next command commits {'it' if waiting == 1 else 'them'}"))
    size = max(len(name) for name, _ in facts)
    return lines + [f"{name:<{size}}  {words}" for name, words in facts]


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


def timeline_as_lines(
    entries: Iterable[Entry], *, withdrawn: frozenset[str], zone: tzinfo | None, now: datetime, with_ids: bool
) -> list[str]:
    """The entries in order, a heading a day, further lines below the words that they belong to."""
    lines: list[str] = []
    day = ""
    for entry in sorted(entries, key=lambda each: each.order):
        if f"{entry.at:%Y-%m-%d}" != day:
            day = f"{entry.at:%Y-%m-%d}"
            lines += ([""] if lines else []) + [day]
        lines += _entry_lines(entry, is_withdrawn=entry.id in withdrawn, zone=zone, now=now, with_ids=with_ids)
    return lines


def _entry_lines(entry: Entry, *, is_withdrawn: bool, zone: tzinfo | None, now: datetime, with_ids: bool) -> list[str]:
    head, further = entry_words(entry, zone=zone, now=now)
    marks = [f"@{entry.author}" if entry.author else "", f"noted by @{entry.noted_by}" if entry.noted_by else ""]
    marks += ["agent" if entry.agent else "", "by hand" if entry.by_hand or entry.typed else ""]
    marks += [f"recorded {clock(entry.recorded_at)}" if entry.recorded_at else "", "withdrawn" if is_withdrawn else ""]
    tail = ", ".join(mark for mark in marks if mark)
    prefix = f"e:{entry.id}  " if with_ids else ""
    indent = " " * (len(prefix) + len(clock(entry.at)) + 2)
    first = f"{prefix}{clock(entry.at)}  {head}" + (f"  ({tail})" if tail else "")
    return [first, *(f"{indent}{line}".rstrip() for line in further)]


def entry_words(entry: Entry, *, zone: tzinfo | None, now: datetime) -> tuple[str, list[str]]:
    """What an entry says: its first line, and the further ones."""
    text = "redacted" if entry.redacted else entry.text
    first, *rest = text.split("\n")
    kind = _kind_words(entry)
    if isinstance(entry.what, Update):
        return kind, [*_update_lines(entry.what, zone=zone, now=now), *([first, *rest] if text else [])]
    separator = " " if isinstance(entry.what, Reached | Note) else ": "
    return kind + (separator if kind and first else "") + first, rest


def _kind_words(entry: Entry) -> str:
    match entry.what:
        case Opened(severity, given_as, unconfirmed, started_at, detected_at):
            parts = [f"OPENED {severity}"]
            parts += [f"given as {given_as}"] if given_as else []
            parts += ["unconfirmed"] if unconfirmed else []
            parts += [f"impact from {clock(started_at)}"] if started_at else []
            parts += [f"detected {clock(detected_at)}"] if detected_at else []
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
            return f"WITHDREW e:{target}"


def _update_lines(update: Update, *, zone: tzinfo | None, now: datetime) -> list[str]:
    fields = (
        ("Impact", update.impact),
        ("Current Theory", update.theory),
        ("Actions in Progress", update.actions),
        ("Next Update", describe_instant(update.next_at, zone, now=now) if update.next_at else None),
        ("IC", f"@{update.commander}" if update.commander else None),
        ("Public", update.public),
    )
    return [line for name, value in fields if value for line in f"{name}: {value}".split("\n")]
