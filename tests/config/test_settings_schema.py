"""The schema of settings: pydantic and the hand-written reader accept the same, since both are made of the table of keys."""

import json
import tomllib

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from incidentctl.config.keys import TABLES, Key, Kind, Shape, Where
from incidentctl.config.parse import parse_settings
from incidentctl.config.reference import settings_reference, starter_settings
from incidentctl.config.schema import settings_json_schema, settings_model
from incidentctl.config.settings import Settings, SettingsKind, StoreSettings
from tests.config.test_settings import EVERYTHING

KINDS: tuple[SettingsKind, ...] = ("repository", "user")
MODELS = {kind: settings_model(kind) for kind in KINDS}

GOOD = {
    Kind.TEXT: ['"x"', '"Größe {}"'],
    Kind.BRANCH: ['"main"', '"refs/heads/a/b"'],
    Kind.FOLDER: ['""', '"ops"', '"./a/b/"'],
    Kind.PATH: ['"~/x"'],
    Kind.SUBJECT: ['"{event}"', '"{slug} {id} {severity} {event}"'],
    Kind.SECONDS: ["0", "2.5", "86400", '"2m"', '"1h 30m"'],
    Kind.DURATION: ['"15m"', '"none"', '"1h30m"', '"2 days"'],
    Kind.MONTH: ["1", "12"],
    Kind.DAYS: ["1", "90", "3660"],
    Kind.PAGE: ['"https://status.example.org"', '"http://example.org/status/"'],
    Kind.CONTACT: ['"https://example.org/subscribe"', '"mailto:status@example.org"'],
    Kind.CLOCK_NAME: ['"authority"', '"legal-hold"'],
    Kind.SEVERITIES: ['"SEV1"', '["SEV1", "SEV2"]'],
    Kind.TAGS: ['"personal_data"', '["a", "b c"]'],
    Kind.WITHIN: ['"72h"', '"5 business days"', '"1 business day"'],
    Kind.BUSINESS_DAYS: ["5", '"5 business days"', '"1 day"', '"none"'],
    Kind.YES_NO: ["true", "false"],
    Kind.ZONE: ['"UTC"', '"Europe/Berlin"', '"+02:00"'],
    Kind.CLOCK: ['"09:30"', "10:00:00", '"9:45"'],
    Kind.WEEKDAYS: ['["mon"]', '["Tuesday", "sun"]'],
    Kind.DATES: ["[]", "[2026-12-25]", '["2026-12-25"]'],
    Kind.TEXTS: ["[]", '["a", "b c"]'],
    Kind.HANDLES: ["[]", '["ann", "@bob"]'],
    Kind.HANDLE: ['"ann"', '"@ann"'],
    Kind.ROLES: ["[]", '["scribe"]'],
    Kind.URL: ['"https://meet.example.org/sev1"', '"tel:+491234"'],
    Kind.PREFIX: ['""', '"#inc-"'],
    Kind.SEVERITY: ['"SEV1"'],
    Kind.SEVERITY_NAME: ['"SEV1"', '"red-alert"'],
    Kind.SERVICES: ["[]", '["a", { name = "b", aliases = ["c"] }]'],
    Kind.DATE: ["2026-05-14", '"2026-05-14"'],
    Kind.FILE: ['".incidentctl-baseline.json"', '"./lint/baseline.json"'],
    Kind.GLOBS: ['["**/*.md"]', '["2019", "*-draft.md"]'],
    Kind.SECTIONS: ["[]", '["summary", "root_cause"]'],
    Kind.RULES: ["[]", '["STR009", "BLM", "no-owner"]', '["str, tml001"]'],
    Kind.LEVELS: ["{}", '{ STR009 = "off", no-owner = "error" }'],
    Kind.ALIASES: ["{}", '{ "What broke?" = "impact" }'],
    Kind.LABELS: ["{}", '{ Scribe = "author" }'],
    Kind.COLUMNS: ["{}", '{ title = "Name" }'],
    Kind.WORDS: ["{}", '{ "Done" = "closed" }'],
    Kind.DATE_FORMAT: ['"%d/%m/%Y %H:%M"', '"%Y-%m-%d"'],
    Kind.PATTERN: ["'(?i)\\bsoon\\b'", '" x"'],
    Kind.RULE_CODE: ['"X001"', '"x123"'],
    Kind.RULE_NAME: ['"no-soon"'],
    Kind.TARGET: ['"ops"', '"On-call_2"'],
    Kind.EVENTS: ['["updated"]', '["opened", "severity_changed"]'],
    Kind.ADDRESS_VARIABLE: ['"INCIDENTCTL_NOTIFY_OPS"', '"INCIDENTCTL_NOTIFY_2"'],
    Kind.ADDRESS: ['"jsons://hooks.example.org/x"', '" slack://T/B/x"'],
    Kind.COMMAND: ['"page me"', '["page", "", "a b"]'],
}
BAD = [
    *("1.5e300", "-1", "nan", "inf", "0xffffffffffffffffffffffff", '"\\u001b[31m"', '"a\\nb"', '"a b:c,d"', '"@"', '"-x"'),
    *('"../up"', '"25:00"', '"1m1h"', '"{nope}"', '"javascript:x"', '"Europe/Nowhere"', "[1]", "[true]", '["a\\nb"]', '[""]'),
    *('[["a"]]', '["ic"]', '["2026-02-30"]', "[2026-12-25T00:00:00Z]", "2026-12-25", "{}", "{ a = 1 }", "[{}]", '[{ name = "" }]'),
    *('{ STR009 = "of" }', '{ STR009 = 1 }', '{ "a b" = "off" }'),
    *('{ x = "nowhere" }', '{ "" = "impact" }', '["what"]', '["a b"]', '["../x"]'),
    *('[{ name = "a", extra = 1 }]', '""', '"   "', "true", "5", "0", "3.0", '"5 weeks of business"', '"SEV 1"', '"1"'),
]  # fmt: skip
NEEDED = {"name": '"x"'}
ANY = sorted({*BAD, *(value for values in GOOD.values() for value in values)})

