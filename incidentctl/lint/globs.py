"""Patterns of paths: which documents one fits. Looks at text alone, never at files."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def fits(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path, with `/` and seen from the folder of the settings, is one of those that some pattern means.

    `*`, `?` and `[a-z]` stay within a name, `**` goes over any number of folders. A pattern without `/` fits a name in
    any folder. One that fits a folder means all that is in it.
    """
    names = [name for name in path.split("/") if name not in ("", ".")]
    return any(_fits(names, pattern) for pattern in patterns)


def _fits(names: list[str], pattern: str) -> bool:
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if not parts:
        return False
    if "/" not in pattern.rstrip("/"):
        parts.insert(0, "**")
    # How many of the first names the parts so far can stand for: one pass over the names for each part.
    reached = {0}
    for part in parts:
        if part == "**":
            reached = set(range(min(reached), len(names) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(names) and fnmatchcase(names[at], part)}
        if not reached:
            return False
    return True
