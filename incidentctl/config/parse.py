"""From the text of a settings file to settings. A fault is collected with its place, never raised; pydantic is not needed here."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, overload

from incidentctl.config.keys import PERSON_KEYS, STATUSES, TABLES, Key, Kind, Shape, Where
from incidentctl.config.lint_settings import CustomRule, LintSettings, Override, PathOverride
from incidentctl.config.settings import (
    AlertForm,
    AlertSettings,
    CommitSettings,
    HookCommands,
    HookRule,
    ImportSettings,
    NotifyTarget,
    PageService,
    Person,
    PolicySettings,
    ReportSettings,
    Service,
    Settings,
    SettingsKind,
    SettingsProblem,
    StatusPageSettings,
    StoreSettings,
    SyncSettings,
    Team,
    UserSettings,
)
from incidentctl.config.values import WrongValueError, did_you_mean, read_value, shown
from incidentctl.incident.calendar import Calendar
from incidentctl.incident.clocks import STANDING, ClockRule, DoneBy
from incidentctl.incident.policy import DEFAULT_SCALE, CommanderRule, ResponseHours, Scale, Severity
from incidentctl.incident.words import handle_of

LARGEST_FILE = 1_000_000
_OF_ENTRIES = (Kind.LEVELS, Kind.ALIASES, Kind.LABELS, Kind.COLUMNS, Kind.WORDS)

_KEY_OF_CLOCK = {
    "response": "response",
    "update": "update_every",
    "status_page": "status_page",
    "management": "management",
    "postmortem": "postmortem_within",
}
"""The key of a severity that a standing clock is made of."""

Path = tuple[str | int, ...]


@overload
def parse_settings(
    text: str, *, file_name: str, kind: Literal["repository"] = "repository"
) -> tuple[Settings, tuple[SettingsProblem, ...]]: ...


@overload
def parse_settings(
    text: str, *, file_name: str, kind: Literal["user"]
) -> tuple[UserSettings, tuple[SettingsProblem, ...]]: ...


@overload
def parse_settings(
    text: str, *, file_name: str, kind: SettingsKind
) -> tuple[Settings | UserSettings, tuple[SettingsProblem, ...]]: ...


def parse_settings(
    text: str, *, file_name: str, kind: SettingsKind = "repository"
) -> tuple[Settings | UserSettings, tuple[SettingsProblem, ...]]:
    """The settings in the text of one file, and what is wrong with it, in the order of its lines. Never raises.

    A wrong value, and a key that does not exist, leave that key at its default; a text that is not TOML leaves all of them.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    defaults = Settings() if kind == "repository" else UserSettings()
    if not text.strip():
        return defaults, ()
    import tomllib  # 5 ms, for those who have settings

    if len(text) > LARGEST_FILE:
        return defaults, (SettingsProblem(file_name, 1, 1, "the file is larger than a megabyte; all defaults hold"),)
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return defaults, (_not_toml(text, file_name, error),)
    reader = _Reader(raw, Where.REPOSITORY if kind == "repository" else Where.USER)
    settings = reader.repository() if kind == "repository" else reader.user()
    return settings, tuple(_placed(reader.faults, text, file_name))


# Faults, and their place in the file.


class _Fault(NamedTuple):
    path: Path
    at_value: bool
    message: str
    hint: str | None


def _placed(faults: list[_Fault], text: str, file_name: str) -> list[SettingsProblem]:
    if not faults:
        return []
    from incidentctl.config.toml_positions import find_positions, line_and_column

    spans = find_positions(text)
    problems = []
    for fault in faults:
        path = fault.path
        while path and path not in spans:
            path = path[:-1]
        span = spans.get(path)
        offset = 0 if span is None else span.value if fault.at_value else span.key
        problems.append(SettingsProblem(file_name, *line_and_column(text, offset), fault.message, fault.hint))
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _not_toml(text: str, file_name: str, error: Exception) -> SettingsProblem:
    said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    match = re.fullmatch(r"(.*?) \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)", said, re.DOTALL)
    what = match[1] if match else said
    if match and match[2]:
        line, column = int(match[2]), int(match[3])
    else:
        line, column = (text.count("\n") + (not text.endswith("\n")), 1) if match else (1, 1)
    found = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
    hint = None
    if re.match(r"\s*[\w.+-]+@[\w.-]+\s*=", found):
        hint = "a key with an @ in it stands in quotes"
    elif what == "Cannot overwrite a value":
        hint = "the key is there twice"
    shown = what[:1].lower() + what[1:] if what.isprintable() else repr(what)
    return SettingsProblem(file_name, line, column, f"is not TOML: {shown}; all defaults hold", hint)


