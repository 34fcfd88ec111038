"""The way to a number in words and for programs, down to the line or the commit. Prints nothing."""

from collections.abc import Callable, Iterator
from datetime import datetime

from incidentctl.incident.times import format_instant
from incidentctl.output.reports.sentences import duration_words
from incidentctl.stats.case import Fact, Origin, Source
from incidentctl.stats.explanation import ExplainedIncident, Explanation
from incidentctl.stats.report import DurationFigure

Line = Callable[[Source], str | None]
"""The words that stand in the record at a source; `None` where they are not at hand."""


def way_to(source: Source) -> str:
    """Where a fact stands: the line of a file, or the commit, or both."""
    place = f"{source.path}:{source.line}" if source.line else source.path
    commit = f"commit {source.commit[:12]}" if source.commit else ""
    if source.origin is Origin.HISTORY:
        return f"from history: {commit or place}" + (f", {place}" if commit and source.line else "")
    if source.origin is Origin.ASSUMED:
        return f"assumed: the declaration, {place}"
    return f"{place}, {commit}" if commit else place


def told(at: datetime) -> str:
    """`2026-05-14 10:48Z`, with seconds where there are any."""
    return f"{at:%Y-%m-%d %H:%M:%SZ}" if at.second else f"{at:%Y-%m-%d %H:%MZ}"


def explanation_as_lines(explanation: Explanation, line_of: Line | None = None) -> Iterator[str]:
    """Line by line, from the definition to the figure."""
    yield f"{explanation.metric}: {explanation.title}"
    yield ""
    yield from explanation.definition.splitlines()
    yield ""
    for incident in explanation.incidents:
        yield from _incident_lines(incident, line_of)
        yield ""
    if not explanation.incidents:
        yield "no incident"
    if explanation.figure is not None:
        yield from _figure_lines(explanation.figure)
    elif explanation.result is not None:
        yield explanation.result


def _incident_lines(incident: ExplainedIncident, line_of: Line | None) -> Iterator[str]:
    verdict = incident.verdict.replace("_", " ")
    value = f"{duration_words(incident.value)} = {incident.value:g} s" if incident.value is not None else verdict
    mark = " (detection assumed)" if incident.verdict == "assumed" else ""
    severity = f"{incident.severity} " if incident.severity else ""
    yield f"{severity}{incident.id}  {value}{mark}"
    if incident.title:
        yield f"    {incident.title}"
    if incident.reason:
        yield f"    {incident.reason}"
    width = max((len(end.name) for end in incident.ends), default=0)
    for end in incident.ends:
        if end.fact is None:
            yield f"    {end.name:<{width}}  not known"
            continue
        estimated = ", estimated" if end.fact.is_estimated else ""
        yield f"    {end.name:<{width}}  {told(end.fact.at)}  {way_to(end.fact.source)}{estimated}"
        words = line_of(end.fact.source) if line_of is not None else None
        if words:
            yield f"    {'':<{width}}  | {words}"
    for what, source in incident.sources:
        yield f"    {what}: {way_to(source)}"


def _figure_lines(figure: DurationFigure) -> Iterator[str]:
    yield f"{figure.n} recorded of {figure.eligible} incidents, from {figure.start} to {figure.end}"
    if not figure.n:
        yield "median: n/a"
        return
    ordered = sorted(value.seconds for value in figure.values)
    n, middle = len(ordered), len(ordered) // 2
    way = f"the value at place {middle + 1} of {n} in order"
    if n % 2 == 0:
        below, above = duration_words(ordered[middle - 1]), duration_words(ordered[middle])
        way = f"halfway between {below} and {above}, places {middle} and {middle + 1} of {n} in order"
    yield f"median: {duration_words(figure.median)}: {way}"
    if figure.ci95 is not None:
        yield f"its 95 % bootstrap interval: {duration_words(figure.ci95[0])} to {duration_words(figure.ci95[1])}"
    else:
        yield "no interval: fewer than 9 incidents"
    if figure.p90 is not None:
        place = (n - 1) * 0.9 + 1
        yield f"p90: {duration_words(figure.p90)}: at place {place:.1f} of {n} in order, by linear interpolation"
    yield f"mean: {duration_words(figure.mean)}: {sum(ordered):g} s / {n}"


# ---------------------------------------------------------------------------------------------------------------- data


def source_as_data(source: Source) -> dict[str, object]:
    """The way to a fact for a program."""
    return {
        "origin": source.origin.value,
        "path": source.path or None,
        "line": source.line or None,
        "commit": source.commit or None,
        "entry": source.entry or None,
    }


def _fact_as_data(fact: Fact | None) -> dict[str, object] | None:
    if fact is None:
        return None
    return {"at": format_instant(fact.at), "estimated": fact.is_estimated, "source": source_as_data(fact.source)}


def figure_as_data(figure: DurationFigure) -> dict[str, object]:
    """A duration's figure for a program."""
    return {
        "from": figure.start,
        "to": figure.end,
        "unit": "seconds",
        "n": figure.n,
        "eligible": figure.eligible,
        "assumed": figure.assumed,
        "median": figure.median,
        "p90": figure.p90,
        "mean": figure.mean,
        "ci95": None if figure.ci95 is None else list(figure.ci95),
    }


def explanation_as_data(explanation: Explanation) -> dict[str, object]:
    """An explanation for a program."""
    return {
        "schema_version": 1,
        "kind": "stats_explain",
        "metric": explanation.metric,
        "title": explanation.title,
        "definition": explanation.definition,
        "result": explanation.result,
        "figure": None if explanation.figure is None else figure_as_data(explanation.figure),
        "incidents": [
            {
                "id": each.id,
                "title": each.title,
                "severity": each.severity or None,
                "verdict": each.verdict,
                "seconds": each.value,
                "reason": each.reason or None,
                "ends": [{"name": end.name, "fact": _fact_as_data(end.fact)} for end in each.ends],
                "sources": [{"what": what, "source": source_as_data(source)} for what, source in each.sources],
            }
            for each in explanation.incidents
        ],
    }
