"""Checks of the repository's settings: what is wrong with them, and whether the ones that hold are those that one sees."""

import os
import shlex

from incidentctl.config.parse import parse_settings
from incidentctl.config.settings import SettingsProblem
from incidentctl.store.files import read_file
from incidentctl.store.health.check import Check, Finding, Findings, Group, to_know, to_mend, well
from incidentctl.store.health.patient import Patient
from incidentctl.store.reading import incidents_folder
from incidentctl.store.repository import INCIDENTS_FOLDER, SETTINGS_FILE, read_settings_beside

_CAP = 1 << 20


def settings(patient: Patient) -> Findings:
    """A wrong value leaves its default in force."""
    file = patient.clone.file
    if file.unreadable is not None:
        yield to_mend(f"{file.place} cannot be read: {file.unreadable.message}", file.unreadable.hint)
    elif file.text is None:
        yield well(f"there is no {SETTINGS_FILE}: every setting has a default")
    else:
        yield from (as_finding(problem) for problem in file.problems)
        if not file.problems:
            yield well(f"{file.place} is as it should be")
    yield from _beside(patient)


def _beside(patient: Patient) -> Findings:
    """Where another branch is checked out, its settings hold for `lint`."""
    text = read_settings_beside(patient.repository)
    if text is not None and text != patient.clone.file.text:
        for problem in parse_settings(text, file_name=SETTINGS_FILE, kind="repository")[1]:
            found = as_finding(problem)
            yield to_know(f"{found.message}, in {patient.repository.called_in}", found.hint)


def as_finding(problem: SettingsProblem) -> Finding:
    """What is wrong with one key, with its place."""
    return to_mend(f"{problem.file_name}:{problem.line}:{problem.column}: {problem.message}", problem.hint)


def settings_agree(patient: Patient) -> Findings:
    """What one sees in an editor is not always what holds."""
    repository = patient.repository
    here = repository.work_tree if repository.checked_out else repository.called_in
    if here is None:
        return
    seen = read_file(here, SETTINGS_FILE, cap=_CAP)
    committed = repository.tip().read(SETTINGS_FILE, cap=_CAP)
    if seen == committed:
        return
    name = repository.branch
    if not repository.checked_out:
        if seen is not None and committed is not None:
            yield to_know(
                f"{SETTINGS_FILE} in {here} differs from the one on {name}, which holds; for `lint`, the one here does",
                f"`git diff {shlex.quote(name)} -- {SETTINGS_FILE}` shows how",
            )
    elif seen is None:
        yield to_know(
            f"{SETTINGS_FILE} is not in the work tree: the one on {name} holds", f"`git restore {SETTINGS_FILE}`"
        )
    elif committed is None:
        yield to_know(
            f"{SETTINGS_FILE} is not committed: it holds in this work tree alone", "`incidentctl init` commits it"
        )
    elif _lines(seen) != _lines(committed):
        yield to_know(
            f"{SETTINGS_FILE} has changes that are not committed: they hold in this work tree alone",
            f"`git diff -- {SETTINGS_FILE}` shows them",
        )


def _lines(data: bytes) -> list[bytes]:
    """What it says, whichever way its lines end: git may turn them over."""
    return data.removeprefix(b"\xef\xbb\xbf").splitlines()


def folder(patient: Patient) -> Findings:
    """Where the record is looked for."""
    repository = patient.repository
    wanted = incidents_folder(patient.settings)
    if _is_there(patient, wanted):
        yield well(f"incidents are in {wanted}/")
        return
    others = [INCIDENTS_FOLDER] if wanted != INCIDENTS_FOLDER and _is_there(patient, INCIDENTS_FOLDER) else []
    if others:
        yield to_mend(
            f"incidents are looked for in {wanted}/, which is not there, and {others[0]}/ is",
            f"correct `folder` under [store] in {SETTINGS_FILE}",
        )
    elif repository.checked_out and _is_file(repository.path(wanted)):
        yield to_mend(f"{wanted} is a file where the folder of incidents should be", "move it away")
    else:
        yield well(f"there is no incident yet; they come into {wanted}/")


def _is_there(patient: Patient, path: str) -> bool:
    repository = patient.repository
    if repository.checked_out and os.path.isdir(repository.path(path)):
        return True
    commit = repository.tip().commit
    return commit is not None and repository.objects.tree(f"{commit}:{path}") is not None


def _is_file(path: str) -> bool:
    return os.path.lexists(path) and not os.path.isdir(path)


CHECKS = (
    Check("settings", Group.SETTINGS, "`incidentctl.toml` says nothing that is not understood.", settings),
    Check(
        "settings-agree", Group.SETTINGS, "The settings that one sees are those that are committed, and hold.",
        settings_agree,
    ),
    Check("folder", Group.SETTINGS, "The folder that the settings name has the incidents.", folder),
)  # fmt: skip
