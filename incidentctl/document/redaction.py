"""Takes the words of an entry or of an action item out of a text, and finds their copies. Pure: every other byte stays."""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from incidentctl.document.entry_lines import redact_line, with_id
from incidentctl.document.parse import Document, PlacedEntry, parse_document
from incidentctl.errors import RefusedError
from incidentctl.incident.entries import Entry, RedactReason, Update
from incidentctl.incident.requests import Redaction

HIDDEN = "redacted"
"""The handle that takes the place of an author who is not to be named any more."""

_MOST = 200
_LEAST = 6
"""A shorter piece of a text is no trace of it: it stands anywhere."""


def redacted_entry(entry: Entry, redaction: Redaction) -> Entry:
    """The entry without its words: kind, times, id and author stay, the author where that is not asked for otherwise."""
    what = Update(entry.what.status) if isinstance(entry.what, Update) else entry.what
    author, noted_by = entry.author, entry.noted_by
    if redaction.hides_author:
        author, noted_by = author and HIDDEN, noted_by and HIDDEN
    return replace(entry, what=what, text="", redacted=redaction.reason, author=author, noted_by=noted_by, typed=False)


def redact_entry(document: Document, redaction: Redaction, *, incident: str) -> str:
    """The text with one entry redacted; the same text where it is so already, or where there is no such entry.

    An id that was derived is written down: here, and on each other line whose id would change with this one. Raises
    `RefusedError` where more than this entry would change.
    """
    text = document.text
    found = [placed for placed in document.placed if placed.entry.id == redaction.entry]
    wanted = [
        replace(redacted_entry(each.entry, redaction) if each in found else each.entry, typed=False)
        for each in document.placed
    ]
    if wanted == [replace(entry, typed=False) for entry in document.entries]:
        return text
    for placed in found:
        _demand_whole(document, placed)
    splices = [(each.start, each.end, _redacted_line(text, each, redaction)) for each in found]
    changed = _spliced(text, splices)
    now = parse_document(changed, incident=incident).placed
    moved = [each for each, is_now in zip(document.placed, now, strict=False) if each.entry.id != is_now.entry.id]
    splices += [(each.start, *_with_id(text, each)) for each in moved if each not in found]
    changed = _spliced(text, splices)
    if [replace(entry, typed=False) for entry in parse_document(changed, incident=incident).entries] != wanted:
        raise RefusedError(
            f"e:{redaction.entry} stands in a form in which it cannot be redacted",
            hint=f"take its words out in your editor: ictl edit {incident}",
        )
    return changed


def _demand_whole(document: Document, placed: PlacedEntry) -> None:
    """What stands between the marks of a conflict may be somebody else's, and the marks themselves are git's."""
    block = document.text[placed.start : placed.end]
    if any(fault.code == "conflict-markers" for fault in document.faults) and re.search(
        r"^(?:<{7}|={7}|>{7}|\|{7})", block, re.MULTILINE
    ):
        raise RefusedError(
            f"e:{placed.entry.id} stands beside conflict markers of a merge",
            hint="choose between the two sides and remove the markers, then redact it",
        )


def _first_line(text: str, placed: PlacedEntry) -> tuple[int, str]:
    end = text.find("\n", placed.start, placed.end)
    end = placed.end if end < 0 else end
    line = text[placed.start : end].rstrip("\r")
    return placed.start + len(line), line


def _redacted_line(text: str, placed: PlacedEntry, redaction: Redaction) -> str:
    line = _first_line(text, placed)[1]
    return redact_line(line, redacted_entry(placed.entry, redaction), hides_author=redaction.hides_author)


def _with_id(text: str, placed: PlacedEntry) -> tuple[int, str]:
    end, line = _first_line(text, placed)
    return end, with_id(line, placed.entry.id)


def _spliced(text: str, splices: list[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end, new in sorted(splices):
        pieces += [text[done:start], new]
        done = end
    return "".join((*pieces, text[done:]))


# -------------------------------------------------------------------------------------------------------------- copies


def said_in(entry: Entry) -> tuple[str, ...]:
    """All that an entry says in words of people, a line each."""
    texts = [entry.text]
    if isinstance(entry.what, Update):
        texts += [
            each for each in (entry.what.impact, entry.what.theory, entry.what.actions, entry.what.public) if each
        ]
    return tuple(line.strip() for text in texts for line in text.split("\n") if line.strip())


def copies_of(lines: Iterable[str], text: str) -> list[tuple[int, int]]:
    """Where any of these lines stands in a text, as offsets: also with other blanks, and with Markdown's backslashes before its signs."""
    found: list[tuple[int, int]] = []
    for line in sorted({line for line in lines if len(line) >= _LEAST}, key=len, reverse=True):
        for match in _trace(line).finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in found):
                found.append(match.span())
    return sorted(found)


def _trace(line: str) -> re.Pattern[str]:
    """A line as it may stand elsewhere. A long one is known by its beginning, and goes to the end of the line: drafts cut it."""
    is_long = len(line) > _MOST
    line = line[:_MOST].rsplit(None, 1)[0] if is_long else line
    words = [r"\\?".join(re.escape(sign) for sign in word) for word in line.split()]
    edges = [r"(?<!\w)" if line[0].isalnum() else "", r"(?!\w)" if line[-1].isalnum() else ""]
    if is_long:
        edges[1] = r"[^\r\n]*"
    return re.compile(r"[ \t]+\\?".join(words).join(edges))


def without_copies(lines: Iterable[str], text: str, reason: RedactReason) -> str:
    """The text with words in the place of each copy."""
    return _spliced(text, [(start, end, f"[redacted: {reason.value}]") for start, end in copies_of(lines, text)])


def lines_with(lines: Iterable[str], text: str) -> list[int]:
    """The numbers of the lines of a text on which a copy begins."""
    return [text.count("\n", 0, start) + 1 for start, _ in copies_of(lines, text)]


def places_of(document: Document, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """The line of each span, and what stands there: an entry as `e:ID`, a key of the front matter by its name, or nothing we know."""
    for start, _ in spans:
        line = document.text.count("\n", 0, start) + 1
        entry = next((each.entry.id for each in document.placed if each.start <= start < each.end), None)
        keys = document.front.places if document.front else {}
        key = next((name for name, place in keys.items() if place.start <= start < place.value_end), None)
        yield line, f"e:{entry}" if entry else key or ""
