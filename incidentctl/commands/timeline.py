"""`timeline`: what happened, in order."""

from typing import Annotated

import typer

from incidentctl.commands.naming import incident_to_read
from incidentctl.commands.options import Name, Reading, takes
from incidentctl.commands.show import found_as_data, reading_of, say_faults, timeline_lines
from incidentctl.output.json_text import as_json

EXAMPLES = """
ictl timeline
ictl timeline checkout --ids
ictl timeline --tz Europe/Berlin
"""


@takes(Reading)
def command(
    *,
    name: Name = None,
    ids: Annotated[bool, typer.Option("--ids", help="With the id of each entry, as `undo` takes it.")] = False,
    options: Reading,
) -> None:
    """Show the timeline of one incident, in order of time."""
    with options.workspace() as workspace:
        found = workspace.reader.read(incident_to_read(workspace, name))
        options.mark_drill(found.incident.is_drill)
        if options.as_json:
            options.outside.say(as_json(found_as_data(workspace, found)))
        else:
            for line in timeline_lines(found, reading_of(workspace, options), with_ids=ids):
                options.outside.say(line)
        say_faults(workspace, found)
