"""The rules on header and front matter: near misses, exact places, and fixes that leave nothing to find."""

from datetime import UTC, datetime

import pytest

from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.rules import header
from incidentctl.stats.catalogue import DURATIONS
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, PATH, believed, compose, facts

LINE = "**Date**: {day} | **Severity**: {severity} | **Duration**: {duration} | **Author**: {author}"
USUAL = {"day": "2026-05-14", "severity": "SEV1", "duration": "2h 8m", "author": "@ann"}


def with_line(**changes) -> str:
    return compose(LINE.format(**(USUAL | changes)))


def with_front(front: str) -> str:
    return compose(f"---\n{front.strip()}\n---\n")


def foreign(head: str, title: str = "# The mail relay was down") -> str:
    return f"{title}\n\n{head}\n\n## What happened\n\nThe relay was down.\n\n## Follow-ups\n\n- Alert on the length of the queue\n"


def incident(**changes) -> str:
    keys = {
        "id": "2026-05-14-checkout-latency",
        "title": "Checkout latency",
        "severity": "SEV1",
        "status": "investigating",
        "declared_at": "2026-05-14T10:05:40Z",
    } | changes
    return (
        "---\n" + "".join(f"{key}: {value}\n" for key, value in keys.items() if value) + "---\n\n# Checkout latency\n"
    )


def run(rule, text: str, path: str = PATH, **known):
    return list(rule.check(Page(path, text), facts(**known)))


def quoted_by(findings, text: str):
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    return [lines[each.span.line - 1][each.span.column - 1 : each.span.end_column - 1] for each in findings]


def fixed(findings, text: str) -> str:
    edits = sorted((edit for each in findings if each.fix for edit in each.fix.edits), key=lambda edit: edit.start)
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@pytest.mark.parametrize(
    ("text", "path"), [(COMPLETE, PATH), (INCIDENT, INCIDENT_PATH)], ids=["post-mortem", "incident"]
)
def test_a_complete_file_gives_nothing_with_any_rule_of_the_family(text, path):
    assert [finding for rule in header.RULES for finding in run(rule, text, path)] == []


# ------------------------------------------------------------------------------------------------------------ HDR001


@pytest.mark.parametrize("name", ["Date", "Severity", "Duration"])
def test_each_field_of_the_header_is_missed(name):
    parts = LINE.format(**USUAL).split(" | ")
    text = COMPLETE.replace(" | ".join(parts), " | ".join(part for part in parts if name not in part))
    findings = run(header.missing_field, text)
    assert [(each.key, each.span.line) for each in findings] == [(name, 12)]


def test_an_author_is_missed_where_neither_label_nor_front_matter_names_one():
    text = with_line(author="").replace("authors: [ann]\n", "")
    findings = run(header.missing_field, text)
    assert quoted_by(findings, text) == ["**Author**:"]


@pytest.mark.parametrize(
    "head",
    [
        "**Date:** 2026-05-14\n**Severity:** SEV1\n**Duration:** 2h 8m\n**Author:** Ann",
        "- Date: 2026-05-14\n- Severity: SEV1\n- Duration: 2h 8m\n- Authors: Ann",
        "| Field | Value |\n| --- | --- |\n| Date | 2026-05-14 |\n| Severity | SEV1 |\n| Duration | 2h 8m |\n| Author | Ann |",
        "| Date | Severity | Duration | Author |\n| --- | --- | --- | --- |\n| 2026-05-14 | SEV1 | 2h 8m | Ann |",
    ],
    ids=["bold", "list", "table", "row"],
)
def test_the_fields_may_stand_in_labels_lists_and_tables(head):
    text = COMPLETE.replace(LINE.format(**USUAL), head).replace("authors: [ann]\n", "")
    assert run(header.missing_field, text) == []


