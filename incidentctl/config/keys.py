"""The one table of settings: what may stand in each file, with its kind and default. Parser, schema and reference are made of it."""

from enum import Enum, Flag
from typing import NamedTuple


class Where(Flag):
    """The files in which a key may stand."""

    REPOSITORY = 1
    USER = 2
    BOTH = 3


class Kind(Enum):
    """What a value has to be, in words that complete "must be"."""

    TEXT = "one line of text"
    BRANCH = "the name of a git branch"
    FOLDER = "a folder inside the repository, as `ops` or `docs/incidents`"
    PATH = "the path of a folder"
    SUBJECT = "one line of text with `{event}` in it"
    SECONDS = "a number of seconds, or a length of time, as `2m`"
    DURATION = 'a length of time, as `15m`, `4h` or `1h30m`, or `"none"`'
    BUSINESS_DAYS = 'a number of business days, as `5` or `"5 business days"`, or `"none"`'
    YES_NO = "`true` or `false`"
    CHOICE = "one of"
    ZONE = "a time zone, as `Europe/Berlin`, `UTC` or `+02:00`"
    CLOCK = "a time of day, as `09:00`"
    WEEKDAYS = 'a list of weekdays, as `["mon", "tue"]`'
    DATES = "a list of dates, as `[2026-12-25]`"
    TEXTS = "a list of texts, each on one line"
    HANDLES = 'a list of handles, as `["ann", "bob"]`'
    HANDLE = "a handle, as `ann`"
    ROLES = 'a list of words, as `["scribe"]`'
    URL = "an address, as `https://meet.example.org/sev1`"
    PREFIX = "letters, digits, `-` and `_`, as `incident-`"
    SEVERITY = "a severity of the scale"
    SEVERITY_NAME = "a word that begins with a letter, of letters, digits, `.`, `-` and `_`, as `SEV1`"
    SERVICES = "a list of names, or of tables as `[[service]]` has them"
    DATE = "a date, as `2026-05-14`"
    FILE = "the path of a file inside the repository, as `.incidentctl-baseline.json`"
    GLOBS = 'a list of patterns of paths, as `["postmortems/**", "*-draft.md"]`'
    SECTIONS = 'a list of sections, as `["summary", "impact"]`'
    RULES = 'a list of rules by code, family or name, as `["STR009", "BLM", "no-owner"]`'
    LEVELS = 'a table from rules to severities, as `{ STR009 = "off" }`'
    ALIASES = 'a table from headings to sections, as `{ "What broke" = "impact" }`'
    LABELS = 'a table from labels to fields of the header, as `{ "Written down by" = "author" }`'
    COLUMNS = 'a table from our columns to those of the file, as `{ title = "Name" }`'
    WORDS = 'a table from words to words, as `{ "Blocker" = "SEV1" }`'
    DATE_FORMAT = "a form of dates, as `%d/%m/%Y %H:%M`"
    PATTERN = "a regular expression, on one line"
    RULE_CODE = "a code of your own: `X` and three digits, as `X001`"
    MONTH = "the number of a month, as `4` for April"
    DAYS = "a number of days, as `90`"
    PAGE = "an address on the web, as `https://status.example.org`"
    CONTACT = "an address on the web or for mail, as `https://example.org/subscribe`"
    CLOCK_NAME = "a word of small letters, digits and `_`, as `authority`"
    SEVERITIES = 'a severity of the scale, or a list of these, as `["SEV1", "SEV2"]`'
    TAGS = 'a word, or a list of words, as `["personal_data"]`'
    WITHIN = 'a length of time, as `72h`, or `"5 business days"`, or `"none"`'
    RULE_NAME = "words joined by hyphens, as `no-ticket-number`"
    TARGET = "a short name of letters, digits, `-` and `_`, as `ops`"
    EVENTS = 'a list of events, as `["updated", "resolved"]`'
    ADDRESS_VARIABLE = "the name of a variable that begins with `INCIDENTCTL_NOTIFY_`"
    ADDRESS = "an address with its scheme, as `slack://…`, `mailtos://…` or `jsons://…`"
    COMMAND = 'a command: a list of words, as `["page-me", "--now"]`, or one line for the shell'


