"""The settings as pydantic models, made of the table of keys, for their JSON Schema. Never loaded by a command that writes."""

from datetime import date, time
from functools import partial
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic.config import JsonDict

from incidentctl.config.keys import ADDRESS_VARIABLES, PERSON_KEYS, STATUSES, TABLES, Key, Kind, Shape, Table, Where
from incidentctl.config.settings import SettingsKind
from incidentctl.config.values import LONGEST_PAST, LONGEST_PATTERN, LONGEST_WAIT, WEEKDAYS, read_value
from incidentctl.incident.policy import DEFAULT_SCALE, SEVERITY_NAME

_LENGTH = r"([0-9]+(\.[0-9]+)?\s*[A-Za-z]+[\s,]*(and )?)+"
_LINE = r"^[^\x00-\x1f\x7f]*$"

_Line = Annotated[str, Field(pattern=_LINE)]
_Lines = list[_Line]

_TYPES: dict[Kind, Any] = {
    Kind.TEXT: _Line,
    Kind.BRANCH: Annotated[_Line, Field(min_length=1)],
    Kind.FOLDER: _Line,
    Kind.PATH: Annotated[_Line, Field(min_length=1)],
    Kind.SUBJECT: Annotated[str, Field(pattern=r"\{event\}")],
    Kind.SECONDS: Annotated[int | float, Field(ge=0, le=LONGEST_WAIT)] | Annotated[str, Field(pattern=f"^{_LENGTH}$")],
    Kind.DURATION: Annotated[str, Field(pattern=rf"^(none|\s*{_LENGTH})$")],
    Kind.BUSINESS_DAYS: Annotated[int, Field(ge=0, le=1000)]
    | Annotated[str, Field(pattern=r"^(none|[0-9]{1,4}( (business |working )?days?)?)$")],
    Kind.YES_NO: bool,
    Kind.CHOICE: str,
    Kind.ZONE: Annotated[_Line, Field(min_length=1)],
    Kind.CLOCK: Annotated[str, Field(pattern=r"^[0-9]{1,2}:[0-9]{2}$")] | time,
    Kind.WEEKDAYS: Annotated[_Lines, Field(min_length=1, json_schema_extra={"examples": [list(WEEKDAYS[:5])]})],
    Kind.DATES: list[date | Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]],
    Kind.TEXTS: list[Annotated[_Line, Field(min_length=1)]],
    Kind.HANDLES: list[Annotated[str, Field(min_length=1)]],
    Kind.HANDLE: Annotated[str, Field(min_length=1)],
    Kind.ROLES: list[Annotated[str, Field(min_length=1)]],
    Kind.URL: Annotated[_Line, Field(min_length=1)],
    Kind.PREFIX: _Line,
    Kind.SEVERITY: Annotated[_Line, Field(min_length=1)],
    Kind.SEVERITY_NAME: Annotated[str, Field(pattern=f"^{SEVERITY_NAME}$")],
    Kind.DATE: date | Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")],
    Kind.FILE: Annotated[_Line, Field(min_length=1)],
    Kind.GLOBS: list[Annotated[_Line, Field(min_length=1)]],
    Kind.SECTIONS: _Lines,
    Kind.RULES: _Lines,
    Kind.LEVELS: dict[str, str],
    Kind.ALIASES: dict[str, str],
    Kind.LABELS: dict[str, str],
    Kind.COLUMNS: dict[str, str],
    Kind.WORDS: dict[str, str],
    Kind.DATE_FORMAT: Annotated[_Line, Field(min_length=2)],
    Kind.PATTERN: Annotated[_Line, Field(min_length=1, max_length=LONGEST_PATTERN)],
    Kind.RULE_CODE: Annotated[str, Field(pattern=r"^\s*[Xx][0-9]{3}\s*$")],
    Kind.RULE_NAME: Annotated[str, Field(min_length=1)],
    Kind.MONTH: Annotated[int, Field(ge=1, le=12)],
    Kind.TARGET: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,40}$")],
    Kind.EVENTS: Annotated[_Lines, Field(min_length=1)],
    Kind.ADDRESS_VARIABLE: Annotated[str, Field(pattern=f"^{ADDRESS_VARIABLES}[A-Z0-9_]{{1,60}}$")],
    Kind.ADDRESS: Annotated[_Line, Field(min_length=4)],
    Kind.COMMAND: Annotated[list[str], Field(min_length=1)] | Annotated[str, Field(min_length=1)],
    Kind.DAYS: Annotated[int, Field(ge=1, le=LONGEST_PAST)],
    Kind.PAGE: Annotated[_Line, Field(pattern=r"^\s*[Hh][Tt][Tt][Pp][Ss]?://")],
    Kind.CONTACT: Annotated[_Line, Field(min_length=1)],
    Kind.CLOCK_NAME: Annotated[_Line, Field(min_length=1)],
    Kind.SEVERITIES: Annotated[_Line, Field(min_length=1)] | Annotated[_Lines, Field(min_length=1)],
    Kind.TAGS: Annotated[_Line, Field(min_length=1)] | Annotated[_Lines, Field(min_length=1)],
    Kind.WITHIN: Annotated[
        str, Field(pattern=rf"^(none|\s*{_LENGTH}|\s*[0-9]{{1,4}}\s*(business|working)\s+days?\s*)$")
    ],
}

