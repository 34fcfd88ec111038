"""What the readers of messages make of them: the words, the times, whose it is; and of what is none, a sentence."""

import importlib
import json
import pkgutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.alerts import sources
from incidentctl.alerts.catalogue import SOURCES
from incidentctl.alerts.message import LONGEST_KEY, AlertMessage, Nothing, NotUnderstood, key_of
from incidentctl.alerts.reading import is_whole, read_message
from incidentctl.config.settings import AlertForm, AlertSettings
from incidentctl.incident.requests import Happened
from incidentctl.incident.words import clean_text, show_safely
from tests.alerts.payloads import alert, as_bytes, ended, grafana, group, pagerduty, pagerduty_incident

SETTINGS = AlertSettings()
AT = datetime(2026, 5, 14, 10, 2, 3, tzinfo=UTC)


def read(data: Any, **options: Any) -> AlertMessage:
    """What is made of a message that is understood."""
    message = read_message(as_bytes(data), SETTINGS, **options)
    assert isinstance(message, AlertMessage), message
    return message


def refused(data: bytes, settings: AlertSettings = SETTINGS, **options: Any) -> NotUnderstood:
    """What is said of one that is not."""
    message = read_message(data, settings, **options)
    assert isinstance(message, NotUnderstood), message
    assert message.what and message.hint and "\n" not in message.what + message.hint
    return message


# ------------------------------------------------------------------------------------------------------- Alertmanager


def test_a_group_of_one_alert() -> None:
    message = read(group())
    assert message.source == "alertmanager"
    assert message.keys == ('alertmanager:{}/{severity="critical"}:{alertname="HighLatency"}',)
    assert (message.happened, message.title, message.count) == (Happened.FIRES, "p99 above 4 s", 1)
    assert (message.at, message.firing_since) == (AT, (AT,))
    assert message.severities == (("critical",),)
    assert message.services == (("service", "checkout"),)
    assert message.doubts == ()
    assert message.text == (
        "HighLatency fires since 2026-05-14T10:02:03Z, severity critical, instance=eu-1, service=checkout\n"
        "runbook: https://runbooks.example.org/latency\n"
        "graph: http://prometheus.example.org:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"
    )


def test_a_group_of_several_tells_the_newest_first_and_what_all_share() -> None:
    later = alert("Errors", startsAt="2026-05-14T10:07:00Z", labels={"instance": "eu-2"}, annotations={})
    message = read(group(alert(), later, ended("Gone")))
    assert message.text.split("\n")[:5] == [
        "2 alerts fire, 1 ended",
        "all: service=checkout, severity=critical",
        "firing since 2026-05-14T10:07:00Z: Errors, instance=eu-2",
        "firing since 2026-05-14T10:02:03Z: HighLatency, instance=eu-1",
        "ended 2026-05-14T10:30:00Z: Gone, instance=eu-1",
    ]
    assert message.at == datetime(2026, 5, 14, 10, 30, tzinfo=UTC)
    assert message.firing_since == (AT, datetime(2026, 5, 14, 10, 7, tzinfo=UTC))


def test_the_end_of_all_is_an_end_and_has_no_links() -> None:
    message = read(group(ended()))
    assert (message.happened, message.firing_since) == (Happened.ENDS, ())
    assert message.text == (
        "HighLatency ended 2026-05-14T10:30:00Z, severity critical, instance=eu-1, service=checkout"
    )


def test_the_order_in_which_a_sender_lists_its_alerts_does_not_matter() -> None:
    several = [alert(f"A{n}", startsAt=f"2026-05-14T10:0{n}:00Z") for n in range(5)]
    assert read(group(*several)) == read(group(*reversed(several)))


@pytest.mark.parametrize(
    ("alerts", "common", "title"),
    [
        ([alert()], {"summary": "All is slow"}, "All is slow"),
        ([alert(annotations={"description": "It is slow\nvery"})], {}, "It is slow very"),
        ([alert(annotations={})], {}, "HighLatency checkout"),
        ([alert(annotations={}, labels={"service": None})], {}, "HighLatency eu-1"),
        (
            [alert(annotations={}, labels={"instance": "a"}), alert(labels={"instance": "b"})],
            {},
            "HighLatency: 2 alerts",
        ),
        (
            [alert(), alert("Errors", startsAt="2026-05-14T10:09:00Z", annotations={"summary": "5xx"})],
            {},
            "5xx, and 1 more",
        ),
        ([{"status": "firing"}], {}, "an alert without a name"),
    ],
)
def test_the_title_is_what_the_rule_says(alerts: list[dict[str, Any]], common: dict[str, str], title: str) -> None:
    assert read(group(*alerts, commonAnnotations=common)).title == title


