"""Which rules run, and how grave what they find is: catalogue, settings, the document's status and place, and the command line."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.config.lint_settings import LintSettings
from incidentctl.config.values import did_you_mean
from incidentctl.errors import UsageError
from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.globs import fits
from incidentctl.lint.rule import Rule

ALL: Final = "ALL"
"""The word for all rules."""

_LIKE_A_CODE: Final = re.compile(r"([A-Za-z]{1,3})[-_ ]?([0-9OoIl]{1,3})")
_DIGITS: Final = str.maketrans("OoIl", "0011")


class Chosen(Struct, frozen=True):
    """What the command line says of rules; each text may hold several words with commas between them."""

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    preview: bool = False


class Reach(IntEnum):
    """How closely a word names a rule; the closest word counts."""

    ALL = 0
    FAMILY = 1
    RULE = 2


class Named(Struct, frozen=True):
    """The rules, by code, that a word names."""

    reach: Reach
    codes: frozenset[str]


class RuleWords:
    """The words that name rules, in any case: codes, names, families and `ALL`."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        families: dict[str, set[str]] = {}
        for rule in self.rules:
            families.setdefault(rule.family, set()).add(rule.code)
        self._named = {ALL.lower(): Named(Reach.ALL, frozenset(rule.code for rule in self.rules))}
        for family, codes in families.items():
            self._named[family.lower()] = Named(Reach.FAMILY, frozenset(codes))
        for rule in self.rules:
            named = Named(Reach.RULE, frozenset((rule.code,)))
            self._named.setdefault(rule.code.lower(), named)
            self._named.setdefault(rule.name.lower(), named)
        self._spelt = (ALL, *families, *(rule.code for rule in self.rules), *(rule.name for rule in self.rules))

    def find(self, word: str) -> Named | None:
        """What a word names; `None` for one that names no rule."""
        return self._named.get(word.strip().lower())

    def of_reach(self, given: Iterable[str], reach: Reach) -> set[str]:
        """The rules that the words of one reach name."""
        found = (self.find(word) for word in given)
        return {code for named in found if named is not None and named.reach is reach for code in named.codes}

    def hint(self, word: str) -> str:
        """What was meant, perhaps: also where a code has letters for digits, or no zeros."""
        match = _LIKE_A_CODE.fullmatch(word.strip())
        if match:
            code = f"{match[1].upper()}{match[2].translate(_DIGITS):0>3}"
            if self.find(code):
                return f"did you mean '{code}'?"
        return did_you_mean(word.strip(), self._spelt) or "`incidentctl rule` lists them all"


class _Layer(Struct, frozen=True):
    """What one place says, by code: which rules run, how grave they are, and of which of them it speaks closely."""

    runs: Mapping[str, bool]
    levels: Mapping[str, Severity]
    spoken: frozenset[str]


class Selection(Struct, frozen=True):
    """The rules that can run in this run, in the order of the catalogue, and how grave they are for each document."""

    rules: tuple[Rule, ...]
    settings: LintSettings
    base: _Layer
    statuses: Mapping[str, _Layer]
    places: tuple[_Layer, ...]
    line: Mapping[str, bool]
    is_narrowed: bool
    known: dict[tuple[str | None, tuple[int, ...], bool], Mapping[str, Severity]]

    def severities(self, path: str, status: str | None, *, is_eased: bool = False) -> Mapping[str, Severity]:
        """The severity of each rule, by code, for the document at a path (seen from the settings) of a status.

        One that does not run is `OFF`. `is_eased`: the document follows another template, and no settings say that it
        should not.
        """
        status = status.strip().lower().replace("-", "_").replace(" ", "_") if status else None
        fitting = tuple(index for index, each in enumerate(self.settings.path) if fits(path, each.paths))
        key = (status if status == "draft" or status in self.statuses else None, fitting, is_eased)
        found = self.known.get(key)
        if found is None:
            layers = [self.places[index] for index in fitting]
            by_status = self.statuses.get(status) if status else None
            found = dict.fromkeys(self.base.runs, Severity.OFF)
            found |= {rule.code: self._severity(rule, status, by_status, layers, is_eased) for rule in self.rules}
            self.known[key] = found
        return found

    def _severity(
        self, rule: Rule, status: str | None, by_status: _Layer | None, places: Sequence[_Layer], is_eased: bool
    ) -> Severity:
        code = rule.code
        runs = self.base.runs[code]
        severity = self.base.levels.get(code, _catalogued(rule))
        is_spoken = code in self.base.spoken
        for layer in (*([by_status] if by_status else ()), *places):
            said = layer.runs.get(code, runs)
            runs = (runs and said) if self.is_narrowed else said
            severity = layer.levels.get(code, severity)
            is_spoken = is_spoken or code in layer.spoken
        if not self.line.get(code, runs):
            return Severity.OFF
        if severity is Severity.ERROR and (
            _is_of_the_calendar(rule)
            or (rule.is_wording and not is_spoken)
            or (status == "draft" and rule.eased_in_draft and not (by_status and code in by_status.spoken))
        ):
            severity = Severity.WARNING
        if is_eased and rule.eased_elsewhere and not self.line.get(code) and severity.is_at_least(Severity.INFO):
            severity = Severity.INFO
        return severity

    def may_run(self, rule: Rule, level: Severity) -> bool:
        """Whether a rule can run for some document, where nothing below a level is shown."""
        code = rule.code
        layers = (self.base, *self.statuses.values(), *self.places)
        said = self.line.get(code)
        runs = any(layer.runs.get(code) for layer in layers) if said is None else said
        levels = [_catalogued(rule), *(layer.levels[code] for layer in layers if code in layer.levels)]
        return runs and any(severity.is_at_least(level) for severity in levels)


