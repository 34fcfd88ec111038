"""Action items: what is read, where it stands, and that what is written reads back as itself."""

from collections.abc import Callable
from datetime import date
from math import isqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentctl.document.action_items import (
    ActionItem,
    Link,
    PlacedItem,
    read_action_items,
    read_date,
    render_item,
)
from incidentctl.incident.words import clean_text
from tests.growth import assert_grows_linearly

CANARY = (
    "- [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-01 — type: prevent"
    " — [#412](https://git.example.org/ops/412) <!-- a:7k2ps0 -->"
)


def read(text: str) -> tuple[PlacedItem, ...]:
    return read_action_items(text, 0, len(text), incident="2026-05-14-checkout-latency")


def only(text: str) -> PlacedItem:
    (placed,) = read(text)
    return placed


class TestReading:
    def test_an_item_of_ours_is_read_field_by_field(self) -> None:
        assert only(CANARY).item == ActionItem(
            text="Add a canary stage to the config pipeline",
            owners=("@bob",),
            due="2026-06-01",
            type="prevent",
            link=Link("#412", "https://git.example.org/ops/412"),
            id="7k2ps0",
        )

    def test_what_is_done_or_dropped_says_when_and_why(self) -> None:
        done, dropped = read(
            "- [x] Alert on saturation — owner: @ann — done: 2026-05-19 3f2c1ab <!-- a:m4d0z1 -->\n"
            "- [x] ~~Second region~~ — owner: @ann — dropped: 2026-06-11 covered - by #430 <!-- a:0q8fh2 -->\n"
        )
        assert (done.item.is_done, done.item.done_on, done.item.evidence) == (True, date(2026, 5, 19), "3f2c1ab")
        assert (dropped.item.is_dropped, dropped.item.is_done) == (True, False)
        assert (dropped.item.text, dropped.item.reason) == ("Second region", "covered - by #430")

    @pytest.mark.parametrize("dash", ["—", "–", "--", "-"])
    def test_any_dash_between_blanks_separates(self, dash: str) -> None:
        item = only(f"- [ ] Cap the pool {dash} owner: @bob {dash} due: 2026-06-01").item
        assert (item.text, item.owners, item.due) == ("Cap the pool", ("@bob",), "2026-06-01")

    @pytest.mark.parametrize(
        "words",
        [
            "(@bob, due 2026-06-01)",
            "(owner: @bob; due: 2026-06-01)",
            "(@bob, 2026-06-01)",
            "— @bob — due 2026-06-01",
            "— **Owner:** @bob — **Due:** 2026-06-01",
            "(@bob) — DUE:2026-06-01",
        ],
    )
    def test_what_people_type_instead_of_our_form_is_understood(self, words: str) -> None:
        item = only(f"- [ ] Cap the pool {words}").item
        assert (item.text, item.owners, item.due) == ("Cap the pool", ("@bob",), "2026-06-01")

    def test_fields_are_read_from_the_right_and_known_keys_only(self) -> None:
        item = only("- [ ] Owner: of the pool — who: nobody — tell @ann (thanks @bob)").item
        assert (item.text, item.owners) == ("Owner: of the pool — who: nobody — tell @ann (thanks @bob)", ())

    def test_several_owners_are_several(self) -> None:
        assert only("- [ ] Cap it — owner: @ann, @bob and Cleo Smith").item.owners == ("@ann", "@bob", "Cleo Smith")
        assert only("- [ ] Cap it — owner: @ann — owner: @bob").item.owners == ("@ann", "@bob")

    def test_an_owner_still_to_be_found_is_none(self) -> None:
        assert only("- [ ] Cap it — owner: TBD — due:").item == ActionItem("Cap it", id=only("- [ ] Cap it").item.id)

    def test_a_wrapped_item_is_read_as_one(self) -> None:
        item = only("- [ ] Cap the pool of\n  each service — owner: @bob — due:\n  2026-06-01 <!-- a:7k2ps0 -->").item
        assert (item.text, item.due, item.id) == ("Cap the pool of\neach service", "2026-06-01", "7k2ps0")

    def test_words_below_a_whole_item_are_its_words(self) -> None:
        item = only("- [ ] Cap the pool — owner: @bob — due: 2026-06-01\n  of each service\n").item
        assert (item.text, item.due) == ("Cap the pool\nof each service", "2026-06-01")

    def test_further_lines_and_sub_items_belong_to_the_item_above(self) -> None:
        text = (
            "- [ ] Cap the pool — owner: @bob <!-- a:7k2ps0 -->\n  - in eu\n  - [ ] in us\n\n  and say so\n- [ ] Next\n"
        )
        first, second = read(text)
        assert first.item.text == "Cap the pool\n- in eu\n- [ ] in us\n\nand say so"
        assert text[first.start : first.end].endswith("and say so")
        assert second.item.text == "Next"

    def test_a_sub_item_with_fields_of_its_own_is_an_item(self) -> None:
        assert [each.item.text for each in read("- [ ] Better alerts\n  - [ ] Pool alert — owner: @ann\n")] == [
            "Better alerts",
            "Pool alert",
        ]

    def test_fields_may_stand_on_lines_of_their_own(self) -> None:
        item = only("- [ ] Cap the pool\n  - Owner: Bob\n  - **Due**: 2026-06-01\n").item
        assert (item.text, item.owners, item.due) == ("Cap the pool", ("Bob",), "2026-06-01")

    def test_what_stands_in_code_and_comments_is_no_item(self) -> None:
        text = "```\n- [ ] one\n```\n<!-- such as:\n- [ ] two\n-->\n- [ ] three `— owner: @x`\n"
        assert only(text).item.text == "three `— owner: @x`"

    def test_code_without_an_end_hides_nothing(self) -> None:
        assert len(read("```\n- [ ] one\n")) == 1
        assert len(read("<!--\n- [ ] one\n")) == 1

    def test_a_comment_behind_the_id_is_no_word_of_it(self) -> None:
        item = only("- [ ] Cap it — due: 2026-06-01 <!-- a:7k2ps0 --> <!-- who? -->").item
        assert (item.text, item.due, item.id) == ("Cap it", "2026-06-01", "7k2ps0")

    def test_a_typed_line_has_the_same_id_in_every_clone_and_equal_lines_have_different_ones(self) -> None:
        first, second = read("- [ ] Cap it — owner: @ann\n- [ ] Cap it\n")
        assert first.is_typed and first.item.id.startswith("00") and first.item.id != second.item.id
        assert read("- [x] Cap it — owner: @bob\n")[0].item.id == first.item.id
        written = read(f"- [ ] Cap it <!-- a:{first.item.id} -->\n- [ ] Cap it\n")
        assert [each.item.id for each in written] == [first.item.id, second.item.id]

    def test_an_escaped_field_is_text(self) -> None:
        assert only("- [ ] Say — owner\\: @x \\<!-- a:7k2ps0 -->").item.text == "Say — owner: @x <!-- a:7k2ps0 -->"

    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_places_are_those_of_the_file(self, newline: str) -> None:
        text = newline.join(["# Post-mortem", "", CANARY, "  wrapped — [x](https://x)", ""])
        start = text.index("- [ ]")
        (placed,) = read_action_items(text, start, len(text))
        due = placed.field("due")
        assert due is not None
        assert text[due.value.start : due.value.end] == "2026-06-01"
        assert (due.value.line, due.value.column) == (3, CANARY.index("2026") + 1)
        assert (placed.place.line, placed.place.column) == (3, 7)
        assert text[placed.box] == " "
        assert text[placed.words[0] : placed.words[1]] == "Add a canary stage to the config pipeline"


