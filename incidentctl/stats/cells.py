"""One value of a row as a cell of CSV or a value of JSON, and back. What cannot be read is said with the way out; nothing is guessed."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final

from msgspec import Struct

from incidentctl.document.action_items import read_date
from incidentctl.errors import UsageError
from incidentctl.incident.entries import CancelReason
from incidentctl.incident.policy import DEFAULT_SCALE, Scale
from incidentctl.incident.times import format_instant, is_naive_instant, parse_instant, quoted
from incidentctl.incident.typed_times import TOLERANCE, read_typed_time
from incidentctl.incident.words import clean_line, clean_text
from incidentctl.stats.exchange import Column, Holds

LONGEST_TEXT: Final = 100_000
LONGEST_LINE: Final = 2_000
_FIRST_YEAR: Final = 1970
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BETWEEN: Final = re.compile(r"[;,]")
_CLOCK: Final = re.compile("%[-]?[HIMcXTR]")
_YES: Final = frozenset(("true", "yes", "y", "1", "x", "on"))
_NO: Final = frozenset(("false", "no", "n", "0", "off", "-"))
_NAMES: Final = ("id", "external_id", "incident", "duplicate_of", "repeat_of")
"""Columns by which rows are told apart: nothing is taken out of them unsaid."""

Value = str | bool | date | datetime | tuple[str, ...] | Mapping[str, str | tuple[str, ...]] | None


class CellError(ValueError):
    """A value that is not what its column holds; the message goes on from the column's name."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Understanding(Struct, frozen=True):
    """How the words of a file are read. `zone` is that of times without one; `has_zone` False refuses these.

    `severities` and `statuses` are another tool's words and ours. `clean` takes out what looks like a secret. Times after `now` are
    refused; None takes them.
    """

    zone: tzinfo | None = None
    has_zone: bool = False
    date_format: str | None = None
    severities: Mapping[str, str] = {}
    statuses: Mapping[str, str] = {}
    scale: Scale = DEFAULT_SCALE
    now: datetime | None = None
    clean: Callable[[str], str] = str

    @property
    def knows_days_only(self) -> bool:
        """Whether its times are days: midnight stands for the day then, as an estimate."""
        return self.date_format is not None and not _CLOCK.search(self.date_format)


# --------------------------------------------------------------------------------------------------------------- out


def cell_of(value: object) -> str:
    """A value as a cell of CSV: empty where it is not known. What a spreadsheet would take for a formula is told as text."""
    return defused(_plain_cell(value))


def _plain_cell(value: object) -> str:
    if isinstance(value, Mapping):
        return json.dumps(json_value(value), ensure_ascii=False) if value else ""
    if isinstance(value, tuple):
        words = [str(each) for each in value]
        is_plain = all(each and each == each.strip() and not _BETWEEN.search(each) for each in words)
        if words and is_plain and not words[0].startswith("["):
            return "; ".join(words)
        return json.dumps(words, ensure_ascii=False) if words else ""
    told = json_value(value)
    return "" if told is None else ("true" if told else "false") if isinstance(told, bool) else str(told)


