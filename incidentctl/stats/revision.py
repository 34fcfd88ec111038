"""One commit and one file: the form in which history is handed to the figures."""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct


class Revision(Struct, frozen=True, array_like=True, gc=False):
    """What one commit made of one file: `blob` is `None` where it removed it, `before` is what its parents have.

    `at` is the author's date in seconds since 1970. `entries` are the ids of entries that the commit says it recorded. `is_batch`: it
    changes many incidents; `is_skewed`: it is dated before a commit that it comes from, or written after it was committed.
    """

    commit: str
    author_name: str
    author_mail: str
    at: int
    blob: str | None
    before: tuple[str | None, ...]
    entries: tuple[str, ...] = ()
    is_batch: bool = False
    is_skewed: bool = False


class FileHistory(Struct, frozen=True):
    """A file of the record as it is at the tip, and the commits that made it so, by (author date, id), under all paths that it ever had.

    `read` gives the text of a blob of it, `None` where that cannot be read.
    """

    incident: str
    path: str
    text: str
    blob: str
    revisions: tuple[Revision, ...]
    read: Callable[[str], str | None]


def makers(revisions: Iterable[Revision]) -> dict[str, Revision]:
    """By blob, the first commit that made it."""
    found: dict[str, Revision] = {}
    for revision in revisions:
        if revision.blob is not None:
            found.setdefault(revision.blob, revision)
    return found


def lineage(file: FileHistory) -> Iterator[Revision]:
    """The commits that led to the file as it is, newest first: from each to what its first parent had. A revert ends where it began."""
    by_blob = makers(file.revisions)
    blob: str | None = file.blob
    while blob is not None:
        revision = by_blob.pop(blob, None)
        if revision is None:
            return
        yield revision
        blob = next((each for each in revision.before if each is not None), None)
