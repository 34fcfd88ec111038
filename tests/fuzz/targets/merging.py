"""Merging two versions of a file: nothing lost, the same in either order, again the same, valid afterwards."""

from difflib import SequenceMatcher
from io import StringIO
from typing import NamedTuple

from msgspec.structs import replace

from incidentctl.document.edit import EditError, apply_edit, set_key
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.merge import Merged, merge_versions
from incidentctl.document.parse import parse_document
from incidentctl.incident.entries import FOLDED_KEYS
from incidentctl.incident.model import Value
from tests.fuzz.seeds import DOCUMENT_WORDS, POSTMORTEM_WORDS, documents
from tests.fuzz.target import INCIDENT, Choices, Target, joined, parts_of, text_of
from tests.fuzz.targets.entries import chosen_entry
from tests.lint.documents import COMPLETE

_OWN_KEYS = ("title", "x-team", "services", "root_cause")


def merge_lines(ours: str, base: str, theirs: str) -> tuple[str, bool]:
    """A merge of lines as git does it, in process: thousands of programs a minute would be most of the time."""
    old, one, other = (StringIO(text).readlines() for text in (base, ours, theirs))
    mine, yours = _kept(old, one), _kept(old, other)
    merged: list[str] = []
    is_clean = True
    at = at_one = at_other = 0
    for line in [*range(len(old)), None]:
        if line is not None and (line not in mine or line not in yours):
            continue
        end, end_one, end_other = (
            (line, mine[line], yours[line]) if line is not None else (len(old), len(one), len(other))
        )
        before, left, right = old[at:end], one[at_one:end_one], other[at_other:end_other]
        if left in (right, before):
            merged += right
        elif right == before:
            merged += left
        else:
            merged += ["<<<<<<< ours\n", *_ended(left), "=======\n", *_ended(right), ">>>>>>> theirs\n"]
            is_clean = False
        if line is not None:
            merged.append(old[line])
            at, at_one, at_other = end + 1, end_one + 1, end_other + 1
    return "".join(merged), is_clean


def _ended(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1].removesuffix("\n") + "\n"] if lines else []


def _kept(old: list[str], new: list[str]) -> dict[int, int]:
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {block.a + offset: block.b + offset for block in blocks for offset in range(block.size)}


class _Case(NamedTuple):
    """What is merged, and as which kind of file."""

    base: str | None
    ours: str
    theirs: str
    is_record: bool

    def merged(self, base: str | None, ours: str, theirs: str) -> Merged:
        return merge_versions(base, ours, theirs, incident=INCIDENT, is_record=self.is_record, merge_lines=merge_lines)


def versions(data: bytes) -> None:
    """Two people change one file as people and commands do."""
    chosen, text = parts_of(data, 2)
    choices = Choices(chosen)
    base = text_of(text)
    ours, theirs = _changed(base, choices, "a"), _changed(base, choices, "b")
    has_base, is_record = choices.number(12) != 11, not base.startswith("---\nincident:")
    _check(_Case(base if has_base else None, ours, theirs, is_record))


def texts(data: bytes) -> None:
    """Any three texts."""
    base, ours, theirs = (text_of(each) for each in parts_of(data, 3))
    for is_record in (True, False):
        _check(_Case(base or None, ours, theirs, is_record))


def _check(case: _Case) -> None:
    base, ours, theirs, is_record = case
    merged, other_way = case.merged(base, ours, theirs), case.merged(base, theirs, ours)
    assert merged.is_clean == other_way.is_clean, "a conflict in one order only"
    assert case.merged(base, ours, ours).text == ours, "a version with itself"
    if base is not None:
        assert case.merged(base, ours, base).text == ours, "a version with the one that it comes from"
    _assert_nothing_is_lost(base, ours, theirs, merged.text)
    if not merged.is_clean:
        return
    assert merged.text == other_way.text, "the order makes a difference"
    for side in (ours, theirs):
        again = case.merged(side, merged.text, side)
        assert again.text == merged.text and again.is_clean, "merging again changes something"
    before = [
        parse_document(each, incident=INCIDENT) for each in ((base,) if base is not None else ()) + (ours, theirs)
    ]
    if is_record and all(each.is_readable and not differing_keys(each) for each in before):
        after = parse_document(merged.text, incident=INCIDENT)
        assert after.is_readable, f"it cannot be read any more: {after.faults[:1]}"
        assert differing_keys(after) == (), "the front matter does not say what the entries say"


