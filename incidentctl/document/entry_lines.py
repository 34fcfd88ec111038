"""The grammar of one timeline entry: entry to lines of Markdown, and back. A line that is no entry is never an error here."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.document.escaping import TAIL_LENGTH, escape_line, escape_lines, unescape_line, unescape_lines
from incidentctl.incident.entries import (
    COMMANDER,
    COMMS_LEAD,
    SETTABLE_KEYS,
    TECH_LEAD,
    TIME_KEYS,
    Canceled,
    CancelReason,
    Done,
    Entry,
    KeySet,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RedactReason,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    What,
    Withdrawn,
)
from incidentctl.incident.ids import ENTRY_ID, derived_id
from incidentctl.incident.times import format_instant, parse_instant

_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]"
_CLOCK: Final = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
_ZONE: Final = r" ?(?:[Zz]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)"
_ENTRY: Final = re.compile(rf"[-*+][ \t]+({_DATE}{_CLOCK}{_ZONE})(?:[ \t]+(.*))?$", re.DOTALL)
_NAIVE_ENTRY: Final = re.compile(
    rf"[-*+][ \t]+\**((?:{_DATE})?[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?)(?![0-9:Zz+-])", re.DOTALL
)
_HANDLE: Final = r"@(\w(?:[\w.+-]*\w)?)"
_AUTHOR: Final = re.compile(rf"(?:^|\s)(?:—|–|--|-)\s+{_HANDLE}$")
_NOTED_BY: Final = re.compile(rf"\s\(noted by {_HANDLE}\)$")
_RECORDED: Final = re.compile(r"(?:^|\s)\(recorded ([^()]+)\)$")
_BY_HAND: Final = re.compile(r"(?:^|\s)\(by hand, ([0-9a-f]{4,64}|uncommitted)\)$")
_KIND: Final = re.compile(r"\*\*([A-Z][A-Za-z ]{1,20})\*\*(?:[ \t]+|$)")
_REDACTED: Final = re.compile(r"\*\*Redacted\*\*[ \t]+(secret|personal_data)[ \t]*$")
_ARROW: Final = r"(?:→|->)"
_NAME: Final = r"[^\s:→]+"

_OPENED_SEVERITY: Final = re.compile(r"[^\s:,→]+")
_SEVERITY: Final = rf"({_NAME})\s*{_ARROW}\s*({_NAME})(?:: (.*))?$"
_ROLE_HOLDER: Final = rf"(?:{_HANDLE}|none)(?:: (.*))?$"
_EXTRA_ROLE: Final = rf"([a-z][a-z0-9_-]*) (?:{_HANDLE}|none)(?:: (.*))?$"
_STATUS: Final = r"([A-Za-z]+)(?:: (.*))?$"
_CANCELED: Final = r"([a-z_]+)(?: of (\S+?))?(?:: (.*))?$"
_SET: Final = rf"([a-z_]+) (\S+) {_ARROW} (\S+?)(?:: (.*))?$"
_DONE: Final = r"([a-z0-9_][a-z0-9_-]*)(?:: (.*))?$"
_WITHDRAWN: Final = r"e:([0-9a-z]{6})(?:: (.*))?$"
_FIELD: Final = re.compile(
    r"- (Status|Impact|Current Theory|Actions in Progress|Next Update|IC|Public):(?:[ \t]+(.*))?$"
)

_MILESTONES: Final = {
    "Acknowledged": Milestone.ACKNOWLEDGED,
    "Mitigated": Milestone.MITIGATED,
    "Resolved": Milestone.RESOLVED,
    "Closed": Milestone.CLOSED,
    "Reopened": Milestone.REOPENED,
}
_ROLES: Final = {"Commander": COMMANDER, "Tech lead": TECH_LEAD, "Comms lead": COMMS_LEAD}
_ROLE_NAMES: Final = {role: name for name, role in _ROLES.items()}
_NOTES: Final = {kind.value.capitalize(): kind for kind in NoteKind}


class EntryText(Struct, frozen=True):
    """An entry as it stands in a file: what it says, and the line without its id, from which an id can be derived.

    `unread_kind` is the name of a kind with which a note begins: somebody meant it, and it does not have its form.
    """

    entry: Entry
    canonical: str
    unread_kind: str | None = None


# ------------------------------------------------------------------------------------------------------------- render


def render_entry(entry: Entry) -> list[str]:
    """The lines of an entry, without their ends. `parse_entry` gives the same entry back, for any text."""
    head, further = _render_what(entry)
    line = f"- {format_instant(entry.at)}"
    if head:
        line += f" {head}"
    if entry.by_hand:
        line += f" (by hand, {entry.by_hand})"
    if entry.recorded_at is not None:
        line += f" (recorded {format_instant(entry.recorded_at)})"
    if entry.author:
        line += f" — @{entry.author}"
        if entry.noted_by:
            line += f" (noted by @{entry.noted_by})"
        if entry.agent:
            line += " (agent)"
    if entry.id:
        line += f" <!-- e:{entry.id} -->"
    return [line, *(f"  {each}" if each else "" for each in further)]


def _render_what(entry: Entry) -> tuple[str, list[str]]:
    """What stands between the time and the right side, and the further lines without their indentation."""
    first, *rest = entry.text.split("\n")
    if isinstance(entry.what, Update):
        head = f"**Update** {entry.what.status.value.capitalize()}"
        fields = _render_fields(entry.what)
        further = fields + (escape_lines(entry.text.split("\n"), no_items=True) if entry.text else [])
    else:
        prefix, separator = _render_prefix(entry.what)
        escaped = _escape_first(first)
        head = prefix + (separator if prefix and escaped else "") + escaped
        further = escape_lines(rest)
    if entry.redacted:
        prefix = _render_prefix(entry.what)[0] if not isinstance(entry.what, Update) else head
        return f"{prefix} **Redacted** {entry.redacted.value}".lstrip(), []
    return head, further


def _escape_first(line: str) -> str:
    """The first line of a text: bold words at its beginning stay bold, unless they are the name of a kind."""
    escaped = escape_line(line, is_first=True)
    found = _KIND.match(line)
    is_kind = found is not None and (found[1].capitalize() in _KINDS or found[1].capitalize() == "Redacted")
    return "\\" + escaped if is_kind else escaped


def _render_prefix(what: What) -> tuple[str, str]:
    """The kind with its values, and what stands between them and a text."""
    match what:
        case Opened(severity, given_as, unconfirmed, started_at, detected_at):
            parts = [severity]
            parts += [f"given as {given_as}"] if given_as else []
            parts += ["unconfirmed"] if unconfirmed else []
            parts += [f"impact from {format_instant(started_at)}"] if started_at else []
            parts += [f"detected {format_instant(detected_at)}"] if detected_at else []
            return f"**Opened** {', '.join(parts)}", ": "
        case Reached(milestone):
            return f"**{milestone.value.capitalize()}**", " "
        case RoleChange(role, holder):
            who = f"@{holder}" if holder else "none"
            name = _ROLE_NAMES.get(role)
            return (f"**{name}** {who}" if name else f"**Role** {role} {who}"), ": "
        case SeverityChange(before, after):
            return f"**Severity** {before} → {after}", ": "
        case StatusChange(status):
            return f"**Status** {status.value}", ": "
        case Canceled(reason, duplicate_of):
            return f"**Canceled** {reason.value}" + (f" of {duplicate_of}" if duplicate_of else ""), ": "
        case KeySet(key, old, new):
            return f"**Set** {key} {old or 'none'} → {new or 'none'}", ": "
        case Note(kind):
            return (f"**{kind.value.capitalize()}**", " ") if kind else ("", "")
        case Done(clock):
            return f"**Done** {clock}", ": "
        case Withdrawn(target):
            return f"**Withdrawn** e:{target}", ": "
        case Update():
            raise AssertionError("an update has fields, not a prefix")


def _render_fields(update: Update) -> list[str]:
    lines: list[str] = []
    for name, value in (
        ("Impact", update.impact),
        ("Current Theory", update.theory),
        ("Actions in Progress", update.actions),
        ("Next Update", format_instant(update.next_at) if update.next_at else None),
        ("IC", f"@{update.commander}" if update.commander else None),
        ("Public", update.public),
    ):
        if value:
            first, *rest = value.split("\n")
            lines.append(f"- {name}: {escape_line(first)}")
            lines += [f"  {line}" if line else "" for line in escape_lines(rest)]
    return lines


def redact_line(line: str, entry: Entry, *, hides_author: bool) -> str:
    """The first line of an entry with its words gone, as `entry` says it; its time and its right side stand as they stood."""
    match = _ENTRY.match(line)
    assert match is not None
    rest = (match[2] or "").rstrip(" \t")
    right = rest[len(_split_right_side(rest)[0]) :].strip(" \t")
    if hides_author:
        right = re.sub(rf"(^|\(noted by |[—–-][ \t]+){_HANDLE}", rf"\g<1>@{entry.author}", right)
    return with_id(" ".join(part for part in (line[: match.end(1)], _render_what(entry)[0], right) if part), entry.id)


def with_id(line: str, entry_id: str) -> str:
    """The first line of an entry with its id at the end, where it is not there yet."""
    ending = f"<!-- e:{entry_id} -->"
    line = line.rstrip(" \t")
    return line if line.endswith(ending) else f"{line} {ending}"


# -------------------------------------------------------------------------------------------------------------- parse


def begins_entry(line: str) -> bool:
    """Whether a line of the timeline is the first line of an entry."""
    return _ENTRY.match(line) is not None


def naive_time(line: str) -> str | None:
    """The time of a line that would be an entry if its time had a date and a zone."""
    match = _NAIVE_ENTRY.match(line)
    return match[1] if match else None


def parse_entry(lines: list[str]) -> EntryText | None:
    """The entry that lines say, or `None` where the first one is none. The id is empty where the line has none."""
    match = _ENTRY.match(lines[0])
    at = parse_instant(match[1]) if match else None
    if match is None or at is None:
        return None
    rest, side = _split_right_side((match[2] or "").rstrip(" \t"))
    further = [line[2:] if line[:2] == "  " else line.lstrip("\t") for line in lines[1:]]
    while further and not further[-1].strip(" \t"):
        further.pop()
    words = _read_words(rest, further)
    entry = Entry(
        at=at,
        what=words.what,
        text=words.text,
        redacted=words.redacted,
        author=side.author,
        id=side.id,
        recorded_at=side.recorded_at,
        by_hand=side.by_hand,
        noted_by=side.noted_by,
        agent=side.agent,
    )
    return EntryText(entry, "" if side.id else _canonical(at, rest, side.author), words.unread_kind)


def _canonical(at: datetime, rest: str, author: str | None) -> str:
    """What the id of a typed line is derived from: its first line only, so that what is added below it changes no id."""
    return "\n".join((format_instant(at), " ".join(rest.split()), author or ""))


def identify(texts: list[EntryText], incident: str) -> list[Entry]:
    """The entries with an id each: their own, else one derived from incident, time, words and ordinal among the same words."""
    seen: dict[str, int] = {}
    entries: list[Entry] = []
    for text in texts:
        entry = text.entry
        if not entry.id:
            ordinal = seen.get(text.canonical, 0)
            seen[text.canonical] = ordinal + 1
            entry = replace(entry, id=derived_id(incident, text.canonical, str(ordinal)), typed=True)
        entries.append(entry)
    return entries


class _RightSide(NamedTuple):
    id: str = ""
    author: str | None = None
    noted_by: str | None = None
    agent: bool = False
    recorded_at: datetime | None = None
    by_hand: str | None = None


class _Words(NamedTuple):
    what: What
    text: str
    redacted: RedactReason | None = None
    unread_kind: str | None = None


def _split_right_side(rest: str) -> tuple[str, _RightSide]:
    """The words, and what stands to the right of them: read from the end, as long as each piece has its form."""
    entry_id, author, noted_by, agent = "", None, None, False
    if rest.endswith("-->"):
        opening = rest.rfind("<!--")
        comment = rest[opening + 4 : -3].strip() if opening >= 0 else ""
        is_ours = comment.startswith("e:") and ENTRY_ID.fullmatch(comment[2:]) is not None
        if is_ours and rest[opening - 1 : opening] != "\\":
            entry_id = comment[2:]
            rest = rest[:opening].rstrip(" \t")
    before = rest.removesuffix(" (agent)").rstrip(" \t") if rest.endswith(" (agent)") else rest
    noted = _at_end(_NOTED_BY, before)
    if noted:
        before = before[: noted.start()].rstrip(" \t")
    by = _at_end(_AUTHOR, before)
    if by:
        author, noted_by, agent = by[1], noted[1] if noted else None, rest.endswith(" (agent)")
        rest = before[: by.start()].rstrip(" \t")
    recorded = _at_end(_RECORDED, rest)
    recorded_at = parse_instant(recorded[1]) if recorded else None
    if recorded and recorded_at:
        rest = rest[: recorded.start()].rstrip(" \t")
    by_hand = _at_end(_BY_HAND, rest)
    if by_hand:
        rest = rest[: by_hand.start()].rstrip(" \t")
    return rest, _RightSide(entry_id, author, noted_by, agent, recorded_at, by_hand[1] if by_hand else None)


def _at_end(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """A match at the end of a text of any length: nothing that is looked for there is long."""
    return pattern.search(text, max(0, len(text) - TAIL_LENGTH))


def _read_words(rest: str, further: list[str]) -> _Words:
    """Reads the kind from the left. What has the name of a kind and not its form is a note, whole."""
    redacted = _at_end(_REDACTED, rest)
    if redacted:
        bare = _read_kind_and_text(rest[: redacted.start()].rstrip(" \t"), [])
        if not bare.text:
            return _Words(bare.what, "", RedactReason(redacted[1]))
    return _read_kind_and_text(rest, further)


def _read_kind_and_text(rest: str, further: list[str]) -> _Words:
    found = _KIND.match(rest)
    kind = found[1].capitalize() if found else ""
    read = _read_kind(kind, rest[found.end() :]) if found else None
    if read is None:
        return _Words(Note(), _join(rest, further), unread_kind=kind if kind in _KINDS else None)
    what, text = read
    return _read_fields(what, text, further) if isinstance(what, Update) else _Words(what, _join(text, further))


def _join(first: str, further: list[str]) -> str:
    return _trimmed((unescape_line(first), *unescape_lines(further)))


def _trimmed(lines: Iterable[str]) -> str:
    """The text of an entry, without blanks at its ends and those of its lines: as every text is that a command writes."""
    return "\n".join([line.rstrip(" \t") for line in lines]).strip("\n \t")


def _read_kind(kind: str, rest: str) -> tuple[What, str] | None:
    """What a kind's words say, and the text behind them; `None` where they do not have its form."""
    if kind in _MILESTONES:
        return Reached(_MILESTONES[kind]), rest
    if kind in _NOTES:
        return Note(_NOTES[kind]), rest
    if kind in _ROLES:
        match = _match(_ROLE_HOLDER, rest)
        return (RoleChange(_ROLES[kind], match[1]), match[2] or "") if match else None
    reader = _READERS.get(kind)
    return reader(rest) if reader else None


