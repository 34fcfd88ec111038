"""The linter never raises on any document; its fixes come to an end and leave a document that lints no worse."""

from collections import Counter

from incidentctl.incident.secrets import mask_secrets
from incidentctl.lint.catalogue import RULES
from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.engine import Linted, lint_page
from incidentctl.lint.facts import Facts
from incidentctl.lint.fixes import apply_fixes
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.prose import speaks_english
from incidentctl.lint.rule import Rule
from tests.fuzz.seeds import POSTMORTEM_WORDS, documents
from tests.fuzz.target import Choices, Target, joined, parts_of, text_of
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, PATH, believed, facts

_ROUNDS = 8
"""How often the command applies fixes."""


def lint(data: bytes) -> None:
    """All rules over any text, as either kind of file, with and without what they ask for."""
    chosen, text_bytes = parts_of(data, 2)
    choices = Choices(chosen)
    kind = choices.of((PageKind.POSTMORTEM, PageKind.INCIDENT))
    known = choices.of((facts(), Facts()))
    text = text_of(text_bytes)
    if known.incident is not None and kind is PageKind.INCIDENT:
        known = facts(incident=believed(text))
    unsafe = bool(choices.number(2))
    before = _lint(text, kind, known)
    _assert_sound(text, before)
    assert _lint(text, kind, known) == before, "the same text, and other findings"
    mended, seen = text, {text}
    for _ in range(_ROUNDS + 1):
        found = _lint(mended, kind, known)
        again, count = apply_fixes(mended, found.diagnostics, unsafe=unsafe)
        if not count or again == mended:
            break
        assert again not in seen, "fixes undo each other"
        seen.add(again)
        mended = again
    else:
        raise AssertionError("fixes come to no end")
    # A comment that is taken out joins the words beside it, and what they say together may be anything.
    if mended != text and not unsafe and "incidentctl:" not in text:
        worse = _weights(_lint(mended, kind, known)) - _weights(before)
        assert not worse[Severity.ERROR] and not worse[Severity.WARNING], (
            f"a safe fix makes a document that lints worse: {worse}"
        )


def _lint(text: str, kind: PageKind, known: Facts) -> Linted:
    path = INCIDENT_PATH if kind is PageKind.INCIDENT else PATH
    return lint_page(
        Page(path, text), known, RULES, _severity_of, kind=kind, is_english=speaks_english, mask=mask_secrets
    )


def _severity_of(rule: Rule) -> Severity:
    return Severity.WARNING if rule.severity is Severity.OFF else rule.severity


def _weights(linted: Linted) -> Counter[Severity]:
    return Counter(diagnostic.severity for diagnostic in linted.diagnostics)


def _assert_sound(text: str, linted: Linted) -> None:
    lines = text.count("\n") + 1
    fingerprints = [diagnostic.fingerprint for diagnostic in linted.diagnostics]
    assert len(set(fingerprints)) == len(fingerprints), "two findings have one fingerprint"
    for diagnostic in linted.diagnostics:
        span = diagnostic.span
        assert 1 <= span.line <= span.end_line <= lines + 1, f"{diagnostic.code}: a line that is not there: {span}"
        assert span.column >= 1 and span.end_column >= 1
        assert (span.line, span.column) <= (span.end_line, span.end_column), f"{diagnostic.code} ends before it begins"
        assert diagnostic.message and "\n" not in diagnostic.message, f"{diagnostic.code}: a message of several lines"
        for edit in diagnostic.fix.edits if diagnostic.fix else ():
            assert 0 <= edit.start <= edit.end <= len(text), f"{diagnostic.code}: a fix outside of the text"


def _seeds() -> list[bytes]:
    postmortems = [COMPLETE, COMPLETE.replace("\n", "\r\n"), *(COMPLETE[at : at + 1500] for at in (0, 700, 1400, 2100))]
    for words in (rule.words for rule in RULES):
        postmortems += [words.bad, words.good] if hasattr(words, "bad") else []
    return [joined(b"\0\0", each) for each in postmortems] + [
        joined(b"\1\0", each) for each in (INCIDENT, *documents()[:12])
    ]


TARGETS = (Target("lint", lint, _seeds, POSTMORTEM_WORDS),)
