"""`close`: all that was to be learned is written down."""

from typing import TYPE_CHECKING

from incidentctl.commands.milestones import reach
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.context import Workspace
from incidentctl.document.parse import parse_document
from incidentctl.document.postmortem import DocumentStatus, read_postmortem, read_status
from incidentctl.errors import RefusedError
from incidentctl.incident.entries import Milestone, Status
from incidentctl.incident.requests import Verb
from incidentctl.store.reading import as_text, postmortem_path

if TYPE_CHECKING:
    from incidentctl.store.postmortems import Postmortems

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
    if read_status(status if isinstance(status, str) else None) is not DocumentStatus.FINAL:
        what = "missing" if data is None else str(status or "without a status")
        raise _refuse(workspace, incident, path, severity.name, what)


def _documents(workspace: Workspace) -> "Postmortems":
    from incidentctl.commands.documents import documents_of  # only where it is refused

    return documents_of(workspace)


def _elsewhere(workspace: Workspace, incident: str) -> tuple[str, str] | None:
    """The status of the post-mortem on a branch that is not the record's, and that branch: a final one first."""
    found = [
        (read_postmortem(file.text, incident=incident).status or "without a status", file.branch)
        for file in _documents(workspace).versions(incident)
        if file.branch is not None and file.branch != workspace.repository.branch
    ]
    final = [each for each in found if each[0] is DocumentStatus.FINAL]
    return next(iter((*final, *found)), None)


def _refuse(workspace: Workspace, incident: str, path: str, severity: str, what: str) -> RefusedError:
    elsewhere, hint = _elsewhere(workspace, incident), f"`ictl postmortem publish {incident}`"
    if elsewhere is not None:
        status, branch = elsewhere
        record = workspace.repository.branch
        what += f" on {record}: it is {status.replace('_', ' ')} on {branch}"
        hint = f"merge {branch} into {record} first" if status == DocumentStatus.FINAL else hint
    elif _documents(workspace).find(incident) is None:
        hint = f"`ictl postmortem new {incident}` drafts {path}"
    return RefusedError(
        f"a {severity} is closed when its post-mortem is final, and its post-mortem is {what}",
        hint=f"{hint}; or set close_requires_postmortem = false under [policy]",
    )
