"""`edit`: the file in an editor, with what others wrote meanwhile."""

from pathlib import Path

import pytest

from tests.conftest import Desk

ID = "2026-05-14-checkout-latency"


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 that is under way."""
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.at("10:20")
    return desk


def test_a_key_that_was_changed_becomes_an_entry_by_hand(room: Desk) -> None:
    room.editor("sed -i 's/^severity: SEV2/severity: SEV1/; s/^title: .*/title: Checkout fails/' \"$1\"")
    result = room.ok("edit")
    assert result.out == "10:20Z checkout-latency SEV1 edited\n"
    assert room.subjects()[0] == "checkout-latency: edited"
    assert "**Severity** SEV2 → SEV1 (by hand, uncommitted) — @ann" in room.text()
    assert "title: Checkout fails" in room.text()
    assert room.drafts() == []


def test_an_unchanged_file_makes_no_commit(room: Desk) -> None:
    room.editor("true")
    before = room.subjects()
    assert room.ok("edit").out == "10:20Z checkout-latency SEV2 nothing changed\n"
    assert room.ok("edit", "--json").json["unchanged"] == "nothing changed"
    assert room.subjects() == before
    assert room.drafts() == []


def test_an_incident_is_named_by_a_part_of_its_id(room: Desk) -> None:
    room.ok("open", "Login fails", "-s", "2")
    room.editor("echo '- 2026-05-14T10:15:00Z typed by hand' >> \"$1\"")
    room.ok("edit", "checkout")
    assert "typed by hand" in room.text(room.files()[0])
    assert "typed by hand" not in room.text(room.files()[1])
    assert room.ictl("edit", "checkout", "-i", "login").code == 2


def test_what_others_wrote_meanwhile_stays(room: Desk) -> None:
    other = "- 2026-05-14T10:16:00Z others wrote this — @bob"
    script = f"""
sed -i 's/^title: .*/title: Checkout fails/' "$1"
f={room.path}/{room.files()[0]}
echo '{other}' >> $f
"""
    room.editor(script)
    room.ok("edit")
    assert other in room.text()
    assert "title: Checkout fails" in room.text()


def test_the_same_lines_changed_by_two_are_a_conflict_that_is_settled_in_the_editor(room: Desk) -> None:
    script = f"""
sed -i 's/^title: .*/title: Mine/' "$1"
sed -i 's/^title: .*/title: Theirs/' {room.path}/{room.files()[0]}
"""
    room.editor(script)
    result = room.ictl("edit")
    assert result.code == 5
    assert f"{ID} was changed in the same lines while you edited it: your text is kept" in result.err
    assert "title: Theirs" in room.text()
    room.editor('cp "$1" $(dirname "$0")/seen')
    result = room.ictl("edit")
    assert result.code == 2
    assert "nothing was written" in result.err
    seen = (room.path.parent / "seen").read_text()
    assert "<<<<<<<" in seen
    assert "title: Mine" in seen
    assert "title: Theirs" in seen
    room.editor("sed -i '/^<<<<<<</d; /^=======/d; /^>>>>>>>/d; /^title: Theirs/d' \"$1\"")
    room.ok("edit")
    assert "title: Mine" in room.text()
    assert room.drafts() == []


def test_a_text_with_a_fault_is_not_written_and_opened_again(room: Desk) -> None:
    room.editor("sed -i 's/^severity: SEV2/severity: [/' \"$1\"")
    before = room.text()
    result = room.ictl("edit")
    assert result.code == 2
    assert result.err.startswith("line ")
    assert f"nothing was written; `ictl edit {ID}` opens your text again" in result.err
    assert room.text() == before
    room.ok("note", "meanwhile")
    room.editor("sed -i 's/^severity: .$/severity: SEV1/' \"$1\"")
    result = room.ok("edit")
    assert "your text from before is opened again\n" in result.err
    assert "severity: SEV1" in room.text()
    assert "meanwhile" in room.text()


def test_an_editor_that_fails_changes_nothing(room: Desk) -> None:
    room.editor('echo junk > "$1"; exit 1')
    before = room.text()
    result = room.ictl("edit")
    assert result.code == 2
    assert "the editor ended with an error" in result.err
    assert room.text() == before


def test_a_dry_run_shows_the_difference_and_keeps_the_text(room: Desk) -> None:
    room.editor("sed -i 's/^title: .*/title: Checkout fails/' \"$1\"")
    before = room.text()
    result = room.ok("edit", "--dry-run")
    assert "+title: Checkout fails" in result.out
    assert room.text() == before


def test_without_a_terminal_there_is_no_editor(room: Desk) -> None:
    result = room.ictl("edit")
    assert result.code == 2
    assert result.err == "there is no terminal for an editor: change the file itself; the next command takes it in\n"


def test_a_file_with_a_fault_can_be_mended(room: Desk) -> None:
    path = Path(room.path, room.files()[0])
    path.write_text(path.read_text().replace("severity: SEV2", "severity: ["))
    room.editor("sed -i 's/^severity: .$/severity: SEV2/' \"$1\"")
    room.ok("edit")
    assert room.ictl("list").code == 0


def test_resolving_in_the_editor_ends_the_current_incident(room: Desk) -> None:
    room.editor("sed -i 's/^status: .*/status: resolved/' \"$1\"")
    room.ok("edit")
    assert room.ok("use").out == ""
