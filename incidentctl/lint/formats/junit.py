"""The format `junit`: a suite for each document and a case for each rule that found something in it."""

from collections.abc import Iterable
from html import escape
from itertools import groupby

from msgspec import Struct

from incidentctl.incident.words import show_safely
from incidentctl.lint.diagnostic import Diagnostic, Result, Severity, Unreadable
from incidentctl.lint.formats.presentation import Presentation, path_in_repository
from incidentctl.lint.formats.wording import one_line


def render_junit(result: Result, shown: Presentation) -> str:
    """A case fails where a finding is at or above the level that fails the run; what is below stands in its output."""
    found: dict[str, list[Diagnostic]] = {path: [] for path in result.documents}
    for each in result.diagnostics:
        found.setdefault(each.path, []).append(each)
    failed = result.fail_level
    suites = [_suite(path_in_repository(path, shown), found[path], failed) for path in sorted(found)]
    suites += (_unreadable(path_in_repository(each.path, shown), each) for each in result.unreadable)
    cases = sum(suite.cases for suite in suites)
    failures = sum(suite.failures for suite in suites)
    errors = sum(suite.errors for suite in suites)
    head = f'<testsuites name="incidentctl lint" tests="{cases}" failures="{failures}" errors="{errors}">'
    texts = (suite.text for suite in suites)
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', head, *texts, "</testsuites>"))


class _Suite(Struct, frozen=True):
    """The text of a suite, and how many cases, failures and errors it has."""

    text: str
    cases: int
    failures: int
    errors: int


def _suite(path: str, diagnostics: list[Diagnostic], failed: Severity) -> _Suite:
    ordered = sorted(diagnostics, key=lambda each: (each.code, each.span))
    cases = []
    failures = 0
    for (code, name), group in groupby(ordered, key=lambda each: (each.code, each.name)):
        found = list(group)
        failures += any(each.severity.is_at_least(failed) for each in found)
        cases.append(_case(path, f"{code} {name}", found, failed))
    if not cases:
        cases.append(f'<testcase classname="{_attribute(path)}" name="no findings" time="0"/>')
    return _wrapped(path, cases, failures=failures)


def _case(path: str, name: str, diagnostics: list[Diagnostic], failed: Severity) -> str:
    grave = [each for each in diagnostics if each.severity.is_at_least(failed)]
    light = [each for each in diagnostics if not each.severity.is_at_least(failed)]
    parts = [f'<testcase classname="{_attribute(path)}" name="{_attribute(name)}" time="0">']
    if grave:
        first = grave[0]
        said = f"line {first.span.line}: {first.message}"
        kind = first.severity.value
        parts.append(f'<failure type="{kind}" message="{_attribute(said)}">{_lines(path, grave)}</failure>')
    if light:
        parts.append(f"<system-out>{_lines(path, light)}</system-out>")
    return "".join((*parts, "</testcase>"))


def _unreadable(path: str, file: Unreadable) -> _Suite:
    said = f'<error type="unreadable" message="{_attribute(file.reason)}"/>'
    case = f'<testcase classname="{_attribute(path)}" name="could be read" time="0">{said}</testcase>'
    return _wrapped(path, [case], errors=1)


def _wrapped(path: str, cases: list[str], *, failures: int = 0, errors: int = 0) -> _Suite:
    numbers = f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'
    text = "\n".join((f'<testsuite name="{_attribute(path)}" {numbers} time="0">', *cases, "</testsuite>"))
    return _Suite(text, len(cases), failures, errors)


def _lines(path: str, diagnostics: Iterable[Diagnostic]) -> str:
    return "\n".join(
        escape(
            f"{one_line(path)}:{each.span.line}:{each.span.column}: {each.severity.value} {show_safely(each.message)}"
        )
        for each in diagnostics
    )


def _attribute(text: str) -> str:
    return escape(one_line(text))
