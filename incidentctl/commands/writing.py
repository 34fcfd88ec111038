"""What every command that writes shares: from a request to one commit, and from that to the answer."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from incidentctl.commands.naming import drop_current, incident_to_write, is_meant_without_a_name, split_name
from incidentctl.commands.options import Writing
from incidentctl.commands.wiring import wire_merge_driver
from incidentctl.context import Workspace
from incidentctl.document.believe import believe
from incidentctl.document.parse import parse_document
from incidentctl.document.saved_words import Edited
from incidentctl.errors import ExitCode, IncidentctlError, SavedError, UsageError
from incidentctl.incident.entries import Entry, What
from incidentctl.incident.model import Incident, Value
from incidentctl.incident.next_steps import NextStep, missing_steps, next_steps, overdue_clocks
from incidentctl.incident.requests import Request, Verb
from incidentctl.incident.roles import HINT, before_writing, may_change_roles, role_warnings
from incidentctl.incident.times import describe_instant
from incidentctl.output.answers import answer_line, entry_as_data, moment, state_as_data, steps_as_data, steps_line
from incidentctl.output.failures import failure_as_json
from incidentctl.output.json_text import as_json
from incidentctl.store.record import Written

if TYPE_CHECKING:
    from incidentctl.output.sharing import Reach


def named(
    workspace: Workspace, options: Writing, words: list[str] | None, *, after_the_fact: bool = False
) -> tuple[str, list[str]]:
    """The incident that is meant, and the words that are left: a full id as the first one names it."""
    name, rest = split_name(words)
    if name and options.incident is not None and name != options.incident:
        raise UsageError("two incidents are named", hint=f"keep one of -i {options.incident} and {name}")
    return incident_to_write(
        workspace, name if options.incident is None else options.incident, after_the_fact=after_the_fact
    ), rest


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
    """Records a request. The current incident is forgotten when this brings it to its end."""
    try:
        written = workspace.recorder.record(request, dry_run=options.dry_run, edited=edited)
    except IncidentctlError:
        if request.verb is not Verb.OPEN:
            options.mark_drill_of(workspace, request.incident)  # a look that is taken only where it went wrong
        raise
    except KeyboardInterrupt:
        workspace.outside.talk("your words are kept: what is not committed yet the next command that writes commits")
        raise
    options.mark_drill(written.incident.is_drill)
    if written.commit is not None:
        wire_merge_driver(workspace)
    roles = _of_roles(workspace, request, written)
    late = [] if options.dry_run or written.unchanged is not None else _overdue(workspace, written)
    written = replace(written, warnings=(*workspace.guard.warnings, *written.warnings, *roles, *late))
    if _is_over(written.incident) and not options.dry_run:
        before = believe(parse_document(written.before), written.incident.id)
        if not written.before or not _is_over(before):
            drop_current(workspace, written.incident.id)
    return written


def _of_roles(workspace: Workspace, request: Request, written: Written) -> list[str]:
    """What this write brought about with the roles, from what was read and written anyway."""
    scale, agents = workspace.settings.scale, workspace.rules.agents
    if request.verb is Verb.REDACT or not may_change_roles(written.incident, written.entries, scale):
        return []
    before, after = before_writing(written.incident, written.entries)
    warnings = role_warnings(before, after, scale, agents=agents)
    if not warnings:
        return []
    is_meant = is_meant_without_a_name(workspace, written.incident.id)
    commands = [each.command if is_meant else with_name(each.command, written.incident.id) for each in warnings]
    return [
        f"{each.words}, `{command}`" if command else each.words
        for each, command in zip(warnings, commands, strict=True)
    ]


def _overdue(workspace: Workspace, written: Written) -> list[str]:
    """The clocks that have run out, said to each person once: with what they write first after that."""
    mine = {entry.id for entry in written.entries}
    me = {workspace.author.handle, workspace.author.noted_by} - {None}
    told_at = max(
        (
            entry.written_at
            for entry in written.incident.entries
            if entry.id not in mine and me & {entry.author, entry.noted_by}
        ),
        default=None,
    )
    late = [
        clock
        for clock in overdue_clocks(written.incident, workspace.settings.clock_policy, workspace.now)
        if told_at is None or told_at <= clock.due_at
    ]
    if late and not is_meant_without_a_name(workspace, written.incident.id):
        late = [clock._replace(command=with_name(clock.command, clock.incident)) for clock in late]
    return [f"{clock.words} was due {moment(clock.due_at, workspace.now)}: `{clock.command}`" for clock in late]


def _is_over(incident: Incident) -> bool:
    return incident.state.status is not None and incident.state.status.is_over


def steps_for(workspace: Workspace, incident: Incident) -> tuple[str, list[NextStep]]:
    """What comes next, and the word that leads to it: `next` while it lasts, `missing` when it is over.

    Their commands name the incident where they would mean another one without a name.
    """
    settings = workspace.settings
    head, steps = "next", next_steps(incident, settings.clock_policy, workspace.now)
    if not steps:
        head, steps = "missing", missing_steps(incident, settings.scale, settings.calendar)
        if any(step.what == "postmortem" for step in steps) and workspace.reader.has_postmortem(incident.id):
            steps = [step for step in steps if step.what != "postmortem"]
    if any(step.command for step in steps) and not is_meant_without_a_name(workspace, incident.id):
        steps = [step._replace(command=with_name(step.command, incident.id)) for step in steps]
    return head, steps


def with_name(command: str | None, incident: str) -> str | None:
    """A command with the incident named in it."""
    if command is None or command.startswith("ictl postmortem"):
        return command and f"{command} {incident}"
    program, verb, *rest = command.split(" ", 2)
    return " ".join((program, verb, incident, *rest))


def answer(
    workspace: Workspace,
    options: Writing,
    written: Written,
    what: str,
    *,
    line: str | None = None,
    more: Iterable[str] = (),
    shows_steps: bool = False,
    tells_time: bool = True,
    also: Mapping[str, object] | None = None,
) -> None:
    """Prints the answer of one write, and ends with exit code 7 where the words are saved and not committed.

    `what` says what happened, `line` takes the place of the whole line, `more` is put behind it. `tells_time` puts both
    readings of a typed time there. `also` is more for a program.
    """
    outside = workspace.outside
    options.mark_drill(written.incident.is_drill)
    if not options.as_json or options.dry_run:
        for warning in written.warnings:
            outside.talk(_warned(written, warning))
    if options.dry_run:
        _show_change(workspace, options, written, also or {})
        return
    if written.others:
        outside.talk(f"also committed: {written.others} saved before")
    reach = _shared(workspace, written)
    if options.as_json:
        data = written_as_data(workspace, written, reach) | dict(also or {})
        outside.say(as_json(data | tell_others(workspace, written)))
        _say_where(workspace, written)
        finish(workspace, options, written)
        return
    try:
        tail = [*more]
        if options.at and tells_time and written.entries:
            tail = [*_both_readings(workspace, written), *tail]
        if reach is not None:
            tail = [*tail, reach.words]
        lines = [_line(workspace, written, what, line=line, tail=tail)]
        if shows_steps and written.unchanged is None and written.event != "noted":
            head, steps = steps_for(workspace, written.incident)
            if steps:
                lines.append(steps_line(head, steps, now=workspace.now))
        for each in _in_width(lines, outside.width):
            outside.say(each)
        _say_where(workspace, written)
    finally:  # the answer is there before somebody slow is told; and they are told though nobody reads the answer
        tell_others(workspace, written)
    finish(workspace, options, written)


def tell_others(workspace: Workspace, written: Written) -> dict[str, object]:
    """Tells whom the settings name of what was written, and runs the user's hooks; what became of it, for a program. Never fails."""
    settings = workspace.settings
    if not (settings.notify or settings.hooks.commands) or not any(entry.is_state for entry in written.entries):
        return {}
    from incidentctl.commands.notifying import tell_after_write  # only where somebody is to be told

    accounts = tell_after_write(workspace, written)
    return {"notified": [each.as_data() for each in accounts]} if accounts else {}


