"""Who acts in a sentence: roles, pronouns and known people, never software of the same name, never a guess from capital letters."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from incidentctl.lint.header import Field
from incidentctl.lint.prose import HIDDEN

if TYPE_CHECKING:
    from incidentctl.lint.page import Page

NAME: Final = "\ue000"
"""Stands for each character of a known person's name."""

_HEAD: Final = (
    r"(?:engineers?|developers?|devs?|programmers?|operators?|technicians?|electricians?|admins?|administrators?|sysadmins?"
    r"|dbas?|sres?|authors?|reviewers?|approvers?|deployers?|committers?|maintainers?|contractors?|consultants?|employees?"
    r"|interns?|colleagues?|co-?workers?|responders?|commanders?|testers?|analysts?|officers?|guys?"
    r"|(?:release|duty|shift|incident|change|product|project|engineering|operations|team|qa|night)\s+(?:manager|lead|captain)s?"
    r"|(?:support|service\s+desk|helpdesk)\s+agents?|(?:team|tech)\s+leads?"
    r"|on-?call(?:\s+(?:engineer|person|team|developer|operator|sre|responder|dba)s?)?"
    r"|persons?|teams?|team\s+members?|members?\s+of\s+(?:the|our|an?)\s+(?:[\w-]+\s+){0,2}team|staff)"
)
_FREE: Final = r"(?<![\w'@/.\-\ue000])"
_BARE: Final = (
    r"(?![\w'/\-]|\s*[/\ufffc]|\s+(?:services?|pods?|bots?|jobs?|portals?|prox(?:y|ies)|fields?|headers?|tokens?|accounts?|groups?|pools?"
    r"|models?|process|images?|containers?|deployments?|rotations?|schedules?|load|pages?|access|consoles?|scripts?|tools?|settings?|cli|api"
    r"|plugins?|sdk|errors?|phones?|keys?|channels?)\b)"
)
FREE_NAME: Final = rf"(?<![\w@/.\-{NAME}]){NAME}+"
"""A known person's name that is no part of a longer word."""
FIRST: Final = rf"{_FREE}(?:we|i)(?![\w'/.\-])"
OTHERS: Final = (
    rf"{_FREE}(?:{_HEAD}(?:\s+(?:[a-z]|#?\d{{1,2}})(?=\s))?|he|she|someone|somebody|everyone|everybody|{NAME}+"
    r"|whoever(?:\s+(?!that\b|which\b|whoever\b)[\w'-]+){1,7}?)" + _BARE
)
HUMAN: Final = rf"(?:(?P<first>{FIRST})|(?P<who>{OTHERS}))"
"""A subject. Group `first` is `I` or `we`, `who` anybody else; the sentence is in lower case, names are `NAME`."""

_WORD: Final = r"[\w'\ufffc\ue000.-]+"
TAIL: Final = (
    r"(?:,?\s+who(?:\s+(?!that\b|which\b|who\b|but\b|when\b|noticed\b|saw\b|found\b|said\b|reported\b)"
    rf"{_WORD}){{1,9}}?,?"
    r"|\s+(?:on|in|of|from|at|for|with|doing|running|performing|handling|responsible|[a-z]{3,12}ing)"
    r"(?:\s+(?!that\b|which\b|who\b|and\b|but\b|when\b|it\b|they\b|then\b|was\b|were\b|is\b|are\b|saw\b|found\b|\w+ed\b)"
    rf"{_WORD}){{1,5}}?)?"
)
"""What may stand between a subject and its verb: "of the payments team", ", who was new to the service,"."""

AND_ADVERBS: Final = (
    r"(?:\s+(?:had|has|have|also|then|simply|just|again|always|even|all|both|at\s+first|[a-z]{3,15}ly)){0,3}"
)

_SOFTWARE_TOO: Final = re.compile(
    r"(?:operator|deployer|author|reviewer|approver|committer|maintainer|tester|responder)s?\Z"
)
_SOFTWARE_NEAR: Final = re.compile(
    r"\b(?:custom\s+resources?|crds?|crs?|reconcil\w*|finalizers?|stateful\s?sets?|daemon\s?sets?|replica\s?sets?|kubernetes|k8s"
    r"|helm|controllers?|leader\s+election|its\s+(?:watch|lease|pod|pods|cache|queue|release)|pods?|cluster-admin"
    r"|upgrade\s+to\s+v?\d|release\s+v?\d|version\s+v?\d)\b"
)
_DATA_NEAR: Final = re.compile(r"\b(?:serializers?|fields?|headers?)\b")
_SOFTWARE_ANYWHERE: Final = re.compile(
    r"\bcustom\s+resource|\bcrds?\b|\breconcil|\boperator\s+(?:pods?|pattern|deployment|image|chart|version|container|sdk)"
    r"|[a-z0-9]-operator\b|\b(?:kubernetes|k8s|openshift)\s+operators?\b|`[^`\n]{0,60}operator[^`\n]{0,60}`"
)
_WORD_BEFORE: Final = re.compile(r"([\w\ufffc.-]+)\s+\Z")
_PEOPLE_WORDS: Final = frozenset(
    "the a an our one this that each another first second same on-call duty shift new night datacenter grid database network"
    " lead and or their his her its support system systems security operations platform".split()
)


