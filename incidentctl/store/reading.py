"""Reads the record back: one incident with what still waits for it, or all of them through a cache. Writes nothing but the cache."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct, convert
from msgspec.json import decode as json_decoded

from incidentctl import __version__
from incidentctl.config.settings import Settings
from incidentctl.document.believe import believe
from incidentctl.document.hand_edits import PastVersion, TakenOver, differing_keys, take_over
from incidentctl.document.parse import Document, parse_document
from incidentctl.document.saved_words import Plan, request_of_data, with_plan
from incidentctl.errors import NoSuchIncidentError
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.model import Incident
from incidentctl.incident.times import instant_of_seconds
from incidentctl.store.files import (
    OutsideError,
    SaveError,
    TooLargeError,
    read_file,
    read_private,
    sealed,
    unsealed,
    write_private,
)
from incidentctl.store.history import list_tip, list_work_tree, read_tip, versions
from incidentctl.store.repository import Repository
from incidentctl.store.spool import Spool

MAX_SIZE = 8 * 1024 * 1024
"""Bytes of the largest incident file that is read; a larger one is named."""

_CACHE_VERSION = f"{__version__}/2"
_MAX_CACHE = 1 << 30
"""Bytes: some hundred times what 10,000 incidents need."""

HandleOf = Callable[[str, str], str]
"""Name and mail of a commit's author to a handle."""


def as_text(data: bytes) -> str:
    """Bytes of a file as text; those that are no UTF-8 survive as they are."""
    return data.decode("utf-8", "surrogateescape")


def as_bytes(text: str) -> bytes:
    """The inverse of `as_text`."""
    return text.encode("utf-8", "surrogateescape")


def incidents_folder(settings: Settings) -> str:
    """The folder of incident files, relative to the top of the repository."""
    return _under(settings, "incidents")


def incident_path(settings: Settings, incident: str) -> str:
    """Where an incident's file is: by year and month of its declaration."""
    return f"{incidents_folder(settings)}/{incident[:4]}/{incident[5:7]}/{incident}.md"


def postmortems_folder(settings: Settings) -> str:
    """The folder of post-mortems, relative to the top of the repository."""
    return _under(settings, "postmortems")


def postmortem_path(settings: Settings, incident: str) -> str:
    """Where its post-mortem is: the same name in the other folder."""
    return f"{postmortems_folder(settings)}/{incident[:4]}/{incident[5:7]}/{incident}.md"


def _under(settings: Settings, folder: str) -> str:
    base = settings.store.folder.strip("/")
    return f"{base}/{folder}" if base not in ("", ".") else folder


def past_versions(repository: Repository, path: str, incident: str, handle_of: HandleOf) -> Iterator[PastVersion]:
    """The committed versions of a file, newest first."""
    for version in versions(repository, path):
        yield PastVersion(
            commit=version.commit[:12],
            author=handle_of(version.author_name, version.author_mail),
            at=instant_of_seconds(version.author_at),
            document=parse_document(as_text(version.read()), incident=incident),
        )


class Found(Struct, frozen=True):
    """One incident as it is read: the file's path and document, what hand edits in it mean, and what waits for it."""

    incident: Incident
    path: str
    document: Document
    taken: TakenOver
    waiting: int


class Row(Struct, frozen=True):
    """One incident in a list: what can be said of it without its timeline. Times are text as in the file."""

    id: str
    path: str
    title: str
    keys: Mapping[str, str | None]
    services: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    team: str | None = None
    drill: bool = False
    external_id: str | None = None
    last_at: str | None = None

    @property
    def slug(self) -> str:
        """The id without its date."""
        return self.id[11:] or self.id


class Unreadable(Struct, frozen=True):
    """A file that could not be read, and why."""

    path: str
    line: int
    reason: str