class Key(NamedTuple):
    """One key. `default` is written as it would stand in the file; empty where nothing can be written for it."""

    name: str
    kind: Kind
    default: str
    doc: str
    choices: tuple[str, ...] = ()
    where: Where = Where.REPOSITORY
    required: bool = False
    no_default: str = "none"


class Shape(Enum):
    """How a table stands in the file."""

    TOP = "the top of the file, above the first table"
    TABLE = "a table"
    LIST = "a list of tables"
    MAP = "a table whose keys are yours"
    STATUSES = "a table for each status"
    SCALE = "a list of tables, or one table a level"


class Table(NamedTuple):
    """One table of the file, or its top, and what may stand in it."""

    name: str
    shape: Shape
    doc: str
    keys: tuple[Key, ...] = ()
    where: Where = Where.REPOSITORY
    example: str = ""


_TOP = Table(
    "",
    Shape.TOP,
    "These keys stand at the top of the file, above the first table.",
    (
        Key(
            "default_severity",
            Kind.SEVERITY,
            '"SEV2"',
            "The severity of an incident that is opened without one; it is marked as unconfirmed. "
            "On a scale without SEV2, the second most severe level.",
        ),
        Key(
            "services",
            Kind.SERVICES,
            "[]",
            "Your services. Where any are listed, an incident with another one is recorded with a warning.",
        ),
        Key(
            "repository",
            Kind.PATH,
            "",
            "The repository of incidents that is used outside of any other; `~` is your home folder.",
            where=Where.USER,
        ),
    ),
    where=Where.BOTH,
)

CLOCK_STARTS = ("started_at", "detected_at", "declared_at", "acknowledged_at", "mitigated_at", "resolved_at")
"""The times of an incident from which a clock can run."""
CLOCK_ENDS = ("note", "acknowledged", "commander", "update", "public", "mitigated", "resolved", "postmortem")
"""What can stop a clock; `incident/clocks.py` has a word for each."""

PERSON_KEYS = (
    Key("handle", Kind.HANDLE, "", "The name in the record, without its `@`.", required=True),
    Key("name", Kind.TEXT, '""', "The full name."),
    Key("agent", Kind.YES_NO, "false", "A machine: it never acknowledges an incident and never commands one."),
)

_SERVICE = Table(
    "service",
    Shape.LIST,
    "A service with more than its name. Both ways of listing services can be used in one file.",
    (
        Key("name", Kind.TEXT, "", "The name in the record.", required=True),
        Key("team", Kind.TEXT, "", "The team that runs it."),
        Key("owners", Kind.HANDLES, "[]", "The people who know it."),
        Key("aliases", Kind.TEXTS, "[]", "Other names for it: they are recorded under this one."),
    ),
    example='[[service]]\nname = "checkout"\nteam = "payments"\nowners = ["ann", "bob"]\naliases = ["shop"]',
)

_SEVERITY = Table(
    "severity",
    Shape.SCALE,
    "The scale of severity. `[[severity]]`, once for each level and the most severe first, takes the place of the standing scale "
    "SEV1 to SEV4; a level named as a standing one keeps that one's values where you give none. "
    "`[severity.SEV1]` changes values of one standing level and leaves the rest as it is.",
    (
        Key("name", Kind.SEVERITY_NAME, "", "The name in the record.", required=True),
        Key("aliases", Kind.TEXTS, "[]", "Other words for it, as `1` and `P1`."),
        Key("title", Kind.TEXT, '""', "One word for it, as `critical`; understood as an alias."),
        Key("impact", Kind.TEXT, '""', "The impact that makes an incident one of this level."),
        Key("involves", Kind.TEXT, '""', "Who is involved."),
        Key("response", Kind.DURATION, '"none"', "From detection to acknowledgement at most."),
        Key(
            "response_hours",
            Kind.CHOICE,
            '"always"',
            "Whether `response` runs at all hours, or in the business hours of `[calendar]`.",
            choices=("always", "business"),
        ),
        Key("update_every", Kind.DURATION, '"none"', "From one update to the next at most."),
        Key(
            "status_page", Kind.DURATION, '"none"', "From the declaration to the first word on the status page at most."
        ),
        Key("management", Kind.DURATION, '"none"', "From the declaration to management being told at most."),
        Key("bridge", Kind.YES_NO, "false", "Whether there is a voice or video bridge."),
        Key(
            "commander",
            Kind.CHOICE,
            '"none"',
            "Whether a commander is due from the declaration on, is only hinted at, or neither.",
            choices=("required", "hint", "none"),
        ),
        Key("postmortem", Kind.YES_NO, "false", "Whether a post-mortem is required."),
        Key("postmortem_within", Kind.BUSINESS_DAYS, '"none"', "From resolution to the published post-mortem at most."),
        Key("ticket", Kind.YES_NO, "false", "A ticket rather than an incident: a link, and no clocks."),
    ),
    example='[severity.SEV1]\nupdate_every = "20m"',
)

