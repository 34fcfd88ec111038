"""Messages as Alertmanager, Grafana and PagerDuty send them, after what they publish of their forms."""

import json
from typing import Any

NONE = "0001-01-01T00:00:00Z"


def alert(name: str = "HighLatency", **changes: Any) -> dict[str, Any]:
    """One alert of a group."""
    labels: dict[str, str | None] = {
        "alertname": name,
        "severity": "critical",
        "service": "checkout",
        "instance": "eu-1",
    }
    labels |= changes.pop("labels", {})
    given = {
        "status": "firing",
        "labels": {key: value for key, value in labels.items() if value is not None},
        "annotations": {"summary": "p99 above 4 s", "runbook_url": "https://runbooks.example.org/latency"},
        "startsAt": "2026-05-14T10:02:03.157076+00:00",
        "endsAt": NONE,
        "generatorURL": "http://prometheus.example.org:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
        "fingerprint": "c6eadffa33fcdf37",
    }
    return given | changes


def ended(name: str = "HighLatency", at: str = "2026-05-14T10:30:00Z", **changes: Any) -> dict[str, Any]:
    """The same when it is over."""
    return alert(name, status="resolved", endsAt=at, **changes)


def group(*alerts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Alertmanager's message."""
    alerts = alerts or (alert(),)
    given = {
        "receiver": "incidents",
        "status": "firing" if any(each.get("status") == "firing" for each in alerts) else "resolved",
        "alerts": list(alerts),
        "groupLabels": {"alertname": "HighLatency"},
        "commonLabels": {"alertname": "HighLatency"},
        "commonAnnotations": alerts[0].get("annotations", {}) if len(alerts) == 1 else {},
        "externalURL": "http://alertmanager.example.org:9093",
        "version": "4",
        "groupKey": '{}/{severity="critical"}:{alertname="HighLatency"}',
        "truncatedAlerts": 0,
    }
    return given | changes


def grafana(*alerts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Grafana's message."""
    own = {
        "silenceURL": "https://grafana.example.org/alerting/silence/new?alertmanager=grafana",
        "dashboardURL": "https://grafana.example.org/d/abc",
        "panelURL": "https://grafana.example.org/d/abc?viewPanel=1",
        "values": {"B": 44.23943737541908, "C": 1},
        "valueString": "[ var='B' labels={} value=44.2 ]",
    }
    given = group(*(each | own for each in (alerts or (alert(),))))
    given |= {
        "version": "1",
        "orgId": 1,
        "groupKey": '{}:{alertname="HighLatency"}',
        "title": "[FIRING:1] HighLatency checkout",
        "state": "alerting",
        "message": "**Firing**\n\nValue: B=44.2",
    }
    return given | changes


def pagerduty_incident(**changes: Any) -> dict[str, Any]:
    """An incident as a webhook's event has it."""
    return {
        "id": "PGR0VU2",
        "type": "incident",
        "self": "https://api.pagerduty.com/incidents/PGR0VU2",
        "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2",
        "number": 2,
        "status": "triggered",
        "incident_key": "d3640fbd41094207a1c11e58e46b1662",
        "created_at": "2026-05-14T10:02:00Z",
        "title": "Checkout fails",
        "service": {"id": "PF9KMXH", "summary": "checkout", "type": "service_reference"},
        "assignees": [{"id": "PTUXL6G", "summary": "Ann Example", "type": "user_reference"}],
        "priority": {"id": "PSO75BM", "summary": "P1", "type": "priority_reference"},
        "urgency": "high",
        "resolve_reason": None,
    } | changes


def pagerduty(kind: str = "triggered", at: str = "2026-05-14T10:02:01.169Z", **changes: Any) -> dict[str, Any]:
    """An event of its webhook."""
    status = {"resolved": "resolved", "acknowledged": "acknowledged"}.get(kind, "triggered")
    return {
        "event": {
            "id": "5ac64822-4adc-4fda-ade0-410becf0de4f",
            "event_type": f"incident.{kind}",
            "resource_type": "incident",
            "occurred_at": at,
            "agent": {"id": "PLH1HKV", "summary": "Ann Example", "type": "user_reference"},
            "client": None,
            "data": pagerduty_incident(**{"status": status} | changes),
        }
    }


def as_bytes(data: object) -> bytes:
    """As it goes over the wire."""
    return json.dumps(data).encode()
