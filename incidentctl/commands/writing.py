"""What every command that writes shares: from a request to one commit, and from that to the answer."""

from collections.abc import Iterable, Mapping

import typer

from incidentctl.commands.naming import drop_current, incident_to_write, split_name
from incidentctl.commands.options import Writing
from incidentctl.context import Outside, Workspace
from incidentctl.document.saved_words import Edited
from incidentctl.errors import ExitCode, UsageError
from incidentctl.incident.entries import Entry, What
from incidentctl.incident.model import Value
from incidentctl.incident.next_steps import NextStep, missing_steps, next_steps
from incidentctl.incident.requests import Request, Verb
from incidentctl.output.answers import answer_line, entry_as_data, local_clock, state_as_data, steps_as_data, steps_line
from incidentctl.output.json_text import as_json
from incidentctl.store.record import Written


def named(
    workspace: Workspace, options: Writing, words: list[str] | None, *, after_the_fact: bool = False
) -> tuple[str, list[str]]:
    """The incident that is meant, and the words that are left: a full id as the first one names it."""
    name, rest = split_name(words)
    if name and options.incident and name != options.incident:
        raise UsageError("two incidents are named", hint=f"keep one of -i {options.incident} and {name}")
    return incident_to_write(workspace, options.incident or name, after_the_fact=after_the_fact), rest


def request_of(
    workspace: Workspace,
    options: Writing,
    verb: Verb,
    incident: str,
    *whats: tuple[What, str],
    keys: Mapping[str, Value] | None = None,
    given: Iterable[str] = (),
    target: str | None = None,
) -> Request:
    """The words of one command, with who says them and when."""
    return Request(
        verb=verb,
        incident=incident,
        author=workspace.author,
        now=workspace.now,
        chance=workspace.outside.chance(),
        at=options.at_in(workspace),
        entries=tuple(Entry(at=workspace.now, what=what, text=text) for what, text in whats),
        keys=keys or {},
        given=frozenset(given),
        target=target,
    )


def write(workspace: Workspace, options: Writing, request: Request, *, edited: Edited | None = None) -> Written:
    """Records a request. The current incident is forgotten once it is over."""
    written = workspace.recorder.record(request, dry_run=options.dry_run, edited=edited)
    status = written.incident.state.status
    if status is not None and status.is_over and not options.dry_run:
        drop_current(workspace, written.incident.id)
    return written


def steps_after(workspace: Workspace, written: Written) -> tuple[str, list[NextStep]]:
    """What comes next, and the word that leads to it: `next` while it lasts, `missing` when it is over."""
    settings = workspace.settings
    coming = next_steps(written.incident, settings.scale, bridge_url=settings.bridge_url)
    if coming:
        return "next", coming
    return "missing", missing_steps(written.incident, settings.scale, settings.calendar)


def answer(
    workspace: Workspace,
    options: Writing,
    written: Written,
    what: str,
    *,
    line: str | None = None,
    more: Iterable[str] = (),
    shows_steps: bool = False,
) -> None:
    """Prints the answer of one write, and ends with exit code 7 where the words are saved and not committed.

    `what` says what happened, `line` takes the place of the whole line, `more` is put behind it.
    """
    outside = workspace.outside
    if options.dry_run:
        show_change(outside, written)
        return
    for warning in written.warnings:
        outside.talk(f"warning: {warning}")
    if written.others:
        outside.talk(f"also committed: {written.others} saved before")
    head, steps = steps_after(workspace, written)
    if options.as_json:
        outside.say(as_json(written_as_data(written, steps)))
    else:
        outside.say(_line(workspace, options, written, what, line=line, more=more))
        if shows_steps and steps and written.unchanged is None:
            outside.say(steps_line(head, steps, now=workspace.now))
    _say_where(workspace, written)
    finish(outside, written)


def _line(
    workspace: Workspace, options: Writing, written: Written, what: str, *, line: str | None, more: Iterable[str]
) -> str:
    tail = [*more]
    at = written.entries[-1].at if written.entries else workspace.now
    if options.at and workspace.zone is not None and str(workspace.zone) != "UTC" and written.entries:
        tail.append(f"at {local_clock(at, workspace.zone, workspace.now)}")
    if written.refused is not None:
        tail.append("saved, not committed")
    if written.unchanged is not None:
        what, at = written.unchanged, workspace.now
    elif written.event == "noted" and what != "noted":
        what = "noted"
    if line is not None and written.unchanged is None:
        return " · ".join((line, *tail))
    return answer_line(written.incident, at, what, now=workspace.now, more=tail)


def _say_where(workspace: Workspace, written: Written) -> None:
    """Says when the commit went to a branch that is not checked out: nobody should look for it in the work tree."""
    repository = workspace.repository
    if written.commit is None or repository.checked_out or repository.work_tree is None:
        return
    here = repository.head_branch or "no branch"
    workspace.outside.talk(f"committed on {repository.branch}; the work tree is on {here} and was not touched")


def finish(outside: Outside, written: Written) -> None:
    """Ends with exit code 7, and the way out, where the words are saved and not committed."""
    refused = written.refused
    if refused is None:
        return
    where = "in the file" if refused.in_work_tree else "in the spool"
    hint = f"; {refused.hint}" if refused.hint else ""
    outside.talk(
        f"saved {where}, not committed: {refused.reason}{hint}. Do not repeat the command: the next one commits this."
    )
    raise typer.Exit(int(ExitCode.SAVED))


def show_change(outside: Outside, written: Written) -> None:
    """Prints what a write would change, as a diff, and what it would warn of."""
    from difflib import unified_diff  # only for --dry-run

    for warning in written.warnings:
        outside.talk(f"warning: {warning}")
    if written.unchanged is not None:
        outside.say(f"nothing would change: {written.unchanged}")
        return
    old = written.before.splitlines(keepends=True)
    new = written.after.splitlines(keepends=True)
    name = written.path
    for line in unified_diff(old, new, f"a/{name}" if written.before else "/dev/null", f"b/{name}"):
        outside.say(line.rstrip("\r\n"))


def written_as_data(written: Written, steps: list[NextStep]) -> dict[str, object]:
    """One write for a program."""
    return {
        "schema_version": 1,
        "kind": "write",
        "incident": written.incident.id,
        "entry": entry_as_data(written.entries[-1]) if written.entries else None,
        "entries": [entry_as_data(entry) for entry in written.entries],
        "state": state_as_data(written.incident.state),
        "path": written.path,
        "commit": written.commit,
        "committed": written.commit is not None,
        "unchanged": written.unchanged,
        "shared": None,
        "warnings": list(written.warnings),
        "next": steps_as_data(steps),
    }
