"""Action items of a post-mortem: Markdown to items with their places, and back. Never raises, and reads no clock."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.document.escaping import (
    closes_fence,
    ends_comment,
    escape_lines,
    opened_fence,
    unescape_line,
    unescape_lines,
)
from incidentctl.incident.ids import ENTRY_ID, derived_id
from incidentctl.incident.times import MONTHS
from incidentctl.incident.words import handle_of

ACTION_TYPES: Final = ("prevent", "detect", "mitigate", "process")
"""What an action item can be for."""

OWNER, DUE, TYPE, LINK, DONE, DROPPED = "owner", "due", "type", "link", "done", "dropped"
FIELD_ORDER: Final = (OWNER, DUE, TYPE, LINK, DONE, DROPPED)
"""The fields of an item, in the order in which they are written."""

_KEYS: Final = {
    **dict.fromkeys(("owner", "owners", "assignee", "assignees", "assigned to", "responsible", "dri"), OWNER),
    **dict.fromkeys(("due", "due date", "due by", "deadline", "target date", "eta"), DUE),
    **dict.fromkeys(("type", "category"), TYPE),
    **dict.fromkeys(("link", "issue", "ticket", "tracker", "tracking", "jira"), LINK),
    **dict.fromkeys(("done", "completed"), DONE),
    **dict.fromkeys(("dropped",), DROPPED),
}
_COLUMNS: Final = {
    **{key: field for key, field in _KEYS.items() if field in (OWNER, DUE, TYPE, LINK)},
    **dict.fromkeys(("who", "assigned", "point of contact", "poc", "lead", "owned by", "owner(s)"), OWNER),
    **dict.fromkeys(("when", "by when", "by", "target", "date", "due on", "target completion", "completion date"), DUE),
    **dict.fromkeys(("kind", "action type"), TYPE),
    **dict.fromkeys(("bug", "pr", "tickets", "issues", "links", "reference", "tracking issue", "github"), LINK),
    **dict.fromkeys(("status", "state", "done", "done?", "completed", "complete", "progress"), "status"),
    **dict.fromkeys(
        ("action", "actions", "action item", "action items", "item", "task", "description", "what", "title", "todo"),
        "text",
    ),
}
_KEY_WORDS: Final = "|".join(sorted(_KEYS, key=len, reverse=True))
_KEYED: Final = re.compile(rf"[*_]{{0,2}}({_KEY_WORDS})[*_]{{0,2}}(:)(?![:/])[*_]{{0,2}}[ \t\n]*", re.IGNORECASE)
_UNKEYED: Final = re.compile(
    r"(?:(?P<due>due|by)(?: on| by)? (?=[0-9]{4}(-)[0-9]{2}-[0-9]{2}$)|(?P<owner>owner|assigned to) (?=(@)))", re.I
)
_DUE_WORDS: Final = re.compile(r"due(?: on| by)? ", re.I)
_HANDLES: Final = re.compile(r"@\w[\w.+/-]*(?:[ \t\n]*(?:,|&|/|and)[ \t\n]*@\w[\w.+/-]*)*")
_BETWEEN_OWNERS: Final = re.compile(r"[ \t\n]*(?:,[ \t\n]*and[ \t\n]|,|;|&|[ \t\n]and[ \t\n]|[ \t\n]/[ \t\n])[ \t\n]*")
_LINK: Final = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
_BARE_LINK: Final = re.compile(r"<(https?://[^\s<>]+)>|(https?://[^\s<>]+)|((?:[\w.-]+/[\w.-]+)?[#!][0-9]+)")
_URL: Final = re.compile(r"https?://[^\s<>()\[\]]*[\w/]")
_ISSUE_PATH: Final = re.compile(r"/(?:issues|pull|pulls|merge_requests|work_items|browse|tickets?)/[^/]")
_SEPARATOR: Final = re.compile(r"(?:(?<=[ \t\n])|^)(?:—|–|--|-)(?=[ \t\n]|$)")
_MASKED: Final = re.compile(r"\\[!-/:-@\[-`{-~]|`+|\[")
_MASKED_WITHOUT_LINKS: Final = re.compile(r"\\[!-/:-@\[-`{-~]|`+")
_MARKER: Final = re.compile(r"([ \t]*)([-*+]|[0-9]{1,9}[.)])(?=[ \t]|$)([ \t]*)")
_BOX: Final = re.compile(r"\[([ xX])\](?=[ \t]|$)[ \t]*")
_BREAKS_PARAGRAPH: Final = re.compile(
    r"[ \t]*(?:$|[-*+](?:[ \t]|$)|[0-9]{1,9}[.)](?:[ \t]|$)|#{1,6}(?:[ \t]|$)|<!--|>)"
)
_HEADING: Final = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_NEVER_LAZY: Final = re.compile(r" {0,3}(?:#{1,6}(?:[ \t]|$)|\||>|```|~~~|<!--|(?:[-_*][ \t]*){3,}$)")
_RULE: Final = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DONE_HEADING: Final = re.compile(r"[(:–—-]\s*(?:completed|done|finished)\b|^[#\s]*(?:completed|done|finished)\b", re.I)
_TICK: Final = r"(?:✅|☑️?|✔️?|:white_check_mark:|:heavy_check_mark:)"
_DONE_BEFORE: Final = re.compile(
    rf"{_TICK}|[(\[](?:done|completed?)[)\]]|\*{{0,2}}(?:done|completed)\*{{0,2}}:\*{{0,2}}(?=[ \t])", re.IGNORECASE
)
_DONE_BEHIND: Final = re.compile(
    rf"(?:{_TICK}|[(\[]\*{{0,2}}(?:done|completed?|fixed)\*{{0,2}}[!.]?[)\]])$", re.IGNORECASE
)
_STATUS_DONE: Final = re.compile(r"\b(?:done|completed?|closed|fixed|resolved|shipped|merged|yes)\b|✅|✔|☑|\[x\]", re.I)
_STATUS_DROPPED: Final = re.compile(r"\b(?:dropped|wo[nn]'?t (?:do|fix)|cancell?ed|rejected|abandoned)\b", re.I)
_STATUS_NOT: Final = re.compile(r"\b(?:not|in|partially|n[o']t|to be)\b", re.I)
_DATE: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?=$|[ T,;])")
_DAY_MONTH: Final = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?(?: of)?[ -]([A-Za-z]{3,9})\.?,?[ -]([0-9]{4})$")
_MONTH_DAY: Final = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})$")
_BACKTICKS: Final = re.compile("`+")
_ISO_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_NOBODY: Final = frozenset(("", "-", "--", "—", "–", "n/a", "na", "none", "tbd", "?", "unassigned", "todo"))
_LONGEST_MARK: Final = 24
_FILL: Final = "\ufffc"


class Link(Struct, frozen=True):
    """Where an item is tracked. `url` is empty where only a number such as `#412` stands."""

    text: str
    url: str = ""


class ActionItem(Struct, frozen=True):
    """What an item says. `text` is what stands before its fields; what the fields say stands as it was written.

    `done` and `dropped` begin with a date, as `2026-05-19 3f2c1ab` and `2026-06-11 covered by #430`.
    """

    text: str
    ticked: bool = False
    struck: bool = False
    owners: tuple[str, ...] = ()
    due: str | None = None
    type: str | None = None
    link: Link | None = None
    done: str | None = None
    dropped: str | None = None
    id: str = ""

    @property
    def due_on(self) -> date | None:
        """The day on which it is due; `None` where none is given, and where it is no date."""
        return read_date(self.due) if self.due else None

    @property
    def done_on(self) -> date | None:
        """The day on which it was done, as the item says it."""
        return _leading_date(self.done)

    @property
    def evidence(self) -> str:
        """What shows that it is done: a commit, a link."""
        return _behind_date(self.done)

    @property
    def dropped_on(self) -> date | None:
        """The day on which it was dropped."""
        return _leading_date(self.dropped)

    @property
    def reason(self) -> str:
        """Why it was dropped."""
        return _behind_date(self.dropped)

    @property
    def is_dropped(self) -> bool:
        """Whether nobody will do it."""
        return self.dropped is not None or self.struck

    @property
    def is_done(self) -> bool:
        """Whether it was done: ticked or dated, and not dropped."""
        return not self.is_dropped and (self.ticked or self.done is not None)

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return not self.is_dropped and not self.is_done

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written, as in a template."""
        return not self.text and not self.owners and not self.due and self.link is None

    @property
    def handles(self) -> tuple[str, ...]:
        """The owners that are handles, without their `@`."""
        found = (handle_of(owner) for owner in self.owners)
        return tuple(handle for handle in found if handle)


