"""The clocks of an incident: what is due, by when, and what stops it. Made of the record and the policy; knows no clock itself.

The standing clocks are made of the severity scale; a team adds its own. Commands, the linter and the figures all ask here.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from incidentctl.incident.cadence import update_intervals
from incidentctl.incident.calendar import Calendar
from incidentctl.incident.entries import (
    COMMANDER,
    Done,
    Entry,
    Opened,
    RoleChange,
    SeverityChange,
    Status,
    Update,
)
from incidentctl.incident.lifecycle import State, effective
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import DEFAULT_SCALE, CommanderRule, ResponseHours, Scale, Severity
from incidentctl.incident.times import first_moment, resolve_zone

RESPONSE = "response"
UPDATE = "update"
STATUS_PAGE = "status_page"
MANAGEMENT = "management"
BRIDGE = "bridge"
POSTMORTEM = "postmortem"
ACTION_ITEM = "action_item"
STANDING = (RESPONSE, UPDATE, STATUS_PAGE, MANAGEMENT, COMMANDER, BRIDGE, POSTMORTEM, ACTION_ITEM)
"""The names of the standing clocks: they are no names for clocks of one's own."""

_ONE_DAY = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)
_AT_ONCE = timedelta(0)
_WORDS = {STATUS_PAGE: "status page", POSTMORTEM: "post-mortem"}


class ClockState(StrEnum):
    """What has become of a clock. `missed`: it was over before it came; `not_asked`: it was over before it was due."""

    RUNNING = "running"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"
    MISSED = "missed"
    NOT_ASKED = "not_asked"

    @property
    def runs(self) -> bool:
        """Whether somebody still has to do something."""
        return self in (ClockState.RUNNING, ClockState.OVERDUE)


class DoneBy(StrEnum):
    """What stops a clock. A `note --done NAME` stops any."""

    NOTE = "note"
    ACKNOWLEDGED = "acknowledged"
    COMMANDER = "commander"
    UPDATE = "update"
    PUBLIC = "public"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"


class ClockRule(NamedTuple):
    """When a clock begins, how long it runs and what stops it. No severities: all but tickets; no tags: with any or none.

    `since` is a time of the incident. `within` is a length of time, or a number of business days after that day.
    """

    name: str
    within: timedelta | int
    words: str = ""
    severities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    since: str = "declared_at"
    hours: ResponseHours = ResponseHours.ALWAYS
    done_by: DoneBy = DoneBy.NOTE


class ClockPolicy(NamedTuple):
    """All that clocks depend on besides the record."""

    scale: Scale = DEFAULT_SCALE
    calendar: Calendar = Calendar()
    own: tuple[ClockRule, ...] = ()
    bridge_url: str | None = None


class PostmortemState(NamedTuple):
    """How far the post-mortem of an incident has come; `is_begun` where there is a document."""

    is_begun: bool = False
    is_final: bool = False
    published_at: datetime | None = None


class Clock(NamedTuple):
    """One clock of one incident, at one time.

    `due_on` is the day where it is due on a day: `due_at` is its last second, then. `command` stops it. `was_late_at_once`: its time
    was over when the incident was recorded, so that nobody could have met it.
    """

    name: str
    words: str
    incident: str
    began_at: datetime
    due_at: datetime
    state: ClockState
    severity: str | None = None
    met_at: datetime | None = None
    due_on: date | None = None
    command: str | None = None
    was_late_at_once: bool = False
    is_drill: bool = False

    @property
    def order(self) -> tuple[bool, bool, datetime, str]:
        """The most pressing first; the bridge after the others, since nobody outside waits for it."""
        return (not self.state.runs, self.name == BRIDGE, self.due_at, self.name)


class Asked(NamedTuple):
    """From when on something is asked for, until when, and by which rule. `due_on` as in `Clock`."""

    began_at: datetime
    due_at: datetime
    rule: ClockRule
    due_on: date | None = None


def judge(done_at: datetime | None, due_at: datetime, over_at: datetime | None, now: datetime) -> ClockState:
    """What came in time is met, also early; what was over before it was due is asked for no longer."""
    if done_at is not None:
        return ClockState.MET if done_at <= due_at else ClockState.MET_LATE
    if over_at is not None:
        return ClockState.NOT_ASKED if over_at <= due_at else ClockState.MISSED
    return ClockState.OVERDUE if now > due_at else ClockState.RUNNING


# ------------------------------------------------------------------------------------------------- the standing clocks


