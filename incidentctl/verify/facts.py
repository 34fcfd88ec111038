"""What is asked of one version of a file: its entries and action items by id. Never raises: what cannot be read says so."""

from collections import Counter
from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from incidentctl.document.action_item_edits import items_of
from incidentctl.document.action_items import ActionItem
from incidentctl.document.entry_changes import entries_by_id
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import parse_document
from incidentctl.document.postmortem import DocumentStatus, read_status
from incidentctl.document.section_names import OwnNames
from incidentctl.incident.entries import Entry, Opened

_UNREADABLE = ("conflict-markers", "not-text")


class Family(Enum):
    """What a file of the record is."""

    INCIDENT = "incidents"
    POSTMORTEM = "postmortems"


class Facts(Struct, frozen=True):
    """One version of a file. `id` is what its front matter says, `opening` the id of its Opened entry,
    or of the first one where it has none.

    `repeated` are ids that more than one entry has, `differing` the folded keys that say more than the entries.
    `published`: it is a post-mortem, and final.
    """

    is_readable: bool = True
    id: str | None = None
    opening: str | None = None
    entries: Mapping[str, Entry] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    differing: tuple[str, ...] = ()
    items: Mapping[str, ActionItem] = field(default_factory=dict)
    typed_items: frozenset[str] = frozenset()
    published: bool = False


UNREADABLE = Facts(is_readable=False)


def facts_of(text: str, family: Family, name: str, names: OwnNames = None) -> Facts:
    """The facts of a text. `name` is the file's, from which ids of typed lines are derived; `names` are a team's own of sections."""
    document = parse_document(text, incident=name)
    if any(fault.code in _UNREADABLE for fault in document.faults):
        return UNREADABLE
    key = "id" if family is Family.INCIDENT else "incident"
    said = document.value(key) if document.is_readable else None
    id_ = said.strip() if isinstance(said, str) and said.strip() else None
    if family is Family.POSTMORTEM:
        placed = [each for each in items_of(document, name, names) if each.is_task and not each.item.is_blank]
        status = document.value("status") if document.is_readable else None
        return Facts(
            id=id_,
            items={each.item.id: each.item for each in placed},
            typed_items=frozenset(each.item.id for each in placed if each.is_typed),
            published=read_status(status if isinstance(status, str) else None) is DocumentStatus.FINAL,
        )
    entries = entries_by_id(document.entries)
    repeated = frozenset[str]()
    if len(entries) < len(document.placed):
        counts = Counter(entry.id for entry in document.entries)
        repeated = frozenset(each for each, count in counts.items() if count > 1)
    ordered = sorted(entries.values(), key=lambda entry: entry.order)
    opening = next(
        (entry.id for entry in ordered if isinstance(entry.what, Opened)), ordered[0].id if ordered else None
    )
    return Facts(id=id_, opening=opening, entries=entries, repeated=repeated, differing=differing_keys(document))
