"""Action items: any text is read, what is written reads back, and a change touches its own line alone."""

from msgspec.structs import replace

from incidentctl.document.action_item_edits import add_item, change_item, read_items
from incidentctl.document.action_items import ActionItem, Link, read_action_items, render_fields, render_item
from incidentctl.errors import RefusedError
from incidentctl.incident.words import clean_line, clean_text
from tests.fuzz.seeds import POSTMORTEM_WORDS
from tests.fuzz.target import (
    INCIDENT,
    Choices,
    Target,
    assert_lines_are_kept,
    assert_one_piece_was_put_in,
    joined,
    parts_of,
    text_of,
)
from tests.lint.documents import COMPLETE

_ITEMS = """\
## Action Items

- [ ] Add a canary stage — owner: @bob — due: 2026-06-01 — type: prevent — [#412](https://example.org/412) <!-- a:7k2ps0 -->
- [x] Alert on saturation — owner: @ann, @bob — done: 2026-05-19 3f2c1ab <!-- a:m4d0z1 -->
- [x] ~~Second region~~ — dropped: 2026-06-11 covered by #430 <!-- a:0q8fh2 -->
- [ ] typed by hand (@bob, due 2026-06-01)
  - **Owner:** @cleo
  - Due: 1 June 2026
* bullet without a box - owner: zoe
1. numbered

| Action | Owner | Due | Status |
|--------|-------|-----|--------|
| a \\| b | @ann  | 2026-06-01 | done |

```
- [ ] in code
```
"""


_DASHES = frozenset(("—", "–", "--", "-"))
"""Where a value that a person typed has one of them, it is written as what it reads as elsewhere: the next field."""


def chosen_item(choices: Choices, words: str) -> ActionItem:
    """An item as a command makes it, with these words."""
    word = clean_line(words)
    return ActionItem(
        clean_text(words) or "x",
        ticked=bool(choices.number(2)),
        owners=choices.of(((), ("@ann",), ("@ann", "@bob"))),
        due=choices.of((None, "2026-06-01")),
        type=choices.of((None, "prevent")),
        link=choices.of(
            (None, Link("#412", "https://example.org/412"), Link("#7"), Link(word, "https://example.org/"))
        ),
        done=choices.of((None, "2026-05-19 3f2c1ab")),
        id="zzzz99",
    )


def items(data: bytes) -> None:
    """Reading: every place is in the text, in order, and what a box stands on can be written again."""
    text = text_of(data)
    for placed in (*read_items(text, INCIDENT), *read_action_items(text, 0, len(text))):
        assert 0 <= placed.start <= placed.place.start <= placed.place.end <= placed.end <= len(text)
        assert placed.item.id, "an item without an id"
        if placed.is_task:
            assert text[placed.box] in " xX"
        assert all(placed.start <= field.start <= field.end <= placed.end for field in placed.fields)
        says_something = all(_DASHES.isdisjoint(value.split()) for value in render_fields(placed.item).values())
        if placed.is_task and not placed.item.is_blank and says_something:
            written = "\n".join(render_item(placed.item))
            again = read_action_items(written, 0, len(written))
            assert len(again) == 1 and again[0].item.text == placed.item.text, "it reads back as another one"


def item_edits(data: bytes) -> None:
    """Adding and changing: what was said reads back, other items and all other bytes stay."""
    chosen, words, text_bytes = parts_of(data, 3)
    choices = Choices(chosen)
    text = text_of(text_bytes)
    before = read_items(text, INCIDENT)
    if any(placed.item.id == "zzzz99" for placed in before):
        return
    item = chosen_item(choices, text_of(words))
    try:
        added = add_item(text, item, incident=INCIDENT)
        after = read_items(added, INCIDENT)
    except RefusedError as refused:
        assert refused.message and refused.hint
    else:
        assert_one_piece_was_put_in(text, added)
        assert [placed.item for placed in after if placed.item.id == item.id] == [item], "the item does not read back"
        others = [placed.item for placed in after if placed.item.id != item.id]
        assert others == [placed.item for placed in before], "another item was changed"
    tasks = [placed for placed in before if placed.is_task]
    if not tasks:
        return
    placed = choices.of(tasks)
    word = clean_line(text_of(words)) or "x"
    changes: dict[str, object] = choices.of(
        (
            {"ticked": True, "done": "2026-05-19 3f2c1ab"},
            {"ticked": True, "struck": True, "dropped": f"2026-06-11 {word}"},
            {"owners": ("@cleo",)},
            {"due": "2026-07-01"},
            {"ticked": False, "done": None},
            {"link": Link("#9", "https://example.org/9")},
        )
    )
    try:
        changed = change_item(text, placed.item.id, lambda each: replace(each, **changes), incident=INCIDENT)
    except RefusedError as refused:
        assert refused.message and refused.hint
        return
    own = range(text.count("\n", 0, placed.start), text.count("\n", 0, placed.end) + 1)
    assert_lines_are_kept(text, changed, but=own)
    after = read_items(changed, INCIDENT)
    assert [each.item for each in after if each.item.id != placed.item.id] == [
        each.item for each in before if each.item.id != placed.item.id
    ], "another item was changed"
    again = change_item(changed, placed.item.id, lambda each: replace(each, **changes), incident=INCIDENT)
    assert again == changed, "the same again changes something"


def _seeds() -> list[bytes]:
    lines = _ITEMS.split("\n")
    some = [_ITEMS, COMPLETE, _ITEMS.replace("\n", "\r\n"), "# x\n\n## Summary\n\nx\n\n## Lessons\n"]
    return [each.encode() for each in (*some, *(f"{lines[0]}\n\n{line}\n" for line in lines[2:]))]


TARGETS = (
    Target("items", items, _seeds, POSTMORTEM_WORDS),
    Target(
        "item-edits",
        item_edits,
        lambda: [joined(bytes((0, n, n, n, n, n, n, n)), "a — b", each) for n, each in enumerate(_seeds())],
        POSTMORTEM_WORDS,
    ),
)
