"""Which entries of a text another version of it has otherwise, or not at all. Entries that are new are none of them. Pure."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.document.parse import Document
from incidentctl.incident.entries import Entry


class EntryChange(Struct, frozen=True):
    """An entry as it was under this id, and as it is: `None` where it is gone."""

    id: str
    before: Entry
    after: Entry | None


def entries_by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entries by id, in their order; of two with one id the first."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(entry.id, entry)
    return found


def same_entry(one: Entry, other: Entry) -> bool:
    """Whether two entries say the same, however they are laid out, and whether or not their id is written down."""
    return one == other or replace(one, typed=other.typed) == other


def changed_entries(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> list[EntryChange]:
    """The entries of `before` that `after` has otherwise or no more, in their order.

    The id of a typed line follows from its words: another line of the same moment, or with the same words, that came
    while it went is this one, changed. So is one that is the same but for an id that was written down.
    """
    if before == after:
        return []
    changes: list[EntryChange] = []
    new = [entry for id_, entry in after.items() if id_ not in before]
    for id_, entry in before.items():
        now = after.get(id_)
        if now is None:
            now = _successor(entry, new)
            if now is not None:
                new.remove(now)
            is_only_counted_anew = now is not None and entry.typed and now.typed and replace(entry, id=now.id) == now
            if not is_only_counted_anew:
                changes.append(EntryChange(id_, entry, now))
        elif not same_entry(entry, now):
            changes.append(EntryChange(id_, entry, now))
    return changes


def _successor(entry: Entry, new: list[Entry]) -> Entry | None:
    """The new entry that stands for one that is gone."""

    def says_the_same(other: Entry) -> bool:
        return (other.what, other.text, other.author) == (entry.what, entry.text, entry.author)

    def is_typed(other: Entry) -> bool:
        return entry.typed or other.typed

    ways: tuple[Callable[[Entry], bool], ...] = (
        lambda other: other.at == entry.at and says_the_same(other),
        lambda other: other.at == entry.at and is_typed(other),
        lambda other: says_the_same(other) and is_typed(other),
    )
    return next((other for way in ways for other in new if way(other)), None)


def edited_ids(before: Document, after: Document) -> tuple[str, ...]:
    """The ids of the entries that an edit of a text changed or removed, as they were before it."""
    changes = changed_entries(entries_by_id(before.entries), entries_by_id(after.entries))
    return tuple(change.id for change in changes)
