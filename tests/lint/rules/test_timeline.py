"""The rules for the timeline at their edges: what must be found, where, and what must not be."""

import pytest

from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.facts import Facts
from incidentctl.lint.page import Page
from incidentctl.lint.rules import timeline as rules
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, PATH, believed, compose, facts

FOREIGN = "# Search outage\n\n**Date**: 2026-05-14\n\n## Timeline\n\n"


def check(rule, text: str, known: Facts | None = None, path: str = PATH):
    """Line, column, end column and message of each finding."""
    page = Page(path, text)
    return [
        (each.span.line, each.span.column, each.span.end_column, each.message)
        for each in rule.check(page, known or facts())
    ]


def severities(rule, text: str, known: Facts | None = None):
    return [each.severity for each in rule.check(Page(PATH, text), known or Facts())]


def pointed(rule, text: str, known: Facts | None = None, path: str = PATH) -> list[str]:
    """The words that each finding points at."""
    lines = text.splitlines()
    return [lines[line - 1][column - 1 : end - 1] for line, column, end, _ in check(rule, text, known, path)]


def codes(text: str, known: Facts | None = None, path: str = PATH) -> list[str]:
    page = Page(path, text)
    return [rule.code for rule in rules.RULES for _ in rule.check(page, known or Facts())]


def standard(body: str) -> str:
    return compose(f"## Timeline\n\n{body}")


def entry(old: str, new: str) -> str:
    """The complete document with one of its entries changed."""
    assert old in COMPLETE
    return COMPLETE.replace(old, new)


def test_the_complete_document_and_its_record_have_no_finding():
    for rule in rules.RULES:
        assert check(rule, COMPLETE) == []
    page = Page(INCIDENT_PATH, INCIDENT)
    for rule in (rules.no_entries, rules.entry_without_time, rules.not_chronological, rules.record_conflict):
        assert list(rule.check(page, facts())) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("05-14 10:02", "05-14 12:02", "TML003", "2026-05-14 12:02"),
        ("05-14 10:12", "05-14 09:12", "TML003", "2026-05-14 09:12"),
        ("05-14 12:10", "05-14 08:10", "TML003", "2026-05-14 08:10"),
        ("05-14 09:51", "05-14 11:51", "TML003", "2026-05-14 11:51"),
        ("2026-05-14 10:05", "2025-05-14 10:05", "TML005", "2025-05-14 10:05"),
        ("2026-05-14 10:05", "2026-06-14 10:05", "TML005", "2026-06-14 10:05"),
        ("2026-05-14 10:05", "2026-05-24 10:05", "TML005", "2026-05-24 10:05"),
        ("2026-05-14 12:10", "2025-05-14 12:10", "TML005", "2025-05-14 12:10"),
        ("05-14 10:12", "05-14 25:12", "TML011", "2026-05-14 25:12"),
        ("05-14 10:12", "05-14 22:12 PM", "TML011", "2026-05-14 22:12 PM"),
        ("2026-05-14 10:05 The incident", "The incident", "TML002", "The incident is declared as SEV1."),
        ("2026-05-14 10:48 The", "2026-05-14 11:20 The", "TML014", "2026-05-14 11:20"),
    ],
)  # fmt: skip
def test_one_wrong_time_is_one_finding_at_its_words(old, new, code, words, newline):
    text = entry(old, new).replace("\n", newline)
    page = Page(PATH, text)
    found = [
        (rule.code, finding)
        for rule in rules.RULES
        if rule.severity is not Severity.INFO
        for finding in rule.check(page, facts())
    ]
    assert [each for each, _ in found] == [code]
    span = found[0][1].span
    assert page.lines[span.line - 1][span.column - 1 : span.end_column - 1] == words


# ------------------------------------------------------------------------------------------------------------- TML001


