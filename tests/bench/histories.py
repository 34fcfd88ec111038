"""Histories of any size, as our commands would have made them: one commit for each step of an incident and its post-mortem.

Made by `git fast-import`, the same for the same numbers, byte for byte. `python -m tests.bench.histories FOLDER INCIDENTS COMMITS`
makes one to look at.
"""

import argparse
import os
import random
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Protocol

from tests.bench.repositories import CROCKFORD, PEOPLE

FIRST = datetime(2021, 1, 4, 7, 30, tzinfo=UTC)
LAST = datetime(2025, 12, 30, 17, 0, tzinfo=UTC)
SETTINGS = '[store]\nbranch = "main"\n'
ATTRIBUTES = "/incidents/** merge=incidentctl\n/postmortems/** merge=incidentctl\n"
MAILS = {name: f"{name.capitalize()} <{name}@example.org>" for name in PEOPLE}

WHATS = (
    "latency",
    "down",
    "returns nothing",
    "queue grows",
    "declines requests",
    "loses sessions",
    "is slow",
    "crashes",
)
SERVICES = ("checkout", "payments", "login", "search", "mail", "catalog", "images", "reports", "billing", "gateway")
CAUSES = (
    "connection-pool-size",
    "expired-certificate",
    "config-push",
    "full-disk",
    "retry-storm",
    "bad-index",
    "dns-ttl",
)
SEEN = (
    "pool exhausted on db-{n}",
    "errors fall to {n} %, [graph](https://graphs.example.org/d/{n})",
    "replica {n} is {n} s behind its primary",
    "the certificate of proxy-{n} expired",
    "the queue of worker-{n} grows",
    "support has {n} more tickets from customers in eu-west-1",
    "no space left on node-{n}",
)
TRIED = ("failing over to db-{n}", "rolling back release {n}", "moving traffic to region {n}", "draining node-{n}")
ITEMS = ("Add a canary stage to pipeline {n}", "Alert on the depth of queue {n}", "Document the failover of region {n}")
SECTIONS = ("Root Cause", "Contributing Factors", "What Went Well", "What Went Poorly")
BY_HAND = "action items of last week"
GAP = 120
"""Seconds between two steps of one incident, at least: so a side branch of one step is merged before the next."""


def build_history(
    path: Path, incidents: int, commits: int, environment: Mapping[str, str], *, beside: int = 0, checkout: bool = True
) -> None:
    """Make a repository at `path` with so many incidents in so many commits. `beside`: so many commits to other files for each of them."""
    path.mkdir(parents=True)
    _git(path, environment, "init", "--quiet", "--initial-branch=main")
    _import(path, environment, history(incidents, commits, beside=beside))
    if checkout:
        _git(path, environment, "reset", "--quiet", "--hard")


def continue_history(path: Path, commits: int, environment: Mapping[str, str]) -> None:
    """So many commits more on such a repository: new incidents, which run at the same time. Nothing is checked out."""
    _import(path, environment, _later(commits))


def history(incidents: int, commits: int, *, beside: int = 0) -> Iterator[bytes]:
    """What `git fast-import` is given. Raises `ValueError` where the commits are too few for the incidents."""
    own, rest = divmod(commits - 1, beside + 1)
    yield _commit(
        "refs/heads/main",
        1,
        FIRST,
        "ann",
        "incidentctl: init",
        {".gitattributes": ATTRIBUTES, "incidentctl.toml": SETTINGS},
    )
    marks = count(2)
    others = _others(marks, random.Random(beside))
    for at, step in _steps_in_order(_incidents(incidents, own, FIRST, LAST, seed=incidents)):
        yield from step.commits(at, marks)
        for _ in range(beside):
            yield next(others)(at)
    for _ in range(rest):
        yield next(others)(LAST + timedelta(days=100))


