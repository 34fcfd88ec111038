"""`verify`: who changed what on the record after the fact. Each change is made by plain git, or by the real command."""

import shutil
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from incidentctl.document.merge import parted_id
from tests.commands.terminal import PROGRAMS
from tests.conftest import SETTINGS, Desk, new_desk, scrubbed_environ

ID = "2026-05-14-checkout-latency"
FILE = f"incidents/2026/05/{ID}.md"
POSTMORTEM = f"postmortems/2026/05/{ID}.md"
ITEM = "- [ ] Alert on the pool — owner: @ann — due: 2026-06-01 — type: detect <!-- a:7k2ps0 -->"


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 with two notes."""
    desk.ok("open", "Checkout latency", "-s", "2", "--detected-at", "-4m")
    desk.wait(4)
    desk.ok("note", "pool exhausted on db-3")
    desk.wait(4)
    desk.ok("note", "restarted the proxy")
    desk.wait(4)
    return desk


def id_of(desk: Desk, words: str, name: str = FILE) -> str:
    """The id of the entry that says these words, as `e:…`."""
    line = next(line for line in desk.text(name).splitlines() if words in line)
    return line.rpartition("<!-- ")[2].removesuffix(" -->")


def by_hand(desk: Desk, *changes: tuple[str, str], name: str = FILE, message: str = "tidy") -> str:
    """Changes words of a file as a person does, and commits that with plain git."""
    text = desk.text(name)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    desk.write(name, text)
    return committed(desk, message)


def committed(desk: Desk, message: str = "tidy") -> str:
    desk.git("add", "--all")
    desk.git("commit", "--quiet", "-m", message)
    return desk.git("rev-parse", "HEAD").strip()


def without(desk: Desk, words: str, name: str = FILE) -> str:
    """Removes the line with these words and commits that."""
    lines = desk.text(name).splitlines(keepends=True)
    kept = [line for line in lines if words not in line]
    assert len(kept) == len(lines) - 1
    desk.write(name, "".join(kept))
    return committed(desk)


def verified(desk: Desk, *words: str) -> list[tuple[str, str, str | None]]:
    """What was found: verdict, what, and of what. The exit code fits, and the JSON fits its schema."""
    result = desk.ictl("verify", "--json", *words)
    data = result.json
    Draft202012Validator(desk.ok("schema", "verify").json).validate(data)
    found = [(each["verdict"], each["what"], each["subject"]) for each in data["changes"]]
    is_bad = data["summary"]["undeclared"] or data["unreadable"]
    assert result.code == (1 if is_bad else 0), result.err
    assert data["summary"]["undeclared"] == sum(verdict == "undeclared" for verdict, _, _ in found)
    return found


# ---------------------------------------------------------------------------------------------------- nothing changed


def test_a_record_that_only_commands_wrote_is_one_line(room: Desk) -> None:
    room.ok("update", "failing over", "--status", "identified")
    room.ok("severity", "1", "payments fail as well")
    room.ok("assign", "ic", "me")
    room.ok("mitigate", "failed over")
    room.ok("resolve", "pool size fixed")
    assert room.ok("verify").out == "nothing changed after the fact in 1 incident, 8 commits\n"
    assert verified(room) == []


def test_a_repository_without_a_commit_or_an_incident_has_nothing_to_verify(desk: Desk, tmp_path: Path) -> None:
    assert desk.ok("verify").out == "nothing changed after the fact in 0 incidents, 0 commits\n"
    empty = Desk(tmp_path / "empty", scrubbed_environ(tmp_path / "home2"))
    (empty.path / "incidents").mkdir(parents=True)
    empty.git("init", "--quiet")
    assert empty.ok("verify").out == "nothing changed after the fact in 0 incidents, 0 commits\n"


def test_lines_that_people_add_by_hand_are_welcome(room: Desk) -> None:
    text = room.text()
    room.write(FILE, text + "- 2026-05-14T10:19:00Z typed by hand — @bob\n\n## Notes\n\nfree words\n")
    committed(room)
    by_hand(room, ("free words", "other words"), ("title: Checkout latency", "title: Checkout is slow"))
    assert verified(room) == []


def test_a_layout_that_says_the_same_is_no_change(room: Desk) -> None:
    room.ok("severity", "1", "worse")
    by_hand(room, ("SEV2 → SEV1", "SEV2 -> SEV1"))
    by_hand(room, ("\n## Timeline\n", "\n\n## Timeline\n\n"))
    assert verified(room) == []


# --------------------------------------------------------------------------------------------------------- undeclared


def test_an_entry_whose_words_were_changed_is_named_with_what_was_and_is(room: Desk) -> None:
    entry = id_of(room, "pool exhausted")
    commit = by_hand(room, ("pool exhausted on db-3", "pool was fine"))
    assert verified(room) == [("undeclared", "entry_edited", entry)]
    result = room.ictl("verify")
    assert result.code == 1
    assert result.out == (
        f"{ID}\n"
        f'  UNDECLARED entry {entry} edited: "2026-05-14T10:10:00Z pool exhausted on db-3 — @ann" → '
        f'"2026-05-14T10:10:00Z pool was fine — @ann" · {commit[:12]} by Ann <ann@example.org> at '
        f"{when(room, commit)}\n"
        "1 undeclared, 0 declared changes in 1 incident, 4 commits\n"
    )
    assert "git revert" in result.err
    (change,) = room.ictl("verify", "--json").json["changes"]
    assert change["was"] == "2026-05-14T10:10:00Z pool exhausted on db-3 — @ann"
    assert change["now"] == "2026-05-14T10:10:00Z pool was fine — @ann"
    assert (change["incident"], change["path"], change["commit"]) == (ID, FILE, commit)
    assert change["author"] == {"name": "Ann", "mail": "ann@example.org"}


def when(desk: Desk, commit: str) -> str:
    return desk.git("show", "-s", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%ad", commit).strip()


def test_an_entry_that_was_removed_is_named(room: Desk) -> None:
    entry = id_of(room, "restarted")
    without(room, "restarted the proxy")
    assert verified(room) == [("undeclared", "entry_removed", entry)]


def test_an_entry_whose_further_lines_were_changed_is_named(room: Desk) -> None:
    room.ok("update", "failing over", "--status", "identified", "--impact", "12 % of checkouts fail")
    entry = id_of(room, "**Update**")
    by_hand(room, ("12 % of checkouts fail", "13 % of checkouts fail"))
    assert verified(room) == [("undeclared", "entry_edited", entry)]
    out = room.ictl("verify").out
    assert "Impact: 12 % of checkouts fail" in out and "Impact: 13 % of checkouts fail" in out


def test_an_entry_whose_author_was_changed_is_named(room: Desk) -> None:
    entry = id_of(room, "restarted")
    by_hand(room, ("restarted the proxy — @ann", "restarted the proxy — @bob"))
    assert verified(room) == [("undeclared", "entry_edited", entry)]


def test_an_entry_that_was_moved_in_time_is_named(room: Desk) -> None:
    entry = id_of(room, "restarted")
    by_hand(room, ("2026-05-14T10:14:00Z", "2026-05-14T10:08:00Z"))
    assert verified(room) == [("undeclared", "time_moved", entry)]
    assert "moved in time: 2026-05-14T10:14:00Z → 2026-05-14T10:08:00Z" in room.ictl("verify").out


def test_a_declaration_that_was_moved_is_named(room: Desk) -> None:
    entry = id_of(room, "**Opened**")
    by_hand(
        room,
        ("declared_at: 2026-05-14T10:06:00Z", "declared_at: 2026-05-14T10:01:00Z"),
        ("acknowledged_at: 2026-05-14T10:06:00Z", "acknowledged_at: 2026-05-14T10:01:00Z"),
        ("- 2026-05-14T10:06:00Z", "- 2026-05-14T10:01:00Z"),
    )
    assert verified(room) == [("undeclared", "declaration_moved", entry)]


def test_a_typed_line_that_was_changed_is_the_same_line(room: Desk) -> None:
    room.write(FILE, room.text() + "- 2026-05-14T10:19:00Z typed by hand — @bob\n")
    committed(room)
    by_hand(room, ("typed by hand", "typed by foot"))
    ((_, what, _),) = found = verified(room)
    assert found[0][0] == "undeclared" and what == "entry_edited"
    by_hand(room, ("10:19:00Z typed", "10:09:00Z typed"))
    assert [what for _, what, _ in verified(room)] == ["entry_edited", "time_moved"]
    by_hand(room, ("10:09:00Z typed by foot", "10:19:00Z typed by hand"))
    assert {verdict for verdict, _, _ in verified(room)} == {"declared"}


def test_an_id_that_two_entries_have_is_named(room: Desk) -> None:
    entry = id_of(room, "restarted")
    room.write(FILE, room.text() + f"- 2026-05-14T10:20:00Z another — @bob <!-- {entry} -->\n")
    committed(room)
    assert verified(room) == [("undeclared", "id_reused", entry)]
    without(room, "another")
    assert verified(room) == [("declared", "id_reused", entry)]


def test_an_id_that_comes_back_with_other_words_is_named(room: Desk) -> None:
    entry = id_of(room, "restarted")
    without(room, "restarted the proxy")
    room.write(FILE, room.text() + f"- 2026-05-14T10:14:00Z did nothing — @ann <!-- {entry} -->\n")
    committed(room)
    assert verified(room) == [("undeclared", "entry_removed", entry), ("undeclared", "id_reused", entry)]


def test_a_deleted_file_is_named_and_can_be_asked_for(room: Desk) -> None:
    room.git("rm", "--quiet", FILE)
    committed(room)
    assert verified(room) == [("undeclared", "file_deleted", None)]
    assert verified(room, ID) == [("undeclared", "file_deleted", None)]
    assert f"UNDECLARED file deleted: {FILE}" in room.ictl("verify").out


def test_a_post_mortem_that_was_deleted_is_named(room: Desk) -> None:
    with_postmortem(room, status="draft")
    room.git("rm", "--quiet", POSTMORTEM)
    committed(room)
    assert verified(room) == [("undeclared", "file_deleted", None)]


def test_an_incident_under_another_id_is_named(room: Desk) -> None:
    other = FILE.replace("checkout-latency", "all-well")
    room.git("mv", FILE, other)
    by_hand(room, (f"id: {ID}", "id: 2026-05-14-all-well"), name=other)
    assert verified(room) == [("undeclared", "incident_id_changed", "id")]


def test_an_id_in_the_front_matter_that_was_changed_is_named(room: Desk) -> None:
    by_hand(room, (f"id: {ID}", "id: 2026-05-14-all-well"))
    assert verified(room) == [("undeclared", "incident_id_changed", "id")]
    by_hand(room, ("id: 2026-05-14-all-well", f"id: {ID}"))
    assert verified(room) == [("declared", "incident_id_changed", "id")]


def test_another_incident_under_the_id_of_a_deleted_one_is_named(room: Desk) -> None:
    room.git("rm", "--quiet", FILE)
    committed(room)
    room.wait(5)
    room.ok("open", "Checkout latency", "-s", "3")
    assert verified(room) == [("undeclared", "file_deleted", None), ("undeclared", "id_reused", None)]


def test_a_commit_of_a_command_that_took_a_change_along_is_named_for_it(room: Desk) -> None:
    entry = id_of(room, "pool exhausted")
    room.write(FILE, room.text().replace("pool exhausted on db-3", "pool was fine"))
    room.ok("note", "swept along")
    assert verified(room) == [("undeclared", "entry_edited", entry)]


def test_a_message_that_claims_too_little_excuses_nothing(room: Desk) -> None:
    entry = id_of(room, "pool exhausted")
    claim = f"checkout-latency: edited\n\nIncident: 2026-05-14-another\nIncident-Edited: {entry}"
    by_hand(room, ("pool exhausted on db-3", "pool was fine"), message=claim)
    by_hand(
        room,
        ("restarted the proxy", "did nothing"),
        message=f"x\n\nIncident: {ID}\nIncident-Event: note {id_of(room, 'restarted')}\nIncident-Edited: {entry}",
    )
    assert [(verdict, what) for verdict, what, _ in verified(room)] == [("undeclared", "entry_edited")] * 2


def test_a_link_in_the_place_of_a_file_is_named(room: Desk) -> None:
    (room.path / FILE).unlink()
    (room.path / FILE).symlink_to("/etc/hostname")
    committed(room)
    assert {what for _, what, _ in verified(room)} == {"entry_removed"}
    assert room.ictl("verify", "--json").json["unreadable"] == [
        {"path": FILE, "line": 1, "reason": "it is a symbolic link"}
    ]


# ----------------------------------------------------------------------------------------------------------- declared


def test_what_commands_declare_is_listed_and_fine(room: Desk) -> None:
    note = id_of(room, "restarted")
    room.ok("set", "started_at=10:00", "-m", "first error in the log")
    room.ok("undo")
    room.ok("undo", note, "-m", "wrong incident")
    assert verified(room) == [
        ("declared", "set", "started_at"),
        ("declared", "withdrawn", id_of(room, "**Set**")),
        ("declared", "withdrawn", note),
    ]
    out = room.ok("verify").out
    assert "declared   started_at set: none → 2026-05-14T10:00:00Z (first error in the log)" in out
    assert f"declared   entry {note} withdrawn (wrong incident)" in out
    assert out.endswith("none undeclared, 3 declared changes in 1 incident, 6 commits\n")
    assert all(each["by_command"] for each in room.ok("verify", "--json").json["changes"])


def test_an_entry_that_was_redacted_is_declared_and_its_words_are_not_told(room: Desk) -> None:
    entry = id_of(room, "pool exhausted")
    by_hand(room, ("pool exhausted on db-3", "pool exhausted, says Jane Roe"))
    by_hand(room, ("pool exhausted, says Jane Roe", "**Redacted** personal_data"))
    assert verified(room) == [("undeclared", "entry_edited", entry), ("declared", "redacted", entry)]
    assert "Jane" not in room.ictl("verify").out + room.ictl("verify", "--json").out


def test_what_the_command_redacts_is_declared(room: Desk) -> None:
    room.ok("update", "failing over", "--status", "identified", "--impact", "checkouts of Jane Roe fail")
    room.ok("set", "started_at=10:00", "-m", "says Jane Roe")
    room.write(FILE, room.text() + "- 2026-05-14T10:19:00Z typed by Jane Roe — @jane\n")
    committed(room)
    entries = [id_of(room, words) for words in ("restarted", "**Update**", "**Set**", "**Opened**")]
    for entry in entries:
        room.ok("redact", entry, "--reason", "personal_data")
    typed = next(line for line in room.ok("timeline", "--ids").out.splitlines() if "typed by" in line).split()[0]
    room.ok("redact", typed, "--reason", "personal_data", "--author")
    assert verified(room) == [
        ("declared", "set", "started_at"),
        *(("declared", "redacted", entry) for entry in (*entries, typed)),
    ]
    assert "Jane" not in room.ok("verify").out + room.ok("verify", "--json").out


def test_a_redaction_that_moves_the_time_is_none(room: Desk) -> None:
    entry = id_of(room, "pool exhausted")
    by_hand(room, ("2026-05-14T10:10:00Z pool exhausted on db-3", "2026-05-14T10:11:00Z **Redacted** secret"))
    assert verified(room) == [("undeclared", "time_moved", entry)]
    assert "pool" not in room.ictl("verify").out


def test_a_secret_that_was_in_the_record_is_not_shown_again(room: Desk) -> None:
    secret = "ghp_9fK2mQ7xT4vB8nL1zR6wY3cJ5dH0sPaUeGiA"
    by_hand(room, ("pool exhausted on db-3", f"token {secret}"))
    by_hand(room, (f"token {secret}", "nothing to see"))
    room.write(
        FILE, room.text() + f"- 2026-05-14T10:19:00Z **Set** started_at none → 2026-05-14T10:00:00Z: {secret} — @ann\n"
    )
    committed(room)
    assert secret not in room.ictl("verify").out + room.ictl("verify", "--json").out


def test_an_edit_by_command_is_declared(room: Desk) -> None:
    entries = id_of(room, "pool exhausted"), id_of(room, "restarted")
    room.editor('sed -i "s/pool exhausted on db-3/pool exhausted on db-4/; /restarted the proxy/d" "$1"')
    room.ok("edit")
    assert room.git("log", "-1", "--format=%(trailers:key=Incident-Edited,valueonly)").split() == list(entries)
    assert verified(room) == [
        ("declared", "entry_edited", entries[0]),
        ("declared", "entry_removed", entries[1]),
    ]


def test_an_edit_by_command_that_adds_lines_names_nothing(room: Desk) -> None:
    room.editor("echo '- 2026-05-14T10:15:00Z typed by hand' >> \"$1\"")
    room.ok("edit")
    assert "Incident-Edited" not in room.git("log", "-1", "--format=%B")
    assert verified(room) == []


def test_a_key_that_was_changed_by_hand_waits_until_the_next_command_declares_it(room: Desk) -> None:
    commit = by_hand(room, ("severity: SEV2", "severity: SEV1"))
    assert verified(room) == [("waiting", "key_by_hand", "severity")]
    assert room.ok("verify", "--json").json["changes"][0]["commit"] == commit
    assert "waiting    severity changed by hand: SEV1" in room.ok("verify").out
    assert room.ok("verify", "--undeclared").out == (
        "none undeclared, 0 declared changes, 1 not taken in yet in 1 incident, 4 commits\n"
    )
    room.ok("note", "go on")
    assert verified(room) == [("declared", "key_by_hand", id_of(room, "(by hand, "))]


def test_a_key_and_its_entries_that_were_both_changed_are_named(room: Desk) -> None:
    by_hand(room, ("severity: SEV2", "severity: SEV1"))
    room.write(FILE, room.text() + "- 2026-05-14T10:19:00Z **Severity** SEV2 → SEV3: calmer — @bob\n")
    committed(room)
    assert verified(room) == [("undeclared", "key_clash", "severity")]


def test_files_that_were_typed_by_hand_from_the_start_have_nothing_that_waits(desk: Desk) -> None:
    desk.write(
        FILE, f"---\nid: {ID}\ntitle: Checkout latency\nseverity: SEV2\nstatus: resolved\n---\n\n# Checkout latency\n"
    )
    committed(desk)
    assert verified(desk) == []


def test_a_file_in_another_folder_is_the_same_incident(room: Desk) -> None:
    other = FILE.replace("2026/05/", "2026/06/")
    (room.path / other).parent.mkdir(parents=True)
    room.git("mv", FILE, other)
    commit = committed(room)
    assert verified(room) == [("declared", "file_moved", None)]
    entry = id_of(room, "restarted", other)
    without(room, "restarted the proxy", other)
    assert verified(room) == [("declared", "file_moved", None), ("undeclared", "entry_removed", entry)]
    assert room.ictl("verify", "--json").json["changes"][0]["commit"] == commit


def test_an_incident_that_was_parted_from_another_of_its_id_is_declared(room: Desk) -> None:
    name = parted_id(ID, room.text())
    other = FILE.replace(ID, name)
    room.git("mv", FILE, other)
    by_hand(room, (f"id: {ID}", f"id: {name}"), name=other)
    assert verified(room) == [("declared", "parted", None)]


def test_a_change_that_was_reverted_counts_no_more(room: Desk) -> None:
    entry = id_of(room, "restarted")
    commit = without(room, "restarted the proxy")
    room.git("revert", "--no-edit", commit)
    put_back = room.git("rev-parse", "HEAD").strip()
    assert verified(room) == [("declared", "entry_removed", entry)]
    assert f"put back in {put_back[:12]}" in room.ok("verify").out
    room.git("revert", "--no-edit", put_back)
    assert [verdict for verdict, _, _ in verified(room)] == ["declared", "undeclared"]


def test_a_commit_of_a_command_that_was_reverted_is_a_removal(room: Desk) -> None:
    entry = id_of(room, "restarted")
    room.git("revert", "--no-edit", "HEAD")
    assert verified(room) == [("undeclared", "entry_removed", entry)]


def test_a_deleted_file_that_is_there_again_counts_no_more(room: Desk) -> None:
    room.git("rm", "--quiet", FILE)
    commit = committed(room)
    room.git("revert", "--no-edit", commit)
    assert verified(room) == [("declared", "file_deleted", None)]


def test_a_changed_entry_that_was_changed_back_counts_no_more(room: Desk) -> None:
    entry = id_of(room, "pool exhausted")
    by_hand(room, ("pool exhausted on db-3", "pool was fine"))
    by_hand(room, ("pool was fine", "pool is fine"))
    assert [verdict for verdict, _, _ in verified(room)] == ["undeclared"] * 2
    by_hand(room, ("pool is fine", "pool exhausted on db-3"))
    assert verified(room) == [("declared", "entry_edited", entry)] * 2


# ------------------------------------------------------------------------------------------------------- post-mortems


def with_postmortem(desk: Desk, status: str = "final") -> None:
    desk.write(
        POSTMORTEM,
        f"---\nincident: {ID}\nstatus: {status}\npublished_at: 2026-05-21T10:00:00Z\n---\n\n# Checkout latency\n\n"
        f"## Action items\n\n{ITEM}\n- [ ] Say no — owner: @bob — due: 2026-06-08 — type: prevent <!-- a:m4d0z1 -->\n",
    )
    committed(desk)


def test_action_items_of_a_published_post_mortem_that_were_removed_or_put_off_are_named(room: Desk) -> None:
    with_postmortem(room)
    by_hand(room, ("due: 2026-06-01", "due: 2026-09-01"), name=POSTMORTEM)
    without(room, "Say no", POSTMORTEM)
    assert verified(room) == [
        ("undeclared", "action_due_moved", "a:7k2ps0"),
        ("undeclared", "action_removed", "a:m4d0z1"),
    ]
    out = room.ictl("verify").out
    assert "due date of a:7k2ps0 moved in the published post-mortem: 2026-06-01 → 2026-09-01" in out
    assert 'action item a:m4d0z1 removed from the published post-mortem: "Say no"' in out


def test_action_items_are_anybodys_to_change_before_that(room: Desk) -> None:
    with_postmortem(room, status="in_review")
    by_hand(room, ("due: 2026-06-01", "due: 2026-09-01"), name=POSTMORTEM)
    without(room, "Say no", POSTMORTEM)
    assert verified(room) == []


def test_a_due_date_that_a_command_moved_is_declared(room: Desk) -> None:
    with_postmortem(room)
    room.ok("action", "set", "a:7k2ps0", "--due", "2026-09-01")
    assert verified(room) == [("declared", "action_due_moved", "a:7k2ps0")]


def test_what_becomes_of_an_action_item_is_no_change_after_the_fact(room: Desk) -> None:
    with_postmortem(room)
    room.ok("action", "done", "a:7k2ps0")
    room.ok("action", "drop", "a:m4d0z1", "not worth it")
    by_hand(room, ("Alert on the pool", "Alert on every pool"), name=POSTMORTEM)
    assert verified(room) == []


# ------------------------------------------------------------------------------------------------------------- merges


def side(desk: Desk, name: str, start: str = "HEAD") -> None:
    desk.git("switch", "--quiet", "-C", name, start)


def test_what_a_merge_united_is_no_change(room: Desk) -> None:
    room.git("branch", "other")
    room.ok("note", "on main")
    with_line(room, "other", "- 2026-05-14T09:59:00Z on the other side — @bob <!-- e:00zzz1 -->")
    merge(room, "other")
    assert verified(room) == []


def with_line(desk: Desk, branch: str, line: str) -> None:
    """A commit on another branch that adds a line at the top of the timeline."""
    side(desk, branch, branch)
    by_hand(desk, ("## Timeline\n\n", f"## Timeline\n\n{line}\n"), message="on the other side")
    desk.git("switch", "--quiet", "main")


def merge(desk: Desk, *branches: str, text: str | None = None, strategy: tuple[str, ...] = ()) -> None:
    """Merges with plain git; `text` is what somebody made of the file in the merge."""
    desk.git("merge", "--no-commit", "--no-ff", *strategy, *branches, ok=False)
    if text is not None:
        desk.write(FILE, text)
    assert "<<<<<<<" not in desk.text()
    desk.git("add", "--all")
    desk.git("commit", "--quiet", "-m", "merge")


def test_what_a_merge_itself_changed_is_named(room: Desk) -> None:
    entry, other = id_of(room, "pool exhausted"), id_of(room, "restarted")
    room.git("branch", "other")
    room.ok("note", "on main")
    with_line(room, "other", "- 2026-05-14T09:59:00Z on the other side — @bob <!-- e:00zzz1 -->")
    lines = room.text().replace("pool exhausted on db-3", "pool was fine").splitlines(keepends=True)
    merge(room, "other", text="".join(line for line in lines if "restarted" not in line))
    assert verified(room) == [
        ("undeclared", "entry_edited", entry),
        ("undeclared", "entry_removed", other),
        ("undeclared", "entry_removed", "e:00zzz1"),
    ]


def test_what_a_merge_lost_of_one_side_is_named(room: Desk) -> None:
    room.git("branch", "other")
    room.ok("note", "on main")
    with_line(room, "other", "- 2026-05-14T09:59:00Z on the other side — @bob <!-- e:00zzz1 -->")
    merge(room, "other", strategy=("-s", "ours"))
    assert verified(room) == [("undeclared", "entry_removed", "e:00zzz1")]


def test_a_merge_that_undoes_a_declared_change_is_named(room: Desk) -> None:
    entry = id_of(room, "pool exhausted")
    room.git("branch", "other")
    side(room, "other", "other")
    by_hand(room, ("pool exhausted on db-3", "**Redacted** secret"))
    room.git("switch", "--quiet", "main")
    room.ok("note", "on main")
    merge(room, "other", strategy=("-s", "ours"))
    assert verified(room) == [("declared", "redacted", entry), ("undeclared", "entry_edited", entry)]


def test_a_merge_that_leaves_out_an_undeclared_change_settles_it(room: Desk) -> None:
    entry = id_of(room, "pool exhausted")
    room.git("branch", "other")
    side(room, "other", "other")
    by_hand(room, ("pool exhausted on db-3", "pool was fine"))
    room.git("switch", "--quiet", "main")
    room.ok("note", "on main")
    merge(room, "other", strategy=("-s", "ours"))
    assert verified(room) == [("declared", "entry_edited", entry)]


def test_a_change_on_a_side_is_named_once(room: Desk) -> None:
    entry = id_of(room, "restarted")
    room.git("branch", "other")
    side(room, "other", "other")
    without(room, "restarted the proxy")
    room.git("switch", "--quiet", "main")
    room.ok("note", "on main")
    lines = room.text().splitlines(keepends=True)
    merge(room, "other", text="".join(line for line in lines if "restarted" not in line))
    assert verified(room) == [("undeclared", "entry_removed", entry)]


def test_a_merge_of_many_and_one_across_lose_nothing(room: Desk) -> None:
    for number in range(3):
        room.git("branch", f"side-{number}")
    for number in range(3):
        side(room, f"side-{number}", f"side-{number}")
        room.write(
            f"incidents/2026/05/2026-05-14-side-{number}.md", room.text(FILE).replace(ID, f"2026-05-14-side-{number}")
        )
        committed(room)
    room.git("switch", "--quiet", "main")
    room.git("merge", "--quiet", "--no-edit", "side-0", "side-1", "side-2")
    assert len(room.git("rev-list", "--parents", "-1", "HEAD").split()) == 4
    assert verified(room) == []
    # Two branches that merge each other: two bases.
    room.git("branch", "left")
    room.git("branch", "right")
    with_line(room, "left", "- 2026-05-14T09:58:00Z left — @bob <!-- e:00zzz1 -->")
    side(room, "right", "right")
    by_hand(room, (" <!-- " + id_of(room, "restarted"), " <!-- " + id_of(room, "restarted")), ("\n# ", "\n\n# "))
    tips = {name: room.git("rev-parse", name).strip() for name in ("left", "right")}
    for name, other in (("left", tips["right"]), ("right", tips["left"])):
        side(room, name, name)
        room.git("merge", "--quiet", "--no-edit", other)
    room.git("switch", "--quiet", "main")
    room.git("merge", "--quiet", "--no-edit", "left")
    room.git("merge", "--quiet", "--no-edit", "right")
    assert verified(room) == []


def test_what_gits_own_merge_by_meaning_settled_is_declared(room: Desk) -> None:
    room.environ |= {"PATH": f"{PROGRAMS}:{room.environ['PATH']}"}
    room.ok("init")
    room.git("branch", "start")
    room.ok("severity", "1", "payments fail as well")
    room.git("branch", "ours")
    room.git("reset", "--quiet", "--hard", "start")
    room.wait(1)
    room.ok("severity", "3", "calmer than it seems")
    room.git("merge", "--quiet", "--no-edit", "ours")
    assert verified(room) == [("declared", "settled", id_of(room, "@incidentctl (agent)"))]


def test_what_a_merge_settled_is_declared(room: Desk) -> None:
    room.git("branch", "other")
    room.ok("severity", "1", "worse")
    line = "- 2026-05-14T10:18:00Z **Severity** SEV2 → SEV3: calmer — @bob <!-- e:00zzz1 -->"
    with_line(room, "other", line)
    settled = (
        "- 2026-05-14T10:18:01Z **Severity** SEV3 → SEV1: set by two at once — @incidentctl (agent) <!-- e:01abcd -->"
    )
    merge(room, "other", text=room.text() + f"{line}\n{settled}\n")
    assert verified(room) == [("declared", "settled", "e:01abcd")]


def test_two_incidents_of_one_id_that_a_merge_parted_are_declared(desk: Desk) -> None:
    desk.git("branch", "theirs")
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "ours")
    ours = desk.text()
    desk.git("branch", "ours")
    desk.git("reset", "--quiet", "--hard", "theirs")
    desk.wait(9)
    desk.ok("open", "Checkout latency", "-s", "3")
    desk.ok("note", "theirs")
    desk.git("merge", "--no-commit", "--no-ff", "ours", ok=False)
    name = parted_id(ID, ours)
    desk.git("checkout", "--quiet", "HEAD", "--", FILE)
    desk.write(FILE.replace(ID, name), ours.replace(f"id: {ID}", f"id: {name}"))
    committed(desk, "merge")
    assert verified(desk) == [("declared", "parted", None)]


def test_histories_without_a_common_root_are_read(room: Desk) -> None:
    room.git("switch", "--quiet", "--orphan", "archive")
    name = "incidents/2020/01/2020-01-02-old.md"
    room.write(
        name, "---\nid: 2020-01-02-old\n---\n\n## Timeline\n\n- 2020-01-02T10:00:00Z old — @ann <!-- e:00zzz1 -->\n"
    )
    committed(room)
    room.git("switch", "--quiet", "main")
    room.git("merge", "--quiet", "--no-edit", "--allow-unrelated-histories", "archive")
    assert verified(room) == []
    without(room, "old — @ann", name)
    assert verified(room) == [("undeclared", "entry_removed", "e:00zzz1")]


# --------------------------------------------------------------------------------------------------------- unreadable


def test_a_file_that_could_not_be_read_for_a_while_is_compared_over_that(room: Desk) -> None:
    entry = id_of(room, "restarted")
    sound = room.text()
    room.write(FILE, sound.replace("## Timeline", "<<<<<<< ours\n## Timeline\n>>>>>>> theirs"))
    committed(room)
    result = room.ictl("verify", "--json")
    assert result.code == 1
    assert result.json["changes"] == []
    assert [each["path"] for each in result.json["unreadable"]] == [FILE]
    assert "conflict markers" in result.err
    room.write(FILE, sound.replace("restarted the proxy", "did nothing"))
    committed(room)
    assert verified(room) == [("undeclared", "entry_edited", entry)]


def test_a_file_whose_front_matter_was_broken_for_a_while_is_read(room: Desk) -> None:
    by_hand(room, ("title: Checkout latency", "title: [Checkout latency"))
    by_hand(room, ("title: [Checkout latency", "title: Checkout latency"))
    assert verified(room) == []


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"---\n" * 2000, b"# nothing\n", b"\xef\xbb\xbf---\nid: x\n---\n"]
)
def test_whatever_a_file_held_it_is_read_on(room: Desk, data: bytes) -> None:
    sound = room.text()
    (room.path / FILE).write_bytes(data)
    committed(room)
    assert room.ictl("verify").code in (0, 1)
    room.write(FILE, sound)
    committed(room)
    assert all(verdict == "declared" for verdict, _, _ in verified(room))


# ---------------------------------------------------------------------------------------------------------- selecting


def test_incidents_and_days_are_chosen(room: Desk) -> None:
    by_hand(room, ("pool exhausted on db-3", "pool was fine"))
    room.ok("open", "Login fails", "-s", "3")
    assert verified(room, "login") == []
    assert [what for _, what, _ in verified(room, "checkout")] == ["entry_edited"]
    assert [what for _, what, _ in verified(room, "checkout", "login")] == ["entry_edited"]
    assert verified(room, "--since", "2100-01-01") == []
    assert [what for _, what, _ in verified(room, "--since", "2000-01-01")] == ["entry_edited"]
    result = room.ictl("verify", "2026-05-14-nothing")
    assert result.code == 3
    assert "there never was" in result.err
    assert room.ictl("verify", "nothing").code == 3


def test_words_of_an_entry_never_steer_the_terminal(room: Desk) -> None:
    by_hand(room, ("pool exhausted on db-3", "\x1b[2Jgone\u202e"))
    assert not {"\x1b", "\u202e"} & set(room.ictl("verify").out)
    assert not {"\x1b", "\u202e"} & set(room.ictl("verify", "--json").out)


def test_words_of_an_author_never_steer_the_terminal(room: Desk) -> None:
    room.write(FILE, room.text().replace("pool exhausted on db-3", "x"))
    room.git("add", "--all")
    room.git("-c", "user.name=\x1b[2J\u202eEve", "commit", "--quiet", "-m", "tidy")
    assert not {"\x1b", "\u202e"} & set(room.ictl("verify").out)


# ----------------------------------------------------------------------------------------------------- kinds of clone


def cloned(desk: Desk, tmp_path: Path, name: str, *options: str) -> Desk:
    path = tmp_path / name
    desk.git("clone", "--quiet", *options, f"file://{desk.path}", str(path), cwd=tmp_path)
    return Desk(path, desk.environ, now=desk.now)


def test_a_shallow_clone_is_refused_with_the_way_out(room: Desk, tmp_path: Path) -> None:
    shallow = cloned(room, tmp_path, "shallow", "--depth", "1")
    for words in (("verify",), ("verify", "--accept-rewrite", "why")):
        result = shallow.ictl(*words)
        assert result.code == 4
        assert "this clone is shallow" in result.err
        assert "git fetch --unshallow" in result.err and "fetch-depth: 0" in result.err
    shallow.git("fetch", "--quiet", "--unshallow")
    assert verified(shallow) == []


def test_a_partial_clone_fetches_what_it_needs(room: Desk, tmp_path: Path) -> None:
    by_hand(room, ("pool exhausted on db-3", "pool was fine"))
    room.git("config", "uploadpack.allowFilter", "true")
    partial = cloned(room, tmp_path, "partial", "--filter=blob:none")
    assert partial.git("rev-list", "--objects", "--all", "--missing=print").count("?") > 0
    assert [what for _, what, _ in verified(partial)] == ["entry_edited"]


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)])
def test_a_record_in_a_folder_of_a_product_is_read(tmp_path: Path, options: tuple[str, ...]) -> None:
    desk = new_desk(
        tmp_path, settings=SETTINGS.replace('"main"\n', '"main"\nfolder = "ops/incidents-here"\n'), git_options=options
    )
    desk.write("src/incidents/2026/05/2026-05-14-not-ours.md", "- 2026-05-14T10:00:00Z x <!-- e:00zzz1 -->\n")
    committed(desk)
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "pool exhausted")
    desk.write("src/incidents/2026/05/2026-05-14-not-ours.md", "gone\n")
    desk.write("ops/incidents-here/incidents/README.md", "what this is\n")
    committed(desk)
    (desk.path / "ops/incidents-here/incidents/README.md").unlink()
    committed(desk)
    assert verified(desk) == []
    name = f"ops/incidents-here/{FILE}"
    entry = id_of(desk, "pool exhausted", name)
    without(desk, "pool exhausted", name)
    assert verified(desk) == [("undeclared", "entry_removed", entry)]


def test_the_records_branch_is_read_whatever_is_checked_out(room: Desk) -> None:
    entry = id_of(room, "restarted")
    without(room, "restarted the proxy")
    room.git("switch", "--quiet", "-c", "feature", "HEAD~1")
    assert verified(room) == [("undeclared", "entry_removed", entry)]


def test_what_git_replace_shows_in_the_place_of_a_commit_does_not_count(room: Desk) -> None:
    entry = id_of(room, "restarted")
    before = room.git("rev-parse", "HEAD").strip()
    commit = without(room, "restarted the proxy")
    clean = room.git("commit-tree", "-p", before, "-m", "tidy", f"{before}^{{tree}}").strip()
    room.git("replace", commit, clean)
    assert ("undeclared", "entry_removed", entry) in verified(room)
    room.write("other.txt", "x")
    committed(room)
    assert ("undeclared", "entry_removed", entry) in verified(room)


# ---------------------------------------------------------------------------------------------------------- rewriting


def known_tips(desk: Desk) -> str:
    return (desk.path / ".git" / "incidentctl" / "known-tips").read_text()


def test_history_that_was_rewritten_under_a_known_tip_is_named(room: Desk) -> None:
    assert verified(room) == []
    known = room.git("rev-parse", "HEAD").strip()
    assert known_tips(room) == f"{known} refs/heads/main\n"
    room.git("reset", "--quiet", "--hard", "HEAD~1")
    room.ok("note", "another course of events")
    tip = room.git("rev-parse", "HEAD").strip()
    assert verified(room) == [("undeclared", "history_rewritten", "main")]
    result = room.ictl("verify")
    assert result.code == 1
    assert (
        f"the branch\n  UNDECLARED history rewritten on main: the tip {known[:12]} that this clone knew is not in {tip[:12]}"
        in result.out
    )
    assert known_tips(room) == f"{known} refs/heads/main\n"
    assert verified(room, ID) == [("undeclared", "history_rewritten", "main")]


def test_a_tip_is_known_as_soon_as_history_was_read(room: Desk) -> None:
    by_hand(room, ("pool exhausted on db-3", "pool was fine"))
    assert room.ictl("verify").code == 1
    assert known_tips(room).split()[0] == room.git("rev-parse", "HEAD").strip()


def test_a_rewriting_that_was_accepted_is_declared_here_and_in_other_clones(room: Desk, tmp_path: Path) -> None:
    other = cloned(room, tmp_path, "other")
    assert verified(room) == [] and verified(other) == []
    old = room.git("rev-parse", "HEAD").strip()
    room.git("reset", "--quiet", "--hard", "HEAD~1")
    room.ok("note", "without the name")
    new = room.git("rev-parse", "HEAD").strip()
    room.write("staged.txt", "foreign")
    room.git("add", "staged.txt")
    result = room.ok("verify", "--accept-rewrite", "erased a  name, ticket 4711")
    tip = room.git("rev-parse", "HEAD").strip()
    assert f"declared in {tip[:12]}: share it with `git push`" in result.err
    assert f"declared   history rewritten: {old[:12]} → {new[:12]} (erased a name, ticket 4711)" in result.out
    assert room.git("log", "-1", "--format=%B") == (
        "incidentctl: history rewritten\n\nerased a name, ticket 4711\n\n"
        f"Incident-Rewrite: {old}..{new} erased a name, ticket 4711\n\n"
    )
    assert room.touched() == []
    assert room.git("status", "--porcelain") == "A  staged.txt\n"
    assert verified(room) == [("declared", "history_rewritten", None)]
    other.git("fetch", "--quiet")
    assert verified(other) == [("undeclared", "history_rewritten", "origin/main")]
    other.git("reset", "--quiet", "--hard", "origin/main")
    assert verified(other) == [("declared", "history_rewritten", None)]
    assert known_tips(other).split()[0] == tip
    # A second rewriting is not covered by the first declaration.
    other.git("commit", "--quiet", "--amend", "--allow-empty", "-m", f"x\n\nIncident-Rewrite: {old}..{new} again")
    other.git("branch", "--quiet", "--unset-upstream")
    assert ("undeclared", "history_rewritten", "main") in verified(other)


def test_a_clone_that_stood_behind_the_rewritten_tip_takes_the_declaration(room: Desk, tmp_path: Path) -> None:
    other = cloned(room, tmp_path, "other")
    assert verified(other) == []
    room.ok("note", "with a name")
    assert verified(room) == []
    room.git("reset", "--quiet", "--hard", "HEAD~2")
    room.ok("note", "without the name")
    room.ok("verify", "--accept-rewrite", "erased a name")
    other.git("fetch", "--quiet")
    other.git("reset", "--quiet", "--hard", "origin/main")
    assert verified(other) == [("declared", "history_rewritten", None)]


def test_a_rewriting_in_another_clone_is_declared_with_the_old_tip(room: Desk, tmp_path: Path) -> None:
    old = room.git("rev-parse", "HEAD").strip()
    assert verified(room) == []
    fresh = cloned(room, tmp_path, "fresh")
    fresh.git("reset", "--quiet", "--hard", "HEAD~1")
    fresh.ok("note", "without the name")
    result = fresh.ictl("verify", "--accept-rewrite", "erased a name")
    assert result.code == 2
    assert "--old-tip" in result.err
    fresh.git("push", "--quiet", "--force", "origin", "HEAD:refs/heads/rewritten")
    fresh.git("branch", "--quiet", "--unset-upstream")
    fresh.ok("verify", "--accept-rewrite", "erased a name", "--old-tip", old)
    fresh.git("push", "--quiet", "--force", "origin", "HEAD:refs/heads/rewritten")
    room.git("reset", "--quiet", "--hard", "rewritten")
    assert verified(room) == [("declared", "history_rewritten", None)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--accept-rewrite", "why"), "history was not rewritten under the tip that this clone knows"),
        (("--accept-rewrite", " \n"), "--accept-rewrite wants the reason"),
        (("--old-tip", "0" * 40), "--old-tip goes with --accept-rewrite"),
        (("--accept-rewrite", "why", "--old-tip", "HEAD"), "--old-tip is no whole id of a commit"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(room: Desk, words: tuple[str, ...], said: str) -> None:
    before = room.git("rev-parse", "HEAD")
    result = room.ictl("verify", *words)
    assert result.code == 2
    assert said in result.err
    assert room.git("rev-parse", "HEAD") == before


def test_what_is_not_shared_yet_may_be_rebased(room: Desk, tmp_path: Path) -> None:
    other = cloned(room, tmp_path, "other")
    other.ok("note", "not shared yet")
    assert verified(other) == []
    room.ok("open", "Login fails", "-s", "3")
    other.git("pull", "--quiet", "--rebase")
    assert verified(other) == []


def test_a_declaration_without_a_name_or_in_a_rebase_is_refused(room: Desk) -> None:
    assert verified(room) == []
    room.git("reset", "--quiet", "--hard", "HEAD~1")
    room.ok("note", "another course")
    (room.path / ".git" / "rebase-merge").mkdir()
    (room.path / ".git" / "rebase-merge" / "head-name").write_text("refs/heads/main\n")
    result = room.ictl("verify", "--accept-rewrite", "why")
    assert result.code == 4
    assert "nothing was declared" in result.err


def test_a_rewriting_is_declared_on_a_branch_that_is_not_checked_out(room: Desk) -> None:
    assert verified(room) == []
    old = room.git("rev-parse", "HEAD").strip()
    room.git("switch", "--quiet", "-c", "feature")
    room.git("branch", "--quiet", "--force", "main", "HEAD~1")
    room.write("work.txt", "foreign")
    room.ok("verify", "--accept-rewrite", "erased a name")
    assert room.git("log", "-1", "--format=%s", "main") == "incidentctl: history rewritten\n"
    assert room.git("rev-parse", "HEAD").strip() == old
    assert room.git("status", "--porcelain") == "?? work.txt\n"
    assert verified(room) == [("declared", "history_rewritten", None)]


def test_a_bare_repository_is_read(room: Desk, tmp_path: Path) -> None:
    entry = id_of(room, "restarted")
    without(room, "restarted the proxy")
    assert verified(cloned(room, tmp_path, "bare.git", "--bare")) == [("undeclared", "entry_removed", entry)]


# ---------------------------------------------------------------------------------------------------------- signatures

SIGNED = SETTINGS + "\n[policy]\nsigned_commits = true\n"


@pytest.fixture
def signing(room: Desk, tmp_path: Path) -> Desk:
    """A desk that can sign with a key of its own, which is known."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (tmp_path / "signers").write_text(f"ann@example.org {key.with_suffix('.pub').read_text()}")
    room.git("config", "gpg.format", "ssh")
    room.git("config", "user.signingkey", str(key))
    room.git("config", "gpg.ssh.allowedSignersFile", str(tmp_path / "signers"))
    return room


