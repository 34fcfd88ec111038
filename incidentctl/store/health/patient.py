"""What the checks look at: one user, one machine and one clone. Gathers at the first question, and remembers."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property

from msgspec import Struct

from incidentctl.config.settings import Settings, SettingsProblem, UserSettings
from incidentctl.errors import IncidentctlError
from incidentctl.store.git import Git
from incidentctl.store.health.documents import Heads
from incidentctl.store.reading import Reader, Row, Unreadable, incidents_folder, postmortems_folder
from incidentctl.store.repository import Repository


class UserFile(Struct, frozen=True):
    """The user's own settings file: where it is, what it says, and what is wrong with it."""

    path: str
    settings: UserSettings = UserSettings()
    problems: tuple[SettingsProblem, ...] = ()
    unreadable: IncidentctlError | None = None


class SettingsFile(Struct, frozen=True):
    """The repository's settings as they hold: where they stand, their text, and what is wrong with them."""

    place: str
    text: str | None
    problems: tuple[SettingsProblem, ...] = ()
    unreadable: IncidentctlError | None = None


class Clone(Struct, frozen=True):
    """The repository that was found, with what else is needed to look into it. `take_in` commits what waits in the spool."""

    repository: Repository
    settings: Settings
    file: SettingsFile
    reader: Reader
    take_in: Callable[[], int]


class Patient:
    """Everything that checks ask. `clone` is `None` where no repository was found, and `missing` says why."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        cwd: str,
        now: datetime,
        user: UserFile,
        clone: Clone | None,
        missing: IncidentctlError | None = None,
        fix: bool = False,
        online: bool = False,
    ) -> None:
        self.environ = environ
        self.cwd = cwd
        self.now = now
        self.user = user
        self.missing = missing
        self.fix = fix
        self.online = online
        self._clone = clone

    @property
    def found(self) -> bool:
        """Whether there is a repository to look at."""
        return self._clone is not None

    @property
    def clone(self) -> Clone:
        """The clone; only checks that need a repository ask for it."""
        if self._clone is None:
            raise RuntimeError("no repository was found")
        return self._clone

    @property
    def repository(self) -> Repository:
        """The repository that was found."""
        return self.clone.repository

    @property
    def settings(self) -> Settings:
        """The settings that hold."""
        return self.clone.settings

    @property
    def git(self) -> Git:
        """git in the clone, or where we were called."""
        return self._clone.repository.git if self._clone is not None else Git(self.cwd, environ=self.environ)

    @cached_property
    def record(self) -> tuple[list[Row], list[Unreadable]]:
        """All incidents, and the files that cannot be read as one."""
        return self.clone.reader.rows()

    @cached_property
    def incidents(self) -> Heads:
        """The files below the folder of incidents."""
        return Heads(self.repository, incidents_folder(self.settings))

    @cached_property
    def postmortems(self) -> Heads:
        """The files below the folder of post-mortems."""
        return Heads(self.repository, postmortems_folder(self.settings))

    @property
    def git_dirs(self) -> tuple[tuple[str, str], ...]:
        """Each work tree of the clone with its git directory, the main one first; a bare one has only the latter."""
        repository = self.repository
        linked = os.path.join(repository.common_dir, "worktrees")
        found = [(_top_of(repository.common_dir, repository), repository.common_dir)]
        try:
            names = sorted(os.listdir(linked))
        except OSError:
            names = []
        for name in names:
            git_dir = os.path.join(linked, name)
            try:
                with open(os.path.join(git_dir, "gitdir"), "rb") as file:
                    place = os.path.dirname(os.path.join(git_dir, os.fsdecode(file.read(4096)).strip()))
            except OSError:
                continue
            found.append((os.path.normpath(place), git_dir))
        return tuple(found)


def _top_of(common_dir: str, repository: Repository) -> str:
    if repository.git_dir == common_dir:
        return repository.work_tree or common_dir
    return os.path.dirname(common_dir) if os.path.basename(common_dir) == ".git" else common_dir