PLACES = [
    (table, key)
    for table in TABLES
    for key in table.keys
    if table.shape in (Shape.TOP, Shape.TABLE, Shape.LIST, Shape.SCALE, Shape.STATUSES) and key.kind is not Kind.CHOICE
]
CHOICES = [(table, key) for table in TABLES for key in table.keys if key.kind is Kind.CHOICE]


def text_of(table, key: Key, value: str) -> str:
    """One setting in a file in which all else that it needs is there."""
    if table.shape in (Shape.LIST, Shape.SCALE):
        others = [each for each in table.keys if each.required and each.name != key.name]
        lines = "".join(f"{each.name} = {NEEDED.get(each.name, GOOD[each.kind][0])}\n" for each in others)
        return f"[[{table.name}]]\n{lines}{key.name} = {value}\n"
    if table.shape is Shape.STATUSES:
        return f"[{table.name}.draft]\n{key.name} = {value}\n"
    return (f"[{table.name}]\n" if table.name else "") + f"{key.name} = {value}\n"


def kind_of(key: Key) -> SettingsKind:
    return "repository" if key.where & Where.REPOSITORY else "user"


def accepted_by_hand(text: str, kind: SettingsKind) -> bool:
    return not parse_settings(text, file_name="x", kind=kind)[1]


def accepted_by_pydantic(text: str, kind: SettingsKind) -> bool:
    try:
        MODELS[kind].model_validate(tomllib.loads(text))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("table", "key"), PLACES, ids=lambda each: each.name)
def test_both_accept_and_refuse_the_same_values_for_each_key(table, key):
    for value in ANY:
        text = text_of(table, key, value)
        assert accepted_by_hand(text, kind_of(key)) == accepted_by_pydantic(text, kind_of(key)) or between_keys(text), (
            text
        )
    for value in GOOD[key.kind]:
        text = text_of(table, key, value)
        assert accepted_by_hand(text, kind_of(key)) or between_keys(text), text


def between_keys(text: str) -> bool:
    """Whether the only fault is one between two values, which a schema cannot see."""
    messages = [problem.message for problem in parse_settings(text, file_name="x")[1]]
    said = (
        *("default_severity must be one of", "the day of work must end", "two services have the name"),
        *("not on the scale", "there is no severity", "is none of the standing ones"),
    )
    return bool(messages) and all(any(each in message for each in said) for message in messages)


@pytest.mark.parametrize(("table", "key"), CHOICES, ids=lambda each: each.name)
def test_both_take_a_choice_in_any_case(table, key):
    for value in [*key.choices, *(choice.upper() for choice in key.choices)]:
        text = text_of(table, key, f'"{value}"')
        assert accepted_by_hand(text, "repository")
        assert accepted_by_pydantic(text, "repository")
    for value in ('"x"', "true", "1", "[]"):
        text = text_of(table, key, value)
        assert not accepted_by_hand(text, "repository")
        assert not accepted_by_pydantic(text, "repository")


@given(
    st.sampled_from([table for table in TABLES if table.shape is Shape.TABLE]),
    st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz_"), min_size=1, max_size=12),
)
def test_both_refuse_a_key_that_is_not_in_the_table(table, name):
    text = f"[{table.name}]\n{name} = 1\n"
    if name not in [key.name for key in table.keys]:
        assert not accepted_by_hand(text, "repository")
        assert not accepted_by_pydantic(text, "repository")


@pytest.mark.parametrize(
    "text",
    [
        EVERYTHING,
        '[people]\n"a@b.c" = "@a"\n"d@e.f" = { handle = "d", agent = true }',
        "[severity.SEV1]\nbridge = false",
        "[severity.sev1]\nbridge = false",
        "[lint.status.in-review]\nignore = ['BLM']\n[lint.severity]\nSTR = 'off'",
        "[[lint.path]]\npaths = ['a']\nseverity.STR = 'off'\n[[lint.path]]\npaths = ['b']",
        "",
    ],
)
def test_both_accept_the_shapes_of_tables(text):
    assert accepted_by_hand(text, "repository")
    assert accepted_by_pydantic(text, "repository")


