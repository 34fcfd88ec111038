"""What is said of the roles: when it comes about, once, with the way out, and never of a person."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.incident.entries import (
    COMMANDER,
    TECH_LEAD,
    Canceled,
    CancelReason,
    Entry,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RoleChange,
    SeverityChange,
    What,
    Withdrawn,
)
from incidentctl.incident.ids import entry_id
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import DEFAULT_SCALE
from incidentctl.incident.roles import RoleWarning, Strain, before_writing, may_change_roles, role_warnings

START = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
ID = "2026-05-14-checkout-latency"
ACTION, INVESTIGATION, PLAIN = Note(NoteKind.ACTION), Note(NoteKind.INVESTIGATION), Note()
PAGE = "page a second, so that one can coordinate while the other debugs"


class Story:
    """A record that grows by one entry a minute, and what each of them brought about."""

    def __init__(self, severity: str = "SEV1", *, agents: frozenset[str] = frozenset(), by_agent: bool = False) -> None:
        self.agents = agents
        self.incident = Incident(ID, "Checkout latency", (), fold(()))
        self.minute = 0
        self.said: list[RoleWarning] = []
        self.says(Opened(severity), agent=by_agent)

    def says(
        self,
        what: What,
        by: str = "ann",
        *,
        agent: bool = False,
        noted_by: str | None = None,
        at: int | None = None,
    ) -> list[str]:
        """The strains that a write brought about."""
        self.minute += 1
        now = START + timedelta(minutes=self.minute)
        then = now if at is None else START + timedelta(minutes=at)
        entry = Entry(
            at=then,
            what=what,
            text="x",
            author=by,
            noted_by=noted_by,
            agent=agent,
            recorded_at=None if then == now else now,
            id=entry_id(then, self.incident.entries, self.minute * 7919),
        )
        return self._take(entry)

    def withdraws(self, number: int) -> list[str]:
        return self.says(Withdrawn(self.incident.entries[number].id))

    def _take(self, entry: Entry) -> list[str]:
        entries = (*self.incident.entries, entry)
        after = replace(self.incident, entries=entries, state=fold(entries))
        new = role_warnings(self.incident, after, DEFAULT_SCALE, agents=self.agents)
        assert role_warnings(*before_writing(after, [entry]), DEFAULT_SCALE, agents=self.agents) == new
        assert not new or entry.recorded_at or may_change_roles(after, [entry], DEFAULT_SCALE)
        self.incident = after
        self.said += new
        return [each.strain.value for each in new]

    @property
    def last(self) -> RoleWarning:
        return self.said[-1]


def ic(holder: str | None) -> RoleChange:
    return RoleChange(COMMANDER, holder)


def tl(holder: str | None) -> RoleChange:
    return RoleChange(TECH_LEAD, holder)


# ------------------------------------------------------------------------------------------------------- no commander


def test_a_missing_commander_of_a_sev1_is_said_with_the_first_word_after_the_declaration_also_while_one_is_alone() -> (
    None
):
    story = Story("SEV1")
    assert story.said == []
    assert story.says(PLAIN) == ["no_commander", "alone"]
    assert story.said == [
        RoleWarning(Strain.NO_COMMANDER, "nobody coordinates this SEV1 yet", "ictl assign ic me"),
        RoleWarning(Strain.ALONE, f"one responder on a SEV1: {PAGE}"),
    ]
    assert story.says(PLAIN) == []


def test_it_is_said_when_a_human_takes_what_a_machine_declared() -> None:
    story = Story("SEV1", by_agent=True)
    assert story.says(PLAIN, "bot", agent=True) == []
    assert story.says(Reached(Milestone.ACKNOWLEDGED)) == ["no_commander", "alone"]


def test_it_is_said_when_the_role_is_laid_down_with_the_time() -> None:
    story = Story("SEV1")
    story.says(ic("bob"))
    assert story.says(ic(None)) == ["no_commander"]
    assert story.last.words == "nobody coordinates this SEV1 since 10:03Z"
    story.says(ic("ann"))
    assert story.says(ic(None)) == ["no_commander"]


def test_for_a_sev2_it_is_a_hint_once_a_second_person_is_there() -> None:
    story = Story("SEV2")
    assert story.says(PLAIN) == []
    assert story.says(PLAIN, "bob") == ["commander_wished"]
    assert story.last.words == "hint: more than one is at work on this SEV2, and nobody coordinates yet"
    assert story.says(PLAIN, "carol") == []
    assert story.says(SeverityChange("SEV2", "SEV1")) == ["no_commander"]
    assert story.says(SeverityChange("SEV1", "SEV2")) == []


@pytest.mark.parametrize("severity", ["SEV3", "SEV4", "SEV9"])
def test_where_no_commander_is_asked_for_nothing_is_said(severity: str) -> None:
    story = Story(severity)
    for what, by in ((PLAIN, "ann"), (PLAIN, "bob"), (ic("ann"), "ann"), (tl("ann"), "ann"), (ACTION, "ann")):
        assert story.says(what, by) == []


# -------------------------------------------------------------------------------------------------------------- alone


def test_while_a_responder_is_alone_nothing_is_said_but_to_page_a_second_for_a_sev1() -> None:
    story = Story("SEV2")
    for what in (ic("ann"), tl("ann"), ACTION, INVESTIGATION):
        assert story.says(what) == []
    assert story.says(SeverityChange("SEV2", "SEV1")) == ["alone"]
    assert story.last == RoleWarning(Strain.ALONE, f"one responder on a SEV1: {PAGE}")
    assert story.says(ACTION) == []


def test_a_machine_is_no_company() -> None:
    story = Story("SEV1", agents=frozenset({"deploybot"}))
    assert story.says(ic("ann")) == ["alone"]
    assert story.says(tl("ann")) == []
    assert story.says(PLAIN, "bot", agent=True) == []
    assert story.says(RoleChange("scribe", "deploybot")) == []
    assert story.says(PLAIN, "redacted") == []


def test_nobody_is_paged_once_users_are_well() -> None:
    story = Story("SEV1")
    assert story.says(Reached(Milestone.MITIGATED)) == ["no_commander"]
    assert "page" not in story.last.words


# ------------------------------------------------------------------------------------------------- two roles, one person


def test_commander_and_tech_lead_in_one_hand_is_said_when_it_comes_about_and_names_who_can_take_one() -> None:
    story = Story("SEV2")
    story.says(PLAIN, "bob")
    assert story.says(ic("ann")) == []
    assert story.says(tl("ann")) == ["both_roles"]
    assert story.last.words == "commander and tech lead are one person, so nobody is free to coordinate: hand one over"
    assert story.last.command == "ictl assign tl @bob --handoff"
    assert story.says(PLAIN) == []
    assert story.says(tl("bob")) == []


def test_who_takes_it_is_left_open_where_there_are_several() -> None:
    story = Story("SEV2")
    for by in ("bob", "carol"):
        story.says(PLAIN, by)
    story.says(tl("ann"))
    story.says(ic("ann"))
    assert story.last.command == "ictl assign tl @PERSON --handoff"


def test_it_is_said_when_a_second_person_joins_one_who_had_both() -> None:
    story = Story("SEV1")
    story.says(ic("ann"))
    story.says(tl("ann"))
    assert story.says(PLAIN, "bob") == ["both_roles"]


# ---------------------------------------------------------------------------------------------- who coordinates debugs


def test_debugging_by_who_coordinates_is_said_once_in_a_term() -> None:
    story = Story("SEV2")
    story.says(PLAIN, "bob")
    story.says(ic("ann"))
    assert story.says(PLAIN) == []
    assert story.says(ACTION, "bob") == []
    assert story.says(ACTION) == ["commander_debugs"]
    assert story.last.words == "who coordinates debugs as well, so nobody is free to coordinate: hand one over"
    assert story.last.command == "ictl assign ic @bob --handoff"
    assert story.says(INVESTIGATION) == []
    story.says(ic("bob"))
    story.says(ic("ann"))
    assert story.says(INVESTIGATION) == ["commander_debugs"]


def test_the_tech_lead_is_not_asked_to_coordinate_as_well() -> None:
    story = Story("SEV2")
    story.says(ic("ann"))
    story.says(tl("bob"))
    assert story.says(ACTION) == ["commander_debugs"]
    assert story.last.command == "ictl assign ic @PERSON --handoff"


def test_what_was_done_before_the_term_or_alone_or_noted_for_another_is_none() -> None:
    story = Story("SEV2")
    story.says(ic("ann"))
    story.says(ACTION)  # alone
    assert story.says(PLAIN, "bob") == []
    assert story.says(ACTION, at=1) == []  # before the term
    assert story.says(ACTION, noted_by="carol") == []
    assert story.says(ACTION, agent=True) == []
    assert story.says(ACTION) == ["commander_debugs"]


# ------------------------------------------------------------------------------------------------------------ never, once


@pytest.mark.parametrize("end", [Reached(Milestone.RESOLVED), Canceled(CancelReason.FALSE_ALARM)])
def test_what_is_over_strains_nobody(end: What) -> None:
    story = Story("SEV1")
    assert story.says(end) == []
    assert story.says(PLAIN, "bob") == []


def test_what_comes_by_a_merge_is_not_said_again_by_the_next_write() -> None:
    story = Story("SEV2")
    story.says(PLAIN, "bob")
    story.says(ic("ann"))
    story.says(tl("ann"))  # in another clone: it was said there
    before = story.incident
    assert role_warnings(before, before, DEFAULT_SCALE) == []
    assert story.says(PLAIN, "carol") == []


WRITES = st.one_of(
    st.builds(ic, st.sampled_from(["ann", "bob", None])),
    st.builds(tl, st.sampled_from(["ann", "bob", None])),
    st.sampled_from([PLAIN, ACTION, INVESTIGATION, Note(NoteKind.DECISION)]),
    st.builds(SeverityChange, st.just("SEV2"), st.sampled_from(["SEV1", "SEV2", "SEV3"])),
    st.sampled_from([Reached(each) for each in Milestone]),
)
PEOPLE = st.sampled_from(["ann", "bob", "carol"])


@given(
    severity=st.sampled_from(["SEV1", "SEV2", "SEV3"]),
    notes=st.lists(st.tuples(st.sampled_from([PLAIN, ACTION, INVESTIGATION]), PEOPLE), max_size=12),
    roles=st.tuples(st.sampled_from(["ann", "bob", None]), st.sampled_from(["ann", "bob", None])),
)
def test_while_roles_and_severity_stand_each_thing_is_said_at_most_once(
    severity: str, notes: list[tuple[Note, str]], roles: tuple[str | None, str | None]
) -> None:
    story = Story(severity)
    story.says(ic(roles[0]))
    story.says(tl(roles[1]))
    for note, by in notes:
        story.says(note, by)
    strains = [each.strain for each in story.said]
    assert len(strains) == len(set(strains))


@given(
    severity=st.sampled_from(["SEV1", "SEV2"]),
    writes=st.lists(st.tuples(WRITES, PEOPLE, st.booleans(), st.none() | st.integers(-5, 20)), max_size=12),
    undone=st.lists(st.integers(1, 12), max_size=3),
)
def test_nothing_is_said_twice_unless_it_had_ended_in_between(
    severity: str, writes: list[tuple[What, str, bool, int | None]], undone: list[int]
) -> None:
    story = Story(severity)
    standing: set[str] = set()
    for number, (what, by, agent, at) in enumerate((*writes, *((None, "ann", False, each) for each in undone))):
        if what is None:
            if at is None or at >= len(story.incident.entries):
                continue
            new = story.withdraws(at)
        else:
            new = story.says(what, by, agent=agent, at=at)
        assert not set(new) & standing, number
        standing = _standing(story) & (standing | set(new))


def _standing(story: Story) -> set[str]:
    """What would be said of the record if nothing had been before."""
    nothing = replace(story.incident, entries=(), state=fold(()))
    return {each.strain.value for each in role_warnings(nothing, story.incident, DEFAULT_SCALE)}


@given(writes=st.lists(st.tuples(WRITES, PEOPLE), max_size=10))
def test_no_words_name_a_person_but_who_can_take_over(writes: list[tuple[What, str]]) -> None:
    story = Story("SEV1")
    for what, by in writes:
        story.says(what, by)
    for each in story.said:
        assert "@" not in each.words
