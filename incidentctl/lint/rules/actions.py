"""Rules of family ACT: whether action items are there, assigned, dated, and agree with themselves. Their wording is judged elsewhere."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Final

from incidentctl.document.action_items import ACTION_TYPES, DONE, DROPPED, DUE, OWNER, TYPE, ActionItem, PlacedItem
from incidentctl.document.section_names import Role
from incidentctl.incident.policy import Severity as Level
from incidentctl.incident.words import handle_of
from incidentctl.lint.blocks import BlockKind
from incidentctl.lint.diagnostic import Finding, Severity, Span
from incidentctl.lint.facts import Facts
from incidentctl.lint.header import Field
from incidentctl.lint.page import Page
from incidentctl.lint.rule import Asks, rule
from incidentctl.lint.written_times import find_dates, read_time

_TOO_FAR: Final = 180
_NOT_FOR_ITEMS: Final = frozenset(
    (
        Role.SUMMARY, Role.IMPACT, Role.TIMELINE, Role.ROOT_CAUSE, Role.CONTRIBUTING_FACTORS, Role.WENT_WELL, Role.WENT_POORLY,
        Role.LESSONS, Role.LUCK, Role.CHAT_LOG,
    )
)  # fmt: skip
_NOTHING: Final = frozenset(
    ("", "-", "--", "—", "–", "n/a", "na", "none", "tbd", "tba", "?", "unassigned", "todo", "nobody", "no one")
)
_PLACEHOLDER: Final = re.compile(r"[\W_]*(?:todo|tbd|tba|fixme)?[\W_]*$", re.IGNORECASE)
_ANSWER: Final = re.compile(
    r"\b(?:because|since|as|due to|given|already|covered|tracked|follow(?:ed|s)? (?:up )?(?:in|by|under|from)|see|accept(?:ed|s|able)?"
    r"|duplicate|part of|handled)\b|://|\]\(|(?<!\w)[#!]\d|\b[A-Z][A-Z0-9]+-\d+\b",
    re.IGNORECASE,
)

_HANDLE: Final = re.compile(r"(?<![\w@`/.])@(?=[A-Za-z])[\w-]+(?!\.\w)")
_NAMED: Final = re.compile(
    r"[(\[][A-Z][a-z]+(?: [A-Z][a-z.]*)?[)\]]|^[A-Z][a-z]+(?: (?:and|&) [A-Z][a-z]+)? (?:to|will|is going to)\b|^[A-Z][a-z]+:\s"
    r"|(?:—|–| - )\s*[A-Z][a-z]+(?: [A-Z][a-z]+)?\.?$",
    re.MULTILINE,
)
_REPORT: Final = re.compile(
    r"(?:\*\*[^*\n]{1,80}\*\*:?\s*|\*\*[^*\n]{1,80}:\*\*\s*)?(?:we(?:['’]ve| have| had|) (?:\w{2,20}ly )?)?(?:already |now )?"
    r"(?:[A-Za-z-]{2,40}[b-df-z]ed|[A-Za-z-]{3,40}ied|[a-z]{1,40}ated|sent|built|made|ran|wrote|rebuilt|rewrote|began|brought|took|gave|got"
    r"|set up|shut|switched)\b(?! (?:to|out of)\b)",
    re.IGNORECASE,
)

_GROUP: Final = re.compile(
    r"(?:the |our )?(?:[\w&.]+ ){0,4}(?:teams?|squads?|groups?|guild|crew|engineers|engineering|developers|devs|admins|folks|people|tribe"
    r"|department|on[- ]?calls?|rotation|members)$"
    r"|(?:everyone|everybody|all(?: of us)?|us|we|any(?:one|body)|some(?:one|body)|sres?|ops|devops|sysadmins?|devs?|infra(?:structure)?"
    r"|platform|security|back[- ]?end|front[- ]?end|qa|support|dba?s|it|management|maintainers?|contributors|leads|staff|all hands|various"
    r"|multiple|whoever|company|org|volunteers?)$",
    re.IGNORECASE,
)

_VAGUE_DAY: Final = re.compile(
    r"\b(?:soon|asap|next|this|later|eventually|ongoing|someday|end of|early|mid|late|sprint|quarter|week|month|backlog|when|after|before"
    r"|immediately|now|today|tomorrow|q[1-4]|h[12]|eo[wmqy]|eod|long[- ]term|short[- ]term)\b",
    re.IGNORECASE,
)
_STATE_AS_DAY: Final = re.compile(
    r"\W*(?:done|complete[d]?|closed|fixed|shipped|merged|in progress|wip|open|started|pending)\b", re.I
)
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|[ T,;])")

_TYPES: Final = {
    **{name: name for name in ACTION_TYPES},
    **dict.fromkeys(("prevention", "preventive", "preventative", "preventing"), "prevent"),
    **dict.fromkeys(("detection", "detective", "monitoring"), "detect"),
    **dict.fromkeys(("mitigation", "mitigating", "mitigative"), "mitigate"),
    **dict.fromkeys(("processes", "procedural"), "process"),
}
_NOT_PREVENTIVE: Final = re.compile(
    r"\b(?:alert\w*|monitor\w*|dashboards?|metrics?|graphs?|log(?:s|ging)?|document\w*|docs?|runbooks?|playbooks?|notif\w+|pages?|paging"
    r"|communicat\w+|announce\w*|status page|discuss\w*|train\w*|explain\w*|describe|investigate|observability|tracing|on-?call)\b",
    re.IGNORECASE,
)
_BEGINS_NOT_PREVENTIVE: Final = re.compile(
    r"\W{0,4}(?:document|describe|discuss|write (?:down|up)|alert|monitor|announce|communicate|explain|train"
    r"|(?:add|create|write|improve|update|extend|set up|build) (?:an? |the |our |more |better )?(?:[\w-]{1,20} )?(?:alert\w*"
    r"|runbooks?|playbooks?|dashboards?|monitor\w*|docs|documentation|guides?|metrics?|log(?:s|ging)?))\b",
    re.IGNORECASE,
)
_PREVENTIVE: Final = re.compile(
    r"\b(?:prevent\w*|fix(?:es|ed|ing)?|block\w*|reject\w*|limit\w*|quotas?|validat\w+|guard\w*|tests?|testing|canary|stag(?:e|ed|ing)"
    r"|automat\w+|remov\w+|replac\w+|upgrad\w+|isolat\w+|redundan\w+|circuit|retr(?:y|ies)|back-?off|enforc\w+|require\w*|check\w*|lint\w*"
    r"|avoid\w*|stop|increase|reduce|decrease|split\w*|separat\w+|migrat\w+|harden\w*|protect\w*|roll ?back|fail-?over|timeouts?|rewrite"
    r"|refactor\w*|never|disallow|forbid|restrict\w*)\b",
    re.IGNORECASE,
)


# ------------------------------------------------------------------------------------------------------ what all ask for


def _items(page: Page) -> list[PlacedItem]:
    """The items that say something, without lists that stand among them for another purpose, as what went wrong."""
    return [
        placed
        for placed in page.action_items
        if not placed.item.is_blank and page.role_at(placed.place.line - 1) not in _NOT_FOR_ITEMS
    ]


def _is_promised(page: Page, facts: Facts) -> bool:
    """Whether the document's template asks for what the standard one does."""
    return page.is_standard or facts.has_settings


