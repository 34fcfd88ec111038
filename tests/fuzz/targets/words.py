"""Words that people type or paste: made harmless, masked, read as times, written as YAML, and always the same twice."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from incidentctl.document.escaping import escape_line, escape_lines, unescape_line, unescape_lines
from incidentctl.document.front_matter import flow_list, read_front_matter, scalar
from incidentctl.document.render import render_heading
from incidentctl.errors import UsageError
from incidentctl.incident.ids import SLUG_LENGTH, incident_id, is_incident_id, slug_of
from incidentctl.incident.secrets import find_secrets, mask_secrets
from incidentctl.incident.times import format_instant, parse_duration, parse_instant
from incidentctl.incident.typed_times import TOLERANCE, TimeKind, read_typed_time
from incidentctl.incident.words import clean_line, clean_text, handle_of, show_safely
from tests.fuzz.seeds import DOCUMENT_WORDS
from tests.fuzz.target import Choices, Target, joined, parts_of, text_of

_KINDS: tuple[TimeKind, ...] = ("past", "next", "since", "until")
_ZONES: tuple[tzinfo, ...] = (
    UTC,
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("Pacific/Apia"),
)
_NOWS = (
    datetime(2026, 5, 14, 12, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(1, 1, 1, 0, 30, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 30, tzinfo=UTC),
)


def typed_time(data: bytes) -> None:
    """A moment within what its kind allows, or a refusal in one sentence; written out it is the same moment."""
    chosen, words = parts_of(data, 2)
    choices = Choices(chosen)
    kind, zone, now = choices.of(_KINDS), choices.of(_ZONES), choices.of(_NOWS)
    text = text_of(words)
    parse_duration(text)
    parse_instant(text)
    try:
        at, zone_name = read_typed_time(text, now=now, zone=zone, kind=kind)
    except UsageError as refused:
        assert refused.message and "\n" not in refused.message and refused.hint
        return
    assert at.utcoffset() == timedelta(0) and zone_name
    assert kind != "past" or at <= now + TOLERANCE, "what has happened lies ahead"
    assert kind != "next" or at > now, "what is to come lies behind"
    if at.microsecond == 0 and kind != "until":
        assert read_typed_time(format_instant(at), now=now, zone=zone, kind=kind).at == at


def secrets(data: bytes) -> None:
    """What is masked stays masked, with the same lines and lengths, and nothing else is touched."""
    text = text_of(data)
    found = find_secrets(text)
    at = 0
    for secret in found:
        assert at <= secret.start < secret.end <= len(text)
        at = secret.end
    masked = mask_secrets(text)
    assert len(masked) == len(text) and masked.count("\n") == text.count("\n")
    covered = {place for secret in found for place in range(secret.start, secret.end)}
    assert all(one == other or at in covered for at, (one, other) in enumerate(zip(text, masked, strict=True)))
    assert mask_secrets(masked) == masked, "masked twice it is another text"


def words(data: bytes) -> None:
    """Words are harmless once they are cleaned, read back from YAML and Markdown as themselves, and give a legal id."""
    text = text_of(data)
    clean, line = clean_text(text), clean_line(text)
    assert clean_text(clean) == clean and clean_line(line) == line and "\n" not in line
    shown = show_safely(text)
    assert show_safely(shown) == shown and not {"\x1b", "\x07", "\x9b", "\u202e", "\x7f"} & set(shown)
    assert not {"\x1b", "\r", "\x00", "\u202e", "\u2028"} & set(clean)
    assert unescape_line(escape_line(line)) == line
    assert unescape_line(escape_line(line, is_first=True, no_html=True)) == line
    for no_items in (False, True):
        assert unescape_lines(escape_lines(clean.split("\n"), no_items=no_items), no_items=no_items) == clean.split(
            "\n"
        )
    heading = render_heading(line or "x")
    assert heading.startswith("# ") and "\n" not in heading
    for word in (line, clean):
        front = read_front_matter(f"---\nkey: {scalar(word)}\nlist: {flow_list((word, 'x'))}\nlast: y\n---\n")
        assert front is not None and front.is_readable, f"no readable YAML: {scalar(word)!r}"
        assert front.values == {"key": word, "list": (word, "x"), "last": "y"}
    slug = slug_of(line)
    assert 0 < len(slug) <= SLUG_LENGTH and slug_of(slug) == slug
    name = incident_id(_NOWS[0].date(), slug)
    assert is_incident_id(name) and is_incident_id(incident_id(_NOWS[0].date(), slug, is_taken=(name,)))
    handle = handle_of(line)
    assert handle is None or handle_of(f"@{handle}") == handle


_TIMES = (
    *(
        "10:48",
        "10:48:30.5",
        "-25m",
        "25m ago",
        "in 1h30m",
        "yesterday 18:00",
        "mon 18:00",
        "14 May 10:48",
        "May 14 10:48",
    ),
    *(
        "2026-05-14 10:48",
        "2026-05-14T10:48+02:00",
        "02:30 CET",
        "10:48 pm",
        "12 am",
        "now",
        "30d",
        "2026-05",
        "31 Dec 2025",
    ),
    *(
        "tomorrow at 9 am",
        "10:48 on 14 May",
        "0001-01-01 00:00+14:00",
        "9999-12-31 23:59-12:00",
        "+999999999d",
        "today",
    ),
)
_CREDENTIALS = (
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "token: ghp_" + "aB3" * 12,
    "password = hunter2X9!kd",
    "https://ann:s3cretW0rd@example.org/x",
    "Authorization: Bearer " + "aB3x" * 10,
    "curl -u ann:s3cretW0rd https://example.org",
    "-----BEGIN PRIVATE KEY-----\n" + "QUJD" * 30 + "\n-----END PRIVATE KEY-----\n",
    "https://hooks.slack.com/services/T00000000/B00000000/" + "aB3x" * 6,
    "export API_KEY='" + "aB3x" * 8 + '\'\nDB_PASSWORD: "p4ss,W0rd;x"\n',
)

TARGETS = (
    Target(
        "typed-time",
        typed_time,
        lambda: [joined(bytes((n % 4, n % 5, n % 3)), each) for n, each in enumerate(_TIMES)],
        (*_TIMES, " at ", " on ", ", ", " ago", "in ", "+", "-", "UTC", "CEST", "Z", "9" * 12, "1e9", "٣", "\u2212"),
        120,
        grows=False,
    ),
    Target(
        "secrets",
        secrets,
        lambda: [each.encode() for each in (*_CREDENTIALS, "\n".join(_CREDENTIALS))],
        (
            *_CREDENTIALS,
            ": ",
            " = ",
            "://",
            "@",
            "password",
            "secret",
            "token",
            "Basic ",
            "eyJ",
            "''",
            "<",
            "${",
            "\n",
            "****",
        ),
        2_000,
    ),
    Target(
        "words",
        words,
        lambda: [each.encode() for each in ("Checkout latency", "NO", "a: b # c", "12:30:45", *DOCUMENT_WORDS)],
        DOCUMENT_WORDS,
        500,
    ),
)
