"""Which events an entry is for others, and who is meant."""

from datetime import UTC, datetime, timedelta

from incidentctl.config.keys import AUDIENCES, EVENTS
from incidentctl.incident.entries import (
    Canceled,
    CancelReason,
    Entry,
    Milestone,
    Note,
    Opened,
    Reached,
    RedactReason,
    RoleChange,
    SeverityChange,
    Status,
    Update,
    What,
)
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.incident.notices import Audience, Event, Notice, Target, events_of, notice_of, why_not
from incidentctl.incident.policy import DEFAULT_SCALE

START = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)


def incident(*whats: What, **keys: str | tuple[str, ...]) -> Incident:
    entries = tuple(
        Entry(at=START + timedelta(minutes=number), what=what, id=f"00000{number}") for number, what in enumerate(whats)
    )
    return Incident("2026-05-14-x", "X", entries, fold(entries), dict(keys))


def notice(*whats: What, **keys: str | tuple[str, ...]) -> Notice:
    found = notice_of(incident(*whats, **keys), incident(*whats).entries[-1:])
    assert found is not None
    return found


def test_the_settings_know_each_event_and_each_audience():
    assert tuple(Event) == EVENTS
    assert tuple(Audience) == AUDIENCES


def test_each_entry_is_the_event_that_others_would_call_it():
    reached: dict[Milestone, tuple[Event, ...]] = {
        Milestone.MITIGATED: (Event.MITIGATED,),
        Milestone.RESOLVED: (Event.RESOLVED,),
    }
    reached[Milestone.REOPENED] = (Event.REOPENED,)
    said: tuple[tuple[What, tuple[Event, ...]], ...] = (
        *((Reached(milestone), reached.get(milestone, ())) for milestone in Milestone),
        (Opened("SEV1"), (Event.OPENED,)),
        (SeverityChange("SEV2", "SEV1"), (Event.SEVERITY_CHANGED,)),
        (SeverityChange("SEV2", "SEV2"), ()),
        (Canceled(CancelReason.FALSE_ALARM), (Event.CANCELED,)),
        (Note(), ()),
        (RoleChange("commander", "ann"), ()),
    )
    for what, expected in said:
        assert events_of(incident(what), Entry(at=START, what=what)) == expected


def test_the_first_update_that_says_so_is_the_milestone_as_well_and_later_ones_are_not():
    first = notice(Opened("SEV1"), Update(Status.MITIGATED))
    assert first.events == (Event.UPDATED, Event.MITIGATED)
    later = notice(Opened("SEV1"), Reached(Milestone.MITIGATED), Update(Status.MITIGATED))
    assert later.events == (Event.UPDATED,)


def test_one_write_is_one_notice():
    whole = incident(Opened("SEV1"), RoleChange("commander", "ann"))
    found = notice_of(whole, whole.entries)
    assert found is not None
    assert found.entry.what == Opened("SEV1")


def test_what_was_over_before_it_was_opened_is_told_to_nobody():
    over = incident(Opened("SEV1"), Reached(Milestone.MITIGATED), Reached(Milestone.RESOLVED))
    assert notice_of(over, over.entries) is None


def test_an_entry_without_its_words_is_told_to_nobody():
    entry = Entry(at=START, what=Update(Status.IDENTIFIED), redacted=RedactReason.SECRET)
    assert notice_of(incident(Opened("SEV1")), [entry]) is None


def test_a_target_is_told_of_what_it_asked_for():
    update = notice(Opened("SEV2"), Update(Status.IDENTIFIED), services=("Checkout",))
    said = [
        (Target("x"), None),
        (Target("x", events=frozenset({Event.OPENED})), "not told of updated"),
        (Target("x", severities=("SEV1",)), "not told of SEV2"),
        (Target("x", severities=("p2", "1")), None),
        (Target("x", services=("checkout",)), None),
        (Target("x", services=("mail",)), "not told of its services"),
        (Target("x", audience=Audience.PUBLIC), "nothing in it is public"),
    ]
    for target, expected in said:
        assert why_not(target, update, DEFAULT_SCALE) == expected


def test_a_severity_that_is_not_on_the_scale_is_told_to_those_who_want_all():
    odd = notice(Opened("SEV9"), Update(Status.IDENTIFIED))
    assert why_not(Target("x"), odd, DEFAULT_SCALE) is None
    assert why_not(Target("x", severities=("SEV9", "SEV1")), odd, DEFAULT_SCALE) == "not told of SEV9"


def test_an_exercise_is_told_to_those_who_say_so():
    drill = notice(Opened("SEV1"), Update(Status.IDENTIFIED), drill="true")
    assert why_not(Target("x"), drill, DEFAULT_SCALE) == "an exercise"
    assert why_not(Target("x", drills=True), drill, DEFAULT_SCALE) is None
