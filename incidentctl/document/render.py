"""A new incident's file. Only `open` writes a whole file; everything after it is an edit."""

from collections.abc import Mapping

from incidentctl.document.edit import KEY_ORDER
from incidentctl.document.entry_lines import render_entry
from incidentctl.document.escaping import escape_line
from incidentctl.document.front_matter import scalar, written
from incidentctl.incident.entries import Entry
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Value


def render_heading(title: str) -> str:
    """A title as the one `# ` heading: no HTML, and no `#` at its end that Markdown would take for a fence."""
    words = escape_line(title, no_html=True)
    return f"# {words[:-1]}\\#" if words.endswith("#") else f"# {words}"


def render_document(incident: str, keys: Mapping[str, Value], entries: tuple[Entry, ...]) -> str:
    """The text of a new file: front matter in its order, the title, the timeline."""
    ordered = sorted(entries, key=lambda entry: entry.order)
    values: dict[str, Value] = {"id": incident, **keys, **fold(ordered).as_keys()}
    names = [key for key in KEY_ORDER if key in values] + [key for key in values if key not in KEY_ORDER]
    front = [f"{scalar(key)}: {written(values[key], key=key)}" for key in names if values[key] not in (None, (), "")]
    title = values.get("title")
    heading = render_heading(title if isinstance(title, str) else incident)
    timeline = [line for entry in ordered for line in render_entry(entry)]
    return "\n".join(("---", *front, "---", "", heading, "", "## Timeline", "", *timeline)) + "\n"
