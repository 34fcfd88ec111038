"""What can be set, as values with their defaults. Says nothing of files: `parse.py` makes these from a text.

Each command loads this module, so its records are named tuples: a frozen dataclass takes ten times as long to define, 0.7 ms.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, NamedTuple

from incidentctl.config.lint_settings import LintSettings
from incidentctl.incident.calendar import Calendar
from incidentctl.incident.clocks import ClockPolicy, ClockRule
from incidentctl.incident.policy import DEFAULT_SCALE, Scale
from incidentctl.incident.words import handle_of

SettingsKind = Literal["repository", "user"]


class HookRule(StrEnum):
    """When git's hooks run on the record's commits."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class StoreSettings(NamedTuple):
    """Where the record is. `branch` None: the remote's default branch; `folder` empty: the top of the repository."""

    branch: str | None = None
    folder: str = ""
    lock_timeout: float = 60.0


class CommitSettings(NamedTuple):
    """How the record is committed; times in seconds."""

    subject: str = "{slug}: {event}"
    hooks: HookRule = HookRule.AUTO
    hook_timeout: float = 2.0

    def subject_line(self, **fields: str) -> str:
        """The subject with `slug`, `event`, `id` and `severity` put in; what is in their text is left as it is."""
        return re.sub(r"\{([a-z]+)\}", lambda match: fields.get(match[1], match[0]), self.subject)


class SyncSettings(NamedTuple):
    """How the record is shared. `auto` None: where the branch has an upstream; `timeout` in seconds."""

    auto: bool | None = None
    timeout: float = 60.0


class PolicySettings(NamedTuple):
    """What is demanded."""

    close_requires_postmortem: bool = True
    signed_commits: bool = False


class ReportSettings(NamedTuple):
    """How figures are counted. `fiscal_year_start` is the month, from 1, in which a year begins."""

    fiscal_year_start: int = 1


class ImportSettings(NamedTuple):
    """How the CSV of another tool is read. Tables are from our columns to theirs, and from their words to ours."""

    columns: Mapping[str, str] = {}  # read and never changed, as all settings
    source: str | None = None
    zone: str | None = None
    date_format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    severities: Mapping[str, str] = {}
    statuses: Mapping[str, str] = {}


class NotifyTarget(NamedTuple):
    """Who is told, and of what. None where the settings leave it open: a user's own table is laid over the repository's.

    `url`, `url_env` and `keyring` say where its address is; the first two of a repository are never more than the name of a variable.
    """

    name: str
    events: tuple[str, ...] | None = None
    audience: str | None = None
    severities: tuple[str, ...] | None = None
    services: tuple[str, ...] | None = None
    drills: bool | None = None
    url_env: str | None = None
    keyring: bool | None = None
    url: str | None = None

    def below(self, own: "NotifyTarget") -> "NotifyTarget":
        """The same with what a user's own table of that name says."""
        return self._replace(**{name: value for name, value in own._asdict().items() if value is not None})

    @property
    def variable(self) -> str:
        """The variable of the environment with its address."""
        return self.url_env or "INCIDENTCTL_NOTIFY_" + self.name.upper().replace("-", "_")


class HookCommands(NamedTuple):
    """What runs after a commit, by event: words, or one line for the shell."""

    commands: Mapping[str, tuple[str, ...] | str] = {}
    drills: bool = False


class PageService(NamedTuple):
    """A service on the status page: `name` is the record's, `title` the public's; without one they are the same."""

    name: str
    title: str | None = None
    group: str | None = None


class StatusPageSettings(NamedTuple):
    """The public status page. `zone` None: times are told in UTC alone; `days` is how long past incidents stay on it."""

    title: str = "Status"
    url: str | None = None
    subscribe: str | None = None
    days: int = 90
    zone: str | None = None
    private_tags: tuple[str, ...] = ("confidential",)
    services: tuple[PageService, ...] = ()


ENDED = ("resolved", "ok", "closed", "recovered", "recovery", "up", "normal", "inactive")
"""What senders call an alert that is over."""


class AlertForm(NamedTuple):
    """The messages of one sender of alerts: paths into its JSON, as `event.title`; empty where it says no such thing."""

    name: str
    id: str
    title: str
    when: str = ""
    description: str = ""
    severity: str = ""
    service: str = ""
    status: str = ""
    ended: tuple[str, ...] = ENDED
    detected_at: str = ""
    started_at: str = ""
    ended_at: str = ""
    url: str = ""
    runbook: str = ""
    dashboard: str = ""
    zone: str | None = None