def _assert_nothing_is_lost(base: str | None, ours: str, theirs: str, merged: str) -> None:
    old, one, other, new = (parse_document(each or "", incident=INCIDENT) for each in (base, ours, theirs, merged))
    written = [{entry.id for entry in each.entries if not entry.typed} for each in (old, one, other)]
    # What stood in the base, be it under another heading, may have been removed on one side.
    known = written[0] | {entry_id for entry_id in written[1] | written[2] if f"e:{entry_id}" in (base or "")}
    for entry_id in (written[1] | written[2]) - known | (written[1] & written[2]):
        assert f"e:{entry_id}" in merged, f"entry {entry_id} was lost"
    if new.front is None or not all(each.is_readable for each in (one, other, new)):
        return
    values = [each.front.values if each.front else {} for each in (old, one, other)]
    for key in (values[1].keys() | values[2].keys()) - set(FOLDED_KEYS):
        was, left, right = (each.get(key) for each in values)
        if left == right or right == was:
            assert new.value(key) == left, f"{key} was changed by nobody, or by one alone"
        elif left == was:
            assert new.value(key) == right, f"{key} was changed by one alone"


def _changed(text: str, choices: Choices, side: str) -> str:
    for number in range(choices.number(4)):
        text = _one_change(text, choices, f"zz{side}{number:03d}", side)
    return text


def _one_change(text: str, choices: Choices, entry_id: str, side: str) -> str:
    document = parse_document(text, incident=INCIDENT)
    lines = text.split("\n")
    match choices.number(8):
        case 0 | 1 | 2:
            entry = replace(chosen_entry(choices, f"words of {side}"), id=entry_id)
            return apply_edit(document, incident=INCIDENT, entries=(entry,), hold=differing_keys(document))[0]
        case 3:
            key = choices.of(_OWN_KEYS)
            value: Value = choices.of((f"of {side}", "of both", None, (f"of {side}", "of both")))
        case 4:
            key = choices.of(("status", "severity", "commander", "resolved_at"))
            value = choices.of(("resolved", "SEV1", side, "2026-05-14T11:00:00Z", None))
        case 5:
            at = choices.number(len(lines))
            return "\n".join([*lines[:at], f"a line of {side}", *lines[at:]])
        case 6:
            at = choices.number(len(lines))
            return "\n".join([*lines[:at], *lines[at + 1 :]])
        case _:
            placed = choices.of(document.placed) if document.placed else None
            if placed is None:
                return f"{text}\n## Notes of {side}\n"
            words = choices.of(("", f"- 2026-05-14T10:07Z typed by {side} — @bob", None))
            if words is None:
                return text[: placed.end] + f"\n  further words of {side}" + text[placed.end :]
            return text[: placed.start] + words + text[placed.end :]
    try:
        return set_key(document, key, value)
    except EditError:
        return text


def _seeds() -> list[bytes]:
    bases = [*documents()[:3], documents()[7], COMPLETE]
    scripts = [bytes((2, op, n, 1, n, 0, 0, 0, 0, 3, op, n, 2, 1, other, n, 1)) for n, (op, other) in enumerate(_OPS)]
    return [joined(script, base) for base in bases for script in scripts]


_OPS = ((0, 3), (3, 3), (4, 0), (5, 6), (6, 7), (7, 7), (3, 4))


def _triples() -> list[bytes]:
    one = documents()[0]
    return [
        joined(one, one.replace("SEV1", "SEV2"), one.replace("\n## Timeline", "\nx\n\n## Timeline")),
        joined("", documents()[5], documents()[6]),
        joined(documents()[2], documents()[5], documents()[9]),
        joined(COMPLETE, COMPLETE.replace("[ ]", "[x]"), COMPLETE.replace("@bob", "@cleo")),
    ]


TARGETS = (
    Target("merge", versions, _seeds, DOCUMENT_WORDS, 3_000),
    Target("merge-texts", texts, _triples, POSTMORTEM_WORDS, 8_000),
)
