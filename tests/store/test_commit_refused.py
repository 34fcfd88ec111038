"""What cannot be committed is said in one sentence with the way out, and the words are where the sentence says."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from incidentctl.errors import ExitCode
from incidentctl.store.commit import Change, FileChange, RefusalKind, commit_files
from incidentctl.store.files import SaveError
from incidentctl.store.lock import Lock
from incidentctl.store.spool import Spool
from tests.store.conftest import OURS, Place, adding


def no_commit(place: Place, before: str) -> None:
    assert place.head("main") == before
    assert place.git("fsck", "--strict", "--no-dangling") == ""


# ------------------------------------------------------------------------------------------------------------- identity


@pytest.mark.parametrize(
    "config", ["", "[user]\n\tuseConfigOnly = true\n", "[user]\n\tname = \n\temail = a@example.org\n"]
)
def test_no_identity_is_said_with_the_two_commands(place, config):
    (place.path.parent / "home" / "gitconfig").write_text("[user]\n\tuseConfigOnly = true\n" + config)
    before = place.head()
    result = place.note("second")
    assert result.refused is not None and result.refused.kind is RefusalKind.IDENTITY and result.refused.in_work_tree
    assert result.refused.reason == "git does not know who you are"
    assert "git config --global user.name" in (result.refused.hint or "") and "user.email" in (
        result.refused.hint or ""
    )
    assert place.read() == "first\nsecond\n" and place.git("status", "--porcelain") == f" M {OURS}"
    no_commit(place, before)
    place.check()


def test_no_identity_and_not_checked_out(place):
    place.git("checkout", "--quiet", "--detach")
    (place.path.parent / "home" / "gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    result = place.note("second", repository=place.open(branch="main"))
    assert (
        result.refused is not None and result.refused.kind is RefusalKind.IDENTITY and not result.refused.in_work_tree
    )


# -------------------------------------------------------------------------------------------------------------- signing


@pytest.fixture
def ssh_key(place: Place) -> Path:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    key = place.path.parent / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ann", "-f", str(key)], check=True)
    allowed = place.path.parent / "allowed"
    allowed.write_text(f"ann@example.org {key.with_suffix('.pub').read_text()}")
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingkey", str(key)),
        ("commit.gpgsign", "true"),
        ("gpg.ssh.allowedSignersFile", str(allowed)),
    ):
        place.git("config", name, value)
    return key


def test_a_commit_is_signed_where_git_would_sign_it(place, ssh_key):
    result = place.note("second")
    assert result.refused is None
    assert place.git("log", "-1", "--format=%G?") == "G"
    place.check()


@pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")
def test_signed_with_gpg(place):
    home = Path("/tmp") / f"incidentctl-gpg-{os.getpid()}"  # a socket's path must be short
    home.mkdir(mode=0o700)
    place.environ["GNUPGHOME"] = str(home)
    try:
        made = subprocess.run(
            [
                "gpg",
                "--batch",
                "--quiet",
                "--passphrase",
                "",
                "--quick-gen-key",
                "Ann <ann@example.org>",
                "ed25519",
                "sign",
                "0",
            ],
            env=place.environ,
            capture_output=True,
        )
        if made.returncode != 0:
            pytest.skip(f"gpg makes no key here: {made.stderr.decode()}")
        place.git("config", "commit.gpgsign", "yes")
        result = place.note("second")
        assert result.refused is None, result.refused
        assert place.git("log", "-1", "--format=%G?") in ("G", "U")
        place.check()
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env=place.environ, capture_output=True)
        shutil.rmtree(home)


def test_a_signature_that_fails_is_said_in_its_programs_words(place, ssh_key):
    ssh_key.unlink()
    ssh_key.with_suffix(".pub").unlink()
    before = place.head()
    result = place.note("second")
    assert result.refused is not None and result.refused.kind is RefusalKind.SIGNATURE and result.refused.in_work_tree
    assert "No such file" in result.refused.reason or "Couldn't load" in result.refused.reason
    assert "commit.gpgsign false" in (result.refused.hint or "")
    no_commit(place, before)
    place.check()


def test_a_signing_program_that_is_missing_or_says_no(place):
    place.git("config", "commit.gpgsign", "true")
    for program, words in (("/nowhere/gpg", "gpg"), ("false", "sign")):
        place.git("config", "gpg.program", program)
        result = place.note("second")
        assert result.refused is not None and result.refused.kind is RefusalKind.SIGNATURE, result
        assert words in result.refused.reason
    place.git("config", "commit.gpgsign", "false")
    assert place.note("second").commit == place.head()


# ------------------------------------------------------------------------------------- read-only folders and full disks


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    """Makes a folder and all in it unwritable, for root too."""
    if os.geteuid() != 0:
        folders = [path, *(each for each in path.rglob("*") if each.is_dir() and not each.is_symlink())]
        for folder in folders:
            folder.chmod(0o555)
        try:
            yield
        finally:
            for folder in folders:
                folder.chmod(0o755)
        return
    done = subprocess.run(["mount", "--bind", str(path), str(path)], capture_output=True)
    if done.returncode == 0:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(path)], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", str(path)], check=True)
        return
    if subprocess.run(["chattr", "-R", "+i", str(path)], capture_output=True).returncode != 0:
        pytest.skip("root can neither mount nor protect a folder here")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-R", "-i", str(path)], check=True)


def test_a_repository_that_cannot_be_written_keeps_the_words_in_the_users_own_folder(place, environ):
    repository = place.open()
    before = place.head()
    with read_only(place.path):
        item = Spool(repository.own_dir, environ).put({"text": "second"})
        assert item.path.startswith(environ["XDG_STATE_HOME"])
        with pytest.raises(SaveError) as raised:
            Lock(repository.own_dir).acquire()
        assert "cannot write" in raised.value.message and raised.value.exit_code is ExitCode.REPOSITORY
        result = commit_files(repository, adding(repository, OURS, "second"))
        assert result.refused is not None and result.refused.kind is RefusalKind.SAVE
        assert "read-only" in result.refused.reason or "permi" in result.refused.reason
        assert not result.refused.in_work_tree
        item.release()
        assert Spool(repository.own_dir, environ).pending() == [{"text": "second"}]
    no_commit(place, before)
    orphans = list(Spool(repository.own_dir, environ).orphans())
    assert [orphan.item for orphan in orphans] == [{"text": "second"}]
    orphans[0].remove()
    assert place.note("second").commit == place.head()
    place.check()


def test_a_git_directory_that_cannot_be_written_while_the_files_can(place):
    repository = place.open()
    Lock(repository.own_dir).acquire()
    with read_only(place.path / ".git"):
        result = commit_files(repository, adding(repository, OURS, "second"))
        assert result.refused is not None and result.refused.kind is RefusalKind.SAVE
    # What could be saved is there for the next command, and no half file beside it.
    assert place.read() in ("first\n", "first\nsecond\n")
    assert [path.name for path in (place.path / OURS).parent.iterdir()] == [Path(OURS).name]


def test_objects_that_cannot_be_written(place):
    repository = place.open()
    with read_only(place.path / ".git" / "objects"):
        result = commit_files(repository, adding(repository, OURS, "second"))
    assert result.refused is not None and result.refused.kind is RefusalKind.SAVE and result.refused.in_work_tree
    assert "git could not write" in result.refused.reason
    assert place.read() == "first\nsecond\n"
    assert place.note("second").commit == place.head()
    place.check()


@contextmanager
def small_disk(path: Path, size: str) -> Iterator[None]:
    path.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)]).returncode != 0
    ):
        pytest.skip("needs to mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(path)], check=True)


def fill(path: Path, *, leave: int = 0) -> None:
    with (path / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave))


@pytest.mark.parametrize("leave", [0, 4096, 8192, 12288, 16384, 20480, 28672, 40960])
def test_a_full_disk_at_each_step(place, tmp_path, environ, leave):
    with small_disk(tmp_path / "disk", "2m"):
        place.git("clone", "--quiet", "--template=", str(place.path), str(tmp_path / "disk" / "repo"))
        full = Place(tmp_path / "disk" / "repo", environ)
        try:
            try_on_full_disk(full, leave)
        finally:
            for each in full.opened:
                each.close()


def try_on_full_disk(full: Place, leave: int) -> None:
    repository = full.open()
    before = full.head()
    long = "second " + "x" * 3000
    with Lock(repository.own_dir).held():
        fill(full.path.parent, leave=leave)
        result = commit_files(repository, adding(repository, OURS, long))
        item = Spool(repository.own_dir, full.environ).put({"text": "x" * 3000})
        item.remove()
        (full.path.parent / "filler").unlink()
        if result.refused is not None:
            assert result.refused.kind is RefusalKind.SAVE, result.refused
            assert full.head() == before
            assert full.read() in (f"first\n{long}\n", "first\n")
            assert (full.read() != "first\n") is result.refused.in_work_tree
            result = commit_files(repository, adding(repository, OURS, long))
    assert result.commit == full.head()
    assert full.read() == f"first\n{long}\n"
    assert full.git("status", "--porcelain") == ""
    full.check()


def test_a_limit_on_the_size_of_files(place, python):
    code = (
        "import os, resource, sys; from pathlib import Path; from tests.store.conftest import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "p = Place(Path(sys.argv[1]), dict(os.environ)); r = p.note('x' * 3000)\n"
        "print(r.refused.kind.value, r.refused.reason)"
    )
    process = python(code, str(place.path))
    out, err = process.communicate()
    assert out.strip() == f"save cannot write {OURS}: the file-size limit is reached", err
    assert place.read() == "first\n"
    place.check()


# ---------------------------------------------------------------------------------------------------- locks of somebody else


def test_an_index_lock_of_somebody_else_is_left_and_named_and_the_commit_made(place):
    lock = place.path / ".git" / "index.lock"
    lock.write_text("")
    place.write("app.py", "changed\n")
    result = place.note("second")
    assert result.commit == place.head() and result.refused is None
    assert len(result.notes) == 1 and str(lock) in result.notes[0] and "next incidentctl command" in result.notes[0]
    assert lock.exists()
    lock.unlink()
    assert place.git("status", "--porcelain", "--", OURS) == f"MM {OURS}"
    result = place.note("third")
    assert result.notes == ()
    assert place.git("status", "--porcelain") == " M app.py"
    place.check()


def test_an_index_left_behind_is_brought_in_line_also_by_a_command_with_nothing_to_commit(place):
    lock = place.path / ".git" / "index.lock"
    lock.write_text("")
    other = "incidents/2026/05/2026-05-15-other.md"
    place.note("second", path=other)
    lock.unlink()
    assert place.note("second", path=other).commit is None
    assert place.git("status", "--porcelain") == ""
    place.check()


def test_an_index_left_behind_is_the_users_when_he_staged_the_file_since(place):
    lock = place.path / ".git" / "index.lock"
    lock.write_text("")
    place.note("second")
    lock.unlink()
    place.write(OURS, "mine\n")
    place.git("add", OURS)
    other = "incidents/2026/05/2026-05-15-other.md"
    place.note("third", path=other)
    assert place.git("show", f":{OURS}") == "mine"


@pytest.mark.parametrize("name", ["refs/heads/main.lock", "HEAD.lock"])
def test_a_lock_on_the_branch_of_somebody_else_is_named_with_its_age_and_left(place, name):
    lock = place.path / ".git" / name
    lock.write_text("")
    os.utime(lock, (time.time() - 600, time.time() - 600))
    before = place.head()
    result = place.note("second")
    assert result.refused is not None and result.refused.kind is RefusalKind.LOCKED and result.refused.in_work_tree
    assert result.refused.reason == f"another git holds {lock}, for 10 min"
    assert f"`rm {lock}`" in (result.refused.hint or "")
    assert lock.exists() and place.head() == before
    assert place.git("diff", "--cached", "--name-only", env={"GIT_OPTIONAL_LOCKS": "0"}) == "", (
        "nothing of ours is staged"
    )
    lock.unlink()
    assert place.note("second").commit == place.head()
    place.check()


def test_locks_that_are_held_for_a_moment_are_waited_for(place, python):
    locks = [place.path / ".git" / name for name in ("index.lock", "HEAD.lock", "refs/heads/main.lock")]
    for lock in locks:
        lock.write_text("")
    process = python("import os, sys, time; time.sleep(0.7); [os.unlink(p) for p in sys.argv[1:]]", *map(str, locks))
    result = place.note("second")
    assert process.wait() == 0
    process.communicate()
    assert result.commit == place.head() and result.notes == ()
    place.check()


# -------------------------------------------------------------------------------------------------------------- git itself


def test_without_git_on_the_path(place):
    from incidentctl.errors import RepositoryError

    place.environ["PATH"] = "/nowhere"
    with pytest.raises(RepositoryError, match="git is not installed"):
        place.open()


def test_a_damaged_object_is_named(place):
    repository = place.open()
    oid = place.head("HEAD^{tree}")
    file = place.path / ".git" / "objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    file.write_bytes(b"nonsense")
    change = Change({OURS: FileChange(b"first\nsecond\n")}, "s\n")
    result = commit_files(repository, lambda tip: change)
    assert result.refused is not None and result.refused.kind is RefusalKind.GIT
    assert oid in result.refused.reason or "corrupt" in result.refused.reason
