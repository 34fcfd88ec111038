"""What moved a figure, in words and for programs, with the commit that did it. Prints nothing."""

from collections.abc import Iterator

from incidentctl.output.reports.explanation import figure_as_data, way_to
from incidentctl.output.reports.sentences import counted, duration_words, percent
from incidentctl.stats.difference import Difference, Moved, MovedFigure
from incidentctl.stats.report import Comparison, Excluded, JudgedItem, Value


def difference_as_lines(difference: Difference) -> Iterator[str]:
    """What moved, figure by figure."""
    yield f"{difference.before} → {difference.after}"
    yield ""
    for figure in difference.figures:
        yield from _figure_lines(figure, difference)
        yield ""
    if not difference.between_periods:
        for what, ids in (("more", difference.appeared), ("no longer", difference.gone)):
            if ids:
                yield f"{counted(len(ids), 'incident')} {what}: {', '.join(ids)}"
    before, after = difference.items_before, difference.items_after
    yield (
        f"action items: {percent(before.rate)} ({before.in_time} of {before.due} due)"
        f" → {percent(after.rate)} ({after.in_time} of {after.due} due)"
    )
    for item in difference.items:
        yield f"    {item.incident} a:{item.id} {item.text}: {_outcome(item.before)} → {_outcome(item.after)}"
        yield from (f"        {words}" for words in _item_ways(item.after))


def _outcome(judged: JudgedItem | None) -> str:
    return "not there" if judged is None else judged.outcome.value.replace("_", " ")


def _item_ways(judged: JudgedItem | None) -> Iterator[str]:
    """Where it stands that an item was done, dropped or put off."""
    if judged is None:
        return
    item = judged.item
    for what, source in (("done", item.done), ("dropped", item.dropped)):
        if source is not None:
            yield f"{what}: {way_to(source)}"
    for move in item.moves:
        yield f"due {move.before or 'none'} → {move.after or 'none'}: {way_to(move.source)}"


def _figure_lines(figure: MovedFigure, difference: Difference) -> Iterator[str]:
    before, after = figure.before, figure.after
    name = before.title
    yield (
        f"{name}: median {duration_words(before.median)} (n {before.n})"
        f" → {duration_words(after.median)} (n {after.n})" + ("" if figure.moved else ", nothing moved")
    )
    if figure.comparison is not None:
        yield f"    {_comparison_words(figure.comparison, before.n, after.n)}"
    for moved in figure.moved:
        yield f"    {moved.id}: {_entry_words(moved.before)} → {_entry_words(moved.after)}{_change_words(moved)}"
        if moved.commits:
            yield f"        by {', '.join(f'commit {commit[:12]}' for commit in moved.commits)}"
        elif not difference.between_periods:
            yield "        by no commit: time has passed"


def _change_words(moved: Moved) -> str:
    if moved.change is None:
        return ""
    return f" ({'+' if moved.change > 0 else '-'}{duration_words(abs(moved.change))})"


def _comparison_words(comparison: Comparison, before: int, after: int) -> str:
    if comparison.is_distinguishable and comparison.ci95 is not None and comparison.difference is not None:
        low, high = comparison.ci95
        sign = "+" if comparison.difference > 0 else "-"
        return (
            f"distinguishable: {sign}{duration_words(abs(comparison.difference))}, "
            f"95 % interval {duration_words(low)} to {duration_words(high)}"
        )
    could = comparison.could_have_shown
    size = f"; a change of less than {duration_words(could)} could not have been shown" if could is not None else ""
    return f"not distinguishable ({after} against {before} incidents){size}"


def _entry_words(entry: Value | Excluded | None) -> str:
    if entry is None:
        return "not counted"
    if isinstance(entry, Value):
        return duration_words(entry.seconds)
    return f"{entry.state.value.replace('_', ' ')} ({entry.reason})"


# ---------------------------------------------------------------------------------------------------------------- data


def difference_as_data(difference: Difference) -> dict[str, object]:
    """What moved, for a program."""
    return {
        "schema_version": 1,
        "kind": "stats_diff",
        "before": difference.before,
        "after": difference.after,
        "between_periods": difference.between_periods,
        "metrics": {
            figure.before.name: {
                "before": figure_as_data(figure.before),
                "after": figure_as_data(figure.after),
                "comparison": None if figure.comparison is None else _comparison_as_data(figure.comparison),
                "moved": [_moved_as_data(moved) for moved in figure.moved],
            }
            for figure in difference.figures
        },
        "appeared": list(difference.appeared),
        "gone": list(difference.gone),
        "action_items": {
            "before": difference.items_before.rate,
            "after": difference.items_after.rate,
            "moved": [
                {
                    "incident": item.incident,
                    "id": item.id,
                    "text": item.text,
                    "before": None if item.before is None else item.before.outcome.value,
                    "after": None if item.after is None else item.after.outcome.value,
                }
                for item in difference.items
            ],
        },
    }


def _comparison_as_data(comparison: Comparison) -> dict[str, object]:
    return {
        "difference": comparison.difference,
        "ci95": None if comparison.ci95 is None else list(comparison.ci95),
        "distinguishable": comparison.is_distinguishable,
        "could_have_shown": comparison.could_have_shown,
    }


def _moved_as_data(moved: Moved) -> dict[str, object]:
    return {
        "id": moved.id,
        "before": _entry_as_data(moved.before),
        "after": _entry_as_data(moved.after),
        "change": moved.change,
        "commits": list(moved.commits),
    }


def _entry_as_data(entry: Value | Excluded | None) -> dict[str, object] | None:
    if entry is None:
        return None
    if isinstance(entry, Value):
        return {"seconds": entry.seconds, "state": "recorded", "reason": None}
    return {"seconds": None, "state": entry.state.value, "reason": entry.reason}
