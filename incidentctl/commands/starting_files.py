"""The files that `init` writes or adds to, as text: every byte that stands there already stays. Pure."""

import json
import re
import tomllib
from typing import NamedTuple

from incidentctl.config.parse import parse_settings
from incidentctl.config.toml_positions import find_positions

_TABLE = re.compile(r"(?m)^[ \t]*\[")
_TOML_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_ON = re.compile(r"(?:on|'on'|\"on\")[ \t]*:(?=\s|$)(.*)")
_KEY = re.compile(r"([ ]*)([\w-]+|'[\w-]+'|\"[\w-]+\")[ ]*:(?=\s|$)(.*)")
_PUSH_ALONE = re.compile(r"(?:push|\[ *push *\])")
_PUSH_WORD = re.compile(r"(?<![\w-])push(?![\w-])")


def with_attributes(text: str, folders: tuple[str, ...]) -> str:
    """`.gitattributes` with a line for each folder, so that git merges the files in it by meaning. Of two lines the last holds."""
    newline = "\r\n" if "\r\n" in text else "\n"
    patterns = [_git_pattern(folder) for folder in folders]
    missing = [pattern for pattern in patterns if _merge_of(text, pattern) != "merge=incidentctl"]
    if not missing:
        return text
    start = text if not text or text.endswith("\n") else text + newline
    return start + "".join(f"{pattern} merge=incidentctl{newline}" for pattern in missing)


def _merge_of(text: str, pattern: str) -> str | None:
    found = None
    for line in text.splitlines():
        if line.lstrip().startswith((f"{pattern} ", f"{pattern}\t")):
            for word in line.lstrip()[len(pattern) :].split():
                if word.lstrip("-!").partition("=")[0] == "merge":
                    found = word
    return found


def _git_pattern(folder: str) -> str:
    """The files below a folder, in git's way to write it: a name with a space stands in quotes."""
    pattern = _without_wildcards(folder) + "/**"
    if pattern.startswith(("#", "!", '"')) or re.search(r"\s", pattern):
        return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return pattern


def _without_wildcards(folder: str) -> str:
    return re.sub(r"([*?\[\]+!])", r"\\\1", folder)


# --------------------------------------------------------------------------------------------- the user's own settings


