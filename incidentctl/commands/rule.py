"""`rule`: what a rule of the linter looks for, and why."""

from typing import Annotated

import typer

from incidentctl.commands.help_pages import SHARED
from incidentctl.context import Outside
from incidentctl.errors import UsageError
from incidentctl.lint.rule import Rule
from incidentctl.output.json_text import as_json
from incidentctl.output.rule_pages import catalogue_as_text, rule_as_data, rule_as_text

EXAMPLES = """
ictl rule
ictl rule STR001
ictl rule no-owner
ictl rule BLM
ictl rule --all --json
"""


def _complete_rule(incomplete: str) -> list[str]:
    from incidentctl.lint.catalogue import RULES  # only where a rule is named

    typed = incomplete.casefold()
    words = [word for rule in RULES for word in (rule.code, rule.name)]
    return [word for word in words if word.casefold().startswith(typed)]


def command(
    *,
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RULE]...",
            help="Codes or names; a family, as `BLM`, lists its rules. Without any, all are listed.",
            autocompletion=_complete_rule,
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List all rules.")] = False,
    output: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="`text` or `json`.", rich_help_panel=SHARED),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.", rich_help_panel=SHARED)] = False,
) -> None:
    """Explain a rule of the linter: what it looks for, why, a bad and a good example. Works offline, anywhere."""
    from incidentctl.lint.catalogue import FAMILIES, RULES  # all rules, which no other command loads

    outside: Outside = ctx.obj
    shape = (output or "text").strip().lower()
    if shape not in ("text", "json"):
        raise UsageError(f"there is no format {output!r} here", hint="it is text or json", candidates=("text", "json"))
    explained = [] if everything else [each for word in words or () for each in _rules_of(word)]
    shown = explained or list(RULES)
    if json or shape == "json":
        outside.say(as_json({"schema_version": 1, "kind": "rules", "rules": [rule_as_data(rule) for rule in shown]}))
    elif explained and not _is_family(words or []):
        outside.say(f"\n\n{'-' * 3}\n\n".join(rule_as_text(rule, width=outside.width) for rule in explained))
    else:
        outside.say(catalogue_as_text(shown, FAMILIES, width=outside.width))


def _is_family(words: list[str]) -> bool:
    from incidentctl.lint.catalogue import FAMILIES

    return any(word.strip().upper() in FAMILIES for word in words)


def _rules_of(word: str) -> list[Rule]:
    """The rule of a code or name, or those of a family. Raises `UsageError` with what was meant, perhaps."""
    from incidentctl.lint.catalogue import FAMILIES, RULES, close_to, find_rule

    found = find_rule(word)
    if found is not None:
        return [found]
    family = word.strip().upper()
    if family in FAMILIES:
        return [rule for rule in RULES if rule.family == family]
    if family[:1] == "X" and family[1:].isdecimal():
        raise UsageError(
            f"{family} is no rule of the catalogue",
            hint="rules of your own stand in [[lint.custom]] of incidentctl.toml",
        )
    close = close_to(word)
    hint = f"did you mean {close}?" if close else "`ictl rule` lists them all"
    raise UsageError(f"there is no rule {word!r}", hint=hint, candidates=(close,) if close else ())
