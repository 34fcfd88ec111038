"""What the commands share that open an editor: that there is one, and a draft that outlives it."""

from collections.abc import Sequence
from pathlib import Path

from incidentctl.context import Outside, Workspace
from incidentctl.document.places import Fault
from incidentctl.errors import UsageError
from incidentctl.store.drafts import draft_path, edit_text, forget_draft
from incidentctl.store.files import write_private
from incidentctl.store.merge_text import merge_three
from incidentctl.store.reading import as_bytes, as_text

_EDITORS = ("GIT_EDITOR", "VISUAL", "EDITOR")


def demand_editor(outside: Outside, *, hint: str) -> None:
    """Raises `UsageError` where nobody could use an editor."""
    if not outside.is_terminal and not any(outside.environ.get(each) for each in _EDITORS):
        raise UsageError("there is no terminal for an editor", hint=hint)


def say_settled(workspace: Workspace, path: str, by: "Draft | tuple[str, ...]") -> None:
    """What clashed in a file when it was to be shared is settled: these keys of it, or all of it by a draft that began with both."""
    if not workspace.repository.has_remote or (isinstance(by, Draft) and not by.was_begun):
        return
    from incidentctl.store.sharing_memory import SharingMemory  # only where there is somebody to clash with

    if SharingMemory(workspace.repository).settle(path, None if isinstance(by, Draft) else by):
        workspace.outside.talk("settled: `ictl sync` shares it")


class Draft:
    """A text in an editor, and the one that it began from: a draft of yesterday must not undo what others wrote today."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._workspace = workspace
        self.name = name
        self.place = draft_path(workspace.repository, self.name)
        self.was_begun = False
        """Whether it opened with what was left in it, and not with what stands."""
        self._base = Path(draft_path(workspace.repository, f"{name.removesuffix('.md')}.base"))

    def begin(self, standing: str) -> str:
        """The text from which the draft began: what stands now, or what stood when it was left."""
        if Path(self.place).exists() and self._base.exists():
            self._workspace.outside.talk("your text from before is opened again")
            self.was_begun = True
            return as_text(self._base.read_bytes())
        write_private(str(self._base), as_bytes(standing))
        return standing

    def edit(self, standing: str) -> str:
        """What became of the text in the editor."""
        text = edit_text(self._workspace.repository, standing, name=self.name)
        self._workspace.guard.look_over(text, standing)
        return text

    def demand_sound(self, faults: Sequence[Fault], before: Sequence[Fault], *, opens: str) -> None:
        """Raises `UsageError` for faults of a text that had none `before`: `opens` is the command that opens it again."""
        if faults and not before:
            raise UsageError(
                f"line {faults[0].line}: {faults[0].message}",
                hint=f"nothing was written; `{opens}` opens your text again, it is in {self.place}",
            )

    def keep_both(self, edited: str, base: str, standing: str) -> None:
        """The draft with both versions of the lines that clash, marked as git marks them, to be settled in the editor."""
        both, _ = merge_three(self._workspace.repository, edited, base, standing)
        write_private(self.place, as_bytes(both))
        write_private(str(self._base), as_bytes(standing))

    def forget(self) -> None:
        """Its text is in the record."""
        forget_draft(self._workspace.repository, self.name)
        forget_draft(self._workspace.repository, self._base.name)
