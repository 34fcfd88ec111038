"""What commands share that read and write post-mortem documents: which one is meant, and how a write is answered."""

from collections.abc import Iterable
from difflib import unified_diff

import typer
from msgspec import Struct

from incidentctl.commands.naming import incident_to_read, incident_to_write
from incidentctl.commands.options import Reading, Writing
from incidentctl.context import Workspace
from incidentctl.document.action_items import ActionItem, identify_items, read_action_items
from incidentctl.document.postmortem import DocumentStatus, Postmortem, read_postmortem
from incidentctl.errors import ExitCode, NoSuchIncidentError, SavedError, UsageError
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.next_steps import missing_steps
from incidentctl.lint.section_names import Role, role_of
from incidentctl.output.failures import failure_as_json
from incidentctl.output.postmortems import Shown, postmortem_as_data
from incidentctl.store.postmortems import Outcome, PostmortemFile, Postmortems
from incidentctl.store.repository import POSTMORTEM_BRANCHES


class WritingDocuments(Writing, frozen=True):
    """What every command takes that writes post-mortems."""

    def before(self, workspace: Workspace) -> None:
        """A write of documents takes nothing in that waits for incidents, so that is done first, as by a command that reads."""
        Reading.before(self, workspace)


class Read(Struct, frozen=True):
    """A document as it was found, and what it says."""

    file: PostmortemFile
    said: Postmortem

    @property
    def items(self) -> tuple[ActionItem, ...]:
        """Its action items, in order."""
        return action_items_of(self.said, self.file.incident)

    @property
    def status(self) -> str:
        """Its status as words: one that is none of ours as it stands."""
        return self.said.status.value if self.said.status else str(self.said.document.value("status") or "none")


def shown(workspace: Workspace, read: Read) -> Shown:
    """A document as it is shown."""
    file, due = read.file, None
    if read.said.status is not DocumentStatus.FINAL and workspace.reader.exists(file.incident):
        incident = workspace.reader.read(file.incident).incident
        steps = missing_steps(incident, workspace.settings.scale, workspace.settings.calendar)
        due = next((step.by_day for step in steps if step.what == "postmortem"), None)
    return Shown(
        incident=file.incident,
        path=file.path,
        branch=file.branch,
        place=file.place,
        here=workspace.repository.called_in,
        said=read.said,
        items=read.items,
        status=read.status,
        due_on=due,
    )


def document_as_data(workspace: Workspace, read: Read) -> dict[str, object]:
    """One document for a program."""
    return {"schema_version": 1, "kind": "postmortem", **postmortem_as_data(shown(workspace, read))}


def documents_of(workspace: Workspace) -> Postmortems:
    """The post-mortem documents of the repository."""
    return Postmortems(workspace.repository, workspace.settings, notice=workspace.outside.talk)


def meant_incident(
    workspace: Workspace, options: Reading, name: str | None, *, reads: bool = False, is_new: bool = False
) -> str:
    """The incident whose post-mortem is meant: as named; else that of the branch of a post-mortem that is checked out; else as always.

    With `is_new` the branch says nothing: from that of one post-mortem the next one is begun.
    """
    given = getattr(options, "incident", None)
    if name and given is not None and name != given:
        raise UsageError("two incidents are named", hint=f"keep one of -i {given} and {name}")
    words = name if given is None else given
    if words is None and not workspace.outside.environ.get("INCIDENTCTL_INCIDENT"):
        branch = workspace.repository.head_here or ""
        here = branch.removeprefix(POSTMORTEM_BRANCHES)
        if branch.startswith(POSTMORTEM_BRANCHES) and is_incident_id(here) and not is_new:
            return here
    if (
        words is not None
        and not is_new
        and is_incident_id(words.strip())
        and not workspace.reader.exists(words.strip())
    ):
        return words.strip()  # an archive may have documents without records
    if reads:
        return incident_to_read(workspace, words)
    return incident_to_write(workspace, words, after_the_fact=True)


def read_document(workspace: Workspace, incident: str) -> Read:
    """The post-mortem of an incident. Raises `NoSuchIncidentError` with the way to one where there is none."""
    file = documents_of(workspace).find(incident)
    if file is None:
        raise NoSuchIncidentError(
            f"there is no post-mortem of {incident}", hint=f"draft it with `ictl postmortem new {incident}`"
        )
    return Read(file, read_postmortem(file.text, incident=incident))