def _read_opened(rest: str) -> tuple[What, str] | None:
    header, _, text = rest.partition(": ")
    severity, *parts = header.split(", ")
    if not _OPENED_SEVERITY.fullmatch(severity):
        return None
    opened = Opened(severity)
    for part in parts:
        if part == "unconfirmed":
            opened = replace(opened, unconfirmed=True)
        elif part.startswith("given as "):
            opened = replace(opened, given_as=part.removeprefix("given as "))
        elif part.startswith("impact from ") and (at := parse_instant(part.removeprefix("impact from "))):
            opened = replace(opened, started_at=at)
        elif part.startswith("detected ") and (at := parse_instant(part.removeprefix("detected "))):
            opened = replace(opened, detected_at=at)
        else:
            return None
    return opened, text


def _read_role(rest: str) -> tuple[What, str] | None:
    match = _match(_EXTRA_ROLE, rest)
    return (RoleChange(match[1], match[2]), match[3] or "") if match else None


def _match(pattern: str, rest: str) -> re.Match[str] | None:
    """Compiled when the first entry of its kind is read: most files have few kinds, and compiling takes longer than reading."""
    return re.match(pattern, rest, re.DOTALL)


def _read_severity(rest: str) -> tuple[What, str] | None:
    match = _match(_SEVERITY, rest)
    return (SeverityChange(match[1], match[2]), match[3] or "") if match else None