# The tables of the file.


class _Reader:
    """One pass over what `tomllib` made of a file. `values` of a table are the good ones alone."""

    def __init__(self, raw: Mapping[str, Any], where: Where) -> None:
        self.raw = raw
        self.where = where
        self.tables = {table.name: table for table in TABLES}
        self.faults: list[_Fault] = []

    def fault(self, path: Path, message: str, hint: str | None = None, *, at_value: bool = False) -> None:
        self.faults.append(_Fault(path, at_value, message, hint))

    def repository(self) -> Settings:
        self.check_tables()
        top = self.top()
        commit = self.values("commit")
        if "hooks" in commit:
            commit["hooks"] = HookRule(commit["hooks"])
        zone: str | None = self.values("time").get("zone")
        scale, clocks = self.clocks(Scale(tuple(self.severities())))
        teams = tuple(Team(**values) for _, values in self.list_of("team"))
        return Settings(
            store=StoreSettings(**self.values("store")),
            commit=CommitSettings(**commit),
            zone=zone,
            scale=scale,
            default_severity=self.default_severity(top, scale),
            people=tuple(self.people()),
            services=tuple(self.services(top, teams)),
            teams=teams,
            extra_roles=self.values("roles").get("extra", ()),
            calendar=self.calendar(zone),
            bridge_url=self.values("bridge").get("url"),
            channel_prefix=self.values("channel").get("prefix", Settings().channel_prefix),
            sync=SyncSettings(**self.values("sync")),
            policy=PolicySettings(**self.values("policy")),
            report=ReportSettings(**self.values("report")),
            lint=self.lint(),
            imports=ImportSettings(**self.values("import")),
            notify=tuple(self.targets(scale)),
            status_page=self.status_page(),
            alerts=AlertSettings(**self.values("alerts"), forms=tuple(self.alert_forms())),
            clocks=clocks,
        )

    def user(self) -> UserSettings:
        self.check_tables()
        sync = self.values("sync")
        hooks = self.values("hooks")
        drills: bool = hooks.pop("drills", False)
        return UserSettings(
            repository=self.top().get("repository"),
            zone=self.values("time").get("zone"),
            sync_auto=sync.get("auto"),
            sync_timeout=sync.get("timeout"),
            notify=tuple(self.targets(None)),
            hooks=HookCommands(hooks, drills),
        )

    # What stands where.

    def check_tables(self) -> None:
        """Names what is no table of this file, and tables that are written with too few brackets or too many."""
        top_keys = [key.name for key in self.tables[""].keys]
        for name, value in self.raw.items():
            table = self.tables.get(name) if name else None
            if name in top_keys:
                continue
            if table is None:
                is_table = isinstance(value, dict) or (
                    isinstance(value, list) and any(isinstance(each, dict) for each in value)
                )
                label = f"[{_spelt(name)}]" if is_table else _spelt(name)
                known = [*(each for each in self.tables if "." not in each), *top_keys]
                hint = self.home_of(name, ()) or did_you_mean(name, known)
                self.fault((name,), f"there is no {'table' if is_table else 'key'} {label}", hint)
            elif not table.where & self.where:
                self.fault((name,), *self.elsewhere(f"[{name}]"))
            elif table.shape in (Shape.TABLE, Shape.MAP) and not isinstance(value, dict):
                self.fault((name,), f"{name} must be a table", f"write [{name}] on a line of its own")
            elif table.shape is Shape.LIST and not isinstance(value, list):
                self.fault(
                    (name,), f"{name} must be a list of tables", f"write [[{name}]], with two brackets on each side"
                )

    def elsewhere(self, label: str) -> tuple[str, str]:
        if self.where is Where.USER:
            return f"{label} belongs in the repository's own settings", "move it to incidentctl.toml in the repository"
        return (
            f"{label} belongs in your own settings: those of a repository never say what runs, or where, on your machine",
            "move it to $XDG_CONFIG_HOME/incidentctl/config.toml (~/.config by default)",
        )

    def home_of(self, name: str, path: Path) -> str | None:
        """Where a key belongs that is right in another place."""
        for table in self.tables.values():
            here = (table.name,) == (path or ("",))
            if here or table.shape not in (Shape.TOP, Shape.TABLE) or not table.where & self.where:
                continue
            if any(key.name == name and key.where & self.where for key in table.keys):
                return f"{name} belongs in [{table.name}]" if table.name else f"{name} belongs above the first table"
        return None

    def top(self) -> dict[str, Any]:
        table = self.tables[""]
        given = {key.name: self.raw[key.name] for key in table.keys if key.name in self.raw}
        return self.checked(given, table.keys, (), "")

    def values(self, name: str) -> dict[str, Any]:
        table, given = self.tables[name], self.raw.get(name)
        if not isinstance(given, dict) or not table.where & self.where:
            return {}
        return self.checked(given, table.keys, (name,), f"[{name}] ")

    def list_of(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The tables of a list that have what they must have, each with its number."""
        given = self.raw.get(name)
        for number, each in enumerate(given if isinstance(given, list) else ()):
            if not isinstance(each, dict):
                self.fault((name, number), f"{name} must be a list of tables", f"write [[{name}]]")
                continue
            values = self.checked(each, self.tables[name].keys, (name, number), f"[[{name}]] ")
            if "name" in values:
                yield number, values

    def checked(self, given: Mapping[str, Any], keys: tuple[Key, ...], path: Path, label: str) -> dict[str, Any]:
        """The good values among those given, as the program wants them; all else becomes a fault."""
        known = {key.name: key for key in keys}
        values: dict[str, Any] = {}
        for name, raw in given.items():
            key = known.get(name)
            if key is None:
                allowed = [each.name for each in keys if each.where & self.where]
                hint = self.home_of(name, path) or did_you_mean(name, allowed)
                self.fault((*path, name), f"there is no key {label}{_spelt(name)}", hint)
            elif not key.where & self.where:
                self.fault((*path, name), *self.elsewhere(f"{label}{name}"))
            elif key.kind in _OF_ENTRIES and isinstance(raw, dict):
                values[name] = self.entries(key, raw, (*path, name), f"{label}{name}")
            else:
                try:
                    values[name] = read_value(key, raw)
                except WrongValueError as wrong:
                    self.fault((*path, name), f"{label}{name} {wrong.message}", wrong.hint, at_value=True)
        missing = [key.name for key in keys if key.required and key.name not in given]
        for name in missing:
            self.fault(path, f"{label.strip()} has no {name}")
        return values

    def entries(self, key: Key, given: Mapping[str, Any], path: Path, label: str) -> dict[str, Any]:
        """The good entries of a table whose keys are the team's own; a wrong one takes none of the others with it."""
        values: dict[str, Any] = {}
        for name, raw in given.items():
            try:
                values |= read_value(key, {name: raw})
            except WrongValueError as wrong:
                self.fault((*path, name), f"{label} {wrong.message}", wrong.hint)
        return values

    # The tables that are more than their keys.

    def status_page(self) -> StatusPageSettings:
        given = self.raw.get("status_page")
        if not isinstance(given, dict):
            return StatusPageSettings()
        own = {name: raw for name, raw in given.items() if name != "service"}
        values = self.checked(own, self.tables["status_page"].keys, ("status_page",), "[status_page] ")
        services: dict[str, PageService] = {}
        for number, each in self.tables_below(given, "service", "status_page"):
            service = PageService(**each)
            if service.name.casefold() in services:
                message = f"[[status_page.service]] names {shown(service.name)} twice"
                self.fault(("status_page", "service", number, "name"), message, at_value=True)
                continue
            services[service.name.casefold()] = service
        return StatusPageSettings(**values, services=tuple(services.values()))

    def lint(self) -> LintSettings:
        given = self.raw.get("lint")
        if not isinstance(given, dict):
            return LintSettings()
        below = ("status", "path", "custom")
        own = {name: raw for name, raw in given.items() if name not in below}
        values = self.checked(own, self.tables["lint"].keys, ("lint",), "[lint] ")
        paths = tuple(PathOverride(**each) for _, each in self.tables_below(given, "path"))
        custom = tuple(self.custom_rules(given))
        return LintSettings(**values, status=self.statuses(given.get("status")), path=paths, custom=custom)

    def alert_forms(self) -> Iterator[AlertForm]:
        seen: set[str] = set()
        for number, values in self.list_of("alert"):
            if not {"id", "title"} <= set(values):
                continue
            if values["name"].casefold() in seen:
                self.fault(
                    ("alert", number, "name"), f"two tables [[alert]] are called {values['name']}", at_value=True
                )
                continue
            seen.add(values["name"].casefold())
            yield AlertForm(**values)

    def statuses(self, given: object) -> dict[str, Override]:
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.fault(("lint", "status"), "[lint] status must be a table", "write [lint.status.draft]")
            return {}
        found: dict[str, Override] = {}
        for word, raw in given.items():
            status = word.strip().lower().replace("-", "_")
            label = f"[lint.status.{_spelt(word)}]"
            if status not in STATUSES:
                hint = did_you_mean(status, STATUSES) or f"it is one of {', '.join(STATUSES)}"
                self.fault(("lint", "status", word), f"there is no status {_spelt(word)}", hint)
            elif not isinstance(raw, dict):
                self.fault(("lint", "status", word), f"{label} must be a table", at_value=True)
            else:
                keys = self.tables["lint.status"].keys
                found[status] = Override(**self.checked(raw, keys, ("lint", "status", word), f"{label} "))
        return found

    def custom_rules(self, given: Mapping[str, Any]) -> Iterator[CustomRule]:
        seen: dict[str, int] = {}
        for number, values in self.tables_below(given, "custom"):
            rule = CustomRule(**values)
            name = rule.name or f"custom-{rule.code.lower()}"
            twice = next((word for word in (rule.code, name) if word in seen), None)
            if twice is not None:
                self.fault(("lint", "custom", number), f"two rules of [[lint.custom]] are called {twice}")
                continue
            seen.update({rule.code: number, name: number})
            yield CustomRule(**{**values, "name": name})

    def tables_below(
        self, given: Mapping[str, Any], name: str, parent: str = "lint"
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """The tables of a list inside another table that have what they must have, each with its number."""
        raw = given.get(name, [])
        full = f"{parent}.{name}"
        if not isinstance(raw, list):
            hint = f"write [[{full}]], with two brackets on each side"
            self.fault((parent, name), f"[{parent}] {name} must be a list of tables", hint)
            return
        keys = self.tables[full].keys
        for number, each in enumerate(raw):
            if not isinstance(each, dict):
                message = f"[{parent}] {name} must be a list of tables"
                self.fault((parent, name, number), message, f"write [[{full}]]")
                continue
            values = self.checked(each, keys, (parent, name, number), f"[[{full}]] ")
            if all(key.name in values for key in keys if key.required):
                yield number, values

    def targets(self, scale: Scale | None) -> Iterator[NotifyTarget]:
        """Each target once. `scale` is the repository's; a user's own settings do not know it."""
        seen: set[str] = set()
        for number, values in self.list_of("notify"):
            name = values["name"]
            if name in seen:
                self.fault(("notify", number, "name"), f"two targets of [[notify]] are called {name}", at_value=True)
                continue
            seen.add(name)
            for word in values.get("severities", ()):
                if scale is not None and scale.find(word) is None:
                    message = f"[[notify]] severities has {shown(word)}, which is not on the scale"
                    hint = did_you_mean(word, scale.names)
                    self.fault(("notify", number, "severities"), message, hint, at_value=True)
            yield NotifyTarget(**values)

    def severities(self) -> list[Severity]:
        given = self.raw.get("severity")
        if given is None:
            return list(DEFAULT_SCALE)
        if isinstance(given, dict):
            return self.changed_scale(given)
        if not isinstance(given, list):
            self.fault(("severity",), "severity must be a list of tables", "write [[severity]] for each level")
            return list(DEFAULT_SCALE)
        found: list[Severity] = []
        for number, values in self.list_of("severity"):
            name = values["name"]
            if any(each.name.casefold() == name.casefold() for each in found):
                self.fault(("severity", number, "name"), f"the scale has {name} twice", at_value=True)
                continue
            standing = next((each for each in DEFAULT_SCALE if each.name == name), Severity(name))
            found.append(self.distinct(_level(standing, values), found, ("severity", number)))
        if not found:
            self.fault(("severity",), "the scale has no level; the standing one holds")
        return found or list(DEFAULT_SCALE)

    def changed_scale(self, given: Mapping[str, Any]) -> list[Severity]:
        keys = tuple(key._replace(required=False) for key in self.tables["severity"].keys if key.name != "name")
        changes: dict[str, dict[str, Any]] = {}
        for word, raw in given.items():
            severity = DEFAULT_SCALE.find(word)
            if not isinstance(raw, dict):
                hint = "write [severity.SEV1] to change a level, [[severity]] for a scale of your own"
                self.fault(("severity", word), f"[severity] must have a table for each level, not {_spelt(word)}", hint)
            elif severity is None:
                message = f"there is no standing severity {_spelt(word)}"
                self.fault(("severity", word), message, did_you_mean(word, DEFAULT_SCALE.names))
            else:
                changes[severity.name] = self.checked(raw, keys, ("severity", word), f"[severity.{_spelt(word)}] ")
        found: list[Severity] = []
        for each in DEFAULT_SCALE:
            found.append(self.distinct(_level(each, changes.get(each.name, {})), found, ("severity", each.name)))
        return found

    def distinct(self, severity: Severity, others: list[Severity], path: Path) -> Severity:
        """Without the aliases that another level answers to already."""
        taken = {word.casefold(): each.name for each in others for word in each.words}
        twice = [alias for alias in severity.aliases if alias.casefold() in taken]
        for alias in twice:
            self.fault((*path, "aliases"), f"{severity.name} and {taken[alias.casefold()]} have the alias {alias!r}")
        return severity._replace(aliases=tuple(alias for alias in severity.aliases if alias not in twice))

    def clocks(self, scale: Scale) -> tuple[Scale, tuple[ClockRule, ...]]:
        """The scale as clocks of standing names change it, and the clocks of the team's own."""
        own: list[ClockRule] = []
        for number, values in self.list_of("clock"):
            path, name = ("clock", number), values["name"]
            names = self.levels(scale, values.get("severity", ()), (*path, "severity"))
            if "severity" in values and not names:
                continue  # one for severities that there are not is none for all the others
            if "within" not in values:
                continue
            if name in STANDING:
                scale = self.changed_clock(scale, name, values, names, path)
            elif values["within"] is None:
                self.fault((*path, "within"), f"[[clock]] {name} is none of the standing ones", at_value=True)
            else:
                own.append(
                    ClockRule(
                        name=name,
                        within=values["within"],
                        words=values.get("words", ""),
                        severities=names,
                        tags=values.get("tag", ()),
                        since=values.get("from", "declared_at"),
                        hours=ResponseHours(values.get("hours", "always")),
                        done_by=DoneBy(values.get("done_by", "note")),
                    )
                )
        return scale, tuple(own)

    def levels(self, scale: Scale, words: tuple[str, ...], path: Path) -> tuple[str, ...]:
        """The names of the severities that these words mean; one that is not on the scale is a fault."""
        found: list[str] = []
        for word in words:
            level = scale.find(word)
            if level is None:
                hint = did_you_mean(word, scale.names) or f"it is one of {', '.join(scale.names)}"
                self.fault(path, f"there is no severity {shown(word)}", hint, at_value=True)
            else:
                found.append(level.name)
        return tuple(dict.fromkeys(found))

    def changed_clock(
        self, scale: Scale, name: str, values: Mapping[str, Any], names: tuple[str, ...], path: Path
    ) -> Scale:
        """The scale with another length of a standing clock: the figures and the linter go by it as well."""
        key = _KEY_OF_CLOCK.get(name)
        if key is None:
            hint = f"set `{name}` of the severity" if name in ("commander", "bridge") else "each item has its own day"
            self.fault(path, f"[[clock]] {name} is a standing clock without a length", hint)
            return scale
        for other in ("tag", "from", "done_by", "words", *(() if name == "response" else ("hours",))):
            if other in values:
                message = f"[[clock]] {name} is a standing clock, whose `{other}` cannot be changed"
                self.fault((*path, other), message, "give a clock of your own another name")
        within = values["within"]
        if within is not None and isinstance(within, int) is not (name == "postmortem"):
            meant = '"5 business days"' if name == "postmortem" else "a length of time, as 15m"
            self.fault((*path, "within"), f"[[clock]] {name} must have {meant}, not this", at_value=True)
            return scale
        changes: dict[str, Any] = {key: within}
        if name == "postmortem":
            changes["postmortem"] = within is not None
        if name == "response" and "hours" in values:
            changes["response_hours"] = ResponseHours(values["hours"])
        asks = "postmortem" if name == "postmortem" else key
        return Scale(
            tuple(
                each._replace(**changes)
                if (each.name in names if names else bool(getattr(each, asks))) and not each.ticket
                else each
                for each in scale
            )
        )

    def default_severity(self, top: Mapping[str, Any], scale: Scale) -> str:
        fallback = scale.find("SEV2") or scale.severities[min(1, len(scale.severities) - 1)]
        word: str | None = top.get("default_severity")
        if word is None:
            return fallback.name
        severity = scale.find(word)
        if severity is None:
            message = f"default_severity must be one of {', '.join(scale.names)}, not {word!r}"
            hint = did_you_mean(word, scale.names)
            self.fault(("default_severity",), message, hint, at_value=True)
        return (severity or fallback).name

    def people(self) -> Iterator[Person]:
        given = self.raw.get("people")
        for mail, raw in given.items() if isinstance(given, dict) else ():
            path = ("people", mail)
            if isinstance(raw, dict):
                values = self.checked(raw, PERSON_KEYS, path, f"[people] {_spelt(mail)} ")
                if "handle" in values:
                    yield Person(mail, **values)
                continue
            handle = handle_of(raw) if isinstance(raw, str) else None
            if handle is not None:
                yield Person(mail, handle)
            elif isinstance(raw, str) and "@" in raw[1:] and "@" not in mail:
                message = f"[people] gives a mail address its handle, not {_spelt(mail)} an address"
                self.fault(path, message, f"write {shown(raw)} = {shown(mail)}")
            else:
                message = f"[people] {_spelt(mail)} must be a handle, as ann, or a table, not {shown(raw)}"
                self.fault(path, message, at_value=True)

    def services(self, top: Mapping[str, Any], teams: tuple[Team, ...]) -> Iterator[Service]:
        seen: dict[str, str] = {}
        for path, values in (*self.plain_services(top), *self.service_tables()):
            service = Service(**values)
            if not service.name:
                self.fault(path, "a service must have a name", at_value=True)
                continue
            twice = [word for word in (service.name, *service.aliases) if word.casefold() in seen]
            if twice:
                self.fault(path, f"two services have the name {shown(twice[0])}", at_value=True)
                continue
            seen.update((word.casefold(), service.name) for word in (service.name, *service.aliases))
            names = [team.name for team in teams]
            if names and service.team is not None and service.team not in names:
                hint = did_you_mean(service.team, names)
                self.fault((*path, "team"), f"there is no [[team]] {shown(service.team)}", hint, at_value=True)
                service = service._replace(team=None)
            yield service

    def plain_services(self, top: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
        keys = self.tables["service"].keys
        for number, raw in enumerate(top.get("services", ())):
            given = raw if isinstance(raw, dict) else {"name": raw}
            path = ("services", number)
            before = len(self.faults)
            values = self.checked(given, keys, path, "services ")
            if raw is not given:  # a bare name has no key of its own to point to
                self.faults[before:] = [fault._replace(path=path) for fault in self.faults[before:]]
            if "name" in values:
                yield path, values

    def service_tables(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        for number, values in self.list_of("service"):
            yield ("service", number), values

    def calendar(self, zone: str | None) -> Calendar:
        values = self.values("calendar")
        standing = Calendar()
        opens, closes = values.get("from", standing.opens), values.get("to", standing.closes)
        if closes <= opens and closes != closes.min:
            key = "to" if "to" in values else "from"
            message = f"[calendar] the day of work must end after it begins: {opens:%H:%M} to {closes:%H:%M}"
            self.fault(("calendar", key), message, at_value=True)
            opens, closes = standing.opens, standing.closes
        return Calendar(
            days=values.get("days", standing.days),
            opens=opens,
            closes=closes,
            zone=values.get("zone", zone or standing.zone),
            holidays=values.get("holidays", standing.holidays),
        )


def _level(standing: Severity, values: dict[str, Any]) -> Severity:
    if "response_hours" in values:
        values["response_hours"] = ResponseHours(values["response_hours"])
    if "commander" in values:
        values["commander"] = CommanderRule(values["commander"])
    return standing._replace(**values)


def _spelt(name: str) -> str:
    """A key inside a message: as it is where it is an ordinary word, else in quotes."""
    short = name if len(name) <= 40 else name[:39] + "…"
    return short if re.fullmatch(r"[\w-]+…?", short) else repr(short)
