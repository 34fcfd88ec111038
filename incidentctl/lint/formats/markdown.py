"""The format `markdown`: a checklist by document, for a comment on a pull request or a step's summary. Written for a tired author."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import groupby

from incidentctl.document.inert_markdown import inert_code, inert_text
from incidentctl.lint.diagnostic import Diagnostic, Result
from incidentctl.lint.formats.presentation import Presentation, path_in_repository
from incidentctl.lint.formats.wording import count, cut, fixable, one_line

MARKER = "<!-- incidentctl-lint -->"
"""The first line, by which the comment is found again and replaced."""

_MOST = 60_000  # GitHub refuses a comment above 65,536 characters
_MOST_OF_A_MESSAGE = 600
_MOST_OF_A_PATH = 300
_TAIL = 600


class Group(StrEnum):
    """What an author has to do, in the order in which it is told."""

    MISSING = "Missing"
    CONTRADICTS = "Contradicts itself"
    WORDING = "Wording"
    FORM = "To put in order"


_FAMILIES = {
    "STR": Group.MISSING,
    "HDR": Group.FORM,
    "TML": Group.MISSING,
    "IMP": Group.MISSING,
    "RCA": Group.MISSING,
    "ACT": Group.MISSING,
    "BLM": Group.WORDING,
    "PRC": Group.MISSING,
    "FRS": Group.MISSING,
}
_CONTRADICTS = (
    "STR011 STR012 HDR006 HDR007 HDR008 HDR009 HDR011 TML003 TML004 TML005 TML006 TML010 TML011 TML014 ACT015"
)
_WORDING = "IMP002 RCA002 RCA003 ACT008 ACT009 ACT010 ACT014 TML015"
_FORM = "STR004 STR005 STR006 STR007 STR008 STR010 STR013 ACT004 ACT005 ACT006 ACT007 ACT016"
_CODES = {
    "HDR001": Group.MISSING,
    **dict.fromkeys(_CONTRADICTS.split(), Group.CONTRADICTS),
    **dict.fromkeys(_WORDING.split(), Group.WORDING),
    **dict.fromkeys(_FORM.split(), Group.FORM),
}


def group_of(code: str) -> Group:
    """Under which heading a rule's findings stand."""
    return _CODES.get(code) or _FAMILIES.get(code.rstrip("0123456789"), Group.FORM)


def render_markdown(result: Result, shown: Presentation) -> str:
    """At most 60,000 characters; nothing in it links, mentions or runs, whatever the documents say."""
    number = len(result.diagnostics) + len(result.unreadable)
    if not number:
        return "\n".join((MARKER, "## Post-mortem check: complete", "", _clean(result)))
    failing = sum(each.severity.is_at_least(result.fail_level) for each in result.diagnostics) + len(result.unreadable)
    lines = [MARKER, f"## Post-mortem check: {_headline(number, failing)}", ""]
    used = sum(len(line) + 1 for line in lines)
    told = 0
    for piece in _pieces(result, shown):
        used += len(piece) + 1
        if used > _MOST - _TAIL:
            lines += ("", f"… and {number - told:,} more: `incidentctl lint` shows all of them.", "")
            break
        lines.append(piece)
        told += piece.startswith("- [ ]")
    return "\n".join((*lines, *_tail(result))).rstrip("\n")


def _clean(result: Result) -> str:
    return f"{count(result.files, 'document')}, nothing to mend." if result.files else "No document to check."


def _headline(number: int, failing: int) -> str:
    if not failing:
        return f"{number:,} to consider"
    return f"{failing:,} to fix" + (f", {number - failing:,} to consider" if number > failing else "")


def _pieces(result: Result, shown: Presentation) -> Iterator[str]:
    """The checklist, line by line: an item begins with its box."""
    for path, found in groupby(result.diagnostics, key=lambda each: each.path):
        yield f"### {_code(path_in_repository(path, shown), _MOST_OF_A_PATH)}"
        yield ""
        in_groups: dict[Group, list[Diagnostic]] = {group: [] for group in Group}
        for each in found:
            in_groups[group_of(each.code)].append(each)
        for group, members in in_groups.items():
            if members:
                yield from (f"**{group.value}**", "")
                yield from map(_item, members)
                yield ""
    if result.unreadable:
        yield from ("### Could not be read", "")
        for file in result.unreadable:
            path = _code(path_in_repository(file.path, shown), _MOST_OF_A_PATH)
            yield f"- [ ] {path}: {_text(cut(file.reason, _MOST_OF_A_MESSAGE))}"
        yield ""


def _item(diagnostic: Diagnostic) -> str:
    said = _message(cut(diagnostic.message, _MOST_OF_A_MESSAGE))
    return f"- [ ] line {diagnostic.span.line}: {said} ({diagnostic.severity.value} {_text(diagnostic.code)})"


def _tail(result: Result) -> Iterable[str]:
    mended = fixable(result)
    if mended:
        yield f"`incidentctl lint --fix` mends {mended:,} of these."
    if result.diagnostics:
        yield f"`incidentctl rule {result.diagnostics[0].code}` says why a rule is there, with an example."


# ------------------------------------------------------------------------------------------- text that stays text

_CODE = re.compile(r"`([^`\n]+)`")


def _message(text: str) -> str:
    """A message of a rule: what it has in backticks is code, all else is text."""
    parts = _CODE.split(text.replace("\n", " "))
    return "".join(_code(part, _MOST_OF_A_MESSAGE) if index % 2 else _text(part) for index, part in enumerate(parts))


def _text(text: str) -> str:
    """Text in which nothing is markup, a mention or a reference."""
    return inert_text(one_line(text))


def _code(text: str, most: int) -> str:
    """Text as a code span, in which nothing is a mention either."""
    return inert_code(cut(one_line(text), most) or "-")