class Place(Struct, frozen=True):
    """Where something stands: line and column from 1, and the offsets of it in the text of the file."""

    line: int
    column: int
    start: int
    end: int


class PlacedField(Struct, frozen=True):
    """A field of an item: the place of its value; `start` and `end` are the offsets of all of it, its dash included."""

    key: str
    value: Place
    start: int
    end: int
    in_list: bool = False


class PlacedItem(Struct, frozen=True):
    """An item and where it stands. `place` is that of its words, `start` and `end` are the offsets of all its lines.

    `is_task` where it has a box to tick; other items are rows of tables, bullets and numbers, as other archives have
    them. `is_typed` where its id is derived, and not written. `tracker` is its link, or the first issue in its words.
    `box` is the offset of what stands in its box; `edge` is where a further field goes.
    """

    item: ActionItem
    place: Place
    start: int
    end: int
    is_task: bool = False
    is_typed: bool = False
    is_table_row: bool = False
    tracker: Link | None = None
    box: int = -1
    words: tuple[int, int] = (0, 0)
    edge: int = 0
    fields: tuple[PlacedField, ...] = ()

    def field(self, key: str) -> PlacedField | None:
        """Where a field stands, or `None`: the rightmost where it is given twice."""
        return next((field for field in self.fields if field.key == key), None)


# --------------------------------------------------------------------------------------------------------------- dates


def read_date(words: str) -> date | None:
    """A day as people write it: `2026-06-01`, `2026/06/01`, `1 June 2026`, `June 1, 2026`. No guess at `06/01/2026`."""
    words = words.strip().strip("*_`").removesuffix(".")
    match = _DATE.match(words)
    if match:
        return _date(int(match[1]), int(match[3]), int(match[4]))
    match = _DAY_MONTH.match(words)
    if match:
        return _date(int(match[3]), _month(match[2]), int(match[1]))
    match = _MONTH_DAY.match(words)
    return _date(int(match[3]), _month(match[1]), int(match[2])) if match else None


