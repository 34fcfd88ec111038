"""Rules over one page: which run, how grave what they find is, in which order, and under what name."""

import pytest

from incidentctl.lint.diagnostic import Edit, Finding, Fix, Severity, Span
from incidentctl.lint.engine import lint_page
from incidentctl.lint.facts import Facts, HistoryFacts
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.rule import Applies, Asks, rule
from incidentctl.lint.suppressions import RULES as SUPPRESSIONS

TEXT = "# A title\n\nred\nblue red\nred\n"


def word_rule(code: str, word: str, severity: Severity = Severity.WARNING, **options):
    """A rule that finds a word, wherever a line begins with it."""

    def check(page, facts):
        """A word."""
        for number, line in enumerate(page.lines, 1):
            if line.startswith(word):
                yield Finding(Span(number, 1, number, len(word) + 1), f"{word} is here")

    return rule(code, f"{word}-{code.lower()}", severity, **{"applies": Applies.BOTH, **options})(check)


def lint(*rules, text: str = TEXT, facts: Facts = Facts(), **options):
    options = {"kind": PageKind.POSTMORTEM, "severity_of": lambda each: each.severity, **options}
    severity_of = options.pop("severity_of")
    return lint_page(Page("a.md", text), facts, rules, severity_of, **options)


def found(linted) -> list[tuple[str, int]]:
    return [(each.code, each.span.line) for each in linted.diagnostics]


def test_findings_are_in_the_order_of_the_document_and_then_of_codes():
    assert found(lint(word_rule("TST002", "red"), word_rule("TST001", "blue"), word_rule("TST001", "red"))) == [
        ("TST001", 3),
        ("TST002", 3),
        ("TST001", 4),
        ("TST001", 5),
        ("TST002", 5),
    ]


def test_a_rule_reads_only_the_kinds_of_file_that_it_is_for():
    ours = word_rule("TST001", "red", applies=Applies.POSTMORTEM)
    theirs = word_rule("TST002", "red", applies=Applies.INCIDENT)
    assert {code for code, _ in found(lint(ours, theirs))} == {"TST001"}
    assert {code for code, _ in found(lint(ours, theirs, kind=PageKind.INCIDENT))} == {"TST002"}


@pytest.mark.parametrize(
    ("level", "codes"),
    [
        (Severity.ERROR, {"TST001"}),
        (Severity.WARNING, {"TST001", "TST002"}),
        (Severity.INFO, {"TST001", "TST002", "TST003"}),
    ],
)
def test_what_is_below_the_level_does_not_run(level, codes):
    rules = [
        word_rule("TST001", "red", Severity.ERROR),
        word_rule("TST002", "red", Severity.WARNING),
        word_rule("TST003", "red", Severity.INFO),
        word_rule("TST004", "red", Severity.OFF),
    ]
    assert {code for code, _ in found(lint(*rules, level=level))} == codes


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        (Severity.INFO, Severity.ERROR, Severity.INFO),
        (Severity.ERROR, Severity.WARNING, Severity.WARNING),
        (Severity.OFF, Severity.ERROR, None),
    ],
    ids=["milder", "never graver than set", "off"],
)
def test_a_finding_may_be_milder_than_its_rule(own, given, expected):
    def check(page, facts):
        """One."""
        yield Finding(Span(1, 1, 1, 2), "here", severity=own)

    linted = lint(rule("TST001", "one", given)(check))
    assert [each.severity for each in linted.diagnostics] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("asks", "facts"),
    [
        (Asks.HISTORY, Facts(history=HistoryFacts())),
        (Asks.FILES, Facts(exists=lambda target: True)),
        (Asks.HISTORY | Asks.FILES, Facts(history=HistoryFacts(), exists=lambda target: True)),
    ],
    ids=["history", "files", "both"],
)
def test_a_rule_that_lacks_what_it_asks_for_is_skipped_and_never_passed(asks, facts):
    asking = word_rule("TST001", "red", asks=asks)
    assert lint(asking).skipped == ("TST001",)
    assert found(lint(asking)) == []
    assert lint(asking, facts=facts).skipped == ()
    assert len(found(lint(asking, facts=facts))) == 2
    assert lint(asking, severity_of=lambda each: Severity.OFF).skipped == ()


def test_rules_about_wording_do_not_read_another_language_which_is_asked_once():
    asked = []

    def is_english(page):
        asked.append(page.path)
        return False

    rules = [word_rule("TST001", "red", is_wording=True), word_rule("TST002", "red", is_wording=True)]
    linted = lint(*rules, word_rule("TST003", "red"), is_english=is_english)
    assert {code for code, _ in found(linted)} == {"TST003"}
    assert (linted.is_english, asked) == (False, ["a.md"])
    assert lint(word_rule("TST003", "red"), is_english=is_english).is_english
    assert asked == ["a.md"]


def test_equal_findings_have_names_of_their_own_that_no_line_number_changes():
    one = word_rule("TST001", "red")
    prints = [each.fingerprint for each in lint(one).diagnostics]
    assert len(set(prints)) == 2
    assert [each.fingerprint for each in lint(one, text="\n\n" + TEXT).diagnostics] == prints
    assert [each.fingerprint for each in lint(word_rule("TST002", "red")).diagnostics] != prints
    assert [each.fingerprint for each in lint(one, baseline_path="b.md").diagnostics] != prints


def test_a_finding_with_a_key_is_named_by_it_whatever_its_line_says():
    def check(page, facts):
        """One."""
        yield Finding(Span(3, 1, 3, 2), "here", key="Impact")

    keyed = rule("TST001", "one", Severity.ERROR)(check)
    assert lint(keyed).diagnostics[0].fingerprint == lint(keyed, text="# B\n\nother\n").diagnostics[0].fingerprint


def test_the_line_is_shown_without_what_must_not_be_repeated():
    secret = "red hunter2\n"
    linted = lint(word_rule("TST001", "red"), text=secret, mask=lambda text: text.replace("hunter2", "*******"))
    assert linted.diagnostics[0].line_text == "red *******"
    plain = lint(word_rule("TST001", "red"), text=secret)
    assert plain.diagnostics[0].fingerprint == linted.diagnostics[0].fingerprint


def test_a_suppression_is_used_up_only_by_what_runs():
    text = "<!-- incidentctl: ignore TST001, TST002, tst009 -- a -->\nred\n"
    off = word_rule("TST002", "red", Severity.OFF)
    linted = lint(word_rule("TST001", "red"), off, *SUPPRESSIONS, text=text)
    assert linted.suppressed == 1
    assert [each.message for each in linted.diagnostics] == ["nothing here is suppressed by tst009: take it out"]


def test_a_finding_behind_the_last_line_has_a_place_all_the_same():
    def check(page, facts):
        """One."""
        yield Finding(Span(99, 1, 99, 1), "behind", Fix("add", (Edit(0, 0, "x"),)))

    (only,) = lint(rule("TST001", "one", Severity.ERROR)(check)).diagnostics
    assert (only.line_text, only.span.line) == ("", 99)


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "---\n", "<!--", "```", "\x00"], ids=repr)
def test_every_rule_reads_the_least_of_texts(text):
    from incidentctl.lint.catalogue import RULES

    for kind in PageKind:
        lint(*RULES, text=text, kind=kind, severity_of=lambda each: Severity.ERROR)
