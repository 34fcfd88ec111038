"""What came of an import: for people, and for programs. Value to text; nothing here prints."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from incidentctl.output.listing import table
from incidentctl.stats.imports import Problem

MOST_SHOWN = 20
"""So many lines of one kind are shown to a person; a program has them all."""


class Taken(Struct, frozen=True):
    """One incident that an import makes. `postmortem` is the path of its document, where it has one."""

    id: str
    path: str
    title: str
    severity: str | None
    status: str | None
    external_id: str | None = None
    postmortem: str | None = None
    transitions: int = 0
    action_items: int = 0


class Difference(Struct, frozen=True):
    """Where a row says something else than the incident that is there already; what is here stands."""

    place: str
    id: str
    column: str
    here: str
    said: str

    def __str__(self) -> str:
        return f"{self.place}: {self.id}: {self.column} is {self.here} here, and {self.said} there: left as it is here"


class Imported(Struct, frozen=True):
    """An import, carried out or tried. `left` are the rows that were left out."""

    source: str
    taken: tuple[Taken, ...]
    already: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    left: tuple[Problem, ...] = ()
    more_left: int = 0
    warnings: tuple[Problem, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    commit: str | None = None


def import_lines(imported: Imported, *, dry_run: bool, width: int | None) -> list[str]:
    """What was made, or would be, and what was there already."""
    lines: list[str] = []
    if dry_run:
        rows = [(each.severity or "-", each.status or "-", each.path, each.title) for each in imported.taken]
        lines += table(rows, width=width)
    if imported.taken or not imported.already:
        counts = [
            _count(len(imported.taken), "incident"),
            _count(sum(each.transitions for each in imported.taken), "transition"),
            _count(sum(each.action_items for each in imported.taken), "action item"),
        ]
        lines.append(f"{'would import' if dry_run else 'imported'} {', '.join(counts)} from {imported.source}")
    if imported.already:
        lines.append(f"already there: {len(imported.already)}")
    return lines


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def doubts(imported: Imported) -> list[str]:
    """What is to be known beside that: rows left out, what differs, what is doubtful, columns that were not read."""
    lines = [*_some("left out", [*map(_told, imported.left)], imported.more_left)]
    lines += _some("differs", [str(each) for each in imported.differences])
    lines += _some("warning", _together(imported.warnings))
    if imported.unread:
        lines.append(f"columns that were not read: {', '.join(dict.fromkeys(imported.unread))}")
    return lines


def _together(problems: Sequence[Problem]) -> list[str]:
    """A line for each thing that is doubtful, with the first row that it is about and how many more."""
    rows: dict[tuple[str, str], list[Problem]] = {}
    for each in problems:
        rows.setdefault((each.column, each.message), []).append(each)
    return [
        str(first) if not more else f"{first.place} and {_count(len(more), 'row')} more: {_about(first)}"
        for first, *more in rows.values()
    ]


def _about(problem: Problem) -> str:
    return " ".join(filter(None, (problem.column, problem.message)))


def _told(problem: Problem) -> str:
    return str(problem)


def _some(what: str, lines: Sequence[str], more: int = 0) -> list[str]:
    told = [f"{what}: {line}" for line in lines[:MOST_SHOWN]]
    rest = len(lines) - len(told) + more
    return [*told, f"{what}: and {rest} more; --json has them"] if rest else told


def problem_lines(problems: Sequence[Problem], more: int = 0) -> list[str]:
    """The rows that cannot be read. A way out stands behind the first that it helps."""
    hints: set[str] = set()
    lines: list[str] = []
    for each in problems[:MOST_SHOWN]:
        is_new = each.hint is not None and each.hint not in hints
        lines.append(f"{each} ({each.hint})" if is_new else str(each))
        hints.add(each.hint or "")
    rest = len(problems) - len(lines) + more
    return [*lines, f"and {rest} more"] if rest else lines


def import_as_data(imported: Imported, *, dry_run: bool) -> dict[str, Any]:
    """The same for a program."""
    data: dict[str, Any] = {
        "schema_version": 1,
        "kind": "import",
        "source": imported.source,
        "incidents": [{name: getattr(each, name) for name in each.__struct_fields__} for each in imported.taken],
        "already": list(imported.already),
        "differences": [
            {name: getattr(each, name) for name in each.__struct_fields__} for each in imported.differences
        ],
        "left_out": [_problem_as_data(each) for each in imported.left],
        "left_out_more": imported.more_left,
        "doubts": [_problem_as_data(each) for each in imported.warnings],
        "unread_columns": list(dict.fromkeys(imported.unread)),
        "commit": imported.commit,
        "committed": imported.commit is not None,
        "warnings": list(imported.notes),
    }
    return data | {"dry_run": True} if dry_run else data


def _problem_as_data(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.column or None,
        "message": problem.message,
        "hint": problem.hint,
    }
