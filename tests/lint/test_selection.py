"""Which rules run and how grave they are: catalogue, settings, status, place, command line."""

import pytest

from incidentctl.config.parse import parse_settings
from incidentctl.errors import UsageError
from incidentctl.lint.catalogue import RULES
from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.rule import Asks, Rule
from incidentctl.lint.selection import Chosen, level_of, select_rules, split_words

ERROR, WARNING, INFO, OFF = Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.OFF


def made(code, name, severity, **more):
    return Rule(
        code=code,
        name=name,
        severity=severity,
        check=lambda page, facts: (),
        eased_in_draft=code[:3] in ("STR", "ACT") and code != "STR013",
        **more,
    )


CATALOGUE = (
    made("STR001", "missing-section", ERROR, eased_elsewhere=True),
    made("STR009", "thin-section", WARNING),
    made("STR013", "draft-for-merge", ERROR),
    made("HDR003", "bad-date", ERROR),
    made("ACT001", "none", ERROR, eased_elsewhere=True),
    made("ACT005", "overdue", WARNING, asks=Asks.TODAY),
    made("ACT011", "no-tracker", OFF),
    made("ACT012", "no-type", INFO),
    made("BLM001", "human-error-as-cause", WARNING, is_wording=True),
    made("BLM006", "hindsight", OFF, is_wording=True),
    made("BLM010", "animated-language", INFO, is_wording=True, preview=True),
    made("RCA002", "person-as-cause", WARNING, is_wording=True),
    made("FRS001", "postmortem-missing", WARNING, asks=Asks.TODAY, preview=True),
)
BY_DEFAULT = {
    "STR001": ERROR,
    "STR009": WARNING,
    "STR013": ERROR,
    "HDR003": ERROR,
    "ACT001": ERROR,
    "ACT005": WARNING,
    "ACT012": INFO,
    "BLM001": WARNING,
    "RCA002": WARNING,
}


def settings_of(text):
    settings, problems = parse_settings(text, file_name="incidentctl.toml")
    assert problems == ()
    return settings.lint


def chosen_of(words):
    """`--select A,B --ignore C` as the command line gives it."""
    given: dict[str, tuple[str, ...]] = {"select": (), "extend_select": (), "ignore": ()}
    parts = words.split()
    for option, value in zip(parts[::2], parts[1::2], strict=True):
        given[option.removeprefix("--").replace("-", "_")] += (value,)
    return Chosen(given["select"], given["extend_select"], given["ignore"])


def running(text="", words="", *, path="a.md", status=None, is_eased=False, preview=False):
    """The severities of the rules that run for one document."""
    chosen = chosen_of(words)
    if preview:
        chosen = Chosen(chosen.select, chosen.extend_select, chosen.ignore, preview=True)
    selection = select_rules(CATALOGUE, settings_of(text), chosen)
    found = selection.severities(path, status, is_eased=is_eased)
    assert set(found) == {rule.code for rule in CATALOGUE}
    awake = {code: severity for code, severity in found.items() if severity is not OFF}
    assert set(awake) <= {rule.code for rule in selection.rules}
    for rule in selection.rules:
        if rule.code in awake:
            assert selection.may_run(rule, awake[rule.code])
    return awake


class TestTheCatalogue:
    def test_what_is_on_runs_with_its_severity(self):
        assert running() == BY_DEFAULT

    def test_the_real_one_runs_what_is_on(self):
        found = select_rules(RULES).severities("a.md", "final")
        assert {code for code, severity in found.items() if severity is not OFF} == {
            rule.code for rule in RULES if rule.is_on
        }

    @pytest.mark.parametrize("status", ["draft", "Draft"])
    def test_in_a_draft_errors_of_form_and_follow_up_are_warnings_and_contradictions_stay_errors(self, status):
        expected = BY_DEFAULT | {"STR001": WARNING, "ACT001": WARNING}
        assert running(status=status) == expected

    @pytest.mark.parametrize("status", ["in_review", "final", "whatever", None])
    def test_at_every_other_status_the_catalogue_holds(self, status):
        assert running(status=status) == BY_DEFAULT

    def test_what_another_template_has_not_promised_is_info(self):
        assert running(is_eased=True) == BY_DEFAULT | {"STR001": INFO, "ACT001": INFO}