def test_a_timeline_in_prose_has_no_entries():
    ((line, column, end, _),) = check(rules.no_entries, standard("The alert fired, and later all was well.\n"))
    assert (line, column, end) == (26, 4, 12)
    assert severities(rules.no_entries, standard("The alert fired.\n")) == [None]


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("At 10:02 the alert fired, at 10:48 all was well.\n", Severity.WARNING),
        ("See [the status page](https://status.example.org/1).\n", Severity.WARNING),
    ],
)
def test_times_in_sentences_and_a_link_to_a_timeline_are_less_grave(body, severity):
    assert severities(rules.no_entries, standard(body)) == [severity]
    assert severities(rules.no_entries, FOREIGN + body) == [Severity.INFO]


def test_in_a_document_of_another_template_it_is_a_warning():
    assert severities(rules.no_entries, FOREIGN + "The alert fired.\n") == [Severity.WARNING]


@pytest.mark.parametrize(
    "body",
    [
        "- 10:02 alert\n",
        "- 2026-05-14: the release\n- 2026-05-16: a user writes\n",
        "- T+0: alert\n- T+5m: over\n",
        "| Time | What |\n| - | - |\n| 10:02 | alert |\n",
        "TODO\n",
        "- HH:MM what happened\n",
        "<!-- from detection to resolution -->\n",
        "<what happened, and when>\n",
        "- 25:99 alert\n",
    ],
)
def test_entries_days_and_placeholders_are_left_to_other_rules(body):
    assert check(rules.no_entries, standard(body)) == []


def test_a_missing_and_an_empty_section_are_left_to_other_rules():
    assert check(rules.no_entries, compose("## Timeline\n\n(absent)")) == []
    assert check(rules.no_entries, COMPLETE.split("## Timeline")[0] + "## Timeline\n\n## Root Cause\n\nA.\n") == []


def test_a_record_without_any_entry_is_found():
    text = INCIDENT.split("- 2026-05-14T10:05:40Z")[0]
    assert pointed(rules.no_entries, text, path=INCIDENT_PATH) == ["## Timeline"]


# ------------------------------------------------------------------------------------------------------------- TML002


def test_a_row_without_a_time_is_found():
    body = "| Time (UTC) | What |\n| - | - |\n| 10:02 | alert |\n| | looked at the graph |\n| 10:48 | over |\n"
    ((line, *_, message),) = check(rules.entry_without_time, standard(body))
    assert line == 31
    assert "'looked at the graph'" in message


def test_the_last_item_without_a_time_is_found_and_a_remark_is_not():
    body = "- 10:02 alert\n- 10:10 looked\n- 10:48 over\n"
    assert pointed(rules.entry_without_time, standard(body + "- Customers are told\n")) == ["Customers are told"]
    for remark in ("Total downtime: 46 minutes", "Note: the clocks were off", "All times are UTC", "See the log"):
        assert check(rules.entry_without_time, standard(f"{body}- {remark}\n")) == []


@pytest.mark.parametrize(
    "body",
    [
        "- 10:02 alert\n  - the graph is red\n  - so is the other\n- 10:48 over\n",
        "- 10:02 alert\n- ??? something broke\n- 10:48 over\n",
        "- 10:02 alert\n- (time unknown) something broke\n- 10:48 over\n",
        "- [???] something broke\n- 10:02 alert\n- 10:48 over\n",
        "| Time | What |\n| - | - |\n| 2026-05-?? | the disk fills |\n| 2026-05-14 10:02 | alert |\n| 2026-05-14 10:48 | over |\n",
        "- 10:02 alert\n- 10:48 over\n\nWhat followed:\n\n- customers were told\n- the review was held\n",
        "- 10:02 alert\n- 25:10 looked\n- 10:48 over\n",
        "- 10:02 alert\n- May 15: looked again\n- 10:48 over\n",
        "### 10:02\n\n- alert\n- graph\n\n### 10:48\n\n- over\n",
        "- one\n- two\n- three\n- 10:02 alert\n",
        '| Time | What |\n| - | - |\n| 10:02 | alert |\n| " | graph |\n| 10:48 | over |\n',
        "10:02 alert\nthe graph is red\n10:48 over\n",
    ],
)
def test_what_is_no_entry_without_a_time(body):
    assert check(rules.entry_without_time, standard(body)) == []


