"""Words that are erased from the whole history, by the very commands of the page on it, in a real repository."""

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from tests.conftest import Desk, new_desk

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "erase.md"
URL = "git@git.example.org:ops/incidents.git"
ID = "2026-05-14-checkout-latency"
WORDS = "Jane Doe, 0171 5550123"


def commands_of(heading: str) -> list[str]:
    """The commands of a section of the page, in order."""
    section = PAGE.read_text().partition(f"\n## {heading}")[2].partition("\n## ")[0]
    return [line.removeprefix("$ ") for line in section.splitlines() if line.startswith("$ ")]


def objects_with(repository: Path, words: str) -> list[str]:
    """The names of files in a repository that hold the words, packed or not."""
    found = []
    for path in repository.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if len(path.parent.name) == 2 and path.parent.parent.name == "objects":
                data = zlib.decompress(data)
            found += [str(path)] if words.encode() in data else []
    return found


@pytest.fixture
def team(tmp_path: Path) -> Desk:
    """A record that is shared, with words in an entry, in a post-mortem on its branch, in a subject and in a title."""
    desk = new_desk(tmp_path)
    desk.git("clone", "--quiet", "--bare", ".", str(tmp_path / "remote.git"))
    desk.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    desk.ok("open", "Checkout latency", "-s", "2", "--summary", f"{WORDS} called")
    desk.wait(5)
    desk.ok("note", f"{WORDS}: cannot pay")
    desk.ok("note", "pool exhausted on db-3")
    desk.ok("undo", next(line for line in desk.ok("timeline", "--ids").out.splitlines() if "cannot pay" in line)[:8])
    desk.ok("set", f"title={WORDS} cannot pay")
    desk.ok("postmortem", "new", "--all")
    desk.git("switch", "--quiet", "main")
    desk.git("push", "--quiet", "origin", "main", f"postmortem/{ID}")
    return desk


@pytest.mark.slow
def test_the_commands_of_the_page_erase_words_from_all_of_history(team: Desk, tmp_path: Path) -> None:
    for line in team.ok("timeline", "--ids").out.splitlines():
        if WORDS in line:
            team.ok("redact", line[:8], "--reason", "personal_data", "--everywhere")
    team.ok("set", "title=Checkout fails")
    team.git("push", "--quiet", "origin", "main", f"postmortem/{ID}")
    before = team.text()
    assert WORDS in team.git("log", "-p", "--all")

    (tmp_path / "words.txt").write_text(f"{WORDS}\n")
    environ = {**team.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{team.environ['PATH']}"}
    printed = []
    for command in commands_of("3. Rewrite the history"):
        done = subprocess.run(
            ["sh", "-c", command.replace(URL, "remote.git")],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        counts = "grep -a -c" in command
        assert done.returncode == 0 or (counts and done.stdout == "0\n"), f"{command}\n{done.stdout}{done.stderr}"
        printed += [int(done.stdout)] if counts else []
    assert printed[0] > 0
    assert printed[1] == 0

    fresh = Desk(tmp_path / "fresh", team.environ, now=team.now)
    team.git("clone", "--quiet", "--mirror", f"file://{tmp_path}/remote.git", str(tmp_path / "mirror.git"))
    team.git("clone", "--quiet", f"file://{tmp_path}/remote.git", str(fresh.path))
    assert objects_with(tmp_path / "mirror.git", WORDS) == []
    assert fresh.git("fsck", "--strict") == ""
    assert fresh.text() == before
    assert WORDS not in fresh.git("log", "-p", "--all", "--format=%B")
    assert fresh.ok("show", ID, "--json").json["incident"]["title"] == "Checkout fails"
    fresh.ok("note", "goes on", "-i", ID)


def test_no_name_and_no_address_is_in_what_we_write(tmp_path: Path) -> None:
    """But in `[people]`, and in what git itself writes into its commits."""
    settings = (
        '[store]\nbranch = "main"\n\n[people]\n"a.nonymous@mail.example" = { handle = "ann", name = "Ann Onymous" }\n'
    )
    desk = new_desk(tmp_path, settings=settings)
    desk.git("config", "user.email", "a.nonymous@mail.example")
    desk.git("config", "user.name", "Ann Onymous")
    desk.ok("open", "Checkout latency", "-s", "2", "--commander", "me")
    desk.wait(5)
    for words in (["note", "x"], ["update", "y"], ["mitigate"], ["resolve", "z"], ["undo"], ["show"], ["list"]):
        desk.ok(*words)
    desk.write(desk.files()[0], desk.text().replace("severity: SEV2", "severity: SEV1"))
    desk.git("commit", "--quiet", "-am", "by hand")
    desk.ok("note", "takes it over", "-i", ID)
    assert "(by hand, " in desk.text()
    desk.ok("postmortem", "new", "--all", ID, "--here")
    desk.ok("action", "add", "Cap the pool", "--owner", "me", "-i", ID)
    desk.ok("search", "pool")
    for path in (*desk.path.glob("incidents/**/*.md"), *desk.path.glob("postmortems/**/*.md")):
        assert b"nonymous" not in path.read_bytes().lower()
    for path in (desk.path / ".git" / "incidentctl").rglob("*"):
        assert not path.is_file() or b"nonymous" not in path.read_bytes().lower(), path
    for path in (tmp_path / "home").rglob("*"):
        assert not path.is_file() or b"nonymous" not in path.read_bytes().lower(), path
    assert "nonymous" not in desk.git("log", "--all", "--format=%B").lower()
    assert "(by hand" in desk.text()
