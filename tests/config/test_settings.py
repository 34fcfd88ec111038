"""Settings from text: what is read, what holds by default, and how a mistake is named."""

import re
import subprocess
import sys
import tomllib
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.config.keys import PERSON_KEYS, TABLES, Shape, Where
from incidentctl.config.lint_settings import CustomRule, LintSettings, Override, PathOverride
from incidentctl.config.parse import parse_settings
from incidentctl.config.settings import (
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
    StatusPageSettings,
    StoreSettings,
    SyncSettings,
    Team,
    UserSettings,
    merge_settings,
)
from incidentctl.incident.calendar import Calendar
from incidentctl.incident.clocks import ClockRule, DoneBy, standing_rule
from incidentctl.incident.policy import DEFAULT_SCALE, CommanderRule, ResponseHours, Severity

EVERYTHING = """\
default_severity = "sev1"
services = ["search", { name = "checkout", team = "payments", owners = ["@ann", "bob"], aliases = ["shop"] }]

[store]
branch = "refs/heads/incidents"
folder = "./ops//record/"
lock_timeout = "2m"

[commit]
subject = "incident({severity}): {event} [{id}]"
hooks = "never"
hook_timeout = 1.5

[time]
zone = "Europe/Berlin"

[people]
"ann@example.org" = "@ann"
"bob@example.org" = { handle = "bob", name = "Bob Roe" }
"bot@example.org" = { handle = "deploybot", agent = true }

[[service]]
name = "mail"

[[team]]
name = "payments"
members = ["ann", "@bob"]

[roles]
extra = ["scribe", "Customer-Liaison"]

[severity.SEV1]
update_every = "20m"
management = "none"

[severity.SEV3]
response_hours = "always"

[calendar]
days = ["mon", "Tuesday", "sat"]
from = "08:30"
to = "24:00"
holidays = [2026-12-25, "2027-01-01"]

[bridge]
url = "https://meet.example.org/sev1"

[channel]
prefix = "#inc-"

[sync]
auto = false
timeout = 30

[policy]
close_requires_postmortem = false
signed_commits = true

[lint]
select = ["STR", "act001, ACT002"]
extend_select = ["bare-link"]
ignore = ["thin-section"]
preview = true
level = "info"
fail_level = "warning"
blame = "error"
default_status = "in_review"
since = 2026-01-01
baseline = "./lint/baseline.json"
include = ["./postmortems/**"]
exclude = ["drafts"]
required = ["summary", "root_cause"]

[lint.severity]
STR009 = "off"
no-owner = "error"

[lint.aliases]
"What broke?" = "impact"

[lint.labels]
"Written down by" = "author"

[lint.status.draft]
ignore = ["ACT"]
severity = { STR001 = "info" }

[[lint.path]]
paths = ["2019/**"]
extend_select = ["BLM"]

[lint.path.severity]
BLM = "info"

[[lint.path]]
paths = ["2020"]

[[lint.custom]]
code = "x001"
pattern = '(?i)\\bsoon\\b'
message = "{match} is no date"
section = "action_items"

[[lint.custom]]
code = "X002"
name = "no-hero"
pattern = "hero"
message = "thank them elsewhere"
severity = "info"
applies = "both"

[[clock]]
name = "privacy"
words = "authority told"
severity = ["SEV1", "2"]
tag = "personal_data"
from = "detected_at"
within = "72h"
hours = "business"
done_by = "public"

[report]
fiscal_year_start = 4

[import]
source = "pager"
zone = "Europe/Berlin"
date_format = "%d/%m/%Y %H:%M"
encoding = "cp1252"
delimiter = ";"

[import.columns]
title = "Summary"

[import.severities]
"Blocker" = "SEV1"

[import.statuses]
"Done" = "closed"
"No problem" = "false_alarm"

[alerts]
severity_labels = ["grave"]
service_labels = ["service", "team_service"]

[alerts.severities]
page = "SEV1"

[[alert]]
name = "probe"
id = "check.id"
title = "check.title"
when = "check"
description = "check.words"
severity = "check.grave"
service = "check.on"
status = "check.state"
ended = ["up"]
detected_at = "check.at"
started_at = "check.from"
ended_at = "check.to"
url = "links.self"
runbook = "links.runbook"
dashboard = "links.dashboard"
zone = "UTC"

[[notify]]
name = "ops"
events = ["opened", "updated"]
audience = "management"
severities = ["P1"]
services = ["checkout"]
drills = true
url_env = "INCIDENTCTL_NOTIFY_CHAT"

[[notify]]
name = "on-call"

[status_page]
title = "Example"
url = "https://status.example.org/"
subscribe = "mailto:status@example.org"
days = 30
zone = "Europe/Berlin"
private_tags = ["confidential", "security"]

[[status_page.service]]
name = "checkout"
title = "Checkout"
group = "Shop"

[[status_page.service]]
name = "search"
"""


def settings_of(text):
    settings, problems = parse_settings(text, file_name="incidentctl.toml")
    assert problems == ()
    return settings


def problems_of(text, kind="repository"):
    _, problems = parse_settings(text, file_name="incidentctl.toml", kind=kind)
    return [
        f"{problem.line}:{problem.column} {problem.message}" + (f" / {problem.hint}" if problem.hint else "")
        for problem in problems
    ]


def problem_of(text, kind="repository"):
    found = problems_of(text, kind)
    assert len(found) == 1, found
    return found[0]


