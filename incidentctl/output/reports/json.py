"""The format `json`: a report for programs. Durations in seconds, instants in UTC, `null` for what is not known, no word about a person."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from incidentctl.incident.times import format_instant
from incidentctl.output.json_text import as_large_json
from incidentctl.stats.case import ItemHistory
from incidentctl.stats.report import (
    MISLEADING,
    ActionItemFigure,
    Comparison,
    Counts,
    DataQuality,
    DurationFigure,
    Group,
    IncidentRow,
    Period,
    ProcessFigure,
    RepeatFigure,
    Report,
    Share,
    TrendPoint,
)


def report_as_json(report: Report) -> str:
    """The report as one JSON object of the kind `stats_report`, with a newline at its end."""
    return as_large_json(report_as_data(report)) + "\n"


def report_as_data(report: Report) -> dict[str, Any]:
    """The same as values. It begins with the incidents behind the numbers and ends with how the numbers mislead."""
    severe = set(report.severe_ids)
    return {
        "schema_version": 1,
        "kind": "stats_report",
        "period": _period(report.period),
        "compared_with": None if report.compared_with is None else _period(report.compared_with),
        "now": format_instant(report.now),
        "severity_at": report.severity_at,
        "occurrence": report.occurrence,
        "window": report.window,
        "filters": list(report.filters),
        "repositories": list(report.repositories),
        "severe": list(report.severe_ids),
        "incidents": [_incident(row, is_severe=row.id in severe) for row in report.rows],
        "metrics": _durations(report.durations),
        "trends": {name: [_trend(point) for point in points] for name, points in report.trends.items()},
        "counts": _counts(report.counts),
        "action_items": _action_items(report.action_items),
        "repeats": _repeats(report.repeats),
        "process": _process(report.process),
        "impact": [
            {
                "name": each.name,
                "total": _number(each.total),
                "unit": each.unit,
                "known": each.known,
                "of": each.of,
                "unread": list(each.unread),
            }
            for each in report.impact
        ],
        "group_by": report.group_by or None,
        "groups": [_group(each) for each in report.groups],
        "data_quality": _quality(report.quality),
        "unreadable": _unreadable(report.quality),
        "misleading": list(MISLEADING),
    }


def _number(value: float | None) -> float | None:
    """A figure; a whole one without its point, so that seconds are counted as one counts them."""
    return int(value) if value is not None and float(value).is_integer() else value


def _pair(interval: tuple[float, float] | None) -> list[float | None] | None:
    return None if interval is None else [_number(each) for each in interval]


def _at(at: datetime | None) -> str | None:
    return None if at is None else format_instant(at)


def _on(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _period(period: Period) -> dict[str, Any]:
    return {"since": _at(period.since), "until": _at(period.until), "title": period.title, "zone": period.zone}


def _incident(row: IncidentRow, *, is_severe: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "severity": row.severity,
        "severe": is_severe,
        "status": row.status,
        "repository": row.repository or None,
        "path": row.path,
        "services": list(row.services),
        "started_at": _at(row.started_at),
        "detected_at": _at(row.detected_at),
        "declared_at": _at(row.declared_at),
        "acknowledged_at": _at(row.acknowledged_at),
        "mitigated_at": _at(row.mitigated_at),
        "resolved_at": _at(row.resolved_at),
        "postmortem_published_at": _at(row.postmortem_published_at),
        "closed_at": _at(row.closed_at),
        "durations": {name: _number(row.durations.get(name)) for name in row.states},
        "states": {name: state.value for name, state in row.states.items()},
        "marks": list(row.marks),
    }


def _durations(figures: Sequence[DurationFigure]) -> dict[str, Any]:
    return {figure.name: _duration(figure) for figure in figures}


def _duration(figure: DurationFigure) -> dict[str, Any]:
    return {
        "title": figure.title,
        "from": figure.start,
        "to": figure.end,
        "unit": "seconds",
        "quantiles": "linear interpolation between order statistics",
        "n": figure.n,
        "eligible": figure.eligible,
        "assumed": figure.assumed,
        "estimated": figure.estimated,
        "median": _number(figure.median),
        "p90": _number(figure.p90),
        "mean": _number(figure.mean),
        "ci95": _pair(figure.ci95),
        "values": [
            {
                "id": each.id,
                "seconds": _number(each.seconds),
                "assumed": each.is_assumed,
                "estimated": each.is_estimated,
            }
            for each in figure.values
        ],
        "excluded": [{"id": each.id, "state": each.state.value, "reason": each.reason} for each in figure.excluded],
        "comparison": None if figure.comparison is None else _comparison(figure.comparison),
    }


def _comparison(compared: Comparison) -> dict[str, Any]:
    return {
        "n_before": compared.n_before,
        "median_before": _number(compared.median_before),
        "difference": _number(compared.difference),
        "ci95": _pair(compared.ci95),
        "distinguishable": compared.is_distinguishable,
        "could_have_shown": _number(compared.could_have_shown),
    }


def _trend(point: TrendPoint) -> dict[str, Any]:
    return {"quarter": point.quarter, "n": point.n, "median": _number(point.median), "ci95": _pair(point.ci95)}


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "total": counts.total,
        "severe": counts.severe,
        "by_severity": dict(counts.by_severity),
        "months": [
            {"month": each.month, "by_severity": dict(each.by_severity), "total": each.total} for each in counts.months
        ],
        "open": [{"id": each.id, "severity": each.severity, "seconds": _number(each.seconds)} for each in counts.open],
        "reopened": counts.reopened,
        "reopenings": counts.reopenings,
        "downgraded": counts.downgraded,
        "upgraded": counts.upgraded,
        "cancelled": dict(counts.cancelled),
        "duplicates": counts.duplicates,
        "drills": counts.drills,
        "severe_before": counts.severe_before,
        "total_before": counts.total_before,
    }


def _action_items(figure: ActionItemFigure) -> dict[str, Any]:
    return {
        "rate": _number(figure.rate),
        "in_time": figure.in_time,
        "due": figure.due,
        "late": figure.late,
        "overdue": figure.overdue,
        "dropped_after": figure.dropped_after,
        "dropped_before": figure.dropped_before,
        "not_yet_due": figure.not_yet_due,
        "undated": figure.undated,
        "moved": figure.moved,
        "rate_before": _number(figure.rate_before),
        "items": [{**_item(each.item), "outcome": each.outcome.value, "reason": each.why} for each in figure.items],
    }


def _item(item: ItemHistory) -> dict[str, Any]:
    return {
        "incident": item.incident,
        "id": item.id,
        "text": item.text,
        "type": item.type,
        "link": item.link,
        "path": item.source.path or None,
        "line": item.source.line or None,
        "due": _on(item.due),
        "binding_due": _on(item.binding_due),
        "moves": [
            {"before": _on(each.before), "after": _on(each.after), "commit": each.source.commit or None}
            for each in item.moves
        ],
        "done_on": _on(item.done_on),
        "dropped_on": _on(item.dropped_on),
        "drop_reason": item.drop_reason or None,
        "deleted": item.is_deleted,
    }


def _repeats(figure: RepeatFigure) -> dict[str, Any]:
    return {
        "number": len(figure.repeats) if figure.repeats or figure.with_cause else None,
        "with_cause": figure.with_cause,
        "without_cause": figure.without_cause,
        "repeats": [
            {
                "id": each.id,
                "earlier": each.earlier,
                "cause": each.cause or None,
                "left_undone": [_item(item) for item in each.left_undone],
            }
            for each in figure.repeats
        ],
        "suggestions": [
            {"id": each.id, "earlier": each.earlier, "shared": list(each.shared), "score": round(each.score, 4)}
            for each in figure.suggestions
        ],
        "unresolved": [{"id": id_, "reason": why} for id_, why in figure.unresolved.items()],
    }


def _share(share: Share) -> dict[str, Any]:
    return {"kept": share.kept, "n": share.n, "share": _number(share.share), "missed": list(share.missed)}


def _process(process: ProcessFigure) -> dict[str, Any]:
    return {
        "to_commander": {
            "unit": "seconds",
            "n": process.to_commander_n,
            "median": _number(process.to_commander),
            "without": list(process.without_commander),
        },
        "updates": process.updates,
        "unchanged_updates": process.unchanged_updates,
        "intervals": _share(process.intervals),
        "longest_silence": {
            "unit": "seconds",
            "seconds": _number(process.longest_silence),
            "id": process.longest_silence_id,
        },
        "to_status_page": {"unit": "seconds", "median": _number(process.to_status_page)},
        "status_page": _share(process.status_page),
        "response": _share(process.response),
        "to_postmortem": {
            "unit": "days",
            "n": process.postmortem_n,
            "median": _number(process.postmortem_days),
            "missing": list(process.postmortem_missing),
        },
        "postmortem": _share(process.postmortem),
    }


def _group(group: Group) -> dict[str, Any]:
    return {"name": group.name, "incidents": group.incidents, "metrics": _durations(group.durations)}


def _unreadable(quality: DataQuality) -> list[dict[str, Any]]:
    return [{"path": each.path, "line": each.line, "reason": each.reason} for each in quality.unreadable]


def _quality(quality: DataQuality) -> dict[str, Any]:
    lag = quality.recording
    return {
        "tip": quality.tip,
        "commits": quality.commits,
        "commits_read": quality.walked,
        "recording_lag": {
            "unit": "seconds",
            "n": lag.n,
            "median": _number(lag.median),
            "p90": _number(lag.p90),
            "left_out": dict(lag.left_out),
        },
        "from_history": quality.from_history,
        "assumed_detection": quality.assumed_detection,
        "estimated": quality.estimated,
        "imported": quality.imported,
        "unreadable": _unreadable(quality),
        "deleted": [{"id": each.incident, "commit": each.commit} for each in quality.deleted],
        "batches": [
            {"commit": each.commit, "at": format_instant(each.at), "incidents": each.incidents}
            for each in quality.batches
        ],
        "squashed": quality.squashed,
        "skewed": quality.skewed,
        "uncommitted": list(quality.uncommitted),
        "unpublished": list(quality.unpublished),
        "contradictions": list(quality.contradictions),
    }
