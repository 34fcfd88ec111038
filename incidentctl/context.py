"""What a command gets from outside: the clock, the terminal, the environment, and the repository with its settings."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TextIO

from incidentctl.config.parse import parse_settings
from incidentctl.config.settings import Settings, SettingsProblem, UserSettings, merge_settings
from incidentctl.errors import UsageError
from incidentctl.incident.decisions import Rules
from incidentctl.incident.ids import CHANCE_BITS
from incidentctl.incident.requests import Author
from incidentctl.incident.times import resolve_zone
from incidentctl.incident.typed_times import TimeKind, read_typed_time
from incidentctl.incident.words import handle_of, show_safely
from incidentctl.store.files import read_file
from incidentctl.store.history import identity
from incidentctl.store.reading import Reader, as_text
from incidentctl.store.record import Recorder
from incidentctl.store.repository import Repository, find_repository, read_settings_text

_MAX_SETTINGS = 1024 * 1024


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _chance() -> int:
    return int.from_bytes(os.urandom((CHANCE_BITS + 7) // 8)) % 2**CHANCE_BITS


@dataclass(frozen=True, slots=True)
class Outside:
    """The process around a command; tests hand in their own. `now` gives whole seconds in UTC.

    `zone` stands for the machine's zone; `None` asks the machine.
    """

    environ: Mapping[str, str]
    cwd: str
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    now: Callable[[], datetime] = _now
    chance: Callable[[], int] = _chance
    zone: tzinfo | None = None
    program: str = "incidentctl"

    @classmethod
    def of_process(cls) -> "Outside":
        """This process, with its streams made to take any text."""
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="surrogateescape" if stream is sys.stdin else "replace")
        name = Path(sys.argv[0]).name
        program = name if name in ("ictl", "incidentctl") else "incidentctl"
        return cls(os.environ, str(Path.cwd()), sys.stdin, sys.stdout, sys.stderr, program=program)

    @property
    def is_terminal(self) -> bool:
        """Whether a person can be asked."""
        return self.stdin.isatty() and self.stderr.isatty()

    def say(self, text: str = "") -> None:
        """A line of the result."""
        self.stdout.write(_safe(text) + "\n")

    def talk(self, text: str) -> None:
        """A line beside the result."""
        self.stdout.flush()
        self.stderr.write(_safe(text) + "\n")
        self.stderr.flush()

    def ask(self, question: str) -> str:
        """One line from the person at the terminal."""
        self.stdout.flush()
        self.stderr.write(_safe(question))
        self.stderr.flush()
        return self.stdin.readline().strip()


def _safe(text: str) -> str:
    return "\n".join(show_safely(line) for line in text.split("\n"))


@dataclass(frozen=True, slots=True)
class Workspace:
    """One repository as one user sees it at one moment: everything that a command on incidents needs."""

    outside: Outside
    repository: Repository
    settings: Settings
    author: Author
    rules: Rules
    zone: tzinfo | None
    now: datetime
    reader: Reader
    recorder: Recorder

    def typed_time(self, text: str, kind: TimeKind = "past") -> datetime:
        """A time as a person types it. Raises `UsageError` with both readings where it has two."""
        return read_typed_time(text, now=self.now, zone=self.zone, kind=kind).at


def user_settings_path(environ: Mapping[str, str]) -> Path:
    """Where a user's own settings are."""
    base = environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or Path.home(), ".config")
    return Path(base, "incidentctl", "config.toml")


def read_user_settings(outside: Outside) -> tuple[UserSettings, tuple[SettingsProblem, ...]]:
    """A user's own settings; what is wrong with them is said, and the rest holds."""
    path = user_settings_path(outside.environ)
    data = read_file(str(path.parent), path.name, cap=_MAX_SETTINGS)
    if data is None:
        return UserSettings(), ()
    return parse_settings(as_text(data), file_name=str(path), kind="user")


def _branch_setting(text: str) -> str | None:
    return parse_settings(text, file_name="", kind="repository")[0].store.branch


@contextmanager
def open_repository(outside: Outside, directory: str | None) -> Iterator[tuple[Repository, Settings]]:
    """The repository that the words lead to, with its settings; what is wrong with those is said once."""
    user, problems = read_user_settings(outside)
    repository = find_repository(
        explicit=directory,
        environ=outside.environ,
        cwd=outside.cwd,
        user_repository=user.repository,
        branch_setting=_branch_setting,
    )
    try:
        settings = Settings()
        text, where = read_settings_text(repository)
        if text is not None:
            settings, more = parse_settings(text, file_name=where, kind="repository")
            problems = (*problems, *more)
        for problem in problems:
            outside.talk(f"warning: {problem}")
        yield repository, merge_settings(settings, user)
    finally:
        repository.close()


@contextmanager
def open_workspace(
    outside: Outside, directory: str | None = None, *, by: str | None = None, zone: str | None = None
) -> Iterator[Workspace]:
    """Everything that a command on incidents needs. Raises `RepositoryError` with the `init` line where there is none."""
    with open_repository(outside, directory) as (repository, settings):
        now = outside.now()
        me = _me(outside, repository, settings)
        author = _author(outside, settings, me, by)
        rules = rules_of(settings)

        def handle(name: str, mail: str) -> str:
            return settings.person_of_mail(mail).handle

        yield Workspace(
            outside=outside,
            repository=repository,
            settings=settings,
            author=author,
            rules=rules,
            zone=_zone(outside, settings, zone),
            now=now,
            reader=Reader(repository, settings, environ=outside.environ, handle_of=handle, me=author.handle, now=now),
            recorder=Recorder(
                repository, settings, rules, environ=outside.environ, handle_of=handle, notice=outside.talk
            ),
        )


def _zone(outside: Outside, settings: Settings, name: str | None) -> tzinfo | None:
    wanted = name or settings.zone
    return resolve_zone(wanted) if wanted else outside.zone


def rules_of(settings: Settings) -> Rules:
    """What decisions depend on, of the settings."""
    return Rules(
        scale=settings.scale,
        people=frozenset(person.handle for person in settings.people),
        agents=frozenset(person.handle for person in settings.people if person.agent),
        extra_roles=frozenset(settings.extra_roles),
        services=frozenset(service.name for service in settings.services),
    )


def _me(outside: Outside, repository: Repository, settings: Settings) -> Author:
    known = identity(repository)
    if known is not None:
        person = settings.person_of_mail(known.mail)
        return Author(person.handle, agent=person.agent)
    return Author(handle_of(outside.environ.get("USER", "")) or "unknown")


def _author(outside: Outside, settings: Settings, me: Author, by: str | None) -> Author:
    """Who says it: `--by`, else `INCIDENTCTL_AS`, else the identity that git has. Another's words are noted by us."""
    words = by or outside.environ.get("INCIDENTCTL_AS") or ""
    if not words.strip():
        return me
    agent = words.rstrip().endswith("(agent)")
    handle = handle_of(words.rstrip().removesuffix("(agent)"))
    if handle is None:
        source = "--by" if by else "INCIDENTCTL_AS"
        raise UsageError(f"{source} is no handle: {words!r}", hint="write it as @ann")
    person = settings.person(handle)
    agent = agent or (person is not None and person.agent)
    return Author(handle, noted_by=None if agent or handle == me.handle else me.handle, agent=agent)
