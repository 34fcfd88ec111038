"""The header of a document: date, severity, duration, author and times, from front matter, labels, tables, title or file name."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from incidentctl.document.section_names import Role
from incidentctl.incident.model import Value
from incidentctl.lint.blocks import Block, BlockKind, Piece, without_check_box
from incidentctl.lint.diagnostic import Span
from incidentctl.lint.written_times import WrittenTime, find_dates, read_time

if TYPE_CHECKING:
    from incidentctl.lint.page import Page


class Field(StrEnum):
    """What a header says."""

    DATE = "date"
    SEVERITY = "severity"
    DURATION = "duration"
    AUTHOR = "author"
    STATUS = "status"
    REVIEWER = "reviewer"
    STARTED = "started_at"
    DETECTED = "detected_at"
    DECLARED = "declared_at"
    ACKNOWLEDGED = "acknowledged_at"
    MITIGATED = "mitigated_at"
    RESOLVED = "resolved_at"
    CLOSED = "closed_at"
    PUBLISHED = "published_at"

    @property
    def is_time(self) -> bool:
        """Whether it is a point in time."""
        return self.value.endswith("_at")


class Source(StrEnum):
    """Where a value stands, the most deliberate first."""

    FRONT_MATTER = "front matter"
    LABEL = "label"
    TABLE = "table"
    TITLE = "title"
    FILE_NAME = "file name"
    PROSE = "prose"


_LABELS: Final[Mapping[Field, str]] = {
    Field.DATE: "date|incident date|date of incident|date of the incident|when|day",
    Field.SEVERITY: "severity|sev|incident severity|severity level|priority|impact level|criticality",
    Field.DURATION: "duration|incident duration|outage duration|duration of incident|duration of outage|length|total duration"
    "|downtime|total downtime|outage length|time to resolution|duration of the incident",
    Field.AUTHOR: "author|authors|author(s)|created by|written by|prepared by|report by|reported by|postmortem author"
    "|post-mortem author|postmortem owner|post-mortem owner|document owner|owner|owners|owner(s)",
    Field.STATUS: "status|postmortem status|post-mortem status|document status",
    Field.REVIEWER: "reviewer|reviewers|reviewer(s)|reviewed by",
    Field.STARTED: "started|start|started at|start time|incident start|impact start|impact started|impact began|began|outage start"
    "|start of incident|start of impact|start date|time started|from",
    Field.DETECTED: "detected|detected at|detection time|time detected|time of detection|alerted at|first alert|discovered",
    Field.DECLARED: "declared|declared at|incident declared|opened|opened at",
    Field.ACKNOWLEDGED: "acknowledged|acknowledged at|acked|acked at|time acknowledged",
    Field.MITIGATED: "mitigated|mitigated at|time mitigated|impact ended|impact end|end of impact",
    Field.RESOLVED: "resolved|resolved at|resolution time|time resolved|end|ended|end time|ended at|incident end|restored|outage end"
    "|end of incident|end date|fixed at|to",
    Field.CLOSED: "closed|closed at",
    Field.PUBLISHED: "published|published at|publication date",
}
_FIELD_OF: Final = {label: field for field, labels in _LABELS.items() for label in labels.split("|")}
_KEYS: Final[Mapping[str, Field]] = {
    **{field.value: field for field in Field},
    "authors": Field.AUTHOR,
    "reviewers": Field.REVIEWER,
    "owner": Field.AUTHOR,
    "owners": Field.AUTHOR,
    "created_by": Field.AUTHOR,
    "written_by": Field.AUTHOR,
    "incident_date": Field.DATE,
    "sev": Field.SEVERITY,
    "priority": Field.SEVERITY,
    "start": Field.STARTED,
    "start_time": Field.STARTED,
    "started": Field.STARTED,
    "detected": Field.DETECTED,
    "detection_time": Field.DETECTED,
    "acknowledged": Field.ACKNOWLEDGED,
    "mitigated": Field.MITIGATED,
    "end": Field.RESOLVED,
    "end_time": Field.RESOLVED,
    "ended_at": Field.RESOLVED,
    "resolved": Field.RESOLVED,
    "resolution_time": Field.RESOLVED,
}
_LABEL: Final = re.compile(
    r"""(?:\*\*|__)(?P<a>[^*:|\n]{2,40}?)\s?(?:(?:\*\*|__)\s?[:=]|[:=]\s?(?:\*\*|__))\s*   # **Date**: or **Date:**
      | (?P<b>[A-Za-z][A-Za-z()/ _-]{1,39}?)\s?:(?!//)\s*                                     # Date:""",
    re.VERBOSE,
)
_HOURS: Final = re.compile(
    r"""(?:(?P<d>\d{1,3}(?:[.,]\d{1,2})?)\s?(?:d(?:ays?)?)\b[\s,]{0,2}(?:and\s)?)?
        (?:(?P<h>\d{1,4}(?:[.,]\d{1,2})?)\s?(?:h(?:(?:ou)?rs?)?)(?![a-z])[\s,]{0,2}(?:and\s)?)?
        (?:(?P<m>\d{1,5}(?:[.,]\d{1,2})?)(?:\s?(?:m(?:in(?:ute)?s?)?)\b\.?|(?<=h\d\d)(?![\w.]))[\s,]{0,2}(?:and\s)?)?
        (?:(?P<s>\d{1,6})\s?(?:s(?:ec(?:ond)?s?)?)\b)?""",
    re.VERBOSE | re.IGNORECASE,
)
_CLOCK_LENGTH: Final = re.compile(r"(?P<h>\d{1,3}):(?P<m>\d{2})(?::(?P<s>\d{2}))?(?:\s?(?:h|hours|hrs))?(?![\d:])")
_VERSION: Final = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}")
_FILE_DATE: Final = re.compile(r"(?<!\d)(\d{4})[-_.](\d{2})[-_.](\d{2})(?!\d)")


