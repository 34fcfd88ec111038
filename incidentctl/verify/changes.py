"""The words of verification: what can be changed on the record after the fact, whether it was declared, and by whom. Judges nothing."""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

_CLAIM: Final = re.compile(
    r"^(Incident|Incident-Event|Incident-Edited|Incident-Rewrite|Action): (.+?)\r?$", re.MULTILINE
)
_REWRITE: Final = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\.\.([0-9a-f]{40}|[0-9a-f]{64})(?:[ \t]+(.*))?")


class Verdict(StrEnum):
    """Whether a change stands where others can read it.

    `waiting` is a key that was changed by hand, which is welcome: the next command that writes takes it into the timeline.
    """

    UNDECLARED = "undeclared"
    DECLARED = "declared"
    WAITING = "waiting"


class Kind(StrEnum):
    """What was changed."""

    ENTRY_EDITED = "entry_edited"
    ENTRY_REMOVED = "entry_removed"
    TIME_MOVED = "time_moved"
    DECLARATION_MOVED = "declaration_moved"
    ID_REUSED = "id_reused"
    INCIDENT_ID_CHANGED = "incident_id_changed"
    FILE_DELETED = "file_deleted"
    FILE_MOVED = "file_moved"
    ACTION_REMOVED = "action_removed"
    ACTION_DUE_MOVED = "action_due_moved"
    KEY_BY_HAND = "key_by_hand"
    KEY_CLASH = "key_clash"
    SET = "set"
    WITHDRAWN = "withdrawn"
    REDACTED = "redacted"
    SETTLED = "settled"
    PARTED = "parted"
    HISTORY_REWRITTEN = "history_rewritten"
    NOT_SIGNED = "not_signed"


class Made(Struct, frozen=True):
    """A commit as far as verification asks: who made it and when, as git has it."""

    commit: str
    author: str
    mail: str
    at: datetime
    committed_at: datetime


class Change(Struct, frozen=True):
    """One change of the record. `what` names what was changed: `e:ID`, `a:ID`, a key, or nothing for the whole file.

    `was` and `now` are words, several lines perhaps; `None` where there is nothing, or where it is not to be told. `put_back`
    is the commit that made it as it had been. `incident` is empty, and `made` is None, for what is about the branch itself.
    """

    verdict: Verdict
    kind: Kind
    incident: str = ""
    path: str = ""
    what: str = ""
    was: str | None = None
    now: str | None = None
    reason: str | None = None
    made: Made | None = None
    by_command: bool = False
    put_back: str | None = None


class Rewrite(Struct, frozen=True):
    """A rewriting of history that somebody declared: the tip before it, the tip after it, and why."""

    old: str
    new: str
    reason: str


class Claims(Struct, frozen=True):
    """What a commit's message says that the commit does. Only a claim: it counts where the files bear it out."""

    incidents: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    edited: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    rewrites: tuple[Rewrite, ...] = ()


_NO_CLAIMS: Final = Claims()


def read_claims(message: str) -> Claims:
    """The claims of a message, wherever in it they stand: a squashed merge keeps them in its middle. Ids are without `e:` and `a:`."""
    if "Incident" not in message and "Action: " not in message:
        return _NO_CLAIMS
    found: dict[str, list[str]] = {}
    for key, value in _CLAIM.findall(message):
        found.setdefault(key, []).append(value.strip())
    rewrites = (_REWRITE.fullmatch(value) for value in found.get("Incident-Rewrite", ()))
    return Claims(
        incidents=frozenset(found.get("Incident", ())),
        events=_ids(found.get("Incident-Event", ()), "e:"),
        edited=_ids(found.get("Incident-Edited", ()), "e:") | _ids(found.get("Incident-Edited", ()), "a:"),
        actions=_ids(found.get("Action", ()), "a:"),
        rewrites=tuple(Rewrite(match[1], match[2], match[3] or "") for match in rewrites if match),
    )


def _ids(values: Iterable[str], mark: str) -> frozenset[str]:
    words = (word for value in values for word in value.split())
    return frozenset(word.removeprefix(mark) for word in words if word.startswith(mark))
