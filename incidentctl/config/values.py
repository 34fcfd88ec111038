"""One value of a settings file, checked against its kind: the TOML value in, the value of the program out."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from incidentctl.config.keys import ADDRESS_VARIABLES, Key, Kind
from incidentctl.errors import UsageError
from incidentctl.incident.policy import SEVERITY_NAME
from incidentctl.incident.times import parse_duration, resolve_zone
from incidentctl.incident.words import handle_of, names_git_folder

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SUBJECT_FIELDS = ("slug", "event", "id", "severity")
LONGEST_WAIT = 86400
LONGEST_PATTERN = 500
LONGEST_FOLDER = 200
LONGEST_PAST = 3660
LONGEST_DAYS = 1000
CLOCK_NAME = r"[a-z][a-z0-9_]{0,40}"
RULE_WORD = r"[A-Za-z][A-Za-z0-9]{0,40}(?:-[A-Za-z0-9]{1,40}){0,9}"

_FULL_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_STANDING_ROLES = (
    *("ic", "commander", "incident_commander", "tl", "tech_lead", "technical_lead"),
    *("comms", "comms_lead", "communications_lead"),
)
_NOT_IN_A_BRANCH = r"^[-./]|[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|[./]$|^@$"  # git check-ref-format


class WrongValueError(ValueError):
    """A value that is not of its kind; `hint` says what was meant, perhaps."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_value(key: Key, raw: object) -> Any:
    """The value as the program wants it. A WrongValueError, whose message goes on from the key's name, where it is none."""
    return _READERS[key.kind](key, raw)


