"""What waits for somebody: post-mortems that are missing or late, drafts that stand still, incidents that nobody ends."""

from datetime import UTC, datetime
from typing import Any

import pytest

from incidentctl.incident.calendar import Calendar
from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.facts import HistoryFacts, PostmortemFacts
from incidentctl.lint.page import Page
from incidentctl.lint.rules.freshness import RULES
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, PATH, believed, facts

BY_CODE = {rule.code: rule for rule in RULES}
OPEN = "".join(
    line for line in INCIDENT.splitlines(keepends=True) if "resolved_at" not in line and "**Resolved**" not in line
)
OPEN = OPEN.replace("status: resolved", "status: mitigated")


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


def found(code: str, text: str = INCIDENT, **known):
    page = Page(INCIDENT_PATH, text)
    return list(BY_CODE[code].check(page, facts(**({"incident": believed(text)} | known))))


def pointed_at(text, finding):
    line = text.split("\n")[finding.span.line - 1]
    return line[finding.span.column - 1 : finding.span.end_column - 1]


def test_none_is_ever_more_than_a_warning() -> None:
    assert {rule.severity for rule in RULES} == {Severity.WARNING}


# Resolved on Thursday, 14 May 2026: five business days later is Thursday, 21 May.


def test_a_post_mortem_is_missing_once_its_day_is_over() -> None:
    assert found("FRS001", has_postmortem=False, now=at(21, 23)) == []
    [finding] = found("FRS001", has_postmortem=False, now=at(22))
    assert "2026-05-21" in finding.message
    assert pointed_at(INCIDENT, finding) == "2026-05-14T12:10:00Z"


def test_holidays_of_the_calendar_count() -> None:
    calendar = Calendar(holidays=frozenset({at(15).date()}))
    assert found("FRS001", has_postmortem=False, now=at(22), calendar=calendar) == []
    assert len(found("FRS001", has_postmortem=False, now=at(23), calendar=calendar)) == 1


@pytest.mark.parametrize("known", [{"has_postmortem": True}, {"has_postmortem": None}])
def test_one_that_is_there_or_was_not_looked_for_is_not_missing(known: dict[str, Any]) -> None:
    assert found("FRS001", now=at(29), **known) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("services:", "drill: true\nservices:"),
        ("SEV1", "SEV3"),
        ("SEV1", "HIGH"),
    ],
    ids=["an exercise", "a minor incident", "a severity that is not on the scale"],
)
@pytest.mark.parametrize("code", ["FRS001", "FRS002"])
def test_where_none_is_asked_for_none_is_missing_or_late(code: str, old: str, new: str) -> None:
    known = (
        {"has_postmortem": False, "postmortem": None}
        if code == "FRS001"
        else {"postmortem": PostmortemFacts(PATH, "draft")}
    )
    assert len(found(code, now=at(29), **known)) == 1
    assert found(code, INCIDENT.replace(old, new), now=at(29), **known) == []


def test_a_false_alarm_needs_no_post_mortem() -> None:
    line = "- 2026-05-14T12:20:00Z **Canceled** false_alarm — @ann <!-- e:005f6v -->\n"
    assert found("FRS001", INCIDENT + line, has_postmortem=False, now=at(29)) == []


def test_an_open_incident_has_no_day_for_it_yet() -> None:
    assert found("FRS001", OPEN, has_postmortem=False, now=at(29)) == []


def test_a_post_mortem_that_is_not_published_is_late_after_its_day() -> None:
    known: dict[str, Any] = {"postmortem": PostmortemFacts(PATH, "in_review")}
    assert found("FRS002", now=at(21), **known) == []
    [finding] = found("FRS002", now=at(22), **known)
    assert "'in_review'" in finding.message


@pytest.mark.parametrize("postmortem", [PostmortemFacts(PATH, "final"), PostmortemFacts(PATH, "draft", at(28)), None])
def test_a_post_mortem_that_is_published_is_never_late(postmortem: PostmortemFacts | None) -> None:
    assert found("FRS002", now=at(29), postmortem=postmortem) == []


@pytest.mark.parametrize("status", ["draft", "in_review", "in review"])
def test_a_draft_is_stale_after_two_weeks(status: str) -> None:
    text = COMPLETE.replace("status: final", f"status: {status}", 1)

    def stale(day: int):
        return found("FRS003", text, now=at(22), history=HistoryFacts(changed_at=at(day)))

    assert stale(8) == []
    [finding] = stale(7)
    assert "15 days" in finding.message
    assert pointed_at(text, finding) == status


def test_what_is_final_or_has_no_history_is_not_stale() -> None:
    assert found("FRS003", COMPLETE, now=at(29), history=HistoryFacts(changed_at=at(1))) == []
    draft = COMPLETE.replace("status: final", "status: draft", 1)
    assert found("FRS003", draft, now=at(29), history=HistoryFacts()) == []


def test_a_severe_incident_is_stuck_after_a_day_without_an_entry() -> None:
    assert found("FRS004", OPEN, now=at(15, 11)) == []
    [finding] = found("FRS004", OPEN, now=at(15, 13))
    assert pointed_at(OPEN, finding) == "mitigated"


def test_a_minor_one_after_a_week() -> None:
    minor = OPEN.replace("SEV1", "SEV3")
    assert found("FRS004", minor, now=at(20)) == []
    assert len(found("FRS004", minor, now=at(22))) == 1


@pytest.mark.parametrize(
    "text", [INCIDENT, OPEN.replace("SEV1", "SEV4"), OPEN.replace("services:", "drill: true\nservices:")]
)
def test_what_is_over_a_ticket_or_an_exercise_is_not_stuck(text: str) -> None:
    assert found("FRS004", text, now=at(29)) == []


def test_any_entry_is_a_sign_of_life() -> None:
    note = "- 2026-05-18T10:00:00Z still watching — @ann <!-- e:005f6z -->\n"
    assert found("FRS004", OPEN + note, now=at(19)) == []
