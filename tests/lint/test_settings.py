"""The settings of the linter against what the linter knows."""

from incidentctl.config.keys import FIELDS, LEVELS, SECTIONS, STATUSES
from incidentctl.config.parse import parse_settings
from incidentctl.document.section_names import Role, own_names
from incidentctl.lint.catalogue import RULES
from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.header import Field
from incidentctl.lint.page import Page
from incidentctl.lint.settings import labels_of, wrong_words


def settings_of(text):
    settings, problems = parse_settings(text, file_name="incidentctl.toml")
    assert problems == ()
    return settings.lint


def problems_of(text):
    return [str(problem) for problem in wrong_words(settings_of(text), RULES, text)]


def test_the_words_of_the_settings_are_those_of_the_linter():
    assert tuple(role.value for role in Role) == SECTIONS
    assert tuple(field.value for field in Field) == FIELDS
    assert tuple(severity.value for severity in Severity) == LEVELS
    assert STATUSES == ("draft", "in_review", "final")


def test_settings_that_name_rules_and_nothing_else_have_no_problem():
    text = (
        '[lint]\nselect = ["ALL", "STR", "str009, no-owner"]\nseverity = { BLM = "error", X001 = "info" }\n'
        '[lint.status.draft]\nignore = ["ACT"]\n[[lint.path]]\npaths = ["x"]\nignore = ["X"]\n'
        '[[lint.custom]]\ncode = "X001"\npattern = "x"\nmessage = "y"\n'
    )
    assert problems_of(text) == []
    assert problems_of("") == []


def test_a_word_that_names_no_rule_is_told_with_its_place_and_what_was_meant():
    text = """\
[lint]
select = ["STR",
  "STRR"]
ignore = ["STR001", "STR0O9, thin-secton"]

[lint.severity]
BLMX = "error"

[lint.status.in-review]
extend_select = ["qqqqqqqq"]

[[lint.path]]
paths = ["x"]

[[lint.path]]
paths = ["y"]
severity = { ACT022 = "off" }
"""
    assert problems_of(text) == [
        "incidentctl.toml:3:3: [lint] select names no rule: 'STRR' (did you mean 'STR'?)",
        "incidentctl.toml:4:21: [lint] ignore names no rule: 'STR0O9' (did you mean 'STR009'?)",
        "incidentctl.toml:4:21: [lint] ignore names no rule: 'thin-secton' (did you mean 'thin-section'?)",
        "incidentctl.toml:7:1: [lint] severity names no rule: 'BLMX' (did you mean 'BLM'?)",
        "incidentctl.toml:10:18: [lint.status.in_review] extend_select names no rule: 'qqqqqqqq' "
        "(`incidentctl rule` lists them all)",
        "incidentctl.toml:17:14: [[lint.path]] severity names no rule: 'ACT022' (did you mean 'ACT012'?)",
    ]


def test_a_rule_of_ones_own_that_cannot_run_is_told_once_and_not_as_unknown():
    text = (
        '[lint]\nignore = ["X001"]\n[[lint.custom]]\ncode = "X001"\npattern = "(a+)+"\nmessage = "y"\n'
        '[[lint.custom]]\ncode = "X002"\nname = "no-owner"\npattern = "a"\nmessage = "y"\n'
    )
    pattern, name = problems_of(text)
    assert pattern.startswith("incidentctl.toml:5:11: [[lint.custom]] pattern may take too long")
    assert name == "incidentctl.toml:9:8: [[lint.custom]] name is the name of ACT002: no-owner"


def test_without_the_text_a_problem_is_told_without_a_place():
    settings = settings_of('[lint]\nignore = ["NOPE"]')
    (problem,) = wrong_words(settings, RULES)
    assert (problem.line, problem.column) == (1, 1)
    (problem,) = wrong_words(settings, RULES, "this = is = no toml")
    assert problem.message == "[lint] ignore names no rule: 'NOPE'"


def test_own_headings_are_found_however_they_are_marked_up():
    aliases = own_names(
        settings_of('[lint.aliases]\n":fire: What broke?" = "impact"\n"Who did it" = "response"').aliases
    )
    page = Page("a.md", "# T\n\n## 3. **What broke?**\n\nx\n\n## who did it\n\ny\n", aliases=aliases)
    assert [section.role for section in page.sections] == [Role.IMPACT, Role.RESPONSE]
    assert not page.sections[0].heading.is_alias


def test_own_labels_are_found_in_the_header_and_in_front_matter():
    labels = labels_of(settings_of('[lint.labels]\n"Written down by:" = "author"\nfirst-alert = "detected_at"'))
    page = Page("a.md", "---\nfirst-alert: 2026-05-14T10:02:00Z\n---\n\n# T\n\nWritten  Down by: @ann\n", labels=labels)
    assert {value.field: value.raw for value in page.header.values} == {
        Field.DETECTED: "2026-05-14T10:02:00Z",
        Field.AUTHOR: "@ann",
    }


def test_without_any_there_are_none():
    assert own_names(settings_of("").aliases) is None
    assert labels_of(settings_of("")) is None
