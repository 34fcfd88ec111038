"""The rules for causes at their edges."""

import pytest

from incidentctl.lint.page import Page
from incidentctl.lint.rules import causes as rules
from tests.lint.documents import COMPLETE, PATH, compose, facts

PREVENT = "## Action Items\n\n- [ ] Add a second replica — owner: @bob — due: 2026-06-15 — type: prevent\n"


def pointed(rule, fragment: str) -> list[str]:
    """The words that each finding points at."""
    text = compose(fragment)
    lines = text.splitlines()
    spans = [each.span for each in rule.check(Page(PATH, text), facts())]
    return [lines[span.line - 1][span.column - 1 : span.end_column - 1] for span in spans]


def test_the_complete_document_has_no_finding():
    for rule in rules.RULES:
        assert list(rule.check(Page(PATH, COMPLETE), facts())) == []


@pytest.mark.parametrize(
    "body", ["- No canary stage.\n", "No canary stage.\n", "None.\n", "1. No alert on the pool.\n"]
)
def test_a_single_factor_is_found(body):
    assert pointed(rules.single_cause, f"## Contributing Factors\n\n{body}") == ["Contributing Factors"]


@pytest.mark.parametrize(
    "body",
    [
        "- No canary stage.\n- No alert.\n",
        "No canary stage. No alert either.\n",
        "No canary stage;\nno alert.\n",
        "No canary stage.\n\nNo alert.\n",
        "- No canary stage:\n  - it was planned\n  - it was dropped\n",
        "| Factor |\n| - |\n| no canary |\n",
        "TODO\n",
        "<!-- one line for each -->\n",
    ],
)
def test_several_factors_in_any_form(body):
    assert pointed(rules.single_cause, f"## Contributing Factors\n\n{body}") == []


def test_a_missing_section_is_left_to_another_rule():
    assert pointed(rules.single_cause, "## Contributing Factors\n\n(absent)") == []


@pytest.mark.parametrize(
    "words",
    ["A bad deploy.", "A config change.", "Routine database migration", "Traffic spike.", "Expired certificate"],
)
def test_a_trigger_alone_is_found(words):
    assert pointed(rules.trigger_only, f"## Root Cause\n\n{words}\n") == [words]


@pytest.mark.parametrize(
    "words",
    [
        "A bad deploy that lowered the pool size below the load.",
        "The config pipeline accepts any value, so the push went through.",
        "A deploy without a canary stage.",
        "The retry loop overloaded the database.",
        "Unknown. A deploy was near.",
        "The queue had a limit of 100 jobs.",
        "TODO: the deploy",
    ],
)
def test_a_mechanism_is_more_than_a_trigger(words):
    assert pointed(rules.trigger_only, f"## Root Cause\n\n{words}\n") == []


@pytest.mark.parametrize(
    ("words", "pointed_at"),
    [
        ("The root cause is still unknown.", "root cause is still unknown"),
        ("Unknown.", "Unknown"),
        ("We do not know why the writes stalled.", "We do not know why"),
        ("The cause has not been found.", "cause has not been found"),
        ("The cause of the stall remains unclear.", "cause of the stall remains unclear"),
        ("We were not able to determine the cause.", "We were not able to determine the cause"),
        ("Under investigation", "Under investigation"),
    ],
)
def test_an_unknown_cause_that_nobody_looks_for_is_found(words, pointed_at):
    assert pointed(rules.unknown_without_action, f"## Root Cause\n\n{words}\n\n{PREVENT}") == [pointed_at]


@pytest.mark.parametrize(
    "words",
    [
        "Unknown hosts were added to the pool.",
        "The cause is known.",
        "The parser fails on unknown keys, which is the cause.",
        "Unknown; the investigation goes on in [#9](https://github.com/example/infra/issues/9).",
        "The cause was at first unknown to the on-call: the pool was full.",
    ],
)
def test_what_is_no_unknown_cause(words):
    assert pointed(rules.unknown_without_action, f"## Root Cause\n\n{words}\n\n{PREVENT}") == []


@pytest.mark.parametrize(
    "action",
    ["Investigate the stalled writes", "Find out why writes stall", "Reproduce it in staging", "Log each write"],
)
def test_an_action_that_looks_for_the_cause_is_enough(action):
    items = f"## Action Items\n\n- [ ] {action} — owner: @bob — due: 2026-06-15 — type: detect\n"
    assert pointed(rules.unknown_without_action, f"## Root Cause\n\nStill unknown.\n\n{items}") == []


def told_by(words: str, items: str = PREVENT) -> list[str]:
    return pointed(
        rules.found_by_customers,
        f"## Timeline\n\nAll times are UTC.\n\n- 09:51 the push\n- 10:02 {words}\n- 10:48 over\n\n{items}",
    )


@pytest.mark.parametrize(
    "words",
    [
        "Customers report errors",
        "the first complaints from users",
        "Support tells us that nobody can pay",
        "a ticket by a customer",
        "Users noticed that search is empty",
        "Issue reported by a client",
    ],
)
def test_users_who_notice_first_are_found(words):
    assert told_by(words) == [f"10:02 {words}"]


@pytest.mark.parametrize(
    "words",
    [
        "the alert fires, and customers report errors",
        "Grafana shows errors",
        "we tell the customers",
        "users could not pay",
        "the on-call notices errors",
    ],
)
def test_what_is_not_found_by_users(words):
    assert told_by(words) == []


@pytest.mark.parametrize(
    "item",
    ["Add a second replica — type: detect", "Alert on failed payments", "Monitor the pool", "Add a synthetic checkout"],
)
def test_an_action_about_detection_is_enough(item):
    assert told_by("Customers report errors", f"## Action Items\n\n- [ ] {item}\n") == []


def test_without_action_items_another_rule_speaks():
    assert told_by("Customers report errors", "## Action Items\n\n(absent)") == []
