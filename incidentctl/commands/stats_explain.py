"""`stats explain`: the way to a number, down to the line of the record or the commit."""

from collections.abc import Callable
from typing import Annotated

import typer

from incidentctl.commands.completion import complete_incident
from incidentctl.commands.options import takes
from incidentctl.commands.questions import Asking, Record
from incidentctl.errors import NoSuchIncidentError
from incidentctl.incident.times import quoted
from incidentctl.output.json_text import as_json
from incidentctl.output.reports.explanation import explanation_as_data, explanation_as_lines
from incidentctl.stats.case import Case, Source
from incidentctl.stats.explanation import explain, find_metric, metric_names
from incidentctl.store.reading import MAX_SIZE, as_text

EXAMPLES = """
ictl stats explain mttm
ictl stats explain mttm checkout-latency
ictl stats explain action_items --period 2026-Q2
ictl stats explain recording_lag --last 90d --json
"""

_LONGEST = 160


def complete_metric(incomplete: str) -> list[str]:
    """The figures."""
    return [name for name in metric_names() if name.startswith(incomplete.lower())]


@takes(Asking, without=("compare",))
def command(
    metric: Annotated[
        str,
        typer.Argument(
            metavar="METRIC",
            help="`mttm`, `mttd`, `mtta`, `mttr`, `user_impact`, `incidents`, `action_items`, `repeats`, `process`, `recording_lag`.",
            autocompletion=complete_metric,
        ),
    ],
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[INCIDENT]",
            help="Only what this one gives to it: an id, or a part of one.",
            autocompletion=complete_incident,
        ),
    ] = None,
    *,
    options: Asking,
) -> None:
    """Say how a number comes about: its definition, the incidents that it is made of, the moments that each of them gives, and for each
    moment the line of the record, or the commit, that it came from. What is left out says why.
    """
    wanted = find_metric(metric)
    with options.record() as record:
        evidence = record.measured.evidence
        incident = None if name is None else _meant(evidence.cases, name)
        found = explain(
            wanted,
            evidence.cases,
            options.question(record),
            now=record.measured.now,
            scale=record.workspace.settings.scale,
            incident=incident,
        )
        if options.as_json:
            options.outside.say(as_json(explanation_as_data(found)))
            return
        line_of = _lines(record) if incident is not None and not record.names else None
        for line in explanation_as_lines(found, line_of):
            options.outside.say(line)


def _meant(cases: tuple[Case, ...], words: str) -> str:
    """The incident whose id the words are, or begin, or are a part of."""
    wanted = words.strip().lower()
    ids = [case.id for case in cases]
    if wanted in ids:
        return wanted
    by_prefix = [case.id for case in cases if case.id.startswith(wanted) or case.slug.startswith(wanted)]
    found = by_prefix or [id_ for id_ in ids if wanted in id_]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NoSuchIncidentError(f"there is no incident {quoted(words)}", hint="see them all: ictl list")
    raise NoSuchIncidentError(
        f"{len(found)} incidents are called {quoted(words)}", hint="write more of the id", candidates=tuple(found[:10])
    )


def _lines(record: Record) -> Callable[[Source], str | None]:
    """Reads the line at a source, as it is at the commit that was read, without its id and its author."""
    objects, tip = record.workspace.repository.objects, record.measured.evidence.tip
    texts: dict[str, list[str]] = {}

    def line_of(source: Source) -> str | None:
        if not source.line or tip is None:
            return None
        if source.path not in texts:
            found = objects.get(f"{tip}:{source.path}", cap=MAX_SIZE, path=source.path)
            is_file = found is not None and found.kind == "blob"
            texts[source.path] = as_text(found.data).split("\n") if found is not None and is_file else []
        lines = texts[source.path]
        if source.line > len(lines):
            return None
        words = lines[source.line - 1].strip().partition(" <!-- ")[0]
        words = words.rpartition(" — @")[0] or words
        return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"

    return line_of
