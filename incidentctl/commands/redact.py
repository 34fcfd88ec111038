"""`redact`: takes the words of an entry or of an action item out of the record; that there was one stays. Never prints them."""

from collections.abc import Iterable
from typing import Annotated

import typer
from msgspec import Struct
from msgspec.structs import replace

from incidentctl.commands.documents import documents_of, names_of
from incidentctl.commands.naming import incident_to_write, split_name
from incidentctl.commands.options import Writing, takes
from incidentctl.commands.writing import answer, request_of, write
from incidentctl.context import Workspace
from incidentctl.document.parse import parse_document
from incidentctl.document.redaction import copies_of, lines_with, places_of, said_in, without_copies
from incidentctl.errors import IncidentctlError, UsageError
from incidentctl.incident.decisions import VERB_OF_KEY
from incidentctl.incident.entries import Entry, Opened, RedactReason
from incidentctl.incident.ids import ENTRY_ID
from incidentctl.incident.model import PLAIN_KEYS
from incidentctl.incident.requests import Redaction, Verb
from incidentctl.incident.times import quoted
from incidentctl.output.answers import answer_line, moment
from incidentctl.output.failures import failure_as_text
from incidentctl.store.drafts import drafts_in
from incidentctl.store.record import Written

EXAMPLES = """
ictl redact e:002b7x --reason secret          `ictl timeline --ids` shows the ids
ictl redact checkout e:002b7x --reason personal_data --author
ictl redact e:002b7x --reason secret --everywhere
ictl redact a:7k2ps0 --reason personal_data
"""

HISTORY = (
    "the words are still in the history of git, and in every clone: make a secret worthless first,"
    " then `docs/how-to/erase.md` says how to erase them"
)


class Copy(Struct, frozen=True):
    """Where the same words still stand. `what` is the entry or the key, empty where it is neither."""

    path: str
    line: int
    what: str = ""
    branch: str | None = None


@takes(Writing, without=("at", "message", "by", "allow_secret"))
def command(
    *,
    entry: Annotated[
        list[str] | None,
        typer.Argument(metavar="[INCIDENT] e:ID", help="The entry; or an action item, as `a:ID`."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="REASON", help="`secret` or `personal_data`.")
    ] = None,
    author: Annotated[bool, typer.Option("--author", help="Take out who wrote it as well.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Take the same words out of the post-mortem too.")
    ] = False,
    options: Writing,
) -> None:
    """Take the words out of an entry, and write down why. When it was, of which kind and by whom stays.

    What the entry did to the state of the incident stays as well. The words are still in the history of git: `redact` is
    the second of the steps that erase them.
    """
    with options.workspace() as workspace:
        named, words = split_name(entry)
        *name, target = words or [""]
        if len(name) > 1 or (name and (named or options.incident)) or not target:
            raise UsageError("one entry is redacted at a time", hint="as in: ictl redact e:002b7x --reason secret")
        why = _reason(workspace, reason)
        if target.lower().startswith("a:"):
            _redact_item(workspace, options, target, why)
            return
        _demand_entry(target)
        meant = named or (name[0] if name else options.incident)
        incident = incident_to_write(workspace, meant, after_the_fact=True)
        _redact_entry(workspace, options, incident, Redaction(_bare(target), why, hides_author=author), everywhere)


def _bare(target: str) -> str:
    return target.lower().removeprefix("e:")


def _reason(workspace: Workspace, word: str | None) -> RedactReason:
    known = [reason.value for reason in RedactReason]
    if word is None and workspace.outside.is_terminal:
        word = workspace.outside.ask(f"reason ({', '.join(known)}): ")
    key = (word or "").strip().lower().replace("-", "_").replace(" ", "_")
    if key not in known:
        message = f"{quoted(word)} is no reason to redact" if word else "the reason is missing"
        raise UsageError(message, hint="give --reason secret or personal_data", candidates=known)
    return RedactReason(key)


def _demand_entry(target: str) -> None:
    """A key has no words of its own that could be marked: it is given another value."""
    key = target.lower().replace("-", "_")
    if key in VERB_OF_KEY:
        raise UsageError(f"{key} is no entry", hint=f"it has a verb of its own: {VERB_OF_KEY[key]}")
    if key in PLAIN_KEYS:
        raise UsageError(f"{key} is no entry", hint=f"give it another value: ictl set {key}=VALUE")
    if not ENTRY_ID.fullmatch(_bare(target)):
        raise UsageError(f"{quoted(target)} is no entry", hint="see the ids: ictl timeline --ids")


# --------------------------------------------------------------------------------------------------------- an entry


def _redact_entry(
    workspace: Workspace, options: Writing, incident: str, redaction: Redaction, everywhere: bool
) -> None:
    read = workspace.reader.read(incident)
    before = next((each for each in read.document.entries if each.id == redaction.entry), None)
    request = replace(request_of(workspace, options, Verb.REDACT, incident), redaction=redaction)
    written = write(workspace, options, request)
    lines = _traces(said_in(before)) if before is not None else ()
    failed = None
    if everywhere and not options.dry_run and lines:
        failed = _out_of_postmortem(workspace, incident, lines, redaction)
    if options.dry_run:
        written = _without_words(written, redaction)
    copies = [*_in_record(written, lines), *_in_postmortems(workspace, incident, lines), *_in_drafts(workspace, lines)]
    if written.unchanged is None and not options.dry_run:
        for copy in copies if not options.as_json else ():
            workspace.outside.talk(f"the same words stand in {_place(copy)}")
        if before is not None and isinstance(before.what, Opened):
            workspace.outside.talk("the title stands: `ictl set title=WORDS` changes it, `ictl edit` the heading")
        workspace.outside.talk(HISTORY)
    also = {"copies": [_copy_as_data(each) for each in copies]}
    answer(workspace, options, written, "", line=_line(workspace, written, before), also=also)
    if failed is not None:
        workspace.outside.talk(f"the post-mortem was left alone: {failure_as_text(failed)}")
        raise typer.Exit(int(failed.exit_code))