class HeaderValue(Struct, frozen=True, dict=True):
    """One value of a field: its words, where they stand, by which label. `line` is from 0."""

    field: Field
    raw: str
    span: Span
    source: Source
    label: str

    @property
    def line(self) -> int:
        """The line on which it stands, from 0."""
        return self.span.line - 1

    @cached_property
    def time(self) -> WrittenTime | None:
        """Its words as a time."""
        return read_time(self.raw)

    @cached_property
    def day(self) -> date | None:
        """Its words as a day."""
        time = self.time
        if time is not None and time.full_date is not None:
            return time.full_date
        return next((found.full_date for found in find_dates(self.raw) if found.full_date), None)

    @cached_property
    def length(self) -> timedelta | None:
        """Its words as a length of time."""
        return read_length(self.raw)

    def moment(self, day: date | None = None) -> datetime | None:
        """Its words as a point in time."""
        return self.time.moment(day) if self.time else None


class Header(Struct, frozen=True, dict=True):
    """All that a document's header says, each value with its place; a field may be said several times."""

    values: tuple[HeaderValue, ...]
    is_standard_line: bool

    @cached_property
    def by_field(self) -> Mapping[Field, tuple[HeaderValue, ...]]:
        """The values of each field, the most deliberate first."""
        order = list(Source)
        found: dict[Field, list[HeaderValue]] = {}
        for value in self.values:
            found.setdefault(value.field, []).append(value)
        return {
            field: tuple(sorted(values, key=lambda value: order.index(value.source))) for field, values in found.items()
        }

    def all(self, field: Field) -> tuple[HeaderValue, ...]:
        """Every value of a field, the most deliberate first."""
        return self.by_field.get(field, ())

    def first(self, field: Field) -> HeaderValue | None:
        """The value of a field that counts."""
        values = self.by_field.get(field)
        return values[0] if values else None

    @cached_property
    def day(self) -> date | None:
        """The day of the incident, as far as the header says one."""
        for field in (Field.DATE, Field.STARTED, Field.DETECTED, Field.DECLARED):
            for value in self.all(field):
                if value.day is not None:
                    return value.day
        return None


def read_length(words: str) -> timedelta | None:
    """A length of time as people write it: `2h 8m`, `1 hour and 48 minutes`, `~90 min`, `1:48`. `None` where it is none."""
    text = words.strip().lstrip("~≈<>*_ ").removeprefix("about ").removeprefix("approximately ").removeprefix("around ")
    clock = _CLOCK_LENGTH.match(text)
    if clock:
        return timedelta(hours=int(clock["h"]), minutes=int(clock["m"]), seconds=int(clock["s"] or 0))
    match = _HOURS.match(text)
    if match is None or not any(match[unit] for unit in "dhms"):
        return None
    days, hours, minutes = (float((match[unit] or "0").replace(",", ".")) for unit in "dhm")
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=int(match["s"] or 0))


def read_header(page: "Page") -> Header:
    """Reads the header of a page. Its labels stand before the first section, or in one for details."""
    values = [*_of_front_matter(page)]
    labelled: list[HeaderValue] = []
    for block in _header_blocks(page):
        if block.kind is BlockKind.TABLE:
            labelled.extend(_of_table(page, block))
        else:
            for piece in block.pieces:
                labelled.extend(_of_line(page, piece))
    values.extend(labelled)
    on_one_line: dict[int, set[Field]] = {}
    for value in labelled:
        if value.source is Source.LABEL:
            on_one_line.setdefault(value.line, set()).add(value.field)
    is_standard = any(len(fields & _STANDARD) >= 3 for fields in on_one_line.values())
    values.extend(_of_title(page))
    values.extend(_of_file_name(page))
    return Header(tuple(values), is_standard)


_STANDARD: Final = {Field.DATE, Field.SEVERITY, Field.DURATION, Field.AUTHOR}


