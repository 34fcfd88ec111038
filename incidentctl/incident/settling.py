"""What was set by two at once, settled on the record: of severities the more severe stands, of a role's holders the later. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import timedelta
from typing import Final

from incidentctl.incident.entries import FOLDED_ROLES, Entry, Opened, RoleChange, SeverityChange, What
from incidentctl.incident.ids import MOST_IN_A_SECOND, counted, derived_id
from incidentctl.incident.lifecycle import effective
from incidentctl.incident.policy import Scale

SETTLER: Final = "incidentctl"
"""The author of a settling entry, an agent."""
_BY_TWO: Final = "set by two at once ("


def settle(ours: Iterable[Entry], theirs: Iterable[Entry], scale: Scale, *, base: Collection[str] = ()) -> list[Entry]:
    """The entries that two sides of a merge need beside their own, so that what they believe is said and not only follows.

    One for the severity and for each role that both sides have set without knowing of the other, to different values. The same
    entries, with the same ids, whichever side comes first and in whichever clone. `base` has the ids of the entries that both come
    from: what one side has removed of these is nothing that the other has set. What counts is the last that each side has set anew,
    also where an older entry is later than both: of three sides one may have removed that, and any order must come to the same.
    """
    first, second = [*ours], [*theirs]
    ids = ({*base, *(entry.id for entry in first)}, {*base, *(entry.id for entry in second)})
    new = (
        [entry for entry in effective(first) if entry.id not in ids[1]],
        [entry for entry in effective(second) if entry.id not in ids[0]],
    )
    subjects: list[tuple[str, Callable[[Entry], str | None]]] = [("severity", _severity)]
    subjects += [(role, _holder_of(role)) for role in _roles(new)]
    found: list[Entry] = []
    for subject, value_of in subjects:
        mine, others = ([entry for entry in side if value_of(entry) is not None] for side in new)
        if mine and others and value_of(mine[-1]) != value_of(others[-1]):
            entry = _settled(subject, value_of, mine, others, scale)
            if entry.id not in ids[0] | ids[1]:
                found.append(entry)
    return found


def is_settling(entry: Entry) -> bool:
    """Whether a merge wrote an entry."""
    return entry.agent and entry.author == SETTLER and entry.text.startswith(_BY_TWO)


def _roles(sides: Iterable[Iterable[Entry]]) -> list[str]:
    named = {entry.what.role for side in sides for entry in side if isinstance(entry.what, RoleChange)}
    return [*(role for role in FOLDED_ROLES if role in named), *sorted(named - {*FOLDED_ROLES})]


def _severity(entry: Entry) -> str | None:
    match entry.what:
        case Opened(severity) | SeverityChange(_, severity):
            return severity
        case _:
            return None


def _holder_of(role: str) -> Callable[[Entry], str | None]:
    """Who has a role from an entry on, empty for nobody; `None` where the entry is about something else."""

    def holder(entry: Entry) -> str | None:
        return entry.what.holder or "" if isinstance(entry.what, RoleChange) and entry.what.role == role else None

    return holder


def _settled(
    subject: str, value_of: Callable[[Entry], str | None], ours: list[Entry], theirs: list[Entry], scale: Scale
) -> Entry:
    earlier, later = sorted((ours[-1], theirs[-1]), key=lambda entry: entry.order)
    who = ", ".join(
        _said(entry, value_of(entry) or "none", is_role=subject != "severity") for entry in (earlier, later)
    )
    what: What
    if subject == "severity":
        before = value_of(later) or ""
        what = SeverityChange(before, scale.more_severe(value_of(earlier) or "", before))
        text = f"{_BY_TWO}{who}), the more severe stands"
    else:
        # A line of ours repeats what was said before it, so it is never the later word itself: else three that were set
        # within one second would end differently with the order of merging.
        word = max((_last_word(ours), _last_word(theirs)), key=lambda entry: entry.order)
        what = RoleChange(subject, value_of(word) or None)
        text = f"{_BY_TWO}{who}), the later stands"
    at, count = later.at, counted(later.id) + 1
    if count > MOST_IN_A_SECOND:
        at, count = at.replace(microsecond=0) + timedelta(seconds=1), 0
    entry_id = derived_id(subject, *sorted((earlier.id, later.id)), count=count)
    return Entry(at=at, what=what, text=text, author=SETTLER, agent=True, id=entry_id)


def _last_word(entries: list[Entry]) -> Entry:
    """The last entry that a person, or another program, wrote."""
    return next((entry for entry in reversed(entries) if not is_settling(entry)), entries[-1])


def _said(entry: Entry, value: str, *, is_role: bool) -> str:
    who = f"@{entry.author}" if entry.author else "somebody"
    return f"{who} {'@' if is_role and value != 'none' else ''}{value}"


def settled_words(entries: Iterable[Entry]) -> Iterator[str]:
    """What settling left out, a line each, for the message of a merge's commit."""
    for entry in entries:
        match entry.what:
            case SeverityChange(_, severity):
                yield f"severity {severity}: {entry.text}"
            case RoleChange(role, holder):
                yield f"{role} {f'@{holder}' if holder else 'none'}: {entry.text}"
            case _:
                pass
