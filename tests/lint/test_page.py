"""What a document is made of: lines, front matter, title, sections and their roles, and which kind of file it is."""

import pytest

from incidentctl.document.section_names import Role
from incidentctl.lint.page import Page, PageKind
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, PATH


def sections(text: str) -> list[tuple[int, str]]:
    return [(section.level, section.heading.text) for section in Page("pm/x.md", text).sections]


# -------------------------------------------------------------------------------------------------------------- lines


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_places_and_offsets_are_those_of_the_file(mark, newline):
    text = mark + "# Ünder\n\n## Impact\n\nnone\n".replace("\n", newline)
    page = Page("pm/x.md", text)
    assert page.lines == ["# Ünder", "", "## Impact", "", "none"]
    assert page.newline == newline
    start = page.offset(4)
    assert text[start : start + 4] == "none"
    span = page.span(start, start + 4)
    assert (span.line, span.column, span.end_line, span.end_column) == (5, 1, 5, 5)
    assert page.offset(99) == len(text)


def test_a_text_without_an_end_of_line_has_all_its_lines():
    assert Page("x.md", "# a\nb").lines == ["# a", "b"]
    assert Page("x.md", "").lines == []
    assert Page("x.md", "").sections == ()


# ------------------------------------------------------------------------------------------------------- front matter


def test_front_matter_is_no_part_of_the_body_and_lines_count_from_the_top():
    page = Page("pm/x.md", "---\ntitle: Relay\n---\n# The relay\n\n## Impact\n")
    assert page.first_body_line == 3
    assert page.title == "Relay"
    assert [section.start for section in page.sections] == [5]


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nWords here.\n\n---\n\n## Impact\n",
        "---\n# The relay\n\nWords.\n---\n",
        "---\n\n## Impact\n",
        "---\n\n# The relay\n\nDate: 2026-05-14\n**Severity:** SEV2\n\n---\n",
        "--\ntitle: x\n--\n",
        "\n---\ntitle: x\n---\n",
    ],
)
def test_a_break_between_topics_opens_no_front_matter(text):
    page = Page("pm/x.md", text)
    assert page.front is None
    assert page.first_body_line == 0


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: x\n",
        "---\n# a comment\ntitle: @x\n---\n",
        '---\n"title": @x\n---\n',
        "---\n<<<<<<< HEAD\ntitle: x\n---\n",
        "---\n---\n",
    ],
    ids=["no end", "comment first", "quoted key", "failed merge", "empty"],
)
def test_front_matter_that_is_broken_or_empty_is_still_front_matter(text):
    assert Page("pm/x.md", text).front is not None


def test_keys_of_broken_front_matter_still_say_what_the_file_is():
    page = Page(PATH, COMPLETE.replace("authors: [ann]", "authors: @ann"))
    assert page.values("authors") == ()
    assert {"incident", "status", "authors"} <= page.keys
    assert page.is_standard
    assert page.kind is PageKind.POSTMORTEM
    assert Page(INCIDENT_PATH, INCIDENT.replace("title: ", "title: @")).kind is PageKind.INCIDENT


def test_values_are_words_or_lists():
    page = Page("pm/x.md", "---\na: one\nb: [two, three]\nc:\nd: ' '\n---\n")
    assert (page.value("a"), page.value("b"), page.value("c"), page.value("d")) == ("one", None, None, None)
    assert (page.values("a"), page.values("b"), page.values("e")) == (("one",), ("two", "three"), ())


# --------------------------------------------------------------------------------------------------- headings, title


def test_headings_are_read_in_each_form():
    text = "Relay\n=====\n\nImpact\n------\n\n## Root Cause ##\n\n###\tWhy\n\n**Timeline**\n\nAction Items:\n\n- x\n"
    assert sections(text) == [(2, "Impact"), (2, "Root Cause"), (3, "Why"), (7, "Timeline"), (7, "Action Items")]
    assert Page("pm/x.md", text).title == "Relay"


def test_what_looks_like_a_heading_in_code_quotes_lists_and_comments_is_none():
    text = "# R\n\n```\n## Impact\n```\n\n    ## Impact\n\n> ## Impact\n\n- ## Impact\n\n<!--\n## Impact\n-->\n\n\\## Impact\n\n#Impact\n"
    assert sections(text) == []


@pytest.mark.parametrize(
    "line", ["**Relay**", "**Impact** was felt", "- **Impact**", "We saw the impact:", "**Detection**"]
)
def test_bold_lines_and_labels_that_name_none_of_the_eight_are_words(line):
    assert sections(f"# R\n\n{line}\n\nx\n") == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The relay\n\n## Impact\n", "The relay"),
        ("## The relay\n\n### Impact\n", "The relay"),
        ("# Impact\n\n# Timeline\n", None),
        ("## Impact\n\n## Timeline\n", None),
        ("## The relay\n\n## Impact\n", None),
        ("# Relay outage impact\n\n## Summary\n", "Relay outage impact"),
        ("# Summary\n\n## What\n", None),
        ("Words only.\n", None),
    ],
)
def test_the_title_is_the_highest_heading_that_names_no_section(text, title):
    assert Page("pm/x.md", text).title == title


