"""The rules on header and front matter: what is missing, unreadable or contradicts itself. Never guesses which is right."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from msgspec import Struct

from incidentctl.document.hand_edits import differing_keys
from incidentctl.document.postmortem import DocumentStatus, duration_words, read_status
from incidentctl.errors import UsageError
from incidentctl.incident.entries import FOLDED_KEYS, TIME_KEYS, Status
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import PLAIN_KEYS
from incidentctl.incident.policy import Scale
from incidentctl.incident.times import is_naive_instant, parse_instant
from incidentctl.lint.blocks import BlockKind
from incidentctl.lint.diagnostic import Edit, Finding, Fix, Severity, Span
from incidentctl.lint.facts import Facts
from incidentctl.lint.header import Field, HeaderValue, Source
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.rule import Applies, Asks, FixKind, rule
from incidentctl.lint.rules.structure import quoted
from incidentctl.lint.written_times import find_dates, read_time

_DELIBERATE: Final = (Source.FRONT_MATTER, Source.LABEL, Source.TABLE)
_OPEN: Final = re.compile(
    r"(?:TBD|TBC|TBA|TODO|N/?A|none|null|nil|unknown|pending|ongoing|in progress|not yet|not resolved|open|\?+|-+|–|—)\b.*|\W*|.*\{\{.*"
    r"|[<\[].*[>\]]|.*(?:YYYY|HH:MM|XX:XX|Xh ?Ym).*",
    re.IGNORECASE | re.DOTALL,
)
_FIELD_NAMES: Final[Mapping[Field, str]] = {
    Field.DATE: "Date",
    Field.SEVERITY: "Severity",
    Field.DURATION: "Duration",
    Field.AUTHOR: "Author",
}
_TIME_NAMES: Final[Mapping[Field, str]] = {
    Field.STARTED: "the start",
    Field.DETECTED: "detection",
    Field.DECLARED: "the declaration",
    Field.ACKNOWLEDGED: "acknowledgement",
    Field.MITIGATED: "mitigation",
    Field.RESOLVED: "resolution",
    Field.CLOSED: "closing",
}


def is_open(words: str) -> bool:
    """Whether a value says that it is still to come, or is a template's placeholder: other rules ask for it."""
    return _OPEN.fullmatch(words.strip()[:200]) is not None


def _written(page: Page, *fields: Field) -> Iterator[HeaderValue]:
    """The values that stand in a document's front matter, labels or tables, in order of the document."""
    for value in page.header.values:
        if value.field in fields and value.source in _DELIBERATE:
            yield value


# ------------------------------------------------------------------------------------------------- HDR001, missing

_SAYS: Final[Mapping[Field, str]] = {
    Field.DATE: "the day of the incident, as 2026-05-14",
    Field.SEVERITY: "how severe it was, as SEV2",
    Field.DURATION: "how long it took from detection to resolution, as 2h 8m",
    Field.AUTHOR: "who wrote it, so that readers know whom to ask",
}
_ASKED_OF_INCIDENTS: Final[Mapping[str, str]] = {
    "id": "its name, as 2026-05-14-checkout-latency",
    "title": "what it is about, in a few words",
    "severity": "how severe it is",
    "status": "how far it has come",
    "declared_at": "when it was declared",
}


@rule("HDR001", "missing-field", Severity.ERROR, applies=Applies.BOTH)
def missing_field(page: Page, facts: Facts) -> Iterator[Finding]:
    """The header lacks one of its four fields: Date, Severity, Duration, Author.

    Why
    ---
    Date, severity and duration are what readers sort, count and compare post-mortems by; the author is whom they ask.

    Bad
    ---
        **Date**: 2026-05-14 | **Severity**: SEV1 | **Author**: @ann

    Good
    ----
        **Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

    Source
    ------
    Google SRE book, appendix D: the header of the example post-mortem.

    Notes
    -----
    A field may stand in the front matter, in a line of labels, or in a table. In a document that follows another
    template only the date is asked for, and any date in title, file name or text will do. An incident file is to have
    `id`, `title`, `severity`, `status` and `declared_at`.
    """
    if page.front is not None and page.front.faults:
        return
    if page.kind is PageKind.INCIDENT:
        yield from _missing_keys(page)
        return
    is_promised = page.is_standard
    for field, name in _FIELD_NAMES.items():
        values = page.header.all(field)
        if any(value.source in _DELIBERATE or not is_promised for value in values):
            continue
        if field is Field.DATE and not is_promised and _says_a_day(page):
            continue
        severity = None if is_promised or field is Field.DATE else Severity.INFO
        label = _empty_label(page, name)
        span = label or _header_place(page)
        yield Finding(span, f"the header has no {name}: say {_SAYS[field]}", severity=severity, key=name)


def _missing_keys(page: Page) -> Iterator[Finding]:
    for key, says in _ASKED_OF_INCIDENTS.items():
        if not page.value(key) and not (key == "title" and page.title):
            yield Finding(page.span_of_key(key), f"the front matter has no `{key}`: say {says}", key=key)


_MONTH: Final = re.compile(
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)[ ,]{1,3}(?:19|20)\d{2}\b",
    re.IGNORECASE,
)


def _says_a_day(page: Page) -> bool:
    """Whether a document says anywhere when it was; a title that says the month of several incidents does."""
    if page.header.day is not None or page.header.all(Field.PUBLISHED):
        return True
    if page.title and _MONTH.search(page.title[:200]):
        return True
    if any(True for _ in find_dates(page.text[:50_000])):
        return True
    return page.timeline is not None and any(entry.day is not None for entry in page.timeline.entries)


def _header_place(page: Page) -> Span:
    """The line of labels, else the title, else the first line."""
    for field in _FIELD_NAMES:
        for value in page.header.all(field):
            if value.source is Source.LABEL:
                return page.span_of_line(value.line)
    heading = page.title_heading
    return page.span_of(heading.piece) if heading else page.span_of_line(page.first_body_line)


