"""git's merge of the record: wires our merge driver into a clone, and runs it when git asks."""

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from incidentctl.document.merge import Conflict, Merged, merge_versions
from incidentctl.document.section_names import OwnNames
from incidentctl.errors import IncidentctlError
from incidentctl.incident.policy import Scale
from incidentctl.store.files import flush_file, read_file, write_file
from incidentctl.store.git import Git, GitError
from incidentctl.store.merge_text import merge_lines_in
from incidentctl.store.reading import as_bytes, as_text
from incidentctl.store.repository import INCIDENTS_FOLDER, MERGE_DRIVER, Repository

_PROGRAM: Final = "incidentctl"


class MergedFile(Struct, frozen=True):
    """What the driver did to one file. `by_lines` says why it was git's own merge, and nothing of ours."""

    conflicts: tuple[Conflict, ...] = ()
    by_lines: str | None = None

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing for a person to settle."""
        return not self.conflicts


def wire(repository: Repository, environ: Mapping[str, str]) -> bool:
    """Makes git merge the record by meaning in this clone; False where its configuration cannot be written."""
    values = (
        (MERGE_DRIVER.replace(".driver", ".name"), "incident records, by meaning"),
        (MERGE_DRIVER, driver_command(environ)),
    )
    is_set = all(repository.git.run("config", "--local", key, value, writes=True).code == 0 for key, value in values)
    # git does not flush its configuration, and an empty one after a power cut would be a clone without a remote.
    flush_file(os.path.join(repository.common_dir, "config"))
    return is_set


def driver_command(environ: Mapping[str, str]) -> str:
    """The line for git's shell: the program that runs now; where that is gone the one on the PATH, and without any git's own merge."""
    arguments = "merge-driver %O %A %B %P"
    lines = "git merge-file -L ours -L base -L theirs %A %O %B"
    on_path = f"if command -v {_PROGRAM} >/dev/null 2>&1; then {_PROGRAM} {arguments}; else {lines}; fi"
    program = _program(environ)
    if program is None:
        return on_path
    quoted = shlex.quote(program).replace("%", "%%")
    return f"if test -x {quoted}; then {quoted} {arguments}; elif {on_path.removeprefix('if ')}"


def _program(environ: Mapping[str, str]) -> str | None:
    """This program's own file, where it is one that can be called by its path."""
    started = sys.argv[0] if os.path.basename(sys.argv[0]) in (_PROGRAM, "ictl") else ""
    for place in (started, os.path.join(os.path.dirname(sys.executable), _PROGRAM)):
        if os.path.isabs(place) and os.access(place, os.X_OK):
            return place
    return shutil.which(_PROGRAM, path=environ.get("PATH"))


def run_driver(
    base: str, ours: str, theirs: str, path: str, *, cwd: str, environ: Mapping[str, str], scale: Scale, names: OwnNames
) -> MergedFile:
    """Merges three files as git hands them in, and leaves the result in `ours`. `path` is the file's name in the repository.

    Whatever is wrong, git's own merge of lines is left there: never one side alone. IncidentctlError where not even that can be done.
    """
    texts = [read_file(*os.path.split(os.path.join(cwd, name))) for name in (base, ours, theirs)]
    old, mine, other = (as_text(data or b"") for data in texts)
    git = Git(cwd, environ=environ)
    with tempfile.TemporaryDirectory(prefix="incidentctl-") as folder:

        def merge_lines(ours: str, base: str, theirs: str) -> tuple[str, bool]:
            try:
                return merge_lines_in(git, folder, ours, base, theirs)
            except GitError:
                # What git takes for no text. Whatever it is told of that, some gits leave our side there as if it were the merge.
                return f"<<<<<<< ours\n{_ended(ours)}=======\n{_ended(theirs)}>>>>>>> theirs\n", False

        by_lines: str | None = None
        merged: Merged
        try:
            merged = merge_versions(
                old or None,
                mine,
                other,
                incident=incident_of(path),
                is_record=is_record(path),
                merge_lines=merge_lines,
                scale=scale,
                names=names,
            )
        except IncidentctlError:
            raise
        except Exception as fault:
            by_lines = f"{type(fault).__name__}: {fault}"
            text, is_clean = merge_lines(mine, old, other)
            merged = Merged(text, () if is_clean else (Conflict("text", mine, other),))
    write_file(*os.path.split(os.path.join(cwd, ours)), as_bytes(merged.text))
    return MergedFile(merged.conflicts, by_lines)


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def incident_of(path: str) -> str:
    """The id that the name of an incident's file, or of its post-mortem's, says."""
    return os.path.basename(path).removesuffix(".md")


def is_record(path: str) -> bool:
    """Whether a file is an incident's own, by the folder that it is in."""
    parts = path.split("/")[:-1]
    return INCIDENTS_FOLDER in parts and "postmortems" not in parts[parts.index(INCIDENTS_FOLDER) :]
