"""What a message of monitoring says, whoever sent it: one type, with every text bounded and harmless. Decides nothing."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Final

from msgspec import Struct

from incidentctl.incident.requests import Happened
from incidentctl.incident.times import OUT_OF_RANGE, parse_instant, wall_to_utc
from incidentctl.incident.words import clean_line, clean_text, show_safely

LONGEST_TITLE: Final = 160
LONGEST_WORD: Final = 120
LONGEST_KEY: Final = 240
MOST_SHOWN: Final = 10
"""So many alerts of a group are told one by one."""
MOST_MOMENTS: Final = 50
MOST_WORDS: Final = 20
_LONGEST_LINK: Final = 500
_LONGEST_DESCRIPTION: Final = 1_200
_MOST_LINES: Final = 8
_LONGEST_READ: Final = 20_000
"""Characters of one value that are looked at: a label of some megabytes is cut first, and cleaned then."""

_LINK: Final = re.compile(r"https?://[^\s<>\"'`()\[\]{}|\\^]+", re.IGNORECASE)
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_EPOCH_MS: Final = 10**11
"""A number above this is a time in milliseconds: as seconds it would lie beyond the year 5000."""


class AlertMessage(Struct, frozen=True):
    """One message. `keys` are the external ids of what it is about, the first one is written; `text` is the same for the same message.

    `firing_since` are the moments at which what fires now began to, oldest first; `at` is when what it says happened. `severities`
    has for each thing that fires the words for how grave it is, the most telling first; `services` has pairs of a label and its value.
    `count` says how many alerts it holds. `doubts` are sentences on what could not be taken as it is.
    """

    source: str
    keys: tuple[str, ...]
    happened: Happened
    title: str
    text: str
    at: datetime | None = None
    firing_since: tuple[datetime, ...] = ()
    started_at: datetime | None = None
    severities: tuple[tuple[str, ...], ...] = ()
    services: tuple[tuple[str, str], ...] = ()
    count: int = 1
    doubts: tuple[str, ...] = ()


class Nothing(Struct, frozen=True):
    """A message that is understood and asks for nothing, such as a sender's test."""

    source: str
    why: str


class NotUnderstood(Struct, frozen=True):
    """What is so, and what to do."""

    what: str
    hint: str


Read = AlertMessage | Nothing | NotUnderstood


# ------------------------------------------------------------------------------------------------------ values of JSON


def text_in(value: object) -> str:
    """A scalar as text, cut to what is ever looked at; nothing for what is none."""
    if isinstance(value, str):
        return value[:_LONGEST_READ]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if abs(value) < 1e18 else ""  # not a number, and what Python refuses to write, fail here
    return ""


def mapping_in(value: object) -> dict[str, object]:
    """An object of JSON; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def list_in(value: object) -> list[object]:
    """A list of JSON; an empty one for anything else."""
    return value if isinstance(value, list) else []


def line_in(value: object, longest: int = LONGEST_WORD) -> str:
    """A scalar as one harmless line, cut at its end."""
    return cut(_inert(clean_line(show_safely(text_in(value)))), longest)


def lines_in(value: object) -> list[str]:
    """A scalar as some harmless lines, without empty ones."""
    text = _inert(clean_text(show_safely(text_in(value).replace("\r\n", "\n").replace("\r", "\n"))))
    lines = [line.strip() for line in cut(text, _LONGEST_DESCRIPTION).split("\n")]
    found = [line for line in lines if line]
    return found if len(found) <= _MOST_LINES else [*found[:_MOST_LINES], "…"]


def link_in(value: object) -> str:
    """An address of the web; nothing for any other, or for one with anything in it that could end it."""
    text = text_in(value).strip()
    if len(text) > _LONGEST_LINK or not _LINK.fullmatch(text):
        return ""
    return text if show_safely(text) == text else ""


def _inert(text: str) -> str:
    """Text that stays text where Markdown is shown: no image that is loaded, no link whose target is hidden, no element."""
    return _TAG.sub("< ", text.replace("![", "! [").replace("](", "] (").replace("][", "] ["))


def cut(text: str, longest: int) -> str:
    """The text, or its beginning with an ellipsis; at a word, where one ends near there."""
    if len(text) <= longest:
        return text
    from incidentctl.incident.secrets import take_out_secrets  # half of a credential is not known as one

    text = take_out_secrets(text)[0]
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    at = head.rfind(" ", longest * 3 // 4)
    return f"{head[:at] if at > 0 else head}…"


def key_of(*parts: str) -> str:
    """An id in another system as it is kept: one line, and not too long; what is longer ends in a hash of the whole."""
    whole = ":".join(parts)
    line = clean_line(show_safely(whole[:_LONGEST_READ]))
    if len(whole) <= LONGEST_KEY and len(line) <= LONGEST_KEY:
        return line
    from incidentctl.incident.secrets import take_out_secrets  # half of a credential is not known as one

    line = take_out_secrets(line)[0]
    from hashlib import sha256  # only for ids that nobody types

    return f"{line[: LONGEST_KEY - 18]}…{sha256(whole.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


class Times:
    """Reads the times of one message, and collects what is wrong with them, each sentence once."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone
        self.doubts: dict[str, None] = {}

    def read(self, value: object, name: str) -> datetime | None:
        """An instant, or `None` where there is none: absent, Go's zero time, without a zone, no time at all."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._of_number(value, name)
        text = text_in(value).strip()[:80]
        if not text or text.startswith("0001-01-01"):
            return None
        at = parse_instant(text)
        if at is not None:
            return at
        return self._without_zone(text, name)

    def _of_number(self, value: int | float, name: str) -> datetime | None:
        if value == 0:
            return None
        try:
            return datetime.fromtimestamp(int(value / 1000 if value > _EPOCH_MS else value), UTC)
        except (*OUT_OF_RANGE, TypeError):
            self.doubts[f"{name} is no time, and was left out"] = None
            return None

    def _without_zone(self, text: str, name: str) -> datetime | None:
        from incidentctl.incident.times import is_naive_instant

        if not is_naive_instant(text):
            self.doubts[f"{name} is no time, and was left out"] = None
            return None
        if self._zone is None:
            self.doubts[f"{name} has no zone, and was left out: say it with --tz ZONE"] = None
            return None
        wall = parse_instant(f"{text}Z")
        return None if wall is None else wall_to_utc(wall.replace(tzinfo=None), self._zone)


def moments_of(moments: Iterable[datetime | None]) -> tuple[datetime, ...]:
    """Each once, oldest first; of very many the first and the last ones."""
    found = sorted({each for each in moments if each is not None})
    half = MOST_MOMENTS // 2
    return tuple(found if len(found) <= MOST_MOMENTS else [*found[:half], *found[-half:]])
