"""What two set at once: which stands, and the line that says so."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.document.entry_lines import parse_entry, render_entry
from incidentctl.incident.entries import Entry, Opened, RoleChange, SeverityChange, What, Withdrawn
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.policy import DEFAULT_SCALE
from incidentctl.incident.settling import is_settling, settle
from tests.strategies import START

OPENED = Entry(START, Opened("SEV3"), author="ann", id="000000")


def said(minute: int, what: What, who: str, entry_id: str) -> Entry:
    return Entry(START + timedelta(minutes=minute), what, author=who, id=entry_id)


ANN = said(1, SeverityChange("SEV3", "SEV1"), "ann", "00aaaa")
BOB = said(2, SeverityChange("SEV3", "SEV2"), "bob", "00bbbb")


def test_one_side_alone_needs_no_settling() -> None:
    assert settle([OPENED, ANN], [OPENED], DEFAULT_SCALE) == []


def test_the_line_says_who_set_what_and_what_stands() -> None:
    (entry,) = settle([OPENED, ANN], [OPENED, BOB], DEFAULT_SCALE)
    assert entry.what == SeverityChange("SEV2", "SEV1")
    assert entry.at == BOB.at
    assert entry.text == "set by two at once (@ann SEV1, @bob SEV2), the more severe stands"
    assert (entry.author, entry.agent) == ("incidentctl", True)
    assert is_settling(entry)
    assert not is_settling(ANN)
    read = parse_entry(render_entry(entry))
    assert read is not None
    assert read.entry == entry


def test_it_is_the_same_line_whichever_side_comes_first() -> None:
    assert settle([OPENED, ANN], [OPENED, BOB], DEFAULT_SCALE) == settle([OPENED, BOB], [OPENED, ANN], DEFAULT_SCALE)


def test_it_is_said_also_where_the_later_is_the_more_severe() -> None:
    later = said(3, SeverityChange("SEV3", "SEV1"), "eve", "00eeee")
    (entry,) = settle([OPENED, BOB], [OPENED, later], DEFAULT_SCALE)
    assert entry.what == SeverityChange("SEV1", "SEV1")


def test_what_was_withdrawn_does_not_count() -> None:
    gone = said(4, Withdrawn("00aaaa"), "ann", "00wwww")
    assert settle([OPENED, ANN, gone], [OPENED, BOB], DEFAULT_SCALE) == []


def test_what_one_side_removed_is_nothing_that_the_other_has_set() -> None:
    assert settle([OPENED, ANN], [OPENED, BOB], DEFAULT_SCALE, base=("000000", "00bbbb")) == []


def test_a_role_that_was_laid_down_is_told_as_such() -> None:
    mine = said(1, RoleChange("commander", "ann"), "ann", "00aaaa")
    other = said(2, RoleChange("commander", None), "bob", "00bbbb")
    (entry,) = settle([OPENED, mine], [OPENED, other], DEFAULT_SCALE)
    assert entry.what == RoleChange("commander", None)
    assert entry.text == "set by two at once (@ann @ann, @bob none), the later stands"


def test_each_role_is_settled_by_itself() -> None:
    ours = [said(1, RoleChange(role, "ann"), "ann", f"00a{n}aa") for n, role in enumerate(("commander", "scribe"))]
    theirs = [said(2, RoleChange(role, "bob"), "bob", f"00b{n}bb") for n, role in enumerate(("commander", "scribe"))]
    found = settle([OPENED, *ours], [OPENED, *theirs], DEFAULT_SCALE)
    assert [entry.what for entry in found] == [RoleChange("commander", "bob"), RoleChange("scribe", "bob")]
    assert len({entry.id for entry in found}) == 2


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from(("ann", "bob", "eve")), st.integers(0, 2)), min_size=3, max_size=3
    )
)
def test_three_at_once_come_to_one_holder_in_any_order(words: list[tuple[int, str, int]]) -> None:
    """Also within one second, where a settling line stands among the words of others."""
    sides = [
        [OPENED, said(minute, RoleChange("commander", who), who, f"0{count}{index + 1}000")]
        for index, (minute, who, count) in enumerate(words)
    ]
    outcomes = set()
    for first, second, third in ((0, 1, 2), (1, 2, 0), (0, 2, 1)):
        union = {entry.id: entry for entry in (*sides[first], *sides[second])}
        union |= {entry.id: entry for entry in settle(sides[first], sides[second], DEFAULT_SCALE)}
        last = settle([*union.values()], sides[third], DEFAULT_SCALE)
        union |= {entry.id: entry for entry in (*sides[third], *last)}
        outcomes.add(fold(union.values()).commander)
    assert len(outcomes) == 1
