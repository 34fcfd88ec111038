"""Which earlier incidents an incident looks like. A suggestion for people, never counted as a repeat."""

from collections.abc import Callable, Iterable

from incidentctl.incident.entries import Status
from incidentctl.stats.case import Case
from incidentctl.stats.likeness import Alike, Earlier, Profile, profile_of
from incidentctl.stats.report import Suggestion


def _profile(case: Case) -> Profile:
    return profile_of(case.id, terms=case.terms, services=case.services, cause=_cause(case))


def _cause(case: Case) -> str | None:
    return case.postmortem.root_cause if case.postmortem is not None else None


def _is_findable(case: Case) -> bool:
    return case.status is not Status.CANCELED and not case.is_drill and case.duplicate_of is None


def find_similar(case: Case, earlier: Iterable[Case], *, limit: int = 3) -> tuple[Suggestion, ...]:
    """The earlier incidents that look like this one; none where people have said already that it is a repeat.

    Words are weighted by how rare they are among the earlier ones. Cancelled ones, duplicates and drills are nobody's repeat, nor is what
    was declared later. For many incidents at once `find_all_similar` is quicker.
    """
    if case.repeat_of is not None or not _is_findable(case):
        return ()
    known = Earlier()
    for other in sorted(filter(_is_findable, earlier), key=_order):
        if other.id != case.id and _order(other) < _order(case):
            known.add(other.id, terms=other.terms, services=other.services, cause=_cause(other))
    return _suggestions(case, known.similar_to(_profile(case), limit=limit))


def find_all_similar(
    cases: Iterable[Case], *, among: Callable[[Case], bool] = lambda case: True, limit: int = 1
) -> tuple[Suggestion, ...]:
    """The same for each of many, `among` which it is asked for: each is compared with those declared before it. In order of declaration."""
    known = Earlier()
    found: list[Suggestion] = []
    for case in sorted(filter(_is_findable, cases), key=_order):
        if case.repeat_of is None and among(case):
            found += _suggestions(case, known.similar_to(_profile(case), limit=limit))
        known.add(case.id, terms=case.terms, services=case.services, cause=_cause(case))
    return tuple(found)


def _suggestions(case: Case, found: Iterable[Alike]) -> tuple[Suggestion, ...]:
    return tuple(Suggestion(case.id, each.id, each.shared, each.score) for each in found)


def _order(case: Case) -> tuple[str, str]:
    at = case.declared_at
    return at.isoformat() if at is not None else case.id[:10], case.id