def _warned(written: Written, warning: str) -> str:
    """A warning as people read it: what is only a hint says so itself, and a place in the file is named with the file."""
    if warning.startswith(HINT):
        return warning
    return f"warning: {f'{written.path}: ' if warning.startswith('line ') else ''}{warning}"


def _shared(workspace: Workspace, written: Written) -> "Reach | None":
    """Shares the commit with the others, where there are any."""
    if written.commit is None or not workspace.repository.has_remote:
        return None
    from incidentctl.commands.sharing import share_after_write  # only where there is somebody to share with

    return share_after_write(workspace)


def _in_width(lines: list[str], width: int | None) -> list[str]:
    """Lines that are not broken within a word by the terminal."""
    if width is None:
        return lines
    from incidentctl.output.listing import wrapped  # only for a terminal

    return [part for line in lines for part in wrapped(line, width, 2)]


def _both_readings(workspace: Workspace, written: Written) -> list[str]:
    """The time that was typed, on the clock of the person and in UTC, where these differ."""
    told = describe_instant(written.entries[-1].at, workspace.zone, now=workspace.now)
    return [f"at {told}"] if " = " in told else []


def _line(workspace: Workspace, written: Written, what: str, *, line: str | None, tail: list[str]) -> str:
    at = written.entries[-1].at if written.entries else workspace.now
    if written.refused is not None:
        tail = [*tail, "saved, not committed"]
    if written.unchanged is not None:
        what, at = written.unchanged, workspace.now
    elif written.event == "noted":
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


