"""Wording of causes, timelines and action items: a person as cause, judgement among facts, items that change nothing."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from incidentctl.lint.diagnostic import Finding, Severity
from incidentctl.lint.rule import Rule, rule
from incidentctl.lint.words.finder import findings, open_items, shorten
from incidentctl.lint.words.items import (
    find_no_order,
    find_target,
    find_unbounded,
    find_vague,
    find_vigilance,
    has_title,
    says_nothing,
    without_label,
)

if TYPE_CHECKING:
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page


_ISSUE: Final = re.compile(r"\]\(|\]\[|://|(?<!\w)#\d{1,9}\b")


@rule("RCA002", "person-as-cause", Severity.WARNING, is_wording=True)
def person_as_cause(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The cause is a person: an engineer caused it, broke it, deleted the wrong thing.

    Why
    ---
    The question is why the system allowed it, not who did it. Not "an engineer caused the outage", but "the pipeline has
    no canary stage, so a bad config reached production".

    Bad
    ---
        ## Root Cause

        The outage was caused by an engineer who lowered the size of the connection pool on all replicas.

    Good
    ----
        ## Root Cause

        The pipeline has no canary stage and accepts any pool size, so a size of 20 reached all replicas.

    Source
    ------
    Google SRE book, chapter 15; PagerDuty's post-mortem guide.

    Notes
    -----
    What an engineer did as the process asks is a fact and may stand. Of oneself it is info. No finding does not mean
    blameless.
    """
    return findings(
        page,
        facts,
        "RCA002",
        "“{}” makes a person the cause. Why did the system allow it? For example: “the pipeline accepts any pool size and has"
        " no canary stage”.",
    )


