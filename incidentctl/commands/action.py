"""What the commands on action items share: which item is meant, what its fields may be, and the answer to a write."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Annotated
from urllib.parse import urlsplit

import typer
from msgspec import Struct
from msgspec.structs import replace

from incidentctl.commands.completion import complete_person
from incidentctl.commands.documents import change_of, documents_of, drills_in, finish_documents, names_of
from incidentctl.commands.help_pages import SHARED
from incidentctl.commands.options import AllowSecret, Reading
from incidentctl.context import Workspace
from incidentctl.document.action_item_edits import change_item, read_items
from incidentctl.document.action_items import ACTION_TYPES, ActionItem, Link, read_date
from incidentctl.document.section_names import OwnNames
from incidentctl.errors import (
    AmbiguousIncidentError,
    IncidentctlError,
    NoSuchIncidentError,
    UsageError,
)
from incidentctl.incident.model import DRILL
from incidentctl.incident.times import quoted, to_local
from incidentctl.incident.words import clean_line
from incidentctl.output.action_items import ListedItem, item_as_data, item_line
from incidentctl.output.failures import Described
from incidentctl.output.json_text import as_json
from incidentctl.store.postmortems import Outcome, PostmortemFile, Postmortems
from incidentctl.store.reading import Unreadable

_MOST_CANDIDATES = 10

Id = Annotated[
    str, typer.Argument(metavar="ID", help="`a:7k2ps0`, or its beginning: see them with `ictl action list`.")
]
Owners = Annotated[
    list[str] | None,
    typer.Option(
        "--owner",
        metavar="PERSON",
        help="Who does it: `@bob`, or `me`; may be repeated.",
        autocompletion=complete_person,
    ),
]
Due = Annotated[
    str | None, typer.Option("--due", metavar="DATE", help="Until when: `2026-06-01`, `+14d`, `2w`, `friday`.")
]
Type = Annotated[str | None, typer.Option("--type", metavar="TYPE", help="prevent, detect, mitigate or process.")]
LinkTo = Annotated[str | None, typer.Option("--link", metavar="URL", help="The issue that tracks it.")]


class NoSuchActionError(NoSuchIncidentError):
    """No action item has that id."""

    code = "no_such_action"


class AmbiguousActionError(AmbiguousIncidentError):
    """Several action items answer to that id."""

    code = "ambiguous_action"


class ChangingItems(Reading, frozen=True):
    """What every command takes that writes action items."""

    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the change, and write nothing.", rich_help_panel=SHARED)
    ] = False
    allow_secret: AllowSecret = False


class Items(Struct, frozen=True):
    """All action items, with the documents that cannot be read."""

    documents: Postmortems
    listed: tuple[ListedItem, ...]
    unreadable: tuple[Unreadable, ...] = ()


def today_of(workspace: Workspace) -> date:
    """Today, where the user is."""
    return to_local(workspace.now, workspace.zone).date()


def all_items(workspace: Workspace) -> Items:
    """The action items of all post-mortems, by the day on which they are due."""
    documents = documents_of(workspace)
    files, unreadable = documents.all()
    listed = [each for file in files for each in items_in(file, names_of(workspace))]
    return Items(documents, tuple(sorted(listed, key=lambda each: each.order)), tuple(unreadable))


def items_in(file: PostmortemFile, names: OwnNames) -> list[ListedItem]:
    """The action items of one document. `names` are the team's own for sections."""
    return _listed(file.text, file.incident, file.path, file.branch if file.place is None else None, names)


def _listed(text: str, incident: str, path: str, branch: str | None, names: OwnNames) -> list[ListedItem]:
    return [
        ListedItem(placed.item, incident, path, placed.place.line, branch)
        for placed in read_items(text, incident, names)
        if placed.is_task and not placed.item.is_blank
    ]


def bare_id(word: str) -> str:
    """An id as it is typed, without `a:`."""
    return word.strip().lower().removeprefix("a:")


def matching_items(items: Iterable[ListedItem], word: str) -> list[ListedItem]:
    """The items that an id means, or the beginning of one."""
    wanted = bare_id(word)
    found = [each for each in items if wanted and each.item.id.startswith(wanted)]
    return [each for each in found if each.item.id == wanted] or found


