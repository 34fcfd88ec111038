"""`assign`: who has which role."""

from typing import Annotated

import typer

from incidentctl.commands.completion import complete_role
from incidentctl.commands.options import Writing, takes
from incidentctl.commands.words import text_of
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.errors import UsageError
from incidentctl.incident.decisions import ROLE_WORDS
from incidentctl.incident.entries import RoleChange
from incidentctl.incident.requests import Verb
from incidentctl.incident.words import handle_of


@takes(Writing)
def command(
    *,
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ROLE PERSON [TEXT]...", help="`ic me`, `tl @bob`, `comms none`.", autocompletion=complete_role
        ),
    ] = None,
    options: Writing,
) -> None:
    """Give somebody a role: ic, tl, comms, or one of your own. `none` lays it down."""
    with options.workspace() as workspace:
        incident, words = named(workspace, options, text)
        if len(words) < 2:
            raise UsageError("a role and a person are needed", hint="as in: ictl assign ic me")
        role, person = _in_order(words[0], words[1])
        holder = _holder(person, workspace.author.handle)
        said = text_of(workspace, words[2:], options.message)
        change = (RoleChange(_role(role), holder), said)
        written = write(workspace, options, request_of(workspace, options, Verb.ASSIGN, incident, change))
        answer(workspace, options, written, written.event)


def _key(word: str) -> str:
    return word.lower().replace("-", "_")


def _in_order(first: str, second: str) -> tuple[str, str]:
    """Role and person, also where they were typed the other way round."""
    is_swapped = _key(first) not in ROLE_WORDS and _key(second) in ROLE_WORDS
    return (second, first) if is_swapped or first.startswith("@") else (first, second)


def _role(word: str) -> str:
    key = _key(word)
    if key in ROLE_WORDS:
        return ROLE_WORDS[key]
    if not key[:1].isalpha() or not key.replace("_", "").isalnum() or not key.isascii():
        raise UsageError(f"{word!r} is no role", hint="write ic, tl, comms, or a word of letters and digits")
    return key


def _holder(word: str, me: str) -> str | None:
    if word.lower() in ("none", "nobody"):
        return None
    handle = me if word.lower() == "me" else handle_of(word)
    if handle is None:
        raise UsageError(f"{word!r} is no person", hint="write a handle as @ann, `me` or `none`")
    return handle
