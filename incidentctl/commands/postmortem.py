"""`postmortem new`, `show` and `list`: the document, from the record to its first text, and how far each has come."""

from typing import Annotated

import typer

from incidentctl.commands.documents import (
    Read,
    WritingDocuments,
    change_of,
    document_as_data,
    documents_of,
    drills_in,
    finish_documents,
    lint_command,
    meant_incident,
    reached,
    read_document,
    read_file,
    say_notes,
    shown,
    written_as_data,
)
from incidentctl.commands.drafting import demand_editor
from incidentctl.commands.options import Name, Reading, takes
from incidentctl.commands.selection import unreadable_as_data
from incidentctl.context import Workspace
from incidentctl.document.postmortem import DocumentStatus, read_status
from incidentctl.document.postmortem_draft import draft_postmortem
from incidentctl.errors import ExitCode, NoSuchIncidentError, RefusedError, UsageError
from incidentctl.incident.entries import CancelReason, Status
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.model import DRILL, Incident
from incidentctl.incident.next_steps import missing_steps
from incidentctl.output.answers import steps_line
from incidentctl.output.json_text import as_json
from incidentctl.output.listing import table, wrapped
from incidentctl.output.postmortems import (
    commands_as_data,
    counts_in_words,
    counts_of,
    postmortem_as_data,
    postmortem_as_lines,
)
from incidentctl.store.drafts import edit_text, forget_draft
from incidentctl.store.postmortems import Outcome, PostmortemFile

EXAMPLES = {
    "new": """
ictl postmortem new
ictl postmortem new checkout --all
ictl postmortem new 2026-05-14-checkout-latency --here
""",
    "show": """
ictl postmortem show
ictl postmortem show checkout --text
""",
    "list": """
ictl postmortem list
ictl postmortem list --status draft --json
""",
}


@takes(WritingDocuments, without=("message", "at"))
def new(
    *,
    name: Name = None,
    here: Annotated[
        bool, typer.Option("--here", help="Stay on the branch that is checked out; else it is `postmortem/ID`.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every note in the timeline, not only what matters most.")
    ] = False,
    edit: Annotated[bool, typer.Option("--edit", help="Open the draft in your editor before it is committed.")] = False,
    options: WritingDocuments,
) -> None:
    """Draft the post-mortem from the record.

    Its timeline, its impact, and what the clocks say are filled in; what only people know is asked for in comments.
    """
    with options.workspace() as workspace:
        incident = meant_incident(workspace, options, name, is_new=True)
        believed = _incident(workspace, incident)
        text = draft_postmortem(
            believed,
            workspace.settings.scale,
            calendar=workspace.settings.calendar,
            author=workspace.author.handle,
            now=workspace.now,
            everything=everything,
        )
        text = workspace.guard.clean(text)  # what was typed by hand into the record need not be copied
        documents = documents_of(workspace)
        draft = f"{incident}.postmortem.md"
        if edit and not options.dry_run:
            demand_editor(workspace.outside, hint="leave --edit out, and change the file itself")
            if documents.find(incident) is None:
                drafted, text = text, edit_text(workspace.repository, text, name=draft)
                workspace.guard.look_over(text, drafted)
        outcome = documents.begin(incident, text, event="post-mortem drafted", stay=here, dry_run=options.dry_run)
        if edit and not options.dry_run:
            forget_draft(workspace.repository, draft)
        _answer_new(workspace, options, believed, outcome)


def _incident(workspace: Workspace, incident: str) -> Incident:
    """The incident, if it is one to learn from."""
    if not workspace.reader.exists(incident):
        raise NoSuchIncidentError(f"there is no incident {incident}", hint="see them all: ictl list")
    believed = workspace.reader.read(incident).incident
    state = believed.state
    if state.status is Status.CANCELED:
        if state.cancel_reason is CancelReason.DUPLICATE and state.duplicate_of:
            raise RefusedError(
                f"{incident} is a duplicate of {state.duplicate_of}",
                hint=f"the post-mortem is that one's: `ictl postmortem new {state.duplicate_of}`",
            )
        reason = f" as {state.cancel_reason.value.replace('_', ' ')}" if state.cancel_reason else ""
        raise RefusedError(
            f"{incident} was canceled{reason}: there is nothing to write about",
            hint=f"if it was an incident, `ictl reopen {incident}` first",
        )
    return believed


def _warnings(incident: Incident) -> list[str]:
    status = incident.state.status
    if status is not None and status.is_over:
        return []
    return [f"{incident.id} is not resolved yet: duration and timeline of the draft end where the record does"]


