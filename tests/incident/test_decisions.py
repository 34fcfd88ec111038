"""What becomes of a request: which entries are written, or why not. Each rule on the values alone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.errors import IncidentctlError, RefusedError, UsageError
from incidentctl.incident.decisions import Decision, Rules, decide, last_update
from incidentctl.incident.entries import (
    COMMANDER,
    COMMS_LEAD,
    TECH_LEAD,
    Canceled,
    CancelReason,
    Done,
    Entry,
    KeySet,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RoleChange,
    SeverityChange,
    Status,
    Update,
    What,
    Withdrawn,
)
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import DEFAULT_SCALE
from incidentctl.incident.requests import Author, Request, Verb

START = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
ID = "2026-05-14-checkout-latency"
ANN, BOB, BOT = Author("ann"), Author("bob"), Author("bot", agent=True)
RULES = Rules(scale=DEFAULT_SCALE)
MILESTONES = {
    Verb.ACK: Milestone.ACKNOWLEDGED,
    Verb.MITIGATE: Milestone.MITIGATED,
    Verb.RESOLVE: Milestone.RESOLVED,
    Verb.REOPEN: Milestone.REOPENED,
    Verb.CLOSE: Milestone.CLOSED,
}


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


class Record:
    """An incident that grows by what is decided, one request after the other."""

    def __init__(self, opened: What = Opened("SEV2"), *, by: Author = ANN, rules: Rules = RULES) -> None:
        self.rules = rules
        self.now = 0.0
        self.chance = 0
        self.incident = Incident(ID, "Checkout latency", (), fold(()))
        self.ask(Verb.OPEN, opened, by=by)

    def ask(
        self,
        verb: Verb,
        *whats: What,
        text: str = "",
        by: Author = ANN,
        at: float | None = None,
        given: Iterable[str] = (),
        target: str | None = None,
        keys: dict[str, str | tuple[str, ...] | None] | None = None,
    ) -> Decision:
        """What is decided, taken into the record."""
        self.chance += 7919
        now = minute(self.now)
        request = Request(
            verb=verb,
            incident=ID,
            author=by,
            now=now,
            chance=self.chance,
            at=None if at is None else minute(at),
            entries=tuple(Entry(at=now, what=what, text=text) for what in whats),
            keys=keys or {},
            given=frozenset(given),
            target=target,
        )
        decision = decide(self.incident, request, self.rules)
        entries = (*self.incident.entries, *decision.entries)
        self.incident = replace(self.incident, entries=entries, state=fold(entries))
        return decision

    def reach(self, verb: Verb, text: str = "", *, by: Author = ANN, at: float | None = None) -> Decision:
        return self.ask(verb, Reached(MILESTONES[verb]), text=text, by=by, at=at)

    def severity(self, name: str, reason: str = "", *, at: float | None = None) -> Decision:
        given = ("reason",) if reason else ()
        return self.ask(Verb.SEVERITY, SeverityChange("none", name), text=reason, at=at, given=given)


# ----------------------------------------------------------------------------------------------------- times and ids


def test_an_entry_has_the_time_of_writing_and_is_marked_where_it_happened_earlier() -> None:
    record = Record()
    record.now = 10
    (entry,) = record.ask(Verb.NOTE, Note(), text="seen").entries
    assert (entry.at, entry.recorded_at) == (minute(10), None)
    (entry,) = record.ask(Verb.NOTE, Note(), text="seen", at=9).entries
    assert (entry.at, entry.recorded_at) == (minute(9), None)
    (entry,) = record.ask(Verb.NOTE, Note(), text="seen", at=8.9).entries
    assert (entry.at, entry.recorded_at) == (minute(8.9), minute(10))


def test_a_state_without_a_time_is_never_before_the_last_one_that_it_saw() -> None:
    record = Record()
    record.now = 5
    record.severity("SEV1", at=7)
    assert record.reach(Verb.MITIGATE).entries[0].at == minute(7)
    assert record.ask(Verb.NOTE, Note(), text="x").entries[0].at == minute(5)
    assert record.reach(Verb.RESOLVE, at=6).entries[0].at == minute(6)


def test_entries_of_one_second_are_in_the_order_of_writing() -> None:
    record = Record()
    for number in range(50):
        record.ask(Verb.NOTE, Note(), text=str(number))
    ordered = sorted(record.incident.entries[1:], key=lambda entry: entry.order)
    assert [entry.text for entry in ordered] == [str(number) for number in range(50)]
    assert len({entry.id for entry in record.incident.entries}) == 51


def test_the_same_request_gives_the_same_ids_again() -> None:
    record = Record()
    request = Request(Verb.NOTE, ID, ANN, minute(1), 4711, entries=(Entry(at=minute(1), what=Note(), text="x"),))
    first, second = (decide(record.incident, request, RULES) for _ in range(2))
    assert first == second


def test_words_for_another_are_noted_by_who_types() -> None:
    record = Record()
    (entry,) = record.ask(Verb.NOTE, Note(), text="x", by=Author("bob", noted_by="ann")).entries
    assert (entry.author, entry.noted_by, entry.agent) == ("bob", "ann", False)
    (entry,) = record.ask(Verb.NOTE, Note(), text="x", by=BOT).entries
    assert (entry.author, entry.agent) == ("bot", True)


# ------------------------------------------------------------------------------------------------------------ opening


def test_an_end_before_its_beginning_is_refused_at_the_opening_alone() -> None:
    opened = Opened("SEV2", started_at=minute(-5), detected_at=minute(-6))
    with pytest.raises(UsageError, match=r"detected_at .* is before started_at"):
        Record(opened)
    record = Record(Opened("SEV2", started_at=minute(-5)))
    assert "is before started_at" in record.reach(Verb.MITIGATE, at=-10).warnings[0]


def test_a_machine_that_would_command_is_left_out_of_an_opening() -> None:
    record = Record()
    request = Request(
        Verb.OPEN, ID, BOT, minute(0), 1, entries=tuple(Entry(at=minute(0), what=what) for what in (
            Opened("SEV2"), RoleChange(COMMANDER, "bot")))
    )  # fmt: skip
    decision = decide(replace(record.incident, entries=(), state=fold(())), request, RULES)
    assert [entry.kind for entry in decision.entries] == ["opened"]
    assert "@bot is a machine, and never a commander" in decision.warnings[0]


# ------------------------------------------------------------------------------------------------------ the lifecycle


@pytest.mark.parametrize("verb", [Verb.MITIGATE, Verb.RESOLVE])
def test_what_is_done_already_is_unchanged_a_note_or_a_matter_for_set(verb: Verb) -> None:
    record = Record()
    record.reach(verb)
    assert record.reach(verb).unchanged == f"{MILESTONES[verb].value} already, 10:00Z"
    decision = record.reach(verb, "more words")
    assert [entry.what for entry in decision.entries] == [Note()]
    assert decision.event == "noted"
    with pytest.raises(RefusedError, match="already") as caught:
        record.reach(verb, at=-1)
    assert f"ictl set {ID} {MILESTONES[verb].value}_at=" in (caught.value.hint or "")
    assert record.reach(verb, at=0).unchanged


@pytest.mark.parametrize(
    ("before", "legal"),
    [
        ((), False),
        ((Verb.MITIGATE,), True),
        ((Verb.RESOLVE,), True),
        ((Verb.RESOLVE, Verb.CLOSE), True),
    ],
)
def test_reopening_is_legal_from_what_is_mitigated_on(before: tuple[Verb, ...], legal: bool) -> None:
    record = Record()
    for verb in before:
        record.reach(verb)
    decision = record.reach(Verb.REOPEN)
    assert (decision.unchanged is None) is legal
    assert record.incident.state.status is Status.INVESTIGATING


def test_only_a_resolved_incident_is_closed() -> None:
    record = Record()
    with pytest.raises(RefusedError, match="only a resolved incident is closed"):
        record.reach(Verb.CLOSE)
    record.reach(Verb.RESOLVE)
    assert record.reach(Verb.CLOSE).event == "closed"


@pytest.mark.parametrize("verb", [Verb.ACK, Verb.MITIGATE, Verb.RESOLVE])
def test_what_is_over_refuses_steps_and_takes_notes(verb: Verb) -> None:
    record = Record()
    record.ask(Verb.CANCEL, Canceled(CancelReason.FALSE_ALARM))
    with pytest.raises(RefusedError, match="is canceled"):
        record.reach(verb)
    assert record.ask(Verb.NOTE, Note(), text="the probe was broken").entries


def test_a_cancellation_again_is_unchanged_and_another_reason_is_recorded() -> None:
    record = Record()
    record.ask(Verb.CANCEL, Canceled(CancelReason.FALSE_ALARM))
    assert record.ask(Verb.CANCEL, Canceled(CancelReason.FALSE_ALARM)).unchanged
    record.ask(Verb.CANCEL, Canceled(CancelReason.DUPLICATE, "2026-05-14-other"))
    assert record.incident.state.duplicate_of == "2026-05-14-other"
    with pytest.raises(UsageError, match="duplicate of itself"):
        record.ask(Verb.CANCEL, Canceled(CancelReason.DUPLICATE, ID))


def test_a_machines_word_is_no_acknowledgement_and_a_humans_is() -> None:
    record = Record(by=BOT)
    assert record.incident.state.status is Status.TRIAGE
    assert record.reach(Verb.ACK, by=BOT).warnings == ("recorded; a machine's word is not an acknowledgement",)
    record.ask(Verb.UPDATE, Update(Status.INVESTIGATING, actions="x"), by=BOT, given=("actions",))
    assert record.incident.state.status is Status.TRIAGE
    assert record.reach(Verb.ACK, by=ANN).unchanged is None
    assert record.incident.state.acknowledged_at == minute(0)


# ----------------------------------------------------------------------------------------------------------- severity


def test_down_needs_a_reason_and_up_needs_none() -> None:
    record = Record()
    with pytest.raises(RefusedError, match="SEV2 → SEV3 is a change down"):
        record.severity("SEV3")
    assert record.severity("SEV1").event == "severity SEV2 → SEV1"
    assert record.severity("SEV4", "cosmetic").event == "severity SEV1 → SEV4"


def test_what_a_range_was_given_as_is_no_reason() -> None:
    record = Record()
    with pytest.raises(RefusedError):
        record.ask(Verb.SEVERITY, SeverityChange("none", "SEV3"), text="given as 3-4")
    assert record.ask(Verb.SEVERITY, SeverityChange("none", "SEV2"), text="given as 2-3").unchanged


def test_a_back_dated_change_has_the_severity_of_then_on_its_left() -> None:
    record = Record()
    record.now = 30
    record.severity("SEV3", "a workaround")
    record.now = 40
    decision = record.severity("SEV1", at=20)
    assert decision.entries[0].what == SeverityChange("SEV2", "SEV1")
    assert decision.warnings == ("recorded; severity stays SEV3 since 10:30Z",)
    assert record.incident.state.severity == "SEV3"


def test_naming_the_severity_confirms_a_guess() -> None:
    record = Record(Opened("SEV2", unconfirmed=True))
    assert record.severity("SEV2").event == "severity SEV2 confirmed"
    assert record.severity("SEV2").unchanged == "severity is SEV2 already"


# ------------------------------------------------------------------------------------------------------------- update


def test_an_update_carries_over_what_is_not_given() -> None:
    record = Record(Opened("SEV1"))
    first = Update(Status.IDENTIFIED, impact="12 %", theory="pool", actions="failing over", public="some fail")
    record.ask(Verb.UPDATE, first, given=("status", "impact", "theory", "actions"))
    record.now = 10
    record.ask(Verb.UPDATE, Update(Status.INVESTIGATING, theory="push"), given=("theory",))
    assert last_update(record.incident) == Update(
        Status.IDENTIFIED, impact="12 %", theory="push", actions="failing over", next_at=minute(40)
    )


def test_a_withdrawn_update_is_not_carried_over() -> None:
    record = Record()
    record.ask(Verb.UPDATE, Update(Status.INVESTIGATING, impact="wrong"), given=("impact",))
    record.ask(Verb.UNDO)
    record.ask(Verb.UPDATE, Update(Status.INVESTIGATING, actions="x"), given=("actions",))
    update = last_update(record.incident)
    assert update is not None
    assert update.impact is None


def test_an_update_says_mitigated_after_a_mitigation_and_resolved_after_a_resolution() -> None:
    record = Record()
    record.reach(Verb.MITIGATE)
    record.ask(Verb.UPDATE, Update(Status.INVESTIGATING, actions="watching"), given=("actions",))
    assert record.incident.entries[-1].what == Update(Status.MITIGATED, actions="watching", next_at=minute(60))
    record.reach(Verb.RESOLVE)
    record.ask(Verb.UPDATE, Update(Status.INVESTIGATING, actions="writing"), given=("actions",))
    assert record.incident.entries[-1].what == Update(Status.RESOLVED, actions="writing")


# -------------------------------------------------------------------------------------------------------------- roles


def test_a_hand_over_names_who_had_the_role() -> None:
    record = Record()
    record.ask(Verb.ASSIGN, RoleChange(COMMANDER, "ann"))
    (entry,) = record.ask(Verb.ASSIGN, RoleChange(COMMANDER, "bob"), text="shift ends", given=("handoff",)).entries
    assert entry.text == "handed over by @ann: shift ends"
    (entry,) = record.ask(Verb.ASSIGN, RoleChange(TECH_LEAD, "bob"), given=("handoff",)).entries
    assert entry.text == ""
    (entry,) = record.ask(Verb.ASSIGN, RoleChange(TECH_LEAD, "ann"), text="\n- Status: x", given=("handoff",)).entries
    assert entry.text == "handed over by @bob\n- Status: x"
    (entry,) = record.ask(Verb.ASSIGN, RoleChange(COMMS_LEAD, "ann"), text="\n- Status: x", given=("handoff",)).entries
    assert entry.text == "the state as it is\n- Status: x"


def test_a_machine_never_commands() -> None:
    record = Record(rules=Rules(scale=DEFAULT_SCALE, agents=frozenset({"deploybot"})))
    for author, holder in ((ANN, "deploybot"), (BOT, "bot")):
        with pytest.raises(RefusedError, match="is a machine, and never a commander"):
            record.ask(Verb.ASSIGN, RoleChange(COMMANDER, holder), by=author)


# ------------------------------------------------------------------------------------------------------ set and undo


def test_set_records_what_stood_and_says_what_is_so_already() -> None:
    record = Record()
    at = "2026-05-14T09:51:00Z"
    (entry,) = record.ask(Verb.SET, KeySet("started_at", None, at)).entries
    assert entry.what == KeySet("started_at", None, at)
    assert record.ask(Verb.SET, KeySet("started_at", None, at)).unchanged == "started_at is so already"
    (entry,) = record.ask(Verb.SET, KeySet("started_at", None, None)).entries
    assert entry.what == KeySet("started_at", at, None)
    assert record.ask(Verb.SET, keys={"team": "shop"}) == Decision("set team", keys={"team": "shop"})


def test_undo_takes_ones_own_last_entry_and_then_the_one_before() -> None:
    record = Record()
    first = record.ask(Verb.NOTE, Note(), text="first").entries[0].id
    record.ask(Verb.NOTE, Note(), text="of bob", by=BOB)
    second = record.ask(Verb.NOTE, Note(), text="second").entries[0].id
    assert record.ask(Verb.UNDO).entries[0].what == Withdrawn(second)
    assert record.ask(Verb.UNDO).entries[0].what == Withdrawn(first)
    with pytest.raises(RefusedError, match="the opening cannot be withdrawn"):
        record.ask(Verb.UNDO)


def test_undo_of_a_withdrawal_restores_and_of_that_withdraws_again() -> None:
    record = Record()
    record.reach(Verb.MITIGATE)
    taken = record.ask(Verb.UNDO).entries[0].id
    decision = record.ask(Verb.UNDO, target=f"e:{taken}")
    assert decision.event == "restored mitigated"
    assert record.incident.state.status is Status.MITIGATED
    decision = record.ask(Verb.UNDO, target=decision.entries[0].id)
    assert decision.event == "withdrew mitigated"
    assert record.incident.state.mitigated_at is None
    with pytest.raises(RefusedError, match="is withdrawn already"):
        record.ask(Verb.UNDO, target=record.incident.entries[1].id)


def test_pasted_lines_that_are_there_already_are_left_out() -> None:
    record = Record()
    record.now = 10
    now = minute(10)
    lines = tuple(Entry(at=minute(number), what=Note(), text=f"line {number}", author="bob") for number in range(3))

    def paste(*entries: Entry) -> Decision:
        request = Request(Verb.NOTE, ID, ANN, now, 5, entries=entries, given=frozenset({"lines"}))
        return decide(record.incident, request, RULES)

    decision = paste(*lines)
    assert decision.event == "3 lines noted"
    assert {entry.noted_by for entry in decision.entries} == {"ann"}
    entries = (*record.incident.entries, *decision.entries)
    record.incident = replace(record.incident, entries=entries, state=fold(entries))
    assert paste(*lines).unchanged == "all of these lines are there already"
    more = paste(*lines, Entry(at=minute(5), what=Note(), text="new", author="bob"))
    assert [entry.text for entry in more.entries] == ["new"]
    assert more.warnings == ("3 of these lines were there already",)
    record.ask(Verb.UNDO, target=decision.entries[0].id)
    assert [entry.text for entry in paste(*lines).entries] == ["line 0"]


def test_who_acknowledged_is_told_and_not_who_spoke_in_the_same_second() -> None:
    record = Record(by=BOT)
    record.now = 5
    record.ask(Verb.NOTE, Note(), text="hm", by=BOB)
    record.reach(Verb.ACK, by=ANN)
    assert record.reach(Verb.ACK, by=BOB).unchanged == "acknowledged already, 10:05Z by @ann"


# --------------------------------------------------------------------------------------------- any sequence of words


WHATS: dict[Verb, st.SearchStrategy[What]] = {
    **{verb: st.just(Reached(milestone)) for verb, milestone in MILESTONES.items()},
    Verb.NOTE: st.sampled_from([Note(), Note(NoteKind.ACTION), Done("bridge")]),
    Verb.UPDATE: st.sampled_from([Update(status, impact="x") for status in (Status.IDENTIFIED, Status.MITIGATED)]),
    Verb.SEVERITY: st.sampled_from([SeverityChange("none", name) for name in ("SEV1", "SEV3", "SEV4")]),
    Verb.ASSIGN: st.sampled_from([RoleChange(role, who) for role in (COMMANDER, TECH_LEAD) for who in ("bob", None)]),
    Verb.CANCEL: st.just(Canceled(CancelReason.FALSE_ALARM)),
    Verb.SET: st.sampled_from([KeySet("started_at", None, "2026-05-14T09:00:00Z"), KeySet("resolved_at", None, None)]),
}


@st.composite
def words(draw: st.DrawFn) -> tuple[Verb, tuple[What, ...], dict[str, object]]:
    verb = draw(st.sampled_from([*WHATS, Verb.UNDO]))
    whats = () if verb is Verb.UNDO else (draw(WHATS[verb]),)
    options: dict[str, object] = {
        "text": draw(st.sampled_from(["", "why"])),
        "by": draw(st.sampled_from([ANN, BOB, BOT])),
        "given": draw(st.sampled_from([(), ("reason", "status")])),
        "at": None if verb in (Verb.UNDO, Verb.SET) else draw(st.sampled_from([None, None, -30.0, 0.0, 2.0])),
    }
    return verb, whats, options


@settings(max_examples=150, deadline=None)
@given(st.lists(words(), max_size=25))
def test_any_sequence_of_words_ends_in_a_valid_state_or_is_refused_with_the_way_out(
    said: list[tuple[Verb, tuple[What, ...], dict[str, object]]],
) -> None:
    record = Record()
    for number, (verb, whats, options) in enumerate(said):
        record.now = number
        before = record.incident
        try:
            decision = record.ask(verb, *whats, **options)  # type: ignore[arg-type]
        except IncidentctlError as error:
            assert error.hint
            assert record.incident is before
            continue
        assert bool(decision.entries) is (decision.unchanged is None)
        assert record.incident.state.status is not None
        assert record.incident.state.severity in DEFAULT_SCALE.names
        ids = [entry.id for entry in record.incident.entries]
        assert len(set(ids)) == len(ids)
        assert all("\n" not in warning and warning for warning in decision.warnings)
        assert decision.event
        assert "\n" not in decision.event
