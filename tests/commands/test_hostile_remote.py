"""What a remote, and those who push to it, can do to a clone: nothing runs, nothing is written elsewhere, no terminal obeys."""

import subprocess
from pathlib import Path

import pytest

from tests.clones import FILE, INCIDENT, Team, new_team
from tests.commands.test_hostile_text import EVIL, harmful, in_quotes
from tests.conftest import Desk, Result

FOREIGN = "words that are not for everybody"
FOREIGN_FILE = (
    f"---\nid: {INCIDENT}\nincident: {INCIDENT}\ntitle: {FOREIGN}\nstatus: investigating\n---\n\n# {FOREIGN}\n\n## Timeline\n\n"
    f"- 2026-05-14T10:05:40Z **Opened** SEV2: {FOREIGN} — @ann <!-- e:004mz1 -->\n"
)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    (tmp_path / "team").mkdir()
    return new_team(tmp_path / "team")


@pytest.fixture
def ann(team: Team) -> Desk:
    """A clone with an incident that is shared."""
    desk = team.clone("ann")
    desk.ok("open", "Checkout latency", "-s", "2")
    return desk


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the clones, with a file in it that is an incident."""
    folder = tmp_path / "outside"
    (folder / "2026" / "05").mkdir(parents=True)
    (folder / "2026" / "05" / f"{INCIDENT}.md").write_text(FOREIGN_FILE)
    return folder


def quiet(result: Result) -> Result:
    """It ended well or in a sentence, and no terminal obeys what it says."""
    assert harmful(result.out + result.err) == set()
    assert "Traceback" not in result.err
    assert result.code in (0, 1, 2, 3, 4, 5, 7), result
    return result


def push_tree(team: Team, entries: str, *, into: str = "main") -> None:
    """A commit on a branch of the remote with a tree that no git would make: a line for each entry, `MODE TYPE OBJECT PATH`."""
    folders: dict[str, list[tuple[str, str, str]]] = {"": []}
    for line in entries.splitlines():
        mode, _, oid, path = line.split(" ", 3)
        parts = path.split("/")
        for depth in range(len(parts)):
            folders.setdefault("/".join(parts[:depth]), [])
        folders["/".join(parts[:-1])].append((mode, oid, parts[-1]))
    for folder in sorted(folders, key=lambda each: -each.count("/") if each else 1):
        data = b"".join(
            f"{mode} {name}\0".encode() + bytes.fromhex(oid)
            for mode, oid, name in sorted(folders[folder], key=lambda each: each[2] + "/" * (each[0] == "40000"))
        )
        tree = store(team, "tree", data)
        if folder:
            above, _, name = folder.rpartition("/")
            folders[above].append(("40000", tree, name))
    commit = team.git("commit-tree", "-p", "main", "-m", "from a colleague", tree).strip()
    team.git("update-ref", f"refs/heads/{into}", commit)


def store(team: Team, kind: str, data: bytes) -> str:
    """An object in the remote, whatever git thinks of it."""
    words = ("git", "hash-object", "-t", kind, "-w", "--literally", "--stdin")
    done = subprocess.run(words, cwd=team.remote, env=team.environ, input=data, capture_output=True, check=True)
    return done.stdout.decode().strip()


def all_of(team: Team) -> str:
    """What main holds, as `push_tree` takes it."""
    return team.git("ls-tree", "-r", "main").replace("\t", " ")


# ------------------------------------------------------------------------------------------------------------- what it says


def test_what_a_remote_says_steers_no_terminal_and_shows_no_password(team: Team, ann: Desk) -> None:
    said = "\\033[2J\\302\\23331m\\342\\200\\256\\033]52;c;aGk=\\007no: https://ann:s3cret@example.org/x"
    team.hook("pre-receive", f"printf '{said}\\n' >&2; exit 1")
    for words in (("note", "x"), ("note", "x", "--json"), ("sync",), ("sync", "--json"), ("list", "--open")):
        result = quiet(ann.ictl(*words))
        assert "s3cret" not in result.out + result.err
    assert "no: https://example.org/x" in ann.ictl("sync").err


def test_what_others_wrote_steers_no_terminal_when_it_clashes(team: Team, ann: Desk) -> None:
    bob = team.clone("bob")
    bob.write(
        FILE, bob.text().replace("title: Checkout latency", f"title: {in_quotes(EVIL)}") + f"\n## {EVIL}\n\n{EVIL}\n"
    )
    bob.git("commit", "--quiet", "-am", EVIL.replace("\0", ""))
    bob.git("push", "--quiet")
    ann.ok("set", "title=Checkout is slow")
    ann.write(FILE, ann.text() + "\n## Links\n\nx\n")
    for words in (("sync",), ("sync", "--json"), ("note", "x"), ("sync", "--dry-run"), ("edit", "--dry-run")):
        quiet(ann.ictl(*words))
    assert ann.ictl("sync").code == 5


def test_a_branch_of_a_remote_is_a_name_whatever_it_looks_like(team: Team, ann: Desk, tmp_path: Path) -> None:
    team.protect_main()
    blob = store(team, "blob", ann.text().encode() + b"\nmore\n")
    names = [
        f"incident/{each}"
        for each in ("--upload-pack=touch${IFS}pwned", "x$(touch${IFS}pwned)", "y;touch${IFS}pwned", "-x")
    ]
    for name in names:
        push_tree(team, all_of(team).replace(team.git("rev-parse", f"main:{FILE}").strip(), blob), into=name)
    for words in (("sync",), ("note", "a word"), ("sync", "--json"), ("doctor",), ("list",)):
        quiet(ann.ictl(*words))
    # As somebody does who pastes what is proposed into a shell.
    for program in ("gh", "glab"):
        ann.write(f"../bin/{program}", f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/asked\n').chmod(0o755)
    environ = {**ann.environ, "PATH": f"{ann.path.parent}/bin:{ann.environ['PATH']}"}
    for line in ann.ok("sync").out.splitlines():
        if line.startswith(("gh ", "glab ")):
            subprocess.run(["sh", "-c", line], cwd=ann.path, env=environ, check=True)
    assert set(names) <= set((tmp_path / "asked").read_text().splitlines())
    assert not list(tmp_path.rglob("pwned"))


# ------------------------------------------------------------------------------------------------------------ what it holds


@pytest.mark.parametrize(
    "path",
    [
        "incidents/../../../outside/pwned.md",
        "incidents/../.git/hooks/pre-commit.md",
        "incidents/.git/hooks/x.md",
        "incidents/2026/05/..",
        "postmortems/GIT~1/pwned.md",
        "postmortems/2026/./../../../outside/pwned.md",
        "../outside/pwned.txt",
        ".git/hooks/pre-commit",
    ],
)
def test_a_path_of_a_remote_that_leads_elsewhere_writes_nothing(
    team: Team, ann: Desk, outside: Path, path: str
) -> None:
    blob = store(team, "blob", b"#!/bin/sh\ntouch pwned\n")
    push_tree(team, all_of(team) + f"100755 blob {blob} {path}\n")
    before = [sorted(each.rglob("*")) for each in (outside, ann.path / ".git" / "hooks")]
    quiet(ann.ictl("sync"))
    quiet(ann.ictl("note", "a word in need"))
    quiet(ann.ictl("list"))
    assert "a word in need" in ann.text()
    assert [sorted(each.rglob("*")) for each in (outside, ann.path / ".git" / "hooks")] == before
    assert not list(ann.path.parent.rglob("pwned*"))


@pytest.mark.parametrize("path", [FILE, "incidents", "incidents/2026", "postmortems"])
def test_a_link_that_a_remote_brings_is_not_followed(team: Team, ann: Desk, outside: Path, path: str) -> None:
    target = store(team, "blob", str(outside / path.partition("/")[2]).encode())
    kept = [line for line in all_of(team).splitlines() if not f"{line.split(' ', 3)[3]}/".startswith(f"{path}/")]
    push_tree(team, "\n".join((*kept, f"120000 blob {target} {path}\n")))
    before = [(each, each.is_file() and each.read_text()) for each in sorted(outside.rglob("*"))]
    bob = team.clone("bob")
    assert (bob.path / path).is_symlink()
    for desk in (ann, bob):
        for words in (
            *(
                ("sync",),
                ("note", "-i", INCIDENT, "a word in need"),
                ("list",),
                ("show", INCIDENT),
                ("sync",),
                ("lint",),
            ),
            *(("postmortem", "show", INCIDENT), ("postmortem", "new", INCIDENT, "--here"), ("action", "list")),
        ):
            result = quiet(desk.ictl(*words))
            assert FOREIGN not in result.out + result.err, words
    assert [(each, each.is_file() and each.read_text()) for each in sorted(outside.rglob("*"))] == before
    spool = "".join(each.read_text() for each in (ann.path / ".git/incidentctl/spool").glob("*.json"))
    assert "a word in need" in ann.git("log", "-p", "--all") + spool
