"""The format `markdown`: a checklist that a bot can find again, and in which nobody's words become markup."""

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from incidentctl.lint.diagnostic import Result, Severity, Unreadable
from incidentctl.lint.formats.markdown import MARKER, Group, group_of, render_markdown
from tests.lint.formats.results import CLEAN, HOSTILE, MANY, NOTHING, OF_EACH, PLAIN, RESULTS, found

GFM = MarkdownIt("gfm-like", {"linkify": False}).enable(["table", "strikethrough"])


def test_the_checklist_is_by_document_and_by_what_there_is_to_do() -> None:
    assert render_markdown(OF_EACH, PLAIN) == (
        "<!-- incidentctl-lint -->\n"
        "## Post-mortem check: 2 to fix, 2 to consider\n"
        "\n"
        "### `postmortems/2026/05/2026-05-14-checkout-latency.md`\n"
        "\n"
        "**Contradicts itself**\n"
        "\n"
        "- [ ] line 6: `2h` is not what the times say: 2h 19m from started to resolved (warning HDR007)\n"
        "- [ ] line 12: 10:02Z comes before 10:30Z, the entry above it (error TML003)\n"
        "\n"
        "### `postmortems/2026/06/2026-06-02-login-down.md`\n"
        "\n"
        "**Missing**\n"
        "\n"
        "- [ ] line 1: the section `Impact` is missing (error STR001)\n"
        "\n"
        "**Wording**\n"
        "\n"
        "- [ ] line 40: `improve` cannot be done or not done: what will be there that is not there now? (info ACT008)\n"
        "\n"
        "`incidentctl lint --fix` mends 1 of these.\n"
        "`incidentctl rule HDR007` says why a rule is there, with an example."
    )


def test_a_complete_document_is_a_short_word() -> None:
    assert render_markdown(CLEAN, PLAIN) == f"{MARKER}\n## Post-mortem check: complete\n\n2 documents, nothing to mend."
    assert render_markdown(NOTHING, PLAIN).endswith("No document to check.")


def test_each_begins_with_the_marker_so_that_the_comment_is_found_again() -> None:
    for result in RESULTS.values():
        assert render_markdown(result, PLAIN).startswith("<!-- incidentctl-lint -->\n## Post-mortem check: ")


def test_advice_alone_is_not_called_something_to_fix() -> None:
    result = Result((found(severity=Severity.WARNING),), files=1)
    assert "## Post-mortem check: 1 to consider\n" in render_markdown(result, PLAIN)


def test_it_stays_below_what_a_comment_may_hold_and_says_how_many_more_there_are() -> None:
    text = render_markdown(MANY, PLAIN)
    assert len(text) <= 60_000
    shown = text.count("- [ ] ")
    assert f"… and {10_000 - shown:,} more: `incidentctl lint` shows all of them." in text
    long = Result(tuple(found(message="@" * 5_000, line=number) for number in range(1, 500)), files=1)
    assert len(render_markdown(long, PLAIN)) <= 60_000


def test_a_file_that_could_not_be_read_is_in_the_list() -> None:
    result = Result((), files=0, unreadable=(Unreadable("a.md", "no *permission*"),))
    assert "- [ ] `a.md`: no \\*permission\\*\n" in render_markdown(result, PLAIN) + "\n"


def test_groups_say_what_there_is_to_do() -> None:
    assert group_of("STR001") is Group.MISSING
    assert group_of("TML003") is Group.CONTRADICTS
    assert group_of("BLM003") is Group.WORDING
    assert group_of("ACT008") is Group.WORDING
    assert group_of("LNK001") is Group.FORM
    assert group_of("X001") is Group.FORM


# ------------------------------------------------------------------------------------------ nobody's words are markup


def tokens(text: str) -> list[tuple[str, str]]:
    return [(inline.type, inline.content) for block in GFM.parse(text) for inline in (block.children or [block])]


def test_hostile_words_make_no_link_no_image_no_element_and_no_heading() -> None:
    text = render_markdown(HOSTILE, PLAIN)
    kinds = [kind for kind, _ in tokens(text)]
    assert kinds.count("html_block") == 1, "our own marker"
    assert not {"html_inline", "link_open", "image", "em_open", "s_open", "table_open", "fence"} & set(kinds)
    assert kinds.count("heading_open") == 3


def test_hostile_words_mention_and_refer_to_nobody() -> None:
    text = "".join(content for kind, content in tokens(render_markdown(HOSTILE, PLAIN)) if kind == "text")
    assert not re.search(r"@\w|#\d|!\d|GH-\d|://", text)
    assert "@\u200bann" in text


@given(st.text(max_size=200))
def test_any_message_reads_as_it_was_written(message: str) -> None:
    line = render_markdown(Result((found(message=message),), files=1), PLAIN).split("\n")[7]
    read = tokens(line)
    assert {kind for kind, _ in read} <= {
        "bullet_list_open", "list_item_open", "paragraph_open", "text", "code_inline", "paragraph_close",
        "list_item_close", "bullet_list_close", "text_special", "softbreak",
    }  # fmt: skip
    said = "".join(content for kind, content in read if kind in ("text", "code_inline"))
    assert said.startswith("[ ] line 12: ")
    assert said.endswith(" (error TML003)")


@given(st.text(alphabet="`\\*_[]()<>!@#a /:.-&;w", max_size=60))
def test_any_markup_in_a_message_stays_text(message: str) -> None:
    line = render_markdown(Result((found(message=message),), files=1), PLAIN).split("\n")[7]
    read = tokens(line)
    assert not {"link_open", "image", "html_inline", "em_open", "strong_open"} & {kind for kind, _ in read}
    said = "".join(content for kind, content in read if kind in ("text", "code_inline"))
    plain = message.replace("`", "")
    assert said[13:-15].replace("\u200b", "").replace("`", "").split() == plain.split()