def _month(word: str) -> int:
    names = [name.lower() for name in MONTHS]
    return names.index(word[:3].lower()) + 1 if word[:3].lower() in names else 0


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _leading_date(words: str | None) -> date | None:
    match = _DATE.match(words) if words else None
    return _date(int(match[1]), int(match[3]), int(match[4])) if match else None


def _behind_date(words: str | None) -> str:
    if not words:
        return ""
    match = _DATE.match(words)
    return (words[match.end() :] if match and _leading_date(words) else words).strip(" \t\n,;:")


# ---------------------------------------------------------------------------------------------------------------- read


class _Line(NamedTuple):
    """A line, maybe without its indentation: `start` is the offset of its text, `origin` that of the line itself."""

    number: int
    start: int
    text: str
    origin: int


class _Raw:
    """An item while its lines are gathered. Lines are kept with their place, and without their indentation."""

    def __init__(self, line: _Line, marker: re.Match[str], *, is_done: bool) -> None:
        self.line = line
        self.indent = _width(marker[1])
        self.content = self.indent + len(marker[2]) + 1
        begin = marker.end()
        box = _BOX.match(line.text, begin)
        self.is_task = box is not None
        self.is_ticked = (box is not None and box[1] != " ") or (box is None and is_done)
        self.box = line.start + box.start(1) if box else -1
        self.is_group = False
        begin = box.end() if box else begin
        self.lines = [_Line(line.number, line.start + begin, line.text[begin:], line.origin)]
        self.end = line.start + len(line.text)
        self.fence = ""
        self.in_comment = False
        self.is_after_blank = False

    def add(self, line: _Line) -> None:
        """A further line of the item."""
        if not line.text.strip(" \t"):
            self.is_after_blank = True
            if not self.in_comment:
                self.lines.append(_Line(line.number, line.start + len(line.text), "", line.origin))
            return
        self.is_after_blank = False
        self.end = line.start + len(line.text)
        indentation = _indentation_within(line.text, self.content)
        words = line.text[indentation:]
        if self.in_comment:
            self.in_comment = "-->" not in words
            return
        if self.fence:
            if closes_fence(words, self.fence):
                self.fence = ""
        elif words.lstrip(" \t").startswith("<!--"):
            self.in_comment = "-->" not in words
            return
        else:
            self.fence = opened_fence(words)
        self.lines.append(_Line(line.number, line.start + indentation, words, line.origin))


def read_action_items(text: str, start: int, end: int, *, line: int = 0, incident: str = "") -> tuple[PlacedItem, ...]:
    """The items in a piece of a file, in order: below the heading of a section, up to its end.

    `line` is the number of the line at `start`, counted here where it is not given. `incident` is the id from which
    those of typed lines are derived. Items with a box are tasks; bullets, numbers and rows of a table that has a column
    for owners or dates are read as well. What stands in code and in comments is none. For several pieces of one file
    give all the items together to `identify_items`.
    """
    number = line or text.count("\n", 0, start) + 1
    items = list(_read_pieces(_lines(text, start, end, number)))
    return identify_items(items, incident)


def identify_items(items: Iterable[PlacedItem], incident: str) -> tuple[PlacedItem, ...]:
    """The items with an id each: their own, else one derived from incident, text and ordinal among the same texts."""
    seen: dict[str, int] = {}
    identified: list[PlacedItem] = []
    for placed in items:
        words = placed.item.text
        ordinal = seen.get(words, 0)
        seen[words] = ordinal + 1
        has_id = placed.item.id and not placed.is_typed
        item_id = placed.item.id if has_id else derived_id(incident, words, str(ordinal))
        identified.append(replace(placed, item=replace(placed.item, id=item_id), is_typed=not has_id))
    return tuple(identified)


def new_item_id(incident: str, text: str, *, chance: int, taken: Iterable[str]) -> str:
    """An id for a new item, unlike those in `taken` and unlike any that is derived."""
    standing = set(taken)
    while True:
        item_id = derived_id(incident, text, str(chance), count=1 + chance % 1023)
        if item_id not in standing:
            return item_id
        chance += 1


def _lines(text: str, start: int, end: int, number: int) -> list[_Line]:
    lines: list[_Line] = []
    raw = text[start:end].split("\n")
    if not raw[-1]:
        raw.pop()
    for words in raw:
        lines.append(_Line(number, start, words.rstrip("\r"), start))
        number += 1
        start += len(words) + 1
    return lines


def _width(blank: str) -> int:
    """Columns of blanks; a tab goes to the next multiple of four."""
    width = 0
    for character in blank:
        width += 4 - width % 4 if character == "\t" else 1
    return width


def _indentation(text: str) -> int:
    return _width(text[: len(text) - len(text.lstrip(" \t"))])


def _indentation_within(text: str, columns: int) -> int:
    """How many characters of a line are the indentation that its item gives it: not more than `columns` wide."""
    width = at = 0
    while at < len(text) and text[at] in " \t" and width < columns:
        width += 4 - width % 4 if text[at] == "\t" else 1
        at += 1
    return at


