"""What says that an action item is done: trailers of commits, and linked issues by `gh` and `glab`. Never writes or prompts.

A tracker that cannot be asked is a sentence in the answer, never an error: everything works without one.
"""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from incidentctl.errors import RepositoryError, UsageError
from incidentctl.incident.secrets import mask_secrets
from incidentctl.store.git import Git, printable, reason
from incidentctl.store.remotes import hosts_of_remotes
from incidentctl.store.repository import Repository

TRAILER: Final = "Closes-Action"
"""The trailer of a commit that does what an action item asks for."""

_ONE_CALL_S: Final = 5.0
ALL_CALLS_S: Final = 30.0

_LOG_TIMEOUT_S: Final = 60.0
_FORMAT: Final = f"%H%x00%h%x00%as%x00%(trailers:key={TRAILER},valueonly,unfold,separator=%x2C)"
_NAMED: Final = re.compile(r"(?:^|[\s,;])(?:a:)?([0-9a-hjkmnp-tv-z]{4,6})(?=$|[\s,;.])")
_GITHUB: Final = re.compile(r"/[\w.-]+/[\w.-]+/(issues|pull)/[0-9]+/?")
_GITLAB: Final = re.compile(r"(/[\w.-]+(?:/[\w.-]+)+)/-/(issues|work_items|merge_requests)/([0-9]+)/?")


class Closing(Struct, frozen=True):
    """A commit that names an action item in its trailer. `action` is an id, or the beginning of one, without `a:`.

    `on` is the day of its author; `repository` is the name of another repository that it is in, else empty.
    """

    action: str
    commit: str
    short: str
    on: date
    repository: str = ""

    @property
    def evidence(self) -> str:
        """The commit, as it is noted in the item."""
        return f"{self.repository}@{self.short}" if self.repository else self.short


class TrackerState(StrEnum):
    """How far a linked issue or change has come."""

    OPEN = "open"
    DONE = "done"
    NOT_PLANNED = "not_planned"


class Tracked(Struct, frozen=True):
    """What a tracker says of one link; `on` is the day on which it was closed or merged."""

    state: TrackerState
    on: date | None = None


class TrackerAnswers(Struct, frozen=True):
    """What the trackers said, by URL, and what could not be asked: a sentence for each reason."""

    states: Mapping[str, Tracked]
    problems: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------------------- commits


def closings_here(repository: Repository) -> list[Closing]:
    """Those of this repository: what can be reached from the branch that is checked out, and from the record's. The oldest first."""
    tips = [repository.tip().commit, _head(repository.git_here)]
    return list(_closings(repository.git_here, [tip for tip in tips if tip]))


def closings_in(path: str, *, environ: Mapping[str, str]) -> list[Closing]:
    """Those of another repository on this machine, from what is checked out there. The oldest first."""
    if not os.path.isdir(path):
        raise UsageError(f"--from-repo is no folder: {path}", hint="name the folder of a repository on this machine")
    git = Git(path, environ=environ)
    top = git.run("rev-parse", "--path-format=absolute", "--git-common-dir")
    if top.code != 0:
        raise UsageError(f"--from-repo is no repository: {path}: {reason(top.err)}")
    folder = top.text.rstrip("/")
    name = os.path.basename(os.path.dirname(folder) if os.path.basename(folder) == ".git" else folder)
    head = _head(git)
    label = re.sub(r"[^\w.-]+", "-", name.removesuffix(".git")).strip("-.") or "repository"
    return list(_closings(git, [head] if head else [], label))


def _head(git: Git) -> str | None:
    answer = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}")
    return answer.text or None if answer.code == 0 else None


def _closings(git: Git, tips: list[str], repository: str = "") -> Iterator[Closing]:
    if not tips:
        return
    # rev-list, not log: it does not know the user's settings of it.
    answer = git.run(
        *("rev-list", "--reverse", "--topo-order", "--regexp-ignore-case", f"--grep=^{TRAILER}:"),
        *(f"--format={_FORMAT}", *dict.fromkeys(tips), "--"),
        timeout=_LOG_TIMEOUT_S,
    )
    if answer.code != 0:
        raise RepositoryError(f"the history could not be read: {reason(answer.err)}")
    for line in answer.out.decode("utf-8", "replace").splitlines():
        parts = line.split("\0")
        if len(parts) != 4:  # before each comes a line `commit ID`
            continue
        commit, short, day, value = parts
        try:
            on = date.fromisoformat(day)
        except ValueError:
            continue
        for match in _NAMED.finditer(value):
            yield Closing(match[1], commit, short, on, repository)


# ------------------------------------------------------------------------------------------------------------ trackers


