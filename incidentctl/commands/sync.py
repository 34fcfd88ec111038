"""`sync`: the record is exchanged with the others."""

from typing import Annotated

import typer

from incidentctl.commands.options import Reading, takes
from incidentctl.commands.sharing import say_beside, sharing_of, tell_who_waits
from incidentctl.commands.wiring import wire_merge_driver
from incidentctl.context import Workspace
from incidentctl.errors import IncidentctlError, RefusedError, RepositoryError
from incidentctl.incident.words import show_safely
from incidentctl.output.failures import failure_as_json
from incidentctl.output.json_text import as_json
from incidentctl.output.sharing import commits_in_words, unpublished_lines
from incidentctl.store.known_tips import remember_tip, rewritten
from incidentctl.store.network import Failed, Trouble
from incidentctl.store.remotes import Remote, remote_named, request_lines
from incidentctl.store.sync import INCIDENT_BRANCHES, Route, Shared, route_of

EXAMPLES = """
ictl sync
ictl sync --dry-run
ictl sync --json
"""

_HINTS = {
    Trouble.OFFLINE: "what you record is kept here: `ictl sync` again when it is back",
    Trouble.HUNG: "what you record is kept here: `ictl sync` again when it is back",
    Trouble.DENIED: "nobody is asked for a password here: `git fetch {remote}` in a terminal asks, or shows what is missing",
    Trouble.RACED: "`ictl sync` again",
    Trouble.RULE: "ask who looks after {remote}; what is not shared is kept here",
    Trouble.MISSING: "look with `git remote show {remote}`",
    Trouble.OTHER: "`git fetch {remote}` shows more; what you record is kept here",
}


@takes(Reading)
def command(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Fetch, say what would happen, and do no more.")
    ] = False,
    options: Reading,
) -> None:
    """Exchange the record with the others: fetch, merge, push. Only commits that touch nothing but the record are published.

    Your other work is not in the way, committed or not, and is never touched. Where two say different things of one key, both are shown.
    """
    with options.workspace() as workspace:
        route = route_of(workspace.repository)
        if route is None:
            raise _no_remote(workspace)
        if not dry_run:
            wire_merge_driver(workspace)
        sharing = sharing_of(workspace, route)
        timeout = workspace.settings.sync.timeout
        shared = sharing.preview(timeout=timeout) if dry_run else sharing.share(timeout=timeout)
        if shared.is_reached and not dry_run and rewritten(workspace.repository) is None:
            remember_tip(workspace.repository)
        if not dry_run:
            tell_who_waits(workspace)
        _answer(workspace, options, shared, dry_run=dry_run)


def _no_remote(workspace: Workspace) -> IncidentctlError:
    names = workspace.repository.git.config.names()
    remotes = sorted(
        {name[len("remote.") : -len(".url")] for name in names if name.startswith("remote.") and name.endswith(".url")}
    )
    branch = workspace.repository.branch
    if remotes:
        return RefusedError(
            f"there are several remotes, and {branch} has no upstream: {', '.join(remotes)}",
            hint=f"say which one: `git config branch.{branch}.remote {remotes[0]}` and "
            f"`git config branch.{branch}.merge refs/heads/{branch}`",
        )
    return RefusedError(
        "there is no remote to share the record with", hint="make one: `git remote add origin URL`, then `ictl sync`"
    )


def _answer(workspace: Workspace, options: Reading, shared: Shared, *, dry_run: bool) -> None:
    outside = workspace.outside
    requests = _requests(workspace, shared)
    failure = _failure(workspace, shared)
    if options.as_json:
        outside.say(as_json(_as_data(shared, requests, dry_run=dry_run)))
    else:
        outside.say(" · ".join(_parts(workspace, shared, dry_run=dry_run)))
        for line in requests:
            outside.say(line)
        for line in unpublished_lines([(each.commit, each.subject) for each in shared.unpublished], shared.route.name):
            outside.talk(line)
        for note in (*shared.notes, *(f"left out by a rule: {line}" for line in shared.discarded)):
            outside.talk(note)
    if not dry_run:
        say_beside(workspace, shared)
    if failure is None:
        return
    if options.as_json:
        outside.talk(failure_as_json(failure))
    elif failure is not shared.behind:
        outside.talk(f"{failure.message}: {failure.hint}" if failure.hint else failure.message)
    raise typer.Exit(int(failure.exit_code))


def _parts(workspace: Workspace, shared: Shared, *, dry_run: bool) -> list[str]:
    """What happened, in one line."""
    name = shared.route.name
    if not shared.is_reached and not shared.waiting:
        return [f"no contact with {name}", "nothing waits"]
    if not shared.is_reached:
        return [f"not shared with {name}", f"{commits_in_words(shared.waiting)} waiting"]
    if dry_run:
        parts = [f"would share {commits_in_words(shared.waiting)} with {name}"] if shared.waiting else []
        parts += [f"would take in what {name} has"] if shared.received else []
        return parts or [f"in step with {name}"]
    places = ", ".join(f"{shared.route.remote}/{branch}" for branch in shared.pushed_to)
    parts = [f"shared {commits_in_words(shared.pushed)} with {places}"] if shared.pushed else []
    parts += [f"took in what {name if not shared.branches else shared.route.remote} had"] if shared.received else []
    if shared.failed is not None or shared.waiting:
        parts.append(f"{shared.waiting} not shared")
    return parts or [f"in step with {name}"]


def _failure(workspace: Workspace, shared: Shared) -> IncidentctlError | None:
    if shared.failed is not None:
        return RepositoryError(*_said(shared.route, shared.failed)[:1], hint=_said(shared.route, shared.failed)[1])
    return shared.behind


def _said(route: Route, failed: Failed) -> tuple[str, str]:
    said = show_safely(failed.said)
    hint = _HINTS[failed.trouble].format(remote=route.remote)
    if failed.trouble is Trouble.DENIED:
        return f"{route.remote} does not let you in: {said}", hint
    if failed.trouble in (Trouble.OFFLINE, Trouble.HUNG):
        return f"{route.remote} cannot be reached: {said}", hint
    return f"{route.remote} did not take it: {said}", hint


def _requests(workspace: Workspace, shared: Shared) -> list[str]:
    """The line for each branch of an incident that has to be brought home."""
    remote: Remote = remote_named(workspace.repository, shared.route.remote)
    lines: list[str] = []
    for branch in shared.branches:
        incident = branch.removeprefix(INCIDENT_BRANCHES)
        title = f"Incident {incident}"
        lines += request_lines(remote, branch, into=shared.route.branch, title=title, body=f"The record of {incident}")
    return lines


def _as_data(shared: Shared, requests: list[str], *, dry_run: bool) -> dict[str, object]:
    return {
        "schema_version": 1,
        "kind": "sync",
        "remote": shared.route.remote,
        "branch": shared.route.branch,
        "reached": shared.is_reached,
        "shared": shared.is_shared,
        "pushed": shared.pushed,
        "received": shared.received,
        "waiting": shared.waiting,
        "failed": None
        if shared.failed is None
        else {"reason": shared.failed.trouble.name.lower(), "message": shared.failed.said},
        "behind": None if shared.behind is None else shared.behind.message,
        "branches": list(shared.branches),
        "requests": requests,
        "unpublished": [{"commit": each.commit, "subject": each.subject} for each in shared.unpublished],
        "parted": [{"from": old, "to": new} for old, new in shared.parted],
        "discarded": list(shared.discarded),
        "notes": list(shared.notes),
        "dry_run": dry_run,
    }