_CLOCK = Table(
    "clock",
    Shape.LIST,
    "A clock: something that is due in time. One of a name of your own is added to the standing ones. One that is named `response`, "
    "`update`, `status_page`, `management` or `postmortem` changes that standing one, at all severities that have it, or at those that "
    "`severity` names: it is the same as that key of `[severity.SEV1]`.",
    (
        Key("name", Kind.CLOCK_NAME, "", "Its name, as in `note --done NAME`.", required=True),
        Key("words", Kind.TEXT, "", "What is due, in words.", no_default="the name"),
        Key("severity", Kind.SEVERITIES, "", "The severities at which it runs.", no_default="all but tickets"),
        Key(
            "tag",
            Kind.TAGS,
            "",
            "It runs only where the incident has one of these tags.",
            no_default="with any, and without",
        ),
        Key(
            "from",
            Kind.CHOICE,
            '"declared_at"',
            "The time from which on it runs. Where there is no detection, `detected_at` is the declaration.",
            choices=CLOCK_STARTS,
        ),
        Key("within", Kind.WITHIN, "", "How long it runs. `none` takes a standing clock away.", required=True),
        Key(
            "hours",
            Kind.CHOICE,
            '"always"',
            "Whether it runs at all hours, or in the business hours of `[calendar]`.",
            choices=("always", "business"),
        ),
        Key(
            "done_by",
            Kind.CHOICE,
            '"note"',
            "What stops it besides `note --done NAME`. What only such a note stops, or a `postmortem`, runs on when the incident is over.",
            choices=CLOCK_ENDS,
        ),
    ),
    example='[[clock]]\nname = "authority"\nwords = "data protection authority told"\ntag = "personal_data"\n'
    'from = "detected_at"\nwithin = "72h"',
)

LEVELS = ("error", "warning", "info", "off")
STATUSES = ("draft", "in_review", "final")
SECTIONS = (
    *("summary", "impact", "timeline", "root_cause", "contributing_factors", "what_went_well", "what_went_poorly"),
    *("action_items", "details", "detection", "response", "resolution", "lessons", "luck", "chat_log", "appendix"),
)
"""The words for sections; the linter has a role for each."""
FIELDS = (
    *("date", "severity", "duration", "author", "status", "reviewer", "started_at", "detected_at", "declared_at"),
    *("acknowledged_at", "mitigated_at", "resolved_at", "closed_at", "published_at"),
)
"""The words for what a header says; the linter has a field for each."""

IMPORT_COLUMNS = (
    *(
        "id",
        "external_id",
        "title",
        "public_title",
        "severity",
        "severity_declared",
        "status",
        "declared_at",
        "started_at",
    ),
    *(
        "detected_at",
        "acknowledged_at",
        "mitigated_at",
        "resolved_at",
        "postmortem_published_at",
        "closed_at",
        "opened_by",
    ),
    *("opened_by_agent", "commander", "tech_lead", "comms_lead", "services", "regions", "tags", "team", "drill"),
    *(
        "cancel_reason",
        "duplicate_of",
        "repeat_of",
        "root_cause",
        "postmortem_status",
        "postmortem_authors",
        "postmortem_url",
    ),
    *(
        "affected_users",
        "error_budget",
        "revenue_impact",
        "bridge",
        "status_page",
        "ticket",
        "channel",
        "summary",
        "source",
    ),
    *("estimated", "other_keys"),
)
"""The columns of an incident's row in an import; its reader has a type for each."""
IMPORT_STATUSES = (
    *("triage", "investigating", "identified", "mitigating", "mitigated", "resolved", "closed", "canceled"),
    *("false_alarm", "duplicate", "not_an_incident"),
)
"""What another tool's status can mean: a status of ours, or the reason why it was no incident."""
ENCODINGS = ("utf_8", "utf_16", "utf_16_le", "utf_16_be", "latin_1", "cp1252", "cp1250", "mac_roman", "shift_jis")

