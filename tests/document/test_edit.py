"""Edits by splicing: a write changes only its own bytes, and says afterwards what it was asked to say."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.document.edit import (
    EditError,
    apply_edit,
    insert_entries,
    refold,
    same_value,
    set_key,
)
from incidentctl.document.entry_lines import render_entry
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import Document, parse_document
from incidentctl.incident.entries import (
    FOLDED_KEYS,
    Canceled,
    CancelReason,
    Entry,
    Milestone,
    Note,
    Opened,
    Reached,
    SeverityChange,
)
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Value
from tests.document.documents import INCIDENT, TITLES, Sample, new_entries, samples
from tests.strategies import START

OPENED = Entry(START, Opened("SEV2"), "p99 above 4 s", "ann", "000001")
NOTE = Entry(START + timedelta(minutes=7), Note(), "pool exhausted", "bob", "00w1gy")

HEAD = f"---\nid: {INCIDENT}\ntitle: Checkout latency\n"
BODY = "---\n\n# Checkout latency\n\n## Timeline\n\n" + "\n".join(render_entry(OPENED)) + "\n"
CONSISTENT = HEAD + (
    "severity: SEV2\nstatus: investigating\ndeclared_at: 2026-05-14T10:00:00Z\nacknowledged_at: 2026-05-14T10:00:00Z\n"
    + BODY
)


def insert_entry(document: Document, entry: Entry) -> str:
    """The text with one entry more."""
    return insert_entries(document, (entry,))


def read(text: str) -> Document:
    return parse_document(text, incident=INCIDENT)


def inserted(old: str, new: str) -> str:
    """What was put into `old`, in one piece, to make `new`: whole lines where it can be seen so."""
    return readings(old, new)[0]


def readings(old: str, new: str) -> list[str]:
    """All that can have been put in: where the text around it is alike there are several, whole lines first."""
    added = len(new) - len(old)
    same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(old))
    places = [at for at in range(same, -1, -1) if new[at + added :] == old[at:]]
    assert places, f"more than one piece was changed:\n{old!r}\n{new!r}"
    places.sort(key=lambda at: at > 0 and old[at - 1] != "\n")
    return [new[at : at + added] for at in places]


def is_in_order_within(old: str, new: str) -> bool:
    """Whether each line of `old` is in `new`, with its own end of line, in the same order."""
    *whole, last = old.split("\n")
    lines = iter(new.split("\n"))
    return all(line in lines for line in whole) and any(line.rstrip("\r") == last for line in lines)


# ------------------------------------------------------------------------------------------------------ one entry more


@settings(max_examples=100, deadline=None)
@given(samples(), new_entries(size=1))
def test_an_entry_is_put_in_and_every_other_byte_stays(sample: Sample, entries: list[Entry]) -> None:
    for entry in (replace(each, id="zz0099") for each in entries):
        before = sample.document
        text = insert_entry(before, entry)
        own = before.newline.join(render_entry(entry))
        pieces = [piece.strip("\r\n").removeprefix("## Timeline") for piece in readings(sample.text, text)]
        assert own in [piece.strip("\r\n") for piece in pieces]
        after = read(text)
        assert [each for each in after.entries if each.id == entry.id] == [entry]
        assert [each.id for each in after.entries if each.id != entry.id] == [each.id for each in before.entries]
        assert after.front == before.front


@settings(max_examples=100, deadline=None)
@given(samples(), new_entries())
def test_a_new_entry_stands_behind_the_last_one_with_a_smaller_time_and_id(
    sample: Sample, entries: list[Entry]
) -> None:
    for entry in (replace(each, id="zz0099") for each in entries[:1]):
        after = read(insert_entry(sample.document, entry)).entries
        at = after.index(entry)
        assert all(each.order > entry.order for each in after[at + 1 :])
        assert at == 0 or after[at - 1].order < entry.order


@settings(max_examples=100, deadline=None)
@given(samples(), new_entries())
def test_many_entries_at_once_stand_where_one_by_one_would_put_them(sample: Sample, entries: list[Entry]) -> None:
    entries = [replace(entry, id=f"zz00{index:02d}") for index, entry in enumerate(entries)]
    text = sample.text
    for entry in entries:
        text = insert_entry(read(text), entry)
    assert insert_entries(sample.document, entries) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "## Timeline\n\n{}\n"),
        ("\ufeff", "\ufeff## Timeline\n\n{}\n"),
        ("# Title", "# Title\n\n## Timeline\n\n{}"),
        ("# Title\n", "# Title\n\n## Timeline\n\n{}\n"),
        ("# Title\n\n", "# Title\n\n## Timeline\n\n{}\n"),
        ("# Title\r\n", "# Title\r\n\r\n## Timeline\r\n\r\n{}\r\n"),
        ("## Timeline", "## Timeline\n\n{}"),
        ("## Timeline\n", "## Timeline\n\n{}\n"),
        ("## Timeline\n\n", "## Timeline\n\n{}\n"),
        ("## Timeline\n\n## Notes\n", "## Timeline\n\n{}\n\n## Notes\n"),
        ("## Timeline\n## Notes\n", "## Timeline\n\n{}\n\n## Notes\n"),
        ("## Timeline\n\n\n\n## Notes\n", "## Timeline\n\n{}\n\n\n## Notes\n"),
        ("## Timeline\n\nSoon.  \n\n## Notes\n", "## Timeline\n\nSoon.  \n\n{}\n\n## Notes\n"),
        ("## Timeline\n\nSoon.", "## Timeline\n\nSoon.\n\n{}"),
        ("timeline\n--------\n", "timeline\n--------\n\n{}\n"),
    ],
)
def test_the_first_entry_stands_below_the_heading_with_a_blank_line_on_each_side(before: str, after: str) -> None:
    assert insert_entry(read(before), NOTE) == after.format("\n".join(render_entry(NOTE)))


def test_a_file_of_mixed_line_endings_keeps_each() -> None:
    text = BODY.removeprefix("---\n").replace(
        "— @ann <!-- e:000001 -->\n", "— @ann <!-- e:000001 -->\r\r\n\n## Notes\n"
    )
    assert inserted(text, insert_entry(read(text), NOTE)) == "\n".join(render_entry(NOTE)) + "\n"


def test_an_entry_is_not_put_between_the_markers_of_a_conflict() -> None:
    later = "- 2026-05-14T10:{}:00Z x — @bob <!-- e:0000{} -->\n"
    markers = "<<<<<<< HEAD\n" + later.format(20, 20) + "=======\n" + later.format(30, 30) + ">>>>>>> other\n"
    for tail in ("", "\n## Notes\n"):
        for text in (CONSISTENT + markers + tail, CONSISTENT + markers + later.format(40, 40) + tail):
            for minute in (7, 25, 35, 50):
                entry = replace(NOTE, at=START + timedelta(minutes=minute))
                new, warnings = apply_edit(read(text), incident=INCIDENT, entries=(entry,))
                assert markers in new
                assert entry in read(new).entries
                assert [warning for warning in warnings if "conflict markers" in warning]


def test_a_file_that_begins_with_a_conflict_or_ends_in_one_takes_an_entry_outside_of_it() -> None:
    whole = "<<<<<<< HEAD\n## Timeline\n=======\n## Timeline\n>>>>>>> other\n"
    assert NOTE in read(insert_entry(read(whole), NOTE)).entries
    inside = "<<<<<<< HEAD\n## Timeline\n\n- 2026-05-14T10:00Z x\n=======\n>>>>>>> other\n- 2026-05-14T10:30Z y\n"
    for minute in (-60, 7):
        new = insert_entry(read(inside), replace(NOTE, at=START + timedelta(minutes=minute)))
        assert new.startswith(inside[: inside.index("- 2026-05-14T10:30Z y")] + "- 2026-05-14T")
    tail = CONSISTENT + "<<<<<<< HEAD\n- 2026-05-14T10:20:00Z x\n=======\n"
    assert insert_entry(read(tail), replace(NOTE, at=START + timedelta(hours=1))).startswith(tail)
    settled = CONSISTENT + ">>>>>>> other\n"
    assert insert_entry(read(settled), NOTE).startswith(settled)


def test_an_entry_goes_before_a_conflict_that_reaches_beyond_the_timeline() -> None:
    text = CONSISTENT + "<<<<<<< HEAD\n\n## Notes\n\nours\n=======\n## Other\n>>>>>>> other\n"
    new = insert_entry(read(text), NOTE)
    assert new == text.replace("<<<<<<< HEAD", "\n".join(render_entry(NOTE)) + "\n<<<<<<< HEAD")


@pytest.mark.parametrize("block", ["```", "~~~", "<!-- never closed"])
def test_a_block_that_never_ends_swallows_no_entry(block: str) -> None:
    text, _ = apply_edit(read(CONSISTENT + f"{block}\nsome lines\n"), incident=INCIDENT, entries=(NOTE,))
    assert read(text).entries == (replace(OPENED, text=f"p99 above 4 s\n{block}\nsome lines"), NOTE)


# ------------------------------------------------------------------------------------------------------------ one key

VALUES = st.one_of(
    st.sampled_from(TITLES),
    st.text(max_size=20).filter(lambda word: not any("\ud800" <= each <= "\udfff" for each in word)),
    st.lists(st.sampled_from(TITLES), max_size=3).map(tuple),
)
KEYS = (
    "title",
    "services",
    "x-team",
    "links",
    "notes",
    "empty",
    "deep",
    "several",
    "a key",
    "status",
    "new_key",
    "on",
    "é",
)


@settings(max_examples=150, deadline=None)
@given(samples(), st.sampled_from(KEYS), st.none() | VALUES)
def test_a_key_is_set_and_every_other_line_stays(sample: Sample, key: str, value: Value) -> None:
    before = sample.document
    assert before.front is not None
    text = set_key(before, key, value)
    after = read(text)
    assert after.front is not None
    others: Mapping[str, Value] = {name: each for name, each in before.front.values.items() if name != key}
    assert {name: each for name, each in after.front.values.items() if name != key} == others
    assert after.value(key) == value
    assert text[after.front.end :] == sample.text[before.front.end :]
    place = before.front.places.get(key)
    if place is None:
        piece = inserted(sample.text, text)
        assert piece == "" if value is None else piece.count("\n") == 1 and piece.endswith(before.newline)
    else:
        next_line = sample.text.index("\n", place.value_end) + 1
        assert text.startswith(sample.text[: place.start])
        assert text.endswith(sample.text[next_line:])
        comment = sample.text[place.value_end : next_line].strip()
        assert comment in text[place.start :]


@pytest.mark.parametrize(
    ("old", "key", "value", "new"),
    [
        ("status: open # as of now\n", "status", "resolved", "status: resolved # as of now\n"),
        ("status: 'open'\n", "status", "resolved", "status: resolved\n"),
        ("status:\n", "status", "resolved", "status: resolved\n"),
        ("status:   # to do\n", "status", "resolved", "status: resolved   # to do\n"),
        ("status: open # c\n", "status", None, "status: # c\n"),
        ("status: |\n  open\nother: x # c\n", "status", None, "other: x # c\n"),
        ("status: |\n  open\n\nother: x\n", "status", "resolved", "status: resolved\n\nother: x\n"),
        (
            "services: # ours\n  - a # one\n  - b # two\nother: x\n",
            "services",
            ("c",),
            "services: [c] # ours # two\nother: x\n",
        ),
        ("services:\r\n- a\r\n- b\r\nother: x\r\n", "services", ("c",), "services: [c]\r\nother: x\r\n"),
        ("services:\n- a\n- b\nother: x\n", "services", None, "other: x\n"),
        ("a: &x 1\nb: *x\n", "b", "two", "a: &x 1\nb: two\n"),
        ("title: no\u00a0\n", "title", "x", "title: x\n"),
        ("{status: open, other: x}\n", "status", "resolved", "{status: resolved, other: x}\n"),
        ("  status: open\n", "tech_lead", "bob", "  status: open\n  tech_lead: bob\n"),
        ("id: x\nother: 1\nstatus: open\n", "commander", "ann", "id: x\nother: 1\nstatus: open\ncommander: ann\n"),
        ("id: x\nother: 1\n", "status", "open", "id: x\nstatus: open\nother: 1\n"),
        ("title: |+\n  two\n\n\nother: x\n", "status", "open", "title: |+\n  two\n\n\nother: x\nstatus: open\n"),
        ("", "status", "open", "status: open\n"),
        ("# only a comment\n", "x", "one", "# only a comment\nx: one\n"),
    ],
)
def test_a_value_is_spliced(old: str, key: str, value: Value, new: str) -> None:
    tail = "---\n\nbody\n"
    tail = tail.replace("\n", "\r\n") if "\r" in old else tail
    head = "---\r\n" if "\r" in old else "---\n"
    assert set_key(read(head + old + tail), key, value) == head + new + tail


@pytest.mark.parametrize(
    ("head", "key", "value"),
    [
        ("{status: open}\n", "other", "x"),
        ("{status: open, other: x}\n", "status", None),
        ("a: &x 1\nb: *x\n", "a", "2"),
        ("status: open\n", "deep", {"a": "b"}),
        ("status: open\nstatus: open\n", "status", "x"),
        ("status: [\n", "status", "x"),
    ],
)
def test_what_cannot_be_set_cleanly_is_refused(head: str, key: str, value: Value) -> None:
    with pytest.raises(EditError):
        set_key(read(f"---\n{head}---\n"), key, value)
    with pytest.raises(EditError):
        set_key(read("# no front matter\n"), key, value)
    with pytest.raises(EditError):
        refold(read("# no front matter\n"))


# ---------------------------------------------------------------------------------------------------- the whole write


@settings(max_examples=100, deadline=None)
@given(samples())
def test_no_edit_of_a_consistent_file_is_no_change(sample: Sample) -> None:
    text, warnings = apply_edit(sample.document, incident=INCIDENT)
    if sample.is_consistent:
        assert text == sample.text
    assert apply_edit(read(text), incident=INCIDENT) == (text, ())
    assert warnings == ()


@settings(max_examples=100, deadline=None)
@given(samples(), new_entries(), st.sets(st.sampled_from(FOLDED_KEYS)))
def test_after_a_write_the_front_matter_is_the_fold_and_all_that_stood_still_stands(
    sample: Sample, entries: list[Entry], held: set[str]
) -> None:
    before = sample.document
    entries = [replace(entry, id=f"zz00{index:02d}") for index, entry in enumerate(entries)]
    text, warnings = apply_edit(before, incident=INCIDENT, entries=entries, hold=held)
    assert warnings == ()
    after = read(text)
    assert after.front is not None
    assert before.front is not None
    written = [each for each in after.entries if each.id.startswith("zz00")]
    assert sorted(written, key=lambda each: each.id) == entries
    assert [each.id for each in after.entries if each not in written] == [each.id for each in before.entries]
    assert set(differing_keys(after)) <= held
    assert all(after.value(key) == before.value(key) for key in held)
    unknown = {key: value for key, value in before.front.values.items() if key not in FOLDED_KEYS}
    assert {key: value for key, value in after.front.values.items() if key not in FOLDED_KEYS} == unknown
    assert is_in_order_within(sample.text[before.front.end :], text[after.front.end :])
    assert apply_edit(after, incident=INCIDENT, entries=entries, hold=held) == (text, ())


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="\ufeff-~`<!>#\n\r\t: []{}&*|", max_size=200))
def test_a_note_is_saved_in_any_text_at_all(text: str) -> None:
    new, _ = apply_edit(read(text), incident=INCIDENT, entries=(NOTE,))
    assert NOTE in read(new).entries
    front = read(text).front
    if front is None or not front.is_readable:
        inserted(text, new)
    else:
        assert is_in_order_within(text[front.end :], new)


@pytest.mark.parametrize("title", TITLES)
def test_a_title_of_any_kind_is_set_and_reads_back(title: str) -> None:
    text, warnings = apply_edit(read(CONSISTENT), incident=INCIDENT, keys={"title": title, "services": (title, "x")})
    assert warnings == ()
    assert read(text).value("title") == title
    assert read(text).value("services") == (title, "x")
    assert read(text).entries == read(CONSISTENT).entries


def test_an_entry_is_written_once_however_often_it_is_given() -> None:
    text, _ = apply_edit(read(CONSISTENT), incident=INCIDENT, entries=(NOTE, NOTE))
    assert text.count("00w1gy") == 1
    assert apply_edit(read(text), incident=INCIDENT, entries=(NOTE,)) == (text, ())


def test_two_writes_change_the_lines_that_they_mean() -> None:
    entries = (Entry(START + timedelta(hours=1), Reached(Milestone.MITIGATED), "failed over", "bob", "005f6s"),)
    text, _ = apply_edit(read(CONSISTENT), incident=INCIDENT, entries=entries)
    assert [line for line in text.split("\n") if line not in CONSISTENT.split("\n")] == [
        "status: mitigated",
        "mitigated_at: 2026-05-14T11:00:00Z",
        "- 2026-05-14T11:00:00Z **Mitigated** failed over — @bob <!-- e:005f6s -->",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# no front matter\n", "line 1: the file has no front matter"),
        ("---\nid: x\n\n# never closed\n", "line 1: the front matter that begins here does not end"),
        ("---\nstatus: [\n---\n", "line 3: the front matter is broken YAML"),
        ("---\nstatus: a\nstatus: b\n---\n", "line 3: the key `status` stands twice, first on line 2"),
        ("---\n<<<<<<< HEAD\nid: a\n=======\nid: b\n>>>>>>> x\n---\n", "line 2: the file holds conflict markers"),
    ],
)
def test_a_note_is_saved_in_a_file_with_a_broken_front_matter_and_the_fault_is_named(text: str, words: str) -> None:
    new, warnings = apply_edit(read(text), incident=INCIDENT, entries=(NOTE,), keys={"title": "x"})
    assert new.startswith(text)
    assert NOTE in read(new).entries
    assert len(warnings) == 1
    assert warnings[0].startswith(words)
    assert warnings[0].endswith("its keys were left alone")


def test_a_key_that_cannot_be_written_costs_no_other_key() -> None:
    text = CONSISTENT.replace("status: investigating", "x: &a investigating\nstatus: &b mitigated\ny: *b")
    new, warnings = apply_edit(
        read(text), incident=INCIDENT, entries=(replace(OPENED, id="000002"),), keys={"team": "db"}
    )
    assert len(warnings) == 1
    assert warnings[0].startswith("status cannot be set without a change to more than that key")
    assert read(new).value("team") == "db"
    assert refold(read(new), hold={"status"}) == new
    with pytest.raises(EditError):
        refold(read(new))


def test_a_file_of_bytes_that_are_no_text_keeps_them() -> None:
    raw = (
        b"\xef\xbb\xbf"
        + CONSISTENT.replace("Checkout latency\n", "Checkout \udcff latency # \udcfe\n").encode(
            "utf-8", "surrogateescape"
        )
        + b"\xe9t\xe9 \x00\xff"
    )
    document = read(raw.decode("utf-8", "surrogateescape"))
    assert {fault.code for fault in document.faults} == {"not-utf-8", "not-text"}
    text, _ = apply_edit(document, incident=INCIDENT, entries=(NOTE,), keys={"team": "db"})
    written = text.encode("utf-8", "surrogateescape")
    assert written.startswith(b"\xef\xbb\xbf---\n")
    lines = iter(written.split(b"\n"))
    assert all(line in lines for line in raw.split(b"\n"))
    assert read(text).value("team") == "db"
    assert NOTE in read(text).entries


def test_what_stands_is_compared_by_what_it_says() -> None:
    same: list[tuple[str, Value, str | None]] = [
        ("status", "Resolved", "resolved"),
        ("status", "cancelled", "canceled"),
        ("severity", "sev1", "SEV1"),
        ("severity", "SEV-1", "SEV-1"),
        ("commander", "@ann", "ann"),
        ("commander", " none ", None),
        ("commander", "none", "none"),
        ("mitigated_at", "2026-05-14 12:48:00.5+02:00", "2026-05-14T10:48:00Z"),
        ("cancel_reason", "false-alarm", "false_alarm"),
        ("duplicate_of", "2026-05-14-x-y", "2026-05-14-x-y"),
        ("duplicate_of", None, None),
    ]
    different: list[tuple[str, Value, str | None]] = [
        ("status", "resolved", "mitigated"),
        ("commander", "Ann", "ann"),
        ("commander", ("ann",), "ann"),
        ("duplicate_of", "2026-05-14-x_y", "2026-05-14-x-y"),
        ("mitigated_at", "10:48", "2026-05-14T10:48:00Z"),
        ("mitigated_at", "2026-05-14T10:49:00Z", "2026-05-14T10:48:00Z"),
        ("mitigated_at", None, "2026-05-14T10:48:00Z"),
        ("mitigated_at", "2026-05-14T10:48:00Z", None),
    ]
    assert all(same_value(key, stands, folded) for key, stands, folded in same)
    assert not any(same_value(key, stands, folded) for key, stands, folded in different)


def test_a_duplicate_and_a_severity_with_a_dash_are_written_once() -> None:
    entries = (
        replace(NOTE, what=Canceled(CancelReason.DUPLICATE, "2026-05-13-payments-down"), text=""),
        replace(NOTE, what=SeverityChange("SEV2", "SEV-1"), text="", id="00w1gz"),
    )
    text, _ = apply_edit(read(CONSISTENT), incident=INCIDENT, entries=entries)
    assert differing_keys(read(text)) == ()
    assert fold(read(text).entries).as_keys()["duplicate_of"] == read(text).value("duplicate_of")
