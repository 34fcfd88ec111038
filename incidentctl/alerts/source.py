"""What a source of alerts is: a name, how its messages are known, and a function that reads one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple

from incidentctl.alerts.message import Read


class Hints(NamedTuple):
    """What the settings and the command line say that readers need: labels to look at, and the zone of times without one."""

    severity_labels: Sequence[str]
    service_labels: Sequence[str]
    zone: tzinfo | None = None


class Source(NamedTuple):
    """One sender. `knows` tells its messages from all others, by what no other has; `read` never raises."""

    name: str
    knows: Callable[[object], bool]
    read: Callable[[Mapping[str, object], Hints], Read]
