"""`severity`: what it is believed to be now. Up is immediate, down leaves its reason."""

from typing import Annotated

import typer

from incidentctl.commands.completion import complete_severity
from incidentctl.commands.options import Writing, takes
from incidentctl.commands.words import text_of
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.errors import UsageError
from incidentctl.incident.entries import SeverityChange
from incidentctl.incident.requests import Verb

EXAMPLES = """
ictl severity 1 payments fail as well
ictl severity 3 "only the report is late, a workaround exists"
ictl severity 2          confirms it, where it was a guess
"""


@takes(Writing)
def command(
    *,
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INCIDENT] SEVERITY [REASON]...",
            help="`1`, `sev1`, `1-2` or `sev2?` (in doubt the higher), and why.",
            autocompletion=complete_severity,
        ),
    ] = None,
    options: Writing,
) -> None:
    """Change the severity, or confirm it. A change down needs a reason."""
    with options.workspace() as workspace:
        incident, words = named(workspace, options, text)
        if not words:
            raise UsageError("the severity is missing", hint="write it behind the command: ictl severity 1")
        severity, given_as = workspace.settings.scale.parse_given(words[0])
        reason = text_of(workspace, words[1:], options.message)
        given = ("reason",) if reason else ()
        if given_as:
            reason = f"given as {given_as}; {reason}" if reason else f"given as {given_as}"
        change = (SeverityChange("none", severity.name), reason)
        written = write(
            workspace, options, request_of(workspace, options, Verb.SEVERITY, incident, change, given=given)
        )
        answer(workspace, options, written, written.event, shows_steps=True)
