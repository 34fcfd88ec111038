"""The sentences of a document with their exact places, without what is no prose: code, quotations, link targets, comments.

Offsets stay those of the file: what is left out is written over, never cut out.
"""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from incidentctl.document.section_names import Role
from incidentctl.lint.blocks import BlockKind

if TYPE_CHECKING:
    from incidentctl.lint.blocks import Block
    from incidentctl.lint.page import Page

HIDDEN: Final = "\ufffc"
"""Stands for each character of code, of quoted speech and of pictures: a thing that has no words."""


class Sentence(Struct, frozen=True):
    """One sentence. `text` is as long as what stands in the file from `start` on; `is_first` of its passage."""

    text: str
    start: int
    is_first: bool = True


class Passage(Struct, frozen=True, dict=True):
    """A paragraph, or a cell of a table: where it stands, what the section around it is for, and the text as it stands."""

    role: Role | None
    start: int
    raw: str

    @cached_property
    def text(self) -> str:
        """The text with everything hidden that is no prose."""
        return mask(self.raw)

    @property
    def sentences(self) -> Iterator[Sentence]:
        """Its sentences, in order."""
        return split_sentences(self.text, self.start)


# ---------------------------------------------------------------------------------------------------------------- masks

_SPECIAL: Final = re.compile(r"[`*_~!\[\]<\"“„«'‘{\\:]")
_ADDRESS: Final = re.compile(r"<(?:https?|ftp|ssh|git)://[^\s<>]*>|\b(?:https?|ftp|ssh|git)://[^\s<>\])]+")
# One pass from the left, so that a quote inside code is code and a bracket inside a quote is a quote.
_MARKUP: Final = re.compile(
    r"""
    (?P<code>(?<!`)(?P<ticks>`+)(?!`))
    | (?P<comment><!--)
    | (?P<autolink><[A-Za-z][A-Za-z0-9+.-]{1,20}:[^\s<>]*>)
    | (?P<tag></?[A-Za-z][^<>\n]{0,300}>)
    | (?P<picture>!\[[^\[\]]{0,1000}\](?:\([^()\s]{0,2000}(?:\s+["'][^"'\n]{0,300}["'])?\)|\[[^\[\]]{0,200}\])?)
    | (?P<footnote>\[\^[^\[\]\s]{1,100}\])
    | (?P<target>\](?:\([^()\s]{0,2000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?(?:\s+["'][^"'\n]{0,300}["'])?\)|\[[^\[\]]{0,200}\]))
    | (?P<quote>"(?=[^\s"])[^"]{1,600}"(?!\w)|“[^“”]{1,600}”|„[^„“”]{1,600}[“”]|«[^«»]{1,600}»
        |(?<![\w'’])'(?=\w)[^'\n]{2,300}'(?![\w'])|(?<!\w)‘(?=\w)[^‘’]{2,300}’(?!\w))
    | (?P<emoji>:[a-z0-9_+-]{2,40}:)
    | (?P<hole>\{\{[^{}]{0,200}\}\})
    | (?P<escape>\\[!-/:-@\[-`{-~])
    | (?P<mark>\*+|~~|(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])|[\[\]])
    """,
    re.VERBOSE,
)
_FILLED: Final = frozenset(("autolink", "picture", "quote", "hole"))


def mask(text: str) -> str:
    """A piece of Markdown with everything hidden that is no prose; as long as it was.

    Code, quoted speech, pictures and addresses become `HIDDEN`; emphasis, brackets, link targets, tags and comments
    become blanks. The words of a link stay. A code span or comment without an end hides nothing and all, as in Markdown.
    """
    if "://" in text:
        text = _ADDRESS.sub(lambda match: HIDDEN * len(match[0]), text)
    parts: list[str] = []
    at = position = 0
    missing: set[int] = set()
    while True:
        special = _SPECIAL.search(text, position)
        if special is None:
            break
        match = _MARKUP.match(text, special.start())
        if match is None:
            position = special.end()
            continue
        kind = match.lastgroup
        if kind == "ticks":
            kind = "code"
        start, end = match.span()
        fill = " "
        if kind == "code":
            width = end - start
            close = -1 if width in missing else _end_of_code(text, end, width)
            position = end
            if close < 0:
                missing.add(width)
                continue
            end, fill = close, HIDDEN
        elif kind == "comment":
            close = text.find("-->", end)
            end = close + 3 if close >= 0 else len(text)
        elif kind in _FILLED:
            fill = HIDDEN
        parts.append(text[at:start])
        parts.append(fill * (end - start))
        at = position = end
    if not parts:
        return text
    parts.append(text[at:])
    return "".join(parts)


def _end_of_code(text: str, start: int, width: int) -> int:
    ticks = "`" * width
    at = text.find(ticks, start)
    while at >= 0:
        end = at + width
        while text.startswith("`", end):
            end += 1
        if end - at == width:
            return end
        at = text.find(ticks, end)
    return -1


# ------------------------------------------------------------------------------------------------------------ sentences

_STOP: Final = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’)\]\ufffc]{0,3}(?=\s)|[。！？]")
_ABBREVIATIONS: Final = frozenset(
    "e.g i.e etc vs cf approx ca resp incl excl fig no nr dr mr mrs ms prof st inc ltd corp dept est min max sec hrs hr"
    " aka a.k.a viz jan feb mar apr jun jul aug sep sept oct nov dec p.m a.m".split()
)
_LAST_WORD: Final = re.compile(r"[\w.]{0,12}\Z")