def test_a_line_of_the_record_whose_time_has_no_zone_is_found_with_its_time():
    text = INCIDENT + "- 2026-05-14 12:20 looked again — @bob\n"
    assert pointed(rules.entry_without_time, text, path=INCIDENT_PATH) == ["2026-05-14 12:20"]


# ---------------------------------------------------------------------------------------------- TML003, TML004, TML005


def test_both_times_are_named():
    body = "All times are UTC.\n\n- 10:02 alert\n- 10:48 over\n- 10:30 told\n- 11:00 closed\n"
    ((*_, message),) = check(rules.not_chronological, standard(body))
    assert message == "'10:30' stands below '10:48': correct its time, or move it to its place"


def test_each_step_back_is_one_finding():
    body = "- 10:00 a\n- 10:20 b\n- 10:10 c\n- 10:30 d\n- 10:25 e\n- 10:40 f\n- 10:50 g\n"
    assert pointed(rules.not_chronological, standard(body)) == ["10:10", "10:25"]


def test_a_timeline_from_the_newest_to_the_oldest_is_one_warning():
    body = "- 12:00 over\n- 11:30 b\n- 11:00 c\n- 10:30 alert\n"
    assert pointed(rules.not_chronological, standard(body)) == ["12:00"]
    assert severities(rules.not_chronological, standard(body)) == [Severity.WARNING]


@pytest.mark.parametrize(
    "body",
    [
        "- 10:00 a\n- 10:00 b\n",
        "- 10:00-11:00 a\n- 10:30 b\n",
        "- 10:10 a\n- ~10:00 b\n",
        "- 23:50 a\n- 00:10 b\n",
        "- 10:00 a\n  - 10:20 detail\n- 10:10 b\n",
        "### A\n\n- 10:00 a\n- 11:00 b\n\n### B\n\n- 10:30 c\n- 11:30 d\n",
        "- 11:00 CET a\n- 10:30 UTC b\n",
        "- 10:00 PST a\n- 10:30 PDT b\n",
        "- T+5m a\n- T+3m b\n",
    ],
)
def test_what_is_no_step_back(body):
    assert check(rules.not_chronological, standard(body)) == []


def test_entries_of_the_record_in_the_wrong_order_are_found_at_their_time():
    text = INCIDENT + "- 2026-05-14T12:05:00Z told the customers — @ann\n"
    assert pointed(rules.not_chronological, text, path=INCIDENT_PATH) == ["2026-05-14T12:05:00Z"]


def test_a_clock_that_passes_midnight_asks_for_the_day():
    ((*_, message),) = check(rules.ambiguous_day, standard("- 2026-05-14 23:50 a\n- 00:10 b\n"))
    assert "'23:50'" not in message
    assert "from '2026-05-14 23:50' to '00:10'" in message
    assert message.endswith("write the day, as 2026-05-15 00:10")


def test_a_clock_of_twelve_hours_asks_for_am_or_pm():
    ((*_, message),) = check(rules.ambiguous_day, standard("- 11:50 a\n- 12:10 b\n- 1:05 c\n"))
    assert "or AM or PM" in message


@pytest.mark.parametrize(
    "body",
    [
        "- 2026-05-14 23:50 a\n- 2026-05-15 00:10 b\n",
        "- Thu 23:50 a\n- Fri 00:10 b\n",
        "### May 14\n\n- 23:50 a\n\n### May 15\n\n- 00:10 b\n",
        "- 10:00 a\n- 09:55 b\n",
        "### A\n\n- 18:00 a\n\n### B\n\n- 09:00 b\n",
        "- 01:00 CEST a\n- 22:00 UTC b\n",
    ],
)
def test_what_is_no_doubt_about_the_day(body):
    assert check(rules.ambiguous_day, standard(body)) == []


def test_the_date_that_is_likely_meant_is_named():
    text = entry("2026-05-14 10:05", "2025-05-14 10:05")
    ((*_, message),) = check(rules.date_outlier, text)
    assert "is 2026-05-14 meant?" in message


