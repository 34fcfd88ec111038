"""Measures the budgets: `python -m tests.bench [GROUP...] [--rounds N] [--write]`. Exit 1: one is missed; 2: it could not be measured."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from incidentctl import __version__
from tests.bench.budgets import GROUPS, LONG
from tests.bench.measure import Bench, Failed, Result

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEADINGS = ("what", "against", "baseline", "incidentctl", "ratio", "8 of 10 within", "budget", "verdict")

HOW = """\
# Benchmarks

How long a command may take is a budget, and a budget is a ratio: what the command takes against the least that could do its
work, on the same machine in the same run. `make bench` measures the budgets again, and fails when one is missed.
`make bench ARGS=--write` writes this page.

{table}

Measured with incidentctl {version}, Python {python}, {git}, {system}, {cores} cores. Times are medians of {rounds} rounds,
after two that do not count; the ratio is that of the medians.

- Ours and the baseline are run by turns, A B A B, so that a slow moment of the machine meets both. "8 of 10 within" is how
  far the ratios of single pairs lie apart.
- Both programs are scripts beside the same Python, made by the same installer. The empty typer program has two commands that
  do nothing.
- The writes are made in a repository of that many incidents, one commit each. The baseline runs the empty program, and then
  takes the same bytes into a copy of that repository with `git add` and `git commit`.
- The figures are made of a history with one commit for each step of an incident and its post-mortem, as the commands make it. The
  baseline is what git alone takes for it: `git rev-list | git diff-tree --stdin` over all commits, and `git cat-file --batch` of
  each version of each file of the record. Cold is without a cache; it is run at most {long} times. The memory is that of the
  command and of all that it starts, at the moment at which it is most; what they share, such as git's packs, counts once.
- Settings of the machine and the user are left out: an empty home folder, no git configuration, a fixed identity.
"""


def cells(result: Result) -> tuple[str, ...]:
    low, high = result.spread
    return (
        result.what,
        result.against,
        result.shown(result.baseline),
        result.shown(result.ours),
        f"{result.ratio:.2f}",
        f"{low:.2f} to {high:.2f}",
        f"{result.budget:g}",
        "met" if result.met else "MISSED",
    )


def as_table(results: Sequence[Result]) -> str:
    rows = [HEADINGS, *map(cells, results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, tuple("-" * width for width in widths))
    lines = [" | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def as_page(results: Sequence[Result], rounds: int) -> str:
    return HOW.format(
        table=as_table(results),
        version=__version__,
        python=platform.python_version(),
        git=subprocess.run(["git", "--version"], check=True, capture_output=True, encoding="utf-8").stdout.strip(),
        system=f"{platform.system()} on {platform.machine()}",
        cores=os.cpu_count(),
        rounds=rounds,
        long=LONG,
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the budgets.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; none: all")
    parser.add_argument("--rounds", type=int, default=25, help="how often each pair is run (default: 25)")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}; needs all groups")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.groups) - set(GROUPS)):
        parser.error(f"no such group: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    if asked.write and asked.groups:
        parser.error("--write needs all groups: name none")
    if asked.rounds < 2:
        parser.error("--rounds: at least 2")

    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="incidentctl-bench-") as folder:
        try:
            bench = Bench(Path(folder), asked.rounds)
            for name in asked.groups or GROUPS:
                print(f"measuring {name} …", file=sys.stderr, flush=True)
                results += GROUPS[name](bench)
        except Failed as failure:
            print(f"could not be measured: {failure}", file=sys.stderr)
            return 2

    print(as_table(results))
    if asked.write:
        PAGE.write_text(as_page(results, asked.rounds), encoding="utf-8")
    missed = [result.what for result in results if not result.met]
    if missed:
        print(f"over the budget: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
