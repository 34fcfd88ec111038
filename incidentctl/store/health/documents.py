"""The files below one folder of the record: their names, and what their front matter says of whose they are. Remembers what it read."""

import json
import os
import re
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from incidentctl import __version__
from incidentctl.document.front_matter import read_front_matter
from incidentctl.document.parse import first_conflict_marker
from incidentctl.errors import IncidentctlError
from incidentctl.store.files import SaveError, read_file, read_private, sealed, unsealed, write_private
from incidentctl.store.history import list_tip, list_work_tree, read_blob
from incidentctl.store.reading import MAX_SIZE, as_text
from incidentctl.store.repository import Repository

_CACHE_VERSION = f"{__version__}/1"
_MOST_CACHED = 256 << 20


class Listed(Struct, frozen=True):
    """A file, and what changes when its content does."""

    path: str
    key: str
    oid: str | None
    is_link: bool


class Head(Struct, frozen=True, array_like=True):
    """What stands at the head of a file: the keys `id` and `incident`, the line of the first one, and a fault with its line."""

    id: str | None = None
    incident: str | None = None
    line: int = 1
    fault: str | None = None
    fault_line: int = 1


class Heads:
    """The files of a folder: in the work tree where the record's branch is checked out, else at its tip."""

    def __init__(self, repository: Repository, folder: str) -> None:
        self.folder = folder
        self._repository = repository

    @cached_property
    def files(self) -> tuple[Listed, ...]:
        """Every file and link, by name."""
        return tuple(self._list())

    @property
    def paths(self) -> tuple[str, ...]:
        """The documents among them."""
        return tuple(each.path for each in self.files if each.path.endswith(".md") and not each.is_link)

    @property
    def links(self) -> tuple[str, ...]:
        """What is a link to somewhere else, the folder itself or one that it is in among them."""
        above = [link] if (link := self._link_above()) is not None else []
        return (*above, *(each.path for each in self.files if each.is_link))

    @cached_property
    def heads(self) -> dict[str, Head]:
        """What the documents say of themselves. Only those that changed are read again."""
        cached = self._load()
        found: dict[str, tuple[str, Head]] = {}
        for each in self.files:
            if not each.path.endswith(".md") or each.is_link:
                continue
            known = cached.get(each.path)
            found[each.path] = known if known and known[0] == each.key else (each.key, self._read(each))
        if found != cached:
            self._save(found)
        return {path: head for path, (_, head) in found.items()}

    def _list(self) -> Iterator[Listed]:
        if self._repository.checked_out:
            for file in list_work_tree(self._repository, self.folder):
                stamp = file.stamp
                yield Listed(file.path, f"{stamp.inode}-{stamp.mtime_ns}-{stamp.size}", None, file.is_link)
            return
        for entry in list_tip(self._repository, self.folder):
            yield Listed(entry.path, entry.oid, entry.oid, entry.is_link)

    def _link_above(self) -> str | None:
        if not self._repository.checked_out:
            return None
        parts = self.folder.split("/")
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            if os.path.islink(self._repository.path(path)):
                return path
        return None

    def _read(self, file: Listed) -> Head:
        try:
            data = self._bytes(file)
        except IncidentctlError as error:
            return Head(fault=error.message)
        return Head() if data is None else head_of(as_text(data))

    def _bytes(self, file: Listed) -> bytes | None:
        if file.oid is not None:
            return read_blob(self._repository, file.oid, cap=MAX_SIZE)
        assert self._repository.work_tree is not None
        return read_file(self._repository.work_tree, file.path, cap=MAX_SIZE)

    @property
    def _cache_path(self) -> str:
        name = self.folder.rpartition("/")[2]
        return os.path.join(self._repository.own_dir, "cache", f"heads-{name}.json")

    def _load(self) -> dict[str, tuple[str, Head]]:
        """What was read before; anything wrong with it is the same as nothing."""
        from msgspec import ValidationError, convert

        try:
            data = json.loads(unsealed(read_private(self._cache_path, cap=_MOST_CACHED)) or b"")
            if data["version"] != _CACHE_VERSION:
                return {}
            return convert(data["heads"], dict[str, tuple[str, Head]])
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            return {}

    def _save(self, heads: dict[str, tuple[str, Head]]) -> None:
        from msgspec import to_builtins

        data = json.dumps({"version": _CACHE_VERSION, "heads": to_builtins(heads)}, separators=(",", ":"))
        try:
            write_private(self._cache_path, sealed(data.encode()))
        except (OSError, SaveError):
            return  # a cache that cannot be written is only slow


def head_of(text: str) -> Head:
    """What stands at the head of a text, and the first fault after which no command could write it. Pure."""
    front = read_front_matter(text)
    values = front.values if front is not None and front.is_readable else {}
    places = front.places if front is not None else {}
    key = "id" if "id" in values else "incident"
    line = text.count("\n", 0, places[key].start) + 1 if key in places else 1
    words = {name: value for name in ("id", "incident") if isinstance(value := values.get(name), str)}
    head = Head(words.get("id"), words.get("incident"), line)
    conflict = first_conflict_marker(text)
    if conflict is not None:
        return Head(head.id, head.incident, line, conflict.message, conflict.line)
    if front is not None and front.faults:
        return Head(head.id, head.incident, line, front.faults[0].message, front.faults[0].line)
    for pattern, message in (("\0", "the file holds a zero byte"), ("[\ud800-\udfff]", "the file is not UTF-8 here")):
        bad = re.search(pattern, text)
        if bad is not None:
            return Head(head.id, head.incident, line, message, text.count("\n", 0, bad.start()) + 1)
    return head
