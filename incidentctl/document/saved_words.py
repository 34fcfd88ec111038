"""A request, and what was decided of it, as plain data: how a word waits until it can be committed. Pure.

Entries are kept as the lines that the file would hold, so that a person can read what waits, and no second format is
needed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from incidentctl.document.edit import apply_edit
from incidentctl.document.entry_lines import parse_entry, render_entry
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import parse_document
from incidentctl.incident.entries import Entry, RedactReason, Update
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.model import Value
from incidentctl.incident.requests import AlertWord, Author, Happened, Redaction, Request, Verb
from incidentctl.incident.times import format_instant, parse_instant
from incidentctl.incident.words import handle_of

_VERSION = 1

Json = bool | int | str | Sequence["Json"] | Mapping[str, "Json"] | None


class Plan(Struct, frozen=True):
    """What was decided: the file, the entries with their ids, the keys, and the commit's message."""

    incident: str
    path: str
    entries: tuple[Entry, ...]
    message: str
    keys: Mapping[str, Value] = field(default_factory=dict)
    new_text: str | None = None
    redactions: tuple[Redaction, ...] = ()


class Edited(Struct, frozen=True):
    """A text from an editor, and the one that the editor was opened with."""

    text: str
    base: str


def with_plan(text: str, plan: Plan) -> str:
    """A text with what was decided for it: entries that stand already are not written again.

    Keys that say more than their entries are somebody's change by hand that is not taken over yet, and stay as they are.
    """
    document = parse_document(text, incident=plan.incident)
    for redaction in plan.redactions:
        from incidentctl.document.redaction import redact_entry  # only where something is redacted

        document = parse_document(redact_entry(document, redaction, incident=plan.incident), incident=plan.incident)
    hold = differing_keys(document)
    return apply_edit(document, incident=plan.incident, entries=plan.entries, keys=plan.keys, hold=hold)[0]


def redacted_plan(request: Request, plan: Plan, redaction: Redaction) -> tuple[Request, Plan] | None:
    """A request and its plan without the words of an entry; `None` where the entry is none of theirs."""
    from incidentctl.document.redaction import redact_entry, redacted_entry  # only where something is redacted

    gone = [entry for entry in plan.entries if entry.id == redaction.entry]
    if not gone:
        return None
    texts = {entry.text for entry in gone}
    request = replace(
        request,
        entries=tuple(
            redacted_entry(entry, redaction) if entry.text in texts or isinstance(entry.what, Update) else entry
            for entry in request.entries
        ),
    )
    new_text = plan.new_text
    if new_text is not None:
        new_text = redact_entry(parse_document(new_text, incident=plan.incident), redaction, incident=plan.incident)
    entries = tuple(redacted_entry(entry, redaction) if entry in gone else entry for entry in plan.entries)
    return request, replace(plan, entries=entries, new_text=new_text)


def request_as_data(request: Request, plan: Plan | None = None, *, edited: Edited | None = None) -> dict[str, Json]:
    """What is written to the spool."""
    data: dict[str, Json] = {
        "version": _VERSION,
        "verb": request.verb.value,
        "incident": request.incident,
        "by": request.author.handle,
        "noted_by": request.author.noted_by,
        "agent": request.author.agent,
        "now": request.now.isoformat(),
        "at": format_instant(request.at) if request.at else None,
        "chance": request.chance,
        "entries": [_entry_as_text(entry) for entry in request.entries],
        "keys": _keys_as_data(request.keys),
        "given": sorted(request.given),
        "target": request.target,
        "redaction": _redaction_as_data(request.redaction),
    }
    if request.alert is not None:
        data["alert"] = _alert_as_data(request.alert)
    if plan is not None:
        data["plan"] = {
            "incident": plan.incident,
            "path": plan.path,
            "entries": [_entry_as_text(entry) for entry in plan.entries],
            "message": plan.message,
            "keys": _keys_as_data(plan.keys),
            "new_text": plan.new_text,
            "redactions": [_redaction_as_data(each) for each in plan.redactions],
        }
    if edited is not None:
        data["edited"] = {"text": edited.text, "base": edited.base}
    return data


