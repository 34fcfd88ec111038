"""Makes docs/reference/blame-quality.md: precision and recall of the wording rules. `--check` says whether it is current."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from incidentctl.lint.diagnostic import Severity  # noqa: E402 (the tests stand beside the package, not in it)
from tests.lint.blame.quality import KINDS, RULES, SETS, Labelled, Score, measure, read_labelled, wilson  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "blame-quality.md"
HEAD = """\
# How often the wording rules are right

<!-- Made by `python docs/build_blame_quality.py`. Change the rules or the labelled sentences, not this page. -->

Rules about wording promise what is measured. {total} sentences in `tests/lint/blame/` are labelled with the rules that
should find something in them. All are invented, in the manner of real post-mortems; many are traps: services that fail,
operators that are programs, quotations, denials, plans, praise. Each sentence stands alone in its section of a complete
post-mortem when the rules read it.

- **Precision**: of the findings, the share that should be there. The interval is Wilson's, 95 %.
- **Recall**: of what should be found, the share that is.
- `tuning` holds the sentences that the rules were written with. `held_out` was labelled before the rules ran on it; its
  totals were watched while the rules were changed, its sentences were not looked at. Rules and labels are by the same
  author, so expect less on documents by others, above all
  of recall: there are more ways to blame than these sentences hold. How the rules did on archives by others is in
  [lint-quality.md](lint-quality.md).
- A rule with a precision below 90 %, or with fewer than 20 findings here, is not on by default.

No finding does not mean blameless: only some ways to blame can be told by their words.
"""


def blame_quality_page() -> str:
    """The whole page."""
    sets = {name: read_labelled(name) for name in SETS}
    scores = {name: measure(sentences) for name, sentences in sets.items()}
    everything = [sentence for sentences in sets.values() for sentence in sentences]
    both = {rule.code: scores["tuning"][rule.code] + scores["held_out"][rule.code] for rule in RULES}
    parts = [
        HEAD.format(total=len(everything)),
        "## All sentences\n\n" + _table(both),
        f"## Held out\n\n{len(sets['held_out'])} of the sentences. Few findings a rule: read the intervals.\n\n"
        + _table(scores["held_out"]),
        "## The sentences\n\n" + _kinds(sets),
    ]
    return "\n".join(parts)


def _table(scores: dict[str, Score]) -> str:
    lines = [
        "| rule | default | findings | right | precision | 95 % | should be found | recall | 95 % |",
        "| --- | --- | --: | --: | --: | --- | --: | --: | --- |",
    ]
    together, missing = Score(), 0
    for rule in RULES:
        score = scores[rule.code]
        default = "preview" if rule.preview else rule.severity.value
        lines.append(f"| [{rule.code}](rules/{rule.code}.md) {rule.name} | {default} | {_cells(score)} |")
        if rule.severity is not Severity.OFF and not rule.preview:
            together = together + score
            missing += 1
    lines.append(f"| **the {missing} that are on** | | {_cells(together)} |")
    return "\n".join(lines) + "\n"


def _cells(score: Score) -> str:
    wanted = score.right + score.missed
    return (
        f"{score.findings} | {score.right} | {_share(score.right, score.findings)} | {_interval(score.right, score.findings)}"
        f" | {wanted} | {_share(score.right, wanted)} | {_interval(score.right, wanted)}"
    )


def _share(right: int, total: int) -> str:
    return f"{100 * right / total:.0f} %" if total else "–"


def _interval(right: int, total: int) -> str:
    low, high = wilson(right, total)
    return f"{100 * low:.0f}–{100 * high:.0f} %" if total else "–"


def _kinds(sets: dict[str, list[Labelled]]) -> str:
    lines = ["| kind | tuning | held out |", "| --- | --: | --: |"]
    for kind in KINDS:
        counts = [sum(sentence.kind == kind for sentence in sets[name]) for name in SETS]
        lines.append(f"| {_NAMES.get(kind, kind)} | {counts[0]} | {counts[1]} |")
    lines.append(f"| **all** | {len(sets['tuning'])} | {len(sets['held_out'])} |")
    return "\n".join(lines) + "\n"


_NAMES = {
    "weak": "weak action item",
    "system": "a system as subject",
    "veto": "blame that the sentence takes back",
    "plan": "a plan",
    "fact": "a fact",
    "quotation": "a quotation",
}


def main(arguments: list[str]) -> int:
    """Writes the page, or says with exit code 1 that it is out of date."""
    page = blame_quality_page()
    if "--check" not in arguments:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page:
        return 0
    print(f"out of date: {PAGE.relative_to(ROOT)} (run: python docs/build_blame_quality.py)")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
