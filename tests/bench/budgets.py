"""The budgets, one function a group: each says what is run, against what, and how much more it may take."""

import functools
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.archives import build_archive
from tests.bench.histories import build_history, continue_history
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


OPEN = 10
"""Incidents that go on, beside those that are over."""


def looks(bench: Bench) -> list[Result]:
    """What is open and what is due, among 10,000 incidents with their post-mortems, ten of them open."""
    path = bench.folder / "looked-at"
    build_history(path, 10_000, 70_000, bench.environment)
    for number in range(OPEN):
        bench.run(bench.incidentctl, "-C", path, "open", f"Checkout latency {number}", "-s", "2")
    verbs = (("list", "--open"), ("status",), ("due", "--severity", "4"))
    if bench.run(bench.incidentctl, "-C", path, "status").count(" · investigating") != OPEN:
        raise Failed(f"`status` does not show {OPEN} incidents")
    for verb in verbs:
        bench.run(bench.incidentctl, "-C", path, *verb)
    return bench.compare(
        [
            Pair(
                what=f"`{verb[0]}`, 10,000 incidents, {OPEN} of them open",
                against="one second",
                budget=1,
                ours=functools.partial(lambda words, _: bench.time([bench.incidentctl, "-C", path, *words]), verb),
                baseline=lambda _: 1.0,
            )
            for verb in verbs
        ]
    )


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


LONG = 5
"""Rounds of what takes long."""
MOST_MEMORY = 500
"""MiB."""
FLAT = 1.25
"""How much more a commit may cost in a history ten times as long. The start of the program is in it, and more so in the short one."""
MORE = 50
"""Commits that come in between two reports."""


def stats(bench: Bench) -> list[Result]:
    """A report of all history: cold, warm, after some commits more, its memory, and what a commit costs in short and long histories."""
    small, middle, large = (_History(bench, number // 10, number) for number in (1_000, 10_000, 100_000))
    beside = _History(bench, 1_000, 100_000, beside=9)
    sizes = f"{large.incidents:,} incidents, {large.commits:,} commits"
    report = f"`stats report`, {sizes}"
    walk = "`rev-list`, `diff-tree` and `cat-file` of the same"
    return bench.compare(
        [
            Pair(f"{report}, cold", walk, 3, large.cold, large.bare),
            Pair(f"{report}, again", "the same, cold", 1 / 10, large.warm, large.last_cold),
            Pair(f"{report}, after {MORE} commits more", "the same, cold", 1 / 10, large.after_more, large.last_cold),
            Pair(f"{report}, cold: memory", f"{MOST_MEMORY} MiB", 1, large.peak, lambda _: MOST_MEMORY, unit="MiB"),
            Pair(
                f"`stats report`, cold, {beside.commits:,} commits, one in ten to the record",
                walk,
                3,
                beside.cold,
                beside.bare,
            ),
            Pair(
                "`stats report`, cold, for each of 10,000 commits",
                "for each of 1,000",
                FLAT,
                middle.for_each,
                small.for_each,
                unit="µs",
            ),
            Pair(
                "`stats report`, cold, for each of 100,000 commits",
                "for each of 10,000",
                FLAT,
                large.last_for_each,
                middle.last_for_each,
                unit="µs",
            ),
        ],
        at_most=LONG,
    )


class _History:
    """A repository with a long history, what is run in it, and how long the cold report took last."""

    def __init__(self, bench: Bench, incidents: int, commits: int, *, beside: int = 0) -> None:
        self.incidents, self.commits = incidents, commits
        self._bench = bench
        self._path = bench.folder / f"history-{commits}-{beside}"
        self._report: list[str | Path] = [bench.incidentctl, "-C", self._path, "stats", "report"]
        self._cold = 0.0
        build_history(self._path, incidents, commits, bench.environment, beside=beside)
        self._tip = self._git("rev-parse", "main").strip()
        self._git("status")  # takes the files' times into the index
        self._bare = self._bare_walk()
        said = json.loads(bench.run(*self._report, "--json"))
        if len(said["incidents"]) < incidents * 0.9:
            raise Failed(f"`stats report` told of {len(said['incidents'])} incidents among {incidents}")

    def _git(self, *words: str) -> str:
        return self._bench.run("git", "-C", self._path, *words)

    def _bare_walk(self) -> Path:
        """A script that does what nobody can do without: it walks, and it reads each version of each file of the record once."""
        walk = (
            "git rev-list --topo-order --reverse main -- | git diff-tree --stdin -m -r --root --raw --no-abbrev --no-renames"
            " -- incidents postmortems"
        )
        script, blobs = (self._path.with_suffix(suffix) for suffix in (".sh", ".blobs"))
        lines = self._bench.run("sh", "-c", f'cd "{self._path}" && {walk}').splitlines()
        found = dict.fromkeys(line.split(" ", 4)[3] for line in lines if line.startswith(":"))
        blobs.write_text("".join(f"{blob}\n" for blob in found if blob.strip("0")), encoding="ascii")
        script.write_text(
            f'cd "{self._path}" && {walk} >/dev/null && git cat-file --batch <"{blobs}" >/dev/null\n', encoding="utf-8"
        )
        return script

    def bare(self, _: int) -> float:
        """The least that git takes."""
        return self._bench.time(["sh", self._bare])

    def _without_cache(self) -> None:
        shutil.rmtree(self._path / ".git" / "incidentctl" / "cache", ignore_errors=True)

    def cold(self, _: int) -> float:
        """A report without a cache, which it leaves behind."""
        self._without_cache()
        self._cold = self._bench.time(self._report)
        return self._cold

    def last_cold(self, _: int) -> float:
        """What that took in this round."""
        return self._cold

    def for_each(self, number: int) -> float:
        """The same for each commit."""
        return self.cold(number) / self.commits

    def last_for_each(self, _: int) -> float:
        """What that took in this round."""
        return self._cold / self.commits

    def warm(self, _: int) -> float:
        """A report where nothing has changed."""
        return self._bench.time(self._report)

    def after_more(self, _: int) -> float:
        """A report after some commits more, which are taken back then."""
        continue_history(self._path, MORE, self._bench.environment)
        self._git("reset", "--quiet", "--hard")
        taken = self._bench.time(self._report)
        self._git("reset", "--quiet", "--hard", self._tip)
        return taken

    def peak(self, _: int) -> float:
        """The memory of a report without a cache, in MiB."""
        self._without_cache()
        return self._bench.peak(*self._report)


# Each is a group of budgets that are measured together; a name chooses it on the command line.
GROUPS: dict[str, Callable[[Bench], list[Result]]] = {
    "start": start,
    "writes": writes,
    "looks": looks,
    "lint": lint,
    "stats": stats,
}