def test_the_fields_may_stand_in_the_front_matter():
    text = COMPLETE.replace(LINE.format(**USUAL) + "\n\n", "").replace(
        "root_cause:", "date: 2026-05-14\nseverity: SEV1\nduration: 2h 8m\nroot_cause:"
    )
    assert run(header.missing_field, text) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (foreign("It was slow."), "pm/2026-03-02-relay.md"),
        (foreign("It was slow.", "# 2 March 2026: relay down"), "pm/relay.md"),
        (foreign("On March 2nd, 2026 it was slow."), "pm/relay.md"),
        (foreign("Date: last Tuesday"), "pm/relay.md"),
    ],
    ids=["file name", "title", "prose", "label"],
)
def test_in_another_template_any_date_will_do(text, path):
    findings = run(header.missing_field, text, path)
    assert {each.key for each in findings} == {"Severity", "Duration", "Author"}
    assert {each.severity for each in findings} == {Severity.INFO}


def test_a_document_without_any_date_is_asked_for_one():
    findings = run(header.missing_field, foreign("It was slow."), "pm/relay.md")
    assert [each.key for each in findings if each.severity is None] == ["Date"]


@pytest.mark.parametrize("key", ["severity", "status", "declared_at"])
def test_an_incident_file_must_have_its_keys(key):
    text = incident(**{key: ""})
    assert [each.key for each in run(header.missing_field, text, INCIDENT_PATH)] == [key]


def test_the_heading_is_the_title_of_an_incident_file():
    assert run(header.missing_field, incident(title=""), INCIDENT_PATH) == []


# ------------------------------------------------------------------------------------------------------------ HDR002


@pytest.mark.parametrize(
    ("front", "line", "word"),
    [
        ("incident: x\nstatus: final\nauthors: @ann", 4, "@ann"),
        ("incident: x\nstatus: final\nstatus: draft", 4, "status"),
        ("incident: x\nstatus: final\ntitle: a: b", 4, ""),
    ],
    ids=["at sign", "duplicate key", "colon"],
)
def test_broken_yaml_is_found_at_its_sign(front, line, word):
    text = compose("").replace(COMPLETE[: COMPLETE.index("\n---\n", 4)], f"---\n{front}")
    (finding,) = run(header.invalid_yaml, text)
    assert finding.span.line == line
    assert quoted_by([finding], text)[0].startswith(word)


def test_broken_yaml_does_not_make_another_kind_of_file_of_it():
    text = INCIDENT.replace("commander: ann", "commander: @ann")
    page = Page(INCIDENT_PATH, text)
    assert page.kind is PageKind.INCIDENT
    assert [rule.code for rule in header.RULES for _ in rule.check(page, facts())] == ["HDR002"]
    text = COMPLETE.replace("authors: [ann]", "authors: @ann")
    assert Page(PATH, text).is_standard


def test_front_matter_without_an_end_is_found_at_its_beginning():
    text = "---\ntitle: relay\n\n# The relay\n"
    assert [each.span.line for each in run(header.invalid_yaml, text)] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "---\n# The relay\n\nIt was slow.\n\n---\n\n## Impact\n",
        "---\n\nIt was slow.\n",
        "---\n---\n# The relay\n",
        "Words\n---\nMore\n",
        "***\n\nx\n",
    ],
    ids=["two breaks", "one break", "nothing between", "setext", "stars"],
)
def test_a_line_of_dashes_above_prose_is_no_front_matter(text):
    assert run(header.invalid_yaml, text) == []


@pytest.mark.parametrize(
    ("front", "hint"),
    [
        ("a: b\n\tc: d", "spaces instead of the tab"),
        ("title: a: b", "in quotes"),
        ("author: @ann", "in quotes"),
        ("<<<<<<< HEAD\na: b\n=======\na: c\n>>>>>>> other", "conflict markers of a merge"),
    ],
)
def test_it_says_what_mends_it(front, hint):
    assert any(hint in each.message for each in run(header.invalid_yaml, f"---\n{front}\n---\n\n# x\n"))


def test_a_byte_order_mark_and_carriage_returns_move_no_place():
    text = "\ufeff---\r\ntitle: x\r\ntitle: y\r\n---\r\n\r\n# x\r\n"
    assert quoted_by(run(header.invalid_yaml, text), text) == ["title"]


# ------------------------------------------------------------------------------------------------- HDR003, HDR004


