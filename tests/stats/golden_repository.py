"""A repository whose every number a person can check by hand: `docs/reference/metrics.md` does so, table by table.

It is told through the real command line and plain git, in the order of its clock: each run makes the same bytes, and the same commits.

    python -m tests.stats.golden_repository FOLDER      makes it, to look at

What it made is kept in `golden/repository.fast-export`: most tests take it from there, which is quick; one makes it anew and compares.
"""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from incidentctl.cli import run
from incidentctl.context import Outside

NOW = datetime(2026, 6, 30, 18, 0, tzinfo=UTC)
"""The moment at which the page looks at it."""

ZONE = "Europe/Berlin"

KEPT = Path(__file__).parent / "golden" / "repository.fast-export"

SETTINGS = """\
services = ["checkout", "payments", "search", "login", "mail", "files", "labels"]

[store]
branch = "main"

[time]
zone = "Europe/Berlin"

[people]
"ann@example.org" = { handle = "ann", name = "Ann" }
"bob@example.org" = { handle = "bob", name = "Bob" }
"cem@example.org" = { handle = "cem", name = "Cem" }
"bot@example.org" = { handle = "bot", agent = true }
"""

IMPORTED = """\
---
id: 2026-01-07-printer-queue
title: Printer queue
severity: SEV3
status: resolved
services: [labels]
source: pager
external_id: P-77
estimated: [started_at]
started_at: 2026-01-07T08:00:00Z
detected_at: 2026-01-07T08:20:00Z
declared_at: 2026-01-07T08:20:00Z
acknowledged_at: 2026-01-07T08:20:00Z
mitigated_at: 2026-01-07T09:00:00Z
resolved_at: 2026-01-07T10:20:00Z
---

# Printer queue

## Timeline

- 2026-01-07T08:20:00Z **Opened** SEV3, impact from 2026-01-07T08:00:00Z, detected 2026-01-07T08:20:00Z — @cem
- 2026-01-07T09:00:00Z **Mitigated** — @cem
- 2026-01-07T10:20:00Z **Resolved** — @cem
"""

POSTMORTEM = """\
---
incident: {id}
status: draft
authors: [{author}]
reviewers: [{reviewer}]
root_cause: {cause}
---

# {title}

**Date**: {day} | **Severity**: {severity} | **Duration**: {duration} | **Author**: @{author}

## Summary

For some time the service did not do what users ask of it, and a part of them had to try again. It was mended the same day.

## Impact

- Affected users: about 1,200 customers had to try again.
- Error budget: 10 % of the quarter's budget.
- Revenue: 2,000 EUR of orders came later, none was lost.
- Duration of user-facing impact: {impact}.

## Timeline

All times are UTC.

{timeline}

## Root Cause

The settings accept any number of connections. A change lowered it below what an evening needs, so requests waited until their
time was over.

## Contributing Factors

- The pipeline has no canary stage, so the value reached each region within two minutes.
- No alert watches the number of free connections, so the first sign was what users felt.

## What Went Well

- The alert paged within minutes of the first slow request.

## What Went Poorly

- The dashboard was hard to find, which took eight minutes.

## Action Items

{items}
"""

NAMES = {"ann": "Ann", "bob": "Bob", "cem": "Cem", "bot": "Bot"}


