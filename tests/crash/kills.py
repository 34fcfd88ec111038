"""Kills commands at random moments and holds the next one to what was promised."""

import os
import random
import shlex
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash import shim
from tests.crash.gits import Gits
from tests.crash.yard import Ended, Loss, Order, Yard, end_all, new_yard, wait_for_session

INCIDENTS = ("note", "open", "alert", "update", "severity", "set", "edit", "undo", "lines")
DOCUMENTS = ("action add", "action done")
KILLS_IN_ONE_YARD = 25


@dataclass
class Tally:
    """What was done: how many were killed, how, in which verbs, and how many of them after their answer."""

    killed: int = 0
    lived: int = 0
    by: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0

    def add(self, other: "Tally") -> None:
        """Takes another one in."""
        self.killed += other.killed
        self.lived += other.lived
        self.by += other.by
        self.acknowledged += other.acknowledged


@dataclass(frozen=True)
class Measures:
    """How long a verb takes, how many gits it starts and how many changes it makes, as last seen."""

    seconds: float
    gits: int
    changes: int


class Killer:
    """Rounds of one yard: a command, its death, the next command, and the checks."""

    def __init__(
        self, yard: Yard, chance: random.Random, verbs: tuple[str, ...], measures: dict[str, Measures]
    ) -> None:
        self.yard = yard
        self.chance = chance
        self.verbs = verbs
        self.tally = Tally()
        self._last = ""
        self._measures = measures
        scratch = yard.path.parent
        self._gits = Gits(yard)
        self._faults = shim.Faults(yard.path, scratch / "changes") if shim.library() is not None else None

    def measure(self, verb: str) -> None:
        """Runs a verb unharmed, to know over which moments a kill has to be spread."""
        order = self.yard.order(verb, self.chance)
        environ = self._gits.environ()
        if self._faults is not None:
            environ |= self._faults.environ()
        self.yard.run(order, environ=environ)
        gits = self._gits.count
        began = time.monotonic()
        self.yard.run(self.yard.order(verb, self.chance))
        seconds = time.monotonic() - began
        self._measures[verb] = Measures(seconds, gits, self._faults.count if self._faults is not None else 1)

    def round(self) -> str:
        """Kills one command; gives in words what was done."""
        verb = self._last = self.chance.choice(self.verbs)
        if verb not in self._measures:
            self.measure(verb)
        ways = ("clock", "clock", "git", "change", "change") if self._faults is not None else ("clock", "git")
        way = self.chance.choice(ways)
        order = self.yard.order(verb, self.chance)
        how, done = {"clock": self._by_clock, "git": self._at_git, "change": self._at_change}[way](order, verb)
        said = f"{shlex.join(order.words)}: {how}, ended with {done.code}, printed {done.out[:60]!r}"
        # A signal that is asked for at the very end comes after the command is over; that is no kill.
        if (
            done.code < 0
            or done.code == 130
            or done.err.endswith("KeyboardInterrupt\n")
            or (way == "change" and "git alone" in how)
        ):
            self.tally.killed += 1
            self.tally.by[how.partition(" at")[0]] += 1
            self.tally.by[verb] += 1
            self.tally.acknowledged += done.is_acknowledged
        else:
            self.tally.lived += 1
        return said

    def _by_clock(self, order: Order, verb: str) -> tuple[str, Ended]:
        number = self.chance.choice((signal.SIGKILL,) * 4 + (signal.SIGTERM, signal.SIGINT))
        with_gits = self.chance.random() < 0.5
        # Half of the time goes by before anything is touched; the later moments are drawn more often.
        share = self.chance.uniform(0.0, 1.05) if self.chance.random() < 0.3 else self.chance.uniform(0.4, 1.05)
        pause = share * self._measures[verb].seconds
        process = self.yard.start(order.words, environ=order.environ, stdin=order.stdin)
        time.sleep(pause)
        if number == signal.SIGINT:
            _kill_group(process.pid, number)
        elif with_gits:
            end_all(process.pid, number)
        else:
            _kill(process.pid, number)
        done = self.yard.ended(order, process)
        wait_for_session(process.pid)
        whom = "everything" if with_gits or number == signal.SIGINT else "the command alone"
        return f"{signal.Signals(number).name} to {whom} at {share:.0%}", done

    def _at_git(self, order: Order, verb: str) -> tuple[str, Ended]:
        at = self.chance.randint(1, max(1, self._measures[verb].gits))
        when = self.chance.choice(("before", "both", "after"))
        return self._run(order, f"killed {when} a git at number {at}", self._gits.environ(at=at, do=when))

    def _at_change(self, order: Order, verb: str) -> tuple[str, Ended]:
        assert self._faults is not None
        at = self.chance.randint(1, max(1, self._measures[verb].changes))
        do = self.chance.choice(("both", "both", "kill"))
        how = "a change" if do == "both" else "a change, of git alone or the command,"
        return self._run(order, f"killed in {how} at number {at}", self._faults.environ(at=at, do=do))

    def _run(self, order: Order, how: str, environ: dict[str, str]) -> tuple[str, Ended]:
        process = self.yard.start(order.words, environ={**order.environ, **environ}, stdin=order.stdin)
        done = self.yard.ended(order, process)
        wait_for_session(process.pid)
        return how, done

    def next_command(self, *, beside_a_user: bool = False) -> None:
        """The command that comes next: it has to work as if nothing had been. A post-mortem is taken up by the next that writes one.

        Beside a git at work it may come upon a lock, or a gc, and end with 7, as any command may: then the one after it commits.
        """
        if beside_a_user and self._one_more().code == 0:
            return
        done = self._one_more()
        if done.code != 0:
            raise Loss(f"the next command ended with {done.code}: {done.err}")

    def _one_more(self) -> Ended:
        order = self.yard.order("action add" if self._last.startswith("action") else "note", self.chance)
        done = self.yard.run(order)
        if done.code not in (0, 7):
            raise Loss(f"the next command ended with {done.code}: {done.err}")
        return done