def _words_span(page: Page, placed: PlacedItem) -> Span:
    return page.span(placed.place.start, max(placed.place.end, placed.place.start))


def _field_span(page: Page, placed: PlacedItem, key: str) -> Span:
    """The value of a field; the words of the item where it has none."""
    field = placed.field(key)
    if field is None or field.value.end <= field.value.start:
        return _words_span(page, placed)
    return page.span(field.value.start, field.value.end)


def _raw_value(page: Page, placed: PlacedItem, key: str) -> str | None:
    field = placed.field(key)
    return None if field is None else page.text[field.value.start : field.value.end].strip()


def _is_nothing(words: str | None) -> bool:
    return words is None or words.strip(" \t*_`").lower() in _NOTHING


def _incident_days(page: Page, facts: Facts) -> tuple[date, date] | None:
    """The first and the last day that the incident can be said to have, by its record, else by the document's header."""
    if facts.incident is not None:
        state = facts.incident.state
        times = [
            at for at in (state.started_at, state.detected_at, state.declared_at, state.resolved_at) if at is not None
        ]
        days = [at.astimezone(facts.zone).date() for at in times]
    else:
        fields = (Field.DATE, Field.STARTED, Field.DETECTED, Field.DECLARED, Field.RESOLVED)
        days = [value.day for field in fields for value in page.header.all(field) if value.day is not None]
    return (min(days), max(days)) if days else None


