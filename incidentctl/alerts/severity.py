"""From a sender's words for how grave it is to a level of the scale. In doubt the more severe; a word that nobody knows decides nothing."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from incidentctl.errors import UsageError
from incidentctl.incident.policy import Scale

_WORDS: Final = {
    **dict.fromkeys(("emergency", "disaster", "fatal", "p0", "sev0"), "SEV1"),
    **dict.fromkeys(("page", "error", "high", "average", "pagerduty-high"), "SEV2"),
    **dict.fromkeys(("warning", "warn", "medium", "moderate", "pagerduty-low"), "SEV3"),
    **dict.fromkeys(("info", "informational", "information", "notice", "none", "ticket", "p5"), "SEV4"),
}
"""What senders say, and the standing level that it means; a team's own scale has its aliases, and `[alerts] severities`."""


class Gravity(NamedTuple):
    """The level's name, and the word that it was given in where that is none of the scale's own."""

    name: str
    given_as: str | None


def gravity_of(words: Iterable[Iterable[str]], scale: Scale, own: Mapping[str, str]) -> Gravity | None:
    """The most severe level of all things that fire, each by the first of its words that is known; `None` where none is."""
    found = [level for each in words if (level := _first(each, scale, own)) is not None]
    return min(found, key=lambda level: scale.rank(level.name)) if found else None


def _first(words: Iterable[str], scale: Scale, own: Mapping[str, str]) -> Gravity | None:
    for word in words:
        level = _level(word, scale, own)
        if level is not None:
            return level
    return None


def _level(word: str, scale: Scale, own: Mapping[str, str]) -> Gravity | None:
    plain = word.strip().casefold()
    told = plain.removeprefix("pagerduty-")
    mapped = next((ours for theirs, ours in own.items() if theirs.casefold() in (plain, told)), None)
    if mapped is not None:
        level = scale.find(mapped)
        return Gravity(level.name, _shown(told)) if level else None
    if plain == told:
        try:
            given = scale.parse_given(plain[:40])
            return Gravity(given.severity.name, given.given_as)
        except UsageError:
            pass
    level = scale.find(_WORDS[plain]) if plain in _WORDS else None
    return Gravity(level.name, _shown(told)) if level else None


def _shown(word: str) -> str | None:
    """The word as the record's format can hold it."""
    return word if word.isascii() and word.replace("-", "").replace("_", "").isalnum() else None
