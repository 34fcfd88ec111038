"""Edits by splicing: a write changes only its own bytes. Every function takes a text's Document and gives the new text."""

from collections.abc import Iterable, Mapping
from typing import Final

from incidentctl.document.entry_lines import render_entry
from incidentctl.document.front_matter import FrontMatter, written
from incidentctl.document.parse import Document, parse_document
from incidentctl.incident.entries import FOLDED_ROLES, TIME_KEYS, Entry
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Value
from incidentctl.incident.times import parse_instant

KEY_ORDER: Final = (
    "id",
    "title",
    "public_title",
    "severity",
    "status",
    "drill",
    "services",
    "regions",
    "team",
    "tags",
    *FOLDED_ROLES,
    *TIME_KEYS,
    "cancel_reason",
    "duplicate_of",
)
"""The order in which keys are written; one that is not here goes to the end."""


class EditError(Exception):
    """The splice would have changed more than its own bytes. Never leaves the package: the words are appended instead."""


def insert_entry(document: Document, entry: Entry) -> str:
    """The text with one entry more, after the last one with a smaller (time, id). Lines that stand are not moved."""
    newline = document.newline
    block = newline.join(render_entry(entry))
    text = document.text
    earlier = [placed for placed in document.placed if placed.entry.order < entry.order]
    if earlier:
        at = earlier[-1].end
        return text[:at] + newline + block + text[at:]
    if document.placed:
        at = document.placed[0].start
        return text[:at] + block + newline + text[at:]
    if document.timeline:
        return _insert_first(document, document.timeline.body, document.timeline.end, block)
    gap = "" if not text.strip("\ufeff") else newline if text.endswith("\n") else newline * 2
    return f"{text}{gap}## Timeline{newline}{newline}{block}{newline}"


def _insert_first(document: Document, body: int, end: int, block: str) -> str:
    """Into a section without entries: behind what people wrote there, a blank line before it and one behind."""
    text, newline = document.text, document.newline
    standing = text[body:end].rstrip()
    at = body + len(standing)
    before = newline if text[:at].endswith("\n") else newline * 2
    tail = text[at:end].lstrip(" \t\r\n")
    after = newline if end >= len(text) else newline * 2
    return text[:at] + before + block + after + tail + text[end:]


def set_key(document: Document, key: str, value: Value) -> str:
    """The text with a key of the front matter set; `None` removes it. Raises `EditError` where that cannot be done cleanly."""
    front = document.front
    if front is None or not front.is_readable:
        raise EditError(f"the front matter cannot be written: {key}")
    place = front.places.get(key)
    if place is None:
        text = document.text if value is None else _add_key(document, front, key, value)
    elif value is None:
        text = _remove_key(document, key)
    else:
        gap = " " if place.is_empty else ""
        text = document.text[: place.value_start] + gap + written(value) + document.text[place.value_end :]
    _check_only_changed(document, text, key, value)
    return text


def _add_key(document: Document, front: FrontMatter, key: str, value: Value) -> str:
    if not front.can_add:
        raise EditError("the front matter is not one key a line")
    text, newline = document.text, document.newline
    before = KEY_ORDER[: KEY_ORDER.index(key)] if key in KEY_ORDER else tuple(front.places)
    previous = [each for each in before if each in front.places]
    indentation = next(iter(front.places.values())).indentation if front.places else ""
    line = f"{indentation}{key}: {written(value)}{newline}"
    at = front.start
    if previous:
        last = max(front.places[each].value_end for each in previous[-1:])
        end = text.find("\n", max(last - 1, 0) if text[last - 1 : last] == "\n" else last, front.end)
        at = front.end if end < 0 else end + 1
    elif key not in KEY_ORDER:
        at = front.end
    return text[:at] + line + text[at:]


def _remove_key(document: Document, key: str) -> str:
    """Takes the key's line out; a comment behind the value stays, with the key and no value."""
    assert document.front is not None
    text, place = document.text, document.front.places[key]
    end = text.find("\n", place.value_end)
    end = len(text) if end < 0 else end
    if "#" in text[place.value_end : end]:
        return text[: place.value_start].rstrip(" ") + text[place.value_end :]
    if text[place.value_end - 1 : place.value_end] == "\n":
        end = place.value_end - 1
    return text[: place.start] + text[end + 1 :]


def _check_only_changed(document: Document, text: str, key: str, value: Value) -> None:
    """Reads the new text again: this key has this value, and every other key the one that it had."""
    after = parse_document(text).front
    before = document.front
    if after is None or before is None or not after.is_readable:
        raise EditError(f"setting {key} would break the front matter")
    expected = dict(before.values)
    if value is None:
        expected.pop(key, None)
    else:
        expected[key] = value
    found = {name: each for name, each in after.values.items() if not (name == key and each is None)}
    if found != expected:
        raise EditError(f"setting {key} would change more than that key")


def same_value(key: str, stands: Value, folded: str | None) -> bool:
    """Whether what stands in the front matter says what the fold says, however it is spelled."""
    if isinstance(stands, tuple | Mapping):
        return False
    if stands is None or not stands.strip() or stands.strip().lower() == "none":
        return folded is None
    if folded is None:
        return False
    if key in TIME_KEYS:
        at = parse_instant(stands)
        return at is not None and at.replace(microsecond=0) == parse_instant(folded)
    if key in FOLDED_ROLES:
        return stands.strip().removeprefix("@") == folded
    word = stands.strip().lower().replace("-", "_")
    return word == folded.lower() or (key == "status" and word == "cancelled" and folded == "canceled")


def refold(document: Document, *, hold: Iterable[str] = ()) -> str:
    """The text with its folded keys brought in line with its entries; keys in `hold` stay as they stand.

    Keys that say the same in another spelling are left alone. Raises `EditError`.
    """
    held = set(hold)
    for key, folded in fold(document.entries).as_keys().items():
        if key not in held and not same_value(key, document.value(key), folded):
            document = parse_document(set_key(document, key, folded))
    return document.text


def apply_edit(
    document: Document,
    *,
    incident: str,
    entries: Iterable[Entry] = (),
    keys: Mapping[str, Value] | None = None,
    hold: Iterable[str] = (),
) -> tuple[str, tuple[str, ...]]:
    """The text with entries added, plain keys set and the folded keys brought in line, and what could not be done.

    An entry whose id stands already is not written again. Where the front matter cannot be written the entries are
    saved all the same and a warning says so: no word is lost for a fault elsewhere in the file.
    """
    present = {entry.id for entry in document.entries}
    for entry in entries:
        if entry.id not in present:
            document = parse_document(insert_entry(document, entry), incident=incident)
    if document.front is None or not document.front.is_readable:
        fault = document.faults[0]
        return document.text, (f"line {fault.line}: {fault.message}; its keys were left alone",)
    warnings: list[str] = []
    for key, value in (keys or {}).items():
        try:
            if document.value(key) != value:
                document = parse_document(set_key(document, key, value), incident=incident)
        except EditError as error:
            warnings.append(f"{error}; change it in an editor")
    try:
        document = parse_document(refold(document, hold=hold), incident=incident)
    except EditError as error:
        warnings.append(f"{error}; its keys were left alone")
    return document.text, tuple(warnings)
