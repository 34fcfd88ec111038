"""A sender's words for how grave it is, and the level of the scale that they mean."""

import pytest

from incidentctl.alerts.severity import gravity_of
from incidentctl.incident.policy import DEFAULT_SCALE, Scale, Severity


@pytest.mark.parametrize(
    ("word", "level", "given_as"),
    [
        ("critical", "SEV1", None),
        ("P1", "SEV1", None),
        ("sev-2", "SEV2", None),
        ("page", "SEV2", "page"),
        ("Warning", "SEV3", "warning"),
        ("info", "SEV4", "info"),
        ("pagerduty-high", "SEV2", "high"),
        ("pagerduty-low", "SEV3", "low"),
        ("low", "SEV4", None),
        ("1-2", "SEV1", "1-2"),
    ],
)
def test_words_of_monitoring_mean_a_level(word: str, level: str, given_as: str | None) -> None:
    assert gravity_of([[word]], DEFAULT_SCALE, {}) == (level, given_as)


def test_of_several_alerts_the_most_severe_counts_each_by_its_first_word_that_is_known() -> None:
    assert gravity_of([["warning"], ["what", "page"], ["info", "critical"]], DEFAULT_SCALE, {}) == ("SEV2", "page")


def test_a_word_that_nobody_knows_decides_nothing() -> None:
    nothing: list[list[list[str]]] = [[], [[]], [["wat"]], [[""]], [["x" * 5_000]], [["**Resolved**"]]]
    for words in nothing:
        assert gravity_of(words, DEFAULT_SCALE, {}) is None


def test_the_settings_come_before_all_else() -> None:
    own = {"critical": "SEV3", "Low": "SEV2", "gone": "SEV9"}
    assert gravity_of([["Critical"]], DEFAULT_SCALE, own) == ("SEV3", "critical")
    assert gravity_of([["pagerduty-low"]], DEFAULT_SCALE, own) == ("SEV2", "low")
    assert gravity_of([["gone"]], DEFAULT_SCALE, own) is None


def test_a_scale_of_a_teams_own_has_its_names_and_aliases_alone() -> None:
    scale = Scale((Severity("RED", aliases=("page",)), Severity("YELLOW")))
    assert gravity_of([["page"]], scale, {}) == ("RED", None)
    assert gravity_of([["critical"], ["warning"]], scale, {}) is None
