"""What the page and the feed say alike: states, health and what stands where nobody said anything."""

from typing import Final

from incidentctl.incident.public import Health, PublicIncident, PublicPage, PublicState, and_list

STATES: Final = {
    PublicState.INVESTIGATING: "Investigating",
    PublicState.IDENTIFIED: "Identified",
    PublicState.MONITORING: "Monitoring",
    PublicState.RESOLVED: "Resolved",
    PublicState.CLOSED: "Closed",
}
HEALTH: Final = {
    Health.OPERATIONAL: "Operational",
    Health.RECOVERING: "Recovering",
    Health.AFFECTED: "Affected",
}
WITHOUT_WORDS: Final = {
    PublicState.INVESTIGATING: "We are looking into this again.",
    PublicState.IDENTIFIED: "The cause is known, and we are working on a fix.",
    PublicState.MONITORING: "A fix is in place, and we are watching it.",
    PublicState.RESOLVED: "This incident is resolved.",
    PublicState.CLOSED: "This notice is closed.",
}
"""What is said of a state that nobody had words for. It says no more than the state."""


def headline(page: PublicPage) -> str:
    """How things are, in one line."""
    if page.health is Health.OPERATIONAL:
        return "All systems operational"
    bad = [service.name for service in page.services if page.health_of(service) is page.health]
    known = all(incident.services for incident in page.open if incident.health is page.health)
    if not known or not bad or len(bad) > 3:
        return "Some services are affected" if page.health is Health.AFFECTED else "Services are recovering"
    verb = "is" if len(bad) == 1 else "are"
    return f"{and_list(bad)} {verb} {page.health.value}"


def affected(incident: PublicIncident) -> str | None:
    """The services that an incident affects, in one line."""
    return and_list([service.name for service in incident.services]) if incident.services else None
