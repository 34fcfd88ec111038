"""The YAML at the head of a file: where each key stands, and how a value is written. Never loads a type and never dumps a tree."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import yaml
from msgspec import Struct, field
from msgspec.structs import replace

from incidentctl.incident.model import Value

_Loader: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar is a string: NO is no False here
_OPENING: Final = re.compile("\ufeff?---[ \t]*\r?\n")
_CLOSING: Final = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_NOT_YAML: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_LENGTH: Final = 100_000
_MAX_DEPTH: Final = 20
_MAX_NODES: Final = 5_000
_TOO_MUCH: Final = "the front matter holds more than can be read"

_PLAIN: Final = re.compile(r"[^\W\d_][\w ./()%+&'’–—…-]*(?::(?=\S)[\w./()%+&'’–—…-]*)*", re.UNICODE)
_YAML_WORDS: Final = frozenset("y n yes no on off true false null ~ none nan inf".split())
_ID: Final = re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9-]*[a-z0-9]", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


class Fault(Struct, frozen=True):
    """What is wrong, and where: line and column from 1, in the file."""

    line: int
    column: int
    code: str
    message: str


class KeyPlace(Struct, frozen=True):
    """Where a key and its value stand, as offsets into the text.

    `start` is that of the key's line, `key_end` stands behind the colon; `value_end` is behind the last character of
    the value, never behind the end of its line. `is_empty` where no value is written.
    """

    start: int
    key_end: int
    value_start: int
    value_end: int
    is_empty: bool
    indentation: str


class FrontMatter(Struct, frozen=True):
    """The head of a file. `start` and `end` are the offsets of what stands between its two fences.

    It is readable when it is one block of keys; else `values` is empty and `faults` says why.
    """

    start: int
    end: int
    values: Mapping[str, Value] = field(default_factory=dict)
    places: Mapping[str, KeyPlace] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    can_add: bool = True

    @property
    def is_readable(self) -> bool:
        """Whether its keys can be trusted, and so be written."""
        return not self.faults


_Event = Any  # the published types of PyYAML do not know the marks and the anchors of its events


class _Broken(Exception):
    """The YAML cannot be read from this index on."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index
        self.message = message


class _Node(Struct, frozen=True):
    """A value, how many values it is made of, and the span of its own words."""

    value: Value
    size: int
    start: int
    end: int


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
    return _read_block(text, start, closing.start())


def _read_block(text: str, start: int, end: int) -> FrontMatter:
    faults: list[Fault] = []

    def fault(index: int, code: str, message: str) -> None:
        at = start + index
        faults.append(Fault(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at), code, message))

    # A byte that is not UTF-8 is a fault of the file, not of the YAML: the keys around it can still be read and set.
    content = _SURROGATES.sub("\ufffd", text[start:end])
    values: dict[str, Value] = {}
    places: dict[str, KeyPlace] = {}
    size = 0
    is_flow = False
    try:
        if len(content) > MAX_LENGTH:
            raise _Broken(0, f"the front matter is longer than {MAX_LENGTH} characters")
        # From events, not from composed nodes: PyYAML's composer in C calls itself for each level, without a limit.
        events: Iterator[_Event] = yaml.parse(content, Loader=_Loader)
        root = next(event for event in events if not isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent))
        if isinstance(root, yaml.StreamEndEvent):
            return FrontMatter(start, end)
        if not isinstance(root, yaml.MappingStartEvent):
            raise _Broken(0, "the front matter is not a list of `key: value` lines")
        is_flow = bool(root.flow_style)
        anchors: dict[str, _Node] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = _read_node(event, events, anchors, 0)
            node = _read_node(next(events), events, anchors, 0)
            size += key.size + node.size
            if size > _MAX_NODES:
                raise _Broken(key.start, _TOO_MUCH)
            if not isinstance(event, yaml.ScalarEvent):
                fault(key.start, "broken-yaml", "a key of the front matter is not a word")
            elif event.value in values:
                line = text.count("\n", 0, places[event.value].start) + 1
                fault(
                    key.start,
                    "duplicate-key",
                    f"the key `{event.value}` stands twice, first on line {line}: remove one",
                )
            else:
                values[event.value] = node.value
                places[event.value] = _place(text, start, key, node)
        if any(isinstance(event, yaml.DocumentStartEvent) for event in events):
            raise _Broken(0, "the front matter holds more than one document")
    except _Broken as error:
        fault(error.index, "broken-yaml", error.message)
    except yaml.reader.ReaderError as error:
        harmful = _NOT_YAML.search(content)
        name = f"a control character, U+{ord(harmful[0]):04X}" if harmful else str(error.reason)
        fault(harmful.start() if harmful else 0, "broken-yaml", f"the front matter is broken YAML: {name}")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or "it is not YAML").strip()
        fault(
            min(mark.index, len(content)) if mark else 0, "broken-yaml", f"the front matter is broken YAML: {problem}"
        )
    if faults:
        return FrontMatter(start, end, faults=tuple(faults))
    return FrontMatter(start, end, values, places, can_add=not is_flow)


