"""An archive of post-mortems of any size, the same for the same number.

As real ones are: about six thousand characters each, long timelines, lists, logs in fences, links, a few faults.
"""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

OLD = 900
"""The first so many have their action items done."""
FIRST = datetime(2023, 1, 9, 6, 40, tzinfo=UTC)
STEPS = (
    "The alert for latency fires and pages the on-call.",
    "The [dashboard](https://grafana.example.org/d/{n}) shows no free connection on db-{n}.",
    "Traffic is moved to region {n}; errors fall to {n} %.",
    "The config of `gateway-{n}` is rolled back.",
    "Support reports {n} more tickets from customers in eu-west-1.",
    "Replica {n} catches up with the primary.",
    "The queue of `worker-{n}` drains, and latency is back to normal.",
)
CAUSES = (
    "The pipeline accepts any size for pool {n}, and the push lowered it below what the evening needs.",
    "The retry policy of client {n} has no limit, so each timeout made three further requests.",
    "The certificate of proxy {n} is renewed by a job that had been disabled with the old cluster.",
)
LESSONS = (
    "The runbook for failover {n} was up to date.",
    "The dashboard for pool {n} was hard to find.",
    "The alert for queue {n} paged within four minutes.",
    "Two people were needed to change the status page, and one had access.",
)
ACTIONS = (
    "Add a canary stage to pipeline {n}",
    "Alert on the depth of queue {n}",
    "Document the failover of region {n}",
)


def build_archive(path: Path, documents: int) -> None:
    """Write that many post-mortems below `path`, in folders by year and month."""
    chance = random.Random(documents)
    for number in range(documents):
        at = FIRST + number * timedelta(hours=19, minutes=7)
        file = path / f"{at:%Y/%m}" / f"{at:%Y-%m-%d}-outage-of-service-{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_postmortem(number, at, chance), encoding="utf-8")


def _log(at: datetime, chance: random.Random) -> str:
    lines = (
        f"  {at + timedelta(seconds=each):%Y-%m-%dT%H:%M:%SZ} worker-{chance.randrange(90)} level=error"
        for each in range(6)
    )
    return "\n".join(f'{line} msg="no connection after {chance.randrange(900, 5000)} ms" pool=main' for line in lines)


def _postmortem(number: int, at: datetime, chance: random.Random) -> str:
    def some(texts: tuple[str, ...], count: int) -> list[str]:
        return [chance.choice(texts).format(n=chance.randrange(1, 90)) for _ in range(count)]

    minutes = sorted(chance.sample(range(2, 170), chance.randrange(10, 26)))
    timeline = [f"- {at + timedelta(minutes=each):%Y-%m-%d %H:%M} {' '.join(some(STEPS, 2))}" for each in minutes]
    for place in chance.sample(range(1, len(timeline)), 2):
        timeline[place] += f"\n\n  ```\n{_log(at + timedelta(minutes=minutes[place]), chance)}\n  ```\n"
    is_old = number < OLD
    long = minutes[-1] - minutes[0]
    actions = [
        f"- [{'x' if is_old else ' '}] {text} — owner: @{chance.choice(('ann', 'bob', 'carla'))} — due: {at + timedelta(days=30):%Y-%m-%d}"
        f" — type: prevent{f' — done: {at + timedelta(days=20):%Y-%m-%d}' if is_old else ''}"
        for text in some(ACTIONS, 4)
    ]
    if number % 7 == 0:
        actions.append("- [ ] Improve the monitoring")
    parts = (
        f"# Outage of service {number}",
        f"**Date**: {at:%Y-%m-%d} | **Severity**: SEV2 | **Duration**: {long // 60}h {long % 60}m | **Author**: @ann",
        "## Summary",
        f"Service {number} answered {chance.randrange(3, 60)} % of requests with errors. {some(CAUSES, 1)[0]}",
        "## Impact",
        "\n".join(
            f"- About {chance.randrange(50, 9000)} users could not {what}." for what in ("sign in", "pay", "search")
        ),
        "## Timeline\n\nAll times are UTC.",
        "\n".join(timeline),
        "## Root Cause",
        "\n\n".join(" ".join(some(CAUSES, 3)) for _ in range(3)),
        "## Contributing Factors",
        "\n".join(f"- {each}" for each in some(CAUSES, 4)),
        "## What Went Well",
        "\n".join(f"- {each}" for each in some(LESSONS, 2)),
        "## What Went Poorly",
        "\n".join(f"- {each}" for each in some(LESSONS, 3)),
        "## Action Items",
        "\n".join(actions),
    )
    return "\n\n".join(parts) + "\n"
