"""Merging by meaning, one sentence of its rules a test."""

import pytest

from incidentctl.document.merge import is_same_incident, merge_versions, parted_id
from incidentctl.document.parse import parse_document
from incidentctl.incident.ids import is_incident_id
from tests.document.merges import INCIDENT, git_lines, merged

BASE = """---
id: 2026-05-14-checkout-latency
title: Checkout latency # as the customers see it
severity: SEV3
status: investigating
services: [checkout, payments]
declared_at: 2026-05-14T10:00:00Z
acknowledged_at: 2026-05-14T10:00:00Z
x-team:   'Zoë'
---

# Checkout latency

## Timeline

- 2026-05-14T10:00:00Z **Opened** SEV3: p99 — @ann <!-- e:004mz1 -->
- 2026-05-14T10:05:00Z looking — @ann <!-- e:004mz2 -->
- 2026-05-14T10:06:00Z still looking — @ann <!-- e:004mz3 -->

## Notes

first

second

third
"""


def with_line(text: str, line: str) -> str:
    """The text with one entry more, at the end of the timeline."""
    return text.replace("\n## Notes", f"{line}\n\n## Notes").replace("-->\n\n- ", "-->\n- ")


def timeline(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- 2026")]


NOTE_OF_ANN = "- 2026-05-14T10:09:00Z of ann — @ann <!-- e:00aaaa -->"
NOTE_OF_BOB = "- 2026-05-14T10:08:00Z of bob — @bob <!-- e:00bbbb -->"


def test_entries_of_both_stand_in_the_order_of_time() -> None:
    once = merged(BASE, with_line(BASE, NOTE_OF_ANN), with_line(BASE, NOTE_OF_BOB))
    assert once.is_clean
    assert timeline(once.text)[-2:] == [NOTE_OF_BOB, NOTE_OF_ANN]
    assert once.text.replace(f"{NOTE_OF_BOB}\n", "").replace(f"{NOTE_OF_ANN}\n", "") == BASE


def test_where_one_side_alone_changed_the_timeline_no_line_is_moved() -> None:
    late = with_line(BASE, NOTE_OF_ANN.replace("10:09", "09:00"))
    once = merged(BASE, late, BASE.replace("title: Checkout latency", "title: Payments"))
    assert timeline(once.text) == timeline(late)
    assert "title: Payments # as the customers see it" in once.text


def test_what_one_side_removed_and_the_other_left_alone_is_removed_and_named() -> None:
    line = timeline(BASE)[1]
    once = merged(BASE, BASE.replace(f"{line}\n", ""), with_line(BASE, NOTE_OF_BOB))
    assert once.is_clean
    assert line not in once.text
    assert once.discarded == ("e:004mz2 was removed on one side",)


def test_what_one_side_removed_and_the_other_changed_stays_and_is_named() -> None:
    line = timeline(BASE)[1]
    once = merged(
        BASE,
        BASE.replace(f"{line}\n", ""),
        BASE.replace("looking — @ann <!-- e:004mz2", "found it — @ann <!-- e:004mz2"),
    )
    assert once.is_clean
    assert "found it" in once.text
    assert once.discarded == ("e:004mz2 was removed on one side and changed on the other: it stays",)


def test_an_entry_changed_twice_is_a_conflict_on_that_line() -> None:
    ours = BASE.replace("still looking", "nothing yet")
    theirs = with_line(BASE.replace("still looking", "it is the pool"), NOTE_OF_BOB)
    once = merged(BASE, ours, theirs)
    assert [each.what for each in once.conflicts] == ["e:004mz3"]
    block = once.text[once.text.index("<<<<<<<") : once.text.index(">>>>>>> theirs")]
    assert block.splitlines() == [
        "<<<<<<< ours",
        "- 2026-05-14T10:06:00Z nothing yet — @ann <!-- e:004mz3 -->",
        "=======",
        "- 2026-05-14T10:06:00Z it is the pool — @ann <!-- e:004mz3 -->",
    ]
    assert NOTE_OF_BOB in once.text


def test_a_line_below_an_entry_and_a_change_of_its_words_go_together() -> None:
    line = timeline(BASE)[2]
    once = merged(BASE, BASE.replace(line, f"{line}\n  and more"), BASE.replace("still looking", "it is the pool"))
    assert once.is_clean
    assert "it is the pool — @ann <!-- e:004mz3 -->\n  and more\n" in once.text


@pytest.mark.parametrize("words", ["password is hunter2", "! hunter2"])
def test_the_redacted_form_wins(words: str) -> None:
    ours = BASE.replace("still looking", words)
    theirs = BASE.replace("still looking", "**Redacted** secret")
    once = merged(BASE, ours, theirs)
    assert once.is_clean
    assert "hunter2" not in once.text
    assert once.discarded == ("e:004mz3: its text; the redacted form stands",)


def test_what_is_below_a_redacted_entry_is_not_lost() -> None:
    base = BASE.replace("still looking", "**Redacted** secret")
    line = timeline(base)[2]
    once = merged(base, base.replace(line, f"{line}\n  rotated"), with_line(base, NOTE_OF_BOB))
    assert "  rotated\n" in once.text


def test_the_more_severe_of_two_severities_stands_and_it_is_said() -> None:
    ours = with_line(BASE, "- 2026-05-14T10:07:00Z **Severity** SEV3 → SEV1: all of it — @ann <!-- e:00aaaa -->")
    theirs = with_line(BASE, "- 2026-05-14T10:08:00Z **Severity** SEV3 → SEV2: many — @bob <!-- e:00bbbb -->")
    once = merged(
        BASE, ours.replace("severity: SEV3", "severity: SEV1"), theirs.replace("severity: SEV3", "severity: SEV2")
    )
    assert once.is_clean
    assert "severity: SEV1\n" in once.text
    last = timeline(once.text)[-1]
    assert last.startswith(
        "- 2026-05-14T10:08:00Z **Severity** SEV2 → SEV1: set by two at once (@ann SEV1, @bob SEV2), the more severe stands"
        " — @incidentctl (agent) <!-- e:01"
    )


def test_the_later_of_two_commanders_stands_and_it_is_said() -> None:
    ours = with_line(BASE, "- 2026-05-14T10:07:00Z **Commander** @ann — @ann <!-- e:00aaaa -->")
    theirs = with_line(BASE, "- 2026-05-14T10:08:00Z **Commander** @eve — @bob <!-- e:00bbbb -->")
    once = merged(
        BASE,
        ours.replace("status: inv", "commander: ann\nstatus: inv"),
        theirs.replace("status: inv", "commander: eve\nstatus: inv"),
    )
    assert once.is_clean
    assert "commander: eve\n" in once.text
    assert (
        "**Commander** @eve: set by two at once (@ann @ann, @bob @eve), the later stands — @incidentctl (agent)"
        in once.text
    )


def test_both_setting_the_same_need_no_settling() -> None:
    ours = with_line(BASE, "- 2026-05-14T10:07:00Z **Commander** @ann — @ann <!-- e:00aaaa -->")
    theirs = with_line(BASE, "- 2026-05-14T10:08:00Z **Commander** @ann — @bob <!-- e:00bbbb -->")
    once = merged(BASE, ours, theirs)
    assert "set by two" not in once.text


def test_a_key_that_clashes_is_a_conflict_on_that_key_alone() -> None:
    ours = with_line(BASE.replace("title: Checkout latency", "title: Slow"), NOTE_OF_ANN)
    theirs = with_line(BASE.replace("title: Checkout latency", "title: Down"), NOTE_OF_BOB)
    once = merged(BASE, ours, theirs)
    assert [(each.what, each.ours, each.theirs) for each in once.conflicts] == [
        ("title", "title: Slow # as the customers see it", "title: Down # as the customers see it")
    ]
    assert once.text.count("<<<<<<<") == 1
    assert NOTE_OF_ANN in once.text
    assert NOTE_OF_BOB in once.text


def test_lists_are_sets_with_an_order() -> None:
    ours = BASE.replace("[checkout, payments]", "[payments, search]")
    theirs = BASE.replace("[checkout, payments]", "[checkout, payments, mail]")
    assert "services: [payments, mail, search]\n" in merged(BASE, ours, theirs).text


def test_unknown_keys_and_comments_of_both_stay() -> None:
    ours = BASE.replace("x-team:   'Zoë'", "x-team:   'Zoë' # kept\nslo: {target: 99.9}")
    theirs = BASE.replace("services:", "# a word\nrunbook: https://example.org\nservices:")
    text = merged(BASE, ours, theirs).text
    for words in ("x-team:   'Zoë' # kept\n", "slo: {target: 99.9}\n", "# a word\n", "runbook: https://example.org\n"):
        assert words in text


def test_a_hand_edit_not_yet_taken_in_is_kept() -> None:
    ours = BASE.replace("status: investigating", "status: resolved")
    theirs = with_line(BASE, NOTE_OF_BOB)
    once = merged(BASE, ours, theirs)
    assert once.is_clean
    assert "status: resolved\n" in once.text
    assert NOTE_OF_BOB in once.text


def test_two_hand_edits_of_one_key_that_disagree_are_a_conflict() -> None:
    once = merged(
        BASE, BASE.replace("severity: SEV3", "severity: SEV1"), BASE.replace("severity: SEV3", "severity: SEV2")
    )
    assert [(each.what, each.ours, each.theirs) for each in once.conflicts] == [
        ("severity", "severity: SEV1", "severity: SEV2")
    ]


def test_other_sections_are_merged_by_lines() -> None:
    once = merged(
        BASE,
        with_line(BASE.replace("first", "first of all"), NOTE_OF_ANN),
        with_line(BASE.replace("third", "last"), NOTE_OF_BOB),
    )
    assert once.is_clean
    assert "first of all\n\nsecond\n\nlast\n" in once.text


def test_a_section_that_clashes_is_a_conflict_there_alone() -> None:
    once = merged(
        BASE, with_line(BASE.replace("second", "2"), NOTE_OF_ANN), with_line(BASE.replace("second", "two"), NOTE_OF_BOB)
    )
    assert len(once.conflicts) == 1
    assert once.conflicts[0].what.startswith("lines ")
    assert (once.conflicts[0].ours, once.conflicts[0].theirs) == ("2", "two")
    assert timeline(once.text)[-2:] == [NOTE_OF_BOB, NOTE_OF_ANN]


def test_a_change_of_all_line_ends_is_no_change_of_words() -> None:
    once = merged(BASE, with_line(BASE, NOTE_OF_ANN).replace("\n", "\r\n"), with_line(BASE, NOTE_OF_BOB))
    assert once.is_clean
    assert once.text.count("\n") == once.text.count("\r\n")
    assert NOTE_OF_BOB in once.text


def test_entries_into_an_empty_timeline_from_both_sides() -> None:
    base = "---\nid: 2026-05-14-checkout-latency\ntitle: X\n---\n\n## Timeline\n\n## Notes\n\nx\n"
    ours = base.replace("## Timeline\n\n", f"## Timeline\n\n{NOTE_OF_ANN}\n\n")
    theirs = base.replace("## Timeline\n\n", f"## Timeline\n\n{NOTE_OF_BOB}\n\n")
    once = merged(base, ours, theirs)
    assert once.is_clean
    assert timeline(once.text) == [NOTE_OF_BOB, NOTE_OF_ANN]


def test_one_side_empties_the_timeline_and_the_other_writes() -> None:
    ours = "".join(line for line in BASE.splitlines(keepends=True) if not line.startswith("- 2026"))
    once = merged(BASE, ours, with_line(BASE, NOTE_OF_BOB))
    assert once.is_clean
    assert timeline(once.text) == [NOTE_OF_BOB]


def test_broken_front_matter_is_merged_by_lines_and_entries_still_by_meaning() -> None:
    broken = BASE.replace("x-team:   'Zoë'", "x-team:   'Zoë")
    once = merged(broken, with_line(broken, NOTE_OF_ANN), with_line(broken, NOTE_OF_BOB))
    assert once.is_clean
    assert timeline(once.text)[-2:] == [NOTE_OF_BOB, NOTE_OF_ANN]


def test_a_file_with_conflict_markers_is_left_to_git() -> None:
    base = BASE.replace("first", "<<<<<<< HEAD\nfirst\n=======\nerste\n>>>>>>> branch")
    once = merged(base, with_line(base, NOTE_OF_ANN), with_line(base, NOTE_OF_BOB))
    assert not once.is_clean
    assert NOTE_OF_ANN in once.text
    assert NOTE_OF_BOB in once.text


ITEMS = """---
incident: 2026-05-14-checkout-latency
status: draft
---

# Checkout latency

## Action Items

- [ ] Add a canary — owner: @bob — due: 2026-06-01 <!-- a:7k2ps0 -->
- [ ] Alert on saturation — owner: @ann — due: 2026-05-21 <!-- a:m4d0z1 -->

Some words.
"""


def test_action_items_are_united_by_their_ids() -> None:
    last = "<!-- a:m4d0z1 -->\n"
    ours = ITEMS.replace(last, f"{last}- [ ] Of ours — owner: @ann — due: 2026-06-02 <!-- a:00aaaa -->\n")
    theirs = ITEMS.replace(last, f"{last}- [ ] Of theirs — owner: @bob — due: 2026-06-03 <!-- a:00bbbb -->\n")
    theirs = theirs.replace("[ ] Add", "[x] Add").replace("[ ] Alert", "[x] Alert")
    once = merged(ITEMS, ours, theirs, is_record=False)
    assert once.is_clean
    lines = [line for line in once.text.splitlines() if line.startswith("- [")]
    assert [line[:12] for line in lines] == ["- [x] Add a ", "- [x] Alert ", "- [ ] Of our", "- [ ] Of the"]
    assert merged(ITEMS, theirs, ours, is_record=False).text == once.text


def test_an_action_item_changed_twice_is_a_conflict_on_that_line() -> None:
    ours = ITEMS.replace("due: 2026-06-01", "due: 2026-07-01")
    theirs = ITEMS.replace("[ ] Add", "[x] Add")
    once = merged(ITEMS, ours, theirs, is_record=False)
    assert [each.what for each in once.conflicts] == ["a:7k2ps0"]
    assert once.text.count("<<<<<<<") == 1


def test_an_action_item_removed_here_and_ticked_there_stays() -> None:
    line = next(each for each in ITEMS.splitlines(keepends=True) if "7k2ps0" in each)
    once = merged(ITEMS, ITEMS.replace(line, ""), ITEMS.replace("[ ] Add", "[x] Add"), is_record=False)
    assert once.is_clean
    assert "[x] Add a canary" in once.text
    gone = merged(ITEMS, ITEMS.replace(line, ""), ITEMS.replace("[ ] Alert", "[x] Alert"), is_record=False)
    assert gone.is_clean
    assert "canary" not in gone.text


def test_a_postmortems_status_is_no_folded_key() -> None:
    ours = ITEMS.replace("status: draft", "status: in_review")
    theirs = ITEMS.replace("Some words.", "Some more words.")
    text = merged(ITEMS, ours, theirs, is_record=False).text
    assert "status: in_review\n" in text
    assert "Some more words." in text


def test_two_files_are_one_incident_if_their_opened_has_one_id() -> None:
    assert is_same_incident(BASE, with_line(BASE, NOTE_OF_ANN), incident=INCIDENT)
    assert not is_same_incident(BASE, BASE.replace("e:004mz1", "e:004mzz"), incident=INCIDENT)
    typed = BASE.replace(timeline(BASE)[0] + "\n", "")
    assert is_same_incident(typed, with_line(typed, NOTE_OF_BOB), incident=INCIDENT)


def test_two_incidents_of_one_name_are_not_made_one() -> None:
    other = BASE.replace("e:004mz1", "e:004mzz").replace("p99", "another")
    once = merged(None, BASE, other)
    assert not once.is_clean


def test_one_incident_without_a_common_base_is_united() -> None:
    once = merged(None, with_line(BASE, NOTE_OF_ANN), with_line(BASE, NOTE_OF_BOB))
    assert once.is_clean
    assert timeline(once.text)[-2:] == [NOTE_OF_BOB, NOTE_OF_ANN]


def test_a_parted_id_is_the_same_in_every_clone_and_still_an_id() -> None:
    one, another = parted_id(INCIDENT, BASE), parted_id(INCIDENT, with_line(BASE, NOTE_OF_ANN))
    assert one == another != INCIDENT
    assert one.startswith(f"{INCIDENT}-")
    assert len(one) == len(INCIDENT) + 4
    assert is_incident_id(one)
    longest = f"2026-05-14-{'x' * 59}"
    assert len(parted_id(longest, BASE)) == len(longest)


def test_a_merge_needs_no_git_where_one_side_alone_changed() -> None:
    def no_git(ours: str, base: str, theirs: str) -> tuple[str, bool]:
        raise AssertionError("asked for git")

    changed = with_line(BASE, NOTE_OF_ANN)
    for ours, theirs in ((changed, BASE), (BASE, changed), (changed, changed)):
        assert merge_versions(BASE, ours, theirs, incident=INCIDENT, is_record=True, merge_lines=no_git).text == changed


def test_git_itself_is_what_the_tests_merge_lines_with() -> None:
    assert git_lines("a\nb\n", "a\n", "a\n") == ("a\nb\n", True)
    assert parse_document(BASE, incident=INCIDENT).is_readable