def kill_quietly(yard: Yard, chance: random.Random, kills: int, measures: dict[str, Measures]) -> Tally:
    """Kills, one after the other, with nobody else at work; everything is checked after each."""
    killer = Killer(yard, chance, INCIDENTS + DOCUMENTS, measures)
    before = yard.foreign()
    while killer.tally.killed < kills:
        how = killer.round()
        try:
            killer.next_command()
            yard.check_words()
            yard.check_order()
            if yard.foreign() != before:
                raise Loss(f"the user's own work was touched: {before} is now {yard.foreign()}")
        except Loss as loss:
            raise Loss(f"{yard.path}: {how}: {loss}") from None
    return killer.tally


def kill_beside_a_user(yard: Yard, chance: random.Random, kills: int, measures: dict[str, Measures]) -> Tally:
    """The same while the user works in this clone with git. Post-mortems are left out: they go to whatever branch is checked out."""
    killer = Killer(yard, chance, INCIDENTS, measures)
    how = ""
    try:
        with _User(yard, random.Random(chance.random())) as user:
            while killer.tally.killed < kills:
                how = killer.round()
                killer.next_command(beside_a_user=True)
                yard.check_words()
                user.demand_nothing_was_taken()
        yard.git("checkout", "--quiet", "main")
        killer.next_command()
        yard.check_words()
        yard.check_order()
        user.check()
    except Loss as loss:
        raise Loss(f"{yard.path}: {how}: {loss}") from None
    return killer.tally


