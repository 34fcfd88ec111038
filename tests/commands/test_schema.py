"""What `--json` prints fits what `schema` says, by an independent reader of both."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from incidentctl.incident.entries import NoteKind
from incidentctl.output.schemas import KINDS, RESULTS, EntryKind
from tests.conftest import Desk, Result


def schema(desk: Desk, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.ok("schema", kind).json
    Draft202012Validator.check_schema(found)
    return found


def check(desk: Desk, kind: str, result: Result) -> None:
    Draft202012Validator(schema(desk, kind)).validate(result.json)
    assert result.json["kind"] == kind
    assert result.json["schema_version"] == 1


def test_every_kind_is_listed_and_is_a_valid_schema(desk: Desk) -> None:
    assert desk.ok("schema").out.split() == list(KINDS)
    for kind in KINDS:
        schema(desk, kind)


def test_an_unknown_kind_names_the_nearest(desk: Desk) -> None:
    result = desk.ictl("schema", "incidnt")
    assert result.code == 2
    assert "did you mean incident?" in result.err


def test_kinds_are_taken_with_dashes_too(desk: Desk) -> None:
    assert desk.ok("schema", "Front-Matter").json["required"][0] == "id"


def test_writes_fit(desk: Desk) -> None:
    commands: tuple[tuple[str, ...], ...] = (
        ("open", "Checkout latency", "-s", "1-2", "--detected-at", "-4m"),
        ("ack",),
        ("note", "x", "--at", "-10m"),
        *(("note", "x", "--kind", kind.value) for kind in NoteKind),
        ("note", "--done", "bridge"),
        ("assign", "ic", "me"),
        ("assign", "scribe", "@bob"),
        ("severity", "3", "smaller"),
        ("update", "y", "--status", "identified", "--impact", "z"),
        ("undo",),
        ("mitigate",),
        ("resolve", "done"),
        ("reopen", "again"),
        ("set", "title=New"),
        ("set", "started_at=-1h"),
        ("cancel", "--reason", "false-alarm"),
    )
    name = "2026-05-14-checkout-latency"
    for words in commands:
        desk.wait(1)
        extra = () if words[0] == "open" else ("-i", name)
        check(desk, "write", desk.ok(*words, *extra, "--json"))
    check(desk, "incident", desk.ok("show", name, "--json"))
    check(desk, "incident", desk.ok("timeline", name, "--format", "json"))
    check(desk, "incidents", desk.ok("list", "--json"))
    check(desk, "search", desk.ok("search", "smaller", "--json"))
    check(desk, "current", desk.ok("use", name, "--json"))


@pytest.mark.parametrize("words", [("note", "x"), ("set", "title=New"), ("severity", "2"), ("resolve", "done")])
def test_what_would_be_written_fits_as_well(desk: Desk, words: tuple[str, ...]) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    check(desk, "write", desk.ok(*words, "--dry-run", "--json"))


def test_what_is_saved_and_not_committed_fits(desk: Desk) -> None:
    hook = desk.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    result = desk.ictl("open", "Checkout latency", "-s", "2", "--json")
    assert result.code == 7
    check(desk, "write", result)
    Draft202012Validator(schema(desk, "error")).validate(result.error)
    check(desk, "incident", desk.ok("show", "--json"))


def test_what_init_prints_fits(desk: Desk, tmp_path: Path) -> None:
    for more in (("--dry-run",), (), (), ("--dry-run",)):
        check(desk, "init", desk.ok("init", str(tmp_path / "other"), "--json", *more))


EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_examples_fit(desk: Desk) -> None:
    for folder in ("incidents", "postmortems"):
        shutil.copytree(EXAMPLES / folder, desk.path / folder)
    validator = Draft202012Validator(schema(desk, "incident"))
    listed = desk.ictl("list", "--json")
    check(desk, "incidents", listed)
    check(desk, "search", desk.ictl("search", "e", "--json"))
    for each in listed.json["incidents"]:
        validator.validate(desk.ok("show", each["id"], "--json").json)


ODD = """\
---
id: 2026-05-14-odd
title: [a, list]
severity: sev9
status: weird
services: one
drill: maybe
commander: "@ann"
started_at: yesterday
detected_at: 2026-05-14T12:02:00.5+02:00
declared_at: 2026-05-14
cancel_reason: because
roles: {scribe: bob}
path: /etc/passwd
team: {name: x}
tags: {a: b}
external_id: [1, 2]
---

