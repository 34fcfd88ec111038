"""Assembles the commands, and turns what went wrong into one sentence and an exit code. A command is loaded when it is called."""

import os
from contextlib import redirect_stdout
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_command_from_info

from incidentctl.commands.help_pages import Command
from incidentctl.errors import ExitCode, IncidentctlError, OutputLostError
from incidentctl.output.failures import failure_as_json, failure_as_text

if TYPE_CHECKING:
    from incidentctl.context import Outside


class Listed(NamedTuple):
    """A command in the list: its name, its module in `commands/`, what it does in a line, and under which heading.

    `function` is its name in the module. One with `commands` is a word in front of those and does nothing by itself.
    """

    name: str
    module: str
    summary: str
    group: str = ""
    hidden: bool = False
    function: str = "command"
    commands: tuple["Listed", ...] = ()


_BEGIN, _ACT, _AFTER, _LOOK, _RECORD = (
    "Begin",
    "During an incident",
    "Afterwards",
    "Look",
    "The record itself",
)

COMMANDS: tuple[Listed, ...] = (
    Listed("init", "init", "Make a repository of incidents, or an existing one ready for them.", _BEGIN),
    Listed("demo", "demo", "Tell a whole incident in a temporary folder.", _BEGIN),
    Listed("open", "open", "Declare an incident.", _ACT),
    Listed("declare", "open", "The same as open.", hidden=True),
    Listed("ack", "ack", "Acknowledge: a human has taken it.", _ACT),
    Listed("note", "note", "Note what was seen, tried or decided.", _ACT),
    Listed("update", "update", "Give the structured update, and say when the next one comes.", _ACT),
    Listed("severity", "severity", "Change or confirm the severity.", _ACT),
    Listed("assign", "assign", "Give somebody a role: ic, tl, comms, or one of your own.", _ACT),
    Listed("mitigate", "mitigate", "Users are no longer hurt.", _ACT),
    Listed("resolve", "resolve", "The fault itself is mended.", _ACT),
    Listed("notify", "notify", "Tell others of the last update, and send what could not be sent.", _ACT),
    Listed("use", "use", "Choose the incident that commands mean.", _ACT),
    Listed(
        "statuspage",
        "statuspage_build",
        "Make the public status page, or record what was posted on one elsewhere.",
        _ACT,
        commands=(
            Listed("build", "statuspage_build", "Make the page, its feed and its files for programs."),
            Listed("posted", "statuspage_posted", "Record that the status page elsewhere says it."),
        ),
    ),
    Listed("reopen", "reopen", "It is back, or was not over.", _AFTER),
    Listed("cancel", "cancel", "It was no incident, or another one's.", _AFTER),
    Listed("set", "set", "Set a time or a key after the fact.", _AFTER),
    Listed(
        "postmortem",
        "postmortem",
        "Draft the post-mortem, have it reviewed, publish it.",
        _AFTER,
        commands=(
            Listed("new", "postmortem", "Draft it from the record.", function="new"),
            Listed("edit", "postmortem_edit", "Open it in your editor."),
            Listed("show", "postmortem", "Show how far it has come.", function="show"),
            Listed("list", "postmortem", "List all post-mortems.", function="list_all"),
            Listed("submit", "postmortem_submit", "Hand it over for review."),
            Listed("publish", "postmortem_publish", "Make it final, and announce it."),
        ),
    ),
    Listed(
        "action",
        "action",
        "Follow the action items of all post-mortems until they are done.",
        _AFTER,
        commands=(
            Listed("add", "action_add", "Write one into the post-mortem."),
            Listed("list", "action_list", "List those that are open, or overdue."),
            Listed("done", "action_done", "Say that one is done.", function="done"),
            Listed("drop", "action_done", "Say that one will not be done, and why.", function="drop"),
            Listed("set", "action_done", "Change its owner, due date, type or link.", function="change"),
            Listed("sync", "action_sync", "Close those that commits and linked issues say are done."),
        ),
    ),
    Listed("lint", "lint", "Check post-mortems and incidents.", _AFTER),
    Listed("rule", "rule", "Explain a rule of the linter.", _AFTER),
    Listed("close", "close", "All that was to be learned is written down.", _AFTER),
    Listed(
        "stats",
        "stats_report",
        "Figures that can be trusted, from the history of the record.",
        _AFTER,
        commands=(
            Listed("report", "stats_report", "Print the figures: MTTM first, with what they rest on."),
            Listed("explain", "stats_explain", "Say how a number comes about, down to the line or the commit."),
            Listed("diff", "stats_diff", "Say what moved a number between two moments, and the commit that did it."),
            Listed("export", "stats_export", "Write the record as tables: JSON lines, or CSV."),
        ),
    ),
    Listed("import", "import_incidents", "Take incidents in from another place.", _AFTER),
    Listed("status", "status", "Show what is open, and the clocks that run.", _LOOK),
    Listed("watch", "watch", "Show the same live, on the whole screen.", _LOOK),
    Listed("due", "due", "List what is overdue; for cron as well.", _LOOK),
    Listed("list", "list", "List incidents.", _LOOK),
    Listed("show", "show", "Show one incident.", _LOOK),
    Listed("timeline", "timeline", "Show the timeline of one incident.", _LOOK),
    Listed("search", "search", "Find words in all incidents.", _LOOK),
    Listed("sync", "sync", "Exchange the record with the others.", _RECORD),
    Listed("undo", "undo", "Withdraw your last entry.", _RECORD),
    Listed("redact", "redact", "Take the words out of an entry.", _RECORD),
    Listed("edit", "edit", "Open the file in your editor, and commit what you changed.", _RECORD),
    Listed("doctor", "doctor", "Look at all that can make incidentctl fail, and mend what is safe.", _RECORD),
    Listed("verify", "verify", "Say who changed what on the record after the fact.", _RECORD),
    Listed("merge-driver", "merge_driver", "What git calls to merge a file of the record.", hidden=True),
    Listed("schema", "schema", "Print the JSON Schema of an output or a file.", _RECORD),
)

