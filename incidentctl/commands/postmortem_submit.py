"""`postmortem submit`: the document goes to those who review it, and the line that asks them is printed."""

import shlex
from typing import Annotated

import typer
from msgspec import Struct

from incidentctl.commands.documents import (
    Read,
    WritingDocuments,
    change_of,
    documents_of,
    finish_documents,
    meant_incident,
    problems_in,
    reached,
    read_again,
    read_document,
    say_notes,
    where_shown,
    written_as_data,
)
from incidentctl.commands.options import Name, takes
from incidentctl.context import Workspace
from incidentctl.document.postmortem import DocumentStatus, set_keys
from incidentctl.errors import RefusedError
from incidentctl.incident.words import clean_line, show_safely
from incidentctl.output.json_text import as_json
from incidentctl.output.postmortems import commands_as_data
from incidentctl.store.postmortems import Outcome
from incidentctl.store.remotes import Remote, push_branch, remote_of, request_lines

EXAMPLES = """
ictl postmortem submit
ictl postmortem submit checkout --strict
"""


class _Sharing(Struct, frozen=True):
    """How far the branch got: `shared` is None where there is nothing to share it with, `said` what to do by hand."""

    shared: bool | None
    said: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()


@takes(WritingDocuments, without=("message", "at", "allow_secret"))
def command(
    *,
    name: Name = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse it while lint finds an error.")] = False,
    options: WritingDocuments,
) -> None:
    """Hand a post-mortem over for review: set `in_review`, commit what you wrote, push its branch.

    Then it prints the line for `gh` or `glab` that opens the pull request; it runs neither. What is still missing is said.
    """
    with options.workspace() as workspace:
        read = read_document(workspace, meant_incident(workspace, options, name))
        if read.said.status is DocumentStatus.FINAL:
            raise RefusedError(
                f"the post-mortem of {read.file.incident} is final already",
                hint=f"to have it reviewed again, set `status: in_review` in {reached(workspace, read.file)}",
            )
        problems: list[str] = []

        def edit(text: str) -> str:
            problems[:] = problems_in(workspace, read.file, text, DocumentStatus.IN_REVIEW)
            if strict and problems:
                raise RefusedError(
                    f"the post-mortem of {read.file.incident} is not complete",
                    hint=f"mend this, or leave --strict out{where_shown(workspace, read.file)}",
                    candidates=problems,
                )
            return set_keys(text, {"status": DocumentStatus.IN_REVIEW.value}, incident=read.file.incident)

        (outcome,) = documents_of(workspace).edit(
            {read.file.path: edit},
            event="post-mortem in review",
            takes_in_hand_edits=True,
            dry_run=options.dry_run,
        )
        read = read_again(read, outcome)
        sharing = _Sharing(None)
        if not options.dry_run and outcome.refused is None and outcome.branch is not None:
            sharing = _share(workspace, read, outcome.branch)
        _answer(workspace, options, read, outcome, problems, sharing)


def _share(workspace: Workspace, read: Read, branch: str) -> _Sharing:
    repository = workspace.repository
    if branch == repository.branch:
        return _Sharing(
            None, (f"it is on {branch}, the branch of the record: `ictl sync` shares it, and there is no pull request",)
        )
    remote = remote_of(repository, branch)
    if remote is None:
        return _Sharing(None, ("there is no remote to push it to: `git remote add origin URL`, then submit it again",))
    failed = push_branch(repository, remote.name, branch, timeout=workspace.settings.sync.timeout)
    requests = tuple(_lines_that_ask(remote, read, branch, into=repository.branch))
    if failed is None:
        return _Sharing(True, requests=requests)
    again = f"git push -u {shlex.quote(remote.name)} {shlex.quote(branch)}"
    return _Sharing(False, (f"not shared: {failed}", f"push it later with `{again}`"), requests)


def _lines_that_ask(remote: Remote, read: Read, branch: str, *, into: str) -> list[str]:
    """The lines for this document."""
    title = show_safely(f"Post-mortem: {clean_line(read.said.title) or read.file.incident}")
    body = f"Post-mortem of {read.file.incident}: {read.file.path}"
    return request_lines(remote, branch, into=into, title=title, body=body)


def _answer(
    workspace: Workspace,
    options: WritingDocuments,
    read: Read,
    outcome: Outcome,
    problems: list[str],
    sharing: _Sharing,
) -> None:
    outside = workspace.outside
    warnings = [*_unreviewed(read), *(sharing.said if sharing.shared is not True else ())]
    if options.as_json:
        data = written_as_data(workspace, options, read, outcome, warnings)
        steps = commands_as_data(("pull_request", line) for line in sharing.requests)
        outside.say(as_json(data | {"problems": problems, "shared": sharing.shared, "next": steps}))
    elif options.dry_run:
        for line in change_of([outcome]):
            outside.say(line)
    else:
        state = "saved, not committed" if outcome.refused else _shared_words(sharing)
        what = "in review" if outcome.commit or outcome.refused else "in review already"
        outside.say(" · ".join(part for part in (f"post-mortem of {read.file.incident[11:]} {what}", state) if part))
        for line in sharing.requests:
            outside.say(line)
        for line in sharing.said:
            outside.talk(line)
        _say_problems(workspace, read, problems)
    say_notes(workspace, options, outcome, _unreviewed(read))
    finish_documents(workspace, options, [outcome])


def _shared_words(sharing: _Sharing) -> str:
    if sharing.shared is None:
        return ""
    return "shared" if sharing.shared else "not shared"


def _say_problems(workspace: Workspace, read: Read, problems: list[str]) -> None:
    if not problems:
        return
    count = "1 thing" if len(problems) == 1 else f"{len(problems)} things"
    workspace.outside.talk(f"{count} to mend before it is final{where_shown(workspace, read.file)}:")
    for problem in problems:
        workspace.outside.talk(f"  {problem}")


def _unreviewed(read: Read) -> list[str]:
    """Whether somebody besides the author is named who reads it."""
    if read.said.outside_reviewers:
        return []
    return [f"nobody but the author is named as a reviewer: write `reviewers: [NAME]` at the top of {read.file.path}"]
