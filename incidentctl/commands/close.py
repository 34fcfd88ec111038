"""`close`: all that was to be learned is written down."""

from incidentctl.commands.milestones import reach
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.context import Workspace
from incidentctl.document.parse import parse_document
from incidentctl.errors import RefusedError
from incidentctl.incident.entries import Milestone, Status
from incidentctl.incident.requests import Verb
from incidentctl.store.reading import as_text, postmortem_path

EXAMPLES = """
ictl close
ictl close -i checkout
"""


@takes(Writing)
def command(*, text: Words = None, options: Writing) -> None:
    """Close a resolved incident. Where its severity requires a post-mortem, that has to be final first."""
    reach(Verb.CLOSE, Milestone.CLOSED, text, options, after_the_fact=True, check=_demand_postmortem)


def _demand_postmortem(workspace: Workspace, incident: str) -> None:
    """What the policy wants before an incident is closed. Drills and SEVs without a post-mortem are closed as they are."""
    if not workspace.settings.policy.close_requires_postmortem:
        return
    found = workspace.reader.read(incident).incident
    severity = workspace.settings.scale.find(found.state.severity or "")
    if severity is None or not severity.postmortem or found.is_drill or found.state.status is not Status.RESOLVED:
        return
    path = postmortem_path(workspace.settings, incident)
    data = workspace.reader.read_bytes(path)
    status = parse_document(as_text(data)).value("status") if data is not None else None
    if status != "final":
        what = "its post-mortem is missing" if data is None else f"its post-mortem is {status or 'without a status'}"
        raise RefusedError(
            f"a {severity.name} is closed when its post-mortem is final, and {what}",
            hint=f"finish {path} with `status: final`, or set close_requires_postmortem = false under [policy]",
        )
