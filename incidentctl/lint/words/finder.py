"""Looks for blame in a page once for all rules: which sentences, of which sections, about whom. A clean page costs a few searches."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from incidentctl.document.section_names import Role
from incidentctl.lint.diagnostic import Finding, Severity
from incidentctl.lint.prose import Sentence, mask, read_passages
from incidentctl.lint.words.blame import TRIGGERS, Hit, find_hits, has_human
from incidentctl.lint.words.items import without_tag
from incidentctl.lint.words.people import known_people, lower_with_names, speaks_of_operator_software

if TYPE_CHECKING:
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page

CAUSES: Final = frozenset((Role.ROOT_CAUSE, Role.CONTRIBUTING_FACTORS))
SCOPE: Final = CAUSES | {Role.SUMMARY, Role.WENT_POORLY, Role.LESSONS}
"""Where blame is blame: in a timeline a name is a fact, in what went well it is praise."""

SCOPES: Final = {
    **dict.fromkeys(("BLM001", "BLM008", "BLM010", "BLM011", "BLM006"), SCOPE),
    **dict.fromkeys(("BLM002", "BLM003", "BLM004", "BLM005"), SCOPE | {Role.ACTION_ITEMS}),
    "BLM007": SCOPE,
    "BLM009": CAUSES,
    "RCA002": CAUSES | {Role.SUMMARY},
    "TML015": frozenset((Role.TIMELINE,)),
}
"""The sections that each rule reads."""

_SPECIFIC: Final = frozenset(("BLM001", "BLM002", "BLM003", "BLM004", "BLM005", "BLM008", "BLM011"))
_LONGEST: Final = 2_000  # what goes on for longer without an end is no sentence
_ASIDE: Final = frozenset(("BLM006", "BLM010", "TML015"))
"""Rules that are info or off where nobody asks for more: they are looked for apart, since most runs do not show them."""
_READ: Final = {
    is_aside: frozenset().union(*(roles for code, roles in SCOPES.items() if (code in _ASIDE) is is_aside))
    for is_aside in (False, True)
}
_WORDS: Final = {
    is_aside: tuple(
        sorted({word for code, words in TRIGGERS.items() if (code in _ASIDE) is is_aside for word in words})
    )
    for is_aside in (False, True)
}


class Found(Hit, frozen=True):
    """A hit by its offsets in the file, with what stands there."""

    words: str = ""


def _flat(text: str) -> str:
    """For a quick look: lower case, one blank for the end of a line, no emphasis."""
    text = text.lower()
    if "*" in text or "_" in text:
        text = text.replace("*", "").replace("_", "")
    return text.replace("\n", " ").replace("\r", "").replace("\u2019", "'")


@lru_cache(maxsize=4)
def find_blame(page: "Page", people: frozenset[str], *, is_aside: bool = False) -> Mapping[str, tuple[Found, ...]]:
    """What each rule about blame finds on a page, by code; those in `_ASIDE` or the others."""
    passages = [(passage, _flat(passage.raw)) for passage in read_passages(page) if passage.role in _READ[is_aside]]
    everything = "\n".join(flat for _, flat in passages)
    present = frozenset(word for word in _WORDS[is_aside] if word in everything)
    active = {
        code: words
        for code, triggers in TRIGGERS.items()
        if (code in _ASIDE) is is_aside and (words := present.intersection(triggers))
    }
    names = known_people(page, people)
    found: dict[str, list[Found]] = {}
    means_software: bool | None = None
    for passage, flat in passages:
        wanted = [
            code
            for code, words in active.items()
            if passage.role in SCOPES[code] and any(word in flat for word in words)
        ]
        if not is_aside and passage.role in CAUSES and names.search(passage.raw):
            wanted.append("BLM009")
        if not wanted:
            continue
        if means_software is None:
            means_software = speaks_of_operator_software(page.text.lower())
        for sentence in passage.sentences:
            if len(sentence.text) <= _LONGEST:
                _of_sentence(page, sentence, wanted, names, means_software, found)
    return {code: tuple(hits) for code, hits in found.items()}


def _of_sentence(
    page: "Page",
    sentence: Sentence,
    wanted: list[str],
    names: re.Pattern[str],
    means_software: bool,
    found: dict[str, list[Found]],
) -> None:
    lowered = lower_with_names(sentence.text, names)
    flat = lowered.replace("\n", " ")
    seen: set[str] = set()
    is_human = has_human(lowered)
    for code in wanted:
        if code in _YIELDS and not seen.isdisjoint(_YIELDS[code]):
            continue
        if code in TRIGGERS and not any(word in flat for word in TRIGGERS[code]):
            continue
        for hit in find_hits(code, sentence.text, lowered, means_software=means_software, is_human=is_human):
            seen.add(code)
            start, end = sentence.start + hit.start, sentence.start + hit.end
            words = " ".join(page.text[start:end].split())
            found.setdefault(code, []).append(Found(code, start, end, hit.is_first_person, words))


_YIELDS: Final = {"RCA002": _SPECIFIC, "BLM009": _SPECIFIC | {"RCA002"}, "BLM007": frozenset(("BLM005", "BLM008"))}
"""One finding says what is to be said of a sentence: these rules leave it to the others."""


def findings(page: "Page", facts: "Facts", code: str, message: str) -> Iterator[Finding]:
    """The findings of one rule. `{}` in the message stands for the words; the first person is never more than info."""
    for hit in find_blame(page, facts.people, is_aside=code in _ASIDE).get(code, ()):
        yield Finding(
            page.span(hit.start, hit.end),
            message.replace("{}", shorten(hit.words)),
            severity=Severity.INFO if hit.is_first_person else None,
        )


def shorten(words: str) -> str:
    """Words as they are quoted in a message: not more than 60 characters."""
    return words if len(words) <= 60 else words[:57].rstrip() + "…"


@lru_cache(maxsize=4)
def open_items(page: "Page", people: frozenset[str]) -> tuple[tuple[int, str, str], ...]:
    """The words of each action item that is still to be done: offset, masked text, and lower case with names written over."""
    names: re.Pattern[str] | None = None
    items: list[tuple[int, str, str]] = []
    for placed in page.action_items:
        if not placed.item.is_open or placed.item.is_blank:
            continue
        start, end = placed.words
        raw = page.text[start : min(end, start + _LONGEST)]
        text = without_tag(raw, mask(raw))
        if not text.strip():
            continue
        names = names or known_people(page, people)
        items.append((start, text, lower_with_names(text, names)))
    return tuple(items)