def shown(value: object) -> str:
    """A value of the file inside a message, on one line and not too long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:39] + "…")
    if isinstance(value, int) and abs(value) > LONGEST_WAIT:
        return "so large a number"  # Python refuses to write one of many digits
    return str(value)


def _wrong(key: Key, raw: object, hint: str | None = None) -> WrongValueError:
    wanted = f"one of {', '.join(key.choices)}" if key.kind is Kind.CHOICE else key.kind.value.replace("`", "")
    return WrongValueError(f"must be {wanted}, not {shown(raw)}", hint)


def _line(key: Key, raw: object) -> str:
    if not isinstance(raw, str) or not raw.isprintable():
        raise _wrong(key, raw)
    return raw.strip()


def _text(key: Key, raw: object) -> str:
    text = _line(key, raw)
    if not text and key.required:
        raise WrongValueError("must not be empty")
    return text


def _branch(key: Key, raw: object) -> str:
    text = _line(key, raw).removeprefix("refs/heads/")
    if not text or re.search(_NOT_IN_A_BRANCH, text):
        raise _wrong(key, raw)
    return text


def _folder(key: Key, raw: object) -> str:
    text = _line(key, raw)
    parts = [part for part in text.split("/") if part not in ("", ".")]
    outside = text.startswith(("/", "~")) or "\\" in text or ":" in text or ".." in parts
    if outside or len(text) > LONGEST_FOLDER or any(names_git_folder(part) or part.startswith("-") for part in parts):
        raise WrongValueError(f"must be a folder inside the repository, not {shown(raw)}")
    return "/".join(parts)


def _path(key: Key, raw: object) -> str:
    text = _line(key, raw)
    if not text:
        raise _wrong(key, raw)
    return text


def _subject(key: Key, raw: object) -> str:
    text = _line(key, raw)
    rest = text
    for field in SUBJECT_FIELDS:
        rest = rest.replace("{" + field + "}", "")
    if not text or text.startswith("#"):
        raise _wrong(key, raw)
    unknown = re.search(r"\{([^{}]*)\}?|\}", rest)
    if unknown:
        known = ", ".join("{" + field + "}" for field in SUBJECT_FIELDS)
        raise WrongValueError(
            f"has {unknown[0]}, which is not one of {known}", did_you_mean(unknown[1] or "", SUBJECT_FIELDS)
        )
    if "{event}" not in text:
        raise WrongValueError("must have {event} in it, so that the history can be read")
    return text


def _seconds(key: Key, raw: object) -> float:
    if isinstance(raw, str):
        length = parse_duration(raw)
        if length is None:
            raise _wrong(key, raw)
        seconds: float = length.total_seconds()
    elif isinstance(raw, int | float) and not isinstance(raw, bool):
        seconds = raw
    else:
        raise _wrong(key, raw)
    if not 0 <= seconds <= LONGEST_WAIT:  # not a number fails here as well
        raise WrongValueError(f"must be from 0 seconds to a day, not {shown(raw)}")
    return float(seconds)


def _duration(key: Key, raw: object) -> timedelta | None:
    if raw == "none":
        return None
    length = parse_duration(raw) if isinstance(raw, str) else None
    if length is None:
        whole = isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= LONGEST_WAIT
        raise _wrong(key, raw, f'write "{raw}m" for minutes' if whole else None)
    if not length:
        raise WrongValueError("must be longer than nothing", 'write "none" for no clock')
    return length


def _business_days(key: Key, raw: object) -> int | None:
    if raw == "none":
        return None
    match = re.fullmatch(r"([0-9]{1,4})(?: (?:business |working )?days?)?", raw) if isinstance(raw, str) else None
    if match:
        raw = int(match[1])
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= 1000:
        raise _wrong(key, raw)
    return raw


def _month(key: Key, raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not 1 <= raw <= 12:
        raise _wrong(key, raw)
    return raw


def _yes_no(key: Key, raw: object) -> bool:
    if not isinstance(raw, bool):
        meant = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}.get(
            str(raw).lower()
        )
        raise _wrong(key, raw, f"write {meant}, without quotes" if meant and isinstance(raw, str) else None)
    return raw


def _choice(key: Key, raw: object) -> str:
    word = raw.strip().lower().replace("-", "_") if isinstance(raw, str) else None
    if word not in key.choices:
        raise _wrong(key, raw, did_you_mean(word or "", key.choices))
    return word


def _zone(key: Key, raw: object) -> str:
    name = _line(key, raw)
    try:
        resolve_zone(name)
    except UsageError as error:
        raise WrongValueError(f"names no time zone: {shown(raw)}", error.hint) from None
    return name


def _clock(key: Key, raw: object) -> time:
    """24:00 is midnight, 00:00, at the end of the day."""
    if isinstance(raw, time):
        return raw.replace(second=0, microsecond=0)
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", raw) if isinstance(raw, str) else None
    if match is None or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > 24 * 60:
        raise _wrong(key, raw)
    return time(int(match[1]) % 24, int(match[2]))


def _weekdays(key: Key, raw: object) -> frozenset[int]:
    days: set[int] = set()
    for each in _items(key, raw):
        word = each.lower()
        number = next((n for n, day in enumerate(_FULL_WEEKDAYS) if word in (day, day[:3])), None)
        if number is None:
            raise _wrong(key, each, did_you_mean(word, (*WEEKDAYS, *_FULL_WEEKDAYS)))
        days.add(number)
    if not days:
        raise WrongValueError("must name a day at least")
    return frozenset(days)


def _dates(key: Key, raw: object) -> frozenset[date]:
    if not isinstance(raw, list):
        raise _wrong(key, raw)
    days: set[date] = set()
    for each in raw:
        day = each
        if isinstance(each, str):
            try:
                day = date.fromisoformat(each) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", each) else None
            except ValueError:
                day = None
        if not isinstance(day, date) or isinstance(day, datetime):
            raise _wrong(key, each)
        days.add(day)
    return frozenset(days)


def _items(key: Key, raw: object) -> list[str]:
    if not isinstance(raw, list):
        raise _wrong(key, raw, "write it in square brackets" if isinstance(raw, str) else None)
    return [_line(key, each) for each in raw]


def _texts(key: Key, raw: object) -> tuple[str, ...]:
    found = _items(key, raw)
    if "" in found:
        raise WrongValueError("has an empty text in its list")
    return tuple(dict.fromkeys(found))


def _handle(key: Key, raw: object) -> str:
    handle = handle_of(raw) if isinstance(raw, str) else None
    if handle is None:
        raise _wrong(key, raw)
    return handle


def _handles(key: Key, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise _wrong(key, raw, "write it in square brackets" if isinstance(raw, str) else None)
    return tuple(dict.fromkeys(_handle(key, each) for each in raw))


def _roles(key: Key, raw: object) -> tuple[str, ...]:
    roles = [each.lower() for each in _items(key, raw)]
    for role in roles:
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", role):
            raise WrongValueError(f"must be {key.kind.value.replace('`', '')}: {shown(role)} is not a word")
        if role.replace("-", "_") in _STANDING_ROLES:
            raise WrongValueError(f"has {role}, which is there without it")
    return tuple(dict.fromkeys(roles))


def _url(key: Key, raw: object) -> str:
    text = _line(key, raw)
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):[^\s<>\"`]+$", text)
    if scheme is None:
        raise _wrong(
            key, raw, f"did you mean https://{text}?" if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:/\S*)?", text) else None
        )
    if scheme[1].lower() in ("javascript", "data", "vbscript", "file"):
        raise WrongValueError(f"must be an address that can be called, not {scheme[1]}:")
    return text


def _page(key: Key, raw: object) -> str:
    """Without the slashes at its end, so that what stands below it can be put behind it."""
    text = _url(key, raw)
    if not re.fullmatch(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?", text, re.IGNORECASE):
        raise _wrong(key, raw)
    return text.rstrip("/")


def _contact(key: Key, raw: object) -> str:
    text = _url(key, raw)
    if not re.match(r"(?:https?://|mailto:)[^\s/]", text, re.IGNORECASE):
        raise _wrong(key, raw)
    return text


def _days(key: Key, raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise _wrong(key, raw)
    if not 1 <= raw <= LONGEST_PAST:
        raise WrongValueError(f"must be from 1 day to {LONGEST_PAST} days, not {shown(raw)}")
    return raw


def _prefix(key: Key, raw: object) -> str:
    text = _line(key, raw).removeprefix("#")
    if not re.fullmatch(r"[\w-]{0,40}", text):
        raise _wrong(key, raw)
    return text


def _severity_name(key: Key, raw: object) -> str:
    if not isinstance(raw, str) or not re.fullmatch(SEVERITY_NAME, raw):
        raise _wrong(key, raw)
    return raw


def _services(key: Key, raw: object) -> list[object]:
    if not isinstance(raw, list):
        raise _wrong(key, raw, "write it in square brackets" if isinstance(raw, str) else None)
    return raw


def _date(key: Key, raw: object) -> date:
    days = _dates(key, [raw])
    return next(iter(days))


def _file(key: Key, raw: object) -> str:
    text = _line(key, raw)
    try:
        path = _folder(key, text)
    except WrongValueError:
        path = ""
    if not path or text.endswith("/"):
        raise WrongValueError(f"must be the path of a file inside the repository, not {shown(raw)}")
    return path


def _globs(key: Key, raw: object) -> tuple[str, ...]:
    found = _items(key, raw)
    if not found and key.required:
        raise WrongValueError("must have a pattern at least")
    for each in found:
        if not each.strip("/") or ".." in each.split("/") or "\\" in each:
            raise WrongValueError(f"must have patterns of paths inside the repository, not {shown(each)}")
    return tuple(dict.fromkeys(each.removeprefix("./") for each in found))


def _sections(key: Key, raw: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_word_of(key, each) for each in _items(key, raw)))


def _word_of(key: Key, raw: object) -> str:
    """One of the key's words, written in any case and with spaces or hyphens."""
    word = "_".join(raw.lower().replace("-", " ").replace("_", " ").split()) if isinstance(raw, str) else ""
    if word not in key.choices:
        hint = did_you_mean(word, key.choices) or f"it is one of {', '.join(key.choices)}"
        raise WrongValueError(f"has {shown(raw)}, which is none of its words", hint)
    return word


