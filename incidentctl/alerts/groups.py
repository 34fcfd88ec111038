"""A group of alerts as Alertmanager sends it, and Grafana after it: from JSON to the words of one message."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final

from msgspec import Struct

from incidentctl.alerts.message import (
    LONGEST_TITLE,
    MOST_SHOWN,
    MOST_WORDS,
    AlertMessage,
    NotUnderstood,
    Read,
    Times,
    cut,
    key_of,
    line_in,
    lines_in,
    link_in,
    list_in,
    mapping_in,
    moments_of,
    text_in,
)
from incidentctl.incident.requests import Happened
from incidentctl.incident.times import format_instant

_MOST_LABELS: Final = 8
_MOST_LINKS: Final = 4
_LONGEST_VALUE: Final = 80
_NOT_SHOWN: Final = ("alertname", "severity")
_LINKS: Final = ("runbook_url", "runbook", "playbook_url", "playbook", "dashboard_url", "dashboard", "url", "link")
"""Annotations that lead somewhere, the most useful first."""
_LABELS_READ: Final = 200


class Alert(Struct, frozen=True):
    """One alert of a group. Its labels are harmless lines; `order` makes the newest come first, and else by name and labels."""

    name: str
    is_firing: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, object]
    links: tuple[tuple[str, str], ...]
    fingerprint: str
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def changed_at(self) -> datetime | None:
        """When it came to be as it is."""
        return self.started_at if self.is_firing else self.ended_at or self.started_at

    @property
    def order(self) -> tuple[bool, float, str, str]:
        at = self.changed_at
        return not self.is_firing, -at.timestamp() if at else 0.0, self.name, repr(sorted(self.labels.items()))


def read_group(
    data: Mapping[str, object],
    *,
    source: str,
    labels_of_severity: Sequence[str],
    labels_of_service: Sequence[str],
    zone: tzinfo | None,
    links: Callable[[Mapping[str, object]], Iterable[tuple[str, str]]],
    doubts: Iterable[str] = (),
) -> Read:
    """The message of a group. `links` gives what leads from one alert elsewhere: name and address."""
    times = Times(zone)
    raw = [each for each in list_in(data.get("alerts")) if isinstance(each, dict)]
    if not raw:
        return NotUnderstood(f"the message of {source} holds no alert", "send it as it came, with its `alerts`")
    status = text_in(data.get("status"))
    alerts = sorted((_alert(each, status, times, links) for each in raw), key=lambda each: each.order)
    firing = [each for each in alerts if each.is_firing]
    telling = firing or alerts
    left_out = list_length(data.get("truncatedAlerts"))
    return AlertMessage(
        source=source,
        keys=(_key(data, source, alerts),),
        happened=Happened.FIRES if firing else Happened.ENDS,
        title=_title(data, telling),
        text="\n".join(_text(data, alerts, telling, left_out)),
        at=max((at for each in alerts if (at := each.changed_at)), default=None),
        firing_since=moments_of(each.started_at for each in firing),
        severities=_severities(telling, labels_of_severity),
        services=_services(data, telling, labels_of_service),
        count=len(raw) + left_out,
        doubts=(*doubts, *times.doubts),
    )


def list_length(value: object) -> int:
    """How many alerts a sender says that it left out."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else 0


def _alert(
    raw: Mapping[str, object],
    of_all: str,
    times: Times,
    links: Callable[[Mapping[str, object]], Iterable[tuple[str, str]]],
) -> Alert:
    labels = _labels(raw.get("labels"))
    annotations = mapping_in(raw.get("annotations"))
    ended_at = times.read(raw.get("endsAt"), "endsAt")
    status = (text_in(raw.get("status")) or of_all).strip().lower()
    is_firing = status != "resolved"
    return Alert(
        name=labels.get("alertname") or "an alert without a name",
        is_firing=is_firing,
        labels=labels,
        annotations=annotations,
        links=tuple((name, address) for name, address in (*_annotated(annotations), *links(raw)) if address),
        fingerprint=line_in(raw.get("fingerprint")),
        started_at=times.read(raw.get("startsAt"), "startsAt"),
        ended_at=None if is_firing else ended_at,
    )


def _labels(value: object) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, raw in mapping_in(value).items():
        if len(found) >= _LABELS_READ:
            break
        word = line_in(raw)
        if word:
            found[line_in(name, 60)] = word
    return found


