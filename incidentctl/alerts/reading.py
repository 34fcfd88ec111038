"""From the bytes that a sender gave to its message: encoding, JSON, and whose it is. Never raises."""

import codecs
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

from msgspec import DecodeError
from msgspec import json as msgspec_json
from msgspec.structs import replace

from incidentctl.alerts.catalogue import SOURCES
from incidentctl.alerts.message import AlertMessage, NotUnderstood, Read, cut, line_in
from incidentctl.alerts.source import Hints, Source
from incidentctl.alerts.sources.form import source_of
from incidentctl.config.settings import AlertSettings

LARGEST: Final = 16 << 20
"""Bytes of one message that are read: ten thousand alerts are half of it."""

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AS_IT_CAME: Final = "send the message as it came, without a change, to `ictl open --from -`"


def read_message(
    data: bytes, settings: AlertSettings, *, source: str | None = None, zone: tzinfo | None = None
) -> Read:
    """The message in some bytes. `source` says whose it is; without it that is found out."""
    if not data.strip(b" \t\r\n\0"):
        return NotUnderstood("the message is empty", _AS_IT_CAME)
    text, doubts = _decoded(data)
    value = _parsed(text)
    if isinstance(value, NotUnderstood):
        return value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return NotUnderstood(
            "the message is JSON, and no object: nothing in it says what fires",
            "Alertmanager's webhook, not its API, has the form that is read; see docs/how-to/alerts.md",
        )
    chosen = _source(value, settings, source)
    if isinstance(chosen, NotUnderstood):
        return chosen
    hints = Hints(settings.severity_labels, settings.service_labels, zone)
    read = chosen.read(value, hints)
    if isinstance(read, AlertMessage) and doubts:
        return replace(read, doubts=(*doubts, *read.doubts))
    return read


def is_whole(data: bytes) -> bool:
    """Whether some bytes are JSON from beginning to end: a sender who says nothing more has said all."""
    return bool(data.strip()) and not isinstance(_parsed(_decoded(data)[0]), NotUnderstood)


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None) or _by_nulls(data[:4])
    try:
        return data.decode(encoding or "utf-8"), ()
    except UnicodeDecodeError as error:
        what = "UTF-8" if encoding is None else encoding.upper()
        doubt = f"the message is not {what} at byte {error.start + 1:,}: what cannot be read stands as �"
        return data.decode(encoding or "utf-8", "replace"), (doubt,)


def _by_nulls(start: bytes) -> str | None:
    """UTF-16 without a mark: JSON begins with two signs of ASCII."""
    if len(start) == 4 and start[0] == start[2] == 0 != start[1]:
        return "utf-16-be"
    if len(start) == 4 and start[1] == start[3] == 0 != start[0]:
        return "utf-16-le"
    return None


def _parsed(text: str) -> object:
    try:
        return msgspec_json.decode(text.encode("utf-8", "replace"))
    except RecursionError:
        return NotUnderstood("the message is nested too deeply to be one of an alert", _AS_IT_CAME)
    except (DecodeError, ValueError) as error:
        lenient = _parsed_leniently(text)
        if lenient is not None:
            return lenient
        said = cut(line_in(str(error)), 120)
        start = cut(line_in(text[:200]), 40)
        return NotUnderstood(f"the message is not JSON ({said}); it begins with {start!r}", _AS_IT_CAME)


def _parsed_leniently(text: str) -> object:
    """JSON with what some senders put into it: `NaN`, `Infinity`, and control characters within a text."""
    import json

    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _source(value: Mapping[str, object], settings: AlertSettings, name: str | None) -> Source | NotUnderstood:
    own = [source_of(form) for form in settings.forms]
    known = [*own, *SOURCES]
    if name is not None:
        chosen = next((each for each in known if each.name.casefold() == name.strip().casefold()), None)
        if chosen is None:
            return NotUnderstood(
                f"there is no source {line_in(name)!r}",
                f"it is one of {', '.join(each.name for each in known)}; one of your own is [[alert]] in the settings",
            )
        return chosen
    found = next((each for each in known if each.knows(value)), None)
    return found or NotUnderstood(_unknown(value), _way_out(value, known))


def _unknown(value: Mapping[str, object]) -> str:
    keys = ", ".join(line_in(each, 40) for each in list(value)[:6])
    return f"the message is of no sender that is known; it has {keys}" if keys else "the message is an empty object"


def _way_out(value: Mapping[str, object], known: Sequence[Source]) -> str:
    if isinstance(value.get("messages"), list):
        return "PagerDuty's v2 webhooks are at their end: subscribe to v3"
    names = ", ".join(each.name for each in known)
    return f"known are {names}; map any other in the settings, with [[alert]]: docs/how-to/alerts.md"
