"""Names and links that lead elsewhere, as they come with a branch: nothing outside the repository is read, written or waited for."""

import os
from pathlib import Path

import pytest

from tests.conftest import Desk, Result
from tests.lint.documents import COMPLETE

ID = "2026-05-14-checkout-latency"
PATH = f"incidents/2026/05/{ID}.md"
SECRET = "words that are not for everybody"


@pytest.fixture
def clone(desk: Desk) -> Desk:
    """A repository with one incident."""
    desk.ok("open", "Checkout latency", "-s", "2")
    return desk


@pytest.fixture
def outside(desk: Desk) -> Path:
    """A folder beside the repository, with a document in it that is to stay as it is."""
    folder = desk.path.parent / "outside"
    folder.mkdir()
    (folder / "2026-05-14-private.md").write_text(COMPLETE.replace("## Summary\n", f"## Summary\n\nTODO {SECRET}.  \n"))
    return folder


def silent(result: Result) -> Result:
    assert SECRET not in result.out + result.err
    assert "Traceback" not in result.err
    return result


# --------------------------------------------------------------------------------------------------------------- links


def test_a_document_that_is_a_link_out_of_the_repository_is_neither_printed_nor_mended(
    clone: Desk, outside: Path
) -> None:
    target = outside / "2026-05-14-private.md"
    before = target.read_bytes()
    link = clone.write("postmortems/2026/05/2026-05-14-private.md", "")
    link.unlink()
    link.symlink_to(target)
    shown = "postmortems/2026/05/2026-05-14-private.md"
    for words in (
        ("lint",),
        ("lint", shown),
        ("lint", "--fix", "--unsafe-fixes"),
        ("lint", "--diff", "--unsafe-fixes"),
        ("lint", "-f", "json"),
        ("lint", "--changed-since", "main"),
        ("postmortem", "list"),
        ("action", "list"),
    ):
        result = silent(clone.ictl(*words))
        assert result.code in (0, 1)
        assert shown in result.out + result.err or "--diff" in words
    assert "it is a link that leads out of the repository" in clone.ictl("lint").out
    assert target.read_bytes() == before


def test_a_folder_that_is_a_link_out_of_the_repository_is_not_entered_and_named(clone: Desk, outside: Path) -> None:
    (clone.path / "postmortems").symlink_to(outside)
    for words in (("lint",), ("lint", "postmortems"), ("lint", "--fix"), ("postmortem", "list"), ("action", "list")):
        result = silent(clone.ictl(*words))
        assert result.code == 1
        assert "postmortems" in result.out + result.err
    assert silent(clone.ictl("postmortem", "new")).code == 4
    assert [path.name for path in outside.iterdir()] == ["2026-05-14-private.md"]


def test_incidents_behind_a_link_are_named_and_the_words_are_saved(clone: Desk, outside: Path) -> None:
    (clone.path / "incidents").rename(outside / "incidents")
    (clone.path / "incidents").symlink_to(outside / "incidents")
    before = (outside / PATH).read_bytes()
    listed = clone.ictl("list")
    assert (listed.code, listed.err.splitlines()[-1]) == (
        1,
        "incidents:1: not read: it is a link, and what is below it is not read: put the folder in its place",
    )
    assert clone.ictl("note", "-i", ID, "a word in need").code == 7
    assert (outside / PATH).read_bytes() == before


@pytest.mark.parametrize("words", [("lint", "--update-baseline"), ("lint", "--adopt", "postmortems")])
def test_what_lint_writes_does_not_leave_the_repository_by_a_link(
    clone: Desk, outside: Path, words: tuple[str]
) -> None:
    precious = outside / "profile"
    precious.write_text("export PATH\n")
    clone.write("postmortems/2026/05/2026-05-14-checkout-latency.md", COMPLETE)
    name = "incidentctl.toml" if "--adopt" in words else ".incidentctl-baseline.json"
    settings = '[store]\nbranch = "main"\n[lint]\nbaseline = ".incidentctl-baseline.json"\n'
    clone.write("incidentctl.toml", settings)
    (clone.path / name).unlink(missing_ok=True)
    (clone.path / name).symlink_to(precious)
    result = clone.ictl(*words)
    assert result.code != 0
    assert precious.read_text() == "export PATH\n"


# ------------------------------------------------------------------------------------------------- pipes and devices


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_named_and_never_waited_for(clone: Desk, kind: str) -> None:
    place = clone.path / PATH
    place.unlink()
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "device":
        place.symlink_to("/dev/zero")
    else:
        place.mkdir()
    listed = clone.ictl("list")
    if kind != "folder":
        assert (listed.code, PATH in listed.err) == (1, True)
    assert clone.ictl("show", ID).code == 4
    assert clone.ictl("note", "-i", ID, "a word in need").code == 7
    assert clone.ictl("lint").code in (0, 1)


