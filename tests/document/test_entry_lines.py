"""The grammar of an entry: what was written is what is read."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.document.entry_lines import identify, parse_entry, render_entry
from incidentctl.document.escaping import escape_line, unescape_line
from incidentctl.incident.entries import (
    Canceled,
    CancelReason,
    Done,
    Entry,
    KeySet,
    Milestone,
    Note,
    Opened,
    Reached,
    RedactReason,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    What,
)
from incidentctl.incident.words import clean_text
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


def test_blanks_below_an_update_are_no_words_of_it() -> None:
    read = parse_entry(["- 2026-05-14T10:12:00Z **Update** Identified", "   ", "  - Current Theory:"])
    assert read is not None
    assert (read.entry.what, read.entry.text) == (Update(Status.IDENTIFIED), "")


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
        ("- 2026-05-14T10:12:00Z\n   pool exhausted", "pool exhausted", None),
        ("- 2026-05-14T10:12:00Z pool  \n  exhausted\t\n- ", "pool\nexhausted\n-", None),
        ("- 2026-05-14T10:12:00Z **Severity** blah", "**Severity** blah", None),
        ("- 2026-05-14T10:12:00Z **Set** status a → b", "**Set** status a → b", None),
        ("- 2026-05-14T10:12:00Z **Withdrawn** nothing", "**Withdrawn** nothing", None),
    ],
)
def test_a_line_typed_by_hand_is_read(line: str, text: str | None, author: str | None) -> None:
    read = parse_entry(line.split("\n"))
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


def test_a_kind_typed_in_capitals_is_read_as_one() -> None:
    for typed, kind in (
        ("**Tech Lead** @bob", "tech_lead"),
        ("**RESOLVED** it holds", "resolved"),
        ("**resolved** it", "note"),
    ):
        read = parse_entry([f"- 2026-05-14T10:20:11Z {typed}"])
        assert read is not None
        assert read.entry.kind == kind


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


PIECES = (
    *(
        "\u00a0",
        "\u3000",
        " ",
        "  ",
        "\n",
        "x",
        "—",
        "-",
        "@bob",
        "— @bob",
        "none",
        "SEV1",
        ": ",
        "→",
        "<!--",
        "-->",
        "e:000001",
    ),
    *(
        "**",
        "**Redacted** secret",
        "**Update** Identified",
        "(agent)",
        "(noted by @x)",
        "(recorded 2026-05-14T11:02:13Z)",
    ),
    *("(by hand, abcdef1)", "- Impact: ", "- Status: x", "`", "```", "~~~", "\\", "#"),
)
pieced = st.lists(st.sampled_from(PIECES), max_size=8).map("".join).map(clean_text)


@settings(max_examples=300, deadline=None)
@given(entries(), pieced, pieced, pieced, st.booleans(), st.booleans())
def test_text_made_of_what_the_grammar_knows_reads_back_as_itself(
    entry: Entry, text: str, impact: str, public: str, has_author: bool, has_id: bool
) -> None:
    if entry.redacted or (isinstance(entry.what, Note) and not text):
        text = entry.text
    if isinstance(entry.what, Update) and not entry.redacted:
        entry = replace(entry, what=replace(entry.what, impact=impact or None, public=public or None))
    if not has_author:
        entry = replace(entry, author=None, noted_by=None, agent=False)
    entry = replace(entry, text=text, id=entry.id if has_id else "")
    read = parse_entry(render_entry(entry))
    assert read is not None
    assert read.entry == entry


@pytest.mark.parametrize(
    "text",
    ["x\u00a0", "\u3000", "x\n\u00a0", "x — @" + "a" * 250, "x" * 399 + " — @bob", "(recorded 2026-05-14T10:00Z)"],
)
def test_white_space_of_other_scripts_and_long_names_are_text(text: str) -> None:
    for author in ("ann", None):
        entry = Entry(START, Note(), text, author, "004mz1")
        read = parse_entry(render_entry(entry))
        assert read is not None
        assert read.entry == entry


@pytest.mark.parametrize(
    "what",
    [
        *(Done(clock) for clock in ("status_page", "7", "_x", "dpo-told")),
        *(SeverityChange("none", name) for name in ("P0", "sev-1", "Sev.1", "S_1", "SEV1->2")),
        SeverityChange("SEV1->2", "SEV3"),
        *(Opened("P-0", given_as=words) for words in ("1-2", "sev2?", "SEV1–SEV2", "1/2")),
        *(RoleChange(role, "none") for role in ("commander", "scribe")),
        Canceled(CancelReason.DUPLICATE, "2026-05-13-y"),
        KeySet("duplicate_of", "2026-05-13-y", None),
    ],
)
def test_names_of_any_form_that_the_settings_allow_read_back(what: What) -> None:
    for text in ("", "none", ": x", "e:000001"):
        entry = Entry(START, what, text, "ann", "004mz1")
        read = parse_entry(render_entry(entry))
        assert read is not None
        assert read.entry == entry


@pytest.mark.parametrize(
    "words",
    [
        *("**Opened** p99 is high", "**Opened** SEV2, since ten", "**Severity** SEV1", "**Severity** SEV2 → SEV 1"),
        *(
            "**Commander** ann",
            "**Role** scribe",
            "**Role** Scribe @bob",
            "**Status** on fire",
            "**Status** 7",
            "**Update**",
        ),
        *(
            "**Update** all well",
            "**Canceled**",
            "**Canceled** because",
            "**Set** status a → b",
            "**Done** Status Page",
        ),
        *("**Set** mitigated_at none → 10:48", "**Set** started_at", "**Withdrawn** 00k0c8", "**Withdrawn** e:00k0c"),
    ],
)
def test_a_kind_without_its_form_is_a_note_and_is_named(words: str) -> None:
    read = parse_entry([f"- 2026-05-14T10:20:11Z {words} — @ann"])
    assert read is not None
    assert (read.entry.what, read.entry.text) == (Note(), words)
    assert read.unread_kind == words.split("**")[1]
    assert parse_entry([f"- 2026-05-14T10:20:11Z **Bold** {words}"]).unread_kind is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("words", "what", "text"),
    [
        ("**Status** cancelled", StatusChange(Status.CANCELED), ""),
        ("**Cancelled** duplicate of 2026-05-13-y", Canceled(CancelReason.DUPLICATE, "2026-05-13-y"), ""),
        ("**Update** Identified: failing over", Update(Status.IDENTIFIED), "failing over"),
        ("**Update** identified", Update(Status.IDENTIFIED), ""),
        ("**Set** mitigated_at 2026-05-14T10:48Z -> none", KeySet("mitigated_at", "2026-05-14T10:48Z", None), ""),
        ("**Severity** SEV2->SEV1", SeverityChange("SEV2", "SEV1"), ""),
    ],
)
def test_what_people_type_in_other_forms_is_read(words: str, what: What, text: str) -> None:
    read = parse_entry([f"- 2026-05-14T10:20:11Z {words} - @ann"])
    assert read is not None
    assert (read.entry.what, read.entry.text, read.unread_kind) == (what, text, None)


@pytest.mark.parametrize(
    "comment", ["<!-- 000001 -->", "<!-- x:000001 -->", "<!-- e:00001 -->", "<!-- e:00000I -->", "e:000001 -->"]
)
def test_a_comment_that_is_no_id_is_text(comment: str) -> None:
    read = parse_entry([f"- 2026-05-14T10:20:11Z x {comment}"])
    assert read is not None
    assert (read.entry.id, read.entry.text) == ("", f"x {comment}")


def test_an_escaped_id_is_text() -> None:
    read = parse_entry(["- 2026-05-14T10:20:11Z \\<!-- e:000001 -->"])
    assert read is not None
    assert (read.entry.id, read.entry.text) == ("", "<!-- e:000001 -->")
    read = parse_entry(["- 2026-05-14T10:20:11Z <!-- e:000001 -->"])
    assert read is not None
    assert (read.entry.id, read.entry.text) == ("000001", "")


def test_each_of_several_identical_lines_has_an_id_of_its_own() -> None:
    read = parse_entry(["- 2026-05-14T10:12Z pool exhausted"])
    assert read is not None
    assert len({entry.id for entry in identify([read] * 4, "2026-05-14-x")}) == 4


def test_a_line_of_redactions_is_read_once() -> None:
    read = parse_entry(
        ["- 2026-05-14T10:12:00Z **Mitigated** **Redacted** secret — @redacted <!-- e:004mz1 -->", "  left over"]
    )
    assert read is not None
    assert (read.entry.what, read.entry.redacted, read.entry.text) == (
        Reached(Milestone.MITIGATED),
        RedactReason.SECRET,
        "",
    )
    read = parse_entry(["- 2026-05-14T10:12:00Z " + "**Redacted** secret " * 5_000])
    assert read is not None
    assert read.entry.redacted is None


def test_an_entry_of_each_kind_is_written_as_the_format_shows_it() -> None:
    lines = [
        "- 2026-05-14T10:06:02Z **Commander** @ann — @ann <!-- e:008tq0 -->",
        "- 2026-05-14T10:08:30Z **Tech lead** none: asleep — @ann <!-- e:00w1gy -->",
        "- 2026-05-14T10:09:00Z **Role** scribe @bob — @ann (noted by @eve) <!-- e:00w1gz -->",
        "- 2026-05-14T10:12:00Z pool exhausted on db-3, [graph](https://grafana.example.org/d/1) — @bob <!-- e:002b7x -->",
        "- 2026-05-14T10:20:11Z **Severity** SEV2 → SEV1: payments fail as well — @ann <!-- e:00k0c4 -->",
        "- 2026-05-14T10:21:00Z **Status** mitigating: as said — @ann (agent) <!-- e:00k0c5 -->",
        "- 2026-05-14T10:22:00Z **Decision** fail over — @ann <!-- e:00k0c6 -->",
        "- 2026-05-14T10:23:00Z **Done** status_page: https://status.example.org/1 — @ann <!-- e:00k0c7 -->",
        "- 2026-05-14T10:24:00Z **Set** started_at none → 2026-05-14T09:51:00Z: graph (by hand, 3f2a1bc) — @ann <!-- e:00k0c8 -->",
        "- 2026-05-14T10:25:00Z **Withdrawn** e:00k0c8: a guess — @ann <!-- e:00k0c9 -->",
        "- 2026-05-14T10:26:00Z **Canceled** duplicate of 2026-05-13-y: the same — @ann <!-- e:00k0ca -->",
        "- 2026-05-14T10:27:00Z **Reopened** it is back — @ann <!-- e:00k0cb -->",
        "- 2026-05-14T10:48:00Z **Mitigated** failed over to db-4 (recorded 2026-05-14T11:02:13Z) — @bob <!-- e:005f6s -->",
        "- 2026-05-14T10:49:00Z **Mitigated** **Redacted** secret — @redacted <!-- e:005f6t -->",
        "- 2026-05-14T10:50:00Z **Redacted** personal_data — @ann <!-- e:005f6v -->",
    ]
    for line in lines:
        read = parse_entry([line])
        assert read is not None
        assert render_entry(read.entry) == [line]
        assert (read.entry.kind == "note") == ("pool" in line or "personal_data" in line)
    update = [
        "- 2026-05-14T10:30:00Z **Update** Identified — @ann <!-- e:009w3h -->",
        "  - Impact: 12 % of checkouts fail in eu-west-1",
        "  - Current Theory: connection pool exhausted after the 09:45 config push",
        "  - Actions in Progress: failing over to db-4",
        "  - Next Update: 2026-05-14T11:00:00Z",
        "  - IC: @ann",
        "  - Public: we are working on it",
        "  and a word more",
    ]
    read = parse_entry(update)
    assert read is not None
    assert read.entry.kind == "update"
    assert render_entry(read.entry) == update
