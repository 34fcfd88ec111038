"""Documents from which the fuzzers begin, made by our own code, and the words of the formats."""

from datetime import UTC, datetime, timedelta
from functools import cache

from incidentctl.document.render import render_document
from incidentctl.incident.entries import (
    Canceled,
    CancelReason,
    Done,
    Entry,
    KeySet,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RedactReason,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    Withdrawn,
)
from incidentctl.incident.model import Value
from tests.fuzz.target import INCIDENT
from tests.lint.documents import COMPLETE

START = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)


def _entry(minute: int, what: object, text: str = "", **more: object) -> Entry:
    return Entry(START + timedelta(minutes=minute), what, text, "ann", f"00{minute:04d}", **more)  # type: ignore[arg-type]


ENTRIES = (
    _entry(0, Opened("SEV2", given_as="1-2", unconfirmed=True, started_at=START, detected_at=START), "p99 above 4 s"),
    _entry(1, Reached(Milestone.ACKNOWLEDGED)),
    _entry(2, RoleChange("commander", "ann")),
    _entry(3, RoleChange("tech_lead", None), "left"),
    _entry(4, RoleChange("scribe", "zoë")),
    _entry(5, Note(), "pool exhausted on db-3\n```\nselect 1;\n```"),
    _entry(6, Note(NoteKind.DECISION), "**fail** over", recorded_at=START + timedelta(hours=1)),
    _entry(7, SeverityChange("SEV2", "SEV1"), "payments fail as well", agent=True),
    _entry(8, StatusChange(Status.IDENTIFIED)),
    _entry(9, Update(Status.IDENTIFIED, impact="12 %", theory="a\nb", actions="x", next_at=START, commander="ann")),
    _entry(10, Done("status_page"), "https://status.example.org/1"),
    _entry(11, Reached(Milestone.MITIGATED), "failed over", by_hand="3f2a1bc"),
    _entry(12, Reached(Milestone.RESOLVED), noted_by="bob"),
    _entry(13, KeySet("detected_at", None, "2026-05-14T09:55:00Z"), "the alert"),
    _entry(14, Withdrawn("000012"), "too early"),
    _entry(15, Reached(Milestone.REOPENED), "again"),
    _entry(16, Canceled(CancelReason.DUPLICATE, INCIDENT), "the same"),
    _entry(17, Note(), "", redacted=RedactReason.SECRET),
    _entry(18, Reached(Milestone.CLOSED)),
)

TYPED = """\
---
# a comment
id: 2026-05-14-checkout-latency
title: 'Checkout # latency'   # beside it
severity: SEV1
services: [checkout,   "payments"]
links:
  - https://a.example.org/x#y
  # why
  - 'b: c'
slo: {target: 99.9}
notes: |
  first

  second
anchor: &five 5
alias: *five
status: Resolved
mitigated_at: 2026-05-14 10:48:00+00:00
commander: '@ann'
---

# Checkout latency

## Summary

```
## Timeline
- 2026-05-14T10:05:40Z **Resolved** no entry
```
<!-- to be filled in
- 2026-05-14T10:05:40Z x
-->

## Timeline

- 2026-05-14T10:02Z pool exhausted
* 2026-05-14T12:03:00+02:00 **Action** failing over
    deeper
+ 2026-05-14 10:04:00Z **Severity** SEV2 -> SEV1: payments -- @zoë
- 10:12 a clock and no date

Notes
=====

<<<<<<< HEAD
ours
=======
theirs
>>>>>>> other
"""


@cache
def documents() -> tuple[str, ...]:
    """Incident files: as a command writes them, with parts of the timeline, and as people leave them."""
    keys: dict[str, Value] = {
        "title": "Checkout latency",
        "services": ("checkout", "payments"),
        "drill": "true",
        "affected_users": "12",
    }
    whole = render_document(INCIDENT, keys, ENTRIES)
    return (
        whole,
        whole.replace("\n", "\r\n"),
        "\ufeff" + render_document(INCIDENT, {"title": "NO"}, ENTRIES[:1]),
        *(render_document(INCIDENT, {"title": "x"}, (ENTRIES[0], entry)) for entry in ENTRIES[1:]),
        TYPED,
        COMPLETE,
        "",
        "## Timeline\n",
        "---\n---\n",
    )


