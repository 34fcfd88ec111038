"""git's own commands, with our driver: pull, merge, rebase, cherry-pick and revert merge the record by meaning."""

import subprocess
import sys
from pathlib import Path

import pytest

from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import parse_document
from tests.conftest import SETTINGS, Desk, new_desk, scrubbed_environ

INCIDENT = "2026-05-14-checkout-latency"
PROGRAM = Path(sys.executable).parent / "incidentctl"


@pytest.fixture
def ann(tmp_path: Path) -> Desk:
    """Ann's clone, with an open incident that is shared."""
    desk = new_desk(tmp_path, settings=SETTINGS + "\n[sync]\nauto = false\n")  # git alone shares here
    desk.git("config", "--unset", "merge.incidentctl.driver")
    desk.ok("init")
    desk.ok("open", "Checkout latency", "-s", "3")
    desk.git("clone", "--quiet", "--bare", ".", "../remote.git")
    desk.git("remote", "add", "origin", "../remote.git")
    desk.git("fetch", "--quiet", "origin")
    desk.git("branch", "--quiet", "--set-upstream-to=origin/main")
    return desk


@pytest.fixture
def bob(ann: Desk, tmp_path: Path) -> Desk:
    """Bob's clone of the same."""
    environ = scrubbed_environ(tmp_path / "bob", name="Bob", mail="bob@example.org")
    desk = Desk(tmp_path / "bobs", environ, now=ann.now, chances=500)
    desk.git("clone", "--quiet", "../remote.git", str(desk.path), cwd=ann.path)
    return desk


def settled(desk: Desk) -> str:
    """The text of the record, which has to be one."""
    text = desk.text()
    assert "<<<<" not in text
    assert not differing_keys(parse_document(text, incident=Path(desk.files()[0]).stem))
    return text


def share(desk: Desk) -> None:
    desk.git("pull", "--quiet", "--no-rebase", "--no-edit")
    desk.git("push", "--quiet")


def both_at_work(ann: Desk, bob: Desk) -> None:
    ann.wait(1)
    ann.ok("note", "pool exhausted")
    ann.ok("severity", "1", "payments fail as well")
    bob.wait(2)
    bob.ok("note", "looks like the config push")
    bob.ok("severity", "2", "many users")
    bob.ok("mitigate", "failed over")


def test_the_first_write_in_a_fresh_clone_tells_git_and_says_so(bob: Desk) -> None:
    said = bob.ok("note", "one").err
    assert "git merges the record by meaning" in said
    assert "merge-driver" in bob.git("config", "merge.incidentctl.driver")
    assert "merges" not in bob.ok("note", "two").err


def test_pull_merges_by_meaning(ann: Desk, bob: Desk) -> None:
    both_at_work(ann, bob)
    share(ann)
    share(bob)
    text = settled(bob)
    for words in (
        "pool exhausted",
        "looks like the config push",
        "failed over",
        "set by two at once (@ann SEV1, @bob SEV2)",
    ):
        assert words in text
    assert "severity: SEV1" in text
    assert "status: mitigated" in text
    share(ann)
    assert ann.text() == text


def test_rebase_merges_by_meaning(ann: Desk, bob: Desk) -> None:
    both_at_work(ann, bob)
    share(ann)
    bob.git("pull", "--quiet", "--rebase")
    text = settled(bob)
    assert "pool exhausted" in text
    assert "failed over" in text
    assert "severity: SEV1" in text


def test_cherry_pick_takes_one_entry_over(ann: Desk, bob: Desk) -> None:
    ann.ok("note", "first of ann")
    bob.ok("note", "first of bob")
    bob.ok("note", "second of bob")
    ann.git("fetch", "--quiet", str(bob.path), "main")
    ann.git("cherry-pick", "FETCH_HEAD")
    text = settled(ann)
    assert "first of ann" in text
    assert "second of bob" in text
    assert "first of bob" not in text


def test_what_clashes_is_between_markers_and_git_says_conflict(ann: Desk, bob: Desk) -> None:
    ann.ok("set", "title=Checkout is slow")
    ann.ok("note", "of ann")
    bob.ok("set", "title=Payments fail")
    bob.ok("note", "of bob")
    share(ann)
    said = bob.git("pull", "--no-rebase", "--no-edit", ok=False)
    assert "CONFLICT" in said
    text = bob.text()
    assert "<<<<<<< ours\ntitle: Payments fail\n=======\ntitle: Checkout is slow\n>>>>>>> theirs\n" in text
    assert text.count("<<<<<<<") == 1
    assert "of ann" in text
    assert "of bob" in text


def test_two_incidents_of_one_name_are_not_made_one(ann: Desk, bob: Desk) -> None:
    ann.ok("open", "Search is down", "-s", "2")
    bob.ok("open", "Search is down", "-s", "2")
    share(ann)
    bob.git("pull", "--quiet", "--no-rebase", "--no-edit", ok=False)
    text = bob.text(next(name for name in bob.files() if "search" in name))
    assert text.count("<<<<<<<") >= 1
    assert text.count("**Opened**") == 2


def test_a_driver_that_is_gone_leaves_gits_own_merge(ann: Desk, bob: Desk) -> None:
    bob.ok("note", "wired")
    line = bob.git("config", "merge.incidentctl.driver").strip()
    program = line.split("test -x ")[1].split(";")[0]
    bob.git("config", "merge.incidentctl.driver", line.replace(program, "/nowhere/incidentctl"))
    bob.environ["PATH"] = "/usr/bin:/bin"
    bob.ok("set", "title=Payments fail")
    ann.ok("set", "title=Checkout is slow")
    share(ann)
    bob.git("pull", "--quiet", "--no-rebase", "--no-edit", ok=False)
    text = bob.text()
    assert "<<<<<<<" in text
    assert "Payments fail" in text
    assert "Checkout is slow" in text


