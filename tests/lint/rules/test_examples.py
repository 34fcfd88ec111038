"""Each rule's page is true: its bad example has the finding and no other grave one, its good example has not."""

from datetime import UTC, date, datetime

import pytest

from incidentctl.lint.catalogue import FAMILIES, RULES
from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.engine import lint_page
from incidentctl.lint.facts import HistoryFacts, PostmortemFacts
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.rule import Applies
from tests.lint.documents import COMPLETE, ID, PATH, believed, compose, facts

_CODES = [rule.code for rule in RULES]
_BY_CODE = {rule.code: rule for rule in RULES}
_SUPPRESSIONS = ("SUP001",)


def found(text: str, *codes: str, **known):
    """The codes that a document gets; those named are on though they may be off."""
    is_incident = text.startswith("---\nid:")
    page = Page(PATH, text)
    if is_incident:
        name = page.value("id") or ID
        page = Page(f"incidents/{name[:4]}/{name[5:7]}/{name}.md", text)
    severity = {code: max_of(rule, codes) for code, rule in _BY_CODE.items()}
    beside = {"history": HistoryFacts(), "status": page.value("status")} | known
    if is_incident:
        beside["incident"] = believed(text)
    result = lint_page(
        page,
        facts(**beside),
        RULES,
        lambda rule: severity[rule.code],
        kind=PageKind.INCIDENT if is_incident else PageKind.POSTMORTEM,
    )
    return [(diagnostic.code, diagnostic.severity, diagnostic.message) for diagnostic in result.diagnostics]


def max_of(rule, codes) -> Severity:
    """A rule that is asked for is on, whatever the catalogue says; the others only where they are on by default."""
    if rule.code in codes:
        return rule.severity if rule.severity is not Severity.OFF else Severity.WARNING
    return rule.severity if rule.is_on else Severity.OFF


def test_the_complete_post_mortem_is_without_any_finding():
    assert found(COMPLETE) == []


@pytest.mark.parametrize("code", _CODES)
def test_the_bad_example_has_the_finding(code):
    rule = _BY_CODE[code]
    if not rule.words.bad:
        pytest.fail(f"{code} shows no bad example")
    text = compose(rule.words.bad)
    findings = found(text, code, **rule_facts(code))
    assert code in {each[0] for each in findings}, f"{findings}\n{text}"


@pytest.mark.parametrize("code", _CODES)
def test_the_bad_example_has_no_other_grave_finding(code):
    rule = _BY_CODE[code]
    others = [
        each
        for each in found(compose(rule.words.bad), code, **rule_facts(code))
        if each[0] != code and each[1] is not Severity.INFO and each[0] not in rule.words.notes
    ]
    assert others == []


@pytest.mark.parametrize("code", _CODES)
def test_the_good_example_has_not_the_finding(code):
    rule = _BY_CODE[code]
    if not rule.words.good:
        pytest.fail(f"{code} shows no good example")
    text = compose(rule.words.good)
    assert code not in {each[0] for each in found(text, code, **rule_facts(code))}


def rule_facts(code):
    """What a rule's examples are seen with where the usual facts would not show its fault."""
    return EXAMPLE_FACTS.get(code, {})


EXAMPLE_FACTS: dict[str, dict[str, object]] = {
    "STR013": {"is_pull_request": True, "is_draft_pull_request": False},
    "LNK001": {"exists": lambda target: "images" not in target},
    "FRS001": {"has_postmortem": False, "postmortem": None},
    "FRS002": {"postmortem": PostmortemFacts(PATH, "in_review")},
    "FRS003": {"history": HistoryFacts(changed_at=datetime(2026, 5, 1, tzinfo=UTC))},
    "ACT016": {"history": HistoryFacts(due_dates={"7k2ps0": (date(2026, 6, 1), date(2026, 7, 1))})},
}


@pytest.mark.parametrize("code", _CODES)
def test_a_rule_says_what_it_does_why_and_where_that_comes_from(code):
    words = _BY_CODE[code].words
    assert words.summary.endswith(".")
    assert words.why
    assert words.source


def test_codes_and_names_are_unique_and_in_order_within_their_family():
    assert len({*_CODES}) == len(_CODES)
    assert len({rule.name for rule in RULES}) == len(RULES)
    for family in FAMILIES:
        own = [code for code in _CODES if code.startswith(family)]
        assert own == sorted(own)
    assert {rule.family for rule in RULES} == set(FAMILIES)


def test_no_rule_of_the_package_is_missing_from_the_catalogue():
    from importlib import import_module
    from pkgutil import iter_modules

    from incidentctl.lint import rules
    from incidentctl.lint.rule import Rule

    made = {
        value.code
        for module in iter_modules(rules.__path__)
        for value in vars(import_module(f"incidentctl.lint.rules.{module.name}")).values()
        if isinstance(value, Rule)
    }
    assert made <= set(_CODES)


def test_a_rule_for_incidents_reads_incidents():
    assert {rule.code for rule in RULES if rule.applies is Applies.INCIDENT} <= {
        code for code in _CODES if code.startswith(("PRC", "FRS", "TML", "HDR"))
    }
