"""The post-mortem of an incident from another place: its facts and action items; the words stay where they are. Text alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from incidentctl.document.action_items import ActionItem, render_item
from incidentctl.document.escaping import escape_line
from incidentctl.document.front_matter import scalar, written
from incidentctl.document.postmortem import duration_words, header_line
from incidentctl.document.render import render_heading
from incidentctl.incident.model import Incident
from incidentctl.incident.times import format_instant

_ANSWERED: Final = "<!-- incidentctl: ignore-file STR001 -- imported: its words are not here -->"


class ImportedPostmortem(Struct, frozen=True):
    """What is known of it. `url` is where its words are."""

    status: str
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    root_cause: str | None = None
    url: str | None = None
    items: Sequence[ActionItem] = ()


def render_imported_postmortem(incident: Incident, said: ImportedPostmortem, *, source: str) -> str:
    """The text of its file. Lint reports nothing of what is missing in it; whoever fills it in removes the line that says so."""
    state = incident.state
    front = ["---", f"incident: {scalar(incident.id)}", f"status: {scalar(said.status)}"]
    front += [f"authors: {written(said.authors)}", "reviewers: []"]
    front += [f"published_at: {format_instant(said.published_at)}"] if said.published_at else []
    front += [f"root_cause: {scalar(said.root_cause)}" if said.root_cause else "root_cause:", "---"]
    lasted = state.resolved_at - state.detected_at if state.resolved_at and state.detected_at else None
    header = header_line(
        day=incident.id[:10],
        severity=state.severity or "TBD",
        duration=duration_words(lasted) if lasted is not None else "not known",
        authors=said.authors,
    )
    header += "" if said.authors else "not known"
    where = f": {_address(said.url)}" if said.url else ", and its words did not come along"
    lines = [*front, "", _ANSWERED, "", render_heading(incident.title), "", header, "", "## Summary", ""]
    lines += [f"Imported from {escape_line(source)}{where}."]
    if said.items:
        lines += ["", "## Action Items", "", *(line for item in said.items for line in render_item(item))]
    return "\n".join(lines) + "\n"


def _address(url: str) -> str:
    """An address as a link, other words as words."""
    is_plain = url.startswith(("https://", "http://")) and not any(each.isspace() or each in "<>" for each in url)
    return f"<{url}>" if is_plain else escape_line(url)
