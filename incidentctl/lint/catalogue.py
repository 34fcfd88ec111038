"""Every rule, in the order of the catalogue. A rule that is not in this list does not run."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from incidentctl.lint import suppressions
from incidentctl.lint.rule import Rule
from incidentctl.lint.rules import (
    actions,
    blameless,
    causes,
    freshness,
    header,
    impact,
    links,
    process,
    structure,
    timeline,
    wording,
)

FAMILIES: Final[Mapping[str, str]] = {
    "STR": "structure: the sections of the document",
    "HDR": "header and front matter",
    "TML": "timeline",
    "IMP": "impact",
    "RCA": "causes",
    "ACT": "action items",
    "BLM": "blameless language",
    "PRC": "process: how the incident was run",
    "FRS": "freshness: what is due",
    "LNK": "links",
    "SUP": "suppressions",
}
"""The families and what they are about."""


def _in_order() -> tuple[Rule, ...]:
    families = (
        *structure.RULES,
        *header.RULES,
        *timeline.RULES,
        *impact.RULES,
        *causes.RULES,
        *actions.RULES,
        *blameless.RULES,
        *wording.RULES,
        *process.RULES,
        *freshness.RULES,
        *links.RULES,
        *suppressions.RULES,
    )
    order = list(FAMILIES)
    return tuple(sorted(families, key=lambda rule: (order.index(rule.family), rule.code)))


RULES: Final[tuple[Rule, ...]] = _in_order()

BY_WORD: Final[Mapping[str, Rule]] = {word: rule for rule in RULES for word in (rule.code.lower(), rule.name)}


def find_rule(word: str) -> Rule | None:
    """The rule of a code or a name, in any case."""
    return BY_WORD.get(word.strip().lower())


def close_to(word: str) -> str | None:
    """The code or name that a misspelled one may have meant."""
    wanted = word.strip().lower()
    families = {family.lower(): family for family in FAMILIES}
    found = get_close_matches(wanted, [*BY_WORD, *families], 1)
    if not found:
        return None
    rule = BY_WORD.get(found[0])
    if rule is None:
        return families[found[0]]
    return rule.code if found[0] == rule.code.lower() else rule.name
