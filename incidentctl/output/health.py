"""How `doctor` says what it found: a line each, in words that need no colour. Value to text; nothing here prints."""

from collections.abc import Iterable, Sequence
from typing import Any

from incidentctl.output.listing import wrapped

_WORDS = {"problem": "to mend", "warning": "to know", "fixed": "mended", "skipped": "skipped", "ok": "well"}
_ALWAYS_SHOWN = ("problem", "warning", "fixed")
_SUMMARY = (("ok", "well"), ("fixed", "mended"), ("problem", "to mend"), ("warning", "to know"), ("skipped", "skipped"))
_INDENT = 2 + 7 + 2


def as_lines(checks: Sequence[dict[str, Any]], *, verbose: bool, width: int | None) -> list[str]:
    """What is to mend, to know and mended, under what it is about; all of it where `verbose`; and how many there are of each."""
    lines: list[str] = []
    shown = [check for check in checks if verbose or check["status"] in _ALWAYS_SHOWN]
    for group in dict.fromkeys(check["group"] for check in shown):
        lines.append(group)
        for check in shown:
            if check["group"] == group:
                lines += _lines_of(check, width)
        lines.append("")
    return [*lines, summary_line(checks)]


def _lines_of(check: dict[str, Any], width: int | None) -> list[str]:
    word = _WORDS[check["status"]]
    lines = wrapped(f"  {word:<7}  {check['name']}: {_one_line(check['message'])}", width, _INDENT)
    if check["hint"]:
        lines += wrapped(f"{'':{_INDENT}}→ {_one_line(check['hint'])}", width, _INDENT + 2)
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def summary_line(checks: Iterable[dict[str, Any]]) -> str:
    """`31 checks: 29 well, 1 to mend, 1 to know`; a check counts once, by the worst of its lines."""
    counts = summary(checks)
    parts = [f"{counts[status]} {word}" for status, word in _SUMMARY if counts[status] or status == "ok"]
    return f"{sum(counts.values())} checks: {', '.join(parts)}"


def summary(checks: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many checks ended in each way."""
    worst = ("skipped", "ok", "fixed", "warning", "problem")
    status_of: dict[str, str] = {}
    for check in checks:
        name, status = str(check["name"]), str(check["status"])
        status_of[name] = max(status, status_of.get(name, status), key=worst.index)
    return {status: list(status_of.values()).count(status) for status, _ in _SUMMARY}
