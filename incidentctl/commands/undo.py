"""`undo`: withdraws an entry. Nothing is deleted, so no merge brings it back."""

from typing import Annotated

import typer

from incidentctl.commands.options import Writing, takes
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.errors import UsageError
from incidentctl.incident.entries import Note
from incidentctl.incident.requests import Verb
from incidentctl.incident.words import clean_text

EXAMPLES = """
ictl undo
ictl undo -m "wrong incident"
ictl undo e:002b7x            `ictl timeline --ids` shows the ids
"""


@takes(Writing, without=("at",))
def command(
    *,
    entry: Annotated[
        list[str] | None, typer.Argument(metavar="[INCIDENT] [e:ID]", help="An entry; else your own last one.")
    ] = None,
    options: Writing,
) -> None:
    """Withdraw your own last entry, or the one that you name; -m says why. Withdrawing a withdrawal restores the entry."""
    with options.workspace() as workspace:
        incident, words = named(workspace, options, entry, after_the_fact=True)
        if len(words) > 1:
            raise UsageError("one entry is withdrawn at a time", hint="the reason goes behind -m")
        reason = clean_text(options.message or "")
        whats = [(Note(), reason)] if reason else []
        target = words[0] if words else None
        request = request_of(workspace, options, Verb.UNDO, incident, *whats, target=target)
        written = write(workspace, options, request)
        answer(workspace, options, written, written.event)
