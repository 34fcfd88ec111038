"""The options that commands share: declared once, and added to a command's own parameters by its decorator."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar, get_type_hints

import typer
from msgspec import Struct

from incidentctl.commands.completion import complete_format, complete_incident, complete_person, complete_text
from incidentctl.commands.help_pages import SHARED, WHICH
from incidentctl.context import Outside, Workspace, open_workspace
from incidentctl.errors import IncidentctlError
from incidentctl.incident.guard import Guard
from incidentctl.incident.model import DRILL

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[INCIDENT] [TEXT]...",
        help="The text; quotes are not needed. A full id as the first word names the incident.",
        autocompletion=complete_text,
    ),
]
Name = Annotated[
    str | None,
    typer.Argument(metavar="[INCIDENT]", help="An id, or a part of one.", autocompletion=complete_incident),
]


AllowSecret = Annotated[
    bool,
    typer.Option(
        "--allow-secret",
        help="Write what looks like a password, a key or a token as it is; else it is taken out, and said.",
        rich_help_panel=SHARED,
    ),
]
_NO_TEXTS = ("directory", "tz", "path", "date_format")


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


class Reading(Struct, frozen=True):
    """What every command on incidents takes."""

    ctx: typer.Context
    output: Annotated[
        Format | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="`text` or `json`.",
            case_sensitive=False,
            rich_help_panel=SHARED,
            autocompletion=complete_format,
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.", rich_help_panel=SHARED)] = False
    tz: Annotated[
        str | None,
        typer.Option("--tz", metavar="ZONE", help="The zone in which times are read and told.", rich_help_panel=SHARED),
    ] = None
    directory: Annotated[
        str | None,
        typer.Option("-C", metavar="DIR", help="The repository of incidents.", rich_help_panel=SHARED),
    ] = None

    @property
    def outside(self) -> Outside:
        """The process around the command."""
        outside: Outside = self.ctx.obj
        return outside

    @property
    def repository(self) -> str | None:
        """What `-C` says, before or behind the command."""
        return self.directory or self.ctx.meta.get("directory")

    @property
    def as_json(self) -> bool:
        """Whether a program reads the result."""
        return self.json or self.output is Format.JSON

    def mark_drill(self, is_drill: bool) -> None:
        """From here on each line for people says that it is about a drill, if it is. Programs are told by `drill`."""
        if is_drill and not self.as_json:
            self.outside.mark(DRILL)

    def mark_drill_of(self, workspace: Workspace, incident: str) -> None:
        """The same of an incident that is only named yet. That it cannot be read is said by what needs it."""
        if self.as_json:
            return
        with suppress(IncidentctlError):
            if workspace.reader.exists(incident):
                self.mark_drill(workspace.reader.read(incident).incident.is_drill)

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """The repository, for as long as the command runs."""
        by, guard = getattr(self, "by", None), self.ctx.meta.get("guard")
        with open_workspace(self.outside, self.repository, by=by, zone=self.tz, guard=guard) as workspace:
            self.before(workspace)
            yield workspace

    def before(self, workspace: Workspace) -> None:
        """What could only be saved before is committed before anything is read, where that is possible now."""
        taken_in = workspace.recorder.take_in()
        if taken_in:
            workspace.outside.talk(f"committed now: {taken_in} saved before")

    def look_first(self, workspace: Workspace) -> str | None:
        """Takes in what others have recorded, before something is read live or declared; says so where they are out of reach."""
        if not workspace.repository.has_remote:
            return None
        from incidentctl.commands.sharing import bring_in_first  # only where there is somebody else

        said = bring_in_first(workspace)
        if said is not None:
            workspace.outside.talk(said)
        return said


class Writing(Reading, frozen=True):
    """What every command that writes to one incident takes."""

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
    ] = None
    message: Annotated[
        str | None,
        typer.Option(
            "-m", "--message", metavar="TEXT", help="The text; `-` reads standard input.", rich_help_panel=WHICH
        ),
    ] = None
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="When it happened, if not now: `10:48`, `-25m`, `yesterday 18:00`.",
            rich_help_panel=WHICH,
        ),
    ] = None
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="PERSON",
            help="Whose words these are, if not yours.",
            rich_help_panel=WHICH,
            autocompletion=complete_person,
        ),
    ] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the change, and write nothing.", rich_help_panel=SHARED)
    ] = False
    allow_secret: AllowSecret = False

    def before(self, workspace: Workspace) -> None:
        """A write takes in what waits itself, under the lock that it needs anyway."""

    def at_in(self, workspace: Workspace) -> datetime | None:
        """What `--at` says."""
        return None if self.at is None else workspace.typed_time(self.at)


Options = TypeVar("Options", bound=Reading)


def takes(
    kind: type[Options], *, without: tuple[str, ...] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the options of `kind`, which it receives together as its parameter `options`.

    It does not take those in `without`, which make no sense for it. The words of one that writes pass a guard first.
    """
    writes = "allow_secret" in kind.__struct_fields__

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters
        shared = get_type_hints(kind, include_extras=True)
        taken = [name for name in kind.__struct_fields__ if name not in without]
        given = kind.__struct_defaults__
        defaults = dict(zip(kind.__struct_fields__[-len(given) :], given, strict=True))

        def wrapper(**values: Any) -> None:
            if writes:
                guard = values["ctx"].meta["guard"] = Guard(is_off=values.get("allow_secret", False))
                values = {
                    name: value if name in _NO_TEXTS else _cleaned(value, guard) for name, value in values.items()
                }
            options = kind(**{name: values.pop(name) for name in taken})
            command(**values, options=options)

        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [each.replace(kind=keyword) for name, each in own.items() if name != "options"]
        parameters += [
            inspect.Parameter(
                name, keyword, default=defaults.get(name, inspect.Parameter.empty), annotation=shared[name]
            )
            for name in taken
        ]
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
        wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
        wrapper.__doc__ = command.__doc__
        wrapper.__name__ = command.__name__
        wrapper.__module__ = command.__module__
        return wrapper

    return decorate


def _cleaned(value: Any, guard: Guard) -> Any:
    if isinstance(value, str):
        return guard.clean(value)
    return guard.clean_words(value) if isinstance(value, list) else value
