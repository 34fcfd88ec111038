"""The format `gitlab`: a Code Quality report, which GitLab shows in a merge request."""

from hashlib import sha256
from typing import Any

from incidentctl.incident.words import show_safely
from incidentctl.lint.diagnostic import Result, Severity
from incidentctl.lint.formats.json import as_json_list
from incidentctl.lint.formats.presentation import Presentation, path_in_repository

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render_gitlab(result: Result, shown: Presentation) -> str:
    """One list of issues. Two with the same fingerprint would be one for GitLab, so a repeated one is made another."""
    issues: list[dict[str, Any]] = []
    for each in result.diagnostics:
        issues.append(
            {
                "description": f"{each.code}: {show_safely(each.message)}",
                "check_name": each.name,
                "fingerprint": each.fingerprint,
                "severity": _SEVERITIES[each.severity],
                "location": {
                    "path": show_safely(path_in_repository(each.path, shown)),
                    "lines": {"begin": each.span.line, "end": each.span.end_line},
                },
            }
        )
    for file in result.unreadable:
        path = show_safely(path_in_repository(file.path, shown))
        issues.append(
            {
                "description": f"could not be read: {show_safely(file.reason)}",
                "check_name": "unreadable-file",
                "fingerprint": f"unreadable-file {path}",
                "severity": "critical",
                "location": {"path": path, "lines": {"begin": 1, "end": 1}},
            }
        )
    seen: dict[str, int] = {}
    for issue in issues:
        standing = issue["fingerprint"]
        seen[standing] = seen.get(standing, 0) + 1
        words = standing if seen[standing] == 1 else f"{standing} {seen[standing]}"
        issue["fingerprint"] = sha256(words.encode("utf-8", "surrogatepass")).hexdigest()
    return as_json_list(issues)
