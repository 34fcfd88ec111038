"""`schema`: the JSON Schema of what `--json` prints, and of the files."""

from typing import Annotated

import typer

from incidentctl.context import Outside
from incidentctl.errors import UsageError
from incidentctl.output.json_text import as_json

EXAMPLES = """
ictl schema
ictl schema incident > incident.schema.json
"""


def command(
    *,
    ctx: typer.Context,
    kind: Annotated[
        str | None, typer.Argument(metavar="[KIND]", help="As `write` or `incident`; without it, all are listed.")
    ] = None,
) -> None:
    """Print the JSON Schema of an output or a file."""
    from incidentctl.output.schemas import KINDS, schema_of  # pydantic, which no other command loads

    outside: Outside = ctx.obj
    if kind is None:
        for name in KINDS:
            outside.say(name)
        return
    wanted = kind.lower().replace("-", "_")
    if wanted not in KINDS:
        from difflib import get_close_matches

        close = get_close_matches(wanted, KINDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"it is one of {', '.join(KINDS)}"
        raise UsageError(f"there is no schema {kind!r}", hint=hint, candidates=KINDS)
    outside.say(as_json(schema_of(wanted)))