class TestReading:
    @pytest.mark.parametrize("text", ["", "\n \n", "# nothing but a comment\n", "\ufeff"])
    def test_a_file_without_settings_leaves_all_defaults(self, text):
        assert settings_of(text) == Settings()

    def test_every_key_is_read(self):
        settings = settings_of(EVERYTHING)
        sev1, sev2, sev3, _ = settings.scale
        assert settings.store == StoreSettings("incidents", "ops/record", 120.0)
        assert settings.commit == CommitSettings("incident({severity}): {event} [{id}]", HookRule.NEVER, 1.5)
        assert settings.zone == "Europe/Berlin"
        assert settings.default_severity == "SEV1"
        assert settings.people == (
            Person("ann@example.org", "ann"),
            Person("bob@example.org", "bob", "Bob Roe"),
            Person("bot@example.org", "deploybot", agent=True),
        )
        assert settings.services == (
            Service("search"),
            Service("checkout", "payments", ("ann", "bob"), ("shop",)),
            Service("mail"),
        )
        assert settings.teams == (Team("payments", ("ann", "bob")),)
        assert settings.extra_roles == ("scribe", "customer-liaison")
        assert (sev1.update_every, sev1.management) == (timedelta(minutes=20), None)
        assert (sev1.status_page, sev1.commander) == (timedelta(minutes=15), CommanderRule.REQUIRED)
        assert sev2 == DEFAULT_SCALE.severities[1]
        assert sev3.response_hours is ResponseHours.ALWAYS
        assert settings.calendar == Calendar(
            days=frozenset({0, 1, 5}),
            opens=time(8, 30),
            closes=time(0),
            zone="Europe/Berlin",
            holidays=frozenset({date(2026, 12, 25), date(2027, 1, 1)}),
        )
        assert settings.bridge_url == "https://meet.example.org/sev1"
        assert settings.channel_prefix == "inc-"
        assert settings.sync == SyncSettings(auto=False, timeout=30.0)
        assert settings.report == ReportSettings(fiscal_year_start=4)
        assert settings.clocks == (
            ClockRule(
                "privacy",
                timedelta(hours=72),
                "authority told",
                ("SEV1", "SEV2"),
                ("personal_data",),
                "detected_at",
                ResponseHours.BUSINESS,
                DoneBy.PUBLIC,
            ),
        )
        assert settings.policy == PolicySettings(close_requires_postmortem=False, signed_commits=True)
        assert settings.notify == (
            NotifyTarget(
                "ops",
                events=("opened", "updated"),
                audience="management",
                severities=("P1",),
                services=("checkout",),
                drills=True,
                url_env="INCIDENTCTL_NOTIFY_CHAT",
            ),
            NotifyTarget("on-call"),
        )
        assert settings.notify[1].variable == "INCIDENTCTL_NOTIFY_ON_CALL"
        assert settings.imports == ImportSettings(
            columns={"title": "Summary"},
            source="pager",
            zone="Europe/Berlin",
            date_format="%d/%m/%Y %H:%M",
            encoding="cp1252",
            delimiter=";",
            severities={"Blocker": "SEV1"},
            statuses={"Done": "closed", "No problem": "false_alarm"},
        )
        assert settings.status_page == StatusPageSettings(
            title="Example",
            url="https://status.example.org",
            subscribe="mailto:status@example.org",
            days=30,
            zone="Europe/Berlin",
            private_tags=("confidential", "security"),
            services=(PageService("checkout", "Checkout", "Shop"), PageService("search")),
        )
        assert settings.lint == LintSettings(
            select=("STR", "act001", "ACT002"),
            extend_select=("bare-link",),
            ignore=("thin-section",),
            preview=True,
            level="info",
            fail_level="warning",
            blame="error",
            default_status="in_review",
            since=date(2026, 1, 1),
            baseline="lint/baseline.json",
            include=("postmortems/**",),
            exclude=("drafts",),
            required=("summary", "root_cause"),
            severity={"STR009": "off", "no-owner": "error"},
            aliases={"What broke?": "impact"},
            labels={"Written down by": "author"},
            status={"draft": Override(ignore=("ACT",), severity={"STR001": "info"})},
            path=(
                PathOverride(paths=("2019/**",), extend_select=("BLM",), severity={"BLM": "info"}),
                PathOverride(paths=("2020",)),
            ),
            custom=(
                CustomRule("X001", r"(?i)\bsoon\b", "{match} is no date", "custom-x001", "action_items"),
                CustomRule("X002", "hero", "thank them elsewhere", "no-hero", None, "info", "both"),
            ),
        )

    def test_a_file_with_crlf_and_a_byte_order_mark_is_read_the_same(self):
        assert settings_of("\ufeff" + EVERYTHING.replace("\n", "\r\n")) == settings_of(EVERYTHING)

    def test_the_table_of_keys_and_the_dataclasses_have_the_same_defaults(self):
        lines = []
        for table in TABLES:
            if table.where & Where.REPOSITORY and table.shape in (Shape.TOP, Shape.TABLE):
                lines += [f"[{table.name}]"] * bool(table.name)
                lines += [f"{key.name} = {key.default}" for key in table.keys if key.default]
        assert settings_of("\n".join(lines)) == Settings()

    def test_each_key_of_the_table_is_a_field_of_its_record(self):
        records = {
            "store": StoreSettings._fields,
            "commit": CommitSettings._fields,
            "sync": SyncSettings._fields,
            "policy": PolicySettings._fields,
            "service": Service._fields,
            "team": Team._fields,
            "severity": Severity._fields,
            "status_page.service": PageService._fields,
            "lint.status": Override.__struct_fields__,
        }
        keys = {table.name: tuple(key.name for key in table.keys) for table in TABLES}
        assert records == {name: keys[name] for name in records}
        assert Person._fields == ("mail", *(key.name for key in PERSON_KEYS))
        assert {*StatusPageSettings._fields} == {*keys["status_page"], "services"}
        assert {*LintSettings.__struct_fields__} == {*keys["lint"], "status", "path", "custom"}
        assert {*PathOverride.__struct_fields__} == {*keys["lint.path"]}
        assert {*CustomRule.__struct_fields__} == {*keys["lint.custom"]}

    def test_each_example_in_the_table_is_read_without_a_problem(self):
        for table in TABLES:
            team = '\n[[team]]\nname = "payments"' if table.name == "service" else ""
            settings_of(table.example + team)

    def test_the_calendar_has_the_files_zone_else_utc(self):
        assert settings_of("").calendar.zone == "UTC"
        assert settings_of('time.zone = "Asia/Tokyo"').calendar.zone == "Asia/Tokyo"
        assert settings_of('time.zone = "Asia/Tokyo"\ncalendar.zone = "UTC"').calendar.zone == "UTC"


