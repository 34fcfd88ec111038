"""How the changes of a record look: one line each, by incident, and for programs. Value to text; nothing here prints."""

from collections.abc import Iterable, Sequence
from typing import Final

from incidentctl.incident.times import format_instant
from incidentctl.output.listing import cut
from incidentctl.verify.changes import Change, Kind, Verdict

_WORDS: Final = {
    Kind.ENTRY_EDITED: "entry {what} edited",
    Kind.ENTRY_REMOVED: "entry {what} removed",
    Kind.TIME_MOVED: "entry {what} moved in time",
    Kind.DECLARATION_MOVED: "the declaration, {what}, moved in time",
    Kind.ID_REUSED: "the id {what} used again",
    Kind.INCIDENT_ID_CHANGED: "the incident's id changed",
    Kind.FILE_DELETED: "file deleted",
    Kind.FILE_MOVED: "file moved",
    Kind.ACTION_REMOVED: "action item {what} removed from the published post-mortem",
    Kind.ACTION_DUE_MOVED: "due date of {what} moved in the published post-mortem",
    Kind.KEY_BY_HAND: "{what} changed by hand",
    Kind.KEY_CLASH: "{what} and its entries both changed by hand",
    Kind.SET: "{what} set",
    Kind.WITHDRAWN: "entry {what} withdrawn",
    Kind.REDACTED: "entry {what} redacted",
    Kind.SETTLED: "settled by a merge",
    Kind.PARTED: "parted from another incident of the same id",
    Kind.HISTORY_REWRITTEN: "history rewritten",
    Kind.NOT_SIGNED: "commit {reason}",
}
_IN_QUOTES: Final = (Kind.ENTRY_EDITED, Kind.ENTRY_REMOVED, Kind.ID_REUSED, Kind.ACTION_REMOVED, Kind.SETTLED)
_LONGEST: Final = 72
_AROUND: Final = 24
"""How much of what is alike is shown before a difference."""
_SHORT: Final = 12


def changes_as_lines(changes: Sequence[Change]) -> list[str]:
    """A line a change, below the name of its incident; what is about the branch itself comes first."""
    lines: list[str] = []
    for incident in sorted({change.incident for change in changes}):
        lines.append(incident or "the branch")
        lines += [f"  {_line(change)}" for change in changes if change.incident == incident]
    return lines


def _line(change: Change) -> str:
    parts = [f"{_verdict(change):<11}{_what(change)}{_was_and_is(change)}"]
    if change.put_back is not None:
        parts.append(f"put back in {change.put_back[:_SHORT]}")
    if change.made is not None:
        made = change.made
        parts.append(f"{made.commit[:_SHORT]} by {made.author} <{made.mail}> at {format_instant(made.at)}")
    return " · ".join(" ".join(part.split()) if index else part for index, part in enumerate(parts))


def _verdict(change: Change) -> str:
    return "UNDECLARED" if change.verdict is Verdict.UNDECLARED else change.verdict.value


def _what(change: Change) -> str:
    is_id = change.what[:2] in ("e:", "a:")
    what = change.what if is_id or change.kind is not Kind.ID_REUSED else change.incident
    words = _WORDS[change.kind].format(what=what, reason=change.reason or "")
    if change.kind is Kind.HISTORY_REWRITTEN and change.what:
        words += f" on {change.what}"
    return words


def _was_and_is(change: Change) -> str:
    """What it was and is, and why, in a few words."""
    reason = f" ({_short(change.reason)})" if change.reason and change.kind is not Kind.NOT_SIGNED else ""
    if change.kind in (Kind.REDACTED, Kind.WITHDRAWN):
        return reason
    if change.kind is Kind.HISTORY_REWRITTEN:
        old, new = (change.was or "")[:_SHORT], (change.now or "")[:_SHORT]
        known = f": the tip {old} that this clone knew is not in {new} any more"
        return known if change.verdict is Verdict.UNDECLARED else f": {old} → {new}{reason}"
    if change.was is None and change.now is None:
        return reason
    was, now = _times(change) if change.kind in (Kind.TIME_MOVED, Kind.DECLARATION_MOVED) else _words(change)
    arrow = f"{was or 'none'} → {now or 'none'}" if change.kind is Kind.SET or (was and now) else was or now or ""
    return f": {arrow}{reason}"


def _times(change: Change) -> tuple[str | None, str | None]:
    """The times alone, with the words behind them."""
    was, now = (words or "" for words in (change.was, change.now))
    time, _, rest = now.partition(" ")
    return was.partition(" ")[0], f'{time} "{_short(rest)}"'


def _words(change: Change) -> tuple[str | None, str | None]:
    was, now = (words and " ".join(words.split()) for words in (change.was, change.now))
    if was and now:
        alike = next((at for at, (one, other) in enumerate(zip(was, now, strict=False)) if one != other), 0)
        if alike > _LONGEST - _AROUND:  # else the two would be cut before they differ
            was, now = (f"…{words[alike - _AROUND :]}" for words in (was, now))
    was, now = (None if words is None else _short(words) for words in (was, now))
    if change.kind in _IN_QUOTES:
        return was and f'"{was}"', now and f'"{now}"'
    return was, now


def _short(words: str) -> str:
    return cut(" ".join(words.split()), _LONGEST)


def summary_line(changes: Iterable[Change], *, incidents: int, commits: int) -> str:
    """How many changes of each kind there are, in what; one line, also where nothing was found."""
    found = list(changes)
    counts = {verdict: sum(change.verdict is verdict for change in found) for verdict in Verdict}
    where = f"in {_count(incidents, 'incident')}, {_count(commits, 'commit')}"
    if not found:
        return f"nothing changed after the fact {where}"
    declared = f"{counts[Verdict.DECLARED]} declared {'change' if counts[Verdict.DECLARED] == 1 else 'changes'}"
    waiting = f", {counts[Verdict.WAITING]} not taken in yet" if counts[Verdict.WAITING] else ""
    return f"{counts[Verdict.UNDECLARED] or 'none'} undeclared, {declared}{waiting} {where}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def change_as_data(change: Change) -> dict[str, object]:
    """One change for a program."""
    made = change.made
    return {
        "verdict": change.verdict.value,
        "what": change.kind.value,
        "incident": change.incident or None,
        "path": change.path or None,
        "subject": change.what or None,
        "was": change.was,
        "now": change.now,
        "reason": change.reason,
        "commit": made.commit if made else None,
        "author": {"name": made.author, "mail": made.mail} if made else None,
        "at": format_instant(made.at) if made else None,
        "committed_at": format_instant(made.committed_at) if made else None,
        "by_command": change.by_command,
        "put_back": change.put_back,
    }