class TestOtherArchives:
    def test_bullets_and_numbers_are_items_without_a_box(self) -> None:
        items = read("Intro.\n\n* Cap the pool ([#12](https://github.com/a/b/issues/12))\n1. Watch it (DONE)\n")
        assert [(each.item.text, each.is_task, each.item.ticked) for each in items] == [
            ("Cap the pool", False, False),
            ("Watch it", False, True),
        ]
        assert items[0].tracker == Link("#12", "https://github.com/a/b/issues/12")

    def test_what_stands_under_completed_is_done(self) -> None:
        first, second = read("### Now (completed)\n\n- Cap it\n\n### Later\n\n- Watch it\n")
        assert (first.item.is_done, second.item.is_done) == (True, False)

    def test_a_label_over_items_is_none(self) -> None:
        assert [each.item.text for each in read("- **Prevent:**\n  - Cap it\n  - Watch it\n")] == ["Cap it", "Watch it"]
        assert [each.item.text for each in read("- Prevent\n  - [ ] Cap it\n")] == ["Cap it"]

    def test_a_lazy_line_belongs_to_the_item(self) -> None:
        assert [each.item.text for each in read("- Cap the\npool now\n\nThe end.\n")] == ["Cap the\npool now"]

    def test_rows_of_a_table_with_owners_are_items(self) -> None:
        text = (
            "| # | Action item | Responsible | Target date | Status |\n|---|:--|---|---|---|\n"
            "| 1 | Cap `a|b` | Bob | June 1, 2026 | In progress |\n| 2 | Watch | TBD | soon | ✅ Done |\n| | | | | |\n"
        )
        cap, watch = read(text)
        assert (cap.item.text, cap.item.owners, cap.item.due_on) == ("Cap `a|b`", ("Bob",), date(2026, 6, 1))
        assert (watch.item.owners, watch.item.due, watch.item.due_on) == ((), "soon", None)
        assert (cap.item.is_done, watch.item.is_done) == (False, True)
        due = watch.field("due")
        assert due is not None and text[due.value.start : due.value.end] == "soon" and due.value.line == 4

    def test_a_table_of_something_else_is_none(self) -> None:
        assert read("| Service | Region |\n|---|---|\n| api | eu |\n") == ()