OUR_WORDS = {
    "log": "note",
    "comment": "note",
    "add": "note",
    "event": "note",
    "escalate": "severity SEV",
    "sev": "severity SEV",
    "handoff": "assign ROLE PERSON --handoff",
    "handover": "assign ROLE PERSON --handoff",
    "commander": "assign ic PERSON",
    "role": "assign ROLE PERSON",
    "create": "open",
    "new": "open",
    "start": "open",
    **dict.fromkeys(("drill", "gameday", "game-day", "exercise"), "open --drill"),
    "acknowledge": "ack",
    "fix": "mitigate",
    "status-update": "update",
    "done": "resolve",
    "abort": "cancel",
    "delete": "cancel",
    "revert": "undo",
    "withdraw": "undo",
    "erase": "redact e:ID --reason REASON",
    "mask": "redact e:ID --reason REASON",
    **dict.fromkeys(("announce", "broadcast", "tell", "send", "slack"), "notify"),
    "ls": "list",
    "view": "show",
    "cat": "show",
    "info": "show",
    "find": "search",
    **dict.fromkeys(("overview", "active", "current", "st"), "status"),
    **dict.fromkeys(("dashboard", "wall", "live", "top", "tail", "monitor"), "watch"),
    **dict.fromkeys(("overdue", "clocks", "deadlines", "todo"), "due"),
    "grep": "search",
    "switch": "use",
    "checkout": "use",
    "history": "timeline",
    "diagnose": "doctor",
    "health": "doctor",
    "audit": "verify",
    "tamper": "verify",
    "fsck": "verify",
    "pm": "postmortem",
    "post-mortem": "postmortem",
    "retro": "postmortem",
    **dict.fromkeys(("pull", "push", "fetch", "share"), "sync"),
    **dict.fromkeys(("status-page", "page", "site"), "statuspage build"),
    "posted": "statuspage posted",
    **dict.fromkeys(("metrics", "report", "dora", "mttr", "mttm", "kpi", "insights", "analytics"), "stats report"),
    "help": "--help",
}
"""What other tools call things, and which of our commands it is."""

