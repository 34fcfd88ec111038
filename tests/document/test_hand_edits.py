"""What people change in an editor is taken over by one rule, key by key, and nothing is guessed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.document.edit import apply_edit, set_key
from incidentctl.document.entry_lines import render_entry
from incidentctl.document.hand_edits import UNCOMMITTED, PastVersion, TakenOver, differing_keys, take_over
from incidentctl.document.parse import Document, parse_document
from incidentctl.document.render import render_document
from incidentctl.incident.entries import (
    FOLDED_KEYS,
    Canceled,
    CancelReason,
    Entry,
    KeySet,
    Milestone,
    Note,
    Opened,
    Reached,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    What,
)
from incidentctl.incident.lifecycle import feeds, fold
from tests.document.documents import INCIDENT, new_entries
from tests.strategies import START

NOW = START + timedelta(hours=2)
EDITED_AT = START + timedelta(hours=1)


def entry(minute: int, what: What, entry_id: str = "", text: str = "") -> Entry:
    return Entry(START + timedelta(minutes=minute), what, text, "ann", entry_id or f"00{minute:04d}")


OPENED = entry(0, Opened("SEV2"))
MITIGATED = entry(10, Reached(Milestone.MITIGATED))
BASE = render_document(INCIDENT, {"title": "X"}, (OPENED, entry(5, RoleChange("commander", "ann")), MITIGATED))


def read(text: str) -> Document:
    return parse_document(text, incident=INCIDENT)


def edited(text: str, **keys: str | None) -> str:
    """The text after a person typed values into its front matter."""
    for key, word in keys.items():
        text = set_key(read(text), key, word)
    return text


def version(text: str, commit: str, author: str = "zoë", at: datetime = EDITED_AT) -> PastVersion:
    return PastVersion(commit, author, at, read(text))


def taken(text: str, *history: PastVersion) -> TakenOver:
    return take_over(read(text), history, incident=INCIDENT, by="bob", now=NOW)


def after(text: str, found: TakenOver, *entries: Entry) -> Document:
    """The file once the next write has taken everything in; checks what holds after each one."""
    new, warnings = apply_edit(read(text), incident=INCIDENT, entries=(*found.entries, *entries), hold=found.hold)
    assert warnings == ()
    document = read(new)
    assert set(differing_keys(document)) <= found.hold
    assert all(each in document.entries for each in found.entries)
    return document


def whats(found: TakenOver) -> list[What]:
    return [each.what for each in found.entries]


# ------------------------------------------------------------------------------------------------- who changed what


def test_a_file_that_agrees_with_itself_needs_nothing() -> None:
    assert taken(BASE, version(BASE, "aaaaaaa")) == TakenOver()
    assert taken("no front matter at all") == TakenOver()


def test_a_key_that_is_changed_and_not_committed_becomes_an_entry_of_ours_and_now() -> None:
    text = edited(BASE, severity="SEV1")
    found = taken(text, version(BASE, "aaaaaaa"))
    (entry,) = found.entries
    assert (entry.what, entry.author, entry.at, entry.by_hand) == (
        SeverityChange("SEV2", "SEV1"),
        "bob",
        NOW,
        UNCOMMITTED,
    )
    assert (found.hold, found.clashes) == (frozenset(), ())
    assert render_entry(entry)[0].startswith(
        "- 2026-05-14T12:00:00Z **Severity** SEV2 → SEV1 (by hand, uncommitted) — @bob"
    )
    assert after(text, found).value("severity") == "SEV1"


def test_a_key_that_is_changed_and_committed_becomes_an_entry_of_that_commit_its_author_and_its_date() -> None:
    text = edited(BASE, severity="SEV1")
    found = taken(text, version(text, "bbbbbbb"), version(BASE, "aaaaaaa"))
    (entry,) = found.entries
    assert (entry.author, entry.at, entry.by_hand) == ("zoë", EDITED_AT, "bbbbbbb")
    after(text, found)


def test_the_commit_that_brought_a_value_is_the_oldest_since_which_it_stands() -> None:
    first, second = edited(BASE, severity="SEV1"), edited(BASE, severity="SEV1", team="db")
    history = (version(second, "ccccccc"), version(first, "bbbbbbb"), version(BASE, "aaaaaaa"))
    assert [each.by_hand for each in taken(second, *history).entries] == ["bbbbbbb"]
    third = edited(second, severity="SEV3")
    assert [each.by_hand for each in taken(third, *history).entries] == [UNCOMMITTED]


def test_two_clones_that_take_the_same_commit_in_write_the_same_line() -> None:
    text = edited(BASE, severity="SEV1", commander="bob", status="resolved")
    history = (version(text, "bbbbbbb"), version(BASE, "aaaaaaa"))
    one = take_over(read(text), history, incident=INCIDENT, by="bob", now=NOW)
    other = take_over(read(text), history, incident=INCIDENT, by="eve", now=NOW + timedelta(days=1))
    assert one == other
    assert len({each.id for each in one.entries}) == 3
    elsewhere = take_over(read(text), history, incident="2026-05-14-y", by="bob", now=NOW)
    assert not {each.id for each in one.entries} & {each.id for each in elsewhere.entries}


def test_where_only_entries_changed_the_key_is_computed_anew() -> None:
    text = BASE + "- 2026-05-14T10:20:00Z **Severity** SEV2 → SEV1 — @ann <!-- e:000020 -->\n"
    found = taken(text, version(BASE, "aaaaaaa"))
    assert found == TakenOver()
    assert after(text, found).value("severity") == "SEV1"


def test_where_both_changed_and_disagree_nothing_is_guessed_and_the_word_is_saved() -> None:
    text = edited(BASE, severity="SEV3") + "- 2026-05-14T10:20:00Z **Severity** SEV2 → SEV1 — @ann <!-- e:000020 -->\n"
    found = taken(text, version(BASE, "aaaaaaa"))
    assert found.entries == ()
    assert found.hold == {"severity"}
    assert found.clashes == (
        "severity says SEV3 and the timeline SEV1: both were changed by hand; make the two agree in an editor",
    )
    note = entry(30, Note(), text="still saved")
    document = after(text, found, note)
    assert note in document.entries
    assert document.value("severity") == "SEV3"


def test_where_both_changed_and_agree_there_is_nothing_to_do() -> None:
    text = edited(BASE, severity="SEV1") + "- 2026-05-14T10:20:00Z **Severity** SEV2 → SEV1 — @ann <!-- e:000020 -->\n"
    assert taken(text, version(BASE, "aaaaaaa")) == TakenOver()


def test_entries_that_do_not_feed_a_key_do_not_matter() -> None:
    text = edited(BASE, severity="SEV1") + "- 2026-05-14T10:20:00Z **Commander** @bob — @ann <!-- e:000020 -->\n"
    found = taken(text, version(BASE, "aaaaaaa"))
    assert whats(found) == [SeverityChange("SEV2", "SEV1")]
    assert found.clashes == ()
    assert after(text, found).value("commander") == "bob"


def test_a_clash_on_one_key_does_not_keep_another_from_being_taken_over() -> None:
    text = edited(BASE, severity="SEV3", commander="bob")
    text += "- 2026-05-14T10:20:00Z **Severity** SEV2 → SEV1 — @ann <!-- e:000020 -->\n"
    found = taken(text, version(BASE, "aaaaaaa"))
    assert found.hold == {"severity"}
    assert whats(found) == [RoleChange("commander", "bob")]
    after(text, found)


def test_without_a_base_what_the_front_matter_says_stands() -> None:
    text = edited(BASE, severity="SEV1", status="resolved")
    for history in ((), (version(text, "bbbbbbb"),), (version("---\nid: [\n---\n", "ccccccc"),)):
        found = taken(text, *history)
        assert whats(found) == [Reached(Milestone.RESOLVED), SeverityChange("SEV2", "SEV1")]
        assert after(text, found).value("severity") == "SEV1"


def test_a_file_typed_from_nothing_is_taken_over_whole() -> None:
    text = "---\ntitle: X\nseverity: SEV1\nstatus: resolved\ncommander: '@ann'\nstarted_at: 2026-05-14T12:00+02:00\n"
    text += "declared_at: 2026-05-14T10:05:00Z\nmitigated_at: 2026-05-14T10:48:00Z\nresolved_at: 2026-05-14T11:00:00Z\n---\n\n# X\n"
    found = taken(text)
    document = after(text, found)
    state = fold(document.entries)
    assert (state.status, state.severity, state.commander) == (Status.RESOLVED, "SEV1", "ann")
    assert state.mitigated_at == datetime(2026, 5, 14, 10, 48, tzinfo=UTC)
    assert document.text.startswith(
        "---\ntitle: X\nseverity: SEV1\nstatus: resolved\ncommander: '@ann'\nstarted_at: 2026-05-14T12:00+02:00\n"
    )


def test_an_unreadable_version_is_no_base_and_no_origin() -> None:
    text = edited(BASE, severity="SEV1")
    broken = version("---\nseverity: [\n---\n", "ccccccc")
    assert [
        each.by_hand for each in taken(text, broken, version(text, "bbbbbbb"), version(BASE, "aaaaaaa")).entries
    ] == [UNCOMMITTED]


# ------------------------------------------------------------------------------------------------------- key by key


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("resolved", [Reached(Milestone.RESOLVED)]),
        ("Closed", [Reached(Milestone.CLOSED)]),
        ("investigating", [Reached(Milestone.REOPENED)]),
        ("identified", [Reached(Milestone.REOPENED), StatusChange(Status.IDENTIFIED)]),
        ("mitigating", [Reached(Milestone.REOPENED), StatusChange(Status.MITIGATING)]),
        ("canceled", [StatusChange(Status.CANCELED)]),
        ("cancelled", [StatusChange(Status.CANCELED)]),
    ],
)
def test_a_status_goes_forward_by_its_milestone_and_back_by_a_reopening(word: str, expected: list[What]) -> None:
    text = edited(BASE, status=word)
    found = taken(text, version(BASE, "aaaaaaa"))
    assert whats(found) == expected
    assert fold(after(text, found).entries).status == word.lower().replace("ll", "l")


def test_going_back_clears_what_a_reopening_clears() -> None:
    text = edited(BASE, status="identified")
    assert after(text, taken(text, version(BASE, "aaaaaaa"))).value("mitigated_at") is None


def test_a_time_that_was_typed_with_the_status_is_taken_over_with_it() -> None:
    text = edited(BASE, status="resolved", resolved_at="2026-05-14 13:30+02:00")
    found = taken(text, version(BASE, "aaaaaaa"))
    assert whats(found) == [
        Reached(Milestone.RESOLVED),
        KeySet("resolved_at", "2026-05-14T12:00:00Z", "2026-05-14T11:30:00Z"),
    ]
    assert after(text, found).value("resolved_at") == "2026-05-14 13:30+02:00"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"cancel_reason": "false-alarm"}, Canceled(CancelReason.FALSE_ALARM)),
        (
            {"cancel_reason": "duplicate", "duplicate_of": "2026-05-13-y"},
            Canceled(CancelReason.DUPLICATE, "2026-05-13-y"),
        ),
        ({"duplicate_of": "2026-05-13-y"}, Canceled(CancelReason.DUPLICATE, "2026-05-13-y")),
    ],
)
def test_a_cancellation_by_hand_takes_its_reason_along(keys: dict[str, str], expected: What) -> None:
    text = edited(BASE, status="canceled", **keys)
    found = taken(text, version(BASE, "aaaaaaa"))
    assert whats(found) == [expected]
    after(text, found)


def test_a_reason_given_later_is_taken_over() -> None:
    base = edited(BASE, status="canceled")
    base = after(base, taken(base, version(BASE, "aaaaaaa"))).text
    text = edited(base, cancel_reason="not_an_incident")
    found = taken(text, version(base, "bbbbbbb"))
    assert whats(found) == [Canceled(CancelReason.NOT_AN_INCIDENT)]
    after(text, found)


@pytest.mark.parametrize(
    ("key", "word", "expected"),
    [
        ("commander", "bob", RoleChange("commander", "bob")),
        ("commander", "@bob", RoleChange("commander", "bob")),
        ("commander", None, RoleChange("commander", None)),
        ("commander", "none", RoleChange("commander", None)),
        ("commander", "None", RoleChange("commander", None)),
        ("tech_lead", "zoë", RoleChange("tech_lead", "zoë")),
        ("severity", "sev-1", SeverityChange("SEV2", "sev-1")),
        ("started_at", "2026-05-14T09:51:00Z", KeySet("started_at", None, "2026-05-14T09:51:00Z")),
        ("detected_at", "2026-05-14t11:51+02:00", KeySet("detected_at", None, "2026-05-14T09:51:00Z")),
        ("mitigated_at", None, KeySet("mitigated_at", "2026-05-14T10:10:00Z", None)),
        ("declared_at", "none", KeySet("declared_at", "2026-05-14T10:00:00Z", None)),
        ("duplicate_of", "2026-05-13-y", KeySet("duplicate_of", None, "2026-05-13-y")),
    ],
)
def test_each_key_has_its_entry(key: str, word: str | None, expected: What) -> None:
    text = edited(BASE, **{key: word})
    found = taken(text, version(BASE, "aaaaaaa"))
    assert whats(found) == [expected]
    assert found.clashes == ()
    after(text, found)


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("status", "on fire"),
        ("status", "triage"),
        ("severity", "SEV 1"),
        ("severity", "SEV1 → SEV2"),
        ("severity", "<!-- x"),
        ("commander", "ann and bob"),
        ("mitigated_at", "10:48"),
        ("mitigated_at", "2026-05-14T10:48:00"),
        ("mitigated_at", "2026-02-30T10:48:00Z"),
        ("cancel_reason", "false_alarm"),
        ("cancel_reason", "because"),
        ("duplicate_of", "two words"),
        ("duplicate_of", "a\u00a0b"),
    ],
)
def test_a_word_that_cannot_be_taken_over_stays_and_is_named(key: str, word: str) -> None:
    text = edited(BASE, **{key: word})
    found = taken(text, version(BASE, "aaaaaaa"))
    assert found.entries == ()
    assert found.hold == {key}
    assert found.clashes == (f"{key} says {word}, which cannot be taken over: change it in an editor",)
    assert after(text, found).value(key) == word


@pytest.mark.parametrize("value", ["[ann, bob]", "{name: ann}", "[]"])
def test_a_list_where_one_word_belongs_stays_and_is_named(value: str) -> None:
    text = BASE.replace("commander: ann", f"commander: {value}")
    found = taken(text, version(BASE, "aaaaaaa"))
    assert found.hold == {"commander"}
    assert found.clashes == (
        "commander says what is no single word, which cannot be taken over: change it in an editor",
    )


@pytest.mark.parametrize("key", ["status", "severity"])
def test_a_summary_that_was_deleted_is_written_again(key: str) -> None:
    text = edited(BASE, **{key: None})
    found = taken(text, version(BASE, "aaaaaaa"))
    assert found == TakenOver()
    assert after(text, found).value(key) == read(BASE).value(key)


# ---------------------------------------------------------------------------------------------------------- the time


def test_what_is_taken_over_is_never_earlier_than_the_last_entry_of_its_key() -> None:
    """A commit may bear a date before the entries that its author saw: clocks are wrong, and people back-date."""
    early = START - timedelta(days=1)
    text = edited(BASE, status="resolved", commander="bob", severity="SEV1")
    found = taken(text, version(text, "bbbbbbb", at=early), version(BASE, "aaaaaaa"))
    state = fold(after(text, found).entries)
    assert (state.status, state.commander, state.severity) == (Status.RESOLVED, "bob", "SEV1")
    for each in found.entries:
        assert START <= each.at <= START + timedelta(minutes=10, seconds=1)
        assert each.recorded_at == early


def test_what_is_moved_stands_as_early_as_it_can_and_says_when_it_was_recorded() -> None:
    text = edited(BASE, severity="SEV1")
    for seconds, said in ((-30, False), (-61, True), (-3600, True)):
        at = START + timedelta(seconds=seconds)
        ids: set[bool] = set()
        for commit in (f"{number:07x}" for number in range(20)):
            (entry,) = taken(text, version(text, commit, at=at), version(BASE, "aaaaaaa")).entries
            ids.add(entry.id > OPENED.id)
            assert entry.at == (START if entry.id > OPENED.id else START + timedelta(seconds=1))
            assert entry.recorded_at == (at if said else None)
        assert True in ids
    later = replace(OPENED, id="zzzzzz")
    base = render_document(INCIDENT, {}, (later,))
    (entry,) = taken(edited(base, severity="SEV1"), version(edited(base, severity="SEV1"), "bbbbbbb", at=START)).entries
    assert entry.at == START + timedelta(seconds=1)
    assert entry.recorded_at is None


def test_fractions_of_a_second_and_other_zones_do_not_change_what_counts() -> None:
    text = edited(BASE, severity="SEV1")
    for micro in (0, 1, 999_999):
        at = MITIGATED.at.astimezone().replace(microsecond=micro)
        found = take_over(read(text), [version(BASE, "aaaaaaa")], incident=INCIDENT, by="bob", now=at)
        assert after(text, found).value("severity") == "SEV1"


def test_after_the_end_of_time_nothing_is_taken_over() -> None:
    last = replace(OPENED, at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), id="zzzzzz")
    base = render_document(INCIDENT, {}, (last,))
    text = edited(base, severity="SEV1")
    assert taken(text, version(base, "aaaaaaa")).hold == {"severity"}


def test_an_author_whose_name_is_no_handle_is_left_out() -> None:
    text = edited(BASE, severity="SEV1")
    found = taken(text, version(text, "bbbbbbb", author="Zoë X"), version(BASE, "aaaaaaa"))
    assert [each.author for each in found.entries] == [None]
    after(text, found)


def own_key(what: What) -> str | None:
    """The key that an entry was made for, where it can have been made for no other."""
    match what:
        case KeySet(key) | RoleChange(key):
            return key
        case SeverityChange():
            return "severity"
        case _:
            return None


WORDS = st.sampled_from(
    [
        *(None, "none", "", "ann", "@bob", "SEV1", "sev9", "resolved", "triage", "identified", "canceled", "cancelled"),
        *("closed", "false_alarm", "duplicate", "2026-05-14T10:03:00Z", "2026-05-14 12:02+02:00", "10:48"),
        *("2026-05-13-y", "a b", "é→"),
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    new_entries(size=5),
    st.dictionaries(st.sampled_from(FOLDED_KEYS), WORDS, max_size=5),
    st.dictionaries(st.sampled_from(FOLDED_KEYS), WORDS, max_size=2),
    st.integers(-10, 10),
    new_entries(size=2),
    st.booleans(),
)
def test_after_the_next_write_front_matter_and_fold_agree_but_for_what_was_named(
    entries: list[Entry],
    committed: dict[str, str | None],
    uncommitted: dict[str, str | None],
    minute: int,
    typed: list[Entry],
    has_base: bool,
) -> None:
    base = render_document(INCIDENT, {"title": "X"}, tuple(entries))
    past = edited(base, **committed)
    more = [replace(each, id=f"zz00{index:02d}") for index, each in enumerate(typed)]
    text = edited(past, **uncommitted) + "".join("\n".join(render_entry(each)) + "\n" for each in more)
    history = [version(past, "bbbbbbb", at=START + timedelta(minutes=minute))] + [version(base, "aaaaaaa")] * has_base
    found = taken(text, *history)
    assert len(found.clashes) == len(found.hold)
    document = after(text, found)
    assert all(document.value(key) == read(text).value(key) for key in found.hold)
    again = taken(document.text, version(document.text, "ccccccc"), *history)
    if not found.hold:
        assert again == TakenOver()
    for each in found.entries:
        assert each.by_hand in ("bbbbbbb", UNCOMMITTED)
        key = own_key(each.what)
        others = [other.order for other in document.entries if key and feeds(key, other) and other not in found.entries]
        assert each.order > max(others, default=(datetime.min.replace(tzinfo=UTC), ""))
