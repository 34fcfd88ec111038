"""The severity scale and what each level asks for. The escalation rule is here; what a team sets for itself is not.

Each command loads this module, so the records are named tuples: a frozen dataclass takes ten times as long to define.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from incidentctl.errors import UsageError
from incidentctl.incident.times import quoted

SEVERITY_NAME = r"[A-Za-z][A-Za-z0-9_.-]*"

_BETWEEN = r"\s*(?:-|–|—|/|\.\.)\s*"
_SAFE_WORDS = r"[\w.?/–—-]+"


class ResponseHours(StrEnum):
    """When the time to respond runs: at all hours, or in those of the calendar."""

    ALWAYS = "always"
    BUSINESS = "business"


class CommanderRule(StrEnum):
    """What is said of an incident without a commander."""

    REQUIRED = "required"
    HINT = "hint"
    NONE = "none"


class Severity(NamedTuple):
    """One level of the scale. A length of time that is None is a clock that this level does not have."""

    name: str
    aliases: tuple[str, ...] = ()
    title: str = ""
    impact: str = ""
    involves: str = ""
    response: timedelta | None = None
    response_hours: ResponseHours = ResponseHours.ALWAYS
    update_every: timedelta | None = None
    status_page: timedelta | None = None
    management: timedelta | None = None
    bridge: bool = False
    commander: CommanderRule = CommanderRule.NONE
    postmortem: bool = False
    postmortem_within: int | None = None  # business days from resolution
    ticket: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """All that it answers to."""
        return (self.name, *self.aliases, *((self.title,) if self.title else ()))


class GivenSeverity(NamedTuple):
    """The level that counts, and the words it was given in where they said less, as `1-2` or `sev2?`."""

    severity: Severity
    given_as: str | None


class Scale:
    """The levels, the most severe first. Names that are not on it, from an older scale, rank below all that are."""

    __slots__ = ("severities",)

    def __init__(self, severities: tuple[Severity, ...]) -> None:
        self.severities = severities

    def __iter__(self) -> Iterator[Severity]:
        return iter(self.severities)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scale) and self.severities == other.severities

    def __hash__(self) -> int:
        return hash(self.severities)

    def __repr__(self) -> str:
        return f"Scale({', '.join(self.names)})"

    @property
    def names(self) -> tuple[str, ...]:
        """The names, the most severe first."""
        return tuple(severity.name for severity in self.severities)

    def find(self, word: str) -> Severity | None:
        """The level of that name, alias or title, in any case; a bare number is also the one name that ends in it."""
        for severity in self.severities:
            if severity.name == word:
                return severity
        wanted = _plain(word)
        for severity in self.severities:
            if any(_plain(each) == wanted for each in severity.words):
                return severity
        if wanted.isascii() and wanted.isdecimal():
            numbered = [each for each in self.severities if each.name.rstrip("0123456789") + wanted == each.name]
            return numbered[0] if len(numbered) == 1 else None
        return None

    def rank(self, name: str) -> int:
        """0 for the most severe, more for the less severe."""
        severity = self.find(name)
        return len(self.severities) if severity is None else self.severities.index(severity)

    def more_severe(self, a: str, b: str) -> str:
        """The name of the more severe of two; the same in either order, for names that are not on the scale as well."""
        return min(a, b, key=lambda name: (self.rank(name), name))

    def parse_given(self, words: str) -> GivenSeverity:
        """The level that these words stand for. Uncertain severity is taken up: a range is its more severe end.

        `2-3`, `sev2-sev3`, `2/3` give SEV2, `sev2?` gives SEV2; a UsageError for what is not on the scale.
        """
        given = " ".join(words.split())
        plain = self.find(given)
        if plain is not None:
            return GivenSeverity(plain, None)
        known = self._ends(given)
        if not known:
            raise self._unknown(given)
        return GivenSeverity(min(known, key=self.severities.index), _as_given(given, known))

    def _ends(self, given: str) -> tuple[Severity, ...]:
        """One level that somebody is not sure of, or the two ends of a range; none where a part is not on the scale."""
        single = self.find(given.strip("? "))
        if single is not None:
            return (single,)
        for between in re.finditer(_BETWEEN, given):  # each in turn: a name may have a dash of its own
            first, last = self.find(given[: between.start()].strip("? ")), self.find(given[between.end() :].strip("? "))
            if first is not None and last is not None:
                return (first, last)
        return ()

    def _unknown(self, given: str) -> UsageError:
        import difflib

        scale = ", ".join(self.names)
        if not given:
            return UsageError("the severity is empty", hint=f"write one of {scale}", candidates=self.names)
        by_word = {_plain(word): each.name for each in self.severities for word in each.words if len(word) > 1}
        close = difflib.get_close_matches(_plain(given.strip("?")), by_word, 1, 0.7)
        hint = f"did you mean {by_word[close[0]]}?" if close else "write one of them, or, in doubt, a range of two"
        return UsageError(f"{quoted(given)} is not on the scale {scale}", hint=hint, candidates=self.names)


def _plain(word: str) -> str:
    """`Sev-1`, `sev 1` and `SEV1` are one word; `1-2` is not 12."""
    return re.sub(r"(?<=[a-z])[\s_-]+(?=[0-9])", "", word.strip().casefold())


def _as_given(given: str, known: tuple[Severity, ...]) -> str:
    """One word for the record: as typed, where the format can hold it."""
    word = given.replace(" ", "")
    if re.fullmatch(_SAFE_WORDS, word):
        return word
    return "-".join(severity.name for severity in known) + ("?" if len(known) == 1 else "")


DEFAULT_SCALE = Scale(
    (
        Severity(
            name="SEV1",
            aliases=("1", "P1"),
            title="critical",
            impact="complete outage, data loss, security breach affecting all users",
            involves="incident commander, on-call engineers, management notified",
            response=timedelta(minutes=15),
            update_every=timedelta(minutes=30),
            status_page=timedelta(minutes=15),
            management=timedelta(minutes=15),
            bridge=True,
            commander=CommanderRule.REQUIRED,
            postmortem=True,
            postmortem_within=5,
        ),
        Severity(
            name="SEV2",
            aliases=("2", "P2"),
            title="major",
            impact="significant degradation for many users, a critical feature broken",
            involves="on-call engineer, service owners, commander if needed",
            response=timedelta(minutes=30),
            update_every=timedelta(minutes=60),
            commander=CommanderRule.HINT,
            postmortem=True,
            postmortem_within=5,
        ),
        Severity(
            name="SEV3",
            aliases=("3", "P3"),
            title="minor",
            impact="partial degradation, non-critical feature, a workaround exists",
            involves="service owner, in normal work",
            response=timedelta(hours=4),
            response_hours=ResponseHours.BUSINESS,
        ),
        Severity(
            name="SEV4",
            aliases=("4", "P4"),
            title="low",
            impact="cosmetic, minor bug, no user impact",
            involves="a ticket, in the backlog",
            ticket=True,
        ),
    )
)
