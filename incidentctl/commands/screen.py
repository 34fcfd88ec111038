"""A terminal's screen for as long as a command fills it: drawn, read for keys, and left as it was, however the command ends."""

import os
import select
import signal
import termios
import tty
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Self

from incidentctl.context import Outside
from incidentctl.output.wall import Line, Style

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"
_LEAVE = "\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l"
_COLOURS = {
    Style.DIM: "2",
    Style.BOLD: "1",
    Style.BAND: "1;7",
    Style.GRAVE: "1;97;45",
    Style.ALERT: "1;97;41",
    Style.WARN: "1;30;43",
}
_WITHOUT = {
    Style.DIM: "2",
    Style.BOLD: "1",
    Style.BAND: "1;7",
    Style.GRAVE: "1;7",
    Style.ALERT: "1;7",
    Style.WARN: "1;4",
}
_KEYS = {"\x1b[A": "up", "\x1b[B": "down", "\x1bOA": "up", "\x1bOB": "down", "\x03": "q", "\t": "down"}
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def can_be_filled(outside: Outside) -> bool:
    """Whether there is a terminal whose screen can be taken and given back."""
    try:
        numbers = outside.stdin.fileno(), outside.stdout.fileno()
    except (OSError, ValueError):
        return False
    return all(os.isatty(number) for number in numbers) and outside.environ.get("TERM", "dumb") != "dumb"


class Screen:
    """The screen of the terminal, taken with `with`. `ended_by` is the signal that asked for the end, if one did."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._keys_from = outside.stdin.fileno()
        self._draws_on = outside.stdout.fileno()
        self._styles = _WITHOUT if outside.environ.get("NO_COLOR") else _COLOURS
        self._before: list[int | list[bytes | int]] = []
        self._handlers: dict[int, object] = {}
        self._woken: tuple[int, int] = (-1, -1)
        self._drawn: list[str] = []
        self._typed = ""
        self.ended_by: int | None = None

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._keys_from)
        self._woken = os.pipe()
        for end in self._woken:
            os.set_blocking(end, False)
        for number in (*_ENDS, signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT):
            self._handlers[number] = signal.signal(number, self._hears)
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # as it was handed out
        for end in self._woken:
            os.close(end)

    def _take(self) -> None:
        tty.setcbreak(self._keys_from, termios.TCSANOW)
        self._write(_ENTER)
        self._drawn = []

    def _give_back(self) -> None:
        self._write(_LEAVE)
        try:
            termios.tcsetattr(self._keys_from, termios.TCSAFLUSH, self._before)
        except termios.error:
            return  # the terminal is gone

    def _hears(self, number: int, frame: FrameType | None) -> None:
        """Nothing but a note of it: what a signal asks for is done between two drawings."""
        if number in _ENDS:
            self.ended_by = self.ended_by or number
        try:
            os.write(self._woken[1], bytes([number]))
        except OSError:
            return

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        try:
            size = os.get_terminal_size(self._draws_on)
        except OSError:
            return 80, 24
        return size.columns or 80, size.lines or 24  # a terminal that nobody told its size says 0

    def draw(self, lines: Sequence[Line], *, rings: bool = False) -> None:
        """Shows these lines; only those that changed are written. `rings`: with the terminal's bell."""
        new = ["".join(self._styled(part.text, part.style) for part in line) for line in lines]
        changed = [
            f"\x1b[{number};1H\x1b[0m\x1b[K{line}\x1b[0m"
            for number, line in enumerate(new, 1)
            if number > len(self._drawn) or self._drawn[number - 1] != line
        ]
        tail = "\x1b[J" if len(new) < len(self._drawn) else ""
        if tail:
            tail = f"\x1b[{len(new)};1H\n{tail}"
        self._drawn = new
        self._write("".join((*changed, tail, "\a" if rings else "")))

    def _styled(self, text: str, style: Style) -> str:
        code = self._styles.get(style)
        return f"\x1b[0;{code}m{text}" if code else f"\x1b[0m{text}"

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        while data:
            try:
                data = data[os.write(self._draws_on, data) :]
            except InterruptedError:
                continue
            except OSError:
                self.ended_by = self.ended_by or signal.SIGHUP
                return

    def wait(self, seconds: float) -> str | None:
        """The next key, `size` after a change of the terminal's, or `None` when the time is over or the end is asked for."""
        if self._typed:
            return self._next_key()
        ready, _, _ = select.select([self._keys_from, self._woken[0]], [], [], max(0.0, seconds))
        if self._woken[0] in ready:
            heard = os.read(self._woken[0], 64)
            if signal.SIGTSTP in heard:
                self._stop()
            if signal.SIGWINCH in heard or signal.SIGCONT in heard:
                self._drawn = []
                self._write("\x1b[2J")
                return "size"
        if self._keys_from in ready:
            data = os.read(self._keys_from, 64)
            if not data:
                self.ended_by = self.ended_by or signal.SIGHUP
            self._typed += data.decode("utf-8", "replace")
            return self._next_key()
        return None

    def _next_key(self) -> str | None:
        for sequence, name in _KEYS.items():
            if self._typed.startswith(sequence):
                self._typed = self._typed[len(sequence) :]
                return name
        if self._typed.startswith("\x1b"):  # a key that means nothing here
            self._typed = ""
            return None
        key, self._typed = self._typed[:1], self._typed[1:]
        return {"j": "down", "k": "up", "Q": "q"}.get(key, key) or None

    def _stop(self) -> None:
        """As any program does on Ctrl-Z: the shell gets its terminal back, and we ours when we go on."""
        self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._hears)
        self._take()