def json_value(value: object) -> Any:
    """A value as JSON has it: times and days as text, `null` where it is not known."""
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: json_value(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [json_value(each) for each in value]
    return value


def defused(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe before what would begin a formula, and one more where one stands there already."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def armed(cell: str) -> str:
    """The inverse."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


# ---------------------------------------------------------------------------------------------------------------- in


def read_value(column: Column, raw: object, how: Understanding) -> Value:
    """What a cell, or a value of JSON, says. Raises `CellError` with the way out."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        if column.required:
            raise CellError("is empty")
        return NOTHING.get(column.holds)
    if isinstance(raw, str):
        _check(column, raw)
    return _READERS[column.holds](column, raw, how)


NOTHING: Final[Mapping[Holds, Value]] = {Holds.LIST: (), Holds.PEOPLE: (), Holds.KEYS: {}}
"""What an empty column is, where that is not `None`."""


def _check(column: Column, text: str) -> None:
    if "\0" in text:
        raise CellError("holds NUL bytes", "the file is damaged, or is in another encoding: say which with --encoding")
    longest = LONGEST_LINE if column.holds is Holds.LINE else LONGEST_TEXT
    if len(text) > longest:
        raise CellError(f"is longer than {longest} characters")


def _wrong(column: Column, raw: object, hint: str | None = None) -> CellError:
    wanted = f"one of {', '.join(column.choices)}" if column.holds is Holds.CHOICE else column.holds.value
    shown = quoted(raw) if isinstance(raw, str) else f"a {type(raw).__name__}"
    return CellError(f"must be {wanted}, not {shown}", hint)


def _word(column: Column, raw: object) -> str:
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**18:
        return str(raw)  # an id of another tool is often a number
    if not isinstance(raw, str):
        raise _wrong(column, raw)
    return raw


def _line(column: Column, raw: object, how: Understanding) -> Value:
    words = clean_line(_word(column, raw))
    cleaned = how.clean(words)
    if column.name in _NAMES and cleaned != words:
        raise CellError("looks like a password, a key or a token", "map another column, or say --allow-secret")
    if column.name.startswith("severity"):
        return _severity(column, cleaned, how)
    if not cleaned and column.required:
        raise CellError("is empty")
    return cleaned or None


def _severity(column: Column, words: str, how: Understanding) -> str:
    meant = _mapped(words, how.severities)
    found = how.scale.find(meant)
    if found is not None:
        return found.name
    if column.name == "severity_before":
        return meant
    raise CellError(
        f"is {quoted(words)}, which is not on the scale {', '.join(how.scale.names)}",
        f'say what it is: `[import.severities]`, {json.dumps(words[:60], ensure_ascii=False)} = "{how.scale.names[-1]}"',
    )


def _mapped(words: str, known: Mapping[str, str]) -> str:
    """Our word for another tool's; case does not matter."""
    if words in known:
        return known[words]
    wanted = words.casefold()
    return next((ours for theirs, ours in known.items() if theirs.casefold() == wanted), words)


def _text(column: Column, raw: object, how: Understanding) -> Value:
    words = how.clean(clean_text(_word(column, raw)))
    if not words and column.required:
        raise CellError("is empty")
    return words or None


def _list(column: Column, raw: object, how: Understanding) -> Value:
    words: list[Any] = (
        [raw] if isinstance(raw, int) else _listed(raw) if isinstance(raw, str) else list(_sequence(column, raw))
    )
    found = [how.clean(clean_line(_word(column, each))) for each in words]
    for each in found:
        _check(column, each)
    return tuple(dict.fromkeys(each for each in found if each))


def _listed(raw: str) -> list[Any]:
    if raw.lstrip().startswith("["):
        try:
            read = json.loads(raw)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, list):
            return read
    return _BETWEEN.split(raw)


def _sequence(column: Column, raw: object) -> list[Any]:
    if not isinstance(raw, list):
        raise _wrong(column, raw)
    return raw


def _time(column: Column, raw: object, how: Understanding) -> Value:
    if not isinstance(raw, str):
        raise _wrong(column, raw)
    at = read_moment(raw, how)
    if at.year < _FIRST_YEAR:
        raise CellError(f"is in the year {at.year}", "a year of four digits is meant, perhaps: see `date_format`")
    is_ahead = how.now is not None and at - how.now > TOLERANCE
    if is_ahead and column.name != "next_at":
        raise CellError(
            f"is not past: {format_instant(at)}", "day and month are the other way round, perhaps: see `date_format`"
        )
    return at


def read_moment(text: str, how: Understanding) -> datetime:
    """A time of a file: RFC 3339, or as `date_format` says. Raises `CellError` for one without a zone, unless a zone was given."""
    words = text.strip()
    at = parse_instant(words)
    if at is not None:
        return at
    wall = _wall(words, how)
    if wall.tzinfo is not None:
        try:
            return wall.astimezone(UTC).replace(microsecond=0)
        except (OverflowError, ValueError):
            raise CellError(f"leaves the years 1 to 9999: {quoted(words)}") from None
    if not how.has_zone:
        raise CellError(
            f"has no time zone: {quoted(words)}", "say in which one it is: --tz Europe/Berlin, or `zone` in [import]"
        )
    try:
        typed = f"{wall.year:04d}-{wall:%m-%d %H:%M:%S}"
        return read_typed_time(typed, now=how.now or wall.replace(tzinfo=UTC), zone=how.zone, kind="since").at
    except UsageError as error:
        hint = "write the offset into that row, as 2026-10-25T02:30+02:00" if error.candidates else error.hint
        raise CellError(f"is in doubt: {error.message}", hint) from None


def _wall(words: str, how: Understanding) -> datetime:
    if how.date_format is not None:
        try:
            return datetime.strptime(words, how.date_format)  # noqa: DTZ007  # its zone is what follows
        except (ValueError, re.error, OverflowError):
            if not is_naive_instant(words):
                raise CellError(
                    f"is {quoted(words)}, which is not of the form {how.date_format}",
                    "see `date_format` in [import], or --date-format",
                ) from None
    if is_naive_instant(words):
        return datetime.fromisoformat(words[:10] + "T" + words[11:].split(".", maxsplit=1)[0])
    if words.startswith(_FORMULA[:1]):
        raise CellError(f"is a formula: {quoted(words)}", "save the table with its values alone")
    if read_date(words) is not None and len(words) <= len("2026-05-14"):
        raise CellError(
            f"is a day without a time: {quoted(words)}",
            "say so with --date-format, as %Y-%m-%d: midnight is taken then, and marked as an estimate",
        )
    raise CellError(
        f"is no time: {quoted(words)}",
        "write 2026-05-14T10:05:40Z, or say how it is written: --date-format '%d/%m/%Y %H:%M'",
    )


def _day(column: Column, raw: object, how: Understanding) -> Value:
    if not isinstance(raw, str):
        raise _wrong(column, raw)
    words = raw.strip()
    day = read_date(words)
    if day is None and how.date_format is not None:
        try:
            return datetime.strptime(words, how.date_format).date()  # noqa: DTZ007  # a day has none
        except (ValueError, re.error, OverflowError):
            day = None
    if day is None:
        raise CellError(f"is no day: {quoted(words)}", "write 2026-05-14, or say how it is written: --date-format")
    return day


def _yes_no(column: Column, raw: object, how: Understanding) -> Value:
    if isinstance(raw, bool):
        return raw or None
    word = _word(column, raw).strip().casefold()
    if word not in _YES | _NO:
        raise _wrong(column, raw)
    return word in _YES or None


def _choice(column: Column, raw: object, how: Understanding) -> Value:
    words = clean_line(_word(column, raw))
    if column.name == "status":
        words = _mapped(words, how.statuses)
    word = re.sub(r"[\s-]+", "_", words.strip().casefold())
    word = {"cancelled": "canceled"}.get(word, word)
    if word in column.choices or (column.name == "status" and word in tuple(CancelReason)):
        return word
    hint = None
    if column.name == "status":
        hint = f'say what it is: `[import.statuses]`, {json.dumps(words[:60], ensure_ascii=False)} = "resolved"'
    raise _wrong(column, words, hint)


def _keys(column: Column, raw: object, how: Understanding) -> Value:
    read = raw
    if isinstance(raw, str):
        try:
            read = json.loads(raw)
        except (ValueError, RecursionError):
            raise _wrong(column, raw) from None
    if not isinstance(read, dict):
        raise _wrong(column, raw)
    found: dict[str, str | tuple[str, ...]] = {}
    for name, value in read.items():
        key = clean_line(str(name))
        if not re.fullmatch(r"[A-Za-z_][\w.-]{0,60}", key, re.ASCII):
            raise CellError(f"has a key that is no word: {quoted(str(name))}")
        if isinstance(value, list):
            found[key] = tuple(how.clean(clean_line(_word(column, each))) for each in value)
        else:
            found[key] = how.clean(clean_line(_word(column, value)))
    return found


_READERS: Final[Mapping[Holds, Callable[[Column, object, Understanding], Value]]] = {
    Holds.LINE: _line,
    Holds.TEXT: _text,
    Holds.LIST: _list,
    Holds.TIME: _time,
    Holds.DAY: _day,
    Holds.YES_NO: _yes_no,
    Holds.CHOICE: _choice,
    Holds.PERSON: _line,
    Holds.PEOPLE: _list,
    Holds.KEYS: _keys,
}
