"""Three versions of a text as one, by git's own merge of lines."""

import os

from incidentctl.store.files import write_private
from incidentctl.store.git import Git, GitError
from incidentctl.store.reading import as_bytes, as_text
from incidentctl.store.repository import Repository


def merge_three(repository: Repository, ours: str, base: str, theirs: str) -> tuple[str, bool]:
    """The merged text, and whether nothing clashed: what did stands between `<<<<<<< ours`, `=======` and `>>>>>>> theirs`.

    GitError where git cannot merge them, as texts with a zero byte.
    """
    return merge_lines_in(repository.git, os.path.join(repository.own_dir, "drafts"), ours, base, theirs)


def merge_lines_in(git: Git, folder: str, ours: str, base: str, theirs: str) -> tuple[str, bool]:
    """The same, with a folder for the three files that git reads."""
    if base == theirs:
        return ours, True
    names = [os.path.join(folder, f".merge-{os.getpid()}-{part}") for part in ("ours", "base", "theirs")]
    labels = ("-L", "ours", "-L", "base", "-L", "theirs")
    arguments = ("merge-file", "--marker-size=7", "-p", *labels, *names)
    try:
        for name, text in zip(names, (ours, base, theirs), strict=True):
            write_private(name, as_bytes(text))
        answer = git.run(*arguments)
    finally:
        for name in names:
            if os.path.exists(name):
                os.remove(name)
    if not 0 <= answer.code < 128:
        raise GitError(arguments, answer)
    return as_text(answer.out), answer.code == 0
