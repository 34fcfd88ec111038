"""Names that never change: of incidents, and of entries."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.entries import Entry, Note
from incidentctl.incident.ids import (
    CHANCE_BITS,
    ENTRY_ID,
    SLUG_LENGTH,
    derived_id,
    entry_id,
    incident_id,
    is_incident_id,
    slug_of,
)
from tests.strategies import START, entry_ids

chances = st.integers(0, 2**CHANCE_BITS - 1)


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("Checkout latency", "checkout-latency"),
        ("  p99 > 4s @ eu-west-1!  ", "p99-4s-eu-west-1"),
        ("a/b/../c", "a-b-c"),
        ("../../etc/passwd", "etc-passwd"),
        ("--force", "force"),
        ("[red]bold[/red]", "red-bold-red"),
        ("\x1b[31mred\x1b[0m\n", "31mred-0m"),
        ("one\ntwo\ttabs", "one-two-tabs"),
        ("Überlastung Straße", "uberlastung-strasse"),
        ("Задержка оплаты", "zaderzhka-oplaty"),
        ("決済の遅延", "juejinochiyan"),
        ("🔥🔥", "incident"),
        ("🔥 db 🔥", "db"),
        ("", "incident"),
        ("...", "incident"),
        ("\u200b\ufeff", "incident"),
        ("\udcff", "incident"),
        ("x" * 300, "x" * 59),
        ("word " * 60, "-".join(["word"] * 12)),
        ("a" * 59 + " b", "a" * 59),
        ("a" * 58 + " b", "a" * 58),
        ("a " + "b" * 100, "a"),
        ("NO", "no"),
    ],
)
def test_a_slug_is_lower_case_ascii_cut_at_a_word(words: str, slug: str) -> None:
    assert slug_of(words) == slug


@given(st.text(), st.integers(1, 80))
def test_a_slug_of_any_words_can_be_a_name_of_a_file_and_of_a_channel(words: str, length: int) -> None:
    slug = slug_of(words, length=length)
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= length or slug == "incident"
    assert slug_of(slug) == slug or len(slug) > SLUG_LENGTH
    assert is_incident_id(f"2026-05-14-{slug}")


def test_the_longest_channel_has_eighty_characters() -> None:
    assert len("#incident-" + incident_id(date(2026, 5, 14), slug_of("x" * 300))) == 80


@pytest.mark.parametrize("slug", ["x", "y" * SLUG_LENGTH, "-".join(["ab"] * 20)[:SLUG_LENGTH].strip("-")])
def test_the_same_name_again_gets_a_number_within_the_length(slug: str) -> None:
    day = date(2026, 5, 14)
    taken: list[str] = []
    for number in range(1, 120):
        name = incident_id(day, slug, is_taken=taken)
        assert name not in taken
        assert len(name) <= 11 + SLUG_LENGTH
        assert is_incident_id(name)
        assert number == 1 or name.endswith(f"-{number}")
        taken.append(name)


def test_a_name_begins_with_the_day_of_declaration() -> None:
    assert incident_id(date(2026, 5, 4), "x") == "2026-05-04-x"
    assert incident_id(date(987, 5, 4), "x") == "0987-05-04-x"
    assert incident_id(START, "x") == "2026-05-14-x"


@pytest.mark.parametrize("word", ["2026-05-14-x", "2026-12-31-a-b-2", "0987-01-01-0"])
def test_a_full_id_is_known_by_its_form(word: str) -> None:
    assert is_incident_id(word)


@pytest.mark.parametrize(
    "word",
    [
        *("", "x", "2026-05-14", "2026-05-14-", "2026-05-14-X", "2026-05-14--x", "2026-05-14-x-", "2026-00-14-x"),
        *("2026-05-14-x\n", "2026-05-14-x/..", "2026-05-14-é", "26-05-14-x", "२०२६-05-14-x", "2026-05-1४-x"),
        *(" 2026-05-14-x", "2026-13-14-x"),
    ],
)
def test_any_other_word_is_none(word: str) -> None:
    assert not is_incident_id(word)


# ------------------------------------------------------------------------------------------------------------ entries


@given(st.lists(chances, min_size=1, max_size=50), st.booleans())
def test_among_the_entries_of_one_second_the_ids_are_in_the_order_of_writing(
    chances: list[int], backwards: bool
) -> None:
    entries: list[Entry] = []
    for chance in chances:
        entries.append(Entry(START, Note(), "x", id=entry_id(START, entries[::-1] if backwards else entries, chance)))
    ids = [entry.id for entry in entries]
    assert ids == sorted(set(ids))
    assert all(ENTRY_ID.fullmatch(each) for each in ids)


@given(st.lists(chances, max_size=6), chances)
def test_an_id_of_another_second_is_never_given_again(others: list[int], chance: int) -> None:
    entries: list[Entry] = []
    for number, each in enumerate((*others, *others, chance, chance)):
        at = START + timedelta(seconds=number)
        entries.append(Entry(at, Note(), "x", id=entry_id(at, entries, each)))
    assert len({entry.id for entry in entries}) == len(entries)


@given(st.lists(entry_ids.filter(lambda each: each[:2] < "zz"), max_size=6), chances)
def test_a_new_id_is_greater_than_those_that_stand_in_its_second(standing: list[str], chance: int) -> None:
    entries = [Entry(START, Note(), "x", id=each) for each in standing]
    entries += [Entry(START + timedelta(seconds=1), Note(), "x", id="zz0000"), Entry(START, Note(), "typed", id="")]
    assert all(entry_id(START, entries, chance) > each for each in standing)


def test_entries_of_other_seconds_do_not_count() -> None:
    entries = [Entry(START + timedelta(seconds=second), Note(), "x", id="050000") for second in (-1, 1)]
    assert entry_id(START, entries, 0) == "000000"
    assert entry_id(START, [Entry(START, Note(), "x", id="00zzzz")], 1) == "010001"
    assert entry_id(START.replace(microsecond=5), [Entry(START, Note(), "x", id="00zzzz")], 1) == "010001"


def test_the_first_two_characters_count() -> None:
    assert entry_id(START, [Entry(START, Note(), "typed", id="")], 0) == "010000"
    assert entry_id(START, [Entry(START, Note(), "x", id="0zzzzz")], 0) == "100000"
    assert entry_id(START, [Entry(START, Note(), "x", id="1zzzzz")], 0) == "200000"
    assert entry_id(START, [], 2**CHANCE_BITS + 1) == "000001"
    assert CHANCE_BITS == 20


def test_more_than_a_thousand_entries_of_one_second_still_have_ids() -> None:
    entries = [Entry(START, Note(), "x", id="zz0000")] * 3
    assert entry_id(START, entries, 2**CHANCE_BITS - 1) == "zzzzzz"


@given(st.lists(st.text(), min_size=1, max_size=4), st.integers(0, 1023))
def test_a_derived_id_is_the_same_for_the_same_words_and_looks_like_any_other(parts: list[str], count: int) -> None:
    found = derived_id(*parts, count=count)
    assert found == derived_id(*parts, count=count)
    assert ENTRY_ID.fullmatch(found)
    assert derived_id(*parts).startswith("00")
    assert derived_id(*parts)[2:] == found[2:]


def test_derived_ids_are_the_ones_that_other_clones_have_written() -> None:
    """These stand in files: a change to how they are derived would make two entries of one."""
    assert derived_id("2026-05-14-x", "2026-05-14T10:12:00Z\npool exhausted\n", "0") == "00kgm2"
    assert derived_id("a", "bc") != derived_id("ab", "c")


def test_an_id_that_an_entry_has_is_not_given_again() -> None:
    """The word would be taken for the one that stands, and be lost."""
    first = Entry(at=START, what=Note(), id=entry_id(START, (), 7))
    later = START + timedelta(seconds=15)
    second = entry_id(later, (first,), 7)
    assert second != first.id and ENTRY_ID.fullmatch(second)
    assert entry_id(later, (first,), 2**CHANCE_BITS + 7) == second
