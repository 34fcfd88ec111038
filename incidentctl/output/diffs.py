"""A change of a text as a unified diff that `git apply` takes. Value to text; nothing here prints."""

import re
from collections.abc import Iterator
from itertools import islice

from incidentctl.incident.words import show_safely


def as_diff(before: str, after: str, path: str) -> Iterator[str]:
    """The lines of the diff, each with its end as the text has it; none where nothing changed. A new file comes from `/dev/null`.

    A line ends at a newline alone, as for git: a lone carriage return or U+2028 is a part of it.
    """
    if before == after:
        return
    from difflib import unified_diff  # only where a change is shown

    name = " ".join(show_safely(path).split("\n")) + ("\t" if " " in path else "")  # where it ends is guessed without
    old, new = ([line for line in re.split(r"(?<=\n)", text) if line] for text in (before, after))
    yield f"--- {f'a/{name}' if before else '/dev/null'}\n"
    yield f"+++ b/{name}\n"
    for line in islice(unified_diff(old, new), 2, None):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def as_diff_lines(before: str, after: str, path: str) -> list[str]:
    """The same for a terminal and for JSON: without the ends."""
    return [line.rstrip("\r\n") for line in as_diff(before, after, path)]
