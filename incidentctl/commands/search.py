"""`search`: words in titles, keys and timelines."""

from typing import Annotated

import typer

from incidentctl.commands.options import takes
from incidentctl.commands.selection import Selecting, say_unreadable, unreadable_as_data
from incidentctl.context import Workspace
from incidentctl.errors import ExitCode, UsageError
from incidentctl.incident.model import DRILL
from incidentctl.incident.times import quoted
from incidentctl.output.answers import entry_as_data
from incidentctl.output.json_text import as_json
from incidentctl.output.listing import Told, entry_words, wrapped
from incidentctl.store.reading import Row, as_text

_SHOWN = 3

EXAMPLES = """
ictl search pool exhausted
ictl search db-3 --since 90d
"""


@takes(Selecting)
def command(
    *,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORD...", help="All of them have to occur, in any case.")
    ] = None,
    options: Selecting,
) -> None:
    """Find incidents in which all words occur: in the title, a key or the timeline."""
    wanted = [word.casefold() for word in " ".join(words or ()).split()]
    if not wanted:
        raise UsageError("nothing to search for", hint="as in: ictl search pool exhausted")
    with options.workspace() as workspace:
        rows, unreadable = workspace.reader.rows()
        found = [
            (row, hits) for row in options.of(workspace, rows) if (hits := _hits(workspace, row, wanted)) is not None
        ]
        if options.as_json:
            data = [
                {
                    "id": row.id,
                    "title": row.title,
                    "severity": row.keys.get("severity"),
                    "path": row.path,
                    "matches": hits,
                }
                for row, hits in found
            ]
            result = {
                "schema_version": 1,
                "kind": "search",
                "incidents": data,
                "unreadable": unreadable_as_data(unreadable),
            }
            options.outside.say(as_json(result))
        else:
            for row, hits in found:
                drill = DRILL if row.drill else ""
                options.outside.say(f"{drill}{row.keys.get('severity') or '-'} {row.id}  {row.title}")
                for hit in hits[:_SHOWN]:
                    for line in wrapped(f"{drill}    {hit['at']}  {hit['line']}", options.outside.width, 26):
                        options.outside.say(
                            line if line.startswith(drill) else drill + line.removeprefix(" " * len(drill))
                        )
                if len(hits) > _SHOWN:
                    options.outside.say(f"{drill}    and {len(hits) - _SHOWN} more")
            if not found:
                options.outside.talk(f"no incident holds {quoted(' '.join(words or ()))}")
        if say_unreadable(workspace, unreadable):
            raise typer.Exit(int(ExitCode.FOUND))


def _hits(workspace: Workspace, row: Row, wanted: list[str]) -> list[dict[str, object]] | None:
    """The entries that hold a word, where the file holds all of them; `None` where it does not."""
    data = workspace.reader.read_bytes(row.path)
    if data is None:
        return None
    folded = as_text(data).casefold()
    if not all(word in folded for word in wanted):
        return None
    hits: list[dict[str, object]] = []
    for entry in workspace.reader.read(row.id).incident.entries:
        head, further = entry_words(entry, Told(workspace.now, workspace.zone))
        lines = [line for line in (head, *further) if any(word in line.casefold() for word in wanted)]
        if lines:
            hits.append({"at": entry_as_data(entry)["at"], "id": entry.id, "line": lines[0]})
    return hits
