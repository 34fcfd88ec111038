"""Text from people, made harmless before it is kept: no control characters, no stray ends of line. Never shortens a word."""

import re
from typing import Final

_LINE_ENDS: Final = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_BIDIRECTIONAL: Final = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_HARMFUL: Final = (
    {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}  # shown as ␛, ␇ and the like
    | {0x7F: 0x2421}
    | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
    | dict.fromkeys(map(ord, _BIDIRECTIONAL), 0xFFFD)
    | dict.fromkeys((0x2028, 0x2029, 0xFFFE, 0xFFFF), 0xFFFD)
)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")

HANDLE: Final = re.compile(r"\w(?:[\w.+-]*\w)?")


def clean_text(text: str) -> str:
    """`text` as it is kept: lines end in one way, control characters are pictures of themselves, the ends are trimmed."""
    text = _LINE_ENDS.sub("\n", text)
    text = _SURROGATES.sub("\ufffd", text) if not text.isascii() else text
    return "\n".join(line.rstrip(" \t") for line in text.translate(_HARMFUL).split("\n")).strip("\n \t")


def clean_line(text: str) -> str:
    """The same for what must stay on one line, such as a title: runs of white space become one space."""
    return " ".join(clean_text(text).split())


def show_safely(text: str) -> str:
    """Text of unknown origin for a terminal or a log: nothing in it can move the cursor or turn the direction of writing."""
    return _SURROGATES.sub("\ufffd", text).translate(_HARMFUL)


def handle_of(word: str) -> str | None:
    """A handle without its `@`, or `None` where the word is none."""
    word = word.strip().removeprefix("@")
    return word if HANDLE.fullmatch(word) else None
