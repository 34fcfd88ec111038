"""What the public is told, as values: all that a status page is made of. Knows nothing of the record that it was taken from.

`publication.py` makes these; whoever shows them imports this module and can see no incident.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

from msgspec import Struct

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"


class PublicState(StrEnum):
    """How far an incident has come, in the words of status pages. Closed: it was none, or is told of elsewhere."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come."""
        return self in (PublicState.RESOLVED, PublicState.CLOSED)


class Health(StrEnum):
    """How a service is, as far as the public is told. There is no more and no less: the severity stays inside."""

    OPERATIONAL = "operational"
    RECOVERING = "recovering"
    AFFECTED = "affected"


class PublicService(Struct, frozen=True):
    """A service by its public name. `id` is derived from that name."""

    id: str
    name: str
    group: str | None = None


class PublicUpdate(Struct, frozen=True):
    """What was said at one time. `words` is None where only the state changed, and nobody said anything for the public."""

    id: str
    at: datetime
    state: PublicState
    words: str | None


class PublicIncident(Struct, frozen=True):
    """One incident as the public knows it. `updates` are in order of time, and there is one at least.

    `monitoring_at` and `resolved_at` are never before the first update: what was before that is nobody's business.
    """

    id: str
    title: str
    services: tuple[PublicService, ...]
    updates: tuple[PublicUpdate, ...]
    monitoring_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def state(self) -> PublicState:
        """How far it has come."""
        return self.updates[-1].state

    @property
    def began_at(self) -> datetime:
        """When the public was first told."""
        return self.updates[0].at

    @property
    def updated_at(self) -> datetime:
        """When the public was last told, or the state changed."""
        return self.updates[-1].at

    @property
    def health(self) -> Health:
        """What it does to the services that it affects."""
        return health_in(self.state)


class PublicPage(Struct, frozen=True):
    """The whole page. `open` and `past` have the latest first; `past` goes `days` back, and `left_out` counts what it leaves out of these.

    `url` ends without a slash. `zone` None: times are told in UTC alone. `updated_at` is the time of the last thing told.
    """

    id: str
    title: str
    url: str | None
    subscribe_url: str | None
    zone: tzinfo | None
    days: int
    services: tuple[PublicService, ...]
    open: tuple[PublicIncident, ...]
    past: tuple[PublicIncident, ...]
    updated_at: datetime
    left_out: int = 0

    @property
    def health(self) -> Health:
        """The worst that any open incident says."""
        return worst(incident.health for incident in self.open)

    def health_of(self, service: PublicService) -> Health:
        """How one service is."""
        return worst(incident.health for incident in self.open if service in incident.services)

    def groups(self) -> Iterator[tuple[str | None, list[PublicService]]]:
        """The services group by group, in the order in which each is first named. Those of no group come first: under no heading."""
        names = dict.fromkeys(service.group for service in self.services)
        for name in sorted(names, key=lambda name: name is not None):
            yield name, [service for service in self.services if service.group == name]

    def link(self, incident: PublicIncident) -> str | None:
        """Where it is on the page; None where nobody said where the page is."""
        return f"{self.url}/#{incident.id}" if self.url else None


def health_in(state: PublicState) -> Health:
    """What a service is like while an incident in that state affects it."""
    if state.is_over:
        return Health.OPERATIONAL
    return Health.RECOVERING if state is PublicState.MONITORING else Health.AFFECTED


def worst(found: Iterator[Health]) -> Health:
    """The worst of several; all is well where there is none."""
    order = tuple(Health)
    return max(found, key=order.index, default=Health.OPERATIONAL)


def and_list(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]


def public_id(*parts: str) -> str:
    """Twelve characters that are the same each time and tell nothing of the words that they were made of."""
    number = int.from_bytes(hashlib.sha256("\0".join(("status page", *parts)).encode("utf-8", "replace")).digest()[:8])
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(0, 60, 5))