def _field_of(page: "Page", label: str) -> Field | None:
    key = " ".join(label.lower().split())
    if page.labels and key in page.labels:
        return Field(page.labels[key])
    return _FIELD_OF.get(key) or _FIELD_OF.get(key.replace("_", " "))


def _of_front_matter(page: "Page") -> Iterator[HeaderValue]:
    front = page.front
    if front is None:
        return
    for key in front.values:
        plain = key.strip().lower().replace("-", "_").replace(" ", "_")
        field = _KEYS.get(plain)
        if page.labels and field is None and plain in page.labels:
            field = Field(page.labels[plain])
        if field is None:
            continue
        words = page.values(key) or _names_in(front.values[key])
        if words:
            yield HeaderValue(field, ", ".join(words), page.span_of_key(key), Source.FRONT_MATTER, key)


def _names_in(value: Value) -> tuple[str, ...]:
    """The names of people who are written as tables, each with a `name`, as blogs do."""
    several = value if isinstance(value, tuple) else (value,)
    return tuple(name for each in several if isinstance(each, Mapping) and isinstance(name := each.get("name"), str))


def _header_blocks(page: "Page") -> Iterator[Block]:
    yield from page.prose(page.lead)
    for section in page.by_role.get(Role.DETAILS, ()):
        yield from page.prose(section.own_blocks)


def _of_line(page: "Page", piece: Piece) -> Iterator[HeaderValue]:
    """The labels of one line: one at its beginning, more behind `|`, or each in bold."""
    piece, _ = without_check_box(piece)
    text = piece.text
    if ":" not in text and "=" not in text:
        return
    at = 0
    while at < len(text):
        while at < len(text) and text[at] in " \t|>•·-*+" and not text.startswith(("**", "__"), at):
            at += 1
        match = _LABEL.match(text, at)
        if match is None:
            bold = text.find("**", at)
            bar = text.find("|", at)
            candidates = [place for place in (bold if bold > at else -1, bar) if place >= 0]
            if not candidates or len(text) > 2000:
                return
            at = min(candidates)
            if at == bold and not _LABEL.match(text, at):
                at += 2
            continue
        end = _end_of_value(text, match.end())
        label = (match["a"] or match["b"]).strip()
        field = _field_of(page, label)
        raw = text[match.end() : end].strip(" \t*_`")
        is_prose = match["b"] is not None and field is not None and len(raw) > 120
        if field is not None and raw and not is_prose:
            start = text.find(raw, match.end())
            span = page.span_of(piece, start, start + len(raw))
            yield HeaderValue(field, raw, span, Source.LABEL, label)
        at = max(end, match.end())


def _end_of_value(text: str, start: int) -> int:
    """Where the value of a label ends: before the next bar, or the next bold label."""
    ends = [len(text)]
    bar = text.find("|", start)
    if bar >= 0:
        ends.append(bar)
    bold = text.find("**", start)
    while bold >= 0:
        if _LABEL.match(text, bold):
            ends.append(bold)
            break
        bold = text.find("**", bold + 2)
    return min(ends)


def _of_table(page: "Page", block: Block) -> Iterator[HeaderValue]:
    """A table of two columns with a label in each row, or one with a label over each column and one row."""
    rows = block.rows
    if len(rows) == 2 and len(rows[0].cells) != 2 and len(rows[0].cells) == len(rows[1].cells):
        pairs = list(zip(rows[0].cells, rows[1].cells, strict=True))
    else:
        pairs = [(row.cells[0], row.cells[1]) for row in rows if len(row.cells) == 2]
        if len(rows) == 2 and all(_field_of(page, _bare(cell.text)) for cell in rows[0].cells):
            pairs = list(zip(rows[0].cells, rows[1].cells, strict=False))
    for label, value in pairs:
        field = _field_of(page, _bare(label.text))
        raw = value.text.strip(" \t*_`")
        if field is not None and raw:
            yield HeaderValue(field, raw, page.span_of(value), Source.TABLE, _bare(label.text))


def _bare(words: str) -> str:
    return words.strip(" \t*_`:?")


def _of_title(page: "Page") -> Iterator[HeaderValue]:
    heading = page.title_heading
    if heading is None or not heading.piece.text:
        return
    for found in find_dates(heading.piece.text):
        if _VERSION.fullmatch(found.text):
            continue
        yield HeaderValue(
            Field.DATE, found.text, page.span_of(heading.piece, found.start, found.end), Source.TITLE, "title"
        )
        return


def _of_file_name(page: "Page") -> Iterator[HeaderValue]:
    name = page.path.rsplit("/", 1)[-1]
    match = _FILE_DATE.search(name)
    if match:
        words = "-".join(match.groups())
        yield HeaderValue(Field.DATE, words, page.span_of_line(page.first_body_line), Source.FILE_NAME, "file name")