class Reader:
    """Reads what the record holds now: the work tree where its branch is checked out, else the branch's tip."""

    def __init__(
        self,
        repository: Repository,
        settings: Settings,
        *,
        environ: Mapping[str, str],
        handle_of: HandleOf,
        me: str,
        now: datetime,
    ) -> None:
        self._repository = repository
        self._settings = settings
        self._environ = environ
        self._handle_of = handle_of
        self._me = me
        self._now = now
        self._plans: list[Plan] | None = None

    def exists(self, incident: str) -> bool:
        """Whether there is an incident of that full id."""
        path = incident_path(self._settings, incident)
        return self._exists(path) or any(plan.incident == incident for plan in self.waiting() if plan.new_text)

    def has_postmortem(self, incident: str) -> bool:
        """Whether there is a post-mortem of an incident, in the record or on its way there."""
        path = postmortem_path(self._settings, incident)
        return self._exists(path) or bool(self._repository.objects.commit_of(f"refs/heads/postmortem/{incident}"))

    def _exists(self, path: str) -> bool:
        if self._repository.checked_out and os.path.lexists(self._repository.path(path)):
            return True
        return self._repository.tip().has(path)

    def read(self, incident: str) -> Found:
        """One incident by its full id. Raises `NoSuchIncidentError`."""
        path = incident_path(self._settings, incident)
        data = self.read_bytes(path)
        plans = [plan for plan in self.waiting() if plan.incident == incident]
        text = as_text(data) if data is not None else next((plan.new_text for plan in plans if plan.new_text), None)
        if text is None:
            raise NoSuchIncidentError(f"there is no incident {incident}", hint="see them all: ictl list")
        for plan in plans:
            text = with_plan(text, plan)
        document = parse_document(text, incident=incident)
        taken = self._hand_edits(document, path, incident)
        return Found(believe(document, incident, taken), path, document, taken, len(plans))

    def read_bytes(self, path: str, *, cap: int | None = MAX_SIZE) -> bytes | None:
        """A file of the record as it stands now, or `None`."""
        if self._repository.checked_out and self._repository.work_tree is not None:
            data = read_file(self._repository.work_tree, path, cap=cap)
            if data is not None:
                return data
        return read_tip(self._repository, path, cap=cap)

    def _hand_edits(self, document: Document, path: str, incident: str) -> TakenOver:
        if not differing_keys(document):
            return TakenOver()
        history = past_versions(self._repository, path, incident, self._handle_of)
        return take_over(document, history, incident=incident, by=self._me, now=self._now)

    def waiting(self) -> list[Plan]:
        """What is saved and not committed yet, oldest first."""
        if self._plans is None:
            self._plans = []
            for data in Spool(self._repository.own_dir, self._environ).pending():
                try:
                    _, plan, _ = request_of_data(data)
                except (ValueError, KeyError, TypeError):
                    continue
                if plan is not None:
                    self._plans.append(plan)
        return self._plans

    # ------------------------------------------------------------------------------------------------------- all of them

    def ids(self) -> list[str]:
        """All ids, oldest first, without reading a file."""
        names = {os.path.basename(path)[:-3] for path, _ in self._keyed_paths()}
        names |= {plan.incident for plan in self.waiting()}
        return sorted(name for name in names if is_incident_id(name))

    def rows(self) -> tuple[list[Row], list[Unreadable]]:
        """All incidents, oldest first, and the files that cannot be read. Only files that changed are read again."""
        cached = self._load_cache()
        fresh: dict[str, tuple[str, Row | Unreadable]] = {}
        waiting = {plan.incident for plan in self.waiting()}
        dirty = False
        for path, key in self._keyed_paths():
            name = os.path.basename(path)[:-3]
            known = cached.get(path)
            if known is not None and known[0] == key and name not in waiting:
                fresh[path] = known
                continue
            row = self._row(path, name)
            fresh[path] = (key, row)
            dirty = True
        for name in waiting:
            path = incident_path(self._settings, name)
            if path not in fresh:
                fresh[path] = ("", self._row(path, name))
        if dirty or len(cached) != len(fresh):
            self._save_cache({path: each for path, each in fresh.items() if os.path.basename(path)[:-3] not in waiting})
        found = [row for _, row in fresh.values()]
        rows = sorted((row for row in found if isinstance(row, Row)), key=lambda row: row.id)
        return rows, sorted((row for row in found if isinstance(row, Unreadable)), key=lambda row: row.path)

    def _keyed_paths(self) -> Iterator[tuple[str, str]]:
        """Each file below the folder of incidents with what changes when its content does."""
        folder = incidents_folder(self._settings)
        if self._repository.checked_out:
            for found in list_work_tree(self._repository, folder):
                if found.path.endswith(".md") or found.is_way:
                    stamp = found.stamp
                    yield found.path, f"{stamp.inode}-{stamp.mtime_ns}-{stamp.size}"
            return
        for entry in list_tip(self._repository, folder):
            if entry.path.endswith(".md") or entry.path == folder:
                yield entry.path, entry.oid

    def _row(self, path: str, name: str) -> Row | Unreadable:
        if not path.endswith(".md"):
            return Unreadable(path, 1, "it is a link, and what is below it is not read: put the folder in its place")
        if not is_incident_id(name):
            return Unreadable(path, 1, "its name is no incident's: YYYY-MM-DD-words.md")
        try:
            found = self.read(name)
        except NoSuchIncidentError:
            return Unreadable(
                path, 1, f"its folder is not that of its date: move it to {incident_path(self._settings, name)}"
            )
        except (TooLargeError, OutsideError) as error:
            return Unreadable(path, 1, error.message)
        if not found.document.is_readable:
            fault = found.document.faults[0]
            return Unreadable(path, fault.line, fault.message)
        markers = [
            fault for fault in found.document.faults if fault.code in ("conflict-markers", "not-utf-8", "not-text")
        ]
        if markers:
            return Unreadable(path, markers[0].line, markers[0].message)
        return row_of(found.incident, path)

    # ------------------------------------------------------------------------------------------------------------ cache

    def _load_cache(self) -> dict[str, tuple[str, Row | Unreadable]]:
        """What was read before; anything wrong with it is the same as nothing."""
        try:
            kept = convert(
                json.loads(unsealed(read_private(_cache_path(self._repository), cap=_MAX_CACHE)) or b""), _Cached
            )
        except (ValueError, RecursionError):
            return {}
        if kept.version != _CACHE_VERSION:
            return {}
        found: dict[str, tuple[str, Row | Unreadable]] = {
            path: (key, _row_of_data(path, row)) for path, (key, row) in kept.rows.items()
        }
        for path, (key, line, why) in kept.unreadable.items():
            found[path] = (key, Unreadable(path, line, why))
        return found

    def _save_cache(self, rows: Mapping[str, tuple[str, Row | Unreadable]]) -> None:
        data = {
            "version": _CACHE_VERSION,
            "rows": {path: (key, _row_as_data(row)) for path, (key, row) in rows.items() if isinstance(row, Row)},
            "unreadable": {
                path: (key, row.line, row.reason) for path, (key, row) in rows.items() if isinstance(row, Unreadable)
            },
        }
        try:
            write_private(_cache_path(self._repository), sealed(json.dumps(data, separators=(",", ":")).encode()))
        except (OSError, SaveError):
            return  # a cache that cannot be written is only slow


