"""`watch`: what is open, live, on a whole screen."""

import io
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from msgspec import Struct
from msgspec.structs import replace

from incidentctl.commands.options import takes
from incidentctl.commands.overview import Choosing, Gathered, gather
from incidentctl.context import open_workspace
from incidentctl.errors import IncidentctlError, UsageError
from incidentctl.incident.clocks import judge
from incidentctl.incident.policy import Scale
from incidentctl.output.failures import failure_as_text
from incidentctl.output.listing import Told
from incidentctl.output.overview import OpenIncident, Overview
from incidentctl.output.wall import View, ids, ran_out, wall

if TYPE_CHECKING:
    from incidentctl.commands.screen import Screen
    from incidentctl.store.background import Background

LOOKS_EVERY_S = 1.0
"""How often the record is read again; where that takes long, ten times as long as it takes."""
FETCHES_EVERY_S = 15.0
FETCH_TIMEOUT_S = 20.0
_TICK_S = 0.25
_AS_OF = ("as of ", "not fetched")

EXAMPLES = """
ictl watch
ictl watch --severity 1-2
ictl watch --tz Europe/Berlin
"""


@takes(Choosing, without=("output", "json"))
def command(*, options: Choosing) -> None:
    """Show what is open on the whole screen, live: the clocks, the last entries, and a bell when a clock runs out.

    It looks at the record every second, and asks the others for what is new now and then. Keys: `q` ends it, the arrows show another
    incident large, `r` looks at once, `m` silences the bell. Without a terminal there is `ictl status`.
    """
    outside = options.outside
    from incidentctl.commands.screen import Screen, can_be_filled  # a terminal's own modules, loaded only here
    from incidentctl.store.background import Background

    if not can_be_filled(outside):
        raise UsageError("watch needs a terminal to fill", hint="`ictl status` prints the same once")
    seen = _look(options, None)
    background = Background(outside.environ, outside.cwd, timeout=FETCH_TIMEOUT_S)
    try:
        with Screen(outside) as screen:
            _watch(options, screen, background, seen)
            ended_by = screen.ended_by
    finally:
        background.end()
    if ended_by is not None:
        raise typer.Exit(128 + ended_by)


class _Seen(Struct, frozen=True):
    """What was read of the record, and what it takes to show it."""

    gathered: Gathered
    told: Told
    place: str
    repository: str
    has_remote: bool
    grave: frozenset[str]
    came: dict[tuple[str, str], datetime] = {}
    took: float = 0.0


def _look(options: Choosing, before: _Seen | None) -> _Seen:
    """Reads the record as it stands, and writes nothing. What is said beside stays unsaid: it would tear the screen."""
    began = time.monotonic()
    outside = options.outside
    quiet = replace(outside, stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO())
    with open_workspace(quiet, options.repository, zone=options.tz) as workspace:
        gathered = gather(workspace, options)
        told = Told(workspace.now, workspace.zone, is_local=options.tz is not None)
        entries = {(each.incident.id, entry.id) for each in gathered.open for entry in each.incident.entries}
        known = (
            before.came if before is not None else dict.fromkeys(entries, datetime.min.replace(tzinfo=told.now.tzinfo))
        )
        place = workspace.repository.called_in or workspace.repository.work_tree or workspace.repository.common_dir
        return _Seen(
            gathered,
            told,
            Path(place).name,
            place,
            workspace.repository.has_remote,
            _grave(workspace.settings.scale),
            {entry: known.get(entry, told.now) for entry in entries},
            time.monotonic() - began,
        )


def _grave(scale: Scale) -> frozenset[str]:
    return frozenset(scale.names[:1])


def _watch(options: Choosing, screen: "Screen", background: "Background", seen: _Seen) -> None:
    chosen: str | None = None
    notice: str | None = None
    as_of: str | None = None
    is_muted = False
    rung = ran_out(at_time(seen.gathered, seen.told.now))
    next_look = time.monotonic() + LOOKS_EVERY_S
    next_fetch = 0.0
    while screen.ended_by is None:
        if time.monotonic() >= next_look:
            try:
                seen, notice = _look(options, seen), None
            except IncidentctlError as error:
                notice = failure_as_text(error)
            next_look = time.monotonic() + max(LOOKS_EVERY_S, 10 * seen.took)
        if seen.has_remote and not background.runs and time.monotonic() >= next_fetch:
            background.start(("-C", seen.repository, "status", "--json"))
            next_fetch = time.monotonic() + FETCHES_EVERY_S
        said = background.poll()
        if said is not None:
            as_of = as_of_in(said.splitlines())
            next_look = 0.0
        now = options.outside.now()
        overview = at_time(seen.gathered, now, as_of=as_of)
        late = ran_out(overview)
        width, height = screen.size
        view = View(overview, seen.told._replace(now=now), seen.place, chosen, seen.came, seen.grave, notice, is_muted)
        screen.draw(wall(view, width=width, height=height), rings=bool(late - rung) and not is_muted)
        rung |= late
        key = screen.wait(_TICK_S)
        if key == "q":
            return
        if key in ("up", "down"):
            chosen = next_of(ids(overview), chosen, 1 if key == "down" else -1)
        elif key == "m":
            is_muted = not is_muted
        elif key == "r":
            next_look = next_fetch = 0.0


def next_of(names: list[str], chosen: str | None, step: int) -> str | None:
    """The incident that comes next in the list, round and round."""
    if not names:
        return None
    at = names.index(chosen) if chosen in names else 0
    return names[(at + step) % len(names)]


def as_of_in(lines: Iterable[str]) -> str | None:
    """What a run beside said of how old the record is."""
    return next((line for line in lines if line.startswith(_AS_OF)), None)


def at_time(overview: Overview, now: datetime, *, as_of: str | None = None) -> Overview:
    """The same at a later time: clocks that ran out since the record was read have run out."""

    def later(each: OpenIncident) -> OpenIncident:
        clocks = tuple(
            clock._replace(state=judge(None, clock.due_at, None, now)) if clock.state.runs else clock
            for clock in each.clocks
        )
        return replace(each, clocks=clocks)

    return replace(overview, open=tuple(later(each) for each in overview.open), as_of=as_of)
