"""`stats diff`: which incidents moved a number between two moments of the record, and the commit that did it."""

from typing import Annotated

import typer
from msgspec.structs import replace

from incidentctl.commands.measuring import Measured, measure, steps_between
from incidentctl.commands.options import takes
from incidentctl.commands.questions import Asking, Record
from incidentctl.context import Workspace
from incidentctl.errors import UsageError
from incidentctl.output.json_text import as_json
from incidentctl.output.reports.difference import difference_as_data, difference_as_lines
from incidentctl.stats.case import Case
from incidentctl.stats.difference import Difference, MovedFigure, Side, differ, value_of, with_commits
from incidentctl.stats.period import read_period
from incidentctl.stats.report import Period
from incidentctl.store.record_history import comes_from

EXAMPLES = """
ictl stats diff 2026-06-30 now
ictl stats diff HEAD~20 HEAD --period 2026-Q2
ictl stats diff 2026-Q1 2026-Q2
ictl stats diff report-of-june main --json
"""

_MOST_TRACED = 200
"""Incidents whose commits are looked at one by one."""

_Steps = dict[str, list[tuple[str, Case | None]]]


@takes(Asking, without=("compare", "as_of", "repo"))
def command(
    before: Annotated[str, typer.Argument(metavar="A", help="A ref, a date, or a period.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    *,
    options: Asking,
) -> None:
    """Say what moved each number from A to B: which incidents came, went or say something else now, and which commit did that.

    A and B are refs (`HEAD~20`, a tag, a branch) or moments (`2026-06-30`, `now`): the same question, asked of the record as it was then.
    Or both are periods (`2026-Q1 2026-Q2`): two questions, asked of the record as it is.
    """
    with options.workspace() as workspace:
        periods = _as_period(options, workspace, before), _as_period(options, workspace, after)
        if periods[0] is not None and periods[1] is not None:
            found = _between_periods(options, workspace, periods[0], periods[1])
        elif periods[0] is not None or periods[1] is not None:
            is_first = periods[0] is not None
            raise UsageError(
                f"{before if is_first else after} is a period, and {after if is_first else before} a moment of the record",
                hint="give two periods, as 2026-Q1 2026-Q2, or two refs or dates, as 2026-03-31 2026-06-30",
            )
        else:
            found = _between_moments(options, workspace, before, after)
        if options.as_json:
            options.outside.say(as_json(difference_as_data(found)))
        else:
            for line in difference_as_lines(found):
                options.outside.say(line)


def _as_period(options: Asking, workspace: Workspace, words: str) -> Period | None:
    """The period that a word names, `None` where it names none."""
    start = workspace.settings.report.fiscal_year_start
    try:
        return read_period(now=workspace.now, zone=options.zone_name(workspace), period=words, fiscal_year_start=start)
    except UsageError:
        return None


def _between_periods(options: Asking, workspace: Workspace, one: Period, other: Period) -> Difference:
    measured = measure(workspace, use_cache=not options.no_cache)
    question = options.question(Record(workspace, measured))
    sides = [
        Side(period.title, measured.evidence.cases, replace(question, period=period), measured.now)
        for period in (one, other)
    ]
    return differ(sides[0], sides[1], workspace.settings.scale, between_periods=True)


def _between_moments(options: Asking, workspace: Workspace, before: str, after: str) -> Difference:
    found = [measure(workspace, as_of=words, use_cache=not options.no_cache) for words in (before, after)]
    sides = [
        Side(words, measured.evidence.cases, options.question(Record(workspace, measured)), measured.now)
        for words, measured in zip((before, after), found, strict=True)
    ]
    difference = differ(sides[0], sides[1], workspace.settings.scale)
    steps: _Steps = {}
    for figure in difference.figures:
        for moved in figure.moved:
            if moved.id not in steps and len(steps) < _MOST_TRACED:
                steps[moved.id] = _steps(workspace, moved.id, *found)
    figures = tuple(_traced(figure, sides, steps) for figure in difference.figures)
    return replace(difference, figures=figures)


def _steps(workspace: Workspace, incident: str, before: Measured, after: Measured) -> list[tuple[str, Case | None]]:
    """What an incident was after each commit from the older of the two to the newer one."""
    one, other = before.as_of, after.as_of
    if other is None or (one is not None and comes_from(workspace.repository, one, other)):
        one, other = other, one
    return [] if other is None else [*steps_between(workspace, incident, one, other)]


def _traced(figure: MovedFigure, sides: list[Side], steps: _Steps) -> MovedFigure:
    """With the commits after which each incident said something else of the figure. That time has passed is no commit's doing."""
    later, name = sides[1], figure.before.name
    olds = {case.id: case for case in sides[0].cases}
    news = {case.id: case for case in later.cases}
    found: list[tuple[str, ...]] = []
    for moved in figure.moved:
        mine = steps.get(moved.id, [])
        is_backwards = bool(mine) and mine[-1][1] == olds.get(moved.id) and mine[-1][1] != news.get(moved.id)
        said = value_of(name, (news if is_backwards else olds).get(moved.id), later)
        commits: list[str] = []
        for commit, case in mine:
            now = value_of(name, case, later)
            if now != said:
                commits.append(commit)
            said = now
        found.append(tuple(commits))
    return with_commits(figure, found)
