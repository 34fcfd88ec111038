"""Grafana's alerting webhook: Alertmanager's group, with links to dashboard and panel."""

from collections.abc import Iterable, Mapping

from incidentctl.alerts.groups import read_group
from incidentctl.alerts.message import Read, link_in
from incidentctl.alerts.source import Hints, Source

_OF_A_MESSAGE = ("orgId", "state")
_OF_AN_ALERT = ("silenceURL", "dashboardURL", "panelURL", "valueString")


def _knows(data: object) -> bool:
    """Alertmanager knows neither organisations nor dashboards."""
    if not isinstance(data, dict) or not isinstance(data.get("alerts"), list):
        return False
    if any(key in data for key in _OF_A_MESSAGE):
        return True
    return any(isinstance(each, dict) and any(key in each for key in _OF_AN_ALERT) for each in data["alerts"][:1])


def _read(data: Mapping[str, object], hints: Hints) -> Read:
    return read_group(
        data,
        source=SOURCE.name,
        labels_of_severity=hints.severity_labels,
        labels_of_service=hints.service_labels,
        zone=hints.zone,
        links=_links,
    )


def _links(alert: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    yield "panel", link_in(alert.get("panelURL"))
    yield "dashboard", link_in(alert.get("dashboardURL"))
    yield "rule", link_in(alert.get("generatorURL"))


SOURCE = Source("grafana", _knows, _read)
