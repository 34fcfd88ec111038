"""Stands between a command and git: counts the gits that it starts, and lets the n-th fail, hang, or end with or without the command."""

import os
import shutil

from tests.crash.yard import Yard

_GIT = """#!/bin/sh
echo >>"$GITS_COUNT"
test "$(wc -l <"$GITS_COUNT")" -eq "$GITS_AT" || exec {git} "$@"
case $GITS_DO in
fail) echo 'fatal: it broke' >&2; exit 128 ;;
sweep)
    for word in "$@"; do case $word in mktree | hash-object | commit-tree) echo "$word" >"$GITS_COUNT.word" ;; esac; done
    printf 'error: unable to create temporary file: No such file or directory\nfatal: failed to write\n' >&2
    exit 128
    ;;
end) kill -9 $$ ;;
hang) exec sleep 60 ;;
before) kill -9 $PPID; exit 1 ;;
both) kill -9 $PPID $$ ;;
after) {git} "$@"; kill -9 $PPID ;;
esac
"""


class Gits:
    """What happens to the gits of one command.

    `fail`, `sweep`, `end`, `hang` are about a git; `before`, `both`, `after` kill the command.
    """

    def __init__(self, yard: Yard) -> None:
        self._yard = yard
        self._count = yard.path.parent / "gits"
        self._word = yard.path.parent / "gits.word"
        self._bin = yard.path.parent / "bin"
        self._bin.mkdir(exist_ok=True)
        script = self._bin / "git"
        script.write_text(_GIT.format(git=shutil.which("git", path=yard.environ["PATH"])))
        script.chmod(0o755)

    def environ(self, *, at: int = 0, do: str = "fail") -> dict[str, str]:
        """The variables for one run; 0 only counts."""
        self._count.write_text("")
        self._word.unlink(missing_ok=True)
        return {
            "PATH": f"{self._bin}{os.pathsep}{self._yard.environ['PATH']}",
            "GITS_COUNT": str(self._count),
            "GITS_AT": str(at),
            "GITS_DO": do,
        }

    @property
    def count(self) -> int:
        """How many gits there were since `environ` was asked for."""
        return len(self._count.read_text())

    @property
    def swept(self) -> str:
        """The verb of the git that failed for `sweep`, of those that write objects; empty for another one."""
        return self._word.read_text().strip() if self._word.exists() else ""
