"""Which incident is meant: by name, by the environment, the current one, the only active one, or by asking."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from incidentctl.context import Workspace
from incidentctl.errors import AmbiguousIncidentError, IncidentctlError, NoSuchIncidentError, UsageError
from incidentctl.incident.entries import Status
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.model import DRILL
from incidentctl.incident.times import parse_instant, quoted
from incidentctl.output.failures import Described
from incidentctl.store.current import KEPT, forget_current, read_current, write_current
from incidentctl.store.reading import Row, incident_path, matching

_RECENT = timedelta(days=7)
_MOST_CANDIDATES = 10
_STATUSES = tuple(status.value for status in Status)


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
    words = _words(workspace, name)
    if words:
        with _told_whence(workspace, name):
            return _named_to_write(workspace, words)
    current = current_incident(workspace)
    if current is not None:
        return current
    candidates, is_active = _candidates(workspace)
    if len(candidates) == 1 and (is_active or after_the_fact):
        return candidates[0].id
    return _choose(workspace, candidates, "several incidents are active" if is_active else "no incident is active")


def incident_to_read(workspace: Workspace, name: str | None) -> str:
    """The full id that a command which only reads means: parts of an id name one among all."""
    words = _words(workspace, name)
    if not words:
        return incident_to_write(workspace, None, after_the_fact=True)
    if is_incident_id(words) and workspace.reader.exists(words):
        return words
    with _told_whence(workspace, name):
        return _only(workspace, matching(workspace.reader.rows()[0], words), words)


@contextmanager
def _told_whence(workspace: Workspace, name: str | None) -> Iterator[None]:
    """Says of a name that leads nowhere that it was not typed, where it comes from the environment."""
    try:
        yield
    except NoSuchIncidentError as error:
        if name is not None:
            raise
        message = f"{error.message}, as INCIDENTCTL_INCIDENT says"
        raise NoSuchIncidentError(message, hint=error.hint, candidates=error.candidates) from None


def meant_without_a_name(workspace: Workspace) -> tuple[str | None, str]:
    """The incident that commands mean if they name none, and why where that needs a word."""
    words = workspace.outside.environ.get("INCIDENTCTL_INCIDENT")
    if words:
        return incident_to_read(workspace, words), f"INCIDENTCTL_INCIDENT is set, and comes first: {words}"
    current = current_incident(workspace)
    if current is not None:
        return current, ""
    candidates, is_active = _candidates(workspace)
    return (candidates[0].id, "it is the only active one") if is_active and len(candidates) == 1 else (None, "")


def is_meant_without_a_name(workspace: Workspace, incident: str) -> bool:
    """Whether a command after the fact would mean this incident if it named none: asked before one is recommended."""
    if workspace.outside.environ.get("INCIDENTCTL_INCIDENT"):
        return _words(workspace, None) == incident
    current = current_incident(workspace)
    if current is not None:
        return current == incident
    candidates, is_active = _candidates(workspace)
    if len(candidates) != 1 or candidates[0].id != incident:
        return False
    # What waits for a human is neither: it is meant only by its name.
    status = candidates[0].keys.get("status")
    return is_active or (status in _STATUSES and Status(status).is_over)


def _words(workspace: Workspace, name: str | None) -> str:
    """What names an incident: the name of its channel or its file does as well, and an id that a list had to cut.

    One of this clone that had to take another id answers to its old one for a day.
    """
    if name is not None and not name.strip():
        raise UsageError("the name of the incident is empty", hint="leave it out, or name one: ictl list")
    words = (name or workspace.outside.environ.get("INCIDENTCTL_INCIDENT") or "").strip()
    words = words.removesuffix("…").removeprefix(f"#{workspace.settings.channel_prefix}").removeprefix("#")
    words = words.rpartition("/")[2].removesuffix(".md") if words.endswith(".md") else words
    if not is_incident_id(words) or not workspace.repository.has_remote:
        return words
    from incidentctl.store.sharing_memory import parted_name  # only where there are other clones

    parted = parted_name(workspace.repository, words, workspace.now)
    if parted is None or not workspace.reader.exists(parted):
        return words
    workspace.outside.talk(f"warning: {words} is another clone's incident by now; for a day it means {parted} here")
    return parted


def _candidates(workspace: Workspace) -> tuple[list[Row], bool]:
    """The active incidents and `True`, or where there are none those of the last week and `False`."""
    rows = workspace.reader.rows()[0]
    active = [row for row in rows if counts_as_active(workspace, row)]
    return active or [row for row in rows if _is_recent(workspace, row)], bool(active)


def _named_to_write(workspace: Workspace, words: str) -> str:
    if is_incident_id(words) and workspace.reader.exists(words):
        return words
    rows = workspace.reader.rows()[0]
    near = [row for row in rows if counts_as_active(workspace, row) or _is_recent(workspace, row)]
    found = matching(near, words)
    if not found and (older := matching(rows, words)):
        raise NoSuchIncidentError(
            f"no incident of the last 7 days is called {quoted(words)}",
            hint="an older one is named by its full id",
            candidates=[Described(row.id, _line(row)) for row in older[-_MOST_CANDIDATES:]],
        )
    return _only(workspace, found, words)


def _only(workspace: Workspace, found: list[Row], words: str) -> str:
    if len(found) == 1:
        return found[0].id
    if not found:
        rows, unreadable = workspace.reader.rows()
        broken = [each.path.rpartition("/")[2].removesuffix(".md") for each in unreadable]
        broken = [stem for stem in broken if words.lower() in stem and workspace.reader.exists(stem)]
        if len(broken) == 1:
            return broken[0]  # what is wrong with it is said when it is read, and a note it takes all the same
        from difflib import get_close_matches

        ids = {row.slug: row.id for row in rows} | {row.id: row.id for row in rows}
        close = {ids[word] for word in get_close_matches(words.lower(), ids, n=3)}
        raise NoSuchIncidentError(
            f"there is no incident {quoted(words)}",
            hint="did you mean one of these?" if close else "see them all: ictl list",
            candidates=[Described(row.id, _line(row)) for row in rows if row.id in close],
        )
    return _choose(workspace, found, f"{quoted(words)} may mean several incidents")


def _choose(workspace: Workspace, candidates: list[Row], problem: str) -> str:
    """Asks on a terminal; elsewhere the candidates are the error's."""
    shown = sorted(candidates, key=lambda row: (row.last_at or "", row.id), reverse=True)[:_MOST_CANDIDATES]
    outside = workspace.outside
    if not shown:
        raise NoSuchIncidentError(
            problem, hint='declare one with `ictl open "What is wrong"`, or name an old one by its full id: ictl list'
        )
    if outside.is_terminal:
        outside.talk(f"{problem}:")
        for number, row in enumerate(shown, 1):
            outside.talk(f"  {number}  {_line(row)}")
        answer = outside.ask(f"which one? [1-{len(shown)}] ")
        if answer.isascii() and answer.isdecimal() and 1 <= int(answer) <= len(shown):
            return shown[int(answer) - 1].id
        problem = f"{quoted(answer)} is none of them" if answer else problem
    raise AmbiguousIncidentError(
        problem,
        hint="name one with -i, or choose it with `ictl use`",
        candidates=[Described(row.id, _line(row)) for row in shown],
    )