def _rules(key: Key, raw: object) -> tuple[str, ...]:
    found: list[str] = []
    for each in _items(key, raw):
        for word in each.split(","):
            if not re.fullmatch(RULE_WORD, word.strip()):
                raise WrongValueError(
                    f"has {shown(each)}, which names no rule", "write it as STR009, STR or thin-section"
                )
            found.append(word.strip())
    return tuple(dict.fromkeys(found))


def _clock_name(key: Key, raw: object) -> str:
    name = raw.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(raw, str) else ""
    if not re.fullmatch(CLOCK_NAME, name):
        raise _wrong(key, raw)
    return name


def _one_or_more(key: Key, raw: object) -> tuple[str, ...]:
    found = (_line(key, raw),) if isinstance(raw, str) else _items(key, raw)
    if not found or not all(found):
        raise _wrong(key, raw)
    return tuple(dict.fromkeys(found))


def _within(key: Key, raw: object) -> timedelta | int | None:
    """A length of time, or a number of business days; `None` for none."""
    match = re.fullmatch(r"\s*([0-9]{1,4})\s*(?:business|working)\s+days?\s*", raw) if isinstance(raw, str) else None
    if match is None:
        return _duration(key, raw)
    days = int(match[1])
    if not 0 < days <= LONGEST_DAYS:
        raise WrongValueError(f"must be from 1 to {LONGEST_DAYS} business days, not {shown(raw)}")
    return days


