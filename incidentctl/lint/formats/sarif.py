"""The format `sarif`: SARIF 2.1.0, for code scanning on GitHub, for editors and for viewers."""

import json
import re
from typing import Any
from urllib.parse import quote

from incidentctl.incident.words import show_safely
from incidentctl.lint.diagnostic import Diagnostic, Fix, Result, Severity
from incidentctl.lint.formats.json import as_json_list
from incidentctl.lint.formats.presentation import Presentation, path_in_repository
from incidentctl.lint.rule import Rule

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.OFF: "none"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_BASE = "%SRCROOT%"
_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")
_PLACEHOLDER = re.compile(r"[{}]")


def render_sarif(result: Result, shown: Presentation) -> str:
    """One run: the rules that found something with their words, the results, and what could not be read."""
    names: dict[str, Diagnostic] = {}
    for each in result.diagnostics:
        names.setdefault(each.code, each)
    codes = sorted(names)
    places = {code: index for index, code in enumerate(codes)}
    driver = {
        "name": "incidentctl",
        "semanticVersion": shown.version or "0.0.0",
        "rules": [_rule(names[code], shown.rules.get(code)) for code in codes],
    }
    results = as_json_list(_result(each, places[each.code], shown) for each in result.diagnostics)
    parts = {
        "tool": json.dumps({"driver": driver}),
        "columnKind": json.dumps("unicodeCodePoints"),
        "originalUriBaseIds": json.dumps({_BASE: {"description": {"text": "The top of the repository."}}}),
        "invocations": json.dumps([_invocation(result, shown)]),
        "results": results,
    }
    run = ",\n".join(f'"{name}": {text}' for name, text in parts.items())
    return f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{\n{run}\n}}]}}'


def _rule(diagnostic: Diagnostic, rule: Rule | None) -> dict[str, Any]:
    """A rule of the catalogue with its page, or one of a team's own with what is known: its name."""
    family = diagnostic.code.rstrip("0123456789")
    if rule is None:
        said = diagnostic.name.replace("-", " ")
        return {
            "id": diagnostic.code,
            "name": diagnostic.name,
            "shortDescription": {"text": said},
            "defaultConfiguration": {"level": _LEVELS[diagnostic.severity]},
            "properties": {"tags": [family]},
        }
    words = rule.words
    summary = " ".join(words.summary.split()) or rule.name.replace("-", " ")
    help_text = "\n\n".join(part for part in (words.summary, words.why, words.notes) if part)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": " ".join(words.why.split()) or summary},
        "help": {"text": help_text or summary, "markdown": _page(rule, summary)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [family]},
    }


def _page(rule: Rule, summary: str) -> str:
    words = rule.words
    parts = [summary, words.why]
    parts += (f"{title}\n\n{_as_code(text)}" for title, text in (("Bad:", words.bad), ("Good:", words.good)) if text)
    parts += (words.notes, f"`incidentctl rule {rule.code}`")
    return "\n\n".join(part for part in parts if part)


def _as_code(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip("\n").split("\n"))


def _result(diagnostic: Diagnostic, place: int, shown: Presentation) -> dict[str, Any]:
    span = diagnostic.span
    location = _location(diagnostic.path, shown)
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    data: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": place,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": _message(diagnostic.message)},
        "locations": [{"physicalLocation": {"artifactLocation": location, "region": region}}],
        "partialFingerprints": {"incidentctl/v1": show_safely(diagnostic.fingerprint)},
    }
    if diagnostic.fix is not None and diagnostic.fix.is_safe and diagnostic.fix.edits:
        data["fixes"] = [_fix(diagnostic.fix, location)]
    return data


def _fix(fix: Fix, location: dict[str, Any]) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": {"charOffset": edit.start, "charLength": edit.end - edit.start},
            "insertedContent": {"text": edit.text.encode("utf-8", "replace").decode()},
        }
        for edit in fix.edits
    ]
    return {
        "description": {"text": _message(fix.says)},
        "artifactChanges": [{"artifactLocation": location, "replacements": replacements}],
    }


def _location(path: str, shown: Presentation) -> dict[str, Any]:
    path = path_in_repository(path, shown)
    try:
        data = path.encode("utf-8", "surrogateescape")  # a name that is not UTF-8 keeps its bytes
    except UnicodeEncodeError:
        data = show_safely(path).encode()
    return {"uri": f"file://{quote(data)}"} if path.startswith("/") else {"uri": quote(data), "uriBaseId": _BASE}


def _message(text: str) -> str:
    """Text that stays text: SARIF reads links and placeholders in messages."""
    text = _LINK.sub(r"\\[", show_safely(text))
    return _PLACEHOLDER.sub(lambda match: match[0] * 2, text) if "{" in text else text


def _invocation(result: Result, shown: Presentation) -> dict[str, Any]:
    told: list[dict[str, Any]] = [
        {
            "level": "error",
            "message": {"text": _message(f"could not be read: {each.reason}")},
            "locations": [{"physicalLocation": {"artifactLocation": _location(each.path, shown)}}],
        }
        for each in result.unreadable
    ]
    for each in result.skipped:
        codes = ", ".join(each.codes)
        note: dict[str, Any] = {
            "level": "note",
            "message": {"text": _message(f"not checked: {codes + ': ' if codes else ''}{each.reason}")},
        }
        if each.path is not None:
            note["locations"] = [{"physicalLocation": {"artifactLocation": _location(each.path, shown)}}]
        told.append(note)
    return {"executionSuccessful": not result.unreadable, "toolExecutionNotifications": told}