@pytest.mark.parametrize("day", ["2026-13-45", "2026-02-30", "31.04.2026", "next Tuesday", "May"])
def test_a_date_that_is_none_is_found(day):
    text = with_line(day=day)
    findings = run(header.bad_date, text)
    assert quoted_by(findings, text) == [day]
    assert findings[0].severity is None


@pytest.mark.parametrize(
    "day",
    [
        "2026-05-14",
        "14.05.2026",
        "14 May 2026",
        "May 14th, 2026",
        "2026-05-14 – 2026-05-15",
        "May 14-15, 2026",
        "YYYY-MM-DD",
        "TBD",
        "2026-05-14T10:00Z",
        "2026/05/14",
        "Thursday, 14 May 2026",
    ],
)
def test_dates_in_other_forms_and_placeholders_are_no_bad_dates(day):
    assert run(header.bad_date, with_line(day=day)) == []


def test_a_day_that_can_be_two_is_a_warning_in_the_standard_template_only():
    assert [each.severity for each in run(header.bad_date, with_line(day="05/06/2026"))] == [Severity.WARNING]
    assert run(header.bad_date, foreign("Date: 05/06/2026")) == []


@pytest.mark.parametrize(
    "head", ["Date: a few days in spring", "When: after lunch", "Date: Q2", "Started: around noon"]
)
def test_another_template_may_say_its_date_in_any_words(head):
    assert run(header.bad_date, foreign(head)) == []


def test_a_day_that_does_not_exist_is_found_in_any_template():
    assert len(run(header.bad_date, foreign("Date: 2026-06-31"))) == 1
    assert len(run(header.bad_date, foreign("x"), "pm/2026-06-31-relay.md")) == 1


@pytest.mark.parametrize(
    "title", ["# Upgrade to 1.18.20 went wrong", "# Upgrade from 4.13.19 to 4.14.2", "# 10.0.0.32 unreachable"]
)
def test_a_version_in_the_title_is_no_date(title):
    assert run(header.bad_date, foreign("x", title)) == []
    assert run(header.future_date, foreign("x", title)) == []


def test_a_time_of_an_incident_that_is_none_is_found():
    text = incident(started_at="half past nine", detected_at="2026-05-14T25:00:00Z")
    assert quoted_by(run(header.bad_date, text, INCIDENT_PATH), text) == ["half past nine", "2026-05-14T25:00:00Z"]


@pytest.mark.parametrize("word", ["2026-05-14T10:05:40", "2026-05-14 10:05"])
def test_a_time_of_an_incident_without_zone_is_found(word):
    text = incident(declared_at=word)
    assert quoted_by(run(header.naive_timestamp, text, INCIDENT_PATH), text) == [word]
    assert run(header.bad_date, text, INCIDENT_PATH) == []


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("**Started**: 2026-05-14 09:51", 1),
        ("**Started**: 2026-05-14 09:51 UTC", 0),
        ("**Started**: 2026-05-14 09:51 +02:00", 0),
        ("**Started**: 2026-05-14T09:51:00Z", 0),
        ("**Started**: 2026-05-14 09:51 (CEST)", 0),
        ("**Started**: 2026-05-14", 0),
        ("**Started**: in the morning", 0),
    ],
)
def test_a_label_with_day_and_clock_needs_a_zone(head, expected):
    assert len(run(header.naive_timestamp, foreign(head))) == expected


def test_the_zone_that_a_document_states_counts_for_its_labels():
    text = compose("**Started**: 2026-05-14 09:51")
    assert run(header.naive_timestamp, text) == []


# ------------------------------------------------------------------------------------------------------------ HDR005


@pytest.mark.parametrize("word", ["sev1", "Sev-1", "SEV 1", "P1", "critical", "1"])
def test_another_spelling_of_a_level_is_info_with_a_safe_fix(word):
    text = with_line(severity=word)
    findings = run(header.unknown_severity, text)
    assert [(each.severity, each.fix and each.fix.is_safe) for each in findings] == [(Severity.INFO, True)]
    assert fixed(findings, text) == COMPLETE


