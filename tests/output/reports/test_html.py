"""The format `html`: one file that needs nothing else, in which all words from the record are text."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.output.reports.charts import MOST_DOTS, MOST_STRIPS, spread_of, time_to_mitigate, worthiest
from incidentctl.output.reports.drawing import Mark, Marks, draw
from incidentctl.output.reports.html import report_as_html
from incidentctl.output.reports.view import MOST_TIMES, View
from incidentctl.stats.report import MISLEADING, TrendPoint
from tests.output.reports.sample_reports import (
    ALL,
    ITEMS,
    QUARTER,
    Told,
    action_items,
    counts,
    few,
    one_open,
    quarter,
    report,
    several_repositories,
)

_EMPTY = set("meta link br hr img input".split())


class Page(HTMLParser):
    """A page as a browser reads it: elements, attributes, ids, and the text that is seen."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.headings: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self._open.append(tag)
        if tag == "h2":
            self.headings.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            return
        self.words.append(data)
        if "h2" in self._open:
            self.headings[-1] += data

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    @property
    def style(self) -> str:
        return self.source.partition("<style>")[2].partition("</style>")[0]

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.tags if "id" in attributes]

    def all(self, css: str, *, inside: str = "") -> int:
        return sum(css in (attributes.get("class") or "").split() for _, attributes in self.tags)


@cache
def page_of(name: str) -> Page:
    return Page(report_as_html(ALL[name]()))


@pytest.fixture
def page() -> Page:
    return page_of("quarter")


@pytest.mark.parametrize("name", ALL)
def test_the_page_is_whole_and_needs_nothing_else(name: str) -> None:
    page = page_of(name)
    assert not page._open
    for tag, attributes in page.tags:
        assert tag not in ("script", "iframe", "object", "embed", "base", "form", "use", "image", "foreignobject"), tag
        assert not [each for each in attributes if each.startswith("on") or each in ("src", "srcset", "xlink:href")]
        assert (attributes.get("href") or "#").startswith("#") or attributes["href"] == "data:,"
    assert not re.search(r"url\(|@import|@font-face|expression\(", page.style)


@pytest.mark.parametrize("name", ALL)
def test_each_place_that_is_led_to_is_there_once(name: str) -> None:
    page = page_of(name)
    ids = page.ids()
    assert len(ids) == len(set(ids))
    assert {attributes["href"] for _, attributes in page.tags if attributes.get("href", "") != "data:," and "href" in attributes} <= {
        f"#{each}" for each in ids
    }  # fmt: skip


def test_a_policy_forbids_what_the_page_does_not_need(page: Page) -> None:
    policies = [
        a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    ]


@pytest.mark.parametrize("name", ALL)
def test_it_begins_with_the_severe_incidents_and_ends_with_how_it_misleads(name: str) -> None:
    page = page_of(name)
    assert page.headings[0] in ("The SEV1 and SEV2 incidents behind the numbers", "Severe incidents")
    assert page.headings[-1] == "How these numbers mislead"
    assert all(each in page.text for each in MISLEADING)


@pytest.mark.parametrize("name", ALL)
def test_what_is_not_known_is_not_0_and_not_none(name: str) -> None:
    text = page_of(name).text
    assert not re.search(r"\b(None|nan|NaN|undefined|Undefined|inf)\b", text.replace("None", "", text.count("None of")))


def test_a_repository_without_incidents_has_no_number() -> None:
    page = page_of("never_any")
    assert "Median time to mitigaten/a" in page.text.replace("mitigate n/a", "mitigaten/a")
    assert "svg" not in {tag for tag, _ in page.tags}


def test_below_nine_the_values_stand_there_and_no_interval() -> None:
    page = page_of("few")
    assert "95 % interval" not in page.text.partition("How long it took")[2].partition("Time to mitigate, over time")[0]
    assert "46m, 46m, 55m, 1h 12m" in page.text.replace("\u00a0", " ")


def test_a_change_is_claimed_only_where_it_can_be_told_from_chance(page: Page) -> None:
    assert not set("↓↑") & set(page.text)
    assert "not distinguishable (12 against 9 incidents)" in page.text
    clear = page_of("clear_change").text
    assert "↓ improved by" in clear
    assert "↑ worse by" in clear


