"""Mends a text by the fixes of its findings: each edit once, none across another. What is not edited stays as it is."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from itertools import pairwise

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
        for edit in fix.edits:
            insort(taken, edit, key=_place)
        count += 1
    pieces: list[str] = []
    at = 0
    for edit in taken:
        pieces += (text[at : edit.start], edit.text)
        at = edit.end
    return "".join((*pieces, text[at:])), count


def _place(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end


def _fits(fix: Fix, taken: list[Edit], size: int) -> bool:
    """Whether all edits of a fix are in the text, apart from each other and from all that are taken.

    Those taken are in order and apart, so each has to be compared with its two neighbours alone.
    """
    edits = sorted(fix.edits, key=_place)
    if any(_meet(one, other) for one, other in pairwise(edits)):
        return False
    for edit in edits:
        if not 0 <= edit.start <= edit.end <= size:
            return False
        index = bisect_left(taken, _place(edit), key=_place)
        if any(_meet(edit, other) for other in taken[max(index - 1, 0) : index + 1]):
            return False
    return True


def _meet(one: Edit, other: Edit) -> bool:
    """Whether two edits touch the same text; two insertions at one place do."""
    overlap = one.start < other.end and other.start < one.end
    return overlap or one.start == other.start or one.end == other.end
