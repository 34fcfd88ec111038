"""Makes `incidents/` and the table in README.md anew, by telling each story through the real commands, with the clock of the story.

    python examples/build.py            writes the files
    python examples/build.py --check    writes nothing, and says which files are out of date

Settings and post-mortems are written by hand; they are read, never changed.
"""

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
ZONE = ZoneInfo("Europe/Berlin")


class Story(NamedTuple):
    """What a story is an example of, and its script. Where it makes two incidents, ` | ` stands between what each is for.

    A line with a date sets the day; `HH:MM WHO WORDS` is a command that WHO types at that time, in the zone ZONE; lines
    with `| ` below it are its standard input. `HH:MM WHO by hand` takes the next change of `hand`: a file's name, and what
    is replaced in it by what (the whole file, where nothing is). With `by hand, committed` plain git commits it.
    """

    shows: str
    script: str
    hand: tuple[tuple[str, str, str], ...] = ()


TYPED_BY_HAND = """\
---
# We had no terminal at hand: typed on a phone, in the web page of the code host.
id: 2026-03-05-orders-wait-for-the-warehouse
title: Orders wait for the warehouse
severity: SEV2
status: identified
services: [labels]
commander: cem
warehouse: leipzig   # a key of our own
---

# Orders wait for the warehouse

What the people in the warehouse told us is in the [chat](https://chat.example.org/warehouse).

## Timeline

- 2026-03-05T14:20+01:00 **Opened** SEV3, detected 2026-03-05T14:10+01:00: no labels since the morning delivery - @cem
- 2026-03-05 14:32 +01:00 the printer queue holds 214 jobs
- 2026-03-05 14:41 +01:00 **Severity** SEV3 -> SEV2: the courier leaves at 17:00
- 2026-03-05 14:55 +01:00 a job without an address blocks the queue; [screenshot](https://chat.example.org/f/1) -- @dana

## What we still ask

Who owns the printers?
"""