def test_gos_zero_time_is_none() -> None:
    message = read(group(alert(startsAt="0001-01-01T00:00:00Z"), alert(startsAt="0001-01-01T00:00:00+00:00")))
    assert (message.at, message.firing_since, message.doubts) == (None, (), ())


def test_a_time_without_zone_is_left_out_and_said_unless_a_zone_is_given() -> None:
    given = group(alert(startsAt="2026-05-14T12:02:03"))
    assert read(given).firing_since == ()
    assert read(given).doubts == ("startsAt has no zone, and was left out: say it with --tz ZONE",)
    assert read(given, zone=ZoneInfo("Europe/Berlin")).firing_since == (AT,)


def test_what_is_no_time_is_left_out_and_said() -> None:
    message = read(group(alert(startsAt="yesterday \x1b[2J")))
    assert message.firing_since == ()
    assert message.doubts == ("startsAt is no time, and was left out",)


def test_a_group_without_its_key_is_known_by_its_fingerprints() -> None:
    one = read(group(groupKey=None)).keys
    assert one == ("alertmanager:c6eadffa33fcdf37",)
    assert read(group(ended(), groupKey="")).keys == one
    assert read(group(alert(fingerprint="", labels={"instance": "x"}), groupKey="")).keys != one


def test_a_long_key_is_cut_and_stays_its_own() -> None:
    one, other = key_of("x" * 5_000 + "1"), key_of("x" * 5_000 + "2")
    assert len(one) == len(other) <= LONGEST_KEY
    assert one != other


def test_another_version_is_read_and_said() -> None:
    assert read(group(version="5")).doubts == ("the message says that it is of version 5; it was read as version 4",)
    assert read(group(version=None)).doubts == ()


def test_what_a_real_alertmanager_sent_is_read() -> None:
    data = Path(__file__).parent / "data"
    fires, over = (
        read_message((data / f"alertmanager-0.25-{state}.json").read_bytes(), SETTINGS)
        for state in ("firing", "resolved")
    )
    assert isinstance(fires, AlertMessage) and isinstance(over, AlertMessage)
    assert fires.keys == over.keys == ('alertmanager:{}:{alertname="CheckoutFails"}',)
    assert (fires.title, fires.severities) == ("Checkout fails", (("critical",),))
    assert fires.services == (("service", "checkout"), ("job", "shop"))
    assert fires.firing_since == (datetime(2026, 5, 14, 10, 2, 34, tzinfo=UTC),)
    assert fires.text == (
        "CheckoutFails fires since 2026-05-14T10:02:34Z, severity critical, cluster=eu, instance=shop.example.org:8080, "
        "job=shop, service=checkout\n7 errors\nrunbook: https://runbooks.example.org/checkout\n"
        "graph: http://prometheus.example.org:9090/graph?g0.expr=checkout_errors+%3E+0&g0.tab=1"
    )
    assert (over.happened, over.at) == (Happened.ENDS, datetime(2026, 5, 14, 10, 42, 36, tzinfo=UTC))


# ------------------------------------------------------------------------------------------------------------ Grafana


def test_a_message_of_grafana_has_its_links() -> None:
    message = read(grafana())
    assert message.source == "grafana"
    assert message.keys == ('grafana:{}:{alertname="HighLatency"}',)
    assert message.title == "p99 above 4 s"
    assert message.text.split("\n")[1:] == [
        "runbook: https://runbooks.example.org/latency",
        "panel: https://grafana.example.org/d/abc?viewPanel=1",
        "dashboard: https://grafana.example.org/d/abc",
        "rule: http://prometheus.example.org:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
    ]


def test_a_message_of_grafana_is_told_from_one_of_alertmanager_by_what_only_it_has() -> None:
    assert read(grafana(orgId=1)).source == "grafana"
    plain = {key: value for key, value in grafana().items() if key not in ("orgId", "state")}
    assert read(plain).source == "grafana"
    assert read(group()).source == "alertmanager"
    assert read(grafana(), source="alertmanager").source == "alertmanager"


# ---------------------------------------------------------------------------------------------------------- PagerDuty


def test_an_event_of_pagerduty() -> None:
    message = read(pagerduty())
    assert (message.source, message.keys) == ("pagerduty", ("pagerduty:PGR0VU2", "PGR0VU2"))
    assert (message.happened, message.title) == (Happened.FIRES, "Checkout fails")
    assert message.at == datetime(2026, 5, 14, 10, 2, 1, tzinfo=UTC)
    assert message.firing_since == (datetime(2026, 5, 14, 10, 2, tzinfo=UTC),)
    assert message.severities == (("P1", "pagerduty-high"),)
    assert message.services == (("service", "checkout"),)
    assert message.text == (
        "triggered in PagerDuty, priority P1, urgency high\n"
        "service: checkout\nincident: https://acme.pagerduty.com/incidents/PGR0VU2"
    )


