"""Our own files in a clone, broken or made by somebody who means harm: as good as none, never an answer, a wait or a crash."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from incidentctl.store.files import sealed
from tests.conftest import Desk
from tests.lint.documents import COMPLETE

ID = "2026-05-14-checkout-latency"


@pytest.fixture
def clone(desk: Desk) -> Desk:
    """A clone with one incident, whose cache is filled."""
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("list")
    return desk


def own(desk: Desk) -> Path:
    return desk.path / ".git" / "incidentctl"


def works_as_ever(desk: Desk) -> None:
    """The commands that read our own files, and a note that is committed."""
    listed = desk.ok("list")
    assert listed.out.split()[:2] == ["SEV2", "investigating"]
    assert ID in listed.out
    assert "a word in need" in desk.ok("note", "a word in need", "--json").json["entry"]["text"]
    assert desk.subjects()[0] == "checkout-latency: noted"
    assert "a word in need" in desk.ok("show").out


def put_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)


@pytest.mark.parametrize("name", ["current", "cache/incidents.json", "cache/lint", "journal", "spool/1-1-aa.json"])
def test_a_pipe_in_the_place_of_a_file_of_ours_is_not_waited_for(clone: Desk, name: str) -> None:
    put_pipe(own(clone) / name)
    works_as_ever(clone)
    clone.ok("lint")


@pytest.mark.parametrize("name", ["current", "cache/incidents.json", "journal", "spool/1-1-aa.json"])
def test_a_link_in_the_place_of_a_file_of_ours_is_not_followed(clone: Desk, name: str) -> None:
    target = clone.path.parent / "elsewhere"
    target.write_text("2026-05-14-another\n")
    path = own(clone) / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(target)
    works_as_ever(clone)
    assert target.read_text() == "2026-05-14-another\n"


# --------------------------------------------------------------------------------------------------------------- cache


def _flipped(data: bytes) -> bytes:
    at = data.index(b"SEV2") + 3
    return data[:at] + b"4" + data[at + 1 :]


def _with(change: Callable[[list[object]], None]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        kept = json.loads(data[4:])
        (row,) = (each for _, each in kept["rows"].values())
        change(row)
        return sealed(json.dumps(kept).encode())

    return changed


CACHES: dict[str, Callable[[bytes], bytes]] = {
    "one letter is another": _flipped,
    "half of it": lambda data: data[: len(data) // 2],
    "nothing": lambda data: b"",
    "nested deeply": lambda data: sealed(b"[" * 200_000),
    "a number for a word": _with(lambda row: row.__setitem__(2, {"severity": 5})),
    "a list for a word": _with(lambda row: row.__setitem__(1, ["x"])),
    "a word for words": _with(lambda row: row.__setitem__(3, "checkout")),
    "a column too few": _with(lambda row: row.__delitem__(8)),
    "a list for all": lambda data: sealed(b"[]"),
    "another version": lambda data: sealed(data[4:].replace(b'/2"', b'/99"')),
    "a pickle": lambda data: b"\x80\x04cos\nsystem\n(S'touch /tmp/pwned'\ntR.",
}


@pytest.mark.parametrize("fault", CACHES)
def test_a_cache_that_is_not_what_was_written_is_none(clone: Desk, fault: str) -> None:
    path = own(clone) / "cache" / "incidents.json"
    broken = CACHES[fault](path.read_bytes())
    assert broken != path.read_bytes()
    path.write_bytes(broken)
    works_as_ever(clone)


def test_the_cache_of_the_linter_that_is_not_what_was_written_is_none(clone: Desk) -> None:
    clone.write(
        "postmortems/2026/05/2026-05-14-checkout-latency.md",
        COMPLETE.replace("- The dashboard for", "- TODO the dashboard for"),
    )
    path = own(clone) / "cache" / "lint"
    before = clone.ictl("lint", "--level", "info", "--json").json["findings"]
    kept = path.read_bytes()
    assert before
    for message in (each["message"].encode() for each in before):
        assert message in kept
        path.write_bytes(kept.replace(message, message[:-1] + b"?"))
        assert clone.ictl("lint", "--level", "info", "--json").json["findings"] == before


# --------------------------------------------------------------------------------------------------------------- spool


def saved(**changes: object) -> dict[str, object]:
    plan = {"incident": ID, "path": f"incidents/2026/05/{ID}.md", "entries": [], "message": "x", "keys": {}}
    return {
        "version": 1,
        "verb": "note",
        "incident": ID,
        "by": "ann",
        "noted_by": None,
        "agent": False,
        "now": "2026-05-14T10:00:00Z",
        "at": None,
        "chance": 1,
        "entries": ["- 2026-05-14T10:00:00Z x — @ann"],
        "keys": {},
        "given": [],
        "target": None,
        "plan": {**plan, "new_text": "touch /tmp/pwned", **changes.pop("plan", {})},  # type: ignore[dict-item]
        **changes,
    }


ITEMS: dict[str, object] = {
    "a hook": saved(plan={"path": ".git/hooks/pre-commit"}),
    "a file of the project": saved(plan={"path": "Makefile"}),
    "another incident's file": saved(plan={"path": "incidents/2026/05/2026-05-14-other.md"}),
    "a path that leads out": saved(plan={"path": f"../x/incidents/2026/05/{ID}.md"}),
    "an id that leads out": saved(incident="../../../../x", plan={"incident": "../../../../x"}),
    "a time before all": saved(now="0001-01-01T00:00:00+14:00"),
    "a handle of two lines": saved(by="ann\n- 2026-05-14T10:00:00Z **Resolved** — @ann"),
    "a number among the words": saved(plan={"keys": {"title": 5}}),
    "a table among the words": saved(plan={"keys": {"title": {"a": {"b": "c"}}}}),
    "an enormous chance": saved(chance=1e300),
    "no table": ["x"],
}


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_of_the_spool_writes_nothing_but_the_incident_that_it_is_about(clone: Desk, item: str) -> None:
    folder = own(clone) / "spool"
    folder.mkdir(exist_ok=True)
    (folder / "1-1-aa.json").write_text(json.dumps(ITEMS[item]))
    works_as_ever(clone)
    assert clone.files() == [f"incidents/2026/05/{ID}.md"]
    assert sorted(path.name for path in clone.path.iterdir()) == [".git", "incidentctl.toml", "incidents"]
    assert not (clone.path / ".git" / "hooks" / "pre-commit").exists()
    assert "**Resolved**" not in clone.text()


def test_an_item_of_the_spool_that_is_too_large_is_not_loaded(clone: Desk) -> None:
    folder = own(clone) / "spool"
    folder.mkdir(exist_ok=True)
    with (folder / "1-1-aa.json").open("wb") as file:
        file.truncate(10 << 30)
    works_as_ever(clone)


# ------------------------------------------------------------------------------------------------------------- journal

INTENT = {"ref": "refs/heads/main", "old": "0" * 40, "new": "a" * 40, "child": 99999999, "born": "1", "locks": []}


@pytest.mark.parametrize(
    "journal",
    [
        "[" * 200_000,
        "[]",
        json.dumps({**INTENT, "child": "x"}),
        json.dumps({**INTENT, "child": -1}),
        json.dumps({**INTENT, "child": 1e300}),
        json.dumps({**INTENT, "locks": [3]}),
        json.dumps({**INTENT, "locks": "abc"}),
        json.dumps({**INTENT, "new": ["x"]}),
        json.dumps({**INTENT, "more": 1}),
        "\x00",
    ],
)
def test_a_journal_that_we_would_not_have_written_is_none(clone: Desk, journal: str) -> None:
    (own(clone) / "journal").write_text(journal)
    works_as_ever(clone)


@pytest.mark.parametrize("name", ["precious.txt", "precious.lock", ".git/../precious.lock", ".git/description"])
def test_a_journal_removes_nothing_but_locks_of_git(clone: Desk, name: str) -> None:
    precious = clone.path / name
    precious.write_text("a" * 40)
    (own(clone) / "journal").write_text(json.dumps({**INTENT, "locks": [str(precious)]}))
    works_as_ever(clone)
    assert precious.exists()


def test_a_lock_that_our_own_git_left_is_still_removed(clone: Desk) -> None:
    lock = clone.path / ".git" / "refs" / "heads" / "main.lock"
    lock.write_text("a" * 40)
    (own(clone) / "journal").write_text(json.dumps({**INTENT, "locks": [str(lock)]}))
    assert "removed" in clone.ok("note", "x").err
    assert not lock.exists()
