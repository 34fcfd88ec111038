"""The status page in a real browser: what is seen, that nothing is fetched, how it looks, and that everybody can use it.

axe-core, which finds what keeps people out, comes from npm into the test's own folder. Skipped where a program is missing.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from incidentctl.incident.public import PublicPage
from incidentctl.output.statuspage.site import page_as_files
from tests.commands.test_statuspage import CANARY, PAGE_SETTINGS, WORDS, canary_record
from tests.conftest import SETTINGS, Desk
from tests.output.statuspage.sample_pages import ALL, HOSTILE, HOSTILE_PAGE, LONG, PAGE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync"
).split()
AXE = "axe-core@4.14.1"
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: nothing can look at the status page"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: axe-core cannot be had")
    place = tmp_path_factory.mktemp("axe")
    words = "install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error".split()
    try:
        done = subprocess.run(
            [npm, *words, "--prefix", str(place), AXE],
            cwd=place,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not bring axe-core within two minutes")
    if done.returncode != 0:
        pytest.skip(f"npm could not bring axe-core: {(done.stderr.strip() or 'no reason given').splitlines()[-1]}")
    return (place / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


class Visitor:
    """Someone who opens status pages, and notes all that the browser asks for and says."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        self.asked: list[str] = []
        self.said: list[str] = []

    def opens(
        self, page: PublicPage | Path, *, width: int = 1100, scheme: Scheme = "light", script: bool = True
    ) -> Page:
        if isinstance(page, Path):
            path = page
        else:
            path = self.folder / "index.html"
            path.write_text(page_as_files(page)["index.html"], encoding="utf-8")
        opened = self.browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script, offline=True
        )
        opened.on("request", lambda request: self.asked.append(request.url))
        opened.on("console", lambda message: self.said.append(message.text))
        opened.on("pageerror", lambda error: self.said.append(str(error)))
        opened.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))
        opened.goto(path.as_uri())
        return opened

    def asked_of_others(self) -> list[str]:
        """What was asked for beside the page itself, and the sign in its tab, which it has in itself."""
        return [each for each in self.asked if not each.startswith(("file:", "data:"))]


@pytest.fixture
def visitor(browser: Browser, tmp_path: Path) -> Visitor:
    return Visitor(browser, tmp_path)


def seen(page: Page) -> str:
    return " ".join(str(page.evaluate("document.body.innerText")).split())


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["page", "recovering", "nothing", "hostile"])
def test_axe_finds_nothing_that_keeps_anybody_out(visitor: Visitor, axe: str, name: str, scheme: Scheme) -> None:
    for width in (1100, 360) if name == "page" else (1100,):
        page = visitor.opens(ALL[name], scheme=scheme, width=width)
        page.evaluate(axe)
        result: Any = page.evaluate("axe.run(document, { resultTypes: ['violations', 'incomplete'] })")
        assert len(result["passes"]) > 15, "the rules were really run"
        found = [(each["id"], [node["html"] for node in each["nodes"]]) for each in result["violations"]]
        assert found == [], json.dumps(found, indent=1)
        assert [each["id"] for each in result["incomplete"]] == [], "and nothing that it could not decide"
        page.close()


def test_the_public_words_of_an_incident_are_seen_and_nothing_else_of_its_record(visitor: Visitor, desk: Desk) -> None:
    desk.write("incidentctl.toml", SETTINGS + PAGE_SETTINGS)
    desk.write(f"incidents/2026/05/2026-05-14-{CANARY}-slug.md", canary_record())
    desk.git("add", ".")
    desk.git("commit", "-qm", CANARY)
    desk.ok("statuspage", "build", "--out", str(visitor.folder / "site"))
    page = visitor.opens(visitor.folder / "site/index.html")
    assert seen(page) == (
        "Example Shop status All systems operational Last change: 14 May 2026, 11:23 UTC "
        "Services search Operational Shop Checkout Operational "
        "Past incidents 14 May 2026 Incident affecting Checkout Affects Checkout "
        "Resolved 14 May 2026, 11:23 UTC This incident is resolved. "
        f"Identified 14 May 2026, 10:17 UTC {WORDS} "
        "Atom feed For programs Incidents stay here for 90 days after they are over."
    )
    assert CANARY not in page.content().lower()
    assert visitor.asked_of_others() == []


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_fetched_and_no_rule_of_the_page_is_broken(visitor: Visitor, name: str) -> None:
    visitor.opens(ALL[name])
    assert visitor.asked_of_others() == []
    assert visitor.said == []


def test_a_server_is_asked_for_the_page_alone(browser: Browser, tmp_path: Path) -> None:
    """Of a real server, in a browser that is online: no style, no picture, not even a sign for the tab."""
    asked: list[str] = []

    class Host(SimpleHTTPRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            asked.append(self.path)

    (tmp_path / "index.html").write_text(page_as_files(PAGE)["index.html"], encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(tmp_path))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/", wait_until="networkidle")
            assert "Checkout is affected" in seen(page)
        finally:
            server.shutdown()
            thread.join()
    assert asked == ["/"]


def test_hostile_words_are_text_and_no_script_runs(visitor: Visitor) -> None:
    page = visitor.opens(HOSTILE_PAGE)
    assert HOSTILE[:25] in seen(page)
    counted = page.evaluate(
        "[document.scripts.length, document.images.length, document.querySelectorAll('style').length,"
        " document.querySelectorAll('a[href^=javascript]').length]"
    )
    assert counted == [0, 0, 1, 0]
    assert visitor.said == []


def test_it_is_whole_without_script(visitor: Visitor) -> None:
    with_script, without = visitor.opens(PAGE), visitor.opens(PAGE, script=False)
    assert seen(with_script) == seen(without)
    assert without.locator(".headline").bounding_box() == with_script.locator(".headline").bounding_box()


def test_light_and_dark_differ(visitor: Visitor) -> None:
    shots = [visitor.opens(PAGE, scheme=scheme).screenshot() for scheme in SCHEMES]
    assert shots[0] != shots[1]


@pytest.mark.parametrize("name", ALL)
def test_no_screen_is_too_narrow(visitor: Visitor, name: str) -> None:
    page = visitor.opens(ALL[name])
    for width in (280, 320, 360, 700, 1100):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_states_are_told_by_shape_and_word_not_by_colour_alone(visitor: Visitor) -> None:
    page = visitor.opens(PAGE)
    shapes = page.evaluate(
        "[...document.querySelectorAll('.services .sign')].map(each => getComputedStyle(each).clipPath)"
    )
    assert len(set(shapes)) == 3
    words = page.evaluate("[...document.querySelectorAll('.services .health')].map(each => each.innerText.trim())")
    assert words == ["Recovering", "Affected", "Operational"]


def test_on_paper_it_is_light_and_whole(visitor: Visitor) -> None:
    page = visitor.opens(LONG, scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.querySelectorAll('.incident').length") == 62
    assert "Search finds less than it should." in seen(page)
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_link_of_the_feed_leads_to_its_incident(visitor: Visitor) -> None:
    page = visitor.opens(PAGE)
    page.goto(page.url + "#partnerspart")
    assert page.locator("article:target h3").inner_text() == "Incident affecting Partner API"
