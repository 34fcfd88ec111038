"""Completion of ids and people in the shell. Silent where anything is wrong: a shell that is asked for words prints nothing else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from incidentctl.context import Outside, Workspace, open_workspace


@contextmanager
def _workspace() -> Iterator[Workspace]:
    words = os.environ.get("COMP_WORDS", "").split()
    directory = words[words.index("-C") + 1] if "-C" in words[:-1] else None
    outside = Outside(os.environ, str(Path.cwd()), StringIO(), StringIO(), StringIO())
    with open_workspace(outside, directory) as workspace:
        yield workspace


def complete_incident(incomplete: str) -> list[str]:
    """Ids that begin with what is typed, or whose words do; the newest first."""
    try:
        with _workspace() as workspace:
            ids = reversed(workspace.reader.ids())
            return [name for name in ids if name.startswith(incomplete) or name[11:].startswith(incomplete)]
    except Exception:
        return []


def complete_person(incomplete: str) -> list[str]:
    """Handles of the settings, and `me`."""
    try:
        with _workspace() as workspace:
            known = ["me", *(f"@{person.handle}" for person in workspace.settings.people)]
            wanted = incomplete.removeprefix("@")
            return [name for name in known if name.removeprefix("@").startswith(wanted)]
    except Exception:
        return []


def complete_role(incomplete: str) -> list[str]:
    """The roles that there are."""
    try:
        with _workspace() as workspace:
            known = ("ic", "tl", "comms", *workspace.settings.extra_roles)
            return [name for name in known if name.startswith(incomplete)]
    except Exception:
        return []
