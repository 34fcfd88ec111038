"""Checks of how git merges the record: that our merge driver is known to it, can be run, and is chosen for our files."""

import os
import shlex
import shutil
from itertools import pairwise

from incidentctl.store.files import read_file
from incidentctl.store.health.check import Check, Findings, Group, listed, mended, not_asked, to_know, to_mend, well
from incidentctl.store.health.machine import first_program
from incidentctl.store.health.patient import Patient
from incidentctl.store.merge_driver import wire
from incidentctl.store.reading import incident_path, incidents_folder, postmortem_path, postmortems_folder
from incidentctl.store.repository import MERGE_DRIVER

DRIVER = "incidentctl"
_EXAMPLE = "2026-01-01-example"
_CAP = 1 << 20


def driver(patient: Patient) -> Findings:
    """Without it git merges line by line, and two who wrote at once get a conflict."""
    command = patient.git.config.text(MERGE_DRIVER)
    fault = _fault_of(command, patient.environ.get("PATH", ""))
    if fault is None:
        yield well(f"git merges the record with {listed(_programs(command or ''), 1) or command}")
    elif command is not None and _CALL not in command:
        yield to_mend(
            fault, f"correct `git config {MERGE_DRIVER}`, or remove it: the next command that writes sets ours"
        )
    elif patient.fix and wire(patient.repository, patient.environ):
        yield mended("git was told of our merge driver: from now on it merges the record by meaning in this clone")
    elif command is None or "merge-file" in command:
        yield to_know(
            fault,
            "`incidentctl doctor --fix`, or the next command that writes, tells git of it" if command is None else _FIX,
        )
    else:
        yield to_mend(fault, _FIX)


_CALL = "merge-driver"
_FIX = "`incidentctl doctor --fix` tells git where it is"


def _fault_of(command: str | None, path: str) -> str | None:
    """What is wrong with the line that git runs to merge a record; None where nothing is."""
    if not command:
        return "git does not know our merge driver in this clone: it merges the record line by line"
    programs = _programs(command)
    if any(shutil.which(program, path=path) for program in programs):
        return None
    if _CALL in command:
        then = "merges line by line" if "merge-file" in command else "leaves a conflict at each merge"
        return f"git calls {listed(programs)} to merge the record, which is not there any more, and {then}"
    first = first_program(command)
    if first is not None and shutil.which(first, path=path) is not None:
        return None
    return f"git calls {first or repr(command)} to merge the record, and that is not there: each merge is a conflict"


def _programs(command: str) -> list[str]:
    """The programs that are called as our merge driver, in the order in which they are tried."""
    try:
        words = shlex.split(command)
    except ValueError:
        return []
    return list(dict.fromkeys(program.replace("%%", "%") for program, verb in pairwise(words) if verb == _CALL))


def attributes(patient: Patient) -> Findings:
    """`.gitattributes` says which files the driver merges; the line that is nearest to a file overrules the others."""
    settings, found = patient.settings, patient.repository
    folders = (incidents_folder(settings), postmortems_folder(settings))
    add = f"`incidentctl init {shlex.quote(found.place)}` adds and commits the lines"
    if not found.checked_out:
        text = (found.tip().read(".gitattributes", cap=_CAP) or b"").decode("utf-8", "replace")
        missing = [folder for folder in folders if not _names(text, folder)]
        if missing and found.tip().commit is not None:
            yield to_mend(f".gitattributes on {found.branch} has no line for {' and '.join(missing)}", add)
        return
    examples = (incident_path(settings, _EXAMPLE), postmortem_path(settings, _EXAMPLE))
    values = _attributes(patient, examples, "merge")
    for path, folder in zip(examples, folders, strict=True):
        value = values.get((path, "merge"), "unspecified")
        if value == DRIVER:
            continue
        where = _overruling(patient, path)
        if where is None:
            yield to_mend(f".gitattributes has no line for {folder}/: git merges it line by line", add)
        else:
            what = {"unset": "-merge", "set": "merge", "unspecified": "!merge"}.get(value, f"merge={value}")
            yield to_mend(
                f"{where} overrules our merge driver for {folder}/: there {what} holds",
                f"take that out there, or put `{folder}/** merge={DRIVER}` below it",
            )


def filters(patient: Patient) -> Findings:
    """What git does to a file on its way into the record and out of it."""
    if not patient.repository.checked_out:
        yield not_asked("the record is not checked out")
        return
    path = incident_path(patient.settings, _EXAMPLE)
    values = _attributes(patient, (path,), "filter", "working-tree-encoding")
    encoding, through = values.get((path, "working-tree-encoding")), values.get((path, "filter"))
    if encoding is not None and encoding.lower() not in ("unspecified", "unset", "utf-8", "utf8"):
        yield to_mend(
            f"working-tree-encoding={encoding} holds for {patient.incidents.folder}/: records are UTF-8",
            "take it out of .gitattributes for this folder",
        )
    if through not in _NOT_SAID:
        yield to_know(
            f"files in {patient.incidents.folder}/ go through the filter {through}: where it is missing, they cannot be read",
            f"`{patient.incidents.folder}/** -filter` in .gitattributes, unless it is meant so",
        )


_NOT_SAID = (None, "unspecified", "unset")


def _attributes(patient: Patient, paths: tuple[str, ...], *names: str) -> dict[tuple[str, str], str]:
    """What git's attributes say of some paths, each by path and name."""
    said = patient.git.ask("check-attr", "-z", *names, "--", *paths).split(b"\0")
    words = [os.fsdecode(word) for word in said]
    return {(words[at], words[at + 1]): words[at + 2] for at in range(0, len(words) - 2, 3)}


def _names(text: str, folder: str) -> bool:
    lines = (line.split() for line in text.splitlines())
    return any(words[:1] == [f"{folder}/**"] and f"merge={DRIVER}" in words[1:] for words in lines)


def _overruling(patient: Patient, path: str) -> str | None:
    """The file and line that says something else of how to merge: the nearest to the path first, the last line first.

    None where no such line is there.
    """
    found = patient.repository
    parts = path.split("/")[:-1]
    names = ["/".join((*parts[:depth], ".gitattributes")) for depth in range(len(parts), -1, -1)]
    assert found.work_tree is not None
    places = [(found.common_dir, "info/attributes"), *((found.work_tree, name) for name in names)]
    own = found.git.config.text("core.attributesfile")
    for top, name in places:
        if os.path.isfile(os.path.join(top, name)):
            at = _line_of_merge(read_file(top, name, cap=_CAP))
            if at is not None:
                return f"{os.path.join(top, name) if top == found.common_dir else name}:{at}"
    if own is not None and os.path.isfile(own) and _line_of_merge(_read(own)) is not None:
        return own
    return None


def _line_of_merge(data: bytes | None) -> int | None:
    lines = (data or b"").decode("utf-8", "replace").splitlines()
    for number in range(len(lines), 0, -1):
        words = lines[number - 1].split()
        if not words or words[0].startswith("#"):
            continue
        says = [word for word in words[1:] if word.lstrip("-!").partition("=")[0] in ("merge", "binary")]
        if says and f"merge={DRIVER}" not in says:
            return number
    return None


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_CAP)


CHECKS = (
    Check(
        "merge-driver", Group.MERGES, "git knows our merge driver, and finds the program.", driver,
        mends="tells git of it in this clone",
    ),
    Check(
        "merge-attributes", Group.MERGES, "`.gitattributes` chooses it for both folders, and nothing overrules it.",
        attributes,
    ),
    Check("filters", Group.MERGES, "git leaves the bytes of the record as they are.", filters),
)  # fmt: skip