def put_what_is_no_settings(place: Path, kind: str) -> None:
    """Something that cannot be read as settings, in their place."""
    if kind == "link":
        place.symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    elif kind == "large":
        with place.open("wb") as file:
            file.truncate(100 << 20)
    else:
        place.write_bytes(b"\xff\xfe\x00\x1b[2J" if kind == "bytes" else b"a = " + b"[" * 100_000)


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "large", "bytes", "nested"])
def test_settings_that_cannot_be_read_cost_no_word(clone: Desk, kind: str) -> None:
    place = clone.path / "incidentctl.toml"
    place.unlink()
    put_what_is_no_settings(place, kind)
    result = clone.ictl("note", "a word in need")
    assert result.code in (0, 7)
    assert "a word in need" in clone.text()
    assert result.err.startswith("warning: incidentctl.toml:1:")
    assert "all defaults hold" in result.err
    assert "root:" not in result.err
    assert "\x1b" not in result.err


@pytest.mark.parametrize("kind", ["pipe", "folder", "large", "bytes"])
def test_a_users_own_settings_that_cannot_be_read_cost_no_word(clone: Desk, kind: str) -> None:
    place = Path(clone.environ["XDG_CONFIG_HOME"], "incidentctl", "config.toml")
    place.parent.mkdir(parents=True)
    put_what_is_no_settings(place, kind)
    result = clone.ok("note", "a word in need")
    assert result.err.startswith(f"warning: {place}:1:1: ")


def test_a_users_own_settings_may_be_a_link(clone: Desk, tmp_path: Path) -> None:
    """As tools for dotfiles make them."""
    place = Path(clone.environ["XDG_CONFIG_HOME"], "incidentctl", "config.toml")
    place.parent.mkdir(parents=True)
    (tmp_path / "dotfile.toml").write_text(f'repository = "{clone.path}"\n')
    place.symlink_to(tmp_path / "dotfile.toml")
    assert ID in clone.ok("list", cwd=tmp_path).out


# --------------------------------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "folder",
    [
        *(
            "../x",
            "/etc",
            ".git",
            ".GIT/hooks",
            "a/.git./b",
            "a/.git /b",
            "git~1",
            "GIT~2/x",
            ".git::$INDEX_ALLOCATION",
        ),
        *("a\\..\\b", "-x", "~/x", "a/" * 3000, "a" * 201),
    ],
)
def test_a_folder_of_the_settings_leads_neither_out_nor_into_git(clone: Desk, folder: str) -> None:
    clone.write("incidentctl.toml", f"[store]\nbranch = 'main'\nfolder = '{folder}'\n")
    assert "folder must be a folder inside the repository" in clone.ok("note", "-i", ID, "a word in need").err
    assert clone.files() == [PATH]


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/passwd", ".git/config", "..", "2026-05-14-../../x", "a\\b", "\0", "-x", "2026-13-99-x"]
)
def test_an_incident_of_any_name_is_looked_for_and_never_a_path(clone: Desk, name: str) -> None:
    for words in (("show",), ("note", "x"), ("postmortem", "show"), ("edit",), ("action", "list"), ("use",)):
        result = clone.ictl(*words, "-i", name) if words != ("use",) else clone.ictl("use", "--", name)
        assert result.code in (0, 2, 3)
        assert "Traceback" not in result.err
    assert sorted(path.name for path in clone.path.parent.iterdir()) == ["home", "incidents-repo"]


def test_a_duplicate_of_any_name_is_a_word(clone: Desk) -> None:
    clone.write(PATH, clone.text().replace("severity:", "duplicate_of: ../../../../etc/passwd\nrepo: x\nseverity:"))
    for words in (("show",), ("list",), ("lint",), ("note", "x")):
        assert clone.ictl(*words).code in (0, 1)


def test_a_bare_repository_that_came_with_a_branch_runs_nothing(clone: Desk, tmp_path: Path) -> None:
    inner = clone.path / "docs" / "theme"
    clone.git("clone", "--quiet", "--bare", str(clone.path), str(inner))
    mark = tmp_path / "ran"
    hook = inner / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    for words in (("list",), ("note", "a word")):
        result = clone.ictl(*words, cwd=inner)
        assert result.code == 4
        assert "is a bare repository inside the one of" in result.err
    assert not mark.exists()
    assert ID in clone.ok("-C", str(inner), "list").out
