"""What all post-mortems still ask for, through a cache: how far each is, and its open action items. Writes nothing but the cache."""

import os

from msgspec import DecodeError, Struct
from msgspec.json import decode, encode

from incidentctl import __version__
from incidentctl.document.action_item_edits import items_of
from incidentctl.document.postmortem import DocumentStatus, read_postmortem
from incidentctl.document.section_names import OwnNames
from incidentctl.store.files import SaveError, read_private, sealed, unsealed, write_private
from incidentctl.store.postmortems import Listed, PostmortemFile, Postmortems
from incidentctl.store.reading import Unreadable
from incidentctl.store.repository import Repository

_VERSION = f"{__version__}/1"
_MAX_CACHE = 1 << 28


class OpenItem(Struct, frozen=True, array_like=True):
    """An open action item that is due on a day, as text in ISO form. Owners are as they stand there."""

    id: str
    text: str
    owners: tuple[str, ...]
    due_on: str


class PostmortemRow(Struct, frozen=True, array_like=True):
    """One post-mortem: how far it has come, and what it still asks for. `published_at` is text as in the file."""

    incident: str
    path: str
    is_final: bool
    published_at: str | None
    authors: tuple[str, ...]
    items: tuple[OpenItem, ...]


class _Cached(Struct, frozen=True):
    version: str
    names: str
    rows: dict[str, tuple[str, PostmortemRow]]


def postmortem_rows(
    repository: Repository, documents: Postmortems, names: OwnNames
) -> tuple[list[PostmortemRow], list[Unreadable]]:
    """Every post-mortem once, where it counts, and the files that cannot be read. Only files that changed are read again."""
    spelled = repr(sorted(names.items())) if names else ""
    cached = _load(repository, spelled)
    fresh: dict[str, tuple[str, PostmortemRow]] = {}
    unreadable: dict[str, Unreadable] = {}
    is_dirty = False
    for listed in documents.listed():
        if listed.path in fresh or listed.path in unreadable:
            continue
        known = cached.get(listed.path)
        if known is not None and listed.key and known[0] == listed.key:
            fresh[listed.path] = known
            continue
        read = _read(listed, names)
        if isinstance(read, Unreadable):
            unreadable[listed.path] = read
        elif read is not None:
            fresh[listed.path] = (listed.key, read)
            is_dirty = is_dirty or bool(listed.key)
    if is_dirty or len(cached) != len(fresh):
        _save(repository, _Cached(_VERSION, spelled, {path: each for path, each in fresh.items() if each[0]}))
    return [row for _, row in fresh.values()], list(unreadable.values())


def _read(listed: Listed, names: OwnNames) -> PostmortemRow | Unreadable | None:
    file = listed.read()
    return _row(file, names) if isinstance(file, PostmortemFile) else file


def _row(file: PostmortemFile, names: OwnNames) -> PostmortemRow:
    said = read_postmortem(file.text, incident=file.incident)
    items = [each.item for each in items_of(said.document, file.incident, names) if each.is_task]
    return PostmortemRow(
        incident=file.incident,
        path=file.path,
        is_final=said.status is DocumentStatus.FINAL,
        published_at=said.published_at,
        authors=said.authors,
        items=tuple(
            OpenItem(item.id, " ".join(item.text.split()), tuple(item.owners), item.due_on.isoformat())
            for item in items
            if item.is_open and not item.is_blank and item.due_on is not None
        ),
    )


def _path(repository: Repository) -> str:
    return os.path.join(repository.own_dir, "cache", "postmortems.json")


def _load(repository: Repository, names: str) -> dict[str, tuple[str, PostmortemRow]]:
    """What was read before; anything wrong with it is the same as nothing."""
    try:
        kept = decode(unsealed(read_private(_path(repository), cap=_MAX_CACHE)) or b"", type=_Cached)
    except (DecodeError, ValueError, RecursionError):
        return {}
    return kept.rows if (kept.version, kept.names) == (_VERSION, names) else {}


def _save(repository: Repository, cached: _Cached) -> None:
    try:
        write_private(_path(repository), sealed(encode(cached)))
    except (OSError, SaveError):
        return  # a cache that cannot be written is only slow
