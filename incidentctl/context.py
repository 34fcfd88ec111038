"""What a command gets from outside: the clock, the terminal, the environment, and the repository with its settings."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from msgspec import Struct, field

from incidentctl.config.settings import Settings, SettingsProblem, UserSettings, merge_settings
from incidentctl.errors import IncidentctlError, OutputLostError, UsageError
from incidentctl.incident.decisions import Rules
from incidentctl.incident.guard import Guard
from incidentctl.incident.ids import CHANCE_BITS
from incidentctl.incident.requests import Author
from incidentctl.incident.times import resolve_zone
from incidentctl.incident.words import handle_of, show_safely
from incidentctl.store.files import OutsideError, SaveError, TooLargeError, read_file
from incidentctl.store.history import identity
from incidentctl.store.reading import Reader, as_text
from incidentctl.store.record import Recorder
from incidentctl.store.repository import (
    SETTINGS_FILE,
    Repository,
    find_repository,
    read_settings_beside,
    read_settings_text,
)

if TYPE_CHECKING:
    from incidentctl.incident.typed_times import TimeKind

_MAX_SETTINGS = 1024 * 1024


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _current_folder() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:  # somebody removed it while the shell was in it
        return "/"


def _chance() -> int:
    return int.from_bytes(os.urandom((CHANCE_BITS + 7) // 8)) % 2**CHANCE_BITS


class Outside(Struct, frozen=True):
    """The process around a command; tests hand in their own. `now` gives whole seconds in UTC.

    `zone` stands for the machine's zone; `None` asks the machine. `marks` is what stands in front of every line from now on.
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
    marks: list[str] = field(default_factory=list)

    @classmethod
    def of_process(cls) -> "Outside":
        """This process, with its streams made to take any text. A stream that is closed is one that holds and takes nothing."""
        streams: list[TextIO] = []
        for number, standing in enumerate((sys.stdin, sys.stdout, sys.stderr)):
            stream = standing or Path(os.devnull).open("w" if number else "r", encoding="utf-8")  # noqa: SIM115  # for as long as we run
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace" if number else "surrogateescape")
            streams.append(stream)
        name = Path(sys.argv[0]).name
        program = name if name in ("ictl", "incidentctl") else "incidentctl"
        sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr = streams
        return cls(os.environ, _current_folder(), stdin, stdout, stderr, program=program)

    @property
    def is_terminal(self) -> bool:
        """Whether a person can be asked."""
        return self.stdin.isatty() and self.stderr.isatty()

    @property
    def width(self) -> int | None:
        """The columns of the terminal that a line has, or `None` where the result goes elsewhere."""
        if not self.stdout.isatty():
            return None
        columns = self.environ.get("COLUMNS", "")
        if columns.isascii() and columns.isdecimal() and int(columns):
            return int(columns) - sum(map(len, self.marks))
        from shutil import get_terminal_size  # 2 ms, for a terminal

        return get_terminal_size().columns - sum(map(len, self.marks))

    def mark(self, word: str) -> None:
        """From now on each line that is printed begins with `word`: what is talked of is only an exercise."""
        if word not in self.marks:
            self.marks.append(word)

    def say(self, text: str = "") -> None:
        """A line of the result. Raises `OutputLostError` where nobody can read it any more."""
        try:
            self.stdout.write(self._marked(text) + "\n")
        except OSError as error:
            raise OutputLostError(error) from None

    def hand_over(self, text: str) -> None:
        """A result that a format for programs made, as it stands: harmless already, and its ends of line are part of it."""
        try:
            self.stdout.write(text)
        except OSError as error:
            raise OutputLostError(error) from None

    def flush(self) -> None:
        """Hands over what was said so far; raises `OutputLostError` like `say`."""
        try:
            self.stdout.flush()
        except OSError as error:
            raise OutputLostError(error) from None

    def talk(self, text: str) -> None:
        """A line beside the result. That nobody can read it is no reason to fail."""
        try:
            self.stdout.flush()
            self.stderr.write(self._marked(text) + "\n")
            self.stderr.flush()
        except OSError:
            return

    def ask(self, question: str) -> str:
        """One line from the person at the terminal. Raises `EOFError` where they end it without one."""
        self.flush()
        self.stderr.write(_safe(question))
        self.stderr.flush()
        line = self.stdin.readline()
        if not line:
            raise EOFError
        return line.strip()

    def _marked(self, text: str) -> str:
        """Harmless, and with the marks on each line that says something and does not have them yet."""
        safe = _safe(text)
        if not self.marks:
            return safe
        mark = "".join(self.marks)
        return "\n".join(line if not line or line.startswith(mark) else mark + line for line in safe.split("\n"))

    def lose_output(self) -> None:
        """From now on what is printed goes nowhere, so that the end of the process does not stumble over it again."""
        try:
            place = os.open(os.devnull, os.O_WRONLY)
            os.dup2(place, self.stdout.fileno())
            os.close(place)
        except (OSError, ValueError):
            return