def _line(workspace: Workspace, written: Written, before: Entry | None) -> str:
    """Which entry it was, by its kind, its time and its author: not by its words."""
    entry = written.entries[-1] if written.entries else before
    if entry is None:
        return ""
    author = f" by @{entry.author}" if entry.author else ""
    what = f"redacted e:{entry.id}: {entry.kind.replace('_', ' ')} of {moment(entry.at, workspace.now)}{author}"
    return answer_line(
        written.incident,
        workspace.now,
        what,
        now=workspace.now,
        more=["saved, not committed"] if written.refused else [],
    )


def _place(copy: Copy) -> str:
    if copy.what.startswith("e:"):
        way = f": `ictl redact {copy.what} --reason REASON`"
    else:
        way = f": `ictl set {copy.what}=VALUE`" if copy.what else ""
    return f"{copy.path}:{copy.line}" + (f" on {copy.branch}" if copy.branch else "") + way


def _copy_as_data(copy: Copy) -> dict[str, object]:
    return {"path": copy.path, "line": copy.line, "what": copy.what or None, "branch": copy.branch}


def _traces(lines: Iterable[str]) -> tuple[str, ...]:
    """What is looked for: each line that was said, and what looks like a credential in it."""
    from incidentctl.incident.secrets import find_secrets

    lines = tuple(lines)
    found = (line[secret.start : secret.end] for line in lines for secret in find_secrets(line))
    return tuple(dict.fromkeys((*lines, *found)))


def _in_record(written: Written, lines: Iterable[str]) -> list[Copy]:
    document = parse_document(written.after, incident=written.incident.id)
    spans = copies_of(lines, written.after)
    return [Copy(written.path, line, what) for line, what in places_of(document, spans)]


def _in_postmortems(workspace: Workspace, incident: str, lines: Iterable[str]) -> list[Copy]:
    return [
        Copy(file.path, line, "", None if file.place is not None else file.branch)
        for file in documents_of(workspace).versions(incident)
        for line in lines_with(lines, file.text)
    ]


def _in_drafts(workspace: Workspace, lines: Iterable[str]) -> list[Copy]:
    """What an editor left behind, in our own folder."""
    drafts = drafts_in(workspace.repository)
    return [Copy(path, line) for path, text in drafts.items() for line in lines_with(lines, text)]


def _out_of_postmortem(
    workspace: Workspace, incident: str, lines: tuple[str, ...], redaction: Redaction
) -> IncidentctlError | None:
    """Takes the same words out of the post-mortem; what went wrong, if it did: the record is written by now."""
    documents = documents_of(workspace)
    try:
        file = documents.find(incident)
        if file is None or not copies_of(lines, file.text):
            return None
        edits = {file.path: lambda text: without_copies(lines, text, redaction.reason)}
        trailers = [f"Incident-Event: redacted e:{redaction.entry}"]
        outcomes = documents.edit(edits, event="redacted", trailers=trailers)
    except IncidentctlError as error:
        return error
    for outcome in outcomes:
        if outcome.refused is not None:
            workspace.outside.talk(f"{file.path}: saved in the file, not committed: {outcome.refused.reason}")
        elif outcome.commit is not None:
            workspace.outside.talk(f"taken out of {file.path} as well, on {outcome.branch}")
    return None


def _without_words(written: Written, redaction: Redaction) -> Written:
    """A change to be shown, without the words that are to go."""
    before = written.before
    for placed in reversed(parse_document(before, incident=written.incident.id).placed):
        if placed.entry.id == redaction.entry:
            before = f"{before[: placed.start]}- (the entry as it stands){before[placed.end :]}"
    return replace(written, before=before)


# --------------------------------------------------------------------------------------------------- an action item


def _redact_item(workspace: Workspace, options: Writing, target: str, reason: RedactReason) -> None:
    from incidentctl.commands import action
    from incidentctl.document.action_item_edits import redact_item

    items = action.all_items(workspace)
    listed = action.named_item(items, target)
    item, names = listed.item, names_of(workspace)
    options.mark_drill_of(workspace, listed.incident)
    outcomes = items.documents.edit(
        {listed.path: lambda text: redact_item(text, item.id, reason, incident=listed.incident, names=names)},
        event=f"redacted a:{item.id}",
        trailers=[f"Action: a:{item.id}", f"Incident-Event: redacted a:{item.id}"],
        dry_run=options.dry_run,
    )
    if options.dry_run:
        workspace.outside.say(f"would redact a:{item.id} in {listed.path}:{listed.line}")
        return
    already = f"a:{item.id} is redacted already"
    changed = any(each.before != each.after for outcome in outcomes for each in outcome.files)
    if changed:
        workspace.outside.talk(HISTORY)
    settings = action.ChangingItems(ctx=options.ctx, output=options.output, json=options.json)
    action.answer(workspace, settings, outcomes, "redacted", ids=[item.id], unchanged=already, standing=[listed])
