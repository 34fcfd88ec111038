"""The rules on sections: which are there, in which order, at which level, and whether anything stands in them. Never judges the wording."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from incidentctl.document.escaping import closes_fence, opened_fence
from incidentctl.document.postmortem import DocumentStatus, read_status
from incidentctl.document.section_names import STANDARD, Role, alias_key, is_whole_name, role_of, roles_named
from incidentctl.lint.blocks import Block, BlockKind, Piece, without_check_box
from incidentctl.lint.diagnostic import Edit, Finding, Fix, Severity, Span
from incidentctl.lint.facts import Facts
from incidentctl.lint.header import Field
from incidentctl.lint.page import Heading, Page, PageKind, Section
from incidentctl.lint.prose import HIDDEN, mask
from incidentctl.lint.rule import Applies, FixKind, rule
from incidentctl.lint.written_times import read_time

_LONGEST_QUOTE: Final = 60
_THIN: Final = 3
_LONGEST_SUMMARY: Final = 150
_NUMBER_OF: Final[Mapping[Role, int]] = {role: number for number, role in enumerate(STANDARD)}
_WORD: Final = re.compile(r"\w[\w'’.%-]*")


def quoted(words: str) -> str:
    """Words of the document in single quotes, shortened where they are long."""
    words = " ".join(words.split())
    return f"'{words}'" if len(words) <= _LONGEST_QUOTE else f"'{words[: _LONGEST_QUOTE - 1].rstrip()}…'"


# ------------------------------------------------------------------------------------------------- STR001, missing

_ASKS: Final[Mapping[Role, tuple[str, str]]] = {
    Role.SUMMARY: (
        "say in two or three sentences what happened and whom it hurt",
        "Two or three sentences: what happened, who was hurt and how much, and what ended it.",
    ),
    Role.IMPACT: (
        "say who was affected, how many and for how long",
        "Affected users, error budget, revenue, and how long users felt it. `None` and `unknown, because …` are answers.",
    ),
    Role.TIMELINE: (
        "list the events with their times, from detection to resolution",
        "The events with their times, from detection to resolution.",
    ),
    Role.ROOT_CAUSE: (
        "explain what in the system made this possible",
        "The technical explanation: what in the system made this possible? Never a person.",
    ),
    Role.CONTRIBUTING_FACTORS: (
        "say what let the root cause have this impact",
        "What let the root cause have this impact: missing monitoring, too little testing, an unclear runbook.",
    ),
    Role.WENT_WELL: (
        "say what helped, so that it is kept",
        "What helped: how fast it was seen, the coordination, a mitigation that worked.",
    ),
    Role.WENT_POORLY: (
        "say what made it longer or harder",
        "What made it longer or harder: late detection, confusing communication, a missing runbook.",
    ),
    Role.ACTION_ITEMS: (
        "list what will be done, each with an owner and a due date",
        "What will be done, each with one owner and a due date.",
    ),
}
_NEEDED_BY_ANYONE: Final = (Role.SUMMARY, Role.IMPACT, Role.TIMELINE, Role.ROOT_CAUSE, Role.ACTION_ITEMS)
_TELLS: Final[Mapping[Role, re.Pattern[str]]] = {
    Role.IMPACT: re.compile(
        r"\b(?:affected|impact|impacted|impacting|users?|customers?|clients?|visitors?|unavailable|unable|outages?|down|downtime"
        r"|degraded|failed|failing|failures?|errors?|lost|delayed|slow|slower|timeouts?|timed out)\b",
        re.IGNORECASE,
    ),
    Role.ROOT_CAUSE: re.compile(
        r"\b(?:caus(?:e|ed|es|ing)|because|due to|triggered|led to|result(?:ed)? (?:of|in|from)|turned out|root of|stemmed from)\b",
        re.IGNORECASE,
    ),
    Role.ACTION_ITEMS: re.compile(
        r"\b(?:we(?:'ll|’ll| will| are going to| plan to| should)|follow[- ]?ups?|in (?:the )?future|prevent)\b",
        re.IGNORECASE,
    ),
}
_NARRATED: Final = (Role.DETECTION, Role.RESPONSE, Role.RESOLUTION)


@rule("STR001", "missing-section", Severity.ERROR, fix=FixKind.UNSAFE)
def missing_section(page: Page, facts: Facts) -> Iterator[Finding]:
    """A section that every post-mortem has is not there.

    Why
    ---
    Readers come with questions: what happened, who was hurt, why was it possible, what is done about it. A section that
    is always there answers them in the same place each time, and an absent one looks the same as one that nobody
    thought of.

    Bad
    ---
        ## Impact

        (absent)

    Good
    ----
        ## Impact

        - Affected users: about 4,100 customers in eu-west-1 could not pay.
        - Error budget: 38 % of the quarter's budget for checkout.
        - Revenue: none was lost, 21,000 EUR of orders came a day later.
        - Duration of user-facing impact: 57 minutes.

    Source
    ------
    Google SRE book, chapter 15, and the example post-mortem in its appendix D.

    Notes
    -----
    The eight sections are Summary, Impact, Timeline, Root Cause, Contributing Factors, What Went Well, What Went Poorly
    and Action Items; other common names of them are understood, and one heading may stand for two of them. `[lint]`
    settings say which are required and by which names a team calls them. A document that follows another template, in a
    repository without settings, promised none of them: there a section is an error only where all others that any
    reader needs are there and nothing else tells what it would.
    """
    needed, own_names = _needed(page, facts)
    present = _present(page)
    missing = [role for role in needed if role not in present]
    if missing and not page.is_standard and Role.SUMMARY in missing and page.prose(page.lead):
        missing.remove(Role.SUMMARY)
    if missing and not page.is_standard and Role.LESSONS in page.by_role:
        missing = [role for role in missing if role not in (Role.WENT_WELL, Role.WENT_POORLY)]
    is_promised = page.is_standard or facts.has_settings or facts.required is not None
    gaps = sum(1 for role in missing if role in _NEEDED_BY_ANYONE)
    for role in missing:
        is_sure = is_promised or (role in _NEEDED_BY_ANYONE and gaps == 1 and not _is_told(page, role))
        yield _missing(page, role, None if is_sure else Severity.INFO)
    if own_names:
        keys = {alias_key(section.heading.text) for section in page.sections}
        for name in own_names:
            if alias_key(name) not in keys:
                span = _last_line(page)
                yield Finding(span, f"there is no {name} section, which the settings require: add it", key=name)


def _needed(page: Page, facts: Facts) -> tuple[Sequence[Role], Sequence[str]]:
    """The roles that are asked for, and the names of a team's own sections that have no role."""
    if facts.required is None:
        return tuple(STANDARD), ()
    roles: list[Role] = []
    names: list[str] = []
    for name in facts.required:
        role = Role(name) if name in tuple(Role) else role_of(name, page.aliases)[0]
        if role is None:
            names.append(name)
        elif role in STANDARD:
            roles.append(role)
    return sorted(set(roles), key=lambda role: _NUMBER_OF[role]), names


