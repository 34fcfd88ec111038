"""Rules for the sections on causes: more than one, more than the trigger, and never left unknown. Never looks for a culprit."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from incidentctl.document.section_names import Role
from incidentctl.lint.blocks import BlockKind, Piece
from incidentctl.lint.diagnostic import Finding, Severity, Span
from incidentctl.lint.prose import mask, split_sentences
from incidentctl.lint.rule import rule
from incidentctl.lint.words.finder import shorten

if TYPE_CHECKING:
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page, Section

_HOLES: Final = re.compile(
    r"\b(?:TODO|TBD|TBC|FIXME|XXX)\b|\{\{|<(?!https?:|!--)[A-Za-z][^<>\n]{0,60}>|lorem ipsum", re.IGNORECASE
)
_LONGEST: Final = 50_000
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def _text(page: "Page", section: "Section") -> str:
    """What a section says, without comments; nothing where it is a template that was not filled in."""
    blocks = page.prose(section.blocks)
    text = "\n".join("\n".join(page.lines[block.start : block.end]) for block in blocks)[:_LONGEST]
    text = _COMMENT.sub("", text) if "<!--" in text else text
    return "" if _HOLES.search(text) else text


@rule("RCA001", "single-cause", Severity.WARNING, preview=True, eased_elsewhere=True)
def single_cause(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """Contributing Factors names no more than one, and it is short.

    Why
    ---
    An incident needs several things at once: the fault, the test that let it pass, the alert that was missing, the
    rollback that took long. Each of them is a place where the next incident can be stopped.

    Bad
    ---
        ## Contributing Factors

        - No canary stage.

    Good
    ----
        ## Contributing Factors

        - The pipeline has no canary stage, so the value reached each region within two minutes.
        - No alert watches the number of free connections.

    Source
    ------
    Google SRE book, chapter 15; Richard Cook, How Complex Systems Fail: each has many causes.

    Notes
    -----
    A missing section is STR001, an empty one STR002. A paragraph of two sentences or more is read as several factors.
    """
    section = page.section(Role.CONTRIBUTING_FACTORS)
    if section is None or len(page.by_role.get(Role.CONTRIBUTING_FACTORS, ())) > 1:
        return
    text = _text(page, section)
    if not text.strip() or len(text) > 400:
        return
    blocks = [block for block in page.prose(section.blocks) if block.kind is not BlockKind.HTML]
    if any(block.kind in (BlockKind.TABLE, BlockKind.CODE) for block in blocks):
        return
    items = {block.item for block in blocks if block.item is not None}
    sentences = sum(1 for block in blocks for _ in split_sentences(mask(block.text)))
    if len(items) > 1 or len(blocks) > 1 or sentences > 1 or any(";" in block.text for block in blocks):
        return
    message = "only one contributing factor is named: ask what else let it happen, spread, or go on, such as tests, alerts, runbooks"
    yield Finding(page.span_of(section.heading.piece), message, key="single")


_TRIGGER: Final = re.compile(
    r"\b(?:(?:bad|faulty|broken|failed|wrong|buggy|incorrect|erroneous|misconfigured|recent|new|routine)\s+)?(?:config(?:uration)?"
    r"|code|software|database|db|schema|network|dns|firewall|infrastructure)?\s?(?:deploy(?:ment|ed)?s?|releases?|roll-?outs?"
    r"|config(?:uration)?(?: change| push| update)?s?|changes?|push(?:es)?|merges?|commits?|updates?|upgrades?|migrations?|restarts?"
    r"|pull requests?|prs?|maintenance|expir(?:ed|y)|certificates?|traffic|spike|load|outage|hardware|disk|power|attack|ddos|bug)\b",
    re.IGNORECASE,
)
_MECHANISM: Final = re.compile(
    r"\b(?:because|since|so|which|that|when|while|where|who|whose|if|as|due to|led to|leads to|caus\w+ .{0,60}\bto|resulted in|results in"
    r"|resulting|thus|therefore|hence|without|lack\w*|missing|no|not|never|cannot|could|n't|only|instead|until|too|more than|less than"
    r"|exceed\w*|limit\w*|default\w*|allow\w*|accept\w*|requir\w+|depend\w*|assum\w+|expect\w*|contain\w*|lower\w*|rais\w+|remov\w+"
    r"|drop\w*|lost|leak\w*|exhaust\w*|overload\w*|full|deadlock\w*|race|loop\w*|retr(?:y|ies|ied)|timeout\w*|memory|cpu|quota)\b",
    re.IGNORECASE,
)


@rule("RCA003", "trigger-only", Severity.INFO, preview=True, is_wording=True)
def trigger_only(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The root cause names what set it off, and nothing of how that could do harm.

    Why
    ---
    There will be another deployment. What made this one dangerous, and what would have made it harmless, is what can be
    changed.

    Bad
    ---
        ## Root Cause

        A bad config push.

    Good
    ----
        ## Root Cause

        The config pipeline accepts any pool size, so a push lowered it below what the evening needs.

    Source
    ------
    Google SRE book, chapter 15: trigger and root cause are two fields.
    """
    section = page.section(Role.ROOT_CAUSE)
    if section is None or len(page.by_role.get(Role.ROOT_CAUSE, ())) > 1:
        return
    text = _text(page, section)
    if not text.strip() or len(text) > 200 or len(text.split()) > 16:
        return
    blocks = [block for block in page.prose(section.blocks) if block.kind is BlockKind.PARAGRAPH]
    if len(blocks) != 1 or not _TRIGGER.search(text) or _MECHANISM.search(text) or _UNKNOWN.search(text):
        return
    words = shorten(" ".join(blocks[0].text.split()))
    message = f"'{words}' is what set it off: say what in the system let it do harm, and why nothing stopped it"
    yield Finding(_span_of_block(page, blocks[0].pieces), message)