@pytest.mark.parametrize("word", ["SEV9", "catastrophic", "P0", "7"])
def test_what_is_not_on_the_scale_is_an_error_in_our_own_documents(word):
    text = with_line(severity=word)
    findings = run(header.unknown_severity, text)
    assert quoted_by(findings, text) == [word]
    assert findings[0].severity is None
    assert run(header.unknown_severity, foreign(f"Severity: {word}")) == []


@pytest.mark.parametrize(
    "word", ["SEV1 (critical)", "SEV3 → SEV1", "SEV-1, later SEV-2", "1-2", "sev2?", "TBD", "n/a", "SEV1 – checkout"]
)
def test_more_words_around_a_level_are_fine(word):
    assert run(header.unknown_severity, with_line(severity=word)) == []


def test_a_slip_is_found_in_any_template_and_fixed_only_where_that_is_asked_for():
    text = foreign("Severity: SEVV2")
    findings = run(header.unknown_severity, text)
    assert "did you mean SEV2?" in findings[0].message
    assert findings[0].fix is not None and not findings[0].fix.is_safe
    assert "Severity: SEV2\n" in fixed(findings, text)


def test_a_priority_has_a_scale_of_its_own():
    assert run(header.unknown_severity, foreign("Priority: Highest"), has_settings=True) == []


def test_the_severity_of_an_incident_file_is_fixed_in_its_front_matter():
    text = INCIDENT.replace("severity: SEV1", 'severity: "sev1"')
    findings = run(header.unknown_severity, text, INCIDENT_PATH)
    assert 'severity: "SEV1"\n' in fixed(findings, text)


# ------------------------------------------------------------------------------------------------------------ HDR006


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"mitigated_at": "2026-05-14T09:00:00Z"}, "2026-05-14T09:00:00Z"),
        ({"resolved_at": "2026-05-13T12:10:00Z"}, "2026-05-13T12:10:00Z"),
        ({"resolved_at": "2026-05-14T10:30:00Z"}, "2026-05-14T10:30:00Z"),
        ({"started_at": "2026-05-15T09:51:00Z"}, "2026-05-15T09:51:00Z"),
        ({"started_at": "2026-05-14T10:10:00Z"}, "2026-05-14T10:02:00Z"),
        ({"detected_at": "2026-05-14T11:00:00Z"}, "2026-05-14T10:48:00Z"),
        ({"acknowledged_at": "2026-05-14T10:01:59Z"}, "2026-05-14T10:01:59Z"),
        (
            {"mitigated_at": "2026-05-14T12:48:00+02:00", "resolved_at": "2026-05-14T12:10:00+02:00"},
            "2026-05-14T12:10:00+02:00",
        ),
    ],
)
def test_one_wrong_time_is_one_finding(changes, wrong):
    usual = {
        "status": "resolved",
        "started_at": "2026-05-14T09:51:00Z",
        "detected_at": "2026-05-14T10:02:00Z",
        "mitigated_at": "2026-05-14T10:48:00Z",
        "resolved_at": "2026-05-14T12:10:00Z",
    }
    text = incident(**(usual | changes))
    assert quoted_by(run(header.end_before_start, text, INCIDENT_PATH), text) == [wrong]


@pytest.mark.parametrize(
    "changes",
    [
        {"declared_at": "2026-05-16T09:00:00Z"},
        {"acknowledged_at": "2026-05-14T09:59:00Z"},
        {"mitigated_at": "2026-05-14T09:51:00Z", "resolved_at": "2026-05-14T09:51:00Z"},
    ],
    ids=["declared afterwards", "nobody wrote down when it was detected", "all at once"],
)
def test_an_unusual_order_that_can_be_is_none(changes):
    usual = {
        "started_at": "2026-05-14T09:51:00Z",
        "mitigated_at": "2026-05-14T10:48:00Z",
        "resolved_at": "2026-05-14T12:10:00Z",
    }
    assert run(header.end_before_start, incident(**(usual | changes)), INCIDENT_PATH) == []


