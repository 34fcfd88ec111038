"""What the public calls the services of a record, by the settings: for the status page, and for public notices."""

from incidentctl.config.settings import Settings, StatusPageSettings
from incidentctl.incident.public import PublicService, public_id


def public_services(settings: StatusPageSettings) -> tuple[PublicService, ...]:
    """The services that the public knows. Two of one name in one group are one for it."""
    found = (
        PublicService(public_id("service", name, service.group or ""), name, service.group or None)
        for service in settings.services
        for name in (service.title or service.name,)
    )
    return tuple(dict.fromkeys(found))


def public_names(settings: Settings) -> dict[str, PublicService]:
    """From each name that the record may have for a service, in lower case, to what the public calls it."""
    by_id = {service.id: service for service in public_services(settings.status_page)}
    names: dict[str, PublicService] = {}
    for listed in settings.status_page.services:
        public = by_id[public_id("service", listed.title or listed.name, listed.group or "")]
        known = settings.service(listed.name)
        for name in (listed.name, *((known.name, *known.aliases) if known else ())):
            names.setdefault(name.casefold(), public)
    return names