DOCUMENT_WORDS = (
    "---\n", "...\n", "\n## Timeline\n\n", "\n## Notes\n", "# ", "=====\n", "-----\n", "```\n", "~~~\n", "<!-- ", " -->",
    "\n<<<<<<< HEAD\n", "\n=======\n", "\n>>>>>>> other\n", "\r\n", "\ufeff", "\x00", "\t", "\x85", "\u2028",
    "- 2026-05-14T10:05:40Z ", "* 2026-05-14T12:03+02:00 ", "- 9999-12-31T23:59:59Z ", "- 0001-01-01T00:00:00+23:59 ",
    " — @ann", " -- @bob", " (noted by @ann)", " (agent)", " (recorded 2026-05-14T11:02:13Z)", " (by hand, abcdef1)",
    " <!-- e:004mz1 -->", " <!-- e:000012 -->", "**Opened** SEV2", ", given as 1-2", ", unconfirmed",
    ", impact from 2026-05-14T09:51:00Z", ", detected 2026-05-14T09:51:00Z", "**Acknowledged**", "**Mitigated**",
    "**Resolved**", "**Closed**", "**Commander** @ann", "**Tech lead** none", "**Comms lead** @x", "**Role** scribe @x",
    "**Severity** SEV2 → SEV1: x", " -> ", "**Status** Identified", "**Update** Identified", "  - Impact: ",
    "  - Current Theory: ", "  - Actions in Progress: ", "  - Next Update: 2026-05-14T11:00:00Z", "  - IC: @ann",
    "  - Public: ", "**Reopened** ", "**Canceled** duplicate of 2026-05-14-x", "**Canceled** false_alarm: ",
    "**Set** resolved_at none → 2026-05-14T11:00:00Z", "**Action** ", "**Done** status_page: ", "**Withdrawn** e:000012",
    "**Redacted** secret", "**Redacted** personal_data", "id: ", "title: ", "severity: ", "status: ", "commander: ",
    "mitigated_at: ", "duplicate_of: ", "cancel_reason: ", ": |\n  ", ": >-\n  ", ": &a ", ": *a", ": !!int ", "? ", "<<: ",
    "[a, b]", "{a: b}", "'", '"', "  # ", "null", "~", "\\", "\n  ", "\n\n", "2026-05-14T10:48:00Z", "resolved", "none",
)  # fmt: skip

POSTMORTEM_WORDS = (
    *DOCUMENT_WORDS,
    "incident: ", "authors: [ann]", "reviewers: ", "published_at: ", "root_cause: ", "status: final", "status: draft",
    "**Date**: 2026-05-14 | ", "**Severity**: SEV1 | ", "**Duration**: 2h 8m | ", "**Author**: @ann", "## Summary\n\n",
    "## Impact\n\n", "## Root Cause\n\n", "## Contributing Factors\n\n", "## What Went Well\n\n", "## What Went Poorly\n\n",
    "## Action Items\n\n", "- [ ] ", "- [x] ", "~~", " — owner: @bob", " — due: 2026-06-01", " — type: prevent", " - ",
    " — done: 2026-05-19 3f2c1ab", " — dropped: 2026-06-11 x", " — [#412](https://example.org/1)", " <!-- a:7k2ps0 -->",
    "(@bob, due 2026-06-01)", "| Action | Owner | Due | Status |\n|--|--|--|--|\n", "| a | b | c | done |\n", "> ", "1. ",
    "<!-- incidentctl: ignore STR001 -- x -->", "<!-- incidentctl: ignore-file TML001 -->", "TODO", "{{ name }}", "[a](b)",
    "- 2026-05-14 10:02 ", "- 10:02 UTC ", "human error", "should have", "@ann forgot", "`", "<div>", "&amp;", "![](x)",
)  # fmt: skip
