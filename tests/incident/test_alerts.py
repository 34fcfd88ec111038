"""Where an alert belongs: to the incident that lasts, to a new one, or to nothing; and what is said twice."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from incidentctl.incident.alerts import is_known, note_of, opening_of, place_alert
from incidentctl.incident.entries import (
    Canceled,
    CancelReason,
    Entry,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RedactReason,
    What,
)
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.incident.requests import AlertWord, Happened

TEN = datetime(2026, 5, 14, 10, tzinfo=UTC)
FIRES = AlertWord(("k",), Happened.FIRES, "HighLatency fires", at=TEN, firing_since=(TEN,))
ENDS = AlertWord(("k",), Happened.ENDS, "HighLatency ended", at=TEN + timedelta(minutes=30))


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def entry(minutes: int, what: What, text: str = "", **more: object) -> Entry:
    return Entry(at=at(minutes), what=what, text=text, id=f"{minutes:06d}", **more)  # type: ignore[arg-type]


def incident(name: str, *entries: Entry, opened: int = 5) -> Incident:
    first = entry(opened, Opened("SEV1", detected_at=at(opened - 5)), "HighLatency fires", agent=True)
    every = (first, *entries)
    return Incident(f"2026-05-14-{name}", name, every, fold(every))


def resolved(name: str, minutes: int, *entries: Entry, opened: int = 5) -> Incident:
    return incident(name, *entries, entry(minutes, Reached(Milestone.RESOLVED)), opened=opened)


def duplicate(name: str, of: Incident, minutes: int) -> Incident:
    return incident(name, entry(minutes, Canceled(CancelReason.DUPLICATE, of.id)))


def nobody(name: str) -> Incident | None:
    return None


def test_what_fires_opens_an_incident_where_none_has_it() -> None:
    assert place_alert(FIRES, [], nobody).opens


def test_an_end_and_a_word_open_nothing() -> None:
    assert not place_alert(ENDS, [], nobody).opens
    assert not place_alert(replace(ENDS, happened=Happened.SAYS), [], nobody).opens


def test_what_fires_again_belongs_to_the_incident_that_lasts() -> None:
    lasts = incident("lasts")
    for word in (FIRES, ENDS, replace(FIRES, firing_since=(at(50),))):
        assert place_alert(word, [resolved("over", 20), lasts], nobody).incident is lasts


def test_what_began_to_fire_after_all_was_over_opens_a_new_one() -> None:
    over = resolved("over", 40)
    placement = place_alert(replace(FIRES, firing_since=(TEN, at(50))), [over], nobody)
    assert placement.opens and placement.before is over
    opening = Entry(at=at(51), what=Opened("SEV1", started_at=TEN, detected_at=TEN), text="two fire")
    (first,) = opening_of(replace(FIRES, firing_since=(TEN, at(50))), placement, [opening])
    assert first.what == Opened("SEV1", started_at=at(50), detected_at=at(50))
    assert first.text == "two fire\nthe same alert as 2026-05-14-over"


def test_times_that_a_person_gave_stand_in_the_new_one() -> None:
    word = replace(FIRES, firing_since=(TEN, at(50)))
    placement = place_alert(word, [resolved("over", 40)], nobody)
    opening = Entry(at=at(51), what=Opened("SEV1", started_at=at(45), detected_at=at(48)))
    assert opening_of(word, placement, [opening])[0].what == opening.what


def test_what_still_fires_though_it_is_said_to_be_over_is_a_note_with_the_way_back() -> None:
    over = resolved("over", 40)
    placement = place_alert(FIRES, [over], nobody)
    assert placement.incident is over and placement.is_over
    note = note_of(FIRES, placement, at(60))
    assert (note.at, note.what) == (at(60), Note(NoteKind.OBSERVATION))
    assert note.text == (
        "HighLatency fires\nit still fires, though resolved at 10:40Z: if it is not over, `ictl reopen 2026-05-14-over WHY`"
    )
    noted = replace(over, entries=(*over.entries, replace(note, agent=True)))
    assert not is_known(FIRES, note.text, over)
    assert is_known(FIRES, note.text, noted)


def test_what_says_no_time_opens_a_new_one_once_the_last_is_over() -> None:
    placement = place_alert(replace(FIRES, at=None, firing_since=()), [resolved("over", 40)], nobody)
    assert placement.opens


def test_an_end_after_all_was_over_is_a_note() -> None:
    over = resolved("over", 20)
    placement = place_alert(ENDS, [over], nobody)
    assert placement.incident is over
    assert note_of(ENDS, placement, at(60)).text == "HighLatency ended"


def test_the_alert_of_a_duplicate_belongs_to_what_it_was_really() -> None:
    real = incident("real")
    twin = duplicate("twin", real, 12)
    placement = place_alert(replace(FIRES, firing_since=(at(50),)), [twin], {real.id: real}.get)
    assert placement.incident is real


def test_what_a_duplicate_was_really_says_since_when_it_is_over() -> None:
    real = resolved("real", 60)
    twin = duplicate("twin", real, 12)
    assert place_alert(replace(FIRES, firing_since=(at(50),)), [twin], {real.id: real}.get).incident is real
    assert place_alert(replace(FIRES, firing_since=(at(70),)), [twin], {real.id: real}.get).opens
    assert place_alert(replace(FIRES, firing_since=(at(70),)), [twin], nobody).opens


def test_two_duplicates_of_one_another_come_to_an_end() -> None:
    one, other = incident("one"), incident("other")
    one, other = duplicate("one", other, 12), duplicate("other", one, 13)
    assert place_alert(FIRES, [one], {one.id: one, other.id: other}.get).incident is not None


def test_the_newest_one_counts() -> None:
    old, new = resolved("z-old", 20), resolved("a-new", 90, opened=60)
    assert place_alert(ENDS, [new, old], nobody).incident is new


def test_a_false_alarm_that_goes_on_is_told_and_one_that_comes_back_is_new() -> None:
    false = incident("false", entry(20, Canceled(CancelReason.FALSE_ALARM)))
    assert "canceled at 10:20Z" in note_of(FIRES, place_alert(FIRES, [false], nobody), at(60)).text
    assert place_alert(replace(FIRES, firing_since=(at(25),)), [false], nobody).opens


# ------------------------------------------------------------------------------------------------------ what is known


def test_the_words_of_the_opening_are_known() -> None:
    assert is_known(FIRES, FIRES.text, incident("one"))
    assert not is_known(ENDS, ENDS.text, incident("one"))


def test_words_with_a_summary_above_are_known_and_a_part_of_them_is_not() -> None:
    first = Entry(at=TEN, what=Opened("SEV1"), text="by hand\nHighLatency fires\nthe same alert as x", agent=True)
    one = Incident("2026-05-14-x", "x", (first,), fold((first,)))
    assert is_known(FIRES, FIRES.text, one)
    assert not is_known(replace(FIRES, text="HighLatency"), "HighLatency", one)


def test_a_note_is_known_by_its_words_and_its_moment() -> None:
    noted = incident("one", entry(30, Note(), "HighLatency ended", agent=True))
    assert is_known(ENDS, ENDS.text, noted)
    assert not is_known(replace(ENDS, at=at(31)), ENDS.text, noted)
    assert is_known(replace(ENDS, at=None), ENDS.text, noted)


def test_the_same_words_of_a_person_are_not_the_alerts() -> None:
    assert not is_known(ENDS, ENDS.text, incident("one", entry(30, Note(), "HighLatency ended")))


def test_what_was_redacted_is_not_written_again() -> None:
    gone = entry(30, Note(), "", agent=True, redacted=RedactReason.SECRET)
    assert is_known(ENDS, ENDS.text, incident("one", gone))
    opening = Entry(at=at(5), what=Opened("SEV1", detected_at=TEN), agent=True, redacted=RedactReason.SECRET)
    assert is_known(FIRES, FIRES.text, Incident("2026-05-14-x", "x", (opening,), fold((opening,))))


def test_a_note_of_what_says_no_time_is_of_now() -> None:
    word = replace(ENDS, at=None)
    note = note_of(word, place_alert(word, [incident("one")], nobody), at(60))
    assert note.at == at(60)
    assert is_known(word, note.text, incident("one", replace(note, agent=True)))
