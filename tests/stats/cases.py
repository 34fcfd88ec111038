"""Incidents for the tests of the figures, in as few words as a sentence takes."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from incidentctl.incident.entries import Status
from incidentctl.stats.case import Case, Fact, Source
from incidentctl.stats.question import Question
from incidentctl.stats.report import Period

ALL_HISTORY = Period(None, None, "all history", "UTC")
EVERYTHING = Question(period=ALL_HISTORY)


def utc(text: str) -> datetime:
    """`2026-05-14 10:05` or a day alone, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def facts(times: Mapping[str, str | datetime], path: str = "") -> dict[str, Fact]:
    """Facts of the record, by key."""
    return {key: Fact(utc(at) if isinstance(at, str) else at, Source(path=path)) for key, at in times.items()}


def asking(**changes: Any) -> Question:
    """All of history, with these changes."""
    return replace(EVERYTHING, **changes)


def case(slug: str = "checkout", declared: str = "2026-05-14 10:00", **changes: Any) -> Case:
    """An incident that was declared, detected and acknowledged at one moment, and is resolved an hour later; with these changes.

    `times` adds to the times, or takes out with `None`; `minutes` gives them as minutes after the declaration.
    """
    at = utc(declared)
    given: dict[str, Any] = {
        "declared_at": at,
        "detected_at": at,
        "acknowledged_at": at,
        "mitigated_at": at + timedelta(minutes=30),
        "resolved_at": at + timedelta(minutes=60),
    }
    given |= {key: at + timedelta(minutes=minutes) for key, minutes in changes.pop("minutes", {}).items()}
    given |= changes.pop("times", {})
    first = changes.pop("first_times", {})
    severity = changes.pop("severity", "SEV2")
    values: dict[str, Any] = {
        "id": f"{at:%Y-%m-%d}-{slug}",
        "path": f"incidents/{at:%Y}/{at:%m}/{at:%Y-%m-%d}-{slug}.md",
        "title": slug.capitalize(),
        "status": Status.RESOLVED,
        "severity_declared": severity,
        "severity_peak": severity,
        "severity_final": severity,
        "times": facts({key: value for key, value in given.items() if value is not None}),
        "first_times": facts(first),
    }
    return Case(**(values | changes))
