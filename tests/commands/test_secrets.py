"""Credentials in what is typed: none gets to a disk, into git, or into what is printed, by whichever command."""

import inspect
import zlib
from importlib import import_module
from pathlib import Path

import pytest

from incidentctl.cli import COMMANDS, Listed
from tests.conftest import Desk

ID = "2026-05-14-checkout-latency"
PATH = f"postmortems/2026/05/{ID}.md"
KEY = "AKI" + "A4XQ7LMNBT2RWVZ5K"
PASSWORD = "Wagon7-Kettle"
SECRETS = (KEY, PASSWORD)
SAID = f"the key {KEY} and password: {PASSWORD} leaked"
ITEM = "- [ ] Cap the pool — owner: @ann — due: 2026-06-10 <!-- a:c4p001 -->\n"
DOCUMENT = f"---\nincident: {ID}\nstatus: draft\n---\n\n# Checkout latency\n\n## Action Items\n\n{ITEM}"

TABLE = (
    f"title,declared_at,summary,commander,tags,root_cause,severity,external_id,postmortem_url,{KEY}\n"
    f'{SAID},2025-05-14T10:00:00Z,{SAID},{KEY},"{KEY}; a",{KEY},SEV1,,https://u:{PASSWORD}@x.example/1,x\n'
    f"x,{KEY},,,,,{KEY},{KEY},,x\n"
)
LINES = (
    f'{{"type": "incident", "id": "{KEY}", "title": "x {KEY}", "declared_at": "2025-05-14T10:00:00Z", "other_keys": {{"k": "{KEY}"}}}}\n'
    '{"type": "incident", "external_id": "7", "title": "x", "declared_at": "2025-05-14T10:00:00Z"}\n'
    f'{{"type": "transition", "incident": "7", "at": "2025-05-14T10:00:00Z", "kind": "note", "text": "{SAID}", "by": "{KEY}"}}\n'
    f'{{"type": "action_item", "incident": "7", "text": "{SAID}", "owners": ["{KEY}"], "due": "{KEY}", "link": "{KEY}"}}\n'
    f'{{"type": "{KEY}", "{KEY}": 1}}\n{{"type": "transition", "incident": "{KEY}", "at": "{KEY}", "kind": "{KEY}"}}\n'
    f'{{"type": "transition", "incident": "8 {KEY}", "at": "2025-05-14T10:00:00Z", "kind": "note", "{KEY}": 1}}\n'
)

CASES: list[tuple[list[str], str | None]] = [
    (["open", *SAID.split(), "-s", "2"], None),
    (["open", "-m", "-", "--summary", SAID, "--slug", f"x {KEY}", "--bridge", f"https://u:{PASSWORD}@m.example"], SAID),
    (
        ["open", "x", "--tag", KEY, "--team", KEY, "--service", KEY, "--external-id", KEY, "--commander", f"@{KEY}"],
        None,
    ),
    (["ack", SAID], None),
    (["note", *SAID.split()], None),
    (["note", "-m", SAID, "--kind", "decision"], None),
    (["note", "-m", "-"], SAID),
    (["note", "--done", "status_page", f"https://x.example/?token={KEY}&a=1"], None),
    (["note", "--done", KEY], None),
    (["note", "--lines", "-"], f"10:01 @ann {SAID}\n10:02 @bob password:\n10:03 @bob ok: {KEY}\n"),
    (["update", SAID, "--impact", SAID, "--theory", SAID, "--public", SAID, "--status", "identified"], None),
    (["severity", "1", SAID], None),
    (["assign", "tl", "@bob", *SAID.split()], None),
    (["assign", KEY, f"@{KEY}"], None),
    (["mitigate", SAID], None),
    (["resolve", SAID], None),
    (["reopen", SAID], None),
    (["cancel", "--reason", "false_alarm", SAID], None),
    (["close", SAID], None),
    (["set", f"title={SAID}", f"api_password={PASSWORD}", "tags+=a"], None),
    (["set", "started_at=09:51", "-m", SAID], None),
    (["undo", "-m", SAID], None),
    (["note", "--by", f"@{KEY}", "x"], None),
    (["postmortem", "new", "--here"], None),
    (["action", "add", *SAID.split(), "--link", f"https://u:{PASSWORD}@x.example/1", "--owner", f"@{KEY}"], None),
    (["action", "add", "-m", SAID], None),
    (["action", "done", "c4p", "--evidence", f"https://u:{PASSWORD}@x.example/1"], None),
    (["action", "drop", "c4p", "--reason", SAID], None),
    (["action", "set", "c4p", "--link", f"https://u:{PASSWORD}@x.example/1"], None),
    (["action", "sync", "--from-repo", f"/nowhere/{KEY}"], None),
    (["statuspage", "posted", *SAID.split(), "--url", f"https://u:{PASSWORD}@x.example/1"], None),
    (["use", ID], None),
    (["import", "-", "--source", SAID], TABLE),
    (["import", "-", "--skip-bad", "--map", f"team={KEY}"], TABLE),
    (["import", "-", "--skip-bad"], TABLE),
    (["import", "-", "--skip-bad", "--dry-run"], LINES),
    (["import", "-", "--skip-bad"], LINES),
]


