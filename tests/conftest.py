"""A terminal of one's own for the tests of commands: a scrubbed environment, a real repository, a clock that is handed in."""

import io
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings as hypothesis_settings

from incidentctl.cli import run
from incidentctl.context import Outside

# How long one example takes says more of the machine than of the program. In CI the examples are the same each time: what fails
# there was broken by the change.
hypothesis_settings.register_profile("here", deadline=None, derandomize="CI" in os.environ)
hypothesis_settings.load_profile("here")

START = datetime(2026, 5, 14, 10, 6, 0, tzinfo=UTC)


class Typed(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Result:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err[self.err.index("{") :])


@dataclass
class Desk:
    """One user at one clone. `ictl` runs a command line in this process, with real git and a clock that tests move."""

    path: Path
    environ: dict[str, str]
    now: datetime = START
    zone: str = "UTC"
    chances: int = 0
    transcript: list[str] = field(default_factory=list)

    def ictl(self, *words: str, stdin: str | None = None, typed: str | None = None, cwd: Path | None = None) -> Result:
        """Runs a command. `stdin` is piped in; `typed` is typed at a terminal."""
        out, err = (Typed(), Typed()) if typed is not None else (io.StringIO(), io.StringIO())
        outside = Outside(
            environ=self.environ,
            cwd=str(cwd or self.path),
            stdin=Typed(typed) if typed is not None else io.StringIO(stdin or ""),
            stdout=out,
            stderr=err,
            now=lambda: self.now,
            chance=self._chance,
            zone=ZoneInfo(self.zone),
            program="ictl",
        )
        code = run(list(words), outside)
        result = Result(int(code), out.getvalue(), err.getvalue())
        self.transcript.append(f"$ ictl {' '.join(words)}\n{result.out}")
        return result

    def ok(self, *words: str, **options: Any) -> Result:
        """Runs a command that has to succeed."""
        result = self.ictl(*words, **options)
        assert result.code == 0, f"{words}: {result.code}\n{result.out}{result.err}"
        return result

    def _chance(self) -> int:
        self.chances += 1
        return self.chances * 7919

    def wait(self, minutes: float) -> None:
        """Lets time pass."""
        self.now += timedelta(minutes=minutes)

    def at(self, clock: str) -> None:
        """Sets the clock to a time of the story's day, in UTC."""
        hour, minute = clock.split(":")
        self.now = self.now.replace(hour=int(hour), minute=int(minute), second=0)

    def git(self, *words: str, ok: bool = True, cwd: Path | None = None) -> str:
        """Runs git as the user would."""
        done = subprocess.run(
            ["git", *words], cwd=cwd or self.path, env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not ok, f"git {words}: {done.stdout}{done.stderr}"
        return done.stdout

    def files(self) -> list[str]:
        """The incident files in the work tree."""
        return sorted(str(path.relative_to(self.path)) for path in self.path.glob("**/incidents/**/*.md"))

    def text(self, name: str | None = None) -> str:
        """The text of the only incident, or of the named file."""
        return (self.path / (name or self.files()[-1])).read_bytes().decode()

    def write(self, name: str, text: str) -> Path:
        """Writes a file in the work tree."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def editor(self, script: str) -> None:
        """Makes an editor that runs a script with the file as `$1`."""
        path = self.path.parent / "editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        self.environ["GIT_EDITOR"] = str(path)

    def drafts(self) -> list[str]:
        """The texts that an editor left behind."""
        return sorted(path.name for path in (self.path / ".git" / "incidentctl" / "drafts").glob("*"))

    def subjects(self) -> list[str]:
        """The subjects of all commits on the checked-out branch, newest first."""
        return self.git("log", "--format=%s").splitlines()

    def touched(self, commit: str = "HEAD") -> list[str]:
        """The paths that a commit touches."""
        return self.git("show", "--format=", "--name-only", commit).split()


def scrubbed_environ(home: Path, *, name: str = "Ann", mail: str = "ann@example.org") -> dict[str, str]:
    """An environment with nothing of the machine's own in it but the path."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "gitconfig").write_text(
        f"[user]\n\tname = {name}\n\temail = {mail}\n[init]\n\tdefaultBranch = main\n[commit]\n\tgpgsign = false\n"
        '[advice]\n\tdetachedHead = false\n[protocol "file"]\n\tallow = always\n'
    )
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "LANG": "C.UTF-8",
    }


SETTINGS = '[store]\nbranch = "main"\n\n[bridge]\nurl = "https://meet.example.org/sev1"\n'


def new_desk(tmp_path: Path, *, settings: str = SETTINGS, git_options: Sequence[str] = ()) -> Desk:
    """A repository of incidents with its settings committed, and nothing else."""
    desk = Desk(tmp_path / "incidents-repo", scrubbed_environ(tmp_path / "home"))
    desk.path.mkdir()
    desk.git("init", "--quiet", *git_options)
    desk.git("config", "merge.incidentctl.driver", "incidentctl merge-driver %O %A %B %P")
    desk.write("incidentctl.toml", settings)
    desk.git("add", ".")
    desk.git("commit", "--quiet", "-m", "settings")
    return desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A user at a fresh repository of incidents."""
    return new_desk(tmp_path)
