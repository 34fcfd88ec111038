"""Several clones of one repository of incidents, each with its own user, and the bare repository through which they share."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import SETTINGS, Desk, scrubbed_environ

SLUG = "checkout-latency"
INCIDENT = f"2026-05-14-{SLUG}"
FILE = f"incidents/2026/05/{INCIDENT}.md"


@dataclass
class Team:
    """The shared repository and who works with it."""

    folder: Path
    remote: Path
    environ: dict[str, str]
    desks: list[Desk] = field(default_factory=list)

    def clone(self, name: str, *options: str) -> Desk:
        """One more responder, at a clone of their own."""
        environ = scrubbed_environ(self.folder / f"home-{name}", name=name.capitalize(), mail=f"{name}@example.org")
        desk = Desk(self.folder / name, environ, chances=100_003 * (len(self.desks) + 1))
        run(self.folder, environ, "clone", "--quiet", *options, str(self.remote), name)
        self.desks.append(desk)
        return desk

    def copy(self, first: "Team", name: str) -> Desk:
        """A responder with a copy of another team's clone: making one takes longer."""
        for each in (name, f"home-{name}"):
            shutil.copytree(first.folder / each, self.folder / each, symlinks=True)
        was = next(desk for desk in first.desks if desk.path.name == name)
        environ = scrubbed_environ(self.folder / f"home-{name}", name=name.capitalize(), mail=f"{name}@example.org")
        desk = Desk(self.folder / name, environ, chances=was.chances)
        desk.git("config", "remote.origin.url", str(self.remote))
        self.desks.append(desk)
        return desk

    def git(self, *words: str) -> str:
        """git in the shared repository."""
        return run(self.remote, self.environ, *words)

    def hook(self, name: str, script: str) -> None:
        """A rule of the shared repository."""
        path = self.remote / "hooks" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def protect_main(self) -> None:
        """From now on nobody pushes to main."""
        self.hook("update", 'test "$1" != refs/heads/main || { echo "protected branch" >&2; exit 1; }')

    def show(self, path: str = FILE, branch: str = "main") -> str:
        """A file of the shared repository."""
        return self.git("show", f"{branch}:{path}")

    def subjects(self, branch: str = "main") -> list[str]:
        """The subjects of all commits of a shared branch, newest first."""
        return self.git("log", "--format=%s", branch).splitlines()


def run(cwd: Path, environ: dict[str, str], *words: str) -> str:
    """git, which has to succeed."""
    done = subprocess.run(["git", *words], cwd=cwd, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, f"git {words}: {done.stderr.decode()}"
    return done.stdout.decode()


def new_team(folder: Path, *, settings: str = SETTINGS, options: tuple[str, ...] = ()) -> Team:
    """A shared repository with the settings, an application and nothing else."""
    environ = scrubbed_environ(folder / "home")
    remote = folder / "shared.git"
    run(folder, environ, "init", "--quiet", "--bare", *options, str(remote))
    seed = folder / "seed"
    run(folder, environ, "init", "--quiet", *options, str(seed))
    run(seed, environ, "remote", "add", "origin", str(remote))
    (seed / "incidentctl.toml").write_text(settings)
    (seed / "app.py").write_text("one\ntwo\nthree\n")
    run(seed, environ, "add", ".")
    run(seed, environ, "commit", "--quiet", "-m", "settings")
    run(seed, environ, "push", "--quiet", "-u", "origin", "main")
    return Team(folder, remote, environ)
