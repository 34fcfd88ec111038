"""The files for programs: the shape that readers of Atlassian Statuspage's `api/v2` know."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from incidentctl.incident.public import PublicPage
from incidentctl.output.statuspage.api import MOST_INCIDENTS, files_for_programs
from tests.output.statuspage.sample_pages import ALL, CALM, CHECKOUT, HOSTILE_PAGE, LONG, PAGE, RECOVERING, WITHOUT_URL

TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$"}
TIME_OR_NULL = {"anyOf": [TIME, {"type": "null"}]}
ID = {"type": "string", "pattern": "^[a-z0-9]+$"}
STATES = {"enum": ["investigating", "identified", "monitoring", "resolved"]}
COMPONENT_STATES = {
    "enum": ["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"]
}


def shape(**fields: Any) -> dict[str, Any]:
    """An object with these fields, all of them and no others."""
    return {"type": "object", "properties": fields, "required": [*fields], "additionalProperties": False}


def listed(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_TEXT, _YES_NO, _NULL = {"type": "string"}, {"type": "boolean"}, {"type": "null"}
_ID_OR_NULL = {"anyOf": [ID, _NULL]}
_PAGE = shape(id=ID, name=_TEXT, url=_TEXT, time_zone=_TEXT, updated_at=TIME)
_STATUS = shape(indicator={"enum": ["none", "minor", "major", "critical"]}, description=_TEXT)
_COMPONENT = shape(
    id=ID, name=_TEXT, status=COMPONENT_STATES, created_at=TIME, updated_at=TIME, position={"type": "integer"},
    description={"type": ["string", "null"]}, showcase=_YES_NO, start_date=_NULL, group_id=_ID_OR_NULL, page_id=ID, group=_YES_NO,
    only_show_if_degraded=_YES_NO,
)  # fmt: skip
_COMPONENT["properties"]["components"] = listed(ID)  # of a group alone
_CHANGE = shape(code=ID, name=_TEXT, old_status=COMPONENT_STATES, new_status=COMPONENT_STATES)
_UPDATE = shape(
    id=ID, status=STATES, body={"type": "string", "minLength": 1}, incident_id=ID, created_at=TIME, updated_at=TIME, display_at=TIME,
    affected_components={"anyOf": [listed(_CHANGE), _NULL]}, deliver_notifications=_YES_NO, custom_tweet=_NULL, tweet_id=_NULL,
)  # fmt: skip
_INCIDENT = shape(
    id=ID, name=_TEXT, status=STATES, created_at=TIME, updated_at=TIME, monitoring_at=TIME_OR_NULL, resolved_at=TIME_OR_NULL,
    impact={"enum": ["none", "minor", "major", "critical"]}, shortlink=_TEXT, started_at=TIME, page_id=ID,
    incident_updates={**listed(_UPDATE), "minItems": 1}, components=listed(_COMPONENT),
)  # fmt: skip
SHAPES = {
    "api/v2/summary.json": shape(
        page=_PAGE, components=listed(_COMPONENT), incidents=listed(_INCIDENT),
        scheduled_maintenances={"type": "array", "maxItems": 0}, status=_STATUS,
    ),
    "api/v2/status.json": shape(page=_PAGE, status=_STATUS),
    "api/v2/components.json": shape(page=_PAGE, components=listed(_COMPONENT)),
    "api/v2/incidents.json": shape(page=_PAGE, incidents=listed(_INCIDENT)),
    "api/v2/incidents/unresolved.json": shape(page=_PAGE, incidents=listed(_INCIDENT)),
}  # fmt: skip


def read(page: PublicPage, name: str) -> Any:
    return json.loads(files_for_programs(page)[f"api/v2/{name}.json"])


@pytest.mark.parametrize("name", ALL)
def test_each_file_has_the_shape_that_readers_know(name: str) -> None:
    files = files_for_programs(ALL[name])
    assert files.keys() == SHAPES.keys()
    for path, text in files.items():
        Draft202012Validator(SHAPES[path]).validate(json.loads(text))


def test_an_incident_is_told_with_its_updates_the_last_one_first() -> None:
    (orders, *_), summary = read(PAGE, "incidents")["incidents"], read(PAGE, "summary")
    assert orders["name"] == "Orders fail at checkout"
    assert (orders["status"], orders["started_at"]) == ("identified", "2026-05-14T10:12:00.000Z")
    assert orders["shortlink"] == "https://status.example.org/#ordersordero"
    assert [(each["status"], each["body"][:12]) for each in orders["incident_updates"]] == [
        ("identified", "We have foun"),
        ("investigating", "Some orders "),
    ]
    assert [(each["old_status"], each["new_status"]) for each in _changes(orders)] == [
        ("partial_outage", "partial_outage"),
        ("operational", "partial_outage"),
    ]
    assert [each["id"] for each in summary["incidents"]] == ["ordersordero", "partnerspart"], "those that are open"
    assert read(PAGE, "incidents/unresolved")["incidents"] == summary["incidents"]


def _changes(incident: Any) -> list[Any]:
    return [change for update in incident["incident_updates"] for change in update["affected_components"]]


@pytest.mark.parametrize(
    ("page", "indicator", "description"),
    [
        (PAGE, "major", "Partial System Outage"),
        (RECOVERING, "minor", "Partially Degraded Service"),
        (CALM, "none", "All Systems Operational"),
    ],
)
def test_the_indicator_follows_the_state_alone(page: PublicPage, indicator: str, description: str) -> None:
    assert read(page, "status")["status"] == {"indicator": indicator, "description": description}
    assert read(page, "summary")["status"]["indicator"] == indicator


def test_components_have_their_groups_and_their_health() -> None:
    found = [(each["name"], each["group"], each["status"]) for each in read(PAGE, "components")["components"]]
    assert found == [
        ("Partner API", False, "degraded_performance"),
        ("Shop", True, "partial_outage"),
        ("Checkout", False, "partial_outage"),
        ("Product search", False, "operational"),
    ]
    _, group, checkout, *_ = read(PAGE, "components")["components"]
    assert checkout["group_id"] == group["id"] not in {each.id for each in PAGE.services}
    assert checkout["id"] in group["components"]
    assert checkout["id"] == CHECKOUT.id


def test_a_closed_notice_counts_as_resolved_and_has_words_of_its_own() -> None:
    closed = read(PAGE, "incidents")["incidents"][-1]
    assert (closed["status"], closed["resolved_at"]) == ("resolved", "2026-05-02T07:20:00.000Z")
    assert closed["incident_updates"][0]["body"] == "This notice is closed."


def test_an_incident_of_no_listed_service_affects_no_component() -> None:
    closed = read(PAGE, "incidents")["incidents"][-1]
    assert closed["components"] == []
    assert closed["incident_updates"][0]["affected_components"] is None


def test_without_an_address_of_the_page_links_are_empty() -> None:
    data = read(WITHOUT_URL, "incidents")
    assert data["page"]["url"] == ""
    assert {each["shortlink"] for each in data["incidents"]} == {""}


def test_there_are_as_many_incidents_as_theirs_has_at_most() -> None:
    assert len(read(LONG, "incidents")["incidents"]) == MOST_INCIDENTS == 50


def test_the_impact_is_the_same_for_each() -> None:
    assert {each["impact"] for each in read(LONG, "incidents")["incidents"]} == {"major"}


def test_words_are_kept_and_steer_no_terminal() -> None:
    for text in files_for_programs(HOSTILE_PAGE).values():
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "<script>alert('x')</script>" in read(HOSTILE_PAGE, "incidents")["incidents"][0]["name"]


def test_an_incident_that_was_renamed_keeps_its_ids() -> None:
    renamed = replace(PAGE, open=(replace(PAGE.open[0], title="Other"),))
    before, after = (read(page, "incidents/unresolved")["incidents"][0] for page in (PAGE, renamed))
    assert before["id"] == after["id"]
