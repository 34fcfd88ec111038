"""`redact`: the words of an entry go; that there was one, when, of which kind and by whom, stays."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import Desk, Result, new_desk

ID = "2026-05-14-checkout-latency"
PATH = f"postmortems/2026/05/{ID}.md"
SECRET = "Jane Doe, 0171 5550123, called"
HISTORY = (
    "the words are still in the history of git, and in every clone: make a secret worthless first,"
    " then `docs/how-to/erase.md` says how to erase them\n"
)


def entry_id(desk: Desk, words: str) -> str:
    """The id of the entry that holds the words."""
    (line,) = [line for line in desk.text().splitlines() if line.startswith("- ") and words in line]
    return line.rpartition("<!-- ")[2].removesuffix(" -->")


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 with a note whose words should not be there."""
    desk.ok("open", "Checkout latency", "-s", "2", "--summary", "p99 above 4 s")
    desk.at("10:20")
    desk.ok("note", SECRET)
    desk.at("10:40")
    return desk


@pytest.fixture
def target(room: Desk) -> str:
    """That note."""
    return entry_id(room, SECRET)


def assert_unsaid(result: Result, desk: Desk) -> None:
    """The words are neither printed nor in what the commit says, nor in anything of ours."""
    assert SECRET not in result.out + result.err
    assert SECRET not in desk.git("log", "-1", "--format=%B")
    assert SECRET not in desk.git("reflog", "-1")
    for path in (desk.path / ".git" / "incidentctl").rglob("*"):
        assert not path.is_file() or "spool" not in path.parts or SECRET not in path.read_text(), path


def test_the_words_go_and_the_entry_stays(room: Desk, target: str) -> None:
    result = room.ok("redact", target, "--reason", "personal_data")
    assert result.out == f"10:40Z checkout-latency SEV2 redacted {target}: note of 10:20Z by @ann\n"
    assert result.err == HISTORY
    assert f"- 2026-05-14T10:20:00Z **Redacted** personal_data — @ann <!-- {target} -->" in room.text()
    assert SECRET not in room.text()
    assert room.subjects()[0] == f"checkout-latency: redacted note {target}"
    assert room.git("log", "-1", "--format=%(trailers)").strip() == f"Incident: {ID}\nIncident-Event: redacted {target}"
    assert_unsaid(result, room)


def test_a_program_gets_the_entry_and_where_the_words_still_stand(room: Desk, target: str) -> None:
    room.ok("set", f"title={SECRET}")
    result = room.ok("redact", target, "--reason", "secret", "--json")
    Draft202012Validator(room.ok("schema", "write").json).validate(result.json)
    assert (result.json["entry"]["redacted"], result.json["entry"]["text"]) == ("secret", "")
    assert result.json["committed"]
    path = room.files()[0]
    assert result.json["copies"] == [{"path": path, "line": 3, "what": "title", "branch": None}]


def test_twice_is_no_commit_and_another_reason_is_one(room: Desk, target: str) -> None:
    room.ok("redact", target, "--reason", "secret")
    before = room.subjects()
    assert room.ok("redact", target, "--reason", "secret").out.endswith(f"{target} is redacted already\n")
    assert room.subjects() == before
    room.ok("redact", target, "--reason", "personal-data")
    assert f"**Redacted** personal_data — @ann <!-- {target} -->" in room.text()


def test_the_author_goes_where_that_is_asked(room: Desk, target: str) -> None:
    room.ok("redact", target, "--reason", "secret")
    result = room.ok("redact", target, "--reason", "secret", "--author")
    assert f"**Redacted** secret — @redacted <!-- {target} -->" in room.text()
    assert "by @redacted" in result.out
    assert "redacted already" in room.ok("redact", target, "--reason", "secret", "--author").out


