"""A tree of elements, and the one way for text to get into it: made harmless here, and escaped when the tree is written."""

from datetime import UTC, datetime, tzinfo
from xml.etree import ElementTree

from incidentctl.incident.times import MONTHS, format_instant, to_local
from incidentctl.incident.words import show_safely

Element = ElementTree.Element


def put(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """A new element at the end of `parent`. An attribute such as `class_` or `aria_hidden` loses its `_` or gets a hyphen for it."""
    names = {name.rstrip("_").replace("_", "-"): show_safely(value) for name, value in attributes.items()}
    element = ElementTree.SubElement(parent, tag, names)
    if text is not None:
        element.text = show_safely(text)
    return element


def put_text(parent: Element, text: str) -> None:
    """Text behind what `parent` has already."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + show_safely(text)
    else:
        parent.text = (parent.text or "") + show_safely(text)


def put_paragraphs(parent: Element, words: str) -> None:
    """Somebody's words: a paragraph for each part between blank lines, its own lines kept. No markup in them means anything."""
    for part in words.split("\n\n"):
        lines = [line for line in part.split("\n") if line.strip()]
        if not lines:
            continue
        paragraph = put(parent, "p", lines[0], dir="auto")
        for line in lines[1:]:
            put(paragraph, "br")
            put_text(paragraph, line)


def put_time(parent: Element, at: datetime, zone: tzinfo | None) -> Element:
    """A moment, for people and for programs."""
    return put(parent, "time", told(at, zone), datetime=format_instant(at))


def told(at: datetime, zone: tzinfo | None) -> str:
    """`14 May 2026, 10:30 UTC`; with a zone `14 May 2026, 12:30 CEST (10:30 UTC)`, the day in UTC too where it is another."""
    utc, local = at.astimezone(UTC), to_local(at, zone or UTC)
    if not local.utcoffset():
        return f"{_day(utc)}, {utc:%H:%M} UTC"
    other = "" if utc.date() == local.date() else f"{_day(utc)}, "
    return f"{_day(local)}, {local:%H:%M} {local.tzname()} ({other}{utc:%H:%M} UTC)"


def day_of(at: datetime, zone: tzinfo | None) -> str:
    """`14 May 2026`, in the zone of the page."""
    return _day(to_local(at, zone or UTC))


def _day(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def as_html(root: Element) -> str:
    """The tree as HTML, every text in it escaped."""
    return ElementTree.tostring(root, encoding="unicode", method="html")


def as_xml(root: Element) -> str:
    """The tree as XML, indented."""
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
