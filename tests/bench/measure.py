"""Times two commands against each other: A B A B in one run, so that a slow moment of the machine meets both."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PARTS = {"ms": 1e3, "µs": 1e6}
"""Of a second."""


@dataclass(frozen=True)
class Result:
    """One budget, and what came of it. `ratios` are of the pairs as they were run. Seconds where `unit` is that of a time, else MiB."""

    what: str
    against: str
    baseline: float
    ours: float
    budget: float
    ratios: tuple[float, ...]
    unit: str = "ms"

    def shown(self, value: float) -> str:
        """The baseline or ours with its unit."""
        return f"{value * _PARTS.get(self.unit, 1):.0f} {self.unit}"

    @property
    def ratio(self) -> float:
        return self.ours / self.baseline

    @property
    def spread(self) -> tuple[float, float]:
        """The range in which eight of ten pairs lie."""
        tenths = statistics.quantiles(self.ratios, n=10, method="inclusive")
        return tenths[0], tenths[-1]

    @property
    def met(self) -> bool:
        return self.ratio <= self.budget


@dataclass(frozen=True)
class Pair:
    """What is timed together. `before_baseline` is not timed: it prepares for the baseline what ours has just done."""

    what: str
    against: str
    budget: float
    ours: Callable[[int], float]
    baseline: Callable[[int], float]
    before_baseline: Callable[[], None] = lambda: None
    unit: str = "ms"


class Failed(Exception):
    """A command that was to be timed did not do its work, so that its time means nothing."""


class Bench:
    """A folder of its own, an environment without the machine's settings, and the two programs as scripts of one kind."""

    def __init__(self, folder: Path, rounds: int, warm_up: int = 2) -> None:
        self.folder = folder
        self.rounds = rounds
        self._warm_up = warm_up
        self.environment: Mapping[str, str] = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ann",
            "GIT_AUTHOR_EMAIL": "ann@example.org",
            "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "ann@example.org",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }
        self.incidentctl = Path(sys.executable).with_name("incidentctl")
        self.two_commands = self._install_two_commands()

    def _install_two_commands(self) -> Path:
        """The empty program starts as ours does: the same script, made by the same installer, with another import."""
        script = self.incidentctl.read_text(encoding="utf-8")
        other = script.replace("from incidentctl.__main__ import main", "from two_commands import main")
        if other == script:
            raise Failed(f"{self.incidentctl.name} is not a script that imports incidentctl.__main__")
        programs = self.folder / "programs"
        programs.mkdir()
        source = Path(__file__).with_name("two_commands.py").read_text(encoding="utf-8")
        (programs / "two_commands.py").write_text(source, encoding="utf-8")
        installed = programs / "two-commands"
        installed.write_text(other, encoding="utf-8")
        installed.chmod(0o755)
        return installed

    def run(self, *words: str | Path, environment: Mapping[str, str] | None = None) -> str:
        """Run a command that has to succeed, and return what it printed."""
        ran = subprocess.run(
            [str(word) for word in words],
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        if ran.returncode:
            said = (ran.stderr or ran.stdout).strip()
            raise Failed(f"{' '.join(map(str, words))}\nended with {ran.returncode}: {said}")
        return ran.stdout

    def time(self, *commands: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> float:
        """The seconds that the commands take, one after the other."""
        began = time.perf_counter()
        for words in commands:
            self.run(*words, environment=environment)
        return time.perf_counter() - began

    def peak(self, *words: str | Path) -> float:
        """The MiB that a command and all that it starts take in memory at once, at most. What they share counts once."""
        command = [str(word) for word in words]
        most = 0
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            while process.poll() is None:
                most = max(most, _resident(process.pid))
                time.sleep(0.01)
        if process.returncode or not most:
            raise Failed(f"{' '.join(command)}\nended with {process.returncode}, or /proc does not tell what it takes")
        return most / 2**10

    def compare(self, pairs: Sequence[Pair], *, at_most: int | None = None) -> list[Result]:
        """Run all pairs in each round, ours and then the baseline, and compare the medians. `at_most` so many rounds of what is long."""
        taken: list[list[tuple[float, float]]] = [[] for _ in pairs]
        rounds = self.rounds if at_most is None else min(self.rounds, at_most)
        warm_up = self._warm_up if at_most is None else min(self._warm_up, 1)
        for number in range(warm_up + rounds):
            for pair, times in zip(pairs, taken, strict=True):
                ours = pair.ours(number)
                pair.before_baseline()
                times.append((ours, pair.baseline(number)))
        return [_result(pair, times[warm_up:]) for pair, times in zip(pairs, taken, strict=True)]


def _resident(pid: int) -> int:
    """The KiB that a process and its children take in memory, shared pages in equal parts; 0 where that cannot be told."""
    try:
        facts = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text(encoding="ascii").split()]
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in facts if line.startswith("Pss:")) + sum(map(_resident, children))


def _result(pair: Pair, times: Sequence[tuple[float, float]]) -> Result:
    return Result(
        what=pair.what,
        against=pair.against,
        baseline=statistics.median(baseline for _, baseline in times),
        ours=statistics.median(ours for ours, _ in times),
        budget=pair.budget,
        ratios=tuple(ours / baseline for ours, baseline in times),
        unit=pair.unit,
    )