def is_software(text: str, start: int, end: int) -> bool:
    """Whether a role at a place of a sentence is a program: a Kubernetes operator, the deployer service, an author field."""
    head = text[start:end].lower()
    if not _SOFTWARE_TOO.search(head):
        return False
    before = _WORD_BEFORE.search(text[max(0, start - 40) : start])
    if before:
        word = before[1]
        is_name = word[0].isupper() and word.lower() not in _PEOPLE_WORDS
        if is_name or HIDDEN in word or word.endswith("-"):
            return True
    near = _SOFTWARE_NEAR if head.startswith("operator") else _DATA_NEAR
    return near.search(text.lower()) is not None


def speaks_of_operator_software(lowered: str) -> bool:
    """Whether a document means programs by its operators."""
    return "operator" in lowered and _SOFTWARE_ANYWHERE.search(lowered) is not None


_NO_NAMES: Final = frozenset(
    "will mark grant chase may april june art rob bill drew pat sue dot ray jenkins travis argo salt chef puppet hub"
    " admin root support infra platform ops sre security data team dev deploy build user bot unknown none tbd todo name".split()
)
_HANDLE: Final = re.compile(
    r"(?<![\w/.@-])@(?!here\b|channel\b|everyone\b|all\b|team\b)[A-Za-z][\w-]{0,38}(?![\w/(@]|\.\w)"
)
_GROUP: Final = re.compile(
    r"/|\b(?:teams?|squad|group|guild|ops|sres?|platform|infra\w*|engineering|department|crew|everyone)\b",
    re.IGNORECASE,
)
_AUTHOR_PARTS: Final = re.compile(r"\s*(?:,|;|&|\band\b|\n)\s*")


@lru_cache(maxsize=4)
def known_people(page: "Page", people: frozenset[str]) -> re.Pattern[str]:
    """Finds people who are known: the document's authors and reviewers, owners, those handed in, and every `@handle`."""
    names: set[str] = set(people)
    for key in ("authors", "author", "reviewers", "reviewer", "owner", "owners", "incident_commander", "commander"):
        names.update(page.values(key))
    for value in page.header.all(Field.AUTHOR):
        names.update(_AUTHOR_PARTS.split(value.raw[:300]))
    for placed in page.action_items:
        names.update(owner for owner in placed.item.owners if owner.startswith("@") or " " in owner)
    return people_pattern(names)


def people_pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Finds names as they are written, given names alone, and handles."""
    words: set[str] = set()
    for written in names:
        name = written.strip().strip("*_`[]()<>").strip()
        handle = name.removeprefix("@")
        parts = handle.split()
        if not parts or len(parts) > 4 or not handle[0].isalpha() or _GROUP.search(handle):
            continue
        if len(parts) == 1:
            if handle.lower() not in _NO_NAMES:
                if len(handle) >= 4:
                    words.add(handle)
                if len(handle) >= 3 and handle.isalpha():
                    words.add(handle.capitalize())
            continue
        if any(not part[0].isupper() for part in parts if part[0].isalpha()):
            continue
        words.add(r" ".join(parts))
        if len(parts[0]) >= 3 and parts[0].lower() not in _NO_NAMES:
            words.add(parts[0])
    alternatives = sorted((re.escape(word).replace(r"\ ", r"\s+") for word in words), key=len, reverse=True)
    known = rf"|(?<![\w@/.-])(?:{'|'.join(alternatives)})(?![\w@/-])" if alternatives else ""
    return re.compile(_HANDLE.pattern + known)


def lower_with_names(text: str, people: re.Pattern[str]) -> str:
    """A sentence in lower case, as long as before, with known people written over by `NAME` and straight apostrophes."""
    if people.search(text):
        text = people.sub(lambda match: NAME * len(match[0]), text)
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return lowered.replace("\u2019", "'")
