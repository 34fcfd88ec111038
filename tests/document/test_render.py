"""A new file: what was rendered is what is read, by us and by any other reader of front matter."""

import re

import frontmatter
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.document.edit import apply_edit, set_key
from incidentctl.document.front_matter import flow_list, scalar
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import parse_document
from incidentctl.document.render import render_document, render_heading
from incidentctl.incident.entries import FOLDED_KEYS, TIME_KEYS, Entry, Opened
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Value
from incidentctl.incident.times import parse_instant
from incidentctl.incident.words import clean_line
from tests.document.documents import INCIDENT, TITLES, new_entries
from tests.strategies import START

printable = st.text(max_size=60).map(clean_line)
any_words = st.sampled_from(TITLES) | st.text(max_size=60).filter(
    lambda word: re.search("[\ud800-\udfff]", word) is None
)
keys = st.fixed_dictionaries(
    {"title": printable.filter(bool)},
    optional={
        "services": st.lists(any_words, min_size=1, max_size=3).map(tuple),
        "team": any_words.filter(bool),
        "drill": st.just("true"),
        "x-own": any_words.filter(bool),
        "on": any_words.filter(bool),
        "published_at": st.just("2026-05-14T10:00:00Z"),
    },
)


@settings(max_examples=150, deadline=None)
@given(keys, new_entries())
def test_a_new_file_reads_back_as_what_it_was_made_of(keys: dict[str, Value], entries: list[Entry]) -> None:
    text = render_document(INCIDENT, keys, tuple(entries))
    document = parse_document(text)
    assert document.faults == ()
    assert document.entries == tuple(sorted(entries, key=lambda entry: entry.order))
    assert document.title == keys["title"]
    assert document.front is not None
    plain = {key: value for key, value in document.front.values.items() if key not in FOLDED_KEYS}
    assert plain == {"id": INCIDENT, **keys}
    assert differing_keys(document) == ()
    assert apply_edit(document, incident=INCIDENT, entries=entries) == (text, ())


def test_a_new_file_looks_as_the_format_says() -> None:
    opened = Entry(START, Opened("SEV1"), "p99 above 4 s", "ann", "004mz1")
    assert render_document(
        INCIDENT, {"services": ("checkout", "payments"), "title": "Checkout latency"}, (opened,)
    ) == (
        "---\n"
        "id: 2026-05-14-checkout-latency\n"
        "title: Checkout latency\n"
        "severity: SEV1\n"
        "status: investigating\n"
        "services: [checkout, payments]\n"
        "declared_at: 2026-05-14T10:00:00Z\n"
        "acknowledged_at: 2026-05-14T10:00:00Z\n"
        "---\n"
        "\n"
        "# Checkout latency\n"
        "\n"
        "## Timeline\n"
        "\n"
        "- 2026-05-14T10:00:00Z **Opened** SEV1: p99 above 4 s — @ann <!-- e:004mz1 -->\n"
    )


@given(printable.filter(bool) | st.text(alphabet="#\\ `<a", min_size=1).map(clean_line).filter(bool))
def test_a_heading_reads_back_as_its_title(title: str) -> None:
    assert parse_document(render_heading(title)).title == title


# ---------------------------------------------------------------------------------------------------- other readers


@settings(max_examples=300)
@given(any_words)
def test_every_yaml_reader_takes_a_written_word_for_that_string(word: str) -> None:
    for loader in (yaml.SafeLoader, yaml.CSafeLoader, yaml.BaseLoader, yaml.CBaseLoader):
        assert yaml.load(f"a: {scalar(word)} # a comment\nb: {flow_list([word, word])}\n", Loader=loader) == {
            "a": word,
            "b": [word, word],
        }
        assert yaml.load(f"{scalar(word)}: c\n", Loader=loader) == {word: "c"}


@pytest.mark.parametrize("title", TITLES)
def test_a_title_of_any_kind_is_the_same_string_to_other_readers(title: str) -> None:
    keys: dict[str, Value] = {"title": title, "services": (title, "x")}
    new = render_document(INCIDENT, keys, ())
    document = parse_document("---\nid: x\ntitle: before\n---\n\n# before\n")
    edited, warnings = apply_edit(document, incident=INCIDENT, keys=keys)
    assert warnings == ()
    for text in (new, edited, edited.replace("\n", "\r\n"), set_key(parse_document(new), "team", title)):
        post = frontmatter.loads(text)
        assert post["title"] == title
        assert post["services"] == [title, "x"]
        assert post.get("team", title) == title


@settings(max_examples=100, deadline=None)
@given(keys, new_entries())
def test_other_readers_see_the_state_that_the_entries_give(keys: dict[str, Value], entries: list[Entry]) -> None:
    text, warnings = apply_edit(
        parse_document(render_document(INCIDENT, keys, tuple(entries[:1]))), incident=INCIDENT, entries=entries
    )
    assert warnings == ()
    post = frontmatter.loads(text)
    for key, folded in fold(entries).as_keys().items():
        assert post.get(key) == (parse_instant(folded) if folded and key in TIME_KEYS else folded)
    for key, value in keys.items():
        if key not in ("drill", "published_at"):
            assert post[key] == (list(value) if isinstance(value, tuple) else value)


def test_the_bytes_of_a_file_survive_reading_and_writing() -> None:
    entry = Entry(START, Opened("SEV1"), "p99", "ann", "004mz1")
    for raw in (
        b"",
        b"\xef\xbb\xbf",
        b"---\r\nid: x\r\n---\r\n\xff\x00",
        render_document(INCIDENT, {}, (entry,)).encode(),
    ):
        document = parse_document(raw.decode("utf-8", "surrogateescape"))
        assert document.text.encode("utf-8", "surrogateescape") == raw


def test_a_key_that_yaml_would_read_as_something_else_is_quoted() -> None:
    text = render_document(
        INCIDENT, {"title": "x", "on": "no"}, (replace(Entry(START, Opened("P0")), author="ann", id="0" * 6),)
    )
    assert '"on": "no"\n' in text
    assert frontmatter.loads(text)["on"] == "no"