class Golden:
    """Tells the story: real commands and real git, and nothing of the machine's but git itself. `failed` is what went wrong."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "incidents-repo"
        self.second = folder / "second-clone"
        self.home = folder / "home"
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.chances = 0
        self.home.mkdir(parents=True)
        (self.home / "gitconfig").write_text(
            "[init]\n\tdefaultBranch = main\n[commit]\n\tgpgsign = false\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
            f'[merge "incidentctl"]\n\tdriver = "\'{sys.executable}\' -m incidentctl merge-driver %O %A %B %P"\n'
        )

    # ------------------------------------------------------------------------------------------------ who does what, when

    def at(self, moment: str) -> None:
        """Moves the clock on, as `2026-01-12 10:10`, UTC. It never goes back: commits are dated by it."""
        then = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        assert then >= self.now, f"{moment} is before {self.now}"
        self.now = then

    def ictl(
        self, who: str, *words: str, at: str = "", in_second: bool = False, path: Path | None = None, ends: int = 0
    ) -> str:
        """Runs one command line, which has to end as is said; `path` is another copy of the repository."""
        if at:
            self.at(at)
        out, err = io.StringIO(), io.StringIO()
        outside = Outside(
            environ=self.environ(who),
            cwd=str(path or (self.second if in_second else self.path)),
            stdin=io.StringIO(),
            stdout=out,
            stderr=err,
            now=lambda: self.now,
            chance=self._chance,
            zone=ZoneInfo(ZONE),
            program="ictl",
        )
        code = run(list(words), outside)
        assert code == ends, f"ictl {words}: {code}\n{out.getvalue()}{err.getvalue()}"
        return out.getvalue()

    def json(self, who: str, *words: str, ends: int = 0) -> Any:
        """What a command says to a program."""
        return json.loads(self.ictl(who, *words, "--json", ends=ends))

    def git(
        self, who: str, *words: str, in_second: bool = False, without: Sequence[str] = (), given: bytes = b""
    ) -> str:
        """Runs git as the user would. `without` are variables of the environment that it is not to see, `given` its input."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.second if in_second else self.path,
            env={name: value for name, value in self.environ(who).items() if name not in without},
            input=given,
            capture_output=True,
            check=False,
        )
        out = done.stdout.decode()
        assert done.returncode == 0, f"git {words}: {out}{done.stderr.decode()}"
        return out

    def by_hand(self, who: str, path: str, *changes: tuple[str, str], at: str, subject: str = "by hand") -> None:
        """Changes words of a file in an editor, each of which stands there once, and commits it with plain git."""
        self.at(at)
        text = (self.path / path).read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{path} has {text.count(old)} times {old!r}"
            text = text.replace(old, new)
        self.write(path, text)
        self.commit(who, subject)

    def write(self, path: str, text: str) -> None:
        """Writes a file."""
        place = self.path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def commit(self, who: str, subject: str) -> None:
        """Commits all that was changed, with plain git."""
        self.git(who, "add", "--all")
        self.git(who, "commit", "--quiet", "-m", subject)

    def environ(self, who: str) -> dict[str, str]:
        """The environment of one person at this moment."""
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "GIT_CONFIG_GLOBAL": str(self.home / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_DEFAULT_HASH": "sha1",
            "GIT_MERGE_AUTOEDIT": "no",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "TZ": "UTC",
        }
        for role in ("AUTHOR", "COMMITTER"):
            environ |= {
                f"GIT_{role}_NAME": NAMES[who],
                f"GIT_{role}_EMAIL": f"{who}@example.org",
                f"GIT_{role}_DATE": self.now.isoformat(),
            }
        return environ

    def _chance(self) -> int:
        self.chances += 1
        return self.chances * 245_489 % 2**20

    # -------------------------------------------------------------------------------------------------------- post-mortems

    def draft(
        self, who: str, incident: str, *, at: str, cause: str, items: Sequence[str], severity: str, duration: str
    ) -> None:
        """Drafts a post-mortem with the command; a minute later its text is written in an editor, and committed with plain git."""
        self.ictl(who, "postmortem", "new", "--here", "-i", incident, at=at)
        path = postmortem_path(incident)
        drafted = (self.path / path).read_text(encoding="utf-8")
        title = re.findall(r"^# (.*)$", drafted, re.MULTILINE)[0]
        text = POSTMORTEM.format(
            id=incident,
            title=title,
            author=who,
            reviewer="bob" if who != "bob" else "cem",
            cause=cause,
            day=incident[:10],
            severity=severity,
            duration=duration,
            impact="as the header says",
            timeline=_milestones(self.text(incident_path(incident))),
            items="\n".join(items),
        )
        self.write(path, text)
        self.commit(who, "post-mortem written")

    def text(self, path: str) -> str:
        """The text of a file."""
        return (self.path / path).read_text(encoding="utf-8")


def _milestones(record: str) -> str:
    keys = dict(re.findall(r"^(\w+_at): (\S+)$", record, re.MULTILINE))
    said = {"detected_at": "The alert fires.", "mitigated_at": "Mitigated.", "resolved_at": "Resolved."}
    times = {keys[key]: words for key, words in said.items() if key in keys}
    return "\n".join(f"- {at[:10]} {at[11:16]} {words}" for at, words in sorted(times.items()))


def incident_path(incident: str) -> str:
    """Where an incident's file is."""
    return f"incidents/{incident[:4]}/{incident[5:7]}/{incident}.md"


