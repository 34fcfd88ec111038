"""`postmortem publish`: the document becomes final, and its announcement is printed."""

from typing import Annotated

import typer

from incidentctl.commands.clipboard import copy_to_clipboard
from incidentctl.commands.documents import (
    Read,
    WritingDocuments,
    change_of,
    documents_of,
    finish_documents,
    meant_incident,
    problems_in,
    read_again,
    read_document,
    say_notes,
    where_shown,
    written_as_data,
)
from incidentctl.commands.options import Name, takes
from incidentctl.context import Workspace
from incidentctl.document.postmortem import DocumentStatus, read_postmortem, set_keys
from incidentctl.document.section_names import Role
from incidentctl.errors import RefusedError
from incidentctl.incident.times import format_instant
from incidentctl.incident.words import show_safely
from incidentctl.output.json_text import as_json
from incidentctl.output.postmortems import announcement, commands_as_data
from incidentctl.store.postmortems import Outcome
from incidentctl.store.remotes import remote_of

EXAMPLES = """
ictl postmortem publish
ictl postmortem publish checkout --copy
ictl postmortem publish checkout --at "yesterday 16:00"
"""

_ANNOUNCED = {
    "Summary": Role.SUMMARY,
    "Impact": Role.IMPACT,
    "Root cause": Role.ROOT_CAUSE,
    "What went well": Role.WENT_WELL,
    "What went poorly": Role.WENT_POORLY,
}


@takes(WritingDocuments, without=("message", "allow_secret"))
def command(
    *,
    name: Name = None,
    copy: Annotated[bool, typer.Option("--copy", help="Copy the announcement, to paste where people read.")] = False,
    options: WritingDocuments,
) -> None:
    """Make a post-mortem final, and print its announcement.

    It has to be complete: what lint calls an error at status `final` is refused. `--at` says when it was published, if not now.
    """
    with options.workspace() as workspace:
        read = read_document(workspace, meant_incident(workspace, options, name))
        published_at = format_instant(options.at_in(workspace) or workspace.now)

        def edit(text: str) -> str:
            said = read_postmortem(text, incident=read.file.incident)
            is_published = said.status is DocumentStatus.FINAL and said.published_at is not None and options.at is None
            keys = {"status": DocumentStatus.FINAL.value, "published_at": published_at}
            # Asked of the text as it stands, so that the lines are those that one sees in the file.
            problems = problems_in(workspace, read.file, text, DocumentStatus.FINAL)
            if problems:
                raise RefusedError(
                    f"the post-mortem of {read.file.incident} is not complete",
                    hint=f"mend this, then publish it{where_shown(workspace, read.file)}",
                    candidates=problems,
                )
            return text if is_published else set_keys(text, keys, incident=read.file.incident)

        (outcome,) = documents_of(workspace).edit(
            {read.file.path: edit}, event="post-mortem published", takes_in_hand_edits=True, dry_run=options.dry_run
        )
        _answer(workspace, options, read_again(read, outcome), outcome, copy=copy)


def announced(workspace: Workspace, read: Read) -> str:
    """The announcement of a document: summary, impact, lessons and actions, and where to read it."""
    sections = [(heading, read.said.words_of(role, read.names)) for heading, role in _ANNOUNCED.items()]
    remote = remote_of(workspace.repository, workspace.repository.branch)
    page = remote.page_of(workspace.repository.branch, read.file.path) if remote is not None else None
    text = announcement(read.said, sections, read.items, link=page or read.file.path)
    return "\n".join(show_safely(line) for line in text.split("\n"))


def _answer(workspace: Workspace, options: WritingDocuments, read: Read, outcome: Outcome, *, copy: bool) -> None:
    outside = workspace.outside
    text = announced(workspace, read)
    warnings = [] if read.said.outside_reviewers else ["it is final without a reviewer besides its author"]
    if options.as_json:
        data = written_as_data(workspace, options, read, outcome, warnings)
        steps = commands_as_data((what, command) for what, _, command in _next(workspace, read, outcome))
        outside.say(as_json(data | {"announcement": text, "next": steps}))
    elif options.dry_run:
        for line in change_of([outcome]):
            outside.say(line)
    else:
        is_copied = copy and _copied(workspace, text)
        if not is_copied:
            outside.say(text)
            outside.say()
        state = "saved, not committed" if outcome.refused else ""
        is_new = bool(outcome.commit or outcome.refused)
        what = "published" if is_new else f"final already, published {read.said.published_at}"
        parts = (f"post-mortem of {read.file.incident[11:]} {what}", "announcement copied" if is_copied else "", state)
        outside.say(" · ".join(part for part in parts if part))
        steps_left = _next(workspace, read, outcome) if outcome.refused is None else []
        if steps_left:
            outside.say("next: " + " · ".join(words for _, words, _ in steps_left))
    say_notes(workspace, options, outcome, warnings)
    finish_documents(workspace, options, [outcome])


def _copied(workspace: Workspace, text: str) -> bool:
    outside = workspace.outside
    if not any(stream.isatty() for stream in (outside.stderr, outside.stdout)):
        outside.talk("there is no terminal to copy with: here is the announcement")
        return False
    return copy_to_clipboard(outside, text)


def _next(workspace: Workspace, read: Read, outcome: Outcome) -> list[tuple[str, str, str | None]]:
    """What is left, as a word, in words, and as a command: the record has to have it before the incident can be closed."""
    record, close = workspace.repository.branch, f"ictl close {read.file.incident}"
    steps: list[tuple[str, str, str | None]] = [("close", f"`{close}`", close)]
    if outcome.branch is not None and outcome.branch != record:
        steps.insert(0, ("merge", f"push {outcome.branch} and merge it into {record}", None))
    return steps
