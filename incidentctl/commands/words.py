"""The text of a command: words, `-m`, standard input, one line asked for, or the editor. Never shortens it."""

import os
from pathlib import Path

from incidentctl.context import Outside, Workspace
from incidentctl.errors import UsageError
from incidentctl.incident.words import clean_text
from incidentctl.store.drafts import edit_text, forget_draft
from incidentctl.store.files import read_file

_MOST = 1_000_000


def read_standard_input(outside: Outside) -> str:
    """All of standard input, up to a million characters: what is more is refused, not cut."""
    if outside.stdin.isatty():
        outside.talk("type the text, then Ctrl-D:")
    text = outside.stdin.read(_MOST + 1)
    if len(text) > _MOST:
        raise UsageError(
            "standard input is longer than a million characters", hint="link to it instead, or keep a part"
        )
    return text


def text_of(workspace: Workspace, words: list[str], message: str | None, *, asks: str | None = None) -> str:
    """The text that was given. With `asks` there has to be one: on a terminal it is asked for, else that is an error."""
    outside = workspace.outside
    if message is not None and words:
        raise UsageError("the text was given twice, in words and with -m", hint="keep one of the two")
    if message == "-":
        given = read_standard_input(outside)
    elif message is not None:
        given = message
    else:
        given = " ".join(words)
    text = workspace.guard.clean(clean_text(given))
    if text or asks is None:
        return text
    if message is None and outside.is_terminal:
        text = workspace.guard.clean(clean_text(outside.ask(f"{asks}: ")))
        if not text:
            name = f"text-{os.getpid()}.md"  # two people may be typing in one clone
            text = workspace.guard.clean(clean_text(edit_text(workspace.repository, "", name=name)))
            forget_draft(workspace.repository, name)
        if text:
            return text
    raise UsageError(
        "the text is missing", hint="type it behind the command, or hand it over with -m TEXT, or -m - (standard input)"
    )


def text_of_file(workspace: Workspace, name: str) -> str:
    """A file that the user names, or standard input for `-`."""
    if name == "-":
        return workspace.guard.clean(read_standard_input(workspace.outside))
    path = Path(workspace.outside.cwd, Path(name).expanduser())
    data = read_file(str(path.parent), path.name, cap=_MOST)
    if data is None:
        raise UsageError(f"there is no file {name}", hint="name one, or `-` for standard input")
    return workspace.guard.clean(data.decode("utf-8-sig", "replace"))
