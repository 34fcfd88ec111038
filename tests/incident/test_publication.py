"""What the public is told of an incident, and what it is not: a function of the incident alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.incident.entries import (
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
    RedactReason,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    Withdrawn,
)
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import PLAIN_KEYS, Incident, Value
from incidentctl.incident.public import Health, PublicIncident, PublicPage, PublicService, PublicState
from incidentctl.incident.publication import MOST_PAST, has_public_words, public_incident, public_page
from tests.strategies import entries, near_instants

CHECKOUT = PublicService("c1", "Checkout", "Shop")
SEARCH = PublicService("s1", "Product search")
SERVICES = {"checkout": CHECKOUT, "shop": CHECKOUT, "search": SEARCH}
NOW = datetime(2026, 5, 15, 9, 30, tzinfo=UTC)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-05-14T{clock}:00Z")


def opened(clock: str = "10:00", name: str = "00aaaa") -> Entry:
    return Entry(at(clock), Opened("SEV1"), "inside", "ann", name)


def said(clock: str, words: str | None, status: Status = Status.INVESTIGATING, name: str = "00bbbb") -> Entry:
    update = Update(status, impact="inside", theory="inside", actions="inside", commander="ann", public=words)
    return Entry(at(clock), update, "", "ann", name)


def reached(clock: str, milestone: Milestone, name: str = "00cccc") -> Entry:
    return Entry(at(clock), Reached(milestone), "inside", "ann", name)


def incident(*entries: Entry, **keys: Value) -> Incident:
    return Incident("2026-05-14-checkout-latency", "inside", entries, fold(entries), keys)


def told(*entries: Entry, **keys: Value) -> PublicIncident | None:
    return public_incident(incident(*entries, **keys), services=SERVICES, inside_tags=["confidential"])


def known(*entries: Entry, **keys: Value) -> PublicIncident:
    found = told(*entries, **keys)
    assert found is not None
    return found


def lines(found: PublicIncident) -> list[str]:
    return [f"{each.at:%H:%M} {each.state.value}: {each.words}" for each in found.updates]


# ------------------------------------------------------------------------------------------------ what appears at all


def test_without_a_public_word_it_does_not_exist_for_the_public() -> None:
    assert (
        told(opened(), said("10:10", None), reached("10:40", Milestone.MITIGATED), public_title="Orders fail") is None
    )


def test_blank_words_are_none() -> None:
    assert told(opened(), said("10:10", " \n\t ")) is None


@pytest.mark.parametrize("drill", ["true", "yes", "True", "1", "on", "maybe", "ja", ("true",)])
def test_a_drill_never_appears_nor_what_may_be_one(drill: Value) -> None:
    assert told(opened(), said("10:10", "words"), drill=drill) is None


@pytest.mark.parametrize("drill", ["false", "no", "", "0", None])
def test_what_is_surely_no_drill_appears(drill: Value) -> None:
    assert known(opened(), said("10:10", "words"), drill=drill).state is PublicState.INVESTIGATING


@pytest.mark.parametrize("tags", ["confidential", ("a", "Confidential"), ("b", " CONFIDENTIAL ")])
def test_one_with_a_private_tag_never_appears(tags: Value) -> None:
    assert told(opened(), said("10:10", "words"), tags=tags) is None


def test_words_that_were_withdrawn_are_gone_and_so_is_an_incident_that_has_no_others() -> None:
    withdrawal = Entry(at("10:20"), Withdrawn("00bbbb"), author="ann", id="00zzzz")
    assert told(opened(), said("10:10", "wrong"), withdrawal) is None
    found = known(opened(), said("10:10", "wrong"), withdrawal, said("10:30", "right", name="00dddd"))
    assert lines(found) == ["10:30 investigating: right"]


def test_words_that_were_redacted_are_gone() -> None:
    redacted = Entry(
        at("10:10"), Update(Status.IDENTIFIED, public="left over"), id="00bbbb", redacted=RedactReason.SECRET
    )
    assert told(opened(), redacted) is None
    assert not has_public_words(incident(opened(), redacted))


# ------------------------------------------------------------------------------------------------------ what is told


def test_words_times_and_states_are_told_in_order() -> None:
    found = known(
        opened(),
        said("10:30", "Cause known.", Status.IDENTIFIED, "00dddd"),
        said("10:10", "Looking."),
        Entry(at("10:20"), Note(), "inside", "ann", "00eeee"),
    )
    assert lines(found) == ["10:10 investigating: Looking.", "10:30 identified: Cause known."]
    assert (found.began_at, found.updated_at) == (at("10:10"), at("10:30"))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.INVESTIGATING, "investigating"),
        (Status.IDENTIFIED, "identified"),
        (Status.MITIGATING, "identified"),
        (Status.MITIGATED, "monitoring"),
        (Status.RESOLVED, "resolved"),
    ],
)
def test_each_status_reads_as_readers_of_status_pages_know_it(status: Status, state: str) -> None:
    assert known(opened(), said("10:10", "words", status)).state == state


def test_a_state_that_nobody_had_words_for_is_told_without_any() -> None:
    found = known(opened(), said("10:10", "Looking."), reached("10:48", Milestone.MITIGATED))
    assert lines(found) == ["10:10 investigating: Looking.", "10:48 monitoring: None"]
    assert found.monitoring_at == at("10:48")
    assert found.resolved_at is None


def test_the_states_between_two_public_words_are_not_told() -> None:
    found = known(
        opened(),
        said("10:10", "Looking."),
        said("10:20", None, Status.IDENTIFIED, "00dddd"),
        reached("10:48", Milestone.MITIGATED),
        reached("12:00", Milestone.RESOLVED, "00eeee"),
    )
    assert lines(found) == ["10:10 investigating: Looking.", "12:00 resolved: None"]
    assert (found.monitoring_at, found.resolved_at) == (at("10:48"), at("12:00"))


def test_a_closed_incident_is_resolved_at_its_resolution() -> None:
    found = known(
        opened(),
        said("10:10", "Looking."),
        reached("12:00", Milestone.RESOLVED),
        reached("18:00", Milestone.CLOSED, "00dddd"),
    )
    assert lines(found)[-1] == "12:00 resolved: None"


@pytest.mark.parametrize("reason", CancelReason)
def test_a_canceled_one_is_closed_and_its_reason_stays_inside(reason: CancelReason) -> None:
    canceled = Entry(at("10:30"), Canceled(reason, "2026-05-14-other"), "inside", "ann", "00dddd")
    found = known(opened(), said("10:10", "Looking."), canceled)
    assert lines(found)[-1] == "10:30 closed: None"
    assert found.resolved_at == at("10:30")
    assert found.health is Health.OPERATIONAL


def test_a_reopened_one_is_investigated_again() -> None:
    found = known(
        opened(),
        said("10:10", "Looking."),
        said("11:00", "All well.", Status.RESOLVED, "00dddd"),
        reached("11:30", Milestone.REOPENED),
    )
    assert lines(found)[-2:] == ["11:00 resolved: All well.", "11:30 investigating: None"]
    assert found.resolved_at is None
    assert found.health is Health.AFFECTED


def test_words_after_a_mitigation_are_told_as_monitoring_whatever_they_name() -> None:
    found = known(
        opened(), reached("10:48", Milestone.MITIGATED), said("10:55", "Better.", Status.IDENTIFIED, "00dddd")
    )
    assert lines(found) == ["10:55 monitoring: Better."]


def test_what_was_before_the_first_public_word_has_no_time_there() -> None:
    """The start, the detection and the declaration stay inside; a mitigation that was before counts from the first word on."""
    found = known(
        opened("09:00"), reached("09:30", Milestone.MITIGATED), said("10:10", "It was slow.", Status.RESOLVED, "00dddd")
    )
    assert (found.began_at, found.monitoring_at, found.resolved_at) == (at("10:10"), at("10:10"), at("10:10"))


def test_nor_has_a_resolution_from_before_it() -> None:
    found = known(opened("09:00"), reached("09:30", Milestone.RESOLVED), said("10:10", "It was slow.", name="00dddd"))
    assert lines(found) == ["10:10 resolved: It was slow."]
    assert found.resolved_at == at("10:10")


def test_a_state_that_was_reached_before_the_last_words_is_told_after_them() -> None:
    found = known(
        opened(),
        said("10:50", "Still looking.", name="00dddd"),
        Entry(at("10:55"), StatusChange(Status.MITIGATED), id="00eeee"),
        Entry(at("11:00"), KeySet("mitigated_at", None, "2026-05-14T10:40:00Z"), id="00ffff"),
    )
    assert lines(found) == ["10:50 investigating: Still looking.", "10:50 monitoring: None"]


# --------------------------------------------------------------------------------------------- titles, services and ids


def test_a_public_title_is_told_and_the_title_never() -> None:
    assert known(opened(), said("10:10", "words"), public_title=" Orders\n fail ").title == "Orders fail"


def test_without_one_it_is_called_after_the_public_names_of_its_services() -> None:
    found = known(opened(), said("10:10", "words"), services=("Shop", "inside-service", "search"))
    assert found.title == "Incident affecting Checkout and Product search"
    assert found.services == (CHECKOUT, SEARCH)
    assert known(opened(), said("10:10", "words"), services=("inside-service",)).title == "Service incident"


def test_two_names_of_one_public_service_are_one() -> None:
    assert known(opened(), said("10:10", "words"), services=("shop", "checkout")).services == (CHECKOUT,)


def test_its_public_id_does_not_depend_on_title_slug_or_words() -> None:
    first = known(opened(), said("10:10", "words"))
    other = incident(opened(), said("10:12", "other words", name="00dddd"), public_title="x")
    moved = public_incident(
        Incident("2026-05-14-other-x7k", "y", other.entries, other.state, other.keys), services={}, inside_tags=()
    )
    assert moved is not None
    assert moved.id == first.id
    assert len(first.id) == 12
    assert first.id.isalnum()


def test_two_incidents_of_one_day_have_two_ids() -> None:
    assert known(opened(), said("10:10", "words")).id != known(opened(name="00qqqq"), said("10:10", "words")).id


# -------------------------------------------------------------------------------------------------------------- the page


def page(*incidents: PublicIncident, days: int = 90, now: datetime = NOW) -> PublicPage:
    services = (CHECKOUT, SEARCH)
    return public_page(
        incidents,
        title="Status", url=None, subscribe_url=None, zone=None, days=days, services=services, now=now,
    )  # fmt: skip


def test_a_service_is_as_its_worst_open_incident() -> None:
    slow = known(opened(), said("10:10", "Slow."), reached("10:20", Milestone.MITIGATED), services="checkout")
    down = known(opened(name="00qqqq"), said("10:10", "Down."), services="checkout")
    over = known(opened(name="00rrrr"), said("10:10", "Over.", Status.RESOLVED), services="search")
    assert page(slow).health_of(CHECKOUT) is Health.RECOVERING
    both = page(slow, down, over)
    assert (both.health_of(CHECKOUT), both.health_of(SEARCH)) == (Health.AFFECTED, Health.OPERATIONAL)
    assert both.health is Health.AFFECTED
    assert page(over).health is Health.OPERATIONAL
    assert page().health is Health.OPERATIONAL


def test_what_is_over_stays_for_its_days_and_what_is_open_for_ever() -> None:
    over = known(opened(), said("10:10", "Over.", Status.RESOLVED))
    still = known(opened(name="00qqqq"), said("10:10", "Open."))
    assert page(over, still, now=at("10:10") + timedelta(days=90)).past == (over,)
    late = page(over, still, now=at("10:11") + timedelta(days=90))
    assert (late.past, late.open) == ((), (still,))


def test_a_page_is_the_same_all_day() -> None:
    over = known(opened(), said("10:10", "Over.", Status.RESOLVED))
    assert page(over) == page(over, now=NOW + timedelta(hours=9))
    assert page() == page(now=NOW + timedelta(hours=9))


def test_the_order_of_reading_makes_no_difference() -> None:
    found = [
        known(opened(name=f"00aa{number:02d}"), said("10:10", "words", Status.RESOLVED))
        for number in range(MOST_PAST + 3)
    ]
    assert page(*found) == page(*reversed(found))
    assert (len(page(*found).past), page(*found).left_out) == (MOST_PAST, 3)


def test_there_is_a_word_of_the_public_for_each_status() -> None:
    for status in Status:
        entries = (opened(), said("10:10", "words"), Entry(at("10:20"), StatusChange(status), id="00dddd"))
        assert known(*entries).state in PublicState


# ----------------------------------------------------------------------------------------- nothing else has any influence


def _otherwise(entry: Entry, number: int) -> Entry:
    """The same entry with everything in it changed that the public is not told, but for what the state follows from."""
    what = entry.what
    match what:
        case Opened():
            what = Opened(f"OTHER{number}", "other", not what.unconfirmed, at("01:01"), at("01:02"))
        case Update(status, public=public):
            what = Update(status, "other", "other", "other", at("23:59"), "other", public)
        case RoleChange(role):
            what = RoleChange(role, "other")
        case SeverityChange():
            what = SeverityChange("other", f"OTHER{number}")
        case Canceled():
            what = Canceled(CancelReason.NOT_AN_INCIDENT, "2020-01-01-other")
        case KeySet(key, _, new) if key in ("mitigated_at", "resolved_at", "closed_at"):
            what = KeySet(key, "other", new)
        case KeySet(key):
            what = KeySet(key, None, None)
        case Note() | Done():
            what = Done("other") if number % 2 else Note(NoteKind.DECISION)
        case _:
            pass
    return replace(
        entry, what=what, text=f"other {number}", author="other", noted_by="other", by_hand="abcdef123456", recorded_at=NOW
    )  # fmt: skip


PUBLIC_KEYS = st.fixed_dictionaries(
    {"services": st.lists(st.sampled_from(("checkout", "inside", "search"))).map(tuple)},
    optional={"public_title": st.text(max_size=9)},
)


@given(st.lists(entries(at=near_instants), min_size=1, max_size=12, unique_by=lambda entry: entry.id), PUBLIC_KEYS)
def test_of_two_records_that_differ_in_what_is_not_public_the_public_is_told_the_same(
    found: list[Entry], keys: dict[str, Value]
) -> None:
    others = [_otherwise(entry, number) for number, entry in enumerate(found)]
    name = "2026-05-14"
    one = Incident(f"{name}-checkout", "one", tuple(found), fold(found), keys)
    inside = {key: "other" for key in PLAIN_KEYS if key not in ("public_title", "services", "drill", "tags")}
    two = Incident(f"{name}-other-x7k", "two", tuple(others), fold(others), {**inside, **keys, "tags": ("other",)})
    told_of = [public_incident(each, services=SERVICES, inside_tags=["confidential"]) for each in (one, two)]
    assert told_of[0] == told_of[1]
    spoken = [entry.what.public for entry in found if isinstance(entry.what, Update)]
    assert (told_of[0] is None) or any(spoken)
