"""Talks to a remote through git: in bounded time, never asking anybody anything, leaving nothing running. Never forces a push."""

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from types import FrameType
from typing import Final

from msgspec import Struct

from incidentctl.store.git import end_group, printable
from incidentctl.store.index import scratch_folder
from incidentctl.store.journal import STABLE_S
from incidentctl.store.remotes import check_remote
from incidentctl.store.repository import Repository

# git takes its locks away when it is asked to end; what is made to end leaves them.
_GRACE_S: Final = 2.0
_SAID: Final = 64 * 1024
# Helpers that run a program that their address names: an address comes from a settings file, and those must never run one.
_CLOSED: Final = ("-c", "protocol.ext.allow=never", "-c", "protocol.fd.allow=never")
# A pack that git makes on the side would outlive the command.
_QUIET: Final = (
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "push.followTags=false",
    "-c",
    "core.fsmonitor=false",
)
_OBJECTS_AT_ONCE: Final = 1000
_OTHER_SSH: Final = ("plink", "putty", "tortoiseplink", "simple")


class Trouble(Enum):
    """Why a remote could not be reached or did not do what was asked. The value is the word for an answer's end."""

    OFFLINE = "offline"
    HUNG = "no answer in time"
    DENIED = "access denied"
    RACED = "others are faster"
    RULE = "refused by the remote"
    MISSING = "the remote has no such branch"
    OTHER = "failed"


class Failed(Struct, frozen=True):
    """What went wrong with a remote, in a sentence of the remote's or git's own words, without control characters or passwords."""

    trouble: Trouble
    said: str


def fetch(
    repository: Repository, remote: str, refspecs: Sequence[str], *, timeout: float, prune: bool = False
) -> Failed | None:
    """Fetches exactly these, in at most `timeout` seconds, whatever the configuration adds; None when they are here."""
    check_remote(repository, remote)
    # The empty refmap: a mirror's own setting would put the remote's branches in the place of ours.
    arguments = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="]
    arguments += ["--prune"] if prune else ["--no-prune"]
    code, _, err, timed_out = _run(repository, [*arguments, "--", remote, *refspecs], timeout)
    return None if code == 0 else understood(err, timed_out, code)


def fetch_objects(repository: Repository, remote: str, objects: Sequence[str], *, timeout: float) -> Failed | None:
    """Fetches files of old commits that a partial clone has left at the remote, many at once; in at most `timeout` seconds."""
    check_remote(repository, remote)
    until = time.monotonic() + timeout
    arguments = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="]
    arguments += ["--no-prune", "--filter=blob:none", "--", remote]
    for start in range(0, len(objects), _OBJECTS_AT_ONCE):
        left = max(until - time.monotonic(), 0.1)
        wanted = objects[start : start + _OBJECTS_AT_ONCE]
        code, _, err, timed_out = _run(repository, [*arguments, *wanted], left)
        if code != 0:
            return understood(err, timed_out, code)
    return None


def has_branch(repository: Repository, remote: str, branch: str, *, timeout: float) -> bool | Failed:
    """Whether the remote has a branch, asked in at most `timeout` seconds; nothing is fetched."""
    check_remote(repository, remote)
    arguments = ["ls-remote", "--exit-code", "--", remote, f"refs/heads/{branch}"]
    code, _, err, timed_out = _run(repository, arguments, timeout)
    if code == 2 and not err.strip():
        return False
    return True if code == 0 else understood(err, timed_out, code)


def push(
    repository: Repository, remote: str, commit: str, ref: str, *, timeout: float, hooks: bool = True
) -> Failed | None:
    """Pushes a commit to a branch of the remote, never by force, in at most `timeout` seconds; None when it is there."""
    check_remote(repository, remote)
    # A mirror's own setting allows no push of a single branch.
    arguments = ["-c", f"remote.{remote}.mirror=false"] if "=" not in remote else []
    arguments += ["push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no"]
    arguments += [] if hooks else ["--no-verify"]
    code, out, err, timed_out = _run(repository, [*arguments, "--", remote, f"{commit}:{ref}"], timeout)
    if code == 0:
        return None
    for line in out.splitlines():
        flag, _, rest = line.partition(b"\t")
        if flag == b"!" and rest:
            return _rejected(printable(rest.partition(b"\t")[2]), err)
    return understood(err, timed_out, code)