def postmortem_path(incident: str) -> str:
    """Where its post-mortem is."""
    return f"postmortems/{incident[:4]}/{incident[5:7]}/{incident}.md"


# ------------------------------------------------------------------------------------------------------------- the story

CHECKOUT = "2026-01-12-checkout-errors"
SEARCH = "2026-01-20-search-slow"
LOGIN = "2026-02-03-login-down"
MAIL = "2026-02-10-mail-delayed"
PAYMENTS = "2026-02-17-payments-refused"
MISTAKE = "2026-02-20-wrong-repository"
EXPORT = "2026-02-25-export-fails"
CACHE = "2026-03-03-cache-stale"
CONFLICTS = "2026-03-10-sync-conflicts"
PROBE = "2026-03-12-probe-broken"
AGAIN = "2026-03-17-checkout-slow"
BASKET = "2026-03-17-basket-empty"
DRILL = "2026-03-24-region-lost"
INVOICES = "2026-03-31-invoices-late"
API = "2026-06-02-api-errors"
PICTURES = "2026-06-04-pictures-missing"
REPORTS = "2026-06-08-reports-wrong"
CODES = "2026-06-10-login-codes"
UPLOADS = "2026-06-26-uploads-fail"
QUEUE = "2026-06-29-queue-grows"
DISK = "2026-06-30-disk-full"


def load(folder: Path) -> Golden:
    """The repository as it was made and kept, and the one who made it, its clock at `NOW`. All names of commits are the same."""
    golden = Golden(folder)
    golden.path.mkdir()
    golden.at("2026-06-30 18:00")
    golden.git("ann", "init", "--quiet")
    golden.git("ann", "fast-import", "--quiet", given=KEPT.read_bytes())
    golden.git("ann", "reset", "--quiet", "--hard", "main")
    return golden


def keep(golden: Golden) -> None:
    """Keeps a repository for `load`."""
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_bytes(golden.git("ann", "fast-export", "main").encode())


def build(folder: Path) -> Golden:
    """Makes the repository in a folder, and gives the one who made it, its clock at `NOW`."""
    golden = Golden(folder)
    golden.path.mkdir()
    golden.at("2026-01-08 09:00")
    golden.git("ann", "init", "--quiet")
    golden.write("incidentctl.toml", SETTINGS)
    golden.write(".gitattributes", "incidents/** merge=incidentctl\npostmortems/** merge=incidentctl\n")
    golden.commit("ann", "settings")
    golden.write("incidents/2026/01/2026-01-07-printer-queue.md", IMPORTED)
    golden.commit("cem", "import what the pager knows")
    _january(golden)
    _february(golden)
    _march(golden)
    _from_april_on(golden)
    _june(golden)
    golden.at("2026-06-30 18:00")
    assert golden.now == NOW
    assert golden.git("ann", "status", "--porcelain") == ""
    return golden


