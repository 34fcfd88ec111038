"""Mends a text by the fixes of its findings: each edit once, none across another. What is not edited stays as it is."""

from collections.abc import Iterable

from incidentctl.lint.diagnostic import Diagnostic, Edit, Fix


def apply_fixes(text: str, diagnostics: Iterable[Diagnostic], *, unsafe: bool = False) -> tuple[str, int]:
    """The text with as many fixes as fit beside each other, and how many these were.

    A fix is applied whole or not at all. Of two that touch the same place the first one is taken; the other finds
    its place again when the result is linted anew.
    """
    taken: list[Edit] = []
    count = 0
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or not (fix.is_safe or unsafe) or not fix.edits or not _fits(fix, taken, len(text)):
            continue
        taken.extend(fix.edits)
        count += 1
    for edit in sorted(taken, key=lambda each: (each.start, each.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, count


def _fits(fix: Fix, taken: list[Edit], size: int) -> bool:
    """Whether all edits of a fix are in the text and meet none that is taken; two insertions at one place do meet."""
    for edit in fix.edits:
        if not 0 <= edit.start <= edit.end <= size:
            return False
        for other in taken:
            if edit.start < other.end and other.start < edit.end:
                return False
            if edit.start == other.start or edit.end == other.end:
                return False
    return True
