"""A rule explained: for a terminal, for a program, and as a page of the docs, all from its docstring. Nothing here prints."""

import re
from collections.abc import Iterable, Mapping, Sequence

from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.rule import Applies, Asks, FixKind, Rule
from incidentctl.output.listing import table, wrapped

PROSE_WIDTH = 96
"""Columns of a page for a terminal that is wider, or for none."""

NOT_BLAMELESS = "No finding does not mean blameless: only some ways to blame can be told by their words."

_FIXES = {
    FixKind.NONE: "by hand",
    FixKind.SAFE: "`--fix` mends it",
    FixKind.UNSAFE: "`--fix --unsafe-fixes` writes what is missing, for you to fill in or to check",
}
_READS = {
    Applies.POSTMORTEM: "post-mortems",
    Applies.INCIDENT: "incident files",
    Applies.BOTH: "post-mortems and incident files",
}
_ASKS = {
    Asks.TODAY: "what day it is",
    Asks.RECORD: "the incident's own record",
    Asks.HISTORY: "git's history",
    Asks.FILES: "the files around it",
}


def rule_as_text(rule: Rule, *, width: int | None = None) -> str:
    """Everything about a rule for a terminal: what, why, a bad and a good example, how it is mended, where it is from."""
    limit = min(width or PROSE_WIDTH, PROSE_WIDTH)
    words = rule.words
    lines = [f"{rule.code} {rule.name}", "", *_prose(words.summary, limit)]
    for title, text in (("Why", words.why), ("Notes", _notes(rule))):
        if text:
            lines += ["", title, *_prose(text, limit, 2)]
    for title, text in (("Bad", words.bad), ("Good", words.good)):
        if text:
            lines += ["", title, *(f"  | {line}".rstrip() for line in _example(text).split("\n"))]
    for title, text in (("Source", words.source), ("How it runs", _running(rule))):
        if text:
            lines += ["", title, *_prose(text, limit, 2)]
    lines += [
        "",
        "To turn it off",
        f'  in incidentctl.toml, below [lint]: ignore = ["{rule.code}"]',
        f"  on the line before, in a document: <!-- incidentctl: ignore {rule.code} -- reason -->",
    ]
    return "\n".join(lines)


def catalogue_as_text(rules: Iterable[Rule], families: Mapping[str, str], *, width: int | None = None) -> str:
    """All rules, by family: code, severity, `*` where a fix is safe, name, and what it says."""
    rows = [_row(rule) for rule in rules]
    lines: list[str] = []
    family = ""
    for line, row in zip(table(rows, width=width and width - 2), rows, strict=True):
        own = row[0].rstrip("0123456789")
        if own != family:
            lines += [""] * bool(lines) + [f"{own} {families.get(own, 'rules of your own')}"]
            family = own
        lines.append(f"  {line}")
    return "\n".join(lines)


def rule_as_data(rule: Rule) -> dict[str, object]:
    """A rule for a program."""
    words = rule.words
    return {
        "code": rule.code,
        "name": rule.name,
        "family": rule.family,
        "severity": rule.severity.value,
        "preview": rule.preview,
        "on_by_default": rule.is_on,
        "fix": rule.fix.value,
        "applies": {Applies.POSTMORTEM: "postmortem", Applies.INCIDENT: "incident"}.get(rule.applies, "both"),
        "asks": [asks.name.lower() for asks in _ASKS if asks.name and asks in rule.asks],
        "summary": _line(words.summary),
        "why": words.why,
        "bad": _example(words.bad),
        "good": _example(words.good),
        "source": words.source,
        "notes": _notes(rule),
    }


def reference_pages(rules: Sequence[Rule], families: Mapping[str, str], made: str = "") -> dict[str, str]:
    """The pages of the docs by file name: one for each rule, and `README.md` with the whole catalogue. `made` says who writes them."""
    pages = {"README.md": _catalogue_page(rules, families, made)}
    for rule in rules:
        pages[f"{rule.code}.md"] = _page(rule, families, made)
    return pages


# ----------------------------------------------------------------------------------------------------------------- parts


def _row(rule: Rule) -> tuple[str, ...]:
    fix = "*" if rule.fix is FixKind.SAFE else ""
    preview = "preview" if rule.preview else ""
    return rule.code, rule.name, rule.severity.value, preview, fix, _line(rule.words.summary)


def _notes(rule: Rule) -> str:
    notes = rule.words.notes
    if rule.family == "BLM" and "not mean blameless" not in " ".join(notes.split()):
        return f"{notes}\n\n{NOT_BLAMELESS}".strip()
    return notes


