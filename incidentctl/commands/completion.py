"""Words for a shell that completes: ids, people, services, values. Silent where anything is wrong: a shell then asks for files."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from incidentctl.incident.entries import TIME_KEYS, UPDATE_STATUSES, CancelReason, NoteKind
from incidentctl.incident.model import PLAIN_KEYS

if TYPE_CHECKING:
    from incidentctl.context import Workspace

_MOST = 50
_SHELL_SIGNS = re.compile(r"[^\w@%+=:,./-]")


class _Fitting(str):
    """A word that fits by more than its beginning: typer drops those that do not begin with what was typed."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        """Whatever was typed, this is meant."""
        return True


@contextmanager
def _workspace(ctx: typer.Context) -> "Iterator[Workspace]":
    from incidentctl.context import Outside, open_workspace  # names of commands are completed without it

    directory = ctx.params.get("directory") or (ctx.parent.params.get("directory") if ctx.parent else None)
    directory = str(Path(directory).expanduser()) if directory else None
    outside = Outside(os.environ, str(Path.cwd()), StringIO(), StringIO(), StringIO())
    with open_workspace(outside, directory) as workspace:
        yield workspace


def _from_workspace(ctx: typer.Context, words: "Callable[[Workspace], Iterable[str]]") -> list[str]:
    try:
        with _workspace(ctx) as workspace:
            return [_Fitting(word) for word in words(workspace)]
    except Exception:
        return []


def _beginning(words: Iterable[str], incomplete: str) -> list[str]:
    typed = incomplete.casefold()
    return [_Fitting(word) for word in words if str(word).casefold().startswith(typed)]


def complete_incident(ctx: typer.Context, incomplete: str) -> list[str]:
    """Ids that begin with what is typed, or whose words do; the newest first."""

    def ids(workspace: "Workspace") -> list[str]:
        names = reversed(workspace.reader.ids())
        found = [name for name in names if name.startswith(incomplete) or name[11:].startswith(incomplete)]
        return found[:_MOST]

    return _from_workspace(ctx, ids)


def complete_text(ctx: typer.Context, incomplete: str) -> list[str]:
    """Ids, where a number is typed as the first word: a full id there names the incident. Text is not completed."""
    texts = [value for value in ctx.params.values() if isinstance(value, list | tuple) and value]
    return complete_incident(ctx, incomplete) if incomplete[:1].isdigit() and not texts else []


def complete_person(ctx: typer.Context, incomplete: str) -> list[str]:
    """Handles of the settings, and `me`."""

    def people(workspace: "Workspace") -> list[str]:
        handles = [f"@{person.handle}" for person in workspace.settings.people]
        names = handles if incomplete.startswith("@") else ["me", *handles]
        wanted = incomplete.removeprefix("@").casefold()
        return [name for name in names if name.removeprefix("@").casefold().startswith(wanted)]

    return _from_workspace(ctx, people)


def complete_role_and_person(ctx: typer.Context, incomplete: str) -> list[str]:
    """A role, and behind it a person."""
    given = ctx.params.get("text") or ()
    if len(given) >= 2:
        return []
    if len(given) == 1:
        return [*complete_person(ctx, incomplete), *_beginning(["none"], incomplete)]
    roles = _from_workspace(ctx, lambda workspace: ("ic", "tl", "comms", *workspace.settings.extra_roles))
    return _beginning(roles, incomplete)


def complete_severity(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of the scale."""
    if ctx.params.get("text"):
        return []
    return _beginning(_from_workspace(ctx, lambda workspace: workspace.settings.scale.names), incomplete)


def complete_service(ctx: typer.Context, incomplete: str) -> list[str]:
    """The services of the settings."""
    names = _from_workspace(ctx, lambda workspace: [service.name for service in workspace.settings.services])
    return _beginning(names, incomplete)


def complete_target(ctx: typer.Context, incomplete: str) -> list[str]:
    """The targets of the settings."""
    names = _from_workspace(ctx, lambda workspace: [target.name for target in workspace.settings.notify])
    return _beginning(names, incomplete)


def complete_key(ctx: typer.Context, incomplete: str) -> list[str]:
    """The keys that `set` knows; behind `repeat_of=` the incidents, behind `root_cause=` the causes in use."""
    key, sign, typed = incomplete.partition("=")
    if not sign:
        return [f"{name}=" for name in _beginning((*TIME_KEYS, *PLAIN_KEYS, "root_cause"), incomplete)]
    words: list[str] = []
    match key.lower().replace("-", "_"):
        case "repeat_of" | "duplicate_of":
            words = complete_incident(ctx, typed)
        case "root_cause":
            words = _beginning(_from_workspace(ctx, _causes), typed)
    return [_Fitting(f"{key}={word}") for word in words]


