"""The page as text: what stands in it, and what no words can make of it. How it looks is in `test_in_a_browser.py`."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.incident.public import PublicPage, PublicService
from incidentctl.output.statuspage.html import page_as_html
from incidentctl.output.statuspage.site import is_ours, page_as_files
from incidentctl.output.statuspage.wording import headline
from tests.output.statuspage.sample_pages import (
    ALL,
    CALM,
    CHECKOUT,
    HOSTILE_PAGE,
    NOTHING,
    ORDERS,
    PAGE,
    PARTNERS,
    RECOVERING,
)

VOID = {"meta", "link", "br"}
"""The elements of ours that have no end."""


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its words; fails where they do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["title"], []):
            self.words += data.split()

    @property
    def seen(self) -> str:
        return " ".join(self.words)


def elements(page: PublicPage) -> Elements:
    return Elements(page_as_html(page))


def test_it_says_how_things_are_what_is_open_and_what_was() -> None:
    assert elements(PAGE).seen == (
        "Example Shop status Checkout is affected Last change: 14 May 2026, 12:30 CEST (10:30 UTC) "
        "Open incidents "
        "Orders fail at checkout Affects Checkout "
        "Identified 14 May 2026, 12:30 CEST (10:30 UTC) "
        "We have found the cause. We move to another database. Your basket is kept. "
        "Investigating 14 May 2026, 12:12 CEST (10:12 UTC) Some orders fail. We are looking into it. "
        "Incident affecting Partner API Affects Partner API "
        "Monitoring 14 May 2026, 11:40 CEST (09:40 UTC) A fix is in place, and we are watching it. "
        "Investigating 14 May 2026, 10:00 CEST (08:00 UTC) Requests are slow. "
        "Services Partner API Recovering Shop Checkout Affected Product search Operational "
        "Past incidents "
        "4 May 2026 Search results incomplete Affects Product search "
        "Resolved 4 May 2026, 01:58 CEST (3 May 2026, 23:58 UTC) Search is complete again. "
        "Investigating 4 May 2026, 01:50 CEST (3 May 2026, 23:50 UTC) Search finds less than it should. "
        "2 May 2026 Service incident "
        "Closed 2 May 2026, 09:20 CEST (07:20 UTC) This notice is closed. "
        "Investigating 2 May 2026, 09:00 CEST (07:00 UTC) We see errors. "
        "Subscribe Atom feed For programs Incidents stay here for 90 days after they are over."
    )


def test_without_anything_to_tell_it_says_so() -> None:
    assert elements(NOTHING).seen == (
        "Status All systems operational Past incidents None in the last day. "
        "Atom feed For programs Incidents stay here for a day after they are over."
    )


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (PAGE, "Checkout is affected"),
        (RECOVERING, "Partner API is recovering"),
        (CALM, "All systems operational"),
        (replace(PAGE, open=(ORDERS, replace(ORDERS, id="other", services=PAGE.services[:2]))), "Checkout and Product search are affected"),
        (replace(PAGE, open=(replace(ORDERS, services=()),)), "Some services are affected"),
        (replace(PAGE, open=(ORDERS, replace(ORDERS, id="other", services=()))), "Some services are affected"),
        (replace(PAGE, open=(replace(PARTNERS, services=()),)), "Services are recovering"),
    ],
)  # fmt: skip
def test_the_headline_names_what_is_affected_where_that_is_all(page: PublicPage, words: str) -> None:
    assert headline(page) == words


def test_the_headline_does_not_list_a_dozen_services() -> None:
    many = tuple(PublicService(f"s{number}", f"Service {number}") for number in range(4))
    page = replace(PAGE, services=many, open=(replace(ORDERS, services=many),))
    assert headline(page) == "Some services are affected"


@pytest.mark.parametrize("name", ALL)
def test_headings_go_down_one_step_at_a_time_and_ids_are_there_once(name: str) -> None:
    found = elements(ALL[name]).found
    levels = [int(tag[1]) for tag, _ in found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ALL)
def test_it_has_no_script_and_nothing_that_would_be_fetched(name: str) -> None:
    page = elements(ALL[name])
    tags = {tag for tag, _ in page.found}
    assert tags <= {
        *("html", "head", "meta", "title", "link", "style", "body", "header", "main", "footer", "section", "article"),
        *("h1", "h2", "h3", "h4", "p", "ol", "ul", "li", "span", "strong", "time", "bdi", "br", "a"),
    }
    assert not any(
        attribute.startswith("on") or attribute in ("src", "style") for _, each in page.found for attribute in each
    )
    links = {str(each["rel"]): str(each["href"]) for tag, each in page.found if tag == "link"}
    assert links["icon"].startswith("data:image/svg+xml;base64,")
    assert set(links) <= {"icon", "alternate", "canonical"}, "none of which a browser fetches"


def test_its_policy_allows_its_own_style_and_nothing_else() -> None:
    text = page_as_html(PAGE)
    style = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(each["content"] for _, each in elements(PAGE).found if each.get("http-equiv"))
    assert (
        policy == f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style
    assert "@import" not in style


def test_no_words_become_an_element_an_attribute_or_a_link() -> None:
    plain = [(tag, sorted(each)) for tag, each in elements(HOSTILE_PAGE).found]
    harmless = replace(HOSTILE_PAGE, title="x")
    assert "<script" not in page_as_html(HOSTILE_PAGE)
    assert "<img" not in page_as_html(HOSTILE_PAGE)
    assert plain == [(tag, sorted(each)) for tag, each in elements(harmless).found]
    assert elements(HOSTILE_PAGE).seen.count("<script>alert('x')</script>") >= 5
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", page_as_html(HOSTILE_PAGE))


@given(st.text())
def test_any_words_at_all_are_words_on_the_page(words: str) -> None:
    update = replace(ORDERS.updates[0], words=words)
    service = replace(CHECKOUT, name=words, group=words or None)
    page = replace(
        PAGE,
        title=words,
        services=(service,),
        open=(replace(ORDERS, title=words, updates=(update,), services=(service,)),),
    )
    assert {tag for tag, _ in elements(page).found} <= {tag for tag, _ in elements(PAGE).found} | {"h3"}
    page_as_html(page).encode()


@pytest.mark.parametrize("name", ALL)
def test_the_same_page_gives_the_same_bytes_and_each_file_is_known_as_ours(name: str) -> None:
    files = page_as_files(ALL[name])
    assert files == page_as_files(ALL[name])
    for path, text in files.items():
        assert is_ours(path, text.encode()), path
        assert not is_ours(path, b"<!doctype html><title>Ours</title>")
        assert not is_ours(path, b'{"page": {}}')


def test_what_is_left_out_is_said() -> None:
    assert "The latest 2 of the last 90 days are shown." in elements(ALL["without_url"]).seen