STORIES = (
    Story(
        "the whole life of a SEV1: all roles, notes of each kind, duties done, two updates, closed with its post-mortem",
        """
        2026-01-20
        10:06 ann   open Checkout latency -s 1-2 --service checkout --detected-at -4m --summary "p99 above 4 s in eu-west-1"
        10:07 ann   assign ic me
        10:08 ann   assign tl @bob
        10:09 ann   note --done bridge https://meet.example.org/sev1
        10:12 bob   note --kind investigation "pool exhausted on orders-3, [graph](https://grafana.example.org/d/order-pool)"
        10:13 ann   note --done management
        10:15 dana  assign comms me
        10:17 cem   set services+=pay
        10:18 dana  note --done status_page https://status.example.org/i/17
        10:26 bob   note --kind observation "the waiting began six minutes after the configuration of 09:45 was complete"
        10:31 ann   update moving to the replica --status identified --impact "12 % of checkouts fail in eu-west-1" \
--theory "the configuration of 09:45 left too few connections" --public "Some checkouts fail. Please try again in an hour."
        10:35 ann   note --kind decision "the replica first, the configuration afterwards"
        10:44 bob   note --kind action promoted orders-4
        10:48 bob   mitigate the replica serves all traffic
        11:01 ann   update watching the error rate before the pool is set back --impact "none since 10:48"
        12:10 bob   resolve the pool has its old size again, on both databases
        12:14 ann   set -i checkout-latency started_at=09:51
        12:15 ann   set -i checkout-latency affected_users=5400 "error_budget=31 % of the quarter" "revenue_impact=18,000 EUR"
        2026-01-26
        15:30 ann   close -i checkout-latency the post-mortem is published
        """,
    ),
    Story(
        "opened afterwards in one command, with all its times",
        """
        2026-02-03
        09:30 bob   open No results for words with accents -s 3 --service search --at "yesterday 16:20" \
--started-at "yesterday 15:05" --detected-at "yesterday 16:20" --mitigated-at "yesterday 16:45" --resolved-at "yesterday 17:30" \
--commander me --team storefront --tag unicode --summary "searching for crème found nothing after the new tokenizer"
        09:34 bob   close 2026-02-02-no-results-for-words-with-accents
        """,
    ),
    Story(
        "a drill: marked everywhere, counted nowhere",
        """
        2026-02-12
        14:00 ann   open "Drill: the second region is gone" -s 1 --service catalogue --detected-at now --drill --commander @cem
        14:02 cem   note --kind decision "we treat all of eu-central-1 as lost"
        14:05 dana  note --done status_page "drafted, and not published: it is a drill"
        14:26 cem   mitigate all traffic goes to eu-west-1
        15:10 cem   resolve both regions serve again
        15:12 ann   close -i drill
        """,
    ),
    Story(
        "a severity that goes up, and down with its reason; roles that are handed over, a role of the team's own; post-mortem in review",
        """
        2026-02-24
        18:10 ann   open Slow product pages -s 3 --service catalogue --started-at 17:40 --detected-at 18:05
        18:12 ann   assign ic me
        18:20 bob   note --kind investigation "pictures take 9 s, the pages themselves are fast"
        18:32 ann   severity 1 product pages fail, not only pictures
        18:33 bob   assign tl me
        18:35 ann   assign scribe @eli
        18:40 ann   note --done status_page https://status.example.org/i/19
        18:41 ann   note --done management
        18:45 ann   update serving pages without pictures --status mitigating --impact "most product pages show an error"
        19:05 bob   severity 2 "pages load again, without pictures"
        19:30 ann   assign ic @cem handing over, my train leaves
        19:31 ann   assign scribe none Cem writes himself
        20:30 bob   mitigate the old key of the cache is back
        20:32 cem   update letting the queue of the image service run empty --impact "none, pictures load"
        22:40 cem   resolve the queue is empty
        """,
    ),
    Story(
        "typed by hand: lines without ids, in local time; keys changed by hand are taken into the record, from a commit and from the file",
        """
        2026-03-05
        14:58 cem   by hand, committed
        15:20 cem   note -i orders-wait the job was removed, labels are printed
        2026-03-06
        09:15 dana  by hand
        09:20 dana  note -i orders-wait the courier fetched all parcels of yesterday
        """,
        hand=(
            ("2026-03-05-orders-wait-for-the-warehouse", "", TYPED_BY_HAND),
            ("2026-03-05-orders-wait-for-the-warehouse", "status: identified", "status: resolved"),
        ),
    ),
    Story(
        "canceled: a false alarm, opened by a machine and acknowledged by a person",
        """
        2026-03-12
        03:12 bot   open Login error rate above 5 % -s 2 --service login --detected-at -1m --external-id alert-88213
        03:19 ann   ack
        03:20 ann   note --kind investigation "real traffic is fine; only the probe in us-east-1 fails"
        03:24 ann   cancel --reason false_alarm "the probe's certificate had expired"
        """,
    ),
    Story(
        "canceled: not an incident, opened in doubt without a severity",
        """
        2026-03-17
        11:02 dana  open All prices of bulbs changed --service catalogue
        11:06 ann   note "the new price list was announced for today, [here](https://wiki.example.org/prices)"
        11:08 dana  cancel --reason not_an_incident the new price list is right
        """,
    ),
    Story(
        "two days, over the night in which summer time begins: durations count hours that were there",
        """
        2026-03-28
        22:40 dana  open The nightly import never ends -s 2 --service ledger --started-at 21:30 --detected-at 22:35
        22:41 dana  assign ic me
        22:55 dana  note --kind investigation "one of 64 partitions takes all the time"
        23:35 dana  update splitting the partition --status identified --impact "the books of Friday are late, no customer sees it"
        2026-03-29
        00:35 dana  update --no-change --next 04:00
        01:50 dana  note "the split is half done"
        03:10 dana  note --kind observation "ten minutes to go, and the clock has just skipped an hour"
        03:20 dana  mitigate the import is complete
        05:20 dana  resolve the partitions have equal sizes again
        05:25 dana  set -i nightly-import tags=import,night
        """,
    ),
    Story(
        "a SEV4: a ticket, with a link and no clocks",
        """
        2026-04-09
        16:45 eli   open Wrong icon on the gift card page -s 4 --service checkout --external-id SHOP-2291
        16:46 eli   set -i wrong-icon ticket=https://tracker.example.org/SHOP-2291
        2026-04-21
        10:10 eli   resolve 2026-04-09-wrong-icon-on-the-gift-card-page released with the pages of the week
        10:11 eli   close -i wrong-icon
        """,
    ),
    Story(
        "withdrawn entries: a note, and a mitigation that was none; one withdrawal is itself withdrawn",
        """
        2026-04-22
        13:04 bob   open Gift cards are rejected -s 2 --service basket --detected-at 13:01
        13:06 bob   assign ic @ann
        13:09 bob   note "the card provider answers 503"
        13:10 bob   undo -m "that was the test environment"
        13:14 bob   note "cards with a space in the number are rejected"
        13:15 bob   undo
        13:21 ann   mitigate the check is switched off
        13:24 ann   undo -m "rejected again: the switch does not reach the app"
        13:26 bob   undo LAST-WITHDRAWAL -m "the note was right"
        13:40 ann   mitigate the check is switched off, in the app as well
        15:02 bob   resolve spaces are removed before the check
        """,
    ),
    Story(
        "lines copied from a chat, taken in with `note --lines`",
        """
        2026-05-06
        11:20 cem   open Mails arrive hours late -s 3 --service mail --at 10:40 --started-at 09:00 --detected-at 10:38
        11:22 cem   note --lines -
                  | 10:41 @dana 41,000 mails wait, normal is 200
                  | 10:44 @cem the provider slows us down since 09:00
                  | their page says nothing about it
                  | 10:52 @dana order confirmations go through the second provider now
                  | 11:15 @dana the queue shrinks by 900 a minute
        12:03 cem   mitigate the queue is empty
        12:05 cem   resolve newsletters have a queue of their own now
        12:06 cem   close -i mails-arrive SEV3, no post-mortem needed
        """,
    ),
    Story(
        "resolved; a title that is not ASCII",
        """
        2026-05-19
        08:12 bob   open "Überlast im Suchindex – 検索が遅い" -s 2 --service search --detected-at -7m
        08:13 bob   assign ic me
        08:40 bob   note --kind action "auf drei Knoten verteilt"
        08:52 bob   mitigate "Antwortzeit wieder unter 200 ms"
        10:30 bob   resolve "Index neu aufgebaut"
        10:31 bob   set -i suchindex public_title="Search is slow" regions=eu-west-1
        """,
    ),
    Story(
        "closed, reopened a day later, and worked on again",
        """
        2026-06-11
        09:22 ann   open Login codes arrive twice -s 3 --service login --detected-at 09:10
        09:24 ann   assign ic me
        09:50 ann   mitigate the second sender is stopped
        10:05 ann   resolve the sender is started once only
        10:06 ann   close -i login-codes
        2026-06-12
        08:40 eli   reopen -i login-codes customers report two codes again since 08:15
        08:44 ann   assign ic @bob -i login-codes
        08:47 bob   note -i login-codes "two hosts started the sender at the same second"
        """,
    ),
    Story(
        "canceled: a duplicate, with the incident that goes on | mitigating, with words for the public, and a duty of the team's own",
        """
        2026-06-16
        17:03 cem   open Payments declined by one bank -s 1 --service cards --detected-at -3m
        17:04 dana  open Card payments fail -s 2 --service pay --detected-at 17:01
        17:06 dana  cancel -i card-payments-fail --duplicate-of payments-declined "the same: Cem was first"
        17:06 cem   use payments-declined
        17:07 cem   assign ic @dana
        17:08 dana  assign tl @cem
        17:09 dana  note --done management
        17:10 dana  note --done bridge
        17:15 dana  note --done status_page https://status.example.org/i/23
        17:16 dana  note --done card_schemes "told by phone, as the contract demands"
        17:33 dana  update offering direct debit first --status mitigating --impact "cards of one bank, 8 % of payments" \
--theory "the bank's certificate is not accepted since its renewal" --public "Cards of one bank are declined. Direct debit works."
        """,
    ),
    Story(
        "identified",
        """
        2026-06-17
        19:02 bob   open Slow search in the evening -s 2 --service search --started-at 18:30 --detected-at 18:55 --commander me
        19:20 bob   note --kind investigation "slow since the crawler of a partner runs at the same time"
        20:01 bob   update asking the partner to pause --status identified --impact "answers take 3 s" --theory "the crawler of a partner"
        """,
    ),
    Story(
        "mitigated, and not yet resolved",
        """
        2026-06-18
        07:31 eli   open Shipping labels are blank -s 2 --service labels --started-at 06:00 --detected-at 07:15
        07:33 eli   assign ic me
        07:52 eli   update printing with the old template --status mitigating --impact "2 of 5 printers"
        08:04 eli   mitigate all printers use the old template
        """,
    ),
    Story(
        "investigating; the severity was given as `sev2?`",
        """
        2026-06-18
        09:48 dana  open Invoices without an address -s sev2? --service invoices --summary "three customers wrote since eight"
        09:55 dana  note "all three have an address with a line for the floor"
        """,
    ),
    Story(
        "triage: opened by a machine, and nobody has taken it yet",
        """
        2026-06-18
        10:02 bot   open Disk latency on ledger-2 -s 3 --service ledger --detected-at -2m --external-id alert-90417
        10:03 bot   note "await 180 ms, normal is 4 ms, [graph](https://grafana.example.org/d/disk)"
        """,
    ),
)

