"""The way in from a shell. Answers `--version` before anything else is loaded."""

import sys


def main() -> None:
    """Runs the command line of this process and ends it with its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from incidentctl import __version__

        sys.stdout.write(f"incidentctl {__version__}\n")
        return
    from incidentctl.cli import run
    from incidentctl.context import Outside

    sys.exit(run(sys.argv[1:], Outside.of_process()))


if __name__ == "__main__":
    main()