def test_hostile_words_are_text(page: Page) -> None:
    assert "<script>alert('x')</script> & \"quotes\" </title>" in page.text
    assert "Pool size from the load, not by <b>hand</b> | [docs](javascript:alert(1))" in page.text
    assert "=cmd|' /C calc'!A0" in page.text
    assert "escape ␛[31mred␛[0m \ufffdgnirts\ufffd bell ␇" in page.text
    assert not set("\x1b\x07\u202e\u202c") & set(page.source)


def test_a_hostile_title_is_text_in_the_drawings_as_well() -> None:
    marks = Marks()
    hostile = "</text><script>alert(1)</script> ]]> & \x1b\u202e @0@ {{ 1 }}"
    text = marks.name(Mark(text=hostile, strong=hostile, title=hostile, href="#x"))
    spec = {
        "width": 9,
        "height": 9,
        "data": {"values": [{"t": text}]},
        "mark": "text",
        "encoding": {"text": {"field": "t"}},
    }
    drawn = Page(str(draw(spec, marks, label=hostile)))
    assert {tag for tag, _ in drawn.tags} == {"svg", "g", "a", "text", "title", "tspan"}
    assert drawn.text.count("</text><script>alert(1)</script> ]]> & ␛\ufffd @0@ {{ 1 }}") == 3


@settings(max_examples=40)
@given(
    words=st.text(
        st.characters(codec="utf-8") | st.sampled_from("<>&'\"{}%#@]`\x00\x1b\u202e\u2028\u0000"), max_size=60
    )
)
def test_whatever_a_record_says_it_is_text(words: str) -> None:
    row = replace(
        one_open().rows[0], title=words, id=words or "x", services=(words,), detected_at=None, declared_at=None
    )
    found = report([], filters=(words,), counts=counts([], ["2026-05"]))
    # Without a time nothing is drawn: the drawings have tests of their own.
    found = replace(found, rows=(replace(row, durations={}),), severe_ids=(row.id,))
    plain = Page(
        report_as_html(
            replace(
                found,
                rows=(replace(found.rows[0], title="x", id="x", services=("x",)),),
                severe_ids=("x",),
                filters=("x",),
            )
        )
    )
    page = Page(report_as_html(found))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", page.source)


def test_no_person_is_named() -> None:
    page = Page(
        report_as_html(
            replace(
                quarter(),
                action_items=action_items(
                    [replace(each, item=replace(each.item, owners=("somebody",))) for each in ITEMS]
                ),
            )
        )
    )
    assert "somebody" not in page.source


def test_the_same_report_gives_the_same_bytes() -> None:
    assert report_as_html(few()) == page_of("few").source


def test_every_incident_with_a_time_to_mitigate_is_a_dot_that_leads_to_its_times(page: Page) -> None:
    recorded = [row for row in quarter().rows if "mttm" in row.durations]
    assert page.all("dot") == 2 * len(recorded)  # wide and narrow
    assert page.all("strip") == 2 * len(QUARTER)
    for row in recorded:
        assert page.source.count(f'href="#incident-{row.id}"') >= 4


def test_an_incident_shows_its_exact_times(page: Page) -> None:
    times = page.text.partition("The exact times")[2]
    incident = "Checkout latency 2026-05-14-checkout-latency · resolved · reopened"
    assert f"{incident} 11:51:00 12:02:00 2026-05-14 12:05:40 12:06:00 12:48:00 14:10:00" in times
    assert 'datetime="2026-05-14T09:51:00Z"' in page.source
    assert "18:47:00 2026-05-22 13:02:00" in times  # another day than that of the declaration


def test_two_incidents_of_one_name_have_two_places_and_are_led_to_apart() -> None:
    twice = several_repositories()
    rows = (twice.rows[0], replace(twice.rows[0], repository="other"))
    found = replace(twice, rows=rows)
    first, second = "incident-2026-04-02-card-payments-fail-2", "incident-2026-04-02-card-payments-fail"
    assert [View(found).place(row) for row in rows] == [first, second]
    source = report_as_html(found)
    # The severe table, a dot and a strip, each of these in two widths.
    assert [source.count(f'href="#{place}"') for place in (first, second)] == [5, 5]