EVENTS = ("opened", "severity_changed", "updated", "mitigated", "resolved", "reopened", "canceled")
"""What others can be told of; `incident.notices` has a member for each."""
AUDIENCES = ("internal", "management", "public")
ADDRESS_VARIABLES = "INCIDENTCTL_NOTIFY_"
"""What the name of a variable with an address begins with: settings can name no other, so none that holds something else."""

_NOTIFY = Table(
    "notify",
    Shape.LIST,
    "Who is told, and of what: once for each target. Where a target is, with the secret in it, is never in the repository: it comes from a "
    "variable of the environment, the keyring, or your own settings, which may have a table of the same name; what that one says holds.",
    (
        Key("name", Kind.TARGET, "", "What the target is called.", where=Where.BOTH, required=True),
        Key(
            "events",
            Kind.EVENTS,
            '["updated"]',
            "Of what it is told.",
            choices=EVENTS,
            where=Where.BOTH,
        ),
        Key(
            "audience",
            Kind.CHOICE,
            '"internal"',
            "Who reads it. `internal` has all six fields of an update; `management` has status, impact, the next update and the IC; "
            "`public` has only what `update --public` says, and only updates that have it.",
            choices=AUDIENCES,
            where=Where.BOTH,
        ),
        Key("severities", Kind.TEXTS, "[]", "Only incidents of these severities; empty for all.", where=Where.BOTH),
        Key("services", Kind.TEXTS, "[]", "Only incidents of one of these services; empty for all.", where=Where.BOTH),
        Key("drills", Kind.YES_NO, "false", "Whether it is told of exercises as well.", where=Where.BOTH),
        Key(
            "url_env",
            Kind.ADDRESS_VARIABLE,
            "",
            "The variable with its address.",
            where=Where.BOTH,
            no_default="the prefix and the name, as `INCIDENTCTL_NOTIFY_OPS`",
        ),
        Key(
            "keyring",
            Kind.YES_NO,
            "false",
            "Whether the address is in the keyring: service `incidentctl`, user the target's name. Needs `incidentctl[keyring]`.",
            where=Where.USER,
        ),
        Key("url", Kind.ADDRESS, "", "The address itself. Keep the file to yourself.", where=Where.USER),
    ),
    where=Where.BOTH,
    example='[[notify]]\nname = "ops"\nevents = ["opened", "severity_changed", "updated", "mitigated", "resolved"]\n\n'
    '[[notify]]\nname = "management"\naudience = "management"\nseverities = ["SEV1"]\n'
    'events = ["opened", "updated", "resolved"]\nurl_env = "INCIDENTCTL_NOTIFY_MANAGEMENT"',
)

_HOOKS = Table(
    "hooks",
    Shape.TABLE,
    "Commands of yours that run after a commit, with what happened as JSON on their input.",
    (
        *(
            Key(event, Kind.COMMAND, "", f"Runs when {words}.", where=Where.USER)
            for event, words in (
                ("opened", "an incident was opened"),
                ("severity_changed", "its severity was changed"),
                ("updated", "an update was given"),
                ("mitigated", "it was mitigated"),
                ("resolved", "it was resolved"),
                ("reopened", "it was reopened"),
                ("canceled", "it was canceled"),
            )
        ),
        Key("drills", Kind.YES_NO, "false", "Whether they run for exercises as well.", where=Where.USER),
    ),
    where=Where.USER,
)

