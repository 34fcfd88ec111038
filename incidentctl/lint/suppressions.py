"""Findings that the author has answered in the document: `<!-- incidentctl: ignore STR009 -- reason -->` on the line before."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from incidentctl.lint.blocks import BlockKind
from incidentctl.lint.diagnostic import Edit, Finding, Fix, Severity, Span
from incidentctl.lint.rule import Applies, FixKind, rule

if TYPE_CHECKING:
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page

_COMMENT: Final = re.compile(
    r"<!--[ \t]*incidentctl:[ \t]*(?P<verb>ignore(?:-file)?)(?![\w-])(?P<rest>[^\n]{0,2000}?)-->"
)
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class Suppression(Struct, frozen=True):
    """One comment. `words` are the codes or names as written; `line` (from 0) is the one that it speaks of, `None` for the file."""

    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    reason: str
    line: int | None
    start: int
    end: int


def read_suppressions(page: "Page") -> tuple[Suppression, ...]:
    """The suppressions of a page, in order. Those in code say nothing."""
    text = page.text
    if "incidentctl:" not in text:
        return ()
    code = [(page.offset(block.start), page.offset(block.end)) for block in page.blocks if block.kind is BlockKind.CODE]
    found: list[Suppression] = []
    next_words = _next_words(page)
    at = 0
    for match in _COMMENT.finditer(text):
        while at < len(code) and code[at][1] <= match.start():
            at += 1
        if at < len(code) and code[at][0] <= match.start():
            continue
        words, _, reason = match["rest"].partition("--")
        codes = [*_WORD.finditer(words)]
        start = match.start("rest")
        found.append(
            Suppression(
                tuple(code[0] for code in codes),
                tuple((start + code.start(), start + code.end()) for code in codes),
                reason.strip(),
                None if match["verb"] == "ignore-file" else _line_meant(page, match.start(), match.end(), next_words),
                match.start(),
                match.end(),
            )
        )
    return tuple(found)


def _line_meant(page: "Page", start: int, end: int, next_words: list[int]) -> int:
    """The line with other words on it; else the next one that holds more than comments of this kind."""
    line = page.span(start).line - 1
    column = start - page.starts[line]
    words = page.lines[line] if line < len(page.lines) else ""
    if words[:column].strip() or words[column + (end - start) :].strip():
        return line
    return next_words[line + 1] if line + 1 < len(next_words) and next_words[line + 1] < len(page.lines) else line


def _next_words(page: "Page") -> list[int]:
    """For each line the first one from there on that holds more than comments of this kind."""
    following = [len(page.lines)] * (len(page.lines) + 1)
    for number in range(len(page.lines) - 1, -1, -1):
        words = page.lines[number].strip()
        is_comment = words.startswith("<!--") and words.endswith("-->") and "incidentctl:" in words
        following[number] = number if words and not is_comment else following[number + 1]
    return following


@rule("SUP001", "unused-suppression", Severity.WARNING, applies=Applies.BOTH, fix=FixKind.SAFE)
def unused_suppression(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A comment suppresses a finding that is not there.

    Why
    ---
    The fault was mended, or the code is misspelled. Left alone, the comment hides the next fault of that kind.

    Bad
    ---
        ## Impact

        <!-- incidentctl: ignore BLM003 -- a quotation -->
        - Affected users: about 4,100 customers in eu-west-1 could not pay.
        - Error budget: 38 % of the quarter's budget for checkout.
        - Revenue: 21,000 EUR of orders were delayed, none was lost.
        - Duration of user-facing impact: 57 minutes.

    Good
    ----
        ## Impact

        - Affected users: about 4,100 customers in eu-west-1 could not pay.
        - Error budget: 38 % of the quarter's budget for checkout.
        - Revenue: 21,000 EUR of orders were delayed, none was lost.
        - Duration of user-facing impact: 57 minutes.

    Source
    ------
    ESLint's and ruff's reports of unused suppressions.
    """
    if facts.unused is None:
        return
    for suppression in page.suppressions:
        unused = [index for index in range(len(suppression.words)) if (suppression.start, index) in facts.unused]
        if not unused:
            continue
        is_whole = len(unused) == len(suppression.words)
        words = ", ".join(suppression.words[index] for index in unused)
        fix = _removal(page, suppression) if is_whole else None
        span = page.span(suppression.start, suppression.end) if is_whole else page.span(*suppression.places[unused[0]])
        yield Finding(span, f"nothing here is suppressed by {words}: take it out", fix)


def _removal(page: "Page", suppression: Suppression) -> Fix:
    """Takes the comment out, with its line where nothing else stands on it."""
    start, end = suppression.start, suppression.end
    line = page.span(start).line - 1
    first = page.starts[line]
    words = page.lines[line] if line < len(page.lines) else ""
    if not (words[: start - first] + words[end - first :]).strip():
        start, end = first, page.offset(line + 1)
    return Fix("take the comment out", (Edit(start, end, ""),))


@rule("SUP002", "blanket-suppression", Severity.WARNING, applies=Applies.BOTH)
def blanket_suppression(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A comment that suppresses findings names no rule. It has no effect.

    Why
    ---
    A comment for everything hides also what nobody has thought of. Name the rules, by code or by name.

    Bad
    ---
        ## What Went Poorly

        <!-- incidentctl: ignore -->
        - The dashboard for the pool was hard to find, which took eight minutes.
        - The status page needed a second person with access.

    Good
    ----
        ## What Went Poorly

        - The dashboard for the pool was hard to find, which took eight minutes.
        - The status page needed a second person with access.

    Source
    ------
    ruff's PGH004, ESLint's no-unlimited-disable.
    """
    for suppression in page.suppressions:
        if not suppression.words:
            yield _at(
                page.span(suppression.start, suppression.end),
                "this comment names no rule, so it suppresses nothing: write it as `<!-- incidentctl: ignore STR009 -- reason -->`",
            )


@rule("SUP003", "suppression-without-reason", Severity.INFO, applies=Applies.BOTH)
def suppression_without_reason(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A comment that suppresses a finding does not say why.

    Why
    ---
    The next reader cannot tell whether it still holds.

    Bad
    ---
        ## What Went Poorly

        <!-- incidentctl: ignore BLM002 -->
        - The engineer on call forgot the second region.

    Good
    ----
        ## What Went Poorly

        <!-- incidentctl: ignore BLM002 -- the words of the engineer, who wants them to stand -->
        - The engineer on call forgot the second region.

    Source
    ------
    ESLint's require-description for directives.
    """
    for suppression in page.suppressions:
        if suppression.words and not suppression.reason:
            span = page.span(suppression.start, suppression.end)
            yield _at(span, "say why: `<!-- incidentctl: ignore CODE -- reason -->`")


def _at(span: Span, message: str) -> Finding:
    return Finding(span, message)


RULES = (unused_suppression, blanket_suppression, suppression_without_reason)