def _present(page: Page) -> set[Role]:
    found: set[Role] = {role for role in page.by_role if role in STANDARD}
    if len(found) == len(STANDARD):
        return found
    for section in page.sections:
        if section.role is not None:
            found.update(roles_named(section.heading.text, page.aliases))
    if Role.TIMELINE not in found and page.timeline is not None:
        found.add(Role.TIMELINE)
    if not page.is_standard:
        found.update(_labelled(page))
    return found


_LABEL: Final = re.compile(r"[*_]{0,3}([A-Za-z][^:*_\n]{2,40})[*_]{0,3}:[*_]{0,3}[ \t]+\S")


def _labelled(page: Page) -> Iterator[Role]:
    """What labels above the first section say: `Impact: about 4,100 customers could not pay.`"""
    for block in page.prose(page.lead)[:40]:
        for piece in block.pieces:
            match = _LABEL.match(piece.text)
            role = role_of(match[1], page.aliases)[0] if match else None
            if role is not None and role in STANDARD:
                yield role


def _is_told(page: Page, role: Role) -> bool:
    """Whether a document of another template says elsewhere what a section of this role would say."""
    if role is Role.TIMELINE:
        return sum(1 for each in _NARRATED if each in page.by_role) > 1
    if role is Role.ACTION_ITEMS and (Role.LESSONS in page.by_role or any(item for item in _tasks(page))):
        return True
    tells = _TELLS.get(role)
    if tells is None:
        return False
    blocks = [*page.prose(page.lead)]
    for each in (Role.SUMMARY, Role.RESOLUTION, Role.DETECTION, Role.RESPONSE, Role.LESSONS):
        for section in page.by_role.get(each, ()):
            blocks.extend(page.prose(section.blocks))
    return any(tells.search(block.text) for block in blocks if block.kind is BlockKind.PARAGRAPH)


def _tasks(page: Page) -> Iterator[Block]:
    for block in page.blocks:
        if block.item is not None and block.pieces and block.pieces[0].text.startswith(("[ ]", "[x]", "[X]")):
            yield block


def _missing(page: Page, role: Role, severity: Severity | None) -> Finding:
    name = STANDARD[role]
    ask, prompt = _ASKS[role]
    below = _section_behind(page, role)
    newline = page.newline
    level = below.level if below is not None and not below.heading.is_pseudo else 2
    skeleton = f"{'#' * level} {name}{newline}{newline}<!-- {prompt} -->{newline}"
    if below is not None:
        at = page.offset(below.start)
        span = page.span_of_line(below.start)
        edit = Edit(at, at, skeleton + newline)
    else:
        at = len(page.text)
        span = _last_line(page)
        before = "" if not page.text else newline if page.text.endswith("\n") else newline * 2
        edit = Edit(at, at, before + skeleton)
    article = "are no" if name.endswith("s") else "is no"
    message = f"there {article} {name}: {ask}" if name.endswith("s") else f"there is no {name} section: {ask}"
    is_hidden = below is None and _never_ends(page)
    fix = None if is_hidden else Fix(f"add the section {name}", (edit,), is_safe=False)
    return Finding(span, message, fix, severity, key=name)


def _never_ends(page: Page) -> bool:
    """Whether the last block is code or a comment without an end: what is written below it is a part of it."""
    last = page.blocks[-1] if page.blocks else None
    if last is None or last.item is not None or last.is_quoted:
        return False
    lines = page.lines[last.start : last.end]
    if last.is_fenced:
        return not any(closes_fence(line, opened_fence(lines[0])) for line in lines[1:])
    return (
        last.kind is BlockKind.HTML
        and lines[0].lstrip().startswith("<!--")
        and not any("-->" in each for each in lines)
    )


def _section_behind(page: Page, role: Role) -> Section | None:
    """The first section before which a missing one belongs."""
    number = _NUMBER_OF[role]
    later = [page.by_role[each][0] for each in STANDARD if _NUMBER_OF[each] > number and each in page.by_role]
    return next((section for section in later if section.level <= 2), None)


def _last_line(page: Page) -> Span:
    lines = page.lines
    last = next((index for index in range(len(lines) - 1, -1, -1) if lines[index].strip()), 0)
    return page.span_of_line(last)


# --------------------------------------------------------------------------------------------------- STR002, empty

_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LABEL_ALONE: Final = re.compile(r"[*_]{0,3}[^\W\d][^:.!?\n]{1,60}:[*_ ]{0,4}", re.UNICODE)
_NO_WORDS: Final = " \t\r\n*_-–—.,:;|>#~?!"


