"""Words outlive their command, and are taken in once."""

import os
import signal
import stat
from pathlib import Path

import pytest

from incidentctl.store.files import SaveError
from incidentctl.store.spool import Spool

PUTTER = """
import os, sys
from incidentctl.store.spool import Spool
item = Spool(sys.argv[1], os.environ).put({"text": sys.argv[2]})
print(item.path, flush=True)
sys.stdin.readline()
if sys.argv[3] == "remove": item.remove()
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    return str(tmp_path / "git" / "incidentctl")


def start(python, own: str, text: str, then: str = "exit"):
    process = python(PUTTER, own, text, then)
    return process, process.stdout.readline().strip()


def texts(items) -> list[str]:
    found = []
    for item in items:
        found.append(item.item["text"])
        item.remove()
    return found


def test_the_words_of_a_live_command_are_its_own(own, environ, python):
    process, path = start(python, own, "a")
    spool = Spool(own, environ)
    assert list(spool.orphans()) == []
    assert spool.pending() == [] and spool.pending(live=True) == [{"text": "a"}]
    process.communicate("\n")
    assert spool.pending() == [{"text": "a"}]
    assert texts(spool.orphans()) == ["a"]
    assert not Path(path).exists() and spool.pending(live=True) == []


def test_a_killed_command_leaves_an_orphan_the_oldest_first(own, environ, python):
    for text in ("a", "b", "c"):
        process, _ = start(python, own, text)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert Spool(own, environ).pending() == [{"text": "a"}, {"text": "b"}, {"text": "c"}]
    assert texts(Spool(own, environ).orphans()) == ["a", "b", "c"]


def test_what_is_committed_is_removed(own, environ, python):
    process, path = start(python, own, "a", "remove")
    assert Path(path).exists()
    process.communicate("\n")
    assert not Path(path).exists()


def test_an_orphan_that_is_taken_is_nobody_elses_until_it_is_released(own, environ):
    Spool(own, environ).put({"text": "a"}).release()
    first = next(Spool(own, environ).orphans())
    assert list(Spool(own, environ).orphans()) == []
    first.release()
    assert texts(Spool(own, environ).orphans()) == ["a"]


def test_replacing_keeps_the_place_in_the_line_and_the_ownership(own, environ):
    item = Spool(own, environ).put({"text": "a"})
    later = Spool(own, environ).put({"text": "b"})
    item.replace({"text": "a2", "entry": {"id": "004mz1"}})
    assert list(Spool(own, environ).orphans()) == []
    for each in (item, later):
        each.release()
    assert Spool(own, environ).pending() == [{"text": "a2", "entry": {"id": "004mz1"}}, {"text": "b"}]
    assert texts(Spool(own, environ).orphans()) == ["a2", "b"]


def test_any_text_comes_back_as_it_went_in(own, environ):
    item = {"text": "é 🔥 \udce9 \x00 \n \u2028", "n": [1, None, {"a": "b"}]}
    Spool(own, environ).put(item).release()
    assert Spool(own, environ).pending() == [item]


def test_what_cannot_be_read_is_set_aside_and_never_deleted(own, environ):
    spool = Spool(own, environ)
    for number, content in enumerate((b"", b"{", b"[1]", b"\xff", b"[" * 100_000)):
        spool.put({"text": str(number)}).release()
        newest = max(Path(own, "spool").glob("*.json"))
        newest.write_bytes(content)
        os.utime(newest)
    spool.put({"text": "good"}).release()
    assert spool.pending() == [{"text": "good"}]
    assert texts(spool.orphans()) == ["good"]
    assert len(spool.broken()) == 5 and list(spool.orphans()) == []
    assert sorted(Path(path).read_bytes()[:1] for path in spool.broken()) == [b"", b"[", b"[", b"{", b"\xff"]


def test_a_command_killed_while_it_wrote(own, environ):
    spool = Spool(own, environ)
    spool.put({"text": "old"}).release()
    path = next(Path(own, "spool").iterdir())
    Path(f"{path}.new").write_text('{"text": "half of a replacement"}')
    Path(own, "spool", "00000000000000000001-1-x.json.new").write_text('{"text": "whole, but not renamed"}')
    Path(own, "spool", "00000000000000000002-1-x.json.new").write_text('{"te')
    assert texts(spool.orphans()) == ["whole, but not renamed", "old"]
    assert list(Path(own, "spool").iterdir()) == []


def test_a_link_is_not_followed_and_other_files_are_left_alone(own, environ, tmp_path):
    Spool(own, environ).put({"text": "a"}).remove()
    secret = tmp_path / "secret.json"
    secret.write_text('{"text": "secret"}')
    Path(own, "spool", "0-link.json").symlink_to(secret)
    Path(own, "spool", "README").write_text("x")
    assert Spool(own, environ).pending() == [] and list(Spool(own, environ).orphans()) == []
    assert secret.exists()


def test_only_the_user_may_read_what_waits(own, environ):
    item = Spool(own, environ).put({"text": "a"})
    assert stat.S_IMODE(Path(item.path).stat().st_mode) == 0o600
    item.remove()


def test_the_users_own_folder_where_the_git_directory_takes_nothing(tmp_path, environ):
    (tmp_path / "git").write_text("not a folder")
    own = str(tmp_path / "git" / "incidentctl")
    item = Spool(own, environ).put({"text": "a"})
    assert item.path.startswith(environ["XDG_STATE_HOME"] + "/incidentctl/spool/")
    assert list(Spool(str(tmp_path / "other"), environ).pending(live=True)) == [], "each clone its own"
    item.release()
    assert texts(Spool(own, environ).orphans()) == ["a"]


def test_no_place_at_all_is_said_so_that_the_caller_can_print_the_words(tmp_path, environ):
    (tmp_path / "git").write_text("not a folder")
    environ["XDG_STATE_HOME"] = str(tmp_path / "git" / "state")
    with pytest.raises(SaveError, match="cannot write"):
        Spool(str(tmp_path / "git" / "incidentctl"), environ).put({"text": "a"})


def test_removing_twice_and_releasing_twice_is_no_fault(own, environ):
    item = Spool(own, environ).put({"text": "a"})
    item.remove()
    item.remove()
    item.release()