START = datetime(2026, 1, 2, 8, tzinfo=UTC)

PEOPLE = {
    "ann": ("Ann Ashby", "ann@example.org"),
    "bob": ("Bob Brunner", "bob@example.org"),
    "cem": ("Cem Celik", "cem@example.org"),
    "dana": ("Dana Dvořák", "dana@example.org"),
    "eli": ("Eli Eriksen", "eli@example.org"),
    "bot": ("Alerts", "alertbot@example.org"),
}


def _is_of_the_hour(line: str) -> bool:
    """Whether a warning is of who coordinates, or of a clock that ran out: that is so in any incident, and no fault of an example."""
    known = ("one responder on a", "nobody coordinates", "nobody is free to coordinate", " was due ")
    return any(words in line for words in known)


class Failed(Exception):
    """A command of a story did not do what the story says."""


class Teller:
    """Tells a story in a repository of its own: real commands and real git, and nothing of the machine's but git itself."""

    def __init__(self, folder: Path, kept: Mapping[str, bytes]) -> None:
        self.path = folder / "incidents-repo"
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.chances = 0
        (self.home / "gitconfig").write_text("[init]\n\tdefaultBranch = main\n[commit]\n\tgpgsign = false\n")
        for name, data in kept.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.git("init", "--quiet", who="ann", now=START)
        self.is_settled = False

    def tell(self, story: Story) -> dict[str, bytes]:
        """Runs a story's script, and gives the incidents that come of it, by their paths."""
        hand = list(story.hand)
        day = ""
        for line, given in _lines(story.script):
            if re.fullmatch(r"\d{4}-\d\d-\d\d", line):
                day = line
                continue
            clock, who, words = line.split(maxsplit=2)
            now = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZONE).astimezone(UTC)
            if words.startswith("by hand"):
                self.change_by_hand(*hand.pop(0), commits=words.endswith("committed"), who=who, now=now)
            else:
                self.command(words, given, who=who, now=now)
        return self.files()

    def command(self, words: str, given: str, *, who: str, now: datetime) -> None:
        """Runs one command line in this process. `Failed` unless it succeeds and has nothing to warn of but the roles and the clocks."""
        from incidentctl.cli import run
        from incidentctl.context import Outside

        if not self.is_settled:
            # After the commits by hand: their names are in the record, and would change with each word of the settings.
            self.git("add", ".", who="ann", now=START)
            self.git("commit", "--quiet", "-m", "settings and post-mortems", who="ann", now=START)
            self.is_settled = True
        out, err = io.StringIO(), io.StringIO()
        environ = self.environ(who, now)
        if who == "bot":
            environ["INCIDENTCTL_AS"] = "@alertbot (agent)"
        outside = Outside(
            environ=environ,
            cwd=str(self.path),
            stdin=io.StringIO(given),
            stdout=out,
            stderr=err,
            now=lambda: now,
            chance=self.chance,
            zone=ZONE,
            program="ictl",
        )
        code = run(
            [self.last_withdrawal() if word == "LAST-WITHDRAWAL" else word for word in shlex.split(words)], outside
        )
        if code != 0 or any("warning" in line and not _is_of_the_hour(line) for line in err.getvalue().splitlines()):
            raise Failed(f"ictl {words}: {code}\n{out.getvalue()}{err.getvalue()}")

    def last_withdrawal(self) -> str:
        """The id of the last entry that withdraws another one and says no reason."""
        text = "".join(data.decode() for data in self.files().values())
        found = re.findall(r"\*\*Withdrawn\*\* e:\w+ — .*<!-- (e:\w+) -->", text)
        return str(found[-1])

    def change_by_hand(self, name: str, old: str, new: str, *, commits: bool, who: str, now: datetime) -> None:
        """Writes a file, or changes words in it, as somebody with an editor does; perhaps with a commit by plain git."""
        path = self.path / "incidents" / name[:4] / name[5:7] / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8").replace(old, new, 1) if old else new
        path.write_text(text, encoding="utf-8")
        if commits:
            self.git("add", str(path), who=who, now=now)
            self.git("commit", "--quiet", "-m", "what we know so far", who=who, now=now)

    def git(self, *words: str, who: str, now: datetime) -> None:
        """Runs git."""
        subprocess.run(["git", *words], cwd=self.path, env=self.environ(who, now), check=True, capture_output=True)

    def environ(self, who: str, now: datetime) -> dict[str, str]:
        """The environment of one person at one moment, with nothing of the machine's own in it but the path."""
        name, mail = PEOPLE[who]
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "GIT_CONFIG_GLOBAL": str(self.home / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_DEFAULT_HASH": "sha1",
            "LANG": "C.UTF-8",
        }
        for role in ("AUTHOR", "COMMITTER"):
            environ |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": mail, f"GIT_{role}_DATE": now.isoformat()}
        return environ

    def chance(self) -> int:
        """Chance that is the same each time."""
        self.chances += 1
        return self.chances * 245_489 % 2**20

    def files(self) -> dict[str, bytes]:
        """The incident files, by their paths."""
        found = sorted((self.path / "incidents").glob("*/*/*.md"))
        return {path.relative_to(self.path).as_posix(): path.read_bytes() for path in found}


