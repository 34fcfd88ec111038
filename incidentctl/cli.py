"""Assembles the commands, and turns what went wrong into one sentence and an exit code. A command is loaded when it is called."""

import sys
from importlib import import_module
from itertools import pairwise
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_command_from_info

from incidentctl.context import Outside
from incidentctl.errors import ExitCode, IncidentctlError
from incidentctl.output.failures import failure_as_json, failure_as_text


class Listed(NamedTuple):
    """A command in the list: its name, its module in `commands/`, and what it does in a line."""

    name: str
    module: str
    summary: str
    hidden: bool = False


COMMANDS: tuple[Listed, ...] = (
    Listed("init", "init", "Make a repository of incidents, or an existing one ready for them."),
    Listed("demo", "demo", "Tell a whole incident in a temporary folder."),
    Listed("open", "open", "Declare an incident."),
    Listed("declare", "open", "The same as open.", hidden=True),
    Listed("ack", "ack", "Acknowledge: a human has taken it."),
    Listed("note", "note", "Note what was seen, tried or decided."),
    Listed("update", "update", "Give the structured update, and say when the next one comes."),
    Listed("severity", "severity", "Change or confirm the severity."),
    Listed("assign", "assign", "Give somebody a role: ic, tl, comms, or one of your own."),
    Listed("mitigate", "mitigate", "Users are no longer hurt."),
    Listed("resolve", "resolve", "The fault itself is mended."),
    Listed("reopen", "reopen", "It is back, or was not over."),
    Listed("cancel", "cancel", "It was no incident, or another one's."),
    Listed("close", "close", "All that was to be learned is written down."),
    Listed("set", "set", "Set a time or a key after the fact."),
    Listed("undo", "undo", "Withdraw your last entry."),
    Listed("edit", "edit", "Open the file in your editor, and commit what you changed."),
    Listed("use", "use", "Choose the incident that commands mean."),
    Listed("list", "list", "List incidents."),
    Listed("show", "show", "Show one incident."),
    Listed("timeline", "timeline", "Show the timeline of one incident."),
    Listed("search", "search", "Find words in all incidents."),
    Listed("schema", "schema", "Print the JSON Schema of an output or a file."),
)

OUR_WORDS = {
    "log": "note",
    "comment": "note",
    "add": "note",
    "event": "note",
    "escalate": "severity",
    "sev": "severity",
    "handoff": "assign ROLE PERSON",
    "handover": "assign ROLE PERSON",
    "commander": "assign ic PERSON",
    "role": "assign ROLE PERSON",
    "create": "open",
    "new": "open",
    "start": "open",
    "acknowledge": "ack",
    "fix": "mitigate",
    "status-update": "update",
    "done": "resolve",
    "abort": "cancel",
    "delete": "cancel",
    "revert": "undo",
    "ls": "list",
    "view": "show",
    "cat": "show",
    "find": "search",
    "grep": "search",
    "switch": "use",
    "checkout": "use",
    "history": "timeline",
}
"""What other tools call things, and which of our commands it is."""

_TEXT_COMMANDS = ("note", "update", "open")


class CommandGroup(TyperGroup):
    """The list of commands; only the one that is called is imported."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All that are shown, in the order of an incident's life."""
        return [listed.name for listed in COMMANDS if not listed.hidden]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or `None`."""
        for listed in COMMANDS:
            if listed.name == cmd_name:
                return load_command(listed)
        return None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the words begin with; for another tool's word the error names ours."""
        if args and args[0] in OUR_WORDS and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"there is no command {args[0]!r} here: use `ictl {OUR_WORDS[args[0]]}`")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in the help text, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(listed.name, listed.summary) for listed in COMMANDS if not listed.hidden])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Names of commands from the list alone."""
        from typer._click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return list(super().shell_complete(ctx, incomplete))
        return [
            CompletionItem(listed.name, help=listed.summary)
            for listed in COMMANDS
            if not listed.hidden and listed.name.startswith(incomplete)
        ]


def load_command(listed: Listed) -> Any:
    """Imports one command and makes it one that typer runs."""
    module = import_module(f"incidentctl.commands.{listed.module}")
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(
        name=listed.name,
        help=getattr(module.command, "__doc__", None),
        context_settings={"help_option_names": ["-h", "--help"]},
    )(module.command)
    return get_command_from_info(app.registered_commands[0], pretty_exceptions_short=False, rich_markup_mode=None)


def make_group() -> Any:
    """The whole command line."""
    app = typer.Typer(
        cls=CommandGroup,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Run an incident from a terminal. Its record is a Markdown file in git.",
        epilog='Begin with `ictl demo`, then `ictl init ~/incidents` and `ictl open "What is wrong"`.',
    )

    @app.callback()
    def root(
        ctx: typer.Context,
        directory: str | None = typer.Option(None, "-C", metavar="DIR", help="The repository of incidents."),
        version: bool = typer.Option(False, "--version", "-V", help="Print the version."),
    ) -> None:
        if version:
            from incidentctl import __version__

            typer.echo(f"incidentctl {__version__}")
            raise typer.Exit
        ctx.meta["directory"] = directory

    return get_command(app)


_ClickException: Any = typer.BadParameter.__mro__[2]  # typer carries click inside it, and does not name this one


def run(arguments: list[str], outside: Outside) -> int:
    """Runs one command line and gives its exit code. Prints a failure as one sentence; our own bugs keep their traceback."""
    as_json = "--json" in arguments or "--format=json" in arguments or ("--format", "json") in pairwise(arguments)
    try:
        code = make_group().main(args=list(arguments), prog_name=outside.program, standalone_mode=False, obj=outside)
        outside.stdout.flush()
        return code if isinstance(code, int) else ExitCode.DONE
    except IncidentctlError as error:
        return _fail(outside, error, as_json=as_json)
    except _ClickException as error:
        return _fail(outside, _usage_error(error, arguments, outside), as_json=as_json)
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.DONE
    except (KeyboardInterrupt, typer.Abort):
        outside.talk("interrupted")
        return ExitCode.INTERRUPTED
    except Exception:
        import traceback

        outside.stderr.write(traceback.format_exc())
        outside.talk("incidentctl has a fault here; what you typed is above in your shell. Please report these lines.")
        return ExitCode.BUG


def _fail(outside: Outside, error: IncidentctlError, *, as_json: bool) -> int:
    if as_json:
        outside.talk(failure_as_json(error))
    else:
        outside.talk(failure_as_text(error))
    return int(error.exit_code)


def _usage_error(error: Any, arguments: list[str], outside: Outside) -> IncidentctlError:
    """What typer says of the words, as an error of ours: with the way to hand over text that begins with a dash."""
    from incidentctl.errors import UsageError

    message = str(error.format_message()).rstrip(".")
    message = message[:1].lower() + message[1:]
    context = getattr(error, "ctx", None)
    path = context.command_path if context else outside.program
    if not message and context is not None:
        return UsageError(context.get_help())
    hint = f"see {path} --help"
    if message.startswith("no such option") and any(word in arguments for word in _TEXT_COMMANDS):
        hint = f"text that begins with a dash goes behind `--`, as in: {path} -- TEXT; all options: {path} --help"
    return UsageError(message, hint=hint)