def _says_something(page: Page, block: Block) -> bool:
    """Whether a block holds more than marks, comments and labels without a value."""
    kind = block.kind
    if kind is BlockKind.PARAGRAPH:
        for piece in block.pieces:
            text = piece.text
            if block.item is not None and text.startswith("["):
                text = without_check_box(piece)[0].text
            if "<!--" in text:
                text = _COMMENT.sub("", text)
            text = text.strip()
            if text.strip(_NO_WORDS) and not (text[-1] in ":*_" and _LABEL_ALONE.fullmatch(text)):
                return True
        return False
    if kind is BlockKind.TABLE:
        return any(cell.text.strip(_NO_WORDS) for row in block.rows[1:] for cell in row.cells)
    if kind is BlockKind.CODE:
        first, last = (block.start + 1, block.end - 1) if block.is_fenced else (block.start, block.end)
        return any(line.strip() for line in page.lines[first:last])
    return kind is BlockKind.HTML and not page.is_comment(block)


def is_empty(page: Page, section: Section) -> bool:
    """Whether nothing stands in a section or in those below it; a heading that tells an event or a whole sentence does."""
    for block in page.blocks[section.blocks.start : section.blocks.stop]:
        if block.kind is BlockKind.HEADING:
            if section.role is Role.TIMELINE or block.text.count(" ") > 2 or read_time(block.text):
                return False
        elif _says_something(page, block):
            return False
    following = page.sections[section.index + 1 : section.index + 2]
    is_continued = (
        section.role is Role.TIMELINE and bool(following) and bool(read_time(following[0].heading.piece.text))
    )
    return not is_continued


_OTHERS: Final = frozenset((Role.DETECTION, Role.RESPONSE, Role.RESOLUTION, Role.LESSONS, Role.LUCK))


_OR_NONE: Final = ", or 'None' where there is nothing to say"
_MAY_BE_NONE: Final = (Role.IMPACT, Role.CONTRIBUTING_FACTORS, Role.WENT_WELL, Role.WENT_POORLY)


@rule("STR002", "empty-section", Severity.ERROR)
def empty_section(page: Page, facts: Facts) -> Iterator[Finding]:
    """A section has a heading and nothing below it: no words, or only the template's prompt, empty items and labels.

    Why
    ---
    A heading without words looks done in the table of contents and answers nothing. If there is nothing to say, as among
    the contributing factors, a word says so: "None."

    Bad
    ---
        ## Contributing Factors

        <!-- One line for each: what let the root cause have this impact? -->

    Good
    ----
        ## Contributing Factors

        - The pipeline has no canary stage, so the value reached each region within two minutes.
        - No alert watches the number of free connections.

    Source
    ------
    Google SRE workbook, chapter 10: a post-mortem with missing context is not published.

    Notes
    -----
    Sections for other things than the eight, such as Detection, are info.
    """
    silent_until = -1
    for section in page.sections:
        role = section.role
        if role is None or section.start < silent_until or not is_empty(page, section):
            continue
        silent_until = section.end
        name = STANDARD.get(role, section.heading.text) if not section.heading.is_alias else section.heading.text
        if role in STANDARD and len(page.by_role.get(role, ())) < 2:
            ask = _ASKS[role][0]
            yield Finding(
                page.span_of(section.heading.piece),
                f"there is nothing under {quoted(name)}: {ask}{_OR_NONE if role in _MAY_BE_NONE else ''}",
                key=name,
            )
        elif role in STANDARD or role in _OTHERS:
            yield Finding(
                page.span_of(section.heading.piece),
                f"there is nothing under {quoted(name)}: fill it, or take the heading out",
                severity=None if role in STANDARD else Severity.INFO,
                key=name,
            )


# --------------------------------------------------------------------------------------------- STR003, placeholders

_MARK: Final = re.compile(r"\b(?:TODO|FIXME|TBD|TBC|TBA|tbd|tbc)\b")
_DATE_FORM: Final = re.compile(
    r"(?<![\w/%-])(?:Y{4}([-/.])M{1,2}\1D{1,2}|[DM]{2}([-/.])[DM]{2}\2(?:Y{4}|YY))(?:[T ]HH:MM(?::SS)?)?(?![\w/%])"
    r"|(?<![\w:%-])(?:HH:MM(?::SS)?|Xh Ym|XX:XX|xh ym)(?![\w:%])",
    re.IGNORECASE,
)
_HOLE: Final = re.compile(r"(?<![$\\{])\{\{[ \t]{0,4}([A-Za-z][\w ,:/'’?-]{0,80}?)[ \t]{0,4}\}\}")
_BRACKET: Final = re.compile(
    r"\[(?P<words>(?i:(?:insert|enter|your|fill in|fill|describe|briefly|provide|specify|add|list|e\.g\.)\b)[^\[\]\n]{0,120}"
    r"|(?i:name|date|time|author|owner|title|duration|number|amount|severity|incident title|incident name|placeholder))\](?![(\[:])"
)
_ANGLE: Final = re.compile(r"<(?P<words>[A-Za-z][A-Za-z0-9 ,_/’'#.-]{0,80})>")
_LOREM: Final = re.compile(r"\blorem ipsum\b", re.IGNORECASE)
_LITERALS: Final = (
    (("TODO", "FIXME", "TBD", "TBC", "TBA", "tbd", "tbc"), _MARK),
    (
        ("YYY", "yyy", "DD/MM", "dd/mm", "MM/DD", "mm/dd", "DD.MM", "HH:MM", "hh:mm", "Xh Ym", "xh ym", "XX:XX"),
        _DATE_FORM,
    ),
    (("{{",), _HOLE),
    (("orem ipsum", "OREM IPSUM", "orem Ipsum"), _LOREM),
)
_HTML: Final = frozenset(
    "a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button canvas caption center cite code"
    " col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form frame"
    " h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark math menu meta"
    " meter nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp script section"
    " select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead"
    " time tr track tt u ul var video wbr path g".split()
)
_NO_HOLE: Final = frozenset(
    "snip snipped redacted none null nil undefined unknown empty omitted removed hidden censored truncated cut anonymous"
    " nobody eof any".split()
)
_ASKING: Final = re.compile(
    r"(?:insert|enter|your|fill|describe|briefly|provide|specify|add|list|what|who|when|why|how|incident|author|owner|team|date|name|title"
    r"|link|severity|duration|number of)\b",
    re.IGNORECASE,
)
_TODO_THING: Final = re.compile(
    r"[ \t-]{1,3}(?:apps?|lists?|items?|comments?|services?|files?|boards?|pages?|columns?|entr|notes?|MVC)\b", re.I
)
_OPENS: Final = re.compile(r"(?:^|[:(\[|=>—–-])[ \t]{0,4}[*_]{0,3}$")
_FORMAT_BEFORE: Final = re.compile(
    r"\b(?:formats?|patterns?|formatted|like|as|than|form|expects?|expected|in|of|not|or|from|to|a|an|the)[ \t:]{1,3}$",
    re.I,
)


