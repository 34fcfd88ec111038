"""The examples are what the commands of today make, and there is one of everything."""

import importlib.util
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from incidentctl.config.parse import parse_settings
from incidentctl.document.edit import same_value
from incidentctl.document.parse import Document, parse_document
from incidentctl.incident.entries import CancelReason, Milestone, NoteKind, Status
from incidentctl.incident.lifecycle import fold, withdrawn_ids
from incidentctl.incident.times import describe_duration
from tests.conftest import Desk, scrubbed_environ

EXAMPLES = Path(__file__).parent.parent / "examples"
INCIDENTS = sorted((EXAMPLES / "incidents").glob("*/*/*.md"))
POSTMORTEMS = sorted((EXAMPLES / "postmortems").glob("*/*/*.md"))
SECTIONS = [
    "Summary",
    "Impact",
    "Timeline",
    "Root Cause",
    "Contributing Factors",
    "What Went Well",
    "What Went Poorly",
    "Action Items",
]


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    """`examples/build.py`, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("examples_build", EXAMPLES / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def document_of(path: Path) -> Document:
    return parse_document(path.read_bytes().decode(), incident=path.stem)


def documents() -> list[Document]:
    return [document_of(path) for path in INCIDENTS]


def test_the_examples_are_current(builder: ModuleType) -> None:
    assert builder.stale(builder.build(), builder.standing()) == [], "run: python examples/build.py"


def test_a_file_that_is_missing_changed_or_foreign_is_stale(builder: ModuleType) -> None:
    made, stands = {"a": b"1", "b": b"1", "c": b"1"}, {"b": b"2", "c": b"1", "d": b"1"}
    assert builder.stale(made, stands) == ["a", "b", "d"]


@pytest.mark.parametrize("path", INCIDENTS, ids=lambda path: path.stem)
def test_each_incident_is_without_a_fault_and_its_keys_are_the_sum_of_its_timeline(path: Path) -> None:
    document = document_of(path)
    assert document.faults == ()
    assert document.value("id") == path.stem
    assert path.parent.parts[-2:] == (path.stem[:4], path.stem[5:7])
    for key, folded in fold(document.entries).as_keys().items():
        assert same_value(key, document.value(key), folded), key


def test_each_status_occurs() -> None:
    assert {document.value("status") for document in documents()} == set(Status)


def test_each_kind_of_entry_occurs() -> None:
    kinds = {entry.kind for document in documents() for entry in document.entries}
    roles = {"commander", "tech_lead", "comms_lead", "role"}
    others = {"opened", "severity", "status", "update", "canceled", "set", "note", "done", "withdrawn"}
    assert kinds == {*Milestone, *NoteKind, *roles, *others}


def test_each_reason_to_cancel_occurs_and_a_duplicate_names_the_one_that_goes_on() -> None:
    canceled = [document for document in documents() if document.value("status") == "canceled"]
    assert {document.value("cancel_reason") for document in canceled} == set(CancelReason)
    survivors = {document.value("duplicate_of") for document in canceled} - {None}
    assert survivors <= {path.stem for path in INCIDENTS}


def test_each_severity_occurs() -> None:
    assert {document.value("severity") for document in documents()} == {"SEV1", "SEV2", "SEV3", "SEV4"}


def test_the_special_ones_are_there() -> None:
    entries = [entry for document in documents() for entry in document.entries]
    assert any(document.value("drill") for document in documents())
    assert any(not str(document.value("title")).isascii() for document in documents())
    assert any(entry.agent and entry.kind == "opened" for entry in entries)
    assert any(entry.typed for entry in entries), "typed by hand"
    assert {entry.by_hand for entry in entries} >= {"uncommitted"}
    assert any(re.fullmatch("[0-9a-f]{12}", entry.by_hand or "") for entry in entries)
    assert any(entry.noted_by for entry in entries)
    assert any(entry.recorded_at for entry in entries)
    withdrawn = [withdrawn_ids(sorted(document.entries, key=lambda entry: entry.order)) for document in documents()]
    assert max(len(ids) for ids in withdrawn) >= 3
    days = [{entry.at.date() for entry in document.entries} for document in documents()]
    assert any(len(each) > 1 for each in days)


def test_the_settings_have_no_fault() -> None:
    text = (EXAMPLES / "incidentctl.toml").read_text(encoding="utf-8")
    settings, problems = parse_settings(text, file_name="incidentctl.toml", kind="repository")
    assert problems == ()
    assert settings.bridge_url
    assert settings.calendar.holidays
    people = {person.handle for person in settings.people}
    assert all(set(team.members) <= people for team in settings.teams)
    services = {str(service) for document in documents() for service in document.value("services") or ()}
    assert all(settings.knows_service(service) for service in services)
    authors = {entry.author for document in documents() for entry in document.entries} - {None}
    assert authors <= people


@pytest.mark.parametrize("path", POSTMORTEMS, ids=lambda path: path.stem)
def test_each_postmortem_has_its_sections_and_agrees_with_its_incident(path: Path) -> None:
    document = document_of(path)
    assert document.faults == ()
    assert [section.title for section in document.sections] == SECTIONS
    incident = document_of(EXAMPLES / "incidents" / path.relative_to(EXAMPLES / "postmortems"))
    assert document.value("incident") == path.stem == incident.value("id")
    assert document.title == incident.title
    state = fold(incident.entries)
    assert state.detected_at is not None
    assert state.resolved_at is not None
    assert (
        f"**Date**: {path.stem[:10]} | **Severity**: {state.severity} | "
        f"**Duration**: {describe_duration(state.resolved_at - state.detected_at)} | **Author**: @"
    ) in document.text
    items = re.findall(r"^- \[[ x]\] .*", document.text, re.MULTILINE)
    assert items
    assert all(" — owner: @" in item and " — due: 20" in item and " — type: " in item for item in items)


def test_what_is_closed_and_needs_a_postmortem_has_a_final_one() -> None:
    for path in INCIDENTS:
        document = document_of(path)
        needs_one = document.value("severity") in ("SEV1", "SEV2") and not document.value("drill")
        if document.value("status") == "closed" and needs_one:
            postmortem = EXAMPLES / "postmortems" / path.relative_to(EXAMPLES / "incidents")
            assert document_of(postmortem).value("status") == "final"


def test_the_readme_names_each_incident_and_its_links_lead_somewhere() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert all((EXAMPLES / link).is_file() for link in links)
    named = {link for link in links if link.startswith("incidents/")}
    assert named == {path.relative_to(EXAMPLES).as_posix() for path in INCIDENTS}


def test_the_examples_work_as_a_repository(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "try-incidents", scrubbed_environ(tmp_path / "home"))
    shutil.copytree(EXAMPLES, desk.path, ignore=shutil.ignore_patterns("__pycache__"))
    desk.git("init", "--quiet", "-b", "main")
    desk.git("add", ".")
    desk.git("commit", "--quiet", "-m", "incidents of an example team")
    listed = desk.ok("list", "--json").json
    assert listed["unreadable"] == []
    assert len(listed["incidents"]) == len(INCIDENTS)
    assert "Checkout latency" in desk.ok("show", "checkout-latency").out
    assert "mails-arrive-hours-late" in desk.ok("search", "provider").out
    assert desk.git("status", "--porcelain") == ""


def test_the_linter_has_nothing_to_say_of_the_examples(tmp_path: Path) -> None:
    desk = Desk(tmp_path, scrubbed_environ(tmp_path / "home"), now=datetime(2026, 6, 18, 20, tzinfo=UTC))
    result = desk.ictl("lint", str(EXAMPLES / "incidents"), str(EXAMPLES / "postmortems"), "--json", "--no-cache")
    assert result.json["findings"] == []
    assert result.json["summary"]["files"] == len(INCIDENTS) + len(POSTMORTEMS)