_CONFIG = ConfigDict(extra="forbid", strict=True)


def settings_model(kind: SettingsKind = "repository") -> type[BaseModel]:
    """The model of one settings file. It holds each value to its kind; what two values say of each other, `parse.py` checks."""
    where = Where.REPOSITORY if kind == "repository" else Where.USER
    fields: dict[str, Any] = {}
    for table in TABLES:
        if not table.where & where or "." in table.name:
            continue
        if table.shape is Shape.TOP:
            fields |= _fields(table.keys, where)
        else:
            fields[table.name] = (_type_of(table, where), Field(default=None, description=table.doc))
    name = "RepositorySettings" if kind == "repository" else "UserSettings"
    return _model(name, fields)


def settings_json_schema(kind: SettingsKind = "repository") -> dict[str, object]:
    """The JSON Schema of `incidentctl.toml`, or of the user's own `config.toml`, as it is when TOML has become JSON."""
    schema = _without_empty_defaults(settings_model(kind).model_json_schema(mode="validation"))
    title = (
        "incidentctl.toml: the settings of a repository"
        if kind == "repository"
        else "config.toml: a user's own settings"
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def _without_empty_defaults(schema: Any) -> Any:
    """TOML cannot say null, so no editor should offer it."""
    if isinstance(schema, dict):
        return {
            key: _without_empty_defaults(value) for key, value in schema.items() if (key, value) != ("default", None)
        }
    return [_without_empty_defaults(each) for each in schema] if isinstance(schema, list) else schema


def _type_of(table: Table, where: Where) -> Any:
    if table.shape is Shape.MAP:
        handle = next(key for key in PERSON_KEYS if key.name == "handle")
        return dict[str, _checked(handle) | _model("Person", _fields(PERSON_KEYS, where))]  # type: ignore[misc]
    if table.shape is Shape.STATUSES:
        override = _model("StatusOverride", _fields(table.keys, where))
        return dict[Annotated[str, AfterValidator(_status)], override]  # type: ignore[valid-type]
    below = {
        each.name.partition(".")[2]: (_type_of(each, where), Field(default=None, description=each.doc))
        for each in TABLES
        if each.name.startswith(f"{table.name}.")
    }
    model = _model("".join(part.capitalize() for part in table.name.split(".")), _fields(table.keys, where) | below)
    if table.shape is Shape.LIST:
        return list[model]  # type: ignore[valid-type]
    if table.shape is Shape.SCALE:
        keys = tuple(key for key in table.keys if key.name != "name")
        change = _model("SeverityChange", _fields(keys, where))
        level = Annotated[str, AfterValidator(_standing)]
        return Annotated[list[model], Field(min_length=1)] | dict[level, change]  # type: ignore[valid-type]
    return model


def _status(word: str) -> str:
    if word.strip().lower().replace("-", "_") not in STATUSES:
        raise ValueError("not a status")
    return word


def _standing(word: str) -> str:
    if DEFAULT_SCALE.find(word) is None:
        raise ValueError("not a standing severity")
    return word


def _fields(keys: tuple[Key, ...], where: Where) -> dict[str, Any]:
    return {key.name: _field(key) for key in keys if key.where & where}


def _field(key: Key) -> tuple[Any, Any]:
    if key.kind is Kind.SERVICES:
        service = next(table for table in TABLES if table.name == "service")
        named = _checked(next(each for each in service.keys if each.name == "name"))
        each = named | _model("ListedService", _fields(service.keys, Where.REPOSITORY))
        return list[each], Field(default_factory=list, description=key.doc)  # type: ignore[valid-type]
    if key.required:
        return _checked(key), Field(description=key.doc)
    return _checked(key), Field(default=_default(key), description=key.doc)


def _checked(key: Key) -> Any:
    choices: JsonDict = {"enum": list(key.choices)}
    extra: JsonDict = choices if key.kind is Kind.CHOICE else {}
    kind = _TYPES[key.kind]
    if key.kind in (Kind.LEVELS, Kind.ALIASES, Kind.LABELS) or (key.kind is Kind.WORDS and key.choices):
        extra = {"additionalProperties": choices}
    elif key.kind is Kind.COLUMNS:
        extra = {"propertyNames": choices}
    elif key.kind in (Kind.SECTIONS, Kind.EVENTS):
        extra = {"items": choices}
    if key.required and key.kind is Kind.TEXT:
        kind = Annotated[kind, Field(min_length=1)]
    return Annotated[kind, AfterValidator(partial(read_value, key)), Field(json_schema_extra=extra)]


def _default(key: Key) -> object:
    import tomllib

    return tomllib.loads(f"default = {key.default}")["default"] if key.default else None


def _model(name: str, fields: dict[str, Any]) -> type[BaseModel]:
    return cast(type[BaseModel], create_model(name, __config__=_CONFIG, **fields))
