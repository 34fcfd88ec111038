"""The format `json`: its schema holds for every report, and what is not known is null."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from incidentctl.output.reports.json import report_as_json
from incidentctl.output.schemas import schema_of
from incidentctl.stats.report import MISLEADING
from tests.output.reports.sample_reports import ALL, ITEMS, METRICS, action_items, quarter


def _read(name: str) -> Any:
    return json.loads(report_as_json(ALL[name]()))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = schema_of("stats_report")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", ALL)
def test_every_report_is_as_its_schema_says(name: str, validator: Draft202012Validator) -> None:
    validator.validate(_read(name))


def test_the_schema_refuses_what_is_no_report(validator: Draft202012Validator) -> None:
    for key in ("metrics", "data_quality", "severe", "misleading"):
        broken = _read("quarter")
        del broken[key]
        assert not validator.is_valid(broken), key
    wrong = _read("quarter")
    wrong["metrics"]["mttm"]["n"] = None
    assert not validator.is_valid(wrong)


def test_a_report_begins_with_the_severe_incidents_and_ends_with_how_it_misleads() -> None:
    data = _read("quarter")
    keys = list(data)
    assert keys.index("severe") < keys.index("incidents") < keys.index("metrics")
    assert keys[-1] == "misleading"
    assert data["misleading"] == list(MISLEADING)
    assert list(data["metrics"]) == ["mttm", "mttd", "mtta", "mttr", "user_impact"]


def test_a_metric_has_both_its_ends_its_numbers_and_what_it_leaves_out() -> None:
    metric = _read("quarter")["metrics"]["mttm"]
    assert (metric["from"], metric["to"], metric["unit"]) == ("detected_at", "mitigated_at", "seconds")
    assert (metric["n"], metric["eligible"], metric["assumed"], metric["estimated"]) == (12, 15, 2, 2)
    assert metric["median"] == 3480
    assert {each["state"] for each in metric["excluded"]} == {"pending", "not_applicable", "invalid"}
    assert len(metric["values"]) == 12
    assert metric["comparison"]["distinguishable"] is False


@pytest.mark.parametrize("name", ["nothing", "never_any", "one_open"])
def test_what_is_not_known_is_null_and_never_0(name: str) -> None:
    data = _read(name)
    for metric in METRICS:
        assert data["metrics"][metric]["n"] == 0
        assert [data["metrics"][metric][key] for key in ("median", "p90", "mean", "ci95")] == [None] * 4
    assert data["action_items"]["rate"] is None
    assert data["repeats"]["number"] is None
    assert data["process"]["response"]["share"] is None


def test_whole_seconds_have_no_point() -> None:
    assert '"median": 3480,' in report_as_json(quarter())


def test_hostile_titles_are_only_strings() -> None:
    text = report_as_json(quarter())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert _read("quarter")["incidents"][7]["title"].startswith("escape \x1b[31mred")


def test_nobody_is_named() -> None:
    owners = {owner for each in ITEMS for owner in each.item.owners}
    text = report_as_json(replace(quarter(), action_items=action_items()))
    assert owners
    assert not [owner for owner in owners if f'"{owner}"' in text]
