"""`ack`: a human has taken it."""

from incidentctl.commands.milestones import reach
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.incident.entries import Milestone
from incidentctl.incident.requests import Verb

EXAMPLES = """
ictl ack
ictl ack looking into it
ictl ack -i checkout --at -5m
"""


@takes(Writing)
def command(*, text: Words = None, options: Writing) -> None:
    """Acknowledge: a human has taken it. The incident becomes the current one."""
    reach(Verb.ACK, Milestone.ACKNOWLEDGED, text, options, becomes_current=True)
