"""Repeat incidents: those with the same root cause as an earlier one.

- *The same cause*: both post-mortems have the same `root_cause` key, in any case and however it is spaced. Words that say that the
  cause is not known (`unknown`, `tbd`, `none`, `?` and their like) are no cause.
- *Or by word*: `repeat_of` names the earlier incident, and then no key is needed. It holds a whole id, or a part of one (its
  beginning, else any part) that fits just one incident declared before. It counts for nothing where it names no incident, the
  incident itself, or one that was declared later, so there is no circle: that is told, and the root cause decides. Where it names a
  duplicate, the surviving incident is meant.
- *The earlier one* is the last that was declared before it with that cause. It may lie before the period, and outside the filters; it
  may not be cancelled, a duplicate, or a drill unless drills are included. `repeat_of` may name any incident.
- *Among*: "2 repeats among 5 with a recorded cause" are the incidents of the period with a cause of either kind; the others have none.
- *Left undone*: the earlier incident's action items that were not done and not dropped before the day on which it came again, in the
  report's time zone. One that was done that very day is among them, since no hour is known of it, and one that was written down only
  afterwards as well.
- *Suggested*, for the last 50 incidents of the period that are no repeat, is what looks alike by services, terms and causes, with the
  terms that both have. Nobody confirmed it, so it is never counted: `ictl set repeat_of=ID` confirms it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from itertools import accumulate

from incidentctl.incident.policy import Scale
from incidentctl.incident.times import quoted, resolve_zone, to_local
from incidentctl.stats.case import Case, ItemHistory
from incidentctl.stats.question import Question
from incidentctl.stats.report import Repeat, RepeatFigure
from incidentctl.stats.selection import counting, counts, declaration_order
from incidentctl.stats.similar import find_all_similar

NOT_A_CAUSE = frozenset(
    "? ?? ??? - -- n/a na nil no none null open pending tba tbc tbd todo unclear undetermined unknown xxx".split()
)
"""Root causes that say that there is none yet."""
MOST_SUGGESTED_FOR = 50
"""For so many incidents, the latest, similar ones are looked for: nobody goes back through years of them, and it takes time."""


def find_repeats(cases: Iterable[Case], question: Question, *, now: datetime, scale: Scale) -> RepeatFigure:
    """The repeats of the question's period in the order of their declaration, `cases` being all that are known."""
    past = _Past(cases, question)
    zone = resolve_zone(question.period.zone)
    repeats: list[Repeat] = []
    unresolved: dict[str, str] = {}
    repeating: list[Case] = []
    with_cause = 0
    counted = counting(past.cases, question)
    for case in counted:
        cause = cause_of(case)
        earlier, why_not = past.named_by(case)
        if why_not:
            unresolved[case.id] = why_not
        with_cause += bool(cause) or earlier is not None
        if earlier is None and cause:
            earlier = past.last_with(cause, case)
        if earlier is not None:
            repeating.append(case)
            shared = cause if cause == cause_of(earlier) else ""
            repeats.append(Repeat(case.id, earlier.id, shared, left_undone(earlier, case, zone)))
    confirmed = {id(case) for case in repeating}
    unconfirmed = {id(case) for case in [case for case in counted if id(case) not in confirmed][-MOST_SUGGESTED_FOR:]}
    return RepeatFigure(
        tuple(repeats),
        with_cause,
        len(counted) - with_cause,
        suggestions=find_all_similar(past.cases, among=lambda case: id(case) in unconfirmed) if unconfirmed else (),
        unresolved=unresolved,
    )


def cause_of(case: Case) -> str:
    """The key of its root cause as it is compared; empty where none is recorded."""
    key = case.postmortem.root_cause if case.postmortem is not None else None
    plain = " ".join((key or "").casefold().split())
    return "" if plain in NOT_A_CAUSE else plain