def _running(rule: Rule) -> str:
    """When it runs, how grave it is and where that changes, and how it is mended; a sentence each."""
    found = []
    if rule.severity is Severity.OFF:
        found.append(
            f"Off by default: `--extend-select {rule.code}` or a severity of its own turns it on, as a warning."
        )
    elif rule.preview:
        found.append(
            f"In preview, as {_a(rule.severity)}: it runs where it or its family is selected, as with "
            f"`--extend-select {rule.code}`, or with `--preview`."
        )
    else:
        found.append(f"On by default, as {_a(rule.severity)}.")
    if rule.severity is Severity.INFO:
        found.append("Shown with `--level info`, or where it is selected.")
    if rule.eased_in_draft and rule.severity is Severity.ERROR:
        found.append("In a draft it is a warning.")
    if rule.eased_elsewhere and rule.severity is not Severity.INFO:
        found.append(
            "It is info for a document that follows another template, where no settings say that it should not."
        )
    if rule.is_wording:
        found.append("It reads English, and is not run on documents in another language.")
    found.append(f"It reads {_READS[rule.applies]}.")
    asks = [words for asks, words in _ASKS.items() if asks in rule.asks]
    if asks:
        found.append(f"It asks for {' and '.join(asks)}; where that is not known it is skipped, and that is said.")
    found.append(f"Mended: {_FIXES[rule.fix]}.")
    return " ".join(found)


def _a(severity: Severity) -> str:
    return {"error": "an error", "warning": "a warning"}.get(severity.value, severity.value)


def _prose(text: str, width: int, indent: int = 0) -> list[str]:
    """Paragraphs and lists, wrapped anew."""
    lines: list[str] = []
    margin = " " * indent
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if lines:
            lines.append("")
        for part in re.split(r"\n(?=\s*(?:[-*]|\d+\.)\s)", paragraph):
            hang = indent + 2 if re.match(r"\s*(?:[-*]|\d+\.)\s", part) else indent
            lines += wrapped(margin + " ".join(part.split()), width, hang)
    return lines


def _line(text: str) -> str:
    return " ".join(text.split())


def _example(text: str) -> str:
    """An example as readers see it: without the mark for one that is a whole document, which tests read."""
    return text.removeprefix("(whole)\n").strip("\n")


def _page(rule: Rule, families: Mapping[str, str], made: str) -> str:
    words = rule.words
    parts = [f"# {rule.code} {rule.name}\n", made] if made else [f"# {rule.code} {rule.name}\n"]
    parts.append(f"{words.summary}\n")
    if words.why:
        parts.append(f"## Why\n\n{words.why}\n")
    for title, text in (("Bad", words.bad), ("Good", words.good)):
        if text:
            parts.append(f"## {title}\n\n{_fenced(text)}\n")
    if _notes(rule):
        parts.append(f"## Notes\n\n{_notes(rule)}\n")
    parts.append(f"## How it runs\n\n{_running(rule)}\n")
    if words.source:
        parts.append(f"## Source\n\n{words.source}\n")
    family = families.get(rule.family, "")
    parts.append(
        f"[All rules](README.md) · {rule.family}{f', {family}' if family else ''} · `incidentctl rule {rule.code}`\n"
    )
    return "\n".join(parts)


def _fenced(text: str) -> str:
    """An example as it stands; its fence is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}markdown\n{_example(text)}\n{fence}"


def _catalogue_page(rules: Sequence[Rule], families: Mapping[str, str], made: str) -> str:
    on = sum(rule.is_on for rule in rules)
    parts = ["# Rules\n", made] if made else ["# Rules\n"]
    parts += [
        f"{len(rules)} rules, {on} of them on by default. Each is selected, ignored and given a severity by its code, its name or its "
        "family: `incidentctl lint --select BLM --ignore BLM009`, or `[lint]` in [the settings](../settings.md). "
        "`incidentctl rule CODE` prints the page of a rule.\n",
        "Severity: what it is by default. Fix: `safe` is mended by `--fix`, `unsafe` with `--unsafe-fixes` as well. "
        "Rules in preview run where they or their family are selected, or with `--preview`.\n",
    ]
    for family in dict.fromkeys(rule.family for rule in rules):
        title = families.get(family, "")
        rows = [
            f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity.value} | "
            f"{'' if rule.fix is FixKind.NONE else rule.fix.value} | {'preview' if rule.preview else ''} | "
            f"{_line(rule.words.summary).replace('|', chr(92) + '|')} |"
            for rule in rules
            if rule.family == family
        ]
        parts.append(f"## {family}{f': {title}' if title else ''}\n")
        parts.append(
            "| code | name | severity | fix | | what it finds |\n| --- | --- | --- | --- | --- | --- |\n"
            + "\n".join(rows)
            + "\n"
        )
    return "\n".join(parts)