def _answer_new(workspace: Workspace, options: WritingDocuments, incident: Incident, outcome: Outcome) -> None:
    outside = workspace.outside
    (edited,) = outcome.files
    file = PostmortemFile(incident.id, edited.path, edited.after, outcome.branch, outcome.place)
    read = read_file(workspace, file)
    steps = next_commands(workspace, read)
    if options.as_json:
        data = written_as_data(workspace, options, read, outcome, _warnings(incident))
        data |= {"next": commands_as_data(steps)}
        outside.say(as_json(data))
    elif options.dry_run:
        for line in change_of([outcome]):
            outside.say(line)
    else:
        is_here = outcome.place is not None and outcome.place == workspace.repository.called_in
        where = f"on {outcome.branch}" if outcome.branch else "on no branch"
        where += ", which is checked out now" if is_here and not _stayed(workspace, outcome) else ""
        saved = " · saved, not committed" if outcome.refused else ""
        lines = [
            f"post-mortem of {incident.slug} drafted: {reached(workspace, file)} · {where}{saved}",
            "next: " + " · ".join(f"{_STEPS[what]} `{command}`" for what, command in steps),
        ]
        missing = missing_steps(incident, workspace.settings.scale, workspace.settings.calendar)
        missing = [step for step in missing if step.what != "postmortem"]
        lines += [steps_line("missing in the record", missing, now=workspace.now)] if missing else []
        for line in lines:
            for part in wrapped(line, outside.width, 2):
                outside.say(part)
    say_notes(workspace, options, outcome, _warnings(incident))
    finish_documents(workspace, options, [outcome])


def _stayed(workspace: Workspace, outcome: Outcome) -> bool:
    """Whether the branch is the one that was checked out when the command began."""
    return outcome.branch == workspace.repository.head_branch


@takes(Reading)
def show(
    *,
    name: Name = None,
    text: Annotated[bool, typer.Option("--text", help="Print the document itself.")] = False,
    options: Reading,
) -> None:
    """Show a post-mortem: how far it has come, where it is, who is on it, and what comes next."""
    with options.workspace() as workspace:
        read = read_document(workspace, meant_incident(workspace, options, name, reads=True))
        steps = next_commands(workspace, read)
        if options.as_json:
            data = document_as_data(workspace, read) | {"next": commands_as_data(steps)}
            options.outside.say(as_json(data | {"text": read.file.text} if text else data))
            return
        if text:
            for line in read.file.text.splitlines():
                options.outside.say(line)
            return
        for line in postmortem_as_lines(shown(workspace, read)):
            options.outside.say(line)
        if steps:
            options.outside.say()
            for line in wrapped(
                "next: " + " · ".join(f"`{command}`" for _, command in steps), options.outside.width, 2
            ):
                options.outside.say(line)
        for fault in read.said.document.faults:
            options.outside.talk(f"warning: {reached(workspace, read.file)}:{fault.line}: {fault.message}")


def next_commands(workspace: Workspace, read: Read) -> list[tuple[str, str]]:
    """What brings a document further: a word for programs, and the command."""
    incident = read.file.incident
    edit = ("edit", f"ictl postmortem edit {incident}")
    match read.said.status:
        case DocumentStatus.FINAL:
            is_closed = False
            if workspace.reader.exists(incident):
                state = workspace.reader.read(incident).incident.state
                is_closed = state.status in (Status.CLOSED, Status.CANCELED)
            return [] if is_closed else [("close", f"ictl close {incident}")]
        case DocumentStatus.IN_REVIEW:
            return [*_lint(workspace, read), ("publish", f"ictl postmortem publish {incident}")]
        case _:
            return [edit, *_lint(workspace, read), ("submit", f"ictl postmortem submit {incident}")]


_STEPS = {"edit": "fill it in with", "lint": "check it with", "submit": "hand it over with"}


def _lint(workspace: Workspace, read: Read) -> list[tuple[str, str]]:
    """The command that checks it, where there is a file to check."""
    command = lint_command(workspace, read.file)
    return [("lint", command)] if command is not None else []


@takes(Reading)
def list_all(
    *,
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATUS", help="Only `draft`, `in_review` or `final`.")
    ] = None,
    options: Reading,
) -> None:
    """List all post-mortems, newest first: status, action items, incident, title."""
    with options.workspace() as workspace:
        wanted = read_status(status)
        if status is not None and wanted is None:
            known = [each.value for each in DocumentStatus]
            raise UsageError(
                f"{status!r} is not a status of a post-mortem",
                hint=f"it is one of {', '.join(known)}",
                candidates=known,
            )
        files, unreadable = documents_of(workspace).all()
        read = [read_file(workspace, file) for file in reversed(files)]
        read = [each for each in read if _is_one(each) and wanted in (None, each.said.status)]
        if options.as_json:
            options.outside.say(
                as_json(
                    {
                        "schema_version": 1,
                        "kind": "postmortems",
                        "postmortems": [postmortem_as_data(shown(workspace, each)) for each in read],
                        "unreadable": unreadable_as_data(unreadable),
                    }
                )
            )
        else:
            drills = drills_in(workspace)
            cells = [
                (
                    (DRILL if each.file.incident in drills else "") + each.status.replace("_", " "),
                    f"actions: {counts_in_words(counts_of(each.items))}",
                    each.file.branch if each.file.place is None and each.file.branch else "",
                    each.file.incident,
                    each.said.title,
                )
                for each in read
            ]
            for line in table(cells, width=options.outside.width, dispensable=(2, 1)):
                options.outside.say(line)
            if not read:
                options.outside.talk("no post-mortem" + (" matches" if files else " yet: ictl postmortem new"))
        for each in unreadable:
            options.outside.talk(f"{each.path}:{each.line}: not read: {each.reason}")
        if unreadable:
            raise typer.Exit(int(ExitCode.FOUND))


def _is_one(read: Read) -> bool:
    """Whether a file of the folder is a post-mortem, and not a page beside them."""
    return read.said.document.front is not None or is_incident_id(read.file.incident)
