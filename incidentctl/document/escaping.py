"""Words in Markdown that read back as themselves: backslashes where the grammar of entries would see something else. Pure."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_SPECIAL: Final = re.compile(r"[\\<(*@]")
_BACKTICKS: Final = re.compile("`+")
_RIGHT_SIDE: Final = re.compile(r"\((?:recorded |by hand, |noted by @|agent\))")
TAIL_LENGTH: Final = 400
"""How much of a line's end is searched for an author and the like: so that a line of any length is read in one go."""
_TRAILING_AUTHOR: Final = re.compile(r"(?:^|\s)(?:—|–|--|-)\s+(@)[\w.+-]+$")
_FENCED_ITEM: Final = re.compile(r"\\*- ")
_FENCE: Final = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")


def escape_line(line: str, *, is_first: bool = False, no_html: bool = False) -> str:
    """One line of text as Markdown. Code between backticks stands as it is; `is_first` guards the right side of an entry.

    With `no_html` no tag is left in it either, as a heading wants it.
    """
    if not _SPECIAL.search(line):
        return line
    runs = _runs_of_backticks(line)
    author = _TRAILING_AUTHOR.search(line, max(0, len(line) - TAIL_LENGTH)) if is_first else None
    author_at = author.start(1) if author else -1
    pieces: list[str] = []
    at = 0
    while at < len(line):
        character = line[at]
        if character == "`":
            end = _end_of_code(line, at, runs)
            pieces.append(line[at:end])
            at = end
            continue
        needs_backslash = (
            (character == "\\" and line[at + 1 : at + 2] in _PUNCTUATION and at + 1 < len(line))
            or (character == "<" and (no_html or line.startswith("<!--", at)))
            or (is_first and character == "(" and _RIGHT_SIDE.match(line, at) is not None)
            or at == author_at
        )
        pieces.append("\\" + character if needs_backslash else character)
        at += 1
    return "".join(pieces)


def unescape_line(line: str) -> str:
    """What a line of Markdown says: the inverse of `escape_line`, and a fair reading of what people escape by hand."""
    if "\\" not in line:
        return line
    runs = _runs_of_backticks(line)
    pieces: list[str] = []
    at = 0
    while at < len(line):
        character = line[at]
        if character == "`":
            end = _end_of_code(line, at, runs)
            pieces.append(line[at:end])
            at = end
        elif character == "\\" and at + 1 < len(line) and line[at + 1] in _PUNCTUATION:
            pieces.append(line[at + 1])
            at += 2
        else:
            pieces.append(character)
            at += 1
    return "".join(pieces)


def _runs_of_backticks(line: str) -> dict[int, list[int]]:
    """Where the runs of backticks begin, by their length: so that a line of any length is read in one go."""
    runs: dict[int, list[int]] = {}
    for run in _BACKTICKS.finditer(line):
        runs.setdefault(len(run[0]), []).append(run.start())
    return runs


def _end_of_code(line: str, start: int, runs: dict[int, list[int]]) -> int:
    """Where the code that opens at `start` ends; without a closing run of the same length just the run itself."""
    end = _end_of_run(line, start)
    closings = runs.get(end - start, [])
    at = bisect_left(closings, end)
    return closings[at] + end - start if at < len(closings) else end


def _end_of_run(line: str, start: int) -> int:
    match = _BACKTICKS.match(line, start)
    return match.end() if match else start


def ends_comment(line: str) -> bool:
    """Whether a comment from a line above ends here. The comment with the id of an entry or an item ends nothing but itself."""
    end = line.find("-->")
    return end >= 0 and line.find("<!--", 0, end) < 0


def escape_lines(lines: list[str], *, no_items: bool = False) -> list[str]:
    """The further lines of a text; what stands in a fence stands as it is.

    With `no_items` none of them begins a list item: under an update an item is a field of the template.
    """
    escaped: list[str] = []
    for line, in_fence in _with_fences(lines):
        text = line if in_fence else escape_line(line)
        if no_items and (_FENCED_ITEM.match(text) if in_fence else text.startswith("- ")):
            text = "\\" + text
        escaped.append(text)
    return escaped


def unescape_lines(lines: list[str], *, no_items: bool = False) -> list[str]:
    """The inverse of `escape_lines`."""
    plain: list[str] = []
    for line, in_fence in _with_fences(lines):
        if not in_fence:
            plain.append(unescape_line(line))
        elif no_items and line.startswith("\\") and _FENCED_ITEM.match(line):
            plain.append(line[1:])
        else:
            plain.append(line)
    return plain


def _with_fences(lines: list[str]) -> Iterator[tuple[str, bool]]:
    fence = ""
    for line in lines:
        if fence:
            yield line, True
            if closes_fence(line, fence):
                fence = ""
        else:
            fence = opened_fence(line)
            yield line, bool(fence)


def opened_fence(line: str) -> str:
    """The marker of the fence that a line opens, such as three backticks, or nothing."""
    match = _FENCE.match(line)
    return match[1] if match else ""


def closes_fence(line: str, fence: str) -> bool:
    """Whether a line ends the fence that was opened with the marker `fence`."""
    stripped = line.strip()
    return len(stripped) >= len(fence) and set(stripped) == {fence[0]}
