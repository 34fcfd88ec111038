"""`due`: what is overdue, for people and for cron."""

from typing import Annotated

import typer

from incidentctl.commands.completion import complete_person
from incidentctl.commands.options import takes
from incidentctl.commands.overview import Choosing, due_now, gather
from incidentctl.commands.selection import say_unreadable, unreadable_as_data
from incidentctl.errors import ExitCode, UsageError
from incidentctl.incident.times import format_instant, parse_duration, quoted
from incidentctl.output.json_text import as_json
from incidentctl.output.listing import Told
from incidentctl.output.overview import clock_as_data, due_as_lines

EXAMPLES = """
ictl due
ictl due --within 10m --severity 1-2
ictl due --owner @bob --within 7d
ictl due --json
"""


@takes(Choosing)
def command(
    within: Annotated[
        str | None, typer.Option("--within", metavar="TIME", help="Also what will be due within `10m`, `2h`, `7d`.")
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            metavar="PERSON",
            help="What waits for a person: action items they own, post-mortems they write, incidents they command; `me`.",
            autocompletion=complete_person,
        ),
    ] = None,
    *,
    options: Choosing,
) -> None:
    """List what is overdue: clocks of open incidents, duties that run on when one is over, post-mortems, action items.

    Exit code 1 where there is any, or where a file could not be read; 0 where all is well. Nothing is printed then.
    """
    length = parse_duration(within) if within is not None else None
    if within is not None and length is None:
        raise UsageError(f"--within is no length of time: {quoted(within)}", hint="write it as 10m, 2h or 7d")
    with options.workspace() as workspace:
        as_of = options.look_first(workspace)
        gathered = gather(workspace, options, as_of=as_of)
        found = due_now(gathered, workspace.now, length)
        if owner is not None:
            wanted = (workspace.person(owner) or owner.strip().removeprefix("@")).casefold()
            found = [clock for clock in found if wanted in gathered.answerable.get(clock, ())]
        outside = options.outside
        if options.as_json:
            outside.say(
                as_json(
                    {
                        "schema_version": 1,
                        "kind": "due",
                        "at": format_instant(workspace.now),
                        "as_of": as_of,
                        "within": int(length.total_seconds()) if length is not None else None,
                        "clocks": [clock_as_data(clock, workspace.now) for clock in found],
                        "unreadable": unreadable_as_data(gathered.unreadable),
                    }
                )
            )
        else:
            told = Told(workspace.now, workspace.zone, is_local=options.tz is not None, width=outside.width)
            for line in due_as_lines(found, told):
                outside.say(line)
            if not found and outside.is_terminal:
                outside.talk("nothing is overdue" if length is None else "nothing is due by then")
        if say_unreadable(workspace, gathered.unreadable) or found:
            raise typer.Exit(int(ExitCode.FOUND))