_IMPORT = Table(
    "import",
    Shape.TABLE,
    "How `import` reads the CSV of another tool. The command line comes before it; a file of `stats export` needs none of it.",
    (
        Key(
            "columns",
            Kind.COLUMNS,
            "{}",
            "Our column, and what it is called in the file. `title` and `declared_at` are needed; columns of the same name need no entry.",
            choices=IMPORT_COLUMNS,
        ),
        Key(
            "source", Kind.TEXT, "", "What the imported incidents name as their `source`.", no_default="the file's name"
        ),
        Key(
            "zone",
            Kind.ZONE,
            "",
            "The zone of times without one; `--tz` comes before it.",
            no_default="none: such times are refused",
        ),
        Key(
            "date_format",
            Kind.DATE_FORMAT,
            "",
            "How times are written, as Python's `strptime` understands it. One without a clock takes midnight, marked as an estimate.",
            no_default="RFC 3339",
        ),
        Key(
            "encoding",
            Kind.CHOICE,
            "",
            "The encoding of the file.",
            choices=ENCODINGS,
            no_default="UTF-8, or what its first bytes say",
        ),
        Key(
            "delimiter",
            Kind.CHOICE,
            "",
            "What stands between two cells.",
            choices=(",", ";", "tab", "|"),
            no_default="found",
        ),
        Key("severities", Kind.WORDS, "{}", "Another tool's words for severities, and ours."),
        Key(
            "statuses",
            Kind.WORDS,
            "{}",
            "Another tool's words for statuses, and ours, or a reason for a cancellation.",
            choices=IMPORT_STATUSES,
        ),
    ),
    example='[import]\nsource = "pagerduty"\nzone = "Europe/Berlin"\ndate_format = "%d/%m/%Y %H:%M"\n\n'
    '[import.columns]\ntitle = "Name"\nseverity = "Priority"\ndeclared_at = "Created"\n\n'
    '[import.severities]\n"Blocker" = "SEV1"\n\n[import.statuses]\n"Done" = "closed"\n"False alarm" = "false_alarm"',
)

_ALERTS = Table(
    "alerts",
    Shape.TABLE,
    "How `open --from` reads messages of monitoring. What the command line says comes before it.",
    (
        Key(
            "severities",
            Kind.WORDS,
            "{}",
            "Words of your monitoring for how grave it is, and ours. They come before the names and aliases of the scale. "
            "PagerDuty's urgencies are `high` and `low`.",
        ),
        Key(
            "severity_labels",
            Kind.TEXTS,
            '["severity", "priority", "level"]',
            "The labels of an alert that say how grave it is, the most telling first.",
        ),
        Key(
            "service_labels",
            Kind.TEXTS,
            '["service", "service_name", "app", "application", "app_kubernetes_io_name", "component", "deployment", "job", "namespace"]',
            "The labels that name the service. A service of the settings is taken from any of them, another one from the first that is "
            "there and is not `job`, `namespace`, `component` or `deployment`.",
        ),
    ),
    example='[alerts.severities]\npage = "SEV1"\nwarning = "SEV3"',
)

_ALERT = Table(
    "alert",
    Shape.LIST,
    "The messages of another sender than Alertmanager, Grafana and PagerDuty: where in its JSON stands what. "
    "A path is keys with dots between them, and numbers for the places of a list: `event.title`, `alerts.0.labels.severity`.",
    (
        Key("name", Kind.HANDLE, "", "The sender: `--source` takes it, and entries are by it.", required=True),
        Key("id", Kind.TEXT, "", "The path of what stays the same while the alert is the same.", required=True),
        Key("title", Kind.TEXT, "", "The path of what is wrong, in a few words.", required=True),
        Key(
            "when",
            Kind.TEXT,
            "",
            "The path of something that only messages of this sender have; without it those with an id and a title are its.",
        ),
        Key("description", Kind.TEXT, "", "The path of the longer words."),
        Key("severity", Kind.TEXT, "", "The path of how grave it is; `[alerts] severities` understands it."),
        Key("service", Kind.TEXT, "", "The path of the service, or of a list of them."),
        Key("status", Kind.TEXT, "", "The path of its state; without one each message says that something fires."),
        Key(
            "ended",
            Kind.TEXTS,
            '["resolved", "ok", "closed", "recovered", "recovery", "up", "normal", "inactive"]',
            "The words of its state that say that it is over.",
        ),
        Key("detected_at", Kind.TEXT, "", "The path of when it fired."),
        Key("started_at", Kind.TEXT, "", "The path of when the trouble began, where it is another."),
        Key("ended_at", Kind.TEXT, "", "The path of when it was over."),
        Key("url", Kind.TEXT, "", "The path of an address that shows it."),
        Key("runbook", Kind.TEXT, "", "The path of the address of a runbook."),
        Key("dashboard", Kind.TEXT, "", "The path of the address of a dashboard."),
        Key("zone", Kind.ZONE, "", "The zone of times without one.", no_default="none: such times are left out"),
    ),
    example='[[alert]]\nname = "statuscake"\nid = "event.id"\ntitle = "event.title"\nseverity = "event.priority"\nstatus = "event.state"',
)

