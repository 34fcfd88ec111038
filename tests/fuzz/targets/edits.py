"""Edits touch their own bytes alone, say afterwards what they were asked to say, and done again change nothing."""

from msgspec.structs import replace

from incidentctl.document.edit import EditError, apply_edit, insert_entries, refold, set_key
from incidentctl.document.hand_edits import PastVersion, differing_keys, take_over
from incidentctl.document.parse import Document, parse_document
from incidentctl.document.postmortem import set_keys
from incidentctl.errors import RefusedError
from incidentctl.incident.entries import FOLDED_KEYS
from incidentctl.incident.model import Value
from incidentctl.incident.words import clean_line
from tests.fuzz.seeds import DOCUMENT_WORDS, START, documents
from tests.fuzz.target import (
    INCIDENT,
    Choices,
    Target,
    assert_lines_are_kept,
    assert_one_piece_was_put_in,
    joined,
    parts_of,
    text_of,
)
from tests.fuzz.targets.entries import chosen_entry

_KEYS = (
    "title",
    "services",
    "links",
    "notes",
    "status",
    "anchor",
    "alias",
    "slo",
    "x-team",
    "commander",
    "drill",
    "id",
)


def _read(text: str) -> Document:
    return parse_document(text, incident=INCIDENT)


def _has_conflict(document: Document) -> bool:
    return any(fault.code == "conflict-markers" for fault in document.faults)


def insert(data: bytes) -> None:
    """One entry more: one piece is put in, the entry reads back, and all others are as they were."""
    chosen, words, text = parts_of(data, 3)
    before = _read(text_of(text))
    new = replace(chosen_entry(Choices(chosen), text_of(words)), id="zzzz99")
    if any(entry.id == new.id for entry in before.entries):
        return
    after_text = insert_entries(before, (new,))
    assert_one_piece_was_put_in(before.text, after_text)
    after = _read(after_text)
    read = [entry for entry in after.entries if entry.id == new.id]
    others = [entry for entry in after.entries if entry.id != new.id]
    if _has_conflict(before):  # what stands between its markers belongs to the entry above, so perhaps to this one
        assert len(read) == 1 and [entry.id for entry in others] == [entry.id for entry in before.entries]
        return
    assert read == [new], "the entry does not read back"
    assert others == list(before.entries), "another entry was changed"
    # `---` alone is no front matter, and with lines below it one that does not end.
    assert after.front == before.front or before.front is None, "the front matter was changed"
    at = next(index for index, entry in enumerate(after.entries) if entry.id == new.id)
    assert at == 0 or after.entries[at - 1].order <= new.order, "it stands behind a later one"
    assert all(entry.order > new.order for entry in after.entries[at + 1 :]), "an earlier one stands behind it"


def set_one_key(data: bytes) -> None:
    """One key of the front matter: nothing but the lines of that key is touched, and the others say what they said."""
    chosen, words, text = parts_of(data, 3)
    choices = Choices(chosen)
    before = _read(text_of(text))
    key = choices.of((*_KEYS, *(before.front.values if before.front else ())))
    word = clean_line(text_of(words))
    value: Value = choices.of((word, (word, "b"), None, ()))
    try:
        after_text = set_key(before, key, value)
    except EditError:
        return
    after = _read(after_text)
    assert before.front is not None and after.front is not None and after.front.is_readable
    assert after.value(key) == value, "the key does not say what was asked for"
    assert {name: each for name, each in after.front.values.items() if name != key} == {
        name: each for name, each in before.front.values.items() if name != key
    }, "another key was changed"
    assert after_text[after.front.end :] == before.text[before.front.end :], "the body was changed"
    assert after_text[: after.front.start] == before.text[: before.front.start]
    place = before.front.places.get(key)
    first = before.text.count("\n", 0, place.start) if place else 0
    own = range(first, before.text.count("\n", 0, place.value_end) + 1) if place else range(0)
    assert_lines_are_kept(before.text, after_text, but=own)
    assert set_key(after, key, value) == after_text, "the same again changes something"


