"""`use`: which incident commands mean when none is named."""

from typing import Annotated

import typer

from incidentctl.commands.naming import current_incident, drop_current, incident_to_read, make_current
from incidentctl.commands.options import Name, Reading, takes
from incidentctl.output.json_text import as_json

EXAMPLES = """
ictl use checkout
ictl use
ictl use --clear
"""


@takes(Reading)
def command(
    *,
    name: Name = None,
    clear: Annotated[bool, typer.Option("--clear", help="Forget the current one.")] = False,
    options: Reading,
) -> None:
    """Choose the incident that commands mean when none is named; without a name, say which one that is."""
    with options.workspace() as workspace:
        current = current_incident(workspace)
        if clear:
            if current:
                drop_current(workspace, current)
            current = None
        elif name:
            current = incident_to_read(workspace, name)
            status = workspace.reader.read(current).incident.state.status
            make_current(workspace, current, even_over=status is not None and status.is_over)
        named = options.outside.environ.get("INCIDENTCTL_INCIDENT")
        if named:
            options.outside.talk(f"INCIDENTCTL_INCIDENT is set, and comes first: {named}")
        if options.as_json:
            options.outside.say(as_json({"schema_version": 1, "kind": "current", "incident": current}))
        else:
            options.outside.say(current or "no current incident: choose one with ictl use INCIDENT")
