"""Comments that answer a finding in the document."""

import pytest

from incidentctl.lint.diagnostic import Finding, Severity, Span
from incidentctl.lint.engine import lint_page
from incidentctl.lint.facts import Facts
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.rule import Applies, rule
from incidentctl.lint.suppressions import RULES as SUPPRESSION_RULES


@rule("TST001", "bad-word", Severity.WARNING, applies=Applies.BOTH)
def bad_word(page, facts):
    """The word "bad"."""
    for number, line in enumerate(page.lines, 1):
        column = line.find("bad")
        if column >= 0 and "bad-word" not in line:
            yield Finding(Span(number, column + 1, number, column + 4), "bad is bad")


@rule("TST002", "other-rule", Severity.OFF, applies=Applies.BOTH)
def other_rule(page, facts):
    """Does not run."""
    yield from ()


def lint(text: str, *, level: Severity = Severity.INFO):
    rules = (bad_word, other_rule, *SUPPRESSION_RULES)
    return lint_page(
        Page("a.md", text), Facts(), rules, lambda rule: rule.severity, kind=PageKind.POSTMORTEM, level=level
    )


def codes(text: str) -> list[tuple[str, int]]:
    return [(each.code, each.span.line) for each in lint(text).diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        "<!-- incidentctl: ignore TST001 -- a quotation -->\nbad\n",
        "<!-- incidentctl: ignore bad-word -- a quotation -->\nbad\n",
        "<!-- incidentctl: ignore tst001 -- a quotation -->\n\n\nbad\n",
        "<!--incidentctl:ignore TST001--reason-->\nbad\n",
        "bad <!-- incidentctl: ignore TST001 -- here -->\n",
        "<!-- incidentctl: ignore TST001, TST003 -- a -->\nbad\n",
        "<!-- incidentctl: ignore TST001 -- a -->\r\nbad\r\n",
    ],
    ids=["code", "name", "blank lines between", "no spaces", "same line", "several", "crlf"],
)
def test_a_suppressed_finding_is_counted_and_not_shown(text):
    result = lint(text)
    assert result.suppressed == 1
    assert [each for each in result.diagnostics if each.code == "TST001"] == []


def test_two_comments_in_a_row_speak_of_the_same_line():
    text = "<!-- incidentctl: ignore TST001 -- a -->\n<!-- incidentctl: ignore TST002 -- b -->\nbad\n"
    assert codes(text) == []


def test_only_the_next_line_is_meant():
    text = "<!-- incidentctl: ignore TST001 -- a -->\nbad\nbad again\n"
    assert codes(text) == [("TST001", 3)]


def test_a_whole_file_is_meant_by_ignore_file():
    text = "<!-- incidentctl: ignore-file TST001 -- an old document -->\n\nbad\n\nbad\n"
    assert codes(text) == []


def test_a_suppression_of_nothing_is_a_finding_with_a_fix_that_takes_its_line_out():
    text = "one\n\n<!-- incidentctl: ignore TST001 -- a -->\ngood\n"
    (found,) = lint(text).diagnostics
    assert (found.code, found.span.line) == ("SUP001", 3)
    (edit,) = found.fix.edits
    assert text[: edit.start] + edit.text + text[edit.end :] == "one\n\ngood\n"


def test_of_several_words_only_the_unused_one_is_named():
    text = "<!-- incidentctl: ignore TST001, SUP002 -- a -->\nbad\n"
    (found,) = lint(text).diagnostics
    assert found.code == "SUP001"
    assert "SUP002" in found.message
    assert found.span.column == text.index("SUP002") + 1
    assert found.fix is None


def test_a_rule_that_did_not_run_is_not_said_to_be_unused():
    assert codes("<!-- incidentctl: ignore TST002 -- a -->\ngood\n") == []


def test_a_word_that_names_no_rule_is_unused():
    assert codes("<!-- incidentctl: ignore NOPE99 -- a -->\ngood\n") == [("SUP001", 1)]


def test_a_comment_without_a_rule_suppresses_nothing_and_says_so():
    assert codes("<!-- incidentctl: ignore -->\nbad\n") == [("SUP002", 1), ("TST001", 2)]


def test_a_comment_without_a_reason_is_info():
    (found,) = lint("<!-- incidentctl: ignore TST001 -->\nbad\n").diagnostics
    assert (found.code, found.severity) == ("SUP003", Severity.INFO)


def test_comments_in_code_say_nothing():
    text = "```\n<!-- incidentctl: ignore TST001 -- a -->\n```\n\nbad\n"
    assert codes(text) == [("TST001", 5)]


def test_rules_below_the_level_do_not_run():
    assert lint("bad\n", level=Severity.ERROR).diagnostics == ()
