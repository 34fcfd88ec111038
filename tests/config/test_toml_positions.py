"""Where keys stand in a TOML text: for any text, every key that `tomllib` reads has its place."""

import json
import tomllib
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.config.toml_positions import find_positions, line_and_column

TEXT = '''\
# a comment with [brackets] and "quotes
top = 1
"quoted # key" = "value # no comment"

[store]   # [not.this]
branch = "main"
  folder = 'it''s'

[people]
"ann@example.org" = "ann"
"b\\u00fcb@example.org" = { handle = "bob", deep = { er = [1, 2] } }
'literal "key"' = 3

[[severity]]
name = "SEV1"
aliases = [
  "1", # one, "two"
  "P1",
]

[[severity]]
name = "SEV2"
text = """
name = "not a key"
[not_a_table]
\\"\\"\\" ""quoted"" """
other = \'\'\'
[[nor.this]]\'\'\'
at = 2026-05-14 10:00:00

[a.b.c]
x.y.z = true
[[a.list]]
[[a.list]]
[a.list.sub]
[[a.list.deeper]]
k = 1
'''.replace("'it''s'", "'its'")


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("top",), (2, 1), (2, 7)),
        (("quoted # key",), (3, 1), (3, 18)),
        (("store",), (5, 1), (5, 1)),
        (("store", "branch"), (6, 1), (6, 10)),
        (("store", "folder"), (7, 3), (7, 12)),
        (("people", "ann@example.org"), (10, 1), (10, 21)),
        (("people", "büb@example.org", "handle"), (11, 28), (11, 37)),
        (("people", "büb@example.org", "deep", "er", 1), (11, 62), (11, 62)),
        (("people", 'literal "key"'), (12, 1), (12, 19)),
        (("severity", 0), (14, 1), (14, 1)),
        (("severity", 0, "aliases"), (16, 1), (16, 11)),
        (("severity", 0, "aliases", 1), (18, 3), (18, 3)),
        (("severity", 1, "name"), (22, 1), (22, 8)),
        (("severity", 1, "text"), (23, 1), (23, 8)),
        (("severity", 1, "other"), (27, 1), (27, 9)),
        (("severity", 1, "at"), (29, 1), (29, 6)),
        (("a", "b", "c", "x", "y", "z"), (32, 1), (32, 9)),
        (("a", "list", 1, "sub"), (35, 1), (35, 1)),
        (("a", "list", 1, "deeper", 0, "k"), (37, 1), (37, 5)),
    ],
)
def test_a_key_and_its_value_have_their_line_and_column(path, key, value):
    span = find_positions(TEXT)[path]
    assert line_and_column(TEXT, span.key) == key
    assert line_and_column(TEXT, span.value) == value


def test_what_stands_inside_strings_and_comments_is_no_key():
    assert not {("not_a_table",), ("nor",), ("store", "not"), ("name",)} & set(find_positions(TEXT))


def test_every_path_of_the_text_is_found_and_no_other():
    assert set(find_positions(TEXT)) == paths(tomllib.loads(TEXT))


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[[a]",
        "a = ",
        "a = [1, 2",
        'a = "b',
        "a = {b = 1",
        "= 1",
        "a b = 1",
        '"\\q" = 1',
        "a = [" * 5000,
        "\x00",
        "a.= 1",
    ],
)
def test_a_text_that_is_not_toml_gives_what_was_found_and_no_error(text):
    assert isinstance(find_positions(text), dict)


@given(st.text(st.sampled_from("ab=.[]{}\"'#\n\\ ,1"), max_size=60))
def test_no_text_breaks_the_scanner_and_what_is_toml_is_scanned_whole(text):
    found = find_positions(text)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(found) == paths(raw)


def paths(value, path=()):
    found = {path} - {()}
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found |= paths(child, (*path, key))
    return found


KEYS = st.text(st.sampled_from("abAB01_-.@ '\"#=[]é\\"), max_size=8)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=12),
    st.dates(date(1000, 1, 1)),
    st.times().map(lambda at: at.replace(microsecond=0)),
    st.datetimes(datetime(1000, 1, 1)).map(lambda at: at.replace(microsecond=0)),
)
INLINE = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
TABLES = st.recursive(
    st.dictionaries(KEYS, INLINE, max_size=3),
    lambda inner: st.dictionaries(KEYS, INLINE | inner | st.lists(inner, min_size=1, max_size=2), max_size=3),
    max_leaves=6,
)


@given(TABLES, st.randoms(use_true_random=False))
def test_any_tables_written_in_any_style_are_found(tables, random):
    text = "\n".join(written(tables, (), random))
    raw = tomllib.loads(text)
    found = find_positions(text)
    assert set(found) == paths(raw)
    for path, span in found.items():
        assert 0 <= span.key <= span.value < len(text), path


def written(table, path, random):
    """A table in TOML: plain values first, then its tables, spaced and commented at random."""
    plain = {key: value for key, value in table.items() if not is_table(value)}
    for key, value in plain.items():
        yield f"{random.choice(['', '  ', chr(9)])}{key_text(key, random)} = {value_text(value, random)}{comment(random)}"
    for key, value in table.items():
        if isinstance(value, dict) and is_table(value):
            yield f"[{'.'.join(key_text(each, random) for each in (*path, key))}]{comment(random)}"
            yield from written(value, (*path, key), random)
        elif is_table(value):
            for each in value:
                yield f"[[ {' . '.join(key_text(part, random) for part in (*path, key))} ]]"
                yield from written(each, (*path, key), random)


def is_table(value):
    """By their shape alone, so that the same value is written the same way wherever it is."""
    if isinstance(value, dict):
        return len(value) != 1
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) and len(each) != 1 for each in value)


def comment(random):
    return random.choice(["", " # a comment = [1]", "\n", "  \n\n# [comment]"])


def key_text(key, random):
    bare = key.isascii() and key.replace("-", "a").replace("_", "a").isalnum()
    return key if bare and random.random() < 0.8 else json.dumps(key, ensure_ascii=random.random() < 0.5)


def value_text(value, random):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        if "'" not in value and value.isprintable() and random.random() < 0.5:
            return f"'''{value}'''" if random.random() < 0.5 else f"'{value}'"
        quotes = random.choice(['"', '"""'])
        return quotes + json.dumps(value)[1:-1] + quotes if value.isascii() else json.dumps(value, ensure_ascii=False)
    if isinstance(value, date | time):
        return value.isoformat().replace("T", random.choice(["T", " "]))
    if isinstance(value, list):
        gap = random.choice(["", "\n", " # one, two ]\n  "])
        return f"[{gap}{f',{gap}'.join(value_text(each, random) for each in value)}{gap}]"
    if isinstance(value, dict):
        pairs = (f"{key_text(key, random)} = {value_text(each, random)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return repr(value)
