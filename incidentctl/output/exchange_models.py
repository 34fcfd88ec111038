"""The rows of an export and an import as pydantic models, made of the table of columns. Loaded only by `import`, `schema` and the tests."""

from datetime import date, datetime
from functools import cache, partial
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, create_model

from incidentctl.stats.cells import NOTHING, Understanding, Value, read_value
from incidentctl.stats.exchange import COLUMNS, ROW_TYPES, SCHEMA_VERSION, Column, Holds, Table

_INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
_DAY = r"^\d{4}-\d\d-\d\d$"
_TYPES: dict[Holds, Any] = {
    Holds.LINE: str | None,
    Holds.TEXT: str | None,
    Holds.LIST: tuple[str, ...],
    Holds.TIME: datetime | None,
    Holds.DAY: date | None,
    Holds.YES_NO: bool | None,
    Holds.CHOICE: str | None,
    Holds.PERSON: str | None,
    Holds.PEOPLE: tuple[str, ...],
    Holds.KEYS: dict[str, str | tuple[str, ...]],
}
_SCHEMAS: dict[Holds, dict[str, Any]] = {
    Holds.LIST: {"type": "array", "items": {"type": "string"}},
    Holds.PEOPLE: {"type": "array", "items": {"type": "string"}},
    Holds.TIME: {"type": ["string", "null"], "pattern": _INSTANT},
    Holds.DAY: {"type": ["string", "null"], "pattern": _DAY},
    Holds.YES_NO: {"type": ["boolean", "null"]},
    Holds.KEYS: {
        "type": "object",
        "additionalProperties": {"type": ["string", "array"], "items": {"type": "string"}},
    },
}


def _read(column: Column, raw: object, info: ValidationInfo) -> Value:
    """A value by its column. What was wrong stands in the error's context, for whoever asks."""
    how = info.context if isinstance(info.context, Understanding) else Understanding()
    return read_value(column, raw, how)


@cache
def row_model(table: Table) -> type[BaseModel]:
    """The model of one kind of row: what an import checks it against."""
    fields: dict[str, Any] = {}
    for column in COLUMNS[table]:
        kind: Any = Annotated[_TYPES[column.holds], BeforeValidator(partial(_read, column))]
        # Most columns of most rows are empty: only those that must not be are looked at then.
        empty: Any = NOTHING.get(column.holds)
        default = Field(default=empty, validate_default=column.required, description=column.doc)
        fields[column.name] = (kind, default)
    name = "".join(part.capitalize() for part in table.value.split("_")) + "Row"
    return cast(type[BaseModel], create_model(name, __config__=ConfigDict(extra="forbid"), **fields))


def row_schema(table: Table) -> dict[str, Any]:
    """The JSON Schema of one line of an export."""
    properties: dict[str, Any] = {
        "type": {"const": table.value, "description": "What the line is about."},
        "schema_version": {"const": SCHEMA_VERSION, "description": "A field may be added without a change of it."},
    }
    for column in COLUMNS[table]:
        shape = dict(_SCHEMAS.get(column.holds, {"type": ["string", "null"]}))
        if column.required:
            shape["type"] = "string"
        elif column.choices:
            shape = {"enum": [*column.choices, None]}
        if column.choices and column.required:
            shape = {"enum": list(column.choices)}
        properties[column.name] = {**shape, "description": column.doc}
    needed = ("type", "schema_version", *(column.name for column in COLUMNS[table] if column.required))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of `stats export`: {table.value}",
        "description": f"A line of `stats export`, which `import` takes back: {ROW_TYPES[table].__doc__}",
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if table is not Table.TRANSITION or name in needed],
        "additionalProperties": True,
    }
