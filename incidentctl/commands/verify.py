"""`verify`: who changed what on the record after the fact."""

import re
from collections.abc import Iterable
from typing import Annotated

import typer

from incidentctl.commands.completion import complete_incident
from incidentctl.commands.naming import incident_to_read
from incidentctl.commands.options import Reading, takes
from incidentctl.commands.selection import say_unreadable, unreadable_as_data
from incidentctl.commands.verifying import Verified, demand_whole_history, verify_history
from incidentctl.context import Workspace
from incidentctl.errors import ExitCode, NoSuchIncidentError, RefusedError, UsageError
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.secrets import take_out_secrets
from incidentctl.incident.words import clean_line
from incidentctl.output.json_text import as_json
from incidentctl.output.verification import change_as_data, changes_as_lines, summary_line
from incidentctl.store.known_tips import accept_rewrite, rewritten
from incidentctl.verify.changes import Change, Verdict

EXAMPLES = """
ictl verify
ictl verify checkout login --since 2026-05-01
ictl verify --undeclared --json
ictl verify --accept-rewrite "erased a customer's name, ticket 4711"
"""

_WAY_OUT = (
    "a change that is put back, as with `git revert COMMIT`, counts no more; `ictl edit` makes one that is declared"
)
_COMMIT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


@takes(Reading)
def command(
    *,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INCIDENT]...",
            help="Only these: ids, or parts of one; also those whose files are gone.",
            autocompletion=complete_incident,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="Only what was committed from then on: `2026-05-14`, `30d`."),
    ] = None,
    undeclared: Annotated[
        bool, typer.Option("--undeclared", help="Leave out what was declared, and what is not taken in yet.")
    ] = False,
    accept: Annotated[
        str | None,
        typer.Option(
            "--accept-rewrite",
            metavar="REASON",
            help="Declare that history was rewritten, and why, in a commit that every clone receives.",
        ),
    ] = None,
    old_tip: Annotated[
        str | None,
        typer.Option(
            "--old-tip",
            metavar="COMMIT",
            help="With --accept-rewrite: the last commit before it, where this clone does not know it.",
        ),
    ] = None,
    options: Reading,
) -> None:
    """Say who changed what on the record after the fact, from the history of the record's branch.

    What was declared is listed and fine: `set`, `undo`, `redact`, `edit`, and what commands made of changes by hand. Entries
    that were edited, moved in time or removed in another way end with exit code 1, as do deleted files, history that was
    rewritten, and commits without the signature that the settings want.
    """
    with options.workspace() as workspace:
        if accept is not None:
            _accept(workspace, options, accept, old_tip)
        elif old_tip is not None:
            raise UsageError("--old-tip goes with --accept-rewrite", hint='say why: --accept-rewrite "WHY"')
        verified = verify_history(workspace)
        wanted = _named(workspace, verified, names or ())
        from_then = workspace.typed_time(since, kind="since") if since is not None else None
        changes = [
            change
            for change in verified.changes
            if (not wanted or change.incident in wanted or not change.incident)
            and (from_then is None or change.made is None or change.made.committed_at >= from_then)
        ]
        unreadable = [
            each
            for each in verified.unreadable
            if not wanted or each.path.rpartition("/")[2].removesuffix(".md") in wanted
        ]
        shown = [change for change in changes if not undeclared or change.verdict is Verdict.UNDECLARED]
        if options.as_json:
            incidents = len(wanted or verified.incidents)
            data = _as_data(verified, changes, shown, incidents) | {"unreadable": unreadable_as_data(unreadable)}
            options.outside.say(as_json(data))
        else:
            for line in changes_as_lines(shown):
                options.outside.say(line)
            count = len(wanted or verified.incidents)
            options.outside.say(summary_line(changes, incidents=count, commits=verified.commits))
        is_bad = say_unreadable(workspace, unreadable) > 0
        is_undeclared = any(change.verdict is Verdict.UNDECLARED for change in changes)
        if is_undeclared and not options.as_json:
            options.outside.talk(_WAY_OUT)
        if is_bad or is_undeclared:
            raise typer.Exit(int(ExitCode.FOUND))


def _named(workspace: Workspace, verified: Verified, words: Iterable[str]) -> frozenset[str]:
    """The incidents that are meant, those among them of which only history knows."""
    found: set[str] = set()
    for word in words:
        if word in verified.incidents:
            found.add(word)
        elif is_incident_id(word):
            raise NoSuchIncidentError(
                f"there is no incident {word}, and there never was", hint="see them all: ictl list"
            )
        else:
            found.add(incident_to_read(workspace, word))
    return frozenset(found)


def _as_data(verified: Verified, changes: list[Change], shown: list[Change], incidents: int) -> dict[str, object]:
    counts = {verdict.value: sum(change.verdict is verdict for change in changes) for verdict in Verdict}
    return {
        "schema_version": 1,
        "kind": "verify",
        "tip": verified.tip,
        "changes": [change_as_data(change) for change in shown],
        "summary": {**counts, "incidents": incidents, "commits": verified.commits, "commits_read": verified.walked},
    }


def _accept(workspace: Workspace, options: Reading, words: str, old_tip: str | None) -> None:
    """Declares a rewriting on the record's branch, before it is looked at."""
    repository, reason = workspace.repository, take_out_secrets(clean_line(words))[0]
    if not reason:
        raise UsageError("--accept-rewrite wants the reason", hint='as --accept-rewrite "erased a name, ticket 4711"')
    if old_tip is not None and not _COMMIT.fullmatch(old_tip):
        raise UsageError("--old-tip is no whole id of a commit", hint="write all of its 40 or 64 signs")
    demand_whole_history(repository)
    found = rewritten(repository)
    if found is None and old_tip is None:
        raise RefusedError(
            "history was not rewritten under the tip that this clone knows",
            hint="name the last commit before it with --old-tip, where it was rewritten in another clone",
        )
    if found is not None and found.where != repository.ref:
        raise RefusedError(
            f"the branch here still has the history that {found.where.removeprefix('refs/remotes/')} has not",
            hint=f"take over the new one first: `git reset --keep {found.where.removeprefix('refs/remotes/')}`",
        )
    old = old_tip or (found.known if found is not None else "")
    result = accept_rewrite(repository, workspace.settings, old, reason, notice=options.outside.talk)
    if result.commit is not None:
        options.outside.talk(f"declared in {result.commit[:12]}: share it with `git push`")
