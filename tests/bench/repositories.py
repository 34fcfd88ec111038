"""Repositories of incidents of any size, made in seconds with `git fast-import`. The same number makes the same repository."""

import random
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST = datetime(2021, 1, 4, 7, 30, tzinfo=UTC)
LAST = datetime(2025, 12, 30, 17, 0, tzinfo=UTC)
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
TITLES = ("Checkout latency", "Login down", "Search returns nothing", "Mail queue grows", "Payments declined")
PEOPLE = ("ann", "bob", "carla", "dmitri", "emeka")


def build_repository(path: Path, incidents: int, environment: Mapping[str, str]) -> None:
    """Make a repository at `path` with that many closed incidents, one commit each, and check it out."""

    def git(*words: str, given: bytes = b"") -> None:
        subprocess.run(["git", "-C", str(path), *words], env=environment, input=given, check=True, capture_output=True)

    path.mkdir(parents=True)
    git("init", "--quiet", "--initial-branch=main")
    git("fast-import", "--quiet", given=b"".join(_commits(incidents)))
    git("reset", "--quiet", "--hard")


def _commits(incidents: int) -> Iterator[bytes]:
    chance = random.Random(incidents)
    step = (LAST - FIRST) / incidents
    for number in range(incidents):
        declared_at = (FIRST + number * step).replace(microsecond=0)
        title = f"{TITLES[number % len(TITLES)]} {number}"
        incident_id = f"{declared_at:%Y-%m-%d}-{title.lower().replace(' ', '-')}"
        text = _incident(incident_id, title, declared_at, chance).encode()
        subject = f"{incident_id[11:]}: opened".encode()
        path = f"incidents/{declared_at:%Y/%m}/{incident_id}.md".encode()
        yield b"commit refs/heads/main\ncommitter Ann <ann@example.org> %d +0000\n" % declared_at.timestamp()
        yield b"data %d\n%s\n" % (len(subject), subject)
        yield b"M 100644 inline %s\ndata %d\n%s\n" % (path, len(text), text)


def _incident(incident_id: str, title: str, declared_at: datetime, chance: random.Random) -> str:
    severity = chance.choice(("SEV1", "SEV2", "SEV2", "SEV3", "SEV3", "SEV3"))
    commander, responder = chance.sample(PEOPLE, 2)

    def after(minutes: float) -> str:
        return f"{declared_at + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"

    def entry(minutes: float, words: str, author: str) -> str:
        return f"- {after(minutes)} {words} — @{author} <!-- e:00{''.join(chance.choices(CROCKFORD, k=4))} -->\n"

    mitigated, resolved, closed = 45 + chance.randrange(60), 120 + chance.randrange(600), 3000 + chance.randrange(9000)
    update = (
        entry(24, "**Update** Identified", commander)
        + f"  - Impact: {chance.randrange(2, 60)} % of requests fail in eu-west-1\n"
        + "  - Current Theory: the connection pool is exhausted since the config push\n"
        + "  - Actions in Progress: failing over to the second database\n"
        + f"  - Next Update: {after(54)}\n"
        + f"  - IC: @{commander}\n"
    )
    timeline = (
        entry(0, f"**Opened** {severity}, impact from {after(-15)}, detected {after(-4)}: alert fired", commander)
        + entry(0.5, f"**Commander** @{commander}", commander)
        + entry(6, "pool exhausted on db-3, [graph](https://graphs.example.org/d/1)", responder)
        + entry(11, "**Investigation** the config push of the morning halved the pool", responder)
        + update
        + entry(31, "**Action** traffic moves to db-4", responder)
        + entry(mitigated, "**Mitigated** failed over", responder)
        + entry(resolved, "**Resolved** the pool has its size again", commander)
        + entry(closed, "**Closed**", commander)
    )
    return (
        "---\n"
        f"id: {incident_id}\n"
        f"title: {title}\n"
        f"severity: {severity}\n"
        "status: closed\n"
        "services: [checkout, payments]\n"
        f"commander: {commander}\n"
        f"started_at: {after(-15)}\n"
        f"detected_at: {after(-4)}\n"
        f"declared_at: {after(0)}\n"
        f"acknowledged_at: {after(0)}\n"
        f"mitigated_at: {after(mitigated)}\n"
        f"resolved_at: {after(resolved)}\n"
        f"closed_at: {after(closed)}\n"
        "---\n\n"
        f"# {title}\n\n"
        "## Timeline\n\n"
        f"{timeline}"
    )