def _read_pieces(lines: list[_Line]) -> Iterator[PlacedItem]:
    """The items in the order in which they begin. An item that only heads others is none."""
    hidden = _hidden_lines(lines)
    raws: list[_Raw | list[_Line]] = []
    stack: list[_Raw] = []
    table: list[_Line] = []
    is_done = False
    for index, line in enumerate(lines):
        if table and (not line.text.strip(" \t") or "|" not in line.text or index in hidden):
            table = []
        if stack and _belongs(line, stack, raws, is_hidden=index in hidden, is_done=is_done):
            continue
        if index in hidden:
            if not line.text.lstrip(" \t").startswith("<!--"):
                stack.clear()
            continue
        if table:
            table.append(line)
            continue
        marker = _MARKER.match(line.text)
        if marker and not _RULE.match(line.text):
            stack[:] = [_Raw(line, marker, is_done=is_done)]
            raws.append(stack[0])
        elif line.text.strip(" \t"):
            stack.clear()
            if _HEADING.match(line.text):
                is_done = _DONE_HEADING.search(line.text) is not None
            elif "|" in line.text and index + 1 < len(lines) and _is_table_line(lines[index + 1].text):
                table = [line]
                raws.append(table)
    for raw in raws:
        if isinstance(raw, list):
            yield from _read_table(raw)
        elif not raw.is_group:
            placed = _read_item(raw)
            if placed is not None:
                yield placed


def _belongs(line: _Line, stack: list[_Raw], raws: list[_Raw | list[_Line]], *, is_hidden: bool, is_done: bool) -> bool:
    """Takes a line into the item that it belongs to, or lets it begin an item within one; says whether it did."""
    top = stack[-1]
    if not line.text.strip(" \t"):
        top.add(line)
        return True
    indent = _indentation(line.text)
    if top.fence or top.in_comment:
        if indent >= min(top.content, 2) and indent > top.indent:
            top.add(line)
            return True
        top.fence, top.in_comment = "", False
    if is_hidden and indent < 2:
        return False
    marker = _MARKER.match(line.text)
    if marker is None or _RULE.match(line.text):
        while len(stack) > 1 and top.is_after_blank and indent < top.content:
            stack.pop()
            stack[-1].is_after_blank = True
            top = stack[-1]
        is_within = indent >= min(top.content, top.indent + 2)
        is_lazy = not top.is_after_blank and not is_hidden and not _NEVER_LAZY.match(line.text)
        if is_within or is_lazy:
            top.add(line)
            return True
        return False
    while stack and indent < min(stack[-1].content, stack[-1].indent + 2):
        stack.pop()
    if not stack:
        return False
    parent = stack[-1]
    nested = _Raw(line, marker, is_done=is_done)
    if _begins_item(nested, parent):
        parent.is_group = parent.is_group or not parent.is_task
        stack.append(nested)
        raws.append(nested)
    else:
        parent.add(line)
    return True


def _begins_item(nested: _Raw, parent: _Raw) -> bool:
    """Whether an item within another is one of its own, and not a part of what the other says."""
    if nested.is_task:
        return not parent.is_task or _has_right_side(nested.lines[0].text)
    is_label = not parent.is_task and parent.lines[0].text.rstrip(" \t*_").endswith(":") and len(parent.lines) == 1
    return (parent.is_group or is_label) and _field_line(nested.lines[0].text) is None


def _has_right_side(words: str) -> bool:
    side = _read_right_side(words, _mask(words), len(words))
    return bool(side.fields or side.id)


def _hidden_lines(lines: list[_Line]) -> frozenset[int]:
    """The indexes of lines in code and comments that stand at the margin. One that never ends is none."""
    hidden: set[int] = set()
    unclosed: dict[str, int] = {}
    has_comment_end = True
    index = 0
    while index < len(lines):
        words = lines[index].text
        begin = index
        if words[:1] in ("`", "~", " "):
            fence = opened_fence(words) if _indentation(words) < 2 else ""
            if fence and len(fence) < unclosed.get(fence[0], len(fence) + 1):
                below = (at for at in range(index + 1, len(lines)) if _indentation(lines[at].text) < 2)
                last = next((at for at in below if closes_fence(lines[at].text, fence)), -1)
                if last < 0:
                    unclosed[fence[0]] = len(fence)
                else:
                    hidden.update(range(begin, last + 1))
                    index = last
        if words.lstrip(" ").startswith("<!--") and _indentation(words) < 2 and has_comment_end:
            below = (at for at in range(index + 1, len(lines)) if ends_comment(lines[at].text))
            last = index if "-->" in words else next(below, -1)
            has_comment_end = last >= 0
            if last >= 0:
                hidden.update(range(begin, last + 1))
                index = last
        index += 1
    return frozenset(hidden)


class _Found(NamedTuple):
    """A field, by offsets into a paragraph: of the whole of it, of its value, and of the sign that makes it one."""

    key: str
    start: int
    end: int
    value_start: int
    value_end: int
    sign: int
    in_list: bool = False


class _RightSide(NamedTuple):
    """What stands to the right of an item's words, from the last to the first; `end` is where the words end."""

    end: int
    fields: list[_Found]
    id: str
    edge: int


class _Paragraph:
    """Lines that are read as one, joined by ends of line, and from where in the file each of them comes."""

    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        self.raw = "\n".join(line.text for line in lines)
        self.masked = "\n".join(_mask(line.text) for line in lines)
        self.begins: list[int] = []
        at = 0
        for line in lines:
            self.begins.append(at)
            at += len(line.text) + 1

    def offset(self, at: int) -> int:
        """The offset in the file."""
        index = bisect_right(self.begins, at) - 1
        return self.lines[index].start + at - self.begins[index]

    def place(self, start: int, end: int) -> Place:
        """The place in the file of a piece of the paragraph."""
        line = self.lines[bisect_right(self.begins, start) - 1]
        offset = self.offset(start)
        return Place(line.number, offset - line.origin + 1, offset, max(offset, self.offset(end)))

    def placed(self, found: _Found) -> PlacedField:
        """A field of it, in the file."""
        value = self.place(found.value_start, found.value_end)
        return PlacedField(found.key, value, self.offset(found.start), self.offset(found.end), found.in_list)


