"""Random versions of one incident as several people leave them, and git's merge of lines."""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.document.edit import apply_edit
from incidentctl.document.entry_lines import render_entry
from incidentctl.document.merge import Merged, merge_versions
from incidentctl.document.parse import parse_document
from incidentctl.document.render import render_document
from incidentctl.incident.entries import (
    Entry,
    Milestone,
    Note,
    Opened,
    Reached,
    RedactReason,
    RoleChange,
    SeverityChange,
    Withdrawn,
)
from tests.strategies import START, entries, near_instants, texts

INCIDENT = "2026-05-14-checkout-latency"

Edit = Callable[[str], str]


def git_lines(ours: str, base: str, theirs: str) -> tuple[str, bool]:
    """git's own merge of three texts."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, text in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
        labels = ["-L", "ours", "-L", "base", "-L", "theirs"]
        done = subprocess.run(
            ["git", "merge-file", "--marker-size=7", "-p", *labels, *map(str, paths)], capture_output=True, check=False
        )
        assert 0 <= done.returncode < 128, done.stderr
        return done.stdout.decode("utf-8", "surrogateescape"), done.returncode == 0


def merged(base: str | None, ours: str, theirs: str, *, is_record: bool = True) -> Merged:
    """The merge of two versions, with git's merge of lines."""
    return merge_versions(base, ours, theirs, incident=INCIDENT, is_record=is_record, merge_lines=git_lines)


def entry_ids(text: str) -> list[str]:
    """The ids of the entries of a text, in the order of the file."""
    return [entry.id for entry in parse_document(text, incident=INCIDENT).entries]


def with_entries(text: str, *new: Entry, **keys: str | tuple[str, ...] | None) -> str:
    """The text as a command leaves it."""
    document = parse_document(text, incident=INCIDENT)
    return apply_edit(document, incident=INCIDENT, entries=new, keys=keys)[0]


_PERSONS = ("ann", "bob", "eve")
_STATES = st.one_of(
    st.builds(SeverityChange, st.just("SEV3"), st.sampled_from(("SEV1", "SEV2", "SEV3", "SEV4", "P9"))),
    st.builds(RoleChange, st.sampled_from(("commander", "tech_lead", "scribe")), st.sampled_from((None, *_PERSONS))),
    st.builds(Reached, st.sampled_from(Milestone)),
    st.just(Note()),
)


@st.composite
def bases(draw: st.DrawFn) -> str:
    """A record as commands wrote it, with some of what people add."""
    written = [Entry(START, Opened("SEV3"), "p99", author="ann", id="000001")]
    for index, entry in enumerate(draw(st.lists(entries(near_instants), max_size=4))):
        written.append(replace(entry, id=f"0b{entry.id[2:4]}{index:02d}"))
    text = render_document(INCIDENT, {"title": "Checkout latency", "services": ("a", "b")}, ())
    text = text.replace("services:", "x-team:   'Zoë'   # kept\nservices:", 1)
    if draw(st.booleans()):
        text += "\n## Notes\n\nfirst\n\nsecond\n\nthird\n"
    text = with_entries(text, *sorted(written, key=lambda each: each.order))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text


@st.composite
def new_entry(draw: st.DrawFn, who: int) -> Entry:
    """An entry with an id that nobody else draws."""
    entry = draw(
        st.one_of(entries(near_instants), st.builds(Entry, near_instants, _STATES, texts.filter(bool), st.just("bob")))
    )
    return replace(entry, id=f"0{draw(st.integers(0, 3))}{who}{draw(st.integers(0, 999)):03d}")


@st.composite
def edits(draw: st.DrawFn, who: int) -> Edit:
    """What one person does to a file: by a command, or in an editor."""
    kind = draw(st.sampled_from(("write", "write", "write", "withdraw", "key", "list", "own", "by hand", "remove",
                                 "reword", "below", "redact", "typed", "prose")))  # fmt: skip
    match kind:
        case "write":
            new = draw(st.lists(new_entry(who), min_size=1, max_size=3, unique_by=lambda each: each.id))
            return lambda text: with_entries(text, *new)
        case "withdraw":
            entry, at = draw(new_entry(who)), draw(st.integers(0, 9))
            return lambda text: with_entries(
                text, replace(entry, what=Withdrawn(_some(entry_ids(text), at, "000001")), text="", redacted=None)
            )
        case "key":
            title = draw(st.sampled_from(("Checkout latency", "Checkout is slow", f"T{who}")))
            return lambda text: with_entries(text, title=title)
        case "list":
            services = draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4))
            return lambda text: with_entries(text, services=tuple(services))
        case "own":
            return lambda text: with_entries(text, **{f"own_{who}": "yes"})
        case "by hand":
            word = draw(st.sampled_from(("status: resolved", "status: mitigated", "severity: SEV1", "commander: eve")))
            return lambda text: _with_key(text, word)
        case "typed":
            minute = draw(st.integers(0, 5))
            line = f"- 2026-05-14T10:0{minute}Z typed by {who}"
            return lambda text: _behind_entry(text, line, draw_at=minute)
        case "prose":
            word = draw(st.sampled_from(("first", "second", "third")))
            return lambda text: text.replace(f"\n{word}", f"\n{word} by {who}", 1)
        case _:
            at = draw(st.integers(0, 9))
            return lambda text: _changed_entry(text, at, kind, who)


def _some(ids: list[str], at: int, default: str) -> str:
    return ids[at % len(ids)] if ids else default


def _with_key(text: str, line: str) -> str:
    key = line.split(":", maxsplit=1)[0]
    lines = text.split("\n")
    for index, each in enumerate(lines[1 : 1 + lines[1:].index("---" + "\r" * ("\r\n" in text))], 1):
        if each.startswith(f"{key}:"):
            lines[index] = line + ("\r" if each.endswith("\r") else "")
            return "\n".join(lines)
    return text


def _behind_entry(text: str, line: str, *, draw_at: int) -> str:
    placed = parse_document(text, incident=INCIDENT).placed
    if not placed:
        return text
    end = placed[draw_at % len(placed)].end
    newline = "\r\n" if "\r\n" in text else "\n"
    return text[:end] + newline + line + text[end:]


def _changed_entry(text: str, at: int, kind: str, who: int) -> str:
    """An entry that somebody changed in an editor, or redacted."""
    placed = parse_document(text, incident=INCIDENT).placed
    if not placed:
        return text
    found = placed[at % len(placed)]
    entry, newline = found.entry, "\r\n" if "\r\n" in text else "\n"
    if kind == "remove":
        end = text.find("\n", found.end) + 1 or len(text)
        return text[: found.start] + text[end:]
    if kind == "below":
        return f"{text[: found.end]}{newline}  more by {who}{text[found.end :]}"
    if kind == "redact":
        changed = replace(entry, text="", redacted=RedactReason.SECRET, typed=False)
    else:
        changed = replace(entry, text=f"reworded by {who}", redacted=None, typed=False)
    return text[: found.start] + newline.join(render_entry(changed)) + text[found.end :]


@st.composite
def histories(draw: st.DrawFn, *, people: int) -> tuple[str, ...]:
    """A base, and what each of several people made of it without knowing of the others."""
    base = draw(bases())
    versions = [base]
    for who in range(1, people + 1):
        text = base
        for edit in draw(st.lists(edits(who), min_size=1, max_size=4)):
            text = edit(text)
        versions.append(text)
    return tuple(versions)
