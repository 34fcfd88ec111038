"""The report in a real browser: what is drawn, what a hostile title can do there, how it looks. Skipped where there is no chromium."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, sync_playwright

from incidentctl.output.reports.html import report_as_html
from incidentctl.stats.report import Report
from tests.output.reports.sample_reports import ALL, HOSTILE_TITLES, QUARTER, quarter
from tests.output.reports.test_html import page_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync"
).split()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: nothing can look at the HTML report"),
]


class Reader:
    """Someone who opens reports in a browser, and notes all that it asks for, says and shows."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        self.asked: list[str] = []
        self.said: list[str] = []

    def opens(
        self,
        report: str | Report,
        *,
        width: int = 1200,
        scheme: Literal["light", "dark"] = "light",
        script: bool = True,
    ) -> Page:
        path = self.folder / "report.html"
        source = page_of(report).source if isinstance(report, str) else report_as_html(report)
        path.write_text(source, encoding="utf-8")
        page = self.browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script, offline=True
        )
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))
        page.goto(path.as_uri())
        return page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def reader(browser: Browser, tmp_path: Path) -> Reader:
    return Reader(browser, tmp_path)


def _seen(page: Page) -> str:
    return " ".join(page.evaluate("document.body.innerText").split())


@pytest.mark.parametrize("name", ALL)
def test_it_asks_for_nothing_and_says_nothing(reader: Reader, name: str) -> None:
    reader.opens(name)
    assert reader.asked == [(reader.folder / "report.html").as_uri()]
    assert reader.said == []


def test_the_charts_are_drawn(reader: Reader) -> None:
    page = reader.opens("quarter")
    recorded = sum("mttm" in row.durations for row in quarter().rows)
    sizes = page.evaluate(
        "css => Object.fromEntries(css.map(each => [each, [...document.querySelectorAll(each)].map(mark => mark.getBoundingClientRect())"
        ".filter(box => box.width > 0 && box.height > 0).length]))",
        [
            "#trend .wide .dot",
            "#phases .wide .strip",
            "#counts .wide path",
            "#actions .wide path",
            ".card .values",
            "#trend .narrow .dot",
        ],
    )
    assert sizes == {
        "#trend .wide .dot": recorded,
        "#phases .wide .strip": len(QUARTER),
        "#counts .wide path": 10,  # a part for each severity that a month has
        "#actions .wide path": 3,  # open items, by age and by what they count as
        ".card .values": 5,
        "#trend .narrow .dot": 0,
    }


def test_a_mark_has_the_colour_of_its_severity(reader: Reader) -> None:
    page = reader.opens("quarter")
    colours = page.evaluate(
        "[...document.querySelectorAll('#trend .wide .dot')].map(each => getComputedStyle(each).fill)"
    )
    assert colours.count("rgb(156, 27, 27)") == sum(
        row.severity == "SEV1" for row in quarter().rows if "mttm" in row.durations
    )
    assert "rgb(0, 0, 0)" not in colours


def test_a_strip_leads_to_the_exact_times_of_its_incident(reader: Reader) -> None:
    page = reader.opens("quarter")
    strips = page.locator("#phases .wide a")
    strips.filter(has=page.locator("title", has_text="Checkout latency")).click(timeout=5000)
    assert page.url.endswith("#incident-2026-05-14-checkout-latency")
    row = " ".join(page.locator("tr:target").inner_text().split())
    assert row.endswith("11:51:00 12:02:00 2026-05-14 12:05:40 12:06:00 12:48:00 14:10:00")


def test_a_mark_tells_its_incident_when_it_is_pointed_at(reader: Reader) -> None:
    page = reader.opens("quarter")
    titles = page.locator("#trend .wide .dot title").all_text_contents()
    assert "SEV1 Checkout latency: mitigated in 46m" in titles
    assert any("<script>alert('x')</script>" in title for title in titles)


def test_a_hostile_title_stays_text_and_no_script_runs(reader: Reader) -> None:
    images = (
        "<img src=x onerror=\"document.title='taken'\"><svg/onload=alert(1)> ]]> </style><style>*{display:none}</style>"
    )
    sample = quarter()
    rows = (*sample.rows[:6], replace(sample.rows[6], title=images), *sample.rows[7:])
    page = reader.opens(replace(sample, rows=rows))
    seen = _seen(page)
    assert HOSTILE_TITLES[0] in seen
    assert images in seen
    assert page.evaluate(
        "[document.scripts.length, document.images.length, document.querySelectorAll('style').length]"
    ) == [0, 0, 1]
    assert page.title() == "Incidents, Q2 2026"
    assert reader.said == []


def test_it_is_whole_without_scripts(reader: Reader) -> None:
    page = reader.opens("quarter", script=False)
    assert page.locator("#trend .wide .dot").first.bounding_box()


def test_light_and_dark_differ_and_both_can_be_read(reader: Reader) -> None:
    shots = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page = reader.opens("quarter", scheme=scheme)
        contrasts = page.evaluate(_CONTRASTS)
        assert min(contrasts.values()) >= 4.5, (scheme, contrasts)
        shots.append(page.screenshot())
    assert shots[0] != shots[1]


_CONTRASTS = """() => {
  const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.match(/[0-9.]+/g).map(Number); return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
  const colour = (css, what) => { const e = document.querySelector(css); return getComputedStyle(e)[what]; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const page = colour('body', 'backgroundColor'), card = colour('.card', 'backgroundColor');
  return {
    text: ratio(colour('body', 'color'), page), note: ratio(colour('.note', 'color'), page),
    small: ratio(colour('.card .small', 'color'), card),
    eyebrow: ratio(colour('.eyebrow', 'color'), page), axis: ratio(colour('#trend .wide text', 'fill'), page),
    median: ratio(colour('.unknown', 'color'), page),
  };
}"""


@pytest.mark.parametrize("name", ["quarter", "nothing", "several_repositories"])
def test_no_screen_is_too_narrow(reader: Reader, name: str) -> None:
    page = reader.opens(name)
    for width in (320, 380, 700, 1000):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_narrow_screen_the_drawings_are_those_made_for_it(reader: Reader) -> None:
    page = reader.opens("quarter", width=380)
    assert page.locator("#phases .narrow").is_visible()
    assert not page.locator("#phases .wide").is_visible()


def test_on_paper_it_is_light_and_nothing_is_cut(reader: Reader) -> None:
    page = reader.opens("clear_change", scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("#phases .wide").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_headings_go_down_by_one_and_tables_have_heads(reader: Reader) -> None:
    page = reader.opens("quarter")
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(each => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(now - before <= 1 for before, now in pairwise(levels))
    for head in ("thead th[scope=col]", "tbody th[scope=row]"):
        assert page.evaluate(f"[...document.querySelectorAll('table')].every(each => each.querySelector('{head}'))")
    assert page.evaluate(
        "[...document.querySelectorAll('svg')].every(each => each.getAttribute('aria-label') && each.getAttribute('role'))"
    )