OUR_SECOND_WORDS = {
    "postmortem": {
        **dict.fromkeys(("create", "draft", "start", "begin", "add", "open", "init", "write"), "new"),
        **dict.fromkeys(("change", "update", "set", "fill", "editor", "modify"), "edit"),
        **dict.fromkeys(("view", "status", "cat", "info", "print"), "show"),
        **dict.fromkeys(("ls", "all", "find"), "list"),
        **dict.fromkeys(("review", "push", "pr", "share", "request-review"), "submit"),
        **dict.fromkeys(("final", "finalize", "finalise", "finish", "close", "announce", "approve", "done"), "publish"),
    },
    "action": {
        **dict.fromkeys(("create", "new", "item"), "add"),
        **dict.fromkeys(("ls", "show", "all", "find"), "list"),
        **dict.fromkeys(("close", "complete", "finish", "resolve", "tick", "check"), "done"),
        **dict.fromkeys(("cancel", "delete", "remove", "rm", "abandon", "wontfix"), "drop"),
        **dict.fromkeys(("edit", "assign", "change", "update", "move"), "set"),
        **dict.fromkeys(("import", "pull", "fetch"), "sync"),
    },
    "stats": {
        **dict.fromkeys(("show", "print", "metrics", "summary", "dora", "mttr", "mttm", "list", "html"), "report"),
        **dict.fromkeys(("why", "trace", "how", "show-incident"), "explain"),
        **dict.fromkeys(("compare", "changes", "delta", "blame"), "diff"),
    },
    "statuspage": {
        **dict.fromkeys(("make", "generate", "render", "html", "publish", "deploy", "show"), "build"),
        **dict.fromkeys(("post", "done", "link", "url"), "posted"),
    },
}
"""The same for the words behind a command that has commands of its own."""