def _rejected(summary: str, err: bytes) -> Failed:
    """What the remote's answer for the branch means."""
    raced = ("fetch first", "non-fast-forward", "stale info", "already exists", "cannot lock ref", "failed to lock",
             "failed to update ref", "incorrect old value", "needs force", "failure")  # fmt: skip
    said = " ".join(
        line.removeprefix("remote:").strip()
        for line in printable(err).splitlines()
        if line.startswith("remote:") and line.removeprefix("remote:").strip()
    )
    words = _clean(summary.replace("[remote rejected]", "").replace("[rejected]", "").strip())
    if words.startswith("(") and words.endswith(")"):
        words = words[1:-1]
    if any(word in summary for word in raced):
        return Failed(Trouble.RACED, words)
    return Failed(Trouble.RULE, f"{words}: {_clean(said)[:300]}" if said else words)


_WORDS: Final = (
    (Trouble.DENIED, (
        "authentication failed", "could not read username", "could not read password", "terminal prompts disabled",
        "permission denied (", "host key verification failed", "error: 401", "error: 403", "access denied",
        "invalid credentials", "permission to ", "repository not found", "no anonymous", "too many authentication failures",
    )),
    (Trouble.MISSING, ("couldn't find remote ref", "could not find remote ref")),
    (Trouble.RACED, ("cannot lock ref", "file exists")),
    (Trouble.OFFLINE, (
        "could not resolve", "connection refused", "connection timed out", "network is unreachable", "no route to host",
        "failed to connect", "couldn't connect", "could not connect", "connection reset", "connection closed",
        "unable to access", "hung up unexpectedly", "early eof", "does not appear to be a git repository",
        "operation timed out", "could not read from remote repository", "unable to look up",
    )),
)  # fmt: skip


def understood(err: bytes, timed_out: bool, code: int) -> Failed:
    """What a git that failed to talk to a remote means."""
    lines = [line.strip() for line in printable(err).splitlines() if line.strip()]
    reasons = [line for line in lines if line.startswith(("fatal: ", "error: ", "ssh: ", "remote: "))] or lines
    said = _clean(reasons[0].partition(": ")[2] or reasons[0]) if reasons else f"git ended with exit code {code}"
    if timed_out:
        return Failed(Trouble.HUNG, "the remote did not answer in time")
    text = "\n".join(lines).lower()
    for trouble, words in _WORDS:
        word = next((word for word in words if word in text), None)
        if word is not None:
            line = next((line for line in lines if word in line.lower()), said)
            return Failed(
                trouble, _clean(line.removeprefix("fatal: ").removeprefix("error: ").removeprefix("remote: "))
            )
    return Failed(Trouble.OTHER, said)


def _clean(text: str) -> str:
    return text[:400].rstrip()


def _environment(repository: Repository, timeout: float) -> dict[str, str]:
    """Nobody is asked: no terminal, no window, no password of ssh's."""
    config = repository.git.config
    environment = repository.git.environment(writes=True)
    environment |= {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
    }
    environment.pop("LANGUAGE", None)
    environment.pop("SSH_ASKPASS", None)
    variant = environment.get("GIT_SSH_VARIANT") or config.text("ssh.variant") or ""
    command = environment.get("GIT_SSH_COMMAND") or config.text("core.sshcommand")
    if command is None and "GIT_SSH" not in environment:
        command = "ssh"
    program = os.path.basename((command or "").split(" ")[0])
    if command and program == "ssh" and variant not in _OTHER_SSH:
        environment["GIT_SSH_COMMAND"] = f"{command} -o BatchMode=yes -o ConnectTimeout={max(1, round(timeout))}"
    return environment