def _read_item(raw: _Raw) -> PlacedItem | None:
    lines = list(raw.lines)
    while len(lines) > 1 and not lines[-1].text.strip(" \t"):
        lines.pop()
    kept, found = _without_field_lines(lines)
    size = _paragraph_size([line.text for line in kept])
    paragraph = _Paragraph(kept[:size])
    words, masked = paragraph.raw, paragraph.masked
    first_end = words.find("\n")
    side = _read_right_side(words, masked, first_end if first_end >= 0 else len(words))
    fields, item_id, edge, end, rest = side.fields, side.id, side.edge, side.end, ""
    struck, begin, stop = _struck(words, masked, 0, end)
    if first_end >= 0 and not item_id:  # with an id it is ours, and the lines below are words and no more
        # What the first line ends with is whole, unless it is words that may go on below.
        is_whole = bool(fields) and fields[0].key not in (DONE, DROPPED) and fields[0].value_end > fields[0].value_start
        below = _read_right_side(words, masked, len(words), begin=first_end if is_whole or struck else 0)
        if is_whole or struck:
            fields = fields + below.fields
            edge = below.edge if below.fields or below.id else edge
            rest = words[first_end : below.end]
        else:
            fields, edge, end = below.fields, below.edge, below.end
            struck, begin, stop = _struck(words, masked, 0, end)
        item_id = below.id
    elif first_end >= 0:
        rest = words[first_end:]
    if struck:
        inner = _read_right_side(words, masked, stop, begin=begin)
        fields, stop = fields + inner.fields, inner.end
    found = [(paragraph, field) for field in fields] + found
    plain, ticked = _unescaped(words[begin:stop] + rest), raw.is_ticked
    if not raw.is_task:
        plain, has_mark = _without_done_mark(plain)
        ticked = ticked or has_mark
    text = "\n".join([plain, *unescape_lines([line.text.rstrip(" \t") for line in kept[size:]])]).strip("\n \t")
    item = _with_fields(ActionItem(text=text, ticked=ticked, struck=struck, id=item_id), found)
    if not raw.is_task and item.is_blank:
        return None
    line_end = words.find("\n", begin, stop)
    return PlacedItem(
        item=item,
        place=paragraph.place(begin, line_end if line_end >= 0 else stop),
        start=raw.line.start,
        end=raw.end,
        is_task=raw.is_task,
        is_typed=not item_id,
        tracker=item.link or _issue_in(lines),
        box=raw.box,
        words=(paragraph.offset(begin), paragraph.offset(stop)),
        edge=paragraph.offset(edge),
        fields=tuple(owner.placed(field) for owner, field in found),
    )


def _without_field_lines(lines: list[_Line]) -> tuple[list[_Line], list[tuple[_Paragraph, _Found]]]:
    """The lines, and the fields that have a line of their own, as `Owner: Bob` below an item."""
    kept, found, fence = lines[:1], [], ""
    for line in lines[1:]:
        if fence:
            fence = "" if closes_fence(line.text, fence) else fence
            kept.append(line)
            continue
        fence = opened_fence(line.text)
        field = None if fence else _field_line(line.text)
        if field:
            found.append((_Paragraph([line]), field))
        else:
            kept.append(line)
    return kept, found


def _field_line(words: str) -> _Found | None:
    """A line that is one field and no more, with or without a bullet."""
    bullet = _MARKER.match(words)
    begin = bullet.end() if bullet else len(words) - len(words.lstrip(" \t"))
    match = _KEYED.match(words, begin)
    if match is None:
        return None
    end = _stripped(words, begin, len(words))
    return _Found(_KEYS[match[1].lower()], begin, end, min(match.end(), end), end, match.start(2), in_list=True)


def _paragraph_size(lines: list[str]) -> int:
    """How many of an item's lines are read as one with its first."""
    size = 1
    while size < len(lines) and not _BREAKS_PARAGRAPH.match(lines[size]) and not opened_fence(lines[size]):
        size += 1
    return min(size, len(lines))


def _mask(line: str) -> str:
    """A line in which code, links and what is escaped are filled up: what is left can be looked at sign by sign."""
    has_link = "](" in line
    if not has_link and "\\" not in line and "`" not in line:
        return line
    runs: dict[int, list[int]] = {}
    for run in _BACKTICKS.finditer(line):
        runs.setdefault(len(run[0]), []).append(run.start())
    pieces: list[str] = []
    done = 0
    while True:
        found = (_MASKED if has_link else _MASKED_WITHOUT_LINKS).search(line, done)
        if found is None:
            break
        begin, end = found.span()
        if found[0][0] == "`":
            closings = runs.get(end - begin, [])
            at = bisect_left(closings, end)
            end = closings[at] + end - begin if at < len(closings) else end
            filled = end > found.end()
        elif found[0] == "[":
            link = _LINK.match(line, begin)
            end = link.end() if link else end
            filled = link is not None
        else:
            filled = True
        pieces += [line[done:begin], _FILL * (end - begin) if filled else line[begin:end]]
        done = end
    return "".join((*pieces, line[done:]))


def _stripped(words: str, start: int, end: int) -> int:
    """The end without blanks before it."""
    while end > start and words[end - 1] in " \t\n":
        end -= 1
    return end