@pytest.mark.parametrize(
    "text",
    [
        '[people]\n"a@b.c" = 3',
        '[people]\n"a@b.c" = { name = "A" }',
        '[people]\n"a@b.c" = { handle = "a", hand = 1 }',
        '[severity]\nname = "x"',
        "[severity.NONE]\nbridge = false",
        "[[severity]]\nbridge = false",
        "severity = []",
        "severity = 1",
        "[service]\nname = 'a'",
        "[[team]]\nmembers = []",
        "store = 1",
        "[[store]]\nbranch = 'x'",
        "[hooks]\nopened = 'x'",
        "repository = 'x'",
        "[unknown]",
        "lint = 1",
        "[lint]\npath = 1",
        "[lint.path]\npaths = ['a']",
        "[[lint.path]]\nignore = ['STR']",
        "[lint.status]\nfinished = { ignore = ['STR'] }",
        "[lint.status]\ndraft = 1",
        "[[lint.custom]]\ncode = 'X001'",
        "[lint.custom]\ncode = 'X001'\npattern = 'x'\nmessage = 'y'",
        "[lint.statuses]",
    ],
)
def test_both_refuse_the_wrong_shapes(text):
    assert not accepted_by_hand(text, "repository")
    assert not accepted_by_pydantic(text, "repository")


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_a_json_schema_without_nulls(kind):
    schema = settings_json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert '"default": null' not in json.dumps(schema)


def test_the_schema_accepts_what_is_good_and_refuses_what_is_not():
    validator = jsonschema.Draft202012Validator(settings_json_schema())
    validator.validate(json.loads(json.dumps(tomllib.loads(EVERYTHING), default=str)))
    for text in ("[store]\nbranch = 3", "[store]\nbranhc = 'x'", "[commit]\nhooks = 'no'", "x = 1", "repository = 'x'"):
        assert not validator.is_valid(tomllib.loads(text)), text


@pytest.mark.parametrize(("table", "key"), PLACES, ids=lambda each: each.name)
def test_the_schema_accepts_each_good_value(table, key):
    validator = jsonschema.Draft202012Validator(settings_json_schema(kind_of(key)))
    for value in GOOD[key.kind]:
        raw = tomllib.loads(text_of(table, key, value))
        validator.validate(json.loads(json.dumps(raw, default=str)))


def test_each_key_and_table_is_described_in_the_schema():
    schema = json.dumps(settings_json_schema(), ensure_ascii=False)
    for table in TABLES:
        for key in table.keys:
            if key.where & Where.REPOSITORY:
                assert json.dumps(key.doc, ensure_ascii=False)[1:-1] in schema


class TestTheReference:
    def test_it_has_each_key_of_each_table(self):
        text = settings_reference()
        for table in TABLES:
            assert not table.name or f"[{table.name}]" in text
            for key in table.keys:
                assert key.doc in text

    def test_its_tables_are_whole(self):
        rows = [line for line in settings_reference().splitlines() if line.startswith("|")]
        assert {line.replace("\\|", "").count("|") for line in rows} == {5, 10}
        assert settings_reference().endswith("\n")

    def test_each_documentation_of_a_key_is_a_sentence(self):
        for table in TABLES:
            for doc in (table.doc, *(key.doc for key in table.keys)):
                assert doc[0].isupper() or doc[0] == "`", doc
                assert doc.endswith("."), doc


class TestTheStarter:
    @pytest.mark.parametrize(("branch", "folder"), [("main", ""), (None, "ops"), ('we"ird\\', "a/b"), ("größe", "ops")])
    def test_it_says_what_was_chosen(self, branch, folder):
        text = starter_settings(branch, folder)
        raw = tomllib.loads(text)
        assert raw["store"].get("branch") == branch
        assert raw["store"]["folder"] == folder

    def test_it_is_read_without_a_problem(self):
        settings, problems = parse_settings(starter_settings("main", "ops"), file_name="incidentctl.toml")
        assert problems == ()
        assert settings == Settings(store=StoreSettings("main", "ops"))

    def test_what_it_has_in_comments_can_be_uncommented(self):
        lines = starter_settings(None, "ops").splitlines()
        examples = [
            line[2:] if line.startswith("# ") and (line[2] in '["' or " = " in line) else line for line in lines
        ]
        settings, problems = parse_settings("\n".join(examples), file_name="incidentctl.toml")
        assert problems == ()
        assert (settings.store.branch, settings.zone, len(settings.people), len(settings.services)) == (
            "main",
            "Europe/Berlin",
            2,
            2,
        )
        assert settings.bridge_url == "https://meet.example.org/sev1"
