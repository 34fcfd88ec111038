"""`note`: what was seen, tried or decided; also many lines at once, as copied from a chat."""

from typing import Annotated

import typer
from msgspec.structs import replace

from incidentctl.commands.completion import complete_clock, complete_kind
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.commands.words import text_of, text_of_file
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.context import Workspace
from incidentctl.errors import UsageError
from incidentctl.incident.entries import Done, Note, NoteKind
from incidentctl.incident.requests import Verb

EXAMPLES = """
ictl note pool exhausted on db-3
ictl note --kind decision --at -5m "we fail over, not back"
ictl note --by @bob "the deploy was at 09:45"
ictl note --done status_page https://status.example.org/i/17
pbpaste | ictl note --lines -          what was said in the chat
"""


@takes(Writing)
def command(
    *,
    text: Words = None,
    kind: Annotated[
        NoteKind | None,
        typer.Option(
            "--kind",
            "-k",
            metavar="KIND",
            help="`investigation`, `action`, `decision` or `observation`.",
            case_sensitive=False,
            autocompletion=complete_kind,
        ),
    ] = None,
    done: Annotated[
        str | None,
        typer.Option(
            "--done",
            metavar="CLOCK",
            help="A duty that was met: `status_page`, `management`, `bridge`, or one of your own.",
            autocompletion=complete_clock,
        ),
    ] = None,
    lines: Annotated[
        str | None,
        typer.Option(
            "--lines", metavar="FILE", help="Lines `[DATE] HH:MM [@who] text` from a file, or `-`: an entry each."
        ),
    ] = None,
    options: Writing,
) -> None:
    """Note what was seen, tried or decided."""
    with options.workspace() as workspace:
        incident, words = named(workspace, options, text)
        if lines is not None:
            if words or options.message or kind or done:
                raise UsageError("--lines takes its text from the lines alone", hint="leave the other words out")
            _note_lines(workspace, options, incident, lines)
            return
        if kind and done:
            raise UsageError("--done is a kind of its own", hint="keep one of --kind and --done")
        said = text_of(workspace, words, options.message, asks="note" if done is None else None)
        clock = done.strip().lower().replace("-", "_").replace(" ", "_") if done is not None else None
        if clock is not None and not (clock.isascii() and clock.replace("_", "").isalnum()):
            raise UsageError(f"{done!r} is no clock", hint="write --done status_page, management or bridge")
        what = Done(clock) if clock else Note(kind)
        written = write(workspace, options, request_of(workspace, options, Verb.NOTE, incident, (what, said)))
        answer(workspace, options, written, written.event)


def _note_lines(workspace: Workspace, options: Writing, incident: str, source: str) -> None:
    """Many entries in one commit. What was understood of each line is shown, so that nothing is taken in unseen."""
    from incidentctl.commands.pasted import read_lines  # 2 ms that other notes do not need

    if options.at:
        raise UsageError("--lines takes its times from the lines", hint="leave --at out")
    settings = workspace.settings
    people = {
        word.casefold(): person.handle for person in settings.people for word in (person.name, person.handle) if word
    }
    read = read_lines(
        text_of_file(workspace, source),
        now=workspace.now,
        zone=workspace.zone,
        person_of=lambda word: people.get(word.removeprefix("@").casefold()),
        is_service=lambda word: bool(settings.services) and settings.knows_service(word),
    )
    for line in (*read.shown, *read.left_out):
        workspace.outside.talk(line)
    if not read.entries:
        raise UsageError("no line begins with a time", hint="write them as `10:48 @ann what happened`, one a line")
    request = request_of(workspace, options, Verb.NOTE, incident, given=("lines",))
    request = replace(request, entries=read.entries)
    written = write(workspace, options, request)
    answer(workspace, options, written, written.event)
