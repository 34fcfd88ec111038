"""`mitigate`: users are no longer hurt."""

from incidentctl.commands.milestones import reach
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.incident.entries import Milestone
from incidentctl.incident.requests import Verb

EXAMPLES = """
ictl mitigate failed over to db-4
ictl mitigate --at 10:48 rolled back
ictl mitigate --by @bob --at -10m rolled back
"""


@takes(Writing)
def command(*, text: Words = None, options: Writing) -> None:
    """Users are no longer hurt. Say what did it; the cause can come later."""
    reach(Verb.MITIGATE, Milestone.MITIGATED, text, options)
