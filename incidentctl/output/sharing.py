"""How far what was recorded got: the end of an answer, the lines of `sync`, and both for programs. Value to text; nothing here prints."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct


class Reach(Struct, frozen=True):
    """How far one write got. `waiting` counts commits of the record that others do not have, `along` what went with this one.

    `reason` is why they wait, in a few words.
    """

    is_shared: bool
    along: int = 0
    waiting: int = 0
    reason: str = ""

    @property
    def words(self) -> str:
        """The end of the answer's line."""
        if self.is_shared:
            return f"shared ({self.along})" if self.along > 1 else "shared"
        if not self.reason:
            return f"{self.waiting} not shared"
        return f"not shared: {self.reason} ({self.waiting} waiting)"

    def as_data(self) -> dict[str, Any]:
        """The same for a program."""
        return {"commits": self.along, "waiting": self.waiting, "reason": self.reason or None}


def commits_in_words(count: int) -> str:
    """`1 commit`, `3 commits`."""
    return "1 commit" if count == 1 else f"{count} commits"


def unpublished_lines(commits: Sequence[tuple[str, str]], name: str) -> list[str]:
    """Which commits stay here, by id and subject, the first few of them."""
    if not commits:
        return []
    lines = [f"not published, since {'it touches' if len(commits) == 1 else 'they touch'} other files: "
             f"{commits_in_words(len(commits))}; `git push` does it"]  # fmt: skip
    lines += [f"  {commit[:12]} {subject}" for commit, subject in commits[:5]]
    return [*lines, f"  and {len(commits) - 5} more"] if len(commits) > 5 else lines
