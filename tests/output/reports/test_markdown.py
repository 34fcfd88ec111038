"""The format `markdown`: a document that a wiki and a pull request draw alike, in which nobody's words become markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from incidentctl.output.reports.markdown import report_as_markdown, shown
from incidentctl.stats.report import MISLEADING
from tests.output.reports.golden_files import assert_golden
from tests.output.reports.sample_reports import ALL, QUARTER, quarter, report

GFM = MarkdownIt("gfm-like", {"linkify": False}).enable(["table", "strikethrough"])


@pytest.mark.parametrize("name", ALL)
def test_every_report_looks_as_it_was_looked_at(name: str) -> None:
    assert_golden(f"{name.replace('_', '-')}.md", report_as_markdown(ALL[name]()))


@pytest.mark.parametrize("name", ALL)
def test_it_begins_with_the_severe_incidents_and_ends_with_how_it_misleads(name: str) -> None:
    text = report_as_markdown(ALL[name]())
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[:2] == ["SEV1 and SEV2 incidents behind the numbers", "Durations"]
    assert headings[-1] == "How these numbers mislead"
    assert text.endswith(f"- {MISLEADING[-1]}\n")


@pytest.mark.parametrize("name", ALL)
def test_every_table_is_one(name: str) -> None:
    text = report_as_markdown(ALL[name]())
    html = GFM.render(text)
    assert html.count("<table>") == len(re.findall(r"^\|(?: -+:? \|)+$", text, re.MULTILINE))
    assert not [line for line in html.splitlines() if line.startswith(("<p>|", "|"))]
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    for table in re.findall(r"<table>(.*?)</table>", html, re.DOTALL):
        sizes = {len(re.findall(r"<t[hd]", row)) for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)}
        assert len(sizes) == 1
    assert len(rows) == len([line for line in text.splitlines() if line.startswith("| ")]) - html.count("<table>")


def test_hostile_words_stay_words() -> None:
    html = GFM.render(report_as_markdown(quarter()))
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= {
        *("h1", "h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code", "strong", "br"),
    }
    assert "<strong>exhausted" not in html
    assert "&lt;script&gt;" in html


def _drawn(words: str) -> str:
    return str(GFM.render(f"| a |\n| --- |\n| {shown(words)} |\n"))


@given(st.text(max_size=80))
def test_any_words_in_a_cell_stay_one_cell_without_markup(words: str) -> None:
    html = _drawn(words)
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= {"table", "thead", "tbody", "tr", "th", "td"}
    assert html.count("<td") == 1


@given(st.text(max_size=80))
def test_any_title_stays_on_its_row(title: str) -> None:
    plain = report([QUARTER[0]])
    changed = replace(plain, rows=(replace(plain.rows[0], title=title),))
    assert report_as_markdown(changed).count("\n") == report_as_markdown(plain).count("\n")


@pytest.mark.parametrize("words", ["@bob", "#12", "https://evil.example", "www.evil.example", "GH-1", "!12", "$x$"])
def test_nobody_is_mentioned_and_nothing_is_linked(words: str) -> None:
    assert words not in shown(words).replace("\\", "")