def _empty_label(page: Page, name: str) -> Span | None:
    """Where a label without a value stands."""
    for block in page.prose(page.lead)[:20]:
        for piece in block.pieces:
            match = re.search(rf"\*\*{name}s?(?:\*\*:|:\*\*)", piece.text, re.IGNORECASE)
            if match:
                return page.span_of(piece, match.start(), match.end())
    return None


# ---------------------------------------------------------------------------------------------------- HDR002, YAML


@rule("HDR002", "invalid-yaml", Severity.ERROR, applies=Applies.BOTH)
def invalid_yaml(page: Page, facts: Facts) -> Iterator[Finding]:
    """The front matter cannot be read: it is broken YAML, a key stands twice, or it does not end.

    The same goes for a file in which a failed merge left its markers.

    Why
    ---
    One wrong sign hides all keys from every tool: the incident that the document belongs to, its status, its authors.
    Between the markers of a merge two versions stand, and nobody can tell which one holds.

    Bad
    ---
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: @ann
        ---

    Good
    ----
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        ---

    Source
    ------
    YAML 1.2, chapter 7.3.3: a plain word cannot begin with `@`.

    Notes
    -----
    A line `---` above prose is a break between topics and no front matter. Markers of a merge in a code block are an
    example.
    """
    front = page.front
    marker = _conflict_marker(page)
    if marker is not None:
        message = "the file holds conflict markers of a merge: choose between the two sides and remove the markers"
        yield Finding(page.span(*marker), message, key="conflict-markers")
        if front is not None and front.start <= marker[0] < front.end:
            return  # what else is wrong there comes of them
    for fault in front.faults if front is not None else ():
        line = fault.line - 1
        text = page.lines[line] if line < len(page.lines) else ""
        column = min(max(fault.column - 1, 0), len(text))
        hint = _yaml_hint(text, column, fault.code)
        length = _length_at(text, column)
        yield Finding(
            Span(line + 1, column + 1, line + 1, column + 1 + length), f"{fault.message}{hint}", key=fault.code + text
        )


def _conflict_marker(page: Page) -> tuple[int, int] | None:
    """Where the first marker of a merge stands at the begin of a line, outside code. A line of `=` alone is a heading's."""
    if "<<<<<<<" not in page.text and ">>>>>>>" not in page.text:
        return None
    code = [(page.offset(block.start), page.offset(block.end)) for block in page.blocks if block.kind is BlockKind.CODE]
    first: dict[str, tuple[int, int]] = {}
    at = 0
    for match in _MARKER.finditer(page.text):
        while at < len(code) and code[at][1] <= match.start():
            at += 1
        if at == len(code) or match.start() < code[at][0]:
            first.setdefault(match[0][0], match.span())
    return first.get("<") or (first.get("=") if ">" in first else None)


_MARKER: Final = re.compile(r"^(?:<{7}|={7}|>{7})(?=[ \r\n]|\Z)", re.MULTILINE)


def _length_at(text: str, column: int) -> int:
    match = re.compile(r"[^\s:,\[\]{}]+").match(text, column)
    return len(match[0]) if match else 1 if column < len(text) else 0


def _yaml_hint(text: str, column: int, code: str) -> str:
    if text.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return ": a failed merge left its markers here, choose one side and remove them"
    if code != "broken-yaml":
        return ""
    if "\t" in text[: column + 1]:
        return ": use spaces instead of the tab"
    if text[column : column + 1] in ("@", "`", "%", "&", "*"):
        return f": put the value in quotes, or leave the {text[column]} out"
    if re.search(r":\s.*:(?:\s|$)", text):
        return ": put a value with a colon in quotes"
    return ""


# --------------------------------------------------------------------------------------------- HDR003, HDR004, times

_FORM: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_SOME_DAY: Final = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b.*\b\d{4}|\b\d{4}\b.*(?:q[1-4]|week)", re.I | re.S
)


@rule("HDR003", "bad-date", Severity.ERROR, applies=Applies.BOTH)
def bad_date(page: Page, facts: Facts) -> Iterator[Finding]:
    """A date or time in the header is none: it does not exist, or nobody can tell which day it is.

    Why
    ---
    The date is what a post-mortem is sorted and found by. A day that does not exist is a slip of the pen that only the
    author can mend.

    Bad
    ---
        **Date**: 2026-14-05 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

    Good
    ----
        **Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

    Source
    ------
    ISO 8601 and RFC 3339.

    Notes
    -----
    Documents that follow another template may write days in any form; only one that does not exist is a finding there.
    In a document of the standard template a day such as 05/06/2026, which is two days, is a warning.
    """
    is_incident = page.kind is PageKind.INCIDENT
    if is_incident:
        for key in TIME_KEYS:
            word = page.value(key)
            if word and word.lower() != "none" and parse_instant(word) is None and not is_naive_instant(word):
                yield Finding(
                    page.span_of_key(key), f"{quoted(word)} is no time: write `{key}` as 2026-05-14T10:48:00Z"
                )
        return
    for value in page.header.values:
        if value.field is Field.DATE:
            yield from _of_date(page, value)
        elif value.field.is_time and value.source in _DELIBERATE and not is_open(value.raw):
            yield from _of_time(page, value)


def _of_date(page: Page, value: HeaderValue) -> Iterator[Finding]:
    if is_open(value.raw):
        return
    wrong = _impossible(value.raw) if value.day is None else None
    where = "the file's name says" if value.source is Source.FILE_NAME else "the header says"
    if wrong is not None:
        yield Finding(value.span, f"{where} {quoted(value.raw)}: {wrong}; write the day as 2026-05-14")
    elif page.is_standard and value.source in _DELIBERATE:
        others = (other for other in page.header.all(Field.DATE) if other.source in _DELIBERATE)
        if value.day is None and not _SOME_DAY.search(value.raw) and not any(other.day for other in others):
            yield Finding(value.span, f"{quoted(value.raw)} is no date: write the day as 2026-05-14")
        elif value.time is not None and value.time.is_day_ambiguous:
            yield Finding(
                value.span, f"{quoted(value.raw)} can be two days: write it as 2026-05-14", severity=Severity.WARNING
            )


