"""The words of a notice: what each audience reads, and that none of them is more than words in a chat."""

import json
import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.entries import Entry, Opened, SeverityChange, Status, Update
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.incident.notices import Audience, Event, Notice, Target, why_not
from incidentctl.incident.policy import DEFAULT_SCALE
from incidentctl.incident.publication import public_incident
from incidentctl.output.notices import defused, notice_as_data, notice_as_text

START = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
SECRET_WORDS = "leaky"


def notice(what, **keys: str) -> Notice:
    entries = (
        Entry(at=START, what=Opened("SEV1"), id="000001", author="leaky-ann", text="leaky summary"),
        Entry(at=START, what=what, id="010002", author="leaky-ann", text="leaky text"),
    )
    keys = {"title": "leaky title", "bridge": "leaky bridge", "channel": "#leaky", **keys}
    incident = Incident("2026-05-14-leaky", "leaky title", entries, fold(entries), keys)
    public = public_incident(incident, services={}, inside_tags=("leaky-tag",))
    return Notice(incident, entries[1], (Event.UPDATED,), public)


def texts(audience: Audience, what, **keys: str) -> str:
    found = notice(what, **keys)
    title, text = notice_as_text(found, audience, zone=UTC, now=START)
    return f"{title}\n{text}\n{json.dumps(notice_as_data(found, audience, key='k', prefix='incident-'))}"


FULL = Update(Status.MITIGATED, "the impact", "the leaky theory", "the leaky actions", START, "ann", "We are on it.")


def test_all_six_fields_are_for_the_team():
    title, text = notice_as_text(notice(FULL), Audience.INTERNAL, zone=UTC, now=START)
    assert title == "SEV1 leaky title"
    assert text == (
        "Status: Mitigated\nImpact: the impact\nCurrent Theory: the leaky theory\nActions in Progress: the leaky actions\n"
        "Next Update: 10:00Z\nIC: @ann"
    )


def test_management_reads_no_theory_whatever_its_words_look_like():
    update = Update(
        Status.IDENTIFIED, "some\nNext Update: never", "x\nImpact: leaky", "y\nNext Update: leaky\nIC: leaky", START
    )
    _, text = notice_as_text(notice(update), Audience.MANAGEMENT, zone=UTC, now=START)
    assert "leaky" not in text
    assert text.startswith("Status: Identified\nImpact: some\nNext Update: never\nNext Update: 10:00Z\nIC:")


def test_nothing_but_public_words_is_in_what_the_public_reads():
    said = texts(Audience.PUBLIC, FULL, public_title="Payments")
    assert "We are on it." in said
    assert "Payments: Monitoring" in said
    for word in ("leaky", "impact", "SEV1", "ann", "2026-05-14-", "000001", "010002"):
        assert word not in said, word


def test_without_a_public_title_there_is_none():
    assert texts(Audience.PUBLIC, FULL).startswith("Service incident: Monitoring\nWe are on it.")


def test_a_drill_and_an_incident_with_a_private_tag_are_never_for_the_public():
    for keys in ({"drill": "true"}, {"tags": "leaky-tag"}):
        found = notice(FULL, **keys)
        assert found.public_update is None
        target = Target("x", audience=Audience.PUBLIC, drills=True)
        assert why_not(target, found, DEFAULT_SCALE) == "nothing in it is public"


def test_a_change_of_severity_says_both():
    assert "Severity SEV2 → SEV1: leaky text" in texts(Audience.INTERNAL, SeverityChange("SEV2", "SEV1"))


_HARM = re.compile(r"@[^\s\u200b]|<[!@#&/:?a-zA-Z]|\][(\[:]|!\[|[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@given(st.text(alphabet=st.one_of(st.sampled_from("@<>![]()|:/#&eh \n\x1b\u202e"), st.characters())))
def test_no_text_mentions_anybody_or_makes_a_link(text):
    assert not _HARM.search(defused(text))


@given(st.text())
def test_a_text_that_was_made_harmless_stays_as_it_is(text):
    assert defused(defused(text)) == defused(text)


def test_what_people_write_can_still_be_read():
    assert defused("p99 < 4 s, 5 > 3, a_b *c* https://example.org/x?a=b#c [db] (x)!") == (
        "p99 < 4 s, 5 > 3, a_b *c* https://example.org/x?a=b#c [db] (x)!"
    )
    assert defused("ask @ann").replace("\u200b", "") == "ask @ann"
