"""What is read without the library is what the library reads, or is left to it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from incidentctl.lint.blocks import read_structure
from incidentctl.lint.plain_blocks import read_plainly
from tests.lint.documents import COMPLETE

PIECES = (
    "", "", "", "word", "two words", "# Title", "## Impact", "### 10:48 #", "#no heading", "- item", "* star",
    "+ plus", "- [ ] task", "- ", "-", "1. one", "2. two", "2) two", "10. ten", "12:30 a time", "-not an item",
    "**bold** text", "**Label**: value", "_emphasis_", "`code` first", "```", "```text", "````", "~~~", "```a`b",
    "~~~ a~b", "~struck~", "<!-- comment -->", "<!-- open", "-->", "<div>", "<b>bold</b>", "> quote", "---", "***",
    "___", "- - -", "===", "--", "|a|b|", "|-|-|", "a | b", "[x]: http://example.org", "[link](http://example.org)",
    "    code", "\ttab", "a\tb", "- a\n  b", "- a\n\n  b", "- a\n  - b\n    - c", "-    far", "-     too far",
    "text\\", "\xa0", "x\xa0", "\u2028", "é", "1986. A year", "*emphasis* first", "+1 vote", "-5 degrees", "|", "=",
    "#", "####### seven", "1.", "1.no", "* * *", "- # heading", "- > quote", "- ```", "- - two", "1. - mixed",
    "</div>", "<!-- a --> b", "<http://example.org>", "<?php", "&amp;",
)  # fmt: skip

LINES = st.builds(
    lambda indent, words: " " * indent + words,
    st.one_of(st.just(0), st.integers(0, 12)),
    st.sampled_from(PIECES),
)
DOCUMENTS = st.lists(LINES, max_size=14).map(lambda lines: "\n".join(lines).split("\n"))


@given(DOCUMENTS)
@settings(max_examples=1500, deadline=None)
@example(["- a", "", "b"])
@example(["- a", "b", "", "  c"])
@example(["1. a", "", "   ```", "   x", "   ```", "", "2. b"])
def test_what_is_read_plainly_is_what_the_library_reads(lines):
    plain = read_plainly(lines)
    if plain is not None:
        assert plain == read_structure(lines)


def test_an_ordinary_post_mortem_is_read_plainly():
    lines = COMPLETE.partition("---\n\n")[2].split("\n")
    assert read_plainly(lines) == read_structure(lines)
    assert read_plainly(lines) is not None


@pytest.mark.parametrize(
    "text",
    [
        "a\n===",
        "a\n---",
        "|a|\n|-|\n|1|",
        "> quote",
        "[x]: y",
        "    code",
        "<div>\n</div>",
        "```\nno end",
        "- \n",
        "\tcode",
        "a\rb",
    ],
    ids=[
        "setext",
        "setext 2",
        "table",
        "quote",
        "definition",
        "code",
        "html",
        "open fence",
        "empty item",
        "tab",
        "return",
    ],
)
def test_what_is_unusual_is_left_to_the_library(text):
    assert read_plainly(text.split("\n")) is None
