"""Two incidents as people write them down afterwards, told again as commands: nothing is lost, and each time is the right one.

The documents stand beside this file. One has bullets with times in UTC, code and images between them, and is typed in
as a command for each line. The other has a heading for each time, on a local clock and over the night in which summer
time ends, and its timeline is pasted as it stands.
"""

import re
import shlex
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidentctl.document.edit import same_value
from incidentctl.document.parse import Document, parse_document
from incidentctl.incident.entries import Entry, Status
from incidentctl.incident.lifecycle import State, fold
from incidentctl.incident.times import format_instant
from tests.conftest import Desk, Result

HERE = Path(__file__).parent


def read_document(desk: Desk) -> Document:
    """The only incident, after a look at what must hold for any."""
    text = desk.text()
    document = parse_document(text)
    assert document.faults == ()
    for key, folded in fold(document.entries).as_keys().items():
        assert same_value(key, document.value(key), folded), key
    assert [entry.order for entry in document.entries] == sorted(entry.order for entry in document.entries)
    assert desk.git("status", "--porcelain") == ""
    return document


def timeline_of(name: str) -> str:
    """The timeline of a document, without its heading."""
    text = (HERE / name).read_text(encoding="utf-8")
    return re.split(r"^## .*\n", text.partition("\n## Timeline\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def lost_words(source: str, document: Document) -> list[str]:
    """The words of a text that no entry has, as often as they are missing."""
    said = "\n".join(part for entry in document.entries for part in (entry.text, str(entry.what)))
    missing = Counter(re.findall(r"\S+", source))
    missing.subtract(re.findall(r"\S+", said))
    return sorted(word for word, count in missing.items() if count > 0)


def moments(document: Document) -> list[str]:
    """The entries, as short as can be."""
    return [f"{format_instant(entry.at)[5:16]} {entry.kind}: {_beginning(entry)}" for entry in document.entries]


def _beginning(entry: Entry) -> str:
    return " ".join(entry.text.split()[:4])


# ------------------------------------------------------------------------------------- a command for each line


@pytest.fixture
def seat_maps(desk: Desk) -> tuple[Desk, list[Result]]:
    """The commands of the first document, typed one evening later."""
    desk.now = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)
    desk.zone = "Europe/Oslo"
    results: list[Result] = []
    for line, given in _commands("seat-maps.commands.txt"):
        before = len(desk.subjects())
        results.append(desk.ok(*shlex.split(line), stdin=given))
        assert len(desk.subjects()) == before + 1, line
        assert desk.touched() == desk.files()
        desk.wait(0.4)
    return desk, results


def _commands(name: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("|"):
            found[-1] = (found[-1][0], f"{found[-1][1]}{line[2:]}\n")
        elif line and not line.startswith("#"):
            found.append((line, ""))
    return found


def test_bullets_become_commands_and_the_times_are_those_of_the_document(seat_maps: tuple[Desk, list[Result]]) -> None:
    desk, _ = seat_maps
    document = read_document(desk)
    assert moments(document) == [
        "03-11T06:05 note: [Schema change](https://code.example.org/decks/pull/77) adds a",
        "03-11T06:12 note: First requests for a",
        "03-11T06:19 observation: On-call is paged for",
        "03-11T06:24 investigation: Workers of the seat",
        "03-11T06:31 opened: ",
        "03-11T06:31 commander: ",
        "03-11T06:38 action: Restart of the seat",
        "03-11T06:52 severity: the ticket machines use",
        "03-11T07:10 investigation: The lock is found:",
        "03-11T07:12 update: ",
        "03-11T07:15 decision: stop the schema change,",
        "03-11T07:44 action: The schema change is",
        "03-11T08:06 mitigated: Retries limited at the",
        "03-11T08:40 done: all lines can be",
        "03-11T11:20 resolved: Refresh and schema changes",
        "03-11T11:20 note: The errors by line,",
    ]
    assert all(entry.recorded_at is not None for entry in document.entries)


def test_the_state_is_that_of_the_document(seat_maps: tuple[Desk, list[Result]]) -> None:
    desk, results = seat_maps
    assert fold(read_document(desk).entries) == State(
        status=Status.RESOLVED,
        severity="SEV1",
        commander="dana",
        started_at=datetime(2026, 3, 11, 6, 12, tzinfo=UTC),
        detected_at=datetime(2026, 3, 11, 6, 19, tzinfo=UTC),
        declared_at=datetime(2026, 3, 11, 6, 31, tzinfo=UTC),
        acknowledged_at=datetime(2026, 3, 11, 6, 31, tzinfo=UTC),
        mitigated_at=datetime(2026, 3, 11, 8, 6, tzinfo=UTC),
        resolved_at=datetime(2026, 3, 11, 11, 20, tzinfo=UTC),
        severity_since=datetime(2026, 3, 11, 6, 52, tzinfo=UTC),
        role_since={"commander": datetime(2026, 3, 11, 6, 31, tzinfo=UTC)},
    )
    answers = "".join(result.out for result in results)
    assert "mitigated, 1h 47m after detection" in answers
    assert "resolved, 5h 1m after detection" in answers
    assert "08:06Z" in answers
    assert "11 Mar 09:06 CET = 08:06Z" in answers


def test_code_images_and_tables_are_kept_as_they_stand(seat_maps: tuple[Desk, list[Result]]) -> None:
    desk, _ = seat_maps
    text = desk.text()
    source = timeline_of("seat-maps.md")
    code = source[source.index("```") : source.rindex("```") + 3]
    assert "".join(f"  {line}\n" if line else "\n" for line in code.split("\n")) in text
    assert text.count("<img ") == source.count("<img ") == 2
    assert "  | 8850 | ALTER TABLE | 06:12 |\n" in text
    assert r"without effect \<!-- two of four hosts -->" in text
    assert "<!-- two of four hosts -->" in next(
        entry.text for entry in read_document(desk).entries if "Restart" in entry.text
    )


def test_no_word_of_the_bullets_is_lost(seat_maps: tuple[Desk, list[Result]]) -> None:
    desk, _ = seat_maps
    source = timeline_of("seat-maps.md")
    bullets = re.sub(r"^- \*\*\d\d:\d\d UTC\*\* - ", "", source, flags=re.MULTILINE)
    # What commands say in their own way: the opening, a change of severity, a decision, and the duty that was done.
    said_otherwise = {"Incident", "declared", "as", "SEV2;", "Dana", "coordinates"}
    said_otherwise |= {"Severity", "raised", "to", "SEV1:", "Decision:", "Status", "page:"}
    assert set(lost_words(bullets, read_document(desk))) <= said_otherwise


def test_the_record_reads_back_through_show_and_timeline(seat_maps: tuple[Desk, list[Result]]) -> None:
    desk, _ = seat_maps
    shown = desk.ok("show", "2026-03-11-seat-maps-unavailable", "--json").json
    assert len(shown["timeline"]) == 16
    assert [each["by"] for each in shown["timeline"] if each["kind"] == "investigation"] == ["ann", "bob"]
    listed = desk.ok("timeline", "2026-03-11-seat-maps-unavailable", "--tz", "Europe/Oslo").out
    assert listed.index("First requests") < listed.index("OPENED SEV2") < listed.index("MITIGATED")


# ----------------------------------------------------------------------------------- a timeline that is pasted


@pytest.fixture
def archive(desk: Desk) -> tuple[Desk, Result]:
    """The second document: opened, its timeline pasted, and ended, two days later and in another zone than its own."""
    desk.now = datetime(2025, 10, 28, 8, 0, tzinfo=UTC)
    told = ("--tz", "Europe/Berlin")
    desk.ok(
        *("open", "Archive cannot be searched", "-s", "3", "--service", "archive", "--at", "2025-10-25 23:20"),
        *("--started-at", "2025-10-25 22:30", "--detected-at", "2025-10-25 23:15", *told),
    )
    before = len(desk.subjects())
    pasted = desk.ok("note", "--lines", "-", stdin=timeline_of("night-of-the-archive.md"))
    assert len(desk.subjects()) == before + 1
    assert desk.touched() == desk.files()
    desk.ok("severity", "2", "the reading room opens in the morning", "--at", "2025-10-26 01:30", *told)
    refused = desk.ictl("note", "the hour that is there twice", "--at", "2025-10-26 02:30", *told)
    assert refused.code == 2
    assert "2025-10-26T00:30Z (CEST) or 2025-10-26T01:30Z (CET)" in refused.err
    mitigated = desk.ok("mitigate", "searches answer again", "--at", "2025-10-26 03:25", *told)
    assert "mitigated, 5h 10m after detection" in mitigated.out  # by the clock on the wall it would be 4h 10m
    resolved = desk.ok("resolve", "a limit for each shard", "--at", "2025-10-27 16:30", *told)
    assert "resolved, 1d 18h after detection" in resolved.out
    desk.ok("set", "2025-10-25-archive-cannot-be-searched", "estimated=started_at")
    assert len(desk.subjects()) == before + 5
    return desk, pasted


def test_headings_become_entries_in_utc(archive: tuple[Desk, Result]) -> None:
    desk, _ = archive
    assert moments(read_document(desk)) == [
        "10-25T20:30 note: Searches in the archive",
        "10-25T21:15 note: first report A reader",
        "10-25T21:20 opened: ",
        "10-25T21:40 note: @eli looks at the",
        "10-25T23:05 note: Moving the shard to",
        "10-25T23:30 severity: the reading room opens",
        "10-26T00:40 note: The move stands at",
        "10-26T01:10 note: Half an hour later,",
        "10-26T02:20 note: (written down late) The",
        "10-26T02:25 note: The move is complete.",
        "10-26T02:25 mitigated: searches answer again",
        "10-26T08:00 note: @fay starts the import",
        "10-27T10:00 note: All scans are found.",
        "10-27T15:30 note: A shard may no",
        "10-27T15:30 resolved: a limit for each",
    ]


def test_what_was_understood_of_the_paste_is_shown(archive: tuple[Desk, Result]) -> None:
    _, pasted = archive
    lines = pasted.err.splitlines()
    assert lines[0] == "  times in local (Europe/Berlin), as the lines say"
    assert lines[1].startswith("  25 Oct 20:30Z  Searches in the archive begin to answer slowly. Nobody notices")
    assert len(lines) == 12
    assert pasted.out.endswith("11 lines noted\n")


def test_what_a_time_cannot_say_stays_in_the_words(archive: tuple[Desk, Result]) -> None:
    desk, _ = archive
    texts = [entry.text for entry in read_document(desk).entries]
    assert texts[0].endswith("the reading room is closed. (ca.)")
    assert "one of them has (ca., until 22:20Z)\n\n1. twice the documents" in texts[3]


def test_no_word_of_the_headings_is_lost(archive: tuple[Desk, Result]) -> None:
    desk, _ = archive
    source = timeline_of("night-of-the-archive.md").replace("All times are local (Europe/Berlin)\n", "")
    heading = r"^### (?:\d+\.? Oct\w*,? ?(?:2025)?,? ?)?(?:ca\. |~)?\d\d:\d\d(?:-\d\d:\d\d|am| CES?T)?(?: - )?"
    assert lost_words(re.sub(heading, "", source, flags=re.MULTILINE), read_document(desk)) == []


def test_code_in_the_paste_is_kept_and_is_no_entry(archive: tuple[Desk, Result]) -> None:
    desk, _ = archive
    text = desk.text()
    assert "\n  ```bash\n  shardctl move archive-07 --to host-12\n  # 02:10 estimated end\n  ```\n" in text
    assert "\n      2025-10-26 02:10:07 move archive-07: 88 %\n" in text
    assert "\n  14:30 the day before.\n" in text


def test_the_same_paste_again_changes_nothing(archive: tuple[Desk, Result]) -> None:
    desk, _ = archive
    before = desk.text()
    name = "2025-10-25-archive-cannot-be-searched"
    desk.ok("note", name, "--lines", "-", stdin=timeline_of("night-of-the-archive.md"))
    assert desk.text() == before


def test_the_duration_is_that_of_the_night_and_not_of_its_clock(archive: tuple[Desk, Result]) -> None:
    desk, _ = archive
    state = fold(read_document(desk).entries)
    assert state.started_at and state.mitigated_at and state.resolved_at
    assert (state.status, state.severity) == ("resolved", "SEV2")
    assert (state.mitigated_at - state.started_at).total_seconds() / 3600 == pytest.approx(5 + 55 / 60)
    assert format_instant(state.resolved_at) == "2025-10-27T15:30:00Z"
