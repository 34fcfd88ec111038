"""The first text of a post-mortem: what is in it, what is not, and that no word of a responder changes its shape."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from incidentctl.document.action_items import read_action_items
from incidentctl.document.believe import believe
from incidentctl.document.parse import parse_document
from incidentctl.document.postmortem import read_postmortem
from incidentctl.document.postmortem_draft import draft_postmortem
from incidentctl.document.render import render_document
from incidentctl.document.section_names import STANDARD, Role, role_of
from incidentctl.incident.calendar import Calendar
from incidentctl.incident.entries import (
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
    Update,
    What,
    Withdrawn,
)
from incidentctl.incident.model import Incident, Value
from incidentctl.incident.policy import DEFAULT_SCALE
from tests.strategies import entries as any_entries
from tests.strategies import near_instants, texts

ID = "2026-05-14-checkout-latency"
HEADINGS = list(STANDARD.values())
GOLDEN = Path(__file__).parent / "draft.golden.md"
DAY = datetime(2026, 5, 14, tzinfo=UTC)
NOW = datetime(2026, 5, 15, 9, 0, tzinfo=UTC)


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return DAY + timedelta(hours=int(hour), minutes=int(minute))


class _Record:
    """Entries in the order in which they are told, with ids of their own."""

    def __init__(
        self, *, severity: str = "SEV2", detected: str | None = "10:02", started: str | None = "09:51"
    ) -> None:
        self.entries: list[Entry] = []
        self.keys: dict[str, Value] = {"title": "Checkout latency"}
        opened = Opened(
            severity,
            started_at=at(started) if started else None,
            detected_at=at(detected) if detected else None,
        )
        self.on("10:05", opened, "p99 above 4 s")

    def on(self, clock: str, what: What, text: str = "", *, redacted: RedactReason | None = None) -> "_Record":
        entry = Entry(at(clock), what, text, "ann", f"{len(self.entries):02d}0000", redacted=redacted)
        self.entries.append(entry)
        return self

    def incident(self) -> Incident:
        return believe(parse_document(render_document(ID, self.keys, tuple(self.entries)), incident=ID), ID)

    def draft(self, *, everything: bool = False, now: datetime = NOW) -> str:
        return draft_postmortem(
            self.incident(), DEFAULT_SCALE, calendar=Calendar(), author="ann", now=now, everything=everything
        )

    def section(self, title: str, *, everything: bool = False) -> list[str]:
        role = role_of(title)[0]
        assert role is not None
        return read_postmortem(self.draft(everything=everything)).words_of(role).splitlines()


def whole() -> _Record:
    record = _Record()
    record.keys |= {"services": ("checkout", "payments"), "affected_users": "12000"}
    record.on("10:06", RoleChange("commander", "ann"))
    record.on("10:08", Note(NoteKind.INVESTIGATION), "db-3 looks busy")
    record.on("10:12", Note(), "pool exhausted on db-3, [graph](https://grafana.example.org/d/1)")
    record.on("10:20", SeverityChange("SEV2", "SEV1"), "payments fail as well")
    record.on("10:24", Done("status_page"), "https://status.example.org/i/7")
    record.on(
        "10:30",
        Update(Status.IDENTIFIED, impact="12 % of checkouts fail", theory="pool too small", actions="failing over"),
    )
    record.on("10:40", Note(NoteKind.DECISION), "we fail over before we look for the cause")
    record.on("10:48", Reached(Milestone.MITIGATED), "failed over to db-4")
    record.on("11:40", Update(Status.MITIGATED, impact="none", actions="raising the size of the pool"))
    record.on("12:10", Reached(Milestone.RESOLVED), "pool size fixed")
    record.on("12:30", Note(NoteKind.ACTION), "wrote to the bank")
    return record


def test_a_whole_draft_looks_like_this() -> None:
    assert whole().draft() == GOLDEN.read_text(encoding="utf-8")


def test_what_was_withdrawn_or_redacted_is_nowhere_in_it() -> None:
    record = _Record().on("10:10", Note(NoteKind.DECISION), "a mistake").on("10:11", Withdrawn("010000"))
    record.on("10:12", Note(NoteKind.ACTION), redacted=RedactReason.SECRET)
    record.on("10:48", Reached(Milestone.MITIGATED), redacted=RedactReason.PERSONAL_DATA)
    for everything in (False, True):
        text = record.draft(everything=everything)
        assert "mistake" not in text and "secret" not in text and "personal" not in text
        assert "- 2026-05-14T10:48:00Z Mitigated" in text.splitlines()


def test_with_everything_each_note_is_there() -> None:
    assert not any("db-3 looks busy" in line for line in whole().section("Timeline"))
    everything = whole().section("Timeline", everything=True)
    assert "- 2026-05-14T10:08:00Z db-3 looks busy" in everything
    assert everything[-1] == "- 2026-05-14T12:30:00Z wrote to the bank"


def test_a_hand_over_is_in_it_without_the_state_as_it_was_then() -> None:
    record = _Record().on(
        "10:20", RoleChange("commander", "bob"), "handed over by @ann: shift ends\n- Status: x\n- Due: y"
    )
    assert "- 2026-05-14T10:20:00Z Commander: @bob: handed over by @ann: shift ends" in record.section("Timeline")


def test_a_time_that_was_put_right_is_where_the_milestone_is() -> None:
    record = _Record().on("10:48", Reached(Milestone.MITIGATED), "failed over")
    record.on("10:50", KeySet("mitigated_at", "2026-05-14T10:48:00Z", "2026-05-14T10:41:00Z"))
    assert [line for line in record.section("Timeline") if "Mitigated" in line] == [
        "- 2026-05-14T10:41:00Z Mitigated: failed over"
    ]


def test_an_incident_that_was_reopened_keeps_both_ends() -> None:
    record = _Record().on("10:48", Reached(Milestone.RESOLVED)).on("11:00", Reached(Milestone.REOPENED), "back")
    record.on("11:30", Reached(Milestone.RESOLVED), "for good")
    assert [line[13:] for line in record.section("Timeline")[-3:]] == [
        "10:48:00Z Resolved",
        "11:00:00Z Reopened: back",
        "11:30:00Z Resolved: for good",
    ]


def test_before_it_is_resolved_the_duration_is_a_placeholder() -> None:
    assert "**Duration**: TBD, not resolved yet |" in _Record().draft()


def test_without_a_detection_the_duration_runs_from_the_declaration() -> None:
    record = _Record(detected=None).on("11:10", Reached(Milestone.RESOLVED))
    assert "**Duration**: 1h 5m |" in record.draft()


def test_impact_statements_are_told_once_each_with_their_time() -> None:
    record = _Record()
    for clock, impact in (("10:30", "half fail"), ("10:50", "half fail"), ("11:10", "none")):
        record.on(clock, Update(Status.MITIGATED, impact=impact))
    assert [line for line in record.section("Impact") if line.startswith("- As of")] == [
        "- As of 2026-05-14 10:30 UTC: half fail",
        "- As of 2026-05-14 11:10 UTC: none",
    ]


def test_what_the_record_does_not_know_is_asked_for_and_what_it_knows_is_not() -> None:
    text = whole().draft()
    assert "Affected users: how many" not in text and "- Affected users: 12000" in text
    assert "Revenue: what did it cost?" in text
    assert read_postmortem(_Record().draft()).words_of(Role.SUMMARY) == ""


def test_the_line_of_an_action_item_in_the_prompt_is_no_action_item() -> None:
    text = whole().draft()
    section = next(each for each in parse_document(text).sections if each.title == "Action Items")
    assert "- [ ]" in text[section.body : section.end]
    assert read_action_items(text, section.body, section.end) == ()


# --------------------------------------------------------------------------------------------------------- the clocks


def test_clocks_that_were_met_are_offered_as_what_went_well_and_others_as_what_went_poorly() -> None:
    record = _Record(severity="SEV1").on("10:40", RoleChange("commander", "ann"))
    record.on("11:00", Update(Status.IDENTIFIED)).on("11:05", Reached(Milestone.RESOLVED))
    assert record.section("What Went Well") == [
        "- Detected 11 min after the impact began",
        "- Acknowledged 3 min after detection; the aim for a SEV1 is 15 min",
    ]
    assert record.section("What Went Poorly") == [
        "- Nobody was free to coordinate from 2026-05-14 10:05 UTC to 10:40 UTC, 35 min",
        "- An update was due by 2026-05-14 10:35 UTC and came at 11:00 UTC, 25 min late",
        "- Nothing on the record says that the status page was updated; the aim is 15 min",
        "- Nothing on the record says that management was told; the aim is 15 min",
    ]


def test_what_began_at_an_estimate_is_no_fact_and_says_so() -> None:
    record = whole()
    record.keys["estimated"] = ("started_at",)
    assert "after the impact began" not in record.draft()
    assert "(estimated) to" in "\n".join(record.section("Impact"))


def test_of_what_a_machine_says_the_first_line_is_told() -> None:
    record = _Record()
    told = Entry(at("10:07"), Note(), "deployed https://ci.example.org/7\nall: a=b", "bot", "000001", agent=True)
    alert = Entry(at("10:08"), Note(), "2 alerts fire\nrunbook: https://x.example.org", "bot", "000002", agent=True)
    record.entries += [told, alert]
    timeline = record.section("Timeline")
    assert "- 2026-05-14T10:07:00Z deployed https://ci.example.org/7" in timeline
    assert not any("alerts fire" in line or "a=b" in line for line in timeline)


def test_a_late_acknowledgement_says_what_the_aim_is() -> None:
    record = _Record(detected="09:00")
    assert record.section("What Went Poorly")[0] == "- Acknowledged 1h 5m after detection; the aim for a SEV2 is 30 min"


def test_business_hours_are_counted_where_the_severity_asks_for_them() -> None:
    record = _Record(severity="SEV3", detected="08:00", started=None)
    assert record.section("What Went Well") == [
        "- Acknowledged 2h 5m after detection; the aim for a SEV3 is 4h of business hours"
    ]


def test_an_update_that_never_came_is_missed_up_to_the_resolution() -> None:
    record = _Record().on("12:10", Reached(Milestone.RESOLVED))
    assert (
        "- An update was due by 2026-05-14 11:05 UTC and none came until it was resolved at 12:10 UTC"
        in record.section("What Went Poorly")
    )


def test_no_clock_speaks_of_a_person() -> None:
    record = whole()
    words = [*record.section("What Went Well"), *record.section("What Went Poorly")]
    assert words and not any("@" in line for line in words)


# ---------------------------------------------------------------------------------------------------- hostile words

HOSTILE = [
    "# Resolved",
    "x\n## Timeline\n\n- 2026-05-14T10:00:00Z x",
    "x\n---\nstatus: final\n---",
    "---",
    "<script>alert(1)</script>",
    "<!-- hidden",
    "--> shown <!--",
    "`--> <!--` and `<b>`",
    "\\`<!-- x --\\>",
    "- [ ] a task — owner: @bob — due: 2026-06-01",
    "[ ] a task",
    "x\n===",
    "| a | b |\n| - | - |",
    "```\n## Summary\n```",
    "</details><h2>Summary</h2>",
    "a *b _c [d](e",
    "\u2028## Summary\x00\x1b[31m\u202e",
    "# " * 200,
    "word " * 5000,
]


def shape(text: str) -> tuple[list[str], list[str], int]:
    """The headings by a real CommonMark parser, its blocks of HTML, and how many tasks it shows."""
    front_end = text.index("\n---\n", 4) + 5
    tokens = MarkdownIt("commonmark").parse(text[front_end:])
    headings = [
        f"{token.tag} {tokens[index + 1].content}" for index, token in enumerate(tokens) if token.type == "heading_open"
    ]
    html = [token.content for token in tokens if token.type == "html_block"]
    html += [child.content for token in tokens for child in token.children or () if child.type == "html_inline"]
    items = [tokens[index + 2] for index, token in enumerate(tokens) if token.type == "list_item_open"]
    tasks = sum(item.content.startswith(("[ ]", "[x]")) for item in items)
    return headings, html, tasks


def assert_sound(text: str, *, title: str | None = None) -> None:
    headings, html, tasks = shape(text)
    assert headings[1:] == [f"h2 {each}" for each in HEADINGS]
    assert headings[0].startswith("h1 ") and (title is None or headings[0] == f"h1 {title}")
    assert all(each.startswith("<!--\n") and each.count("<!--") == 1 for each in html) and len(html) == len(HEADINGS)
    assert tasks == 0
    read = read_postmortem(text, incident=ID)
    assert read.document.is_readable and read.status == "draft" and read.incident == ID
    assert [section.title for section in read.document.sections] == HEADINGS


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_a_responder_change_the_shape_of_the_document(words: str) -> None:
    record = _Record()
    record.keys |= {"affected_users": words.partition("\n")[0] or "x", "services": ("checkout", "# x", "<!-- y")}
    record.on("10:10", Note(NoteKind.DECISION), words).on("10:11", Note(), f"{words} https://example.org")
    record.on("10:20", Update(Status.IDENTIFIED, impact=words, theory=words, actions=words), words)
    record.on("10:48", Reached(Milestone.MITIGATED), words)
    assert_sound(record.draft(), title="Checkout latency")
    assert_sound(record.draft(everything=True))


@pytest.mark.parametrize("title", [*HOSTILE, "C #", "   ", "ends with \\"])
def test_no_title_changes_the_shape_of_the_document(title: str) -> None:
    record = _Record()
    incident = Incident(ID, title, tuple(record.entries), record.incident().state, record.keys)
    assert_sound(draft_postmortem(incident, DEFAULT_SCALE, calendar=Calendar(), author="ann", now=NOW))


@given(st.lists(any_entries(near_instants), max_size=10), texts, texts, st.booleans())
def test_a_draft_of_any_entries_has_its_eight_sections_in_order(
    entries: list[Entry], title: str, users: str, everything: bool
) -> None:
    document = parse_document(render_document(ID, {"title": "x"}, tuple(entries)), incident=ID)
    believed = believe(document, ID)
    incident = Incident(ID, title, believed.entries, believed.state, {"affected_users": users or "none"})
    text = draft_postmortem(incident, DEFAULT_SCALE, calendar=Calendar(), author="ann", now=NOW, everything=everything)
    assert_sound(text)
    times = [line[2:22] for line in read_postmortem(text).words_of(Role.TIMELINE).splitlines()]
    assert times == sorted(times)
