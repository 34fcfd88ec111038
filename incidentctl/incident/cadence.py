"""How well the updates kept the cadence of the severity at each time: intervals, and which were too long. Knows no clock."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from incidentctl.incident.entries import Entry, Milestone, Opened, Reached, SeverityChange, Update
from incidentctl.incident.lifecycle import effective, named_status
from incidentctl.incident.policy import Scale


class Interval(Struct, frozen=True):
    """A time between two updates while updates were due; the first one begins with the declaration or a reopening.

    `due_at` is when the next update was promised, or by the severity expected; `severity` is the one that asked for it.
    `ended_at` is when it came, or when the incident was resolved or is looked at; `is_update` says which.
    """

    began_at: datetime
    due_at: datetime
    ended_at: datetime
    severity: str
    is_update: bool

    @property
    def late_by(self) -> timedelta:
        """How long after it was due the update came, or the time ended; zero where it was in time."""
        return max(timedelta(0), self.ended_at - self.due_at)

    @property
    def silence(self) -> timedelta:
        """How long nothing was said."""
        return self.ended_at - self.began_at


def update_intervals(
    entries: Iterable[Entry], scale: Scale, *, until: datetime, by_promise: bool = True
) -> list[Interval]:
    """The intervals of an incident, in order, up to its resolution, else to `until`.

    An update is due when the one before promised it, else after the cadence of the severity as it was then. A raised
    severity brings it forward to one cadence after the change at the latest; a severity without a cadence asks for none.
    Without `by_promise` the severity alone says when.
    """
    return list(_Clock(scale, by_promise).run(effective(entries), until))


def missed_updates(
    entries: Iterable[Entry], scale: Scale, *, until: datetime, grace: timedelta = timedelta(minutes=5)
) -> list[Interval]:
    """The intervals in which an update was late by more than `grace`, or did not come at all."""
    return [each for each in update_intervals(entries, scale, until=until) if each.late_by > grace]


def ended_intervals(entries: Iterable[Entry], scale: Scale) -> list[Interval]:
    """The intervals that have ended, by the severity alone: what the figures say of updates, of an incident that goes on as well.

    What an update promised is between people; here it is asked what the severity asks for.
    """
    counting = effective(entries)
    if not counting:
        return []
    intervals = update_intervals(counting, scale, until=counting[-1].at, by_promise=False)
    is_over = any((status := named_status(entry)) is not None and status.is_over for entry in counting)
    if intervals and not intervals[-1].is_update and not is_over:
        intervals.pop()  # it has not ended
    return intervals


class _Clock:
    """Runs from the declaration to the resolution, and again from each reopening."""

    def __init__(self, scale: Scale, by_promise: bool) -> None:
        self._scale = scale
        self._by_promise = by_promise
        self._severity: str | None = None
        self._asked_by = ""
        self._began_at: datetime | None = None
        self._due_at: datetime | None = None

    def run(self, entries: list[Entry], until: datetime) -> Iterator[Interval]:
        for entry in entries:
            if entry.at > until:
                break
            what = entry.what
            if isinstance(what, Opened):
                self._severity = what.severity
                self._begin(entry.at)
            elif what == Reached(Milestone.REOPENED):
                self._begin(entry.at)
            elif isinstance(what, SeverityChange):
                yield from self._change(what.after, entry.at)
            elif isinstance(what, Update):
                yield from self._end(entry.at, is_update=True)
                self._begin(entry.at, promised_at=what.next_at if self._by_promise else None)
            status = named_status(entry)
            if status is not None and status.is_over:
                yield from self._end(entry.at, is_update=False)
                self._began_at = self._due_at = None
        yield from self._end(until, is_update=False)

    def _every(self) -> timedelta | None:
        severity = self._scale.find(self._severity or "")
        return severity.update_every if severity is not None else None

    def _begin(self, at: datetime, *, promised_at: datetime | None = None) -> None:
        every = self._every()
        self._began_at = at
        self._asked_by = self._severity or ""
        self._due_at = None if every is None else promised_at or at + every

    def _change(self, severity: str, at: datetime) -> Iterator[Interval]:
        is_raised = self._severity is None or self._scale.rank(severity) < self._scale.rank(self._severity)
        if not is_raised and self._due_at is not None and at > self._due_at:
            # What was overdue by then stays so; from here on the lower severity counts.
            yield from self._end(at, is_update=False)
            self._began_at = at
        self._severity = severity
        every = self._every()
        if self._began_at is None:
            return
        if every is None:
            self._due_at = None
        elif self._due_at is None or (is_raised and at + every < self._due_at):
            self._due_at, self._asked_by = at + every, severity
        elif not is_raised:
            self._due_at, self._asked_by = max(self._due_at, self._began_at + every), severity

    def _end(self, at: datetime, *, is_update: bool) -> Iterator[Interval]:
        if self._began_at is not None and self._due_at is not None and at >= self._began_at:
            yield Interval(self._began_at, self._due_at, at, self._asked_by, is_update)