def _annotated(annotations: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for name in _LINKS:
        yield name.removesuffix("_url"), link_in(annotations.get(name))


def _key(data: Mapping[str, object], source: str, alerts: Sequence[Alert]) -> str:
    """What the sender calls the group; without that, the fingerprints of its alerts, else their labels."""
    group = text_in(data.get("groupKey"))
    if group.strip():
        return key_of(source, group)
    prints = sorted({each.fingerprint for each in alerts if each.fingerprint})
    if prints:
        return key_of(source, *prints)
    return key_of(source, *(repr(sorted(each.labels.items())) for each in alerts))


def _title(data: Mapping[str, object], telling: Sequence[Alert]) -> str:
    """What is wrong, as the rule says it: the summary, else the description, else the names."""
    common = mapping_in(data.get("commonAnnotations"))
    words = line_in(common.get("summary"), LONGEST_TITLE) or line_in(common.get("description"), LONGEST_TITLE)
    if words:
        return words
    first = telling[0]
    words = line_in(first.annotations.get("summary"), LONGEST_TITLE)
    words = words or line_in(first.annotations.get("description"), LONGEST_TITLE)
    names = list(dict.fromkeys(each.name for each in telling))
    if len(telling) == 1:
        return words or _named(first)
    if len(names) == 1:
        return cut(f"{names[0]}: {len(telling)} alerts", LONGEST_TITLE)
    return cut(f"{words or first.name}, and {len(telling) - 1} more", LONGEST_TITLE)


def _named(alert: Alert) -> str:
    where = next((alert.labels[each] for each in ("service", "instance", "job") if each in alert.labels), "")
    return cut(f"{alert.name} {where}".strip(), LONGEST_TITLE)


def _text(
    data: Mapping[str, object], alerts: Sequence[Alert], telling: Sequence[Alert], left_out: int
) -> Iterable[str]:
    firing = sum(each.is_firing for each in alerts)
    if len(alerts) == 1 and not left_out:
        yield _only(alerts[0])
    else:
        shared = _shared_labels(alerts)
        yield _head(firing, len(alerts) - firing, left_out)
        if shared and len(alerts) > 1:
            yield f"all: {shared_words(shared)}"
        for alert in alerts[:MOST_SHOWN]:
            yield _line(alert, {} if len(alerts) == 1 else shared)
        if len(alerts) > MOST_SHOWN:
            yield f"and {len(alerts) - MOST_SHOWN:,} more"
    if not firing:
        return
    yield from _described(data, telling)
    links = dict.fromkeys(link for each in telling[:MOST_SHOWN] for link in each.links)
    seen: set[str] = set()
    for name, address in links:
        if address not in seen and len(seen) < _MOST_LINKS:
            seen.add(address)
            yield f"{name}: {address}"


def _only(alert: Alert) -> str:
    """The one alert of a message, in one line."""
    told = "fires" if alert.is_firing else "ended"
    since = (
        "" if alert.changed_at is None else f"{' since' if alert.is_firing else ''} {format_instant(alert.changed_at)}"
    )
    return ", ".join((f"{alert.name} {told}{since}", *_details(alert, {})))


def _head(firing: int, ended: int, left_out: int) -> str:
    parts = []
    if firing:
        parts.append("1 alert fires" if firing == 1 else f"{firing:,} alerts fire")
    if ended:
        parts.append(
            f"{ended:,} ended" if firing else "the alert ended" if ended == 1 else f"all {ended:,} alerts ended"
        )
    if left_out:
        parts.append(f"{left_out:,} more that the sender left out")
    return ", ".join(parts)


def _shared_labels(alerts: Sequence[Alert]) -> dict[str, str]:
    first = alerts[0].labels
    return {name: word for name, word in first.items() if all(each.labels.get(name) == word for each in alerts)}


def shared_words(labels: Mapping[str, str]) -> str:
    """Labels in a row, the first few of them by name."""
    told = sorted((name, word) for name, word in labels.items())
    words = [f"{name}={cut(word, _LONGEST_VALUE)}" for name, word in told[:_MOST_LABELS]]
    return ", ".join([*words, f"and {len(told) - _MOST_LABELS} more labels"] if len(told) > _MOST_LABELS else words)


def _line(alert: Alert, shared: Mapping[str, str]) -> str:
    at = alert.changed_at
    told = "firing" if alert.is_firing else "ended"
    since = f" {'since ' if alert.is_firing else ''}{format_instant(at)}" if at else ""
    return f"{told}{since}: {', '.join((alert.name, *_details(alert, shared)))}"


def _details(alert: Alert, shared: Mapping[str, str]) -> list[str]:
    own = {name: word for name, word in alert.labels.items() if name not in shared and name not in _NOT_SHOWN}
    grave = [f"severity {alert.labels[each]}" for each in ("severity",) if each in alert.labels and each not in shared]
    return [*grave, shared_words(own)] if own else grave


def _described(data: Mapping[str, object], telling: Sequence[Alert]) -> list[str]:
    """The longer words: those that all share, else those of the first one."""
    common, first = mapping_in(data.get("commonAnnotations")), telling[0].annotations
    for given in (common, first):
        lines = lines_in(given.get("description")) or lines_in(given.get("message"))
        if lines:
            return lines
    summary = line_in(first.get("summary"))
    return [summary] if summary and not line_in(common.get("summary")) else []


def _severities(telling: Sequence[Alert], names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    found = dict.fromkeys(tuple(each.labels[name] for name in names if name in each.labels) for each in telling)
    return tuple(each for each in found if each)[:MOST_WORDS]


def _services(
    data: Mapping[str, object], telling: Sequence[Alert], names: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    found = dict.fromkeys((name, each.labels[name]) for each in telling for name in names if name in each.labels)
    return tuple(sorted(found, key=lambda pair: names.index(pair[0])))[: MOST_WORDS * 2]
