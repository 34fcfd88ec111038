"""The status page as an Atom feed: an entry for each incident, with all that was said. What RFC 4287 asks for, and no more."""

from typing import Final
from uuid import NAMESPACE_OID, uuid5

from incidentctl.incident.public import PublicIncident, PublicPage
from incidentctl.incident.times import format_instant
from incidentctl.output.statuspage.elements import Element, as_html, as_xml, put, put_paragraphs, put_text, put_time
from incidentctl.output.statuspage.wording import STATES, WITHOUT_WORDS, affected

_ATOM: Final = "http://www.w3.org/2005/Atom"
FEED: Final = "history.atom"
"""The name under which readers of status pages look for it."""


def page_as_feed(page: PublicPage) -> str:
    """The feed. The ids of its entries stay the same wherever the page moves; without an address of the page it has no links."""
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    put(feed, "id", _id(page.id))
    put(feed, "title", page.title)
    put(feed, "updated", format_instant(page.updated_at))
    put(put(feed, "author"), "name", page.title)
    put(feed, "generator", "incidentctl")
    if page.url:
        put(feed, "link", rel="self", type="application/atom+xml", href=f"{page.url}/{FEED}")
        put(feed, "link", rel="alternate", type="text/html", href=f"{page.url}/")
    for incident in sorted((*page.open, *page.past), key=lambda each: (each.updated_at, each.id), reverse=True):
        _put_entry(feed, page, incident)
    return as_xml(feed)


def _put_entry(feed: Element, page: PublicPage, incident: PublicIncident) -> None:
    entry = put(feed, "entry")
    put(entry, "id", _id(incident.id))
    put(entry, "title", f"{incident.title}: {STATES[incident.state].lower()}")
    put(entry, "published", format_instant(incident.began_at))
    put(entry, "updated", format_instant(incident.updated_at))
    link = page.link(incident)
    if link:
        put(entry, "link", rel="alternate", type="text/html", href=link)
    put(entry, "content", _content(page, incident), type="html")


def _content(page: PublicPage, incident: PublicIncident) -> str:
    """The updates as HTML, the last one first. It is text in the feed, and escaped once more there."""
    content = Element("div")
    services = affected(incident)
    if services:
        put(content, "p", f"Affects {services}.")
    for update in reversed(incident.updates):
        line = put(content, "p")
        put(line, "strong", STATES[update.state])
        put_text(line, " – ")
        put_time(line, update.at, page.zone)
        put_paragraphs(content, update.words or WITHOUT_WORDS[update.state])
    return as_html(content)


def _id(of: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_OID, f'incidentctl status page {of}')}"
