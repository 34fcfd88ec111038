"""`action sync`: what commits and linked issues say is done, written into the post-mortems."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct
from msgspec.structs import replace

from incidentctl.commands.action import (
    ChangingItems,
    Items,
    all_items,
    answer,
    change_items,
    matching_items,
    today_of,
)
from incidentctl.commands.documents import drills_in
from incidentctl.commands.options import takes
from incidentctl.context import Workspace
from incidentctl.document.action_items import ActionItem
from incidentctl.incident.model import DRILL
from incidentctl.output.action_items import ListedItem
from incidentctl.store.trackers import Closing, TrackerState, ask_trackers, closings_here, closings_in

EXAMPLES = """
ictl action sync
ictl action sync --from-repo ~/src/checkout --from-repo ~/src/infra
git commit -m "Add a canary stage" --trailer "Closes-Action: a:7k2ps0"
"""


class _Finished(Struct, frozen=True):
    """An item that is done, as something says it."""

    listed: ListedItem
    on: date
    evidence: str

    @property
    def words(self) -> str:
        return f"{self.on} {self.evidence}".strip()


@takes(ChangingItems)
def command(
    from_repo: Annotated[
        list[str] | None,
        typer.Option(
            "--from-repo", metavar="PATH", help="Read the commits of this repository as well; may be repeated."
        ),
    ] = None,
    *,
    options: ChangingItems,
) -> None:
    """Close the action items that are done elsewhere: by a commit that says so, or by a linked issue that is closed.

    A commit says it with a trailer `Closes-Action: a:7k2ps0`. Issues and changes at GitHub and GitLab are asked where `gh`
    or `glab` is installed; one that was closed as not planned is named, and its item stays open.
    """
    with options.workspace() as workspace:
        items = all_items(workspace)
        notes: list[str] = []
        finished = _by_commits(items, _closings(workspace, from_repo or []), notes)
        rest = [each for each in items.listed if each.item.is_open and each.item.id not in finished]
        _by_trackers(workspace, rest, finished, notes)
        notes += [f"{each.path} could not be read: {each.reason}" for each in items.unreadable]
        changes: dict[str, list[tuple[ListedItem, Callable[[ActionItem], ActionItem]]]] = {}
        for each in finished.values():
            changes.setdefault(each.listed.path, []).append((each.listed, _finish(each.words)))
        event = "action done" if len(finished) == 1 else f"{len(finished)} actions done"
        outcomes = change_items(workspace, options, items, changes, event=event) if changes else ()
        drills = drills_in(workspace)
        lines = [
            (DRILL if each.listed.incident in drills else "")
            + f"a:{each.listed.item.id} {each.listed.incident} done {each.words}: {' '.join(each.listed.item.text.split())}"
            for each in finished.values()
        ]
        nothing = "nothing to close"
        answer(workspace, options, outcomes, "done", ids=finished, unchanged=nothing, warnings=notes, lines=lines)


def _finish(words: str) -> Callable[[ActionItem], ActionItem]:
    return lambda item: replace(item, ticked=True, done=words) if item.is_open else item


def _closings(workspace: Workspace, others: list[str]) -> list[Closing]:
    closings = closings_here(workspace.repository)
    for name in others:
        path = str(Path(workspace.outside.cwd, Path(name).expanduser()))
        closings += closings_in(path, environ=workspace.outside.environ)
    return closings


def _by_commits(items: Items, closings: list[Closing], notes: list[str]) -> dict[str, _Finished]:
    """What commits close; the first of them counts. What they name and nothing fits is said."""
    finished: dict[str, _Finished] = {}
    for closing in closings:
        found = matching_items(items.listed, closing.action)
        if len(found) != 1:
            what = "which no action item is called" if not found else f"which may mean {len(found)} action items"
            note = f"{closing.evidence} closes a:{closing.action}, {what}"
            if note not in notes:
                notes.append(note)
            continue
        (listed,) = found
        if listed.item.is_open and listed.item.id not in finished:
            finished[listed.item.id] = _Finished(listed, closing.on, closing.evidence)
    return finished


def _by_trackers(
    workspace: Workspace, open_items: list[ListedItem], finished: dict[str, _Finished], notes: list[str]
) -> None:
    urls = {each.item.id: each.item.link.url for each in open_items if each.item.link and each.item.link.url}
    environ = workspace.outside.environ
    answers = ask_trackers(urls.values(), git=workspace.repository.git, environ=environ)
    notes += answers.problems
    for each in open_items:
        tracked = answers.states.get(urls.get(each.item.id, ""))
        if tracked is None or len(matching_items(open_items, each.item.id)) != 1:
            continue
        if tracked.state is TrackerState.DONE:
            finished[each.item.id] = _Finished(each, tracked.on or today_of(workspace), "")
        elif tracked.state is TrackerState.NOT_PLANNED:
            notes.append(
                f"a:{each.item.id} stays open: {urls[each.item.id]} was closed and not done;"
                f" if so, `ictl action drop a:{each.item.id} --reason WHY`"
            )