def standing_rule(name: str, level: Severity | None) -> ClockRule | None:
    """The rule of a standing clock for a severity; `None` where that one has no such clock. Updates have their cadence instead."""
    if level is None or level.ticket:
        return None
    words, severities = _WORDS.get(name, name), (level.name,)
    if name == RESPONSE and level.response is not None:
        return ClockRule(
            name, level.response, words, severities, (), "detected_at", level.response_hours, DoneBy.ACKNOWLEDGED
        )
    if name == STATUS_PAGE and level.status_page is not None:
        return ClockRule(name, level.status_page, words, severities, done_by=DoneBy.PUBLIC)
    if name == MANAGEMENT and level.management is not None:
        return ClockRule(name, level.management, words, severities)
    if name == COMMANDER and level.commander is CommanderRule.REQUIRED:
        return ClockRule(name, _AT_ONCE, words, severities, done_by=DoneBy.COMMANDER)
    if name == BRIDGE and level.bridge:
        return ClockRule(name, level.response or _AT_ONCE, words, severities)
    if name == POSTMORTEM and level.postmortem:
        within = level.postmortem_within or 5
        return ClockRule(name, within, words, severities, (), "resolved_at", done_by=DoneBy.POSTMORTEM)
    return None


# ------------------------------------------------------------------------------------------------ when something is due


def due_after(at: datetime, rule: ClockRule, calendar: Calendar) -> Asked | None:
    """When it is due, begun at that time; `None` where that lies behind the end of the calendar."""
    if isinstance(rule.within, int):
        day = calendar.add_business_days(at, rule.within)
        due_at = due_at_end_of(day, calendar)
        return None if due_at is None else Asked(at, due_at, rule, day)
    if rule.hours is ResponseHours.BUSINESS:
        return Asked(at, calendar.add_business_time(at, rule.within), rule)
    try:
        return Asked(at, at + rule.within, rule)
    except OverflowError:
        return None


def due_at_end_of(day: date, calendar: Calendar) -> datetime | None:
    """The last second of a day in the calendar's zone; `None` for the last day that there is."""
    if day == date.max:
        return None
    return first_moment(day + _ONE_DAY, resolve_zone(calendar.zone)) - _ONE_SECOND


def asked(
    severities: Iterable[tuple[datetime, str]],
    rule_of: Callable[[str], ClockRule | None],
    calendar: Calendar,
    *,
    since: datetime | None = None,
    over_at: datetime | None = None,
) -> Asked | None:
    """What is asked for by the severities that an incident had, in order, each from its time on; `None` where nothing is (any more).

    It begins at `since`, or when the severity became one that asks for it. A stricter one brings it forward, a milder one gives more
    time; one that does not ask ends it, unless it was overdue by then. What happens from `over_at` on changes nothing.
    """
    found: Asked | None = None
    for number, (at, name) in enumerate(severities):
        if (found is not None and at >= found.due_at) or (number and over_at is not None and at >= over_at):
            break
        rule = rule_of(name)
        if rule is None:
            found = None
            continue
        begins = at if since is None else since if number == 0 else max(at, since)
        new = due_after(begins, rule, calendar)
        if found is None or new is None:
            found = new
            continue
        longer = due_after(found.began_at, rule, calendar)
        due_at = min(new.due_at, found.due_at if longer is None else max(found.due_at, longer.due_at))
        found = Asked(found.began_at, due_at, rule, new.due_on)
    return found


def severities_of(entries: Iterable[Entry], declared_at: datetime | None = None) -> list[tuple[datetime, str]]:
    """The severities that an incident had, each from when on: what `asked` takes. `declared_at` corrects the first time."""
    found: list[tuple[datetime, str]] = []
    for entry in entries:
        if isinstance(entry.what, Opened):
            found.append((declared_at or entry.at, entry.what.severity))
        elif isinstance(entry.what, SeverityChange):
            found.append((entry.at, entry.what.after))
    return found


def response_asked(counting: Iterable[Entry], state: State, policy: ClockPolicy) -> Asked | None:
    """By when it had to be acknowledged: from the detection, else the declaration, by the severity that it had until it was."""
    severities = severities_of(counting, state.declared_at)
    acknowledged_at = state.acknowledged_at
    if acknowledged_at is not None:
        severities = severities[:1] + [each for each in severities[1:] if each[0] < acknowledged_at]
    return asked(
        severities,
        lambda name: standing_rule(RESPONSE, policy.scale.find(name)),
        policy.calendar,
        since=state.detected_at or state.declared_at,
    )


def postmortem_due_on(state: State, level: Severity | None, calendar: Calendar) -> date | None:
    """The day by which the post-mortem is to be published; `None` where none is asked for, or it is not resolved."""
    rule = standing_rule(POSTMORTEM, level)
    if rule is None or state.resolved_at is None:
        return None
    assert isinstance(rule.within, int)
    return calendar.add_business_days(state.resolved_at, rule.within)


def is_public_word(entry: Entry) -> bool:
    """Whether it says that the public was told: the status page done, or an update with words for the public."""
    if isinstance(entry.what, Done):
        return entry.what.clock == STATUS_PAGE
    return isinstance(entry.what, Update) and bool(entry.what.public)


