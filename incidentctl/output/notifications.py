"""What became of notices: a line each, and the same for programs. Value to text; nothing here prints."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from incidentctl.incident.times import clock, format_instant


class Told(StrEnum):
    """How far a notice got with one target."""

    SENT = "sent"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    GIVEN_UP = "given_up"
    BEFORE = "sent_before"
    BUSY = "in_hand"
    NO_ADDRESS = "no_address"
    NOT_MEANT = "not_meant"
    DROPPED = "dropped"
    WOULD_SEND = "would_send"


class Account(Struct, frozen=True):
    """What became of one entry for one target. `why` is in our own words; `not_before` is when the target may be asked again."""

    target: str
    incident: str
    entry: str
    told: Told
    why: str = ""
    not_before: datetime | None = None

    def as_data(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "target": self.target,
            "incident": self.incident or None,
            "entry": self.entry or None,
            "outcome": self.told.value,
            "why": self.why or None,
            "not_before": format_instant(self.not_before) if self.not_before else None,
        }


def account_lines(accounts: Iterable[Account]) -> list[str]:
    """Who was told on one line, and a line for each who was not."""
    accounts = list(accounts)
    sent = Counter(each.target for each in accounts if each.told is Told.SENT)
    names = [name if count == 1 else f"{name} ({count})" for name, count in sent.items()]
    lines = [f"told: {', '.join(names)}"] if names else []
    missing = [each.target for each in accounts if each.told is Told.NO_ADDRESS]
    if missing:
        lines.append(f"not told: {', '.join(missing)}: no address here; `ictl notify --list` says what is missing")
    waiting = Counter(each.target for each in accounts if each.told is Told.WAITING)
    for each in accounts:
        more = waiting.pop(each.target, 0) - 1 if each.told is Told.WAITING else 0
        if more < 0:  # it was said of the first one
            continue
        if line := _line(each, f" ({more} more after it)" if more else ""):
            lines.append(line)
    return lines


def _line(account: Account, more: str) -> str:
    name, why = account.target, account.why
    match account.told:
        case Told.WAITING:
            later = f" from {clock(account.not_before)} on" if account.not_before else ""
            return f"not told yet: {name}{more}: {why}; `ictl notify --retry` or `ictl sync` tries again{later}"
        case Told.UNKNOWN:
            return f"not known whether {name} was told: {why}; it is not sent twice; `ictl notify --again --to {name}` does"
        case Told.GIVEN_UP:
            return f"not told: {name}: {why}; given up; `ictl notify --again --to {name}` sends it once more"
        case Told.BEFORE:
            return f"{name} was told before; `--again` tells it again"
        case Told.BUSY:
            return f"{name}: another command is about to tell it"
        case Told.NOT_MEANT:
            return f"{name} is not told: {why}"
        case Told.DROPPED:
            return f"not told: {name}: {why}"
    return ""
