"""Rules of family FRS: what waits for somebody. They ask for the day, so none is ever more than a warning."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from incidentctl.incident.entries import Status
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import ResponseHours
from incidentctl.incident.policy import Severity as Level
from incidentctl.incident.times import resolve_zone, to_local
from incidentctl.lint.diagnostic import Finding, Severity
from incidentctl.lint.facts import Facts
from incidentctl.lint.page import Page
from incidentctl.lint.rule import Applies, Asks, rule

_STALE_AFTER: Final = timedelta(days=14)
_STUCK_AFTER: Final = timedelta(days=1)
_STUCK_AFTER_MINOR: Final = timedelta(days=7)
_UNFINISHED: Final = ("draft", "in_review")


def _is_exempt(incident: Incident) -> bool:
    """Exercises, and what was no incident of its own."""
    return incident.is_drill or incident.state.status is Status.CANCELED or incident.state.cancel_reason is not None


def _level(incident: Incident, facts: Facts) -> Level | None:
    return facts.scale.find(incident.state.severity) if incident.state.severity else None


def _due_day(facts: Facts) -> date | None:
    """The day until which the post-mortem of a resolved incident is to be published, where one is asked for and the day is over."""
    incident, now = facts.incident, facts.now
    if incident is None or now is None or _is_exempt(incident):
        return None
    state, level = incident.state, _level(incident, facts)
    if level is None or not level.postmortem or state.resolved_at is None:
        return None
    if state.status is None or not state.status.is_over:
        return None
    day = facts.calendar.add_business_days(state.resolved_at, level.postmortem_within or 5)
    return day if to_local(now, resolve_zone(facts.calendar.zone)).date() > day else None


def _first_key(page: Page, *keys: str) -> str:
    """The first of these keys that the front matter has."""
    values = page.front.values if page.front else {}
    return next((key for key in keys if key in values), keys[0])


@rule(
    "FRS001",
    "postmortem-missing",
    Severity.WARNING,
    applies=Applies.INCIDENT,
    asks=Asks.TODAY | Asks.RECORD,
    preview=True,
)
def postmortem_missing(page: Page, facts: Facts) -> Iterable[Finding]:
    """The incident asks for a post-mortem, the day for it is over, and there is none.

    Why
    ---
    Memories fade within days. After five business days the details that explain an incident are gone.

    Bad
    ---
        ---
        id: 2026-05-04-search-down
        title: Search down
        severity: SEV2
        status: resolved
        commander: ann
        declared_at: 2026-05-04T08:05:00Z
        acknowledged_at: 2026-05-04T08:05:00Z
        resolved_at: 2026-05-04T10:30:00Z
        ---

        # Search down

        ## Timeline

        - 2026-05-04T08:05:00Z **Opened** SEV2: no results for any query — @ann <!-- e:004mz1 -->
        - 2026-05-04T08:05:40Z **Commander** @ann — @ann <!-- e:008tq0 -->
        - 2026-05-04T10:30:00Z **Resolved** index restored — @ann <!-- e:005f6t -->

    Good
    ----
        ---
        id: 2026-05-04-search-slow
        title: Search slow
        severity: SEV3
        status: resolved
        commander: ann
        declared_at: 2026-05-04T08:05:00Z
        acknowledged_at: 2026-05-04T08:05:00Z
        resolved_at: 2026-05-04T10:30:00Z
        ---

        # Search slow

        ## Timeline

        - 2026-05-04T08:05:00Z **Opened** SEV3: slow results — @ann <!-- e:004mz1 -->
        - 2026-05-04T08:05:40Z **Commander** @ann — @ann <!-- e:008tq0 -->
        - 2026-05-04T10:30:00Z **Resolved** index restored — @ann <!-- e:005f6t -->

    Source
    ------
    Google SRE book, chapter 15; PagerDuty's post-mortem guide: within five business days.

    Notes
    -----
    Which levels ask for one, and within how many business days, is a setting of the severity scale. Exercises, false
    alarms and duplicates need none.
    """
    day = _due_day(facts)
    if day is None or facts.has_postmortem is not False:
        return
    span = page.span_of_key(_first_key(page, "resolved_at", "status"))
    yield Finding(span, f"there is no post-mortem, which was due on {day}: begin it with `ictl postmortem new`")


@rule(
    "FRS002",
    "postmortem-late",
    Severity.WARNING,
    applies=Applies.INCIDENT,
    asks=Asks.TODAY | Asks.RECORD,
    preview=True,
)
def postmortem_late(page: Page, facts: Facts) -> Iterable[Finding]:
    """The post-mortem is there, but it is not published, and the day for it is over.

    Why
    ---
    A draft teaches nobody. What others could learn from it waits with it.

    Bad
    ---
        ---
        id: 2026-05-04-search-down
        title: Search down
        severity: SEV2
        status: resolved
        commander: ann
        declared_at: 2026-05-04T08:05:00Z
        acknowledged_at: 2026-05-04T08:05:00Z
        resolved_at: 2026-05-04T10:30:00Z
        ---

        # Search down

        ## Timeline

        - 2026-05-04T08:05:00Z **Opened** SEV2: no results for any query — @ann <!-- e:004mz1 -->
        - 2026-05-04T08:05:40Z **Commander** @ann — @ann <!-- e:008tq0 -->
        - 2026-05-04T10:30:00Z **Resolved** index restored — @ann <!-- e:005f6t -->

    Good
    ----
        ---
        id: 2026-05-19-search-down
        title: Search down
        severity: SEV2
        status: resolved
        commander: ann
        declared_at: 2026-05-19T08:05:00Z
        acknowledged_at: 2026-05-19T08:05:00Z
        resolved_at: 2026-05-19T10:30:00Z
        ---

        # Search down

        ## Timeline

        - 2026-05-19T08:05:00Z **Opened** SEV2: no results for any query — @ann <!-- e:004mz1 -->
        - 2026-05-19T08:05:40Z **Commander** @ann — @ann <!-- e:008tq0 -->
        - 2026-05-19T10:30:00Z **Resolved** index restored — @ann <!-- e:005f6t -->

    Source
    ------
    PagerDuty's post-mortem guide: within five business days.

    Notes
    -----
    The post-mortems of both examples are in review on 22 May: five business days after the second incident are not over
    yet. One that was published late is not reported: nothing is left to do.
    """
    day, postmortem = _due_day(facts), facts.postmortem
    if day is None or postmortem is None or facts.has_postmortem is False:
        return
    if postmortem.published_at is not None or (postmortem.status or "").strip().lower() == "final":
        return
    span = page.span_of_key(_first_key(page, "resolved_at", "status"))
    state = f"'{postmortem.status}'" if postmortem.status else "without a status"
    yield Finding(span, f"the post-mortem is {state} and was due on {day}: finish it, then `ictl postmortem publish`")


@rule("FRS003", "stale-draft", Severity.WARNING, asks=Asks.TODAY | Asks.HISTORY, preview=True)
def stale_draft(page: Page, facts: Facts) -> Iterable[Finding]:
    """A draft, or a document in review, has not changed for two weeks.

    Why
    ---
    A draft that nobody touches is seldom finished. It takes one decision: finish it, hand it over, or publish it as it is.

    Bad
    ---
        ---
        incident: 2026-05-14-checkout-latency
        status: in_review
        authors: [ann]
        reviewers: [cleo]
        root_cause: pool-size
        ---

    Good
    ----
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        published_at: 2026-05-20T09:00:00Z
        root_cause: pool-size
        ---

    Source
    ------
    Google SRE book, chapter 15: an unreviewed post-mortem might as well never have existed.
    """
    now, history = facts.now, facts.history
    if now is None or history is None or history.changed_at is None:
        return
    status = (page.value("status") or "").strip().lower().replace("-", "_").replace(" ", "_")
    age = now - history.changed_at
    if status in _UNFINISHED and age > _STALE_AFTER:
        said = f"'{page.value('status')}' and unchanged for {age.days} days: finish it, or hand it to somebody who can"
        yield Finding(page.span_of_key("status"), said)


@rule("FRS004", "stuck-open", Severity.WARNING, applies=Applies.INCIDENT, asks=Asks.TODAY | Asks.RECORD, preview=True)
def stuck_open(page: Page, facts: Facts) -> Iterable[Finding]:
    """The incident is open, and nothing was recorded for a day; for a minor one, for a week.

    Why
    ---
    Mostly it is over and nobody said so: then every time to resolve is wrong. If it is not over, somebody should know.

    Bad
    ---
        ---
        id: 2026-05-04-search-down
        title: Search down
        severity: SEV2
        status: mitigated
        commander: ann
        declared_at: 2026-05-04T08:05:00Z
        acknowledged_at: 2026-05-04T08:05:00Z
        mitigated_at: 2026-05-04T10:30:00Z
        ---

        # Search down

        ## Timeline

        - 2026-05-04T08:05:00Z **Opened** SEV2: no results for any query — @ann <!-- e:004mz1 -->
        - 2026-05-04T08:05:40Z **Commander** @ann — @ann <!-- e:008tq0 -->
        - 2026-05-04T10:30:00Z **Mitigated** second index takes the load — @ann <!-- e:005f6t -->

    Good
    ----
        ---
        id: 2026-05-04-search-down
        title: Search down
        severity: SEV2
        status: resolved
        commander: ann
        declared_at: 2026-05-04T08:05:00Z
        acknowledged_at: 2026-05-04T08:05:00Z
        mitigated_at: 2026-05-04T10:30:00Z
        resolved_at: 2026-05-04T12:00:00Z
        ---

        # Search down

        ## Timeline

        - 2026-05-04T08:05:00Z **Opened** SEV2: no results for any query — @ann <!-- e:004mz1 -->
        - 2026-05-04T08:05:40Z **Commander** @ann — @ann <!-- e:008tq0 -->
        - 2026-05-04T10:30:00Z **Mitigated** second index takes the load — @ann <!-- e:005f6t -->
        - 2026-05-04T12:00:00Z **Resolved** index rebuilt — @ann <!-- e:005f6w -->

    Source
    ------
    PagerDuty's incident response guide, after an incident.

    Notes
    -----
    A day for levels that are answered at all hours, a week for those with business hours or none; not for tickets.
    """
    incident, now = facts.incident, facts.now
    if incident is None or now is None or _is_exempt(incident):
        return
    state, level = incident.state, _level(incident, facts)
    if state.status is None or state.status.is_over or (level is not None and level.ticket):
        return
    times = [at for entry in incident.entries for at in (entry.at, entry.recorded_at) if at is not None]
    times += [at for at in (state.declared_at, state.acknowledged_at, state.mitigated_at) if at is not None]
    if not times:
        return
    is_minor = level is None or level.response is None or level.response_hours is ResponseHours.BUSINESS
    age = now - max(times)
    if age <= (_STUCK_AFTER_MINOR if is_minor else _STUCK_AFTER):
        return
    span = page.span_of_key(_first_key(page, "status", "severity"))
    length = f"{age.days} days" if age.days > 1 else "a day"
    said = (
        f"'{state.status}', and nothing recorded for {length}: say what is so with `ictl update`, or `ictl resolve` it"
    )
    yield Finding(span, said)


RULES: Final = (postmortem_missing, postmortem_late, stale_draft, stuck_open)
