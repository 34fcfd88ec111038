"""`statuspage build`: the public page, its feed and its files for programs, into a folder that any static host can serve."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from incidentctl.commands.options import Reading, takes
from incidentctl.commands.public_names import public_names, public_services
from incidentctl.commands.selection import is_open, say_unreadable, unreadable_as_data
from incidentctl.config.settings import StatusPageSettings
from incidentctl.context import Workspace
from incidentctl.errors import ExitCode, NoSuchIncidentError, UsageError
from incidentctl.incident.model import Incident
from incidentctl.incident.public import PublicIncident, PublicPage
from incidentctl.incident.publication import (
    has_public_words,
    is_for_the_inside,
    public_incident,
    public_page,
)
from incidentctl.incident.times import format_instant, parse_instant, resolve_zone
from incidentctl.output.json_text import as_json
from incidentctl.output.statuspage.site import is_ours, page_as_files
from incidentctl.store.git import expand_home
from incidentctl.store.reading import Row, Unreadable, incidents_folder, postmortems_folder
from incidentctl.store.static_site import Placed, place_site

EXAMPLES = """
ictl statuspage build --out public
ictl statuspage build --out ~/status-page --json
"""


class _Gathered(Struct, frozen=True):
    """The incidents that the public is told of, and the ids of those that it is not, though something is to be said of it."""

    public: tuple[PublicIncident, ...]
    silent: tuple[str, ...]
    kept_back: tuple[str, ...]


@takes(Reading, without=("tz",))
def command(
    *,
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="DIR", help="The folder; it is made where it is not there.")
    ],
    options: Reading,
) -> None:
    """Make the public status page: a web page, an Atom feed, and JSON in the shape that readers of Atlassian Statuspage know.

    What was marked public is on it, and nothing else: the words of `update --public`, `public_title`, the services of [status_page], and
    the state. An incident without public words, a drill, and one with a private tag never appear. What else is in DIR is left alone.
    """
    if not out.strip():
        raise UsageError("--out is empty", hint="name a folder for the page: --out public")
    with options.workspace() as workspace:
        rows, unreadable = workspace.reader.rows()
        settings = workspace.settings.status_page
        gathered = _gather(workspace, settings, rows)
        page = _page(workspace, settings, gathered.public)
        placed = _place(workspace, out, page)
        if options.as_json:
            options.outside.say(as_json(_as_data(page, placed, gathered, unreadable)))
        else:
            _say(workspace, out, page, placed, gathered)
        if say_unreadable(workspace, unreadable):
            raise typer.Exit(int(ExitCode.FOUND))


def _gather(workspace: Workspace, settings: StatusPageSettings, rows: list[Row]) -> _Gathered:
    """Reads what may be on the page: what is open, and what is not over for long."""
    names = public_names(workspace.settings)
    public: list[PublicIncident] = []
    silent: list[str] = []
    kept_back: list[str] = []
    for row, incident in _read(workspace, settings, rows):
        told = public_incident(incident, services=names, inside_tags=settings.private_tags)
        if told is not None:
            public.append(told)
        elif has_public_words(incident):
            kept_back.append(row.id)
        elif is_open(row) and not is_for_the_inside(incident, settings.private_tags):
            silent.append(row.id)
    return _Gathered(tuple(public), tuple(silent), tuple(kept_back))


def _read(workspace: Workspace, settings: StatusPageSettings, rows: list[Row]) -> Iterator[tuple[Row, Incident]]:
    beginning = workspace.now.timestamp() - (settings.days + 1) * 86400
    for row in rows:
        last = parse_instant(row.last_at) if row.last_at else None
        if not is_open(row) and last is not None and last.timestamp() < beginning:
            continue
        try:
            yield row, workspace.reader.read(row.id).incident
        except NoSuchIncidentError:  # it was there a moment ago
            continue


def _page(workspace: Workspace, settings: StatusPageSettings, public: tuple[PublicIncident, ...]) -> PublicPage:
    return public_page(
        public,
        title=settings.title or StatusPageSettings().title,
        url=settings.url,
        subscribe_url=settings.subscribe,
        zone=resolve_zone(settings.zone),
        days=settings.days,
        services=public_services(settings),
        now=workspace.now,
    )


def _place(workspace: Workspace, out: str, page: PublicPage) -> Placed:
    outside = workspace.outside
    return place_site(
        os.path.normpath(Path(outside.cwd, expand_home(out, outside.environ))),
        {name: text.encode("utf-8", "replace") for name, text in page_as_files(page).items()},
        repository=workspace.repository,
        record_folders=(incidents_folder(workspace.settings), postmortems_folder(workspace.settings)),
        home=outside.environ.get("HOME"),
        is_ours=is_ours,
    )


def _say(workspace: Workspace, out: str, page: PublicPage, placed: Placed, gathered: _Gathered) -> None:
    outside = workspace.outside
    counts = f"{len(page.open)} open, {len(page.past)} of the last {page.days} days"
    done = f"written: {len(placed.written)} of {len(placed.written) + len(placed.unchanged)} files"
    outside.say(f"{out}: {counts} · {done if placed.written else 'nothing changed'}")
    for each in gathered.silent:
        outside.talk(f"not on the page: {each} is open and has no public words yet: ictl update {each} --public TEXT")
    for each in gathered.kept_back:
        outside.talk(f"not on the page: {each} has public words, and is a drill or has a private tag")
    if page.left_out:
        outside.talk(
            f"not on the page: {page.left_out} more of the last {page.days} days; the latest {len(page.past)} are"
        )


def _as_data(page: PublicPage, placed: Placed, gathered: _Gathered, unreadable: list[Unreadable]) -> dict[str, object]:
    return {
        "schema_version": 1,
        "kind": "status_page",
        "folder": placed.folder,
        "written": list(placed.written),
        "unchanged": list(placed.unchanged),
        "updated_at": format_instant(page.updated_at),
        "health": page.health.value,
        "open": [each.id for each in page.open],
        "past": [each.id for each in page.past],
        "without_public_words": list(gathered.silent),
        "kept_back": list(gathered.kept_back),
        "unreadable": unreadable_as_data(unreadable),
    }
