"""From the specification of a chart to the SVG that stands in a page: drawn by Vega-Lite, without a browser, a script or the network.

No word of a record ever goes through the library: it draws numbers, dates and marks that are called `@0@`, `@1@`, …, and the words of
a mark are put in here, as text of the tree, so nothing in them can become markup.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from msgspec import Struct

from incidentctl.errors import UsageError
from incidentctl.incident.words import show_safely

if TYPE_CHECKING:
    from types import ModuleType

    from markupsafe import Markup

Spec = dict[str, object]
"""A specification for Vega-Lite, or a part of one: what the library takes, and nothing that we read back."""

_MARK: Final = re.compile(r"@(\d+)@")
_LONG_NUMBER: Final = re.compile(r"\d+\.\d{2,}")
_KEPT: Final = frozenset(
    "x y x2 y2 width height d transform fill fill-opacity stroke stroke-width stroke-dasharray stroke-opacity stroke-linecap opacity "
    "text-anchor font-family font-size font-weight viewBox".split()
)
"""The attributes of what Vega draws that a page needs; the rest are roles and classes for its own interaction."""
_TAGS: Final = frozenset("svg g path line rect text".split())

_CONFIG: Final[Spec] = {
    "background": None,
    "font": "var(--sans)",
    "view": {"stroke": None},
    "axis": {
        "domainColor": "var(--rule-strong)",
        "gridColor": "var(--rule)",
        "labelColor": "var(--soft)",
        "labelFontSize": 12,
        "labelPadding": 6,
        "tickColor": "var(--rule-strong)",
        "tickSize": 0,
        "title": None,
    },
    "text": {"color": "var(--ink)", "fontSize": 12},
}


class Mark(Struct, frozen=True):
    """What is said of one mark of a chart. `text` and `strong` stand in the place of a mark that is text; `strong` comes first.

    `title` is shown when it is pointed at, and read out; `href` is a place in the page, as `#incident-…`.
    """

    css: str = ""
    text: str = ""
    strong: str = ""
    title: str = ""
    href: str = ""


class Marks:
    """The marks of one chart, each under the name that the library gets for it."""

    def __init__(self) -> None:
        self._marks: list[Mark] = []

    def name(self, mark: Mark) -> str:
        """Keeps the mark, and gives the name that stands for it in the specification."""
        self._marks.append(mark)
        return f"@{len(self._marks) - 1}@"

    def called(self, name: str) -> Mark | None:
        """The mark of that name; `None` where it is none."""
        match = _MARK.fullmatch(name)
        return self._marks[int(match[1])] if match is not None else None


def load_library() -> "ModuleType":
    """The library that draws; a UsageError that says how to install it where it is missing."""
    try:
        import jinja2  # noqa: F401  the page needs it, and the two come together
        import vl_convert
    except ImportError as error:
        raise UsageError(
            "the HTML report needs two packages that are not installed", hint="pip install 'incidentctl[html]'"
        ) from error
    return vl_convert


def draw(
    spec: Mapping[str, object], marks: Marks, *, label: str, css: str = "", config: Spec | None = None
) -> "Markup":
    """The chart as an element of a page. `label` says in a sentence what it shows, to those who do not see it.

    The same specification gives the same text. Nothing is fetched: the library may read no address and no file.
    """
    from markupsafe import Markup

    whole = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **spec, "config": _CONFIG | (config or {})}
    drawn: str = load_library().vegalite_to_svg(whole, vl_version="6.4", allowed_base_urls=[])
    root = _plain(ElementTree.fromstring(drawn), marks)  # noqa: S314  made in this line, of numbers alone
    assert root is not None
    has_links = any(each.tag == "a" for each in root.iter())
    width = root.get("viewBox", "0 0 0 0").split()[2]
    root.attrib |= {
        "class": f"chart {css}".strip(),
        "role": "group" if has_links else "img",
        "aria-label": show_safely(label),
    }
    root.set("style", f"max-width: {width}px")
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704  a tree, whose texts are escaped as it is written


def _plain(found: ElementTree.Element, marks: Marks) -> ElementTree.Element | None:
    """The element as it stands in the page: short numbers, and the words of its mark. None if it shows nothing."""
    tag = found.tag.rpartition("}")[2]
    if tag not in _TAGS or found.get("display") == "none" or (tag == "text" and found.get("opacity") == "0"):
        return None
    kept = {key: _LONG_NUMBER.sub(_short, value) for key, value in found.attrib.items() if key in _KEPT}
    if kept.get("opacity") == "1":
        del kept["opacity"]
    if tag == "svg":
        kept.pop("width", None)
        kept.pop("height", None)
    element = ElementTree.Element(tag, kept)
    for child in found:
        plain = _plain(child, marks)
        if plain is not None:
            element.append(plain)
    if tag == "g" and not len(element):
        return None
    if tag in ("path", "rect") and not {"fill", "stroke"} & kept.keys():
        return None
    words = found.text or ""
    mark = marks.called(words) or marks.called(found.get("aria-label", ""))
    if mark is None:
        element.text = words or None
        return element
    return _worded(element, mark)


def _worded(element: ElementTree.Element, mark: Mark) -> ElementTree.Element:
    if mark.css:
        element.set("class", mark.css)
    if element.tag == "text":
        _write(element, mark)
    if mark.title:
        ElementTree.SubElement(element, "title").text = show_safely(mark.title)
    if not mark.href:
        return element
    link = ElementTree.Element("a", {"href": mark.href, "aria-label": show_safely(mark.title)})
    link.append(element)
    return link


def _write(element: ElementTree.Element, mark: Mark) -> None:
    if mark.strong:
        strong = ElementTree.SubElement(element, "tspan", {"class": "strong"})
        strong.text = show_safely(mark.strong)
        strong.tail = "\u00a0 "
    ElementTree.SubElement(element, "tspan").text = show_safely(mark.text)


def _short(match: re.Match[str]) -> str:
    return f"{float(match[0]):.1f}".removesuffix(".0")
