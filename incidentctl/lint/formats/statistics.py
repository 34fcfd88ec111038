"""Counts of findings by rule, for `--statistics`: which rules find most, before one decides which to switch on."""

import json
from collections import Counter
from typing import Any

from incidentctl.lint.diagnostic import Result
from incidentctl.lint.formats.json import as_json_list
from incidentctl.lint.formats.presentation import Presentation
from incidentctl.lint.formats.wording import COLOURS, fixable, paint, summary_lines


def render_statistics(result: Result, shown: Presentation) -> str:
    """A table, the most frequent first; `*` marks what `--fix` mends. A rule has a line for each severity that it found."""
    rows = _rows(result)
    widths = [max((len(f"{row[key]:,}" if key == "count" else row[key]) for row in rows), default=0) for key in _KEYS]
    lines = []
    for row in rows:
        number = f"{row['count']:,}".rjust(widths[0])
        severity = paint(row["severity"].ljust(widths[1]), COLOURS[row["severity"]], shown.colour)
        mark = "*" if row["fixable"] else " "
        lines.append(f"{number}  {severity}  {row['code'].ljust(widths[2])} {mark} {row['name']}")
    return "\n".join((*lines, *summary_lines(result)))


def render_statistics_json(result: Result, shown: Presentation) -> str:
    """The same for programs: `code`, `name`, `severity`, `count` and how many of them are `fixable`."""
    summary = json.dumps({"files": result.files, "findings": len(result.diagnostics), "fixable": fixable(result)})
    rules = as_json_list(_rows(result))
    return f'{{"schema_version": 1, "kind": "lint_statistics", "rules": {rules}, "summary": {summary}}}'


_KEYS = ("count", "severity", "code", "name")


def _rows(result: Result) -> list[dict[str, Any]]:
    numbers: Counter[tuple[str, str, Any]] = Counter()
    mended: Counter[tuple[str, str, Any]] = Counter()
    for each in result.diagnostics:
        key = (each.code, each.name, each.severity)
        numbers[key] += 1
        mended[key] += each.fix is not None and each.fix.is_safe
    ordered = sorted(numbers, key=lambda key: (-numbers[key], key[0], key[2].rank))
    return [
        {"code": key[0], "name": key[1], "severity": key[2], "count": numbers[key], "fixable": mended[key]}
        for key in ordered
    ]
