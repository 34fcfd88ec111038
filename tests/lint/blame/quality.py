"""Measures the wording rules on the labelled sentences: each is put alone into its section of a complete post-mortem."""

from math import sqrt
from pathlib import Path

from msgspec import Struct

from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.facts import Facts
from incidentctl.lint.page import Page
from incidentctl.lint.rules import blameless, wording
from tests.lint.documents import compose

RULES = (*blameless.RULES, *wording.RULES)
SETS = ("tuning", "held_out")
KINDS = ("blame", "hindsight", "weak", "fact", "quotation", "system", "praise", "plan", "veto")
HEADINGS = {
    "summary": "Summary",
    "impact": "Impact",
    "timeline": "Timeline",
    "cause": "Root Cause",
    "factor": "Contributing Factors",
    "well": "What Went Well",
    "poor": "What Went Poorly",
    "action": "Action Items",
}
PEOPLE = frozenset(
    ("Priya Raman", "praman", "Tomasz Wilk", "twilk", "Ana Beltrán", "abeltran", "Joel Okafor", "jokafor")
)
"""Who is known in the labelled sentences."""


class Labelled(Struct, frozen=True):
    """One sentence: `codes` should fire, those in `infos` as info, since the author speaks of himself."""

    section: str
    kind: str
    codes: frozenset[str]
    infos: frozenset[str]
    text: str


class Score(Struct):
    """How a rule did: findings that should be there, findings that should not, and those that are missing."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def findings(self) -> int:
        return self.right + self.wrong

    @property
    def precision(self) -> float:
        return self.right / self.findings if self.findings else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson, which holds for small numbers and for shares near 1."""
    if not total:
        return 0.0, 1.0
    z = 1.959964
    share = right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def read_labelled(name: str) -> list[Labelled]:
    """The sentences of one set."""
    found = []
    for line in (Path(__file__).parent / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        section, kind, words, text = line.split("\t")
        codes = [] if words == "-" else words.split(",")
        found.append(
            Labelled(
                section,
                kind,
                frozenset(code.removesuffix("/i") for code in codes),
                frozenset(code.removesuffix("/i") for code in codes if code.endswith("/i")),
                text.replace("\\n", "\n"),
            )
        )
    return found


def document_with(sentence: Labelled) -> str:
    """A complete post-mortem whose section holds this sentence and nothing else."""
    text = sentence.text
    if sentence.section == "action":
        body = f"- [ ] {text} — owner: @ann — due: 2026-06-15 — type: prevent"
    elif sentence.section == "timeline":
        body = f"- 2026-05-14 10:02 {text}"
    elif sentence.section in ("poor", "well", "factor") and "\n" not in text and text[0] not in "`><":
        body = f"- {text}"
    else:
        body = text
    return compose(f"## {HEADINGS[sentence.section]}\n\n{body}\n")


def findings_of(sentence: Labelled) -> dict[str, Severity]:
    """What the rules find in it, off ones too: the severity by code."""
    page = Page("postmortem.md", document_with(sentence))
    facts = Facts(people=PEOPLE)
    found = {}
    for rule in RULES:
        for finding in rule.check(page, facts):
            found[rule.code] = finding.severity or rule.severity
    return found


def measure(sentences: list[Labelled]) -> dict[str, Score]:
    """The score of each rule."""
    scores = {rule.code: Score() for rule in RULES}
    for sentence in sentences:
        found = findings_of(sentence)
        for code, score in scores.items():
            if code in found:
                if code in sentence.codes:
                    score.right += 1
                else:
                    score.wrong += 1
            elif code in sentence.codes:
                score.missed += 1
    return scores
