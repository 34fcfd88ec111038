"""The list of all output formats. A new one is a module and a line here; nothing here prints."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from incidentctl.lint.formats.concise import render_concise
from incidentctl.lint.formats.full import render_full
from incidentctl.lint.formats.github import render_github
from incidentctl.lint.formats.gitlab import render_gitlab
from incidentctl.lint.formats.json import render_json
from incidentctl.lint.formats.junit import render_junit
from incidentctl.lint.formats.markdown import render_markdown
from incidentctl.lint.formats.presentation import Render
from incidentctl.lint.formats.sarif import render_sarif


class Format(Struct, frozen=True):
    """One way to print findings, and what it is for in a line of help."""

    render: Render
    says: str


FORMATS: Final[Mapping[str, Format]] = {
    "full": Format(render_full, "each finding with its line, a mark below the place, and why"),
    "concise": Format(render_concise, "one line for each finding"),
    "json": Format(render_json, "for programs, as `schema lint` describes"),
    "github": Format(render_github, "annotations of a pull request, within GitHub's limits"),
    "gitlab": Format(render_gitlab, "a Code Quality report of a merge request"),
    "sarif": Format(render_sarif, "SARIF 2.1.0, for code scanning and editors"),
    "junit": Format(render_junit, "JUnit XML, a suite for each document"),
    "markdown": Format(render_markdown, "a checklist for a comment or a step's summary"),
}
"""By name, the default first."""