def _span_of_block(page: "Page", pieces: tuple[Piece, ...]) -> Span:
    first, last = page.span_of(pieces[0]), page.span_of(pieces[-1])
    return Span(first.line, first.column, last.end_line, last.end_column)


_UNKNOWN: Final = re.compile(
    r"\b(?:root )?causes?\b(?: of [^.\n]{1,80})?(?: (?:is|are|was|were|remains?|stays?|has|have))(?: (?:still|yet|as yet|currently"
    r"|at present"
    r"|so far|been))*(?: (?:unknown|unclear|undetermined|a mystery|under investigation|being investigated)|(?: not|n't)(?: yet| been| fully"
    r"| entirely| completely)*(?: (?:known|clear|understood|found|identified|determined|established|certain)))"
    r"|\b(?:we|i) (?:still |currently )?(?:do not|don't|did not|didn't|could not|couldn't|never|were unable to"
    r"|have not|haven't|were not able to)"
    r"(?: yet| fully| currently)? (?:know|understand|found|find|figured?(?: out)?|identif(?:y|ied)|determined?)(?: out)?"
    r" (?:why|what (?:caused|exactly caused|happened)|the (?:root |exact |underlying )?cause|how this)"
    r"|\A\W*(?:still |as yet |currently )?(?:unknown|unclear|not (?:yet )?(?:known|clear|understood|determined|found)|undetermined"
    r"|under investigation|to be (?:determined|investigated)|being investigated)\b"
    r"(?=\s*(?:\Z|[.,;:!(\[—–-]|but\b|at\b|for now|yet\b|so far|as\b|why\b|what\b))",
    re.IGNORECASE,
)
_INVESTIGATES: Final = re.compile(
    r"\b(?:investigat\w*|find (?:out|the)|determin\w+|reproduc\w*|root[- ]cause|analy[sz]\w*|understand\w*|diagnos\w*|trac(?:e|ing)\b"
    r"|debug\w*"
    r"|look(?:ing)? in(?:to|\b)|research\w*|identif\w+|bisect\w*|profil\w+|instrument\w*|log(?:s|ging)?\b|collect\w*|captur\w+|dump\w*"
    r"|core ?dump|explor\w+|check\b|examin\w+|inspect\w*|follow up|support (?:ticket|case)|vendor|ask|monitor\w*|observ\w*|why|audit\w*"
    r"|learn|verify|test)",
    re.IGNORECASE,
)


