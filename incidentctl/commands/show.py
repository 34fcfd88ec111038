"""`show`: one incident, with its timeline."""

import typer

from incidentctl.commands.naming import incident_to_read
from incidentctl.commands.options import Name, Reading, takes
from incidentctl.commands.writing import steps_for
from incidentctl.context import Workspace
from incidentctl.errors import ExitCode
from incidentctl.incident.lifecycle import withdrawn_ids
from incidentctl.output.answers import entry_as_data, incident_as_data, steps_as_data, steps_line
from incidentctl.output.json_text import as_json
from incidentctl.output.listing import Told, incident_as_lines, timeline_as_lines, wrapped
from incidentctl.store.reading import Found

_UNREADABLE = ("conflict-markers", "not-utf-8", "not-text")

EXAMPLES = """
ictl show
ictl show checkout
ictl show 2026-05-14-checkout-latency --json
"""


@takes(Reading)
def command(*, name: Name = None, options: Reading) -> None:
    """Show one incident: what is known, its timeline, and what comes next."""
    with options.workspace() as workspace:
        incident = incident_to_read(workspace, name)
        found = workspace.reader.read(incident)
        status = found.incident.state.status
        if status is not None and not status.is_over:
            options.look_first(workspace)
            found = workspace.reader.read(incident)
        options.mark_drill(found.incident.is_drill)
        head, steps = steps_for(workspace, found.incident)
        if options.as_json:
            options.outside.say(as_json(found_as_data(workspace, found) | {"next": steps_as_data(steps)}))
            say_faults(workspace, found)
            return
        reading = reading_of(workspace, options)
        lines = incident_as_lines(
            found.incident,
            zone=workspace.zone,
            now=workspace.now,
            prefix=workspace.settings.channel_prefix,
            waiting=found.waiting,
            width=reading.width,
        )
        for line in (*lines, "", *timeline_lines(found, reading, with_ids=False)):
            options.outside.say(line)
        if steps:
            options.outside.say()
            for line in wrapped(steps_line(head, steps, now=workspace.now), reading.width, 2):
                options.outside.say(line)
        say_faults(workspace, found)


def reading_of(workspace: Workspace, options: Reading) -> Told:
    """How times and lines are told: in UTC as in the file, or in the zone that --tz names."""
    width = workspace.outside.width
    return Told(workspace.now, workspace.zone, is_local=options.tz is not None, width=width)


def timeline_lines(found: Found, reading: Told, *, with_ids: bool) -> list[str]:
    """The timeline of an incident as it is read."""
    entries = found.incident.entries
    withdrawn = withdrawn_ids(sorted(entries, key=lambda entry: entry.order))
    return timeline_as_lines(entries, withdrawn=withdrawn, reading=reading, with_ids=with_ids)


def found_as_data(workspace: Workspace, found: Found) -> dict[str, object]:
    """One incident with its timeline for a program."""
    entries = sorted(found.incident.entries, key=lambda entry: entry.order)
    withdrawn = withdrawn_ids(entries)
    return {
        "schema_version": 1,
        "kind": "incident",
        "incident": incident_as_data(found.incident, path=found.path, prefix=workspace.settings.channel_prefix),
        "timeline": [entry_as_data(entry, withdrawn=entry.id in withdrawn) for entry in entries],
        "faults": [
            {"line": fault.line, "column": fault.column, "code": fault.code, "message": fault.message}
            for fault in found.document.faults
        ],
        "waiting": found.waiting,
    }


def say_faults(workspace: Workspace, found: Found) -> None:
    """What is wrong with the file, and what in it is not taken in yet, beside the result.

    Ends with exit code 1 where a list would leave the incident out for it.
    """
    outside = workspace.outside
    outside.flush()
    for fault in found.document.faults:
        outside.talk(f"warning: {found.path}:{fault.line}: {fault.message}")
    for clash in found.taken.clashes:
        outside.talk(f"warning: {found.path}: {clash}")
    if any(fault.code in _UNREADABLE for fault in found.document.faults) or not found.document.is_readable:
        outside.talk(f"what can be read is shown; to mend the file: ictl edit {found.incident.id}")
        raise typer.Exit(int(ExitCode.FOUND))
