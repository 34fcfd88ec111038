"""The feed: read by a library that reads feeds, and held to the rules of RFC 4287."""

import re
from datetime import datetime
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.incident.public import PublicPage
from incidentctl.output.statuspage.feed import page_as_feed
from tests.output.statuspage.sample_pages import ALL, HOSTILE_PAGE, NOTHING, ORDERS, PAGE, WITHOUT_URL

ATOM = "{http://www.w3.org/2005/Atom}"
ONCE = {"id": 1, "title": 1, "updated": 1}
FEED_HAS = {*ONCE, "author", "generator", "link", "entry"}
ENTRY_HAS = {*ONCE, "published", "link", "content"}


def parsed(page: PublicPage) -> ElementTree.Element:
    return ElementTree.fromstring(page_as_feed(page).encode())


def hold_to_the_rules(root: ElementTree.Element) -> None:
    """What RFC 4287 demands of the elements that we use (4.1.1, 4.1.2, 4.2.6, 4.2.7, 3.3)."""
    assert root.tag == f"{ATOM}feed"
    for element, allowed in ((root, FEED_HAS), *((entry, ENTRY_HAS) for entry in root.iter(f"{ATOM}entry"))):
        names = [child.tag.removeprefix(ATOM) for child in element]
        assert set(names) <= allowed
        assert {name: names.count(name) for name in ONCE} == ONCE
        alternates = [
            (each.get("type"), each.get("hreflang")) for each in element.findall(f"{ATOM}link[@rel='alternate']")
        ]
        assert len(alternates) == len(set(alternates)) <= 1
        assert len(element.findall(f"{ATOM}link[@rel='self']")) <= 1
    assert root.findtext(f"{ATOM}author/{ATOM}name"), "each entry without an author needs one of the feed"
    ids = [str(each.text) for each in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", each) for each in ids)
    for name in ("updated", "published"):
        for each in root.iter(f"{ATOM}{name}"):
            datetime.strptime(str(each.text), "%Y-%m-%dT%H:%M:%SZ")
    for entry in root.iter(f"{ATOM}entry"):
        content = entry.find(f"{ATOM}content")
        assert content is not None
        assert content.get("type") == "html"
        assert len(content) == 0, "the HTML of an entry is escaped"


@pytest.mark.parametrize("name", ALL)
def test_it_keeps_the_rules_of_atom(name: str) -> None:
    hold_to_the_rules(parsed(ALL[name]))


@pytest.mark.parametrize("name", ALL)
def test_a_reader_of_feeds_reads_it_without_a_complaint(name: str) -> None:
    page = ALL[name]
    feed = feedparser.parse(page_as_feed(page).encode())
    assert (feed.bozo, feed.version) == (False, "atom10")
    assert len(feed.entries) == len(page.open) + len(page.past)


def test_a_reader_of_feeds_finds_each_incident_with_its_words_and_its_place_on_the_page() -> None:
    feed = feedparser.parse(page_as_feed(PAGE).encode())
    assert feed.feed.title == "Example Shop status"
    entry = feed.entries[0]
    assert entry.title == "Orders fail at checkout: identified"
    assert entry.link == "https://status.example.org/#ordersordero"
    assert entry.updated == "2026-05-14T10:30:00Z"
    assert entry.published == "2026-05-14T10:12:00Z"
    text = " ".join(re.sub(r"<[^>]+>", " ", entry.content[0].value).split())
    assert text == (
        "Affects Checkout. "
        "Identified – 14 May 2026, 12:30 CEST (10:30 UTC) "
        "We have found the cause. We move to another database. Your basket is kept. "
        "Investigating – 14 May 2026, 12:12 CEST (10:12 UTC) Some orders fail. We are looking into it."
    )


def test_without_an_address_of_the_page_it_has_no_links() -> None:
    assert list(parsed(WITHOUT_URL).iter(f"{ATOM}link")) == []


def test_without_an_incident_it_is_still_a_feed() -> None:
    root = parsed(NOTHING)
    assert root.findtext(f"{ATOM}updated") == "2026-05-14T00:00:00Z"
    assert root.find(f"{ATOM}entry") is None


def test_the_id_of_an_entry_outlives_a_move_and_a_new_title() -> None:
    moved = replace(PAGE, id="elsewhere", title="New", url="https://other.example.org")
    ids = [[each.findtext(f"{ATOM}id") for each in parsed(page).iter(f"{ATOM}entry")] for page in (PAGE, moved)]
    assert ids[0] == ids[1]


def test_no_words_become_markup_of_the_feed_or_of_its_entries() -> None:
    root = parsed(HOSTILE_PAGE)
    hold_to_the_rules(root)
    content = str(root.findtext(f"{ATOM}entry/{ATOM}content"))
    assert "&lt;script&gt;" in content
    assert {each.lower() for each in re.findall(r"<([a-zA-Z]+)", content)} == {"div", "p", "strong", "time", "br"}
    assert "\x1b" not in page_as_feed(HOSTILE_PAGE)
    assert "\u202e" not in page_as_feed(HOSTILE_PAGE)


@given(st.text())
def test_any_words_at_all_leave_it_a_feed(words: str) -> None:
    update = replace(ORDERS.updates[0], words=words)
    page = replace(PAGE, title=words or "x", open=(replace(ORDERS, title=words, updates=(update,)),))
    hold_to_the_rules(parsed(page))
