"""One finding: where it is, what it says, and how it could be mended."""

from enum import StrEnum
from functools import cached_property

from msgspec import Struct


class Severity(StrEnum):
    """How much a finding weighs. A rule that is `OFF` does not run."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    OFF = "off"

    rank: int
    """0 for the gravest."""

    def is_at_least(self, other: "Severity") -> bool:
        """Whether it is as grave as another, or graver."""
        return self.rank <= other.rank


for _number, _severity in enumerate(Severity):
    _severity.rank = _number


class Span(Struct, frozen=True, order=True):
    """A piece of a file: lines and columns from 1, columns in characters; the end is behind the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


class Edit(Struct, frozen=True):
    """One replacement in the text of a file, by offsets."""

    start: int
    end: int
    text: str


class Fix(Struct, frozen=True):
    """How a finding is mended. A safe fix never changes what the author says; others are asked for."""

    says: str
    edits: tuple[Edit, ...]
    is_safe: bool = True


class Finding(Struct, frozen=True):
    """What a rule says of a document. `severity` takes the place of the rule's own where the rule says so.

    `key` stands for the finding in a baseline where the text at its place says too little or too much:
    for a missing section its name.
    """

    span: Span
    message: str
    fix: Fix | None = None
    severity: Severity | None = None
    key: str | None = None


class Diagnostic(Struct, frozen=True):
    """A finding with all that is known of it. `path` is as it was given, with `/`.

    `line_text` is the line on which it begins, as it stands; `fingerprint` names it in a baseline: it depends on path,
    code and the text, never on the line's number, and is unique within one run.
    """

    path: str
    span: Span
    code: str
    name: str
    severity: Severity
    message: str
    fix: Fix | None
    line_text: str
    fingerprint: str

    @property
    def order(self) -> tuple[str, Span, str]:
        """By path, then by place, then by code."""
        return (self.path, self.span, self.code)


class Skipped(Struct, frozen=True):
    """What was not checked, and why: a file that is no post-mortem, or rules that had not what they ask for."""

    path: str | None
    codes: tuple[str, ...]
    reason: str


class Unreadable(Struct, frozen=True):
    """A file that could not be read."""

    path: str
    reason: str


class Result(Struct, frozen=True, dict=True):
    """What one run found. `diagnostics` are in order; those of the baseline and the suppressed ones are only counted.

    `files` counts the documents that were linted, `fail_level` is that from which on a finding fails the run.
    """

    diagnostics: tuple[Diagnostic, ...]
    files: int
    fail_level: Severity = Severity.ERROR
    baselined: int = 0
    suppressed: int = 0
    stale_baseline: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    documents: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> dict[Severity, int]:
        """How many there are of each severity."""
        counts = {Severity.ERROR: 0, Severity.WARNING: 0, Severity.INFO: 0}
        for diagnostic in self.diagnostics:
            counts[diagnostic.severity] += 1
        return counts

    @property
    def fails(self) -> bool:
        """Whether a finding is grave enough to fail the run, or a file could not be read."""
        failing = any(diagnostic.severity.is_at_least(self.fail_level) for diagnostic in self.diagnostics)
        return failing or bool(self.unreadable)
