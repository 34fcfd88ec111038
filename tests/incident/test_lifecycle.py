"""The fold: any set of entries, in whatever order they arrived, gives one valid state. Each sentence of it is a test."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.incident.entries import (
    CLEARED_BY_REOPENING,
    FOLDED_KEYS,
    FOLDED_ROLES,
    SETTABLE_KEYS,
    TIME_KEYS,
    UPDATE_STATUSES,
    Canceled,
    CancelReason,
    Done,
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
    Update,
    What,
    Withdrawn,
)
from incidentctl.incident.lifecycle import State, effective, feeds, fold, named_status
from incidentctl.incident.times import format_instant
from tests.strategies import START, entry_ids, near_instants
from tests.strategies import entries as any_entries

OPENED = Opened("SEV2")
ACKNOWLEDGED = Reached(Milestone.ACKNOWLEDGED)
MITIGATED = Reached(Milestone.MITIGATED)
RESOLVED = Reached(Milestone.RESOLVED)
CLOSED = Reached(Milestone.CLOSED)
REOPENED = Reached(Milestone.REOPENED)
COMMANDER = RoleChange("commander", "ann")
CANCELED = Canceled(CancelReason.FALSE_ALARM)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def on(minute: int, what: What, *, agent: bool = False, entry_id: str = "") -> Entry:
    return Entry(at(minute), what, author="ann", agent=agent, id=entry_id or f"{minute:02d}0000")


def state(*whats: What | Entry) -> State:
    """The state of entries a minute apart, in the order in which they are given; handed in shuffled."""
    found = [what if isinstance(what, Entry) else on(minute, what) for minute, what in enumerate(whats)]
    random.Random(7).shuffle(found)
    return fold(found)


# ---------------------------------------------------------------------------------------------------- in any order

crowded = st.lists(any_entries(near_instants).map(lambda entry: replace(entry, id=entry.id[:1] * 6)), max_size=12)


@settings(max_examples=200, deadline=None)
@given(crowded, st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_state(entries: list[Entry], chance: random.Random) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert fold(shuffled) == fold(entries)
    assert fold(iter(entries)) == fold(entries)
    assert effective(shuffled) == effective(entries)


@settings(max_examples=200, deadline=None)
@given(crowded)
def test_any_set_of_entries_gives_a_valid_state(entries: list[Entry]) -> None:
    found = fold(entries)
    counting = effective(entries)
    corrected = {entry.what.key for entry in counting if isinstance(entry.what, KeySet)}
    named = [entry for entry in counting if named_status(entry) is not None]
    assert (found.status is None) == (not named)
    assert found.status is None or found.status in Status
    rank = found.status.rank if found.status else -1
    for status in (Status.MITIGATED, Status.RESOLVED, Status.CLOSED):
        key = f"{status.value}_at"
        if key not in corrected and getattr(found, key) is not None:
            assert rank >= status.rank
            assert found.reopened_at is None or getattr(found, key) >= found.reopened_at
    assert found.cancel_reason is None or found.status is Status.CANCELED
    assert "duplicate_of" in corrected or found.duplicate_of is None or found.status is Status.CANCELED
    assert all(value is None or isinstance(value, datetime) for value in (getattr(found, key) for key in TIME_KEYS))
    keys = found.as_keys()
    assert tuple(keys) == FOLDED_KEYS
    assert all(value is None or value for value in keys.values())
    assert set(found.extra_roles).isdisjoint(FOLDED_ROLES)
    assert set(found.extra_roles) <= set(found.role_since)


@settings(max_examples=100, deadline=None)
@given(crowded)
def test_an_entry_of_which_a_key_takes_its_value_feeds_that_key(entries: list[Entry]) -> None:
    before = fold(entries).as_keys()
    for entry in entries:
        if isinstance(entry.what, Withdrawn):
            continue
        after = fold([each for each in entries if each is not entry]).as_keys()
        is_named = any(isinstance(each.what, Withdrawn) and each.what.entry == entry.id for each in entries)
        for key in FOLDED_KEYS:
            assert before[key] == after[key] or feeds(key, entry) or is_named


def test_the_state_has_a_field_for_each_folded_key() -> None:
    assert set(FOLDED_KEYS) <= set(State.__struct_fields__)
    whole = fold(
        [
            on(0, Opened("SEV2", started_at=at(-9), detected_at=at(-5), unconfirmed=True)),
            *(
                on(1, RoleChange(role, "ann"), entry_id=f"01000{index}")
                for index, role in enumerate((*FOLDED_ROLES, "scribe"))
            ),
            on(2, REOPENED),
            on(3, MITIGATED),
            on(4, RESOLVED),
            on(5, CLOSED),
            on(6, Canceled(CancelReason.DUPLICATE, "2026-05-13-y")),
        ]
    )
    assert all(getattr(whole, field) for field in State.__struct_fields__)
    empty = fold([])
    assert not any(getattr(empty, field) for field in State.__struct_fields__)
    assert set(empty.as_keys().values()) == {None}


# ------------------------------------------------------------------------------------------------ severity and roles


def test_severity_and_roles_are_the_last_by_time_and_id() -> None:
    found = state(
        OPENED,
        SeverityChange("SEV2", "SEV1"),
        COMMANDER,
        RoleChange("commander", "bob"),
        SeverityChange("SEV1", "SEV3"),
    )
    assert (found.severity, found.severity_since) == ("SEV3", at(4))
    assert (found.commander, found.role_since["commander"]) == ("bob", at(3))
    one, other = (
        on(1, SeverityChange("SEV2", "SEV1"), entry_id="01zzzz"),
        on(1, SeverityChange("SEV2", "SEV3"), entry_id="02aaaa"),
    )
    assert state(OPENED, one, other).severity == "SEV3"
    assert state(OPENED, other, one).severity == "SEV3"


def test_only_the_right_side_of_a_change_counts() -> None:
    assert state(OPENED, SeverityChange("SEV4", "SEV1"), SeverityChange("SEV4", "SEV3")).severity == "SEV3"


def test_a_role_that_is_laid_down_has_no_holder() -> None:
    assert state(OPENED, COMMANDER, RoleChange("commander", None)).commander is None
    assert state(OPENED, RoleChange("scribe", "bob")).extra_roles == {"scribe": "bob"}
    assert state(OPENED, RoleChange("scribe", "bob"), RoleChange("scribe", None)).extra_roles == {}


def test_a_back_dated_severity_that_cannot_count_changes_nothing() -> None:
    entries = [on(0, OPENED), on(30, SeverityChange("SEV2", "SEV3")), on(10, SeverityChange("SEV2", "SEV1"))]
    assert fold(entries).severity == "SEV3"
    assert fold(entries).severity_since == at(30)


def test_severity_and_roles_outlast_a_reopening() -> None:
    found = state(OPENED, SeverityChange("SEV2", "SEV1"), COMMANDER, RESOLVED, REOPENED)
    assert (found.severity, found.commander) == ("SEV1", "ann")


def test_a_severity_is_unconfirmed_until_somebody_sets_it() -> None:
    assert state(Opened("SEV2", unconfirmed=True)).unconfirmed
    assert not state(Opened("SEV2", unconfirmed=True), SeverityChange("SEV2", "SEV2")).unconfirmed


# ------------------------------------------------------------------------------------------------- episode and status


@pytest.mark.parametrize(
    ("whats", "status"),
    [
        ([], None),
        ([Note()], None),
        ([Done("bridge")], None),
        ([SeverityChange("SEV2", "SEV1")], None),
        ([OPENED], Status.INVESTIGATING),
        ([on(0, OPENED, agent=True)], Status.TRIAGE),
        ([on(0, OPENED, agent=True), ACKNOWLEDGED], Status.INVESTIGATING),
        ([on(0, OPENED, agent=True), on(1, ACKNOWLEDGED, agent=True)], Status.TRIAGE),
        ([on(0, OPENED, agent=True), COMMANDER], Status.INVESTIGATING),
        ([on(0, OPENED, agent=True), RoleChange("scribe", "bob")], Status.INVESTIGATING),
        ([on(0, OPENED, agent=True), on(1, COMMANDER, agent=True)], Status.TRIAGE),
        ([on(0, OPENED, agent=True), Update(Status.TRIAGE)], Status.INVESTIGATING),
        ([on(0, OPENED, agent=True), on(1, Update(Status.TRIAGE), agent=True)], Status.TRIAGE),
        ([on(0, OPENED, agent=True), Note(), SeverityChange("SEV2", "SEV1"), Done("bridge")], Status.TRIAGE),
        ([on(0, OPENED, agent=True), REOPENED], Status.INVESTIGATING),
        ([OPENED, StatusChange(Status.TRIAGE)], Status.INVESTIGATING),
        ([OPENED, StatusChange(Status.IDENTIFIED)], Status.IDENTIFIED),
        ([OPENED, Update(Status.MITIGATING), Update(Status.IDENTIFIED)], Status.MITIGATING),
        ([OPENED, MITIGATED, Update(Status.INVESTIGATING)], Status.MITIGATED),
        ([OPENED, RESOLVED, MITIGATED], Status.RESOLVED),
        ([OPENED, CLOSED, RESOLVED], Status.CLOSED),
        ([OPENED, CANCELED, CLOSED, Update(Status.RESOLVED)], Status.CANCELED),
        ([OPENED, RESOLVED, REOPENED], Status.INVESTIGATING),
        ([OPENED, CANCELED, REOPENED, MITIGATED], Status.MITIGATED),
        ([OPENED, REOPENED, RESOLVED, REOPENED, Update(Status.IDENTIFIED)], Status.IDENTIFIED),
    ],
)
def test_the_status_is_the_furthest_named_in_the_episode(whats: list[What | Entry], status: Status | None) -> None:
    assert state(*whats).status is status


def test_the_statuses_are_in_the_order_of_the_format() -> None:
    words = "triage investigating identified mitigating mitigated resolved closed canceled"
    assert [status.value for status in sorted(Status, key=lambda status: status.rank)] == words.split()
    assert [status.value for status in Status if status.is_active] == words.split()[1:5]
    assert [status.value for status in Status if status.is_over] == words.split()[5:]


def test_what_is_back_dated_before_the_last_reopening_is_no_part_of_the_episode() -> None:
    entries = [on(0, OPENED), on(20, REOPENED), on(10, RESOLVED)]
    assert fold(entries).status is Status.INVESTIGATING
    assert fold(entries).resolved_at is None
    assert fold(entries).reopened_at == at(20)


def test_an_entry_of_the_same_second_belongs_to_the_episode_by_its_id() -> None:
    assert fold([on(0, REOPENED, entry_id="010000"), on(0, RESOLVED, entry_id="020000")]).status is Status.RESOLVED
    assert fold([on(0, REOPENED, entry_id="020000"), on(0, RESOLVED, entry_id="010000")]).status is Status.INVESTIGATING


@pytest.mark.parametrize("what", [MITIGATED, StatusChange(Status.MITIGATED), Update(Status.MITIGATED)])
def test_a_status_or_an_update_that_names_mitigated_counts_as_mitigated_at_its_time(what: What) -> None:
    found = state(OPENED, what, MITIGATED)
    assert found.mitigated_at == at(1)
    assert found.resolved_at is None


@pytest.mark.parametrize("what", [RESOLVED, StatusChange(Status.RESOLVED), Update(Status.RESOLVED)])
def test_a_status_or_an_update_that_names_resolved_counts_as_resolved_at_its_time(what: What) -> None:
    found = state(OPENED, what, RESOLVED, CLOSED)
    assert (found.mitigated_at, found.resolved_at, found.closed_at) == (None, at(1), at(3))


def test_the_first_of_each_milestone_in_the_episode_counts() -> None:
    found = state(OPENED, MITIGATED, MITIGATED, RESOLVED, RESOLVED, CLOSED, CLOSED)
    assert (found.mitigated_at, found.resolved_at, found.closed_at) == (at(1), at(3), at(5))
    again = state(OPENED, MITIGATED, RESOLVED, REOPENED, MITIGATED)
    assert (again.mitigated_at, again.resolved_at, again.reopened_at) == (at(4), None, at(3))


def test_the_last_cancellation_gives_the_reason_and_the_original() -> None:
    found = state(OPENED, Canceled(CancelReason.DUPLICATE, "2026-05-13-y"), CANCELED)
    assert (found.cancel_reason, found.duplicate_of) == (CancelReason.FALSE_ALARM, None)
    found = state(OPENED, CANCELED, Canceled(CancelReason.DUPLICATE, "2026-05-13-y"))
    assert (found.cancel_reason, found.duplicate_of) == (CancelReason.DUPLICATE, "2026-05-13-y")


def test_reopened_clears_all_five() -> None:
    before = state(OPENED, MITIGATED, RESOLVED, CLOSED, Canceled(CancelReason.DUPLICATE, "2026-05-13-y"))
    after = state(OPENED, MITIGATED, RESOLVED, CLOSED, Canceled(CancelReason.DUPLICATE, "2026-05-13-y"), REOPENED)
    assert len(CLEARED_BY_REOPENING) == 5
    assert all(getattr(before, key) is not None for key in CLEARED_BY_REOPENING)
    assert all(getattr(after, key) is None for key in CLEARED_BY_REOPENING)
    assert after.declared_at == before.declared_at == at(0)


# ------------------------------------------------------------------------------------------------------------- times


def test_the_opening_gives_three_times() -> None:
    found = state(Opened("SEV2", started_at=at(-10), detected_at=at(-5)))
    assert (found.started_at, found.detected_at, found.declared_at) == (at(-10), at(-5), at(0))
    assert state(OPENED).started_at is None


@pytest.mark.parametrize("what", [ACKNOWLEDGED, COMMANDER, RoleChange("scribe", None), Update(Status.INVESTIGATING)])
def test_it_is_acknowledged_by_the_first_person_who_acts(what: What) -> None:
    opened = on(0, OPENED, agent=True)
    assert state(OPENED, what).acknowledged_at == at(0)
    assert state(opened, Note(), what, ACKNOWLEDGED).acknowledged_at == at(2)
    assert state(opened, on(1, what, agent=True)).acknowledged_at is None
    assert state(opened, on(1, what, agent=True), what).acknowledged_at == at(2)


@pytest.mark.parametrize(
    "what", [Note(), SeverityChange("SEV2", "SEV1"), MITIGATED, CANCELED, REOPENED, Done("bridge")]
)
def test_what_is_no_acknowledgement_does_not_count_as_one(what: What) -> None:
    assert state(on(0, OPENED, agent=True), what).acknowledged_at is None


def test_an_acknowledgement_is_never_cleared() -> None:
    assert state(on(0, OPENED, agent=True), ACKNOWLEDGED, RESOLVED, REOPENED).acknowledged_at == at(1)


# --------------------------------------------------------------------------------------------------------------- set


@pytest.mark.parametrize("key", TIME_KEYS)
def test_set_overrules_a_derived_time_and_none_removes_it(key: str) -> None:
    whats = (Opened("SEV2", started_at=at(-9), detected_at=at(-8)), MITIGATED, RESOLVED, CLOSED)
    assert getattr(state(*whats), key) is not None
    assert getattr(state(*whats, KeySet(key, None, format_instant(at(90)))), key) == at(90)
    assert getattr(state(*whats, KeySet(key, None, "2026-05-14T13:30+02:00")), key) == at(90)
    assert getattr(state(*whats, KeySet(key, None, None)), key) is None
    assert getattr(state(*whats, KeySet(key, None, None), KeySet(key, None, format_instant(at(90)))), key) == at(90)


def test_set_takes_the_times_and_the_original_and_nothing_else() -> None:
    assert set(SETTABLE_KEYS) == {*TIME_KEYS, "duplicate_of"}
    assert state(OPENED, CANCELED, KeySet("duplicate_of", None, "2026-05-13-y")).duplicate_of == "2026-05-13-y"
    assert state(OPENED, KeySet("status", None, "closed")).status is Status.INVESTIGATING
    assert state(OPENED, KeySet("severity", None, "SEV1")).severity == "SEV2"


@pytest.mark.parametrize("key", SETTABLE_KEYS)
def test_set_overrules_five_keys_until_the_next_reopening_and_the_others_for_good(key: str) -> None:
    value = "2026-05-13-y" if key == "duplicate_of" else format_instant(at(90))
    before = state(OPENED, MITIGATED, KeySet(key, None, value))
    after = state(OPENED, MITIGATED, KeySet(key, None, value), REOPENED)
    assert before.as_keys()[key] == value
    assert after.as_keys()[key] == (None if key in CLEARED_BY_REOPENING else value)


def test_set_counts_also_for_what_is_written_later() -> None:
    found = state(OPENED, KeySet("mitigated_at", None, format_instant(at(5))), on(9, MITIGATED))
    assert found.mitigated_at == at(5)
    assert found.status is Status.MITIGATED


def test_set_of_a_time_does_not_change_the_status() -> None:
    assert state(OPENED, KeySet("resolved_at", None, format_instant(at(5)))).status is Status.INVESTIGATING


# --------------------------------------------------------------------------------------------------------- withdrawal


def withdrawal(minute: int, of: int, **more: str) -> Entry:
    return on(minute, Withdrawn(f"{of:02d}0000"), **more)  # type: ignore[arg-type]


def test_what_is_withdrawn_does_not_count() -> None:
    assert state(OPENED, RESOLVED, withdrawal(2, of=1)).status is Status.INVESTIGATING
    assert state(OPENED, RESOLVED, REOPENED, withdrawal(3, of=2)).status is Status.RESOLVED
    assert state(OPENED, COMMANDER, RoleChange("commander", "bob"), withdrawal(3, of=2)).commander == "ann"
    assert state(OPENED, KeySet("started_at", None, format_instant(at(5))), withdrawal(2, of=1)).started_at is None
    assert [entry.what for entry in effective([on(0, OPENED), on(1, RESOLVED), withdrawal(2, of=1)])] == [
        OPENED,
        Withdrawn("010000"),
    ]


def test_a_withdrawal_takes_effect_also_on_a_later_entry() -> None:
    assert fold([on(0, OPENED), withdrawal(1, of=5), on(5, RESOLVED)]).status is Status.INVESTIGATING


def test_the_opening_cannot_be_withdrawn() -> None:
    assert state(OPENED, withdrawal(1, of=0)) == state(OPENED)
    twin = on(0, Note(), entry_id="000000")
    assert fold([on(0, OPENED), twin, withdrawal(1, of=0)]).severity == "SEV2"


def test_a_withdrawal_of_nothing_or_of_itself_has_no_effect() -> None:
    assert state(OPENED, RESOLVED, withdrawal(2, of=9)).status is Status.RESOLVED
    assert state(OPENED, RESOLVED, withdrawal(2, of=2)).status is Status.RESOLVED
    assert effective([withdrawal(2, of=2)]) == [withdrawal(2, of=2)]


def test_a_withdrawn_withdrawal_restores_the_entry() -> None:
    whats = (OPENED, RESOLVED, withdrawal(2, of=1), withdrawal(3, of=2))
    assert state(*whats).status is Status.RESOLVED
    assert state(*whats, withdrawal(4, of=3)).status is Status.INVESTIGATING
    assert state(*whats, withdrawal(4, of=3), withdrawal(5, of=4)).status is Status.RESOLVED
    assert state(*whats, withdrawal(4, of=1)).status is Status.INVESTIGATING


def test_a_withdrawal_is_withdrawn_only_by_a_later_one() -> None:
    assert (
        fold([on(0, OPENED), on(1, RESOLVED), withdrawal(3, of=1), withdrawal(2, of=3)]).status is Status.INVESTIGATING
    )
    one, other = withdrawal(2, of=1, entry_id="020001"), on(2, Withdrawn("020001"), entry_id="020000")
    assert fold([on(0, OPENED), on(1, RESOLVED), one, other]).status is Status.INVESTIGATING


def test_two_withdrawals_of_one_entry_need_both_to_be_withdrawn() -> None:
    whats = [on(0, OPENED), on(1, RESOLVED), withdrawal(2, of=1), withdrawal(3, of=1), withdrawal(4, of=3)]
    assert fold(whats).status is Status.INVESTIGATING
    assert fold([*whats, withdrawal(5, of=2)]).status is Status.RESOLVED


@given(
    st.lists(
        st.tuples(st.integers(0, 6), entry_ids.map(lambda each: each[:1] * 6)),
        max_size=10,
        unique_by=lambda each: each[1],
    )
)
def test_withdrawals_of_each_other_end_in_one_state(pairs: list[tuple[int, str]]) -> None:
    ids = [entry_id for _, entry_id in pairs]
    entries = [
        on(minute, Withdrawn(ids[index - 1]), entry_id=entry_id) for index, (minute, entry_id) in enumerate(pairs)
    ]
    assert effective(entries) == effective(entries[::-1])


# -------------------------------------------------------------------------------------------------------------- feeds


@pytest.mark.parametrize(
    ("entry", "keys"),
    [
        (on(0, OPENED), {"severity", "status", "started_at", "detected_at", "declared_at", "acknowledged_at"}),
        (on(0, OPENED, agent=True), {"severity", "status", "started_at", "detected_at", "declared_at"}),
        (on(0, ACKNOWLEDGED), {"status", "acknowledged_at"}),
        (on(0, ACKNOWLEDGED, agent=True), set()),
        (on(0, COMMANDER), {"commander", "status", "acknowledged_at"}),
        (on(0, RoleChange("scribe", "bob")), {"status", "acknowledged_at"}),
        (on(0, MITIGATED), {"status", "mitigated_at"}),
        (on(0, Update(Status.RESOLVED)), {"status", "resolved_at", "acknowledged_at"}),
        (on(0, StatusChange(Status.CLOSED)), {"status", "closed_at"}),
        (on(0, CANCELED), {"status", "cancel_reason", "duplicate_of"}),
        (on(0, REOPENED), {"status", *CLEARED_BY_REOPENING}),
        (on(0, KeySet("mitigated_at", None, None)), {"mitigated_at"}),
        (on(0, SeverityChange("SEV2", "SEV1")), {"severity"}),
        (on(0, Note()), set()),
        (on(0, Done("bridge")), set()),
        (on(0, Withdrawn("000000")), set()),
    ],
)
def test_an_entry_feeds_the_keys_that_it_can_give_a_value(entry: Entry, keys: set[str]) -> None:
    assert {key for key in FOLDED_KEYS if feeds(key, entry)} == keys


def test_the_keys_are_written_as_text() -> None:
    keys = state(Opened("SEV2", started_at=datetime(2026, 5, 14, 9, 51, tzinfo=UTC)), CANCELED).as_keys()
    assert keys["started_at"] == "2026-05-14T09:51:00Z"
    assert keys["status"] == "canceled"
    assert keys["cancel_reason"] == "false_alarm"
    assert {type(value) for value in keys.values()} == {str, type(None)}
    assert all(status in Status for status in UPDATE_STATUSES)
