"""Runs a command of the user's own after a commit: JSON on its input, ten seconds, and nothing of it left afterwards."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from typing import Final

from incidentctl.errors import RepositoryError
from incidentctl.store.git import Git, end_group, expand_home, tail

SECONDS: Final = 10.0
_GRACE_S: Final = 0.5
RUNNING: Final = "INCIDENTCTL_HOOK"
"""Set for what a hook runs: commands below it start no further hooks."""


def run_user_hook(
    command: tuple[str, ...] | str,
    payload: bytes,
    *,
    event: str,
    repository: str,
    environ: Mapping[str, str],
    seconds: float = SECONDS,
) -> str | None:
    """Runs it in the user's home folder, and says why it failed, or None. A text is a line for the shell, a list is run as it stands.

    The words of the record are on its input alone, never among its arguments.
    """
    home = environ.get("HOME") or os.path.expanduser("~")
    git = Git(home if os.path.isdir(home) else "/", environ=environ)
    if isinstance(command, str):
        command = ("/bin/sh", "-c", command)
    words = [expand_home(command[0], environ), *command[1:]]
    environment = git.environment({RUNNING: event, "INCIDENTCTL_REPO": repository})
    # Files, not pipes: a command need not read its input, and what it leaves behind could hold a pipe open.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(payload)
        given.seek(0)
        try:
            process = git.spawn(
                words, stdin=given, stdout=said, stderr=subprocess.STDOUT, environment=environment, session=True
            )
        except (RepositoryError, OSError) as error:
            reason = "is not there" if isinstance(error, RepositoryError) else error.strerror or "cannot be run"
            return f"{words[0]} {reason}"
        try:
            code = process.wait(seconds)
            late = False
        except subprocess.TimeoutExpired:
            code, late = -1, True
        finally:
            end_group(process, grace=_GRACE_S if process.poll() is None else 0.0)
        if late:
            return f"took longer than {seconds:g} s, and was ended"
        if code == 0:
            return None
        said.seek(max(0, os.fstat(said.fileno()).st_size - 8192))
        lines = tail(said.read(), lines=1)
        return f"exit code {code}{f': {lines}' if lines else ''}"
