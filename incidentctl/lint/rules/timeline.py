"""Rules for the timeline: that it has entries in order, with times that exist and can be told apart. Judges no words."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from incidentctl.document.entry_lines import naive_time
from incidentctl.incident.entries import Milestone, Opened, Reached, SeverityChange, Withdrawn
from incidentctl.incident.times import describe_duration
from incidentctl.lint.blocks import BlockKind
from incidentctl.lint.diagnostic import Finding, Severity, Span
from incidentctl.lint.header import Field, HeaderValue, Source
from incidentctl.lint.page import PageKind
from incidentctl.lint.rule import Applies, Asks, rule
from incidentctl.lint.timeline import Fault, Shape, Timeline, TimelineEntry
from incidentctl.lint.words.finder import shorten
from incidentctl.lint.written_times import WrittenTime, read_time, stated_zone

if TYPE_CHECKING:
    from incidentctl.incident.model import Incident
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page

_HOLES: Final = re.compile(
    r"\b(?:TODO|TBD|TBC|FIXME|XXX)\b|\b(?:HH:MM|hh:mm|YYYY|yyyy)\b|\{\{|<(?!https?:)[A-Za-z][^<>\n]{0,60}>|lorem ipsum"
    r"|\[(?:time(?:stamp)?|date|event|hh)\b[^\[\]\n]{0,40}\](?!\()"
    r"|\A\W*(?:n/?a|none|\.\.\.|…)\W*\Z",
    re.IGNORECASE,
)
_LINK: Final = re.compile(r"\]\(|\]\[|https?://", re.IGNORECASE)
_CLOCK_IN_PROSE: Final = re.compile(r"\b[0-2]\d[0-5]\d\b|\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}\s?[ap]\.?m\b", re.IGNORECASE)


_LONGEST: Final = 2_000


def _is_record(page: "Page") -> bool:
    return page.kind is PageKind.INCIDENT


def _time_span(page: "Page", entry: TimelineEntry) -> Span:
    return page.span_of(entry.piece, *entry.place)


def _opening(entry: TimelineEntry) -> str:
    """What an entry says, as far as rules read it; the words of a table's row stand apart from its time."""
    text = entry.text if len(entry.text) <= _LONGEST else entry.text[:_LONGEST]
    return text if entry.shape is Shape.TABLE else f"{text}\n{entry.piece.text[:_LONGEST]}"


def _words(entry: TimelineEntry) -> str:
    """The time of an entry as it is written."""
    return f"'{shorten(entry.time.text if entry.time else entry.piece.text)}'"


def _fault_findings(page: "Page", codes: dict[str, Severity | None]) -> Iterator[Finding]:
    """What the record's own reader could not take, each at its line."""
    for fault in page.document.faults:
        if fault.code not in codes or not 0 < fault.line <= len(page.lines):
            continue
        line = page.lines[fault.line - 1]
        start, end = max(fault.column - 1, 0), max(len(line.rstrip()), fault.column)
        if fault.code == "naive-time":
            words = naive_time(line)
            start = line.find(words) if words else start
            end = start + len(words or line)
        elif fault.code == "impossible-time":
            end = min([at for at in (line.find(" ", start + 1), end) if at > start])
        span = Span(fault.line, start + 1, fault.line, end + 1)
        yield Finding(span, fault.message, severity=codes[fault.code])