@pytest.mark.parametrize(
    "body",
    [
        "- 2025-05-14 10:00 the fault is introduced\n- 2026-05-14 10:02 alert\n- 2026-05-14 10:48 over\n",
        "- 2026-01-20 10:00 the change is merged\n- 2026-05-14 10:02 alert\n- 2026-05-14 10:48 over\n",
        "- 2026-05-14 10:02 alert\n- 2026-05-14 10:48 over\n- 2026-06-14 10:00 the review is held\n",
        "- 2026-05-14 10:02 alert\n- 2026-05-16 10:48 over\n- 2026-05-18 10:00 told\n",
        "- 2025-12-31 23:50 alert\n- 2026-01-01 00:10 over\n",
        "- 03/04/2026 10:02 alert\n- 04/04/2026 10:48 over\n",
    ],
)
def test_what_is_no_outlier(body):
    assert check(rules.date_outlier, standard(body)) == []


# ------------------------------------------------------------------------------------------------------------- TML006

WINDOW = (
    "---\nincident: 2026-05-14-checkout-latency\nstatus: final\nstarted_at: 2026-05-14T09:51:00Z\n"
    "resolved_at: 2026-05-14T12:10:00Z\n---\n\n## Timeline\n\n"
)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("- 2026-05-17 10:00 UTC the pool is exhausted\n", "2 days after"),
        ("- 2026-05-02 10:00 UTC the pool is exhausted\n", "11 days before"),
    ],
)
def test_an_entry_days_outside_the_window_is_found(line, says):
    ((*_, message),) = check(rules.outside_window, compose(WINDOW + line))
    assert says in message


@pytest.mark.parametrize(
    "line",
    [
        "- 2026-05-14 08:00 UTC the load rises\n",
        "- 2026-05-14 20:00 UTC the load is as it was\n",
        "- 2026-05-02 10:00 UTC the change is merged\n",
        "- 2026-05-20 10:00 UTC the review is held\n",
        "- 05/06/2026 10:00 UTC the pool is exhausted\n",
    ],
)
def test_what_led_up_to_it_and_what_followed_may_lie_outside(line):
    assert check(rules.outside_window, compose(WINDOW + line)) == []


def test_without_times_in_the_header_the_record_gives_the_window():
    text = standard("- 2026-05-18 10:00 UTC the pool is exhausted\n")
    assert len(check(rules.outside_window, text)) == 1
    assert check(rules.outside_window, text, Facts()) == []


# ------------------------------------------------------------------------------------------------------ TML007, TML008


@pytest.mark.parametrize(
    "words",
    [
        "a customer reports errors",
        "Pingdom fires",
        "we noticed",
        "PagerDuty pages the on-call",
        "first complaints",
        "on-call is paged",
    ],
)
def test_detection_in_any_words(words):
    assert check(rules.no_detection, standard(f"- 10:02 UTC {words}\n- 10:48 UTC all is well\n")) == []


@pytest.mark.parametrize(
    "words", ["the status pages are updated", "[chart](https://alerts.example.org/1)", "a landing page is slow"]
)
def test_what_is_no_detection(words):
    text = standard(f"- 10:02 UTC {words}\n- 10:48 UTC all is well\n")
    assert pointed(rules.no_detection, text) == ["Timeline"]


@pytest.mark.parametrize(
    "words",
    [
        "restored",
        "Rolled back",
        "all clear",
        "errors stop",
        "back to normal",
        "fix deployed",
        "the site is back",
        "Revert is live, graphs recover",
    ],
)
def test_resolution_in_any_words(words):
    assert check(rules.no_resolution, standard(f"- 10:02 UTC alert\n- 10:48 UTC {words}\n")) == []


def test_an_incident_that_goes_on_has_no_resolution_to_tell():
    text = standard("- 10:02 UTC alert\n- 10:48 UTC looking\n")
    assert len(check(rules.no_resolution, text)) == 1
    lines = INCIDENT.splitlines(keepends=True)
    going_on = believed("".join(line for line in lines if "itigated" not in line and "esolved" not in line))
    assert check(rules.no_resolution, text, facts(incident=going_on)) == []