def test_what_an_entry_did_to_the_state_stays(room: Desk) -> None:
    room.ok("severity", "1", "the key is x9 y8")
    room.ok("update", "the key is x9 y8", "--status", "identified", "--impact", "the key is x9 y8")
    room.ok("mitigate", "the key is x9 y8")
    for words in ("**Severity**", "**Update**", "**Mitigated**"):
        room.ok("redact", entry_id(room, words), "--reason", "secret")
    assert "x9" not in room.text()
    state = room.ok("show", "--json").json["incident"]
    assert (state["severity"], state["status"], state["mitigated_at"]) == ("SEV1", "mitigated", "2026-05-14T10:40:00Z")
    assert "**Update** Identified **Redacted** secret — @ann" in room.text()
    assert "**Severity** SEV2 → SEV1 **Redacted** secret — @ann" in room.text()


def test_the_same_words_are_named_wherever_they_still_stand(room: Desk) -> None:
    for minute in ("10:41", "10:42"):
        room.at(minute)
        room.ok("update", "failing over", "--impact", SECRET)
    first, second = (
        line.rpartition("<!-- ")[2].removesuffix(" -->") for line in room.text().splitlines() if "**Update**" in line
    )
    result = room.ok("redact", second, "--reason", "personal_data")
    note = entry_id(room, SECRET + " — @ann")
    path = room.files()[0]
    lines = room.text().splitlines()
    at = [number for number, line in enumerate(lines, 1) if SECRET in line]
    assert result.err.splitlines()[:2] == [
        f"the same words stand in {path}:{at[0]}: `ictl redact {note} --reason REASON`",
        f"the same words stand in {path}:{at[1]}: `ictl redact {first} --reason REASON`",
    ]
    assert SECRET not in result.err


def test_of_the_opening_it_is_said_that_the_title_stands(room: Desk) -> None:
    result = room.ok("redact", entry_id(room, "**Opened**"), "--reason", "secret")
    assert "**Opened** SEV2 **Redacted** secret — @ann" in room.text()
    assert "the title stands: `ictl set title=WORDS` changes it, `ictl edit` the heading\n" in result.err
    assert room.ok("show", "--json").json["incident"]["declared_at"] == "2026-05-14T10:06:00Z"


def test_the_post_mortem_is_named_with_line_and_branch_and_cleaned_where_that_is_asked(room: Desk, target: str) -> None:
    room.ok("note", "--kind", "decision", f"{SECRET}*again*")
    decision = entry_id(room, "again")
    room.git("switch", "--quiet", "-c", "other")
    room.git("switch", "--quiet", "main")
    room.ok("postmortem", "new", "--all")
    here = room.git("rev-parse", "--abbrev-ref", "HEAD").strip()
    assert here == f"postmortem/{ID}"
    result = room.ok("redact", "-i", ID, decision, "--reason", "secret")
    text = room.text(PATH)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "Decision: Jane" in each)
    assert f"the same words stand in {PATH}:{line}\n" in result.err
    room.git("switch", "--quiet", "main")
    room.ok("redact", target, "--reason", "personal_data", "--everywhere")
    committed = room.git("show", f"postmortem/{ID}:{PATH}")
    assert "- 2026-05-14T10:20:00Z [redacted: personal_data]\n" in committed
    assert not (room.path / PATH).exists()
    trailers = room.git("log", "-1", "--format=%(trailers)", f"postmortem/{ID}").strip()
    assert trailers == f"Incident: {ID}\nIncident-Event: redacted {target}"


def test_a_draft_that_an_editor_left_behind_is_named(room: Desk, target: str) -> None:
    room.editor("exit 1")
    assert room.ictl("edit").code == 2
    place = room.path / ".git" / "incidentctl" / "drafts" / f"{ID}.md"
    result = room.ok("redact", target, "--reason", "secret")
    assert f"the same words stand in {place}:" in result.err


def test_a_line_that_was_typed_by_hand_is_redacted_with_its_id(room: Desk) -> None:
    room.write(room.files()[0], room.text() + f"- 2026-05-14T10:30:00Z {SECRET} by mail\n")
    (entry,) = [each for each in room.ok("show", "--json").json["timeline"] if "by mail" in each["text"]]
    room.ok("redact", entry["id"], "--reason", "secret")
    assert f"- 2026-05-14T10:30:00Z **Redacted** secret <!-- e:{entry['id']} -->" in room.text()


