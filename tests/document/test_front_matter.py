"""The head of a file: each key with its place, every value as the text that stands there, and no YAML that can hurt."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentctl.document.front_matter import read_front_matter, written
from incidentctl.document.places import MAX_LENGTH, FrontMatter
from incidentctl.incident.model import Value
from tests.document.documents import Sample, samples


def front(head: str) -> FrontMatter:
    found = read_front_matter(f"---\n{head}---\n")
    assert found is not None
    return found


def fault(head: str) -> str:
    found = front(head)
    assert not found.is_readable
    assert found.values == {}
    return f"{found.faults[0].line}:{found.faults[0].column} {found.faults[0].message}"


@pytest.mark.parametrize(
    ("head", "value"),
    [
        ("a: NO\n", "NO"),
        ("a: 1.10\n", "1.10"),
        ("a: 12:30:45\n", "12:30:45"),
        ("a: 2026-05-14\n", "2026-05-14"),
        ("a: 'it''s'\n", "it's"),
        ('a: "\\u007f"\n', "\x7f"),
        ("a:\n", None),
        ("a: ~\n", None),
        ("a: null # not yet\n", None),
        ("a: ''\n", ""),
        ("a: '~'\n", "~"),
        ("a: !!str ~\n", "~"),
        ("a: [b, [c, {d: e}], ~]\n", ("b", ("c", {"d": "e"}), None)),
        ("a:\n- b\n- c: d\n", ("b", {"c": "d"})),
        ("a: |\n  b\n\n  c\n", "b\n\nc\n"),
        ("a: one\n  two\n", "one two"),
        ("b: &x [c]\na: *x\n", ("c",)),
        ("{a: b}\n", "b"),
        ("? a\n: b\n", "b"),
        ("'a': b\n", "b"),
    ],
)
def test_a_value_is_the_text_that_stands_there(head: str, value: Value) -> None:
    assert front(head).faults == ()
    assert front(head).values["a"] == value


@settings(max_examples=100, deadline=None)
@given(samples())
def test_each_key_stands_where_its_place_says(sample: Sample) -> None:
    found = sample.document.front
    assert found is not None
    text = sample.text
    assert yaml.load(text[found.start : found.end], Loader=yaml.CBaseLoader).keys() == found.values.keys()
    for key, place in found.places.items():
        assert found.start <= place.start < place.key_end <= place.value_start <= place.value_end < found.end
        assert text[place.start : place.key_end].strip(' ":') == key
        assert text[place.key_end : place.value_start].partition("#")[0].strip() == ""
        words = text[place.value_start : place.value_end]
        assert words.strip(" \t\r\n") == words
        assert place.is_empty == (words == "")
        if isinstance(found.values[key], str) and words[0] not in "|>'\"*&" and "\n" not in words:
            assert words == found.values[key]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("a: [\n", "3:1 the front matter is broken YAML"),
        ("a: @bob\n", "2:4 the front matter is broken YAML"),
        ("\ta: b\n", "2:1 the front matter is broken YAML"),
        ("é: é\x07\n", "2:5 the front matter is broken YAML: a control character, U+0007"),
        ("a: *b\n", "2:4 the front matter is broken YAML: nothing has the name &b"),
        ("a: &a [*a]\n", "2:8 the front matter is broken YAML: nothing has the name &a"),
        ("a: b\na: c\n'a': d\n", "3:1 the key `a` stands twice, first on line 2: remove one"),
        ("[a]: b\n", "2:1 a key of the front matter is not a word"),
        ("a: &x b\n*x : c\n", "3:1 a key of the front matter is not a word"),
        ("just words\n", "2:1 the front matter is not a list of `key: value` lines"),
        ("- a\n", "2:1 the front matter is not a list of `key: value` lines"),
        ("a: b\n--- {c: d}\n", "2:1 the front matter holds more than one document"),
        ("a: " + "[" * 10_000 + "\n", "2:25 the front matter is nested too deeply"),
        ("a:\n " + "- " * 20_000 + "b\n", "3:44 the front matter is nested too deeply"),
        ("? " * 40_000 + "a\n", "2:45 the front matter is nested too deeply"),
        ("".join(" " * depth + "a:\n" for depth in range(400)), "23:22 the front matter is nested too deeply"),
        (f"a: {'x' * MAX_LENGTH}\n", f"2:1 the front matter is longer than {MAX_LENGTH} characters"),
        ("a: [" + "b," * 6_000 + "]\n", "2:4 the front matter holds more than can be read"),
        ("".join(f"k{at}: b\n" for at in range(6_000)), "2502:1 the front matter holds more than can be read"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(head: str, words: str) -> None:
    assert fault(head).startswith(words)


def test_names_that_stand_for_each_other_again_and_again_are_refused() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "holds more than can be read" in fault(bomb)
    assert "holds more than can be read" in fault(bomb + "z: *i\ny: *i\n")


def test_a_byte_that_is_not_utf_8_spoils_no_key_beside_it() -> None:
    found = front("a: \udcff\nb: c\n")
    assert found.faults == ()
    assert found.values == {"a": "\ufffd", "b": "c"}


@settings(max_examples=200)
@given(st.text(alphabet="ab:-?[]{}#&*!|>'\"%@` \n\t,~.\x85\u2028", max_size=60))
def test_what_is_read_is_what_any_yaml_reader_reads(head: str) -> None:
    found = front(f"{head}\n")
    if found.faults or "\n---" in f"\n{head}" or "\n..." in f"\n{head}":
        return
    read = yaml.load(head, Loader=yaml.CBaseLoader)
    assert set(found.values) == set(read or {})


_WORDS = st.text(alphabet="abcXYZ019 ._/+@()-:,#'\"[]~nul", max_size=12)
_LINES = st.one_of(
    st.tuples(st.sampled_from(("id", "title", "k", "a_b", "severity")), _WORDS).map(
        lambda pair: f"{pair[0]}: {pair[1]}"
    ),
    st.sampled_from(
        (
            "k:",
            "k: ",
            "k: null",
            "k: ~",
            "k: [a, b]",
            "k: []",
            "k: [a, ]",
            "k: [, a]",
            "k: [null]",
            'k: "a: b # c"',
            'k: ""',
        )
    ),
    st.sampled_from(
        ("k: a # c", "# c", "", " k: a", "k : a", "k: a: b", "k: a:", "k: 2026-05-14T10:02:00Z", "k: -", "---")
    ),
    st.sampled_from(
        ("k: a b  ", "k:a", "k: a-", "k: a\tb", "k: é", "k: [a b, c]", "k: [a-, 1.5]", "k: 'x'", "k: | ", "k: a\r")
    ),
)


@given(st.lists(_LINES, max_size=4), st.sampled_from(("\n", "\r\n")), st.booleans())
@settings(max_examples=500, deadline=None)
def test_plain_lines_are_read_as_the_real_parser_reads_them(lines: list[str], newline: str, is_ended: bool) -> None:
    from incidentctl.document.front_matter import _read_plain
    from incidentctl.document.yaml_block import read_block

    text = f"---{newline}" + newline.join(lines) + (newline if is_ended else "")
    start = 3 + len(newline)
    plain = _read_plain(text, start, len(text))
    if plain is not None:
        assert plain == read_block(text, start, len(text))


def test_the_files_that_we_write_need_no_yaml_parser() -> None:
    from incidentctl.document.front_matter import _read_plain

    text = (
        "---\nid: 2026-05-14-checkout-latency\ntitle: Checkout latency\nseverity: SEV1\nstatus: resolved\n"
        'services: [checkout, payments]\ncommander: ann\ndetected_at: 2026-05-14T10:02:00Z\ndrill: "true"\n---\n'
    )
    front = _read_plain(text, 4, text.rindex("---"))
    assert front is not None
    assert front.values["services"] == ("checkout", "payments")
    assert front.values["detected_at"] == "2026-05-14T10:02:00Z"


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("drill", "true", True),
        ("affected_users", "1200", 1200),
        ("affected_users", "0120", "0120"),
        ("title", "1200", "1200"),
        ("tags", "true", "true"),
    ],
)
def test_counts_and_a_drill_are_no_strings_to_other_readers(key: str, value: str, read: object) -> None:
    assert yaml.safe_load(f"{key}: {written(value, key=key)}") == {key: read}
