"""`reopen`: it is back, or was not over."""

from incidentctl.commands.milestones import reach
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.incident.entries import Milestone
from incidentctl.incident.requests import Verb

EXAMPLES = """
ictl reopen errors are back in eu-west-1
ictl reopen -i checkout -m "the fix was rolled back"
"""


@takes(Writing)
def command(*, text: Words = None, options: Writing) -> None:
    """It is back, or was not over. Say how you know."""
    reach(Verb.REOPEN, Milestone.REOPENED, text, options, after_the_fact=True, becomes_current=True, asks="why")
