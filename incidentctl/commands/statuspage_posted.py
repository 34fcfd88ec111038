"""`statuspage posted`: for those who have a status page elsewhere, the record of what was posted there."""

from typing import Annotated

import typer

from incidentctl.commands.options import Words, Writing, takes
from incidentctl.commands.words import text_of
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.incident.entries import Done
from incidentctl.incident.requests import Verb
from incidentctl.incident.words import clean_line

EXAMPLES = """
ictl statuspage posted --url https://status.example.org/incidents/17
ictl statuspage posted --at 10:15
"""


@takes(Writing)
def command(
    *,
    text: Words = None,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="Where it can be read.")] = None,
    options: Writing,
) -> None:
    """Record that the status page elsewhere says it: the clock of the status page stops. TEXT is what else is to be noted."""
    with options.workspace() as workspace:
        incident, words = named(workspace, options, text)
        said = text_of(workspace, words, options.message)
        link = clean_line(url or "")
        request = request_of(
            workspace,
            options,
            Verb.NOTE,
            incident,
            (Done("status_page"), " ".join(part for part in (said, link) if part)),
        )
        written = write(workspace, options, request)
        answer(workspace, options, written, written.event)
