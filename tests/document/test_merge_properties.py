"""What holds for any merge: nothing is lost, the order does not matter, and what comes of it is a record."""

import os
import re
from itertools import permutations

from hypothesis import HealthCheck, assume, given, settings

from incidentctl.document.edit import same_value
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import parse_document
from incidentctl.incident.entries import Entry
from incidentctl.incident.lifecycle import fold
from tests.document.merges import INCIDENT, entry_ids, histories, merged

CASES = int(os.environ.get("INCIDENTCTL_CASES", "50"))
quick = settings(
    max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def _entries(text: str) -> dict[str, Entry]:
    return {entry.id: entry for entry in parse_document(text, incident=INCIDENT).entries}


def _escaped(line: str) -> str:
    """The part of a line that stands in the file as it is."""
    return max(re.split(r"[\\`<(*@#-]", line), key=len).strip()


@quick
@given(histories(people=2))
def test_the_order_of_the_sides_does_not_matter(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    one, another = merged(base, ours, theirs), merged(base, theirs, ours)
    assert one.is_clean == another.is_clean
    if one.is_clean:
        assert one.text == another.text
        assert one.discarded == another.discarded
    else:
        assert [(each.what, each.ours, each.theirs) for each in one.conflicts if ":" in each.what] == [
            (each.what, each.theirs, each.ours) for each in another.conflicts if ":" in each.what
        ]


@quick
@given(histories(people=2))
def test_merging_again_changes_nothing(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    once = merged(base, ours, theirs)
    assume(once.is_clean)
    for side in (ours, theirs):
        again = merged(base, once.text, side)
        assert again.is_clean, again.conflicts
        assert again.text == once.text


@quick
@given(histories(people=2))
def test_nothing_is_lost(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    once = merged(base, ours, theirs)
    was = _entries(base)
    stands = _entries(once.text)
    for side, other in ((_entries(ours), _entries(theirs)), (_entries(theirs), _entries(ours))):
        for each, entry in side.items():
            if was.get(each) == entry:
                continue  # nothing of this side's: the other may have removed or changed it
            assert each in stands or not once.is_clean
            if any(found and found.redacted for found in (stands.get(each), other.get(each))):
                continue
            for line in entry.text.split("\n"):
                is_new = each not in was or line not in was[each].text.split("\n")
                assert not is_new or (line in stands[each].text if once.is_clean else _escaped(line) in once.text)
    for who in (1, 2):
        if f"own_{who}" in ours + theirs:
            assert f"own_{who}: " in once.text
    assert "x-team:   'Zoë'   # kept" in once.text
    for word in ("first", "second", "third"):
        assert (f"\n{word}" in base) <= (f"\n{word}" in once.text)
        for text in (ours, theirs):
            for who in (1, 2):
                assert f"{word} by {who}" not in text or f"{word} by {who}" in once.text


@quick
@given(histories(people=2))
def test_what_comes_of_it_is_a_record(history: tuple[str, ...]) -> None:
    base, ours, theirs = history
    once = merged(base, ours, theirs)
    assume(once.is_clean)
    document = parse_document(once.text, incident=INCIDENT)
    assert document.is_readable
    assert len({*entry_ids(once.text)}) == len(entry_ids(once.text))
    by_hand = {key for side in history for key in differing_keys(parse_document(side, incident=INCIDENT))}
    for key, value in fold(document.entries).as_keys().items():
        if key not in by_hand:
            assert same_value(key, document.value(key), value), key


@quick
@given(histories(people=3))
def test_the_state_is_the_same_in_any_order_of_merging(history: tuple[str, ...]) -> None:
    base, *sides = history
    # A hand edit that no write has taken in yet may be overtaken on one way and not on another: what all entries say is the same.
    by_hand = {key for text in history for key in differing_keys(parse_document(text, incident=INCIDENT))}
    outcomes = []
    for first, second, third in permutations(sides):
        once = merged(base, first, second)
        assume(once.is_clean)
        twice = merged(base, once.text, third)
        assume(twice.is_clean)
        document = parse_document(twice.text, incident=INCIDENT)
        found = document.front.values if document.front else {}
        plain = {key: value for key, value in found.items() if key not in by_hand}
        outcomes.append((fold(document.entries).as_keys(), plain, {*entry_ids(twice.text)} - _settling(twice.text)))
    assert all(outcome == outcomes[0] for outcome in outcomes)


def _settling(text: str) -> set[str]:
    entries = parse_document(text, incident=INCIDENT).entries
    return {entry.id for entry in entries if entry.author == "incidentctl" and entry.agent}


@quick
@given(histories(people=1))
def test_what_one_side_did_alone_stands_as_it_is(history: tuple[str, ...]) -> None:
    base, ours = history
    assert merged(base, ours, base).text == ours
    assert merged(base, base, ours).text == ours


def test_edits_change_something() -> None:
    """The generators above are worth something only if most of what they draw is a change, and most merges are clean."""
    changed: list[bool] = []
    clean: list[bool] = []

    @settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(histories(people=2))
    def look(history: tuple[str, ...]) -> None:
        base, ours, theirs = history
        changed.append(ours != base and theirs != base)
        clean.append(merged(base, ours, theirs).is_clean)

    look()
    assert sum(changed) > len(changed) / 4
    assert sum(clean) > len(clean) / 2