def everything_under(folder: Path) -> dict[str, bytes]:
    """Each file, and what git keeps packed in one."""
    found: dict[str, bytes] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found[str(path)] = data
            if "objects" in path.parts and len(path.parent.name) == 2:
                found[f"{path} unpacked"] = zlib.decompress(data)
    return found


def assert_no_secret(desk: Desk, *printed: str) -> None:
    for name, data in everything_under(desk.path.parent).items():
        for secret in SECRETS:
            assert secret.encode() not in data, name
            assert secret.lower().encode() not in data, name
    for text in printed:
        for secret in SECRETS:
            assert secret not in text


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 that is under way, and a post-mortem with an action item."""
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write(PATH, DOCUMENT)
    desk.git("add", PATH)
    desk.git("commit", "--quiet", "-m", "post-mortem")
    desk.at("10:20")
    return desk


@pytest.mark.parametrize(
    ("words", "stdin"), CASES, ids=lambda each: " ".join(each)[:40] if isinstance(each, list) else ""
)
def test_no_command_lets_a_credential_through(room: Desk, words: list[str], stdin: str | None) -> None:
    for more in ([], ["--json"]):
        result = room.ictl(*words, *more, stdin=stdin)
        assert_no_secret(room, result.out, result.err, *room.subjects())


def test_every_command_that_takes_texts_is_among_these() -> None:
    def all_of(listed: tuple[Listed, ...], before: str = "") -> list[tuple[str, Listed]]:
        return [
            pair
            for each in listed
            for pair in (all_of(each.commands, f"{each.name} ") if each.commands else [(f"{before}{each.name}", each)])
        ]

    tried = {
        " ".join(words[:2]) if words[0] in ("postmortem", "action", "statuspage") else words[0] for words, _ in CASES
    }
    for name, listed in all_of(COMMANDS):
        function = getattr(import_module(f"incidentctl.commands.{listed.module}"), listed.function)
        if "allow_secret" in inspect.signature(function).parameters and not listed.hidden:
            assert name in tried


def test_what_was_taken_out_is_said_and_the_rest_is_recorded(room: Desk) -> None:
    result = room.ok("note", *SAID.split())
    assert result.out == "10:20Z checkout-latency SEV2 noted\n"
    assert result.err == (
        "warning: what looks like an AWS access key was taken out before it was written;"
        " --allow-secret writes it as it is\n"
        "warning: what looks like a password was taken out before it was written; --allow-secret writes it as it is\n"
    )
    assert "the key [secret removed: AWS access key] and password: [secret removed: password] leaked" in room.text()


def test_a_program_is_told_as_well(room: Desk) -> None:
    assert len(room.ok("note", SAID, "--json").json["warnings"]) == 2
    assert len(room.ok("action", "add", SAID, "--json").json["warnings"]) == 3


def test_it_is_written_as_it_is_where_that_is_asked_for(room: Desk) -> None:
    assert room.ok("note", SAID, "--allow-secret").err == ""
    assert SAID in room.text()
    room.ok("action", "add", SAID, "--allow-secret")
    assert SAID in room.text(PATH)


def test_an_id_does_not_spell_out_that_something_was_removed(desk: Desk) -> None:
    desk.ok("open", f"key {KEY} leaked", "-s", "2")
    assert desk.files() == ["incidents/2026/05/2026-05-14-key-leaked.md"]
    assert 'title: "key [secret removed: AWS access key] leaked"' in desk.text()


def test_it_is_not_in_the_spool_either_where_nothing_can_be_committed(room: Desk) -> None:
    (room.path / ".git" / "MERGE_HEAD").write_text(room.git("rev-parse", "HEAD"))
    result = room.ictl("note", *SAID.split())
    assert result.code == 7
    spool = room.path / ".git" / "incidentctl" / "spool"
    assert "[secret removed: AWS access key]" in "".join(path.read_text() for path in spool.iterdir())
    assert_no_secret(room, result.out, result.err)


def test_a_note_from_an_editor_is_cleaned_and_its_draft_is_gone(room: Desk) -> None:
    room.editor(f'echo "{SAID}" > "$1"')
    room.ok("note", typed="\n")
    assert "the key [secret removed: AWS access key]" in room.text()
    assert room.drafts() == []
    (room.path.parent / "editor").unlink()
    assert_no_secret(room)


def test_a_file_that_was_edited_stays_as_it_is_and_what_is_new_in_it_is_said(room: Desk) -> None:
    room.editor(f"echo '- 2026-05-14T10:15:00Z {SAID}' >> \"$1\"")
    result = room.ok("edit")
    assert f"- 2026-05-14T10:15:00Z {SAID}" in room.text()
    line = room.text().splitlines().index(f"- 2026-05-14T10:15:00Z {SAID}") + 1
    assert f"line {line} holds what looks like an AWS access key, and is written as it stands" in result.err
    room.editor("echo '- 2026-05-14T10:16:00Z later' >> \"$1\"")
    assert room.ok("edit").err == ""


def test_a_draft_of_the_post_mortem_does_not_copy_one_that_was_typed_into_the_record(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write(desk.files()[0], desk.text() + f"- 2026-05-14T10:15:00Z **Decision** {SAID}\n")
    result = desk.ok("postmortem", "new", "--here")
    assert "Decision: the key [secret removed: AWS access key] and password" in desk.text(PATH)
    assert "what looks like an AWS access key was taken out" in result.err


def test_the_subject_of_a_withdrawal_does_not_repeat_one_that_was_typed_into_the_file(room: Desk) -> None:
    room.write(room.files()[0], room.text() + f"- 2026-05-14T10:15:00Z {'long ' * 4}{SAID} — @ann <!-- e:00abcd -->\n")
    room.ok("undo", "e:00abcd")
    assert KEY[:8] not in room.subjects()[0]
    assert KEY[:8] not in room.git("reflog")


def test_an_error_does_not_repeat_it(room: Desk) -> None:
    for words in (["note", f"--{KEY}"], ["show", KEY], [KEY], ["note", "--at", KEY, "x"], ["search", KEY, "--nope"]):
        result = room.ictl(*words)
        assert result.code != 0
        assert KEY not in result.err
        assert KEY not in room.ictl(*words, "--json").err


def test_one_can_still_be_searched_for(room: Desk) -> None:
    room.ok("note", SAID, "--allow-secret")
    assert ID in room.ok("search", KEY).out
