"""`demo`: a whole incident, told by the real commands in a temporary folder. Touches nothing of the user's."""

import io
import shlex
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from incidentctl.context import Outside
from incidentctl.errors import IncidentctlError, UsageError
from incidentctl.store.git import expand_home
from incidentctl.store.history import log_lines

EXAMPLES = """
ictl demo
ictl demo --keep ~/demo      to look at the file and the commits afterwards
"""

_BEGINS = datetime(2026, 5, 14, 10, 6, tzinfo=UTC)
_STORY: tuple[tuple[float, str, str], ...] = (
    (0, "An alert fired four minutes ago. In doubt about the severity, give both: the higher one counts.",
     'open "Checkout latency" -s 1-2 --service checkout --detected-at -4m'),
    (1, "Somebody has to coordinate. `me` is whoever git says you are.", "assign ic me"),
    (6, "What is seen goes on the record with its time.", 'note "pool exhausted on db-3"'),
    (12, "The public and management are to be told within a quarter of an hour: a word stops the clock.",
     "note --done status_page https://status.example.org/1"),
    (13, "", 'note --done management "told the director"'),
    (24, "Every half hour the others want to know. What you do not say again carries over.",
     'update "failing over to db-4" --status identified --impact "12 % of checkouts fail"'),
    (42, "Users are well again. That is the time that counts most.", 'mitigate "failed over to db-4"'),
    (50, "A word too much? It stays in the file, marked as withdrawn.", 'note "it was the network"'),
    (51, "", "undo"),
    (124, "The fault itself is mended. The answer says what the record still lacks.", 'resolve "pool size fixed"'),
    (130, "Somebody looks up when it began.", "set started_at=09:51"),
    (131, "And this is what was recorded.", "show"),
)  # fmt: skip
"""Minutes after the beginning, what is said of a step, and the command."""


def command(
    *,
    ctx: typer.Context,
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="DIR", help="Keep the repository in this new folder.")
    ] = None,
) -> None:
    """Tell a whole incident in a temporary folder. Each line printed is what the real command prints."""
    outside: Outside = ctx.obj
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="incidentctl-demo-"))).resolve()
        place = _place(outside, keep) if keep is not None else home / "incidents"
        environ = _environ(outside, home)
        outside.say("# A repository of its own. Each line with a $ is a command that you can type.")
        name = shlex.quote(str(place)) if keep is not None else "~/incidents"
        _tell(ctx, f"init {name}", _BEGINS, home, environ)
        for minutes, said, line in _STORY:
            if said:
                outside.say(f"\n# {said}")
            _tell(ctx, line, _BEGINS + timedelta(minutes=minutes), place, environ)
        outside.say("\n# One file, and one commit a command:")
        outside.say("$ git log --format=%s")
        for subject in log_lines(str(place), environ):
            outside.say(subject)
        kept = f"It is kept in {place}." if keep is not None else "All of it is gone now: it was in a temporary folder."
        outside.say(f'\n# {kept} For real: ictl init ~/incidents, then ictl open "What is wrong"')


def _place(outside: Outside, keep: str) -> Path:
    place = Path(outside.cwd, expand_home(keep, outside.environ))
    if not keep.strip() or (place.exists() and (not place.is_dir() or any(place.iterdir()))):
        raise UsageError(f"{keep!r} is not an empty folder", hint="name one that does not exist yet")
    return place


def _environ(outside: Outside, home: Path) -> dict[str, str]:
    """The user's programs, and nothing of their settings: neither git's nor ours."""
    kept: Mapping[str, str] = outside.environ
    return {
        **{name: kept[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT") if name in kept},
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": "Ann Example" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "ann@example.org" for who in ("AUTHOR", "COMMITTER")},
    }


def _tell(ctx: typer.Context, line: str, now: datetime, cwd: Path, environ: Mapping[str, str]) -> None:
    """Runs one command line of the real program at the story's time, and says it with what it printed. A failure ends the demo."""
    outside: Outside = ctx.obj
    out = io.StringIO()
    step = Outside(
        environ=environ,
        cwd=str(cwd),
        stdin=io.StringIO(),
        stdout=out,
        stderr=out,
        now=lambda: now,
        zone=UTC,
        program="ictl",
    )
    outside.say(f"$ ictl {line}")
    try:
        code = ctx.find_root().command.main(args=shlex.split(line), prog_name="ictl", standalone_mode=False, obj=step)
    except IncidentctlError:
        outside.talk(f"the demo ended at `ictl {line}`:")
        raise
    outside.say(out.getvalue().rstrip("\n"))
    if code:
        outside.talk(f"the demo ended at `ictl {line}`, with exit code {int(code)}")
        raise typer.Exit(int(code))
