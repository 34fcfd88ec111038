"""What the next one has to know: short, in UTC, and read back as it was recorded."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidentctl.document.entry_lines import parse_entry, render_entry
from incidentctl.incident.entries import COMMANDER, Entry, Note, Opened, RoleChange, Status, Update
from incidentctl.incident.handoff import handoff_lines, handoff_of
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.incident.next_steps import NextStep
from incidentctl.incident.words import clean_text

START = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
ID = "2026-05-14-checkout-latency"


def incident(*whats: tuple[object, str]) -> Incident:
    entries = tuple(
        Entry(at=START + timedelta(minutes=number), what=what, text=text, author="ann", id=f"00{number:04d}")  # type: ignore[arg-type]
        for number, (what, text) in enumerate(whats)
    )
    return Incident(ID, "Checkout latency", entries, fold(entries))


def test_what_nobody_has_said_is_said_to_be_unknown() -> None:
    found = incident((Opened("SEV1"), "x"))
    lines = handoff_lines(handoff_of(found, COMMANDER, "bob", due=()), now=START)
    assert lines == [
        "- Status: Investigating, SEV1",
        "- Impact: not known yet",
        "- Current Theory: none yet",
        "- Actions in Progress: none yet",
        "- Next Update: none is promised",
        "- Roles: IC @bob, TL nobody, comms nobody",
        "- Due: nothing",
        "- Missing: started_at, detected_at, services, impact, theory",
        "- Last entries:",
        "  - 10:00Z @ann opened: x",
    ]


def test_what_is_due_is_told_with_its_time_and_not_the_role_that_is_being_filled() -> None:
    found = incident((Opened("SEV1", started_at=START - timedelta(days=1), detected_at=START), ""))
    due = (
        NextStep(COMMANDER, "commander", "ictl assign ic me"),
        NextStep("update", "update", by=START + timedelta(minutes=30)),
        NextStep("status_page", "status page", by=START - timedelta(minutes=1)),
        NextStep("bridge", "bridge https://meet.example.org/sev1"),
    )
    lines = handoff_lines(handoff_of(found, COMMANDER, "bob", due=due), now=START)
    assert "- Due: update by 10:30Z; status page was due 09:59Z; bridge https://meet.example.org/sev1" in lines
    assert lines[0] == "- Status: Investigating, SEV1, impact from 2026-05-13 10:00Z, detected 10:00Z"


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60).map(clean_text)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_it_is_read_back_as_it_was_recorded(said: str, impact: str, theory: str, note: str) -> None:
    update = Update(Status.IDENTIFIED, impact=impact or None, theory=theory or None)
    found = incident((Opened("SEV1"), ""), (update, ""), (Note(), note))
    lines = handoff_lines(handoff_of(found, COMMANDER, "bob", due=()), now=START)
    text = "\n".join((f"handed over by @ann: {said}" if said else "handed over by @ann", *lines))
    entry = Entry(at=START, what=RoleChange(COMMANDER, "bob"), text=text, author="ann", id="004mz1")
    again = parse_entry(render_entry(entry))
    assert again is not None
    assert (again.entry.what, again.entry.text.split("\n")[-len(lines) :]) == (entry.what, lines)
