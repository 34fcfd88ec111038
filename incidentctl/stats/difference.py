"""What moved a figure: the same question at two moments of the record, or of two periods, incident by incident. Pure."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.incident.policy import Scale
from incidentctl.stats.case import Case
from incidentctl.stats.catalogue import DURATIONS, find_duration
from incidentctl.stats.comparison import compare
from incidentctl.stats.durations import DurationMetric, as_entry, read_duration, summarise
from incidentctl.stats.metrics.action_items import judge_items
from incidentctl.stats.question import Question
from incidentctl.stats.report import ActionItemFigure, Comparison, DurationFigure, Excluded, JudgedItem, Value
from incidentctl.stats.selection import counting


class Side(Struct, frozen=True):
    """One of the two: how it is called, its cases, what is asked of them, and the moment at which they are looked at."""

    name: str
    cases: tuple[Case, ...]
    question: Question
    now: datetime


class Moved(Struct, frozen=True):
    """An incident that says something else of a duration; `None` on the side where it does not count at all.

    `commits` are those that did it, oldest first, where that can be known.
    """

    id: str
    title: str
    before: Value | Excluded | None
    after: Value | Excluded | None
    commits: tuple[str, ...] = ()

    @property
    def change(self) -> float | None:
        """Seconds more, where both sides have a value."""
        if isinstance(self.before, Value) and isinstance(self.after, Value):
            return self.after.seconds - self.before.seconds
        return None


class MovedFigure(Struct, frozen=True):
    """A duration on both sides, and the incidents that make the difference. `comparison` where the two are of different incidents."""

    before: DurationFigure
    after: DurationFigure
    moved: tuple[Moved, ...]
    comparison: Comparison | None = None


class MovedItem(Struct, frozen=True):
    """An action item that counts as something else; `None` on the side where it is not there."""

    incident: str
    id: str
    text: str
    before: JudgedItem | None
    after: JudgedItem | None


class Difference(Struct, frozen=True):
    """All that moved between two sides. `appeared` and `gone` are ids of incidents that count on one side alone."""

    before: str
    after: str
    figures: tuple[MovedFigure, ...]
    appeared: tuple[str, ...]
    gone: tuple[str, ...]
    items_before: ActionItemFigure
    items_after: ActionItemFigure
    items: tuple[MovedItem, ...]
    between_periods: bool = False


def differ(before: Side, after: Side, scale: Scale, *, between_periods: bool = False) -> Difference:
    """What moved. Between two periods nothing moved: each has its own incidents, and the comparison says what that tells."""
    counted = [{case.id: case for case in counting(side.cases, side.question)} for side in (before, after)]
    items = [judge_items(side.cases, side.question, now=side.now, scale=scale) for side in (before, after)]
    return Difference(
        before=before.name,
        after=after.name,
        figures=tuple(_figure(metric, before, after, between_periods) for metric in DURATIONS),
        appeared=tuple(sorted(counted[1].keys() - counted[0].keys())),
        gone=tuple(sorted(counted[0].keys() - counted[1].keys())),
        items_before=items[0],
        items_after=items[1],
        items=() if between_periods else _moved_items(*items),
        between_periods=between_periods,
    )


def _figure(metric: DurationMetric, before: Side, after: Side, between_periods: bool) -> MovedFigure:
    titles: dict[str, str] = {}
    figures: list[DurationFigure] = []
    entries: list[dict[str, Value | Excluded]] = []
    for side in (before, after):
        counted = counting(side.cases, side.question)
        titles |= {case.id: case.title for case in counted}
        said = [as_entry(case, read_duration(metric, case, side.question, now=side.now)) for case in counted]
        figures.append(summarise(metric, said))
        entries.append({entry.id: entry for entry in said})
    one, other = entries
    moved = [
        Moved(id_, titles[id_], one.get(id_), other.get(id_))
        for id_ in sorted({*one, *other})
        if _says(one.get(id_)) != _says(other.get(id_))
    ]
    moved.sort(key=_weight)
    comparison = compare(figures[1], figures[0]) if between_periods else None
    return MovedFigure(figures[0], figures[1], tuple(moved), comparison)


def _says(entry: Value | Excluded | None) -> object:
    """What of an entry moves a figure."""
    if isinstance(entry, Value):
        return entry.seconds
    return None if entry is None else entry.state


def _weight(moved: Moved) -> tuple[int, float, str]:
    """What moved most comes first, then what came or went."""
    if moved.change is not None:
        return 0, -abs(moved.change), moved.id
    values = [entry.seconds for entry in (moved.before, moved.after) if isinstance(entry, Value)]
    return (1, -values[0], moved.id) if values else (2, 0.0, moved.id)


def _moved_items(before: ActionItemFigure, after: ActionItemFigure) -> tuple[MovedItem, ...]:
    one, other = (
        {(judged.item.incident, judged.item.id): judged for judged in figure.items} for figure in (before, after)
    )
    found: list[MovedItem] = []
    for key in sorted({*one, *other}):
        was, now = one.get(key), other.get(key)
        either = now or was
        if either is not None and (was and was.outcome) != (now and now.outcome):
            found.append(MovedItem(key[0], key[1], either.item.text, was, now))
    return tuple(found)


def value_of(metric: str, case: Case | None, side: Side) -> object:
    """What an incident says of a duration on one side, for telling whether a commit changed it."""
    if case is None or not counting((case,), side.question):
        return None
    return _says(as_entry(case, read_duration(find_duration(metric), case, side.question, now=side.now)))


def with_commits(figure: MovedFigure, commits: Sequence[tuple[str, ...]]) -> MovedFigure:
    """The same with the commits that moved each incident, in their order."""
    moved = tuple(replace(each, commits=found) for each, found in zip(figure.moved, commits, strict=True))
    return replace(figure, moved=moved)