def select_rules(
    rules: Iterable[Rule], settings: LintSettings = LintSettings(), chosen: Chosen = Chosen()
) -> Selection:
    """Which rules run, from the catalogue with a team's own, the settings, and the command line.

    The word that names a rule most closely counts: itself before its family, the family before `ALL`; of words as
    close, the one that ignores it. A rule in preview runs where it or its family is selected, or with `preview`; one
    that is off in the catalogue only where it is named itself or has a severity of its own.

    `--select` takes the place of what the settings select and ignore. What they give the severity `off`, or ignore by
    status and path, stays off, but for a rule that the command line names itself. Raises
    `UsageError` for a word of the command line that names no rule; one of the settings says nothing here, and
    `incidentctl.lint.settings.wrong_words` tells of it.
    """
    words = RuleWords(rules)
    select, extend, ignore = (split_words(each) for each in (chosen.select, chosen.extend_select, chosen.ignore))
    for option, given in (("--select", select), ("--extend-select", extend), ("--ignore", ignore)):
        for word in given:
            if words.find(word) is None:
                raise UsageError(f"{option} names no rule: {word!r}", hint=words.hint(word))
    preview = chosen.preview or settings.preview
    standing = dict.fromkeys((rule.code for rule in words.rules), False)
    if settings.select is None and not chosen.select:
        standing |= {rule.code: rule.is_on or _answers(rule, Reach.ALL, preview) for rule in words.rules}
    if chosen.select:
        base = _layer(words, (*select, *extend), ignore, {}, preview=preview, standing=standing)
        levels = _layer(words, (), (), settings.severity, blame=settings.blame, preview=preview)
        runs = {code: runs and levels.runs.get(code, True) for code, runs in base.runs.items()}
        base = _Layer(runs, levels.levels, levels.spoken)
        line = {code: False for code, runs in base.runs.items() if not runs}
    else:
        own = (*(settings.select or ()), *settings.extend_select, *extend)
        ignored = (*settings.ignore, *ignore)
        base = _layer(words, own, ignored, settings.severity, blame=settings.blame, preview=preview, standing=standing)
        said = _layer(words, extend, ignore, {}, preview=preview).runs
        line = {code: False for code, runs in said.items() if not runs}
    named = words.of_reach((*select, *extend), Reach.RULE) - words.of_reach(ignore, Reach.RULE)
    line |= dict.fromkeys(named, True)
    selection = Selection(
        rules=words.rules,
        settings=settings,
        base=base,
        statuses={
            status: _layer(words, each.extend_select, each.ignore, each.severity, preview=preview)
            for status, each in settings.status.items()
        },
        places=tuple(
            _layer(words, each.extend_select, each.ignore, each.severity, preview=preview) for each in settings.path
        ),
        line=line,
        is_narrowed=bool(chosen.select),
        known={},
    )
    return replace(selection, rules=tuple(rule for rule in words.rules if selection.may_run(rule, Severity.INFO)))


def level_of(asked: Severity | None, settings: LintSettings, chosen: Chosen) -> Severity:
    """From which severity on findings are shown: as asked; all where the rules were selected for this run; else as set."""
    if asked is not None:
        return asked
    return Severity.INFO if chosen.select else Severity(settings.level)


def split_words(given: Iterable[str]) -> tuple[str, ...]:
    """The words of an option that was given several times, or with commas."""
    return tuple(word.strip() for each in given for word in each.split(",") if word.strip())


def _layer(
    words: RuleWords,
    select: Sequence[str],
    ignore: Sequence[str],
    severity: Mapping[str, str],
    *,
    preview: bool,
    blame: str | None = None,
    standing: Mapping[str, bool] | None = None,
) -> _Layer:
    """What words and severities say together, the closest last. A severity of its own wakes a rule, `off` silences it."""
    by_code = {rule.code: rule for rule in words.rules}
    runs = dict(standing or {})
    levels: dict[str, Severity] = {}
    spoken: set[str] = set()
    for reach in Reach:
        given = [(words.of_reach((word,), reach), Severity(level)) for word, level in severity.items()]
        if reach is Reach.FAMILY and blame is not None:
            given.append(({rule.code for rule in words.rules if _is_of_blame(rule)}, Severity(blame)))
        for codes, level in given:
            if level is Severity.OFF:
                runs |= dict.fromkeys(codes, False)
                continue
            levels |= dict.fromkeys(codes, level)
            if reach is Reach.RULE:
                runs |= dict.fromkeys(codes, True)
            if reach is not Reach.ALL:  # a word for all rules is no wish to make wording an error
                spoken |= codes
        chosen = words.of_reach(select, reach)
        runs |= {code: True for code in chosen if _answers(by_code[code], reach, preview)}
        runs |= dict.fromkeys(words.of_reach(ignore, reach), False)
    return _Layer(runs, levels, frozenset(spoken))


def _answers(rule: Rule, reach: Reach, preview: bool) -> bool:
    """Whether a rule runs where a word of that reach selects it."""
    if reach is Reach.RULE:
        return True
    if rule.severity is Severity.OFF:
        return False
    return reach is Reach.FAMILY or preview or not rule.preview


def _catalogued(rule: Rule) -> Severity:
    """The severity of a rule that runs and of which nothing else is said: a warning for one that is off."""
    return Severity.WARNING if rule.severity is Severity.OFF else rule.severity


def _is_of_blame(rule: Rule) -> bool:
    return rule.family == "BLM" or rule.code == "RCA002"


def _is_of_the_calendar(rule: Rule) -> bool:
    """Whether what it finds comes with the days: a gate judges the change, never the date."""
    return rule.family == "FRS" or rule.code == "ACT005"
