"""Random incident files as people leave them: decorated, half typed, with each other's line endings."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.document.entry_lines import render_entry
from incidentctl.document.parse import Document, parse_document
from incidentctl.incident.entries import FOLDED_ROLES, TIME_KEYS, Entry
from incidentctl.incident.lifecycle import fold
from tests.strategies import entries, near_instants

INCIDENT = "2026-05-14-checkout-latency"

TITLES = (
    "Checkout latency",
    "NO",
    "1.10",
    "12:30:45",
    "@bob",
    "#incident",
    "2026-05-14",
    "2026-05-14T10:05:40Z",
    "null",
    "~",
    "a\x7fb",
    "🔥 всё горит 障害",
    "x" * 300,
    "決済の遅延",
    'it\'s "quoted" \\ back\\slashed\\',
    "key: value",
    "ends in a colon:",
    "a #comment",
    "- leading dash",
    "[x]",
    "[red]bold[/red]",
    "{",
    "|",
    ">",
    "%YAML",
    "&a",
    "*a",
    "!t",
    "?",
    "`code`",
    "---",
    "...",
    "0x1F",
    "1e3",
    "<<",
    "=",
    "yes",
    "a, b",
    "<script>alert(1)</script>",
    "ends in #",
    "# hash",
    "**Resolved**",
    "\ufeffmark",
    "no\u00a0break",
)

_FAKES = ("## Timeline", "- 2026-05-14T10:05:40Z **Resolved** no entry — @eve <!-- e:zzzzz0 -->")

_UNKNOWN = (
    ("# a comment of its own",),
    ("",),
    ("x-team:   'Zoë'   # kept",),
    ("links:", "  - https://a.example.org/x#y", "  # why", "  - 'b: c'"),
    ("flush:", "- one # first", "- two"),
    ("slo: {target: 99.9, window: 30d}",),
    ("notes: |", "  first", "", "  # no comment", "  second"),
    ("folded: >-", "  a", "  b"),
    ("empty:",),
    ('tabbed: "a\\tb"\t# behind a tab',),
    ("deep:", "  a:", "    b: [1, 2]"),
    ("anchor: &five 5", "alias: *five"),
    ("on-call: [ ann,bob ]",),
    ("several: one", "  two", "  three"),
    ("é: 🔥",),
    ('"a key": yes',),
    ("services: [checkout,   'payments']",),
    ("tags:", "  - db", "  - 'NO'"),
)

_BEFORE = (
    ("A paragraph", "of two lines.  "),
    ("```markdown", *_FAKES, "```"),
    ("~~~~", "```", *_FAKES, "~~~~"),
    ("<!-- to be filled in", *_FAKES, "-->"),
    ("Impact", "------", "", "Everybody."),
    ("## Summary", "", "- 2026-05-14T10:00:00Z a list elsewhere <!-- e:zzzzz1 -->"),
    ("### Timeline", "", "- a list"),
    ("| a | b |", "|---|---|", "| 1 | 2 |"),
    ("\tindented", "  ## Timeline"),
    ("> ## Timeline",),
)

_BETWEEN = (
    ("",),
    ("   ",),
    ("  - a nested item", "    deeper"),
    ("\ta tab",),
    ("a paragraph at the margin",),
    ("### Day two",),
    ("- an item without a time",),
    ("- 10:12 a clock and no date",),
    ("```", *_FAKES, "```"),
    ("<!--", *_FAKES, "", "-->"),
    ("  ```", "  ## Timeline", "  ```"),
    ("  <!-- never closed",),
)

_TYPED = (
    "- 2026-05-14T10:02Z pool exhausted",
    "* 2026-05-14T12:03:00+02:00 **Action** failing over",
    "+ 2026-05-14 10:04:00Z **Severity** SEV2 -> SEV1: payments -- @zoë",
    "- 2026-05-14T10:05:30.25Z said so - @ann (agent)",
    "- 2026-05-14T10:01:00Z",
)

_AFTER = (
    ("## Follow-up", "", "- [ ] canary", *_FAKES[1:]),
    ("Notes", "=====", "", *_FAKES[1:]),
    ("## Timeline of the vendor", "", *_FAKES[1:]),
    ("# Appendix", "", "```", "never closed", *_FAKES[1:]),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, and the ids of the entries that its author meant, in the order of the file (none for a typed line)."""

    text: str
    ids: tuple[str | None, ...]
    is_consistent: bool

    @property
    def document(self) -> Document:
        return parse_document(self.text, incident=INCIDENT)


