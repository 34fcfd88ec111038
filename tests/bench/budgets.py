"""The budgets, one function a group: each says what is run, against what, and how much more it may take."""

import functools
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.archives import build_archive
from tests.bench.measure import Bench, Failed, Pair, Result
from tests.bench.repositories import build_repository


def start(bench: Bench) -> list[Result]:
    """What anyone waits for before a command begins: the version, and completion at the Tab key."""
    completing = {"COMP_CWORD": "1"}
    ours = {"_INCIDENTCTL_COMPLETE": "complete_bash", "COMP_WORDS": "incidentctl no", **completing}
    theirs = {"_TWO_COMMANDS_COMPLETE": "complete_bash", "COMP_WORDS": "two-commands no", **completing}
    for program, environment in ((bench.incidentctl, ours), (bench.two_commands, theirs)):
        if "note" not in bench.run(program, environment=environment).split():
            raise Failed(f"{program.name} does not complete `no` to `note`")
    return bench.compare(
        [
            Pair(
                what="`--version`",
                against="`python -c pass`",
                budget=3,
                ours=lambda _: bench.time([bench.incidentctl, "--version"]),
                baseline=lambda _: bench.time([sys.executable, "-c", "pass"]),
            ),
            Pair(
                what="completion",
                against="the same of an empty typer program",
                budget=1.3,
                ours=lambda _: bench.time([bench.incidentctl], environment=ours),
                baseline=lambda _: bench.time([bench.two_commands], environment=theirs),
            ),
        ]
    )


def writes(bench: Bench) -> list[Result]:
    """What is typed under pressure, with few incidents in the repository and with many."""
    return [result for incidents in (10, 10_000) for result in _writes(bench, incidents)]


def _writes(bench: Bench, incidents: int) -> list[Result]:
    ours = bench.folder / f"ours-{incidents}"
    theirs = bench.folder / f"theirs-{incidents}"
    build_repository(ours, incidents, bench.environment)
    bench.run(bench.incidentctl, "init", ours)
    shutil.copytree(ours, theirs, symlinks=True)
    bench.run("git", "-C", theirs, "status")  # takes the copied files' times into the index

    same_change = _SameChange(bench, ours, theirs)
    commands: dict[str, Callable[[int], list[str]]] = {
        "open": lambda number: [f"Checkout latency, round {number}", "-s", "2", "--service", "checkout"],
        "note": lambda number: [f"pool exhausted on db-{number}"],
        "update": lambda number: [f"failing over to db-{number}", "--status", "identified", "--impact", "12 % fail"],
    }

    def time_ours(verb: str, number: int) -> float:
        return bench.time([bench.incidentctl, "-C", ours, verb, *commands[verb](number)])

    def time_theirs(verb: str, number: int) -> float:
        return bench.time(
            [bench.two_commands, "note", f"round {number}"],
            ["git", "-C", theirs, "add", "--", *same_change.paths],
            ["git", "-C", theirs, "commit", "--quiet", "-m", f"round {number}: {verb}"],
        )

    return bench.compare(
        [
            Pair(
                what=f"`{verb}`, {incidents:,} incidents",
                against="an empty typer program, `git add` and `git commit`",
                budget=2,
                ours=functools.partial(time_ours, verb),
                baseline=functools.partial(time_theirs, verb),
                before_baseline=same_change.bring_over,
            )
            for verb in commands
        ]
    )


class _SameChange:
    """Brings the files of our last commit into the other repository's work tree, for it to add and commit."""

    def __init__(self, bench: Bench, ours: Path, theirs: Path) -> None:
        self._bench, self._ours, self._theirs = bench, ours, theirs
        self._tip = self._head()
        self.paths: list[str] = []

    def _head(self) -> str:
        return self._bench.run("git", "-C", self._ours, "rev-parse", "HEAD").strip()

    def bring_over(self) -> None:
        before, self._tip = self._tip, self._head()
        parent = self._bench.run("git", "-C", self._ours, "rev-parse", "HEAD^").strip()
        if parent != before:
            raise Failed("a command made no commit, or more than one")
        changed = self._bench.run("git", "-C", self._ours, "diff", "--name-only", "-z", before, self._tip)
        self.paths = changed.rstrip("\0").split("\0")
        for path in self.paths:
            (self._theirs / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._ours / path, self._theirs / path)


PEER = "markdownlint-cli2@0.22.1"


def lint(bench: Bench) -> list[Result]:
    """A thousand post-mortems: cold, without any cache, and again when nothing has changed."""
    if shutil.which("npm") is None:
        raise Failed("npm is missing: the linter is measured against markdownlint-cli2")
    archive = bench.folder / "archive"
    build_archive(archive, 1000)
    peer = bench.folder / "peer"
    install = ("npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", peer, PEER)
    bench.run(*install, environment=os.environ)  # with the user's own settings of npm
    theirs = peer / "run"
    theirs.write_text(  # it ends with 1 when it finds something, as ours does
        f'#!/bin/sh\ncd "{archive}"\n"{peer}/node_modules/.bin/markdownlint-cli2" "**/*.md" >/dev/null 2>&1\ntest $? -le 1\n'
    )
    theirs.chmod(0o755)
    ours: list[str | Path] = [bench.incidentctl, "lint", archive, "--exit-zero", "--format", "concise"]
    if "1,000 documents" not in bench.run(*ours, "--no-cache"):
        raise Failed("`lint` did not read 1,000 documents")
    bench.run(*ours)
    return bench.compare(
        [
            Pair(
                what="`lint`, 1,000 post-mortems, cold",
                against="markdownlint-cli2 on the same files",
                budget=1 / 4,
                ours=lambda _: bench.time([*ours, "--no-cache"]),
                baseline=lambda _: bench.time([theirs]),
            ),
            Pair(
                what="`lint`, the same again, nothing changed",
                against="one second",
                budget=1,
                ours=lambda _: bench.time(ours),
                baseline=lambda _: 1.0,
            ),
        ]
    )


# Each is a group of budgets that are measured together; a name chooses it on the command line.
GROUPS: dict[str, Callable[[Bench], list[Result]]] = {"start": start, "writes": writes, "lint": lint}