@rule("TML015", "judgement-in-timeline", Severity.INFO, is_wording=True)
def judgement_in_timeline(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The timeline judges: unfortunately, mistakenly, should have, far too late.

    Why
    ---
    A timeline says what was seen and done at the time. A verdict among the entries is read as a fact, and settles the
    analysis before it begins.

    Bad
    ---
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1, and p99 latency begins to rise.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:20 The on-call should have looked at the pool by now.
        - 2026-05-14 12:10 The pool size is raised on all replicas: resolved.

    Good
    ----
        ## Timeline

        All times are UTC.

        - 2026-05-14 09:51 The config push reaches eu-west-1, and p99 latency begins to rise.
        - 2026-05-14 10:02 The latency alert fires and pages the on-call.
        - 2026-05-14 10:20 The on-call looks at the database; the pool is on another dashboard.
        - 2026-05-14 12:10 The pool size is raised on all replicas: resolved.

    Source
    ------
    PagerDuty's post-mortem guide, "stick to the facts" in the timeline; Etsy's debriefing guide.
    """
    return findings(
        page,
        facts,
        "TML015",
        "“{}” judges; a timeline says what was seen and done. What did people see at that moment? For example: “looks at the"
        " database; the pool is on another dashboard”.",
    )


@rule("ACT008", "vague-verb", Severity.WARNING, is_wording=True)
def vague_verb(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An action item begins with improve, look into, consider, more, better, and does not say how far.

    Why
    ---
    Nobody can tell when it is done, so it is never done. An item that says what will be different can be checked.

    Bad
    ---
        ## Action Items

        - [ ] Improve monitoring — owner: @ann — due: 2026-06-15 — type: prevent

    Good
    ----
        ## Action Items

        - [ ] Alert when fewer than 10 % of the pool's connections are free — owner: @ann — due: 2026-06-15 — type: prevent

    Source
    ------
    Google SRE workbook, chapter 10, and Lunney, Lueder and Beyer: an action item is actionable, specific and bounded.

    Notes
    -----
    "Improve … by adding …", "from 4 s to 800 ms", "so that …" say how or how far, and are no finding. Only items that are
    still open are read. In a document that follows another template an item with an issue is left out: how far is said there.
    """
    return _items(
        page,
        facts,
        lambda lowered, at: None if find_vigilance(lowered, at) else find_vague(lowered, at),
        "“{}” does not say when this is done: what will be different? For example: “alert when fewer than 10 % of the"
        " connections are free”.",
        are_issues_read=page.is_standard or facts.has_settings,
    )


@rule("ACT009", "not-imperative", Severity.INFO, is_wording=True)
def not_imperative(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An action item does not begin with what is to be done: "we should add …", "adding …", "a dashboard for …".

    Why
    ---
    An item that begins with its verb reads as a task, and is found among others by what it does.

    Bad
    ---
        ## Action Items

        - [ ] We should add a canary stage to the config pipeline — owner: @ann — due: 2026-06-15 — type: prevent

    Good
    ----
        ## Action Items

        - [ ] Add a canary stage to the config pipeline — owner: @ann — due: 2026-06-15 — type: prevent

    Source
    ------
    Google SRE workbook, chapter 10: phrase action items as sentences that begin with a verb.

    Notes
    -----
    Only what certainly is no order is found: a modal verb, a gerund, an article at the beginning. Only items that are
    still open are read.
    """
    for start, text, lowered in open_items(page, facts.people):
        at = without_label(text)
        if (
            says_nothing(text)
            or has_title(page.text, start)
            or find_vague(lowered, at)
            or find_vigilance(lowered, at)
            or find_target(lowered, at)
        ):
            continue
        place = find_no_order(lowered, at)
        if place:
            yield _finding(
                page,
                start,
                place,
                "“{}” does not say what to do first. Could the item begin with its verb? For example: “add a canary stage to"
                " the config pipeline”.",
            )


@rule("ACT010", "human-vigilance", Severity.WARNING, is_wording=True)
def human_vigilance(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An action item asks people to be careful, to remember, to double-check, or reminds them.

    Why
    ---
    Those who were there were careful. Nothing changes for the next person at night; a check by a machine does not tire.

    Bad
    ---
        ## Action Items

        - [ ] Remind everyone to check the pool size before a push — owner: @ann — due: 2026-06-15 — type: prevent

    Good
    ----
        ## Action Items

        - [ ] Reject a pool size below 100 in the config pipeline — owner: @ann — due: 2026-06-15 — type: prevent

    Source
    ------
    Lunney, Lueder and Beyer, Postmortem Action Items (;login: 2017); NIOSH, hierarchy of controls.

    Notes
    -----
    A bot that reminds, or a script that double-checks, is no finding. Only items that are still open are read.
    """
    return _items(
        page,
        facts,
        lambda lowered, at: None if find_target(lowered, at) else find_vigilance(lowered, at),
        "“{}” hangs on people's attention. What could check it each time without them? For example: “reject a pool size"
        " below 100 in the pipeline”.",
    )


@rule("ACT014", "unbounded", Severity.INFO, is_wording=True)
def unbounded(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An action item has no bounds: everything, all possible, never again, as needed, continue to monitor.

    Why
    ---
    An item without bounds cannot be finished, nor estimated. Name which services, which cases, until when.

    Bad
    ---
        ## Action Items

        - [ ] Make sure that this never happens again — owner: @ann — due: 2026-06-15 — type: prevent

    Good
    ----
        ## Action Items

        - [ ] Reject a pool size below 100 in the config pipeline — owner: @ann — due: 2026-06-15 — type: prevent

    Source
    ------
    Google SRE workbook, chapter 10, and Lunney, Lueder and Beyer: an action item is bounded.

    Notes
    -----
    "All twelve services of the checkout" has bounds. Only items that are still open are read.
    """
    return _items(
        page,
        facts,
        find_unbounded,
        "“{}” has no bounds. Which services, which cases, until when? For example: “reject a pool size below 100 in the"
        " pipeline”.",
    )


def _items(
    page: "Page",
    facts: "Facts",
    find: Callable[[str, int], tuple[int, int] | None],
    message: str,
    *,
    are_issues_read: bool = True,
) -> Iterator[Finding]:
    left_out: frozenset[int] = frozenset()
    if not are_issues_read:
        left_out = frozenset(
            placed.words[0]
            for placed in page.action_items
            if placed.tracker is not None or _ISSUE.search(placed.item.text)
        )
    for start, text, lowered in open_items(page, facts.people):
        place = find(lowered, without_label(text))
        if place and start not in left_out:
            yield _finding(page, start, place, message)


def _finding(page: "Page", start: int, place: tuple[int, int], message: str) -> Finding:
    begin, end = start + place[0], start + place[1]
    words = shorten(" ".join(page.text[begin:end].split()))
    return Finding(page.span(begin, end), message.replace("{}", words))


RULES: Final[tuple[Rule, ...]] = (
    person_as_cause,
    judgement_in_timeline,
    vague_verb,
    not_imperative,
    human_vigilance,
    unbounded,
)
"""In the order of the catalogue's families."""