def _table(key: Key, raw: object) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise _wrong(key, raw)
    return raw


def _levels(key: Key, raw: object) -> dict[str, str]:
    levels: dict[str, str] = {}
    for name, level in _table(key, raw).items():
        if not re.fullmatch(RULE_WORD, name.strip()):
            raise WrongValueError(f"has {shown(name)}, which names no rule", "write it as STR009, STR or thin-section")
        word = level.strip().lower() if isinstance(level, str) else ""
        if word not in key.choices:
            hint = did_you_mean(word, key.choices)
            raise WrongValueError(f"{shown(name)} must be one of {', '.join(key.choices)}, not {shown(level)}", hint)
        levels[name.strip()] = word
    return levels


def _names(key: Key, raw: object) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, word in _table(key, raw).items():
        if not name.strip() or not name.isprintable():
            raise WrongValueError(f"has {shown(name)}, which no document can have")
        names[name.strip()] = _word_of(key, word)
    return names


def _columns(key: Key, raw: object) -> dict[str, str]:
    columns: dict[str, str] = {}
    for name, word in _table(key, raw).items():
        ours = name.strip().lower().replace("-", "_")
        if ours not in key.choices:
            raise WrongValueError(f"has {shown(name)}, which is no column of ours", did_you_mean(ours, key.choices))
        if not isinstance(word, str) or not word.strip() or not word.isprintable():
            raise WrongValueError(f"says {shown(word)} of {ours}: the name of a column is meant")
        columns[ours] = word.strip()
    return columns


def _words(key: Key, raw: object) -> dict[str, str]:
    words: dict[str, str] = {}
    for theirs, ours in _table(key, raw).items():
        if not isinstance(ours, str) or not ours.strip() or not ours.isprintable() or not theirs.isprintable():
            raise WrongValueError(f"says {shown(ours)} of {shown(theirs)}: a word is meant")
        word = ours.strip()
        if key.choices:
            word = word.lower().replace("-", "_").replace(" ", "_").replace("cancelled", "canceled")
            if word not in key.choices:
                raise WrongValueError(f"says {shown(ours)}, which is none of ours", did_you_mean(word, key.choices))
        words[theirs.strip()] = word
    return words


def _date_format(key: Key, raw: object) -> str:
    text = _line(key, raw)
    if "%" not in text or len(text) > LONGEST_FOLDER:
        raise _wrong(key, raw)
    example = datetime(2026, 5, 14, 10, 5, 40)  # noqa: DTZ001  # only its form is tried
    try:
        read = datetime.strptime(example.strftime(text), text)  # noqa: DTZ007
    except (ValueError, re.error):
        raise _wrong(key, raw, "as Python's strptime has it: %d/%m/%Y %H:%M") from None
    if read.date() != example.date():
        raise WrongValueError("must have a day, a month and a year in it", "as %d/%m/%Y %H:%M")
    return text


def _pattern(key: Key, raw: object) -> str:
    if not isinstance(raw, str) or not raw.isprintable():
        raise _wrong(key, raw)
    if not raw:
        raise WrongValueError("must not be empty")
    if len(raw) > LONGEST_PATTERN:
        raise WrongValueError(f"must be no longer than {LONGEST_PATTERN} characters")
    return raw


def _rule_code(key: Key, raw: object) -> str:
    code = raw.strip().upper() if isinstance(raw, str) else ""
    if not re.fullmatch(r"X[0-9]{3}", code):
        raise _wrong(key, raw)
    return code


