"""What a user asks of one incident, before it is known whether it can be: the word that is saved first. Never decides."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from incidentctl.incident.entries import Entry, RedactReason
from incidentctl.incident.model import Value


class Verb(StrEnum):
    """The commands that write to the record of one incident."""

    OPEN = "open"
    ACK = "ack"
    NOTE = "note"
    UPDATE = "update"
    SEVERITY = "severity"
    ASSIGN = "assign"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CANCEL = "cancel"
    CLOSE = "close"
    SET = "set"
    UNDO = "undo"
    EDIT = "edit"
    REDACT = "redact"


class Author(Struct, frozen=True):
    """Who says it: handles without `@`. `noted_by` typed it for `handle`; an agent is a machine or a program."""

    handle: str
    noted_by: str | None = None
    agent: bool = False


class Redaction(Struct, frozen=True):
    """The words of an entry are to go, and why; its author's name too where that is asked."""

    entry: str
    reason: RedactReason
    hides_author: bool = False


class Happened(StrEnum):
    """What a message is about. Only one that something fires can open an incident."""

    FIRES = "fires"
    ENDS = "ends"
    SAYS = "says"


class AlertWord(Struct, frozen=True):
    """What an alert's message says of an incident, as a request keeps it.

    `keys` are the external ids that it answers to, the first one is written. `text` is the same for the same message. `at` is when
    what it says happened, `firing_since` when what fires now began to, oldest first: both empty where the message says no time.
    `before` is an earlier incident of the same alert, once that is known.
    """

    keys: tuple[str, ...]
    happened: Happened
    text: str
    at: datetime | None = None
    firing_since: tuple[datetime, ...] = ()
    before: str | None = None


class Request(Struct, frozen=True):
    """One command's words. Entries are as asked: without id and author, their left sides unknown.

    `now` is when it was typed, `at` what `--at` said, `given` the names of options that were given (an update carries
    the others over), `target` the entry that `undo` names, `redaction` what `redact` is to do, `chance` the random bits
    of the new ids. With an `alert`, `open` opens an incident only where none has that alert; else it is a note there.
    """

    verb: Verb
    incident: str
    author: Author
    now: datetime
    chance: int
    at: datetime | None = None
    entries: tuple[Entry, ...] = ()
    keys: Mapping[str, Value] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    target: str | None = None
    redaction: Redaction | None = None
    alert: AlertWord | None = None