def words_of(said: Postmortem, role: Role) -> str:
    """What stands in the section of that role, under whichever name, without comments."""
    title = next((each.title for each in said.document.sections if role_of(each.title)[0] is role), None)
    return said.words_of(title) if title is not None else ""


def action_items_of(said: Postmortem, incident: str) -> tuple[ActionItem, ...]:
    """The action items of a document, in order, each with its id."""
    text = said.document.text
    placed = [
        item
        for section in said.document.sections
        if role_of(section.title)[0] is Role.ACTION_ITEMS
        for item in read_action_items(text, section.body, section.end, incident=incident)
    ]
    return tuple(each.item for each in identify_items(placed, incident) if not each.item.is_blank)


def problems_in(workspace: Workspace, file: PostmortemFile, text: str, status: DocumentStatus) -> list[str]:
    """What lint demands of a text before it has that status: one sentence for each error."""
    from incidentctl.commands.linting import problems_of  # loads the rules

    return problems_of(workspace, file.path, text, status.value)


# ---------------------------------------------------------------------------------------------------------- answering


def change_of(outcomes: Iterable[Outcome]) -> list[str]:
    """The lines of a unified diff of all the documents that an edit changes."""
    lines: list[str] = []
    for outcome in outcomes:
        for each in outcome.files:
            old, new = each.before.splitlines(keepends=True), each.after.splitlines(keepends=True)
            name = each.path
            diff = unified_diff(old, new, f"a/{name}" if each.before else "/dev/null", f"b/{name}")
            lines += [line.rstrip("\r\n") for line in diff]
    return lines


def written_as_data(
    workspace: Workspace, options: WritingDocuments, read: Read, outcome: Outcome, warnings: Iterable[str] = ()
) -> dict[str, object]:
    """One write of a document for a program: the document as it is now, and how far it got."""
    data = document_as_data(workspace, read) | {
        "commit": outcome.commit,
        "committed": outcome.commit is not None,
        "unchanged": all(each.before == each.after for each in outcome.files),
        "warnings": [*warnings, *outcome.notes],
    }
    return data | {"dry_run": True, "diff": change_of([outcome])} if options.dry_run else data


def read_again(read: Read, outcome: Outcome) -> Read:
    """A document as an edit left it."""
    text = outcome.files[0].after if outcome.files else read.file.text
    file = PostmortemFile(read.file.incident, read.file.path, text, outcome.branch, outcome.place)
    return Read(file, read_postmortem(text, incident=file.incident))


def say_notes(workspace: Workspace, options: WritingDocuments, outcome: Outcome, warnings: Iterable[str] = ()) -> None:
    """What is to be known beside the result: warnings, for people, and where it is when it is not before one's eyes."""
    outside = workspace.outside
    if not options.as_json:
        for note in (*warnings, *outcome.notes):
            if "is not checked out" not in note:
                outside.talk(f"warning: {note}")
    if outcome.commit is None or outcome.place == workspace.repository.called_in:
        return
    if outcome.place is not None:
        outside.talk(f"committed on {outcome.branch}, in {outcome.place}")
    else:
        here = workspace.repository.head_here or "no branch"
        on_which = f"; the work tree is on {here} and was not touched" if workspace.repository.called_in else ""
        outside.talk(f"committed on {outcome.branch}{on_which}")


def finish_documents(workspace: Workspace, options: Reading, outcomes: Iterable[Outcome]) -> None:
    """Ends with exit code 7, and the way out, where a text is in its file and not committed."""
    refused = next((each.refused for each in outcomes if each.refused is not None), None)
    if refused is None:
        return
    message = f"saved in the file, not committed: {refused.reason}"
    hint = f"{refused.hint}; do not repeat the command" if refused.hint else "do not repeat the command"
    if options.as_json:
        workspace.outside.talk(failure_as_json(SavedError(message, hint=hint)))
    else:
        workspace.outside.talk(f"{message}; {hint}")
    raise typer.Exit(int(ExitCode.SAVED))
