"""One line of what people paste: where its time stands, in which shape, and what it says besides. Reads no clock and no zone rules."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from enum import Enum
from typing import Final

from msgspec import Struct

from incidentctl.incident.times import parse_offset

PLACES: Final = {
    **dict.fromkeys(("CET", "CEST"), "Europe/Berlin"),
    **dict.fromkeys(("EET", "EEST"), "Europe/Helsinki"),
    **dict.fromkeys(("WET", "WEST"), "Europe/Lisbon"),
    **dict.fromkeys(("PST", "PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("MST", "MDT"), "America/Denver"),
    **dict.fromkeys(("CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("AEST", "AEDT"), "Australia/Sydney"),
    **dict.fromkeys(("NZST", "NZDT"), "Pacific/Auckland"),
    "BST": "Europe/London",
    "HKT": "Asia/Hong_Kong",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "MSK": "Europe/Moscow",
    "SAST": "Africa/Johannesburg",
}
"""Short names of zones as they stand in timelines, each with a place to propose. None is read as that place unasked."""

_MONTH: Final = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAY: Final = r"(?i:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b"
_FULL_WEEKDAY: Final = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_OF_MONTH: Final = r"\d{1,2}(?:st|nd|rd|th)?\b"
_YEAR: Final = r"(?:,?\s+\d{4}(?!:?\d))?"
_DATED: Final = (
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\.\d{1,2}\.(?:\d{4}|\d\d)(?!\d)"
    rf"|(?:{_WEEKDAY},?\s+)?(?:{_OF_MONTH}\.?\s+{_MONTH}{_YEAR}|{_MONTH}\s+{_OF_MONTH}{_YEAR})"
)
_NUMBERS: Final = r"\d{1,2}[-/]\d{1,2}(?:[-/](?:\d{4}|\d\d))?(?!\d)"
_CLOCK: Final = (
    r"(?:\d{1,2}:\d\d(?!\d)(?::\d\d(?:[.,]\d+)?)?(?:\s?[AaPp]\.?[Mm]\b\.?)?|\d{1,2}\s?[AaPp]\.?[Mm]\b\.?)(?!:?\d)"
)
_OFFSET: Final = r"(?:0\d|1[0-4]):?(?:00|15|30|45)\b"
_ABOUT: Final = r"~\s*|≈\s*|(?i:ca\.?|circa|about|around|approx\.?|approximately)\s+"
_MARK: Final = r"(?:>\s?)*\s*(?P<mark>#{1,6}\s+|[-*+•]\s+(?:\[[ xX]\]\s+)?|\d{1,3}[.)]\s+)?"

_STAMP: Final = re.compile(
    rf"{_MARK}(?P<dress>[*_`\[(]*)(?:{_ABOUT})?"
    rf"(?:(?P<day>{_DATED}|{_NUMBERS}|(?i:today|yesterday)|{_WEEKDAY})[\])*_`]*"
    rf"(?P<joint>[Tt]|[,;]?\s+(?:at\s+|[-–—]\s+)?)[*_`\[(]*)?(?:{_ABOUT})?(?P<clock>{_CLOCK})"
)
_ZONE: Final = re.compile(
    r"\s?(?P<utc>Z\b|(?:UTC|GMT)(?:[+-]\d{1,2}(?::?\d\d)?)?\b)"
    rf"|(?P<offset>\+{_OFFSET}|-(?!\d\d:){_OFFSET}|\s[+-]{_OFFSET})"
    rf"|\s(?P<name>{'|'.join(PLACES)})\b"
)
_RANGE: Final = re.compile(
    rf"(?P<joint>[-–—]|\s+(?:to|until|till)\s+)(?:{_ABOUT})?(?P<end>{_CLOCK})|\s+[-–—]\s+(?P<apart>{_CLOCK})"
)
_DAY_BEHIND: Final = re.compile(rf"\s*\((?P<day>{_DATED})\)|,?\s+on\s+(?P<on>{_DATED})(?!\w)")
_CLOSE: Final = re.compile(r"(?::(?=[*_`]))?[*_`\])]*")
_GOES_ON: Final = re.compile(r"(?=$|[\s:|,.;@<→–—-])\s*(?P<dash>(?:->|[-–—:|→,.]+)(?=\s|$))?\s*")
_DAY_LINE: Final = re.compile(
    rf"{_MARK}[*_=—–\s-]*(?P<day>{_DATED}|{_NUMBERS}|Today|Yesterday|{_FULL_WEEKDAY})\s*:?"
    r"[*_=\s]*(?:[-–—:]+\s*(?P<rest>.*?))?[*_=—–\s-]*$"
)
_NAME: Final = r"@?\w[\w.+'’-]*(?: \w[\w.+'’-]*){0,3}?"
_HEADER: Final = re.compile(
    rf"(?:>\s?)*\s*(?P<who>{_NAME})(?: APP| BOT)?,?\s+(?:[—–-]\s+)?(?P<bracket>[\[(])?"
    rf"(?:(?P<day>{_DATED}|{_NUMBERS}|(?i:today|yesterday)|{_WEEKDAY})(?:[Tt]|,?\s+(?:at\s+)?))?"
    rf"(?P<clock>{_CLOCK})(?P<zone>\s?(?:Z|UTC|GMT))?[\])]?:?\s*$"
)
_LONGEST_HEADING: Final = 400
_GAP: Final = re.compile(r"\s{40}")
FURNITURE: Final = re.compile(
    r"(?:>\s?)*\s*(?:#{1,6}\s*)?[*_]*(?:\w+ )?timeline[*_]*:?[*_]*\s*$|\s*[-=*_]{3,}\s*$|\s*\|[\s:|-]*\|?\s*$",
    re.IGNORECASE,
)
"""Lines that say nothing of their own: a heading that says Timeline, rules, the line below the head of a table."""

TABLE_HEAD: Final = re.compile(r"\s*\|\s*(?:time|when|date|at|clock)\b(?P<zone>[^|]*)\|", re.IGNORECASE)
_ZONE_WORD: Final = r"(?:(?-i:[A-Z])[\w/]*(?:[+-]\d[\d:]*)?|[+-]?\d[\d:]*|\([^()]*\)|(?:local|summer|winter|standard|daylight|time|zone)\b)"
ALL_TIMES: Final = re.compile(
    rf"(?:>\s?)*\s*[-*_(\s]*(?:all|the)?\s*times?(?:stamps)?\s+(?:(?:are|is|given|shown|stated|listed)\s+)*(?:in|:)?\s*"
    rf"(?P<zone>{_ZONE_WORD}(?:\s+{_ZONE_WORD}){{0,5}})(?:,?\s+on\s+(?P<day>{_DATED}))?[.:*_)\s]*$",
    re.IGNORECASE,
)


class Style(Enum):
    """How the lines with a time stand in a paste: what begins an entry in one style is a mere sentence in another."""

    PLAIN = "plain"
    ITEM = "item"
    HEADING = "heading"
    TABLE = "table"
    HEADER = "a name and a time above the text"
    BARE_HEADER = "the same, without brackets"


class Stamp(Struct, frozen=True):
    """The time at the beginning of a line as it is written, and the words behind it. `zone_name` is a short name as `CET`."""

    style: Style
    clock: str
    day: str = ""
    end: str = ""
    is_about: bool = False
    zone: tzinfo | None = None
    zone_name: str = ""
    words: str = ""
    who: str = ""
    looks_like_chat: bool = False
    in_brackets: bool = False

    @property
    def has_zone(self) -> bool:
        """Whether the line says in which zone its time is."""
        return self.zone is not None or bool(self.zone_name)


def read_stamp(line: str) -> Stamp | None:
    """The time that a line begins with, or `None`."""
    is_row = line.lstrip("> ").startswith("|")
    text = table_row(line) if is_row else line
    head = _STAMP.match(text)
    if head is None:
        return None
    clock = re.sub(r"(:\d\d:\d\d)[.,]\d+", r"\1", head["clock"])
    at = head.end()
    is_word = re.fullmatch(r"((?:1[3-9]|2\d):\d\d)\s?am", clock)  # as in `14:05 am not sure`
    if is_word:
        clock, at = is_word[1], head.start("clock") + len(is_word[1])
    is_exact = bool(head["day"]) or clock.count(":") == 2
    zone, zone_name, at = _zone_at(text, at, is_exact=is_exact)
    end, offset, at = _range_at(text, at, head)
    if offset:
        zone = fixed_zone(offset)
    if zone is None and not zone_name:
        zone, zone_name, at = _zone_at(text, at, is_exact=False)
    behind = None if head["day"] else _DAY_BEHIND.match(text, at)
    at = behind.end() if behind else at
    close = _CLOSE.match(text, at)
    at = close.end() if close else at
    goes_on = _GOES_ON.match(text, at)
    if goes_on is None:
        return None
    mark = (head["mark"] or "").strip()
    words = text[goes_on.end() :].rstrip()
    if "**" in head["dress"] and "**" not in text[head.end() : goes_on.end()]:
        words = words.replace("**", "", 1)  # the bold type began before the time, and has lost its beginning
    style = Style.TABLE if is_row else Style.HEADING if mark[:1] == "#" else Style.ITEM if mark else Style.PLAIN
    in_brackets = "[" in head["dress"] or "(" in head["dress"]
    return Stamp(
        style,
        clock,
        day=head["day"] or (behind and (behind["day"] or behind["on"])) or "",
        end=end,
        is_about=re.search(rf"(?:^|[\s*_`\[(])(?:{_ABOUT})", text[head.start("dress") : head.start("clock")])
        is not None,
        zone=zone,
        zone_name=zone_name,
        words=words,
        looks_like_chat=style is Style.PLAIN and (in_brackets or bool(goes_on["dash"])) and "*" not in head["dress"],
        in_brackets=in_brackets,
    )


def read_header(line: str) -> Stamp | None:
    """A line as chats put it above each message: a name, a time, and nothing else."""
    match = _HEADER.match(line)
    if match is None:
        return None
    return Stamp(
        Style.HEADER if match["bracket"] else Style.BARE_HEADER,
        match["clock"],
        day=match["day"] or "",
        zone=UTC if match["zone"] else None,
        who=match["who"],
        looks_like_chat=True,
    )


def read_day_line(line: str) -> tuple[str, str] | None:
    """A line that is a day, as above the lines of a day; behind the day of a heading more words may stand."""
    match = _DAY_LINE.match(line) if may_be_a_heading(line) else None
    if match is None:
        return None
    rest = (match["rest"] or "").strip("*_ ")
    is_heading = line.lstrip("> ").startswith(("#", "**", "__"))
    has_year = re.search(r"\d{2,4}$", match["day"]) is not None
    if (rest and not is_heading) or (re.fullmatch(_NUMBERS, match["day"]) and not has_year):
        return None
    return match["day"], rest


def may_be_a_heading(line: str) -> bool:
    """Whether a line is short enough, and has no such gaps, that it may say a day or a zone for the lines below it.

    The expressions for these take signs apart in many ways: a line of some thousand blanks would keep them busy for hours.
    """
    return len(line) <= _LONGEST_HEADING and _GAP.search(line) is None


def table_row(line: str) -> str:
    """A line of a table as a line of words."""
    if not line.lstrip("> ").startswith("|"):
        return line
    cells = re.split(r"(?<!\\)\|", line.strip("> \t").strip("|"))
    return " ".join(cell.strip().replace("\\|", "|") for cell in cells if cell.strip())


def fixed_zone(offset: str) -> tzinfo:
    """`+2`, `-0330`, `+02:00` as a zone."""
    offset = offset.strip()
    digits = offset[1:].replace(":", "")
    digits = digits.zfill(2 if len(digits) <= 2 else 4)
    return timezone(parse_offset(offset[0] + digits) or timedelta(0))


def iso_day(words: str) -> str | None:
    """`14.05.2026`, `14/05/26`, `05/14/2026` as a date, other words as they are, all without the name of the day.

    `None` where the numbers can be two days, or have no year.
    """
    words = re.sub(rf"^{_WEEKDAY},?\s+(?=\S)", "", " ".join(words.split()))
    match = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})(?:\2(\d{4}|\d\d))?", words)
    if match is None:
        return words.replace("/", "-")
    first, second = int(match[1]), int(match[3])
    if not match[4] or (match[2] != "." and first <= 12 and second <= 12 and first != second):
        return None
    is_day_first = match[2] == "." or first > 12 or second <= 12
    day, month = (first, second) if is_day_first else (second, first)
    return f"{match[4].rjust(4, '2') if len(match[4]) == 4 else '20' + match[4]}-{month:02d}-{day:02d}"


def _zone_at(text: str, at: int, *, is_exact: bool) -> tuple[tzinfo | None, str, int]:
    """A zone that stands there: a fixed one, or the short name of one; and where the text goes on.

    A number behind a space is one only where the time is as exact as a program writes it: `10:48 +1200 users`.
    """
    match = _ZONE.match(text, at)
    if match is None or (match["offset"] or "").startswith(" ") > is_exact:
        return None, "", at
    if match["name"]:
        return None, match["name"], match.end()
    word = match["offset"] or match["utc"][3:]
    return fixed_zone(word) if word else UTC, "", match.end()


def _range_at(text: str, at: int, head: re.Match[str]) -> tuple[str, str, int]:
    """The clock at the end of a range, or an offset where `-04:00` is one; and where the text goes on."""
    match = _RANGE.match(text, at)
    if match is None:
        return "", "", at
    if match["apart"]:
        # `10:48 - 12:30 was the last backup` is a sentence; `10:48 - 12:30: no backups` and `10:48 - 12:30 UTC` are ranges.
        behind = text[match.end() :]
        is_range = re.match(r"[*_`\])]*\s*(?:$|[-–—:|])", behind) or _ZONE.match(behind)
        return (match["apart"], "", match.end()) if is_range else ("", "", at)
    end = match["end"]
    could_be_offset = match["joint"] == "-" and re.fullmatch(_OFFSET, end) is not None
    is_exact = (head["joint"] or "").lower() == "t" or head["clock"].count(":") == 2
    if could_be_offset and (is_exact or end < head["clock"].rjust(5, "0")[:5]):
        return "", f"-{end}", match.end()
    return end, "", match.end()
