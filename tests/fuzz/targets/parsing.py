"""Reading a file never raises, and what it says of places is so."""

from incidentctl.document.believe import believe
from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.parse import parse_document
from incidentctl.document.postmortem import read_postmortem
from incidentctl.document.yaml_block import read_block
from tests.fuzz.seeds import POSTMORTEM_WORDS, documents
from tests.fuzz.target import INCIDENT, Target, assert_places_are_sound, text_of


def parse(data: bytes) -> None:
    """A document, what is believed of it, and its front matter, which two readers take for the same."""
    text = text_of(data)
    document = parse_document(text, incident=INCIDENT)
    assert document.text == text
    assert_places_are_sound(document)
    assert all(entry.id for entry in document.entries), "an entry without an id"
    incident = believe(document, INCIDENT)
    assert incident.state.status is not None
    differing_keys(document)
    read_postmortem(text, incident=INCIDENT)
    front = document.front
    if front is not None and front.is_readable:
        again = read_block(text, front.start, front.end)
        assert (again.values, again.places) == (front.values, front.places), "the quick reader of keys sees others"


TARGETS = (Target("parse", parse, lambda: [each.encode() for each in documents()], POSTMORTEM_WORDS),)
