"""`use`: which incident commands mean when none is named."""

from typing import Annotated

import typer

from incidentctl.commands.naming import current_incident, drop_current, incident_to_read, make_current
from incidentctl.commands.options import Name, Reading, takes
from incidentctl.errors import UsageError
from incidentctl.output.json_text import as_json


@takes(Reading)
def command(
    *,
    name: Name = None,
    clear: Annotated[bool, typer.Option("--clear", help="Forget the current one.")] = False,
    options: Reading,
) -> None:
    """Choose the incident that commands mean; without a name, say which one that is."""
    with options.workspace() as workspace:
        current = current_incident(workspace)
        if clear:
            if current:
                drop_current(workspace, current)
            current = None
        elif name:
            current = incident_to_read(workspace, name)
            if workspace.reader.read(current).incident.state.status is None:
                raise UsageError(f"{current} cannot be read", hint="correct it with ictl edit")
            make_current(workspace, current)
        if options.as_json:
            options.outside.say(as_json({"schema_version": 1, "kind": "current", "incident": current}))
        else:
            options.outside.say(current or "no current incident: choose one with ictl use INCIDENT")
