"""Reads what is committed and what lies in the work tree. Never writes, and takes nothing from the user's log settings."""

import os
import signal
from collections.abc import Iterator, Mapping

from msgspec import Struct

from incidentctl.errors import RepositoryError
from incidentctl.store.files import SaveError, Stamp, check_path
from incidentctl.store.git import Answer, Git, GitError
from incidentctl.store.objects import LINK_MODE, Objects
from incidentctl.store.repository import Repository


class TipEntry(Struct, frozen=True):
    """A file at the tip of the record's branch."""

    path: str
    oid: str
    mode: str

    @property
    def is_link(self) -> bool:
        return self.mode == LINK_MODE


class WorkTreeEntry(Struct, frozen=True):
    """A file in the work tree, with what tells whether it changed."""

    path: str
    stamp: Stamp
    is_link: bool
    is_way: bool = False
    """Whether it is a link to a folder, or to nothing: documents that should be below it are not read."""


class Version(Struct, frozen=True):
    """What a file was as of one commit. `author_at` is in seconds since 1970, as the author's clock said."""

    commit: str
    author_name: str
    author_mail: str
    author_at: int
    _path: str
    _objects: Objects

    def read(self, *, cap: int | None = None) -> bytes:
        """The file's bytes in this commit; empty where the commit removed it. TooLargeError beyond `cap` bytes."""
        found = self._objects.get(f"{self.commit}:{self._path}", cap=cap, path=self._path)
        return found.data if found is not None and found.kind == "blob" else b""


class Identity(Struct, frozen=True):
    """Who git says is writing."""

    name: str
    mail: str


def read_tip(repository: Repository, path: str, *, cap: int | None = None) -> bytes | None:
    """A file at the tip of the record's branch, None when it is not there. TooLargeError beyond `cap` bytes."""
    return repository.tip().read(path, cap=cap)


def read_blob(repository: Repository, oid: str, *, cap: int | None = None) -> bytes:
    """The bytes of a blob; RepositoryError when there is none."""
    found = repository.objects.get(oid, cap=cap)
    if found is None or found.kind != "blob":
        raise RepositoryError(f"the repository has no file {oid}", hint="look with `git fsck`")
    return found.data


def list_tip(repository: Repository, folder: str) -> list[TipEntry]:
    """Every file below a folder at the tip of the record's branch, by name; none where there is no such folder.

    A link or a file in the folder's place is given itself.
    """
    commit = repository.tip().commit
    return [] if commit is None else list_at(repository, commit, folder)


def list_at(repository: Repository, commit: str, folder: str) -> list[TipEntry]:
    """The same as of any commit."""
    check_path(folder)
    found = repository.objects.get(f"{commit}:{folder}")
    if found is not None and found.kind == "blob":
        return [TipEntry(folder, found.oid, LINK_MODE)]
    if found is None or found.kind != "tree":
        return []
    listing = repository.git.ask("ls-tree", "-r", "-z", "--full-tree", found.oid)
    entries = []
    for line in listing.split(b"\0"):
        facts, tab, name = line.partition(b"\t")
        if tab:
            mode, kind, oid = facts.decode("ascii").split()
            if kind == "blob":
                entries.append(TipEntry(f"{folder}/{os.fsdecode(name)}", oid, mode))
    return entries


def list_work_tree(repository: Repository, folder: str) -> list[WorkTreeEntry]:
    """Every file below a folder of the work tree, by name, and what stands in the place of one: a link, a pipe, a device.

    Folders that are links are not entered but given themselves; those that begin with a dot are left out.
    """
    return [] if repository.work_tree is None else list_files(repository.work_tree, folder)


