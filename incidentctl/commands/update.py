"""`update`: the structured update, in the template's form."""

from typing import Annotated

import typer

from incidentctl.commands.clipboard import copy_to_clipboard
from incidentctl.commands.completion import complete_status
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.commands.words import text_of
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.errors import UsageError
from incidentctl.incident.entries import UPDATE_STATUSES, Status, Update
from incidentctl.incident.requests import Verb
from incidentctl.incident.times import describe_instant
from incidentctl.incident.words import clean_text
from incidentctl.output.answers import moment, update_as_text

EXAMPLES = """
ictl update failing over to db-4 --status identified --impact "12 % fail"
ictl update --theory "pool exhausted after the config push" --next 15m --copy
ictl update --no-change
"""


@takes(Writing)
def command(
    *,
    text: Words = None,
    status: Annotated[
        str | None,
        typer.Option(
            "--status",
            "-s",
            metavar="STATUS",
            help="`investigating`, `identified`, `mitigating`, `mitigated` or `resolved`; else it stays what it is.",
            autocompletion=complete_status,
        ),
    ] = None,
    impact: Annotated[str | None, typer.Option("--impact", metavar="TEXT", help="Who is affected and how.")] = None,
    theory: Annotated[str | None, typer.Option("--theory", metavar="TEXT", help="What we think is happening.")] = None,
    next_at: Annotated[
        str | None,
        typer.Option("--next", metavar="TIME", help="When the next one comes: `30m` or `11:00`; else by the severity."),
    ] = None,
    public: Annotated[
        str | None, typer.Option("--public", metavar="TEXT", help="Words for the public status page.")
    ] = None,
    no_change: Annotated[
        bool, typer.Option("--no-change", help="Nothing new: the last update stands, with a new time for the next.")
    ] = False,
    copy: Annotated[bool, typer.Option("--copy", help="Copy the finished update, to paste into the channel.")] = False,
    options: Writing,
) -> None:
    """Give the structured update. TEXT is what we are doing right now; what is not given carries over."""
    with options.workspace() as workspace:
        incident, words = named(workspace, options, text)
        new = status or impact or theory or words or options.message
        if no_change and new:
            raise UsageError("--no-change says that nothing is new", hint="leave it out, or leave the rest out")
        options_given = any((status, impact, theory, next_at, public, no_change))
        actions = text_of(workspace, words, options.message, asks=None if options_given else "actions in progress")
        fields = {"status": status, "impact": impact, "theory": theory, "actions": actions, "next": next_at}
        update = Update(
            status=Status.INVESTIGATING if status is None else _status(status),
            impact=clean_text(impact or "") or None,
            theory=clean_text(theory or "") or None,
            actions=actions or None,
            next_at=None
            if next_at is None
            else workspace.typed_time(next_at, kind="next", seen_from=options.at_in(workspace)),
            public=clean_text(public or "") or None,
        )
        given = [name for name, value in fields.items() if value]
        written = write(
            workspace, options, request_of(workspace, options, Verb.UPDATE, incident, (update, ""), given=given)
        )
        recorded = next((entry.what for entry in written.entries if isinstance(entry.what, Update)), None)
        finished = (
            update_as_text(written.incident, recorded, zone=workspace.zone, now=workspace.now) if recorded else ""
        )
        is_copied = bool(copy and finished and not options.dry_run and copy_to_clipboard(workspace.outside, finished))
        if finished and not is_copied and not options.as_json and not options.dry_run:
            workspace.outside.say(finished)
            workspace.outside.say()
        more: list[str] = []
        if recorded and recorded.next_at:
            clock = moment(recorded.next_at, workspace.now)
            typed = describe_instant(recorded.next_at, workspace.zone, now=workspace.now) if next_at else clock
            more = [f"next by {typed}"]
        answer(workspace, options, written, "update, copied for the channel" if is_copied else "update", more=more)


def _status(word: str) -> Status:
    wanted = word.lower().replace("-", "_")
    if wanted in UPDATE_STATUSES:
        return Status(wanted)
    from difflib import get_close_matches

    known = [status.value for status in UPDATE_STATUSES]
    close = get_close_matches(wanted, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"it is one of {', '.join(known)}"
    raise UsageError(f"{word!r} is not a status of an update", hint=hint, candidates=known)