def _line(row: Row) -> str:
    drill = DRILL if row.drill else ""
    return f"{drill}{row.id}  {row.keys.get('severity') or '-'} {row.keys.get('status') or '-'}  {row.title}"


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
    """The incident that was opened, taken or chosen last in this clone. One that came to its end since then is no more."""
    name, _, kept = read_current(workspace.repository).partition(" ")
    if not is_incident_id(name) or not workspace.reader.exists(name):
        return None
    if not kept and (status := _standing_status(workspace, name)) and status.is_over:
        drop_current(workspace, name)
        workspace.outside.talk(f"{name} is {status.value}: it is no longer the current incident")
        return None
    return name


def _standing_status(workspace: Workspace, incident: str) -> Status | None:
    """The status in the front matter, found without reading the rest: each write of a responder waits for this."""
    try:
        data = workspace.reader.read_bytes(incident_path(workspace.settings, incident))
    except IncidentctlError:
        return None
    match = re.search(rb"^status:[ \t]*['\"]?(\w+)", (data or b"")[:4096], re.MULTILINE)
    word = match[1].decode("ascii", "replace") if match else ""
    return Status(word) if word in tuple(Status) else None


def make_current(workspace: Workspace, incident: str, *, even_over: bool = False) -> None:
    """From now on commands without a name mean this one. That it cannot be kept is no reason to fail.

    One that is over is kept only with `even_over`: somebody chose it as it is.
    """
    if not write_current(workspace.repository, f"{incident}{KEPT}" if even_over else incident):
        workspace.outside.talk(f"warning: {incident} could not be kept as the current incident: name it with -i")


def clear_current(workspace: Workspace) -> None:
    """Forgets the current incident, whichever it is."""
    forget_current(workspace.repository)


def drop_current(workspace: Workspace, incident: str) -> None:
    """Forgets the current incident, if it is this one."""
    if read_current(workspace.repository).partition(" ")[0] == incident:
        forget_current(workspace.repository)