def test_one_entry_alone_is_not_asked_for_detection_and_resolution():
    text = standard("- 10:02 UTC the load is high\n")
    assert check(rules.no_detection, text) == check(rules.no_resolution, text) == []


# ------------------------------------------------------------------------------------------------------ TML009, TML010


def test_the_first_time_without_a_zone_is_pointed_at():
    assert pointed(rules.no_timezone, standard("- 10:02 alert\n- 10:48 over\n")) == ["10:02"]


@pytest.mark.parametrize(
    "text",
    [
        standard("- 10:02 UTC alert\n- 10:48 over\n"),
        standard("- 10:02 alert\n- 10:48 over\n\nAll times are UTC.\n"),
        standard("| Time (PT) | What |\n| - | - |\n| 10:02 | alert |\n| 10:48 | over |\n"),
        standard("- 10:02 local time alert\n- 10:48 over\n"),
        standard("- 10:02h CET alert\n- 10:48h CET over\n"),
        standard("- 10:02 alert\n").replace("## Timeline", "## Timeline (UTC)"),
        standard("- 10:02 alert\n").replace("## Root Cause", "All timestamps in Europe/Berlin time.\n\n## Root Cause"),
        FOREIGN.replace("2026-05-14\n", "2026-05-14\n\n**Started**: 2026-05-14 10:00 CEST\n") + "- 10:02 alert\n",
        standard("- 2026-05-14: a\n- 2026-05-15: b\n"),
        standard("- T+0: a\n- T+5m: b\n"),
    ],
)
def test_where_a_zone_is_named(text):
    assert check(rules.no_timezone, text) == []


def test_the_entry_in_another_zone_than_most_is_pointed_at():
    body = "- 10:02 UTC alert\n- 12:10 CEST looked\n- 12:20 CEST told\n- 10:30 UTC a\n- 10:48 UTC over\n"
    ((line, *_, message),) = check(rules.mixed_timezones, standard(body))
    assert line == 29
    assert "'12:10 CEST' (and 1 more) is in CEST, the other entries are in UTC" in message


@pytest.mark.parametrize(
    "body",
    [
        "- 10:02 UTC (12:02 CEST) alert\n- 10:48 UTC (12:48 CEST) over\n",
        "- 10:02 UTC alert\n- 10:48Z over\n- 10:50 GMT told\n",
        "- 10:02 PT alert\n- 10:48 PST over\n",
        "- 2026-10-24 10:02 CEST alert\n- 2026-10-25 10:48 CET over\n",
        "All times are UTC.\n\n- 10:02 alert\n- 10:48 UTC over\n",
    ],
)
def test_one_zone_by_several_names_is_one(body):
    assert check(rules.mixed_timezones, standard(body)) == []


def test_standard_and_summer_time_on_one_day_are_two_zones():
    assert pointed(rules.mixed_timezones, standard("- 10:02 PST alert\n- 10:48 PDT over\n")) == ["10:48 PDT"]


def test_an_entry_in_another_zone_than_the_one_stated_is_found():
    body = "All times are UTC.\n\n- 10:02 alert\n- 12:10 CEST looked\n"
    assert pointed(rules.mixed_timezones, standard(body)) == ["12:10 CEST"]


# ------------------------------------------------------------------------------------------------------ TML011 … TML013


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("- 25:10 alert\n", "25:10"),
        ("- **22:22 PM** alert\n", "22:22 PM"),
        ("- 10:00-25:30 alert\n", "25:30"),
        ("- 2026-02-30 10:00 alert\n", "2026-02-30 10:00"),
        ("| Time | What |\n| - | - |\n| 10:75 | alert |\n| 10:48 | over |\n", "10:75"),
        ("### 24:10\n\nalert\n", "24:10"),
    ],
)
def test_an_impossible_time_is_pointed_at(body, words):
    assert pointed(rules.impossible_clock, standard(body)) == [words]


@pytest.mark.parametrize(
    "body", ["- 24:00 a\n", "- 10:00-24:00 a\n", "- 0:00 AM a\n", "- 10:02 ratio 90:10\n", "- 2024-02-29 10:00 a\n"]
)
def test_possible_times(body):
    assert check(rules.impossible_clock, standard(body)) == []


