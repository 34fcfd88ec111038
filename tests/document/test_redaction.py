"""Redaction in a text: the words of one entry go, and not a byte besides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.document.edit import apply_edit
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import parse_document
from incidentctl.document.redaction import (
    copies_of,
    places_of,
    redact_entry,
    redacted_entry,
    said_in,
    without_copies,
)
from incidentctl.document.render import render_document
from incidentctl.errors import RefusedError
from incidentctl.incident.entries import Entry, RedactReason
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.requests import Redaction
from tests.document.documents import INCIDENT, Sample, samples
from tests.growth import assert_grows_linearly
from tests.strategies import entries

HEAD = f"---\nid: {INCIDENT}\ntitle: Checkout latency\n---\n\n# Checkout latency\n\n## Timeline\n\n"
SECRET = RedactReason.SECRET


def redacted(text: str, entry: str, reason: RedactReason = SECRET, *, hides_author: bool = False) -> str:
    document = parse_document(text, incident=INCIDENT)
    return redact_entry(document, Redaction(entry, reason, hides_author), incident=INCIDENT)


@given(samples(), st.integers(0, 9), st.sampled_from(RedactReason), st.booleans())
def test_one_entry_is_redacted_and_nothing_else_changes(
    sample: Sample, index: int, reason: RedactReason, hides_author: bool
) -> None:
    before = sample.document
    if not before.placed:
        return
    chosen = before.placed[index % len(before.placed)]
    redaction = Redaction(chosen.entry.id, reason, hides_author)
    text = redact_entry(before, redaction, incident=INCIDENT)
    after = parse_document(text, incident=INCIDENT)
    for was, now in zip(before.entries, after.entries, strict=True):
        wanted = redacted_entry(was, redaction) if was.id == redaction.entry else was
        assert replace(now, typed=False) == replace(wanted, typed=False)
    assert fold(after.entries).as_keys() == fold(before.entries).as_keys()
    assert redact_entry(after, redaction, incident=INCIDENT) == text
    assert text.startswith(before.text[: before.placed[0].start])
    rest = before.text[before.placed[-1].end :]
    assert text.endswith(rest)
    assert (text.count("\r\n") == text.count("\n")) == (before.text.count("\r\n") == before.text.count("\n"))


@given(entries(), st.booleans())
def test_every_kind_of_entry_keeps_its_kind_its_times_and_its_author(entry: Entry, hides_author: bool) -> None:
    text = render_document(INCIDENT, {"title": "x"}, (entry,))
    after = parse_document(redacted(text, entry.id, hides_author=hides_author), incident=INCIDENT)
    (now,) = after.entries
    assert now == redacted_entry(entry, Redaction(entry.id, SECRET, hides_author))
    assert (now.kind, now.at, now.recorded_at, now.by_hand, now.agent) == (
        entry.kind,
        entry.at,
        entry.recorded_at,
        entry.by_hand,
        entry.agent,
    )
    assert now.author == ("redacted" if hides_author else entry.author)


def test_the_line_keeps_its_time_and_its_right_side_as_they_stand() -> None:
    line = "* 2026-05-14T12:03:00+02:00  **mitigated**   key is x  (recorded 2026-05-14T11:02:13Z) -- @bob (agent)"
    text = redacted(f"{HEAD}{line}\n  more\n\nafter\n", parse_document(HEAD + line, incident=INCIDENT).entries[0].id)
    (found,) = [each for each in text.splitlines() if each.startswith("* ")]
    kept = "(recorded 2026-05-14T11:02:13Z) -- @bob (agent) <!-- e:"
    assert found.startswith(f"* 2026-05-14T12:03:00+02:00 **Redacted** secret {kept}")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_further_lines_and_the_fields_of_an_update_go_too(newline: str) -> None:
    lines = [
        "- 2026-05-14T10:30:00Z **Update** Identified — @ann <!-- e:009w3h -->",
        "  - Impact: 12 % of checkouts fail",
        "  - Next Update: 2026-05-14T11:00:00Z",
        "- 2026-05-14T10:31:00Z stays — @ann <!-- e:009w3j -->",
        "",
    ]
    text = (HEAD + "\n".join(lines)).replace("\n", newline)
    expected = HEAD + "\n".join(
        ["- 2026-05-14T10:30:00Z **Update** Identified **Redacted** secret — @ann <!-- e:009w3h -->", *lines[3:]]
    )
    assert redacted(text, "009w3h") == expected.replace("\n", newline)


def test_a_line_that_was_typed_keeps_its_id_and_so_do_those_with_the_same_words() -> None:
    line = "- 2026-05-14T10:02Z pool exhausted"
    text = f"{HEAD}{line}\n{line}\n{line}\n"
    ids = [entry.id for entry in parse_document(text, incident=INCIDENT).entries]
    after = redacted(text, ids[0])
    assert [entry.id for entry in parse_document(after, incident=INCIDENT).entries] == ids
    assert after.splitlines()[-3:] == [
        f"- 2026-05-14T10:02Z **Redacted** secret <!-- e:{ids[0]} -->",
        f"{line} <!-- e:{ids[1]} -->",
        f"{line} <!-- e:{ids[2]} -->",
    ]


def test_an_entry_that_stands_twice_is_redacted_twice() -> None:
    line = "- 2026-05-14T10:02:00Z the key is x — @ann <!-- e:009w3h -->\n"
    assert "the key" not in redacted(f"{HEAD}{line}{line}", "009w3h")


def test_the_author_goes_only_where_that_is_asked() -> None:
    text = f"{HEAD}- 2026-05-14T10:02:00Z said — @ann (noted by @bob) <!-- e:009w3h -->\n"
    assert "— @ann (noted by @bob)" in redacted(text, "009w3h")
    after = redacted(text, "009w3h", RedactReason.PERSONAL_DATA, hides_author=True)
    assert "**Redacted** personal_data — @redacted (noted by @redacted) <!-- e:009w3h -->" in after
    assert redacted(redacted(text, "009w3h"), "009w3h", hides_author=True).count("@redacted") == 2


def test_a_front_matter_that_is_broken_is_no_obstacle() -> None:
    text = "---\nid: [\ntitle: x\n---\n\n## Timeline\n\n- 2026-05-14T10:02:00Z the key is x — @ann <!-- e:009w3h -->\n"
    after = redacted(text, "009w3h")
    assert after == text.replace("the key is x", "**Redacted** secret")


def test_conflict_markers_are_never_taken_along() -> None:
    one, two = (f"- 2026-05-14T10:02:0{at}Z the key is x — @ann <!-- e:009w3{at} -->\n" for at in (1, 2))
    text = f"{HEAD}{one}<<<<<<< ours\n{two}=======\n>>>>>>> theirs\n"
    for entry in ("009w31", "009w32"):
        with pytest.raises(RefusedError, match="conflict markers"):
            redacted(text, entry)
    away = f"{HEAD}{one}{two}\n## Notes\n\n<<<<<<< ours\n=======\n>>>>>>> theirs\n"
    assert redacted(away, "009w31") == away.replace(one, one.replace("the key is x", "**Redacted** secret"))


def test_a_redacted_entry_can_be_withdrawn_and_written_again() -> None:
    text = redacted(f"{HEAD}- 2026-05-14T10:02:00Z the key is x — @ann <!-- e:009w3h -->\n", "009w3h")
    document = parse_document(text, incident=INCIDENT)
    assert apply_edit(document, incident=INCIDENT, entries=document.entries, hold=differing_keys(document))[0] == text


# -------------------------------------------------------------------------------------------------------------- copies


def test_copies_are_found_however_they_are_escaped_or_spaced() -> None:
    document = f"{HEAD}- Decision: the  key\\*1 is `x_1`\nthe key*1 is `x_1`9\nsomething else\n"
    spans = copies_of(["the key*1 is `x_1`"], document)
    assert [document[start:end] for start, end in spans] == ["the  key\\*1 is `x_1`", "the key*1 is `x_1`"]
    assert without_copies(["the key*1 is `x_1`"], "a the key*1 is `x_1` b", SECRET) == "a [redacted: secret] b"


def test_a_word_that_stands_anywhere_is_no_trace() -> None:
    assert copies_of(["ok", "done.", ""], "ok done. ok") == []
    assert copies_of(["hunter"], "huntergatherer, a hunter") == [(18, 24)]


def test_a_long_line_is_known_by_its_beginning() -> None:
    line = "the key is x " * 40
    text = f"a\n- {line[:300]} …\n- the key is x\n"
    assert without_copies([line], text, SECRET) == "a\n- [redacted: secret]\n- the key is x\n"


def test_a_place_is_named_by_what_stands_there() -> None:
    text = (
        f"---\nid: {INCIDENT}\ntitle: the key is x\n---\n\n# the key is x\n\n## Timeline\n\n"
        "- 2026-05-14T10:02:00Z a\n- 2026-05-14T10:03:00Z the key is x — @ann <!-- e:009w3h -->\n"
    )
    document = parse_document(text, incident=INCIDENT)
    assert list(places_of(document, copies_of(["the key is x"], text))) == [(3, "title"), (6, ""), (11, "e:009w3h")]


def test_all_words_of_an_update_leave_traces() -> None:
    text = (
        f"{HEAD}- 2026-05-14T10:30:00Z **Update** Identified — @ann <!-- e:009w3h -->\n"
        "  - Impact: 12 % fail\n  - Current Theory: the pool\n    is full\n  - Public: we are on it\n  other words\n"
    )
    (entry,) = parse_document(text, incident=INCIDENT).entries
    assert said_in(entry) == ("other words", "12 % fail", "the pool", "is full", "we are on it")


@pytest.mark.parametrize("word", ["a", "\\a", "a ", "ab\\"])
def test_looking_for_copies_takes_linear_time(word: str) -> None:
    lines = ["aaaaaaaab", "ab a b", "a" * 190, "a " * 90_000]
    assert_grows_linearly(lambda size: (word * size)[:size], lambda text: copies_of(lines, text), 10_000)
