"""Front matter that is more than plain lines: read from the events of a real YAML parser. Loaded only for files that need it."""

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from msgspec import Struct
from msgspec.structs import replace

from incidentctl.document.places import MAX_LENGTH, Fault, FrontMatter, KeyPlace
from incidentctl.incident.model import Value

_Loader: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar is a string: NO is no False here
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_NOT_YAML: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAX_DEPTH: Final = 20
_MAX_NODES: Final = 5_000
_TOO_MUCH: Final = "the front matter holds more than can be read"

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


def read_block(text: str, start: int, end: int) -> FrontMatter:
    """What stands between two offsets of a text. Faults are collected, never raised."""
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
