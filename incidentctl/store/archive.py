"""Finds and reads Markdown documents, in any folder, a git index or a change: also where there is no repository of ours. Writes
only what it is handed, whole."""

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from incidentctl.errors import IncidentctlError, RepositoryError, UsageError
from incidentctl.store.files import (
    ANY,
    ChangedError,
    Expects,
    OutsideError,
    Stamp,
    check_path,
    make_private_folder,
    read_stamped,
    save_error,
    write_file,
    write_private,
)
from incidentctl.store.git import Git, reason

MAX_DOCUMENT: Final = 64 << 20
"""Bytes of the largest document that is read; a larger one is named."""

_ENDINGS: Final = (".md", ".markdown", ".mdown", ".mkd")
_NO_DOCUMENTS: Final = ("node_modules", "__pycache__", "venv")


class ArchiveFile(Struct, frozen=True):
    """A document. `path` is as it is shown, with `/`; `place` where it is read from.

    `is_named`: somebody named this very file. `data` is its content where that is not the one on the disk.
    """

    path: str
    place: str
    is_named: bool = False
    data: bytes | None = None


class Failed(Struct, frozen=True):
    """What could not be read, and why."""

    path: str
    reason: str


class DocumentHistory(Struct, frozen=True):
    """The committed versions of one document, oldest first, and the author date of the last one."""

    versions: tuple[tuple[datetime, bytes], ...]


def is_document(name: str) -> bool:
    """Whether a file's name is one of a Markdown document."""
    return name.lower().endswith(_ENDINGS)


def find_documents(paths: Iterable[str], cwd: str) -> tuple[list[ArchiveFile], list[Failed]]:
    """The documents that the paths name: files as they are, folders with all below them, and patterns such as `2026/**/*.md`.

    Folders that begin with a dot and those of tools are not entered, symbolic links to folders neither. Each file is
    listed once, also where a link beside it leads to it, in the order of names. Raises `UsageError` for a path that is not there.
    """
    found: dict[str, ArchiveFile] = {}
    links: dict[str, str] = {}
    failed: list[Failed] = []
    for path in paths:
        matches = matching(path, cwd)
        for each in matches:
            place = os.path.join(cwd, each)
            if os.path.isdir(place):
                for below, is_link in _walk(place, failed, each):
                    # From above us the way down again is not told: it is the short one that editors find.
                    is_above = each.startswith(os.pardir)
                    inside = os.path.relpath(below, cwd if is_above else place)
                    shown = _shown(inside if is_above else os.path.join(each, inside))
                    key = os.path.abspath(below)
                    if is_link and key not in found:
                        links[key] = os.path.realpath(below)
                    found.setdefault(key, ArchiveFile(shown, below))
            else:
                key = os.path.abspath(place)
                found[key] = ArchiveFile(_shown(each), place, is_named=len(matches) == 1 and each == path)
    if links:
        there = {os.path.realpath(place) for place in found if place not in links}
        twice = [place for place, target in links.items() if target in there and not found[place].is_named]
        for place in twice:
            del found[place]
    return sorted(found.values(), key=lambda file: file.path), failed


def matching(path: str, cwd: str) -> list[str]:
    """The files and folders that a word of the command line names. Raises `UsageError` where there is none."""
    if os.path.lexists(os.path.join(cwd, path)):
        return [path]
    if any(sign in path for sign in "*?["):
        matches = sorted(glob.glob(path, root_dir=cwd, recursive=True))
        tools = {*_NO_DOCUMENTS} - {*path.split("/")}
        matches = [each for each in matches if is_document(each) and tools.isdisjoint(each.split("/"))]
        files = [each for each in matches if os.path.isfile(os.path.join(cwd, each))]
        if files:
            return files
        raise UsageError(f"nothing matches {path}", hint="name a file, a folder, or another pattern")
    raise UsageError(f"there is no {path}", hint="name a file or a folder")


def _shown(path: str) -> str:
    return os.path.normpath(path).replace(os.sep, "/")


