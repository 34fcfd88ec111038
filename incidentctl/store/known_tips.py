"""The tips of the record's branch that this clone has seen: history that was rewritten under one of them is noticed.

Also how a rewriting is declared: by a commit that changes no file, and that every clone receives with the branch.
"""

import os
from collections.abc import Callable

from msgspec import Struct

from incidentctl.config.settings import Settings
from incidentctl.errors import IncidentctlError, RepositoryError
from incidentctl.store.commit import Change, CommitResult, commit_files
from incidentctl.store.files import SaveError, read_file, write_private
from incidentctl.store.git import Git
from incidentctl.store.lock import Lock
from incidentctl.store.objects import Tip
from incidentctl.store.repository import Repository

_FILE = "known-tips"
_CAP = 1 << 20


class Rewritten(Struct, frozen=True):
    """A tip that was known and that a branch holds no more. `where` is the full name of that branch, `tip` what it holds now."""

    known: str
    tip: str
    where: str


class Ancestry:
    """Which commit comes from which, as git has it. What `git replace` would show in a commit's place does not count."""

    def __init__(self, repository: Repository) -> None:
        git = repository.git
        prefix = (*git.prefix, "--no-replace-objects")
        self._git = Git(git.cwd, environ=git.environment(writes=False), prefix=prefix)

    def has(self, commit: str) -> bool:
        """Whether this clone has the commit."""
        return self._git.run("cat-file", "-e", f"{commit}^{{commit}}").code == 0

    def contains(self, tip: str, commit: str) -> bool:
        """Whether the tip's history holds the commit; not, where this clone does not have it."""
        return tip == commit or self._git.run("merge-base", "--is-ancestor", commit, tip).code == 0

    def common(self, one: str, other: str) -> str | None:
        """The last commit that both histories hold."""
        answer = self._git.run("merge-base", one, other)
        return answer.text.partition("\n")[0] if answer.code == 0 and answer.text else None

    def upstream_of(self, ref: str) -> tuple[str, str] | None:
        """The remote's branch that a branch follows, and its commit as this clone last saw it."""
        answer = self._git.run("for-each-ref", "--format=%(upstream)", ref)
        name = answer.text if answer.code == 0 else ""
        if not name:
            return None
        tip = self._git.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return (name, tip.text) if tip.code == 0 and tip.text else None


def known_tip(repository: Repository) -> str | None:
    """The tip of the record's branch that was remembered last."""
    return _read(repository).get(repository.ref)


def remember_tip(repository: Repository) -> bool:
    """Remembers the tip: of what is shared where the branch follows a remote's, since what is not may still be rebased.

    Gives False where it cannot be kept. Call it when history is known not to be rewritten.
    """
    tip = repository.tip().commit
    if tip is None:
        return True
    ancestry = Ancestry(repository)
    upstream = ancestry.upstream_of(repository.ref)
    shared = tip if upstream is None else ancestry.common(tip, upstream[1])
    known = _read(repository)
    if shared is None or known.get(repository.ref) == shared:
        return True
    lines = [f"{commit} {ref}\n" for ref, commit in {**known, repository.ref: shared}.items()]
    try:
        write_private(os.path.join(repository.own_dir, _FILE), "".join(lines).encode("utf-8", "surrogateescape"))
    except (OSError, SaveError):
        return False
    return True


def rewritten(repository: Repository) -> Rewritten | None:
    """The tip that was known and that the branch, or the remote's that it follows, holds no more; `None` where all is well."""
    known, tip = known_tip(repository), repository.tip().commit
    if known is None:
        return None
    ancestry = Ancestry(repository)
    places = [(repository.ref, tip or "nothing")]
    upstream = ancestry.upstream_of(repository.ref)
    places += [upstream] if upstream is not None else []
    for where, commit in places:
        if not ancestry.contains(commit, known):
            return Rewritten(known, commit, where)
    return None


def accept_rewrite(
    repository: Repository, settings: Settings, old: str, reason: str, *, notice: Callable[[str], None]
) -> CommitResult:
    """Declares that the history up to `old` was rewritten, as a commit on the record's branch, and remembers the new tip.

    Raises `RepositoryError` where git refuses the commit.
    """

    def build(tip: Tip) -> Change:
        lines = ("incidentctl: history rewritten", "", reason, "", f"Incident-Rewrite: {old}..{tip.commit} {reason}")
        return Change({}, "\n".join(lines) + "\n", says_only=True)

    with Lock(repository.own_dir).held(timeout=settings.store.lock_timeout, notice=notice):
        fresh = repository.refreshed()
        result = commit_files(fresh, build, hooks="never")
        if result.refused is not None:
            raise RepositoryError(f"nothing was declared: {result.refused.reason}", hint=result.refused.hint)
        remember_tip(fresh)
        return result


def _read(repository: Repository) -> dict[str, str]:
    """By the full name of a branch; anything wrong with the file is the same as nothing."""
    try:
        data = read_file(repository.own_dir, _FILE, cap=_CAP)
    except (OSError, IncidentctlError):
        return {}
    found: dict[str, str] = {}
    for line in (data or b"").decode("utf-8", "surrogateescape").splitlines():
        commit, _, ref = line.partition(" ")
        is_commit = len(commit) in (40, 64) and all(sign in "0123456789abcdef" for sign in commit)
        if is_commit and ref.startswith("refs/"):
            found[ref] = commit
    return found