class CommandGroup(TyperGroup):
    """A list of commands, all of them or those behind one word; only the one that is called is imported."""

    listed: tuple[Listed, ...] = COMMANDS

    def list_commands(self, ctx: Any) -> list[str]:
        """All that are shown, in the order of an incident's life."""
        return [listed.name for listed in self.listed if not listed.hidden]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or `None`."""
        for listed in self.listed:
            if listed.name == cmd_name:
                return load_command(listed)
        return None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the words begin with; for another tool's word the error names ours."""
        if args and not args[0].startswith("-") and all(listed.name != args[0] for listed in self.listed):
            raise _unknown_command(args[0]) if self.listed is COMMANDS else _unknown_second_word(self, args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in the help text, without importing any of them."""
        shown = [listed for listed in self.listed if not listed.hidden]
        size = max(len(listed.name) for listed in shown)
        for group in dict.fromkeys(listed.group for listed in shown):
            with formatter.section(group or "Commands"):
                formatter.write_dl([(f"{each.name:<{size}}", each.summary) for each in shown if each.group == group])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """How to begin, line by line."""
        with formatter.section("How to begin" if self.listed is COMMANDS else "Examples"):
            for line in str(self.epilog).splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Names of commands from the list alone."""
        if incomplete.startswith("-"):
            return list(super().shell_complete(ctx, incomplete))
        from incidentctl.commands.completion import item

        return [
            item(listed.name, listed.summary)
            for listed in self.listed
            if not listed.hidden and listed.name.startswith(incomplete)
        ]

    def _main_shell_completion(self, ctx_args: Any, prog_name: str, complete_var: str | None = None) -> None:
        """Answers a shell that asks for words, and ends the process then."""
        if os.environ.get(complete_var or f"_{prog_name}_COMPLETE".replace("-", "_").upper()):
            from incidentctl.commands.completion import speak_to_shells

            speak_to_shells()
        super()._main_shell_completion(ctx_args, prog_name, complete_var)


def _unknown_command(word: str) -> IncidentctlError:
    """What is so, and which of our commands is meant."""
    from incidentctl.errors import UsageError

    key = word.lower().replace("_", "-")
    if key in OUR_WORDS:
        return UsageError(f"there is no command {word!r} here", hint=f"it is `ictl {OUR_WORDS[key]}`")
    from difflib import get_close_matches

    names = [listed.name for listed in COMMANDS if not listed.hidden]
    close = get_close_matches(key, [*names, *OUR_WORDS], n=1)
    if close:
        return UsageError(
            f"there is no command {word!r}", hint=f"did you mean `ictl {OUR_WORDS.get(close[0], close[0])}`?"
        )
    return UsageError(f"there is no command {word!r}", hint="see them all: ictl --help")


def _unknown_second_word(group: CommandGroup, word: str) -> IncidentctlError:
    """The same behind a command that has commands of its own."""
    from difflib import get_close_matches

    from incidentctl.errors import UsageError

    first = str(group.name)
    ours = OUR_SECOND_WORDS.get(first, {})
    key = word.lower().replace("_", "-")
    names = [listed.name for listed in group.listed]
    close = [key] if key in ours else get_close_matches(key, [*names, *ours], n=1)
    if close:
        meant = ours.get(close[0], close[0])
        hint = f"it is `ictl {first} {meant}`" if key in ours else f"did you mean `ictl {first} {meant}`?"
    else:
        hint = f"it is one of {', '.join(names)}"
    return UsageError(f"there is no command {f'{first} {word}'!r} here", hint=hint)


def load_command(listed: Listed) -> Any:
    """Imports one command and makes it one that typer runs. One that has commands of its own loads none of them."""
    if listed.commands:
        return _load_group(listed)
    module = import_module(f"incidentctl.commands.{listed.module}")
    command, examples = getattr(module, listed.function), getattr(module, "EXAMPLES", None)
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(
        name=listed.name,
        cls=Command,
        help=getattr(command, "__doc__", None),
        epilog=examples.get(listed.name) if isinstance(examples, dict) else examples,
        context_settings={"help_option_names": ["-h", "--help"]},
    )(command)
    return get_command_from_info(app.registered_commands[0], pretty_exceptions_short=False, rich_markup_mode=None)


def _load_group(listed: Listed) -> Any:
    app = typer.Typer(
        name=listed.name,
        cls=CommandGroup,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        subcommand_metavar="VERB [TEXT]...",
        help=listed.summary,
        epilog=f"ictl {listed.name} VERB --help   has examples",
    )
    app.callback()(_nothing)
    group = get_command(app)
    assert isinstance(group, CommandGroup)
    group.name = listed.name
    group.listed = listed.commands
    return group


def _nothing() -> None:
    return None


def make_group() -> Any:
    """The whole command line."""
    app = typer.Typer(
        cls=CommandGroup,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        subcommand_metavar="VERB [TEXT]...",
        help="Run an incident from a terminal. Its record is a Markdown file in git.",
        epilog="ictl demo                        see a whole incident\n"
        "ictl init ~/incidents            once\n"
        'ictl open "What is wrong" -s 2   and from then on `ictl note WORDS`\n'
        "ictl VERB --help                 has examples",
    )

    @app.callback()
    def root(
        ctx: typer.Context,
        directory: str | None = typer.Option(None, "-C", metavar="DIR", help="The repository of incidents."),
        version: bool = typer.Option(
            False, "--version", "-V", help="Print the version.", callback=_say_version, is_eager=True
        ),
    ) -> None:
        ctx.meta["directory"] = directory

    return get_command(app)


def _say_version(ctx: typer.Context, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from incidentctl import __version__

        typer.echo(f"incidentctl {__version__}")
        raise typer.Exit


_ClickException: Any = typer.BadParameter.__mro__[2]  # typer carries click inside it, and does not name this one


def complete(program: str) -> None:
    """Answers a shell that asks for words, and ends the process."""
    make_group().main(args=[], prog_name=program, standalone_mode=False)


def run(arguments: list[str], outside: "Outside") -> int:
    """Runs one command line and gives its exit code. Prints a failure as one sentence; our own bugs keep their traceback."""
    try:
        with redirect_stdout(outside.stdout):  # where typer prints a help page
            code = make_group().main(
                args=list(arguments), prog_name=outside.program, standalone_mode=False, obj=outside
            )
        outside.flush()
        if code == ExitCode.INTERRUPTED:
            outside.talk("interrupted")
        return code if isinstance(code, int) else ExitCode.DONE
    except IncidentctlError as error:
        return _fail(outside, error, as_json=_wants_json(arguments))
    except _ClickException as error:
        return _fail(outside, _usage_error(error, arguments, outside), as_json=_wants_json(arguments))
    except OutputLostError as error:
        return _output_lost(outside, error)
    except (KeyboardInterrupt, typer.Abort):
        outside.talk("interrupted")
        return ExitCode.INTERRUPTED
    except Exception:
        import traceback

        outside.stderr.write(traceback.format_exc())
        outside.talk("incidentctl has a fault here; what you typed is above in your shell. Please report these lines.")
        return ExitCode.BUG


def _wants_json(arguments: list[str]) -> bool:
    """Whether a program reads the result: asked of the words themselves, since they may be wrong in other ways."""
    words = arguments[: arguments.index("--")] if "--" in arguments else arguments
    formats = [second for first, second in pairwise(words) if first in ("--format", "-f")]
    formats += [word.removeprefix("--format=") for word in words if word.startswith("--format=")]
    return "--json" in words or "json" in (each.lower() for each in formats)


def _output_lost(outside: "Outside", error: OutputLostError) -> int:
    outside.lose_output()
    if error.reader_is_gone:
        return ExitCode.DONE
    outside.talk(f"the result could not be printed ({error}); what was recorded stays recorded")
    return ExitCode.USAGE


def _fail(outside: "Outside", error: IncidentctlError, *, as_json: bool) -> int:
    from incidentctl.incident.secrets import take_out_secrets

    # A sentence may quote what was typed, and logs keep it.
    outside.talk(take_out_secrets(failure_as_json(error) if as_json else failure_as_text(error))[0])
    return int(error.exit_code)


def _usage_error(error: Any, arguments: list[str], outside: "Outside") -> IncidentctlError:
    """What typer says of the words, as an error of ours: with the way to hand over text that begins with a dash."""
    from incidentctl.errors import UsageError

    meant = getattr(error, "possibilities", None)
    message = str(getattr(error, "message", "") if meant else error.format_message()).rstrip(".")
    message = message[:1].lower() + message[1:]
    context = getattr(error, "ctx", None)
    verb = next((word for word in arguments if any(listed.name == word for listed in COMMANDS)), "")
    path = context.command_path if context else f"{outside.program} {verb}".strip()
    if message == "missing command" and context is not None:
        return UsageError(context.get_help())
    takes_text = context is not None and any(
        each.nargs == -1 and each.param_type_name == "argument" for each in context.command.params
    )
    if meant:
        return UsageError(message, hint=f"did you mean {' or '.join(sorted(meant))}? See {path} --help")
    if message.startswith("no such option") and takes_text:
        return UsageError(
            message, hint=f"text that begins with a dash goes behind `--`, as in: {path} -- TEXT; see {path} --help"
        )
    return UsageError(message, hint=f"see {path} --help")