class _User:
    """Somebody who works with git in the same clone: commits, adds, packs, switches, and holds locks for a while."""

    def __init__(self, yard: Yard, chance: random.Random) -> None:
        self._yard = yard
        self._chance = chance
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._committed: list[str] = []
        self._fault: str | None = None
        self._number = 0

    def __enter__(self) -> "_User":
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._over.set()
        self._thread.join()

    def demand_nothing_was_taken(self) -> None:
        """Raises if somebody took a lock of ours away."""
        if self._fault is not None:
            raise Loss(self._fault)

    def check(self) -> None:
        """All that was committed is there, in commits of their own, and committing works at once."""
        self.demand_nothing_was_taken()
        subjects = self._yard.git("log", "--format=%s", "main", "other").splitlines()
        for subject in self._committed:
            if subjects.count(subject) != 1:
                raise Loss(f"the user's commit {subject!r} is there {subjects.count(subject)} times")
        for commit in self._yard.git("log", "--format=%H", "--grep", "^user ", "main").split():
            paths = self._yard.git("show", "--format=", "--name-only", commit).split()
            if paths != ["lib/a.txt"]:
                raise Loss(f"the user's commit {commit} touches {paths}")
        self._yard.git("commit", "--quiet", "-m", "the user's last one", "--", "app.py")

    def _work(self) -> None:
        works = [self._commit, self._commit, self._add, self._pack, self._hold]
        if os.environ.get("INCIDENTCTL_CRASH_SWITCHES"):
            # No word is lost, but once in some hundred kills beside a switch git wants the file of the other branch put back by hand.
            works.append(self._switch)
        while not self._over.is_set():
            self._chance.choice(works)()
            time.sleep(self._chance.uniform(0.0, 0.4))

    def _git(self, *words: str) -> bool:
        yard = self._yard
        return subprocess.run(["git", *words], cwd=yard.path, env=yard.environ, capture_output=True).returncode == 0

    def _commit(self) -> None:
        self._number += 1
        (self._yard.path / "lib/a.txt").write_text(f"{self._number}\n")
        subject = f"user {self._number}"
        if self._git("commit", "--quiet", "-m", subject, "--", "lib/a.txt"):
            self._committed.append(subject)

    def _add(self) -> None:
        (self._yard.path / "app.py").write_text(f"staged {self._chance.random()}\n")
        self._git("add", "app.py")

    def _pack(self) -> None:
        self._git(*self._chance.choice((("gc", "--quiet"), ("pack-refs", "--all"), ("repack", "-d", "--quiet"))))

    def _switch(self) -> None:
        self._git("checkout", "--quiet", self._chance.choice(("other", "main", "main")))

    def _hold(self) -> None:
        """Holds a lock as git does, and looks afterwards whether it is still there."""
        name = self._chance.choice(("index.lock", "HEAD.lock", "refs/heads/main.lock"))
        path = self._yard.path / ".git" / name
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            return
        time.sleep(self._chance.uniform(0.05, 0.6))
        mine = os.fstat(handle)
        try:
            there = path.stat()
        except FileNotFoundError:
            there = None
        if there is None or there.st_ino != mine.st_ino:
            self._fault = f"{name} was taken away from somebody who held it"
        else:
            path.unlink()
        os.close(handle)


def kill_many(kills: int, *, seed: int, jobs: int) -> Iterator[Tally]:
    """So many kills, shared out over yards that are worked on at the same time; gives the tally of each yard as it is done.

    Every second yard has a user at work beside. What fails is raised as `Loss`, and its folder stays.
    """
    yards = [min(KILLS_IN_ONE_YARD, kills - begun) for begun in range(0, kills, KILLS_IN_ONE_YARD)]

    measures: dict[str, Measures] = {}

    def one(number: int, wanted: int) -> Tally:
        chance = random.Random(f"{seed} {number}")
        folder = Path(tempfile.mkdtemp(prefix=f"incidentctl-crash-{seed}-{number}-"))
        yard = new_yard(folder / "yard")
        done = (kill_beside_a_user if number % 2 else kill_quietly)(yard, chance, wanted, measures)
        subprocess.run(["rm", "-rf", str(folder)], check=True)
        return done

    with ThreadPoolExecutor(jobs) as pool:
        begun = [pool.submit(one, number, wanted) for number, wanted in enumerate(yards)]
        try:
            for each in as_completed(begun):
                yield each.result()
        finally:
            for each in begun:
                each.cancel()


def _kill(process: int, number: int) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def _kill_group(process: int, number: int) -> None:
    try:
        os.killpg(process, number)
    except ProcessLookupError:
        pass