@rule("RCA004", "unknown-without-action", Severity.WARNING, preview=True, is_wording=True)
def unknown_without_action(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The cause is unknown, and no action item looks for it.

    Why
    ---
    What is not understood comes back. That nobody knows the cause yet is an honest answer as long as somebody goes on
    looking.

    Bad
    ---
        ## Root Cause

        The root cause is still unknown. The restart ended it.

        ## Action Items

        - [ ] Add a second replica — owner: @bob — due: 2026-06-15 — type: prevent — [#412](https://github.com/example/infra/issues/412)

    Good
    ----
        ## Root Cause

        The root cause is still unknown. The restart ended it.

        ## Action Items

        - [ ] Investigate the stalled writes with a heap dump — owner: @bob — due: 2026-06-15 — type: detect — [#412](https://github.com/example/infra/issues/412)

    Source
    ------
    Google SRE workbook, chapter 10; Lunney, Lueder and Beyer, Postmortem Action Items: "investigate" is one of the types.
    """  # fmt: skip
    for section in page.by_role.get(Role.ROOT_CAUSE, ()):
        text = _text(page, section)
        match = _UNKNOWN.search(_flat(text)) if text else None
        if match is None or _points_elsewhere(text):
            continue
        items = page.action_items
        if any(_INVESTIGATES.search(placed.item.text) for placed in items):
            return
        if not items and any(
            _INVESTIGATES.search(_text(page, each)) for each in page.by_role.get(Role.ACTION_ITEMS, ())
        ):
            return
        message = f"'{shorten(' '.join(match[0].split()))}', and no action item looks for the cause: add one that does"
        yield Finding(_find(page, section, match[0]), message)
        return


def _flat(text: str) -> str:
    """One blank for the end of a line, so that a phrase may run over it; as long as it was."""
    return mask(text).replace("\n", " ").replace("\r", " ").replace("\u2019", "'")


_TRACKED: Final = re.compile(r"investigat\w*[^.\n]{0,80}(?:\]\(|https?://|#\d)", re.IGNORECASE)


def _points_elsewhere(text: str) -> bool:
    """Whether the section itself says where the search goes on."""
    return _TRACKED.search(text) is not None


def _find(page: "Page", section: "Section", words: str) -> Span:
    """Where words of a section stand; the heading's place where they run over lines."""
    start, end = page.offset(section.heading.end), page.offset(section.end)
    at = page.text.find(words.strip(), start, end)
    if at >= 0:
        return page.span(at, at + len(words.strip()))
    first = words.strip().split(" ", 1)[0]
    at = page.text.find(first, start, end)
    return page.span(at, at + len(first)) if at >= 0 else page.span_of(section.heading.piece)


_PEOPLE: Final = r"(?:users?|customers?|clients?|merchants?|tenants?|visitors?|community|support(?: team| desk| staff)?|external \w+)"
_BY_PEOPLE: Final = re.compile(
    rf"\b{_PEOPLE}\b[^.\n]{{0,40}}?\b(?:report(?:s|ed|ing)?|complain\w*|notic\w+|ask(?:s|ed)?|tells?|told|contact(?:s|ed)?|inform\w*"
    r"|alert(?:s|ed)"
    rf"|flag(?:s|ged)?|escalat\w+"
    r"|rais(?:e|es|ed)|reach(?:es|ed)? out|open(?:s|ed)? (?:a )?tickets?|tweet\w*|notif\w+|discover\w*|sees?|saw)\b"
    rf"|\b(?:reports?|complaints?|tickets?|emails?|calls?|tweets?|messages?|reported|noticed|detected|discovered|alerted|told|informed|notified)"
    rf"\s(?:\w+\s){{0,3}}?(?:from|by)\s(?:\w+\s){{0,3}}?{_PEOPLE}\b"
    rf"|\b{_PEOPLE}\s(?:reports?|complaints?|tickets?)\b",
    re.IGNORECASE,
)
_BY_MACHINE: Final = re.compile(
    r"\b(?:alerts?|alarms?|alerted|alerting|paged|pager\w*|monitor(?:s|ing)?|prometheus|grafana|datadog|pingdom|stackdriver|sentry|probes?"
    r"|health ?checks?|nagios|opsgenie|dashboards?|graphs?|metrics?|automated|uptime|statuscake|cloudwatch|synthetics?)\b",
    re.IGNORECASE,
)
_WATCHES: Final = re.compile(
    r"\b(?:alert\w*|alarm\w*|monitor\w*|detect\w*|pag(?:e|es|ing|er)\b|notif\w+|dashboards?|metrics?|probes?|synthetics?|canar(?:y|ies)"
    r"|health ?checks?|observab\w+|slos?|smoke tests?|watch\w*|track\w*|instrument\w*|telemetry|uptime|warn\w*|status ?checks?|graphs?"
    r"|measure\w*)\b",
    re.IGNORECASE,
)


@rule("RCA005", "found-by-customers", Severity.WARNING, preview=True, eased_elsewhere=True, is_wording=True)
def found_by_customers(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """Users noticed it before any alert did, and no action item is about detection.

    Why
    ---
    Where customers are the monitoring, each minute until one of them writes is a minute that others lose, and the next
    time it will be the same.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push [#408](https://github.com/example/infra/pull/408) reaches eu-west-1.
        - 2026-05-14 10:02 Customers report to support that they cannot pay.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

        ## Action Items

        - [ ] Add a second stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent — [#412](https://github.com/example/infra/issues/412)

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push [#408](https://github.com/example/infra/pull/408) reaches eu-west-1.
        - 2026-05-14 10:02 Customers report to support that they cannot pay.
        - 2026-05-14 10:48 Failed over to db-4: mitigated.
        - 2026-05-14 12:10 The pool size is raised: resolved.

        ## Action Items

        - [ ] Alert on failed payments within two minutes — owner: @bob — due: 2026-06-15 — type: detect — [#412](https://github.com/example/infra/issues/412)

    Source
    ------
    Google SRE workbook, chapter 5 and 10; Wikimedia's incident scorecard: was it found by monitoring?
    """  # fmt: skip
    items = page.action_items
    if not items or any((placed.item.type or "").lower().startswith("detect") for placed in items):
        return
    if any(_WATCHES.search(placed.item.text) for placed in items):
        return
    span = _first_by_people(page)
    if span is not None:
        message = "users noticed it before any alert, and no action item is about detection: add one, such as an alert on what they saw"
        yield Finding(span, message)


def _first_by_people(page: "Page") -> Span | None:
    """Where the first words about detection say that users noticed it; `None` where a machine did, or nothing is said."""
    timeline = page.timeline
    if timeline is not None:
        for entry in timeline.timed:
            words = entry.text.replace("\n", " ")
            if _BY_MACHINE.search(words):
                return None
            if _BY_PEOPLE.search(words):
                return page.span_of(entry.piece)
    for section in page.by_role.get(Role.DETECTION, ()):
        text = _flat(_text(page, section))
        machine, people = _BY_MACHINE.search(text), _BY_PEOPLE.search(text)
        if people is not None and machine is None:
            return _find(page, section, people[0])
    return None


RULES: Final = (single_cause, trigger_only, unknown_without_action, found_by_customers)