def split_sentences(text: str, start: int = 0) -> Iterator[Sentence]:
    """The sentences of a masked passage that begins at an offset. Abbreviations, numbers and version names end none."""
    begin = 0
    is_first = True
    for match in _STOP.finditer(text):
        if match[0][0] == ".":
            word = _LAST_WORD.search(text, max(begin, match.start() - 12), match.start())
            if word and word[0].lower().strip(".") in _ABBREVIATIONS and not _begins_sentence(text, match.end()):
                continue
        sentence = _sentence(text, begin, match.end(), start, is_first)
        begin = match.end()
        if sentence:
            is_first = False
            yield sentence
    sentence = _sentence(text, begin, len(text), start, is_first)
    if sentence:
        yield sentence


def _begins_sentence(text: str, at: int) -> bool:
    """Whether what follows an abbreviation can only be a new sentence: an article or pronoun with a capital."""
    return bool(_OPENS.match(text, at))


_OPENS: Final = re.compile(r"\s+(?:The|This|These|That|Those|An?|It|We|I|He|She|They|In|On|At|After|Before|When)\s")


def _sentence(text: str, begin: int, end: int, start: int, is_first: bool) -> Sentence | None:
    words = text[begin:end]
    bare = words.lstrip()
    if not bare:
        return None
    return Sentence(bare.rstrip(), start + begin + len(words) - len(bare), is_first)


# -------------------------------------------------------------------------------------------------------------- the page

_CHAT: Final = re.compile(
    r"(?:\[?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m)?\]?\s{1,3})?<@?[A-Za-z][\w.-]{0,39}>\s"  # [10:31] <ann> text
    r"|\[?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m)?\]?\s{1,3}[*_]{0,2}@?[A-Za-z][\w.-]{0,39}[*_]{0,2}:\s"  # 10:31 ann: text
    r"|[*_]{0,2}@?[A-Za-z][\w.-]{0,39}[*_]{0,2}\s{1,3}[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m)?[\])]?(?:\s|:|$)"  # ann [4:06 PM]
    r"|[*_]{0,2}@[A-Za-z][\w.-]{0,39}[*_]{0,2}:\s",  # @ann: text
    re.IGNORECASE,
)


def is_chat(text: str) -> bool:
    """Whether a passage is a line of a chat: somebody's name, mostly with a time, and what was said."""
    return _CHAT.match(text) is not None


@lru_cache(maxsize=2)
def read_passages(page: "Page") -> tuple[Passage, ...]:
    """The prose of a page outside its headings, in order. Block quotes, code, HTML and chat logs are left out."""
    return tuple(_passages(page))


def _passages(page: "Page") -> Iterator[Passage]:
    yield from _of_blocks(page, page.lead, Role.SUMMARY)
    roles: list[Role | None] = []
    for section in page.sections:
        role = section.role
        if role is None and section.parent is not None:
            role = roles[section.parent]
        roles.append(role)
        if role is not Role.CHAT_LOG:
            yield from _of_blocks(page, section.own_blocks, role)


def _of_blocks(page: "Page", blocks: range, role: Role | None) -> Iterator[Passage]:
    for block in page.blocks[blocks.start : blocks.stop]:
        if block.is_quoted:
            continue
        if block.kind is BlockKind.PARAGRAPH:
            passage = _of_paragraph(page, block, role)
            if passage:
                yield passage
        elif block.kind is BlockKind.TABLE:
            for row in block.rows[1:]:
                for cell in row.cells:
                    if cell.text:
                        yield Passage(role, page.offset(cell.line, cell.column), cell.text)


def _of_paragraph(page: "Page", block: "Block", role: Role | None) -> Passage | None:
    if not block.pieces or is_chat(block.pieces[0].text):
        # A timeline's entry may look like a chat's line; its words are a fact there, and who says them is not known.
        return None
    first, last = block.pieces[0], block.pieces[-1]
    start = page.offset(first.line, first.column)
    end = page.offset(last.line, last.column) + len(last.text)
    return Passage(role, start, page.text[start:end])


# -------------------------------------------------------------------------------------------------------------- language

_ENGLISH: Final = frozenset(
    "the of and to was in is for that we it on with as by this were at from not an be had have which but been are our or"
    " when after before there all no did could would should if then so into while because they their its will".split()
)
_OTHER: Final = frozenset(
    "der die das und ist nicht ein eine den dem des mit auf für von zu wurde wir sich auch nach bei aus durch wird als"
    " le la les des et est que du une pour dans par sur pas nous avec été qui au aux ce il elle"
    " el los las del en por con para una fue se lo su como más al no es y"
    " di il che per non una con della del è sono stato gli nel alla"
    " de het een van en niet op dat met voor door werd zijn wij"
    " o os um uma do da dos das em para não foi com pelo mais"
    " og det som på til er ikke av vi och att är inte för ett av den har"
    " nie się jest na do że był przez po w z i oraz".split()
)


def is_english(text: str) -> bool:
    """Whether prose is English, by its stop words; 4,000 characters are read. Where that says nothing, it counts as English."""
    sample = text[:4_000].lower()
    if (len(sample) - len(sample.encode("ascii", "ignore"))) * 4 > len(sample):
        return False
    words = sample.split()
    if len(words) < 12:
        return True
    english = sum(map(_ENGLISH.__contains__, words))
    if english * 4 >= len(words):
        return True
    other = sum(word in _OTHER and word not in _ENGLISH for word in words)
    return english >= other or other * 25 < len(words)


def speaks_english(page: "Page") -> bool:
    """Whether a page's prose is English: without front matter, headings, quotes and code."""
    text = ""
    for passage in read_passages(page):
        text += passage.raw + "\n"
        if len(text) > 2_000:
            break
    return is_english(text)