def _walk(top: str, failed: list[Failed], shown: str) -> Iterator[tuple[str, bool]]:
    """The documents below a folder, and whether each is a symbolic link."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith(".") and entry.name not in _NO_DOCUMENTS:
                            waiting.append(entry.path)
                    elif is_document(entry.name) and _leads_to_file(entry):
                        yield entry.path, entry.is_symlink()
        except OSError as error:
            where = _shown(os.path.join(shown, os.path.relpath(folder, top)))
            failed.append(Failed(where, error.strerror or "it cannot be read"))


def _leads_to_file(entry: "os.DirEntry[str]") -> bool:
    """Whether it is a file, or a link to one; a link in a circle leads nowhere, and is tried so that it is said."""
    try:
        return entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path))
    except OSError:
        return True


def without_ways_out(files: Iterable[ArchiveFile], top: str) -> tuple[list[ArchiveFile], list[Failed]]:
    """The documents of a work tree without those that a link leads out of it, and these by name.

    A link comes with a branch: what it leads to is no part of that, and nothing of it is printed or mended.
    """
    kept: list[ArchiveFile] = []
    failed: list[Failed] = []
    for file in files:
        if file.data is None and leads_out(file.place, top):
            failed.append(Failed(file.path, "it is a link that leads out of the repository"))
        else:
            kept.append(file)
    return kept, failed


def leads_out(place: str, top: str) -> bool:
    """Whether a place below a folder is one elsewhere, by a link on the way or in its place."""
    place = os.path.abspath(place)
    if not place.startswith(f"{top.rstrip(os.sep)}{os.sep}"):
        return False
    return not os.path.realpath(place).startswith(f"{os.path.realpath(top).rstrip(os.sep)}{os.sep}")


def is_below(place: str, paths: Iterable[str], cwd: str) -> bool:
    """Whether a file is one of the paths, or in one of these folders."""
    place = os.path.abspath(place)
    tops = [os.path.abspath(os.path.join(cwd, path)) for path in paths]
    return any(place == top or place.startswith(f"{top.rstrip(os.sep)}{os.sep}") for top in tops)


def read_document(file: ArchiveFile) -> bytes | Failed:
    """The bytes of a document."""
    if file.data is not None:
        return file.data
    try:
        handle = os.open(file.place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return Failed(file.path, error.strerror or "it cannot be read")
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            return Failed(file.path, "it is no plain file")
        if facts.st_size > MAX_DOCUMENT:
            return Failed(file.path, f"it has {facts.st_size:,} bytes, more than the {MAX_DOCUMENT:,} that are read")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read(MAX_DOCUMENT)
    except OSError as error:
        return Failed(file.path, error.strerror or "it cannot be read")
    finally:
        os.close(handle)


def read_given(place: str, *, cap: int, shown: str) -> bytes:
    """A file that the user names, whole. UsageError for one that is none, cannot be read, or has more than `cap` bytes."""
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}", hint="name a file, or `-`") from None
    with os.fdopen(handle, "rb") as stream:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError(f"{shown} is no plain file", hint="hand it over on standard input, as `-`")
        try:
            data = stream.read(cap + 1) if facts.st_size <= cap else b""
        except OSError as error:
            raise UsageError(f"{shown} cannot be read: {error.strerror}", hint="try again") from None
    if facts.st_size > cap or len(data) > cap:
        raise UsageError(
            f"{shown} has {facts.st_size:,} bytes, more than the {cap:,} that are read", hint="import it in parts"
        )
    return data


def read_text(place: str, *, cap: int = 8 << 20, top: str = "") -> str | None:
    """A small file beside the documents, as settings or a record; None where there is none that can be read.

    With `top`, one that a link leads out of that folder is none.
    """
    if top and leads_out(place, top):
        return None
    found = read_document(ArchiveFile(place, place))
    if isinstance(found, Failed) or len(found) > cap:
        return None
    return found.decode("utf-8", "surrogateescape")


def is_file(place: str) -> bool:
    """Whether something is at that place: a file or a folder."""
    return os.path.exists(place)


def stamps(places: Iterable[str]) -> list[tuple[int, int, int]]:
    """What tells whether files have changed: inode, time and size of each, zeros for one that is not there."""
    found: list[tuple[int, int, int]] = []
    for place in places:
        try:
            facts = os.stat(place)
            found.append((facts.st_ino, facts.st_mtime_ns, facts.st_size))
        except OSError:
            found.append((0, 0, 0))
    return found


def nearest_above(start: str, name: str) -> str | None:
    """The nearest folder, from `start` upward, that holds a file of that name."""
    folder = os.path.abspath(start)
    while True:
        if os.path.isfile(os.path.join(folder, name)):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def checkout_above(start: str) -> str:
    """The nearest folder, from `start` upward by its name, that is the top of a work tree; empty where there is none.

    Unlike git it goes by the name that was typed: a link out of a work tree does not hide that it stands in one.
    """
    folder = os.path.abspath(start)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder


def common_folder(places: Sequence[str], cwd: str) -> str:
    """The nearest folder there is that all places are in; `cwd` where there are none. Places may be patterns, or not there yet."""
    folders = [place if os.path.isdir(place) else os.path.dirname(place) for place in places]
    try:
        folder = os.path.commonpath([os.path.abspath(folder or cwd) for folder in folders]) if folders else cwd
    except ValueError:
        return cwd
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def work_tree_around(folder: str, environ: Mapping[str, str]) -> str | None:
    """The top of the git work tree around a folder, or None."""
    try:
        answer = Git(folder, environ=environ).run("rev-parse", "--show-toplevel")
    except RepositoryError:
        return None
    return answer.text if answer.code == 0 and answer.text else None


def git_folder(top: str, environ: Mapping[str, str]) -> str | None:
    """The git directory that all work trees of a clone share."""
    answer = Git(top, environ=environ).run("rev-parse", "--path-format=absolute", "--git-common-dir")
    return answer.text if answer.code == 0 and answer.text else None


def staged_documents(top: str, cwd: str, environ: Mapping[str, str]) -> list[ArchiveFile]:
    """The documents that are staged, as they are staged."""
    git = Git(top, environ=environ)
    listing = git.run(
        "diff",
        "--cached",
        "--raw",
        "--no-abbrev",
        "-z",
        "--diff-filter=ACMRT",
        "--no-renames",
        "--no-ext-diff",
        "--no-relative",
        env=_index_of_hook(git, cwd, environ),
    )
    if listing.code != 0:
        raise RepositoryError(f"git cannot say what is staged: {reason(listing.err)}")
    staged: dict[str, str] = {}
    words = listing.out.split(b"\0")
    for facts, name in zip(words[::2], words[1::2], strict=False):
        _, mode, _, blob, _ = facts.split(b" ")
        if mode.startswith(b"100"):  # a symbolic link holds a path, not a document
            staged |= {each: blob.decode("ascii") for each in _names(name) if is_document(each)}
    blobs = _blobs(git, list(staged.values()))
    places = {name: os.path.join(top, name) for name in staged}
    return [
        ArchiveFile(_shown(os.path.relpath(places[name], cwd)), places[name], data=blobs[blob])
        for name, blob in staged.items()
        if blob in blobs
    ]


def _index_of_hook(git: Git, cwd: str, environ: Mapping[str, str]) -> Mapping[str, str] | None:
    """The index that git made for the commit in whose hook we run: with `git commit -a` or a path it is not the usual one."""
    index = environ.get("GIT_INDEX_FILE")
    if not index:
        return None
    index = os.path.realpath(os.path.join(cwd, index))
    own = git.run("rev-parse", "--absolute-git-dir").text
    is_ours = bool(own) and os.path.dirname(index) == os.path.realpath(own) and os.path.isfile(index)
    return {"GIT_INDEX_FILE": index} if is_ours else None


def changed_documents(top: str, cwd: str, ref: str, environ: Mapping[str, str]) -> list[ArchiveFile]:
    """The documents of the work tree that differ from where a ref and HEAD part, untracked ones among them."""
    git = Git(top, environ=environ)
    if ref.startswith("-"):
        raise UsageError(f"{ref} is no branch or commit", hint="name one, as `--changed-since origin/main`")
    base = git.run("merge-base", ref, "HEAD")
    if base.code != 0 or not base.text:
        known = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if known.code != 0:
            raise UsageError(
                f"there is no branch or commit {ref}",
                hint="fetch it first; a shallow clone may lack it: `git fetch --unshallow`, in CI `fetch-depth: 0`",
            )
        raise UsageError(
            f"{ref} and the commit checked out have no common ancestor here", hint="in CI: `fetch-depth: 0`"
        )
    changed = git.run(
        "diff",
        "--name-only",
        "-z",
        "--diff-filter=ACMRTU",
        "--no-renames",
        "--no-ext-diff",
        "--no-relative",
        base.text,
        "--",
    )
    others = git.run("ls-files", "--others", "--exclude-standard", "-z")
    if changed.code != 0:
        raise RepositoryError(f"git cannot say what changed: {reason(changed.err)}")
    found: list[ArchiveFile] = []
    for name in sorted({*_names(changed.out), *_names(others.out)}):
        place = os.path.join(top, name)
        if is_document(name) and os.path.isfile(place):
            found.append(ArchiveFile(_shown(os.path.relpath(place, cwd)), place))
    return found


def _names(listing: bytes) -> list[str]:
    names = [os.fsdecode(name) for name in listing.split(b"\0") if name]
    return [name for name in names if check_path(name)]


def histories(top: str, names: Sequence[str], environ: Mapping[str, str]) -> dict[str, DocumentHistory]:
    """The versions of documents, by name within the work tree, of what HEAD can reach. One walk for all of them."""
    git = Git(top, environ=environ)
    arguments = (
        "log",
        "--format=%x01%at",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--no-ext-diff",
        "--no-show-signature",
    )
    # Through a pipe: the names of a large archive are more than a command line holds.
    paths = "".join(f":(top,literal){name}\n" for name in names if "\n" not in name)
    answer = git.run(*arguments, "HEAD", "--stdin", stdin=os.fsencode(f"--\n{paths}"))
    if answer.code != 0:
        return {}
    seen: dict[str, list[tuple[datetime, str]]] = {}
    at = datetime.fromtimestamp(0, UTC)
    words = answer.out.split(b"\0")
    index = 0
    while index < len(words):
        word = words[index]
        if b"\x01" in word:
            stamp = word.rsplit(b"\x01", 1)[1].strip().split(b"\n")[0]
            at = _moment(stamp)
            word = word.rsplit(b"\n", 1)[-1] if b"\n:" in word else b""
        if word.lstrip(b"\n").startswith(b":") and index + 1 < len(words):
            blob = word.split(b" ")[3].decode("ascii", "replace")
            index += 1
            if blob.strip("0"):
                seen.setdefault(os.fsdecode(words[index]), []).append((at, blob))
        index += 1
    blobs = _blobs(git, [blob for versions in seen.values() for _, blob in versions])
    return {
        name: DocumentHistory(tuple((moment, blobs.get(blob, b"")) for moment, blob in reversed(versions)))
        for name, versions in seen.items()
    }


def _moment(stamp: bytes) -> datetime:
    try:
        return datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _blobs(git: Git, names: Sequence[str]) -> dict[str, bytes]:
    """The contents of blobs, read by one git."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    answer = git.run("cat-file", "--batch", stdin="".join(f"{name}\n" for name in wanted).encode())
    found: dict[str, bytes] = {}
    at = 0
    while at < len(answer.out):
        end = answer.out.find(b"\n", at)
        if end < 0:
            break
        head = answer.out[at:end].split(b" ")
        if len(head) != 3 or not head[2].isdigit():
            at = end + 1
            continue
        size = int(head[2])
        found[head[0].decode("ascii", "replace")] = answer.out[end + 1 : end + 1 + size]
        at = end + size + 2
    return found


