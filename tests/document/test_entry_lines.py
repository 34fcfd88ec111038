"""The grammar of an entry: what was written is what is read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.document.entry_lines import identify, parse_entry, render_entry
from incidentctl.document.escaping import escape_line, unescape_line
from incidentctl.incident.entries import Entry, Note, Opened, Reached
from tests.strategies import START, entries, words


@given(entries())
def test_what_is_rendered_reads_back_as_itself(entry: Entry) -> None:
    read = parse_entry(render_entry(entry))
    assert read is not None
    assert read.entry == entry


@given(st.text())
@example("\\\\<!--")
@example("`")
def test_an_escaped_line_reads_back_as_itself(line: str) -> None:
    line = line.replace("\n", " ")
    assert unescape_line(escape_line(line)) == line
    assert unescape_line(escape_line(line, is_first=True)) == line
    assert unescape_line(escape_line(line, no_html=True)) == line


@given(entries(), words)
def test_no_text_adds_a_second_entry(entry: Entry, text: str) -> None:
    lines = render_entry(replace(entry, what=Note(), text=text, redacted=None))
    assert all(line[:2] in ("  ", "") for line in lines[1:])


@pytest.mark.parametrize(
    ("line", "text", "author"),
    [
        (
            "- 2026-05-14T10:12:00Z pool exhausted, [graph](https://g.example.org/d/1) — @bob <!-- e:002b7x -->",
            None,
            "bob",
        ),
        ("* 2026-05-14T12:12+02:00 pool exhausted", "pool exhausted", None),
        ("- 2026-05-14 10:12Z pool exhausted -- @bob", "pool exhausted", "bob"),
        ("- 2026-05-14T10:12:00Z pool exhausted - @bob", "pool exhausted", "bob"),
        ("- 2026-05-14T10:12:00Z **Severity** blah", "**Severity** blah", None),
        ("- 2026-05-14T10:12:00Z **Set** status a → b", "**Set** status a → b", None),
        ("- 2026-05-14T10:12:00Z **Withdrawn** nothing", "**Withdrawn** nothing", None),
    ],
)
def test_a_line_typed_by_hand_is_read(line: str, text: str | None, author: str | None) -> None:
    read = parse_entry([line])
    assert read is not None
    assert isinstance(read.entry.what, Note)
    assert read.entry.author == author
    if text:
        assert read.entry.text == text


@pytest.mark.parametrize(
    "line",
    [
        "- no time at all",
        "- 2026-05-14T10:12:00 no zone",
        "  - 2026-05-14T10:12:00Z indented",
        "2026-05-14T10:12:00Z bare",
        "- 2026-13-41T10:12:00Z impossible",
    ],
)
def test_what_is_no_entry_is_read_as_none(line: str) -> None:
    assert parse_entry([line]) is None


def test_an_ascii_arrow_reads_as_an_arrow() -> None:
    read = parse_entry(["- 2026-05-14T10:20:11Z **Severity** SEV2 -> SEV1: payments — @ann"])
    assert read is not None
    assert read.entry.kind == "severity"


def test_opened_is_written_as_the_format_says() -> None:
    entry = Entry(START, Opened("SEV2", "1-2", True, START, START), "p99 above 4 s", "ann", "004mz1")
    assert render_entry(entry) == [
        "- 2026-05-14T10:00:00Z **Opened** SEV2, given as 1-2, unconfirmed, impact from 2026-05-14T10:00:00Z, "
        "detected 2026-05-14T10:00:00Z: p99 above 4 s — @ann <!-- e:004mz1 -->"
    ]


def test_a_typed_line_has_the_same_derived_id_everywhere_and_its_twin_another() -> None:
    line = ["- 2026-05-14T10:12Z pool exhausted"]
    texts = [parse_entry(line), parse_entry(line), parse_entry(["-  2026-05-14T12:12+02:00   pool  exhausted"])]
    found = identify([text for text in texts if text], "2026-05-14-x")
    assert found[0].id == identify([text for text in texts if text][:1], "2026-05-14-x")[0].id
    assert found[0].id.startswith("00")
    assert len({entry.id for entry in found}) == 3
    assert found[0].id != identify([text for text in texts if text][:1], "2026-05-14-y")[0].id
    assert all(entry.typed for entry in found)


def test_an_unwritten_line_is_read_in_linear_time() -> None:
    for line in (
        "`" * 200_000,
        "` `` " * 60_000,
        "(recorded " * 50_000,
        " — @x" * 50_000,
        "\\" * 200_000,
        " " * 300_000,
    ):
        read = parse_entry([f"- 2026-05-14T10:12:00Z {line}"])
        assert read is not None
        assert isinstance(read.entry.what, Note)
        escape_line(line, is_first=True)


def test_milestones_keep_their_text() -> None:
    read = parse_entry(
        ["- 2026-05-14T10:48:00Z **Mitigated** failed over (recorded 2026-05-14T11:02:13Z) — @bob <!-- e:005f6s -->"]
    )
    assert read is not None
    assert read.entry.what == Reached("mitigated")  # type: ignore[arg-type]
    assert read.entry.text == "failed over"
    assert read.entry.recorded_at is not None