_OVERRIDE_KEYS = (
    Key("ignore", Kind.RULES, "[]", "Rules that do not run there."),
    Key("extend_select", Kind.RULES, "[]", "Rules that run there besides."),
    Key("severity", Kind.LEVELS, "{}", "The severities of rules there.", choices=LEVELS),
)

_LINT = Table(
    "lint",
    Shape.TABLE,
    "What `lint` checks, and how grave it is. Rules are named by code (`STR009`), family (`STR`) or name (`thin-section`); "
    "`ALL` is all of them. `incidentctl rule` lists them. What names a single rule counts for more than what names its family. "
    "The order: the catalogue, `severity`, `blame`, `[lint.status]`, `[[lint.path]]`, the command line.",
    (
        Key(
            "select",
            Kind.RULES,
            "",
            "The rules that run, in place of those that the catalogue has on.",
            no_default="the catalogue's",
        ),
        Key("extend_select", Kind.RULES, "[]", "Rules that run besides."),
        Key("ignore", Kind.RULES, "[]", "Rules that do not run."),
        Key(
            "preview",
            Kind.YES_NO,
            "false",
            "Whether rules in preview run too. Without it one runs where it, or its family, is selected.",
        ),
        Key("level", Kind.CHOICE, '"warning"', "From which severity on findings are shown.", choices=LEVELS[:3]),
        Key(
            "fail_level",
            Kind.CHOICE,
            '"error"',
            "From which severity on a finding makes `lint` fail.",
            choices=LEVELS[:3],
        ),
        Key(
            "blame",
            Kind.CHOICE,
            "",
            "The severity of all rules on blameless wording: BLM, and RCA002.",
            choices=LEVELS,
            no_default="the catalogue's",
        ),
        Key(
            "default_status",
            Kind.CHOICE,
            "",
            "The status of a document that says none. In a `draft`, errors of STR, IMP, RCA and ACT are warnings.",
            choices=STATUSES,
            no_default="none, which counts as `final`",
        ),
        Key("since", Kind.DATE, "", "Only incidents from that day on are linted."),
        Key("baseline", Kind.FILE, "", "The file of the findings that were there before; they are not reported."),
        Key(
            "include",
            Kind.GLOBS,
            "[]",
            "The documents that are linted where no path is given; empty for all post-mortems and incidents.",
        ),
        Key("exclude", Kind.GLOBS, "[]", "Documents that are not linted, unless one is named itself."),
        Key(
            "required",
            Kind.SECTIONS,
            "",
            "The sections that a post-mortem must have.",
            choices=SECTIONS,
            no_default="the eight of the template",
        ),
        Key(
            "severity",
            Kind.LEVELS,
            "{}",
            "The severities of rules. A rule that has one here runs, unless it is `off`.",
            choices=LEVELS,
        ),
        Key("aliases", Kind.ALIASES, "{}", "Your own headings, and the section that each one is.", choices=SECTIONS),
        Key(
            "labels",
            Kind.LABELS,
            "{}",
            "Your own labels in the header, and the field that each one is.",
            choices=FIELDS,
        ),
    ),
    example='[lint]\nselect = ["STR", "HDR", "TML", "ACT"]\nbaseline = ".incidentctl-baseline.json"\n\n'
    '[lint.severity]\nBLM = "error"\nthin-section = "off"\n\n[lint.aliases]\n"What broke" = "impact"',
)

_LINT_STATUS = Table(
    "lint.status",
    Shape.STATUSES,
    "What holds besides for documents of one status: `[lint.status.draft]`, `[lint.status.in_review]`, `[lint.status.final]`.",
    _OVERRIDE_KEYS,
    example='[lint.status.draft]\nignore = ["ACT"]\nseverity = { missing-section = "info" }',
)

_LINT_PATH = Table(
    "lint.path",
    Shape.LIST,
    "What holds besides for documents at some places. Where several fit, the last one that says something holds.",
    (
        Key(
            "paths",
            Kind.GLOBS,
            "",
            "Patterns of paths, seen from this file: `*` within a name, `**` over folders. "
            "One without a `/` fits a name in any folder, and the name of a folder all that is in it.",
            required=True,
        ),
        *_OVERRIDE_KEYS,
    ),
    example='[[lint.path]]\npaths = ["2019/**", "2020/**"]\nignore = ["STR", "ACT"]',
)

