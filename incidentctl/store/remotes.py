"""The remote that a branch is shared with: which one it is, where its pages are, and a push in bounded time. Never fetches."""

import re
import shlex
from typing import Final
from urllib.parse import quote, urlsplit

from msgspec import Struct

from incidentctl.errors import RepositoryError
from incidentctl.store.git import Git, reason
from incidentctl.store.repository import Repository

_SCP_LIKE: Final = re.compile(r"(?:[^@/\s]+@)?([A-Za-z0-9.-]+):(?!//)(.+)")


class Remote(Struct, frozen=True):
    """A remote by its name, with the host and the project of its address where these can be told from it."""

    name: str
    host: str = ""
    project: str = ""

    @property
    def is_github(self) -> bool:
        """Whether it says that it is GitHub, or one of a company's own."""
        return "github" in self.host

    @property
    def is_gitlab(self) -> bool:
        """Whether it says that it is GitLab, or one of a company's own."""
        return "gitlab" in self.host

    def page_of(self, branch: str, path: str) -> str | None:
        """The address at which a file of a branch is read; None where the kind of host is not known."""
        if not self.project or not (self.is_github or self.is_gitlab):
            return None
        between = "blob" if self.is_github else "-/blob"
        return f"https://{self.host}/{quote(self.project)}/{between}/{quote(branch)}/{quote(path)}"


def remote_of(repository: Repository, branch: str) -> Remote | None:
    """The remote with which a branch is shared: its own, else the record's, else `origin`, else the only one."""
    config = repository.git.config
    names = [name[len("remote.") : -len(".url")] for name in config.names() if is_url(name)]
    chosen = (
        config.text(f"branch.{branch}.pushremote"),
        config.text("remote.pushdefault"),
        config.text(f"branch.{branch}.remote"),
        config.text(f"branch.{repository.branch}.remote"),
        "origin",
        names[0] if len(names) == 1 else None,
    )
    name = next((each for each in chosen if each in names), None)
    return None if name is None else Remote(name, *_place(repository, name))


def hosts_of_remotes(git: Git) -> frozenset[str]:
    """The hosts of all remotes, in lower case: those that the owner of this clone has chosen to talk to."""
    urls = (git.config.text(name) or "" for name in git.config.names() if is_url(name))
    return frozenset(_host_and_project(url)[0] for url in urls) - {""}


def remote_named(repository: Repository, name: str) -> Remote:
    """A remote by its name."""
    return Remote(name, *_place(repository, name))


def request_lines(remote: Remote, branch: str, *, into: str, title: str, body: str) -> list[str]:
    """The line that opens a pull request, by the kind of the remote's host; both where that cannot be told."""
    gh = shlex.join(("gh", "pr", "create", "--base", into, "--head", branch, "--title", title, "--body", body))
    branches = ("--target-branch", into, "--source-branch", branch)
    glab = shlex.join(("glab", "mr", "create", *branches, "--title", title, "--description", body))
    if remote.is_github == remote.is_gitlab:
        return [gh, glab]
    return [gh if remote.is_github else glab]


def is_url(name: str) -> bool:
    """Whether a key of git's settings is the address of a remote."""
    return name.startswith("remote.") and name.endswith(".url")


def _place(repository: Repository, name: str) -> tuple[str, str]:
    """Host and project of a remote's address, in any of the forms that git takes; empty for a folder."""
    answer = repository.git.run("remote", "get-url", name)
    return _host_and_project(answer.text.strip() if answer.code == 0 else "")


def _host_and_project(url: str) -> tuple[str, str]:
    if "://" in url:
        try:
            parts = urlsplit(url)
        except ValueError:
            return "", ""
        host, path = parts.hostname or "", parts.path
    else:
        match = _SCP_LIKE.fullmatch(url)
        host, path = (match[1], match[2]) if match else ("", "")
    return host.lower(), path.strip("/").removesuffix(".git") if host else ""


def check_remote(repository: Repository, name: str) -> None:
    """RepositoryError for a remote whose name or address could be taken for an option, or would run a program."""
    url = repository.git.config.text(f"remote.{name}.url") or ""
    push_url = repository.git.config.text(f"remote.{name}.pushurl") or url
    for address in (url, push_url):
        if name.startswith("-") or address.startswith("-") or address.lower().startswith(("ext::", "fd::")):
            raise RepositoryError(
                f"the address of the remote {name!r} would make git run a program, and was not used",
                hint=f"look at it with `git remote -v`, and set it: `git remote set-url {name.lstrip('-')} URL`",
            )


def push_branch(repository: Repository, remote: str, branch: str, *, timeout: float) -> str | None:
    """Pushes a branch and makes the remote's its upstream; or says why that failed, after `timeout` seconds at the latest."""
    check_remote(repository, remote)
    ref = f"refs/heads/{branch}"
    answer = repository.git.run(
        "push", "--quiet", "--set-upstream", remote, f"{ref}:{ref}", writes=True, timeout=timeout
    )
    if answer.code == 0:
        return None
    said = next(
        (line for line in answer.err.splitlines() if b"[rejected]" in line or b"[remote rejected]" in line), b""
    )
    return reason(said.strip().lstrip(b"! ") or answer.err) or f"exit code {answer.code}"
