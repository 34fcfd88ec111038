"""Edits of action items by splicing: text to text, and every byte that is not meant stays. Never writes a file."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from incidentctl.document.action_items import (
    FIELD_ORDER,
    ActionItem,
    PlacedField,
    PlacedItem,
    identify_items,
    read_action_items,
    render_fields,
    render_item,
    written_field,
)
from incidentctl.document.parse import Document, Section, parse_document
from incidentctl.document.postmortem import sections_of
from incidentctl.document.section_names import STANDARD, OwnNames, Role, role_of
from incidentctl.errors import RefusedError
from incidentctl.incident.entries import RedactReason

_Splice = tuple[int, int, str]


def items_of(document: Document, incident: str, names: OwnNames = None) -> tuple[PlacedItem, ...]:
    """The action items of a post-mortem, in order: of each section that has a name for them. `names` are a team's own."""
    items: list[PlacedItem] = []
    for section in sections_of(document, Role.ACTION_ITEMS, names):
        items += read_action_items(document.text, section.body, section.end)
    return identify_items(items, incident)


def read_items(text: str, incident: str, names: OwnNames = None) -> tuple[PlacedItem, ...]:
    """The same, of a text."""
    return items_of(parse_document(text, incident=incident), incident, names)


# ----------------------------------------------------------------------------------------------------------------- add


def add_item(text: str, item: ActionItem, *, incident: str, names: OwnNames = None) -> str:
    """The text with one item more, at the end of its section. Where there is none it is made at its place among the eight.

    What stands in the section stays, prompts and comments too.
    """
    document = parse_document(text, incident=incident)
    _demand_no_conflict(document)
    lines = render_item(item)
    sections = sections_of(document, Role.ACTION_ITEMS, names)
    if sections:
        at, follows_item = _end_of_items(document, sections[0])
    else:
        at, follows_item = _place_of_section(document, names), False
        lines = [f"## {Role.ACTION_ITEMS.heading}", "", *lines]
    newline, before, behind = document.newline, text[:at], text[at:]
    if before and not before.endswith("\n"):
        before += newline
    if not follows_item and before.strip("\ufeff\r\n") and not before.endswith(newline * 2):
        lines = ["", *lines]
    if behind.strip() and (not follows_item or behind[:1] == "#") and behind[:1] not in ("\n", "\r"):
        lines = [*lines, ""]
    return before + newline.join([*lines, ""]) + behind


def _end_of_items(document: Document, section: Section) -> tuple[int, bool]:
    """Where a new item goes in a section, and whether it follows another one there."""
    text = document.text
    items = read_action_items(text, section.body, section.end)
    if items:
        last = max(items, key=lambda each: each.end)
        return _next_line(text, last.end), not last.is_table_row
    said = section.body + len(text[section.body : section.end].rstrip())
    return (_next_line(text, said) if said > section.body else section.body), False


def _place_of_section(document: Document, names: OwnNames) -> int:
    """Behind the last of the sections that come before it, at the end of the file where there is none of them."""
    ends = [section.end for section in document.sections if role_of(section.title, names)[0] in STANDARD]
    return max(ends, default=len(document.text))


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _demand_no_conflict(document: Document) -> None:
    fault = next((fault for fault in document.faults if fault.code == "conflict-markers"), None)
    if fault is not None:
        raise RefusedError(f"line {fault.line}: {fault.message}", hint="then say it again")


# -------------------------------------------------------------------------------------------------------------- change


def change_item(
    text: str, item_id: str, change: Callable[[ActionItem], ActionItem], *, incident: str, names: OwnNames = None
) -> str:
    """The text with one item changed: its box, its strike and its fields. A derived id is written down with it.

    What `change` makes of the item as it stands is written; where that is the same nothing changes. Raises `RefusedError`
    where there is no such item, where several have that id, and where the line has a form in which this cannot be written.
    """
    document = parse_document(text, incident=incident)
    _demand_no_conflict(document)
    placed = _only_item(items_of(document, incident, names), item_id, incident)
    wanted = change(placed.item)
    if wanted == placed.item:
        return text
    for splices in _ways(text, placed, wanted):
        changed = _spliced(text, splices)
        after = [each for each in read_items(changed, incident, names) if each.item.id == item_id]
        if len(after) == 1 and _says(after[0].item, wanted):
            return changed
    raise RefusedError(
        f"line {placed.place.line} has a form in which this cannot be written",
        hint="write it in your editor, as in: — owner: @bob — due: 2026-06-01",
    )


def redacted_item(item: ActionItem, reason: RedactReason) -> ActionItem:
    """An item without its words, its link, and what was said when it was done or dropped; who, until when and whether stay."""
    return replace(
        item,
        text=f"**Redacted** {reason.value}",
        link=None,
        done=item.done and (str(item.done_on) if item.done_on else None),
        dropped=item.dropped and (str(item.dropped_on) if item.dropped_on else reason.value),
    )


