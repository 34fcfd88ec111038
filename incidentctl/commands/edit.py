"""`edit`: the file in an editor. What was changed by hand is taken into the record; what others wrote meanwhile stays."""

from incidentctl.commands.drafting import Draft, demand_editor, say_settled
from incidentctl.commands.naming import incident_to_write
from incidentctl.commands.options import Name, Writing, takes
from incidentctl.commands.writing import answer, request_of, write
from incidentctl.document.parse import parse_document
from incidentctl.document.saved_words import Edited
from incidentctl.errors import ConflictError, UsageError
from incidentctl.incident.requests import Verb
from incidentctl.store.record import Written

EXAMPLES = """
ictl edit
ictl edit checkout
"""


@takes(Writing, without=("message", "at", "allow_secret"))
def command(*, name: Name = None, options: Writing) -> None:
    """Open the file in your editor, and commit what you changed. Changed keys become entries `(by hand, …)`."""
    with options.workspace() as workspace:
        outside = workspace.outside
        demand_editor(outside, hint="change the file itself; the next command takes it in")
        if name and options.incident is not None and name != options.incident:
            raise UsageError("two incidents are named", hint=f"keep one of -i {options.incident} and {name}")
        incident = incident_to_write(
            workspace, name if options.incident is None else options.incident, after_the_fact=True
        )
        found = workspace.reader.read(incident)
        standing = found.document
        draft = Draft(workspace, f"{incident}.md")
        base = draft.begin(standing.text)
        edited = draft.edit(standing.text)
        if edited in (base, standing.text):
            draft.forget()
            say_settled(workspace, found.path, draft)
            answer(
                workspace,
                options,
                Written(incident=found.incident, event="edited", path=found.path, unchanged="nothing changed"),
                "edited",
            )
            return
        faults = parse_document(edited, incident=incident).faults
        draft.demand_sound(faults, standing.faults, opens=f"ictl edit {incident}")
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
            say_settled(workspace, found.path, draft)
        answer(workspace, options, written, "edited")
