"""The reference of all settings in Markdown, made of the table of keys; and what a new settings file says. Text only."""

import json

from incidentctl.config.keys import PERSON_KEYS, TABLES, Key, Kind, Shape, Table, Where
from incidentctl.incident.policy import DEFAULT_SCALE, Severity
from incidentctl.incident.times import describe_duration

_INTRODUCTION = """\
# Settings

`incidentctl.toml`, at the top of the repository of incidents, holds what a team has agreed on. It is optional, and so is
each key in it. A wrong key or value is named with its line, and its default holds: settings never stop a command.
`incidentctl schema settings` prints the same as a JSON Schema.
"""

_USER_INTRODUCTION = """\
## Your own settings

`$XDG_CONFIG_HOME/incidentctl/config.toml` (`~/.config/incidentctl/config.toml` by default) holds what is yours alone. It has
these keys and no others; where both files have one, yours holds.
"""


def settings_reference() -> str:
    """The page of the docs on settings: each key with its kind, its default and what it is for."""
    parts = [_INTRODUCTION]
    for table in TABLES:
        if table.where & Where.REPOSITORY:
            parts.append(_section(table, Where.REPOSITORY))
    parts.append(_USER_INTRODUCTION)
    parts.append(_user_table())
    return "\n".join(parts)


def starter_settings(branch: str | None, folder: str) -> str:
    """The settings file of a new repository: what was chosen, and as comments what most teams want to set next."""
    branch_line = f"branch = {_toml(branch)}" if branch else '# branch = "main"'
    return f"""\
# The settings of this record of incidents. Every key has a default; `incidentctl schema settings` lists them all.

# Listed services let a typing error be noticed.
# services = ["checkout", "payments"]

[store]
{branch_line}
folder = {_toml(folder)}

# The zone of times that are typed without one; each person's own settings come first.
# [time]
# zone = "Europe/Berlin"

# The handle of each mail address, as git knows it. Without it: what stands before the @.
# [people]
# "ann@example.org" = "ann"
# "deploybot@example.org" = {{ handle = "deploybot", agent = true }}

# The standing call for incidents of the highest severity.
# [bridge]
# url = "https://meet.example.org/sev1"
"""


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _section(table: Table, where: Where) -> str:
    heading = {
        Shape.TOP: "The top of the file",
        Shape.LIST: f"`[[{table.name}]]`",
        Shape.SCALE: f"`[[{table.name}]]`",
        Shape.STATUSES: f"`[{table.name}.draft]`",
    }.get(table.shape, f"`[{table.name}]`")
    parts = [f"## {heading}\n\n{table.doc}\n"]
    keys = PERSON_KEYS if table.shape is Shape.MAP else tuple(key for key in table.keys if key.where & where)
    if table.shape is Shape.MAP:
        parts.append("A table has these keys:\n")
    parts.append(_rows([(f"`{key.name}`", key) for key in keys]))
    if table.shape is Shape.SCALE:
        parts.append("The standing scale:\n")
        parts.append(_standing_scale())
    if table.example:
        parts.append(f"```toml\n{table.example}\n```\n")
    return "\n".join(parts)


def _user_table() -> str:
    rows = [
        (f"`{key.name}`" if table.shape is Shape.TOP else f"`[{table.name}] {key.name}`", key)
        for table in TABLES
        for key in table.keys
        if key.where & Where.USER
    ]
    return _rows(rows)


def _rows(rows: list[tuple[str, Key]]) -> str:
    lines = ["| key | must be | default | what it is for |", "| --- | --- | --- | --- |"]
    for label, key in rows:
        words = ", ".join(f"`{choice}`" for choice in key.choices)
        kind = f"one of {words}" if key.kind is Kind.CHOICE else key.kind.value
        default = "required" if key.required else f"`{key.default}`" if key.default else key.no_default
        lines.append("| " + " | ".join(_cell(text) for text in (label, kind, default, key.doc)) + " |")
    return "\n".join(lines) + "\n"


def _standing_scale() -> str:
    lines = [
        "| | aliases | response | update every | status page | management | bridge | commander | post-mortem |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += ["| " + " | ".join(_cell(text) for text in _level(severity)) + " |" for severity in DEFAULT_SCALE]
    return "\n".join(lines) + "\n"


def _level(severity: Severity) -> list[str]:
    def length(value: object) -> str:
        return "none" if value is None else str(value)

    response = None if severity.response is None else describe_duration(severity.response)
    business = " of business hours" if severity.response_hours == "business" else ""
    clocks = (severity.update_every, severity.status_page, severity.management)
    within = f"within {severity.postmortem_within} business days" if severity.postmortem_within else "required"
    return [
        f"`{severity.name}` {severity.title}",
        ", ".join(f"`{alias}`" for alias in severity.aliases),
        f"{length(response)}{business}",
        *(length(None if each is None else describe_duration(each)) for each in clocks),
        "yes" if severity.bridge else "no",
        severity.commander.value,
        within if severity.postmortem else "a ticket" if severity.ticket else "no",
    ]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
