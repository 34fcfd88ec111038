"""BLM: blame is told by a human subject in a section where blame is blame, and nowhere else."""

import pytest

from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.facts import Facts
from incidentctl.lint.page import Page
from incidentctl.lint.rules import blameless, wording
from tests.growth import assert_grows_linearly
from tests.lint.documents import COMPLETE, compose

_RULES = {rule.code: rule for rule in (*blameless.RULES, *wording.RULES)}
_PEOPLE = frozenset({"Mara Lind", "mlind", "Otto Weiss"})


def findings(fragment: str, code: str, people=_PEOPLE):
    """What one rule finds: the words at its place, and the severity."""
    text = compose(fragment)
    page = Page("postmortem.md", text)
    found = []
    for finding in _RULES[code].check(page, Facts(people=people)):
        start = page.offset(finding.span.line - 1, finding.span.column - 1)
        end = page.offset(finding.span.end_line - 1, finding.span.end_column - 1)
        found.append((text[start:end], finding.severity or _RULES[code].severity))
    return found


def words(fragment: str, code: str, people=_PEOPLE) -> list[str]:
    """The words that one rule finds."""
    return [found for found, _ in findings(fragment, code, people)]


@pytest.mark.parametrize("code", [rule.code for rule in blameless.RULES])
def test_every_page_says_that_no_finding_does_not_mean_blameless(code):
    assert "not mean blameless" in " ".join(_RULES[code].words.notes.split())


@pytest.mark.parametrize("code", [rule.code for rule in blameless.RULES])
def test_the_complete_document_has_no_finding(code):
    page = Page("postmortem.md", COMPLETE)
    assert list(_RULES[code].check(page, Facts())) == []


def test_a_finding_stands_at_its_words_across_lines_and_emphasis():
    fragment = "## Root Cause\n\nThe pool was small. The **on-call engineer** _forgot_\nto raise it.\n"
    assert words(fragment, "BLM002") == ["on-call engineer** _forgot"]


def test_the_message_asks_for_the_rewrite_and_shows_one():
    page = Page("postmortem.md", compose("## Root Cause\n\nThe engineer forgot the limit.\n"))
    [finding] = blameless.forgot.check(page, Facts())
    assert "“engineer forgot”" in finding.message
    assert "?" in finding.message
    assert "For example" in finding.message


SENTENCE = "The engineer forgot to raise the limit."


@pytest.mark.parametrize(
    "heading", ["Summary", "Root Cause", "Contributing Factors", "What Went Poorly", "Lessons Learned", "Five Whys"]
)
def test_blame_counts_in_causes_summary_and_what_went_poorly(heading):
    assert words(f"## {heading}\n\n{SENTENCE}\n", "BLM002") == ["engineer forgot"]


def test_blame_counts_in_action_items():
    fragment = "## Action Items\n\n- [ ] Raise the limit that the engineer forgot — owner: @ann — due: 2026-06-01\n"
    assert words(fragment, "BLM002") == ["engineer forgot"]


@pytest.mark.parametrize("heading", ["Timeline", "What Went Well", "Impact", "Appendix", "Chat log", "Resolution"])
def test_elsewhere_it_is_a_fact_or_praise(heading):
    assert words(f"## {heading}\n\n{SENTENCE}\n", "BLM002") == []


@pytest.mark.parametrize(
    "text",
    [
        f"> {SENTENCE}",
        f"```text\n{SENTENCE}\n```",
        f"    {SENTENCE}",
        f"`{SENTENCE}`",
        f'One of us said "{SENTENCE}"',
        f"One of us said “{SENTENCE}”",
        f"<!-- {SENTENCE} -->",
        f"![{SENTENCE}](a.png)",
        f"> > {SENTENCE}",
        f"- item\n\n  > {SENTENCE}",
        f"[10:31] <ann> {SENTENCE}",
        "[the guide](https://wiki.example/the-engineer-forgot)",
    ],
)
def test_code_quotations_comments_link_targets_and_chats_are_left_out(text):
    assert words(f"## Root Cause\n\nThe pool was small.\n\n{text}\n", "BLM002") == []


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("We forgot the limit.", "BLM002"),
        ("I did not check the limit.", "BLM003"),
        ("We accidentally removed the limit.", "BLM004"),
        ("We should have tested the limit.", "BLM005"),
        ("We need to be more careful with limits.", "BLM007"),
        ("We got sloppy with limits.", "BLM008"),
    ],
)
def test_what_authors_say_of_themselves_is_info(sentence, code):
    assert [severity for _, severity in findings(f"## What Went Poorly\n\n- {sentence}\n", code)] == [Severity.INFO]


@pytest.mark.parametrize(
    "sentence",
    [
        "The service failed to start.",
        "The primary failed over to the replica.",
        "Queues fail over, and they failed to do so.",
        "The reviewer bot did not check the label.",
        "The deployer service did not verify the image.",
        "The Kubernetes operator failed to update the status.",
        "The etcd-operator did not check its lease.",
        "The `operator` did not check its lease.",
        "The Zalando operator did not check its lease.",
        "The operator did not update the custom resource.",
        "The author field did not update.",
        "The engineer's script did not check the list.",
        "The engineer-facing page did not update.",
        "Our on-call rotation did not include the service.",
        "The team did not receive the page.",
        "The engineer did not check the lag, because the tool hides it.",
        "It is not that the engineer failed to check the lag.",
    ],
)
def test_a_service_that_fails_and_a_reason_that_is_given_are_no_blame(sentence):
    assert words(f"## Root Cause\n\n{sentence}\n", "BLM003") == []