def _place(text: str, start: int, key: _Node, node: _Node) -> KeyPlace:
    key_start = start + key.start
    line_start = text.rfind("\n", 0, key_start) + 1
    value_start = start + node.start
    return KeyPlace(
        start=line_start,
        key_end=max(start + key.end, text.find(":", start + key.end, value_start) + 1),
        value_start=value_start,
        value_end=value_start + len(text[value_start : start + node.end].rstrip(" \t\r\n")),
        is_empty=node.start == node.end,
        indentation=text[line_start:key_start],
    )


def _read_node(event: _Event, rest: Iterator[_Event], anchors: dict[str, _Node], depth: int) -> _Node:
    """The value that begins with an event, and all events that are part of it taken from `rest`."""
    start: int = event.start_mark.index
    end: int = event.end_mark.index
    if depth > _MAX_DEPTH:
        raise _Broken(start, "the front matter is nested too deeply")
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise _Broken(start, f"the front matter is broken YAML: nothing has the name &{event.anchor}")
        return replace(anchors[event.anchor], start=start, end=end)
    if isinstance(event, yaml.ScalarEvent):
        is_null = not event.style and not event.tag and event.value.lower() in ("", "~", "null")
        node = _Node(None if is_null else str(event.value), 1, start, end)
    else:
        node = _read_collection(event, rest, anchors, depth)
    if event.anchor:
        anchors[event.anchor] = node
    return node


def _read_collection(opening: _Event, rest: Iterator[_Event], anchors: dict[str, _Node], depth: int) -> _Node:
    """A list or a mapping. The end mark of a block stands behind the comments that follow it, so its last value's counts."""
    start: int = opening.start_mark.index
    nodes: list[_Node] = []
    size, end = 1, start
    for event in rest:
        event_end: int = event.end_mark.index
        if isinstance(event, yaml.CollectionEndEvent):
            end = event_end if opening.flow_style or not nodes else nodes[-1].end
            break
        nodes.append(_read_node(event, rest, anchors, depth + 1))
        size += nodes[-1].size
        if size > _MAX_NODES:
            raise _Broken(start, _TOO_MUCH)
    values = [node.value for node in nodes]
    if isinstance(opening, yaml.SequenceStartEvent):
        return _Node(tuple(values), size, start, end)
    pairs = zip(values[::2], values[1::2], strict=True)
    return _Node({key if isinstance(key, str) else "?": value for key, value in pairs}, size, start, end)


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


def written(value: Value, *, key: str = "") -> str:
    """A value of our own as YAML; a mapping is never one of ours. A time is plain where the key says that it is one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if key.endswith("_at") and _TIME.fullmatch(value) else scalar(value)
    if isinstance(value, Mapping):
        raise TypeError("a mapping is written by hand only")
    return flow_list([item for item in value if isinstance(item, str)])
