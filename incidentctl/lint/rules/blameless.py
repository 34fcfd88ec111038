"""BLM: language that looks for who it was and not for what made it possible. Human subjects only; precision before recall."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from incidentctl.lint.diagnostic import Finding, Severity
from incidentctl.lint.rule import Rule, rule
from incidentctl.lint.words.finder import findings, open_items, shorten
from incidentctl.lint.words.items import find_target, without_label

if TYPE_CHECKING:
    from incidentctl.lint.facts import Facts
    from incidentctl.lint.page import Page


@rule("BLM001", "human-error-as-cause", Severity.WARNING, is_wording=True)
def human_error_as_cause(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """Human, operator or user error is given as a cause.

    Why
    ---
    "Human error" ends the search where it should begin. People err every day; what can be changed is what let the error
    through: a prompt that looked the same for both clusters, a value that nothing checked, a step that only memory held.

    Bad
    ---
        ## Root Cause

        The outage was caused by human error while the connection pool was resized during the evening.

    Good
    ----
        ## Root Cause

        The console shows both clusters under the same title, and it asks for no confirmation, so the pool of the
        production cluster was resized in the place of that of the test cluster.

    Source
    ------
    Google SRE book, chapter 15; Etsy's debriefing guide: "human error" is a label that is given afterwards.

    Notes
    -----
    "Human error" is let alone where the sentence denies it, quotes it, or says what protects from it. No finding does
    not mean blameless: only some ways to blame can be told by their words.
    """
    return findings(
        page,
        facts,
        "BLM001",
        "“{}” stands as a cause. What made the error easy to make, or hard to notice? For example: “both clusters show the"
        " same prompt, and the tool accepts either”.",
    )


@rule("BLM002", "forgot", Severity.WARNING, is_wording=True)
def forgot(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A person forgot, overlooked or neglected something.

    Why
    ---
    A step that hangs on memory will be missed again, by somebody else. The document helps if it says why the step was
    easy to miss.

    Bad
    ---
        ## Root Cause

        The engineer forgot to raise the connection limit on the new replica before traffic was moved to it.

    Good
    ----
        ## Root Cause

        The connection limit of a new replica is set by hand, in a step that stands on no checklist, so the replica went
        into service with the default of 20 connections.

    Source
    ------
    Google SRE book, chapter 15; PagerDuty's post-mortem guide, "The Blameless Postmortem".

    Notes
    -----
    Of oneself ("we forgot", "I forgot") it is info. Software that forgets, such as a cache, is not meant. No finding
    does not mean blameless.
    """
    return findings(
        page,
        facts,
        "BLM002",
        "“{}”: what made this step easy to miss? For example: “the limit is set by hand in a step that no checklist names”.",
    )