def _january(golden: Golden) -> None:
    ictl = golden.ictl
    # A SEV1 with all that the process asks for.
    ictl(
        "ann", "open", "Checkout errors", "-s", "1", "--service", "checkout", "--service", "payments", "--tag", "database",
        "--started-at", "2026-01-12T10:00Z", "--detected-at", "2026-01-12T10:05Z", at="2026-01-12 10:10",
    )  # fmt: skip
    ictl("ann", "assign", "ic", "me", "-i", CHECKOUT, at="2026-01-12 10:15")
    ictl("ann", "note", "-i", CHECKOUT, "--done", "status_page", at="2026-01-12 10:20")
    ictl("ann", "update", "-i", CHECKOUT, "-m", "raising the limit", "-s", "identified", "--impact", "a tenth of checkouts fail",
         at="2026-01-12 10:40")  # fmt: skip
    ictl("bob", "mitigate", "-i", CHECKOUT, "-m", "the old limit is back", at="2026-01-12 10:45")
    ictl("ann", "update", "-i", CHECKOUT, "-m", "watching", "--impact", "none", at="2026-01-12 11:10")
    ictl("ann", "update", "-i", CHECKOUT, "--no-change", at="2026-01-12 11:35")
    ictl("bob", "resolve", "-i", CHECKOUT, "-m", "the pool is larger", at="2026-01-12 11:45")
    ictl("ann", "set", "-i", CHECKOUT, "affected_users=1200", "error_budget=10 %", "revenue_impact=2000 EUR",
         at="2026-01-12 12:00")  # fmt: skip
    golden.draft(
        "ann", CHECKOUT, at="2026-01-13 09:00", cause="db-pool", severity="SEV1", duration="1h 40m",
        items=[
            "- [ ] Raise the limit of the pool — owner: @bob — due: 2026-01-30 — type: prevent <!-- a:ch0001 -->",
            "- [ ] Alert on few free connections — owner: @ann — due: 2026-02-28 — type: detect <!-- a:ch0002 -->",
            "- [ ] Test the load of an evening — owner: @cem — due: 2026-02-15 — type: prevent <!-- a:ch0003 -->",
            "- [ ] Buy a second database — owner: @cem — due: 2026-02-20 — type: prevent <!-- a:ch0004 -->",
            "- [ ] Write a page on the pool — owner: @bob — due: 2026-02-27 — type: process <!-- a:ch0005 -->",
        ],
    )  # fmt: skip
    ictl("cem", "action", "drop", "a:ch0004", "--reason", "the load does not ask for it", at="2026-01-15 09:00")
    ictl("ann", "postmortem", "publish", "-i", CHECKOUT, at="2026-01-16 11:45")
    ictl("ann", "close", CHECKOUT, at="2026-01-16 11:50")
    # Nobody knows when it began, and nobody gave an update.
    ictl("bob", "open", "Search slow", "-s", "2", "--service", "search", "--detected-at", "2026-01-20T14:00Z",
         at="2026-01-20 14:20")  # fmt: skip
    ictl("bob", "assign", "ic", "me", "-i", SEARCH, at="2026-01-20 14:30")
    ictl("bob", "mitigate", "-i", SEARCH, at="2026-01-20 15:00")
    ictl("bob", "resolve", "-i", SEARCH, at="2026-01-20 16:00")
    golden.draft(
        "bob", SEARCH, at="2026-01-21 09:00", cause="index-size", severity="SEV2", duration="2h 0m",
        items=["- [ ] Part the index in two — owner: @bob — due: 2026-03-10 — type: prevent <!-- a:se0001 -->"],
    )  # fmt: skip
    ictl("bob", "action", "done", "a:ch0001", at="2026-01-28 09:00")


