"""Checks of the machine: git, Python, the program itself, room on the disk, the time zone, the user's own settings."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping

from incidentctl import __version__
from incidentctl.errors import RepositoryError, UsageError
from incidentctl.incident.times import resolve_zone
from incidentctl.store.git import Git, expand_home
from incidentctl.store.health.check import Check, Finding, Findings, Group, to_know, to_mend, well
from incidentctl.store.health.patient import Patient
from incidentctl.store.history import editor_of
from incidentctl.store.repository import repository_at

OLDEST_GIT = (2, 30)
TYPER = ((0, 20), (0, 29))
"""The first version that is tried, and the first that is not any more."""
LEAST_ROOM = 100 * 1024 * 1024
"""Bytes that have to be free on the disk."""
_LEAST_FILES = 1000
_PATIENCE_S = 10.0
_POSIX_ZONE = re.compile(r"(?:[A-Za-z]{3,}|<[^>]+>)[-+]?\d{1,2}.*")


def git_version(patient: Patient) -> Findings:
    """git is what keeps the record."""
    said = Git(patient.cwd if os.path.isdir(patient.cwd) else "/", environ=patient.environ).run("--version").text
    yield judge_git(said)


def judge_git(said: str) -> Finding:
    """Of what `git --version` says."""
    match = re.search(r"(\d+)\.(\d+)[\w.]*", said)
    wanted = ".".join(map(str, OLDEST_GIT))
    if match is None:
        return to_know(f"git does not say which version it is: {said[:80]!r}", f"git {wanted} or newer is needed")
    if (int(match[1]), int(match[2])) < OLDEST_GIT:
        return to_mend(f"git {match[0]} is too old", f"install git {wanted} or newer")
    return well(f"git {match[0]}")


def python_packages(patient: Patient) -> Findings:
    """Python and the packages that each command loads."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        typer = version("typer")
    except PackageNotFoundError:
        typer = ""
    yield judge_python(sys.version_info[:3], typer)


def judge_python(python: tuple[int, int, int], typer: str) -> Finding:
    """Of their versions; an empty one is not known."""
    said = ".".join(map(str, python))
    if python < (3, 11, 0):
        return to_mend(f"Python {said} is too old", "install incidentctl with Python 3.11 or newer")
    found = re.match(r"(\d+)\.(\d+)", typer)
    if found is not None and not TYPER[0] <= (int(found[1]), int(found[2])) < TYPER[1]:
        return to_know(
            f"typer {typer} was not tried with this version: commands may be slow, or fail",
            "`pipx reinstall incidentctl`, or `pip install 'typer>=0.20,<0.29'` beside it",
        )
    return well(f"Python {said}, typer {typer or 'of an unknown version'}")


def on_path(patient: Patient) -> Findings:
    """git calls incidentctl to merge; a shell in a hook or a cron job may have another PATH."""
    place = shutil.which("incidentctl", path=patient.environ.get("PATH", ""))
    if place is None:
        yield to_know(
            "incidentctl is not on the PATH: a hook or another tool that calls it does not find it",
            "`pipx ensurepath`, then open a new terminal",
        )
        return
    yield judge_on_path(place, f"incidentctl {__version__}" if _is_this(place) else _version_of(place, patient.environ))


def _is_this(place: str) -> bool:
    try:
        return os.path.samefile(place, sys.argv[0])
    except OSError:
        return False


