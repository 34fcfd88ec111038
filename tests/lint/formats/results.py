"""Results to render: none, one of each severity, thousands, and what a hostile document would say."""

from hashlib import sha256

from incidentctl.lint.diagnostic import Diagnostic, Edit, Fix, Result, Severity, Skipped, Span, Unreadable
from incidentctl.lint.formats.presentation import Presentation
from incidentctl.lint.rule import Rule, rule

PATH = "postmortems/2026/05/2026-05-14-checkout-latency.md"
OTHER = "postmortems/2026/06/2026-06-02-login-down.md"


@rule("TML003", "not-chronological", Severity.ERROR)
def not_chronological(page, facts):
    """Each entry of the timeline is at or after the one above it.

    Why
    ---
    A step back is a typing error, or an entry in the wrong place. Readers cannot tell which.

    Bad
    ---
        - 10:30Z failed over
        - 10:02Z the pool is exhausted

    Good
    ----
        - 10:02Z the pool is exhausted
        - 10:30Z failed over

    Source
    ------
    A measurement.
    """
    return ()


RULES: dict[str, Rule] = {"TML003": not_chronological}
PLAIN = Presentation(version="0.1.0", rules=RULES)


def found(
    code: str = "TML003",
    name: str = "not-chronological",
    *,
    path: str = PATH,
    severity: Severity = Severity.ERROR,
    message: str = "10:02Z comes before 10:30Z, the entry above it",
    line: int = 12,
    column: int = 3,
    end_line: int | None = None,
    end_column: int = 9,
    fix: Fix | None = None,
    line_text: str = "- 10:02Z the pool is exhausted\n",
    fingerprint: str | None = None,
) -> Diagnostic:
    """One finding; what is not said is of no matter."""
    return Diagnostic(
        path=path,
        span=Span(line, column, end_line or line, end_column),
        code=code,
        name=name,
        severity=severity,
        message=message,
        fix=fix,
        line_text=line_text,
        fingerprint=fingerprint or _fingerprint(path, code, line_text, message, line),
    )


def _fingerprint(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:16]


CLEAN = Result(diagnostics=(), files=2, documents=(PATH, OTHER))
NOTHING = Result(diagnostics=(), files=0)

OF_EACH = Result(
    diagnostics=(
        found(
            "HDR007",
            "duration-mismatch",
            severity=Severity.WARNING,
            message="`2h` is not what the times say: 2h 19m from started to resolved",
            line=6,
            column=16,
            end_column=18,
            line_text="**Duration**: 2h\n".replace("**: ", "**:  "),
            fix=Fix("write `2h 19m`", (Edit(88, 90, "2h 19m"),)),
        ),
        found(),
        found(
            "STR001",
            "missing-section",
            path=OTHER,
            message="the section `Impact` is missing",
            line=1,
            column=1,
            end_column=14,
            line_text="# Login is down\n",
            fix=Fix("add the section", (Edit(200, 200, "## Impact\n"),), is_safe=False),
        ),
        found(
            "ACT008",
            "vague-verb",
            path=OTHER,
            severity=Severity.INFO,
            message="`improve` cannot be done or not done: what will be there that is not there now?",
            line=40,
            column=3,
            end_line=42,
            end_column=5,
            line_text="- Improve the dashboards of the login service,\n",
        ),
    ),
    files=3,
    documents=(PATH, OTHER, "postmortems/2026/07/2026-07-01-fine.md"),
    baselined=4,
    suppressed=1,
    skipped=(
        Skipped(PATH, ("ACT016", "TML014"), "the clone is shallow: fetch all of it (`fetch-depth: 0`)"),
        Skipped(OTHER, ("ACT016", "TML014"), "the clone is shallow: fetch all of it (`fetch-depth: 0`)"),
        Skipped("README.md", (), "it is no post-mortem"),
    ),
    stale_baseline=("postmortems/old.md STR001 Impact",),
)

UNREADABLE = Result(
    diagnostics=(found(),),
    files=1,
    documents=(PATH,),
    unreadable=(
        Unreadable("postmortems/loop.md", "too many levels of links"),
        Unreadable("b\udcff.md", "no\ntext: a, b"),
    ),
)

_NASTY = (
    "\x1b]0;owned\x07::error file=x,line=1::gone%0A\r\n::set-output name=a::b ##[error]c <script>alert(1)</script> "
    "]]>&amp; [click](https://evil.example/) ![p](x) @ann #123 o/r#1 !5 GH-7 {0} `a` ``b`` <!-- x --> \u202egnal \ud800 \x00 \ufffe"
)
HOSTILE = Result(
    diagnostics=(
        found(
            "X001",
            "own-rule",
            path="postmortems/::warning file=a,b::\n`x` & <b> %41 \udc80[1](y).md",
            message=_NASTY,
            line_text=_NASTY,
            column=1,
            end_column=10,
            fingerprint="a\ud800",
        ),
        found("X001", "own-rule", message=_NASTY * 50, line_text="\t\u0301" * 500, column=700, end_column=705),
    ),
    files=2,
    documents=("postmortems/::warning file=a,b::\n`x` & <b> %41 \udc80[1](y).md", PATH),
)


def many(count: int) -> Result:
    """So many findings, twenty in each document."""
    documents = count // 20 + 100
    return Result(
        diagnostics=tuple(
            found(
                f"TML{number % 15 + 1:03}",
                "some-rule",
                path=f"postmortems/2026/05/{number // 20:04}.md",
                severity=(Severity.ERROR, Severity.WARNING, Severity.INFO)[number % 3],
                line=number % 20 + 1,
                message=f"finding {number} with a few words more, as a rule would say them",
            )
            for number in range(count)
        ),
        files=documents,
        documents=tuple(f"postmortems/2026/05/{number:04}.md" for number in range(documents)),
    )


MANY = many(10_000)

RESULTS = {
    "clean": CLEAN,
    "nothing": NOTHING,
    "of_each": OF_EACH,
    "unreadable": UNREADABLE,
    "hostile": HOSTILE,
    "many": MANY,
}
