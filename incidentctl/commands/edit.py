"""`edit`: the file in an editor. What was changed by hand is taken into the record; what others wrote meanwhile stays."""

from pathlib import Path

from incidentctl.commands.naming import incident_to_write
from incidentctl.commands.options import Name, Writing, takes
from incidentctl.commands.writing import answer, request_of, write
from incidentctl.context import Workspace
from incidentctl.document.parse import parse_document
from incidentctl.document.saved_words import Edited
from incidentctl.errors import ConflictError, UsageError
from incidentctl.incident.requests import Verb
from incidentctl.store.drafts import draft_path, edit_text, forget_draft
from incidentctl.store.files import write_private
from incidentctl.store.merge_text import merge_three
from incidentctl.store.reading import as_bytes, as_text
from incidentctl.store.record import Written

EXAMPLES = """
ictl edit
ictl edit checkout
"""

_EDITORS = ("GIT_EDITOR", "VISUAL", "EDITOR")


@takes(Writing, without=("message", "at"))
def command(*, name: Name = None, options: Writing) -> None:
    """Open the file in your editor, and commit what you changed. Changed keys become entries `(by hand, …)`."""
    with options.workspace() as workspace:
        outside = workspace.outside
        if not outside.is_terminal and not any(outside.environ.get(each) for each in _EDITORS):
            raise UsageError(
                "there is no terminal for an editor", hint="change the file itself; the next command takes it in"
            )
        if name and options.incident is not None and name != options.incident:
            raise UsageError("two incidents are named", hint=f"keep one of -i {options.incident} and {name}")
        incident = incident_to_write(
            workspace, name if options.incident is None else options.incident, after_the_fact=True
        )
        found = workspace.reader.read(incident)
        standing = found.document
        draft = _Draft(workspace, incident)
        base = draft.begin(standing.text)
        edited = edit_text(workspace.repository, standing.text, name=draft.name)
        if edited in (base, standing.text):
            draft.forget()
            answer(
                workspace,
                options,
                Written(incident=found.incident, event="edited", path=found.path, unchanged="nothing changed"),
                "edited",
            )
            return
        faults = parse_document(edited, incident=incident).faults
        if faults and not standing.faults:
            raise UsageError(
                f"line {faults[0].line}: {faults[0].message}",
                hint=f"nothing was written; `ictl edit {incident}` opens your text again, it is in {draft.place}",
            )
        request = request_of(workspace, options, Verb.EDIT, incident)
        try:
            written = write(workspace, options, request, edited=Edited(edited, base))
        except ConflictError:
            draft.keep_both(edited, base, workspace.reader.read(incident).document.text)
            raise
        if options.dry_run:
            outside.talk(f"your text is kept: `ictl edit {incident}` opens it again")
        else:
            draft.forget()
        answer(workspace, options, written, "edited")


class _Draft:
    """A text in an editor, and the one that it began from: a draft of yesterday must not undo what others wrote today."""

    def __init__(self, workspace: Workspace, incident: str) -> None:
        self._workspace = workspace
        self.name = f"{incident}.md"
        self.place = draft_path(workspace.repository, self.name)
        self._base = Path(draft_path(workspace.repository, f"{incident}.base"))

    def begin(self, standing: str) -> str:
        """The text from which the draft began: what stands now, or what stood when it was left."""
        if Path(self.place).exists() and self._base.exists():
            self._workspace.outside.talk("your text from before is opened again")
            return as_text(self._base.read_bytes())
        write_private(str(self._base), as_bytes(standing))
        return standing

    def keep_both(self, edited: str, base: str, standing: str) -> None:
        """The draft with both versions of the lines that clash, marked as git marks them, to be settled in the editor."""
        both, _ = merge_three(self._workspace.repository, edited, base, standing)
        write_private(self.place, as_bytes(both))
        write_private(str(self._base), as_bytes(standing))

    def forget(self) -> None:
        """Its text is in the record."""
        forget_draft(self._workspace.repository, self.name)
        forget_draft(self._workspace.repository, self._base.name)