def _february(golden: Golden) -> None:
    ictl = golden.ictl
    # Opened by a machine in the night; a human takes it late, and the status page is late as well.
    ictl("bot", "open", "Login down", "-s", "1", "--service", "login", "--started-at", "2026-02-03T02:50Z",
         "--detected-at", "2026-02-03T03:00Z", at="2026-02-03 03:00")  # fmt: skip
    ictl("bob", "ack", LOGIN, at="2026-02-03 03:25")
    ictl("bob", "assign", "ic", "me", "-i", LOGIN, at="2026-02-03 03:30")
    ictl("bob", "note", "-i", LOGIN, "--done", "status_page", at="2026-02-03 03:40")
    ictl("bob", "update", "-i", LOGIN, "-m", "renewing the certificate", "--impact", "nobody can log in")
    ictl("bob", "mitigate", "-i", LOGIN, at="2026-02-03 04:10")
    ictl("bob", "update", "-i", LOGIN, "-m", "renewing the others", "--impact", "none")
    ictl("bob", "update", "-i", LOGIN, "-m", "looking for more of them", at="2026-02-03 04:40")
    ictl("bob", "resolve", "-i", LOGIN, at="2026-02-03 05:10")
    ictl("bob", "set", "-i", LOGIN, "affected_users=300", "error_budget=5 %", at="2026-02-03 05:20")
    ictl("bob", "postmortem", "publish", "-i", SEARCH, at="2026-02-03 16:00")
    golden.draft(
        "bob", LOGIN, at="2026-02-04 09:00", cause="certificate-expired", severity="SEV1", duration="2h 10m",
        items=[
            "- [ ] Renew certificates by a program — owner: @bob — due: 2026-02-20 — type: prevent <!-- a:kg0001 -->",
            "- [ ] List all certificates — owner: @ann — due: 2026-03-15 — type: detect <!-- a:kg0002 -->",
            "- [ ] Alert a month before the end — owner: @cem — due: 2026-03-02 — type: detect <!-- a:kg0003 -->",
        ],
    )  # fmt: skip
    # A file that nobody can read for a day.
    golden.by_hand(
        "cem", incident_path(SEARCH), ("title: Search slow\n", 'title: "Search slow\n'), at="2026-02-04 10:00"
    )
    golden.by_hand(
        "cem", incident_path(SEARCH), ('title: "Search slow\n', "title: Search slow\n"), at="2026-02-05 10:00"
    )
    ictl("bob", "postmortem", "publish", "-i", LOGIN, at="2026-02-10 05:10")
    # No detection is known: the declaration stands for it.
    ictl("cem", "open", "Mail delayed", "-s", "2", "--service", "mail", "--started-at", "2026-02-10T08:40Z",
         at="2026-02-10 09:00")  # fmt: skip
    ictl("cem", "mitigate", "-i", MAIL, at="2026-02-10 09:30")
    ictl("cem", "resolve", "-i", MAIL, at="2026-02-10 10:00")
    # A due date that is moved after the document was published does not help.
    golden.by_hand("cem", postmortem_path(CHECKOUT), ("due: 2026-02-15", "due: 2026-03-31"), at="2026-02-10 11:00")
    # Severity up, and down again.
    ictl("ann", "open", "Payments refused", "-s", "2", "--service", "payments", "--started-at", "2026-02-17T11:40Z",
         "--detected-at", "2026-02-17T11:50Z", "--commander", "me", at="2026-02-17 12:00")  # fmt: skip
    ictl("ann", "note", "-i", PAYMENTS, "--done", "status_page", at="2026-02-17 12:10")
    ictl("ann", "severity", "-i", PAYMENTS, "1", "-m", "no card works", at="2026-02-17 12:20")
    ictl("bob", "mitigate", "-i", PAYMENTS, at="2026-02-17 12:40")
    ictl("ann", "update", "-i", PAYMENTS, "-m", "looking for the cause", "--impact", "none", at="2026-02-17 12:45")
    ictl("ann", "severity", "-i", PAYMENTS, "2", "-m", "cards work again", at="2026-02-17 13:00")
    ictl("bob", "resolve", "-i", PAYMENTS, at="2026-02-17 13:40")
    golden.draft(
        "ann", PAYMENTS, at="2026-02-18 09:00", cause="bank-limit", severity="SEV1", duration="1h 50m",
        items=[
            "- [ ] Ask the bank for its limits — owner: @ann — type: process <!-- a:pa0001 -->",
            "- [ ] Alert on refused cards — owner: @bob — due: 2026-07-20 — type: detect <!-- a:pa0002 -->",
            "- [ ] Try each bank once a day — owner: @cem — due: 2026-03-31 — type: detect <!-- a:pa0003 -->",
        ],
    )  # fmt: skip
    # A box that is ticked by hand says no day: the commit does.
    golden.by_hand("bob", postmortem_path(LOGIN), ("- [ ] Renew", "- [x] Renew"), at="2026-02-18 10:00")
    # Dropped after it was published: missed.
    ictl("bob", "action", "drop", "a:ch0005", "--reason", "nobody would read it", at="2026-02-20 09:00")
    # Published by hand, without a time: the commit has it.
    golden.by_hand("ann", postmortem_path(PAYMENTS), ("status: draft", "status: final"), at="2026-02-20 13:40")
    # An incident that is deleted again.
    ictl("cem", "open", "Wrong repository", "-s", "3", at="2026-02-20 15:00")
    golden.at("2026-02-21 09:00")
    golden.git("cem", "rm", "--quiet", incident_path(MISTAKE))
    golden.git("cem", "commit", "--quiet", "-m", "not one of ours")
    # Opened by a machine, resolved without a mitigation, and never acknowledged.
    ictl("bot", "open", "Export fails", "-s", "3", "--service", "files", "--started-at", "2026-02-25T09:00Z",
         "--detected-at", "2026-02-25T09:30Z", at="2026-02-25 09:30")  # fmt: skip
    ictl("cem", "resolve", "-i", EXPORT, at="2026-02-25 12:30")


