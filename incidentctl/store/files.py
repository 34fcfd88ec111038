"""Reads and writes files whole or not at all. Never follows a symbolic link below the repository's root, never leaves half a file."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final

from msgspec import Struct

from incidentctl.errors import ExitCode, IncidentctlError
from incidentctl.incident.words import names_git_folder


class SaveError(IncidentctlError):
    """The disk does not take it: full, read-only, no permission. The message says what and where."""

    code = "not_saved"
    exit_code = ExitCode.REPOSITORY


class TooLargeError(IncidentctlError):
    """A file too large to be what it should be; it is named, not loaded."""

    code = "too_large"

    def __init__(self, path: str, size: int, cap: int) -> None:
        super().__init__(
            f"{path} has {size:,} bytes, more than the {cap:,} that are read",
            hint="look whether it is what it should be",
        )
        self.path = path
        self.size = size
        self.cap = cap


class OutsideError(IncidentctlError):
    """A path that leaves the repository, by `..` or by a symbolic link, or names something that is not a plain file."""

    code = "outside"
    exit_code = ExitCode.REPOSITORY


class ChangedError(IncidentctlError):
    """Somebody saved the file after it was read; read it again. Nothing was written."""

    code = "changed"
    exit_code = ExitCode.CONFLICT


class Stamp(Struct, frozen=True):
    """Tells whether a file is still the one that was read."""

    inode: int
    mtime_ns: int
    size: int


class Expects(Enum):
    """What a writer knows of the file that is there."""

    ANY = "any"


ANY: Final = Expects.ANY

_LONGEST_PATH: Final = 1_024
"""Characters: what macOS takes, and far fewer folders than would be too deep for us."""

_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space and try again"),
    errno.EDQUOT: ("the quota is used up", "free some space and try again"),
    errno.EROFS: ("the file system is read-only", "make it writable and try again"),
    errno.EACCES: ("no permission", "make it writable for you and try again"),
    errno.EPERM: ("not permitted", "make it writable for you and try again"),
    errno.EFBIG: ("the file-size limit is reached", "raise it (`ulimit -f`) and try again"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    errno.EIO: ("the disk reports an error", "save your work elsewhere"),
}


def save_error(error: OSError, where: str) -> SaveError:
    """The sentence for what the operating system said."""
    said = error.errno or 0
    why, hint = _REASONS.get(said, (os.strerror(said) if said else str(error), None))
    return SaveError(f"cannot write {where}: {why}", hint=hint)


def check_path(path: str) -> tuple[str, ...]:
    """The parts of a path inside the repository; OutsideError for one that could lead anywhere else, into `.git`, or break a line."""
    parts = tuple(path.split("/"))
    if (
        any(part in ("", ".", "..") or names_git_folder(part) for part in parts)
        or any(c in path for c in "\0\n")
        or len(path) > _LONGEST_PATH
    ):
        shown = path if len(path) <= 200 else path[:199] + "…"
        raise OutsideError(f"{shown!r} is not a path inside the repository")
    return parts


def read_file(root: str, path: str, *, cap: int | None = None) -> bytes | None:
    """The bytes of a file below `root`, None when it is not there. TooLargeError beyond `cap` bytes, OutsideError for a link."""
    found = read_stamped(root, path, cap=cap)
    return found[0] if found is not None else None


def read_stamped(root: str, path: str, *, cap: int | None = None) -> tuple[bytes, Stamp] | None:
    """As read_file, with the stamp by which a later write knows that nobody saved in between."""
    parts = check_path(path)
    with _folder(root, parts[:-1], path) as folder:
        if folder is None:
            return None
        try:
            handle = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _read_error(error, path) from None
        try:
            facts = os.fstat(handle)
            if not stat.S_ISREG(facts.st_mode):
                raise OutsideError(f"{path} is not a plain file", hint="move it away and try again")
            if cap is not None and facts.st_size > cap:
                raise TooLargeError(path, facts.st_size, cap)
            return _read_all(handle, facts.st_size), _stamp(facts)
        except OSError as error:
            raise _read_error(error, path) from None
        finally:
            os.close(handle)


def write_file(
    root: str, path: str, data: bytes, *, expects: Stamp | None | Expects = ANY, staging: str | None = None
) -> Stamp:
    """Puts `data` in the place of the file, whole and flushed to the disk, and keeps its permissions; makes the folders on the way.

    `expects`: what read_stamped gave (None: there was no file); ChangedError when that no longer holds. `staging`: a folder for the half
    written file; without it, or on another file system, that stands beside the file for a moment.
    """
    parts = check_path(path)
    try:
        with _folder(root, parts[:-1], path, make=True) as folder:
            assert folder is not None
            return _replace(folder, parts[-1], data, path, expects, staging)
    except OSError as error:
        raise save_error(error, path) from None


def remove_file(root: str, path: str, *, expects: Stamp | None | Expects = ANY) -> None:
    """Removes the file, and the folders that it leaves empty; no file is no fault."""
    parts = check_path(path)
    try:
        with _folder(root, parts[:-1], path) as folder:
            if folder is None:
                return
            _expect(folder, parts[-1], path, expects)
            try:
                os.unlink(parts[-1], dir_fd=folder)
            except FileNotFoundError:
                return
            os.fsync(folder)
        for depth in range(len(parts) - 1, 0, -1):
            with _folder(root, parts[: depth - 1], path) as above:
                try:
                    os.rmdir(parts[depth - 1], dir_fd=above)
                except OSError:
                    return
    except OSError as error:
        raise save_error(error, path) from None


def make_private_folder(path: str) -> None:
    """Makes a folder of ours with the permissions of the folder that it is in, so that a shared clone stays shared."""
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    try:
        if not os.path.isdir(parent):
            make_private_folder(parent)
        try:
            os.mkdir(path)
        except FileExistsError:
            return
        mode = stat.S_IMODE(os.stat(parent).st_mode)
        if mode & 0o2070:
            os.chmod(path, mode & 0o2777 | 0o700)
    except OSError as error:
        raise save_error(error, path) from None


def write_private(path: str, data: bytes, *, durable: bool = True) -> None:
    """Replaces a file of ours outside the work tree, whole; `durable` also flushes it to the disk."""
    folder, name = os.path.split(path)
    make_private_folder(folder)
    half = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            _write_all(handle, data)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
        os.rename(half, path)
        if durable:
            sync_folder(folder)
    except OSError as error:
        _unlink_quietly(half)
        raise save_error(error, path) from None


def read_private(path: str, *, cap: int) -> bytes | None:
    """A file of ours outside the work tree; None where it is not there, is no plain file, or is larger than `cap` bytes.

    Never waits and follows no link: what else stands in its place is as good as nothing.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        facts = os.fstat(handle)
        return _read_all(handle, facts.st_size) if stat.S_ISREG(facts.st_mode) and facts.st_size <= cap else None
    except OSError:
        return None
    finally:
        os.close(handle)


