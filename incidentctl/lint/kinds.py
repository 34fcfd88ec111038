"""Tells a post-mortem from what lies beside it in an archive: indexes, templates, guides."""

import re
from typing import TYPE_CHECKING, Final

from incidentctl.document.section_names import STANDARD, Role

if TYPE_CHECKING:
    from incidentctl.lint.page import Page

_OTHER_NAME: Final = re.compile(
    r"^(?:readme|index|_index|contributing|changelog|license|licence|code[-_]of[-_]conduct|security|summary|_?templates?|guide(?:lines)?"
    r"|.*[-_. ]?template(?:[-_. ].*)?)(?:\.[a-z]{2})?\.(?:md|markdown)$",
    re.IGNORECASE,
)
_DATED_NAME: Final = re.compile(r"\d{4}[-_.]?\d{2}[-_.]?\d{2}")
_HOLE: Final = re.compile(r"(?<![$`\w])\{\{[ \t]{0,4}[A-Za-z][^{}.$|()`\n]{0,80}\}\}")
_WORDS: Final = re.compile(r"\b(?:post[- ]?mortem|incident|outage|retrospective)\b", re.IGNORECASE)

_MONTH: Final = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)\b",
    re.IGNORECASE,
)


def looks_like_postmortem(page: "Page") -> bool:
    """Whether a page can be a post-mortem, by its front matter, its name and its sections."""
    name = page.path.rsplit("/", 1)[-1]
    if page.value("incident"):
        return True
    if _OTHER_NAME.match(name):
        return False
    if "{{" in page.text and len(_HOLE.findall(page.text[:20_000])) >= 3:
        return False
    roles = {section.role for section in page.sections if section.role in STANDARD or section.role is Role.LESSONS}
    if len(roles) >= 2:
        return True
    is_dated = bool(_DATED_NAME.search(name)) or (page.title is not None and page.header.day is not None)
    title = (page.title or "")[:200]
    if _WORDS.search(title) and _MONTH.search(title):
        return True
    return is_dated and (bool(roles) or bool(_WORDS.search(page.text[:5_000])) or page.timeline is not None)
