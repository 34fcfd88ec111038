"""What waits in the spool is read whatever stands in it: as a request, or refused in a way that the store expects."""

import json

from incidentctl.document.saved_words import Plan, request_as_data, request_of_data, with_plan
from incidentctl.incident.requests import Author, Request, Verb
from tests.fuzz.seeds import DOCUMENT_WORDS, ENTRIES, START, documents
from tests.fuzz.target import INCIDENT, Target, text_of


def saved_word(data: bytes) -> None:
    """Any JSON is a request that can be saved again, or a `ValueError`, `KeyError` or `TypeError`."""
    try:
        given = json.loads(text_of(data))
    except (ValueError, RecursionError):
        return
    if not isinstance(given, dict):
        return
    try:
        request, plan, edited = request_of_data(given)
    except (ValueError, KeyError, TypeError):
        return
    again = json.loads(json.dumps(request_as_data(request, plan, edited=edited)))
    assert request_of_data(again) == (request, plan, edited), "saved again it is another one"
    if plan is not None and all(entry.id for entry in plan.entries) and all(plan.keys.values()):
        text = with_plan(documents()[2], plan)
        assert with_plan(text, plan) == text, "carried out twice it changes something"


def _seeds() -> list[bytes]:
    requests = [
        Request(
            verb, INCIDENT, Author("ann", "bob"), START, 7, at=START, entries=(entry,), keys={"tags": ("a",), "x": "y"}
        )
        for verb, entry in zip(Verb, ENTRIES, strict=False)
    ]
    plan = Plan(INCIDENT, "incidents/2026/05/x.md", ENTRIES[:2], "x", {"title": "y"})
    return [json.dumps(request_as_data(request, plan)).encode() for request in requests]


TARGETS = (Target("saved-word", saved_word, _seeds, (*DOCUMENT_WORDS, "null", "[]", "{}", "true", "1e400", "\\u0000")),)