def finish(workspace: Workspace, options: Writing, written: Written) -> None:
    """Ends with exit code 7, and the way out, where the words are saved and not committed."""
    refused = written.refused
    if refused is None:
        return
    where = "in the file" if refused.in_work_tree else "in the spool"
    message = f"saved {where}, not committed: {refused.reason}"
    repeat = "do not repeat the command"
    if "commits this" not in (refused.hint or ""):
        repeat += ": the next one that writes commits this"
    hint = f"{refused.hint}; {repeat}" if refused.hint else repeat
    if options.as_json:
        workspace.outside.talk(failure_as_json(SavedError(message, hint=hint)))
    else:
        workspace.outside.talk(f"{message}; {hint}")
    raise typer.Exit(int(ExitCode.SAVED))


def _show_change(workspace: Workspace, options: Writing, written: Written, also: Mapping[str, object]) -> None:
    """Shows what a write would change, as a diff."""
    from incidentctl.output.diffs import as_diff_lines  # only here: every verb that writes loads this module

    diff = [] if written.unchanged is not None else as_diff_lines(written.before, written.after, written.path)
    if options.as_json:
        workspace.outside.say(
            as_json(written_as_data(workspace, written) | {"dry_run": True, "diff": diff} | dict(also))
        )
        return
    if written.unchanged is not None:
        workspace.outside.say(f"nothing would change: {written.unchanged}")
    for line in diff:
        workspace.outside.say(line)


def written_as_data(workspace: Workspace, written: Written, reach: "Reach | None" = None) -> dict[str, object]:
    """One write for a program, and how far it got; `reach` is None where there is nobody to share it with."""
    return {
        "schema_version": 1,
        "kind": "write",
        "incident": written.incident.id,
        "drill": written.incident.is_drill,
        "entry": entry_as_data(written.entries[-1]) if written.entries else None,
        "entries": [entry_as_data(entry) for entry in written.entries],
        "state": state_as_data(written.incident.state),
        "path": written.path,
        "commit": written.commit,
        "committed": written.commit is not None,
        "unchanged": written.unchanged,
        "shared": None if reach is None else reach.is_shared,
        "sharing": None if reach is None else reach.as_data(),
        "warnings": list(written.warnings),
        "next": steps_as_data(steps_for(workspace, written.incident)[1]),
    }
