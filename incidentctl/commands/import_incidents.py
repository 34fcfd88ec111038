"""`import`: incidents of another place, or of an export, into the record: all of a file in one commit, or nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace

from incidentctl.commands.help_pages import SHARED
from incidentctl.commands.options import AllowSecret, Reading, takes
from incidentctl.commands.wiring import wire_merge_driver
from incidentctl.config.keys import IMPORT_COLUMNS
from incidentctl.context import Outside, Workspace
from incidentctl.errors import UsageError
from incidentctl.incident.guard import Guard
from incidentctl.incident.times import quoted, resolve_zone
from incidentctl.incident.words import clean_line
from incidentctl.output.imports import Imported, doubts, import_as_data, import_lines, problem_lines
from incidentctl.output.json_text import as_json
from incidentctl.stats.imports import Problem
from incidentctl.store.archive import read_given

EXAMPLES = """
ictl import incidents.jsonl --dry-run
ictl import tables
ictl import export.csv --map title=Name --map declared_at=Created --map external_id=Number --tz Europe/Berlin
ictl stats export -C ~/old | ictl import - --source old
"""

_COLUMNS, _READING = "Another tool's columns", "How it is read"


class Taking(Reading, frozen=True):
    """What a command takes that writes many incidents at once."""

    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be made, and write nothing.", rich_help_panel=SHARED)
    ] = False
    allow_secret: AllowSecret = False


@takes(Taking)
def command(
    path: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A file of JSON lines or of CSV, a folder of such, or `-`."),
    ],
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="NAME", help="What the incidents name as their source; else the file's name."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="OURS=THEIRS",
            help="What one of our columns is called there, as `title=Name`; may be repeated.",
            rich_help_panel=_COLUMNS,
        ),
    ] = None,
    date_format: Annotated[
        str | None,
        typer.Option(
            "--date-format",
            metavar="FORM",
            help="How times are written, if not as RFC 3339: `%d/%m/%Y %H:%M`.",
            rich_help_panel=_COLUMNS,
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", metavar="NAME", help="If it is not UTF-8, as `cp1252`.", rich_help_panel=_READING),
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(
            "--delimiter", metavar="SIGN", help="What stands between cells: `,`, `;`, `tab`.", rich_help_panel=_READING
        ),
    ] = None,
    skip_bad: Annotated[
        bool,
        typer.Option("--skip-bad", help="Leave rows out that cannot be read, and say which.", rich_help_panel=_READING),
    ] = False,
    *,
    options: Taking,
) -> None:
    """Take incidents in from another place: a file of `stats export`, or the CSV of another tool.

    All of it becomes one commit, or nothing is written: each row that cannot be read is named. An incident that is there already, by its
    `external_id`, is left as it is, and what differs is said. What is imported names its `source`, and is left out of the recording lag.
    """
    from incidentctl.commands.import_reading import (
        How,
        read_sheet,
    )  # loads pydantic, as no other command that writes does
    from incidentctl.commands.importing import Import, told
    from incidentctl.stats.cells import Understanding
    from incidentctl.stats.imports import gather

    with options.workspace() as workspace:
        settings, guard = workspace.settings, workspace.guard
        given = settings.imports
        zone = options.tz or given.zone
        how = How(
            understanding=Understanding(
                zone=resolve_zone(zone) if zone else None,
                has_zone=zone is not None,
                date_format=_date_format(date_format) or given.date_format,
                severities=given.severities,
                statuses=given.statuses,
                scale=settings.scale,
                now=workspace.now,
                clean=guard.clean,
            ),
            columns=given.columns,
            mapped=_mapped(columns or []),
            encoding=encoding or given.encoding,
            delimiter=_sign(delimiter or given.delimiter),
        )
        name = _source(source or given.source, path)
        sheet = read_sheet(_files(workspace.outside, path), how)
        incidents, more = gather(sheet.rows, sheet.torn)
        problems = [_without_secrets(each, guard) for each in (*sheet.problems, *more)]
        if problems and not skip_bad:
            raise _refusal(problems, sheet.more_problems)
        work = Import(workspace, incidents, name)
        if options.dry_run:
            planned, commit = work.plan(workspace.repository.tip()), None
        else:
            planned, commit = work.carry_out(skips_bad=skip_bad)
        problems += [_without_secrets(each, guard) for each in planned.problems]
        if planned.problems and not skip_bad:
            raise _refusal(problems, sheet.more_problems)
        planned.notes += guard.warnings
        imported = told(
            planned,
            name,
            workspace,
            commit=commit,
            left=tuple(problems),
            more_left=sheet.more_problems,
            unread=tuple(map(guard.clean, sheet.unread)),
        )
        _answer(workspace, options, imported)


def _without_secrets(problem: Problem, guard: Guard) -> Problem:
    """What is wrong with a row, with nothing in it that the row should not have held: a message may quote it."""
    hint = problem.hint and guard.clean(problem.hint)
    return replace(problem, column=guard.clean(problem.column), message=guard.clean(problem.message), hint=hint)


def _answer(workspace: Workspace, options: Taking, imported: Imported) -> None:
    outside = workspace.outside
    if options.as_json:
        outside.say(as_json(import_as_data(imported, dry_run=options.dry_run)))
    else:
        for line in doubts(imported):
            outside.talk(line)
        for note in imported.notes:
            outside.talk(f"warning: {note}")
        for line in import_lines(imported, dry_run=options.dry_run, width=outside.width):
            outside.say(line)
    if imported.commit is None:
        return
    wire_merge_driver(workspace)
    repository = workspace.repository
    if not repository.checked_out and repository.work_tree is not None:
        here = repository.head_branch or "no branch"
        outside.talk(f"committed on {repository.branch}; the work tree is on {here} and was not touched")
    if repository.has_remote:
        from incidentctl.commands.sharing import share_after_write  # only where there is somebody to share with

        reach = share_after_write(workspace)
        if reach is not None and not reach.is_shared:
            outside.talk(reach.words)


def _refusal(problems: Sequence[Problem], more: int) -> UsageError:
    number = len({(each.place.file, each.place.line) for each in problems})
    rows = f"{number}{'' if not more else ' or more'} row{'' if number == 1 and not more else 's'}"
    return UsageError(
        f"nothing was imported: {rows} cannot be taken in",
        hint="mend what is said here, or leave them out with --skip-bad",
        candidates=problem_lines(problems, more),
    )


# ------------------------------------------------------------------------------------------------------- what was given


def _files(outside: Outside, path: str) -> list[tuple[str, bytes]]:
    """The files that are meant, with what they are called, and their bytes: all tables of a folder, the incidents first."""
    from incidentctl.commands.import_reading import LARGEST

    if path == "-":
        return [("standard input", _standard_input(outside, LARGEST))]
    place = Path(outside.cwd, Path(path).expanduser())
    if not place.is_dir():
        return [(path, read_given(str(place), cap=LARGEST, shown=path))]
    names = sorted(each.name for each in place.iterdir() if each.suffix.lower() in (".csv", ".jsonl", ".ndjson"))
    if not names:
        raise UsageError(f"{path} holds no table", hint="name a file, or a folder of .csv or .jsonl files")
    shown = [str(Path(path, name)) for name in names]
    return [
        (each, read_given(str(place / name), cap=LARGEST, shown=each)) for each, name in zip(shown, names, strict=True)
    ]


def _standard_input(outside: Outside, cap: int) -> bytes:
    """The bytes that are piped in; the text of a stream that has none."""
    stream = getattr(outside.stdin, "buffer", None)
    data: bytes = (
        stream.read(cap + 1) if stream is not None else outside.stdin.read(cap + 1).encode("utf-8", "surrogateescape")
    )
    if len(data) > cap:
        raise UsageError(f"standard input has more than the {cap:,} bytes that are read", hint="import it in parts")
    return data


def _mapped(words: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for word in words:
        ours, sign, theirs = word.partition("=")
        name = ours.strip().lower().replace("-", "_")
        if not sign or not theirs.strip():
            raise UsageError(f"--map takes OURS=THEIRS, not {quoted(word)}", hint="as --map title=Name")
        if name not in IMPORT_COLUMNS:
            from difflib import get_close_matches

            close = get_close_matches(name, IMPORT_COLUMNS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"it is one of {', '.join(IMPORT_COLUMNS)}"
            raise UsageError(f"we have no column {quoted(ours)}", hint=hint)
        columns[name] = theirs.strip()
    return columns


def _date_format(form: str | None) -> str | None:
    if form is None:
        return None
    from incidentctl.config.keys import TABLES
    from incidentctl.config.values import WrongValueError, read_value

    key = next(key for table in TABLES if table.name == "import" for key in table.keys if key.name == "date_format")
    try:
        return str(read_value(key, form))
    except WrongValueError as wrong:
        raise UsageError(f"--date-format {wrong.message}", hint=wrong.hint) from None


def _sign(word: str | None) -> str | None:
    if word is None:
        return None
    sign = "\t" if word.lower() in ("tab", "\\t") else word
    if len(sign) != 1 or sign in '"\r\n' or sign.isalnum():
        raise UsageError(f"--delimiter is one sign, not {quoted(word)}", hint="as ; or tab")
    return sign


def _source(name: str | None, path: str) -> str:
    """What the incidents name as their source: what was said, else the file's name without its ending."""
    said = clean_line(name or "")
    if said:
        return said
    return clean_line(Path(path).stem if path != "-" else "") or "import"