def _level(page: Page, facts: Facts) -> Level | None:
    if facts.incident is not None and facts.incident.state.severity:
        return facts.scale.find(facts.incident.state.severity)
    value = page.header.first(Field.SEVERITY)
    return facts.scale.find(value.raw.strip(" *_`@.")) if value else None


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 60 else words[:59] + "…"


# ---------------------------------------------------------------------------------------------------------------- rules


@rule("ACT001", "none", Severity.ERROR, eased_elsewhere=True)
def no_action_items(page: Page, facts: Facts) -> Iterable[Finding]:
    """The section for action items holds no action item.

    Why
    ---
    What is learned and not acted on happens again. That nothing follows can be right, but it is a decision with a reason.

    Bad
    ---
        ## Action Items

        We will keep an eye on the pool.

    Good
    ----
        ## Action Items

        No follow-up is needed, because the service that failed was switched off on the same day.

    Source
    ------
    Google SRE book, chapter 15: a post-mortem without action items is rarely one.

    Notes
    -----
    Tasks, bullets, numbers and rows of a table with an owner or a date are items. A sentence that says why there are
    none, or where they are tracked, is an answer. A missing section is STR001, an empty one STR002.
    """
    sections = page.by_role.get(Role.ACTION_ITEMS, ())
    if not sections or any(not placed.item.is_blank for placed in page.action_items):
        return
    for section in sections:
        blocks = page.prose(section.blocks)
        words = " ".join(block.text for block in blocks if block.kind is BlockKind.PARAGRAPH)
        has_more = any(block.kind is not BlockKind.PARAGRAPH for block in blocks)
        if _ANSWER.search(words) or has_more:
            return
    written = [section for section in sections if page.prose(section.blocks)]
    if not written:
        return
    section = written[0]
    words = " ".join(block.text for block in page.prose(section.blocks))
    has_box = any(placed.is_task for placed in page.action_items)
    if len(words) < 40 and _PLACEHOLDER.match(words) and not has_box:
        return
    if not page.is_standard and any(inner.parent == section.index for inner in page.sections):
        return
    said = "there are no action items: write each as '- [ ] what to do — owner: @who — due: YYYY-MM-DD', or say why there are none"
    yield Finding(page.span_of(section.heading.piece), said, key="action items")


@rule("ACT002", "no-owner", Severity.ERROR)
def no_owner(page: Page, facts: Facts) -> Iterable[Finding]:
    """An open action item has no owner.

    Why
    ---
    What belongs to everybody is done by nobody: items without an owner are the ones that are still open a year later.

    Bad
    ---
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — due: 2026-06-15 — type: prevent
        - [ ] Alert when fewer than 10 % of connections are free — owner: @ann — due: 2026-06-01 — type: detect

    Good
    ----
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent
        - [ ] Alert when fewer than 10 % of connections are free — owner: @ann — due: 2026-06-01 — type: detect

    Source
    ------
    Google SRE workbook, chapter 10; Lunney, Lueder and Beyer, "Postmortem Action Items".

    Notes
    -----
    Where none of three or more items has one, that is said once, at the first. In a document that follows another
    template it is a warning where some items name somebody or have an issue, and info where none does; those that do are
    not reported. Items that are done or dropped need none.
    """
    yield from _lacking(page, facts, OWNER, _has_owner)


@rule("ACT003", "no-due-date", Severity.ERROR)
def no_due_date(page: Page, facts: Facts) -> Iterable[Finding]:
    """An open action item has no due date.

    Why
    ---
    Without a day there is no moment at which anybody notices that nothing happened.

    Bad
    ---
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — type: prevent
        - [ ] Alert when fewer than 10 % of connections are free — owner: @ann — due: 2026-06-01 — type: detect

    Good
    ----
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent
        - [ ] Alert when fewer than 10 % of connections are free — owner: @ann — due: 2026-06-01 — type: detect

    Source
    ------
    Google SRE workbook, chapter 10; PagerDuty's post-mortem guide.

    Notes
    -----
    Where none of three or more items has one, that is said once, at the first. In a document that follows another
    template it is a warning where some items have a date, and info where none has; an item with an issue is not
    reported there. Items that are done or dropped need none.
    """
    yield from _lacking(page, facts, DUE, _has_due)


