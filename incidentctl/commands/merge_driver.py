"""`merge-driver`: what git calls, by `merge=incidentctl` in .gitattributes, to merge one file of the record."""

from typing import Annotated

import typer

from incidentctl.config.parse import parse_settings
from incidentctl.context import Outside
from incidentctl.document.section_names import own_names
from incidentctl.errors import ExitCode, IncidentctlError
from incidentctl.store.files import read_file
from incidentctl.store.merge_driver import run_driver
from incidentctl.store.reading import as_text
from incidentctl.store.repository import SETTINGS_FILE

EXAMPLES = """
git config merge.incidentctl.driver
"""

_MAX_SETTINGS = 1 << 20
_NOT_MERGED = 129  # anything up to 128 tells git that what is in the file is a merge, with conflicts


def command(
    *,
    ctx: typer.Context,
    base: Annotated[str, typer.Argument(metavar="BASE", help="The file with what both come from; empty for nothing.")],
    ours: Annotated[str, typer.Argument(metavar="OURS", help="The file with our side; the result goes into it.")],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS", help="The file with the other side.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="The name of the file in the repository.")],
) -> None:
    """Merge one file of the record for git: entries and action items by their ids, keys one by one, the rest by lines.

    git calls this in a merge, a rebase, a cherry-pick. Exit code 1 leaves conflicts in the file, each between markers.
    """
    outside: Outside = ctx.obj
    text = as_text(read_file(outside.cwd, SETTINGS_FILE, cap=_MAX_SETTINGS) or b"")
    settings, _ = parse_settings(text, file_name=SETTINGS_FILE)
    try:
        merged = run_driver(
            base,
            ours,
            theirs,
            path,
            cwd=outside.cwd,
            environ=outside.environ,
            scale=settings.scale,
            names=own_names(settings.lint.aliases),
        )
    except IncidentctlError as error:
        outside.talk(f"{path}: not merged: {error.message}")
        raise typer.Exit(_NOT_MERGED) from None
    if merged.by_lines is not None:
        outside.talk(
            f"{path}: merged by lines, since the merge by meaning has a fault: {merged.by_lines}; please report it"
        )
    for conflict in merged.conflicts:
        ours_said, theirs_said = (_first_line(side) for side in (conflict.ours, conflict.theirs))
        outside.talk(f"{path}: {conflict.what}: ours {ours_said}, theirs {theirs_said}")
    if not merged.is_clean:
        raise typer.Exit(int(ExitCode.FOUND))


def _first_line(side: str | None) -> str:
    if side is None:
        return "removed it"
    line, newline, _ = side.partition("\n")
    return f"`{line[:80]}…`" if newline or len(line) > 80 else f"`{line}`"
