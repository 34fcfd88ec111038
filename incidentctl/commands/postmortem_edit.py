"""`postmortem edit`: the document in an editor. What others wrote into it meanwhile stays."""

from incidentctl.commands.documents import (
    WritingDocuments,
    change_of,
    documents_of,
    finish_documents,
    meant_incident,
    reached,
    read_again,
    read_document,
    say_notes,
    written_as_data,
)
from incidentctl.commands.drafting import Draft, demand_editor, say_settled
from incidentctl.commands.options import Name, takes
from incidentctl.document.parse import parse_document
from incidentctl.document.postmortem import faults_of
from incidentctl.errors import ConflictError
from incidentctl.output.json_text import as_json
from incidentctl.store.merge_text import merge_three

EXAMPLES = """
ictl postmortem edit
ictl postmortem edit checkout
"""


@takes(WritingDocuments, without=("message", "at", "allow_secret"))
def command(*, name: Name = None, options: WritingDocuments) -> None:
    """Open a post-mortem in your editor, and commit what you changed.

    You may as well open its file yourself: `submit` and `publish` commit what you wrote there.
    """
    with options.workspace() as workspace:
        read = read_document(workspace, meant_incident(workspace, options, name))
        opens = f"ictl postmortem edit {read.file.incident}"
        way_out = f"change {reached(workspace, read.file)} itself; `ictl postmortem submit` commits it"
        demand_editor(workspace.outside, hint=way_out)
        draft = Draft(workspace, f"{read.file.incident}.postmortem.md")
        base = draft.begin(read.file.text)
        edited = draft.edit(read.file.text)
        draft.demand_sound(faults_of(parse_document(edited)), faults_of(read.said.document), opens=opens)

        def edit(text: str) -> str:
            if edited == base:
                return text
            merged, is_clean = merge_three(workspace.repository, edited, base, text)
            if not is_clean:
                draft.keep_both(edited, base, text)
                raise ConflictError(
                    "somebody changed the same lines meanwhile",
                    hint=f"nothing was written; `{opens}` opens both versions",
                )
            return merged

        (outcome,) = documents_of(workspace).edit(
            {read.file.path: edit}, event="post-mortem edited", takes_in_hand_edits=True, dry_run=options.dry_run
        )
        if options.dry_run:
            workspace.outside.talk(f"your text is kept: `{opens}` opens it again")
        else:
            draft.forget()
            if outcome.branch == workspace.repository.branch:
                say_settled(workspace, read.file.path, draft)
        read = read_again(read, outcome)
        if options.as_json:
            workspace.outside.say(as_json(written_as_data(workspace, options, read, outcome)))
        elif options.dry_run:
            for line in change_of([outcome]):
                workspace.outside.say(line)
        else:
            is_new = bool(outcome.commit or outcome.refused)
            saved = " · saved, not committed" if outcome.refused else ""
            what = "edited" if is_new else "as it was: nothing changed"
            workspace.outside.say(f"post-mortem of {read.file.incident[11:]} {what}{saved}")
        say_notes(workspace, options, outcome)
        finish_documents(workspace, options, [outcome])
