"""The report as one HTML file: no script, no network, light and dark, for a screen, a telephone and paper.

`page/report.html` is the page and `page/report.css` its looks; `view.py` says in words what a page needs besides the report, `charts.py`
draws. All text goes through one place: `_shown`, which makes it harmless, before the template engine escapes it.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from incidentctl.incident.words import show_safely
from incidentctl.output.reports import sentences
from incidentctl.output.reports.drawing import load_library
from incidentctl.stats.report import Report

if TYPE_CHECKING:
    from jinja2 import Template


def report_as_html(report: Report) -> str:
    """The whole page. A UsageError that says what to install where the packages of `incidentctl[html]` are missing.

    The same report gives the same text.
    """
    load_library()
    from incidentctl.output.reports.view import View

    return _template().render(report=report, view=View(report)) + "\n"


def _shown(value: object) -> object:
    """What stands in the page for the value of an expression. The one way by which text gets into it.

    Nothing may be left out by mistake: `None` is a fault of the template, which has to say `n/a` in its words.
    """
    from markupsafe import Markup

    if isinstance(value, Markup):
        return value  # a chart, which is made of escaped text
    if isinstance(value, str):
        return show_safely(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"the page shows text and whole numbers, not {value!r}")


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from incidentctl.output.reports import view

    environment = Environment(
        loader=PackageLoader("incidentctl.output.reports", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words: dict[str, Callable[..., str]] = {
        "duration": view.duration,
        "percent": sentences.percent,
        "number": sentences.number_words,
    }
    environment.filters.update(words)
    return environment.get_template("report.html")
