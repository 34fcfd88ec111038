"""The scale of severity: its words, the escalation rule, and which of two is more severe."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.errors import UsageError
from incidentctl.incident.policy import DEFAULT_SCALE, CommanderRule, ResponseHours, Scale, Severity

WORDS = st.text(st.sampled_from("sevSEV1234Pp-/?. –critalmjno,:→*@\n\x1b"), max_size=14)


def test_the_standing_scale_is_that_of_the_process():
    assert DEFAULT_SCALE.names == ("SEV1", "SEV2", "SEV3", "SEV4")
    sev1, sev2, sev3, sev4 = DEFAULT_SCALE
    assert (sev1.response, sev2.response) == (timedelta(minutes=15), timedelta(minutes=30))
    assert (sev3.response, sev3.response_hours) == (timedelta(hours=4), ResponseHours.BUSINESS)
    assert (sev1.update_every, sev2.update_every) == (timedelta(minutes=30), timedelta(minutes=60))
    assert (sev1.status_page, sev1.management, sev1.bridge) == (timedelta(minutes=15), timedelta(minutes=15), True)
    assert (sev1.commander, sev2.commander) == (CommanderRule.REQUIRED, CommanderRule.HINT)
    assert [each.postmortem for each in DEFAULT_SCALE] == [True, True, False, False]
    assert (sev1.postmortem_within, sev2.postmortem_within) == (5, 5)
    assert sev4.ticket
    assert sev4.response is None


@pytest.mark.parametrize(
    "word", ["SEV1", "sev1", "Sev 1", "sev-1", "sev_1", "1", "P1", "p1", "critical", "Critical", " 1 "]
)
def test_a_severity_answers_to_its_name_aliases_and_title_in_any_case(word):
    assert DEFAULT_SCALE.find(word) is DEFAULT_SCALE.severities[0]
    assert DEFAULT_SCALE.parse_given(word) == (DEFAULT_SCALE.severities[0], None)


@pytest.mark.parametrize("word", ["", "0", "5", "12", "1-2", "SEV", "sev11", "²"])
def test_what_is_not_on_the_scale_is_not_found(word):
    assert DEFAULT_SCALE.find(word) is None


@pytest.mark.parametrize(
    ("words", "name", "given_as"),
    [
        ("1-2", "SEV1", "1-2"),
        ("2-3", "SEV2", "2-3"),
        ("3-2", "SEV2", "3-2"),
        ("sev2-sev3", "SEV2", "sev2-sev3"),
        ("sev2-3", "SEV2", "sev2-3"),
        ("2/3", "SEV2", "2/3"),
        ("2–3", "SEV2", "2–3"),
        ("2..3", "SEV2", "2..3"),
        ("2 - 3", "SEV2", "2-3"),
        ("minor/major", "SEV2", "minor/major"),
        ("sev2?", "SEV2", "sev2?"),
        ("sev 2 ?", "SEV2", "sev2?"),
        ("2-3?", "SEV2", "2-3?"),
        ("1-4", "SEV1", "1-4"),
    ],
)
def test_uncertain_severity_is_taken_up_and_keeps_the_words_it_was_given_in(words, name, given_as):
    given_severity = DEFAULT_SCALE.parse_given(words)
    assert given_severity.severity.name == name
    assert given_severity.given_as == given_as


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("", "the severity is empty", "write one of SEV1, SEV2, SEV3, SEV4"),
        ("SEV0", "'SEV0' is not on the scale SEV1, SEV2, SEV3, SEV4", "did you mean SEV"),
        ("critcal", "'critcal' is not on the scale SEV1, SEV2, SEV3, SEV4", "did you mean SEV1?"),
        ("2-9", "'2-9' is not on the scale SEV1, SEV2, SEV3, SEV4", "write one of them, or, in doubt, a range of two"),
        ("bad", "'bad' is not on the scale SEV1, SEV2, SEV3, SEV4", "write one of them, or, in doubt, a range of two"),
        ("?", "'?' is not on the scale SEV1, SEV2, SEV3, SEV4", "write one of them, or, in doubt, a range of two"),
    ],
)
def test_an_unknown_severity_is_refused_with_the_scale(words, message, hint):
    with pytest.raises(UsageError) as caught:
        DEFAULT_SCALE.parse_given(words)
    assert caught.value.message == message
    assert (caught.value.hint or "").startswith(hint)
    assert caught.value.candidates == ("SEV1", "SEV2", "SEV3", "SEV4")


@given(WORDS)
def test_any_words_are_a_severity_or_refused_and_what_is_kept_fits_the_record(words):
    try:
        severity, given_as = DEFAULT_SCALE.parse_given(words)
    except UsageError as error:
        assert error.message.isprintable()
        return
    assert severity in DEFAULT_SCALE.severities
    assert given_as is None or not any(each in given_as for each in " ,:→*@\n\x1b")


def test_a_range_is_its_more_severe_end_in_either_order():
    for a, b in product(DEFAULT_SCALE.names, repeat=2):
        severest = DEFAULT_SCALE.more_severe(a, b)
        assert DEFAULT_SCALE.parse_given(f"{a}-{b}").severity.name == severest
        assert DEFAULT_SCALE.more_severe(b, a) == severest
        assert DEFAULT_SCALE.rank(severest) == min(DEFAULT_SCALE.rank(a), DEFAULT_SCALE.rank(b))


@given(
    st.sampled_from([*DEFAULT_SCALE.names, "P0", "old", "sev9"]),
    st.sampled_from([*DEFAULT_SCALE.names, "P0", "old", "sev9"]),
)
def test_which_is_more_severe_does_not_depend_on_the_order_even_off_the_scale(a, b):
    assert DEFAULT_SCALE.more_severe(a, b) == DEFAULT_SCALE.more_severe(b, a)


def test_a_name_from_an_older_scale_ranks_below_all_that_are_on_this_one():
    assert DEFAULT_SCALE.rank("blocker") == 4
    assert DEFAULT_SCALE.more_severe("blocker", "SEV4") == "SEV4"


class TestAScaleOfTheTeamsOwn:
    scale = Scale((Severity("red-alert", aliases=("major, bad",)), Severity("S1"), Severity("S2"), Severity("S12")))

    def test_a_bare_number_is_the_one_name_that_ends_in_it(self):
        assert [self.scale.find(word) for word in ("1", "2", "12")] == list(self.scale)[1:]

    def test_a_name_with_a_dash_is_a_name_and_can_be_the_end_of_a_range(self):
        assert self.scale.parse_given("red-alert") == (self.scale.severities[0], None)
        assert self.scale.parse_given("S1-red-alert").severity.name == "red-alert"
        assert self.scale.parse_given("red-alert - S2").given_as == "red-alert-S2"

    def test_words_that_the_record_cannot_hold_are_kept_by_their_names(self):
        assert self.scale.parse_given("major, bad?").given_as == "red-alert?"
        assert self.scale.parse_given("major, bad/S1").given_as == "red-alert-S1"
