"""Words that several formats share: text from documents on one harmless line, counts, and the summary of a run."""

from collections.abc import Iterable
from itertools import groupby

from incidentctl.incident.words import show_safely
from incidentctl.lint.diagnostic import Result, Severity

_MOST_LISTED = 10


def one_line(text: str) -> str:
    """Text from a document or of a path on one line: an end of line is shown as a picture of itself, a tab as a space."""
    return show_safely(text).replace("\n", "␊").replace("\t", " ")


def cut(text: str, most: int) -> str:
    """The beginning of a text that is too long, with a mark."""
    return text if len(text) <= most else text[: most - 1] + "…"


def count(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def counts(result: Result) -> str:
    """`1 error, 2 warnings, 3 infos`; nothing of those that there are none of."""
    return ", ".join(count(number, severity.value) for severity, number in result.counts.items() if number)


def fixable(result: Result) -> int:
    """How many findings `--fix` mends."""
    return sum(each.fix is not None and each.fix.is_safe for each in result.diagnostics)


def summary_lines(result: Result) -> list[str]:
    """What a run found, and what it did not look at, for people. The first line is always there."""
    return [*_found(result), *_set_aside(result), *_not_checked(result)]


def _found(result: Result) -> Iterable[str]:
    number = len(result.diagnostics)
    if number:
        paths = len({each.path for each in result.diagnostics})
        within = f"{paths:,} of {count(result.files, 'document')}"
        yield f"Found {count(number, 'finding')} in {within}: {counts(result)}."
    elif result.files:
        yield f"No findings in {count(result.files, 'document')}."
    else:
        yield "No documents were linted."
    mended = fixable(result)
    if mended:
        yield f"{mended:,} can be mended with `--fix`."
    if result.unreadable:
        yield f"{count(len(result.unreadable), 'file')} could not be read."


def _set_aside(result: Result) -> Iterable[str]:
    aside = ((result.baselined, "in the baseline"), (result.suppressed, "suppressed"))
    words = [f"{number:,} {where}" for number, where in aside if number]
    if words:
        yield f"Not counted: {', '.join(words)}."
    stale = result.stale_baseline
    if stale:
        yield f"{count(len(stale), 'finding')} of the baseline no longer there; `--update-baseline` takes out:"
        yield from (f"  {one_line(entry)}" for entry in _some(stale))


def _not_checked(result: Result) -> Iterable[str]:
    ordered = sorted(result.skipped, key=lambda each: (each.reason, each.codes, each.path or ""))
    lines = []
    for (reason, codes), group in groupby(ordered, key=lambda each: (each.reason, each.codes)):
        paths = [each.path for each in group if each.path is not None]
        where = one_line(paths[0]) if len(paths) == 1 else count(len(paths), "file") if paths else ""
        what = " in ".join(part for part in (", ".join(codes), where) if part)
        lines.append(f"Not checked: {what + ': ' if what else ''}{one_line(reason)}")
    yield from _some(lines)


def _some(lines: Iterable[str]) -> list[str]:
    """The first of many, with how many more there are."""
    every = list(lines)
    more = len(every) - _MOST_LISTED
    return [*every[:_MOST_LISTED], f"  and {more:,} more"] if more > 0 else every


COLOURS = {Severity.ERROR: "1;31", Severity.WARNING: "33", Severity.INFO: "36"}
"""How severities look on a terminal."""


def paint(text: str, style: str, colour: bool) -> str:
    """Text in a terminal's colours, where they are wanted."""
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text
