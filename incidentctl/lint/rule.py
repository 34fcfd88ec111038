"""What a rule is: a function from a page and what is known beside it to findings, and the words that explain it."""

import re
from collections.abc import Callable, Iterable
from enum import Flag, StrEnum, auto
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from incidentctl.lint.diagnostic import Finding, Severity

if TYPE_CHECKING:
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page


class Asks(Flag):
    """What a rule asks for besides the document; where it is not known the rule is skipped, and that is said."""

    NOTHING = 0
    TODAY = auto()
    RECORD = auto()
    HISTORY = auto()
    FILES = auto()


class Applies(Flag):
    """The kinds of file that a rule reads."""

    POSTMORTEM = auto()
    INCIDENT = auto()
    BOTH = POSTMORTEM | INCIDENT


class FixKind(StrEnum):
    """Whether a rule can mend what it finds: `SAFE` by `--fix` alone, `UNSAFE` with `--unsafe-fixes`."""

    NONE = "none"
    SAFE = "safe"
    UNSAFE = "unsafe"


Check = Callable[["Page", "Facts"], Iterable[Finding]]


class Rule(Struct, frozen=True, dict=True):
    """One rule. Its words are the docstring of its check: `docs/reference/rules/` and `incidentctl rule` are made of them."""

    code: str
    name: str
    severity: Severity
    check: Check
    applies: Applies = Applies.POSTMORTEM
    asks: Asks = Asks.NOTHING
    fix: FixKind = FixKind.NONE
    preview: bool = False
    eased_in_draft: bool = False
    eased_elsewhere: bool = False
    is_wording: bool = False

    @property
    def family(self) -> str:
        """`STR` of `STR001`."""
        return self.code.rstrip("0123456789")

    @property
    def is_on(self) -> bool:
        """Whether it runs where nobody has chosen rules."""
        return self.severity is not Severity.OFF and not self.preview

    @cached_property
    def bits(self) -> tuple[int, int]:
        """What it applies to and what it asks for, as plain numbers: each rule is looked at for each document."""
        return self.applies.value, self.asks.value

    @cached_property
    def words(self) -> "Words":
        """What it does, why, with a bad and a good example."""
        return words_of(self.check.__doc__ or "")


class Words(Struct, frozen=True):
    """The page of a rule. `bad` and `good` are Markdown; tests put them into a whole document and run the rule on it."""

    summary: str
    why: str
    bad: str
    good: str
    source: str
    notes: str = ""


def rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    applies: Applies = Applies.POSTMORTEM,
    asks: Asks = Asks.NOTHING,
    fix: FixKind = FixKind.NONE,
    preview: bool = False,
    eased_elsewhere: bool = False,
    is_wording: bool = False,
) -> Callable[[Check], Rule]:
    """Makes a rule of its check. The docstring is its page, with the headings Why, Bad, Good, Source and maybe Notes.

    `eased_elsewhere`: in a document that follows another template and stands in a repository without settings, it is
    info; `is_wording`: it reads English prose, so it is off for a document in another language, and a warning at most
    unless `[lint] blame` says otherwise. Errors of STR, IMP, RCA and ACT are warnings in a draft.
    """

    def make(check: Check) -> Rule:
        return Rule(
            code=code,
            name=name,
            severity=severity,
            check=check,
            applies=applies,
            asks=asks,
            fix=fix,
            preview=preview,
            eased_in_draft=code.startswith(_EASED_IN_DRAFT) and code != "STR013",
            eased_elsewhere=eased_elsewhere,
            is_wording=is_wording,
        )

    return make


_EASED_IN_DRAFT: Final = ("STR", "IMP", "RCA", "ACT")
_HEADING: Final = re.compile(r"^(Why|Bad|Good|Source|Notes)\n-{3,}\n", re.MULTILINE)


def words_of(docstring: str) -> Words:
    """Reads the page of a rule from a docstring: a summary, then parts under underlined headings.

    Examples are indented by four, as Markdown's code blocks are.
    """
    from inspect import cleandoc  # only for pages

    pieces = _HEADING.split(cleandoc(docstring))
    parts = {"Summary": pieces[0].strip()}
    for heading, text in zip(pieces[1::2], pieces[2::2], strict=True):
        parts[heading] = text.strip("\n") if heading in ("Bad", "Good") else text.strip()
    return Words(
        summary=parts["Summary"],
        why=parts.get("Why", ""),
        bad=_without_indent(parts.get("Bad", "")),
        good=_without_indent(parts.get("Good", "")),
        source=parts.get("Source", ""),
        notes=parts.get("Notes", ""),
    )


def _without_indent(text: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in text.split("\n")).strip("\n") + "\n" if text else ""
