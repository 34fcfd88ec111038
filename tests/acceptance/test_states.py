"""Ten commands without a pause, in every state a repository can be in: the words end in commits, or are saved and said to be."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from incidentctl.document.edit import same_value
from incidentctl.document.parse import parse_document
from incidentctl.incident.lifecycle import fold
from incidentctl.store.lock import Lock
from tests.conftest import Desk, new_desk

TEN = (
    ("open", "Checkout latency", "-s", "2", "--service", "checkout"),
    ("assign", "ic", "me"),
    ("note", "pool exhausted on db-3"),
    ("severity", "1", "payments fail as well"),
    ("update", "failing over", "--status", "identified", "--impact", "12 %"),
    ("note", "replica is in sync"),
    ("mitigate", "failed over to db-4"),
    ("note", "traffic is back"),
    ("resolve", "pool size fixed"),
    ("set", "started_at=-20m"),
)
WORDS = ("pool exhausted on db-3", "payments fail", "failing over", "replica", "failed over", "traffic", "pool size")
NAME = "2026-05-14-checkout-latency"
PATH = f"incidents/2026/05/{NAME}.md"


def ten(desk: Desk, *, expect: int = 0, named: bool = False) -> None:
    """The ten commands within one second."""
    for words in TEN:
        extra = ("-i", NAME) if named and words[0] != "open" else ()
        result = desk.ictl(*words, *extra)
        assert result.code == expect, f"{words}: {result.out}{result.err}"


def assert_right(text: str) -> None:
    """The end of the story, whatever happened on the way."""
    document = parse_document(text)
    assert document.faults == ()
    state = fold(document.entries)
    assert (state.status, state.severity, state.commander) == ("resolved", "SEV1", "ann")
    assert len(document.entries) == len(TEN)
    for words in WORDS:
        assert text.count(words) == 1, words
    for key, folded in state.as_keys().items():
        assert same_value(key, document.value(key), folded), key
    assert [entry.order for entry in document.entries] == sorted(entry.order for entry in document.entries)


def committed(desk: Desk, branch: str = "main") -> str:
    return desk.git("show", f"{branch}:{PATH}")


def ours(desk: Desk, branch: str = "main") -> list[str]:
    """The subjects of our commits, oldest first; each has touched just the one file."""
    lines = desk.git("log", "--reverse", "--format=%H %s", branch, "--", PATH).splitlines()
    for line in lines:
        assert desk.touched(line.split()[0]) == [PATH]
    return [line.partition(" ")[2] for line in lines]


def test_ten_commands_without_a_pause_end_right(desk: Desk) -> None:
    ten(desk)
    assert_right(committed(desk))
    assert len(ours(desk)) == len(TEN)
    assert desk.git("status", "--porcelain") == ""
    assert desk.git("fsck", "--strict") == ""


def test_they_do_so_as_processes_of_the_real_program(tmp_path: Path) -> None:
    desk = new_desk(tmp_path)
    for words in TEN:
        done = subprocess.run(
            [sys.executable, "-m", "incidentctl", *words],
            cwd=desk.path,
            env=desk.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert_right(desk.text())


def test_staged_and_unstaged_work_of_others_stays_as_it_is(desk: Desk) -> None:
    for name in ("staged.txt", "both.txt", "unstaged.txt"):
        desk.write(name, "one\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "theirs")
    desk.write("staged.txt", "two\n")
    desk.write("both.txt", "two\n")
    desk.write("new.txt", "new\n")
    desk.git("add", "staged.txt", "both.txt", "new.txt")
    desk.write("both.txt", "three\n")
    desk.write("unstaged.txt", "two\n")
    desk.write("untracked.txt", "x\n")
    before = (desk.git("diff", "--cached"), desk.git("diff"), desk.git("status", "--porcelain"))
    ten(desk)
    assert (desk.git("diff", "--cached"), desk.git("diff"), desk.git("status", "--porcelain")) == before
    assert_right(committed(desk))
    assert len(ours(desk)) == len(TEN)


def hook(desk: Desk, name: str, script: str) -> Path:
    path = desk.path / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_hook_that_refuses_costs_no_word_and_the_next_command_commits_each_as_its_own(desk: Desk) -> None:
    refuses = hook(desk, "pre-commit", "echo 'house rules' >&2; exit 1")
    ten(desk, expect=7)
    assert desk.git("log", "--format=%s", "--", PATH) == ""
    assert_right(desk.text())
    shown = desk.ok("show", NAME).out
    assert "traffic is back" in shown
    refuses.unlink()
    desk.ok("note", "the hook is gone", "-i", NAME)
    assert len(ours(desk)) == len(TEN) + 1
    assert [subject.partition(": ")[2] for subject in ours(desk)][:3] == ["opened SEV2", "commander @ann", "noted"]
    assert desk.git("status", "--porcelain") == ""


def test_the_refusal_says_why_and_not_to_repeat_it(desk: Desk) -> None:
    hook(desk, "pre-commit", "echo 'house rules' >&2; exit 1")
    result = desk.ictl("open", "Checkout latency", "-s", "2")
    assert result.code == 7
    assert "house rules" in result.err
    assert "do not repeat the command" in result.err.lower()
    assert "saved, not committed" in result.out


def test_a_saved_write_is_json_as_well(desk: Desk) -> None:
    hook(desk, "pre-commit", "exit 1")
    result = desk.ictl("open", "Checkout latency", "-s", "2", "--json")
    assert result.code == 7
    assert result.json["committed"] is False
    assert result.json["commit"] is None


def start_rebase(desk: Desk) -> None:
    """A rebase of the record's branch that stopped at a conflict in a file that is not ours."""
    desk.write("theirs.txt", "one\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "one")
    desk.git("branch", "base")
    desk.write("theirs.txt", "two\n")
    desk.git("commit", "-qam", "two")
    desk.git("checkout", "-q", "base")
    desk.write("theirs.txt", "three\n")
    desk.git("commit", "-qam", "three")
    desk.git("checkout", "-q", "main")
    desk.git("rebase", "base", ok=False)
    assert (desk.path / ".git" / "rebase-merge").exists()


def test_during_a_rebase_words_are_saved_and_committed_when_it_is_over(desk: Desk) -> None:
    start_rebase(desk)
    ten(desk, expect=7)
    assert desk.git("log", "--all", "--format=%s", "--", PATH) == ""
    assert not (desk.path / PATH).exists(), "the work tree is git's own while it rebases"
    assert "traffic is back" in desk.ok("show", NAME).out
    assert [each["id"] for each in desk.ok("list", "--json").json["incidents"]] == [NAME]
    desk.write("theirs.txt", "both\n")
    desk.git("add", "theirs.txt")
    desk.git("-c", "core.editor=true", "rebase", "--continue")
    desk.ok("note", "the rebase is over", "-i", NAME)
    assert len(ours(desk)) == len(TEN) + 1
    assert desk.git("status", "--porcelain") == ""
    assert_right(
        committed(desk).replace(next(line for line in desk.text().splitlines(True) if "rebase is over" in line), "")
    )


@pytest.mark.parametrize("command", ["merge", "cherry-pick"])
def test_during_a_merge_words_are_saved(desk: Desk, command: str) -> None:
    desk.write("theirs.txt", "one\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "one")
    desk.git("checkout", "-qb", "side")
    desk.write("theirs.txt", "two\n")
    desk.git("commit", "-qam", "two")
    desk.git("checkout", "-q", "main")
    desk.write("theirs.txt", "three\n")
    desk.git("commit", "-qam", "three")
    desk.git(command, "side", ok=False)
    status = desk.git("status", "--porcelain")
    ten(desk, expect=7)
    assert [line for line in desk.git("status", "--porcelain").splitlines() if "theirs" in line] == status.splitlines()
    desk.git(command, "--abort")
    desk.ok("note", "over", "-i", NAME)
    assert len(ours(desk)) == len(TEN) + 1


def test_without_an_identity_words_are_saved_and_the_way_out_is_named(desk: Desk) -> None:
    config = Path(desk.environ["GIT_CONFIG_GLOBAL"])
    known = config.read_text()
    config.write_text("[user]\n\tuseConfigOnly = true\n[init]\n\tdefaultBranch = main\n")
    result = desk.ictl("open", "Checkout latency", "-s", "2")
    assert result.code == 7
    assert "git config" in result.err
    config.write_text(known)
    desk.ok("note", "now git knows me", "-i", NAME)
    assert len(ours(desk)) == 2
    assert desk.git("status", "--porcelain") == ""


@pytest.mark.parametrize("where", ["branch", "detached", "bisect"])
def test_another_branch_or_none_is_checked_out_and_the_work_tree_is_not_touched(desk: Desk, where: str) -> None:
    desk.write("theirs.txt", "one\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", "one")
    if where == "branch":
        desk.git("checkout", "-qb", "feature")
    elif where == "detached":
        desk.git("checkout", "-q", "--detach")
    else:
        desk.git("bisect", "start", "HEAD", "HEAD~1")
        desk.git("checkout", "-q", "--detach")
    desk.write("theirs.txt", "two\n")
    head = desk.git("rev-parse", "HEAD")
    ten(desk)
    assert desk.git("rev-parse", "HEAD") == head
    assert desk.git("status", "--porcelain") == " M theirs.txt\n"
    assert not (desk.path / "incidents").exists()
    assert_right(committed(desk))
    assert len(ours(desk)) == len(TEN)
    assert "committed on main" in desk.ictl("note", "one more", "-i", NAME).err
    assert "one more" in desk.ok("show", NAME).out


def test_nothing_committed_yet(tmp_path: Path) -> None:
    desk = new_desk(tmp_path)
    subprocess.run(["rm", "-rf", str(desk.path / ".git")], check=True)
    desk.git("init", "-q")
    ten(desk)
    assert_right(committed(desk))
    assert desk.git("ls-tree", "--name-only", "-r", "main").split() == [PATH]
    assert desk.git("status", "--porcelain") == "?? incidentctl.toml\n"


def test_a_bare_repository(tmp_path: Path, desk: Desk) -> None:
    bare = tmp_path / "bare.git"
    desk.git("clone", "-q", "--bare", str(desk.path), str(bare))
    for words in TEN:
        desk.ok("-C", str(bare), *words)
    text = desk.git("show", f"main:{PATH}", cwd=bare)
    assert_right(text)


def test_a_sha256_repository(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, git_options=("--object-format=sha256",))
    ten(desk)
    assert_right(committed(desk))
    assert desk.git("status", "--porcelain") == ""


def test_no_repository_at_all_names_init(tmp_path: Path, desk: Desk) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    result = desk.ictl("note", "x", cwd=outside)
    assert result.code == 4
    assert "ictl init" in result.err or "incidentctl init" in result.err
    assert not list(outside.iterdir())


def test_a_repository_that_was_not_asked_gets_no_folder(tmp_path: Path, desk: Desk) -> None:
    other = tmp_path / "product"
    other.mkdir()
    desk.git("init", "-q", cwd=other)
    result = desk.ictl("open", "x", cwd=other)
    assert result.code == 4
    assert sorted(path.name for path in other.iterdir()) == [".git"]


def test_an_orphan_of_a_killed_command_is_taken_in_first(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    refuses = hook(desk, "pre-commit", "exit 1")
    assert desk.ictl("resolve", "said and killed").code == 7
    refuses.unlink()
    items = list((desk.path / ".git/incidentctl/spool").iterdir())
    assert items
    for item in items:  # as a command leaves it that is killed before it decided anything
        data = json.loads(item.read_text())
        data.get("item", data).pop("plan", None)
        item.write_text(json.dumps(data))
    desk.git("checkout", "-q", "--", PATH)
    desk.ok("note", "next", "-i", NAME)
    assert ours(desk)[1:] == ["checkout-latency: resolved", "checkout-latency: noted"]


def test_many_commands_at_once_in_one_clone(tmp_path: Path) -> None:
    desk = new_desk(tmp_path)
    desk.ok("open", "Checkout latency", "-s", "2")
    environ = {**desk.environ, "INCIDENTCTL_INCIDENT": NAME}
    script = 'for n in 1 2 3 4 5; do "$0" -m incidentctl note "word $1-$n" || exit 1; done'
    running = [
        subprocess.Popen(
            ["/bin/sh", "-c", script, sys.executable, str(number)],
            cwd=desk.path,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0
        assert set(err.splitlines()) <= {"warning: update was due 2026-05-14 11:06Z: `ictl update`"}
    text = desk.text()
    for number in range(6):
        for count in range(1, 6):
            assert text.count(f"word {number}-{count} ") == 1
    assert len(ours(desk)) == 31
    assert desk.git("status", "--porcelain") == ""
    assert desk.git("fsck", "--strict") == ""


def test_a_hand_edit_is_taken_in_with_the_next_write(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write(PATH, desk.text().replace("severity: SEV2", "severity: SEV1").replace("SEV2 —", "SEV2 —"))
    desk.git("commit", "-qam", "more severe")
    sha = desk.git("rev-parse", "HEAD")[:12]
    desk.wait(5)
    desk.ok("note", "next")
    text = desk.text()
    assert f"**Severity** SEV2 → SEV1 (by hand, {sha})" in text
    assert desk.touched() == [PATH]
    assert fold(parse_document(text).entries).severity == "SEV1"
    assert desk.git("status", "--porcelain") == ""


def test_a_hand_edit_without_a_commit_is_taken_in_as_uncommitted(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write(PATH, desk.text().replace("status: investigating", "status: resolved"))
    desk.wait(5)
    assert desk.ok("list", "--json").json["incidents"][0]["status"] == "resolved"
    desk.ok("note", "next", "-i", NAME)
    assert "**Resolved** (by hand, uncommitted)" in desk.text()
    assert "resolved_at: 2026-05-14T10:11:00Z" in desk.text()


def test_a_command_that_only_reads_commits_what_was_saved_before(desk: Desk) -> None:
    refuses = hook(desk, "pre-commit", "exit 1")
    assert desk.ictl("open", "Checkout latency", "-s", "2").code == 7
    assert NAME in desk.ok("list").out
    assert ours(desk) == []
    refuses.unlink()
    assert "committed now: 1 saved before" in desk.ok("list").err
    assert ours(desk) == ["checkout-latency: opened SEV2"]
    assert desk.ok("list").err == ""


def test_words_that_wait_for_the_lock_of_another_are_saved_and_seen(tmp_path: Path) -> None:
    desk = new_desk(tmp_path, settings='[store]\nbranch = "main"\nlock_timeout = 0.2\n')
    desk.ok("open", "Checkout latency", "-s", "2")
    with Lock(str(desk.path / ".git/incidentctl")).held(timeout=1.0, notice=None):
        result = desk.ictl("note", "said while somebody held the lock")
        assert result.code == 7
        assert "said while somebody held the lock" in desk.ok("show", NAME).out
    desk.ok("note", "next")
    assert ours(desk)[1:] == ["checkout-latency: noted", "checkout-latency: noted"]
    assert desk.text().count("said while somebody held the lock") == 1


def test_an_editor_that_fails_takes_nothing_over(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.environ["GIT_EDITOR"] = "false"
    result = desk.ictl("edit", NAME)
    assert result.code == 2
    assert "the editor ended with an error" in result.err
    assert len(ours(desk)) == 1


def test_a_hand_edit_made_while_words_wait_is_not_undone_when_they_are_taken_in(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    refuses = hook(desk, "pre-commit", "exit 1")
    assert desk.ictl("note", "said while the hook refused").code == 7
    desk.write(PATH, desk.text().replace("severity: SEV2", "severity: SEV1"))
    refuses.unlink()
    desk.wait(5)
    desk.ok("note", "next")
    text = desk.text()
    assert "severity: SEV1" in text
    assert "**Severity** SEV2 → SEV1 (by hand, uncommitted)" in text
    assert text.count("said while the hook refused") == 1
    assert desk.git("status", "--porcelain") == ""


def test_words_that_git_itself_fails_on_are_saved(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    objects = desk.path / ".git/objects"
    tree = desk.git("rev-parse", "HEAD^{tree}").strip()
    lost = objects / tree[:2] / tree[2:]
    kept = lost.read_bytes()
    lost.unlink()
    result = desk.ictl("note", "said to a damaged repository")
    assert result.code == 7, result.err
    lost.write_bytes(kept)
    desk.ok("note", "next", "-i", NAME)
    assert desk.text().count("said to a damaged repository") == 1
    assert len(ours(desk)) == 3


def test_an_edit_that_was_saved_and_clashes_by_now_is_a_draft_again(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "pool exhausted")
    desk.editor('sed -i "s/pool exhausted/pool exhausted on db-3/" "$1"')
    lock = desk.path / ".git/refs/heads/main.lock"
    lock.write_text("")  # somebody else's: nothing can be committed
    assert desk.ictl("edit").code == 7
    lock.unlink()
    desk.write(desk.files()[0], desk.text().replace("pool exhausted on db-3", "pool full"))
    result = desk.ok("note", "failing over")
    assert "`ictl edit 2026-05-14-checkout-latency` opens it again" in result.err, result
    drafts = desk.path / ".git/incidentctl/drafts"
    assert "pool exhausted on db-3" in (drafts / "2026-05-14-checkout-latency.md").read_text()
    assert "pool full" in desk.text() and "failing over" in desk.text()