_LINT_CUSTOM = Table(
    "lint.custom",
    Shape.LIST,
    "A rule of your own: words that should not stand there. The text is searched line by line, without front matter, code and comments. "
    "A pattern has to be one whose time is bounded: no backreferences, no repeat of a repeat, and rather `.{0,80}` than two `.*`.",
    (
        Key("code", Kind.RULE_CODE, "", "Its code.", required=True),
        Key(
            "pattern",
            Kind.PATTERN,
            "",
            "What is looked for, as Python's `re` understands it; `(?i)` in front for any case.",
            required=True,
        ),
        Key(
            "message",
            Kind.TEXT,
            "",
            "What is wrong and what to do; `{match}` stands for what was found.",
            required=True,
        ),
        Key("name", Kind.RULE_NAME, "", "Its name.", no_default="`custom-x001`"),
        Key("section", Kind.CHOICE, "", "The section in which it looks.", choices=SECTIONS, no_default="all of them"),
        Key("severity", Kind.CHOICE, '"warning"', "How grave it is.", choices=LEVELS),
        Key(
            "applies",
            Kind.CHOICE,
            '"postmortem"',
            "The kind of document that it reads.",
            choices=("postmortem", "incident", "both"),
        ),
    ),
    example='[[lint.custom]]\ncode = "X001"\nname = "no-quarter"\npattern = \'(?i)\\bnext quarter\\b\'\n'
    'section = "action_items"\nmessage = "{match} is no date: give the day"',
)

_STATUS_PAGE = Table(
    "status_page",
    Shape.TABLE,
    "The public status page that `statuspage build` makes. What stands in this table is public, and so are the words of `update --public` "
    "and the key `public_title`; nothing else of the record is.",
    (
        Key("title", Kind.TEXT, '"Status"', "What stands at its top, as `Example Shop status`."),
        Key(
            "url",
            Kind.PAGE,
            "",
            "Where the page will be: the feed and the files for programs lead there.",
            no_default="none: they have no links",
        ),
        Key("subscribe", Kind.CONTACT, "", "Where people can subscribe, beside the feed."),
        Key("days", Kind.DAYS, "90", "How long incidents that are over stay on the page."),
        Key("zone", Kind.ZONE, "", "The zone in which times are told, beside UTC.", no_default="UTC alone"),
        Key(
            "private_tags",
            Kind.TEXTS,
            '["confidential"]',
            "An incident with one of these tags never appears, whatever was said for the public.",
        ),
    ),
    example='[status_page]\ntitle = "Example Shop status"\nurl = "https://status.example.org"\nzone = "Europe/Berlin"\n\n'
    '[[status_page.service]]\nname = "checkout"\ntitle = "Checkout"\ngroup = "Shop"',
)

_STATUS_PAGE_SERVICE = Table(
    "status_page.service",
    Shape.LIST,
    "A service on the page, in the order in which they stand there. One that is not listed is not named on it.",
    (
        Key("name", Kind.TEXT, "", "The service as the record names it.", required=True),
        Key("title", Kind.TEXT, "", "What the public calls it.", no_default="its name"),
        Key("group", Kind.TEXT, "", "The heading under which it stands."),
    ),
)