def _of_time(page: Page, value: HeaderValue) -> Iterator[Finding]:
    if value.time is not None and value.time.impossible:
        yield Finding(value.span, f"{quoted(value.raw)} is no time: {value.time.impossible}")
    elif value.source is Source.FRONT_MATTER and value.label == value.field.value and page.is_standard:
        is_known = parse_instant(value.raw) is not None or is_naive_instant(value.raw) or value.day is not None
        if not is_known:
            yield Finding(value.span, f"{quoted(value.raw)} is no time: write `{value.label}` as 2026-05-14T10:48:00Z")


def _impossible(words: str) -> str | None:
    """Why there is no such day or time; `None` where there may be one."""
    time = read_time(words)
    if time is not None and time.impossible:
        return time.impossible
    return next((found.impossible for found in find_dates(words) if found.impossible), None)


@rule("HDR004", "naive-timestamp", Severity.WARNING, applies=Applies.BOTH, eased_elsewhere=True)
def naive_timestamp(page: Page, facts: Facts) -> Iterator[Finding]:
    """A time in the header says a day and a clock, and not which time zone is meant.

    Why
    ---
    Readers in another office, and programs, take it for their own zone: all lengths that are computed from it are wrong
    by hours.

    Bad
    ---
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        published_at: 2026-05-20T09:00:00
        ---

    Good
    ----
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        published_at: 2026-05-20T09:00:00Z
        ---

    Source
    ------
    RFC 3339, section 4: unqualified local time is of little use.

    Notes
    -----
    A zone that the document states for all its times counts for the labels below the title.
    """
    is_incident = page.kind is PageKind.INCIDENT
    if is_incident:
        for key in TIME_KEYS:
            word = page.value(key)
            if word and is_naive_instant(word):
                yield _naive(page.span_of_key(key), word)
        return
    for value in page.header.values:
        if not value.field.is_time or value.source not in _DELIBERATE:
            continue
        if value.source is Source.FRONT_MATTER:
            if is_naive_instant(value.raw):
                yield _naive(value.span, value.raw)
            continue
        time = value.time
        if time is None or time.clock is None or not time.has_day or time.zone is not None or time.impossible:
            continue
        if re.search(r"\b[A-Z]{2,5}\b|[+-]\d\d:?\d\d\b", value.raw[time.end :]) or (
            page.timeline and page.timeline.zone
        ):
            continue
        yield _naive(value.span, value.raw)


def _naive(span: Span, words: str) -> Finding:
    return Finding(span, f"{quoted(words)} has no time zone: write it with one, as 2026-05-14T10:48:00Z")


# ------------------------------------------------------------------------------------------------ HDR005, severity


@rule("HDR005", "unknown-severity", Severity.ERROR, applies=Applies.BOTH, fix=FixKind.SAFE)
def unknown_severity(page: Page, facts: Facts) -> Iterator[Finding]:
    """The severity is not on the scale, or is written in another way than the scale writes it.

    Why
    ---
    What is not on the scale is in no count: the incident is missing from every report, and nobody knows how fast to
    answer to it.

    Bad
    ---
        **Date**: 2026-05-14 | **Severity**: SEVV1 | **Duration**: 2h 8m | **Author**: @ann

    Good
    ----
        **Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

    Source
    ------
    The scale of the settings; without them SEV1 to SEV4.

    Notes
    -----
    Another spelling of a level that is on the scale, such as `sev1`, `P1` or `critical`, is info with a safe fix. A
    document that follows another template, in a repository without settings, has a scale of its own: there only a slip
    such as SEVV1 is a finding.
    """
    is_incident = page.kind is PageKind.INCIDENT
    is_ours = is_incident or page.is_standard or facts.has_settings
    values = [*_written(page, Field.SEVERITY)]
    if is_incident:
        values = [value for value in values if value.source is Source.FRONT_MATTER and value.label == "severity"]
    for value in values:
        if is_open(value.raw) or not _names_severity(value):
            continue
        level = facts.scale.find(value.raw)
        if level is not None:
            if value.raw != level.name and is_ours:
                yield Finding(
                    value.span,
                    f"{quoted(value.raw)} is {level.name} on the scale",
                    _replaced(page, value, level.name),
                    Severity.INFO,
                )
        elif not _levels_in(value.raw, facts.scale):
            yield from _unknown(page, value, facts.scale, is_ours=is_ours)


_LEVEL_WORD: Final = re.compile(r"[A-Za-z]+[\s_-]?\d+|[A-Za-z][\w.-]*")


def _names_severity(value: HeaderValue) -> bool:
    """A priority or a level of impact has a scale of its own."""
    return "sev" in value.label.lower()


def _levels_in(words: str, scale: Scale) -> frozenset[str]:
    """The levels that some words name: `SEV1 (critical)`, `SEV3 → SEV2`; empty where they name none."""
    whole = scale.find(words)
    if whole is not None:
        return frozenset((whole.name,))
    found = {level.name for match in _LEVEL_WORD.finditer(words[:200]) if (level := scale.find(match[0]))}
    if found:
        return frozenset(found)
    try:
        return frozenset((scale.parse_given(words).severity.name,))
    except UsageError:
        return frozenset()


def _unknown(page: Page, value: HeaderValue, scale: Scale, *, is_ours: bool) -> Iterator[Finding]:
    close = _close_level(value.raw, scale)
    if close is None and not is_ours:
        return
    names = ", ".join(scale.names)
    end = f"did you mean {close}?" if close else f"write one of {names}"
    fix = _replaced(page, value, close, is_safe=False) if close else None
    yield Finding(value.span, f"the severity {quoted(value.raw)} is not on the scale {names}: {end}", fix)


