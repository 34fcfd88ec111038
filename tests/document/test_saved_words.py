"""What waits to be committed, as plain data: read back as it was, or refused where it is broken."""

import pytest
from msgspec.structs import replace

from incidentctl.document.saved_words import Plan, request_as_data, request_of_data
from incidentctl.incident.entries import Entry, Note
from incidentctl.incident.requests import Author, Request, Verb
from tests.document.documents import INCIDENT
from tests.strategies import START

NOTE = Entry(START, Note(), "pool exhausted", "bob", "00w1gy")
KEYS = {"title": "x", "services": ("checkout", "payments"), "bridge": None}
REQUEST = Request(Verb.NOTE, INCIDENT, Author("ann"), START, 7, entries=(NOTE,), keys=KEYS)
PLAN = Plan(INCIDENT, f"incidents/2026/05/{INCIDENT}.md", (NOTE,), "x", KEYS)


def test_a_request_and_its_plan_read_back_as_they_were() -> None:
    assert request_of_data(_as_json(request_as_data(REQUEST, PLAN))) == (REQUEST, PLAN, None)


@pytest.mark.parametrize("value", [1, True, 1.5, {"a": "b"}])
def test_a_key_that_says_what_no_command_writes_is_refused_when_it_is_read(value: object) -> None:
    data = _as_json(request_as_data(REQUEST, PLAN))
    data["plan"]["keys"]["title"] = value
    with pytest.raises(TypeError):
        request_of_data(data)


def test_a_time_at_the_end_of_all_years_is_refused_when_it_is_read() -> None:
    data = request_as_data(replace(REQUEST, entries=()))
    with pytest.raises((ValueError, KeyError, TypeError)):
        request_of_data({**data, "now": "0001-01-01T00:00:00+23:59"})


def _as_json(data):
    import json

    return json.loads(json.dumps(data))