def _has_owner(item: ActionItem) -> bool:
    return any(not _is_nothing(owner) for owner in item.owners)


def _has_due(item: ActionItem) -> bool:
    return not _is_nothing(item.due)


_LACKS: Final = {
    OWNER: ("owner", "name one person with '— owner: @who'"),
    DUE: ("due date", "add a day with '— due: YYYY-MM-DD'"),
}


def _lacking(page: Page, facts: Facts, key: str, has: Callable[[ActionItem], bool]) -> Iterator[Finding]:
    every = _items(page)
    still = [placed for placed in every if placed.item.is_open]
    missing = [placed for placed in still if not has(placed.item)]
    if not missing:
        return
    any_has = any(has(placed.item) for placed in every)
    severity = None
    at_once = not any_has and len(missing) >= 3
    if not _is_promised(page, facts):
        of_all = missing
        missing = [
            placed for placed in missing if not (_says_elsewhere(placed, key) or _is_tracked_above(page, placed))
        ]
        if not missing:
            return
        does_so = any_has or (key == OWNER and any(map(_is_followed, of_all)))
        severity = Severity.WARNING if does_so else Severity.INFO
        at_once = not any_has or (len(missing) > 3 and 2 * len(missing) > len(still))
    what, remedy = _LACKS[key]
    named = f"{_article(what)} {what}" + (" or an issue" if severity else "")
    if at_once and len(missing) > 1:
        if len(missing) < len(still):
            said = f"{len(missing)} of the {len(still)} open action items are without {named}"
        else:
            said = f"none of the {len(still)} {'open ' if len(still) < len(every) else ''}action items has {named}"
        yield Finding(_words_span(page, missing[0]), f"{said}: {remedy}", severity=severity, key=f"no {what} at all")
        return
    for placed in missing:
        given = _raw_value(page, placed, key)
        said = f"this action item is without {named}" if not given else f"'{_short(given)}' is no {what}"
        hint = remedy
        handle = _HANDLE.search(placed.item.text) if key == OWNER and not given else None
        if handle:
            hint = f"if {handle[0]} owns it, say so with '— owner: {handle[0]}'"
        span = _field_span(page, placed, key) if given else _words_span(page, placed)
        yield Finding(span, f"{said}: {hint}", severity=severity)


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


_ISSUE: Final = re.compile(r"\[[^\[\]\n]{0,40}#\d{1,9}\]")


def _is_tracked_above(page: Page, placed: PlacedItem) -> bool:
    """Whether the heading above an item leads to where all of its items are followed."""
    section = page.section_at(placed.place.line - 1)
    return section is not None and ("](" in section.heading.piece.text or "://" in section.heading.piece.text)


def _is_followed(placed: PlacedItem) -> bool:
    """Whether an item of another template names somebody or an issue: then its author means the others to do so too."""
    text = placed.item.text
    return placed.tracker is not None or bool(_ISSUE.search(text) or _HANDLE.search(text))


def _says_elsewhere(placed: PlacedItem, key: str) -> bool:
    """Whether an item of another template says it in words, in its issue, or only reports what was done."""
    text = placed.item.text
    if placed.tracker is not None or "://" in text or "](" in text or "][" in text or _REPORT.match(text):
        return True
    if _ISSUE.search(text):
        return True
    if key == OWNER:
        return _HANDLE.search(text) is not None or _NAMED.search(text) is not None
    return any(True for _ in find_dates(text))


@rule("ACT004", "bad-due-date", Severity.ERROR)
def bad_due_date(page: Page, facts: Facts) -> Iterable[Finding]:
    """A due date is no day, cannot be read, or lies before the incident.

    Why
    ---
    "Next sprint" is never over. Only a day can pass, so only a day can be followed up.

    Bad
    ---
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: next sprint — type: prevent

    Good
    ----
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent

    Source
    ------
    Google SRE workbook, chapter 10: action items have to be bounded.
    """
    severity = None if _is_promised(page, facts) else Severity.WARNING
    days = _incident_days(page, facts)
    for placed in _items(page):
        item = placed.item
        if not item.is_open or item.due is None or _is_nothing(item.due):
            continue
        due = item.due_on
        if due is None:
            said = _wrong_day(item.due, is_promised=severity is None)
        elif days is not None and due < days[0]:
            said = f"'{_short(item.due)}' lies before the incident ({days[0]}): correct the day"
        else:
            continue
        if said:
            yield Finding(_field_span(page, placed, DUE), said, severity=severity)


