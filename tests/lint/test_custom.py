"""Rules of a team's own: what they find, where, and that no pattern and no document makes them slow."""

import pytest

from incidentctl.config.lint_settings import CustomRule
from incidentctl.lint.custom import WrongPatternError, custom_rules, read_custom_rules, ways_to_match
from incidentctl.lint.diagnostic import Severity, Span
from incidentctl.lint.page import Page
from incidentctl.lint.rule import Applies
from tests.growth import assert_grows_linearly
from tests.lint.documents import compose, facts


def rule(pattern, message="not here", **more):
    (made,) = custom_rules([CustomRule("X001", pattern, message, "no-such-words", **more)])
    return made


def found(pattern, text, message="not here", **more):
    page = Page("a.md", text)
    return [
        (finding.span.line, finding.span.column, finding.message)
        for finding in rule(pattern, message, **more).check(page, facts())
    ]


def test_it_says_its_message_at_each_place_with_what_was_found():
    text = "# Title\n\n## Impact\n\nSoon we act, and soon is no date.\n\n- a list says soon\n"
    assert found(r"(?i)\bsoon\b", text, "{match} is no date") == [
        (5, 1, "'Soon' is no date"),
        (5, 18, "'soon' is no date"),
        (7, 15, "'soon' is no date"),
    ]


def test_the_span_is_what_matched():
    page = Page("a.md", "# Title\n\n## Impact\n\nit is *ASAP* then\n")
    (finding,) = rule("ASAP").check(page, facts())
    assert finding.span == Span(5, 8, 5, 12)


def test_it_looks_in_headings_tables_and_quotes_and_not_in_front_matter_code_and_comments():
    text = (
        "---\nnote: hero\n---\n# hero\n\n> a hero\n\n| hero | b |\n| --- | --- |\n| x | hero |\n\n"
        "```\nhero\n```\n\n    hero\n\n<!-- hero -->\n\nno <!-- hero --> one\n"
    )
    assert [line for line, _, _ in found("hero", text)] == [4, 6, 8, 10]


def test_a_section_limits_it():
    document = compose("## Action Items\n\n- [ ] Alert next quarter — owner: @ann — due: 2026-06-01\n")
    document = document.replace("## Root Cause\n", "## Root Cause\n\nIt was known for a quarter.\n")
    assert len(found("quarter", document)) > 1
    lines = document.split("\n")
    (only,) = found("quarter", document, section="action_items")
    assert lines[only[0] - 1].startswith("- [ ] Alert next quarter")


def test_its_severity_code_name_and_kind_of_document_are_as_set():
    made = rule("x", severity="error", applies="both")
    assert (made.code, made.name, made.severity, made.family) == ("X001", "no-such-words", Severity.ERROR, "X")
    assert made.applies is Applies.BOTH
    assert rule("x").applies is Applies.POSTMORTEM


def test_its_page_says_what_it_looks_for():
    words = rule("next quarter", "{match} is no date").words
    assert words.summary == "What was found is no date"
    assert "`next quarter`" in words.why
    assert "[[lint.custom]]" in words.source


@pytest.mark.parametrize(
    "pattern",
    [
        "asap",
        r"(?i)\b(?:asap|soon|tbd)\b",
        "a.*b",
        r"\w{1,40}\s{1,3}\w{1,20}",
        "(?:foo|bar)+x",
        r"(?:https?://)?jira\.x",
        "(?<!no )hero",
        "^x$",
    ],
)
def test_patterns_whose_time_is_bounded_are_taken(pattern):
    assert ways_to_match(pattern) >= 1


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a|a)*b",
        "(?:a|ab|b)+c",
        "(?i)(?:sa|\u017fa)+b",
        "a?" * 30 + "a" * 30,
        "(?:x{0,50}){0,50}y",
        ".*a.*b",
        r"(\w+\s?)*$x",
        "(?=(a+)+b)a",
    ],
)
def test_patterns_that_may_take_too_long_are_refused_with_what_to_write(pattern):
    with pytest.raises(WrongPatternError, match="too long") as caught:
        ways_to_match(pattern)
    assert ".{0,40}" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "is no regular expression: missing ), unterminated subpattern at position 0"),
        ("[", "is no regular expression: unterminated character set at position 0"),
        ("(" * 250, "is no regular expression"),
        ("a{1,99999999999999}", "is no regular expression: the repetition number is too large"),
        ("x*", "matches where nothing stands, so everywhere"),
        ("^", "matches where nothing stands, so everywhere"),
        (r"(a)\1", "refers back to a group, which takes too long"),
        (r"(a)?b(?(1)c|d)", "refers back to a group, which takes too long"),
    ],
)
def test_what_is_no_pattern_or_finds_everything_is_refused(pattern, message):
    with pytest.raises(WrongPatternError) as caught:
        ways_to_match(pattern)
    assert caught.value.message.startswith(message)


def test_a_rule_that_cannot_run_is_told_and_the_others_run():
    given = [
        CustomRule("X001", "(a+)+", "m", "a-b"),
        CustomRule("X002", "x", "m", "c-d"),
        CustomRule("X003", "x", "m", "e-f"),
    ]
    taken = custom_rules([CustomRule("X009", "y", "m", "e-f")])
    rules, faults = read_custom_rules(given, taken)
    assert [each.code for each in rules] == ["X002"]
    assert [(fault.number, fault.key) for fault in faults] == [(0, "pattern"), (2, "name")]
    assert faults[1].message == "is the name of X009: e-f"


class TestHostileDocuments:
    @pytest.mark.parametrize("pattern", ["a.*b", "(?:foo|bar)+x", r"\w{1,60}\s{1,4}\w{1,20}z", r"(?i)[^x]*x"])
    @pytest.mark.parametrize("words", ["a", "foo", "w \n", " ", "a b "])
    def test_the_time_of_a_pattern_that_is_taken_is_linear_in_the_text(self, pattern, words):
        def read_page(size):
            page = Page("a.md", f"# T\n\n## Impact\n\n{(words * size)[:size]}x\n")
            assert page.blocks
            return page

        assert_grows_linearly(read_page, lambda page: list(rule(pattern).check(page, facts())), 4_500)

    @pytest.mark.parametrize("pattern", ["a.*b", "(?:foo|bar)+x", r"\w{1,60}\s{1,4}\w{1,20}z", r"(?i)[^x]*x"])
    @pytest.mark.parametrize("words", ["a", "foo", "w \n", "a b "])
    def test_of_a_text_of_megabytes_only_the_beginning_is_searched(self, pattern, words):
        page = Page("a.md", f"# T\n\n## Impact\n\n{words * (1_000_000 // len(words))}\n")
        *_, last = rule(pattern).check(page, facts())
        assert "the search of this rule ends here" in last.message

    def test_where_the_search_ends_is_said(self):
        text = "# T\n\n## Impact\n\n" + "no end here\n\n" * 30_000 + "a b\n"
        findings = list(rule("a.*b").check(Page("a.md", text), facts()))
        assert [finding.severity for finding in findings] == [Severity.INFO]
        assert "the search of this rule ends here" in findings[0].message

    def test_a_long_line_is_searched_to_its_end_and_each_place_is_told_once(self):
        line = "word " * 300 + "hero " + "word " * 158 + "hero" + " word" * 500 + " hero"
        assert [column for _, column, _ in found("hero", f"# T\n\n{line}\n")] == [1501, 2296, len(line) - 3]

    def test_the_end_of_a_part_is_not_the_end_of_the_line(self):
        assert found("a$", "# T\n\n" + "a" * 2500 + "\n") == [(3, 2500, "not here")]
