"""`rule`: each rule is explained, offline and anywhere, and a wrong word leads to the right one."""

import re
from pathlib import Path

import pytest

from incidentctl.lint.catalogue import FAMILIES, RULES
from incidentctl.lint.rule import FixKind
from incidentctl.output.rule_pages import reference_pages, rule_as_text
from tests.conftest import Desk


@pytest.mark.parametrize("word", ["STR001", "str001", "missing-section", "Missing-Section"])
def test_a_rule_is_explained_by_its_code_or_its_name(desk: Desk, word: str) -> None:
    out = desk.ok("rule", word).out
    assert out.startswith("STR001 missing-section\n")
    titles = re.findall(r"^(Why|Bad|Good|Notes|Source|How it runs|To turn it off)$", out, re.MULTILINE)
    assert titles == ["Why", "Notes", "Bad", "Good", "Source", "How it runs", "To turn it off"]


def test_it_needs_no_repository(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert desk.ok("rule", "ACT002", cwd=tmp_path / "empty").out.startswith("ACT002 no-owner\n")


def test_several_are_explained_one_after_the_other(desk: Desk) -> None:
    out = desk.ok("rule", "STR001", "no-owner").out
    assert out.index("STR001 missing-section") < out.index("ACT002 no-owner")


@pytest.mark.parametrize("words", [(), ("--all",)])
def test_without_a_word_all_are_listed(desk: Desk, words: tuple[str, ...]) -> None:
    lines = desk.ok("rule", *words).out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [rule.code for rule in RULES]
    for family in dict.fromkeys(rule.family for rule in RULES):
        assert f"{family} {FAMILIES[family]}" in lines


def test_a_family_lists_its_rules(desk: Desk) -> None:
    out = desk.ok("rule", "blm").out
    assert set(re.findall(r"^  (\w+)", out, re.MULTILINE)) == {rule.code for rule in RULES if rule.family == "BLM"}


def test_in_a_terminal_the_list_is_as_wide_as_it(desk: Desk) -> None:
    desk.environ["COLUMNS"] = "80"
    for line in desk.ictl("rule", typed="").out.splitlines():
        assert len(line) <= 80


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("STR0001", "did you mean"),
        ("missing-secton", "did you mean missing-section?"),
        ("QQQQ", "`ictl rule` lists them all"),
        ("X001", "[[lint.custom]]"),
    ],
)
def test_a_word_that_names_no_rule_is_an_error_with_what_was_meant(desk: Desk, word: str, says: str) -> None:
    result = desk.ictl("rule", word)
    assert (result.code, result.out) == (2, "")
    assert word in result.err
    assert says in result.err


def test_for_programs_it_is_json_with_all_of_the_page(desk: Desk) -> None:
    data = desk.ok("rule", "STR001", "--json").json
    assert (data["kind"], data["schema_version"], len(data["rules"])) == ("rules", 1, 1)
    (rule,) = data["rules"]
    assert (rule["code"], rule["name"], rule["family"], rule["severity"]) == (
        "STR001",
        "missing-section",
        "STR",
        "error",
    )
    assert rule["on_by_default"] is True
    assert rule["bad"].startswith("## ")
    assert len(desk.ok("rule", "--format", "JSON").json["rules"]) == len(RULES)
    assert desk.ictl("rule", "--format", "xml").code == 2


def test_a_rule_on_blame_says_that_no_finding_does_not_mean_blameless() -> None:
    for rule in RULES:
        said = " ".join(rule_as_text(rule).split())
        assert "does not mean blameless" in said or rule.family != "BLM", rule.code


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_page_is_whole_and_no_wider_than_a_terminal_but_for_its_examples(rule) -> None:
    text = rule_as_text(rule, width=80)
    for line in text.splitlines():
        assert len(line) <= 80 or line.startswith("  | ") or " " not in line.strip() or "incidentctl: ignore" in line
    for title in ("Why", "Bad", "Good", "Source", "How it runs"):
        assert f"\n{title}\n" in text
    assert "(whole)" not in text


class TestTheReference:
    PAGES = reference_pages(RULES, FAMILIES, "<!-- made -->\n")

    def test_each_rule_has_a_page_and_a_line_in_the_catalogue_that_leads_to_it(self):
        assert set(self.PAGES) == {"README.md", *(f"{rule.code}.md" for rule in RULES)}
        for rule in RULES:
            assert f"| [{rule.code}]({rule.code}.md) | {rule.name} |" in self.PAGES["README.md"]
            assert self.PAGES[f"{rule.code}.md"].startswith(f"# {rule.code} {rule.name}\n\n<!-- made -->\n\n")

    def test_the_rows_of_the_catalogue_are_whole(self):
        rows = [line for line in self.PAGES["README.md"].splitlines() if line.startswith("|")]
        assert {line.replace("\\|", "").count("|") for line in rows} == {7}

    def test_the_examples_stand_in_fences_that_they_do_not_end(self):
        for rule in RULES:
            page = self.PAGES[f"{rule.code}.md"]
            fences = re.findall(r"^(`{3,})markdown$", page, re.MULTILINE)
            assert len(fences) == 2
            for fence in fences:
                assert page.count(f"\n{fence}\n") >= 1

    def test_what_can_be_mended_says_how(self):
        for rule in RULES:
            assert ("--fix" in self.PAGES[f"{rule.code}.md"].partition("## How it runs")[2]) == (
                rule.fix is not FixKind.NONE
            ), rule.code
