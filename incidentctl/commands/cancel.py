"""`cancel`: it was no incident, or another one's."""

from typing import Annotated

import typer

from incidentctl.commands.completion import complete_incident, complete_reason
from incidentctl.commands.naming import incident_to_read
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.commands.words import text_of
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.context import Workspace
from incidentctl.errors import UsageError
from incidentctl.incident.entries import Canceled, CancelReason
from incidentctl.incident.requests import Verb
from incidentctl.incident.times import quoted

EXAMPLES = """
ictl cancel --reason false_alarm the probe was broken
ictl cancel --duplicate-of checkout-latency
"""


@takes(Writing)
def command(
    *,
    text: Words = None,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason",
            metavar="REASON",
            help="`false_alarm`, `duplicate` or `not_an_incident`.",
            autocompletion=complete_reason,
        ),
    ] = None,
    duplicate_of: Annotated[
        str | None,
        typer.Option(
            "--duplicate-of", metavar="INCIDENT", help="The incident that goes on.", autocompletion=complete_incident
        ),
    ] = None,
    options: Writing,
) -> None:
    """Cancel: it was no incident, or another one's. Nothing is deleted, and `reopen` takes it back."""
    with options.workspace() as workspace:
        incident, words = named(workspace, options, text, after_the_fact=True)
        why = _reason(workspace, reason, is_duplicate=duplicate_of is not None)
        other = None if duplicate_of is None else incident_to_read(workspace, duplicate_of)
        if why is CancelReason.DUPLICATE and other is None:
            raise UsageError("a duplicate of what", hint="name it: ictl cancel --duplicate-of INCIDENT")
        said = text_of(workspace, words, options.message)
        change = (Canceled(why, other), said)
        written = write(workspace, options, request_of(workspace, options, Verb.CANCEL, incident, change))
        answer(workspace, options, written, written.event)


def _key(word: str) -> str:
    return word.strip().lower().replace("-", "_").replace(" ", "_")


def _reason(workspace: Workspace, word: str | None, *, is_duplicate: bool) -> CancelReason:
    if word is None and is_duplicate:
        return CancelReason.DUPLICATE
    known = [reason.value for reason in CancelReason]
    key = _key(word or "")
    while word is None and key not in known and workspace.outside.is_terminal:
        key = _key(workspace.outside.ask(f"reason ({', '.join(known)}): "))
    if key not in known:
        message = f"{quoted(word)} is no reason to cancel" if word else "the reason is missing"
        raise UsageError(message, hint="give --reason false_alarm, duplicate or not_an_incident", candidates=known)
    if is_duplicate and key != "duplicate":
        raise UsageError(f"--duplicate-of and --reason {key} contradict each other", hint="keep one of the two")
    return CancelReason(key)
