"""Prose without code, quotations and markup, in sentences whose places are those of the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.document.section_names import Role
from incidentctl.lint.page import Page
from incidentctl.lint.prose import HIDDEN, is_chat, is_english, mask, read_passages, speaks_english, split_sentences
from tests.growth import assert_grows_linearly


def words(text: str) -> str:
    """What is left of a masked text, with one blank between words."""
    return " ".join(mask(text).replace(HIDDEN, "").split())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("the `forgot` flag", "the flag"),
        ("the ``a ` b`` flag", "the flag"),
        ("a ` alone", "a ` alone"),
        ("an **urgent** and _very_ ~~old~~ note", "an urgent and very old note"),
        ("snake_case_name stays", "snake_case_name stays"),
        ("[the runbook](https://wiki.example/forgot) says", "the runbook says"),
        ("[the runbook][forgot] says", "the runbook says"),
        ("![a lazy cat](cat.png) sits", "sits"),
        ("a note[^forgot] here", "a note here"),
        ("see https://wiki.example/careless/page now", "see now"),
        ("see <https://wiki.example/careless> now", "see now"),
        ('they said "you forgot it" twice', "they said twice"),
        ("they said “you forgot it” twice", "they said twice"),
        ("they said 'you forgot it' twice", "they said twice"),
        ("the engineers' desk isn't free, it's full", "the engineers' desk isn't free, it's full"),
        ("a <!-- forgot --> b", "a b"),
        ("a <!-- never ends forgot", "a"),
        ("a <b>bold</b> word", "a bold word"),
        ("a :fire: in the rack", "a in the rack"),
        ('a 19" rack and a 24" screen', 'a 19" rack and a 24" screen'),
        ('`code with "a quote` and a " alone', 'and a " alone'),
    ],
)
def test_what_is_no_prose_is_hidden(text, left):
    assert words(text) == left


@given(st.text(alphabet="ab `*_[]()<>!\"'“”:{}\\-\n.", max_size=80))
def test_a_masked_text_is_as_long_as_before_and_its_letters_stand_where_they_stood(text):
    masked = mask(text)
    assert len(masked) == len(text)
    assert all(new in (old, " ", HIDDEN) for old, new in zip(text, masked, strict=True))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Version 1.2.3 ran, e.g. on db-4. Then it stopped", ["Version 1.2.3 ran, e.g. on db-4.", "Then it stopped"]),
        ("It took 5 min. The lag fell.", ["It took 5 min.", "The lag fell."]),
        ("At 10 a.m. UTC it failed.", ["At 10 a.m. UTC it failed."]),
        ("See approx. four hosts.", ["See approx. four hosts."]),
        ("A line\nthat goes on. And\nanother one.", ["A line\nthat goes on.", "And\nanother one."]),
        ("Wait... What?!", ["Wait...", "What?!"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_a_passage_is_split_into_sentences(text, sentences):
    assert [sentence.text for sentence in split_sentences(text)] == sentences


@given(st.text(alphabet="aA .!?\n", max_size=60), st.integers(0, 500))
def test_each_sentence_stands_where_it_says(text, start):
    for sentence in split_sentences(text, start):
        begin = sentence.start - start
        assert text[begin : begin + len(sentence.text)] == sentence.text


DOCUMENT = """\
---
authors: [ann]
---

# Search outage

The index was lost.

## Root Cause

The *first* cause. It is
said in two lines.

> A quotation of the first draft.

```text
A line of code.
```

- An item.
  1. A nested item.

| part | cause |
| --- | --- |
| index | The disk was full. |

<!-- a comment -->

### Why the disk

It had no alert.

## Chat log

bob: I forgot it

## Notes to self

Nothing.
"""


def test_the_prose_of_a_page_is_its_paragraphs_items_and_cells_with_the_role_of_the_section():
    page = Page("postmortem.md", DOCUMENT)
    assert [(passage.role, passage.raw) for passage in read_passages(page)] == [
        (Role.SUMMARY, "The index was lost."),
        (Role.ROOT_CAUSE, "The *first* cause. It is\nsaid in two lines."),
        (Role.ROOT_CAUSE, "An item."),
        (Role.ROOT_CAUSE, "A nested item."),
        (Role.ROOT_CAUSE, "index"),
        (Role.ROOT_CAUSE, "The disk was full."),
        (Role.ROOT_CAUSE, "It had no alert."),
        (None, "Nothing."),
    ]


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text])
def test_each_passage_stands_where_it_says_whatever_the_ends_of_lines(change):
    text = change(DOCUMENT)
    passages = read_passages(Page("postmortem.md", text))
    assert len(passages) == 8
    for passage in passages:
        assert text[passage.start : passage.start + len(passage.raw)] == passage.raw


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[10:31] <ann> I forgot it", True),
        ("10:31 ann: I forgot it", True),
        ("ann [4:06 PM]", True),
        ("**ann** 10:31", True),
        ("@ann: I forgot it", True),
        ("10:31 The engineer restarts the broker", False),
        ("2026-05-14 10:31 the broker is back: mitigated", False),
        ("Root cause: the disk was full", False),
        ("@ann restarts the broker", False),
    ],
)
def test_a_line_of_a_chat_is_told_from_a_timelines_entry(line, expected):
    assert is_chat(line) is expected


ENGLISH = "The queue was full because the consumer had stopped. We did not see this before the disk was full as well."
OTHERS = [
    "Die Warteschlange war voll, weil der Verbraucher stand. Das haben wir nicht gesehen, und die Platte war auch voll.",
    "La file était pleine parce que le consommateur ne tournait plus, et nous ne l'avons pas vu avant que le disque soit plein.",
    "La cola estaba llena porque el consumidor no funcionaba, y no lo vimos hasta que el disco se llenó por completo.",
    "A fila estava cheia porque o consumidor não funcionava, e não vimos isso até que o disco ficou cheio também.",
    "De wachtrij was vol omdat de verbruiker niet meer liep, en dat zagen wij niet voordat de schijf ook vol was.",
    "Очередь была полна, потому что потребитель не работал, и мы этого не видели, пока не заполнился диск.",
    "队列已满，因为消费者停止了工作，而我们在磁盘写满之前没有发现这一点。",
]


def test_english_is_known():
    assert is_english(ENGLISH)
    assert is_english("Disk full. Node replaced.")
    assert is_english("")


@pytest.mark.parametrize("text", OTHERS)
def test_other_languages_are_known(text):
    assert not is_english(text)


def test_the_language_is_that_of_the_prose_and_not_of_headings_code_and_quotations():
    german = f"# Ausfall\n\n## Summary\n\n{OTHERS[0]}\n\n```text\n{ENGLISH * 5}\n```\n\n> {ENGLISH * 5}\n"
    assert not speaks_english(Page("a.md", german))
    assert speaks_english(Page("b.md", f"# Ausfall\n\n## Ursache\n\n{ENGLISH}\n\n```text\n{OTHERS[0] * 5}\n```\n"))


@pytest.mark.parametrize(
    "seed", ['"', "`", "``` ` ", "*", "_ ", "[", "](", "![", "<a ", "<!--", "{{", "'a ", "“", ":a", "!", ". ", "\\"]
)
def test_masking_and_splitting_take_time_in_proportion(seed):
    assert_grows_linearly(lambda size: (seed * size)[:size], lambda text: list(split_sentences(mask(text))), 20_000)