def test_an_impossible_time_of_the_record_is_found():
    text = INCIDENT + "- 2026-05-14T25:20:00Z looked again — @bob\n"
    assert pointed(rules.impossible_clock, text, path=INCIDENT_PATH) == ["2026-05-14T25:20:00Z"]


def test_the_longest_silence_between_detection_and_mitigation_is_named():
    body = "- 10:02 alert\n- 11:30 looked\n- 12:45 looked\n- 13:00 mitigated\n- 16:00 resolved\n"
    ((*_, message),) = check(rules.long_silence, standard(f"All times are UTC.\n\n{body}"))
    assert "nothing is said for 1h 28m before '11:30'" in message


@pytest.mark.parametrize(
    "text",
    [
        standard("- 08:00 the push\n- 10:02 alert\n- 10:48 mitigated\n- 14:00 resolved\n"),
        standard("- 10:02 alert\n- 14:00 mitigated\n").replace("SEV1", "SEV3"),
        standard("- 10:02 alert\n- 14:00 mitigated\n").replace("SEV1", "P-huge"),
    ],
)
def test_where_no_rhythm_is_asked_for(text):
    assert check(rules.long_silence, text) == []


@pytest.mark.parametrize(
    "words",
    [
        "see #412",
        "deploy 3f2c1ab9",
        "example/infra#12",
        "<https://example.org>",
        "![graph](a.png)",
        "[graph][1]",
        "OPS-1234",
    ],
)
def test_evidence_in_any_form(words):
    assert check(rules.no_evidence, standard(f"- 10:02 UTC alert\n- 10:48 UTC over, {words}\n")) == []


def test_no_evidence_is_told_once():
    assert pointed(rules.no_evidence, standard("- 10:02 UTC alert\n- 10:48 UTC over by 4 decades\n")) == ["Timeline"]


# ------------------------------------------------------------------------------------------------------------- TML014


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("**Date**: 2026-05-14 | **Severity**: SEV3 | **Duration**: 2h 8m | **Author**: @ann", "SEV3"),
        ("**Date**: 2026-05-12 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann", "2026-05-12"),
        ("**Date**: 2026-05-14 | **Resolved**: 2026-05-14 12:15 UTC | **Severity**: SEV1", "2026-05-14 12:15 UTC"),
    ],
)
def test_a_header_that_says_something_else_than_the_record_is_found(header, words):
    assert pointed(rules.record_conflict, compose(header)) == [words]


@pytest.mark.parametrize(
    "header",
    [
        "**Date**: 2026-05-14 | **Severity**: critical | **Duration**: 2h 8m | **Author**: @ann",
        "**Date**: May 14, 2026 | **Severity**: P1 | **Duration**: 2h 8m | **Author**: @ann",
        "**Date**: 2026-05-14 | **Resolved**: 2026-05-14 12:10 UTC | **Detected**: 10:02",
        "**Date**: 2026-05-14 | **Resolved**: 2026-05-14 14:10 CEST",
        "**Date**: 2026-05-14 | **Resolved**: ~2026-05-14 12:30 UTC",
        "**Date**: 2026-05-14 | **Severity**: huge",
    ],
)
def test_a_header_that_agrees_in_other_words(header):
    assert check(rules.record_conflict, compose(header)) == []