def _close_level(words: str, scale: Scale) -> str | None:
    """The level that a slip of the pen may have meant: one letter more, less or other. Another number is no slip."""
    word = words.strip()
    if len(word) > 20 or re.fullmatch(r"[A-Za-z]+[\s_-]?\d+", word) is None:
        return None
    letters, number = word.rstrip("0123456789"), word[len(word.rstrip("0123456789")) :]
    for name in scale.names:
        own_letters, own_number = name.rstrip("0123456789"), name[len(name.rstrip("0123456789")) :]
        plain = letters.rstrip(" _-").casefold()
        if (
            number == own_number
            and plain != own_letters.casefold()
            and len(own_letters) > 2
            and distance(plain, own_letters.casefold(), 1) <= 1
        ):
            return name
    return None


def _replaced(page: Page, value: HeaderValue, words: str, *, is_safe: bool = True) -> Fix:
    span = value.span
    start = page.offset(span.line - 1, span.column - 1)
    end = page.offset(span.end_line - 1, span.end_column - 1)
    inner = page.text[start:end].find(value.raw)
    if inner >= 0:
        start, end = start + inner, start + inner + len(value.raw)
    return Fix(f"write {words}", (Edit(start, end, words),), is_safe)


def distance(one: str, other: str, most: int) -> int:
    """How many letters have to be added, removed, changed or swapped with their neighbour; more than `most` is not counted out."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, 1):
        following = [index]
        for column, against in enumerate(other, 1):
            cost = min(row[column] + 1, following[-1] + 1, row[column - 1] + (letter != against))
            is_swap = index > 1 and column > 1 and letter == other[column - 2] and one[index - 2] == against
            following.append(min(cost, before[column - 2] + 1) if is_swap else cost)
        before, row = row, following
        if min(row) > most:
            return most + 1
    return row[-1]


# --------------------------------------------------------------------------------------------- HDR006, end before start

_ORDERED: Final = (
    (Field.STARTED, Field.MITIGATED),
    (Field.STARTED, Field.RESOLVED),
    (Field.STARTED, Field.CLOSED),
    (Field.DETECTED, Field.RESOLVED),
    (Field.DETECTED, Field.CLOSED),
    (Field.MITIGATED, Field.RESOLVED),
    (Field.MITIGATED, Field.CLOSED),
    (Field.RESOLVED, Field.CLOSED),
)
"""What comes first in any incident. Impact may end before anybody sees it, and an alert may come before the impact."""

_ORDERED_ON_RECORD: Final = (
    *_ORDERED,
    (Field.STARTED, Field.DETECTED),
    (Field.DETECTED, Field.ACKNOWLEDGED),
    (Field.DETECTED, Field.MITIGATED),
)
"""What comes first in an incident file, from which figures are made: a duration below zero is none, and the figure leaves it out."""


class _Point(Struct, frozen=True):
    """A time of the header: the value and its moment, or only its day."""

    value: HeaderValue
    at: datetime | date


@rule("HDR006", "end-before-start", Severity.ERROR, applies=Applies.BOTH)
def end_before_start(page: Page, facts: Facts) -> Iterator[Finding]:
    """A time in the header is earlier than one that must come before it: the incident ends before it starts.

    Why
    ---
    One of the two is a slip, and each length that is computed from them is negative or absurd. In published records it
    happens in two to three of a hundred incidents.

    Bad
    ---
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: mitigated
        started_at: 2026-05-14T09:51:00Z
        detected_at: 2026-05-14T10:02:00Z
        declared_at: 2026-05-14T10:05:40Z
        mitigated_at: 2026-05-14T08:48:00Z
        ---

        # Checkout latency

    Good
    ----
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: mitigated
        started_at: 2026-05-14T09:51:00Z
        detected_at: 2026-05-14T10:02:00Z
        declared_at: 2026-05-14T10:05:40Z
        mitigated_at: 2026-05-14T10:48:00Z
        ---

        # Checkout latency

    Source
    ------
    Measured on public status pages: 9 of 342 incidents end before they start.

    Notes
    -----
    An incident may be declared after it is over: that is no finding. In a post-mortem it may be mitigated before it is
    noticed, and an alert may come before the impact. In an incident file they may not: each length that `stats` takes from
    it (start to detection, detection to acknowledgement, mitigation and resolution, start to mitigation) would be below zero,
    and is left out as invalid. There the impact starts with the alert at the latest, and who notices first has detected it.
    In the examples there is no timeline, so that `TML001` and `HDR011` may speak as well.
    """
    points = _points(page)
    if len(points) > 1:
        ordered = _ORDERED_ON_RECORD if page.kind is PageKind.INCIDENT else _ORDERED
        broken = [(first, later) for first, later in ordered if _is_before(points.get(later), points.get(first))]
        yield from _contradictions(points, broken)
    for value in page.header.values:
        time = value.time if value.field in _TIME_NAMES or value.field is Field.DATE else None
        if (
            time is not None
            and time.until_date is not None
            and time.full_date is not None
            and time.until_date < time.full_date
        ):
            yield Finding(value.span, f"{quoted(value.raw)} ends before it begins: correct one of the two")


def _points(page: Page) -> dict[Field, _Point]:
    found: dict[Field, _Point] = {}
    for value in page.header.values:
        if value.field not in _TIME_NAMES or value.field in found or value.source not in _DELIBERATE:
            continue
        exact = parse_instant(value.raw)
        if exact is None and page.kind is PageKind.INCIDENT:
            continue
        time = value.time
        if exact is None and (time is None or time.full_date is None or time.is_day_ambiguous):
            continue
        at = exact or value.moment()
        if at is not None:
            found[value.field] = _Point(value, at)
        elif time is not None and time.full_date is not None and not time.impossible:
            found[value.field] = _Point(value, time.full_date)
    return found


def _is_before(later: _Point | None, first: _Point | None) -> bool:
    """Whether what must come later is earlier; what cannot be compared is not."""
    if later is None or first is None:
        return False
    if isinstance(later.at, datetime) and isinstance(first.at, datetime):
        if (later.at.tzinfo is None) == (first.at.tzinfo is None):
            return later.at < first.at
        return later.at.replace(tzinfo=None) < first.at.replace(tzinfo=None) - timedelta(hours=15)
    one, other = _day_of(later.at), _day_of(first.at)
    return one < other - timedelta(days=0 if type(later.at) is type(first.at) else 1)


def _day_of(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at


def _contradictions(points: Mapping[Field, _Point], broken: list[tuple[Field, Field]]) -> Iterator[Finding]:
    """As few findings as explain all: a time that contradicts several others is the one that is wrong."""
    found: list[Finding] = []
    while broken:
        counts = {field: sum(1 for pair in broken if field in pair) for pair in broken for field in pair}
        most = max(counts.values())
        wrong = max((field for field in counts if counts[field] == most), key=lambda field: points[field].value.span)
        first, later = next(pair for pair in broken if wrong in pair)
        broken = [pair for pair in broken if wrong not in pair]
        is_later = wrong is later
        other = first if is_later else later
        relation = "before" if is_later else "after"
        found.append(
            Finding(
                points[wrong].value.span,
                f"{_TIME_NAMES[wrong]} ({points[wrong].value.raw}) is {relation} {_TIME_NAMES[other]} "
                f"({points[other].value.raw}): correct one of the two",
            )
        )
    yield from sorted(found, key=lambda finding: finding.span)


# ------------------------------------------------------------------------------------------------- HDR007, duration

_FROM: Final = (Field.DETECTED, Field.STARTED, Field.DECLARED, Field.ACKNOWLEDGED)
_UNTIL: Final = (Field.RESOLVED, Field.MITIGATED)
_VAGUE: Final = re.compile(
    r"[~≈<>+]|\b(?:about|approx\w*|around|roughly|circa|ca|almost|nearly|over|under|up to"
    r"|more than|less than|at least|at most|just|some)\b",
    re.I,
)
_SECTION_WORDS: Final = re.compile(r"[,;(/]| and (?=\d+ ?(?:d|days)\b)")


@rule("HDR007", "duration-mismatch", Severity.WARNING, fix=FixKind.SAFE)
def duration_mismatch(page: Page, facts: Facts) -> Iterator[Finding]:
    """The stated duration is none of those that the times give: start, detection or declaration to mitigation or resolution.

    Why
    ---
    The duration is what is quoted in reports and to customers. Where it cannot be derived from the times below it, one
    of them is wrong, and readers cannot tell which.

    Bad
    ---
        **Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 3h 8m | **Author**: @ann

    Good
    ----
        **Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

    Source
    ------
    Measured on public post-mortems: 20 of 51 stated durations cannot be derived from the document's own times.

    Notes
    -----
    The times are those of the header and of the incident's record; without any, those of the timeline, and there the
    time between any two entries will do. The tolerance is five minutes or five percent, and more where the duration is
    given in whole hours or days, or as "about". The fix writes the time from detection to resolution, in documents that
    incidentctl made.
    """
    values = [value for value in _written(page, Field.DURATION) if value.length is not None]
    if not values:
        return
    lengths = _lengths(page, facts)
    for value in values:
        stated = value.length
        if stated is None or stated <= timedelta(0):
            continue
        tolerance = _tolerance(value.raw, stated)
        if lengths:
            if any(abs(length - stated) <= tolerance for _, length in lengths) or _is_part(
                page, value, lengths, tolerance
            ):
                continue
            name, nearest = min(lengths, key=lambda each: abs(each[1] - stated))
            says = f"{name} it is {duration_words(nearest)}"
            yield Finding(
                value.span,
                f"the duration says {quoted(value.raw)}, and {says}: correct one of them",
                _recomputed(page, value, lengths),
            )
        elif not _PART.search(value.label):
            nearest_of_all = _not_in_timeline(page, stated, tolerance)
            if nearest_of_all is not None:
                yield Finding(
                    value.span,
                    f"the duration says {quoted(value.raw)}, and no two times of the timeline are that far apart, "
                    f"from the first to the last it is {duration_words(nearest_of_all)}: correct one of them",
                )


_PART: Final = re.compile(r"downtime|resolution", re.IGNORECASE)


def _is_part(page: Page, value: HeaderValue, lengths: Sequence[tuple[str, timedelta]], tolerance: timedelta) -> bool:
    """Whether a stated length may be that of something shorter: downtime comes and goes, another template counts from elsewhere."""
    stated = value.length or timedelta(0)
    if _PART.search(value.label):
        return stated <= max(length for _, length in lengths) + tolerance
    return not page.is_standard and _not_in_timeline(page, stated, tolerance) is None and page.timeline is not None


def _lengths(page: Page, facts: Facts) -> list[tuple[str, timedelta]]:
    """The lengths that header and record give, with words for what they are; that from detection to resolution first."""
    moments: list[dict[Field, datetime]] = [
        {field: point.at for field, point in _points(page).items() if isinstance(point.at, datetime)}
    ]
    if facts.incident is not None:
        state = facts.incident.state
        known = {field: getattr(state, field.value, None) for field in (*_FROM, *_UNTIL)}
        moments.append({field: at for field, at in known.items() if at is not None})
    found: list[tuple[str, timedelta]] = [*_clock_lengths(page)]
    for each in moments:
        for end in _UNTIL:
            for start in _FROM:
                if start in each and end in each and (each[start].tzinfo is None) == (each[end].tzinfo is None):
                    length = each[end] - each[start]
                    if length >= timedelta(0):
                        found.append((f"from {_TIME_NAMES[start]} to {_TIME_NAMES[end]}", length))
    return found


def _clock_lengths(page: Page) -> Iterator[tuple[str, timedelta]]:
    """Lengths of a header that gives clocks alone: an end that reads earlier is on the next day."""
    clocks: dict[Field, HeaderValue] = {}
    for value in page.header.values:
        time = value.time if value.field in _TIME_NAMES and value.source in _DELIBERATE else None
        if time is not None and time.clock is not None and not time.has_day and not time.impossible:
            clocks.setdefault(value.field, value)
    for end in _UNTIL:
        for start in _FROM:
            first = clocks[start].time if start in clocks else None
            last = clocks[end].time if end in clocks else None
            if first is None or last is None or first.clock is None or last.clock is None or first.zone != last.zone:
                continue
            seconds = (last.clock.seconds - first.clock.seconds) % 86_400
            yield f"from {_TIME_NAMES[start]} to {_TIME_NAMES[end]}", timedelta(seconds=seconds)


def _tolerance(words: str, stated: timedelta) -> timedelta:
    """Five minutes or five percent; half of the smallest unit where that is hours or days, a quarter for a length that is `about`."""
    tolerance = max(timedelta(minutes=5), stated * 0.05)
    plain = words.lower()
    if not re.search(r"\d\s?(?:m|s)|\d:\d|h\d", plain):
        is_hours = re.search(r"\d\s?h", plain) is not None
        half = timedelta(minutes=30) if is_hours and not re.search(r"\d[.,]\d", plain) else timedelta(minutes=10)
        tolerance = max(tolerance, half if is_hours else timedelta(hours=12))
    if _VAGUE.search(words):
        tolerance = max(tolerance, stated * 0.25)
    return tolerance


def _not_in_timeline(page: Page, stated: timedelta, tolerance: timedelta) -> timedelta | None:
    """From the first to the last time of the timeline, where no two are that far apart; `None` where some are, or nobody can tell."""
    timeline = page.timeline
    if timeline is None or len(timeline.timed) < 3:
        return None
    timed = timeline.timed
    moments = list(timeline.moments)
    if len(moments) < len(timed) or any(entry.time is not None and entry.time.until is not None for entry in timed):
        return None
    if any(later < before for before, later in pairwise(moments)):
        return None  # a timeline that goes back is another rule's
    for moment in moments:
        at = bisect_left(moments, moment + stated - tolerance)
        if at < len(moments) and moments[at] <= moment + stated + tolerance:
            return None
    whole = moments[-1] - moments[0]
    return (
        None if whole + timedelta(days=1) < stated and _VAGUE.search(page.header.all(Field.DURATION)[0].raw) else whole
    )


def _recomputed(page: Page, value: HeaderValue, lengths: Sequence[tuple[str, timedelta]]) -> Fix | None:
    whole = f"from {_TIME_NAMES[Field.DETECTED]} to {_TIME_NAMES[Field.RESOLVED]}"
    length = next((length for name, length in reversed(lengths) if name == whole), None)
    if (
        length is None
        or not page.value("incident")
        or not page.header.is_standard_line
        or value.source is not Source.LABEL
    ):
        return None
    return _replaced(page, value, duration_words(length))


# ---------------------------------------------------------------------------------------------------- HDR008, future


@rule("HDR008", "future-date", Severity.WARNING, applies=Applies.BOTH, asks=Asks.TODAY)
def future_date(page: Page, facts: Facts) -> Iterator[Finding]:
    """The incident's date, or a time of it, lies in the future.

    Why
    ---
    An incident that has not happened yet is a slip in the month or the year, and it is sorted before all others until
    that day comes.

    Bad
    ---
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: investigating
        declared_at: 2027-05-14T10:05:40Z
        ---

        # Checkout latency

    Good
    ----
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: investigating
        declared_at: 2026-05-14T10:05:40Z
        ---

        # Checkout latency

    Source
    ------
    Seen in public archives: a year that was left over, or typed one too high.

    Notes
    -----
    It depends on the day on which it is asked, so it is never more than a warning. `TML001`, `TML014` and `HDR011` may
    speak of the same date.
    """
    if facts.now is None or facts.today is None:
        return
    latest = facts.today + timedelta(days=1)
    for value in page.header.values:
        if (value.field is not Field.DATE and value.field not in _TIME_NAMES) or is_open(value.raw):
            continue
        day = value.day
        if day is not None and day > latest and not (value.time is not None and value.time.is_day_ambiguous):
            place = "the file's name" if value.source is Source.FILE_NAME else quoted(value.raw)
            yield Finding(value.span, f"{place} is in the future, after {facts.today}: correct the day")
            return


# ---------------------------------------------------------------------------------------------------- HDR009, status

_TIME_OF: Final = ((Status.MITIGATED, "mitigated_at"), (Status.RESOLVED, "resolved_at"), (Status.CLOSED, "closed_at"))


@rule("HDR009", "status-contradiction", Severity.WARNING, applies=Applies.BOTH)
def status_contradiction(page: Page, facts: Facts) -> Iterator[Finding]:
    """The status says one thing and the times another: resolved without a time, or a time of resolution while people are still at work.

    Why
    ---
    Dashboards, clocks and reports go by the status or by the times. Where the two disagree, half of them are wrong.

    Bad
    ---
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: investigating
        declared_at: 2026-05-14T10:05:40Z
        resolved_at: 2026-05-14T12:10:00Z
        ---

        # Checkout latency

    Good
    ----
        ---
        id: 2026-05-14-checkout-latency
        title: Checkout latency
        severity: SEV1
        status: resolved
        declared_at: 2026-05-14T10:05:40Z
        resolved_at: 2026-05-14T12:10:00Z
        ---

        # Checkout latency

    Source
    ------
    incidentctl's own format: the status and its time come from one entry of the timeline.

    Notes
    -----
    A post-mortem that is final while its incident is still being worked on, or that is published and still a draft, is
    found as well. The examples have no timeline, so that `TML001` and `HDR011` may speak of them.
    """
    if page.front is None or page.front.faults:
        return
    if page.kind is PageKind.INCIDENT:
        yield from _of_incident(page)
        return
    status = page.value("status")
    read = read_status(status)
    if read is DocumentStatus.DRAFT and page.value("published_at") and page.value("incident"):
        yield Finding(page.span_of_key("status"), "the document is published and still a draft: set `status: final`")
    if read is DocumentStatus.FINAL and facts.incident is not None and facts.incident.id == page.value("incident"):
        current = facts.incident.state.status
        if current is not None and current.is_active:
            yield Finding(
                page.span_of_key("status"),
                f"the document is final and its incident is still {current.value}: resolve the incident first",
            )


def _of_incident(page: Page) -> Iterator[Finding]:
    word = (page.value("status") or "").strip().lower().replace("-", "_")
    if word not in tuple(Status):
        return
    status = Status(word)
    if status is Status.CANCELED:
        return
    for reached, key in _TIME_OF:
        has_time = page.value(key) is not None and (page.value(key) or "").lower() != "none"
        if status is reached and not has_time:
            yield Finding(page.span_of_key("status"), f"the status is {status.value} and there is no `{key}`: say when")
        elif status.rank < reached.rank and has_time:
            yield Finding(
                page.span_of_key("status"),
                f"the status is {status.value} and `{key}` says {page.value(key)}: set the status to {reached.value}, or take the time out",
                key=key,
            )


# --------------------------------------------------------------------------------------------- HDR010, unknown field

_POSTMORTEM_KEYS: Final = ("incident", "status", "authors", "reviewers", "published_at", "root_cause")
_INCIDENT_KEYS: Final = ("id", *FOLDED_KEYS, *PLAIN_KEYS)
_OTHER_KEYS: Final = frozenset(
    "title date dates data tag tags author authors owner owners team teams category categories description draft layout slug weight"
    " permalink aliases alias summary severity duration reviewer state stats statuses service region comments toc sidebar lang"
    " image images cover url path type kind version updated created modified lastmod publish published resource resources source"
    " sources action actions items start started end ended ticket tickets bridge page pages incidents cause root drills".split()
)
_LIKELY: Final[Mapping[str, str]] = {"service": "services", "region": "regions", "tag": "tags"}


@rule("HDR010", "unknown-field", Severity.WARNING, applies=Applies.BOTH)
def unknown_field(page: Page, facts: Facts) -> Iterator[Finding]:
    """A key of the front matter is one or two letters away from one that means something.

    Why
    ---
    A key with a typing error is kept and does nothing: the document looks as if it had a reviewer or a status, and no
    tool sees it.

    Bad
    ---
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        publised_at: 2026-05-20T09:00:00Z
        ---

    Good
    ----
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        published_at: 2026-05-20T09:00:00Z
        ---

    Source
    ------
    actionlint and ruff: an unknown key is said with the nearest known one.

    Notes
    -----
    Any other key of your own is welcome and never a finding; documents that follow another template are not asked.
    """
    if page.front is None or not page.front.values:
        return
    is_incident = page.kind is PageKind.INCIDENT
    if not is_incident and "incident" not in page.keys and not page.is_standard and not _looks_ours(page):
        return
    known = _INCIDENT_KEYS if is_incident else _POSTMORTEM_KEYS
    keys = page.front.values
    for key in keys:
        if key in known or (key in _OTHER_KEYS and not (is_incident and key in _LIKELY)):
            continue
        close = _close_key(key, known, keys, is_incident=is_incident)
        if close is not None:
            place = page.front.places[key]
            start = place.start + len(place.indentation)
            yield Finding(
                page.span(start, start + len(key)),
                f"there is no key `{key}`: did you mean `{close}`?",
                key=key,
            )


def _looks_ours(page: Page) -> bool:
    """Whether most of our own keys are there, one of them perhaps misspelled."""
    return len(page.keys & {"status", "authors", "reviewers", "published_at", "root_cause"}) > 2


def _close_key(key: str, known: Iterable[str], present: Iterable[str], *, is_incident: bool) -> str | None:
    plain = key.strip().lower().replace("-", "_").replace(" ", "_")
    taken = frozenset(present)
    if is_incident and plain in _LIKELY:
        return _LIKELY[plain] if _LIKELY[plain] not in taken else None
    if plain in known:
        return plain if plain not in taken else None
    if len(plain) < 4:
        return None
    most = 1 if len(plain) < 6 else 2
    near = [(distance(plain, each, most), each) for each in known if each not in taken and len(each) > 3]
    best = min(near, default=(most + 1, ""))
    return best[1] if best[0] <= most else None


# ------------------------------------------------------------------------------------------------- HDR011, conflict


@rule("HDR011", "header-body-conflict", Severity.WARNING, applies=Applies.BOTH)
def header_body_conflict(page: Page, facts: Facts) -> Iterator[Finding]:
    """Two places of one document, or the document and its incident, say different things: its day, its severity or its authors.

    Why
    ---
    A document that begins as a copy of another one keeps what nobody looks at: the date in the title, the severity in
    the header. Whoever reads only the header goes away with the wrong one.

    Bad
    ---
        **Date**: 2026-04-02 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

    Good
    ----
        **Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

    Source
    ------
    Seen in public archives: a title with the date of the report that was copied.

    Notes
    -----
    A day more or less is none: time zones differ. The date of publication is no date of the incident. For an incident
    file, its front matter is compared with its timeline; what was just changed by hand is taken over with the next
    write. `TML006` and `TML014` may speak of the same day.
    """
    if page.front is not None and page.front.faults:
        return
    if page.kind is PageKind.INCIDENT:
        yield from _against_entries(page)
        return
    found = [*_date_conflict(page, facts), *_severity_conflict(page, facts), *_author_conflict(page)]
    yield from sorted(found, key=lambda finding: finding.span)


def _against_entries(page: Page) -> Iterator[Finding]:
    """The folded keys whose value is not what the timeline says. Without entries the front matter is all that there is."""
    document = page.document
    if not document.placed:
        return
    folded = fold(document.entries).as_keys()
    reported_by_status = {finding.key for finding in _of_incident(page)} - {None}
    for key in differing_keys(document):
        own = page.value(key)
        if own is None and key not in page.keys:
            continue
        if key in reported_by_status or (key in TIME_KEYS and own is not None and parse_instant(own) is None):
            continue
        said = folded[key] or "nothing"
        yield Finding(
            page.span_of_key(key),
            f"`{key}` says {own or 'nothing'} and the timeline {said}: make the two agree, or let the next `ictl` command take it over",
            key=key,
        )


_DAY: Final = timedelta(days=1)
_OWN_ID: Final = re.compile(r"(\d{4}-\d\d-\d\d)-")


def _date_conflict(page: Page, facts: Facts) -> Iterator[Finding]:
    """The header's day against the incident's own, and against all days that the timeline writes out."""
    timeline_days: list[date] | None = None
    incident_days = _incident_days(page, facts)
    for value in page.header.all(Field.DATE):
        day = value.day
        if day is None or is_open(value.raw) or (value.time is not None and value.time.is_day_ambiguous):
            continue
        is_ours = value.source in (Source.LABEL, Source.TABLE) or (
            value.source is Source.FRONT_MATTER and (page.is_standard or value.label == "incident_date")
        )
        if is_ours and incident_days and _is_outside(day, incident_days):
            yield _day_finding(value, "its incident", incident_days)
            return
        if timeline_days is None:
            timeline_days = [] if _is_in_timeline(page, day) else _timeline_days(page)
        if timeline_days and _is_outside(day, timeline_days):
            is_copied = value.source is Source.TITLE and any(
                other.source is Source.FILE_NAME and other.day is not None and not _is_outside(other.day, timeline_days)
                for other in page.header.all(Field.DATE)
            )
            if is_copied or (is_ours and value.source is not Source.FRONT_MATTER and len(timeline_days) > 1):
                yield _day_finding(value, "the timeline", timeline_days)
                return


def _day_finding(value: HeaderValue, against: str, days: Sequence[date]) -> Finding:
    first, last = min(days), max(days)
    says = f"{first}" if first == last else f"{first} to {last}"
    place = "the title" if value.source is Source.TITLE else "the header"
    return Finding(value.span, f"{place} says {quoted(value.raw)} and {against} {says}: make the two agree")


def _is_outside(day: date, days: Sequence[date]) -> bool:
    return not min(days) - _DAY <= day <= max(days) + _DAY


def _is_in_timeline(page: Page, day: date) -> bool:
    """Whether the timeline names a day as we write it, which is most often so and needs no closer look."""
    section = page.timeline.section if page.timeline else None
    return section is not None and page.text.find(str(day), page.offset(section.start), page.offset(section.end)) >= 0


def _timeline_days(page: Page) -> list[date]:
    """The days that stand in the timeline with their years, those of day headings too."""
    if page.timeline is None or page.timeline.section is None:
        return []
    section = page.timeline.section
    text = page.text[page.offset(section.start) : page.offset(section.end)][:100_000]
    days = [found.full_date for found in find_dates(text)]
    return [day for day in days if day is not None]


def _incident_days(page: Page, facts: Facts) -> list[date]:
    incident = page.value("incident")
    if incident is None:
        return []
    if facts.incident is not None and facts.incident.id == incident:
        state = facts.incident.state
        known = (state.started_at, state.detected_at, state.declared_at, state.mitigated_at, state.resolved_at)
        days = [at.astimezone(facts.zone).date() for at in known if at is not None]
        if days:
            return days
    match = _OWN_ID.match(incident)
    try:
        return [date.fromisoformat(match[1])] if match else []
    except ValueError:
        return []


def _severity_conflict(page: Page, facts: Facts) -> Iterator[Finding]:
    said = [
        (value, levels)
        for value in _written(page, Field.SEVERITY)
        if not is_open(value.raw) and _names_severity(value) and (levels := _levels_in(value.raw, facts.scale))
    ]
    if not said:
        return
    if facts.incident is not None and facts.incident.id == page.value("incident") and facts.incident.state.severity:
        level = facts.scale.find(facts.incident.state.severity)
        for value, levels in said:
            if level is not None and level.name not in levels:
                yield Finding(
                    value.span,
                    f"the header says {quoted(value.raw)} and its incident {level.name}: make the two agree",
                )
                return
    first, levels = said[0]
    for value, others in said[1:]:
        if not levels & others:
            yield Finding(
                value.span,
                f"the severity is {quoted(value.raw)} here and {quoted(first.raw)} on line {first.line + 1}: make the two agree",
            )
            return


_HANDLE: Final = re.compile(r"@(\w(?:[\w.+-]*\w)?)")


def _author_conflict(page: Page) -> Iterator[Finding]:
    """Authors of the front matter against those of the label, where both are handles and nobody stands in both."""
    listed = {
        author.strip().removeprefix("@").casefold() for key in ("authors", "author") for author in page.values(key)
    }
    if not listed or "incident" not in page.keys:
        return
    for value in page.header.all(Field.AUTHOR):
        if value.source is Source.LABEL:
            named = {handle.casefold() for handle in _HANDLE.findall(value.raw)}
            if named and not named & listed:
                yield Finding(
                    value.span,
                    f"the header says {quoted(value.raw)} and the front matter {', '.join(sorted(listed))}: make the two agree",
                )
                return


RULES = (
    missing_field,
    invalid_yaml,
    bad_date,
    naive_timestamp,
    unknown_severity,
    end_before_start,
    duration_mismatch,
    future_date,
    status_contradiction,
    unknown_field,
    header_body_conflict,
)