def sealed(data: bytes) -> bytes:
    """Data for a file that can be made again, with a checksum in front: half of it, or a bit that flipped, is no answer."""
    return _checksum(data) + data


def unsealed(data: bytes | None) -> bytes | None:
    """What was sealed, or None where it is not that any more."""
    return data[4:] if data is not None and _checksum(data[4:]) == data[:4] else None


def _checksum(data: bytes) -> bytes:
    from zlib import crc32  # only where there is a cache

    return crc32(data).to_bytes(4)


def sync_folder(path: str) -> None:
    """Flushes a folder, so that a new name in it outlives a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_file(path: str) -> bool:
    """Flushes what a file holds; False where there is none of that name. SaveError when the disk does not take it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise save_error(error, path) from None
    return True


def stamp_of(root: str, path: str) -> Stamp | None:
    """The stamp of a file as it is now, None when it is not there."""
    try:
        return _stamp(os.lstat(os.path.join(root, path)))
    except OSError:
        return None


@contextmanager
def _folder(root: str, parts: tuple[str, ...], path: str, *, make: bool = False) -> Iterator[int | None]:
    """A handle on the folder, reached step by step so that no link on the way is followed; None when it is not there."""
    try:
        handle: int | None = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        if make:
            raise
        if isinstance(error, FileNotFoundError):
            yield None
            return
        raise _read_error(error, root) from None
    try:
        for depth, part in enumerate(parts):
            assert handle is not None
            below = _step(handle, part, "/".join(parts[: depth + 1]), path, make=make)
            os.close(handle)
            handle = below
            if handle is None:
                break
        yield handle
    finally:
        if handle is not None:
            os.close(handle)