def redact_item(text: str, item_id: str, reason: RedactReason, *, incident: str, names: OwnNames = None) -> str:
    """The text with one item redacted, on the line on which it begins. Raises `RefusedError` as `change_item` does."""
    document = parse_document(text, incident=incident)
    _demand_no_conflict(document)
    before = items_of(document, incident, names)
    placed = _only_item(before, item_id, incident)
    wanted = redacted_item(placed.item, reason)
    if wanted == placed.item:
        return text
    block = text[placed.start : placed.end]
    indentation = block[: len(block) - len(block.lstrip(" \t"))]
    splices: list[_Splice] = [(placed.start, placed.end, indentation + render_item(wanted)[0])]
    moved = zip(before, read_items(_spliced(text, splices), incident, names), strict=False)
    # The same words by hand on another line: its id counted on this one.
    splices += [
        (each.edge, each.edge, f" <!-- a:{each.item.id} -->")
        for each, is_now in moved
        if each.item.id != is_now.item.id and each is not placed
    ]
    changed = _spliced(text, splices)
    after = [each.item for each in read_items(changed, incident, names)]
    if len(after) == len(before) and all(
        _says(is_now, wanted) if each is placed else is_now == each.item
        for each, is_now in zip(before, after, strict=True)
    ):
        return changed
    raise RefusedError(
        f"line {placed.place.line} has a form in which it cannot be redacted", hint="take its words out in your editor"
    )


def _only_item(items: tuple[PlacedItem, ...], item_id: str, incident: str) -> PlacedItem:
    found = [placed for placed in items if placed.item.id == item_id and placed.is_task]
    if not found:
        raise RefusedError(
            f"there is no action item a:{item_id} in {incident}", hint="see them: ictl action list --all"
        )
    if len(found) > 1:
        lines = ", ".join(str(placed.place.line) for placed in found)
        raise RefusedError(f"several action items have the id a:{item_id}: lines {lines}", hint="remove it from one")
    return found[0]


def _says(item: ActionItem, wanted: ActionItem) -> bool:
    """Whether it says what was wanted. A strike is for the eye: words that hold one themselves are not struck again."""
    same = (item.text, item.ticked, item.id) == (wanted.text, wanted.ticked, wanted.id)
    return same and render_fields(item) == render_fields(wanted) and item.is_dropped == wanted.is_dropped


def _ways(text: str, placed: PlacedItem, wanted: ActionItem) -> Iterator[list[_Splice]]:
    """Ways to write it, the one that changes least first."""
    strikes = wanted.struck and not placed.item.struck and bool(placed.item.text)
    for is_whole in (False, True):
        for with_strike in (True, False) if strikes else (False,):
            yield list(_splices(text, placed, wanted, is_whole=is_whole, with_strike=with_strike))


def _splices(
    text: str, placed: PlacedItem, wanted: ActionItem, *, is_whole: bool, with_strike: bool
) -> Iterator[_Splice]:
    """What is to be replaced. With `is_whole` a field is written anew, its dash and key included."""
    item = placed.item
    if wanted.ticked != item.ticked and placed.box >= 0:
        yield placed.box, placed.box + 1, "x" if wanted.ticked else " "
    begin, end = placed.words
    if with_strike:
        yield begin, begin, "~~"
        yield end, end, "~~"
    old, new = render_fields(item), render_fields(wanted)
    for key in FIELD_ORDER:
        if old.get(key) == new.get(key) and (key in new or placed.field(key) is None):
            continue
        standing = [field for field in placed.fields if field.key == key]
        if key not in new:
            yield from ((field.start, field.end, "") for field in standing if not field.in_list)
        elif not standing:
            at = _place_of_field(placed, key)
            yield at, at, f" — {written_field(key, new[key])}"
        else:
            yield _replaced(text, standing[0], new[key], is_whole=is_whole)
            yield from ((field.start, field.end, "") for field in standing[1:] if not field.in_list)
    if placed.is_typed and placed.edge >= 0:
        yield placed.edge, placed.edge, f" <!-- a:{item.id} -->"


def _replaced(text: str, field: PlacedField, value: str, *, is_whole: bool) -> _Splice:
    if is_whole and not field.in_list:
        return field.start, field.end, f" — {written_field(field.key, value)}"
    start, end = field.value.start, field.value.end
    return start, end, value if start == end or text[start - 1 : start] in " (\t" else f" {value}"


def _place_of_field(placed: PlacedItem, key: str) -> int:
    """Where a new field goes: behind those that come before it, before those that come behind it."""
    beside = [field for field in placed.fields if field.end <= placed.edge and field.start >= placed.words[1]]
    earlier = [field.end for field in beside if FIELD_ORDER.index(field.key) < FIELD_ORDER.index(key)]
    if earlier:
        return max(earlier)
    return min((field.start for field in beside), default=placed.edge)


def _spliced(text: str, splices: list[_Splice]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end, new in sorted(splices, key=lambda each: (each[0], each[1])):
        pieces += [text[done:start], new]
        done = max(end, done)
    return "".join((*pieces, text[done:]))
