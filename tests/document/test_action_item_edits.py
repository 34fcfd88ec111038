"""Edits of action items: only the bytes that are meant change, and what was said can be read back."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.document.action_item_edits import add_item, change_item, read_items
from incidentctl.document.action_items import ActionItem, Link
from incidentctl.errors import RefusedError
from incidentctl.incident.words import clean_text
from tests.document.test_action_items import ITEMS

INCIDENT = "2026-05-14-checkout-latency"
HEAD = "---\nincident: 2026-05-14-checkout-latency\n---\n\n# Checkout latency\n\n## Timeline\n\n- [ ] none of ours\n"
NEW = ActionItem("Watch the pool", owners=("@ann",), due="2026-06-01", id="7k2ps0")
LINE = "- [ ] Watch the pool — owner: @ann — due: 2026-06-01 <!-- a:7k2ps0 -->"


def done(item: ActionItem) -> ActionItem:
    return replace(item, ticked=True, done="2026-05-19 3f2c1ab")


def dropped(item: ActionItem) -> ActionItem:
    return replace(item, ticked=True, struck=True, dropped="2026-06-11 covered")


class TestAdding:
    def test_an_item_goes_behind_the_last_one(self) -> None:
        text = f"{HEAD}\n## Action Items\n\nIntro.\n\n- [ ] One\n  more of it\n\n## Appendix\n\nwords\n"
        assert add_item(text, NEW, incident=INCIDENT) == text.replace("more of it\n", f"more of it\n{LINE}\n")

    def test_a_first_item_goes_below_what_is_said_there(self) -> None:
        text = f"{HEAD}\n## Action Items\n\n<!-- such as:\n- [ ] x\n-->\n\n## Appendix\n"
        assert add_item(text, NEW, incident=INCIDENT) == text.replace("-->\n\n##", f"-->\n\n{LINE}\n\n##")

    @pytest.mark.parametrize("tail", ["", "\n", "\n\n"])
    def test_an_empty_section_is_filled(self, tail: str) -> None:
        changed = add_item(f"{HEAD}\n## Action Items{tail}", NEW, incident=INCIDENT)
        assert changed.rstrip("\n").endswith(f"## Action Items\n\n{LINE}")
        assert changed.endswith("\n")

    def test_a_missing_section_is_made_behind_those_that_come_before_it(self) -> None:
        text = f"{HEAD}\n## Root Cause\n\nThe pool.\n\n## Appendix\n\nwords\n"
        changed = add_item(text, NEW, incident=INCIDENT)
        assert changed == text.replace("pool.\n\n##", f"pool.\n\n## Action Items\n\n{LINE}\n\n##")
        assert [each.item for each in read_items(changed, INCIDENT)] == [NEW]

    def test_a_document_without_sections_gets_one_at_its_end(self) -> None:
        assert add_item("words", NEW, incident=INCIDENT) == f"words\n\n## Action Items\n\n{LINE}\n"
        assert add_item("", NEW, incident=INCIDENT) == f"## Action Items\n\n{LINE}\n"

    def test_lines_end_as_those_of_the_file(self) -> None:
        text = HEAD.replace("\n", "\r\n") + "\r\n## Action Items\r\n\r\n- [ ] One\r\n"
        assert add_item(text, NEW, incident=INCIDENT) == text + LINE + "\r\n"

    def test_other_names_of_the_section_are_known(self) -> None:
        for heading in ("## 8. Action items", "## **Follow-ups**", "## Next Steps"):
            text = f"{HEAD}\n{heading}\n\n- [ ] One\n"
            assert add_item(text, NEW, incident=INCIDENT) == f"{text}{LINE}\n"

    def test_a_table_is_not_continued(self) -> None:
        text = "## Action Items\n\n| Action | Owner |\n|--|--|\n| a | b |\n"
        assert add_item(text, NEW, incident=INCIDENT) == f"{text}\n{LINE}\n"

    def test_conflict_markers_are_to_be_settled_first(self) -> None:
        with pytest.raises(RefusedError):
            add_item("## Action Items\n\n<<<<<<< a\n- [ ] x\n=======\n>>>>>>> b\n", NEW, incident=INCIDENT)

    def test_a_comment_that_never_ends_is_not_ended_by_the_id_of_an_item(self) -> None:
        text = f"{HEAD}\n## Action Items\n\n<!-- such as:\n"
        changed = add_item(text, NEW, incident=INCIDENT)
        assert changed == f"{text}\n{LINE}\n"
        assert [each.item for each in read_items(changed, INCIDENT)] == [NEW]

    def test_code_that_never_ends_is_not_ended_by_code_within_an_item(self) -> None:
        text = f"{HEAD}\n## Action Items\n\n```\nsome lines\n"
        item = replace(NEW, text="Watch the pool\n```\nselect 1\n```")
        assert [each.item for each in read_items(add_item(text, item, incident=INCIDENT), INCIDENT)] == [item]

    @settings(max_examples=200, deadline=None)
    @given(ITEMS, st.sampled_from(["", "- [ ] One\n", "* a\n  * b\n\n", "<!-- x -->\n", "words\n"]), st.booleans())
    def test_an_added_item_reads_back_and_nothing_else_changes(self, item: ActionItem, body: str, crlf: bool) -> None:
        if item.is_blank:
            return
        text = f"{HEAD}\n## Action Items\n\n{body}\n## Appendix\n\n- [ ] other\n"
        text = text.replace("\n", "\r\n") if crlf else text
        changed = add_item(text, item, incident=INCIDENT)
        assert [each.item for each in read_items(changed, INCIDENT)][-1] == item
        before = [line for line in text.split("\n") if line.strip()]
        rest = iter(changed.split("\n"))
        assert all(line in rest for line in before)


class TestChanging:
    def change(self, line: str, what: object) -> str:
        head = f"{HEAD}\n## Action Items\n\n"
        (placed,) = read_items(head + line, INCIDENT)
        changed = change_item(head + line, placed.item.id, what, incident=INCIDENT)  # type: ignore[arg-type]
        assert changed.startswith(head)
        return changed.removeprefix(head)

    def test_done_ticks_the_box_and_says_when(self) -> None:
        assert self.change(LINE, done) == (
            "- [x] Watch the pool — owner: @ann — due: 2026-06-01 — done: 2026-05-19 3f2c1ab <!-- a:7k2ps0 -->"
        )

    def test_what_was_ticked_by_hand_gets_its_day(self) -> None:
        assert self.change("- [X] Watch <!-- a:7k2ps0 -->", done) == (
            "- [X] Watch — done: 2026-05-19 3f2c1ab <!-- a:7k2ps0 -->"
        )

    def test_dropped_strikes_the_words(self) -> None:
        assert self.change(LINE, dropped) == (
            "- [x] ~~Watch the pool~~ — owner: @ann — due: 2026-06-01 — dropped: 2026-06-11 covered <!-- a:7k2ps0 -->"
        )

    def test_words_with_a_strike_of_their_own_are_not_struck_again(self) -> None:
        assert self.change("- [ ] a ~~b~~ c <!-- a:7k2ps0 -->", dropped) == (
            "- [x] a ~~b~~ c — dropped: 2026-06-11 covered <!-- a:7k2ps0 -->"
        )

    def test_a_derived_id_is_written_down_and_stays_the_same(self) -> None:
        (placed,) = read_items(f"{HEAD}\n## Action Items\n\n* [ ] Cap it - owner: @bob", INCIDENT)
        assert self.change("* [ ] Cap it - owner: @bob", done) == (
            f"* [x] Cap it - owner: @bob — done: 2026-05-19 3f2c1ab <!-- a:{placed.item.id} -->"
        )

    def test_a_value_is_replaced_where_it_stands(self) -> None:
        def move(item: ActionItem) -> ActionItem:
            return replace(item, due="2026-07-01", owners=("@cleo",))

        assert self.change("- [ ] Cap it (@bob, due 2026-06-01) <!-- a:7k2ps0 -->", move) == (
            "- [ ] Cap it (@cleo, due 2026-07-01) <!-- a:7k2ps0 -->"
        )
        assert self.change("- [ ] Cap it -- @bob -- due:2026-06-01 <!-- a:7k2ps0 -->\n", move) == (
            "- [ ] Cap it -- @cleo -- due: 2026-07-01 <!-- a:7k2ps0 -->\n"
        )
        assert self.change("- [ ] Cap it — owner:  — due: <!-- a:7k2ps0 -->", move).count("owner") == 1

    def test_a_new_field_goes_to_its_place_among_the_others(self) -> None:
        def track(item: ActionItem) -> ActionItem:
            return replace(item, type="detect", link=Link("#412", "https://git.example.org/412"))

        assert self.change(LINE.replace(" <!--", " — done: 2026-05-19 <!--"), track) == (
            "- [ ] Watch the pool — owner: @ann — due: 2026-06-01 — type: detect"
            " — [#412](https://git.example.org/412) — done: 2026-05-19 <!-- a:7k2ps0 -->"
        )

    def test_a_wrapped_line_keeps_its_form(self) -> None:
        assert self.change("- [ ] Watch the\r\n  pool — due: 2026-06-01 <!-- a:7k2ps0 -->\r\n  - more\r\n", done) == (
            "- [x] Watch the\r\n  pool — due: 2026-06-01 — done: 2026-05-19 3f2c1ab <!-- a:7k2ps0 -->\r\n  - more\r\n"
        )

    def test_no_change_is_no_change(self) -> None:
        assert self.change(LINE, lambda item: item) == LINE

    def test_two_items_with_one_id_are_refused(self) -> None:
        with pytest.raises(RefusedError, match="several"):
            change_item(f"## Action Items\n\n{LINE}\n{LINE}\n", "7k2ps0", done, incident=INCIDENT)
        with pytest.raises(RefusedError, match="no action item"):
            change_item("## Action Items\n", "7k2ps0", done, incident=INCIDENT)

    @settings(max_examples=300, deadline=None)
    @given(ITEMS, st.sampled_from([done, dropped]), st.text(max_size=20).map(clean_text))
    def test_a_change_is_read_back_and_touches_only_its_line(self, item: ActionItem, what: object, reason: str) -> None:
        if item.is_blank or item.dropped or item.done:
            return
        text = f"## Action Items\n\n- [ ] first\n\n## Appendix\n\n{reason.replace('#', '')}\n"
        before = add_item(text, item, incident=INCIDENT)
        after = change_item(before, item.id, what, incident=INCIDENT)  # type: ignore[arg-type]
        (changed,) = [each.item for each in read_items(after, INCIDENT) if each.item.id == item.id]
        wanted = what(item)  # type: ignore[operator]
        assert replace(changed, struck=False) == replace(wanted, struck=False)
        assert changed.done_on == (date(2026, 5, 19) if what is done else None)
        assert len(before.split("\n")) == len(after.split("\n"))
        assert sum(
            old != new for old, new in zip(before.split("\n"), after.split("\n"), strict=True)
        ) <= 1 + item.text.count("\n")
