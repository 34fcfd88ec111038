"""RCA002, TML015 and the wording of action items."""

import pytest

from incidentctl.lint.facts import Facts
from incidentctl.lint.page import Page
from incidentctl.lint.rules import wording
from tests.lint.documents import COMPLETE, compose

_RULES = {rule.code: rule for rule in wording.RULES}


def words(fragment: str, code: str) -> list[str]:
    """The words that one rule finds."""
    text = compose(fragment)
    page = Page("postmortem.md", text)
    found = []
    for finding in _RULES[code].check(page, Facts()):
        start = page.offset(finding.span.line - 1, finding.span.column - 1)
        end = page.offset(finding.span.end_line - 1, finding.span.end_column - 1)
        found.append(text[start:end])
    return found


def item(text: str) -> str:
    """An open action item that is complete but for its words."""
    return f"## Action Items\n\n- [ ] {text} — owner: @ann — due: 2026-06-15 — type: prevent\n"


@pytest.mark.parametrize("code", list(_RULES))
def test_the_complete_document_has_no_finding(code):
    assert list(_RULES[code].check(Page("postmortem.md", COMPLETE), Facts())) == []


@pytest.mark.parametrize(
    ("sentence", "counts"),
    [
        ("The outage was caused by an engineer.", True),
        ("An operator deleted the wrong volume.", True),
        ("The bug was introduced by a contractor.", True),
        ("The outage was caused by an engineering change.", False),
        ("The outage was caused by our team's cron job.", False),
        ("The job was introduced by the platform team.", False),
        ("No engineer caused this.", False),
        ("An operator deleted the wrong volume, because both have one name.", False),
        ("The on-call engineer took down the old cluster as planned.", False),
    ],
)
def test_a_person_as_cause_is_told_from_what_a_person_did(sentence, counts):
    assert bool(words(f"## Root Cause\n\n{sentence}\n", "RCA002")) is counts


def entry(text: str) -> str:
    """A timeline whose only entry says something."""
    return f"## Timeline\n\nAll times are UTC.\n\n{text}\n"


@pytest.mark.parametrize(
    "shape",
    [
        "- 2026-05-14 10:02 {}",
        "- **10:02** {}",
        "- 10:02 UTC – {}",
        "| time | event |\n| --- | --- |\n| 10:02 | {} |",
        "### 10:02\n\n{}",
        "10:02 {}",
    ],
)
def test_a_judgement_is_found_in_every_shape_of_timeline(shape):
    assert words(entry(shape.format("Unfortunately the rollback was slow.")), "TML015")[0].endswith("Unfortunately")
    assert words(entry(shape.format("The rollback was slow.")), "TML015") == []


def test_judgement_elsewhere_is_not_the_timelines_business():
    assert words("## What Went Poorly\n\n- Unfortunately the rollback was slow.\n", "TML015") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Improve monitoring", "Improve"),
        ("**Alerting**: improve it", "improve"),
        ("Alerting: improve it", "improve"),
        ("We should improve monitoring", "We should improve"),
        ("#412 Improve monitoring", "Improve"),
        ("Improve the p99 from 4 s to 800 ms", None),
        ("Improve the alert by naming the host", None),
        ("Improve the alert so that it names the host", None),
        ("Add the improved parser", None),
    ],
)
def test_a_vague_verb_is_one_at_the_beginning_that_does_not_say_how_far(text, found):
    assert words(item(text), "ACT008") == ([found] if found else [])


def test_an_item_in_a_table_is_read_too():
    fragment = (
        "## Action Items\n\n| action | owner | due |\n| --- | --- | --- |\n| Improve monitoring | @ann | 2026-06-15 |\n"
    )
    assert words(fragment, "ACT008") == ["Improve"]


@pytest.mark.parametrize("code", ["ACT008", "ACT009", "ACT010", "ACT014"])
def test_what_is_done_is_not_read(code):
    fragment = (
        "## Action Items\n\n- [x] We should look into everything — owner: @ann — due: 2026-06-15 — done: 2026-06-01\n"
        "- [x] ~~Be careful everywhere~~ — owner: @ann — due: 2026-06-15 — dropped: 2026-06-01\n"
    )
    assert words(fragment, code) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We should look into retries", "ACT008"),
        ("We need to be more careful", "ACT010"),
        ("We should talk to the engineer who ran it", None),
        ("We should add an alert", "ACT009"),
    ],
)
def test_the_beginning_of_an_item_has_one_finding_at_most(text, code):
    beginning = [each for each in ("ACT008", "ACT009", "ACT010") if words(item(text), each)]
    assert beginning == ([code] if code else [])


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Remind everyone of the freeze", True),
        ("Let the bot remind the author", False),
        ("Double-check the region", True),
        ("Make the script double-check the region", False),
        ("Make sure everyone reads the runbook", True),
        ("Make sure that the lock is released", False),
    ],
)
def test_vigilance_of_people_is_told_from_that_of_machines(text, counts):
    assert bool(words(item(text), "ACT010")) is counts


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Monitor everything", True),
        ("Raise the quota of etcd", False),
        ("Add retries, timeouts, etc.", True),
        ("Keep watching the lag", True),
        ("Keep watching the lag until 1 June", False),
        ("Keep two replicas", False),
    ],
)
def test_an_item_without_bounds_is_found(text, counts):
    assert bool(words(item(text), "ACT014")) is counts


@pytest.mark.parametrize(
    ("line", "count"), [("- Improve alerting", 1), ("- Improve alerting ([#12](https://example.org/12))", 0)]
)
def test_in_another_template_an_item_with_an_issue_may_be_vague(line, count):
    text = f"# The queue\n\n## Action Items\n\n{line}\n"
    assert len(list(_RULES["ACT008"].check(Page("2026-03-03-queue.md", text), Facts()))) == count


def test_an_item_with_an_issue_is_read_in_the_standard_template():
    assert words(item("Improve monitoring ([#12](https://example.org/12))"), "ACT008") == ["Improve"]
