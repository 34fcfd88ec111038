"""Edits by splicing: a write changes only its own bytes. Every function takes a text's Document and gives the new text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from incidentctl.document.entry_lines import render_entry
from incidentctl.document.front_matter import read_front_matter, scalar, written
from incidentctl.document.parse import Document, parse_document
from incidentctl.document.places import FrontMatter, KeyPlace
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


def insert_entries(document: Document, entries: Iterable[Entry]) -> str:
    """The text with entries more, one by one: each after the last with a smaller (time, id). Lines that stand are not moved."""
    rest = list(entries)
    if rest and not document.placed:
        document = parse_document(_insert_first(document, rest.pop(0)))
    text, newline = document.text, document.newline
    standing = [(placed.entry.order, _next_line(text, placed.end), "") for placed in document.placed]
    for entry in rest:
        before = [index for index, (order, _, _) in enumerate(standing) if order < entry.order]
        at = standing[before[-1]][1] if before else document.placed[0].start
        block = newline.join(render_entry(entry))
        standing.insert(before[-1] + 1 if before else 0, (entry.order, at, block))
    added = [(_out_of_conflict(document, at), block) for _, at, block in standing if block]
    pieces: list[str] = []
    done = 0
    for at, block in sorted(added, key=lambda each: each[0]):
        is_open_end = at == len(text) and not text.endswith("\n")
        pieces += [text[done:at], newline + block if is_open_end else block + newline]
        done = at
    return "".join((*pieces, text[done:]))


def _next_line(text: str, at: int) -> int:
    """Where the next line begins; the end of the text where there is none."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _insert_first(document: Document, entry: Entry) -> str:
    """The first entry: below what people wrote in the section, else in a section of its own at the end of the file."""
    text, newline, timeline = document.text, document.newline, document.timeline
    lines = render_entry(entry)
    if timeline is None:
        lines = ["## Timeline", "", *lines]
        at = len(text)
        standing = text
    else:
        standing = text[: timeline.body] + text[timeline.body : timeline.end].rstrip(" \t\r\n")
        at = timeline.body if len(standing) == timeline.body else _next_line(text, len(standing))
        at = _out_of_conflict(document, at)
    next_end = _next_line(text, at)
    if at < len(text) and not text[at:next_end].strip():
        at = next_end
    elif standing not in ("", "\ufeff") and not text[:at].endswith(("\n\n", "\n\r\n")):
        lines = ["", *lines]
    if at < len(text) and text[at : _next_line(text, at)].strip():
        lines = [*lines, ""]
    block = newline.join(lines)
    if text[:at].endswith("\n") or text[:at] in ("", "\ufeff"):
        return text[:at] + block + newline + text[at:]
    # A line that ends in a return needs the other half alone: a second return would be a part of its words.
    return text[:at] + ("\n" if text[:at].endswith("\r") else newline) + block + text[at:]


def _out_of_conflict(document: Document, at: int) -> int:
    """The same place, or one outside: whoever settles a conflict of a merge throws away what stands between its markers."""
    if all(fault.code != "conflict-markers" for fault in document.faults):
        return at
    text = document.text
    start = 0 if text.startswith("<<<<<<<") else -1
    start = max(start, text.rfind("\n<<<<<<<", 0, at) + 1 or -1)
    if start < 0 or start >= at or text.find("\n>>>>>>>", start, at) >= 0:
        return at
    end = text.find("\n>>>>>>>", at - 1)
    end = len(text) if end < 0 else _next_line(text, end + 1)
    section = document.timeline
    if section is None or end <= section.end:
        return end
    return start if start >= section.body else at


def set_key(document: Document, key: str, value: Value) -> str:
    """The text with a key of the front matter set; `None` removes it. Raises `EditError` where that cannot be done cleanly."""
    front = document.front
    if front is None or not front.is_readable:
        raise EditError(f"the front matter cannot be written: {key}")
    return _Keys(document.text, front, document.newline).set(key, value).text


