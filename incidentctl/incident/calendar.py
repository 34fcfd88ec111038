"""A team's business hours: days and deadlines that count only them. Knows no clock; the zone is looked up by its name."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from incidentctl.incident.times import first_moment, resolve_zone, to_local, wall_to_utc

_ONE_DAY = timedelta(days=1)
_LAST_MOMENT = datetime.max.replace(microsecond=0, tzinfo=UTC)


class Calendar(NamedTuple):
    """Business days and hours. `days` counts from Monday, 0; `closes` of midnight is the end of the day.

    The zone is never the machine's: a deadline is the same wherever it is computed.
    """

    days: frozenset[int] = frozenset(range(5))
    opens: time = time(9)
    closes: time = time(17)
    zone: str = "UTC"
    holidays: frozenset[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether anyone works on that day."""
        return day.weekday() in self.days and day not in self.holidays

    def add_business_days(self, at: datetime, count: int) -> date:
        """The `count`-th business day after the day of `at` in the calendar's zone; for 0, the first from that day on.

        Five business days after a Thursday are the next Thursday. The last day of the calendar where there are no more.
        """
        today = to_local(at, resolve_zone(self.zone)).date()
        if count <= 0:
            return next(self._business_days(today), date.max)
        for day in self._business_days(today):
            count -= day > today
            if count == 0:
                return day
        return date.max

    def add_business_time(self, at: datetime, duration: timedelta) -> datetime:
        """When `duration` of business hours, counted from `at`, is over. The end of 9999 where it never is."""
        if duration <= timedelta(0):
            return at.astimezone(UTC)
        zone = resolve_zone(self.zone)
        for day in self._business_days(to_local(at, zone).date()):
            opens = wall_to_utc(datetime.combine(day, self.opens), zone)
            closes = self._closing(day)
            if opens is None or closes is None:
                break
            start = max(opens, at.astimezone(UTC))
            if start >= closes:
                continue
            if duration <= closes - start:
                return start + duration
            duration -= closes - start
        return _LAST_MOMENT

    def _closing(self, day: date) -> datetime | None:
        zone = resolve_zone(self.zone)
        if self.closes != time(0):
            return wall_to_utc(datetime.combine(day, self.closes), zone)
        return first_moment(day + _ONE_DAY, zone) if day < date.max else None

    def _business_days(self, first: date) -> Iterator[date]:
        """From `first` on. Stops at the end of the calendar, and after eleven years without one."""
        idle = 0
        day = first
        while idle < 4018:
            if self.is_business_day(day):
                idle = 0
                yield day
            else:
                idle += 1
            if day == date.max:
                return
            day += _ONE_DAY