def _later(commits: int) -> Iterator[bytes]:
    marks = count(1)
    yield b"reset refs/heads/main\nfrom refs/heads/main^0\n\n"
    begin = LAST + timedelta(days=120)
    for at, step in _steps_in_order(
        _incidents(commits // 10 or 1, commits, begin, begin + timedelta(days=3), seed=-commits)
    ):
        yield from step.commits(at, marks)


def _git(path: Path, environment: Mapping[str, str], *words: str) -> None:
    subprocess.run(["git", "-C", str(path), *words], env=dict(environment), check=True, capture_output=True)


def _import(path: Path, environment: Mapping[str, str], stream: Iterator[bytes]) -> None:
    words = ["git", "-C", str(path), "fast-import", "--quiet", "--force"]
    with subprocess.Popen(words, env=dict(environment), stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.writelines(stream)
        process.stdin.close()
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, words)


def _commit(
    branch: str, mark: int, at: datetime, author: str, message: str, files: Mapping[str, str], *links: str
) -> bytes:
    who = f"{MAILS[author]} {int(at.timestamp())} +0000"
    lines = [
        f"commit {branch}\nmark :{mark}\nauthor {who}\ncommitter {who}\n",
        _data(f"{message}\n"),
        *(f"{link}\n" for link in links),
    ]
    lines += [f"M 100644 inline {path}\n{_data(text)}" for path, text in files.items()]
    return "".join(lines).encode()


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _others(marks: Iterator[int], chance: random.Random) -> "Iterator[_Other]":
    while True:
        yield _Other(next(marks), chance.randrange(400), chance.randrange(10**9))


@dataclass(frozen=True)
class _Other:
    """A commit to a product, beside the record in the same repository."""

    mark: int
    number: int
    value: int

    def __call__(self, at: datetime) -> bytes:
        path = f"src/module_{self.number // 20:02}/part_{self.number % 20:02}.py"
        text = "".join(f"VALUE_{each} = {self.value % (each + 7)}\n" for each in range(12))
        return _commit(
            "refs/heads/main", self.mark, at, PEOPLE[self.number % 5], f"part {self.number}: a change", {path: text}
        )


# ----------------------------------------------------------------------------------------------------------- incidents


@dataclass
class _Incident:
    """The two files of an incident, as they grow."""

    id: str
    title: str
    keys: dict[str, str]
    timeline: list[str] = field(default_factory=list)
    postmortem: "_Postmortem | None" = None
    has_side: bool = False

    @property
    def path(self) -> str:
        return f"incidents/{self.id[:4]}/{self.id[5:7]}/{self.id}.md"

    @property
    def postmortem_path(self) -> str:
        return f"postmortems/{self.id[:4]}/{self.id[5:7]}/{self.id}.md"

    def text(self) -> str:
        front = "".join(f"{key}: {self.keys[key]}\n" for key in KEYS if key in self.keys)
        return f"---\n{front}---\n\n# {self.title}\n\n## Timeline\n\n{''.join(self.timeline)}"


KEYS = (
    *("id", "title", "severity", "status", "drill", "services", "commander", "started_at", "detected_at"),
    *("declared_at", "acknowledged_at", "mitigated_at", "resolved_at", "closed_at", "cancel_reason"),
)


@dataclass
class _Postmortem:
    """A document with its parts; `body` is what stands between the header and the action items."""

    front: dict[str, str]
    header: str
    body: str
    items: list[tuple[str, str]] = field(default_factory=list)
    done: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        front = "".join(f"{key}: {value}\n" if value else f"{key}:\n" for key, value in self.front.items())
        items = "".join(
            f"- [{'x' if name in self.done else ' '}] {words}{self.done.get(name, '')} <!-- a:{name} -->\n"
            for name, words in self.items
        )
        return f"---\n{front}---\n\n{self.header}\n\n{self.body}\n\n## Action Items\n\n{items}"


@dataclass(frozen=True)
class _Step:
    """One commit about an incident. `entry` is its kind, its words and its further lines; `side` is where it is made, if not on main."""

    incident: _Incident
    event: str
    author: str
    entry: tuple[str, str, tuple[str, ...]] | None = None
    entry_id: str = ""
    keys: Mapping[str, str | None] = field(default_factory=dict)
    of_postmortem: Mapping[str, str | None] | None = None
    body: str | None = None
    done: tuple[str, str] | None = None
    trailer: str = ""
    side: bool = False
    merges: bool = False

    def commits(self, at: datetime, marks: Iterator[int]) -> Iterator[bytes]:
        """The commit, and what has to be said before and after it."""
        incident = self.incident
        branch, links = "refs/heads/main", []
        side = f"refs/heads/side/{incident.id}"
        if self.side:
            if not incident.has_side:
                yield f"reset {side}\nfrom refs/heads/main\n\n".encode()
            incident.has_side = True
            branch = side
        if self.merges:
            links = [f"merge {side}"]
        message = self._apply(at)
        files = {}
        if self.of_postmortem is None:
            files[incident.path] = incident.text()
        else:
            assert incident.postmortem is not None
            files[incident.postmortem_path] = incident.postmortem.text()
        yield _commit(branch, next(marks), at, self.author, message, files, *links)
        if self.merges:
            incident.has_side = False
            yield f"reset {side}\nfrom {'0' * 40}\n\n".encode()

    def _apply(self, at: datetime) -> str:
        incident = self.incident
        if self.merges:
            return self.event
        slug = incident.id[11:]
        lines = [f"{slug}: {self.event}", "", f"Incident: {incident.id}"]
        for key, value in self.keys.items():
            _put(incident.keys, key, value, at)
        if self.entry is not None:
            kind, words, more = self.entry
            words = words.replace("{at}", _time(at))
            incident.timeline.append(f"- {_time(at)} {words} — @{self.author} <!-- e:{self.entry_id} -->\n")
            incident.timeline += [f"  - {line}\n" for line in more]
            lines.append(f"Incident-Event: {kind} e:{self.entry_id}")
        if self.of_postmortem is not None and (document := incident.postmortem) is not None:
            for key, value in self.of_postmortem.items():
                _put(document.front, key, value, at)
            document.body = self.body or document.body
            if self.done is not None:
                document.done[self.done[0]] = self.done[1].replace("{day}", f"{at:%Y-%m-%d}")
        if self.trailer:
            lines.append(self.trailer)
        return BY_HAND if self.event == BY_HAND else "\n".join(lines)


def _put(keys: dict[str, str], key: str, value: str | None, at: datetime) -> None:
    if value is None:
        keys.pop(key, None)
    else:
        keys[key] = value.replace("{at}", _time(at))


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


# ------------------------------------------------------------------------------------------------------- what happens


_Plan = list[tuple[datetime, _Step]]


def _steps_in_order(plans: Sequence[_Plan]) -> list[tuple[datetime, _Step]]:
    placed = [(at, number, index) for number, plan in enumerate(plans) for index, (at, _) in enumerate(plan)]
    return [(at, plans[number][index][1]) for at, number, index in sorted(placed)]


def _incidents(incidents: int, commits: int, first: datetime, last: datetime, *, seed: int) -> list[_Plan]:
    """The steps of so many incidents, so many in all."""
    apart = (last - first) / incidents

    def plan(number: int, notes: int) -> _Plan:
        at = (first + timedelta(seconds=GAP) + number * apart).replace(microsecond=0)
        return _plan(number, at, notes, random.Random(f"{seed} {number}"))

    lengths = [len(plan(number, 0)) for number in range(incidents)]
    spare = commits - sum(lengths)
    if spare < 0:
        raise ValueError(f"{incidents} incidents take {sum(lengths)} commits at least")
    # The longer ones are the severe ones: more is said there.
    said = Counter(random.Random(seed).choices(range(incidents), weights=lengths, k=spare))
    return [plan(number, said[number]) for number in range(incidents)]


def _plan(number: int, at: datetime, notes: int, chance: random.Random) -> _Plan:
    """What happens to one incident, with so many notes and updates. All else depends on its number alone."""
    severity = chance.choices(("SEV1", "SEV2", "SEV3", "SEV4"), (2, 4, 8, 2))[0]
    commander, responder = chance.sample(PEOPLE, 2)
    service = chance.choice(SERVICES)
    title = f"{service.capitalize()} {chance.choice(WHATS)} {number}"
    name = f"{at:%Y-%m-%d}-{title.lower().replace(' ', '-')}"
    services = (service, chance.choice(SERVICES)) if number % 3 == 0 else (service,)
    keys = {"id": name, "title": title, "services": f"[{', '.join(dict.fromkeys(services))}]"}
    if number % 97 == 13:
        keys["drill"] = "true"
    incident = _Incident(name, title, keys)
    plan: _Plan = []

    def step(
        after: float, event: str, author: str, entry: tuple[str, str, tuple[str, ...]] | None = None, **more: object
    ) -> None:
        moment = at + timedelta(seconds=int(after * 60))
        moment = max(moment, plan[-1][0] + timedelta(seconds=GAP)) if plan else moment
        entry_id = f"00{''.join(chance.choices(CROCKFORD, k=4))}"
        plan.append((moment, _Step(incident, event, author, entry, entry_id, **more)))  # type: ignore[arg-type]

    started, detected = at - timedelta(minutes=15), at - timedelta(minutes=4)
    words, known = f"**Opened** {severity}", {"severity": severity, "status": "investigating"}
    if number % 4 != 3:
        words += f", impact from {_time(started)}, detected {_time(detected)}"
        known |= {"started_at": _time(started), "detected_at": _time(detected)}
    step(
        0,
        f"opened {severity}",
        commander,
        ("opened", f"{words}: alert fired", ()),
        keys=known | {"declared_at": "{at}", "acknowledged_at": "{at}"},
    )
    step(
        2,
        f"commander @{commander}",
        commander,
        ("commander", f"**Commander** @{commander}", ()),
        keys={"commander": commander},
    )
    if number % 41 == 7:
        step(
            20,
            "canceled",
            commander,
            ("canceled", "**Canceled** false_alarm: a probe was wrong", ()),
            keys={"status": "canceled", "cancel_reason": "false_alarm"},
        )
        for _ in range(notes):
            step(25, "noted", responder, ("note", chance.choice(SEEN).format(n=chance.randrange(90)), ()))
        return plan
    mitigated, resolved = 45 + chance.randrange(60), 150 + chance.randrange(600)
    before = notes - notes // 6
    for each in range(before):
        _say(step, 5 + each * (mitigated - 8) / before, commander, responder, chance, is_update=each % 3 == 2, at=at)
    if number % 25 == 1:  # somebody in another clone has a word meanwhile, and it is merged
        step(mitigated - 1, "noted", responder, ("note", "seen from another clone", ()), side=True)
        step(mitigated - 1, "Merge origin into main", commander, merges=True)
    step(
        mitigated,
        "mitigated",
        responder,
        ("mitigated", "**Mitigated** failed over", ()),
        keys={"status": "mitigated", "mitigated_at": "{at}"},
    )
    if number % 61 == 5:
        step(
            mitigated + 20,
            "reopened",
            responder,
            ("reopened", "**Reopened** it is back", ()),
            keys={"status": "investigating", "mitigated_at": None},
        )
        step(
            mitigated + 50,
            "mitigated",
            responder,
            ("mitigated", "**Mitigated** for good", ()),
            keys={"status": "mitigated", "mitigated_at": "{at}"},
        )
    for each in range(notes - before):
        step(
            mitigated + 10 + each * 5,
            "noted",
            responder,
            ("note", chance.choice(SEEN).format(n=chance.randrange(90)), ()),
        )
    step(
        resolved,
        "resolved",
        commander,
        ("resolved", "**Resolved** the limit is what it was before", ()),
        keys={"status": "resolved", "resolved_at": "{at}"},
    )
    if severity in ("SEV1", "SEV2"):
        _review(step, incident, severity, (at, mitigated, resolved), (commander, responder), number, chance)
    elif number % 50 != 49:
        step(
            resolved + 2000,
            "closed",
            commander,
            ("closed", "**Closed**", ()),
            keys={"status": "closed", "closed_at": "{at}"},
        )
    return plan


def _say(
    step: "_Adds", after: float, commander: str, responder: str, chance: random.Random, *, is_update: bool, at: datetime
) -> None:
    number = chance.randrange(2, 90)
    seen, tried = chance.choice(SEEN).format(n=number), chance.choice(TRIED).format(n=number)
    if not is_update:
        step(after, "noted", responder, ("note", seen, ()))
        return
    lines = (
        f"Impact: {number} % of requests fail in eu-west-1",
        f"Current Theory: {seen.partition(',')[0]}",
        f"Actions in Progress: {tried}",
        f"Next Update: {_time(at + timedelta(minutes=int(after) + 30))}",
        f"IC: @{commander}",
    )
    step(
        after, "update identified", commander, ("update", "**Update** Identified", lines), keys={"status": "identified"}
    )


class _Adds(Protocol):
    """Adds a step to a plan, so many minutes after the declaration."""

    def __call__(
        self,
        after: float,
        event: str,
        author: str,
        entry: tuple[str, str, tuple[str, ...]] | None = None,
        **more: object,
    ) -> None: ...


def _review(
    step: _Adds,
    incident: _Incident,
    severity: str,
    times: tuple[datetime, int, int],
    people: tuple[str, str],
    number: int,
    chance: random.Random,
) -> None:
    """The post-mortem: drafted, written, published; then the incident is closed, and action items are ticked, later."""
    at, mitigated, resolved = times
    author, reviewer = people
    day = 24 * 60
    items = []
    for each in range(3):
        words = chance.choice(ITEMS).format(n=chance.randrange(90))
        due = at + timedelta(days=14 + 7 * each)
        items.append(
            (
                f"00{''.join(chance.choices(CROCKFORD, k=4))}",
                f"{words} — owner: @{chance.choice(PEOPLE)} — due: {due:%Y-%m-%d} — type: prevent",
            )
        )
    hours, minutes = divmod(resolved + 4, 60)
    header = (
        f"# {incident.title}\n\n**Date**: {at:%Y-%m-%d} | **Severity**: {severity} | **Duration**: {hours}h {minutes}m"
        f" | **Author**: @{author}"
    )
    moments = "".join(
        f"- {_time(at + timedelta(minutes=after))} {words}\n"
        for after, words in (
            (-15, "Impact begins"),
            (-4, "Detected"),
            (0, f"Declared as {severity}"),
            (mitigated, "Mitigated"),
            (resolved, "Resolved"),
        )
    )
    facts = f"## Impact\n\n- Duration of user-facing impact: {(mitigated + 15) // 60}h {(mitigated + 15) % 60}m\n\n## Timeline\n\n{moments}"
    empty = "\n\n".join(
        ("## Summary\n\n<!-- Two or three sentences. -->", facts, *(f"## {name}\n\n<!-- Why? -->" for name in SECTIONS))
    )
    said = " ".join(chance.choice(SEEN).format(n=chance.randrange(90)).capitalize() + "." for _ in range(6))
    full = "\n\n".join(
        (f"## Summary\n\n{said}", facts, *(f"## {name}\n\n- {said}\n- {said[::-1]}" for name in SECTIONS))
    )
    incident.postmortem = _Postmortem({"incident": incident.id}, header, empty, items)
    is_reviewed = number % 10 == 0  # on a branch of its own, which is merged when it is published
    draft = {"status": "draft", "authors": f"[{author}]", "reviewers": "[]", "root_cause": ""}
    step(resolved + 60, "post-mortem drafted", author, of_postmortem=draft, side=is_reviewed)
    cause = chance.choice(CAUSES) if number % 5 else ""
    step(
        resolved + 300,
        "post-mortem edited",
        author,
        of_postmortem={"reviewers": f"[{reviewer}]", "root_cause": cause},
        body=full,
        side=is_reviewed,
    )
    published = resolved + (3 + number % 6) * day
    step(
        published,
        "post-mortem published",
        author,
        of_postmortem={"status": "final", "published_at": "{at}"},
        side=is_reviewed,
    )
    if is_reviewed:
        step(published + 30, f"Merge branch 'postmortem/{incident.id}'", reviewer, of_postmortem={}, merges=True)
    step(published + 60, "closed", author, ("closed", "**Closed**", ()), keys={"status": "closed", "closed_at": "{at}"})
    for each, (name, _) in enumerate(items[: number % 4]):
        by_hand = (number + each) % 3 == 0
        step(
            published + (9 + 8 * each) * day,
            BY_HAND if by_hand else "action done",
            reviewer,
            of_postmortem={},
            done=(name, "" if by_hand and each else " — done: {day}"),
            trailer="" if by_hand else f"Action: a:{name}",
        )


def main() -> None:
    """Makes one, to look at it."""
    parser = argparse.ArgumentParser(description="Make a repository with a long history.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("incidents", type=int)
    parser.add_argument("commits", type=int)
    parser.add_argument("--beside", type=int, default=0, help="commits to other files for each one to the record")
    asked = parser.parse_args()
    build_history(asked.folder, asked.incidents, asked.commits, os.environ, beside=asked.beside)


if __name__ == "__main__":
    main()