def _wrong_day(words: str, *, is_promised: bool) -> str | None:
    """What is wrong with words that give no day; `None` for what another template may say in their place."""
    quoted = _short(words)
    if _ISO.match(words):
        return f"there is no day {quoted}: correct it"
    read = read_time(words.strip("*_` "))
    day = read.full_date if read else None
    if read is not None and read.impossible:
        return f"{read.impossible}: write the day as YYYY-MM-DD"
    if day is not None and read is not None:
        if not is_promised:
            return None
        if read.is_day_ambiguous:
            return f"'{quoted}' can be read as two days: write it as YYYY-MM-DD"
        return f"'{quoted}' is not in the form that is followed up: write {day}"
    if read is not None and read.has_day:
        return f"'{quoted}' has no year: write the day as YYYY-MM-DD"
    if is_promised or (_VAGUE_DAY.search(words) and not _STATE_AS_DAY.match(words)):
        return f"'{quoted}' is no day: write one as YYYY-MM-DD"
    return None


@rule("ACT005", "overdue", Severity.WARNING, asks=Asks.TODAY)
def overdue(page: Page, facts: Facts) -> Iterable[Finding]:
    """An open action item was due before today.

    Why
    ---
    The share of items that are done in time is the one number that shows whether post-mortems change anything.

    Bad
    ---
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-05-20 — type: prevent

    Good
    ----
        ## Action Items

        - [x] Add a canary stage to the config pipeline — owner: @bob — due: 2026-05-20 — type: prevent — done: 2026-05-19

    Source
    ------
    Google SRE workbook, chapter 10; Lunney, Lueder and Beyer.

    Notes
    -----
    It depends on the day, so it never fails a run by itself: `incidentctl due` follows it up. In the examples it is
    22 May 2026.
    """
    today = facts.today
    if today is None:
        return
    for placed in _items(page):
        due = placed.item.due_on if placed.item.is_open else None
        if due is not None and due < today:
            days = (today - due).days
            since = "yesterday" if days == 1 else f"{days} days ago"
            said = f"this was due on {due}, {since}: finish it, agree on another day, or drop it with a reason"
            yield Finding(_field_span(page, placed, DUE), said)


@rule("ACT006", "due-too-far", Severity.INFO)
def due_too_far(page: Page, facts: Facts) -> Iterable[Finding]:
    """An action item is due more than half a year after the incident.

    Why
    ---
    What may wait that long is not what keeps the incident from coming back, or it is a project that needs a first step.

    Bad
    ---
        ## Action Items

        - [ ] Move the config pipeline to the new platform — owner: @bob — due: 2027-12-01 — type: prevent

    Good
    ----
        ## Action Items

        - [ ] Move the config of checkout to the new platform — owner: @bob — due: 2026-08-01 — type: prevent

    Source
    ------
    Lunney, Lueder and Beyer: short items that prevent recurrence come first.
    """
    days = _incident_days(page, facts)
    if days is None:
        return
    for placed in _items(page):
        due = placed.item.due_on if placed.item.is_open else None
        if due is not None and (due - days[1]).days > _TOO_FAR:
            months = round((due - days[1]).days / 30.4)
            said = f"{due} is {months} months after the incident: name a first step that can be done sooner"
            yield Finding(_field_span(page, placed, DUE), said)


@rule("ACT007", "group-owner", Severity.WARNING, eased_elsewhere=True)
def group_owner(page: Page, facts: Facts) -> Iterable[Finding]:
    """An action item belongs to a group and to no person.

    Why
    ---
    A group does not look into its calendar. One person answers for the item, which says nothing of who does the work.

    Bad
    ---
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: platform team — due: 2026-06-15 — type: prevent

    Good
    ----
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent

    Source
    ------
    Google SRE workbook, chapter 10: each item has one owner.

    Notes
    -----
    `[people]` in the settings says which names are people, and which are groups.
    """
    for placed in _items(page):
        item = placed.item
        if not item.is_open or not item.owners or not all(_is_group(owner, facts) for owner in item.owners):
            continue
        said = f"'{_short(item.owners[0])}' is a group: name the person who answers for this"
        yield Finding(_field_span(page, placed, OWNER), said)


