"""The YAML at the head of a file: where each key stands, and how a value is written. Never loads a type and never dumps a tree."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from incidentctl.document.places import Fault, FrontMatter, KeyPlace
from incidentctl.incident.model import Value

_OPENING: Final = re.compile("\ufeff?---[ \t]*\r?\n")
_CLOSING: Final = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)

_PLAIN: Final = re.compile(r"[^\W\d_][\w ./()%+&'’–—…-]*(?::(?=\S)[\w./()%+&'’–—…-]*)*", re.UNICODE)
_NULLS: Final = ("null", "~")
_LONGEST_PLAIN: Final = 1_000  # a key and its colon are to stand on one line within 1,024 characters
_LONGEST_PLAIN_BLOCK: Final = 8_000
_YAML_WORDS: Final = frozenset("y n yes no on off true false null ~ none nan inf".split())
_ID: Final = re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9-]*[a-z0-9]", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_PLAIN_LINE: Final = re.compile(
    r"(?P<key>[a-z][a-z0-9_]*):(?: (?P<value>[A-Za-z0-9][A-Za-z0-9 ._/+@()-]*(?::[A-Za-z0-9._/+@()-]+)*"
    r'|"[A-Za-z0-9 .,:;_/+@()#\'-]*"|\[[A-Za-z0-9 ,._-]*\]))?\r?\n?'
)
_COUNTS: Final = ("affected_users", "error_budget", "revenue_impact")
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def read_front_matter(text: str) -> FrontMatter | None:
    """The front matter at the head of a text, or `None` where it begins with none. Never raises."""
    opening = _OPENING.match(text)
    if opening is None:
        return None
    start = opening.end()
    closing = _CLOSING.search(text, start)
    if closing is None:
        fault = Fault(
            1, 1, "front-matter-open", "the front matter that begins here does not end: a line `---` is missing"
        )
        return FrontMatter(start, start, faults=(fault,))
    return _read_plain(text, start, closing.start()) or _read_yaml(text, start, closing.start())


def _read_yaml(text: str, start: int, end: int) -> FrontMatter:
    from incidentctl.document.yaml_block import read_block  # 12 ms, and the files that we write do not need it

    return read_block(text, start, end)


def _read_plain(text: str, start: int, end: int) -> FrontMatter | None:
    """Front matter of plain `key: value` lines, as we write it ourselves; `None` where a line is anything more.

    What it takes is a small part of YAML, and a property holds it to what the real parser says of the same text.
    """
    if end - start > _LONGEST_PLAIN_BLOCK:
        return None
    values: dict[str, Value] = {}
    places: dict[str, KeyPlace] = {}
    at = start
    while at < end:
        line = _PLAIN_LINE.match(text, at, end)
        if line is None or (line.end() < end and not line[0].endswith("\n")):
            return None
        key, word = line["key"], line["value"]
        value = _plain_value(word) if word is not None else None
        if key in values or (word is not None and value is None):
            return None
        key_end = line.end("key") + 1
        value_start = key_end if word is None else line.start("value")
        value_end = value_start if word is None else value_start + len(word.rstrip(" "))
        values[key] = value
        places[key] = KeyPlace(at, key_end, value_start, value_end, word is None, "")
        at = line.end()
    return FrontMatter(start, end, values, places) if values else None


def _plain_value(word: str) -> Value:
    """The value of a word, or `None` where only the real parser can say."""
    if word.startswith('"'):
        return word[1:-1]
    if word.startswith("["):
        items = [item.strip() for item in word[1:-1].split(",")]
        if items == [""]:
            return ()
        return tuple(items) if all(item[:1].isalnum() and item.lower() not in _NULLS for item in items) else None
    word = word.rstrip(" ")
    return None if word.lower() in _NULLS or len(word) > _LONGEST_PLAIN else word


# ----------------------------------------------------------------------------------------------------- writing values


def scalar(word: str) -> str:
    """A word as YAML that every reader takes for that string: plain where that is safe, else in double quotes."""
    is_plain = _ID.fullmatch(word) or (
        _PLAIN.fullmatch(word)
        and word.lower() not in _YAML_WORDS
        and not word.endswith((" ", ":"))
        and " #" not in word
        and ": " not in word
    )
    if is_plain:
        return word
    quoted = json.dumps(word, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def flow_list(words: Sequence[str]) -> str:
    """Words as a YAML list on one line."""
    return f"[{', '.join(map(scalar, words))}]"


def _is_bare(key: str, value: str) -> bool:
    """Whether other readers are to take a value for more than a string: a time, a count, a yes or no."""
    if key.endswith("_at"):
        return _TIME.fullmatch(value) is not None
    if key in _COUNTS:
        return value.isascii() and value.isdecimal() and not value.startswith("0")
    return key == "drill" and value in ("true", "false")


def written(value: Value, *, key: str = "") -> str:
    """A value of our own as YAML; a mapping is never one of ours. A time is plain where the key says that it is one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if _is_bare(key, value) else scalar(value)
    if isinstance(value, Mapping):
        raise TypeError("a mapping is written by hand only")
    return flow_list([item for item in value if isinstance(item, str)])
