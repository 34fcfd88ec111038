"""What `--json` prints fits what `schema` says, by an independent reader of both."""

import json
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