def _lines(script: str) -> list[tuple[str, str]]:
    """The lines of a script, each with what is piped into it."""
    found: list[tuple[str, str]] = []
    for raw in script.strip().splitlines():
        line = raw.strip()
        if line.startswith("|") and found:
            found[-1] = (found[-1][0], f"{found[-1][1]}{line[2:]}\n")
        else:
            found.append((line, ""))
    return found


def build() -> dict[str, bytes]:
    """All files that this script makes, by their paths below this folder."""
    paths = [HERE / "incidentctl.toml", *sorted((HERE / "postmortems").rglob("*.md"))]
    kept = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in paths}
    files: dict[str, bytes] = {}
    shows: dict[str, str] = {}
    for story in STORIES:
        with tempfile.TemporaryDirectory() as folder:
            made = Teller(Path(folder), kept).tell(story)
        files |= made
        shows |= dict(zip(made, story.shows.split(" | "), strict=True))
    return files | {"README.md": _readme(files, shows)}


def _readme(files: Mapping[str, bytes], shows: Mapping[str, str]) -> bytes:
    """The README with its table made anew."""
    text = (HERE / "README.md").read_text(encoding="utf-8")
    rows = ["| incident | severity | status | what it shows |", "| --- | --- | --- | --- |"]
    for name, data in sorted(files.items()):
        keys = dict(re.findall(r"^(\w+): (.*)$", data.decode().split("\n---", 1)[0], re.MULTILINE))
        rows.append(f"| [{Path(name).stem}]({name}) | {keys['severity']} | {keys['status']} | {shows[name]} |")
    begin, end = "<!-- made by build.py: begin -->\n", "<!-- made by build.py: end -->"
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    return "".join((head, begin, "\n".join(rows), "\n", end, tail)).encode()


def standing() -> dict[str, bytes]:
    """What stands in this folder of what this script makes."""
    paths = [HERE / "README.md", *sorted((HERE / "incidents").rglob("*"))]
    return {path.relative_to(HERE).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def stale(made: Mapping[str, bytes], stands: Mapping[str, bytes]) -> list[str]:
    """The files that are not as they are made: changed, missing, or not made at all."""
    return sorted(name for name in made.keys() | stands.keys() if made.get(name) != stands.get(name))


def main(words: list[str]) -> int:
    """Writes, or checks."""
    sys.path.insert(0, str(HERE.parent))
    made = build()
    names = stale(made, standing())
    if words == ["--check"]:
        for name in names:
            sys.stderr.write(f"examples/{name} is out of date: run python examples/build.py\n")
        return 1 if names else 0
    for name in names:
        path = HERE / name
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made[name])
        else:
            path.unlink()
    sys.stdout.write(f"{len(made)} files made, {len(names)} of them written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
