"""A complete post-mortem, its incident, and what the rules know beside them: the ground on which each rule is tried."""

import re
from datetime import UTC, datetime

from incidentctl.document.believe import believe
from incidentctl.document.parse import parse_document
from incidentctl.lint.facts import Facts, PostmortemFacts

ID = "2026-05-14-checkout-latency"
PATH = f"postmortems/2026/05/{ID}.md"
INCIDENT_PATH = f"incidents/2026/05/{ID}.md"
NOW = datetime(2026, 5, 22, 9, 0, tzinfo=UTC)

INCIDENT = """\
---
id: 2026-05-14-checkout-latency
title: Checkout latency
severity: SEV1
status: resolved
services: [checkout]
commander: ann
tech_lead: bob
started_at: 2026-05-14T09:51:00Z
detected_at: 2026-05-14T10:02:00Z
declared_at: 2026-05-14T10:05:40Z
acknowledged_at: 2026-05-14T10:05:40Z
mitigated_at: 2026-05-14T10:48:00Z
resolved_at: 2026-05-14T12:10:00Z
---

# Checkout latency

## Timeline

- 2026-05-14T10:05:40Z **Opened** SEV1, impact from 2026-05-14T09:51:00Z, detected 2026-05-14T10:02:00Z: slow — @ann <!-- e:004mz1 -->
- 2026-05-14T10:06:02Z **Commander** @ann — @ann <!-- e:008tq0 -->
- 2026-05-14T10:08:30Z **Tech lead** @bob — @ann <!-- e:00w1gy -->
- 2026-05-14T10:10:00Z **Done** status_page: https://status.example.org/1 — @ann <!-- e:00w1gz -->
- 2026-05-14T10:30:00Z **Update** Identified — @ann <!-- e:009w3h -->
  - Impact: 12 % of checkouts fail in eu-west-1
  - Current Theory: connection pool exhausted after the config push
  - Actions in Progress: failing over to db-4
  - Next Update: 2026-05-14T11:00:00Z
  - IC: @ann
- 2026-05-14T10:48:00Z **Mitigated** failed over to db-4 — @bob <!-- e:005f6s -->
- 2026-05-14T11:00:00Z **Update** Mitigated — @ann <!-- e:009w3k -->
  - Impact: none
  - Current Theory: pool size
  - Actions in Progress: watching
  - Next Update: 2026-05-14T12:30:00Z
  - IC: @ann
- 2026-05-14T11:30:00Z **Update** Mitigated — @ann <!-- e:009w3m -->
  - Impact: none
  - Current Theory: pool size
  - Actions in Progress: raising it
  - Next Update: 2026-05-14T12:30:00Z
  - IC: @ann
- 2026-05-14T12:00:00Z **Update** Mitigated — @ann <!-- e:009w3n -->
  - Impact: none
  - Current Theory: pool size
  - Actions in Progress: last checks
  - Next Update: 2026-05-14T12:30:00Z
  - IC: @ann
- 2026-05-14T12:10:00Z **Resolved** pool size raised on all replicas — @bob <!-- e:005f6t -->
"""

COMPLETE = """\
---
incident: 2026-05-14-checkout-latency
status: final
authors: [ann]
reviewers: [cleo]
published_at: 2026-05-20T09:00:00Z
root_cause: pool-size
---

# Checkout latency

**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

## Summary

From 09:51 to 10:48 UTC, 12 % of checkouts in eu-west-1 failed or took longer than four seconds. A config push had
lowered the size of the connection pool below what the evening load needs.

## Impact

- Affected users: about 4,100 customers in eu-west-1 could not pay.
- Error budget: 38 % of the quarter's budget for checkout.
- Revenue: 21,000 EUR of orders were delayed, none was lost.
- Duration of user-facing impact: 57 minutes.

## Timeline

All times are UTC.

- 2026-05-14 09:51 The config push reaches eu-west-1, and p99 latency begins to rise.
- 2026-05-14 10:02 The latency alert fires and pages the on-call.
- 2026-05-14 10:05 The incident is declared as SEV1.
- 2026-05-14 10:12 The [pool dashboard](https://grafana.example.org/d/pool) shows no free connection on db-3.
- 2026-05-14 10:48 The service is failed over to db-4, and errors stop: mitigated.
- 2026-05-14 12:10 The pool size is raised on all replicas: resolved.

## Root Cause

The config pipeline accepts any pool size. The push lowered it from 200 to 20 connections on each replica, which is
less than the load of an evening needs, so requests queued until they timed out.

## Contributing Factors

- The pipeline has no canary stage, so the value reached each region within two minutes.
- No alert watches the number of free connections, so the first sign was the latency that users felt.

## What Went Well

- The alert for latency paged within eleven minutes of the first slow request.
- The runbook for the failover was up to date and took five minutes.

## What Went Poorly

- The dashboard for the pool was hard to find, which took eight minutes.
- The status page needed a second person with access.

## Action Items

- [ ] Add a canary stage to the config pipeline — owner: @bob — due: 2026-06-15 — type: prevent — [#412](https://github.com/example/infra/issues/412)
- [ ] Alert when fewer than 10 % of connections are free — owner: @ann — due: 2026-06-01 — type: detect — [#413](https://github.com/example/infra/issues/413)
- [x] Link the pool dashboard from the checkout runbook — owner: @cleo — due: 2026-05-21 — type: mitigate — done: 2026-05-19 — [#414](https://github.com/example/infra/issues/414)
"""