class TestWords:
    @pytest.mark.parametrize(
        ("words", "codes"),
        [
            ("--select STR009", {"STR009"}),
            ("--select str009", {"STR009"}),
            ("--select thin-section", {"STR009"}),
            ("--select Thin-Section", {"STR009"}),
            ("--select STR", {"STR001", "STR009", "STR013"}),
            ("--select STR009,HDR", {"STR009", "HDR003"}),
            ("--select STR009 --select HDR", {"STR009", "HDR003"}),
            ("--select ALL", set(BY_DEFAULT)),
            ("--ignore STR --ignore ACT,BLM,RCA002", {"HDR003"}),
            ("--select STR --ignore STR009", {"STR001", "STR013"}),
            ("--select STR --extend-select ACT001", {"STR001", "STR009", "STR013", "ACT001"}),
            ("--extend-select no-tracker", {*BY_DEFAULT, "ACT011"}),
            ("--extend-select FRS", {*BY_DEFAULT, "FRS001"}),
        ],
    )
    def test_codes_names_and_families_choose_rules(self, words, codes):
        assert set(running("", words)) == codes

    @pytest.mark.parametrize(
        ("words", "codes"),
        [
            ("--select ALL --ignore STR --extend-select STR009", {*BY_DEFAULT} - {"STR001", "STR013"}),
            ("--select STR009 --ignore STR", {"STR009"}),
            ("--select STR --ignore ALL", {"STR001", "STR009", "STR013"}),
            ("--select STR009 --ignore STR009", set()),
            ("--ignore ALL --extend-select HDR003", {"HDR003"}),
        ],
    )
    def test_the_closest_word_counts_and_of_equal_ones_the_ignoring_one(self, words, codes):
        assert set(running("", words)) == codes

    @pytest.mark.parametrize(
        ("words", "message", "hint"),
        [
            ("--select STR0O1", "--select names no rule: 'STR0O1'", "did you mean 'STR001'?"),
            ("--ignore thin-secton", "--ignore names no rule: 'thin-secton'", "did you mean 'thin-section'?"),
            ("--extend-select STR001,QQQ", "--extend-select names no rule: 'QQQ'", "`incidentctl rule` lists them all"),
            ("--select str-1", "--select names no rule: 'str-1'", "did you mean 'STR001'?"),
        ],
    )
    def test_a_word_of_the_command_line_that_names_no_rule_is_an_error_with_what_was_meant(self, words, message, hint):
        with pytest.raises(UsageError) as caught:
            select_rules(CATALOGUE, chosen=chosen_of(words))
        assert caught.value.message == message
        assert caught.value.hint == hint

    def test_in_the_settings_such_a_word_says_nothing(self):
        assert running('[lint]\nignore = ["NOPE", "HDR"]') == {
            code: severity for code, severity in BY_DEFAULT.items() if code != "HDR003"
        }

    def test_words_are_split_at_commas(self):
        assert split_words(("a, b", "c,,")) == ("a", "b", "c")


class TestPreviewAndOff:
    def test_a_rule_in_preview_runs_where_it_or_its_family_is_selected(self):
        assert "BLM010" not in running()
        assert "BLM010" not in running("", "--select ALL")
        assert running("", "--extend-select animated-language")["BLM010"] is INFO
        assert running("", "--select BLM") == {"BLM001": WARNING, "BLM010": INFO}

    def test_preview_switches_all_of_them_on_but_none_that_is_off(self):
        assert set(running(preview=True)) == {*BY_DEFAULT, "BLM010", "FRS001"}
        assert set(running("[lint]\npreview = true")) == {*BY_DEFAULT, "BLM010", "FRS001"}
        assert set(running("[lint]\npreview = true\nselect = ['ALL']")) == {*BY_DEFAULT, "BLM010", "FRS001"}

    def test_a_rule_that_is_off_runs_only_where_it_is_named_itself_and_is_a_warning(self):
        assert "BLM006" not in running("", "--select BLM")
        assert running("", "--select BLM006") == {"BLM006": WARNING}
        assert running('[lint]\nextend_select = ["hindsight"]')["BLM006"] is WARNING


class TestSettings:
    def test_a_severity_is_by_code_name_or_family_and_the_closest_counts(self):
        text = '[lint.severity]\nSTR = "info"\nthin-section = "error"\nALL = "warning"'
        found = running(text)
        assert (found["STR001"], found["STR009"], found["HDR003"]) == (INFO, ERROR, WARNING)

    def test_off_switches_a_rule_off_and_a_severity_of_its_own_switches_one_on(self):
        found = running('[lint.severity]\nSTR009 = "off"\nACT = "off"\nBLM006 = "info"\nBLM010 = "warning"')
        assert set(found) == {"STR001", "STR013", "HDR003", "BLM001", "BLM006", "BLM010", "RCA002"}
        assert (found["BLM006"], found["BLM010"]) == (INFO, WARNING)

    def test_a_familys_severity_wakes_no_rule(self):
        found = running('[lint.severity]\nBLM = "error"')
        assert found["BLM001"] is ERROR
        assert {"BLM006", "BLM010"}.isdisjoint(found)

    @pytest.mark.parametrize("level", ["error", "warning", "info"])
    def test_blame_sets_the_severity_of_wording(self, level):
        found = running(f'[lint]\nblame = "{level}"')
        assert found == BY_DEFAULT | {"BLM001": Severity(level), "RCA002": Severity(level)}

    def test_blame_off_switches_wording_off_but_for_a_rule_with_a_severity_of_its_own(self):
        assert {"BLM001", "RCA002"}.isdisjoint(running('[lint]\nblame = "off"'))
        found = running('[lint]\nblame = "off"\nseverity = { BLM001 = "info", BLM = "error" }')
        assert found["BLM001"] is INFO
        assert "RCA002" not in found

    def test_wording_is_an_error_only_where_that_is_asked_for(self):
        assert running('[lint.severity]\nALL = "error"')["BLM001"] is WARNING
        assert running('[lint.severity]\nBLM001 = "error"')["BLM001"] is ERROR

    def test_what_depends_on_today_is_never_an_error(self):
        found = running('[lint.severity]\nALL = "error"\nACT005 = "error"\nFRS001 = "error"')
        assert (found["ACT005"], found["FRS001"]) == (WARNING, WARNING)

    def test_select_takes_the_place_of_the_catalogues_choice(self):
        assert set(running('[lint]\nselect = ["STR", "no-tracker"]\nignore = ["STR009"]')) == {
            "STR001",
            "STR013",
            "ACT011",
        }

    def test_a_severity_does_not_undo_that_a_rule_is_ignored(self):
        assert "STR009" not in running('[lint]\nignore = ["STR009"]\nseverity = { STR009 = "error" }')


