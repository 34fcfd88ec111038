"""The front matter of two versions to one, key by key, on the raw text: comments, quotes and unknown keys included. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from incidentctl.document.edit import same_value
from incidentctl.document.front_matter import flow_list
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import Document
from incidentctl.incident.entries import FOLDED_KEYS
from incidentctl.incident.model import Value


class KeyText(Struct, frozen=True):
    """The lines of one key: those of its value, and those behind it, up to the next key. Line ends included."""

    lines: str
    behind: str
    value: Value


class Head(Struct, frozen=True):
    """A front matter in pieces that make up all of its text: what stands before the first key, and the keys in order."""

    lead: str
    keys: Mapping[str, KeyText]

    @property
    def text(self) -> str:
        """What it was read from."""
        return self.lead + "".join(key.lines + key.behind for key in self.keys.values())


class KeyClash(Struct, frozen=True):
    """A key that both sides changed to different values; the lines of each, empty where a side removed it."""

    key: str
    ours: str
    theirs: str


class MergedHead(Struct, frozen=True):
    """The merged front matter. Where a key clashes the first side's lines stand. `hold` are folded keys whose value is not their
    entries': a hand edit that the next write takes in."""

    head: Head
    hold: frozenset[str] = frozenset()
    clashes: tuple[KeyClash, ...] = ()


EMPTY: Final = Head("", {})


def read_head(document: Document) -> Head | None:
    """The front matter of a document in pieces; `None` where it has none that can be taken apart, line by line."""
    front, text = document.front, document.text
    if front is None or not front.is_readable or not front.can_add:
        return None
    places = sorted(front.places.items(), key=lambda item: item[1].start)
    starts = [place.start for _, place in places] + [front.end]
    keys: dict[str, KeyText] = {}
    for (key, place), start, following in zip(places, starts, starts[1:], strict=False):
        end = text.find("\n", place.value_end, following)
        end = following if end < 0 else end + 1
        if start >= following or start < front.start or end > following:
            return None
        keys[key] = KeyText(text[start:end], text[end:following], front.values.get(key))
    head = Head(text[front.start : starts[0]], keys)
    is_whole = head.text == text[front.start : front.end] and (not head.text or head.text.endswith("\n"))
    return head if is_whole else None


def merge_heads(
    base: tuple[Document, Head] | None, ours: tuple[Document, Head], theirs: tuple[Document, Head], *, is_record: bool
) -> MergedHead | None:
    """The front matter of both sides. `is_record`: an incident's, where the folded keys follow from the entries of the whole, and
    only those are kept here that a person changed by hand. `None` where comments clash: that is for git's own merge."""
    old, mine, other = base[1] if base else EMPTY, ours[1], theirs[1]
    lead = _three(old.lead, mine.lead, other.lead)
    by_hand = [differing_keys(side[0]) if side and is_record else () for side in (base, ours, theirs)]
    keys: dict[str, KeyText] = {}
    hold: set[str] = set()
    clashes: list[KeyClash] = []
    for key in _in_order(mine.keys, other.keys):
        sides = (old.keys.get(key), mine.keys.get(key), other.keys.get(key))
        if is_record and key in FOLDED_KEYS:
            chosen, is_held, is_clash = _folded(key, sides, [key in keys for keys in by_hand])
            if is_held:
                hold.add(key)
        else:
            chosen, is_clash = _plain(key, sides)
        if is_clash:
            clashes.append(KeyClash(key, *(each.lines if each else "" for each in sides[1:])))
        if chosen is not None:
            behind = _three(*(each.behind if each else None for each in sides))
            if behind is _CLASH:
                return None
            keys[key] = KeyText(chosen.lines, str(behind or ""), chosen.value)
    if lead is _CLASH:
        return None
    return MergedHead(Head(str(lead), keys), frozenset(hold), tuple(clashes))


class _Clash:
    """What both sides changed, each in its own way."""


_CLASH: Final = _Clash()


def _three(base: str | None, ours: str | None, theirs: str | None) -> str | None | _Clash:
    if ours == theirs or theirs == base:
        return ours
    return theirs if ours == base else _CLASH


def _in_order(ours: Iterable[str], theirs: Iterable[str]) -> list[str]:
    """The keys of both, in our order; each that only they have behind the one that stands before it with them."""
    order = [*ours]
    at = 0
    for key in theirs:
        if key in order:
            at = order.index(key) + 1
        else:
            order.insert(at, key)
            at += 1
    return order


def _plain(key: str, sides: tuple[KeyText | None, KeyText | None, KeyText | None]) -> tuple[KeyText | None, bool]:
    """The key as it becomes, and whether it clashes."""
    _, mine, other = sides
    raw = [each.lines if each else None for each in sides]
    if raw[1] == raw[2] or raw[2] == raw[0]:
        return mine, False
    if raw[1] == raw[0]:
        return other, False
    if mine is not None and other is not None:
        if mine.value == other.value:
            return mine, False
        lists = [each.value if each else () for each in sides]
        if all(isinstance(value, tuple) and all(isinstance(item, str) for item in value) for value in lists):
            return _united(key, mine, *lists), False
    return mine or other, True


def _united(key: str, mine: KeyText, old: Value, ours: Value, theirs: Value) -> KeyText:
    """Lists are sets with an order: what one side removed is gone, and what they added stands at the end, by name."""
    was, first, second = (tuple(str(item) for item in value or ()) for value in (old, ours, theirs))
    kept = [item for item in dict.fromkeys(was) if item in first and item in second]
    added = sorted({*first, *second} - {*was})
    items = (*kept, *added)
    line_end = "\r\n" if mine.lines.endswith("\r\n") else "\n"
    name = mine.lines[: mine.lines.index(":") + 1]
    return KeyText(f"{name} {flow_list(items)}{line_end}", mine.behind, items)


def _folded(
    key: str, sides: tuple[KeyText | None, KeyText | None, KeyText | None], by_hand: Sequence[bool]
) -> tuple[KeyText | None, bool, bool]:
    """A folded key as it becomes before it is folded again, whether it is held, and whether two hand edits of it clash.

    `by_hand` says of each side whether the key has a value that its entries do not give.
    """
    old, mine, other = sides
    was_by_hand, *is_by_hand = by_hand
    edited = [is_edit and _differs(key, old, side) for is_edit, side in zip(is_by_hand, (mine, other), strict=True)]
    if all(edited):
        return mine, True, _differs(key, mine, other)
    if any(edited):
        return (mine if edited[0] else other), True, False
    # A hand edit that stood before both: held as long as neither side has taken it in.
    return (mine or other), was_by_hand and all(is_by_hand), False


def _differs(key: str, one: KeyText | None, another: KeyText | None) -> bool:
    first, second = (each.value if each else None for each in (one, another))
    if first == second:
        return False
    return not (isinstance(second, str | None) and same_value(key, first, second))
