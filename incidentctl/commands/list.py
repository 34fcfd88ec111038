"""`list`: which incidents there are."""

import typer

from incidentctl.commands.options import takes
from incidentctl.commands.selection import Selecting, say_unreadable, unreadable_as_data
from incidentctl.errors import ExitCode
from incidentctl.incident.entries import FOLDED_KEYS
from incidentctl.incident.model import DRILL
from incidentctl.output.json_text import as_json
from incidentctl.output.listing import duration_words, table
from incidentctl.store.reading import Row

EXAMPLES = """
ictl list --open
ictl list --severity 1-2 --since 2026-04-01 --until 2026-06-30
ictl list --service checkout --json
"""


@takes(Selecting)
def command(*, options: Selecting) -> None:
    """List incidents, newest first: severity, status, how long, who coordinates, id, title.

    Files that cannot be read are named beside them, with exit code 1.
    """
    with options.workspace() as workspace:
        if options.open:
            options.look_first(workspace)
        rows, unreadable = workspace.reader.rows()
        found = options.of(workspace, rows)
        if options.as_json:
            options.outside.say(
                as_json(
                    {
                        "schema_version": 1,
                        "kind": "incidents",
                        "incidents": [row_as_data(row) for row in found],
                        "unreadable": unreadable_as_data(unreadable),
                    }
                )
            )
        else:
            cells = [
                (
                    (DRILL if row.drill else "") + (row.keys.get("severity") or "-"),
                    row.keys.get("status") or "-",
                    duration_words(dict(row.keys), workspace.now),
                    f"@{row.keys['commander']}" if row.keys.get("commander") else "",
                    row.id,
                    row.title,
                )
                for row in found
            ]
            for line in table(cells, width=options.outside.width, dispensable=(3, 2)):
                options.outside.say(line)
            if not found:
                options.outside.talk("no incident" + (" matches" if rows else ' yet: ictl open "What is wrong"'))
        if say_unreadable(workspace, unreadable):
            raise typer.Exit(int(ExitCode.FOUND))


def row_as_data(row: Row) -> dict[str, object]:
    """One incident of a list for a program."""
    return {
        "id": row.id,
        "title": row.title,
        **{key: row.keys.get(key) for key in FOLDED_KEYS},
        "services": list(row.services),
        "tags": list(row.tags),
        "team": row.team,
        "drill": row.drill,
        "external_id": row.external_id,
        "path": row.path,
    }
