"""Asks git whether commits are signed, and whether their signatures hold here. Writes nothing."""

from collections.abc import Sequence
from enum import Enum

from incidentctl.store.git import Git
from incidentctl.store.repository import Repository


class Signature(Enum):
    """What git says of a commit's signature; the value completes "the commit is"."""

    GOOD = "signed"
    NONE = "not signed"
    BAD = "badly signed"
    REVOKED = "signed with a key that was revoked"
    EXPIRED = "signed with a key, or a signature, that had expired"
    UNKNOWN = "signed, and the key is not known here"


_SAID = {
    "G": Signature.GOOD,
    "U": Signature.GOOD,  # a good signature of a key whose owner git cannot vouch for
    "X": Signature.EXPIRED,
    "Y": Signature.EXPIRED,
    "R": Signature.REVOKED,
    "E": Signature.UNKNOWN,
    "B": Signature.BAD,
}


def signatures_of(repository: Repository, commits: Sequence[str]) -> dict[str, Signature]:
    """What git says of each commit, in one run of git; it starts a program for each of them."""
    if not commits:
        return {}
    git = repository.git
    honest = Git(git.cwd, environ=git.environment(writes=False), prefix=(*git.prefix, "--no-replace-objects"))
    # log, though it heeds the user's settings: rev-list does not read those of signatures, and finds none.
    listing = honest.ask(
        "log",
        "--no-walk=unsorted",
        "--no-show-signature",
        "--no-patch",
        "--no-color",
        "--no-notes",
        "--format=%H %G?",
        "--stdin",
        stdin="".join(f"{commit}\n" for commit in commits).encode(),
    )
    found: dict[str, Signature] = {}
    for line in listing.decode("ascii", "replace").splitlines():
        commit, _, said = line.partition(" ")
        found[commit] = _SAID.get(said, Signature.NONE)
    # Where no list of allowed signers is set, git says of an SSH signature that there is none.
    for commit, signature in found.items():
        if signature is Signature.NONE and _has_signature(honest, commit):
            found[commit] = Signature.UNKNOWN
    return found


def _has_signature(git: Git, commit: str) -> bool:
    header = git.run("cat-file", "commit", commit).out.partition(b"\n\n")[0]
    return b"\ngpgsig" in header