@rule("STR003", "placeholder-left", Severity.ERROR)
def placeholder_left(page: Page, facts: Facts) -> Iterator[Finding]:
    """A placeholder of the template, or a reminder to write something, is still there: TODO, TBD, `YYYY-MM-DD`, `<name>`, `{{ title }}`.

    Why
    ---
    What is still to be written is easy to miss in review and stays for good once the document is published. Readers
    cannot tell whether it is unknown or was forgotten.

    Bad
    ---
        ## Root Cause

        TODO: ask the database team why the pool was that small.

    Good
    ----
        ## Root Cause

        The config pipeline accepts any pool size, and it has no test of the values that it takes.

    Source
    ------
    PagerDuty's post-mortem guide: the owner completes the document before the meeting.

    Notes
    -----
    Code, quotations, chat logs, comments and the names of things ("the TODO app") are left alone. In action items a
    TODO is what it says, and an owner or date that is still open is for the rules on action items.
    """
    text = page.text
    places = _Places(page)
    found: list[tuple[int, int]] = []
    for literals, pattern in _LITERALS:
        if any(literal in text for literal in literals):
            found.extend(match.span() for match in pattern.finditer(text) if places.is_left(pattern, match))
    if _BRACKET.search(text):
        defined = _defined(text)
        for match in _BRACKET.finditer(text):
            if match["words"].lower() not in defined and places.is_left(_BRACKET, match):
                found.append(match.span())
    found.extend(match.span() for match in _ANGLE.finditer(text) if places.is_left(_ANGLE, match))
    found.extend(_untouched_prompts(page))
    last = -1
    for start, end in sorted(found):
        if start >= last:
            last = end
            yield Finding(
                page.span(start, end),
                f"the placeholder {quoted(text[start:end])} is still there: write what belongs here, or take it out",
            )


def _defined(text: str) -> frozenset[str]:
    """The words that link definitions define."""
    return frozenset(words.lower() for words in re.findall(r"^[ ]{0,3}\[([^\[\]\n]{1,120})\]:", text, re.MULTILINE))