class TestTheScale:
    def test_a_list_of_levels_takes_the_place_of_the_standing_scale(self):
        settings = settings_of(
            '[[severity]]\nname = "S1"\naliases = ["1", "red alert"]\nresponse = "5m"\npostmortem = true\n'
            'postmortem_within = "3 business days"\n[[severity]]\nname = "S2"\n[[severity]]\nname = "S3"\nticket = true\n'
        )
        assert settings.scale.names == ("S1", "S2", "S3")
        assert settings.scale.find("red alert").response == timedelta(minutes=5)
        assert settings.scale.find("1").postmortem_within == 3
        assert settings.default_severity == "S2"

    def test_a_level_named_as_a_standing_one_keeps_what_is_not_given(self):
        settings = settings_of('[[severity]]\nname = "SEV1"\nupdate_every = "15m"\n[[severity]]\nname = "SEV9"\n')
        sev1, sev9 = settings.scale
        assert (sev1.update_every, sev1.response, sev1.bridge) == (timedelta(minutes=15), timedelta(minutes=15), True)
        assert (sev9.update_every, sev9.response, sev9.bridge) == (None, None, False)

    def test_a_scale_of_one_level_has_it_as_its_default(self):
        assert settings_of('[[severity]]\nname = "OUTAGE"\n').default_severity == "OUTAGE"

    @pytest.mark.parametrize(
        "name", ["1SEV", "SEV 1", "SEV:1", "SEV,1", "A→B", "*SEV*", "@sev", "", "SEV1\\n", "Größe"]
    )
    def test_a_name_that_the_record_cannot_hold_is_refused(self, name):
        assert (
            "[[severity]] name must be a word that begins with a letter"
            in problems_of(f'[[severity]]\nname = "{name}"')[-1]
        )

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (
                '[[severity]]\nname = "SEV1"\n[[severity]]\nname = "sev1"',
                "4:8 the scale has sev1 twice",
            ),
            (
                '[[severity]]\nname = "A"\naliases = ["x"]\n[[severity]]\nname = "B"\naliases = ["y", "X"]',
                "6:1 B and A have the alias 'X'",
            ),
            ("severity = []", "1:1 the scale has no level; the standing one holds"),
            ("severity = 3", "1:1 severity must be a list of tables / write [[severity]] for each level"),
            ('[[severity]]\ntitle = "bad"\n[[severity]]\nname = "A"', "1:1 [[severity]] has no name"),
            (
                '[severity]\nname = "SEV1"',
                "2:1 [severity] must have a table for each level, not name"
                " / write [severity.SEV1] to change a level, [[severity]] for a scale of your own",
            ),
            ("[severity.SEV11]", "1:1 there is no standing severity SEV11 / did you mean 'SEV1'?"),
            (
                '[severity.SEV1]\nupdate = "5m"',
                "2:1 there is no key [severity.SEV1] update / did you mean 'update_every'?",
            ),
            (
                "[severity.SEV1]\nupdate_every = 5",
                '2:16 [severity.SEV1] update_every must be a length of time, as 15m, 4h or 1h30m, or "none", not 5'
                ' / write "5m" for minutes',
            ),
            (
                'default_severity = "SEV5"',
                "1:20 default_severity must be one of SEV1, SEV2, SEV3, SEV4, not 'SEV5' / did you mean 'SEV",
            ),
        ],
    )
    def test_a_mistake_in_the_scale_is_named(self, text, problem):
        assert problem_of(text).startswith(problem)


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[store]\nbranhc = 'main'", "2:1 there is no key [store] branhc / did you mean 'branch'?"),
            ("[sotre]\nbranch = 'main'", "1:1 there is no table [sotre] / did you mean 'store'?"),
            ("default_sevrity = 'SEV1'", "1:1 there is no key default_sevrity / did you mean 'default_severity'?"),
            ("\nbranch = 'main'", "2:1 there is no key branch / branch belongs in [store]"),
            (
                "[store]\nservices = ['a']",
                "2:1 there is no key [store] services / services belongs above the first table",
            ),
            ("[store]\nzone = 'UTC'", "2:1 there is no key [store] zone / zone belongs in [time]"),
            ("[store]\nxyzzy = 1", "2:1 there is no key [store] xyzzy"),
            ('["odd \\u001b key"]', "1:1 there is no table ['odd \\x1b key']"),
            ("store = 'main'", "1:1 store must be a table / write [store] on a line of its own"),
            (
                "[service]\nname = 'a'",
                "1:1 service must be a list of tables / write [[service]], with two brackets on each side",
            ),
            ("team = ['a']", "1:9 team must be a list of tables / write [[team]]"),
            ("[store]\nbranch = 'a b'", "2:10 [store] branch must be the name of a git branch, not 'a b'"),
            ("[store]\nbranch = '-x'", "2:10 [store] branch must be the name of a git branch, not '-x'"),
            ("[store]\nfolder = '../x'", "2:10 [store] folder must be a folder inside the repository, not '../x'"),
            ("[store]\nlock_timeout = -1", "2:16 [store] lock_timeout must be from 0 seconds to a day, not -1"),
            ("[store]\nlock_timeout = nan", "2:16 [store] lock_timeout must be from 0 seconds to a day, not nan"),
            (
                "[store]\nlock_timeout = 'soon'",
                "2:16 [store] lock_timeout must be a number of seconds, or a length of time, as 2m, not 'soon'",
            ),
            (
                "[commit]\nhooks = 'sometimes'",
                "2:9 [commit] hooks must be one of auto, always, never, not 'sometimes'",
            ),
            (
                "[commit]\nhooks = 'nevr'",
                "2:9 [commit] hooks must be one of auto, always, never, not 'nevr' / did you mean 'never'?",
            ),
            (
                "[commit]\nsubject = 'x'",
                "2:11 [commit] subject must have {event} in it, so that the history can be read",
            ),
            (
                "[commit]\nsubject = '{slog}: {event}'",
                "2:11 [commit] subject has {slog}, which is not one of {slug}, {event}, {id}, {severity} / did you mean 'slug'?",
            ),
            (
                "[commit]\nsubject = '{event.__class__} {event}'",
                "2:11 [commit] subject has {event.__class__}, which is not one of",
            ),
            (
                "[time]\nzone = 'Europe/Berln'",
                "2:8 [time] zone names no time zone: 'Europe/Berln' / did you mean Europe/Berlin?",
            ),
            ("[time]\nzone = 2", "2:8 [time] zone must be a time zone, as Europe/Berlin, UTC or +02:00, not 2"),
            (
                "[people]\n'ann@example.org' = 3",
                "2:21 [people] 'ann@example.org' must be a handle, as ann, or a table, not 3",
            ),
            (
                "[people]\nann = 'ann@example.org'",
                "2:1 [people] gives a mail address its handle, not ann an address / write 'ann@example.org' = 'ann'",
            ),
            ("[people]\n'a@b' = { name = 'A' }", "2:1 [people] 'a@b' has no handle"),
            (
                "[people]\n'a@b' = { handle = 'a b' }",
                "2:20 [people] 'a@b' handle must be a handle, as ann, not 'a b'",
            ),
            (
                "[people]\n'a@b' = { handle = 'a', agent = 'yes' }",
                "2:33 [people] 'a@b' agent must be true or false, not 'yes' / write true, without quotes",
            ),
            (
                "services = 'a'",
                "1:12 services must be a list of names, or of tables as [[service]] has them, not 'a'"
                " / write it in square brackets",
            ),
            ("services = ['a', 3]", "1:18 services name must be one line of text, not 3"),
            ("services = ['a', '']", "1:18 services name must not be empty"),
            ("services = ['a', 'A']", "1:18 two services have the name 'A'"),
            (
                "services = ['a', { name = 'b', onwers = [] }]",
                "1:32 there is no key services onwers / did you mean 'owners'?",
            ),
            (
                "[[service]]\nname = 'a'\nteam = 'x'\n[[team]]\nname = 'xy'",
                "3:8 there is no [[team]] 'x' / did you mean 'xy'?",
            ),
            ("[[team]]\nmembers = ['a']", "1:1 [[team]] has no name"),
            (
                "[roles]\nextra = 'scribe'",
                "2:9 [roles] extra must be a list of words, as [\"scribe\"], not 'scribe'"
                " / write it in square brackets",
            ),
            ("[roles]\nextra = ['ic']", "2:9 [roles] extra has ic, which is there without it"),
            (
                "[calendar]\ndays = ['monnday']",
                '2:8 [calendar] days must be a list of weekdays, as ["mon", "tue"], not \'monnday\''
                " / did you mean 'monday'?",
            ),
            ("[calendar]\ndays = []", "2:8 [calendar] days must name a day at least"),
            ("[calendar]\nfrom = '9'", "2:8 [calendar] from must be a time of day, as 09:00, not '9'"),
            ("[calendar]\nto = '24:01'", "2:6 [calendar] to must be a time of day, as 09:00, not '24:01'"),
            ("[calendar]\nto = '08:00'", "2:6 [calendar] the day of work must end after it begins: 09:00 to 08:00"),
            (
                "[calendar]\nholidays = ['2026-02-30']",
                "2:12 [calendar] holidays must be a list of dates, as [2026-12-25], not '2026-02-30'",
            ),
            (
                "[calendar]\nholidays = [2026-12-25T00:00:00]",
                "2:12 [calendar] holidays must be a list of dates, as [2026-12-25], not 2026-12-25 00:00:00",
            ),
            (
                "[bridge]\nurl = 'meet.example.org/x'",
                "2:7 [bridge] url must be an address, as https://meet.example.org/sev1, not 'meet.example.org/x'"
                " / did you mean https://meet.example.org/x?",
            ),
            (
                "[bridge]\nurl = 'javascript:alert(1)'",
                "2:7 [bridge] url must be an address that can be called, not javascript:",
            ),
            (
                "[channel]\nprefix = 'a b'",
                "2:10 [channel] prefix must be letters, digits, - and _, as incident-, not 'a b'",
            ),
            (
                "[sync]\nauto = 'off'",
                "2:8 [sync] auto must be true or false, not 'off' / write false, without quotes",
            ),
            (
                "[sync]\ntimeout = 0x" + "f" * 5000,
                "2:11 [sync] timeout must be from 0 seconds to a day, not so large a number",
            ),
        ],
    )
    def test_a_wrong_key_or_value_is_named_with_its_place_and_what_was_meant(self, text, problem):
        assert problem_of(text).startswith(problem)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[lint]\nfail-level = 'error'", "2:1 there is no key [lint] fail-level / did you mean 'fail_level'?"),
            ("[lint]\nlevel = 'eror'", "2:9 [lint] level must be one of error, warning, info, not 'eror' / did you mean 'error'?"),
            ("[lint]\nselect = 'STR'", "2:10 [lint] select must be a list of rules by code, family or name, as "
             "[\"STR009\", \"BLM\", \"no-owner\"], not 'STR' / write it in square brackets"),
            ("[lint]\nignore = ['STR 009']",
             "2:10 [lint] ignore has 'STR 009', which names no rule / write it as STR009, STR or thin-section"),
            ("[lint.severity]\nSTR001 = 'info'\nSTR009 = 'of'",
             "3:1 [lint] severity 'STR009' must be one of error, warning, info, off, not 'of' / did you mean 'off'?"),
            ("[lint]\nseverity = 'off'",
             "2:12 [lint] severity must be a table from rules to severities, as { STR009 = \"off\" }, not 'off'"),
            ("[lint.aliases]\n'What broke' = 'imapct'",
             "2:1 [lint] aliases has 'imapct', which is none of its words / did you mean 'impact'?"),
            ("[lint]\nrequired = ['sumary']", "2:12 [lint] required has 'sumary', which is none of its words / did you mean 'summary'?"),
            ("[lint]\nbaseline = '../x.json'", "2:12 [lint] baseline must be the path of a file inside the repository, not '../x.json'"),
            ("[lint]\nsince = 2026", "2:9 [lint] since must be a date, as 2026-05-14, not 2026"),
            ("[lint.status.darft]\nignore = []", "1:1 there is no status darft / did you mean 'draft'?"),
            ("[lint.status.draft]\nselect = []", "2:1 there is no key [lint.status.draft] select / select belongs in [lint]"),
            ("[[lint.path]]\nignore = ['STR']", "1:1 [[lint.path]] has no paths"),
            ("[lint.path]\npaths = ['x']",
             "1:1 [lint] path must be a list of tables / write [[lint.path]], with two brackets on each side"),
            ("[[lint.path]]\npaths = ['../x']", "2:9 [[lint.path]] paths must have patterns of paths inside the repository, not '../x'"),
            ("[[lint.custom]]\ncode = 'STR001'\npattern = 'x'\nmessage = 'y'",
             "2:8 [[lint.custom]] code must be a code of your own: X and three digits, as X001, not 'STR001'"),
            ("[[lint.custom]]\ncode = 'X001'\npattern = 'x'\nmessage = 'y'\n[[lint.custom]]\ncode = 'x001'\npattern = 'z'\nmessage = 'y'",
             "5:1 two rules of [[lint.custom]] are called X001"),
        ],
    )  # fmt: skip
    def test_a_mistake_in_what_is_set_for_the_linter_is_named_and_the_rest_holds(self, text, problem):
        assert problem_of(f"{text}\n[store]\nbranch = 'x'") == problem
        assert parse_settings(f"{text}\n[store]\nbranch = 'x'", file_name="x")[0].store.branch == "x"

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (
                "[status_page]\nurl = 'status.example.org'",
                "2:7 [status_page] url must be an address on the web, as https://status.example.org, not 'status.example.org'"
                " / did you mean https://status.example.org?",
            ),
            (
                "[status_page]\nurl = 'https://user:word@example.org/'",
                "2:7 [status_page] url must be an address on the web, as https://status.example.org, "
                "not 'https://user:word@example.org/'",
            ),
            ("[status_page]\nsubscribe = 'javascript:x'",
             "2:13 [status_page] subscribe must be an address that can be called, not javascript:"),
            ("[status_page]\ndays = 0", "2:8 [status_page] days must be from 1 day to 3660 days, not 0"),
            ("[status_page]\ndays = '90'", "2:8 [status_page] days must be a number of days, as 90, not '90'"),
            ("[status_page]\ntitel = 'x'", "2:1 there is no key [status_page] titel / did you mean 'title'?"),
            (
                "[status_page.service]\nname = 'x'",
                "1:1 [status_page] service must be a list of tables / write [[status_page.service]], with two brackets on each side",
            ),
            ("[status_page]\nservice = ['x']", "2:12 [status_page] service must be a list of tables / write [[status_page.service]]"),
            ("[[status_page.service]]\ntitle = 'X'", "1:1 [[status_page.service]] has no name"),
            (
                "[[status_page.service]]\nname = 'x'\n[[status_page.service]]\nname = 'X'",
                "4:8 [[status_page.service]] names 'X' twice",
            ),
        ],
    )  # fmt: skip
    def test_a_mistake_in_what_is_set_for_the_status_page_is_named(self, text, problem):
        assert problem_of(text) == problem

    def test_a_wrong_entry_of_a_table_takes_none_of_the_others_with_it(self):
        settings, _ = parse_settings("[lint.severity]\nSTR001 = 'info'\nSTR009 = 'of'", file_name="x")
        assert settings.lint.severity == {"STR001": "info"}

    def test_a_wrong_value_leaves_its_default_and_the_rest_as_it_is_written(self):
        settings, problems = parse_settings("[store]\nfolder = 7\nlock_timeout = 5", file_name="incidentctl.toml")
        assert settings.store == StoreSettings(lock_timeout=5.0)
        assert len(problems) == 1

    def test_problems_come_in_the_order_of_their_lines_and_name_the_file(self):
        _, problems = parse_settings("x = 1\n[store]\ny = 1\n[commit]\nhooks = 1", file_name="ops/incidentctl.toml")
        assert [problem.line for problem in problems] == [1, 3, 5]
        assert str(problems[1]) == "ops/incidentctl.toml:3:1: there is no key [store] y"
        assert str(problems[2]) == "ops/incidentctl.toml:5:9: [commit] hooks must be one of auto, always, never, not 1"

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[store]\nbranch = main", "2:[0-9]+ is not TOML: .*; all defaults hold"),
            ("[store\n", "1:[0-9]+ is not TOML: .*; all defaults hold"),
            ("a = 1\na = 2", "2:[0-9]+ is not TOML: .*; all defaults hold / the key is there twice"),
            ("a = 1\na = 2\nb = 3", "2:[0-9]+ is not TOML: .*; all defaults hold / the key is there twice"),
            (
                "[people]\nann@example.org = 'ann'",
                "2:[0-9]+ is not TOML: .*; all defaults hold / a key with an @ in it stands in quotes",
            ),
            ("a = [1,\n2", "2:[0-9]+ is not TOML: .*; all defaults hold"),
            ("a = " + "[" * 100_000, "1:1 is not TOML: it is nested too deeply; all defaults hold"),
            ("<<<<<<< HEAD\na = 1\n", "1:1 is not TOML: .*; all defaults hold"),
            ("# " + "x" * 1_000_000, "1:1 the file is larger than a megabyte; all defaults hold"),
        ],
    )
    def test_a_file_that_is_not_toml_leaves_all_defaults_and_one_problem(self, text, problem):
        settings, _ = parse_settings(text, file_name="incidentctl.toml")
        assert settings == Settings()
        assert re.fullmatch(problem, problem_of(text))

    @given(st.text(max_size=80))
    def test_no_text_is_an_error(self, text):
        parse_settings(text, file_name="incidentctl.toml")
        parse_settings(text, file_name="config.toml", kind="user")

    @given(st.data())
    def test_any_value_for_any_key_is_read_or_becomes_a_problem_that_can_be_printed(self, data):
        table = data.draw(st.sampled_from(TABLES))
        key = data.draw(st.sampled_from([key.name for key in table.keys] or ["x"]))
        value = data.draw(VALUES)
        heads = {Shape.TOP: "", Shape.LIST: f"[[{table.name}]]\n", Shape.STATUSES: f"[{table.name}.draft]\n"}
        head = heads.get(table.shape, f"[{table.name}]\n")
        settings, problems = parse_settings(f"{head}{key} = {value}\n", file_name="incidentctl.toml")
        assert isinstance(settings, Settings)
        for problem in problems:
            assert str(problem).isprintable()
            assert problem.line in (1, 2)


