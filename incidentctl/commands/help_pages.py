"""How a help page is laid out: the command's own options first, those that all share below, and examples at the end."""

from typing import Any

from typer.core import TyperCommand

WHICH = "Which incident, whose words, and when"
SHARED = "Repository and output"


class Command(TyperCommand):
    """A command whose help page has its options in groups, and its examples line by line."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, own options, the groups that are named by `rich_help_panel` in their order, and what all commands share."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                argument = parameter.param_type_name == "argument"
                own = SHARED if parameter.name == "help" else "Arguments" if argument else "Options"
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or own, []).append(record)
        first, last = ("Arguments", "Options"), (WHICH, SHARED)
        for name in (*first, *(each for each in groups if each not in first + last), *last):
            if groups.get(name):
                with formatter.section(name):
                    formatter.write_dl(groups[name])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """The examples, as they are typed."""
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.strip().splitlines():
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