@pytest.mark.parametrize(
    ("kind", "happened", "said"),
    [
        ("acknowledged", Happened.FIRES, "acknowledged"),
        ("escalated", Happened.FIRES, "escalated"),
        ("reopened", Happened.FIRES, "reopened"),
        ("resolved", Happened.ENDS, "resolved"),
        ("priority_updated", Happened.FIRES, "given another priority"),
        ("something_new", Happened.FIRES, "something new"),
    ],
)
def test_what_became_of_an_incident_of_pagerduty(kind: str, happened: Happened, said: str) -> None:
    message = read(pagerduty(kind, at="2026-05-14T11:00:00Z"))
    assert message.happened is happened
    assert message.text.startswith(f"{said} in PagerDuty")
    assert message.at == datetime(2026, 5, 14, 11, tzinfo=UTC)


def test_what_is_reopened_there_fires_from_then_on() -> None:
    assert read(pagerduty("reopened", at="2026-05-14T11:00:00Z")).firing_since == (
        datetime(2026, 5, 14, 11, tzinfo=UTC),
    )


def test_nobodys_name_is_taken_over() -> None:
    for message in (read(pagerduty("acknowledged")), read({"incident": pagerduty_incident()})):
        assert "Example" not in repr(message)


def test_a_note_there_is_a_word_on_the_incident() -> None:
    data = pagerduty("annotated")
    data["event"]["data"] = {
        "incident": {"id": "PGR0VU2", "summary": "Checkout fails"},
        "id": "P2LA89X",
        "content": "restarting db-3",
        "type": "incident_note",
    }
    message = read(data)
    assert (message.happened, message.keys[0]) == (Happened.SAYS, "pagerduty:PGR0VU2")
    assert message.text == "noted in PagerDuty\nrestarting db-3"


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"incident": one}, lambda one: {"incidents": [one]}])
def test_an_incident_of_its_rest_api(wrap: Any) -> None:
    message = read(wrap(pagerduty_incident(status="acknowledged", last_status_change_at="2026-05-14T10:08:00Z")))
    assert message.text.startswith("acknowledged in PagerDuty, priority P1")
    assert message.at == datetime(2026, 5, 14, 10, 8, tzinfo=UTC)
    assert message.firing_since == (datetime(2026, 5, 14, 10, 2, tzinfo=UTC),)


def test_several_incidents_at_once_are_refused_with_the_way_out() -> None:
    error = refused(as_bytes({"incidents": [pagerduty_incident(), pagerduty_incident(id="P2")]}))
    assert error.what == "the answer holds 2 incidents of PagerDuty, and a message is about one"
    assert "jq -c" in error.hint


def test_an_event_that_is_about_no_incident_asks_for_nothing() -> None:
    assert read_message(
        as_bytes({"event": {"event_type": "pagey.ping", "data": {"type": "ping"}}}), SETTINGS
    ) == Nothing("pagerduty", "pagey.ping is about no incident")


# --------------------------------------------------------------------------------------------------- forms of one's own

FORM = AlertForm(
    name="statuscake",
    id="event.id",
    title="event.title",
    description="event.details",
    severity="event.tags.0.grave",
    service="event.affects",
    status="event.state",
    detected_at="event.fired",
    started_at="event.began",
    ended_at="event.over",
    url="links.self",
    runbook="links.help.me",
    zone="Europe/Berlin",
)
OWN = AlertSettings(forms=(FORM,))
EVENT: dict[str, Any] = {
    "event": {
        "id": 42,
        "title": "Home page is down",
        "details": "503\nsince noon",
        "tags": [{"grave": "page"}],
        "affects": ["web", "cdn"],
        "state": "DOWN",
        "fired": 1778752923,
        "began": "2026-05-14 12:00:00",
    },
    "links": {"self": "https://sc.example.org/42", "help.me": "https://runbooks.example.org/web"},
}


def test_a_form_says_by_paths_where_what_stands() -> None:
    message = read_message(as_bytes(EVENT), OWN)
    assert isinstance(message, AlertMessage)
    assert (message.source, message.keys, message.title) == ("statuscake", ("statuscake:42",), "Home page is down")
    assert (message.at, message.firing_since) == (AT, (AT,))
    assert message.started_at == datetime(2026, 5, 14, 10, tzinfo=UTC)
    assert message.severities == (("page",),)
    assert message.services == (("service", "web"), ("service", "cdn"))
    assert message.text == (
        "statuscake: the alert fires, status DOWN, severity page\n503\nsince noon\n"
        "alert: https://sc.example.org/42\nrunbook: https://runbooks.example.org/web"
    )