VALUES = st.sampled_from(
    [
        *("1", "-1", "0.5", "inf", "true", '"x"', '""', '"a\\u001bb"', '"a\\nb"', "[]", "[1]", '["a"]', '[["a"]]', "{}", '{ a = 1 }'),
        *("2026-05-14", "09:00:00", "2026-05-14T10:00:00Z", '"09:00"', '"15m"', '"none"', '"UTC"', '"main"', '{ name = "x" }'),
        *('[{ name = "x" }]', '[{ handle = "x" }]', '"{event}"', '"/"', '"SEV1"', '["mon"]', "[2026-05-14]", '"https://x.example"'),
    ]
)  # fmt: skip


class TestTheUsersOwn:
    def test_it_has_its_own_keys(self):
        text = '\nrepository = "~/incidents"\n[time]\nzone = "UTC"\n[sync]\nauto = true\n'
        text += '[hooks]\nopened = "page"\nresolved = ["a", "b"]\ndrills = true\n[[notify]]\nname = "ops"\nurl = "slack://x"'
        settings, problems = parse_settings(text, file_name="config.toml", kind="user")
        assert problems == ()
        assert settings == UserSettings(
            repository="~/incidents",
            zone="UTC",
            sync_auto=True,
            notify=(NotifyTarget("ops", url="slack://x"),),
            hooks=HookCommands({"opened": "page", "resolved": ("a", "b")}, drills=True),
        )

    def test_its_targets_are_laid_over_the_repositorys_of_the_same_name(self):
        team = Settings(notify=(NotifyTarget("ops", audience="public", drills=True), NotifyTarget("board")))
        mine = UserSettings(notify=(NotifyTarget("mine"), NotifyTarget("ops", audience="internal", url="slack://x")))
        assert merge_settings(team, mine).notify == (
            NotifyTarget("ops", audience="internal", drills=True, url="slack://x"),
            NotifyTarget("board"),
            NotifyTarget("mine"),
        )

    def test_an_update_is_called_so_as_well(self):
        assert settings_of("[[notify]]\nname = 'ops'\nevents = ['update', 'Severity-changed']").notify == (
            NotifyTarget("ops", events=("updated", "severity_changed")),
        )

    def test_two_targets_of_one_name_and_a_severity_that_is_none_are_named(self):
        text = "[[notify]]\nname = 'ops'\nseverities = ['bad']\n[[notify]]\nname = 'ops'"
        assert problems_of(text) == [
            "3:14 [[notify]] severities has 'bad', which is not on the scale",
            "5:8 two targets of [[notify]] are called ops",
        ]

    @pytest.mark.parametrize("text", ["", "# nothing"])
    def test_without_keys_it_leaves_all_to_the_repository(self, text):
        assert parse_settings(text, file_name="config.toml", kind="user") == (UserSettings(), ())

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[store]\nbranch = 'x'", "1:1 [store] belongs in the repository's own settings"),
            ("default_severity = 'SEV1'", "1:1 default_severity belongs in the repository's own settings"),
            ("repositry = 'x'", "1:1 there is no key repositry / did you mean 'repository'?"),
            ("repository = 3", "1:14 repository must be the path of a folder, not 3"),
        ],
    )
    def test_a_key_of_the_repository_is_said_to_belong_there(self, text, problem):
        assert problem_of(text, "user").startswith(problem)

    @pytest.mark.parametrize("text", ["[hooks]\nopened = 'x'", "repository = '~/x'"])
    def test_what_is_the_users_alone_is_refused_in_a_repository(self, text):
        assert "belongs in your own settings: those of a repository never say what runs" in problem_of(text)

    def test_the_users_zone_and_sharing_come_before_the_repositorys(self):
        repository = settings_of('time.zone = "Asia/Tokyo"\n[sync]\nauto = true\ntimeout = 5')
        assert merge_settings(repository, UserSettings()) == repository
        merged = merge_settings(repository, UserSettings(zone="UTC", sync_auto=False, sync_timeout=9.0))
        assert (merged.zone, merged.sync) == ("UTC", SyncSettings(auto=False, timeout=9.0))
        assert merged.calendar.zone == "Asia/Tokyo"


