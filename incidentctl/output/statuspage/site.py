"""All files of the status page, and how each of them is known to be ours."""

from typing import Final

from incidentctl.incident.public import PublicPage
from incidentctl.output.statuspage.api import files_for_programs
from incidentctl.output.statuspage.feed import FEED, page_as_feed
from incidentctl.output.statuspage.html import GENERATOR, page_as_html

PAGE: Final = "index.html"


def page_as_files(page: PublicPage) -> dict[str, str]:
    """The files by their names. The page comes last: while they are put in their places, it leads to nothing that is not there yet."""
    return {**files_for_programs(page), FEED: page_as_feed(page), PAGE: page_as_html(page)}


def is_ours(name: str, data: bytes) -> bool:
    """Whether a file of one of these names is one that we wrote: a page or a feed says so, JSON begins as ours does."""
    if name == PAGE:
        return f'content="{GENERATOR}"'.encode() in data[:4096]
    if name == FEED:
        return b"<generator>incidentctl</generator>" in data[:4096]
    return data.startswith(b'{\n  "page": {\n    "id": "')