class TestDates:
    @pytest.mark.parametrize(
        "words", ["2026-06-01", "2026/6/1", "1 June 2026", "1st Jun 2026", "June 1, 2026", "2026-06-01T10:00:00Z"]
    )
    def test_a_day_is_read_as_people_write_it(self, words: str) -> None:
        assert read_date(words) == date(2026, 6, 1)

    @pytest.mark.parametrize("words", ["soon", "next sprint", "2026-13-01", "06/01/2026", "", "June"])
    def test_what_is_no_day_is_not_guessed(self, words: str) -> None:
        assert read_date(words) is None


_HOSTILE = st.sampled_from(
    [
        *r"""<!--| -->|<!-- a:7k2ps0 -->| — owner: @x| - due: 2026-01-01| — @x|(@bob, due 2026-06-01)|~~|[x] |[a](b)""".split(
            "|"
        ),
        *r"""`|``|\|- [ ] |  |# |```| — dropped: | — done: | — [#1](https://x)| — https://x.y|#4|owner: y|1. | — |*""".split(
            "|"
        ),
        *r"""_|(DONE)|✅|---| -- |](|[| (@a)|@b| — due 2026-01-01|:""".split("|"),
        *("|", "\n", "\n\n"),
    ]
)
TEXTS = st.one_of(
    st.lists(st.one_of(_HOSTILE, st.text(max_size=6)), max_size=9).map("".join), st.text(max_size=60)
).map(clean_text)
LINES = TEXTS.map(lambda text: " ".join(text.split()))
OWNERS = st.sampled_from(["@ann", "@bob.k", "@a/team", "Cleo Smith", "SRE"])
LINKS = st.builds(
    Link, LINES.filter(lambda text: "\x00" not in text), st.sampled_from(["https://x.y/(z)", "https://a/-"])
)
ITEMS = st.builds(
    ActionItem,
    text=TEXTS,
    ticked=st.booleans(),
    owners=st.lists(OWNERS, max_size=3).map(tuple),
    due=st.one_of(st.none(), st.just("2026-06-01"), st.sampled_from(["soon", "next `sprint`", "June 1, 2026", "[x"])),
    type=st.one_of(st.none(), st.just("prevent")),
    link=st.one_of(st.none(), LINKS),
    done=st.one_of(st.none(), LINES.map(lambda words: f"2026-05-19 {words}".strip())),
    dropped=st.one_of(st.none(), LINES.map(lambda words: f"2026-05-19 {words}".strip())),
    id=st.just("7k2ps0"),
)


class TestRendering:
    def test_an_item_of_ours_is_written_as_it_was_read(self) -> None:
        assert render_item(only(CANARY).item) == [CANARY]

    @settings(max_examples=600, deadline=None)
    @given(ITEMS, st.booleans())
    def test_reading_what_was_written_gives_the_same_item(self, item: ActionItem, struck: bool) -> None:
        if struck and item.text.split("\n")[0]:
            item = ActionItem(**{**{name: getattr(item, name) for name in item.__struct_fields__}, "struck": True})
        lines = ["- [ ] before", *render_item(item), "- [ ] behind", ""]
        _, placed, _ = read("\n".join(lines))
        assert placed.item == item
        assert render_item(placed.item) == lines[1:-2]

    @settings(max_examples=300, deadline=None)
    @given(st.lists(st.one_of(_HOSTILE, st.just("\n- "), st.just("\n  ")), max_size=20).map("".join))
    def test_any_text_is_read_and_what_was_read_can_be_written(self, text: str) -> None:
        for placed in read(text):
            assert text[placed.start : placed.end]
            if placed.is_task and not placed.item.is_blank:
                (again,) = read("\n".join(render_item(placed.item)))
                assert again.item.text == placed.item.text
                assert again.item.owners == placed.item.owners

    @pytest.mark.parametrize(
        "make",
        [
            lambda size: "- [ ] x" + " — owner: @x" * size,
            lambda size: "- [ ] x" + "(@x) " * size,
            lambda size: "- [ ] " + "`" * 3 + " ` `` " * size,
            lambda size: "- [ ] " + "[a](" * size,
            lambda size: "- [ ] " + "<!-- " * size + "-->",
            lambda size: "- [ ] x\n" * size,
            lambda size: "- a\n" + "".join(" " * 2 * depth + "- [ ] b\n" for depth in range(isqrt(size))),
            lambda size: "| Action | Owner |\n|-|-|\n" + "| a | b |\n" * size,
            lambda size: "```\n" * (2 * size + 1),
            lambda size: "<!--\n" * size,
            lambda size: "- [ ] x\n" + "  owner: @x\n" * size,
            lambda size: "- [ ] " + "~~ " * size,
            lambda size: "- [ ] x — dropped: " + " - y" * size,
            lambda size: "- [ ] x" + " - y" * size,
        ],
        ids=range(14),
    )
    def test_long_input_takes_time_in_proportion(self, make: Callable[[int], str]) -> None:
        assert_grows_linearly(make, read, 2_000)
