"""Which incident is meant: by name, by the environment, the current one, the only active one, or by asking."""

from datetime import timedelta

from incidentctl.context import Workspace
from incidentctl.errors import AmbiguousIncidentError, NoSuchIncidentError
from incidentctl.incident.entries import Status
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.times import parse_instant
from incidentctl.store.current import forget_current, read_current, write_current
from incidentctl.store.reading import Row, matching

_RECENT = timedelta(days=7)
_MOST_CANDIDATES = 10


def split_name(words: list[str] | None) -> tuple[str | None, list[str]]:
    """A full id as the first word names the incident; everything else is text."""
    words = list(words or ())
    if words and is_incident_id(words[0]):
        return words[0], words[1:]
    return None, words


def incident_to_write(workspace: Workspace, name: str | None, *, after_the_fact: bool = False) -> str:
    """The full id that a verb which writes means. Parts of an id name one among the active and those of the last week.

    `after_the_fact` is for verbs that are said of what is over: there the only recent one is meant where none is active.
    """
    words = name or workspace.outside.environ.get("INCIDENTCTL_INCIDENT")
    if words:
        return _named_to_write(workspace, words)
    current = current_incident(workspace)
    if current is not None:
        return current
    rows = workspace.reader.rows()[0]
    active = [row for row in rows if counts_as_active(workspace, row)]
    if len(active) == 1:
        return active[0].id
    candidates = active or [row for row in rows if _is_recent(workspace, row)]
    if after_the_fact and len(candidates) == 1:
        return candidates[0].id
    return _choose(workspace, candidates, "several incidents are active" if active else "no incident is active")


def incident_to_read(workspace: Workspace, name: str | None) -> str:
    """The full id that a command which only reads means: parts of an id name one among all."""
    words = name or workspace.outside.environ.get("INCIDENTCTL_INCIDENT")
    if not words:
        return incident_to_write(workspace, None, after_the_fact=True)
    if is_incident_id(words) and workspace.reader.exists(words):
        return words
    return _only(workspace, matching(workspace.reader.rows()[0], words), words)


def _named_to_write(workspace: Workspace, words: str) -> str:
    if is_incident_id(words) and workspace.reader.exists(words):
        return words
    rows = workspace.reader.rows()[0]
    near = [row for row in rows if counts_as_active(workspace, row) or _is_recent(workspace, row)]
    found = matching(near, words)
    if not found and (older := matching(rows, words)):
        raise NoSuchIncidentError(
            f"no incident of the last week is called {words!r}",
            hint="an older one is meant by its full id",
            candidates=[_line(row) for row in older[-_MOST_CANDIDATES:]],
        )
    return _only(workspace, found, words)


def _only(workspace: Workspace, found: list[Row], words: str) -> str:
    if len(found) == 1:
        return found[0].id
    if not found:
        known = [row.id for row in workspace.reader.rows()[0]]
        from difflib import get_close_matches

        close = get_close_matches(words, known, n=3) or get_close_matches(words, [name[11:] for name in known], n=3)
        raise NoSuchIncidentError(f"there is no incident {words!r}", hint="see them all: ictl list", candidates=close)
    return _choose(workspace, found, f"{words!r} may mean several incidents")


def _choose(workspace: Workspace, candidates: list[Row], problem: str) -> str:
    """Asks on a terminal; elsewhere the candidates are the error's."""
    shown = sorted(candidates, key=lambda row: row.last_at or "", reverse=True)[:_MOST_CANDIDATES]
    outside = workspace.outside
    if not shown:
        raise NoSuchIncidentError(problem, hint='declare one: ictl open "What is wrong"')
    if outside.is_terminal:
        outside.talk(f"{problem}:")
        for number, row in enumerate(shown, 1):
            outside.talk(f"  {number}  {_line(row)}")
        answer = outside.ask(f"which one? [1-{len(shown)}] ")
        if answer.isdecimal() and 1 <= int(answer) <= len(shown):
            return shown[int(answer) - 1].id
    raise AmbiguousIncidentError(
        problem, hint="name one with -i, or choose it with `ictl use`", candidates=[_line(row) for row in shown]
    )


def _line(row: Row) -> str:
    return f"{row.id}  {row.keys.get('severity') or '-'} {row.keys.get('status') or '-'}  {row.title}"


def counts_as_active(workspace: Workspace, row: Row) -> bool:
    """Investigating to mitigated; what is only a ticket does not count, nor what no human has taken yet."""
    status = row.keys.get("status")
    if status is None or status not in tuple(Status) or not Status(status).is_active:
        return False
    severity = workspace.settings.scale.find(row.keys.get("severity") or "")
    return severity is None or not severity.ticket


def _is_recent(workspace: Workspace, row: Row) -> bool:
    last = parse_instant(row.last_at) if row.last_at else None
    declared = parse_instant(row.keys.get("declared_at") or f"{row.id[:10]}T00:00:00Z")
    latest = max((at for at in (last, declared) if at is not None), default=None)
    return latest is not None and workspace.now - latest <= _RECENT


# ------------------------------------------------------------------------------------------------ the current incident


def current_incident(workspace: Workspace) -> str | None:
    """The incident that was opened, taken or chosen last in this clone."""
    name = read_current(workspace.repository)
    return name if is_incident_id(name) and workspace.reader.exists(name) else None


def make_current(workspace: Workspace, incident: str) -> None:
    """From now on commands without a name mean this one. That it cannot be kept is no reason to fail."""
    if not write_current(workspace.repository, incident):
        workspace.outside.talk(f"warning: {incident} could not be kept as the current incident: name it with -i")


def drop_current(workspace: Workspace, incident: str) -> None:
    """Forgets the current incident, if it is this one."""
    if read_current(workspace.repository) == incident:
        forget_current(workspace.repository)