def list_files(top: str, folder: str) -> list[WorkTreeEntry]:
    """The same for any work tree, by its top."""
    parts = check_path(folder)
    for depth, part in enumerate(parts, 1):
        top = os.path.join(top, part)
        if os.path.islink(top):
            return [WorkTreeEntry("/".join(parts[:depth]), _stamp_of(os.lstat(top)), True, True)]
    found: list[WorkTreeEntry] = []
    waiting = [(top, folder)]
    while waiting:
        place, path = waiting.pop()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    name = f"{path}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith("."):
                            waiting.append((entry.path, name))
                    else:
                        stamp = _stamp_of(entry.stat(follow_symlinks=False))
                        is_link = entry.is_symlink()
                        found.append(WorkTreeEntry(name, stamp, is_link, is_link and not os.path.isfile(entry.path)))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SaveError(f"cannot read {path}: {error.strerror}") from None
    return sorted(found, key=lambda each: each.path)


def _stamp_of(facts: os.stat_result) -> Stamp:
    return Stamp(facts.st_ino, facts.st_mtime_ns, facts.st_size)


def versions(repository: Repository, path: str) -> Iterator[Version]:
    """The commits on the record's branch that changed a file, the newest first, one by one as they are asked for.

    A line of development whose changes a merge did not take is left out, as git does. Of two lines side by side the order is by date.
    """
    check_path(path)
    commit = repository.tip().commit
    if commit is None:
        return
    # rev-list, not log: it does not know log.showSignature, log.mailmap and their like.
    layout = "%H%x00%an%x00%ae%x00%at"
    arguments = ("rev-list", f"--format={layout}", commit, "--", f":(top,literal){path}")
    process = repository.git.start(*arguments, pipe_in=False)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            parts = line.rstrip(b"\n").decode("utf-8", "replace").split("\0")
            # Before each comes a line `commit ID`.
            if len(parts) == 4:
                at = int(parts[3]) if parts[3].lstrip("-").isdigit() else 0
                yield Version(parts[0], parts[1], parts[2], at, path, repository.objects)
        if process.wait() != 0:
            answer = repository.git.run(*arguments)
            if answer.code != 0:
                raise GitError(arguments, answer)
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.terminate()
            process.wait()


def identity(repository: Repository) -> Identity | None:
    """Who would be the author of a commit, by environment and settings; None where git would refuse to commit."""
    config = repository.git.config
    ident = config.text("GIT_AUTHOR_IDENT") or ""
    environment = repository.git.environment()
    sure = all(
        config.text(f"author.{key}") or config.text(f"user.{key}") or environment.get(variable)
        for key, variable in (("name", "GIT_AUTHOR_NAME"), ("email", "GIT_AUTHOR_EMAIL"))
    )
    if not sure:
        # The listing guesses where nothing is set; asked alone, git says whether it would commit with the guess.
        answer = repository.git.run("var", "GIT_AUTHOR_IDENT")
        if answer.code != 0:
            return None
        ident = answer.out.decode("utf-8", "replace").strip()
    name, bracket, rest = ident.partition(" <")
    mail = rest.partition(">")[0]
    return Identity(name, mail) if bracket and name and mail else None


def editor(repository: Repository) -> str | None:
    """The user's editor, as a command for the shell; None where git knows none."""
    return editor_of(repository.git)


def editor_of(git: Git) -> str | None:
    """The same where there may be no repository."""
    known = git.config.text("GIT_EDITOR")
    if known is not None:
        return known
    answer: Answer = git.run("var", "GIT_EDITOR")
    return answer.text or None if answer.code == 0 else None


def run_editor(repository: Repository, path: str) -> int:
    """Opens a file in the user's editor, as git does, and gives its exit code. RepositoryError where there is none."""
    command = editor(repository)
    if command is None:
        raise RepositoryError("no editor to open", hint="set one: `git config --global core.editor vim`")
    if command == ":":
        return 0
    # git's way: the setting is a line for the shell, the file its argument; a Ctrl-C is the editor's alone.
    process = repository.git.spawn(
        ["/bin/sh", "-c", f'{command} "$@"', command, path], stdin=None, environment=repository.git.environment()
    )
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, previous)


def log_lines(place: str, environ: Mapping[str, str]) -> list[str]:
    """The subjects of all commits of a repository, newest first."""
    return Git(place, environ=environ).ask("log", "--format=%s").decode("utf-8", "replace").splitlines()
