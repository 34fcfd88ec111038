"""`doctor`: what can make incidentctl fail at a bad moment, and the command that mends it."""

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Annotated, Any

import typer

from incidentctl.commands.options import Reading, takes
from incidentctl.config.settings import Settings, SettingsProblem, UserSettings, merge_settings
from incidentctl.context import Outside, read_user_settings, rules_of, user_settings_path
from incidentctl.errors import ExitCode, IncidentctlError
from incidentctl.incident.words import handle_of
from incidentctl.output.health import as_lines, summary
from incidentctl.output.json_text import as_json
from incidentctl.store.health.catalogue import examine
from incidentctl.store.health.check import Examined, Status
from incidentctl.store.health.patient import Clone, Patient, SettingsFile, UserFile
from incidentctl.store.history import identity
from incidentctl.store.reading import Reader
from incidentctl.store.record import Recorder
from incidentctl.store.repository import SETTINGS_FILE, Repository, find_repository, read_settings_text

EXAMPLES = """
ictl doctor
ictl doctor --fix       what is safe is mended
ictl doctor --verbose   also what is well
ictl doctor --online    the remote is asked too
"""


@takes(Reading, without=("tz",))
def command(
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what is safe to mend: our own leftovers, and words that wait.")
    ] = False,
    online: Annotated[
        bool, typer.Option("--online", help="Ask the remote whether it answers, for 10 seconds at most.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show also what is well.")] = False,
    options: Reading,
) -> None:
    """Look at all that can make incidentctl fail, and name the command that mends it. Exit code 1 where something is to mend."""
    outside = options.outside
    with ExitStack() as stack:
        patient = _patient(outside, options.repository, stack, fix=fix, online=online)
        examined = examine(patient)
        place = patient.repository.place if patient.found else None
    checks = list(_as_data(examined))
    if options.as_json:
        data = {
            "schema_version": 1,
            "kind": "doctor",
            "repository": place,
            "checks": checks,
            "summary": summary(checks),
        }
        outside.say(as_json(data))
    else:
        for line in as_lines(checks, verbose=verbose, width=outside.width):
            outside.say(line)
    if any(finding.status is Status.PROBLEM for each in examined for finding in each.findings):
        raise typer.Exit(ExitCode.FOUND)


def _as_data(examined: Iterable[Examined]) -> Iterable[dict[str, Any]]:
    """Each line of each check, as a program reads it."""
    for each in examined:
        for finding in each.findings:
            yield {
                "name": each.check.name,
                "group": each.check.group.value,
                "status": finding.status.value,
                "message": finding.message,
                "hint": finding.hint,
            }


# ---------------------------------------------------------------------------------------------- what is looked at


def _patient(outside: Outside, directory: str | None, stack: ExitStack, *, fix: bool, online: bool) -> Patient:
    """Everything that can be gathered; what cannot is part of what the checks say."""
    user = _user_file(outside)
    clone: Clone | None = None
    missing: IncidentctlError | None = None
    try:
        repository = find_repository(
            explicit=directory,
            environ=outside.environ,
            cwd=outside.cwd,
            user_repository=user.settings.repository,
            branch_setting=_branch_setting,
        )
    except IncidentctlError as error:
        missing = error
    else:
        stack.callback(repository.close)
        clone = _clone(outside, repository, user.settings)
    return Patient(
        environ=outside.environ,
        cwd=outside.cwd,
        now=outside.now(),
        user=user,
        clone=clone,
        missing=missing,
        fix=fix,
        online=online,
    )


def _user_file(outside: Outside) -> UserFile:
    path = str(user_settings_path(outside.environ))
    try:
        settings, problems = read_user_settings(outside)
    except IncidentctlError as error:
        return UserFile(path, unreadable=error)
    return UserFile(path, settings, problems)


def _branch_setting(text: str) -> str | None:
    return _parsed(text, SETTINGS_FILE)[0].store.branch


def _parsed(text: str, place: str) -> tuple[Settings, tuple[SettingsProblem, ...]]:
    from incidentctl.config.parse import parse_settings

    return parse_settings(text, file_name=place, kind="repository")


def _clone(outside: Outside, repository: Repository, user: UserSettings) -> Clone:
    settings, file = _settings(repository)
    settings = merge_settings(settings, user)

    def handle(name: str, mail: str) -> str:
        return settings.person_of_mail(mail).handle

    reader = Reader(
        repository,
        settings,
        environ=outside.environ,
        handle_of=handle,
        me=_me(outside, repository, settings),
        now=outside.now(),
    )
    recorder = Recorder(
        repository, settings, rules_of(settings), environ=outside.environ, handle_of=handle, notice=outside.talk
    )
    return Clone(repository, settings, file, reader, recorder.take_in)


def _settings(repository: Repository) -> tuple[Settings, SettingsFile]:
    try:
        text, place = read_settings_text(repository)
    except IncidentctlError as error:
        return Settings(), SettingsFile(SETTINGS_FILE, None, unreadable=error)
    if text is None:
        return Settings(), SettingsFile(place, None)
    settings, problems = _parsed(text, place)
    return settings, SettingsFile(place, text, problems)


def _me(outside: Outside, repository: Repository, settings: Settings) -> str:
    """Whose hand edits these are, where git cannot say: any handle will do, since nothing is written by it."""
    try:
        known = identity(repository)
    except IncidentctlError:
        known = None
    if known is not None:
        return settings.person_of_mail(known.mail).handle
    return handle_of(outside.environ.get("USER", "")) or "unknown"
