"""Text of others in a Markdown that we write: nothing in it is markup, a mention or a reference. Pure."""

import re
from typing import Final

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>~|&$])")
_REFERENCE: Final = re.compile(r"([@#!~%$^&])(?=[\w\"\[])|(?<=:)(?=//)|\b(GH|www)(?=[-.])", re.IGNORECASE)
_NOTHING: Final = "\u200b"  # no width: a mention or a reference is none with this after its sign
_RUNS: Final = re.compile(r"`+")


def inert_text(line: str) -> str:
    """One line as text. GitHub looks for mentions and references when escapes are gone already, so these get a sign that nobody sees."""
    return _MARKUP.sub(r"\\\1", _REFERENCE.sub(lambda match: match[0] + _NOTHING, line))


def inert_code(line: str) -> str:
    """One line as a code span, in which nothing is a mention either; it must not be empty."""
    longest = max((len(run) for run in _RUNS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or (line.startswith(" ") and line.endswith(" ")) else ""
    return f"{fence}{pad}{line}{pad}{fence}"