class AlertSettings(NamedTuple):
    """How messages of monitoring are read: words for severities, the labels that are looked at, and forms of a team's own."""

    severities: Mapping[str, str] = {}
    severity_labels: tuple[str, ...] = ("severity", "priority", "level")
    service_labels: tuple[str, ...] = (
        *("service", "service_name", "app", "application", "app_kubernetes_io_name"),
        *("component", "deployment", "job", "namespace"),
    )
    forms: tuple[AlertForm, ...] = ()


class Person(NamedTuple):
    """Somebody whom git knows by `mail` and the record by `handle`."""

    mail: str
    handle: str
    name: str = ""
    agent: bool = False


class Service(NamedTuple):
    """Something that can break."""

    name: str
    team: str | None = None
    owners: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class Team(NamedTuple):
    """People who run services."""

    name: str
    members: tuple[str, ...] = ()


class Settings(NamedTuple):
    """All settings that hold in one repository for one user. As they stand here they are the defaults.

    `zone` None is the machine's zone.
    """

    store: StoreSettings = StoreSettings()
    commit: CommitSettings = CommitSettings()
    zone: str | None = None
    scale: Scale = DEFAULT_SCALE
    default_severity: str = "SEV2"
    people: tuple[Person, ...] = ()
    services: tuple[Service, ...] = ()
    teams: tuple[Team, ...] = ()
    extra_roles: tuple[str, ...] = ()
    calendar: Calendar = Calendar()
    bridge_url: str | None = None
    channel_prefix: str = "incident-"
    sync: SyncSettings = SyncSettings()
    policy: PolicySettings = PolicySettings()
    report: ReportSettings = ReportSettings()
    lint: LintSettings = LintSettings()
    imports: ImportSettings = ImportSettings()
    notify: tuple[NotifyTarget, ...] = ()
    hooks: HookCommands = HookCommands()
    status_page: StatusPageSettings = StatusPageSettings()
    alerts: AlertSettings = AlertSettings()
    clocks: tuple[ClockRule, ...] = ()

    @property
    def clock_policy(self) -> ClockPolicy:
        """All that clocks depend on."""
        return ClockPolicy(self.scale, self.calendar, self.clocks, self.bridge_url)

    def person_of_mail(self, mail: str) -> Person:
        """Who commits with that address: as listed, in any case, else with the part before the `@` as a handle."""
        for person in self.people:
            if person.mail.casefold() == mail.casefold():
                return person
        return Person(mail, _handle_from(mail))

    def person(self, handle: str) -> Person | None:
        """Who is listed with that handle, in any case, with or without its `@`."""
        wanted = handle.removeprefix("@").casefold()
        return next((person for person in self.people if person.handle.casefold() == wanted), None)

    def service(self, word: str) -> Service | None:
        """The listed service of that name or alias, in any case."""
        wanted = word.casefold()
        for service in self.services:
            if wanted in (each.casefold() for each in (service.name, *service.aliases)):
                return service
        return None

    def knows_service(self, word: str) -> bool:
        """Whether that service is listed; any is, where there is no list."""
        return not self.services or self.service(word) is not None


class UserSettings(NamedTuple):
    """A user's own settings; None where they leave it to the repository."""

    repository: str | None = None
    zone: str | None = None
    sync_auto: bool | None = None
    sync_timeout: float | None = None
    notify: tuple[NotifyTarget, ...] = ()
    hooks: HookCommands = HookCommands()


class SettingsProblem(NamedTuple):
    """What is wrong with one key of a settings file; its default holds. Lines and columns count from 1."""

    file_name: str
    line: int
    column: int
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file_name}:{self.line}:{self.column}: {self.message}{hint}"


def merge_settings(repository: Settings, user: UserSettings) -> Settings:
    """What holds for this user in this repository: the user's own zone and sharing come before the repository's.

    Targets of both are told; of two with the same name the user's own keys hold. What runs is the user's alone.
    """
    own = {target.name: target for target in user.notify}
    targets = [each.below(own.pop(each.name, NotifyTarget(each.name))) for each in repository.notify]
    return repository._replace(
        zone=user.zone or repository.zone,
        sync=SyncSettings(
            auto=repository.sync.auto if user.sync_auto is None else user.sync_auto,
            timeout=repository.sync.timeout if user.sync_timeout is None else user.sync_timeout,
        ),
        notify=(*targets, *own.values()),
        hooks=user.hooks,
    )


def _handle_from(mail: str) -> str:
    local = mail.partition("@")[0]
    return handle_of(local) or handle_of(re.sub(r"[^\w.+-]+", "-", local).strip(".+-")) or "unknown"