@pytest.mark.parametrize("metric", DURATIONS, ids=lambda metric: metric.name)
def test_what_a_duration_leaves_out_as_invalid_is_an_error_in_the_incident_file(metric):
    times = {metric.start: "2026-05-14T10:02:00Z", metric.end: "2026-05-14T10:01:59Z"}
    text = incident(**({"status": "resolved", "declared_at": None} | times))

    assert len(run(header.end_before_start, text, INCIDENT_PATH)) == 1
    assert header.end_before_start.severity is Severity.ERROR


def test_a_postmortem_may_tell_of_an_alert_before_the_impact_and_of_one_that_came_too_late():
    early = foreign("Start: 2026-05-14 10:00 UTC\nDetected: 2026-05-14 09:50 UTC\nEnd: 2026-05-14 11:00 UTC")
    late = foreign("Detected: 2026-05-14 10:50 UTC\nMitigated: 2026-05-14 10:40 UTC\nEnd: 2026-05-14 11:00 UTC")

    assert run(header.end_before_start, early) == run(header.end_before_start, late) == []


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("Start: 2026-05-14 10:00 UTC\nEnd: 2026-05-14 09:00 UTC", 1),
        ("Start date: 2026-05-14\nEnd date: 2026-05-13", 1),
        ("Start: 2026-05-14 23:10 UTC\nEnd: 01:05 UTC", 0),
        ("Start: 23:10\nEnd: 01:05", 0),
        ("Start: 2026-05-14 10:00 PST\nEnd: 2026-05-14 18:30 UTC", 0),
        ("Start: 2026-05-14 10:00 UTC\nEnd: 2026-05-14", 0),
        ("Date: 2026-05-14 10:00 – 2026-05-13 11:00", 1),
        ("Date: 2026-05-14 22:00 – 2026-05-15 01:00", 0),
    ],
)
def test_labels_are_compared_where_their_days_are_written(head, expected):
    assert len(run(header.end_before_start, foreign(head))) == expected


# ------------------------------------------------------------------------------------------------------------ HDR007


@pytest.mark.parametrize(
    "words",
    [
        "2h 8m",
        "2 h 5 min",
        "128 minutes",
        "57m",
        "46m",
        "2h 19m",
        "2:08",
        "~2 hours",
        "2 hours",
        "2h08",
        "TBD",
        "ongoing",
    ],
)
def test_a_duration_that_the_times_give_is_fine(words):
    assert run(header.duration_mismatch, with_line(duration=words)) == []


@pytest.mark.parametrize("words", ["3h 8m", "1h 20m", "12 minutes", "5 hours", "2 days"])
def test_a_duration_that_no_times_give_is_found_and_computed_anew(words):
    text = with_line(duration=words)
    findings = run(header.duration_mismatch, text)
    assert quoted_by(findings, text) == [words]
    assert fixed(findings, text) == COMPLETE


def test_without_a_record_any_two_times_of_the_timeline_will_do():
    assert run(header.duration_mismatch, COMPLETE, incident=None) == []
    assert run(header.duration_mismatch, with_line(duration="36m"), incident=None) == []
    findings = run(header.duration_mismatch, with_line(duration="5h 30m"), incident=None)
    assert "from the first to the last it is 2h 19m" in findings[0].message
    assert findings[0].fix is None


def test_a_timeline_that_goes_back_is_another_rules_finding():
    text = COMPLETE.replace("- 2026-05-14 12:10 The pool", "- 2026-05-14 09:10 The pool")
    assert run(header.duration_mismatch, text, incident=None) == []


def test_nothing_is_said_where_there_are_no_times():
    text = compose(
        "## Timeline\n\n(absent)\n\n**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 9h | **Author**: @ann"
    )
    assert run(header.duration_mismatch, text, incident=None) == []


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("Start: 23:10 UTC\nEnd: 01:05 UTC\nDuration: 1h 55m", 0),
        ("Start: 23:10 UTC\nEnd: 01:05 UTC\nDuration: 3h 55m", 1),
        ("Start: 2026-05-14 10:00 UTC\nEnd: 2026-05-14 12:00 UTC\nDuration: 90 minutes", 1),
        ("Start: 2026-05-14 10:00 UTC\nEnd: 2026-05-14 12:00 UTC\nDowntime: 20 minutes", 0),
        ("Start: 2026-05-14 10:00 UTC\nEnd: 2026-05-14 12:00 UTC\nDowntime: 5 hours", 1),
        ("Start: 2026-05-14 10:00\nEnd: 2026-05-16 10:00\nDuration: 2 days", 0),
    ],
)
def test_labels_of_another_template_are_compared_too(head, expected):
    assert len(run(header.duration_mismatch, foreign(head))) == expected