class _Places:
    """Tells placeholders from what only looks like one, by what stands around them. Each line is read once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.masked: dict[tuple[int, bool], str | None] = {}
        self.closed: frozenset[str] | None = None

    def is_left(self, pattern: re.Pattern[str], match: re.Match[str]) -> bool:
        """Whether what a pattern found is a placeholder, and stands where an author writes."""
        page = self.page
        line = bisect_right(page.starts, match.start()) - 1
        start, end = match.start() - page.starts[line], match.end() - page.starts[line]
        text = page.lines[line] if line < len(page.lines) else ""
        if start and text[start - 1] in _JOINED.get(pattern, ""):
            return False
        if pattern is _ANGLE and not self._is_angle_hole(match["words"], text, start, end):
            return False
        if line < page.first_body_line:
            return text.partition(":")[2].strip().strip("\"'") == match[0]
        block = _block_at(page, line)
        if block is None or block.is_quoted or block.kind in (BlockKind.CODE, BlockKind.RULE):
            return False
        if block.kind is BlockKind.HTML and (
            pattern is not _ANGLE or block.end - block.start > 1 or page.is_comment(block)
        ):
            return False
        if block.kind is BlockKind.HEADING and alias_key(block.text) in ("todo", "todos"):
            return False
        role = page.role_at(line)
        if role is Role.CHAT_LOG:
            return False
        before, after = text[max(start - _AROUND, 0) : start], text[end : end + _AROUND]
        if role is Role.ACTION_ITEMS and pattern in (_MARK, _DATE_FORM):
            if _bare(_ITEM_MARK.sub("", before)) or _bare(after):
                return False
        elif pattern is _MARK:
            if not _is_reminder(match[0], before, after):
                return False
        elif pattern is _DATE_FORM and _FORMAT_BEFORE.search(before) and _LABELLED.search(before) is None:
            return False
        return not self._is_hidden(block, line, start, is_quote_fine=pattern is not _MARK)

    def _is_angle_hole(self, words: str, text: str, start: int, end: int) -> bool:
        """A tag, a generic type or what was cut out of a log is no placeholder."""
        if start and (text[start - 1].isalnum() or text[start - 1] in "_\\<`$"):
            return False
        name = words.strip().lower()
        first = name.split()[0] if name else ""
        if first in _HTML or name in _NO_HOLE or words.endswith("/"):
            return False
        if self.closed is None:
            self.closed = frozenset(tag.lower() for tag in _CLOSING_TAG.findall(self.page.text))
        if first in self.closed:
            return False
        before, after = text[max(start - _AROUND, 0) : start], text[end : end + _AROUND]
        is_alone = (not _bare(_ITEM_MARK.sub("", before)) or before.rstrip(" *_").endswith((":", "|"))) and (
            not _bare(after) or after.lstrip(" *_").startswith("|")
        )
        return is_alone or " " in name or ("-" not in name and _ASKING.match(name) is not None and not before.strip())

    def _is_hidden(self, block: Block, line: int, column: int, *, is_quote_fine: bool) -> bool:
        """Whether a place is inside code, an address or a comment, and, where that counts, a quotation."""
        page = self.page
        first, last = (line, line + 1) if block.kind is BlockKind.TABLE else (block.start, block.end)
        size = page.offset(last) - page.offset(first)
        if size > _LONGEST_BLOCK:
            first, last = line, line + 1
            if page.offset(last) - page.offset(first) > _LONGEST_BLOCK:
                return False
        key = (first, is_quote_fine)
        if key not in self.masked:
            whole = page.text[page.offset(first) : page.offset(last)]
            has_signs = any(sign in whole for sign in _SIGNS)
            self.masked[key] = mask(_without_comments(whole, is_quote_fine=is_quote_fine)) if has_signs else None
        masked = self.masked[key]
        at = page.offset(line, column) - page.offset(first)
        return masked is not None and masked[at : at + 1] == HIDDEN


_AROUND: Final = 200
_LONGEST_BLOCK: Final = 20_000
_SIGNS: Final = ("`", "<!--", '"', "“", "//", "](", "'", "‘", "«", "„")
_JOINED: Final[Mapping[re.Pattern[str], str]] = {_BRACKET: "!]\\", _HOLE: "$`"}
_CLOSING_TAG: Final = re.compile(r"</([A-Za-z][\w-]{0,40})")
_WITHOUT_QUOTES: Final = str.maketrans(dict.fromkeys("\"'“”„«»‘’{}", " "))
_WITHOUT_HOLES: Final = str.maketrans(dict.fromkeys("{}", " "))


def _without_comments(text: str, *, is_quote_fine: bool) -> str:
    """A text in which what stands in comments is hidden, and holes, and maybe quotes, are no signs."""
    if "<!--" in text:
        text = _COMMENT.sub(lambda comment: HIDDEN * len(comment[0]), text)
    return text.translate(_WITHOUT_QUOTES if is_quote_fine else _WITHOUT_HOLES)


_ITEM_MARK: Final = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_LABELLED: Final = re.compile(r":[*_]{0,3}[ \t]{0,4}$")


def _bare(words: str) -> str:
    return words.strip(" \t*_-+.>")


def _is_reminder(word: str, before: str, after: str) -> bool:
    if word in ("TODO", "FIXME"):
        if _TODO_THING.match(after):
            return False
        is_open = _OPENS.search(before.lstrip(" \t>*+#-")) is not None or not _bare(before)
        is_end = not after.strip() or after.lstrip("*_ \t")[:1] in (":", "(", ")", "]", "|", ".", "—", "–", "-")
        return is_open and (is_end or after[:1] in " \t*_")
    return not re.match(r"-\w", after)


def _block_at(page: Page, line: int) -> Block | None:
    blocks = page.blocks
    at = bisect_right(blocks, line, key=lambda block: block.start) - 1
    return blocks[at] if at >= 0 and line < blocks[at].end else None


_PROMPT: Final = re.compile(
    r"(?P<mark>[*_])(?![*_ ])(?:Describe|List|Report|Explain|Write|Summari[sz]e|Provide|Include|Add|State|What|How|Who|When|Why|Which|Give"
    r"|Outline|Note|Document|Record|Enter|Insert|Run a|Use this)\b[^*_]{8,400}(?P=mark)\.?\Z"
)


def _untouched_prompts(page: Page) -> Iterator[tuple[int, int]]:
    """A section that holds nothing but the template's question in italics."""
    for section in page.sections:
        blocks = section.blocks
        if section.role is None or len(blocks) != 1 or len(blocks) != len(section.own_blocks):
            continue
        block = page.blocks[blocks.start]
        if block.kind is not BlockKind.PARAGRAPH or block.item is not None or block.is_quoted:
            continue
        first, last = block.pieces[0], block.pieces[-1]
        if first.text[:1] in "*_" and _PROMPT.match(block.text):
            yield page.offset(first.line, first.column), page.offset(last.line, last.column + len(last.text))


# ------------------------------------------------------------------------------- STR004 to STR008, headings and order


@rule("STR004", "nonstandard-heading", Severity.INFO, fix=FixKind.SAFE)
def nonstandard_heading(page: Page, facts: Facts) -> Iterator[Finding]:
    """A section has another name than the standard one.

    Why
    ---
    The same name everywhere lets people and programs find the section: a search for "Root Cause" over all post-mortems
    should find every one.

    Bad
    ---
        ## Root Cause

        (absent)

        ## Root Cause Analysis

        The config pipeline accepts any pool size, and the push lowered it below what an evening needs.

    Good
    ----
        ## Root Cause

        The config pipeline accepts any pool size, and the push lowered it below what an evening needs.

    Source
    ------
    incidentctl's own format.

    Notes
    -----
    Only documents that follow the standard template are asked; a team's own names, set in the settings, count as
    standard. In the bad example the section also stands at the end, which is `STR005`.
    """
    if not page.is_standard:
        return
    for role in STANDARD:
        sections = page.by_role.get(role, ())
        if any(not section.heading.is_alias for section in sections):
            continue
        for section in sections:
            heading = section.heading
            if heading.is_pseudo or len(roles_named(heading.text, page.aliases)) > 1:
                continue
            name = STANDARD[role]
            fix = _renaming(page, heading, name) if len(sections) == 1 and is_whole_name(heading.text) else None
            yield Finding(
                page.span_of(heading.piece), f"{quoted(heading.text)} is called {name} in the standard template", fix
            )


def _renaming(page: Page, heading: Heading, name: str) -> Fix:
    piece = heading.piece
    start = page.offset(piece.line, piece.column)
    edit = Edit(start, start + len(piece.text), name)
    return Fix(f"rename the heading to {name}", (edit,), is_safe="](#" not in page.text)


