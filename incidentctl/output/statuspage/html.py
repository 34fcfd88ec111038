"""The status page as one HTML file: no script, no network, light and dark, for a screen, a telephone and paper.

It is a tree of elements, so that text from people is text: `elements.py` has the one way for it to get in. A policy in the page forbids
scripts and all that would be fetched, should that fail.
"""

import base64
import hashlib
from importlib.resources import files
from itertools import groupby
from typing import Final

from incidentctl.incident.public import Health, PublicIncident, PublicPage
from incidentctl.output.statuspage.elements import Element, as_html, day_of, put, put_paragraphs, put_text, put_time
from incidentctl.output.statuspage.feed import FEED
from incidentctl.output.statuspage.wording import HEALTH, STATES, WITHOUT_WORDS, affected, headline

GENERATOR: Final = "incidentctl status page"
"""By which a page of ours is known."""

_SIGNS: Final = {
    Health.OPERATIONAL: ("#1d7048", '<circle cx="8" cy="8" r="7"/>'),
    Health.RECOVERING: ("#22588c", '<path d="M8 0l8 8-8 8-8-8z"/>'),
    Health.AFFECTED: ("#c2410c", '<path d="M8 1l8 14H0z"/>'),
}


def page_as_html(page: PublicPage) -> str:
    """The whole page. The same page gives the same text."""
    root = Element("html", {"lang": "en"})
    _put_head(root, page)
    body = put(root, "body")
    _put_header(body, page)
    main = put(body, "main")
    if page.open:
        section = _section(main, "open", "Open incidents")
        for incident in page.open:
            _put_incident(section, page, incident)
    if page.services:
        _put_services(main, page)
    _put_past(main, page)
    _put_footer(body, page)
    return f"<!doctype html>\n{as_html(root)}\n"


def _put_head(root: Element, page: PublicPage) -> None:
    style = (files("incidentctl.output.statuspage") / "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    head = put(root, "head")
    put(head, "meta", charset="utf-8")
    put(head, "meta", http_equiv="Content-Security-Policy", content=policy)
    put(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    put(head, "meta", name="color-scheme", content="light dark")
    put(head, "meta", name="referrer", content="no-referrer")
    put(head, "meta", name="generator", content=GENERATOR)
    put(head, "title", f"{headline(page)} – {page.title}")
    if page.url:
        put(head, "link", rel="canonical", href=f"{page.url}/")
    put(head, "link", rel="alternate", type="application/atom+xml", title="Atom feed", href=FEED)
    colour, shape = _SIGNS[page.health]
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="{colour}">{shape}</svg>'
    put(head, "link", rel="icon", href=f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}")
    put(head, "style", style)


def _put_header(body: Element, page: PublicPage) -> None:
    header = put(body, "header")
    put(header, "h1", page.title, dir="auto")
    line = put(header, "p", class_=f"headline {page.health.value}")
    put(line, "span", class_="sign", aria_hidden="true")
    put(line, "span", headline(page))
    if page.open or page.past:
        last = put(header, "p", "Last change: ", class_="soft")
        put_time(last, page.updated_at, page.zone)


def _section(main: Element, name: str, title: str) -> Element:
    section = put(main, "section", aria_labelledby=f"{name}-title")
    put(section, "h2", title, id=f"{name}-title")
    return section


def _put_services(main: Element, page: PublicPage) -> None:
    section = _section(main, "services", "Services")
    for name, services in page.groups():
        if name is not None:
            put(section, "h3", name, class_="group", dir="auto")
        listed = put(section, "ul", class_="services")
        for service in services:
            health = page.health_of(service)
            item = put(listed, "li")
            put(item, "span", service.name, dir="auto")
            state = put(item, "span", class_=f"health {health.value}")
            put(state, "span", class_="sign", aria_hidden="true")
            put(state, "span", HEALTH[health])


def _put_past(main: Element, page: PublicPage) -> None:
    section = _section(main, "past", "Past incidents")
    for day, incidents in groupby(page.past, key=lambda each: day_of(each.began_at, page.zone)):
        put(section, "h3", day, class_="day")
        for incident in incidents:
            _put_incident(section, page, incident, level="h4")
    days = "day" if page.days == 1 else f"{page.days} days"
    if page.left_out:
        put(section, "p", f"The latest {len(page.past)} of the last {days} are shown.", class_="soft")
    elif not page.past:
        put(section, "p", f"None in the last {days}.", class_="soft")


def _put_incident(section: Element, page: PublicPage, incident: PublicIncident, level: str = "h3") -> None:
    kind = "incident" if incident.state.is_over else f"incident {incident.health.value}"
    article = put(section, "article", class_=kind, id=incident.id)
    put(article, level, incident.title, dir="auto", class_="title")
    services = affected(incident)
    if services:
        line = put(article, "p", "Affects ", class_="soft")
        put(line, "bdi", services)
    updates = put(article, "ol", class_="updates", reversed="reversed")
    for update in reversed(incident.updates):
        item = put(updates, "li")
        said = put(item, "p", class_="said")
        put(said, "strong", STATES[update.state])
        put_text(said, " ")
        moment = put_time(said, update.at, page.zone)
        moment.set("class", "soft")
        if update.words is None:
            put(item, "p", WITHOUT_WORDS[update.state], class_="soft")
        else:
            put_paragraphs(item, update.words)


def _put_footer(body: Element, page: PublicPage) -> None:
    footer = put(body, "footer")
    links = put(footer, "ul")
    if page.subscribe_url:
        put(put(links, "li"), "a", "Subscribe", href=page.subscribe_url)
    put(put(links, "li"), "a", "Atom feed", href=FEED)
    put(put(links, "li"), "a", "For programs", href="api/v2/summary.json")
    days = "a day" if page.days == 1 else f"{page.days} days"
    put(footer, "p", f"Incidents stay here for {days} after they are over.")