def ask_trackers(
    urls: Iterable[str], *, git: Git, environ: Mapping[str, str], one_call: float = _ONE_CALL_S
) -> TrackerAnswers:
    """What the linked issues and changes have come to, by the programs that are on the PATH; other links are left out.

    One call takes at most `one_call` seconds, all of them 30. `gh` is asked about github.com and `$GH_HOST`, `glab` about
    gitlab.com, `$GITLAB_HOST`, and the hosts of this clone's own remotes that are named gitlab.*: no other host is ever
    sent a token. A document names any host that it likes, and `glab` hands the token in its environment to each.
    """
    states: dict[str, Tracked] = {}
    problems: dict[str, str] = {}
    deadline = time.monotonic() + ALL_CALLS_S
    environment = _environment(git)
    hosts = hosts_of_remotes(git)
    for url in dict.fromkeys(urls):
        command = _command(url, environ, hosts)
        program = shutil.which(command[0], path=environ.get("PATH", "")) if command else None
        if command is None or program is None:
            continue
        left = deadline - time.monotonic()
        if left <= 0:
            problems.setdefault("late", f"the trackers took longer than {ALL_CALLS_S:g} s: not all links were asked")
            break
        out, problem = _run(git, [program, *command[1:]], environment, min(left, one_call))
        tracked = _read(out) if problem is None else None
        if tracked is not None:
            states[url] = tracked
        else:
            # Said once for each reason: without a login every link fails alike.
            why = problem or "its answer could not be read"
            problems.setdefault(f"{command[0]} {why}", f"{command[0]} could not say what became of {url}: {why}")
    return TrackerAnswers(states, tuple(problems.values()))


def _command(url: str, environ: Mapping[str, str], hosts: frozenset[str]) -> list[str] | None:
    """The call for one link. Its form is checked sign by sign: nothing in it can be an option."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or port is not None or parts.username is not None or not host:
        return None
    if host == "github.com" or host == environ.get("GH_HOST", "").lower():
        match = _GITHUB.fullmatch(parts.path)
        if match is None:
            return None
        plain = f"https://{host}{parts.path.rstrip('/')}"
        if match[1] == "pull":
            return ["gh", "pr", "view", plain, "--json", "state,mergedAt,closedAt"]
        return ["gh", "issue", "view", plain, "--json", "state,stateReason,closedAt"]
    own = environ.get("GITLAB_HOST", "").lower().removeprefix("https://").rstrip("/")
    if host in (own, "gitlab.com") or (host.startswith("gitlab.") and host in hosts):
        match = _GITLAB.fullmatch(parts.path)
        if match is None:
            return None
        project = f"https://{host}{match[1]}"
        if match[2] == "merge_requests":
            return ["glab", "mr", "view", match[3], "--repo", project, "--output", "json"]
        return ["glab", "issue", "view", match[3], "--repo", project, "--output", "json"]
    return None


def _environment(git: Git) -> dict[str, str]:
    """Neither prompts, nor colours, nor news of newer versions."""
    quiet = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "GH_PAGER": "cat", "NO_PROMPT": "1"}
    return git.environment(quiet | {"GLAB_CHECK_UPDATE": "false", "NO_COLOR": "1", "PAGER": "cat"}, writes=False)


def _run(git: Git, command: list[str], environment: Mapping[str, str], timeout: float) -> tuple[bytes, str | None]:
    """What a program printed, or why it did not."""
    try:
        process = git.spawn(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, environment=environment, session=True
        )
    except (RepositoryError, OSError) as error:
        return b"", str(error)
    answer = git.finish(process, None, timeout)
    if answer.timed_out:
        return b"", f"no answer within {timeout:.2g} s"
    if answer.code != 0:
        said = next((line.strip() for line in printable(answer.err).splitlines() if line.strip()), "")
        return b"", mask_secrets(said[:200]) or f"exit code {answer.code}"
    return answer.out, None


def _read(out: bytes) -> Tracked | None:
    """The answer of either program: GitHub's words are in capitals, GitLab's have underscores in their keys."""
    try:
        data = json.loads(out)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("state"), str):
        return None
    state = data["state"].lower()
    if state in ("open", "opened", "locked"):
        return Tracked(TrackerState.OPEN)
    is_change = "mergedAt" in data or "merged_at" in data
    on = _day(data.get("mergedAt") or data.get("merged_at") or data.get("closedAt") or data.get("closed_at"))
    if state == "merged":
        return Tracked(TrackerState.DONE, on)
    if state != "closed":
        return None
    why = data.get("stateReason")
    not_planned = is_change or (isinstance(why, str) and why.upper() in ("NOT_PLANNED", "DUPLICATE"))
    return Tracked(TrackerState.NOT_PLANNED if not_planned else TrackerState.DONE, on)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