def with_repository(text: str, path: str) -> str | None:
    """A user's own settings with that repository, in the place of the one that is named, else above the first table.

    `None` where that cannot be written without changing what else the file says, as in one that is not TOML.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text[len(mark) :]
    value = json.dumps(path, ensure_ascii=False).replace("\x7f", "\\u007f")
    span = find_positions(text).get(("repository",))
    if span is not None:
        standing = _TOML_STRING.match(text, span.value)
        tries = [text[: span.value] + value + text[standing.end() :]] if standing else []
    else:
        newline = "\r\n" if "\r\n" in text else "\n"
        table = _TABLE.search(text)
        places = (table.start(), 0) if table else (len(text),)
        tries = [_with_line(text, at, f"repository = {value}", newline) for at in places]
    return next((mark + each for each in tries if _says_no_more(text, each, path)), None)


def _with_line(text: str, at: int, line: str, newline: str) -> str:
    gap = newline if text[:at] and not text[:at].endswith("\n") else ""
    return f"{text[:at]}{gap}{line}{newline}{text[at:]}"


def _says_no_more(before: str, after: str, path: str) -> bool:
    """Whether the new text names the repository, and everything else says what it said."""
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except (ValueError, RecursionError):
        return False
    read = parse_settings(after, file_name="", kind="user")[0].repository
    return read == path and {**old, "repository": path} == new


# ------------------------------------------------------------------------------------------------------- GitHub's CI


class PushTrigger(NamedTuple):
    """What starts a workflow for each push: the text in which the folder is left out, where that is plain, and what to add by hand."""

    ignoring: str | None
    to_add: str


def push_trigger(text: str, folder: str) -> PushTrigger | None:
    """How a GitHub workflow is started by a push that changes only the folder; `None` where it is not.

    Only the forms that are surely understood are edited: `on: push`, `on: [push]`, and `push:` with a block of its own.
    """
    lines = text.splitlines(keepends=True)
    at, rest = _found(lines, _ON)
    if at is None:
        return None
    pattern = "'" + _without_wildcards(folder).replace("'", "''") + "/**'"
    by_hand = PushTrigger(None, f"`paths-ignore: [{pattern}]` under its `push:`")
    end = _end_of_block(lines, at, 0)
    if rest or not any(_content(line) for line in lines[at + 1 : end]):
        if _PUSH_ALONE.fullmatch(rest.strip("'\"")):
            newline = lines[at][len(lines[at].rstrip("\r\n")) :] or "\n"
            written = f"on:{newline}  push:{newline}    paths-ignore: [{pattern}]{newline}"
            return PushTrigger("".join((*lines[:at], written, *lines[at + 1 :])), by_hand.to_add)
        said = " ".join((rest, *(_content(line) for line in lines[at + 1 : end])))
        return by_hand if _PUSH_WORD.search(said) and "paths" not in said else None
    return _in_block(lines, at + 1, end, pattern, by_hand)


def _in_block(lines: list[str], begin: int, end: int, pattern: str, by_hand: PushTrigger) -> PushTrigger | None:
    """The same for what stands below `on:`, which is a list of words or a mapping."""
    first = next(line for line in lines[begin:end] if _content(line))
    depth = _depth(first)
    if _content(first).startswith("-"):
        return by_hand if any(_PUSH_WORD.search(_content(line)) for line in lines[begin:end]) else None
    events = [index for index in range(begin, end) if _content(lines[index]) and _depth(lines[index]) == depth]
    push = next((index for index in events if _name(lines[index]) == "push"), None)
    if push is None:
        return None
    rest = _rest(lines[push])
    inner = range(push + 1, _end_of_block(lines, push, depth))
    below = [index for index in inner if _content(lines[index])]
    inner_depth = _depth(lines[below[0]]) if below else depth * 2
    at_depth = (lines[index] for index in below if _depth(lines[index]) == inner_depth)
    filters = [_name(line) for line in at_depth if not _content(line).startswith("-")]
    said = " ".join((rest, *(_content(lines[index]) for index in below)))
    if "paths" in filters or re.search(r"[{,] *paths *:", rest) or _only_tags(filters):
        return None
    if "paths-ignore" in said:
        return None if pattern.strip("'") in said else PushTrigger(None, f"`{pattern}` to its `paths-ignore:`")
    if rest or None in filters or any("\t" in lines[index] for index in (push, *inner)):
        return by_hand
    newline = lines[push][len(lines[push].rstrip("\r\n")) :]
    if not newline:
        lines, newline = [*lines[:push], lines[push] + "\n"], "\n"
    written = " " * inner_depth + f"paths-ignore: [{pattern}]{newline}"
    return by_hand._replace(ignoring="".join((*lines[: push + 1], written, *lines[push + 1 :])))


def _only_tags(filters: list[str | None]) -> bool:
    """Whether only tags start it, which the record has none of."""
    return any(each in ("tags", "tags-ignore") for each in filters) and not any(
        each in ("branches", "branches-ignore") for each in filters
    )


def _found(lines: list[str], key: re.Pattern[str]) -> tuple[int | None, str]:
    for index, line in enumerate(lines):
        match = key.match(line)
        if match:
            return index, _content(match[1])
    return None, ""


def _end_of_block(lines: list[str], at: int, depth: int) -> int:
    """The line behind what belongs to the key in line `at`: the next one with something on it that is not deeper."""
    for index in range(at + 1, len(lines)):
        is_item = depth == 0 and lines[index].startswith(("-", "]", "}"))  # a list may stand as deep as its key
        if _content(lines[index]) and _depth(lines[index]) <= depth and not is_item:
            return index
    return len(lines)


def _content(text: str) -> str:
    """What a line, or the rest of one, says without its comment."""
    return re.sub(r"(?:^|\s)#.*", "", text.rstrip("\r\n")).strip()


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _name(line: str) -> str | None:
    match = _KEY.match(line)
    return match[2].strip("'\"") if match else None


def _rest(line: str) -> str:
    match = _KEY.match(line)
    return _content(match[3]) if match else ""
