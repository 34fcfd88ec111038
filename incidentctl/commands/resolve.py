"""`resolve`: the fault itself is mended."""

from incidentctl.commands.milestones import reach
from incidentctl.commands.options import Words, Writing, takes
from incidentctl.incident.entries import Milestone
from incidentctl.incident.requests import Verb

EXAMPLES = """
ictl resolve pool size fixed
ictl resolve -i checkout --at "yesterday 18:00" fixed by the vendor
"""


@takes(Writing)
def command(*, text: Words = None, options: Writing) -> None:
    """The fault itself is mended. Say what did it."""
    reach(Verb.RESOLVE, Milestone.RESOLVED, text, options)