def _rule_name(key: Key, raw: object) -> str:
    name = raw.strip().lower() if isinstance(raw, str) else ""
    if not re.fullmatch(r"[a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){1,9}", name):
        raise _wrong(key, raw)
    return name


def _target(key: Key, raw: object) -> str:
    if not isinstance(raw, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,40}", raw):
        raise _wrong(key, raw)
    return raw


def _events(key: Key, raw: object) -> tuple[str, ...]:
    words = ["updated" if each.strip().lower() == "update" else each for each in _items(key, raw)]
    if not words:
        raise WrongValueError("must name an event at least")
    return tuple(dict.fromkeys(_word_of(key, each) for each in words))


def _address_variable(key: Key, raw: object) -> str:
    if not isinstance(raw, str) or not re.fullmatch(ADDRESS_VARIABLES + "[A-Z0-9_]{1,60}", raw):
        raise WrongValueError(
            f"must be {key.kind.value.replace('`', '')}, in capitals, not {shown(raw)}",
            "no other variable is ever read for an address",
        )
    return raw


def _address(key: Key, raw: object) -> str:
    """The value is a secret: no message repeats it."""
    if not isinstance(raw, str) or not raw.isprintable() or not re.match(r"\s*[A-Za-z][A-Za-z0-9+.-]*://\S", raw):
        raise WrongValueError(f"must be {key.kind.value.replace('`', '')}")
    return raw.strip()


def _command(key: Key, raw: object) -> tuple[str, ...] | str:
    if isinstance(raw, str) and raw.strip() and "\0" not in raw:
        return raw
    if (
        isinstance(raw, list)
        and raw
        and all(isinstance(each, str) and "\0" not in each for each in raw)
        and raw[0].strip()
    ):
        return tuple(raw)
    raise _wrong(key, raw)


_READERS: dict[Kind, Callable[[Key, object], Any]] = {
    Kind.TEXT: _text,
    Kind.BRANCH: _branch,
    Kind.FOLDER: _folder,
    Kind.PATH: _path,
    Kind.SUBJECT: _subject,
    Kind.SECONDS: _seconds,
    Kind.DURATION: _duration,
    Kind.BUSINESS_DAYS: _business_days,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.ZONE: _zone,
    Kind.CLOCK: _clock,
    Kind.WEEKDAYS: _weekdays,
    Kind.DATES: _dates,
    Kind.TEXTS: _texts,
    Kind.HANDLES: _handles,
    Kind.HANDLE: _handle,
    Kind.ROLES: _roles,
    Kind.URL: _url,
    Kind.PREFIX: _prefix,
    Kind.SEVERITY: _text,
    Kind.SEVERITY_NAME: _severity_name,
    Kind.SERVICES: _services,
    Kind.DATE: _date,
    Kind.FILE: _file,
    Kind.GLOBS: _globs,
    Kind.SECTIONS: _sections,
    Kind.RULES: _rules,
    Kind.LEVELS: _levels,
    Kind.ALIASES: _names,
    Kind.LABELS: _names,
    Kind.COLUMNS: _columns,
    Kind.WORDS: _words,
    Kind.DATE_FORMAT: _date_format,
    Kind.PATTERN: _pattern,
    Kind.RULE_CODE: _rule_code,
    Kind.RULE_NAME: _rule_name,
    Kind.MONTH: _month,
    Kind.TARGET: _target,
    Kind.EVENTS: _events,
    Kind.ADDRESS_VARIABLE: _address_variable,
    Kind.ADDRESS: _address,
    Kind.COMMAND: _command,
    Kind.DAYS: _days,
    Kind.PAGE: _page,
    Kind.CONTACT: _contact,
    Kind.CLOCK_NAME: _clock_name,
    Kind.SEVERITIES: _one_or_more,
    Kind.TAGS: _one_or_more,
    Kind.WITHIN: _within,
}


def did_you_mean(word: str, known: Sequence[str]) -> str | None:
    """The hint for a word with a typing error, where one that is known is near."""
    import difflib  # 5 ms, for those who made a mistake

    spelt = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(word[:100].casefold(), spelt, 1, 0.6)
    return f"did you mean '{spelt[close[0]]}'?" if close else None