def _status(word: str) -> Status | None:
    try:
        return Status(word.lower())
    except ValueError:
        return Status.CANCELED if word.lower() == "cancelled" else None


def _read_status(rest: str) -> tuple[What, str] | None:
    match = _match(_STATUS, rest)
    status = _status(match[1]) if match else None
    return (StatusChange(status), match[2] or "") if match and status else None


def _read_update(rest: str) -> tuple[What, str] | None:
    match = _match(_STATUS, rest)
    status = _status(match[1]) if match else None
    return (Update(status), match[2] or "") if match and status else None


def _read_canceled(rest: str) -> tuple[What, str] | None:
    match = _match(_CANCELED, rest)
    if match is None or match[1] not in tuple(CancelReason):
        return None
    return Canceled(CancelReason(match[1]), match[2]), match[3] or ""


def _read_set(rest: str) -> tuple[What, str] | None:
    match = _match(_SET, rest)
    if match is None or match[1] not in SETTABLE_KEYS:
        return None
    old, new = (None if word == "none" else word for word in (match[2], match[3]))
    if new is not None and match[1] in TIME_KEYS and parse_instant(new) is None:
        return None
    return KeySet(match[1], old, new), match[4] or ""


def _read_done(rest: str) -> tuple[What, str] | None:
    match = _match(_DONE, rest)
    return (Done(match[1]), match[2] or "") if match else None