def test_where_a_document_means_programs_by_its_operators_no_operator_is_a_person():
    blame = "The operator failed to check the lag."
    assert words(f"## Root Cause\n\n{blame}\n", "BLM003") != []
    assert words(f"## Root Cause\n\nThe operator pod restarted. {blame}\n", "BLM003") == []


@pytest.mark.parametrize(
    ("sentence", "counts"),
    [
        ("The engineer should have checked the limit.", True),
        ("The engineers saw the graph; they should have called.", True),
        ("We should have better monitoring.", False),
        ("Engineers should have access to the graph.", False),
        ("The team should have been paged.", False),
        ("The alert should have paged.", False),
        ("The engineers restarted the hosts; they should have joined.", False),
        ("We should have shared dashboards.", False),
        ("The engineer should have shared the dashboard.", True),
    ],
)
def test_a_plan_and_a_system_that_should_have_are_no_blame(sentence, counts):
    assert bool(words(f"## What Went Poorly\n\n- {sentence}\n", "BLM005")) is counts


@pytest.mark.parametrize(
    ("sentence", "people", "counts"),
    [
        ("Mara pushed the change.", _PEOPLE, True),
        ("Mara Lind pushed the change.", _PEOPLE, True),
        ("mlind pushed the change.", _PEOPLE, True),
        ("@stranger pushed the change.", frozenset(), True),
        ("@cleo pushed the change.", frozenset(), True),
        ("Cleo pushed the change.", frozenset(), True),  # a reviewer in the front matter
        ("Mara pushed the change.", frozenset(), False),
        ("Jenkins pushed the change.", _PEOPLE, False),
        ("The change by Otto Weiss removed the index.", _PEOPLE, True),
        ("Mara found the missing index.", _PEOPLE, False),
        ("`@mlind/tools` pushed the change.", _PEOPLE, False),
        ("The job mlind-ci pushed the change.", _PEOPLE, False),
        ("Amara pushed the change.", _PEOPLE, False),
    ],
)
def test_a_name_counts_where_it_is_known_and_never_by_its_capital_letter(sentence, people, counts):
    assert bool(words(f"## Root Cause\n\n{sentence}\n", "BLM009", people)) is counts


def test_owners_and_authors_of_the_document_are_known():
    fragment = (
        "**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: Ida Brandt, Uwe Roth\n\n"
        "## Root Cause\n\nUwe removed the index. Rosa Diaz deleted the copy.\n\n"
        "## Action Items\n\n- [ ] Add a copy — owner: Rosa Diaz — due: 2026-06-01\n"
    )
    assert words(fragment, "BLM009", frozenset()) == ["Uwe removed", "Rosa Diaz deleted"]


def test_names_are_no_finding_outside_causes():
    assert words("## What Went Poorly\n\n- Mara pushed the change.\n", "BLM009") == []


def test_one_sentence_that_blames_in_a_word_is_not_reported_for_its_name_as_well():
    fragment = "## Root Cause\n\nMara mistakenly deleted the index.\n"
    assert words(fragment, "BLM004") == ["Mara mistakenly deleted"]
    assert words(fragment, "BLM009") == []
    assert words(fragment, "RCA002") == []


def test_only_open_action_items_are_read():
    fragment = (
        "## Action Items\n\n- [x] Retrain the engineer — owner: @ann — done: 2026-06-01\n"
        "- [x] ~~Retrain the operator~~ — dropped: 2026-06-02\n"
    )
    assert words(fragment, "BLM012") == []


@pytest.mark.parametrize(
    "seed",
    [
        "engineer ",
        "the engineer who ",
        "the engineer of the ",
        "engineer running a ",
        "we ",
        "i ",
        "whoever ",
        "should have ",
        "mistakenly by ",
        "human error ",
        "why did the ",
        "@ann ",
        "it was ",
        "forgot",
        "- ",
    ],
)
def test_no_line_makes_a_rule_slow(seed):
    def read_page(size):
        line = (seed * size)[:size]
        page = Page(
            "postmortem.md",
            compose(f"## Root Cause\n\nThe engineer forgot. {line}\n\n## Action Items\n\n- [ ] {line}\n"),
        )
        assert page.sections
        assert page.action_items is not None
        return page

    assert_grows_linearly(read_page, check_all, 10_000)


def test_many_sentences_take_time_in_proportion():
    sentence = "The engineer of the team, who was new, did not see that we should have a pool. "
    assert_grows_linearly(
        lambda size: Page("postmortem.md", compose(f"## Root Cause\n\n{sentence * size}\n")), check_all, 100
    )


def check_all(page):
    for rule in _RULES.values():
        list(rule.check(page, Facts(people=_PEOPLE)))