def _causes(workspace: "Workspace") -> list[str]:
    from incidentctl.commands.root_cause import root_causes_in_use  # it loads what reads documents

    return root_causes_in_use(workspace)


def complete_status(incomplete: str) -> list[str]:
    """The statuses of an update."""
    return _beginning(UPDATE_STATUSES, incomplete)


def complete_kind(incomplete: str) -> list[str]:
    """The kinds of a note."""
    return _beginning(NoteKind, incomplete)


def complete_reason(incomplete: str) -> list[str]:
    """The reasons to cancel."""
    return _beginning(CancelReason, incomplete)


def complete_clock(incomplete: str) -> list[str]:
    """The duties of the process."""
    return _beginning(("status_page", "management", "bridge"), incomplete)


def complete_format(incomplete: str) -> list[str]:
    """The formats of a result."""
    return _beginning(("text", "json"), incomplete)


# ------------------------------------------------------------------------------------------- how it is told to a shell


def _library(part: str) -> Any:
    """A module of click, which typer carries inside it."""
    return import_module(typer.BadParameter.__module__.rpartition(".")[0] + f".{part}")


def item(word: str, summary: str) -> Any:
    """A completion with what it means."""
    return _library("shell_completion").CompletionItem(word, help=summary)


def speak_to_shells() -> None:
    """Takes the place of typer's own ways, which load rich for each description, and in bash trip over `@` and `=`."""
    from typer import _completion_classes as shells

    class Bash(shells.BashComplete):
        """Bash hands `--by @b` over as three words, and puts what it gets in the place of the last one."""

        cut = 0

        def get_completion_args(self) -> tuple[list[str], str]:
            """The words as they were typed."""
            listed = os.environ["COMP_WORDS"]
            words = [_unquoted(word) for word in listed.split("\n")] if "\n" in listed else _split(listed)
            args, incomplete, self.cut = _joined(words[1 : int(os.environ["COMP_CWORD"]) + 1])
            return args, incomplete

        def format_completion(self, item: Any) -> str:
            """What is put in the place of the last word, as bash sees it: what it would run, or part in two, is escaped."""
            return _SHELL_SIGNS.sub(r"\\\g<0>", str(item.value)[self.cut :])

    class Zsh(shells.ZshComplete):
        """Each word with what it means."""

        def format_completion(self, item: Any) -> str:
            """The word and what it means, inside the quotes of a list of `_arguments`."""
            parts = [item.value, item.help] if item.help else [item.value]
            return ":".join(f'"{_in_zsh_quotes(part)}"' for part in parts)

    class Fish(shells.FishComplete):
        """Each word with what it means."""

        def format_completion(self, item: Any) -> str:
            """The word, a tab, and what it means."""
            return f"{item.value}\t{item.help}" if item.help else str(item.value)

    for shell, name in ((Bash, "bash"), (Zsh, "zsh"), (Fish, "fish")):
        _library("shell_completion").add_completion_class(shell, name)


def _split(text: str) -> list[str]:
    words: list[str] = _library("shell_completion").split_arg_string(text)
    return words


def _unquoted(word: str) -> str:
    return " ".join(_split(word))


def _in_zsh_quotes(text: str) -> str:
    """Data from people goes through two rounds of the shell's evaluation: single quotes around all, double ones around each."""
    for plain, quoted in (("\\", "\\\\"), ('"', '\\"'), ("$", "\\$"), ("`", "\\`"), (":", "\\\\:"), ("'", "'\\''")):
        text = text.replace(plain, quoted)
    return text


def _joined(words: list[str]) -> tuple[list[str], str, int]:
    """Words that bash has broken at `@`, `=` and `:`, as they were typed, the last one apart.

    With it goes how much of its value bash leaves as it stands: up to the last `=` or `:`.
    """
    whole: list[str] = []
    for word in words:
        is_break = bool(word) and not word.strip("@=:")
        if whole and word and (whole[-1][-1:] in ("@", "=", ":") or (is_break and word[0] != "@")):
            whole[-1] += word
        else:
            whole.append(word)
    last = whole.pop() if whole else ""
    cut = max(last.rfind("="), last.rfind(":")) + 1
    if last.startswith("--") and "=" in last:
        cut -= last.index("=") + 1  # what is completed is the value alone
    return whole, last, cut