def test_a_form_says_which_words_are_an_end() -> None:
    over = {**EVENT, "event": {**EVENT["event"], "state": "Up", "over": "2026-05-14T10:40:00Z"}}
    message = read_message(as_bytes(over), OWN)
    assert isinstance(message, AlertMessage)
    assert (message.happened, message.at) == (Happened.ENDS, datetime(2026, 5, 14, 10, 40, tzinfo=UTC))


def test_a_form_without_its_id_is_refused_with_its_path() -> None:
    error = refused(as_bytes({"event": {"title": "x"}}), OWN, source="statuscake")
    assert error.what == "the message has nothing at event.id, where [[alert]] statuscake looks for its id"


def test_a_form_of_ones_own_comes_before_what_is_known() -> None:
    own = AlertSettings(forms=(AlertForm(name="ours", id="groupKey", title="receiver"),))
    message = read_message(as_bytes(group()), own)
    assert isinstance(message, AlertMessage) and message.source == "ours"


# -------------------------------------------------------------------------------------------------- what is no message


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the message is empty"),
        (b" \n\x00", "the message is empty"),
        (b"{nope", "the message is not JSON"),
        (b'{"alerts": [', "the message is not JSON"),
        (b"<html>502</html>", "the message is not JSON"),
        (b"[" * 100_000, "the message is"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "the message is nested too deeply"),
        (b"[]", "the message is JSON, and no object"),
        (b"null", "the message is JSON, and no object"),
        (b'"x"', "the message is JSON, and no object"),
        (b"{}", "the message is an empty object"),
        (
            b'{"zen": "Keep it logically awesome.", "hook_id": 1}',
            "the message is of no sender that is known; it has zen, hook_id",
        ),
        (
            b'{"messages": [{"event": "incident.trigger"}]}',
            "the message is of no sender that is known; it has messages",
        ),
        (as_bytes(group(alerts=[])), "the message of alertmanager holds no alert"),
        (as_bytes(group(alerts=["x", None, 3])), "the message of alertmanager holds no alert"),
        (
            as_bytes({"event": {"event_type": "incident.triggered", "data": {}}}),
            "the message of PagerDuty names no incident",
        ),
        (b"\xff\xfe\x00", "the message is not JSON"),
    ],
)
def test_what_is_no_message_is_told_in_a_sentence(data: bytes, says: str) -> None:
    assert refused(data).what.startswith(says)


def test_a_source_that_there_is_none_of_is_refused_with_those_that_there_are() -> None:
    error = refused(as_bytes(group()), OWN, source="nagios")
    assert error.what == "there is no source 'nagios'"
    assert "statuscake, grafana, alertmanager, pagerduty" in error.hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_message_is_read_in_each_encoding_of_unicode(encoding: str) -> None:
    text = json.dumps(group(alert(annotations={"summary": "Größe"})), ensure_ascii=False)
    message = read_message(text.encode(encoding), SETTINGS)
    assert isinstance(message, AlertMessage)
    assert (message.title, message.doubts) == ("Größe", ())


def test_a_message_in_another_encoding_opens_all_the_same_and_that_is_said() -> None:
    text = json.dumps(group(alert(annotations={"summary": "Größe"})), ensure_ascii=False)
    message = read_message(text.encode("latin-1"), SETTINGS)
    assert isinstance(message, AlertMessage)
    assert message.title == "Gr��e" and "is not UTF-8 at byte" in message.doubts[0]


def test_ten_thousand_alerts_are_told_in_some_lines() -> None:
    many = [alert(f"A{n % 7}", labels={"instance": f"host-{n}"}) for n in range(10_000)]
    message = read(group(*many, truncatedAlerts=5))
    lines = message.text.split("\n")
    assert lines[0] == "10,000 alerts fire, 5 more that the sender left out"
    assert "and 9,990 more" in lines
    assert len(message.text) < 4_000 and len(message.firing_since) == 1 and message.count == 10_005
    moments = [
        alert(f"A{n}", startsAt=f"2026-05-{n // 1440 + 1:02d}T{n // 60 % 24:02d}:{n % 60:02d}:00Z")
        for n in range(9_999)
    ]
    assert len(read(group(*moments)).firing_since) == 50