def test_a_dry_run_shows_the_change_without_the_words(room: Desk, target: str) -> None:
    before = room.text()
    result = room.ok("redact", target, "--reason", "secret", "--dry-run")
    assert "+- 2026-05-14T10:20:00Z **Redacted** secret" in result.out
    assert_unsaid(result, room)
    assert SECRET not in room.ok("redact", target, "--reason", "secret", "--dry-run", "--json").out
    assert room.text() == before


def test_a_redacted_entry_can_be_withdrawn_and_a_withdrawn_one_redacted(room: Desk, target: str) -> None:
    room.ok("undo", target)
    room.ok("redact", target, "--reason", "secret")
    withdrawal = entry_id(room, f"**Withdrawn** {target}")
    room.ok("undo", withdrawal)
    room.ok("undo", target, "-m", "not needed")
    assert room.text().count("**Redacted** secret") == 1
    room.ok("redact", entry_id(room, "not needed"), "--reason", "secret")
    assert f"**Withdrawn** {target} **Redacted** secret" in room.text()


def test_it_is_written_on_the_branch_of_the_record_while_another_is_checked_out(room: Desk, target: str) -> None:
    room.git("switch", "--quiet", "-c", "feature")
    room.write("notes.txt", "mine")
    result = room.ok("redact", target, "--reason", "secret")
    assert "committed on main; the work tree is on feature and was not touched" in result.err
    assert SECRET in room.text()
    assert SECRET not in room.git("show", f"main:{room.files()[0]}")


def test_staged_and_unstaged_work_of_others_stays(room: Desk, target: str) -> None:
    room.write("staged.txt", "mine")
    room.git("add", "staged.txt")
    room.ok("redact", target, "--reason", "secret")
    assert room.touched() == room.files()
    assert room.git("status", "--short") == "A  staged.txt\n"


def test_what_is_saved_and_not_committed_yet_never_gets_into_history(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    merge = desk.path / ".git" / "MERGE_HEAD"
    merge.write_text(desk.git("rev-parse", "HEAD"))
    assert desk.ictl("note", SECRET).code == 7
    (entry,) = [each for each in desk.ok("show", "--json").json["timeline"] if each["text"] == SECRET]
    result = desk.ictl("redact", f"e:{entry['id']}", "--reason", "secret")
    assert SECRET not in result.out + result.err
    spool = desk.path / ".git" / "incidentctl" / "spool"
    assert all(SECRET not in path.read_text() for path in spool.iterdir())
    merge.unlink()
    desk.ok("note", "later")
    assert f"**Redacted** secret — @ann <!-- e:{entry['id']} -->" in desk.text()
    assert SECRET not in desk.git("log", "-p", "--all")


def test_it_is_saved_where_it_cannot_be_committed_and_taken_in_later(room: Desk, target: str) -> None:
    merge = room.path / ".git" / "MERGE_HEAD"
    merge.write_text(room.git("rev-parse", "HEAD"))
    result = room.ictl("redact", target, "--reason", "secret")
    assert result.code == 7
    assert_unsaid(result, room)
    assert SECRET not in room.ok("timeline").out
    merge.unlink()
    room.ok("note", "later")
    assert f"**Redacted** secret — @ann <!-- {target} -->" in room.text()
    assert f"Incident-Event: redacted {target}" in room.git("log", "-2", "--format=%B")


def test_a_hook_that_refuses_leaves_it_in_the_file(room: Desk, target: str) -> None:
    hook = room.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    result = room.ictl("redact", target, "--reason", "secret")
    assert result.code == 7
    assert SECRET not in room.text()
    hook.unlink()
    room.ok("note", "later")
    assert SECRET not in room.git("show", f"HEAD:{room.files()[0]}")
    assert room.git("status", "--short") == ""


def test_a_broken_front_matter_is_no_obstacle_and_windows_lines_stay(room: Desk, target: str) -> None:
    text = room.text().replace("severity: SEV2", "severity: [").replace("\n", "\r\n")
    room.write(room.files()[0], text)
    result = room.ok("redact", target, "--reason", "secret")
    assert room.text() == text.replace(SECRET, "**Redacted** secret")
    assert "its keys were left alone" in result.err


def test_a_repository_without_a_work_tree_will_do(room: Desk, target: str) -> None:
    bare = room.path.parent / "bare.git"
    room.git("clone", "--quiet", "--bare", str(room.path), str(bare))
    room.ok("-C", str(bare), "redact", target, "-i", ID, "--reason", "secret", cwd=bare.parent)
    assert SECRET not in room.git("show", f"main:{room.files()[0]}", cwd=bare)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "one entry is redacted at a time"),
        (["e:abcdef"], "the reason is missing: give --reason secret or personal_data"),
        (["e:abcdef", "--reason", "shame"], "'shame' is no reason to redact"),
        (["e:abcdef", "--reason", "secret"], "has no entry e:abcdef: see the ids: ictl timeline"),
        (["title", "--reason", "secret"], "title is no entry: give it another value: ictl set title=VALUE"),
        (["severity", "--reason", "secret"], "severity is no entry: it has a verb of its own: ictl severity SEV"),
        (["all of it", "--reason", "secret"], "'all of it' is no entry"),
        (["a:zzzzzz", "--reason", "secret"], "there is no action item"),
    ],
)
def test_what_cannot_be_redacted_is_said_with_the_way_out(room: Desk, words: list[str], message: str) -> None:
    before = room.text()
    result = room.ictl("redact", *words)
    assert result.code in (2, 3)
    assert message in result.err
    assert room.text() == before