def _read_withdrawn(rest: str) -> tuple[What, str] | None:
    match = _match(_WITHDRAWN, rest)
    return (Withdrawn(match[1]), match[2] or "") if match else None


_READERS: Final = {
    "Opened": _read_opened,
    "Role": _read_role,
    "Severity": _read_severity,
    "Status": _read_status,
    "Update": _read_update,
    "Canceled": _read_canceled,
    "Cancelled": _read_canceled,
    "Set": _read_set,
    "Done": _read_done,
    "Withdrawn": _read_withdrawn,
}
_KINDS: Final = frozenset((*_MILESTONES, *_NOTES, *_ROLES, *_READERS))


def _read_fields(update: Update, text: str, further: list[str]) -> _Words:
    """The template's lines of an update; what is none of them is its text."""
    fields: dict[str, list[str]] = {}
    others: list[str] = [text] if text else []
    current: list[str] | None = None
    for line in further:
        match = _FIELD.match(line)
        if match:
            current = fields.setdefault(match[1], [])
            current.append(match[2] or "")
        elif current is not None and (line[:2] == "  " or not line.strip(" \t")):
            current.append(line[2:])
        else:
            current = None
            others.append(line)
    words = {name: _join(lines[0], lines[1:]) or None for name, lines in fields.items()}
    next_at = words.get("Next Update")
    commander = words.get("IC")
    filled = replace(
        update,
        impact=words.get("Impact"),
        theory=words.get("Current Theory"),
        actions=words.get("Actions in Progress"),
        next_at=parse_instant(next_at) if next_at else None,
        commander=commander.removeprefix("@") if commander else None,
        public=words.get("Public"),
    )
    return _Words(filled, _trimmed(unescape_lines(others, no_items=True)))
