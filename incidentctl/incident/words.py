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
    | dict.fromkeys((*range(0x206A, 0x2070), *range(0xFFF9, 0xFFFC)), 0xFFFD)  # long out of use, and shown by nobody
)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_FLAG_OR_TAGS: Final = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f)|[\U000e0000-\U000e007f]")
"""Signs that nobody sees and programs read. Only in the flag of a region, such as Scotland's, they are part of what is seen."""
_MARKS: Final = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_MANY_MARKS: Final = re.compile(f"([{_MARKS}]{{8}})[{_MARKS}]+")
"""More accents on one letter than any language has: they are drawn over the lines above and below."""
_IGNORED_BY_MACOS: Final = (
    "\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u206a\u206b\u206c\u206d\u206e\u206f\ufeff"
)

HANDLE: Final = re.compile(r"\w(?:[\w.+-]*\w)?")


def clean_text(text: str) -> str:
    """`text` as it is kept: lines end in one way, control characters are pictures of themselves, the ends are trimmed."""
    text = _LINE_ENDS.sub("\n", text)
    text = _SURROGATES.sub("\ufffd", text) if not text.isascii() else text
    return "\n".join(line.rstrip(" \t") for line in text.translate(_HARMFUL).split("\n")).strip("\n \t")


def whole_signs(text: str) -> str:
    """The text without halves of signs, which stand for bytes of a file that are no UTF-8: no format but the file itself holds them."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def clean_line(text: str) -> str:
    """The same for what must stay on one line, such as a title: runs of white space become one space."""
    return " ".join(clean_text(text).split())


def show_safely(text: str) -> str:
    """Text of unknown origin for a terminal or a log: nothing in it moves the cursor, turns the direction of writing, or hides.

    Invisible tags are shown as U+FFFD, and so are accents in dozens on one letter. What joins letters and emoji stays.
    """
    if not text.isascii():
        text = _FLAG_OR_TAGS.sub(lambda match: match[1] or "\ufffd", _SURROGATES.sub("\ufffd", text))
        text = _MANY_MARKS.sub("\\1\ufffd", text)
    return text.translate(_HARMFUL)


def names_git_folder(part: str) -> bool:
    """Whether a name in a path is git's own folder on some file system: in any case, as Windows and macOS shorten and read it."""
    bare = "".join(each for each in part if each not in _IGNORED_BY_MACOS).partition(":")[0].rstrip(". ").lower()
    return bare == ".git" or (bare.startswith("git~") and bare[4:].isdecimal())


def handle_of(word: str) -> str | None:
    """A handle without its `@`, or `None` where the word is none."""
    word = word.strip().removeprefix("@")
    return word if HANDLE.fullmatch(word) else None
