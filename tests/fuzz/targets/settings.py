"""Settings are values or problems, never an exception, and what they say can be used."""

from incidentctl.config.parse import parse_settings
from incidentctl.config.reference import starter_settings
from incidentctl.config.settings import Settings, SettingsProblem, UserSettings, merge_settings
from incidentctl.incident.secrets import mask_secrets
from incidentctl.lint.catalogue import RULES
from incidentctl.lint.custom import custom_rules
from incidentctl.lint.selection import Selection, select_rules
from incidentctl.lint.settings import labels_of, wrong_words
from tests.fuzz.target import Target, text_of

_FILE = "incidentctl.toml"

_WHOLE = """\
[store]
branch = "main"
lock_timeout = "60s"
folder = "ops"

[commit]
hooks = "auto"
subject = "{slug}: {event}"

[time]
zone = "Europe/Berlin"

[severity]
default = "SEV2"

[[people]]
mail = "ann@example.org"
handle = "ann"
agent = false

[[services]]
name = "checkout"
aliases = ["shop"]

[calendar]
weekdays = ["mon", "tue"]
holidays = [2026-12-25]

[sync]
auto = true
timeout = 30

[lint]
select = ["STR", "TML001"]
ignore = ["BLM002"]
level = "info"

[lint.severity]
STR001 = "off"

[lint.status.draft]
ignore = ["ACT"]

[[lint.path]]
paths = ["old/**"]
ignore = ["ALL"]

[[lint.custom]]
code = "ACM001"
name = "no-foo"
pattern = "foo+(bar|baz)?"
message = "no foo"
severity = "warning"

[lint.labels]
"Incident date" = "date"

[lint.aliases]
"What broke" = "root_cause"
"""


def settings(data: bytes) -> None:
    """Any text as either kind of settings: each problem has its place, and the linter takes what came of it."""
    text = text_of(data)
    values, problems = parse_settings(text, file_name=_FILE)
    own, own_problems = parse_settings(text, file_name="config.toml", kind="user")
    assert (type(values), type(own)) == (Settings, UserSettings)
    assert parse_settings(text, file_name=_FILE) == (values, problems)
    wrong = wrong_words(values.lint, RULES, text, _FILE)
    _assert_placed(text, (*problems, *own_problems, *wrong))
    merge_settings(values, own)
    labels_of(values.lint)
    rules = (*RULES, *custom_rules(values.lint.custom, RULES))
    selection: Selection = select_rules(rules, values.lint)
    selection.severities("postmortems/2026/05/x.md", "draft")
    values.person_of_mail("Ann@example.org")
    values.service("checkout")


def _assert_placed(text: str, problems: tuple[SettingsProblem, ...]) -> None:
    lines = text.removeprefix("\ufeff").split("\n")
    for problem in problems:
        assert 1 <= problem.line <= len(lines), f"a line that is not there: {problem}"
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 2, f"a column that is not there: {problem}"
        assert problem.message and "\n" not in str(problem), f"a problem of several lines: {problem!r}"
        assert mask_secrets(str(problem)) == mask_secrets(mask_secrets(str(problem)))


def _seeds() -> list[bytes]:
    tables = ["[" + each for each in _WHOLE.split("\n[")]
    return [each.encode() for each in (_WHOLE, starter_settings("main", "ops"), *tables)]


_WORDS = (
    *("[store]\n", "[commit]\n", "[time]\n", "[severity]\n", "[[severity.levels]]\n", "[[people]]\n", "[[services]]\n"),
    *("[[teams]]\n", "[calendar]\n", "[policy]\n", "[sync]\n", "[lint]\n", "[[lint.custom]]\n", "[[lint.path]]\n"),
    *(
        " = ",
        '""',
        "''",
        '"""',
        "'''",
        "[]",
        "{}",
        "{a = 1}",
        "true",
        "false",
        "0",
        "-1",
        "1e400",
        "nan",
        "inf",
        "0x1F",
    ),
    *(
        "2026-05-14",
        "10:48:00",
        "2026-05-14T10:48:00Z",
        '"10m"',
        '"Europe/Berlin"',
        '"../x"',
        '"ext::sh"',
        '"-x"',
        '"(a+)+"',
    ),
    *("branch", "folder", "lock_timeout", "hooks", "zone", "mail", "handle", "aliases", "pattern", "message", "select"),
    *("a.b", '"a b"', "\\u0000", "\\U0010FFFF", "#", "\r\n", "\ufeff", ".", ",", "ALL", "STR001", '"off"', '"SEV1"'),
)

TARGETS = (Target("settings", settings, _seeds, _WORDS),)