# ----------------------------------------------------------------------------------------------------------- sections


def test_a_section_ends_before_the_next_of_its_level_and_its_own_part_before_the_first_below():
    page = Page("pm/x.md", "# R\n\n## Timeline\n\na\n\n### Day two\n\nb\n\n## Impact\n\nc\n")
    timeline, day, impact = page.sections
    assert (timeline.start, timeline.own_end, timeline.end) == (2, 6, 10)
    assert (day.parent, impact.parent) == (0, None)
    assert [page.blocks[index].text for index in timeline.own_blocks] == ["a"]
    assert [page.blocks[index].text for index in timeline.blocks] == ["a", "Day two", "b"]
    assert page.section(Role.IMPACT) is impact


def test_a_section_inside_another_of_its_role_is_a_part_of_it():
    page = Page("pm/x.md", "# R\n\n## Action Items\n\n### Follow-ups\n\n- x\n\n## Next steps\n\n- y\n")
    assert [section.heading.text for section in page.by_role[Role.ACTION_ITEMS]] == ["Action Items", "Next steps"]


def test_each_line_has_the_role_of_the_section_around_it():
    page = Page("pm/x.md", "# R\n\nlead\n\n## Impact\n\na\n\n### Numbers\n\nb\n\n## Other\n\nc\n")
    assert [page.role_at(line) for line in (2, 6, 10, 14)] == [Role.SUMMARY, Role.IMPACT, Role.IMPACT, None]


def test_the_lead_is_what_stands_between_title_and_first_section():
    page = Page("pm/x.md", "# R\n\n<!-- prompt -->\n\nlead\n\n---\n\n## Impact\n\nx\n")
    assert [block.text for block in page.prose(page.lead)] == ["lead"]


# --------------------------------------------------------------------------------------------------------------- kind


def test_complete_files_are_what_they_are():
    assert Page(PATH, COMPLETE).kind is PageKind.POSTMORTEM
    assert Page(PATH, COMPLETE).is_standard
    assert Page(INCIDENT_PATH, INCIDENT).kind is PageKind.INCIDENT


@pytest.mark.parametrize(
    "front",
    [
        "id: 42\nstatus: resolved\nseverity: high",
        "id: INC-7\nseverity: high\ntitle: Relay",
        "status: done\ntitle: Relay",
    ],
)
def test_front_matter_of_another_template_makes_no_incident_file(front):
    text = f"---\n{front}\n---\n\n# Relay\n\n## Summary\n\nx\n\n## Root Cause\n\ny\n"
    assert Page("pm/relay.md", text).kind is PageKind.POSTMORTEM


@pytest.mark.parametrize("key", ["id", "title", "severity", "status", "declared_at"])
def test_an_incident_file_that_lacks_one_key_is_still_one(key):
    text = "\n".join(line for line in INCIDENT.split("\n") if not line.startswith(f"{key}:"))
    assert Page(INCIDENT_PATH, text).kind is PageKind.INCIDENT


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("pm/README.md", COMPLETE.replace("incident: 2026-05-14-checkout-latency\n", ""), PageKind.OTHER),
        ("pm/template.md", "# T\n\n## Summary\n\n## Impact\n", PageKind.OTHER),
        ("pm/x.md", "# {{ title }}\n\n{{ date }}\n\n## Summary\n\n{{ summary }}\n\n## Impact\n", PageKind.OTHER),
        (
            "pm/x.md",
            "# Charts\n\n`{{ .Values.a }}` ${{ github.sha }} {{ site.url }}\n\n## Summary\n\n## Impact\n",
            PageKind.POSTMORTEM,
        ),
        ("pm/2026-05-14-relay.md", "# Relay\n\nThe incident began at noon.\n", PageKind.POSTMORTEM),
        ("docs/setup.md", "# Setup\n\n## Install\n\n## Use\n", PageKind.OTHER),
        (
            "pm/march.md",
            "# Post mortem for March 2026\n\nThree outages.\n\n## The relay\n\nIt was full.\n",
            PageKind.POSTMORTEM,
        ),
        ("docs/how.md", "# The post mortem process\n\nWrite one.\n\n## Who\n\nThe lead.\n", PageKind.OTHER),
    ],
    ids=[
        "index",
        "template by name",
        "template by holes",
        "talks of templates",
        "prose with a dated name",
        "guide",
        "a month in the title",
        "a guide to writing them",
    ],
)
def test_other_files_are_told_from_post_mortems(path, text, kind):
    assert Page(path, text).kind is kind
