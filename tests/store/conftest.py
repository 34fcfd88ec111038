"""Real repositories in a scrubbed environment: git is never mocked, and nothing of the machine's own settings is seen."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from incidentctl.store.commit import Change, CommitResult, FileChange, commit_files
from incidentctl.store.files import ANY, Expects, Stamp
from incidentctl.store.lock import Lock
from incidentctl.store.objects import Tip
from incidentctl.store.repository import Repository, find_repository

OURS = "incidents/2026/05/2026-05-14-checkout-latency.md"
PROJECT = Path(__file__).parents[2]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment of its own, with a name and a mail."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "gitconfig").write_text(
        '[user]\n\tname = Ann\n\temail = ann@example.org\n[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n'
        "[advice]\n\tdetachedHead = false\n[commit]\n\tgpgsign = false\n[gc]\n\tauto = 0\n"
    )
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_EDITOR": "false",
        "PYTHONPATH": str(PROJECT),
    }


@dataclass
class Place:
    """A repository on the disk and what a test does with it."""

    path: Path
    environ: dict[str, str]
    opened: list[Repository] = field(default_factory=list)

    def git(
        self, *arguments: str, ok: bool = True, env: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**self.environ, **(env or {})},
            capture_output=True,
            input=stdin,
            text=True,
        )
        assert done.returncode == 0 or not ok, f"git {' '.join(arguments)}: {done.stderr}{done.stdout}"
        return done.stdout.rstrip("\n")

    def bytes_of(self, *arguments: str) -> bytes:
        return subprocess.run(
            ["git", *arguments], cwd=self.path, env=self.environ, capture_output=True, check=True
        ).stdout

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def read(self, path: str = OURS) -> str:
        return (self.path / path).read_text()

    def commit(self, path: str, text: str, message: str = "by hand") -> str:
        self.write(path, text)
        self.git("add", "--", path)
        self.git("commit", "--quiet", "--no-verify", "-m", message, "--", path)
        return self.head()

    def head(self, name: str = "HEAD") -> str:
        return self.git("rev-parse", "--verify", name)

    def hook(self, name: str, script: str) -> Path:
        file = self.path / ".git" / "hooks" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    def open(self, *, branch: str | None = None, cwd: Path | None = None) -> Repository:
        repository = find_repository(
            explicit=None,
            environ=self.environ,
            cwd=str(cwd or self.path),
            user_repository=None,
            branch_setting=lambda text: branch,
        )
        self.opened.append(repository)
        return repository

    def note(
        self,
        line: str,
        *,
        path: str = OURS,
        repository: Repository | None = None,
        **options: object,
    ) -> CommitResult:
        """What a command does: lock, look again, add a line to a file, commit."""
        opened = repository or self.open()
        with Lock(opened.own_dir).held(timeout=20):
            fresh = opened.refreshed()
            self.opened.append(fresh)
            return commit_files(fresh, adding(fresh, path, line), keeps=keeping(line), **options)  # type: ignore[arg-type]

    def foreign(self) -> dict[str, bytes]:
        """All that the user has going on besides our file."""
        apart = ("--", ":/", f":(exclude,top){OURS}")
        return {
            "staged": self.bytes_of("diff", "--cached", "--binary", *apart),
            "unstaged": self.bytes_of("diff", "--binary", *apart),
            "status": self.bytes_of("status", "--porcelain=v2", "--untracked-files=all", *apart),
        }

    def check(self, *, sound: bool = True) -> None:
        """Nothing broken, nothing left lying about."""
        fsck = self.git("fsck", "--strict", "--no-dangling")
        assert fsck == "", fsck
        common = Path(self.git("rev-parse", "--path-format=absolute", "--git-common-dir"))
        left = [str(file) for file in common.rglob("*.lock") if "objects" not in file.parts]
        assert left == []
        scratch = common / "incidentctl" / "tmp"
        assert not scratch.exists() or list(scratch.iterdir()) == []
        assert not (common / "incidentctl" / "journal").exists()


def adding(repository: Repository, path: str, line: str) -> Callable[[Tip], Change | None]:
    """Adds a line to what is in the work tree, or at the tip where that is all there is; none when it is there already."""

    def build(tip: Tip) -> Change | None:
        stamp: Stamp | None | Expects = ANY
        committed = tip.read(path) or b""
        current = committed
        if repository.checked_out:
            assert repository.work_tree is not None
            from incidentctl.store.files import read_stamped

            found = read_stamped(repository.work_tree, path)
            current, stamp = found if found is not None else (b"", None)
        if line.encode() in committed.splitlines():
            return None
        ending = b"\r\n" if b"\r\n" in current else b"\n"
        new = current if line.encode() in current.splitlines() else current + line.encode() + ending
        return Change({path: FileChange(new, expects=stamp)}, f"checkout-latency: {line}\n\nIncident: x\n")

    return build


def keeping(line: str) -> Callable[[Mapping[str, bytes | None]], bool]:
    return lambda files: all(data is not None and line.encode() in data for data in files.values())


@contextmanager
def made(path: Path, environ: dict[str, str], *options: str) -> Iterator[Place]:
    path.mkdir(parents=True, exist_ok=True)
    place = Place(path, environ)
    place.git("init", "--quiet", *options)
    try:
        yield place
    finally:
        for repository in place.opened:
            repository.close()


@pytest.fixture
def empty(tmp_path: Path, environ: dict[str, str]) -> Iterator[Place]:
    """A repository of incidents in which nothing is committed yet."""
    with made(tmp_path / "empty", environ) as place:
        place.write("incidentctl.toml", "")
        yield place


@pytest.fixture
def place(tmp_path: Path, environ: dict[str, str]) -> Iterator[Place]:
    """A repository with our file and three of somebody else's."""
    with made(tmp_path / "repo", environ) as place:
        place.write(OURS, "first\n")
        place.write("incidentctl.toml", "")
        for name in ("app.py", "README.md", "lib/a.txt"):
            place.write(name, "1\n2\n3\n4\n5\n6\n7\n8\n9\n")
        place.git("add", "--all")
        place.git("commit", "--quiet", "-m", "start")
        yield place


@pytest.fixture
def python(environ: dict[str, str]) -> Callable[..., "subprocess.Popen[str]"]:
    """Starts a Python of its own on the store, for what needs real processes."""

    def start(code: str, *arguments: str, **options: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            text=True,
            **options,
        )

    return start


def committed_paths(place: Place, commit: str) -> list[str]:
    return place.git("show", "--format=", "--name-only", "-m", "--first-parent", commit).split()