def test_a_label_of_five_megabytes_is_cut() -> None:
    huge = "x " * 2_500_000
    given = alert(
        labels={"instance": huge, "severity": huge, huge: "y"}, annotations={"summary": huge, "description": huge}
    )
    message = read(group(given, groupKey=huge))
    assert len(repr(message)) < 8_000


def test_half_of_a_credential_is_not_left_where_a_text_is_cut() -> None:
    token = "AKI" + "A4XQ7LMNBT2RWVZ5K"
    for start in range(90, 125):
        words = f"{'x' * start} {token} and more words that do not fit any more, and more, and more, and more, and more"
        given = alert(labels={"instance": words}, annotations={"summary": words * 2, "description": words * 12})
        message = read(group(given, groupKey=words * 3))
        for size in range(10, 21):
            assert f"{token[:size]}…" not in message.text + message.title + message.keys[0]


def test_an_alert_without_a_status_has_that_of_its_message() -> None:
    assert read(group(ended() | {"status": None}, status="resolved")).happened is Happened.ENDS


def test_fields_of_any_wrong_kind_are_as_good_as_none() -> None:
    every: list[Any] = [None, 3, 1e400, True, "x", [], {}, [[]], {"a": {}}]
    for wrong in every:
        for key in ("labels", "annotations", "startsAt", "endsAt", "status", "fingerprint", "generatorURL"):
            read(group(alert() | {key: wrong}))
        for key in ("groupKey", "version", "commonAnnotations", "truncatedAlerts", "groupLabels"):
            read(group() | {key: wrong})
        for key in ("title", "service", "priority", "urgency", "status", "created_at", "html_url"):
            read(pagerduty(**{key: wrong}))


HOSTILE = (
    "![x](http://evil) [ok](javascript:x) <img src=x> \x1b]0;t\x07 \u202edrow **Resolved** \U000e0041\n"
    "---\n- 2026-05-14T10:00:00Z **Resolved**"
)


@pytest.mark.parametrize("place", ["summary", "description", "alertname", "instance", "groupKey", "runbook_url"])
def test_hostile_text_of_a_message_stays_text(place: str) -> None:
    given = alert(labels={place: HOSTILE}) if place in ("alertname", "instance") else alert()
    given["annotations"] = {**given["annotations"], place: HOSTILE}
    message = read(group(given) | ({"groupKey": HOSTILE} if place == "groupKey" else {}))
    for text in (message.title, message.text, *message.keys):
        assert show_safely(text) == text == clean_text(text)
    for text in (message.title, message.text):
        assert "](" not in text and "![" not in text and "<img" not in text


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "http://x/ y",
        "https://x/)[a](b",
        "file:///etc/passwd",
        "https://x/\u202e",
        "http://" + "x" * 600,
    ],
)
def test_an_address_that_is_none_of_the_web_is_left_out(address: str) -> None:
    given = alert(annotations={"summary": "x", "runbook_url": address}, generatorURL=address)
    assert read(group(given)).text.count("\n") == 0


# ---------------------------------------------------------------------------------------------------------- properties

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_message_or_a_sentence(data: bytes) -> None:
    assert read_message(data, OWN) is not None
    is_whole(data)


@given(st.sampled_from([group, grafana, pagerduty]), st.lists(st.tuples(st.integers(0, 12), _JSON), max_size=4))
def test_a_message_with_anything_in_any_of_its_places_is_read(make: Any, changes: list[tuple[int, Any]]) -> None:
    data = make()
    target = data["event"]["data"] if "event" in data else data["alerts"][0]
    for place, value in changes:
        target[list(target)[place % len(target)]] = value
    message = read_message(json.dumps(data).encode(), SETTINGS)
    if isinstance(message, AlertMessage):
        assert message.title and message.text and message.keys[0]
        assert len(message.title) <= 200 and len(message.text) < 12_000
        assert list(message.firing_since) == sorted(message.firing_since)


def test_every_source_is_in_the_list() -> None:
    names = {module.name for module in pkgutil.iter_modules(sources.__path__)} - {"form"}
    modules = [importlib.import_module(f"incidentctl.alerts.sources.{name}") for name in names]
    assert {module.SOURCE for module in modules} == set(SOURCES)
    assert {source.name for source in SOURCES} == names


def test_a_message_is_known_by_one_source_alone_but_that_grafanas_is_alertmanagers_with_more() -> None:
    for data, names in (
        (group(), ["alertmanager"]),
        (grafana(), ["grafana", "alertmanager"]),
        (pagerduty(), ["pagerduty"]),
        ({"incident": pagerduty_incident()}, ["pagerduty"]),
    ):
        assert [source.name for source in SOURCES if source.knows(data)] == names
