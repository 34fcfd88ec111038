"""`action list`: what is still to be done, over all post-mortems."""

from typing import Annotated

import typer

from incidentctl.commands.action import all_items, day_ahead, today_of
from incidentctl.commands.completion import complete_incident, complete_person
from incidentctl.commands.documents import drills_in
from incidentctl.commands.options import Reading, takes
from incidentctl.commands.selection import say_unreadable, unreadable_as_data
from incidentctl.context import Workspace
from incidentctl.errors import ExitCode, NoSuchIncidentError
from incidentctl.incident.times import quoted
from incidentctl.output.action_items import ListedItem, item_as_data, items_as_lines
from incidentctl.output.json_text import as_json

EXAMPLES = """
ictl action list --overdue
ictl action list --owner @bob --due-before 2026-07-01
ictl action list --all --json
"""


@takes(Reading)
def command(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that are open and past their day.")] = False,
    everything: Annotated[
        bool, typer.Option("--all/--open", help="Those that are done or dropped as well; else only the open ones.")
    ] = False,
    owner: Annotated[
        list[str] | None,
        typer.Option(
            "--owner",
            metavar="PERSON",
            help="Those of a person: `@bob`, `me`, or `none` for those of nobody; may be repeated.",
            autocompletion=complete_person,
        ),
    ] = None,
    incident: Annotated[
        str | None,
        typer.Option(
            "-i",
            "--incident",
            metavar="INCIDENT",
            help="Those of one post-mortem: an id, or a part of one.",
            autocompletion=complete_incident,
        ),
    ] = None,
    due_before: Annotated[
        str | None, typer.Option("--due-before", metavar="DATE", help="Due before that day: `2026-07-01`, `7d`.")
    ] = None,
    *,
    options: Reading,
) -> None:
    """List the open action items of all post-mortems, those that are due first before the others.

    Files that cannot be read are named beside them, with exit code 1.
    """
    with options.workspace() as workspace:
        items = all_items(workspace)
        today = today_of(workspace)
        found = [each for each in items.listed if (everything and not overdue) or each.item.is_open]
        if overdue:
            found = [each for each in found if each.is_overdue(today)]
        if owner:
            wanted = [_wanted(workspace, word) for word in owner]
            found = [each for each in found if any(_is_of(each, name) for name in wanted)]
        if incident is not None:
            names = _incidents(items.listed, incident)
            found = [each for each in found if each.incident in names]
        if due_before is not None:
            last = day_ahead(workspace, due_before, option="--due-before")
            found = [each for each in found if each.item.due_on is not None and each.item.due_on < last]
        if options.as_json:
            options.outside.say(
                as_json(
                    {
                        "schema_version": 1,
                        "kind": "action_items",
                        "items": [item_as_data(each, today) for each in found],
                        "unreadable": unreadable_as_data(items.unreadable),
                    }
                )
            )
        else:
            for line in items_as_lines(found, today=today, width=options.outside.width, drills=drills_in(workspace)):
                options.outside.say(line)
            if not found:
                options.outside.talk(_none(items.listed, is_overdue=overdue))
        if say_unreadable(workspace, items.unreadable):
            raise typer.Exit(int(ExitCode.FOUND))


def _none(listed: tuple[ListedItem, ...], *, is_overdue: bool) -> str:
    if not listed:
        return 'no action item yet: ictl action add "What is to be done" --owner @bob --due +14d'
    return "no action item is overdue" if is_overdue else "no action item matches"


def _wanted(workspace: Workspace, word: str) -> str | None:
    if word.strip().lower() in ("none", "nobody"):
        return None
    return (workspace.person(word) or word.strip()).casefold()


def _is_of(listed: ListedItem, name: str | None) -> bool:
    if name is None:
        return not listed.item.owners
    return any(owner.removeprefix("@").casefold() == name for owner in listed.item.owners)


def _incidents(listed: tuple[ListedItem, ...], word: str) -> set[str]:
    wanted = word.strip().removesuffix(".md").rpartition("/")[2]
    names = {each.incident for each in listed}
    found = {wanted} & names or {name for name in names if wanted and wanted.lower() in name}
    if not found:
        raise NoSuchIncidentError(
            f"no post-mortem with action items is called {quoted(word)}", hint="see them: ictl action list --all"
        )
    return found
