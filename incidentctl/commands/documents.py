"""What commands share that read and write post-mortem documents: which one is meant, and how a write is answered."""

import shlex
from collections.abc import Iterable
from os.path import relpath

import typer
from msgspec import Struct

from incidentctl.commands.naming import incident_to_read, incident_to_write
from incidentctl.commands.options import Reading, Writing
from incidentctl.commands.wiring import wire_merge_driver
from incidentctl.context import Workspace
from incidentctl.document.action_item_edits import items_of
from incidentctl.document.action_items import ActionItem
from incidentctl.document.postmortem import DocumentStatus, Postmortem, read_postmortem
from incidentctl.document.section_names import OwnNames, own_names
from incidentctl.errors import ExitCode, NoSuchIncidentError, SavedError, UsageError
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.next_steps import missing_steps
from incidentctl.output.diffs import as_diff_lines
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
    """A document as it was found, and what it says. `names` are the team's own for its sections."""

    file: PostmortemFile
    said: Postmortem
    names: OwnNames = None

    @property
    def items(self) -> tuple[ActionItem, ...]:
        """Its action items, in order: what can be ticked, and says something."""
        placed = items_of(self.said.document, self.file.incident, self.names)
        return tuple(each.item for each in placed if each.is_task and not each.item.is_blank)

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
        reached=reached(workspace, file),
        branch=file.branch,
        place=file.place,
        here=workspace.repository.called_in,
        said=read.said,
        items=read.items,
        status=read.status,
        due_on=due,
    )


def drills_in(workspace: Workspace) -> frozenset[str]:
    """The ids of all drills, for lists in which they stand among others."""
    return frozenset(row.id for row in workspace.reader.rows()[0] if row.drill)


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
    incident = _meant(workspace, options, name, reads=reads, is_new=is_new)
    options.mark_drill_of(workspace, incident)
    return incident


def _meant(workspace: Workspace, options: Reading, name: str | None, *, reads: bool, is_new: bool) -> str:
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
    return read_file(workspace, file)


def read_file(workspace: Workspace, file: PostmortemFile) -> Read:
    """A document that was found, read."""
    return Read(file, read_postmortem(file.text, incident=file.incident), names_of(workspace))


def reached(workspace: Workspace, file: PostmortemFile) -> str:
    """A document's file as one names it from where one stands; as the repository names it where it is in no work tree."""
    if file.place is None:
        return file.path
    cwd, whole = workspace.outside.cwd, f"{file.place}/{file.path}"
    is_inside = cwd == file.place or cwd.startswith(f"{file.place}/")
    return relpath(whole, cwd) if is_inside else whole


def lint_command(workspace: Workspace, file: PostmortemFile) -> str | None:
    """What checks a document; `None` where there is no file, as on a branch that is not checked out."""
    return None if file.place is None else f"ictl lint {shlex.quote(reached(workspace, file))}"


def where_shown(workspace: Workspace, file: PostmortemFile) -> str:
    """The end of a sentence about faults: where each can be seen."""
    command = lint_command(workspace, file)
    return f"; `{command}` shows each place" if command else ""


def names_of(workspace: Workspace) -> OwnNames:
    """The team's own names for the sections of a post-mortem."""
    return own_names(workspace.settings.lint.aliases)


def problems_in(workspace: Workspace, file: PostmortemFile, text: str, status: DocumentStatus) -> list[str]:
    """What lint demands of a text before it has that status: one sentence for each error."""
    from incidentctl.commands.linting import problems_of  # loads the rules

    return problems_of(workspace, file.path, text, status.value)


# ---------------------------------------------------------------------------------------------------------- answering


def change_of(outcomes: Iterable[Outcome]) -> list[str]:
    """The lines of a unified diff of all the documents that an edit changes."""
    files = (each for outcome in outcomes for each in outcome.files)
    return [line for each in files for line in as_diff_lines(each.before, each.after, each.path)]


def written_as_data(
    workspace: Workspace, options: Writing, read: Read, outcome: Outcome, warnings: Iterable[str] = ()
) -> dict[str, object]:
    """One write of a document for a program: the document as it is now, and how far it got."""
    data = document_as_data(workspace, read) | {
        "commit": outcome.commit,
        "committed": outcome.commit is not None,
        "unchanged": all(each.before == each.after for each in outcome.files),
        "warnings": [*workspace.guard.warnings, *warnings, *outcome.notes],
    }
    return data | {"dry_run": True, "diff": change_of([outcome])} if options.dry_run else data


def read_again(read: Read, outcome: Outcome) -> Read:
    """A document as an edit left it."""
    text = outcome.files[0].after if outcome.files else read.file.text
    file = PostmortemFile(read.file.incident, read.file.path, text, outcome.branch, outcome.place)
    return Read(file, read_postmortem(text, incident=file.incident), read.names)


def say_notes(workspace: Workspace, options: Reading, outcome: Outcome, warnings: Iterable[str] = ()) -> None:
    """What is to be known beside the result: warnings, for people, and where it is when it is not before one's eyes."""
    outside = workspace.outside
    if not options.as_json:
        for note in (*workspace.guard.warnings, *warnings, *outcome.notes):
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


def _share(workspace: Workspace, outcomes: Iterable[Outcome]) -> None:
    """What was written on the record's branch is shared like any other write; what is on a branch of its own, `submit` hands over."""
    repository = workspace.repository
    if not repository.has_remote or all(each.commit is None or each.branch != repository.branch for each in outcomes):
        return
    from incidentctl.commands.sharing import share_after_write  # only where there is somebody to share with

    reach = share_after_write(workspace)
    if reach is not None and not reach.is_shared:
        workspace.outside.talk(reach.words)


def finish_documents(workspace: Workspace, options: Reading, outcomes: Iterable[Outcome]) -> None:
    """Ends with exit code 7, and the way out, where a text is in its file and not committed."""
    outcomes = [*outcomes]
    if any(outcome.commit for outcome in outcomes):
        wire_merge_driver(workspace)
        _share(workspace, outcomes)
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