def left_undone(earlier: Case, later: Case, zone: tzinfo | None) -> tuple[ItemHistory, ...]:
    """The action items of one incident that were still open when another was declared."""
    if earlier.postmortem is None or later.declared_at is None:
        return ()
    day = to_local(later.declared_at, zone).date()
    return tuple(
        item
        for item in earlier.postmortem.items
        if not _is_before(item.done_on, day) and not _is_before(item.dropped_on, day)
    )


def _is_before(ended_on: date | None, day: date) -> bool:
    return ended_on is not None and ended_on < day


class _Past:
    """All incidents in the order of their declaration, to find earlier ones in. A place in that order says what is earlier."""

    def __init__(self, cases: Iterable[Case], question: Question) -> None:
        self.cases = sorted(cases, key=declaration_order)
        self._place = {id(case): place for place, case in enumerate(self.cases)}
        self._by_id: dict[str, list[Case]] = {}
        self._by_cause: dict[str, list[int]] = {}
        for place, case in enumerate(self.cases):
            self._by_id.setdefault(case.id, []).append(case)
            cause = cause_of(case)
            if cause and counts(case, question):
                self._by_cause.setdefault(cause, []).append(place)
        # One long text of all ids is searched ten times as fast as each of them.
        self._text = "\n".join(["", *(case.id for case in self.cases)])
        self._starts = list(accumulate((len(case.id) + 1 for case in self.cases), initial=1))
        self._by_part: dict[tuple[str, str | None], list[int]] = {}

    def last_with(self, cause: str, case: Case) -> Case | None:
        """The last incident with that cause before this one."""
        before = self._before(self._by_cause.get(cause, []), case)
        return self.cases[before[-1]] if before else None

    def named_by(self, case: Case) -> tuple[Case | None, str]:
        """The incident that `repeat_of` names, else why it names none; neither where it says nothing."""
        word = " ".join((case.repeat_of or "").split()).removeprefix("#incident-").removeprefix("@")
        if not word:
            return None, ""
        found = _nearest(self._by_id.get(word.casefold(), []), case) or self._part(word.casefold(), case)
        if not found:
            return None, f"repeat_of names {quoted(word)}, and there is no such incident before this one"
        if len(found) > 1:
            return None, f"repeat_of names {quoted(word)}, which fits {len(found)} incidents before this one"
        named = self._survivor(found[0])
        if named is case:
            return None, "repeat_of names the incident itself"
        if self._place[id(named)] > self._place[id(case)]:
            return None, f"repeat_of names {named.id}, which was declared later"
        return named, ""

    def _part(self, word: str, case: Case) -> list[Case]:
        """Only among those before it: what is declared later cannot make a word of the record ambiguous."""
        for repository in (case.repository, None):
            for part in (f"\n{word}", word):  # the beginning of an id goes before any other part
                found = self._before(self._with_part(part, repository), case)
                if found:
                    return [self.cases[place] for place in found]
        return []

    def _with_part(self, part: str, repository: str | None) -> list[int]:
        """The places of the incidents of a repository, or of all, with that part in their id."""
        key = (part, repository)
        if key not in self._by_part:
            places: dict[int, None] = {}
            at = self._text.find(part)
            while at >= 0:
                place = bisect_right(self._starts, at + part.startswith("\n")) - 1
                if repository is None or self.cases[place].repository == repository:
                    places[place] = None
                at = self._text.find(part, self._starts[place + 1] - 1)
            self._by_part[key] = list(places)
        return self._by_part[key]

    def _before(self, places: list[int], case: Case) -> list[int]:
        return places[: bisect_left(places, self._place[id(case)])]

    def _survivor(self, case: Case) -> Case:
        """The incident that a duplicate stands for; itself, where that cannot be told."""
        passed = {case.id}
        while case.duplicate_of and case.duplicate_of not in passed:
            survivor = _nearest(self._by_id.get(case.duplicate_of, []), case)
            if len(survivor) != 1:
                break
            case = survivor[0]
            passed.add(case.id)
        return case


def _nearest(found: list[Case], case: Case) -> list[Case]:
    """Those of the same repository, where there are any."""
    return [each for each in found if each.repository == case.repository] or found
