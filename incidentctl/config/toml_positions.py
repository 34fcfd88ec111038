"""Where each key and value of a TOML text stands, which `tomllib` does not say. For texts that `tomllib` has read without a fault."""

import re
import tomllib
from typing import NamedTuple

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")  # commas too: where a value or key is looked for they mean nothing
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN_VALUE = re.compile(r"[^,\]}#\n]*")
_STRINGS = (
    re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}', re.DOTALL),
    re.compile(r"'''(?:[^']|'(?!''))*'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


class Span(NamedTuple):
    """Where a key and its value begin, as offsets into the text."""

    key: int
    value: int


def find_positions(text: str) -> dict[Path, Span]:
    """The place of each table, key and list item, by its path; the items of a list are numbered from 0.

    A text that is not TOML gives what was found up to its fault, and never an error.
    """
    scanner = _Scanner(text)
    try:
        scanner.scan()
    except (_NotUnderstoodError, RecursionError):
        pass
    return scanner.found


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both from 1, in characters."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


class _NotUnderstoodError(Exception):
    """The text is not TOML after all."""


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, Span] = {}
        self.lengths: dict[Path, int] = {}  # of the lists of tables

    def scan(self) -> None:
        table: Path = ()
        while True:
            self.skip(_BLANK)
            if self.at >= len(self.text):
                return
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)

    def header(self) -> Path:
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        start = self.at
        self.at += brackets
        keys = [key for _, key in self.dotted_key()]
        self.expect("]" * brackets)
        path: Path = ()
        for key in keys:
            path = (*path, key)
            self.found.setdefault(path, Span(start, start))
            if path in self.lengths and not (brackets == 2 and len(keys) == _names(path)):
                path = (*path, self.lengths[path] - 1)
        if brackets == 2:
            number = self.lengths.get(path, 0)
            self.lengths[path] = number + 1
            path = (*path, number)
        self.found[path] = Span(start, start)
        return path

    def pair(self, table: Path) -> None:
        path = table
        keys = self.dotted_key()
        for offset, key in keys:
            path = (*path, key)
            self.found.setdefault(path, Span(offset, offset))
        self.expect("=")
        self.skip(_SPACE)
        self.found[path] = Span(keys[0][0], self.at)
        self.value(path)

    def dotted_key(self) -> list[tuple[int, str]]:
        keys = []
        while True:
            self.skip(_SPACE)
            keys.append((self.at, self.simple_key()))
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def simple_key(self) -> str:
        start = self.at
        if self.text[start : start + 1] in ("'", '"'):
            self.string()
            written = self.text[start : self.at]
            try:
                return str(tomllib.loads(f"key = {written}")["key"])
            except ValueError as error:
                raise _NotUnderstoodError from error
        return self.skip(_BARE_KEY)

    def value(self, path: Path) -> None:
        start = self.text[self.at : self.at + 1]
        if start == "[":
            self.at += 1
            number = 0
            while not self.ends_with("]"):
                self.found[*path, number] = Span(self.at, self.at)
                self.value((*path, number))
                number += 1
        elif start == "{":
            self.at += 1
            while not self.ends_with("}"):
                self.pair(path)
        elif start in ("'", '"'):
            self.string()
        else:
            self.skip(_PLAIN_VALUE)

    def ends_with(self, bracket: str) -> bool:
        """Steps to the next item of a list or an inline table, or over its end."""
        self.skip(_BLANK)
        if self.at >= len(self.text):
            raise _NotUnderstoodError
        if self.text.startswith(bracket, self.at):
            self.at += 1
            return True
        return False

    def string(self) -> None:
        for pattern in _STRINGS:
            match = pattern.match(self.text, self.at)
            if match:
                self.at = match.end()
                return
        raise _NotUnderstoodError

    def skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None or (match.end() == self.at and pattern in (_BARE_KEY, _PLAIN_VALUE)):
            raise _NotUnderstoodError
        self.at = match.end()
        return match[0]

    def expect(self, token: str) -> None:
        self.skip(_SPACE)
        if not self.text.startswith(token, self.at):
            raise _NotUnderstoodError
        self.at += len(token)


def _names(path: Path) -> int:
    return sum(isinstance(part, str) for part in path)