# ---------------------------------------------------------------------------------------------- HDR008 and HDR009


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-05-22", 0), ("2026-05-23", 0), ("2026-05-24", 1), ("2027-05-14", 1)]
)
def test_a_day_after_tomorrow_is_in_the_future(day, expected):
    text = with_line(day=day)
    assert quoted_by(run(header.future_date, text), text) == [day] * expected


def test_only_the_first_future_day_is_named_and_publication_may_be_planned():
    text = foreign("Date: 2027-01-02\nStarted: 2027-01-02 10:00 UTC\nPublished: 2027-02-01")
    assert len(run(header.future_date, text)) == 1
    assert run(header.future_date, foreign("Published: 2027-02-01")) == []


def test_with_time_it_only_gets_better():
    text = with_line(day="2026-05-30")
    assert len(run(header.future_date, text)) == 1
    assert run(header.future_date, text, now=datetime(2026, 6, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "resolved"}, 1),
        ({"status": "mitigated"}, 1),
        ({"status": "closed"}, 1),
        ({"status": "resolved", "resolved_at": "2026-05-14T12:00:00Z"}, 0),
        ({"status": "investigating", "mitigated_at": "2026-05-14T12:00:00Z"}, 1),
        ({"status": "mitigated", "mitigated_at": "2026-05-14T11:00:00Z", "resolved_at": "2026-05-14T12:00:00Z"}, 1),
        ({"status": "closed", "closed_at": "2026-05-14T12:00:00Z", "mitigated_at": "2026-05-14T11:00:00Z"}, 0),
        ({"status": "canceled", "mitigated_at": "2026-05-14T11:00:00Z"}, 0),
        ({"status": "investigating", "resolved_at": "none"}, 0),
        ({"status": "on holiday"}, 0),
    ],
)
def test_status_and_times_of_an_incident_agree(changes, expected):
    text = incident(**changes)
    assert (
        quoted_by(run(header.status_contradiction, text, INCIDENT_PATH), text)
        == [text.split("status: ")[1].split("\n")[0]] * expected
    )


def test_a_published_draft_and_a_final_document_of_an_open_incident_contradict_themselves():
    text = COMPLETE.replace("status: final", "status: draft")
    assert quoted_by(run(header.status_contradiction, text), text) == ["draft"]
    still_open = believed(INCIDENT[: INCIDENT.index("- 2026-05-14T10:48:00Z **Mitigated**")])
    assert quoted_by(run(header.status_contradiction, COMPLETE, incident=still_open), COMPLETE) == ["final"]


# ---------------------------------------------------------------------------------------------- HDR010 and HDR011


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("publised_at", "published_at"),
        ("reviewres", "reviewers"),
        ("root_casue", "root_cause"),
        ("root-cause", "root_cause"),
        ("authros", "authors"),
    ],
)
def test_a_key_with_a_slip_is_named_with_the_one_that_was_meant(key, known):
    text = with_front(f"incident: 2026-05-14-checkout-latency\nstatus: final\n{key}: x")
    findings = run(header.unknown_field, text)
    assert quoted_by(findings, text) == [key]
    assert f"did you mean `{known}`?" in findings[0].message


@pytest.mark.parametrize(
    "key",
    ["tags", "author", "date", "dates", "owner", "state", "summary", "jira", "review_board", "cause", "x", "Title"],
)
def test_other_keys_are_welcome(key):
    assert (
        run(header.unknown_field, with_front(f"incident: 2026-05-14-checkout-latency\nstatus: final\n{key}: x")) == []
    )


