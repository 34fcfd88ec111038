"""The keys, the header and the sections of a post-mortem: what is read, and that a write changes nothing else."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.document.postmortem import (
    DocumentStatus,
    duration_words,
    header_line,
    read_postmortem,
    read_status,
    set_keys,
)
from incidentctl.document.section_names import Role, own_names
from incidentctl.errors import RefusedError
from tests.strategies import texts

ID = "2026-05-14-checkout-latency"
TEXT = f"""---
incident: {ID}
status: draft   # not yet
authors: [ann, "@bob"]
reviewers: [cem, Ann]
root_cause: pool-size
weather: rain
---

# Checkout latency

**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

## Summary

Checkouts were slow. <!-- say more -->

## What went well:

<!--
Nothing yet.
-->
"""


def test_what_a_document_says_of_itself_is_read() -> None:
    read = read_postmortem(TEXT)
    assert (read.title, read.incident, read.status) == ("Checkout latency", ID, DocumentStatus.DRAFT)
    assert (read.authors, read.reviewers, read.outside_reviewers) == (("ann", "bob"), ("cem", "Ann"), ("cem",))
    assert (read.root_cause, read.published_at) == ("pool-size", None)
    assert read.header == {"date": "2026-05-14", "severity": "SEV1", "duration": "2h 8m", "author": "@ann"}


def test_the_words_of_a_section_are_without_comments() -> None:
    read = read_postmortem(TEXT.replace("\n", "\r\n"))
    assert read.words_of(Role.SUMMARY) == "Checkouts were slow."
    assert read.words_of(Role.WENT_WELL) == ""
    assert read.words_of(Role.LUCK) == ""


def test_a_section_is_found_by_any_of_its_names_and_by_the_teams_own() -> None:
    read = read_postmortem("# T\n\n## 2. **User impact**\n\nHalf.\n\n## Ce qui a cassé\n\nLa base.\n")
    assert read.words_of(Role.IMPACT) == "Half."
    assert read.words_of(Role.ROOT_CAUSE) == ""
    assert read.words_of(Role.ROOT_CAUSE, own_names({"ce qui a cassé": "root_cause"})) == "La base."


@pytest.mark.parametrize(
    ("word", "status"),
    [("final", DocumentStatus.FINAL), ("In review", DocumentStatus.IN_REVIEW), ("in-review", DocumentStatus.IN_REVIEW)],
)
def test_a_status_is_read_as_people_spell_it(word: str, status: DocumentStatus) -> None:
    assert read_status(word) is status
    assert read_status(f"{word} soon") is None


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_setting_keys_changes_their_bytes_alone(newline: str, mark: str) -> None:
    text = mark + TEXT.replace("\n", newline)
    after = set_keys(text, {"status": "final", "published_at": "2026-05-19T09:00:00Z"})
    expected = text.replace("status: draft", "status: final").replace(
        f"weather: rain{newline}", f"weather: rain{newline}published_at: 2026-05-19T09:00:00Z{newline}"
    )
    assert after == expected
    assert set_keys(after, {"published_at": None, "status": "draft"}) == text


def test_a_text_without_front_matter_is_given_one() -> None:
    after = set_keys("# An outage\n\n## Summary\n", {"status": "in_review"}, incident=ID)
    assert after == f"---\nincident: {ID}\nstatus: in_review\n---\n\n# An outage\n\n## Summary\n"


def test_front_matter_that_is_broken_is_named_and_left_alone() -> None:
    with pytest.raises(RefusedError, match="line 4: the front matter is broken YAML"):
        set_keys("---\nincident: x\nstatus: [a\n---\n\n# T\n", {"status": "final"})


@given(texts)
def test_any_text_can_be_read_and_be_given_a_status(text: str) -> None:
    read_postmortem(text)
    try:
        after = set_keys(text, {"status": "in_review"}, incident=ID)
    except RefusedError:
        return
    assert read_postmortem(after).status is DocumentStatus.IN_REVIEW


@given(st.integers(0, 10_000_000))
def test_a_duration_is_hours_and_minutes_however_long_it_was(seconds: int) -> None:
    hours, minutes = duration_words(timedelta(seconds=seconds)).removesuffix("m").split("h ")
    assert int(hours) * 60 + int(minutes) == seconds // 60 and int(minutes) < 60


def test_the_header_is_one_line_that_is_read_back() -> None:
    line = header_line(day=date(2026, 5, 14), severity="SEV1", duration="2h 8m", authors=["ann", "bob"])
    assert line == "**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann, @bob"
    assert read_postmortem(f"# T\n\n{line}\n").header == {
        "date": "2026-05-14",
        "severity": "SEV1",
        "duration": "2h 8m",
        "author": "@ann, @bob",
    }
