"""The tables of `docs/reference/metrics.md` that were worked out by hand, as values. Computes nothing of its own."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"

METRICS = {"MTTM": "mttm", "MTTD": "mttd", "MTTA": "mtta", "MTTR": "mttr", "user impact": "user_impact"}

Row = Mapping[str, str]


def golden_tables() -> dict[str, list[Row]]:
    """The rows of each table, by the word that stands above it, as `<!-- golden: WORD -->`."""
    found: dict[str, list[Row]] = {}
    for name, table in re.findall(r"<!-- golden: (\w+) -->\n\n((?:\|.*\n)+)", PAGE.read_text(encoding="utf-8")):
        heads, _, *lines = (_cells(line) for line in table.splitlines())
        found[name] = [dict(zip(heads, line, strict=True)) for line in lines]
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def number(cell: str) -> float | None:
    """`84`, `22.5`, `1520/15` and `1200 + 300` are numbers; `n/a` and a dash are none."""
    if cell in ("n/a", "—"):
        return None
    return float(sum(Fraction(part.strip()) for part in cell.split("+")))


def seconds(cell: str) -> float | None:
    """Minutes, as the page tells them, in seconds."""
    value = number(cell)
    return None if value is None else value * 60


def moment(cell: str) -> str | None:
    """`01-12 10:05` of 2026, as JSON writes it."""
    if cell == "—":
        return None
    return datetime.strptime(f"2026-{cell}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def options_of(cell: str) -> list[str]:
    """The words of the options in a cell; none for `none`."""
    return [] if cell == "none" else cell.strip("`").split()
