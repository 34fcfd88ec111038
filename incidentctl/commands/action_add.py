"""`action add`: what is to be done so that it does not happen again."""

from typing import Annotated

import typer

from incidentctl.commands.action import (
    ChangingItems,
    Due,
    Items,
    LinkTo,
    Owners,
    Type,
    answer,
    read_fields,
)
from incidentctl.commands.completion import complete_incident, complete_text
from incidentctl.commands.documents import documents_of, names_of
from incidentctl.commands.help_pages import WHICH
from incidentctl.commands.naming import incident_to_write, split_name
from incidentctl.commands.options import takes
from incidentctl.commands.words import text_of
from incidentctl.context import Workspace
from incidentctl.document.action_item_edits import add_item, read_items
from incidentctl.document.action_items import ActionItem, new_item_id
from incidentctl.errors import NoSuchIncidentError, UsageError
from incidentctl.incident.ids import is_incident_id
from incidentctl.store.postmortems import PostmortemFile

EXAMPLES = """
ictl action add "Add a canary stage to the config pipeline" --owner @bob --due 2026-06-01 --type prevent
ictl action add Alert on pool saturation --owner me --due +14d --link https://github.com/example/ops/issues/412
"""


@takes(ChangingItems)
def command(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INCIDENT] [TEXT]...",
            help="What is to be done; quotes are not needed. A full id as the first word names the incident.",
            autocompletion=complete_text,
        ),
    ] = None,
    owner: Owners = None,
    due: Due = None,
    type: Type = None,  # noqa: A002  # the name of the option
    link: LinkTo = None,
    incident: Annotated[
        str | None,
        typer.Option(
            "-i",
            "--incident",
            metavar="INCIDENT",
            help="An id, or a part of one; else the current incident.",
            rich_help_panel=WHICH,
            autocompletion=complete_incident,
        ),
    ] = None,
    message: Annotated[
        str | None,
        typer.Option(
            "-m", "--message", metavar="TEXT", help="The text; `-` reads standard input.", rich_help_panel=WHICH
        ),
    ] = None,
    *,
    options: ChangingItems,
) -> None:
    """Write an action item into the post-mortem, at the end of its section."""
    with options.workspace() as workspace:
        name, words = split_name(text)
        if name and incident is not None and name != incident:
            raise UsageError("two incidents are named", hint=f"keep one of -i {incident} and {name}")
        fields, warnings = read_fields(workspace, owner, due, type, link)
        items = Items(documents_of(workspace), ())
        file = _document(workspace, items, name if incident is None else incident)
        said = text_of(workspace, words, message, asks="what is to be done")
        names = names_of(workspace)
        taken = {placed.item.id for placed in read_items(file.text, file.incident, names)}
        chance = workspace.outside.chance()
        item = fields.put_into(ActionItem(said, id=new_item_id(file.incident, said, chance=chance, taken=taken)))
        missing = [word for word, value in (("owner", item.owners), ("due date", item.due)) if not value]
        if missing:
            warnings = [*warnings, f"no {' and no '.join(missing)} yet: `ictl action set a:{item.id}`"]

        def with_item(text: str) -> str:
            # It is there where an earlier try wrote the file and somebody has saved it since.
            if any(placed.item.id == item.id for placed in read_items(text, file.incident, names)):
                return text
            return add_item(text, item, incident=file.incident, names=names)

        outcomes = items.documents.edit(
            {file.path: with_item},
            event="action add",
            trailers=[f"Action: a:{item.id}"],
            dry_run=options.dry_run,
        )
        answer(workspace, options, outcomes, "added", ids=[item.id], warnings=warnings)


def _document(workspace: Workspace, items: Items, name: str | None) -> PostmortemFile:
    """The post-mortem of the incident that is meant."""
    file = items.documents.find(name) if name is not None and is_incident_id(name) else None
    if file is None:
        incident = incident_to_write(workspace, name, after_the_fact=True)
        file = items.documents.find(incident)
        if file is None:
            raise NoSuchIncidentError(
                f"there is no post-mortem of {incident}", hint=f"begin it with `ictl postmortem new {incident}`"
            )
    return file
