"""Runs the hooks of a commit as `git commit` would, on an index of our own, in bounded time. Never decides what becomes of the commit."""

import os
import subprocess
import time
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from incidentctl.store.git import end_group, expand_home, tail
from incidentctl.store.index import scratch_folder
from incidentctl.store.repository import Repository

COMMIT_HOOKS: Final = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
_GRACE_S: Final = 0.5


class HookRun(Struct, frozen=True):
    """How a hook ended. `said`: its last lines."""

    name: str
    ok: bool
    timed_out: bool
    said: str


def present(repository: Repository) -> tuple[str, ...]:
    """Which hooks of a commit there are: executable files in git's folder of hooks, or commands in its configuration."""
    config = repository.git.config
    named = {config.text(key) for key in config.names() if key.startswith("hook.") and key.endswith(".event")}
    folder = hooks_folder(repository)
    return tuple(name for name in COMMIT_HOOKS if name in named or _is_program(os.path.join(folder, name)))


def run_hook(
    repository: Repository, name: str, *arguments: str, env: Mapping[str, str], until: float | None
) -> HookRun:
    """Runs one hook. `until` is in the time of `time.monotonic`; after it the hook and all that it started are ended."""
    environment = repository.git.environment({**env, "GIT_EDITOR": ":"})
    command = ["git", *repository.git.prefix, "hook", "run", "--ignore-missing", name, "--", *arguments]
    code, timed_out, text = _run(repository, command, environment, until)
    if code != 0 and b"'hook' is not a git command" in text:
        # git before 2.36.
        code, timed_out, text = _run(
            repository, [os.path.join(hooks_folder(repository), name), *arguments], environment, until
        )
    return HookRun(name, code == 0 and not timed_out, timed_out, tail(text))


def _run(
    repository: Repository, command: list[str], environment: Mapping[str, str], until: float | None
) -> tuple[int, bool, bytes]:
    # A file, not a pipe: what a hook leaves running would keep a pipe open, and us waiting.
    path = os.path.join(scratch_folder(repository), f"{os.getpid()}-{os.urandom(4).hex()}.out")
    try:
        with open(path, "w+b") as said:
            process = repository.git.spawn(command, stdout=said, stderr=said, environment=environment, session=True)
            timed_out = not _wait(process, until)
            said.seek(max(0, os.fstat(said.fileno()).st_size - 8192))
            return process.returncode, timed_out, said.read()
    finally:
        os.unlink(path)


def _wait(process: "subprocess.Popen[bytes]", until: float | None) -> bool:
    """False when it had to be ended."""
    try:
        process.wait(None if until is None else max(0.0, until - time.monotonic()))
        return True
    except subprocess.TimeoutExpired:
        end_group(process, grace=_GRACE_S)
        return False
    except BaseException:
        end_group(process, grace=_GRACE_S)
        raise


def hooks_folder(repository: Repository) -> str:
    """Where git looks for hooks; may not be there."""
    chosen = repository.git.config.text("core.hookspath")
    if chosen is None:
        return os.path.join(repository.common_dir, "hooks")
    return os.path.join(repository.work_tree or repository.git_dir, expand_home(chosen, repository.git.environment()))


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)
