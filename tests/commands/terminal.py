"""A real terminal and the real program, for what no stream in a test can stand for. Waits for words, never for a time."""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PROGRAMS = Path(sys.executable).parent
ICTL = str(PROGRAMS / "ictl")
PATIENCE_S = 30.0


def environ_of(environ: dict[str, str], **more: str) -> dict[str, str]:
    """The environment of a user who has the program in the path."""
    return environ | {"PATH": f"{PROGRAMS}:{environ['PATH']}", "TERM": "xterm", "TZ": "UTC"} | more


def ictl(
    environ: dict[str, str], cwd: Path, *words: str, program: str = "ictl", **more: str
) -> subprocess.CompletedProcess[str]:
    """The real program, without a terminal."""
    return subprocess.run(
        [str(PROGRAMS / program), *words],
        cwd=cwd,
        env=environ_of(environ, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )


def shell(name: str) -> str | None:
    """Where a shell is, if it is installed."""
    return shutil.which(name)


class Terminal:
    """A program in a terminal of 24 lines and 80 columns. What it prints is in `seen`, without colours and movements."""

    def __init__(self, words: Sequence[str], environ: dict[str, str], cwd: Path) -> None:
        self.raw = ""
        self._taken = 0
        self.pid, self._handle = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(words[0], list(words), environ_of(environ, COLUMNS="80", LINES="24"))

    @property
    def seen(self) -> str:
        plain = re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])", "", self.raw)
        return plain.replace("\r\n", "\n").replace("\x07", "")

    def types(self, text: str) -> None:
        """Keys, as a person presses them."""
        self._taken = len(self.seen)
        os.write(self._handle, text.encode())

    def waits_for(self, words: str) -> str:
        """Reads until the words stand there, behind what was typed last."""
        end = time.monotonic() + PATIENCE_S
        while words not in self.seen[self._taken :]:
            assert self._reads(end), f"no {words!r} in: {self.seen!r}"
        return self.seen

    def ends(self) -> int:
        """Reads to the end, and gives the exit code."""
        end = time.monotonic() + PATIENCE_S
        while self._reads(end):
            pass
        os.close(self._handle)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        """Ends the program, whatever it does."""
        os.kill(self.pid, signal.SIGKILL)
        os.close(self._handle)
        os.waitpid(self.pid, 0)

    def _reads(self, end: float) -> bool:
        ready, _, _ = select.select([self._handle], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._handle, 65536)
        except OSError:  # Linux says so when the other side is gone
            return False
        self.raw += data.decode("utf-8", "replace")
        return bool(data)