def test_a_quarter_of_a_fiscal_year_stands_where_it_ends() -> None:
    sample = quarter()
    point = TrendPoint("FY2027-Q1", 12, 3600, (3000, 4000), datetime(2026, 6, 30, 22, tzinfo=UTC))
    view = View(replace(sample, trends={"mttm": (point,)}))
    chart = time_to_mitigate(view.report, view.place, view.zone)
    assert chart is not None
    assert "FY2027-Q1: median 1h of 12" in chart.wide
    lost = time_to_mitigate(replace(sample, trends={"mttm": (replace(point, until=None),)}), view.place, view.zone)
    assert lost is not None
    assert "FY2027-Q1" not in lost.wide


def test_times_at_the_ends_of_the_calendar_are_drawn_as_well() -> None:
    far = replace(quarter().rows[0], declared_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), id="9999-12-31-far")
    near = replace(far, declared_at=datetime(1, 1, 1, tzinfo=UTC), id="0001-01-01-near")
    assert "9999-12-31-far" in report_as_html(replace(quarter(), rows=(near, far)))


def test_all_values_share_one_axis_also_where_one_is_0() -> None:
    sample = few()
    none = replace(sample.durations[0], values=(replace(sample.durations[0].values[0], seconds=0.0),))
    spread = spread_of((none, *sample.durations[1:]))
    assert spread is not None
    assert spread.low > 0


def _many(number: int) -> list[Told]:
    first = datetime(2021, 1, 1, tzinfo=UTC)
    return [
        Told(
            str((first + timedelta(days=each * 1900 // number)).date()), f"incident-{each}", f"Incident {each}",
            ("SEV1", "SEV2", "SEV3", "SEV3")[each % 4], 5, 3, 20 + each % 300, 90 + each % 900,
        )
        for each in range(number)
    ]  # fmt: skip


@pytest.mark.slow
def test_of_many_incidents_a_bounded_part_is_drawn_and_listed_and_that_is_said() -> None:
    tolds = _many(3000)
    source = report_as_html(report(tolds, counts=counts(tolds, sorted({told.day[:7] for told in tolds}))))
    page = Page(source)
    assert page.all("dot") == 2 * MOST_DOTS
    assert page.all("strip") == 2 * MOST_STRIPS
    assert f"The latest {MOST_DOTS:,} of 3,000 incidents are drawn." in page.text
    assert f"{MOST_STRIPS} of 3,000 incidents are drawn: severe ones first, then the latest." in page.text
    assert f"{MOST_TIMES:,} of 3,000 incidents are listed" in page.text
    assert "The latest 1,000 of 1,500" in page.text
    assert len(source) < 3_000_000


def test_severe_incidents_come_first_where_not_all_are_drawn() -> None:
    tolds = _many(200)
    chosen = worthiest(report(tolds), 60)
    assert len(chosen) == 60
    assert {row.severity for row in chosen} == {"SEV1", "SEV2"}
    assert [row.id for row in chosen] == [told.id for told in tolds if told.severity in ("SEV1", "SEV2")][-60:]


def test_without_the_packages_it_says_how_to_get_them() -> None:
    program = (
        "import sys; sys.modules['vl_convert'] = None\n"
        "from incidentctl.errors import UsageError\n"
        "from incidentctl.output.reports.html import report_as_html\n"
        "from tests.output.reports.sample_reports import few\n"
        "try: report_as_html(few())\n"
        "except UsageError as error: print(error.message, error.hint)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == (
        "the HTML report needs two packages that are not installed pip install 'incidentctl[html]'\n",
        "",
    )


def test_nothing_of_it_is_imported_before_it_is_used() -> None:
    program = (
        "import sys, incidentctl.output.reports.html\nprint({'vl_convert', 'jinja2', 'markupsafe'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.stdout == "set()\n", ran.stderr