def test_the_last_and_the_gravest_severity_agree_with_the_record():
    text = INCIDENT.replace("severity: SEV1", "severity: SEV2").replace(
        "- 2026-05-14T12:10:00Z",
        "- 2026-05-14T11:40:00Z **Severity** SEV1 → SEV2: payments are well — @ann <!-- e:0000aa -->\n- 2026-05-14T12:10:00Z",
    )
    known = facts(incident=believed(text))
    assert check(rules.record_conflict, COMPLETE, known) == []
    assert check(rules.record_conflict, COMPLETE.replace("SEV1", "SEV2"), known) == []
    assert len(check(rules.record_conflict, COMPLETE.replace("SEV1", "SEV3", 1), known)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "- 2026-05-14 10:50 UTC mitigated\n- 2026-05-14 12:12 UTC resolved\n",
        "- 2026-05-14 11:30 UTC partially mitigated\n- 2026-05-14 12:10 UTC resolved\n",
        "- 2026-05-14 11:30 UTC the host name is resolved by DNS again\n- 2026-05-14 12:10 UTC resolved\n",
        "- 2026-05-14 11:30 not yet mitigated, not resolved\n",
        "- 2026-05-14 11:30 mitigated\n",
        "- 2026-05-14 ~11:30 UTC mitigated\n",
        "- 2026-05-14 11:30 UTC errors in the logs are detected by grep\n",
    ],
)
def test_entries_that_do_not_contradict_the_record(body):
    assert check(rules.record_conflict, standard(body)) == []


def test_estimated_times_of_the_record_contradict_nothing():
    known = facts(incident=believed(INCIDENT.replace("services:", "estimated: [mitigated_at]\nservices:")))
    text = entry("2026-05-14 10:48 The", "2026-05-14 11:20 The")
    assert len(check(rules.record_conflict, text)) == 1
    assert check(rules.record_conflict, text, known) == []


def test_after_a_reopening_the_first_end_contradicts_nothing():
    text = INCIDENT + (
        "- 2026-05-14T13:00:00Z **Reopened** errors again — @ann <!-- e:0000ab -->\n"
        "- 2026-05-14T14:00:00Z **Resolved** pool size raised once more — @ann <!-- e:0000ac -->\n"
    )
    assert check(rules.record_conflict, COMPLETE, facts(incident=believed(text))) == []


@pytest.mark.parametrize(
    ("more", "words", "severity"),
    [
        ("- 2026-05-14T12:20:00Z told — @ann <!-- e:005f6t -->\n", None, None),
        ("\n## Notes\n\n- 2026-05-14T12:20:00Z told — @ann <!-- e:00aaaa -->\n", None, None),
        ("- 2026-05-14T12:20:00Z **Withdrawn** e:zzzzzz — @ann <!-- e:00aaab -->\n", "zzzzzz", Severity.WARNING),
        ("- 2026-05-14T12:20:00Z **Withdrawn** e:004mz1 — @ann <!-- e:00aaac -->\n", "004mz1", Severity.WARNING),
    ],
)
def test_a_record_that_contradicts_itself_is_found(more, words, severity):
    text = INCIDENT + more
    (finding,) = rules.record_conflict.check(Page(INCIDENT_PATH, text), facts())
    assert finding.severity is severity
    line = text.splitlines()[finding.span.line - 1]
    assert "12:20:00Z" in line
    if words:
        assert line[finding.span.column - 1 : finding.span.end_column - 1] == words


# --------------------------------------------------------------------------------------------------------------- all


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\nNo timeline at all.\n",
        "## Timeline\n",
        FOREIGN
        + "### Incident A\n\n- 10:00 UTC alert\n- 18:00 UTC over\n\n### Incident B\n\n- 09:00 UTC alert, see #1\n- 09:30 UTC over\n",
        FOREIGN + "**10:00 UTC** - alert, see #1\n\n**10:30 UTC** - over\n",
        FOREIGN + "| When (UTC) | Who | What |\n| - | - | - |\n| 10:00 | Ann | alert #1 |\n| 10:30 | Bob | over |\n",
        FOREIGN + "### 2026-05-14\n\n- 23:40 UTC alert, see #1\n\n### 2026-05-15\n\n- 00:10 UTC over\n",
    ],
)
def test_timelines_as_others_write_them_have_no_finding(text):
    assert codes(text) == []


def test_times_that_mix_both_clocks_are_said_once_where_there_are_many():
    lines = [f"{hour}:05 PM: step {hour}" for hour in range(13, 18)]
    for body in ("\n\n".join(lines) + "\n", "".join(f"- {line}\n" for line in lines)):
        ((*_, message),) = check(rules.impossible_clock, standard(body))
        assert (
            message
            == "5 times mix the 24-hour clock with AM and PM, as '13:05 PM' does: write them on one of the two clocks"
        )
