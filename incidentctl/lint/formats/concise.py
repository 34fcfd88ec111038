"""The format `concise`: one line for each finding, for editors, logs and `grep`."""

from incidentctl.lint.diagnostic import Result, Severity
from incidentctl.lint.formats.presentation import Presentation
from incidentctl.lint.formats.wording import COLOURS, one_line, paint, summary_lines


def render_concise(result: Result, shown: Presentation) -> str:
    """`path:line:column: severity CODE name: message`, then the summary."""
    lines = []
    for each in result.diagnostics:
        severity = paint(each.severity.value, COLOURS[each.severity], shown.colour)
        place = f"{one_line(each.path)}:{each.span.line}:{each.span.column}"
        lines.append(f"{place}: {severity} {each.code} {each.name}: {one_line(each.message)}")
    error = paint("error", COLOURS[Severity.ERROR], shown.colour)
    for file in result.unreadable:
        lines.append(f"{one_line(file.path)}:1:1: {error} could not be read: {one_line(file.reason)}")
    return "\n".join((*lines, *summary_lines(result)))
