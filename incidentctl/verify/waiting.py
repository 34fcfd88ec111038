"""Keys of the front matter that people changed by hand and no command has taken into the timeline yet. Pure."""

from collections.abc import Sequence
from datetime import datetime

from incidentctl.document.hand_edits import PastVersion, take_over
from incidentctl.incident.entries import KeySet
from incidentctl.verify.changes import Change, Kind, Made, Verdict


def waiting_changes(
    history: Sequence[tuple[Made, PastVersion]], *, incident: str, path: str, now: datetime
) -> list[Change]:
    """What the last version says beyond its entries. `history` is newest first, down to the last version that said no more.

    Where a key and the entries that feed it were both changed, nobody can tell which is meant: that is undeclared.
    """
    last = history[0][1].document
    taken = take_over(last, (version for _, version in history), incident=incident, by="", now=now)
    makers = {version.commit: made for made, version in history}
    changes: list[Change] = []
    for entry in taken.entries:
        kind = entry.what.key if isinstance(entry.what, KeySet) else entry.kind
        value = entry.what.new if isinstance(entry.what, KeySet) else getattr(entry.what, "after", None)
        words = value or getattr(entry.what, "holder", None) or entry.kind
        made = makers.get(entry.by_hand or "")
        changes.append(Change(Verdict.WAITING, Kind.KEY_BY_HAND, incident, path, kind, now=str(words), made=made))
    for clash in taken.clashes:
        key = clash.partition(" ")[0]
        newest = history[0][0]
        changes.append(Change(Verdict.UNDECLARED, Kind.KEY_CLASH, incident, path, key, reason=clash, made=newest))
    return changes
