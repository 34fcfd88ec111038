"""The rules for how an incident was run at their edges: what is fair to say, and what is not said."""

from datetime import UTC, datetime

import pytest

from incidentctl.lint.facts import Facts
from incidentctl.lint.page import Page
from incidentctl.lint.rule import Applies
from incidentctl.lint.rules import process as rules
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, PATH, compose, facts

RECORD = tuple(rule for rule in rules.RULES if rule.applies is Applies.INCIDENT)


def incident(*entries: str, front: str = "severity: SEV1\nstatus: resolved\n") -> str:
    """An incident file with entries of one day, each as `10:05 **Kind** text — @who`."""
    lines = "".join(f"- 2026-05-14T{entry[:5]}:00Z {entry[6:]}\n" for entry in entries)
    return f"---\nid: 2026-05-14-search\ntitle: Search\n{front}---\n\n# Search\n\n## Timeline\n\n{lines}"


def check(rule, text: str, known: Facts | None = None, path: str = INCIDENT_PATH) -> list[tuple[str, str]]:
    """The words that each finding points at, and its message."""
    lines = text.splitlines()
    found = []
    for each in rule.check(Page(path, text), known or Facts()):
        span = each.span
        found.append((lines[span.line - 1][span.column - 1 : span.end_column - 1], each.message))
    return found


OPENED = "10:05 **Opened** SEV1: no results — @ann"
RESOLVED = "10:30 **Resolved** index rebuilt — @bob"
PAGE = "10:10 **Done** status_page: https://status.example.org/1 — @ann"
IC = "10:06 **Commander** @ann — @ann"


def test_a_record_that_keeps_to_the_process_has_no_finding():
    for rule in RECORD:
        assert check(rule, INCIDENT) == []
        assert check(rule, incident(OPENED, IC, PAGE, RESOLVED)) == []


def test_a_grave_incident_without_a_commander_is_found_at_its_opening():
    ((words, message),) = check(rules.no_commander, incident(OPENED, RESOLVED))
    assert words == "2026-05-14T10:05:00Z **Opened** SEV1: no results — @ann"
    assert "@ann" not in message


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (incident(OPENED, "10:30 **Resolved** rebuilt — @ann"), 1),
        (incident("10:05 **Opened** SEV2: slow — @ann", RESOLVED), 1),
        (incident("10:05 **Opened** SEV2: slow — @ann", "10:30 **Resolved** rebuilt — @ann"), 0),
        (incident("10:05 **Opened** SEV3: slow — @ann", RESOLVED), 0),
        (
            incident("10:05 **Opened** SEV3: slow — @ann", "10:10 **Severity** SEV3 → SEV1: all down — @bob", RESOLVED),
            1,
        ),
        (incident(OPENED, IC, "10:20 **Commander** none — @ann", RESOLVED), 0),
        (incident(OPENED, RESOLVED, front="severity: SEV1\nstatus: resolved\ncommander: ann\n"), 0),
        (incident(OPENED, "10:10 **Canceled** false_alarm — @ann", front="severity: SEV1\nstatus: canceled\n"), 0),
        (incident("10:05 **Opened** SEV1: slow — @bot (agent)"), 0),
        (incident("10:05 **Opened** SEV1: slow — @ann"), 1),
    ],
)
def test_when_a_commander_is_due(text, count):
    assert len(check(rules.no_commander, text)) == count


def test_both_roles_in_one_hand_are_found_where_they_came_together():
    text = incident(OPENED, IC, "10:08 **Tech lead** @ann — @ann", "10:20 **Tech lead** @bob — @ann", RESOLVED)
    ((words, message),) = check(rules.commander_is_technical_lead, text)
    assert words.startswith("2026-05-14T10:08:00Z **Tech lead**")
    assert "for 12 min" in message
    assert "ann" not in message


@pytest.mark.parametrize(
    "text",
    [
        incident(OPENED, IC, "10:08 **Tech lead** @ann — @ann", "10:30 **Resolved** rebuilt — @ann"),
        incident(OPENED, IC, "10:08 **Tech lead** @ann — @ann", "10:11 **Tech lead** @bob — @ann", RESOLVED),
        incident(OPENED, IC, "10:08 **Tech lead** @bob — @ann", RESOLVED),
        incident(OPENED, IC, "10:08 **Tech lead** @ann — @ann", "10:10 **Canceled** false_alarm — @bob"),
    ],
)
def test_where_both_roles_in_one_hand_are_no_finding(text):
    assert check(rules.commander_is_technical_lead, text) == []


def test_debugging_by_the_commander_is_counted_and_nobody_is_named():
    text = incident(
        OPENED,
        IC,
        "10:12 **Investigation** heap dump — @ann",
        "10:14 **Action** restart — @ann",
        "10:16 **Decision** fail over — @ann",
        RESOLVED,
    )
    ((words, message),) = check(rules.commander_debugs, text)
    assert "**Investigation**" in words
    assert message.startswith("2 entries")
    assert "ann" not in message


