"""Puts the files of a web site into a folder: each whole or not at all, none but its own, and never where the record could go along."""

import errno
import os
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from incidentctl.errors import RefusedError
from incidentctl.store.files import TooLargeError, read_file, save_error, write_file
from incidentctl.store.repository import Repository

_LARGEST = 64 * 1024 * 1024


class Placed(Struct, frozen=True):
    """What became of the files: the folder as it really is, those that were written, and those that were as they should be already."""

    folder: str
    written: tuple[str, ...]
    unchanged: tuple[str, ...]


def place_site(
    place: str,
    files: Mapping[str, bytes],
    *,
    repository: Repository,
    record_folders: Iterable[str],
    home: str | None,
    is_ours: Callable[[str, bytes], bool],
) -> Placed:
    """Writes the files into the folder, in their order; it is made where it is not there. What else is in it stays.

    Raises `RefusedError` before anything is written: for a folder that is the record's or git's, is in one of these or has one in it; for
    a link; and where a file of one of these names is not one that we wrote, as `is_ours` says.
    """
    folder = _checked(place, repository, record_folders, home)
    standing = {name: _standing(folder, name) for name in files}
    for name, data in standing.items():
        if data is not None and not is_ours(name, data):
            raise RefusedError(
                f"{os.path.join(place, name)} is there and is none of ours, so nothing was written",
                hint="choose another folder, or move that file away",
            )
    changed = [name for name, data in files.items() if standing[name] != data]
    if changed:
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise save_error(error, place) from None
    for name in changed:
        write_file(folder, name, files[name])
    return Placed(folder, tuple(changed), tuple(name for name in files if name not in changed))


def _standing(folder: str, name: str) -> bytes | None:
    try:
        return read_file(folder, name, cap=_LARGEST)
    except TooLargeError:
        return b""  # whatever it is, it is not ours


def _checked(place: str, repository: Repository, record_folders: Iterable[str], home: str | None) -> str:
    if os.path.islink(place.rstrip("/") or "/"):
        raise RefusedError(f"{place} is a symbolic link", hint="name the folder itself")
    if os.path.lexists(place) and not os.path.isdir(place):
        raise RefusedError(f"{place} is not a folder", hint="name a folder of its own for the page, as `public`")
    folder = os.path.realpath(place)
    if folder in ("/", os.path.realpath(home) if home else "/"):
        raise RefusedError(f"{place} is no folder of its own", hint="name one for the page alone, as `public`")
    for kind, each in _not_for_the_public(repository, record_folders):
        if is_inside(folder, each):
            raise RefusedError(f"{place} is in {kind}", hint="name a folder of its own for the page, as `public`")
        if is_inside(each, folder):
            raise RefusedError(
                f"{place} has {kind} in it, which would be published with the page",
                hint="name a folder of its own for the page, as `public`",
            )
    return folder


def _not_for_the_public(repository: Repository, record_folders: Iterable[str]) -> list[tuple[str, str]]:
    found = [("git's own folder", repository.common_dir), ("git's own folder", repository.git_dir)]
    for top in {repository.work_tree, repository.called_in} - {None}:
        found += [("the record", os.path.join(str(top), *folder.split("/"))) for folder in record_folders]
        found.append(("the settings", os.path.join(str(top), "incidentctl.toml")))
        found.append(("git's own folder", os.path.join(str(top), ".git")))
    return [(kind, os.path.realpath(path)) for kind, path in found]


def is_inside(path: str, folder: str) -> bool:
    """Whether it is that folder or lies in it, also by another name, as file systems have it that take names in any case."""
    if path == folder or path.startswith(folder.rstrip("/") + "/"):
        return True
    try:
        theirs = os.stat(folder)
    except OSError:
        return False
    while True:
        try:
            ours = os.stat(path)
            if (ours.st_dev, ours.st_ino) == (theirs.st_dev, theirs.st_ino):
                return True
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                return False
        above = os.path.dirname(path)
        if above == path:
            return False
        path = above
