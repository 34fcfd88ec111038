"""`lint --adopt`: learns what an archive's documents are like, and writes that with a baseline beside it."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from incidentctl.commands.linting import Job, Knowledge, decode, job_of, lint_files, within
from incidentctl.config.lint_settings import LintSettings
from incidentctl.context import Outside
from incidentctl.errors import UsageError
from incidentctl.lint.adoption import Adopted, learn, with_lint_table
from incidentctl.lint.baseline import render_baseline
from incidentctl.lint.diagnostic import Diagnostic, Severity
from incidentctl.lint.formats.wording import count
from incidentctl.lint.page import Page
from incidentctl.lint.selection import select_rules
from incidentctl.store.archive import ArchiveFile, Failed, common_folder, keep_document, read_document, read_text
from incidentctl.store.repository import SETTINGS_FILE

BASELINE = ".incidentctl-baseline.json"


def adopt_archive(outside: Outside, known: Knowledge, files: Sequence[ArchiveFile], paths: Sequence[str]) -> None:
    """Learns from the documents, lints them by what was learned, and writes both: a `[lint]` table and what was found.

    The settings stand where some are already, else at the top of the archive. Raises `RefusedError` where there is a
    `[lint]` table: what a team has decided is not replaced.
    """
    top = (
        known.root
        if known.has_settings
        else common_folder([str(Path(outside.cwd, path)) for path in paths], outside.cwd)
    )
    pages = _pages(files, top)
    today = outside.now().astimezone(known.zone).date()
    first = learn(pages, today)
    if not first.documents:
        raise UsageError("there is no post-mortem here to learn from", hint="name the folder that holds them")
    standing = read_text(f"{top}/{SETTINGS_FILE}", top=top) or ""
    with_lint_table(standing, "")  # refuses before anything is written
    found: dict[str, set[str]] = {}
    for diagnostic in _lint(outside, known, first.settings, top, files, Severity.WARNING):
        found.setdefault(_place(outside, top, diagnostic.path), set()).add(diagnostic.code)
    learned = learn(pages, today, baseline=BASELINE, found=found, rules=known.rules)
    diagnostics = _lint(outside, known, learned.settings, top, files, Severity.WARNING)
    baseline = render_baseline(diagnostics, place_of=lambda path: _place(outside, top, path))
    keep_document(f"{top}/{BASELINE}", baseline.encode("utf-8", "surrogateescape"), top=top)
    text = with_lint_table(standing, learned.text)
    keep_document(f"{top}/{SETTINGS_FILE}", text.encode("utf-8", "surrogateescape"), top=top)
    _say(outside, top, learned, diagnostics)


def _pages(files: Sequence[ArchiveFile], top: str) -> list[Page]:
    pages: list[Page] = []
    for file in files:
        data = read_document(file)
        if not isinstance(data, Failed):
            text, failed, _ = decode(data)
            if failed is None:
                pages.append(Page(within(top, file.place), text))
    return pages


def _lint(
    outside: Outside, known: Knowledge, settings: LintSettings, top: str, files: Sequence[ArchiveFile], level: Severity
) -> list[Diagnostic]:
    """What the documents give under settings that are not written yet."""
    adopted = replace(known, root=top, settings=known.settings._replace(lint=settings), has_settings=True)
    meant = adopted.only_ours(list(files), is_chosen=False)
    job: Job = job_of(adopted, select_rules(adopted.rules, settings), meant, level=level, environ=outside.environ)
    results = lint_files(job, meant)
    return [each for result in results if result.linted is not None for each in result.linted.diagnostics]


def _place(outside: Outside, top: str, path: str) -> str:
    return within(top, str(Path(outside.cwd, path)))


def _say(outside: Outside, top: str, learned: Adopted, diagnostics: Sequence[Diagnostic]) -> None:
    required = learned.settings.required or ()
    names = ", ".join(word.replace("_", " ") for word in required) or "none"
    outside.say(f"learned from {count(learned.documents, 'post-mortem')}: {top}/{SETTINGS_FILE}")
    outside.say(f"required sections: {names}")
    outside.say(f"{count(len(diagnostics), 'finding')} of today in {BASELINE}: from now on only new ones are reported")
    outside.say(f"next: look at both files and commit them · `{outside.program} lint` is clean now")
