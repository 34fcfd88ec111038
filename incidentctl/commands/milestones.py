"""What `ack`, `mitigate`, `resolve`, `reopen` and `close` share: a milestone, perhaps with a text."""

from collections.abc import Callable

from incidentctl.commands.naming import make_current
from incidentctl.commands.options import Writing
from incidentctl.commands.words import text_of
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.context import Workspace
from incidentctl.incident.entries import Milestone, Reached
from incidentctl.incident.requests import Verb
from incidentctl.output.answers import since_detection


def reach(
    verb: Verb,
    milestone: Milestone,
    text: list[str] | None,
    options: Writing,
    *,
    after_the_fact: bool = False,
    becomes_current: bool = False,
    asks: str | None = None,
    check: Callable[[Workspace, str], None] | None = None,
) -> None:
    """Records that a milestone was reached, and answers with how long after detection that was.

    `check` may refuse before anything is written; `asks` is the question for a text that should not be missing.
    """
    with options.workspace() as workspace:
        incident, words = named(workspace, options, text, after_the_fact=after_the_fact)
        if check is not None:
            check(workspace, incident)
        said = text_of(workspace, words, options.message, asks=asks if workspace.outside.is_terminal else None)
        written = write(workspace, options, request_of(workspace, options, verb, incident, (Reached(milestone), said)))
        state = written.incident.state
        if becomes_current and not options.dry_run and not (state.status and state.status.is_over):
            make_current(workspace, incident)
        at = state.mitigated_at if milestone is Milestone.MITIGATED else state.resolved_at
        measured = milestone in (Milestone.MITIGATED, Milestone.RESOLVED)
        what = milestone.value + (since_detection(state, at) if measured and written.entries else "")
        answer(workspace, options, written, what, shows_steps=milestone is not Milestone.MITIGATED)