@pytest.mark.parametrize(
    "text",
    [
        incident(OPENED, IC, "10:12 **Investigation** heap dump — @bob", RESOLVED),
        incident(OPENED, "10:06 **Investigation** heap dump — @ann", "10:08 **Commander** @ann — @ann", RESOLVED),
        incident(OPENED, IC, "10:08 **Commander** @bob — @ann", "10:12 **Action** restart — @ann", RESOLVED),
        incident(OPENED, IC, "10:12 **Action** restart — @ann", "10:30 **Resolved** rebuilt — @ann"),
        incident(OPENED, IC, "10:12 **Observation** errors fall — @ann", RESOLVED),
        incident(OPENED, IC, "10:12 **Action** restart — @ann (noted by @bob)", RESOLVED),
    ],
)
def test_what_is_no_debugging_by_the_commander(text):
    assert check(rules.commander_debugs, text) == []


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ("status: final\nauthors: [ann]\nreviewers: [ann]", "[ann]"),
        ('status: final\nauthors: ["@ann"]\nreviewers: [ann]', "[ann]"),
        ("status: final\nauthors: [ann]\nreviewers: []", "[]"),
        ("status: final\nauthors: [ann]", "final"),
    ],
)
def test_a_final_document_without_another_reader_is_found(front, words):
    text = compose(f"---\nincident: 2026-05-14-checkout-latency\n{front}\n---\n")
    assert [each for each, _ in check(rules.no_reviewer, text, facts(), PATH)] == [words]


@pytest.mark.parametrize(
    "text",
    [
        COMPLETE,
        COMPLETE.replace("status: final", "status: in_review").replace("reviewers: [cleo]\n", ""),
        COMPLETE.replace("status: final\n", "").replace("reviewers: [cleo]\n", ""),
        COMPLETE.replace("reviewers: [cleo]", "reviewers: [ann, cleo]"),
        COMPLETE.replace("reviewers: [cleo]", 'reviewers:\n  - "@cleo"'),
        "# Another template\n\n## Summary\n\nWords.\n",
    ],
)
def test_where_no_reviewer_is_asked_for(text):
    assert check(rules.no_reviewer, text, facts(), PATH) == []


def test_a_late_status_page_is_found_where_it_came():
    text = incident(
        OPENED,
        IC,
        "10:31 **Done** status_page: https://status.example.org/1 — @ann",
        "10:40 **Resolved** rebuilt — @bob",
    )
    ((words, message),) = check(rules.late_status_page, text)
    assert "**Done** status_page" in words
    assert "26 min after this was a SEV1" in message


def test_a_status_page_that_never_came_is_found_at_what_asked_for_it():
    text = incident(
        "10:05 **Opened** SEV3: slow — @ann",
        "10:20 **Severity** SEV3 → SEV1: all down — @ann",
        "10:50 **Resolved** rebuilt — @bob",
    )
    ((words, message),) = check(rules.late_status_page, text)
    assert "**Severity** SEV3 → SEV1" in words
    assert "--done status_page" in message


UPDATE = "10:15 **Update** Identified — @ann\n  - Impact: all\n  - Public: We are looking into it"


@pytest.mark.parametrize(
    "text",
    [
        incident(OPENED, PAGE, "10:50 **Resolved** rebuilt — @bob"),
        incident(OPENED, UPDATE, "10:50 **Resolved** rebuilt — @bob"),
        incident(OPENED, "10:18 **Resolved** rebuilt — @bob"),
        incident(OPENED, "10:12 **Severity** SEV1 → SEV3: one user — @ann", "10:50 **Resolved** rebuilt — @bob"),
        incident(OPENED, "10:50 **Resolved** rebuilt — @bob", front="severity: SEV1\nstatus: resolved\ndrill: true\n"),
        incident(
            OPENED,
            "10:50 **Canceled** duplicate of 2026-05-14-other — @bob",
            front="severity: SEV1\nstatus: canceled\n",
        ),
        incident("10:05 **Opened** SEV2: slow — @ann", "10:50 **Resolved** rebuilt — @bob"),
        incident(OPENED, front="severity: SEV1\nstatus: investigating\n"),
    ],
)
def test_where_the_status_page_is_in_time_or_not_asked_for(text):
    assert check(rules.late_status_page, text) == []


def test_of_an_incident_that_goes_on_the_clock_says_what_is_late():
    text = incident(OPENED, front="severity: SEV1\nstatus: investigating\n")
    early, late = (Facts(now=datetime(2026, 5, 14, 10, minute, tzinfo=UTC)) for minute in (15, 55))
    for rule in (rules.late_status_page, rules.cadence_missed):
        assert check(rule, text, early) == []
        assert len(check(rule, text, late)) == 1


def test_a_missed_update_is_found_where_the_silence_began():
    text = incident(OPENED, IC, "11:00 **Update** Identified — @ann", "11:20 **Resolved** rebuilt — @bob")
    ((words, message),) = check(rules.cadence_missed, text)
    assert "**Opened**" in words
    assert message.startswith("the next update came after 55 min, 25 min late")


@pytest.mark.parametrize(
    "text",
    [
        incident(OPENED, "10:38 **Update** Identified — @ann", "11:05 **Resolved** rebuilt — @bob"),
        incident("10:05 **Opened** SEV3: slow — @ann", "16:00 **Resolved** rebuilt — @bob"),
        incident("10:05 **Opened** SEV2: slow — @ann", "11:05 **Resolved** rebuilt — @bob"),
    ],
)
def test_updates_within_the_rhythm(text):
    assert check(rules.cadence_missed, text) == []


def test_a_file_with_nothing_in_it_has_no_finding():
    for rule in RECORD:
        assert check(rule, "---\nid: 2026-05-14-search\nstatus: triage\n---\n") == []
        assert check(rule, "") == []
