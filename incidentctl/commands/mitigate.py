"""`mitigate`: users are no longer hurt."""

from incidentctl.commands.milestones import reach
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.incident.entries import Milestone
from incidentctl.incident.requests import Verb


@takes(Writing)
def command(*, text: Words = None, options: Writing) -> None:
    """Users are no longer hurt. Say what did it; the cause can come later."""
    reach(Verb.MITIGATE, Milestone.MITIGATED, text, options)
