"""An incident as we believe it to be: always valid, whatever its file says. Never knows where it is kept."""

from collections.abc import Mapping

from msgspec import Struct, field

from incidentctl.incident.entries import Entry
from incidentctl.incident.lifecycle import State

Value = str | tuple["Value", ...] | Mapping[str, "Value"] | None
"""A value of the front matter, with every scalar as the text that stands there."""

PLAIN_KEYS = (
    "title",
    "public_title",
    "services",
    "regions",
    "affected_users",
    "error_budget",
    "revenue_impact",
    "tags",
    "team",
    "bridge",
    "status_page",
    "ticket",
    "channel",
    "drill",
    "external_id",
    "source",
    "estimated",
    "repeat_of",
)
"""The plain keys that have a meaning here; people may add any other."""

DRILL = "DRILL "
"""What each line about an exercise begins with."""

LIST_KEYS = ("services", "regions", "tags", "estimated")


class Incident(Struct, frozen=True):
    """One incident: its name, the entries in order of the file, the state that they give, and its plain keys."""

    id: str
    title: str
    entries: tuple[Entry, ...]
    state: State
    keys: Mapping[str, Value] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The id without its date: what people call it."""
        return self.id[11:] or self.id

    @property
    def is_drill(self) -> bool:
        """Whether it is an exercise."""
        return str(self.keys.get("drill") or "").lower() in ("true", "yes", "on", "1")

    def listed(self, key: str) -> tuple[str, ...]:
        """A plain key as a list: one scalar is a list of one."""
        value = self.keys.get(key)
        if not value or isinstance(value, Mapping):
            return ()
        return (value,) if isinstance(value, str) else tuple(item for item in value if isinstance(item, str))

    def word(self, key: str) -> str | None:
        """A plain key as one scalar."""
        value = self.keys.get(key)
        return value if isinstance(value, str) and value else None


def channel_of(incident: Incident, prefix: str = "incident-") -> str:
    """The name of its channel: what the `channel` key says, else the prefix and the id."""
    return incident.word("channel") or f"#{prefix}{incident.id}"