def _skipped(words: str, start: int, end: int) -> int:
    """The start without blanks behind it."""
    while start < end and words[start] in " \t\n":
        start += 1
    return start


def _read_right_side(raw: str, masked: str, end: int, *, begin: int = 0) -> _RightSide:
    """Comments and fields at the end of a text, from the right, as long as each has its form; no field but owner twice."""
    end = _stripped(raw, begin, end)
    item_id = ""
    while raw.endswith("-->", begin, end):
        opening = raw.rfind("<!--", begin, end)
        if opening < 0 or masked[opening] != "<" or "-->" in raw[opening : end - 3]:
            break
        comment = raw[opening + 4 : end - 3].strip()
        if comment.startswith("a:") and ENTRY_ID.fullmatch(comment[2:]):
            item_id = item_id or comment[2:]
        end = _stripped(raw, begin, opening)
    edge = end
    separators = [match.span() for match in _SEPARATOR.finditer(masked, begin, end)]
    fields: list[_Found] = []
    keys: set[str] = set()
    while True:
        group = _read_group(raw, masked, begin, end)
        if group and not any(field.key in keys for field in group):
            fields += reversed(group)
            keys.update(field.key for field in group if field.key != OWNER)
            end = group[0].start
            continue
        while separators and separators[-1][0] >= end:
            separators.pop()
        at, field = len(separators) - 1, None
        if separators:
            field = _segment(raw, begin, separators[at], end)
            while field is None and at > 0:
                at -= 1
                keyed = _KEYED.match(raw, _skipped(raw, separators[at][1], end), end)
                if keyed and _KEYS[keyed[1].lower()] not in (DONE, DROPPED):
                    break
                field = _segment(raw, begin, separators[at], end) if keyed else None
        if field is None or field.key in keys:
            return _RightSide(end, fields, item_id, edge)
        fields.append(field)
        if field.key != OWNER:
            keys.add(field.key)
        end = field.start
        del separators[at:]


def _segment(raw: str, begin: int, separator: tuple[int, int], end: int) -> _Found | None:
    """What stands behind a separator, where it is a field."""
    start = _skipped(raw, separator[1], end)
    read = _read_field(raw, start, end)
    if read is None:
        return None
    key, value_start, sign = read
    return _Found(key, _stripped(raw, begin, separator[0]), end, value_start, end, sign)


def _read_field(raw: str, start: int, end: int) -> tuple[str, int, int] | None:
    """The key of a field, where its value begins, and the sign that makes it one."""
    keyed = _KEYED.match(raw, start, end)
    if keyed:
        return _KEYS[keyed[1].lower()], min(keyed.end(), end), keyed.start(2)
    if _HANDLES.fullmatch(raw, start, end):
        return OWNER, start, start
    if _LINK.fullmatch(raw, start, end):
        return LINK, start, start
    bare = _BARE_LINK.fullmatch(raw, start, end)
    if bare:
        sign = start if bare[1] else raw.index(":", start) if bare[2] else start + len(bare[3].rstrip("0123456789")) - 1
        return LINK, start, sign
    unkeyed = _UNKEYED.match(raw, start, end)
    if unkeyed:
        return (DUE, unkeyed.end(), unkeyed.start(2)) if unkeyed["due"] else (OWNER, unkeyed.end(), unkeyed.start(4))
    return None


def _read_group(raw: str, masked: str, begin: int, end: int) -> list[_Found]:
    """`(@bob, due 2026-06-01)` at the end: its fields in order, or none where a part of it is something else."""
    if not masked.endswith(")", begin, end):
        return []
    opening = masked.rfind("(", begin, end)
    if opening < 0 or masked.find(")", opening, end) != end - 1 or raw[opening - 1 : opening].strip(" \t\n"):
        return []
    start = _stripped(raw, begin, opening)
    fields: list[_Found] = []
    at = opening + 1
    while at < end:
        stops = [stop for mark in ",;" if (stop := masked.find(mark, at, end - 1)) >= 0]
        stop = min(stops, default=end - 1)
        part, part_end = _skipped(raw, at, stop), _stripped(raw, at, stop)
        read = _read_field(raw, part, part_end)
        due = _DUE_WORDS.match(raw, part, part_end)
        if read is None and due:
            read = (DUE, due.end(), opening)
        if read is None and fields and _ISO_DAY.fullmatch(raw, part, part_end):
            read = (DUE, part, opening)
        if read is not None:
            fields.append(_Found(read[0], start, end, read[1], max(read[1], part_end), opening, in_list=True))
        elif fields and fields[-1].key == DUE:  # June 1, 2026
            fields[-1] = fields[-1]._replace(value_end=part_end)
        else:
            return []
        at = stop + 1
    return fields


def _struck(words: str, masked: str, begin: int, end: int) -> tuple[bool, int, int]:
    """Whether all of it is struck through, and where the words themselves begin and end."""
    begin = _skipped(words, begin, end)
    end = _stripped(words, begin, end)
    has_marks = masked.startswith("~~", begin) and masked.endswith("~~", begin, end) and end - begin > 4
    if has_marks and masked.find("~~", begin + 2, end - 2) < 0:
        return True, begin + 2, end - 2
    return False, begin, end


def _unescaped(words: str) -> str:
    return "\n".join(unescape_line(line.rstrip(" \t")) for line in words.split("\n"))


