"""Which entries another version of a text has otherwise: by id, and typed lines by what they say."""

import pytest

from incidentctl.document.entry_changes import EntryChange, changed_entries, edited_ids, entries_by_id
from incidentctl.document.parse import parse_document

HEAD = "---\nid: 2026-05-14-x\n---\n\n## Timeline\n\n"
ONE = "- 2026-05-14T10:00:00Z one — @ann <!-- e:00aaaa -->\n"
TWO = "- 2026-05-14T10:01:00Z two — @ann <!-- e:00bbbb -->\n"
TYPED = "- 2026-05-14T10:02:00Z typed — @bob\n"


def changes(before: str, after: str) -> list[EntryChange]:
    read = [entries_by_id(parse_document(HEAD + text, incident="2026-05-14-x").entries) for text in (before, after)]
    return changed_entries(*read)


def told(before: str, after: str) -> list[tuple[str, str | None]]:
    return [(each.before.text, each.after.text if each.after else None) for each in changes(before, after)]


@pytest.mark.parametrize(
    "after",
    [
        ONE + TWO + TYPED,
        TWO + TYPED + ONE,
        ONE + "- 2026-05-14T10:00:30Z new — @bob <!-- e:00cccc -->\n" + TWO + TYPED,
        ONE.replace("- 2026-05-14T10:00:00Z", "* 2026-05-14T10:00Z") + TWO + TYPED,
        ONE + TWO + "- 2026-05-14T10:03:00Z typed too — @bob\n" + TYPED,
        ONE + TWO + TYPED + TYPED,
    ],
    ids=["the same", "another order", "one more", "another layout", "one more typed", "the same line again"],
)
def test_what_says_the_same_is_no_change(after: str) -> None:
    assert changes(ONE + TWO + TYPED, after) == []


def test_a_change_has_the_entry_as_it_was_and_is() -> None:
    assert told(ONE + TWO, ONE.replace("one", "won")) == [("one", "won"), ("two", None)]
    assert told(ONE + TWO, ONE + TWO.replace("@ann", "@bob")) == [("two", "two")]


def test_a_typed_line_that_was_changed_is_the_same_line() -> None:
    assert told(ONE + TYPED, ONE + TYPED.replace("typed", "changed")) == [("typed", "changed")]
    assert told(ONE + TYPED, ONE + TYPED.replace("10:02", "10:03")) == [("typed", "typed")]
    assert told(ONE + TYPED, ONE + TYPED.replace("10:02", "10:03").replace("typed", "new")) == [("typed", None)]


def test_an_entry_that_lost_its_id_or_got_another_is_the_same() -> None:
    assert told(ONE + TWO, ONE.replace(" <!-- e:00aaaa -->", "") + TWO) == [("one", "one")]
    assert told(ONE + TWO, ONE.replace("00aaaa", "00cccc") + TWO) == [("one", "one")]


def test_an_entry_of_the_same_moment_is_another() -> None:
    other = ONE.replace("00aaaa", "00cccc").replace("one", "other")
    assert told(ONE, other) == [("one", None)]


def test_an_edit_names_what_it_changed_or_removed() -> None:
    before, after = (parse_document(HEAD + text, incident="2026-05-14-x") for text in (ONE + TWO, TYPED + TWO))
    assert edited_ids(before, after) == ("00aaaa",)
    assert edited_ids(before, before) == ()


def test_a_typed_line_whose_id_is_written_down_is_the_same() -> None:
    (entry,) = parse_document(HEAD + TYPED, incident="2026-05-14-x").entries
    assert changes(TYPED, TYPED.replace("\n", f" <!-- e:{entry.id} -->\n")) == []