def request_of_data(data: Mapping[str, object]) -> tuple[Request, Plan | None, Edited | None]:
    """The inverse. Raises `ValueError` (or `KeyError`, `TypeError`) for what an other version wrote, or a broken item."""
    if data.get("version") != _VERSION:
        raise ValueError("saved by another version")
    plan = data.get("plan")
    at = data["at"]
    request = Request(
        verb=Verb(str(data["verb"])),
        incident=_id_of(data["incident"]),
        author=Author(
            _handle_of(data["by"]),
            None if data["noted_by"] is None else _handle_of(data["noted_by"]),
            agent=data["agent"] is not False,
        ),
        now=_moment_of(str(data["now"])),
        chance=int(str(data["chance"])),
        at=parse_instant(str(at)) if at else None,
        entries=_entries_of(data["entries"]),
        keys=_keys_of(data["keys"]),
        given=frozenset(str(each) for each in _list(data["given"])),
        target=_word_or_none(data["target"]),
        redaction=_redaction_of(data.get("redaction")),
        alert=_alert_of(data.get("alert")),
    )
    edited = data.get("edited")
    return (
        request,
        _plan_of(plan) if isinstance(plan, Mapping) else None,
        Edited(str(edited["text"]), str(edited["base"])) if isinstance(edited, Mapping) else None,
    )


def _moment_of(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text} leaves the years 1 to 9999") from None


def _plan_of(data: Mapping[str, object]) -> Plan:
    incident, path = _id_of(data["incident"]), str(data["path"])
    if not f"/{path}".endswith(f"/incidents/{incident[:4]}/{incident[5:7]}/{incident}.md"):
        raise ValueError("the path is not that of the incident")
    return Plan(
        incident=incident,
        path=path,
        entries=_entries_of(data["entries"]),
        message=str(data["message"]),
        keys=_keys_of(data["keys"]),
        new_text=_word_or_none(data["new_text"]),
        redactions=tuple(each for data in _list(data.get("redactions", [])) if (each := _redaction_of(data))),
    )


def _redaction_as_data(redaction: Redaction | None) -> Mapping[str, Json] | None:
    if redaction is None:
        return None
    return {"entry": redaction.entry, "reason": redaction.reason.value, "hides_author": redaction.hides_author}


def _redaction_of(data: object) -> Redaction | None:
    if not isinstance(data, Mapping):
        return None
    return Redaction(str(data["entry"]), RedactReason(str(data["reason"])), bool(data["hides_author"]))


def _alert_as_data(alert: AlertWord) -> Mapping[str, Json]:
    return {
        "keys": list(alert.keys),
        "happened": alert.happened.value,
        "text": alert.text,
        "at": format_instant(alert.at) if alert.at else None,
        "firing_since": [format_instant(each) for each in alert.firing_since],
    }


def _alert_of(data: object) -> AlertWord | None:
    if not isinstance(data, Mapping):
        return None
    return AlertWord(
        keys=tuple(str(each) for each in _list(data["keys"])),
        happened=Happened(str(data["happened"])),
        text=str(data["text"]),
        at=parse_instant(str(data["at"])),
        firing_since=tuple(at for each in _list(data["firing_since"]) if (at := parse_instant(str(each)))),
    )


def _entry_as_text(entry: Entry) -> str:
    return "\n".join(render_entry(entry))


def _entries_of(data: object) -> tuple[Entry, ...]:
    read = [parse_entry(str(text).split("\n")) for text in _list(data)]
    if None in read:
        raise ValueError("an entry that cannot be read")
    return tuple(each.entry for each in read if each)


def _keys_as_data(keys: Mapping[str, Value]) -> dict[str, Json]:
    return dict(keys)


def _keys_of(data: object) -> dict[str, Value]:
    if not isinstance(data, Mapping):
        raise TypeError("keys are a mapping")
    return {str(key): _value_of(value) for key, value in data.items()}


def _value_of(data: object) -> Value:
    if data is None or isinstance(data, str):
        return data
    if isinstance(data, list) and all(isinstance(each, str) for each in data):
        return tuple(data)
    raise TypeError("a key has words")


def _id_of(data: object) -> str:
    if not is_incident_id(str(data)):
        raise ValueError("that is no incident")
    return str(data)


def _handle_of(data: object) -> str:
    if handle_of(str(data)) != data:
        raise ValueError("that is no handle")
    return str(data)


def _list(data: object) -> list[object]:
    if not isinstance(data, list):
        raise TypeError("a list was expected")
    return data


def _word_or_none(data: object) -> str | None:
    return None if data is None else str(data)
