"""What can be set for the linter, as values with their defaults. Knows no rules: which words name one, the linter says itself."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct


class CustomRule(Struct, frozen=True):
    """A rule of a team's own: where `pattern` matches in a section (`None`: anywhere), `message` is said."""

    code: str
    pattern: str
    message: str
    name: str = ""
    section: str | None = None
    severity: str = "warning"
    applies: str = "postmortem"


class Override(Struct, frozen=True):
    """What holds besides for documents of one status, or at some places. `severity` is by code, family or name."""

    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    severity: Mapping[str, str] = {}


class PathOverride(Override, frozen=True):
    """The same for the documents that one of the patterns in `paths` fits."""

    paths: tuple[str, ...] = ()


class LintSettings(Struct, frozen=True):
    """All that is set for the linter. As they stand here these are the defaults.

    `select` `None` is what the catalogue has on, `blame` `None` the catalogue's severities, `required` `None` the eight
    sections. `aliases` lead from a heading as the team writes it to the word of a section, `labels` from a label of the
    header to the word of a field.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    preview: bool = False
    level: str = "warning"
    fail_level: str = "error"
    blame: str | None = None
    default_status: str | None = None
    since: date | None = None
    baseline: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    required: tuple[str, ...] | None = None
    severity: Mapping[str, str] = {}
    aliases: Mapping[str, str] = {}
    labels: Mapping[str, str] = {}
    status: Mapping[str, Override] = {}
    path: tuple[PathOverride, ...] = ()
    custom: tuple[CustomRule, ...] = ()
