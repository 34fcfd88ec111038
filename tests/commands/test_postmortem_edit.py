"""`postmortem edit`: the document in an editor, on whichever branch it is, with what others wrote meanwhile."""

from pathlib import Path

import pytest

from tests.conftest import Desk

ID = "2026-05-14-checkout-latency"
PATH = f"postmortems/2026/05/{ID}.md"
BRANCH = f"postmortem/{ID}"


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 that was resolved, with the draft of its post-mortem on its branch."""
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.at("10:48")
    desk.ok("resolve", "pool size fixed")
    desk.ok("postmortem", "new")
    return desk


def changes(heading: str, words: str, path: Path | str = '"$1"') -> str:
    """A line of a script that writes words under a heading."""
    return f"sed -i 's/^## {heading}$/## {heading}\\n\\n{words}/' {path}"


def test_what_was_written_in_the_editor_is_committed(room: Desk) -> None:
    room.editor(changes("Summary", "Half failed."))
    assert room.ok("postmortem", "edit").out == "post-mortem of checkout-latency edited\n"
    assert room.git("log", "-1", "--format=%B").strip() == f"checkout-latency: post-mortem edited\n\nIncident: {ID}"
    assert room.touched() == [PATH]
    assert "## Summary\n\nHalf failed." in room.git("show", f"{BRANCH}:{PATH}")
    assert room.git("status", "--porcelain") == "" and room.drafts() == []


def test_what_was_not_changed_makes_no_commit(room: Desk) -> None:
    room.editor("true")
    before = room.subjects()
    assert room.ok("postmortem", "edit").out == "post-mortem of checkout-latency as it was: nothing changed\n"
    assert room.ok("postmortem", "edit", "--json").json["unchanged"] is True
    assert room.subjects() == before and room.drafts() == []


def test_what_was_typed_into_the_file_before_stays_and_is_committed_with_it(room: Desk) -> None:
    room.write(PATH, room.text(PATH).replace("## Impact\n", "## Impact\n\nTyped into the file.\n"))
    room.editor(changes("Summary", "Half failed."))
    room.ok("postmortem", "edit")
    committed = room.git("show", f"{BRANCH}:{PATH}")
    assert "Typed into the file." in committed and "Half failed." in committed


def test_a_branch_that_is_not_checked_out_takes_it_too(room: Desk) -> None:
    room.git("switch", "--quiet", "main")
    room.editor(changes("Summary", "Half failed."))
    result = room.ok("postmortem", "edit", "checkout")
    assert f"committed on {BRANCH}; the work tree is on main and was not touched" in result.err
    assert "Half failed." in room.git("show", f"{BRANCH}:{PATH}")
    assert not (room.path / PATH).exists()


def test_what_others_wrote_meanwhile_stays(room: Desk) -> None:
    room.editor(changes("Summary", "Half failed.") + "\n" + changes("Impact", "Of them.", room.path / PATH))
    room.ok("postmortem", "edit")
    committed = room.git("show", f"{BRANCH}:{PATH}")
    assert "Half failed." in committed and "Of them." in committed


def test_the_same_lines_written_by_two_are_settled_in_the_editor(room: Desk) -> None:
    room.editor(changes("Summary", "Mine.") + "\n" + changes("Summary", "Theirs.", room.path / PATH))
    result = room.ictl("postmortem", "edit")
    assert result.code == 5
    assert f"nothing was written; `ictl postmortem edit {ID}` opens both versions" in result.err
    assert "Theirs." in room.text(PATH) and "Mine." not in room.text(PATH)
    room.editor("true")
    refused = room.ictl("postmortem", "edit")
    assert refused.code == 2 and "conflict markers" in refused.err and "Mine." not in room.text(PATH)
    room.editor('cp "$1" "$(dirname "$0")/seen"; sed -i "/^<<<<<<</d; /^=======/d; /^>>>>>>>/d; /^Theirs/d" "$1"')
    assert "your text from before is opened again" in room.ok("postmortem", "edit").err
    seen = (room.path.parent / "seen").read_text()
    assert "<<<<<<<" in seen and "Mine." in seen and "Theirs." in seen
    assert "Mine." in room.git("show", f"{BRANCH}:{PATH}") and "Theirs." not in room.text(PATH)
    assert room.drafts() == []


def test_front_matter_with_a_fault_is_not_written_and_opened_again_and_a_timeline_is_free(room: Desk) -> None:
    room.editor("sed -i 's/^status: draft/status: [/' \"$1\"")
    before = room.text(PATH)
    result = room.ictl("postmortem", "edit")
    assert result.code == 2 and room.text(PATH) == before
    assert f"nothing was written; `ictl postmortem edit {ID}` opens your text again" in result.err
    room.editor(
        "sed -i 's/^status: .$/status: draft/' \"$1\"; printf '\\n## Timeline\\n\\n10:00 Words of ours.\\n' >> \"$1\""
    )
    room.ok("postmortem", "edit")
    assert "10:00 Words of ours." in room.git("show", f"{BRANCH}:{PATH}")


def test_a_dry_run_shows_the_change_and_keeps_the_text(room: Desk) -> None:
    room.editor(changes("Summary", "Half failed."))
    before = room.text(PATH)
    result = room.ok("postmortem", "edit", "--dry-run")
    assert "+Half failed." in result.out.splitlines() and room.text(PATH) == before
    room.editor("true")
    room.ok("postmortem", "edit")
    assert "Half failed." in room.git("show", f"{BRANCH}:{PATH}")


def test_an_editor_that_fails_or_is_not_there_changes_nothing(room: Desk) -> None:
    before = room.text(PATH)
    room.editor('echo junk > "$1"; exit 1')
    result = room.ictl("postmortem", "edit")
    assert result.code == 2 and "the editor ended with an error" in result.err
    del room.environ["GIT_EDITOR"]
    result = room.ictl("postmortem", "edit")
    assert result.code == 2
    assert result.err == (
        f"there is no terminal for an editor: change {PATH} itself; `ictl postmortem submit` commits it\n"
    )
    assert room.text(PATH) == before


def test_where_there_is_none_it_is_said_how_to_begin(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    result = desk.ictl("postmortem", "edit")
    assert result.code == 3
    assert result.err == f"there is no post-mortem of {ID}: draft it with `ictl postmortem new {ID}`\n"
