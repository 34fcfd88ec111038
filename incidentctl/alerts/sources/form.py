"""Any other sender's JSON, by a mapping in the settings: which path holds what."""

from collections.abc import Mapping, Sequence
from typing import Final

from incidentctl.alerts.message import (
    LONGEST_TITLE,
    AlertMessage,
    NotUnderstood,
    Read,
    Times,
    key_of,
    line_in,
    lines_in,
    link_in,
    moments_of,
    text_in,
)
from incidentctl.alerts.source import Hints, Source
from incidentctl.config.settings import AlertForm
from incidentctl.incident.requests import Happened
from incidentctl.incident.times import resolve_zone

_LONGEST_PATH: Final = 30
"""Steps of a path that are followed."""


def source_of(form: AlertForm) -> Source:
    """The source that a mapping makes."""

    def knows(data: object) -> bool:
        needed = (form.when,) if form.when else (form.id, form.title)
        return isinstance(data, dict) and all(_is_there(value_at(data, path)) for path in needed)

    def read(data: Mapping[str, object], hints: Hints) -> Read:
        return _read(form, data, hints)

    return Source(form.name, knows, read)


def value_at(data: object, path: str) -> object:
    """What stands at a path, as `event.title` or `alerts.0.labels.severity`; `None` where nothing does.

    A key with dots in it is found as well: at each object the longest key that fits is tried first.
    """
    return _follow(data, path.split(".")[:_LONGEST_PATH])


def _follow(data: object, steps: Sequence[str]) -> object:
    if not steps:
        return data
    if isinstance(data, list):
        step = steps[0]
        is_index = step.isascii() and step.isdecimal() and len(step) < 6 and int(step) < len(data)
        return _follow(data[int(step)], steps[1:]) if is_index else None
    if isinstance(data, dict):
        for length in range(len(steps), 0, -1):
            key = ".".join(steps[:length])
            if key in data:
                return _follow(data[key], steps[length:])
    return None


def _is_there(value: object) -> bool:
    return bool(text_in(value).strip())


def _read(form: AlertForm, data: Mapping[str, object], hints: Hints) -> Read:
    times = Times(hints.zone or (resolve_zone(form.zone) if form.zone else None))
    name = text_in(value_at(data, form.id)).strip()
    if not name:
        return NotUnderstood(
            f"the message has nothing at {form.id}, where [[alert]] {form.name} looks for its id",
            "correct the path in the settings, or say with --source whose message it is",
        )
    status = line_in(value_at(data, form.status)) if form.status else ""
    happened = (
        Happened.ENDS if status and status.casefold() in {each.casefold() for each in form.ended} else Happened.FIRES
    )
    started_at = times.read(value_at(data, form.started_at), form.started_at) if form.started_at else None
    detected_at = times.read(value_at(data, form.detected_at), form.detected_at) if form.detected_at else None
    ended_at = times.read(value_at(data, form.ended_at), form.ended_at) if form.ended_at else None
    fires = happened is Happened.FIRES
    severity = line_in(value_at(data, form.severity)) if form.severity else ""
    return AlertMessage(
        source=form.name,
        keys=(key_of(form.name, name),),
        happened=happened,
        title=line_in(value_at(data, form.title), LONGEST_TITLE) or f"{form.name} {line_in(name)}",
        text="\n".join(_text(form, data, status, severity, fires=fires)),
        at=(detected_at or started_at) if fires else ended_at,
        firing_since=moments_of([detected_at or started_at]) if fires else (),
        started_at=started_at if detected_at else None,
        severities=((severity,),) if severity and fires else (),
        services=tuple(("service", each) for each in _services(form, data)),
        doubts=tuple(times.doubts),
    )


def _services(form: AlertForm, data: Mapping[str, object]) -> list[str]:
    value = value_at(data, form.service) if form.service else None
    found = [line_in(each) for each in (value[:10] if isinstance(value, list) else [value])]
    return [each for each in found if each]


def _text(form: AlertForm, data: Mapping[str, object], status: str, severity: str, *, fires: bool) -> list[str]:
    grave = f", severity {severity}" if severity else ""
    told = f", status {status}" if status else ""
    lines = [f"{form.name}: {'the alert fires' if fires else 'the alert ended'}{told}{grave}"]
    if form.description:
        lines += lines_in(value_at(data, form.description))
    for name, path in (("alert", form.url), ("runbook", form.runbook), ("dashboard", form.dashboard)):
        link = link_in(value_at(data, path)) if path else ""
        if link:
            lines.append(f"{name}: {link}")
    return lines