def _safe(text: str) -> str:
    return "\n".join(show_safely(line) for line in text.split("\n"))


class Workspace(Struct, frozen=True):
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
    guard: Guard

    def person(self, word: str) -> str | None:
        """The handle that a word names, spelled as in the settings; `me` is who speaks. `None` where it is no handle."""
        if word.strip().lower() == "me":
            return self.author.handle
        return _handle(self.settings, word)

    def typed_time(self, text: str, kind: "TimeKind" = "past", *, seen_from: datetime | None = None) -> datetime:
        """A time as a person types it, seen from now or another moment. Raises `UsageError` with both readings where it has two."""
        from incidentctl.incident.typed_times import read_typed_time  # only where a time is typed

        return read_typed_time(text, now=seen_from or self.now, zone=self.zone, kind=kind).at


def user_settings_path(environ: Mapping[str, str]) -> Path:
    """Where a user's own settings are."""
    base = environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or Path.home(), ".config")
    return Path(base, "incidentctl", "config.toml")


def read_user_settings(outside: Outside) -> tuple[UserSettings, tuple[SettingsProblem, ...]]:
    """A user's own settings; what is wrong with them is said, and the rest holds."""
    path = user_settings_path(outside.environ)
    place = path.resolve()  # it is the user's own to say where it is: tools for dotfiles make it a link
    try:
        data = read_file(str(place.parent), place.name, cap=_MAX_SETTINGS)
    except IncidentctlError as error:
        return UserSettings(), (_unread(str(path), error),)
    if data is None:
        return UserSettings(), ()
    from incidentctl.config.parse import parse_settings  # only for those who have settings

    return parse_settings(as_text(data), file_name=str(path), kind="user")


def _unread(name: str, error: IncidentctlError) -> SettingsProblem:
    """Settings that cannot be read are no reason to lose a word: the defaults hold, and that is said."""
    return SettingsProblem(name, 1, 1, f"is not read: {error.message}; all defaults hold", error.hint)


def _branch_setting(text: str) -> str | None:
    from incidentctl.config.parse import parse_settings

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
        text = beside = None
        try:
            text, where = read_settings_text(repository)
            if text is not None:
                from incidentctl.config.parse import parse_settings

                settings, more = parse_settings(text, file_name=where, kind="repository")
                problems = (*problems, *more)
            beside = read_settings_beside(repository)
        except (OutsideError, SaveError, TooLargeError) as error:
            problems = (*problems, _unread(SETTINGS_FILE, error))
        if beside not in (None, text):
            from incidentctl.config.parse import parse_settings

            own, more = parse_settings(beside, file_name=SETTINGS_FILE, kind="repository")
            settings = settings._replace(lint=own.lint)
            problems = (*problems, *more)
        for problem in problems:
            outside.talk(f"warning: {problem}")
        yield repository, merge_settings(settings, user)
    finally:
        repository.close()


@contextmanager
def open_workspace(
    outside: Outside,
    directory: str | None = None,
    *,
    by: str | None = None,
    zone: str | None = None,
    guard: Guard | None = None,
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
            guard=guard or Guard(),
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
        clocks=frozenset(rule.name for rule in settings.clocks),
    )


def _me(outside: Outside, repository: Repository, settings: Settings) -> Author:
    known = identity(repository)
    if known is not None:
        person = settings.person_of_mail(known.mail)
        return Author(person.handle, agent=person.agent)
    return Author(handle_of(outside.environ.get("USER", "")) or "unknown")


def _author(outside: Outside, settings: Settings, me: Author, by: str | None) -> Author:
    """Who says it: `--by`, else `INCIDENTCTL_AS`, else the identity that git has. Another's words are noted by who types.

    What a machine types stays marked as such, whose words it may be: it is never an acknowledgement.
    """
    typist = _typist(outside, settings, me)
    if by is None or by.strip().lower() == "me":
        return typist
    handle = _handle(settings, by)
    if handle is None:
        raise UsageError(f"--by is no handle: {by!r}", hint="write it as @ann")
    noted_by = typist.handle if handle != typist.handle else typist.noted_by
    return Author(handle, noted_by=noted_by, agent=typist.agent or _is_agent(settings, handle))


def _typist(outside: Outside, settings: Settings, me: Author) -> Author:
    words = (outside.environ.get("INCIDENTCTL_AS") or "").strip()
    if not words:
        return me
    handle = _handle(settings, words.removesuffix("(agent)"))
    if handle is None:
        raise UsageError(f"INCIDENTCTL_AS is no handle: {words!r}", hint='write it as @ann, or "@bot (agent)"')
    agent = words.endswith("(agent)") or _is_agent(settings, handle)
    return Author(handle, noted_by=None if agent or handle == me.handle else me.handle, agent=agent or me.agent)


def _handle(settings: Settings, word: str) -> str | None:
    handle = handle_of(word)
    person = settings.person(handle) if handle else None
    return person.handle if person else handle


def _is_agent(settings: Settings, handle: str) -> bool:
    person = settings.person(handle)
    return person is not None and person.agent