def _version_of(place: str, environ: Mapping[str, str]) -> str:
    git = Git("/", environ=environ)
    try:
        process = git.spawn(
            [place, "--version"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, environment=git.environment()
        )
        return git.finish(process, None, _PATIENCE_S).text.strip()
    except (OSError, RepositoryError):
        return ""


def judge_on_path(place: str, said: str) -> Finding:
    """Of the program on the PATH and what its `--version` says."""
    if said == f"incidentctl {__version__}":
        return well(f"{place} is this version, {__version__}")
    found = said.removeprefix("incidentctl ") if re.fullmatch(r"incidentctl [\w.+]+", said) else ""
    what = f"is version {found}" if found else "does not run"
    return to_know(
        f"{place} {what}, and this is {__version__}", "install it once, or put the right one first on the PATH"
    )


def disk_space(patient: Patient) -> Findings:
    """A commit needs room, and git fails in odd ways without it."""
    places = [patient.repository.common_dir] if patient.found else [patient.cwd]
    if patient.found and patient.repository.work_tree is not None:
        places.append(patient.repository.work_tree)
    seen: set[int] = set()
    for place in places:
        device = os.stat(place).st_dev
        if device not in seen:
            seen.add(device)
            room = os.statvfs(place)
            yield judge_room(place, room.f_bavail * room.f_frsize, room.f_favail if room.f_files else None)


def judge_room(place: str, free: int, files: int | None) -> Finding:
    """Of the bytes that are free, and of how many more files there may be, where that is known."""
    if free < LEAST_ROOM:
        return to_mend(f"only {free // 1_000_000} MB are free on the disk of {place}", "make room")
    if files is not None and files < _LEAST_FILES:
        return to_mend(f"the disk of {place} takes only {files} more files", "remove files that nobody needs")
    return well(f"{free // 1_000_000_000:,} GB are free on the disk of {place}")


def time_zone(patient: Patient) -> Findings:
    """A typed `10:48` is read in it."""
    setting = patient.user.settings.zone or (patient.settings.zone if patient.found else None)
    yield judge_zone(setting, patient.environ.get("TZ"))


def judge_zone(setting: str | None, variable: str | None) -> Finding:
    """Of `[time] zone` and of TZ. The machine silently takes UTC for a zone that it does not know."""
    if setting is not None:
        return _named_zone(setting, "[time] zone", "correct `zone` under [time]")
    name = (variable or "").removeprefix(":")
    if not name or name.startswith("/"):
        return well("times are read in the machine's zone")
    if _POSIX_ZONE.fullmatch(name):
        return well(f"times are read in TZ={name}")
    return _named_zone(name, "TZ", "correct TZ; until then the machine takes UTC")


def _named_zone(name: str, where: str, hint: str) -> Finding:
    try:
        resolve_zone(name)
    except UsageError as error:
        meant = f" ({error.hint})" if error.hint else ""
        return to_mend(f"{where}: {error.message}", f"{hint}{meant}")
    return well(f"times are read in {name}, by {where}")


def environment(patient: Patient) -> Findings:
    """A variable that was exported for something else holds for each command."""
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        value = patient.environ.get(name)
        if value:
            yield to_mend(f"{name} is {value}: every commit is dated so", f"`unset {name}`")
    incident = patient.environ.get("INCIDENTCTL_INCIDENT")
    if incident and patient.found and not any(incident in row.id for row in patient.record[0]):
        yield to_mend(
            f"INCIDENTCTL_INCIDENT is {incident!r}, and there is no such incident", "`unset INCIDENTCTL_INCIDENT`"
        )


def editor(patient: Patient) -> Findings:
    """`edit` opens it, and `note` without a word."""
    command = editor_of(patient.git)
    program = first_program(command or "")
    if command is None or (program is not None and shutil.which(program, path=patient.environ.get("PATH", "")) is None):
        what = f"{program} is not there" if program else "git knows none"
        yield to_know(f"there is no editor to open: {what}", "`git config --global core.editor nano`, or set VISUAL")
    else:
        yield well(f"texts are edited with {command}")


def first_program(line: str) -> str | None:
    """The program that a line for the shell begins with, behind what sets variables; None where that is not plain."""
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    return next((word for word in words if "=" not in word), None)


def user_settings(patient: Patient) -> Findings:
    """They name the repository that is used outside of any other."""
    user = patient.user
    if user.unreadable is not None:
        yield to_mend(f"your settings cannot be read: {user.unreadable.message}", user.unreadable.hint)
        return
    for problem in user.problems:
        yield to_mend(f"{problem.file_name}:{problem.line}:{problem.column}: {problem.message}", problem.hint)
    named = user.settings.repository
    if named is None:
        if not user.problems:
            yield well("your settings name no repository: it is found from inside it, or with -C")
        return
    place = os.path.normpath(os.path.join(patient.cwd, expand_home(named, patient.environ)))
    yield _default_repository(place, user.path, patient.environ)


def _default_repository(place: str, file: str, environ: Mapping[str, str]) -> Finding:
    hint = f"correct `repository` in {file}, or make it: `incidentctl init {shlex.quote(place)}`"
    if not os.path.isdir(place):
        return to_mend(f"your settings name {place}, which is not there", hint)
    there = repository_at(place, environ=environ)
    if there is None:
        return to_mend(f"your settings name {place}, which is no repository", hint)
    there.close()
    return well(f"from any folder, {place} is found")


CHECKS = (
    Check(
        "git", Group.MACHINE, "git is there, and is 2.30 or newer.", git_version, needs_repository=False
    ),
    Check(
        "python", Group.MACHINE, "Python and typer are versions that it was tried with.", python_packages,
        needs_repository=False,
    ),
    Check(
        "path", Group.MACHINE, "`incidentctl` is on the PATH, and is this version.", on_path, needs_repository=False
    ),
    Check(
        "disk-space", Group.MACHINE, "100 MB are free, and the disk takes more files.", disk_space,
        needs_repository=False,
    ),
    Check("time-zone", Group.MACHINE, "The zone in which times are read exists.", time_zone, needs_repository=False),
    Check(
        "environment",
        Group.MACHINE,
        "No variable dates every commit, or names an incident that is not there.",
        environment,
        needs_repository=False,
    ),
    Check("editor", Group.MACHINE, "The editor that git would open is there.", editor, needs_repository=False),
    Check(
        "user-settings", Group.MACHINE, "Your own settings can be read, and the repository in them is there.",
        user_settings, needs_repository=False,
    ),
)  # fmt: skip