class _Keys(Struct, frozen=True):
    """A text with the place of each key in it: what is needed to set one, without reading the body again."""

    text: str
    front: FrontMatter
    newline: str

    def set(self, key: str, value: Value) -> "_Keys":
        """Raises `EditError` where the result would not say what was said before, and this."""
        if isinstance(value, Mapping):
            raise EditError(f"{key} would become a mapping")
        expected = dict(self.front.values)
        if value is None:
            expected.pop(key, None)
        else:
            expected[key] = value
        for text in self._attempts(key, value):
            front = read_front_matter(text)
            if front is None or not front.is_readable or text[front.end :] != self.text[self.front.end :]:
                continue
            found = {name: each for name, each in front.values.items() if not (name == key and each is None)}
            if found == expected:
                return _Keys(text, front, self.newline)
        raise EditError(f"{key} cannot be set without a change to more than that key")

    def _attempts(self, key: str, value: Value) -> Iterator[str]:
        place = self.front.places.get(key)
        if place is None and value is None:
            yield self.text
        elif place is None:
            yield from self._added(key, value)
        elif value is None:
            yield self._removed(place)
        else:
            yield self._replaced(place, written(value, key=key))

    def _replaced(self, place: KeyPlace, words: str) -> str:
        text = self.text
        if place.is_empty:
            return f"{text[: place.key_end]} {words}{text[place.key_end :]}"
        if "\n" not in text[place.key_end : place.value_start]:
            return text[: place.value_start] + words + text[place.value_end :]
        # The value begins below its key, as a list does: a comment beside the key stays.
        beside = text[place.key_end : text.index("\n", place.key_end)].rstrip("\r")
        return f"{text[: place.key_end]} {words}{beside}{text[place.value_end :]}"

    def _removed(self, place: KeyPlace) -> str:
        """Without the key's lines; a comment behind the value stays, with the key and no value."""
        text = self.text
        next_line = _next_line(text, place.value_end)
        if "#" in text[place.value_end : next_line]:
            return text[: place.key_end] + text[place.value_end :]
        return text[: place.start] + text[next_line:]

    def _added(self, key: str, value: Value) -> Iterator[str]:
        text, front = self.text, self.front
        if not front.can_add:
            return
        before = KEY_ORDER[: KEY_ORDER.index(key)] if key in KEY_ORDER else tuple(front.places)
        previous = [front.places[each] for each in before if each in front.places]
        indentation = next(iter(front.places.values())).indentation if front.places else ""
        line = f"{indentation}{scalar(key)}: {written(value, key=key)}{self.newline}"
        first = _next_line(text, previous[-1].value_end) if previous else front.start if key in KEY_ORDER else front.end
        for at in (first, front.end):
            yield text[:at] + line + text[at:]


def same_value(key: str, stands: Value, folded: str | None) -> bool:
    """Whether what stands in the front matter says what the fold says, however it is spelled."""
    if isinstance(stands, tuple | Mapping):
        return False
    word = (stands or "").strip()
    if key in FOLDED_ROLES:
        word = word.removeprefix("@")
    if folded is not None and word == folded:
        return True
    if word.lower() in ("", "none"):
        return folded is None
    if folded is None or key in FOLDED_ROLES or key == "duplicate_of":
        return False
    if key in TIME_KEYS:
        at = parse_instant(word)
        return at is not None and at == parse_instant(folded)
    word, folded = word.lower().replace("-", "_"), folded.lower().replace("-", "_")
    return word == folded or (key == "status" and word == "cancelled" and folded == "canceled")


def refold(document: Document, *, hold: Iterable[str] = ()) -> str:
    """The text with its folded keys brought in line with its entries; keys in `hold` stay as they stand.

    Keys that say the same in another spelling are left alone. Raises `EditError`.
    """
    if document.front is None or not document.front.is_readable:
        raise EditError("the front matter cannot be written")
    keys, errors = _refolded(_Keys(document.text, document.front, document.newline), document.entries, hold)
    if errors:
        raise errors[0]
    return keys.text


def _refolded(keys: _Keys, entries: Iterable[Entry], hold: Iterable[str]) -> tuple[_Keys, list[EditError]]:
    held = set(hold)
    errors: list[EditError] = []
    for key, folded in fold(entries).as_keys().items():
        if key not in held and not same_value(key, keys.front.values.get(key), folded):
            try:
                keys = keys.set(key, folded)
            except EditError as error:
                errors.append(error)
    return keys, errors


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
    new: list[Entry] = []
    for entry in entries:
        if not entry.id or entry.id not in present:
            present.add(entry.id)
            new.append(entry)
    if new:
        document = parse_document(insert_entries(document, new), incident=incident)
    if document.front is None or not document.front.is_readable:
        fault = document.faults[0]
        return document.text, (f"line {fault.line}: {fault.message}; its keys were left alone",)
    warnings = [f"line {each.line}: {each.message}" for each in document.faults if each.code == "conflict-markers"]
    written_keys = _Keys(document.text, document.front, document.newline)
    for key, value in (keys or {}).items():
        try:
            if written_keys.front.values.get(key) != value:
                written_keys = written_keys.set(key, value)
        except EditError as error:
            warnings.append(f"{error}: change it in an editor")
    written_keys, errors = _refolded(written_keys, document.entries, hold)
    warnings += [f"{error}: change it in an editor" for error in errors]
    return written_keys.text, tuple(warnings)