@rule("STR005", "section-order", Severity.WARNING)
def section_order(page: Page, facts: Facts) -> Iterator[Finding]:
    """A section does not stand where the template has it.

    Why
    ---
    The order is that of a reader's questions: what happened, how bad was it, when, why, what helped, what now. Who
    reads many post-mortems looks for a section where it always is.

    Bad
    ---
        ## Summary

        (absent)

        ## Summary

        From 09:51 to 10:48 UTC, 12 % of checkouts in eu-west-1 failed or took longer than four seconds.

    Good
    ----
        ## Summary

        From 09:51 to 10:48 UTC, 12 % of checkouts in eu-west-1 failed or took longer than four seconds.

    Source
    ------
    Google SRE book, appendix D: the example post-mortem.

    Notes
    -----
    Only documents that follow the standard template are asked. As few sections as possible are named: one that was
    moved is one finding. In the bad example the summary is the last section.
    """
    if not page.is_standard:
        return
    firsts = [
        page.by_role[role][0]
        for role in STANDARD
        if role in page.by_role and not page.by_role[role][0].heading.is_pseudo
    ]
    present = sorted(firsts, key=lambda section: section.index)
    numbers = [_NUMBER_OF[section.role] for section in present if section.role is not None]
    if all(before < after for before, after in pairwise(numbers)):
        return
    kept = _longest_rising(numbers)
    for index, section in enumerate(present):
        if index in kept or section.role is None:
            continue
        number = _NUMBER_OF[section.role]
        before = [present[each] for each in sorted(kept) if numbers[each] < number]
        behind = [present[each] for each in sorted(kept) if numbers[each] > number]
        place = (
            f"behind {before[-1].heading.text}"
            if before
            else f"before {behind[0].heading.text}"
            if behind
            else "elsewhere"
        )
        yield Finding(
            page.span_of(section.heading.piece), f"{section.heading.text} does not stand in its place: move it {place}"
        )


def _longest_rising(numbers: Sequence[int]) -> frozenset[int]:
    """The indexes of a longest rising run: what can stay where it is. There are eight at most."""
    best: list[list[int]] = []
    for index, number in enumerate(numbers):
        before = [run for run in best if numbers[run[-1]] < number]
        best.append([*max(before, key=len, default=[]), index])
    longest: list[int] = max(best, key=len)
    return frozenset(longest)


@rule("STR006", "duplicate-section", Severity.WARNING)
def duplicate_section(page: Page, facts: Facts) -> Iterator[Finding]:
    """A section stands twice under the same name.

    Why
    ---
    Readers and programs stop at the first one. What stands in the second is not seen.

    Bad
    ---
        ## Impact

        - About 4,100 customers in eu-west-1 could not pay.

        ## impact

        - Duration of user-facing impact: 57 minutes.

    Good
    ----
        ## Impact

        - About 4,100 customers could not pay.
        - Duration of user-facing impact: 57 minutes.

    Source
    ------
    markdownlint, MD024, restricted to the sections of a post-mortem.
    """
    seen: dict[tuple[int | None, int, str], Section] = {}
    for section in page.sections:
        if section.role not in STANDARD or section.heading.is_pseudo:
            continue
        key = (section.parent, section.level, alias_key(section.heading.text))
        first = seen.setdefault(key, section)
        if first is not section:
            yield Finding(
                page.span_of(section.heading.piece),
                f"{section.heading.text} stands twice, first on line {first.start + 1}: join the two, or give this one a name of its own",
            )


@rule("STR007", "heading-level", Severity.WARNING, fix=FixKind.SAFE)
def heading_level(page: Page, facts: Facts) -> Iterator[Finding]:
    """One of the eight sections has a heading of another level than the second.

    Why
    ---
    A section that stands below another one is a part of it for every reader and tool: it vanishes from the table of
    contents, and what counts sections does not find it.

    Bad
    ---
        ## Contributing Factors

        (absent)

        ## Root Cause

        The config pipeline accepts any pool size, and the push lowered it below what an evening needs.

        ### Contributing Factors

        - The pipeline has no canary stage.

    Good
    ----
        ## Root Cause

        The config pipeline accepts any pool size, and the push lowered it below what an evening needs.

        ## Contributing Factors

        - The pipeline has no canary stage.

    Source
    ------
    markdownlint, MD001 and MD025, restricted to the sections of a post-mortem.

    Notes
    -----
    Only documents that follow the standard template are asked. What Went Well and What Went Poorly may stand below
    Lessons Learned.
    """
    if not page.is_standard:
        return
    for role in STANDARD:
        for section in page.by_role.get(role, ())[:1]:
            if section.level == 2 or section.heading.is_pseudo:
                continue
            parent = page.sections[section.parent] if section.parent is not None else None
            if parent is not None and parent.role is Role.LESSONS:
                continue
            stands = (
                f"below {parent.heading.text}"
                if parent is not None and section.level > 2
                else f"at level {section.level}"
            )
            yield Finding(
                page.span_of(section.heading.piece),
                f"{section.heading.text} stands {stands}: it is a section of its own, with two `#`",
                _levelling(page, section),
            )


def _levelling(page: Page, section: Section) -> Fix | None:
    """Moves a heading to the second level, and those below it by as much."""
    shift = 2 - section.level
    edits: list[Edit] = []
    for each in page.sections[section.index :]:
        if each.start >= section.end:
            break
        if each is not section and each.level == 2 and each.role in STANDARD:
            break  # it is below only since this heading is too high
        if each.heading.is_pseudo:
            continue
        edit = _with_level(page, each.heading, min(max(each.level + shift, 1), 6))
        if edit is None:
            return None
        edits.append(edit)
    return Fix("put the heading on the second level", tuple(edits))