class TestAnswers:
    settings = Settings(
        people=(Person("Ann@Example.org", "ann"), Person("bot@example.org", "deploybot", agent=True)),
        services=(Service("checkout", aliases=("shop",)),),
    )

    @pytest.mark.parametrize(
        ("mail", "handle"),
        [
            ("ann@example.org", "ann"),
            ("carol@example.org", "carol"),
            ("c.doe+work@example.org", "c.doe+work"),
            ("weird name!@example.org", "weird-name"),
            ("@example.org", "unknown"),
            ("nobody", "nobody"),
        ],
    )
    def test_a_mail_has_its_handle_else_its_local_part(self, mail, handle):
        assert self.settings.person_of_mail(mail).handle == handle

    def test_an_agent_is_known_by_its_mail_and_by_its_handle(self):
        assert self.settings.person_of_mail("bot@example.org").agent
        assert self.settings.person("@DeployBot") is self.settings.people[1]
        assert self.settings.person("carol") is None

    def test_a_service_answers_to_its_aliases_and_an_unlisted_one_is_not_known(self):
        assert self.settings.service("Shop") is self.settings.services[0]
        assert self.settings.knows_service("checkout")
        assert not self.settings.knows_service("chekout")

    def test_where_no_services_are_listed_any_is_known(self):
        assert Settings().knows_service("anything")

    def test_the_subject_of_a_commit_leaves_what_people_wrote_alone(self):
        commit = CommitSettings("{slug}: {event} {other}")
        assert commit.subject_line(slug="a-b", event="noted {slug} {0}") == "a-b: noted {slug} {0} {other}"


