"""Rules for the section on impact: who was affected, how many and for how long. Never weighs an impact."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from incidentctl.document.section_names import Role
from incidentctl.lint.blocks import Block, BlockKind, Piece
from incidentctl.lint.diagnostic import Finding, Severity
from incidentctl.lint.prose import mask
from incidentctl.lint.rule import rule
from incidentctl.lint.words.finder import shorten

if TYPE_CHECKING:
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page, Section

_NUMBER: Final = re.compile(
    r"\d|%|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|half|thirds?"
    r"|quarters?|single|both|double|twice|zero|none|nobody|no[- ]one|nothing|all|every|everyone|everybody|everything|each|entire(?:ly)?"
    r"|whole|any|total(?:ly)?|complete(?:ly)?|full(?:y)?|majority|unknown|not known|unaffected|no (?:impact|users?|customers?|data"
    r"|effects?|downtime|known|\w+ impact|one|loss|\w+ loss|\w+ were|requests?|revenue|production)|only|solely|just)\b",
    re.IGNORECASE,
)
_HOLES: Final = re.compile(
    r"\b(?:TODO|TBD|TBC|FIXME|XXX)\b|\{\{|<(?!https?:|!--)[A-Za-z][^<>\n]{0,60}>|lorem ipsum", re.IGNORECASE
)
_LONGEST: Final = 50_000
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def _pieces(page: "Page", section: "Section") -> Iterator[tuple[Block, Piece]]:
    """All lines and cells of a section that are words, those of sections below it too."""
    for block in page.blocks[section.blocks.start : section.blocks.stop]:
        if block.kind is BlockKind.TABLE:
            for row in block.rows:
                for cell in row.cells:
                    yield block, cell
        elif block.kind is BlockKind.PARAGRAPH:
            for piece in block.pieces:
                yield block, piece


def _text(page: "Page", section: "Section") -> str:
    """The words of a section, code and quotations too, without comments."""
    blocks = page.prose(section.blocks)
    text = "\n".join("\n".join(page.lines[block.start : block.end]) for block in blocks)[:_LONGEST]
    return _COMMENT.sub("", text) if "<!--" in text else text


def _impact(page: "Page") -> tuple["Section", str] | None:
    """The section on impact and what it says, where it says something."""
    section = page.section(Role.IMPACT)
    if section is None:
        return None
    texts = [_text(page, each) for each in page.by_role.get(Role.IMPACT, ())]
    text = "\n".join(texts)
    if not text.strip() or _HOLES.search(text):
        return None
    return section, text


@rule("IMP001", "no-number", Severity.WARNING, preview=True, eased_elsewhere=True, is_wording=True)
def no_number(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The impact is told without any number.

    Why
    ---
    Whether ten people waited for a minute or ten thousand for an hour decides what is worth doing about it. A rough
    number with its source is enough, and `unknown, because …` is an answer as well.

    Bad
    ---
        ## Impact

        Customers could not pay, and orders were delayed.

    Good
    ----
        ## Impact

        About 4,100 customers could not pay for 57 minutes, and orders of 21,000 EUR were delayed.

    Source
    ------
    Google SRE book, chapter 15; Google SRE workbook, chapter 10: quantify the impact.

    Notes
    -----
    `all users`, `none` and numbers in words count.
    """
    found = _impact(page)
    if found is None or _NUMBER.search(found[1]):
        return
    message = (
        "the impact is told without a number: say how many were affected, or for how long, even if it is a rough figure"
    )
    yield Finding(page.span_of(found[0].heading.piece), message, key="number")