def test_a_file_that_is_no_text_is_never_merged_to_one_side(ann: Desk, bob: Desk) -> None:
    name = ann.files()[0]
    for desk, words in ((ann, "of ann"), (bob, "of bob")):
        desk.write(name, desk.text() + f"\n\0 {words}\n")
        desk.git("add", ".")
        desk.git("commit", "--quiet", "-m", words)
    share(ann)
    bob.git("config", "merge.incidentctl.driver", f"{PROGRAM} merge-driver %O %A %B %P")
    bob.git("pull", "--quiet", "--no-rebase", "--no-edit", ok=False)
    assert bob.text().startswith("<<<<<<< ours\n") and bob.git("ls-files", "--unmerged")
    assert "of ann" in bob.text() and "of bob" in bob.text()


HOSTILE = {
    "front matter that is no YAML": ("severity:", "\x07: [\n{{: &a *a\nseverity:"),
    "a bomb of aliases": ("severity:", f"a: &a [x]\nb: &b [{'*a, ' * 900}]\nc: [{'*b, ' * 900}]\nseverity:"),
    "brackets in brackets": ("severity:", f"a: {'[' * 5_000}{']' * 5_000}\nseverity:"),
    "no front matter": ("---\n", ""),
    "one key twice": ("severity:", "severity: SEV4\nseverity:"),
    "markers of a conflict": ("## Timeline", "<<<<<<< ours\n=======\n## Timeline"),
    "no timeline": ("## Timeline", "## Something else"),
    "ends of lines of all kinds": ("\n", "\r\n\r"),
    "bytes that are no text": ("# Checkout", "\udcff\udcfe # Checkout"),
    "signs that stand for what was taken out": ("# Checkout", "\x1efront\n\x1etimeline\n\x1ea:7k2ps0 # Checkout"),
    "an id in each line": ("# Checkout", "<!-- e:004mz1 --> <!-- a:004mz1 --> " * 2_000 + "# Checkout"),
}


@pytest.mark.parametrize("fault", HOSTILE)
def test_of_a_hostile_file_and_ours_neither_is_taken_alone(ann: Desk, bob: Desk, fault: str) -> None:
    bob.ok("note", "of bob")
    bob.git("config", "merge.incidentctl.driver", f"{PROGRAM} merge-driver %O %A %B %P")
    text = ann.text().replace(*HOSTILE[fault], *([] if fault == "ends of lines of all kinds" else [1]))
    (ann.path / ann.files()[0]).write_bytes(f"{text}\nof ann\n".encode("utf-8", "surrogateescape"))
    ann.git("commit", "--quiet", "-am", "of ann")
    share(ann)
    words = ("git", "pull", "--no-rebase", "--no-edit")
    said = subprocess.run(words, cwd=bob.path, env=bob.environ, capture_output=True, text=True, check=False).stderr
    assert "Traceback" not in said and "has a fault" not in said and "\x07" not in said
    text = (bob.path / bob.files()[0]).read_text(errors="surrogateescape")
    assert "of bob" in text
    assert "of ann" in text


def test_a_name_that_leads_elsewhere_writes_nothing_but_the_result(ann: Desk) -> None:
    """git hands in what a branch calls the file."""
    outside = ann.path.parent / "outside.md"
    outside.write_text("words of somebody else\n")
    texts = {"base": "a\n", "ours": "a\nof ours\n", "theirs": "of theirs\na\n"}
    for name, text in texts.items():
        ann.write(name, text)
    before = sorted(ann.path.rglob("*"))
    for path in (
        "../outside.md",
        str(outside),
        ".git/config",
        "incidents/../../outside.md",
        "-x",
        "\x1b[2J/incidents/x.md",
    ):
        ann.write("ours", texts["ours"])
        result = ann.ictl("merge-driver", "base", "ours", "theirs", "--", path)
        assert result.code in (0, 1) and "\x1b" not in result.out + result.err
        assert ann.text("ours") == "of theirs\na\nof ours\n" or "<<<<<<<" in ann.text("ours")
    assert outside.read_text() == "words of somebody else\n"
    assert sorted(ann.path.rglob("*")) == before and ann.text("base") == texts["base"]


def test_a_postmortems_action_items_are_united(ann: Desk, bob: Desk) -> None:
    name = f"postmortems/2026/05/{INCIDENT}.md"
    item = "- [ ] Add a canary — owner: @bob — due: 2026-06-01 <!-- a:7k2ps0 -->"
    text = f"---\nincident: {INCIDENT}\nstatus: draft\n---\n\n# Checkout latency\n\n## Action Items\n\n{item}\n"
    ann.write(name, text)
    ann.git("add", ".")
    ann.git("commit", "--quiet", "-m", "draft")
    share(ann)
    share(bob)
    ann.ok(
        "action",
        "add",
        "Alert on saturation",
        "--owner",
        "@ann",
        "--due",
        "2026-06-02",
        "-i",
        INCIDENT,
    )
    bob.ok("action", "add", "Second region", "--owner", "@bob", "--due", "2026-06-03", "-i", INCIDENT)
    bob.ok("action", "done", "7k2ps0")
    share(ann)
    share(bob)
    merged = (bob.path / name).read_text()
    assert "<<<<" not in merged
    assert "[x] Add a canary" in merged
    assert "Alert on saturation" in merged
    assert "Second region" in merged