def _step(folder: int, part: str, so_far: str, path: str, *, make: bool) -> int | None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        try:
            return os.open(part, flags, dir_fd=folder)
        except FileNotFoundError:
            if not make:
                return None
        try:
            os.mkdir(part, dir_fd=folder)
            os.fsync(folder)
        except FileExistsError:
            pass
        return os.open(part, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            raise OutsideError(
                f"{so_far}, on the way to {path}, is a link or a file where a folder should be",
                hint="move it away and try again",
            ) from None
        if make:
            raise
        raise _read_error(error, path) from None


def _replace(
    folder: int, name: str, data: bytes, path: str, expects: Stamp | None | Expects, staging: str | None
) -> Stamp:
    before = _expect(folder, name, path, expects)
    half = f".{name[:200]}.{os.getpid()}-{os.urandom(4).hex()}.new"
    place: int | None = folder
    if staging is not None:
        half, place = os.path.join(staging, f"{os.getpid()}-{os.urandom(4).hex()}.new"), None
    try:
        stamp = _write_half(half, place, data, before)
        # The shortest possible time between the last look and the change.
        _expect(folder, name, path, expects)
        os.rename(half, name, src_dir_fd=place, dst_dir_fd=folder)
    except OSError as error:
        _unlink_quietly(half, place)
        if error.errno == errno.EXDEV and staging is not None:
            return _replace(folder, name, data, path, expects, None)
        raise
    except BaseException:
        _unlink_quietly(half, place)
        raise
    os.fsync(folder)
    return stamp


def _write_half(half: str, place: int | None, data: bytes, before: os.stat_result | None) -> Stamp:
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=place)
    try:
        if before is not None:
            os.fchmod(handle, stat.S_IMODE(before.st_mode))
            if before.st_uid != os.geteuid():
                try:
                    os.fchown(handle, before.st_uid, before.st_gid)
                except OSError:
                    # Only root may give a file away; anybody else becomes its owner, as with any editor.
                    pass
        _write_all(handle, data)
        os.fsync(handle)
        return _stamp(os.fstat(handle))
    finally:
        os.close(handle)


def _expect(folder: int, name: str, path: str, expects: Stamp | None | Expects) -> os.stat_result | None:
    """The facts of the file that is there. Raises when it is not a plain file, or not the one that was read."""
    try:
        facts: os.stat_result | None = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        facts = None
    if facts is not None and not stat.S_ISREG(facts.st_mode):
        kind = "a symbolic link" if stat.S_ISLNK(facts.st_mode) else "not a plain file"
        raise OutsideError(f"{path} is {kind}", hint="move it away and try again")
    if not isinstance(expects, Expects) and (_stamp(facts) if facts is not None else None) != expects:
        raise ChangedError(f"{path} was saved by somebody else just now")
    return facts


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _read_all(handle: int, size: int) -> bytes:
    chunks = []
    # One more than it should have: a file that grows meanwhile is read to its end.
    while chunk := os.read(handle, max(size + 1, 1 << 16)):
        chunks.append(chunk)
    return b"".join(chunks)


def _stamp(facts: os.stat_result) -> Stamp:
    return Stamp(facts.st_ino, facts.st_mtime_ns, facts.st_size)


def _read_error(error: OSError, path: str) -> IncidentctlError:
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return OutsideError(f"{path} is a symbolic link", hint="move it away and try again")
    said = error.errno or 0
    return SaveError(f"cannot read {path}: {_REASONS.get(said, (os.strerror(said), None))[0]}")


def _unlink_quietly(path: str, folder: int | None = None) -> None:
    try:
        os.unlink(path, dir_fd=folder)
    except OSError:
        pass
