"""What a format is told beside the findings: how wide, in colour or not, and where the files are. Reads nothing itself."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from incidentctl.lint.diagnostic import Result
from incidentctl.lint.rule import Rule


class Presentation(Struct, frozen=True):
    """How findings are to be shown. As it stands here: plain, for a file or a pipe.

    `version` is the linter's own; `rules` are those that ran, by code, for the formats that explain; `folder` is where
    paths are seen from and `top` the top of the repository, both absolute, for the formats that are read elsewhere.
    """

    colour: bool = False
    width: int = 100
    version: str = ""
    rules: Mapping[str, Rule] = {}
    folder: str = ""
    top: str = ""


Render = Callable[[Result, Presentation], str]
"""A format: findings to a text without a newline at its end. The same findings give the same text."""


def path_in_repository(path: str, shown: Presentation) -> str:
    """A path as the forge knows the file: from the top of the repository; absolute where it is outside of it."""
    full = _without_dots(path if path.startswith("/") else f"{shown.folder}/{path}" if shown.folder else path)
    top = _without_dots(shown.top) if shown.top else ""
    return full[len(top) + 1 :] if top and full.startswith(f"{top}/") else full


def _without_dots(path: str) -> str:
    """`a/./b/../c` as `a/c`; `..` at the beginning stays."""
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".." or not path.startswith("/"):
            parts.append(part)
    return ("/" if path.startswith("/") else "") + "/".join(parts)