def _with_level(page: Page, heading: Heading, level: int) -> Edit | None:
    line = page.lines[heading.start]
    marks = line.lstrip(" ")
    if marks.startswith("#"):
        at = page.offset(heading.start, len(line) - len(marks))
        return Edit(at, at + heading.level, "#" * level)
    underline = page.lines[heading.end - 1]
    if level > 2 or not underline.strip():
        return None
    at = page.offset(heading.end - 1)
    return Edit(at, at + len(underline), ("=" if level == 1 else "-") * max(len(underline.strip()), 3))


@rule("STR008", "pseudo-heading", Severity.INFO)
def pseudo_heading(page: Page, facts: Facts) -> Iterator[Finding]:
    """A bold line or a label stands where the heading of a section should.

    Why
    ---
    It looks like a heading and is none: it has no place in the table of contents, no link leads to it, and screen
    readers pass over it.

    Bad
    ---
        ## Contributing Factors

        (absent)

        ## Root Cause

        The config pipeline accepts any pool size, and the push lowered it below what an evening needs.

        **Contributing Factors**

        - The pipeline has no canary stage.

    Good
    ----
        ## Contributing Factors

        - The pipeline has no canary stage.

    Source
    ------
    markdownlint, MD036, restricted to the names of sections; WCAG 2.2, success criterion 1.3.1.
    """
    real = {section.role for section in page.sections if not section.heading.is_pseudo}
    for section in page.sections:
        heading = section.heading
        if heading.is_pseudo and section.role not in real:
            yield Finding(
                page.span_of(heading.piece),
                f"{quoted(heading.text)} looks like a heading and is none: write it with `##`",
            )


# --------------------------------------------------------------------------------------------- STR009, STR010, length

_ANSWERS: Final = frozenset(
    "none nothing unknown n/a na nil no not applicable undetermined unclear nothing notable nothing to report not known none known".split()
)
_IDEOGRAPHS: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_REFERENCE: Final = re.compile(r"\]\(|https?://|#\d|\b[A-Z]{2,10}-\d+|!\[|\bsee\b", re.IGNORECASE)


@rule("STR009", "thin-section", Severity.WARNING)
def thin_section(page: Page, facts: Facts) -> Iterator[Finding]:
    """A section holds no more than a word or two.

    Why
    ---
    One word is a name for the thing, not an account of it. Who was not there cannot learn from it.

    Bad
    ---
        ## Root Cause

        Misconfiguration.

    Good
    ----
        ## Root Cause

        The config pipeline accepts any pool size, and the push lowered it below what an evening needs.

    Source
    ------
    Google SRE workbook, chapter 10: the bad post-mortem's missing context.

    Notes
    -----
    "None." and "unknown" are answers, links to more are fine, and the timeline and the action items have rules of their own.
    """
    for role in STANDARD:
        if role in (Role.TIMELINE, Role.ACTION_ITEMS):
            continue
        for section in page.by_role.get(role, ())[:1]:
            words = _few_words(page, section)
            if words is not None:
                yield Finding(
                    words[0],
                    f"{quoted(words[1])} is all that {section.heading.text} says: {_ASKS[role][0]}",
                )


def _few_words(page: Page, section: Section) -> tuple[Span, str] | None:
    """All that a section says, where it is too little; `None` where it is enough, nothing at all, or an answer."""
    pieces: list[Piece] = []
    count = 0
    for block in page.blocks[section.blocks.start : section.blocks.stop]:
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING):
            text = block.text
            if text.count(" ") > 20:
                return None
            count += len(_WORD.findall(text[:400]))
            if count >= _THIN or _IDEOGRAPHS.search(text) or _REFERENCE.search(text):
                return None
            pieces.extend(block.pieces)
        elif _says_something(page, block):
            return None
    if not count:
        return None
    words = " ".join(piece.text for piece in pieces)
    plain = [word.lower().strip(".") for word in _WORD.findall(words)]
    if words.strip(" .*_-").lower() in _ANSWERS:
        return None
    if (
        _MARK.search(words)
        or words.rstrip().endswith(":")
        or plain[0] in _ANSWERS
        or all(word in _ANSWERS for word in plain)
    ):
        return None
    if _HOLE.search(words) or _DATE_FORM.search(words) or _ANGLE.search(words) or _BRACKET.search(words):
        return None
    return page.span_of(next(piece for piece in pieces if piece.text)), words


@rule("STR010", "summary-too-long", Severity.INFO)
def summary_too_long(page: Page, facts: Facts) -> Iterator[Finding]:
    """The summary is longer than 150 words.

    Why
    ---
    The summary is for somebody who will read nothing else: two or three sentences on the incident and its impact. The
    rest has sections of its own.

    Bad
    ---
        ## Summary

        At 09:51 the config push began to reach the replicas of the checkout database in eu-west-1, one after the other, and each
        of them took the new value for the size of its connection pool at its next reload, which happened at a different moment on
        each replica, so that at first only a few requests were slow and nobody thought that it was more than the usual noise of
        an evening. By 09:58 all of them had the new value, and the queue in front of the pool had become so long that requests
        waited for more than three seconds on average. The alert for latency fired at 10:02, and the on-call looked at the
        dashboard for the service, then at the one for the cluster, then at the one for the network, before the one for the pool
        was found in an old folder. At 10:30 the theory was that the pool was too small, and a failover to another replica, which
        still had the old value, was prepared and reviewed by two people, and at 10:48 it was done and errors stopped. Later the
        size was raised again on each of the replicas, and the incident was resolved at 12:10 after all checks had passed.

    Good
    ----
        ## Summary

        From 09:51 to 10:48 UTC, 12 % of checkouts in eu-west-1 failed or took longer than four seconds. A config push had lowered
        the size of the connection pool below what the evening load needs.

    Source
    ------
    Google SRE book, appendix D: the summary is one paragraph.
    """
    section = page.section(Role.SUMMARY)
    if section is None:
        return
    count = 0
    for block in page.blocks[section.blocks.start : section.blocks.stop]:
        if block.kind is BlockKind.PARAGRAPH:
            count += block.text.count(" ") + len(block.pieces)
    if count > _LONGEST_SUMMARY:
        yield Finding(
            page.span_of(section.heading.piece),
            f"the summary has about {count} words: keep the two or three sentences that somebody needs who reads nothing else",
        )