def test_commits_without_a_signature_are_named_from_the_policy_on(signing: Desk) -> None:
    signing.write("incidentctl.toml", SIGNED)
    committed(signing)
    assert verified(signing) == []
    signing.git("config", "commit.gpgsign", "true")
    signing.ok("note", "signed")
    assert verified(signing) == []
    signing.git("config", "commit.gpgsign", "false")
    signing.ok("note", "not signed")
    signing.write("src/other.txt", "no file of the record")
    committed(signing)
    assert verified(signing) == [("undeclared", "not_signed", None)]
    assert "UNDECLARED commit not signed" in signing.ictl("verify").out


def test_signatures_that_cannot_be_checked_or_are_bad_are_named(signing: Desk) -> None:
    signing.write("incidentctl.toml", SIGNED)
    committed(signing)
    signing.git("config", "commit.gpgsign", "true")
    signing.ok("note", "signed")
    signing.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    result = signing.ictl("verify")
    assert result.code == 1
    assert "UNDECLARED commit signed, and the key is not known here" in result.out
    signing.git("config", "gpg.ssh.allowedSignersFile", str(signing.path.parent / "signers"))
    raw = signing.git("cat-file", "commit", "HEAD").replace("noted", "forged").replace("note", "nope")
    forged = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        input=raw,
        cwd=signing.path,
        env=signing.environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    signing.git("reset", "--quiet", "--hard", forged)
    result = signing.ictl("verify")
    assert result.code == 1
    assert "UNDECLARED commit badly signed" in result.out


def test_without_the_policy_no_signature_is_asked_for(room: Desk) -> None:
    assert verified(room) == []