class _RememberedKeys(Struct, frozen=True):
    """Of the folded keys those that say that an incident was none."""

    status: str | None = None
    duplicate_of: str | None = None


class Remembered(Struct, frozen=True, array_like=True, gc=False):
    """What the cache says of an incident in a line: the beginning of `_RowData`."""

    id: str
    title: str
    keys: _RememberedKeys
    services: tuple[str, ...]
    tags: tuple[str, ...]
    team: str | None
    drill: bool


class _RememberedRows(Struct, frozen=True):
    version: str
    rows: dict[str, tuple[str, Remembered]]


def remembered(repository: Repository, *, cap: int) -> list[Remembered]:
    """The incidents as the cache has them, in the order of their files; none where there is no cache, or a larger one than `cap` bytes.

    It may be out of date, and is read in a tenth of the time that `Reader.rows` takes, which asks each file whether it changed.
    """
    try:
        data = unsealed(read_private(_cache_path(repository), cap=cap)) or b""
        kept = json_decoded(data, type=_RememberedRows)
    except (ValueError, RecursionError):
        return []
    if kept.version != _CACHE_VERSION:
        return []
    return [row for _, row in kept.rows.values()]


def _cache_path(repository: Repository) -> str:
    return os.path.join(repository.own_dir, "cache", "incidents.json")


def row_of(incident: Incident, path: str) -> Row:
    """What a list says of an incident."""
    last = max((entry.at for entry in incident.entries), default=None)
    return Row(
        id=incident.id,
        path=path,
        title=incident.title,
        keys=incident.state.as_keys(),
        services=incident.listed("services"),
        tags=incident.listed("tags"),
        team=incident.word("team"),
        drill=incident.is_drill,
        external_id=incident.word("external_id"),
        last_at=last.isoformat() if last else None,
    )


_RowData = tuple[str, str, dict[str, str], tuple[str, ...], tuple[str, ...], str | None, bool, str | None, str | None]


class _Cached(Struct, frozen=True):
    """The cache as it is kept. Whatever stands there instead is none: it is read as these types and no others."""

    version: str
    rows: dict[str, tuple[str, _RowData]]
    unreadable: dict[str, tuple[str, int, str]]


def _row_as_data(row: Row) -> _RowData:
    keys = {key: value for key, value in row.keys.items() if value is not None}
    return row.id, row.title, keys, row.services, row.tags, row.team, row.drill, row.external_id, row.last_at


def _row_of_data(path: str, data: _RowData) -> Row:
    name, title, keys, services, tags, team, drill, external_id, last_at = data
    return Row(name, path, title, keys, services, tags, team, drill, external_id, last_at)


def matching(rows: Iterable[Row], words: str) -> list[Row]:
    """The rows whose id or slug begins with `words`, else those that contain it."""
    wanted = words.lower()
    candidates = list(rows)
    by_prefix = [row for row in candidates if row.id.startswith(wanted) or row.slug.startswith(wanted)]
    return by_prefix or [row for row in candidates if wanted in row.id]
