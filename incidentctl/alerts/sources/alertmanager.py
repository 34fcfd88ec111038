"""Alertmanager's webhook, version 4: a group of alerts, sent again when the group changes, and after its repeat interval."""

from collections.abc import Iterable, Mapping

from incidentctl.alerts.groups import read_group
from incidentctl.alerts.message import Read, cut, line_in, link_in, text_in
from incidentctl.alerts.source import Hints, Source

_VERSION = "4"


def _knows(data: object) -> bool:
    return (
        isinstance(data, dict) and isinstance(data.get("alerts"), list) and ("groupKey" in data or "receiver" in data)
    )


def _read(data: Mapping[str, object], hints: Hints) -> Read:
    version = text_in(data.get("version")).strip()
    doubts = (
        []
        if version in ("", _VERSION)
        else [f"the message says that it is of version {cut(line_in(version), 20)}; it was read as version {_VERSION}"]
    )
    return read_group(
        data,
        source=SOURCE.name,
        labels_of_severity=hints.severity_labels,
        labels_of_service=hints.service_labels,
        zone=hints.zone,
        links=_links,
        doubts=doubts,
    )


def _links(alert: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    yield "graph", link_in(alert.get("generatorURL"))


SOURCE = Source("alertmanager", _knows, _read)