_TITLE = re.compile(r"^# .*$", re.MULTILINE)
_HEADER = re.compile(r"^\*\*Date\*\*.*$", re.MULTILINE)
_SECTION = re.compile(r"^## .*$", re.MULTILINE)


def believed(text: str = INCIDENT):
    """The incident that a text of an incident file gives."""
    return believe(parse_document(text), ID)


def facts(**changes) -> Facts:
    """What is known beside the complete post-mortem."""
    known = {
        "now": NOW,
        "people": frozenset({"ann", "bob", "cleo"}),
        "services": frozenset({"checkout", "payments"}),
        "incident": believed(),
        "postmortem": PostmortemFacts(PATH, "final", datetime(2026, 5, 20, 9, tzinfo=UTC)),
        "has_postmortem": True,
        "exists": lambda target: True,
        "incident_ids": frozenset({ID}),
        "status": "final",
    }
    return Facts(**(known | changes))


def compose(fragment: str, base: str = COMPLETE) -> str:
    """A whole document: the complete one with what the fragment holds in the place of its own.

    A fragment that begins with `---` gives the front matter, a line that begins with `**Date**` the header, `# ` the
    title, and each `## ` section takes the place of the section of that name; one with no counterpart is added at the
    end. `## Name` with the line `(absent)` below takes the section out. A fragment whose first line is `(whole)` is
    the whole document as it stands below.
    """
    if fragment.startswith("(whole)\n"):
        return fragment.removeprefix("(whole)\n").lstrip("\n")
    if fragment.startswith("---\nid:"):
        return fragment
    text = base
    head, sections = _split(fragment)
    if head.startswith("---\n"):
        front, _, head = head[4:].partition("\n---\n")
        text = re.sub(r"\A---\n.*?\n---\n", lambda _: f"---\n{front}\n---\n", text, flags=re.DOTALL)
    for line in head.splitlines():
        if line.startswith("# "):
            text = _TITLE.sub(line.replace("\\", r"\\"), text, count=1)
        elif line.startswith("**Date**"):
            text = _HEADER.sub(line.replace("\\", r"\\"), text, count=1)
        elif line.strip():
            header = _HEADER.search(text)
            text = f"{text[: header.end()]}\n\n{line}{text[header.end() :]}" if header else text
    for name, body in sections:
        text = _with_section(text, name, body)
    return text


def _split(text: str) -> tuple[str, list[tuple[str, str]]]:
    places = [*_SECTION.finditer(text)]
    if not places:
        return text, []
    ends = [place.start() for place in places[1:]] + [len(text)]
    bodies = [(place[0], text[place.end() : end].strip("\n")) for place, end in zip(places, ends, strict=True)]
    return text[: places[0].start()], bodies


def _with_section(text: str, name: str, body: str) -> str:
    head, sections = _split(text)
    written = "" if body.strip() == "(absent)" else f"{name}\n\n{body}\n"
    done = False
    parts = [head]
    for heading, own in sections:
        if heading == name and not done:
            parts.append(f"{written}\n" if written else "")
            done = True
        else:
            parts.append(f"{heading}\n\n{own}\n\n")
    if not done and written:
        parts.append(written)
    return "".join(parts).rstrip("\n") + "\n"
