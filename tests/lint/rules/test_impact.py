"""The rules for the impact at their edges."""

import pytest

from incidentctl.lint.page import Page
from incidentctl.lint.rules import impact as rules
from tests.lint.documents import COMPLETE, PATH, compose, facts


def pointed(rule, body: str) -> list[str]:
    """The words that each finding points at."""
    text = compose(f"## Impact\n\n{body}\n")
    lines = text.splitlines()
    spans = [each.span for each in rule.check(Page(PATH, text), facts())]
    return [lines[span.line - 1][span.column - 1 : span.end_column - 1] for span in spans]


def test_the_complete_document_has_no_finding():
    for rule in rules.RULES:
        assert list(rule.check(Page(PATH, COMPLETE), facts())) == []


def test_an_impact_without_a_number_is_found_at_its_heading():
    assert pointed(rules.no_number, "Customers could not pay, and orders were delayed.") == ["Impact"]


@pytest.mark.parametrize(
    "body",
    [
        "Customers could not pay for 57 minutes.",
        "All customers were affected.",
        "Every checkout failed.",
        "Nobody noticed.",
        "None.",
        "No users were affected.",
        "Two regions were down.",
        "Half of the checkouts failed.",
        "The outage was complete.",
        "Unknown, because nothing was measured.",
        "| Users | Share |\n| - | - |\n| customers | 12 % |",
        "TBD",
        "<who was affected>",
    ],
)
def test_numbers_in_words_and_placeholders(body):
    assert pointed(rules.no_number, body) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Some users could not pay.", ["Some"]),
        ("- Several of the orders were lost.\n- 12 orders were late.", ["Several"]),
        ("Latency rose.\nA few\ncustomers wrote.", ["A few"]),
        ("A subset of users saw errors.", ["A subset of"]),
        ("There was a significant loss of orders.", ["significant"]),
        ("12 users could not pay. Most others waited.", ["Most"]),
        ("| Who | How many |\n| - | - |\n| buyers | many of the users |", ["many"]),
    ],
)
def test_vague_words_are_pointed_at(body, words):
    assert pointed(rules.vague_quantifier, body) == words


@pytest.mark.parametrize(
    "body",
    [
        "Some users, about 12 %, could not pay.",
        "Many users (4,100) waited.",
        "For some time 12 users could not pay.",
        "At some point it ended.",
        "`some users` is a label.",
        "> Some users wrote this.",
        "All users waited.",
    ],
)
def test_vague_words_beside_a_number_and_in_other_senses(body):
    assert pointed(rules.vague_quantifier, body) == []


@pytest.mark.parametrize("body", ["Latency was above four seconds for 57 minutes.", "It was slow."])
def test_an_impact_on_nobody_in_particular_is_found(body):
    assert pointed(rules.no_audience, body) == ["Impact"]


@pytest.mark.parametrize(
    "body",
    [
        "12 % of requests failed.",
        "eu-west-1 and two other regions.",
        "Internal dashboards.",
        "None.",
        "We could not deploy.",
    ],
)
def test_an_audience_in_any_words(body):
    assert pointed(rules.no_audience, body) == []


def test_each_fact_that_is_not_said_is_named():
    text = compose("## Impact\n\n- About 4,100 customers could not pay.\n")
    (finding,) = rules.impact_fact_unsaid.check(Page(PATH, text), facts())
    assert "does not speak of the error budget, the revenue and how long users felt it" in finding.message


@pytest.mark.parametrize(
    "body",
    [
        "Users: none. SLO: none burned. Revenue: none. Lasted 5 minutes.",
        "4,100 customers lost 200 EUR between 10:02 and 10:48; availability fell to 98 %.",
        "No user impact.",
    ],
)
def test_facts_in_other_words(body):
    assert pointed(rules.impact_fact_unsaid, body) == []


def test_missing_and_empty_sections_are_left_to_other_rules():
    for text in (compose("## Impact\n\n(absent)"), compose("## Impact\n\n<!-- numbers -->\n")):
        for rule in rules.RULES:
            assert list(rule.check(Page(PATH, text), facts())) == []
