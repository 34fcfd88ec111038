"""How a hand-over looks to the one who takes over, and to a program. Value to text; nothing here prints."""

from datetime import datetime
from typing import Any

from incidentctl.incident.decisions import ROLE_TITLES
from incidentctl.incident.handoff import Handoff, handoff_lines
from incidentctl.incident.model import Incident, channel_of
from incidentctl.incident.times import format_instant
from incidentctl.output.answers import entry_as_data, steps_as_data


def handoff_as_lines(incident: Incident, handoff: Handoff, *, prefix: str, now: datetime) -> list[str]:
    """What is printed: whose it is now and where it is talked of, then what is recorded, without its marks of a list."""
    title = ROLE_TITLES.get(handoff.role, handoff.role)
    taker = f"@{handoff.taker}" if handoff.taker else "nobody"
    lines = [
        f"{incident.state.severity or 'no severity'} {incident.title}: {title} {taker}",
        f"{incident.id} · {channel_of(incident, prefix)}",
    ]
    return [*lines, *(line.removeprefix("- ").replace("  - ", "  ", 1) for line in handoff_lines(handoff, now=now))]


def handoff_as_data(handoff: Handoff) -> dict[str, Any]:
    """The same for a program; `from` and `to` are handles, `null` for nobody."""
    return {
        "role": handoff.role,
        "from": handoff.giver,
        "to": handoff.taker,
        "status": handoff.status.value if handoff.status else None,
        "severity": handoff.severity,
        "impact": handoff.impact,
        "theory": handoff.theory,
        "actions": handoff.actions,
        "next_update": format_instant(handoff.next_at) if handoff.next_at else None,
        "roles": dict(handoff.roles),
        "due": steps_as_data(handoff.due),
        "missing": list(handoff.missing),
        "last": [entry_as_data(entry) for entry in handoff.last],
    }