def is_shallow(top: str, environ: Mapping[str, str]) -> bool:
    """Whether history was cut off when this was cloned."""
    answer = Git(top, environ=environ).run("rev-parse", "--is-shallow-repository")
    return answer.text == "true"


def keep_document(place: str, data: bytes, *, expects: bytes | None = None, top: str = "") -> None:
    """Puts a file in its place, whole, through a symbolic link to the file that it names; OutsideError for one that leads out of `top`.

    `expects`: what was read; ChangedError where somebody saved in between. SaveError where the disk does not take it.
    A device or a pipe, such as `/dev/null`, is written to and stays what it is.
    """
    if top and leads_out(place, top):
        raise OutsideError(f"{place} is a link that leads out of the repository", hint="move it away and try again")
    try:
        mode = os.stat(place).st_mode
    except OSError:
        mode = stat.S_IFREG
    if stat.S_ISDIR(mode):
        raise UsageError(f"{place} is a folder", hint="name a file")
    if not stat.S_ISREG(mode):
        _pour(place, data)
        return
    place = os.path.realpath(place)
    folder, name = os.path.split(place)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise save_error(error, place) from None
    stamp: Stamp | None | Expects = ANY
    if expects is not None:
        found = read_stamped(folder, name)
        if found is None or found[0] != expects:
            raise ChangedError(f"{place} was changed meanwhile", hint="run the command again")
        stamp = found[1]
    write_file(folder, name, data, expects=stamp)


def _pour(place: str, data: bytes) -> None:
    try:
        with open(place, "wb") as stream:
            stream.write(data)
    except OSError as error:
        raise save_error(error, place) from None


def keep_file(place: str, data: bytes) -> None:
    """Keeps a file that can be made again; where that cannot be done, nothing is kept and nothing is said."""
    try:
        make_private_folder(os.path.dirname(place))
        write_private(place, data, durable=False)
    except (OSError, IncidentctlError):
        return


def code_stamp() -> str:
    """Tells one state of the linter's code from another, so that a cache never outlives the rules that filled it."""
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found: list[str] = []
    for folder in ("lint", "document", "incident"):
        for place, folders, names in os.walk(os.path.join(top, folder)):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".py", ".json")):
                    facts = os.stat(os.path.join(place, name))
                    found.append(f"{name}:{facts.st_size}:{facts.st_mtime_ns}")
    return ",".join(found)
