"""How incidents are parted into groups. An incident with several services or tags is in the group of each, so groups may add up to more."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from incidentctl.incident.policy import Scale
from incidentctl.incident.times import to_local
from incidentctl.stats.case import Case
from incidentctl.stats.period import month_name, quarter_name, zone_of
from incidentctl.stats.question import GroupBy, Question
from incidentctl.stats.selection import moment_of, severity_of

NONE = "none"
"""The group of incidents that name no service, team or tag, and of those of which nobody knows when they were declared."""

Groups = list[tuple[str, list[int]]]
"""The name of each group, and the places of its incidents."""


def group_cases(cases: Sequence[Case], question: Question, scale: Scale) -> Groups:
    """The groups that the question asks for, none where it asks for none.

    Severities in the order of the scale, all of them; months and quarters in that of time, others by name, those that have an incident.
    The group of what has no name is the last one. Names that differ in case alone are one.
    """
    match question.group_by:
        case None:
            return []
        case GroupBy.SEVERITY:
            return _by_severity(cases, question, scale)
        case GroupBy.SERVICE:
            return _by_name(each.services for each in cases)
        case GroupBy.TEAM:
            return _by_name((each.team,) if each.team else () for each in cases)
        case GroupBy.TAG:
            return _by_name(each.tags for each in cases)
        case GroupBy.MONTH | GroupBy.QUARTER:
            return _by_time(cases, question)


def _by_severity(cases: Sequence[Case], question: Question, scale: Scale) -> Groups:
    found: dict[str, list[int]] = {name: [] for name in scale.names}
    others: dict[str, list[int]] = {}
    for place, each in enumerate(cases):
        name = severity_of(each, question)
        if name not in found and name not in others:
            level = scale.find(name)
            name = name if level is None else level.name
        (found[name] if name in found else others.setdefault(name, [])).append(place)
    return [*found.items(), *sorted(others.items())]


def _by_name(names: Iterable[Sequence[str]]) -> Groups:
    found: dict[str, tuple[str, list[int]]] = {}
    unnamed: list[int] = []
    for place, each in enumerate(names):
        if not each:
            unnamed.append(place)
        for key, name in {name.casefold(): name for name in each}.items():
            found.setdefault(key, (name, []))[1].append(place)
    groups = [found[key] for key in sorted(found)]
    return [*groups, (NONE, unnamed)] if unnamed else groups


def _by_time(cases: Sequence[Case], question: Question) -> Groups:
    zone = zone_of(question.period)
    found: dict[str, list[int]] = {}
    unnamed: list[int] = []
    dated: list[tuple[datetime, int]] = []
    for place, each in enumerate(cases):
        at = moment_of(each, question.window)
        if at is None:
            unnamed.append(place)
        else:
            dated.append((at, place))
    for at, place in sorted(dated):
        day = to_local(at, zone).date()
        is_quarter = question.group_by is GroupBy.QUARTER
        name = quarter_name(day, question.fiscal_year_start) if is_quarter else month_name(day)
        found.setdefault(name, []).append(place)
    groups = list(found.items())
    return [*groups, (NONE, unnamed)] if unnamed else groups