def _without_done_mark(words: str) -> tuple[str, bool]:
    """The words without `(DONE)`, a tick and the like, and whether there was one."""
    match = _DONE_BEFORE.match(words) or _DONE_BEHIND.search(words, max(0, len(words) - _LONGEST_MARK))
    return (words, False) if match is None else ((words[: match.start()] + words[match.end() :]).strip(), True)


def _with_fields(item: ActionItem, found: list[tuple[_Paragraph, _Found]]) -> ActionItem:
    """The item with what its fields say: the rightmost, where one is given twice; of owners all, from the left."""
    owners: list[list[str]] = []
    values: dict[str, str | Link | None] = {}
    for paragraph, field in found:
        value = paragraph.raw[field.value_start : field.value_end].replace("\n", " ")
        if field.key == OWNER:
            owners.append(_read_owners(value))
        elif field.key == LINK:
            values.setdefault(LINK, _read_link(value))
        else:
            values.setdefault(field.key, unescape_line(value).strip() or None)
    names = tuple(name for each in reversed(owners) for name in each)
    return replace(item, owners=names, **values) if names or values else item


def _read_owners(words: str) -> list[str]:
    names = (unescape_line(name).strip(" \t*_") for name in _BETWEEN_OWNERS.split(words))
    return [name for name in names if name and name.lower() not in _NOBODY]


def _read_link(words: str) -> Link | None:
    match = _LINK.search(words)
    if match:
        return Link(unescape_line(match[1]), match[2])
    url = _BARE_LINK.search(words)
    if url and (url[1] or url[2]):
        return Link("", url[1] or url[2])
    return Link(unescape_line(words)) if words.strip() and words.strip().lower() not in _NOBODY else None


def _issue_in(lines: list[_Line]) -> Link | None:
    """The first issue or pull request that is named in an item's words."""
    for line in lines:
        for match in _URL.finditer(line.text) if "://" in line.text else ():
            if _ISSUE_PATH.search(match[0]):
                return Link("", match[0])
    return None


# -------------------------------------------------------------------------------------------------------------- tables


def _is_table_line(words: str) -> bool:
    return "-" in words and "|" in words and not words.strip(" \t:|-")


def _read_table(lines: list[_Line]) -> Iterator[PlacedItem]:
    """The rows of a table that has a column for owners or dates."""
    columns = [_column(lines[0].text[start:end]) for start, end in _cells(lines[0].text)]
    if len(lines) < 3 or not {OWNER, DUE} & set(columns):
        return
    if "text" not in columns:
        columns[next((index for index, column in enumerate(columns) if column is None), 0)] = "text"
    for line in lines[2:]:
        placed = _read_row(line, columns)
        if placed is not None:
            yield placed


def _column(words: str) -> str | None:
    return _COLUMNS.get(unescape_line(words).strip(" \t*_:`").lower())


def _cells(row: str) -> list[tuple[int, int]]:
    """Where the cells of a row begin and end, without the blanks around them."""
    masked = _mask(row)
    begin, stop = _skipped(row, 0, len(row)), _stripped(row, 0, len(row))
    begin += masked.startswith("|", begin)
    stop -= masked.endswith("|", begin, stop)
    cells: list[tuple[int, int]] = []
    while begin <= stop:
        end = masked.find("|", begin, stop)
        end = stop if end < 0 else end
        start = _skipped(row, begin, end)
        cells.append((start, _stripped(row, start, end)))
        begin = end + 1
    return cells


def _read_row(line: _Line, columns: list[str | None]) -> PlacedItem | None:
    paragraph = _Paragraph([line])
    found: list[tuple[_Paragraph, _Found]] = []
    status, words = "", (0, 0)
    item = ActionItem("")
    cells = _cells(line.text)
    if not any(end > start for start, end in cells):
        return None
    for column, (start, end) in zip(columns, cells, strict=False):
        if column == "text" and not item.text:
            struck, begin, stop = _struck(line.text, paragraph.masked, start, end)
            item = ActionItem(_unescaped(line.text[begin:stop]), struck=struck)
            words = (begin, stop)
        elif column == "status":
            status = line.text[start:end]
        elif column in (OWNER, DUE, TYPE, LINK):
            found.append((paragraph, _Found(column, start, end, start, end, start, in_list=True)))
    text, has_mark = _without_done_mark(item.text)
    is_done = _STATUS_DONE.search(status) is not None and not _STATUS_NOT.search(status)
    is_dropped = _STATUS_DROPPED.search(status) is not None
    item = replace(item, text=text, ticked=has_mark or is_done, struck=item.struck or is_dropped)
    item = _with_fields(item, found)
    return PlacedItem(
        item=item,
        place=paragraph.place(*words),
        start=line.start,
        end=line.start + len(line.text),
        is_typed=True,
        is_table_row=True,
        tracker=item.link if item.link and item.link.url else _issue_in([line]) or item.link,
        words=(line.start + words[0], line.start + words[1]),
        edge=line.start + len(line.text),
        fields=tuple(owner.placed(field) for owner, field in found),
    )


# -------------------------------------------------------------------------------------------------------------- render


def render_item(item: ActionItem) -> list[str]:
    """The lines of an item, without their ends. Reading them gives the same item, for any text."""
    first, *further = item.text.split("\n")
    lines = _escape_text(first, further, struck=item.struck)
    words = f"~~{lines[0]}~~" if item.struck and item.text else lines[0]
    line = f"- [{'x' if item.ticked else ' '}]" + (f" {words}" if words else "")
    line += "".join(f" — {written_field(key, value)}" for key, value in render_fields(item).items())
    if item.id:
        line += f" <!-- a:{item.id} -->"
    return [line, *(f"  {each}" if each else "" for each in lines[1:])]


