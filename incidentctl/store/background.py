"""A run of our own program beside this one: watched, bounded in time, and ended with all that it started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

_MOST_BYTES = 65536
_PATIENCE_S = 2.0


class Background:
    """At most one such run at a time. `end` leaves none behind; should this process be killed, a run still ends by itself."""

    def __init__(self, environ: Mapping[str, str], cwd: str, *, timeout: float) -> None:
        self._environ = environ
        self._cwd = cwd
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._said = b""
        self._since = 0.0

    @property
    def runs(self) -> bool:
        """Whether one is under way."""
        return self._process is not None

    def start(self, words: Sequence[str]) -> None:
        """Begins one, in a session of its own, without a terminal; its result goes nowhere, what it says beside is kept."""
        if self._process is not None:
            return
        self._said, self._since = b"", time.monotonic()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "incidentctl", *words],
                cwd=self._cwd,
                env=dict(self._environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError:
            return
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)

    def poll(self) -> str | None:
        """What one that has ended said beside its result, once; `None` where there is none, or it is still under way."""
        process = self._process
        if process is None:
            return None
        self._read(process)
        if process.poll() is None:
            if time.monotonic() - self._since < self._timeout:
                return None
            self.end()
            return "not fetched: it took too long"
        self._read(process)
        self._close(process)
        return self._said.decode("utf-8", "replace")

    def end(self) -> None:
        """Ends one that is under way, with the programs that it started, and waits for it."""
        process = self._process
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                continue
            break
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        self._close(process)

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with suppress(OSError):
            while data := process.stderr.read(4096):
                self._said = (self._said + data)[:_MOST_BYTES]

    def _close(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        process.stderr.close()
        self._process = None
