"""The way in from a shell. Answers `--version` before anything else is loaded."""

import gc
import os
import sys
from typing import Never


def main() -> None:
    """Runs the command line of this process and ends it with its exit code."""
    gc.set_threshold(100_000)  # collecting while modules are loaded takes 5 ms, and a command ends before it has litter
    if sys.argv[1:] in (["--version"], ["-V"]):
        from incidentctl import __version__

        sys.stdout.write(f"incidentctl {__version__}\n")
        return
    program = sys.argv[0].rpartition("/")[2]
    program = program if program in ("ictl", "incidentctl") else "incidentctl"
    if os.environ.get(f"_{program.upper()}_COMPLETE"):
        from incidentctl.cli import complete

        try:
            complete(program)
        except SystemExit as done:
            _leave(done.code if isinstance(done.code, int) else 0)
        return
    try:
        from incidentctl.cli import run
        from incidentctl.context import Outside

        _leave(run(sys.argv[1:], Outside.of_process()))
    except KeyboardInterrupt:  # while modules are loaded; `run` says it of everything later
        sys.stderr.write("interrupted\n")
        _leave(130)


def _leave(code: int) -> Never:
    """Ends the process at once: taking the interpreter apart takes 8 ms, and all that has to be safe is on the disk."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        os._exit(code or 1)
    os._exit(code)


if __name__ == "__main__":
    main()
