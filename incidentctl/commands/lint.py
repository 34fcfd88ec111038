"""`lint`: what is missing from a post-mortem, contradicts itself or blames."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from incidentctl import __version__
from incidentctl.commands.help_pages import SHARED
from incidentctl.commands.linting import (
    Cache,
    FileResult,
    Job,
    Knowledge,
    as_result,
    job_of,
    know,
    lint_files,
    lint_text,
)
from incidentctl.context import Outside
from incidentctl.errors import ExitCode, OutputLostError, UsageError
from incidentctl.incident.typed_times import read_typed_time
from incidentctl.lint.baseline import Baseline, apply_baseline, read_baseline, render_baseline
from incidentctl.lint.diagnostic import Result, Severity
from incidentctl.lint.fixes import apply_fixes
from incidentctl.lint.formats.catalogue import FORMATS
from incidentctl.lint.formats.presentation import Presentation
from incidentctl.lint.formats.statistics import render_statistics, render_statistics_json
from incidentctl.lint.formats.wording import count
from incidentctl.lint.selection import Chosen, Selection, level_of, select_rules, split_words
from incidentctl.output.diffs import as_diff, as_diff_lines
from incidentctl.store.archive import (
    MAX_DOCUMENT,
    ArchiveFile,
    Failed,
    changed_documents,
    checkout_above,
    common_folder,
    find_documents,
    is_below,
    keep_document,
    matching,
    read_document,
    read_text,
    staged_documents,
    without_ways_out,
)

CHOICE, OUTPUT, MENDING, WHAT = "Rules", "Output", "Mending", "Documents"

EXAMPLES = """
ictl lint
ictl lint postmortems/2026/05/2026-05-14-checkout-latency.md
ictl lint docs/postmortems --adopt
ictl lint --changed-since origin/main --format github
ictl lint --select BLM --level info
ictl lint --fix --diff
"""

Codes = list[str] | None


def command(
    *,
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Files, folders or patterns; `-` is standard input. Without any, the incidents and post-mortems of the repository.",
        ),
    ] = None,
    select: Annotated[
        Codes,
        typer.Option("--select", metavar="RULES", help="Only these: codes, names or families.", rich_help_panel=CHOICE),
    ] = None,
    extend_select: Annotated[
        Codes, typer.Option("--extend-select", metavar="RULES", help="These as well.", rich_help_panel=CHOICE)
    ] = None,
    ignore: Annotated[
        Codes, typer.Option("--ignore", metavar="RULES", help="Not these.", rich_help_panel=CHOICE)
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="The rules in preview as well.", rich_help_panel=CHOICE)
    ] = False,
    level: Annotated[
        str | None,
        typer.Option(
            "--level",
            metavar="LEVEL",
            help="Show findings from here on: `error`, `warning` (the default) or `info`.",
            rich_help_panel=CHOICE,
        ),
    ] = None,
    fail_level: Annotated[
        str | None,
        typer.Option(
            "--fail-level",
            metavar="LEVEL",
            help="Exit with 1 from here on: `error` (the default), `warning` or `info`.",
            rich_help_panel=CHOICE,
        ),
    ] = None,
    staged: Annotated[
        bool,
        typer.Option("--staged", help="What is staged for the next commit, as it is staged.", rich_help_panel=WHAT),
    ] = False,
    changed_since: Annotated[
        str | None,
        typer.Option(
            "--changed-since",
            metavar="REF",
            help="Only documents that differ from a branch or commit; each is linted whole.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="Only incidents from that day on.", rich_help_panel=WHAT),
    ] = None,
    stdin_filename: Annotated[
        str | None,
        typer.Option(
            "--stdin-filename",
            metavar="PATH",
            help="What standard input is called, and where it would stand.",
            rich_help_panel=WHAT,
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline", metavar="FILE", help="Leave out the findings that this file lists.", rich_help_panel=WHAT
        ),
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write all findings into the baseline.", rich_help_panel=WHAT)
    ] = False,
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt",
            help="Learn from an archive what its documents are like, and write that with a baseline beside it.",
            rich_help_panel=WHAT,
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option("--format", "-f", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}.", rich_help_panel=OUTPUT),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.", rich_help_panel=OUTPUT)] = False,
    output_file: Annotated[
        list[str] | None,
        typer.Option(
            "--output-file",
            metavar="FORMAT=PATH",
            help="Write a report in that format as well; may be repeated.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Only how often each rule found something.", rich_help_panel=OUTPUT)
    ] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 whatever was found.", rich_help_panel=OUTPUT)
    ] = False,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Mend what can be mended without changing what is said.", rich_help_panel=MENDING),
    ] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option(
            "--unsafe-fixes",
            help="With --fix or --diff: fixes that somebody has to look at, too.",
            rich_help_panel=MENDING,
        ),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.", rich_help_panel=MENDING)
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", metavar="N", min=1, help="Processes; the default is one a core.", rich_help_panel=SHARED
        ),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither read nor write the cache.", rich_help_panel=SHARED)
    ] = False,
    tz: Annotated[
        str | None,
        typer.Option("--tz", metavar="ZONE", help="The zone in which days are counted.", rich_help_panel=SHARED),
    ] = None,
    directory: Annotated[
        str | None, typer.Option("-C", metavar="DIR", help="The repository of incidents.", rich_help_panel=SHARED)
    ] = None,
) -> None:
    """Check post-mortems and incidents for what is missing, contradicts itself or blames.

    Any Markdown archive works: neither `init` nor settings nor git are needed. `ictl rule CODE` explains a rule.
    """
    outside: Outside = ctx.obj
    directory = directory or ctx.meta.get("directory")
    shape = _format(output, json)
    reports = [_report(each) for each in output_file or ()]
    if staged and changed_since:
        raise UsageError("--staged and --changed-since exclude each other", hint="keep one of them")
    is_piped = paths == ["-"] or (stdin_filename is not None and not paths)
    if (fix or diff) and (staged or is_piped):
        raise UsageError("only files can be mended", hint="leave out --fix, or name the files")
    with know(outside, directory, paths or (), stdin_filename=stdin_filename, tz=tz) as known:
        chosen = Chosen(
            select=split_words(select or ()),
            ignore=split_words(ignore or ()),
            extend_select=split_words(extend_select or ()),
            preview=preview,
        )
        selection = select_rules(known.rules, known.settings.lint, chosen)
        fails_at = _level(fail_level, "--fail-level") or Severity(known.settings.lint.fail_level)
        shown_from = level_of(_level(level, "--level"), known.settings.lint, chosen)
        if fails_at.rank > shown_from.rank:
            shown_from = fails_at
        # A baseline holds what the settings show: what is asked for in one run neither goes in nor makes it look stale.
        standing = Severity(known.settings.lint.level)
        if update_baseline:
            shown_from = standing
        day = _day(known, since) if since else known.settings.lint.since
        files, failed = _documents(
            outside, known, paths or [], staged=staged, changed_since=changed_since, stdin_filename=stdin_filename
        )
        top = known.top or checkout_above(common_folder([file.place for file in files], outside.cwd))
        if top:
            files, ways_out = without_ways_out(files, top)
            failed = [*failed, *ways_out]
        if adopt:
            from incidentctl.commands.lint_adopt import adopt_archive

            adopt_archive(outside, known, files, paths or [])
            return
        job = job_of(known, selection, files, level=shown_from, since=day, environ=outside.environ)
        cache = None if no_cache or staged or is_piped else Cache(known.cache_place(outside))
        if fix or diff:
            changes = _mend(outside, job, files, unsafe=unsafe_fixes, only_show=diff)
            if diff:
                raise typer.Exit(int(ExitCode.FOUND if changes and not exit_zero else ExitCode.DONE))
        results = lint_files(job, files, cache, processes=jobs)
        place = baseline or known.baseline
        result = as_result(results, failed, fail_level=fails_at, level=shown_from)
        is_whole = not (paths or staged or changed_since or stdin_filename)
        scanned = None if is_whole else [job.relative(file.place) for file in files]
        codes = [rule.code for rule in selection.rules if selection.may_run(rule, shown_from)]
        if update_baseline:
            _write_baseline(outside, job, place, result, scanned, codes, top)
            return
        listed = _baseline(outside, place, top)
        if listed is not None:
            judged = codes if shown_from.rank >= standing.rank else []
            result = apply_baseline(result, listed, scanned=scanned, codes=judged)
        _show(outside, known, selection, result, results, shape, statistics=statistics)
        for name, path in reports:
            _write_report(outside, known, selection, result, name, path)
    if result.fails and not exit_zero:
        raise typer.Exit(int(ExitCode.FOUND))


# -------------------------------------------------------------------------------------------------------------- options


def _level(word: str | None, option: str) -> Severity | None:
    if word is None:
        return None
    try:
        level = Severity(word.strip().lower())
    except ValueError:
        level = Severity.OFF
    if level is Severity.OFF:
        raise UsageError(f"{option} is error, warning or info, not {word!r}")
    return level


def _format(output: str | None, json: bool) -> str:
    name = "json" if json else (output or next(iter(FORMATS))).strip().lower()
    name = {"text": "full"}.get(name, name)
    if name not in FORMATS:
        raise UsageError(
            f"there is no format {output!r}", hint=f"one of {', '.join(FORMATS)}", candidates=tuple(FORMATS)
        )
    return name


def _report(word: str) -> tuple[str, str]:
    name, sign, path = word.partition("=")
    if not sign or not path:
        raise UsageError(f"--output-file takes FORMAT=PATH, not {word!r}", hint="as in --output-file sarif=lint.sarif")
    return _format(name, json=False), path


def _day(known: Knowledge, word: str) -> date:
    return read_typed_time(word, now=known.now, zone=known.zone, kind="since").at.astimezone(known.zone).date()


# ------------------------------------------------------------------------------------------------------------ documents


def _documents(
    outside: Outside,
    known: Knowledge,
    paths: Sequence[str],
    *,
    staged: bool,
    changed_since: str | None,
    stdin_filename: str | None,
) -> tuple[list[ArchiveFile], list[Failed]]:
    """What is to be linted, and what of it cannot be read."""
    cwd, environ = outside.cwd, outside.environ
    if paths == ["-"] or (stdin_filename and not paths):
        name = stdin_filename or "-"
        text = outside.stdin.read(MAX_DOCUMENT + 1)
        if len(text) > MAX_DOCUMENT:
            raise UsageError(f"standard input is longer than {MAX_DOCUMENT:,} characters", hint="lint a part of it")
        data = text.encode("utf-8", "surrogateescape")
        return [ArchiveFile(name, str(Path(cwd, name)), is_named=True, data=data)], []
    if "-" in paths:
        raise UsageError("`-` is standard input and stands alone", hint="lint files in a run of their own")
    if staged or changed_since:
        if not known.top:
            raise UsageError("this folder is not in a git work tree", hint="name the files, or use -C")
        files = (
            staged_documents(known.top, cwd, environ)
            if staged
            else changed_documents(known.top, cwd, changed_since or "", environ)
        )
        folders = [each for path in paths for each in matching(path, cwd)]
        folders = folders or ([] if known.settings.lint.include else known.folders(cwd))
        files = [file for file in files if is_below(file.place, folders, cwd)] if folders else files
        ours = known.only_ours(files, is_chosen=bool(paths))
        if not ours:
            outside.talk(f"no document {'is staged' if staged else f'differs from {changed_since}'}{_where(paths)}")
        return ours, []
    files, failed = find_documents(paths or known.folders(cwd), cwd)
    ours = known.only_ours(files, is_chosen=bool(paths))
    if not ours and not failed:
        outside.talk(_why_none(known, paths, is_excluded=bool(files)))
    return ours, failed


def _where(paths: Sequence[str]) -> str:
    return f" below {', '.join(paths)}" if paths else ""


def _why_none(known: Knowledge, paths: Sequence[str], *, is_excluded: bool) -> str:
    """What to say where there is nothing to lint."""
    if is_excluded:
        return "all documents here are left out by [lint] include and exclude"
    if paths:
        return f"there is no Markdown document{_where(paths)}"
    repository = known.repository
    if repository is not None and not repository.checked_out:
        return f"the documents are on the branch {repository.branch}, which is not checked out here"
    return (
        "there is no document yet: name a folder that holds some"
        if known.is_record
        else "there is no Markdown document here"
    )


# ------------------------------------------------------------------------------------------------------------- baseline


def _baseline(outside: Outside, place: str | None, top: str) -> Baseline | None:
    if place is None:
        return None
    text = read_text(str(Path(outside.cwd, place)), cap=64 << 20, top=top)
    if text is None:
        raise UsageError(
            f"the baseline {place} cannot be read",
            hint=f"`{outside.program} lint --baseline {place} --update-baseline` writes it",
        )
    return read_baseline(text, place)


def _write_baseline(
    outside: Outside,
    job: Job,
    place: str | None,
    result: Result,
    scanned: Sequence[str] | None,
    codes: Sequence[str],
    top: str,
) -> None:
    """Writes all findings into the baseline. What an earlier one says of documents that were not read now stays."""
    if place is None:
        raise UsageError("no baseline is named", hint="as in --baseline lint-baseline.json --update-baseline")
    file = Path(outside.cwd, place)
    earlier = read_text(str(file), cap=64 << 20)
    kept = read_baseline(earlier, place) if earlier is not None and scanned is not None else Baseline()
    text = render_baseline(
        result.diagnostics,
        place_of=lambda path: job.relative(str(Path(outside.cwd, path))),
        kept=kept,
        scanned=scanned,
        codes=codes,
    )
    keep_document(str(file), text.encode("utf-8", "surrogateescape"), top=top)
    outside.talk(f"{place} lists {count(len(result.diagnostics), 'finding')}: they are left out from now on")


# --------------------------------------------------------------------------------------------------------------- mending


def _mend(outside: Outside, job: Job, files: Sequence[ArchiveFile], *, unsafe: bool, only_show: bool) -> int:
    """Applies fixes until none is left, at most a few times over; shows the change or writes it. Gives the number of files."""
    total = changed = 0
    for file in files:
        data = read_document(file)
        if isinstance(data, Failed):
            continue
        try:
            before = data.decode("utf-8")
        except UnicodeDecodeError:
            outside.talk(f"{file.path}: not mended: it is not UTF-8")
            continue
        after, mends = _mended(job, file, before, unsafe=unsafe)
        if after == before:
            continue
        total, changed = total + mends, changed + 1
        if only_show:
            _show_diff(outside, before, after, file.path)
        else:
            keep_document(file.place, after.encode("utf-8"), expects=data)
    if not only_show and changed:
        outside.talk(f"mended {total} in {count(changed, 'file')}")
    return changed


def _mended(job: Job, file: ArchiveFile, text: str, *, unsafe: bool) -> tuple[str, int]:
    total = 0
    for _ in range(8):
        found: FileResult = lint_text(job, file, text)
        if found.linted is None:
            break
        mended, count = apply_fixes(text, found.linted.diagnostics, unsafe=unsafe)
        if not count or mended == text:
            break
        text, total = mended, total + count
    return text, total


def _show_diff(outside: Outside, before: str, after: str, path: str) -> None:
    """Shows a change as `git apply` takes it: into a file or a pipe with every byte, on a terminal without what steers it."""
    if outside.width is None:
        _print(outside, "".join(as_diff(before, after, path)))
        return
    for line in as_diff_lines(before, after, path):
        outside.say(line)


# --------------------------------------------------------------------------------------------------------------- output


def _presentation(outside: Outside, known: Knowledge, selection: Selection, *, is_result: bool) -> Presentation:
    colour = is_result and outside.width is not None and not outside.environ.get("NO_COLOR")
    return Presentation(
        colour=colour,
        width=(outside.width or 100) if is_result else 100,
        version=__version__,
        rules={rule.code: rule for rule in selection.rules},
        folder=outside.cwd,
        top=known.top or known.root,
    )


def _show(
    outside: Outside,
    known: Knowledge,
    selection: Selection,
    result: Result,
    results: Sequence[FileResult],
    shape: str,
    *,
    statistics: bool,
) -> None:
    shown = _presentation(outside, known, selection, is_result=True)
    for each in results:
        for note in each.notes:
            outside.talk(f"{each.path}: {note}")
    if statistics:
        text = render_statistics_json(result, shown) if shape == "json" else render_statistics(result, shown)
    else:
        text = FORMATS[shape].render(result, shown)
    if text:
        _print(outside, f"{text}\n")


def _print(outside: Outside, text: str) -> None:
    """Prints what is safe as it stands: `say` would take our own colours, or the ends of a document's lines, for somebody else's."""
    try:
        outside.stdout.write(text)
    except OSError as error:
        raise OutputLostError(error) from None


def _write_report(
    outside: Outside, known: Knowledge, selection: Selection, result: Result, name: str, path: str
) -> None:
    shown = _presentation(outside, known, selection, is_result=False)
    text = FORMATS[name].render(result, shown)
    keep_document(str(Path(outside.cwd, path)), (text + "\n" if text else "").encode("utf-8", "replace"))
