"""Runs rules over one page: findings to diagnostics, less those that the document suppresses. Knows no files and no settings file."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.lint.baseline import fingerprint
from incidentctl.lint.diagnostic import Diagnostic, Finding, Severity
from incidentctl.lint.facts import Facts
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.rule import Applies, Asks, Rule
from incidentctl.lint.suppressions import unused_suppression


class Linted(Struct, frozen=True):
    """What one page gave. `skipped` are the codes of rules that had not what they ask for."""

    diagnostics: tuple[Diagnostic, ...]
    suppressed: int = 0
    skipped: tuple[str, ...] = ()
    is_english: bool = True


SeverityOf = Callable[[Rule], Severity]


def lint_page(
    page: Page,
    facts: Facts,
    rules: Sequence[Rule],
    severity_of: SeverityOf,
    *,
    kind: PageKind | None = None,
    level: Severity = Severity.INFO,
    is_english: Callable[[Page], bool] | None = None,
    mask: Callable[[str], str] | None = None,
    baseline_path: str | None = None,
) -> Linted:
    """What the rules find on a page, in order of place.

    `severity_of` gives a rule's severity for this page, `OFF` where it does not run. Rules below `level` do not run at
    all: nobody would see what they find. `mask` hides what must not be repeated in the line that is shown.
    `baseline_path` names the page in fingerprints where its own path depends on where the command was called.
    """
    kind = kind or page.kind
    applies = (Applies.INCIDENT if kind is PageKind.INCIDENT else Applies.POSTMORTEM).value
    missing = _missing(facts).value
    lowest = min(level.rank, Severity.INFO.rank)
    found: list[tuple[Rule, Severity, Finding]] = []
    skipped: list[str] = []
    ran: set[str] = set()
    english: bool | None = None
    for rule in rules:
        reads, asks = rule.bits
        if not reads & applies or rule is unused_suppression:
            continue
        severity = severity_of(rule)
        if severity.rank > lowest:
            continue
        if asks & missing:
            skipped.append(rule.code)
            continue
        if rule.is_wording and is_english is not None:
            if english is None:
                english = is_english(page)
            if not english:
                continue
        ran.update((rule.code.lower(), rule.name))
        for finding in rule.check(page, facts):
            own = finding.severity
            weight = own if own is not None and severity.is_at_least(own) else severity
            if weight.is_at_least(level) and weight is not Severity.OFF:
                found.append((rule, weight, finding))
    kept, used = _without_suppressed(page, found)
    suppressed = len(found) - len(kept)
    severity = severity_of(unused_suppression)
    if page.suppressions and severity.is_at_least(level) and severity is not Severity.OFF:
        known = {word for rule in rules for word in (rule.code.lower(), rule.name)}
        unused = frozenset(_unused(page, used, ran, known))
        finding_facts = replace(facts, unused=unused)
        kept.extend(
            (unused_suppression, severity, finding) for finding in unused_suppression.check(page, finding_facts)
        )
    diagnostics = as_diagnostics(page, kept, mask=mask, baseline_path=baseline_path)
    return Linted(diagnostics, suppressed, tuple(skipped), english is not False)


def _missing(facts: Facts) -> Asks:
    missing = Asks.NOTHING
    if facts.now is None:
        missing |= Asks.TODAY
    if facts.incident is None:
        missing |= Asks.RECORD
    if facts.history is None:
        missing |= Asks.HISTORY
    if facts.exists is None:
        missing |= Asks.FILES
    return missing


def _without_suppressed(
    page: Page, found: list[tuple[Rule, Severity, Finding]]
) -> tuple[list[tuple[Rule, Severity, Finding]], set[tuple[int, int]]]:
    suppressions = page.suppressions
    if not suppressions:
        return found, set()
    by_line: dict[tuple[int | None, str], tuple[int, int]] = {}
    for suppression in suppressions:
        for index, word in enumerate(suppression.words):
            by_line.setdefault((suppression.line, word.lower()), (suppression.start, index))
    kept: list[tuple[Rule, Severity, Finding]] = []
    used: set[tuple[int, int]] = set()
    for rule, severity, finding in found:
        line = finding.span.line - 1
        hits = [
            by_line[key]
            for key in ((line, rule.code.lower()), (line, rule.name), (None, rule.code.lower()), (None, rule.name))
            if key in by_line
        ]
        if hits:
            used.update(hits)
        else:
            kept.append((rule, severity, finding))
    return kept, used


def _unused(page: Page, used: set[tuple[int, int]], ran: set[str], known: set[str]) -> Iterable[tuple[int, int]]:
    """The words that suppressed nothing, of rules that ran; a word that names no rule at all suppresses nothing ever."""
    from incidentctl.lint.catalogue import find_rule  # lists the rules, which use the engine's types

    for suppression in page.suppressions:
        for index, word in enumerate(suppression.words):
            is_rule = word.lower() in known or find_rule(word) is not None
            if (suppression.start, index) not in used and (word.lower() in ran or not is_rule):
                yield suppression.start, index


def as_diagnostics(
    page: Page,
    found: Iterable[tuple[Rule, Severity, Finding]],
    *,
    mask: Callable[[str], str] | None = None,
    baseline_path: str | None = None,
) -> tuple[Diagnostic, ...]:
    """Findings with all that is known of them, in order of place, each with a fingerprint of its own."""
    ordered = sorted(found, key=lambda each: (each[2].span, each[0].code, each[2].message))
    seen: dict[tuple[str, str], int] = {}
    diagnostics: list[Diagnostic] = []
    shown_lines = page.lines
    if ordered and mask is not None:
        masked = mask(page.text)  # whole, since a key may run over several lines; it keeps lines and lengths
        if masked != page.text:
            shown_lines = Page(page.path, masked).lines
    for rule, severity, finding in ordered:
        at = finding.span.line - 1
        key = finding.key if finding.key is not None else (page.lines[at].strip() if at < len(page.lines) else "")
        ordinal = seen.get((rule.code, key), 0)
        seen[rule.code, key] = ordinal + 1
        shown = shown_lines[at] if at < len(shown_lines) else ""
        diagnostics.append(
            Diagnostic(
                page.path,
                finding.span,
                rule.code,
                rule.name,
                severity,
                finding.message,
                finding.fix,
                shown,
                fingerprint(baseline_path or page.path, rule.code, key, ordinal),
            )
        )
    return tuple(diagnostics)