@rule("BLM003", "person-failed-to", Severity.WARNING, is_wording=True)
def person_failed_to(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A person failed to do something, did not do it, or ignored it.

    Why
    ---
    What somebody did not do is seen only afterwards. What the person saw, and what the tools asked for, explains why the
    action made sense at the time, and can be changed.

    Bad
    ---
        ## Root Cause

        The operator failed to check the replication lag before the switch, so the last four minutes of orders were lost.

    Good
    ----
        ## Root Cause

        The failover tool switches at any replication lag and does not show it, so the switch was made at a lag of four
        minutes.

    Source
    ------
    Sidney Dekker, The Field Guide to Understanding 'Human Error': counterfactuals; Etsy's debriefing guide.

    Notes
    -----
    Services that fail to start, and people who did not receive, see or know something, are not meant; nor is "did not"
    with its reason behind it ("…, because the console cuts the line"). Of oneself it is info. No finding does not mean
    blameless.
    """
    return findings(
        page,
        facts,
        "BLM003",
        "“{}”: what did the tools show at that moment, and what would have made the step hard to leave out? For example:"
        " “the tool switches at any lag and does not show it”.",
    )


@rule("BLM004", "person-adverb-act", Severity.WARNING, is_wording=True)
def person_adverb_act(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A person did something mistakenly, accidentally, wrongly or by mistake.

    Why
    ---
    Nobody means to cause an outage: the adverb says what is known, and hides what is not: why the system took the action
    for a legitimate one.

    Bad
    ---
        ## Root Cause

        An engineer mistakenly applied the configuration of the test environment to the production cluster.

    Good
    ----
        ## Root Cause

        The deploy tool takes its target from the shell's last session. It was still set to production when the
        configuration of the test environment was applied.

    Source
    ------
    Google SRE workbook, chapter 10; Fausey and Boroditsky, Subtle linguistic cues influence perceived blame (2010).

    Notes
    -----
    "The volume was accidentally deleted" names nobody and is no finding: there is no rule against the passive voice. Of
    oneself it is info. No finding does not mean blameless.
    """
    return findings(
        page,
        facts,
        "BLM004",
        "“{}”: why did this look right, and why did the system accept it? For example: “the tool takes its target from the"
        " last session, which still pointed at production”.",
    )


@rule("BLM005", "person-should-have", Severity.WARNING, is_wording=True)
def person_should_have(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A person should or could have done something else.

    Why
    ---
    It describes an event that did not happen, with what is known only now. The event that did happen stays unexplained.
    What a system should have done, as an alert that should have paged, is worth saying and is no finding.

    Bad
    ---
        ## What Went Poorly

        - The engineer should have checked the connection limit before the config was pushed.
        - The status page needed a second person with access.

    Good
    ----
        ## What Went Poorly

        - Neither the tool nor the review shows the connection limit that a config sets.
        - The alert should have paged when the first replica ran out of connections.

    Source
    ------
    Sidney Dekker on counterfactual reasoning; Etsy's debriefing guide, "What to watch for".

    Notes
    -----
    "We should have better monitoring" is a plan and no finding, nor is "the team should have been paged". `they` counts
    only with people before it. Of oneself it is info. No finding does not mean blameless.
    """
    return findings(
        page,
        facts,
        "BLM005",
        "“{}”: what would have had to be different for this to be the natural thing to do? For example: “neither the tool"
        " nor the review shows the limit”.",
    )


@rule("BLM006", "hindsight", Severity.OFF, is_wording=True)
def hindsight(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """The outage would have been prevented, or it was obvious in hindsight.

    Why
    ---
    Outcome known, each sign looks clear. Those who were there had all the other signs as well.

    Bad
    ---
        ## What Went Poorly

        - In hindsight it was obvious that the pool was too small for the evening.
        - This outage could have been prevented by a second look at the dashboard.

    Good
    ----
        ## What Went Poorly

        - The pool's dashboard shows a weekly mean, in which the load of an evening cannot be seen.
        - The status page needed a second person with access.

    Source
    ------
    Baruch Fischhoff, Hindsight ≠ foresight (1975); Sidney Dekker on hindsight bias.

    Notes
    -----
    Off by default: many good documents say what would have prevented an outage in order to say what is done next. No
    finding does not mean blameless.
    """
    return findings(
        page,
        facts,
        "BLM006",
        "“{}” is said with what is known now. What could be seen at the time, and what hid the rest? For example: “the"
        " dashboard shows a weekly mean”.",
    )


@rule("BLM007", "be-careful", Severity.WARNING, is_wording=True)
def be_careful(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """People should be more careful, or were not careful enough.

    Why
    ---
    Care is a finite good and the first that is missing at night. Where a lack of care is the finding, nothing was found
    that could be changed.

    Bad
    ---
        ## What Went Poorly

        - Engineers must be more careful when they edit the pool's configuration.
        - The status page needed a second person with access.

    Good
    ----
        ## What Went Poorly

        - An edit of the pool's configuration reaches all regions at once, without a preview.
        - The status page needed a second person with access.

    Source
    ------
    Lunney, Lueder and Beyer, Postmortem Action Items (;login: 2017): "be more careful" is no action.

    Notes
    -----
    In action items this is `ACT010`. Software that is careful, and praise of care, are not meant. Of oneself it is
    info. No finding does not mean blameless.
    """
    return findings(
        page,
        facts,
        "BLM007",
        "“{}” asks for care. What would make the step safe for somebody who is tired? For example: “an edit shows its effect"
        " and reaches one region first”.",
    )


@rule("BLM008", "character-word", Severity.WARNING, is_wording=True)
def character_word(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A person is called careless, lazy, negligent or to blame.

    Why
    ---
    A character explains everything and changes nothing, and it silences those whose story the next analysis needs.

    Bad
    ---
        ## Root Cause

        A careless engineer lowered the size of the connection pool on all replicas, and nobody noticed for an hour.

    Good
    ----
        ## Root Cause

        The size of the connection pool is lowered on all replicas by one push, and no alert watches the free connections.

    Source
    ------
    Google SRE book, chapter 15; PagerDuty's post-mortem guide on the fundamental attribution error.

    Notes
    -----
    Lazy loading, page faults, `git blame` and a DNS record that is to blame are not meant, nor are quotations and denials
    ("nobody was careless"). No finding does not mean blameless.
    """
    return findings(
        page,
        facts,
        "BLM008",
        "“{}” speaks of somebody's character. Which conditions would have led anybody there? For example: “one push changes"
        " all replicas, and no alert watches the pool”.",
    )


@rule("BLM009", "named-person-in-cause", Severity.WARNING, is_wording=True)
def named_person_in_cause(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A person is named as the one who did it, in the section on causes.

    Why
    ---
    A name in a cause answers who, and the reader stops there. The action without the name says as much of the system. In
    the timeline a name is a fact; in what went well it is praise: there it may stand.

    Bad
    ---
        ## Root Cause

        @bob pushed a config which lowered the size of the connection pool on each of the replicas.

    Good
    ----
        ## Root Cause

        A config push lowered the size of the connection pool on each of the replicas; the pipeline accepts any value.

    Source
    ------
    Google SRE workbook, chapter 10; incident-process: not who did it, but why the system allowed it.

    Notes
    -----
    A name counts if it is known: authors, reviewers, owners, handles, CODEOWNERS, and every `@handle`. Names are not
    guessed from capital letters, as Jenkins is a service. Who found, explained or repaired something may be named. No
    finding does not mean blameless.
    """
    return findings(
        page,
        facts,
        "BLM009",
        "“{}” names a person in a cause. What does the sentence lose without the name? For example: “a config push lowered"
        " the pool; the pipeline accepts any value”.",
    )


@rule("BLM010", "animated-language", Severity.INFO, is_wording=True)
def animated_language(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """Words that judge: ridiculous, a complete disaster, totally unacceptable.

    Why
    ---
    Strong words tell how the writer felt. The reader wants the number behind them, and whoever built the thing reads them
    as a verdict.

    Bad
    ---
        ## What Went Poorly

        - It is ridiculous that the failover takes eleven manual steps.
        - The status page needed a second person with access.

    Good
    ----
        ## What Went Poorly

        - The failover takes eleven manual steps, of which three were not in the runbook.
        - The status page needed a second person with access.

    Source
    ------
    Google SRE workbook, chapter 10, on animated language in post-mortems.

    Notes
    -----
    Terms of the trade, as catastrophic backtracking or disaster recovery, are not meant. No finding does not mean
    blameless.
    """
    return findings(
        page,
        facts,
        "BLM010",
        "“{}” judges. Which number or fact stands behind it? For example: “the failover takes eleven manual steps”.",
    )


@rule("BLM011", "why-did-person", Severity.INFO, is_wording=True)
def why_did_person(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """A question asks why a person did something, or who it was.

    Why
    ---
    "Why did you" asks for a justification, "what" and "how" for a description. Questions about systems are welcome.

    Bad
    ---
        ## Root Cause

        Why did the engineer push the config in the evening? The change lowered the pool below what the load needs.

    Good
    ----
        ## Root Cause

        How does a config reach all regions within two minutes? The pipeline has no stage between the review and the rollout.

    Source
    ------
    Etsy's debriefing guide: ask how, not why; PagerDuty's post-mortem guide.

    Notes
    -----
    The five whys about systems, and "why did we", are not meant. No finding does not mean blameless.
    """
    return findings(
        page,
        facts,
        "BLM011",
        "“{}” asks a person for a justification. How does the question read with “what” or “how”? For example: “what did the"
        " console show when the config was pushed?”.",
    )


@rule("BLM012", "action-targets-person", Severity.WARNING, is_wording=True)
def action_targets_person(page: "Page", facts: "Facts") -> Iterator[Finding]:
    """An action item is done to a person: a talk, a retraining, a warning, access taken away.

    Why
    ---
    The next person meets the same system. Training a whole rotation on a new tool is another thing, and no finding.

    Bad
    ---
        ## Action Items

        - [ ] Retrain the engineer who pushed the config — owner: @ann — due: 2026-06-15 — type: prevent

    Good
    ----
        ## Action Items

        - [ ] Reject a pool size below 100 in the config pipeline — owner: @ann — due: 2026-06-15 — type: prevent

    Source
    ------
    Lunney, Lueder and Beyer, Postmortem Action Items (;login: 2017); Google SRE book, chapter 15.

    Notes
    -----
    Only items that are still open are read. No finding does not mean blameless.
    """
    for start, text, lowered in open_items(page, facts.people):
        place = find_target(lowered, without_label(text))
        if place:
            words = shorten(" ".join(page.text[start + place[0] : start + place[1]].split()))
            yield Finding(
                page.span(start + place[0], start + place[1]),
                f"“{words}” changes a person, and the system stays. What would have helped anybody at this step? For example:"
                " “reject a pool size below 100 in the pipeline”.",
            )


RULES: Final[tuple[Rule, ...]] = (
    human_error_as_cause,
    forgot,
    person_failed_to,
    person_adverb_act,
    person_should_have,
    hindsight,
    be_careful,
    character_word,
    named_person_in_cause,
    animated_language,
    why_did_person,
    action_targets_person,
)
"""The family, in the order of the catalogue."""
