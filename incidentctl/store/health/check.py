"""What a check is and what it says. Knows no check, and judges nothing."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from incidentctl.incident.times import describe_duration

if TYPE_CHECKING:
    from incidentctl.store.health.patient import Patient


class Status(StrEnum):
    """How a check ended. `warning` is to be known and breaks nothing now; `problem` is to be mended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    FIXED = "fixed"
    SKIPPED = "skipped"


class Group(StrEnum):
    """What a check is about; the order is that of the output."""

    MACHINE = "this machine"
    CLONE = "the clone"
    SETTINGS = "settings"
    COMMITS = "commits"
    MERGES = "merges"
    RECORD = "the record"
    SHARING = "sharing"


class Finding(Struct, frozen=True):
    """One line of a check: what is so, and what mends it: a command, or words around one."""

    status: Status
    message: str
    hint: str | None = None


Findings = Iterable[Finding]


class Check(Struct, frozen=True):
    """One thing that is looked at. `about` says what for, to users; `mends` what `--fix` does, where it does anything.

    A check that says nothing has found nothing, and `well` is its line. `needs_repository`: it is skipped where there is none.
    """

    name: str
    group: Group
    about: str
    look: "Callable[[Patient], Findings]"
    mends: str | None = None
    needs_repository: bool = True


class Examined(Struct, frozen=True):
    """A check and what it found, at least one line."""

    check: Check
    findings: tuple[Finding, ...]


def well(message: str) -> Finding:
    """All is as it should be."""
    return Finding(Status.OK, message)


def to_know(message: str, hint: str | None = None) -> Finding:
    """Nothing fails because of it, but somebody should know."""
    return Finding(Status.WARNING, message, hint)


def to_mend(message: str, hint: str | None = None) -> Finding:
    """Something fails because of it, now or at the next command."""
    return Finding(Status.PROBLEM, message, hint)


def mended(message: str) -> Finding:
    """It was wrong, and is not any more."""
    return Finding(Status.FIXED, message)


def not_asked(message: str, hint: str | None = None) -> Finding:
    """The check does not apply here, or was not asked for."""
    return Finding(Status.SKIPPED, message, hint)


def listed(names: Iterable[str], most: int = 3) -> str:
    """A few names of many: `a, b, c and 7 more`."""
    known = list(names)
    more = len(known) - most
    return ", ".join(known[:most]) + (f" and {more} more" if more > 0 else "")


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 file`, `3 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def age(seconds: float) -> str:
    """How long something has been there."""
    return describe_duration(timedelta(seconds=max(0.0, seconds)))