@st.composite
def new_entries(draw: st.DrawFn, *, size: int = 3) -> list[Entry]:
    """Entries of one incident within some minutes, each with an id of its own."""
    found = draw(st.lists(entries(near_instants), max_size=size))
    return [replace(entry, id=f"{entry.id[:4]}{index:02d}") for index, entry in enumerate(found)]


def _spellings(key: str, word: str) -> st.SearchStrategy[str]:
    """The ways in which people write a value that says the same."""
    forms = [word, json.dumps(word), f"'{word}'", f"{word}   # as it was"]
    if key in FOLDED_ROLES:
        forms.append(f"'@{word}'")
    if key in TIME_KEYS:
        forms += [word.replace("T", " "), word.replace("Z", "+00:00")]
    if key == "status":
        forms.append(word.upper())
    return st.sampled_from(forms)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """A file with a readable front matter and whatever else people write."""
    written = draw(new_entries(size=4))
    is_consistent = draw(st.booleans())
    timeline, ids = _timeline(draw, written)
    body = ["", "# Checkout latency", ""]
    for part in draw(st.lists(st.sampled_from(_BEFORE), max_size=2, unique=True)):
        body += [*part, ""]
    has_timeline = bool(written or ids) or draw(st.booleans())
    if has_timeline:
        body += ["## Timeline", *timeline]
    for part in draw(st.lists(st.sampled_from(_AFTER), max_size=2, unique=True)):
        body += ["", *part]
    front = _front_matter(draw, is_consistent, "\n".join(["---", "---", *body]))
    text = "\n".join(["---", *front, "---", *body])
    text += draw(st.sampled_from(("\n", "", "\n\n", "\n  \n")))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    if draw(st.booleans()):
        text = "\ufeff" + text
    return Sample(text, tuple(ids), is_consistent)


def _timeline(draw: st.DrawFn, written: list[Entry]) -> tuple[list[str], list[str | None]]:
    lines: list[str] = draw(st.sampled_from(([], [""], ["", "What happened:", ""])))
    lines = list(lines)
    ids: list[str | None] = []
    for entry in (
        draw(st.permutations(written)) if draw(st.booleans()) else sorted(written, key=lambda each: each.order)
    ):
        lines += render_entry(entry)
        ids.append(entry.id)
        if draw(st.integers(0, 2)) == 0:
            lines += draw(st.sampled_from(_BETWEEN))
        if draw(st.integers(0, 3)) == 0:
            lines.append(draw(st.sampled_from(_TYPED)))
            ids.append(None)
    return lines, ids


def _front_matter(draw: st.DrawFn, is_consistent: bool, body: str) -> list[str]:
    state = fold(parse_document(body, incident=INCIDENT).entries).as_keys()
    title = draw(st.sampled_from(("title: Checkout latency", "title: 'NO'", "title: |", "title: >-", "title:")))
    chunks: list[Iterable[str]] = [(f"id: {INCIDENT}",)]
    chunks.append((title, "  Checkout latency") if title[-1] in "|-" else (title,))
    for key, word in state.items():
        if is_consistent:
            if word is not None:
                chunks.append((f"{key}: {draw(_spellings(key, word))}",))
            elif draw(st.integers(0, 3)) == 0:
                chunks.append(
                    (draw(st.sampled_from((f"{key}:", f"{key}: ~", f"{key}: none", f"{key}: null # not yet"))),)
                )
        elif draw(st.integers(0, 2)) == 0:
            chunks.append(
                (f"{key}: {draw(st.sampled_from(('resolved', 'SEV1', 'zoë', '2026-05-14T10:03:00Z', '[a]')))}",)
            )
    chunks += draw(st.lists(st.sampled_from(_UNKNOWN), max_size=5, unique=True))
    return [line for chunk in draw(st.permutations(chunks)) for line in chunk]