def test_commands_that_write_load_neither_pydantic_nor_what_they_do_not_use():
    code = (
        "import sys\n"
        "from incidentctl.config.parse import parse_settings\n"
        "import incidentctl.incident.typed_times, incidentctl.incident.calendar\n"
        "before = set(sys.modules)\n"
        "parse_settings('', file_name='incidentctl.toml')\n"
        "print([name for name in ('pydantic', 'tomllib', 'zoneinfo', 'difflib') if name in sys.modules])\n"
        "parse_settings('[store]\\nbranch = \"main\"', file_name='incidentctl.toml')\n"
        "print([name for name in ('pydantic', 'zoneinfo', 'difflib') if name in sys.modules])\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "[]\n[]\n"


def test_the_settings_of_this_test_are_what_tomllib_reads():
    assert set(tomllib.loads(EVERYTHING)) >= {
        table.name for table in TABLES if table.name and "." not in table.name and table.where & Where.REPOSITORY
    }


def test_alerts_are_read_with_the_forms_of_a_teams_own():
    alerts = settings_of(EVERYTHING).alerts
    assert (alerts.severities, alerts.severity_labels) == ({"page": "SEV1"}, ("grave",))
    assert alerts.service_labels == ("service", "team_service")
    (form,) = alerts.forms
    assert (form.name, form.id, form.ended, form.zone) == ("probe", "check.id", ("up",), "UTC")


def test_a_form_of_alerts_without_what_it_must_have_or_of_a_name_twice_is_left_out():
    good = '[[alert]]\nname = "a"\nid = "x"\ntitle = "y"\n'
    settings, problems = parse_settings(good + '[[alert]]\nname = "b"\n' + good, file_name="incidentctl.toml")
    assert [form.name for form in settings.alerts.forms] == ["a"]
    assert [problem.message for problem in problems] == [
        "[[alert]] has no id",
        "[[alert]] has no title",
        "two tables [[alert]] are called a",
    ]
    settings, problems = parse_settings('[[alert]]\nname = "a"\nid = "x"\ntitel = "y"\n', file_name="incidentctl.toml")
    assert "did you mean 'title'?" in str(problems[1])


class TestClocks:
    def test_one_of_a_name_of_its_own_has_all_severities_but_tickets(self):
        settings = settings_of('[[clock]]\nname = "Legal-Hold"\nwithin = "2 business days"\n')
        assert settings.clocks == (ClockRule("legal_hold", 2),)
        assert settings.clock_policy.own == settings.clocks

    def test_one_of_a_standing_name_changes_the_scale_so_that_all_go_by_it(self):
        settings = settings_of('[[clock]]\nname = "status_page"\nwithin = "10m"\n')
        assert [each.status_page for each in settings.scale] == [timedelta(minutes=10), None, None, None]
        settings = settings_of('[[clock]]\nname = "update"\nseverity = ["1", "sev3"]\nwithin = "20m"\n')
        twenty = timedelta(minutes=20)
        assert [each.update_every for each in settings.scale] == [twenty, timedelta(minutes=60), twenty, None]
        settings = settings_of('[[clock]]\nname = "postmortem"\nseverity = "SEV3"\nwithin = "3 business days"\n')
        sev3 = settings.scale.find("SEV3")
        assert standing_rule("postmortem", sev3) == ClockRule(
            "postmortem", 3, "post-mortem", ("SEV3",), (), "resolved_at", done_by=DoneBy.POSTMORTEM
        )
        settings = settings_of('[[clock]]\nname = "response"\nseverity = "SEV2"\nwithin = "2h"\nhours = "business"\n')
        assert [each.response_hours.value for each in settings.scale][:2] == ["always", "business"]

    def test_none_takes_a_standing_one_away(self):
        settings = settings_of(
            '[[clock]]\nname = "management"\nwithin = "none"\n[[clock]]\nname = "postmortem"\nseverity = "SEV2"\nwithin = "none"\n'
        )
        assert settings.scale.find("SEV1").management is None
        assert [each.postmortem for each in settings.scale] == [True, False, False, False]

    def test_a_ticket_never_gets_one(self):
        settings = settings_of('[[clock]]\nname = "update"\nseverity = "SEV4"\nwithin = "20m"\n')
        assert settings.scale == DEFAULT_SCALE

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ('within = "4h"', "1:1 [[clock]] has no name"),
            ('name = "authority"', "1:1 [[clock]] has no within"),
            ('name = "authority"\nwithin = "none"', "3:10 [[clock]] authority is none of the standing ones"),
            (
                'name = "authority"\nwithin = "4h"\nwithn = "5h"',
                "4:1 there is no key [[clock]] withn / did you mean 'within'?",
            ),
            (
                'name = "authority"\nwithin = "4h"\nfrom = "detected"',
                "4:8 [[clock]] from must be one of started_at, detected_at, declared_at, acknowledged_at, mitigated_at, "
                "resolved_at, not 'detected' / did you mean 'detected_at'?",
            ),
            (
                'name = "authority"\nwithin = "4h"\nseverity = "SEV9"',
                "4:12 there is no severity 'SEV9' / did you mean 'SEV4'?",
            ),
            (
                'name = "authority"\nwithin = 72',
                '3:10 [[clock]] within must be a length of time, as 72h, or "5 business days", or "none", not 72 / write "72m" for minutes',
            ),
            ('name = "a b!"\nwithin = "4h"', "2:8 [[clock]] name must be a word of small letters"),
            (
                'name = "status_page"\nwithin = "4h"\nfrom = "detected_at"',
                "4:1 [[clock]] status_page is a standing clock, whose `from` cannot be changed / give a clock of your own another name",
            ),
            (
                'name = "commander"\nwithin = "4h"',
                "1:1 [[clock]] commander is a standing clock without a length / set `commander` of the severity",
            ),
            (
                'name = "postmortem"\nwithin = "4h"',
                '3:10 [[clock]] postmortem must have "5 business days", not this',
            ),
            (
                'name = "update"\nwithin = "5 business days"',
                "3:10 [[clock]] update must have a length of time, as 15m, not this",
            ),
        ],
    )
    def test_a_wrong_one_is_named_with_its_place(self, text, problem):
        assert problem_of(f"[[clock]]\n{text}\n").startswith(problem)

    def test_one_for_severities_that_there_are_not_is_none_for_all_the_others(self):
        settings, problems = parse_settings(
            '[[clock]]\nname = "legal"\nwithin = "4h"\nseverity = "SEV9"\n', file_name=""
        )
        assert settings.clocks == () and len(problems) == 1