def test_the_incident_may_be_named_in_front(room: Desk, target: str) -> None:
    room.ok("open", "Login fails", "-s", "2")
    assert room.ictl("redact", target, "--reason", "secret").code == 2
    room.ok("redact", "checkout", target, "--reason", "secret")
    assert SECRET not in room.text(room.files()[0])


def test_on_a_terminal_the_reason_is_asked_for(room: Desk, target: str) -> None:
    assert room.ictl("redact", target, typed="personal data\n").code == 0
    assert "**Redacted** personal_data" in room.text()


ITEMS = (
    "- [ ] Tell Jane Doe, 0171 5550123 — owner: @bob — due: 2026-06-01 — type: process"
    " — [#412 of Jane](https://github.com/example/ops/issues/412) <!-- a:7k2ps0 -->\n"
    "  and her sister\n"
    "- [x] ~~Second region~~ — owner: @ann — dropped: 2026-06-11 Jane said no <!-- a:0q8fh2 -->\n"
    "- [x] Cap the pool — owner: @ann — done: 2026-05-19 told Jane <!-- a:c4p001 -->\n"
)


def test_an_action_item_is_redacted_and_stays_to_be_done(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write(PATH, f"---\nincident: {ID}\nstatus: draft\n---\n\n# x\n\n## Action Items\n\n{ITEMS}")
    desk.git("add", PATH)
    desk.git("commit", "--quiet", "-m", "post-mortem")
    result = desk.ok("redact", "a:7k2", "--reason", "personal_data")
    assert "a:7k2ps0 checkout-latency redacted" in result.out
    assert HISTORY in result.err
    assert desk.subjects()[0] == "checkout-latency: redacted a:7k2ps0"
    assert "Incident-Event: redacted a:7k2ps0" in desk.git("log", "-1", "--format=%B")
    for item in ("a:0q8fh2", "a:c4p001"):
        desk.ok("redact", item, "--reason", "personal_data")
    assert desk.text(PATH).endswith(
        "- [ ] **Redacted** personal_data — owner: @bob — due: 2026-06-01 — type: process <!-- a:7k2ps0 -->\n"
        "- [x] ~~**Redacted** personal_data~~ — owner: @ann — dropped: 2026-06-11 <!-- a:0q8fh2 -->\n"
        "- [x] **Redacted** personal_data — owner: @ann — done: 2026-05-19 <!-- a:c4p001 -->\n"
    )
    before = desk.subjects()
    assert desk.ok("redact", "a:7k2ps0", "--reason", "personal_data").out == "a:7k2ps0 is redacted already\n"
    assert desk.subjects() == before
    assert "Jane" not in desk.ok("action", "list", "--all").out


def test_git_with_sha256_will_do(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, git_options=("--object-format=sha256",))
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", SECRET)
    desk.ok("redact", entry_id(desk, SECRET), "--reason", "secret")
    assert SECRET not in desk.text()