def test_a_key_that_stands_there_is_not_meant_twice():
    text = with_front("incident: 2026-05-14-checkout-latency\nstatus: final\nauthors: [ann]\nauthor2: bob")
    assert run(header.unknown_field, text) == []


def test_another_template_has_keys_of_its_own():
    assert run(header.unknown_field, "---\nreviewer_s: x\nstatu: y\n---\n" + foreign("x")) == []


@pytest.mark.parametrize(
    ("key", "known"),
    [("service", "services"), ("comander", "commander"), ("resolvd_at", "resolved_at"), ("regoins", "regions")],
)
def test_keys_of_an_incident_are_compared_with_those_of_incidents(key, known):
    text = incident(**{key: "x"})
    findings = run(header.unknown_field, text, INCIDENT_PATH)
    assert quoted_by(findings, text) == [key]
    assert known in findings[0].message


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-05-13", 0), ("2026-05-15", 0), ("2026-04-14", 1), ("2025-05-14", 1)]
)
def test_the_day_of_the_header_is_that_of_the_incident(day, expected):
    text = with_line(day=day)
    assert quoted_by(run(header.header_body_conflict, text), text) == [day] * expected
    assert quoted_by(run(header.header_body_conflict, text, incident=None), text) == [day] * expected


@pytest.mark.parametrize(
    ("path", "expected"), [("pm/2026-06-02-relay.md", 1), ("pm/relay.md", 0), ("pm/2026-01-27-relay.md", 0)]
)
def test_a_title_that_was_copied_is_found_where_file_and_timeline_agree_on_another_day(path, expected):
    text = foreign("x", "# 2026-01-27, relay down") + "\n## Timeline\n\n- 2026-06-02 10:00 UTC down\n- 10:30 up\n"
    assert quoted_by(run(header.header_body_conflict, text, path), text) == ["2026-01-27"] * expected


def test_a_date_of_publication_is_no_date_of_the_incident():
    text = (
        "---\ndate: 2026-06-20\n---\n"
        + foreign("x")
        + "\n## Timeline\n\n- 2026-06-02 10:00 UTC down\n- 2026-06-02 10:30 up\n"
    )
    assert run(header.header_body_conflict, text) == []


@pytest.mark.parametrize(("word", "expected"), [("SEV2", 1), ("P1", 0), ("SEV2 → SEV1", 0), ("SEV9", 0)])
def test_the_severity_is_that_of_the_record(word, expected):
    text = with_line(severity=word)
    assert quoted_by(run(header.header_body_conflict, text), text) == [word] * expected


def test_two_severities_in_one_document_conflict():
    text = foreign("Severity: SEV1\n\n| Severity | SEV3 |\n| --- | --- |\n| Owner | Ann |")
    assert len(run(header.header_body_conflict, text)) == 1
    assert run(header.header_body_conflict, foreign("Severity: SEV1\nPriority: P3")) == []


@pytest.mark.parametrize(("author", "expected"), [("@ann", 0), ("@bob", 1), ("@bob, @ann", 0), ("Ann Lee", 0)])
def test_the_authors_of_label_and_front_matter_have_somebody_in_common(author, expected):
    text = with_line(author=author)
    assert quoted_by(run(header.header_body_conflict, text), text) == [author] * expected


def test_an_incident_file_that_was_changed_by_hand_is_compared_with_its_timeline():
    text = INCIDENT.replace("commander: ann", "commander: cleo").replace("severity: SEV1", "severity: SEV3")
    assert [each.key for each in run(header.header_body_conflict, text, INCIDENT_PATH)] == ["severity", "commander"]
    text = INCIDENT.replace("commander: ann", 'commander: "@ann"')
    assert run(header.header_body_conflict, text, INCIDENT_PATH) == []


def test_an_incident_file_without_entries_is_all_that_there_is():
    assert run(header.header_body_conflict, incident(status="resolved"), INCIDENT_PATH) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abcd", 1), ("abc", "xyz", 3), ("reviewers", "reviwer", 2)],
)
def test_distance_counts_letters_and_gives_up_in_time(one, other, expected):
    assert header.distance(one, other, 2) == min(expected, 3)
