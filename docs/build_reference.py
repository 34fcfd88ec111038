"""Makes docs/reference/ from the program: `python docs/build_reference.py`, or `--check` to name what is out of date."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from incidentctl.cli import COMMANDS, Listed, load_command, make_group
from incidentctl.config.reference import settings_reference
from incidentctl.document.edit import KEY_ORDER
from incidentctl.document.entry_lines import render_entry
from incidentctl.errors import ExitCode
from incidentctl.incident.entries import (
    COMMANDER,
    FOLDED_KEYS,
    Canceled,
    CancelReason,
    Done,
    Entry,
    KeySet,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    What,
    Withdrawn,
)
from incidentctl.incident.model import PLAIN_KEYS
from incidentctl.lint.catalogue import FAMILIES, RULES
from incidentctl.output.rule_pages import reference_pages
from incidentctl.output.schemas import KINDS, schema_of
from incidentctl.store.health.catalogue import CHECKS

REFERENCE = Path(__file__).parent / "reference"
MADE = "<!-- Made by `make docs`. Change the program, not this page. -->\n"
WIDTH = 100


def commands_page() -> str:
    """Every command with its help text, as the program prints it."""
    context_class: Any = type(make_group().make_context("ictl", ["--help"], resilient_parsing=True))
    group = make_group()
    pages = [f"# Commands\n\n{MADE}\n```text\n{_help(context_class, group, 'ictl')}\n```\n"]
    for listed in COMMANDS:
        if not listed.hidden:
            pages += _command_pages(context_class, listed, "")
    return "\n".join(pages)


def _command_pages(context_class: Any, listed: Listed, before: str) -> list[str]:
    """A command's page, and those of the commands behind it."""
    name = f"{before}{listed.name}"
    text = _help(context_class, load_command(listed), f"ictl {name}")
    pages = [f"{'###' if before else '##'} {name}\n\n```text\n{text}\n```\n"]
    for each in listed.commands:
        pages += [] if each.hidden else _command_pages(context_class, each, f"{name} ")
    return pages


def _help(context_class: Any, command: Any, name: str) -> str:
    context = context_class(
        command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, **command.context_settings
    )
    return "\n".join(line.rstrip() for line in str(command.get_help(context)).strip().splitlines())


def exit_codes_page() -> str:
    """What each exit code says."""
    rows = "\n".join(f"| {int(code)} | {code.meaning} |" for code in ExitCode)
    return (
        f"# Exit codes\n\n{MADE}\n| code | meaning |\n| --- | --- |\n{rows}\n\n"
        "With 7 the words are safe: in the file, or in the spool of the clone, `.git/incidentctl/spool/`. The next command commits them.\n"
    )


def settings_page() -> str:
    """All settings, with their defaults."""
    return settings_reference().replace("\n", f"\n\n{MADE}", 1)


def json_page() -> str:
    """The kinds of JSON, with their fields."""
    parts = [
        f"# JSON\n\n{MADE}\nEvery command that prints a result takes `--json`, the same as `--format json`. "
        "Errors go to standard error as kind `error`.\n"
        "Fields may be added; none is removed or changes its meaning while `schema_version` is 1. The whole schema: `ictl schema KIND`.\n"
    ]
    for kind in KINDS:
        schema = schema_of(kind)
        if kind == "settings":
            parts.append("## settings\n\nThe settings of a repository, as [settings](settings.md) tells them.\n")
            continue
        shapes = schema.get("$defs", {})
        parts.append(f"## {kind}\n\n{schema['description']}\n\n{_fields(schema, shapes)}")
        for name, part in sorted(shapes.items()):
            if "properties" in part and not any(f"### {name}\n" in each for each in parts):
                parts.append(f"### {name}\n\n{part['description']}\n\n{_fields(part, shapes)}")
    return "\n".join(parts)


def _fields(schema: dict[str, Any], shapes: dict[str, Any]) -> str:
    rows = [
        f"| `{name}` | {_type(part, shapes)} | {part.get('description', '')} |"
        for name, part in schema["properties"].items()
    ]
    return "| field | type | what it says |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"


def _type(part: dict[str, Any], shapes: dict[str, Any]) -> str:
    """What a value is, in words; a closed set of words is told, not named."""
    if "$ref" in part:
        name = str(part["$ref"]).rpartition("/")[2]
        return _type(shapes[name], shapes) if "enum" in shapes.get(name, {}) else name
    if "anyOf" in part:
        return " or ".join(_type(each, shapes) for each in part["anyOf"])
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        words = ", ".join(f"`{each}`" for each in part["enum"] if each is not None)
        return f"one of {words}" + (" or null" if None in part["enum"] else "")
    kind = part.get("type", "any")
    if isinstance(kind, list):
        scalars = {"string", "number", "boolean", "null"}
        return "a scalar" if set(kind) == scalars else "a list, or one alone" if "array" in kind else " or ".join(kind)
    return f"list of {_type(part.get('items', {}), shapes)}" if kind == "array" else str(kind)


