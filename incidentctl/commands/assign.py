"""`assign`: who has which role."""

from typing import Annotated

import typer

from incidentctl.commands.completion import complete_role_and_person
from incidentctl.commands.options import Writing, takes
from incidentctl.commands.words import text_of
from incidentctl.commands.writing import answer, named, request_of, steps_for, write
from incidentctl.context import Workspace
from incidentctl.errors import UsageError
from incidentctl.incident.decisions import ROLE_WORDS
from incidentctl.incident.entries import RoleChange
from incidentctl.incident.requests import Verb
from incidentctl.output.listing import wrapped

EXAMPLES = """
ictl assign ic me
ictl assign tl @bob
ictl assign ic @carol --handoff end of my shift
ictl assign comms none
"""


@takes(Writing)
def command(
    *,
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INCIDENT] ROLE PERSON [TEXT]...",
            help="`ic me`, `tl @bob`, `comms none`.",
            autocompletion=complete_role_and_person,
        ),
    ] = None,
    handoff: Annotated[
        bool, typer.Option("--handoff", help="Hand the role over, and print what the next one has to know.")
    ] = False,
    options: Writing,
) -> None:
    """Give somebody a role: ic, tl, comms, or one of your own. `none` lays it down."""
    with options.workspace() as workspace:
        incident, words = named(workspace, options, text)
        if len(words) < 2:
            raise UsageError("a role and a person are needed", hint="as in: ictl assign ic me")
        role, person = _in_order(words[0], words[1])
        change = RoleChange(_role(role), _holder(workspace, person))
        said = text_of(workspace, words[2:], options.message)
        if handoff:
            _hand_over(workspace, options, incident, change, said)
            return
        written = write(workspace, options, request_of(workspace, options, Verb.ASSIGN, incident, (change, said)))
        answer(workspace, options, written, written.event)


def _hand_over(workspace: Workspace, options: Writing, incident: str, change: RoleChange, said: str) -> None:
    """The role with what the next one has to know: on the record, and before their eyes."""
    from incidentctl.incident.handoff import handoff_lines, handoff_of  # only where somebody hands over
    from incidentctl.output.handoffs import handoff_as_data, handoff_as_lines

    found = workspace.reader.read(incident).incident
    options.mark_drill(found.is_drill)
    handoff = handoff_of(found, change.role, change.holder, due=steps_for(workspace, found)[1])
    is_so = handoff.giver == change.holder and options.at is None
    text = said if is_so else "\n".join((said, *handoff_lines(handoff, now=workspace.now)))
    written = write(
        workspace, options, request_of(workspace, options, Verb.ASSIGN, incident, (change, text), given=("handoff",))
    )
    if is_so:
        answer(workspace, options, written, written.event)
        return
    if not options.as_json:
        lines = handoff_as_lines(found, handoff, prefix=workspace.settings.channel_prefix, now=workspace.now)
        for line in lines:
            for part in wrapped(line, workspace.outside.width, 2):
                workspace.outside.say(part)
        workspace.outside.say()
    also = {"handoff": handoff_as_data(handoff)}
    answer(workspace, options, written, written.event, shows_steps=True, also=also)


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


def _holder(workspace: Workspace, word: str) -> str | None:
    if word.lower() in ("none", "nobody"):
        return None
    handle = workspace.person(word)
    if handle is None:
        raise UsageError(f"{word!r} is no person", hint="write a handle as @ann, `me` or `none`")
    return handle