def _is_group(owner: str, facts: Facts) -> bool:
    handle = handle_of(owner)
    if handle in facts.people or owner in facts.people:
        return False
    name = owner.strip().removeprefix("@")
    if name in facts.groups or (owner.startswith("@") and "/" in owner):
        return True
    return len(name) <= 80 and _GROUP.match(" ".join(re.split(r"[-_\s]+", name))) is not None


@rule("ACT011", "no-tracker", Severity.OFF)
def no_tracker(page: Page, facts: Facts) -> Iterable[Finding]:
    """An open action item has no link to an issue.

    Why
    ---
    Teams that plan in an issue tracker do what stands there. For those who plan in the repository this rule is off.

    Bad
    ---
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent

    Good
    ----
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent — #412

    Source
    ------
    PagerDuty's post-mortem guide: file a ticket for each.
    """
    for placed in _items(page):
        if placed.item.is_open and placed.tracker is None:
            said = "this action item has no issue: add its link, as '[#412](https://…)'"
            yield Finding(_words_span(page, placed), said)


@rule("ACT012", "no-type", Severity.INFO)
def no_type(page: Page, facts: Facts) -> Iterable[Finding]:
    """An open action item does not say what it is for: prevent, detect, mitigate or process.

    Why
    ---
    A list that only detects will see the same incident again, a bit sooner. The types show such gaps at one glance.

    Bad
    ---
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent
        - [ ] Alert when fewer than 10 % of connections are free — owner: @ann — due: 2026-06-01

    Good
    ----
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent
        - [ ] Alert when fewer than 10 % of connections are free — owner: @ann — due: 2026-06-01 — type: detect

    Source
    ------
    Lunney, Lueder and Beyer; Google SRE book, appendix D.
    """
    items = [placed for placed in _items(page) if placed.item.is_open]
    untyped = [placed for placed in items if not placed.item.type]
    if not _is_promised(page, facts) and not any(
        (placed.item.type or "").strip().lower() in _TYPES for placed in items
    ):
        return  # another template may have types of its own
    if len(untyped) == len(items) >= 3:
        said = f"none of the {len(items)} action items has a type: add '— type: prevent', detect, mitigate or process"
        yield Finding(_words_span(page, items[0]), said, key="no type at all")
        return
    for placed in items:
        given = placed.item.type
        if not given:
            yield Finding(
                _words_span(page, placed),
                "this action item has no type: add '— type: prevent', detect, mitigate or process",
            )
        elif given.strip().lower() not in _TYPES:
            close = get_close_matches(given.strip().lower()[:40], _TYPES, 1, 0.7)
            hint = f"did you mean {_TYPES[close[0]]}?" if close else "write prevent, detect, mitigate or process"
            yield Finding(_field_span(page, placed, TYPE), f"'{_short(given)}' is no type of action: {hint}")


@rule("ACT013", "nothing-preventive", Severity.WARNING, eased_elsewhere=True)
def nothing_preventive(page: Page, facts: Facts) -> Iterable[Finding]:
    """No action item of a severe incident prevents it from happening again.

    Why
    ---
    Alerts and runbooks make the next time shorter. For a severe incident there should be no next time.

    Bad
    ---
        ## Action Items

        - [ ] Alert when fewer than 10 % of connections are free — owner: @ann — due: 2026-06-01 — type: detect
        - [ ] Describe the failover in the runbook — owner: @bob — due: 2026-06-15 — type: mitigate

    Good
    ----
        ## Action Items

        - [ ] Alert when fewer than 10 % of connections are free — owner: @ann — due: 2026-06-01 — type: detect
        - [ ] Reject pool sizes below 100 in the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent

    Source
    ------
    Google SRE book, chapter 15: preventive actions reduce the likelihood or the impact of recurrence.

    Notes
    -----
    For the severities that ask for a post-mortem: SEV1 and SEV2, unless the settings say otherwise. An item without a
    type counts as preventive unless it plainly is about alerts, documents or talks.
    """
    level = _level(page, facts)
    if level is None or not level.postmortem:
        return
    items = [placed for placed in _items(page) if not placed.item.is_dropped]
    if not items or any(_may_prevent(placed.item) for placed in items):
        return
    said = f"no action item prevents this {level.name} from happening again: add one with 'type: prevent', or say why none is possible"
    yield Finding(_words_span(page, items[0]), said, key="nothing preventive")


