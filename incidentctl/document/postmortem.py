"""A post-mortem's own keys, header and sections: read from its text, and written into it. Judges nothing: that is lint's."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from incidentctl.document.edit import EditError, set_key
from incidentctl.document.front_matter import scalar, written
from incidentctl.document.parse import Document, Section, parse_document
from incidentctl.document.places import Fault
from incidentctl.document.section_names import OwnNames, Role, role_of
from incidentctl.errors import RefusedError
from incidentctl.incident.model import Value
from incidentctl.incident.words import handle_of

_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HEADER_FIELD: Final = re.compile(r"\*\*(Date|Severity|Duration|Author)\*\*:[ \t]*([^|\n]*)")


class DocumentStatus(StrEnum):
    """How far a post-mortem has come."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    FINAL = "final"


class Postmortem(Struct, frozen=True):
    """What a post-mortem says of itself; what it does not say is `None` or empty. Handles are without `@`.

    `status` is `None` for a word that is none of ours. `header` holds the words behind Date, Severity, Duration, Author.
    """

    document: Document
    title: str
    incident: str | None = None
    status: DocumentStatus | None = None
    authors: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    published_at: str | None = None
    root_cause: str | None = None
    header: Mapping[str, str] = {}

    @property
    def outside_reviewers(self) -> tuple[str, ...]:
        """Those who review it and did not write it."""
        writers = {author.casefold() for author in self.authors}
        return tuple(each for each in self.reviewers if each.casefold() not in writers)

    def words_of(self, role: Role, names: OwnNames = None) -> str:
        """What stands in the first section of that role, under whichever name, without comments; empty where there is none."""
        for section in sections_of(self.document, role, names):
            return _COMMENT.sub("", self.document.text[section.body : section.end]).replace("\r\n", "\n").strip()
        return ""


def read_postmortem(text: str, *, incident: str = "") -> Postmortem:
    """Reads a document. Never raises: what is missing or broken is not known."""
    document = parse_document(text, incident=incident)
    front = document.front.values if document.is_readable and document.front else {}
    return Postmortem(
        document=document,
        title=document.title or incident,
        incident=_word(front.get("incident")),
        status=read_status(_word(front.get("status"))),
        authors=_handles(front.get("authors") or front.get("author")),
        reviewers=_handles(front.get("reviewers") or front.get("reviewer")),
        published_at=_word(front.get("published_at")),
        root_cause=_word(front.get("root_cause")),
        header={field.lower(): words.strip() for field, words in reversed(_HEADER_FIELD.findall(text[:20_000]))},
    )


def sections_of(document: Document, role: Role, names: OwnNames = None) -> list[Section]:
    """The sections of a document that are for one thing, under whichever name. `names` are a team's own."""
    return [section for section in document.sections if role_of(section.title, names)[0] is role]


def faults_of(document: Document) -> list[Fault]:
    """The faults after which no command could write the document: of its front matter, and marks of a merge.

    Its timeline is for people: what none of our entries says there is for lint to judge.
    """
    front = document.front.faults if document.front else ()
    return [*front, *(fault for fault in document.faults if fault.code == "conflict-markers")]


def read_status(word: str | None) -> DocumentStatus | None:
    """A status as people spell it: `In review`, `in-review`; `None` for any other word."""
    wanted = re.sub(r"[\s-]+", "_", (word or "").strip().lower())
    return DocumentStatus(wanted) if wanted in tuple(DocumentStatus) else None


def _word(value: Value) -> str | None:
    return value if isinstance(value, str) and value else None


def _handles(value: Value) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value if isinstance(value, tuple) else []
    names = [part for word in words if isinstance(word, str) for part in word.split(",")]
    return tuple(handle_of(name) or name.strip() for name in names if name.strip())


def set_keys(text: str, keys: Mapping[str, Value], *, incident: str = "") -> str:
    """The text with keys of the front matter set, every other byte as it stood. A text without front matter is given one.

    Raises `RefusedError` where the front matter cannot be written.
    """
    document = parse_document(text, incident=incident)
    if document.front is None:
        given: dict[str, Value] = {"incident": incident} if incident else {}
        return _with_front_matter(text, given | dict(keys), document.newline)
    for key, value in keys.items():
        document = parse_document(text, incident=incident)
        if document.front is None or not document.front.is_readable:
            fault = document.faults[0]
            raise RefusedError(
                f"the front matter of the post-mortem cannot be written: line {fault.line}: {fault.message}",
                hint="mend it in your editor",
            )
        try:
            text = set_key(document, key, value)
        except EditError as error:
            raise RefusedError(f"{error}", hint=f"write `{key}: {written(value, key=key)}` in your editor") from None
    return text


def _with_front_matter(text: str, keys: Mapping[str, Value], newline: str) -> str:
    mark, body = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    lines = ["---", *(f"{scalar(key)}: {written(value, key=key)}" for key, value in keys.items()), "---", ""]
    return mark + newline.join((*lines, body))


# ------------------------------------------------------------------------------------------------------------- header


def header_line(*, day: date | str, severity: str, duration: str, authors: Sequence[str]) -> str:
    """The line below the title. `duration` is words, as `duration_words` gives them."""
    names = ", ".join(f"@{author}" for author in authors)
    return f"**Date**: {day} | **Severity**: {severity} | **Duration**: {duration} | **Author**: {names}"


def duration_words(duration: timedelta) -> str:
    """`2h 8m`: hours and minutes, however long it took, what is less than a minute cut off."""
    minutes = max(duration, timedelta(0)) // timedelta(minutes=1)
    return f"{minutes // 60}h {minutes % 60}m"


def front_matter(incident: str, *, authors: Iterable[str]) -> list[str]:
    """The lines of a new document's front matter, with their fences."""
    return [
        "---",
        f"incident: {scalar(incident)}",
        f"status: {DocumentStatus.DRAFT.value}",
        f"authors: {written(tuple(authors))}",
        "reviewers: []",
        "root_cause:",
        "---",
    ]