class TestStatusAndPlace:
    TEXT = """
[lint.status.draft]
ignore = ["HDR"]
severity = { STR001 = "error" }

[[lint.path]]
paths = ["old/**"]
ignore = ["STR", "ACT"]
extend_select = ["STR009"]

[[lint.path]]
paths = ["old/kept.md"]
extend_select = ["STR001", "no-tracker"]
severity = { HDR003 = "info", BLM = "error" }
"""

    def test_a_status_has_what_is_set_for_it_and_may_undo_that_drafts_are_eased(self):
        found = running(self.TEXT, status="draft")
        assert "HDR003" not in found
        assert (found["STR001"], found["ACT001"]) == (ERROR, WARNING)
        assert running(self.TEXT, status="final") == BY_DEFAULT

    def test_a_place_has_what_is_set_for_it_and_the_last_one_that_says_something_holds(self):
        assert set(running(self.TEXT, path="old/a.md")) == {"STR009", "HDR003", "BLM001", "RCA002"}
        found = running(self.TEXT, path="old/kept.md")
        assert set(found) == {"STR001", "STR009", "HDR003", "ACT011", "BLM001", "RCA002"}
        assert (found["HDR003"], found["BLM001"], found["ACT011"]) == (INFO, ERROR, WARNING)
        assert running(self.TEXT, path="new/a.md") == BY_DEFAULT

    def test_a_severity_in_general_does_not_undo_that_drafts_are_eased(self):
        assert running('[lint.severity]\nSTR001 = "error"', status="draft")["STR001"] is WARNING

    def test_the_same_document_is_asked_for_twice(self):
        selection = select_rules(CATALOGUE, settings_of(self.TEXT))
        assert selection.severities("old/a.md", "x") is selection.severities("old/b.md", "y")


class TestTheCommandLine:
    TEXT = '[lint]\nselect = ["HDR"]\nignore = ["STR009"]\n[[lint.path]]\npaths = ["old"]\nignore = ["STR"]\nextend_select = ["ACT"]'

    def test_select_takes_the_place_of_what_the_settings_select_and_ignore(self):
        assert set(running(self.TEXT, "--select STR")) == {"STR001", "STR009", "STR013"}

    def test_what_is_ignored_at_a_place_stays_ignored_but_for_a_rule_that_is_named(self):
        assert set(running(self.TEXT, "--select STR,HDR", path="old/a.md")) == {"HDR003"}
        assert set(running(self.TEXT, "--select STR001,HDR", path="old/a.md")) == {"STR001", "HDR003"}

    def test_a_place_wakes_nothing_that_was_not_selected(self):
        assert set(running(self.TEXT, path="old/a.md")) == {"HDR003", "ACT001", "ACT005", "ACT012"}
        assert set(running(self.TEXT, "--select HDR", path="old/a.md")) == {"HDR003"}

    def test_what_it_ignores_no_place_wakes(self):
        assert set(running(self.TEXT, "--ignore ACT", path="old/a.md")) == {"HDR003"}

    def test_extend_select_and_ignore_add_to_the_settings(self):
        assert set(running(self.TEXT, "--extend-select STR --ignore STR013")) == {"STR001", "HDR003"}
        assert set(running(self.TEXT, "--extend-select STR009")) == {"STR009", "HDR003"}

    def test_severities_of_the_settings_hold_for_what_it_selects_and_a_named_rule_that_is_off_runs(self):
        text = '[lint.severity]\nSTR001 = "info"\nSTR009 = "off"'
        assert running(text, "--select STR") == {"STR001": INFO, "STR013": ERROR}
        assert running(text, "--extend-select STR009")["STR009"] is WARNING

    def test_a_named_rule_is_not_eased_for_another_template(self):
        assert running("", "--select STR001", is_eased=True) == {"STR001": ERROR}
        assert running("", "--select STR", is_eased=True)["STR001"] is INFO

    def test_what_is_selected_for_one_run_is_shown_whatever_its_severity(self):
        set_to = settings_of('[lint]\nlevel = "error"')
        assert level_of(None, set_to, chosen_of("--select STR")) is INFO
        assert level_of(WARNING, set_to, chosen_of("--select STR")) is WARNING
        assert level_of(None, set_to, chosen_of("--extend-select STR")) is ERROR
