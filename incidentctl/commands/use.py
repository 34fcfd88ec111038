"""`use`: which incident commands mean when none is named."""

from typing import Annotated

import typer

from incidentctl.commands.naming import clear_current, incident_to_read, make_current, meant_without_a_name
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
        outside = options.outside
        if clear:
            clear_current(workspace)
        elif name is not None:
            chosen = incident_to_read(workspace, name)
            status = workspace.reader.read(chosen).incident.state.status
            make_current(workspace, chosen, even_over=status is not None and status.is_over)
        meant, why = meant_without_a_name(workspace)
        if meant:
            options.mark_drill_of(workspace, meant)
        if why:
            outside.talk(why)
        if options.as_json:
            outside.say(as_json({"schema_version": 1, "kind": "current", "incident": meant}))
        elif meant:
            outside.say(meant)
        elif not clear:
            outside.talk("no current incident: choose one with `ictl use INCIDENT`")
