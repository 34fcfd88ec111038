"""What is learned from an archive, and the table that says it."""

from datetime import date

import pytest

from incidentctl.config.lint_settings import LintSettings
from incidentctl.config.parse import parse_settings
from incidentctl.document.section_names import Role
from incidentctl.errors import RefusedError
from incidentctl.lint.adoption import learn, with_lint_table
from incidentctl.lint.catalogue import RULES
from incidentctl.lint.page import Page

TODAY = date(2026, 11, 24)


def document(day, *, parts=("Overview", "Impact", "Timeline", "Follow-ups"), header="Noticed on: 2025-03-%02d"):
    sections = "".join(f"## :gear: {part}\n\nThe cache was full for two hours.\n\n" for part in parts)
    return f"# Cache outage {day}\n\n{header % day if '%' in header else header}\n\n{sections}"


def archive(*texts, folder="docs/outages"):
    pages = [Page(f"{folder}/2025-03-{day:02}-cache.md", text) for day, text in enumerate(texts, 1)]
    return [*pages, Page(f"{folder}/README.md", "# Outages\n\nAll of them.\n")]


def settings_of(text):
    settings, problems = parse_settings(text, file_name="incidentctl.toml")
    assert problems == ()
    return settings.lint


FIVE = [document(day) for day in range(1, 6)]


def test_what_was_learned_is_what_its_table_says():
    found = {page.path: ["ACT002"] for page in archive(*FIVE)}
    learned = learn(archive(*FIVE), TODAY, baseline=".incidentctl-baseline.json", found=found, rules=RULES)
    assert settings_of(learned.text) == learned.settings
    assert learned.documents == 5


def test_it_knows_where_post_mortems_are_and_what_is_none_of_them():
    assert learn(archive(*FIVE), TODAY).settings.include == ("docs/outages/**/*.md",)
    assert learn(archive(*FIVE), TODAY).settings.exclude == ("docs/outages/README.md",)
    assert learn(archive(*FIVE, folder="."), TODAY).settings.include == ("**/*.md",)
    spread = [Page(f"{year}/{month}/2025-03-01-x.md", FIVE[0]) for year in (2024, 2025) for month in (1, 2)]
    assert learn(spread, TODAY).settings.include == ("**/*.md",)
    odd = [Page("a [x]/2025-03-01.markdown", FIVE[0])]
    assert learn(odd, TODAY).settings.include == ("a [[]x]/**/*.markdown",)


@pytest.mark.parametrize(("missing", "is_required"), [(0, True), (1, True), (2, False)])
def test_a_section_that_four_of_five_have_is_required(missing, is_required):
    texts = [document(day, parts=("Overview", "Impact")) for day in range(1, 6 - missing)]
    texts += [document(day, parts=("Overview",)) for day in range(6 - missing, 6)]
    required = learn(archive(*texts), TODAY).settings.required
    assert required == (("summary", "impact") if is_required else ("summary",))


def test_the_archives_own_names_of_sections_become_aliases_and_count_as_the_standard_ones():
    settings = learn(archive(*FIVE), TODAY).settings
    assert settings.aliases == {":gear: Overview": "summary", ":gear: Follow-ups": "action_items"}
    few = [document(day, parts=("Overview" if day < 4 else "Summary",)) for day in range(1, 6)]
    assert learn(archive(*few), TODAY).settings.aliases == {}


def test_a_label_of_its_own_is_learned_where_its_values_can_be_only_one_thing():
    assert learn(archive(*FIVE), TODAY).settings.labels == {"Noticed on": "date"}
    mixed = [*FIVE[:4], document(5, header="Noticed on: the fifth")]
    assert learn(archive(*mixed), TODAY).settings.labels == {}
    length = [document(day, header="Pain lasted: 2h 5m") for day in range(1, 6)]
    assert learn(archive(*length), TODAY).settings.labels == {"Pain lasted": "duration"}
    known = [document(day, header=f"Date: 2025-03-0{day}\nNoticed on: 2025-03-01") for day in range(1, 6)]
    assert learn(archive(*known), TODAY).settings.labels == {}


def test_a_rule_that_finds_something_in_four_of_five_is_not_the_archives_way():
    pages = archive(*FIVE)
    found = {
        page.path: ["STR001", "ACT002", "TML003"] if number < 4 else ["TML003"] for number, page in enumerate(pages[:5])
    }
    found[pages[4].path] = []
    assert learn(pages, TODAY, found=found).settings.severity == {"ACT002": "info", "TML003": "info"}
    found[pages[0].path] = []
    assert learn(pages, TODAY, found=found).settings.severity == {}


def test_two_documents_say_too_little_to_ease_a_rule():
    pages = archive(*FIVE[:2])
    assert learn(pages, TODAY, found={page.path: ["ACT002"] for page in pages}).settings.severity == {}


def test_an_archive_without_post_mortems_teaches_nothing():
    learned = learn([Page("README.md", "# Hello\n")], TODAY)
    assert (learned.documents, learned.text, learned.settings) == (0, "", LintSettings())


def test_the_table_says_why_and_how_older_incidents_are_left_alone():
    text = learn(archive(*FIVE), TODAY, baseline="b.json").text
    assert "from 5 post-mortems on 2026-11-24" in text
    assert "# Of 5 have one: Summary 5, Impact 5, Timeline 5, Root Cause 0" in text
    assert "\n# since = 2026-11-24\n" in text
    assert "date in the file name (5)" in text
    assert settings_of(text.replace("# since", "since")).since == TODAY


def test_counts_are_by_section_and_by_place_in_the_header():
    learned = learn(archive(*FIVE), TODAY)
    assert learned.has[Role.TIMELINE] == 5
    assert ("date", "file name") in {(field.value, source.value) for field, source in learned.header}


def test_hostile_headings_give_a_table_that_can_be_read():
    texts = [
        document(day, header='"""\\: 2h\n').replace("Overview", 'Sum\\mary" # \x07 summary') for day in range(1, 6)
    ]
    learned = learn(archive(*texts), TODAY)
    parse_settings(learned.text, file_name="x")
    assert parse_settings(learned.text, file_name="x")[0].lint.include == learned.settings.include


class TestTheFile:
    TABLE = '[lint]\nlevel = "info"\n'

    def test_the_table_goes_behind_what_stands_there(self):
        assert with_lint_table("", self.TABLE) == self.TABLE
        text = with_lint_table("[store]\nbranch = 'x'", self.TABLE)
        assert text == "[store]\nbranch = 'x'\n\n" + self.TABLE
        assert settings_of(text).level == "info"

    def test_it_has_the_line_endings_of_the_file(self):
        text = with_lint_table("[store]\r\nbranch = 'x'\r\n", self.TABLE)
        assert text.count("\r\n") == text.count("\n")

    @pytest.mark.parametrize("standing", ["[lint]\n", "lint.level = 'info'\n", "[[lint.custom]]\n"])
    def test_a_table_that_is_there_is_never_replaced(self, standing):
        with pytest.raises(RefusedError, match="already"):
            with_lint_table(standing, self.TABLE)

    def test_a_file_that_is_no_toml_is_left_alone(self):
        with pytest.raises(RefusedError, match="not TOML"):
            with_lint_table("[store\n", self.TABLE)