def named_item(items: Items, word: str) -> ListedItem:
    """The one item that is meant. Raises with the candidates for none and for several."""
    found = matching_items(items.listed, word)
    if len(found) == 1:
        return found[0]
    shown = [
        Described(f"a:{each.item.id}", f"a:{each.item.id}  {each.path}:{each.line}  {' '.join(each.item.text.split())}")
        for each in found[:_MOST_CANDIDATES]
    ]
    if not found:
        hint = "see them: ictl action list --all"
        if items.unreadable:
            hint += f"; {items.unreadable[0].path} could not be read: {items.unreadable[0].reason}"
        raise NoSuchActionError(f"there is no action item {quoted(word)}", hint=hint)
    same = len({each.item.id for each in found}) < len(found)
    hint = "two lines have the same id: remove it from one of them in your editor" if same else "type more of its id"
    raise AmbiguousActionError(f"{quoted(word)} may mean several action items", hint=hint, candidates=shown)


# -------------------------------------------------------------------------------------------------------------- fields


class Fields(Struct, frozen=True):
    """What was said of an item's fields; what was not said is `None`."""

    owners: tuple[str, ...] | None = None
    due: date | None = None
    type: str | None = None
    link: Link | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return self == Fields()

    def put_into(self, item: ActionItem) -> ActionItem:
        """The item with them; what is not said stays."""
        due = item.due if self.due is None or self.due == item.due_on else self.due.isoformat()
        return replace(
            item,
            owners=item.owners if self.owners is None else self.owners,
            due=due,
            type=self.type or item.type,
            link=self.link or item.link,
        )


def read_fields(
    workspace: Workspace, owners: Sequence[str] | None, due: str | None, kind: str | None, link: str | None
) -> tuple[Fields, list[str]]:
    """The fields that were given, and what is doubtful in them."""
    warnings: list[str] = []
    names = [name for word in owners or () for name in word.split(",") if name.strip()]
    handles = [_owner(workspace, name, warnings) for name in names]
    if owners and not handles:
        raise UsageError("--owner is empty", hint="write a handle as @bob, or `me`")
    due_on = day_ahead(workspace, due) if due is not None else None
    if due_on is not None and due_on < today_of(workspace):
        warnings.append(f"{due_on} is past")
    fields = Fields(
        owners=tuple(f"@{handle}" for handle in dict.fromkeys(handles)) if handles else None,
        due=due_on,
        type=_type(kind) if kind is not None else None,
        link=_link(link) if link is not None else None,
    )
    return fields, warnings


def _owner(workspace: Workspace, word: str, warnings: list[str]) -> str:
    handle = workspace.person(word)
    if handle is None:
        raise UsageError(f"--owner is no handle: {quoted(word)}", hint="write it as @bob, or `me`")
    people = workspace.rules.people
    if people and handle not in people:
        close = get_close_matches(handle, people, n=1)
        meant = f": did you mean @{close[0]}?" if close else ""
        warnings.append(f"@{handle} is not in [people]{meant}; recorded as typed")
    return handle


def day_ahead(workspace: Workspace, text: str, *, option: str = "--due") -> date:
    """A day as people type it; one without a year is the next such day."""
    words = text.strip()
    day = read_date(words)
    if day is not None:
        return day
    has_clock = any(character.isdigit() for character in words)
    try:
        at = workspace.typed_time(words if has_clock else f"{words} 23:59", "next")
    except IncidentctlError:
        raise UsageError(
            f"{option} is no day: {quoted(text)}", hint="write 2026-06-01, +14d, 2w, friday or tomorrow"
        ) from None
    return to_local(at, workspace.zone).date()


def past_day(workspace: Workspace, text: str | None) -> date:
    """The day of what was done, today where none is given. What is still ahead is refused."""
    if text is None:
        return today_of(workspace)
    day = read_date(text) if len(text.strip()) == len("2026-06-01") else None
    if day is None:
        day = to_local(workspace.typed_time(text), workspace.zone).date()
    if day > today_of(workspace):
        raise UsageError(f"--at is not past: {day}", hint="write the day on which it was done")
    return day


def _type(word: str) -> str:
    kind = word.strip().lower()
    if kind in ACTION_TYPES:
        return kind
    synonyms = {"prevention": "prevent", "detection": "detect", "mitigation": "mitigate"}
    close = get_close_matches(kind, [*ACTION_TYPES, *synonyms], n=1)
    meant = f"did you mean {synonyms.get(close[0], close[0])}?" if close else f"write {', '.join(ACTION_TYPES)}"
    raise UsageError(f"--type {quoted(word)} is none of ours", hint=meant)