def _run(repository: Repository, arguments: Sequence[str], timeout: float) -> tuple[int, bytes, bytes, bool]:
    """Exit code, both outputs, and whether it had to be ended. It has a session of its own, so that all of it can be ended."""
    with _unnamed(repository) as out, _unnamed(repository) as err, _ended_with_us() as started:
        before = _locks(repository)
        process = repository.git.spawn(
            ["git", *_CLOSED, *_QUIET, *repository.git.prefix, *arguments],
            stdout=out,
            stderr=err,
            environment=_environment(repository, timeout),
            session=True,
        )
        started(process)
        in_time = _wait(process, max(0.05, timeout))
        if not in_time:
            end_group(process, grace=_GRACE_S)
            _remove_locks(repository, before)
        return process.returncode, _read(out), _read(err), not in_time


def _locks(repository: Repository) -> dict[str, tuple[int, int]]:
    """The locks on what we know of remotes, each with what tells whether it is still the same one."""
    found: dict[str, tuple[int, int]] = {}
    for folder, _, names in os.walk(os.path.join(repository.common_dir, "refs", "remotes")):
        for name in names:
            if name.endswith(".lock"):
                try:
                    facts = os.lstat(os.path.join(folder, name))
                except OSError:
                    continue
                found[os.path.join(folder, name)] = (facts.st_ino, facts.st_mtime_ns)
    return found


def _remove_locks(repository: Repository, before: dict[str, tuple[int, int]]) -> None:
    """Takes away what a git of ours left that had to be made to end: locks that came while it ran, and that nobody works with."""
    left = {path: facts for path, facts in _locks(repository).items() if path not in before}
    if not left:
        return
    time.sleep(STABLE_S)
    for path, facts in _locks(repository).items():
        if left.get(path) == facts:
            try:
                os.unlink(path)
            except OSError:
                continue


@contextmanager
def _unnamed(repository: Repository) -> Iterator[int]:
    """A file without a name. Not a pipe: what ssh leaves running for later connections would keep one open, and us waiting."""
    path = os.path.join(scratch_folder(repository), f"{os.getpid()}-{os.urandom(4).hex()}.out")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass  # swept by a command that holds the lock; the file is ours all the same
    try:
        yield handle
    finally:
        os.close(handle)


def _read(handle: int) -> bytes:
    return os.pread(handle, _SAID, max(0, os.fstat(handle).st_size - _SAID))


def _wait(process: "subprocess.Popen[bytes]", timeout: float) -> bool:
    """Whether it ended in time. Where the system can say so, without asking again and again."""
    if hasattr(os, "pidfd_open"):
        try:
            handle = os.pidfd_open(process.pid)
        except OSError:
            pass
        else:
            try:
                if not select.select([handle], [], [], timeout)[0]:
                    return False
            finally:
                os.close(handle)
            process.wait()
            return True
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def _ended_with_us() -> Iterator[Callable[["subprocess.Popen[bytes]"], None]]:
    """Whatever ends us meanwhile, a Ctrl-C, a closed terminal, ends the process that is handed in, also while it is being started."""
    processes: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        if not processes:
            early.append(number)
            return
        end_group(processes[0], grace=_GRACE_S)
        signal.signal(number, before[number])
        signal.raise_signal(number)

    def started(process: "subprocess.Popen[bytes]") -> None:
        processes.append(process)
        for number in early:
            pass_on(number, None)

    before: dict[int, Callable[[int, FrameType | None], object] | int] = {}
    if threading.current_thread() is threading.main_thread():
        for number in (int(signal.SIGINT), int(signal.SIGTERM), int(signal.SIGHUP)):
            standing = signal.getsignal(number)
            if standing is not None and standing is not signal.SIG_IGN:
                before[number] = standing
                signal.signal(number, pass_on)
    try:
        yield started
    except BaseException:
        for process in processes:
            end_group(process, grace=_GRACE_S)
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
