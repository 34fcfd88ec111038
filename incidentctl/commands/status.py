"""`status`: what is open, and the clocks that run."""

import typer

from incidentctl.commands.options import takes
from incidentctl.commands.overview import Choosing, gather
from incidentctl.commands.selection import say_unreadable, unreadable_as_data
from incidentctl.errors import ExitCode
from incidentctl.output.json_text import as_json
from incidentctl.output.listing import Told
from incidentctl.output.overview import overview_as_data, status_as_lines

EXAMPLES = """
ictl status
ictl status --severity 1-2 --service checkout
ictl status --json
"""


@takes(Choosing)
def command(*, options: Choosing) -> None:
    """Show what is open, the gravest first: who commands, since when, and the clocks that run, the most pressing first.

    A clock with a `!` has run out; behind each stands what stops it. Files that cannot be read are named beside it, with exit code 1.
    """
    with options.workspace() as workspace:
        as_of = options.look_first(workspace)
        found = gather(workspace, options, as_of=as_of)
        outside = options.outside
        if options.as_json:
            outside.say(
                as_json(overview_as_data(found, workspace.now) | {"unreadable": unreadable_as_data(found.unreadable)})
            )
        else:
            told = Told(workspace.now, workspace.zone, is_local=options.tz is not None, width=outside.width)
            if not (found.open or found.tickets):
                outside.say("nothing is open")
            for line in status_as_lines(found, told):
                outside.say(line)
        if say_unreadable(workspace, found.unreadable):
            raise typer.Exit(int(ExitCode.FOUND))
