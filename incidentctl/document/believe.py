"""From what a file says to what we believe: a Document, and what was taken over from hand edits, to an Incident. Pure."""

from msgspec.structs import replace

from incidentctl.document.hand_edits import TakenOver
from incidentctl.document.parse import Document
from incidentctl.incident.entries import FOLDED_KEYS, Entry, Status
from incidentctl.incident.lifecycle import State, fold
from incidentctl.incident.model import Incident


def believe(document: Document, incident: str, taken: TakenOver = TakenOver()) -> Incident:
    """The incident that a file records. Where its front matter cannot be read, what its entries say is believed."""
    entries: tuple[Entry, ...] = (*document.entries, *taken.entries)
    values = document.front.values if document.front else {}
    title = values.get("title")
    return Incident(
        id=incident,
        title=title if isinstance(title, str) and title else document.title or incident,
        entries=entries,
        state=_with_a_status(fold(entries)),
        keys={key: value for key, value in values.items() if key not in FOLDED_KEYS and key != "id"},
    )


def _with_a_status(state: State) -> State:
    """A file without any entry that names a status is an open incident: somebody made it by hand."""
    return state if state.status else replace(state, status=Status.INVESTIGATING)