TABLES: tuple[Table, ...] = (
    _TOP,
    Table(
        "store",
        Shape.TABLE,
        "Where the record is kept.",
        (
            Key(
                "branch",
                Kind.BRANCH,
                "",
                "The branch that holds the record.",
                no_default="the remote's default branch, or the one checked out",
            ),
            Key(
                "folder", Kind.FOLDER, '""', "The folder that holds `incidents/` and `postmortems/`; empty for the top."
            ),
            Key("lock_timeout", Kind.SECONDS, "60", "How long a command waits for another one in the same clone."),
        ),
    ),
    Table(
        "commit",
        Shape.TABLE,
        "How the record is committed.",
        (
            Key(
                "subject",
                Kind.SUBJECT,
                '"{slug}: {event}"',
                "The first line of each commit: `{slug}`, `{id}` and `{severity}` of the incident, and the `{event}`.",
            ),
            Key(
                "hooks",
                Kind.CHOICE,
                '"auto"',
                "Whether git's hooks run: `auto` when nothing of yours is staged or changed, and no longer than `hook_timeout`.",
                choices=("auto", "always", "never"),
            ),
            Key("hook_timeout", Kind.SECONDS, "2", "How long `auto` waits for a hook before it commits without it."),
        ),
    ),
    Table(
        "time",
        Shape.TABLE,
        "In which zone times are read and told.",
        (
            Key(
                "zone",
                Kind.ZONE,
                "",
                "The zone of times that are typed without one. Your own settings come before the repository's, `--tz` before both.",
                where=Where.BOTH,
                no_default="the machine's zone",
            ),
        ),
        where=Where.BOTH,
    ),
    Table(
        "people",
        Shape.MAP,
        "Who is who: each key is a mail address as git knows it, in quotes, its value a handle or a table. "
        "Somebody who is not listed has the part of the address before its `@` as a handle.",
        PERSON_KEYS,
        example='[people]\n"ann@example.org" = "ann"\n"bob@example.org" = { handle = "bob", name = "Bob Roe" }\n'
        '"bot@example.org" = { handle = "deploybot", agent = true }',
    ),
    _SERVICE,
    Table(
        "team",
        Shape.LIST,
        "A team.",
        (
            Key("name", Kind.TEXT, "", "Its name, as services give it.", required=True),
            Key("members", Kind.HANDLES, "[]", "Its people."),
        ),
        example='[[team]]\nname = "payments"\nmembers = ["ann", "bob"]',
    ),
    Table(
        "roles",
        Shape.TABLE,
        "Roles besides commander, technical lead and communications lead.",
        (Key("extra", Kind.ROLES, "[]", 'Roles of your own, for `assign`, as `["scribe"]`.'),),
    ),
    _SEVERITY,
    _CLOCK,
    Table(
        "calendar",
        Shape.TABLE,
        "Business days and hours, for what is due in them.",
        (
            Key("days", Kind.WEEKDAYS, '["mon", "tue", "wed", "thu", "fri"]', "The days of work."),
            Key("from", Kind.CLOCK, '"09:00"', "When the day of work begins."),
            Key("to", Kind.CLOCK, '"17:00"', "When it ends; `24:00` is midnight."),
            Key("zone", Kind.ZONE, "", "The zone of these hours.", no_default="`[time] zone` of this file, else UTC"),
            Key("holidays", Kind.DATES, "[]", "Days on which nobody works."),
        ),
    ),
    Table(
        "bridge",
        Shape.TABLE,
        "The voice or video bridge.",
        (Key("url", Kind.URL, "", "The standing bridge, for the severities that have one."),),
    ),
    Table(
        "channel",
        Shape.TABLE,
        "The chat channel of an incident.",
        (Key("prefix", Kind.PREFIX, '"incident-"', "What the channel's name begins with; the incident's id follows."),),
    ),
    Table(
        "sync",
        Shape.TABLE,
        "How the record is shared with others.",
        (
            Key(
                "auto",
                Kind.YES_NO,
                "",
                "Whether commands share what they write.",
                where=Where.BOTH,
                no_default="where the branch has an upstream",
            ),
            Key("timeout", Kind.SECONDS, "60", "How long `sync` keeps trying.", where=Where.BOTH),
        ),
        where=Where.BOTH,
    ),
    Table(
        "policy",
        Shape.TABLE,
        "What is demanded.",
        (
            Key(
                "close_requires_postmortem",
                Kind.YES_NO,
                "true",
                "Whether `close` wants a final post-mortem where the severity requires one.",
            ),
            Key(
                "signed_commits",
                Kind.YES_NO,
                "false",
                "Whether `verify` wants every commit signed that changes the record, from the one on that first set this.",
            ),
        ),
    ),
    _LINT,
    _LINT_STATUS,
    _LINT_PATH,
    _LINT_CUSTOM,
    Table(
        "report",
        Shape.TABLE,
        "How `stats report` counts.",
        (
            Key(
                "fiscal_year_start",
                Kind.MONTH,
                "1",
                "The month in which your year begins: quarters and years in `--period` and `--group-by` are yours, then. "
                "A year has the number of the calendar year in which it ends.",
            ),
        ),
        example="[report]\nfiscal_year_start = 4",
    ),
    _IMPORT,
    _NOTIFY,
    _HOOKS,
    _STATUS_PAGE,
    _STATUS_PAGE_SERVICE,
    _ALERTS,
    _ALERT,
)