def _march(golden: Golden) -> None:
    ictl = golden.ictl
    # Reopened, and mitigated again.
    ictl("ann", "open", "Cache stale", "-s", "2", "--service", "search", "--started-at", "2026-03-03T08:00Z",
         "--detected-at", "2026-03-03T08:10Z", at="2026-03-03 08:10")  # fmt: skip
    ictl("ann", "assign", "ic", "me", "-i", CACHE, at="2026-03-03 08:20")
    ictl("ann", "mitigate", "-i", CACHE, at="2026-03-03 08:30")
    ictl("ann", "resolve", "-i", CACHE, at="2026-03-03 09:00")
    ictl("ann", "reopen", "-i", CACHE, "-m", "stale again", at="2026-03-03 10:00")
    ictl("ann", "update", "-i", CACHE, "-m", "emptying all of it", "--impact", "old results", at="2026-03-03 10:50")
    ictl("ann", "mitigate", "-i", CACHE, at="2026-03-03 11:10")
    ictl("ann", "resolve", "-i", CACHE, at="2026-03-03 11:40")
    # Done on a day that the item says, and written down later.
    golden.by_hand(
        "cem", postmortem_path(LOGIN),
        ("- [ ] Alert a month", "- [x] Alert a month"),
        ("due: 2026-03-02 — type: detect", "due: 2026-03-02 — type: detect — done: 2026-03-01"),
        at="2026-03-05 09:00",
    )  # fmt: skip
    golden.draft(
        "ann", CACHE, at="2026-03-06 09:00", cause="cache-keys", severity="SEV2", duration="3h 30m",
        items=[
            "- [ ] Give each key an end — owner: @ann — due: 2026-06-30 — type: prevent <!-- a:ca0001 -->",
            "- [ ] Show the age of the cache — owner: @bob — due: 2026-03-20 — type: detect <!-- a:ca0002 -->",
        ],
    )  # fmt: skip
    # Done on the day on which it is due.
    ictl("bob", "action", "done", "a:se0001", at="2026-03-10 09:00")
    # Reopened, and resolved without a mitigation. The first mitigation was typed into the file by hand.
    ictl("cem", "open", "Sync conflicts", "-s", "2", "--service", "files", "--detected-at", "2026-03-10T13:00Z",
         at="2026-03-10 13:05")  # fmt: skip
    last = golden.text(incident_path(CONFLICTS)).splitlines()[-1]
    golden.by_hand(
        "cem", incident_path(CONFLICTS), (last, f"{last}\n- 2026-03-10T13:40Z **Mitigated** the old program runs — @cem"),
        at="2026-03-10 13:50",
    )  # fmt: skip
    ictl("cem", "resolve", "-i", CONFLICTS, at="2026-03-10 14:00")
    ictl("cem", "reopen", "-i", CONFLICTS, "-m", "conflicts again", at="2026-03-10 15:00")
    ictl("cem", "resolve", "-i", CONFLICTS, at="2026-03-10 16:00")
    # A false alarm.
    ictl("bot", "open", "Probe broken", "-s", "1", "--service", "checkout", "--detected-at", "2026-03-12T04:00Z",
         at="2026-03-12 04:00")  # fmt: skip
    ictl("ann", "cancel", "-i", PROBE, "--reason", "false_alarm", at="2026-03-12 04:20")
    # The cause of January again, in two clones at once.
    ictl("ann", "open", "Checkout slow", "-s", "1", "--service", "checkout", "--tag", "database",
         "--started-at", "2026-03-17T09:50Z", "--detected-at", "2026-03-17T10:00Z", at="2026-03-17 10:05")  # fmt: skip
    ictl("cem", "open", "Basket empty", "-s", "2", "--service", "checkout", at="2026-03-17 10:08")
    ictl("ann", "assign", "ic", "me", "-i", AGAIN, at="2026-03-17 10:10")
    ictl("cem", "cancel", "-i", BASKET, "--duplicate-of", AGAIN, at="2026-03-17 10:12")
    ictl("ann", "note", "-i", AGAIN, "--done", "status_page", at="2026-03-17 10:15")
    golden.git("bob", "clone", "--quiet", "--no-hardlinks", str(golden.path), str(golden.second))
    golden.git("bob", "remote", "remove", "origin", in_second=True)
    ictl("bob", "note", "-i", AGAIN, "-m", "the pool is full", in_second=True, at="2026-03-17 10:18")
    ictl("ann", "note", "-i", AGAIN, "-m", "no deployment today", at="2026-03-17 10:19")
    ictl("bob", "mitigate", "-i", AGAIN, "-m", "the pool is larger", in_second=True, at="2026-03-17 10:20")
    ictl("ann", "update", "-i", AGAIN, "-m", "waiting for Bob", "--impact", "slow checkouts", at="2026-03-17 10:30")
    golden.at("2026-03-17 10:40")
    golden.git("ann", "fetch", "--quiet", str(golden.second), "main")
    golden.git("ann", "merge", "--quiet", "-m", "what Bob wrote", "FETCH_HEAD")
    ictl("ann", "resolve", "-i", AGAIN, at="2026-03-17 11:00")
    ictl("ann", "set", "-i", AGAIN, "revenue_impact=500 EUR", at="2026-03-17 11:10")
    golden.draft(
        "ann", AGAIN, at="2026-03-18 09:00", cause="db-pool", severity="SEV1", duration="1h 0m",
        items=[
            "- [ ] Limit connections of a client — owner: @bob — due: 2026-04-15 — type: prevent <!-- a:ag0001 -->",
            "- [ ] Queue checkouts — owner: @cem — due: 2026-05-15 — type: mitigate <!-- a:ag0002 -->",
            "- [ ] Put the pool on the dashboard — owner: @ann — due: 2026-04-01 — type: detect <!-- a:ag0003 -->",
        ],
    )  # fmt: skip
    ictl("ann", "postmortem", "publish", "-i", AGAIN, at="2026-03-19 11:00")
    # A due date that is moved before the document was published is the one that binds.
    golden.by_hand("bob", postmortem_path(CACHE), ("due: 2026-03-20", "due: 2026-04-30"), at="2026-03-19 12:00")
    ictl("ann", "action", "done", "a:ch0002", at="2026-03-20 09:00")
    # A drill.
    ictl("bob", "open", "Region lost", "-s", "1", "--drill", "--service", "checkout", "--detected-at", "2026-03-24T14:00Z",
         at="2026-03-24 14:00")  # fmt: skip
    ictl("bob", "mitigate", "-i", DRILL, at="2026-03-24 14:30")
    ictl("bob", "resolve", "-i", DRILL, at="2026-03-24 15:00")
    ictl("cem", "action", "done", "a:ch0003", at="2026-03-25 09:00")
    ictl("cem", "action", "done", "a:pa0003", at="2026-03-26 09:00")
    ictl("ann", "action", "done", "a:ag0003", at="2026-03-27 09:00")
    ictl("ann", "postmortem", "publish", "-i", CACHE, at="2026-03-31 11:40")
    # Declared on the last day of March in UTC, and on the first of April in the zone of the report. Its status is changed by hand.
    ictl("ann", "open", "Invoices late", "-s", "2", "--service", "payments", "--detected-at", "2026-03-31T22:20Z",
         at="2026-03-31 22:30")  # fmt: skip
    path = incident_path(INVOICES)
    golden.by_hand("cem", path, ("status: investigating", "status: mitigated"), at="2026-03-31 23:20")


