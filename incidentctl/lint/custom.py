"""Rules of a team's own, from a pattern in the settings. Their time is bounded, whatever the pattern and the document."""

import re
import re._constants as codes  # type: ignore[import-not-found]  # what a pattern is made of is public nowhere
import re._parser as patterns  # type: ignore[import-not-found]
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from incidentctl.config.lint_settings import CustomRule
from incidentctl.document.section_names import Role
from incidentctl.lint.blocks import BlockKind, Piece
from incidentctl.lint.diagnostic import Finding, Severity
from incidentctl.lint.rule import Applies, Rule

if TYPE_CHECKING:
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page

LONGEST: Final = 1_000
"""Characters of a line that are searched at once; a longer one is searched in parts."""
_OVERLAP: Final = 200
MOST_WAYS: Final = 5_000
"""In how many ways a pattern may match at one place: each of them may have to be tried."""
_WORK: Final = 200_000_000
_MOST_SHOWN: Final = 60

_APPLIES: Final = {"postmortem": Applies.POSTMORTEM, "incident": Applies.INCIDENT, "both": Applies.BOTH}
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)")


class WrongPatternError(ValueError):
    """A pattern that is none, or whose time has no bound; the message says which, `hint` what to write."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CustomFault(Struct, frozen=True):
    """A rule that cannot run, by its place in the list, with the key that is wrong."""

    number: int
    key: str
    message: str
    hint: str | None = None


def read_custom_rules(
    custom: Iterable[CustomRule], catalogue: Iterable[Rule] = ()
) -> tuple[tuple[Rule, ...], tuple[CustomFault, ...]]:
    """The rules that the settings describe, and what is wrong with those that cannot run."""
    taken = {rule.name: rule.code for rule in catalogue}
    rules: list[Rule] = []
    faults: list[CustomFault] = []
    for number, each in enumerate(custom):
        if each.name in taken:
            faults.append(CustomFault(number, "name", f"is the name of {taken[each.name]}: {each.name}"))
            continue
        try:
            search = Search(each)
        except WrongPatternError as wrong:
            faults.append(CustomFault(number, "pattern", wrong.message, wrong.hint))
            continue
        rules.append(
            Rule(
                code=each.code,
                name=each.name,
                severity=Severity(each.severity),
                check=search,
                applies=_APPLIES[each.applies],
            )
        )
    return tuple(rules), tuple(faults)


def custom_rules(custom: Iterable[CustomRule], catalogue: Iterable[Rule] = ()) -> tuple[Rule, ...]:
    """The rules that the settings describe, without those that cannot run: `wrong_words` tells of them."""
    return read_custom_rules(custom, catalogue)[0]


class Search:
    """The check of such a rule: where its pattern matches. Raises `WrongPatternError` for one that must not run."""

    def __init__(self, custom: CustomRule) -> None:
        ways = ways_to_match(custom.pattern)
        self.message = custom.message
        self.role = Role(custom.section) if custom.section else None
        self.pattern = re.compile(custom.pattern)
        self.most = max(_WORK // ways, LONGEST)
        where = f"in {self.role.heading}" if self.role else "anywhere in a document"
        self.__doc__ = (
            f"{_without_match(custom.message)}\n\nWhy\n---\nA rule of this repository's own: `{custom.pattern}` must not stand "
            f"{where}.\n\nSource\n------\n`[[lint.custom]]` in the settings.\n"
        )

    def __call__(self, page: "Page", facts: "Facts") -> Iterator[Finding]:
        """What the pattern finds on a page, in order. Of an enormous document only the beginning is searched, and that is said."""
        searched = 0
        for piece in self._pieces(page):
            searched += len(piece.text)
            if searched > self.most:
                message = "the search of this rule ends here: the document is too long for so broad a pattern"
                yield Finding(page.span_of(piece), message, severity=Severity.INFO)
                return
            for start, end in self._matches(piece.text):
                found = piece.text[start:end]
                yield Finding(page.span_of(piece, start, end), self.message.replace("{match}", _quoted(found)))

    def _pieces(self, page: "Page") -> Iterator[Piece]:
        for block in page.blocks:
            if block.kind in (BlockKind.CODE, BlockKind.HTML, BlockKind.RULE):
                continue
            if self.role is not None and page.role_at(block.start) is not self.role:
                continue
            if block.kind is BlockKind.TABLE:
                for row in block.rows:
                    yield from row.cells
            else:
                yield from block.pieces

    def _matches(self, text: str) -> Iterator[tuple[int, int]]:
        if "<!--" in text:
            text = _COMMENT.sub(lambda match: " " * len(match[0]), text)
        reached = start = 0
        while start < len(text):
            stop = min(start + LONGEST, len(text))
            for match in self.pattern.finditer(text, start, stop):
                if match.start() < reached or (
                    stop < len(text) and match.end() == stop and match.start() >= stop - _OVERLAP
                ):
                    continue  # found before, or cut off: the next part has it whole
                if match.end() > match.start():
                    reached = match.end()
                    yield match.span()
            if stop == len(text):
                return
            start = stop - _OVERLAP


def ways_to_match(pattern: str) -> int:
    """In how many ways a pattern can match at one place of a line, at most. Raises `WrongPatternError` where that is too many.

    Python's `re` tries one after the other, so this bounds its time. A repeat without an end counts as many ways as a
    line has characters.
    """
    try:
        parsed = patterns.parse(pattern)
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise WrongPatternError(f"is no regular expression: {said}") from None
    if parsed.getwidth()[0] == 0:
        raise WrongPatternError("matches where nothing stands, so everywhere", "ask for one character at least")
    try:
        ways = _ways(parsed)
    except RecursionError:
        raise WrongPatternError("is nested too deeply") from None
    if ways > MOST_WAYS:
        raise WrongPatternError(
            "may take too long: it can match in too many ways at one place",
            "give its repeats an end, as `.{0,40}` for `.*`, and repeat nothing that repeats itself",
        )
    return ways


_REPEATS: Final = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def _ways(parsed: Iterable[tuple[Any, Any]]) -> int:
    ways = 1
    for kind, given in parsed:
        if kind in _REPEATS:
            least, most, inner = given
            each = _ways(inner)
            most = min(int(most), LONGEST)
            variable = max(most - int(least), 0) + 1
            ways *= variable if each == 1 else min(each, MOST_WAYS + 1) ** min(most, 16) * variable
        elif kind is codes.BRANCH:
            ways *= _ways_of_branches(given[1])
        elif kind is codes.SUBPATTERN:
            ways *= _ways(given[3])
        elif kind in (codes.ASSERT, codes.ASSERT_NOT):
            ways *= _ways(given[1])
        elif kind is codes.ATOMIC_GROUP:
            ways *= _ways(given)
        elif kind in (codes.GROUPREF, codes.GROUPREF_EXISTS):
            raise WrongPatternError("refers back to a group, which takes too long", "write the words out")
        if ways > MOST_WAYS:
            return MOST_WAYS + 1
    return ways


def _ways_of_branches(branches: list[Any]) -> int:
    """The sum of their ways; where each begins with a letter of its own, only one of them can match at a place.

    Of ASCII: in any case, some other letters are the same as one of these.
    """
    ways = [_ways(branch) for branch in branches]
    first = [branch[0] if len(branch) else None for branch in branches]
    letters = [
        str.lower(chr(each[1])) for each in first if each is not None and each[0] is codes.LITERAL and each[1] < 128
    ]
    return max(ways) if len({*letters}) == len(branches) else sum(ways)


def _quoted(text: str) -> str:
    return f"'{text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + '…'}'"


def _without_match(message: str) -> str:
    return message.replace("{match}", "What was found")