@rule("TML001", "no-entries", Severity.ERROR, applies=Applies.BOTH)
def no_entries(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The timeline has no entry with a time.

    Why
    ---
    A timeline is what readers check the rest against: how long it took to see the problem, to understand it and to end
    it. Without times none of this can be told, and nobody can compare the incident with another one.

    Bad
    ---
        ## Timeline

        The alert fired, the on-call looked at the pool and failed over. Later the size was raised.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:48 Failed over to db-4, see [log](https://logs.example.org/1): mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    Google SRE book, chapter 15; PagerDuty's post-mortem guide, "Create a timeline".

    Notes
    -----
    Bullets, tables, headings, bold times and bare lines are read. A section that is missing is STR001, an empty one
    STR002, an untouched template STR003. A section that only links to a timeline elsewhere, or that tells its times
    within sentences, is a warning.
    """
    if _is_record(page):
        document = page.document
        is_unread = any(fault.code in ("naive-time", "impossible-time") for fault in document.faults)
        if document.timeline is not None and not document.placed and not is_unread:
            span = page.span(document.timeline.start, max(document.timeline.body - 1, document.timeline.start))
            message = "the record has no entry: what happened is told with `ictl note`, or a line with its time"
            yield Finding(span, message, severity=Severity.WARNING)
        return
    timeline = page.timeline
    if timeline is None or timeline.section is None or any(entry.time is not None for entry in timeline.entries):
        return
    section = timeline.section
    text = "\n".join(
        "\n".join(page.lines[block.start : block.end])
        for block in page.prose(section.blocks)
        if block.kind is not BlockKind.HTML
    )
    opening = text[:20_000]
    if not text.strip() or _HOLES.search(opening):
        return
    is_promised = page.is_standard or facts.has_settings
    severity = None if is_promised else Severity.WARNING
    message = "the timeline has no entry with a time: write one line for each event, as `- 2026-05-14 10:48 UTC …`"
    if len(text) < 400 and _LINK.search(text) and len(timeline.entries) < 2:
        severity = Severity.WARNING if is_promised else Severity.INFO
        message = "the timeline only links to one that stands elsewhere: copy its main events, since links do not last"
    elif _CLOCK_IN_PROSE.search(opening):
        severity = Severity.WARNING if is_promised else Severity.INFO
        message = "no line of the timeline begins with a time: write one line for each event, with its time first"
    yield Finding(page.span_of(section.heading.piece), message, severity=severity)


_NO_TIME_YET: Final = re.compile(
    r"[\W_]{0,6}(?:unknown|time unknown|n/?a\b|\?|(?:the )?(?:day|night|week|morning|evening|month|days|weeks) (?:before|after|earlier)\b"
    r"|(?:post|pre)-(?:event|incident)|background|previously|prior to|before the incident)|^\W{0,3}[?“”\"〃]|^[\d\W_]{1,12}\?\?",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(
    r"[\W_]{0,6}(?:notes?|nb|n\.b\.|see|total|overall|duration|downtime|all (?:times|timestamps)|times?\b.{0,20}\b(?:in|are)\b"
    r"|time to|tt[dmr]\b|mtt|links?|source|legend|key|update|edit|summary|relevant|related)\b",
    re.IGNORECASE,
)


@rule("TML002", "entry-without-time", Severity.WARNING, applies=Applies.BOTH)
def entry_without_time(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An entry has no time, among others that have one.

    Why
    ---
    Readers cannot tell whether it belongs before or after its neighbours by a minute or by an hour. A rough time,
    marked as one, is better than none.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - The pool dashboard shows no free connection, see [graph](https://grafana.example.org/d/pool).
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 ~10:12 The pool dashboard shows no free connection, see [graph](https://grafana.example.org/d/pool).
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    Google SRE book, chapter 15: events with their timestamps.

    Notes
    -----
    Items below another item, remarks behind the last entry and times that are said to be unknown are left out. In an
    incident file a line whose time has no date or no zone is no entry of the record, and is found by this rule.
    """
    if _is_record(page):
        yield from _fault_findings(page, {"naive-time": None})
        return
    timeline = page.timeline
    if timeline is None or timeline.shape is Shape.HEADINGS:
        return
    runs: dict[int, list[TimelineEntry]] = {}
    for entry in timeline.entries:
        if entry.shape in (Shape.BULLETS, Shape.BOLD, Shape.TABLE):
            runs.setdefault(entry.run, []).append(entry)
    for run in runs.values():
        without = [entry for entry in run if entry.time is None]
        if not without or len(without) * 2 >= len(run) or len(run) - len(without) < 2:
            continue
        last = max(entry.line for entry in run if entry.time is not None)
        for entry in without:
            words = entry.text if entry.shape is Shape.TABLE else entry.piece.text
            if (
                not words.strip()
                or _NO_TIME_YET.match(entry.piece.text)
                or _is_remark(words, is_last=entry.line > last)
            ):
                continue
            message = f"this entry has no time: '{shorten(words)}': say when it happened, `~10:30` is enough"
            yield Finding(page.span_of(entry.piece) if entry.piece.text else page.span_of_line(entry.line), message)


def _is_remark(words: str, *, is_last: bool) -> bool:
    return _REMARK.match(words) is not None if is_last else words.lstrip("*_ (").lower().startswith(("note:", "nb:"))


@rule("TML003", "not-chronological", Severity.ERROR, applies=Applies.BOTH)
def not_chronological(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An entry is earlier than the one above it.

    Why
    ---
    A wrong time turns every duration that is taken from it wrong, and nobody sees it: it looks like any other number.
    In published post-mortems about one entry in seventy steps back.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    Measured on 1,737 entries of published timelines, of which 26 step back.

    Notes
    -----
    Equal times are in order, a range counts by its beginning, and `~` may be wrong by an hour. Where the clock goes
    back by six hours or more and no day is written, that is TML004; a mistaken year, month or day is TML005. A timeline
    that runs from the newest entry to the oldest is one finding, a warning. Parts under headings of their own are
    compared with each other only where their days are written.
    """
    if _is_record(page):
        yield from _record_steps_back(page)
        return
    timeline = page.timeline
    if timeline is None:
        return
    for disorder in timeline.disorder:
        entry, other = timeline.entries[disorder.entry], timeline.entries[disorder.other]
        if disorder.fault is Fault.GOES_BACK:
            where = "below" if disorder.entry > disorder.other else "above"
            message = f"{_words(entry)} stands {where} {_words(other)}: correct its time, or move it to its place"
            yield Finding(_time_span(page, entry), message)
        elif disorder.fault is Fault.NEWEST_FIRST:
            message = f"the timeline runs from the newest entry, {_words(entry)}, to the oldest, {_words(other)}: turn it round"
            yield Finding(_time_span(page, entry), message, severity=Severity.WARNING)


def _record_steps_back(page: "Page") -> Iterator[Finding]:
    latest = None
    for placed in page.document.placed:
        entry = placed.entry
        if latest is not None and entry.at < latest.at:
            line = page.text[placed.start : placed.end].split("\n", 1)[0]
            words = line[2:].lstrip().split(" ", 1)[0].rstrip("\r")
            start = placed.start + line.find(words)
            message = (
                f"the entry of {entry.at:%Y-%m-%d %H:%M:%S} stands below that of {latest.at:%Y-%m-%d %H:%M:%S}: correct its time,"
                " or move it to its place"
            )
            yield Finding(page.span(start, start + len(words)), message)
        else:
            latest = entry


@rule("TML004", "ambiguous-day", Severity.WARNING)
def ambiguous_day(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The clock goes back by hours, and no day is written.

    Why
    ---
    Midnight may have passed, or the time is wrong. Readers have to guess which, and a duration that is taken from the
    two times is wrong by a day.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 10:02 The latency alert fires and pages the on-call.
        - 10:48 Failed over to db-4: mitigated, see [log](https://logs.example.org/1).
        - 02:10 The old pool is taken down.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 10:02 The latency alert fires and pages the on-call.
        - 10:48 Failed over to db-4: mitigated, see [log](https://logs.example.org/1).
        - 2026-05-15 02:10 The old pool is taken down.

    Source
    ------
    Measured: a quarter of the steps back in published timelines pass midnight.
    """
    timeline = page.timeline
    if timeline is None:
        return
    for disorder in timeline.disorder:
        if disorder.fault is not Fault.NO_DAY:
            continue
        entry, before = timeline.entries[disorder.entry], timeline.entries[disorder.other]
        meant = f", as {entry.day.isoformat()} {entry.time.text}" if entry.day and entry.time else ""
        half = ", or AM or PM" if _may_lack_half(before, entry) else ""
        message = f"the clock goes back from {_words(before)} to {_words(entry)} and no day is written: write the day{half}{meant}"
        yield Finding(_time_span(page, entry), message)


def _may_lack_half(before: TimelineEntry, entry: TimelineEntry) -> bool:
    """Whether two clocks can be of the kind that goes to twelve."""
    clocks = [
        each.time.clock for each in (before, entry) if each.time and each.time.clock and not each.time.has_meridiem
    ]
    return len(clocks) == 2 and all(1 <= each.hour <= 12 for each in clocks)


_BEFORE_ALL: Final = re.compile(r"\bintroduc\w+|\byears?\b", re.IGNORECASE)


@rule("TML005", "date-outlier", Severity.ERROR)
def date_outlier(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An entry's year, month or day is another one than that of the entries around it.

    Why
    ---
    A date copied from the last document, or last year's in January: each duration that is taken from it is wrong by
    days or by a year.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2025-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    Measured: a wrong year and a wrong day stand in published timelines.

    Notes
    -----
    Only where the entries around it are in order without it, and where one part of the date, changed to theirs, brings
    it into order.
    """
    timeline = page.timeline
    if timeline is None:
        return
    for disorder in timeline.disorder:
        if disorder.fault is not Fault.OUTLIER or disorder.day is None:
            continue
        entry = timeline.entries[disorder.entry]
        if disorder.entry < disorder.other and _BEFORE_ALL.search(entry.text):
            continue
        message = (
            f"{_words(entry)} does not fit the entries around it: is {disorder.day.isoformat()} meant? Correct the date"
        )
        yield Finding(_time_span(page, entry), message)


_LEADS_UP: Final = re.compile(
    r"\b(?:introduc\w+|merg\w+|deploy\w*|releas\w+|roll(?:ed|s)?[ -]?out|chang\w+|upgrad\w+|migrat\w+|planned|plans|schedul\w+"
    r"|bug|version|commit\w*|config\w*|enabl\w+|creat\w+|install\w+|add(?:ed|s)|updat\w+|announc\w+|warn\w*|expir\w+|renew\w*|earlier"
    r"|previous\w*|first|start\w*|set up|launch\w*|push\w*|notif\w+|email\w*|email|maintenance|PR|pull request|switch\w*|mov(?:ed|es))\b",
    re.IGNORECASE,
)
_FOLLOWS_UP: Final = re.compile(
    r"\b(?:post-?\s?mortem|follow\w*|review\w*|retro\w*|meeting|permanent\w*|publish\w*|clos(?:ed?|es|ing)|fix\w*|deploy\w*|releas\w+"
    r"|clean\w*|backfill\w*|re-?enabl\w+|restor\w+|communicat\w+|customers?|debrief\w*|credit\w*|report\w*|merg\w+|remov\w+|back"
    r"|replac\w+|finish\w*|complet\w+|final\w*|upgrad\w+|monitor\w*|refund\w*|root cause|done|resolved|recover\w*|roll\w*|revert\w*)\b",
    re.IGNORECASE,
)
_SLACK: Final = timedelta(days=1)


@rule("TML006", "outside-window", Severity.WARNING)
def outside_window(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An entry lies a day or more outside the time from start to resolution.

    Why
    ---
    Either the entry's date or the one in the header is wrong, and with it the duration.

    Bad
    ---
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        started_at: 2026-05-14T09:51:00Z
        resolved_at: 2026-05-14T12:10:00Z
        ---

        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-16 09:10 The [graph](https://grafana.example.org/d/1) shows errors on db-3.

    Good
    ----
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        started_at: 2026-05-14T09:51:00Z
        resolved_at: 2026-05-14T12:10:00Z
        ---

        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 11:10 The [graph](https://grafana.example.org/d/1) shows errors on db-3.

    Source
    ------
    Measured: header and timeline of published documents name different days.

    Notes
    -----
    The times are those of the header, else those of the incident's record. What led up to the incident and what followed
    it, such as a merge or the review, may lie outside.
    """
    timeline = page.timeline
    if timeline is None or not timeline.entries:
        return
    start, end = _window(page, facts)
    for index, entry in enumerate(timeline.entries):
        moment = entry.moment
        if moment is None or index in timeline.doubtful or (entry.time is not None and entry.time.is_day_ambiguous):
            continue
        at = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        words = _opening(entry)
        if start is not None and start - at > _SLACK and not _LEADS_UP.search(words):
            message = f"{_words(entry)} is {_days(start - at)} before the incident began, on {start:%Y-%m-%d}: correct one of the two"
            yield Finding(_time_span(page, entry), message)
        elif end is not None and at - end > _SLACK and not _FOLLOWS_UP.search(words):
            message = f"{_words(entry)} is {_days(at - end)} after the incident was resolved, on {end:%Y-%m-%d}: correct one of the two"
            yield Finding(_time_span(page, entry), message)


def _days(length: timedelta) -> str:
    return "more than a day" if length.days == 1 else f"{length.days} days"


def _window(page: "Page", facts: "Facts") -> tuple[datetime | None, datetime | None]:
    header = page.header
    start = _first_moment(header.all(Field.STARTED)) or _first_moment(header.all(Field.DETECTED))
    end = _first_moment(header.all(Field.RESOLVED))
    state = facts.incident.state if facts.incident is not None else None
    if state is not None and state.reopened_at is None:
        start = start or state.started_at or state.detected_at or state.declared_at
        end = end or state.resolved_at
    return start, end


def _first_moment(values: tuple[HeaderValue, ...]) -> datetime | None:
    """The first value that is a full date with a clock; without a zone it is taken as UTC, which a day's slack allows."""
    for value in values:
        if value.time is None or value.time.full_date is None or value.time.is_day_ambiguous:
            continue
        moment = value.moment()
        if moment is not None:
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None


# Words that a text with nothing but letters and single blanks is searched for: much faster than one pattern.
_DETECTS: Final = tuple(
    " alert| alarm| paged | paging | pager| pages the | pages an | pages a | pages on| a page | detect| notic| report| monitor| discover"
    "| observ| spots | spotted | saw | see | sees | seen | found | find | finds | aware | complain| ticket| flags | flagged | notif"
    "| email| e mail| opsgenie | sentry | statuscake | pingdom | stackdriver | grafana | prometheus | realis| realiz| triggered | warn"
    "| probe| health check| healthcheck| contacts | contacted | asks | asked | tweet| symptom| calls | called | pings | pinged | suspect"
    "| unusual | obvious | problem is identified | issue is identified | issue identified | problem identified ".split(
        "|"
    )
)
_RESOLVES: Final = tuple(
    " mitigat| resolv| resolut| restor| recover| fix | fixed | fixes | normal| back up | back online | back in service | back to | is back "
    "| are back | operational | healthy | stable | stabili| complet| closed | closes | closing | end | ends | ended | over | all clear "
    "| rolled back | rolls back | roll back | rollback| reverts | reverted | revert | again | succe| returns | returned | clear | clears "
    "| cleared | subsid| no more | no longer | no further | drops to | dropped to | drop to | running | caught up | repair| patch| done "
    "| finish| goes away | gone away | gone | functional | works | working | disappear| stops | stopped | stop | unblocked | confirm| fine "
    "| happy | green | online | available | up | deployed | shipped | solv| unbanned | under control".split("|")
)
_NO_LETTERS: Final = re.compile(r"[^a-z]+")


def _has_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text has one of some words; a blank stands for where a word begins or ends."""
    flat = _letters(text)
    return any(word in flat for word in words)


@lru_cache(2)  # two rules ask the same timeline one after the other
def _letters(text: str) -> str:
    return f" {_NO_LETTERS.sub(' ', text.lower())} "


_TARGET: Final = re.compile(r"\]\([^()\s]*\)?|https?://[^\s)\]]+")


def _telling_text(page: "Page", timeline: Timeline) -> str:
    """All words of the timeline: entries and what stands below them."""
    if timeline.section is not None:
        return "\n".join(page.lines[timeline.section.heading.end : timeline.section.end])
    return "\n".join("\n".join(page.lines[entry.line : entry.end]) for entry in timeline.entries)


def _says(page: "Page", timeline: Timeline, words: tuple[str, ...]) -> bool:
    """Whether the words of the timeline say something; addresses of links are none."""
    text = _telling_text(page, timeline)
    return _has_word(_TARGET.sub(" ", text) if "://" in text else text, words)


def _timeline_place(page: "Page", timeline: Timeline) -> Span:
    if timeline.section is not None:
        return page.span_of(timeline.section.heading.piece)
    return _time_span(page, timeline.entries[0])


@rule("TML007", "no-detection", Severity.WARNING, eased_elsewhere=True, is_wording=True)
def no_detection(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """No entry says how or when the problem was noticed.

    Why
    ---
    The time from the beginning of the impact to its detection is the first thing that better alerts can shorten. It
    cannot be measured where nobody says when the alert fired, or who reported it.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:05 The incident is declared as SEV1, on [the bridge](https://meet.example.org/1).
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:05 The incident is declared as SEV1, on [the bridge](https://meet.example.org/1).
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    Google SRE workbook, chapter 10: the timeline runs from detection to resolution.
    """
    timeline = page.timeline
    if timeline is None or len(timeline.timed) < 2 or _says(page, timeline, _DETECTS):
        return
    message = "no entry says how the problem was noticed: add when the alert fired, or when the first report came"
    yield Finding(_timeline_place(page, timeline), message, key="detection")


@rule("TML008", "no-resolution", Severity.WARNING, eased_elsewhere=True, is_wording=True)
def no_resolution(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """No entry says when it was over.

    Why
    ---
    Without an end there is no duration, and readers cannot tell which step it was that helped.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 The service is failed over to db-4: mitigated.

    Source
    ------
    Google SRE workbook, chapter 10: the timeline runs from detection to resolution.

    Notes
    -----
    An incident that is still open has no end to tell: it is left out.
    """
    timeline = page.timeline
    if timeline is None or len(timeline.timed) < 2:
        return
    if facts.incident is not None and facts.incident.state.status is not None:
        status = facts.incident.state.status
        if status.is_active and facts.incident.state.mitigated_at is None:
            return
    if _says(page, timeline, _RESOLVES):
        return
    message = "no entry says when it was over: add when users were well again, and when the fault was mended"
    yield Finding(_timeline_place(page, timeline), message, key="resolution")


_STATED_ANYWHERE: Final = re.compile(r"\b(?:[Tt]ime|TIME|[Cc]lock)")
_TIMES: Final = (Field.STARTED, Field.DETECTED, Field.DECLARED, Field.ACKNOWLEDGED, Field.MITIGATED, Field.RESOLVED)


@rule("TML009", "no-timezone", Severity.WARNING)
def no_timezone(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The times of the timeline have no time zone, and none is stated for all.

    Why
    ---
    Readers in other places, and all programs, need it to compare the times with graphs and logs, which are mostly in
    UTC. In a year nobody remembers which office wrote it, or whether it was summer time.

    Bad
    ---
        ## Timeline

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    Google SRE book, chapter 15, and the rule of every log: a time without a zone is none.

    Notes
    -----
    One sentence for all times, the head of a column, a zone in the header's times or at one entry is enough.
    """
    timeline = page.timeline
    if timeline is None or not timeline.timed or timeline.zone is not None:
        return
    if any(entry.time is not None and entry.time.zone is not None for entry in timeline.entries):
        return
    header = page.header
    if any(value.time is not None and value.time.zone for field in _TIMES for value in header.all(field)):
        return
    if any(_names_zone(entry) for entry in timeline.entries):
        return
    if _STATED_ANYWHERE.search(page.text) and _states_zone(page):
        return
    message = (
        "no time zone is named for these times: write 'All times are UTC.' above the first entry, or the zone at each"
    )
    yield Finding(_time_span(page, timeline.timed[0]), message, key="zone")


_ZONE_AT_ENTRY: Final = re.compile(r"(?:UTC|GMT|Z\b|[A-Z]{1,4}[SD]?T\b|[+-]\d{2}:?\d{2}\b)")


def _names_zone(entry: TimelineEntry) -> bool:
    """Whether a zone stands behind the time in a form that is not known, as `10:48 h UTC`."""
    if entry.time is None:
        return False
    behind = entry.piece.text[entry.time.end : entry.time.end + 16]
    return bool(behind) and _ZONE_AT_ENTRY.search(behind) is not None


def _states_zone(page: "Page") -> bool:
    """Whether any paragraph or heading of the document names a zone for its times."""
    if any("ime" in heading.text and stated_zone(heading.text) for heading in page.headings):
        return True
    return any(
        block.kind is BlockKind.PARAGRAPH and _STATED_ANYWHERE.search(block.text) and stated_zone(block.text)
        for block in page.blocks
    )


_SAME_PLACE: Final = {"P": "Pacific", "M": "Mountain", "C": "Central", "E": "Eastern"}


@rule("TML010", "mixed-timezones", Severity.WARNING)
def mixed_timezones(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The entries are in more than one time zone.

    Why
    ---
    Two clocks in one column cannot be read side by side: an order that looks right may be wrong by hours.

    Bad
    ---
        ## Timeline

        - 2026-05-14 09:51 UTC The config push reaches eu-west-1.
        - 2026-05-14 12:02 CEST The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 UTC The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 UTC Failed over to db-4: mitigated.
        - 2026-05-14 12:10 UTC The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        - 2026-05-14 09:51 UTC The config push reaches eu-west-1.
        - 2026-05-14 10:02 UTC (12:02 CEST) The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 UTC The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 UTC Failed over to db-4: mitigated.
        - 2026-05-14 12:10 UTC The pool size is raised: resolved.

    Source
    ------
    PagerDuty's post-mortem guide: one time zone for all times.

    Notes
    -----
    A second time in parentheses is a conversion and welcome. PST and PDT in one timeline are two zones as well, unless
    they are of different days: the clocks may have been changed in between.
    """
    timeline = page.timeline
    if timeline is None:
        return
    zoned = [entry for entry in timeline.entries if entry.time is not None and entry.time.zone is not None]
    if not zoned:
        return
    counts: dict[str, int] = {}
    if timeline.zone is not None:
        counts[_zone_key(timeline.zone, timeline.offset)] = len(timeline.entries) + 1
    for entry in zoned:
        if entry.time is not None and entry.time.zone is not None:
            key = _zone_key(entry.time.zone, entry.time.offset)
            counts[key] = counts.get(key, 0) + 1
    if len(counts) < 2:
        return
    main = max(counts, key=lambda key: counts[key])
    others: list[TimelineEntry] = []
    main_name, main_days = timeline.zone, set[date]()
    for entry in zoned:
        if entry.time is None or entry.time.zone is None:
            continue
        if _zone_key(entry.time.zone, entry.time.offset) == main:
            main_name = main_name or entry.time.zone
            if entry.day is not None:
                main_days.add(entry.day)
        else:
            others.append(entry)
    others = [entry for entry in others if not _is_changed_clock(entry, main_name or "", main_days)]
    if not others:
        return
    first = others[0]
    more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
    zone, main_name = (_zone_name(first.time.zone if first.time else None), _zone_name(main_name))
    message = f"{_words(first)}{more} is in {zone}, the other entries are in {main_name}: write all of them in one zone"
    yield Finding(_time_span(page, first), message)


def _zone_name(name: str | None) -> str:
    return "UTC" if name in (None, "Z") else str(name)


def _zone_key(name: str, offset: timedelta | None) -> str:
    """What zones are told apart by: their offset where it is known."""
    return f"{offset.total_seconds():+.0f}" if offset is not None else _place_of(name)


def _place_of(name: str) -> str:
    """`Pacific` for PT, PST and Pacific Time."""
    if name[:1] in _SAME_PLACE and name[1:] in ("T", "ST", "DT"):
        return _SAME_PLACE[name[0]]
    return name.split(" ", 1)[0]


def _is_changed_clock(entry: TimelineEntry, main: str, main_days: set[date]) -> bool:
    """Whether an entry is in the same place as the others, by another name for it or with the clocks changed in between."""
    name = entry.time.zone if entry.time is not None and entry.time.zone is not None else ""
    one, two = _place_of(name), _place_of(main)
    if one == two and name != main:
        is_general = one in (name, main) or "T" in (name[1:], main[1:]) or " " in name or " " in main
        return is_general or (entry.day is not None and entry.day not in main_days)
    pairs = ({"CET", "CEST"}, {"GMT", "BST"}, {"UTC", "BST"}, {"EET", "EEST"}, {"AEST", "AEDT"})
    return {name, main} in pairs[:2] and entry.day is not None and entry.day not in main_days


_RANGE_SIGN: Final = re.compile(r"\s{0,2}(?:-|–|—|to|until)\s{0,2}")


_MIXED: Final = "mixes the 24-hour clock with AM and PM"


@rule("TML011", "impossible-clock", Severity.ERROR, applies=Applies.BOTH)
def impossible_clock(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A time that no clock shows, or a day that no calendar has.

    Why
    ---
    A digit too many or two clocks in one: only its author knows what was meant, and only for a while.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 25:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    Measured: `25:10` and `22:22 PM` stand in published timelines.

    Notes
    -----
    Where three or more times mix the two clocks, that is said once, at the first.
    """
    if _is_record(page):
        yield from _fault_findings(page, {"impossible-time": None})
        return
    timeline = page.timeline
    if timeline is None:
        return
    mixed = [
        entry for entry in timeline.entries if entry.time is not None and (entry.time.impossible or "").endswith(_MIXED)
    ]
    if len(mixed) > 2:
        first = mixed[0]
        said = f"{len(mixed)} times mix the 24-hour clock with AM and PM, as '{first.time.text if first.time else ''}' does"
        yield Finding(_time_span(page, first), f"{said}: write them on one of the two clocks", key="two clocks")
    for entry in timeline.entries:
        if entry.time is None or (len(mixed) > 2 and entry in mixed):
            continue
        if entry.time.impossible:
            yield Finding(_time_span(page, entry), f"{entry.time.impossible}; write the time that was meant")
            continue
        sign = _RANGE_SIGN.match(entry.piece.text, entry.time.end) if entry.time.until is None else None
        until = read_time(entry.piece.text, sign.end()) if sign else None
        if until is not None and until.impossible and entry.has_clock:
            span = page.span_of(entry.piece, until.start, until.end)
            yield Finding(span, f"{until.impossible}; write the time that was meant")


@rule("TML012", "long-silence", Severity.INFO, is_wording=True)
def long_silence(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """Between two entries lies more than twice the time that the severity allows between two updates.

    Why
    ---
    In such a time somebody worked on something. Readers who want to learn how the problem was understood find the
    most in what was tried and did not help.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call, see [graph](https://grafana.example.org/d/1).
        - 2026-05-14 11:25 Failed over to db-4.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call, see [graph](https://grafana.example.org/d/1).
        - 2026-05-14 10:20 The network is ruled out: pings between the zones are fine.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    PagerDuty's incident-response guide: an update at least each half hour.

    Notes
    -----
    From detection to mitigation only, and only for severities with a rhythm of updates. The longest silence is named.
    """
    timeline = page.timeline
    value = page.header.first(Field.SEVERITY)
    if timeline is None or value is None:
        return
    level = facts.scale.find(value.raw) or facts.scale.find(value.raw.split(" ", 1)[0].rstrip(":,("))
    if level is None or level.update_every is None:
        return
    longest: tuple[timedelta, TimelineEntry] | None = None
    before: TimelineEntry | None = None
    for index, entry in enumerate(timeline.entries):
        if entry.moment is None:
            continue
        if index in timeline.doubtful:
            before = None
            continue
        words = _opening(entry)
        if before is not None and before.moment is not None and before.group == entry.group:
            is_comparable = (before.moment.tzinfo is None) == (entry.moment.tzinfo is None)
            gap = entry.moment - before.moment if is_comparable else timedelta(0)
            if gap > 2 * level.update_every and (longest is None or gap > longest[0]):
                longest = (gap, entry)
        if _MITIGATED.search(words) or _RESOLVED.search(words):
            break
        if before is not None or _has_word(words, _DETECTS):
            before = entry
    if longest is not None:
        every = describe_duration(level.update_every)
        message = (
            f"nothing is said for {describe_duration(longest[0])} before {_words(longest[1])}, and {level.name} asks for an update"
            f" each {every}: add what was tried"
        )
        yield Finding(_time_span(page, longest[1]), message)


_EVIDENCE: Final = re.compile(
    r"\]\(|\]\[|\]:|https?://|!\[|(?<![\w#])#\d+\b|\b[\w.-]+/[\w.-]+[#!]\d+|\b(?=[0-9a-f]{0,39}\d)(?=\d{0,39}[a-f])[0-9a-f]{7,40}\b|<img|\b[A-Z]{2,10}-\d{2,}\b",
    re.IGNORECASE,
)


@rule("TML013", "no-evidence", Severity.INFO)
def no_evidence(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """No entry links to a graph, a log or a change.

    Why
    ---
    Who reads it in a year can believe the timeline, or check it. A link to the graph, the log query or the pull request
    costs nothing on the day and cannot be found later.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push [#408](https://github.com/example/infra/pull/408) reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    PagerDuty's post-mortem guide: for each item of the timeline a metric or page that shows it.
    """
    timeline = page.timeline
    if timeline is None or len(timeline.timed) < 2:
        return
    text = _telling_text(page, timeline)
    if "](" in text or "://" in text or _EVIDENCE.search(text):
        return
    message = "no entry links to a graph, a log or a change: add one for each thing that readers may want to check"
    yield Finding(_timeline_place(page, timeline), message, key="evidence")


_NOT: Final = (
    r"(?<!\bnot )(?<!\bun)(?<!\bpartly )(?<!\bpartially )(?<!\bnot yet )(?<!n't )(?<!\bbriefly )(?<!\btemporarily )"
)
_MITIGATED: Final = re.compile(rf"\b{_NOT}mitigated\b", re.IGNORECASE)
_RESOLVED: Final = re.compile(rf"\b{_NOT}resolved\b(?!\s+(?:to|by dns|the (?:host|name|address)))", re.IGNORECASE)
_DETECTED: Final = re.compile(
    r"\b(?:incident|outage|problem|issue|it|impact) (?:is|was) (?:first )?detected\b|\A\W*detected\b", re.IGNORECASE
)
_DECLARED: Final = re.compile(
    r"\b(?:incident|outage|sev-?\s?\d) (?:is |was |has been )?declared\b|\A\W*(?:incident )?declared\b"
    r"|\bdeclared (?:an?|the) (?:incident|sev)",
    re.IGNORECASE,
)
_STATEMENTS: Final = (
    ("detected_at", "detected", _DETECTED),
    ("declared_at", "declared", _DECLARED),
    ("mitigated_at", "mitigated", _MITIGATED),
    ("resolved_at", "resolved", _RESOLVED),
)
_HEADER_TIMES: Final = {
    Field.STARTED: "started_at",
    Field.DETECTED: "detected_at",
    Field.DECLARED: "declared_at",
    Field.MITIGATED: "mitigated_at",
    Field.RESOLVED: "resolved_at",
}
_ENTRY_TOLERANCE: Final = timedelta(minutes=5)
_HEADER_TOLERANCE: Final = timedelta(minutes=1)


@rule("TML014", "record-conflict", Severity.ERROR, applies=Applies.BOTH, asks=Asks.RECORD)
def record_conflict(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The document says something else than the incident's own record.

    Why
    ---
    The record was written while it happened. Where the document differs, one of the two is wrong, and reports take
    their numbers from the record: correct the document, or the record with `ictl set`.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:32 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 11:15 Failed over to db-4: the incident is mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection.
        - 2026-05-14 10:48 Failed over to db-4: the incident is mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

    Source
    ------
    Measured: 20 of 51 stated durations do not follow from the document's own times.

    Notes
    -----
    Compared are the severity (the last or the gravest one), the date and the times of the header to the minute, and
    entries that state a milestone, by more than five minutes. In an incident file the record contradicts itself where
    two entries have one id, where an entry stands outside the timeline, or where a withdrawal names no entry.
    """
    if facts.incident is None:
        return
    if _is_record(page):
        yield from _record_faults(page)
        return
    yield from _header_conflicts(page, facts)
    if page.timeline is not None:
        yield from _entry_conflicts(page, page.timeline, facts.incident)


def _header_conflicts(page: "Page", facts: "Facts") -> Iterator[Finding]:
    incident = facts.incident
    if incident is None:
        return
    for value in page.header.all(Field.SEVERITY):
        level = facts.scale.find(value.raw)
        believed = _severities(incident)
        if level is None or not believed:
            continue
        known = [facts.scale.find(name) for name in believed]
        gravest = min(believed, key=facts.scale.rank)
        if None not in known and level not in (facts.scale.find(gravest), known[-1]):
            message = (
                f"the severity is {level.name} here and {believed[-1]} in the record: correct the one that is wrong"
            )
            yield Finding(value.span, message)
    days = _days_of(incident, facts)
    for value in page.header.all(Field.DATE):
        is_stated = value.source in (Source.FRONT_MATTER, Source.LABEL, Source.TABLE)
        ambiguous = value.time is not None and value.time.is_day_ambiguous
        if is_stated and value.day is not None and days and value.day not in days and not ambiguous:
            message = f"the date is {value.day.isoformat()} here and {min(days).isoformat()} in the record: correct the one that is wrong"
            yield Finding(value.span, message)
    for field, key in _HEADER_TIMES.items():
        at: datetime | None = getattr(incident.state, key)
        if at is None or key in incident.listed("estimated"):
            continue
        for value in page.header.all(field):
            moment = _moment_of(value)
            if moment is not None and abs(moment - at) > _HEADER_TOLERANCE:
                message = f"{value.label} is {shorten(value.raw)} here and {_instant(at)} in the record: correct the one that is wrong"
                yield Finding(value.span, message)


def _moment_of(value: HeaderValue) -> datetime | None:
    time: WrittenTime | None = value.time
    if time is None or time.is_vague or time.full_date is None or time.is_day_ambiguous:
        return None
    moment = value.moment()
    return moment if moment is not None and moment.tzinfo is not None else None


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _severities(incident: "Incident") -> list[str]:
    """All that the record has believed, in order."""
    found: list[str] = []
    for entry in sorted(incident.entries, key=lambda entry: entry.order):
        if isinstance(entry.what, Opened):
            found.append(entry.what.severity)
        elif isinstance(entry.what, SeverityChange):
            found.append(entry.what.after)
    if incident.state.severity is not None and found[-1:] != [incident.state.severity]:
        found.append(incident.state.severity)
    return found


def _days_of(incident: "Incident", facts: "Facts") -> set[date]:
    """Every day on which the incident was going on or found, in UTC and where the team is."""
    state = incident.state
    times = [at for at in (state.started_at, state.detected_at, state.declared_at, state.resolved_at) if at is not None]
    days = {at.astimezone(zone).date() for at in times for zone in (UTC, facts.zone)}
    if not days:
        return days
    first, last = min(days), max(days)
    if (last - first).days > 60:
        return days
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


def _entry_conflicts(page: "Page", timeline: Timeline, incident: "Incident") -> Iterator[Finding]:
    state = incident.state
    is_reopened = any(entry.what == Reached(Milestone.REOPENED) for entry in incident.entries)
    estimated = incident.listed("estimated")
    for key, word, pattern in _STATEMENTS:
        at: datetime | None = getattr(state, key)
        if at is None or key in estimated or (is_reopened and key in ("mitigated_at", "resolved_at")):
            continue
        stated = [
            (index, entry)
            for index, entry in enumerate(timeline.entries)
            if entry.time is not None and word in entry.text.lower() and pattern.search(entry.text[:_LONGEST])
        ]
        if len(stated) != 1:
            continue
        index, entry = stated[0]
        if index in timeline.doubtful or entry.moment is None or entry.moment.tzinfo is None:
            continue
        if entry.time is None or entry.time.is_vague or entry.time.is_day_ambiguous or entry.time.until is not None:
            continue
        if abs(entry.moment - at) > _ENTRY_TOLERANCE:
            message = (
                f"by this entry it was {word} at {_instant(entry.moment)}, by the record at {_instant(at)}:"
                " correct the one that is wrong"
            )
            yield Finding(_time_span(page, entry), message)


def _record_faults(page: "Page") -> Iterator[Finding]:
    yield from _fault_findings(
        page,
        {"repeated-id": None, "stray-entry": None, "second-timeline": None, "unread-kind": Severity.WARNING},
    )
    document = page.document
    by_id = {placed.entry.id: placed.entry for placed in document.placed}
    for placed in document.placed:
        what = placed.entry.what
        if not isinstance(what, Withdrawn):
            continue
        target = by_id.get(what.entry)
        if target is not None and not isinstance(target.what, Opened):
            continue
        start = page.text.find(what.entry, placed.start, placed.end)
        span = page.span(max(start, placed.start), start + len(what.entry) if start >= 0 else placed.end)
        says = "the opening cannot be withdrawn" if target is not None else f"no entry has the id e:{what.entry}"
        yield Finding(
            span,
            f"{says}, so this has no effect: name another entry, or cancel the incident",
            severity=Severity.WARNING,
        )


RULES: Final = (
    no_entries,
    entry_without_time,
    not_chronological,
    ambiguous_day,
    date_outlier,
    outside_window,
    no_detection,
    no_resolution,
    no_timezone,
    mixed_timezones,
    impossible_clock,
    long_silence,
    no_evidence,
    record_conflict,
)
