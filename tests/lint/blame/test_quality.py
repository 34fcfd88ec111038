"""The wording rules are as right as their pages say: measured on the labelled sentences."""

from collections import Counter
from functools import cache

import pytest

from incidentctl.lint.diagnostic import Severity
from tests.lint.blame.quality import (
    HEADINGS,
    KINDS,
    RULES,
    SETS,
    Labelled,
    Score,
    findings_of,
    measure,
    read_labelled,
    wilson,
)

_ON = [rule.code for rule in RULES if rule.is_on]


@cache
def _scores(name: str) -> dict[str, Score]:
    return measure(read_labelled(name))


@cache
def _sentences() -> tuple[Labelled, ...]:
    return tuple(sentence for name in SETS for sentence in read_labelled(name))


def test_every_label_is_a_section_a_kind_and_codes_that_exist():
    codes = {rule.code for rule in RULES}
    for sentence in _sentences():
        assert sentence.section in HEADINGS, sentence
        assert sentence.kind in KINDS, sentence
        assert sentence.codes <= codes, sentence
        assert sentence.text.strip() == sentence.text, sentence


def test_no_sentence_is_labelled_twice():
    counts = Counter((sentence.section, sentence.text) for sentence in _sentences())
    assert [place for place, count in counts.items() if count > 1] == []


def test_the_held_out_sentences_are_a_quarter_of_all_or_more():
    assert len(read_labelled("held_out")) * 4 >= len(_sentences())


@pytest.mark.parametrize("code", _ON)
def test_a_rule_that_is_on_is_right_nine_times_in_ten_on_twenty_findings_or_more(code):
    both = _scores("tuning")[code] + _scores("held_out")[code]
    assert both.findings >= 20
    assert both.precision >= 0.9


def test_on_sentences_that_no_rule_was_written_with_nine_findings_in_ten_are_right():
    together = Score()
    for code in _ON:
        together = together + _scores("held_out")[code]
    assert together.findings >= 100
    assert together.precision >= 0.9


@pytest.mark.parametrize("sentence", [s for s in _sentences() if s.infos], ids=lambda s: s.text[:40])
def test_what_authors_say_of_themselves_is_info(sentence):
    found = findings_of(sentence)
    for code in sentence.infos & found.keys():
        assert found[code] is Severity.INFO


@pytest.mark.parametrize(
    ("right", "total", "low", "high"), [(0, 0, 0.0, 1.0), (10, 10, 0.722, 1.0), (45, 50, 0.786, 0.957)]
)
def test_the_interval_is_that_of_wilson(right, total, low, high):
    assert wilson(right, total) == pytest.approx((low, high), abs=0.001)
