"""Reading a file: what stands in it is found, what is wrong is named with its line, and nothing is ever raised."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentctl.document.parse import parse_document
from incidentctl.incident.entries import Note, Opened
from tests.document.documents import INCIDENT, Sample, samples
from tests.growth import assert_grows_linearly

FRONT = "---\nid: 2026-05-14-x\ntitle: X\n---\n"
OPENED = "- 2026-05-14T10:05:40Z **Opened** SEV2: p99 — @ann <!-- e:004mz1 -->\n"


def codes(text: str) -> list[tuple[int, str]]:
    return [(fault.line, fault.code) for fault in parse_document(text).faults]


@settings(max_examples=150, deadline=None)
@given(samples())
def test_the_entries_that_people_meant_are_found_whatever_stands_around_them(sample: Sample) -> None:
    document = sample.document
    assert document.front is not None
    assert document.front.is_readable
    assert len(document.entries) == len(sample.ids)
    for entry, entry_id in zip(document.entries, sample.ids, strict=True):
        assert entry.typed if entry_id is None else entry.id == entry_id
    for placed in document.placed:
        assert sample.text[placed.start] in "-*+"
        assert not placed.start or sample.text[placed.start - 1] == "\n"
        assert sample.text[placed.end - 1 : placed.end].strip(" \t\r\n")  # a blank that does not break is a word
        assert sample.text[placed.end : placed.end + 1] in ("", "\r", "\n")


@given(st.text(max_size=300) | st.text(alphabet="\ufeff-~`<!>#=\n\r\t: []{}&*|?'\"\x00\udcff", max_size=300))
def test_no_text_raises(text: str) -> None:
    document = parse_document(text)
    assert document.text == text
    lines = text.count("\n") + 1
    assert all(1 <= fault.line <= lines and fault.column >= 1 for fault in document.faults)


@settings(max_examples=150, deadline=None)
@given(
    samples(),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 60), st.text(max_size=4)), min_size=1, max_size=4),
)
def test_no_file_that_was_damaged_raises(sample: Sample, cuts: list[tuple[int, int, str]]) -> None:
    text = sample.text
    for place, length, put_in in cuts:
        at = place % (len(text) + 1)
        text = text[:at] + put_in + text[at + length :]
    parse_document(text)
    parse_document(text.encode("utf-8", "surrogateescape")[: len(text) // 2].decode("utf-8", "surrogateescape"))


# ------------------------------------------------------------------------------------------------------------ headings


@pytest.mark.parametrize(
    "heading",
    [
        "## Timeline",
        "##  timeline  ",
        "## TIMELINE ##",
        "##\tTimeline",
        "## Timeline:",
        "Timeline\n--------",
        "timeline\n---",
    ],
)
def test_the_timeline_is_found_however_its_heading_is_written(heading: str) -> None:
    assert len(parse_document(f"{FRONT}\n{heading}\n\n{OPENED}").entries) == 1
    assert len(parse_document(f"{FRONT}\n{heading}\n\n{OPENED}".replace("\n", "\r\n")).entries) == 1


@pytest.mark.parametrize(
    "heading", ["### Timeline", "#Timeline", "  ## Timeline", "Timeline", "# Timeline", "> ## Timeline"]
)
def test_what_is_no_second_level_heading_begins_no_timeline(heading: str) -> None:
    assert parse_document(f"{FRONT}\n{heading}\n\n{OPENED}").entries == ()


@pytest.mark.parametrize("heading", ["## Notes", "# Notes", "##", "Notes\n-----", "Notes\n===", "## \\#1"])
def test_the_next_heading_ends_the_timeline(heading: str) -> None:
    document = parse_document(f"{FRONT}## Timeline\n\n{OPENED}\n{heading}\n\n{OPENED}")
    assert len(document.entries) == 1
    assert document.entries[0].text == "p99"
    assert document.timeline is not None
    assert document.text[document.timeline.end :].startswith(heading)


@pytest.mark.parametrize(
    "line",
    ["### Day two", "-----", "item\n-----", "    code\n====", "- item\n---", "| a |\n---", "====", "\nTo come:\n-"],
)
def test_what_is_no_heading_belongs_to_the_entry_above(line: str) -> None:
    document = parse_document(f"{FRONT}## Timeline\n\n{OPENED}{line}\n{OPENED.replace('004mz1', '004mz2')}")
    assert len(document.entries) == 2
    assert document.entries[0].text.split("\n")[1:] == [each.removeprefix("  ") for each in line.split("\n")]


def test_the_title_is_the_first_heading_of_the_first_level() -> None:
    assert parse_document(f"{FRONT}\n## A\n\n# One \\*two\\* \\# ##\n\n# Other\n").title == "One *two* #"
    assert parse_document(f"{FRONT}\nOne\n===\n").title == "One"
    assert parse_document(FRONT).title is None


def test_entries_are_read_between_fences_and_comments_but_not_in_them() -> None:
    block = "```\n{0}```\n\n<!--\n{0}-->\n\n<!-- {0}-->\n~~~~ text\n~~~\n{0}~~~~\n"
    document = parse_document(
        f"{FRONT}## Timeline\n\n{OPENED}{block.format(OPENED.replace('4mz1', '4mz2'))}{OPENED.replace('4mz1', '4mz3')}"
    )
    assert [entry.id for entry in document.entries] == ["004mz1", "004mz3"]
    assert document.faults == ()


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("```", "unclosed-fence"),
        ("````\n```", "unclosed-fence"),
        ("~~~\n```", "unclosed-fence"),
        ("<!-- a", "unclosed-comment"),
    ],
)
def test_a_block_that_never_ends_is_named_and_hides_nothing(block: str, code: str) -> None:
    document = parse_document(f"{FRONT}## Timeline\n\n{block}\n{OPENED}\n## Notes\n")
    assert len(document.entries) == 1
    assert document.timeline is not None
    assert document.text[document.timeline.end :] == "## Notes\n"
    assert (7, code) in codes(document.text)


@pytest.mark.parametrize("fence", ["~~~", "```", " ```", "````"])
def test_a_fence_of_any_kind_at_the_margin_hides_its_lines(fence: str) -> None:
    document = parse_document(f"{FRONT}## Timeline\n\n{fence} text\n{OPENED}{fence}\n")
    assert document.entries == ()
    assert document.faults == ()


def test_the_line_between_two_sides_of_a_conflict_is_no_heading() -> None:
    sides = "<<<<<<< HEAD\n\nours\n=======\n\ntheirs\n>>>>>>> other\n"
    assert len(parse_document(f"{FRONT}## Timeline\n\n{sides}{OPENED}").entries) == 1
    assert parse_document(f"{FRONT}\nA title\n=======\n").title == "A title"


# -------------------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [(1, "no-front-matter")]),
        ("# Title\n", [(1, "no-front-matter")]),
        ("---\nid: x\n", [(1, "front-matter-open")]),
        ("---", [(1, "no-front-matter")]),
        ("---\n---\n", []),
        ("\ufeff---\r\nid: x\r\n---\r\n", []),
        ("---\nid: x\n...\n", []),
        ("---\nid: x\nid: y\n---\n", [(3, "duplicate-key")]),
        ("---\n\tid: x\n---\n", [(2, "broken-yaml")]),
        ("---\nid: x\n a: b\n---\n", [(3, "broken-yaml")]),
        ("---\n- a\n---\n", [(2, "broken-yaml")]),
        ("---\nid: \udcff\n---\n", [(2, "not-utf-8")]),
        (FRONT + "\udcff", [(5, "not-utf-8")]),
        (FRONT + "a\n\0", [(6, "not-text")]),
        (FRONT + "## Timeline\n\n- 2026-02-30T10:00:00Z x\n", [(7, "impossible-time")]),
        (FRONT + "## Timeline\n\n- 9999-12-31T23:59:59-01:00 x\n", [(7, "impossible-time")]),
        (FRONT + "## Timeline\n\n- 0000-01-01T00:00:00Z x\n", [(7, "impossible-time")]),
        (FRONT + "## Timeline\n\n- 2026-05-14T24:00:00Z x\n", [(7, "impossible-time")]),
        (
            FRONT + "## Timeline\n\n- 10:00 x\n- 2026-05-14T10:00 x\n- **10:00** x\n",
            [(7, "naive-time"), (8, "naive-time"), (9, "naive-time")],
        ),
        (FRONT + "## Timeline\n\n" + OPENED * 2, [(8, "repeated-id")]),
        (FRONT + "## Timeline\n## Timeline\n", [(6, "second-timeline")]),
        (FRONT + "## Timeline\n\n## Day two\n\n" + OPENED, [(9, "stray-entry")]),
        (FRONT + OPENED, [(5, "stray-entry")]),
        (FRONT + "## Notes\n\n- 2026-05-14T10:05:40Z a list of one's own\n", []),
        (FRONT + "## Timeline\n\n- 2026-05-14T10:00Z **Severity** SEV1\n", [(7, "unread-kind")]),
        (FRONT + "## Timeline\n\n- 2026-05-14T10:00Z **Bold** words\n", []),
        (FRONT + "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n", [(6, "conflict-markers")]),
        (FRONT + "a\r\n<<<<<<<\r\n", [(6, "conflict-markers")]),
        (FRONT + "a\n>>>>>>> left over\n", [(6, "conflict-markers")]),
        ("---\n<<<<<<< a\nid: x\n=======\nid: y\n>>>>>>> b\n---\n", [(2, "conflict-markers"), (2, "broken-yaml")]),
        (FRONT + "a <<<<<<< b\n<<<<<<<<<< c\n", []),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, faults: list[tuple[int, str]]) -> None:
    assert codes(text) == faults


def test_a_file_without_front_matter_has_no_keys_to_trust() -> None:
    assert not parse_document("# Title\n").is_readable
    assert parse_document("# Title\n").value("status") is None
    assert parse_document("---\n---\n").is_readable


def test_the_good_part_of_a_broken_file_is_read() -> None:
    text = f"---\nstatus: [\n---\n\n# X\n\n## Timeline\n\n{OPENED}- 2026-02-30T10:00:00Z never\n- 10:00 x\n* 2026-05-14T12:12+02:00 y\n"
    document = parse_document(text)
    assert not document.is_readable
    assert document.title == "X"
    assert [type(entry.what) for entry in document.entries] == [Opened, Note]


@pytest.mark.parametrize("zone", ["Z", "z", "+00:00", " +0000", "+00", " UTC"])
def test_a_time_typed_by_hand_may_have_its_zone_in_any_form(zone: str) -> None:
    document = parse_document(f"{FRONT}## Timeline\n\n- 2026-05-14 10:12{zone} x\n")
    assert document.faults == ()
    assert document.entries[0].text == "x"


def test_a_typed_line_keeps_its_derived_id_when_others_are_put_in_around_it() -> None:
    line = "- 2026-05-14T10:12Z pool exhausted\n"
    one = parse_document(f"{FRONT}## Timeline\n\n{line}", incident=INCIDENT)
    other = parse_document(f"{FRONT}## Timeline\n\n{OPENED}{line}  more\n\n{OPENED}", incident=INCIDENT)
    assert one.entries[0].id == other.entries[1].id == "00p24c"
    assert one.entries[0].typed


def test_the_markers_of_a_conflict_are_words_of_no_entry() -> None:
    line = "- 2026-05-14T10:1{}Z {}\n"
    text = "## Timeline\n" + line.format(0, "a") + "<<<<<<< HEAD\n" + line.format(1, "b") + "  more\n=======\n"
    text += line.format(2, "c") + ">>>>>>> other\n" + line.format(3, "d\n  <<<<<<< pasted\n  =======")
    assert [entry.text for entry in parse_document(text).entries] == ["a", "b\nmore", "c", "d\n<<<<<<< pasted\n======="]


# --------------------------------------------------------------------------------------------------- size and malice

MANY = 100_000
HOSTILE: dict[str, Callable[[int], str]] = {
    "entries": lambda size: (
        FRONT + "## Timeline\n" + "".join(OPENED.replace("004mz1", f"{at:06d}") for at in range(size))
    ),
    "the same entry": lambda size: FRONT + "## Timeline\n" + OPENED * 3 * size,
    "typed entries": lambda size: FRONT + "## Timeline\n" + "- 2026-05-14T10:12Z x\n" * size,
    "times without a zone": lambda size: FRONT + "## Timeline\n" + "- 10:12 x\n" * size,
    "timelines": lambda size: FRONT + "## Timeline\n" * 10 * size,
    "fences that never end": lambda size: (
        FRONT + "".join("`" * (3 + size // 100 - at // 100) + "\n" for at in range(size))
    ),
    "comments that never end": lambda size: FRONT + "<!-- a\n" * size,
    "a heading of blanks": lambda size: FRONT + "## a" + " " * 20 * size + "b",
    "a heading of signs": lambda size: FRONT + "## a" + " #" * 10 * size + "b",
    "one line": lambda size: FRONT + "## Timeline\n- 2026-05-14T10:12Z " + "x" * 50 * size,
    "redactions": lambda size: FRONT + "## Timeline\n- 2026-05-14T10:12Z " + "**Redacted** secret " * size,
    "right sides": lambda size: (
        FRONT + "## Timeline\n- 2026-05-14T10:12Z " + "(recorded 2026-05-14T10:12Z) — @x (agent) " * size
    ),
    "backticks": lambda size: FRONT + "## Timeline\n- 2026-05-14T10:12Z \\" + "`" * size + "` `` " * size,
    "blank lines": lambda size: FRONT + "## Timeline\n" + OPENED + "\n" * 20 * size + "x",
    "keys": lambda size: "---\n" + "".join(f"k{at}: x\n" for at in range(size)) + "---\n",
    "the same key": lambda size: "---\n" + "a:\n" * size + "---\n",
    "a huge value": lambda size: "---\na: |\n  " + "x" * 50 * size + "\n---\n",
    "conflicts": lambda size: FRONT + "<<<<<<< a\n" * size,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_no_input_takes_more_than_linear_time(what: str) -> None:
    assert_grows_linearly(HOSTILE[what], parse_document, 1_000)


@pytest.mark.slow
def test_a_hundred_thousand_entries_and_a_line_of_five_megabytes_are_read() -> None:
    assert len(parse_document(HOSTILE["entries"](MANY)).entries) == MANY
    assert len(parse_document(HOSTILE["one line"](MANY)).entries[0].text) == 50 * MANY
