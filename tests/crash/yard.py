"""A repository with a user's own work in it, commands as real processes, and a ledger of what was said to be saved."""

import io
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.alerts.payloads import group
from tests.conftest import scrubbed_environ
from tests.processes import session_of

PROJECT = Path(__file__).parents[2]
INCIDENT = "2026-05-14-checkout-latency"
RECORD = f"incidents/2026/05/{INCIDENT}.md"
DOCUMENT = f"postmortems/2026/05/{INCIDENT}.md"
ITEMS = 60
OURS = ("incidents", "postmortems")


class Loss(AssertionError):
    """Something that was promised does not hold."""


@dataclass(frozen=True)
class Order:
    """One command line, and how to find in the record what it said: `found` counts it in the files of the record."""

    words: tuple[str, ...]
    found: Callable[[Mapping[str, str]], int]
    stdin: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    once: bool = True
    """Whether the word is either there once or not at all; else `found` counts all of its kind."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def is_acknowledged(self) -> bool:
        """Whether somebody was told that the words are safe: by the exit code, or by the answer of one that was killed after it."""
        return self.code in (0, 7) or (self.code < 0 and self.out.strip() != "")


@dataclass
class Yard:
    """One clone and its user. `said` is the ledger: the order, and whether it was acknowledged."""

    path: Path
    environ: dict[str, str]
    said: list[tuple[Order, bool]] = field(default_factory=list)
    number: int = 0

    # ---------------------------------------------------------------------------------------------------- processes

    def start(
        self, words: tuple[str, ...], *, environ: Mapping[str, str] | None = None, stdin: str = ""
    ) -> "subprocess.Popen[str]":
        """Starts a command in a session of its own, with its standard input written already."""
        read, write = os.pipe()
        os.write(write, stdin.encode())
        os.close(write)
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "incidentctl", *words],
                cwd=self.path,
                env={**self.environ, **(environ or {})},
                stdin=read,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                text=True,
            )
        finally:
            os.close(read)

    def run(self, order: Order, *, environ: Mapping[str, str] | None = None, timeout: float = 120) -> Ended:
        """Runs a command to its end and keeps in the ledger how it ended."""
        process = self.start(order.words, environ={**order.environ, **(environ or {})}, stdin=order.stdin)
        return self.ended(order, process, timeout=timeout)

    def ended(self, order: Order, process: "subprocess.Popen[str]", *, timeout: float = 120) -> Ended:
        """Waits for a command that was started."""
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            end_all(process.pid)
            process.communicate()
            raise Loss(f"{shlex.join(order.words)} did not end within {timeout:g} s") from None
        done = Ended(process.returncode, out, err)
        self.said.append((order, done.is_acknowledged))
        # Before a line of ours has run, a Ctrl-C is answered by Python itself.
        is_pythons = done.err.rstrip().endswith("KeyboardInterrupt") and f"{PROJECT}/incidentctl/c" not in done.err
        if done.code == 70 or ("Traceback" in done.err and not is_pythons):
            raise Loss(f"{shlex.join(order.words)} ended with {done.code}:\n{done.err}")
        return done

    def git(self, *words: str, ok: bool = True) -> str:
        """Runs git as the user does."""
        done = subprocess.run(
            ["git", *words], cwd=self.path, env=self.environ, capture_output=True, text=True, check=False
        )
        if done.returncode and ok:
            raise Loss(f"git {shlex.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    # ------------------------------------------------------------------------------------------------------- orders

    def token(self) -> str:
        """A word that nothing else holds."""
        self.number += 1
        return f"w{self.number:04d}x"

    def order(self, verb: str, chance: random.Random | None = None) -> Order:
        """A command of that verb, with a word by which it is found again."""
        word = self.token()
        if verb == "open":
            return Order(("open", f"Disk {word} full", "-s", "3"), lambda files: sum(word in path for path in files))
        if verb == "alert":
            message = json.dumps(group(groupKey=word))
            return Order(("open", "--from", "-"), _of_alert(word), stdin=message)
        if verb == "update":
            return Order(("update", "failing over", word, "--impact", "some fail", "--next", "30m"), _times(word))
        if verb == "severity":
            return Order(("severity", (chance or random.Random()).choice("123"), "because", word), _times(word))
        if verb == "lines":
            tokens = [self.token() for _ in range(3)]
            pasted = "".join(f"2026-05-14 10:{10 + at} @bob saw {each}\n" for at, each in enumerate(tokens))
            return Order(("note", "--lines", "-", "--tz", "UTC"), _all_or_none(tokens), stdin=pasted)
        if verb == "edit":
            line = f"- 2026-05-14T10:07:00Z seen by hand {word} — @ann"
            script = self.path.parent / "editor"
            return Order(("edit",), _times(word), environ={"GIT_EDITOR": str(script), "LINE": line})
        if verb == "set":
            return Order(("set", f"k{word}=v"), _times(f"k{word}: v"))
        if verb == "undo":
            return Order(("undo",), _withdrawals, once=False)
        if verb == "action add":
            words = ("action", "add", "Watch", word, "--owner", "@ann", "--due", "2030-01-01", "--type", "detect")
            return Order(words, _times(word, DOCUMENT))
        if verb == "action done":
            item = f"a:k0{self.number % ITEMS:04d}"
            return Order(("action", "done", item), lambda files: f"- [x] Item {item[4:]} " in files[DOCUMENT])
        assert verb == "note"
        return Order(("note", "pool", word, "exhausted"), _times(word))

    # ------------------------------------------------------------------------------------------------------- checks

    def record(self) -> dict[str, str]:
        """The files of the record as they are committed."""
        done = subprocess.run(
            ["git", "archive", "main", *OURS], cwd=self.path, env=self.environ, capture_output=True, check=False
        )
        if done.returncode:
            raise Loss(f"the record cannot be read: {done.stderr.decode()}")
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            members = [member for member in archive.getmembers() if member.isfile()]
            return {each.name: archive.extractfile(each).read().decode() for each in members}  # type: ignore[union-attr]

    def check_words(self) -> None:
        """Every word that was acknowledged is there once, every other one at most once."""
        files = self.record()
        counted: dict[str, list[bool]] = {}
        for order, is_acknowledged in self.said:
            if not order.once:
                counted.setdefault(order.words[0], []).append(is_acknowledged)
                continue
            found = order.found(files)
            if found > 1 or (is_acknowledged and found != 1):
                raise Loss(f"{shlex.join(order.words)}: acknowledged {is_acknowledged}, found {found} times")
        for order in {each.words: each for each, _ in self.said if not each.once}.values():
            told = counted[order.words[0]]
            if not sum(told) <= order.found(files) <= len(told):
                raise Loss(f"{order.words[0]}: {sum(told)} acknowledged of {len(told)}, found {order.found(files)}")

    def foreign(self) -> tuple[str, str, str]:
        """The user's own work: staged, changed, and not known to git."""
        apart = ("--", ":/", *(f":(exclude,top){folder}" for folder in OURS))
        return (
            self.git("diff", "--cached", "--binary", *apart),
            self.git("diff", "--binary", *apart),
            self.git("status", "--porcelain=v2", "--untracked-files=all", *apart),
        )

    def check_order(self) -> None:
        """The repository is sound, the index in line, and nothing of ours lies about."""
        fsck = subprocess.run(
            ["git", "fsck", "--strict", "--no-dangling", "--no-progress"],
            cwd=self.path,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if fsck.returncode or fsck.stdout or fsck.stderr:
            raise Loss(f"git fsck: {fsck.stdout}{fsck.stderr}")
        status = self.git("status", "--porcelain", "--untracked-files=all", "--", *OURS)
        if status:
            raise Loss(f"the index is not in line:\n{status}")
        common = self.path / ".git"
        locks = [path for path in common.rglob("*.lock") if "objects" not in path.parts]
        own = common / "incidentctl"
        left = [*(own / "tmp").glob("*"), *(own / "spool").glob("*"), *own.glob("journal"), *own.glob(".*")]
        if locks or left:
            raise Loss(f"left behind: {', '.join(str(path) for path in (*locks, *left))}")


def _times(word: str, path: str = "") -> Callable[[Mapping[str, str]], int]:
    def found(files: Mapping[str, str]) -> int:
        texts = [files[path]] if path else [text for name, text in files.items() if name.startswith("incidents/")]
        return sum(text.count(word) for text in texts)

    return found


def _of_alert(word: str) -> Callable[[Mapping[str, str]], int]:
    return lambda files: sum(f"external_id: alertmanager:{word}\n" in text for text in files.values())


def _all_or_none(words: list[str]) -> Callable[[Mapping[str, str]], int]:
    def found(files: Mapping[str, str]) -> int:
        counts = {_times(word)(files) for word in words}
        if len(counts) != 1:
            raise Loss(f"half of what was pasted is there: {words}")
        return counts.pop()

    return found


def _withdrawals(files: Mapping[str, str]) -> int:
    return files[RECORD].count("**Withdrawn**")


def end_all(leader: int, number: int = signal.SIGKILL) -> None:
    """Sends a signal to a command and to every program that it started."""
    for process in {leader, *session_of(leader)}:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass


def wait_for_session(leader: int) -> None:
    """Waits until the programs that a killed command had started are gone as well."""
    until = time.monotonic() + 10
    while session_of(leader) and time.monotonic() < until:
        time.sleep(0.01)


_HEAD = f"""---
id: {INCIDENT}
title: Checkout latency
severity: SEV2
status: investigating
declared_at: 2026-05-14T10:05:40Z
acknowledged_at: 2026-05-14T10:05:40Z
---

# Checkout latency

## Timeline

- 2026-05-14T10:05:40Z **Opened** SEV2 — @ann <!-- e:004mz1 -->
- 2026-05-14T10:06:00Z p99 above 4 s — @ann <!-- e:008tq0 -->
"""

_EDITOR = """#!/bin/sh
printf '%s\\n' "$LINE" >>"$1"
"""


def new_yard(folder: Path) -> Yard:
    """A repository with one incident and its post-mortem, and a user who has staged, changed and begun something else."""
    folder.mkdir(parents=True)
    environ = scrubbed_environ(folder / "home") | {
        "PYTHONPATH": str(PROJECT),
        "INCIDENTCTL_INCIDENT": INCIDENT,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": "UTC",
    }
    with (folder / "home" / "gitconfig").open("a") as config:
        config.write("[gc]\n\tauto = 0\n")
    yard = Yard(folder / "repo", environ)
    editor = folder / "editor"
    editor.write_text(_EDITOR)
    editor.chmod(0o755)
    yard.path.mkdir()
    yard.git("init", "--quiet")
    files = {name: "".join(f"{line}\n" for line in range(9)) for name in ("app.py", "README.md", "lib/a.txt")}
    items = "".join(
        f"- [ ] Item {each:04d} — owner: @ann — due: 2030-01-01 — type: prevent <!-- a:k0{each:04d} -->\n"
        for each in range(ITEMS)
    )
    files |= {"incidentctl.toml": '[store]\nbranch = "main"\n', RECORD: _HEAD}
    files[DOCUMENT] = (
        f"---\nincident: {INCIDENT}\nstatus: draft\n---\n\n# Checkout latency\n\n## Action Items\n\n{items}"
    )
    for name, text in files.items():
        path = yard.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    yard.git("add", "--all")
    yard.git("commit", "--quiet", "-m", "start")
    yard.git("branch", "other")
    (yard.path / "app.py").write_text("staged\n")
    yard.git("add", "app.py")
    (yard.path / "app.py").write_text("staged and changed\n")
    (yard.path / "README.md").write_text("changed\n")
    (yard.path / "begun.txt").write_text("begun\n")
    yard.run(yard.order("note"))  # the first write in a clone also makes it ready for merges
    return yard