def checks_page() -> str:
    """What `doctor` looks at, and what it mends."""
    parts = [
        f"# Checks of doctor\n\n{MADE}\n`ictl doctor` makes all of them, each whatever becomes of the others. "
        "[How to read what it says](../how-to/doctor.md).\n"
    ]
    for group in dict.fromkeys(check.group for check in CHECKS):
        rows = [f"| `{each.name}` | {each.about} | {each.mends or ''} |" for each in CHECKS if each.group is group]
        head = f"## {group.value[:1].upper()}{group.value[1:]}\n\n| check | all is well when | `--fix` |\n| --- | --- | --- |"
        parts.append("\n".join((head, *rows)) + "\n")
    return "\n".join(parts)


_AT = datetime(2026, 5, 14, 10, 5, 40, tzinfo=UTC)
_EXAMPLES: tuple[tuple[What, str], ...] = (
    (Opened("SEV2", "2-3", False, datetime(2026, 5, 14, 9, 51, tzinfo=UTC), datetime(2026, 5, 14, 10, 2, tzinfo=UTC)), "p99 above 4 s"),
    (Reached(Milestone.ACKNOWLEDGED), ""),
    (RoleChange(COMMANDER, "ann"), ""),
    (RoleChange("scribe", "cem"), ""),
    (SeverityChange("SEV2", "SEV1"), "payments fail as well"),
    (StatusChange(Status.IDENTIFIED), "the pool is exhausted"),
    (
        Update(
            Status.IDENTIFIED,
            impact="12 % of checkouts fail",
            theory="connection pool exhausted",
            actions="failing over to db-4",
            next_at=datetime(2026, 5, 14, 11, 0, tzinfo=UTC),
            commander="ann",
            public="Some payments fail. We are working on it.",
        ),
        "",
    ),
    (Note(), "pool exhausted on db-3, [graph](https://grafana.example.org/d/1)"),
    (Note(NoteKind.INVESTIGATION), "the pool is full"),
    (Note(NoteKind.ACTION), "restarted the proxy"),
    (Note(NoteKind.DECISION), "we fail over"),
    (Note(NoteKind.OBSERVATION), "errors fall"),
    (Done("status_page"), "https://status.example.org/1"),
    (Reached(Milestone.MITIGATED), "failed over to db-4"),
    (Reached(Milestone.RESOLVED), "pool size fixed"),
    (Reached(Milestone.CLOSED), ""),
    (Reached(Milestone.REOPENED), "errors again"),
    (Canceled(CancelReason.DUPLICATE, "2026-05-14-payments-down"), ""),
    (KeySet("started_at", None, "2026-05-14T09:51:00Z"), "first error in the log"),
    (Withdrawn("002b7x"), "wrong incident"),
)  # fmt: skip


def document_page() -> str:
    """The file format: hand-written prose, with keys and kinds from the program."""
    prose = (REFERENCE / "document-format.in.md").read_text(encoding="utf-8")
    entries = [Entry(_AT, what, text, "ann", f"00{number:04d}") for number, (what, text) in enumerate(_EXAMPLES, 1)]
    kinds = "\n".join(f"| `{entry.kind}` | `{render_entry(entry)[0]}` |" for entry in entries)
    update = next(entry for entry in entries if isinstance(entry.what, Update))
    values = {
        "made": MADE.strip(),
        "statuses": " < ".join(f"`{status.value}`" for status in Status),
        "folded": ", ".join(f"`{key}`" for key in FOLDED_KEYS),
        "plain": ", ".join(f"`{key}`" for key in PLAIN_KEYS),
        "order": ", ".join(f"`{key}`" for key in KEY_ORDER),
        "kinds": kinds,
        "update": "\n".join(render_entry(update)),
    }
    for name, value in values.items():
        prose = prose.replace(f"{{{{{name}}}}}", value)
    return prose


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "settings.md": settings_page,
    "exit-codes.md": exit_codes_page,
    "json.md": json_page,
    "doctor.md": checks_page,
    "document-format.md": document_page,
    **{f"rules/{name}": partial(str, text) for name, text in reference_pages(RULES, FAMILIES, MADE).items()},
}


def main() -> int:
    """Writes the pages, or with `--check` names those that are out of date and gives 1."""
    stale = []
    for name, make in PAGES.items():
        path = REFERENCE / name
        text = make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv[1:]:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if "--check" in sys.argv[1:]:
        for name in stale:
            sys.stderr.write(f"docs/reference/{name} is out of date: make docs\n")
        return 1 if stale else 0
    sys.stdout.write(f"written: {', '.join(stale) or 'nothing, all is current'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