# ------------------------------------------------------------------------------------------------ the clocks of one incident


def clocks_of(
    incident: Incident, policy: ClockPolicy, now: datetime, *, postmortem: PostmortemState | None = None
) -> list[Clock]:
    """All clocks of an incident as they stand at `now`, those that run before the others and the most pressing first.

    A ticket has none, nor has what was canceled. A drill has those of the real thing, but for the post-mortem.
    """
    state = incident.state
    level = policy.scale.find(state.severity or "")
    if state.status is None or state.status is Status.CANCELED or (level is not None and level.ticket):
        return []
    return sorted(_Face(incident, policy, now, postmortem).clocks(), key=lambda clock: clock.order)


def running(clocks: Iterable[Clock]) -> list[Clock]:
    """Those that somebody still has to stop."""
    return [clock for clock in clocks if clock.state.runs]


class _Face:
    """One incident at one time."""

    def __init__(
        self, incident: Incident, policy: ClockPolicy, now: datetime, postmortem: PostmortemState | None
    ) -> None:
        self._incident = incident
        self._state = incident.state
        self._policy = policy
        self._now = now
        self._postmortem = postmortem or PostmortemState()
        self._counting = effective(incident.entries)
        is_over = self._state.status is not None and self._state.status.is_over
        ends = [at for at in (self._state.resolved_at, self._state.closed_at) if at is not None]
        self._over_at = min(ends) if is_over and ends else None
        self._severities = severities_of(self._counting, self._state.declared_at)
        opened = next((entry for entry in self._counting if isinstance(entry.what, Opened)), None)
        self._written_at = opened.written_at if opened is not None else None

    def clocks(self) -> list[Clock]:
        found = [self._response(), self._update(), self._commander(), self._bridge(), self._post_mortem()]
        found += [self._since_episode(name) for name in (STATUS_PAGE, MANAGEMENT)]
        own: dict[str, list[ClockRule]] = {}
        for rule in self._policy.own:
            if self._has_tag(rule):
                own.setdefault(rule.name, []).append(rule)
        found += [self._own(rules) for rules in own.values()]
        return [clock for clock in found if clock is not None]

    def _clock(
        self,
        found: Asked | None,
        done_at: datetime | None,
        command: str | None,
        *,
        over_at: datetime | None,
        severity: str | None = None,
    ) -> Clock | None:
        if found is None:
            return None
        rule = found.rule
        return Clock(
            name=rule.name,
            words=rule.words or rule.name.replace("_", " "),
            incident=self._incident.id,
            began_at=found.began_at,
            due_at=found.due_at,
            state=judge(done_at, found.due_at, over_at, self._now),
            severity=severity or self._state.severity,
            met_at=done_at,
            due_on=found.due_on,
            command=command,
            was_late_at_once=self._written_at is not None and self._written_at > found.due_at,
            is_drill=self._incident.is_drill,
        )

    def _first(self, says: Callable[[Entry], bool]) -> datetime | None:
        return next((entry.at for entry in self._counting if says(entry)), None)

    def _done(self, name: str) -> datetime | None:
        return self._first(lambda entry: entry.what == Done(name))

    def _rule_of(self, name: str) -> Callable[[str], ClockRule | None]:
        return lambda severity: standing_rule(name, self._policy.scale.find(severity))

    def _episode(self, at: datetime | None = None) -> list[tuple[datetime, str]]:
        """The severities since the declaration or the last reopening, or since a later time: clocks begin anew with these."""
        start = max((each for each in (at, self._state.reopened_at) if each is not None), default=None)
        if start is None:
            return self._severities
        before = [name for each, name in self._severities if each <= start]
        return [(start, name) for name in before[-1:]] + [each for each in self._severities if each[0] > start]

    # The standing ones.

    def _response(self) -> Clock | None:
        state = self._state
        found = response_asked(self._counting, state, self._policy)
        return self._clock(
            found, _earliest(state.acknowledged_at, self._done(RESPONSE)), "ictl ack", over_at=self._over_at
        )

    def _since_episode(self, name: str) -> Clock | None:
        done_at = self._first(is_public_word) if name == STATUS_PAGE else self._done(name)
        found = asked(self._episode(), self._rule_of(name), self._policy.calendar, over_at=self._over_at)
        words = "LINK" if name == STATUS_PAGE else "WHO"
        return self._clock(found, done_at, f"ictl note --done {name} {words}", over_at=self._over_at)

    def _update(self) -> Clock | None:
        """The one that comes next; after the end, none: how those before were kept is a matter of the figures."""
        if self._over_at is not None or not self._counting:
            return None
        until = max(self._now, self._counting[-1].at)
        intervals = update_intervals(self._incident.entries, self._policy.scale, until=until)
        if not intervals or intervals[-1].is_update:
            return None
        last = intervals[-1]
        rule = ClockRule(UPDATE, last.due_at - last.began_at, severities=(last.severity,), done_by=DoneBy.UPDATE)
        found = Asked(last.began_at, last.due_at, rule)
        return self._clock(found, None, "ictl update", over_at=None, severity=last.severity)

    def _commander(self) -> Clock | None:
        """Due from the declaration on, and again when the role was laid down. Not late while the seat is filled."""
        vacant_since: datetime | None = None
        since = self._state.role_since.get(COMMANDER)
        if self._state.commander is None and since is not None:
            vacant_since = since
        found = asked(
            self._episode(vacant_since), self._rule_of(COMMANDER), self._policy.calendar, over_at=self._over_at
        )
        clock = self._clock(found, since, "ictl assign ic me", over_at=self._over_at)
        if clock is None:
            return None
        if self._state.commander is not None:
            return clock._replace(state=ClockState.MET)
        state = judge(None, clock.due_at, self._over_at, self._now)
        if state is ClockState.RUNNING and self._now >= clock.due_at:
            state = ClockState.OVERDUE  # it is due from the first second on
        return clock._replace(met_at=None, state=state)

    def _bridge(self) -> Clock | None:
        found = asked(self._episode(), self._rule_of(BRIDGE), self._policy.calendar, over_at=self._over_at)
        if found is None:
            return None
        is_known = bool(self._incident.word("bridge") or self._policy.bridge_url)
        done_at = found.began_at if is_known else self._done(BRIDGE)
        return self._clock(found, done_at, "ictl set bridge=URL", over_at=self._over_at)

    def _post_mortem(self) -> Clock | None:
        state, level = self._state, self._policy.scale.find(self._state.severity or "")
        rule = standing_rule(POSTMORTEM, level)
        if rule is None or self._incident.is_drill or state.resolved_at is None or state.status is Status.CLOSED:
            return None
        found = due_after(state.resolved_at, rule, self._policy.calendar)
        return self._clock(found, self._published(found), self._write_it(), over_at=None)

    def _published(self, found: Asked | None) -> datetime | None:
        if not self._postmortem.is_final:
            return None
        return self._postmortem.published_at or (None if found is None else found.due_at)

    def _write_it(self) -> str:
        return "ictl postmortem publish" if self._postmortem.is_begun else "ictl postmortem new"

    # A team's own.

    def _has_tag(self, rule: ClockRule) -> bool:
        tags = {tag.casefold() for tag in self._incident.listed("tags")}
        return not rule.tags or any(tag.casefold() in tags for tag in rule.tags)

    def _own(self, rules: Sequence[ClockRule]) -> Clock | None:
        first = rules[0]
        since: datetime | None = getattr(self._state, first.since)
        if since is None and first.since == "detected_at":
            since = self._state.declared_at
        if since is None:
            return None

        def rule_of(severity: str) -> ClockRule | None:
            level = self._policy.scale.find(severity)
            name = severity if level is None else level.name
            return next((rule for rule in rules if not rule.severities or name in rule.severities), None)

        severities = self._severities or [(since, self._state.severity or "")]
        # A duty towards others does not end with the incident; what steers the incident itself does.
        over_at = None if first.done_by in (DoneBy.NOTE, DoneBy.POSTMORTEM) else self._over_at
        found = asked(severities, rule_of, self._policy.calendar, since=since, over_at=self._over_at)
        done_at, command = self._stops(first, found)
        return self._clock(found, _earliest(done_at, self._done(first.name)), command, over_at=over_at)

    def _stops(self, rule: ClockRule, found: Asked | None) -> tuple[datetime | None, str]:
        state = self._state
        match rule.done_by:
            case DoneBy.ACKNOWLEDGED:
                return state.acknowledged_at, "ictl ack"
            case DoneBy.COMMANDER:
                return self._first(_names_commander), "ictl assign ic me"
            case DoneBy.UPDATE:
                began_at = found.began_at if found is not None else None
                return self._first(
                    lambda entry: isinstance(entry.what, Update) and (began_at is None or entry.at >= began_at)
                ), "ictl update"
            case DoneBy.PUBLIC:
                return self._first(is_public_word), f"ictl note --done {STATUS_PAGE} LINK"
            case DoneBy.MITIGATED:
                return _earliest(state.mitigated_at, state.resolved_at), "ictl mitigate"
            case DoneBy.RESOLVED:
                return state.resolved_at, "ictl resolve"
            case DoneBy.POSTMORTEM:
                return self._published(found), self._write_it()
            case DoneBy.NOTE:
                return None, f"ictl note --done {rule.name}"


def _names_commander(entry: Entry) -> bool:
    return isinstance(entry.what, RoleChange) and entry.what.role == COMMANDER and entry.what.holder is not None


def _earliest(*times: datetime | None) -> datetime | None:
    return min((at for at in times if at is not None), default=None)