def render_fields(item: ActionItem) -> dict[str, str]:
    """The values of an item's fields as they are written, in their order; those that it does not have are left out."""
    values = {
        OWNER: ", ".join(_escape_value(owner) for owner in item.owners),
        DUE: _escape_value(item.due or ""),
        TYPE: _escape_value(item.type or ""),
        LINK: render_link(item.link) if item.link else "",
        DONE: _escape_value(item.done or ""),
        DROPPED: _escape_value(item.dropped or ""),
    }
    return {key: value for key, value in values.items() if value}


def written_field(key: str, value: str) -> str:
    """A field as it is written. A link that shows itself as one needs no key."""
    is_link = key == LINK and (_LINK.fullmatch(value) or _BARE_LINK.fullmatch(value))
    return value if is_link else f"{key}: {value}"


def render_link(link: Link) -> str:
    """A link as it is written in an item."""
    if not link.url:
        return link.text if _BARE_LINK.fullmatch(link.text) else _escape_value(link.text).replace("[", "\\[")
    if not link.text:
        return link.url if _BARE_LINK.fullmatch(link.url) else f"[]({link.url})"
    # No code in it: what stands between backticks could not be escaped, and a bracket there would end the link.
    text = re.sub(r"([\\\[\]`]|<(?=!--))", r"\\\1", " ".join(link.text.split()))
    return f"[{text}]({link.url})"


def _escape_text(first: str, further: list[str], *, struck: bool) -> list[str]:
    escaped = [_escape_line(first, struck=struck, is_first=True), *escape_lines(further)]
    size = _paragraph_size(escaped)
    paragraph = [escaped[0], *(_escape_line(line) for line in [first, *further][1:size])]
    paragraph[0] = _guarded(paragraph[0])
    paragraph = _guarded("\n".join(paragraph)).split("\n")
    lines = [*paragraph, *escaped[size:]]
    fence = ""
    for index, line in enumerate(lines[1:], 1):
        if fence:
            fence = "" if closes_fence(line, fence) else fence
            continue
        fence = opened_fence(line)
        if not fence:
            lines[index] = _without_meaning(line)
    return lines


def _without_meaning(line: str) -> str:
    """A further line that is neither a field nor an item of its own."""
    field = _field_line(line)
    marker = _MARKER.match(line)
    sign = field.sign if field else marker.end() if marker and _BOX.match(line, marker.end()) else None
    return line if sign is None else line[:sign] + "\\" + line[sign:]


def _escape_value(value: str) -> str:
    """What a field says, on one line: nothing in it reads as another field, or ends a link that the words have begun."""
    escaped = _guarded(_escape_line(" ".join(value.split())))
    masked = _mask(escaped)
    return "".join("\\]" if masked[at] == "]" else character for at, character in enumerate(escaped))


def _mask_code(line: str) -> str:
    """A line of plain words in which what stands between backticks is filled up."""
    runs = [run.span() for run in _BACKTICKS.finditer(line)]
    places: dict[int, list[int]] = {}
    for begin, end in runs:
        places.setdefault(end - begin, []).append(begin)
    pieces: list[str] = []
    done = 0
    for begin, end in runs:
        closings = places[end - begin]
        at = bisect_left(closings, end)
        if begin >= done and at < len(closings):
            stop = closings[at] + end - begin
            pieces += [line[done:begin], _FILL * (stop - begin)]
            done = stop
    return "".join((*pieces, line[done:]))


def _escape_line(line: str, *, struck: bool = False, is_first: bool = False) -> str:
    """A line as Markdown. Code stands as it is; no other run of backticks is left that could pair with one further on."""
    pieces: list[str] = []
    masked = _mask_code(line)
    for at, character in enumerate(line):
        following = line[at + 1 : at + 2]
        needs_backslash = masked[at] != _FILL and (
            character == "`"
            or (character == "\\" and (following in _PUNCTUATION if following else struck))
            or (character == "<" and line.startswith("<!--", at))
            or (character == "~" and (struck or (is_first and at == 0)))
        )
        pieces.append("\\" + character if needs_backslash else character)
    return "".join(pieces)


def _guarded(words: str) -> str:
    """Escaped words in which nothing reads as a field, whatever comes behind them."""
    masked = "\n".join(_mask(line) for line in words.split("\n"))
    separators = [match.span() for match in _SEPARATOR.finditer(masked)]
    starts = [0, *(span[1] for span in separators)]
    ends = [*(span[0] for span in separators), len(words)]
    signs: set[int] = set()
    for index, (start, stop) in enumerate(zip(starts, ends, strict=True)):
        end = _stripped(words, start, stop)
        while group := _read_group(words, masked, start, end):
            signs.add(group[0].sign)
            end = group[0].start
        read = _read_field(words, _skipped(words, start, stop), _stripped(words, start, stop)) if index else None
        read = read or (_read_field(words, _skipped(words, start, end), end) if index else None)
        if read:
            signs.add(read[2])
    pieces: list[str] = []
    done = 0
    for sign in sorted(signs):
        pieces += [words[done:sign], "\\"]
        done = sign
    return "".join((*pieces, words[done:]))
