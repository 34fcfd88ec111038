"""The format `github`: annotations on a pull request, as workflow commands. GitHub shows ten of each kind a step and drops the rest."""

from collections.abc import Iterator

from incidentctl.lint.diagnostic import Diagnostic, Result, Severity, Unreadable
from incidentctl.lint.formats.presentation import Presentation, path_in_repository
from incidentctl.lint.formats.wording import one_line, summary_lines

_MOST = 10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(result: Result, shown: Presentation) -> str:
    """Errors first, then warnings, then one notice of how many more there are, then infos; never more than ten of a kind."""
    by_severity: dict[Severity, list[Diagnostic]] = {severity: [] for severity in _COMMANDS}
    for each in result.diagnostics:
        by_severity[each.severity].append(each)
    unreadable = result.unreadable[:_MOST]
    errors = by_severity[Severity.ERROR][: _MOST - len(unreadable)]
    warnings = by_severity[Severity.WARNING][:_MOST]
    total = len(result.diagnostics) + len(result.unreadable)
    infos = by_severity[Severity.INFO][:_MOST]
    if len(unreadable) + len(errors) + len(warnings) + len(infos) < total:
        infos = infos[: _MOST - 1]
    more = total - len(unreadable) - len(errors) - len(warnings) - len(infos)
    lines = [
        *(_unreadable(each, shown) for each in unreadable),
        *(_annotation(each, shown) for each in (*errors, *warnings)),
        *_more(more),
        *(_annotation(each, shown) for each in infos),
        *(_plain(line) for line in summary_lines(result)),
    ]
    return "\n".join(lines)


def _annotation(diagnostic: Diagnostic, shown: Presentation) -> str:
    span = diagnostic.span
    fields = {"file": path_in_repository(diagnostic.path, shown), "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:  # GitHub takes columns within one line alone
        fields |= {"col": str(span.column), "endColumn": str(span.end_column)}
    fields["title"] = f"{diagnostic.code} {diagnostic.name}"
    return _command(_COMMANDS[diagnostic.severity], fields, diagnostic.message)


def _unreadable(file: Unreadable, shown: Presentation) -> str:
    fields = {"file": path_in_repository(file.path, shown), "title": "could not be read"}
    return _command("error", fields, file.reason)


def _more(number: int) -> Iterator[str]:
    if number:
        said = f"and {number:,} more, which GitHub does not show here: the step's summary or `incidentctl lint` has all of them"
        yield _command("notice", {"title": "incidentctl lint"}, said)


def _command(name: str, fields: dict[str, str], message: str) -> str:
    properties = ",".join(f"{key}={_property(value)}" for key, value in fields.items())
    return f"::{name} {properties}::{_data(message)}"


def _data(text: str) -> str:
    """A message: what GitHub would take for the end of it is escaped, so that no document gives a command."""
    return one_line(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _plain(line: str) -> str:
    """A line that is no command: the runner obeys `::` at the beginning of a line, and `##[` anywhere in it."""
    return line.replace("##[", "## [") if not line.lstrip().startswith("::") else f"· {line}"
