"""How action items look in a terminal, and for programs. Value to text; nothing here prints."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from msgspec import Struct

from incidentctl.document.action_items import ActionItem
from incidentctl.incident.model import DRILL
from incidentctl.output.listing import table


class ListedItem(Struct, frozen=True):
    """An item with the document that it stands in. `branch` is where that is, if not in the work tree."""

    item: ActionItem
    incident: str
    path: str
    line: int
    branch: str | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether it is open and its day is over."""
        due_on = self.item.due_on
        return self.item.is_open and due_on is not None and due_on < today

    @property
    def order(self) -> tuple[bool, date, str, int]:
        """By the day on which it is due; what has none comes last."""
        due_on = self.item.due_on
        return (due_on is None, due_on or date.max, self.incident, self.line)


def items_as_lines(
    items: Iterable[ListedItem], *, today: date, width: int | None, drills: frozenset[str] = frozenset()
) -> list[str]:
    """A line an item: id, when it is due, whose it is, what it is for, the incident, the words. `drills` are marked."""
    rows = [
        (
            f"{DRILL if each.incident in drills else ''}a:{each.item.id}",
            when_words(each, today),
            ", ".join(each.item.owners) or "no owner",
            each.item.type or "",
            each.incident,
            " ".join(each.item.text.split()),
        )
        for each in items
    ]
    return table(rows, width=width, dispensable=(3, 4, 2))


def when_words(listed: ListedItem, today: date) -> str:
    """`2026-06-01`, `overdue 2026-06-01`, `done 2026-05-19`, `dropped 2026-06-11`."""
    item = listed.item
    if item.is_dropped:
        return f"dropped {item.dropped_on or ''}".rstrip()
    if item.is_done:
        return f"done {item.done_on or ''}".rstrip()
    if item.due_on is None:
        return f"due {item.due}" if item.due else "no due date"
    return f"overdue {item.due_on}" if listed.is_overdue(today) else f"due {item.due_on}"


def item_line(listed: ListedItem, what: str, today: date) -> str:
    """What a command that changed one answers: its id and name, what happened, whose and when."""
    item = listed.item
    words = " ".join(item.text.split())
    facts = [", ".join(item.owners) or "no owner"]
    facts += [when_words(listed, today)] if item.is_open else []
    return " · ".join((f"a:{item.id} {listed.incident[11:] or listed.incident} {what}: {words}", *facts))


def item_as_data(listed: ListedItem, today: date) -> dict[str, Any]:
    """One item for a program."""
    item = listed.item
    return {
        "id": f"a:{item.id}",
        "incident": listed.incident,
        "text": item.text,
        "state": "dropped" if item.is_dropped else "done" if item.is_done else "open",
        "overdue": listed.is_overdue(today),
        "owners": [owner.removeprefix("@") for owner in item.owners],
        "due": item.due,
        "due_on": _day(item.due_on),
        "type": item.type,
        "link": {"text": item.link.text, "url": item.link.url} if item.link else None,
        "done_on": _day(item.done_on),
        "evidence": item.evidence or None,
        "dropped_on": _day(item.dropped_on),
        "reason": item.reason or None,
        "path": listed.path,
        "line": listed.line,
        "branch": listed.branch,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
