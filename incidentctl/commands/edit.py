"""`edit`: the file in an editor. What was changed by hand is taken into the record; what others wrote meanwhile stays."""

from incidentctl.commands.options import Name, Writing, takes
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.document.parse import parse_document
from incidentctl.document.saved_words import Edited
from incidentctl.errors import UsageError
from incidentctl.incident.requests import Verb
from incidentctl.store.drafts import draft_path, edit_text, forget_draft


@takes(Writing)
def command(*, name: Name = None, options: Writing) -> None:
    """Open the file in your editor, and commit what you changed. Changed keys become entries `(by hand, …)`."""
    with options.workspace() as workspace:
        if not options.outside.is_terminal and not options.outside.environ.get("GIT_EDITOR"):
            raise UsageError(
                "there is no terminal for an editor", hint="change the file itself; the next command takes it in"
            )
        incident, _ = named(workspace, options, [name] if name else None, after_the_fact=True)
        found = workspace.reader.read(incident)
        draft = f"{incident}.md"
        place = draft_path(workspace.repository, draft)
        edited = edit_text(workspace.repository, found.document.text, name=draft)
        if edited == found.document.text:
            forget_draft(workspace.repository, draft)
            options.outside.say(f"{incident}: nothing changed")
            return
        faults = parse_document(edited, incident=incident).faults
        if faults and not found.document.faults:
            fault = faults[0]
            raise UsageError(
                f"line {fault.line}: {fault.message}",
                hint=f"nothing was written, your text is in {place}; `ictl edit {incident}` opens it again",
            )
        request = request_of(workspace, options, Verb.EDIT, incident)
        written = write(workspace, options, request, edited=Edited(edited, found.document.text))
        if not options.dry_run:
            forget_draft(workspace.repository, draft)
        answer(workspace, options, written, "edited")