def _link(word: str) -> Link:
    """A link with the number of its issue as its words."""
    url = word.strip()
    if not url or any(character.isspace() or not character.isprintable() for character in url):
        raise UsageError(f"--link is no link: {quoted(word)}", hint="write a URL, or a number as #412")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UsageError(f"--link is no link: {quoted(word)}", hint="write a URL, or a number as #412") from None
    if not parts.scheme or "://" not in url:
        return Link(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UsageError(f"--link is no web address: {quoted(word)}", hint="it begins with https://")
    for character in "()<>\\":
        url = url.replace(character, f"%{ord(character):02X}")
    last = parts.path.rstrip("/").rpartition("/")[2]
    is_change = "/merge_requests/" in parts.path
    text = f"{'!' if is_change else '#'}{last}" if last.isascii() and last.isdecimal() else last or parts.netloc
    return Link(clean_line(text), url)


# --------------------------------------------------------------------------------------------------------------- write


def change_items(
    workspace: Workspace,
    options: ChangingItems,
    items: Items,
    changes: Mapping[str, Sequence[tuple[ListedItem, Callable[[ActionItem], ActionItem]]]],
    *,
    event: str,
) -> tuple[Outcome, ...]:
    """Changes items, by the path of their document: one commit on each branch."""

    def edit_of(mine: Sequence[tuple[ListedItem, Callable[[ActionItem], ActionItem]]]) -> Callable[[str], str]:
        def edit(text: str) -> str:
            for listed, change in mine:
                text = change_item(text, listed.item.id, change, incident=listed.incident, names=names_of(workspace))
            return text

        return edit

    trailers = [f"Action: a:{listed.item.id}" for mine in changes.values() for listed, _ in mine]
    edits = {path: edit_of(mine) for path, mine in changes.items()}
    return items.documents.edit(edits, event=event, trailers=trailers, dry_run=options.dry_run)


def answer(
    workspace: Workspace,
    options: ChangingItems,
    outcomes: Sequence[Outcome],
    what: str,
    *,
    ids: Iterable[str],
    unchanged: str | None = None,
    standing: Sequence[ListedItem] = (),
    warnings: Sequence[str] = (),
    lines: Sequence[str] | None = None,
) -> None:
    """Prints the answer of one write, and ends with exit code 7 where the words are saved and not committed.

    `standing` are the items where nothing was written; `lines` take the place of the line an item.
    """
    outside, today = workspace.outside, today_of(workspace)
    drills = drills_in(workspace)
    warnings = [*workspace.guard.warnings, *warnings]
    edited = [(outcome, each) for outcome in outcomes for each in outcome.files]
    wanted = set(ids)
    found = [
        each
        for outcome, file in edited
        for each in _listed(
            file.after,
            file.incident,
            file.path,
            outcome.branch if outcome.place is None else None,
            names_of(workspace),
        )
        if each.item.id in wanted
    ] or list(standing)
    about = {each.incident for each in found} or {each.incident for _, each in edited}
    options.mark_drill(bool(about) and about <= drills)
    is_changed = any(each.before != each.after for _, each in edited)
    unchanged = None if is_changed else unchanged or "nothing to change"
    diff = change_of(outcomes) if options.dry_run else None
    commits = [outcome.commit for outcome in outcomes if outcome.commit]
    if options.as_json:
        data: dict[str, object] = {
            "schema_version": 1,
            "kind": "action_write",
            "items": [item_as_data(each, today) for each in found],
            "commit": commits[0] if commits else None,
            "commits": commits,
            "committed": bool(commits),
            "unchanged": unchanged,
            "warnings": list(warnings),
        }
        outside.say(as_json(data if diff is None else data | {"dry_run": True, "diff": diff}))
    else:
        for warning in warnings:
            outside.talk(f"warning: {warning}")
        _say(workspace, found, what, unchanged, diff, lines, drills)
    for note in dict.fromkeys(note for outcome in outcomes for note in outcome.notes):
        outside.talk(note)
    if not options.dry_run:
        for outcome in outcomes:
            if outcome.commit and outcome.place is None:
                outside.talk(f"committed on {outcome.branch}, which is not checked out; the work tree was not touched")
        finish_documents(workspace, options, outcomes)


def _say(
    workspace: Workspace,
    found: Sequence[ListedItem],
    what: str,
    unchanged: str | None,
    diff: list[str] | None,
    lines: Sequence[str] | None,
    drills: frozenset[str],
) -> None:
    outside = workspace.outside
    if diff is not None:
        for line in diff if unchanged is None else [f"nothing would change: {unchanged}"]:
            outside.say(line)
    elif unchanged is not None:
        outside.say(unchanged)
    else:
        for line in (
            lines
            if lines is not None
            else [
                (DRILL if each.incident in drills else "") + item_line(each, what, today_of(workspace))
                for each in found
            ]
        ):
            outside.say(line)