## Timeline

- 2026-05-14T12:05+02:00 **Opened** SEV2 — @ann
- 2026-05-14T10:06:00.25Z a note without an id
- 2026-05-14T10:07Z **Severity** SEV2 -> SEV1
- 2026-05-14T10:08:00Z **Role** scribe @bob (noted by @ann) (agent)
- 2026-05-14T10:09:00Z **Update** Identified
  - Impact: some
"""


def test_a_file_that_people_wrote_oddly_fits_when_it_is_read(desk: Desk) -> None:
    desk.write("incidents/2026/05/2026-05-14-odd.md", ODD)
    check(desk, "incident", desk.ictl("show", "2026-05-14-odd", "--json"))
    check(desk, "incidents", desk.ictl("list", "--json"))
    check(desk, "search", desk.ictl("search", "note", "--json"))
    check(desk, "write", desk.ictl("note", "x", "-i", "2026-05-14-odd", "--json"))
    check(desk, "incident", desk.ictl("show", "2026-05-14-odd", "--json"))


def test_errors_fit(desk: Desk) -> None:
    result = desk.ictl("show", "nothing-like-it", "--json")
    assert result.code == 3
    assert result.out == ""
    Draft202012Validator(schema(desk, "error")).validate(result.error)


def test_unreadable_files_fit(desk: Desk) -> None:
    desk.write("incidents/2026/05/2026-05-14-broken.md", "---\nid: [\n---\n")
    result = desk.ictl("list", "--json")
    assert result.code == 1
    check(desk, "incidents", result)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_says_what_it_is(desk: Desk, kind: str) -> None:
    found = schema(desk, kind)
    parts = [found, *(part for part in found.get("$defs", {}).values() if "properties" in part)]
    for part in parts:
        for name, said in part["properties"].items():
            assert said.get("description"), (kind, name)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("write", {"committed": "yes"}),
        ("write", {"entry": {"id": "000000"}}),
        ("incident", {"timeline": [{"kind": "unheard_of"}]}),
        ("incidents", {"incidents": [{"id": "x"}]}),
        ("current", {"incident": 3}),
    ],
)
def test_a_wrong_value_does_not_fit_and_a_new_field_does(desk: Desk, kind: str, wrong: dict[str, Any]) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    verb = {"write": ("note", "x"), "incident": ("show",), "incidents": ("list",), "current": ("use",)}[kind]
    data = desk.ok(*verb, "--json").json
    validator = Draft202012Validator(schema(desk, kind))
    assert validator.is_valid({**data, "something_new": 1})
    assert not validator.is_valid({**data, **wrong})


@pytest.mark.parametrize("kind", RESULTS)
def test_a_result_without_a_required_field_does_not_fit(desk: Desk, kind: str) -> None:
    validator = Draft202012Validator(schema(desk, kind))
    assert list(validator.iter_errors({"schema_version": 1, "kind": kind}))
    assert list(validator.iter_errors({"kind": "something-else"}))


def test_the_front_matter_of_what_we_write_fits(desk: Desk) -> None:
    import frontmatter

    desk.ok("open", "Checkout latency", "-s", "2", "--service", "a", "--tag", "b")
    keys = json.loads(json.dumps(dict(frontmatter.loads(desk.text()).metadata), default=str))
    Draft202012Validator(schema(desk, "front_matter")).validate(keys)


def test_the_kinds_of_entries_are_those_that_there_are() -> None:
    from incidentctl.incident import entries

    known = {*entries._KINDS.values(), *entries.Milestone, *entries.NoteKind, *entries.FOLDED_ROLES, "role", "note"}
    assert {kind.value for kind in EntryKind} == {str(each) for each in known}