def _may_prevent(item: ActionItem) -> bool:
    known = _TYPES.get(item.type.strip().lower()) if item.type else None
    if known is not None:
        return known == "prevent"
    if _BEGINS_NOT_PREVENTIVE.match(item.text):
        return False
    return _PREVENTIVE.search(item.text) is not None or _NOT_PREVENTIVE.search(item.text) is None


@rule("ACT015", "state-conflict", Severity.WARNING)
def state_conflict(page: Page, facts: Facts) -> Iterable[Finding]:
    """What an action item says of its state does not go together.

    Why
    ---
    The share of items that are done in time is counted from these words. A tick without a day, or a day without a tick,
    is counted wrong.

    Bad
    ---
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent — done: 2026-05-20

    Good
    ----
        ## Action Items

        - [x] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent — done: 2026-05-20

    Source
    ------
    The record's own format.

    Notes
    -----
    Reported are a day without a tick, a tick without a day where other items have one, an item that is done as well as
    dropped, one that is dropped without a reason, and a day before the incident or after today.
    """
    items = _items(page)
    has_days = any(placed.item.done is not None for placed in items)
    days = _incident_days(page, facts)
    for placed in items:
        conflict = _conflict(page, placed, facts, days, has_days=has_days)
        if conflict is not None:
            key, said = conflict
            yield Finding(_field_span(page, placed, key) if key else _words_span(page, placed), said)


def _conflict(
    page: Page, placed: PlacedItem, facts: Facts, days: tuple[date, date] | None, *, has_days: bool
) -> tuple[str, str] | None:
    """What does not go together in one item, and the field at which it shows."""
    item = placed.item
    if item.done is not None and item.is_dropped:
        return DONE, "this action item is done and dropped: take out the one that is wrong"
    if item.dropped is not None and not item.reason:
        return DROPPED, "dropped without a reason: say why nobody will do it"
    if item.struck and item.dropped is None and page.is_standard:
        return "", "struck through without a reason: add '— dropped: YYYY-MM-DD why'"
    if item.done is not None and placed.is_task and not item.ticked:
        return DONE, f"'done: {_short(item.done)}', but the box is not ticked: tick it or take the day out"
    if item.done is None and item.is_done and placed.is_task and page.is_standard and has_days:
        return "", "ticked without a day, which the other items have: add '— done: YYYY-MM-DD'"
    done, today = item.done_on, facts.today
    if item.done is not None and done is None and page.is_standard:
        return DONE, f"'{_short(item.done)}' does not begin with the day on which it was done: write it as YYYY-MM-DD"
    if done is not None and today is not None and done > today:
        return DONE, f"done on {done}, which is still to come: correct the day"
    if done is not None and days is not None and done < days[0]:
        return DONE, f"done on {done}, before the incident ({days[0]}): correct the day"
    return None


@rule("ACT016", "due-date-moved", Severity.INFO, asks=Asks.HISTORY)
def due_date_moved(page: Page, facts: Facts) -> Iterable[Finding]:
    """The due date of an open action item was moved twice or more.

    Why
    ---
    An item that moves and moves is either too large or not wanted. Both are better said than postponed.

    Bad
    ---
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-09-15 — type: prevent <!-- a:7k2ps0 -->

    Good
    ----
        ## Action Items

        - [ ] Print a diff before each config push — owner: @bob — due: 2026-06-15 — type: prevent <!-- a:m4d0z1 -->

    Source
    ------
    Lunney, Lueder and Beyer.

    Notes
    -----
    The dates are those of the commits; in the first example it was 1 June, then 1 July, before it became 15 September.
    """
    if facts.history is None or not facts.history.due_dates:
        return
    for placed in _items(page):
        item = placed.item
        if not item.is_open or item.due_on is None:
            continue
        dates = [*facts.history.due_dates.get(item.id, ()), item.due_on]
        moves = sum(before != after for before, after in pairwise(dates))
        if moves >= 2:
            times = "twice" if moves == 2 else f"{moves} times"
            said = (
                f"this date was moved {times}, first from {dates[0]}: make the item smaller, hand it over, or drop it"
            )
            yield Finding(_field_span(page, placed, DUE), said)


RULES: Final = (
    no_action_items,
    no_owner,
    no_due_date,
    bad_due_date,
    overdue,
    due_too_far,
    group_owner,
    no_tracker,
    no_type,
    nothing_preventive,
    state_conflict,
    due_date_moved,
)