# ---------------------------------------------------------------------------------- STR011 to STR013, title, name, status

_TITLE_WORD: Final = re.compile(r"[^\W_]{3,}")
_COMMON_WORDS: Final = frozenset(
    "the and for with from after during incident outage postmortem post mortem review report retrospective issue problem was are".split()
)
_ID: Final = re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9-]*[a-z0-9]", re.ASCII)


def _title_words(words: str) -> set[str]:
    """What a title is about: words without endings, so that `deploys` and `deploy` are one."""
    found = {word.lower() for word in _TITLE_WORD.findall(words) if not word.isdigit()}
    return {word[:5] for word in found - _COMMON_WORDS}


@rule("STR011", "title-mismatch", Severity.WARNING)
def title_mismatch(page: Page, facts: Facts) -> Iterator[Finding]:
    """The title has no word in common with the incident that the document says it is about.

    Why
    ---
    A document that was copied from an earlier one keeps its title, or its `incident`, more often than anybody thinks.
    Then the post-mortem is found under another incident's name, or not at all.

    Bad
    ---
        # Expired certificate on the mail relay

    Good
    ----
        # Slow checkout in eu-west-1

    Source
    ------
    Seen in public archives: titles and dates that were left over from the document that was copied.

    Notes
    -----
    One word in common with the incident's title or name is enough: a post-mortem may say it better than the first alarm
    did.
    """
    heading = page.title_heading
    incident = page.value("incident")
    if heading is None or incident is None or not heading.piece.text:
        return
    is_record = facts.incident is not None and facts.incident.id == incident
    known = incident[11:] if _ID.fullmatch(incident) else incident
    if facts.incident is not None and is_record:
        known = f"{known} {facts.incident.title} {facts.incident.word('public_title') or ''} {' '.join(facts.incident.listed('services'))}"
    wanted = _title_words(known.replace("-", " "))
    own = _title_words(heading.text)
    if own and wanted and not own & wanted and incident not in heading.text and not _PLACEHOLDER.search(heading.text):
        name = facts.incident.title if facts.incident is not None and is_record else incident
        yield Finding(
            page.span_of(heading.piece),
            f"the title {quoted(heading.text)} has no word in common with the incident {quoted(name)}: is it another document's?",
        )


_PLACEHOLDER: Final = re.compile(rf"{_MARK.pattern}|{{{{|<|\[")


@rule("STR012", "filename-mismatch", Severity.WARNING, applies=Applies.BOTH)
def filename_mismatch(page: Page, facts: Facts) -> Iterator[Finding]:
    """The file has another name than the incident in its front matter.

    Why
    ---
    Tools and people find the document of an incident by its name. One that says another name inside is a copy whose
    front matter was left as it was, or a file that was renamed.

    Bad
    ---
        ---
        incident: 2026-04-02-mail-relay
        status: final
        authors: [ann]
        reviewers: [cleo]
        ---

        # Checkout latency, and the mail relay

    Good
    ----
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        ---

    Source
    ------
    incidentctl's own format: a file is named after its incident.

    Notes
    -----
    A name that holds the incident's id, or its id without the date, is fine, and so is a folder of that name. Where the
    document was copied, `STR011`, `HDR011` and `LNK002` may find what else was left.
    """
    key = "id" if page.kind is PageKind.INCIDENT else "incident"
    identity = page.value(key)
    if identity is None or _ID.fullmatch(identity) is None:
        return
    parts = page.path.replace("\\", "/").split("/")
    name, dot, _ = parts[-1].rpartition(".")
    if not dot or name.startswith(("<", "-")) or identity in page.path:
        return
    slug = identity[11:]
    if slug in name and (not _FILE_DAY.search(name) or identity[:10] in name):
        return
    yield Finding(
        page.span_of_key(key),
        f"the front matter says {quoted(identity)} and the file is called {quoted(parts[-1])}: make the two agree",
        key=identity,
    )


_FILE_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


@rule("STR013", "draft-for-merge", Severity.ERROR)
def draft_for_merge(page: Page, facts: Facts) -> Iterator[Finding]:
    """A document that is still a draft stands in a pull request that is ready to be merged.

    Why
    ---
    In a draft much is only a warning, since it is being written. Merged as a draft it would stay one, and nobody would
    ask for what is missing.

    Bad
    ---
        ---
        incident: 2026-05-14-checkout-latency
        status: draft
        authors: [ann]
        reviewers: [cleo]
        ---

    Good
    ----
        ---
        incident: 2026-05-14-checkout-latency
        status: in_review
        authors: [ann]
        reviewers: [cleo]
        ---

    Source
    ------
    incidentctl's own process: draft, in review, final.

    Notes
    -----
    Only in a pull or merge request of which CI says that it is not a draft itself; elsewhere the rule finds nothing.
    """
    if not facts.is_pull_request or facts.is_draft_pull_request is not False:
        return
    value = page.header.first(Field.STATUS)
    if value is not None and read_status(value.raw) is DocumentStatus.DRAFT:
        yield Finding(
            value.span,
            "this is a draft in a pull request that is none: set `status: in_review`, or make the pull request a draft",
        )


RULES = (
    missing_section,
    empty_section,
    placeholder_left,
    nonstandard_heading,
    section_order,
    duplicate_section,
    heading_level,
    pseudo_heading,
    thin_section,
    summary_too_long,
    title_mismatch,
    filename_mismatch,
    draft_for_merge,
)
