"""The format `full`: each finding with its line, a mark below the place, and why it matters. For people at a terminal."""

import re
from collections.abc import Iterator

from incidentctl.lint.diagnostic import Diagnostic, Result, Severity
from incidentctl.lint.formats.excerpt import excerpt
from incidentctl.lint.formats.presentation import Presentation
from incidentctl.lint.formats.wording import COLOURS, one_line, paint, summary_lines

_SENTENCE = re.compile(r".+?[.!?](?=\s|$)|.+", re.DOTALL)
_GUTTER = "1;34"
_LEAST_WIDTH = 40


def render_full(result: Result, shown: Presentation) -> str:
    """Findings in order, each as a block. The reason of a rule is told with its first finding."""
    lines: list[str] = []
    told: set[str] = set()
    for diagnostic in result.diagnostics:
        why = "" if diagnostic.code in told else _why(diagnostic.code, shown)
        told.add(diagnostic.code)
        lines += (*_block(diagnostic, shown, why), "")
    for file in result.unreadable:
        severity = paint("error", COLOURS[Severity.ERROR], shown.colour)
        lines.append(f"{paint(one_line(file.path), '1', shown.colour)}: {severity} could not be read")
        lines += (f"  {one_line(file.reason)}", "")
    lines += summary_lines(result)
    if result.diagnostics:
        lines.append(f"What a rule asks for and why: `incidentctl rule {result.diagnostics[0].code}`.")
    return "\n".join(lines)


def _block(diagnostic: Diagnostic, shown: Presentation, why: str) -> Iterator[str]:
    span = diagnostic.span
    place = f"{paint(one_line(diagnostic.path), '1', shown.colour)}:{span.line}:{span.column}"
    style = COLOURS[diagnostic.severity]
    severity = paint(diagnostic.severity.value, style, shown.colour)
    yield f"{place}: {severity} {paint(diagnostic.code, '1', shown.colour)} {diagnostic.name}"
    yield f"  {one_line(diagnostic.message)}"
    number = str(span.line)
    gutter = " " * len(number)
    bar = paint("|", _GUTTER, shown.colour)
    found = excerpt(diagnostic.line_text, span, max(_LEAST_WIDTH, shown.width - len(number) - 5))
    yield f"{gutter} {bar}"
    yield f"{paint(number, _GUTTER, shown.colour)} {bar} {found.line}".rstrip()
    indent = found.underline[: len(found.underline) - len(found.underline.lstrip())]
    yield f"{gutter} {bar} {indent}{paint(found.underline.lstrip(), style, shown.colour)}"
    if why:
        yield f"{gutter} = why: {why}"
    if diagnostic.fix is not None:
        option = "--fix" if diagnostic.fix.is_safe else "--fix --unsafe-fixes"
        yield f"{gutter} = `{option}`: {one_line(diagnostic.fix.says)}"


def _why(code: str, shown: Presentation) -> str:
    """The first sentence of a rule's reason."""
    rule = shown.rules.get(code)
    sentence = _SENTENCE.match(rule.words.why) if rule else None
    return " ".join(one_line(sentence[0].replace("\n", " ")).split()) if sentence else ""