def _from_april_on(golden: Golden) -> None:
    golden.by_hand("cem", incident_path(INVOICES), ("status: mitigated", "status: resolved"), at="2026-04-01 00:20")
    golden.by_hand("bob", postmortem_path(AGAIN), ("- [ ] Limit", "- [x] Limit"), at="2026-04-20 09:00")
    golden.ictl("bob", "action", "done", "a:ca0002", at="2026-04-29 09:00")
    # An item whose line is taken out of a published document is dropped.
    line = "- [ ] Queue checkouts — owner: @cem — due: 2026-05-15 — type: mitigate <!-- a:ag0002 -->\n"
    golden.by_hand("cem", postmortem_path(AGAIN), (line, ""), at="2026-05-04 09:00")


def _june(golden: Golden) -> None:
    ictl = golden.ictl
    # Written down the day after.
    ictl("cem", "open", "API errors", "-s", "1", "--service", "checkout", "--started-at", "2026-06-02T16:00Z",
         "--detected-at", "2026-06-02T16:20Z", "--at", "2026-06-02T16:30Z", "--mitigated-at", "2026-06-02T17:00Z",
         "--resolved-at", "2026-06-02T18:00Z", at="2026-06-03 09:00")  # fmt: skip
    # Mitigated in the second in which it was detected.
    ictl("bob", "open", "Pictures missing", "-s", "4", "--service", "files", "--started-at", "2026-06-04T10:30Z",
         "--detected-at", "2026-06-04T11:00Z", "--at", "2026-06-04T11:00Z", "--mitigated-at", "2026-06-04T11:00Z",
         "--resolved-at", "2026-06-04T11:30Z", at="2026-06-04 11:40")  # fmt: skip
    # Resolved before it was detected.
    ictl("ann", "open", "Reports wrong", "-s", "2", "--service", "files", "--detected-at", "2026-06-08T09:00Z",
         at="2026-06-08 09:30")  # fmt: skip
    ictl("ann", "mitigate", "-i", REPORTS, at="2026-06-08 10:00")
    ictl("ann", "resolve", "-i", REPORTS, at="2026-06-08 10:20")
    ictl("ann", "set", "-i", REPORTS, "resolved_at=2026-06-08T08:30Z", at="2026-06-08 10:30")
    # A repeat that somebody says is one.
    ictl("bob", "open", "Login codes", "-s", "2", "--service", "login", "--started-at", "2026-06-10T08:50Z",
         "--detected-at", "2026-06-10T09:00Z", at="2026-06-10 09:10")  # fmt: skip
    # Each word of it comes twenty minutes late.
    ictl("bob", "update", "-i", CODES, "-m", "renewing one more", "--impact", "no codes", "--at", "2026-06-10T10:00Z",
         at="2026-06-10 10:20")  # fmt: skip
    ictl("bob", "mitigate", "-i", CODES, "--at", "2026-06-10T10:30Z", at="2026-06-10 10:50")
    ictl("bob", "resolve", "-i", CODES, "--at", "2026-06-10T11:00Z", at="2026-06-10 11:20")
    ictl("bob", "set", "-i", CODES, f"repeat_of={LOGIN}", at="2026-06-10 11:30")
    golden.draft(
        "ann", REPORTS, at="2026-06-11 09:00", cause="unknown", severity="SEV2", duration="1h 20m",
        items=["- [ ] Compare reports with the ledger — owner: @ann — due: 2026-06-19 — type: detect <!-- a:re0001 -->"],
    )  # fmt: skip
    # On a branch, and squashed into one commit that says nothing of what it holds.
    golden.at("2026-06-26 09:00")
    golden.git("bob", "pull", "--quiet", "--ff-only", str(golden.path), "main", in_second=True)
    ictl("bob", "open", "Uploads fail", "-s", "2", "--service", "files", "--detected-at", "2026-06-26T10:00Z",
         in_second=True, at="2026-06-26 10:10")  # fmt: skip
    ictl("bob", "mitigate", "-i", UPLOADS, in_second=True, at="2026-06-26 10:50")
    ictl("bob", "update", "-i", UPLOADS, "-m", "watching", "--impact", "none", in_second=True, at="2026-06-26 11:10")
    ictl("bob", "update", "-i", UPLOADS, "-m", "cleaning up", in_second=True, at="2026-06-26 12:10")
    ictl("bob", "resolve", "-i", UPLOADS, in_second=True, at="2026-06-26 12:40")
    golden.at("2026-06-26 13:00")
    golden.git("bob", "fetch", "--quiet", str(golden.second), "main")
    golden.git("bob", "merge", "--quiet", "--squash", "FETCH_HEAD")
    golden.git("bob", "commit", "--quiet", "-m", "Uploads fail (#17)")
    # One commit that touches every incident, and changes nothing that counts.
    golden.at("2026-06-28 09:00")
    for path in sorted((golden.path / "incidents").glob("*/*/*.md")):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\n---\n", "\nproduct: shop\n---\n", 1), encoding="utf-8")
    golden.commit("cem", "which product")
    # Two that are not over.
    ictl("ann", "open", "Queue grows", "-s", "2", "--service", "mail", "--started-at", "2026-06-29T09:30Z",
         "--detected-at", "2026-06-29T09:40Z", at="2026-06-29 09:50")  # fmt: skip
    ictl("ann", "update", "-i", QUEUE, "-m", "adding a worker", "--impact", "late mails", at="2026-06-29 10:40")
    ictl("ann", "update", "-i", QUEUE, "-m", "adding another", at="2026-06-29 12:40")
    ictl("cem", "open", "Disk full", "-s", "1", "--service", "files", "--detected-at", "2026-06-30T12:00Z",
         at="2026-06-30 12:10")  # fmt: skip
    ictl("cem", "mitigate", "-i", DISK, at="2026-06-30 12:50")
    ictl("cem", "update", "-i", DISK, "-m", "cleaning up", "--impact", "none", at="2026-06-30 13:00")


if __name__ == "__main__":
    made = build(Path(sys.argv[1]))
    sys.stdout.write(f"{made.path}: {made.git('ann', 'rev-parse', 'HEAD')}")