_VAGUE: Final = re.compile(
    r"\b(?:some|many|several|a few|few|a number of|a subset of|a portion of|a fraction of|most|various|numerous|a lot of|lots of"
    r"|a handful of|a small (?:number|percentage|subset|fraction|portion) of|a large (?:number|percentage|part|portion) of)"
    r"(?=(?: of)?(?: (?:the|our|these|those|its))? \w)"
    r"|\b(?:significant(?:ly)?|substantial(?:ly)?|considerable|considerably|minimal|negligible|extensive)\b",
    re.IGNORECASE,
)
_NO_QUANTITY: Final = re.compile(
    r"(?:some|many|several|few|most)(?: of)? (?:time|point|way|cases?|kind|sort|reason|extent|likely|importantly|notably|recent\w*)\b",
    re.IGNORECASE,
)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z*_`\[(])")


@rule("IMP002", "vague-quantifier", Severity.INFO, preview=True, is_wording=True)
def vague_quantifier(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A quantity is told by a word such as `some` or `significant`, with no number in the sentence.

    Why
    ---
    `Some users` is three for one reader and a third for another.

    Bad
    ---
        ## Impact

        - Some users could not pay.
        - Error budget: 38 % of the quarter's budget for checkout.
        - Revenue: none was lost.
        - Duration: 57 minutes.

    Good
    ----
        ## Impact

        - About 12 % of the users could not pay.
        - Error budget: 38 % of the quarter's budget for checkout.
        - Revenue: none was lost.
        - Duration: 57 minutes.

    Source
    ------
    Google SRE workbook, chapter 10: quantify the impact.
    """
    for section in page.by_role.get(Role.IMPACT, ()):
        for block in page.blocks[section.blocks.start : section.blocks.stop]:
            if block.kind is BlockKind.PARAGRAPH and not block.is_quoted:
                yield from _vague(page, block)
            elif block.kind is BlockKind.TABLE:
                for row in block.rows[1:]:
                    if not any(_NUMBER.search(cell.text) for cell in row.cells):
                        yield from _vague_in(page, row.cells)


def _vague(page: "Page", block: Block) -> Iterator[Finding]:
    """The vague words of a paragraph, each in a sentence without a number."""
    text = mask(block.text).replace("\n", " ")
    start = 0
    for end in (*(match.start() for match in _SENTENCE_END.finditer(text)), len(text)):
        sentence = text[start:end]
        match = _vague_word(sentence)
        if match is not None and not _has_number(sentence, match):
            yield from _at(page, block, start + match.start(), start + match.end())
        start = end


def _vague_in(page: "Page", cells: tuple[Piece, ...]) -> Iterator[Finding]:
    for cell in cells:
        match = _vague_word(cell.text)
        if match is not None:
            yield Finding(page.span_of(cell, match.start(), match.end()), _vague_message(match[0]))
            return


def _vague_word(text: str) -> re.Match[str] | None:
    return next((match for match in _VAGUE.finditer(text) if not _NO_QUANTITY.match(text, match.start())), None)


def _has_number(sentence: str, match: re.Match[str]) -> bool:
    """Whether a sentence says a number besides; `all` and the like are none beside a vague word."""
    rest = sentence[: match.start()] + sentence[match.end() :]
    return any(
        found[0][0].isdigit() or found[0] == "%" or found[0].lower() in _COUNTS for found in _NUMBER.finditer(rest)
    )


_COUNTS: Final = frozenset(
    "one two three four five six seven eight nine ten eleven twelve dozen dozens half third thirds quarter quarters"
    " unknown zero none".split()
)


def _at(page: "Page", block: Block, start: int, end: int) -> Iterator[Finding]:
    """The finding at a place in a paragraph's text; `start` and `end` are within it."""
    begin = 0
    for piece in block.pieces:
        if begin <= start <= begin + len(piece.text):
            words = piece.text[start - begin : min(end - begin, len(piece.text))]
            yield Finding(page.span_of(piece, start - begin, start - begin + len(words)), _vague_message(words))
            return
        begin += len(piece.text) + 1


def _vague_message(words: str) -> str:
    return f"'{shorten(words)}' says no quantity: give a number or a share, even if it is a rough one"


_AUDIENCE: Final = re.compile(
    r"\b(?:users?|customers?|clients?|consumers?|people|persons?|developers?|engineers?|teams?|staff|employees?|colleagues?|members?"
    r"|tenants?|accounts?|organi[sz]ations?|orgs?|compan(?:y|ies)|subscribers?|visitors?|readers?|merchants?|buyers?|sellers?|partners?"
    r"|players?|students?|patients?|drivers?|riders?|guests?|contributors?|maintainers?|requests?|calls?|sessions?|orders?|jobs?|builds?"
    r"|pods?|nodes?|services?|regions?|countr(?:y|ies)|traffic|queries|transactions?|messages?|events?|deployments?|pipelines?|servers?"
    r"|hosts?|clusters?|sites?|websites?|api|apps?|applications?|projects?|repositor(?:y|ies)|repos?|everyone|everybody|anyone|nobody"
    r"|no[- ]one|public|community|audience|internal(?:ly)?|external(?:ly)?|checkouts?|payments?|launches|instances?|environments?|guilds?"
    r"|bots?|moderators?|admins?|administrators?|owners?|you|we|us|our|they|none|no impact|dashboards?|data|systems?|databases?|products?"
    r"|logins?|sign-?ups?|emails?|notifications?|workflows?|tests?|PRs?|pull requests?|production|staging)\b",
    re.IGNORECASE,
)


@rule("IMP003", "no-audience", Severity.INFO, preview=True, is_wording=True)
def no_audience(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The impact does not say who or what was affected.

    Why
    ---
    `Latency was high for 40 minutes` may have hurt all customers or a nightly job. Who was affected decides how grave it
    was, and who should be told.

    Bad
    ---
        ## Impact

        Latency was above four seconds for 57 minutes.

    Good
    ----
        ## Impact

        For 57 minutes 4,100 customers in eu-west-1 waited more than four seconds for each step of the checkout.

    Source
    ------
    Google SRE book, chapter 15: the impact as users saw it.
    """
    found = _impact(page)
    if found is None or _AUDIENCE.search(found[1]):
        return
    message = "the impact does not say who or what was affected: name the users, teams, regions or requests"
    yield Finding(page.span_of(found[0].heading.piece), message, key="audience")


_FACTS: Final = (
    ("the affected users", re.compile(
        r"\b(?:users?|customers?|clients?|consumers?|people|developers?|teams?|tenants?|accounts?|members?|visitors?|merchants?|everyone"
        r"|nobody|no[- ]one|subscribers?|engineers?|organi[sz]ations?|contributors?)\b", re.IGNORECASE)),
    ("the error budget", re.compile(r"\b(?:error[- ]budgets?|budgets?|slos?|slas?|slis?|availability|uptime)\b", re.IGNORECASE)),
    ("the revenue", re.compile(
        r"\b(?:revenues?|sales|income|money|costs?|costed|financial(?:ly)?|monetary|losses|refund\w*|credits?|orders?|eur|usd|gbp|euros?"
        r"|dollars?|pounds?|turnover|billing|business impact)\b|[$€£]", re.IGNORECASE)),
    ("how long users felt it", re.compile(
        r"\b(?:duration|downtime|lasted|minutes?|mins?|hours?|hrs?|seconds?|secs?|days?|weeks?|long|until"
        r"|from .{1,40} to|between .{1,40} and)\b|\d\s?(?:h|m|min|s|d)\b|\d{1,2}:\d{2}", re.IGNORECASE)),
)  # fmt: skip


@rule("IMP004", "impact-fact-unsaid", Severity.INFO, preview=True, is_wording=True)
def impact_fact_unsaid(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """Of users, error budget, revenue and duration, the impact leaves one out.

    Why
    ---
    What is not said reads as nothing for one and as everything for another. `None` and `unknown, because …` are
    answers.

    Bad
    ---
        ## Impact

        - Affected users: about 4,100 customers in eu-west-1 could not pay.
        - Duration of user-facing impact: 57 minutes.

    Good
    ----
        ## Impact

        - Affected users: about 4,100 customers in eu-west-1 could not pay.
        - Error budget: 38 % of the quarter's budget for checkout.
        - Revenue: unknown, because delayed orders are not told apart.
        - Duration of user-facing impact: 57 minutes.

    Source
    ------
    Google SRE workbook, chapter 10: affected users, error budget, revenue, duration.
    """
    found = _impact(page)
    if found is None:
        return
    missing = [name for name, pattern in _FACTS if not pattern.search(found[1])]
    if not missing or re.search(r"\bno(?: \w+)? impact\b", found[1], re.IGNORECASE):
        return
    listed = missing[0] if len(missing) == 1 else f"{', '.join(missing[:-1])} and {missing[-1]}"
    message = f"the impact does not speak of {listed}: `none` and `unknown, because …` are answers"
    yield Finding(page.span_of(found[0].heading.piece), message, key=",".join(missing))


RULES: Final = (no_number, vague_quantifier, no_audience, impact_fact_unsaid)
