"""Entries: what is written reads back as the same, and any set of them gives one valid state."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from incidentctl.document.entry_lines import parse_entry, render_entry
from incidentctl.document.parse import parse_document
from incidentctl.incident.entries import FOLDED_ROLES, TIME_KEYS, Entry, Note, Status, Update, Withdrawn
from incidentctl.incident.lifecycle import effective, fold
from incidentctl.incident.times import parse_instant
from incidentctl.incident.words import clean_text
from tests.fuzz.seeds import DOCUMENT_WORDS, ENTRIES, documents
from tests.fuzz.target import INCIDENT, Choices, Target, joined, parts_of, text_of

_START = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)


def chosen_entry(choices: Choices, words: str) -> Entry:
    """An entry as a command makes it: one of each kind, with these words."""
    entry = choices.of(ENTRIES)
    text = clean_text(words)
    if entry.redacted or (isinstance(entry.what, Note) and not text):
        text = "" if entry.redacted else "x"
    what = entry.what
    if isinstance(what, Update):
        said = text or None
        what = replace(what, **{choices.of(("impact", "theory", "actions", "public")): said})
        text = text if choices.number(2) else ""
    at = _START + timedelta(minutes=choices.number(30) - 5, seconds=choices.number(2))
    return replace(
        entry,
        at=at,
        what=what,
        text=text,
        recorded_at=choices.of((None, at + timedelta(hours=1))),
        noted_by=choices.of((None, "bob")),
        agent=choices.of((False, True)),
        by_hand=choices.of((None, "3f2a1bc", "uncommitted")),
    )


def entry(data: bytes) -> None:
    """parse(render(x)) = x: of an entry with any words, and of whatever could be read from any lines."""
    chosen, words, lines = parts_of(data, 3)
    made = chosen_entry(Choices(chosen), text_of(words))
    again = parse_entry(render_entry(made))
    assert again is not None and again.entry == made, "an entry reads back as another one"
    read = parse_entry([line.rstrip("\r") for line in text_of(lines).split("\n")])
    if read is not None:
        written = render_entry(read.entry)
        assert not any("\n" in line for line in written)
        once = parse_entry(written)
        assert once is not None
        # Words typed by hand may be spelled anew once, and then stand.
        assert render_entry(once.entry) == render_entry(read.entry), "an entry changes each time that it is written"
        assert (once.entry.at.replace(microsecond=0), once.entry.id) == (
            read.entry.at.replace(microsecond=0),
            read.entry.id,
        )


def fold_any(data: bytes) -> None:
    """Any set of entries, in any order, gives the same state, and all of its values are valid."""
    chosen, text = parts_of(data, 2)
    choices = Choices(chosen)
    entries = list(parse_document(text_of(text), incident=INCIDENT).entries)
    for _ in range(choices.number(6)):
        entries.append(chosen_entry(choices, "x"))
    if entries and choices.number(2):
        target = choices.of(entries)
        entries.append(replace(target, what=Withdrawn(choices.of(entries).id), id=f"zz00{choices.number(10):02d}"))
    state = fold(entries)
    assert fold(choices.shuffled(entries[:60]) + entries[60:]) == state, "the order of entries makes a difference"
    assert fold(entries[::-1]) == state
    assert fold(effective(entries)) == state, "what is withdrawn counts"
    keys = state.as_keys()
    assert keys["status"] is None or keys["status"] in {status.value for status in Status}
    for key in TIME_KEYS:
        assert keys[key] is None or parse_instant(str(keys[key])) is not None, f"{key} is no time"
    for key in (*FOLDED_ROLES, "severity", "duplicate_of", "cancel_reason"):
        assert keys[key] is None or (keys[key] and "\n" not in str(keys[key])), f"{key} is no word"


def _seeds() -> list[bytes]:
    rendered = ["\n".join(render_entry(each)) for each in ENTRIES]
    return [joined(bytes((number, 0, number, number)), words, words) for number, words in enumerate(rendered)]


TARGETS = (
    Target("entry", entry, _seeds, DOCUMENT_WORDS, 2_000),
    Target("fold", fold_any, lambda: [joined(b"\x03\x05\x01\x0c", each) for each in documents()], DOCUMENT_WORDS),
)