def edit(data: bytes) -> None:
    """What a command does to a file: entries, plain keys, folded keys. No word of it is lost, nor one that stood there."""
    chosen, words, text = parts_of(data, 3)
    choices = Choices(chosen)
    before = _read(text_of(text))
    nothing, said = apply_edit(before, incident=INCIDENT, hold=differing_keys(before))
    assert nothing == before.text, f"no edit, and a change: {said}"
    entries = [
        replace(chosen_entry(choices, text_of(words)), id=f"zzzz{number:02d}") for number in range(choices.number(4))
    ]
    if {entry.id for entry in entries} & {entry.id for entry in before.entries}:
        return
    keys: dict[str, Value] = {choices.of(_KEYS[:4]): clean_line(text_of(words))} if choices.number(2) else {}
    hold = differing_keys(before)
    after_text, warnings = apply_edit(before, incident=INCIDENT, entries=entries, keys=keys, hold=hold)
    after = _read(after_text)
    ours = {entry.id for entry in entries}
    assert ours <= {entry.id for entry in after.entries}, "an entry was lost"
    if not _has_conflict(before):
        assert {entry.id: entry for entry in after.entries if entry.id in ours} == {each.id: each for each in entries}
        assert [entry for entry in after.entries if entry.id not in ours] == list(before.entries)
    front, new_front = before.front, after.front
    if front is not None and front.is_readable and new_front is not None:
        assert new_front.is_readable
        assert_lines_are_kept(before.text[front.end :], after_text[new_front.end :])
        for key in front.values.keys() - keys.keys() - set(FOLDED_KEYS):
            assert new_front.values.get(key) == front.values[key], f"{key} was changed"
        if not warnings:
            assert set(differing_keys(after)) <= set(hold), "the front matter does not say what the entries say"
            assert all(after.value(key) == value for key, value in keys.items())
    else:
        assert warnings, "keys were left alone, and nothing says so"
        assert_lines_are_kept(before.text, after_text)
    again, _ = apply_edit(after, incident=INCIDENT, entries=entries, keys=keys, hold=hold)
    assert again == after_text, "the same again changes something"


def fold_keys(data: bytes) -> None:
    """The folded keys brought in line: then they say what the entries say, and again nothing changes."""
    before = _read(text_of(data))
    try:
        text = refold(before)
    except EditError:
        return
    after = _read(text)
    assert after.entries == before.entries
    assert differing_keys(after) == ()
    assert refold(after) == text


def hand_edits(data: bytes) -> None:
    """What people changed by hand is taken over once, and then the two agree, or the clash is named and the key stands."""
    now_text, past_text = parts_of(data, 2)
    document, past = _read(text_of(now_text)), _read(text_of(past_text))
    history = [PastVersion("3f2a1bc", "ann", START, past)]
    taken = take_over(document, history, incident=INCIDENT, by="bob", now=START)
    text, warnings = apply_edit(document, incident=INCIDENT, entries=taken.entries, hold=taken.hold)
    after = _read(text)
    ids = {entry.id for entry in after.entries}
    assert all(entry.id in ids for entry in taken.entries)
    if document.is_readable and not warnings:
        assert set(differing_keys(after)) <= taken.hold, "a key that nobody holds says something else"
    committed = [PastVersion("4f2a1bc", "bob", START, after), *history]
    second = take_over(after, committed, incident=INCIDENT, by="bob", now=START)
    if not warnings and not taken.clashes:
        again, _ = apply_edit(after, incident=INCIDENT, entries=second.entries, hold=second.hold)
        assert again == text, "what was taken over is taken over again"


def postmortem_keys(data: bytes) -> None:
    """Keys of a post-mortem: the body stays, a text without front matter is given one, and what was said reads back."""
    chosen, words, text = parts_of(data, 3)
    choices = Choices(chosen)
    before = text_of(text)
    word = clean_line(text_of(words)) or "x"
    values: tuple[Value, ...] = (word, (word, "b"))
    value = choices.of(values)
    key = choices.of(("status", "authors", "reviewers", "root_cause", "published_at"))
    try:
        after = set_keys(before, {key: value}, incident=INCIDENT)
    except RefusedError as refused:
        assert refused.message and refused.hint
        return
    assert _read(after).value(key) == value
    assert set_keys(after, {key: value}, incident=INCIDENT) == after
    front = _read(before).front
    if front is None:
        assert after.endswith(before.removeprefix("\ufeff"))


def _seeds() -> list[bytes]:
    return [joined(bytes((number, 3, number, 1, 0)), "a **word** \\", each) for number, each in enumerate(documents())]


def _pairs() -> list[bytes]:
    return [joined(one, other) for one, other in zip(documents(), documents()[1:], strict=False)] + [
        joined(each.replace("severity: SEV2", "severity: SEV1").replace("status: ", "status: resolved #"), each)
        for each in documents()[:8]
    ]


TARGETS = (
    Target("insert", insert, _seeds, DOCUMENT_WORDS),
    Target("set-key", set_one_key, _seeds, DOCUMENT_WORDS),
    Target("edit", edit, _seeds, DOCUMENT_WORDS),
    Target("refold", fold_keys, lambda: [each.encode() for each in documents()], DOCUMENT_WORDS),
    Target("hand-edits", hand_edits, _pairs, DOCUMENT_WORDS, 6_000),
    Target("postmortem-keys", postmortem_keys, _seeds, DOCUMENT_WORDS),
)
