"""`action done`, `action drop` and `action set`: what became of an item, and what is said of it."""

from typing import Annotated

import typer
from msgspec.structs import replace

from incidentctl.commands.action import (
    ChangingItems,
    Due,
    Id,
    LinkTo,
    Owners,
    Type,
    all_items,
    answer,
    change_items,
    named_item,
    past_day,
    read_fields,
    today_of,
)
from incidentctl.commands.options import takes
from incidentctl.commands.words import text_of
from incidentctl.document.action_items import ActionItem
from incidentctl.errors import RefusedError, UsageError
from incidentctl.incident.words import clean_line

EXAMPLES = {
    "done": """
ictl action done a:7k2ps0
ictl action done 7k2 --at yesterday --evidence https://github.com/example/ops/pull/430
""",
    "drop": """
ictl action drop a:0q8fh2 --reason "covered by #430"
""",
    "set": """
ictl action set a:7k2ps0 --owner @bob --due 2026-06-15
""",
}


@takes(ChangingItems)
def done(
    item: Id,
    at: Annotated[
        str | None, typer.Option("--at", metavar="DATE", help="When it was done, if not today: `2026-05-19`, `-3d`.")
    ] = None,
    evidence: Annotated[
        str | None, typer.Option("--evidence", metavar="LINK", help="What shows it: a link, or a commit.")
    ] = None,
    *,
    options: ChangingItems,
) -> None:
    """Say that an action item is done: its box is ticked, and the day noted."""
    with options.workspace() as workspace:
        items = all_items(workspace)
        listed = named_item(items, item)
        on = past_day(workspace, at)
        words = f"{on} {clean_line(evidence or '')}".strip()
        was = listed.item
        if was.is_dropped:
            raise RefusedError(
                f"a:{was.id} was dropped{f' on {was.dropped_on}' if was.dropped_on else ''}",
                hint="if it was done all the same, add a new one with `ictl action add`",
            )

        def finish(current: ActionItem) -> ActionItem:
            return current if current.done or current.is_dropped else replace(current, ticked=True, done=words)

        outcomes = change_items(workspace, options, items, {listed.path: [(listed, finish)]}, event="action done")
        since = f" since {was.done_on}" if was.done_on else ""
        already = f"a:{was.id} is done already{since}: {' '.join(was.text.split())}"
        what = f"done {on}"
        answer(workspace, options, outcomes, what, ids=[was.id], unchanged=already, standing=[listed])


@takes(ChangingItems)
def drop(
    item: Id,
    text: Annotated[list[str] | None, typer.Argument(metavar="[TEXT]...", help="Why; the same as --reason.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why nobody will do it.")] = None,
    *,
    options: ChangingItems,
) -> None:
    """Say that an action item will not be done, and why. It stays in the document, struck through."""
    with options.workspace() as workspace:
        items = all_items(workspace)
        listed = named_item(items, item)
        was = listed.item
        if was.is_done:
            raise RefusedError(
                f"a:{was.id} is done already{f' since {was.done_on}' if was.done_on else ''}",
                hint="there is nothing to drop",
            )
        why = clean_line(text_of(workspace, text or [], reason, asks="why will nobody do it"))
        words = f"{today_of(workspace)} {why}"

        def give_up(current: ActionItem) -> ActionItem:
            if current.dropped or current.is_done:
                return current
            return replace(current, ticked=True, struck=True, dropped=words)

        outcomes = change_items(workspace, options, items, {listed.path: [(listed, give_up)]}, event="action drop")
        since = f" since {was.dropped_on}" if was.dropped_on else ""
        already = f"a:{was.id} is dropped already{since}: {was.reason}"
        answer(workspace, options, outcomes, "dropped", ids=[was.id], unchanged=already, standing=[listed])


@takes(ChangingItems)
def change(
    item: Id,
    owner: Owners = None,
    due: Due = None,
    type: Type = None,  # noqa: A002  # the name of the option
    link: LinkTo = None,
    *,
    options: ChangingItems,
) -> None:
    """Change who does an action item, until when, what it is for, or where it is tracked."""
    with options.workspace() as workspace:
        fields, warnings = read_fields(workspace, owner, due, type, link)
        if fields.is_empty:
            raise UsageError("there is nothing to set", hint="name --owner, --due, --type or --link")
        items = all_items(workspace)
        listed = named_item(items, item)
        if not listed.item.is_open:
            state = "dropped" if listed.item.is_dropped else "done"
            warnings = [*warnings, f"a:{listed.item.id} is {state} already"]
        changes = {listed.path: [(listed, fields.put_into)]}
        outcomes = change_items(workspace, options, items, changes, event="action set")
        already = f"a:{listed.item.id} says that already"
        ids = [listed.item.id]
        answer(workspace, options, outcomes, "set", ids=ids, unchanged=already, standing=[listed], warnings=warnings)
