"""Messages of monitoring: any bytes are a message or a sentence; what a message says is bounded, harmless and reads back."""

from datetime import UTC, datetime

from incidentctl.alerts.message import AlertMessage, Nothing
from incidentctl.alerts.reading import is_whole, read_message
from incidentctl.alerts.severity import gravity_of
from incidentctl.config.settings import AlertForm, AlertSettings
from incidentctl.document.parse import parse_document
from incidentctl.document.render import render_document
from incidentctl.incident.alerts import is_known, place_alert
from incidentctl.incident.entries import Entry, Opened
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import DEFAULT_SCALE
from incidentctl.incident.requests import AlertWord, Happened
from incidentctl.incident.words import clean_text, show_safely
from tests.alerts.payloads import alert, as_bytes, ended, grafana, group, pagerduty, pagerduty_incident
from tests.fuzz.target import INCIDENT, Target

_SETTINGS = AlertSettings(
    severities={"page": "SEV1"},
    forms=(AlertForm(name="probe", id="check.id", title="check.title", status="check.state", service="check.on.0"),),
)
_NOW = datetime(2026, 5, 14, 12, tzinfo=UTC)


def message(data: bytes) -> None:
    """Any bytes as a message; and what it says as an opening, that is read back and known by its words."""
    is_whole(data)
    read = read_message(data, _SETTINGS, zone=UTC)
    assert read == read_message(data, _SETTINGS, zone=UTC)
    if not isinstance(read, AlertMessage):
        said = read.why if isinstance(read, Nothing) else f"{read.what}{read.hint}"
        assert said and "\n" not in said and show_safely(said) == said
        return
    for text in (read.title, read.text, *read.keys, *read.doubts):
        assert text and text == clean_text(text) == show_safely(text), f"a text that does not stay: {text!r}"
    assert not any(each in f"{read.title}\n{read.text}" for each in ("](", "![")), "a link that hides where it leads"
    assert len(read.title) <= 200 and len(read.text) <= 20_000 and all(len(key) <= 300 for key in read.keys)
    assert list(read.firing_since) == sorted(set(read.firing_since)) and bool(read.firing_since) <= (
        read.happened is Happened.FIRES
    )
    gravity_of(read.severities, DEFAULT_SCALE, _SETTINGS.severities)
    entry = Entry(at=_NOW, what=Opened("SEV2"), text=read.text, author="probe", agent=True, id="00abcd")
    keys = {"title": read.title, "external_id": read.keys[0]}
    document = parse_document(render_document(INCIDENT, keys, (entry,)), incident=INCIDENT)
    assert document.entries == (entry,), "the opening does not read back"
    assert [document.value(key) for key in keys] == list(keys.values()), "a key does not read back"
    word = AlertWord(read.keys, read.happened, read.text, read.at, read.firing_since)
    incident = Incident(INCIDENT, read.title, document.entries, fold(document.entries))
    assert is_known(word, word.text, incident), "a message that is written is not known"
    assert place_alert(word, [incident], lambda _: None).incident is incident


def _seeds() -> list[bytes]:
    probe = {"check": {"id": 7, "title": "Home page is down", "state": "down", "on": ["web"]}}
    several = group(alert(), ended("Errors"), truncatedAlerts=3)
    given = (group(), several, group(ended()), grafana(), pagerduty(), {"incident": pagerduty_incident()}, probe)
    return [as_bytes(each) for each in given]


_WORDS = (
    *(
        '"alerts"',
        '"groupKey"',
        '"labels"',
        '"annotations"',
        '"startsAt"',
        '"endsAt"',
        '"status"',
        '"firing"',
        '"resolved"',
    ),
    *(
        '"event"',
        '"event_type"',
        '"incident.triggered"',
        '"data"',
        '"id"',
        '"type"',
        '"incident"',
        '"check"',
        '"orgId"',
    ),
    *("null", "true", "1e400", "NaN", "-1", "[]", "{}", "[{}]", "{", "}", "[", "]", ":", ",", '"'),
    *('"0001-01-01T00:00:00Z"', '"2026-05-14T10:02:03"', '"2026-05-14T10:02:03+99:00"', "1778752923", "1778752923000"),
    *("\\n", "\\u001b", "\\u202e", "\\ud800", "![x](http://y)", "<img>", "`", "**Resolved**", "https://x", "\xff"),
)

TARGETS = (Target("alert", message, _seeds, _WORDS, grows=False),)
