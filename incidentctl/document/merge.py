"""Two versions of an incident or a post-mortem, and the one they come from, to one text that loses nothing. Pure: texts in, text out.

Works on the text alone, without a model that could drop what it does not know.
"""

from collections.abc import Callable

from msgspec import Struct

MergeLines = Callable[[str, str, str], tuple[str, bool]]
"""git's merge of lines: (ours, base, theirs) to the merged text, with conflict markers, and whether nothing clashed."""


class Conflict(Struct, frozen=True):
    """What both sides changed and nobody can settle but a person. `what` names it, as `title` or `e:004mz1`.

    A side that removed it has `None`.
    """

    what: str
    ours: str | None
    theirs: str | None


class Merged(Struct, frozen=True):
    """What came of a merge. The text of a merge with conflicts has markers around each of them, and nowhere else.

    `discarded` says, a line each, what a rule left out: for the message of the merge's commit.
    """

    text: str
    conflicts: tuple[Conflict, ...] = ()
    discarded: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing for a person to settle."""
        return not self.conflicts


def merge_versions(base: str | None, ours: str, theirs: str, *, incident: str, merge_lines: MergeLines) -> Merged:
    """Merges two versions of one file against their base, `None` where they have none.

    The same in either order, and the same again. On any doubt it is git's own merge, with its conflicts. `incident` is the id in
    the file's name.
    """
    if ours == theirs or theirs == base:
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    text, is_clean = merge_lines(ours, base or "", theirs)
    return Merged(text, () if is_clean else (Conflict("text", ours, theirs),))


def is_same_incident(ours: str, theirs: str, *, incident: str) -> bool:
    """Whether two files of one name, without a common base, are about one incident: their Opened has the same id.

    Where neither has one, the first entry counts.
    """
    raise NotImplementedError


def parted_id(incident: str, text: str) -> str:
    """The id that an incident takes when another one has its name: with `-` and three characters that follow from its Opened's id."""
    raise NotImplementedError
